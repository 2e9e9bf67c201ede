/*
 * What the other side of a connection is known to have: the objects that it offered here last
 * (REP-12), so that they are not sent back to it although somebody else brought them first.
 *
 * A table with one place for each remainder of an id: a later object takes the place of an earlier
 * one. An object that is taken for another (once in 2^32) is withheld, and found by reconciling.
 *
 * Written by the loop, read by jobs at the same time; both own it together.
 */
#ifndef FORAD_CORE_KNOWN_H
#define FORAD_CORE_KNOWN_H

#include "fora/id.h"

enum { KNOWN_PLACES = 8192 }; /* 32 KiB; made with the first object */

struct known;
/* Notes the object; makes the table when *known is NULL. Without memory nothing is noted. */
void known_add(struct known **known, const struct fora_object_id *id);
bool known_has(const struct known *known, const struct fora_object_id *id); /* false for NULL */
struct known *known_share(struct known *known);                             /* one owner more */
void known_drop(struct known *known);                                       /* one owner less */

#endif
