/*
 * The block structure of a Markdown document: quotes and list items around lines (private to this
 * folder). The caller opens and closes containers and hands over finished leaves; this part writes
 * the prefix of each line and the blank lines between blocks.
 */
#ifndef FORAD_IMPORT_MARKDOWN_BLOCK_H
#define FORAD_IMPORT_MARKDOWN_BLOCK_H

#include "fora/bytes.h"

#define MD_BLOCKS_MAX 132u

struct md_container {
    char marker[16]; /* written on the first line: "> ", ">! ", "- ", "12. " */
    uint8_t width;   /* of the marker */
    bool quote;      /* the marker stands on every line, else blanks follow the first */
    bool marked;     /* the marker was written */
    char last_list;  /* mark of the list that ended here with nothing after it, or 0 */
};

struct md_block {
    struct fora_buf *out;
    struct md_container stack[MD_BLOCKS_MAX]; /* [0] is the document */
    unsigned depth;
    bool separate; /* a blank line is due before the next block */
    int error;
};

void md_block_init(struct md_block *block, struct fora_buf *out);
void md_block_quote(struct md_block *block, bool spoiler);
/*
 * Call once per list, before its items: the mark to use, '-' or '+' for bullets, '.' or ')' after
 * numbers, so that it does not run into a list just before it. Give it back when the list ends.
 */
char md_block_list_begin(struct md_block *block, bool ordered);
void md_block_list_end(struct md_block *block, char mark);
void md_block_item(struct md_block *block, char mark, unsigned number);
void md_block_close(struct md_block *block); /* the container opened last */

/* No blank line before the next block. */
void md_block_tight(struct md_block *block);
/* Lines of Markdown, without a final line feed. */
void md_block_lines(struct md_block *block, struct fora_bytes text);
/* A fenced code block; `language` may be empty. */
void md_block_code(struct md_block *block, struct fora_bytes language, struct fora_bytes code);

#endif
