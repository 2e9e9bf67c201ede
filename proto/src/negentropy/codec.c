/* Forms (REP-24), varints, bounds and ranges (Negentropy Protocol V1, "Varint", "Bound", "Range").
 */
#include "codec.h"

#include <string.h>

enum { VARINT_BYTES_MAX = 10 };

struct neg_form fora_neg_form(const uint8_t *key)
{
    struct neg_form form = {.is_short = key != NULL};

    if (key != NULL)
        memcpy(form.key, key, sizeof(form.key));
    return form;
}

bool fora_neg_form_equal(const struct neg_form *a, const struct neg_form *b)
{
    return a->is_short == b->is_short && memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

int fora_neg_get_form(struct fora_reader *reader, struct neg_form *form)
{
    uint8_t version = fora_reader_u8(reader);

    *form = (struct neg_form){.is_short = version == NEG_VERSION_SHORT};
    if (form->is_short)
        fora_reader_copy(reader, form->key, sizeof(form->key));
    if (reader->error != 0)
        return FORA_E_MALFORMED;
    if (form->is_short || version == NEG_VERSION)
        return 0;
    /* 0x60 to 0x6f are versions of the published protocol. */
    return (version & 0xf0) == (NEG_VERSION & 0xf0) ? FORA_E_VERSION : FORA_E_MALFORMED;
}

void fora_neg_put_form(struct fora_buf *out, const struct neg_form *form)
{
    fora_buf_u8(out, form->is_short ? NEG_VERSION_SHORT : NEG_VERSION);
    if (form->is_short)
        fora_buf_append(out, form->key, sizeof(form->key));
}

void fora_neg_put_fingerprint(
    struct fora_buf *out, const struct neg_form *form, const struct fora_neg_sum *sum)
{
    uint8_t fingerprint[NEG_FINGERPRINT_SIZE];

    if (form->is_short)
        fora_neg_short_fingerprint(fingerprint, form->key, sum);
    else
        fora_neg_fingerprint(fingerprint, sum);
    fora_buf_append(
        out, fingerprint, form->is_short ? NEG_FINGERPRINT_SHORT : NEG_FINGERPRINT_SIZE);
}

void fora_neg_put_varint(struct fora_buf *out, uint64_t value)
{
    uint8_t digits[VARINT_BYTES_MAX];
    size_t at = sizeof(digits);

    digits[--at] = value & 0x7f;
    for (value >>= 7; value != 0; value >>= 7)
        digits[--at] = 0x80 | (value & 0x7f);
    fora_buf_append(out, digits + at, sizeof(digits) - at);
}

uint64_t fora_neg_get_varint(struct fora_reader *reader)
{
    uint64_t value = 0;

    for (int i = 0; i < VARINT_BYTES_MAX; i++) {
        uint8_t digit = fora_reader_u8(reader);

        if (value >> 57 != 0)
            break;
        value = value << 7 | (digit & 0x7f);
        if ((digit & 0x80) == 0)
            return reader->error == 0 ? value : 0;
    }
    if (reader->error == 0)
        reader->error = FORA_E_MALFORMED;
    return 0;
}

void fora_neg_parser_init(
    struct neg_parser *parser, const struct neg_form *form, struct fora_reader ranges)
{
    *parser = (struct neg_parser){
        .reader = ranges,
        .fingerprint_size = form->is_short ? NEG_FINGERPRINT_SHORT : NEG_FINGERPRINT_SIZE,
    };
}

static void parser_fail(struct neg_parser *parser)
{
    if (parser->reader.error == 0)
        parser->reader.error = FORA_E_MALFORMED;
}

/* 0 is infinity, else 1 + the difference to the time before. Only infinity may follow infinity. */
static uint64_t get_time(struct neg_parser *parser)
{
    uint64_t value = fora_neg_get_varint(&parser->reader);

    if (value == 0)
        return UINT64_MAX;
    if (parser->last.time == UINT64_MAX || value - 1 >= UINT64_MAX - parser->last.time) {
        parser_fail(parser);
        return UINT64_MAX;
    }
    return parser->last.time + (value - 1);
}

static void get_bound(struct neg_parser *parser, struct neg_bound *bound)
{
    uint64_t prefix;

    *bound = (struct neg_bound){0};
    bound->item.time = get_time(parser);
    prefix = fora_neg_get_varint(&parser->reader);
    if (prefix > NEG_ID_SIZE) {
        parser_fail(parser);
        return;
    }
    bound->prefix = (size_t)prefix;
    fora_reader_copy(&parser->reader, bound->item.id, bound->prefix);
    /*
     * An empty range is allowed: the reference makes one when a list up to infinity has filled the
     * frame, and closes it with the fingerprint of what lies beyond.
     */
    if (fora_neg_item_compare(&bound->item, &parser->last) < 0)
        parser_fail(parser);
    parser->last = bound->item;
}

static struct fora_bytes get_payload(struct neg_parser *parser, uint64_t mode)
{
    struct fora_reader *reader = &parser->reader;
    uint64_t count;

    switch (mode) {
    case NEG_SKIP:
        return (struct fora_bytes){0};
    case NEG_FINGERPRINT:
        return fora_reader_take(reader, parser->fingerprint_size);
    case NEG_ID_LIST:
        count = fora_neg_get_varint(reader);
        if (count <= reader->left / NEG_ID_SIZE)
            return fora_reader_take(reader, (size_t)count * NEG_ID_SIZE);
        break;
    default:
        break;
    }
    if (reader->error == 0)
        reader->error = FORA_E_MALFORMED;
    return (struct fora_bytes){0};
}

int fora_neg_parser_next(struct neg_parser *parser, struct neg_range *range)
{
    uint64_t mode;

    if (parser->reader.error == 0 && parser->reader.left == 0)
        return 0;
    get_bound(parser, &range->upper);
    mode = fora_neg_get_varint(&parser->reader);
    range->payload = get_payload(parser, mode);
    if (parser->reader.error != 0)
        return parser->reader.error;
    range->mode = (enum neg_mode)mode;
    return 1;
}

void fora_neg_put_range(
    struct neg_writer *writer, const struct neg_bound *upper, enum neg_mode mode)
{
    uint64_t time = upper->item.time;

    fora_neg_put_varint(writer->out, time == UINT64_MAX ? 0 : 1 + (time - writer->time));
    writer->time = time;
    fora_neg_put_varint(writer->out, upper->prefix);
    fora_buf_append(writer->out, upper->item.id, upper->prefix);
    fora_neg_put_varint(writer->out, mode);
}

struct neg_bound fora_neg_bound_between(
    const struct fora_neg_item *before, const struct fora_neg_item *after)
{
    struct neg_bound bound = {.item = {.time = after->time}};

    if (before->time != after->time)
        return bound;
    while (bound.prefix < NEG_ID_SIZE && before->id[bound.prefix] == after->id[bound.prefix])
        bound.prefix++;
    if (bound.prefix < NEG_ID_SIZE)
        bound.prefix++;
    memcpy(bound.item.id, after->id, bound.prefix);
    return bound;
}

struct neg_bound fora_neg_bound_at(const struct fora_neg_item *item)
{
    return (struct neg_bound){.item = *item, .prefix = NEG_ID_SIZE};
}

struct neg_bound fora_neg_bound_infinity(void)
{
    return (struct neg_bound){.item = {.time = UINT64_MAX}};
}
