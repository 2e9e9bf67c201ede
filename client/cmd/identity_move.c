/*
 * Moving to another home, and taking the keys out of one.
 *
 * A move asks nobody's leave: the entry is signed here, written here, given to the new home, and
 * then told to the old one if it answers. An old home that is dead, refuses or lies changes nothing
 * but what it shows to those who ask it.
 *
 * What she earned comes along: the old home is asked for it if it answers, and the new one gets
 * what holds of that and of what this machine kept (ATT-17).
 */
#include "cmd/carry.h"
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

/* Connects to where she goes, and away from wherever the client is. */
static int meet(struct app *app, const char *address)
{
    fora_client_close(app->client);
    app->client = NULL;
    app->logged_in = false;
    struct fora_client_options options = {.address = address,
        .agent = APP_AGENT,
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
static bool tell_old(struct app *app, struct own *own, const struct home_account *old)
{
    struct fora_message ask = {.type = FORA_MSG_PUT};
    const struct fora_message *answer;
    if (!old->known || meet(app, old->account.address) != 0 ||
        memcmp(fora_client_node(app->client)->b, old->account.node.b, FORA_ID_SIZE) != 0) {
        return false;
    }
    carry_remember(app, &app->own.member); /* it may be the last that is heard of it */
    if (own_refresh(app, own) != CMD_EXIT_OK || app_auth_own(app) != 0) {
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

struct move {
    struct home_account old;
    struct home_account here; /* where she goes, when she was there before */
    const char *handle;
    char address[FORA_CLIENT_ADDRESS_MAX];
    bool was_there;
    bool old_told;
    size_t carried; /* statements about her */
};

/* At the new home again. She has moved, whatever comes of it. */
static void carry(struct app *app, struct move *move)
{
    const struct carry_options options = {0};
    struct carry_result done = {0};
    if (meet(app, move->address) != 0 || app_auth_own(app) != 0 ||
        state_account_load(&app->state, fora_client_node(app->client), &app->account, &app->why) !=
            0 ||
        carry_publish(app, &options, &done) != CMD_EXIT_OK) {
        app_note(
            app, "What you earned was not carried along. To try again: fora reputation publish");
    }
    move->carried = done.claims;
}

static int moved(struct app *app, const struct own *own, const struct move *move)
{
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "member", FORA_HRP_MEMBER, app->own.member.b);
        js_id(&w, "home", FORA_HRP_NODE, fora_identity_home(own->identity)->b);
        js_string(&w, "address", move->address);
        js_bool(&w, "was_there", move->was_there);
        js_bool(&w, "old_home_told", move->old_told);
        js_count(&w, "carried", move->carried);
        js_bool(&w, "forked", fora_identity_forked(own->identity));
        return app_json(app, &w, JS_PRETTY);
    }
    fora_buf_printf(&app->out, "Your home is %s now%s. ", move->address,
        move->was_there ? ", where you are a member already" : "");
    if (move->old_told) {
        fora_buf_append_str(&app->out, "The old one knows, and says so to who asks.\n");
    } else if (move->old.known) {
        fora_buf_append_str(&app->out,
            "The old one was not told: it did not answer, or did not take it. Others learn it from "
            "the new one; the same command again tells it later.\n");
    } else {
        fora_buf_append_str(&app->out, "There is no old one that this machine knows.\n");
    }
    if (move->carried > 0) {
        fora_buf_printf(&app->out,
            "You carry %zu statement%s about you: what you earned is shown there, too.\n",
            move->carried, move->carried == 1 ? "" : "s");
    }
    return CMD_EXIT_OK;
}

/* Meets the new home, and finds out what there is of accounts and which handle is meant. */
static int arrive(struct app *app, struct move *move)
{
    if (meet(app, cmd_argument(&app->line, 0)) != 0) {
        return app_fail(app, CMD_EXIT_CONNECT, "%s", app->why.text);
    }
    (void)snprintf(move->address, sizeof move->address, "%s", app->address);
    const struct fora_principal_id *node = fora_client_node(app->client);
    int exit = home_known(app, node, &move->here);
    exit = exit == CMD_EXIT_OK ? home_before(app, node, &move->old) : exit;
    move->handle = cmd_text(&app->line, "handle");
    if (move->handle == NULL && move->here.known) {
        move->handle = move->here.account.handle;
    } else if (move->handle == NULL && move->old.known) {
        move->handle = move->old.account.handle;
    }
    if (exit == CMD_EXIT_OK && move->handle == NULL) {
        exit = app_fail(app, CMD_EXIT_USAGE, "Say which handle you want there with --handle NAME.");
    }
    /* Before anything is signed: she stays where she is. */
    return exit == CMD_EXIT_OK ? home_offers(app, move->handle) : exit;
}

int run_identity_move(struct app *app)
{
    struct own own = {0};
    struct move move = {.handle = NULL};
    int exit = own_open(app, &own);
    exit = exit == CMD_EXIT_OK ? arrive(app, &move) : exit;
    exit = exit == CMD_EXIT_OK ? own_refresh(app, &own) : exit;
    exit = exit == CMD_EXIT_OK ? change_home(app, &own, fora_client_node(app->client)) : exit;
    /* Written before it is told: whatever happens from here on, she has the entry. */
    exit = exit == CMD_EXIT_OK ? own_save(app, &own) : exit;
    exit = exit == CMD_EXIT_OK ? home_enter(app, &own, move.handle, &move.was_there) : exit;
    if (exit == CMD_EXIT_OK) {
        move.old_told = tell_old(app, &own, &move.old);
        exit = own_save(app, &own); /* with what the old home knew beside it */
    }
    if (exit == CMD_EXIT_OK) {
        carry(app, &move);
    }
    exit = exit == CMD_EXIT_OK ? moved(app, &own, &move) : exit;
    own_close(&own);
    fora_wipe(&move, sizeof move);
    return exit;
}
