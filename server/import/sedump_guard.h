/*
 * A look at the raw bytes before the XML parser sees them (private to this folder). libxml2
 * compares every attribute of an element with every other one, and keeps an element that has not
 * ended in memory; so the number of attributes and the size of one markup construct are bounded
 * here, at the price of a few memchr() calls a row.
 */
#ifndef FORAD_IMPORT_SEDUMP_GUARD_H
#define FORAD_IMPORT_SEDUMP_GUARD_H

#include "fora/bytes.h"

struct sedump_guard {
    int state;      /* enum in sedump_guard.c; 0 is its start */
    size_t size;    /* bytes of the construct so far */
    unsigned attrs; /* opening quotes of the tag so far */
    unsigned tail;  /* last bytes of a comment or instruction, to find its end across pieces */
};

/* A zeroed guard is ready. 0, FORA_E_TOO_LARGE (SEDUMP_ROW_MAX) or FORA_E_LIMIT (attributes). */
int sedump_guard_feed(struct sedump_guard *guard, struct fora_bytes piece) FORA_MUST_USE;

#endif
