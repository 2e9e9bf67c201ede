/* A node on disk: u64 count, 32 bytes sum, u32 entries; the key is set, level, lower bound. */
#include "store/sums_node.h"

#include <string.h>

enum { NODE_SIZE = 8 + 32 + 4 };

/* Is it a node of that level, and where does it begin? */
static bool key_in_level(
    struct fora_bytes key, uint32_t set, uint8_t level, struct fora_neg_item *lower)
{
    uint32_t key_set;
    uint8_t key_level;
    return key_sum_parse(key, &key_set, &key_level, &lower->time, lower->id) && key_set == set &&
           key_level == level;
}

static bool value_parse(struct fora_bytes value, struct sums_node *out)
{
    if (value.size != NODE_SIZE) {
        return false;
    }
    out->sum.count = (uint64_t)key_be32(value.data) << 32 | key_be32(value.data + 4);
    memcpy(out->sum.sum, value.data + 8, sizeof out->sum.sum);
    out->entries = key_be32(value.data + 40);
    return true;
}

void sums_node_find(struct kv_txn *txn, uint32_t set, uint8_t level,
    const struct fora_neg_item *item, struct sums_node *out)
{
    struct store_key bound;
    struct fora_bytes key, value;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_SUMS);
    memset(out, 0, sizeof *out);
    out->last = true;
    key_sum(&bound, set, level, item->time, item->id);
    bound.b[bound.size++] = 0; /* just behind the item, so that "before" includes it */
    bool there = kv_seek_before(cursor, store_key_bytes(&bound), &key, &value) &&
                 key_in_level(key, set, level, &out->lower);
    if (there) {
        if (!value_parse(value, out)) {
            kv_txn_fail(txn, FORA_E_CORRUPT);
        }
        out->last = !kv_next(cursor, &key, NULL) || !key_in_level(key, set, level, &out->upper);
    } else {
        memset(&out->lower, 0, sizeof out->lower);
    }
    if (!there && level > 1) {
        /* The first node of a level stands over the first of the level below, which was just made.
         */
        out->entries = 1;
    }
    kv_cursor_close(cursor);
}

void sums_node_put(struct kv_txn *txn, uint32_t set, uint8_t level, const struct sums_node *node)
{
    struct store_key key;
    uint8_t value[NODE_SIZE];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be64(&buf, node->sum.count);
    fora_buf_append(&buf, node->sum.sum, sizeof node->sum.sum);
    fora_buf_be32(&buf, node->entries);
    key_sum(&key, set, level, node->lower.time, node->lower.id);
    kv_put(txn, T_SUMS, store_key_bytes(&key), fora_bytes(value, sizeof value));
}

struct fora_neg_item sums_bound_between(
    const struct fora_neg_item *before, const struct fora_neg_item *after)
{
    struct fora_neg_item bound = {.time = after->time};
    size_t prefix = 0;
    if (before->time != after->time) {
        /* Without the bits below the highest that differs: still above `before`. */
        while ((bound.time & (bound.time - 1)) > before->time) {
            bound.time &= bound.time - 1;
        }
        return bound;
    }
    while (prefix < sizeof bound.id - 1 && before->id[prefix] == after->id[prefix]) {
        prefix++;
    }
    memcpy(bound.id, after->id, prefix + 1);
    return bound;
}

static void walk_take(
    struct sums_walk *walk, bool there, struct fora_bytes key, struct fora_bytes value)
{
    uint32_t set = 0;
    if (walk->level == 0) {
        walk->valid = there &&
                      key_item_parse(key, &set, &walk->node.lower.time, walk->node.lower.id) &&
                      set == walk->set;
        walk->node.sum.count = 1;
        memcpy(walk->node.sum.sum, walk->node.lower.id, sizeof walk->node.sum.sum);
        return;
    }
    walk->valid = there && key_in_level(key, walk->set, walk->level, &walk->node.lower) &&
                  value_parse(value, &walk->node);
}

void sums_walk_open(struct sums_walk *walk, struct kv_txn *txn, uint32_t set, uint8_t level)
{
    memset(&walk->node, 0, sizeof walk->node);
    walk->set = set;
    walk->level = level;
    walk->valid = false;
    walk->cursor = kv_cursor_open(txn, level == 0 ? T_ITEMS : T_SUMS);
}

void sums_walk_seek(struct sums_walk *walk, const struct fora_neg_item *from)
{
    struct store_key key;
    struct fora_bytes found = {0}, value = {0};
    if (walk->level == 0) {
        key_item(&key, walk->set, from->time, from->id);
    } else {
        key_sum(&key, walk->set, walk->level, from->time, from->id);
    }
    bool there = kv_seek(walk->cursor, store_key_bytes(&key), &found, &value);
    walk_take(walk, there, found, value);
}

void sums_walk_begin(struct sums_walk *walk, struct kv_txn *txn, uint32_t set, uint8_t level,
    const struct fora_neg_item *from)
{
    sums_walk_open(walk, txn, set, level);
    sums_walk_seek(walk, from);
}

void sums_walk_next(struct sums_walk *walk)
{
    struct fora_bytes found = {0}, value = {0};
    bool there = kv_next(walk->cursor, &found, &value);
    walk_take(walk, there, found, value);
}

void sums_walk_end(struct sums_walk *walk)
{
    kv_cursor_close(walk->cursor);
    walk->cursor = NULL;
}
