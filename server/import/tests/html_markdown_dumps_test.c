/*
 * "Without loss" over real posts: each body of both dumps goes to Markdown and, through md4c, back
 * to HTML; what a reader gets from it must be what a reader got from the body.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fora/utf8.h"
#include "html_extract.h"
#include "import/html_markdown.h"
#include "import/sedump.h"

static bool check_body(int64_t id, struct fora_bytes body, bool exact)
{
    struct fora_buf markdown = {0}, html = {0};
    struct html_extract was, is;
    const char *difference;

    html_extract_init(&was);
    html_extract_init(&is);
    assert_int_equal(html_to_markdown(body, &markdown, html_limits_default()), 0);
    assert_true(fora_utf8_printable(fora_buf_bytes(&markdown), true));
    assert_int_equal(markdown_render(fora_buf_bytes(&markdown), &html), 0);
    assert_int_equal(html_extract_read(&was, body), 0);
    assert_int_equal(html_extract_read(&is, fora_buf_bytes(&html)), 0);
    difference = html_extract_difference(&was, &is, exact);
    if (difference) {
        print_message("post %lld: not the same %s\n", (long long)id, difference);
        if (getenv("FORA_VERBOSE")) { /* print_message cuts at 1 KiB */
            printf("---- HTML\n%.*s\n---- Markdown\n%.*s\n---- rendered\n%.*s\n----\n",
                (int)body.size, (const char *)body.data, (int)markdown.size,
                (const char *)markdown.data, (int)html.size, (const char *)html.data);
        }
    }
    html_extract_fini(&was);
    html_extract_fini(&is);
    fora_buf_fini(&markdown);
    fora_buf_fini(&html);
    return !difference;
}

/*
 * Each value of `attribute` in the file `name`; rows without one are passed over. `explained` of
 * them come back otherwise, for reasons that the caller states.
 */
static void check_dump(const char *dump, const char *name, const char *attribute, bool exact,
    unsigned bodies, unsigned explained)
{
    const char *data = getenv("FORA_DATA");
    char folder[1024];
    struct sedump *file;
    const struct sedump_row *row;
    unsigned seen = 0, bad = 0;
    int rc;

    snprintf(folder, sizeof folder, "%s/%s", data ? data : ".", dump);
    rc = sedump_open(&file, folder, name, NULL);
    if (rc == FORA_E_NOTFOUND) {
        skip();
    }
    assert_int_equal(rc, 0);
    while ((rc = sedump_next(file, &row)) == 0 && row) {
        struct fora_bytes body;
        int64_t id;
        assert_int_equal(sedump_i64(row, "Id", &id), 0);
        if (sedump_text(row, attribute, &body) == 0) {
            bad += !check_body(id, body, exact);
            seen++;
        }
    }
    assert_int_equal(rc, 0);
    sedump_close(file);
    print_message("%s: %u of %s, %u of them not the same\n", dump, seen, attribute, bad);
    assert_int_equal(seen, bodies);
    assert_int_equal(bad, explained);
}

static void every_body_of_beer_survives(void **state)
{
    (void)state;
    check_dump("stackexchange-beer", "Posts", "Body", true, 2106, 0);
}

static void every_body_of_conlang_survives(void **state)
{
    (void)state;
    check_dump("stackexchange-small", "Posts", "Body", true, 177, 0);
}

static void what_users_say_of_themselves_survives(void **state)
{
    (void)state;
    /*
     * User 5467 wrote bidirectional overrides, which are removed; 6045 and 6119 wrote spoilers,
     * whose ">!" a renderer without spoilers shows as a quote that begins with "!".
     */
    check_dump("stackexchange-beer", "Users", "AboutMe", false, 1901, 3);
    check_dump("stackexchange-small", "Users", "AboutMe", false, 190, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_of_beer_survives),
        cmocka_unit_test(every_body_of_conlang_survives),
        cmocka_unit_test(what_users_say_of_themselves_survives),
    };

    html_markdown_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
