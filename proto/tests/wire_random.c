/* Fills by table with a xorshift generator; compares field by field. */
#include "wire_random.h"

#include <stdlib.h>
#include <string.h>

enum { LONG_MAX_SIZE = 2000, LIST_MAX = 20 };

uint64_t wire_random_next(struct wire_random *random)
{
    uint64_t x = random->state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    random->state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

size_t wire_random_below(struct wire_random *random, size_t bound)
{
    return (size_t)((wire_random_next(random) >> 11) % bound);
}

static void *taken(struct fora_arena *arena, size_t count, size_t size)
{
    void *memory = fora_arena_zalloc(arena, count, size);

    if (memory == NULL)
        abort();
    return memory;
}

/* Numbers near the ends of every varint length. */
static uint64_t random_number(struct wire_random *random)
{
    uint64_t value = wire_random_next(random) >> wire_random_below(random, 64);

    return wire_random_below(random, 4) == 0 ? UINT64_MAX - (value >> 1) : value;
}

static struct fora_bytes random_text(struct wire_random *random, size_t least, size_t cap)
{
    static const char *const letters[] = {
        "a", "k", "z", "0", "9", ".", "-", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x8d\xba"};
    bool full = wire_random_below(random, 16) == 0;
    size_t most = full && cap < LONG_MAX_SIZE ? cap : cap < 24 ? cap : 24;
    size_t wanted = full ? most : least + wire_random_below(random, most - least + 1);
    uint8_t *text = taken(random->arena, 1, wanted + 1);
    size_t size = 0;

    while (size < wanted) {
        const char *letter = letters[wire_random_below(random, sizeof(letters) / sizeof(*letters))];

        if (strlen(letter) > wanted - size)
            letter = "x";
        memcpy(text + size, letter, strlen(letter));
        size += strlen(letter);
    }
    return fora_bytes(size == 0 ? NULL : text, size);
}

static void random_bytes(struct wire_random *random, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(wire_random_next(random) >> 33);
    if (size != 0)
        out[0] |= 1; /* not all zeros */
}

static void fill_value(
    struct wire_random *random, const struct wire_field *field, bool empty, void *slot)
{
    uint64_t number = random_number(random);
    size_t least = empty ? 0 : 1;

    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_S32:
        *(uint32_t *)slot = (uint32_t)number | (uint32_t)least;
        return;
    case WIRE_TYPE_ENUM:
        *(uint32_t *)slot = ((uint32_t)number | (uint32_t)least) & INT32_MAX;
        return;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_S64:
        *(uint64_t *)slot = number | least;
        return;
    case WIRE_TYPE_BOOL:
        *(bool *)slot = true;
        return;
    case WIRE_TYPE_TEXT:
        *(struct fora_bytes *)slot = random_text(random, least, field->cap);
        return;
    case WIRE_TYPE_BYTES: {
        size_t most = field->cap < 60 ? field->cap : 60;
        size_t size = least + wire_random_below(random, most - least + 1);
        uint8_t *bytes = taken(random->arena, 1, size + 1);

        random_bytes(random, bytes, size);
        *(struct fora_bytes *)slot = fora_bytes(size == 0 ? NULL : bytes, size);
        return;
    }
    case WIRE_TYPE_ID:
        random_bytes(random, slot, field->size);
        return;
    case WIRE_TYPE_MESSAGE:
        wire_random_fill(random, field->table, slot);
        return;
    }
}

static void fill_list(struct wire_random *random, const struct wire_field *field, uint8_t *out)
{
    size_t most = field->count < LIST_MAX ? field->count : LIST_MAX;
    size_t count = wire_random_below(random, 8) == 0
                       ? most
                       : 1 + wire_random_below(random, most < 4 ? most : 4);
    uint8_t *list = taken(random->arena, count, field->size);

    for (size_t i = 0; i < count; i++)
        fill_value(random, field, false, list + i * field->size);
    *(void **)(void *)(out + field->offset) = list;
    *(size_t *)(void *)(out + field->aux_offset) = count;
}

void wire_random_fill(struct wire_random *random, const struct wire_table *table, void *out)
{
    uint8_t *bytes = out;

    memset(out, 0, table->size);
    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];
        void *slot = bytes + field->offset;

        if (!(field->flags & WIRE_REQUIRED) && wire_random_below(random, 2) == 0)
            continue;
        if (field->flags & WIRE_PRESENCE)
            *(bool *)(bytes + field->aux_offset) = true;
        if (field->flags & WIRE_MANY) {
            fill_list(random, field, out);
        } else if (field->type == WIRE_TYPE_MESSAGE) {
            *(void **)slot = taken(random->arena, 1, field->table->size);
            wire_random_fill(random, field->table, *(void **)slot);
        } else {
            fill_value(random, field, !(field->flags & WIRE_REQUIRED), slot);
        }
    }
}

static bool value_equal(const struct wire_field *field, const void *a, const void *b)
{
    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_S32:
    case WIRE_TYPE_ENUM:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_S64:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case WIRE_TYPE_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case WIRE_TYPE_TEXT:
    case WIRE_TYPE_BYTES:
        return fora_bytes_equal(*(const struct fora_bytes *)a, *(const struct fora_bytes *)b);
    case WIRE_TYPE_ID:
        return memcmp(a, b, field->size) == 0;
    case WIRE_TYPE_MESSAGE:
        if (!(field->flags & WIRE_MANY)) {
            a = *(void *const *)a;
            b = *(void *const *)b;
        }
        return (a == NULL) == (b == NULL) && (a == NULL || wire_equal(field->table, a, b));
    }
    return false;
}

static bool list_equal(const struct wire_field *field, const uint8_t *a, const uint8_t *b)
{
    size_t count = *(const size_t *)(const void *)(a + field->aux_offset);
    const uint8_t *first = *(void *const *)(const void *)(a + field->offset);
    const uint8_t *second = *(void *const *)(const void *)(b + field->offset);

    if (count != *(const size_t *)(const void *)(b + field->aux_offset))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!value_equal(field, first + i * field->size, second + i * field->size))
            return false;
    }
    return true;
}

bool wire_equal(const struct wire_table *table, const void *a, const void *b)
{
    const uint8_t *first = a, *second = b;

    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];

        if ((field->flags & WIRE_PRESENCE) && *(const bool *)(first + field->aux_offset) !=
                                                  *(const bool *)(second + field->aux_offset))
            return false;
        if (field->flags & WIRE_MANY) {
            if (!list_equal(field, first, second))
                return false;
        } else if (!value_equal(field, first + field->offset, second + field->offset)) {
            return false;
        }
    }
    return true;
}
