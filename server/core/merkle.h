/*
 * A binary Merkle tree over hashes, as KIND-TALLY-3 uses it (spec/05a-tally.md).
 *
 * A leaf is hashed under FORA_DOMAIN_MERKLE_LEAF, two nodes side by side under
 * FORA_DOMAIN_MERKLE_NODE; on a level of odd length the last node goes up as it is. The root of no
 * leaves is zeros.
 */
#ifndef FORAD_CORE_MERKLE_H
#define FORAD_CORE_MERKLE_H

#include "fora/crypto.h"

/* Sorts the leaves (ascending by memcmp), then folds them: `leaves` is used up. Allocates nothing.
 */
void merkle_root_sorted(struct fora_hash *out, struct fora_hash *leaves, size_t count);

#endif
