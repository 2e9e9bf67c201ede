/* Any bytes as text, against a slow decoder that is obviously right. */
#include "fora/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes by the lengths that the first byte states, then asks whether the form was the shortest.
 */
static bool slow_valid(const uint8_t *data, size_t size)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};

    for (size_t i = 0; i < size;) {
        size_t length = data[i] < 0x80             ? 1
                        : (data[i] & 0xe0) == 0xc0 ? 2
                        : (data[i] & 0xf0) == 0xe0 ? 3
                        : (data[i] & 0xf8) == 0xf0 ? 4
                                                   : 0;
        uint32_t point = length == 1 ? data[i] : data[i] & (0x7fu >> length);

        if (length == 0 || length > size - i)
            return false;
        for (size_t j = 1; j < length; j++) {
            if ((data[i + j] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (data[i + j] & 0x3f);
        }
        if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
        i += length;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_bytes text = fora_bytes(data, size);
    bool valid = fora_utf8_valid(text);
    bool line = fora_utf8_printable(text, false);
    bool lines = fora_utf8_printable(text, true);

    if (valid != slow_valid(data, size))
        abort();
    if ((line && !lines) || (lines && !valid))
        abort();
    return 0;
}
