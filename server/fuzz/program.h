/*
 * The world that fuzz_node.c's programs run in, and those who speak in it. Everything follows from
 * the input: keys, salts and ephemeral secrets come from a stream that each run begins anew.
 */
#ifndef FORAD_FUZZ_PROGRAM_H
#define FORAD_FUZZ_PROGRAM_H

#include "core/tests/guest.h"
#include "fora/negentropy.h"

enum { PLAYERS = 3, THINGS = 40, PROMISES_MAX = 2000 };

/* A guest, once it has come. */
struct player {
    struct guest guest;
    bool there;
};

struct program {
    struct fora_bytes left; /* of the input; what is read beyond its end is 0 */
    struct net net;
    struct net_node *a, *b;
    struct fora_space_id space;
    struct player players[PLAYERS];
    uint64_t latest; /* ms: of everything that was said */
    struct fora_object_id promises[PROMISES_MAX];
    size_t promises_count;
    uint8_t compared[1 + FORA_NEG_KEY_SIZE]; /* how A's last Reconcile began */
    /* made once */
    bool made;
    struct fx fx;
    const struct fx_who *members[2];
    const struct fora_object *things[THINGS]; /* the first: what every run begins with */
    size_t things_count, first_count;
};

void program_start(struct program *program, struct fora_bytes input);
void program_restart(struct program *program); /* A, over its store; all guests go */
void program_heal(struct program *program);    /* until nothing is wrong any more */
void program_end(struct program *program);
bool program_over(const struct program *program);
unsigned program_number(struct program *program, unsigned below); /* from the next byte */

/* `who` 0: a client. Its Hello has the features. */
void player_connect(
    struct program *program, struct player *player, unsigned who, uint64_t features);
void player_leave(struct program *program, struct player *player);
void player_ask(struct program *program, struct player *player);
void player_auth(struct program *program, struct player *player);
void player_put(struct program *program, struct player *player);
void player_answer(struct program *program, struct player *player); /* what A asked last */
void player_raw(struct program *program, struct player *player);    /* a message from the input */

#endif
