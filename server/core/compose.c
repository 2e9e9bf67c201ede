/* Objects in the name of members whose keys are kept here. */
#include "core/requests.h"

#include "core/make.h"

/* What a member may have signed: not the node's own kinds (tally, checkpoint, receipt), not the log
 * of keys, not a flag (Report keeps the reporter's name), nothing that is not defined. */
static bool for_members(uint32_t kind)
{
    switch ((enum fora_kind)kind) {
    case FORA_KIND_POLICY:
    case FORA_KIND_PROFILE:
    case FORA_KIND_THREAD:
    case FORA_KIND_POST:
    case FORA_KIND_REVISION:
    case FORA_KIND_RESOLUTION:
    case FORA_KIND_STATUS:
    case FORA_KIND_CITE:
    case FORA_KIND_DUPLICATE:
    case FORA_KIND_MODERATION:
    case FORA_KIND_APPEAL:
    case FORA_KIND_RETRACTION:
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_REVOCATION:
    case FORA_KIND_CARRIED:
        return true;
    case FORA_KIND_UNSPECIFIED:
    case FORA_KIND_IDENTITY:
    case FORA_KIND_TALLY:
    case FORA_KIND_FLAG:
    case FORA_KIND_MEMBERSHIP:
    case FORA_KIND_CASE:
    case FORA_KIND_RECEIPT:
    case FORA_KIND_CHECKPOINT:
        break;
    }
    return false;
}

/* Who, where, when. */
static int compose_header(struct job *job, struct kv_txn *txn,
    const struct fora_msg_compose *compose, struct account *account, struct fora_header *header)
{
    struct set_info info;
    *header = (struct fora_header){.kind = compose->kind,
        .author = job->asker.member,
        .space = compose->space,
        .root = compose->root,
        .parent = compose->parent,
        .audience = compose->audience};
    int rc = asker_account(txn, &job->asker, account);
    if (rc == FORA_E_FORBIDDEN || (rc == 0 && account->label_size == 0)) {
        rc = FORA_E_AUTH; /* SES-33: not a member whose key is kept here */
    }
    if (rc == 0 && !fora_header_principal_scoped(header) &&
        !sets_find(txn, &header->space, header->audience, &info)) {
        rc = FORA_E_UNKNOWN_SPACE;
    }
    header->created_at = job->now;
    if (rc == 0 && fora_kind_replaceable(header->kind)) {
        rc = slot_created_at(txn, header, job->now, &header->created_at);
    }
    return kv_txn_error(txn) != 0 ? kv_txn_error(txn) : rc;
}

static int compose_content(
    const struct fora_msg_compose *compose, struct fora_arena *arena, struct fora_buf *out)
{
    struct fora_salt salt;
    struct fora_content content;
    fora_salt_random(&salt);
    int rc = fora_content_add_salt(out, compose->content, &salt);
    return rc == 0 ? fora_content_decode(arena, compose->kind, fora_buf_bytes(out), &content) : rc;
}

static int compose_sign(struct job *job, const struct account *account, struct fora_header *header,
    struct fora_bytes content)
{
    struct fora_secret *device = NULL;
    struct fora_buf encoded;
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int rc = custody_device(&device, job->env->custody, account_label(account));
    if (rc == 0) {
        rc = fora_object_build(&encoded, header, content, device, NULL);
    }
    fora_secret_free(device);
    if (rc == 0) {
        struct fora_bytes object = fora_buf_bytes(&encoded);
        job->made = batch_new(&job->asker, COMMIT_MEMBER, &object, 1);
        rc = job->made == NULL ? FORA_E_NOMEM : 0;
    }
    if (rc == 0) {
        job->made->wants_result = true;
    }
    fora_buf_fini(&encoded);
    return rc;
}

int compose_run(struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    const struct fora_msg_compose *compose = &request->u.compose;
    struct account account;
    struct fora_header header;
    struct fora_buf content;
    struct kv_txn *txn;
    if (!for_members(compose->kind)) {
        return FORA_E_UNSUPPORTED;
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = compose_header(job, txn, compose, &account, &header);
    kv_abort(txn);
    fora_buf_init(&content, FORA_CONTENT_MAX);
    if (rc == 0) {
        rc = compose_content(compose, arena, &content);
    }
    if (rc == 0) {
        rc = compose_sign(job, &account, &header, fora_buf_bytes(&content));
    }
    fora_buf_fini(&content);
    return rc;
}
