/*
 * Binary Merkle trees over hashes (KIND-TALLY-3, RCP-2, STD-5): one root commits to many, and a
 * path shows that one of them is under it.
 *
 * A leaf is hashed under FORA_DOMAIN_MERKLE_LEAF, two nodes side by side under
 * FORA_DOMAIN_MERKLE_NODE; on a level of odd length the last node goes up as it is. The root of no
 * leaves is zeros.
 */
#ifndef FORA_MERKLE_H
#define FORA_MERKLE_H

#include "fora/crypto.h"

enum { FORA_MERKLE_PATH_MAX = 32 /* levels of a tree of 2^32 leaves */ };

/* Sorts the leaves (ascending by memcmp), then folds them: `leaves` is used up. Allocates nothing.
 */
void fora_merkle_root(struct fora_hash *out, struct fora_hash *leaves, size_t count);

/*
 * The root over the leaves as they stand (sorted and all different for RCP-2, in the order of
 * STD-5 for evidence), with the path of the one at `index`, from the leaf up. `path` has room for
 * FORA_MERKLE_PATH_MAX. Returns how many it has. `leaves` are used up; `index` < `count`.
 */
size_t fora_merkle_path(struct fora_hash *root, struct fora_hash *leaves, size_t count,
    size_t index, struct fora_hash *path);

/* Is `leaf` at `index` of the `count` leaves under `root`? By the path, all of which has to
 * be used. */
bool fora_merkle_check(const struct fora_hash *root, const struct fora_hash *leaf, uint32_t count,
    uint32_t index, const struct fora_hash *path, size_t path_count);

#endif
