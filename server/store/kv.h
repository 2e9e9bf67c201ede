/*
 * The narrow ordered key-value interface that everything stored goes through: get, put, delete,
 * range cursor, read and write transaction. Behind it: LMDB (kv_lmdb*.c, the only files that call
 * mdb_*) and memory (kv_mem.c, for tests and the simulator).
 *
 * A transaction carries a sticky first error: after it, reads miss and writes do nothing, and
 * commit returns it. A miss is not an error. One writer at a time; any number of readers, each
 * seeing the state of its begin. Keys are 1 to 511 bytes, ordered by memcmp; values 0 to 64 MiB.
 * Another key is never found, and to put one is FORA_E_USAGE; a larger value is FORA_E_TOO_LARGE; a
 * table that does not exist, or a write in a read transaction, is FORA_E_USAGE.
 *
 * Slices that a transaction returns are borrowed until its next write (writers) or its end
 * (readers). So a value that is put must not be one that the same transaction returned: copy it
 * first. A key may be.
 *
 * Threads: a store may be used by many at once. A thread may hold several read transactions, but
 * must begin a write transaction only when it holds none of either kind (FORA_E_USAGE, always): the
 * writer may have to wait until all readers have ended. End read transactions soon: while one is
 * open no page is reused, and a writer that needs a larger map waits for it, with all new readers
 * behind it.
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
    const char *path; /* folder; created when `create` (mode 0700) */
    bool create;
    bool read_only;       /* for forad digest, fsck, backup beside a running node */
    uint64_t map_initial; /* bytes; 0: 64 MiB. The map grows by doubling, up to +4 GiB a step */
    uint64_t map_limit;   /* bytes; 0: 1 TiB. Beyond it a write is refused with FORA_E_FULL */
    bool no_sync;         /* bench of bare cost only */
};

/* FORA_E_NOTFOUND (nothing there and not create), FORA_E_BUSY (another process writes: an flock on
 * PATH/lock, taken unless read_only), FORA_E_CORRUPT (the data file is garbage or was cut off),
 * FORA_E_IO, FORA_E_FULL, FORA_E_NOMEM. On failure a sentence naming path and cause is put into
 * `why` (may be NULL). `tables` (count names, static strings) are created when missing unless
 * read_only, where a missing one is empty; a table is then addressed by its index.
 *
 * Files of PATH: data.mdb, lock.mdb (LMDB's table of readers), lock; mode 0600. Any number of other
 * processes may open it read_only. One process must not open the same PATH twice, not even
 * read_only: POSIX would drop the locks of both at the first close. Do not use a store across fork.
 */
int kv_lmdb_open(struct kv **out, const struct kv_lmdb_options *options, const char *const *tables,
    size_t count, struct fora_buf *why) FORA_MUST_USE;

/* A store in memory with the same behaviour. Faults may be injected (below). */
int kv_mem_open(struct kv **out, size_t tables) FORA_MUST_USE;
/* Memory only: what a crash leaves: drops every commit after the last sync (see
 * kv_mem_set_volatile). No write transaction may be open; readers keep what they see. */
void kv_mem_crash(struct kv *kv);
/* Memory only: the n-th write (put, append, reserve, delete, clear) or commit from now, counted
 * from 1, fails with `error` (once); 0 switches off. */
void kv_mem_fail_at(struct kv *kv, uint64_t n, int error);
/* Memory only: commits are volatile until kv_mem_sync (to model a lying disk). Default: durable. */
void kv_mem_set_volatile(struct kv *kv, bool is_volatile);
void kv_mem_sync(struct kv *kv);

void kv_close(struct kv *kv); /* no transaction may be open; NULL is fine */

/* ---- transactions ---- */

/* FORA_E_NOMEM; FORA_E_BUSY: more than 510 readers in all processes, or another process grew the
 * store while this thread holds an older read transaction. Costs well below a microsecond. */
int kv_begin_read(struct kv *kv, struct kv_txn **out) FORA_MUST_USE;
/* A writer waits for the writer before it. LMDB: grows the map here, when less than 128 MiB or a
 * quarter of it is free and no reader is open, and waits for the readers to end when less than 72
 * MiB or an eighth is free, so that a batch does not meet a full map. */
int kv_begin_write(struct kv *kv, struct kv_txn **out) FORA_MUST_USE;
/* Durable (fsynced) when it returns 0. Ends the transaction whatever it returns. FORA_E_FULL when
 * disk or map is full: nothing of the transaction is stored, and the store goes on; below map_limit
 * the next kv_begin_write makes the map larger. To delete takes some room too. */
int kv_commit(struct kv_txn *txn) FORA_MUST_USE;
void kv_abort(struct kv_txn *txn); /* also how a read transaction ends; NULL is fine */
int kv_txn_error(const struct kv_txn *txn);
void kv_txn_fail(struct kv_txn *txn, int error); /* sets the sticky error when none is set */
/* What the layer above keeps beside a transaction, NULL at its begin: borrowed, and not looked at.
 */
void kv_txn_keep(struct kv_txn *txn, void *kept);
void *kv_txn_kept(const struct kv_txn *txn);

/* True and *value when present; else false and the empty slice. `value` may be NULL. */
bool kv_get(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes *value);
void kv_put(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value);
/* Unless the key is there: true when it was put. */
bool kv_insert(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value);
/* The caller promises that key is greater than every key of the table (cheaper); wrong use:
 * FORA_E_INTERNAL. */
void kv_append(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value);
/* Room for a value of `size` bytes is made under key, and *out is where to write all of it before
 * the next call; NULL when there is an error. */
void kv_reserve(
    struct kv_txn *txn, unsigned table, struct fora_bytes key, size_t size, uint8_t **out);
/* True when it was there. */
bool kv_delete(struct kv_txn *txn, unsigned table, struct fora_bytes key);
void kv_clear(struct kv_txn *txn, unsigned table); /* deletes every key of the table */
uint64_t kv_count(struct kv_txn *txn, unsigned table);

/* ---- cursors ---- */

/* Never NULL: when it cannot be opened, the error is in the transaction and the cursor is at its
 * end.
 *
 * A cursor stands before the first entry (when new, or after a move back that found none), on an
 * entry, or after the last one (after a move forward that found none). kv_next goes to the first
 * key greater than the one where it stands, kv_prev to the last key less than that, also when a
 * write of the same transaction has meanwhile removed that key or put others beside it. On a new
 * cursor kv_next is kv_first and kv_prev is kv_last. */
struct kv_cursor *kv_cursor_open(struct kv_txn *txn, unsigned table);
void kv_cursor_close(struct kv_cursor *cursor);
/* Each returns true and sets *key and *value (either may be NULL) when it stands on an entry; else
 * false, and they are the empty slice. */
bool kv_seek(struct kv_cursor *cursor, struct fora_bytes at_least, struct fora_bytes *key,
    struct fora_bytes *value); /* the first key >= at_least */
bool kv_seek_before(struct kv_cursor *cursor, struct fora_bytes less_than, struct fora_bytes *key,
    struct fora_bytes *value); /* the last key < less_than */
bool kv_first(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
bool kv_last(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
bool kv_next(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);
bool kv_prev(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value);

/* ---- whole store ---- */

struct kv_info {
    uint64_t bytes_used; /* pages in use */
    uint64_t bytes_file; /* size of the data file */
    uint64_t bytes_free; /* pages freed and waiting for reuse */
    uint64_t map_size;
    unsigned readers; /* open read transactions */
};
int kv_info(struct kv *kv, struct kv_info *out) FORA_MUST_USE;
/* 0, or the code with which every transaction fails from now on, until the store is opened again:
 * the disk failed in the write that makes a commit stand, or the map is gone. Nothing that a commit
 * said 0 for is in doubt. Any thread. */
int kv_failed(struct kv *kv);
/* A consistent, compacted copy, as data.mdb (0600, fsynced) in an existing folder, while others
 * read and write; FORA_E_EXISTS when one is there. It is a reader for as long as it takes. LMDB
 * only (FORA_E_UNSUPPORTED). */
int kv_backup(struct kv *kv, const char *folder, struct fora_buf *why) FORA_MUST_USE;

#endif
