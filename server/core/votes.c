/* Votes, and the commitment to who cast them. */
#include "core/votes.h"

#include "fora/merkle.h"

#include <stdlib.h>
#include <string.h>

enum { VOTE_SIZE = 1 + SEQ_SIZE, BASE_SIZE = 8 + 8 + 8, VOTE_KEY_SIZE = SEQ_SIZE + FORA_ID_SIZE };

static const struct fora_principal_id nobody;
static const char domain_blind[] = "forad.vote.blind";

static bool vote_parse(struct fora_bytes value, struct vote *out)
{
    if (value.size != VOTE_SIZE) {
        return false;
    }
    out->value = value.data[0] == 0xff ? -1 : value.data[0];
    out->flag = seq_get(value.data + 1);
    return out->value >= -1 && out->value <= 1;
}

struct vote vote_get(struct kv_txn *txn, store_seq target, const struct fora_principal_id *voter)
{
    struct store_key key;
    struct fora_bytes value;
    struct vote vote = {0};
    key_vote(&key, target, voter);
    if (kv_get(txn, T_VOTES, store_key_bytes(&key), &value) && !vote_parse(value, &vote)) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
    }
    return vote;
}

void vote_put(struct kv_txn *txn, store_seq target, const struct fora_principal_id *voter,
    const struct vote *vote)
{
    struct store_key key;
    uint8_t value[VOTE_SIZE] = {(uint8_t)(vote->value < 0 ? 0xff : vote->value)};
    seq_put(value + 1, vote->flag);
    key_vote(&key, target, voter);
    if (vote->value == 0 && vote->flag == 0) {
        kv_delete(txn, T_VOTES, store_key_bytes(&key));
    } else {
        kv_put(txn, T_VOTES, store_key_bytes(&key), fora_bytes(value, sizeof value));
    }
}

bool vote_base_get(struct kv_txn *txn, store_seq target, struct vote_base *out)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    key_vote(&key, target, &nobody);
    if (!kv_get(txn, T_VOTES, store_key_bytes(&key), &value)) {
        return false;
    }
    fora_reader_init(&reader, value);
    out->up = fora_reader_be64(&reader);
    out->down = fora_reader_be64(&reader);
    out->tally = fora_reader_be64(&reader);
    if (fora_reader_end(&reader) != 0) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
        return false;
    }
    return true;
}

void vote_base_put(struct kv_txn *txn, store_seq target, const struct vote_base *base)
{
    struct store_key key;
    uint8_t value[BASE_SIZE];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be64(&buf, base->up);
    fora_buf_be64(&buf, base->down);
    fora_buf_be64(&buf, base->tally);
    key_vote(&key, target, &nobody);
    kv_put(txn, T_VOTES, store_key_bytes(&key), fora_bytes(value, sizeof value));
}

void vote_blind(struct fora_hash *out, const uint8_t secret[32], const struct fora_object_id *id,
    const struct fora_principal_id *voter)
{
    const struct fora_bytes parts[] = {
        fora_bytes(id->b, sizeof id->b), fora_bytes(voter->b, sizeof voter->b)};
    fora_hash_keyed(out, secret, domain_blind, parts, sizeof parts / sizeof parts[0]);
}

void vote_leaf(struct fora_hash *out, const struct fora_object_id *id,
    const struct fora_principal_id *voter, int value, const struct fora_hash *blind)
{
    const uint8_t sign[1] = {value < 0 ? 0xff : 0x01};
    const struct fora_bytes parts[] = {fora_bytes(id->b, sizeof id->b),
        fora_bytes(voter->b, sizeof voter->b), fora_bytes(sign, sizeof sign),
        fora_bytes(blind->b, sizeof blind->b)};
    fora_hash(out, FORA_DOMAIN_VOTERS, parts, sizeof parts / sizeof parts[0]);
}

struct leaves {
    struct fora_hash *list; /* owned */
    size_t count;
    size_t room;
};

static int leaves_add(struct leaves *leaves, const struct fora_hash *leaf)
{
    if (leaves->count == leaves->room) {
        size_t room = leaves->room == 0 ? 64 : 2 * leaves->room;
        struct fora_hash *grown = realloc(leaves->list, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        leaves->list = grown;
        leaves->room = room;
    }
    leaves->list[leaves->count++] = *leaf;
    return 0;
}

/* One entry of the target: a vote, a report only, or the base. */
static int count_entry(struct fora_bytes key, struct fora_bytes value,
    const struct fora_object_id *id, const uint8_t secret[32], struct vote_count *out,
    struct leaves *leaves)
{
    struct fora_principal_id voter;
    struct vote vote;
    struct fora_hash blind;
    struct fora_hash leaf;
    if (key.size != VOTE_KEY_SIZE) {
        return FORA_E_CORRUPT;
    }
    memcpy(voter.b, key.data + SEQ_SIZE, sizeof voter.b);
    if (fora_id_is_zero(voter.b)) {
        return 0;
    }
    if (!vote_parse(value, &vote)) {
        return FORA_E_CORRUPT;
    }
    if (vote.value == 0) {
        return 0;
    }
    out->up += vote.value > 0;
    out->down += vote.value < 0;
    vote_blind(&blind, secret, id, &voter);
    vote_leaf(&leaf, id, &voter, vote.value, &blind);
    return leaves_add(leaves, &leaf);
}

int votes_count(struct kv_txn *txn, store_seq target, const struct fora_object_id *id,
    const uint8_t secret[32], struct vote_count *out)
{
    struct leaves leaves = {0};
    struct store_key start;
    struct fora_bytes key;
    struct fora_bytes value;
    int rc = 0;
    memset(out, 0, sizeof *out);
    key_vote(&start, target, &nobody);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_VOTES);
    bool more = kv_seek(cursor, store_key_bytes(&start), &key, &value);
    while (rc == 0 && more && key.size >= SEQ_SIZE && memcmp(key.data, start.b, SEQ_SIZE) == 0) {
        rc = count_entry(key, value, id, secret, out, &leaves);
        more = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    if (rc == 0) {
        rc = kv_txn_error(txn);
    }
    if (rc == 0) {
        fora_merkle_root(&out->root, leaves.list, leaves.count);
    }
    free(leaves.list);
    return rc;
}
