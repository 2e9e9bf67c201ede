/* A short list in a value. */
#include "core/erasers.h"

#include <string.h>

size_t erasers_parse(struct fora_bytes value, store_seq out[ERASERS_MAX])
{
    size_t count = value.size / SEQ_SIZE;
    if (value.size % SEQ_SIZE != 0 || count > ERASERS_MAX) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = seq_get(value.data + i * SEQ_SIZE);
    }
    return count;
}

static size_t list_get(
    struct kv_txn *txn, const struct fora_object_id *target, store_seq out[ERASERS_MAX])
{
    struct store_key key;
    struct fora_bytes value;
    key_id(&key, target->b);
    return kv_get(txn, T_ERASED, store_key_bytes(&key), &value) ? erasers_parse(value, out) : 0;
}

static void list_put(
    struct kv_txn *txn, const struct fora_object_id *target, const store_seq *list, size_t count)
{
    struct store_key key;
    uint8_t value[ERASERS_MAX * SEQ_SIZE];
    key_id(&key, target->b);
    for (size_t i = 0; i < count; i++) {
        seq_put(value + i * SEQ_SIZE, list[i]);
    }
    if (count > 0) {
        kv_put(txn, T_ERASED, store_key_bytes(&key), fora_bytes(value, count * SEQ_SIZE));
    } else {
        kv_delete(txn, T_ERASED, store_key_bytes(&key));
    }
}

void erasers_add(struct kv_txn *txn, const struct fora_object_id *target, store_seq act)
{
    store_seq list[ERASERS_MAX];
    size_t count = list_get(txn, target, list), at = 0;
    while (at < count && list[at] < act) {
        at++;
    }
    if (count == ERASERS_MAX || (at < count && list[at] == act)) {
        return;
    }
    memmove(list + at + 1, list + at, (count - at) * sizeof *list);
    list[at] = act;
    list_put(txn, target, list, count + 1);
}

bool erasers_remove(struct kv_txn *txn, const struct fora_object_id *target, store_seq act)
{
    store_seq list[ERASERS_MAX];
    size_t count = list_get(txn, target, list), at = 0;
    while (at < count && list[at] != act) {
        at++;
    }
    if (at == count) {
        return false;
    }
    memmove(list + at, list + at + 1, (count - at - 1) * sizeof *list);
    list_put(txn, target, list, count - 1);
    return count == 1;
}
