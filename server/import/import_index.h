/*
 * The scratch index: what a dump says, on disk, sorted so that all rows of a thread stand together.
 * Private to the importer.
 *
 *   POSTS   post                          -> type, thread, created, author
 *   ROWS    thread post class date id     -> a row of the dump (import_rows.h)
 *   USERS   author                        -> a row of Users.xml
 *   NEEDED  author                        -> first and last edit of others' posts; later also the
 *                                            identity that was made
 *   LINKS   post link                     -> related post, date
 *
 * An LMDB store that is not synced: it is thrown away at the end, and after a crash. While it is
 * filled there is one writer, the thread that reads the dump; afterwards any number of readers.
 */
#ifndef FORAD_IMPORT_INDEX_H
#define FORAD_IMPORT_INDEX_H

#include "import/import_names.h"
#include "store/kv.h"

enum index_table { INDEX_POSTS, INDEX_ROWS, INDEX_USERS, INDEX_NEEDED, INDEX_LINKS, INDEX_TABLES };

struct import_index {
    struct kv *kv;
    struct kv_txn *txn; /* of the writer; NULL between transactions */
    size_t pending;     /* bytes put in it */
    char path[4096];
};

/* Makes SCRATCH/import.tmp. FORA_E_BUSY and what opening says, with a sentence. */
int index_open(struct import_index *index, const char *scratch, struct fora_buf *why) FORA_MUST_USE;
void index_close(struct import_index *index); /* and removes it; zeros are fine */

/* ---- writing: errors are kept and come out of index_flush ---- */

void index_put(struct import_index *index, enum index_table table, struct fora_bytes key,
    struct fora_bytes value);
/* Borrowed until the next put. */
bool index_get(struct import_index *index, enum index_table table, struct fora_bytes key,
    struct fora_bytes *value);
int index_error(const struct import_index *index);
int index_flush(struct import_index *index) FORA_MUST_USE;

/* ---- keys ---- */

enum row_class { ROW_POST, ROW_VOTES, ROW_HISTORY, ROW_COMMENT };

enum { INDEX_ID_SIZE = 8, INDEX_ROW_SIZE = 8 + 8 + 1 + 8 + 8, INDEX_LINK_SIZE = 16 };

struct row_key {
    uint64_t thread;
    uint64_t post;
    enum row_class class;
    uint64_t date; /* ms */
    uint64_t id;   /* of the row in its file */
};

void key_be64(uint8_t out[8], uint64_t value);
uint64_t key_u64(const uint8_t in[8]);
void row_key_put(uint8_t out[INDEX_ROW_SIZE], const struct row_key *key);
bool row_key_parse(struct fora_bytes bytes, struct row_key *out);

/* Is there a row of the same thread, post and class with that id, whatever its date? Looks at the
 * first 4,096 of them. */
bool index_has_row(struct import_index *index, const struct row_key *key);

#endif
