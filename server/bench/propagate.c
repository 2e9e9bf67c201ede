/*
 * How long an object takes from where it was acknowledged to where a follower is told of it, as a
 * reader is: to the next node, and over a chain of eight. Each node is a process, all on the same
 * cores.
 */
#include "scene.h"

#include "fora/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHAIN_MAX = 9, OBJECTS = 300, SETTLE_US = 300000 };

struct link {
    struct bench_node node;
    struct bench_process process;
    char folder[256];
};

struct chain {
    struct link links[CHAIN_MAX];
    size_t count; /* the first has the objects put to it */
};

static void chain_start(struct chain *chain, struct scene *scene)
{
    for (size_t i = 0; i < chain->count; i++) {
        struct link *link = &chain->links[i];
        char name[40];
        snprintf(name, sizeof name, "link %zu", i);
        bench_node_make(&link->node, (uint8_t)(10 + i), name, "127.0.0.1:1");
        bench_folder(link->folder);
        /* The space is the scene's node's, which is not there itself. */
        bench_store_fill(
            link->folder, &scene->node, &scene->world.space, scene->objects, scene->objects_count);
        bench_store_fill(link->folder, &link->node, NULL, NULL, 0);
        bench_store_approve(link->folder, &scene->peer.id);
        if (i > 0) {
            const struct link *before = &chain->links[i - 1];
            bench_store_know(
                link->folder, &scene->world.space, before->process.address, &before->node.id);
        }
        bench_start(&link->process, link->folder, &link->node);
    }
}

static void chain_stop(struct chain *chain)
{
    for (size_t i = chain->count; i > 0; i--) {
        struct link *link = &chain->links[i - 1];
        bench_stop(&link->process);
        bench_folder_remove(link->folder);
        bench_node_fini(&link->node);
    }
}

/* Until the reader is told of it: each object comes when the node would answer with it. */
static void wait_for(struct bench_peer *reader, uint64_t following, const struct fora_object_id *id)
{
    for (;;) {
        const struct fora_msg_follow_batch *batch = bench_peer_followed(reader, following);
        for (size_t i = 0; i < batch->objects_count; i++) {
            struct fora_object object;
            bench_need(fora_object_decode(&object, batch->objects[i]), "an object that came");
            if (memcmp(object.id.b, id->b, sizeof id->b) == 0) {
                return;
            }
        }
    }
}

/* Seconds from the acknowledgement by the first to what the last says of each. */
static void run(struct chain *chain, struct scene *scene, const struct world_load *load,
    double *times, struct bare *bare, double *bare_times)
{
    struct bench_peer *writer, *reader;
    bench_peer_open(&writer, chain->links[0].process.address, &scene->peer);
    bench_peer_open(&reader, chain->links[chain->count - 1].process.address, &scene->peer);
    uint64_t following = bench_peer_follow(reader, &scene->world.space);
    for (size_t i = 0; i < OBJECTS + 1; i++) { /* the first waits until all have connected */
        struct fora_object object;
        bench_need(fora_object_decode(&object, load->objects[i]), "an object");
        usleep(BENCH_PAUSE_US);
        if (i > 0) {
            bare_times[i - 1] = bench_bare_commit(bare, load->objects[i]);
        }
        bench_peer_put(writer, load->objects + i, 1);
        bench_peer_drain(writer);
        double acknowledged = bench_seconds();
        wait_for(reader, following, &object.id);
        if (i > 0) {
            times[i - 1] = bench_seconds() - acknowledged;
        } else {
            usleep(SETTLE_US);
        }
    }
    bench_peer_close(writer);
    bench_peer_close(reader);
}

static void propagate(struct bench *bench, const char *name, size_t hops)
{
    struct scene *scene = scene_new();
    struct chain *chain = calloc(1, sizeof *chain);
    struct world_load load;
    double times[OBJECTS], bare_times[OBJECTS];
    char limit_name[80];
    if (chain == NULL) {
        bench_need(FORA_E_NOMEM, "a chain");
        return;
    }
    struct bare *bare = bench_bare_new();
    chain->count = hops + 1;
    world_make(&scene->world, OBJECTS + 1, &load);
    chain_start(chain, scene);
    run(chain, scene, &load, times, bare, bare_times);
    chain_stop(chain);
    double commit = bench_median(bare_times, OBJECTS);
    double p50 = bench_median(times, OBJECTS);
    double p99 = bench_percentile(times, OBJECTS, 99);
    double commit_p99 = bench_percentile(bare_times, OBJECTS, 99);
    snprintf(limit_name, sizeof limit_name,
        "p99 ms; commits %zu x %.3f, p99 %.2f; p50 %.2f, fsync %.0f%%", hops, commit * 1000,
        commit_p99 * 1000, p50 * 1000, 100 * commit * (double)hops / p50);
    results_add(bench->results, name, p99 * 1000, "ms", commit * (double)hops * 1000, limit_name,
        p99 / (commit * (double)hops), false, 4);
    struct result *row = &bench->results->rows[bench->results->count - 1];
    snprintf(row->more, sizeof row->more,
        ", \"p50\": %.6g, \"p99\": %.6g, \"fsync_share\": %.3g, \"hops\": %zu, "
        "\"commit_p99\": %.6g",
        p50 * 1000, p99 * 1000, commit * (double)hops / p50, hops, commit_p99 * 1000);
    bench_bare_free(bare);
    world_load_fini(&load);
    scene_free(scene);
    free(chain);
}

void bench_propagate(struct bench *bench)
{
    propagate(bench, "propagate", 1);
    propagate(bench, "propagate_chain8", CHAIN_MAX - 2);
}
