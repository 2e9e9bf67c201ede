/*
 * How things of a dump are called here: authors, source ids, addresses, licences. Private to the
 * importer.
 *
 *   stackexchange:SITE:user:17        an account
 *   stackexchange:SITE:name:JANE      somebody whose account is gone, by the name that posts show
 *   stackexchange:SITE:anonymous      the others
 *   stackexchange:SITE:post:17, :comment:5, :history:9 ...
 *
 * The first three are the labels of custodial keys (core/custody.h), and what Claim takes.
 */
#ifndef FORAD_IMPORT_NAMES_H
#define FORAD_IMPORT_NAMES_H

#include "fora/content.h"
#include "import/import.h"
#include "import/sedump.h"

enum { AUTHOR_NAME_MAX = 100, AUTHOR_KEY_MAX = AUTHOR_NAME_MAX + 1, URL_MAX = 200 };

/* Who wrote something: as bytes that are a key of the scratch index.
 *   'u' id(8, sign flipped)   'n' name   'a' */
struct author_key {
    uint8_t b[AUTHOR_KEY_MAX];
    size_t size;
};

struct fora_bytes author_bytes(const struct author_key *key);
bool author_equal(const struct author_key *a, const struct author_key *b);
/* From attributes of a row: an id, else a name that is shown, else nobody. */
void author_of(struct author_key *out, const struct sedump_row *row, const char *id_attribute,
    const char *name_attribute);
void author_of_id(struct author_key *out, int64_t id);
/* False when the key is no user's. */
bool author_id(const struct author_key *key, int64_t *id);
/* The name in the key, or a word for who has none. At most AUTHOR_NAME_MAX bytes. */
void author_name(struct fora_buf *out, const struct author_key *key);

/* A text in a fixed buffer. */
struct source_id {
    char text[IMPORT_SOURCE_MAX + 1];
};
struct source_url {
    char text[URL_MAX + 1];
};

void source_of_author(struct source_id *out, const char *site, const struct author_key *key);
/* "stackexchange:SITE:WHAT:ID" and, when `part` is not NULL, ":PART". */
void source_of(
    struct source_id *out, const char *site, const char *what, int64_t id, const char *part);
/* "https://SITE/PATH/ID" */
void source_url(struct source_url *out, const char *site, const char *path, int64_t id);

/* What the row says (ContentLicense), else the licence of the site's terms at that date. */
struct fora_bytes licence_of(struct fora_bytes said, uint64_t date);

/* The reason of a closing by the number in PostHistory.Comment; "closed" for another. */
const char *close_reason(struct fora_bytes comment);

#endif
