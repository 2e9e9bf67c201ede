/* Stages and copies. Every failure names the path and leaves nothing behind that stage_drop would
 * not remove. */
#include "cmd/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(struct fora_client_why *why, const char *doing, const char *path)
{
    int code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? FORA_E_FULL : FORA_E_IO;
    return fora_client_fail(why, code, "Cannot %s %.400s: %s.", doing, path, strerror(errno));
}

static int too_long(struct fora_client_why *why)
{
    return fora_client_fail(why, FORA_E_IO, "The path of the folder is too long.");
}

static int join(struct state *out, const struct state *folder, const char *name)
{
    int size = snprintf(out->home, sizeof out->home, "%.3800s/%.200s", folder->home, name);
    return size > 0 && strlen(folder->home) + strlen(name) + 1 == (size_t)size ? 0 : FORA_E_IO;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* 0 and the first entry's name in `found` ("" when it is empty). */
static int first_entry(const char *path, char found[256])
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    found[0] = '\0';
    if (dir == NULL) {
        return FORA_E_IO;
    }
    while (found[0] == '\0' && (entry = readdir(dir)) != NULL) {
        /* A file system of its own has this from the beginning. */
        if (!is_dots(entry->d_name) && strcmp(entry->d_name, "lost+found") != 0) {
            (void)snprintf(found, 256, "%s", entry->d_name);
        }
    }
    (void)closedir(dir);
    return 0;
}

static int sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int failure = fsync(fd) != 0 && errno != EINVAL ? -1 : 0;
    (void)close(fd);
    return failure;
}

static void parent_of(char out[STATE_PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        (void)snprintf(out, STATE_PATH_MAX, ".");
    } else {
        (void)snprintf(out, STATE_PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    }
}

static int make_parents(const char *path, struct fora_client_why *why)
{
    char part[STATE_PATH_MAX];
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        if (mkdir(part, 0755) != 0 && errno != EEXIST) {
            return failed(why, "make the folder", part);
        }
    }
    return 0;
}

int stage_vacant(struct stage *stage, const char *target, struct fora_client_why *why)
{
    struct stat found;
    char entry[256];
    if (state_locate(&stage->target, target, why) != 0) {
        return too_long(why);
    }
    target = stage->target.home;
    stage->inside = stat(target, &found) == 0;
    if (stage->inside && !S_ISDIR(found.st_mode)) {
        return fora_client_fail(why, FORA_E_EXISTS,
            "%.400s is a file, not a folder. Give the name of an empty or new folder.", target);
    }
    if (stage->inside && first_entry(target, entry) != 0) {
        return failed(why, "look into", target);
    }
    if (stage->inside && entry[0] != '\0') {
        return fora_client_fail(why, FORA_E_EXISTS,
            "The folder %.300s is not empty: it holds %.100s. Nothing was changed. Give the name "
            "of an empty or new folder.",
            target, entry);
    }
    return 0;
}

int stage_begin(struct stage *stage, const char *target, struct fora_client_why *why)
{
    int error = stage_vacant(stage, target, why);
    target = stage->target.home;
    if (error == 0 && !stage->inside) {
        error = make_parents(target, why);
    }
    if (error != 0) {
        return error;
    }
    if (strlen(target) > STATE_PATH_MAX - 300) {
        return too_long(why);
    }
    (void)snprintf(stage->stage.home, STATE_PATH_MAX,
        stage->inside ? "%.3800s/.new-%ld" : "%.3800s.new-%ld", target, (long)getpid());
    if (mkdir(stage->stage.home, 0700) != 0) {
        error = failed(why, "make the folder", stage->stage.home);
        stage->stage.home[0] = '\0'; /* not ours to remove */
    }
    return error;
}

/* Moves one entry of the stage up. */
static int move_up(struct stage *stage, const char *name, struct fora_client_why *why)
{
    struct state from;
    struct state to;
    if (join(&from, &stage->stage, name) != 0 || join(&to, &stage->target, name) != 0) {
        return too_long(why);
    }
    return rename(from.home, to.home) == 0 ? 0 : failed(why, "move into place", to.home);
}

static int move_all(struct stage *stage, const char *last, struct fora_client_why *why)
{
    int error = 0;
    struct dirent *entry;
    DIR *dir = opendir(stage->stage.home);
    if (dir == NULL) {
        return failed(why, "read", stage->stage.home);
    }
    while (error == 0 && (entry = readdir(dir)) != NULL) {
        if (!is_dots(entry->d_name) && strcmp(entry->d_name, last) != 0) {
            error = move_up(stage, entry->d_name, why);
        }
    }
    (void)closedir(dir);
    if (error == 0 && sync_folder(stage->target.home) != 0) {
        error = failed(why, "write", stage->target.home);
    }
    if (error == 0) {
        error = move_up(stage, last, why);
    }
    if (error == 0 && rmdir(stage->stage.home) != 0) {
        error = failed(why, "remove", stage->stage.home);
    }
    return error;
}

int stage_publish(struct stage *stage, const char *last, struct fora_client_why *why)
{
    char parent[STATE_PATH_MAX];
    int error = 0;
    if (sync_folder(stage->stage.home) != 0) {
        return failed(why, "write", stage->stage.home);
    }
    if (stage->inside) {
        error = move_all(stage, last, why);
    } else if (rename(stage->stage.home, stage->target.home) != 0) {
        error = failed(why, "move into place", stage->target.home);
    }
    parent_of(parent, stage->target.home);
    if (error == 0 && sync_folder(stage->inside ? stage->target.home : parent) != 0) {
        error = failed(why, "write", parent);
    }
    return error;
}

/* Two levels are all that forad makes. */
static void remove_below(const char *path, int depth)
{
    struct dirent *entry;
    DIR *dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct state child;
        struct state folder;
        (void)snprintf(folder.home, sizeof folder.home, "%s", path);
        if (is_dots(entry->d_name) || join(&child, &folder, entry->d_name) != 0) {
            continue;
        }
        if (unlink(child.home) != 0 && depth > 0) {
            remove_below(child.home, depth - 1);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(path);
}

void stage_drop(struct stage *stage)
{
    if (stage->stage.home[0] != '\0') {
        remove_below(stage->stage.home, 2);
    }
}

int folder_make(
    const struct state *folder, const char *name, struct state *out, struct fora_client_why *why)
{
    if (join(out, folder, name) != 0) {
        return too_long(why);
    }
    return mkdir(out->home, 0700) == 0 ? 0 : failed(why, "make the folder", out->home);
}

/* ---- copies ---- */

static int copy_bytes(int in, int out)
{
    uint8_t buffer[65536];
    for (;;) {
        ssize_t got = read(in, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? fsync(out) : -1;
        }
        for (ssize_t at = 0; at < got;) {
            ssize_t put = write(out, buffer + at, (size_t)(got - at));
            if (put < 0 && errno != EINTR) {
                return -1;
            }
            at += put > 0 ? put : 0;
        }
    }
}

int folder_copy_file(
    const struct state *from, const char *name, const struct state *to, struct fora_client_why *why)
{
    struct state source;
    struct state target;
    int error = 0;
    if (join(&source, from, name) != 0 || join(&target, to, name) != 0) {
        return too_long(why);
    }
    int in = open(source.home, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (in < 0) {
        return errno == ENOENT ? FORA_E_NOTFOUND : failed(why, "open", source.home);
    }
    int out = open(target.home, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out < 0) {
        error = failed(why, "write", target.home);
    } else if (copy_bytes(in, out) != 0) {
        error = failed(why, "copy to", target.home);
    }
    if (out >= 0 && close(out) != 0 && error == 0) {
        error = failed(why, "write", target.home);
    }
    (void)close(in);
    return error;
}

int folder_copy_files(const struct state *from, const struct state *to, struct fora_client_why *why)
{
    int error = 0;
    struct dirent *entry;
    DIR *dir = opendir(from->home);
    if (dir == NULL) {
        return failed(why, "read", from->home);
    }
    while (error == 0 && (entry = readdir(dir)) != NULL) {
        struct state child;
        struct stat found;
        if (join(&child, from, entry->d_name) == 0 && lstat(child.home, &found) == 0 &&
            S_ISREG(found.st_mode)) {
            error = folder_copy_file(from, entry->d_name, to, why);
        }
    }
    (void)closedir(dir);
    return error;
}
