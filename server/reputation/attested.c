/* What is attested about whom: found by subject, noted when an attestation is stored. */
#include "reputation/impl.h"

#include <string.h>

enum { LINE_ID_SIZE = 8, LINE_REST = SEQ_SIZE + LINE_ID_SIZE + SEQ_SIZE };

static void line_key(struct store_key *key, const struct fora_principal_id *subject, uint32_t set,
    const struct fora_principal_id *issuer)
{
    const uint8_t number[4] = {
        (uint8_t)(set >> 24), (uint8_t)(set >> 16), (uint8_t)(set >> 8), (uint8_t)set};
    key_letter(key, 'l');
    key_add_id(key, subject->b, sizeof subject->b);
    key_add_id(key, number, sizeof number);
    key_add_id(key, issuer->b, sizeof issuer->b);
}

/* Behind all standings of the line. */
static void line_end(struct store_key *key)
{
    memset(key->b + key->size, 0xff, LINE_REST);
    key->size += LINE_REST;
}

/* By (created_at, id), so that the last is the one that stands (ATT-8). False for a standing of a
 * space that has no set. */
static bool standing_key(struct kv_txn *txn, const struct fora_object *object, store_seq seq,
    const struct fora_principal_id *subject, struct store_key *key)
{
    const uint64_t most = (UINT64_C(1) << 48) - 1;
    uint64_t at = object->header.created_at;
    struct set_info set;
    if (!sets_find(txn, &object->header.space, object->header.audience, &set)) {
        return false;
    }
    line_key(key, subject, set.number, &object->header.author);
    key_add_seq(key, at < most ? at : most);
    key_add_id(key, object->id.b, LINE_ID_SIZE);
    key_add_seq(key, seq);
    return true;
}

static void subject_key(
    struct store_key *key, const struct fora_principal_id *subject, store_seq seq)
{
    key_letter(key, 'a');
    key_add_id(key, subject->b, sizeof subject->b);
    key_add_seq(key, seq);
}

/* By the id of the attestation, which may come again, and then under another number. */
static void revocation_key(struct store_key *key, const struct fora_object_id *attestation)
{
    key_letter(key, 'v');
    key_add_id(key, attestation->b, ID_PREFIX_SIZE);
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
        revocation_key(&key, &object->header.parent);
        key_add_seq(&key, seq);
        kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
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
        if (standing_key(txn, object, seq, &attestation->subject, &key)) {
            kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
        }
        return;
    }
    subject_key(&key, &attestation->subject, seq);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
}

void standing_removed(struct kv_txn *txn, const struct fora_object *object, store_seq seq)
{
    struct store_key key;
    struct fora_arena arena;
    struct fora_content content;
    if (object->header.kind == FORA_KIND_REVOCATION) {
        revocation_key(&key, &object->header.parent);
        key_add_seq(&key, seq);
        kv_delete(txn, T_STANDING, store_key_bytes(&key));
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
        if (standing_key(txn, object, seq, subject, &key)) {
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

/* All but standings of spaces. */
static int tell_others(const struct reading *reading, const struct fora_principal_id *subject)
{
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(reading->txn, T_STANDING);
    key_letter(&from, 'a');
    key_add_id(&from, subject->b, sizeof subject->b);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size + SEQ_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        rc = reading->each(reading->context, seq_get(key.data + from.size));
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

/* The last standing of a line, and the cursor on it; 0: there is none. */
static store_seq last_of(struct kv_cursor *cursor, const struct store_key *line)
{
    struct store_key end = *line;
    struct fora_bytes key;
    line_end(&end);
    bool there = kv_seek_before(cursor, store_key_bytes(&end), &key, NULL) &&
                 key.size == end.size && memcmp(key.data, line->b, line->size) == 0;
    return there ? seq_get(key.data + key.size - SEQ_SIZE) : 0;
}

/* Of standings the last of each line. */
static int tell_lines(const struct reading *reading, const struct fora_principal_id *subject)
{
    struct store_key line, end;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(reading->txn, T_STANDING);
    key_letter(&line, 'l');
    key_add_id(&line, subject->b, sizeof subject->b);
    const size_t prefix = line.size;
    bool there = kv_seek(cursor, store_key_bytes(&line), &key, NULL);
    while (there && rc == 0 && key.size > prefix + LINE_REST && key.size <= sizeof line.b &&
           memcmp(key.data, line.b, prefix) == 0) {
        line.size = key.size - LINE_REST;
        memcpy(line.b, key.data, line.size);
        store_seq seq = last_of(cursor, &line);
        rc = seq != 0 ? reading->each(reading->context, seq) : 0;
        end = line;
        line_end(&end);
        there = kv_seek(cursor, store_key_bytes(&end), &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

store_seq standing_of_line(struct kv_txn *txn, uint32_t set,
    const struct fora_principal_id *subject, const struct fora_principal_id *issuer)
{
    struct store_key line;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    line_key(&line, subject, set, issuer);
    store_seq seq = last_of(cursor, &line);
    kv_cursor_close(cursor);
    return seq;
}

int standing_under(struct kv_txn *txn, const struct fora_object_id *delegation,
    const struct fora_principal_id *issuer, int (*each)(void *context, store_seq seq),
    void *context)
{
    struct store_key from;
    under_key(&from, delegation, issuer);
    return standing_each_seq(txn, &from, each, context);
}

int standing_revocations(struct kv_txn *txn, const struct fora_object_id *attestation,
    int (*each)(void *context, store_seq seq), void *context)
{
    struct store_key from;
    revocation_key(&from, attestation);
    return standing_each_seq(txn, &from, each, context);
}

int standing_attested(struct kv_txn *txn, const struct fora_principal_id *subject,
    int (*each)(void *context, store_seq seq), void *context)
{
    const struct reading reading = {txn, each, context};
    /* Standings first: anybody can state as much else as she likes. */
    int rc = tell_lines(&reading, subject);
    rc = rc == 0 ? tell_others(&reading, subject) : rc;
    return rc == 0 ? kv_txn_error(txn) : rc;
}

int standing_last(struct kv_txn *txn, const struct fora_object *standing,
    const struct fora_principal_id *subject, int (*each)(void *context, store_seq seq),
    void *context)
{
    struct set_info set;
    store_seq seq = 0;
    if (sets_find(txn, &standing->header.space, standing->header.audience, &set)) {
        seq = standing_of_line(txn, set.number, subject, &standing->header.author);
    }
    return seq != 0 ? each(context, seq) : 0;
}

int standing_others(struct kv_txn *txn, const struct fora_principal_id *subject,
    int (*each)(void *context, store_seq seq), void *context)
{
    const struct reading reading = {txn, each, context};
    int rc = tell_others(&reading, subject);
    return rc == 0 ? kv_txn_error(txn) : rc;
}
