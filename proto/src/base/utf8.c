/* UTF-8 of RFC 3629, by its own table of well-formed sequences (section 4). */
#include "fora/utf8.h"

#include <string.h>

/* Eight ASCII bytes at once: no high bit, and no zero byte (the carry trick finds one exactly). */
static bool ascii_without_nul(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

/* Eight bytes from space to tilde: no high bit, none below 0x20, none 0x7f. What borrows from a
 * byte below can only report more, and only when that byte is to be reported itself. */
static bool ascii_printable(const uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, del;

    memcpy(&word, at, sizeof(word));
    del = word ^ (ones * 0x7f);
    return ((word | (word - ones * 0x20) | (del - ones)) & (ones * 0x80)) == 0;
}

static bool is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/*
 * The size of the well-formed sequence at the front of at[left], left > 0, and its code point; 0
 * when there is none. The second byte's range excludes over-long forms, surrogates and what is
 * above U+10FFFF; the other ones follow.
 */
static size_t sequence(const uint8_t *at, size_t left, uint32_t *point)
{
    uint8_t first = at[0];
    uint8_t low = 0x80, high = 0xbf;

    if (first < 0x80) {
        *point = first;
        return 1;
    }
    if (first < 0xc2 || first > 0xf4 || left < 2)
        return 0;
    if (first < 0xe0) {
        *point = (uint32_t)(first & 0x1f) << 6 | (at[1] & 0x3f);
        return is_tail(at[1]) ? 2 : 0;
    }
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (left < 3 || at[1] < low || at[1] > high || !is_tail(at[2]))
        return 0;
    if (first < 0xf0) {
        *point = (uint32_t)(first & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
        return 3;
    }
    if (left < 4 || !is_tail(at[3]))
        return 0;
    *point = (uint32_t)(first & 0x07) << 18 | (uint32_t)(at[1] & 0x3f) << 12 |
             (uint32_t)(at[2] & 0x3f) << 6 | (at[3] & 0x3f);
    return 4;
}

bool fora_utf8_valid(struct fora_bytes text)
{
    const uint8_t *at = text.data;
    size_t left = text.size;

    while (left > 0) {
        uint32_t point;
        size_t size;

        if (left >= 8 && ascii_without_nul(at)) {
            at += 8;
            left -= 8;
            continue;
        }
        size = sequence(at, left, &point);
        if (size == 0 || point == 0)
            return false;
        at += size;
        left -= size;
    }
    return true;
}

static bool is_printable(uint32_t point, bool multiline)
{
    if (point == '\t' || point == '\n')
        return multiline;
    if (point < 0x20 || (point >= 0x7f && point < 0xa0))
        return false;
    return !(point >= 0x202a && point <= 0x202e) && !(point >= 0x2066 && point <= 0x2069);
}

bool fora_utf8_printable(struct fora_bytes text, bool multiline)
{
    const uint8_t *at = text.data;
    size_t left = text.size;

    while (left > 0) {
        uint32_t point;
        size_t size;

        if (left >= 8 && ascii_printable(at)) {
            at += 8;
            left -= 8;
            continue;
        }
        size = sequence(at, left, &point);
        if (size == 0 || !is_printable(point, multiline))
            return false;
        at += size;
        left -= size;
    }
    return true;
}
