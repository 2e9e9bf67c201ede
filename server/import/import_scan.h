/* Reading a dump into the scratch index. Private to the importer. */
#ifndef FORAD_IMPORT_SCAN_H
#define FORAD_IMPORT_SCAN_H

#include "core/custody.h"
#include "import/import_rows.h"

/* The first users, when their dates cannot be read, and identities (import_people.c): the day
 * before the first of these sites opened. */
#define IMPORT_EPOCH_MS CUSTODY_IMPORTED_AT

struct scan_tallies; /* votes of the posts that were voted on lately */

struct scan {
    const struct import_options *options;
    struct import_index *index;
    struct import_counts *counts;
    uint64_t first;     /* the earliest post; 0: there is none */
    uint64_t last;      /* the latest */
    char licence[101];  /* of that */
    uint64_t last_edit; /* of somebody else's post; 0: none */
    uint64_t people;    /* in NEEDED */
    uint64_t rows;      /* in ROWS */
    /* private */
    struct scan_place {
        int64_t greatest; /* id of the rows before */
        bool any;
        uint64_t before; /* the date of the row before, read or reckoned; 0: none yet */
    } file;              /* where it is in the file that is read */
    struct fora_buf value;
    struct scan_tallies *tallies;
};

/* Reads all files. What sedump says, with its sentence, or the index's errors. */
int scan_dump(struct scan *scan, struct fora_buf *why) FORA_MUST_USE;

/* import_scan_posts.c, import_scan_rest.c: what to do with a row of one file. */
typedef void scan_row_fn(struct scan *scan, const struct sedump_row *row);
scan_row_fn scan_user, scan_post, scan_history, scan_comment, scan_vote, scan_link, scan_badge;

void scan_need(struct scan *scan, const struct author_key *author, uint64_t edit);
bool scan_fact(struct scan *scan, uint64_t post, struct post_fact *out);
void scan_skip(struct scan *scan, enum import_skipped reason);
void scan_row(struct scan *scan, const struct row_key *key);
/* Fills in the date of a row about a post. False, and counted, when the row was there before. */
bool scan_row_new(struct scan *scan, const struct sedump_row *row, const struct post_fact *fact,
    struct row_key *key);
/* An id above 0; false and counted when there is none. */
bool scan_id(struct scan *scan, const struct sedump_row *row, const char *name, uint64_t *out);
/* May a row before in the file have had this id? Not when they ascend, as they do in most dumps. */
bool scan_id_may_be_there(struct scan *scan, int64_t id);
/* The date of the row. One that cannot be read is counted: rows of a file follow each other in
 * time, so it is a millisecond after that of the row before, or after `least`, whichever is later.
 * False, and counted, when there is nothing to go by. */
bool scan_date(struct scan *scan, const struct sedump_row *row, uint64_t least, uint64_t *out);
/* Another date, 0 where there is none; one that cannot be read is counted. */
uint64_t scan_date_of(struct scan *scan, const struct sedump_row *row, const char *name);
/* A number, 0 where there is none. */
int64_t scan_number(const struct sedump_row *row, const char *name);
struct fora_bytes scan_text(const struct sedump_row *row, const char *name);

/* Votes are summed for each post; scan_tallies_end writes what is still in memory. */
int scan_tallies_begin(struct scan *scan) FORA_MUST_USE;
void scan_tallies_end(struct scan *scan);

#endif
