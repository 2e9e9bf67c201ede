#include "store/kv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int kv_why(struct fora_buf *why, int error, const char *format, ...)
{
    if (why == NULL)
        return error;
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fora_buf_clear(why);
    fora_buf_append_str(why, text);
    return error;
}

int kv_file_error(int os_error)
{
    switch (os_error) {
    case 0:
        return 0;
    case ENOENT:
    case ENOTDIR:
        return FORA_E_NOTFOUND;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return FORA_E_FULL;
    case ENOMEM:
        return FORA_E_NOMEM;
    default:
        return FORA_E_IO;
    }
}

char *kv_file_path(const char *folder, const char *name)
{
    size_t room = strlen(folder) + strlen(name) + 2;
    char *path = malloc(room);
    if (path != NULL)
        (void)snprintf(path, room, "%s/%s", folder, name);
    return path;
}

int kv_folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return kv_file_error(errno);
    /* Some file systems cannot sync a folder and say EINVAL: then there is nothing to wait for. */
    int error = fsync(fd) != 0 && errno != EINVAL ? kv_file_error(errno) : 0;
    (void)close(fd);
    return error;
}

static int sync_parent(const char *path)
{
    char *copy = strdup(path); /* dirname writes into it */
    if (copy == NULL)
        return FORA_E_NOMEM;
    int error = kv_folder_sync(dirname(copy));
    free(copy);
    return error;
}

int kv_folder_open(const char *path, bool create, struct fora_buf *why)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return 0;
        return kv_why(why, FORA_E_IO, "%s is not a folder", path);
    }
    if (errno != ENOENT)
        return kv_why(why, FORA_E_IO, "%s cannot be opened: %s", path, strerror(errno));
    if (!create)
        return kv_why(why, FORA_E_NOTFOUND, "%s: there is no store here", path);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        int os_error = errno;
        return kv_why(why, kv_file_error(os_error), "the folder %s cannot be made: %s", path,
            strerror(os_error));
    }
    int error = sync_parent(path);
    if (error != 0)
        return kv_why(why, error, "the folder above %s cannot be written", path);
    return 0;
}

static int say_busy(const char *path, int fd, struct fora_buf *why)
{
    char holder[24] = "";
    ssize_t got = pread(fd, holder, sizeof holder - 1, 0);
    holder[got > 0 ? strspn(holder, "0123456789") : 0] = '\0';
    return kv_why(why, FORA_E_BUSY,
        "another process%s%s writes to the store in %s (it holds %s/lock); stop it first",
        holder[0] != '\0' ? ", pid " : "", holder, path, path);
}

int kv_folder_lock(const char *path, int *fd, struct fora_buf *why)
{
    *fd = -1;
    char *name = kv_file_path(path, "lock");
    if (name == NULL)
        return FORA_E_NOMEM;
    int lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int os_error = errno;
    free(name);
    if (lock < 0)
        return kv_why(
            why, kv_file_error(os_error), "%s/lock cannot be opened: %s", path, strerror(os_error));
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        os_error = errno;
        int error = os_error == EWOULDBLOCK ? say_busy(path, lock, why)
                                            : kv_why(why, FORA_E_IO, "%s/lock cannot be locked: %s",
                                                  path, strerror(os_error));
        (void)close(lock);
        return error;
    }
    /* The number is for people; a full disk may leave it out. */
    if (ftruncate(lock, 0) == 0)
        (void)dprintf(lock, "%ld\n", (long)getpid());
    *fd = lock;
    return 0;
}

/*
 * LMDB's file begins with two pages, each a page header of 16 bytes and a meta:
 * magic (4), version (4), address (8), map size (8), page size (4), and more.
 */
enum { META_AT = 16, META_PAGE_SIZE_AT = 24, META_READ = 28 };
#define META_MAGIC 0xBEEFC0DEU

static uint32_t native32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static bool is_meta(const uint8_t *page, off_t size)
{
    uint32_t page_size = native32(page + META_AT + META_PAGE_SIZE_AT);
    return native32(page + META_AT) == META_MAGIC && page_size >= 256 && page_size <= 65536 &&
           (page_size & (page_size - 1)) == 0 && size >= 2 * (off_t)page_size;
}

int kv_data_check(const char *file, struct fora_buf *why)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int error = kv_file_error(errno);
        return kv_why(why, error, "%s cannot be opened: %s", file, strerror(errno));
    }
    struct stat st;
    uint8_t page[META_AT + META_READ] = {0};
    ssize_t got = pread(fd, page, sizeof page, 0);
    int error = got < 0 || fstat(fd, &st) != 0 ? kv_file_error(errno) : 0;
    (void)close(fd);
    if (error != 0)
        return kv_why(why, error, "%s cannot be read", file);
    if (!is_meta(page, st.st_size))
        return kv_why(why, FORA_E_CORRUPT,
            "%s (%lld bytes) is not a store, or its beginning is lost: restore a backup", file,
            (long long)st.st_size);
    return 0;
}
