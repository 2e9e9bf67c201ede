/*
 * The front of the key-value layer: arguments, the sticky error, positions of cursors. See kv.h.
 */
#include "store/kv_impl.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 64 * 1024 * 1024 };

/* A map that grows while one asks for it: other processes write too. */
enum { REMAP_TRIES = 16 };

void kv_close(struct kv *kv)
{
    if (kv != NULL)
        kv->impl->close(kv);
}

/* ---- transactions ---- */

static void reset_txn(struct kv_txn *txn, struct kv *kv, bool writable)
{
    txn->kv = kv;
    txn->writable = writable;
    txn->error = 0;
    txn->kept = NULL;
}

static void end_read(struct kv_txn *txn)
{
    struct kv *kv = txn->kv;
    kv->impl->end_read(txn);
    if (kv_gate_leave(kv, txn, true))
        kv->impl->txn_free(txn);
}

static int try_begin_read(struct kv *kv, struct kv_txn **out)
{
    struct kv_txn *txn = kv_gate_enter(kv, NULL);
    if (txn == NULL) {
        struct kv_txn *fresh = kv->impl->txn_new(kv);
        if (fresh == NULL)
            return FORA_E_NOMEM;
        txn = kv_gate_enter(kv, fresh);
    }
    reset_txn(txn, kv, false);
    int error = kv->impl->begin_read(txn);
    if (error != 0) {
        if (kv_gate_leave(kv, txn, false))
            kv->impl->txn_free(txn);
        return error;
    }
    *out = txn;
    return 0;
}

int kv_begin_read(struct kv *kv, struct kv_txn **out)
{
    *out = NULL;
    for (int i = 0; i < REMAP_TRIES; i++) {
        int error = try_begin_read(kv, out);
        if (error != KV_REMAP)
            return error;
        error = kv->impl->remap(kv);
        if (error != 0)
            return error;
    }
    return FORA_E_BUSY;
}

static void set_writing(struct kv *kv, bool writing)
{
    pthread_mutex_lock(&kv->gate.mutex);
    kv->writing = writing;
    kv->writer_thread = pthread_self();
    pthread_mutex_unlock(&kv->gate.mutex);
}

static void release_writer(struct kv *kv)
{
    set_writing(kv, false);
    pthread_mutex_unlock(&kv->writer);
}

int kv_begin_write(struct kv *kv, struct kv_txn **out)
{
    *out = NULL;
    if (kv_gate_holds(kv))
        return FORA_E_USAGE;
    struct kv_txn *txn = kv->impl->txn_new(kv);
    if (txn == NULL)
        return FORA_E_NOMEM;
    reset_txn(txn, kv, true);
    txn->owner = pthread_self();
    pthread_mutex_lock(&kv->writer);
    set_writing(kv, true);
    int error = kv->impl->begin_write(txn);
    if (error != 0) {
        release_writer(kv);
        kv->impl->txn_free(txn);
        return error;
    }
    *out = txn;
    return 0;
}

static int end_write(struct kv_txn *txn, bool commit)
{
    struct kv *kv = txn->kv;
    int error = txn->error;
    if (commit && error == 0)
        error = kv->impl->commit(txn);
    else
        kv->impl->abort(txn);
    release_writer(kv);
    kv->impl->txn_free(txn);
    return error;
}

int kv_commit(struct kv_txn *txn)
{
    if (txn->writable)
        return end_write(txn, true);
    int error = txn->error;
    end_read(txn);
    return error;
}

void kv_abort(struct kv_txn *txn)
{
    if (txn == NULL)
        return;
    if (txn->writable)
        (void)end_write(txn, false);
    else
        end_read(txn);
}

int kv_txn_error(const struct kv_txn *txn)
{
    return txn->error;
}

void kv_txn_fail(struct kv_txn *txn, int error)
{
    if (txn->error == 0)
        txn->error = error;
}

void kv_txn_keep(struct kv_txn *txn, void *kept)
{
    txn->kept = kept;
}

void *kv_txn_kept(const struct kv_txn *txn)
{
    return txn->kept;
}

/* ---- one key ---- */

/* False also sets the sticky error when the call itself is wrong. */
static bool may_read(struct kv_txn *txn, unsigned table)
{
    if (table >= txn->kv->tables)
        kv_txn_fail(txn, FORA_E_USAGE);
    return txn->error == 0;
}

static bool may_write(struct kv_txn *txn, unsigned table)
{
    if (!txn->writable)
        kv_txn_fail(txn, FORA_E_USAGE);
    if (!may_read(txn, table))
        return false;
    txn->writes[table]++;
    return true;
}

/* 0 becomes true, a miss false, anything else false with the sticky error. */
static bool found(struct kv_txn *txn, int error)
{
    if (error != 0 && error != FORA_E_NOTFOUND)
        kv_txn_fail(txn, error);
    return error == 0;
}

static bool is_key(struct fora_bytes key)
{
    return key.size > 0 && key.size <= KV_KEY_MAX;
}

bool kv_get(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes *value)
{
    struct fora_bytes got = {NULL, 0};
    bool hit = may_read(txn, table) && is_key(key) &&
               found(txn, txn->kv->impl->get(txn, table, key, &got));
    if (value != NULL)
        *value = hit ? got : (struct fora_bytes){NULL, 0};
    return hit;
}

/* The key is copied, so that callers may pass the slice a cursor gave them. */
struct key_copy {
    uint8_t bytes[KV_KEY_MAX];
};

static struct fora_bytes copy_key(struct key_copy *copy, struct fora_bytes key)
{
    memcpy(copy->bytes, key.data, key.size);
    return fora_bytes(copy->bytes, key.size);
}

static bool put(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value,
    enum kv_put_mode mode, uint8_t **out)
{
    if (!may_write(txn, table))
        return false;
    if (!is_key(key) || value.size > VALUE_MAX) {
        kv_txn_fail(txn, is_key(key) ? FORA_E_TOO_LARGE : FORA_E_USAGE);
        return false;
    }
    struct key_copy copy;
    key = copy_key(&copy, key);
    return found(txn, txn->kv->impl->put(txn, table, key, value, mode, out));
}

void kv_put(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value)
{
    (void)put(txn, table, key, value, KV_PUT, NULL);
}

bool kv_insert(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value)
{
    return put(txn, table, key, value, KV_INSERT, NULL);
}

void kv_append(struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes value)
{
    (void)put(txn, table, key, value, KV_APPEND, NULL);
}

void kv_reserve(
    struct kv_txn *txn, unsigned table, struct fora_bytes key, size_t size, uint8_t **out)
{
    *out = NULL;
    if (!put(txn, table, key, fora_bytes(NULL, size), KV_RESERVE, out))
        *out = NULL;
}

bool kv_delete(struct kv_txn *txn, unsigned table, struct fora_bytes key)
{
    if (!may_write(txn, table) || !is_key(key))
        return false;
    struct key_copy copy;
    return found(txn, txn->kv->impl->remove(txn, table, copy_key(&copy, key)));
}

void kv_clear(struct kv_txn *txn, unsigned table)
{
    if (may_write(txn, table))
        (void)found(txn, txn->kv->impl->clear(txn, table));
}

uint64_t kv_count(struct kv_txn *txn, unsigned table)
{
    uint64_t count = 0;
    if (!may_read(txn, table) || !found(txn, txn->kv->impl->count(txn, table, &count)))
        return 0;
    return count;
}

/* ---- cursors ---- */

struct kv_cursor *kv_cursor_open(struct kv_txn *txn, unsigned table)
{
    txn->broken.txn = txn;
    if (!may_read(txn, table))
        return &txn->broken;
    struct kv_cursor *cursor = malloc(sizeof *cursor);
    if (cursor == NULL) {
        kv_txn_fail(txn, FORA_E_NOMEM);
        return &txn->broken;
    }
    cursor->txn = txn;
    cursor->table = table;
    cursor->inner = NULL;
    cursor->position = KV_FRESH;
    cursor->writes = txn->writes[table];
    cursor->key_size = 0;
    if (!found(txn, txn->kv->impl->cursor_open(txn, table, &cursor->inner))) {
        free(cursor);
        return &txn->broken;
    }
    return cursor;
}

void kv_cursor_close(struct kv_cursor *cursor)
{
    if (cursor == NULL || cursor == &cursor->txn->broken)
        return;
    if (cursor->inner != NULL)
        cursor->txn->kv->impl->cursor_close(cursor->inner);
    free(cursor);
}

/*
 * In a write transaction the back end's cursor is not trusted across writes to its table: it is
 * opened anew, and the key where it stood decides what is next. So both back ends behave alike,
 * whatever happens to the entry below the cursor.
 */
static bool is_stale(const struct kv_cursor *cursor)
{
    return cursor->writes != cursor->txn->writes[cursor->table];
}

static bool refresh(struct kv_cursor *cursor)
{
    struct kv_txn *txn = cursor->txn;
    const struct kv_impl *impl = txn->kv->impl;
    if (cursor->inner != NULL)
        impl->cursor_close(cursor->inner);
    cursor->inner = NULL;
    cursor->writes = txn->writes[cursor->table];
    return found(txn, impl->cursor_open(txn, cursor->table, &cursor->inner));
}

static bool move_inner(struct kv_cursor *cursor, enum kv_move how, struct fora_bytes target,
    struct fora_bytes *key, struct fora_bytes *value)
{
    struct kv_txn *txn = cursor->txn;
    if (txn->error != 0 || cursor->inner == NULL || (is_stale(cursor) && !refresh(cursor)))
        return false;
    if (cursor->inner == NULL ||
        !found(txn, txn->kv->impl->cursor_move(cursor->inner, how, target, key, value)))
        return false;
    if (key->size > KV_KEY_MAX) /* never written by us, so the page is damaged */
        kv_txn_fail(txn, FORA_E_CORRUPT);
    return txn->error == 0;
}

/* Where a move that finds nothing leaves the cursor. */
static enum kv_position edge_of(enum kv_move how)
{
    bool backwards = how == KV_PREV || how == KV_SEEK_BEFORE || how == KV_LAST;
    return backwards ? KV_BEFORE : KV_AFTER;
}

/* Books the result of a move and hands it out. */
static bool arrive(struct kv_cursor *cursor, enum kv_move how, bool hit, struct fora_bytes at,
    struct fora_bytes with, struct fora_bytes *key, struct fora_bytes *value)
{
    cursor->position = hit ? KV_ON : edge_of(how);
    if (hit && cursor->txn->writable) {
        memcpy(cursor->key, at.data, at.size);
        cursor->key_size = at.size;
    }
    if (key != NULL)
        *key = hit ? at : (struct fora_bytes){NULL, 0};
    if (value != NULL)
        *value = hit ? with : (struct fora_bytes){NULL, 0};
    return hit;
}

static bool move(struct kv_cursor *cursor, enum kv_move how, struct fora_bytes target,
    struct fora_bytes *key, struct fora_bytes *value)
{
    struct fora_bytes at = {NULL, 0}, with = {NULL, 0};
    bool hit = move_inner(cursor, how, target, &at, &with);
    return arrive(cursor, how, hit, at, with, key, value);
}

bool kv_seek(struct kv_cursor *cursor, struct fora_bytes at_least, struct fora_bytes *key,
    struct fora_bytes *value)
{
    if (at_least.size == 0)
        return kv_first(cursor, key, value);
    return move(cursor, KV_SEEK, at_least, key, value);
}

bool kv_seek_before(struct kv_cursor *cursor, struct fora_bytes less_than, struct fora_bytes *key,
    struct fora_bytes *value)
{
    if (less_than.size == 0) /* nothing is less than the empty key */
        return arrive(cursor, KV_SEEK_BEFORE, false, less_than, less_than, key, value);
    return move(cursor, KV_SEEK_BEFORE, less_than, key, value);
}

bool kv_first(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value)
{
    return move(cursor, KV_FIRST, (struct fora_bytes){NULL, 0}, key, value);
}

bool kv_last(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value)
{
    return move(cursor, KV_LAST, (struct fora_bytes){NULL, 0}, key, value);
}

bool kv_next(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value)
{
    struct fora_bytes at = {NULL, 0}, with = {NULL, 0};
    if (cursor->position == KV_FRESH || cursor->position == KV_BEFORE)
        return kv_first(cursor, key, value);
    bool hit = false;
    if (cursor->position == KV_ON && !is_stale(cursor)) {
        hit = move_inner(cursor, KV_NEXT, at, &at, &with);
    } else if (cursor->position == KV_ON) {
        struct fora_bytes stood = fora_bytes(cursor->key, cursor->key_size);
        hit = move_inner(cursor, KV_SEEK, stood, &at, &with);
        if (hit && fora_bytes_equal(at, stood))
            hit = move_inner(cursor, KV_NEXT, at, &at, &with);
    }
    return arrive(cursor, KV_NEXT, hit, at, with, key, value);
}

bool kv_prev(struct kv_cursor *cursor, struct fora_bytes *key, struct fora_bytes *value)
{
    struct fora_bytes at = {NULL, 0}, with = {NULL, 0};
    if (cursor->position == KV_FRESH || cursor->position == KV_AFTER)
        return kv_last(cursor, key, value);
    bool hit = false;
    if (cursor->position == KV_ON && !is_stale(cursor))
        hit = move_inner(cursor, KV_PREV, at, &at, &with);
    else if (cursor->position == KV_ON)
        hit = move_inner(
            cursor, KV_SEEK_BEFORE, fora_bytes(cursor->key, cursor->key_size), &at, &with);
    return arrive(cursor, KV_PREV, hit, at, with, key, value);
}

/* ---- whole store ---- */

int kv_info(struct kv *kv, struct kv_info *out)
{
    memset(out, 0, sizeof *out);
    return kv->impl->info(kv, out);
}

int kv_failed(struct kv *kv)
{
    return kv->impl->failed(kv);
}

int kv_backup(struct kv *kv, const char *folder, struct fora_buf *why)
{
    return kv->impl->backup(kv, folder, why);
}
