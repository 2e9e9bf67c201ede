/*
 * The walk over the tree, in document order and without recursion: enter() on the way down, leave()
 * on the way up. Inline content gathers in c->line; whatever begins or ends a block flushes it.
 */
#include "import/html_convert.h"

#include <string.h>

void html_flush(struct html_convert *c)
{
    bool empty = md_inline_empty(&c->line);

    fora_buf_clear(&c->scratch);
    for (unsigned i = 0; i < c->heading; i++) {
        fora_buf_append_str(&c->scratch, i + 1 < c->heading ? "#" : "# ");
    }
    if (!c->error) {
        c->error = md_inline_write(&c->line, c->heading ? MD_HEADING : MD_PARAGRAPH, &c->scratch);
    }
    if (!empty && !c->error) {
        md_block_lines(&c->block, fora_buf_bytes(&c->scratch));
    }
}

/* The edge of a block: a new paragraph, or in a cell a new line. */
static void edge(struct html_convert *c)
{
    if (c->cell) {
        md_inline_part(&c->line);
    } else {
        html_flush(c);
    }
}

void html_open_link(struct html_convert *c, const xmlNode *node)
{
    md_inline_open_link(
        &c->line, html_url(&c->arena, node, "href", true), html_attr(node, "title"));
}

void html_add_image(struct html_convert *c, const xmlNode *node)
{
    struct fora_bytes url = html_url(&c->arena, node, "src", false);

    if (url.size > 0) {
        md_inline_image(&c->line, url, html_attr(node, "alt"), html_attr(node, "title"));
    } else {
        md_inline_text(&c->line, html_attr(node, "alt"));
    }
}

/* ---- lists ---- */

static unsigned start_number(const xmlNode *list)
{
    struct fora_bytes text = html_attr(list, "start");
    unsigned number = 0;

    if (text.size == 0 || text.size > 9) {
        return 1;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return 1;
        }
        number = number * 10 + (text.data[i] - '0');
    }
    return number;
}

static bool has_paragraph_items(const xmlNode *list)
{
    for (const xmlNode *item = list->children; item; item = item->next) {
        const xmlNode *node = html_kind_of(item) == HTML_LI ? item->children : NULL;
        for (; node; node = node->next) {
            if (node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, "p") == 0) {
                return true;
            }
        }
    }
    return false;
}

/* May the list follow a line of text at once? Only one whose first item has text on its line. */
static bool interrupts_text(const xmlNode *list)
{
    const xmlNode *node = list->children;

    while (node && html_kind_of(node) != HTML_LI) {
        node = node->next;
    }
    node = node ? node->children : NULL;
    while (node && node->type == XML_TEXT_NODE && html_is_blank(html_text_of(node))) {
        node = node->next;
    }
    return node && node->type == XML_TEXT_NODE &&
           (html_kind_of(list) == HTML_UL || start_number(list) == 1);
}

static void open_list(struct html_convert *c, const xmlNode *node)
{
    struct html_list *outer = c->list_count ? &c->lists[c->list_count - 1] : NULL;
    struct html_list *list = &c->lists[c->list_count++];

    if (outer && !outer->loose && html_kind_of(node->parent) == HTML_LI && interrupts_text(node)) {
        md_block_tight(&c->block);
    }
    *list = (struct html_list){.number = start_number(node),
        .loose = has_paragraph_items(node),
        .mark = md_block_list_begin(&c->block, html_kind_of(node) == HTML_OL)};
}

static void open_item(struct html_convert *c, const xmlNode *node)
{
    struct html_list *list = c->list_count ? &c->lists[c->list_count - 1] : NULL;
    enum html_kind parent = html_kind_of(node->parent);

    if (!list || (parent != HTML_UL && parent != HTML_OL)) {
        md_block_item(&c->block, '-', 0); /* an item without a list */
        return;
    }
    if (list->begun && !list->loose) {
        md_block_tight(&c->block);
    }
    list->begun = true;
    md_block_item(&c->block, list->mark, list->number);
    list->number += list->number < 999999999 ? 1 : 0;
}

/* ---- down and up ---- */

static bool enter_block(struct html_convert *c, const xmlNode *node, enum html_kind kind)
{
    edge(c);
    if (kind == HTML_HEADING) {
        c->heading = (unsigned)html_element_of(node)->arg;
    } else if (kind == HTML_QUOTE) {
        md_block_quote(&c->block, html_has_class(node, "spoiler"));
    } else if (kind == HTML_UL || kind == HTML_OL) {
        open_list(c, node);
    } else if (kind == HTML_LI) {
        open_item(c, node);
    } else if (kind == HTML_RULE) {
        md_block_lines(&c->block, fora_bytes_str("***"));
        return false;
    } else if (kind == HTML_PRE) {
        html_add_pre(c, node);
        return false;
    } else if (kind == HTML_TABLE) {
        return !html_add_table(c, node);
    }
    return true;
}

/* Returns whether to go into the node. */
static bool enter(struct html_convert *c, const xmlNode *node)
{
    const struct html_element *element = html_element_of(node);

    if (node->type == XML_COMMENT_NODE) {
        html_read_hint(c, node);
        return false;
    }
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        if (c->code > 0) {
            md_inline_code(&c->line, html_text_of(node));
        } else {
            md_inline_text(&c->line, html_text_of(node));
        }
        return false;
    }
    switch (element->kind) {
    case HTML_TRANSPARENT:
        return node->type == XML_ELEMENT_NODE;
    case HTML_STYLE:
        md_inline_open(&c->line, (enum md_style)element->arg);
        return true;
    case HTML_LINK:
        html_open_link(c, node);
        return true;
    case HTML_CODE:
        c->code++;
        return true;
    case HTML_BREAK:
        md_inline_break(&c->line);
        return false;
    case HTML_IMAGE:
        html_add_image(c, node);
        return false;
    case HTML_DROP:
        return false;
    case HTML_BLOCK:
    case HTML_HEADING:
    case HTML_RULE:
    case HTML_PRE:
    case HTML_QUOTE:
    case HTML_UL:
    case HTML_OL:
    case HTML_LI:
    case HTML_TABLE:
    case HTML_ROW:
    case HTML_CELL:
        break;
    }
    return enter_block(c, node, element->kind);
}

static void leave(struct html_convert *c, const xmlNode *node)
{
    enum html_kind kind = html_kind_of(node);

    if (kind == HTML_STYLE || kind == HTML_LINK) {
        md_inline_close(&c->line);
        return;
    }
    if (kind == HTML_CODE) {
        c->code--;
        return;
    }
    if (kind == HTML_TRANSPARENT) {
        return;
    }
    edge(c);
    if (kind == HTML_HEADING) {
        c->heading = 0;
    } else if (kind == HTML_QUOTE || kind == HTML_LI) {
        md_block_close(&c->block);
    } else if (kind == HTML_UL || kind == HTML_OL) {
        c->list_count--;
        md_block_list_end(&c->block, c->lists[c->list_count].mark);
    }
}

static void check(struct html_convert *c)
{
    if (!c->error) {
        c->error = c->line.error    ? c->line.error
                   : c->block.error ? c->block.error
                                    : c->markdown.error;
    }
}

void html_walk(struct html_convert *c, const xmlNode *root)
{
    const xmlNode *node = root->children;

    while (node && !c->error) {
        bool into = enter(c, node);
        check(c);
        if (into && node->children) {
            if (++c->depth > c->limits.depth_max) {
                c->error = FORA_E_LIMIT;
            }
            node = node->children;
            continue;
        }
        if (into) {
            leave(c, node);
        }
        while (!node->next) {
            node = node->parent;
            if (node == root) {
                return;
            }
            c->depth--;
            leave(c, node);
        }
        node = node->next;
    }
}
