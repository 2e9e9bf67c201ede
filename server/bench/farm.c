/* Lines and edges of a farm. */
#include "farm.h"

#include "measure.h"
#include "reputation/local.h"

#include <stdlib.h>
#include <string.h>

enum { GREATEST = 1000 };

static struct fora_principal_id node(uint8_t kind, uint32_t number)
{
    struct fora_principal_id id = {{kind}};
    memcpy(id.b + 1, &number, sizeof number);
    return id;
}

static struct fora_principal_id named(uint32_t number)
{
    return node(1, number);
}

static struct fora_principal_id false_one(uint32_t number)
{
    return node(2, number);
}

static bool vouches(const struct farm *farm, uint32_t from, uint32_t to)
{
    switch (farm->shape) {
    case FARM_ALONE:
        return false;
    case FARM_CHAIN:
        return to == from + 1;
    case FARM_CYCLE:
        return from != to && to == (from + 1) % farm->nodes;
    case FARM_CLIQUE:
        return from != to;
    }
    return false;
}

/* The first named node trusts an honest one, and that one was fooled. */
static size_t edges_of(const struct farm *farm, struct local_edge *edges)
{
    const struct fora_principal_id honest = node(3, 0);
    size_t count = 0;
    for (uint32_t from = 0; from < farm->nodes; from++) {
        for (uint32_t to = 0; to < farm->nodes; to++) {
            if (vouches(farm, from, to)) {
                edges[count++] = (struct local_edge){false_one(from), false_one(to), GREATEST};
            }
        }
        if (farm->fooled) {
            edges[count++] = (struct local_edge){honest, false_one(from), GREATEST};
        }
    }
    if (farm->fooled) {
        edges[count++] = (struct local_edge){named(0), honest, GREATEST};
    }
    return count;
}

uint64_t farm_gain(const struct farm *farm)
{
    struct local_policy policy = {.named_count = FARM_NAMED,
        .others = farm->others,
        .cap = FARM_CAP,
        .issuers_min = farm->issuers_min};
    size_t room = (size_t)farm->nodes * (farm->nodes + 1) + 1, trusted;
    struct local_edge *edges = calloc(room, sizeof *edges);
    struct local_line *lines = calloc(farm->nodes, sizeof *lines);
    struct local_trust *trust = NULL;
    bool enough;
    bench_need(edges == NULL || lines == NULL ? FORA_E_NOMEM : 0, "a farm");
    for (uint32_t i = 0; i < FARM_NAMED; i++) {
        policy.named[i] = (struct local_weight){named(i), GREATEST};
    }
    for (uint32_t i = 0; i < farm->nodes; i++) {
        lines[i] = (struct local_line){.issuer = false_one(i), .standing = UINT64_MAX};
    }
    bench_need(local_trust_flow(&policy, edges, edges_of(farm, edges), &trust, &trusted), "trust");
    uint64_t gained = local_standing(&policy, trust, trusted, lines, farm->nodes, 0, &enough);
    free(trust);
    free(lines);
    free(edges);
    return gained;
}

uint64_t farm_bound(const struct farm *farm)
{
    uint64_t witnesses = (farm->fooled ? 1 : 0) + (farm->others > 0 ? 1 : 0);
    return witnesses < farm->issuers_min ? 0 : witnesses * FARM_CAP;
}
