/* The Merkle tree over evidence. Pairing from the left, with a last node going up as it is
 * (KIND-TALLY-3), gives perfect trees of falling size side by side: so the tree is kept as the
 * peaks of these, and appending merges them as a binary counter carries. */
#include "crypto/merkle_node.h"
#include "fora/reputation.h"

#include <string.h>

enum { LEVELS = 40 };

int fora_evidence_add(struct fora_evidence *evidence, const struct fora_object_id *id)
{
    struct fora_hash node;
    unsigned level = 0;

    if (evidence->count + 1 >= UINT64_C(1) << LEVELS)
        return FORA_E_LIMIT;
    memcpy(node.b, id->b, sizeof(node.b));
    node = merkle_leaf(&node);
    for (; (evidence->count >> level & 1) != 0; level++)
        node = merkle_join(&evidence->peaks[level], &node);
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
        *out = begun ? merkle_join(&evidence->peaks[level], out) : evidence->peaks[level];
        begun = true;
    }
}
