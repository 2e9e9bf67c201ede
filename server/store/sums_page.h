/* Looking for a place in the pages of a source, a page for each level of the tree. */
#ifndef FORAD_STORE_SUMS_PAGE_H
#define FORAD_STORE_SUMS_PAGE_H

#include "store/sums_source.h"

/* What is looked for: the item at a position, or the first item at or after a bound. */
struct sums_target {
    bool by_position;
    uint64_t position;
    struct fora_neg_item bound;
};

/* How many entries of the page are at or before the target; the last of them holds it. */
size_t sums_page_before(const struct sums_page *page, const struct sums_target *target);

/* The page of a level that holds the target, read as far as that is needed. */
const struct sums_page *sums_page_at(
    struct sums_source *source, uint8_t level, const struct sums_target *target);

/* Reads on in the page of a level: so many entries, but no more than there are and than fit. */
void sums_page_more(struct sums_source *source, uint8_t level, size_t count);

/* The sum of all items before the target. Goes no deeper than to the level where a node begins just
 * there. */
void sums_prefix(
    struct sums_source *source, const struct sums_target *target, struct fora_neg_sum *out);

#endif
