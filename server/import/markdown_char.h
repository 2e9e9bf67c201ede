/* Characters as CommonMark sees them (private to this folder). */
#ifndef FORAD_IMPORT_MARKDOWN_CHAR_H
#define FORAD_IMPORT_MARKDOWN_CHAR_H

#include "fora/bytes.h"

/* What decides whether a delimiter run opens or closes emphasis. */
enum md_class {
    MD_SPACE, /* also the edges of a line */
    MD_PUNCT,
    MD_OTHER,  /* letters, digits */
    MD_UNSURE, /* may be either of the last two: no Unicode table is carried for this */
};

/* Code point at the front of valid UTF-8; *size gets its length in bytes. left > 0. */
uint32_t md_decode(const uint8_t *at, size_t left, size_t *size);
enum md_class md_class_of(uint32_t point);
bool md_is_alnum(uint8_t c);
bool md_is_space(uint8_t c); /* white space of HTML */
/* False for control characters except tab and line feed, and for bidirectional overrides. */
bool md_is_kept(uint32_t point);
/*
 * Would the "&..." at `at` be read as a character reference? `more` says that something unknown
 * follows the `left` bytes, which then counts as a reason to say yes.
 */
bool md_is_entity(const uint8_t *at, size_t left, bool more);

#endif
