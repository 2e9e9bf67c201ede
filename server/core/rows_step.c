/*
 * Bringing rows up to date, a step at a time. Three things make rows stale, each with its key in
 * CURSORS:
 *
 *   'r' "ows"     how far in the objects the rows are
 *   'p' set       every row of the set is to be made anew, those up to the value are done
 *   't' sequence  that thread's row is to be made anew
 */
#include "core/rows_impl.h"
#include "core/walk.h"

#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 512 /* rows made anew for a policy, or because of a touch, in one step */ };

struct roots {
    struct kv_txn *txn;
    store_seq *seqs;
    size_t count;
    size_t looked; /* objects */
    size_t max;
    store_seq last;
    struct fora_object_id last_root; /* neighbours in the log often share a thread */
};

enum { STEP_FULL = 1 };

static int collect_root(void *context, store_seq seq, const struct fora_header *header)
{
    struct roots *roots = context;
    if (roots->looked == roots->max) {
        return STEP_FULL;
    }
    roots->looked++;
    roots->last = seq;
    if (header->kind == FORA_KIND_THREAD) {
        roots->seqs[roots->count++] = seq;
    } else if (!fora_id_is_zero(header->root.b) &&
               memcmp(roots->last_root.b, header->root.b, FORA_ID_SIZE) != 0) {
        store_seq root = objects_find(roots->txn, header->root.b);
        roots->last_root = header->root;
        if (root != 0) {
            roots->seqs[roots->count++] = root;
        }
    }
    return 0;
}

static int seq_compare(const void *a, const void *b)
{
    store_seq x = *(const store_seq *)a;
    store_seq y = *(const store_seq *)b;
    return x < y ? -1 : x > y;
}

static store_seq cursor_get(struct kv_txn *txn, const struct store_key *key)
{
    struct fora_bytes value;
    return kv_get(txn, T_CURSORS, store_key_bytes(key), &value) && value.size == SEQ_SIZE
               ? seq_get(value.data)
               : 0;
}

static void cursor_put(struct kv_txn *txn, const struct store_key *key, store_seq seq)
{
    uint8_t value[SEQ_SIZE];
    seq_put(value, seq);
    kv_put(txn, T_CURSORS, store_key_bytes(key), fora_bytes(value, sizeof value));
}

static void rows_cursor(struct store_key *key)
{
    key_name(key, 'r', fora_bytes_str("ows"));
}

store_seq rows_position(struct kv_txn *txn)
{
    struct store_key key;
    rows_cursor(&key);
    return cursor_get(txn, &key);
}

static int step_objects(struct maker *maker, size_t max, uint64_t *behind)
{
    struct store_key key;
    struct roots roots = {.txn = maker->txn, .max = max};
    rows_cursor(&key);
    store_seq after = cursor_get(maker->txn, &key);
    roots.last = after;
    roots.seqs = malloc(max * sizeof *roots.seqs);
    if (roots.seqs == NULL) {
        return FORA_E_NOMEM;
    }
    int rc = objects_each_header(maker->txn, after, collect_root, &roots);
    bool full = rc == STEP_FULL;
    rc = full ? 0 : rc;
    qsort(roots.seqs, roots.count, sizeof *roots.seqs, seq_compare);
    for (size_t i = 0; i < roots.count && rc == 0; i++) {
        if (i == 0 || roots.seqs[i] != roots.seqs[i - 1]) {
            rc = row_make(maker, roots.seqs[i]);
        }
    }
    free(roots.seqs);
    if (rc == 0) {
        store_seq last = full ? roots.last : objects_last(maker->txn);
        if (last != after) {
            cursor_put(maker->txn, &key, last);
        }
        *behind += objects_last(maker->txn) - last;
    }
    return rc;
}

struct some_threads {
    store_seq seqs[THREADS_MAX];
    size_t count;
    store_seq after;
};

static int collect_thread(void *context, store_seq root)
{
    struct some_threads *threads = context;
    if (root <= threads->after) {
        return 0;
    }
    if (threads->count == THREADS_MAX) {
        return STEP_FULL;
    }
    threads->seqs[threads->count++] = root;
    return 0;
}

static void policy_cursor(struct store_key *key, uint32_t set)
{
    uint8_t number[4] = {
        (uint8_t)(set >> 24), (uint8_t)(set >> 16), (uint8_t)(set >> 8), (uint8_t)set};
    key_name(key, 'p', fora_bytes(number, sizeof number));
}

void rows_policy_changed(struct kv_txn *txn, uint32_t set)
{
    struct store_key key;
    policy_cursor(&key, set);
    cursor_put(txn, &key, 0);
}

bool rows_policy_pending(struct kv_txn *txn, uint32_t set)
{
    struct store_key key;
    policy_cursor(&key, set);
    return kv_get(txn, T_CURSORS, store_key_bytes(&key), NULL);
}

static int step_policy(struct maker *maker, uint64_t *behind)
{
    struct store_key key;
    struct some_threads threads = {.count = 0};
    if (!walk_mark_first(maker->txn, 'p', 4, &key)) {
        return 0;
    }
    threads.after = cursor_get(maker->txn, &key);
    uint32_t set = key_be32(key.b + 1);
    int rc = rows_threads_from(maker->txn, set, threads.after, collect_thread, &threads);
    bool full = rc == STEP_FULL;
    rc = full ? 0 : rc;
    for (size_t i = 0; i < threads.count && rc == 0; i++) {
        rc = row_make(maker, threads.seqs[i]);
    }
    if (rc == 0 && full) {
        cursor_put(maker->txn, &key, threads.seqs[threads.count - 1]);
    } else if (rc == 0) {
        kv_delete(maker->txn, T_CURSORS, store_key_bytes(&key));
    }
    *behind += walk_mark_first(maker->txn, 'p', 4, &key);
    return rc;
}

void rows_touch(struct kv_txn *txn, store_seq root)
{
    struct store_key key;
    uint8_t name[SEQ_SIZE];
    if (root != 0) {
        seq_put(name, root);
        key_name(&key, 't', fora_bytes(name, sizeof name));
        kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(NULL, 0));
    }
}

bool rows_touched(struct kv_txn *txn, store_seq root)
{
    struct store_key key;
    uint8_t name[SEQ_SIZE];
    seq_put(name, root);
    key_name(&key, 't', fora_bytes(name, sizeof name));
    return kv_get(txn, T_CURSORS, store_key_bytes(&key), NULL);
}

static int step_touched(struct maker *maker, uint64_t *behind)
{
    struct store_key key;
    int rc = 0;
    bool there = walk_mark_first(maker->txn, 't', SEQ_SIZE, &key);
    for (size_t i = 0; there && i < THREADS_MAX && rc == 0; i++) {
        kv_delete(maker->txn, T_CURSORS, store_key_bytes(&key));
        rc = row_make(maker, seq_get(key.b + 1));
        there = walk_mark_first(maker->txn, 't', SEQ_SIZE, &key);
    }
    *behind += there;
    return rc;
}

static int forget_threads(void *context, const struct set_info *info)
{
    struct kv_txn *txn = context;
    struct set_info none = *info;
    none.threads = 0;
    sets_put(txn, &none);
    return 0;
}

void rows_forget(struct kv_txn *txn)
{
    struct store_key key;
    int rc = sets_each(txn, forget_threads, txn);
    (void)rc; /* its errors are the transaction's */
    rows_cursor(&key);
    kv_delete(txn, T_CURSORS, store_key_bytes(&key));
    while (walk_mark_first(txn, 'p', 4, &key) || walk_mark_first(txn, 't', SEQ_SIZE, &key)) {
        kv_delete(txn, T_CURSORS, store_key_bytes(&key));
    }
    kv_clear(txn, T_ROWS);
    kv_clear(txn, T_ORDERS);
}

int rows_step(struct kv *kv, struct policies *policies, size_t max, uint64_t *behind)
{
    struct maker maker = {.policies = policies};
    *behind = 0;
    int rc = kv_begin_write(kv, &maker.txn);
    if (rc != 0) {
        return rc;
    }
    fora_arena_init(&maker.arena, FOLD_ARENA);
    rc = step_objects(&maker, max, behind);
    if (rc == 0) {
        rc = step_policy(&maker, behind);
    }
    if (rc == 0) {
        rc = step_touched(&maker, behind);
    }
    fora_arena_fini(&maker.arena);
    if (rc != 0) {
        kv_abort(maker.txn);
        policies_clear(policies);
        return rc;
    }
    return kv_commit(maker.txn);
}
