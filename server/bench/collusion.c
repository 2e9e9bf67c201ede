/*
 * What collusion gains, as it grows: rings of k members beside the bound of STD-10, farms of n
 * false nodes beside that of LOC-6. No figure depends on the machine, and one above its bound fails
 * the run.
 */
#include "bench.h"
#include "farm.h"
#include "ring.h"

#include <stdio.h>

enum { SIZES = 9 }; /* 1, 2, 4 to 256 */

struct ring_case {
    const char *name;
    const char *help;
    struct ring ring;
};
static const struct ring_case rings[] = {
    {"ring_star", "all work for one", {.shape = RING_STAR, .nodes = 8, .old = true}},
    {"ring_cycle", "each works for the next", {.shape = RING_CYCLE, .nodes = 8, .old = true}},
    {"ring_clique", "all for all", {.shape = RING_CLIQUE, .nodes = 8, .old = true}},
    {"ring_half", "each for half of the others, none for whom works for her",
        {.shape = RING_HALF, .nodes = 8, .old = true}},
    {"ring_new", "all for all, accounts of a day at one node", {.shape = RING_CLIQUE, .nodes = 1}},
    {"ring_new_8", "the same over eight nodes", {.shape = RING_CLIQUE, .nodes = 8}},
    {"ring_one_node", "the same, accounts of a year at one node",
        {.shape = RING_CLIQUE, .nodes = 1, .old = true}},
    {"ring_editors", "half for half, who cite each other in articles of the staff",
        {.shape = RING_HALF, .nodes = 8, .old = true, .editors = true}},
    {"ring_new_votes", "accounts of a day at the host, which vote",
        {.shape = RING_CLIQUE, .nodes = 1, .votes = true}},
    {"ring_votes", "half for half, old, all with accounts at the host, which vote",
        {.shape = RING_HALF, .nodes = 8, .old = true, .votes = true}},
    {"ring_rooted_1", "the same, one of whom the organisation knows",
        {.shape = RING_HALF, .nodes = 8, .old = true, .votes = true, .rooted = 1}},
    {"ring_rooted_4", "the same, four",
        {.shape = RING_HALF, .nodes = 8, .old = true, .votes = true, .rooted = 4}},
    {"ring_rooted_16", "the same, sixteen",
        {.shape = RING_HALF, .nodes = 8, .old = true, .votes = true, .rooted = 16}},
    {"ring_rooted_clique", "all for all, sixteen",
        {.shape = RING_CLIQUE, .nodes = 8, .old = true, .votes = true, .rooted = 16}},
};

static void run_ring(struct bench *bench, const struct ring_case *of, size_t sizes)
{
    struct ring_gain gains[SIZES];
    uint64_t most = 0, bound = 1;
    printf("  %s\n  %-18s", of->help, of->name);
    for (size_t i = 0; i < sizes; i++) {
        struct ring ring = of->ring;
        ring.members = 1U << i;
        ring.rooted = ring.rooted < ring.members ? ring.rooted : ring.members - 1;
        gains[i] = ring_gain(&ring);
        printf(" %6llu", (unsigned long long)gains[i].best);
        if (gains[i].best * bound >= most * ring_bound(&ring)) {
            most = gains[i].best;
            bound = ring_bound(&ring);
        }
    }
    printf("\n  %-18s", "  all together");
    for (size_t i = 0; i < sizes; i++) {
        printf(" %6llu", (unsigned long long)gains[i].all);
    }
    printf("\n");
    results_bound(bench->results, of->name, (double)most, "points", (double)bound,
        "STD-10, of the best member");
    struct result *row = &bench->results->rows[bench->results->count - 1];
    snprintf(row->more, sizeof row->more, ", \"members\": %u, \"all\": %llu", 1U << (sizes - 1),
        (unsigned long long)gains[sizes - 1].all);
}

/* ---- farms ---- */

struct farm_case {
    const char *name;
    const char *help;
    struct farm farm;
};
static const struct farm_case farms[] = {
    {"farm_alone", "nobody trusts them, strangers have a weight of 100",
        {.shape = FARM_ALONE, .others = 100, .issuers_min = 1}},
    {"farm_unheard", "nobody trusts them, strangers have no weight",
        {.shape = FARM_CLIQUE, .issuers_min = 1}},
    {"farm_chain", "one that is trusted was fooled by all; each vouches for the next",
        {.shape = FARM_CHAIN, .fooled = true, .others = 100, .issuers_min = 1}},
    {"farm_cycle", "the same, in a circle",
        {.shape = FARM_CYCLE, .fooled = true, .others = 100, .issuers_min = 1}},
    {"farm_clique", "the same, all for all",
        {.shape = FARM_CLIQUE, .fooled = true, .others = 100, .issuers_min = 1}},
    {"farm_fooled", "the same, strangers have no weight",
        {.shape = FARM_CLIQUE, .fooled = true, .issuers_min = 1}},
    {"farm_witnesses", "the same, two witnesses are asked for",
        {.shape = FARM_CLIQUE, .fooled = true, .issuers_min = 2}},
};

static void run_farm(struct bench *bench, const struct farm_case *of, size_t sizes)
{
    uint64_t most = 0;
    printf("  %s\n  %-18s", of->help, of->name);
    for (size_t i = 0; i < sizes; i++) {
        struct farm farm = of->farm;
        farm.nodes = 1U << i;
        uint64_t gain = farm_gain(&farm);
        most = gain > most ? gain : most;
        printf(" %6llu", (unsigned long long)gain);
    }
    printf("  bound %llu\n", (unsigned long long)farm_bound(&of->farm));
    results_bound(bench->results, of->name, (double)most, "points", (double)farm_bound(&of->farm),
        "LOC-6, of the local standing");
}

void bench_collusion(struct bench *bench)
{
    size_t sizes = bench->scale > 1 ? SIZES - 3 : SIZES; /* the last three take a minute */
    printf("standing of the best member of a ring of\n  %-18s", "");
    for (size_t i = 0; i < sizes; i++) {
        printf(" %6u", 1U << i);
    }
    printf("\n");
    for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++) {
        run_ring(bench, &rings[i], sizes);
    }
    printf("local standing by so many false nodes, a cap of %d, %d nodes named\n", FARM_CAP,
        FARM_NAMED);
    for (size_t i = 0; i < sizeof farms / sizeof farms[0]; i++) {
        run_farm(bench, &farms[i], SIZES);
    }
    printf("\n");
}
