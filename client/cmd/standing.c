/*
 * Would it have an effect? Views pass over what is said of something that is gone (VIEW-5), and a
 * node stores it all the same, since others may not know yet. So who writes it is told here, before
 * it is posted.
 */
#include "cmd/commands.h"
#include "cmd/thread.h"

#include <string.h>

struct standing {
    bool retracted;
    bool erased;
    bool hidden; /* by a moderator, or by the policy */
    bool by_policy;
    uint32_t marks; /* of the thread */
};

/* Order of moderations: the last decides, as in the view. */
static bool is_later(const struct fora_object *a, const struct fora_object *b)
{
    return b == NULL || a->header.created_at > b->header.created_at ||
           (a->header.created_at == b->header.created_at &&
               memcmp(a->id.b, b->id.b, FORA_ID_SIZE) > 0);
}

static uint32_t action_of_object(struct thread *t, const struct fora_object *object)
{
    struct fora_content content;
    bool may = fora_policy_role_at(
        t->policy, &object->header.author, FORA_ROLE_MODERATOR, object->header.created_at);
    return may && fora_content_decode(
                      &t->arena, object->header.kind, object->content_bytes, &content) == 0
               ? content.u.moderation.action
               : 0;
}

static void stand(struct thread *t, const struct app_object *target, struct standing *out)
{
    const struct fora_object *last = NULL;
    bool hides = false;
    for (size_t i = 0; i < t->count; i++) {
        const struct fora_object *object = &t->objects[i];
        if (memcmp(object->header.parent.b, target->id.b, FORA_ID_SIZE) != 0) {
            continue;
        }
        if (object->header.kind == FORA_KIND_RETRACTION) {
            out->retracted =
                out->retracted || memcmp(object->header.author.b, target->header.author.b,
                                      sizeof target->header.author.b) == 0;
        } else if (object->header.kind == FORA_KIND_MODERATION) {
            uint32_t action = action_of_object(t, object);
            out->erased = out->erased || action == FORA_MODERATION_ERASE;
            if ((action == FORA_MODERATION_HIDE || action == FORA_MODERATION_UNHIDE) &&
                is_later(object, last)) {
                last = object;
                hides = action == FORA_MODERATION_HIDE;
            }
        }
    }
    out->marks = t->view.marks;
    out->hidden = hides;
    for (size_t i = 0; i < t->view.posts_count; i++) {
        const struct fora_view_post *post = &t->view.posts[i];
        if (memcmp(post->id.b, target->id.b, FORA_ID_SIZE) == 0 && !hides && !out->erased) {
            out->by_policy = (post->marks & FORA_MARK_HIDDEN) != 0;
        }
    }
}

static int would_not(struct app *app, const char *sentence)
{
    return app_fail(app, CMD_EXIT_REFUSED, "%s So nothing was posted.", sentence);
}

static int gone(struct app *app, const struct standing *standing)
{
    if (standing->erased) {
        return would_not(app, "A moderator erased it, and nothing brings it back.");
    }
    return standing->retracted
               ? would_not(app, "Its author retracted it, and nothing takes that back.")
               : CMD_EXIT_OK;
}

/* A moderation that would leave everything as it is. */
static int moderates(struct app *app, const struct standing *standing, uint32_t action)
{
    static const struct {
        uint32_t action;
        uint32_t mark;
        bool set; /* it is so already when the mark is */
        const char *already;
    } marks[] = {
        {FORA_MODERATION_LOCK, FORA_MARK_LOCKED, true, "The thread is locked already."},
        {FORA_MODERATION_UNLOCK, FORA_MARK_LOCKED, false, "The thread is not locked."},
        {FORA_MODERATION_CLOSE, FORA_MARK_CLOSED, true, "The thread is closed already."},
        {FORA_MODERATION_REOPEN, FORA_MARK_CLOSED, false, "The thread is not closed."},
        {FORA_MODERATION_PIN, FORA_MARK_PINNED, true, "The thread is pinned already."},
        {FORA_MODERATION_UNPIN, FORA_MARK_PINNED, false, "The thread is not pinned."},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (marks[i].action == action && ((standing->marks & marks[i].mark) != 0) == marks[i].set) {
            return would_not(app, marks[i].already);
        }
    }
    if (action == FORA_MODERATION_ERASE && standing->erased) {
        return gone(app, standing);
    }
    if (action == FORA_MODERATION_HIDE && standing->hidden && !standing->erased) {
        return would_not(app, "It is hidden already.");
    }
    if (action == FORA_MODERATION_UNHIDE && standing->by_policy && !standing->retracted) {
        return would_not(app, "The space's policy hides it, since its author may not post there.");
    }
    bool of_post = action == FORA_MODERATION_HIDE || action == FORA_MODERATION_UNHIDE ||
                   action == FORA_MODERATION_MOVE;
    int exit = of_post ? gone(app, standing) : CMD_EXIT_OK;
    return exit == CMD_EXIT_OK && action == FORA_MODERATION_UNHIDE && !standing->hidden
               ? would_not(app, "It is not hidden.")
               : exit;
}

/* Is it accepted, as the asker would have it once more? */
static bool is_accepted(const struct thread *t, const struct app_object *target)
{
    for (size_t i = 0; i < t->view.posts_count; i++) {
        const struct fora_view_post *post = &t->view.posts[i];
        if (memcmp(post->id.b, target->id.b, FORA_ID_SIZE) == 0) {
            return (post->marks & FORA_MARK_ACCEPTED) != 0;
        }
    }
    return false;
}

/* The node refuses who may not; of a move the copy would be posted by then. */
static bool may(const struct app *app, const struct thread *t, uint32_t action)
{
    return action != FORA_MODERATION_MOVE ||
           fora_policy_may_say(t->policy, &app->account.member, FORA_KIND_MODERATION, action, false,
               false, app_latest(app));
}

static int look(struct app *app, const struct app_object *target, uint32_t kind, uint32_t action,
    struct thread *t)
{
    struct standing standing = {.retracted = false};
    stand(t, target, &standing);
    switch (kind) {
    case FORA_KIND_MODERATION:
        return may(app, t, action) ? moderates(app, &standing, action)
                                   : would_not(app, "Moderators and curators of its space move a "
                                                    "thread (FORBIDDEN).");
    case FORA_KIND_RETRACTION:
        return standing.retracted ? would_not(app, "It is retracted already.")
                                  : gone(app, &standing);
    case FORA_KIND_RESOLUTION:
        if (action == FORA_RESOLUTION_ASKER_ACCEPTED && is_accepted(t, target)) {
            return would_not(app, "It is accepted already.");
        }
        return standing.hidden || standing.by_policy
                   ? would_not(app, "It is hidden, and does not count while it is.")
                   : gone(app, &standing);
    default:
        return gone(app, &standing);
    }
}

int app_would_count(
    struct app *app, const struct app_object *target, uint32_t kind, uint32_t action)
{
    struct thread t;
    if ((kind == FORA_KIND_RETRACTION ||
            (kind == FORA_KIND_MODERATION && action != FORA_MODERATION_DISMISS_FLAGS)) &&
        (target->header.kind == FORA_KIND_MODERATION ||
            target->header.kind == FORA_KIND_RETRACTION)) {
        return app_fail(app, CMD_EXIT_USAGE, "That is a %s; nothing takes one back.",
            fora_kind_name(target->header.kind));
    }
    bool dismisses = kind == FORA_KIND_MODERATION && action == FORA_MODERATION_DISMISS_FLAGS;
    if (dismisses || fora_id_is_zero(target->root.b)) {
        return CMD_EXIT_OK; /* flags count of what is gone too; what is of no thread has no view */
    }
    int exit = thread_load(app, &t, &target->root);
    exit = exit == CMD_EXIT_OK ? look(app, target, kind, action, &t) : exit;
    thread_fini(&t);
    return exit;
}
