/* Bytes to lines that a person writes down, and back. */
#include "state/kit.h"

#include <stdio.h>
#include <string.h>

enum { VERSION = 1, DATA_CHARACTERS = 16, CHECK_CHARACTERS = 2, GROUP = 4, ALL_CHECK = 5 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Ten bits that depend on the line's number and bytes. */
static unsigned line_check(unsigned number, const uint8_t bytes[KIT_LINE_BYTES])
{
    uint8_t input[1 + KIT_LINE_BYTES];
    struct fora_hash hash;
    input[0] = (uint8_t)number;
    memcpy(input + 1, bytes, KIT_LINE_BYTES);
    fora_hash1(&hash, "fora.kit.line", fora_bytes(input, sizeof input));
    fora_wipe(input, sizeof input);
    return ((unsigned)hash.b[0] << 8 | hash.b[1]) & 0x3ff;
}

static void write_line(char out[KIT_LINE_MAX], unsigned number, const uint8_t bytes[KIT_LINE_BYTES])
{
    unsigned check = line_check(number, bytes);
    size_t at = (size_t)snprintf(out, KIT_LINE_MAX, "%u  ", number);
    for (unsigned i = 0; i < DATA_CHARACTERS; i++) {
        unsigned bit = i * 5;
        unsigned two =
            (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < KIT_LINE_BYTES ? bytes[bit / 8 + 1] : 0);
        if (i > 0 && i % GROUP == 0) {
            out[at++] = '-';
        }
        out[at++] = alphabet[two >> (11 - bit % 8) & 31];
    }
    (void)snprintf(
        out + at, KIT_LINE_MAX - at, "  %c%c", alphabet[check >> 5], alphabet[check & 31]);
}

/* The value of a typed character, -1 for none, -2 for what is passed over. */
static int value_of(char c)
{
    if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '.' || c == ':') {
        return -2;
    }
    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    const char *found = c == '\0' ? NULL : strchr(alphabet, c);
    return found == NULL ? -1 : (int)(found - alphabet);
}

unsigned kit_read_line(const char *typed, uint8_t out[KIT_LINE_BYTES])
{
    uint8_t values[1 + DATA_CHARACTERS + CHECK_CHARACTERS];
    size_t count = 0;
    for (; *typed != '\0'; typed++) {
        int value = value_of(*typed);
        if (value == -1 || (value >= 0 && count == sizeof values)) {
            return 0;
        }
        if (value >= 0) {
            values[count++] = (uint8_t)value;
        }
    }
    if (count != sizeof values) {
        return 0;
    }
    memset(out, 0, KIT_LINE_BYTES);
    for (unsigned i = 0; i < DATA_CHARACTERS; i++) {
        unsigned bit = i * 5;
        unsigned two = (unsigned)values[1 + i] << (11 - bit % 8);
        out[bit / 8] |= (uint8_t)(two >> 8);
        if (bit / 8 + 1 < KIT_LINE_BYTES) {
            out[bit / 8 + 1] |= (uint8_t)two;
        }
    }
    unsigned number = values[0];
    unsigned check = (unsigned)values[1 + DATA_CHARACTERS] << 5 | values[2 + DATA_CHARACTERS];
    fora_wipe(values, sizeof values);
    return number >= 1 && number <= KIT_LINES && check == line_check(number, out) ? number : 0;
}

static void all_check(uint8_t out[ALL_CHECK], const uint8_t *bytes, size_t size)
{
    struct fora_hash hash;
    fora_hash1(&hash, "fora.kit", fora_bytes(bytes, size));
    memcpy(out, hash.b, ALL_CHECK);
}

void kit_write(char out[KIT_LINES][KIT_LINE_MAX], const struct kit *kit)
{
    uint8_t bytes[KIT_LINES * KIT_LINE_BYTES];
    bytes[0] = VERSION;
    memcpy(bytes + 1, kit->member.b, FORA_ID_SIZE);
    memcpy(bytes + 1 + FORA_ID_SIZE, kit->next_root, sizeof kit->next_root);
    all_check(bytes + sizeof bytes - ALL_CHECK, bytes, sizeof bytes - ALL_CHECK);
    for (unsigned i = 0; i < KIT_LINES; i++) {
        write_line(out[i], i + 1, bytes + (size_t)i * KIT_LINE_BYTES);
    }
    fora_wipe(bytes, sizeof bytes);
}

bool kit_read(const uint8_t lines[KIT_LINES][KIT_LINE_BYTES], struct kit *out)
{
    uint8_t bytes[KIT_LINES * KIT_LINE_BYTES];
    uint8_t check[ALL_CHECK];
    memcpy(bytes, lines, sizeof bytes);
    all_check(check, bytes, sizeof bytes - ALL_CHECK);
    bool good =
        bytes[0] == VERSION && memcmp(check, bytes + sizeof bytes - ALL_CHECK, sizeof check) == 0;
    memcpy(out->member.b, bytes + 1, FORA_ID_SIZE);
    memcpy(out->next_root, bytes + 1 + FORA_ID_SIZE, sizeof out->next_root);
    fora_wipe(bytes, sizeof bytes);
    return good;
}
