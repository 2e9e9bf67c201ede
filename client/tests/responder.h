/*
 * A node for tests: a real listener on loopback, real handshakes and frames, and behind them a
 * small memory of objects with just enough of a node to talk to. Runs in a thread of its own, which
 * alone touches the memory between start and stop.
 */
#ifndef FORA_CLIENT_TESTS_RESPONDER_H
#define FORA_CLIENT_TESTS_RESPONDER_H

#include "fora/identity.h"
#include "fora/message.h"

#include <pthread.h>
#include <stdatomic.h>

struct fora_session;

/* How it misbehaves. */
enum responder_mode {
    RESPONDER_HONEST,
    RESPONDER_FOREIGN_KEY, /* its log names another Noise key than that of the connection */
    RESPONDER_NO_LOG,      /* its Hello carries no log */
    RESPONDER_BAD_LOG,     /* a bit of its log is wrong */
    RESPONDER_SILENT,      /* never answers a request */
    RESPONDER_HANGUP,      /* closes when a request comes */
    RESPONDER_WRONG_ANSWER,
    RESPONDER_REFUSES, /* answers every request with an Error */
    RESPONDER_FORGES   /* changes a byte of every post that it hands out */
};

enum { RESPONDER_OBJECTS_MAX = 256, RESPONDER_MEMBERS_MAX = 8, RESPONDER_PEERS_MAX = 8 };

struct responder_member {
    char handle[33];
    char password[64];
    char name[101];
    struct fora_principal_id id;
    struct fora_secret *device; /* custodial */
    struct fora_key session_key;
    bool own_keys;
};

struct responder_peer {
    int socket;
    struct fora_session *session;
    const struct responder_member *member; /* who proved herself */
    uint64_t live;                         /* number of a live Follow, or 0 */
    uint64_t position;
};

struct responder {
    enum responder_mode mode;
    int listener;
    uint16_t port;
    pthread_t thread;
    atomic_bool stopping;
    bool started;
    uint8_t noise_secret[32];
    struct fora_secret *root; /* of the node; signs its objects too */
    struct fora_principal_id node;
    struct fora_space_id space;
    struct fora_buf objects[RESPONDER_OBJECTS_MAX]; /* [0] the node's log, [1] the policy */
    size_t objects_count;
    struct responder_member members[RESPONDER_MEMBERS_MAX];
    size_t members_count;
    struct responder_peer peers[RESPONDER_PEERS_MAX];
};

void responder_start(struct responder *responder, enum responder_mode mode);
void responder_stop(struct responder *responder);
void responder_address(const struct responder *responder, char out[32]);

/* --- between the two files --- */
/* Deals with one request: sends the answer on the peer's session. */
void responder_answer(
    struct responder *responder, struct responder_peer *peer, const struct fora_message *ask);
/* Makes the node, its log and its space. */
void responder_found(struct responder *responder);
/* Sends what is new to a peer that follows live. */
void responder_push(struct responder *responder, struct responder_peer *peer);
uint64_t responder_now(void);

#endif
