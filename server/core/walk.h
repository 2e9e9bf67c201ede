/*
 * Walks over sets that go on a step at a time, over restarts (sweep.c, receipts.c, rows_step.c): a
 * mark in table CURSORS, a letter and a name, says that there is something to do, and its value how
 * far that has come.
 */
#ifndef FORAD_CORE_WALK_H
#define FORAD_CORE_WALK_H

#include "store/sets.h"

/* Where a walk over sets is: in `set`, behind the item (at, id). What set 0 means is the walk's own
 * matter. */
struct walk_place {
    uint32_t set;
    uint64_t at; /* seconds */
    uint8_t id[FORA_ID_SIZE];
};

void walk_place_put(
    struct kv_txn *txn, const struct store_key *mark, const struct walk_place *place);
/* False, and zeros, when there is no such mark. */
bool walk_place_get(struct kv_txn *txn, const struct store_key *mark, struct walk_place *out);

/* The first mark of a letter with a name of that size; false: none. `out` may be NULL. */
bool walk_mark_first(struct kv_txn *txn, char letter, size_t size, struct store_key *out);

/* The sequences of the next items of the place's set, at most `max`, and moves the place behind
 * them. Items that join later with an earlier date are not met. */
struct walk_items {
    store_seq *seqs; /* the caller's, room for `max` */
    size_t max;
    size_t count;
    bool end; /* there is nothing behind them */
};
int walk_items(struct kv_txn *txn, struct walk_place *place, struct walk_items *out) FORA_MUST_USE;

/* The set with the next greater number that the principal has written in; 0 in *out: none. */
int walk_next_set(
    struct kv_txn *txn, store_seq principal, uint32_t after, uint32_t *out) FORA_MUST_USE;

#endif
