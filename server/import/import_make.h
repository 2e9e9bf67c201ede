/*
 * Making objects: what a worker needs for it, and the units in which work goes to the workers and
 * objects to the sink. Private to the importer.
 */
#ifndef FORAD_IMPORT_MAKE_H
#define FORAD_IMPORT_MAKE_H

#include "import/import_authors.h"

/* What all workers share; read-only while they run. */
struct import_env {
    const struct import_options *options;
    const char *site;
    struct import_index *index;
    struct authors *authors;
    struct fora_space_id space;
};

struct unit_object; /* where an object lies in a unit */

/* Objects that belong together, such as a thread's. */
struct import_unit {
    struct import_unit *next;
    struct fora_buf rows;        /* owned: what it is made of (import_thread.c, import_people.c) */
    uint64_t rows_count;         /* of the index: for the progress */
    struct fora_buf bytes;       /* owned: encoded objects, one after the other */
    struct fora_buf sources;     /* owned: their source ids */
    struct unit_object *objects; /* owned */
    size_t count;
    size_t room;
    struct import_item *items; /* owned: as many, decoded and verified, after unit_finish */
    struct fora_buf people;    /* owned: identities that were made (import_people.c) */
    struct import_counts counts;
    int error; /* sticky */
};

struct import_unit *unit_new(void); /* NULL: no memory */
void unit_free(struct import_unit *unit);

/* What one worker has: borrowed by the functions below. */
struct maker {
    const struct import_env *env;
    struct import_unit *unit;
    struct author *author;   /* held: the last one asked for */
    struct fora_buf content; /* scratch */
    struct fora_buf text[3]; /* scratch of who makes a content */
};

struct maker *maker_new(const struct import_env *env); /* NULL: no memory */
void maker_free(struct maker *maker);

/* Borrowed until the next call. NULL with the unit's error set. */
const struct author *maker_author(struct maker *maker, const struct author_key *key);

/* What an object is about and where it comes from. */
struct made {
    enum import_made_kind kind;
    struct fora_header header; /* kind, author, space and audience are filled in */
    struct fora_content content;
    const struct source_id *source;
    const struct author_key *author; /* NULL: the node */
};

/* Salts, signs and appends to the unit; the id in *id (may be NULL). Errors go to the unit. */
void maker_add(struct maker *maker, struct made *made, struct fora_object_id *id);
/* The same as somebody whom the index does not know yet, by the label of her keys. */
int maker_add_as(struct maker *maker, struct made *made, const struct fora_principal_id *author,
    const struct source_id *label) FORA_MUST_USE;
/* An object that was appended to unit->bytes since `at`. */
void unit_note(struct import_unit *unit, size_t at, const struct source_id *source);
/* Decodes and verifies all; the unit's error. */
int unit_finish(struct import_unit *unit) FORA_MUST_USE;

/* Fills a source; `author` (borrowed, as all texts) may be the empty slice. */
void source_fill(struct fora_source *out, const struct source_id *id, const struct source_url *url,
    struct fora_bytes licence, struct fora_bytes author);

void unit_skip(struct import_unit *unit, enum import_skipped reason, uint64_t count);
/* clean_line, clean_lines into a scratch buffer of the maker; counts what is cut. `otherwise` for
 * what is empty then. */
struct fora_bytes maker_line(struct maker *maker, struct fora_buf *buf, struct fora_bytes text,
    size_t max, const char *otherwise);
struct fora_bytes maker_lines(struct maker *maker, struct fora_buf *buf, struct fora_bytes text,
    size_t max, const char *otherwise);
/* The same from HTML. */
struct fora_bytes maker_html(struct maker *maker, struct fora_buf *buf, struct fora_bytes html,
    size_t max, const char *otherwise);

#endif
