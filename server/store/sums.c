/*
 * Changing the fingerprint tree. A batch of changes is sorted, so that each node is read and
 * written once however many of its items change; then level by level upwards:
 *
 *   items that really came or went -> nodes of level 1 -> splits -> nodes of level 2 (told of the
 * splits) -> ...
 */
#include "store/sums_node.h"

#include <stdlib.h>
#include <string.h>

/* How many entries the pieces of a full node have: as many as lie before the roundest bound. */
enum { PIECE_MIN = SUMS_FANOUT_MAX / 4, PIECE_MAX = SUMS_FANOUT_MAX * 3 / 4 };

/* A growing list of bounds: the nodes that a level gained, which the level above must count. */
struct bounds {
    struct fora_neg_item *items;
    size_t count;
    size_t room;
};

struct update {
    struct kv_txn *txn;
    uint32_t set;
    struct bounds gained; /* by the level just done */
};

static void bounds_add(
    struct update *update, struct bounds *bounds, const struct fora_neg_item *bound)
{
    if (bounds->count == bounds->room) {
        size_t room = bounds->room == 0 ? 16 : bounds->room * 2;
        struct fora_neg_item *grown = realloc(bounds->items, room * sizeof *grown);
        if (grown == NULL) {
            kv_txn_fail(update->txn, FORA_E_NOMEM);
            return;
        }
        bounds->items = grown;
        bounds->room = room;
    }
    bounds->items[bounds->count++] = *bound;
}

static int change_compare(const void *a, const void *b)
{
    const struct sums_change *x = a;
    const struct sums_change *y = b;
    return fora_neg_item_compare(&x->item, &y->item);
}

/* Puts or deletes the items, drops the changes that change nothing, returns how many are left. */
static size_t apply_items(
    struct update *update, struct sums_change *changes, size_t count, int64_t *delta)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct store_key key;
        key_item(&key, update->set, changes[i].item.time, changes[i].item.id);
        struct fora_bytes bytes = store_key_bytes(&key);
        bool changed = changes[i].remove
                           ? kv_delete(update->txn, T_ITEMS, bytes)
                           : kv_insert(update->txn, T_ITEMS, bytes, fora_bytes(NULL, 0));
        if (!changed) {
            continue;
        }
        *delta += changes[i].remove ? -1 : 1;
        changes[kept++] = changes[i];
    }
    return kept;
}

/* Pieces of a node that is split, and where the last of them is best cut. */
struct pieces {
    struct sums_node *at;
    size_t count, room;
    struct sums_node before; /* the part before that cut; no entries: there is none yet */
    struct fora_neg_item bound;
    int rank; /* of the bound */
};

static bool id_is_zero(const struct fora_neg_item *item)
{
    uint8_t any = 0;
    for (size_t i = 0; i < sizeof item->id; i++) {
        any |= item->id[i];
    }
    return any == 0;
}

/* How round a bound is: the zero bits at the end of a whole second; -1 when an id is needed. */
static int bound_rank(const struct fora_neg_item *bound)
{
    int rank = 0;
    if (!id_is_zero(bound)) {
        return -1;
    }
    while (rank < 63 && (bound->time >> rank & 1) == 0) {
        rank++;
    }
    return rank;
}

static void pieces_cut(struct pieces *pieces)
{
    struct sums_node *last = &pieces->at[pieces->count - 1];
    struct sums_node *fresh = &pieces->at[pieces->count++];
    *fresh = *last;
    fora_neg_sum_sub(&fresh->sum, &pieces->before.sum);
    fresh->entries -= pieces->before.entries;
    fresh->lower = pieces->bound;
    *last = pieces->before;
    pieces->before.entries = 0;
}

/* The next entry below the node, that begins at `bound`. */
static void pieces_add(
    struct pieces *pieces, const struct sums_node *entry, const struct fora_neg_item *bound)
{
    struct sums_node *last = &pieces->at[pieces->count - 1];
    if (last->entries >= PIECE_MIN) {
        int rank = bound_rank(bound);
        if (pieces->before.entries == 0 || rank >= pieces->rank) {
            pieces->before = *last;
            pieces->bound = *bound;
            pieces->rank = rank;
        }
    }
    if (last->entries == PIECE_MAX && pieces->count < pieces->room) {
        pieces_cut(pieces);
        last = &pieces->at[pieces->count - 1];
    }
    fora_neg_sum_add(&last->sum, &entry->sum);
    last->entries++;
}

/* Writes `node` in pieces. The entries are read first: they may stand in the table that the pieces
 * go to. */
static void node_split(
    struct update *update, uint8_t level, const struct sums_node *node, struct bounds *gained)
{
    struct pieces pieces = {.count = 1, .room = node->entries / PIECE_MIN + 2};
    struct fora_neg_item previous;
    struct sums_walk walk;
    pieces.at = calloc(pieces.room, sizeof *pieces.at);
    if (pieces.at == NULL) {
        kv_txn_fail(update->txn, FORA_E_NOMEM);
        return;
    }
    pieces.at[0].lower = previous = node->lower;
    sums_walk_begin(&walk, update->txn, update->set, (uint8_t)(level - 1), &node->lower);
    while (
        walk.valid && (node->last || fora_neg_item_compare(&walk.node.lower, &node->upper) < 0)) {
        struct fora_neg_item bound =
            level > 1 ? walk.node.lower : sums_bound_between(&previous, &walk.node.lower);
        pieces_add(&pieces, &walk.node, &bound);
        previous = walk.node.lower;
        sums_walk_next(&walk);
    }
    sums_walk_end(&walk);
    for (size_t i = 0; i < pieces.count; i++) {
        sums_node_put(update->txn, update->set, level, &pieces.at[i]);
        if (i > 0) {
            bounds_add(update, gained, &pieces.at[i].lower);
        }
    }
    free(pieces.at);
}

static void node_flush(
    struct update *update, uint8_t level, const struct sums_node *node, struct bounds *gained)
{
    if (kv_txn_error(update->txn) != 0) {
        return; /* what was not read has no number of entries */
    }
    if (node->entries > SUMS_FANOUT_MAX) {
        node_split(update, level, node, gained);
    } else {
        sums_node_put(update->txn, update->set, level, node);
    }
}

static bool node_holds(const struct sums_node *node, const struct fora_neg_item *item)
{
    return fora_neg_item_compare(&node->lower, item) <= 0 &&
           (node->last || fora_neg_item_compare(item, &node->upper) < 0);
}

static void node_change(struct sums_node *node, const struct sums_change *change)
{
    if (change->remove) {
        fora_neg_sum_sub_id(&node->sum, change->item.id);
    } else {
        fora_neg_sum_add_id(&node->sum, change->item.id);
    }
}

/* Walks changes and gained bounds together, in order, through the nodes of one level. */
static void apply_level(struct update *update, uint8_t level, const struct sums_change *changes,
    size_t count, struct bounds *gained)
{
    struct sums_node node;
    bool open = false;
    size_t at = 0, bound = 0;
    while (at < count || bound < update->gained.count) {
        bool take_change =
            bound >= update->gained.count || (at < count && fora_neg_item_compare(&changes[at].item,
                                                                &update->gained.items[bound]) <= 0);
        const struct fora_neg_item *item =
            take_change ? &changes[at].item : &update->gained.items[bound];
        if (open && !node_holds(&node, item)) {
            node_flush(update, level, &node, gained);
            open = false;
        }
        if (!open) {
            sums_node_find(update->txn, update->set, level, item, &node);
            open = true;
        }
        if (take_change) {
            node_change(&node, &changes[at]);
            if (level == 1) {
                node.entries += changes[at].remove ? UINT32_MAX : 1;
            }
            at++;
        } else {
            node.entries++;
            bound++;
        }
    }
    if (open) {
        node_flush(update, level, &node, gained);
    }
}

void sums_apply(
    struct kv_txn *txn, uint32_t set, struct sums_change *changes, size_t count, int64_t *delta)
{
    struct update update = {.txn = txn, .set = set};
    if (count == 0) {
        return;
    }
    qsort(changes, count, sizeof *changes, change_compare);
    count = apply_items(&update, changes, count, delta);
    for (uint8_t level = 1; level <= SUMS_LEVELS && count > 0; level++) {
        struct bounds gained = {0};
        apply_level(&update, level, changes, count, &gained);
        free(update.gained.items);
        update.gained = gained;
    }
    free(update.gained.items);
}
