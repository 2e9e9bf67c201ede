/* Whether the fingerprint tree is what its items make it. */
#include "store/sums_node.h"

#include <string.h>

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
