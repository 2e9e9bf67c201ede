/* The Merkle tree over evidence. Pairing from the left, with a last node going up as it is
 * (KIND-TALLY-3), gives perfect trees of falling size side by side: so the tree is kept as the
 * peaks of these, and appending merges them as a binary counter carries. */
#include "fora/reputation.h"

#include <stdlib.h>
#include <string.h>

enum { LEVELS = 40 };

static void join(struct fora_hash *out, const struct fora_hash *left, const struct fora_hash *right)
{
    const struct fora_bytes parts[] = {
        fora_bytes(left->b, sizeof(left->b)), fora_bytes(right->b, sizeof(right->b))};
    struct fora_hash joined; /* `out` may be one of the two */

    fora_hash(&joined, FORA_DOMAIN_MERKLE_NODE, parts, 2);
    *out = joined;
}

static void leaf_of(struct fora_hash *out, const struct fora_object_id *id)
{
    fora_hash1(out, FORA_DOMAIN_MERKLE_LEAF, fora_bytes(id->b, sizeof(id->b)));
}

int fora_evidence_add(struct fora_evidence *evidence, const struct fora_object_id *id)
{
    struct fora_hash node;
    unsigned level = 0;

    if (evidence->count + 1 >= UINT64_C(1) << LEVELS)
        return FORA_E_LIMIT;
    leaf_of(&node, id);
    for (; (evidence->count >> level & 1) != 0; level++)
        join(&node, &evidence->peaks[level], &node);
    evidence->peaks[level] = node;
    evidence->count++;
    return 0;
}

void fora_evidence_root(const struct fora_evidence *evidence, struct fora_hash *out)
{
    bool begun = false;

    memset(out, 0, sizeof(*out));
    for (unsigned level = 0; level < LEVELS; level++) {
        if ((evidence->count >> level & 1) == 0)
            continue;
        if (begun)
            join(out, &evidence->peaks[level], out);
        else
            *out = evidence->peaks[level];
        begun = true;
    }
}

int fora_evidence_path(const struct fora_object_id *ids, size_t count, size_t index,
    struct fora_hash path[LEVELS], size_t *path_count)
{
    struct fora_hash *level;

    *path_count = 0;
    if (index >= count || count >= UINT64_C(1) << LEVELS)
        return FORA_E_USAGE;
    level = malloc(count * sizeof(*level));
    if (level == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        leaf_of(&level[i], &ids[i]);
    while (count > 1) {
        size_t above = 0;

        if ((index ^ 1) < count)
            path[(*path_count)++] = level[index ^ 1];
        for (size_t i = 0; i + 1 < count; i += 2)
            join(&level[above++], &level[i], &level[i + 1]);
        if (count % 2 == 1)
            level[above++] = level[count - 1];
        count = above;
        index /= 2;
    }
    free(level);
    return 0;
}

bool fora_evidence_holds(const struct fora_hash *root, const struct fora_object_id *id,
    uint64_t index, uint64_t count, const struct fora_hash *path, size_t path_count)
{
    struct fora_hash node;
    size_t used = 0;

    if (index >= count)
        return false;
    leaf_of(&node, id);
    for (; count > 1; count = count / 2 + count % 2, index /= 2) {
        if ((index ^ 1) >= count)
            continue;
        if (used == path_count)
            return false;
        if (index % 2 == 1)
            join(&node, &path[used++], &node);
        else
            join(&node, &node, &path[used++]);
    }
    return used == path_count && memcmp(node.b, root->b, sizeof(node.b)) == 0;
}
