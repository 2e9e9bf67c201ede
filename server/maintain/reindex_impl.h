/* What reindex.c shares with the replay of one object into cleared tables (reindex_replay.c) and
 * with what follows it (reindex_judge.c). */
#ifndef FORAD_MAINTAIN_REINDEX_IMPL_H
#define FORAD_MAINTAIN_REINDEX_IMPL_H

#include "core/caches.h"
#include "maintain/progress.h"
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

struct seq_list {
    store_seq *seqs; /* owned */
    size_t count;
    size_t room;
};

int seq_add(struct seq_list *list, store_seq seq) FORA_MUST_USE;

/*
 * Everything has its place: what later objects judged of earlier ones is judged again. Keys that
 * were stolen take back what the store did on their word (RCP-5), moderators who had no right too
 * (OBJ-11), and sweeps that were due are done. `retractions`: all that are held.
 */
int reindex_judge(struct kv *kv, struct policies *policies, const struct seq_list *retractions,
    const struct maintain_progress *progress, uint64_t last) FORA_MUST_USE;

#endif
