/*
 * The tables of the specification against the code: error codes (spec/10-errors.md), limits and
 * required fields (spec/11-limits.md). With the argument `print` it writes the rows that should
 * stand there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/identity.h"
#include "fora/message.h"
#include "fora/policy.h"
#include "fora/reputation.h"
#include "wire/tables.h"

#include "fora/v1/content.pb-c.h"
#include "fora/v1/identity.pb-c.h"
#include "fora/v1/object.pb-c.h"
#include "fora/v1/policy.pb-c.h"
#include "fora/v1/session.pb-c.h"
#include "fora/v1/standing.pb-c.h"
#include "wire_lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_CODES_FROM = 20 };

static const ProtobufCMessageDescriptor *const descriptors[] = {
#define DESCRIPTOR(name) &fora__v1__##name##__descriptor,
    PROTO_MESSAGES(DESCRIPTOR)
#undef DESCRIPTOR
};

static const struct wire_table *const tables[] = {
#define TABLE(name) &name,
    WIRE_TABLES(TABLE)
#undef TABLE
};

static const struct {
    unsigned clause;
    unsigned long value;
} limits[] = {
    {1, FORA_HEADER_MAX},
    {2, FORA_CONTENT_MAX},
    {3, FORA_OBJECT_MAX},
    {4, FORA_FUTURE_MAX_MS},
    {5, FORA_LANE_MAX},
    {10, FORA_FRAME_MAX},
    {11, FORA_FRAME_MAX_LEAST},
    {20, FORA_IDENTITY_ENTRIES_MAX},
    {21, FORA_POLICY_STATEMENTS_MAX},
    {40, FORA_BUNDLE_MAX},
    {43, FORA_CARRIED_MAX},
    {41, FORA_BUNDLE_OBJECTS_MAX},
    {42, FORA_DELEGATIONS_MAX},
};

static const struct {
    unsigned number;
    const char *name;
    const char *text;
} errors[] = {
#define ERROR(name, number, text) {number, #name, text},
    FORA_ERRORS(ERROR)
#undef ERROR
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- Rows ---- */

static void error_rows(struct fora_buf *out)
{
    for (size_t i = 0; i < COUNT(errors); i++) {
        if (errors[i].number >= WIRE_CODES_FROM)
            fora_buf_printf(
                out, "| %u | %s | %s |\n", errors[i].number, errors[i].name, errors[i].text);
    }
}

static const char *field_name(const struct wire_table *table, uint32_t number)
{
    for (size_t i = 0; i < COUNT(descriptors); i++) {
        const ProtobufCFieldDescriptor *field;

        if (strcmp(descriptors[i]->short_name, table->name) != 0)
            continue;
        field = protobuf_c_message_descriptor_get_field(descriptors[i], number);
        assert_non_null(field);
        return field->name;
    }
    fail_msg("no message %s", table->name);
    return NULL;
}

static const char *type_name(const struct wire_field *field)
{
    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_TEXT:
        return field->flags & WIRE_MULTILINE ? "lines" : "line";
    case WIRE_TYPE_BYTES:
        return "bytes";
    case WIRE_TYPE_ID:
        return "fixed";
    case WIRE_TYPE_MESSAGE:
        return field->table->name;
    case WIRE_TYPE_U32:
    case WIRE_TYPE_U64:
    case WIRE_TYPE_S32:
    case WIRE_TYPE_S64:
    case WIRE_TYPE_ENUM:
    case WIRE_TYPE_BOOL:
        break;
    }
    return "number";
}

/* `| field | type | required | bytes | elements |`: what has a limit or must be there. */
static void field_rows(struct fora_buf *out)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        for (size_t j = 0; j < tables[i]->count; j++) {
            const struct wire_field *field = &tables[i]->fields[j];
            unsigned long bytes = field->type == WIRE_TYPE_ID ? field->size : field->cap;

            if (bytes == 0 && field->count == 0 && !(field->flags & WIRE_REQUIRED))
                continue;
            fora_buf_printf(out, "| %s.%s | %s |%s|", tables[i]->name,
                field_name(tables[i], field->number), type_name(field),
                field->flags & WIRE_REQUIRED ? " required " : " ");
            if (bytes != 0)
                fora_buf_printf(out, " %lu |", bytes);
            else
                fora_buf_append_str(out, " |");
            if (field->count != 0)
                fora_buf_printf(out, " %lu |\n", (unsigned long)field->count);
            else
                fora_buf_append_str(out, " |\n");
        }
    }
}

/* ---- The chapters ---- */

static char *read_chapter(const char *name)
{
    const char *folder = getenv("FORA_SPEC");
    char path[4096];
    struct fora_buf text = {0};
    FILE *file;
    char part[4096];
    size_t size;

    assert_non_null(folder);
    assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    while ((size = fread(part, 1, sizeof(part), file)) > 0)
        fora_buf_append(&text, part, size);
    fclose(file);
    assert_non_null(fora_buf_cstr(&text));
    return (char *)text.data;
}

/* Every row must stand in the text, and the text must have no further row that `is_row` takes. */
static void assert_rows(
    const char *chapter, struct fora_buf *rows, bool (*is_row)(const char *line))
{
    char *text = read_chapter(chapter);
    const char *line = fora_buf_cstr(rows);
    size_t expected = 0, found = 0;

    for (; *line != 0; line = strchr(line, '\n') + 1, expected++) {
        char row[400];

        assert_true(snprintf(row, sizeof(row), "\n%.*s\n", (int)strcspn(line, "\n"), line) <
                    (int)sizeof(row));
        if (strstr(text, row) == NULL)
            fail_msg("%s lacks:%s", chapter, row);
    }
    for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        found += is_row(at);
    }
    assert_int_equal(found, expected);
    print_message("%zu rows\n", found);
    assert_true(found > 0);
    free(text);
    fora_buf_fini(rows);
}

/* "| 20 | TOO_LARGE |" */
static bool is_error_row(const char *line)
{
    size_t digits = strncmp(line, "| ", 2) == 0 ? strspn(line + 2, "0123456789") : 0;
    const char *after = line + 2 + digits;

    return digits != 0 && strncmp(after, " | ", 3) == 0 && after[3] >= 'A' && after[3] <= 'Z';
}

static bool is_field_row(const char *line)
{
    size_t name = strncmp(line, "| ", 2) == 0 ? strcspn(line + 2, " |.") : 0;

    return name != 0 && line[2 + name] == '.';
}

static void test_err1_codes(void **state)
{
    struct fora_buf rows = {0};

    (void)state;
    error_rows(&rows);
    assert_rows("10-errors.md", &rows, is_error_row);
}

static void test_lim_fields(void **state)
{
    struct fora_buf rows = {0};

    (void)state;
    field_rows(&rows);
    assert_rows("11-limits.md", &rows, is_field_row);
}

static void test_lim_constants(void **state)
{
    char *text = read_chapter("11-limits.md");

    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        char start[32], value[32];
        const char *row;
        size_t length;

        snprintf(start, sizeof(start), "\n| LIM-%u |", limits[i].clause);
        snprintf(value, sizeof(value), " %lu ", limits[i].value);
        row = strstr(text, start);
        if (row == NULL)
            fail_msg("LIM-%u is missing", limits[i].clause);
        length = strcspn(row + 1, "\n");
        if (memmem(row, length, value, strlen(value)) == NULL)
            fail_msg("LIM-%u is not %lu", limits[i].clause, limits[i].value);
    }
    free(text);
}

static int print_rows(void)
{
    struct fora_buf out = {0};

    error_rows(&out);
    fora_buf_append_str(&out, "\n");
    field_rows(&out);
    fwrite(out.data, 1, out.size, stdout);
    fora_buf_fini(&out);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err1_codes),
        cmocka_unit_test(test_lim_fields),
        cmocka_unit_test(test_lim_constants),
    };

    if (argc == 2 && strcmp(argv[1], "print") == 0)
        return print_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
