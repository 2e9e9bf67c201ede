/*
 * Who is at the other end: a node's Hello carries its identity log; the log must verify, be that of
 * a node, and name the Noise static key that the handshake proved (spec/08-session.md, SES-4).
 */
#include "core/query.h"

#include <string.h>

static int add_entry(struct fora_identity *identity, struct fora_bytes encoded)
{
    struct fora_object object;
    int rc = fora_object_decode(&object, encoded);
    if (rc == 0) {
        rc = fora_object_verify(&object);
    }
    return rc == 0 ? fora_identity_add(identity, &object) : rc;
}

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

int hello_run(struct job *job, const struct fora_msg_hello *hello)
{
    struct fora_identity *identity;
    int rc = hello->identity_count == 0 ? FORA_E_IDENTITY : fora_identity_new(&identity);
    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; i < hello->identity_count && rc == 0; i++) {
        rc = add_entry(identity, hello->identity[i]);
    }
    rc = rc == 0 ? check(job, hello, identity) : rc;
    if (rc == 0) {
        job->login.set = true;
        job->login.asker.node = hello->node;
    }
    fora_identity_free(identity);
    return rc;
}
