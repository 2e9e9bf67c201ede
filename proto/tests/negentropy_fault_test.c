/* The n-th allocation, question to the source, or report fails, for n = 0, 1, 2... */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fora/negentropy.h"
#include "negentropy_sides.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS = 300, ATTEMPTS_MAX = 2000, CODE = FORA_E_IO };

/* Every n-th of the items is missing. */
static size_t make_items(struct fora_neg_item items[ITEMS], uint64_t missing)
{
    struct neg_random random = {.state = 5};
    size_t count = 0;

    for (uint64_t i = 0; i < ITEMS; i++) {
        struct fora_neg_item item = {.time = i / 3};

        for (size_t k = 0; k < sizeof(item.id); k++)
            item.id[k] = (uint8_t)(neg_random_next(&random) >> 24);
        if (i % missing != missing - 1)
            items[count++] = item;
    }
    return count;
}

/* Fails once `left` ids have been reported. */
static int count_report(void *context, const uint8_t id[32])
{
    long *left = context;

    (void)id;
    if (*left == 0)
        return CODE;
    --*left;
    return 0;
}

/* Runs a whole session and returns its first error; the outcome is not looked at. */
static int quiet_session(
    const struct fora_neg_source *client, const struct fora_neg_source *server, long *reports_left)
{
    struct fora_neg_limits limits = {.frame_max = FORA_NEG_FRAME_MIN};
    struct fora_neg_report report = {
        .context = reports_left, .have = count_report, .need = count_report};
    struct fora_buf query = {0};
    struct fora_buf answer = {0};
    int rc = fora_neg_start(client, &limits, &query);

    while (rc == 0 && query.size != 0) {
        fora_buf_clear(&answer);
        rc = fora_neg_reply(server, &limits, fora_buf_bytes(&query), NULL, &answer);
        fora_buf_clear(&query);
        if (rc == 0)
            rc = fora_neg_reply(client, &limits, fora_buf_bytes(&answer), &report, &query);
        else
            assert_int_equal(answer.size, 0);
    }
    assert_int_equal(query.size, 0);
    fora_buf_fini(&query);
    fora_buf_fini(&answer);
    return rc;
}

struct pair {
    struct neg_side client;
    struct neg_side server;
};

static void pair_init(struct pair *pair)
{
    struct fora_neg_item items[ITEMS];

    neg_side_init(&pair->client, items, make_items(items, 7), 0);
    neg_side_init(&pair->server, items, make_items(items, 11), 0);
}

static void pair_fini(struct pair *pair)
{
    neg_side_fini(&pair->client);
    neg_side_fini(&pair->server);
}

static void test_allocations_of_a_session(void **state)
{
    struct pair pair;
    long failures = 0;

    (void)state;
    pair_init(&pair);
    for (long n = 0;; n++) {
        long unlimited = ITEMS;
        int rc;

        assert_true(n < ATTEMPTS_MAX);
        alloc_fail_at(n);
        rc = quiet_session(&pair.client.source, &pair.server.source, &unlimited);
        if (!alloc_fail_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, FORA_E_NOMEM);
        failures++;
    }
    assert_true(failures > 3);
    pair_fini(&pair);
}

static void test_allocations_of_a_vector(void **state)
{
    struct fora_neg_item items[ITEMS];
    size_t count = make_items(items, 7);

    (void)state;
    for (long n = 0; n < 8; n++) {
        struct fora_neg_vector *vector;
        int rc;

        alloc_fail_at(n);
        rc = fora_neg_vector_new(&vector, items, count);
        assert_int_equal(alloc_fail_stop(), n < 6);
        assert_int_equal(rc, n < 6 ? FORA_E_NOMEM : 0);
        assert_int_equal(vector == NULL, n < 6);
        fora_neg_vector_free(vector);
    }
}

/* A source of which the n-th answer is an error. */
struct failing {
    struct fora_neg_source inner;
    long left;
};

static int failing_check(void *context, struct fora_neg_source *inner)
{
    struct failing *failing = context;

    *inner = failing->inner;
    if (failing->left == 0)
        return CODE;
    failing->left--;
    return 0;
}

static int failing_size(void *context, uint64_t *out)
{
    struct fora_neg_source inner;
    int rc = failing_check(context, &inner);

    return rc != 0 ? rc : inner.size(inner.context, out);
}

static int failing_lower_bound(void *context, const struct fora_neg_item *bound, uint64_t *out)
{
    struct fora_neg_source inner;
    int rc = failing_check(context, &inner);

    return rc != 0 ? rc : inner.lower_bound(inner.context, bound, out);
}

static int failing_item(void *context, uint64_t position, struct fora_neg_item *out)
{
    struct fora_neg_source inner;
    int rc = failing_check(context, &inner);

    return rc != 0 ? rc : inner.item(inner.context, position, out);
}

static int failing_sum(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out)
{
    struct fora_neg_source inner;
    int rc = failing_check(context, &inner);

    return rc != 0 ? rc : inner.sum(inner.context, begin, end, out);
}

static int failing_scan(void *context, uint64_t begin, uint64_t end,
    int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context)
{
    struct fora_neg_source inner;
    int rc = failing_check(context, &inner);

    return rc != 0 ? rc : inner.scan(inner.context, begin, end, each, each_context);
}

static struct fora_neg_source failing_source(struct failing *failing)
{
    return (struct fora_neg_source){.context = failing,
        .size = failing_size,
        .lower_bound = failing_lower_bound,
        .item = failing_item,
        .sum = failing_sum,
        .scan = failing_scan};
}

static void test_answers_of_the_source(void **state)
{
    struct pair pair;

    (void)state;
    pair_init(&pair);
    for (int side = 0; side < 2; side++) {
        long failures = 0;

        for (long n = 0;; n++) {
            const struct neg_side *faulty = side == 0 ? &pair.client : &pair.server;
            struct failing failing = {.inner = faulty->source, .left = n};
            struct fora_neg_source source = failing_source(&failing);
            long unlimited = ITEMS;
            int rc = quiet_session(side == 0 ? &source : &pair.client.source,
                side == 1 ? &source : &pair.server.source, &unlimited);

            assert_true(n < ATTEMPTS_MAX);
            if (rc == 0)
                break;
            assert_int_equal(rc, CODE);
            failures++;
        }
        assert_true(failures > 20);
    }
    pair_fini(&pair);
}

static void test_reports(void **state)
{
    struct pair pair;
    long n = 0;

    (void)state;
    pair_init(&pair);
    for (;; n++) {
        long left = n;
        int rc = quiet_session(&pair.client.source, &pair.server.source, &left);

        assert_true(n < ATTEMPTS_MAX);
        if (rc == 0)
            break;
        assert_int_equal(rc, CODE);
    }
    /* The session did go through all its reports. */
    assert_true(n >= ITEMS / 7 + ITEMS / 11 - 2 * (ITEMS / 77 + 1));
    pair_fini(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_of_a_session),
        cmocka_unit_test(test_allocations_of_a_vector),
        cmocka_unit_test(test_answers_of_the_source),
        cmocka_unit_test(test_reports),
    };

    return cmocka_run_group_tests_name("negentropy faults", tests, NULL, NULL);
}
