/*
 * A network of nodes in one process: memory stores, connections as byte queues, jobs run in line,
 * time by hand. Stories are told with it: post on A, step until quiet, compare B.
 */
#ifndef FORAD_CORE_TESTS_NET_H
#define FORAD_CORE_TESTS_NET_H

#include "core/node.h"

enum { NET_NODES_MAX = 8, NET_WIRES_MAX = 64 };

struct net_node {
    struct kv *kv;
    struct node *node;
    struct fora_secret *root;
    struct fora_secret *device;
    uint8_t noise[32];
    uint8_t custody[32];
    struct fora_buf identity; /* the create entry */
    struct fora_principal_id id;
    /* from the next start on */
    enum peering_mode peering;
    bool lanes;                      /* newcomers and quotas, as by default */
    struct fora_principal_id listed; /* of another node, on one of the lists */
    bool allows, blocks;
    const struct resolver *resolver;
    int (*credential)(struct fora_buf *out, const struct credential *credential,
        const struct fora_secret *secret);
    bool away;     /* nobody answers at its address */
    char name[16]; /* also its address: "a:1" */
};

/* Two ends of a connection; end 0 dialled. */
struct net_wire {
    struct net_node *node[2];
    uint64_t conn[2];
    bool cut;
};

struct net {
    struct net_node nodes[NET_NODES_MAX];
    size_t nodes_count;
    struct net_wire wires[NET_WIRES_MAX];
    size_t wires_count;
    uint64_t now;
    uint64_t moved; /* bytes that crossed wires */
};

void net_init(struct net *net);
void net_fini(struct net *net);
struct net_node *net_add(struct net *net, const char *name);
/* Stops the node and starts it again over the same store. */
void net_restart(struct net *net, struct net_node *node);
/* Everything that can happen without time passing. */
void net_settle(struct net *net);
/* One turn of that: a dial, a job of each node, a move on each wire. False: there was nothing. */
bool net_turn(struct net *net);
/* Settles, then lets time pass in steps of a second. */
void net_pass(struct net *net, unsigned seconds);
/* Cuts every wire of the node. */
void net_cut(struct net *net, const struct net_node *node);

/* A space owned by the node, made through its own write path. */
struct fora_space_id net_space(struct net *net, struct net_node *owner, const char *name);
/* `who` follows the space at `from`. */
void net_subscribe(struct net *net, struct net_node *who, const struct net_node *from,
    const struct fora_space_id *space);
/* An admin of `node` decides about another one (FORA_PEERING_), while it runs. */
void net_decide(struct net *net, struct net_node *node, const struct fora_principal_id *about,
    enum fora_peering_decision decision);
/* Objects as if a peer had brought them; fails the test unless every one is stored. */
void net_put(
    struct net *net, struct net_node *node, const struct fora_object *const *objects, size_t count);
/* The same, as if `from` had brought them: they are not sent back to it by following. */
void net_put_from(struct net *net, struct net_node *node, const struct net_node *from,
    const struct fora_object *const *objects, size_t count);
/* Count and fingerprint of the public set. */
void net_state(struct net_node *node, const struct fora_space_id *space, uint64_t *count,
    uint8_t fingerprint[16]);
/* Fails the test unless both hold the same set; returns the count. */
uint64_t net_same(struct net_node *a, struct net_node *b, const struct fora_space_id *space);

#endif
