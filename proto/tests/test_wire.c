/* The engine: what is read, what is refused and with which code (ENC-2 to ENC-6). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fora/id.h"
#include "vectors.h"
#include "wire/tables.h"
#include "wire_random.h"

#include <string.h>
#include <time.h>

/* A message with one field of every type, so that each rule can be tried alone. */
struct part {
    uint32_t number;
    struct fora_bytes text;
};
struct sample {
    uint32_t u32;
    uint64_t u64;
    int32_t s32;
    int64_t s64;
    bool flag;
    struct fora_bytes line;
    struct fora_bytes lines;
    struct fora_bytes bytes;
    struct fora_hash id;
    struct part *part;
    bool has_maybe;
    struct fora_bytes maybe;
    struct fora_bytes *texts;
    size_t texts_count;
    struct fora_hash *ids;
    size_t ids_count;
    struct part *parts;
    size_t parts_count;
    uint32_t word; /* enum */
};

static const struct wire_field part_fields[] = {
    WIRE_U32(1, part, number, WIRE_REQUIRED),
    WIRE_TEXT(2, part, text, 8, 0),
};
static const struct wire_table part_table = WIRE_TABLE("Part", part);

static const struct wire_field sample_fields[] = {
    WIRE_U32(1, sample, u32, 0),
    WIRE_U64(2, sample, u64, 0),
    WIRE_S32(3, sample, s32, 0),
    WIRE_S64(4, sample, s64, 0),
    WIRE_BOOL(5, sample, flag, 0),
    WIRE_TEXT(6, sample, line, 8, 0),
    WIRE_TEXT(7, sample, lines, 100, WIRE_MULTILINE),
    WIRE_BYTES(8, sample, bytes, 8, 0),
    WIRE_ID(9, sample, id, 0),
    WIRE_MESSAGE(10, sample, part, &part_table, 0),
    WIRE_MAYBE_TEXT(11, sample, maybe, 8, 0),
    WIRE_MANY_TEXT(12, sample, texts, 8, 3, 0),
    WIRE_MANY_ID(13, sample, ids, 2, 0),
    WIRE_MANY_MESSAGE(20, sample, parts, &part_table, 2, 0),
    WIRE_ENUM(21, sample, word, 0),
};
static const struct wire_table sample_table = WIRE_TABLE("Sample", sample);

static struct fora_arena arena;
static struct sample got;

/* Decodes hex digits (spaces between them are for the reader); the result stays in `got`. */
static int decode(const char *hex)
{
    static uint8_t bytes[4096];
    char digits[2 * sizeof(bytes) + 1];
    size_t size = 0;

    for (; *hex != 0; hex++) {
        if (*hex != ' ')
            digits[size++] = *hex;
    }
    digits[size] = 0;
    assert_int_equal(fora_unhex(bytes, size / 2, digits), 0);
    fora_arena_fini(&arena);
    return wire_decode(&arena, &sample_table, fora_bytes(bytes, size / 2), &got);
}

#define ID_HEX "0101010101010101010101010101010101010101010101010101010101010101"
#define ZERO_HEX "0000000000000000000000000000000000000000000000000000000000000000"

static void test_enc2_nothing_is_everything_absent(void **state)
{
    (void)state;
    assert_int_equal(decode(""), 0);
    assert_true(wire_equal(&sample_table, &got, &(struct sample){0}));
}

static void test_enc2_numbers(void **state)
{
    (void)state;
    assert_int_equal(decode("08 ffffffff0f  10 ffffffffffffffffff01  18 03  20 04  28 01"), 0);
    assert_int_equal(got.u32, UINT32_MAX);
    assert_true(got.u64 == UINT64_MAX);
    assert_int_equal(got.s32, -2);
    assert_true(got.s64 == 2);
    assert_true(got.flag);
    assert_int_equal(decode("18 ffffffff0f 20 ffffffffffffffffff01"), 0);
    assert_int_equal(got.s32, INT32_MIN);
    assert_true(got.s64 == INT64_MIN);
    assert_int_equal(decode("a801 ffffffff07"), 0);
    assert_int_equal(got.word, INT32_MAX);
}

static void test_enc3_value_beyond_its_type(void **state)
{
    (void)state;
    assert_int_equal(decode("08 8080808010"), FORA_E_MALFORMED);
    assert_int_equal(decode("18 8080808010"), FORA_E_MALFORMED);
    assert_int_equal(decode("28 02"), FORA_E_MALFORMED);
    assert_int_equal(decode("a801 8080808008"), FORA_E_MALFORMED);
    assert_int_equal(decode("10 ffffffffffffffffff02"), FORA_E_MALFORMED);
    assert_int_equal(decode("10 8080808080808080808001"), FORA_E_MALFORMED);
}

static void test_enc3_varint_not_in_its_shortest_form(void **state)
{
    (void)state;
    assert_int_equal(decode("08 8100"), FORA_E_MALFORMED);
    assert_int_equal(decode("8800 01"), FORA_E_MALFORMED);
    assert_int_equal(decode("32 8100 61"), FORA_E_MALFORMED);
    assert_int_equal(decode("f801 8100"), FORA_E_MALFORMED); /* unknown field 31 */
    assert_int_equal(decode("08 00"), 0);
}

static void test_enc3_singular_field_twice(void **state)
{
    static const char *const doubled[] = {"0801 0801", "1001 1001", "1802 1802", "2002 2002",
        "2801 2801", "320161 320161", "3a0161 3a0161", "420161 420161", "4a20" ID_HEX "4a20" ID_HEX,
        "52020801 52020801", "5a0161 5a0161", "a80101 a80101", "0800 0801"};

    (void)state;
    for (size_t i = 0; i < sizeof(doubled) / sizeof(doubled[0]); i++) {
        if (decode(doubled[i]) != FORA_E_MALFORMED)
            fail_msg("%s", doubled[i]);
    }
    /* In a nested message as well. */
    assert_int_equal(decode("5204 0801 0801"), FORA_E_MALFORMED);
}

static void test_enc3_wrong_wire_type_of_a_known_field(void **state)
{
    static const char *const wrong[] = {"0a0101", "0d01010101", "090101010101010101", "3001",
        "4801", "5001", "6001", "6801", "a00101", "5801", "2a0101"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (decode(wrong[i]) != FORA_E_MALFORMED)
            fail_msg("%s", wrong[i]);
    }
}

static void test_enc3_field_number_zero_groups_and_reserved_types(void **state)
{
    (void)state;
    assert_int_equal(decode("00 01"), FORA_E_MALFORMED);
    assert_int_equal(decode("02 00"), FORA_E_MALFORMED);
    assert_int_equal(decode("fb01 fc01"), FORA_E_MALFORMED);
    assert_int_equal(decode("fe01 00"), FORA_E_MALFORMED);
    assert_int_equal(decode("ff01 00"), FORA_E_MALFORMED);
    assert_int_equal(decode("f8ffffff0f 01"), 0);                /* 2^29 - 1 */
    assert_int_equal(decode("8080808010 01"), FORA_E_MALFORMED); /* 2^29 */
}

static void test_enc6_unknown_fields_are_skipped(void **state)
{
    (void)state;
    assert_int_equal(
        decode("f801ac02 0807 f9010102030405060708 fa0103ffffff fd0101020304 1009"), 0);
    assert_int_equal(got.u32, 7);
    assert_true(got.u64 == 9);
    assert_int_equal(decode("f80101 f80101"), 0); /* twice is nobody's concern */
}

static void test_enc2_any_order_of_fields(void **state)
{
    (void)state;
    assert_int_equal(decode("a80105 62016b 1009 62016c 0807"), 0);
    assert_int_equal(got.word, 5);
    assert_int_equal(got.u32, 7);
    assert_true(got.u64 == 9);
    assert_int_equal(got.texts_count, 2);
    assert_memory_equal(got.texts[0].data, "k", 1);
    assert_memory_equal(got.texts[1].data, "l", 1);
}

static void test_enc2_cut_anywhere_is_never_taken_for_more(void **state)
{
    static const char whole[] = "08ac02 32026162 4a20" ID_HEX "5204 0805 1200 f9010102030405060708";
    uint8_t bytes[128];
    char digits[sizeof(whole)];
    size_t size = 0;
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; whole[i] != 0; i++) {
        if (whole[i] != ' ')
            digits[size++] = whole[i];
    }
    digits[size] = 0;
    assert_int_equal(fora_unhex(bytes, size / 2, digits), 0);
    for (size_t cut = 0; cut < size / 2; cut++) {
        int code;

        fora_arena_fini(&arena);
        code = wire_decode(&arena, &sample_table, fora_bytes(bytes, cut), &got);
        /* A cut between two fields is a shorter message; every other one is refused. */
        if (cut == 0 || cut == 3 || cut == 7 || cut == 41 || cut == 47)
            assert_int_equal(code, 0);
        else
            assert_int_equal(code, FORA_E_MALFORMED);
        refused += code != 0;
    }
    assert_true(refused > 40);
}

static void test_enc4_ids_have_their_size_and_are_not_zero(void **state)
{
    (void)state;
    assert_int_equal(decode("4a20" ID_HEX), 0);
    assert_int_equal(got.id.b[31], 1);
    assert_int_equal(decode("4a00"), FORA_E_MALFORMED);
    assert_int_equal(decode("4a0101"), FORA_E_MALFORMED);
    assert_int_equal(decode("4a21" ID_HEX "01"), FORA_E_MALFORMED);
    assert_int_equal(decode("4a20" ZERO_HEX), FORA_E_MALFORMED);
    assert_int_equal(decode("6a20" ID_HEX "6a20" ZERO_HEX), FORA_E_MALFORMED);
    assert_int_equal(decode("6a20" ID_HEX), 0);
    assert_int_equal(got.ids_count, 1);
}

static void test_enc5_text(void **state)
{
    (void)state;
    assert_int_equal(decode("32 03 61c3a9"), 0);
    assert_int_equal(got.line.size, 3);
    assert_int_equal(decode("32 02 61c3"), FORA_E_UTF8);
    assert_int_equal(decode("32 03 eda080"), FORA_E_UTF8); /* surrogate */
    assert_int_equal(decode("32 02 c0af"), FORA_E_UTF8);   /* over-long */
    assert_int_equal(decode("32 01 00"), FORA_E_UTF8);
    assert_int_equal(decode("32 01 0a"), FORA_E_UTF8);
    assert_int_equal(decode("32 03 e280ae"), FORA_E_UTF8); /* U+202E */
    assert_int_equal(decode("3a 03 610a09"), 0);
    assert_int_equal(decode("3a 01 0d"), FORA_E_UTF8);
    assert_int_equal(decode("3a 01 00"), FORA_E_UTF8);
    assert_int_equal(decode("3a 03 e281a6"), FORA_E_UTF8); /* U+2066 */
}

static void test_lim_caps_and_counts(void **state)
{
    (void)state;
    assert_int_equal(decode("32 08 6161616161616161"), 0);
    assert_int_equal(decode("32 09 616161616161616161"), FORA_E_TOO_LARGE);
    assert_int_equal(decode("42 08 0000000000000000"), 0);
    assert_int_equal(decode("42 09 000000000000000000"), FORA_E_TOO_LARGE);
    assert_int_equal(decode("620161 620161 620161"), 0);
    assert_int_equal(got.texts_count, 3);
    assert_int_equal(decode("620161 620161 620161 620161"), FORA_E_LIMIT);
    assert_int_equal(decode("a201020801 a201020801 a201020801"), FORA_E_LIMIT);
    assert_int_equal(decode("62 09 616161616161616161"), FORA_E_TOO_LARGE);
}

static void test_enc6_list_elements_are_not_empty(void **state)
{
    (void)state;
    assert_int_equal(decode("6200"), FORA_E_MALFORMED);
    assert_int_equal(decode("5a00"), 0); /* present and empty */
    assert_true(got.has_maybe);
    assert_int_equal(got.maybe.size, 0);
    assert_int_equal(decode("3200"), 0);
    assert_int_equal(decode("a20100"), FORA_E_MALFORMED); /* its number is required */
}

static void test_enc2_a_limit_is_known_before_memory_is_taken(void **state)
{
    struct fora_buf many = {0};

    (void)state;
    for (size_t i = 0; i < 100000; i++)
        fora_buf_append(&many, "\x62\x01k", 3);
    fora_arena_fini(&arena);
    assert_int_equal(wire_decode(&arena, &sample_table, fora_buf_bytes(&many), &got), FORA_E_LIMIT);
    assert_int_equal(arena.used, 0);
    fora_buf_fini(&many);
}

static void test_wire_arena_budget(void **state)
{
    struct fora_arena small;
    static const uint8_t bytes[] = {0x62, 1, 'a', 0x62, 1, 'b', 0x52, 2, 8, 1};

    (void)state;
    for (size_t budget = 1; budget < 128; budget++) {
        int code;

        fora_arena_init(&small, budget);
        code = wire_decode(&small, &sample_table, fora_bytes(bytes, sizeof(bytes)), &got);
        assert_int_equal(code, budget >= 64 ? 0 : FORA_E_NOMEM);
        assert_true(small.used <= budget);
        fora_arena_fini(&small);
    }
}

static void test_wire_encode_refuses_what_decoding_refuses(void **state)
{
    struct fora_bytes texts[4] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"b", 1},
        {(const uint8_t *)"c", 1}, {(const uint8_t *)"d", 1}};
    struct part part = {0};
    struct {
        struct sample sample;
        int code;
    } cases[] = {
        {{.line = fora_bytes_str("123456789")}, FORA_E_TOO_LARGE},
        {{.line = fora_bytes_str("a\nb")}, FORA_E_UTF8},
        {{.lines = fora_bytes("\xff", 1)}, FORA_E_UTF8},
        {{.texts = texts, .texts_count = 4}, FORA_E_LIMIT},
        {{.texts = (struct fora_bytes[]){{0}}, .texts_count = 1}, FORA_E_MALFORMED},
        {{.ids = (struct fora_hash[]){{{0}}}, .ids_count = 1}, FORA_E_MALFORMED},
        {{.part = &part}, FORA_E_MALFORMED},
        {{.parts = &part, .parts_count = 1}, FORA_E_MALFORMED},
        {{.word = UINT32_C(1) << 31}, FORA_E_MALFORMED},
        {{.texts = texts, .texts_count = 3}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fora_buf out = {0};

        fora_buf_append_str(&out, "before");
        if (wire_encode(&out, &sample_table, &cases[i].sample) != cases[i].code)
            fail_msg("case %zu", i);
        if (cases[i].code != 0)
            assert_int_equal(out.size, 6);
        assert_memory_equal(out.data, "before", 6);
        fora_buf_fini(&out);
    }
}

static void test_wire_encode_keeps_to_the_cap_of_its_buffer(void **state)
{
    struct sample in = {.u32 = 300, .line = {(const uint8_t *)"abc", 3}};
    struct part part = {.number = 5};
    struct fora_buf out;
    size_t whole = 3 + 5 + 4;

    (void)state;
    in.part = &part;
    for (size_t cap = 1; cap <= whole; cap++) {
        fora_buf_init(&out, cap);
        assert_int_equal(wire_encode(&out, &sample_table, &in), cap < whole ? FORA_E_TOO_LARGE : 0);
        assert_int_equal(out.size, cap < whole ? 0 : whole);
        fora_buf_fini(&out);
    }
}

static void test_wire_round_trip_of_every_type(void **state)
{
    struct fora_arena held;
    struct wire_random random = {.state = 1, .arena = &held};

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        struct sample in;
        struct fora_buf out = {0};

        fora_arena_init(&held, 0);
        fora_arena_fini(&arena);
        wire_random_fill(&random, &sample_table, &in);
        assert_int_equal(wire_encode(&out, &sample_table, &in), 0);
        assert_int_equal(wire_decode(&arena, &sample_table, fora_buf_bytes(&out), &got), 0);
        assert_true(wire_equal(&sample_table, &in, &got));
        fora_buf_fini(&out);
        fora_arena_fini(&held);
    }
}

static void test_wire_nth_allocation_fails(void **state)
{
    static const uint8_t bytes[] = {0x62, 1, 'a', 0x52, 4, 8, 1, 18, 0, 0xa2, 1, 2, 8, 1};
    long failures = 0;

    (void)state;
    for (long n = 0;; n++) {
        struct fora_arena fresh;
        struct fora_buf out = {0};
        int code;

        fora_arena_init(&fresh, 0);
        alloc_fail_at(n);
        code = wire_decode(&fresh, &sample_table, fora_bytes(bytes, sizeof(bytes)), &got);
        if (code == 0)
            code = wire_encode(&out, &sample_table, &got);
        if (!alloc_fail_stop()) {
            assert_int_equal(code, 0);
            fora_buf_fini(&out);
            fora_arena_fini(&fresh);
            break;
        }
        assert_int_equal(code, FORA_E_NOMEM);
        assert_int_equal(out.size, 0);
        failures++;
        fora_buf_fini(&out);
        fora_arena_fini(&fresh);
    }
    assert_true(failures >= 2);
}

static int raw_scan(struct fora_bytes bytes, size_t *fields)
{
    struct fora_reader reader;
    struct wire_raw raw;

    fora_reader_init(&reader, bytes);
    for (*fields = 0; wire_next(&reader, &raw); ++*fields)
        assert_in_range(raw.number, 1, (1 << 29) - 1);
    return reader.error;
}

/* Every vector that protobuf's own suite calls illegal in its framing, and ADR-027's. */
static void test_enc3_protobuf_wire_vectors(void **state)
{
    json_t *file = vectors_load("protobuf/protobuf-wire-vectors.json");
    struct fora_buf buf = {0};
    size_t i, refused = 0, taken = 0;
    json_t *one;

    (void)state;
    json_array_foreach(file, i, one)
    {
        const char *name = vectors_text(one, "name");
        const char *expect = vectors_text(one, "expect");
        size_t fields;
        struct fora_bytes bytes;

        fora_buf_clear(&buf);
        bytes = vectors_hex(&buf, one, "hex");
        if (strcmp(expect, "parse-error") == 0 && strncmp(name, "Utf8String", 10) != 0) {
            if (raw_scan(bytes, &fields) != FORA_E_MALFORMED)
                fail_msg("%s was taken", name);
            refused++;
        } else if (strstr(name, "overlong") || strstr(name, "unknown-group") ||
                   strstr(name, "enum-10-byte")) {
            if (raw_scan(bytes, &fields) != FORA_E_MALFORMED)
                fail_msg("%s was taken", name);
            refused++;
        } else if (strncmp(name, "adr027", 6) == 0) {
            if (raw_scan(bytes, &fields) != 0 || fields < 4)
                fail_msg("%s was refused", name);
            taken++;
        }
    }
    print_message("%zu refused, %zu taken\n", refused, taken);
    assert_int_equal(refused, 50 + 5);
    assert_int_equal(taken, 10);
    fora_buf_fini(&buf);
    json_decref(file);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A megabyte of the shortest unknown fields, and of one list: linear, so far below a second. */
static void test_wire_time_is_linear(void **state)
{
    struct fora_buf hostile = {0};
    uint64_t start;

    (void)state;
    for (size_t i = 0; i < 500000; i++)
        fora_buf_append(&hostile, "\x78\x01", 2);
    fora_arena_fini(&arena);
    start = now_ns();
    assert_int_equal(wire_decode(&arena, &sample_table, fora_buf_bytes(&hostile), &got), 0);
    assert_true(now_ns() - start < UINT64_C(2000000000));
    fora_buf_fini(&hostile);
}

static int tear_down(void **state)
{
    (void)state;
    fora_arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc2_nothing_is_everything_absent),
        cmocka_unit_test(test_enc2_numbers),
        cmocka_unit_test(test_enc3_value_beyond_its_type),
        cmocka_unit_test(test_enc3_varint_not_in_its_shortest_form),
        cmocka_unit_test(test_enc3_singular_field_twice),
        cmocka_unit_test(test_enc3_wrong_wire_type_of_a_known_field),
        cmocka_unit_test(test_enc3_field_number_zero_groups_and_reserved_types),
        cmocka_unit_test(test_enc6_unknown_fields_are_skipped),
        cmocka_unit_test(test_enc2_any_order_of_fields),
        cmocka_unit_test(test_enc2_cut_anywhere_is_never_taken_for_more),
        cmocka_unit_test(test_enc4_ids_have_their_size_and_are_not_zero),
        cmocka_unit_test(test_enc5_text),
        cmocka_unit_test(test_lim_caps_and_counts),
        cmocka_unit_test(test_enc6_list_elements_are_not_empty),
        cmocka_unit_test(test_enc2_a_limit_is_known_before_memory_is_taken),
        cmocka_unit_test(test_wire_arena_budget),
        cmocka_unit_test(test_wire_encode_refuses_what_decoding_refuses),
        cmocka_unit_test(test_wire_encode_keeps_to_the_cap_of_its_buffer),
        cmocka_unit_test(test_wire_round_trip_of_every_type),
        cmocka_unit_test(test_wire_nth_allocation_fails),
        cmocka_unit_test(test_enc3_protobuf_wire_vectors),
        cmocka_unit_test(test_wire_time_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
