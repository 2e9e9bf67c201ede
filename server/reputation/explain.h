/* Where a member's local standing comes from (LOC-1): gathered from the store, judged, weighed. */
#ifndef FORAD_REPUTATION_EXPLAIN_H
#define FORAD_REPUTATION_EXPLAIN_H

#include "reputation/local.h"
#include "store/kv.h"
#include "store/schema.h"

/* One standing that is stated of her, and the verdict on it (ATT-4). */
struct explain_claim {
    struct fora_principal_id issuer;
    struct fora_space_id space;
    uint64_t standing;
    uint64_t until;
    int code;
    bool product;    /* it is about one that counts here (LOC-2) */
    bool said_again; /* by the same issuer in the same space later, which counts instead (LOC-2) */
    bool carried;    /* by her (LOC-7): this node does not hold it */
    bool space_held; /* so that it can be counted anew here */
};

struct explanation {
    struct explain_claim *claims; /* owned */
    size_t claims_count;
    struct local_line *lines; /* owned: of issuers of claims that count, as they were taken */
    size_t lines_count;
    uint64_t local;
    bool enough; /* issuers */
};

/* Of a principal that is not known: nothing is stated. FORA_E_NOMEM, _CORRUPT. */
int explain_member(struct kv_txn *txn, const struct local_policy *policy,
    const struct fora_principal_id *member, uint64_t now, struct explanation *out) FORA_MUST_USE;
/* All that is stated of a member, with what verdicts on it rest on. */
int member_claims(struct kv_txn *txn, const struct fora_principal_id *member,
    struct fora_claims *claims) FORA_MUST_USE;
/* One attestation, with what the verdict on it rests on: its delegations, revocations, the logs of
 * their issuers, the policies of their spaces, and what else its issuer stated of the subject
 * there. FORA_E_LIMIT: more than is looked at. */
int attestation_claims(
    struct kv_txn *txn, store_seq attestation, struct fora_claims *claims) FORA_MUST_USE;
void explanation_fini(struct explanation *explanation);

#endif
