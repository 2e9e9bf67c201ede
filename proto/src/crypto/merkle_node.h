/*
 * The nodes of which trees are made (fora/merkle.h), for trees that are built in other ways than
 * from all leaves at once.
 */
#ifndef FORA_CRYPTO_MERKLE_NODE_H
#define FORA_CRYPTO_MERKLE_NODE_H

#include "fora/crypto.h"

struct fora_hash merkle_leaf(const struct fora_hash *leaf);
struct fora_hash merkle_join(const struct fora_hash *left, const struct fora_hash *right);

#endif
