/* Hashing with domains, randomness, wiping: what needs no secret of its own. */
#include "fora/crypto.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { DOMAIN_MAX = 64 };

int fora_crypto_init(void)
{
    /* 1 means that somebody called it before. */
    return sodium_init() < 0 ? FORA_E_CRYPTO : 0;
}

static void hash_parts(struct fora_hash *out, const uint8_t *key, size_t key_size,
    const char *domain, const struct fora_bytes *parts, size_t count)
{
    crypto_generichash_blake2b_state state;
    size_t domain_size = strnlen(domain, DOMAIN_MAX + 1);
    uint8_t length = (uint8_t)domain_size;

    /* Domains are constants of the program: a longer one would collide with a shorter. */
    if (domain_size > DOMAIN_MAX)
        abort();
    /* These calls fail only for sizes out of range, and all sizes here are constants. */
    crypto_generichash_blake2b_init(&state, key, key_size, FORA_HASH_SIZE);
    crypto_generichash_blake2b_update(&state, &length, 1);
    crypto_generichash_blake2b_update(&state, (const uint8_t *)domain, domain_size);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size != 0)
            crypto_generichash_blake2b_update(&state, parts[i].data, parts[i].size);
    }
    crypto_generichash_blake2b_final(&state, out->b, FORA_HASH_SIZE);
    if (key_size != 0)
        sodium_memzero(&state, sizeof(state));
}

void fora_hash(
    struct fora_hash *out, const char *domain, const struct fora_bytes *parts, size_t count)
{
    hash_parts(out, NULL, 0, domain, parts, count);
}

void fora_hash1(struct fora_hash *out, const char *domain, struct fora_bytes part)
{
    hash_parts(out, NULL, 0, domain, &part, 1);
}

void fora_hash_keyed(struct fora_hash *out, const uint8_t key[32], const char *domain,
    const struct fora_bytes *parts, size_t count)
{
    hash_parts(out, key, 32, domain, parts, count);
}

void fora_sha256(uint8_t out[32], struct fora_bytes data)
{
    /* libsodium must not see NULL, even with size 0. */
    crypto_hash_sha256(out, data.size == 0 ? out : data.data, data.size);
}

void fora_random(void *out, size_t size)
{
    randombytes_buf(out, size);
}

void fora_wipe(void *data, size_t size)
{
    sodium_memzero(data, size);
}

void fora_lock(void *data, size_t size)
{
    int locked = sodium_mlock(data, size);

    (void)locked; /* a limit of the process: what it holds then may be swapped out */
}

void fora_unlock(void *data, size_t size)
{
    int unlocked = sodium_munlock(data, size);

    (void)unlocked;
    sodium_memzero(data, size);
}

bool fora_equal_ct(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}
