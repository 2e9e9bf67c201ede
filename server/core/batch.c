/* Batches of objects: copied once from the frame that brought them, verified off the loop,
 * committed together. */
#include "core/job.h"

#include "core/bug.h"
#include <stdlib.h>
#include <string.h>

struct batch *batch_new(const struct asker *asker, enum commit_source source,
    const struct fora_bytes *objects, size_t count)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    batch->asker = *asker;
    batch->source = source;
    batch->origin = asker->is_node ? link_tag(&asker->node) : 0;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += objects[i].size;
    }
    batch->items = calloc(count > 0 ? count : 1, sizeof *batch->items);
    uint8_t *bytes = fora_buf_extend(&batch->bytes, total > 0 ? total : 1);
    if (batch->items == NULL || bytes == NULL) {
        batch_free(batch);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, objects[i].data, objects[i].size);
        batch->items[i].object.encoded = fora_bytes(bytes, objects[i].size);
        batch->items[i].source = source;
        batch->items[i].origin = batch->origin;
        batch->items[i].host = asker->limited ? &batch->asker.node : NULL;
        bytes += objects[i].size;
    }
    batch->count = batch->end = count;
    return batch;
}

void batch_free(struct batch *batch)
{
    if (batch != NULL) {
        fora_buf_fini(&batch->bytes);
        fora_buf_fini(&batch->then);
        free(batch->items);
        free(batch);
    }
}

bool batch_forged(const struct commit_item *item)
{
    return item->code == FORA_E_SIGNATURE || item->code == FORA_E_CONTENT_HASH;
}

void batch_verify(struct batch *batch)
{
    size_t forged = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct commit_item *item = &batch->items[i];
        struct fora_bytes encoded = item->object.encoded;
        item->code = fora_object_decode(&item->object, encoded);
        if (item->code == 0 && forged > FORGED_MAX) {
            item->code = FORA_E_OVERLOAD;
        } else if (item->code == 0 && !SIM_BUG(VERIFY_SKIPPED)) {
            item->code = fora_object_verify(&item->object);
        }
        item->object.encoded = encoded;
        forged += batch_forged(item);
    }
}
