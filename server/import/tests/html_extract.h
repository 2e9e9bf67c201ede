/*
 * What a reader gets from a piece of HTML, for comparing the HTML of a dump with the HTML that
 * comes of our Markdown. Written apart from the converter: it shares the parser with it and nothing
 * else.
 */
#ifndef FORAD_IMPORT_TESTS_HTML_EXTRACT_H
#define FORAD_IMPORT_TESTS_HTML_EXTRACT_H

#include "fora/bytes.h"

enum html_count {
    COUNT_LI,
    COUNT_UL,
    COUNT_OL,
    COUNT_QUOTE,
    COUNT_HEADING,
    COUNT_RULE,
    COUNT_BREAK,
    COUNT_EM,
    COUNT_STRONG,
    COUNT_DEL,
    COUNT_SUB_SUP_KBD,
    COUNT_PRE,
    COUNT_CODE,
    COUNT_PARAGRAPH,
    COUNT_KINDS
};

struct html_extract {
    struct fora_buf text;    /* outside code blocks; white space collapsed, block edges a blank */
    struct fora_buf blocks;  /* of each pre element: its text, then 0x01 */
    struct fora_buf inlines; /* of inline code, joined, with line feeds as blanks */
    struct fora_buf hrefs;   /* one a line, in order, percent-encoded alike */
    struct fora_buf images;  /* the same of src, then alt */
    struct fora_buf starts;  /* numbers of ordered lists */
    unsigned counts[COUNT_KINDS];
    unsigned breaks; /* pending, see html_extract.c */
    bool content;    /* the block has some already */
};

extern const char *const html_count_names[COUNT_KINDS];

void html_extract_init(struct html_extract *extract);
void html_extract_fini(struct html_extract *extract);
/* 0, or FORA_E_NOMEM. */
int html_extract_read(struct html_extract *extract, struct fora_bytes html) FORA_MUST_USE;

/*
 * Do both say the same to a reader? The name of the first difference, or NULL. Inline code may have
 * been split or joined; paragraphs are only seen as blanks in the text. With `exact` the number of
 * each element counts too; else only that of lists, items and code blocks, for an empty quote, or
 * two runs of emphasis that touch, need not come back as they were.
 */
const char *html_extract_difference(
    const struct html_extract *was, const struct html_extract *is, bool exact);

/* Markdown to HTML, tables and strikethrough on: render_md4c.c or render_cmark.c. */
int markdown_render(struct fora_bytes markdown, struct fora_buf *html) FORA_MUST_USE;

#endif
