/* Replaying one object into cleared tables: shared by reindex.c and reindex_replay.c. */
#ifndef FORAD_MAINTAIN_REINDEX_IMPL_H
#define FORAD_MAINTAIN_REINDEX_IMPL_H

#include "core/caches.h"
#include "store/ledger.h"

enum replay { REPLAY_PLACED, REPLAY_WAITS, REPLAY_DROPPED };

/*
 * Gives a stored object its place again. REPLAY_WAITS when what it belongs to has no place (yet):
 * then only its id is known. REPLAY_DROPPED when another object took its slot, or it stands twice.
 * The object is copied by the caller: nothing in it is borrowed from the transaction. Errors are
 * the transaction's.
 */
enum replay replay_object(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, store_seq seq);

#endif
