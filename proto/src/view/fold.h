/*
 * The view room's workings. A fold goes through these steps, each a function of what is before it
 * and of the set, none of the order of arrival:
 *
 *     items        sort by (created_at, id), drop doubles, decode, find parents
 *     acts         retractions, then moderations: what is gone
 *     posts        opening, answers, comments; revisions; tallies
 *     resolutions  and what else is said of a post or of the thread
 *     arrange      answers by VIEW-6, comments after what they comment on
 */
#ifndef FORA_VIEW_FOLD_H
#define FORA_VIEW_FOLD_H

#include "fora/view.h"

#define VIEW_NONE UINT32_MAX /* no enum: its values are ints */

enum view_fate {
    VIEW_RETRACTED = 1,
    VIEW_ERASED = 2,
    VIEW_HIDDEN = 4,   /* by a moderator */
    VIEW_FORBIDDEN = 8 /* its author had no right to it */
};

struct view_item {
    const struct fora_object *object; /* borrowed from the caller */
    struct fora_content content;      /* valid when `decoded` */
    bool decoded;
    bool valid;      /* a resolution that counts */
    uint8_t fate;    /* enum view_fate bits */
    uint32_t parent; /* item index; VIEW_NONE: not in the thread */
    uint32_t anchor; /* of a comment: the item after which it stands */
    struct fora_bytes hide_reason, erase_reason;
    struct fora_view_post *post; /* NULL: not a post */
};

struct view_by_id {
    const struct fora_object_id *id;
    uint32_t item;
};

struct view_fold {
    struct fora_arena *arena;
    const struct fora_policy *policy;
    struct view_item *items; /* by (created_at, id) */
    uint32_t count;
    uint32_t root;            /* item index */
    struct view_by_id *by_id; /* ascending */
    struct fora_view_thread *view;
};

/* Each takes memory from the arena only. 0 or FORA_E_NOMEM; items also FORA_E_NOTFOUND, _LIMIT. */
int view_items(
    struct view_fold *fold, const struct fora_object *objects, size_t count) FORA_MUST_USE;
void view_acts(struct view_fold *fold);
int view_posts(struct view_fold *fold) FORA_MUST_USE;
int view_resolutions(struct view_fold *fold) FORA_MUST_USE;
int view_thread_facts(struct view_fold *fold) FORA_MUST_USE;
int view_arrange(struct view_fold *fold) FORA_MUST_USE;

uint32_t view_find(const struct view_fold *fold, const struct fora_object_id *id);
bool view_same_author(const struct view_item *a, const struct view_item *b);
/* Was the author of the item in that role when she wrote it? */
bool view_has_role(const struct view_fold *fold, const struct view_item *item, uint32_t role);
/* VIEW-5 to VIEW-7: may its author say that of the target? */
bool view_may_say(
    const struct view_fold *fold, const struct view_item *item, const struct view_item *target);
/* VIEW-3: decoded, not gone, not by somebody who was banned. */
bool view_counts(const struct view_fold *fold, const struct view_item *item);
/* Its content is not to be looked at, because another node may have erased it (VIEW-5). */
static inline bool view_dead(const struct view_item *item)
{
    return (item->fate & (VIEW_RETRACTED | VIEW_ERASED)) != 0;
}
static inline bool view_gone(const struct view_item *item)
{
    return item->fate != 0;
}
/* The answer or opening that the item speaks of; NULL: none. */
struct view_item *view_target(const struct view_fold *fold, const struct view_item *item);

#endif
