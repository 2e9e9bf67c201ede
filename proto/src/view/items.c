/* From objects in any order to items in one order. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

/* More than a thread of the greatest size that a node keeps (LIM-22). */
enum { OBJECTS_MAX = 1 << 20 };

static int by_time(const void *left, const void *right)
{
    const struct fora_object *a = *(const struct fora_object *const *)left;
    const struct fora_object *b = *(const struct fora_object *const *)right;
    int order = fora_object_order(a->header.created_at, &a->id, b->header.created_at, &b->id);

    /* Of two copies the one with content comes first, and stays. */
    return order != 0 ? order : (int)b->has_content - (int)a->has_content;
}

static int by_id(const void *left, const void *right)
{
    const struct view_by_id *a = left, *b = right;

    return memcmp(a->id->b, b->id->b, FORA_ID_SIZE);
}

static bool is_root(const struct fora_object *object)
{
    return object->header.kind == FORA_KIND_THREAD && fora_id_is_zero(object->header.root.b);
}

static const struct fora_object *find_root(const struct fora_object *objects, size_t count)
{
    const struct fora_object *root = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct fora_object *object = &objects[i];

        if (is_root(object) && (root == NULL || by_time(&object, &root) < 0))
            root = object;
    }
    return root;
}

/* VIEW-3: a content that does not decode, or of a kind that a view does not show, says nothing. */
static int decode(struct view_fold *fold, struct view_item *item)
{
    uint32_t kind = item->object->header.kind;
    int error;

    if (!item->object->has_content || kind < FORA_KIND_THREAD || kind > FORA_KIND_RETRACTION ||
        kind == FORA_KIND_FLAG || kind == FORA_KIND_APPEAL)
        return 0;
    error = fora_content_decode(fold->arena, kind, item->object->content_bytes, &item->content);
    item->decoded = error == 0;
    return error == FORA_E_NOMEM ? error : 0;
}

static int fill(
    struct view_fold *fold, const struct fora_object **sorted, const struct fora_object *root)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < fold->count; i++) {
        struct view_item *item = &fold->items[kept];

        if (kept != 0 && memcmp(item[-1].object->id.b, sorted[i]->id.b, FORA_ID_SIZE) == 0)
            continue;
        item->object = sorted[i];
        item->decoded = item->valid = false;
        item->fate = 0;
        item->parent = item->anchor = VIEW_NONE;
        item->hide_reason = item->erase_reason = fora_bytes(NULL, 0);
        item->post = NULL;
        if (decode(fold, item) != 0)
            return FORA_E_NOMEM;
        if (memcmp(sorted[i]->id.b, root->id.b, FORA_ID_SIZE) == 0)
            fold->root = kept;
        fold->by_id[kept] = (struct view_by_id){.id = &sorted[i]->id, .item = kept};
        kept++;
    }
    fold->count = kept;
    return 0;
}

uint32_t view_find(const struct view_fold *fold, const struct fora_object_id *id)
{
    const struct view_by_id key = {.id = id};
    const struct view_by_id *found =
        bsearch(&key, fold->by_id, fold->count, sizeof(*fold->by_id), by_id);

    return found == NULL ? VIEW_NONE : found->item;
}

int view_items(struct view_fold *fold, const struct fora_object *objects, size_t count)
{
    const struct fora_object *root = find_root(objects, count);
    const struct fora_object **sorted;

    if (root == NULL)
        return FORA_E_NOTFOUND;
    if (count > OBJECTS_MAX)
        return FORA_E_LIMIT;
    sorted = fora_arena_alloc(fold->arena, count * sizeof(struct fora_object *));
    fold->items = fora_arena_alloc(fold->arena, count * sizeof(*fold->items));
    fold->by_id = fora_arena_alloc(fold->arena, count * sizeof(*fold->by_id));
    if (sorted == NULL || fold->items == NULL || fold->by_id == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        /* What does not name this root is not of this thread. */
        if (memcmp(objects[i].id.b, root->id.b, FORA_ID_SIZE) == 0 ||
            (objects[i].header.kind != FORA_KIND_THREAD &&
                memcmp(objects[i].header.root.b, root->id.b, FORA_ID_SIZE) == 0))
            sorted[fold->count++] = &objects[i];
    }
    qsort(sorted, fold->count, sizeof(struct fora_object *), by_time);
    if (fill(fold, sorted, root) != 0)
        return FORA_E_NOMEM;
    qsort(fold->by_id, fold->count, sizeof(*fold->by_id), by_id);
    for (uint32_t i = 0; i < fold->count; i++) {
        const struct fora_header *header = &fold->items[i].object->header;

        if (i != fold->root)
            fold->items[i].parent = view_find(fold, &header->parent);
    }
    return 0;
}
