/*
 * Markdown made readable, line by line. Not a parser of CommonMark: it must never hide what was
 * written, so whatever is not recognised is shown as it stands.
 */
#include "text.h"

#include <string.h>

enum { INDENT_MAX = 40, PREFIX_MAX = 64 };

struct writer {
    struct fora_buf *out;
    const struct text_style *style;
    struct fora_buf paragraph; /* lines gathered until they end */
    char first[PREFIX_MAX];    /* prefix of its first line */
    char rest[PREFIX_MAX];
    char margin[INDENT_MAX + 1];
    char fence; /* '`' or '~' inside a fenced block, else 0 */
    size_t fence_length;
    bool after_blank;
};

static void end_paragraph(struct writer *w)
{
    if (w->paragraph.size > 0) {
        text_wrap(w->out, fora_buf_bytes(&w->paragraph), w->first, w->rest, w->style->width);
        fora_buf_clear(&w->paragraph);
    }
}

/* Begins a paragraph whose first line starts with `mark`; later lines align below its text. */
static void begin_paragraph(struct writer *w, struct fora_bytes mark, bool repeat)
{
    size_t margin = strlen(w->margin);
    size_t size = mark.size < PREFIX_MAX - 1 - margin ? mark.size : PREFIX_MAX - 1 - margin;
    memcpy(w->first, w->margin, margin);
    memcpy(w->rest, w->margin, margin);
    if (size > 0) {
        memcpy(w->first + margin, mark.data, size);
        memcpy(w->rest + margin, mark.data, size);
        if (!repeat) {
            memset(w->rest + margin, ' ', size);
        }
    }
    w->first[margin + size] = '\0';
    w->rest[margin + size] = '\0';
}

static size_t run(struct fora_bytes line, size_t at, char c)
{
    size_t end = at;
    while (end < line.size && line.data[end] == (uint8_t)c) {
        end++;
    }
    return end - at;
}

static struct fora_bytes after(struct fora_bytes line, size_t size)
{
    return fora_bytes(line.data + size, line.size - size);
}

static void code_line(struct writer *w, struct fora_bytes line)
{
    fora_buf_append_str(w->out, w->margin);
    fora_buf_append_str(w->out, "    ");
    text_paint(w->out, w->style, TEXT_CYAN);
    fora_buf_append_bytes(w->out, line);
    text_paint(w->out, w->style, TEXT_RESET);
    fora_buf_u8(w->out, '\n');
}

/* True when the line opens or closes a fenced block, or lies in one. */
static bool fenced(struct writer *w, struct fora_bytes line, size_t lead)
{
    char mark = lead < line.size ? (char)line.data[lead] : '\0';
    size_t length = mark == '`' || mark == '~' ? run(line, lead, mark) : 0;
    if (w->fence != 0) {
        if (mark == w->fence && length >= w->fence_length && lead + length == line.size) {
            w->fence = 0;
        } else {
            code_line(w, line);
        }
        return true;
    }
    if (length < 3 || lead > 3) {
        return false;
    }
    end_paragraph(w);
    w->fence = mark;
    w->fence_length = length;
    return true;
}

static bool heading(struct writer *w, struct fora_bytes line, size_t lead)
{
    size_t level = run(line, lead, '#');
    if (level < 1 || level > 6 || lead > 3 ||
        (lead + level < line.size && line.data[lead + level] != ' ')) {
        return false;
    }
    end_paragraph(w);
    /* Without colour the marks are what tells a heading from a line of text. */
    struct fora_bytes text = after(line, w->style->color ? lead + level : lead);
    text_paint(w->out, w->style, TEXT_BOLD);
    text_wrap(w->out, text, w->margin, w->margin, w->style->width);
    text_paint(w->out, w->style, TEXT_RESET);
    return true;
}

/* Bytes of a list mark with the space behind it ("- ", "12. "), or 0. */
static size_t list_mark(struct fora_bytes line, size_t lead)
{
    size_t at = lead;
    while (at < line.size && at - lead < 9 && line.data[at] >= '0' && line.data[at] <= '9') {
        at++;
    }
    bool number = at > lead;
    if (at + 1 >= line.size || line.data[at + 1] != ' ') {
        return 0;
    }
    const char *marks = number ? ".)" : "-*+";
    return line.data[at] != 0 && strchr(marks, line.data[at]) != NULL ? at + 2 : 0;
}

static void text_line(struct writer *w, struct fora_bytes line, size_t lead)
{
    size_t mark = list_mark(line, lead);
    size_t quote = run(line, lead, '>');
    if (quote > 0) {
        size_t size = lead + quote;
        end_paragraph(w);
        size += size < line.size && line.data[size] == ' ';
        begin_paragraph(w, fora_bytes_str("> "), true);
        fora_buf_append_bytes(&w->paragraph, after(line, size));
        end_paragraph(w);
        return;
    }
    if (mark > 0) {
        end_paragraph(w);
        begin_paragraph(w, fora_bytes(line.data, mark), false);
        line = after(line, mark);
    } else if (w->paragraph.size == 0) {
        begin_paragraph(w, fora_bytes(NULL, 0), false);
    }
    if (w->paragraph.size > 0) {
        fora_buf_u8(&w->paragraph, ' ');
    }
    fora_buf_append_bytes(&w->paragraph, line);
    bool hard_break =
        line.size >= 2 && line.data[line.size - 1] == ' ' && line.data[line.size - 2] == ' ';
    if (hard_break) {
        end_paragraph(w);
    }
}

static void one_line(struct writer *w, struct fora_bytes line)
{
    size_t lead = run(line, 0, ' ');
    if (fenced(w, line, lead)) {
        w->after_blank = false;
        return;
    }
    if (lead == line.size) {
        end_paragraph(w);
        if (!w->after_blank) {
            fora_buf_u8(w->out, '\n');
        }
        w->after_blank = true;
        return;
    }
    bool table_row = line.data[lead] == '|';
    if (lead >= 4 && w->paragraph.size == 0 && list_mark(line, lead) == 0) {
        code_line(w, after(line, 4));
    } else if (table_row) {
        end_paragraph(w);
        fora_buf_append_str(w->out, w->margin);
        fora_buf_append_bytes(w->out, line);
        fora_buf_u8(w->out, '\n');
    } else if (!heading(w, line, lead)) {
        text_line(w, line, lead);
    }
    w->after_blank = false;
}

void text_markdown(
    struct fora_buf *out, const struct text_style *style, struct fora_bytes foreign, size_t indent)
{
    struct fora_buf clean = {0};
    struct writer w = {.out = out, .style = style, .after_blank = true};
    memset(w.margin, ' ', indent < INDENT_MAX ? indent : INDENT_MAX);
    text_clean(&clean, foreign, true);
    while (clean.size > 0 && clean.data[clean.size - 1] == '\n') {
        clean.size--;
    }
    struct fora_bytes left = fora_buf_bytes(&clean);
    while (left.size > 0) {
        const uint8_t *end = memchr(left.data, '\n', left.size);
        size_t size = end == NULL ? left.size : (size_t)(end - left.data);
        one_line(&w, fora_bytes(left.data, size));
        left = after(left, end == NULL ? size : size + 1);
    }
    end_paragraph(&w);
    if (clean.error != 0 || w.paragraph.error != 0) {
        out->error = FORA_E_NOMEM;
    }
    fora_buf_fini(&w.paragraph);
    fora_buf_fini(&clean);
}
