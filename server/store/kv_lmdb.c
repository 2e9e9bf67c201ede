/*
 * The key-value layer on LMDB: the only file that calls mdb_*.
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
#include "store/kv_file.h"
#include "store/kv_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define MAP_INITIAL (64 * MIB)
#define MAP_LIMIT (1024 * GIB)
#define MAP_STEP_MAX (4 * GIB)
#define ROOM_WANTED (128 * MIB) /* or a quarter of the map: grow when no reader is in the way */
#define ROOM_NEEDED (72 * MIB)  /* or an eighth: wait for readers. One largest value and its tree  \
                                 */
#define ROOM_NEEDED_MAX GIB

enum { READERS_MAX = 510, FREE_DBI = 0, SHORT_TRIES = 20 };

struct lmdb {
    struct kv base;
    MDB_env *env;
    char *path;
    int lock_fd; /* the writer's flock; -1 when read only */
    bool read_only;
    bool was_full; /* the last write transaction met a full map; under the writer mutex */
    int broken;    /* the map is gone: every begin fails; changed with the gate closed */
    uint64_t map_limit;
    uint64_t page_size;
    bool present[KV_TABLES_MAX]; /* always true unless read only */
    MDB_dbi dbi[KV_TABLES_MAX];
};

struct lmdb_txn {
    struct kv_txn base;
    MDB_txn *mdb; /* a pooled one is reset */
};

static struct lmdb *lmdb_of(struct kv *kv)
{
    return (struct lmdb *)kv;
}

static MDB_txn *mdb_of(struct kv_txn *txn)
{
    return ((struct lmdb_txn *)txn)->mdb;
}

/* LMDB takes void * and does not write through it. */
static MDB_val to_val(struct fora_bytes bytes)
{
    return (MDB_val){.mv_size = bytes.size, .mv_data = (void *)(uintptr_t)bytes.data};
}

static struct fora_bytes from_val(const MDB_val *val)
{
    return fora_bytes(val->mv_data, val->mv_size);
}

static int translate(int rc)
{
    switch (rc) {
    case MDB_SUCCESS:
        return 0;
    case MDB_NOTFOUND:
        return FORA_E_NOTFOUND;
    case MDB_MAP_FULL:
        return FORA_E_FULL;
    case MDB_TXN_FULL:
        return FORA_E_TOO_LARGE;
    case MDB_READERS_FULL:
    case MDB_MAP_RESIZED:
        return FORA_E_BUSY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_PANIC:
    case MDB_CURSOR_FULL:
    case MDB_INCOMPATIBLE:
        return FORA_E_CORRUPT;
    default:
        return rc < 0 || rc == EINVAL ? FORA_E_INTERNAL : kv_file_error(rc);
    }
}

/* ---- the file ---- */

static int fd_of(const struct lmdb *lmdb)
{
    mdb_filehandle_t fd = -1;
    return mdb_env_get_fd(lmdb->env, &fd) == 0 ? fd : -1;
}

static uint64_t bytes_needed(const struct lmdb *lmdb)
{
    MDB_envinfo info;
    if (mdb_env_info(lmdb->env, &info) != 0)
        return 0;
    return ((uint64_t)info.me_last_pgno + 1) * lmdb->page_size;
}

static uint64_t file_size(const struct lmdb *lmdb)
{
    struct stat st;
    return fstat(fd_of(lmdb), &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

/* Counts the free pages numbered `from` or more. */
static int count_free(MDB_txn *mdb, uint64_t from, uint64_t *count)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(mdb, FREE_DBI, &cursor);
    if (rc != 0)
        return translate(rc);
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
    return rc == MDB_NOTFOUND ? 0 : translate(rc);
}

/* Every page from the end of the file on is free; called with the file padded, so that it is safe.
 */
static int missing_are_free(struct lmdb *lmdb, uint64_t size, uint64_t needed)
{
    uint64_t from = size / lmdb->page_size;
    MDB_txn *mdb;
    int rc = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &mdb);
    if (rc != 0)
        return translate(rc);
    uint64_t count = 0;
    int error = count_free(mdb, from, &count);
    mdb_txn_abort(mdb);
    if (error == 0 && count != needed / lmdb->page_size - from)
        error = FORA_E_CORRUPT;
    return error;
}

static int check_length(struct lmdb *lmdb, struct fora_buf *why)
{
    uint64_t size = file_size(lmdb);
    uint64_t needed = bytes_needed(lmdb);
    /* A writer beside a read-only opener may be between its commit and its padding. */
    for (int i = 0; lmdb->read_only && size < needed && i < SHORT_TRIES; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        size = file_size(lmdb);
    }
    if (size >= needed)
        return 0;
    int error = FORA_E_CORRUPT;
    if (!lmdb->read_only && ftruncate(fd_of(lmdb), (off_t)needed) == 0) {
        error = missing_are_free(lmdb, size, needed);
        if (error != 0 && ftruncate(fd_of(lmdb), (off_t)size) != 0)
            error = FORA_E_IO;
    }
    if (error == 0)
        return 0;
    return kv_why(why, error,
        "%s/data.mdb was cut off: it has %llu bytes and needs %llu; restore a backup", lmdb->path,
        (unsigned long long)size, (unsigned long long)needed);
}

static void pad_file(struct lmdb *lmdb)
{
    uint64_t needed = bytes_needed(lmdb);
    /* Failure does no harm: the next open looks whether the missing pages are free. */
    if (file_size(lmdb) < needed && ftruncate(fd_of(lmdb), (off_t)needed) != 0)
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
        void *probe = mmap(NULL, size, PROT_READ, MAP_SHARED, fd_of(lmdb), 0);
        if (probe == MAP_FAILED)
            return FORA_E_FULL;
        (void)munmap(probe, size);
    }
    int rc = mdb_env_set_mapsize(lmdb->env, size);
    if (rc != 0)
        lmdb->broken = translate(rc);
    return translate(rc);
}

static uint64_t next_map_size(const struct lmdb *lmdb, uint64_t map, uint64_t used)
{
    uint64_t size = map + min64(map, MAP_STEP_MAX);
    size = min64(max64(size, used + ROOM_WANTED), lmdb->map_limit);
    return size - size % lmdb->page_size;
}

/* The writer mutex is held, no write transaction is open. */
static int make_room(struct lmdb *lmdb)
{
    MDB_envinfo info;
    int rc = mdb_env_info(lmdb->env, &info);
    if (rc != 0)
        return translate(rc);
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

static int lmdb_remap(struct kv *kv)
{
    struct lmdb *lmdb = lmdb_of(kv);
    int error = kv_gate_close(kv, true);
    if (error != 0)
        return error;
    error = lmdb->broken != 0 ? lmdb->broken : set_map_size(lmdb, 0);
    kv_gate_open(kv);
    return error;
}

/* ---- transactions ---- */

static struct kv_txn *lmdb_txn_new(struct kv *kv)
{
    (void)kv;
    return calloc(1, sizeof(struct lmdb_txn));
}

static void lmdb_txn_free(struct kv_txn *txn)
{
    if (mdb_of(txn) != NULL)
        mdb_txn_abort(mdb_of(txn));
    free(txn);
}

static int start_read(struct lmdb *lmdb, struct lmdb_txn *txn)
{
    if (txn->mdb != NULL)
        return mdb_txn_renew(txn->mdb);
    return mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn->mdb);
}

static int lmdb_begin_read(struct kv_txn *base)
{
    struct lmdb_txn *txn = (struct lmdb_txn *)base;
    struct lmdb *lmdb = lmdb_of(base->kv);
    if (lmdb->broken != 0)
        return lmdb->broken;
    int rc = start_read(lmdb, txn);
    int dead = 0;
    if (rc == MDB_READERS_FULL && mdb_reader_check(lmdb->env, &dead) == 0 && dead > 0)
        rc = start_read(lmdb, txn);
    return rc == MDB_MAP_RESIZED ? KV_REMAP : translate(rc);
}

static void lmdb_end_read(struct kv_txn *txn)
{
    mdb_txn_reset(mdb_of(txn));
}

static int lmdb_begin_write(struct kv_txn *base)
{
    struct lmdb_txn *txn = (struct lmdb_txn *)base;
    struct lmdb *lmdb = lmdb_of(base->kv);
    if (lmdb->read_only)
        return FORA_E_USAGE;
    int error = lmdb->broken != 0 ? lmdb->broken : make_room(lmdb);
    if (error != 0)
        return error;
    return translate(mdb_txn_begin(lmdb->env, NULL, 0, &txn->mdb));
}

/* LMDB reports a short write, which is how many file systems say that they are full, as EIO. */
static bool disk_is_full(const struct lmdb *lmdb)
{
    struct statvfs fs;
    return fstatvfs(fd_of(lmdb), &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < MIB;
}

static int write_error(struct lmdb *lmdb, int rc)
{
    if (rc == MDB_MAP_FULL)
        lmdb->was_full = true;
    if (rc == EIO && disk_is_full(lmdb))
        return FORA_E_FULL;
    return translate(rc);
}

static int lmdb_commit(struct kv_txn *base)
{
    struct lmdb_txn *txn = (struct lmdb_txn *)base;
    struct lmdb *lmdb = lmdb_of(base->kv);
    int rc = mdb_txn_commit(txn->mdb);
    txn->mdb = NULL;
    if (rc != 0)
        return write_error(lmdb, rc);
    pad_file(lmdb);
    return 0;
}

static void lmdb_abort(struct kv_txn *base)
{
    struct lmdb_txn *txn = (struct lmdb_txn *)base;
    mdb_txn_abort(txn->mdb);
    txn->mdb = NULL;
}

/* ---- keys ---- */

static int lmdb_get(
    struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes *value)
{
    const struct lmdb *lmdb = lmdb_of(txn->kv);
    if (!lmdb->present[table])
        return FORA_E_NOTFOUND;
    MDB_val k = to_val(key), v;
    int rc = mdb_get(mdb_of(txn), lmdb->dbi[table], &k, &v);
    if (rc == 0)
        *value = from_val(&v);
    return translate(rc);
}

static int lmdb_put(struct kv_txn *txn, unsigned table, struct fora_bytes key,
    struct fora_bytes value, enum kv_put_mode mode, uint8_t **out)
{
    struct lmdb *lmdb = lmdb_of(txn->kv);
    MDB_val k = to_val(key), v = to_val(value);
    unsigned flags = mode == KV_APPEND ? MDB_APPEND : mode == KV_RESERVE ? MDB_RESERVE : 0;
    int rc = mdb_put(mdb_of(txn), lmdb->dbi[table], &k, &v, flags);
    if (rc == 0 && mode == KV_RESERVE)
        *out = v.mv_data;
    return write_error(lmdb, rc);
}

static int lmdb_remove(struct kv_txn *txn, unsigned table, struct fora_bytes key)
{
    struct lmdb *lmdb = lmdb_of(txn->kv);
    MDB_val k = to_val(key);
    return write_error(lmdb, mdb_del(mdb_of(txn), lmdb->dbi[table], &k, NULL));
}

static int lmdb_clear(struct kv_txn *txn, unsigned table)
{
    struct lmdb *lmdb = lmdb_of(txn->kv);
    return write_error(lmdb, mdb_drop(mdb_of(txn), lmdb->dbi[table], 0));
}

static int lmdb_count(struct kv_txn *txn, unsigned table, uint64_t *out)
{
    const struct lmdb *lmdb = lmdb_of(txn->kv);
    if (!lmdb->present[table])
        return FORA_E_NOTFOUND;
    MDB_stat stat;
    int rc = mdb_stat(mdb_of(txn), lmdb->dbi[table], &stat);
    if (rc == 0)
        *out = stat.ms_entries;
    return translate(rc);
}

/* ---- cursors ---- */

static int lmdb_cursor_open(struct kv_txn *txn, unsigned table, void **inner)
{
    const struct lmdb *lmdb = lmdb_of(txn->kv);
    MDB_cursor *cursor = NULL;
    int rc = 0;
    if (lmdb->present[table])
        rc = mdb_cursor_open(mdb_of(txn), lmdb->dbi[table], &cursor);
    *inner = cursor;
    return translate(rc);
}

static void lmdb_cursor_close(void *inner)
{
    mdb_cursor_close(inner);
}

static int seek_before(MDB_cursor *cursor, MDB_val *key, MDB_val *value)
{
    int rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (rc == 0)
        return mdb_cursor_get(cursor, key, value, MDB_PREV);
    return rc == MDB_NOTFOUND ? mdb_cursor_get(cursor, key, value, MDB_LAST) : rc;
}

static int lmdb_cursor_move(void *inner, enum kv_move move, struct fora_bytes target,
    struct fora_bytes *key, struct fora_bytes *value)
{
    static const MDB_cursor_op ops[] = {[KV_SEEK] = MDB_SET_RANGE,
        [KV_SEEK_BEFORE] = MDB_SET_RANGE,
        [KV_FIRST] = MDB_FIRST,
        [KV_LAST] = MDB_LAST,
        [KV_NEXT] = MDB_NEXT,
        [KV_PREV] = MDB_PREV};
    MDB_val k = to_val(target), v = {0, NULL};
    int rc = move == KV_SEEK_BEFORE ? seek_before(inner, &k, &v)
                                    : mdb_cursor_get(inner, &k, &v, ops[move]);
    if (rc == 0) {
        *key = from_val(&k);
        *value = from_val(&v);
    }
    return translate(rc);
}

/* ---- whole store ---- */

static int lmdb_info(struct kv *kv, struct kv_info *out)
{
    struct lmdb *lmdb = lmdb_of(kv);
    unsigned readers = kv_gate_readers(kv);
    struct kv_txn *txn;
    int error = kv_begin_read(kv, &txn);
    if (error != 0)
        return error;
    MDB_envinfo info;
    uint64_t free_pages = 0;
    error = translate(mdb_env_info(lmdb->env, &info));
    if (error == 0)
        error = count_free(mdb_of(txn), 0, &free_pages);
    kv_abort(txn);
    if (error != 0)
        return error;
    uint64_t all = ((uint64_t)info.me_last_pgno + 1) * lmdb->page_size;
    out->bytes_file = file_size(lmdb);
    out->bytes_free = min64(free_pages * lmdb->page_size, all);
    out->bytes_used = all - out->bytes_free;
    out->map_size = info.me_mapsize;
    out->readers = readers;
    return 0;
}

static int copy_to(struct lmdb *lmdb, int fd)
{
    int rc = MDB_MAP_RESIZED;
    for (int i = 0; rc == MDB_MAP_RESIZED && i < SHORT_TRIES; i++) {
        /* Ours keeps the map in place while LMDB reads in a transaction of its own. */
        struct kv_txn *txn;
        int error = kv_begin_read(&lmdb->base, &txn);
        if (error != 0)
            return error;
        rc = mdb_env_copyfd2(lmdb->env, fd, MDB_CP_COMPACT);
        kv_abort(txn);
    }
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    return translate(rc);
}

static int lmdb_backup(struct kv *kv, const char *folder, struct fora_buf *why)
{
    char *path = kv_file_path(folder, "data.mdb");
    if (path == NULL)
        return FORA_E_NOMEM;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        int error = errno == EEXIST ? FORA_E_EXISTS : kv_file_error(errno);
        error = kv_why(why, error, "%s cannot be made: %s", path, strerror(errno));
        free(path);
        return error;
    }
    int error = copy_to(lmdb_of(kv), fd);
    if (close(fd) != 0 && error == 0)
        error = kv_file_error(errno);
    if (error == 0)
        error = kv_folder_sync(folder);
    if (error != 0) {
        (void)unlink(path);
        error = kv_why(why, error, "the copy %s failed: %s", path, fora_error_text(error));
    }
    free(path);
    return error;
}

static void lmdb_close(struct kv *kv)
{
    struct lmdb *lmdb = lmdb_of(kv);
    kv_base_fini(kv);
    if (lmdb->env != NULL)
        mdb_env_close(lmdb->env);
    if (lmdb->lock_fd >= 0)
        (void)close(lmdb->lock_fd);
    free(lmdb->path);
    free(lmdb);
}

static const struct kv_impl lmdb_impl = {
    .txn_new = lmdb_txn_new,
    .txn_free = lmdb_txn_free,
    .begin_read = lmdb_begin_read,
    .end_read = lmdb_end_read,
    .remap = lmdb_remap,
    .begin_write = lmdb_begin_write,
    .commit = lmdb_commit,
    .abort = lmdb_abort,
    .get = lmdb_get,
    .put = lmdb_put,
    .remove = lmdb_remove,
    .clear = lmdb_clear,
    .count = lmdb_count,
    .cursor_open = lmdb_cursor_open,
    .cursor_close = lmdb_cursor_close,
    .cursor_move = lmdb_cursor_move,
    .info = lmdb_info,
    .backup = lmdb_backup,
    .close = lmdb_close,
};

/* ---- opening ---- */

/* An empty data file appears under its name whole or not at all, so that an empty or half file is
 * always damage and never a start that was interrupted. */
static int write_empty_file(const char *file)
{
    MDB_env *env;
    int rc = mdb_env_create(&env);
    if (rc != 0)
        return rc;
    rc = mdb_env_open(env, file, MDB_NOSUBDIR, 0600);
    if (rc == 0)
        rc = mdb_env_sync(env, 1);
    mdb_env_close(env);
    return rc;
}

static int make_empty(const char *path, const char *data, struct fora_buf *why)
{
    char *fresh = kv_file_path(path, "data.mdb.new");
    char *fresh_lock = kv_file_path(path, "data.mdb.new-lock"); /* LMDB's, made beside it */
    int error = FORA_E_NOMEM;
    if (fresh != NULL && fresh_lock != NULL) {
        (void)unlink(
            fresh); /* left by a start that was interrupted: nothing was ever stored in it */
        error = translate(write_empty_file(fresh));
        if (error == 0 && rename(fresh, data) != 0)
            error = kv_file_error(errno);
        (void)unlink(fresh_lock);
        if (error == 0)
            error = kv_folder_sync(path);
        if (error != 0)
            (void)unlink(fresh);
    }
    free(fresh);
    free(fresh_lock);
    if (error != 0)
        return kv_why(why, error, "%s cannot be made: %s", data, fora_error_text(error));
    return 0;
}

static int prepare_data(const struct kv_lmdb_options *options, struct fora_buf *why)
{
    char *data = kv_file_path(options->path, "data.mdb");
    if (data == NULL)
        return FORA_E_NOMEM;
    int error = 0;
    if (access(data, F_OK) != 0 && errno == ENOENT && !options->read_only)
        error = options->create
                    ? make_empty(options->path, data, why)
                    : kv_why(why, FORA_E_NOTFOUND, "%s: there is no store here", options->path);
    if (error == 0)
        error = kv_data_check(data, why);
    free(data);
    return error;
}

static int open_env(struct lmdb *lmdb, const struct kv_lmdb_options *options)
{
    unsigned flags =
        MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0) | (options->no_sync ? MDB_NOSYNC : 0);
    int rc = mdb_env_create(&lmdb->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(lmdb->env, KV_TABLES_MAX);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(lmdb->env, READERS_MAX);
    uint64_t initial = options->map_initial != 0 ? options->map_initial : MAP_INITIAL;
    if (rc == 0 && !options->read_only)
        rc = mdb_env_set_mapsize(lmdb->env, min64(initial, lmdb->map_limit));
    if (rc == 0)
        rc = mdb_env_open(lmdb->env, options->path, flags, 0600);
    return rc;
}

static int open_table(struct lmdb *lmdb, MDB_txn *mdb, const char *name, size_t i)
{
    int rc = mdb_dbi_open(mdb, name, lmdb->read_only ? 0 : MDB_CREATE, &lmdb->dbi[i]);
    lmdb->present[i] = rc == 0;
    return rc == MDB_NOTFOUND && lmdb->read_only ? 0 : rc;
}

static int open_tables(struct lmdb *lmdb, const char *const *tables, size_t count)
{
    struct kv_txn *txn;
    struct kv *kv = &lmdb->base;
    int error = lmdb->read_only ? kv_begin_read(kv, &txn) : kv_begin_write(kv, &txn);
    if (error != 0)
        return error;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = open_table(lmdb, mdb_of(txn), tables[i], i);
    kv_txn_fail(txn, translate(rc));
    if (!lmdb->read_only)
        return kv_commit(txn);
    /* Handles opened in a transaction outlive it only when it is committed, a reader too. */
    struct lmdb_txn *own = (struct lmdb_txn *)txn;
    error = txn->error != 0 ? txn->error : translate(mdb_txn_commit(own->mdb));
    if (txn->error == 0)
        own->mdb = NULL;
    if (kv_gate_leave(kv, txn, false))
        lmdb_txn_free(txn);
    return error;
}

static int open_store(struct lmdb *lmdb, const struct kv_lmdb_options *options,
    const char *const *tables, size_t count, struct fora_buf *why)
{
    int error = kv_folder_open(options->path, options->create && !options->read_only, why);
    if (error == 0 && !options->read_only)
        error = kv_folder_lock(options->path, &lmdb->lock_fd, why);
    if (error == 0)
        error = prepare_data(options, why);
    if (error != 0)
        return error;
    int rc = open_env(lmdb, options);
    if (rc != 0)
        return kv_why(why, translate(rc), "the store in %s cannot be opened: %s", options->path,
            mdb_strerror(rc));
    MDB_stat stat;
    lmdb->page_size = mdb_env_stat(lmdb->env, &stat) == 0 ? stat.ms_psize : 4096;
    error = check_length(lmdb, why);
    if (error != 0)
        return error;
    int dead = 0;
    (void)mdb_reader_check(lmdb->env, &dead);
    error = open_tables(lmdb, tables, count);
    if (error != 0)
        return kv_why(why, error, "the tables of the store in %s cannot be opened: %s",
            options->path, fora_error_text(error));
    return 0;
}

int kv_lmdb_open(struct kv **out, const struct kv_lmdb_options *options, const char *const *tables,
    size_t count, struct fora_buf *why)
{
    *out = NULL;
    if (count > KV_TABLES_MAX)
        return kv_why(why, FORA_E_USAGE, "more than %d tables", KV_TABLES_MAX);
    struct lmdb *lmdb = calloc(1, sizeof *lmdb);
    if (lmdb == NULL)
        return FORA_E_NOMEM;
    lmdb->lock_fd = -1;
    lmdb->read_only = options->read_only;
    lmdb->map_limit = options->map_limit != 0 ? options->map_limit : MAP_LIMIT;
    lmdb->path = strdup(options->path);
    int error = lmdb->path == NULL ? FORA_E_NOMEM : kv_base_init(&lmdb->base, &lmdb_impl, count);
    if (error != 0) {
        free(lmdb->path);
        free(lmdb);
        return error;
    }
    error = open_store(lmdb, options, tables, count, why);
    if (error != 0) {
        lmdb_close(&lmdb->base);
        return error;
    }
    *out = &lmdb->base;
    return 0;
}
