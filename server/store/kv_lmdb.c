/*
 * The key-value layer on LMDB: transactions, keys, cursors.
 */
#include "store/kv_lmdb.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>

/* LMDB takes void * and does not write through it. */
static MDB_val to_val(struct fora_bytes bytes)
{
    return (MDB_val){.mv_size = bytes.size, .mv_data = (void *)(uintptr_t)bytes.data};
}

static struct fora_bytes from_val(const MDB_val *val)
{
    return fora_bytes(val->mv_data, val->mv_size);
}

int kv_lmdb_error(int rc)
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

/* ---- transactions ---- */

static struct kv_txn *lmdb_txn_new(struct kv *kv)
{
    (void)kv;
    return calloc(1, sizeof(struct lmdb_txn));
}

void kv_lmdb_txn_free(struct kv_txn *txn)
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
    return rc == MDB_MAP_RESIZED ? KV_REMAP : kv_lmdb_error(rc);
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
    int error = lmdb->broken != 0 ? lmdb->broken : kv_lmdb_make_room(lmdb);
    if (error != 0)
        return error;
    return kv_lmdb_error(mdb_txn_begin(lmdb->env, NULL, 0, &txn->mdb));
}

/* LMDB reports a short write, which is how many file systems say that they are full, as EIO. */
static bool disk_is_full(const struct lmdb *lmdb)
{
    struct statvfs fs;
    return fstatvfs(kv_lmdb_fd(lmdb), &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < MIB;
}

static int write_error(struct lmdb *lmdb, int rc)
{
    if (rc == MDB_MAP_FULL)
        lmdb->was_full = true;
    if (rc == EIO && disk_is_full(lmdb))
        return FORA_E_FULL;
    return kv_lmdb_error(rc);
}

/*
 * What a failed sync leaves. Pages that did not reach the disk belong to nobody: no meta page names
 * them, and the next transaction writes its own, so the store goes on. When the meta page itself
 * could not be written, nobody knows which of the two is on the disk: LMDB refuses everything from
 * then on, and whoever opens the store next finds one or the other, each whole.
 */
static void note_panic(struct lmdb *lmdb)
{
    MDB_txn *probe;
    int rc = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &probe);
    if (rc == 0)
        mdb_txn_abort(probe);
    else if (rc == MDB_PANIC)
        atomic_store(&lmdb->broken, FORA_E_IO);
}

int kv_lmdb_failed(struct kv *kv)
{
    return atomic_load(&lmdb_of(kv)->broken);
}

static int lmdb_commit(struct kv_txn *base)
{
    struct lmdb_txn *txn = (struct lmdb_txn *)base;
    struct lmdb *lmdb = lmdb_of(base->kv);
    int rc = mdb_txn_commit(txn->mdb);
    txn->mdb = NULL;
    if (rc != 0) {
        note_panic(lmdb);
        return write_error(lmdb, rc);
    }
    kv_lmdb_pad(lmdb);
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
    return kv_lmdb_error(rc);
}

static int lmdb_put(struct kv_txn *txn, unsigned table, struct fora_bytes key,
    struct fora_bytes value, enum kv_put_mode mode, uint8_t **out)
{
    struct lmdb *lmdb = lmdb_of(txn->kv);
    MDB_val k = to_val(key), v = to_val(value);
    static const unsigned flags[] = {[KV_PUT] = 0,
        [KV_INSERT] = MDB_NOOVERWRITE,
        [KV_APPEND] = MDB_APPEND,
        [KV_RESERVE] = MDB_RESERVE};
    int rc = mdb_put(mdb_of(txn), lmdb->dbi[table], &k, &v, flags[mode]);
    if (rc == MDB_KEYEXIST && mode == KV_INSERT)
        return FORA_E_NOTFOUND;
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
    return kv_lmdb_error(rc);
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
    return kv_lmdb_error(rc);
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
    return kv_lmdb_error(rc);
}

/* ---- the back end ---- */

const struct kv_impl kv_lmdb_impl = {
    .txn_new = lmdb_txn_new,
    .txn_free = kv_lmdb_txn_free,
    .begin_read = lmdb_begin_read,
    .end_read = lmdb_end_read,
    .remap = kv_lmdb_remap,
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
    .info = kv_lmdb_info,
    .failed = kv_lmdb_failed,
    .backup = kv_lmdb_backup,
    .close = kv_lmdb_close,
};
