/*
 * Meeting the node and logging in.
 *
 * Which node: --node, $FORA_NODE, the configuration, where one registered last, localhost. Who it
 * must be: what the address says, else what known_nodes remembers of it, else whoever proves itself
 * there first.
 */
#include "cmd/account.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char default_node[] = "localhost";

uint64_t app_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t app_latest(const struct app *app)
{
    uint64_t now = app_clock(), node = fora_client_hello(app->client)->now;
    node += now > app->now ? now - app->now : 0;
    return now > node ? now : node;
}

static int choose_address(struct app *app, const char **out)
{
    const char *environment = getenv("FORA_NODE");
    *out = cmd_text(&app->line, "node");
    if (*out == NULL && environment != NULL && environment[0] != '\0') {
        *out = environment;
    }
    if (*out == NULL && app->config.node[0] != '\0') {
        *out = app->config.node;
    }
    if (*out != NULL) {
        return 0;
    }
    int error = state_account_last(&app->state, app->address, &app->why);
    *out = error == FORA_E_NOTFOUND ? default_node : app->address;
    return error == FORA_E_NOTFOUND ? 0 : error;
}

/* Nobody said which node, and none is remembered: so there is no account either, and whether
 * anything answers on this machine does not matter. */
static bool is_nobody(struct app *app)
{
    const char *chosen;
    return choose_address(app, &chosen) == 0 && chosen == default_node;
}

static struct fora_client_options options_for(const struct app *app, const char *address)
{
    return (struct fora_client_options){.address = address,
        .agent = APP_AGENT,
        .call_timeout_ms = (uint64_t)app->config.timeout * 1000};
}

int app_connect_plain(struct app *app)
{
    const char *chosen;
    struct fora_client_address address;
    bool fresh = false;
    int error = choose_address(app, &chosen);
    if (error == 0) {
        error = fora_client_address_parse(&address, chosen, &app->why);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    const struct fora_client_options options = options_for(app, chosen);
    error = fora_client_open(&app->client, &options, &app->why);
    if (error != 0) {
        int exit = error == FORA_E_USAGE   ? CMD_EXIT_USAGE
                   : error == FORA_E_NOMEM ? CMD_EXIT_LOCAL
                                           : CMD_EXIT_CONNECT;
        return app_fail(app, exit, "%s", app->why.text);
    }
    fora_client_address_format(app->address, &address);
    const struct fora_principal_id *node = fora_client_node(app->client);
    if (!address.pinned) {
        error = state_pin(&app->state, app->address, node, app->now, &fresh, &app->why);
    }
    if (error != 0) {
        return app_fail(app, error == FORA_E_IDENTITY ? CMD_EXIT_CONNECT : (int)app_exit_of(error),
            "%s", app->why.text);
    }
    if (fresh && app->verbose) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_NODE, node->b);
        app_note(app, "First contact with %s: it is %s, and this is remembered.", app->address, id);
    }
    error = state_account_load(&app->state, node, &app->account, &app->why);
    app->has_account = error == 0;
    return error == 0 || error == FORA_E_NOTFOUND ? CMD_EXIT_OK : app_fail_why(app);
}

void app_take_auth(struct app *app, const struct fora_msg_auth_ok *ok)
{
    struct fora_buf clean = {0};
    text_clean(&clean, ok->name, false);
    size_t size = clean.size < sizeof app->name - 1 ? clean.size : sizeof app->name - 1;
    if (size > 0) {
        memcpy(app->name, clean.data, size);
    }
    app->name[size] = '\0';
    fora_buf_fini(&clean);
    app->logged_in = true;
    app->admin = ok->admin;
}

static int auth_custodial(struct app *app)
{
    struct fora_secret *key;
    const struct fora_msg_auth_ok *ok;
    int error = fora_secret_from_seed(&key, app->account.session_seed);
    if (error != 0) {
        return fora_client_fail(&app->why, error, "There is not enough memory.");
    }
    error = fora_client_auth(app->client, &app->account.member, key, NULL, 0, &ok, &app->why);
    fora_secret_free(key);
    if (error == 0) {
        app_take_auth(app, ok);
    }
    return error;
}

int app_load_identity(struct app *app)
{
    bool sealed = false;
    struct fora_buf passphrase = {0};
    int exit = CMD_EXIT_OK;
    int error = state_identity_peek(&app->state, NULL, &sealed, &app->why);
    if (error == FORA_E_NOTFOUND) {
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "There are no keys of your own in %s/identity. Make them with: fora identity new",
            app->state.home);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    if (sealed) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "Passphrase of your keys: ", false, &passphrase);
    }
    if (exit == CMD_EXIT_OK &&
        state_identity_load(&app->state, fora_buf_bytes(&passphrase), &app->own, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    app_forget(&passphrase);
    return exit;
}

/* Asking for a passphrase only to read would be a nuisance. */
static bool would_ask(const struct app *app)
{
    bool sealed = false;
    struct fora_client_why ignored;
    const char *file = getenv("FORA_PASSPHRASE_FILE");
    return app->account.self_custody &&
           state_identity_peek(&app->state, NULL, &sealed, &ignored) == 0 && sealed &&
           cmd_text(&app->line, "passphrase-file") == NULL && (file == NULL || file[0] == '\0');
}

const struct fora_bytes *app_own_log(const struct app *app, size_t *count)
{
    size_t all = app->own.log_count;
    *count = all < OWN_LOG_SENT ? all : OWN_LOG_SENT;
    return app->own.log + (all - *count);
}

int app_sign_up_fits(const struct app *app)
{
    return app->own.log_count <= OWN_LOG_SENT
               ? CMD_EXIT_OK
               : app_fail(app, CMD_EXIT_REFUSED,
                     "Your log has %zu entries, and a node takes %d when you sign up: you cannot "
                     "become a member anywhere with it any more.",
                     app->own.log_count, OWN_LOG_SENT);
}

int app_auth_own(struct app *app)
{
    const struct fora_msg_auth_ok *ok;
    size_t count;
    const struct fora_bytes *log = app_own_log(app, &count);
    int error = fora_client_auth(
        app->client, &app->own.member, app->own.device, log, count, &ok, &app->why);
    if (error == 0) {
        app_take_auth(app, ok);
    }
    return error;
}

int app_connect(struct app *app, enum app_need need)
{
    if (need == APP_MEMBER && is_nobody(app)) {
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "You are not logged in anywhere. Say which node with --node HOST:PORT, and become a "
            "member there with: fora --node HOST:PORT register HANDLE");
    }
    int exit = app_connect_plain(app);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (!app->has_account) {
        return need == APP_ANYONE
                   ? CMD_EXIT_OK
                   : app_fail(app, CMD_EXIT_CREDENTIALS,
                         "You are not logged in at %s. Run \"fora login HANDLE\", or "
                         "\"fora register HANDLE\" to become a member.",
                         app->address);
    }
    if (need == APP_ANYONE && would_ask(app)) {
        return CMD_EXIT_OK;
    }
    int error;
    if (app->account.self_custody) {
        exit = app_load_identity(app);
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
        error = app_auth_own(app);
    } else {
        error = auth_custodial(app);
    }
    if (error == FORA_E_AUTH && app->why.from_node) {
        if (need == APP_ANYONE) {
            app_note(app, "The node no longer takes your log-in as %s; going on without.",
                app->account.handle);
            return CMD_EXIT_OK;
        }
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "The node no longer takes your log-in: %s. Run: fora login %s", app->why.text,
            app->account.handle);
    }
    return error == 0 ? CMD_EXIT_OK : app_fail_why(app);
}

int app_connect_second(struct app *app, struct fora_client **out)
{
    struct fora_client_options options = options_for(app, app->address);
    options.expected = fora_client_node(app->client);
    return fora_client_open(out, &options, &app->why) == 0 ? CMD_EXIT_OK : app_fail_why(app);
}

int app_call(struct app *app, struct fora_message *ask, uint32_t expected,
    const struct fora_message **answer)
{
    return fora_client_call(app->client, ask, expected, answer, &app->why) == 0 ? CMD_EXIT_OK
                                                                                : app_fail_why(app);
}
