/* Level by level, in the place of the leaves. */
#include "core/merkle.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, FORA_HASH_SIZE);
}

static void join(struct fora_hash *out, const struct fora_hash *left, const struct fora_hash *right)
{
    const struct fora_bytes parts[] = {
        fora_bytes(left->b, sizeof left->b), fora_bytes(right->b, sizeof right->b)};
    struct fora_hash joined; /* `out` may be one of the two */
    fora_hash(&joined, FORA_DOMAIN_MERKLE_NODE, parts, 2);
    *out = joined;
}

void merkle_root_sorted(struct fora_hash *out, struct fora_hash *leaves, size_t count)
{
    if (count == 0) {
        memset(out, 0, sizeof *out);
        return;
    }
    qsort(leaves, count, sizeof *leaves, compare);
    for (size_t i = 0; i < count; i++) {
        struct fora_hash leaf = leaves[i];
        fora_hash1(&leaves[i], FORA_DOMAIN_MERKLE_LEAF, fora_bytes(leaf.b, sizeof leaf.b));
    }
    while (count > 1) {
        size_t above = 0;
        for (size_t i = 0; i + 1 < count; i += 2) {
            join(&leaves[above++], &leaves[i], &leaves[i + 1]);
        }
        if (count % 2 == 1) {
            leaves[above++] = leaves[count - 1];
        }
        count = above;
    }
    *out = leaves[0];
}
