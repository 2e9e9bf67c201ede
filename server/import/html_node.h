/* libxml2's HTML tree as the converter sees it (private to this folder). */
#ifndef FORAD_IMPORT_HTML_NODE_H
#define FORAD_IMPORT_HTML_NODE_H

#include <libxml/tree.h>

#include "fora/bytes.h"

enum html_kind {
    HTML_TRANSPARENT, /* not known or without meaning here: only its content counts */
    HTML_BLOCK,       /* begins and ends a paragraph */
    HTML_HEADING,     /* level in `arg` */
    HTML_RULE,
    HTML_PRE,
    HTML_QUOTE,
    HTML_UL,
    HTML_OL,
    HTML_LI,
    HTML_TABLE,
    HTML_ROW,
    HTML_CELL,  /* `arg` is 1 for th */
    HTML_STYLE, /* enum md_style in `arg` */
    HTML_LINK,
    HTML_CODE,
    HTML_BREAK,
    HTML_IMAGE,
    HTML_DROP, /* with all it contains */
};

struct html_element {
    const char *name;
    enum html_kind kind;
    int arg;
};

/* The row of the table of elements; one with HTML_TRANSPARENT for what is not in it. */
const struct html_element *html_element_of(const xmlNode *node);
enum html_kind html_kind_of(const xmlNode *node); /* HTML_TRANSPARENT also for what is no element */

/* Borrowed from the tree; {NULL, 0} where it is absent. */
struct fora_bytes html_attr(const xmlNode *node, const char *name);
struct fora_bytes html_text_of(const xmlNode *node); /* of a text or comment node */
/* Is `word` among the blank-separated words of the class attribute? */
bool html_has_class(const xmlNode *node, const char *word);
bool html_is_blank(struct fora_bytes text);

/*
 * The next node in document order inside `root` (with `skip`, not into `node`), NULL after the
 * last. Needs no stack, for nodes know their parents.
 */
const xmlNode *html_next(const xmlNode *root, const xmlNode *node, bool skip);

/*
 * The address as it may be shown, copied to the arena without control characters; {NULL, 0} where
 * it is absent, not allowed or there is no memory.
 */
struct fora_bytes html_url(
    struct fora_arena *arena, const xmlNode *node, const char *attribute, bool for_link);

#endif
