/*
 * Farms of false nodes on random graphs (LOC-3, LOC-5, LOC-6): honest nodes that the configuration
 * names or that these trust, false ones that state and vouch as they like; a walk over all chains
 * stands beside the library's flow of trust.
 */
#include "reputation/local.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { HONEST = 8, FALSE_MAX = 40, NODES = HONEST + FALSE_MAX, EDGES_MAX = 300, ROUNDS = 400 };

struct town {
    uint64_t random;
    struct local_policy policy; /* names some of the honest */
    unsigned false_ones;
    struct local_edge edges[EDGES_MAX];
    size_t count;
};

static uint32_t below(struct town *town, uint32_t bound)
{
    town->random = town->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(town->random >> 33) % bound;
}

static struct fora_principal_id node(unsigned number)
{
    return (struct fora_principal_id){{2, (uint8_t)number}};
}

static void vouch(struct town *town, unsigned from, unsigned to)
{
    town->edges[town->count++] = (struct local_edge){node(from), node(to), below(town, 1001)};
}

/* `fooled`: honest ones vouch for false ones, too. */
static void draw(struct town *town, bool fooled)
{
    unsigned all;
    town->policy = (struct local_policy){.others = below(town, 2) * below(town, 1001),
        .cap = below(town, 1000),
        .issuers_min = 1 + below(town, 3),
        .named_count = below(town, 4)};
    for (unsigned i = 0; i < town->policy.named_count; i++) {
        town->policy.named[i] = (struct local_weight){node(i), below(town, 1001)};
    }
    town->false_ones = 1 + below(town, FALSE_MAX);
    town->count = 0;
    all = HONEST + town->false_ones;
    for (unsigned i = below(town, EDGES_MAX); i > 0; i--) {
        unsigned from = below(town, 3) == 0 ? below(town, HONEST) : below(town, all);
        unsigned to = below(town, from < HONEST && !fooled ? HONEST : all);
        if (from != to) {
            vouch(town, from, to);
        }
    }
}

/* Standings of the first so many nodes; false ones state the greatest. */
static uint64_t weighed(const struct town *town, unsigned nodes, struct local_line *lines)
{
    struct local_edge edges[EDGES_MAX];
    struct local_trust *trust;
    size_t trusted;
    bool enough;
    memcpy(edges, town->edges, sizeof edges);
    for (unsigned i = 0; i < nodes; i++) {
        lines[i] =
            (struct local_line){.issuer = node(i), .standing = i < HONEST ? 100 * i : UINT64_MAX};
    }
    assert_int_equal(local_trust_flow(&town->policy, edges, town->count, &trust, &trusted), 0);
    uint64_t found = local_standing(&town->policy, trust, trusted, lines, nodes, 0, &enough);
    assert_true(enough || found == 0);
    free(trust);
    return found;
}

static void LOC_6_no_farm_is_above_the_bound(void **state)
{
    struct town town = {.random = 42};
    struct local_line lines[NODES];
    unsigned at_the_cap = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        draw(&town, true);
        unsigned all = HONEST + town.false_ones;
        uint64_t found = weighed(&town, all, lines);
        uint64_t by_source[NODES + 1] = {0}, sum = 0;
        for (unsigned i = 0; i < all; i++) {
            unsigned source = lines[i].ground == LOCAL_OTHER ? NODES : lines[i].source.b[1];
            by_source[source] += lines[i].given;
            sum += lines[i].given;
            assert_true(lines[i].ground == LOCAL_OTHER || source < town.policy.named_count);
            assert_true(by_source[source] <= town.policy.cap);
            at_the_cap += by_source[source] == town.policy.cap;
        }
        assert_true(found == sum || found == 0);
        assert_true(found <= town.policy.cap * (town.policy.named_count + 1));
    }
    assert_true(at_the_cap > ROUNDS);
}

/* A farm that nobody trusts adds one cap at most, and one witness; without weight for strangers it
 * is as if it were not there. */
static void LOC_6_whom_nobody_trusts_adds_one_cap_at_most(void **state)
{
    struct town town = {.random = 43};
    struct local_line lines[NODES];
    unsigned unheard = 0, gained = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        draw(&town, false);
        uint64_t with = weighed(&town, HONEST + town.false_ones, lines);
        uint64_t without = weighed(&town, HONEST, lines);
        if (town.policy.others == 0) {
            assert_int_equal(with, without);
            unheard++;
        } else if (without > 0) {
            assert_true(with <= without + town.policy.cap);
            gained += with > without;
        }
        town.policy.issuers_min = (uint32_t)town.policy.named_count + 2;
        assert_int_equal(weighed(&town, HONEST + town.false_ones, lines), 0);
    }
    assert_true(unheard > ROUNDS / 4 && gained > ROUNDS / 20);
}

/* ---- trust, by walking every chain ---- */

static bool is_named(const struct town *town, unsigned number)
{
    return number < town->policy.named_count;
}

static void walk(
    const struct town *town, unsigned at, uint32_t trust, unsigned hops, uint32_t best[NODES])
{
    for (size_t i = 0; i < town->count && hops < LOCAL_HOPS_MAX; i++) {
        unsigned to = town->edges[i].to.b[1];
        uint32_t arrives = (uint32_t)((uint64_t)trust * town->edges[i].weight / 2000);
        if (town->edges[i].from.b[1] != at || arrives == 0 || is_named(town, to)) {
            continue; /* of a named node counts what the configuration says */
        }
        best[to] = arrives > best[to] ? arrives : best[to];
        walk(town, to, arrives, hops + 1, best);
    }
}

static void LOC_3_trust_is_that_of_the_best_chain(void **state)
{
    struct town town = {.random = 44};
    struct local_line lines[NODES];
    unsigned compared = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t best[NODES] = {0};
        draw(&town, true);
        town.count = town.count < 40 ? town.count : 40; /* few: none has more than 32 */
        weighed(&town, HONEST + town.false_ones, lines);
        for (unsigned i = 0; i < town.policy.named_count; i++) {
            best[i] = town.policy.named[i].weight;
        }
        for (unsigned i = 0; i < town.policy.named_count; i++) {
            walk(&town, i, best[i], 0, best);
        }
        for (unsigned i = 0; i < HONEST + town.false_ones; i++) {
            const struct local_line *line = &lines[i];
            unsigned number = line->issuer.b[1];
            if (line->ground == LOCAL_OTHER) {
                assert_int_equal(best[number], 0);
            } else {
                assert_int_equal(line->weight, best[number]);
                compared += line->ground == LOCAL_TRUSTED;
            }
        }
    }
    assert_true(compared > ROUNDS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(LOC_3_trust_is_that_of_the_best_chain),
        cmocka_unit_test(LOC_6_no_farm_is_above_the_bound),
        cmocka_unit_test(LOC_6_whom_nobody_trusts_adds_one_cap_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
