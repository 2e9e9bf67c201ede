/*
 * The fingerprint tree of a set: counts and sums of ids over ranges, kept as objects come, so that
 * a range of a million objects is fingerprinted in a few hundred steps (spec/09-replication.md,
 * REP-6; DESIGN section 4).
 *
 * Level 0 is table ITEMS. A node of level n >= 1 (table SUMS) is keyed by its lower bound and holds
 * the count and the sum (mod 2^256) of the items from there to the next node of its level. A node
 * that holds too many of the level below is split in two. The first node of each level has the
 * bound (0, 0). Splits depend only on counts, so no choice of ids makes the tree deep or a node
 * long.
 */
#ifndef FORAD_STORE_SUMS_H
#define FORAD_STORE_SUMS_H

#include "fora/negentropy.h"
#include "store/sets.h"

enum {
    SUMS_LEVELS = 4,     /* 96^4 items and more */
    SUMS_FANOUT_MAX = 96 /* a node with more entries below it is split */
};

/* An item that joins or leaves. */
struct sums_change {
    struct fora_neg_item item;
    bool remove;
};

/* Applies changes to ITEMS and SUMS. Sorts `changes`. An item that is there (or not there) already
 * is skipped. Returns the change of the count through *delta. Errors are sticky in the transaction.
 */
void sums_apply(
    struct kv_txn *txn, uint32_t set, struct sums_change *changes, size_t count, int64_t *delta);

/* Count and sum of the whole set, with what is in its tail (sets.h). */
void sums_total(struct kv_txn *txn, uint32_t set, struct fora_neg_sum *out);

/* The node of a level that was found last: what is asked next is often in it, too, or in that of a
 * level above. */
struct sums_finger {
    bool valid;
    struct fora_neg_item lower, upper; /* `upper` unless `last` */
    bool last;
    struct fora_neg_sum before; /* of all before the node */
    uint64_t count;             /* items in it */
};

/* A source for reconciliation over one read transaction: the tree, and the tail laid over it.
 * `txn` and `set` are the caller's to fill in; the context must outlive the source. */
struct sums_source {
    struct kv_txn *txn;
    uint32_t set;
    struct fora_neg_item tail[SETS_TAIL_MAX]; /* ascending */
    uint64_t positions[SETS_TAIL_MAX];        /* of each in the whole */
    size_t tail_count;
    struct sums_finger path[SUMS_LEVELS + 1]; /* by level; of level 0 the item */
    struct fora_neg_item previous;            /* before that item, when `has_previous` */
    bool has_previous;
    uint64_t end;                /* of the range that was summed last */
    struct fora_neg_sum end_sum; /* of all before it: the next range begins there */
};
struct fora_neg_source sums_neg_source(struct sums_source *context);

/* Checks the tree against the items, without the tail; FORA_E_CORRUPT when a node is wrong. *nodes
 * counts what was looked at. */
int sums_check(struct kv_txn *txn, uint32_t set, uint64_t *nodes) FORA_MUST_USE;

#endif
