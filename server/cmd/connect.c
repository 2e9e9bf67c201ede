/*
 * The running node, as its admin.
 *
 * Where: --node, else what the node wrote into DATA/address when it began to listen, else the first
 * `listen` of forad.conf. Who must be met there: the node that the admin's identity names as home.
 */
#include "cmd/forad.h"

#include "fora/identity.h"

#include <stdio.h>
#include <string.h>

#define AGENT "forad-admin/" FORA_VERSION

static struct state admin_home(const struct app *app)
{
    struct state home;
    (void)snprintf(home.home, sizeof home.home, "%.4000s/admin", app->data.home);
    return home;
}

/* The home of the admin's log, which is this folder's node. */
static int home_of(const struct state_identity *admin, struct fora_principal_id *node)
{
    struct fora_identity *log = NULL;
    int error = fora_identity_new(&log);
    for (size_t i = 0; error == 0 && i < admin->log_count; i++) {
        struct fora_object entry;
        error = fora_object_decode(&entry, admin->log[i]);
        if (error == 0) {
            error = fora_object_verify(&entry);
        }
        if (error == 0) {
            error = fora_identity_add(log, &entry);
        }
    }
    if (error == 0) {
        *node = *fora_identity_home(log);
    }
    fora_identity_free(log);
    return error;
}

int app_admin(struct app *app)
{
    struct state home = admin_home(app);
    int error = state_identity_load(&home, fora_bytes(NULL, 0), &app->admin, &app->why);
    if (error == FORA_E_NOTFOUND) {
        return app_fail(app, FORAD_CREDENTIALS,
            "There are no keys of an admin in %.300s. Restore that folder from a backup, or name "
            "the data folder with --data DIR.",
            home.home);
    }
    if (error == 0 && home_of(&app->admin, &app->node) != 0) {
        return app_fail(app, FORAD_DAMAGED,
            "The identity log in %.300s/identity does not verify. Restore it from a backup.",
            home.home);
    }
    return error == 0 ? FORAD_OK : app_fail_why(app);
}

/* A wildcard is listened on; this machine is connected to. */
static void reachable(struct fora_client_address *address)
{
    if (strcmp(address->host, "0.0.0.0") == 0) {
        (void)snprintf(address->host, sizeof address->host, "127.0.0.1");
    } else if (strcmp(address->host, "::") == 0) {
        (void)snprintf(address->host, sizeof address->host, "::1");
    }
}

static int keep_line(void *context, char *line)
{
    (void)snprintf(context, SETTINGS_TEXT_MAX, "%s", line);
    return FORA_E_EXISTS; /* the first one is enough */
}

static int not_running(struct app *app)
{
    if (app->why.code == FORA_E_IDENTITY) {
        return app_fail(app, FORAD_CONNECT, "%s The folder %.300s belongs to another node.",
            app->why.text, app->data.home);
    }
    if (app->why.code == FORA_E_NOMEM) {
        return app_fail_memory(app);
    }
    return app_fail(app, FORAD_CONNECT,
        "forad is not running here: %.300s Start it with \"forad run --data %.300s\", or say "
        "where it is with --node HOST:PORT.",
        app->why.text, app->data.home);
}

static int choose_address(struct app *app, struct fora_client_address *out)
{
    char text[SETTINGS_TEXT_MAX] = "";
    const char *chosen = cmd_text(&app->line, "node");
    if (chosen == NULL) {
        bool said = state_each_line(&app->data, "address", false, keep_line, text, &app->why) != 0;
        chosen = said && text[0] != '\0' ? text : app->settings.listen.items[0];
    }
    size_t size = strlen(chosen);
    if (size > 2 && strcmp(chosen + size - 2, ":0") == 0) {
        (void)fora_client_fail(&app->why, FORA_E_IO,
            "it listens on any free port, and has not "
            "written which.");
        return not_running(app);
    }
    if (fora_client_address_parse(out, chosen, &app->why) != 0) {
        return app_fail(app, FORAD_USAGE, "%s", app->why.text);
    }
    reachable(out);
    return FORAD_OK;
}

int app_connect(struct app *app)
{
    struct fora_client_address address;
    const struct fora_msg_auth_ok *ok;
    int exit = app_data(app);
    if (exit == FORAD_OK) {
        exit = app_settings(app);
    }
    if (exit == FORAD_OK && app->admin.root == NULL) {
        exit = app_admin(app);
    }
    if (exit == FORAD_OK) {
        exit = choose_address(app, &address);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    fora_client_address_format(app->address, &address);
    const struct fora_client_options options = {
        .address = app->address, .agent = AGENT, .expected = &app->node};
    if (fora_client_open(&app->client, &options, &app->why) != 0) {
        return not_running(app);
    }
    if (fora_client_auth(app->client, &app->admin.member, app->admin.device, app->admin.log,
            app->admin.log_count, &ok, &app->why) != 0) {
        return app_fail_why(app);
    }
    return ok->admin ? FORAD_OK
                     : app_fail(app, FORAD_CREDENTIALS,
                           "The node at %s does not know the member of %.300s/admin as an admin.",
                           app->address, app->data.home);
}

int app_call(struct app *app, struct fora_message *ask, uint32_t expected,
    const struct fora_message **answer)
{
    return fora_client_call(app->client, ask, expected, answer, &app->why) == 0 ? FORAD_OK
                                                                                : app_fail_why(app);
}

/* ---- naming ---- */

int app_space_fold(const struct fora_msg_space_row *row, struct fora_policy **out)
{
    int error = fora_policy_new(out);
    for (size_t i = 0; error == 0 && i < row->policy_count; i++) {
        struct fora_object statement;
        error = fora_object_decode(&statement, row->policy[i]);
        if (error == 0) {
            error = fora_object_verify(&statement);
        }
        if (error == 0) {
            error = fora_policy_add(*out, &statement);
        }
    }
    if (error != 0) {
        fora_policy_free(*out);
        *out = NULL;
    }
    return error;
}

static bool is_named(
    const struct fora_space_id *id, const struct fora_policy *policy, const char *name)
{
    return fora_bytes_equal(fora_policy_slug(policy), fora_bytes_str(name)) ||
           state_prefix_matches(FORA_HRP_SPACE, id->b, name);
}

int app_space(struct app *app, const char *name, struct app_space *out)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    size_t found = 0;
    int error = 0;
    *out = (struct app_space){.policy = NULL};
    int exit = app_call(app, &ask, FORA_MSG_SPACES, &answer);
    if (exit != FORAD_OK) {
        return exit;
    }
    const struct fora_msg_spaces *spaces = &answer->u.spaces;
    for (size_t i = 0; error == 0 && i < spaces->rows_count; i++) {
        struct fora_policy *policy = NULL;
        error = app_space_fold(&spaces->rows[i], &policy);
        if (error == 0 && is_named(&spaces->rows[i].space, policy, name)) {
            found++;
            fora_policy_free(out->policy);
            *out = (struct app_space){spaces->rows[i].space, policy};
            policy = NULL;
        }
        fora_policy_free(policy);
    }
    if (error == 0 && found == 1) {
        return FORAD_OK;
    }
    fora_policy_free(out->policy);
    out->policy = NULL;
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The policy of a space does not verify: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    return app_fail(app, FORAD_NOTFOUND,
        found == 0 ? "The node holds no space \"%.100s\". Name it by its short name or its id "
                     "(foras1...); \"fora spaces\" lists them."
                   : "More than one space of the node is meant by \"%.100s\". Write its whole id "
                     "(foras1...).",
        name);
}

int app_member(struct app *app, const char *name, struct fora_principal_id *out)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    if (fora_id_parse(out->b, FORA_HRP_MEMBER, name) == 0) {
        return FORAD_OK;
    }
    ask.u.get_principal.handle = fora_bytes_str(name[0] == '@' ? name + 1 : name);
    if (fora_client_call(app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &app->why) != 0) {
        if (app->why.from_node && app_exit_of(app->why.code) == FORAD_NOTFOUND) {
            return app_fail(app, FORAD_NOTFOUND,
                "The node has no member with the handle \"%.60s\". Give a handle or an id "
                "(foram1...).",
                name);
        }
        return app_fail_why(app);
    }
    *out = answer->u.principal_objects.principal;
    return FORAD_OK;
}
