/* Objects that wait: in a list by age, and in buckets by what they wait for. */
#include "core/pending.h"

#include <stdlib.h>
#include <string.h>

struct pending_entry {
    struct pending_entry *next; /* by age */
    struct pending_entry *prev;
    struct pending_entry *bucket_next;
    struct fora_object_id missing;
    struct batch *batch; /* of one object */
    size_t bytes;
};

void pending_init(struct pending *pending, size_t bytes_max)
{
    memset(pending, 0, sizeof *pending);
    pending->bytes_max = bytes_max;
}

static struct pending_entry **bucket_of(struct pending *pending, const struct fora_object_id *id)
{
    return &pending->buckets[key_be32(id->b) % PENDING_BUCKETS];
}

static unsigned *source_of(struct pending *pending, uint64_t conn)
{
    return &pending->sources[conn % PENDING_SOURCES];
}

/* Out of the list and its bucket; the batch is the caller's. */
static struct batch *entry_take(struct pending *pending, struct pending_entry *entry)
{
    struct batch *batch = entry->batch;
    struct pending_entry **at = bucket_of(pending, &entry->missing);
    while (*at != entry) {
        at = &(*at)->bucket_next;
    }
    *at = entry->bucket_next;
    *(entry->prev != NULL ? &entry->prev->next : &pending->first) = entry->next;
    *(entry->next != NULL ? &entry->next->prev : &pending->last) = entry->prev;
    (*source_of(pending, batch->asker.conn))--;
    pending->bytes -= entry->bytes;
    pending->count--;
    free(entry);
    return batch;
}

void pending_fini(struct pending *pending)
{
    while (pending->first != NULL) {
        batch_free(entry_take(pending, pending->first));
    }
}

/* Who goes: the oldest, or the oldest of `conn` when most of what waits is its own (or that of a
 * connection that shares its counter). */
static struct pending_entry *who_goes(struct pending *pending, uint64_t conn)
{
    struct pending_entry *entry = pending->first;
    if (*source_of(pending, conn) <= pending->count / 2) {
        return entry;
    }
    while (source_of(pending, entry->batch->asker.conn) != source_of(pending, conn)) {
        entry = entry->next;
    }
    return entry;
}

static struct pending_entry *entry_new(
    const struct asker *asker, enum commit_source source, const struct commit_item *item)
{
    struct pending_entry *entry = calloc(1, sizeof *entry);
    struct asker alone = *asker;
    if (entry == NULL) {
        return NULL;
    }
    alone.request = 0; /* it was answered with PENDING */
    entry->batch = batch_new(&alone, source, &item->object.encoded, 1);
    if (entry->batch == NULL || fora_object_decode(&entry->batch->items[0].object,
                                    entry->batch->items[0].object.encoded) != 0) {
        batch_free(entry->batch);
        free(entry);
        return NULL;
    }
    entry->batch->verified = true; /* before it came here */
    entry->missing = item->missing;
    return entry;
}

bool pending_add(struct pending *pending, const struct asker *asker, enum commit_source source,
    const struct commit_item *item)
{
    size_t bytes = item->object.encoded.size + sizeof(struct pending_entry) + sizeof(struct batch) +
                   sizeof(struct commit_item);
    struct pending_entry *entry =
        bytes <= pending->bytes_max ? entry_new(asker, source, item) : NULL;
    if (entry == NULL) {
        return false;
    }
    entry->bytes = bytes;
    while (pending->count > 0 &&
           (pending->bytes + bytes > pending->bytes_max || pending->count >= PENDING_COUNT_MAX)) {
        batch_free(entry_take(pending, who_goes(pending, asker->conn)));
    }
    struct pending_entry **bucket = bucket_of(pending, &entry->missing);
    entry->bucket_next = *bucket;
    *bucket = entry;
    entry->prev = pending->last;
    *(pending->last != NULL ? &pending->last->next : &pending->first) = entry;
    pending->last = entry;
    (*source_of(pending, asker->conn))++;
    pending->bytes += bytes;
    pending->count++;
    return true;
}

struct batch *pending_take(struct pending *pending, const struct fora_object_id *id)
{
    struct batch *taken = NULL;
    struct pending_entry *entry = *bucket_of(pending, id);
    while (entry != NULL) {
        struct pending_entry *next = entry->bucket_next;
        if (memcmp(entry->missing.b, id->b, sizeof id->b) == 0) {
            /* Newest first in the bucket, so the list ends up with the oldest first. */
            struct batch *batch = entry_take(pending, entry);
            batch->next = taken;
            taken = batch;
        }
        entry = next;
    }
    return taken;
}
