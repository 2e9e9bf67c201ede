/* Reading over the protocol: a thread of 20 posts, a page of 50 threads, at a thousand objects and
 * at a million. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READS = 2000, STEP = 50000, PAIRS = 7, PAGE = 50 };

struct reading {
    struct bench_node node;
    struct world world;
    struct fora_object_id *roots; /* owned: threads that are whole */
    size_t roots_count;
};

/* Fills a store with `count` objects and remembers the threads. */
static void fill(struct reading *reading, const char *folder, size_t count)
{
    struct fora_buf first = {0};
    size_t sizes[WORLD_MEMBERS + 1];
    struct fora_bytes objects[WORLD_MEMBERS + 1];
    size_t n = world_init(&reading->world, &reading->node, &first, sizes);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        objects[i] = fora_bytes(first.data + at, sizes[i]);
        at += sizes[i];
    }
    bench_store_fill(folder, &reading->node, &reading->world.space, objects, n);
    reading->roots = calloc(count / WORLD_THREAD_POSTS + 1, sizeof *reading->roots);
    reading->roots_count = 0;
    for (size_t done = 0; done < count; done += STEP) {
        struct world_load load;
        world_make(&reading->world, count - done < STEP ? count - done : STEP, &load);
        for (size_t i = 0; i < load.count && reading->roots != NULL; i++) {
            struct fora_object object;
            bench_need(fora_object_decode(&object, load.objects[i]), "an object");
            if (object.header.kind == FORA_KIND_THREAD &&
                reading->roots_count < count / WORLD_THREAD_POSTS) {
                reading->roots[reading->roots_count++] = object.id;
            }
        }
        bench_store_fill(folder, &reading->node, NULL, load.objects, load.count);
        world_load_fini(&load);
    }
    fora_buf_fini(&first);
}

static double read_threads(struct bench_peer *client, const struct reading *reading)
{
    uint64_t random = 7;
    double begin = bench_seconds();
    for (unsigned i = 0; i < READS; i++) {
        struct fora_message ask = {.type = FORA_MSG_GET_THREAD};
        random = random * 6364136223846793005u + 1442695040888963407u;
        ask.u.get_thread.root = reading->roots[(random >> 33) % reading->roots_count];
        const struct fora_message *answer = bench_peer_call(client, &ask, FORA_MSG_THREAD_OBJECTS);
        if (answer->u.thread_objects.objects_count != WORLD_THREAD_POSTS) {
            bench_need(FORA_E_INTERNAL, "a thread of another length");
        }
    }
    return READS / (bench_seconds() - begin);
}

/* Full pages from anywhere in the list: each begins at the cursor of the one before, and the list
 * begins again where less than a page is left. */
static double read_lists(struct bench_peer *client, const struct reading *reading)
{
    uint8_t cursor[64];
    size_t cursor_size = 0, shown = 0;
    double begin = bench_seconds();
    for (unsigned i = 0; i < READS / 2; i++) {
        struct fora_message ask = {.type = FORA_MSG_LIST_THREADS};
        ask.u.list_threads.space = reading->world.space;
        ask.u.list_threads.limit = PAGE;
        ask.u.list_threads.cursor = fora_bytes(cursor, cursor_size);
        const struct fora_msg_threads *page =
            &bench_peer_call(client, &ask, FORA_MSG_THREADS)->u.threads;
        if (page->rows_count != PAGE) {
            bench_need(FORA_E_INTERNAL, "a page that is not full");
        }
        shown += PAGE;
        bool again = shown + PAGE > reading->roots_count || page->next.size > sizeof cursor;
        shown = again ? 0 : shown;
        cursor_size = again ? 0 : page->next.size;
        if (cursor_size != 0) {
            memcpy(cursor, page->next.data, cursor_size);
        }
    }
    return READS / 2 / (bench_seconds() - begin);
}

/* A node over a store of `count` objects, and somebody who reads from it. */
struct stage {
    struct reading reading;
    struct bench_process process;
    struct bench_peer *client;
    char folder[256];
};

static struct stage *stage_new(size_t count)
{
    struct stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) {
        bench_need(FORA_E_NOMEM, "reading");
        return NULL;
    }
    bench_folder(stage->folder);
    bench_node_make(&stage->reading.node, 1, "node", "127.0.0.1:1");
    fill(&stage->reading, stage->folder, count);
    bench_start(&stage->process, stage->folder, &stage->reading.node);
    bench_client_open(&stage->client, stage->process.address);
    return stage;
}

static void stage_free(struct stage *stage)
{
    bench_peer_close(stage->client);
    bench_stop(&stage->process);
    bench_folder_remove(stage->folder);
    world_fini(&stage->reading.world);
    bench_node_fini(&stage->reading.node);
    free(stage->reading.roots);
    free(stage);
}

typedef double read_fn(struct bench_peer *client, const struct reading *reading);

/* In turn, so that a change of the machine's speed meets both. The ratio is the median over the
 * pairs. */
static void compare(struct bench *bench, const char *name, const char *unit, struct stage *few,
    struct stage *many, read_fn *read)
{
    double few_rates[PAIRS], many_rates[PAIRS], ratios[PAIRS];
    for (int pair = 0; pair < PAIRS; pair++) {
        few_rates[pair] = read(few->client, &few->reading);
        many_rates[pair] = read(many->client, &many->reading);
        ratios[pair] = few_rates[pair] / many_rates[pair];
    }
    results_add(bench->results, name, bench_median(many_rates, PAIRS), unit,
        bench_median(few_rates, PAIRS), "the same at a thousand objects",
        bench_median(ratios, PAIRS), false, 1.5);
}

void bench_read(struct bench *bench)
{
    /* 1,020 objects make 51 threads: a full page, and a cursor to build. */
    struct stage *few = stage_new(1020);
    struct stage *many = stage_new(1000000 / bench->scale);
    compare(bench, "read_thread", "threads/s", few, many, read_threads);
    compare(bench, "read_list", "pages/s", few, many, read_lists);
    stage_free(few);
    stage_free(many);
}
