/*
 * Sets: what nodes agree to hold in common, one per space and audience (spec/09-replication.md,
 * REP-1).
 *
 * A set has a number, which keys use. Its log lists the sequences of its members in the order in
 * which they joined here; followers read it by position. Members that left since are passed over by
 * the reader.
 */
#ifndef FORAD_STORE_SETS_H
#define FORAD_STORE_SETS_H

#include "fora/negentropy.h"
#include "store/kv.h"
#include "store/schema.h"

/*
 * What joined last, and is not yet in the tables SETLOG, ITEMS, SUMS and AUTHORS. So a commit of
 * one object writes the few pages that it must, and the next ones settle what is in the tail
 * (ledger.h); whoever asks sums.h, setlog_each or sets_holds does not see the difference.
 */
enum { SETS_TAIL_MAX = 16 };
struct set_tail {
    store_seq seqs[SETS_TAIL_MAX]; /* the last positions of the log, in order */
    struct fora_neg_item items[SETS_TAIL_MAX];
    store_seq authors[SETS_TAIL_MAX]; /* 0 for what belongs to a principal */
    uint32_t count;
};

struct set_info {
    uint32_t number; /* from 1 */
    struct fora_space_id space;
    uint32_t audience;       /* enum fora_audience */
    uint64_t count;          /* objects in the set now */
    uint64_t head;           /* the position that the next member gets */
    store_seq space_seq;     /* sequence of the first policy statement; 0: not here yet */
    uint64_t policy_version; /* sequence of the last policy statement; above its 48 bits how
                                often statements were removed or judged anew (RCP-9): never the
                                same for two policies */
    uint64_t threads;        /* threads with a row */
    struct set_tail tail;
};

/* The policy_version of a set whose last statement is `seq`. */
uint64_t sets_policy_version(struct kv_txn *txn, uint32_t set, store_seq seq);
/* The other way: the sequence of the last statement. */
store_seq sets_policy_seq(const struct set_info *info);
/* A statement of the set was removed or judged anew: versions are others from now on (table
 * CURSORS, 'g' set). */
void sets_policy_renewed(struct kv_txn *txn, uint32_t set);

bool sets_find(
    struct kv_txn *txn, const struct fora_space_id *space, uint32_t audience, struct set_info *out);
bool sets_get(struct kv_txn *txn, uint32_t number, struct set_info *out);
/* Gives the set a number and stores it. */
void sets_create(
    struct kv_txn *txn, const struct fora_space_id *space, uint32_t audience, struct set_info *out);
void sets_put(struct kv_txn *txn, const struct set_info *info);
/* By number; `each` returns non-zero to stop, which is returned. */
int sets_each(struct kv_txn *txn, int (*each)(void *context, const struct set_info *info),
    void *context) FORA_MUST_USE;

/* Is the object in the set now? What belongs to a principal may have left a set with the principal,
 * and be stored all the same; it may have come back, and be in the log twice. */
bool sets_holds(struct kv_txn *txn, uint32_t set, const struct fora_object *object);

/* Appends a run to the log of a set. */
void setlog_append(
    struct kv_txn *txn, uint32_t set, uint64_t position, const store_seq *seqs, size_t count);
/* Calls each (position, sequence) from `position` on until it returns non-zero, which is returned.
 */
int setlog_each(struct kv_txn *txn, uint32_t set, uint64_t position,
    int (*each)(void *context, uint64_t position, store_seq seq), void *context) FORA_MUST_USE;

/* Children of a thread, space or principal: sequences of what belongs to it, in order of arrival.
 */
void children_add(struct kv_txn *txn, store_seq owner, store_seq child);
void children_remove(struct kv_txn *txn, store_seq owner, store_seq child);
int children_each(struct kv_txn *txn, store_seq owner, int (*each)(void *context, store_seq child),
    void *context) FORA_MUST_USE;

/* Those behind `after`. */
int children_each_after(struct kv_txn *txn, store_seq owner, store_seq after,
    int (*each)(void *context, store_seq child), void *context) FORA_MUST_USE;

/* Which principals have objects in a set, by the sequence of their first identity entry, and how
 * many beside those that belong to the principal. */
bool authors_has(struct kv_txn *txn, uint32_t set, store_seq principal);
/* The principal is an author of the set, with 0 objects until they are added. False when it was
 * one before. */
bool authors_join(struct kv_txn *txn, uint32_t set, store_seq principal);
/* So many more, or one less: the number then. At 0 the principal is no author of the set any more.
 */
uint64_t authors_add(struct kv_txn *txn, uint32_t set, store_seq principal, uint64_t more);
uint64_t authors_remove(struct kv_txn *txn, uint32_t set, store_seq principal);
/* The sets that a principal has written in. */
int authors_sets(struct kv_txn *txn, store_seq principal, int (*each)(void *context, uint32_t set),
    void *context) FORA_MUST_USE;
/* The principals of a set. */
int authors_each(struct kv_txn *txn, uint32_t set, int (*each)(void *context, store_seq principal),
    void *context) FORA_MUST_USE;

#endif
