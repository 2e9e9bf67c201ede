/* Flagging and moderation. */
#include "cmd/commands.h"
#include "cmd/people.h"
#include "cmd/thread.h"

#include <string.h>

int run_flag(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_REPORT};
    const struct fora_message *answer;
    struct app_object target;
    struct fora_object_id id;
    const char *reason = cmd_text(&app->line, "reason");
    const char *note = cmd_text(&app->line, "note");
    if (reason == NULL) {
        return app_fail(app, CMD_EXIT_USAGE,
            "Say what is wrong with --reason: spam, abuse, off-topic, wrong, private or other.");
    }
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &target);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    ask.u.report = (struct fora_msg_report){.target = target.id,
        .reason = fora_bytes_str(reason),
        .note = fora_bytes_str(note == NULL ? "" : note)};
    if (fora_client_call(app->client, &ask, FORA_MSG_PUT_RESULT, &answer, &app->why) != 0) {
        return people_fail_home(app);
    }
    exit = app_result(app, &answer->u.put_result, &id);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "id", FORA_HRP_OBJECT, target.id.b);
        js_string(&w, "state", "stored");
        return app_json(app, &w, JS_PRETTY);
    }
    if (!app->quiet) {
        fora_buf_append_str(&app->out, "Reported to the moderators of the space.\n");
    }
    return CMD_EXIT_OK;
}

static int need_reason(struct app *app, struct fora_content *content)
{
    const char *reason = cmd_text(&app->line, "reason");
    if (reason == NULL || reason[0] == '\0') {
        return app_fail(app, CMD_EXIT_USAGE,
            "Give a reason with --reason: moderation is signed, and readable by everybody.");
    }
    content->u.moderation.reason = fora_bytes_str(reason);
    return CMD_EXIT_OK;
}

static uint32_t action_of(const char *command)
{
    return strcmp(command, "dismiss") == 0 ? FORA_MODERATION_DISMISS_FLAGS
                                           : fora_moderation_action_parse(command);
}

/* "Hidden: fora1..." */
static const char *done_of(uint32_t action)
{
    switch (action) {
    case FORA_MODERATION_HIDE:
        return "Hidden:";
    case FORA_MODERATION_UNHIDE:
        return "Shown again:";
    case FORA_MODERATION_LOCK:
        return "Locked:";
    case FORA_MODERATION_UNLOCK:
        return "Unlocked:";
    case FORA_MODERATION_CLOSE:
        return "Closed:";
    case FORA_MODERATION_REOPEN:
        return "Reopened:";
    case FORA_MODERATION_PIN:
        return "Pinned:";
    case FORA_MODERATION_UNPIN:
        return "Unpinned:";
    case FORA_MODERATION_ERASE:
        return "Erased:";
    default:
        return "Dismissed:";
    }
}

int run_moderate(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_MODERATION};
    struct app_object target;
    uint32_t action = action_of(app->line.command->name);
    bool of_thread = action != FORA_MODERATION_HIDE && action != FORA_MODERATION_UNHIDE &&
                     action != FORA_MODERATION_ERASE && action != FORA_MODERATION_DISMISS_FLAGS;
    content.u.moderation.action = action;
    int exit = need_reason(app, &content);
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &target);
    }
    if (exit == CMD_EXIT_OK && of_thread && target.header.kind != FORA_KIND_THREAD) {
        exit = app_fail(app, CMD_EXIT_USAGE, "That is a %s; %s acts on a thread.",
            fora_kind_name(target.header.kind), app->line.command->name);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_would_count(app, &target, content.kind, action);
    }
    return exit == CMD_EXIT_OK ? app_post_about(app, &target, &content, done_of(action)) : exit;
}

/* Posts the opening again in the other space: with whom it speaks to, and, of what was imported,
 * where it came from. */
static int post_copy(struct app *app, const struct app_object *thread,
    const struct fora_space_id *space, struct fora_object_id *copy)
{
    struct thread t;
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    struct fora_principal_id mentions[FORA_MENTIONS_MAX];
    struct fora_source source;
    int exit = thread_load(app, &t, &thread->id);
    if (exit == CMD_EXIT_OK) {
        const struct fora_view_post *opening = &t.view.posts[0];
        struct fora_thread *out = &content.u.thread;
        *out = (struct fora_thread){.type = t.view.type,
            .title = t.view.title,
            .text = opening->text,
            .tags = t.view.tags,
            .tags_count = t.view.tags_count,
            .applies_to = opening->applies_to,
            .applies_to_count = opening->applies_to_count,
            .mentions = mentions,
            .moved_from = thread->id};
        while (out->mentions_count < opening->mentions_count &&
               out->mentions_count < FORA_MENTIONS_MAX) {
            mentions[out->mentions_count] = opening->mentions[out->mentions_count];
            out->mentions_count++;
        }
        if (opening->source != NULL) {
            source = *opening->source;
            out->source = &source;
        }
        exit = app_post(app, space, NULL, NULL, &content, copy);
    }
    thread_fini(&t);
    return exit;
}

static int moved_json(
    struct app *app, const struct fora_object_id *id, const struct fora_object_id *copy)
{
    struct js_writer w;
    js_init_object(&w);
    js_id(&w, "id", FORA_HRP_OBJECT, id->b);
    js_string(&w, "kind", fora_kind_name(FORA_KIND_MODERATION));
    js_string(&w, "state", "stored");
    js_id(&w, "node", FORA_HRP_NODE, fora_client_node(app->client)->b);
    js_id(&w, "to_thread", FORA_HRP_OBJECT, copy->b);
    return app_json(app, &w, JS_PRETTY);
}

int run_move(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_MODERATION};
    struct fora_moderation *moderation = &content.u.moderation;
    struct app_object thread;
    struct fora_object_id id;
    moderation->action = FORA_MODERATION_MOVE;
    int exit = need_reason(app, &content);
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &thread);
    }
    if (exit == CMD_EXIT_OK && thread.header.kind != FORA_KIND_THREAD) {
        exit = app_fail(app, CMD_EXIT_USAGE, "Only a thread can be moved; this is a %s.",
            fora_kind_name(thread.header.kind));
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_would_count(app, &thread, content.kind, moderation->action);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_space_id(app, cmd_argument(&app->line, 1), &moderation->to_space);
    }
    if (exit == CMD_EXIT_OK && memcmp(moderation->to_space.b, thread.space.b, FORA_ID_SIZE) == 0) {
        exit = app_fail(app, CMD_EXIT_USAGE, "The thread is in that space already.");
    }
    if (exit == CMD_EXIT_OK) {
        exit = post_copy(app, &thread, &moderation->to_space, &moderation->to_thread);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_post(app, &thread.space, &thread.root, &thread.id, &content, &id);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    return app->json ? moved_json(app, &id, &moderation->to_thread)
                     : app_stored(app, FORA_KIND_THREAD, &moderation->to_thread, "Moved to:");
}
