/* fora follow, fora unfollow: a list on this machine, of which nobody learns. */
#include "cmd/commands.h"
#include "cmd/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void follow_name(struct state_follow *follow, struct fora_bytes foreign)
{
    struct fora_buf clean = {0};
    text_clean(&clean, foreign, false);
    const char *text = fora_buf_cstr(&clean);
    (void)snprintf(follow->name, sizeof follow->name, "%.199s", text == NULL ? "" : text);
    fora_buf_fini(&clean);
}

static void follows_json(struct js_writer *w, const struct state_follows *follows)
{
    js_init_array(w);
    for (size_t i = 0; i < follows->count; i++) {
        const struct state_follow *item = &follows->items[i];
        js_object(w, NULL);
        js_string(w, "kind", item->is_space ? "space" : "thread");
        js_id(w, "id", item->is_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT, item->id);
        js_string(w, "name", item->name);
        js_end(w);
    }
    js_end(w);
}

/* So that the next command can name a thread as it is shown here. */
static int remember_threads(struct app *app, const struct state_follows *follows)
{
    struct fora_object_id *ids = calloc(follows->count + 1, sizeof *ids);
    size_t count = 0;
    if (ids == NULL) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < follows->count; i++) {
        if (!follows->items[i].is_space) {
            memcpy(ids[count++].b, follows->items[i].id, FORA_ID_SIZE);
        }
    }
    int error = state_recent_save(&app->state, ids, count, &app->why);
    free(ids);
    return error == 0 ? CMD_EXIT_OK : app_fail_why(app);
}

static int follows_table(struct app *app, const struct state_follows *follows)
{
    static const struct text_column columns[] = {
        {.title = "ID"}, {.title = "KIND", .drop = 1}, {.title = "NAME", .elastic = true}};
    struct text_table table;
    text_table_init(&table, columns, 3, follows->count);
    for (size_t i = 0; i < follows->count; i++) {
        const struct state_follow *item = &follows->items[i];
        const char *hrp = item->is_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT;
        char whole[FORA_ID_TEXT_MAX];
        struct fora_buf id = {0};
        fora_id_format(whole, hrp, item->id);
        app_short_id(&id, hrp, item->id);
        const char *brief = fora_buf_cstr(&id);
        const char *cells[] = {app->verbose || brief == NULL ? whole : brief,
            item->is_space ? "space" : "thread", item->name};
        text_table_row(&table, cells);
        fora_buf_fini(&id);
    }
    int error = text_table_write(&app->out, &table, &app->table_style);
    text_table_fini(&table);
    return error == 0 ? remember_threads(app, follows) : app_fail_memory(app);
}

static int show_follows(struct app *app)
{
    struct state_follows follows;
    struct js_writer w;
    int exit = CMD_EXIT_OK;
    if (state_follows_load(&app->state, &follows, &app->why) != 0) {
        return app_fail_why(app);
    }
    if (app->json) {
        follows_json(&w, &follows);
        exit = app_json(app, &w, JS_PRETTY);
    } else if (follows.count == 0) {
        app_note(app, "You follow nothing. Follow a thread or a space with: fora follow NAME");
    } else {
        exit = follows_table(app, &follows);
    }
    state_follows_fini(&follows);
    return exit;
}

/* As the thread is called now, which is not what its opening says. */
static int find_thread(struct app *app, const char *name, struct state_follow *out)
{
    struct app_object object;
    struct thread t;
    int exit = app_object(app, name, &object);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    memcpy(out->id, object.root.b, FORA_ID_SIZE);
    exit = thread_load(app, &t, &object.root);
    if (exit == CMD_EXIT_OK) {
        follow_name(out, t.view.title);
    }
    thread_fini(&t);
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
        follow_name(out, fora_policy_name(found->policy));
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
