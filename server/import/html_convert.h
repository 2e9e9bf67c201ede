/* The converter's state, shared by the files that walk the tree (private to this folder). */
#ifndef FORAD_IMPORT_HTML_CONVERT_H
#define FORAD_IMPORT_HTML_CONVERT_H

#include "import/html_markdown.h"
#include "import/html_node.h"
#include "import/markdown_block.h"
#include "import/markdown_inline.h"

#define HTML_LANGUAGE_MAX 32

struct html_list {
    char mark;
    unsigned number; /* of the next item */
    bool loose;      /* some item holds a paragraph: blank lines between items */
    bool begun;
};

struct html_convert {
    struct html_limits limits;
    struct fora_buf markdown; /* the result, capped */
    struct fora_buf scratch;  /* one paragraph or code block at a time */
    struct fora_arena arena;  /* addresses */
    struct md_block block;
    struct md_inline line;
    struct html_list lists[HTML_DEPTH_MAX + 1];
    unsigned list_count;
    unsigned depth;
    unsigned code;                        /* open code elements */
    unsigned heading;                     /* level of the open heading, or 0 */
    bool cell;                            /* the walk is inside a cell of a table made of pipes */
    char language[HTML_LANGUAGE_MAX + 1]; /* for the next code block, from a comment */
    char language_all[HTML_LANGUAGE_MAX + 1]; /* for all that follow */
    int error;                                /* sticky */
};

/* Ends the paragraph in progress. */
void html_flush(struct html_convert *c);
/* What a link or image element contributes to the line; text beside it where it has no address. */
void html_open_link(struct html_convert *c, const xmlNode *node);
void html_add_image(struct html_convert *c, const xmlNode *node);

/* html_code.c: a pre element as a code block, and comments that name its language. */
void html_read_hint(struct html_convert *c, const xmlNode *comment);
void html_add_pre(struct html_convert *c, const xmlNode *pre);

/* html_table.c: true where the table was written as pipes; else its cells are blocks. */
bool html_add_table(struct html_convert *c, const xmlNode *table);

/* html_walk.c: converts what `root` contains. `root` itself is not looked at. */
void html_walk(struct html_convert *c, const xmlNode *root);

#endif
