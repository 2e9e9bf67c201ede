/* The order in which posts are read (VIEW-6). */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

struct place {
    const struct fora_view_post *anchor; /* the opening or an answer; of these two, itself */
    const struct fora_view_post *post;
    bool anchor_gone;
};

/* A place where the walk up the comments ends: the opening, an answer, or nothing known. */
static bool is_anchor(const struct view_fold *fold, uint32_t index)
{
    return index == fold->root || fold->items[index].post->type == FORA_POST_ANSWER;
}

/*
 * Finds under what a comment stands, and notes it on every comment on the way, so that all walks
 * together are linear. A parent that is not a post of the thread leads to the opening.
 */
static void find_anchor(struct view_fold *fold, uint32_t start)
{
    uint32_t at = start, anchor = VIEW_NONE;

    for (uint32_t steps = 0; anchor == VIEW_NONE; steps++) {
        uint32_t parent = fold->items[at].parent;

        /* No chain of hashes is a circle; the bound is for those who make objects up. */
        if (parent == VIEW_NONE || fold->items[parent].post == NULL || steps > fold->count)
            anchor = fold->root;
        else if (is_anchor(fold, parent))
            anchor = parent;
        else if (fold->items[parent].anchor != VIEW_NONE)
            anchor = fold->items[parent].anchor;
        else
            at = parent;
    }
    for (at = start;; at = fold->items[at].parent) {
        fold->items[at].anchor = anchor;
        if (fold->items[at].parent == VIEW_NONE ||
            fold->items[fold->items[at].parent].post == NULL ||
            is_anchor(fold, fold->items[at].parent) ||
            fold->items[fold->items[at].parent].anchor != VIEW_NONE)
            break;
    }
}

static int by_age(const struct fora_view_post *a, const struct fora_view_post *b)
{
    return fora_object_order(a->created_at, &a->id, b->created_at, &b->id);
}

static int by_mark(const struct fora_view_post *a, const struct fora_view_post *b, uint32_t mark)
{
    return ((b->marks & mark) != 0) - ((a->marks & mark) != 0);
}

static int order_anchors(const struct place *a, const struct place *b)
{
    const struct fora_view_post *x = a->anchor, *y = b->anchor;
    int order = (x->type == FORA_POST_ANSWER) - (y->type == FORA_POST_ANSWER);

    if (order == 0)
        order = (int)a->anchor_gone - (int)b->anchor_gone;
    if (order == 0)
        order = by_mark(x, y, FORA_MARK_ACCEPTED);
    if (order == 0)
        order = by_mark(x, y, FORA_MARK_CONFIRMED);
    if (order == 0)
        order = (x->score < y->score) - (x->score > y->score);
    return order != 0 ? order : by_age(x, y);
}

static int by_place(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->anchor != b->anchor)
        return order_anchors(a, b);
    if ((a->post == a->anchor) != (b->post == b->anchor))
        return a->post == a->anchor ? -1 : 1;
    return by_age(a->post, b->post);
}

int view_arrange(struct view_fold *fold)
{
    size_t count = fold->view->posts_count, used = 0;
    struct place *places = fora_arena_alloc(fold->arena, count * sizeof(*places));
    struct fora_view_post *posts = fora_arena_alloc(fold->arena, count * sizeof(*posts));

    if (places == NULL || posts == NULL)
        return FORA_E_NOMEM;
    for (uint32_t i = 0; i < fold->count; i++) {
        struct view_item *item = &fold->items[i];

        if (item->post == NULL)
            continue;
        if (is_anchor(fold, i))
            item->anchor = i;
        else if (item->anchor == VIEW_NONE)
            find_anchor(fold, i);
        places[used++] = (struct place){.anchor = fold->items[item->anchor].post,
            .post = item->post,
            .anchor_gone = view_gone(&fold->items[item->anchor])};
    }
    qsort(places, used, sizeof(*places), by_place);
    for (size_t i = 0; i < used; i++)
        posts[i] = *places[i].post;
    fold->view->posts = posts;
    return 0;
}
