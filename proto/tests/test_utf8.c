#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/utf8.h"
#include "vectors.h"

#include <string.h>

static bool valid(const char *text, size_t size)
{
    return fora_utf8_valid(fora_bytes(text, size));
}

static void test_enc_5_kuhn_sequences(void **state)
{
    (void)state;
    json_t *file = vectors_load("utf8/utf8-kuhn-sequences.json");
    struct fora_buf buf = {0};
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(file, "cases"), i, one)
    {
        bool expected = json_is_true(json_object_get(one, "valid"));
        struct fora_bytes text;

        fora_buf_clear(&buf);
        text = vectors_hex(&buf, one, "hex");
        /* The file states RFC 3629 validity; Fora also refuses NUL. */
        if (text.size != 0 && memchr(text.data, 0, text.size) != NULL)
            expected = false;
        if (fora_utf8_valid(text) != expected)
            fail_msg("case %s", vectors_text(one, "id"));
    }
    assert_int_equal(i, 80);
    fora_buf_fini(&buf);
    json_decref(file);
}

static void test_enc_5_naughty_strings_are_valid_wherever_they_are_cut_whole(void **state)
{
    (void)state;
    json_t *file = vectors_load("utf8/blns.json");
    json_t *one;
    size_t i;

    json_array_foreach(file, i, one)
    {
        struct fora_bytes text = fora_bytes(json_string_value(one), json_string_length(one));

        if (!fora_utf8_valid(text))
            fail_msg("string %zu: %s", i, json_string_value(one));
        /* A cut is valid exactly where the next byte does not continue a character. */
        for (size_t cut = 0; cut < text.size; cut++)
            assert_int_equal(
                fora_utf8_valid(fora_bytes(text.data, cut)), (text.data[cut] & 0xc0) != 0x80);
        if (fora_utf8_printable(text, false) && !fora_utf8_printable(text, true))
            fail_msg("string %zu is a line but not lines", i);
    }
    assert_int_equal(i, 515);
    json_decref(file);
}

/* Encodes any number as if surrogates and the end of Unicode did not exist. */
static size_t encode(uint8_t out[4], uint32_t point)
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (uint8_t)(0xc0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | point >> 18);
    out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (point & 0x3f));
    return 4;
}

static void test_enc_5_every_code_point(void **state)
{
    (void)state;
    uint8_t text[4];

    for (uint32_t point = 0; point < 0x200000; point++) {
        struct fora_bytes bytes = fora_bytes(text, encode(text, point));
        bool surrogate = point >= 0xd800 && point < 0xe000;
        bool expected = point != 0 && !surrogate && point <= 0x10ffff;
        bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
        bool bidi = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
        bool line = expected && !control && !bidi;

        if (fora_utf8_valid(bytes) != expected || fora_utf8_printable(bytes, false) != line ||
            fora_utf8_printable(bytes, true) != (line || point == '\t' || point == '\n'))
            fail_msg("U+%04X", point);
    }
}

static void test_enc_5_every_two_byte_text(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            uint8_t text[2] = {(uint8_t)first, (uint8_t)second};
            bool ascii = first > 0 && first < 0x80 && second > 0 && second < 0x80;
            bool pair = first >= 0xc2 && first < 0xe0 && (second & 0xc0) == 0x80;

            assert_int_equal(fora_utf8_valid(fora_bytes(text, 2)), ascii || pair);
        }
    }
}

static void test_enc_5_the_fast_path_misses_nothing(void **state)
{
    (void)state;
    char text[64];

    for (size_t size = 1; size <= sizeof(text); size++) {
        for (size_t at = 0; at < size; at++) {
            memset(text, 'a', sizeof(text));
            assert_true(valid(text, size));
            text[at] = 0;
            assert_false(valid(text, size));
            text[at] = (char)0x80;
            assert_false(valid(text, size));
            text[at] = 0x01;
            assert_true(valid(text, size));
        }
    }
    assert_true(valid(NULL, 0));
}

static void test_enc_5_truncated_characters(void **state)
{
    (void)state;
    static const char text[] = "aaaaaaaa\xf0\x9f\x99\x82";

    assert_true(valid(text, 12));
    for (size_t size = 9; size < 12; size++)
        assert_false(valid(text, size));
}

/* Eight bytes are looked at at once where they are ASCII: the same answer as byte by byte. */
static void test_enc_5_words_say_what_bytes_say(void **state)
{
    uint8_t word[8];

    (void)state;
    for (unsigned at = 0; at < sizeof(word); at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t alone = (uint8_t)byte;

            for (unsigned others = 0x20; others < 0x7f; others++) {
                memset(word, (int)others, sizeof(word));
                word[at] = alone;
                for (unsigned multiline = 0; multiline < 2; multiline++)
                    assert_int_equal(fora_utf8_printable(fora_bytes(word, sizeof(word)), multiline),
                        fora_utf8_printable(fora_bytes(&alone, 1), multiline));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc_5_kuhn_sequences),
        cmocka_unit_test(test_enc_5_naughty_strings_are_valid_wherever_they_are_cut_whole),
        cmocka_unit_test(test_enc_5_every_code_point),
        cmocka_unit_test(test_enc_5_every_two_byte_text),
        cmocka_unit_test(test_enc_5_the_fast_path_misses_nothing),
        cmocka_unit_test(test_enc_5_truncated_characters),
        cmocka_unit_test(test_enc_5_words_say_what_bytes_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
