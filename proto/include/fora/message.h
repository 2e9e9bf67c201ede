/*
 * Session messages as plain structs (fora/v1/session.proto; spec/08-session.md). Rules of content.h
 * for ownership: slices are borrowed from the frame, arrays live in the arena, zero ids are absent.
 */
#ifndef FORA_MESSAGE_H
#define FORA_MESSAGE_H

#include "fora/object.h"

enum {
    FORA_FRAME_MAX = 1024 * 1024,        /* bytes of an encoded Frame (LIM-10) */
    FORA_FRAME_MAX_LEAST = 65536,        /* the least that a side may announce as frame_max */
    FORA_MESSAGE_ARENA = 2 * 1024 * 1024 /* bytes of arena that decoding one frame may take */
};

enum fora_thread_order {
    FORA_ORDER_ACTIVE = 0,
    FORA_ORDER_NEW = 1,
    FORA_ORDER_UNANSWERED = 2,
    FORA_ORDER_TAG = 3,
};

/* Bits of fora_msg_thread_row.marks and of a view's marks (VIEW-9). */
enum fora_mark {
    FORA_MARK_ACCEPTED = 1,
    FORA_MARK_CONFIRMED = 2,
    FORA_MARK_LOCKED = 4,
    FORA_MARK_CLOSED = 8,
    FORA_MARK_HIDDEN = 16,
    FORA_MARK_DUPLICATE = 32,
    FORA_MARK_RETRACTED = 64,
    FORA_MARK_MOVED = 128,
    FORA_MARK_PINNED = 256,
    FORA_MARK_VERIFIED = 512,
    FORA_MARK_WORKAROUND = 1024,
    FORA_MARK_IMPORTED = 2048,
    FORA_MARK_STALE =
        4096, /* every resolution speaks of older versions than the product's latest */
    FORA_MARK_EDITED = 8192,
};

struct fora_msg_result {
    struct fora_object_id id;
    uint32_t code;
    bool duplicate;
    struct fora_bytes text;
};

struct fora_msg_space_row {
    struct fora_space_id space;
    uint64_t objects;
    uint64_t threads;
    struct fora_bytes *policy;
    size_t policy_count;
    struct fora_bytes fingerprint;
    bool hosted_here;
};

struct fora_msg_thread_row {
    struct fora_object_id root;
    struct fora_principal_id author;
    struct fora_bytes author_name;
    uint32_t type;
    struct fora_bytes title;
    struct fora_bytes *tags;
    size_t tags_count;
    uint64_t created_at;
    uint64_t active_at;
    uint32_t answers;
    uint32_t comments;
    int64_t score;
    uint32_t marks;
    struct fora_bytes status;
};

struct fora_msg_delivery_row {
    struct fora_principal_id node;
    struct fora_bytes name;
    struct fora_bytes state;
    uint32_t code;
};

struct fora_msg_peer_refusal {
    uint32_t code;
    uint64_t count;
};

struct fora_msg_peer_row {
    struct fora_principal_id node;
    struct fora_bytes name;
    struct fora_bytes address;
    struct fora_bytes state;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t objects_in;
    uint64_t objects_out;
    uint64_t refused;
    uint64_t lag;
    struct fora_bytes error;
    struct fora_bytes direction;
    struct fora_bytes lane;
    uint32_t spaces;
    uint64_t lag_seconds;
    struct fora_msg_peer_refusal *refusals;
    size_t refusals_count;
    struct fora_bytes health;
    struct fora_bytes why;
    uint64_t next_try; /* seconds */
    uint64_t known_since;
    struct fora_principal_id introduced_by;
    uint64_t accepted;
    uint64_t behind;
    uint64_t rate; /* objects a minute */
};

struct fora_msg_subscription_row {
    struct fora_space_id space;
    struct fora_principal_id node;
    struct fora_bytes address;
    uint64_t position;
    uint64_t head;
    bool caught_up;
    struct fora_bytes error;
    uint64_t rate; /* objects a minute */
};

struct fora_msg_hello {
    uint32_t version;
    uint64_t features;
    struct fora_bytes agent;
    struct fora_principal_id node;
    struct fora_bytes *identity;
    size_t identity_count;
    uint32_t frame_max;
    uint32_t requests_max;
    uint64_t credit;
    uint64_t now;
    uint32_t reconcile_max; /* bytes; 0: FORA_RECONCILE_MAX_USUAL */
    uint32_t follow_window; /* batches; 0: FORA_FOLLOW_WINDOW_USUAL */
};

/* Bits of `features` (SES-17). */
enum { FORA_FEATURE_SHORT_FINGERPRINTS = 1 /* REP-24 */ };

/* What a Hello means that says 0 (SES-19). */
enum { FORA_RECONCILE_MAX_USUAL = 60000, FORA_RECONCILE_MAX_LEAST = 4096 };
enum { FORA_FOLLOW_WINDOW_USUAL = 64 };

struct fora_msg_error {
    uint32_t code;
    struct fora_bytes text;
    uint32_t retry_after;
};

struct fora_msg_credit {
    uint64_t bytes;
};

struct fora_msg_ping {
    uint64_t token;
};

struct fora_msg_pong {
    uint64_t token;
};

struct fora_msg_cancel {
    char empty; /* no fields */
};

struct fora_msg_ok {
    char empty; /* no fields */
};

struct fora_msg_auth {
    struct fora_principal_id principal;
    struct fora_key key;
    struct fora_signature signature;
    struct fora_bytes *identity;
    size_t identity_count;
};

struct fora_msg_auth_ok {
    struct fora_principal_id principal;
    struct fora_bytes name;
    bool admin;
    bool custodial;
};

struct fora_msg_put {
    struct fora_bytes *objects;
    size_t objects_count;
};

struct fora_msg_put_result {
    struct fora_msg_result *results;
    size_t results_count;
};

struct fora_msg_fetch {
    struct fora_object_id *ids;
    size_t ids_count;
};

struct fora_msg_objects {
    struct fora_bytes *objects;
    size_t objects_count;
    struct fora_object_id *missing;
    size_t missing_count;
};

struct fora_msg_follow {
    struct fora_space_id space;
    uint32_t audience;
    struct fora_bytes epoch;
    uint64_t position;
    bool live;
    uint64_t held; /* objects of the set that the follower has; 0: not said */
};

struct fora_msg_follow_batch {
    struct fora_bytes epoch;
    struct fora_bytes *objects;
    size_t objects_count;
    uint64_t next;
    bool caught_up;
    uint64_t head;
    uint64_t count;
    struct fora_bytes fingerprint;
};

struct fora_msg_follow_ack {
    struct fora_msg_result *refused;
    size_t refused_count;
};

struct fora_msg_reconcile {
    struct fora_space_id space;
    uint32_t audience;
    struct fora_bytes message;
};

struct fora_msg_reconcile_reply {
    struct fora_bytes message;
};

struct fora_msg_introduce {
    struct fora_principal_id node;
    uint64_t until; /* ms; 0: taken back */
};

struct fora_msg_list_spaces {
    char empty; /* no fields */
};

struct fora_msg_spaces {
    struct fora_msg_space_row *rows;
    size_t rows_count;
};

struct fora_msg_list_threads {
    struct fora_space_id space;
    uint32_t order; /* enum fora_thread_order */
    struct fora_bytes tag;
    struct fora_bytes cursor;
    uint32_t limit;
};

struct fora_msg_threads {
    struct fora_msg_thread_row *rows;
    size_t rows_count;
    struct fora_bytes next;
};

struct fora_msg_get_thread {
    struct fora_object_id root;
    bool context;
};

struct fora_msg_thread_objects {
    struct fora_bytes *objects;
    size_t objects_count;
    struct fora_bytes *context;
    size_t context_count;
    struct fora_space_id space;
    uint64_t checkpoint_at;
    bool more;
};

struct fora_msg_get_principal {
    struct fora_principal_id principal;
    struct fora_bytes handle;
    bool attested; /* also what is attested about it (12-reputation) */
    bool carried;  /* also what it carries (ATT-15) */
};

struct fora_msg_principal_objects {
    struct fora_principal_id principal;
    struct fora_bytes *objects;
    size_t objects_count;
};

struct fora_msg_list_flags {
    struct fora_space_id space;
};

struct fora_msg_get_delivery {
    struct fora_object_id id;
};

struct fora_msg_delivery {
    struct fora_msg_delivery_row *rows;
    size_t rows_count;
};

struct fora_msg_sign_up {
    struct fora_bytes handle;
    struct fora_bytes password;
    struct fora_bytes name;
    struct fora_bytes *identity;
    size_t identity_count;
    struct fora_key session_key;
    struct fora_hash next_root_commitment;
};

struct fora_msg_login {
    struct fora_bytes handle;
    struct fora_bytes password;
    struct fora_key session_key;
};

struct fora_msg_compose {
    uint32_t kind;
    struct fora_space_id space;
    struct fora_object_id root;
    struct fora_object_id parent;
    struct fora_bytes content;
    uint32_t audience;
};

struct fora_msg_vote {
    struct fora_object_id target;
    int32_t value;
};

struct fora_msg_vote_result {
    uint64_t up;
    uint64_t down;
};

struct fora_msg_report {
    struct fora_object_id target;
    struct fora_bytes reason;
    struct fora_bytes note;
};

struct fora_msg_take_out {
    struct fora_bytes password;
};

/* Seeds of Ed25519 keys: who handles them wipes them. */
struct fora_seed {
    uint8_t b[32];
};

struct fora_msg_taken_out {
    struct fora_seed root;
    struct fora_seed next_root;
    struct fora_seed device;
};

struct fora_msg_get_receipts {
    struct fora_object_id *ids;
    size_t ids_count;
};

struct fora_msg_resolve {
    struct fora_bytes name;
    struct fora_bytes domain;
};

struct fora_msg_resolved {
    struct fora_principal_id principal;
    uint64_t found_at;             /* ms */
    struct fora_principal_id node; /* zeros: none is known */
    bool confirmed;
};

struct fora_msg_get_credential {
    struct fora_object_id id;
};

struct fora_msg_credential {
    struct fora_bytes json;
};

struct fora_msg_notice {
    struct fora_bytes object; /* encoded, as is the log */
    struct fora_bytes *log;
    size_t log_count;
    struct fora_bytes title;
    bool forwarded;
};

struct fora_msg_list_mentions {
    struct fora_bytes cursor;
    uint32_t limit;
};

struct fora_msg_mention_row {
    struct fora_bytes object; /* encoded */
    struct fora_bytes title;
    struct fora_principal_id from; /* zeros: it is held there */
    struct fora_bytes *log;
    size_t log_count;
};

struct fora_msg_mentions {
    struct fora_msg_mention_row *rows;
    size_t rows_count;
    struct fora_bytes next;
};

struct fora_msg_get_status {
    bool metrics;
};

struct fora_msg_node_status {
    struct fora_principal_id node;
    struct fora_bytes name;
    struct fora_bytes agent;
    uint64_t uptime;
    uint64_t objects;
    uint64_t spaces;
    uint64_t members;
    uint64_t connections;
    uint64_t bytes_stored;
    struct fora_msg_peer_row *peers;
    size_t peers_count;
    struct fora_msg_subscription_row *subscriptions;
    size_t subscriptions_count;
    struct fora_bytes metrics;
};

struct fora_msg_subscribe {
    struct fora_space_id space;
    struct fora_bytes address;
    struct fora_principal_id node;
};

struct fora_msg_unsubscribe {
    struct fora_space_id space;
    struct fora_bytes address;
};

struct fora_msg_create_space {
    struct fora_bytes policy;
};

struct fora_msg_space_created {
    struct fora_space_id space;
};

struct fora_msg_claim {
    struct fora_bytes source;
    struct fora_bytes handle;
    struct fora_bytes password;
};

/* Peering.decision: what an admin decides about another node. */
enum fora_peering_decision {
    FORA_PEERING_NONE,
    FORA_PEERING_APPROVE,
    FORA_PEERING_REFUSE,
    FORA_PEERING_BLOCK,
    FORA_PEERING_FORGET,
    FORA_PEERING_INTRODUCE,
    FORA_PEERING_WITHDRAW
};

struct fora_msg_peering {
    struct fora_principal_id node;
    uint32_t decision; /* enum fora_peering_decision */
};

/* X(member, NAME, number): every body of a Frame. */
#define FORA_MESSAGES(X)                                                                           \
    X(hello, HELLO, 2)                                                                             \
    X(error, ERROR, 3)                                                                             \
    X(credit, CREDIT, 4)                                                                           \
    X(auth, AUTH, 5)                                                                               \
    X(auth_ok, AUTH_OK, 6)                                                                         \
    X(ping, PING, 7)                                                                               \
    X(pong, PONG, 8)                                                                               \
    X(put, PUT, 10)                                                                                \
    X(put_result, PUT_RESULT, 11)                                                                  \
    X(fetch, FETCH, 12)                                                                            \
    X(objects, OBJECTS, 13)                                                                        \
    X(follow, FOLLOW, 14)                                                                          \
    X(follow_batch, FOLLOW_BATCH, 15)                                                              \
    X(reconcile, RECONCILE, 16)                                                                    \
    X(reconcile_reply, RECONCILE_REPLY, 17)                                                        \
    X(cancel, CANCEL, 18)                                                                          \
    X(follow_ack, FOLLOW_ACK, 19)                                                                  \
    X(list_spaces, LIST_SPACES, 20)                                                                \
    X(spaces, SPACES, 21)                                                                          \
    X(list_threads, LIST_THREADS, 22)                                                              \
    X(threads, THREADS, 23)                                                                        \
    X(get_thread, GET_THREAD, 24)                                                                  \
    X(thread_objects, THREAD_OBJECTS, 25)                                                          \
    X(get_principal, GET_PRINCIPAL, 26)                                                            \
    X(principal_objects, PRINCIPAL_OBJECTS, 27)                                                    \
    X(list_flags, LIST_FLAGS, 28)                                                                  \
    X(get_delivery, GET_DELIVERY, 29)                                                              \
    X(delivery, DELIVERY, 30)                                                                      \
    X(introduce, INTRODUCE, 31)                                                                    \
    X(notice, NOTICE, 32)                                                                          \
    X(sign_up, SIGN_UP, 40)                                                                        \
    X(login, LOGIN, 41)                                                                            \
    X(compose, COMPOSE, 42)                                                                        \
    X(vote, VOTE, 43)                                                                              \
    X(vote_result, VOTE_RESULT, 44)                                                                \
    X(report, REPORT, 45)                                                                          \
    X(take_out, TAKE_OUT, 46)                                                                      \
    X(taken_out, TAKEN_OUT, 47)                                                                    \
    X(get_receipts, GET_RECEIPTS, 48)                                                              \
    X(resolve, RESOLVE, 49)                                                                        \
    X(resolved, RESOLVED, 50)                                                                      \
    X(get_credential, GET_CREDENTIAL, 51)                                                          \
    X(credential, CREDENTIAL, 52)                                                                  \
    X(list_mentions, LIST_MENTIONS, 53)                                                            \
    X(mentions, MENTIONS, 54)                                                                      \
    X(get_status, GET_STATUS, 60)                                                                  \
    X(node_status, NODE_STATUS, 61)                                                                \
    X(subscribe, SUBSCRIBE, 62)                                                                    \
    X(unsubscribe, UNSUBSCRIBE, 63)                                                                \
    X(create_space, CREATE_SPACE, 64)                                                              \
    X(space_created, SPACE_CREATED, 65)                                                            \
    X(ok, OK, 66)                                                                                  \
    X(claim, CLAIM, 67)                                                                            \
    X(peering, PEERING, 68)

enum fora_message_type {
    FORA_MSG_NONE = 0,
#define FORA_MESSAGE_ENUM(member, name, number) FORA_MSG_##name = number,
    FORA_MESSAGES(FORA_MESSAGE_ENUM)
#undef FORA_MESSAGE_ENUM
};

/* A Frame: `type` says which member of `u` is set. */
struct fora_message {
    uint64_t request;
    uint32_t type; /* enum fora_message_type; FORA_MSG_NONE for a body that is not known */
    union {
#define FORA_MESSAGE_MEMBER(member, name, number) struct fora_msg_##member member;
        FORA_MESSAGES(FORA_MESSAGE_MEMBER)
#undef FORA_MESSAGE_MEMBER
    } u;
};

/*
 * Decodes an encoded Frame (without its length). FORA_E_MALFORMED (with two bodies),
 * FORA_E_TOO_LARGE, FORA_E_LIMIT, FORA_E_UTF8, FORA_E_NOMEM (the arena's budget). An unknown body
 * gives FORA_MSG_NONE and 0, so that the session can answer FORA_E_UNSUPPORTED.
 */
int fora_message_decode(
    struct fora_arena *arena, struct fora_bytes frame, struct fora_message *out) FORA_MUST_USE;
/* Appends u32 length and the encoded Frame. FORA_E_TOO_LARGE beyond FORA_FRAME_MAX; `out` is then
 * as before. */
int fora_message_encode(struct fora_buf *out, const struct fora_message *message) FORA_MUST_USE;

const char *fora_message_name(uint32_t type); /* "Put"; "?" */

#endif
