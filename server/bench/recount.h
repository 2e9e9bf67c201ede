/*
 * Standings of a space counted whole: every thread of it is read and folded, every member counted
 * by the rule, every standing signed. In memory, in one pass, without an index to keep: the least
 * that a node without the index of server/reputation would do each time.
 */
#ifndef FORAD_BENCH_RECOUNT_H
#define FORAD_BENCH_RECOUNT_H

#include "core/caches.h"
#include "store/kv.h"
#include "world.h"

struct recount {
    uint64_t threads;
    uint64_t credits;
    uint64_t members; /* with a standing, each signed */
    double seconds;   /* all of it */
    double folding;   /* of these: reading and folding the threads */
};

/*
 * Dies when one of the standings is not what standing_get() has: what is compared is the same work.
 * For worlds in which nobody is rooted (there is no staff in one).
 */
void bench_recount(struct kv *kv, struct policies *policies, const struct world *world,
    const struct bench_node *node, struct recount *out);

#endif
