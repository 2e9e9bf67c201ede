/* The figures of the wire: ingest, catch-up, latency, memory and disk. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUT_OBJECTS = 64 };

void bench_ingest(struct bench *bench)
{
    struct scene *scene = scene_new();
    struct bench_process process;
    struct bench_peer *peer;
    struct world_load load;
    world_make(&scene->world, 100000 / bench->scale, &load);
    scene_fill(scene);
    bench_start(&process, scene->folder, &scene->node);
    bench_peer_open(&peer, process.address, &scene->peer);
    double limit = bench_verify_rate(bench);
    double begin = bench_seconds();
    for (size_t at = 0; at < load.count; at += PUT_OBJECTS) {
        size_t left = load.count - at;
        bench_peer_put(peer, load.objects + at, left < PUT_OBJECTS ? left : PUT_OBJECTS);
    }
    uint64_t stored = bench_peer_drain(peer);
    double rate = (double)stored / (bench_seconds() - begin);
    bench_peer_close(peer);
    bench_stop(&process);
    limit = (limit + bench_verify_rate(bench)) / 2;
    results_add(bench->results, "ingest", rate, "objects/s", limit,
        "hash and verify on all cores, objects/s", rate / limit, true, 0.8);
    world_load_fini(&load);
    scene_free(scene);
}

void bench_ack_latency(struct bench *bench)
{
    enum { ACKS = 400 };
    struct scene *scene = scene_new();
    struct bench_process process;
    struct bench_peer *peer;
    struct world_load load;
    double times[ACKS], bare_times[ACKS];
    struct bare *bare = bench_bare_new();
    world_make(&scene->world, ACKS, &load);
    scene_fill(scene);
    bench_start(&process, scene->folder, &scene->node);
    bench_peer_open(&peer, process.address, &scene->peer);
    for (size_t i = 0; i < ACKS; i++) {
        usleep(BENCH_PAUSE_US); /* nothing else going on: the rows of the one before are done */
        double begin = bench_seconds();
        bench_peer_put(peer, load.objects + i, 1);
        bench_peer_drain(peer);
        times[i] = bench_seconds() - begin;
        usleep(BENCH_PAUSE_US); /* the cores are as idle for it, and wake up as slowly */
        bare_times[i] = bench_bare_commit(bare, load.objects[i]);
    }
    double median = bench_median(times, ACKS);
    double limit = bench_median(bare_times, ACKS);
    bench_bare_free(bare);
    bench_peer_close(peer);
    bench_stop(&process);
    results_add(bench->results, "ack_latency", median * 1000, "ms", limit * 1000,
        "one commit of the same size in bare LMDB, ms", median / limit, false, 2);
    world_load_fini(&load);
    scene_free(scene);
}

static uint64_t disk_bytes(const char *folder)
{
    char path[400];
    struct stat stat_buf;
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    return stat(path, &stat_buf) == 0 ? (uint64_t)stat_buf.st_blocks * 512 : 0;
}

void bench_rss(struct bench *bench)
{
    enum { ROUND = 20000 };
    struct scene *scene = scene_new();
    struct bench_process process;
    struct bench_peer *peer;
    uint64_t most = 0;
    size_t count = 1000000 / bench->scale;
    scene_fill(scene);
    bench_start(&process, scene->folder, &scene->node);
    bench_peer_open(&peer, process.address, &scene->peer);
    for (size_t done = 0; done < count; done += ROUND) {
        struct world_load load;
        world_make(&scene->world, ROUND, &load);
        for (size_t at = 0; at < load.count; at += PUT_OBJECTS) {
            size_t left = load.count - at;
            bench_peer_put(peer, load.objects + at, left < PUT_OBJECTS ? left : PUT_OBJECTS);
            if (at % (16 * PUT_OBJECTS) == 0) {
                uint64_t rss = bench_rss_anon(process.pid);
                most = rss > most ? rss : most;
            }
        }
        world_load_fini(&load);
        fprintf(stderr, "\r  rss: %zu of %zu objects, %.1f MiB", done + ROUND, count,
            (double)most / 1048576);
    }
    fprintf(stderr, "\n");
    bench_peer_drain(peer);
    bench_peer_close(peer);
    bench_stop(&process);
    double object_bytes = (double)(scene->world.bytes + scene->first.size);
    double ratio = (double)disk_bytes(scene->folder) / object_bytes;
    double mib = (double)most / 1048576;
    results_add(bench->results, "disk", ratio, "bytes/byte", 1, "bytes of the objects themselves",
        ratio, false, 1.6);
    results_add(
        bench->results, "rss", mib, "MiB", 64, "MiB of anonymous memory", mib / 64, false, 1);
    scene_free(scene);
}
