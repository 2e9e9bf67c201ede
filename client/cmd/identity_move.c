/*
 * Moving to another home, and taking the keys out of one.
 *
 * A move asks nobody's leave: the entry is signed here, written here, given to the new home, and
 * then told to the old one if it answers. An old home that is dead, refuses or lies changes nothing
 * but what it shows to those who ask it.
 */
#include "cmd/own.h"

#include <stdio.h>
#include <string.h>

/* ---- moving ---- */

static int change_home(struct app *app, struct own *own, const struct fora_principal_id *home)
{
    struct fora_home_change change = {.home = *home};
    struct fora_identity_entry entry = {.home = &change};
    if (memcmp(fora_identity_home(own->identity)->b, home->b, FORA_ID_SIZE) == 0) {
        return CMD_EXIT_OK;
    }
    int exit = own_needs_root(app, own);
    return exit == CMD_EXIT_OK ? own_add(app, own, &entry, app->own.root) : exit;
}

/* The account at the old home, if this client has one. */
struct old_home {
    bool known;
    struct state_account account;
};

static int find_old(struct app *app, const struct own *own, struct old_home *old)
{
    int error = state_account_load(
        &app->state, fora_identity_home(own->identity), &old->account, &app->why);
    old->known = error == 0;
    return error == 0 || error == FORA_E_NOTFOUND ? CMD_EXIT_OK : app_fail_why(app);
}

/* Connects to where she goes, and away from wherever the client is. */
static int meet(struct app *app, const char *address)
{
    fora_client_close(app->client);
    app->client = NULL;
    app->logged_in = false;
    struct fora_client_options options = {.address = address,
        .agent = "fora/0.1.0",
        .call_timeout_ms = (uint64_t)app->config.timeout * 1000};
    struct fora_client_address parsed;
    bool fresh;
    int error = fora_client_address_parse(&parsed, address, &app->why);
    if (error == 0) {
        error = fora_client_open(&app->client, &options, &app->why);
    }
    if (error == 0) {
        fora_client_address_format(app->address, &parsed);
        error = state_pin(
            &app->state, app->address, fora_client_node(app->client), app->now, &fresh, &app->why);
    }
    return error;
}

/* The old home is told, so that it shows where she went. Whatever it does is no failure. */
static bool tell_old(struct app *app, struct own *own, const struct old_home *old)
{
    struct fora_message ask = {.type = FORA_MSG_PUT};
    const struct fora_message *answer;
    if (!old->known || meet(app, old->account.address) != 0 ||
        memcmp(fora_client_node(app->client)->b, old->account.node.b, FORA_ID_SIZE) != 0 ||
        own_refresh(app, own) != CMD_EXIT_OK || app_auth_own(app) != 0) {
        return false;
    }
    ask.u.put = (struct fora_msg_put){.objects = app->own.log, .objects_count = app->own.log_count};
    if (fora_client_call(app->client, &ask, FORA_MSG_PUT_RESULT, &answer, &app->why) != 0) {
        return false;
    }
    for (size_t i = 0; i < answer->u.put_result.results_count; i++) {
        if (answer->u.put_result.results[i].code != 0) {
            return false;
        }
    }
    return true;
}

static int sign_up(struct app *app, const char *handle)
{
    struct fora_message ask = {.type = FORA_MSG_SIGN_UP};
    const struct fora_message *answer;
    if (app_sign_up_fits(app) != CMD_EXIT_OK) {
        return CMD_EXIT_REFUSED;
    }
    if (app_auth_own(app) != 0) {
        return app_fail_why(app);
    }
    ask.u.sign_up = (struct fora_msg_sign_up){.handle = fora_bytes_str(handle),
        .name = fora_bytes_str(app->name[0] != '\0' ? app->name : handle),
        .identity = app->own.log,
        .identity_count = app->own.log_count};
    int exit = app_call(app, &ask, FORA_MSG_AUTH_OK, &answer);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    app_take_auth(app, &answer->u.auth_ok);
    struct state_account account = {
        .node = *fora_client_node(app->client), .member = app->own.member, .self_custody = true};
    (void)snprintf(account.address, sizeof account.address, "%s", app->address);
    (void)snprintf(account.handle, sizeof account.handle, "%s", handle);
    return state_account_save(&app->state, &account, &app->why) == 0 ? CMD_EXIT_OK
                                                                     : app_fail_why(app);
}

static int moved(struct app *app, const struct own *own, const char *address, bool old_told)
{
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "member", FORA_HRP_MEMBER, app->own.member.b);
        js_id(&w, "home", FORA_HRP_NODE, fora_identity_home(own->identity)->b);
        js_string(&w, "address", address);
        js_bool(&w, "old_home_told", old_told);
        js_bool(&w, "forked", fora_identity_forked(own->identity));
        return app_json(app, &w, JS_PRETTY);
    }
    fora_buf_printf(&app->out, "Your home is %s now. %s\n", address,
        old_told ? "The old one knows, and says so to who asks."
                 : "The old one was not told: it did not answer, or did not take it. Others learn "
                   "it from the new one.");
    return CMD_EXIT_OK;
}

int run_identity_move(struct app *app)
{
    struct own own = {0};
    struct old_home old = {0};
    char address[FORA_CLIENT_ADDRESS_MAX] = "";
    const char *handle = cmd_text(&app->line, "handle");
    int exit = own_open(app, &own);
    if (exit == CMD_EXIT_OK) {
        exit = find_old(app, &own, &old);
    }
    if (exit == CMD_EXIT_OK && handle == NULL && !old.known) {
        exit = app_fail(app, CMD_EXIT_USAGE, "Say which handle you want there with --handle NAME.");
    }
    if (exit == CMD_EXIT_OK && meet(app, cmd_argument(&app->line, 0)) != 0) {
        exit = app_fail(app, CMD_EXIT_CONNECT, "%s", app->why.text);
    }
    if (exit == CMD_EXIT_OK) {
        (void)snprintf(address, sizeof address, "%s", app->address);
        exit = own_refresh(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = change_home(app, &own, fora_client_node(app->client));
    }
    /* Written before it is told: whatever happens from here on, she has the entry. */
    if (exit == CMD_EXIT_OK) {
        exit = own_save(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = sign_up(app, handle != NULL ? handle : old.account.handle);
    }
    if (exit == CMD_EXIT_OK) {
        bool told = tell_old(app, &own, &old);
        exit = own_save(app, &own); /* with what the old home knew beside it */
        if (exit == CMD_EXIT_OK) {
            exit = moved(app, &own, address, told);
        }
    }
    own_close(&own);
    fora_wipe(&old, sizeof old);
    return exit;
}

/* ---- taking out ---- */

static int seeds_to_keys(
    struct app *app, const struct fora_msg_taken_out *out, struct fora_secret *keys[2])
{
    if (fora_secret_from_seed(&keys[0], out->root.b) != 0 ||
        fora_secret_from_seed(&keys[1], out->next_root.b) != 0) {
        return app_fail_memory(app);
    }
    return CMD_EXIT_OK;
}

static int ask_keys(struct app *app, struct fora_secret *keys[2], struct fora_key *custodial)
{
    struct fora_message ask = {.type = FORA_MSG_TAKE_OUT};
    const struct fora_message *answer;
    struct fora_secret *device;
    struct fora_buf password = {0};
    int exit = app_secret(app, "password-file", NULL, "Password at the node: ", false, &password);
    if (exit == CMD_EXIT_OK) {
        ask.u.take_out.password = fora_buf_bytes(&password);
        exit = app_call(app, &ask, FORA_MSG_TAKEN_OUT, &answer);
    }
    app_forget(&password);
    if (exit == CMD_EXIT_OK) {
        exit = seeds_to_keys(app, &answer->u.taken_out, keys);
    }
    if (exit == CMD_EXIT_OK && fora_secret_from_seed(&device, answer->u.taken_out.device.b) != 0) {
        exit = app_fail_memory(app);
    } else if (exit == CMD_EXIT_OK) {
        fora_secret_public(device, custodial);
        fora_secret_free(device);
    }
    return exit;
}

/* A device of her own; twice another root, the second one never seen by the node (ID-13). */
static int take_over(
    struct app *app, struct own *own, struct fora_secret *keys[2], const struct fora_key *custodial)
{
    struct fora_secret *mine = NULL;
    struct fora_key key;
    app->own.root = keys[0];
    keys[0] = NULL;
    int exit = own_needs_root(app, own);
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &app->own.device);
    }
    if (exit == CMD_EXIT_OK) {
        fora_secret_public(app->own.device, &key);
        exit = own_add_device(app, own, &key, app->own.label);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &mine);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_rotate(app, own, keys[1], mine, false);
    }
    fora_secret_free(app->own.root);
    app->own.root = mine;
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &app->own.next_root);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_rotate(app, own, app->own.root, app->own.next_root, false);
    }
    if (exit == CMD_EXIT_OK && cmd_flag(&app->line, "revoke")) {
        struct fora_key_revocation revocation = {.sign = *custodial};
        struct fora_identity_entry entry = {.revoke_key = &revocation};
        exit = own_add(app, own, &entry, app->own.root);
    }
    return exit;
}

static int take_out(struct app *app, struct own *own)
{
    struct fora_secret *keys[2] = {NULL, NULL};
    struct fora_key custodial;
    int exit = ask_keys(app, keys, &custodial);
    if (exit == CMD_EXIT_OK) {
        fora_arena_init(&app->own.arena, STATE_FILE_MAX);
        app->own.member = app->account.member;
        own_label(app, app->own.label);
        exit = own_learn(app);
    }
    if (exit == CMD_EXIT_OK && own_fold(&app->own, &own->identity) != 0) {
        exit = app_fail(app, CMD_EXIT_REFUSED, "The node's copy of your log does not verify.");
    }
    if (exit == CMD_EXIT_OK) {
        exit = take_over(app, own, keys, &custodial);
    }
    fora_secret_free(keys[0]);
    fora_secret_free(keys[1]);
    return exit;
}

int run_identity_takeout(struct app *app)
{
    struct own own = {0};
    if (state_identity_exists(&app->state)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is an identity in %s already. Use another folder with --home.", app->state.home);
    }
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK && app->account.self_custody) {
        exit = app_fail(app, CMD_EXIT_USAGE, "Your keys are your own already.");
    }
    if (exit == CMD_EXIT_OK && !cmd_flag(&app->line, "no-passphrase")) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "A passphrase for your keys: ", true, &own.passphrase);
    }
    if (exit == CMD_EXIT_OK) {
        exit = take_out(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_end(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        app->account.self_custody = true;
        if (state_account_save(&app->state, &app->account, &app->why) != 0) {
            exit = app_fail_why(app);
        }
    }
    if (exit == CMD_EXIT_OK) {
        app_note(app, "Make a copy (fora identity export) and a paper kit (fora identity kit): "
                      "nobody can restore your keys for you.");
        exit = own_done(app, &own,
            cmd_flag(&app->line, "revoke")
                ? "Your keys are here, and the node cannot act in your name any more."
                : "Your keys are here. The node can still sign for you until you revoke its key: "
                  "fora identity revoke home");
    }
    own_close(&own);
    return exit;
}
