/* What making rows (rows.c), stepping (rows_step.c) and reading lists (rows_page.c) share. */
#ifndef FORAD_CORE_ROWS_IMPL_H
#define FORAD_CORE_ROWS_IMPL_H

#include "core/rows.h"

enum {
    ORDER_ALL = 4, /* beside enum fora_thread_order: every thread, hidden ones too */
    FOLD_ARENA = 256 * 1024 * 1024
};

/* FORA_E_NOTFOUND when the thread has no row. Borrowed from the transaction and the arena. */
int row_read(struct kv_txn *txn, struct fora_arena *arena, store_seq root,
    struct fora_msg_thread_row *out) FORA_MUST_USE;
/* The same through a cursor on ROWS: threads that were active at about the same time have rows that
 * stand together, and a cursor that is near does not walk down the tree again. */
int row_read_near(struct kv_cursor *rows, struct fora_arena *arena, store_seq root,
    struct fora_msg_thread_row *out) FORA_MUST_USE;
void row_tag_hash(uint8_t out[8], struct fora_bytes tag);

struct maker {
    struct kv_txn *txn;
    struct policies *policies;
    struct fora_arena arena; /* emptied after each row */
};
/* Folds the thread and stores its row and order keys, where they differ from what is there. */
int row_make(struct maker *maker, store_seq root) FORA_MUST_USE;

/* The threads of a set whose sequence is greater than `after`. */
int rows_threads_from(struct kv_txn *txn, uint32_t set, store_seq after,
    int (*each)(void *context, store_seq root), void *context) FORA_MUST_USE;

#endif
