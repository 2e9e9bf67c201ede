/*
 * Digests: what two nodes compare to know that they hold the same and show the same (`forad
 * digest`). Equal on nodes with equal sets, whatever the order in which things came.
 *
 * set    H("fora.v1.set") chained over blocks of 1024 items in the set's order, each item its
 *        seconds (8 bytes, big-endian) and its id: d0 = zeros, d(n) = H(d(n-1) || block n)
 * views  the same with "fora.v1.views" over the threads by id, each its id and the digest of its
 *        view (VIEW-11)
 */
#ifndef FORAD_MAINTAIN_DIGEST_H
#define FORAD_MAINTAIN_DIGEST_H

#include "core/caches.h"
#include "maintain/progress.h"

struct digest {
    struct set_info set;
    uint64_t count;          /* items counted */
    uint64_t threads;        /* views hashed */
    uint8_t fingerprint[16]; /* of the whole set, as reconciliation computes it (REP-6) */
    struct fora_hash items;
    struct fora_hash views; /* zeros when the space's policy is not here */
};

/* One set, in a read transaction. `done` and `of` of the progress count items. FORA_E_CORRUPT,
 * FORA_E_NOMEM, or what the progress returned. */
int digest_set(struct kv_txn *txn, struct policies *policies, const struct set_info *set,
    const struct maintain_progress *progress, struct digest *out) FORA_MUST_USE;

/* Every set by number, in one read transaction of its own; `each` returns non-zero to stop, which
 * is returned. */
int digest_all(struct kv *kv, const struct maintain_progress *progress,
    int (*each)(void *context, const struct digest *digest), void *context) FORA_MUST_USE;

#endif
