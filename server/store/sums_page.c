/*
 * Looking for a target: from the lowest level whose page holds it downwards, until an entry begins
 * exactly there. At worst that reads a node of each level up to the target.
 */
#include "store/sums_page.h"

#include <string.h>

/* Less than, equal to or greater than 0: where the entry begins, seen from the target. */
static int entry_compare(const struct sums_entry *entry, const struct sums_target *target)
{
    uint64_t count = entry->before.count;
    if (!target->by_position) {
        return fora_neg_item_compare(&entry->lower, &target->bound);
    }
    return count == target->position ? 0 : count < target->position ? -1 : 1;
}

static bool page_holds(const struct sums_page *page, const struct sums_target *target)
{
    return page->valid && entry_compare(&page->from, target) <= 0 &&
           (page->last || entry_compare(&page->entries[page->count], target) > 0);
}

size_t sums_page_before(const struct sums_page *page, const struct sums_target *target)
{
    size_t low = 0, high = page->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entry_compare(&page->entries[middle], target) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- reading ---- */

static bool walk_is_inside(const struct sums_page *page)
{
    return page->walk.valid &&
           (!page->has_end || fora_neg_item_compare(&page->walk.node.lower, &page->end) < 0);
}

/* The next of the tail, when it stands before the next entry of the level, or before the end. */
static const struct fora_neg_item *tail_next(
    const struct sums_source *source, const struct sums_page *page)
{
    const struct fora_neg_item *item = &source->tail[page->tail];
    const struct fora_neg_item *behind = walk_is_inside(page) ? &page->walk.node.lower
                                         : page->has_end      ? &page->end
                                                              : NULL;
    bool next = page->tail < source->tail_count &&
                (behind == NULL || fora_neg_item_compare(item, behind) < 0);
    return next ? item : NULL;
}

/* Fills in the one more, all before which sum to `before` but for what of the tail is passed over.
 */
static void page_peek(
    const struct sums_source *source, struct sums_page *page, const struct fora_neg_sum *before)
{
    struct sums_entry *behind = &page->entries[page->count];
    const struct fora_neg_item *tail = tail_next(source, page);
    bool inside = walk_is_inside(page);
    behind->before = *before;
    while (page->walk.level > 0 && tail != NULL) {
        fora_neg_sum_add_id(&behind->before, tail->id);
        page->tail++;
        tail = tail_next(source, page);
    }
    page->more = inside || tail != NULL;
    page->last = !page->more && !page->has_end;
    behind->lower = tail != NULL ? *tail : inside ? page->walk.node.lower : page->end;
}

/* Takes the one more into the run. A run that is full begins anew with it. */
static void page_step(const struct sums_source *source, struct sums_page *page)
{
    struct fora_neg_sum before;
    if (page->count == SUMS_PAGE_MAX) {
        page->from = page->entries[0] = page->entries[page->count];
        page->count = 0;
    }
    before = page->entries[page->count].before;
    if (page->walk.level == 0 && tail_next(source, page) != NULL) {
        fora_neg_sum_add_id(&before, source->tail[page->tail++].id);
    } else {
        fora_neg_sum_add(&before, &page->walk.node.sum);
        sums_walk_next(&page->walk);
    }
    page->count++;
    page_peek(source, page, &before);
}

/* Begins a run, up to `end` (NULL: that of the level). */
static void page_begin(struct sums_source *source, uint8_t level, const struct sums_entry *from,
    const struct fora_neg_item *end)
{
    struct sums_page *page = &source->pages[level];
    if (!page->open) {
        sums_walk_open(&page->walk, source->txn, source->set, level);
        page->open = true;
    }
    page->from = *from;
    page->has_end = end != NULL;
    page->end = end != NULL ? *end : from->lower;
    page->count = 0;
    page->tail = 0;
    while (page->tail < source->tail_count &&
           fora_neg_item_compare(&source->tail[page->tail], &from->lower) < 0) {
        page->tail++;
    }
    sums_walk_seek(&page->walk, &from->lower);
    page->valid = true;
    page_peek(source, page, &from->before);
}

/* The page above holds the target, or this is the highest level. */
static void page_find(struct sums_source *source, uint8_t level, const struct sums_target *target)
{
    struct sums_page *page = &source->pages[level];
    const struct sums_entry *from = NULL, *end = NULL;
    struct sums_entry first;
    memset(&first, 0, sizeof first);
    if (level < SUMS_LEVELS) {
        const struct sums_page *above = &source->pages[level + 1];
        size_t behind = sums_page_before(above, target);
        from = behind > 0 ? &above->entries[behind - 1] : NULL;
        end = behind < above->count || !above->last ? &above->entries[behind] : NULL;
    }
    from = from != NULL ? from : &first;
    /* Further on in the run at hand? */
    if (!page->valid || !page->more || fora_neg_item_compare(&from->lower, &page->from.lower) > 0 ||
        entry_compare(&page->entries[page->count], target) > 0) {
        page_begin(source, level, from, end != NULL ? &end->lower : NULL);
    }
    while (page->more && !page_holds(page, target)) {
        page_step(source, page);
    }
}

/* ---- asking ---- */

const struct sums_page *sums_page_at(
    struct sums_source *source, uint8_t level, const struct sums_target *target)
{
    uint8_t at = level;
    while (at <= SUMS_LEVELS && !page_holds(&source->pages[at], target)) {
        at++;
    }
    while (at > level) {
        page_find(source, --at, target);
    }
    return &source->pages[level];
}

void sums_page_more(struct sums_source *source, uint8_t level, size_t count)
{
    struct sums_page *page = &source->pages[level];
    while (page->valid && page->more && page->count < SUMS_PAGE_MAX && count-- > 0) {
        page_step(source, page);
    }
}

void sums_prefix(
    struct sums_source *source, const struct sums_target *target, struct fora_neg_sum *out)
{
    uint8_t level = 0;
    while (level < SUMS_LEVELS && !page_holds(&source->pages[level], target)) {
        level++;
    }
    for (;; level--) {
        const struct sums_page *page = sums_page_at(source, level, target);
        size_t behind = sums_page_before(page, target);
        bool exact = behind > 0 && entry_compare(&page->entries[behind - 1], target) == 0;
        if (exact || level == 0) {
            *out = page->entries[exact ? behind - 1 : behind].before;
            return;
        }
    }
}
