/*
 * Opening and closing a store on LMDB: folder, lock, data file, map, tables, in that order.
 */
#include "store/kv_lmdb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAP_INITIAL (64 * MIB)
#define MAP_LIMIT (1024 * GIB)

enum { READERS_MAX = 510 };

void kv_lmdb_close(struct kv *kv)
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
        error = kv_lmdb_error(write_empty_file(fresh));
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
    if (initial > lmdb->map_limit)
        initial = lmdb->map_limit;
    if (rc == 0 && !options->read_only)
        rc = mdb_env_set_mapsize(lmdb->env, initial);
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
    kv_txn_fail(txn, kv_lmdb_error(rc));
    if (!lmdb->read_only)
        return kv_commit(txn);
    /* Handles opened in a transaction outlive it only when it is committed, a reader too. */
    struct lmdb_txn *own = (struct lmdb_txn *)txn;
    error = txn->error != 0 ? txn->error : kv_lmdb_error(mdb_txn_commit(own->mdb));
    if (txn->error == 0)
        own->mdb = NULL;
    if (kv_gate_leave(kv, txn, false))
        kv_lmdb_txn_free(txn);
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
        return kv_why(why, kv_lmdb_error(rc), "the store in %s cannot be opened: %s", options->path,
            mdb_strerror(rc));
    MDB_stat stat;
    lmdb->page_size = mdb_env_stat(lmdb->env, &stat) == 0 ? stat.ms_psize : 4096;
    error = kv_lmdb_check_length(lmdb, why);
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
    int error = lmdb->path == NULL ? FORA_E_NOMEM : kv_base_init(&lmdb->base, &kv_lmdb_impl, count);
    if (error != 0) {
        free(lmdb->path);
        free(lmdb);
        return error;
    }
    error = open_store(lmdb, options, tables, count, why);
    if (error != 0) {
        kv_lmdb_close(&lmdb->base);
        return error;
    }
    *out = &lmdb->base;
    return 0;
}
