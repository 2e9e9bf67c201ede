/*
 * Who is at the other end? The Noise handshake proves that the peer holds a static key; the
 * identity log in its Hello says whose key that is. Both must agree, else anybody could sit in
 * between with a key of their own and the honest node's log.
 */
#include "lib.h"

#include <string.h>

/* Entries may come in any order: each pass adds those whose parent is there. */
static int fold(struct fora_identity *identity, const struct fora_object *entries, size_t count)
{
    bool added[64] = {false};
    size_t left = count;
    while (left > 0) {
        size_t before = left;
        int error = 0;
        for (size_t i = 0; i < count; i++) {
            if (added[i]) {
                continue;
            }
            error = fora_identity_add(identity, &entries[i]);
            if (error == 0) {
                added[i] = true;
                left--;
            } else if (error == FORA_E_NOMEM || error == FORA_E_LIMIT) {
                return error;
            }
        }
        if (left == before) {
            return error;
        }
    }
    return 0;
}

static int fold_hello(struct fora_identity *identity, const struct fora_msg_hello *hello)
{
    struct fora_object entries[64];
    if (hello->identity_count == 0 || hello->identity_count > 64) {
        return FORA_E_IDENTITY;
    }
    for (size_t i = 0; i < hello->identity_count; i++) {
        int error = fora_object_decode(&entries[i], hello->identity[i]);
        if (error == 0) {
            error = fora_object_verify(&entries[i]);
        }
        if (error != 0) {
            return error;
        }
    }
    return fold(identity, entries, hello->identity_count);
}

static const char *contradiction(const struct fora_identity *identity,
    const struct fora_msg_hello *hello, const uint8_t noise_key[32])
{
    const struct fora_node_info *info = fora_identity_node(identity);
    if (memcmp(fora_identity_principal(identity)->b, hello->node.b, FORA_ID_SIZE) != 0) {
        return "its identity log belongs to another";
    }
    if (fora_identity_type(identity) != FORA_PRINCIPAL_NODE || info == NULL) {
        return "its identity log is not that of a node";
    }
    if (memcmp(info->noise_key.b, noise_key, FORA_KEY_SIZE) != 0) {
        return "the key of this connection is not the one in its identity log";
    }
    return NULL;
}

int lib_verify_node(struct fora_identity **out, const struct fora_msg_hello *hello,
    const uint8_t noise_key[32], struct fora_client_why *why)
{
    if (fora_id_is_zero(hello->node.b)) {
        return fora_client_fail(why, FORA_E_IDENTITY,
            "What answers there is not a Fora node: it named no identity. Check the address.");
    }
    struct fora_identity *identity;
    int error = fora_identity_new(&identity);
    if (error == 0) {
        error = fold_hello(identity, hello);
        if (error != 0) {
            fora_identity_free(identity);
        }
    }
    if (error != 0) {
        return fora_client_fail(why, error == FORA_E_NOMEM ? error : FORA_E_IDENTITY,
            "The node's identity log does not verify: %s. Do not trust this address.",
            fora_error_text(error));
    }
    const char *wrong = contradiction(identity, hello, noise_key);
    if (wrong != NULL) {
        fora_identity_free(identity);
        return fora_client_fail(why, FORA_E_IDENTITY,
            "The node cannot prove who it is: %s. Somebody may sit in between.", wrong);
    }
    *out = identity;
    return 0;
}
