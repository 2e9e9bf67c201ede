#include "store/kv_tree.h"

#include <stdlib.h>
#include <string.h>

struct kv_node {
    atomic_size_t refs;
    struct kv_item *item;
    struct kv_node *left, *right; /* each holds a reference */
    int height;
};

/* ---- items ---- */

struct kv_item *kv_item_new(struct fora_bytes key, struct fora_bytes value)
{
    struct kv_item *item = malloc(sizeof *item + key.size + value.size);
    if (item == NULL)
        return NULL;
    atomic_init(&item->refs, 1);
    item->key_size = key.size;
    item->value_size = value.size;
    memcpy(item->bytes, key.data, key.size);
    if (value.data != NULL && value.size > 0)
        memcpy(item->bytes + key.size, value.data, value.size);
    return item;
}

void kv_item_drop(struct kv_item *item)
{
    if (atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) == 1)
        free(item);
}

struct fora_bytes kv_item_key(const struct kv_item *item)
{
    return fora_bytes(item->bytes, item->key_size);
}

struct fora_bytes kv_item_value(const struct kv_item *item)
{
    return fora_bytes(item->bytes + item->key_size, item->value_size);
}

/* ---- references ---- */

struct kv_node *kv_tree_keep(struct kv_node *root)
{
    if (root != NULL)
        (void)atomic_fetch_add_explicit(&root->refs, 1, memory_order_relaxed);
    return root;
}

void kv_tree_drop(struct kv_node *root)
{
    if (root == NULL || atomic_fetch_sub_explicit(&root->refs, 1, memory_order_acq_rel) != 1)
        return;
    kv_tree_drop(root->left);
    kv_tree_drop(root->right);
    kv_item_drop(root->item);
    free(root);
}

static struct kv_node *new_node(struct kv_item *item)
{
    struct kv_node *node = malloc(sizeof *node);
    if (node == NULL)
        return NULL;
    atomic_init(&node->refs, 1);
    node->item = item;
    node->left = NULL;
    node->right = NULL;
    node->height = 1;
    return node;
}

/*
 * Makes *slot a node that only this tree refers to. That holds when its own count is one and the
 * same is true of all nodes above it, so callers own from the root down.
 */
static int own(struct kv_node **slot)
{
    struct kv_node *shared = *slot;
    if (atomic_load_explicit(&shared->refs, memory_order_acquire) == 1)
        return 0;
    struct kv_node *copy = new_node(shared->item);
    if (copy == NULL)
        return FORA_E_NOMEM;
    (void)atomic_fetch_add_explicit(&shared->item->refs, 1, memory_order_relaxed);
    copy->left = kv_tree_keep(shared->left);
    copy->right = kv_tree_keep(shared->right);
    copy->height = shared->height;
    *slot = copy;
    kv_tree_drop(shared);
    return 0;
}

/* ---- balance ---- */

static int height(const struct kv_node *node)
{
    return node == NULL ? 0 : node->height;
}

static void measure(struct kv_node *node)
{
    int left = height(node->left), right = height(node->right);
    node->height = 1 + (left > right ? left : right);
}

/* Raises the left child; both nodes are owned. */
static void rotate_right(struct kv_node **slot)
{
    struct kv_node *node = *slot, *child = node->left;
    node->left = child->right;
    child->right = node;
    measure(node);
    measure(child);
    *slot = child;
}

static void rotate_left(struct kv_node **slot)
{
    struct kv_node *node = *slot, *child = node->right;
    node->right = child->left;
    child->left = node;
    measure(node);
    measure(child);
    *slot = child;
}

static int raise_left(struct kv_node **slot)
{
    struct kv_node *node = *slot;
    int error = own(&node->left);
    if (error == 0 && height(node->left->right) > height(node->left->left)) {
        error = own(&node->left->right);
        if (error == 0)
            rotate_left(&node->left);
    }
    if (error == 0)
        rotate_right(slot);
    return error;
}

static int raise_right(struct kv_node **slot)
{
    struct kv_node *node = *slot;
    int error = own(&node->right);
    if (error == 0 && height(node->right->left) > height(node->right->right)) {
        error = own(&node->right->left);
        if (error == 0)
            rotate_right(&node->right);
    }
    if (error == 0)
        rotate_left(slot);
    return error;
}

/* Restores the AVL rule at an owned node whose children differ by at most 2. */
static int balance(struct kv_node **slot)
{
    struct kv_node *node = *slot;
    int lean = height(node->left) - height(node->right);
    if (lean > 1)
        return raise_left(slot);
    if (lean < -1)
        return raise_right(slot);
    measure(node);
    return 0;
}

/* ---- changes ---- */

static int order(struct fora_bytes key, const struct kv_node *node)
{
    return fora_bytes_compare(key, kv_item_key(node->item));
}

int kv_tree_put(struct kv_node **root, struct kv_item *item, size_t *old_size)
{
    if (*root == NULL) {
        *root = new_node(item);
        *old_size = 0;
        return *root == NULL ? FORA_E_NOMEM : 0;
    }
    int error = own(root);
    if (error != 0)
        return error;
    struct kv_node *node = *root;
    int side = order(kv_item_key(item), node);
    if (side == 0) {
        *old_size = node->item->key_size + node->item->value_size;
        kv_item_drop(node->item);
        node->item = item;
        return 0;
    }
    error = kv_tree_put(side < 0 ? &node->left : &node->right, item, old_size);
    if (error != 0)
        return error;
    /* The item is in: a rotation that fails for want of memory leaves the tree only less even. */
    (void)balance(root);
    return 0;
}

/* Takes the smallest node out of an existing tree; its item's reference goes to *item. */
static int take_first(struct kv_node **slot, struct kv_item **item)
{
    int error = own(slot);
    if (error != 0)
        return error;
    struct kv_node *node = *slot;
    if (node->left != NULL) {
        error = take_first(&node->left, item);
        return error != 0 ? error : balance(slot);
    }
    *item = node->item;
    *slot = node->right;
    free(node);
    return 0;
}

/* Removes the item at an owned node. */
static int remove_here(struct kv_node **slot)
{
    struct kv_node *node = *slot;
    if (node->left == NULL || node->right == NULL) {
        *slot = node->left != NULL ? node->left : node->right;
        kv_item_drop(node->item);
        free(node);
        return 0;
    }
    struct kv_item *next = NULL;
    int error = take_first(&node->right, &next);
    if (next != NULL) {
        kv_item_drop(node->item);
        node->item = next;
    }
    return error != 0 ? error : balance(slot);
}

int kv_tree_remove(struct kv_node **root, struct fora_bytes key)
{
    int error = own(root);
    if (error != 0)
        return error;
    struct kv_node *node = *root;
    int side = order(key, node);
    if (side == 0)
        return remove_here(root);
    error = kv_tree_remove(side < 0 ? &node->left : &node->right, key);
    return error != 0 ? error : balance(root);
}

/* ---- look-ups ---- */

const struct kv_item *kv_tree_find(const struct kv_node *root, struct fora_bytes key)
{
    while (root != NULL) {
        int side = order(key, root);
        if (side == 0)
            return root->item;
        root = side < 0 ? root->left : root->right;
    }
    return NULL;
}

/* The first item of key >= `key`, or > when `beyond`. */
static const struct kv_item *first_from(
    const struct kv_node *root, struct fora_bytes key, bool beyond)
{
    const struct kv_item *best = NULL;
    while (root != NULL) {
        int side = order(key, root);
        if (side < 0 || (side == 0 && !beyond)) {
            best = root->item;
            root = root->left;
        } else {
            root = root->right;
        }
    }
    return best;
}

const struct kv_item *kv_tree_at_least(const struct kv_node *root, struct fora_bytes key)
{
    return first_from(root, key, false);
}

const struct kv_item *kv_tree_above(const struct kv_node *root, struct fora_bytes key)
{
    return first_from(root, key, true);
}

const struct kv_item *kv_tree_below(const struct kv_node *root, struct fora_bytes key)
{
    const struct kv_item *best = NULL;
    while (root != NULL) {
        if (order(key, root) > 0) {
            best = root->item;
            root = root->right;
        } else {
            root = root->left;
        }
    }
    return best;
}

const struct kv_item *kv_tree_first(const struct kv_node *root)
{
    while (root != NULL && root->left != NULL)
        root = root->left;
    return root == NULL ? NULL : root->item;
}

const struct kv_item *kv_tree_last(const struct kv_node *root)
{
    while (root != NULL && root->right != NULL)
        root = root->right;
    return root == NULL ? NULL : root->item;
}
