/* Showing: straight, or through the pager. */
#include "cmd/app.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_all(int fd, struct fora_bytes bytes)
{
    while (bytes.size > 0) {
        ssize_t put = write(fd, bytes.data, bytes.size);
        if (put < 0 && errno != EINTR) {
            return errno;
        }
        if (put > 0) {
            bytes = fora_bytes(bytes.data + put, bytes.size - (size_t)put);
        }
    }
    return 0;
}

int app_flush(struct app *app)
{
    int error = app->out.error == 0 ? write_all(STDOUT_FILENO, fora_buf_bytes(&app->out)) : ENOMEM;
    fora_buf_clear(&app->out);
    if (error == EPIPE) {
        return CMD_EXIT_OK; /* whoever reads has seen enough */
    }
    if (error != 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "The output cannot be written: %s.", strerror(error));
    }
    return CMD_EXIT_OK;
}

static const char *pager_of(const struct app *app)
{
    const char *pager = getenv("PAGER");
    if (app->config.pager[0] != '\0') {
        return app->config.pager;
    }
    return pager != NULL && pager[0] != '\0' ? pager : "less";
}

static bool is_long(const struct app *app)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) {
        return false;
    }
    size_t lines = 0;
    for (size_t i = 0; i < app->out.size; i++) {
        lines += app->out.data[i] == '\n';
    }
    return lines >= size.ws_row;
}

static void run_pager(const char *pager, int input)
{
    (void)dup2(input, STDIN_FILENO);
    (void)setenv("LESS", "FRX", 0);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
    _exit(127);
}

int app_show(struct app *app)
{
    int ends[2];
    if (app->out.error != 0) {
        return app_fail_memory(app);
    }
    if (!app->terminal || app->json || cmd_flag(&app->line, "no-pager") || !is_long(app) ||
        pipe(ends) != 0) {
        return app_flush(app);
    }
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[1]);
        run_pager(pager_of(app), ends[0]);
    }
    (void)close(ends[0]);
    int error = child < 0 ? EAGAIN : write_all(ends[1], fora_buf_bytes(&app->out));
    (void)close(ends[1]);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    bool missing = child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127);
    if (missing || (error != 0 && error != EPIPE)) {
        return app_flush(app); /* no pager: show it all the same */
    }
    fora_buf_clear(&app->out);
    return CMD_EXIT_OK;
}

int app_json(struct app *app, struct js_writer *w, enum js_form form)
{
    int error = js_write(&app->out, w, form, app->terminal);
    js_fini(w);
    if (error == FORA_E_UTF8) {
        return app_fail(app, CMD_EXIT_REFUSED, "The node sent text that is not UTF-8.");
    }
    return error == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}
