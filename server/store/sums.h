/*
 * The fingerprint tree of a set: counts and sums of ids over ranges, kept as objects come, so that
 * a range of a million objects is fingerprinted in a few hundred steps (spec/09-replication.md,
 * REP-6; DESIGN section 4).
 *
 * Level 0 is table ITEMS. A node of level n >= 1 (table SUMS) is keyed by its lower bound and holds
 * the count and the sum (mod 2^256) of the items from there to the next node of its level. A node
 * that holds too many of the level below is split. The first node of each level has the bound
 * (0, 0). How many entries the pieces have is bounded by counts, so no choice of ids or times makes
 * the tree deep or a node long; within that they are cut at the roundest second, so that sets which
 * are nearly equal are cut at mostly the same places. Those of the highest level are never summed
 * again: there are as many as it takes.
 */
#ifndef FORAD_STORE_SUMS_H
#define FORAD_STORE_SUMS_H

#include "fora/negentropy.h"
#include "store/sets.h"

enum {
    SUMS_LEVELS = 4,     /* 32^4 items and more */
    SUMS_FANOUT_MAX = 32 /* a node with more entries below it is split */
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

/* Checks the tree against the items, without the tail; FORA_E_CORRUPT when a node is wrong. *nodes
 * counts what was looked at. */
int sums_check(struct kv_txn *txn, uint32_t set, uint64_t *nodes) FORA_MUST_USE;

#endif
