/* The scratch index: opening, throwing away, and its writer. */
#include "import/import_index.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What one transaction gathers. LMDB keeps changed pages in memory until the commit, and a put may
 * change a page that no other one does. */
enum { INDEX_COMMIT_BYTES = 8 << 20, INDEX_PAGE = 4096 };

static const char *const table_names[INDEX_TABLES] = {"posts", "rows", "users", "needed", "links"};

static void remove_files(const char *path)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    char file[4200];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(file, sizeof file, "%s/%s", path, names[i]);
        (void)unlink(file);
    }
    (void)rmdir(path);
}

static int open_store(struct import_index *index, struct fora_buf *why)
{
    const struct kv_lmdb_options options = {.path = index->path, .create = true, .no_sync = true};
    return kv_lmdb_open(&index->kv, &options, table_names, INDEX_TABLES, why);
}

/* What a killed import left is of no use. Only who holds the lock of the store may remove it. */
static bool is_left_over(struct kv *kv)
{
    struct kv_txn *txn;
    bool found = false;
    if (kv_begin_read(kv, &txn) != 0) {
        return true;
    }
    for (unsigned table = 0; table < INDEX_TABLES; table++) {
        found = found || kv_count(txn, table) != 0;
    }
    found = found || kv_txn_error(txn) != 0;
    kv_abort(txn);
    return found;
}

int index_open(struct import_index *index, const char *scratch, struct fora_buf *why)
{
    struct fora_buf ignored = {0};
    memset(index, 0, sizeof *index);
    int size = snprintf(index->path, sizeof index->path, "%s/import.tmp", scratch);
    if (size < 0 || (size_t)size >= sizeof index->path) {
        fora_buf_append_str(why, "the name of the folder for temporary files is too long");
        return FORA_E_USAGE;
    }
    int rc = open_store(index, &ignored);
    if (rc == FORA_E_BUSY) {
        fora_buf_printf(why, "another import is running: it uses %s", index->path);
        index->path[0] = '\0'; /* not ours to remove */
    } else if (rc == FORA_E_CORRUPT || (rc == 0 && is_left_over(index->kv))) {
        kv_close(index->kv);
        index->kv = NULL;
        remove_files(index->path);
        rc = open_store(index, why);
    } else if (rc != 0) {
        fora_buf_append_bytes(why, fora_buf_bytes(&ignored));
    }
    fora_buf_fini(&ignored);
    return rc;
}

void index_close(struct import_index *index)
{
    kv_abort(index->txn);
    kv_close(index->kv);
    if (index->path[0] != '\0') {
        remove_files(index->path);
    }
    memset(index, 0, sizeof *index);
}

int index_error(const struct import_index *index)
{
    return index->txn != NULL ? kv_txn_error(index->txn) : 0;
}

static bool writing(struct import_index *index)
{
    if (index->txn == NULL && kv_begin_write(index->kv, &index->txn) != 0) {
        index->txn = NULL;
    }
    return index->txn != NULL;
}

int index_flush(struct import_index *index)
{
    int rc = 0;
    if (index->txn != NULL) {
        rc = kv_commit(index->txn);
        index->txn = NULL;
        index->pending = 0;
    }
    return rc;
}

void index_put(struct import_index *index, enum index_table table, struct fora_bytes key,
    struct fora_bytes value)
{
    if (!writing(index)) {
        return;
    }
    kv_put(index->txn, table, key, value);
    index->pending += key.size + value.size + INDEX_PAGE;
    if (index->pending > INDEX_COMMIT_BYTES && kv_txn_error(index->txn) == 0) {
        struct kv_txn *done = index->txn;
        int rc = kv_commit(done);
        index->txn = NULL;
        index->pending = 0;
        if (rc != 0 && writing(index)) {
            kv_txn_fail(index->txn, rc); /* sticky, as in one transaction */
        }
    }
}

bool index_get(struct import_index *index, enum index_table table, struct fora_bytes key,
    struct fora_bytes *value)
{
    return writing(index) && kv_get(index->txn, table, key, value);
}

/* ---- keys ---- */

void key_be64(uint8_t out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

uint64_t key_u64(const uint8_t in[8])
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | in[i];
    }
    return value;
}

void row_key_put(uint8_t out[INDEX_ROW_SIZE], const struct row_key *key)
{
    key_be64(out, key->thread);
    key_be64(out + 8, key->post);
    out[16] = (uint8_t)key->class;
    key_be64(out + 17, key->date);
    key_be64(out + 25, key->id);
}

bool row_key_parse(struct fora_bytes bytes, struct row_key *out)
{
    if (bytes.size != INDEX_ROW_SIZE) {
        return false;
    }
    out->thread = key_u64(bytes.data);
    out->post = key_u64(bytes.data + 8);
    out->class = (enum row_class)bytes.data[16];
    out->date = key_u64(bytes.data + 17);
    out->id = key_u64(bytes.data + 25);
    return true;
}

/* ---- rows that are there ---- */

enum { SAME_POST_MAX = 4096 };

bool index_has_row(struct import_index *index, const struct row_key *key)
{
    uint8_t from[INDEX_ROW_SIZE];
    struct row_key at = *key;
    struct fora_bytes bytes;
    bool found = false;
    at.date = at.id = 0;
    row_key_put(from, &at);
    if (!writing(index)) {
        return false;
    }
    struct kv_cursor *cursor = kv_cursor_open(index->txn, INDEX_ROWS);
    bool there = kv_seek(cursor, fora_bytes(from, sizeof from), &bytes, NULL);
    for (unsigned i = 0; there && !found && i < SAME_POST_MAX && row_key_parse(bytes, &at); i++) {
        if (at.thread != key->thread || at.post != key->post || at.class != key->class) {
            break;
        }
        found = at.id == key->id;
        there = kv_next(cursor, &bytes, NULL);
    }
    kv_cursor_close(cursor);
    return found;
}
