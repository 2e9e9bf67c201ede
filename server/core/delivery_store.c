/*
 * Refusals over restarts (table CURSORS):
 *
 *   'n' node -> u8 format, u32 last, u8 next, and of each note u8 place, id, u32 code
 *
 * Written now and then: who is killed loses those of some seconds.
 */
#include "core/delivery_impl.h"

#include "store/schema.h"

#include <stdlib.h>
#include <string.h>

enum {
    MARK = 'n',
    FORMAT = 1,
    NOTE_SIZE = 1 + FORA_ID_SIZE + 4,
    VALUE_MAX = 1 + 4 + 1 + DELIVERY_NOTES * NOTE_SIZE
};

struct deliveries_save {
    struct delivery_peer peers[DELIVERY_SAVE];
    size_t count;
    struct fora_principal_id gone[DELIVERY_SAVE];
    size_t gone_count;
};

static void peer_key(struct store_key *key, const struct fora_principal_id *node)
{
    key_name(key, MARK, fora_bytes(node->b, sizeof node->b));
}

/* ---- writing ---- */

struct deliveries_save *deliveries_take_changed(struct deliveries *deliveries)
{
    struct deliveries_save *save =
        deliveries->dirty ? calloc(1, sizeof(struct deliveries_save)) : NULL;
    if (save == NULL) {
        return NULL;
    }
    deliveries->dirty = false;
    for (size_t i = 0; i < DELIVERY_PEERS && deliveries->peers[i] != NULL; i++) {
        struct delivery_peer *peer = deliveries->peers[i];
        if (peer->dirty && save->count == DELIVERY_SAVE) {
            deliveries->dirty = true; /* there are more */
        } else if (peer->dirty) {
            peer->dirty = false;
            save->peers[save->count++] = *peer;
        }
    }
    memcpy(save->gone, deliveries->gone, deliveries->gone_count * sizeof *save->gone);
    save->gone_count = deliveries->gone_count;
    deliveries->gone_count = 0;
    return save;
}

static void peer_write(struct kv_txn *txn, const struct delivery_peer *peer)
{
    struct store_key key;
    uint8_t value[VALUE_MAX];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_u8(&buf, FORMAT);
    fora_buf_be32(&buf, peer->last);
    fora_buf_u8(&buf, (uint8_t)peer->next);
    for (size_t i = 0; i < DELIVERY_NOTES; i++) {
        const struct delivery_note *note = &peer->notes[i];
        if (note->code != 0) {
            fora_buf_u8(&buf, (uint8_t)i);
            fora_buf_append(&buf, note->object.b, sizeof note->object.b);
            fora_buf_be32(&buf, note->code);
        }
    }
    peer_key(&key, &peer->node);
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(value, buf.size));
}

void deliveries_write(struct kv_txn *txn, const struct deliveries_save *save)
{
    for (size_t i = 0; i < save->gone_count; i++) {
        struct store_key key;
        peer_key(&key, &save->gone[i]);
        kv_delete(txn, T_CURSORS, store_key_bytes(&key));
    }
    for (size_t i = 0; i < save->count; i++) {
        peer_write(txn, &save->peers[i]);
    }
}

/* ---- reading ---- */

static bool peer_parse(struct fora_bytes key, struct fora_bytes value, struct delivery_peer *out)
{
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    if (key.size != 1 + sizeof out->node.b) {
        return false;
    }
    memcpy(out->node.b, key.data + 1, sizeof out->node.b);
    fora_reader_init(&reader, value);
    uint8_t format = fora_reader_u8(&reader);
    out->last = fora_reader_be32(&reader);
    out->next = fora_reader_u8(&reader);
    for (size_t left = value.size; left >= NOTE_SIZE && reader.error == 0; left -= NOTE_SIZE) {
        uint8_t place = fora_reader_u8(&reader);
        struct delivery_note *note = &out->notes[place % DELIVERY_NOTES];
        fora_reader_copy(&reader, note->object.b, sizeof note->object.b);
        note->code = fora_reader_be32(&reader);
    }
    return format == FORMAT && out->next < DELIVERY_NOTES && fora_reader_end(&reader) == 0;
}

int deliveries_load(struct deliveries *deliveries, struct kv *kv)
{
    static const uint8_t prefix[] = {MARK};
    struct fora_bytes key, value;
    struct kv_txn *txn;
    size_t count = 0;
    int rc = kv_begin_read(kv, &txn);
    if (rc != 0) {
        return rc;
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek(cursor, fora_bytes(prefix, sizeof prefix), &key, &value);
    while (rc == 0 && there && count < DELIVERY_PEERS && key.size > 0 && key.data[0] == MARK) {
        struct delivery_peer *peer = malloc(sizeof *peer);
        rc = peer == NULL ? FORA_E_NOMEM : 0;
        if (rc == 0 && peer_parse(key, value, peer)) {
            deliveries->peers[count++] = peer;
        } else {
            free(peer); /* what makes no sense is forgotten, as it may be */
        }
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    rc = rc == 0 ? kv_txn_error(txn) : rc;
    kv_abort(txn);
    return rc;
}
