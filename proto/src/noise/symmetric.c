/*
 * Noise's CipherState and SymmetricState with ChaChaPoly and BLAKE2b (revision 34,
 * sections 5.1, 5.2, 12.3, 12.8). libsodium has neither HMAC-BLAKE2b nor HKDF, so both are here.
 */
#include "state.h"

#include <sodium.h>
#include <string.h>

enum { BLOCK_SIZE = 128, HASH_SIZE = FORA_NOISE_HASH_SIZE };

_Static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == 12, "Noise's 96-bit nonce");
_Static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == FORA_NOISE_TAG_SIZE, "tag");

/* HMAC (RFC 2104) over two parts, either of which may be empty. The key is a hash: never longer
 * than a block. `out` may be the key or a part. */
static void hmac(uint8_t out[HASH_SIZE], const uint8_t key[HASH_SIZE], struct fora_bytes first,
    struct fora_bytes second)
{
    crypto_generichash_blake2b_state state;
    uint8_t pad[BLOCK_SIZE];
    uint8_t inner[HASH_SIZE];

    memset(pad, 0x36, sizeof(pad));
    for (size_t i = 0; i < HASH_SIZE; i++)
        pad[i] ^= key[i];
    crypto_generichash_blake2b_init(&state, NULL, 0, HASH_SIZE);
    crypto_generichash_blake2b_update(&state, pad, sizeof(pad));
    if (first.size != 0)
        crypto_generichash_blake2b_update(&state, first.data, first.size);
    if (second.size != 0)
        crypto_generichash_blake2b_update(&state, second.data, second.size);
    crypto_generichash_blake2b_final(&state, inner, HASH_SIZE);

    for (size_t i = 0; i < BLOCK_SIZE; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    crypto_generichash_blake2b_init(&state, NULL, 0, HASH_SIZE);
    crypto_generichash_blake2b_update(&state, pad, sizeof(pad));
    crypto_generichash_blake2b_update(&state, inner, sizeof(inner));
    crypto_generichash_blake2b_final(&state, out, HASH_SIZE);

    sodium_memzero(&state, sizeof(state));
    sodium_memzero(pad, sizeof(pad));
    sodium_memzero(inner, sizeof(inner));
}

/* Noise's HKDF with two outputs (4.3). */
static void hkdf(uint8_t first[HASH_SIZE], uint8_t second[HASH_SIZE],
    const uint8_t chaining_key[HASH_SIZE], struct fora_bytes input)
{
    static const uint8_t one = 1, two = 2;
    uint8_t temp[HASH_SIZE];

    hmac(temp, chaining_key, input, fora_bytes(NULL, 0));
    hmac(first, temp, fora_bytes(&one, 1), fora_bytes(NULL, 0));
    hmac(second, temp, fora_bytes(first, HASH_SIZE), fora_bytes(&two, 1));
    sodium_memzero(temp, sizeof(temp));
}

static void cipher_set(struct noise_cipher *cipher, const uint8_t key[FORA_NOISE_KEY_SIZE])
{
    memcpy(cipher->key, key, FORA_NOISE_KEY_SIZE);
    cipher->nonce = 0;
    cipher->has_key = true;
}

/* 32 zero bits, then the counter in little-endian order (12.3). */
static void nonce_bytes(uint8_t out[12], uint64_t nonce)
{
    memset(out, 0, 4);
    for (size_t i = 0; i < 8; i++)
        out[4 + i] = (uint8_t)(nonce >> 8 * i);
}

void fora_noise_cipher_encrypt(struct noise_cipher *cipher, uint8_t *out, struct fora_bytes plain,
    struct fora_bytes associated)
{
    uint8_t nonce[12];

    nonce_bytes(nonce, cipher->nonce++);
    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain.data, plain.size, associated.data,
        associated.size, NULL, nonce, cipher->key);
}

bool fora_noise_cipher_decrypt(struct noise_cipher *cipher, uint8_t *out, struct fora_bytes sealed,
    struct fora_bytes associated)
{
    uint8_t nonce[12];

    nonce_bytes(nonce, cipher->nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.data, sealed.size,
            associated.data, associated.size, nonce, cipher->key) != 0)
        return false;
    cipher->nonce++;
    return true;
}

void fora_noise_symmetric_init(struct noise_symmetric *symmetric, const char *name)
{
    /* A name not longer than the hash is padded with zeros instead of being hashed. */
    memset(symmetric, 0, sizeof(*symmetric));
    memcpy(symmetric->hash, name, strnlen(name, HASH_SIZE));
    memcpy(symmetric->chaining_key, symmetric->hash, HASH_SIZE);
}

void fora_noise_mix_hash(struct noise_symmetric *symmetric, const uint8_t *data, size_t size)
{
    crypto_generichash_blake2b_state state;

    crypto_generichash_blake2b_init(&state, NULL, 0, HASH_SIZE);
    crypto_generichash_blake2b_update(&state, symmetric->hash, HASH_SIZE);
    if (size != 0)
        crypto_generichash_blake2b_update(&state, data, size);
    crypto_generichash_blake2b_final(&state, symmetric->hash, HASH_SIZE);
}

void fora_noise_mix_key(struct noise_symmetric *symmetric, const uint8_t secret[32])
{
    uint8_t key[HASH_SIZE];

    hkdf(symmetric->chaining_key, key, symmetric->chaining_key, fora_bytes(secret, 32));
    cipher_set(&symmetric->cipher, key);
    sodium_memzero(key, sizeof(key));
}

void fora_noise_split(
    struct noise_symmetric *symmetric, struct noise_cipher *first, struct noise_cipher *second)
{
    uint8_t one[HASH_SIZE];
    uint8_t two[HASH_SIZE];

    hkdf(one, two, symmetric->chaining_key, fora_bytes(NULL, 0));
    cipher_set(first, one);
    cipher_set(second, two);
    sodium_memzero(one, sizeof(one));
    sodium_memzero(two, sizeof(two));
    sodium_memzero(symmetric->chaining_key, sizeof(symmetric->chaining_key));
    sodium_memzero(&symmetric->cipher, sizeof(symmetric->cipher));
}

void fora_noise_encrypt_and_hash(
    struct noise_symmetric *symmetric, uint8_t *out, const uint8_t *plain, size_t size)
{
    size_t sealed = size;

    if (symmetric->cipher.has_key) {
        fora_noise_cipher_encrypt(&symmetric->cipher, out, fora_bytes(plain, size),
            fora_bytes(symmetric->hash, HASH_SIZE));
        sealed = size + FORA_NOISE_TAG_SIZE;
    } else if (size != 0) {
        memcpy(out, plain, size);
    }
    fora_noise_mix_hash(symmetric, out, sealed);
}

bool fora_noise_decrypt_and_hash(
    struct noise_symmetric *symmetric, uint8_t *out, const uint8_t *sealed, size_t size)
{
    if (symmetric->cipher.has_key) {
        if (!fora_noise_cipher_decrypt(&symmetric->cipher, out, fora_bytes(sealed, size),
                fora_bytes(symmetric->hash, HASH_SIZE)))
            return false;
    } else if (size != 0) {
        memcpy(out, sealed, size);
    }
    fora_noise_mix_hash(symmetric, sealed, size);
    return true;
}
