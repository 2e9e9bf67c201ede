/*
 * Tables. One whose cells hold only lines of text becomes a GFM table; for any other, and for what
 * pipes cannot say (spans, code with a pipe in it), the walk goes on into the cells and writes them
 * as blocks, one after the other: nothing is lost but the grid.
 */
#include "import/html_convert.h"

#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 64u /* a short row is filled up by renderers: wide tables multiply */

static bool is_caption(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, "caption") == 0;
}

/* Text where a table has none would be lost between the pipes. */
static bool is_stray(const xmlNode *table, const xmlNode *text)
{
    const xmlNode *node = text->parent;

    if (text->type != XML_TEXT_NODE || html_is_blank(html_text_of(text))) {
        return false;
    }
    while (node != table && html_kind_of(node) != HTML_CELL && !is_caption(node)) {
        node = node->parent;
    }
    return node == table;
}

/* Is there anything below the table that a line in a cell cannot hold? */
static bool fits_pipes(const xmlNode *table)
{
    const xmlNode *node = table;
    bool in_row = false;

    while ((node = html_next(table, node, html_kind_of(node) == HTML_DROP)) != NULL) {
        struct fora_bytes text =
            node->type == XML_TEXT_NODE ? html_text_of(node) : fora_bytes(NULL, 0);
        switch (html_kind_of(node)) {
        case HTML_HEADING:
        case HTML_RULE:
        case HTML_PRE:
        case HTML_QUOTE:
        case HTML_UL:
        case HTML_OL:
        case HTML_LI:
        case HTML_TABLE:
            return false;
        case HTML_CELL:
            if (html_kind_of(node->parent) != HTML_ROW || html_attr(node, "colspan").data ||
                html_attr(node, "rowspan").data) {
                return false;
            }
            break;
        case HTML_ROW:
            in_row = true;
            break;
        case HTML_CODE:
        case HTML_TRANSPARENT:
        case HTML_BLOCK:
        case HTML_STYLE:
        case HTML_LINK:
        case HTML_BREAK:
        case HTML_IMAGE:
        case HTML_DROP:
            break;
        }
        if (is_stray(table, node)) {
            return false;
        }
        /* A pipe in code cannot be escaped the same way for every renderer. */
        if (text.size > 0 && memchr(text.data, '|', text.size) &&
            html_kind_of(node->parent) == HTML_CODE) {
            return false;
        }
    }
    return in_row;
}

static const xmlNode *next_of(const xmlNode *root, const xmlNode *node, enum html_kind kind)
{
    bool skip = false;

    while ((node = html_next(root, node, skip)) != NULL) {
        if (html_kind_of(node) == kind) {
            return node;
        }
        skip = html_kind_of(node) == HTML_DROP || html_kind_of(node) == HTML_CELL;
    }
    return NULL;
}

static unsigned count_cells(const xmlNode *row)
{
    unsigned count = 0;

    for (const xmlNode *cell = row->children; cell; cell = cell->next) {
        count += html_kind_of(cell) == HTML_CELL;
    }
    return count;
}

static const char *alignment(const xmlNode *cell)
{
    struct fora_bytes align = html_attr(cell, "align");
    struct fora_bytes style = html_attr(cell, "style");
    const char *text = align.data ? (const char *)align.data : (const char *)style.data;

    if (!text || (!align.data && !strstr(text, "text-align"))) {
        return " --- |";
    }
    return strcasestr(text, "center")  ? " :-: |"
           : strcasestr(text, "right") ? " --: |"
           : strcasestr(text, "left")  ? " :-- |"
                                       : " --- |";
}

/* One row to `out`, up to `columns` cells (fewer where the row has fewer). */
static void write_row(struct html_convert *c, struct fora_buf *out, const xmlNode *row)
{
    fora_buf_append_str(out, "|");
    for (const xmlNode *cell = row->children; cell; cell = cell->next) {
        if (html_kind_of(cell) != HTML_CELL) {
            continue;
        }
        fora_buf_append_str(out, " ");
        html_walk(c, cell);
        if (!c->error) {
            c->error = md_inline_write(&c->line, MD_CELL, out);
        }
        fora_buf_append_str(out, " |");
    }
    fora_buf_append_str(out, "\n");
}

static void write_head(
    struct html_convert *c, struct fora_buf *out, const xmlNode *first, unsigned columns)
{
    bool named = false;
    unsigned i = 0;

    for (const xmlNode *cell = first->children; cell; cell = cell->next) {
        named = named || html_element_of(cell)->arg == 1;
    }
    if (named && count_cells(first) == columns) {
        write_row(c, out, first);
    } else {
        named = false; /* a table without a head gets an empty one: GFM knows no other */
        fora_buf_append_str(out, "|");
        for (i = 0; i < columns; i++) {
            fora_buf_append_str(out, "  |");
        }
        fora_buf_append_str(out, "\n");
    }
    fora_buf_append_str(out, "|");
    i = 0;
    for (const xmlNode *cell = first->children; cell; cell = cell->next) {
        if (html_kind_of(cell) == HTML_CELL) {
            fora_buf_append_str(out, alignment(cell));
            i++;
        }
    }
    for (; i < columns; i++) {
        fora_buf_append_str(out, " --- |");
    }
    fora_buf_append_str(out, "\n");
    if (!named) {
        write_row(c, out, first);
    }
}

static void write_captions(struct html_convert *c, const xmlNode *table)
{
    for (const xmlNode *node = table->children; node; node = node->next) {
        if (is_caption(node)) {
            html_walk(c, node);
            html_flush(c);
        }
    }
}

bool html_add_table(struct html_convert *c, const xmlNode *table)
{
    unsigned columns = 0;
    struct fora_buf rows;
    const xmlNode *row, *first;

    for (row = next_of(table, table, HTML_ROW); row; row = next_of(table, row, HTML_ROW)) {
        unsigned cells = count_cells(row);
        columns = cells > columns ? cells : columns;
    }
    if (columns == 0 || columns > COLUMNS_MAX || !fits_pipes(table)) {
        return false;
    }
    html_flush(c);
    write_captions(c, table);
    fora_buf_init(&rows, c->limits.output_max);
    c->cell = true;
    first = next_of(table, table, HTML_ROW);
    write_head(c, &rows, first, columns);
    for (row = next_of(table, first, HTML_ROW); row; row = next_of(table, row, HTML_ROW)) {
        write_row(c, &rows, row);
    }
    c->cell = false;
    if (!c->error) {
        c->error = rows.error;
    }
    md_block_lines(&c->block, fora_buf_bytes(&rows));
    fora_buf_fini(&rows);
    return true;
}
