/* forad subscribe, unsubscribe, claim: what an admin tells the running node. */
#include "cmd/forad.h"
#include "core/accounts.h"
#include "core/node.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int read_space_id(struct app *app, struct fora_space_id *out)
{
    const char *text = cmd_argument(&app->line, 0);
    return fora_id_parse(out->b, FORA_HRP_SPACE, text) == 0
               ? FORAD_OK
               : app_fail(app, FORAD_USAGE,
                     "\"%.100s\" is not the id of a space (foras1...). The node that has the space "
                     "shows it with: fora spaces --verbose",
                     text);
}

/* "host:port", with the port of Fora when none is given. */
static int read_address(
    struct app *app, struct fora_client_address *out, char text[FORA_CLIENT_ADDRESS_MAX])
{
    if (fora_client_address_parse(out, cmd_argument(&app->line, 1), &app->why) != 0) {
        return app_fail_why(app);
    }
    fora_client_address_format(text, out);
    return FORAD_OK;
}

static int told(struct app *app, const char *done)
{
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_bool(&w, "ok", true);
        return app_json(app, &w);
    }
    if (!app->quiet) {
        fora_buf_printf(&app->out, "%s\n", done);
    }
    return FORAD_OK;
}

/* Ok is all that the node says. */
static int tell(struct app *app, struct fora_message *ask, const char *done)
{
    const struct fora_message *answer;
    int exit = app_call(app, ask, FORA_MSG_OK, &answer);
    return exit == FORAD_OK ? told(app, done) : exit;
}

/* The same for a claim, where what is absent has a name. */
static int tell_claim(struct app *app, struct fora_message *ask, const char *source)
{
    const struct fora_message *answer;
    if (fora_client_call(app->client, ask, FORA_MSG_OK, &answer, &app->why) == 0) {
        return told(app, "Claimed: the handle and the password log in from now on.");
    }
    return app->why.code != FORA_E_ABSENT
               ? app_fail_why(app)
               : app_fail(app, FORAD_NOTFOUND,
                     "Nobody was imported as \"%.200s\" (ABSENT). Only who wrote something has an "
                     "identity here; the site is called what \"forad import\" was told.",
                     source);
}

/* ---- what becomes of a subscription ---- */

enum outcome { CONNECTING, FETCHING, CAUGHT_UP, TROUBLE };

static const struct fora_msg_subscription_row *row_of(
    const struct fora_msg_node_status *status, const struct fora_msg_subscribe *asked)
{
    for (size_t i = 0; i < status->subscriptions_count; i++) {
        const struct fora_msg_subscription_row *row = &status->subscriptions[i];
        if (fora_bytes_equal(row->address, asked->address) &&
            memcmp(row->space.b, asked->space.b, sizeof row->space.b) == 0) {
            return row;
        }
    }
    return NULL;
}

static enum outcome outcome_of(const struct fora_msg_node_status *status,
    const struct fora_msg_subscribe *asked, struct fora_bytes *error)
{
    const struct fora_msg_subscription_row *row = row_of(status, asked);
    if (row != NULL) {
        *error = row->error;
        return row->caught_up        ? CAUGHT_UP
               : row->error.size > 0 ? TROUBLE
               : row->position > 0   ? FETCHING
                                     : CONNECTING;
    }
    return CONNECTING;
}

static int say_outcome(struct app *app, enum outcome outcome, struct fora_bytes error)
{
    static const char *const words[] = {"connecting", "fetching", "caught-up", "trouble"};
    static const char *const sentences[] = {
        "Subscribed. There is no answer yet; how far it has come: forad status",
        "Subscribed, and fetching. How far it has come: forad status", "Subscribed, and caught up.",
        NULL};
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_bool(&w, "ok", true);
        js_string(&w, "state", words[outcome]);
        if (outcome == TROUBLE) {
            js_text(&w, "error", error);
        } else {
            js_null(&w, "error");
        }
        int exit = app_json(app, &w);
        return exit == FORAD_OK && outcome == TROUBLE ? FORAD_CONNECT : exit;
    }
    if (outcome == TROUBLE) {
        return app_fail(app, FORAD_CONNECT,
            "Subscribed, but nothing comes from there: %.*s. forad goes on trying; take it back "
            "with \"forad unsubscribe\".",
            (int)error.size, (const char *)error.data);
    }
    if (!app->quiet) {
        fora_buf_printf(&app->out, "%s\n", sentences[outcome]);
    }
    return FORAD_OK;
}

/* Never what one wants, and it would keep what else is fetched from that address from coming. */
static int take_back(
    struct app *app, const struct fora_msg_subscribe *asked, struct fora_bytes error)
{
    struct fora_message ask = {.type = FORA_MSG_UNSUBSCRIBE};
    const struct fora_message *answer;
    char why[400];
    (void)snprintf(why, sizeof why, "%.*s", (int)error.size, (const char *)error.data);
    ask.u.unsubscribe.space = asked->space;
    ask.u.unsubscribe.address = asked->address;
    int exit = app_call(app, &ask, FORA_MSG_OK, &answer);
    return exit == FORAD_OK ? app_fail(app, FORAD_CONNECT, "Not subscribed: %s.", why) : exit;
}

static bool is_another(struct fora_bytes error)
{
    size_t size = strlen(NODE_IS_ANOTHER);
    return error.size >= size && memcmp(error.data, NODE_IS_ANOTHER, size) == 0;
}

/* Was it subscribed to already? */
static int look_before(struct app *app, const struct fora_msg_subscribe *asked, bool *before)
{
    struct fora_message ask = {.type = FORA_MSG_GET_STATUS};
    const struct fora_message *answer;
    int exit = app_call(app, &ask, FORA_MSG_NODE_STATUS, &answer);
    *before = exit == FORAD_OK && row_of(&answer->u.node_status, asked) != NULL;
    return exit;
}

/* The node only notes the wish. Whether it can be fulfilled shows within moments, and who wished it
 * is still there to be told. */
static int watch_outcome(struct app *app, const struct fora_msg_subscribe *asked, bool before)
{
    enum { LOOKS = 50, PAUSE_MS = 100 };
    struct fora_message ask = {.type = FORA_MSG_GET_STATUS};
    const struct fora_message *answer;
    enum outcome outcome = CONNECTING;
    struct fora_bytes error = {NULL, 0};
    for (int i = 0; i < LOOKS && outcome != CAUGHT_UP && outcome != TROUBLE; i++) {
        const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
        (void)nanosleep(&pause, NULL);
        int exit = app_call(app, &ask, FORA_MSG_NODE_STATUS, &answer);
        if (exit != FORAD_OK) {
            return exit;
        }
        outcome = outcome_of(&answer->u.node_status, asked, &error);
    }
    return outcome == TROUBLE && !before && is_another(error) ? take_back(app, asked, error)
                                                              : say_outcome(app, outcome, error);
}

int run_subscribe(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_SUBSCRIBE};
    struct fora_client_address address;
    char text[FORA_CLIENT_ADDRESS_MAX];
    int exit = read_space_id(app, &ask.u.subscribe.space);
    if (exit == FORAD_OK) {
        exit = read_address(app, &address, text);
    }
    if (exit == FORAD_OK) {
        exit = app_connect(app);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    ask.u.subscribe.address = fora_bytes_str(text);
    if (address.pinned) {
        ask.u.subscribe.node = address.node;
    }
    if (cmd_flag(&app->line, "no-wait")) {
        return tell(app, &ask, "Subscribed. How far it has come: forad status");
    }
    const struct fora_message *answer;
    bool before;
    exit = look_before(app, &ask.u.subscribe, &before);
    if (exit == FORAD_OK) {
        exit = app_call(app, &ask, FORA_MSG_OK, &answer);
    }
    return exit == FORAD_OK ? watch_outcome(app, &ask.u.subscribe, before) : exit;
}

int run_unsubscribe(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_UNSUBSCRIBE};
    struct fora_client_address address;
    char text[FORA_CLIENT_ADDRESS_MAX] = "";
    int exit = read_space_id(app, &ask.u.unsubscribe.space);
    if (exit == FORAD_OK && cmd_argument(&app->line, 1) != NULL) {
        exit = read_address(app, &address, text);
    }
    if (exit == FORAD_OK) {
        exit = app_connect(app);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    ask.u.unsubscribe.address = fora_bytes_str(text);
    return tell(app, &ask, "Unsubscribed. What was fetched stays.");
}

int run_claim(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_CLAIM};
    struct fora_buf password = {0};
    int exit = app_connect(app);
    if (exit == FORAD_OK) {
        exit = app_password(app, &password);
    }
    if (exit == FORAD_OK && !password_valid(fora_buf_bytes(&password))) {
        exit = app_fail(
            app, FORAD_USAGE, "A password has %d to %d bytes.", PASSWORD_MIN, PASSWORD_MAX);
    }
    if (exit == FORAD_OK && !handle_valid(fora_bytes_str(cmd_argument(&app->line, 1)))) {
        exit = app_fail(app, FORAD_USAGE,
            "A handle has %d to %d of a-z, 0-9, \"_\", \".\" and \"-\", "
            "and begins with a letter or digit.",
            HANDLE_MIN, HANDLE_MAX);
    }
    if (exit == FORAD_OK) {
        ask.u.claim.source = fora_bytes_str(cmd_argument(&app->line, 0));
        ask.u.claim.handle = fora_bytes_str(cmd_argument(&app->line, 1));
        ask.u.claim.password = fora_buf_bytes(&password);
        exit = tell_claim(app, &ask, cmd_argument(&app->line, 0));
    }
    app_forget(&password);
    return exit;
}
