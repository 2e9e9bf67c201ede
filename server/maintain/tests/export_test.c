/* Export: every object is a line, says readably what it is, and is read back as it was. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "maintain/tests/maintain_rig.h"

#include "json/js.h"
#include "maintain/base64.h"
#include "maintain/export.h"

#include <stdlib.h>
#include <string.h>

struct lines {
    struct fora_buf bytes;
    size_t count;
    size_t stop_at; /* 0: never */
};

static int take_line(void *context, struct fora_bytes line)
{
    struct lines *lines = context;
    assert_true(line.size > 1 && line.size <= EXPORT_LINE_MAX);
    assert_int_equal(line.data[line.size - 1], '\n');
    assert_null(memchr(line.data, '\n', line.size - 1));
    fora_buf_append_bytes(&lines->bytes, line);
    lines->count++;
    return lines->count == lines->stop_at ? FORA_E_CLOSED : 0;
}

/* The next line, and what is left. */
static bool next_line(struct fora_bytes *rest, struct fora_bytes *line)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    if (end == NULL) {
        return false;
    }
    *line = fora_bytes(rest->data, (size_t)(end - rest->data) + 1);
    *rest = fora_bytes(end + 1, rest->size - line->size);
    return true;
}

/* Every line, one after the other, is stored at once: dependencies come first. */
static void import_all(struct shelf *shelf, const struct lines *lines)
{
    struct fora_bytes rest = fora_buf_bytes(&lines->bytes), line;
    struct fora_buf bytes = {0};
    size_t count = 0;
    while (next_line(&rest, &line)) {
        struct fora_object object;
        assert_int_equal(export_read(line, &bytes, &object), 0);
        shelf_add_one(shelf, &object);
        count++;
    }
    assert_int_equal(count, lines->count);
    fora_buf_fini(&bytes);
}

static void an_export_makes_the_same_store_elsewhere(void **state)
{
    static struct rig rig;
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct lines lines = {.count = 0};
        const struct export_options options = {.line = take_line, .context = &lines};
        struct rig_digests original, copy;
        struct rig_fsck fsck;
        struct shelf shelf;
        uint64_t count;
        rig_init(&rig, seed, 250);
        assert_int_equal(export_run(rig.shelf.kv, &options, &count), 0);
        assert_int_equal(count, lines.count);
        rig_fsck(rig.shelf.kv, false, &fsck);
        assert_int_equal(count, fsck.result.objects);
        shelf_init(&shelf);
        import_all(&shelf, &lines);
        rig_digests(rig.shelf.kv, &original);
        rig_digests(shelf.kv, &copy);
        rig_assert_same_digests(&original, &copy);
        shelf_fini(&shelf);
        fora_buf_fini(&lines.bytes);
        rig_fini(&rig);
    }
}

static void a_space_is_exported_alone(void **state)
{
    static struct rig rig;
    struct lines lines = {.count = 0};
    struct rig_digests original, copy;
    struct shelf shelf;
    uint64_t count;
    (void)state;
    rig_init(&rig, 9, 250);
    rig_digests(rig.shelf.kv, &original);
    const struct digest *whole = &original.digests[0];
    const struct export_options options = {
        .space = &whole->set.space, .line = take_line, .context = &lines};
    assert_int_equal(export_run(rig.shelf.kv, &options, &count), 0);
    assert_int_equal(count, whole->count);
    shelf_init(&shelf);
    import_all(&shelf, &lines);
    rig_digests(shelf.kv, &copy);
    assert_int_equal(copy.count, 1);
    assert_memory_equal(copy.digests[0].items.b, whole->items.b, sizeof whole->items.b);
    assert_memory_equal(copy.digests[0].views.b, whole->views.b, sizeof whole->views.b);
    struct fora_space_id none = {.b = {1}};
    const struct export_options wrong = {.space = &none, .line = take_line, .context = &lines};
    assert_int_equal(export_run(rig.shelf.kv, &wrong, &count), FORA_E_UNKNOWN_SPACE);
    shelf_fini(&shelf);
    fora_buf_fini(&lines.bytes);
    rig_fini(&rig);
}

/* ---- what a line says ---- */

static const struct js_node *line_root(struct fora_bytes line, struct js_document **document)
{
    char where[160];
    assert_int_equal(js_parse(document, line, where), 0);
    return js_root(*document);
}

static void assert_string(const struct js_node *node, const char *key, const char *expected)
{
    const char *text = js_get_string(js_member(node, key));
    assert_non_null(text);
    assert_string_equal(text, expected);
}

static void a_line_can_be_read_by_people(void **state)
{
    static struct rig rig;
    struct lines lines = {.count = 0};
    const struct export_options options = {.line = take_line, .context = &lines};
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    struct fora_bytes rest, line, found = {0};
    char id[FORA_ID_TEXT_MAX];
    uint64_t count;
    (void)state;
    rig_init(&rig, 10, 60);
    struct fora_bytes tags[] = {fora_bytes_str("yeast")};
    struct fora_source from = {.url = fora_bytes_str("https://example.org/q/1"),
        .licence = fora_bytes_str("CC BY-SA 4.0")};
    content.u.thread.type = FORA_THREAD_QUESTION;
    content.u.thread.title = fora_bytes_str("Why \"flat\"?");
    content.u.thread.text = fora_bytes_str("Line one\nline two \xc3\xa9");
    content.u.thread.tags = tags;
    content.u.thread.tags_count = 1;
    content.u.thread.source = &from;
    const struct fora_object *thread = fx_object(&rig.world.fx, rig.world.members[0],
        (struct fora_header){.space = fora_object_space(rig.world.spaces[0])}, content, 86400000);
    shelf_add_one(&rig.shelf, thread);
    assert_int_equal(export_run(rig.shelf.kv, &options, &count), 0);
    rest = fora_buf_bytes(&lines.bytes);
    while (next_line(&rest, &line)) {
        found = line; /* the last one */
    }
    struct js_document *document;
    const struct js_node *root = line_root(found, &document);
    fora_id_format(id, FORA_HRP_OBJECT, thread->id.b);
    assert_string(root, "id", id);
    assert_string(root, "kind", "thread");
    assert_string(root, "audience", "public");
    assert_string(root, "created_at", "1970-01-02T00:00:00.000Z");
    const struct js_node *said = js_member(root, "content");
    assert_string(said, "type", "question");
    assert_string(said, "title", "Why \"flat\"?");
    assert_string(said, "text", "Line one\nline two \xc3\xa9");
    const struct js_node *said_tags = js_member(said, "tags");
    assert_int_equal(js_items(said_tags), 1);
    assert_string_equal(js_get_string(js_item(said_tags, 0)), "yeast");
    assert_string(js_member(said, "source"), "licence", "CC BY-SA 4.0");
    js_free(document);
    fora_buf_fini(&lines.bytes);
    rig_fini(&rig);
}

/* Every kind of the world has a content with something in it; what was erased has none. */
static void every_kind_is_readable(void **state)
{
    static struct rig rig;
    struct lines lines = {.count = 0};
    const struct export_options options = {.line = take_line, .context = &lines};
    struct fora_bytes rest, line;
    struct fora_buf bytes = {0};
    uint64_t count, seen = 0;
    size_t erased = 0;
    (void)state;
    rig_init(&rig, 11, 330);
    assert_int_equal(export_run(rig.shelf.kv, &options, &count), 0);
    rest = fora_buf_bytes(&lines.bytes);
    while (next_line(&rest, &line)) {
        struct js_document *document;
        struct fora_object object;
        const struct js_node *root = line_root(line, &document);
        assert_int_equal(export_read(line, &bytes, &object), 0);
        assert_string(root, "kind", fora_kind_name(object.header.kind));
        seen |= (uint64_t)1 << object.header.kind;
        erased += !object.has_content;
        js_free(document);
    }
    for (unsigned kind = FORA_KIND_IDENTITY; kind <= FORA_KIND_MODERATION; kind++) {
        assert_true(seen >> kind & 1);
    }
    assert_true(seen >> FORA_KIND_RETRACTION & 1);
    assert_true(erased > 0);
    fora_buf_fini(&bytes);
    fora_buf_fini(&lines.bytes);
    rig_fini(&rig);
}

static void the_sink_may_stop_it(void **state)
{
    static struct rig rig;
    struct lines lines = {.stop_at = 5};
    const struct export_options options = {.line = take_line, .context = &lines};
    uint64_t count;
    (void)state;
    rig_init(&rig, 12, 100);
    assert_int_equal(export_run(rig.shelf.kv, &options, &count), FORA_E_CLOSED);
    assert_int_equal(lines.count, 5);
    fora_buf_fini(&lines.bytes);
    rig_fini(&rig);
}

/* ---- hostile lines ---- */

static void bad_lines_are_refused(void **state)
{
    static struct rig rig;
    struct lines lines = {.stop_at = 40};
    const struct export_options options = {.line = take_line, .context = &lines};
    struct fora_buf bytes = {0}, changed = {0};
    struct fora_bytes rest, line = {0};
    struct fora_object object;
    uint64_t count, seed = 4;
    static const char *const wrong[] = {"", "\n", "{}", "[]", "null", "{\"object\":\"\"}",
        "{\"object\":\"AAAA\"}", "{\"object\":7}", "{\"object\":\"A\"}", "{\"id\":\"fora1\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(export_read(fora_bytes_str(wrong[i]), &bytes, &object), FORA_E_MALFORMED);
    }
    rig_init(&rig, 13, 60);
    assert_int_equal(export_run(rig.shelf.kv, &options, &count), FORA_E_CLOSED);
    rest = fora_buf_bytes(&lines.bytes);
    while (next_line(&rest, &line)) {
    }
    assert_int_equal(export_read(line, &bytes, &object), 0);
    struct fora_object_id id = object.id;
    size_t refused = 0;
    for (size_t i = 0; i < 500; i++) {
        fora_buf_clear(&changed);
        fora_buf_append_bytes(&changed, line);
        changed.data[fx_random(&seed, (uint32_t)changed.size)] = (uint8_t)fx_random(&seed, 256);
        int rc = export_read(fora_buf_bytes(&changed), &bytes, &object);
        refused += rc != 0;
        /* A change of the readable part is no change of the object. */
        assert_true(rc != 0 || memcmp(object.id.b, id.b, sizeof id.b) == 0);
    }
    assert_true(refused > 100);
    uint8_t *huge = calloc(1, EXPORT_LINE_MAX + 1);
    assert_non_null(huge);
    assert_int_equal(
        export_read(fora_bytes(huge, EXPORT_LINE_MAX + 1), &bytes, &object), FORA_E_TOO_LARGE);
    free(huge);
    fora_buf_fini(&changed);
    fora_buf_fini(&bytes);
    fora_buf_fini(&lines.bytes);
    rig_fini(&rig);
}

/* RFC 4648, section 10. */
static void base64_has_the_vectors_of_its_rfc(void **state)
{
    static const struct {
        const char *plain, *text;
    } vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "+//+"}};
    static const char *const wrong[] = {"Z", "Zg",
        "Zg=", "Zg==Zg==", "Zh==", "Zm9=", "====", "Z===", "Zm 9", "Zm9v\n", "Zm9-", "=AAA"};
    struct fora_buf buf = {0};
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        fora_buf_clear(&buf);
        base64_append(&buf, fora_bytes_str(vectors[i].plain));
        assert_true(fora_bytes_equal(fora_buf_bytes(&buf), fora_bytes_str(vectors[i].text)));
        fora_buf_clear(&buf);
        assert_int_equal(base64_read(&buf, fora_bytes_str(vectors[i].text)), 0);
        assert_true(fora_bytes_equal(fora_buf_bytes(&buf), fora_bytes_str(vectors[i].plain)));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        fora_buf_clear(&buf);
        assert_int_equal(base64_read(&buf, fora_bytes_str(wrong[i])), FORA_E_MALFORMED);
    }
    fora_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_makes_the_same_store_elsewhere),
        cmocka_unit_test(a_space_is_exported_alone),
        cmocka_unit_test(a_line_can_be_read_by_people),
        cmocka_unit_test(every_kind_is_readable),
        cmocka_unit_test(the_sink_may_stop_it),
        cmocka_unit_test(bad_lines_are_refused),
        cmocka_unit_test(base64_has_the_vectors_of_its_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
