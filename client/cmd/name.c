/* Naming things: spaces, objects, members. */
#include "cmd/handle.h"

#include <stdlib.h>
#include <string.h>

/* Folds the policy of one row. Statements whose signature does not verify are left out. */
static int fold_space(struct app_space *out, const struct fora_msg_space_row *row)
{
    int error = fora_policy_new(&out->policy);
    out->id = row->space;
    out->objects = row->objects;
    out->threads = row->threads;
    out->hosted_here = row->hosted_here;
    for (size_t i = 0; error == 0 && i < row->policy_count; i++) {
        struct fora_object statement;
        if (fora_object_decode(&statement, row->policy[i]) != 0 ||
            fora_object_verify(&statement) != 0) {
            continue;
        }
        int added = fora_policy_add(out->policy, &statement);
        error = added == FORA_E_NOMEM ? added : 0;
    }
    return error;
}

int app_spaces(struct app *app, struct app_spaces *out)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    *out = (struct app_spaces){0};
    int exit = app_call(app, &ask, FORA_MSG_SPACES, &answer);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    const struct fora_msg_spaces *spaces = &answer->u.spaces;
    out->items = calloc(spaces->rows_count + 1, sizeof *out->items);
    if (out->items == NULL) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < spaces->rows_count; i++) {
        struct app_space *space = &out->items[out->count++];
        if (fold_space(space, &spaces->rows[i]) != 0) {
            app_spaces_fini(out);
            return app_fail_memory(app);
        }
        struct fora_space_id id = fora_policy_space(space->policy);
        if (!fora_policy_ready(space->policy) || memcmp(id.b, space->id.b, FORA_ID_SIZE) != 0) {
            /* The first statement is missing or another's: there is nothing to show of it. */
            fora_policy_free(space->policy);
            out->count--;
            continue;
        }
        /* To hold a copy is not to host: the policy says who does (POL-10). */
        space->hosted_here = space->hosted_here &&
                             fora_policy_hosted_by(space->policy, fora_client_node(app->client));
    }
    return CMD_EXIT_OK;
}

void app_spaces_fini(struct app_spaces *spaces)
{
    for (size_t i = 0; i < spaces->count; i++) {
        fora_policy_free(spaces->items[i].policy);
    }
    free(spaces->items);
    *spaces = (struct app_spaces){0};
}

static int find_space(
    const struct app_spaces *spaces, const char *name, const struct app_space **out)
{
    size_t found = 0;
    struct fora_space_id id;
    bool whole = fora_id_parse(id.b, FORA_HRP_SPACE, name) == 0;
    for (size_t i = 0; i < spaces->count; i++) {
        const struct app_space *space = &spaces->items[i];
        bool same = whole
                        ? memcmp(id.b, space->id.b, FORA_ID_SIZE) == 0
                        : fora_bytes_equal(fora_policy_slug(space->policy), fora_bytes_str(name)) ||
                              state_prefix_matches(FORA_HRP_SPACE, space->id.b, name);
        if (same) {
            *out = space;
            found++;
        }
    }
    return found == 1 ? 0 : found == 0 ? FORA_E_NOTFOUND : FORA_E_EXISTS;
}

static void list_names(struct fora_buf *out, const struct app_spaces *spaces)
{
    for (size_t i = 0; i < spaces->count && i < 12; i++) {
        struct fora_bytes slug = fora_policy_slug(spaces->items[i].policy);
        fora_buf_append_str(out, i == 0 ? "" : ", ");
        if (slug.size > 0) {
            fora_buf_append_bytes(out, slug);
        } else {
            app_short_id(out, FORA_HRP_SPACE, spaces->items[i].id.b);
        }
    }
}

static int which_space(struct app *app, const struct app_spaces *spaces)
{
    struct fora_buf names = {0};
    if (spaces->count == 0) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "The node %s holds no space. Its admin makes one with: fora space create NAME",
            app->address);
    }
    list_names(&names, spaces);
    const char *text = fora_buf_cstr(&names);
    int exit = app_fail(app, CMD_EXIT_USAGE,
        "The node holds %zu spaces: say which one with --space, or with space = \"...\" in "
        "%s/config. There are: %s",
        spaces->count, app->state.home, text == NULL ? "" : text);
    fora_buf_fini(&names);
    return exit;
}

int app_space_among(struct app *app, const struct app_spaces *spaces, const char *name,
    const struct app_space **out)
{
    if (name == NULL) {
        name = cmd_text(&app->line, "space");
    }
    if (name == NULL && app->config.space[0] != '\0') {
        name = app->config.space;
    }
    if (name == NULL && spaces->count == 1) {
        *out = &spaces->items[0];
        return CMD_EXIT_OK;
    }
    if (name == NULL) {
        return which_space(app, spaces);
    }
    return app_space_find(app, spaces, name, out);
}

int app_space_find(struct app *app, const struct app_spaces *spaces, const char *name,
    const struct app_space **out)
{
    int error = find_space(spaces, name, out);
    if (error == FORA_E_EXISTS) {
        return app_fail(app, CMD_EXIT_USAGE,
            "\"%s\" means more than one space of the node. Give more of the id, as in: fora spaces "
            "--verbose",
            name);
    }
    if (error != 0) {
        return app_fail(
            app, CMD_EXIT_NOTFOUND, "The node holds no space \"%s\". See: fora spaces", name);
    }
    return CMD_EXIT_OK;
}

int app_space_id(struct app *app, const char *name, struct fora_space_id *out)
{
    struct app_spaces spaces;
    const struct app_space *space;
    int exit = app_spaces(app, &spaces);
    if (exit == CMD_EXIT_OK) {
        exit = app_space_among(app, &spaces, name, &space);
        if (exit == CMD_EXIT_OK) {
            *out = space->id;
        }
        app_spaces_fini(&spaces);
    }
    return exit;
}

int app_object_id(struct app *app, const char *name, struct fora_object_id *out)
{
    struct state_recent recent;
    if (fora_id_parse(out->b, FORA_HRP_OBJECT, name) == 0) {
        return CMD_EXIT_OK;
    }
    if (state_recent_load(&app->state, &recent, &app->why) != 0) {
        return app_fail_why(app);
    }
    int error = state_recent_find(&recent, name, out);
    state_recent_fini(&recent);
    if (error == FORA_E_EXISTS) {
        return app_fail(app, CMD_EXIT_USAGE,
            "\"%s\" is the beginning of more than one id. Give more of it.", name);
    }
    if (error != 0 && strlen(name) >= strlen(FORA_HRP_OBJECT) + 1 + FORA_ID_SIZE &&
        strncmp(name, FORA_HRP_OBJECT "1", strlen(FORA_HRP_OBJECT) + 1) == 0) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "\"%.100s\" is not a whole id: a letter of it is wrong, missing or too many.", name);
    }
    if (error != 0) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "\"%s\" is no id, and no id of the list shown last begins with it. Give the whole id "
            "(fora1...), or at least 6 characters as in: fora threads",
            name);
    }
    return CMD_EXIT_OK;
}

static int read_object(struct app *app, const char *name, const struct fora_msg_objects *objects,
    struct app_object *out)
{
    struct fora_object object;
    if (objects->objects_count == 0) {
        return app_fail(
            app, CMD_EXIT_NOTFOUND, "The node %s holds no object \"%s\".", app->address, name);
    }
    if (fora_object_decode(&object, objects->objects[0]) != 0 ||
        memcmp(object.id.b, out->id.b, FORA_ID_SIZE) != 0 || fora_object_verify(&object) != 0) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "What the node sent for \"%s\" does not verify. Do not trust this node.", name);
    }
    out->header = object.header;
    out->header.lane = fora_bytes(NULL, 0); /* borrowed from the frame */
    out->root = object.header.kind == FORA_KIND_THREAD ? object.id : object.header.root;
    out->space = fora_object_space(&object);
    return CMD_EXIT_OK;
}

int app_object(struct app *app, const char *name, struct app_object *out)
{
    struct fora_message ask = {.type = FORA_MSG_FETCH};
    const struct fora_message *answer;
    *out = (struct app_object){0};
    int exit = app_object_id(app, name, &out->id);
    if (exit == CMD_EXIT_OK) {
        ask.u.fetch = (struct fora_msg_fetch){.ids = &out->id, .ids_count = 1};
        exit = app_call(app, &ask, FORA_MSG_OBJECTS, &answer);
    }
    return exit == CMD_EXIT_OK ? read_object(app, name, &answer->u.objects, out) : exit;
}

int app_member(struct app *app, const char *name, struct fora_principal_id *out)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    if (fora_id_parse(out->b, FORA_HRP_MEMBER, name) == 0 ||
        fora_id_parse(out->b, FORA_HRP_NODE, name) == 0) {
        return CMD_EXIT_OK;
    }
    if (handle_is_of_domain(name)) {
        return handle_resolve(app, name, out);
    }
    if (strlen(name) > 32) {
        return app_fail(
            app, CMD_EXIT_USAGE, "\"%s\" is neither a member's id (foram1...) nor a handle.", name);
    }
    ask.u.get_principal.handle = fora_bytes_str(name[0] == '@' ? name + 1 : name);
    int error = fora_client_call(app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &app->why);
    if (error == FORA_E_ABSENT || error == FORA_E_NOTFOUND) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "The node %s has no member \"%s\". Give an id (foram1...), or a handle there.",
            app->address, name);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    *out = answer->u.principal_objects.principal;
    return CMD_EXIT_OK;
}
