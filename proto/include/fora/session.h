/*
 * Sessions: Noise handshake, frames, Hello, credit-based flow control, request numbers
 * (spec/07-transport.md, spec/08-session.md). Sans-I/O: bytes and time in, events and bytes out.
 *
 *   HANDSHAKE -> HELLO -> OPEN -> CLOSED
 *
 * Wire form: the initiator first sends the 8-byte preamble "FORA" 0x01 pattern 0 0; then Noise
 * messages, each u16 length (big-endian) + message, through handshake and transport alike. In the
 * transport phase the plaintexts form one stream of frames: u32 length + encoded Frame.
 *
 * The owner's loop, for bytes that a socket gave:
 *
 *     do {
 *         while (fora_session_next(session, &event) == 0 && event.type != FORA_SESSION_EVENT_NONE)
 *             deal with it, fora_session_consumed(session, event.frame_size), perhaps send;
 *         fora_session_feed(session, input, &taken);
 *         input = what is left of it;
 *     } while (input.size > 0 && fora_session_state(session) != FORA_SESSION_CLOSED);
 *     write fora_session_output() until it is empty or the socket is full.
 *
 * Credit: a side may have sent at most the credit granted in frame bytes (length included), over
 * all frames but Hello, Credit, Ping, Pong and Error. fora_session_consumed() is how the owner says
 * that it has dealt with the bytes of received frames; the session then grants again. So an owner
 * may read its socket always: what the other side can make it hold is the credit that it granted.
 *
 * Memory of a session, at most (buffers double as they grow, hence the factor):
 *   input   one Noise message (64 KiB) and 2 * (one frame that we announced + 64 KiB), and
 *           FORA_MESSAGE_ARENA for the frame that is being looked at;
 *   output  2 * (FORA_SESSION_QUEUE_MAX + 2 * (640 * requests_max + 4 KiB)) queued, 256 KiB sealed;
 * and when nothing has happened for a second, after the next tick: none of that, but the state of
 * about 2 KiB.
 *
 * One thread at a time. No function calls back.
 */
#ifndef FORA_SESSION_H
#define FORA_SESSION_H

#include "fora/message.h"
#include "fora/noise.h"

enum {
    FORA_SESSION_VERSION = 1,
    FORA_SESSION_PREAMBLE_SIZE = 8,
    FORA_SESSION_HELLO_MAX = 65536,             /* bytes of an encoded Hello frame (SES-10) */
    FORA_SESSION_CONTROL_MAX = 1024,            /* of Error, Credit, Ping, Pong (SES-21) */
    FORA_SESSION_QUEUE_MAX = FORA_FRAME_MAX + 4 /* credit-bound bytes that wait for the socket */
};

/* What a field of fora_session_config that is 0 stands for. */
enum {
    FORA_SESSION_HELLO_TIMEOUT_MS = 10000,
    FORA_SESSION_IDLE_MS = 60000,
    FORA_SESSION_REQUESTS = 64,
    FORA_SESSION_CREDIT = 2 * FORA_SESSION_QUEUE_MAX
};

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
    /* What we say; copied. version, frame_max, requests_max and credit may be 0 for the defaults.
     * A responder is a node: hello.node must be set. */
    struct fora_msg_hello hello;
    uint64_t hello_timeout_ms; /* handshake and Hello must be done by then; 0: 10 s */
    uint64_t idle_ms;          /* see fora_session_tick; 0: 60 s */
};

struct fora_session; /* opaque, owned by who made it */

/*
 * `now` is any clock in ms that does not run backwards. FORA_E_USAGE for a config that the other
 * side would refuse (limits too small, a responder without a node), FORA_E_TOO_LARGE for a Hello
 * beyond FORA_SESSION_HELLO_MAX, what fora_message_encode says of it, FORA_E_NOMEM.
 */
int fora_session_new(struct fora_session **out, const struct fora_session_config *config,
    uint64_t now) FORA_MUST_USE;
void fora_session_free(struct fora_session *session); /* NULL is fine */

enum fora_session_state fora_session_state(const struct fora_session *session);
/* Why it closed: a negative code, 0 while it is not closed or after an orderly end. */
int fora_session_error(const struct fora_session *session);

/*
 * Takes received bytes, at most as many as it has room for: it stops when a whole frame waits for
 * fora_session_next. Returns 0 and in *taken how many; then call fora_session_next until it gives
 * nothing, and feed the rest. A code closes the session (FORA_E_CLOSED: it was so before); what
 * remains in the output should still be sent (it may hold an Error frame).
 */
int fora_session_feed(
    struct fora_session *session, struct fora_bytes input, size_t *taken) FORA_MUST_USE;

/*
 * The next event: FORA_SESSION_EVENT_OPEN once (the other side's Hello was accepted),
 * FORA_SESSION_EVENT_FRAME with a decoded message (borrowed until the next call of feed, next or
 * free), or _NONE. Credit, Ping and Pong are dealt with inside. A frame that does not decode, or
 * that the other side may not send now, closes the session.
 *
 * A request whose body is not known is answered with FORA_E_UNSUPPORTED inside; an answer whose
 * body is not known is handed out as an Error of that code. An Error with request 0 is handed out,
 * and the session is then CLOSED. Once closed: 0 with _NONE after an orderly end, else the code.
 */
enum fora_session_event_type {
    FORA_SESSION_EVENT_NONE,
    FORA_SESSION_EVENT_OPEN,
    FORA_SESSION_EVENT_FRAME
};
struct fora_session_event {
    enum fora_session_event_type type;
    const struct fora_message *message;
    size_t frame_size; /* bytes to give back with fora_session_consumed; 0 for an Error */
};
int fora_session_next(struct fora_session *session, struct fora_session_event *out) FORA_MUST_USE;
void fora_session_consumed(struct fora_session *session, size_t frame_size);

/*
 * Bytes of frames (with their length) that may be sent now: the credit that the other side granted,
 * and the room that the queue has. Grows when Credit arrives and when output was written, so
 * whoever waits for it asks again after both.
 */
uint64_t fora_session_credit(const struct fora_session *session);
/*
 * Encodes and queues one frame; it is encrypted when output is asked for, together with what else
 * is queued. FORA_E_CREDIT when fora_session_credit() does not suffice (nothing is queued: wait,
 * and try again), FORA_E_STATE before OPEN, FORA_E_CLOSED after, FORA_E_TOO_LARGE for more than the
 * other side takes, FORA_E_USAGE for a message that this side may not send to that one or a request
 * number of the wrong parity (fora/message_rules.h), FORA_E_NOMEM.
 *
 * Errors with a request number need no credit. When more of them wait than requests_max allows (the
 * other side asks and does not read) the session closes with FORA_E_LIMIT.
 */
int fora_session_send(
    struct fora_session *session, const struct fora_message *message) FORA_MUST_USE;
/*
 * The same for a frame that fora_message_encode made before (with its length), for instance in
 * another thread: a copy of the bytes is queued. FORA_E_MALFORMED for what it cannot have made.
 */
int fora_session_send_encoded(struct fora_session *session, struct fora_bytes frame) FORA_MUST_USE;
/* What the session holds: bytes of input that make no whole frame yet (and of one that waits for
 * fora_session_next), and bytes of output that were not written. For owners who bound what all
 * their sessions hold together. */
size_t fora_session_unread(const struct fora_session *session);
size_t fora_session_unsent(const struct fora_session *session);
/* What its buffers take from the heap, full or not; and frees those that hold nothing. */
size_t fora_session_allocated(const struct fora_session *session);
void fora_session_trim(struct fora_session *session);
/* A request number that is free; odd for the initiator. */
uint64_t fora_session_request(struct fora_session *session);

/* Output: what to write to the socket, or empty. Borrowed until the next call on the session.
 * Also after CLOSED. May close the session with FORA_E_NOMEM. */
struct fora_bytes fora_session_output(struct fora_session *session);
void fora_session_output_done(struct fora_session *session, size_t written);

/*
 * Time goes on. Before OPEN: closes with FORA_E_TIMEOUT when the handshake is late. After: sends a
 * Ping after `idle_ms` without input, and closes after twice that, or when one frame has been under
 * way for twice that, in however many Noise messages. Frees buffers that stood empty for a second.
 * Returns the time (ms) of the next wanted tick; UINT64_MAX when closed. Call it after output was
 * written and input fed, when that time has come or earlier.
 */
uint64_t fora_session_tick(struct fora_session *session, uint64_t now);
/* Queues an Error frame with request 0 (code 0: an orderly end) and closes for input. `text` for
 * people may be NULL, and is cut to 500 bytes. */
void fora_session_close(struct fora_session *session, int code, const char *text);
/* The same, and the other side is not to connect again for so many seconds (SES-41). */
void fora_session_close_for(
    struct fora_session *session, int code, const char *text, uint32_t retry_after);

/* After OPEN; before, all zeros. `identity` is borrowed until the call of next or feed that follows
 * FORA_SESSION_EVENT_OPEN, and then empty; the rest lives as long as the session. */
const struct fora_msg_hello *fora_session_peer_hello(const struct fora_session *session);
uint64_t fora_session_features(const struct fora_session *session); /* FORA_FEATURE_..., of both */
const uint8_t *fora_session_remote_static(const struct fora_session *session); /* 32 bytes, NULL */
const uint8_t *fora_session_hash(const struct fora_session *session); /* 64 bytes, for Auth; NULL */

#endif
