/* Votes, resolutions, duplicates, cites. */
#include "cmd/commands.h"
#include "cmd/people.h"

#include <inttypes.h>
#include <string.h>

/* The votes of a node that does not host the space are not looked at elsewhere (VIEW-8). */
static void note_unheard(struct app *app, const struct fora_space_id *id)
{
    struct app_spaces spaces;
    if (app->quiet || app_spaces(app, &spaces) != CMD_EXIT_OK) {
        return;
    }
    for (size_t i = 0; i < spaces.count; i++) {
        const struct app_space *space = &spaces.items[i];
        if (memcmp(space->id.b, id->b, sizeof id->b) == 0 && !space->hosted_here) {
            app_note(app, "Your node does not host this space: its votes show nowhere until an "
                          "admin of the space says so with \"fora space host\".");
        }
    }
    app_spaces_fini(&spaces);
}

int run_vote(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_VOTE};
    const struct fora_message *answer;
    struct app_object target;
    const char *vote = cmd_argument(&app->line, 0);
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 1), &target);
    }
    if (exit == CMD_EXIT_OK &&
        memcmp(target.header.author.b, app->account.member.b, sizeof target.header.author.b) == 0) {
        exit = app_fail(app, CMD_EXIT_REFUSED,
            "This is your own: nobody votes on what she wrote herself (FORBIDDEN). Votes are for "
            "what others wrote.");
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    ask.u.vote.target = target.id;
    ask.u.vote.value = strcmp(vote, "up") == 0 ? 1 : strcmp(vote, "down") == 0 ? -1 : 0;
    if (fora_client_call(app->client, &ask, FORA_MSG_VOTE_RESULT, &answer, &app->why) != 0) {
        return people_fail_home(app);
    }
    const struct fora_msg_vote_result *result = &answer->u.vote_result;
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "id", FORA_HRP_OBJECT, target.id.b);
        js_count(&w, "up", result->up);
        js_count(&w, "down", result->down);
        return app_json(app, &w, JS_PRETTY);
    }
    if (!app->quiet) {
        fora_buf_printf(&app->out, "Counted: %" PRIu64 " up, %" PRIu64 " down at your node.\n",
            result->up, result->down);
        note_unheard(app, &target.space);
    }
    return CMD_EXIT_OK;
}

static const struct {
    const char *command;
    uint32_t type;
    const char *done;
} resolutions[] = {
    {"accept", FORA_RESOLUTION_ASKER_ACCEPTED, "Accepted:"},
    {"confirm", FORA_RESOLUTION_STAFF_CONFIRMED, "Confirmed:"},
    {"verify", FORA_RESOLUTION_COMMUNITY_VERIFIED, "Verified:"},
    {"workaround", FORA_RESOLUTION_WORKAROUND, "Marked as a workaround:"},
    {"supersede", FORA_RESOLUTION_SUPERSEDED_BY, "Superseded:"},
    {"regressed", FORA_RESOLUTION_REGRESSED_IN, "Marked as no longer right:"},
};

int run_resolve(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_RESOLUTION};
    struct fora_resolution *resolution = &content.u.resolution;
    struct fora_applies_to applies_to[APP_APPLIES_MAX];
    struct app_object target;
    const char *note = cmd_text(&app->line, "note");
    size_t which = 0;
    while (strcmp(resolutions[which].command, app->line.command->name) != 0) {
        which++;
    }
    resolution->type = resolutions[which].type;
    resolution->applies_to = applies_to;
    resolution->note = fora_bytes_str(note == NULL ? "" : note);
    int exit = app_applies_to(app, applies_to, &resolution->applies_to_count);
    if (exit == CMD_EXIT_OK && resolution->type == FORA_RESOLUTION_REGRESSED_IN &&
        resolution->applies_to_count == 0) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "Say in which version with --applies-to, for example --applies-to frobnicator:5.3..");
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &target);
    }
    if (exit == CMD_EXIT_OK && resolution->type == FORA_RESOLUTION_SUPERSEDED_BY) {
        exit = app_object_id(app, cmd_argument(&app->line, 1), &resolution->superseded_by);
        if (exit == CMD_EXIT_OK &&
            memcmp(resolution->superseded_by.b, target.id.b, FORA_ID_SIZE) == 0) {
            exit = app_fail(app, CMD_EXIT_USAGE, "An answer cannot be superseded by itself.");
        }
    }
    if (exit == CMD_EXIT_OK && target.header.kind != FORA_KIND_POST) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "That is a %s. Name the answer, by its id as \"fora show\" prints it.",
            fora_kind_name(target.header.kind));
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_would_count(app, &target, content.kind, resolution->type);
    }
    return exit == CMD_EXIT_OK ? app_post_about(app, &target, &content, resolutions[which].done)
                               : exit;
}

int run_duplicate(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_DUPLICATE};
    struct app_object thread;
    struct app_object original;
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &thread);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 1), &original);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (thread.header.kind != FORA_KIND_THREAD || original.header.kind != FORA_KIND_THREAD) {
        return app_fail(app, CMD_EXIT_USAGE, "Both must be threads.");
    }
    if (memcmp(thread.id.b, original.id.b, FORA_ID_SIZE) == 0) {
        return app_fail(app, CMD_EXIT_USAGE, "A thread cannot be a duplicate of itself.");
    }
    content.u.duplicate.original = original.id;
    if (memcmp(thread.space.b, original.space.b, FORA_ID_SIZE) != 0) {
        content.u.duplicate.original_space = original.space;
    }
    exit = app_would_count(app, &thread, content.kind, 0);
    return exit == CMD_EXIT_OK ? app_post_about(app, &thread, &content, "Marked as a duplicate:")
                               : exit;
}

int run_cite(struct app *app)
{
    enum { CITES_MAX = 64 };
    struct fora_content content = {.kind = FORA_KIND_CITE};
    struct fora_object_id ids[CITES_MAX];
    struct app_object article;
    size_t count = app->line.arguments_count - 1;
    if (count > CITES_MAX) {
        return app_fail(app, CMD_EXIT_USAGE, "At most %d posts can be cited at once.", CITES_MAX);
    }
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &article);
    }
    for (size_t i = 0; i < count && exit == CMD_EXIT_OK; i++) {
        exit = app_object_id(app, cmd_argument(&app->line, i + 1), &ids[i]);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    content.u.cite.objects = ids;
    content.u.cite.objects_count = count;
    exit = app_would_count(app, &article, content.kind, 0);
    return exit == CMD_EXIT_OK ? app_post_about(app, &article, &content, "Cited:") : exit;
}
