/* The arithmetic of local standing. */
#include "reputation/local.h"

#include "fora/time.h"

#include <stdlib.h>
#include <string.h>

#define POINTS_MAX UINT64_C(4294967295)

static int compare_ids(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

/* ---- products ---- */

static bool is_listed(const struct local_policy *policy, struct fora_bytes name)
{
    for (size_t i = 0; i < policy->products_count; i++) {
        if (fora_bytes_equal(policy->products[i], name)) {
            return true;
        }
    }
    return false;
}

bool local_product_counts(const struct local_policy *policy, const struct fora_bytes *stated,
    size_t stated_count, const struct fora_product *of_space, size_t of_space_count)
{
    bool counts = policy->products_count == 0;
    for (size_t i = 0; i < stated_count && !counts; i++) {
        counts = is_listed(policy, stated[i]);
    }
    for (size_t i = 0; stated_count == 0 && i < of_space_count && !counts; i++) {
        counts = is_listed(policy, of_space[i].name);
    }
    return counts;
}

/* ---- trust ---- */

/* By who trusts, then the greatest weight first, then by id. */
static int by_edge(const void *left, const void *right)
{
    const struct local_edge *a = left, *b = right;
    int order = compare_ids(&a->from, &b->from);
    if (order == 0) {
        order = (a->weight < b->weight) - (a->weight > b->weight);
    }
    return order != 0 ? order : compare_ids(&a->to, &b->to);
}

static int by_node(const void *left, const void *right)
{
    return compare_ids(
        &((const struct local_trust *)left)->node, &((const struct local_trust *)right)->node);
}

/* Of one node the best: named before trusted, then more trust, then the smaller source. */
static int by_worth(const void *left, const void *right)
{
    const struct local_trust *a = left, *b = right;
    int order = by_node(left, right);
    if (order == 0) {
        order = (a->hops != 0) - (b->hops != 0);
    }
    if (order == 0) {
        order = (a->trust < b->trust) - (a->trust > b->trust);
    }
    return order != 0 ? order : compare_ids(&a->source, &b->source);
}

static const struct local_trust *find(
    const struct local_trust *list, size_t count, const struct fora_principal_id *node)
{
    const struct local_trust key = {.node = *node};
    return count == 0 ? NULL : bsearch(&key, list, count, sizeof key, by_node);
}

static size_t keep_best(struct local_trust *list, size_t count)
{
    size_t kept = 0;
    if (count > 0) {
        qsort(list, count, sizeof *list, by_worth);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_node(&list[kept - 1], &list[i]) != 0) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

/* One edge further: what arrives goes behind what is known, and the best of each stays. */
static size_t flow(struct local_trust *list, size_t count, const struct local_edge *edges,
    size_t edges_count, unsigned hop)
{
    size_t grown = count, taken = 0;
    for (size_t i = 0; i < edges_count; i++) {
        taken = i > 0 && compare_ids(&edges[i].from, &edges[i - 1].from) == 0 ? taken + 1 : 0;
        const struct local_trust *from =
            taken < LOCAL_EDGES_MAX ? find(list, count, &edges[i].from) : NULL;
        if (from == NULL || from->hops != hop - 1) {
            continue;
        }
        uint32_t weight = edges[i].weight < 1000 ? edges[i].weight : 1000;
        uint32_t arrives = (uint32_t)((uint64_t)from->trust * weight / 2000);
        if (arrives > 0) {
            list[grown++] = (struct local_trust){
                .node = edges[i].to, .source = from->source, .trust = arrives, .hops = hop};
        }
    }
    return keep_best(list, grown);
}

int local_trust_flow(const struct local_policy *policy, struct local_edge *edges, size_t count,
    struct local_trust **out, size_t *out_count)
{
    /* In each hop an edge brings one entry at most, and what stays is one for each node. */
    size_t room = policy->named_count + (LOCAL_HOPS_MAX + 1) * count + 1;
    struct local_trust *list = calloc(room, sizeof *list);
    size_t used = 0;
    if (list == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < policy->named_count; i++) {
        const struct local_weight *named = &policy->named[i];
        list[used++] = (struct local_trust){.node = named->node,
            .source = named->node,
            .trust = named->weight < 1000 ? named->weight : 1000};
    }
    used = keep_best(list, used);
    if (count > 0) {
        qsort(edges, count, sizeof *edges, by_edge);
    }
    for (unsigned hop = 1; hop <= LOCAL_HOPS_MAX; hop++) {
        used = flow(list, used, edges, count, hop);
    }
    *out = list;
    *out_count = used;
    return 0;
}

/* ---- lines ---- */

static uint64_t decay(uint64_t standing, uint64_t until, uint64_t now, uint32_t half_life)
{
    uint64_t days = now > until ? (now - until) / FORA_DAY_MS : 0;
    uint64_t points = standing < POINTS_MAX ? standing : POINTS_MAX;
    return half_life == 0 ? points : points * half_life / (half_life + days);
}

static void weigh(const struct local_policy *policy, const struct local_trust *trust, size_t count,
    struct local_line *line, uint64_t now)
{
    const struct local_trust *found = find(trust, count, &line->issuer);
    line->ground = found == NULL ? LOCAL_OTHER : found->hops == 0 ? LOCAL_NAMED : LOCAL_TRUSTED;
    line->weight = found != NULL ? found->trust : policy->others < 1000 ? policy->others : 1000;
    line->hops = found != NULL ? found->hops : 0;
    memset(&line->source, 0, sizeof line->source);
    if (found != NULL) {
        line->source = found->source;
    }
    line->decayed = decay(line->standing, line->until, now, policy->half_life);
    line->worth = line->decayed * line->weight / 1000;
}

static int by_contribution(const void *left, const void *right)
{
    const struct local_line *a = left, *b = right;
    int order = (a->worth < b->worth) - (a->worth > b->worth);
    return order != 0 ? order : compare_ids(&a->issuer, &b->issuer);
}

/* What was given of the source's cap. Sources are few: a walk over what went before. */
static uint64_t used_of(const struct local_line *lines, size_t index)
{
    uint64_t used = 0;
    for (size_t i = 0; i < index; i++) {
        if (compare_ids(&lines[i].source, &lines[index].source) == 0) {
            used += lines[i].given;
        }
    }
    return used;
}

uint64_t local_standing(const struct local_policy *policy, const struct local_trust *trust,
    size_t trust_count, struct local_line *lines, size_t count, uint64_t now, bool *enough)
{
    uint64_t sum = 0;
    size_t contributing = 0;
    for (size_t i = 0; i < count; i++) {
        weigh(policy, trust, trust_count, &lines[i], now);
    }
    if (count > 0) {
        qsort(lines, count, sizeof *lines, by_contribution);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t used = used_of(lines, i);
        uint64_t room = policy->cap > used ? policy->cap - used : 0;
        lines[i].given = lines[i].worth < room ? lines[i].worth : room;
        sum += lines[i].given;
        contributing += lines[i].given > 0 && used == 0; /* who shares a cap is one witness */
    }
    *enough = contributing >= policy->issuers_min;
    return *enough ? sum : 0;
}
