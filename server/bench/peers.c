/* Two hundred peers with a space each, against one peer with one space. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEERS = 200, PUT_OBJECTS = 64 };

struct crowd {
    struct bench_node nodes[PEERS];
    struct bench_peer *peers[PEERS];
    struct world_load loads[PEERS];
    size_t at[PEERS];
};

/* Everybody in turn; a peer without credit is waited for, as it is with one peer. */
static uint64_t put_all(struct crowd *crowd, size_t count)
{
    uint64_t stored = 0;
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            size_t left = crowd->loads[i].count - crowd->at[i];
            size_t now = left < PUT_OBJECTS ? left : PUT_OBJECTS;
            if (now > 0) {
                bench_peer_put(crowd->peers[i], crowd->loads[i].objects + crowd->at[i], now);
                crowd->at[i] += now;
                more = true;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        stored += bench_peer_drain(crowd->peers[i]);
    }
    return stored;
}

/* Objects a second of `count` peers, each with a space and an equal part of the objects. */
static double measure(struct bench *bench, size_t count)
{
    struct scene *scene = scene_new();
    struct crowd *crowd = calloc(1, sizeof *crowd);
    struct bench_process process;
    bench_need(crowd == NULL ? FORA_E_NOMEM : 0, "a crowd");
    scene_fill(scene);
    for (size_t i = 0; i < count; i++) {
        char name[40];
        struct fora_buf policy = {0};
        snprintf(name, sizeof name, "peer %zu", i);
        bench_node_make(&crowd->nodes[i], (uint8_t)(10 + i), name, "127.0.0.1:1");
        if (i > 0) {
            world_space(&scene->world, &scene->node, &policy);
            struct fora_bytes object = fora_buf_bytes(&policy);
            bench_store_fill(scene->folder, &scene->node, &scene->world.space, &object, 1);
        }
        fora_buf_fini(&policy);
        bench_store_approve(scene->folder, &crowd->nodes[i].id);
        world_make(&scene->world, 100000 / bench->scale / count, &crowd->loads[i]);
    }
    bench_start(&process, scene->folder, &scene->node);
    for (size_t i = 0; i < count; i++) {
        bench_peer_open(&crowd->peers[i], process.address, &crowd->nodes[i]);
    }
    double begin = bench_seconds();
    uint64_t stored = put_all(crowd, count);
    double rate = (double)stored / (bench_seconds() - begin);
    for (size_t i = 0; i < count; i++) {
        bench_peer_close(crowd->peers[i]);
        bench_node_fini(&crowd->nodes[i]);
        world_load_fini(&crowd->loads[i]);
    }
    bench_stop(&process);
    free(crowd);
    scene_free(scene);
    return rate;
}

void bench_peers(struct bench *bench)
{
    double before = measure(bench, 1);
    double many = measure(bench, PEERS);
    double one = (before + measure(bench, 1)) / 2;
    results_add(bench->results, "peers_200", many, "objects/s", one,
        "the same objects of one peer in one space, objects/s", many / one, true, 0.8);
}
