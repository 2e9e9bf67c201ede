#include "import/markdown_char.h"

uint32_t md_decode(const uint8_t *at, size_t left, size_t *size)
{
    static const uint8_t masks[] = {0x7f, 0x1f, 0x0f, 0x07};
    unsigned tails = at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;
    uint32_t point = at[0] & masks[tails];

    if (tails >= left) {
        tails = (unsigned)left - 1; /* cannot be in valid text */
    }
    for (unsigned i = 1; i <= tails; i++) {
        point = point << 6 | (at[i] & 0x3f);
    }
    *size = tails + 1u;
    return point;
}

bool md_is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool md_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

bool md_is_kept(uint32_t point)
{
    if (point < 0x20) {
        return point == '\t' || point == '\n';
    }
    return !(point >= 0x7f && point < 0xa0) && !(point >= 0x202a && point <= 0x202e) &&
           !(point >= 0x2066 && point <= 0x2069);
}

static bool is_unicode_space(uint32_t point)
{
    return point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
           point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f ||
           point == 0x3000;
}

enum md_class md_class_of(uint32_t point)
{
    /* Blocks of letters that hold neither punctuation nor symbols. */
    static const struct {
        uint32_t first, last;
    } letters[] = {{0xc0, 0xd6}, {0xd8, 0xf6}, {0xf8, 0x2c1}, {0x388, 0x3f5}, {0x3f7, 0x481},
        {0x48a, 0x52f}, {0x5d0, 0x5ea}, {0x620, 0x64a}, {0x1e00, 0x1fbc}, {0x3041, 0x3096},
        {0x30a1, 0x30fa}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3}};

    if (point < 0x80) {
        return md_is_space((uint8_t)point)   ? MD_SPACE
               : md_is_alnum((uint8_t)point) ? MD_OTHER
                                             : MD_PUNCT;
    }
    if (is_unicode_space(point)) {
        return MD_SPACE;
    }
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (point >= letters[i].first && point <= letters[i].last) {
            return MD_OTHER;
        }
    }
    return MD_UNSURE;
}

bool md_is_entity(const uint8_t *at, size_t left, bool more)
{
    size_t i = 1;

    if (i < left && at[i] == '#') {
        i++;
    }
    while (i < left && i < 40 && md_is_alnum(at[i])) {
        i++;
    }
    return i == left ? more : at[i] == ';';
}
