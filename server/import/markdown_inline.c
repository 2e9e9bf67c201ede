/* Collecting the inline content of a paragraph. See the header for what is made of it. */
#include "import/markdown_inline.h"

#include <stdlib.h>
#include <string.h>

#include "import/markdown_char.h"
#include "import/markdown_write.h"

void md_inline_init(struct md_inline *line)
{
    memset(line, 0, sizeof *line);
}

void md_inline_fini(struct md_inline *line)
{
    free(line->items);
    fora_buf_fini(&line->text);
}

/* ---- items ---- */

static struct md_item *push(struct md_inline *line, enum md_kind kind)
{
    struct md_item *item;

    if (line->count == line->room) {
        size_t room = line->room ? 2 * line->room : 32;
        struct md_item *items = realloc(line->items, room * sizeof *items);
        if (!items) {
            line->error = FORA_E_NOMEM;
            return NULL;
        }
        line->items = items;
        line->room = room;
    }
    item = &line->items[line->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

/* Text or code goes on in the last item where that is of the same kind. */
static void push_run(struct md_inline *line, enum md_kind kind, const void *data, size_t size)
{
    struct md_item *last = line->count ? &line->items[line->count - 1] : NULL;

    if (!last || last->kind != kind) {
        last = push(line, kind);
        if (!last) {
            return;
        }
        last->offset = line->text.size;
    }
    fora_buf_append(&line->text, data, size);
    if (line->text.error) {
        line->error = line->text.error;
        return;
    }
    last->size += size;
}

static void push_open(struct md_inline *line, struct md_active *style)
{
    struct md_item *last = line->count ? &line->items[line->count - 1] : NULL;
    struct md_item *item;

    style->opened = true;
    style->used = true;
    /* "<b>a</b><b>b</b>" is "**ab**": what was closed a moment ago goes on. */
    if (last && last->kind == MD_CLOSE && last->style == style->style && style->style <= MD_DEL) {
        line->count--;
        return;
    }
    item = push(line, MD_OPEN);
    if (item) {
        item->style = style->style;
        item->url = style->url;
        item->title = style->title;
    }
}

static void push_close(struct md_inline *line, struct md_active *style)
{
    struct md_item *item = push(line, MD_CLOSE);

    style->opened = false;
    if (item) {
        item->style = style->style;
        item->url = style->url;
        item->title = style->title;
    }
}

/* Before any content: what was put off until it is known that content follows. */
static void settle(struct md_inline *line)
{
    if (line->count > 0) {
        for (unsigned i = 0; i < line->breaks; i++) {
            push(line, MD_BREAK);
        }
        if (line->breaks == 0 && line->space) {
            push_run(line, MD_TEXT, &line->space, 1);
        }
    }
    line->breaks = 0;
    line->space = 0;
    for (unsigned i = 0; i < line->active_count; i++) {
        if (!line->active[i].opened && !line->active[i].ignored) {
            push_open(line, &line->active[i]);
        }
    }
}

/* ---- events ---- */

/* The length of a word, or of the part of it that is kept; *skip gets what to pass over after it.
 */
static size_t word_at(struct fora_bytes text, size_t i, size_t *skip)
{
    size_t begin = i;

    *skip = 0;
    while (i < text.size && !md_is_space(text.data[i])) {
        size_t size;
        if (!md_is_kept(md_decode(text.data + i, text.size - i, &size))) {
            *skip = size;
            break;
        }
        i += size;
    }
    return i - begin;
}

void md_inline_text(struct md_inline *line, struct fora_bytes text)
{
    size_t i = 0;

    while (i < text.size && !line->error) {
        size_t skip, size;
        if (md_is_space(text.data[i])) {
            bool feed = text.data[i] == '\n' || line->space == '\n';
            line->space = feed ? '\n' : ' ';
            i++;
            continue;
        }
        size = word_at(text, i, &skip);
        if (size > 0) {
            settle(line);
            push_run(line, MD_TEXT, text.data + i, size);
        }
        i += size + skip;
    }
}

void md_inline_code(struct md_inline *line, struct fora_bytes text)
{
    for (size_t i = 0, size; i < text.size && !line->error; i += size) {
        uint32_t point = md_decode(text.data + i, text.size - i, &size);
        if (point == '\n' || point == '\r') {
            settle(line);
            push_run(line, MD_CODE, " ", 1);
        } else if (md_is_kept(point)) {
            settle(line);
            push_run(line, MD_CODE, text.data + i, size);
        }
    }
}

void md_inline_break(struct md_inline *line)
{
    line->breaks++;
    line->space = 0;
}

void md_inline_part(struct md_inline *line)
{
    if (line->breaks == 0) {
        md_inline_break(line);
    }
}

void md_inline_image(
    struct md_inline *line, struct fora_bytes src, struct fora_bytes alt, struct fora_bytes title)
{
    struct md_item *item;

    settle(line);
    item = push(line, MD_IMAGE);
    if (item) {
        item->url = src;
        item->alt = alt;
        item->title = title;
    }
}

bool md_inline_in(const struct md_inline *line, enum md_style style)
{
    for (unsigned i = 0; i < line->active_count; i++) {
        if (line->active[i].style == style && !line->active[i].ignored) {
            return true;
        }
    }
    return false;
}

static void open_style(
    struct md_inline *line, enum md_style style, struct fora_bytes url, struct fora_bytes title)
{
    /* Emphasis in emphasis and a link in a link say nothing; nor does a link to nowhere. */
    bool twice = style != MD_KBD && style != MD_SUB && style != MD_SUP && md_inline_in(line, style);

    if (line->active_count == MD_STYLES_MAX) {
        line->error = FORA_E_LIMIT;
        return;
    }
    line->active[line->active_count++] = (struct md_active){.style = style,
        .ignored = twice || (style == MD_LINK && !url.data),
        .url = url,
        .title = title};
}

void md_inline_open(struct md_inline *line, enum md_style style)
{
    open_style(line, style, fora_bytes(NULL, 0), fora_bytes(NULL, 0));
}

void md_inline_open_link(struct md_inline *line, struct fora_bytes url, struct fora_bytes title)
{
    open_style(line, MD_LINK, url, title);
}

void md_inline_close(struct md_inline *line)
{
    struct md_active *style;

    if (line->active_count == 0 || line->error) {
        return;
    }
    style = &line->active[line->active_count - 1];
    /* A link without any content is still a link. */
    if (style->style == MD_LINK && !style->used && !style->ignored) {
        settle(line);
    }
    if (style->opened) {
        push_close(line, style);
    }
    line->active_count--;
}

bool md_inline_empty(const struct md_inline *line)
{
    return line->count == 0;
}

int md_inline_write(struct md_inline *line, enum md_context context, struct fora_buf *out)
{
    for (unsigned i = line->active_count; i-- > 0;) {
        if (line->active[i].opened) {
            push_close(line, &line->active[i]);
        }
    }
    if (!line->error && line->count > 0) {
        md_write_items(line, context, out);
        line->error = out->error;
    }
    line->count = 0;
    fora_buf_clear(&line->text);
    line->breaks = 0;
    line->space = 0;
    return line->error;
}
