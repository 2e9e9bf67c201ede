/*
 * Objects for benchmarks: members, a space, threads with answers and comments of the lengths that a
 * real support forum has. A function of the seed, so that two processes make the same.
 */
#ifndef FORAD_BENCH_WORLD_H
#define FORAD_BENCH_WORLD_H

#include "fora/identity.h"

enum { WORLD_MEMBERS = 500, WORLD_THREAD_POSTS = 20 };

#define WORLD_BEGIN_MS UINT64_C(1600000000000) /* created_at of who is there from the beginning */

/* A node's keys and identity log of one entry. */
struct bench_node {
    struct fora_secret *root;
    struct fora_secret *device;
    uint8_t noise[32];
    uint8_t custody[32];
    struct fora_buf identity;
    struct fora_principal_id id;
};
void bench_node_make(struct bench_node *node, uint8_t seed, const char *name, const char *address);
void bench_node_fini(struct bench_node *node);

struct world {
    struct fora_secret *members[WORLD_MEMBERS];
    struct fora_principal_id ids[WORLD_MEMBERS];
    struct fora_space_id space;
    uint64_t now; /* created_at of the next object */
    uint64_t made;
    uint64_t random;
    struct fora_object_id root; /* of the thread that is growing */
    unsigned posts;             /* in it */
    size_t bytes;               /* of all objects made */
};

/* The first objects: members' identities and the space's policy, owned by the node. Appended to
 * `out`; their sizes go to `sizes` (room for WORLD_MEMBERS + 1), how many is returned. */
size_t world_init(
    struct world *world, const struct bench_node *owner, struct fora_buf *out, size_t *sizes);
/* Another space, for what is made from now on; its first object is appended. */
void world_space(struct world *world, const struct bench_node *owner, struct fora_buf *out);
void world_fini(struct world *world);
/* The next object (a thread after every WORLD_THREAD_POSTS, else an answer or comment), signed;
 * appended. Returns its size. */
size_t world_next(struct world *world, struct fora_buf *out, struct fora_object_id *id);

/* Many objects made on all cores: `count` encoded objects, one after the other. */
struct world_load {
    struct fora_buf bytes;
    struct fora_bytes *objects; /* owned list */
    size_t count;
};
void world_make(struct world *world, size_t count, struct world_load *out);
void world_load_fini(struct world_load *load);

#endif
