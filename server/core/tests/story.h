/* What the tests of peering begin with: a node with a space and a question in it, and people. */
#ifndef FORAD_CORE_TESTS_STORY_H
#define FORAD_CORE_TESTS_STORY_H

#include "core/node_impl.h"
#include "guest.h"

struct story {
    struct net net;
    struct fx fx;
    struct net_node *a; /* has the space */
    struct net_node *b;
    struct fora_space_id space;
    struct fora_object space_stub; /* only its id is used */
    struct fx_who *ann;
    const struct fora_object *thread;
    uint64_t said; /* comments so far */
};

enum { STORY_FIRST = 4 }; /* objects of the set: statement, the owner's entry, ann's, the thread */

/* With `lanes` newcomers and quotas are as by default at a, else there are none. */
void story_init(struct story *story, bool lanes);
void story_fini(struct story *story);
/* ann's comments, all different, in an array that the next call reuses. */
const struct fora_object *const *story_comments(struct story *story, size_t count, size_t length);
/* Comments put by the guest, in Puts of `portion`; how many Puts were answered with results. */
size_t story_put(struct story *story, struct guest *guest, size_t count, size_t portion);
/* A guest at a, open: a client, or with `seed` a node. */
void story_guest(struct story *story, struct guest *guest, unsigned seed);
/* b follows a, and has so many comments to bring when they are connected again. */
void story_backlog(struct story *story, size_t count);
/* Sends a Follow, live, from the beginning. */
uint64_t story_follow(struct guest *guest, const struct fora_space_id *space);
/* Objects of the set at the node. */
uint64_t story_count(struct story *story, struct net_node *node);
/* What the node keeps of a peer; fails the test when it is nothing. */
struct peer *story_peer(struct net_node *at, const struct fora_principal_id *node);
/* The connection of a guest as the node sees it. */
struct conn *story_conn(const struct guest *guest);
/* So much time, in one step: sessions time out, and are made anew. */
void story_later(struct story *story, uint64_t ms);

#endif
