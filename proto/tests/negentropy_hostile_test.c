/*
 * Messages that no honest side makes: refused before any work, or answered at a cost that the
 * message bounds (REP-5). Each refusal is followed by a lawful message to the same side.
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

/* A source that counts what it is asked for. */
struct counting {
    struct fora_neg_source inner;
    uint64_t bounds;
    uint64_t sums;
    uint64_t items;
    uint64_t scanned;
    int lie_bound; /* answer lower bounds that descend */
    int lie_scan;  /* leave out the last item of a scan */
};

static int counting_size(void *context, uint64_t *out)
{
    struct counting *counting = context;

    return counting->inner.size(counting->inner.context, out);
}

static int counting_lower_bound(void *context, const struct fora_neg_item *bound, uint64_t *out)
{
    struct counting *counting = context;
    int rc = counting->inner.lower_bound(counting->inner.context, bound, out);

    counting->bounds++;
    if (counting->lie_bound)
        *out = 100 - counting->bounds;
    return rc;
}

static int counting_item(void *context, uint64_t position, struct fora_neg_item *out)
{
    struct counting *counting = context;

    counting->items++;
    return counting->inner.item(counting->inner.context, position, out);
}

static int counting_sum(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out)
{
    struct counting *counting = context;

    counting->sums++;
    return counting->inner.sum(counting->inner.context, begin, end, out);
}

static int counting_scan(void *context, uint64_t begin, uint64_t end,
    int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context)
{
    struct counting *counting = context;

    counting->scanned += end - begin;
    return counting->inner.scan(
        counting->inner.context, begin, counting->lie_scan ? end - 1 : end, each, each_context);
}

static struct fora_neg_source counting_source(struct counting *counting)
{
    return (struct fora_neg_source){.context = counting,
        .size = counting_size,
        .lower_bound = counting_lower_bound,
        .item = counting_item,
        .sum = counting_sum,
        .scan = counting_scan};
}

enum { SET_SIZE = 50000 };

struct fixture {
    struct neg_side side; /* SET_SIZE items at the times 0, 1, 2... */
    struct counting counting;
    struct fora_neg_source source; /* counts */
    struct fora_buf message;
    struct fora_buf out;
};

static struct fora_neg_item item_at(uint64_t time)
{
    struct fora_neg_item item = {.time = time};
    struct neg_random random = {.state = time + 1};

    for (size_t i = 0; i < sizeof(item.id); i++)
        item.id[i] = (uint8_t)(neg_random_next(&random) >> 32);
    return item;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct fora_neg_item *items = calloc(SET_SIZE, sizeof(*items));

    assert_non_null(fixture);
    assert_non_null(items);
    for (uint64_t i = 0; i < SET_SIZE; i++)
        items[i] = item_at(i);
    neg_side_init(&fixture->side, items, SET_SIZE, FORA_NEG_FRAME_MIN);
    free(items);
    fixture->counting.inner = fixture->side.source;
    fixture->source = counting_source(&fixture->counting);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    neg_side_fini(&fixture->side);
    fora_buf_fini(&fixture->message);
    fora_buf_fini(&fixture->out);
    free(fixture);
    return 0;
}

static int respond(struct fixture *fixture)
{
    fora_buf_clear(&fixture->out);
    fixture->counting = (struct counting){.inner = fixture->side.source};
    return fora_neg_reply(&fixture->source, &fixture->side.limits,
        fora_buf_bytes(&fixture->message), NULL, &fixture->out);
}

static uint64_t work(const struct fixture *fixture)
{
    return fixture->counting.bounds + fixture->counting.sums + fixture->counting.items +
           fixture->counting.scanned;
}

static void begin(struct fixture *fixture)
{
    fora_buf_clear(&fixture->message);
    fora_buf_u8(&fixture->message, 0x61);
}

static void append_hex(struct fixture *fixture, const char *hex)
{
    size_t size = strlen(hex) / 2;
    uint8_t *at = fora_buf_extend(&fixture->message, size);

    assert_non_null(at);
    assert_int_equal(fora_unhex(at, size, hex), 0);
}

/* Refused with the code, without an answer, without work; and the next message is answered. */
static void assert_refused(struct fixture *fixture, int code)
{
    assert_int_equal(respond(fixture), code);
    assert_int_equal(fixture->out.size, 0);
    assert_int_equal(work(fixture), 0);
    begin(fixture);
    append_hex(fixture, "00000100000000000000000000000000000000");
    assert_int_equal(respond(fixture), 0);
    assert_true(fixture->out.size > 16 * 18);
}

static void test_malformed_end_is_found_before_any_work(void **state)
{
    static const char *const tails[] = {"00", "0000", "000001", "00000100", "000003", "000002",
        "00000201", "002100", "000002ffffffffffffffffff7f", "8080808080808080808080800000"};

    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        struct fixture *fixture = *state;

        begin(fixture);
        /* Two good ranges first: a list and a fingerprint that would cost something. */
        append_hex(fixture, "88000002000a000100000000000000000000000000000000");
        append_hex(fixture, tails[i]);
        assert_refused(fixture, FORA_E_MALFORMED);
    }
}

static void test_descending_bounds_are_refused(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    append_hex(fixture, "0a0107020001010600");
    assert_refused(fixture, FORA_E_MALFORMED);
}

static void test_versions(void **state)
{
    struct fixture *fixture = *state;
    struct neg_outcome outcome = {0};
    struct fora_neg_report report = neg_outcome_report(&outcome);

    for (unsigned version = 0; version < 256; version++) {
        bool known = version >= 0x60 && version <= 0x6f;

        fora_buf_clear(&fixture->message);
        fora_buf_u8(&fixture->message, (uint8_t)version);
        if (version == 0x61)
            continue;
        assert_int_equal(respond(fixture), known ? FORA_E_VERSION : FORA_E_MALFORMED);
        assert_int_equal(fixture->out.size, known ? 1 : 0);
        assert_true(!known || fixture->out.data[0] == 0x61);
        /* The initiator has no answer to give. */
        fora_buf_clear(&fixture->out);
        assert_int_equal(fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message),
                             &report, &fixture->out),
            known ? FORA_E_VERSION : FORA_E_MALFORMED);
        assert_int_equal(fixture->out.size, 0);
    }
    neg_outcome_fini(&outcome);
}

static void append_skips(struct fixture *fixture, size_t count)
{
    for (size_t i = 0; i < count; i++)
        append_hex(fixture, "020000");
}

static void test_number_of_ranges_is_limited(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    append_skips(fixture, FORA_NEG_RANGES_MAX);
    assert_int_equal(respond(fixture), 0);
    assert_int_equal(fixture->out.size, 1);
    assert_int_equal(fixture->counting.bounds, FORA_NEG_RANGES_MAX);
    append_skips(fixture, 1);
    assert_refused(fixture, FORA_E_LIMIT);
    fixture->side.limits.ranges_max = 3;
    begin(fixture);
    append_skips(fixture, 3);
    assert_int_equal(respond(fixture), 0);
    append_skips(fixture, 1);
    assert_refused(fixture, FORA_E_LIMIT);
}

static void test_number_of_ids_is_limited_over_all_lists(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t ids[5 * 32];

    fixture->side.limits.ids_max = 9;
    begin(fixture);
    append_hex(fixture, "05000205");
    fora_buf_append(&fixture->message, ids, sizeof(ids));
    append_hex(fixture, "05000204");
    fora_buf_append(&fixture->message, ids, 4 * 32);
    assert_int_equal(respond(fixture), 0);
    append_hex(fixture, "05000201");
    fora_buf_append(&fixture->message, ids, 32);
    assert_refused(fixture, FORA_E_LIMIT);
}

static void test_frame_limit_below_the_least_is_refused(void **state)
{
    struct fixture *fixture = *state;

    fixture->side.limits.frame_max = FORA_NEG_FRAME_MIN - 1;
    begin(fixture);
    assert_int_equal(respond(fixture), FORA_E_USAGE);
    assert_int_equal(
        fora_neg_start(&fixture->source, &fixture->side.limits, &fixture->out), FORA_E_USAGE);
    assert_int_equal(fixture->out.size, 0);
}

static void test_empty_list_over_all_costs_one_frame(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    append_hex(fixture, "00000200");
    assert_int_equal(respond(fixture), 0);
    assert_true(fixture->out.size <= FORA_NEG_FRAME_MIN);
    assert_true(fixture->counting.scanned <= FORA_NEG_FRAME_MIN / 32);
    assert_true(work(fixture) <= FORA_NEG_FRAME_MIN / 32 + 8);
}

static void test_many_false_fingerprints_cost_one_frame(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    for (int i = 0; i < 8000; i++)
        append_hex(fixture, "06000100000000000000000000000000000000");
    assert_int_equal(respond(fixture), 0);
    assert_true(fixture->out.size <= FORA_NEG_FRAME_MIN);
    /* Lists of five ids: the frame is full after 26 or fewer, and the walk ends there. */
    assert_true(fixture->counting.bounds <= 26);
    assert_true(work(fixture) <= 400);
}

static void test_many_true_fingerprints_cost_two_questions_each(void **state)
{
    struct fixture *fixture = *state;
    enum { RANGES = 8000 };

    begin(fixture);
    for (uint64_t i = 0; i < RANGES; i++) {
        struct fora_neg_item item = item_at(i);
        struct fora_neg_sum sum;
        uint8_t fingerprint[16];

        fora_neg_sum_zero(&sum);
        fora_neg_sum_add_id(&sum, item.id);
        fora_neg_fingerprint(fingerprint, &sum);
        /* The first bound is at the time 1, the others one later each. */
        append_hex(fixture, "020001");
        fora_buf_append(&fixture->message, fingerprint, 16);
    }
    assert_int_equal(respond(fixture), 0);
    assert_int_equal(fixture->out.size, 1);
    assert_int_equal(fixture->counting.bounds, RANGES);
    assert_int_equal(work(fixture), 2 * RANGES);
}

/* A bound of 32 id bytes `later` after the one before (1 + time for the first), and a mode. */
static void append_long_range(
    struct fixture *fixture, uint8_t later, uint64_t position, const char *mode)
{
    struct fora_neg_item item = item_at(position);

    fora_buf_u8(&fixture->message, later);
    append_hex(fixture, "20");
    fora_buf_append(&fixture->message, item.id, 32);
    append_hex(fixture, mode);
}

static void test_answer_stays_in_the_frame_with_long_bounds(void **state)
{
    struct fixture *fixture = *state;

    /* A list, a skip, and a list where the frame becomes full, with bounds of 32 bytes. */
    for (uint8_t first = 80; first < 125; first++) {
        begin(fixture);
        append_long_range(fixture, first + 1, first, "0200");
        append_long_range(fixture, 2, first + 1, "00");
        append_long_range(fixture, 101, first + 101, "0200");
        assert_int_equal(respond(fixture), 0);
        assert_true(fixture->out.size > FORA_NEG_FRAME_MIN - 400);
        assert_true(fixture->out.size <= FORA_NEG_FRAME_MIN);
    }
}

static void test_repeated_ids_in_a_list_are_reported_once(void **state)
{
    struct fixture *fixture = *state;
    struct neg_outcome outcome = {0};
    struct fora_neg_report report = neg_outcome_report(&outcome);
    struct fora_neg_item ours = item_at(0);
    uint8_t foreign[32] = {9};

    begin(fixture);
    append_hex(fixture, "02000206");
    for (int i = 0; i < 3; i++) {
        fora_buf_append(&fixture->message, foreign, 32);
        fora_buf_append(&fixture->message, ours.id, 32);
    }
    assert_int_equal(fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message),
                         &report, &fixture->out),
        0);
    assert_int_equal(fixture->out.size, 0);
    assert_int_equal(neg_ids_count(&outcome.have), 0);
    assert_int_equal(neg_ids_count(&outcome.need), 1);
    assert_memory_equal(outcome.need.bytes.data, foreign, 32);
    neg_outcome_fini(&outcome);
}

static void test_refused_message_reports_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct neg_outcome outcome = {0};
    struct fora_neg_report report = neg_outcome_report(&outcome);

    begin(fixture);
    append_hex(fixture, "0a000200000003");
    assert_int_equal(fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message),
                         &report, &fixture->out),
        FORA_E_MALFORMED);
    assert_int_equal(neg_ids_count(&outcome.have) + neg_ids_count(&outcome.need), 0);
    /* The same without its end. */
    fixture->message.size -= 3;
    assert_int_equal(fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message),
                         &report, &fixture->out),
        0);
    assert_int_equal(neg_ids_count(&outcome.have), 9);
    neg_outcome_fini(&outcome);
}

static void test_contradicting_source_is_an_internal_error(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    append_hex(fixture, "020000"
                        "020000"
                        "020000");
    fixture->counting = (struct counting){.inner = fixture->side.source, .lie_bound = 1};
    assert_int_equal(fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message), NULL,
                         &fixture->out),
        FORA_E_INTERNAL);
    begin(fixture);
    append_hex(fixture, "0a000200");
    fixture->counting = (struct counting){.inner = fixture->side.source, .lie_scan = 1};
    assert_int_equal(fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message), NULL,
                         &fixture->out),
        FORA_E_INTERNAL);
    assert_int_equal(fixture->out.size, 0);
}

static void test_cap_of_the_buffer_is_an_error_and_leaves_it(void **state)
{
    struct fixture *fixture = *state;
    struct fora_buf out;

    fora_buf_init(&out, 500);
    fora_buf_append(&out, "before", 6);
    begin(fixture);
    append_hex(fixture, "00000200");
    assert_int_equal(
        fora_neg_reply(&fixture->source, NULL, fora_buf_bytes(&fixture->message), NULL, &out),
        FORA_E_TOO_LARGE);
    assert_int_equal(out.size, 6);
    fora_buf_fini(&out);
    /* A cap that equals the frame limit is never in the way. */
    fora_buf_init(&out, FORA_NEG_FRAME_MIN);
    assert_int_equal(fora_neg_reply(&fixture->source, &fixture->side.limits,
                         fora_buf_bytes(&fixture->message), NULL, &out),
        0);
    fora_buf_fini(&out);
}

/*
 * The case in which the reference loses items: the split that no longer fits is of a range that is
 * empty on the other side, as is all before it that is not written, and so is the rest.
 */
static void test_cut_before_a_range_that_is_empty_there_still_differs(void **state)
{
    struct fixture *fixture = *state;
    struct neg_side small;
    struct fora_neg_item items[124];
    struct fora_neg_sum sum;
    uint8_t expected[16];

    fora_neg_sum_zero(&sum);
    for (uint64_t i = 0; i < 124; i++) {
        items[i] = item_at(i);
        if (i >= 93)
            fora_neg_sum_add_id(&sum, items[i].id);
    }
    neg_side_init(&small, items, 124, FORA_NEG_FRAME_MIN);
    begin(fixture);
    /* Three ranges of 31 items with false fingerprints, and the rest with that of nothing. */
    append_hex(fixture, "20000100000000000000000000000000000000");
    append_hex(fixture, "20000100000000000000000000000000000000");
    append_hex(fixture, "20000100000000000000000000000000000000");
    append_hex(fixture, "0000017f9c9e31ac8256ca2f258583df262dbc");
    assert_int_equal(fora_neg_reply(&small.source, &small.limits, fora_buf_bytes(&fixture->message),
                         NULL, &fixture->out),
        0);
    assert_true(fixture->out.size > 3 * 31 * 32 && fixture->out.size < 3 * 31 * 32 + 50);
    fora_neg_fingerprint(expected, &sum);
    assert_memory_equal(fixture->out.data + fixture->out.size - 16, expected, 16);
    neg_side_fini(&small);
}

int main(void)
{
#define WITH_SET(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_SET(test_malformed_end_is_found_before_any_work),
        WITH_SET(test_descending_bounds_are_refused),
        WITH_SET(test_versions),
        WITH_SET(test_number_of_ranges_is_limited),
        WITH_SET(test_number_of_ids_is_limited_over_all_lists),
        WITH_SET(test_frame_limit_below_the_least_is_refused),
        WITH_SET(test_empty_list_over_all_costs_one_frame),
        WITH_SET(test_many_false_fingerprints_cost_one_frame),
        WITH_SET(test_many_true_fingerprints_cost_two_questions_each),
        WITH_SET(test_answer_stays_in_the_frame_with_long_bounds),
        WITH_SET(test_repeated_ids_in_a_list_are_reported_once),
        WITH_SET(test_refused_message_reports_nothing),
        WITH_SET(test_contradicting_source_is_an_internal_error),
        WITH_SET(test_cap_of_the_buffer_is_an_error_and_leaves_it),
        WITH_SET(test_cut_before_a_range_that_is_empty_there_still_differs),
    };

    return cmocka_run_group_tests_name("negentropy hostile", tests, NULL, NULL);
}
