/*
 * The pending area: verified objects whose author or parent is not here yet
 * (spec/09-replication.md, REP-9). Bounded in bytes and number; the oldest go first, and of a
 * connection that fills more than half of it its own oldest. What they wait for is asked of whoever
 * brought them. Finding what waits for an id costs the same however much waits for others.
 */
#ifndef FORAD_CORE_PENDING_H
#define FORAD_CORE_PENDING_H

#include "core/job.h"

struct pending_entry;

enum { PENDING_BUCKETS = 1024, PENDING_SOURCES = 256, PENDING_COUNT_MAX = 4096 };

struct pending {
    struct pending_entry *first; /* oldest */
    struct pending_entry *last;
    struct pending_entry *buckets[PENDING_BUCKETS]; /* by what is missing; newest first */
    unsigned sources[PENDING_SOURCES];              /* how many, by connection number */
    size_t count;
    size_t bytes;
    size_t bytes_max;
};

void pending_init(struct pending *pending, size_t bytes_max);
void pending_fini(struct pending *pending);
/* Keeps a copy of the item's object, which no longer answers a request. False when it is too large
 * or memory is out. */
bool pending_add(struct pending *pending, const struct asker *asker, enum commit_source source,
    const struct commit_item *item);
/* What waited for `id` comes out as verified batches to commit (a list), oldest first. */
struct batch *pending_take(struct pending *pending, const struct fora_object_id *id);

#endif
