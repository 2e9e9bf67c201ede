/*
 * Noise_XX and Noise_IK with 25519, ChaChaPoly and BLAKE2b (Noise revision 34;
 * spec/07-transport.md).
 *
 * Sans-I/O: the caller moves the bytes. A session is a value on the heap, owned by the caller; the
 * ephemeral key is random unless the caller gives one, so that vectors and the simulator are exact.
 *
 * The steps: new; write and read in turns, as may_write() says, until done(); then encrypt and
 * decrypt. Whatever does not verify kills the session: every further call gives FORA_E_STATE, and
 * free() is what is left.
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

/*
 * Opaque: the handshake, then the two transport ciphers; some 600 bytes on the heap, wiped by free.
 *
 * Not in locked memory between guard pages, as struct fora_secret is: that would be four mappings a
 * session, of which a process may have 65530 by default, and RLIMIT_MEMLOCK would lock but the
 * first few of ten thousand. What is here after the handshake are keys of this one connection. A
 * process that must not leave them behind sets RLIMIT_CORE to 0, as forad does, and has no swap or
 * calls mlockall().
 */
struct fora_noise;

/* FORA_E_NOMEM; FORA_E_USAGE for a key that is missing in `config` or one too many. */
int fora_noise_new(struct fora_noise **out, const struct fora_noise_config *config) FORA_MUST_USE;
void fora_noise_free(struct fora_noise *noise); /* wipes; NULL is fine */

/* Derives a public key from a secret one. */
void fora_noise_public(uint8_t out[32], const uint8_t secret[32]);

/* True when it is this side's turn to write a handshake message; false once it is done or dead. */
bool fora_noise_may_write(const struct fora_noise *noise);
bool fora_noise_done(const struct fora_noise *noise);

/*
 * The next handshake message with `payload` inside is appended to `out`. FORA_E_STATE when it is
 * not our turn, FORA_E_TOO_LARGE and the errors of `out` leave the handshake where it was.
 * FORA_E_HANDSHAKE when the peer's key is of low order: the handshake is then dead.
 */
int fora_noise_write(
    struct fora_noise *noise, struct fora_buf *out, struct fora_bytes payload) FORA_MUST_USE;
/*
 * Takes one whole handshake message; its payload is appended to `payload`. FORA_E_HANDSHAKE when it
 * is too short or too long, does not decrypt, or a key is of low order: the handshake is then dead.
 * FORA_E_STATE and the errors of `payload` leave it where it was.
 */
int fora_noise_read(
    struct fora_noise *noise, struct fora_bytes message, struct fora_buf *payload) FORA_MUST_USE;

/*
 * The peer's static key (32 bytes, borrowed until free), or NULL as long as no message that
 * verified has shown it. XX's initiator may look at it before telling who it is itself. That the
 * peer is there now, and this is not a replay, is proven only when the handshake is done.
 */
const uint8_t *fora_noise_remote_static(const struct fora_noise *noise);
/* The channel binding (64 bytes, borrowed until free), or NULL while the handshake is not done. */
const uint8_t *fora_noise_hash(const struct fora_noise *noise);

/*
 * Transport messages. `plain` is at most 65519 bytes. Appends size + 16 bytes. The nonce counts up;
 * FORA_E_STATE after the one with 2^64 - 2 (the last value is reserved, Noise 5.1).
 * FORA_E_TOO_LARGE and the errors of `out` use no nonce. Nothing is allocated beyond what `out`
 * grows by.
 */
int fora_noise_encrypt(
    struct fora_noise *noise, struct fora_buf *out, struct fora_bytes plain) FORA_MUST_USE;
/* Appends size - 16 bytes. FORA_E_CRYPTO when it does not verify: the session is then dead. */
int fora_noise_decrypt(
    struct fora_noise *noise, struct fora_buf *out, struct fora_bytes message) FORA_MUST_USE;

#endif
