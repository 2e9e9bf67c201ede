/* A table fitted to the terminal. */
#include "text.h"

#include <string.h>

enum { GAP = 2, ELASTIC_LEAST = 16 };

void text_table_init(
    struct text_table *table, const struct text_column *columns, size_t count, size_t rows_max)
{
    *table = (struct text_table){.columns = columns, .columns_count = count, .rows_max = rows_max};
    fora_arena_init(&table->arena, 0);
    table->cells = fora_arena_zalloc(&table->arena, rows_max * count, sizeof(struct fora_bytes));
    if (table->cells == NULL || count > TEXT_COLUMNS_MAX) {
        table->error = FORA_E_NOMEM;
    }
}

void text_table_fini(struct text_table *table)
{
    fora_arena_fini(&table->arena);
}

void text_table_row(struct text_table *table, const char *const *cells)
{
    if (table->error == 0 && table->rows == table->rows_max) {
        table->error = FORA_E_LIMIT;
    }
    if (table->error != 0) {
        return;
    }
    struct fora_bytes *row = table->cells + table->rows * table->columns_count;
    struct fora_buf clean = {0};
    for (size_t i = 0; i < table->columns_count; i++) {
        fora_buf_clear(&clean);
        text_clean(&clean, fora_bytes_str(cells[i]), false);
        row[i] = fora_arena_copy(&table->arena, fora_buf_bytes(&clean));
        if (clean.error != 0 || (row[i].data == NULL && row[i].size != 0)) {
            table->error = FORA_E_NOMEM;
        }
    }
    fora_buf_fini(&clean);
    table->rows++;
}

/* What columns take that are no elastic ones, with the gaps. */
static size_t fixed_width(const struct text_table *table, const size_t widths[], const bool shown[])
{
    size_t fixed = 0;
    size_t count = 0;
    for (size_t c = 0; c < table->columns_count; c++) {
        fixed += shown[c] && !table->columns[c].elastic ? widths[c] : 0;
        count += shown[c];
    }
    return fixed + (count > 0 ? GAP * (count - 1) : 0);
}

/* The column that can be spared best, or columns_count. */
static size_t spare(const struct text_table *table, const bool shown[])
{
    size_t best = table->columns_count;
    for (size_t c = 0; c < table->columns_count; c++) {
        if (shown[c] && table->columns[c].drop > 0 &&
            (best == table->columns_count || table->columns[c].drop > table->columns[best].drop)) {
            best = c;
        }
    }
    return best;
}

static void measure(
    const struct text_table *table, const struct text_style *style, size_t widths[], bool shown[])
{
    size_t elastic = table->columns_count;
    for (size_t c = 0; c < table->columns_count; c++) {
        const struct text_column *column = &table->columns[c];
        shown[c] = true;
        widths[c] = strlen(column->title);
        for (size_t r = 0; r < table->rows; r++) {
            size_t width = text_width(table->cells[r * table->columns_count + c]);
            widths[c] = width > widths[c] ? width : widths[c];
        }
        if (column->most != 0 && widths[c] > column->most) {
            widths[c] = column->most;
        }
        elastic = column->elastic ? c : elastic;
    }
    if (elastic == table->columns_count) {
        return;
    }
    size_t least =
        table->columns[elastic].least != 0 ? table->columns[elastic].least : ELASTIC_LEAST;
    least = widths[elastic] < least ? widths[elastic] : least;
    size_t out;
    while (style->width < fixed_width(table, widths, shown) + least &&
           (out = spare(table, shown)) < table->columns_count) {
        shown[out] = false;
    }
    size_t fixed = fixed_width(table, widths, shown);
    size_t rest = style->width > fixed + least ? style->width - fixed : least;
    widths[elastic] = widths[elastic] < rest ? widths[elastic] : rest;
}

static void write_row(struct fora_buf *out, const struct text_table *table,
    const struct fora_bytes *cells, const size_t widths[], const bool shown[])
{
    size_t start = out->size;
    for (size_t c = 0; c < table->columns_count; c++) {
        if (!shown[c]) {
            continue;
        }
        if (out->size > start) {
            fora_buf_append(out, "  ", GAP);
        }
        text_fit(out, cells[c], widths[c], table->columns[c].align);
    }
    while (out->error == 0 && out->size > start && out->data[out->size - 1] == ' ') {
        out->size--;
    }
}

int text_table_write(struct fora_buf *out, struct text_table *table, const struct text_style *style)
{
    if (table->error != 0) {
        return table->error;
    }
    size_t widths[TEXT_COLUMNS_MAX] = {0};
    bool shown[TEXT_COLUMNS_MAX] = {false};
    struct fora_bytes titles[TEXT_COLUMNS_MAX];
    for (size_t c = 0; c < table->columns_count; c++) {
        titles[c] = fora_bytes_str(table->columns[c].title);
    }
    measure(table, style, widths, shown);
    text_paint(out, style, TEXT_BOLD);
    write_row(out, table, titles, widths, shown);
    text_paint(out, style, TEXT_RESET);
    fora_buf_u8(out, '\n');
    for (size_t r = 0; r < table->rows; r++) {
        write_row(out, table, table->cells + r * table->columns_count, widths, shown);
        fora_buf_u8(out, '\n');
    }
    return out->error;
}
