/*
 * What a story is told with: a space with its members, a long list of objects, stores that hold
 * the beginning, and the questions that are asked of a store afterwards.
 */
#ifndef FORAD_TESTKIT_SCENE_H
#define FORAD_TESTKIT_SCENE_H

#include "testkit/peer.h"
#include "testkit/process.h"

struct kit_scene {
    struct bench_node owner; /* of the space, seed 1 */
    struct bench_node peer;  /* who brings objects, seed 200 */
    struct world world;
    struct fora_buf first_bytes;
    struct fora_bytes first[WORLD_MEMBERS + 1]; /* members, and the policy */
    size_t first_count;
    struct world_load load; /* the objects that are brought */
    struct fora_object_id *ids;
    int *codes; /* of each: see kit_peer_put */
};

struct kit_scene *kit_scene_new(size_t objects);
void kit_scene_free(struct kit_scene *scene);
/* A new folder with a store that holds the beginning (with `whole`) or an empty set. */
void kit_scene_store(
    const struct kit_scene *scene, unsigned seed, bool whole, struct kit_process *out);
/* The node follows the space there. Before it starts. */
void kit_scene_link(
    const struct kit_scene *scene, const struct kit_process *process, const char *address);

/* Puts load objects [from, to) in batches; stops with the connection's end. */
int kit_scene_put(struct kit_scene *scene, struct kit_peer *peer, size_t from, size_t to,
    size_t batch) FORA_MUST_USE;
/* Every object of [from, to) whose code is 0 must be there: asked by id over the wire. How many
 * were. */
size_t kit_scene_acknowledged(
    const struct kit_scene *scene, const struct kit_process *process, size_t from, size_t to);
size_t kit_scene_count(const struct kit_scene *scene, int code); /* load objects with this code */
/* How many objects the set has when the first `count` load objects are in it: with their authors,
 * the policy and its owner. */
uint64_t kit_scene_expected(const struct kit_scene *scene, size_t count);

/* What a store holds. */
struct kit_digest {
    uint64_t objects; /* that fsck looked at */
    uint64_t count;   /* of the set */
    uint64_t threads;
    uint8_t fingerprint[16];
    struct fora_hash items;
    struct fora_hash views;
};
/* Of a node that does not run. Ends the test when fsck finds anything. */
void kit_scene_check(
    const struct kit_scene *scene, const struct kit_process *process, struct kit_digest *out);
/* Of a store made from scratch of those load objects that `process` holds; their count. */
size_t kit_scene_rebuilt(
    const struct kit_scene *scene, const struct kit_process *process, struct kit_digest *out);
/* Ends the test when they differ in anything but `objects`. */
void kit_digest_equal(const struct kit_digest *a, const struct kit_digest *b, const char *what);

/* Waits until the running nodes' sets are equal and hold `count` objects. */
void kit_scene_settled(const struct kit_scene *scene, const struct kit_process *const *processes,
    size_t processes_count, uint64_t count, unsigned seconds);
/* Count and fingerprint of the space as the node says it to a client. */
int kit_scene_space(const struct kit_scene *scene, struct kit_peer *client, uint64_t *count,
    uint8_t fingerprint[16]) FORA_MUST_USE;

#endif
