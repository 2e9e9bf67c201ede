/*
 * Rows of thread lists and the orders that lists are read in: an index downstream of the objects,
 * with a cursor of its own (DESIGN section 4). A row is made by folding the thread's view anew, so
 * what lists show is the view and nothing beside it; a thread that many objects of a batch touch is
 * folded once.
 */
#ifndef FORAD_CORE_ROWS_H
#define FORAD_CORE_ROWS_H

#include "core/caches.h"
#include "fora/view.h"
#include "store/kv.h"

/* How far behind the objects the rows may fall before the node makes them between commits. */
enum { ROWS_STEP_MAX = 8192 /* objects looked at in one step */ };

/*
 * Brings rows up to date by at most `max` objects, in one write transaction of its own. *behind
 * says how many objects are left (0: up to date).
 */
int rows_step(struct kv *kv, struct policies *policies, size_t max, uint64_t *behind) FORA_MUST_USE;

/* A policy statement came: every row of the set is made anew by the next steps. */
void rows_policy_changed(struct kv_txn *txn, uint32_t set);

/* That thread's row is made anew by the next steps. 0 is ignored. */
void rows_touch(struct kv_txn *txn, store_seq root);

/* The thread is gone: its row and its places in orders go too. True when it had a row; the caller
 * then counts one thread less in the set. */
bool rows_remove(struct kv_txn *txn, uint32_t set, store_seq root);

/* For reindex: forgets all rows, so that the next steps make them from the beginning. */
void rows_forget(struct kv_txn *txn);
/* For fsck, which must know what may be stale: the last object that the rows know of, and whether
 * the rows of a set, or of one thread, are to be made anew. */
store_seq rows_position(struct kv_txn *txn);
bool rows_policy_pending(struct kv_txn *txn, uint32_t set);
bool rows_touched(struct kv_txn *txn, store_seq root);
/* Compares what is stored of a thread with its view. FORA_E_NOTFOUND when it can have no row. */
struct rows_verdict {
    uint32_t set;
    bool equal;              /* the row */
    unsigned orders;         /* keys that it should have in orders */
    unsigned orders_missing; /* of them */
};
int rows_check(struct kv_txn *txn, struct policies *policies, store_seq root,
    struct rows_verdict *out) FORA_MUST_USE;

/* enum fora_mark bits of a thread's row, 0 when it has none. */
uint32_t rows_marks(struct kv_txn *txn, store_seq root);

/* A page of a list. Rows are borrowed from `arena`. The cursor is that of the page before, or
 * empty; *next is empty at the end. FORA_E_MALFORMED for a cursor that is none. */
int rows_page(struct kv_txn *txn, struct fora_arena *arena, uint32_t set,
    const struct fora_msg_list_threads *request, struct fora_msg_threads *out) FORA_MUST_USE;

/* Reads all objects of a thread and folds them. Borrowed from the transaction and the arena. */
int rows_fold(struct kv_txn *txn, struct fora_arena *arena, const struct fora_policy *policy,
    store_seq root, struct fora_view_thread *out) FORA_MUST_USE;

/* Every thread of a set by sequence, through its orders. */
int rows_threads_each(struct kv_txn *txn, uint32_t set, int (*each)(void *context, store_seq root),
    void *context) FORA_MUST_USE;

#endif
