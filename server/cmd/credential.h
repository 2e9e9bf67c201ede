/* Open Badges 3.0 credentials with an eddsa-jcs-2022 proof (spec VC-1, VC-2). */
#ifndef FORAD_CMD_CREDENTIAL_H
#define FORAD_CMD_CREDENTIAL_H

#include "reputation/credential.h"

/* Appends the credential as one line of JSON. */
int credential_write(struct fora_buf *out, const struct credential *credential,
    const struct fora_secret *secret) FORA_MUST_USE; /* what node_env.credential is here */

/* Appends the proof's value: "z" and base58btc of the signature over the two canonical texts. */
int credential_proof(struct fora_buf *out, struct fora_bytes document, struct fora_bytes config,
    const struct fora_secret *secret) FORA_MUST_USE;
/* Appends "did:key:z6Mk...". */
int credential_did(struct fora_buf *out, const struct fora_key *key) FORA_MUST_USE;

#endif
