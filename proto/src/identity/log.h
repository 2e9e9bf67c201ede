/*
 * The identity room's own view of a log: a tree of entries in the order in which they were added,
 * and the state of the winning branch, folded anew when an entry changes it.
 *
 * Whether an entry may stand depends only on the path above it, never on its siblings, so the same
 * set of entries is accepted in every order that brings parents first.
 */
#ifndef FORA_IDENTITY_LOG_H
#define FORA_IDENTITY_LOG_H

#include "fora/identity.h"

/* How siblings rank (ID-9): what a stolen device key can write must not displace what the root
 * wrote, and what a stolen root can write must not displace a rotation, nor what leads to one. */
enum log_rank { LOG_RANK_SELF = 0, LOG_RANK_ROOT = 1, LOG_RANK_ROTATION = 2 };

enum { LOG_NONE = -1 };

struct log_entry {
    struct fora_object_id id;
    struct fora_key signer;
    uint64_t created_at;
    enum log_rank rank;
    enum log_rank weight;               /* ROTATION when one is at or below it, else the rank */
    int parent;                         /* index, LOG_NONE for the create entry */
    int heir;                           /* index of the winning child, LOG_NONE: none */
    bool winning;                       /* on the winning branch */
    struct fora_key root;               /* in force after this entry */
    struct fora_hash commitment;        /* to the next root, after this entry */
    struct fora_identity_entry content; /* slices and parts in the log's arena */
};

struct fora_identity {
    struct fora_arena arena; /* contents of the entries */
    struct log_entry *entries;
    size_t count;
    size_t room;

    /* The folded state. `keys` has room for every key of every entry, so that folding cannot fail.
     */
    struct fora_identity_key *keys;
    size_t keys_count;
    size_t keys_room;
    size_t keys_seen; /* keys named by all entries together */
    struct fora_principal_id home;
    const struct fora_node_info *node;
    int head;
    bool forked;
};

/* Takes the last entry into the fold (ID-9, ID-10). After each one that was added. */
void log_fold(struct fora_identity *identity);

#endif
