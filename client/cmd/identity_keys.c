/* Devices and roots: listed, added, revoked, rotated, told to nodes. */
#include "cmd/own.h"
#include "qr/qr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *state_of(const struct fora_identity_key *key)
{
    return key->disputed ? "stolen" : key->revoked_at != 0 ? "revoked" : "active";
}

static bool is_here(const struct app *app, const struct fora_identity_key *key)
{
    struct fora_key own;
    if (app->own.device == NULL) {
        return false;
    }
    fora_secret_public(app->own.device, &own);
    return memcmp(own.b, key->sign.b, sizeof own.b) == 0;
}

static int devices_json(struct app *app, const struct own *own)
{
    struct js_writer w;
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(own->identity, &count);
    js_init_array(&w);
    for (size_t i = 0; i < count; i++) {
        js_object(&w, NULL);
        js_id(&w, "key", FORA_HRP_KEY, keys[i].sign.b);
        js_string(&w, "label", keys[i].label);
        js_string(&w, "state", state_of(&keys[i]));
        js_bool(&w, "custodial", keys[i].custodial);
        js_bool(&w, "here", is_here(app, &keys[i]));
        js_time(&w, "added_at", keys[i].added_at);
        js_time(&w, "revoked_at", keys[i].revoked_at);
        js_end(&w);
    }
    return app_json(app, &w, JS_PRETTY);
}

int run_identity_devices(struct app *app)
{
    struct own own;
    size_t count;
    int exit = own_open(app, &own);
    if (exit == CMD_EXIT_OK && app->json) {
        exit = devices_json(app, &own);
    } else if (exit == CMD_EXIT_OK) {
        const struct fora_identity_key *keys = fora_identity_keys(own.identity, &count);
        for (size_t i = 0; i < count; i++) {
            char id[FORA_ID_TEXT_MAX];
            fora_id_format(id, FORA_HRP_KEY, keys[i].sign.b);
            fora_buf_printf(&app->out, "%-8s %s  ", state_of(&keys[i]), id);
            text_clean(&app->out, fora_bytes_str(keys[i].label), false);
            fora_buf_printf(&app->out, "%s%s\n", keys[i].custodial ? ", kept by the node" : "",
                is_here(app, &keys[i]) ? ", this device" : "");
        }
    }
    own_close(&own);
    return exit;
}

/* ---- adding ---- */

int run_identity_add_device(struct app *app)
{
    struct own own = {0};
    struct fora_key key;
    const char *label = cmd_text(&app->line, "label");
    if (fora_id_parse(key.b, FORA_HRP_KEY, cmd_argument(&app->line, 0)) != 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "\"%s\" is no device code (%s1...), or a character of it is wrong. The other device "
            "shows it after: fora identity join MEMBER",
            cmd_argument(&app->line, 0), FORA_HRP_KEY);
    }
    int exit = own_begin(app, &own);
    if (exit == CMD_EXIT_OK) {
        exit = own_needs_root(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_add_device(app, &own, &key, label == NULL ? "another device" : label);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_end(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_done(
            app, &own, "The device is added. On it, log in with: fora login HANDLE --self-custody");
    }
    own_close(&own);
    return exit;
}

/* For a camera, on a terminal that is wide enough; else the text has to do. */
static void draw_code(struct app *app, const char *code)
{
    const char *term = getenv("TERM");
    struct qr_code qr;
    if (!app->terminal || app->quiet || cmd_flag(&app->line, "no-qr") || term == NULL ||
        strcmp(term, "dumb") == 0 || qr_make(&qr, code) != 0 ||
        qr_columns(&qr) > app->style.width) {
        return;
    }
    fora_buf_u8(&app->out, '\n');
    qr_draw(&app->out, &qr);
}

/* The other device: a key of its own, and the log as the node has it. */
int run_identity_join(struct app *app)
{
    struct fora_buf passphrase = {0};
    struct fora_key key;
    char code[FORA_ID_TEXT_MAX];
    struct fora_principal_id member;
    if (state_identity_exists(&app->state)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is an identity in %s already. Use another folder with --home.", app->state.home);
    }
    int exit = app_connect_plain(app);
    if (exit == CMD_EXIT_OK) {
        exit = app_member(app, cmd_argument(&app->line, 0), &member);
    }
    fora_arena_init(&app->own.arena, STATE_FILE_MAX);
    own_label(app, app->own.label);
    if (exit == CMD_EXIT_OK) {
        app->own.member = member;
        exit = own_learn(app);
    }
    if (exit == CMD_EXIT_OK && !cmd_flag(&app->line, "no-passphrase")) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "A passphrase for the key of this device: ", true, &passphrase);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &app->own.device);
    }
    if (exit == CMD_EXIT_OK &&
        state_identity_save(&app->state, fora_buf_bytes(&passphrase), &app->own, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    app_forget(&passphrase);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    fora_secret_public(app->own.device, &key);
    fora_id_format(code, FORA_HRP_KEY, key.b);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "member", FORA_HRP_MEMBER, member.b);
        js_string(&w, "code", code);
        return app_json(app, &w, JS_PRETTY);
    }
    fora_buf_printf(&app->out, app->quiet ? "%s\n" : "The code of this device:\n\n  %s\n", code);
    draw_code(app, code);
    app_note(app, "On the device that has your root key, type: fora identity add-device CODE "
                  "--label NAME");
    return CMD_EXIT_OK;
}

/* ---- revoking ---- */

/* "30m", "5h", "2d" ago, or 2026-11-22 or 2026-11-22T10:00:00Z. 0: neither. */
static uint64_t when_of(const char *text, uint64_t now)
{
    struct tm tm = {0};
    char *end;
    unsigned long count = strtoul(text, &end, 10);
    uint64_t unit = *end == 'm' ? 60000 : *end == 'h' ? 3600000 : *end == 'd' ? 86400000 : 0;
    if (end != text && unit != 0 && end[1] == '\0' && count <= now / unit) {
        return now - count * unit;
    }
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest != NULL && *rest != '\0') {
        rest = strptime(rest, "T%H:%M:%SZ", &tm);
    }
    time_t seconds = rest != NULL && *rest == '\0' ? timegm(&tm) : 0;
    return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}

static int revoke(struct app *app, struct own *own, uint64_t stolen)
{
    const struct fora_identity_key *key;
    int exit = own_find_key(app, own, cmd_argument(&app->line, 0), &key);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    bool own_key = is_here(app, key);
    struct fora_key_revocation revocation = {.sign = key->sign, .compromised_at = stolen};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    /* A device may give itself up; anything else is the root's to say. */
    if (app->own.root == NULL && own_key && stolen == 0) {
        return own_add(app, own, &entry, app->own.device);
    }
    exit = own_needs_root(app, own);
    return exit == CMD_EXIT_OK ? own_add(app, own, &entry, app->own.root) : exit;
}

int run_identity_revoke(struct app *app)
{
    struct own own = {0};
    const char *since = cmd_text(&app->line, "stolen");
    uint64_t stolen = since == NULL ? 0 : when_of(since, app->now);
    if (since != NULL && (stolen == 0 || stolen > app->now)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "\"%s\" is no time in the past: 30m, 5h or 2d ago, 2026-11-22, or "
            "2026-11-22T10:00:00Z.",
            since);
    }
    int exit = own_begin(app, &own);
    if (exit == CMD_EXIT_OK) {
        exit = revoke(app, &own, stolen);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_end(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_done(app, &own,
            stolen == 0 ? "Revoked: from now on that key does not speak for you."
                        : "Revoked as stolen: what it signed since then is gone, and what it dates "
                          "before then stands only where a node received it in time.");
    }
    own_close(&own);
    return exit;
}

/* ---- rotating ---- */

int run_identity_rotate(struct app *app)
{
    struct own own = {0};
    struct fora_secret *next = NULL;
    int exit = own_begin(app, &own);
    if (exit == CMD_EXIT_OK) {
        exit = own_needs_root(app, &own);
    }
    if (exit == CMD_EXIT_OK && app->own.next_root == NULL) {
        exit = app_fail(app, CMD_EXIT_CREDENTIALS, "The next root key is not on this device.");
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &next);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_rotate(app, &own, app->own.next_root, next, false);
    }
    if (exit == CMD_EXIT_OK) {
        fora_secret_free(app->own.root);
        app->own.root = app->own.next_root;
        app->own.next_root = next;
        next = NULL;
        exit = own_end(app, &own);
    }
    fora_secret_free(next);
    if (exit == CMD_EXIT_OK) {
        app_note(app, "Make a new copy and a new paper kit: the old ones do not recover you.");
        exit = own_done(app, &own, "Rotated: another root key is in force.");
    }
    own_close(&own);
    return exit;
}

int run_identity_publish(struct app *app)
{
    struct own own = {0};
    int exit = own_begin(app, &own);
    if (exit == CMD_EXIT_OK) {
        exit = own_end(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_done(app, &own, "The node has your whole log.");
    }
    own_close(&own);
    return exit;
}
