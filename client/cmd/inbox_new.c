/*
 * What is new since the last look. A thread that changed is new when somebody else wrote in it: the
 * row of a list does not say who, so the thread itself is fetched where she may have done it.
 */
#include "cmd/inbox.h"

#include "cmd/commands.h"
#include "cmd/thread.h"

#include <string.h>

enum { LOOKED_INTO_MAX = 64 }; /* threads, the newest; of others any change is new */

static bool is_hers(const struct app *app, const struct fora_principal_id *author)
{
    return memcmp(author->b, app->account.member.b, FORA_ID_SIZE) == 0;
}

/* Is there something of others that was not there when the thread was `before`? What is dated after
 * the last that was, or more posts than were and than she wrote since: clocks of others are behind
 * at times. */
static bool others_wrote(
    const struct app *app, const struct fora_view_thread *view, const struct state_seen *before)
{
    uint64_t hers = 0;
    for (size_t i = 0; i < view->posts_count; i++) {
        const struct fora_view_post *post = &view->posts[i];
        bool late = post->created_at > before->active_at;
        bool edited = post->edited_at > before->active_at && !is_hers(app, &post->edited_by);
        if ((post->marks & (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED)) != 0) {
            continue;
        }
        if (edited || (late && !is_hers(app, &post->author))) {
            return true;
        }
        hers += i > 0 && late;
    }
    return (uint64_t)view->answers + view->comments > before->posts + hers;
}

/* `was`: NULL when she is shown it for the first time. Then only her own threads are looked into,
 * of which nothing but what others wrote is new. */
static int look(struct app *app, struct inbox_item *item, const struct state_seen *was)
{
    const struct state_seen begun = {.active_at = 0};
    struct thread t;
    item->is_new = true;
    if (was == NULL && !is_hers(app, &item->author)) {
        return CMD_EXIT_OK;
    }
    bool there;
    int exit = thread_look(app, &t, &item->root, &there);
    if (exit == CMD_EXIT_OK && there) {
        item->is_new = others_wrote(app, &t.view, was == NULL ? &begun : was);
    }
    thread_fini(&t);
    return exit == CMD_EXIT_NOTFOUND || exit == CMD_EXIT_REFUSED ? CMD_EXIT_OK : exit;
}

static struct state_seen now(const struct inbox_item *item)
{
    return (struct state_seen){.is_mention = item->is_mention,
        .id = item->id,
        .active_at = item->is_mention ? 0 : item->at,
        .posts = item->is_mention ? 0 : (uint64_t)item->answers + item->comments};
}

static int compare(
    struct app *app, struct inbox_item *item, const struct state_seen_list *seen, bool looked_into)
{
    struct state_seen was;
    const struct state_seen is = now(item);
    bool there = state_seen_find(seen, &is, &was);
    item->is_new = !there || was.active_at != is.active_at || was.posts != is.posts;
    return item->is_new && !item->is_mention && looked_into ? look(app, item, there ? &was : NULL)
                                                            : CMD_EXIT_OK;
}

/* The newest is remembered longest. */
static void note(struct state_seen_list *seen, const struct inbox *inbox, bool are_new)
{
    for (size_t i = inbox->count; i > 0; i--) {
        const struct state_seen is = now(&inbox->items[i - 1]);
        if (inbox->items[i - 1].is_new == are_new) {
            state_seen_note(seen, &is);
        }
    }
}

static void leave_out(struct inbox *inbox, size_t limit, bool unread)
{
    size_t kept = 0;
    for (size_t i = 0; i < inbox->count && kept < limit; i++) {
        if (inbox->items[i].is_new || !unread) {
            inbox->items[kept++] = inbox->items[i];
        }
    }
    inbox->count = kept;
}

int inbox_compare(struct app *app, struct inbox *inbox, size_t limit, bool unread)
{
    struct state_seen_list seen;
    int exit = CMD_EXIT_OK;
    if (state_seen_load(&app->state, &seen, &app->why) != 0) {
        return app_fail_why(app);
    }
    for (size_t i = 0; i < inbox->count && exit == CMD_EXIT_OK; i++) {
        exit = compare(app, &inbox->items[i], &seen, i < LOOKED_INTO_MAX);
    }
    if (exit == CMD_EXIT_OK) {
        note(&seen, inbox, false);
        leave_out(inbox, limit, unread);
        note(&seen, inbox, true); /* what is new and not shown stays new */
        exit = state_seen_save(&app->state, &seen, &app->why) == 0 ? exit : app_fail_why(app);
    }
    state_seen_fini(&seen);
    return exit;
}
