/* One request, one transaction. */
#include "core/write.h"

#include "core/make.h"
#include "core/notice.h"

#include <string.h>

/* The encoded object is kept in the arena: an item borrows from it until the end. */
int write_add(struct write *write, struct fora_bytes encoded, struct commit_item *item)
{
    memset(item, 0, sizeof *item);
    item->source = COMMIT_LOCAL;
    struct fora_bytes copy = fora_arena_copy(write->arena, encoded);
    int rc = copy.data == NULL ? FORA_E_NOMEM : fora_object_decode(&item->object, copy);
    if (rc == 0) {
        commit_add(&write->txn, item);
        rc = item->code;
    }
    return rc;
}

int write_make(struct write *write, struct fora_header *header, struct fora_content *content,
    const struct fora_secret *secret, struct commit_item *item)
{
    struct fora_buf encoded;
    fora_salt_random(fora_content_salt(content));
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int rc = object_make(&encoded, header, content, secret, NULL);
    if (rc == 0) {
        rc = write_add(write, fora_buf_bytes(&encoded), item);
    }
    fora_buf_fini(&encoded);
    return rc;
}

int write_member(struct write *write, struct account *out)
{
    struct fora_identity *identity = NULL;
    int rc = asker_account(write->kv, &write->job->asker, out);
    if (rc == 0) {
        rc = identity_load(write->kv, &out->principal, &identity);
    }
    if (rc == 0 && memcmp(fora_identity_home(identity)->b, write->env->self.b,
                       sizeof write->env->self.b) != 0) {
        rc = FORA_E_FORBIDDEN;
    }
    fora_identity_free(identity);
    return rc;
}

static write_fn *body_of(uint32_t type)
{
    switch (type) {
    case FORA_MSG_SIGN_UP:
        return write_sign_up;
    case FORA_MSG_LOGIN:
        return write_login;
    case FORA_MSG_CLAIM:
        return write_claim;
    case FORA_MSG_TAKE_OUT:
        return write_take_out;
    case FORA_MSG_VOTE:
        return write_vote;
    case FORA_MSG_REPORT:
        return write_report;
    case FORA_MSG_SUBSCRIBE:
        return write_subscribe;
    case FORA_MSG_UNSUBSCRIBE:
        return write_unsubscribe;
    case FORA_MSG_CREATE_SPACE:
        return write_new_space;
    case FORA_MSG_PEERING:
        return write_peering;
    case FORA_MSG_NOTICE:
        return write_notice;
    default:
        return NULL;
    }
}

/* The answer is encoded before the commit, so that nothing can fail after it. */
static int write_end(struct write *write)
{
    struct job *job = write->job;
    size_t before = job->answer.size;
    int rc = job_answer(job, &write->answer);
    if (rc != 0) {
        commit_cancel(&write->txn);
    } else {
        rc = commit_end(&write->txn);
    }
    if (rc != 0) {
        job->answer.size = before;
        memset(&job->result, 0, sizeof job->result);
    } else if (write->login.set) {
        job->login = write->login;
    }
    return rc;
}

int write_run(struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    struct write write = {.job = job, .env = job->env, .request = request, .arena = arena};
    write_fn *body = body_of(request->type);
    if (body == NULL) {
        return FORA_E_UNSUPPORTED;
    }
    int rc = commit_begin(job->env->committer, &write.txn, job->now, &job->result);
    if (rc != 0) {
        return rc;
    }
    write.kv = write.txn.ledger.txn;
    write.txn.changed = &job->changed;
    rc = body(&write);
    if (kv_txn_error(write.kv) != 0) {
        rc = kv_txn_error(write.kv); /* a miss was perhaps none */
    }
    if (rc == 0) {
        return write_end(&write);
    }
    commit_cancel(&write.txn);
    memset(&job->result, 0, sizeof job->result);
    return rc;
}
