/* What a thread cites brings it back when it comes, and when it goes. Kept both ways, so that the
 * marks of a thread that was counted anew are those of what it cites now, and no others. */
#include "reputation/impl.h"

#include <stdlib.h>
#include <string.h>

struct awaited {
    uint8_t id[ID_PREFIX_SIZE];
};

struct awaited_list {
    struct awaited *items; /* owned */
    size_t count;
    size_t room;
};

static int add(struct awaited_list *list, const uint8_t *id)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        struct awaited *grown = realloc(list->items, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        list->items = grown;
        list->room = room;
    }
    memcpy(list->items[list->count++].id, id, ID_PREFIX_SIZE);
    return 0;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct awaited));
}

/* Those that the thread cites by what was kept, ascending. */
static int kept(struct kv_txn *txn, store_seq thread, struct awaited_list *out)
{
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_of_seq(&from, 'k', thread);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size + ID_PREFIX_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        rc = add(out, key.data + from.size);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

/* Those that it cites, ascending. */
static int listed(const struct fora_object_id *cites, size_t count, struct awaited_list *out)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = add(out, cites[i].b);
    }
    if (rc == 0 && out->count > 0) {
        qsort(out->items, out->count, sizeof *out->items, compare);
    }
    return rc;
}

static void mark(struct kv_txn *txn, store_seq thread, const struct awaited *awaited, bool waits)
{
    struct store_key there, back;
    key_letter(&there, 'w');
    key_add_id(&there, awaited->id, ID_PREFIX_SIZE);
    key_add_seq(&there, thread);
    key_of_seq(&back, 'k', thread);
    key_add_id(&back, awaited->id, ID_PREFIX_SIZE);
    if (waits) {
        kv_put(txn, T_STANDING, store_key_bytes(&there), fora_bytes(NULL, 0));
        kv_put(txn, T_STANDING, store_key_bytes(&back), fora_bytes(NULL, 0));
    } else {
        kv_delete(txn, T_STANDING, store_key_bytes(&there));
        kv_delete(txn, T_STANDING, store_key_bytes(&back));
    }
}

int waits_each(struct kv_txn *txn, const struct fora_object_id *cited,
    int (*each)(void *context, store_seq thread), void *context)
{
    struct store_key from;
    key_letter(&from, 'w');
    key_add_id(&from, cited->b, ID_PREFIX_SIZE);
    return standing_each_seq(txn, &from, each, context);
}

static int touch(void *context, store_seq thread)
{
    standing_touch(context, thread);
    return 0;
}

int standing_gone(struct kv_txn *txn, const struct fora_object_id *cited)
{
    return waits_each(txn, cited, touch, txn);
}

int waits_put(
    struct kv_txn *txn, store_seq thread, const struct fora_object_id *cites, size_t count)
{
    struct awaited_list before = {0}, now = {0};
    size_t i = 0, j = 0;
    int rc = kept(txn, thread, &before);
    rc = rc == 0 ? listed(cites, count, &now) : rc;
    while (rc == 0 && (i < before.count || j < now.count)) {
        int order = i == before.count ? 1
                    : j == now.count  ? -1
                                      : compare(&before.items[i], &now.items[j]);
        if (order < 0) {
            mark(txn, thread, &before.items[i], false);
        } else if (order > 0) {
            mark(txn, thread, &now.items[j], true);
        }
        i += order <= 0;
        j += order >= 0;
    }
    free(before.items);
    free(now.items);
    return rc;
}
