/*
 * Fsck: checks everything that is stored (`forad fsck`). Reads only, and may run beside a node.
 *
 * Objects: each decodes, its content hash and signature verify (on all cores), its id leads back to
 * it. What is derived is compared with what the objects say: sets and their counts, items,
 * fingerprint trees, logs, children, authors, slots, flags, marks of erasure, rows and orders. Who
 * has the store only, and not the intent, cannot check the rest (accounts, votes, links, who
 * brought an object).
 *
 * What is found in derived tables, reindex repairs; a damaged object is to be had again from a peer
 * or a backup.
 */
#ifndef FORAD_MAINTAIN_FSCK_H
#define FORAD_MAINTAIN_FSCK_H

#include "maintain/progress.h"
#include "store/kv.h"

#include <stdbool.h>

struct fsck {
    bool verify;      /* hashes and signatures: 50 us an object and core */
    unsigned threads; /* that verify; 0: one for each core */
    const struct maintain_progress *progress;
    /* A finding: the table by name ("items"), and a sentence without a full stop. Called by one
     * thread at a time, not always the caller's. */
    void (*found)(void *context, const char *table, const char *text);
    void *context;
};

/* How many of each were looked at. */
struct fsck_result {
    uint64_t objects;
    uint64_t verified;
    uint64_t
        withheld; /* objects without content that nothing here erased: allowed, worth knowing */
    uint64_t sets;
    uint64_t items;
    uint64_t nodes; /* of fingerprint trees */
    uint64_t log;   /* entries of sets' logs */
    uint64_t children;
    uint64_t authors;
    uint64_t slots;
    uint64_t flags;
    uint64_t answered; /* flags */
    uint64_t erased;
    uint64_t mentions;
    uint64_t rows;
    uint64_t orders;
    uint64_t rows_behind; /* objects that the rows do not know of yet: the node makes them later */
    uint64_t findings;
};

/* 0 when it came to its end, whatever was found; else FORA_E_NOMEM, FORA_E_IO, or what the progress
 * returned. */
int fsck_run(struct kv *kv, const struct fsck *fsck, struct fsck_result *out) FORA_MUST_USE;

#endif
