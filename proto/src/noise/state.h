/*
 * The state of one Noise session, after the objects of the Noise specification (revision 34,
 * section 5): a cipher, the symmetric state, and the handshake around them. It lies on the
 * heap and is wiped when freed (fora/noise.h says why it is not locked).
 */
#ifndef FORA_NOISE_STATE_H
#define FORA_NOISE_STATE_H

#include "fora/noise.h"

/* CipherState (5.1). UINT64_MAX is reserved: a nonce that has reached it is used up. */
struct noise_cipher {
    uint8_t key[FORA_NOISE_KEY_SIZE];
    uint64_t nonce;
    bool has_key;
};

/* SymmetricState (5.2). */
struct noise_symmetric {
    uint8_t chaining_key[FORA_NOISE_HASH_SIZE];
    uint8_t hash[FORA_NOISE_HASH_SIZE];
    struct noise_cipher cipher;
};

enum noise_phase {
    NOISE_HANDSHAKE, /* messages of the pattern are left */
    NOISE_TRANSPORT, /* split; encrypt and decrypt may be called */
    NOISE_DEAD       /* something did not verify; nothing may be called */
};

/* HandshakeState (5.3), then the two transport ciphers. */
struct fora_noise {
    enum noise_phase phase;
    enum fora_noise_pattern pattern;
    bool initiator;
    bool has_remote_static;
    unsigned next; /* index of the pattern's next message; even ones are the initiator's */
    struct noise_symmetric symmetric; /* after the split only its hash is left */
    uint8_t static_secret[FORA_NOISE_KEY_SIZE];
    uint8_t static_public[FORA_NOISE_KEY_SIZE];
    uint8_t ephemeral_secret[FORA_NOISE_KEY_SIZE];
    uint8_t remote_static[FORA_NOISE_KEY_SIZE];
    uint8_t remote_ephemeral[FORA_NOISE_KEY_SIZE];
    struct noise_cipher sending;
    struct noise_cipher receiving;
};

/* `name` has at most 64 characters. */
void fora_noise_symmetric_init(struct noise_symmetric *symmetric, const char *name);
void fora_noise_mix_hash(struct noise_symmetric *symmetric, const uint8_t *data, size_t size);
void fora_noise_mix_key(struct noise_symmetric *symmetric, const uint8_t secret[32]);
/* The keys of the initiator's and of the responder's direction; wipes the chaining key. */
void fora_noise_split(
    struct noise_symmetric *symmetric, struct noise_cipher *first, struct noise_cipher *second);

/*
 * EncryptAndHash and DecryptAndHash: `out` has room for size + 16 (size - 16) bytes once there is a
 * key, for size bytes before. False: the tag does not verify.
 */
void fora_noise_encrypt_and_hash(
    struct noise_symmetric *symmetric, uint8_t *out, const uint8_t *plain, size_t size);
bool fora_noise_decrypt_and_hash(
    struct noise_symmetric *symmetric, uint8_t *out, const uint8_t *sealed, size_t size);

/* One AEAD under the cipher's key and nonce, which then counts up. The nonce must not be used up.
 */
void fora_noise_cipher_encrypt(struct noise_cipher *cipher, uint8_t *out, struct fora_bytes plain,
    struct fora_bytes associated);
bool fora_noise_cipher_decrypt(struct noise_cipher *cipher, uint8_t *out, struct fora_bytes sealed,
    struct fora_bytes associated);

#endif
