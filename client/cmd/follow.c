/* fora follow, fora unfollow: a list on this machine, of which nobody learns. */
#include "cmd/commands.h"

#include <stdio.h>
#include <string.h>

static void clean_name(char out[200], struct fora_bytes foreign)
{
    struct fora_buf clean = {0};
    text_clean(&clean, foreign, false);
    const char *text = fora_buf_cstr(&clean);
    (void)snprintf(out, 200, "%.199s", text == NULL ? "" : text);
    fora_buf_fini(&clean);
}

static int show_follows(struct app *app)
{
    struct state_follows follows;
    struct js_writer w;
    if (state_follows_load(&app->state, &follows, &app->why) != 0) {
        return app_fail_why(app);
    }
    js_init_array(&w);
    for (size_t i = 0; i < follows.count; i++) {
        const struct state_follow *item = &follows.items[i];
        const char *hrp = item->is_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT;
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, hrp, item->id);
        if (app->json) {
            js_object(&w, NULL);
            js_string(&w, "kind", item->is_space ? "space" : "thread");
            js_string(&w, "id", id);
            js_string(&w, "name", item->name);
            js_end(&w);
        } else {
            fora_buf_printf(&app->out, "%-6s  %s  ", item->is_space ? "space" : "thread", id);
            text_clean(&app->out, fora_bytes_str(item->name), false);
            fora_buf_u8(&app->out, '\n');
        }
    }
    if (!app->json && follows.count == 0) {
        app_note(app, "You follow nothing. Follow a thread or a space with: fora follow NAME");
    }
    state_follows_fini(&follows);
    if (app->json) {
        return app_json(app, &w, JS_PRETTY);
    }
    js_fini(&w);
    return CMD_EXIT_OK;
}

/* A thread's title is in the list of its space; asking for the opening gives it too. */
static int find_thread(struct app *app, const char *name, struct state_follow *out)
{
    struct app_object object;
    struct fora_message ask = {.type = FORA_MSG_FETCH};
    const struct fora_message *answer;
    int exit = app_object(app, name, &object);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    memcpy(out->id, object.root.b, FORA_ID_SIZE);
    ask.u.fetch = (struct fora_msg_fetch){.ids = &object.root, .ids_count = 1};
    exit = app_call(app, &ask, FORA_MSG_OBJECTS, &answer);
    if (exit == CMD_EXIT_OK && answer->u.objects.objects_count == 1) {
        struct fora_object opening;
        struct fora_arena arena;
        struct fora_content content;
        fora_arena_init(&arena, FORA_CONTENT_ARENA);
        if (fora_object_decode(&opening, answer->u.objects.objects[0]) == 0 &&
            fora_object_verify(&opening) == 0 && opening.header.kind == FORA_KIND_THREAD &&
            fora_content_decode(&arena, FORA_KIND_THREAD, opening.content_bytes, &content) == 0) {
            clean_name(out->name, content.u.thread.title);
        }
        fora_arena_fini(&arena);
    }
    return exit;
}

/* A name that a space has is that space; else it is an object. */
static int find(struct app *app, const char *name, struct state_follow *out)
{
    struct app_spaces spaces;
    const struct app_space *found = NULL;
    struct fora_space_id id;
    bool space_id = fora_id_parse(id.b, FORA_HRP_SPACE, name) == 0;
    int exit = app_spaces(app, &spaces);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    for (size_t i = 0; i < spaces.count; i++) {
        const struct app_space *space = &spaces.items[i];
        if (space_id ? memcmp(id.b, space->id.b, FORA_ID_SIZE) == 0
                     : fora_bytes_equal(fora_policy_slug(space->policy), fora_bytes_str(name))) {
            found = space;
        }
    }
    if (found == NULL) {
        exit = space_id ? app_fail(app, CMD_EXIT_NOTFOUND, "The node does not hold that space.")
                        : find_thread(app, name, out);
    } else {
        out->is_space = true;
        memcpy(out->id, found->id.b, FORA_ID_SIZE);
        clean_name(out->name, fora_policy_name(found->policy));
    }
    app_spaces_fini(&spaces);
    return exit;
}

/* The space with that short name; NULL: none, or the node did not say. */
static const struct app_space *by_slug(const struct app_spaces *spaces, const char *slug)
{
    for (size_t i = 0; i < spaces->count; i++) {
        const struct app_space *space = &spaces->items[i];
        if (fora_bytes_equal(fora_policy_slug(space->policy), fora_bytes_str(slug))) {
            return space;
        }
    }
    return NULL;
}

/* The last resort: only the node knows short names. */
static int unfollow_slug(struct app *app, const char *name)
{
    struct app_spaces spaces;
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK) {
        exit = app_spaces(app, &spaces);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    const struct app_space *space = by_slug(&spaces, name);
    int error =
        space != NULL ? state_unfollow(&app->state, space->id.b, &app->why) : FORA_E_NOTFOUND;
    app_spaces_fini(&spaces);
    if (error == FORA_E_NOTFOUND) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "You do not follow \"%s\". Give the name, or the beginning of the id, as in: fora "
            "follow",
            name);
    }
    return error == 0 ? CMD_EXIT_OK : app_fail_why(app);
}

static bool is_called(const struct state_follow *item, const char *name)
{
    return strcmp(item->name, name) == 0 ||
           state_prefix_matches(item->is_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT, item->id, name);
}

/* Without the node: it may be gone, which is a reason to stop following what it held. */
static int unfollow(struct app *app, const char *name)
{
    struct state_follows follows;
    const struct state_follow *found = NULL;
    if (state_follows_load(&app->state, &follows, &app->why) != 0) {
        return app_fail_why(app);
    }
    for (size_t i = 0; i < follows.count; i++) {
        const struct state_follow *item = &follows.items[i];
        if (is_called(item, name)) {
            found = item;
        }
    }
    int exit = CMD_EXIT_OK;
    if (found == NULL) {
        exit = unfollow_slug(app, name);
    } else if (state_unfollow(&app->state, found->id, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    state_follows_fini(&follows);
    return exit;
}

int run_follow(struct app *app)
{
    const char *name = cmd_argument(&app->line, 0);
    struct state_follow follow = {0};
    int exit = CMD_EXIT_OK;
    if (strcmp(app->line.command->name, "unfollow") == 0) {
        exit = unfollow(app, name);
    } else if (name != NULL) {
        exit = app_connect(app, APP_ANYONE);
        if (exit == CMD_EXIT_OK) {
            exit = find(app, name, &follow);
        }
        if (exit == CMD_EXIT_OK && state_follow(&app->state, &follow, &app->why) != 0) {
            exit = app_fail_why(app);
        }
    }
    return exit == CMD_EXIT_OK && (name == NULL || !app->quiet) ? show_follows(app) : exit;
}
