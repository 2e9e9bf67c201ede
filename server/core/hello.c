/*
 * Who is at the other end: a node's Hello carries its identity log; the log must verify, be that of
 * a node, and name the Noise static key that the handshake proved (spec/08-session.md, SES-13).
 */
#include "core/query.h"

#include "core/requests.h"

#include <string.h>

static int check(
    const struct job *job, const struct fora_msg_hello *hello, const struct fora_identity *identity)
{
    const struct fora_node_info *info = fora_identity_node(identity);
    if (fora_identity_type(identity) != FORA_PRINCIPAL_NODE || info == NULL) {
        return FORA_E_IDENTITY;
    }
    if (memcmp(fora_identity_principal(identity)->b, hello->node.b, sizeof hello->node.b) != 0) {
        return FORA_E_IDENTITY;
    }
    return fora_equal_ct(info->noise_key.b, job->asker.remote_static, sizeof info->noise_key.b)
               ? 0
               : FORA_E_KEY;
}

/* The log as it is held here with what Hello brings: an old one does not bring back a key that is
 * known to be stolen. Of a long log only the end is sent, which without its beginning is none. */
static int log_of(
    struct kv_txn *txn, const struct fora_msg_hello *hello, struct fora_identity **out)
{
    int rc = identity_load(txn, &hello->node, out);
    if (rc == FORA_E_NOTFOUND && kv_txn_error(txn) == 0) {
        rc = fora_identity_new(out);
    }
    if (rc == 0) {
        rc = identity_add_encoded(*out, hello->identity, hello->identity_count);
    }
    return rc == FORA_E_UNKNOWN_PARENT ? FORA_E_IDENTITY : rc;
}

static int hello_in(struct job *job, struct kv_txn *txn, const struct fora_message *request,
    struct fora_arena *arena)
{
    const struct fora_msg_hello *hello = &request->u.hello;
    struct fora_identity *identity = NULL;
    int rc = log_of(txn, hello, &identity);
    rc = rc == 0 ? check(job, hello, identity) : rc;
    rc = rc == 0 ? proof_keep(job, txn, request, arena) : rc;
    if (rc == 0) {
        job->login.set = true;
        job->login.asker.node = hello->node;
        fora_buf_append_bytes(&job->answer, fora_identity_node(identity)->name);
        rc = job->answer.error;
    }
    fora_identity_free(identity);
    return rc;
}

int hello_run(struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    struct kv_txn *txn;
    if (request->u.hello.identity_count == 0 && !job->again) {
        return FORA_E_IDENTITY;
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc == 0) {
        rc = hello_in(job, txn, request, arena);
        kv_abort(txn);
    }
    return rc;
}
