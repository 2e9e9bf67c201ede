/*
 * What a connection costs that does nothing (SES-54): ten thousand clients open one each, say
 * nothing more, and the node's anonymous memory is looked at before and after. The kernel's own
 * buffers are not in it.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IDLE = 10000, IDLE_LIMIT = 16384, SPARE_FILES = 100, SETTLE_SECONDS = 5 };

/* Descriptors for this process and, inherited, for the node. */
static void files_allow(size_t count)
{
    struct rlimit limit;
    bench_need(getrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : FORA_E_IO, "the limit of open files");
    if (limit.rlim_cur >= count) {
        return;
    }
    limit.rlim_cur = count;
    limit.rlim_max = limit.rlim_max < count ? count : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        fprintf(stderr, "bench: idle needs %zu open files: raise the limit (ulimit -Hn)\n", count);
        exit(1);
    }
}

void bench_idle(struct bench *bench)
{
    struct bench_node node;
    struct bench_process process;
    char folder[256];
    size_t count = IDLE / bench->scale;
    struct bench_peer **peers = calloc(count, sizeof *peers);
    bench_need(peers == NULL ? FORA_E_NOMEM : 0, "ten thousand clients");
    files_allow(count + SPARE_FILES);
    bench_folder(folder);
    bench_node_make(&node, 3, "idle", "127.0.0.1:1");
    bench_store_fill(folder, &node, NULL, NULL, 0);
    bench_start(&process, folder, &node);
    /* One first, so that what is there once and for all is there. */
    bench_client_open(&peers[0], process.address);
    sleep(SETTLE_SECONDS);
    uint64_t before = bench_rss_anon(process.pid);
    for (size_t i = 1; i < count; i++) {
        bench_client_open(&peers[i], process.address);
    }
    sleep(SETTLE_SECONDS);
    uint64_t after = bench_rss_anon(process.pid);
    double each = (double)(after - before) / (double)(count - 1);
    for (size_t i = 0; i < count; i++) {
        bench_peer_close(peers[i]);
    }
    bench_stop(&process);
    bench_folder_remove(folder);
    bench_node_fini(&node);
    free(peers);
    results_add(bench->results, "idle_10k", each, "B", IDLE_LIMIT, "16 KiB each", each / IDLE_LIMIT,
        false, 1);
}
