/* Ed25519 keys and signatures. */
#include "raw.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { DOMAIN_MAX = 64, SIGNED_MESSAGE_MAX = 1024 };

/*
 * A key that stays lives in a page of its own between guard pages, locked and out of core dumps
 * (sodium_malloc). One that is derived is made for a moment from a master that its owner keeps so:
 * pages of its own would cost more than the signature, and stop every other core each time.
 */
struct fora_secret {
    uint8_t b[crypto_sign_SECRETKEYBYTES]; /* seed || public key */
    bool derived;
};

static int secret_make(struct fora_secret **out, const uint8_t seed[32], bool derived)
{
    struct fora_secret *secret = derived ? malloc(sizeof(*secret)) : sodium_malloc(sizeof(*secret));
    uint8_t public[crypto_sign_PUBLICKEYBYTES];

    *out = NULL;
    if (secret == NULL)
        return FORA_E_NOMEM;
    crypto_sign_seed_keypair(public, secret->b, seed);
    secret->derived = derived;
    *out = secret;
    return 0;
}

int fora_secret_from_seed(struct fora_secret **out, const uint8_t seed[32])
{
    return secret_make(out, seed, false);
}

int fora_secret_new(struct fora_secret **out)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    int error;

    randombytes_buf(seed, sizeof(seed));
    error = fora_secret_from_seed(out, seed);
    sodium_memzero(seed, sizeof(seed));
    return error;
}

int fora_secret_derive(
    struct fora_secret **out, const uint8_t master[32], const char *domain, struct fora_bytes label)
{
    struct fora_hash seed;
    int error;

    fora_hash_keyed(&seed, master, domain, &label, 1);
    error = secret_make(out, seed.b, true);
    sodium_memzero(&seed, sizeof(seed));
    return error;
}

void fora_secret_free(struct fora_secret *secret)
{
    if (secret != NULL && secret->derived) {
        sodium_memzero(secret, sizeof(*secret));
        free(secret);
    } else {
        sodium_free(secret); /* wipes, and takes NULL */
    }
}

void fora_secret_public(const struct fora_secret *secret, struct fora_key *out)
{
    memcpy(out->b, secret->b + crypto_sign_SEEDBYTES, sizeof(out->b));
}

void fora_secret_seed(const struct fora_secret *secret, uint8_t out[32])
{
    memcpy(out, secret->b, crypto_sign_SEEDBYTES);
}

void fora_sign_raw(
    struct fora_signature *out, const struct fora_secret *secret, struct fora_bytes message)
{
    /* libsodium must not see NULL, even with size 0. It cannot fail. */
    crypto_sign_detached(
        out->b, NULL, message.size == 0 ? secret->b : message.data, message.size, secret->b);
}

int fora_verify_raw(
    const struct fora_signature *signature, const struct fora_key *key, struct fora_bytes message)
{
    const uint8_t *data = message.size == 0 ? key->b : message.data;

    if (crypto_sign_verify_detached(signature->b, data, message.size, key->b) != 0)
        return FORA_E_SIGNATURE;
    return 0;
}

/*
 * Writes u8(len(domain)) || domain || message and returns its size, or 0 when the message is too
 * large. On the stack and bounded: signing and verifying allocate nothing.
 */
static size_t prefixed(
    uint8_t out[1 + DOMAIN_MAX + SIGNED_MESSAGE_MAX], const char *domain, struct fora_bytes message)
{
    size_t domain_size = strnlen(domain, DOMAIN_MAX + 1);

    if (domain_size > DOMAIN_MAX)
        abort(); /* domains are constants of the program */
    if (message.size > SIGNED_MESSAGE_MAX)
        return 0;
    out[0] = (uint8_t)domain_size;
    memcpy(out + 1, domain, domain_size);
    if (message.size != 0)
        memcpy(out + 1 + domain_size, message.data, message.size);
    return 1 + domain_size + message.size;
}

void fora_sign(struct fora_signature *out, const struct fora_secret *secret, const char *domain,
    struct fora_bytes message)
{
    uint8_t signed_bytes[1 + DOMAIN_MAX + SIGNED_MESSAGE_MAX];
    size_t size = prefixed(signed_bytes, domain, message);

    if (size == 0)
        abort(); /* the contract of fora_sign(): nobody could verify it */
    fora_sign_raw(out, secret, fora_bytes(signed_bytes, size));
}

int fora_verify(const struct fora_signature *signature, const struct fora_key *key,
    const char *domain, struct fora_bytes message)
{
    uint8_t signed_bytes[1 + DOMAIN_MAX + SIGNED_MESSAGE_MAX];
    size_t size = prefixed(signed_bytes, domain, message);

    if (size == 0)
        return FORA_E_SIGNATURE;
    return fora_verify_raw(signature, key, fora_bytes(signed_bytes, size));
}
