/*
 * Reindex: rebuilds everything that is derived from the objects, in place (`forad reindex`).
 *
 * Kept: objects, accounts, logins, votes, links, refusals, what META says, the numbers of the sets.
 * Made anew: ids, sets' counts, items, fingerprint trees, logs, children, authors, slots, flags,
 * marks of erasure and of stolen keys, rows and orders; sweeps that were due are done. The epoch
 * becomes another, since positions in the sets' logs mean something else now, and followers start
 * over.
 *
 * The work is done in bounded transactions. A mark in META ("reindexing") stands from the first to
 * the last, so that a node refuses to run on what is half done; cut short, it is to be run again
 * and begins at the beginning. The store must be open for writing, and nobody else use it.
 */
#ifndef FORAD_MAINTAIN_REINDEX_H
#define FORAD_MAINTAIN_REINDEX_H

#include "maintain/progress.h"
#include "store/kv.h"

struct reindex {
    bool verify; /* also drop what does not verify: 50 us an object */
    const struct maintain_progress *progress;
};

struct reindex_result {
    uint64_t objects; /* that have their place again */
    uint64_t lost; /* records that cannot be read or do not verify: dropped; peers may have them */
    uint64_t misplaced; /* objects whose author, space or thread is lost: kept, in no set. When it
                           has come again, another reindex finds their place */
    uint64_t threads;   /* rows made */
};

/* 0, FORA_E_NOMEM, FORA_E_FULL, FORA_E_IO, or what the progress returned: the mark then stands. */
int reindex_run(
    struct kv *kv, const struct reindex *reindex, struct reindex_result *out) FORA_MUST_USE;

/* Does the mark of a reindex that was cut short stand? */
bool reindex_unfinished(struct kv_txn *txn);

/* Another epoch: after a restored backup too, whose followers may have seen later positions. */
void epoch_renew(struct kv_txn *txn);

#endif
