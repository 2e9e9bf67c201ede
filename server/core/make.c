/* Making objects. */
#include "core/make.h"

int object_make(struct fora_buf *out, struct fora_header *header,
    const struct fora_content *content, const struct fora_secret *secret, struct fora_object_id *id)
{
    struct fora_buf encoded;
    fora_buf_init(&encoded, FORA_CONTENT_MAX);
    int rc = fora_content_encode(&encoded, content);
    if (rc == 0) {
        rc = fora_object_build(out, header, fora_buf_bytes(&encoded), secret, id);
    }
    fora_buf_fini(&encoded);
    return rc;
}

int slot_standing(struct kv_txn *txn, const struct fora_header *header, struct stored *out)
{
    struct fora_hash slot;
    struct store_key key;
    struct fora_bytes value;
    fora_object_slot(&slot, header);
    key_slot(&key, &slot);
    if (!kv_get(txn, T_SLOTS, store_key_bytes(&key), &value) || value.size != SEQ_SIZE) {
        return kv_txn_error(txn) != 0 ? kv_txn_error(txn) : FORA_E_NOTFOUND;
    }
    return objects_read(txn, seq_get(value.data), out);
}

int slot_created_at(
    struct kv_txn *txn, const struct fora_header *header, uint64_t now, uint64_t *created_at)
{
    struct stored standing;
    int rc = slot_standing(txn, header, &standing);
    *created_at = now;
    if (rc == 0 && standing.object.header.created_at >= now) {
        *created_at = standing.object.header.created_at + 1;
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}
