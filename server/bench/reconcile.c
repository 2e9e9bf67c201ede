/*
 * Reconciling two sets of a million on their fingerprint trees: rounds, bytes of both directions
 * and the processor time of both sides. The stores hold items only, which is all that the messages
 * are made from.
 */
#include "bench.h"
#include "store/ledger.h"
#include "store/sums_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 4096, REPEATS = 51, ROUNDS_MAX = 100 };

static const struct fora_space_id space = {.b = {1}};

struct side {
    struct kv *kv;
    char folder[256];
    uint64_t joined;
};

/* What the two sides are told apart by is `mark`; the common items have 0. */
static void item_make(
    uint64_t number, uint8_t mark, uint64_t *created_at, struct fora_object_id *id)
{
    uint64_t state = number * UINT64_C(0x9e3779b97f4a7c15) + mark;
    for (size_t i = 0; i < sizeof id->b; i += 8) {
        state ^= state >> 31;
        state *= UINT64_C(0xbf58476d1ce4e5b9);
        state ^= state >> 27;
        memcpy(id->b + i, &state, 8);
    }
    *created_at = (WORLD_BEGIN_MS / 1000 + number / 3) * 1000;
}

static void side_add(struct side *side, uint64_t first, uint64_t step, size_t count, uint8_t mark)
{
    for (size_t done = 0; done < count; done += BATCH) {
        struct ledger ledger;
        bench_need(ledger_begin(&ledger, side->kv), "a set");
        struct ledger_set *set = ledger_set_create(&ledger, &space, FORA_AUDIENCE_PUBLIC);
        for (size_t i = done; i < count && i < done + BATCH && set != NULL; i++) {
            struct fora_object_id id;
            uint64_t created_at;
            item_make(first + i * step, mark, &created_at, &id);
            ledger_join(&ledger, set, ++side->joined, created_at, &id, 0);
        }
        bench_need(ledger_commit(&ledger), "a set");
    }
}

static void sides_open(struct side sides[2], size_t common)
{
    for (int i = 0; i < 2; i++) {
        sides[i].joined = 0;
        bench_folder(sides[i].folder);
        sides[i].kv = bench_store_open(sides[i].folder);
        side_add(&sides[i], 0, 1, common, 0);
    }
}

static void sides_close(struct side sides[2])
{
    for (int i = 0; i < 2; i++) {
        kv_close(sides[i].kv);
        bench_folder_remove(sides[i].folder);
    }
}

/* So many differences, spread over the whole: half of them on each side. */
static void sides_differ(struct side sides[2], size_t common, size_t count, uint8_t mark)
{
    if (count > 0) {
        side_add(&sides[0], common / count / 2, common / count * 2, count / 2, mark);
        side_add(&sides[1], common / count, common / count * 2, count / 2, (uint8_t)(mark + 1));
    }
}

struct found {
    size_t have, need;
};

static int found_have(void *context, const uint8_t id[32])
{
    (void)id;
    ((struct found *)context)->have++;
    return 0;
}

static int found_need(void *context, const uint8_t id[32])
{
    (void)id;
    ((struct found *)context)->need++;
    return 0;
}

struct exchange {
    size_t rounds, bytes;
    size_t published_rounds, published_bytes; /* the same without short fingerprints */
    double cpu, wall;                         /* seconds */
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct fora_neg_source source_open(struct side *side, struct sums_source *context)
{
    struct set_info info;
    memset(context, 0, sizeof *context);
    bench_need(kv_begin_read(side->kv, &context->txn), "a set");
    if (!sets_find(context->txn, &space, FORA_AUDIENCE_PUBLIC, &info)) {
        bench_need(FORA_E_NOTFOUND, "a set");
    }
    context->set = info.number;
    return sums_neg_source(context);
}

/* As two nodes do it that have short fingerprints (REP-24), or without a key as published (REP-5).
 */
static void talk(struct side sides[2], size_t differences, const uint8_t *key, struct exchange *out)
{
    const struct fora_neg_limits limits = {
        .frame_max = FORA_NEG_FRAME_USUAL, .lean = true, .key = key};
    struct sums_source contexts[2];
    struct fora_buf ask = {0}, answer = {0};
    struct found found = {0};
    const struct fora_neg_report report = {&found, found_have, found_need};
    double cpu = cpu_seconds(), wall = bench_seconds();
    memset(out, 0, sizeof *out);
    struct fora_neg_source ours = source_open(&sides[0], &contexts[0]);
    struct fora_neg_source theirs = source_open(&sides[1], &contexts[1]);
    bench_need(fora_neg_start(&ours, &limits, &ask), "a first message");
    while (ask.size > 0 && out->rounds < ROUNDS_MAX) {
        fora_buf_clear(&answer);
        bench_need(fora_neg_reply(&theirs, &limits, fora_buf_bytes(&ask), NULL, &answer), "answer");
        out->rounds++;
        out->bytes += ask.size + answer.size;
        fora_buf_clear(&ask);
        bench_need(fora_neg_reply(&ours, &limits, fora_buf_bytes(&answer), &report, &ask), "round");
    }
    for (int i = 0; i < 2; i++) {
        sums_source_end(&contexts[i]);
        kv_abort(contexts[i].txn);
    }
    out->cpu = cpu_seconds() - cpu;
    out->wall = bench_seconds() - wall;
    fora_buf_fini(&ask);
    fora_buf_fini(&answer);
    /* A frame that was cut may bring an id twice. */
    if (found.have < differences / 2 || found.need < differences / 2) {
        bench_need(FORA_E_INTERNAL, "differences were not found");
    }
}

/* The last of some exchanges, which are all the same but for the time, with the median of it. */
static struct exchange measure(struct side sides[2], size_t differences)
{
    static const uint8_t key[FORA_NEG_KEY_SIZE] = {0x5a};
    struct exchange exchange = {0}, published;
    double cpu[REPEATS], wall[REPEATS];
    talk(sides, differences, NULL, &published);
    for (size_t i = 0; i < REPEATS; i++) {
        talk(sides, differences, key, &exchange);
        cpu[i] = exchange.cpu;
        wall[i] = exchange.wall;
    }
    exchange.cpu = bench_median(cpu, REPEATS);
    exchange.wall = bench_median(wall, REPEATS);
    exchange.published_rounds = published.rounds;
    exchange.published_bytes = published.bytes;
    return exchange;
}

static void report_row(struct bench *bench, size_t differences, const struct exchange *exchange,
    size_t rounds, size_t bytes)
{
    char name[40], limit[64];
    struct result *row;
    snprintf(name, sizeof name, "reconcile_1m_%zu", differences);
    snprintf(limit, sizeof limit, "%zu bytes; %zu rounds of %zu; V1: %zu, %zu", bytes,
        exchange->rounds, rounds, exchange->published_bytes, exchange->published_rounds);
    results_add(bench->results, name, (double)exchange->bytes, "bytes", (double)bytes, limit,
        (double)exchange->bytes / (double)bytes, false, 1);
    row = &bench->results->rows[bench->results->count - 1];
    row->holds = row->holds && exchange->rounds <= rounds;
    snprintf(row->more, sizeof row->more,
        ", \"rounds\": %zu, \"bytes\": %zu, \"cpu\": %.6f, \"wall\": %.6f, "
        "\"published_rounds\": %zu, \"published_bytes\": %zu",
        exchange->rounds, exchange->bytes, exchange->cpu, exchange->wall,
        exchange->published_rounds, exchange->published_bytes);
}

void bench_reconcile(struct bench *bench)
{
    struct side many[2], few[2];
    const size_t common = 1000000 / bench->scale;
    struct exchange none, ten, thousand, ten_of_few;
    sides_open(few, 10000);
    sides_differ(few, 10000, 10, 1);
    ten_of_few = measure(few, 10);
    sides_close(few);
    sides_open(many, common);
    none = measure(many, 0);
    sides_differ(many, common, 10, 1);
    ten = measure(many, 10);
    sides_differ(many, common, 990, 3);
    thousand = measure(many, 1000);
    sides_close(many);
    report_row(bench, 0, &none, 1, 350);
    report_row(bench, 10, &ten, 3, 15000);
    report_row(bench, 1000, &thousand, 4, 400000);
    results_add(bench->results, "reconcile_10_cpu", ten.cpu * 1000, "ms cpu", ten_of_few.cpu * 1000,
        "the same of 10,000 objects, ms", ten.cpu / ten_of_few.cpu, false, 2);
}
