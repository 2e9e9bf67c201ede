/* Two nodes' keys, a space with members, and a folder for the first node's store. */
#ifndef FORAD_BENCH_SCENE_H
#define FORAD_BENCH_SCENE_H

#include "bench.h"

struct scene {
    struct bench_node node;
    struct bench_node peer;
    struct world world;
    struct fora_buf first;
    struct fora_bytes objects[WORLD_MEMBERS + 1];
    size_t objects_count;
    char folder[256];
};

/* Owned by the caller; ends the process when there is no memory. */
struct scene *scene_new(void);
void scene_free(struct scene *scene);
/* The first objects in the first node's store, which holds the set of the space and approves the
 * second node. */
void scene_fill(struct scene *scene);

#endif
