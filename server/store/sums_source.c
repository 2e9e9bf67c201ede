/*
 * Asking the fingerprint tree: positions, bounds, sums and places to cut. The tree answers page by
 * page (sums_page.h); the tail of the set is laid over its answers.
 */
#include "store/sums_page.h"

#include <stdlib.h>
#include <string.h>

/* The sum before a place that was found: the next question is about what lies before or behind it.
 */
static void remember(struct sums_source *source, const struct fora_neg_sum *before)
{
    if (source->known[0].count != before->count) {
        source->known[1] = source->known[0];
        source->known[0] = *before;
    }
}

static int prefix(struct sums_source *source, uint64_t position, struct fora_neg_sum *out)
{
    struct sums_target target = {.by_position = true, .position = position};
    if (position == source->total.count) {
        *out = source->total;
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        if (source->known[i].count == position) {
            *out = source->known[i];
            return 0;
        }
    }
    sums_prefix(source, &target, out);
    remember(source, out);
    return kv_txn_error(source->txn);
}

void sums_total(struct kv_txn *txn, uint32_t set, struct fora_neg_sum *out)
{
    struct set_info info;
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
    if (!sets_get(txn, set, &info)) {
        return;
    }
    for (uint32_t i = 0; i < info.tail.count; i++) {
        fora_neg_sum_add_id(out, info.tail.items[i].id);
    }
}

static int neg_size(void *context, uint64_t *out)
{
    struct sums_source *source = context;
    *out = source->total.count;
    return kv_txn_error(source->txn);
}

static int neg_lower_bound(void *context, const struct fora_neg_item *bound, uint64_t *out)
{
    struct sums_source *source = context;
    struct sums_target target = {.bound = *bound};
    struct fora_neg_sum before;
    if (bound->time == UINT64_MAX) {
        return neg_size(context, out);
    }
    sums_prefix(source, &target, &before);
    remember(source, &before);
    *out = before.count;
    return kv_txn_error(source->txn);
}

static int neg_item(void *context, uint64_t position, struct fora_neg_item *out)
{
    struct sums_source *source = context;
    struct sums_target target = {.by_position = true, .position = position};
    const struct sums_page *page = sums_page_at(source, 0, &target);
    size_t behind = sums_page_before(page, &target);
    if (behind == 0 || page->entries[behind - 1].before.count != position) {
        return kv_txn_error(source->txn) != 0 ? kv_txn_error(source->txn) : FORA_E_INTERNAL;
    }
    *out = page->entries[behind - 1].lower;
    return 0;
}

static int neg_sum(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out)
{
    struct sums_source *source = context;
    struct fora_neg_sum before;
    int rc = prefix(source, begin, &before);
    if (rc == 0) {
        rc = prefix(source, end, out);
    }
    if (rc == 0) {
        fora_neg_sum_sub(out, &before);
    }
    return rc;
}

/* ---- cutting ---- */

enum { SHORT_ID = 6 };

/* A place to cut, and a bound just there. */
struct place {
    struct fora_neg_sum before;
    struct fora_neg_item bound;
};

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}

/* A bound costs as much as it has bytes: many, between ids of a second that were chosen to begin
 * alike. */
static bool is_short(const struct fora_neg_item *bound)
{
    static const uint8_t zeros[sizeof bound->id - SHORT_ID];
    return memcmp(bound->id + SHORT_ID, zeros, sizeof zeros) == 0;
}

/* The nearer of the two ends of the node that holds the position, when that is near enough. */
static bool place_at_node(const struct sums_page *page, const struct sums_target *target,
    uint64_t slack, struct place *out)
{
    size_t behind = sums_page_before(page, target);
    bool found = false;
    for (size_t i = behind > 0 ? behind - 1 : 0; i <= behind; i++) {
        const struct sums_entry *entry = &page->entries[i];
        uint64_t away = distance(entry->before.count, target->position);
        bool bounded = i < page->count || !page->last;
        if (away <= slack && bounded && is_short(&entry->lower)) {
            slack = away;
            *out = (struct place){entry->before, entry->lower};
            found = true;
        }
    }
    return found;
}

/* Between two items that are in the page, where the seconds change if that is near enough. */
static bool place_at_item(const struct sums_page *page, const struct sums_target *target,
    uint64_t slack, struct place *out)
{
    size_t behind = sums_page_before(page, target);
    size_t best = 0;
    for (size_t i = 1; i < page->count; i++) {
        uint64_t away = distance(page->entries[i].before.count, target->position);
        bool changes = page->entries[i].lower.time != page->entries[i - 1].lower.time;
        if (i == behind - 1 && best == 0) {
            best = i;
        }
        if (changes && away <= slack) {
            slack = away;
            best = i;
        }
    }
    if (best == 0) {
        return false;
    }
    out->before = page->entries[best].before;
    out->bound = sums_bound_between(&page->entries[best - 1].lower, &page->entries[best].lower);
    return true;
}

/* Just at a position, where the page begins: the item before it is in another. */
static int place_between_items(struct sums_source *source, uint64_t position, struct place *out)
{
    struct fora_neg_item before, behind;
    int rc = neg_item(source, position - 1, &before);
    rc = rc == 0 ? neg_item(source, position, &behind) : rc;
    rc = rc == 0 ? prefix(source, position, &out->before) : rc;
    if (rc == 0) {
        out->bound = sums_bound_between(&before, &behind);
    }
    return rc;
}

/* From the top: the higher a node, the fewer are read to know its sum. */
static int neg_cut(
    void *context, uint64_t near, uint64_t slack, uint64_t *position, struct fora_neg_item *bound)
{
    struct sums_source *source = context;
    struct sums_target target = {.by_position = true, .position = near};
    struct place place;
    bool found = false;
    for (uint8_t level = SUMS_LEVELS; level > 0 && !found; level--) {
        found = place_at_node(sums_page_at(source, level, &target), &target, slack, &place);
    }
    if (!found) {
        const struct sums_page *page = sums_page_at(source, 0, &target);
        sums_page_more(source, 0, slack);
        found = place_at_item(page, &target, slack, &place);
    }
    int rc = found ? kv_txn_error(source->txn) : place_between_items(source, near, &place);
    if (rc == 0) {
        remember(source, &place.before);
        *position = place.before.count;
        *bound = place.bound;
    }
    return rc;
}

/* ---- all items of a range ---- */

static int neg_scan(void *context, uint64_t begin, uint64_t end,
    int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context)
{
    struct sums_source *source = context;
    struct sums_target target = {.by_position = true, .position = begin};
    int rc = 0;
    while (target.position < end && rc == 0) {
        const struct sums_page *page = sums_page_at(source, 0, &target);
        size_t at = sums_page_before(page, &target);
        if (at == 0 || page->entries[at - 1].before.count != target.position) {
            break;
        }
        sums_page_more(source, 0, end - target.position);
        for (at--; at < page->count && target.position < end && rc == 0; at++) {
            rc = each(each_context, &page->entries[at].lower);
            target.position++;
        }
    }
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
    for (size_t level = 0; level <= SUMS_LEVELS; level++) {
        context->pages[level].open = context->pages[level].valid = false;
    }
    if (sets_get(context->txn, context->set, &info) && info.tail.count > 0) {
        context->tail_count = info.tail.count;
        memcpy(context->tail, info.tail.items, info.tail.count * sizeof *context->tail);
        qsort(context->tail, context->tail_count, sizeof *context->tail, item_compare);
    }
    sums_total(context->txn, context->set, &context->total);
    fora_neg_sum_zero(&context->known[0]);
    fora_neg_sum_zero(&context->known[1]);
    return (struct fora_neg_source){
        .context = context,
        .size = neg_size,
        .lower_bound = neg_lower_bound,
        .item = neg_item,
        .sum = neg_sum,
        .scan = neg_scan,
        .cut = neg_cut,
    };
}

void sums_source_end(struct sums_source *context)
{
    for (size_t level = 0; level <= SUMS_LEVELS; level++) {
        if (context->pages[level].open) {
            sums_walk_end(&context->pages[level].walk);
            context->pages[level].open = false;
        }
    }
}
