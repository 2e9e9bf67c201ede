/* The parts that know text: cleaning, names, and the history of a post. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/utf8.h"
#include "import/import_clean.h"
#include "import/import_history.h"

#include <stdio.h>
#include <string.h>

static void expect(struct fora_buf *buf, const char *text)
{
    assert_string_equal(fora_buf_cstr(buf), text);
    fora_buf_clear(buf);
}

static void lines_lose_what_a_text_may_not_hold(void **state)
{
    (void)state;
    struct fora_buf out = {0};
    assert_false(clean_line(&out, fora_bytes_str("  a\tb\r\n c  "), 100));
    expect(&out, "a b c");
    assert_false(clean_line(&out, fora_bytes_str("x\xe2\x80\xaey\x01\x7f"), 100));
    expect(&out, "xy");
    assert_false(clean_lines(&out, fora_bytes_str("    code\r\n\r\ntext\rmore\n \n"), 100));
    expect(&out, "    code\n\ntext\nmore");
    assert_false(clean_lines(&out, fora_bytes_str("\x1b[31mred\xe2\x81\xa6\t."), 100));
    expect(&out, "[31mred\t.");
    fora_buf_fini(&out);
}

static void long_text_is_cut_between_characters_with_a_mark(void **state)
{
    (void)state;
    struct fora_buf out = {0};
    for (size_t max = 20; max < 60; max++) {
        const char *text =
            "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\xba and more \xc3\xa4\xe2\x82\xac\xf0\x9f"
            "\x8d\xba and more \xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\xba and more of it";
        fora_buf_clear(&out);
        assert_true(clean_line(&out, fora_bytes_str(text), max));
        assert_true(out.size <= max);
        assert_true(fora_utf8_printable(fora_buf_bytes(&out), false));
        assert_memory_equal(out.data + out.size - 3, "\xe2\x80\xa6", 3);
        fora_buf_clear(&out);
        assert_true(clean_lines(&out, fora_bytes_str(text), max));
        assert_true(out.size <= max);
        assert_true(fora_utf8_printable(fora_buf_bytes(&out), true));
        assert_memory_equal(out.data + out.size - 8, " import]", 8);
    }
    fora_buf_fini(&out);
}

static void tags_of_both_shapes_become_tags(void **state)
{
    (void)state;
    struct clean_tags a, b;
    clean_tags(&a, fora_bytes_str("<c++><On Topic><\xc3\xa4>"));
    clean_tags(&b, fora_bytes_str("|c++|on-topic|\xc3\xa4|"));
    assert_int_equal(a.count, 3);
    assert_true(clean_tags_equal(&a, &b));
    assert_string_equal(a.text[1], "on-topic");
    clean_tags(&a, fora_bytes_str(""));
    assert_int_equal(a.count, 0);
    clean_tags(&a, fora_bytes_str("|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|"));
    assert_int_equal(a.count, 16);
    assert_int_equal(a.dropped, 2);
    assert_false(clean_tags_equal(&a, &b));
}

static void only_https_is_a_link(void **state)
{
    (void)state;
    assert_true(clean_is_https(fora_bytes_str("https://example.com/"), 100));
    assert_false(clean_is_https(fora_bytes_str("https://"), 100));
    assert_false(clean_is_https(fora_bytes_str("http://example.com/"), 100));
    assert_false(clean_is_https(fora_bytes_str("https://example.com/a b"), 100));
    assert_false(clean_is_https(fora_bytes_str("https://example.com/long"), 20));
}

static void authors_have_stable_names(void **state)
{
    (void)state;
    struct author_key key;
    struct source_id id;
    int64_t number = 0;
    author_of_id(&key, -1);
    source_of_author(&id, "s.example", &key);
    assert_string_equal(id.text, "stackexchange:s.example:user:-1");
    assert_true(author_id(&key, &number));
    assert_int_equal(number, -1);
    const struct sedump_attr attrs[] = {{"UserDisplayName", fora_bytes_str(" Jane\n Doe ")}};
    const struct sedump_row named = {attrs, 1, 1, 1}, nobody = {attrs, 0, 1, 1};
    author_of(&key, &named, "UserId", "UserDisplayName");
    source_of_author(&id, "s.example", &key);
    assert_string_equal(id.text, "stackexchange:s.example:name:Jane Doe");
    author_of(&key, &nobody, "UserId", "UserDisplayName");
    source_of_author(&id, "s.example", &key);
    assert_string_equal(id.text, "stackexchange:s.example:anonymous");
}

static void licences_follow_the_date(void **state)
{
    (void)state;
    struct fora_bytes none = {NULL, 0};
    assert_true(fora_bytes_equal(licence_of(none, 1302220799999), fora_bytes_str("CC BY-SA 2.5")));
    assert_true(fora_bytes_equal(licence_of(none, 1302220800000), fora_bytes_str("CC BY-SA 3.0")));
    assert_true(fora_bytes_equal(licence_of(none, 1525219200000), fora_bytes_str("CC BY-SA 4.0")));
    assert_true(fora_bytes_equal(
        licence_of(fora_bytes_str("CC0 1.0"), 1525219200000), fora_bytes_str("CC0 1.0")));
}

/* ---- history ---- */

struct written {
    struct fora_buf values[16];
    struct unit_row rows[16];
    size_t count;
};

static void write_row(struct written *to, uint8_t type, uint64_t date, int64_t user,
    const char *guid, const char *text)
{
    struct history_row row = {
        .type = type, .guid = fora_bytes_str(guid), .text = fora_bytes_str(text)};
    struct fora_buf *value = &to->values[to->count];
    author_of_id(&row.author, user);
    fora_buf_init(value, 0);
    history_row_put(value, &row);
    to->rows[to->count] =
        (struct unit_row){{1, 1, ROW_HISTORY, date, 100 + to->count}, fora_buf_bytes(value)};
    to->count++;
}

static void written_fini(struct written *written)
{
    for (size_t i = 0; i < written->count; i++) {
        fora_buf_fini(&written->values[i]);
    }
}

static void rows_of_one_revision_belong_together(void **state)
{
    (void)state;
    struct written written = {.count = 0};
    struct history history;
    write_row(&written, 2, 1000, 1, "a", "first");
    write_row(&written, 1, 1000, 1, "a", "title");
    write_row(&written, 3, 1000, 1, "a", "<t>");
    write_row(&written, 4, 2000, 2, "b", "better title");
    write_row(&written, 5, 2000, 2, "b", "better text");
    write_row(&written, 24, 2000, 3, "b", "");
    write_row(&written, 5, 3000, 1, "", "own text");
    write_row(&written, 6, 3000, 1, "", "<u>");
    write_row(&written, 8, 4000, 2, "c", "better text");
    write_row(&written, 2, 5000, 9, "d", "of a post that was merged");
    assert_int_equal(history_fold(&history, written.rows, written.count), 0);
    assert_int_equal(history.count, 3);
    assert_true(fora_bytes_equal(history.first[FIELD_TEXT], fora_bytes_str("first")));
    assert_true(history.revisions[0].has[FIELD_TITLE] && history.revisions[0].has[FIELD_TEXT]);
    assert_false(history.revisions[0].has[FIELD_TAGS]);
    assert_true(history.revisions[1].has[FIELD_TEXT] && history.revisions[1].has[FIELD_TAGS]);
    assert_int_equal(history.revisions[1].id, 106);
    assert_true(history.revisions[2].has[FIELD_TEXT]);
    assert_true(fora_bytes_equal(history.last[FIELD_TEXT], fora_bytes_str("better text")));
    assert_true(fora_bytes_equal(history.last[FIELD_TITLE], fora_bytes_str("better title")));
    assert_true(fora_bytes_equal(history.last[FIELD_TAGS], fora_bytes_str("<u>")));
    history_fini(&history);
    written_fini(&written);
}

static bool shows(const char *markdown, const char *html)
{
    return history_shows(fora_bytes_str(markdown), fora_bytes_str(html));
}

static void markdown_is_known_by_what_its_html_shows(void **state)
{
    (void)state;
    assert_true(shows("**Hello** world & all", "<p><strong>Hello</strong> world &amp; all</p>"));
    assert_true(shows("see https://x.y/q/1", "<p>see <a href=\"q\">A title that it has</a></p>"));
    assert_true(shows("", ""));
    assert_true(shows("more than is shown", "<p>more is shown</p>"));
    assert_false(shows("Hello", "<p>Hello there</p>"));
    assert_false(shows("there Hello", "<p>Hello there</p>"));
    assert_false(shows("", "<p>x"));
    assert_true(shows("x", "<p>x<"));
    assert_true(shows("x", "x&"));
    assert_true(shows("x y", "x<abbr>y"));
    assert_false(shows("x", "x<abbr>y"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_lose_what_a_text_may_not_hold),
        cmocka_unit_test(long_text_is_cut_between_characters_with_a_mark),
        cmocka_unit_test(tags_of_both_shapes_become_tags),
        cmocka_unit_test(only_https_is_a_link),
        cmocka_unit_test(authors_have_stable_names),
        cmocka_unit_test(licences_follow_the_date),
        cmocka_unit_test(rows_of_one_revision_belong_together),
        cmocka_unit_test(markdown_is_known_by_what_its_html_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
