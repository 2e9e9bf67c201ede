/* Local standing, clause by clause (spec LOC-2 to LOC-6). */
#include "reputation/local.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define DAY UINT64_C(86400000)

static struct fora_principal_id node(unsigned number)
{
    return (struct fora_principal_id){{2, (uint8_t)(number >> 8), (uint8_t)number}};
}

static struct local_policy policy_naming(unsigned number, uint32_t weight)
{
    struct local_policy policy = {.cap = 500, .issuers_min = 1, .named_count = 1};
    policy.named[0] = (struct local_weight){node(number), weight};
    return policy;
}

static uint32_t trust_in(const struct local_policy *policy, struct local_edge *edges, size_t count,
    unsigned who, unsigned *source)
{
    struct local_trust *list;
    size_t trusted;
    uint32_t found = 0;
    assert_int_equal(local_trust_flow(policy, edges, count, &list, &trusted), 0);
    for (size_t i = 0; i < trusted; i++) {
        struct fora_principal_id id = node(who);
        if (memcmp(list[i].node.b, id.b, sizeof id.b) == 0) {
            found = list[i].trust;
            *source = (unsigned)list[i].source.b[1] << 8 | list[i].source.b[2];
        }
    }
    free(list);
    return found;
}

static void LOC_2_products_that_count(void **state)
{
    const struct fora_bytes brew = fora_bytes_str("brewkit"), oven = fora_bytes_str("oven");
    const struct fora_product space[] = {{.name = oven}, {.name = brew}};
    struct local_policy policy = policy_naming(1, 1000);
    (void)state;
    /* None is named: all count, also those about nothing in particular. */
    assert_true(local_product_counts(&policy, NULL, 0, NULL, 0));
    assert_true(local_product_counts(&policy, &oven, 1, space, 2));
    policy.products[policy.products_count++] = brew;
    /* Without products of its own a standing is about those of its space. */
    assert_true(local_product_counts(&policy, NULL, 0, space, 2));
    assert_false(local_product_counts(&policy, NULL, 0, space, 1));
    assert_false(local_product_counts(&policy, NULL, 0, NULL, 0));
    /* What it names itself goes before them, both ways. */
    assert_false(local_product_counts(&policy, &oven, 1, space, 2));
    assert_true(local_product_counts(&policy, &brew, 1, space, 1));
    policy.products[policy.products_count++] = oven;
    assert_true(local_product_counts(&policy, &oven, 1, NULL, 0));
}

static void LOC_3_trust_halves_and_ends_after_three_edges(void **state)
{
    struct local_policy policy = policy_naming(1, 1000);
    struct local_edge edges[] = {{node(1), node(2), 1000}, {node(2), node(3), 1000},
        {node(3), node(4), 1000}, {node(4), node(5), 1000}, {node(4), node(1), 1000}};
    unsigned source = 0;
    (void)state;
    assert_int_equal(trust_in(&policy, edges, 5, 1, &source), 1000);
    assert_int_equal(trust_in(&policy, edges, 5, 2, &source), 500);
    assert_int_equal(trust_in(&policy, edges, 5, 3, &source), 250);
    assert_int_equal(trust_in(&policy, edges, 5, 4, &source), 125);
    assert_int_equal(source, 1);
    assert_int_equal(trust_in(&policy, edges, 5, 5, &source), 0);
}

static void LOC_3_the_greatest_and_no_sum(void **state)
{
    struct local_policy policy = policy_naming(1, 1000);
    struct local_edge edges[] = {{node(1), node(2), 600}, {node(1), node(3), 1000},
        {node(3), node(2), 1000}, {node(1), node(4), 1000}, {node(4), node(2), 1000}};
    unsigned source = 0;
    (void)state;
    assert_int_equal(trust_in(&policy, edges, 5, 2, &source), 300);
}

static void LOC_3_only_the_best_32_of_a_node(void **state)
{
    struct local_policy policy = policy_naming(1, 1000);
    struct local_edge edges[40];
    unsigned source = 0;
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        edges[i] = (struct local_edge){node(1), node(100 + i), 500 + i};
    }
    assert_int_equal(trust_in(&policy, edges, 40, 139, &source), 269);
    assert_int_equal(trust_in(&policy, edges, 40, 108, &source), 254);
    assert_int_equal(trust_in(&policy, edges, 40, 107, &source), 0);
}

static void LOC_4_decay(void **state)
{
    struct local_policy policy = policy_naming(1, 1000);
    struct local_line line = {.issuer = node(1), .standing = 300, .until = 0};
    struct local_trust *trust;
    size_t count;
    bool enough;
    (void)state;
    assert_int_equal(local_trust_flow(&policy, NULL, 0, &trust, &count), 0);
    policy.half_life = 100;
    assert_int_equal(local_standing(&policy, trust, count, &line, 1, 100 * DAY, &enough), 150);
    assert_int_equal(local_standing(&policy, trust, count, &line, 1, 200 * DAY, &enough), 100);
    policy.half_life = 0;
    assert_int_equal(local_standing(&policy, trust, count, &line, 1, 900 * DAY, &enough), 300);
    policy.issuers_min = 2;
    assert_int_equal(local_standing(&policy, trust, count, &line, 1, 900 * DAY, &enough), 0);
    assert_false(enough);
    free(trust);
}

/* What nodes 1 to 4 give together, 100 stated by each, when `least` witnesses are asked for. */
static uint64_t witnessed(
    struct local_policy *policy, const struct local_edge *made, size_t made_count, unsigned least)
{
    struct local_edge edges[4];
    struct local_line lines[4];
    struct local_trust *trust;
    size_t count;
    bool enough;
    assert_true(made_count <= 4);
    memcpy(edges, made, made_count * sizeof *edges);
    for (unsigned i = 0; i < 4; i++) {
        lines[i] = (struct local_line){.issuer = node(1 + i), .standing = 100};
    }
    policy->issuers_min = least;
    assert_int_equal(local_trust_flow(policy, edges, made_count, &trust, &count), 0);
    uint64_t found = local_standing(policy, trust, count, lines, 4, 0, &enough);
    assert_int_equal(enough, found > 0);
    free(trust);
    return found;
}

static void LOC_5_who_shares_a_cap_is_one_witness(void **state)
{
    struct local_policy policy = policy_naming(1, 1000);
    const struct local_edge edges[] = {{node(1), node(2), 1000}, {node(1), node(3), 1000}};
    (void)state;
    /* A named one and two that it trusts; the fourth is nobody. */
    assert_int_equal(witnessed(&policy, edges, 2, 1), 200);
    assert_int_equal(witnessed(&policy, edges, 2, 2), 0);
    /* Strangers count, if at all, as one. */
    policy.others = 100;
    assert_int_equal(witnessed(&policy, edges, 2, 2), 210);
    assert_int_equal(witnessed(&policy, edges, 0, 2), 130);
    assert_int_equal(witnessed(&policy, edges, 0, 3), 0);
    /* Who is named speaks for herself, also when another trusts her. */
    policy.named[policy.named_count++] = (struct local_weight){node(2), 500};
    assert_int_equal(witnessed(&policy, edges, 2, 3), 210);
    assert_int_equal(witnessed(&policy, edges, 2, 4), 0);
}

/* n false nodes state as much as they like, and vouch for each other; one of them is trusted by a
 * named node, or none. */
static void LOC_6_farms_are_bounded(void **state)
{
    static const unsigned sizes[] = {1, 10, 100, 400};
    (void)state;
    for (unsigned turn = 0; turn < 8; turn++) {
        unsigned n = sizes[turn / 2];
        bool vouched = turn % 2 == 1;
        struct local_policy policy = policy_naming(1, 1000);
        struct local_line *lines = calloc(n, sizeof *lines);
        struct local_edge *edges = calloc(2 * (size_t)n + 1, sizeof *edges);
        struct local_trust *trust;
        size_t count = 0, trusted;
        bool enough;
        assert_non_null(lines);
        assert_non_null(edges);
        policy.others = 100;
        for (unsigned i = 0; i < n; i++) {
            lines[i] = (struct local_line){.issuer = node(10 + i), .standing = UINT64_MAX};
            edges[count++] = (struct local_edge){node(10), node(10 + i), 1000};
            edges[count++] = (struct local_edge){node(10 + i), node(10), 1000};
        }
        if (vouched) {
            edges[count++] = (struct local_edge){node(1), node(10), 1000};
        }
        assert_int_equal(local_trust_flow(&policy, edges, count, &trust, &trusted), 0);
        uint64_t gained = local_standing(&policy, trust, trusted, lines, n, 0, &enough);
        assert_true(gained <= policy.cap * (policy.named_count + 1));
        assert_true(gained >= policy.cap);
        free(trust);
        free(edges);
        free(lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(LOC_2_products_that_count),
        cmocka_unit_test(LOC_3_trust_halves_and_ends_after_three_edges),
        cmocka_unit_test(LOC_3_the_greatest_and_no_sum),
        cmocka_unit_test(LOC_3_only_the_best_32_of_a_node),
        cmocka_unit_test(LOC_4_decay),
        cmocka_unit_test(LOC_5_who_shares_a_cap_is_one_witness),
        cmocka_unit_test(LOC_6_farms_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
