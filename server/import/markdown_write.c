/*
 * Collected items to Markdown. Two things make this more than printing:
 *
 * - Text is escaped where, and only where, it would be read as syntax: that depends on its
 *   neighbours and on whether a line begins there.
 * - `*` opens or closes emphasis only by what stands on its two sides (CommonMark 6.2). Where the
 *   sides do not allow it, the neighbouring letter is written as a character reference: that makes
 *   `&` or `;`, punctuation, the neighbour, and every reader agrees again.
 */
#include "import/markdown_write.h"

#include <string.h>

#include "import/markdown_char.h"

struct writer {
    const struct md_inline *line;
    enum md_context context;
    struct fora_buf *out;
    size_t at;            /* the item being written */
    enum md_class before; /* of what was written last */
    bool line_start;      /* nothing stands on this line yet */
    bool encode_next;     /* write the next character as a reference */
    uint32_t last_point;  /* the last character, if it is bare text: it may be encoded later */
    size_t last_offset;   /* where it begins in out */
    char closed;          /* the delimiter, if a closing one was written last */
    bool opened;          /* an opening delimiter was written last */
    bool del;             /* strikethrough is open */
    unsigned links;       /* open ones */
    char delims[MD_STYLES_MAX]; /* of the open emphasis */
    unsigned delim_count;
};

static const char *const tags[] = {
    [MD_KBD] = "kbd>", [MD_SUB] = "sub>", [MD_SUP] = "sup>", [MD_LINK] = NULL};

static void wrote(struct writer *w, enum md_class class)
{
    w->before = class;
    w->line_start = false;
    w->last_point = 0;
    w->closed = 0;
    w->opened = false;
}

static void put(struct writer *w, const char *syntax)
{
    fora_buf_append_str(w->out, syntax);
    wrote(w, MD_PUNCT);
}

static struct fora_bytes run_of(const struct writer *w, const struct md_item *item)
{
    return fora_bytes(w->line->text.data + item->offset, item->size);
}

static const struct md_item *item_at(const struct writer *w, size_t i)
{
    return i < w->line->count ? &w->line->items[i] : NULL;
}

/* ---- emphasis ---- */

static bool is_emphasis(const struct md_item *item, enum md_kind kind)
{
    return item && item->kind == kind && (item->style == MD_EM || item->style == MD_STRONG);
}

/*
 * Class of what will be written after the item at w->at and the run of delimiters of its kind that
 * follow. cmark-gfm does not see '~' when it looks at neighbours, so strikethrough is passed over
 * where emphasis ends before it.
 */
static enum md_class class_after(const struct writer *w, enum md_kind kind)
{
    size_t i = w->at + 1;
    const struct md_item *item = item_at(w, i);
    size_t size;

    while (is_emphasis(item, kind) ||
           (item && item->kind == MD_OPEN && item->style == MD_DEL && kind == MD_CLOSE)) {
        item = item_at(w, ++i);
    }
    if (!item) {
        return MD_SPACE;
    }
    if (item->kind != MD_TEXT) {
        return MD_PUNCT;
    }
    return md_class_of(md_decode(run_of(w, item).data, item->size, &size));
}

/* Writes the last character again, as a reference. */
static void encode_last(struct writer *w)
{
    if (w->last_point && !w->out->error) {
        w->out->size = w->last_offset;
        fora_buf_printf(w->out, "&#%u;", (unsigned)w->last_point);
        wrote(w, MD_PUNCT);
    }
}

static bool is_letter(enum md_class class)
{
    return class == MD_OTHER || class == MD_UNSURE;
}

/* What an opening delimiter needs on its two sides, emphasis and strikethrough alike. */
static void prepare_open(struct writer *w, enum md_class inside)
{
    if (inside == MD_SPACE) {
        w->encode_next = true; /* a no-break space, for others were moved out */
    }
    if (inside != MD_OTHER && is_letter(w->before)) {
        encode_last(w);
    }
}

/* `strict`: no letter may follow at all. */
static void prepare_close(struct writer *w, bool strict)
{
    enum md_class outside = class_after(w, MD_CLOSE);

    if (w->before == MD_SPACE) {
        encode_last(w);
    }
    if (is_letter(outside) && (w->before != MD_OTHER || strict)) {
        w->encode_next = true;
    }
}

static void open_emphasis(struct writer *w, enum md_style style)
{
    enum md_class inside = class_after(w, MD_OPEN);
    char delim = '*';

    prepare_open(w, inside);
    /*
     * Beside a closing '*' another one would run into it; and inside '*', between two punctuation
     * marks, another one could be read as the closing one. '_' needs no letter before it.
     */
    if (w->closed == '*' || (w->before == MD_PUNCT && inside != MD_OTHER && !w->opened &&
                                w->delim_count > 0 && w->delims[w->delim_count - 1] == '*')) {
        delim = '_';
    }
    w->delims[w->delim_count++] = delim;
    put(w, delim == '*' ? (style == MD_EM ? "*" : "**") : (style == MD_EM ? "_" : "__"));
    w->opened = true;
}

static void close_emphasis(struct writer *w, enum md_style style)
{
    char delim = w->delims[--w->delim_count];

    prepare_close(w, delim == '_');
    put(w, delim == '*' ? (style == MD_EM ? "*" : "**") : (style == MD_EM ? "_" : "__"));
    w->closed = delim;
}

/* ---- text ---- */

/* "1." or "12)" at the beginning of a line: how many bytes come before the mark, or 0. */
static size_t list_number(struct fora_bytes text)
{
    size_t i = 0;

    while (i < text.size && i < 10 && text.data[i] >= '0' && text.data[i] <= '9') {
        i++;
    }
    if (i == 0 || i > 9 || i == text.size || (text.data[i] != '.' && text.data[i] != ')')) {
        return 0;
    }
    return i + 1 == text.size || md_is_space(text.data[i + 1]) ? i : 0;
}

/* Does `c`, the first of its line, begin a block there? `next` is 0 where it is not known. */
static bool begins_block(uint8_t c, uint8_t next)
{
    switch (c) {
    case '#':
    case '>':
    case '=':
    case '|':
    case '!': /* ">!" is a spoiler */
        return true;
    case '-':
        return !md_is_alnum(next);
    case '+':
        return next == 0 || md_is_space(next);
    case ':':
        return next == '-';
    default:
        return false;
    }
}

static bool is_link_next(const struct writer *w)
{
    const struct md_item *item = item_at(w, w->at + 1);

    return item && item->kind == MD_OPEN && item->style == MD_LINK;
}

/* Could "<" at `i` begin "<someone@example.org>" or what some reader takes for "<scheme:...>"? */
static bool is_address(struct fora_bytes text, size_t i)
{
    size_t end = text.size - i < 256 ? text.size : i + 256;

    while (++i < end && !md_is_space(text.data[i]) && text.data[i] != '<') {
        if (text.data[i] == '@' || text.data[i] == ':') {
            return true;
        }
    }
    return false;
}

/* Is text[i], not the first of its line, read as syntax? */
static bool is_syntax(const struct writer *w, struct fora_bytes text, size_t i)
{
    uint8_t c = text.data[i];
    uint8_t prev = i > 0 ? text.data[i - 1] : 0;
    uint8_t next = i + 1 < text.size ? text.data[i + 1] : 0;
    bool apart = !w->line_start && prev && next && md_is_space(prev) && md_is_space(next);

    switch (c) {
    case '\\':
    case '`':
    case '[':
        return true;
    case ']':
        return w->links > 0;
    case '*':
        return !apart;
    case '_':
        return !apart && !(md_is_alnum(prev) && md_is_alnum(next));
    case '~':
        return !apart && !(w->before == MD_SPACE && md_is_alnum(next) && !w->del);
    case '<':
        return next == 0 || next == '/' || next == '!' || next == '?' ||
               (md_is_alnum(next) && (next < '0' || next > '9')) || is_address(text, i);
    case '&':
        return md_is_entity(text.data + i, text.size - i, item_at(w, w->at + 1) != NULL);
    case '!':
        return next == 0 && is_link_next(w);
    case '|':
        return w->context == MD_CELL;
    case '#':
        return w->context == MD_HEADING;
    default:
        return false;
    }
}

static void write_space(struct writer *w, uint8_t c)
{
    bool feed = c == '\n' && w->context == MD_PARAGRAPH;

    fora_buf_u8(w->out, feed ? '\n' : ' ');
    wrote(w, MD_SPACE);
    w->line_start = feed;
}

static void write_char(struct writer *w, struct fora_bytes text, size_t i, size_t *size)
{
    uint32_t point = md_decode(text.data + i, text.size - i, size);
    uint8_t next = i + 1 < text.size ? text.data[i + 1] : 0;
    bool escape = point < 0x80 && is_syntax(w, text, i);
    const struct md_item *after = item_at(w, w->at + 1);
    size_t offset;

    if (w->encode_next || (point == '`' && next == 0 && after && after->kind == MD_CODE)) {
        fora_buf_printf(w->out, "&#%u;", (unsigned)point);
        w->encode_next = false;
        wrote(w, MD_PUNCT);
        return;
    }
    if (w->line_start && point < 0x80) {
        escape = escape || begins_block((uint8_t)point, next);
    }
    if (escape) {
        fora_buf_u8(w->out, '\\');
    }
    offset = w->out->size;
    fora_buf_append(w->out, text.data + i, *size);
    wrote(w, md_class_of(point));
    if (!escape) {
        w->last_point = point;
        w->last_offset = offset;
    }
}

static void write_text(struct writer *w, struct fora_bytes text)
{
    size_t i = 0, size;

    while (i < text.size) {
        size_t number = 0;
        if (text.data[i] == ' ' || text.data[i] == '\n') {
            write_space(w, text.data[i++]);
            continue;
        }
        if (w->line_start && !w->encode_next) {
            number = list_number(fora_bytes(text.data + i, text.size - i));
        }
        if (number > 0) {
            fora_buf_append(w->out, text.data + i, number);
            fora_buf_printf(w->out, "\\%c", text.data[i + number]);
            wrote(w, MD_PUNCT);
            i += number + 1;
            continue;
        }
        write_char(w, text, i, &size);
        i += size;
    }
}

/* ---- the rest ---- */

static void write_break(struct writer *w)
{
    if (w->context == MD_PARAGRAPH) {
        fora_buf_append_str(w->out, "\\\n");
        wrote(w, MD_SPACE);
        w->line_start = true;
    } else if (w->context == MD_CELL) {
        put(w, "<br>");
    } else {
        write_space(w, ' ');
    }
}

static bool in_underscores(const struct writer *w)
{
    return memchr(w->delims, '_', w->delim_count) != NULL;
}

static void write_image(struct writer *w, const struct md_item *item)
{
    put(w, "![");
    md_write_alt(w->out, item->alt);
    put(w, "](");
    md_write_url(w->out, item->url, w->context == MD_CELL, in_underscores(w));
    md_write_title(w->out, item->title, w->context == MD_CELL);
    put(w, ")");
}

/* "<http://...>" where the text of a link is its address. */
static bool write_autolink(struct writer *w, const struct md_item *open)
{
    const struct md_item *text = item_at(w, w->at + 1), *close = item_at(w, w->at + 2);

    if (open->title.size > 0 || !text || text->kind != MD_TEXT || !close ||
        close->kind != MD_CLOSE || !fora_bytes_equal(run_of(w, text), open->url) ||
        !md_is_autolink(open->url)) {
        return false;
    }
    put(w, "<");
    fora_buf_append_bytes(w->out, open->url);
    put(w, ">");
    w->at += 2;
    return true;
}

static void write_open(struct writer *w, const struct md_item *item)
{
    if (is_emphasis(item, MD_OPEN)) {
        open_emphasis(w, item->style);
    } else if (item->style == MD_DEL) {
        bool styled = is_emphasis(item_at(w, w->at + 1), MD_OPEN);
        prepare_open(w, styled ? MD_PUNCT : class_after(w, MD_OPEN));
        put(w, "~~");
        w->del = true;
    } else if (item->style != MD_LINK) {
        put(w, "<");
        put(w, tags[item->style]);
    } else if (!write_autolink(w, item)) {
        put(w, "[");
        w->links++;
    }
}

static void write_close(struct writer *w, const struct md_item *item)
{
    if (is_emphasis(item, MD_CLOSE)) {
        close_emphasis(w, item->style);
    } else if (item->style == MD_DEL) {
        prepare_close(w, false);
        put(w, "~~");
        w->del = false;
    } else if (item->style != MD_LINK) {
        put(w, "</");
        put(w, tags[item->style]);
    } else {
        w->links--;
        put(w, "](");
        md_write_url(w->out, item->url, w->context == MD_CELL, in_underscores(w));
        md_write_title(w->out, item->title, w->context == MD_CELL);
        put(w, ")");
    }
}

void md_write_items(const struct md_inline *line, enum md_context context, struct fora_buf *out)
{
    struct writer w = {.line = line,
        .context = context,
        .out = out,
        .before = MD_SPACE,
        .line_start = context == MD_PARAGRAPH};

    for (; w.at < line->count; w.at++) {
        const struct md_item *item = &line->items[w.at];
        switch (item->kind) {
        case MD_TEXT:
            write_text(&w, run_of(&w, item));
            break;
        case MD_CODE:
            md_write_code(out, run_of(&w, item));
            wrote(&w, MD_PUNCT);
            break;
        case MD_BREAK:
            write_break(&w);
            break;
        case MD_IMAGE:
            write_image(&w, item);
            break;
        case MD_OPEN:
            write_open(&w, item);
            break;
        case MD_CLOSE:
            write_close(&w, item);
            break;
        }
    }
}
