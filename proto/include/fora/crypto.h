/*
 * The only room that calls libsodium besides noise: hashing, signatures, secrets, randomness.
 *
 * fora_crypto_init() must be called once per process before anything else here; it is idempotent
 * and thread-safe.
 */
#ifndef FORA_CRYPTO_H
#define FORA_CRYPTO_H

#include "fora/id.h"

int fora_crypto_init(void) FORA_MUST_USE;

/*
 * BLAKE2b-256 over u8(len(domain)) || domain || part1 || part2 ... (spec ENC-7). The domain is an
 * ASCII string of at most 64 bytes; a NULL-data part of size 0 is skipped.
 */
void fora_hash(
    struct fora_hash *out, const char *domain, const struct fora_bytes *parts, size_t count);
void fora_hash1(struct fora_hash *out, const char *domain, struct fora_bytes part);
/* As fora_hash, keyed with 32 bytes: a PRF. */
void fora_hash_keyed(struct fora_hash *out, const uint8_t key[32], const char *domain,
    const struct fora_bytes *parts, size_t count);

/* Domain strings, each used for one thing only (spec ENC-7). */
#define FORA_DOMAIN_OBJECT "fora.v1.object"           /* object id over the header */
#define FORA_DOMAIN_SIGN_OBJECT "fora.v1.sign.object" /* signed message: domain || id */
#define FORA_DOMAIN_CONTENT "fora.v1.content"         /* content hash */
#define FORA_DOMAIN_ROOTKEY "fora.v1.root-commitment" /* commitment to the next root key */
#define FORA_DOMAIN_SIGN_AUTH "fora.v1.sign.auth"     /* a member proving a key to a node */
#define FORA_DOMAIN_SLOT "fora.v1.slot"               /* slot key of a replaceable object */
#define FORA_DOMAIN_VIEW "fora.v1.view"               /* digest of a view */
#define FORA_DOMAIN_SET "fora.v1.set"                 /* digest of a set */
#define FORA_DOMAIN_VOTERS "fora.v1.voters"           /* leaf of the commitment to the voters */
#define FORA_DOMAIN_MERKLE_LEAF "fora.v1.merkle.leaf"
#define FORA_DOMAIN_MERKLE_NODE "fora.v1.merkle.node"

/* An Ed25519 secret key (seed and public key). Wiped when freed, never printed. In locked memory
 * between guard pages, but for one that is derived: that is made for a moment from a master. */
struct fora_secret;                                          /* opaque */
int fora_secret_new(struct fora_secret **out) FORA_MUST_USE; /* random */
int fora_secret_from_seed(struct fora_secret **out, const uint8_t seed[32]) FORA_MUST_USE;
/* Derived: seed = keyed hash of `label` under `master` (32 bytes). Same input, same key. It lies on
 * the heap: the owner keeps the master locked, and frees this soon. */
int fora_secret_derive(struct fora_secret **out, const uint8_t master[32], const char *domain,
    struct fora_bytes label) FORA_MUST_USE;
void fora_secret_free(struct fora_secret *secret); /* NULL is fine */
void fora_secret_public(const struct fora_secret *secret, struct fora_key *out);
void fora_secret_seed(const struct fora_secret *secret, uint8_t out[32]); /* caller wipes it */

/* Ed25519 over u8(len(domain)) || domain || message (ENC-8). Deterministic (RFC 8032). */
void fora_sign(struct fora_signature *out, const struct fora_secret *secret, const char *domain,
    struct fora_bytes message);
/*
 * 0 or FORA_E_SIGNATURE. Rules of libsodium: canonical S, no small-order R or key, cofactorless
 * equation (ENC-9); `message` at most 1 KiB (objects sign their 32-byte id).
 */
int fora_verify(const struct fora_signature *signature, const struct fora_key *key,
    const char *domain, struct fora_bytes message) FORA_MUST_USE;

void fora_random(void *out, size_t size);
void fora_wipe(void *data, size_t size);
/*
 * Keeps the pages in which `data` lies out of swap and of core files, as far as the process may
 * (RLIMIT_MEMLOCK): for keys that are no struct fora_secret. Unlocking
 * wipes the data.
 */
void fora_lock(void *data, size_t size);
void fora_unlock(void *data, size_t size);
bool fora_equal_ct(const void *a, const void *b, size_t size); /* constant time */

/* Argon2id hash of a password as an ASCII string of at most 128 bytes with NUL; about 64 MiB and
 * 80 ms each: the caller bounds how many run at once. */
int fora_password_hash(char out[128], struct fora_bytes password) FORA_MUST_USE;
/* 0 or FORA_E_AUTH, also when there is no memory for it or `hash` is not one. */
int fora_password_verify(const char hash[128], struct fora_bytes password) FORA_MUST_USE;

/*
 * A key from a passphrase and a random salt, by Argon2id with 256 MiB and 3 passes (about 0.5 s):
 * for a key file on its owner's disk. The same input gives the same key. FORA_E_NOMEM.
 */
int fora_password_key(
    uint8_t out[32], struct fora_bytes password, const uint8_t salt[16]) FORA_MUST_USE;

/*
 * XChaCha20-Poly1305 with a random nonce in front; seal appends size + 40 bytes, unseal size - 40.
 * FORA_E_CRYPTO when it does not verify (nothing is appended), or the error of `out`.
 */
int fora_seal(struct fora_buf *out, const uint8_t key[32], struct fora_bytes plain,
    struct fora_bytes associated) FORA_MUST_USE;
int fora_unseal(struct fora_buf *out, const uint8_t key[32], struct fora_bytes sealed,
    struct fora_bytes associated) FORA_MUST_USE;

/* SHA-256, of which Negentropy's fingerprint takes the first 16 bytes. */
void fora_sha256(uint8_t out[32], struct fora_bytes data);

#endif
