/* The room of text: the gate for foreign text, widths, dates, Markdown, tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const struct text_style plain = {.color = false, .width = 40};

static void expect(struct fora_buf *got, const char *wanted)
{
    assert_int_equal(got->error, 0);
    assert_string_equal(fora_buf_cstr(got), wanted);
    fora_buf_fini(got);
}

static void clean_removes_what_could_act_on_a_terminal(void **state)
{
    static const struct {
        const char *foreign;
        const char *clean;
    } rows[] = {
        {"plain", "plain"},
        {"a\x1b[31mred\x1b[0m b", "ared b"},
        {"a\x1b[2J\x1b[1;1Hb", "ab"},
        {"a\x1b]0;title\x07"
         "b",
            "ab"},
        {"a\x1b]52;c;c2VjcmV0\x1b\\b", "ab"},
        {"a\x1bP+q544e\x1b\\b", "ab"},
        {"a\x1b]8;;http://evil\nb", "a\nb"},
        {"a\x1b(0b", "ab"},
        {"a\x1b"
         "cb",
            "ab"},
        {"a\x1b", "a"},
        {"a\x1b[", "a"},
        {"a\xc2\x9b"
         "31mb",
            "ab"},
        {"a\xc2\x9d"
         "0;t\x07"
         "b",
            "ab"},
        {"a\x07\x08\x7f\x0e"
         "b",
            "ab"},
        {"a\rb", "ab"},
        {"a\xe2\x80\xae"
         "b\xe2\x81\xa6"
         "c",
            "abc"},
        {"a\xef\xbb\xbf"
         "b",
            "ab"},
        {"a\xf3\xa0\x81\x81"
         "b",
            "ab"},
        {"a\xff"
         "b",
            "a\xef\xbf\xbd"
            "b"},
        {"a\xed\xa0\x80"
         "b",
            "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
            "b"},
        {"a\xc0\xaf"
         "b",
            "a\xef\xbf\xbd\xef\xbf\xbd"
            "b"},
        {"\tx\n\ty", "    x\n    y"},
        {"ab\tx", "ab  x"},
        {"\xc3\xa4 \xe6\xbc\xa2", "\xc3\xa4 \xe6\xbc\xa2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fora_buf out = {0};
        text_clean(&out, fora_bytes_str(rows[i].foreign), true);
        expect(&out, rows[i].clean);
    }
}

static void clean_of_one_line_has_no_line_feed(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_clean(&out,
        fora_bytes_str("a\nb\tc\xe2\x80\xa8"
                       "d"),
        false);
    expect(&out, "a b c d");
}

/* Whatever comes in, what goes out is UTF-8 without control characters. */
static void clean_of_noise_is_clean(void **state)
{
    uint32_t random = 12345;
    size_t looked = 0;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint8_t noise[64];
        struct fora_buf out = {0};
        for (size_t i = 0; i < sizeof noise; i++) {
            random = random * 1664525 + 1013904223;
            noise[i] = (uint8_t)((random >> 24) % 5 == 0 ? 0x1b : random >> 16);
        }
        text_clean(&out, fora_bytes(noise, sizeof noise), true);
        for (size_t at = 0; at < out.size; looked++) {
            uint32_t code;
            size_t size = text_next(fora_buf_bytes(&out), at, &code);
            assert_true(code == '\n' || (code >= 0x20 && code != 0x7f));
            assert_false(code >= 0x80 && code < 0xa0);
            at += size;
        }
        fora_buf_fini(&out);
    }
    assert_true(looked > 1000);
}

static void widths_are_columns(void **state)
{
    (void)state;
    assert_int_equal(text_width(fora_bytes_str("abc")), 3);
    assert_int_equal(text_width(fora_bytes_str("\xc3\xa4\xc3\xb6")), 2);
    assert_int_equal(text_width(fora_bytes_str("\xe6\xbc\xa2\xe5\xad\x97")), 4);
    assert_int_equal(text_width(fora_bytes_str("e\xcc\x81")), 1);
}

static void fit_cuts_and_pads(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_fit(&out, fora_bytes_str("abc"), 5, TEXT_LEFT);
    expect(&out, "abc  ");
    text_fit(&out, fora_bytes_str("abc"), 5, TEXT_RIGHT);
    expect(&out, "  abc");
    text_fit(&out, fora_bytes_str("abcdef"), 4, TEXT_LEFT);
    expect(&out, "abc\xe2\x80\xa6");
    /* A wide character that does not fit whole leaves a column, which is padded. */
    text_fit(&out, fora_bytes_str("\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2"), 4, TEXT_LEFT);
    expect(&out, "\xe6\xbc\xa2\xe2\x80\xa6 ");
    text_fit(&out, fora_bytes_str("abc"), 0, TEXT_LEFT);
    expect(&out, "");
}

static void wrap_breaks_at_spaces(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_wrap(&out, fora_bytes_str("one two  three four"), "- ", "  ", 11);
    expect(&out, "- one two\n  three\n  four\n");
    text_wrap(&out, fora_bytes_str("a https://example.org/very/long b"), "", "", 10);
    expect(&out, "a\nhttps://example.org/very/long\nb\n");
    text_wrap(&out, fora_bytes_str(""), "> ", "> ", 10);
    expect(&out, "> \n");
}

static void ago_speaks_as_people_do(void **state)
{
    const uint64_t now = 1714564800000; /* 2024-05-01T12:00:00Z */
    static const struct {
        int64_t seconds;
        const char *words;
    } rows[] = {
        {0, "just now"},
        {59, "just now"},
        {-30, "just now"},
        {60, "1 minute ago"},
        {150, "2 minutes ago"},
        {3600, "1 hour ago"},
        {86399, "23 hours ago"},
        {86400, "yesterday"},
        {2 * 86400, "2 days ago"},
        {13 * 86400, "13 days ago"},
        {14 * 86400, "2 weeks ago"},
        {60 * 86400, "2 months ago"},
        {364 * 86400, "12 months ago"},
        {366 * 86400, "2023-05-01"},
        {-3600, "2024-05-01"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fora_buf out = {0};
        text_ago(&out, (uint64_t)((int64_t)now - rows[i].seconds * 1000), now);
        expect(&out, rows[i].words);
    }
}

static void ages_are_short(void **state)
{
    const uint64_t now = 1714564800000;
    static const struct {
        int64_t seconds;
        const char *words;
    } rows[] = {{0, "now"}, {-30, "now"}, {60, "1 min"}, {3600, "1 h"}, {86400, "1 d"},
        {14 * 86400, "2 w"}, {364 * 86400, "52 w"}, {366 * 86400, "2023-05-01"},
        {-3600, "2024-05-01"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fora_buf out = {0};
        text_age(&out, (uint64_t)((int64_t)now - rows[i].seconds * 1000), now);
        expect(&out, rows[i].words);
    }
}

static void time_is_rfc_3339(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_time(&out, 1714564800123);
    expect(&out, "2024-05-01T12:00:00.123Z");
    text_time(&out, 0);
    expect(&out, "1970-01-01T00:00:00.000Z");
    text_time(&out, UINT64_MAX);
    expect(&out, "+18446744073709551615ms");
}

static void markdown_is_readable(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_markdown(&out, &plain,
        fora_bytes_str("# Title\n\nA paragraph that is\nsoftly broken and long.\n\n"
                       "- one item that is so long that it wraps around\n- two\n\n"
                       "> quoted words\n\n```sh\nrm -rf *   # kept as it is\n```\n\n"
                       "    indented code\n\n| a | b |\nlast\n"),
        2);
    expect(&out, "  # Title\n\n"
                 "  A paragraph that is softly broken and\n  long.\n\n"
                 "  - one item that is so long that it\n    wraps around\n  - two\n\n"
                 "  > quoted words\n\n"
                 "      rm -rf *   # kept as it is\n\n"
                 "      indented code\n\n"
                 "  | a | b |\n  last\n");
}

static void markdown_is_cleaned(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_markdown(&out, &plain, fora_bytes_str("\x1b]0;x\x07hi\n```\n\x1b[2Jcode\n"), 0);
    expect(&out, "hi\n    code\n");
}

static void markdown_without_end_ends(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_markdown(&out, &plain, fora_bytes_str("```\nnever closed\n\n\n"), 0);
    expect(&out, "    never closed\n");
    text_markdown(&out, &plain, fora_bytes_str(""), 0);
    expect(&out, "");
    text_markdown(&out, &plain, fora_bytes_str("\n\n\n"), 0);
    expect(&out, "");
}

static void table_fits_the_width(void **state)
{
    static const struct text_column columns[] = {
        {.title = "ID"}, {.title = "N", .align = TEXT_RIGHT}, {.title = "TITLE", .elastic = true}};
    static const char *const rows[][3] = {
        {"abc", "12", "short"}, {"d", "3", "a title that is longer than the line is \x1b[31mwide"}};
    struct text_table table;
    struct fora_buf out = {0};
    (void)state;
    text_table_init(&table, columns, 3, 2);
    text_table_row(&table, rows[0]);
    text_table_row(&table, rows[1]);
    assert_int_equal(text_table_write(&out, &table, &plain), 0);
    text_table_fini(&table);
    expect(&out, "ID    N  TITLE\n"
                 "abc  12  short\n"
                 "d     3  a title that is longer than th\xe2\x80\xa6\n");
}

static void paint_takes_no_room_in_a_line(void **state)
{
    struct fora_buf out = {0};
    (void)state;
    text_wrap(&out, fora_bytes_str("\x1b[32maccepted\x1b[0m by \x1b[1mAnn\x1b[0m, just now"), "  ",
        "  ", 19);
    expect(&out, "  \x1b[32maccepted\x1b[0m by \x1b[1mAnn\x1b[0m,\n  just now\n");
}

static void table_leaves_out_what_can_be_spared(void **state)
{
    static const struct text_column columns[] = {{.title = "ID"}, {.title = "SCORE", .drop = 2},
        {.title = "TITLE", .elastic = true}, {.title = "STATE", .drop = 1}};
    static const char *const row[] = {"abcdefgh", "12", "a title of some words", "accepted"};
    struct text_style narrow = {.width = 38};
    struct text_table table;
    struct fora_buf out = {0};
    (void)state;
    text_table_init(&table, columns, 4, 1);
    text_table_row(&table, row);
    assert_int_equal(text_table_write(&out, &table, &narrow), 0);
    expect(&out, "ID        TITLE               STATE\n"
                 "abcdefgh  a title of some w\xe2\x80\xa6  accepted\n");
    narrow.width = 30;
    assert_int_equal(text_table_write(&out, &table, &narrow), 0);
    expect(&out, "ID        TITLE\n"
                 "abcdefgh  a title of some wor\xe2\x80\xa6\n");
    text_table_fini(&table);
}

static void table_refuses_rows_beyond_its_room(void **state)
{
    static const struct text_column columns[] = {{.title = "A"}};
    const char *cell = "x";
    struct text_table table;
    struct fora_buf out = {0};
    (void)state;
    text_table_init(&table, columns, 1, 1);
    text_table_row(&table, &cell);
    text_table_row(&table, &cell);
    assert_int_equal(text_table_write(&out, &table, &plain), FORA_E_LIMIT);
    text_table_fini(&table);
    fora_buf_fini(&out);
}

static void mentions_are_words_after_an_at(void **state)
{
    static const struct {
        const char *text;
        const char *found; /* each with a blank behind it */
    } rows[] = {
        {"", ""},
        {"@ann", "ann "},
        {"Thanks, @ann. And @bob-2, too (@c_d)!", "ann bob-2 c_d "},
        {"@ann@example.com, please", "ann@example.com "},
        {"@ann@localhost:8080/x", "ann@localhost:8080 "},
        {"@ann@ nobody", "ann "},
        {"@Ann and @\xc3\xa4rger", "Ann \xc3\xa4rger "},
        {"mail joe@example.com or see https://example.com/@joe", ""},
        {"@@ann @. @-x @", ""},
        {"`@Override` and ``a ` @b`` but @c", "c "},
        {"an open ` and @ann", "ann "},
        {"an open ` here\n\n@ann ` there", "ann "},
        {"```java\n@Override\n```\n@ann", "ann "},
        {"~~~~\n@a\n~~~\n@b\n~~~~\n@c", "c "},
        {"text\n    @code\n\t@code\n   @ann", "ann "},
        {"@abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890123456789012345678", ""},
        {"```\n@never closed", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text_mentions scan;
        struct fora_bytes word;
        struct fora_buf found = {0};
        text_mentions_init(&scan, fora_bytes_str(rows[i].text));
        while (text_next_mention(&scan, &word)) {
            fora_buf_append_bytes(&found, word);
            fora_buf_u8(&found, ' ');
        }
        expect(&found, rows[i].found);
    }
}

static void color_only_when_asked_for(void **state)
{
    const struct text_style colored = {.color = true, .width = 40};
    struct fora_buf out = {0};
    (void)state;
    text_painted(&out, &colored, TEXT_BOLD, "x");
    expect(&out, "\x1b[1mx\x1b[0m");
    text_painted(&out, &plain, TEXT_BOLD, "x");
    expect(&out, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_removes_what_could_act_on_a_terminal),
        cmocka_unit_test(clean_of_one_line_has_no_line_feed),
        cmocka_unit_test(clean_of_noise_is_clean),
        cmocka_unit_test(widths_are_columns),
        cmocka_unit_test(fit_cuts_and_pads),
        cmocka_unit_test(wrap_breaks_at_spaces),
        cmocka_unit_test(ago_speaks_as_people_do),
        cmocka_unit_test(ages_are_short),
        cmocka_unit_test(time_is_rfc_3339),
        cmocka_unit_test(markdown_is_readable),
        cmocka_unit_test(markdown_is_cleaned),
        cmocka_unit_test(markdown_without_end_ends),
        cmocka_unit_test(table_fits_the_width),
        cmocka_unit_test(paint_takes_no_room_in_a_line),
        cmocka_unit_test(table_leaves_out_what_can_be_spared),
        cmocka_unit_test(table_refuses_rows_beyond_its_room),
        cmocka_unit_test(mentions_are_words_after_an_at),
        cmocka_unit_test(color_only_when_asked_for),
    };
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return EXIT_FAILURE;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
