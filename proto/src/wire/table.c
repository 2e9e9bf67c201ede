/*
 * The engine: reads and writes protobuf by table (ENC-2 to ENC-6).
 *
 * Recursion goes as deep as tables name tables, which is a property of the program and not of the
 * input: four levels at most. Time is linear in the input: a level is scanned at most twice (once
 * to count what repeats, once to store), and a nested message is skipped in one step by the scans
 * of the levels above it.
 */
#include "wire/table.h"

#include "fora/utf8.h"

#include <string.h>

enum {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_DELIMITED = 2,
    WIRE_FIXED32 = 5,
    VARINT_MAX = 10, /* bytes of 64 bits */
    FIELDS_MAX = 64  /* of one table: a bit each says which were seen */
};

static void *at_offset(void *base, size_t offset)
{
    return (uint8_t *)base + offset;
}

static const void *at_const(const void *base, size_t offset)
{
    return (const uint8_t *)base + offset;
}

/* ---- Reading ---- */

/* The shortest form only: what could be written in two ways is not read (ENC-3). */
static uint64_t read_long_varint(struct fora_reader *reader)
{
    uint64_t value = 0;

    for (size_t i = 0; i < VARINT_MAX && i < reader->left; i++) {
        uint8_t byte = reader->at[i];

        if ((i > 0 && byte == 0) || (i == VARINT_MAX - 1 && byte > 1))
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            reader->at += i + 1;
            reader->left -= i + 1;
            return value;
        }
    }
    reader->error = FORA_E_MALFORMED;
    return 0;
}

/* Nearly all are of one byte. */
static uint64_t read_varint(struct fora_reader *reader)
{
    if (reader->left > 0 && reader->at[0] < 0x80) {
        reader->left--;
        return *reader->at++;
    }
    return read_long_varint(reader);
}

static uint64_t read_fixed(struct fora_reader *reader, size_t size)
{
    struct fora_bytes taken = fora_reader_take(reader, size);
    uint64_t value = 0;

    for (size_t i = taken.size; i > 0; i--)
        value = value << 8 | taken.data[i - 1];
    return value;
}

bool wire_next(struct fora_reader *reader, struct wire_raw *out)
{
    uint64_t key;

    *out = (struct wire_raw){0};
    if (reader->error != 0 || reader->left == 0)
        return false;
    key = read_varint(reader);
    /* A key has 32 bits: field numbers end at 2^29 - 1. */
    if (key > UINT32_MAX || key >> 3 == 0) {
        reader->error = FORA_E_MALFORMED;
        return false;
    }
    out->number = (uint32_t)(key >> 3);
    out->wire = key & 7;
    if (out->wire == WIRE_VARINT) {
        out->value = read_varint(reader);
    } else if (out->wire == WIRE_DELIMITED) {
        uint64_t size = read_varint(reader);

        if (size > reader->left)
            reader->error = FORA_E_MALFORMED;
        else
            out->bytes = fora_reader_take(reader, (size_t)size);
    } else if (out->wire == WIRE_FIXED64) {
        out->value = read_fixed(reader, 8);
    } else if (out->wire == WIRE_FIXED32) {
        out->value = read_fixed(reader, 4);
    } else {
        reader->error = FORA_E_MALFORMED;
    }
    return reader->error == 0;
}

/* The field's index, or table->count. `hint` is where fields in ascending order have it. */
static size_t find_field(const struct wire_table *table, uint32_t number, size_t hint)
{
    if (hint < table->count && table->fields[hint].number == number)
        return hint;
    for (size_t i = 0; i < table->count && table->fields[i].number <= number; i++) {
        if (table->fields[i].number == number)
            return i;
    }
    return table->count;
}

/* ---- Rules on values, the same for reading and writing ---- */

static bool all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* A value that is present; an element of a list is never empty (ENC-4, ENC-5). */
static int check_present(const struct wire_field *field, const void *value)
{
    struct fora_bytes bytes;

    if (field->type == WIRE_TYPE_ID)
        return all_zero(value, field->size) ? FORA_E_MALFORMED : 0;
    if (field->type == WIRE_TYPE_ENUM)
        return *(const uint32_t *)value > INT32_MAX ? FORA_E_MALFORMED : 0;
    if (field->type != WIRE_TYPE_TEXT && field->type != WIRE_TYPE_BYTES)
        return 0;
    memcpy(&bytes, value, sizeof(bytes));
    if (bytes.size > field->cap)
        return FORA_E_TOO_LARGE;
    if (bytes.size == 0 && (field->flags & WIRE_MANY))
        return FORA_E_MALFORMED;
    if (field->type == WIRE_TYPE_TEXT &&
        !fora_utf8_printable(bytes, (field->flags & WIRE_MULTILINE) != 0))
        return FORA_E_UTF8;
    return 0;
}

static size_t count_of(const struct wire_field *field, const void *in)
{
    size_t count;

    memcpy(&count, at_const(in, field->aux_offset), sizeof(count));
    return count;
}

/* Is the field neither zero nor empty (or, with PRESENCE, said to be there)? */
static bool is_set(const struct wire_field *field, const void *in)
{
    const void *value = at_const(in, field->offset);

    if (field->flags & WIRE_PRESENCE)
        return *(const bool *)at_const(in, field->aux_offset);
    if (field->flags & WIRE_MANY)
        return count_of(field, in) != 0;
    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_S32:
    case WIRE_TYPE_ENUM:
        return *(const uint32_t *)value != 0;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_S64:
        return *(const uint64_t *)value != 0;
    case WIRE_TYPE_BOOL:
        return *(const bool *)value;
    case WIRE_TYPE_TEXT:
    case WIRE_TYPE_BYTES:
        return ((const struct fora_bytes *)value)->size != 0;
    case WIRE_TYPE_ID:
        return !all_zero(value, field->size);
    case WIRE_TYPE_MESSAGE:
        return *(void *const *)value != NULL;
    }
    return false;
}

static int check_required(const struct wire_table *table, const void *in)
{
    for (size_t i = 0; i < table->count; i++) {
        if ((table->fields[i].flags & WIRE_REQUIRED) && !is_set(&table->fields[i], in))
            return FORA_E_MALFORMED;
    }
    return 0;
}

/* ---- Decoding ---- */

/* Counts what repeats, so that each list is allocated once and no list before its limit is known to
 * hold. */
static int allocate_lists(
    struct fora_arena *arena, const struct wire_table *table, struct fora_bytes bytes, void *out)
{
    struct fora_reader reader;
    struct wire_raw raw;
    size_t index = 0;

    fora_reader_init(&reader, bytes);
    while (wire_next(&reader, &raw)) {
        const struct wire_field *field;
        size_t *count;

        index = find_field(table, raw.number, index);
        if (index == table->count || !(table->fields[index].flags & WIRE_MANY))
            continue;
        field = &table->fields[index];
        count = at_offset(out, field->aux_offset);
        if (++*count > field->count)
            return FORA_E_LIMIT;
    }
    if (reader.error != 0)
        return reader.error;
    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];
        size_t *count;
        void **list;

        if (!(field->flags & WIRE_MANY))
            continue;
        count = at_offset(out, field->aux_offset);
        list = at_offset(out, field->offset);
        if (*count != 0 && (*list = fora_arena_zalloc(arena, *count, field->size)) == NULL)
            return FORA_E_NOMEM;
        *count = 0; /* counts up again as elements are stored */
    }
    return 0;
}

/* The greatest value on the wire, before zigzag. */
static uint64_t most_of(enum wire_type type)
{
    if (type == WIRE_TYPE_BOOL)
        return 1;
    if (type == WIRE_TYPE_ENUM)
        return INT32_MAX;
    return type == WIRE_TYPE_U32 || type == WIRE_TYPE_S32 ? UINT32_MAX : UINT64_MAX;
}

static int store_number(enum wire_type type, const struct wire_raw *raw, void *slot)
{
    /* Zigzag: the lowest bit is the sign. */
    uint64_t folded = (raw->value >> 1) ^ (~(raw->value & 1) + 1);

    if (raw->wire != WIRE_VARINT || raw->value > most_of(type))
        return FORA_E_MALFORMED;
    if (type == WIRE_TYPE_BOOL)
        *(bool *)slot = raw->value != 0;
    else if (type == WIRE_TYPE_U32 || type == WIRE_TYPE_ENUM)
        *(uint32_t *)slot = (uint32_t)raw->value;
    else if (type == WIRE_TYPE_U64)
        *(uint64_t *)slot = raw->value;
    else if (type == WIRE_TYPE_S32)
        *(uint32_t *)slot = (uint32_t)folded;
    else
        *(uint64_t *)slot = folded;
    return 0;
}

/* Stores one value into its slot: the member, or the next element of the list. */
static int store_value(struct fora_arena *arena, const struct wire_field *field,
    const struct wire_raw *raw, void *slot)
{
    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_U64:
    case WIRE_TYPE_S32:
    case WIRE_TYPE_S64:
    case WIRE_TYPE_ENUM:
    case WIRE_TYPE_BOOL:
        return store_number((enum wire_type)field->type, raw, slot);
    case WIRE_TYPE_TEXT:
    case WIRE_TYPE_BYTES:
        if (raw->wire != WIRE_DELIMITED)
            return FORA_E_MALFORMED;
        *(struct fora_bytes *)slot = raw->bytes;
        return check_present(field, slot);
    case WIRE_TYPE_ID:
        if (raw->wire != WIRE_DELIMITED || raw->bytes.size != field->size)
            return FORA_E_MALFORMED;
        memcpy(slot, raw->bytes.data, field->size);
        return check_present(field, slot);
    case WIRE_TYPE_MESSAGE:
        if (raw->wire != WIRE_DELIMITED)
            return FORA_E_MALFORMED;
        if (!(field->flags & WIRE_MANY)) {
            void *sub = fora_arena_alloc(arena, field->table->size);

            if (sub == NULL)
                return FORA_E_NOMEM;
            *(void **)slot = sub;
            slot = sub;
        }
        return wire_decode(arena, field->table, raw->bytes, slot);
    }
    return FORA_E_INTERNAL;
}

static int store_field(struct fora_arena *arena, const struct wire_field *field,
    const struct wire_raw *raw, uint64_t *seen, uint64_t bit, void *out)
{
    void *slot = at_offset(out, field->offset);

    if (field->flags & WIRE_MANY) {
        size_t *count = at_offset(out, field->aux_offset);

        slot = at_offset(*(void **)slot, *count * field->size);
        ++*count;
    } else if (*seen & bit) {
        return FORA_E_MALFORMED;
    }
    *seen |= bit;
    if (field->flags & WIRE_PRESENCE)
        *(bool *)at_offset(out, field->aux_offset) = true;
    return store_value(arena, field, raw, slot);
}

static bool has_lists(const struct wire_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->fields[i].flags & WIRE_MANY)
            return true;
    }
    return false;
}

int wire_decode(
    struct fora_arena *arena, const struct wire_table *table, struct fora_bytes bytes, void *out)
{
    struct fora_reader reader;
    struct wire_raw raw;
    uint64_t seen = 0;
    size_t index = 0;
    int code = 0;

    if (table->count > FIELDS_MAX)
        return FORA_E_INTERNAL;
    memset(out, 0, table->size);
    if (has_lists(table))
        code = allocate_lists(arena, table, bytes, out);
    fora_reader_init(&reader, bytes);
    while (code == 0 && wire_next(&reader, &raw)) {
        size_t found = find_field(table, raw.number, index);

        if (found == table->count)
            continue;
        code = store_field(arena, &table->fields[found], &raw, &seen, UINT64_C(1) << found, out);
        index = found + !(table->fields[found].flags & WIRE_MANY);
    }
    if (code == 0)
        code = reader.error;
    return code != 0 ? code : check_required(table, out);
}

/* ---- Encoding ---- */

void wire_put_varint(struct fora_buf *out, uint32_t number, uint64_t value)
{
    fora_buf_varint(out, (uint64_t)number << 3 | WIRE_VARINT);
    fora_buf_varint(out, value);
}

void wire_put_bytes(struct fora_buf *out, uint32_t number, struct fora_bytes bytes)
{
    fora_buf_varint(out, (uint64_t)number << 3 | WIRE_DELIMITED);
    fora_buf_varint(out, bytes.size);
    fora_buf_append_bytes(out, bytes);
}

static int put_fields(struct fora_buf *out, const struct wire_table *table, const void *in);

int wire_put_message(
    struct fora_buf *out, uint32_t number, const struct wire_table *table, const void *in)
{
    uint8_t prefix[VARINT_MAX];
    size_t prefix_size = 0;
    size_t start, size;
    int code;

    fora_buf_varint(out, (uint64_t)number << 3 | WIRE_DELIMITED);
    start = out->size;
    code = put_fields(out, table, in);
    if (code != 0)
        return code;
    /* The length is known only now: the body moves up to make room for it. */
    size = out->size - start;
    for (size_t rest = size; prefix_size == 0 || rest != 0; rest >>= 7)
        prefix[prefix_size++] = (uint8_t)((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
    if (fora_buf_extend(out, prefix_size) == NULL)
        return out->error;
    memmove(out->data + start + prefix_size, out->data + start, size);
    memcpy(out->data + start, prefix, prefix_size);
    return 0;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int put_value(struct fora_buf *out, const struct wire_field *field, const void *slot)
{
    int code = check_present(field, slot);

    if (code != 0)
        return code;
    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_ENUM:
        wire_put_varint(out, field->number, *(const uint32_t *)slot);
        return 0;
    case WIRE_TYPE_U64:
        wire_put_varint(out, field->number, *(const uint64_t *)slot);
        return 0;
    case WIRE_TYPE_S32:
        wire_put_varint(out, field->number, zigzag(*(const int32_t *)slot));
        return 0;
    case WIRE_TYPE_S64:
        wire_put_varint(out, field->number, zigzag(*(const int64_t *)slot));
        return 0;
    case WIRE_TYPE_BOOL:
        wire_put_varint(out, field->number, *(const bool *)slot);
        return 0;
    case WIRE_TYPE_TEXT:
    case WIRE_TYPE_BYTES:
        wire_put_bytes(out, field->number, *(const struct fora_bytes *)slot);
        return 0;
    case WIRE_TYPE_ID:
        wire_put_bytes(out, field->number, fora_bytes(slot, field->size));
        return 0;
    case WIRE_TYPE_MESSAGE:
        if (!(field->flags & WIRE_MANY))
            slot = *(void *const *)slot;
        return wire_put_message(out, field->number, field->table, slot);
    }
    return FORA_E_INTERNAL;
}

static int put_list(struct fora_buf *out, const struct wire_field *field, const void *in)
{
    const void *list = *(void *const *)at_const(in, field->offset);
    size_t count = count_of(field, in);
    int code = count > field->count ? FORA_E_LIMIT : 0;

    for (size_t i = 0; code == 0 && i < count; i++)
        code = put_value(out, field, at_const(list, i * field->size));
    return code;
}

static int put_fields(struct fora_buf *out, const struct wire_table *table, const void *in)
{
    int code = check_required(table, in);

    for (size_t i = 0; code == 0 && i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];

        if (field->flags & WIRE_MANY)
            code = put_list(out, field, in);
        else if (is_set(field, in))
            code = put_value(out, field, at_const(in, field->offset));
    }
    return code != 0 ? code : out->error;
}

int wire_encode(struct fora_buf *out, const struct wire_table *table, const void *in)
{
    size_t start = out->size;
    int code = put_fields(out, table, in);

    if (code != 0)
        out->size = start;
    return code;
}
