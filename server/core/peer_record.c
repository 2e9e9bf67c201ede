/* Records of nodes: one value each, of a format that has a number. */
#include "core/peers.h"

#include <string.h>

enum { RECORD_FORMAT = 1, RECORD_SIZE_MAX = 2 + 1 + 6 * 8 + FORA_ID_SIZE + 8 + 1 + PEER_NAME_MAX };

static void key_peer(struct store_key *key, const struct fora_principal_id *node)
{
    memcpy(key->b, node->b, sizeof node->b);
    key->size = sizeof node->b;
}

void peer_record_put(struct kv_txn *txn, const struct peer_record *record)
{
    struct store_key key;
    uint8_t value[RECORD_SIZE_MAX];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    struct fora_bytes name = fora_bytes_str(record->name);
    fora_buf_u8(&buf, RECORD_FORMAT);
    fora_buf_u8(&buf, record->decision);
    fora_buf_u8(&buf, record->vouched);
    fora_buf_be64(&buf, record->first_seen);
    fora_buf_be64(&buf, record->last_seen);
    fora_buf_be64(&buf, record->taken_since);
    fora_buf_be64(&buf, record->accepted);
    fora_buf_be64(&buf, record->refused);
    fora_buf_append(&buf, record->introducer.b, sizeof record->introducer.b);
    fora_buf_be64(&buf, record->introduced_until);
    fora_buf_u8(&buf, (uint8_t)name.size);
    fora_buf_append_bytes(&buf, name);
    key_peer(&key, &record->node);
    kv_put(txn, T_PEERS, store_key_bytes(&key), fora_bytes(value, buf.size));
}

static bool record_parse(struct fora_bytes key, struct fora_bytes value, struct peer_record *out)
{
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    if (key.size != sizeof out->node.b) {
        return false;
    }
    memcpy(out->node.b, key.data, sizeof out->node.b);
    fora_reader_init(&reader, value);
    uint8_t format = fora_reader_u8(&reader);
    out->decision = fora_reader_u8(&reader);
    out->vouched = fora_reader_u8(&reader) != 0;
    out->first_seen = fora_reader_be64(&reader);
    out->last_seen = fora_reader_be64(&reader);
    out->taken_since = fora_reader_be64(&reader);
    out->accepted = fora_reader_be64(&reader);
    out->refused = fora_reader_be64(&reader);
    fora_reader_copy(&reader, out->introducer.b, sizeof out->introducer.b);
    out->introduced_until = fora_reader_be64(&reader);
    size_t size = fora_reader_u8(&reader);
    if (size > PEER_NAME_MAX) {
        return false;
    }
    fora_reader_copy(&reader, out->name, size);
    return format == RECORD_FORMAT && out->decision <= FORA_PEERING_BLOCK &&
           fora_reader_end(&reader) == 0;
}

bool peer_record_get(
    struct kv_txn *txn, const struct fora_principal_id *node, struct peer_record *out)
{
    struct store_key key;
    struct fora_bytes value;
    key_peer(&key, node);
    return kv_get(txn, T_PEERS, store_key_bytes(&key), &value) &&
           record_parse(store_key_bytes(&key), value, out);
}

void peer_record_delete(struct kv_txn *txn, const struct fora_principal_id *node)
{
    struct store_key key;
    key_peer(&key, node);
    kv_delete(txn, T_PEERS, store_key_bytes(&key));
}

int peer_records_each(
    struct kv_txn *txn, int (*each)(void *context, const struct peer_record *record), void *context)
{
    struct fora_bytes key, value;
    struct peer_record record;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_PEERS);
    bool more = kv_seek(cursor, fora_bytes(NULL, 0), &key, &value);
    while (more && rc == 0) {
        rc = record_parse(key, value, &record) ? each(context, &record) : FORA_E_CORRUPT;
        more = rc == 0 && kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}
