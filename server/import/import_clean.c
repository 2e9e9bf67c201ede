/* Bringing text to the shapes that contents may have. */
#include "import/import_clean.h"

#include "import/markdown_char.h"

#include <string.h>

static const char line_mark[] = "\xe2\x80\xa6"; /* an ellipsis */
static const char lines_mark[] = "\n\n[cut on import]";

/* Takes back bytes until `size` is a boundary of characters. */
static size_t boundary(const uint8_t *data, size_t size)
{
    while (size > 0 && (data[size] & 0xc0) == 0x80) {
        size--;
    }
    return size;
}

/* Cuts what was appended since `begin` to max bytes with the mark at its end. */
static bool cut(struct fora_buf *out, size_t begin, size_t max, const char *mark)
{
    size_t room = max - strlen(mark);
    if (out->error != 0 || out->size - begin <= max) {
        return false;
    }
    out->size = begin + boundary(out->data + begin, room);
    while (out->size > begin && md_is_space(out->data[out->size - 1])) {
        out->size--;
    }
    fora_buf_append_str(out, mark);
    return true;
}

bool clean_line(struct fora_buf *out, struct fora_bytes text, size_t max)
{
    size_t begin = out->size;
    bool space = false;
    for (size_t at = 0, size; at < text.size; at += size) {
        uint32_t point = md_decode(text.data + at, text.size - at, &size);
        if (point < 0x80 && md_is_space((uint8_t)point)) {
            space = true;
        } else if (md_is_kept(point)) {
            if (space && out->size > begin) {
                fora_buf_u8(out, ' ');
            }
            space = false;
            fora_buf_append(out, text.data + at, size);
        }
        if (out->size - begin > max) {
            break;
        }
    }
    return cut(out, begin, max, line_mark);
}

/* A run of bytes that need no look: printable ASCII. */
static size_t plain_run(const uint8_t *at, size_t left)
{
    size_t size = 0;
    while (size < left && at[size] >= 0x20 && at[size] < 0x7f) {
        size++;
    }
    return size;
}

bool clean_lines(struct fora_buf *out, struct fora_bytes text, size_t max)
{
    size_t begin = out->size;
    for (size_t at = 0, size; at < text.size && out->size - begin <= max; at += size) {
        size = plain_run(text.data + at, text.size - at);
        if (size > 0) {
            fora_buf_append(out, text.data + at, size);
            continue;
        }
        uint32_t point = md_decode(text.data + at, text.size - at, &size);
        if (point == '\r') {
            bool pair = at + 1 < text.size && text.data[at + 1] == '\n';
            if (!pair) {
                fora_buf_u8(out, '\n');
            }
        } else if (md_is_kept(point)) {
            fora_buf_append(out, text.data + at, size);
        }
    }
    if (cut(out, begin, max, lines_mark)) {
        return true;
    }
    while (out->size > begin && md_is_space(out->data[out->size - 1])) {
        out->size--;
    }
    return false;
}

/* ---- tags ---- */

static bool tag_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != 0 && strchr(".+#_-", c));
}

/* KIND-3's blanks above ASCII. */
static bool tag_blank(uint32_t point)
{
    return point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x206f) ||
           point == 0x3000 || point == 0xfeff;
}

static void add_tag(struct clean_tags *out, struct fora_bytes text)
{
    char *tag = out->text[out->count < CLEAN_TAGS_MAX ? out->count : 0];
    size_t used = 0;
    if (text.size == 0) {
        return;
    }
    if (out->count == CLEAN_TAGS_MAX) {
        out->dropped++;
        return;
    }
    for (size_t at = 0, size; at < text.size; at += size) {
        uint32_t point = md_decode(text.data + at, text.size - at, &size);
        uint8_t low = point >= 'A' && point <= 'Z' ? (uint8_t)(point - 'A' + 'a') : (uint8_t)point;
        if (used + size > CLEAN_TAG_MAX) {
            break;
        }
        if (point >= 0x80 && md_is_kept(point) && !tag_blank(point)) {
            memcpy(tag + used, text.data + at, size);
            used += size;
        } else {
            tag[used++] = (char)(point < 0x80 && tag_byte(low) ? low : '-');
        }
    }
    tag[used] = '\0';
    out->tags[out->count++] = fora_bytes(tag, used);
}

void clean_tags(struct clean_tags *out, struct fora_bytes text)
{
    size_t begin = 0;
    out->count = 0;
    out->dropped = 0;
    for (size_t at = 0; at <= text.size; at++) {
        bool mark =
            at == text.size || text.data[at] == '<' || text.data[at] == '>' || text.data[at] == '|';
        if (mark) {
            add_tag(out, fora_bytes(text.data + begin, at - begin));
            begin = at + 1;
        }
    }
}

bool clean_tags_equal(const struct clean_tags *a, const struct clean_tags *b)
{
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        equal = fora_bytes_equal(a->tags[i], b->tags[i]);
    }
    return equal;
}

bool clean_is_https(struct fora_bytes link, size_t max)
{
    static const char scheme[] = "https://";
    size_t size = sizeof scheme - 1;
    if (link.size <= size || link.size > max || memcmp(link.data, scheme, size) != 0) {
        return false;
    }
    for (size_t i = size; i < link.size; i++) {
        if (link.data[i] <= ' ' || link.data[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}
