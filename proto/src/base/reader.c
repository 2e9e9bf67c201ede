/* The reader of binary input. Every check subtracts from what remains, so none can overflow. */
#include "fora/bytes.h"

#include <string.h>

void fora_reader_init(struct fora_reader *reader, struct fora_bytes bytes)
{
    *reader = (struct fora_reader){.at = bytes.data, .left = bytes.size};
}

static void reader_fail(struct fora_reader *reader)
{
    if (reader->error == 0)
        reader->error = FORA_E_MALFORMED;
}

struct fora_bytes fora_reader_take(struct fora_reader *reader, size_t size)
{
    struct fora_bytes taken = {0};

    if (reader->error != 0)
        return taken;
    if (size > reader->left) {
        reader_fail(reader);
        return taken;
    }
    if (size == 0)
        return taken;
    taken = fora_bytes(reader->at, size);
    reader->at += size;
    reader->left -= size;
    return taken;
}

void fora_reader_copy(struct fora_reader *reader, void *out, size_t size)
{
    struct fora_bytes taken = fora_reader_take(reader, size);

    if (taken.size != 0)
        memcpy(out, taken.data, size);
    else if (size != 0)
        memset(out, 0, size);
}

static uint64_t reader_be(struct fora_reader *reader, size_t size)
{
    struct fora_bytes taken = fora_reader_take(reader, size);
    uint64_t value = 0;

    for (size_t i = 0; i < taken.size; i++)
        value = value << 8 | taken.data[i];
    return value;
}

uint8_t fora_reader_u8(struct fora_reader *reader)
{
    return (uint8_t)reader_be(reader, 1);
}

uint16_t fora_reader_be16(struct fora_reader *reader)
{
    return (uint16_t)reader_be(reader, 2);
}

uint32_t fora_reader_be32(struct fora_reader *reader)
{
    return (uint32_t)reader_be(reader, 4);
}

uint64_t fora_reader_be64(struct fora_reader *reader)
{
    return reader_be(reader, 8);
}

uint64_t fora_reader_varint(struct fora_reader *reader)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = fora_reader_u8(reader);

        if (reader->error != 0)
            return 0;
        /* Of the tenth byte only one bit fits into 64. */
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    reader_fail(reader);
    return 0;
}

int fora_reader_end(const struct fora_reader *reader)
{
    return reader->error == 0 && reader->left == 0 ? 0 : FORA_E_MALFORMED;
}
