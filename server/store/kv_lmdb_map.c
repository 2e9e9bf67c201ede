/*
 * The length of LMDB's data file, and the growth of the map.
 *
 * The map grows in begin_write, before the transaction: LMDB unmaps the file to do it, so every
 * reader must be out (kv_gate_close). Pooled read transactions hold no page, but are dropped there
 * too.
 *
 * LMDB may leave pages at the end of the file unwritten when they were freed in the transaction
 * that made them. Such a file is shorter than its meta page says, like one that was cut off, which
 * would end in SIGBUS. So each commit pads the file, and open tells the two apart by the list of
 * free pages.
 */
#include "store/kv_lmdb.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAP_STEP_MAX (4 * GIB)
#define ROOM_WANTED (128 * MIB) /* or a quarter of the map: grow when no reader is in the way */
#define ROOM_NEEDED                                                                                \
    (72 * MIB) /* or an eighth: wait for readers. One largest value and its tree                   \
                */
#define ROOM_NEEDED_MAX GIB

enum { FREE_DBI = 0, SHORT_TRIES = 20 };

/* ---- the file ---- */

int kv_lmdb_fd(const struct lmdb *lmdb)
{
    mdb_filehandle_t fd = -1;
    return mdb_env_get_fd(lmdb->env, &fd) == 0 ? fd : -1;
}

uint64_t kv_lmdb_bytes_needed(const struct lmdb *lmdb)
{
    MDB_envinfo info;
    if (mdb_env_info(lmdb->env, &info) != 0)
        return 0;
    return ((uint64_t)info.me_last_pgno + 1) * lmdb->page_size;
}

uint64_t kv_lmdb_file_size(const struct lmdb *lmdb)
{
    struct stat st;
    return fstat(kv_lmdb_fd(lmdb), &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

int kv_lmdb_count_free(MDB_txn *mdb, uint64_t from, uint64_t *count)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(mdb, FREE_DBI, &cursor);
    if (rc != 0)
        return kv_lmdb_error(rc);
    *count = 0;
    MDB_val key, list;
    while ((rc = mdb_cursor_get(cursor, &key, &list, MDB_NEXT)) == 0) {
        /* A list is its length, then page numbers, all size_t. */
        size_t length = 0;
        if (list.mv_size >= sizeof length)
            memcpy(&length, list.mv_data, sizeof length);
        if (length > list.mv_size / sizeof length - 1) {
            rc = MDB_CORRUPTED;
            break;
        }
        for (size_t i = 1; i <= length; i++) {
            size_t page;
            memcpy(&page, (const uint8_t *)list.mv_data + i * sizeof page, sizeof page);
            *count += page >= from;
        }
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : kv_lmdb_error(rc);
}

/* Every page from the end of the file on is free; called with the file padded, so that it is safe.
 */
static int missing_are_free(struct lmdb *lmdb, uint64_t size, uint64_t needed)
{
    uint64_t from = size / lmdb->page_size;
    MDB_txn *mdb;
    int rc = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &mdb);
    if (rc != 0)
        return kv_lmdb_error(rc);
    uint64_t count = 0;
    int error = kv_lmdb_count_free(mdb, from, &count);
    mdb_txn_abort(mdb);
    if (error == 0 && count != needed / lmdb->page_size - from)
        error = FORA_E_CORRUPT;
    return error;
}

int kv_lmdb_check_length(struct lmdb *lmdb, struct fora_buf *why)
{
    uint64_t size = kv_lmdb_file_size(lmdb);
    uint64_t needed = kv_lmdb_bytes_needed(lmdb);
    /* A writer beside a read-only opener may be between its commit and its padding. */
    for (int i = 0; lmdb->read_only && size < needed && i < SHORT_TRIES; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        size = kv_lmdb_file_size(lmdb);
    }
    if (size >= needed)
        return 0;
    int error = FORA_E_CORRUPT;
    if (!lmdb->read_only && ftruncate(kv_lmdb_fd(lmdb), (off_t)needed) == 0) {
        error = missing_are_free(lmdb, size, needed);
        if (error != 0 && ftruncate(kv_lmdb_fd(lmdb), (off_t)size) != 0)
            error = FORA_E_IO;
    }
    if (error == 0)
        return 0;
    return kv_why(why, error,
        "%s/data.mdb was cut off: it has %llu bytes and needs %llu; restore a backup", lmdb->path,
        (unsigned long long)size, (unsigned long long)needed);
}

void kv_lmdb_pad(struct lmdb *lmdb)
{
    uint64_t needed = kv_lmdb_bytes_needed(lmdb);
    /* Failure does no harm: the next open looks whether the missing pages are free. */
    if (kv_lmdb_file_size(lmdb) < needed && ftruncate(kv_lmdb_fd(lmdb), (off_t)needed) != 0)
        return;
}

/* ---- growth ---- */

static uint64_t max64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t min64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The gate is closed. 0 adopts the size that another process chose. */
static int set_map_size(struct lmdb *lmdb, uint64_t size)
{
    /* LMDB unmaps before it maps, and a failure there leaves no map at all: try beside it first. */
    if (size != 0) {
        void *probe = mmap(NULL, size, PROT_READ, MAP_SHARED, kv_lmdb_fd(lmdb), 0);
        if (probe == MAP_FAILED)
            return FORA_E_FULL;
        (void)munmap(probe, size);
    }
    int rc = mdb_env_set_mapsize(lmdb->env, size);
    if (rc != 0)
        lmdb->broken = kv_lmdb_error(rc);
    return kv_lmdb_error(rc);
}

static uint64_t next_map_size(const struct lmdb *lmdb, uint64_t map, uint64_t used)
{
    uint64_t size = map + min64(map, MAP_STEP_MAX);
    size = min64(max64(size, used + ROOM_WANTED), lmdb->map_limit);
    return size - size % lmdb->page_size;
}

int kv_lmdb_make_room(struct lmdb *lmdb)
{
    MDB_envinfo info;
    int rc = mdb_env_info(lmdb->env, &info);
    if (rc != 0)
        return kv_lmdb_error(rc);
    uint64_t map = info.me_mapsize;
    uint64_t used = ((uint64_t)info.me_last_pgno + 1) * lmdb->page_size;
    uint64_t room = map > used ? map - used : 0;
    if (room >= max64(map / 4, ROOM_WANTED) && !lmdb->was_full)
        return 0;
    uint64_t size = next_map_size(lmdb, map, used);
    if (size <= map)
        return 0; /* at the limit: a transaction may still fit into free pages */
    bool pressing = lmdb->was_full || room < max64(min64(map / 8, ROOM_NEEDED_MAX), ROOM_NEEDED);
    int error = kv_gate_close(&lmdb->base, pressing);
    if (error == FORA_E_AGAIN)
        return 0;
    if (error != 0)
        return error;
    int dead = 0;
    (void)mdb_reader_check(lmdb->env, &dead); /* a killed reader's slot would pin its pages */
    error = set_map_size(lmdb, size);
    kv_gate_open(&lmdb->base);
    lmdb->was_full = false;
    /* No address space for more: what there is may do. */
    return lmdb->broken != 0 ? error : 0;
}

int kv_lmdb_remap(struct kv *kv)
{
    struct lmdb *lmdb = lmdb_of(kv);
    int error = kv_gate_close(kv, true);
    if (error != 0)
        return error;
    error = lmdb->broken != 0 ? lmdb->broken : set_map_size(lmdb, 0);
    kv_gate_open(kv);
    return error;
}
