/* Keys and records of table STANDING. */
#include "reputation/impl.h"

#include <string.h>

enum {
    CREDIT_SIZE = 32 + 32 + 32 + 8 + 1 + 1 + 1, /* value + 10 in a byte */
    VALUE_BIAS = 10
};

void key_letter(struct store_key *key, char letter)
{
    key->b[0] = (uint8_t)letter;
    key->size = 1;
}

void key_add_id(struct store_key *key, const uint8_t *id, size_t size)
{
    memcpy(key->b + key->size, id, size);
    key->size += size;
}

void key_add_seq(struct store_key *key, store_seq seq)
{
    seq_put(key->b + key->size, seq);
    key->size += SEQ_SIZE;
}

void key_of_set(struct store_key *key, char letter, uint32_t set)
{
    const uint8_t number[4] = {
        (uint8_t)(set >> 24), (uint8_t)(set >> 16), (uint8_t)(set >> 8), (uint8_t)set};
    key_letter(key, letter);
    key_add_id(key, number, sizeof number);
}

void key_of_seq(struct store_key *key, char letter, store_seq seq)
{
    key_letter(key, letter);
    key_add_seq(key, seq);
}

void key_of_member(
    struct store_key *key, char letter, uint32_t set, const struct fora_principal_id *member)
{
    key_of_set(key, letter, set);
    key_add_id(key, member->b, sizeof member->b);
}

void key_of_pair(struct store_key *key, uint32_t set, const struct fora_principal_id *giver,
    const struct fora_principal_id *subject)
{
    key_of_member(key, 'g', set, giver);
    key_add_id(key, subject->b, sizeof subject->b);
}

void key_of_evidence(struct store_key *key, uint32_t set, const struct fora_principal_id *member,
    uint64_t at, const struct fora_object_id *id)
{
    const uint64_t most = (UINT64_C(1) << 48) - 1;
    key_of_member(key, 'e', set, member);
    key_add_seq(key, at < most ? at : most);
    key_add_id(key, id->b, sizeof id->b);
}

static void store(struct kv_txn *txn, const struct store_key *key, struct fora_buf *value)
{
    if (value->error != 0) {
        kv_txn_fail(txn, value->error);
    } else {
        kv_put(txn, T_STANDING, store_key_bytes(key), fora_buf_bytes(value));
    }
    fora_buf_fini(value);
}

/* ---- members ---- */

static void write_evidence(struct fora_buf *out, const struct fora_evidence *evidence)
{
    fora_buf_be64(out, evidence->count);
    for (unsigned i = 0; i < 40; i++) {
        if ((evidence->count >> i & 1) != 0) {
            fora_buf_append(out, evidence->peaks[i].b, sizeof evidence->peaks[i].b);
        }
    }
}

static void read_evidence(struct fora_reader *in, struct fora_evidence *out)
{
    out->count = fora_reader_be64(in);
    for (unsigned i = 0; i < 40; i++) {
        if ((out->count >> i & 1) != 0) {
            fora_reader_copy(in, out->peaks[i].b, sizeof out->peaks[i].b);
        }
    }
}

void member_put(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *id,
    const struct standing_member *member)
{
    struct store_key key;
    struct fora_buf value = {0};
    const struct fora_standing *sums = &member->sums;
    for (unsigned i = 1; i < FORA_CREDIT_CLASSES; i++) {
        fora_buf_be64(&value, sums->counts[i]);
    }
    fora_buf_be64(&value, (uint64_t)sums->rating);
    fora_buf_be64(&value, sums->givers);
    fora_buf_be64(&value, sums->rooted);
    fora_buf_be64(&value, sums->from_rooted);
    fora_buf_be64(&value, sums->from_others);
    fora_buf_be64(&value, member->roots);
    fora_buf_u8(&value, member->stale);
    fora_buf_be64(&value, member->last_at);
    fora_buf_append(&value, member->last_id.b, sizeof member->last_id.b);
    write_evidence(&value, &member->evidence);
    key_of_member(&key, 'm', set, id);
    store(txn, &key, &value);
}

static bool member_read(struct fora_bytes value, struct standing_member *out)
{
    struct fora_reader in;
    fora_reader_init(&in, value);
    memset(out, 0, sizeof *out);
    for (unsigned i = 1; i < FORA_CREDIT_CLASSES; i++) {
        out->sums.counts[i] = fora_reader_be64(&in);
    }
    out->sums.rating = (int64_t)fora_reader_be64(&in);
    out->sums.givers = fora_reader_be64(&in);
    out->sums.rooted = fora_reader_be64(&in);
    out->sums.from_rooted = fora_reader_be64(&in);
    out->sums.from_others = fora_reader_be64(&in);
    out->roots = fora_reader_be64(&in);
    out->stale = fora_reader_u8(&in) != 0;
    out->last_at = fora_reader_be64(&in);
    fora_reader_copy(&in, out->last_id.b, sizeof out->last_id.b);
    read_evidence(&in, &out->evidence);
    return fora_reader_end(&in) == 0;
}

bool member_get(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *id,
    struct standing_member *out)
{
    struct store_key key;
    struct fora_bytes value;
    memset(out, 0, sizeof *out);
    key_of_member(&key, 'm', set, id);
    if (!kv_get(txn, T_STANDING, store_key_bytes(&key), &value)) {
        return false;
    }
    if (!member_read(value, out)) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
        return false;
    }
    return true;
}

bool standing_get(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member,
    struct fora_standing *out)
{
    struct standing_member record;
    bool there = member_get(txn, set, member, &record);
    *out = record.sums;
    return there;
}

int standing_each(struct kv_txn *txn, uint32_t set,
    int (*each)(void *context, const struct fora_principal_id *member,
        const struct fora_standing *standing),
    void *context)
{
    struct store_key from;
    struct fora_bytes key, value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_of_set(&from, 'm', set);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, &value);
    while (there && rc == 0 && key.size == from.size + FORA_ID_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        struct fora_principal_id id;
        struct standing_member member;
        memcpy(id.b, key.data + from.size, sizeof id.b);
        rc = member_read(value, &member) ? each(context, &id, &member.sums) : FORA_E_CORRUPT;
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return rc == 0 ? kv_txn_error(txn) : rc;
}

int standing_each_seq(struct kv_txn *txn, const struct store_key *prefix,
    int (*each)(void *context, store_seq seq), void *context)
{
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    bool there = kv_seek(cursor, store_key_bytes(prefix), &key, NULL);
    while (there && rc == 0 && key.size == prefix->size + SEQ_SIZE &&
           memcmp(key.data, prefix->b, prefix->size) == 0) {
        rc = each(context, seq_get(key.data + prefix->size));
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

/* ---- sets ---- */

bool standing_set_get(struct kv_txn *txn, uint32_t set, struct standing_set *out)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_reader in;
    memset(out, 0, sizeof *out);
    key_of_set(&key, 's', set);
    if (!kv_get(txn, T_STANDING, store_key_bytes(&key), &value)) {
        return false;
    }
    fora_reader_init(&in, value);
    out->policy_version = fora_reader_be64(&in);
    out->latest = fora_reader_be64(&in);
    out->recount = fora_reader_u8(&in) != 0;
    out->recounted = fora_reader_be64(&in);
    return fora_reader_end(&in) == 0;
}

void standing_set_put(struct kv_txn *txn, uint32_t set, const struct standing_set *state)
{
    struct store_key key;
    struct fora_buf value = {0};
    fora_buf_be64(&value, state->policy_version);
    fora_buf_be64(&value, state->latest);
    fora_buf_u8(&value, state->recount);
    fora_buf_be64(&value, state->recounted);
    key_of_set(&key, 's', set);
    store(txn, &key, &value);
}

/* ---- the credits of a thread ---- */

void credits_put(struct kv_txn *txn, store_seq thread, uint32_t set,
    const struct fora_credit *credits, size_t count)
{
    struct store_key key;
    struct fora_buf value = {0};
    key_of_seq(&key, 't', thread);
    if (count == 0) {
        kv_delete(txn, T_STANDING, store_key_bytes(&key));
        return;
    }
    fora_buf_be32(&value, set);
    for (size_t i = 0; i < count; i++) {
        fora_buf_append(&value, credits[i].subject.b, FORA_ID_SIZE);
        fora_buf_append(&value, credits[i].giver.b, FORA_ID_SIZE);
        fora_buf_append(&value, credits[i].evidence.b, FORA_ID_SIZE);
        fora_buf_be64(&value, credits[i].at);
        fora_buf_u8(&value, (uint8_t)credits[i].class);
        fora_buf_u8(&value, (uint8_t)(credits[i].value + VALUE_BIAS));
        fora_buf_u8(&value, credits[i].badge);
    }
    store(txn, &key, &value);
}

int credits_get(struct kv_txn *txn, struct fora_arena *arena, store_seq thread, uint32_t *set,
    struct fora_credit **out, size_t *count)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_reader in;
    *set = 0;
    *count = 0;
    *out = NULL;
    key_of_seq(&key, 't', thread);
    if (!kv_get(txn, T_STANDING, store_key_bytes(&key), &value)) {
        return kv_txn_error(txn);
    }
    if (value.size < 4 || (value.size - 4) % CREDIT_SIZE != 0) {
        return FORA_E_CORRUPT;
    }
    *out = fora_arena_zalloc(arena, (value.size - 4) / CREDIT_SIZE + 1, sizeof **out);
    if (*out == NULL) {
        return FORA_E_NOMEM;
    }
    fora_reader_init(&in, value);
    *set = fora_reader_be32(&in);
    while (in.left > 0) {
        struct fora_credit *credit = &(*out)[(*count)++];
        fora_reader_copy(&in, credit->subject.b, FORA_ID_SIZE);
        fora_reader_copy(&in, credit->giver.b, FORA_ID_SIZE);
        fora_reader_copy(&in, credit->evidence.b, FORA_ID_SIZE);
        credit->at = fora_reader_be64(&in);
        credit->class = fora_reader_u8(&in);
        credit->value = (int32_t)fora_reader_u8(&in) - VALUE_BIAS;
        credit->badge = fora_reader_u8(&in) != 0;
    }
    return fora_reader_end(&in);
}
