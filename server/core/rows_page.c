/* Pages of lists: a walk along one order, and all threads of a set. */
#include "core/rows_impl.h"

#include <string.h>

enum { ORDER_TAIL = 6 + SEQ_SIZE /* of an order key: falling time and sequence */ };

/* Where a page begins: just after the cursor's key, or at the head of the order. */
static int page_start(const struct fora_msg_list_threads *request, uint32_t set,
    struct store_key *from, size_t *prefix)
{
    uint8_t tag[8] = {0};
    if (request->order == FORA_ORDER_TAG) {
        row_tag_hash(tag, request->tag);
    }
    if (request->order > FORA_ORDER_TAG ||
        (request->cursor.size != 0 && request->cursor.size != ORDER_TAIL)) {
        return FORA_E_MALFORMED;
    }
    key_order(from, set, (uint8_t)request->order, tag, 0, 0);
    *prefix = from->size - ORDER_TAIL;
    from->size = *prefix;
    if (request->cursor.size == ORDER_TAIL) {
        memcpy(from->b + *prefix, request->cursor.data, ORDER_TAIL);
        from->size += ORDER_TAIL;
        from->b[from->size++] = 0;
    }
    return 0;
}

int rows_page(struct kv_txn *txn, struct fora_arena *arena, uint32_t set,
    const struct fora_msg_list_threads *request, struct fora_msg_threads *out)
{
    struct store_key from;
    struct fora_bytes key = {0};
    size_t prefix;
    size_t limit = request->limit == 0 ? 50 : request->limit > 100 ? 100 : request->limit;
    memset(out, 0, sizeof *out);
    int rc = page_start(request, set, &from, &prefix);
    if (rc != 0) {
        return rc;
    }
    out->rows = fora_arena_zalloc(arena, limit, sizeof *out->rows);
    if (out->rows == NULL) {
        return FORA_E_NOMEM;
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ORDERS);
    struct kv_cursor *rows = kv_cursor_open(txn, T_ROWS);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    struct fora_bytes last = {0};
    while (rc == 0 && there && key.size == prefix + ORDER_TAIL &&
           memcmp(key.data, from.b, prefix) == 0) {
        if (out->rows_count == limit) {
            out->next = fora_arena_copy(arena, last);
            break;
        }
        rc = row_read_near(
            rows, arena, seq_get(key.data + key.size - SEQ_SIZE), &out->rows[out->rows_count]);
        out->rows_count += rc == 0;
        last = fora_bytes(key.data + prefix, ORDER_TAIL);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(rows);
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}

int rows_threads_from(struct kv_txn *txn, uint32_t set, store_seq after,
    int (*each)(void *context, store_seq root), void *context)
{
    static const uint8_t no_tag[8] = {0};
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ORDERS);
    key_order(&from, set, ORDER_ALL, no_tag, 0, after + 1);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size && memcmp(key.data, from.b, 5) == 0) {
        rc = each(context, seq_get(key.data + key.size - SEQ_SIZE));
        there = rc == 0 && kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}

int rows_threads_each(
    struct kv_txn *txn, uint32_t set, int (*each)(void *context, store_seq root), void *context)
{
    return rows_threads_from(txn, set, 0, each, context);
}
