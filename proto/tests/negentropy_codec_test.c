/* Varints, bounds and ranges at their edges, and arithmetic on sums. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/crypto.h"
#include "negentropy/codec.h"
#include "negentropy_sides.h"

#include <string.h>

static const struct neg_form published; /* not short */

static struct fora_reader reader_of(const struct fora_buf *buf)
{
    struct fora_reader reader;

    fora_reader_init(&reader, fora_buf_bytes(buf));
    return reader;
}

static void varint_is(uint64_t value, const char *hex)
{
    struct fora_buf buf = {0};
    struct fora_reader reader;
    char text[64];

    fora_neg_put_varint(&buf, value);
    fora_hex(text, buf.data, buf.size);
    assert_string_equal(text, hex);
    reader = reader_of(&buf);
    assert_true(fora_neg_get_varint(&reader) == value);
    assert_int_equal(fora_reader_end(&reader), 0);
    fora_buf_fini(&buf);
}

static void test_varint_values(void **state)
{
    (void)state;
    varint_is(0, "00");
    varint_is(127, "7f");
    varint_is(128, "8100");
    varint_is(16383, "ff7f");
    varint_is(16384, "818000");
    varint_is(UINT64_C(0x7fffffff), "87ffffff7f");
    varint_is(UINT64_C(0x80000000), "8880808000");
    varint_is(UINT64_C(0xffffffff), "8fffffff7f");
    varint_is(UINT64_C(1) << 63, "81808080808080808000");
    varint_is(UINT64_MAX - 1, "81ffffffffffffffff7e");
    varint_is(UINT64_MAX, "81ffffffffffffffff7f");
}

static void test_varint_round_trip(void **state)
{
    struct neg_random random = {.state = 7};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t value = neg_random_next(&random) >> neg_random_below(&random, 64);
        struct fora_buf buf = {0};
        struct fora_reader reader;

        fora_neg_put_varint(&buf, value);
        /* As few digits as possible. */
        assert_true(buf.size == 1 || buf.data[0] != 0x80);
        fora_reader_init(&reader, fora_buf_bytes(&buf));
        assert_true(fora_neg_get_varint(&reader) == value);
        assert_int_equal(fora_reader_end(&reader), 0);
        fora_buf_fini(&buf);
    }
}

static int read_varint(const char *hex, uint64_t *value)
{
    uint8_t bytes[32];
    struct fora_reader reader;
    size_t size = strlen(hex) / 2;

    assert_int_equal(fora_unhex(bytes, size, hex), 0);
    fora_reader_init(&reader, fora_bytes(bytes, size));
    *value = fora_neg_get_varint(&reader);
    return reader.error;
}

static void test_varint_refusals(void **state)
{
    uint64_t value;

    (void)state;
    assert_int_equal(read_varint("", &value), FORA_E_MALFORMED);
    assert_int_equal(read_varint("80", &value), FORA_E_MALFORMED);
    assert_int_equal(read_varint("ffffff", &value), FORA_E_MALFORMED);
    /* 2^64 and above. */
    assert_int_equal(read_varint("82808080808080808000", &value), FORA_E_MALFORMED);
    assert_int_equal(read_varint("ffffffffffffffffff7f", &value), FORA_E_MALFORMED);
    /* Eleven bytes, whatever their value. */
    assert_int_equal(read_varint("8080808080808080808001", &value), FORA_E_MALFORMED);
    assert_int_equal(read_varint("81ffffffffffffffffff7f", &value), FORA_E_MALFORMED);
    /* Longer than need be, but within ten: taken, as the reference does. */
    assert_int_equal(read_varint("8002", &value), 0);
    assert_int_equal(value, 2);
    assert_int_equal(read_varint("80808080808080808001", &value), 0);
    assert_int_equal(value, 1);
}

static const uint64_t edge_times[] = {0, 1, 126, 127, 128, UINT64_C(0x7fffffff),
    UINT64_C(0x80000000), UINT64_C(0xffffffff), UINT64_C(1) << 40, UINT64_C(1) << 63,
    UINT64_MAX - 2, UINT64_MAX - 1, UINT64_MAX};
enum { EDGE_TIMES = sizeof(edge_times) / sizeof(edge_times[0]) };

static void test_bounds_of_all_pairs_of_times_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < EDGE_TIMES; i++) {
        for (size_t j = i; j < EDGE_TIMES; j++) {
            struct neg_bound first = {.item = {.time = edge_times[i]}};
            struct neg_bound second = {.item = {.time = edge_times[j]}};
            struct fora_buf buf = {0};
            struct neg_writer writer = {.out = &buf};
            struct neg_parser parser;
            struct neg_range range;

            fora_neg_put_range(&writer, &first, NEG_SKIP);
            fora_neg_put_range(&writer, &second, NEG_SKIP);
            fora_neg_parser_init(&parser, &published, reader_of(&buf));
            assert_int_equal(fora_neg_parser_next(&parser, &range), 1);
            assert_true(range.upper.item.time == edge_times[i]);
            assert_int_equal(fora_neg_parser_next(&parser, &range), 1);
            assert_true(range.upper.item.time == edge_times[j]);
            assert_int_equal(fora_neg_parser_next(&parser, &range), 0);
            fora_buf_fini(&buf);
        }
    }
}

static void test_bound_prefixes_round_trip(void **state)
{
    (void)state;
    for (size_t prefix = 0; prefix <= 32; prefix++) {
        struct neg_bound bound = {.item = {.time = UINT64_MAX - 1}, .prefix = prefix};
        struct fora_buf buf = {0};
        struct neg_writer writer = {.out = &buf};
        struct neg_parser parser;
        struct neg_range range;

        memset(bound.item.id, 0xab, prefix);
        fora_neg_put_range(&writer, &bound, NEG_SKIP);
        fora_neg_parser_init(&parser, &published, reader_of(&buf));
        assert_int_equal(fora_neg_parser_next(&parser, &range), 1);
        assert_int_equal(range.upper.prefix, prefix);
        assert_memory_equal(range.upper.item.id, bound.item.id, 32);
        fora_buf_fini(&buf);
    }
}

/* What reading the form of a message ends with; `left` is what is behind it. */
static int form_of(const char *hex, struct neg_form *form, size_t *left)
{
    uint8_t bytes[64];
    size_t size = strlen(hex) / 2;
    struct fora_reader reader;
    int rc;

    assert_int_equal(fora_unhex(bytes, size, hex), 0);
    fora_reader_init(&reader, fora_bytes(bytes, size));
    rc = fora_neg_get_form(&reader, form);
    *left = reader.left;
    return rc;
}

static void test_rep_24_forms(void **state)
{
    const char *brief = "71000102030405060708090a0b0c0d0e0fff";
    struct neg_form form;
    struct fora_buf buf = {0};
    char text[64];
    size_t left;

    (void)state;
    assert_int_equal(form_of("61ff", &form, &left), 0);
    assert_false(form.is_short);
    assert_int_equal(left, 1);
    assert_int_equal(form_of(brief, &form, &left), 0);
    assert_true(form.is_short);
    assert_int_equal(form.key[15], 15);
    assert_int_equal(left, 1);
    fora_neg_put_form(&buf, &form);
    fora_hex(text, buf.data, buf.size);
    assert_int_equal(strlen(text), 34);
    assert_memory_equal(text, brief, 34);
    fora_buf_fini(&buf);
    assert_int_equal(form_of("", &form, &left), FORA_E_MALFORMED);
    assert_int_equal(form_of("71000102030405060708090a0b0c0d0e", &form, &left), FORA_E_MALFORMED);
    assert_int_equal(form_of("70", &form, &left), FORA_E_MALFORMED);
    assert_int_equal(form_of("60", &form, &left), FORA_E_VERSION);
    assert_int_equal(form_of("6f", &form, &left), FORA_E_VERSION);
}

/* What parsing all ranges of the hex ends with. */
static int parse(const char *hex)
{
    struct fora_buf buf = {0};
    size_t size = strlen(hex) / 2;
    uint8_t *bytes = fora_buf_extend(&buf, size);
    struct neg_parser parser;
    struct neg_range range;
    int rc;

    assert_non_null(bytes);
    assert_int_equal(fora_unhex(bytes, size, hex), 0);
    fora_neg_parser_init(&parser, &published, reader_of(&buf));
    do
        rc = fora_neg_parser_next(&parser, &range);
    while (rc == 1);
    fora_buf_fini(&buf);
    return rc;
}

static void test_bounds_ascend(void **state)
{
    (void)state;
    /* Time 9 with id prefix 05, then the same time with 06, 05, 0500, 04. */
    assert_int_equal(parse("0a010500"
                           "01010600"),
        0);
    assert_int_equal(parse("0a010500"
                           "01010500"),
        0);
    assert_int_equal(parse("0a010500"
                           "0102050000"),
        0);
    assert_int_equal(parse("0a010500"
                           "01010400"),
        FORA_E_MALFORMED);
    assert_int_equal(parse("0a010500"
                           "010000"),
        FORA_E_MALFORMED);
    /* A later time begins anew. */
    assert_int_equal(parse("0a010500"
                           "020000"),
        0);
    /* Only infinity follows infinity. */
    assert_int_equal(parse("000000"
                           "000000"),
        0);
    assert_int_equal(parse("000000"
                           "010000"),
        FORA_E_MALFORMED);
}

static void test_times_do_not_pass_infinity(void **state)
{
    (void)state;
    /* 2^64 - 2, the last time. */
    assert_int_equal(parse("81ffffffffffffffff7f"
                           "0000"),
        0);
    assert_int_equal(parse("81ffffffffffffffff7f"
                           "0000"
                           "010000"),
        0);
    /* One more. */
    assert_int_equal(parse("81ffffffffffffffff7f"
                           "0000"
                           "020000"),
        FORA_E_MALFORMED);
    assert_int_equal(parse("81ffffffffffffffff7f"
                           "0000"
                           "81ffffffffffffffff7f"
                           "0000"),
        FORA_E_MALFORMED);
}

static void test_modes_and_payloads(void **state)
{
    (void)state;
    assert_int_equal(parse("000001"
                           "00112233445566778899aabbccddeeff"),
        0);
    assert_int_equal(parse("000001"
                           "00112233445566778899aabbccddee"),
        FORA_E_MALFORMED);
    assert_int_equal(parse("000003"
                           "00"),
        FORA_E_MALFORMED);
    assert_int_equal(parse("0000"
                           "8180808000"
                           "00"),
        FORA_E_MALFORMED);
    assert_int_equal(parse("000002"
                           "00"),
        0);
    assert_int_equal(parse("000002"
                           "01"
                           "00112233"),
        FORA_E_MALFORMED);
    /* A count whose product with 32 wraps. */
    assert_int_equal(parse("000002"
                           "888080808080808000"),
        FORA_E_MALFORMED);
    assert_int_equal(parse("000002"
                           "81ffffffffffffffff7f"),
        FORA_E_MALFORMED);
}

static void test_bound_between_is_minimal(void **state)
{
    struct fora_neg_item before = {.time = 5};
    struct fora_neg_item after = {.time = 6};
    struct neg_bound bound;

    (void)state;
    memset(before.id, 0x11, 32);
    memset(after.id, 0x11, 32);
    bound = fora_neg_bound_between(&before, &after);
    assert_int_equal(bound.prefix, 0);
    assert_true(bound.item.time == 6);
    after.time = 5;
    for (size_t at = 0; at < 32; at++) {
        after.id[at] = 0x12;
        bound = fora_neg_bound_between(&before, &after);
        assert_int_equal(bound.prefix, at + 1);
        assert_true(fora_neg_item_compare(&before, &bound.item) < 0);
        assert_true(fora_neg_item_compare(&bound.item, &after) <= 0);
        after.id[at] = 0x11;
    }
}

static void test_sums_add_and_subtract(void **state)
{
    struct neg_random random = {.state = 99};
    struct fora_neg_sum zero;
    struct fora_neg_sum all;
    struct fora_neg_sum half;

    (void)state;
    fora_neg_sum_zero(&zero);
    for (int i = 0; i < 2000; i++) {
        uint8_t ids[8][32];

        for (size_t at = 0; at < sizeof(ids); at++) {
            /* Many bytes of 00 and ff, so that carries run far. */
            uint64_t dice = neg_random_next(&random) >> 20;

            ids[at / 32][at % 32] = dice % 4 == 0 ? (uint8_t)(dice >> 8) : (dice & 4) ? 0xff : 0;
        }
        all = zero;
        half = zero;
        for (size_t k = 0; k < 8; k++)
            fora_neg_sum_add_id(&all, ids[k]);
        for (size_t k = 0; k < 4; k++)
            fora_neg_sum_add_id(&half, ids[k]);
        fora_neg_sum_sub(&all, &half);
        for (size_t k = 4; k < 8; k++)
            fora_neg_sum_sub_id(&all, ids[k]);
        assert_memory_equal(all.sum, zero.sum, 32);
        assert_true(all.count == 0);
        fora_neg_sum_add(&all, &half);
        assert_memory_equal(all.sum, half.sum, 32);
        assert_true(all.count == 4);
    }
}

static void test_sum_wraps(void **state)
{
    struct fora_neg_sum sum;
    uint8_t ones[32];
    uint8_t one[32] = {1};
    uint8_t zero[32] = {0};

    (void)state;
    memset(ones, 0xff, 32);
    fora_neg_sum_zero(&sum);
    fora_neg_sum_add_id(&sum, ones);
    fora_neg_sum_add_id(&sum, one);
    assert_memory_equal(sum.sum, zero, 32);
    assert_true(sum.count == 2);
    fora_neg_sum_sub_id(&sum, one);
    assert_memory_equal(sum.sum, ones, 32);
}

static void test_fingerprint_is_sha256_of_sum_and_varint(void **state)
{
    (void)state;
    for (int shift = 0; shift < 64; shift++) {
        for (uint64_t less = 0; less < 2; less++) {
            struct fora_neg_sum sum = {.sum = {3}, .count = (UINT64_C(1) << shift) - less};
            struct fora_buf buf = {0};
            uint8_t digest[32];
            uint8_t got[16];

            fora_buf_append(&buf, sum.sum, 32);
            fora_neg_put_varint(&buf, sum.count);
            fora_sha256(digest, fora_buf_bytes(&buf));
            fora_neg_fingerprint(got, &sum);
            assert_memory_equal(got, digest, 16);
            fora_buf_fini(&buf);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rep_24_forms),
        cmocka_unit_test(test_varint_values),
        cmocka_unit_test(test_varint_round_trip),
        cmocka_unit_test(test_varint_refusals),
        cmocka_unit_test(test_bounds_of_all_pairs_of_times_round_trip),
        cmocka_unit_test(test_bound_prefixes_round_trip),
        cmocka_unit_test(test_bounds_ascend),
        cmocka_unit_test(test_times_do_not_pass_infinity),
        cmocka_unit_test(test_modes_and_payloads),
        cmocka_unit_test(test_bound_between_is_minimal),
        cmocka_unit_test(test_sums_add_and_subtract),
        cmocka_unit_test(test_sum_wraps),
        cmocka_unit_test(test_fingerprint_is_sha256_of_sum_and_varint),
    };

    return cmocka_run_group_tests_name("negentropy codec", tests, NULL, NULL);
}
