/*
 * A store on LMDB as a whole: figures and backup.
 */
#include "store/kv_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each means that another process grew the store between two calls. */
enum { COPY_TRIES = 20 };

int kv_lmdb_info(struct kv *kv, struct kv_info *out)
{
    struct lmdb *lmdb = lmdb_of(kv);
    unsigned readers = kv_gate_readers(kv);
    struct kv_txn *txn;
    int error = kv_begin_read(kv, &txn);
    if (error != 0)
        return error;
    MDB_envinfo info;
    uint64_t free_pages = 0;
    error = kv_lmdb_error(mdb_env_info(lmdb->env, &info));
    if (error == 0)
        error = kv_lmdb_count_free(mdb_of(txn), 0, &free_pages);
    kv_abort(txn);
    if (error != 0)
        return error;
    uint64_t all = ((uint64_t)info.me_last_pgno + 1) * lmdb->page_size;
    out->bytes_file = kv_lmdb_file_size(lmdb);
    out->bytes_free = free_pages * lmdb->page_size;
    if (out->bytes_free > all) /* the figures are of two moments when a writer is at work */
        out->bytes_free = all;
    out->bytes_used = all - out->bytes_free;
    out->map_size = info.me_mapsize;
    out->readers = readers;
    return 0;
}

static int copy_to(struct lmdb *lmdb, int fd)
{
    int rc = MDB_MAP_RESIZED;
    for (int i = 0; rc == MDB_MAP_RESIZED && i < COPY_TRIES; i++) {
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
    return kv_lmdb_error(rc);
}

int kv_lmdb_backup(struct kv *kv, const char *folder, struct fora_buf *why)
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
