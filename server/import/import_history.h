/*
 * The history of one post: its first version, and the revisions after it. Private to the importer.
 *
 * PostHistory has a row for each field that a revision changes; rows of one revision share a
 * RevisionGUID. Types: 1 to 3 are the first title, text and tags, 4 to 6 edits of them, 7 to 9
 * rollbacks, which hold the text that came back. Texts are Markdown, as their authors wrote them.
 */
#ifndef FORAD_IMPORT_HISTORY_H
#define FORAD_IMPORT_HISTORY_H

#include "import/import_rows.h"

enum history_field { FIELD_TITLE, FIELD_TEXT, FIELD_TAGS, FIELD_COUNT };

/* A row as it stands in a unit. Slices are borrowed from there. */
struct unit_row {
    struct row_key key;
    struct fora_bytes value;
};

struct history_revision {
    uint64_t date;
    uint64_t id; /* of its first row */
    struct author_key author;
    bool has[FIELD_COUNT];
    struct fora_bytes field[FIELD_COUNT];
    struct fora_bytes guid;
    struct fora_bytes comment;
    struct fora_bytes licence;
};

struct history {
    bool has_first[FIELD_COUNT];
    struct fora_bytes first[FIELD_COUNT];
    bool has_last[FIELD_COUNT]; /* after all revisions */
    struct fora_bytes last[FIELD_COUNT];
    struct fora_bytes licence;          /* of the first version */
    uint64_t last_at;                   /* date of the last row about a field; 0: none */
    struct history_revision *revisions; /* owned */
    size_t count;
};

/* `rows` by (date, id); those that are no history of texts are passed over. FORA_E_NOMEM. */
int history_fold(struct history *out, const struct unit_row *rows, size_t count) FORA_MUST_USE;
void history_fini(struct history *history);

/*
 * Is the HTML what the Markdown gives? Not rendered, for that would take the site's own dialect,
 * which changed over the years: the letters and digits that the HTML shows outside links must stand
 * in the Markdown, in that order. (Of a bare link these sites show the title of its target, which
 * no Markdown holds.) Linear in both.
 */
bool history_shows(struct fora_bytes markdown, struct fora_bytes html);

#endif
