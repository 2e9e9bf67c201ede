/*
 * Where evidence is kept, so that a tree can be made anew (STD-5). In order of its member it lies
 * all over the table: each piece would be a page of the store to write. So what is new waits in
 * order of its date, on few pages, and is put to the rest in one go: when there is enough of it, or
 * a tree has to be made anew.
 *
 *   'n' set at id member   new
 *   'e' set member at id   the rest
 *   'z' set                about how many are new: what was removed since is not taken off
 */
#include "reputation/impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    NEW_MAX = 8192,
    HEAD = 1 + 4,
    DATED = SEQ_SIZE + FORA_ID_SIZE,
    KEY = HEAD + FORA_ID_SIZE + DATED /* of both */
};

void key_of_new_evidence(struct store_key *key, uint32_t set,
    const struct fora_principal_id *member, uint64_t at, const struct fora_object_id *id)
{
    struct store_key kept;
    key_of_evidence(&kept, set, member, at, id);
    key_of_set(key, 'n', set);
    key_add_id(key, kept.b + HEAD + FORA_ID_SIZE, DATED);
    key_add_id(key, member->b, sizeof member->b);
}

bool key_of_kept_evidence(struct store_key *key, struct fora_bytes fresh)
{
    if (fresh.size != KEY) {
        return false;
    }
    key_of_set(key, 'e', key_be32(fresh.data + 1));
    key_add_id(key, fresh.data + HEAD + DATED, FORA_ID_SIZE);
    key_add_id(key, fresh.data + HEAD, DATED);
    return true;
}

void evidence_put(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member,
    uint64_t at, const struct fora_object_id *id)
{
    struct store_key key;
    key_of_new_evidence(&key, set, member, at, id);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
}

void evidence_delete(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member,
    uint64_t at, const struct fora_object_id *id)
{
    struct store_key key;
    key_of_new_evidence(&key, set, member, at, id);
    if (!kv_delete(txn, T_STANDING, store_key_bytes(&key))) {
        key_of_evidence(&key, set, member, at, id);
        kv_delete(txn, T_STANDING, store_key_bytes(&key));
    }
}

/* ---- to the rest ---- */

static uint64_t count_get(struct kv_txn *txn, uint32_t set)
{
    struct store_key key;
    struct fora_bytes value;
    key_of_set(&key, 'z', set);
    return kv_get(txn, T_STANDING, store_key_bytes(&key), &value) && value.size == SEQ_SIZE
               ? seq_get(value.data)
               : 0;
}

static void count_put(struct kv_txn *txn, uint32_t set, uint64_t count)
{
    struct store_key key;
    uint8_t value[SEQ_SIZE];
    key_of_set(&key, 'z', set);
    seq_put(value, count);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(value, sizeof value));
}

static int by_key(const void *left, const void *right)
{
    return memcmp(left, right, KEY);
}

/* The keys 'e' of the first `room` that are new. */
static size_t list_new(struct kv_txn *txn, uint32_t set, uint8_t (*keys)[KEY], size_t room)
{
    struct store_key from, kept;
    struct fora_bytes key;
    size_t count = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_of_set(&from, 'n', set);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && count < room && key.size == KEY && memcmp(key.data, from.b, HEAD) == 0) {
        (void)key_of_kept_evidence(&kept, key);
        memcpy(keys[count++], kept.b, KEY);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return count;
}

static void move_some(struct kv_txn *txn, uint8_t (*keys)[KEY], size_t count)
{
    struct store_key fresh;
    for (size_t i = 0; i < count; i++) { /* by date, as they were read */
        key_of_set(&fresh, 'n', key_be32(keys[i] + 1));
        key_add_id(&fresh, keys[i] + HEAD + FORA_ID_SIZE, DATED);
        key_add_id(&fresh, keys[i] + HEAD, FORA_ID_SIZE);
        kv_delete(txn, T_STANDING, store_key_bytes(&fresh));
    }
    qsort(keys, count, KEY, by_key);
    for (size_t i = 0; i < count; i++) {
        kv_put(txn, T_STANDING, fora_bytes(keys[i], KEY), fora_bytes(NULL, 0));
    }
}

int evidence_flush(struct kv_txn *txn, uint32_t set)
{
    if (count_get(txn, set) == 0) {
        return 0;
    }
    uint8_t(*keys)[KEY] = malloc(NEW_MAX * sizeof *keys);
    if (keys == NULL) {
        return FORA_E_NOMEM;
    }
    size_t count = NEW_MAX;
    while (count == NEW_MAX && kv_txn_error(txn) == 0) {
        count = list_new(txn, set, keys, NEW_MAX);
        if (count > 0) {
            move_some(txn, keys, count);
        }
    }
    free(keys);
    count_put(txn, set, 0);
    return kv_txn_error(txn);
}

int evidence_added(struct kv_txn *txn, uint32_t set, uint64_t count)
{
    count += count_get(txn, set);
    count_put(txn, set, count);
    return count >= NEW_MAX ? evidence_flush(txn, set) : 0;
}
