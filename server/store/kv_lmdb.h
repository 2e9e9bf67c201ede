/*
 * Private to server/store/kv_lmdb*.c, the only files that call mdb_*:
 * kv_lmdb.c       transactions, keys, cursors
 * kv_lmdb_map.c   the data file's length and the map's growth
 * kv_lmdb_open.c  opening and closing
 * kv_lmdb_copy.c  figures and backup
 */
#ifndef FORAD_STORE_KV_LMDB_H
#define FORAD_STORE_KV_LMDB_H

#include "store/kv_file.h"
#include "store/kv_impl.h"

#include <lmdb.h>
#include <stdatomic.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

struct lmdb {
    struct kv base;
    MDB_env *env;
    char *path;
    int lock_fd; /* the writer's flock; -1 when read only */
    bool read_only;
    bool was_full;     /* the last write transaction met a full map; under the writer mutex */
    atomic_int broken; /* the map is gone, or LMDB refuses everything: every begin fails */
    uint64_t map_limit;
    uint64_t page_size;
    bool present[KV_TABLES_MAX]; /* always true unless read only */
    MDB_dbi dbi[KV_TABLES_MAX];
};

struct lmdb_txn {
    struct kv_txn base;
    MDB_txn *mdb; /* a pooled one is reset */
};

static inline struct lmdb *lmdb_of(struct kv *kv)
{
    return (struct lmdb *)kv;
}

static inline MDB_txn *mdb_of(struct kv_txn *txn)
{
    return ((struct lmdb_txn *)txn)->mdb;
}

extern const struct kv_impl kv_lmdb_impl;

int kv_lmdb_error(int rc); /* FORA_E_* for what mdb_* returned */
void kv_lmdb_txn_free(struct kv_txn *txn);

int kv_lmdb_fd(const struct lmdb *lmdb);                /* of data.mdb, borrowed */
uint64_t kv_lmdb_file_size(const struct lmdb *lmdb);    /* bytes */
uint64_t kv_lmdb_bytes_needed(const struct lmdb *lmdb); /* by the newest meta page */
/* Counts the free pages numbered `from` or more. */
int kv_lmdb_count_free(MDB_txn *mdb, uint64_t from, uint64_t *count) FORA_MUST_USE;

/* After mdb_env_open and before any page is read: FORA_E_CORRUPT when the file was cut off. */
int kv_lmdb_check_length(struct lmdb *lmdb, struct fora_buf *why) FORA_MUST_USE;
/* After a commit, the writer mutex held: makes the file as long as its meta page says. */
void kv_lmdb_pad(struct lmdb *lmdb);
/* Grows the map when there is little room. The writer mutex is held, no transaction is open. */
int kv_lmdb_make_room(struct lmdb *lmdb) FORA_MUST_USE;
/* Adopts the map size that another process chose. */
int kv_lmdb_remap(struct kv *kv) FORA_MUST_USE;

int kv_lmdb_failed(struct kv *kv);
int kv_lmdb_info(struct kv *kv, struct kv_info *out) FORA_MUST_USE;
int kv_lmdb_backup(struct kv *kv, const char *folder, struct fora_buf *why) FORA_MUST_USE;
void kv_lmdb_close(struct kv *kv);

#endif
