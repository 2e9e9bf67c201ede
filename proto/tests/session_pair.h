/*
 * Two ends for tests of sessions: a real session with what it received, and a raw end that has only
 * Noise and says whatever a test tells it to.
 */
#ifndef FORA_TESTS_SESSION_PAIR_H
#define FORA_TESTS_SESSION_PAIR_H

#include "fora/session.h"

/* What an end received, and how it treats it. */
struct end {
    struct fora_session *session; /* owned */
    size_t opened;
    size_t frames;
    size_t bytes;       /* of frames, as frame_size says */
    uint32_t last_type; /* of the last frame */
    uint64_t last_request;
    uint32_t last_code;      /* of the last Error */
    struct fora_hash digest; /* over every frame in order, with its number */
    bool hold;               /* do not give credit back */
    bool digests;            /* keep the digest */
    int error;               /* what feed or next said */
};

struct pair {
    struct end a; /* the initiator */
    struct end b;
    size_t (*chunk)(void *context, size_t most); /* NULL: as much as there is */
    void *context;
};

enum { PAIR_IK = 1, PAIR_CLIENT = 2 };

extern const uint8_t pair_secret_a[32], pair_secret_b[32];

/* Configs with fixed keys and seeds: `a` a node (or a client), `b` a node. */
struct fora_session_config pair_config(bool initiator, unsigned flags);
/* Makes both sessions; asserts success. */
void pair_init(
    struct pair *pair, const struct fora_session_config *a, const struct fora_session_config *b);
void pair_fini(struct pair *pair);
/* Moves bytes both ways until there are none. */
void pair_run(struct pair *pair);
/* init with pair_config(), run, and both are OPEN. */
void pair_open(struct pair *pair, unsigned flags);
/* Asserts that an honest pair talks: whatever a test did before is not in its way. */
void pair_still_works(void);
/* Feeds bytes to an end and takes its events. Stops at an error. */
void end_feed(struct end *end, struct fora_bytes bytes, struct pair *pair);

/* A small request that the end may send next. */
struct fora_message pair_question(struct end *end);
/* A frame with `size` bytes of object in a Put; borrows `object`. */
struct fora_message pair_put(struct fora_bytes *object, uint64_t request);

/* Raw: the initiator (or the responder) of one session. */
struct raw {
    struct fora_noise *noise; /* owned */
    struct end end;           /* the session under test */
    struct fora_buf wire;     /* bytes for the session */
    struct fora_buf plain;    /* frames that the session said */
    size_t hello_size;        /* of plain: its Hello */
};

/* Handshakes with a session of that config (NULL: pair_config). No Hello is sent. */
void raw_init(struct raw *raw, bool initiator, const struct fora_session_config *config);
void raw_fini(struct raw *raw);
/* One Noise message with this plaintext, to the session, whose answers are gathered. */
void raw_send(struct raw *raw, struct fora_bytes plain);
/* The same, of an encoded message. */
void raw_say(struct raw *raw, const struct fora_message *message);
/* Says the Hello that pair_config has; asserts that the session is open then. */
void raw_hello(struct raw *raw, unsigned flags);
/* raw_init() and raw_hello(), as the initiator. */
void raw_open(struct raw *raw);
/* raw_send() of plain bytes. */
void raw_bytes(struct raw *raw, const void *data, size_t size);
/* Takes what the session wants to say; decrypts it. */
void raw_hear(struct raw *raw);
/* The n-th frame of what it said after its Hello, or type 0. Lives in the arena. */
struct fora_message raw_heard(struct raw *raw, size_t n, struct fora_arena *arena);
/* Asserts: closed with `code`, and an Error of that code was said when `told`. */
void raw_refused(struct raw *raw, int code, bool told);

#endif
