/* Frames: a request number and one body, by the list of messages in the header (SES-1, SES-3). */
#include "fora/message.h"

#include "wire/tables.h"

#include <string.h>

enum { FRAME_REQUEST = 1, WIRE_VARINT = 0, WIRE_DELIMITED = 2, LENGTH_SIZE = 4 };

static const struct wire_table *table_of(uint32_t type)
{
    switch (type) {
#define MESSAGE_TABLE(member, name, number)                                                        \
    case number:                                                                                   \
        return &fora_msg_##member##_table;
        FORA_MESSAGES(MESSAGE_TABLE)
#undef MESSAGE_TABLE
    default:
        return NULL;
    }
}

/* Every body begins where the union begins. */
#define MESSAGE_AT_START(member, name, number)                                                     \
    _Static_assert(offsetof(struct fora_message, u.member) == offsetof(struct fora_message, u),    \
        "a member of a union begins with it");
FORA_MESSAGES(MESSAGE_AT_START)
#undef MESSAGE_AT_START

int fora_message_decode(struct fora_arena *arena, struct fora_bytes frame, struct fora_message *out)
{
    struct fora_reader reader;
    struct wire_raw raw;
    struct fora_bytes body = {0};
    bool has_request = false;

    memset(out, 0, sizeof(*out));
    if (frame.size > FORA_FRAME_MAX)
        return FORA_E_TOO_LARGE;
    fora_reader_init(&reader, frame);
    /* The outer level first, so that nothing is allocated for a frame with two bodies. */
    while (wire_next(&reader, &raw)) {
        if (raw.number == FRAME_REQUEST) {
            if (has_request || raw.wire != WIRE_VARINT)
                return FORA_E_MALFORMED;
            has_request = true;
            out->request = raw.value;
        } else if (table_of(raw.number) != NULL) {
            if (out->type != FORA_MSG_NONE || raw.wire != WIRE_DELIMITED)
                return FORA_E_MALFORMED;
            out->type = raw.number;
            body = raw.bytes;
        }
    }
    if (reader.error != 0 || out->type == FORA_MSG_NONE)
        return reader.error;
    return wire_decode(arena, table_of(out->type), body, &out->u);
}

int fora_message_encode(struct fora_buf *out, const struct fora_message *message)
{
    const struct wire_table *table = table_of(message->type);
    size_t start = out->size;
    uint8_t *length;
    size_t size;
    int code;

    if (table == NULL)
        return FORA_E_USAGE;
    if (fora_buf_extend(out, LENGTH_SIZE) == NULL)
        return out->error;
    if (message->request != 0)
        wire_put_varint(out, FRAME_REQUEST, message->request);
    code = wire_put_message(out, message->type, table, &message->u);
    size = out->size - start - LENGTH_SIZE;
    if (code == 0 && size > FORA_FRAME_MAX)
        code = FORA_E_TOO_LARGE;
    if (code != 0) {
        out->size = start;
        return code;
    }
    length = out->data + start;
    for (size_t i = 0; i < LENGTH_SIZE; i++)
        length[i] = (uint8_t)(size >> (8 * (LENGTH_SIZE - 1 - i)));
    return 0;
}

const char *fora_message_name(uint32_t type)
{
    const struct wire_table *table = table_of(type);

    return table == NULL ? "?" : table->name;
}
