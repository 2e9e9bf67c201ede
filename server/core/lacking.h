/*
 * Objects that are held without their content, though nothing erases them any more: who dropped it
 * had no right to (OBJ-11), or may not have said it then (RCP-5). Peers that are followed are asked
 * for a copy, some at a time, when it turns out, with each connection, and now and then.
 *
 * Kept in table CURSORS: 'c' set sequence -> nothing. Written by the writer with what makes it
 * necessary, and taken away when the content has come or is erased after all; of an object that has
 * left the set the mark goes with it.
 */
#ifndef FORAD_CORE_LACKING_H
#define FORAD_CORE_LACKING_H

#include "store/ledger.h"

enum { LACKING_MAX = 256 /* asked for at once, of a set and of one peer */ };

void lacking_put(struct kv_txn *txn, uint32_t set, store_seq seq);
void lacking_drop(struct kv_txn *txn, uint32_t set, store_seq seq);

/* The ids of at most LACKING_MAX of the set; of more, others at another time `now` (ms), so that
 * what nobody has keeps none from being asked for. */
int lacking_list(struct kv_txn *txn, uint32_t set, uint64_t now,
    struct fora_object_id out[LACKING_MAX], size_t *count) FORA_MUST_USE;

#endif
