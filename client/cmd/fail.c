/* Failures in sentences, and what the process ends with. */
#include "cmd/app.h"

#include <stdarg.h>
#include <stdio.h>

/* Foreign text may be quoted in a message: it goes through the gate like all else. */
static void say(const struct app *app, const char *before, const char *text)
{
    struct fora_buf clean = {0};
    (void)app;
    text_clean(&clean, fora_bytes_str(text), true);
    const char *shown = fora_buf_cstr(&clean);
    (void)fprintf(stderr, "fora: %s%s\n", before, shown == NULL ? "out of memory" : shown);
    fora_buf_fini(&clean);
}

int app_fail(const struct app *app, enum cmd_exit exit, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(app, "", text);
    return (int)exit;
}

void app_note(const struct app *app, const char *format, ...)
{
    char text[2048];
    va_list args;
    if (app->quiet) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(app, "", text);
}

int app_fail_memory(const struct app *app)
{
    return app_fail(app, CMD_EXIT_LOCAL, "There is not enough memory.");
}

enum cmd_exit app_exit_of(int code)
{
    switch (code) {
    case 0:
        return CMD_EXIT_OK;
    case FORA_E_USAGE:
    case FORA_E_CONFIG:
        return CMD_EXIT_USAGE;
    case FORA_E_CLOSED:
    case FORA_E_TIMEOUT:
    case FORA_E_HANDSHAKE:
        return CMD_EXIT_CONNECT;
    case FORA_E_AUTH:
        return CMD_EXIT_CREDENTIALS;
    case FORA_E_NOTFOUND:
    case FORA_E_ABSENT:
    case FORA_E_UNKNOWN_SPACE:
        return CMD_EXIT_NOTFOUND;
    case FORA_E_IO:
    case FORA_E_NOMEM:
    case FORA_E_CORRUPT:
        return CMD_EXIT_LOCAL;
    default:
        return CMD_EXIT_REFUSED;
    }
}

int app_fail_why(const struct app *app)
{
    const struct fora_client_why *why = &app->why;
    enum cmd_exit exit = app_exit_of(why->code);
    if (!why->from_node) {
        return app_fail(app, exit, "%s", why->text);
    }
    if (why->retry_after > 0) {
        return app_fail(app, exit, "The node refused it: %s (%s). Try again in %u seconds.",
            why->text, fora_error_name(why->code), (unsigned)why->retry_after);
    }
    return app_fail(
        app, exit, "The node refused it: %s (%s)", why->text, fora_error_name(why->code));
}
