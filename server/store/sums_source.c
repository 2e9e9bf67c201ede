/*
 * Asking the fingerprint tree: positions, bounds and sums. Each question walks down from the top
 * level, adding up the nodes that lie wholly before the target: at most SUMS_FANOUT_MAX steps a
 * level.
 */
#include "store/sums_node.h"

#include <stdlib.h>
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

static bool is_at_or_before(const struct sums_finger *finger, const struct target *target)
{
    return target->by_position ? finger->before.count <= target->position
                               : fora_neg_item_compare(&finger->lower, &target->bound) <= 0;
}

/* Goes on from the finger of a level where that is nearer than the node above begins. What is asked
 * in ascending order passes over a level once, and not once for each question. */
static bool resume(const struct sums_source *source, uint8_t level, const struct target *target,
    struct fora_neg_item *from, struct fora_neg_sum *before)
{
    const struct sums_finger *finger = &source->path[level];
    bool may = finger->valid && is_at_or_before(finger, target);
    if (may) {
        *from = finger->lower;
        *before = finger->before;
    }
    return may;
}

/* The fingers below a node are of that node, or of none. */
static void finger_put(struct sums_source *source, uint8_t level, const struct sums_finger *found)
{
    struct sums_finger *finger = &source->path[level];
    bool same =
        finger->valid && found->valid && fora_neg_item_compare(&finger->lower, &found->lower) == 0;
    *finger = *found;
    for (uint8_t below = level; below > 0 && !same; below--) {
        source->path[below - 1].valid = false;
    }
}

/* Along the nodes of one level from `from`; leaves in *from the bound of the node that holds the
 * target, and the node in the path. */
static void descend(struct sums_source *source, uint8_t level, const struct target *target,
    struct fora_neg_item *from, struct fora_neg_sum *before)
{
    struct sums_finger found = {.valid = false};
    struct sums_walk walk;
    (void)resume(source, level, target, from, before);
    sums_walk_begin(&walk, source->txn, source->set, level, from);
    while (walk.valid) {
        struct sums_node node = walk.node;
        *from = node.lower;
        sums_walk_next(&walk);
        if (!passes(target, before, &node, walk.valid ? &walk.node.lower : NULL) || !walk.valid) {
            found = (struct sums_finger){.valid = true,
                .lower = node.lower,
                .upper = walk.node.lower,
                .last = !walk.valid,
                .before = *before,
                .count = node.sum.count};
            break;
        }
        fora_neg_sum_add(before, &node.sum);
        *from = walk.node.lower;
    }
    sums_walk_end(&walk);
    finger_put(source, level, &found);
}

static bool finger_holds(const struct sums_finger *finger, const struct target *target)
{
    if (!finger->valid) {
        return false;
    }
    if (target->by_position) {
        return target->position >= finger->before.count &&
               target->position < finger->before.count + finger->count;
    }
    return fora_neg_item_compare(&finger->lower, &target->bound) <= 0 &&
           (finger->last || fora_neg_item_compare(&target->bound, &finger->upper) < 0);
}

/* Opens `items` at the target; *before is the sum of all items before it. Ended by sums_walk_end.
 */
static void locate(struct sums_source *source, const struct target *target, struct sums_walk *items,
    struct fora_neg_sum *before)
{
    struct fora_neg_item from;
    memset(&from, 0, sizeof from);
    fora_neg_sum_zero(before);
    uint8_t level = 1;
    while (level <= SUMS_LEVELS && !finger_holds(&source->path[level], target)) {
        level++;
    }
    if (level <= SUMS_LEVELS) {
        from = source->path[level].lower;
        *before = source->path[level].before;
    }
    while (--level >= 1) {
        descend(source, level, target, &from, before);
    }
    source->has_previous = resume(source, 0, target, &from, before) && source->has_previous;
    sums_walk_begin(items, source->txn, source->set, 0, &from);
    while (items->valid) {
        bool reached = target->by_position
                           ? before->count >= target->position
                           : fora_neg_item_compare(&items->node.lower, &target->bound) >= 0;
        if (reached) {
            break;
        }
        fora_neg_sum_add(before, &items->node.sum);
        source->previous = items->node.lower;
        source->has_previous = true;
        sums_walk_next(items);
    }
    source->path[0] =
        (struct sums_finger){.valid = items->valid, .lower = items->node.lower, .before = *before};
}

/* ---- the tree alone ---- */

/* What a question is about is often the item that the last one ended at, or the one before. */
static bool is_at(const struct sums_source *source, uint64_t position)
{
    return source->path[0].valid && source->path[0].before.count == position;
}

static int tree_prefix(struct sums_source *source, uint64_t position, struct fora_neg_sum *out)
{
    struct sums_walk items;
    struct target target = {.by_position = true, .position = position};
    if (is_at(source, position)) {
        *out = source->path[0].before;
        return 0;
    }
    locate(source, &target, &items, out);
    sums_walk_end(&items);
    return kv_txn_error(source->txn);
}

static void tree_total(struct kv_txn *txn, uint32_t set, struct fora_neg_sum *out)
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

static uint64_t tree_lower_bound(struct sums_source *source, const struct fora_neg_item *bound)
{
    struct fora_neg_sum before;
    struct sums_walk items;
    struct target target = {.by_position = false, .bound = *bound};
    locate(source, &target, &items, &before);
    sums_walk_end(&items);
    return before.count;
}

/* ---- with the tail ---- */

void sums_total(struct kv_txn *txn, uint32_t set, struct fora_neg_sum *out)
{
    struct set_info info;
    tree_total(txn, set, out);
    if (!sets_get(txn, set, &info)) {
        return;
    }
    for (uint32_t i = 0; i < info.tail.count; i++) {
        fora_neg_sum_add_id(out, info.tail.items[i].id);
    }
}

/* How many of the tail stand before a position of the whole: the others there are the tree's. */
static size_t tail_before(const struct sums_source *source, uint64_t position)
{
    size_t count = 0;
    while (count < source->tail_count && source->positions[count] < position) {
        count++;
    }
    return count;
}

static int whole_prefix(struct sums_source *source, uint64_t position, struct fora_neg_sum *out)
{
    size_t before = tail_before(source, position);
    int rc = tree_prefix(source, position - before, out);
    for (size_t i = 0; i < before; i++) {
        fora_neg_sum_add_id(out, source->tail[i].id);
    }
    return rc;
}

static int neg_size(void *context, uint64_t *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum sum;
    tree_total(source->txn, source->set, &sum);
    *out = sum.count + source->tail_count;
    return kv_txn_error(source->txn);
}

static int neg_lower_bound(void *context, const struct fora_neg_item *bound, uint64_t *out)
{
    struct sums_source *source = context;
    size_t before = 0;
    if (bound->time == UINT64_MAX) {
        return neg_size(context, out);
    }
    while (before < source->tail_count && fora_neg_item_compare(&source->tail[before], bound) < 0) {
        before++;
    }
    *out = tree_lower_bound(source, bound) + before;
    return kv_txn_error(source->txn);
}

static int neg_item(void *context, uint64_t position, struct fora_neg_item *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum before;
    struct sums_walk items;
    size_t tail = tail_before(source, position);
    if (tail < source->tail_count && source->positions[tail] == position) {
        *out = source->tail[tail];
        return 0;
    }
    struct target target = {.by_position = true, .position = position - tail};
    if (is_at(source, target.position)) {
        *out = source->path[0].lower;
        return 0;
    }
    if (is_at(source, target.position + 1) && source->has_previous) {
        *out = source->previous;
        return 0;
    }
    locate(source, &target, &items, &before);
    bool there = items.valid;
    *out = items.node.lower;
    sums_walk_end(&items);
    return there ? kv_txn_error(source->txn) : FORA_E_INTERNAL;
}

static int neg_sum(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum before = source->end_sum;
    int rc = begin == source->end ? 0 : whole_prefix(source, begin, &before);
    if (rc == 0) {
        rc = whole_prefix(source, end, out);
    }
    if (rc == 0) {
        source->end = end;
        source->end_sum = *out;
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
    size_t tail = tail_before(source, begin);
    struct target target = {.by_position = true, .position = begin - tail};
    int rc = 0;
    locate(source, &target, &items, &before);
    for (uint64_t at = begin; at < end && rc == 0; at++) {
        if (tail < source->tail_count && source->positions[tail] == at) {
            rc = each(each_context, &source->tail[tail++]);
        } else if (items.valid) {
            rc = each(each_context, &items.node.lower);
            sums_walk_next(&items);
        }
    }
    sums_walk_end(&items);
    return rc != 0 ? rc : kv_txn_error(source->txn);
}

static int item_compare(const void *a, const void *b)
{
    return fora_neg_item_compare(a, b);
}

struct fora_neg_source sums_neg_source(struct sums_source *context)
{
    struct set_info info;
    context->tail_count = 0;
    memset(context->path, 0, sizeof context->path);
    context->has_previous = false;
    context->end = 0;
    fora_neg_sum_zero(&context->end_sum);
    if (sets_get(context->txn, context->set, &info) && info.tail.count > 0) {
        context->tail_count = info.tail.count;
        memcpy(context->tail, info.tail.items, info.tail.count * sizeof *context->tail);
        qsort(context->tail, context->tail_count, sizeof *context->tail, item_compare);
    }
    for (size_t i = 0; i < context->tail_count; i++) {
        context->positions[i] = tree_lower_bound(context, &context->tail[i]) + i;
    }
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
