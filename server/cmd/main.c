/* forad, the node of the Fora federation: the beginning and the end of a run. */
#include "cmd/forad.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static uint64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static size_t terminal_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
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
    if (when != NULL && strcmp(when, "auto") != 0) {
        return strcmp(when, "always") == 0;
    }
    return app->terminal && (none == NULL || none[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

static int prepare(struct app *app)
{
    app->json = cmd_flag(&app->line, "json");
    app->quiet = cmd_flag(&app->line, "quiet");
    app->terminal = isatty(STDOUT_FILENO) == 1;
    app->error_terminal = isatty(STDERR_FILENO) == 1;
    app->now = wall_ms();
    app->style.width = terminal_width();
    app->style.color = wants_color(app);
    if (fora_crypto_init() != 0) {
        return app_fail(app, FORAD_LOCAL, "The cryptographic library cannot be started.");
    }
    return FORAD_OK;
}

static int run(struct app *app)
{
    if (cmd_flag(&app->line, "version")) {
        fora_buf_printf(&app->out, "%s %s\n", forad_program.name, forad_program.version);
        return FORAD_OK;
    }
    if (app->line.group != NULL) {
        cmd_group(&app->out, app->line.group, app->style.width);
        return FORAD_OK;
    }
    if (app->line.command == NULL) {
        cmd_overview(&app->out, app->style.width);
        return cmd_flag(&app->line, "help") ? FORAD_OK : FORAD_USAGE;
    }
    if (cmd_flag(&app->line, "help")) {
        cmd_help(&app->out, app->line.command, app->style.width);
        return FORAD_OK;
    }
    return app->line.command->run(app);
}

int run_help(struct app *app)
{
    struct fora_buf name = {0};
    int exit = FORAD_OK;
    if (app->line.arguments_count == 0) {
        cmd_overview(&app->out, app->style.width);
        return FORAD_OK;
    }
    for (size_t i = 0; i < app->line.arguments_count; i++) {
        fora_buf_printf(&name, "%s%s", i == 0 ? "" : " ", app->line.arguments[i]);
    }
    const char *text = fora_buf_cstr(&name);
    const struct cmd_command *command = text == NULL ? NULL : cmd_find(text);
    if (command == NULL && text != NULL && cmd_is_group(text)) {
        cmd_group(&app->out, text, app->style.width);
    } else if (command == NULL) {
        exit = app_fail(app, FORAD_USAGE, "There is no command %.80s. See: forad help",
            text == NULL ? "" : text);
    } else {
        cmd_help(&app->out, command, app->style.width);
    }
    fora_buf_fini(&name);
    return exit;
}

static void finish(struct app *app)
{
    fora_client_close(app->client);
    state_identity_fini(&app->admin);
    keys_fini(&app->keys);
    kv_close(app->kv);
    fora_buf_fini(&app->out);
}

int main(int argc, char **argv)
{
    struct app app = {0};
    struct fora_buf wrong = {0};
    /* Widths need a UTF-8 locale, whatever the machine is set to. */
    if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX < 4) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error like a full disk */
    if (cmd_parse(&app.line, argc, argv, &wrong) != 0) {
        const char *text = fora_buf_cstr(&wrong);
        int exit = app_fail(&app, FORAD_USAGE, "%s", text == NULL ? "out of memory" : text);
        fora_buf_fini(&wrong);
        return exit;
    }
    fora_buf_fini(&wrong);
    int exit = prepare(&app);
    if (exit == FORAD_OK) {
        exit = run(&app);
        int printed = app_print(&app);
        exit = exit == FORAD_OK ? printed : exit;
    }
    finish(&app);
    return exit;
}
