/* A member's own keys: made, and taken to a node. */
#include "cmd/own.h"

#include <stdio.h>
#include <string.h>

static int make_keys(struct state_identity *own)
{
    int error = fora_secret_new(&own->root);
    if (error == 0) {
        error = fora_secret_new(&own->next_root);
    }
    return error == 0 ? fora_secret_new(&own->device) : error;
}

/* The first entry of the log; `home` may be NULL. */
static int make_log(struct state_identity *own, const struct fora_principal_id *home, uint64_t now)
{
    struct fora_device_key device = {.label = fora_bytes_str(own->label)};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_MEMBER, .keys = &device, .keys_count = 1};
    struct fora_key next;
    struct fora_salt salt;
    struct fora_buf entry = {0};
    fora_secret_public(own->device, &device.sign);
    fora_secret_public(own->next_root, &next);
    fora_identity_commitment(&create.next_root_commitment, &next);
    if (home != NULL) {
        create.home = *home;
    }
    fora_salt_random(&salt);
    int error = fora_identity_build_create(&entry, &create, &salt, now, own->root, &own->member);
    if (error == 0) {
        error = state_identity_append(own, fora_buf_bytes(&entry));
    }
    fora_buf_fini(&entry);
    return error;
}

static int save(struct app *app, const struct fora_buf *passphrase)
{
    return state_identity_save(&app->state, fora_buf_bytes(passphrase), &app->own, &app->why) == 0
               ? CMD_EXIT_OK
               : app_fail_why(app);
}

static int new_identity(struct app *app, const struct fora_principal_id *home)
{
    struct fora_buf passphrase = {0};
    int exit = CMD_EXIT_OK;
    fora_arena_init(&app->own.arena, STATE_FILE_MAX);
    own_label(app, app->own.label);
    if (!cmd_flag(&app->line, "no-passphrase")) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "A passphrase for your keys: ", true, &passphrase);
    }
    if (exit == CMD_EXIT_OK) {
        int error = make_keys(&app->own);
        if (error == 0) {
            error = make_log(&app->own, home, app->now);
        }
        if (error == 0) {
            exit = save(app, &passphrase);
        } else {
            exit = app_fail(app, error == FORA_E_NOMEM ? CMD_EXIT_LOCAL : CMD_EXIT_USAGE,
                "The identity cannot be made: %s (%s).", fora_error_text(error),
                fora_error_name(error));
        }
    }
    app_forget(&passphrase);
    return exit;
}

/* Adds the entry by which the member moves to `home`, unless the log says so already. */
static int move_home(struct app *app, const struct fora_principal_id *home, bool *changed)
{
    struct fora_identity *identity;
    struct fora_home_change change = {.home = *home};
    struct fora_identity_entry entry = {.home = &change};
    struct fora_buf encoded = {0};
    *changed = false;
    int error = own_fold(&app->own, &identity);
    if (error != 0) {
        return error;
    }
    if (memcmp(fora_identity_home(identity)->b, home->b, FORA_ID_SIZE) != 0 &&
        app->own.root == NULL) {
        error = FORA_E_KEY; /* a device that was added cannot move her */
    } else if (memcmp(fora_identity_home(identity)->b, home->b, FORA_ID_SIZE) != 0) {
        error = fora_identity_build_next(&encoded, identity, &entry, app->now, app->own.root);
        if (error == 0) {
            error = state_identity_append(&app->own, fora_buf_bytes(&encoded));
        }
        *changed = error == 0;
        fora_buf_fini(&encoded);
    }
    fora_identity_free(identity);
    return error;
}

int own_identity_for(struct app *app, const struct fora_principal_id *home)
{
    bool sealed = false;
    bool changed;
    struct fora_buf passphrase = {0};
    if (!state_identity_exists(&app->state)) {
        return new_identity(app, home);
    }
    if (state_identity_peek(&app->state, NULL, &sealed, &app->why) != 0) {
        return app_fail_why(app);
    }
    int exit = CMD_EXIT_OK;
    if (sealed) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "Passphrase of your keys: ", false, &passphrase);
    }
    if (exit == CMD_EXIT_OK &&
        state_identity_load(&app->state, fora_buf_bytes(&passphrase), &app->own, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    if (exit == CMD_EXIT_OK) {
        int error = move_home(app, home, &changed);
        if (error != 0) {
            exit = app_fail(app, CMD_EXIT_LOCAL, "Your identity log is damaged: %s (%s).",
                fora_error_text(error), fora_error_name(error));
        } else if (changed) {
            exit = save(app, &passphrase);
        }
    }
    app_forget(&passphrase);
    return exit;
}

int run_identity_new(struct app *app)
{
    char member[FORA_ID_TEXT_MAX];
    if (state_identity_exists(&app->state)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is an identity in %s already. Keep it, or use another folder with --home.",
            app->state.home);
    }
    int exit = new_identity(app, NULL);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    fora_id_format(member, FORA_HRP_MEMBER, app->own.member.b);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "member", member);
        js_string(&w, "file", app->state.home);
        js_bool(&w, "sealed", !cmd_flag(&app->line, "no-passphrase"));
        return app_json(app, &w, JS_PRETTY);
    }
    fora_buf_printf(&app->out, app->quiet ? "%s\n" : "Your identity is %s\n", member);
    app_note(app,
        "Make a copy of %s/identity: nobody can restore your keys for you. Take it to a node with: "
        "fora register HANDLE --self-custody",
        app->state.home);
    return CMD_EXIT_OK;
}
