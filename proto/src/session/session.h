/*
 * The state of one session, and what the files of this room ask of each other.
 *
 *   bytes in -> [cipher: part of a Noise message] -> decrypt -> [plain: frames] -> decode -> event
 *   bytes out <- [sealed: Noise messages] <- encrypt <- [queue: frames] <- encode <- send
 *
 * Buffers are read at an offset and moved down only when what is left is small against what was
 * read (input: part of one frame, once per frame; output: less than half), so that moving costs at
 * most once per byte.
 *
 * Invariants: plain holds at most part of a frame when a Noise message is decrypted into it;
 * a frame is sealed as soon as the one before (frames never change their order); nothing of `queue`
 * is sealed before the handshake is done.
 */
#ifndef FORA_SESSION_SESSION_H
#define FORA_SESSION_SESSION_H

#include "fora/message_rules.h"
#include "fora/session.h"

enum {
    NOISE_PLAIN_MAX = FORA_NOISE_MESSAGE_MAX - FORA_NOISE_TAG_SIZE,
    NOISE_LENGTH_SIZE = 2,
    NOISE_WIRE_MAX = NOISE_LENGTH_SIZE + FORA_NOISE_MESSAGE_MAX,
    FRAME_LENGTH_SIZE = 4,
    AGENT_MAX = 64
};

/* Bytes of frames granted to one side and used by it; both only grow. */
struct session_credit {
    uint64_t granted;
    uint64_t used;
};

/* What we let the other side send. */
struct session_grant {
    struct session_credit credit;
    uint64_t consumed;  /* ever dealt with by the owner: at most credit.used */
    uint64_t returned;  /* of it, granted again */
    uint64_t threshold; /* of consumed - returned, at which it is granted again */
};

/*
 * How many bytes of Errors wait in the output, by two generations: `fresh` was queued after the
 * point `mark` of the output's plaintext and is all still unsent; when `mark` has been written, a
 * new generation begins.
 */
struct session_errors {
    size_t fresh;
    size_t max;
    uint64_t mark;
};

/* All times in ms of the owner's clock, as of the last tick. */
struct session_timers {
    uint64_t now;
    uint64_t deadline; /* of handshake and Hello */
    uint64_t idle;
    uint64_t heard_at;
    uint64_t partial_at;    /* since when a frame is under way, whose number is */
    uint64_t partial_count; /* `frames` as of partial_at */
    uint64_t frames;        /* received whole */
    bool partial;           /* part of one was there at the last tick */
    bool heard;             /* since the last tick */
    bool active;            /* something was fed or sent since the last tick */
    bool pinged;
};

struct fora_session {
    enum fora_session_state state;
    int error;
    uint32_t retry_after; /* seconds: what our Error 0 says */
    bool initiator;
    bool is_node;
    bool peer_is_node;

    struct fora_noise *noise;            /* owned; a responder's is NULL until the preamble came */
    uint8_t secret[FORA_NOISE_KEY_SIZE]; /* a responder's, until then */
    uint8_t seed[FORA_NOISE_KEY_SIZE];
    bool has_seed;
    uint8_t preamble[FORA_SESSION_PREAMBLE_SIZE];
    size_t preamble_size;
    unsigned handshake_read; /* messages */

    struct fora_buf cipher; /* the part that has come of a Noise message, with its length */
    struct fora_buf plain;
    size_t plain_at;
    size_t held; /* of plain: the frame that is handed out */
    struct fora_arena arena;
    struct fora_message message; /* handed out */

    struct fora_buf queue;
    size_t queue_at;
    uint64_t queued_total; /* plaintext bytes ever queued, and of them written to the owner */
    uint64_t written_total;
    struct fora_buf sealed;
    size_t sealed_at;
    struct session_errors errors;
    bool pong_wanted;
    bool ping_wanted;
    uint64_t pong_token;
    uint64_t ping_token;

    uint32_t frame_max; /* that we announced */
    uint64_t features;  /* ours; once OPEN, of both */
    struct session_grant grant;
    struct session_credit credit; /* that the other side granted us */
    uint64_t next_request;
    struct session_timers timers;

    struct fora_msg_hello peer;
    char peer_agent[AGENT_MAX];
};

/* Internal names must not leave the shared library. */
#pragma GCC visibility push(hidden)

/* Closes with `code` and an Error frame that says so; returns the code. */
int session_fail(struct fora_session *session, int code);
/* Closes; `text` may be empty. */
void session_end(struct fora_session *session, int code, struct fora_bytes text);
/* What is owed to a loan: the frame handed out is dropped, the Hello's identity forgotten. */
void session_release(struct fora_session *session);

/* handshake.c */
int handshake_start(struct fora_session *session, const struct fora_session_config *config);
/* The responder: takes bytes of the preamble. */
int handshake_preamble(struct fora_session *session, struct fora_bytes input, size_t *taken);
/* The only size that the next handshake message can have. */
size_t handshake_expected(const struct fora_session *session);
int handshake_message(struct fora_session *session, struct fora_bytes message);

/* frames.c: what stands at the front of plain. */
enum frame_front { FRONT_PART, FRONT_WHOLE, FRONT_BAD };
/* *size: of the whole frame with its length; *code: why it is bad. */
enum frame_front frame_front(const struct fora_session *session, size_t *size, int *code);

/* hello.c */
int hello_prepare(struct fora_session *session, const struct fora_msg_hello *config);
int hello_accept(struct fora_session *session, const struct fora_msg_hello *hello);

/* credit.c */
void grant_start(struct session_grant *grant, uint64_t window, uint32_t frame_max);
uint64_t credit_left(const struct session_credit *credit);
/* FORA_E_CREDIT when it does not suffice. */
int credit_use(struct session_credit *credit, uint64_t size);
/* FORA_E_LIMIT beyond what can be counted. */
int credit_add(struct session_credit *credit, uint64_t bytes);
/* How much is to be granted again now, or 0; the caller then sends Credit. */
uint64_t grant_due(struct session_grant *grant);

/* output.c */
void session_output_init(struct fora_session *session);
/* Queues a frame that needs no credit. FORA_E_NOMEM and what encoding says leave the queue. */
int output_control(struct fora_session *session, const struct fora_message *message);
/* An Error with a request number; closes the session beyond the bound. */
int output_error(struct fora_session *session, const struct fora_message *message);

#pragma GCC visibility pop

#endif
