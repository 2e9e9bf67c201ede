/* Subscribe, Unsubscribe, CreateSpace: which spaces the node holds. For admins. */
#include "core/links.h"
#include "core/write.h"

#include <string.h>

int write_subscribe(struct write *write)
{
    const struct fora_msg_subscribe *request = &write->request->u.subscribe;
    struct subscription link = {
        .space = request->space, .node = request->node, .created_at = write->job->now};
    int rc = asker_admin(write->kv, &write->job->asker);
    if (rc != 0) {
        return rc;
    }
    if (!address_valid(request->address)) {
        return FORA_E_MALFORMED;
    }
    memcpy(link.address, request->address.data, request->address.size);
    links_put(write->kv, &link);
    write->job->linked = true;
    /* The set is there before its first statement, so that the statement is let in. */
    if (ledger_set_create(&write->txn.ledger, &request->space, FORA_AUDIENCE_PUBLIC) == NULL) {
        return kv_txn_error(write->kv);
    }
    write->answer.type = FORA_MSG_OK;
    return 0;
}

/* What was fetched stays. */
int write_unsubscribe(struct write *write)
{
    const struct fora_msg_unsubscribe *request = &write->request->u.unsubscribe;
    int rc = asker_admin(write->kv, &write->job->asker);
    if (rc == 0 && links_remove(write->kv, &request->space, request->address) == 0) {
        rc = FORA_E_ABSENT;
    }
    write->job->linked = true;
    write->answer.type = FORA_MSG_OK;
    return rc;
}

/* ---- a new space ---- */

/* The statement as the admin wrote it, with a salt. The node owns the space; it is not to be given
 * away before it exists. */
static int first_statement(
    struct write *write, const struct fora_msg_create_space *request, struct fora_buf *out)
{
    struct fora_salt salt;
    struct fora_content content;
    fora_salt_random(&salt);
    int rc = fora_content_add_salt(out, request->policy, &salt);
    if (rc == 0) {
        rc = fora_content_decode(write->arena, FORA_KIND_POLICY, fora_buf_bytes(out), &content);
    }
    if (rc == 0 && content.u.policy.has_owner) {
        rc = FORA_E_FORBIDDEN;
    }
    return rc;
}

static int add_first(struct write *write, struct fora_bytes content, struct fora_space_id *space)
{
    struct commit_item item;
    struct fora_buf encoded;
    struct fora_header header = {
        .kind = FORA_KIND_POLICY, .author = write->env->self, .created_at = write->job->now};
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int rc = fora_object_build(&encoded, &header, content, write->env->secret, NULL);
    if (rc == 0) {
        rc = write_add(write, fora_buf_bytes(&encoded), &item);
    }
    if (rc == 0) {
        *space = fora_object_space(&item.object);
    }
    fora_buf_fini(&encoded);
    return rc;
}

/* The admin who asked becomes admin of the space, in a statement of its own: the first one stays
 * what was asked for. */
static int add_grant(struct write *write, const struct fora_space_id *space)
{
    struct commit_item item;
    struct fora_header header = {.kind = FORA_KIND_POLICY,
        .author = write->env->self,
        .space = *space,
        .created_at = write->job->now};
    struct fora_grant grant = {.principal = write->job->asker.member, .role = FORA_ROLE_ADMIN};
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    content.u.policy.grants = &grant;
    content.u.policy.grants_count = 1;
    return write_make(write, &header, &content, write->env->secret, &item);
}

int write_new_space(struct write *write)
{
    const struct fora_msg_create_space *request = &write->request->u.create_space;
    struct fora_space_id *space = &write->answer.u.space_created.space;
    struct fora_buf content;
    int rc = asker_admin(write->kv, &write->job->asker);
    if (rc != 0) {
        return rc;
    }
    fora_buf_init(&content, FORA_CONTENT_MAX);
    rc = first_statement(write, request, &content);
    if (rc == 0) {
        rc = add_first(write, fora_buf_bytes(&content), space);
    }
    fora_buf_fini(&content);
    if (rc == 0 && write->job->asker.is_member) {
        rc = add_grant(write, space);
    }
    write->answer.type = FORA_MSG_SPACE_CREATED;
    return rc;
}
