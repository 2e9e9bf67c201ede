/*
 * GetCredential (VC-3):
 *
 *     id -> stated here -> not withheld from who asks -> verdict -> written
 *
 * The cheap questions come first. Judging reads what the verdict on this one rests on, and no more:
 * what strangers state about the member is neither read nor folded.
 */
#include "reputation/credential.h"

#include "core/query.h"
#include "reputation/explain.h"

#include <string.h>

static bool same(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool credential_may(const struct fora_header *header, const struct fora_attestation *attestation,
    const struct fora_principal_id *self)
{
    return same(&header->author, self) && (attestation->type == FORA_ATTESTATION_STANDING ||
                                              attestation->type == FORA_ATTESTATION_BADGE ||
                                              attestation->type == FORA_ATTESTATION_AFFILIATION);
}

/* Does the subject not want it shown (ATT-14)? */
static bool withheld(struct kv_txn *txn, struct fora_arena *arena, const struct fora_header *header,
    const struct fora_attestation *a)
{
    struct fora_profile profile;
    if (a->type == FORA_ATTESTATION_AFFILIATION ||
        !profile_read(txn, arena, &a->subject, &profile)) {
        return false;
    }
    for (size_t i = 0; i < profile.withheld_count; i++) {
        const struct fora_withheld *line = &profile.withheld[i];
        if (line->type == a->type && same(&line->issuer, &header->author) &&
            memcmp(line->space.b, header->space.b, sizeof line->space.b) == 0 &&
            fora_bytes_equal(line->label, a->label)) {
            return true;
        }
    }
    return false;
}

static int may_have(struct job *job, struct kv_txn *txn, struct fora_arena *arena,
    const struct fora_header *header, const struct fora_attestation *attestation)
{
    bool her = job->asker.is_member && same(&job->asker.member, &attestation->subject);
    if (!credential_may(header, attestation, &job->env->self)) {
        return FORA_E_MISMATCH;
    }
    if (her || !withheld(txn, arena, header, attestation)) {
        return 0;
    }
    return job->asker.is_member ? FORA_E_FORBIDDEN : FORA_E_AUTH;
}

static int answer(struct job *job, struct fora_claims *claims, const struct fora_object *object)
{
    struct fora_message message = {.type = FORA_MSG_CREDENTIAL};
    struct fora_buf json = {0};
    struct fora_claim claim;
    int rc = fora_claims_check(claims, &object->id, job->now, &claim);
    rc = rc == 0 ? claim.code : rc;
    if (rc == 0) {
        const struct fora_policy *policy = fora_claims_policy(claims, &object->header.space);
        const struct credential credential = {.claim = &claim,
            .object = object->encoded,
            .issuer_name = fora_bytes_str(job->env->name),
            .space_name = policy != NULL ? fora_policy_name(policy) : fora_bytes(NULL, 0),
            .made_at = job->now};
        rc = job->env->credential(&json, &credential, job->env->secret);
    }
    if (json.size > 0 && json.data[json.size - 1] == '\n') {
        json.size--;
    }
    message.u.credential.json = fora_buf_bytes(&json);
    rc = rc == 0 ? job_answer(job, &message) : rc;
    fora_buf_fini(&json);
    return rc;
}

int credential_run(struct job *job, struct kv_txn *txn,
    const struct fora_msg_get_credential *request, struct fora_arena *arena)
{
    struct stored stored;
    struct fora_content content;
    struct fora_claims *claims = NULL;
    if (job->env->credential == NULL) {
        return FORA_E_UNSUPPORTED;
    }
    store_seq seq = objects_find(txn, request->id.b);
    int rc = seq != 0 ? objects_read(txn, seq, &stored) : FORA_E_NOTFOUND;
    if (rc == FORA_E_NOTFOUND ||
        (rc == 0 && (stored.object.header.kind != FORA_KIND_ATTESTATION ||
                        !stored.object.has_content || !query_may_send(job, txn, &stored.object)))) {
        return FORA_E_ABSENT;
    }
    rc = rc == 0 ? fora_content_decode(
                       arena, FORA_KIND_ATTESTATION, stored.object.content_bytes, &content)
                 : rc;
    rc = rc == 0 ? may_have(job, txn, arena, &stored.object.header, &content.u.attestation) : rc;
    rc = rc == 0 ? fora_claims_new(&claims) : rc;
    rc = rc == 0 ? attestation_claims(txn, seq, claims) : rc;
    rc = rc == 0 ? answer(job, claims, &stored.object) : rc;
    fora_claims_free(claims);
    return rc;
}
