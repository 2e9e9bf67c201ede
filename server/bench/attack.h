/*
 * Attackers: each a function that runs in a process of its own until it is killed, does one hostile
 * thing as fast as it can, and survives whatever the node does about it (attack_wire.c,
 * attack_objects.c). attack.c runs them one after the other and measures an honest peer meanwhile.
 */
#ifndef FORAD_BENCH_ATTACK_H
#define FORAD_BENCH_ATTACK_H

#include "fora/message.h"
#include "fora/noise.h"
#include "world.h"

#include <sys/types.h>

/* What the attacker has: prepared before the fork, so that its own work is sending. */
struct attack {
    const char *address;
    struct bench_node stranger; /* a node that nobody knows */
    struct world *world;        /* of the space, with the members' keys */
    struct world_load valid;    /* objects that would be taken */
    struct world_load forged;   /* the same with a bit of the signature flipped */
    struct world_load backdated;
    struct world_load orphans;
    struct world_load forks; /* a member's identity log, entry against entry */
    const struct fora_bytes *held;
    size_t held_count;
};

/* Makes what an attacker brings: `objects` of each kind in the world's space, logs of its first
 * `forking` members (whose first entries begin `firsts`). The caller sets address and held. */
void attack_make(struct attack *attack, struct world *world, const struct fora_bytes *firsts,
    size_t objects, size_t forking);
void attack_fini(struct attack *attack);

struct attack_kind {
    const char *name;
    void (*run)(const struct attack *attack); /* does not return */
    const char *help;
    /* What it may take of the node beyond what the quiet node has: the bounds of spec/security.md,
     * which a test compares with these. */
    unsigned memory;    /* MiB */
    unsigned processor; /* percent of a core, while somebody known is active */
};
const struct attack_kind *attack_wire_kinds(size_t *count);
const struct attack_kind *attack_object_kinds(size_t *count);
/* Runs it in a process of its own until that is killed; it dies with this one. */
pid_t attack_start(const struct attack_kind *kind, const struct attack *attack);

/* A socket without manners, from an address of the attacker's own. */
struct attack_raw {
    int fd;
    struct fora_noise *noise;
};
/* False: the node does not take it, or not in time. Then closed already. */
bool attack_open(struct attack_raw *raw, const char *address);
void attack_close(struct attack_raw *raw);
bool attack_write(struct attack_raw *raw, struct fora_bytes bytes);
/* Handshake and Hello of `self`, or of a client when NULL. Closed when it fails. */
bool attack_hello(struct attack_raw *raw, const char *address, const struct bench_node *self);
/* Seals and sends. */
bool attack_say(struct attack_raw *raw, struct fora_bytes plain);
/* Reads away what is there; false at the end of the stream. */
bool attack_drain(struct attack_raw *raw);

/* A connection that keeps the rules of sessions, and so gets as far as a guest can. */
struct attack_guest;
struct attack_guest *attack_guest_open(const char *address, const struct bench_node *self);
void attack_guest_close(struct attack_guest *guest);
/* Sends as soon as there is credit, reading away answers; false when the node has had enough. */
bool attack_guest_send(struct attack_guest *guest, struct fora_message *message);

#endif
