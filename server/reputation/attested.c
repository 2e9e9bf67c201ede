/* What is attested about whom: found by subject, noted when an attestation is stored. */
#include "reputation/impl.h"

#include <string.h>

static void put_seq(struct kv_txn *txn, const struct store_key *key, store_seq seq)
{
    uint8_t value[SEQ_SIZE];
    seq_put(value, seq);
    kv_put(txn, T_STANDING, store_key_bytes(key), fora_bytes(value, sizeof value));
}

/* False for a standing of a space that has no set. */
static bool line_key(struct kv_txn *txn, const struct fora_object *object,
    const struct fora_principal_id *subject, struct store_key *key)
{
    struct set_info set;
    if (!sets_find(txn, &object->header.space, object->header.audience, &set)) {
        return false;
    }
    const uint8_t number[4] = {(uint8_t)(set.number >> 24), (uint8_t)(set.number >> 16),
        (uint8_t)(set.number >> 8), (uint8_t)set.number};
    key_letter(key, 'l');
    key_add_id(key, subject->b, sizeof subject->b);
    key_add_id(key, number, sizeof number);
    key_add_id(key, object->header.author.b, sizeof object->header.author.b);
    return true;
}

static void subject_key(
    struct store_key *key, const struct fora_principal_id *subject, store_seq seq)
{
    key_letter(key, 'a');
    key_add_id(key, subject->b, sizeof subject->b);
    key_add_seq(key, seq);
}

/* Of a line the last one by (created_at, id) (ATT-8), whatever came first. */
static void note_standing(struct kv_txn *txn, const struct fora_object *object, store_seq seq,
    const struct fora_principal_id *subject)
{
    struct store_key key;
    struct fora_bytes value;
    struct stored stands;
    if (!line_key(txn, object, subject, &key)) {
        return;
    }
    if (kv_get(txn, T_STANDING, store_key_bytes(&key), &value) && value.size == SEQ_SIZE &&
        objects_read(txn, seq_get(value.data), &stands) == 0 &&
        fora_object_order(stands.object.header.created_at, &stands.object.id,
            object->header.created_at, &object->id) > 0) {
        return;
    }
    put_seq(txn, &key, seq);
}

static void revocation_key(struct store_key *key, store_seq attestation, store_seq revocation)
{
    key_of_seq(key, 'v', attestation);
    key_add_seq(key, revocation);
}

static void under_key(struct store_key *key, const struct fora_object_id *delegation,
    const struct fora_principal_id *issuer)
{
    key_letter(key, 'u');
    key_add_id(key, delegation->b, ID_PREFIX_SIZE);
    key_add_id(key, issuer->b, ID_PREFIX_SIZE);
}

void standing_stored(struct kv_txn *txn, const struct fora_object *object, store_seq seq,
    const struct fora_content *content)
{
    struct store_key key;
    if (object->header.kind == FORA_KIND_REVOCATION) {
        store_seq attestation = objects_find(txn, object->header.parent.b);
        if (attestation != 0) {
            revocation_key(&key, attestation, seq);
            kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
        }
        return;
    }
    if (object->header.kind != FORA_KIND_ATTESTATION || !object->has_content) {
        return;
    }
    const struct fora_attestation *attestation = &content->u.attestation;
    if (!fora_id_is_zero(attestation->delegation.b)) {
        under_key(&key, &attestation->delegation, &object->header.author);
        key_add_seq(&key, seq);
        kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
    }
    if (attestation->type == FORA_ATTESTATION_STANDING &&
        !fora_id_is_zero(object->header.space.b)) {
        note_standing(txn, object, seq, &attestation->subject);
        return;
    }
    subject_key(&key, &attestation->subject, seq);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
}

void standing_removed(struct kv_txn *txn, const struct fora_object *object, store_seq seq)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_arena arena;
    struct fora_content content;
    if (object->header.kind == FORA_KIND_REVOCATION) {
        store_seq attestation = objects_find(txn, object->header.parent.b);
        if (attestation != 0) {
            revocation_key(&key, attestation, seq);
            kv_delete(txn, T_STANDING, store_key_bytes(&key));
        }
        return;
    }
    if (object->header.kind != FORA_KIND_ATTESTATION || !object->has_content) {
        return;
    }
    fora_arena_init(&arena, 0);
    if (fora_content_decode(&arena, FORA_KIND_ATTESTATION, object->content_bytes, &content) == 0) {
        const struct fora_principal_id *subject = &content.u.attestation.subject;
        subject_key(&key, subject, seq);
        kv_delete(txn, T_STANDING, store_key_bytes(&key));
        under_key(&key, &content.u.attestation.delegation, &object->header.author);
        key_add_seq(&key, seq);
        kv_delete(txn, T_STANDING, store_key_bytes(&key));
        if (line_key(txn, object, subject, &key) &&
            kv_get(txn, T_STANDING, store_key_bytes(&key), &value) && value.size == SEQ_SIZE &&
            seq_get(value.data) == seq) {
            kv_delete(txn, T_STANDING, store_key_bytes(&key));
        }
    }
    fora_arena_fini(&arena);
}

void standing_touch(struct kv_txn *txn, store_seq thread)
{
    struct store_key key;
    if (thread != 0) {
        key_of_seq(&key, 'x', thread);
        kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
    }
}

void standing_forget(struct kv_txn *txn)
{
    kv_clear(txn, T_STANDING);
}

/* ---- reading ---- */

struct reading {
    struct kv_txn *txn;
    int (*each)(void *context, store_seq seq);
    void *context;
};

/* Keys of a letter and the subject; the sequence is the value, or else the end of the key. */
static int tell_letter(
    const struct reading *reading, char letter, const struct fora_principal_id *subject)
{
    struct store_key from;
    struct fora_bytes key, value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(reading->txn, T_STANDING);
    key_letter(&from, letter);
    key_add_id(&from, subject->b, sizeof subject->b);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, &value);
    while (there && rc == 0 && key.size > from.size && memcmp(key.data, from.b, from.size) == 0) {
        store_seq seq =
            value.size == SEQ_SIZE ? seq_get(value.data) : seq_get(key.data + key.size - SEQ_SIZE);
        rc = reading->each(reading->context, seq);
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return rc;
}

int standing_under(struct kv_txn *txn, const struct fora_object_id *delegation,
    const struct fora_principal_id *issuer, int (*each)(void *context, store_seq seq),
    void *context)
{
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    under_key(&from, delegation, issuer);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size + SEQ_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        rc = each(context, seq_get(key.data + from.size));
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

int standing_revocations(struct kv_txn *txn, store_seq attestation,
    int (*each)(void *context, store_seq seq), void *context)
{
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_of_seq(&from, 'v', attestation);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size + SEQ_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        rc = each(context, seq_get(key.data + from.size));
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

int standing_attested(struct kv_txn *txn, const struct fora_principal_id *subject,
    int (*each)(void *context, store_seq seq), void *context)
{
    const struct reading reading = {txn, each, context};
    /* Standings first: anybody can state as much else as she likes. */
    int rc = tell_letter(&reading, 'l', subject);
    rc = rc == 0 ? tell_letter(&reading, 'a', subject) : rc;
    return rc == 0 ? kv_txn_error(txn) : rc;
}

int standing_last(struct kv_txn *txn, const struct fora_object *standing,
    const struct fora_principal_id *subject, int (*each)(void *context, store_seq seq),
    void *context)
{
    struct store_key key;
    struct fora_bytes value;
    bool there = line_key(txn, standing, subject, &key) &&
                 kv_get(txn, T_STANDING, store_key_bytes(&key), &value) && value.size == SEQ_SIZE;
    return there ? each(context, seq_get(value.data)) : 0;
}

int standing_others(struct kv_txn *txn, const struct fora_principal_id *subject,
    int (*each)(void *context, store_seq seq), void *context)
{
    const struct reading reading = {txn, each, context};
    int rc = tell_letter(&reading, 'a', subject);
    return rc == 0 ? kv_txn_error(txn) : rc;
}
