/* Widths, cutting and wrapping by terminal columns. */
#include "text.h"

#include <string.h>
#include <wchar.h>

static size_t columns_of(uint32_t code)
{
    int columns = wcwidth((wchar_t)code);
    return columns < 0 ? 1 : (size_t)columns; /* unknown to the locale: terminals draw one box */
}

size_t text_width(struct fora_bytes line)
{
    size_t width = 0;
    for (size_t at = 0; at < line.size;) {
        uint32_t code;
        at += text_next(line, at, &code);
        width += columns_of(code);
    }
    return width;
}

/* Bytes of the longest beginning of at most `width` columns, with the columns in *taken. */
static size_t cut(struct fora_bytes line, size_t width, size_t *taken)
{
    size_t at = 0;
    *taken = 0;
    while (at < line.size) {
        uint32_t code;
        size_t size = text_next(line, at, &code);
        if (*taken + columns_of(code) > width) {
            break;
        }
        *taken += columns_of(code);
        at += size;
    }
    return at;
}

static void spaces(struct fora_buf *out, size_t count)
{
    while (count-- > 0) {
        fora_buf_u8(out, ' ');
    }
}

void text_fit(struct fora_buf *out, struct fora_bytes line, size_t width, enum text_align align)
{
    size_t all = text_width(line);
    if (all <= width) {
        spaces(out, align == TEXT_RIGHT ? width - all : 0);
        fora_buf_append_bytes(out, line);
        spaces(out, align == TEXT_LEFT ? width - all : 0);
        return;
    }
    if (width == 0) {
        return;
    }
    size_t taken;
    size_t size = cut(line, width - 1, &taken);
    fora_buf_append(out, line.data, size);
    text_put(out, 0x2026);
    spaces(out, width - 1 - taken);
}

/* As text_width, but what text_paint() wrote takes no room. Foreign text holds no escapes: it was
 * cleaned. */
static size_t painted_width(struct fora_bytes word)
{
    size_t width = 0;
    size_t at = 0;
    while (at < word.size) {
        size_t end = at;
        while (end < word.size && word.data[end] != 0x1b) {
            end++;
        }
        width += text_width(fora_bytes(word.data + at, end - at));
        while (end < word.size && word.data[end] != 'm') {
            end++;
        }
        at = end + 1;
    }
    return width;
}

void text_wrap(
    struct fora_buf *out, struct fora_bytes text, const char *first, const char *rest, size_t width)
{
    size_t used = text_width(fora_bytes_str(first));
    bool fresh = true; /* no word on this line yet */
    fora_buf_append_str(out, first);
    for (size_t at = 0; at < text.size;) {
        while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\n')) {
            at++;
        }
        size_t end = at;
        while (end < text.size && text.data[end] != ' ' && text.data[end] != '\n') {
            end++;
        }
        if (end == at) {
            break;
        }
        struct fora_bytes word = fora_bytes(text.data + at, end - at);
        size_t columns = painted_width(word);
        if (!fresh && used + 1 + columns > width) {
            fora_buf_u8(out, '\n');
            fora_buf_append_str(out, rest);
            used = text_width(fora_bytes_str(rest));
            fresh = true;
        }
        if (!fresh) {
            fora_buf_u8(out, ' ');
            used++;
        }
        fora_buf_append_bytes(out, word);
        used += columns;
        fresh = false;
        at = end;
    }
    fora_buf_u8(out, '\n');
}

void text_paint(struct fora_buf *out, const struct text_style *style, enum text_paint paint)
{
    static const char *const sequences[] = {
        "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[36m", "\x1b[0m"};
    if (style->color) {
        fora_buf_append_str(out, sequences[paint]);
    }
}

void text_painted(
    struct fora_buf *out, const struct text_style *style, enum text_paint paint, const char *text)
{
    text_paint(out, style, paint);
    fora_buf_append_str(out, text);
    text_paint(out, style, TEXT_RESET);
}
