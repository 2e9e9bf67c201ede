/*
 * Text of a dump brought to the shapes that contents may have (spec/05-kinds.md, 11-limits.md):
 * whatever a dump holds, what comes out is accepted. Private to the importer.
 */
#ifndef FORAD_IMPORT_CLEAN_H
#define FORAD_IMPORT_CLEAN_H

#include "fora/bytes.h"

enum { CLEAN_TAGS_MAX = 16, CLEAN_TAG_MAX = 40 };

struct clean_tags {
    char text[CLEAN_TAGS_MAX][CLEAN_TAG_MAX + 1];
    struct fora_bytes tags[CLEAN_TAGS_MAX]; /* borrow from `text`: not to be copied */
    size_t count;
    size_t dropped; /* beyond the most */
};

/*
 * Appends at most `max` bytes; true when something was cut off, which a mark at the end shows. A
 * line has its white space run together and none at its ends; lines keep theirs but for carriage
 * returns and what stands at the end. Characters that a text may not hold are left out.
 */
bool clean_line(struct fora_buf *out, struct fora_bytes text, size_t max);
bool clean_lines(struct fora_buf *out, struct fora_bytes text, size_t max);

/* "<a><b>" of older dumps or "|a|b|" of newer ones. */
void clean_tags(struct clean_tags *out, struct fora_bytes text);
bool clean_tags_equal(const struct clean_tags *a, const struct clean_tags *b);

/* An https:// link of visible ASCII, at most `max` bytes. */
bool clean_is_https(struct fora_bytes link, size_t max);

#endif
