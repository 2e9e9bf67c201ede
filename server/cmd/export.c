/* forad export: objects as JSON Lines, to standard output or into a file that appears when it is
 * whole. */
#include "maintain/export.h"

#include "cmd/forad.h"
#include "cmd/work.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_AT = 256 * 1024 };

struct exporting {
    struct app *app;
    int fd;
    int failure; /* errno of a write */
    struct fora_buf lines;
    char beside[STATE_PATH_MAX]; /* the file while it is being written; empty: standard output */
};

/* ---- writing ---- */

static int flush(struct exporting *exporting)
{
    struct fora_bytes left = fora_buf_bytes(&exporting->lines);
    if (exporting->lines.error != 0) {
        return exporting->lines.error;
    }
    while (left.size > 0) {
        ssize_t put = write(exporting->fd, left.data, left.size);
        if (put < 0 && errno != EINTR) {
            exporting->failure = errno;
            return FORA_E_IO;
        }
        left = put > 0 ? fora_bytes(left.data + put, left.size - (size_t)put) : left;
    }
    fora_buf_clear(&exporting->lines);
    return 0;
}

static int take_line(void *context, struct fora_bytes line)
{
    struct exporting *exporting = context;
    fora_buf_append_bytes(&exporting->lines, line);
    return exporting->lines.size >= FLUSH_AT ? flush(exporting) : 0;
}

static int open_file(struct exporting *exporting, const char *path)
{
    struct app *app = exporting->app;
    exporting->fd = STDOUT_FILENO;
    if (path == NULL || strcmp(path, "-") == 0) {
        return FORAD_OK;
    }
    int size = snprintf(exporting->beside, STATE_PATH_MAX, "%.3900s.new-%ld", path, (long)getpid());
    if (size <= 0 || strlen(path) > 3900) {
        exporting->beside[0] = '\0';
        return app_fail(app, FORAD_USAGE, "The name of the file is too long.");
    }
    /* What is restricted is in it as well. */
    exporting->fd =
        open(exporting->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (exporting->fd >= 0) {
        return FORAD_OK;
    }
    exporting->beside[0] = '\0';
    return app_fail(app, FORAD_LOCAL, "Cannot write %.400s: %s.", path, strerror(errno));
}

/* Into place, or away. */
static int close_file(struct exporting *exporting, const char *path, int exit)
{
    struct app *app = exporting->app;
    if (exporting->beside[0] == '\0') {
        return exit;
    }
    bool whole = exit == FORAD_OK && fsync(exporting->fd) == 0;
    int failure = errno;
    whole = close(exporting->fd) == 0 && whole;
    if (whole && rename(exporting->beside, path) != 0) {
        failure = errno;
        whole = false;
    }
    if (!whole) {
        (void)unlink(exporting->beside);
    }
    return whole || exit != FORAD_OK
               ? exit
               : app_fail(app, FORAD_LOCAL, "Cannot write %.400s: %s.", path, strerror(failure));
}

static int export(struct exporting *exporting, const struct fora_space_id *space, uint64_t *count)
{
    struct work work;
    struct app *app = exporting->app;
    work_begin(&work, app, "Exporting", "objects");
    const struct export_options options = {
        .space = space, .progress = &work.progress, .line = take_line, .context = exporting};
    int error = export_run(app->kv, &options, count);
    if (error == 0) {
        error = flush(exporting);
    }
    work_end(&work);
    if (exporting->failure == EPIPE) {
        return FORAD_OK; /* whoever reads has seen enough */
    }
    if (exporting->failure != 0) {
        return app_fail(
            app, FORAD_LOCAL, "The export cannot be written: %s.", strerror(exporting->failure));
    }
    return error == 0 ? FORAD_OK : work_failed(&work, error, "The store cannot be exported");
}

int run_export(struct app *app)
{
    struct exporting exporting = {.app = app};
    struct fora_space_id space;
    uint64_t count = 0;
    const char *name = cmd_text(&app->line, "space");
    const char *path = cmd_text(&app->line, "out");
    int exit = app_store_of(app, APP_STORE_READ);
    if (exit == FORAD_OK && name != NULL) {
        exit = app_stored_space(app, name, &space);
    }
    if (exit == FORAD_OK) {
        exit = open_file(&exporting, path);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    exit = export(&exporting, name == NULL ? NULL : &space, &count);
    exit = close_file(&exporting, path, exit);
    fora_buf_fini(&exporting.lines);
    if (exit == FORAD_OK && exporting.beside[0] != '\0') {
        app_note(app, "Wrote %" PRIu64 " objects to %.400s", count, path);
    }
    return exit;
}
