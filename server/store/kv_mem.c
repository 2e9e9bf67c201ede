/*
 * The key-value layer in memory, for tests and the simulator: a snapshot is one persistent tree per
 * table. A read transaction holds the snapshot that was current at its begin; a write transaction
 * builds the next one, and commit makes it current.
 */
#include "store/kv_file.h"
#include "store/kv_impl.h"
#include "store/kv_tree.h"

#include <stdlib.h>

struct table {
    struct kv_node *root;
    uint64_t count;
};

struct snapshot {
    atomic_size_t refs;
    uint64_t bytes; /* of keys and values */
    struct table tables[KV_TABLES_MAX];
};

struct mem {
    struct kv base;
    pthread_mutex_t mutex;    /* over everything below */
    struct snapshot *current; /* what a new transaction sees */
    struct snapshot *durable; /* what a crash leaves */
    bool is_volatile;
    uint64_t fail_in; /* the write or commit that fails, counted from the next one; 0: none */
    int fail_error;
};

struct mem_txn {
    struct kv_txn base;
    struct snapshot *snapshot; /* a writer's is its own until commit */
};

struct mem_cursor {
    struct mem_txn *txn;
    unsigned table;
    const struct kv_item *at;
};

static struct mem *mem_of(struct kv *kv)
{
    return (struct mem *)kv;
}

static struct mem_txn *own_of(struct kv_txn *txn)
{
    return (struct mem_txn *)txn;
}

static struct table *table_of(struct kv_txn *txn, unsigned table)
{
    return &own_of(txn)->snapshot->tables[table];
}

/* ---- snapshots ---- */

static struct snapshot *snapshot_keep(struct snapshot *snapshot)
{
    (void)atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return snapshot;
}

static void snapshot_drop(struct snapshot *snapshot)
{
    if (atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < KV_TABLES_MAX; i++)
        kv_tree_drop(snapshot->tables[i].root);
    free(snapshot);
}

static struct snapshot *snapshot_copy(const struct snapshot *from)
{
    struct snapshot *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    atomic_init(&copy->refs, 1);
    for (size_t i = 0; from != NULL && i < KV_TABLES_MAX; i++) {
        copy->tables[i].root = kv_tree_keep(from->tables[i].root);
        copy->tables[i].count = from->tables[i].count;
    }
    copy->bytes = from != NULL ? from->bytes : 0;
    return copy;
}

static struct snapshot *current_keep(struct mem *mem)
{
    pthread_mutex_lock(&mem->mutex);
    struct snapshot *current = snapshot_keep(mem->current);
    pthread_mutex_unlock(&mem->mutex);
    return current;
}

/* Takes the reference to `next` and drops the one before it; the mutex is held. */
static void replace(struct snapshot **slot, struct snapshot *next)
{
    struct snapshot *before = *slot;
    *slot = next;
    snapshot_drop(before);
}

/* ---- faults ---- */

/* The injected error when this write or commit is the one to fail. */
static int fault(struct mem *mem)
{
    pthread_mutex_lock(&mem->mutex);
    int error = mem->fail_in == 1 ? mem->fail_error : 0;
    if (mem->fail_in > 0)
        mem->fail_in--;
    pthread_mutex_unlock(&mem->mutex);
    return error;
}

void kv_mem_crash(struct kv *kv)
{
    struct mem *mem = mem_of(kv);
    pthread_mutex_lock(&mem->mutex);
    replace(&mem->current, snapshot_keep(mem->durable));
    pthread_mutex_unlock(&mem->mutex);
}

void kv_mem_fail_at(struct kv *kv, uint64_t n, int error)
{
    struct mem *mem = mem_of(kv);
    pthread_mutex_lock(&mem->mutex);
    mem->fail_in = n;
    mem->fail_error = error;
    pthread_mutex_unlock(&mem->mutex);
}

void kv_mem_set_volatile(struct kv *kv, bool is_volatile)
{
    struct mem *mem = mem_of(kv);
    pthread_mutex_lock(&mem->mutex);
    mem->is_volatile = is_volatile;
    pthread_mutex_unlock(&mem->mutex);
}

void kv_mem_sync(struct kv *kv)
{
    struct mem *mem = mem_of(kv);
    pthread_mutex_lock(&mem->mutex);
    replace(&mem->durable, snapshot_keep(mem->current));
    pthread_mutex_unlock(&mem->mutex);
}

/* ---- transactions ---- */

static struct kv_txn *mem_txn_new(struct kv *kv)
{
    (void)kv;
    return calloc(1, sizeof(struct mem_txn));
}

static void mem_txn_free(struct kv_txn *txn)
{
    free(txn);
}

static int mem_begin_read(struct kv_txn *txn)
{
    own_of(txn)->snapshot = current_keep(mem_of(txn->kv));
    return 0;
}

static void mem_end(struct kv_txn *txn)
{
    snapshot_drop(own_of(txn)->snapshot);
    own_of(txn)->snapshot = NULL;
}

/* Nobody's map is too small: begin_read never asks for it. */
static int mem_remap(struct kv *kv)
{
    (void)kv;
    return FORA_E_INTERNAL;
}

static int mem_begin_write(struct kv_txn *txn)
{
    struct snapshot *current = current_keep(mem_of(txn->kv));
    own_of(txn)->snapshot = snapshot_copy(current);
    snapshot_drop(current);
    return own_of(txn)->snapshot == NULL ? FORA_E_NOMEM : 0;
}

static int mem_commit(struct kv_txn *txn)
{
    struct mem *mem = mem_of(txn->kv);
    int error = fault(mem);
    if (error != 0) {
        mem_end(txn);
        return error;
    }
    pthread_mutex_lock(&mem->mutex);
    replace(&mem->current, own_of(txn)->snapshot);
    if (!mem->is_volatile)
        replace(&mem->durable, snapshot_keep(mem->current));
    pthread_mutex_unlock(&mem->mutex);
    own_of(txn)->snapshot = NULL;
    return 0;
}

/* ---- keys ---- */

static int mem_get(
    struct kv_txn *txn, unsigned table, struct fora_bytes key, struct fora_bytes *value)
{
    const struct kv_item *item = kv_tree_find(table_of(txn, table)->root, key);
    if (item == NULL)
        return FORA_E_NOTFOUND;
    *value = kv_item_value(item);
    return 0;
}

static int mem_put(struct kv_txn *txn, unsigned table, struct fora_bytes key,
    struct fora_bytes value, enum kv_put_mode mode, uint8_t **out)
{
    int error = fault(mem_of(txn->kv));
    if (error != 0)
        return error;
    struct table *in = table_of(txn, table);
    const struct kv_item *last = mode == KV_APPEND ? kv_tree_last(in->root) : NULL;
    if (last != NULL && fora_bytes_compare(key, kv_item_key(last)) <= 0)
        return FORA_E_INTERNAL;
    if (mode == KV_INSERT && kv_tree_find(in->root, key) != NULL)
        return FORA_E_NOTFOUND;
    struct kv_item *item = kv_item_new(key, value);
    if (item == NULL)
        return FORA_E_NOMEM;
    size_t old_size = 0;
    error = kv_tree_put(&in->root, item, &old_size);
    if (error != 0) {
        kv_item_drop(item);
        return error;
    }
    in->count += old_size == 0;
    own_of(txn)->snapshot->bytes += key.size + value.size - old_size;
    if (mode == KV_RESERVE)
        *out = item->bytes + item->key_size;
    return 0;
}

static int mem_remove(struct kv_txn *txn, unsigned table, struct fora_bytes key)
{
    int error = fault(mem_of(txn->kv));
    if (error != 0)
        return error;
    struct table *in = table_of(txn, table);
    const struct kv_item *item = kv_tree_find(in->root, key);
    if (item == NULL)
        return FORA_E_NOTFOUND;
    size_t size = item->key_size + item->value_size;
    error = kv_tree_remove(&in->root, key);
    if (error != 0)
        return error;
    in->count--;
    own_of(txn)->snapshot->bytes -= size;
    return 0;
}

static int mem_clear(struct kv_txn *txn, unsigned table)
{
    int error = fault(mem_of(txn->kv));
    if (error != 0)
        return error;
    struct table *in = table_of(txn, table);
    uint64_t bytes = 0;
    const struct kv_item *item = kv_tree_first(in->root);
    while (item != NULL) {
        bytes += item->key_size + item->value_size;
        item = kv_tree_above(in->root, kv_item_key(item));
    }
    kv_tree_drop(in->root);
    *in = (struct table){NULL, 0};
    own_of(txn)->snapshot->bytes -= bytes;
    return 0;
}

static int mem_count(struct kv_txn *txn, unsigned table, uint64_t *out)
{
    *out = table_of(txn, table)->count;
    return 0;
}

/* ---- cursors ---- */

static int mem_cursor_open(struct kv_txn *txn, unsigned table, void **inner)
{
    struct mem_cursor *cursor = malloc(sizeof *cursor);
    if (cursor == NULL)
        return FORA_E_NOMEM;
    cursor->txn = own_of(txn);
    cursor->table = table;
    cursor->at = NULL;
    *inner = cursor;
    return 0;
}

static void mem_cursor_close(void *inner)
{
    free(inner);
}

static const struct kv_item *find(
    const struct mem_cursor *cursor, enum kv_move move, struct fora_bytes target)
{
    const struct kv_node *root = cursor->txn->snapshot->tables[cursor->table].root;
    switch (move) {
    case KV_SEEK:
        return kv_tree_at_least(root, target);
    case KV_SEEK_BEFORE:
        return kv_tree_below(root, target);
    case KV_FIRST:
        return kv_tree_first(root);
    case KV_LAST:
        return kv_tree_last(root);
    case KV_NEXT:
        return kv_tree_above(root, kv_item_key(cursor->at));
    case KV_PREV:
        return kv_tree_below(root, kv_item_key(cursor->at));
    }
    return NULL;
}

static int mem_cursor_move(void *inner, enum kv_move move, struct fora_bytes target,
    struct fora_bytes *key, struct fora_bytes *value)
{
    struct mem_cursor *cursor = inner;
    const struct kv_item *item = find(cursor, move, target);
    cursor->at = item;
    if (item == NULL)
        return FORA_E_NOTFOUND;
    *key = kv_item_key(item);
    *value = kv_item_value(item);
    return 0;
}

/* ---- whole store ---- */

static int mem_info(struct kv *kv, struct kv_info *out)
{
    struct snapshot *current = current_keep(mem_of(kv));
    out->bytes_used = current->bytes;
    out->bytes_file = current->bytes;
    out->readers = kv_gate_readers(kv);
    snapshot_drop(current);
    return 0;
}

static int mem_failed(struct kv *kv)
{
    (void)kv;
    return 0;
}

static int mem_backup(struct kv *kv, const char *folder, struct fora_buf *why)
{
    (void)kv;
    return kv_why(why, FORA_E_UNSUPPORTED, "a store in memory cannot be copied to %s", folder);
}

static void mem_close(struct kv *kv)
{
    struct mem *mem = mem_of(kv);
    kv_base_fini(kv);
    snapshot_drop(mem->current);
    snapshot_drop(mem->durable);
    pthread_mutex_destroy(&mem->mutex);
    free(mem);
}

static const struct kv_impl mem_impl = {
    .txn_new = mem_txn_new,
    .txn_free = mem_txn_free,
    .begin_read = mem_begin_read,
    .end_read = mem_end,
    .remap = mem_remap,
    .begin_write = mem_begin_write,
    .commit = mem_commit,
    .abort = mem_end,
    .get = mem_get,
    .put = mem_put,
    .remove = mem_remove,
    .clear = mem_clear,
    .count = mem_count,
    .cursor_open = mem_cursor_open,
    .cursor_close = mem_cursor_close,
    .cursor_move = mem_cursor_move,
    .info = mem_info,
    .failed = mem_failed,
    .backup = mem_backup,
    .close = mem_close,
};

int kv_mem_open(struct kv **out, size_t tables)
{
    *out = NULL;
    if (tables > KV_TABLES_MAX)
        return FORA_E_USAGE;
    struct mem *mem = calloc(1, sizeof *mem);
    struct snapshot *empty = snapshot_copy(NULL);
    if (mem == NULL || empty == NULL || pthread_mutex_init(&mem->mutex, NULL) != 0) {
        free(empty);
        free(mem);
        return FORA_E_NOMEM;
    }
    int error = kv_base_init(&mem->base, &mem_impl, tables);
    if (error != 0) {
        pthread_mutex_destroy(&mem->mutex);
        free(empty);
        free(mem);
        return error;
    }
    mem->current = empty;
    mem->durable = snapshot_keep(empty);
    *out = &mem->base;
    return 0;
}
