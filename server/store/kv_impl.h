/*
 * Private to server/store/kv*: what a back end provides, and the gate that both share.
 *
 * kv.c checks arguments, keeps the sticky error and the positions of cursors; a back end stores.
 * Every function of a back end returns 0, FORA_E_NOTFOUND for a miss, or another FORA_E_*.
 */
#ifndef FORAD_STORE_KV_IMPL_H
#define FORAD_STORE_KV_IMPL_H

#include "store/kv.h"

#include <pthread.h>

enum kv_move { KV_SEEK, KV_SEEK_BEFORE, KV_FIRST, KV_LAST, KV_NEXT, KV_PREV };
enum kv_put_mode { KV_PUT, KV_INSERT, KV_APPEND, KV_RESERVE };

/* begin_read only: the data outgrew this process's map; call remap with no transaction held. */
enum { KV_REMAP = 1 };

struct kv_impl {
    /* A transaction that is not begun, zeroed apart from what the back end needs; NULL: no memory.
     */
    struct kv_txn *(*txn_new)(struct kv *kv);
    void (*txn_free)(struct kv_txn *txn); /* not begun, or ended */
    int (*begin_read)(struct kv_txn *txn);
    void (*end_read)(struct kv_txn *txn); /* it may be begun again */
    int (*remap)(struct kv *kv);
    int (*begin_write)(struct kv_txn *txn); /* the writer mutex is held */
    int (*commit)(struct kv_txn *txn);      /* ends it, whatever it returns */
    void (*abort)(struct kv_txn *txn);
    int (*get)(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes *value);
    /* KV_INSERT: FORA_E_NOTFOUND when the key is there, and all stays. KV_RESERVE: value.data is
     * unused and *out is where the caller writes. */
    int (*put)(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value,
        enum kv_put_mode mode, uint8_t **out);
    int (*remove)(struct kv_txn *txn, unsigned table, struct fora_bytes key);
    int (*clear)(struct kv_txn *txn, unsigned table);
    int (*count)(struct kv_txn *txn, unsigned table, uint64_t *out);
    /* *inner NULL with 0: the table does not exist (read only), nothing is to be found. */
    int (*cursor_open)(struct kv_txn *txn, unsigned table, void **inner);
    void (*cursor_close)(void *inner);
    /* KV_NEXT and KV_PREV come only after a move that found, with no write to the table between. */
    int (*cursor_move)(void *inner, enum kv_move move, struct fora_bytes target,
        struct fora_bytes *key, struct fora_bytes *value);
    int (*info)(struct kv *kv, struct kv_info *out);
    int (*failed)(struct kv *kv);
    int (*backup)(struct kv *kv, const char *folder, struct fora_buf *why);
    void (*close)(struct kv *kv); /* frees it; kv_base_fini is the back end's to call */
};

/*
 * The gate: read transactions hold it shared, whoever changes the map holds it alone. While
 * somebody waits to have it alone, new readers wait too, so that a stream of short readers cannot
 * starve him; but a thread that is already inside may enter again, or it would wait for itself.
 */
struct kv_gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct kv_txn *inside; /* begun read transactions, linked by prev and next */
    unsigned count;
    unsigned waiting; /* for it to be empty */
    bool closed;
    struct kv_txn *pool; /* ended read transactions, ready to begin again, linked by next */
    unsigned pooled;
};

struct kv {
    const struct kv_impl *impl;
    size_t tables;
    struct kv_gate gate;
    pthread_mutex_t writer;  /* held from begin_write to its end */
    pthread_t writer_thread; /* under gate.mutex, valid while writing */
    bool writing;            /* under gate.mutex */
};

enum kv_position { KV_FRESH, KV_BEFORE, KV_ON, KV_AFTER };

struct kv_cursor {
    struct kv_txn *txn;
    void *inner;
    unsigned table;
    enum kv_position position;
    uint64_t writes; /* of the table when the back end's cursor was placed */
    size_t key_size; /* where it stands; kept in write transactions only */
    uint8_t key[KV_KEY_MAX];
};

struct kv_txn {
    struct kv *kv;
    bool writable;
    int error;
    void *kept; /* of the layer above */
    pthread_t owner;
    struct kv_txn *prev, *next;
    struct kv_cursor broken;        /* what kv_cursor_open returns when there is no memory */
    uint64_t writes[KV_TABLES_MAX]; /* counts changes, so that cursors notice them */
};

int kv_base_init(struct kv *kv, const struct kv_impl *impl, size_t tables) FORA_MUST_USE;
void kv_base_fini(struct kv *kv); /* frees the pool */

/* Lets in `fresh`, or when that is NULL a pooled transaction, waiting while somebody has or wants
 * the gate alone. Returns who is inside now; NULL: the pool was empty, nobody went in. */
struct kv_txn *kv_gate_enter(struct kv *kv, struct kv_txn *fresh);
/* Unlinks txn; `keep` offers it to the pool. When it was not taken, true: the caller frees it. */
bool kv_gate_leave(struct kv *kv, struct kv_txn *txn, bool keep) FORA_MUST_USE;
bool kv_gate_holds(struct kv *kv); /* does this thread have a transaction open, of either kind? */
unsigned kv_gate_readers(struct kv *kv);
/* Waits until no reader is inside, empties the pool and keeps readers out until kv_gate_open.
 * FORA_E_AGAIN: there are readers and `wait` is false. FORA_E_BUSY: this thread is one of them. */
int kv_gate_close(struct kv *kv, bool wait) FORA_MUST_USE;
void kv_gate_open(struct kv *kv);

#endif
