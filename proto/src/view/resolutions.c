/* What is said of answers and of the thread by those who may say it (VIEW-7, VIEW-9, VIEW-10). */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

enum {
    SOLVED = FORA_MARK_ACCEPTED | FORA_MARK_CONFIRMED | FORA_MARK_VERIFIED | FORA_MARK_WORKAROUND
};

static uint32_t mark_of(uint32_t type)
{
    switch ((enum fora_resolution_type)type) {
    case FORA_RESOLUTION_ASKER_ACCEPTED:
        return FORA_MARK_ACCEPTED;
    case FORA_RESOLUTION_STAFF_CONFIRMED:
        return FORA_MARK_CONFIRMED;
    case FORA_RESOLUTION_COMMUNITY_VERIFIED:
        return FORA_MARK_VERIFIED;
    case FORA_RESOLUTION_WORKAROUND:
        return FORA_MARK_WORKAROUND;
    case FORA_RESOLUTION_UNSPECIFIED:
    case FORA_RESOLUTION_SUPERSEDED_BY:
    case FORA_RESOLUTION_REGRESSED_IN:
        break;
    }
    return 0;
}

static int by_product(const void *left, const void *right)
{
    const struct fora_product *a = left, *b = right;

    return fora_bytes_compare(a->name, b->name);
}

/* The latest version of a product that the policy names; empty: not known. */
static struct fora_bytes latest_of(const struct view_fold *fold, struct fora_bytes product)
{
    const struct fora_product key = {.name = product};
    size_t count;
    const struct fora_product *products = fora_policy_products(fold->policy, &count);
    const struct fora_product *found =
        count == 0 ? NULL : bsearch(&key, products, count, sizeof(*products), by_product);

    return found == NULL ? fora_bytes(NULL, 0) : found->latest;
}

/* Every range ends before the latest version of its product (VIEW-10). */
static bool ranges_are_past(
    const struct view_fold *fold, const struct fora_applies_to *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fora_bytes latest = latest_of(fold, ranges[i].product);

        if (latest.size == 0 || ranges[i].to.size == 0 ||
            fora_version_compare(ranges[i].to, latest) >= 0)
            return false;
    }
    return count != 0;
}

/* Some range holds the latest version of its product. */
static bool ranges_hold_latest(
    const struct view_fold *fold, const struct fora_applies_to *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fora_bytes latest = latest_of(fold, ranges[i].product);

        if (latest.size != 0 &&
            (ranges[i].from.size == 0 || fora_version_compare(ranges[i].from, latest) <= 0) &&
            (ranges[i].to.size == 0 || fora_version_compare(latest, ranges[i].to) <= 0))
            return true;
    }
    return false;
}

static bool is_stale(const struct view_fold *fold, const struct fora_view_post *post)
{
    bool solved = false, past = true;

    for (size_t i = 0; i < post->resolutions_count; i++) {
        const struct fora_view_resolution *resolution = &post->resolutions[i];
        bool own = resolution->applies_to_count != 0;

        if (resolution->type == FORA_RESOLUTION_REGRESSED_IN &&
            ranges_hold_latest(fold, resolution->applies_to, resolution->applies_to_count))
            return true;
        if (mark_of(resolution->type) == 0)
            continue;
        solved = true;
        past = past && ranges_are_past(fold, own ? resolution->applies_to : post->applies_to,
                           own ? resolution->applies_to_count : post->applies_to_count);
    }
    return solved && past;
}

static void add_resolution(const struct view_item *item, struct fora_view_post *post)
{
    const struct fora_resolution *content = &item->content.u.resolution;

    post->resolutions[post->resolutions_count++] =
        (struct fora_view_resolution){.id = item->object->id,
            .author = item->object->header.author,
            .type = content->type,
            .created_at = item->object->header.created_at,
            .applies_to = content->applies_to,
            .applies_to_count = content->applies_to_count,
            .superseded_by = content->superseded_by,
            .note = content->note};
    post->marks |= mark_of(content->type);
}

/* The thread is solved when a post in it is, and stale when all of these are. */
static void mark_thread(struct view_fold *fold)
{
    bool solved = false, fresh = false;

    for (uint32_t i = 0; i < fold->count; i++) {
        struct fora_view_post *post = fold->items[i].post;

        if (post == NULL || post->resolutions_count == 0)
            continue;
        if (is_stale(fold, post))
            post->marks |= FORA_MARK_STALE;
        if ((post->marks & SOLVED) == 0)
            continue;
        fold->view->marks |= post->marks & SOLVED;
        solved = true;
        fresh = fresh || (post->marks & FORA_MARK_STALE) == 0;
    }
    if (solved && !fresh)
        fold->view->marks |= FORA_MARK_STALE;
    fold->view->marks |=
        fold->items[fold->root].post->marks &
        (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED | FORA_MARK_IMPORTED | FORA_MARK_EDITED);
}

int view_resolutions(struct view_fold *fold)
{
    for (uint32_t i = 0; i < fold->count; i++) {
        struct view_item *item = &fold->items[i];
        struct view_item *target;

        if (item->object->header.kind != FORA_KIND_RESOLUTION)
            continue;
        target = view_target(fold, item);
        if (target == NULL || view_gone(target) || !view_counts(fold, item) ||
            !view_may_say(fold, item, target))
            continue;
        item->valid = true;
        target->post->resolutions_count++;
    }
    for (uint32_t i = 0; i < fold->count; i++) {
        struct fora_view_post *post = fold->items[i].post;

        if (post == NULL || post->resolutions_count == 0)
            continue;
        post->resolutions =
            fora_arena_alloc(fold->arena, post->resolutions_count * sizeof(*post->resolutions));
        if (post->resolutions == NULL)
            return FORA_E_NOMEM;
        post->resolutions_count = 0;
    }
    for (uint32_t i = 0; i < fold->count; i++) {
        if (fold->items[i].valid)
            add_resolution(&fold->items[i], view_target(fold, &fold->items[i])->post);
    }
    mark_thread(fold);
    return 0;
}

static int by_citation(const void *left, const void *right)
{
    const struct fora_view_citation *a = left, *b = right;
    int order = memcmp(a->object.b, b->object.b, FORA_ID_SIZE);

    return order != 0 ? order : memcmp(a->author.b, b->author.b, FORA_ID_SIZE);
}

/* What each cite names, and who wrote it. */
static void list_citations(const struct view_fold *fold, struct fora_view_thread *view)
{
    size_t kept = 0;

    for (uint32_t i = 0; i < fold->count; i++) {
        const struct fora_header *header = &fold->items[i].object->header;
        const struct fora_cite *cite = &fold->items[i].content.u.cite;

        if (!fold->items[i].valid || header->kind != FORA_KIND_CITE)
            continue;
        for (size_t j = 0; j < cite->objects_count; j++)
            view->citations[view->citations_count++] =
                (struct fora_view_citation){cite->objects[j], header->author};
    }
    qsort(view->citations, view->citations_count, sizeof(*view->citations), by_citation);
    for (size_t i = 0; i < view->citations_count; i++) {
        if (kept == 0 || by_citation(&view->citations[kept - 1], &view->citations[i]) != 0)
            view->citations[kept++] = view->citations[i];
    }
    view->citations_count = kept;
}

/* The union of what the article's cites name. */
static int collect_cites(struct view_fold *fold, size_t count)
{
    struct fora_view_thread *view = fold->view;

    if (count == 0)
        return 0;
    view->citations = fora_arena_alloc(fold->arena, count * sizeof(*view->citations));
    view->cites = fora_arena_alloc(fold->arena, count * sizeof(*view->cites));
    if (view->citations == NULL || view->cites == NULL)
        return FORA_E_NOMEM;
    list_citations(fold, view);
    for (size_t i = 0; i < view->citations_count; i++) {
        const struct fora_object_id *cited = &view->citations[i].object;

        if (view->cites_count == 0 ||
            memcmp(view->cites[view->cites_count - 1].b, cited->b, sizeof(cited->b)) != 0)
            view->cites[view->cites_count++] = *cited;
    }
    return 0;
}

int view_thread_facts(struct view_fold *fold)
{
    struct fora_view_thread *view = fold->view;
    size_t cites = 0;

    for (uint32_t i = 0; i < fold->count; i++) {
        struct view_item *item = &fold->items[i];
        uint32_t kind = item->object->header.kind;

        if (item->parent != fold->root ||
            (kind != FORA_KIND_STATUS && kind != FORA_KIND_DUPLICATE && kind != FORA_KIND_CITE) ||
            !view_counts(fold, item) || !view_may_say(fold, item, &fold->items[fold->root]))
            continue;
        if (kind == FORA_KIND_STATUS) {
            view->status = item->content.u.status.status;
            view->status_note = item->content.u.status.note;
            view->status_version = item->content.u.status.version;
        } else if (kind == FORA_KIND_DUPLICATE) {
            view->duplicate_of = item->content.u.duplicate.original;
            view->marks |= FORA_MARK_DUPLICATE;
        } else {
            item->valid = true;
            cites += item->content.u.cite.objects_count;
        }
    }
    return collect_cites(fold, cites);
}
