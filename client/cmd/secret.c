/* Passwords and passphrases: from a file, from standard input, or typed without echo. */
#include "cmd/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { SECRET_MAX = 1024, INTERRUPT = 0x03 /* what Ctrl-C sends */ };

void app_forget(struct fora_buf *secret)
{
    if (secret->data != NULL) {
        fora_wipe(secret->data, secret->room);
    }
    fora_buf_fini(secret);
}

/* Reads up to the end of the line, or `stop` (with it, when that is not the line feed). A byte at a
 * time, so that nothing beyond it is taken. */
static int read_line(int fd, char stop, struct fora_buf *out)
{
    for (;;) {
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return FORA_E_IO;
        }
        if (got == 0 || c == '\n') {
            break;
        }
        fora_buf_u8(out, (uint8_t)c);
        if (c == stop) {
            break;
        }
    }
    if (out->size > 0 && out->data[out->size - 1] == '\r') {
        out->size--;
    }
    return out->error;
}

/* Growing would leave copies behind: the room is there from the start. */
static int reserve(struct fora_buf *out)
{
    fora_buf_init(out, SECRET_MAX + 1);
    if (fora_buf_extend(out, SECRET_MAX + 1) == NULL) {
        return out->error;
    }
    fora_buf_clear(out);
    return 0;
}

static int from_file(struct app *app, const char *path, struct fora_buf *out)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot open %s: %s.", path, strerror(errno));
    }
    int error = read_line(fd, '\n', out);
    int saved = errno;
    if (fd != STDIN_FILENO) {
        (void)close(fd);
    }
    if (error == FORA_E_IO) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot read %s: %s.", path, strerror(saved));
    }
    if (error != 0) {
        return app_fail(
            app, CMD_EXIT_USAGE, "The first line of %s is longer than %d bytes.", path, SECRET_MAX);
    }
    if (out->size == 0) {
        return app_fail(app, CMD_EXIT_USAGE, "The first line of %s is empty.", path);
    }
    return CMD_EXIT_OK;
}

static int ask(struct app *app, int tty, const char *prompt, struct fora_buf *out)
{
    struct termios before;
    struct termios silent;
    if (tcgetattr(tty, &before) != 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "The terminal cannot be read: %s.", strerror(errno));
    }
    silent = before;
    /* Ctrl-C ends the line instead of the program, which would leave the terminal without echo. */
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    silent.c_cc[VEOL] = INTERRUPT;
    (void)tcsetattr(tty, TCSAFLUSH, &silent);
    ssize_t ignored = write(tty, prompt, strlen(prompt));
    int error = read_line(tty, INTERRUPT, out);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    ignored += write(tty, "\n", 1);
    (void)ignored;
    if (out->size > 0 && out->data[out->size - 1] == INTERRUPT) {
        return app_fail(app, CMD_EXIT_USAGE, "Interrupted. Nothing was changed.");
    }
    if (error != 0 || out->size == 0) {
        return app_fail(
            app, CMD_EXIT_USAGE, "Nothing was typed, or more than %d bytes.", SECRET_MAX);
    }
    return CMD_EXIT_OK;
}

static int ask_twice(struct app *app, int tty, const char *first, struct fora_buf *out)
{
    struct fora_buf again;
    int exit = reserve(&again) == 0 ? ask(app, tty, first, &again) : app_fail_memory(app);
    if (exit == CMD_EXIT_OK && !fora_bytes_equal(fora_buf_bytes(&again), fora_buf_bytes(out))) {
        exit = app_fail(app, CMD_EXIT_USAGE, "The two do not match. Nothing was changed.");
    }
    app_forget(&again);
    return exit;
}

int app_secret(struct app *app, const char *option, const char *environment, const char *prompt,
    bool twice, struct fora_buf *out)
{
    const char *path = cmd_text(&app->line, option);
    if (path == NULL && environment != NULL) {
        path = getenv(environment);
    }
    if (reserve(out) != 0) {
        return app_fail_memory(app);
    }
    if (path != NULL && path[0] != '\0') {
        return from_file(app, path, out);
    }
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is no terminal to type it on. Give a file with --%s FILE.", option);
    }
    int exit = ask(app, tty, prompt, out);
    if (exit == CMD_EXIT_OK && twice) {
        exit = ask_twice(app, tty, "Once more: ", out);
    }
    (void)close(tty);
    return exit;
}
