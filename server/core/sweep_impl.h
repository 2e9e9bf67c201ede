/* What finding (sweep.c) and removing (sweep_remove.c) share. */
#ifndef FORAD_CORE_SWEEP_IMPL_H
#define FORAD_CORE_SWEEP_IMPL_H

#include "core/sweep.h"

enum { SWEEP_MARK_OWNER = 'o' };

/* Everything of the space of the set is to go. */
void sweep_mark_whole(struct kv_txn *txn, uint32_t set);

/* Marks of erasure by who may not moderate the space of the set are to be lifted. */
void sweep_mark_erased(struct kv_txn *txn, uint32_t set);

/* Removes an object from sets, indexes and store, and marks what may stand on it. */
int sweep_remove(struct commit_txn *txn, const struct stored *stored) FORA_MUST_USE;

#endif
