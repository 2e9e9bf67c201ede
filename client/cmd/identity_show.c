/* An identity read aloud: who, where, with which keys, what happened, and what does not fit. */
#include "cmd/own.h"
#include "cmd/people.h"

#include <string.h>

/* What is shown: one's own, as this machine has it, or a member's, as the node has it. */
struct shown {
    const struct fora_identity *identity;
    const char *file; /* NULL: somebody else's */
    bool sealed;
};

static const char *operation(const struct fora_identity_entry *entry)
{
    return entry->create != NULL       ? "create"
           : entry->add_key != NULL    ? "add-key"
           : entry->revoke_key != NULL ? "revoke-key"
           : entry->rotate != NULL     ? "rotate"
           : entry->recover != NULL    ? "recover"
           : entry->home != NULL       ? "home"
                                       : "node";
}

/* The key or node that the entry is about, or NULL. */
static const uint8_t *about(const struct fora_identity_entry *entry, const char **hrp)
{
    *hrp = FORA_HRP_KEY;
    if (entry->add_key != NULL) {
        return entry->add_key->sign.b;
    }
    if (entry->revoke_key != NULL) {
        return entry->revoke_key->sign.b;
    }
    *hrp = FORA_HRP_NODE;
    return entry->home != NULL ? entry->home->home.b : NULL;
}

/* ---- JSON ---- */

static void keys_json(struct js_writer *w, const struct fora_identity *identity)
{
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(identity, &count);
    js_array(w, "keys");
    for (size_t i = 0; i < count; i++) {
        js_object(w, NULL);
        js_id(w, "key", FORA_HRP_KEY, keys[i].sign.b);
        js_string(w, "label", keys[i].label);
        js_bool(w, "custodial", keys[i].custodial);
        js_bool(w, "disputed", keys[i].disputed);
        js_time(w, "added_at", keys[i].added_at);
        js_time(w, "revoked_at", keys[i].revoked_at);
        js_end(w);
    }
    js_end(w);
}

static void history_json(struct js_writer *w, const struct fora_identity *identity)
{
    struct fora_identity_step step;
    js_array(w, "history");
    for (size_t i = 0; fora_identity_step_at(identity, i, &step); i++) {
        const char *hrp;
        const uint8_t *id = about(step.entry, &hrp);
        js_object(w, NULL);
        js_id(w, "id", FORA_HRP_OBJECT, step.id->b);
        js_id(w, "parent", FORA_HRP_OBJECT, step.parent->b);
        js_string(w, "operation", operation(step.entry));
        js_id(w, "signer", FORA_HRP_KEY, step.signer->b);
        js_time(w, "created_at", step.created_at);
        js_bool(w, "stands", step.winning);
        if (id != NULL) {
            js_id(w, "about", hrp, id);
        }
        js_end(w);
    }
    js_end(w);
}

static int show_json(struct app *app, const struct shown *shown)
{
    struct js_writer w;
    const struct fora_identity *identity = shown->identity;
    size_t entries = 0;
    struct fora_identity_step step;
    while (fora_identity_step_at(identity, entries, &step)) {
        entries++;
    }
    bool node = fora_identity_type(identity) == FORA_PRINCIPAL_NODE;
    js_init_object(&w);
    js_id(
        &w, "member", node ? FORA_HRP_NODE : FORA_HRP_MEMBER, fora_identity_principal(identity)->b);
    if (shown->file != NULL) {
        js_string(&w, "file", shown->file);
        js_bool(&w, "sealed", shown->sealed);
    }
    js_id(&w, "home", FORA_HRP_NODE, fora_identity_home(identity)->b);
    js_id(&w, "root", FORA_HRP_KEY, fora_identity_root(identity)->b);
    js_count(&w, "entries", entries);
    js_bool(&w, "forked", fora_identity_forked(identity));
    keys_json(&w, identity);
    history_json(&w, identity);
    return app_json(app, &w, JS_PRETTY);
}

/* ---- text ---- */

static void keys_text(struct app *app, const struct fora_identity *identity)
{
    struct fora_buf *out = &app->out;
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(identity, &count);
    for (size_t i = 0; i < count; i++) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_KEY, keys[i].sign.b);
        fora_buf_printf(out, "key  %s ", id);
        text_clean(out, fora_bytes_str(keys[i].label), false);
        fora_buf_append_str(out, keys[i].custodial ? ", kept by the node" : "");
        fora_buf_append_str(out, keys[i].disputed          ? ", stolen "
                                 : keys[i].revoked_at != 0 ? ", revoked "
                                                           : ", added ");
        text_ago(out, keys[i].revoked_at != 0 ? keys[i].revoked_at : keys[i].added_at, app->now);
        fora_buf_u8(out, '\n');
    }
}

static void step_text(struct app *app, const struct fora_identity_step *step)
{
    struct fora_buf *out = &app->out;
    const char *hrp;
    const uint8_t *id = about(step->entry, &hrp);
    fora_buf_append_str(out, "  ");
    text_time(out, step->created_at);
    fora_buf_printf(out, "  %-10s", operation(step->entry));
    if (id != NULL) {
        fora_buf_u8(out, ' ');
        app_short_id(out, hrp, id);
    }
    fora_buf_append_str(out, "  signed by ");
    app_short_id(out, FORA_HRP_KEY, step->signer->b);
    fora_buf_u8(out, '\n');
}

static void history_text(struct app *app, const struct fora_identity *identity)
{
    struct fora_identity_step step;
    bool beside = false;
    fora_buf_append_str(&app->out, "history\n");
    for (size_t i = 0; fora_identity_step_at(identity, i, &step); i++) {
        if (!step.winning && !beside) {
            fora_buf_append_str(&app->out,
                "forked: these were signed too, and do not count. Somebody else has, or had, one "
                "of these keys, or two devices signed at once.\n");
            beside = true;
        }
        step_text(app, &step);
    }
}

static void show_text(struct app *app, const struct shown *shown)
{
    struct fora_buf *out = &app->out;
    const struct fora_identity *identity = shown->identity;
    char id[FORA_ID_TEXT_MAX];
    bool node = fora_identity_type(identity) == FORA_PRINCIPAL_NODE;
    fora_id_format(
        id, node ? FORA_HRP_NODE : FORA_HRP_MEMBER, fora_identity_principal(identity)->b);
    fora_buf_printf(out, "%s\n", id);
    if (shown->file != NULL) {
        fora_buf_printf(out, "in %s/identity, %s\n", shown->file,
            shown->sealed ? "sealed under a passphrase" : "without a passphrase");
    }
    if (!fora_id_is_zero(fora_identity_home(identity)->b)) {
        fora_id_format(id, FORA_HRP_NODE, fora_identity_home(identity)->b);
        fora_buf_printf(out, "home %s\n", id);
    } else if (!node) {
        fora_buf_append_str(out, "without a home: fora register HANDLE --self-custody\n");
    }
    fora_id_format(id, FORA_HRP_KEY, fora_identity_root(identity)->b);
    fora_buf_printf(out, "root %s\n", id);
    keys_text(app, identity);
    history_text(app, identity);
}

static int show(struct app *app, const struct shown *shown)
{
    if (app->json) {
        return show_json(app, shown);
    }
    show_text(app, shown);
    return CMD_EXIT_OK;
}

/* ---- whose ---- */

/* As the node has it, which the client is connected to. */
static int show_member(struct app *app, const struct fora_principal_id *id)
{
    struct people people = {0};
    int exit = people_ask(app, app->client, &people, id);
    if (exit == CMD_EXIT_OK) {
        const struct person *person = people_find(&people, id);
        exit = person == NULL || person->identity == NULL
                   ? app_fail(app, CMD_EXIT_NOTFOUND, "The node does not know that member.")
                   : show(app, &(struct shown){.identity = person->identity});
    }
    people_fini(&people);
    return exit;
}

static int show_other(struct app *app)
{
    struct fora_principal_id id;
    int exit = app_connect(app, APP_ANYONE);
    exit = exit == CMD_EXIT_OK ? app_member(app, cmd_argument(&app->line, 0), &id) : exit;
    return exit == CMD_EXIT_OK ? show_member(app, &id) : exit;
}

/* No keys here: the node may keep them. */
static int show_kept(struct app *app)
{
    char address[FORA_CLIENT_ADDRESS_MAX];
    int exit = CMD_EXIT_OK;
    if (state_account_last(&app->state, address, &app->why) == 0) {
        exit = app_connect(app, APP_ANYONE);
    }
    if (exit == CMD_EXIT_OK && app->has_account && !app->account.self_custody) {
        return show_member(app, &app->account.member);
    }
    return exit != CMD_EXIT_OK ? exit
                               : app_fail(app, CMD_EXIT_NOTFOUND,
                                     "There is no identity in %s. Make one with: fora identity new",
                                     app->state.home);
}

int run_identity_show(struct app *app)
{
    struct fora_identity *identity;
    bool sealed;
    if (cmd_argument(&app->line, 0) != NULL) {
        return show_other(app);
    }
    int error = state_identity_peek(&app->state, &app->own, &sealed, &app->why);
    if (error == FORA_E_NOTFOUND) {
        return show_kept(app);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    error = own_fold(&app->own, &identity);
    if (error != 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "Your identity log is damaged: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    int exit =
        show(app, &(struct shown){.identity = identity, .file = app->state.home, .sealed = sealed});
    fora_identity_free(identity);
    return exit;
}
