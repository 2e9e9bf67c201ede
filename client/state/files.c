/* The folder and its files. */
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int path_of(char out[STATE_PATH_MAX], const struct state *state, const char *name,
    struct fora_client_why *why)
{
    int size = snprintf(out, STATE_PATH_MAX, "%s/%s", state->home, name);
    if (size < 0 || size >= STATE_PATH_MAX) {
        return fora_client_fail(why, FORA_E_IO, "The path of the folder for Fora is too long.");
    }
    return 0;
}

static int failed(struct fora_client_why *why, const char *doing, const char *path)
{
    return fora_client_fail(why, FORA_E_IO, "Cannot %s %.400s: %s.", doing, path, strerror(errno));
}

int state_locate(struct state *out, const char *dir, struct fora_client_why *why)
{
    const char *fora = getenv("FORA_HOME");
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int size;
    if (dir == NULL && fora != NULL && fora[0] != '\0') {
        dir = fora;
    }
    if (dir != NULL) {
        size = snprintf(out->home, sizeof out->home, "%s", dir);
    } else if (xdg != NULL && xdg[0] == '/') {
        size = snprintf(out->home, sizeof out->home, "%s/fora", xdg);
    } else if (home != NULL && home[0] == '/') {
        size = snprintf(out->home, sizeof out->home, "%s/.config/fora", home);
    } else {
        return fora_client_fail(why, FORA_E_IO,
            "There is no place for the client's files: HOME is not set. Set FORA_HOME, or give "
            "--home DIR.");
    }
    if (size <= 0 || (size_t)size >= sizeof out->home) {
        return fora_client_fail(
            why, FORA_E_IO, "The folder for the client's files has no name, or a too long one.");
    }
    while (size > 1 && out->home[size - 1] == '/') {
        out->home[--size] = '\0';
    }
    return 0;
}

static int make_parents(const char *path, struct fora_client_why *why)
{
    char part[STATE_PATH_MAX];
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        memcpy(part, path, (size_t)(at - path));
        part[at - path] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            return failed(why, "make the folder", part);
        }
    }
    return 0;
}

int state_make(const struct state *state, struct fora_client_why *why)
{
    struct stat found;
    if (stat(state->home, &found) == 0) {
        if (!S_ISDIR(found.st_mode)) {
            return fora_client_fail(why, FORA_E_IO,
                "%.400s is not a folder. Move it away, or give another one with --home.",
                state->home);
        }
        return 0;
    }
    int error = make_parents(state->home, why);
    if (error != 0) {
        return error;
    }
    if (mkdir(state->home, 0700) != 0 && errno != EEXIST) {
        return failed(why, "make the folder", state->home);
    }
    return state_write(state, "config", fora_bytes_str(state_config_default), why);
}

static int read_all(int fd, const char *path, struct fora_buf *out, struct fora_client_why *why)
{
    for (;;) {
        uint8_t *into = fora_buf_extend(out, 4096);
        if (into == NULL) {
            return out->error == FORA_E_NOMEM
                       ? fora_client_fail(why, out->error, "There is not enough memory.")
                       : fora_client_fail(why, out->error,
                             "%.400s is larger than any such file is. Restore it.", path);
        }
        ssize_t got = read(fd, into, 4096);
        out->size -= got > 0 ? 4096 - (size_t)got : 4096;
        if (got == 0) {
            return 0;
        }
        if (got < 0 && errno != EINTR) {
            return failed(why, "read", path);
        }
    }
}

int state_read(const struct state *state, const char *name, bool private, struct fora_buf *out,
    struct fora_client_why *why)
{
    char path[STATE_PATH_MAX];
    struct stat found;
    int error = path_of(path, state, name, why);
    if (error != 0) {
        return error;
    }
    /* Not to wait for the other end of a pipe; of ordinary files it says nothing. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? FORA_E_NOTFOUND : failed(why, "open", path);
    }
    if (fstat(fd, &found) != 0) {
        error = failed(why, "look at", path);
    } else if (!S_ISREG(found.st_mode)) {
        error = fora_client_fail(why, FORA_E_IO, "%.400s is not an ordinary file.", path);
    } else if (private && (found.st_mode & 077) != 0) {
        error = fora_client_fail(why, FORA_E_IO,
            "%.400s holds secrets and can be read by others (mode %03o). Run: chmod 600 %.200s",
            path, (unsigned)(found.st_mode & 0777), path);
    } else {
        error = read_all(fd, path, out, why);
    }
    (void)close(fd);
    return error;
}

static int write_all(int fd, struct fora_bytes content)
{
    while (content.size > 0) {
        ssize_t put = write(fd, content.data, content.size);
        if (put < 0 && errno != EINTR) {
            return -1;
        }
        if (put > 0) {
            content = fora_bytes(content.data + put, content.size - (size_t)put);
        }
    }
    return fsync(fd);
}

int state_write(const struct state *state, const char *name, struct fora_bytes content,
    struct fora_client_why *why)
{
    char path[STATE_PATH_MAX];
    char beside[STATE_PATH_MAX];
    char hidden[80];
    (void)snprintf(hidden, sizeof hidden, ".%.40s.%ld", name, (long)getpid());
    int error = path_of(path, state, name, why);
    if (error == 0) {
        error = path_of(beside, state, hidden, why);
    }
    if (error == 0 && strcmp(name, "config") != 0) {
        error = state_make(state, why);
    }
    if (error != 0) {
        return error;
    }
    (void)unlink(beside); /* of a process with this number that crashed */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return failed(why, "write", beside);
    }
    int written = write_all(fd, content);
    int saved = errno;
    if (close(fd) != 0 && written == 0) {
        written = -1;
        saved = errno;
    }
    if (written == 0 && rename(beside, path) == 0) {
        return 0;
    }
    errno = written == 0 ? errno : saved;
    error = failed(why, "write", path);
    (void)unlink(beside);
    return error;
}

int state_remove(const struct state *state, const char *name, struct fora_client_why *why)
{
    char path[STATE_PATH_MAX];
    int error = path_of(path, state, name, why);
    if (error != 0) {
        return error;
    }
    return unlink(path) == 0 || errno == ENOENT ? 0 : failed(why, "remove", path);
}

int state_each_line(const struct state *state, const char *name, bool private,
    int (*each)(void *context, char *line), void *context, struct fora_client_why *why)
{
    struct fora_buf text;
    fora_buf_init(&text, STATE_FILE_MAX);
    int error = state_read(state, name, private, &text, why);
    if (error == 0 && fora_buf_cstr(&text) == NULL) {
        error = fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
    }
    /* Zeros, as a crash of the machine leaves them: what follows is read too. */
    for (size_t i = 0; error == 0 && i < text.size; i++) {
        text.data[i] = text.data[i] == '\0' ? '\n' : text.data[i];
    }
    if (error == 0 && text.size > 0) {
        char *rest = (char *)text.data;
        for (char *line; error == 0 && (line = strtok_r(rest, "\r\n", &rest)) != NULL;) {
            error = each(context, line);
        }
    }
    if (private && text.data != NULL) {
        fora_wipe(text.data, text.size);
    }
    fora_buf_fini(&text);
    return error == FORA_E_NOTFOUND ? 0 : error;
}
