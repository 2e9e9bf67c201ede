/* Symmetric sealing and passwords. */
#include "fora/crypto.h"

#include <sodium.h>
#include <string.h>

enum {
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES
};

_Static_assert(NONCE_SIZE + TAG_SIZE == 40, "what fora_seal() promises");
_Static_assert(crypto_pwhash_STRBYTES == 128, "what fora_password_hash() promises");

int fora_seal(struct fora_buf *out, const uint8_t key[32], struct fora_bytes plain,
    struct fora_bytes associated)
{
    uint8_t *sealed;

    if (plain.size > SIZE_MAX - NONCE_SIZE - TAG_SIZE)
        return FORA_E_TOO_LARGE;
    sealed = fora_buf_extend(out, NONCE_SIZE + plain.size + TAG_SIZE);
    if (sealed == NULL)
        return out->error;
    randombytes_buf(sealed, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_SIZE, NULL, plain.data, plain.size,
        associated.data, associated.size, NULL, sealed, key);
    return 0;
}

int fora_unseal(struct fora_buf *out, const uint8_t key[32], struct fora_bytes sealed,
    struct fora_bytes associated)
{
    size_t before = out->size;
    size_t size;
    uint8_t *plain;

    if (sealed.size < NONCE_SIZE + TAG_SIZE)
        return FORA_E_CRYPTO;
    size = sealed.size - NONCE_SIZE - TAG_SIZE;
    plain = fora_buf_extend(out, size);
    if (plain == NULL)
        return out->error;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.data + NONCE_SIZE,
            sealed.size - NONCE_SIZE, associated.data, associated.size, sealed.data, key) != 0) {
        out->size = before;
        return FORA_E_CRYPTO;
    }
    return 0;
}

int fora_password_hash(char out[128], struct fora_bytes password)
{
    const char *text = password.size == 0 ? "" : (const char *)password.data;

    if (crypto_pwhash_str_alg(out, text, password.size, crypto_pwhash_OPSLIMIT_INTERACTIVE,
            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return FORA_E_NOMEM; /* its only cause with these constants */
    return 0;
}

int fora_password_verify(const char hash[128], struct fora_bytes password)
{
    const char *text = password.size == 0 ? "" : (const char *)password.data;

    /* libsodium reads up to a NUL, and the hash came from a store. */
    if (memchr(hash, 0, crypto_pwhash_STRBYTES) == NULL)
        return FORA_E_AUTH;
    return crypto_pwhash_str_verify(hash, text, password.size) == 0 ? 0 : FORA_E_AUTH;
}
