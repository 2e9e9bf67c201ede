/*
 * Sessions: Noise handshake, frames, Hello, credit-based flow control, request numbers
 * (spec/07-transport.md, spec/08-session.md). Sans-I/O: bytes and time in, events and bytes out.
 *
 *   CONNECTING -> HANDSHAKE -> HELLO -> OPEN -> CLOSED
 *
 * Wire form: the initiator first sends the 8-byte preamble "FORA" 0x01 pattern 0 0; then Noise
 * messages, each u16 length (big-endian) + message, through handshake and transport alike. In the
 * transport phase the plaintexts form one stream of frames: u32 length + encoded Frame.
 *
 * Credit: a side may have sent at most the credit granted in frame bytes (length included), over
 * all frames but Hello, Credit, Ping, Pong and Error. fora_session_consumed() is how the owner says
 * that it has dealt with the bytes of received frames; the session then grants again.
 */
#ifndef FORA_SESSION_H
#define FORA_SESSION_H

#include "fora/message.h"
#include "fora/noise.h"

enum fora_session_state {
    FORA_SESSION_HANDSHAKE,
    FORA_SESSION_HELLO,
    FORA_SESSION_OPEN,
    FORA_SESSION_CLOSED
};

struct fora_session_config {
    bool initiator;
    const uint8_t *noise_secret;   /* 32 bytes, copied */
    const uint8_t *remote_static;  /* initiator: expected static key (then IK), or NULL (XX) */
    const uint8_t *ephemeral_seed; /* tests and simulator; NULL: random */
    struct fora_msg_hello
        hello;                 /* copied (agent, node, identity objects); limits that we announce */
    uint64_t hello_timeout_ms; /* handshake and Hello must be done by then; 0: 10 s */
};

struct fora_session; /* opaque, owned by who made it */

int fora_session_new(struct fora_session **out, const struct fora_session_config *config,
    uint64_t now) FORA_MUST_USE;
void fora_session_free(struct fora_session *session);

enum fora_session_state fora_session_state(const struct fora_session *session);
/* Why it closed: a negative code, 0 while it is not closed or after an orderly end. */
int fora_session_error(const struct fora_session *session);

/*
 * Takes received bytes: at most as many as it has room for (input buffer: one frame). Returns 0 and
 * in *taken how many; then call fora_session_next until it gives nothing, and feed the rest. A code
 * closes the session; what remains in the output should still be sent (it may hold an Error frame).
 */
int fora_session_feed(
    struct fora_session *session, struct fora_bytes input, size_t *taken) FORA_MUST_USE;

/*
 * The next event: FORA_SESSION_EVENT_OPEN once (the other side's Hello was accepted),
 * FORA_SESSION_EVENT_FRAME with a decoded message (borrowed, with `arena`, until the next call of
 * feed, next or free), or _NONE. Credit, Ping and Pong are dealt with inside. A frame that does not
 * decode closes the session.
 */
enum fora_session_event_type {
    FORA_SESSION_EVENT_NONE,
    FORA_SESSION_EVENT_OPEN,
    FORA_SESSION_EVENT_FRAME
};
struct fora_session_event {
    enum fora_session_event_type type;
    const struct fora_message *message;
    size_t frame_size; /* bytes to give back with fora_session_consumed once dealt with */
};
int fora_session_next(struct fora_session *session, struct fora_session_event *out) FORA_MUST_USE;
void fora_session_consumed(struct fora_session *session, size_t frame_size);

/* Bytes of frame that may be sent now (credit of the other side, less what is queued). */
uint64_t fora_session_credit(const struct fora_session *session);
/*
 * Encodes, encrypts and queues one frame. FORA_E_CREDIT when the credit does not suffice (nothing
 * is queued: wait, and try again when fora_session_credit grew), FORA_E_STATE before OPEN,
 * FORA_E_TOO_LARGE, FORA_E_NOMEM.
 */
int fora_session_send(
    struct fora_session *session, const struct fora_message *message) FORA_MUST_USE;
/* A request number that is free; odd for the initiator. */
uint64_t fora_session_request(struct fora_session *session);

/* Output: what to write to the socket. Borrowed until the next call on the session. */
struct fora_bytes fora_session_output(const struct fora_session *session);
void fora_session_output_done(struct fora_session *session, size_t written);

/* Timeouts: closes with FORA_E_TIMEOUT when the handshake is late. Sends a Ping after `idle_ms`
 * without input and closes after twice that. Returns the time (ms) of the next wanted tick. */
uint64_t fora_session_tick(struct fora_session *session, uint64_t now);
/* Queues an Error frame with request 0 and closes for input. */
void fora_session_close(struct fora_session *session, int code, const char *text);

const struct fora_msg_hello *fora_session_peer_hello(
    const struct fora_session *session);                                       /* after OPEN */
const uint8_t *fora_session_remote_static(const struct fora_session *session); /* 32 bytes */
const uint8_t *fora_session_hash(const struct fora_session *session); /* 64 bytes, for Auth */

#endif
