/* Nodes of the fingerprint tree and walking along one level: shared by changing it and asking it.
 */
#ifndef FORAD_STORE_SUMS_NODE_H
#define FORAD_STORE_SUMS_NODE_H

#include "store/sums.h"

struct sums_node {
    struct fora_neg_item lower;
    struct fora_neg_item upper; /* the lower bound of the next node, unless `last` */
    bool last;
    struct fora_neg_sum sum;
    uint32_t entries; /* nodes (or items) of the level below */
};

/* The node of `level` that covers the item; one over everything when the level is empty. */
void sums_node_find(struct kv_txn *txn, uint32_t set, uint8_t level,
    const struct fora_neg_item *item, struct sums_node *out);
void sums_node_put(struct kv_txn *txn, uint32_t set, uint8_t level, const struct sums_node *node);

/* The shortest bound above `before` and not above `after`, which follows it: where the seconds
 * differ the roundest second, so that sets which differ a little are cut at the same places. */
struct fora_neg_item sums_bound_between(
    const struct fora_neg_item *before, const struct fora_neg_item *after);

/* Along one level of a set, from the entry at (or first after) a bound. Level 0 yields items, each
 * as a node of one. `node.upper` is not set. */
struct sums_walk {
    struct kv_cursor *cursor;
    uint32_t set;
    uint8_t level;
    bool valid; /* `node` holds an entry */
    struct sums_node node;
};
void sums_walk_open(struct sums_walk *walk, struct kv_txn *txn, uint32_t set, uint8_t level);
void sums_walk_seek(struct sums_walk *walk, const struct fora_neg_item *from);
/* Both. */
void sums_walk_begin(struct sums_walk *walk, struct kv_txn *txn, uint32_t set, uint8_t level,
    const struct fora_neg_item *from);
void sums_walk_next(struct sums_walk *walk);
void sums_walk_end(struct sums_walk *walk);

#endif
