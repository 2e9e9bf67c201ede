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

static bool differ(int64_t id, const char *what, struct fora_buf *a, struct fora_buf *b)
{
    size_t i = 0, from;

    if (fora_bytes_equal(fora_buf_bytes(a), fora_buf_bytes(b))) {
        return false;
    }
    while (i < a->size && i < b->size && a->data[i] == b->data[i]) {
        i++;
    }
    from = i > 30 ? i - 30 : 0;
    print_message("post %lld, %s, byte %zu\n  was %.*s\n  is  %.*s\n", (long long)id, what, i,
        (int)(a->size - from < 90 ? a->size - from : 90), (const char *)a->data + from,
        (int)(b->size - from < 90 ? b->size - from : 90), (const char *)b->data + from);
    return true;
}

static bool same(int64_t id, struct html_extract *was, struct html_extract *is)
{
    bool bad = differ(id, "text", &was->text, &is->text);

    bad |= differ(id, "code blocks", &was->blocks, &is->blocks);
    bad |= differ(id, "inline code", &was->inlines, &is->inlines);
    bad |= differ(id, "links", &was->hrefs, &is->hrefs);
    bad |= differ(id, "images", &was->images, &is->images);
    bad |= differ(id, "list numbers", &was->starts, &is->starts);
    for (int i = 0; i < COUNT_KINDS; i++) {
        if (i != COUNT_PARAGRAPH && was->counts[i] != is->counts[i]) {
            print_message("post %lld, %s: was %u, is %u\n", (long long)id, html_count_names[i],
                was->counts[i], is->counts[i]);
            bad = true;
        }
    }
    return !bad;
}

static bool check_body(int64_t id, struct fora_bytes body)
{
    struct fora_buf markdown = {0}, html = {0};
    struct html_extract was, is;
    bool ok;

    html_extract_init(&was);
    html_extract_init(&is);
    assert_int_equal(html_to_markdown(body, &markdown, html_limits_default()), 0);
    assert_true(fora_utf8_printable(fora_buf_bytes(&markdown), true));
    assert_int_equal(markdown_render(fora_buf_bytes(&markdown), &html), 0);
    assert_int_equal(html_extract_read(&was, body), 0);
    assert_int_equal(html_extract_read(&is, fora_buf_bytes(&html)), 0);
    ok = same(id, &was, &is);
    if (!ok && getenv("FORA_VERBOSE")) { /* print_message cuts at 1 KiB */
        printf("---- HTML\n%.*s\n---- Markdown\n%.*s\n---- rendered\n%.*s\n----\n", (int)body.size,
            (const char *)body.data, (int)markdown.size, (const char *)markdown.data,
            (int)html.size, (const char *)html.data);
    }
    html_extract_fini(&was);
    html_extract_fini(&is);
    fora_buf_fini(&markdown);
    fora_buf_fini(&html);
    return ok;
}

static void check_dump(const char *dump, unsigned rows)
{
    const char *data = getenv("FORA_DATA");
    char folder[1024];
    struct sedump *file;
    const struct sedump_row *row;
    unsigned seen = 0, bad = 0;
    int rc;

    snprintf(folder, sizeof folder, "%s/%s", data ? data : ".", dump);
    rc = sedump_open(&file, folder, "Posts", NULL);
    if (rc == FORA_E_NOTFOUND) {
        skip();
    }
    assert_int_equal(rc, 0);
    while ((rc = sedump_next(file, &row)) == 0 && row) {
        struct fora_bytes body;
        int64_t id;
        assert_int_equal(sedump_i64(row, "Id", &id), 0);
        assert_int_equal(sedump_text(row, "Body", &body), 0);
        bad += !check_body(id, body);
        seen++;
    }
    assert_int_equal(rc, 0);
    sedump_close(file);
    print_message("%s: %u bodies, %u of them not the same\n", dump, seen, bad);
    assert_int_equal(seen, rows);
    assert_int_equal(bad, 0);
}

static void every_body_of_beer_survives(void **state)
{
    (void)state;
    check_dump("stackexchange-beer", 2106);
}

static void every_body_of_conlang_survives(void **state)
{
    (void)state;
    check_dump("stackexchange-small", 177);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_of_beer_survives),
        cmocka_unit_test(every_body_of_conlang_survives),
    };

    html_markdown_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
