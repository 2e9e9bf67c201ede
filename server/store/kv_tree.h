/*
 * Private to kv_mem.c: an ordered map whose old versions stay readable (a persistent AVL tree).
 *
 * A tree is a counted reference to its root, NULL when empty. A change copies the nodes on its path
 * that somebody else refers to as well, and no others: so a snapshot is one more reference to a
 * root, and a writer who owns a node alone changes it in place. Any number of threads may read a
 * tree; only the owner of the reference changes it. Depth is at most 1.45 log2 of the count, which
 * bounds the recursion.
 */
#ifndef FORAD_STORE_KV_TREE_H
#define FORAD_STORE_KV_TREE_H

#include "fora/bytes.h"

#include <stdatomic.h>

/* One key with its value, shared by all versions that hold it. */
struct kv_item {
    atomic_size_t refs;
    size_t key_size;
    size_t value_size;
    uint8_t bytes[]; /* key, then value */
};

/* One reference, the caller's; the value is copied unless value.data is NULL. NULL: no memory. */
struct kv_item *kv_item_new(struct fora_bytes key, struct fora_bytes value);
void kv_item_drop(struct kv_item *item);
struct fora_bytes kv_item_key(const struct kv_item *item);
struct fora_bytes kv_item_value(const struct kv_item *item);

struct kv_node;

struct kv_node *kv_tree_keep(struct kv_node *root); /* one more reference; NULL is fine */
void kv_tree_drop(struct kv_node *root);

/* Puts the item under its key; its reference is taken when 0 is returned. *old_size is the size of
 * key and value that it replaced, 0 when the key is new. After FORA_E_NOMEM the tree may only be
 * read and dropped. */
int kv_tree_put(struct kv_node **root, struct kv_item *item, size_t *old_size) FORA_MUST_USE;
/* Removes the key, which is there. As above after FORA_E_NOMEM. */
int kv_tree_remove(struct kv_node **root, struct fora_bytes key) FORA_MUST_USE;

/* Each returns NULL when there is none. Borrowed while a reference to the root is held. */
const struct kv_item *kv_tree_find(const struct kv_node *root, struct fora_bytes key);
const struct kv_item *kv_tree_at_least(const struct kv_node *root, struct fora_bytes key);
const struct kv_item *kv_tree_above(const struct kv_node *root, struct fora_bytes key);
const struct kv_item *kv_tree_below(const struct kv_node *root, struct fora_bytes key);
const struct kv_item *kv_tree_first(const struct kv_node *root);
const struct kv_item *kv_tree_last(const struct kv_node *root);

#endif
