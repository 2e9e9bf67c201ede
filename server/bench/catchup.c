/* An empty node catching up with another. */
#include "scene.h"

#include <unistd.h>

static uint64_t objects_held(struct bench_peer *client)
{
    struct fora_message ask = {.type = FORA_MSG_GET_STATUS};
    return bench_peer_call(client, &ask, FORA_MSG_NODE_STATUS)->u.node_status.objects;
}

static void catch_up(struct bench *bench, size_t count, const char *name, double target)
{
    struct scene *scene = scene_new();
    struct bench_process full, empty;
    struct bench_peer *client;
    struct world_load load;
    char folder[256];
    world_make(&scene->world, count / bench->scale, &load);
    scene_fill(scene);
    bench_store_fill(scene->folder, &scene->node, NULL, load.objects, load.count);
    bench_start(&full, scene->folder, &scene->node);
    bench_folder(folder);
    bench_store_fill(folder, &scene->peer, &scene->world.space, NULL, 0);
    bench_store_link(folder, &scene->world.space, full.address);
    uint64_t whole = load.count + scene->objects_count + 2; /* with both nodes' identities */
    double limit = bench_verify_rate(bench);
    bench_start(&empty, folder, &scene->peer);
    double begin = bench_seconds();
    bench_client_open(&client, empty.address);
    while (objects_held(client) < whole) {
        usleep(20000);
    }
    double rate = (double)load.count / (bench_seconds() - begin);
    bench_peer_close(client);
    bench_stop(&empty);
    bench_stop(&full);
    limit = (limit + bench_verify_rate(bench)) / 2;
    results_add(bench->results, name, rate, "objects/s", limit,
        "hash and verify on all cores, objects/s", rate / limit, true, target);
    bench_folder_remove(folder);
    world_load_fini(&load);
    scene_free(scene);
}

void bench_catchup(struct bench *bench)
{
    catch_up(bench, 100000, "catchup", 0.5);
}

void bench_catchup_1m(struct bench *bench)
{
    catch_up(bench, 1000000, "catchup_1m", 0.7);
}
