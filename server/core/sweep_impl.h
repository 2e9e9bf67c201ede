/* What finding (sweep.c) and removing (sweep_remove.c) share. */
#ifndef FORAD_CORE_SWEEP_IMPL_H
#define FORAD_CORE_SWEEP_IMPL_H

#include "core/sweep.h"

enum { SWEEP_MARK_OWNER = 'o' };

/* Everything of the space of the set is to go. */
void sweep_mark_whole(struct kv_txn *txn, uint32_t set);

/* Who may moderate the space of the set is another question now: marks of erasure are to be lifted,
 * and flags to be open again. */
void sweep_mark_decided(struct kv_txn *txn, uint32_t set);
/* Decisions went: the flags that they answered are to be open again. */
void sweep_mark_answered(struct kv_txn *txn, uint32_t set);

/* Removes an object from sets, indexes and store, and marks what may stand on it. */
int sweep_remove(struct commit_txn *txn, const struct stored *stored) FORA_MUST_USE;

#endif
