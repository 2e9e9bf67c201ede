/*
 * The first byte of each step chooses a read, the rest is what it reads: no order of reads may
 * leave the input, and after an error everything is zero and nothing moves.
 */
#include "fora/bytes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t step(struct fora_reader *reader, uint8_t choice)
{
    struct fora_bytes taken;
    uint8_t copy[16];
    uint64_t any = 0;

    switch (choice % 7) {
    case 0:
        return fora_reader_u8(reader);
    case 1:
        return fora_reader_be16(reader);
    case 2:
        return fora_reader_be32(reader);
    case 3:
        return fora_reader_be64(reader);
    case 4:
        return fora_reader_varint(reader);
    case 5:
        taken = fora_reader_take(reader, (size_t)fora_reader_varint(reader));
        for (size_t i = 0; i < taken.size; i++)
            any |= taken.data[i];
        return any;
    default:
        fora_reader_copy(reader, copy, choice % sizeof(copy));
        for (size_t i = 0; i < choice % sizeof(copy); i++)
            any |= copy[i];
        return any;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_reader reader;

    fora_reader_init(&reader, fora_bytes(data, size));
    while (reader.left > 0 && reader.error == 0)
        step(&reader, fora_reader_u8(&reader));
    if (reader.error != 0) {
        size_t left = reader.left;

        for (unsigned choice = 0; choice < 7; choice++) {
            if (step(&reader, (uint8_t)choice) != 0 || reader.left != left)
                abort();
        }
    }
    if ((fora_reader_end(&reader) == 0) != (reader.error == 0 && reader.left == 0))
        abort();
    return 0;
}
