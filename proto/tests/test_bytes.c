#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/bytes.h"

#include <string.h>

static void test_slices_compare_as_memcmp_with_prefix_first(void **state)
{
    (void)state;
    struct fora_bytes none = {0};
    struct fora_bytes abc = fora_bytes_str("abc");

    assert_true(fora_bytes_equal(none, fora_bytes("x", 0)));
    assert_false(fora_bytes_equal(none, abc));
    assert_false(fora_bytes_equal(fora_bytes_str("abd"), abc));
    assert_true(fora_bytes_equal(fora_bytes("abcd", 3), abc));
    assert_int_equal(fora_bytes_compare(none, none), 0);
    assert_true(fora_bytes_compare(none, abc) < 0);
    assert_true(fora_bytes_compare(abc, none) > 0);
    assert_true(fora_bytes_compare(fora_bytes_str("ab"), abc) < 0);
    assert_true(fora_bytes_compare(fora_bytes_str("b"), abc) > 0);
    assert_true(fora_bytes_compare(fora_bytes("\xff", 1), abc) > 0); /* unsigned */
    assert_int_equal(fora_bytes_compare(fora_bytes("abcd", 3), abc), 0);
}

static void test_buf_grows_without_cap(void **state)
{
    (void)state;
    struct fora_buf buf = {0};

    for (unsigned i = 0; i < 100000; i++)
        fora_buf_u8(&buf, (uint8_t)i);
    assert_int_equal(buf.error, 0);
    assert_int_equal(buf.size, 100000);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(buf.data[i], i & 0xff);
    fora_buf_fini(&buf);
    assert_null(buf.data);
    fora_buf_fini(&buf);
}

static void test_buf_cap_is_exact_and_sticky(void **state)
{
    (void)state;
    struct fora_buf buf;

    fora_buf_init(&buf, 100);
    for (unsigned i = 0; i < 100; i++)
        fora_buf_u8(&buf, 'a');
    assert_int_equal(buf.error, 0);
    assert_int_equal(strlen(fora_buf_cstr(&buf)), 100); /* the NUL is not counted */
    fora_buf_u8(&buf, 'b');
    assert_int_equal(buf.error, FORA_E_TOO_LARGE);
    assert_int_equal(buf.size, 100);
    assert_null(fora_buf_extend(&buf, 0));
    assert_null(fora_buf_cstr(&buf));
    fora_buf_printf(&buf, "%s", "");
    assert_int_equal(buf.error, FORA_E_TOO_LARGE);
    fora_buf_clear(&buf);
    assert_int_equal(buf.error, 0);
    assert_int_equal(fora_buf_bytes(&buf).size, 0);
    fora_buf_append(&buf, NULL, 0);
    fora_buf_append_str(&buf, "again");
    assert_string_equal(fora_buf_cstr(&buf), "again");
    fora_buf_fini(&buf);
    assert_int_equal(buf.cap, 100); /* as after init */
}

static void test_buf_refuses_impossible_sizes(void **state)
{
    (void)state;
    struct fora_buf buf = {0};

    assert_null(fora_buf_extend(&buf, SIZE_MAX));
    assert_int_equal(buf.error, FORA_E_TOO_LARGE);
    fora_buf_clear(&buf);
    fora_buf_u8(&buf, 1);
    assert_null(fora_buf_extend(&buf, SIZE_MAX - 1));
    assert_int_equal(buf.error, FORA_E_TOO_LARGE);
    assert_int_equal(buf.size, 1);
    fora_buf_fini(&buf);
}

static void test_buf_extend_of_nothing_is_no_error(void **state)
{
    (void)state;
    struct fora_buf buf = {0};

    assert_non_null(fora_buf_extend(&buf, 0));
    assert_int_equal(buf.size, 0);
    fora_buf_fini(&buf);
}

static void test_buf_printf_and_cap(void **state)
{
    (void)state;
    struct fora_buf buf;

    fora_buf_init(&buf, 70);
    fora_buf_printf(&buf, "%s-%d", "seven", 7);
    fora_buf_printf(&buf, "%063d", 0); /* fills it to the last byte */
    assert_int_equal(buf.error, 0);
    assert_int_equal(buf.size, 70);
    assert_memory_equal(buf.data, "seven-7000", 10);
    fora_buf_printf(&buf, "x");
    assert_int_equal(buf.error, FORA_E_TOO_LARGE);
    assert_int_equal(buf.size, 70);
    fora_buf_fini(&buf);
}

static void test_buf_big_endian(void **state)
{
    (void)state;
    struct fora_buf buf = {0};
    static const uint8_t expected[] = {
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8};

    fora_buf_u8(&buf, 0x01);
    fora_buf_be16(&buf, 0x0203);
    fora_buf_be32(&buf, 0x04050607);
    fora_buf_be64(&buf, 0xfffefdfcfbfaf9f8);
    assert_int_equal(buf.size, sizeof(expected));
    assert_memory_equal(buf.data, expected, sizeof(expected));
    fora_buf_fini(&buf);
}

static void test_buf_consume(void **state)
{
    (void)state;
    struct fora_buf buf = {0};

    fora_buf_consume(&buf, 0);
    fora_buf_append_bytes(&buf, fora_bytes_str("abcdef"));
    fora_buf_consume(&buf, 2);
    assert_string_equal(fora_buf_cstr(&buf), "cdef");
    fora_buf_consume(&buf, 4);
    assert_string_equal(fora_buf_cstr(&buf), "");
    fora_buf_fini(&buf);
}

static void test_varint_round_trip(void **state)
{
    (void)state;
    static const uint64_t values[] = {
        0, 1, 127, 128, 300, 16383, 16384, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
    struct fora_buf buf = {0};
    struct fora_reader reader;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        fora_buf_varint(&buf, values[i]);
    fora_reader_init(&reader, fora_buf_bytes(&buf));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        assert_true(fora_reader_varint(&reader) == values[i]);
    assert_int_equal(fora_reader_end(&reader), 0);
    fora_buf_clear(&buf);
    fora_buf_varint(&buf, 300);
    assert_int_equal(buf.size, 2);
    assert_memory_equal(buf.data, "\xac\x02", 2);
    fora_buf_fini(&buf);
}

static void check_varint(const char *bytes, size_t size, int error, uint64_t value)
{
    struct fora_reader reader;

    fora_reader_init(&reader, fora_bytes(bytes, size));
    assert_true(fora_reader_varint(&reader) == value);
    assert_int_equal(reader.error, error);
}

static void test_varint_edges(void **state)
{
    (void)state;
    check_varint("", 0, FORA_E_MALFORMED, 0);
    check_varint("\x80", 1, FORA_E_MALFORMED, 0);
    check_varint("\x80\x00", 2, 0, 0); /* over-long, as protobuf reads it */
    check_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, 0, UINT64_MAX);
    check_varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, FORA_E_MALFORMED, 0);
    check_varint("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, FORA_E_MALFORMED, 0);
}

static void test_reader_reads_what_buf_wrote(void **state)
{
    (void)state;
    static const uint8_t input[] = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 'e', 'n', 'd'};
    struct fora_reader reader;
    uint8_t copy[3];

    fora_reader_init(&reader, fora_bytes(input, sizeof(input)));
    assert_int_equal(fora_reader_u8(&reader), 1);
    assert_int_equal(fora_reader_be16(&reader), 0x0203);
    assert_int_equal(fora_reader_be32(&reader), 0x04050607);
    assert_true(fora_reader_be64(&reader) == 0x08090a0b0c0d0e0f);
    assert_int_equal(fora_reader_take(&reader, 0).size, 0);
    assert_int_equal(fora_reader_end(&reader), FORA_E_MALFORMED); /* bytes are left */
    fora_reader_copy(&reader, copy, 3);
    assert_memory_equal(copy, "end", 3);
    assert_int_equal(fora_reader_end(&reader), 0);
}

static void test_reader_error_is_sticky_and_gives_zeros(void **state)
{
    (void)state;
    static const uint8_t input[] = {1, 2, 3};
    struct fora_reader reader;
    uint8_t copy[2] = {9, 9};
    struct fora_bytes taken;

    fora_reader_init(&reader, fora_bytes(input, sizeof(input)));
    assert_int_equal(fora_reader_be32(&reader), 0);
    assert_int_equal(reader.error, FORA_E_MALFORMED);
    assert_int_equal(fora_reader_u8(&reader), 0); /* though a byte is there */
    taken = fora_reader_take(&reader, 1);
    assert_null(taken.data);
    assert_int_equal(taken.size, 0);
    fora_reader_copy(&reader, copy, 2);
    assert_int_equal(copy[0] | copy[1], 0);
    assert_int_equal(fora_reader_end(&reader), FORA_E_MALFORMED);
}

static void test_reader_refuses_sizes_that_would_overflow(void **state)
{
    (void)state;
    struct fora_reader reader;

    fora_reader_init(&reader, fora_bytes_str("abc"));
    assert_null(fora_reader_take(&reader, SIZE_MAX).data);
    assert_int_equal(reader.error, FORA_E_MALFORMED);
    fora_reader_init(&reader, fora_bytes(NULL, 0));
    assert_int_equal(fora_reader_end(&reader), 0);
    assert_int_equal(fora_reader_u8(&reader), 0);
    assert_int_equal(fora_reader_end(&reader), FORA_E_MALFORMED);
}

static void test_hex(void **state)
{
    (void)state;
    char text[9];
    uint8_t bytes[4] = {0};

    fora_hex(text, "\x00\x7f\xAB\xff", 4);
    assert_string_equal(text, "007fabff");
    fora_hex(text, NULL, 0);
    assert_string_equal(text, "");
    assert_int_equal(fora_unhex(bytes, 4, "007FabFf"), 0);
    assert_memory_equal(bytes, "\x00\x7f\xab\xff", 4);
    assert_int_equal(fora_unhex(bytes, 0, ""), 0);
    assert_int_equal(fora_unhex(bytes, 4, ""), FORA_E_MALFORMED);
    assert_int_equal(fora_unhex(bytes, 4, "007fabf"), FORA_E_MALFORMED);
    assert_int_equal(fora_unhex(bytes, 4, "007fabff0"), FORA_E_MALFORMED);
    assert_int_equal(fora_unhex(bytes, 4, "007fabfg"), FORA_E_MALFORMED);
    assert_int_equal(fora_unhex(bytes, 4, "0x7fabff"), FORA_E_MALFORMED);
    assert_int_equal(fora_unhex(bytes, 4, " 07fabff"), FORA_E_MALFORMED);
    assert_int_equal(fora_unhex(bytes, 0, "00"), FORA_E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices_compare_as_memcmp_with_prefix_first),
        cmocka_unit_test(test_buf_grows_without_cap),
        cmocka_unit_test(test_buf_cap_is_exact_and_sticky),
        cmocka_unit_test(test_buf_refuses_impossible_sizes),
        cmocka_unit_test(test_buf_extend_of_nothing_is_no_error),
        cmocka_unit_test(test_buf_printf_and_cap),
        cmocka_unit_test(test_buf_big_endian),
        cmocka_unit_test(test_buf_consume),
        cmocka_unit_test(test_varint_round_trip),
        cmocka_unit_test(test_varint_edges),
        cmocka_unit_test(test_reader_reads_what_buf_wrote),
        cmocka_unit_test(test_reader_error_is_sticky_and_gives_zeros),
        cmocka_unit_test(test_reader_refuses_sizes_that_would_overflow),
        cmocka_unit_test(test_hex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
