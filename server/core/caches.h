/*
 * What admission and views ask for again and again, kept folded in memory: policies (shared by all
 * threads) and identities (the writer's own). Both are derivable from the store at any time.
 */
#ifndef FORAD_CORE_CACHES_H
#define FORAD_CORE_CACHES_H

#include "fora/identity.h"
#include "fora/policy.h"
#include "store/objects.h"
#include "store/sets.h"

/* ---- policies: thread-safe, immutable once made, counted ---- */

struct policies;      /* owned by the node */
struct policy_handle; /* one reference to one policy */

int policies_new(struct policies **out) FORA_MUST_USE;
void policies_free(struct policies *policies);
/*
 * The policy of the set's space as of info->policy_version, read through `txn` when it is not
 * cached. FORA_E_NOTFOUND when the first statement is not here yet. Released by policies_release.
 * In a write transaction flush objects first.
 */
int policies_get(struct policies *policies, struct kv_txn *txn, const struct set_info *info,
    struct policy_handle **out) FORA_MUST_USE;
const struct fora_policy *policy_of(const struct policy_handle *handle);
void policies_release(struct policies *policies, struct policy_handle *handle); /* NULL is fine */
/* After an aborted write: versions may be given out again. */
void policies_clear(struct policies *policies);

/* ---- identities: the writer's ---- */

struct identities;

int identities_new(struct identities **out) FORA_MUST_USE;
void identities_free(struct identities *identities);
void identities_clear(struct identities *identities);
/*
 * The folded log of a principal, and the sequence of its first entry in *seq. Borrowed until the
 * next call. FORA_E_NOTFOUND when it is not stored.
 */
int identities_get(struct identities *identities, struct objects_writer *writer,
    const struct fora_principal_id *principal, struct fora_identity **out,
    store_seq *seq) FORA_MUST_USE;
/* An entry was stored: the log that identities_get has just given takes it in. */
int identities_add(struct identities *identities, const struct fora_principal_id *principal,
    const struct fora_object *entry) FORA_MUST_USE;
/* How many entries the logs have that are kept, all together. */
size_t identities_held(const struct identities *identities);

/* Folds a log from the store, for readers. The caller frees it. */
int identity_load(struct kv_txn *txn, const struct fora_principal_id *principal,
    struct fora_identity **out) FORA_MUST_USE;

#endif
