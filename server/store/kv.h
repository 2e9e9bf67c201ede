/*
 * The narrow ordered key-value interface that everything stored goes through: get, put, delete, range
 * cursor, read and write transaction. Behind it: LMDB (kv_lmdb.c, the only file that calls mdb_*) and
 * memory (kv_mem.c, for tests and the simulator).
 *
 * A transaction carries a sticky first error: after it, reads miss and writes do nothing, and commit
 * returns it. A miss is not an error. One writer at a time; any number of readers, each seeing the
 * state of its begin. Keys are 1 to 511 bytes, ordered by memcmp; values 0 to 64 MiB.
 *
 * Slices that a transaction returns are borrowed until its next write (writers) or its end (readers).
 */
#ifndef FORAD_STORE_KV_H
#define FORAD_STORE_KV_H

#include "fora/bytes.h"

enum { KV_KEY_MAX = 511, KV_TABLES_MAX = 48 };

struct kv;        /* a store: owned by who opened it */
struct kv_txn;    /* a transaction: used by one thread, which also began it */
struct kv_cursor; /* an iteration: borrowed from its transaction, closed before it ends */

/* ---- opening ---- */

struct kv_lmdb_options {
    const char *path;       /* folder; created when `create` (mode 0700) */
    bool create;
    bool read_only;         /* for forad digest, fsck, backup beside a running node */
    uint64_t map_initial;   /* bytes; 0: 64 MiB. The map grows by doubling, up to +4 GiB a step */
    uint64_t map_limit;     /* bytes; 0: 1 TiB. Beyond it a write is refused with FORA_E_FULL */
    bool no_sync;           /* bench of bare cost only */
};

/* FORA_E_NOTFOUND (nothing there and not create), FORA_E_BUSY (another process writes: an flock on
 * PATH/lock, taken unless read_only), FORA_E_CORRUPT, FORA_E_IO, FORA_E_FULL, FORA_E_NOMEM. On failure
 * a sentence naming path and cause is put into `why` (may be NULL). `tables` (count names, static
 * strings) are created when missing unless read_only; a table is then addressed by its index. */
int kv_lmdb_open(struct kv **out, const struct kv_lmdb_options *options, const char *const *tables,
    size_t count, struct fora_buf *why) FORA_MUST_USE;

/* A store in memory with the same behaviour. Faults may be injected (below). */
int kv_mem_open(struct kv **out, size_t tables) FORA_MUST_USE;
/* Memory only: what a crash leaves: drops every commit after the last sync (see kv_sync_mode). */
void kv_mem_crash(struct kv *kv);
/* Memory only: the n-th put or commit from now fails with `error` (once); 0 switches off. */
void kv_mem_fail_at(struct kv *kv, uint64_t n, int error);
/* Memory only: commits are volatile until kv_mem_sync (to model a lying disk). Default: durable. */
void kv_mem_set_volatile(struct kv *kv, bool is_volatile);
void kv_mem_sync(struct kv *kv);

void kv_close(struct kv *kv); /* no transaction may be open; NULL is fine */

/* ---- transactions ---- */

/* A writer waits for the writer before it. LMDB: grows the map here when less than a quarter is free
 * (waiting for readers to end), so that a batch does not meet a full map. */
int kv_begin_read(struct kv *kv, struct kv_txn **out) FORA_MUST_USE;
int kv_begin_write(struct kv *kv, struct kv_txn **out) FORA_MUST_USE;
/* Durable (fsynced) when it returns 0. Ends the transaction whatever it returns. FORA_E_FULL when disk or
 * map is full: nothing of the transaction is stored, and the store goes on. */
int kv_commit(struct kv_txn *txn) FORA_MUST_USE;
void kv_abort(struct kv_txn *txn); /* also how a read transaction ends; NULL is fine */
int kv_txn_error(const struct kv_txn *txn);
void kv_txn_fail(struct kv_txn *txn, int error); /* sets the sticky error when none is set */

/* True and *value when present. */
bool kv_get(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes *value);
void kv_put(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value);
/* The caller promises that key is greater than every key of the table (cheaper); wrong use: FORA_E_INTERNAL. */
void kv_append(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value);
/* Room for a value of `size` bytes is made under key, and *out is where to write it before the next call. */
void kv_reserve(struct kv_txn *txn, unsigned table, struct fora_bytes key, size_t size, uint8_t **out);
/* True when it was there. */
bool kv_delete(struct kv_txn *txn, unsigned table, struct fora_bytes key);
void kv_clear(struct kv_txn *txn, unsigned table); /* deletes every key of the table */
uint64_t kv_count(struct kv_txn *txn, unsigned table);

/* ---- cursors ---- */

/* Never NULL: when it cannot be opened, the error is in the transaction and the cursor is at its end. */
struct kv_cursor *kv_cursor_open(struct kv_txn *txn, unsigned table);
void kv_cursor_close(struct kv_cursor *cursor);
/* Each returns true and sets *key and *value (either may be NULL) when it stands on an entry. */
bool kv_seek(struct kv_cursor *cursor, struct fora_bytes at_least, struct fora_bytes *key,
    struct fora_bytes *value); /* the first key >= at_least */
bool kv_seek_before(struct kv_cursor *cursor, struct fora_bytes less_than, struct fora_bytes *key,
    struct fora_bytes *value); /* the last key < less_than */
bool kv_first(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
bool kv_last(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
bool kv_next(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
bool kv_prev(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
/* Writes through a cursor's table by kv_put/kv_delete leave the cursor where it was, or after it. */

/* ---- whole store ---- */

struct kv_info {
    uint64_t bytes_used;   /* pages in use */
    uint64_t bytes_file;   /* size of the data file */
    uint64_t bytes_free;   /* pages freed and waiting for reuse */
    uint64_t map_size;
    unsigned readers;      /* open read transactions */
};
int kv_info(struct kv *kv, struct kv_info *out) FORA_MUST_USE;
/* A consistent, compacted copy into an existing empty folder while others read and write. `progress`
 * may be NULL. LMDB only. */
int kv_backup(struct kv *kv, const char *folder, struct fora_buf *why) FORA_MUST_USE;

#endif
