/* fora, the client of the Fora federation: the beginning and the end of a run. */
#include "cmd/commands.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef FORA_VERSION
#define FORA_VERSION "0.0.0"
#endif

static size_t terminal_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        width = size.ws_col;
    }
    if (width == 0 && columns != NULL) {
        width = strtol(columns, NULL, 10);
    }
    if (width == 0) {
        width = 80;
    }
    return width < 20 ? 20 : width > 1000 ? 1000 : (size_t)width;
}

static bool wants_color(const struct app *app)
{
    const char *when = cmd_text(&app->line, "color");
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (when == NULL && app->config.color[0] != '\0') {
        when = app->config.color;
    }
    if (when != NULL && strcmp(when, "auto") != 0) {
        return strcmp(when, "always") == 0;
    }
    return app->terminal && (none == NULL || none[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

/* Widths need a UTF-8 locale, whatever the machine is set to. */
static void set_locale(void)
{
    if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX < 4) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
}

static int prepare(struct app *app)
{
    app->json = cmd_flag(&app->line, "json");
    app->quiet = cmd_flag(&app->line, "quiet");
    app->verbose = cmd_flag(&app->line, "verbose");
    app->terminal = isatty(STDOUT_FILENO) == 1;
    app->now = app_clock();
    app->style.width = terminal_width();
    if (fora_crypto_init() != 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "The cryptographic library cannot be started.");
    }
    bool works = app->line.command != NULL && app->line.command->run != run_help &&
                 app->line.command->run != run_generate && !cmd_flag(&app->line, "help") &&
                 !cmd_flag(&app->line, "version");
    /* Help must not depend on a configuration that is perhaps what one needs help with. */
    if (works && (state_locate(&app->state, cmd_text(&app->line, "home"), &app->why) != 0 ||
                     state_config_load(&app->state, &app->config, &app->why) != 0)) {
        return app_fail_why(app);
    }
    app->style.color = wants_color(app);
    app->table_style = app->style;
    if (!app->terminal && getenv("COLUMNS") == NULL) {
        app->table_style.width = 1000; /* for grep and files: nothing is cut */
    }
    return CMD_EXIT_OK;
}

static void finish(struct app *app, int exit)
{
    if (exit == CMD_EXIT_OK) {
        app_drop_draft(app);
    } else if (app->draft[0] != '\0') {
        (void)app_fail(app, CMD_EXIT_OK, "Your text is kept in %s", app->draft);
    }
    fora_client_close(app->client);
    state_identity_fini(&app->own);
    fora_wipe(&app->account, sizeof app->account);
    fora_buf_fini(&app->out);
}

static int run(struct app *app)
{
    if (cmd_flag(&app->line, "version")) {
        fora_buf_append_str(&app->out, "fora " FORA_VERSION "\n");
        return CMD_EXIT_OK;
    }
    if (app->line.group != NULL) {
        cmd_group(&app->out, app->line.group, app->style.width);
        return CMD_EXIT_OK;
    }
    if (app->line.command == NULL) {
        bool help = cmd_flag(&app->line, "help");
        cmd_overview(&app->out, app->style.width);
        return help ? CMD_EXIT_OK : CMD_EXIT_USAGE;
    }
    if (cmd_flag(&app->line, "help")) {
        cmd_help(&app->out, app->line.command, app->style.width);
        return CMD_EXIT_OK;
    }
    return app->line.command->run(app);
}

int main(int argc, char **argv)
{
    struct app app = {0};
    struct fora_buf wrong = {0};
    set_locale();
    (void)signal(SIGPIPE, SIG_IGN);
    if (cmd_parse(&app.line, argc, argv, &wrong) != 0) {
        const char *text = fora_buf_cstr(&wrong);
        int exit = app_fail(&app, CMD_EXIT_USAGE, "%s", text == NULL ? "out of memory" : text);
        fora_buf_fini(&wrong);
        return exit;
    }
    fora_buf_fini(&wrong);
    int exit = prepare(&app);
    if (exit == CMD_EXIT_OK) {
        exit = run(&app);
        int shown = app_show(&app);
        exit = exit == CMD_EXIT_OK ? shown : exit;
    }
    finish(&app, exit);
    return exit;
}
