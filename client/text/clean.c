/*
 * The gate for foreign text.
 *
 * Escape sequences are removed whole (ECMA-48: ESC [ parameters final, ESC ] ... BEL or ST, and the
 * same in their 8-bit forms), so that no litter remains; a string sequence that is never closed
 * ends at the line's end, so that it cannot swallow the rest of a post.
 */
#include "text.h"

enum { ESC = 0x1b, BEL = 0x07, DEL = 0x7f, CSI8 = 0x9b, DCS8 = 0x90, OSC8 = 0x9d };

size_t text_next(struct fora_bytes text, size_t at, uint32_t *code)
{
    const uint8_t *p = text.data + at;
    size_t left = text.size - at;
    size_t size = p[0] < 0x80                   ? 1
                  : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
                  : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
                  : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                                : 0;
    if (size == 1) {
        *code = p[0];
        return 1;
    }
    *code = 0xfffd;
    if (size == 0 || size > left) {
        return 1;
    }
    static const uint8_t lead_bits[] = {0, 0, 0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t value = p[0] & lead_bits[size];
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 1;
        }
        value = value << 6 | (p[i] & 0x3f);
    }
    if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return 1;
    }
    *code = value;
    return size;
}

void text_put(struct fora_buf *out, uint32_t code)
{
    if (code < 0x80) {
        fora_buf_u8(out, (uint8_t)code);
    } else if (code < 0x800) {
        fora_buf_u8(out, (uint8_t)(0xc0 | code >> 6));
        fora_buf_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        fora_buf_u8(out, (uint8_t)(0xe0 | code >> 12));
        fora_buf_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        fora_buf_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    } else {
        fora_buf_u8(out, (uint8_t)(0xf0 | code >> 18));
        fora_buf_u8(out, (uint8_t)(0x80 | (code >> 12 & 0x3f)));
        fora_buf_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        fora_buf_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    }
}

/* Characters that change how others are read, or that nobody sees. */
static bool is_deceptive(uint32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200e || code == 0x200f || code == 0x061c || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f);
}

/* Position after the parameters and the final byte of a control sequence that starts at `at`. */
static size_t skip_control_sequence(struct fora_bytes text, size_t at)
{
    while (at < text.size && text.data[at] >= 0x20 && text.data[at] <= 0x3f) {
        at++;
    }
    if (at < text.size && text.data[at] >= 0x40 && text.data[at] <= 0x7e) {
        at++;
    }
    return at;
}

/* Position after the terminator of a string sequence, or at the end of the line. */
static size_t skip_string_sequence(struct fora_bytes text, size_t at)
{
    while (at < text.size && text.data[at] != '\n') {
        if (text.data[at] == BEL) {
            return at + 1;
        }
        if (text.data[at] == ESC) {
            return at + 1 < text.size && text.data[at + 1] == '\\' ? at + 2 : at;
        }
        if (text.data[at] == 0xc2 && at + 1 < text.size && text.data[at + 1] == 0x9c) {
            return at + 2;
        }
        at++;
    }
    return at;
}

/* `at` is after the ESC. */
static size_t skip_escape(struct fora_bytes text, size_t at)
{
    if (at == text.size) {
        return at;
    }
    uint8_t kind = text.data[at];
    if (kind == '[') {
        return skip_control_sequence(text, at + 1);
    }
    if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
        return skip_string_sequence(text, at + 1);
    }
    while (at < text.size && text.data[at] >= 0x20 && text.data[at] <= 0x2f) {
        at++;
    }
    return at < text.size && text.data[at] >= 0x30 && text.data[at] <= 0x7e ? at + 1 : at;
}

static size_t skip_c1(struct fora_bytes text, size_t at, uint32_t code)
{
    if (code == CSI8) {
        return skip_control_sequence(text, at);
    }
    if (code == OSC8 || code == DCS8 || code == 0x98 || code == 0x9e || code == 0x9f) {
        return skip_string_sequence(text, at);
    }
    return at;
}

void text_clean(struct fora_buf *out, struct fora_bytes foreign, bool multiline)
{
    size_t column = 0;
    for (size_t at = 0; at < foreign.size;) {
        uint32_t code;
        at += text_next(foreign, at, &code);
        if (code == ESC) {
            at = skip_escape(foreign, at);
        } else if (code >= 0x80 && code < 0xa0) {
            at = skip_c1(foreign, at, code);
        } else if (code == '\n' || code == 0x2028 || code == 0x2029) {
            fora_buf_u8(out, multiline ? '\n' : ' ');
            column = 0;
        } else if (code == '\t') {
            size_t spaces = multiline ? 4 - column % 4 : 1;
            fora_buf_append(out, "    ", spaces);
            column += spaces;
        } else if (code >= 0x20 && code != DEL && !is_deceptive(code)) {
            text_put(out, code);
            column++;
        }
    }
}
