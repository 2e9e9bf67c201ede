/*
 * Where a text comes from: --text, --file, or an editor.
 *
 * Below a scissors line in the editor's file stands help; it and what follows is cut off. So
 * Markdown, where # begins a heading, needs no escaping.
 */
#include "cmd/app.h"

#include "fora/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_LIMIT = 65536 };

static const char *const scissors =
    "----------------------------- >8 -----------------------------";

static int read_into(int fd, struct fora_buf *out)
{
    for (;;) {
        uint8_t *into = fora_buf_extend(out, 4096);
        if (into == NULL) {
            return out->error;
        }
        ssize_t got = read(fd, into, 4096);
        out->size -= got > 0 ? 4096 - (size_t)got : 4096;
        if (got == 0) {
            return 0;
        }
        if (got < 0 && errno != EINTR) {
            return FORA_E_IO;
        }
    }
}

static int read_path(struct app *app, const char *path, struct fora_buf *out)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot open %s: %s.", path, strerror(errno));
    }
    int error = read_into(fd, out);
    int saved = errno;
    if (fd != STDIN_FILENO) {
        (void)close(fd);
    }
    if (error == FORA_E_IO) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot read %s: %s.", path, strerror(saved));
    }
    if (error == FORA_E_TOO_LARGE) {
        return app_fail(app, CMD_EXIT_USAGE, "%s is far larger than a text may be (%d bytes).",
            path, TEXT_LIMIT);
    }
    return error == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}

static const char *editor_of(const struct app *app)
{
    const char *visual = getenv("VISUAL");
    const char *editor = getenv("EDITOR");
    if (app->config.editor[0] != '\0') {
        return app->config.editor;
    }
    if (visual != NULL && visual[0] != '\0') {
        return visual;
    }
    if (editor != NULL && editor[0] != '\0') {
        return editor;
    }
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 ? "vi" : NULL;
}

/* The editor's name may hold arguments, so a shell takes it apart; the path is passed as $1. */
static int run_editor(struct app *app, const char *editor, const char *path)
{
    char command[512];
    if (snprintf(command, sizeof command, "%s \"$1\"", editor) >= (int)sizeof command) {
        return app_fail(app, CMD_EXIT_USAGE, "The editor's name is too long.");
    }
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGPIPE, SIG_DFL);
        (void)execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return app_fail(app, CMD_EXIT_LOCAL,
            "The editor \"%s\" failed, so nothing was posted. Set EDITOR to another one, or use "
            "--file.",
            editor);
    }
    return CMD_EXIT_OK;
}

static int write_draft(const char *path, const char *template, struct fora_bytes initial)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        return FORA_E_IO;
    }
    if (initial.size > 0) {
        (void)fwrite(initial.data, 1, initial.size, file);
    }
    (void)fprintf(file, "\n\n%s\n%s", scissors, template);
    return fclose(file) == 0 ? 0 : FORA_E_IO;
}

static void cut_scissors(struct fora_buf *text)
{
    const uint8_t *at =
        text->size == 0 ? NULL : memmem(text->data, text->size, scissors, strlen(scissors));
    if (at != NULL) {
        text->size = (size_t)(at - text->data);
    }
}

/* Line ends become line feeds; blank lines at both ends go. */
static void tidy(struct fora_buf *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->size; i++) {
        if (text->data[i] != '\r') {
            text->data[kept++] = text->data[i];
        }
    }
    while (kept > 0 && (text->data[kept - 1] == '\n' || text->data[kept - 1] == ' ')) {
        kept--;
    }
    text->size = kept;
    size_t lead = 0;
    while (lead < kept && text->data[lead] == '\n') {
        lead++;
    }
    if (lead > 0) {
        fora_buf_consume(text, lead);
    }
}

/* Does the draft say what it said before the editor was opened? Takes `text` for it. */
static bool is_untouched(const char *path, struct fora_bytes initial, struct fora_buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? FORA_E_IO : read_into(fd, text);
    if (fd >= 0) {
        (void)close(fd);
    }
    cut_scissors(text);
    tidy(text);
    return error == 0 && fora_bytes_equal(fora_buf_bytes(text), initial);
}

/* The draft lies in the client's own folder, which nobody else can enter, and stays there until it
 * was posted (app->draft). */
static int from_editor(
    struct app *app, const char *template, struct fora_bytes initial, struct fora_buf *out)
{
    const char *editor = editor_of(app);
    if (editor == NULL) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is no text. Give it with --text, with --file FILE or --file - for standard "
            "input, or set EDITOR.");
    }
    if (state_make(&app->state, &app->why) != 0) {
        return app_fail_why(app);
    }
    (void)snprintf(
        app->draft, sizeof app->draft, "%s/draft-%ld.md", app->state.home, (long)getpid());
    (void)unlink(app->draft); /* of a process with this number long ago */
    if (write_draft(app->draft, template, initial) != 0) {
        return app_fail(
            app, CMD_EXIT_LOCAL, "Cannot write the draft %s: %s.", app->draft, strerror(errno));
    }
    int exit = run_editor(app, editor, app->draft);
    if (exit == CMD_EXIT_OK) {
        exit = read_path(app, app->draft, out);
        cut_scissors(out);
    } else if (is_untouched(app->draft, initial, out)) {
        app_drop_draft(app); /* so that only what somebody wrote is kept */
    }
    return exit;
}

void app_drop_draft(struct app *app)
{
    if (app->draft[0] != '\0') {
        (void)unlink(app->draft);
        app->draft[0] = '\0';
    }
}

int app_text(struct app *app, const char *template, struct fora_bytes initial, struct fora_buf *out)
{
    const char *text = cmd_text(&app->line, "text");
    const char *file = cmd_text(&app->line, "file");
    int exit = CMD_EXIT_OK;
    fora_buf_init(out, 4 * TEXT_LIMIT);
    if (text != NULL && file != NULL) {
        return app_fail(app, CMD_EXIT_USAGE, "Give --text or --file, not both.");
    }
    if (text != NULL && strcmp(text, "-") == 0) {
        file = "-";
        text = NULL;
    }
    if (text != NULL) {
        fora_buf_append_str(out, text);
    } else if (file != NULL) {
        exit = read_path(app, file, out);
    } else {
        exit = from_editor(app, template, initial, out);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (out->error != 0) {
        return app_fail(app, CMD_EXIT_USAGE, "The text is too long.");
    }
    tidy(out);
    if (out->size == 0) {
        app_drop_draft(app);
        return app_fail(app, CMD_EXIT_USAGE, "The text is empty, so nothing was posted.");
    }
    if (out->size > TEXT_LIMIT) {
        return app_fail(app, CMD_EXIT_USAGE, "The text has %zu bytes; the protocol takes %d.",
            out->size, TEXT_LIMIT);
    }
    if (!fora_utf8_valid(fora_buf_bytes(out))) {
        return app_fail(app, CMD_EXIT_USAGE,
            "The text is not valid UTF-8. Convert it first, for example with: iconv -t UTF-8");
    }
    return CMD_EXIT_OK;
}
