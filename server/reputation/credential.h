/*
 * Credentials of what this node stated (VC-3): of which attestations one may be made, and for whom.
 * How one is written is not the core's affair: whoever runs the node brings that (env.h).
 */
#ifndef FORAD_REPUTATION_CREDENTIAL_H
#define FORAD_REPUTATION_CREDENTIAL_H

#include "core/job.h"
#include "fora/reputation.h"

/* What a credential says. All is borrowed. */
struct credential {
    const struct fora_claim *claim;
    struct fora_bytes object; /* the attestation, encoded */
    struct fora_bytes issuer_name;
    struct fora_bytes space_name; /* foreign; empty: none */
    uint64_t made_at;             /* ms */
};

/* May the node make one of it, if the verdict is 0? It did not state what others did, and not every
 * type has a form. */
bool credential_may(const struct fora_header *header, const struct fora_attestation *attestation,
    const struct fora_principal_id *self);

/* GetCredential, in a query's transaction. */
int credential_run(struct job *job, struct kv_txn *txn,
    const struct fora_msg_get_credential *request, struct fora_arena *arena) FORA_MUST_USE;

#endif
