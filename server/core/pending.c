/* Objects that wait: in a list by age for each who brought them, and in buckets by what they wait
 * for. */
#include "core/pending.h"

#include <stdlib.h>
#include <string.h>

struct pending_entry {
    struct pending_entry *next; /* of the same source, by age */
    struct pending_entry *prev;
    struct pending_source *source;
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

/* The peer's place, or a free one, or when there is none one that is shared. */
static struct pending_source *source_of(struct pending *pending, uint32_t tag)
{
    struct pending_source *free_one = NULL;
    for (size_t i = 0; i < PENDING_SOURCES; i++) {
        struct pending_source *source = &pending->sources[i];
        if (source->count > 0 && source->tag == tag) {
            return source;
        }
        if (source->count == 0 && free_one == NULL) {
            free_one = source;
        }
    }
    if (free_one == NULL) {
        return &pending->sources[tag % PENDING_SOURCES];
    }
    free_one->tag = tag;
    return free_one;
}

/* Out of its list and its bucket; the batch is the caller's. */
static struct batch *entry_take(struct pending *pending, struct pending_entry *entry)
{
    struct batch *batch = entry->batch;
    struct pending_source *source = entry->source;
    struct pending_entry **at = bucket_of(pending, &entry->missing);
    while (*at != entry) {
        at = &(*at)->bucket_next;
    }
    *at = entry->bucket_next;
    *(entry->prev != NULL ? &entry->prev->next : &source->first) = entry->next;
    *(entry->next != NULL ? &entry->next->prev : &source->last) = entry->prev;
    source->bytes -= entry->bytes;
    source->count--;
    pending->bytes -= entry->bytes;
    pending->count--;
    free(entry);
    return batch;
}

static void evict(struct pending *pending, struct pending_source *source)
{
    pending->evicted++;
    batch_free(entry_take(pending, source->first));
}

static struct pending_source *largest(struct pending *pending)
{
    struct pending_source *found = &pending->sources[0];
    for (size_t i = 1; i < PENDING_SOURCES; i++) {
        found = pending->sources[i].bytes > found->bytes ? &pending->sources[i] : found;
    }
    return found;
}

void pending_fini(struct pending *pending)
{
    for (size_t i = 0; i < PENDING_SOURCES; i++) {
        while (pending->sources[i].first != NULL) {
            batch_free(entry_take(pending, pending->sources[i].first));
        }
    }
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

static void make_room(
    struct pending *pending, struct pending_source *source, size_t bytes, size_t share)
{
    while (source->count > 0 && (source->bytes + bytes > pending->bytes_max / share ||
                                    source->count >= PENDING_COUNT_MAX / share)) {
        evict(pending, source);
    }
    while (pending->count > 0 &&
           (pending->bytes + bytes > pending->bytes_max || pending->count >= PENDING_COUNT_MAX)) {
        evict(pending, largest(pending));
    }
}

bool pending_add(struct pending *pending, const struct asker *asker, enum commit_source source,
    bool low, const struct commit_item *item)
{
    size_t share = low ? PENDING_SHARE_LOW : PENDING_SHARE;
    size_t bytes = item->object.encoded.size + sizeof(struct pending_entry) + sizeof(struct batch) +
                   sizeof(struct commit_item);
    struct pending_entry *entry =
        bytes <= pending->bytes_max / share ? entry_new(asker, source, item) : NULL;
    if (entry == NULL) {
        return false;
    }
    uint32_t tag = asker->is_node ? link_tag(&asker->node) : 0;
    make_room(pending, source_of(pending, tag), bytes, share);
    struct pending_source *from = source_of(pending, tag);
    struct pending_entry **bucket = bucket_of(pending, &entry->missing);
    entry->bytes = bytes;
    entry->batch->low = low;
    entry->source = from;
    entry->bucket_next = *bucket;
    *bucket = entry;
    entry->prev = from->last;
    *(from->last != NULL ? &from->last->next : &from->first) = entry;
    from->last = entry;
    from->count++;
    from->bytes += bytes;
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
