/* Every text, field of bytes and list of every message, at its limit and one beyond (section 11).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/content.h"
#include "fora/message.h"
#include "wire/tables.h"
#include "wire_lists.h"
#include "wire_random.h"

#include <string.h>

#define TABLE(name) &name,
static const struct wire_table *const tables[] = {WIRE_TABLES(TABLE)};

enum { ARENA = 16 * 1024 * 1024, MEMORY = 512 };

static uint8_t long_text[2 * FORA_FRAME_MAX];

/* Encodes one field's value of `size` letters into a content that has nothing else, and says what
 * decoding makes of it. */
static int with_size(const struct wire_table *table, const struct wire_field *field, size_t size)
{
    struct wire_table only = {table->name, field, 1, table->size};
    struct fora_buf out = {0};
    struct fora_arena fresh;
    uint64_t memory[MEMORY];
    int code;

    assert_true(table->size <= sizeof(memory));
    wire_put_bytes(&out, field->number, fora_bytes(long_text, size));
    fora_arena_init(&fresh, ARENA);
    code = wire_decode(&fresh, &only, fora_buf_bytes(&out), memory);
    fora_arena_fini(&fresh);
    fora_buf_fini(&out);
    return code;
}

static size_t check_caps(const struct wire_table *table)
{
    size_t checked = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];

        if (field->type != WIRE_TYPE_TEXT && field->type != WIRE_TYPE_BYTES)
            continue;
        if (field->cap == 0 || with_size(table, field, field->cap) != 0 ||
            with_size(table, field, field->cap + 1) != FORA_E_TOO_LARGE)
            fail_msg("%s, field %u", table->name, (unsigned)field->number);
        checked++;
    }
    return checked;
}

/* `count` of the least that an element may be. */
static int with_count(const struct wire_table *table, const struct wire_field *field, size_t count)
{
    struct wire_table only = {table->name, field, 1, table->size};
    struct fora_buf out = {0}, element = {0};
    struct fora_arena fresh;
    uint64_t memory[MEMORY];
    int code;

    if (field->type == WIRE_TYPE_MESSAGE) {
        struct wire_random random = {.state = 3, .arena = &fresh};

        fora_arena_init(&fresh, 0);
        wire_random_fill(&random, field->table, memory);
        assert_int_equal(wire_encode(&element, field->table, memory), 0);
        fora_arena_fini(&fresh);
    } else {
        fora_buf_append(&element, long_text, field->type == WIRE_TYPE_ID ? field->size : 1);
    }
    for (size_t i = 0; i < count; i++)
        wire_put_bytes(&out, field->number, fora_buf_bytes(&element));
    fora_arena_init(&fresh, ARENA);
    code = wire_decode(&fresh, &only, fora_buf_bytes(&out), memory);
    fora_arena_fini(&fresh);
    fora_buf_fini(&element);
    fora_buf_fini(&out);
    return code;
}

static size_t check_counts(const struct wire_table *table)
{
    size_t checked = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];

        if (!(field->flags & WIRE_MANY))
            continue;
        if (with_count(table, field, field->count) != 0 ||
            with_count(table, field, field->count + 1) != FORA_E_LIMIT)
            fail_msg("%s, field %u", table->name, (unsigned)field->number);
        checked++;
    }
    return checked;
}

static void test_lim_every_cap_and_count_of_every_message(void **state)
{
    size_t caps = 0, counts = 0;

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        caps += check_caps(tables[i]);
        counts += check_counts(tables[i]);
    }
    print_message("%zu caps, %zu counts\n", caps, counts);
    assert_true(caps > 100 && counts >= 40);
}

int main(void)
{
    const struct CMUnitTest tests_of_caps[] = {
        cmocka_unit_test(test_lim_every_cap_and_count_of_every_message),
    };

    return cmocka_run_group_tests(tests_of_caps, NULL, NULL);
}
