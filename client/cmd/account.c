/* Becoming a member, logging in and out. */
#include "cmd/account.h"

#include <stdio.h>
#include <string.h>

static int check_handle(struct app *app, const char *handle)
{
    size_t size = strlen(handle);
    if (size < 2 || size > 32 ||
        strspn(handle, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != size) {
        return app_fail(app, CMD_EXIT_USAGE,
            "\"%s\" is no handle: 2 to 32 of a-z, 0-9, \"_\", \".\" and \"-\".", handle);
    }
    return CMD_EXIT_OK;
}

void account_json(const struct app *app, struct js_writer *w)
{
    const struct state_account *account = &app->account;
    js_init_object(w);
    js_id(w, "member", FORA_HRP_MEMBER, account->member.b);
    js_string(w, "handle", account->handle);
    js_string(w, "name", app->name);
    js_id(w, "node", FORA_HRP_NODE, account->node.b);
    js_string(w, "custody", account->self_custody ? "self" : "node");
    js_bool(w, "admin", app->admin);
}

void account_text(struct app *app, const char *done)
{
    const struct state_account *account = &app->account;
    char member[FORA_ID_TEXT_MAX];
    fora_id_format(member, FORA_HRP_MEMBER, account->member.b);
    if (app->quiet) {
        fora_buf_printf(&app->out, "%s\n", member);
        return;
    }
    fora_buf_printf(&app->out, "%s%s", done, account->handle);
    if (app->name[0] != '\0' && strcmp(app->name, account->handle) != 0) {
        fora_buf_printf(&app->out, " (%s)", app->name);
    }
    fora_buf_printf(&app->out, " at %s%s\n%s\n%s\n", app->address,
        app->admin ? ", an admin of the node" : "", member,
        account->self_custody ? "Your signing keys are your own, on this machine."
                              : "The node keeps your signing key.");
}

static int show_account(struct app *app, const char *done)
{
    if (app->json) {
        struct js_writer w;
        account_json(app, &w);
        return app_json(app, &w, JS_PRETTY);
    }
    account_text(app, done);
    return CMD_EXIT_OK;
}

/* Remembers who is logged in, for this and later runs. */
static int save(struct app *app, const struct fora_principal_id *member, bool self_custody,
    const uint8_t seed[32])
{
    struct state_account *account = &app->account;
    *account = (struct state_account){
        .node = *fora_client_node(app->client), .member = *member, .self_custody = self_custody};
    (void)snprintf(account->address, sizeof account->address, "%s", app->address);
    (void)snprintf(account->handle, sizeof account->handle, "%s", cmd_argument(&app->line, 0));
    if (seed != NULL) {
        memcpy(account->session_seed, seed, sizeof account->session_seed);
    }
    app->has_account = true;
    return state_account_save(&app->state, account, &app->why) == 0 ? CMD_EXIT_OK
                                                                    : app_fail_why(app);
}

/* Why, and what to do. */
static int not_entered(struct app *app, bool login)
{
    const char *handle = cmd_argument(&app->line, 0);
    if (login && app->why.code == FORA_E_AUTH) {
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "The node at %s knows nobody of that handle and password (AUTH). Look at both, and try "
            "again.",
            app->address);
    }
    if (!login && app->why.code == FORA_E_NAME_TAKEN) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "The handle \"%s\" is taken at %s (NAME_TAKEN). Choose another one; if it is yours, "
            "run: "
            "fora login %s",
            handle, app->address, handle);
    }
    return app_fail_why(app);
}

/* SignUp or Login with a password; the node then knows a key made here, by which this client
 * returns without the password. */
static int enter(struct app *app, struct fora_message *ask, struct fora_key *session_key)
{
    uint8_t seed[32];
    struct fora_secret *key;
    const struct fora_message *answer;
    fora_random(seed, sizeof seed);
    if (fora_secret_from_seed(&key, seed) != 0) {
        return app_fail_memory(app);
    }
    fora_secret_public(key, session_key);
    fora_secret_free(key);
    int exit = CMD_EXIT_OK;
    if (fora_client_call(app->client, ask, FORA_MSG_AUTH_OK, &answer, &app->why) != 0) {
        exit = not_entered(app, ask->type == FORA_MSG_LOGIN);
    }
    if (exit == CMD_EXIT_OK) {
        struct fora_principal_id member = answer->u.auth_ok.principal;
        app_take_auth(app, &answer->u.auth_ok);
        exit = save(app, &member, false, seed);
    }
    fora_wipe(seed, sizeof seed);
    return exit;
}

/* The node gets the root key that signs now, and of the next one the commitment: so it can do
 * nothing that she cannot undo (ID-13). Kept before it is promised. */
static int keep_next_root(struct app *app, struct fora_hash *commitment)
{
    struct fora_secret *key = NULL;
    struct fora_key public;
    if (fora_secret_new(&key) != 0) {
        return app_fail_memory(app);
    }
    fora_secret_public(key, &public);
    fora_identity_commitment(commitment, &public);
    int error = state_next_root_keep(&app->state, key, &app->why);
    fora_secret_free(key);
    return error == 0 ? CMD_EXIT_OK : app_fail_why(app);
}

static int register_custodial(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_SIGN_UP};
    struct fora_buf password;
    const char *name = cmd_text(&app->line, "name");
    int exit = app_secret(
        app, "password-file", NULL, "Password (10 characters or more): ", true, &password);
    if (exit == CMD_EXIT_OK && password.size < 10) {
        exit = app_fail(app, CMD_EXIT_USAGE, "A password must have 10 to 1024 bytes.");
    }
    struct fora_hash next_root;
    exit = exit == CMD_EXIT_OK ? keep_next_root(app, &next_root) : exit;
    if (exit == CMD_EXIT_OK) {
        ask.u.sign_up =
            (struct fora_msg_sign_up){.handle = fora_bytes_str(cmd_argument(&app->line, 0)),
                .password = fora_buf_bytes(&password),
                .name = fora_bytes_str(name == NULL ? "" : name),
                .next_root_commitment = next_root};
        exit = enter(app, &ask, &ask.u.sign_up.session_key);
        if (exit == CMD_EXIT_REFUSED) { /* else it may have been taken, and is waited for here */
            (void)!state_next_root_forget(&app->state, &next_root, &app->why);
        }
    }
    app_forget(&password);
    if (exit == CMD_EXIT_OK) {
        app_note(app,
            "Make a copy of %s/next_roots: the node has all your keys but the one in it, which "
            "\"fora identity takeout\" needs.",
            app->state.home);
    }
    return exit;
}

/* Her profile is signed by her own key, so the node cannot make it for her. */
static int post_name(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_PROFILE};
    struct fora_object_id id;
    const char *name = cmd_text(&app->line, "name");
    content.u.profile.name = fora_bytes_str(name == NULL ? cmd_argument(&app->line, 0) : name);
    return app_post(app, NULL, NULL, NULL, &content, &id);
}

static int sign_up_own(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_SIGN_UP};
    const struct fora_message *answer;
    const char *name = cmd_text(&app->line, "name");
    if (app_sign_up_fits(app) != CMD_EXIT_OK) {
        return CMD_EXIT_REFUSED;
    }
    if (app_auth_own(app) != 0) {
        return app_fail_why(app);
    }
    ask.u.sign_up = (struct fora_msg_sign_up){.handle = fora_bytes_str(cmd_argument(&app->line, 0)),
        .name = fora_bytes_str(name == NULL ? "" : name),
        .identity = app->own.log,
        .identity_count = app->own.log_count};
    if (fora_client_call(app->client, &ask, FORA_MSG_AUTH_OK, &answer, &app->why) != 0) {
        return not_entered(app, false);
    }
    app_take_auth(app, &answer->u.auth_ok);
    int exit = save(app, &app->own.member, true, NULL);
    return exit == CMD_EXIT_OK ? post_name(app) : exit;
}

static int register_own(struct app *app)
{
    int exit = own_identity_for(app, fora_client_node(app->client));
    if (exit == CMD_EXIT_OK) {
        exit = sign_up_own(app);
    }
    if (exit == CMD_EXIT_OK) {
        app_note(app, "Make a copy of %s/identity: nobody can restore your keys for you.",
            app->state.home);
    }
    return exit;
}

int run_register(struct app *app)
{
    int exit = check_handle(app, cmd_argument(&app->line, 0));
    if (exit == CMD_EXIT_OK) {
        exit = app_connect_plain(app);
    }
    if (exit == CMD_EXIT_OK && app->has_account) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "You are %s at %s already. To become somebody else there, run \"fora logout\" first, "
            "or "
            "use another --home.",
            app->account.handle, app->address);
    }
    if (exit == CMD_EXIT_OK) {
        exit = cmd_flag(&app->line, "self-custody") ? register_own(app) : register_custodial(app);
    }
    return exit == CMD_EXIT_OK ? show_account(app, "Welcome, ") : exit;
}

static int login_custodial(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_LOGIN};
    struct fora_buf password;
    int exit = app_secret(app, "password-file", NULL, "Password: ", false, &password);
    if (exit == CMD_EXIT_OK) {
        ask.u.login = (struct fora_msg_login){.handle = fora_bytes_str(cmd_argument(&app->line, 0)),
            .password = fora_buf_bytes(&password)};
        exit = enter(app, &ask, &ask.u.login.session_key);
    }
    app_forget(&password);
    return exit;
}

int run_login(struct app *app)
{
    int exit = check_handle(app, cmd_argument(&app->line, 0));
    if (exit == CMD_EXIT_OK) {
        exit = app_connect_plain(app);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (!cmd_flag(&app->line, "self-custody")) {
        exit = login_custodial(app);
        return exit == CMD_EXIT_OK ? show_account(app, "Logged in as ") : exit;
    }
    exit = app_load_identity(app);
    if (exit == CMD_EXIT_OK && app_auth_own(app) != 0) {
        exit = app_fail_why(app);
    }
    if (exit == CMD_EXIT_OK) {
        exit = save(app, &app->own.member, true, NULL);
    }
    return exit == CMD_EXIT_OK ? show_account(app, "Logged in as ") : exit;
}

int run_logout(struct app *app)
{
    int exit = app_connect_plain(app);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (!app->has_account) {
        return app_fail(app, CMD_EXIT_CREDENTIALS, "You are not logged in at %s.", app->address);
    }
    if (state_account_remove(&app->state, &app->account.node, &app->why) != 0) {
        return app_fail_why(app);
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "node", FORA_HRP_NODE, app->account.node.b);
        return app_json(app, &w, JS_PRETTY);
    }
    if (!app->quiet) {
        fora_buf_printf(&app->out, "Logged out at %s.\n", app->address);
    }
    return CMD_EXIT_OK;
}
