/* The dump reader on files made here: what is read, what is refused, and with which sentence. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "import/sedump.h"

struct fixture {
    char folder[64];
    char path[128];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    snprintf(f->folder, sizeof f->folder, "/tmp/sedump-test-XXXXXX");
    *state = f;
    return mkdtemp(f->folder) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = {"Posts.xml", "Posts.xml.zst", "Tags.xml"};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(f->path, sizeof f->path, "%s/%s", f->folder, files[i]);
        unlink(f->path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

static void put_file(struct fixture *f, const char *name, const void *data, size_t size)
{
    FILE *file;

    snprintf(f->path, sizeof f->path, "%s/%s", f->folder, name);
    file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void put_text(struct fixture *f, const char *name, const char *text)
{
    put_file(f, name, text, strlen(text));
}

static struct sedump *open_posts(struct fixture *f)
{
    struct sedump *file;

    assert_int_equal(sedump_open(&file, f->folder, "Posts", NULL), 0);
    return file;
}

/* Reads all rows; *rows gets how many came. The sentence must hold `part`. */
static int read_all(struct fixture *f, unsigned *rows, const char *part)
{
    struct sedump *file = open_posts(f);
    const struct sedump_row *row;
    int rc;

    *rows = 0;
    while ((rc = sedump_next(file, &row)) == 0 && row) {
        ++*rows;
    }
    assert_null(row);
    assert_int_equal(sedump_next(file, &row), rc);
    if (!strstr(sedump_why(file), part) || (rc != 0 && !strstr(sedump_why(file), f->folder))) {
        fail_msg("\"%s\" says nothing of \"%s\"", sedump_why(file), part);
    }
    assert_true((rc == 0) == (sedump_why(file)[0] == '\0'));
    sedump_close(file);
    return rc;
}

static void expect(struct fixture *f, const char *text, int code, unsigned rows, const char *part)
{
    unsigned seen;
    int rc;

    put_text(f, "Posts.xml", text);
    rc = read_all(f, &seen, part);
    if (rc != code || seen != rows) {
        fail_msg("%.60s: %d after %u rows, not %d after %u", text, rc, seen, code, rows);
    }
}

#define XML "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"

static void a_row_is_read_by_name_and_type(void **state)
{
    struct fixture *f = *state;
    struct sedump *file;
    const struct sedump_row *row;
    struct fora_bytes text;
    int64_t n = 7;

    put_text(f, "Posts.xml",
        "\xef\xbb\xbf" XML "<posts>\r\n  <row Id=\"-12\" Body=\"&lt;p&gt;a&amp;b&#xA;\xc3\xa9&#39;"
        "&lt;/p&gt;\" Bad=\"1x\" Empty=\"\" New='?' Min=\"-9223372036854775808\" "
        "Over=\"9223372036854775808\" D=\"2014-01-21T20:26:05.383\" />\r\n</posts>\r\n");
    file = open_posts(f);
    assert_int_equal(sedump_next(file, &row), 0);
    assert_non_null(row);
    assert_int_equal(row->number, 1);
    assert_int_equal(row->line, 3);
    assert_int_equal(row->attr_count, 8);
    assert_int_equal(sedump_i64(row, "Id", &n), 0);
    assert_int_equal(n, -12);
    assert_int_equal(sedump_text(row, "Body", &text), 0);
    assert_true(fora_bytes_equal(text, fora_bytes_str("<p>a&b\n\xc3\xa9'</p>")));
    assert_int_equal(sedump_i64(row, "Bad", &n), FORA_E_MALFORMED);
    assert_int_equal(sedump_i64(row, "Empty", &n), FORA_E_MALFORMED);
    assert_int_equal(sedump_i64(row, "Over", &n), FORA_E_MALFORMED);
    assert_int_equal(sedump_i64(row, "id", &n), FORA_E_NOTFOUND);
    assert_int_equal(n, -12);
    assert_int_equal(sedump_text(row, "Empty", &text), 0);
    assert_int_equal(text.size, 0);
    assert_int_equal(sedump_i64(row, "Min", &n), 0);
    assert_true(n == INT64_MIN);
    assert_int_equal(sedump_date(row, "D", &n), 0);
    assert_true(n == INT64_C(1390335965383));
    assert_int_equal(sedump_date(row, "None", &n), FORA_E_NOTFOUND);
    assert_int_equal(sedump_next(file, &row), 0);
    assert_null(row);
    sedump_close(file);
}

static void dates_are_checked(void **state)
{
    static const struct {
        const char *text;
        int rc;
        int64_t ms;
    } dates[] = {{"1970-01-01T00:00:00", 0, 0}, {"1969-12-31T23:59:59.999", 0, -1},
        {"2000-02-29", 0, INT64_C(951782400000)},
        {"2016-12-09T16:36:44.2Z", 0, INT64_C(1481301404200)},
        {"2016-12-09T16:36:44.2071239", 0, INT64_C(1481301404207)},
        {"9999-12-31T23:59:59", 0, INT64_C(253402300799000)}, {"1900-02-29", FORA_E_MALFORMED, 0},
        {"2014-13-01", FORA_E_MALFORMED, 0}, {"2014-00-01", FORA_E_MALFORMED, 0},
        {"2014-01-32", FORA_E_MALFORMED, 0}, {"2014-01-21T24:00:00", FORA_E_MALFORMED, 0},
        {"2014-01-21T20:26:05.", FORA_E_MALFORMED, 0}, {"2014-01-21 20:26:05", FORA_E_MALFORMED, 0},
        {"2014-01-21T20:26", FORA_E_MALFORMED, 0}, {"2014-01-21T20:26:05+01", FORA_E_MALFORMED, 0},
        {"", FORA_E_MALFORMED, 0}, {"2014-1-21", FORA_E_MALFORMED, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        struct sedump_attr attr = {"D", fora_bytes_str(dates[i].text)};
        struct sedump_row row = {&attr, 1, 1, 1};
        int64_t ms = 0;
        int rc = sedump_date(&row, "D", &ms);
        if (rc != dates[i].rc || ms != dates[i].ms) {
            fail_msg("%s: %d and %lld", dates[i].text, rc, (long long)ms);
        }
    }
}

static void what_is_no_row_is_passed_over(void **state)
{
    expect(*state,
        XML
        "<!-- don't -->\n<POSTS x='1'>text<row Id=\"1\"/><!-- \"a\" <row/> --><other><row/></other>"
        "<?pi \"?><row Id=\"2\"><deep/></row>\n</POSTS>",
        0, 2, "");
    expect(*state, "<posts/>", 0, 0, "");
}

static void a_file_that_is_no_dump_is_refused(void **state)
{
    struct fixture *f = *state;

    expect(f, "", FORA_E_MALFORMED, 0, "cut off");
    expect(f, "hello", FORA_E_MALFORMED, 0, "line 1");
    expect(f, XML "<users>\n<row Id=\"1\"/></users>", FORA_E_MALFORMED, 0, "holds <users>");
    expect(f, XML "<posts>\n<row Id=\"1\"/>\n<row Id=1/></posts>", FORA_E_MALFORMED, 1,
        "line 4, after row 1");
    expect(f, "<posts><row A=\"\xff\"/></posts>", FORA_E_MALFORMED, 0, "well-formed");
    expect(f, "<posts><row A=\"&x;\"/></posts>", FORA_E_MALFORMED, 0, "well-formed");
    expect(f, "<posts><row A=\"&#0;\"/></posts>", FORA_E_MALFORMED, 0, "well-formed");
    expect(f, "<posts><row A='' A=''/></posts>", FORA_E_MALFORMED, 0, "well-formed");
    expect(f, "<posts><row/></posts><posts/>", FORA_E_MALFORMED, 1, "well-formed");
    expect(f, "<posts><a><a><a><a><a><a><a><a><a>", FORA_E_MALFORMED, 0, "deep");
}

static void a_document_type_is_refused(void **state)
{
    expect(*state,
        "<!DOCTYPE posts [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
        "<posts><row A=\"&b;\"/></posts>",
        FORA_E_MALFORMED, 0, "document type");
    expect(*state, "<!DOCTYPE posts SYSTEM \"file:///etc/passwd\"><posts/>", FORA_E_MALFORMED, 0,
        "document type");
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    static const char whole[] =
        XML "<posts>\n<row Id=\"1\" B=\"x&lt;\"/>\n<row Id=\"2\"/>\n</posts>";
    struct fixture *f = *state;
    unsigned rows, checked = 0;
    size_t second = (size_t)(strstr(whole, "\n<row Id=\"2\"") - whole);
    size_t third = (size_t)(strstr(whole, "\n</posts>") - whole);

    for (size_t size = 0; size < sizeof whole - 1; size++) {
        put_file(f, "Posts.xml", whole, size);
        assert_int_equal(read_all(f, &rows, "ends in the middle"), FORA_E_MALFORMED);
        assert_int_equal(rows, (size >= second) + (size >= third));
        checked++;
    }
    assert_int_equal(checked, sizeof whole - 1);
    put_file(f, "Posts.xml", whole, sizeof whole - 1);
    assert_int_equal(read_all(f, &rows, ""), 0);
    assert_int_equal(rows, 2);
}

/* <posts> with one row whose attribute B has `size` bytes. */
static int read_value(struct fixture *f, size_t size, const char *part)
{
    struct fora_buf text = {0};
    unsigned rows;
    int rc;

    fora_buf_append_str(&text, "<posts>\n<row Id=\"1\" B=\"");
    memset(fora_buf_extend(&text, size), 'a', size);
    fora_buf_append_str(&text, "\"/></posts>");
    put_file(f, "Posts.xml", text.data, text.size);
    fora_buf_fini(&text);
    rc = read_all(f, &rows, part);
    assert_int_equal(rows, rc == 0);
    return rc;
}

static void sizes_are_capped(void **state)
{
    struct fixture *f = *state;
    struct fora_buf text = {0};
    unsigned rows;

    assert_int_equal(read_value(f, SEDUMP_ATTR_MAX, ""), 0);
    assert_int_equal(read_value(f, SEDUMP_ATTR_MAX + 1, "value of B"), FORA_E_TOO_LARGE);
    assert_int_equal(read_value(f, SEDUMP_ROW_MAX, "row is larger"), FORA_E_TOO_LARGE);
    fora_buf_append_str(&text, "<posts><row");
    for (unsigned i = 0; i <= SEDUMP_ATTRS_MAX; i++) {
        if (i == SEDUMP_ATTRS_MAX) {
            struct fora_buf lawful = {0};
            fora_buf_append_bytes(&lawful, fora_buf_bytes(&text));
            fora_buf_append_str(&lawful, "/></posts>");
            put_file(f, "Posts.xml", lawful.data, lawful.size);
            fora_buf_fini(&lawful);
            assert_int_equal(read_all(f, &rows, ""), 0);
            assert_int_equal(rows, 1);
        }
        fora_buf_printf(&text, " a%u=\"'\"", i);
    }
    fora_buf_append_str(&text, "/></posts>");
    put_file(f, "Posts.xml", text.data, text.size);
    assert_int_equal(read_all(f, &rows, "attributes"), FORA_E_LIMIT);
    fora_buf_fini(&text);
}

static void a_missing_file_is_named(void **state)
{
    struct fixture *f = *state;
    struct sedump *file;
    struct fora_buf why = {0};

    assert_int_equal(sedump_open(&file, f->folder, "Tags", &why), FORA_E_NOTFOUND);
    assert_null(file);
    assert_non_null(strstr(fora_buf_cstr(&why), "Tags.xml"));
    fora_buf_clear(&why);
    assert_int_equal(sedump_open(&file, f->folder, "../Posts", &why), FORA_E_USAGE);
    assert_non_null(strstr(fora_buf_cstr(&why), "../Posts"));
    fora_buf_clear(&why);
    assert_int_equal(sedump_open(&file, "/nonexistent", "Posts", &why), FORA_E_NOTFOUND);
    fora_buf_clear(&why);
    snprintf(f->path, sizeof f->path, "%s/Tags.xml", f->folder);
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(sedump_open(&file, f->folder, "Tags", &why), FORA_E_IO);
    assert_non_null(strstr(fora_buf_cstr(&why), "regular"));
    fora_buf_fini(&why);
    sedump_close(NULL);
}

/* ---- zstd ---- */

static size_t compress(uint8_t *out, size_t room, const char *text)
{
    size_t size = ZSTD_compress(out, room, text, strlen(text), 3);

    assert_false(ZSTD_isError(size));
    return size;
}

static void the_plain_file_comes_before_the_compressed_one(void **state)
{
    struct fixture *f = *state;
    uint8_t packed[256];
    unsigned rows;

    put_file(f, "Posts.xml.zst", packed, compress(packed, sizeof packed, "<posts><row/></posts>"));
    assert_int_equal(read_all(f, &rows, ""), 0);
    assert_int_equal(rows, 1);
    put_text(f, "Posts.xml", "<posts><row/><row/></posts>");
    assert_int_equal(read_all(f, &rows, ""), 0);
    assert_int_equal(rows, 2);
}

static void several_frames_are_one_file(void **state)
{
    struct fixture *f = *state;
    uint8_t packed[512];
    size_t size = compress(packed, sizeof packed, "<posts><ro");
    unsigned rows;

    size += compress(packed + size, sizeof packed - size, "");
    size += compress(packed + size, sizeof packed - size, "w/></posts>");
    put_file(f, "Posts.xml.zst", packed, size);
    assert_int_equal(read_all(f, &rows, ""), 0);
    assert_int_equal(rows, 1);
}

static void a_damaged_compressed_file_is_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t packed[256];
    unsigned rows;
    size_t size = compress(packed, sizeof packed, "<posts><row A=\"abcdefg\"/></posts>");

    for (size_t cut = 0; cut < size; cut++) {
        put_file(f, "Posts.xml.zst", packed, cut);
        assert_int_equal(read_all(f, &rows, "cut off"), FORA_E_MALFORMED);
    }
    memset(packed + size, 'x', 8);
    put_file(f, "Posts.xml.zst", packed, size + 8);
    assert_int_equal(read_all(f, &rows, "damaged"), FORA_E_MALFORMED);
    put_text(f, "Posts.xml.zst", "<posts/>");
    assert_int_equal(read_all(f, &rows, "damaged"), FORA_E_MALFORMED);
}

static void a_window_above_the_cap_is_refused(void **state)
{
    /* magic, descriptor, a window of 2^31 bytes (exponent 21), one empty last block */
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00};
    unsigned rows;

    put_file(*state, "Posts.xml.zst", frame, sizeof frame);
    assert_int_equal(read_all(*state, &rows, "damaged"), FORA_E_MALFORMED);
}

static void progress_ends_at_the_whole(void **state)
{
    struct fixture *f = *state;
    struct fora_buf text = {0};
    struct sedump *file;
    const struct sedump_row *row;
    uint64_t done, total, last = 0;

    fora_buf_append_str(&text, "<posts>");
    for (int i = 0; i < 50000; i++) {
        fora_buf_printf(&text, "<row Id=\"%d\"/>\n", i);
    }
    fora_buf_append_str(&text, "</posts>");
    put_file(f, "Posts.xml", text.data, text.size);
    file = open_posts(f);
    do {
        assert_int_equal(sedump_next(file, &row), 0);
        sedump_progress(file, &done, &total);
        assert_true(done >= last && done <= total);
        assert_int_equal(total, text.size);
        last = done;
    } while (row);
    assert_int_equal(done, total);
    sedump_close(file);
    fora_buf_fini(&text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_row_is_read_by_name_and_type),
        CASE(dates_are_checked),
        CASE(what_is_no_row_is_passed_over),
        CASE(a_file_that_is_no_dump_is_refused),
        CASE(a_document_type_is_refused),
        CASE(a_file_cut_anywhere_is_refused),
        CASE(sizes_are_capped),
        CASE(a_missing_file_is_named),
        CASE(the_plain_file_comes_before_the_compressed_one),
        CASE(several_frames_are_one_file),
        CASE(a_damaged_compressed_file_is_refused),
        CASE(a_window_above_the_cap_is_refused),
        CASE(progress_ends_at_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
