/*
 * Text for people: everything that a person reads on a terminal goes through this room.
 *
 * Foreign text (whatever came from a node, a file or a clock of somebody else) may hold escape
 * sequences that repaint the screen, write the clipboard or turn the direction of reading.
 * text_clean() is the one gate: what it gives is called "clean" here, and every other function of
 * this room takes clean text unless it says otherwise.
 *
 * Widths are terminal columns by wcwidth(), so the caller sets LC_CTYPE to a UTF-8 locale first.
 * Nothing here keeps a pointer or prints: all append to a fora_buf, whose sticky error says whether
 * memory ran out.
 */
#ifndef FORA_CLIENT_TEXT_H
#define FORA_CLIENT_TEXT_H

#include "fora/bytes.h"

/* How to write: made once from the terminal and the options. */
struct text_style {
    bool color;
    size_t width; /* columns; at least 20 */
};

enum text_paint { TEXT_BOLD, TEXT_DIM, TEXT_GREEN, TEXT_YELLOW, TEXT_RED, TEXT_CYAN, TEXT_RESET };
/* The escape sequence, or nothing without colour. */
void text_paint(struct fora_buf *out, const struct text_style *style, enum text_paint paint);
/* `text` between a paint and a reset. */
void text_painted(
    struct fora_buf *out, const struct text_style *style, enum text_paint paint, const char *text);

/* Decodes the code point at `at` (which is inside); U+FFFD and 1 byte for what is not UTF-8. */
size_t text_next(struct fora_bytes text, size_t at, uint32_t *code);
void text_put(struct fora_buf *out, uint32_t code);

/*
 * Foreign to clean: whole escape sequences, control characters, bidirectional controls and
 * invisible tag characters are left out, broken UTF-8 becomes U+FFFD. With `multiline` line feeds
 * stay and tabs become spaces up to the next multiple of four; else each becomes one space.
 */
void text_clean(struct fora_buf *out, struct fora_bytes foreign, bool multiline);

/* Columns of one line of clean text. */
size_t text_width(struct fora_bytes line);
enum text_align { TEXT_LEFT, TEXT_RIGHT };
/* Exactly `width` columns: cut with an ellipsis, or padded. */
void text_fit(struct fora_buf *out, struct fora_bytes line, size_t width, enum text_align align);
/*
 * Words broken into lines of at most `width` columns, the first line prefixed by `first`, the
 * others by `rest` (both count). A longer word stands alone and sticks out: links stay whole. What
 * text_paint() wrote takes no room.
 */
void text_wrap(struct fora_buf *out, struct fora_bytes text, const char *first, const char *rest,
    size_t width);

/* Edit distance of two short words; TEXT_DISTANCE_FAR when one is longer than 64 bytes. */
enum { TEXT_DISTANCE_FAR = 99 };
size_t text_distance(struct fora_bytes a, const char *b);

/* "Help desk (new)" to "help-desk-new", of at most 40 bytes; "space" where nothing of a name is of
 * a-z and 0-9. */
void text_slug(char out[41], struct fora_bytes name);

/* "just now", "5 minutes ago", "yesterday", "3 weeks ago", or the date beyond a year and for a
 * time that lies more than a minute ahead. Both in ms. */
void text_ago(struct fora_buf *out, uint64_t then, uint64_t now);
/* The same for a column: "now", "5 min", "3 h", "2 d", "7 w", or the date beyond a year. */
void text_age(struct fora_buf *out, uint64_t then, uint64_t now);
/* "2024-05-01T12:00:00.123Z"; times after the year 9999 as "+MILLISECONDSms". */
void text_time(struct fora_buf *out, uint64_t ms);
/* "3 answers", "1 answer". */
void text_count(struct fora_buf *out, uint64_t count, const char *one, const char *many);

/*
 * Markdown made readable, not rendered: headings bold, code set off, paragraphs, quotes and lists
 * wrapped; links stay as written, so that the true address is seen. Takes foreign text. Every line
 * is indented by `indent` columns.
 */
void text_markdown(
    struct fora_buf *out, const struct text_style *style, struct fora_bytes foreign, size_t indent);

/*
 * A table fitted to the width: one column is elastic and takes what the others leave. Cells are
 * foreign text and cleaned here.
 */
struct text_column {
    const char *title;
    enum text_align align;
    bool elastic;
    size_t most;   /* widest that a fixed column may get; 0: no bound */
    size_t least;  /* of an elastic column: how narrow it may get; 0: 16 */
    unsigned drop; /* left out where the width does not suffice, the greatest first; 0: never */
};
enum { TEXT_COLUMNS_MAX = 12 };
struct text_table {
    const struct text_column *columns;
    size_t columns_count;
    struct fora_arena arena;
    struct fora_bytes *cells; /* in the arena, columns_count a row */
    size_t rows;
    size_t rows_max;
    int error;
};
/* `columns` is borrowed until fini. */
void text_table_init(
    struct text_table *table, const struct text_column *columns, size_t count, size_t rows_max);
void text_table_fini(struct text_table *table);
/* The next row: one NUL-terminated cell a column, copied. Rows beyond rows_max are an error. */
void text_table_row(struct text_table *table, const char *const *cells);
/* Appends the whole; FORA_E_NOMEM or FORA_E_LIMIT when a row failed. */
int text_table_write(
    struct fora_buf *out, struct text_table *table, const struct text_style *style) FORA_MUST_USE;

/*
 * The words of a Markdown text that may name people: what follows an @ at the beginning of a word,
 * as "ann" or "ann@example.com", outside of code. Nobody need go by them.
 */
struct text_mentions {
    struct fora_bytes text; /* borrowed, as are the words */
    size_t at;
    size_t fence_size; /* of the fence that code stands behind */
    uint8_t fence;     /* its sign; 0: none is open */
    bool line_start;
};
void text_mentions_init(struct text_mentions *scan, struct fora_bytes text);
enum { TEXT_MENTION_NAME_MAX = 80 /* an id fits */, TEXT_MENTION_MAX = 80 + 1 + 253 };
/* The next one: 1 to 80 bytes, or these, an @ and 1 to 253. False at the end. */
bool text_next_mention(struct text_mentions *scan, struct fora_bytes *word);

#endif
