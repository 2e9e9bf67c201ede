/* Marks of contents that are wanted. */
#include "core/lacking.h"

#include "core/effects.h"

#include <string.h>

enum { MARK_LACKING = 'c', NAME_SIZE = 4 + SEQ_SIZE };

static void lacking_key(struct store_key *key, uint32_t set, store_seq seq)
{
    uint8_t name[NAME_SIZE] = {
        (uint8_t)(set >> 24), (uint8_t)(set >> 16), (uint8_t)(set >> 8), (uint8_t)set};
    seq_put(name + 4, seq);
    key_name(key, MARK_LACKING, fora_bytes(name, sizeof name));
}

static bool lacking_key_parse(struct fora_bytes key, uint32_t set, store_seq *seq)
{
    if (key.size != 1 + NAME_SIZE || key.data[0] != MARK_LACKING || key_be32(key.data + 1) != set) {
        return false;
    }
    *seq = seq_get(key.data + 5);
    return true;
}

void lacking_put(struct kv_txn *txn, uint32_t set, store_seq seq)
{
    struct store_key key;
    lacking_key(&key, set, seq);
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(NULL, 0));
}

void lacking_drop(struct kv_txn *txn, uint32_t set, store_seq seq)
{
    struct store_key key;
    lacking_key(&key, set, seq);
    kv_delete(txn, T_CURSORS, store_key_bytes(&key));
}

/* Those from one sequence to before another. */
static int list_from(struct kv_txn *txn, uint32_t set, store_seq from, store_seq to,
    struct fora_object_id out[LACKING_MAX], size_t *count)
{
    struct store_key start;
    struct fora_bytes key;
    store_seq seq;
    int rc = 0;
    lacking_key(&start, set, from);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek(cursor, store_key_bytes(&start), &key, NULL);
    while (
        there && rc == 0 && *count < LACKING_MAX && lacking_key_parse(key, set, &seq) && seq < to) {
        struct stored stored;
        rc = objects_read(txn, seq, &stored);
        if (rc == 0 && !stored.object.has_content && !effects_erased(txn, &stored.object.id)) {
            out[(*count)++] = stored.object.id;
        }
        rc = rc == FORA_E_NOTFOUND ? 0 : rc;
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

int lacking_list(struct kv_txn *txn, uint32_t set, uint64_t now,
    struct fora_object_id out[LACKING_MAX], size_t *count)
{
    store_seq end = objects_last(txn) + 1;
    store_seq middle = (store_seq)(now / 1000 * UINT64_C(2654435761) % end);
    *count = 0;
    int rc = list_from(txn, set, middle, end, out, count);
    return rc == 0 ? list_from(txn, set, 0, middle, out, count) : rc;
}
