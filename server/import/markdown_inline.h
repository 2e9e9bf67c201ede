/*
 * One paragraph's inline content: collected from events, then written as one or more lines of
 * Markdown (private to this folder).
 *
 * Collecting moves white space out of emphasis, drops empty styles, joins adjacent ones and merges
 * runs of text, so that writing sees only what can be expressed. Styles that are open when a
 * paragraph ends are closed in it and open again in the next one that has content: that is how
 * `<b><p>one</p><p>two</p></b>` becomes two bold paragraphs.
 */
#ifndef FORAD_IMPORT_MARKDOWN_INLINE_H
#define FORAD_IMPORT_MARKDOWN_INLINE_H

#include "fora/bytes.h"

#define MD_STYLES_MAX 130u

enum md_style { MD_EM, MD_STRONG, MD_DEL, MD_KBD, MD_SUB, MD_SUP, MD_LINK };
enum md_kind { MD_TEXT, MD_CODE, MD_BREAK, MD_IMAGE, MD_OPEN, MD_CLOSE };
enum md_context { MD_PARAGRAPH, MD_HEADING, MD_CELL };

struct md_item {
    enum md_kind kind;
    enum md_style style;     /* MD_OPEN, MD_CLOSE */
    size_t offset, size;     /* MD_TEXT, MD_CODE: in md_inline.text */
    struct fora_bytes url;   /* MD_IMAGE and MD_LINK; borrowed until the paragraph is written */
    struct fora_bytes title; /* the same */
    struct fora_bytes alt;   /* MD_IMAGE */
};

struct md_active {
    enum md_style style;
    bool ignored; /* emphasis inside the same emphasis says nothing more */
    bool opened;  /* its MD_OPEN is among the items of this paragraph */
    bool used;    /* it was opened in some paragraph */
    struct fora_bytes url, title;
};

struct md_inline {
    struct md_item *items; /* owned */
    size_t count, room;
    struct fora_buf text;
    struct md_active active[MD_STYLES_MAX];
    unsigned active_count;
    unsigned breaks; /* pending: written before the next content, forgotten at the end */
    char space;      /* pending: 0, ' ' or '\n' */
    int error;       /* sticky */
};

void md_inline_init(struct md_inline *line);
void md_inline_fini(struct md_inline *line);

void md_inline_text(struct md_inline *line, struct fora_bytes text); /* collapses white space */
void md_inline_code(struct md_inline *line, struct fora_bytes text);
void md_inline_break(struct md_inline *line);
/* At least one break here, if something stands before and after. */
void md_inline_part(struct md_inline *line);
void md_inline_image(
    struct md_inline *line, struct fora_bytes src, struct fora_bytes alt, struct fora_bytes title);
void md_inline_open(struct md_inline *line, enum md_style style);
/* With url.data NULL it only awaits its md_inline_close. */
void md_inline_open_link(struct md_inline *line, struct fora_bytes url, struct fora_bytes title);
void md_inline_close(struct md_inline *line); /* the style opened last */
bool md_inline_in(const struct md_inline *line, enum md_style style);

bool md_inline_empty(const struct md_inline *line);
/* Appends the Markdown to `out` and begins a new paragraph. Returns the sticky error. */
int md_inline_write(
    struct md_inline *line, enum md_context context, struct fora_buf *out) FORA_MUST_USE;

#endif
