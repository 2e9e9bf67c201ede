/*
 * The pending area: verified objects whose author or parent is not here yet
 * (spec/09-replication.md, REP-9). Bounded in bytes and number, for each who brings them and in
 * all. Over its own bound a peer's oldest goes, so that it displaces nobody else's; over that of
 * all the oldest of the peer that has most there. What they wait for is asked of whoever brought
 * them. Finding what waits for an id costs the same however much waits for others.
 */
#ifndef FORAD_CORE_PENDING_H
#define FORAD_CORE_PENDING_H

#include "core/job.h"

struct pending_entry;

enum {
    PENDING_BUCKETS = 1024,
    PENDING_SOURCES = 256, /* beyond as many peers at once some share a place */
    PENDING_COUNT_MAX = 4096,
    PENDING_SHARE = 4,     /* of all: what one peer may have */
    PENDING_SHARE_LOW = 16 /* a newcomer */
};

struct pending_source {
    uint32_t tag;                /* link_tag of the peer; 0: no peer */
    struct pending_entry *first; /* oldest */
    struct pending_entry *last;
    size_t count;
    size_t bytes;
};

struct pending {
    struct pending_entry *buckets[PENDING_BUCKETS]; /* by what is missing; newest first */
    struct pending_source sources[PENDING_SOURCES];
    size_t count;
    size_t bytes;
    size_t bytes_max;
    uint64_t evicted; /* since the start */
};

void pending_init(struct pending *pending, size_t bytes_max);
void pending_fini(struct pending *pending);
/* Keeps a copy of the item's object, which no longer answers a request. `low`: a newcomer brought
 * it. False when it is too large or memory is out. */
bool pending_add(struct pending *pending, const struct asker *asker, enum commit_source source,
    bool low, const struct commit_item *item);
/* What waited for `id` comes out as verified batches to commit (a list), oldest first. */
struct batch *pending_take(struct pending *pending, const struct fora_object_id *id);

#endif
