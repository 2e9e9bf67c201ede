/*
 * Authors with the keys that sign for them, kept for all workers: a key takes a page of locked
 * memory and 30 microseconds to derive. Private to the importer.
 */
#ifndef FORAD_IMPORT_AUTHORS_H
#define FORAD_IMPORT_AUTHORS_H

#include "import/import_rows.h"

enum { AUTHORS_SETS = 512 /* a power of two */, AUTHORS_WAYS = 4 };

struct author {
    struct author_key key;
    struct fora_principal_id principal;
    struct fora_secret *device;
    uint8_t name[AUTHOR_NAME_MAX];
    size_t name_size;
    unsigned holders; /* private, as what follows */
    bool kept;
    uint64_t used;
};

struct authors; /* thread-safe */

/* Texts and index are borrowed while it lives. NULL: no memory. */
struct authors *authors_new(
    const char *site, const uint8_t *custody, const struct import_index *index);
void authors_free(struct authors *authors); /* NULL is fine; nothing may be held */

/* One that the people's phase made; read-only, held until authors_release. FORA_E_INTERNAL: it did
 * not; FORA_E_NOMEM and errors of the index. */
int authors_hold(
    struct authors *authors, const struct author_key *key, struct author **out) FORA_MUST_USE;
void authors_release(struct authors *authors, struct author *author); /* NULL is fine */

#endif
