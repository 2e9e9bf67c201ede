/* Objects that wait. A list suffices: it is short in every honest case, and bounded in the others.
 */
#include "core/pending.h"

#include <stdlib.h>
#include <string.h>

enum { PENDING_COUNT_MAX = 4096 };

struct pending_entry {
    struct pending_entry *next;
    struct fora_object_id missing;
    struct batch *batch; /* of one object */
    size_t bytes;
};

void pending_init(struct pending *pending, size_t bytes_max)
{
    memset(pending, 0, sizeof *pending);
    pending->bytes_max = bytes_max;
}

static void drop_first(struct pending *pending)
{
    struct pending_entry *entry = pending->first;
    pending->first = entry->next;
    if (pending->first == NULL) {
        pending->last = NULL;
    }
    pending->bytes -= entry->bytes;
    pending->count--;
    batch_free(entry->batch);
    free(entry);
}

void pending_fini(struct pending *pending)
{
    while (pending->first != NULL) {
        drop_first(pending);
    }
}

bool pending_add(struct pending *pending, const struct asker *asker, enum commit_source source,
    const struct commit_item *item)
{
    size_t bytes = item->object.encoded.size + sizeof(struct pending_entry) + sizeof(struct batch);
    struct pending_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL || bytes > pending->bytes_max) {
        free(entry);
        return false;
    }
    entry->batch = batch_new(asker, source, &item->object.encoded, 1);
    if (entry->batch == NULL || fora_object_decode(&entry->batch->items[0].object,
                                    entry->batch->items[0].object.encoded) != 0) {
        batch_free(entry->batch);
        free(entry);
        return false;
    }
    entry->batch->verified = true; /* before it came here */
    entry->missing = item->missing;
    entry->bytes = bytes;
    while (pending->count > 0 &&
           (pending->bytes + bytes > pending->bytes_max || pending->count >= PENDING_COUNT_MAX)) {
        drop_first(pending);
    }
    if (pending->last != NULL) {
        pending->last->next = entry;
    } else {
        pending->first = entry;
    }
    pending->last = entry;
    pending->bytes += bytes;
    pending->count++;
    return true;
}

struct batch *pending_take(struct pending *pending, const struct fora_object_id *id)
{
    struct batch *taken = NULL;
    struct batch **tail = &taken;
    struct pending_entry *before = NULL;
    struct pending_entry *entry = pending->first;
    while (entry != NULL) {
        struct pending_entry *next = entry->next;
        if (memcmp(entry->missing.b, id->b, sizeof id->b) != 0) {
            before = entry;
            entry = next;
            continue;
        }
        if (before != NULL) {
            before->next = next;
        } else {
            pending->first = next;
        }
        if (pending->last == entry) {
            pending->last = before;
        }
        pending->bytes -= entry->bytes;
        pending->count--;
        *tail = entry->batch;
        tail = &entry->batch->next;
        free(entry);
        entry = next;
    }
    return taken;
}
