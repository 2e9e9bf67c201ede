/*
 * Asking the fingerprint tree: positions, bounds and sums. Each question walks down from the top
 * level, adding up the nodes that lie wholly before the target: at most SUMS_FANOUT_MAX steps a
 * level.
 */
#include "store/sums_node.h"

#include <string.h>

/* What a walk looks for: the item at a position, or the first item at or after a bound. */
struct target {
    bool by_position;
    uint64_t position;
    struct fora_neg_item bound;
};

/* Is everything before `next` (the lower bound of the node after) before the target? */
static bool passes(const struct target *target, const struct fora_neg_sum *before,
    const struct sums_node *node, const struct fora_neg_item *next)
{
    if (target->by_position) {
        return before->count + node->sum.count <= target->position;
    }
    return next != NULL && fora_neg_item_compare(next, &target->bound) <= 0;
}

/* Along the nodes of one level from `from`; leaves in *from the bound of the node that holds the
 * target. */
static void descend(struct kv_txn *txn, uint32_t set, uint8_t level, const struct target *target,
    struct fora_neg_item *from, struct fora_neg_sum *before)
{
    struct sums_walk walk;
    sums_walk_begin(&walk, txn, set, level, from);
    while (walk.valid) {
        struct sums_node node = walk.node;
        *from = node.lower;
        sums_walk_next(&walk);
        if (!passes(target, before, &node, walk.valid ? &walk.node.lower : NULL) || !walk.valid) {
            break;
        }
        fora_neg_sum_add(before, &node.sum);
        *from = walk.node.lower;
    }
    sums_walk_end(&walk);
}

/* Opens `items` at the target; *before is the sum of all items before it. Ended by sums_walk_end.
 */
static void locate(struct sums_source *source, const struct target *target, struct sums_walk *items,
    struct fora_neg_sum *before)
{
    struct fora_neg_item from;
    memset(&from, 0, sizeof from);
    fora_neg_sum_zero(before);
    for (uint8_t level = SUMS_LEVELS; level >= 1; level--) {
        descend(source->txn, source->set, level, target, &from, before);
    }
    sums_walk_begin(items, source->txn, source->set, 0, &from);
    while (items->valid) {
        bool reached = target->by_position
                           ? before->count >= target->position
                           : fora_neg_item_compare(&items->node.lower, &target->bound) >= 0;
        if (reached) {
            break;
        }
        fora_neg_sum_add(before, &items->node.sum);
        sums_walk_next(items);
    }
}

static int source_prefix(struct sums_source *source, uint64_t position, struct fora_neg_sum *out)
{
    struct sums_walk items;
    struct target target = {.by_position = true, .position = position};
    locate(source, &target, &items, out);
    sums_walk_end(&items);
    return kv_txn_error(source->txn);
}

void sums_total(struct kv_txn *txn, uint32_t set, struct fora_neg_sum *out)
{
    struct sums_walk walk;
    struct fora_neg_item from;
    memset(&from, 0, sizeof from);
    fora_neg_sum_zero(out);
    sums_walk_begin(&walk, txn, set, SUMS_LEVELS, &from);
    while (walk.valid) {
        fora_neg_sum_add(out, &walk.node.sum);
        sums_walk_next(&walk);
    }
    sums_walk_end(&walk);
}

static int neg_size(void *context, uint64_t *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum sum;
    sums_total(source->txn, source->set, &sum);
    *out = sum.count;
    return kv_txn_error(source->txn);
}

static int neg_lower_bound(void *context, const struct fora_neg_item *bound, uint64_t *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum before;
    struct sums_walk items;
    if (bound->time == UINT64_MAX) {
        return neg_size(context, out);
    }
    struct target target = {.by_position = false, .bound = *bound};
    locate(source, &target, &items, &before);
    sums_walk_end(&items);
    *out = before.count;
    return kv_txn_error(source->txn);
}

static int neg_item(void *context, uint64_t position, struct fora_neg_item *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum before;
    struct sums_walk items;
    struct target target = {.by_position = true, .position = position};
    locate(source, &target, &items, &before);
    bool there = items.valid;
    *out = items.node.lower;
    sums_walk_end(&items);
    return there ? kv_txn_error(source->txn) : FORA_E_INTERNAL;
}

static int neg_sum(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out)
{
    struct fora_neg_sum before;
    int rc = source_prefix(context, end, out);
    if (rc == 0) {
        rc = source_prefix(context, begin, &before);
    }
    if (rc == 0) {
        fora_neg_sum_sub(out, &before);
    }
    return rc;
}

static int neg_scan(void *context, uint64_t begin, uint64_t end,
    int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context)
{
    struct sums_source *source = context;
    struct fora_neg_sum before;
    struct sums_walk items;
    struct target target = {.by_position = true, .position = begin};
    int rc = 0;
    locate(source, &target, &items, &before);
    for (uint64_t at = begin; at < end && rc == 0 && items.valid; at++) {
        rc = each(each_context, &items.node.lower);
        sums_walk_next(&items);
    }
    sums_walk_end(&items);
    return rc != 0 ? rc : kv_txn_error(source->txn);
}

struct fora_neg_source sums_neg_source(struct sums_source *context)
{
    return (struct fora_neg_source){
        .context = context,
        .size = neg_size,
        .lower_bound = neg_lower_bound,
        .item = neg_item,
        .sum = neg_sum,
        .scan = neg_scan,
    };
}

/* Every node of a level must be the sum of what lies below it. */
static int check_level(struct kv_txn *txn, uint32_t set, uint8_t level, uint64_t *nodes)
{
    struct fora_neg_item from;
    struct sums_walk above, below;
    int rc = 0;
    memset(&from, 0, sizeof from);
    sums_walk_begin(&above, txn, set, level, &from);
    sums_walk_begin(&below, txn, set, (uint8_t)(level - 1), &from);
    while (above.valid && rc == 0) {
        struct sums_node node = above.node;
        struct fora_neg_sum sum;
        uint32_t entries = 0;
        sums_walk_next(&above);
        fora_neg_sum_zero(&sum);
        while (below.valid &&
               (!above.valid || fora_neg_item_compare(&below.node.lower, &above.node.lower) < 0)) {
            fora_neg_sum_add(&sum, &below.node.sum);
            entries++;
            sums_walk_next(&below);
        }
        (*nodes)++;
        bool equal = sum.count == node.sum.count && entries == node.entries &&
                     memcmp(sum.sum, node.sum.sum, sizeof sum.sum) == 0;
        rc = equal ? 0 : FORA_E_CORRUPT;
    }
    rc = rc == 0 && below.valid ? FORA_E_CORRUPT : rc;
    sums_walk_end(&below);
    sums_walk_end(&above);
    return rc;
}

int sums_check(struct kv_txn *txn, uint32_t set, uint64_t *nodes)
{
    int rc = 0;
    for (uint8_t level = 1; level <= SUMS_LEVELS && rc == 0; level++) {
        rc = check_level(txn, set, level, nodes);
    }
    return rc != 0 ? rc : kv_txn_error(txn);
}
