/* As the writer stores an object (core/commit.c), without admission: it was admitted before. */
#include "maintain/reindex_impl.h"

#include "core/effects.h"
#include "core/receipts.h"

#include <string.h>

static bool is_child(struct ledger *ledger, store_seq owner, store_seq child)
{
    struct store_key key;
    key_child(&key, owner, child);
    return kv_get(ledger->txn, T_CHILDREN, store_key_bytes(&key), NULL);
}

/* Threads and principals are their own first children, when they have a place. */
static bool has_place(struct ledger *ledger, const uint8_t id[FORA_ID_SIZE])
{
    store_seq seq = objects_find(ledger->txn, id);
    return seq != 0 && is_child(ledger, seq, seq);
}

static bool may_be_placed(struct ledger *ledger, const struct fora_object *object)
{
    const struct fora_header *header = &object->header;
    if (!fora_id_is_zero(header->author.b) && !has_place(ledger, header->author.b)) {
        return false;
    }
    if (fora_header_principal_scoped(header)) {
        return true;
    }
    if (!fora_id_is_zero(header->space.b)) {
        struct ledger_set *set = ledger_set(ledger, &header->space, FORA_AUDIENCE_PUBLIC);
        if (set == NULL || set->info.space_seq == 0) {
            return false;
        }
    }
    return fora_id_is_zero(header->root.b) || has_place(ledger, header->root.b);
}

static void drop(struct ledger *ledger, store_seq seq)
{
    int rc = objects_rewrite(&ledger->objects, seq, true);
    if (rc != 0 && rc != FORA_E_NOTFOUND) {
        kv_txn_fail(ledger->txn, rc);
    }
}

/* False: another object holds the slot by right. */
static bool slot_take(struct ledger *ledger, const struct fora_object *object, store_seq seq)
{
    struct fora_hash slot;
    struct store_key key;
    struct fora_bytes value;
    struct stored old;
    uint8_t bytes[SEQ_SIZE];
    fora_object_slot(&slot, &object->header);
    key_slot(&key, &slot);
    if (kv_get(ledger->txn, T_SLOTS, store_key_bytes(&key), &value) && value.size == SEQ_SIZE &&
        objects_read(ledger->txn, seq_get(value.data), &old) == 0) {
        if (fora_object_order(object->header.created_at, &object->id, old.object.header.created_at,
                &old.object.id) < 0) {
            return false;
        }
        int rc = effects_leave(ledger, &old);
        if (rc != 0) {
            kv_txn_fail(ledger->txn, rc);
        }
    }
    seq_put(bytes, seq);
    kv_put(ledger->txn, T_SLOTS, store_key_bytes(&key), fora_bytes(bytes, sizeof bytes));
    return true;
}

static void apply(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, store_seq seq)
{
    struct fora_arena arena;
    struct fora_content content;
    int rc = 0;
    memset(&content, 0, sizeof content);
    content.kind = object->header.kind;
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    if (object->has_content) {
        rc = fora_content_decode(&arena, object->header.kind, object->content_bytes, &content);
    }
    if (rc == 0 && object->header.kind == FORA_KIND_IDENTITY &&
        content.u.identity.revoke_key != NULL &&
        content.u.identity.revoke_key->compromised_at != 0) {
        receipts_suspect(ledger->txn, &object->header.author);
    }
    if (rc == 0) {
        rc = effects_apply(ledger, policies, object, seq, &content, 0);
    }
    if (rc != 0) {
        kv_txn_fail(ledger->txn, rc);
    }
    fora_arena_fini(&arena);
}

enum replay replay_object(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, store_seq seq)
{
    store_seq known = objects_find(ledger->txn, object->id.b);
    struct fora_principal_id principal = fora_object_principal(object);
    if (known != 0 && known != seq) {
        drop(ledger, seq); /* takes the id with it */
        ids_put(&ledger->objects.ids, object->id.b, known);
        return REPLAY_DROPPED;
    }
    if (known == 0) {
        ids_put(&ledger->objects.ids, object->id.b, seq);
    }
    if (!may_be_placed(ledger, object)) {
        return REPLAY_WAITS;
    }
    if (fora_kind_replaceable(object->header.kind) && !slot_take(ledger, object, seq)) {
        drop(ledger, seq);
        return REPLAY_DROPPED;
    }
    effects_join(ledger, object, seq, objects_find(ledger->txn, principal.b));
    apply(ledger, policies, object, seq);
    return REPLAY_PLACED;
}
