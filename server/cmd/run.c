/*
 * forad run: the node itself, in the foreground, until SIGINT or SIGTERM.
 *
 *   settings -> another user -> keys -> store -> identity log (signed anew when name or addresses
 *   changed) -> files and system calls given up -> daemon, and the thread that asks domains
 */
#include "cmd/credential.h"
#include "cmd/domains.h"
#include "cmd/forad.h"
#include "cmd/self.h"
#include "domain/keeper.h"
#include "domain/resolve.h"
#include "harden/harden.h"
#include "shell/daemon.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int log_level(const struct app *app)
{
    static const int levels[] = {
        DAEMON_LOG_ERROR, DAEMON_LOG_WARNING, DAEMON_LOG_INFO, DAEMON_LOG_DEBUG};
    static const char *const words[] = {"error", "warning", "info", "debug"};
    const char *word = cmd_text(&app->line, "log-level");
    uint32_t level = app->settings.log_level;
    for (uint32_t i = 0; word != NULL && i < 4; i++) {
        level = strcmp(word, words[i]) == 0 ? i : level;
    }
    return levels[level];
}

/* Where it listens: the command line's word, else that of forad.conf. */
static int read_listen(struct app *app, struct daemon_config *config)
{
    const char *texts[SETTINGS_LIST_MAX + 1];
    size_t count = cmd_texts(&app->line, "listen", texts, SETTINGS_LIST_MAX + 1);
    if (count > DAEMON_LISTEN_MAX) {
        return app_fail(app, FORAD_USAGE, "--listen can be given 8 times at most.");
    }
    for (size_t i = 0; i < count; i++) {
        if (settings_check_listen(texts[i], &app->why) != 0) {
            return app_fail(app, FORAD_USAGE, "--listen: %s", app->why.text);
        }
        config->listen[config->listen_count++] = texts[i];
    }
    for (size_t i = 0; count == 0 && i < app->settings.listen.count; i++) {
        config->listen[config->listen_count++] = app->settings.listen.items[i];
    }
    return FORAD_OK;
}

/* A connection takes a file descriptor, and a shell's usual limit is 1024. */
static void allow_descriptors(struct app *app)
{
    enum { OWN = 64 }; /* store, listeners, pipes */
    struct rlimit limit;
    rlim_t wanted = (rlim_t)app->settings.limits.connections_max + OWN;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
        return;
    }
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        app_note(app,
            "Only %llu files may be open at once (ulimit -n), so that fewer than the %u "
            "connections of forad.conf are possible.",
            (unsigned long long)limit.rlim_cur, (unsigned)app->settings.limits.connections_max);
    }
}

static enum peering_mode peering(const struct app *app)
{
    switch ((enum settings_peering)app->settings.peering) {
    case SETTINGS_PEERING_APPROVED:
        return PEERING_APPROVED;
    case SETTINGS_PEERING_CLOSED:
        return PEERING_CLOSED;
    case SETTINGS_PEERING_OPEN:
        break;
    }
    return PEERING_OPEN;
}

/* ---- armour ---- */

static int become_user(struct app *app)
{
    struct fora_buf why = {0};
    harden_secrets();
    int error = harden_user(app->settings.user, &why);
    if (error != 0) {
        return app_fail_room(app, error, &why);
    }
    fora_buf_fini(&why);
    return FORAD_OK;
}

/* The folder of a file; "." when its name has none. */
static void folder_of(char out[STATE_PATH_MAX + 16], const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t size = slash == NULL ? 0 : slash == file ? 1 : (size_t)(slash - file);
    (void)snprintf(out, STATE_PATH_MAX + 16, "%.*s", (int)size, file);
    if (size == 0) {
        (void)snprintf(out, STATE_PATH_MAX + 16, ".");
    }
}

static const char *how(int code)
{
    return code == 0 ? "on" : "not here";
}

/* Gives up files and system calls, and says in `text` what holds. What the kernel lacks is done
 * without; what it refuses ends the start. */
static int put_on_armour(const struct app *app, const char *ready, char text[200])
{
    struct fora_buf why = {0};
    char folder[STATE_PATH_MAX + 16];
    const char *as = geteuid() == 0 ? "root; set 'user' in forad.conf" : "no root";
    folder_of(folder, ready);
    const struct harden_files files = {.writable = {app->data.home, folder}};
    if (app->settings.sandbox == SANDBOX_OFF) {
        (void)snprintf(text, 200, "armour: %s, seccomp off, Landlock off", as);
        return FORAD_OK;
    }
    int landlock = harden_files(&files, &why);
    if (landlock != 0 && landlock != FORA_E_UNSUPPORTED) {
        return app_fail_room(app, landlock, &why);
    }
    int seccomp = harden_calls(&why);
    if (seccomp != 0 && seccomp != FORA_E_UNSUPPORTED) {
        return app_fail_room(app, seccomp, &why);
    }
    (void)snprintf(
        text, 200, "armour: %s, seccomp %s, Landlock %s", as, how(seccomp), how(landlock));
    return FORAD_OK;
}

/* ---- the thread that asks domains ---- */

struct asking {
    bool wanted;
    struct fora_buf ca;
    struct domain_keeper_config config;
    pthread_mutex_t file; /* whose turn at the cache's file it is */
    struct domain_keeper *keeper;
    struct domain_resolver resolver;
};

static int prepare_asking(struct app *app, struct asking *asking)
{
    *asking = (struct asking){.wanted = app->settings.domains_check == SANDBOX_ON};
    if (!asking->wanted) {
        return FORAD_OK;
    }
    asking->config.kv = app->kv;
    asking->config.data = &app->data;
    asking->config.file = &asking->file;
    asking->config.self = app->keys.node;
    int exit = domains_rules(app, &asking->ca, &asking->config.rules);
    if (exit == FORAD_OK && domain_fetch_init() != 0) {
        fora_buf_fini(&asking->ca);
        exit = app_fail(app, FORAD_LOCAL, "libcurl cannot be used here.");
    }
    if (exit == FORAD_OK) {
        pthread_mutex_init(&asking->file, NULL);
        domain_resolver_init(&asking->resolver, &asking->config);
    }
    return exit;
}

static int start_asking(struct asking *asking, struct fora_buf *why)
{
    int error = asking->wanted ? domain_keeper_start(&asking->keeper, &asking->config) : 0;
    if (error != 0) {
        fora_buf_append_str(why, "the thread that asks domains cannot be started");
    }
    return error;
}

static void stop_asking(struct asking *asking)
{
    if (asking->wanted) {
        domain_keeper_stop(asking->keeper);
        domain_resolver_fini(&asking->resolver);
        pthread_mutex_destroy(&asking->file);
        domain_fetch_fini();
        fora_buf_fini(&asking->ca);
    }
}

static int run_daemon(struct app *app, const struct self *self)
{
    struct fora_buf why = {0};
    char address[STATE_PATH_MAX + 16];
    (void)snprintf(address, sizeof address, "%s/address", app->data.home);
    const char *ready = cmd_text(&app->line, "ready-file");
    struct daemon_config config = {.kv = app->kv,
        .workers = app->settings.workers,
        .log_level = log_level(app),
        .ready_file = ready == NULL ? address : ready,
        .node = {.name = app->settings.name,
            .self = app->keys.node,
            .secret = app->keys.device,
            .noise_secret = app->keys.noise,
            .custody = app->keys.custody,
            .identity = self->log,
            .identity_count = self->log_count,
            .registration_open = app->settings.registration == REGISTRATION_OPEN,
            .peering = peering(app),
            .allow = app->settings.allow.items,
            .allow_count = app->settings.allow.count,
            .block = app->settings.block.items,
            .block_count = app->settings.block.count,
            .limits = app->settings.limits}};
    config.node.credential = credential_write;
    config.node.limits.standing_interval_s = app->settings.standing_interval;
    config.node.limits.standing_editor_at = app->settings.editor_at;
    config.node.limits.standing_expert_at = app->settings.expert_at;
    int exit = read_listen(app, &config);
    if (exit != FORAD_OK) {
        return exit;
    }
    allow_descriptors(app);
    (void)unlink(address); /* of a run that was killed */
    /* What it needs of the system is read before the system is given up; the thread starts after
     * that, so that it holds for it too. */
    struct asking asking;
    if ((exit = prepare_asking(app, &asking)) != FORAD_OK) {
        return exit;
    }
    char armour[200];
    if ((exit = put_on_armour(app, config.ready_file, armour)) != FORAD_OK) {
        stop_asking(&asking);
        return exit;
    }
    config.armour = armour;
    config.node.resolver = asking.wanted ? &asking.resolver.resolver : NULL;
    int error = start_asking(&asking, &why);
    error = error == 0 ? daemon_run(&config, &why) : error;
    stop_asking(&asking);
    (void)unlink(address);
    if (error != 0) {
        return app_fail_room(app, error, &why);
    }
    fora_buf_fini(&why);
    return FORAD_OK;
}

int run_run(struct app *app)
{
    struct self self = {.log = NULL};
    int exit = app_data(app);
    if (exit == FORAD_OK) {
        exit = app_settings(app);
    }
    if (exit == FORAD_OK) {
        exit = become_user(app);
    }
    if (exit == FORAD_OK) {
        exit = app_keys(app);
    }
    if (exit == FORAD_OK) {
        exit = app_store(app, APP_STORE_WRITE);
    }
    if (exit == FORAD_OK &&
        self_load(app->kv, &app->keys, &app->settings, app->now, &self, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    if (exit == FORAD_OK) {
        exit = run_daemon(app, &self);
    }
    self_fini(&self);
    return exit;
}
