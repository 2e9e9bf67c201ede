/* Times of acceptance, trees of what was accepted, and the receipts that say so. */
#include "core/custody.h"
#include "core/make.h"
#include "core/receipts_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    MARK_TIMES = 'a',
    TIME_STEP = 1000,    /* ms: what comes within this after a note is covered by it */
    TREE_SEQUENCES = 64, /* a tree spans no more, however much came in a second: it is what one id
                            costs whom it is asked of (RCP-8) */
    TIME_VALUE = 8
};

/* ---- times ---- */

static void time_key(struct store_key *key, store_seq seq)
{
    uint8_t name[SEQ_SIZE];
    seq_put(name, seq);
    key_name(key, MARK_TIMES, fora_bytes(name, sizeof name));
}

uint64_t receipts_note(struct kv_txn *txn, store_seq first, uint64_t noted, uint64_t now)
{
    struct store_key key;
    uint8_t value[TIME_VALUE];
    if (noted != 0 && now >= noted && now - noted < TIME_STEP) {
        return noted;
    }
    for (size_t i = 0; i < sizeof value; i++) {
        value[i] = (uint8_t)(now >> (8 * (sizeof value - 1 - i)));
    }
    time_key(&key, first);
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(value, sizeof value));
    return now;
}

static bool time_parse(
    struct fora_bytes key, struct fora_bytes value, store_seq *from, uint64_t *time)
{
    if (key.size != 1 + SEQ_SIZE || key.data[0] != MARK_TIMES || value.size != TIME_VALUE) {
        return false;
    }
    *from = seq_get(key.data + 1);
    *time = (uint64_t)key_be32(value.data) << 32 | key_be32(value.data + 4);
    return true;
}

/* When `seq` was accepted at the latest, and the sequences around it of which the same is said. */
static bool time_of(
    struct kv_txn *txn, store_seq seq, store_seq *from, store_seq *to, uint64_t *accepted_at)
{
    struct store_key behind;
    struct fora_bytes key, value;
    uint64_t time = 0, next_time;
    store_seq next;
    time_key(&behind, seq + 1);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek_before(cursor, store_key_bytes(&behind), &key, &value) &&
                 time_parse(key, value, from, &time);
    *to = (store_seq)UINT64_MAX;
    if (there && kv_next(cursor, &key, &value) && time_parse(key, value, &next, &next_time)) {
        *to = next;
    }
    kv_cursor_close(cursor);
    if (!there) {
        return false;
    }
    store_seq skip = (seq - *from) / TREE_SEQUENCES * TREE_SEQUENCES;
    *from += skip;
    *to = *to - *from > TREE_SEQUENCES ? *from + TREE_SEQUENCES : *to;
    *accepted_at = time + TIME_STEP;
    return true;
}

int receipt_want(
    struct kv_txn *txn, store_seq seq, const struct fora_object *object, struct receipt_want *out)
{
    const struct fora_header *header = &object->header;
    bool is_thread = header->kind == FORA_KIND_THREAD;
    bool is_statement = header->kind == FORA_KIND_POLICY && !fora_id_is_zero(header->space.b);
    if ((!is_thread && !is_statement && fora_id_is_zero(header->root.b)) ||
        !time_of(txn, seq, &out->from, &out->to, &out->accepted_at)) {
        return kv_txn_error(txn) != 0 ? kv_txn_error(txn) : FORA_E_NOTFOUND;
    }
    out->id = object->id;
    out->thread = is_thread ? object->id : header->root;
    out->space = header->space;
    return 0;
}

/* ---- trees ---- */

struct tree {
    struct fora_object_id *ids;
    size_t count;
    store_seq to;
    struct fora_hash root;
};

enum { TREE_END = 1 };

/* What a newer one takes the place of may leave the store, and would change the tree. */
static int tree_add(void *context, const struct stored *stored)
{
    struct tree *tree = context;
    if (stored->seq >= tree->to || tree->count == TREE_SEQUENCES) {
        return TREE_END;
    }
    if (!fora_kind_replaceable(stored->object.header.kind) &&
        stored->object.header.audience == FORA_AUDIENCE_PUBLIC) {
        tree->ids[tree->count++] = stored->object.id;
    }
    return 0;
}

static int tree_make(struct kv_txn *txn, store_seq from, store_seq to, struct tree *tree)
{
    tree->count = 0;
    tree->to = to;
    int rc = objects_each(txn, from - 1, tree_add, tree);
    rc = rc == TREE_END ? 0 : rc;
    return rc == 0 ? fora_receipt_tree(&tree->root, tree->ids, &tree->count) : rc;
}

/* ---- receipts ---- */

static int compare(const void *left, const void *right)
{
    const struct receipt_want *a = left, *b = right;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    int order = memcmp(a->space.b, b->space.b, FORA_ID_SIZE);
    order = order != 0 ? order : memcmp(a->thread.b, b->thread.b, FORA_ID_SIZE);
    return order != 0 ? order : memcmp(a->id.b, b->id.b, FORA_ID_SIZE);
}

static bool same_receipt(const struct receipt_want *a, const struct receipt_want *b)
{
    return a->from == b->from && memcmp(a->space.b, b->space.b, FORA_ID_SIZE) == 0 &&
           memcmp(a->thread.b, b->thread.b, FORA_ID_SIZE) == 0;
}

/* The node's key may be younger than what it accepted: then the receipt is dated by the key. */
static int signing_time(
    const struct node_env *env, struct kv_txn *txn, uint64_t accepted_at, uint64_t *out)
{
    struct fora_identity *log;
    struct fora_key own;
    size_t count;
    int rc = identity_load(txn, &env->self, &log);
    if (rc != 0) {
        return rc;
    }
    fora_secret_public(env->secret, &own);
    const struct fora_identity_key *keys = fora_identity_keys(log, &count);
    *out = accepted_at;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i].sign.b, own.b, sizeof own.b) == 0 && keys[i].added_at > *out) {
            *out = keys[i].added_at;
        }
    }
    fora_identity_free(log);
    return 0;
}

/* The salt is a function of what the receipt says, so that made again it is the same object. */
static void salt_of(
    const struct node_env *env, const struct receipt_want *first, struct fora_receipt *receipt)
{
    uint8_t name[FORA_HASH_SIZE + 2 * FORA_ID_SIZE];
    memcpy(name, receipt->objects_root.b, FORA_HASH_SIZE);
    memcpy(name + FORA_HASH_SIZE, first->thread.b, FORA_ID_SIZE);
    memcpy(name + FORA_HASH_SIZE + FORA_ID_SIZE, first->id.b, FORA_ID_SIZE);
    custody_salt(&receipt->salt, env->custody, "forad.receipt.salt", fora_bytes(name, sizeof name));
}

/* One receipt for wants of one thread, or of one space's policy, and tree, at most
 * FORA_RECEIPT_PROOFS_MAX. */
static int make_one(const struct node_env *env, struct kv_txn *txn, const struct tree *tree,
    const struct receipt_want *wants, size_t count, struct fora_buf *out)
{
    struct fora_receipt_proof proofs[FORA_RECEIPT_PROOFS_MAX];
    struct fora_content content = {.kind = FORA_KIND_RECEIPT};
    struct fora_receipt *receipt = &content.u.receipt;
    struct fora_header header = {.kind = FORA_KIND_RECEIPT,
        .author = env->self,
        .space = wants->space,
        .root = wants->thread};
    struct fora_arena arena;
    int rc = signing_time(env, txn, wants->accepted_at, &header.created_at);
    fora_arena_init(&arena, 0);
    *receipt = (struct fora_receipt){.accepted_at = wants->accepted_at,
        .objects_root = tree->root,
        .leaves = (uint32_t)tree->count,
        .proofs = proofs};
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = fora_receipt_prove(
            &proofs[receipt->proofs_count], &arena, tree->ids, tree->count, &wants[i].id);
        receipt->proofs_count += rc == 0;
        rc = rc == FORA_E_NOTFOUND ? 0 : rc; /* a replaceable kind is in no tree */
    }
    if (rc == 0 && receipt->proofs_count > 0) {
        salt_of(env, wants, receipt);
        rc = object_make(out, &header, &content, env->secret, NULL);
    }
    fora_arena_fini(&arena);
    return rc;
}

int receipts_make(const struct node_env *env, struct kv_txn *txn, struct receipt_want *wants,
    size_t count, int (*each)(void *context, struct fora_bytes encoded), void *context)
{
    struct tree tree = {.ids = malloc(TREE_SEQUENCES * sizeof *tree.ids)};
    int rc = tree.ids == NULL ? FORA_E_NOMEM : 0;
    if (count > 0) {
        qsort(wants, count, sizeof *wants, compare);
    }
    for (size_t i = 0, end; i < count && rc == 0; i = end) {
        struct fora_buf encoded = {0};
        end = i + 1;
        while (end < count && end - i < FORA_RECEIPT_PROOFS_MAX &&
               same_receipt(&wants[end], &wants[i])) {
            end++;
        }
        if (i == 0 || wants[i].from != wants[i - 1].from) {
            rc = tree_make(txn, wants[i].from, wants[i].to, &tree);
        }
        rc = rc == 0 ? make_one(env, txn, &tree, &wants[i], end - i, &encoded) : rc;
        if (rc == 0 && encoded.size > 0) {
            rc = each(context, fora_buf_bytes(&encoded));
        }
        fora_buf_fini(&encoded);
    }
    free(tree.ids);
    return rc;
}
