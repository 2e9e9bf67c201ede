/* fora-bench: every figure beside its limit, measured in the same run (scripts/bench). */
#include "bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench_row {
    const char *names;
    void (*run)(struct bench *bench);
    const char *help;
};

static const struct bench_row rows[] = {
    {"ingest", bench_ingest, "durable ingest over the wire from one peer"},
    {"import", bench_import, "a dump of 100,000 posts into an empty store"},
    {"catchup", bench_catchup, "an empty node catching up with another"},
    {"catchup_1m", bench_catchup_1m, "the same with a million objects"},
    {"reconcile", bench_reconcile, "reconcile_1m_*: two sets of a million"},
    {"propagate", bench_propagate, "from one node to the next, and over a chain of eight"},
    {"peers", bench_peers, "peers_200: two hundred peers with a space each"},
    {"ack_latency", bench_ack_latency, "one object, submitted to acknowledged"},
    {"stages", bench_stages, "stage_*: one object from the wire to the disk, by stage"},
    {"read", bench_read, "read_thread and read_list"},
    {"idle", bench_idle, "idle_10k: memory of a connection that does nothing"},
    {"attack", bench_attack,
        "attack_*: an honest peer's latency under each attack, and what that takes"},
    {"reputation", bench_reputation,
        "bundle_verify, standing_incremental, standing_gather, standing_read"},
    {"collusion", bench_collusion,
        "ring_*, farm_*: what colluding members and false nodes gain, beside its bound"},
    {"rss", bench_rss, "rss and disk: a million objects ingested"},
};

static void usage(FILE *out)
{
    fprintf(out, "usage: fora-bench [--quick] [--json FILE] [--only NAME]\n\n"
                 "  --quick      a tenth of the objects: for a first look, not for quoting\n"
                 "  --json FILE  writes {name: {value, unit, limit, ratio}}\n"
                 "  --only NAME  one of:\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(out, "      %-12s %s\n", rows[i].names, rows[i].help);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"quick", no_argument, NULL, 'q'},
        {"json", required_argument, NULL, 'j'}, {"only", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct bench bench = {.scale = 1};
    const char *json = NULL, *only = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "qj:o:h", options, NULL)) != -1) {
        switch (option) {
        case 'q':
            bench.scale = 10;
            break;
        case 'j':
            json = optarg;
            break;
        case 'o':
            only = optarg;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    }
    struct results *results = calloc(1, sizeof *results);
    if (results == NULL || fora_crypto_init() != 0) {
        free(results);
        return 1;
    }
    bench.results = results;
    bench_limits(&bench);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (only == NULL || strcmp(only, rows[i].names) == 0) {
            rows[i].run(&bench);
        }
    }
    bench_limits_fini(&bench);
    results_print(results);
    int rc = json != NULL ? results_json(results, json) : 0;
    if (rc != 0) {
        fprintf(stderr, "fora-bench: cannot write %s\n", json);
    }
    size_t exceeded = results_exceeded(results);
    if (exceeded > 0) {
        fprintf(stderr, "fora-bench: %zu %s above its bound (NO above).\n", exceeded,
            exceeded == 1 ? "figure is" : "figures are");
    }
    free(results);
    return rc == 0 && exceeded == 0 ? 0 : 1;
}
