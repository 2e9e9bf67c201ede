/* Addresses, titles and code spans: what is written the same wherever it stands. */
#include "import/markdown_write.h"

#include <string.h>

#include "import/markdown_char.h"

static bool is_bare_url(struct fora_bytes url)
{
    for (size_t i = 0; i < url.size; i++) {
        if (url.data[i] <= ' ' || strchr("()<>", url.data[i])) {
            return false;
        }
    }
    return url.size > 0;
}

void md_write_url(struct fora_buf *out, struct fora_bytes url, bool in_cell, bool in_underscores)
{
    bool bare = is_bare_url(url);

    fora_buf_append_str(out, bare ? "" : "<");
    for (size_t i = 0; i < url.size; i++) {
        uint8_t c = url.data[i];
        if (c < ' ' || (c == '|' && in_cell)) {
            fora_buf_printf(out, "%%%02X", c);
        } else if (strchr("\\<>*", c) || (c == '_' && in_underscores)) {
            /* md4c sees marks of emphasis even in an address */
            fora_buf_printf(out, "\\%c", c);
        } else if (c == '&' && md_is_entity(url.data + i, url.size - i, false)) {
            fora_buf_append_str(out, "&amp;");
        } else {
            fora_buf_u8(out, c);
        }
    }
    fora_buf_append_str(out, bare ? "" : ">");
}

/* Text between delimiters of its own: everything that could be syntax is escaped, lines joined. */
static void write_quoted(struct fora_buf *out, struct fora_bytes text, const char *escape)
{
    for (size_t i = 0, size; i < text.size; i += size) {
        uint32_t point = md_decode(text.data + i, text.size - i, &size);
        if (point < 0x80 && md_is_space((uint8_t)point)) {
            fora_buf_u8(out, ' ');
        } else if (md_is_kept(point)) {
            if (point < 0x80 && strchr(escape, (int)point)) {
                fora_buf_u8(out, '\\');
            }
            fora_buf_append(out, text.data + i, size);
        }
    }
}

void md_write_title(struct fora_buf *out, struct fora_bytes title, bool in_cell)
{
    if (title.size > 0) {
        fora_buf_append_str(out, " \"");
        /* md4c sees emphasis even in a title, so its marks are escaped as well. */
        write_quoted(out, title, in_cell ? "\"\\&*_~`|" : "\"\\&*_~`");
        fora_buf_u8(out, '"');
    }
}

void md_write_alt(struct fora_buf *out, struct fora_bytes alt)
{
    write_quoted(out, alt, "\\`*_[]<&~|!");
}

size_t md_longest_run(struct fora_bytes text, uint8_t c)
{
    size_t run = 0, longest = 0;

    for (size_t i = 0; i < text.size; i++) {
        run = text.data[i] == c ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

void md_write_code(struct fora_buf *out, struct fora_bytes code)
{
    size_t ticks = md_longest_run(code, '`') + 1;
    const uint8_t *first = code.data, *last = code.data + code.size - 1;
    bool blank = true;
    bool pad;

    for (size_t i = 0; i < code.size && blank; i++) {
        blank = code.data[i] == ' ';
    }
    /* A reader takes one space from both ends where both have one. */
    pad = *first == '`' || *last == '`' || (*first == ' ' && *last == ' ' && !blank);
    for (size_t i = 0; i < ticks; i++) {
        fora_buf_u8(out, '`');
    }
    fora_buf_append_str(out, pad ? " " : "");
    fora_buf_append_bytes(out, code);
    fora_buf_append_str(out, pad ? " " : "");
    for (size_t i = 0; i < ticks; i++) {
        fora_buf_u8(out, '`');
    }
}

bool md_is_autolink(struct fora_bytes url)
{
    struct fora_bytes http = fora_bytes_str("http://"), https = fora_bytes_str("https://");

    if (!(url.size > http.size && memcmp(url.data, http.data, http.size) == 0) &&
        !(url.size > https.size && memcmp(url.data, https.data, https.size) == 0)) {
        return false;
    }
    for (size_t i = 0; i < url.size; i++) {
        /* Renderers differ on references and escapes inside <...>, so neither may be in it. */
        if (url.data[i] <= ' ' || url.data[i] == 0x7f || strchr("<>\\|`", url.data[i]) ||
            (url.data[i] == '&' && md_is_entity(url.data + i, url.size - i, false))) {
            return false;
        }
    }
    return true;
}
