/* Level by level, in the place of the leaves. */
#include "fora/merkle.h"

#include "merkle_node.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, FORA_HASH_SIZE);
}

struct fora_hash merkle_join(const struct fora_hash *left, const struct fora_hash *right)
{
    const struct fora_bytes parts[] = {
        fora_bytes(left->b, sizeof(left->b)), fora_bytes(right->b, sizeof(right->b))};
    struct fora_hash joined;

    fora_hash(&joined, FORA_DOMAIN_MERKLE_NODE, parts, 2);
    return joined;
}

struct fora_hash merkle_leaf(const struct fora_hash *leaf)
{
    struct fora_hash node;

    fora_hash1(&node, FORA_DOMAIN_MERKLE_LEAF, fora_bytes(leaf->b, sizeof(leaf->b)));
    return node;
}

/* One level up; returns how many nodes it has. */
static size_t level_up(struct fora_hash *nodes, size_t count)
{
    size_t above = 0;

    for (size_t i = 0; i + 1 < count; i += 2)
        nodes[above++] = merkle_join(&nodes[i], &nodes[i + 1]);
    if (count % 2 == 1)
        nodes[above++] = nodes[count - 1];
    return above;
}

size_t fora_merkle_path(struct fora_hash *root, struct fora_hash *leaves, size_t count,
    size_t index, struct fora_hash *path)
{
    size_t steps = 0;

    for (size_t i = 0; i < count; i++)
        leaves[i] = merkle_leaf(&leaves[i]);
    while (count > 1) {
        if ((index ^ 1) < count && steps < FORA_MERKLE_PATH_MAX)
            path[steps++] = leaves[index ^ 1];
        count = level_up(leaves, count);
        index /= 2;
    }
    *root = leaves[0];
    return steps;
}

void fora_merkle_root(struct fora_hash *out, struct fora_hash *leaves, size_t count)
{
    struct fora_hash path[FORA_MERKLE_PATH_MAX];

    memset(out, 0, sizeof(*out));
    if (count == 0)
        return;
    qsort(leaves, count, sizeof(*leaves), compare);
    fora_merkle_path(out, leaves, count, 0, path);
}

bool fora_merkle_check(const struct fora_hash *root, const struct fora_hash *leaf, uint32_t count,
    uint32_t index, const struct fora_hash *path, size_t path_count)
{
    struct fora_hash node = merkle_leaf(leaf);
    size_t used = 0;

    if (index >= count)
        return false;
    for (; count > 1; count = count / 2 + count % 2, index /= 2) {
        if (index % 2 == 0 && index == count - 1)
            continue; /* without a partner it goes up as it is */
        if (used == path_count)
            return false;
        node = index % 2 == 0 ? merkle_join(&node, &path[used]) : merkle_join(&path[used], &node);
        used++;
    }
    return used == path_count && memcmp(node.b, root->b, sizeof(node.b)) == 0;
}
