/* A password: from a file, from standard input, or typed twice without echo. */
#include "cmd/forad.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { SECRET_MAX = 1024 };

void app_forget(struct fora_buf *secret)
{
    if (secret->data != NULL) {
        fora_wipe(secret->data, secret->room);
    }
    fora_buf_fini(secret);
}

/* Growing would leave copies behind: the room is there from the start. */
static int reserve(struct fora_buf *out)
{
    fora_buf_init(out, SECRET_MAX + 1);
    (void)fora_buf_extend(out, SECRET_MAX + 1);
    int error = out->error;
    fora_buf_clear(out);
    return error;
}

/* A byte at a time, so that nothing beyond the line is taken. */
static int read_line(int fd, struct fora_buf *out)
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
    }
    if (out->size > 0 && out->data[out->size - 1] == '\r') {
        out->size--;
    }
    return out->error != 0 || out->size == 0 || out->size > SECRET_MAX ? FORA_E_USAGE : 0;
}

static int from_file(struct app *app, const char *path, struct fora_buf *out)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return app_fail(app, FORAD_LOCAL, "Cannot open %.400s: %s.", path, strerror(errno));
    }
    int error = read_line(fd, out);
    int saved = errno;
    if (!standard) {
        (void)close(fd);
    }
    if (error == FORA_E_IO) {
        return app_fail(app, FORAD_LOCAL, "Cannot read %.400s: %s.", path, strerror(saved));
    }
    return error == 0 ? FORAD_OK
                      : app_fail(app, FORAD_USAGE,
                            "The first line of %.400s is empty, or longer than %d bytes.", path,
                            SECRET_MAX);
}

static int type(struct app *app, int tty, const char *prompt, struct fora_buf *out)
{
    struct termios before;
    struct termios silent;
    if (tcgetattr(tty, &before) != 0) {
        return app_fail(app, FORAD_LOCAL, "The terminal cannot be read: %s.", strerror(errno));
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(tty, TCSAFLUSH, &silent);
    bool asked = write(tty, prompt, strlen(prompt)) > 0;
    int error = read_line(tty, out);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    asked = write(tty, "\n", 1) > 0 && asked;
    return asked && error == 0 ? FORAD_OK
                               : app_fail(app, FORAD_USAGE,
                                     "Nothing was typed, or more than %d bytes.", SECRET_MAX);
}

static int type_twice(struct app *app, struct fora_buf *out)
{
    struct fora_buf again = {0};
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0) {
        return app_fail(app, FORAD_USAGE,
            "There is no terminal to type the password on. Give a file with --password-file "
            "FILE.");
    }
    int exit = type(app, tty, "New password: ", out);
    if (exit == FORAD_OK) {
        exit = reserve(&again) == 0 ? type(app, tty, "Once more: ", &again) : app_fail_memory(app);
    }
    if (exit == FORAD_OK && !fora_bytes_equal(fora_buf_bytes(&again), fora_buf_bytes(out))) {
        exit = app_fail(app, FORAD_USAGE, "The two do not match. Nothing was changed.");
    }
    app_forget(&again);
    (void)close(tty);
    return exit;
}

int app_password(struct app *app, struct fora_buf *out)
{
    const char *path = cmd_text(&app->line, "password-file");
    if (reserve(out) != 0) {
        return app_fail_memory(app);
    }
    return path == NULL ? type_twice(app, out) : from_file(app, path, out);
}
