/*
 * Rows of thread lists. A stored row is a Threads frame with one row; what orders a thread stands
 * in follows from its row alone, so that the old row says which order keys to take away.
 */
#include "core/rows_impl.h"

#include "core/bug.h"
#include "core/receipts.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t no_tag[8] = {0};

enum { ROW_ARENA = 64 * 1024 };

/* ---- rows ---- */

static int row_decode(
    struct fora_arena *arena, struct fora_bytes value, struct fora_msg_thread_row *out)
{
    struct fora_message message;
    if (value.size < 4) {
        return FORA_E_CORRUPT;
    }
    int rc = fora_message_decode(arena, fora_bytes(value.data + 4, value.size - 4), &message);
    if (rc != 0 || message.type != FORA_MSG_THREADS || message.u.threads.rows_count != 1) {
        return rc == FORA_E_NOMEM ? rc : FORA_E_CORRUPT;
    }
    *out = message.u.threads.rows[0];
    return 0;
}

int row_read(
    struct kv_txn *txn, struct fora_arena *arena, store_seq root, struct fora_msg_thread_row *out)
{
    struct store_key key;
    struct fora_bytes value;
    key_row(&key, root);
    if (!kv_get(txn, T_ROWS, store_key_bytes(&key), &value)) {
        return FORA_E_NOTFOUND;
    }
    return row_decode(arena, value, out);
}

int row_read_near(struct kv_cursor *rows, struct fora_arena *arena, store_seq root,
    struct fora_msg_thread_row *out)
{
    struct store_key key;
    struct fora_bytes found, value;
    key_row(&key, root);
    if (!kv_seek(rows, store_key_bytes(&key), &found, &value) ||
        !fora_bytes_equal(found, store_key_bytes(&key))) {
        return FORA_E_NOTFOUND;
    }
    return row_decode(arena, value, out);
}

uint32_t rows_marks(struct kv_txn *txn, store_seq root)
{
    struct fora_arena arena;
    struct fora_msg_thread_row row;
    fora_arena_init(&arena, ROW_ARENA);
    uint32_t marks = row_read(txn, &arena, root, &row) == 0 ? row.marks : 0;
    fora_arena_fini(&arena);
    return marks;
}

/* ---- orders ---- */

void row_tag_hash(uint8_t out[8], struct fora_bytes tag)
{
    struct fora_hash hash;
    fora_hash1(&hash, "forad.tag", tag);
    memcpy(out, hash.b, 8);
}

enum order_act { ORDERS_PUT, ORDERS_REMOVE, ORDERS_COUNT };

struct order_change {
    struct kv_txn *txn;
    uint32_t set;
    store_seq root;
    enum order_act act;
    struct rows_verdict *verdict; /* ORDERS_COUNT */
};

static void order_key(
    const struct order_change *change, uint8_t order, const uint8_t tag[8], uint64_t time)
{
    struct store_key key;
    key_order(&key, change->set, order, tag, time, change->root);
    struct fora_bytes bytes = store_key_bytes(&key);
    switch (change->act) {
    case ORDERS_PUT:
        kv_put(change->txn, T_ORDERS, bytes, fora_bytes(NULL, 0));
        break;
    case ORDERS_REMOVE:
        kv_delete(change->txn, T_ORDERS, bytes);
        break;
    case ORDERS_COUNT:
        change->verdict->orders++;
        change->verdict->orders_missing += !kv_get(change->txn, T_ORDERS, bytes, NULL);
        break;
    }
}

static bool tag_repeats(const struct fora_msg_thread_row *row, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (fora_bytes_equal(row->tags[i], row->tags[index])) {
            return true;
        }
    }
    return false;
}

static void orders_change(const struct order_change *change, const struct fora_msg_thread_row *row)
{
    const uint32_t unlisted = FORA_MARK_HIDDEN | FORA_MARK_RETRACTED;
    const uint32_t settled = FORA_MARK_CLOSED | FORA_MARK_DUPLICATE | FORA_MARK_MOVED;
    order_key(change, ORDER_ALL, no_tag, 0);
    if ((row->marks & unlisted) != 0) {
        return;
    }
    /* Pinned threads stand at the head, the one that came last first. */
    order_key(change, FORA_ORDER_ACTIVE, no_tag,
        (row->marks & FORA_MARK_PINNED) != 0 ? UINT64_MAX : row->active_at);
    order_key(change, FORA_ORDER_NEW, no_tag, row->created_at);
    if (row->type == FORA_THREAD_QUESTION && row->answers == 0 && (row->marks & settled) == 0) {
        order_key(change, FORA_ORDER_UNANSWERED, no_tag, row->active_at);
    }
    for (size_t i = 0; i < row->tags_count; i++) {
        uint8_t tag[8];
        row_tag_hash(tag, row->tags[i]);
        if (!tag_repeats(row, i)) {
            order_key(change, FORA_ORDER_TAG, tag, row->active_at);
        }
    }
}

/* ---- making a row ---- */

struct fold {
    struct kv_txn *txn;
    struct objects_near near;
    struct fora_object *objects;
    size_t count;
    size_t room;
};

static int fold_child(void *context, store_seq child)
{
    struct fold *fold = context;
    struct stored stored;
    int rc = objects_read_near(fold->txn, &fold->near, child, &stored);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (fold->count == fold->room) {
        size_t room = fold->room == 0 ? 32 : fold->room * 2;
        struct fora_object *grown = realloc(fold->objects, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        fold->objects = grown;
        fold->room = room;
    }
    if (SIM_BUG(VIEW_ORDER) && fold->count > 0 &&
        stored.object.header.created_at < fold->objects[fold->count - 1].header.created_at) {
        return 0;
    }
    fold->objects[fold->count++] = stored.object;
    return 0;
}

int rows_fold(struct kv_txn *txn, struct fora_arena *arena, const struct fora_policy *policy,
    store_seq root, struct fora_view_thread *out)
{
    struct fold fold = {.txn = txn};
    int rc = children_each(txn, root, fold_child, &fold);
    if (rc == 0) {
        rc = receipts_apply(txn, policy, fold.objects, fold.count);
    }
    if (rc == 0) {
        rc = fora_view_thread_fold(arena, policy, fold.objects, fold.count, out);
    }
    free(fold.objects);
    return rc;
}

static int row_encode(struct fora_buf *out, struct fora_msg_thread_row *row)
{
    struct fora_message message = {.type = FORA_MSG_THREADS};
    message.u.threads.rows = row;
    message.u.threads.rows_count = 1;
    return fora_message_encode(out, &message);
}

/* Both rows are read before anything is changed: whatever fails then leaves all as it was. */
static int row_store(struct kv_txn *txn, const struct set_info *set, store_seq root,
    struct fora_arena *arena, struct fora_bytes encoded)
{
    struct store_key key;
    struct fora_msg_thread_row old, fresh;
    struct order_change change = {txn, set->number, root, ORDERS_REMOVE, NULL};
    struct fora_bytes kept = fora_bytes(NULL, 0);
    struct fora_bytes value;
    int rc = 0;
    key_row(&key, root);
    if (kv_get(txn, T_ROWS, store_key_bytes(&key), &value)) {
        if (fora_bytes_equal(value, encoded)) {
            return 0;
        }
        kept = fora_arena_copy(arena, value); /* the deletes below may move it */
        rc = kept.data == NULL ? FORA_E_NOMEM : row_decode(arena, kept, &old);
    }
    bool readable = kept.size > 0 && rc == 0; /* a damaged row is replaced */
    rc = rc == FORA_E_CORRUPT ? 0 : rc;
    rc = rc != 0 ? rc : row_decode(arena, encoded, &fresh);
    if (rc != 0) {
        return rc;
    }
    if (readable) {
        orders_change(&change, &old);
    }
    change.act = ORDERS_PUT;
    orders_change(&change, &fresh);
    kv_put(txn, T_ROWS, store_key_bytes(&key), encoded);
    if (kept.size == 0) {
        struct set_info counted = *set;
        if (sets_get(txn, set->number, &counted)) {
            counted.threads++;
            sets_put(txn, &counted);
        }
    }
    return 0;
}

bool rows_remove(struct kv_txn *txn, uint32_t set, store_seq root)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_arena arena;
    struct fora_msg_thread_row row;
    struct order_change change = {txn, set, root, ORDERS_REMOVE, NULL};
    fora_arena_init(&arena, ROW_ARENA);
    key_row(&key, root);
    bool there = kv_get(txn, T_ROWS, store_key_bytes(&key), &value);
    if (there) {
        struct fora_bytes kept = fora_arena_copy(&arena, value); /* the deletes may move it */
        int rc = kept.data == NULL ? FORA_E_NOMEM : row_decode(&arena, kept, &row);
        if (rc == 0) {
            orders_change(&change, &row);
            kv_delete(txn, T_ROWS, store_key_bytes(&key));
        } else {
            kv_txn_fail(txn, rc);
        }
    }
    fora_arena_fini(&arena);
    return there;
}

/* Folds the thread anew. FORA_E_NOTFOUND when it can have no row: it is gone, no thread, or its
 * space has no policy. */
static int row_compute(
    struct maker *maker, store_seq root, struct set_info *set, struct fora_buf *encoded)
{
    struct stored stored;
    struct set_info ruling; /* the set that has the space's policy */
    struct policy_handle *policy = NULL;
    struct fora_view_thread view;
    struct fora_msg_thread_row row;
    int rc = objects_read(maker->txn, root, &stored);
    if (rc != 0 || stored.object.header.kind != FORA_KIND_THREAD) {
        return rc != 0 ? rc : FORA_E_NOTFOUND;
    }
    const struct fora_header *header = &stored.object.header;
    if (!sets_find(maker->txn, &header->space, header->audience, set) ||
        !sets_find(maker->txn, &header->space, FORA_AUDIENCE_PUBLIC, &ruling)) {
        return FORA_E_NOTFOUND;
    }
    rc = policies_get(maker->policies, maker->txn, &ruling, &policy);
    if (rc == 0) {
        rc = rows_fold(maker->txn, &maker->arena, policy_of(policy), root, &view);
    }
    if (rc == 0) {
        fora_view_thread_row(&row, &view);
        rc = row_encode(encoded, &row);
    }
    policies_release(maker->policies, policy);
    return rc;
}

int row_make(struct maker *maker, store_seq root)
{
    struct set_info set;
    struct fora_buf encoded = {0};
    int rc = row_compute(maker, root, &set, &encoded);
    if (rc == 0) {
        rc = row_store(maker->txn, &set, root, &maker->arena, fora_buf_bytes(&encoded));
    }
    /* A thread that does not fit into the arena keeps the row that it has: whoever makes one that
     * large must not keep all others from theirs. Where memory is out, it is made later. */
    bool too_large = rc == FORA_E_NOMEM && maker->arena.over && kv_txn_error(maker->txn) == 0;
    fora_buf_fini(&encoded);
    fora_arena_reset(&maker->arena);
    return rc == FORA_E_NOTFOUND || too_large ? 0 : rc;
}

int rows_check(
    struct kv_txn *txn, struct policies *policies, store_seq root, struct rows_verdict *out)
{
    struct maker maker = {.txn = txn, .policies = policies};
    struct set_info set;
    struct store_key key;
    struct fora_bytes value;
    struct fora_msg_thread_row row;
    struct fora_buf encoded = {0};
    memset(out, 0, sizeof *out);
    fora_arena_init(&maker.arena, FOLD_ARENA);
    int rc = row_compute(&maker, root, &set, &encoded);
    if (rc == 0) {
        key_row(&key, root);
        out->set = set.number;
        out->equal = kv_get(txn, T_ROWS, store_key_bytes(&key), &value) &&
                     fora_bytes_equal(value, fora_buf_bytes(&encoded));
        rc = row_decode(&maker.arena, fora_buf_bytes(&encoded), &row);
    }
    if (rc == 0) {
        const struct order_change count = {txn, set.number, root, ORDERS_COUNT, out};
        orders_change(&count, &row);
    }
    fora_buf_fini(&encoded);
    fora_arena_fini(&maker.arena);
    return rc;
}
