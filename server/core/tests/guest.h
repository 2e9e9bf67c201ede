/*
 * Somebody at the other end of a connection of a node under test, moved by hand: a client or a
 * node, well-behaved or not. Says what the test says, keeps what it is told.
 */
#ifndef FORAD_CORE_TESTS_GUEST_H
#define FORAD_CORE_TESTS_GUEST_H

#include "fixture.h"
#include "fora/session.h"
#include "net.h"

enum { GUEST_ANSWERS_MAX = 4096, GUEST_TYPES = 128 };

struct guest {
    struct net *net;
    struct net_node *node;
    struct fora_session *session;
    uint64_t conn;                  /* the node's number */
    bool deaf;                      /* takes nothing of what the node sends */
    bool cut;                       /* the node closed */
    size_t heard[GUEST_TYPES];      /* frames by type */
    uint64_t requests[GUEST_TYPES]; /* the number of the last of them */
    int error;                      /* of the last Error */
    uint32_t retry_after;           /* likewise, seconds */
    int put_code;                   /* of the first object of the last PutResult */
    size_t objects;                 /* of ThreadObjects, in all */
    size_t context;
    /* Of every frame that comes; may be NULL. Set after guest_init. */
    void (*hears)(void *listener, const struct fora_message *message);
    void *listener;
    struct fora_buf last;     /* the last frame that was no Error, encoded */
    struct fora_buf identity; /* of a guest that is a node */
    struct fora_secret *device;
    struct fora_principal_id id;
};

/* A client, or with `seed` a node with an identity of its own. Connects; nothing has moved yet. */
void guest_init(struct guest *guest, struct net *net, struct net_node *node, unsigned seed);
/* The same, with what its Hello says of windows (SES-19). */
void guest_init_windows(struct guest *guest, struct net *net, struct net_node *node, unsigned seed,
    uint32_t follow_window, uint32_t reconcile_max);
/* The same as guest_init, with features (SES-17). */
void guest_init_features(
    struct guest *guest, struct net *net, struct net_node *node, unsigned seed, uint64_t features);
/* A node that subscribes to the space at the guest's address, and dials it. Before all others are
 * connected: the node starts anew. */
void guest_init_dialled(struct guest *guest, struct net *net, struct net_node *node, unsigned seed,
    const struct fora_space_id *space);
void guest_fini(struct guest *guest);
/* Bytes both ways, once; no job of the node runs. False when nothing moved. */
bool guest_move(struct guest *guest);
/* Moves bytes and runs the node's jobs until nothing happens any more. */
void guest_settle(struct guest *guest);
/* Until it is OPEN; fails the test when it does not come to that. */
void guest_open(struct guest *guest);
/* Queues a request and returns its number; 0 when there is no credit. */
uint64_t guest_ask(struct guest *guest, struct fora_message *message);
/* Queues a frame that is no request. */
void guest_say(struct guest *guest, struct fora_message *message);
/* Puts objects; the number of the request. */
uint64_t guest_put(struct guest *guest, const struct fora_object *const *objects, size_t count);
/* Auth by a key, with entries of the log; the number of the request. */
uint64_t guest_auth(struct guest *guest, const struct fora_principal_id *who,
    const struct fora_secret *secret, struct fora_bytes *entries, size_t count);
/* The last answer, decoded into the arena. */
void guest_last(const struct guest *guest, struct fora_arena *arena, struct fora_message *out);

#endif
