/*
 * Noise_XX and Noise_IK with 25519, ChaChaPoly and BLAKE2b (Noise revision 34;
 * spec/07-transport.md).
 *
 * Sans-I/O: the caller moves the bytes. A handshake is a value on the heap, owned by the caller; it
 * takes randomness from the caller's ephemeral secret only when one was set, so that vectors and
 * the simulator are exact.
 */
#ifndef FORA_NOISE_H
#define FORA_NOISE_H

#include "fora/bytes.h"

enum {
    FORA_NOISE_KEY_SIZE = 32,
    FORA_NOISE_TAG_SIZE = 16,
    FORA_NOISE_HASH_SIZE = 64,
    FORA_NOISE_MESSAGE_MAX = 65535 /* of a message with its tag */
};

enum fora_noise_pattern { FORA_NOISE_XX, FORA_NOISE_IK };

struct fora_noise_config {
    enum fora_noise_pattern pattern;
    bool initiator;
    struct fora_bytes prologue;    /* borrowed during new */
    const uint8_t *static_secret;  /* 32 bytes, copied */
    const uint8_t *remote_static;  /* 32 bytes; the initiator of IK only, else NULL */
    const uint8_t *ephemeral_seed; /* 32 bytes used as the ephemeral secret, or NULL for random */
};

struct fora_noise; /* opaque: the handshake, then the two transport ciphers. Holds secrets, locked
                    */

/* FORA_E_NOMEM, FORA_E_USAGE. */
int fora_noise_new(struct fora_noise **out, const struct fora_noise_config *config) FORA_MUST_USE;
void fora_noise_free(struct fora_noise *noise); /* wipes; NULL is fine */

/* Derives a public key from a secret one. */
void fora_noise_public(uint8_t out[32], const uint8_t secret[32]);

/* True when it is this side's turn to write a handshake message. */
bool fora_noise_may_write(const struct fora_noise *noise);
bool fora_noise_done(const struct fora_noise *noise);

/*
 * The next handshake message with `payload` inside is appended to `out`. FORA_E_STATE when it is
 * not our turn; FORA_E_TOO_LARGE; FORA_E_NOMEM.
 */
int fora_noise_write(
    struct fora_noise *noise, struct fora_buf *out, struct fora_bytes payload) FORA_MUST_USE;
/* Takes one whole handshake message; its payload is appended to `payload`. FORA_E_HANDSHAKE when it
 * does not decrypt or a key is of low order: the handshake is then dead. */
int fora_noise_read(
    struct fora_noise *noise, struct fora_bytes message, struct fora_buf *payload) FORA_MUST_USE;

/* After the handshake is done. */
const uint8_t *fora_noise_remote_static(const struct fora_noise *noise); /* 32 bytes, or NULL */
const uint8_t *fora_noise_hash(const struct fora_noise *noise); /* 64 bytes: channel binding */

/*
 * Transport messages. `plain` is at most 65519 bytes. Appends size + 16 bytes. The nonce counts up;
 * after 2^64 - 2 messages FORA_E_STATE.
 */
int fora_noise_encrypt(
    struct fora_noise *noise, struct fora_buf *out, struct fora_bytes plain) FORA_MUST_USE;
/* Appends size - 16 bytes. FORA_E_CRYPTO when it does not verify: the session is then dead. */
int fora_noise_decrypt(
    struct fora_noise *noise, struct fora_buf *out, struct fora_bytes message) FORA_MUST_USE;

#endif
