/* What a person reads: failures in sentences, notes, results, progress. */
#include "cmd/forad.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Foreign text may be quoted in a sentence: it goes through the gate like all else. */
static void say(const char *text)
{
    struct fora_buf clean = {0};
    text_clean(&clean, fora_bytes_str(text), true);
    const char *shown = fora_buf_cstr(&clean);
    (void)fprintf(stderr, "forad: %s\n", shown == NULL ? "out of memory" : shown);
    fora_buf_fini(&clean);
}

int app_fail(const struct app *app, enum forad_exit exit, const char *format, ...)
{
    char text[2048];
    va_list args;
    (void)app;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(text);
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
    say(text);
}

int app_fail_memory(const struct app *app)
{
    return app_fail(app, FORAD_LOCAL, "There is not enough memory.");
}

enum forad_exit app_exit_of(int code)
{
    switch (code) {
    case 0:
        return FORAD_OK;
    case FORA_E_USAGE:
    case FORA_E_CONFIG:
        return FORAD_USAGE;
    case FORA_E_CLOSED:
    case FORA_E_TIMEOUT:
    case FORA_E_HANDSHAKE:
        return FORAD_CONNECT;
    case FORA_E_AUTH:
        return FORAD_CREDENTIALS;
    case FORA_E_NOTFOUND:
    case FORA_E_ABSENT:
    case FORA_E_UNKNOWN_SPACE:
        return FORAD_NOTFOUND;
    case FORA_E_IO:
    case FORA_E_NOMEM:
    case FORA_E_BUSY:
    case FORA_E_EXISTS:
    case FORA_E_FULL:
    case FORA_E_INTERNAL:
        return FORAD_LOCAL;
    case FORA_E_CORRUPT:
        return FORAD_DAMAGED;
    default:
        return FORAD_REFUSED;
    }
}

int app_fail_why(const struct app *app)
{
    const struct fora_client_why *why = &app->why;
    if (!why->from_node) {
        return app_fail(app, app_exit_of(why->code), "%s", why->text);
    }
    enum forad_exit exit = app_exit_of(why->code);
    if (why->retry_after > 0) {
        return app_fail(app, exit, "The node refused it: %s (%s). Try again in %u seconds.",
            why->text, fora_error_name(why->code), (unsigned)why->retry_after);
    }
    return app_fail(
        app, exit, "The node refused it: %s (%s)", why->text, fora_error_name(why->code));
}

int app_fail_room(const struct app *app, int code, struct fora_buf *why)
{
    const char *text = why->size == 0 ? NULL : fora_buf_cstr(why);
    char sentence[1200];
    (void)snprintf(sentence, sizeof sentence, "%s", text == NULL ? fora_error_text(code) : text);
    fora_buf_fini(why);
    size_t size = strlen(sentence);
    size_t word = strcspn(sentence, " /");
    if (sentence[word] != '/') { /* a path stays as it is */
        sentence[0] = (char)toupper((unsigned char)sentence[0]);
    }
    bool ended = size > 0 && strchr(".!?", sentence[size - 1]) != NULL;
    return app_fail(app, app_exit_of(code), "%s%s", sentence, ended ? "" : ".");
}

int app_json(struct app *app, struct js_writer *w)
{
    int error = js_write(&app->out, w, JS_PRETTY, app->terminal);
    js_fini(w);
    if (error == FORA_E_UTF8) {
        return app_fail(app, FORAD_REFUSED, "The node sent text that is not UTF-8.");
    }
    return error == 0 ? FORAD_OK : app_fail_memory(app);
}

int app_print(struct app *app)
{
    struct fora_bytes left = fora_buf_bytes(&app->out);
    if (app->out.error != 0) {
        return app_fail_memory(app);
    }
    while (left.size > 0) {
        ssize_t put = write(STDOUT_FILENO, left.data, left.size);
        if (put < 0 && errno == EPIPE) {
            break; /* whoever reads has seen enough */
        }
        if (put < 0 && errno != EINTR) {
            return app_fail(app, FORAD_LOCAL, "The output cannot be written: %s.", strerror(errno));
        }
        left = put > 0 ? fora_bytes(left.data + put, left.size - (size_t)put) : left;
    }
    fora_buf_clear(&app->out);
    return FORAD_OK;
}

/* ---- progress ---- */

static uint64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void app_progress(const struct app *app, struct progress *progress, uint64_t done, uint64_t of)
{
    enum { WIDTH = 24 };
    static const char full[WIDTH + 1] = "########################";
    uint64_t now;
    if (!app->error_terminal || app->quiet || (now = monotonic_ms()) < progress->next) {
        return;
    }
    done = done > of ? of : done;
    int filled = of == 0 ? 0 : (int)((double)done / (double)of * WIDTH);
    progress->next = now + 100;
    progress->shown = true;
    if (of == 0) {
        (void)fprintf(stderr, "\r\033[K%s", progress->doing);
    } else {
        (void)fprintf(stderr, "\r\033[K%s [%.*s%*s] %3d %%  %llu of %llu %s", progress->doing,
            filled, full, WIDTH - filled, "", (int)((double)done / (double)of * 100),
            (unsigned long long)done, (unsigned long long)of, progress->unit);
    }
    (void)fflush(stderr);
}

void app_progress_end(const struct app *app, struct progress *progress)
{
    (void)app;
    if (progress->shown) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
    progress->shown = false;
}
