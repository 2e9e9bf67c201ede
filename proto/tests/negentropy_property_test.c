/*
 * Random pairs of sets, reconciled, against the plain difference of two sorted lists (REP-5): both
 * sides' differences are exact, every message fits its frame, and it ends. And the vector source
 * against a naive one. All from fixed seeds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/negentropy.h"
#include "negentropy_sides.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_OF_SET = 5000, PAIRS = 400, ROUNDS_MAX = 2000 };

/* How the items of a pair of sets are spread. */
enum spread {
    SPREAD_WIDE,      /* times over 64 bits */
    SPREAD_SECONDS,   /* times over some days */
    SPREAD_CLUSTERED, /* ten times only */
    SPREAD_EQUAL,     /* one time, so that ids alone order them */
    SPREAD_LAST,      /* the last times before infinity */
    SPREAD_PREFIX,    /* one time, ids that differ in the last six bytes */
    SPREADS
};

static uint64_t random_time(struct neg_random *random, enum spread spread)
{
    switch (spread) {
    case SPREAD_WIDE:
        return neg_random_next(random) >> neg_random_below(random, 64) >> 1;
    case SPREAD_SECONDS:
        return UINT64_C(1700000000) + neg_random_below(random, 500000);
    case SPREAD_CLUSTERED:
        return UINT64_C(1700000000) + 86400 * neg_random_below(random, 10);
    case SPREAD_LAST:
        return UINT64_MAX - 1 - neg_random_below(random, 300);
    case SPREAD_EQUAL:
    case SPREAD_PREFIX:
    case SPREADS:
        break;
    }
    return UINT64_C(1) << 33;
}

static struct fora_neg_item random_item(struct neg_random *random, enum spread spread)
{
    struct fora_neg_item item = {.time = random_time(random, spread)};

    for (size_t at = 0; at < sizeof(item.id); at += 8) {
        uint64_t bits = neg_random_next(random);

        memcpy(item.id + at, &bits, 8);
    }
    if (spread == SPREAD_PREFIX)
        memset(item.id, 0x5a, 26);
    return item;
}

struct sets {
    struct fora_neg_item *client;
    struct fora_neg_item *server;
    size_t client_count;
    size_t server_count;
    struct neg_outcome expected;
};

/* Each item goes to one side or both; how often it goes to one only is drawn per pair. */
static void sets_make(struct sets *sets, struct neg_random *random, enum spread spread)
{
    static const uint64_t only_weights[] = {0, 1, 5, 50, 500, 1000};
    uint64_t client_only = only_weights[neg_random_below(random, 6)];
    uint64_t server_only = only_weights[neg_random_below(random, 6)];
    size_t total = (size_t)neg_random_below(random, SIZE_MAX_OF_SET + 1);

    /* Small sets often: that is where lists and splits meet. */
    if (neg_random_below(random, 3) == 0)
        total %= 100;
    *sets = (struct sets){.client = calloc(total + 1, sizeof(*sets->client)),
        .server = calloc(total + 1, sizeof(*sets->server))};
    assert_non_null(sets->client);
    assert_non_null(sets->server);
    for (size_t i = 0; i < total; i++) {
        struct fora_neg_item item = random_item(random, spread);
        uint64_t dice = neg_random_below(random, 2000);

        if (dice < client_only) {
            sets->client[sets->client_count++] = item;
            neg_ids_add(&sets->expected.have, item.id);
        } else if (dice < client_only + server_only) {
            sets->server[sets->server_count++] = item;
            neg_ids_add(&sets->expected.need, item.id);
        } else {
            sets->client[sets->client_count++] = item;
            sets->server[sets->server_count++] = item;
        }
    }
}

static void sets_fini(struct sets *sets)
{
    free(sets->client);
    free(sets->server);
    neg_outcome_fini(&sets->expected);
}

static size_t random_frame(struct neg_random *random)
{
    if (neg_random_below(random, 4) == 0)
        return 0;
    if (neg_random_below(random, 2) == 0)
        return FORA_NEG_FRAME_MIN + neg_random_below(random, 200);
    return FORA_NEG_FRAME_MIN + neg_random_below(random, 60000 - FORA_NEG_FRAME_MIN + 1);
}

/* Cuts anywhere that a source may, with the longest bound there is or the shortest. */
static int cut_anywhere(
    void *context, uint64_t near, uint64_t slack, uint64_t *position, struct fora_neg_item *bound)
{
    struct fora_neg_source source = fora_neg_vector_source(context);
    struct neg_random random = {.state = near * UINT64_C(0x9e3779b97f4a7c15) + slack + 1};
    struct fora_neg_item before;
    uint64_t size;

    assert_int_equal(source.size(context, &size), 0);
    assert_true(near > slack && near + slack < size);
    *position = near - slack + neg_random_below(&random, 2 * slack + 1);
    assert_int_equal(source.item(context, *position - 1, &before), 0);
    assert_int_equal(source.item(context, *position, bound), 0);
    if (before.time != bound->time && neg_random_below(&random, 2) == 0)
        memset(bound->id, 0, sizeof(bound->id));
    return 0;
}

static const uint8_t random_key[FORA_NEG_KEY_SIZE] = {0x1f, 0x7a, 0xc4, 0x02, 0x5b};

static void check_pair(uint64_t seed)
{
    struct neg_random random = {.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    enum spread spread = (enum spread)(seed % SPREADS);
    struct neg_outcome outcome = {0};
    struct neg_side client;
    struct neg_side server;
    struct sets sets;
    bool repeats;

    sets_make(&sets, &random, spread);
    neg_side_init(&client, sets.client, sets.client_count, random_frame(&random));
    neg_side_init(&server, sets.server, sets.server_count, random_frame(&random));
    client.limits.key = neg_random_below(&random, 2) == 0 ? random_key : NULL;
    client.limits.lean = neg_random_below(&random, 2) == 0;
    server.limits.lean = neg_random_below(&random, 2) == 0;
    client.source.cut = neg_random_below(&random, 2) == 0 ? cut_anywhere : NULL;
    server.source.cut = neg_random_below(&random, 2) == 0 ? cut_anywhere : NULL;
    neg_session(&client, &server, &outcome, ROUNDS_MAX);
    /* Without a frame limit nothing is cut, and each difference is told once. */
    repeats = client.limits.frame_max != 0 || server.limits.frame_max != 0;
    if (!repeats) {
        assert_int_equal(neg_ids_count(&outcome.have), neg_ids_count(&sets.expected.have));
        assert_int_equal(neg_ids_count(&outcome.need), neg_ids_count(&sets.expected.need));
    }
    neg_ids_assert_equal(&outcome.have, &sets.expected.have, "have");
    neg_ids_assert_equal(&outcome.need, &sets.expected.need, "need");
    neg_side_fini(&client);
    neg_side_fini(&server);
    neg_outcome_fini(&outcome);
    sets_fini(&sets);
}

static void test_differences_are_exact(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= PAIRS; seed++)
        check_pair(seed);
    print_message("%d pairs of sets\n", PAIRS);
}

/*
 * The client has a run of items that the server lacks, at the end of its times, while the server's
 * frame is often full just before: where a cut could make the rest look equal.
 */
static void test_runs_missing_at_the_end_with_full_frames(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct neg_random random = {.state = seed};
        uint64_t common = neg_random_below(&random, 300);
        uint64_t tails[2] = {neg_random_below(&random, 400), neg_random_below(&random, 400)};
        struct fora_neg_item items[2][700];
        size_t counts[2] = {0};
        struct neg_outcome outcome = {0};
        struct neg_outcome expected = {0};
        struct neg_side sides[2];

        for (uint64_t i = 0; i < common; i++) {
            struct fora_neg_item item = random_item(&random, SPREAD_EQUAL);
            uint64_t dice = neg_random_below(&random, 3);

            if (dice != 1)
                items[0][counts[0]++] = item;
            if (dice != 2)
                items[1][counts[1]++] = item;
            if (dice != 0)
                neg_ids_add(dice == 2 ? &expected.have : &expected.need, item.id);
        }
        for (unsigned side = 0; side < 2; side++) {
            for (uint64_t i = 0; i < tails[side]; i++) {
                struct fora_neg_item item = random_item(&random, SPREAD_EQUAL);

                item.time += 1 + (seed + side) % 2;
                items[side][counts[side]++] = item;
                neg_ids_add(side == 0 ? &expected.have : &expected.need, item.id);
            }
            neg_side_init(&sides[side], items[side], counts[side], FORA_NEG_FRAME_MIN);
        }
        sides[0].limits.key = seed % 2 == 0 ? random_key : NULL;
        neg_session(&sides[0], &sides[1], &outcome, ROUNDS_MAX);
        neg_ids_assert_equal(&outcome.have, &expected.have, "have");
        neg_ids_assert_equal(&outcome.need, &expected.need, "need");
        neg_side_fini(&sides[0]);
        neg_side_fini(&sides[1]);
        neg_outcome_fini(&outcome);
        neg_outcome_fini(&expected);
    }
}

enum { LARGE = 100000, APART = 200 };

/* Two large sets with many differences, half of them on each side. */
static struct neg_trace reconcile_large(bool lean, const uint8_t *key)
{
    struct fora_neg_item *items = malloc((size_t)LARGE * sizeof(*items));
    struct neg_random random = {.state = 41};
    struct neg_outcome outcome = {0};
    struct neg_side sides[2];
    struct neg_trace trace;

    assert_non_null(items);
    for (size_t i = 0; i < LARGE; i++)
        items[i] = random_item(&random, SPREAD_SECONDS);
    neg_side_init(&sides[0], items, LARGE - APART / 2, FORA_NEG_FRAME_USUAL);
    neg_side_init(&sides[1], items + APART / 2, LARGE - APART / 2, FORA_NEG_FRAME_USUAL);
    free(items);
    sides[0].limits.lean = sides[1].limits.lean = lean;
    sides[0].limits.key = key;
    trace = neg_session(&sides[0], &sides[1], &outcome, 64);
    neg_ids_normalize(&outcome.have);
    neg_ids_normalize(&outcome.need);
    assert_int_equal(neg_ids_count(&outcome.have), APART / 2);
    assert_int_equal(neg_ids_count(&outcome.need), APART / 2);
    neg_outcome_fini(&outcome);
    neg_side_fini(&sides[0]);
    neg_side_fini(&sides[1]);
    print_message("%s%s: %u rounds, %zu bytes\n", lean ? "lean" : "as the reference",
        key != NULL ? ", short fingerprints" : "", trace.rounds,
        trace.client_bytes + trace.server_bytes);
    return trace;
}

/* What splitting for few bytes is for. */
static void test_rep_5_many_differences_cost_few_rounds_and_bytes(void **state)
{
    struct neg_trace usual = reconcile_large(false, NULL), lean = reconcile_large(true, NULL);

    (void)state;
    assert_int_equal(lean.rounds, 3);
    assert_in_range(lean.client_bytes + lean.server_bytes, 1, 86000);
    assert_true(usual.client_bytes + usual.server_bytes > 150000);
}

static void test_rep_24_short_fingerprints_cost_fewer_bytes(void **state)
{
    struct neg_trace usual = reconcile_large(false, random_key);
    struct neg_trace lean = reconcile_large(true, random_key);

    (void)state;
    assert_int_equal(lean.rounds, 3);
    assert_in_range(lean.client_bytes + lean.server_bytes, 1, 65000);
    assert_in_range(usual.client_bytes + usual.server_bytes, 1, 165000);
}

/* Ids whose sums are equal: 1 + 4 = 2 + 3. No fingerprint tells, a sample of the place does. */
static void test_rep_25_a_sample_finds_what_sums_hide(void **state)
{
    enum { COMMON = 400, AT = 200 };
    struct neg_random random = {.state = 9};
    struct fora_neg_item items[2][COMMON + 2];
    struct neg_outcome outcome = {0};
    struct neg_side sides[2];

    (void)state;
    for (unsigned i = 0; i < COMMON; i++) {
        items[0][i] = random_item(&random, SPREAD_SECONDS);
        items[0][i].time = 10 * i + (i >= AT ? 10 : 0);
        items[1][i] = items[0][i];
    }
    for (unsigned i = 0; i < 4; i++) { /* all at the time 10 * AT */
        struct fora_neg_item item = {.time = 10 * AT, .id = {(uint8_t)(i + 1)}};

        items[i == 1 || i == 2][COMMON + i / 2] = item;
    }
    neg_side_init(&sides[0], items[0], COMMON + 2, 0);
    neg_side_init(&sides[1], items[1], COMMON + 2, 0);
    assert_int_equal(neg_session(&sides[0], &sides[1], &outcome, 9).rounds, 1);
    assert_int_equal(neg_ids_count(&outcome.have) + neg_ids_count(&outcome.need), 0);
    for (uint64_t at = 0; at < COMMON + 2; at += 3) {
        for (uint64_t count = 1; count < 600; count = 2 * count + 1) {
            /* Of its own two it has in the window what the window covers; what the other side has
             * in between comes with them. */
            bool first = at <= AT && AT < at + count, second = at <= AT + 1 && AT + 1 < at + count;

            sides[0].limits.key = (at & 1) != 0 ? random_key : NULL;
            neg_sample(&sides[0], &sides[1], at, count, &outcome);
            assert_int_equal(neg_ids_count(&outcome.have), first + second);
            if (first && second)
                assert_int_equal(neg_ids_count(&outcome.need), 2);
            if (at + count <= AT || at > AT + 1)
                assert_int_equal(neg_ids_count(&outcome.need), 0);
            neg_outcome_fini(&outcome);
            outcome = (struct neg_outcome){0};
        }
    }
    neg_side_fini(&sides[0]);
    neg_side_fini(&sides[1]);
}

/* What lies before one's first item and behind one's last is in a sample of those. */
static void test_rep_25_samples_reach_the_ends(void **state)
{
    struct fora_neg_item items[9];
    struct fora_buf message = {0};
    struct neg_outcome outcome = {0};
    struct neg_side sides[2];

    (void)state;
    for (unsigned i = 0; i < 9; i++)
        items[i] = (struct fora_neg_item){.time = i, .id = {(uint8_t)(i + 1)}};
    neg_side_init(&sides[0], items + 3, 3, 0);
    neg_side_init(&sides[1], items, 9, 0);
    neg_sample(&sides[0], &sides[1], 0, 3, &outcome);
    assert_int_equal(neg_ids_count(&outcome.need), 6);
    assert_int_equal(neg_ids_count(&outcome.have), 0);
    neg_outcome_fini(&outcome);
    assert_int_equal(
        fora_neg_sample(&sides[0].source, NULL, 3, 1, &message), FORA_E_USAGE); /* of 3 items */
    assert_int_equal(fora_neg_sample(&sides[0].source, NULL, 0, 0, &message), FORA_E_USAGE);
    assert_int_equal(message.size, 0);
    neg_side_fini(&sides[0]);
    neg_side_fini(&sides[1]);
}

/* A source that cuts where it must not is found out. */
static int cut_beyond(
    void *context, uint64_t near, uint64_t slack, uint64_t *position, struct fora_neg_item *bound)
{
    (void)context;
    *position = near + slack + 1;
    *bound = (struct fora_neg_item){.time = 1};
    return 0;
}

static void test_a_cut_out_of_place_is_refused(void **state)
{
    const struct fora_neg_limits limits = {.lean = true};
    struct neg_random random = {.state = 3};
    struct fora_neg_item items[200];
    struct fora_buf message = {0};
    struct neg_side side;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        items[i] = random_item(&random, SPREAD_SECONDS);
    neg_side_init(&side, items, 200, FORA_NEG_FRAME_USUAL);
    side.source.cut = cut_beyond;
    assert_int_equal(fora_neg_start(&side.source, &limits, &message), FORA_E_INTERNAL);
    assert_int_equal(message.size, 0);
    fora_buf_fini(&message);
    neg_side_fini(&side);
}

/* One side has every fourteenth item: it is asked about ranges of which it has three to eleven, and
 * splits them into no more parts than that. */
static void test_ranges_of_fewer_items_than_parts(void **state)
{
    enum { ALL = 14 * 576 };
    struct neg_random random = {.state = 7};
    struct fora_neg_item *items = malloc(ALL * sizeof(*items));
    struct neg_outcome outcome = {0};
    struct neg_side sides[2];
    struct neg_trace trace;

    (void)state;
    assert_non_null(items);
    for (size_t i = 0; i < ALL; i++)
        items[i] = random_item(&random, SPREAD_SECONDS);
    neg_side_init(&sides[1], items, ALL, FORA_NEG_FRAME_USUAL);
    neg_side_init(&sides[0], items, ALL / 14, FORA_NEG_FRAME_USUAL);
    free(items);
    sides[0].limits.lean = sides[1].limits.lean = true;
    trace = neg_session(&sides[0], &sides[1], &outcome, 16);
    print_message("%u rounds, %zu bytes asked\n", trace.rounds, trace.client_bytes);
    assert_in_range(trace.client_bytes, 1, 40000); /* parts of no items once made it 54 kB */
    neg_ids_normalize(&outcome.need);
    assert_int_equal(neg_ids_count(&outcome.have), 0);
    assert_int_equal(neg_ids_count(&outcome.need), ALL - ALL / 14);
    neg_outcome_fini(&outcome);
    neg_side_fini(&sides[0]);
    neg_side_fini(&sides[1]);
}

struct walk {
    const struct fora_neg_item *expected;
    uint64_t at;
    uint64_t stop; /* after so many */
};

static int walk_each(void *context, const struct fora_neg_item *item)
{
    struct walk *walk = context;

    assert_int_equal(fora_neg_item_compare(item, &walk->expected[walk->at]), 0);
    walk->at++;
    return walk->at == walk->stop;
}

static int compare_items(const void *a, const void *b)
{
    return fora_neg_item_compare(a, b);
}

/* One question of each kind, answered by looking at every item. */
static void check_questions(const struct fora_neg_source *source,
    const struct fora_neg_item *sorted, uint64_t count, struct neg_random *random)
{
    struct fora_neg_item bound = random_item(random, SPREAD_CLUSTERED);
    uint64_t begin = neg_random_below(random, count + 1);
    uint64_t end = begin + neg_random_below(random, count - begin + 1);
    struct walk walk = {.expected = sorted + begin, .stop = end - begin};
    struct fora_neg_sum expected;
    struct fora_neg_sum got;
    uint64_t smaller = 0;
    uint64_t answer;

    for (uint64_t i = 0; i < count; i++)
        smaller += fora_neg_item_compare(&sorted[i], &bound) < 0;
    assert_int_equal(source->lower_bound(source->context, &bound, &answer), 0);
    assert_int_equal(answer, smaller);
    if (begin < count) {
        assert_int_equal(source->lower_bound(source->context, &sorted[begin], &answer), 0);
        assert_int_equal(answer, begin);
    }
    fora_neg_sum_zero(&expected);
    for (uint64_t i = begin; i < end; i++)
        fora_neg_sum_add_id(&expected, sorted[i].id);
    assert_int_equal(source->sum(source->context, begin, end, &got), 0);
    assert_memory_equal(got.sum, expected.sum, 32);
    assert_true(got.count == expected.count);
    assert_int_equal(source->scan(source->context, begin, end, walk_each, &walk), 0);
    assert_int_equal(walk.at, end - begin);
}

static void test_vector_answers_as_a_naive_source(void **state)
{
    struct neg_random random = {.state = 77};

    (void)state;
    for (int round = 0; round < 60; round++) {
        struct fora_neg_item items[400];
        uint64_t count = neg_random_below(&random, 200);
        struct fora_neg_vector *vector;
        struct fora_neg_source source;
        uint64_t size;

        for (uint64_t i = 0; i < count; i++)
            items[i] = random_item(&random, SPREAD_CLUSTERED);
        /* Every item twice: the vector drops the second. */
        memcpy(items + count, items, count * sizeof(items[0]));
        assert_int_equal(fora_neg_vector_new(&vector, items, 2 * count), 0);
        source = fora_neg_vector_source(vector);
        assert_int_equal(source.size(source.context, &size), 0);
        assert_int_equal(size, count);
        qsort(items, count, sizeof(items[0]), compare_items);
        for (int i = 0; i < 50; i++)
            check_questions(&source, items, count, &random);
        assert_int_equal(source.item(source.context, count, &items[0]), FORA_E_USAGE);
        fora_neg_vector_free(vector);
    }
}

static void test_vector_refuses_infinity(void **state)
{
    struct fora_neg_item items[2] = {{.time = 1}, {.time = UINT64_MAX}};
    struct fora_neg_vector *vector;

    (void)state;
    assert_int_equal(fora_neg_vector_new(&vector, items, 2), FORA_E_USAGE);
    assert_null(vector);
    items[1].time = UINT64_MAX - 1;
    assert_int_equal(fora_neg_vector_new(&vector, items, 2), 0);
    fora_neg_vector_free(vector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences_are_exact),
        cmocka_unit_test(test_runs_missing_at_the_end_with_full_frames),
        cmocka_unit_test(test_rep_5_many_differences_cost_few_rounds_and_bytes),
        cmocka_unit_test(test_rep_24_short_fingerprints_cost_fewer_bytes),
        cmocka_unit_test(test_rep_25_a_sample_finds_what_sums_hide),
        cmocka_unit_test(test_rep_25_samples_reach_the_ends),
        cmocka_unit_test(test_a_cut_out_of_place_is_refused),
        cmocka_unit_test(test_ranges_of_fewer_items_than_parts),
        cmocka_unit_test(test_vector_answers_as_a_naive_source),
        cmocka_unit_test(test_vector_refuses_infinity),
    };

    return cmocka_run_group_tests_name("negentropy properties", tests, NULL, NULL);
}
