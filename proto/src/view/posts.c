/* The opening, answers and comments; their revisions and tallies (VIEW-5 to VIEW-8). */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

struct tally {
    uint32_t target;
    const struct view_item *item;
};

struct view_item *view_target(const struct view_fold *fold, const struct view_item *item)
{
    if (item->parent == VIEW_NONE || fold->items[item->parent].post == NULL)
        return NULL;
    return &fold->items[item->parent];
}

/*
 * VIEW-5: answer or comment stands in the content, which may be erased on one node and still be
 * there on another. Of what is dead only the place in the thread is used.
 */
static uint32_t post_type(const struct view_fold *fold, const struct view_item *item)
{
    bool on_thread = item->parent == fold->root;

    if (item == &fold->items[fold->root])
        return FORA_POST_UNSPECIFIED;
    if (!item->decoded || view_dead(item))
        return on_thread ? FORA_POST_ANSWER : FORA_POST_COMMENT;
    return on_thread && item->content.u.post.type == FORA_POST_ANSWER ? FORA_POST_ANSWER
                                                                      : FORA_POST_COMMENT;
}

static void open_thread(struct view_fold *fold, const struct view_item *item)
{
    const struct fora_thread *thread = &item->content.u.thread;
    struct fora_view_thread *view = fold->view;

    view->type = thread->type;
    view->title = thread->title;
    view->tags = thread->tags;
    view->tags_count = thread->tags_count;
    item->post->text = thread->text;
    item->post->applies_to = thread->applies_to;
    item->post->applies_to_count = thread->applies_to_count;
    item->post->mentions = thread->mentions;
    item->post->mentions_count = thread->mentions_count;
    item->post->source = thread->source;
}

static void write_post(const struct view_item *item)
{
    const struct fora_post *content = &item->content.u.post;

    item->post->text = content->text;
    item->post->applies_to = content->applies_to;
    item->post->applies_to_count = content->applies_to_count;
    item->post->mentions = content->mentions;
    item->post->mentions_count = content->mentions_count;
    item->post->source = content->source;
}

static void make_post(struct view_fold *fold, struct view_item *item, struct fora_view_post *post)
{
    const struct fora_header *header = &item->object->header;
    bool opening = header->kind == FORA_KIND_THREAD;

    *post = (struct fora_view_post){.id = item->object->id,
        .parent = header->parent,
        .author = header->author,
        .badge = fora_policy_badge_at(fold->policy, &header->author, header->created_at),
        .type = post_type(fold, item),
        .created_at = header->created_at};
    item->post = post;
    if (item->decoded && !view_dead(item)) {
        if (opening)
            open_thread(fold, item);
        else
            write_post(item);
    }
    /* VIEW-4: the thread type of a dead opening is not looked at, it is 0 by now. */
    if (fora_policy_may_post(fold->policy, &header->author, header->kind,
            opening ? fold->view->type : 0, header->created_at) != 0)
        item->fate |= VIEW_FORBIDDEN;
}

static void revise(struct view_fold *fold, const struct view_item *item)
{
    const struct fora_revision *revision = &item->content.u.revision;
    struct view_item *target = view_target(fold, item);
    struct fora_view_post *post;

    if (target == NULL || view_dead(target) || !view_counts(fold, item) ||
        !view_may_say(fold, item, target))
        return;
    post = target->post;
    if (revision->has_text)
        post->text = revision->text;
    if (target == &fold->items[fold->root]) {
        if (revision->has_title)
            fold->view->title = revision->title;
        if (revision->tags != NULL) {
            fold->view->tags = revision->tags->tags;
            fold->view->tags_count = revision->tags->tags_count;
        }
    }
    post->revisions++;
    post->edited_at = item->object->header.created_at;
    post->edited_by = item->object->header.author;
    post->marks |= FORA_MARK_EDITED;
    if (!view_gone(target) && post->edited_at > fold->view->active_at)
        fold->view->active_at = post->edited_at;
}

static int by_target_and_author(const void *left, const void *right)
{
    const struct tally *a = left, *b = right;
    const struct fora_object *x = a->item->object, *y = b->item->object;
    int order;

    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    order = memcmp(x->header.author.b, y->header.author.b, FORA_ID_SIZE);
    if (order != 0)
        return order;
    return fora_object_order(x->header.created_at, &x->id, y->header.created_at, &y->id);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static int64_t score(uint64_t up, uint64_t down)
{
    uint64_t distance = up > down ? up - down : down - up;
    int64_t size = distance > INT64_MAX ? INT64_MAX : (int64_t)distance;

    return up >= down ? size : -size;
}

/* VIEW-8: of each host the last tally of a target counts; a set holds no other, but the caller of a
 * pure function may have merged two. */
static int add_tallies(struct view_fold *fold, uint32_t count)
{
    struct tally *tallies = fora_arena_alloc(fold->arena, count * sizeof(*tallies));
    uint32_t used = 0;

    if (tallies == NULL)
        return FORA_E_NOMEM;
    for (uint32_t i = 0; i < fold->count; i++) {
        const struct view_item *item = &fold->items[i];

        if (item->object->header.kind == FORA_KIND_TALLY && view_counts(fold, item) &&
            view_target(fold, item) != NULL &&
            fora_policy_hosted_by(fold->policy, &item->object->header.author))
            tallies[used++] = (struct tally){.target = item->parent, .item = item};
    }
    if (used != 0)
        qsort(tallies, used, sizeof(*tallies), by_target_and_author);
    for (uint32_t i = 0; i < used; i++) {
        const struct fora_tally *tally = &tallies[i].item->content.u.tally;
        struct fora_view_post *post = fold->items[tallies[i].target].post;

        if (i + 1 < used && tallies[i + 1].target == tallies[i].target &&
            view_same_author(tallies[i].item, tallies[i + 1].item))
            continue;
        post->up = sum(post->up, tally->up);
        post->down = sum(post->down, tally->down);
        post->score = score(post->up, post->down);
    }
    return 0;
}

/* What is gone shows who and when, not what. */
static void blank(struct view_fold *fold, const struct view_item *item)
{
    struct fora_view_post *post = item->post;

    if (item->fate & VIEW_RETRACTED)
        post->marks |= FORA_MARK_RETRACTED;
    if (item->fate & (VIEW_ERASED | VIEW_HIDDEN | VIEW_FORBIDDEN))
        post->marks |= FORA_MARK_HIDDEN;
    if (item->fate & VIEW_ERASED)
        post->reason = item->erase_reason;
    else if (item->fate & VIEW_HIDDEN)
        post->reason = item->hide_reason;
    post->text = fora_bytes(NULL, 0);
    post->applies_to = NULL;
    post->applies_to_count = 0;
    post->mentions = NULL;
    post->mentions_count = 0;
    post->source = NULL;
    if (item == &fold->items[fold->root]) {
        fold->view->title = fora_bytes(NULL, 0);
        fold->view->tags = NULL;
        fold->view->tags_count = 0;
    }
}

static void finish(struct view_fold *fold, const struct view_item *item)
{
    struct fora_view_thread *view = fold->view;

    if (view_gone(item)) {
        blank(fold, item);
        return;
    }
    if (item->post->source != NULL)
        item->post->marks |= FORA_MARK_IMPORTED;
    if (item->post->created_at > view->active_at)
        view->active_at = item->post->created_at;
    view->answers += item->post->type == FORA_POST_ANSWER;
    view->comments += item->post->type == FORA_POST_COMMENT;
}

int view_posts(struct view_fold *fold)
{
    struct fora_view_thread *view = fold->view;
    uint32_t posts = 0, tallies = 0;
    struct fora_view_post *made;
    int error = 0;

    for (uint32_t i = 0; i < fold->count; i++) {
        uint32_t kind = fold->items[i].object->header.kind;

        posts += kind == FORA_KIND_THREAD || kind == FORA_KIND_POST;
        tallies += kind == FORA_KIND_TALLY;
    }
    made = fora_arena_alloc(fold->arena, posts * sizeof(*made));
    if (made == NULL)
        return FORA_E_NOMEM;
    for (uint32_t i = 0; i < fold->count; i++) {
        uint32_t kind = fold->items[i].object->header.kind;

        if (kind == FORA_KIND_THREAD || kind == FORA_KIND_POST)
            make_post(fold, &fold->items[i], &made[view->posts_count++]);
    }
    view->active_at = fold->items[fold->root].post->created_at;
    for (uint32_t i = 0; i < fold->count; i++) {
        if (fold->items[i].object->header.kind == FORA_KIND_REVISION)
            revise(fold, &fold->items[i]);
    }
    if (tallies != 0)
        error = add_tallies(fold, tallies);
    for (uint32_t i = 0; i < fold->count; i++) {
        if (fold->items[i].post != NULL)
            finish(fold, &fold->items[i]);
    }
    return error;
}
