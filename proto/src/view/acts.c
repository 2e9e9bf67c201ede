/* Retractions and moderation: what is gone, and what is decided of the thread (VIEW-4, VIEW-5). */
#include "fold.h"

#include <string.h>

bool view_same_author(const struct view_item *a, const struct view_item *b)
{
    return memcmp(a->object->header.author.b, b->object->header.author.b, FORA_ID_SIZE) == 0;
}

bool view_has_role(const struct view_fold *fold, const struct view_item *item, uint32_t role)
{
    return fora_policy_role_at(
        fold->policy, &item->object->header.author, role, item->object->header.created_at);
}

bool view_may_say(
    const struct view_fold *fold, const struct view_item *item, const struct view_item *target)
{
    const struct fora_header *header = &item->object->header;
    const struct view_item *opening = &fold->items[fold->root];
    uint32_t detail = fora_policy_detail(&item->content, target == opening);

    return fora_policy_may_say(fold->policy, &header->author, header->kind, detail,
        view_same_author(item, opening), view_same_author(item, target), header->created_at);
}

bool view_counts(const struct view_fold *fold, const struct view_item *item)
{
    return item->decoded && !view_gone(item) && !view_has_role(fold, item, FORA_ROLE_BANNED);
}

/* What is done about the doing itself would go round in circles: undo it by the opposite act. */
static bool is_act(const struct view_item *item)
{
    return item->object->header.kind == FORA_KIND_MODERATION ||
           item->object->header.kind == FORA_KIND_RETRACTION;
}

static void retract(struct view_fold *fold, const struct view_item *item)
{
    struct view_item *target;

    if (!item->decoded || item->parent == VIEW_NONE)
        return;
    target = &fold->items[item->parent];
    if (!is_act(target) && view_same_author(item, target))
        target->fate |= VIEW_RETRACTED;
}

static void set_mark(uint32_t *marks, uint32_t mark, bool on)
{
    *marks = on ? *marks | mark : *marks & ~mark;
}

static void act_on_thread(struct view_fold *fold, const struct fora_moderation *moderation)
{
    struct fora_view_thread *view = fold->view;
    uint32_t action = moderation->action;

    if (action == FORA_MODERATION_LOCK || action == FORA_MODERATION_UNLOCK)
        set_mark(&view->marks, FORA_MARK_LOCKED, action == FORA_MODERATION_LOCK);
    if (action == FORA_MODERATION_CLOSE || action == FORA_MODERATION_REOPEN)
        set_mark(&view->marks, FORA_MARK_CLOSED, action == FORA_MODERATION_CLOSE);
    if (action == FORA_MODERATION_PIN || action == FORA_MODERATION_UNPIN)
        set_mark(&view->marks, FORA_MARK_PINNED, action == FORA_MODERATION_PIN);
    if (action == FORA_MODERATION_MOVE) {
        set_mark(&view->marks, FORA_MARK_MOVED, true);
        view->moved_to_space = moderation->to_space;
        view->moved_to_thread = moderation->to_thread;
    }
}

static void moderate(struct view_fold *fold, const struct view_item *item)
{
    const struct fora_moderation *moderation = &item->content.u.moderation;
    struct view_item *target;

    if (item->parent == VIEW_NONE || !view_counts(fold, item))
        return;
    target = &fold->items[item->parent];
    if (is_act(target) || !view_may_say(fold, item, target))
        return;
    if (moderation->action == FORA_MODERATION_HIDE) {
        target->fate |= VIEW_HIDDEN;
        target->hide_reason = moderation->reason;
    } else if (moderation->action == FORA_MODERATION_UNHIDE) {
        target->fate &= (uint8_t)~VIEW_HIDDEN;
    } else if (moderation->action == FORA_MODERATION_ERASE) {
        target->fate |= VIEW_ERASED;
        target->erase_reason = moderation->reason;
    } else if (item->parent == fold->root) {
        act_on_thread(fold, moderation);
    }
}

void view_acts(struct view_fold *fold)
{
    /* Items come in order of (created_at, id), so that the last of each pair of acts stands. */
    for (uint32_t i = 0; i < fold->count; i++) {
        if (fold->items[i].object->header.kind == FORA_KIND_RETRACTION)
            retract(fold, &fold->items[i]);
        else if (fold->items[i].object->header.kind == FORA_KIND_MODERATION)
            moderate(fold, &fold->items[i]);
    }
}
