/* Opening, refreshing, signing, saving and telling a member's own log. */
#include "cmd/own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void own_label(const struct app *app, char out[65])
{
    const char *label = cmd_text(&app->line, "label");
    char host[65] = "";
    if (label == NULL && gethostname(host, sizeof host - 1) == 0) {
        label = host;
    }
    if (label == NULL || label[0] == '\0') {
        label = "this device";
    }
    size_t size = strlen(label) < 64 ? strlen(label) : 64;
    memcpy(out, label, size);
    out[size] = '\0';
}

int own_new_key(struct app *app, struct fora_secret **out)
{
    return fora_secret_new(out) == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}

/* ---- the log ---- */

static int add_encoded(struct fora_identity *identity, struct fora_bytes encoded)
{
    struct fora_object entry;
    int error = fora_object_decode(&entry, encoded);
    if (error == 0) {
        error = fora_object_verify(&entry);
    }
    return error == 0 ? fora_identity_add(identity, &entry) : error;
}

int own_fold(const struct state_identity *keys, struct fora_identity **out)
{
    int error = fora_identity_new(out);
    for (size_t i = 0; error == 0 && i < keys->log_count; i++) {
        error = add_encoded(*out, keys->log[i]);
    }
    if (error != 0) {
        fora_identity_free(*out);
        *out = NULL;
    }
    return error;
}

static bool has_entry(const struct state_identity *keys, struct fora_bytes entry)
{
    for (size_t i = 0; i < keys->log_count; i++) {
        if (fora_bytes_equal(keys->log[i], entry)) {
            return true;
        }
    }
    return false;
}

/* Takes what follows, in whatever order it came; returns a code for no memory only. */
static int merge(struct app *app, struct own *own, const struct fora_bytes *objects, size_t count)
{
    bool again = true;
    for (size_t round = 0; again && round <= count; round++) {
        again = false;
        for (size_t i = 0; i < count; i++) {
            struct fora_object object;
            if (fora_object_decode(&object, objects[i]) != 0 ||
                object.header.kind != FORA_KIND_IDENTITY || has_entry(&app->own, objects[i])) {
                continue;
            }
            int error = add_encoded(own->identity, objects[i]);
            if (error == 0) {
                error = state_identity_append(&app->own, objects[i]);
                again = true;
            }
            if (error == FORA_E_NOMEM) {
                return error;
            }
        }
    }
    return 0;
}

/* What the node has of that member. *out is borrowed until the next call. */
static int ask_log(struct app *app, const struct fora_msg_principal_objects **out)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    ask.u.get_principal.principal = app->own.member;
    *out = NULL;
    int error = fora_client_call(app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &app->why);
    if (error == 0) {
        *out = &answer->u.principal_objects;
    }
    return error == FORA_E_ABSENT ? 0 : error;
}

int own_refresh(struct app *app, struct own *own)
{
    const struct fora_msg_principal_objects *got;
    if (ask_log(app, &got) != 0) {
        return app_fail_why(app);
    }
    if (got != NULL && merge(app, own, got->objects, got->objects_count) != 0) {
        return app_fail_memory(app);
    }
    if (fora_identity_forked(own->identity) && !own->was_forked) {
        app_note(app, "Your identity log is forked: somebody else signed with one of your keys, or "
                      "two of your devices did at once. See \"fora identity show\".");
        own->was_forked = true;
    }
    return CMD_EXIT_OK;
}

int own_learn(struct app *app)
{
    const struct fora_msg_principal_objects *got;
    struct own own = {0};
    if (ask_log(app, &got) != 0) {
        return app_fail_why(app);
    }
    if (fora_identity_new(&own.identity) != 0) {
        return app_fail_memory(app);
    }
    int error = got == NULL ? 0 : merge(app, &own, got->objects, got->objects_count);
    bool known =
        memcmp(fora_identity_principal(own.identity)->b, app->own.member.b, FORA_ID_SIZE) == 0;
    fora_identity_free(own.identity);
    if (error != 0) {
        return app_fail_memory(app);
    }
    return known ? CMD_EXIT_OK
                 : app_fail(app, CMD_EXIT_NOTFOUND,
                       "%s does not know that member. Name a node that does with --node.",
                       app->address);
}

/* ---- opening ---- */

int own_open(struct app *app, struct own *own)
{
    bool sealed = false;
    int exit = CMD_EXIT_OK;
    *own = (struct own){0};
    int error = state_identity_peek(&app->state, NULL, &sealed, &app->why);
    if (error == FORA_E_NOTFOUND) {
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "There are no keys of your own in %s/identity. Make them with \"fora identity new\", "
            "or take them out of your node with \"fora identity takeout\".",
            app->state.home);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    if (sealed) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "Passphrase of your keys: ", false, &own->passphrase);
    }
    state_identity_fini(&app->own);
    if (exit == CMD_EXIT_OK && state_identity_load(&app->state, fora_buf_bytes(&own->passphrase),
                                   &app->own, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    if (exit == CMD_EXIT_OK && own_fold(&app->own, &own->identity) != 0) {
        exit = app_fail(app, CMD_EXIT_LOCAL,
            "The log in %s/identity is damaged. Restore the file from your copy.", app->state.home);
    }
    own->was_forked = own->identity != NULL && fora_identity_forked(own->identity);
    return exit;
}

void own_close(struct own *own)
{
    app_forget(&own->passphrase);
    fora_identity_free(own->identity);
    own->identity = NULL;
}

/* ---- signing ---- */

int own_needs_root(struct app *app, const struct own *own)
{
    struct fora_key key;
    if (app->own.root == NULL) {
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "This device has no root key: do it on the device where the identity was made, or "
            "recover it here with: fora identity recover");
    }
    fora_secret_public(app->own.root, &key);
    if (memcmp(key.b, fora_identity_root(own->identity)->b, sizeof key.b) != 0) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "The root key of this machine is not in force any more: your log was rotated "
            "elsewhere. If that was not you, run: fora identity recover");
    }
    return CMD_EXIT_OK;
}

int own_add(struct app *app, struct own *own, struct fora_identity_entry *entry,
    const struct fora_secret *signer)
{
    struct fora_buf encoded = {0};
    int error = fora_identity_build_next(&encoded, own->identity, entry, app->now, signer);
    if (error == 0) {
        error = add_encoded(own->identity, fora_buf_bytes(&encoded));
    }
    if (error == 0) {
        error = state_identity_append(&app->own, fora_buf_bytes(&encoded));
    }
    fora_buf_fini(&encoded);
    own->told = false;
    return error == 0 ? CMD_EXIT_OK
                      : app_fail(app, app_exit_of(error), "Your log does not take that: %s (%s).",
                            fora_error_text(error), fora_error_name(error));
}

int own_rotate(struct app *app, struct own *own, const struct fora_secret *by,
    const struct fora_secret *next, bool recover)
{
    struct fora_root_rotation rotation;
    struct fora_recovery recovery;
    struct fora_key key;
    fora_secret_public(next, &key);
    fora_identity_commitment(&rotation.next_root_commitment, &key);
    recovery.next_root_commitment = rotation.next_root_commitment;
    struct fora_identity_entry entry = {
        .rotate = recover ? NULL : &rotation, .recover = recover ? &recovery : NULL};
    return own_add(app, own, &entry, by);
}

int own_add_device(struct app *app, struct own *own, const struct fora_key *key, const char *label)
{
    struct fora_device_key device = {.sign = *key, .label = fora_bytes_str(label)};
    struct fora_identity_entry entry = {.add_key = &device};
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(own->identity, &count);
    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i].sign.b, key->b, sizeof key->b) == 0) {
            return app_fail(app, CMD_EXIT_REFUSED, "%s",
                keys[i].revoked_at == 0
                    ? "That device speaks for you already. A node that does not know it yet is "
                      "told with: fora --node NODE identity publish"
                    : "That device was revoked, and its key does not come back. Make another one "
                      "there: fora identity join");
        }
    }
    return own_add(app, own, &entry, app->own.root);
}

/* ---- saving and telling ---- */

int own_save(struct app *app, const struct own *own)
{
    return state_identity_save(
               &app->state, fora_buf_bytes(&own->passphrase), &app->own, &app->why) == 0
               ? CMD_EXIT_OK
               : app_fail_why(app);
}

int own_tell(struct app *app, struct own *own)
{
    struct fora_message ask = {.type = FORA_MSG_PUT};
    const struct fora_message *answer;
    if (app->client == NULL) {
        return CMD_EXIT_OK;
    }
    if (!app->logged_in && app_auth_own(app) != 0) {
        return app_fail_why(app);
    }
    ask.u.put = (struct fora_msg_put){.objects = app->own.log, .objects_count = app->own.log_count};
    int exit = app_call(app, &ask, FORA_MSG_PUT_RESULT, &answer);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    const struct fora_msg_put_result *result = &answer->u.put_result;
    for (size_t i = 0; i < result->results_count; i++) {
        int code = fora_error_from_wire(result->results[i].code);
        if (code != 0) {
            return app_fail(app, app_exit_of(code), "%s does not take your log: %s (%s).",
                app->address, fora_error_text(code), fora_error_name(code));
        }
    }
    own->told = true;
    return CMD_EXIT_OK;
}

int own_begin(struct app *app, struct own *own)
{
    int exit = own_open(app, own);
    if (exit != CMD_EXIT_OK || cmd_flag(&app->line, "offline")) {
        return exit;
    }
    exit = app_connect_plain(app);
    /* Before anything changes: the device may be about to lose its right. */
    if (exit == CMD_EXIT_OK && app_auth_own(app) != 0) {
        exit = app_fail(app, app_exit_of(app->why.code),
            "%s does not let you in: %s To change your log here and tell the node later, add "
            "--offline.",
            app->address, app->why.text);
    }
    return exit == CMD_EXIT_OK ? own_refresh(app, own) : exit;
}

int own_end(struct app *app, struct own *own)
{
    int exit = own_save(app, own);
    return exit == CMD_EXIT_OK ? own_tell(app, own) : exit;
}

/* ---- keys by name ---- */

int own_find_key(
    struct app *app, const struct own *own, const char *name, const struct fora_identity_key **out)
{
    size_t count;
    size_t found = 0;
    const struct fora_identity_key *keys = fora_identity_keys(own->identity, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].label, name) == 0 ||
            state_prefix_matches(FORA_HRP_KEY, keys[i].sign.b, name)) {
            *out = &keys[i];
            found++;
        }
    }
    if (found == 0) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "There is no key \"%s\". \"fora identity devices\" lists them; at least 6 characters "
            "of a key name it, or its label.",
            name);
    }
    return found == 1 ? CMD_EXIT_OK
                      : app_fail(app, CMD_EXIT_USAGE,
                            "\"%s\" names %zu keys. Give more of the key's id.", name, found);
}

int own_done(struct app *app, const struct own *own, const char *done)
{
    if (!app->json) {
        if (!app->quiet) {
            fora_buf_printf(&app->out, "%s\n", done);
            if (!own->told) {
                fora_buf_append_str(
                    &app->out, "Written here only. Tell a node with: fora identity publish\n");
            }
        }
        return CMD_EXIT_OK;
    }
    struct js_writer w;
    js_init_object(&w);
    js_id(&w, "member", FORA_HRP_MEMBER, app->own.member.b);
    js_id(&w, "head", FORA_HRP_OBJECT, fora_identity_head(own->identity)->b);
    js_count(&w, "entries", app->own.log_count);
    js_bool(&w, "told", own->told);
    js_bool(&w, "forked", fora_identity_forked(own->identity));
    return app_json(app, &w, JS_PRETTY);
}
