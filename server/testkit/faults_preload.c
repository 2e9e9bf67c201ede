/* The node's side of faults.h: a shared library of its own, linked with nothing of the node. */
#include "testkit/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* A library that stands before others has nowhere else to keep it. */
static struct kit_faults none;
static struct kit_faults *faults = &none;

__attribute__((constructor)) static void load(void)
{
    const char *path = getenv(KIT_FAULTS_VARIABLE);
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped =
        fd >= 0 ? mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (mapped != MAP_FAILED) {
        faults = mapped;
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* The function of that name which comes after this library's. */
static void next_of(const char *name, void *out)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        abort();
    }
    memcpy(out, &found, sizeof found);
}

static int fails(atomic_int *error)
{
    int code = atomic_load(error);
    if (code != 0) {
        atomic_fetch_add(&faults->failed, 1);
        errno = code;
    }
    return code;
}

int fsync(int fd)
{
    int (*next)(int);
    next_of("fsync", &next);
    return fails(&faults->sync_error) != 0 ? -1 : next(fd);
}

int fdatasync(int fd)
{
    int (*next)(int);
    next_of("fdatasync", &next);
    return fails(&faults->sync_error) != 0 ? -1 : next(fd);
}

int msync(void *at, size_t size, int flags)
{
    int (*next)(void *, size_t, int);
    next_of("msync", &next);
    return fails(&faults->sync_error) != 0 ? -1 : next(at, size, flags);
}

static int is_meta(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_DSYNC) != 0;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    ssize_t (*next)(int, const void *, size_t, off_t);
    next_of("pwrite", &next);
    if (atomic_load(&faults->meta_error) != 0 && is_meta(fd)) {
        return fails(&faults->meta_error) != 0 ? -1 : next(fd, bytes, size, at);
    }
    return next(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    return pwrite(fd, bytes, size, at);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int (*next)(clockid_t, struct timespec *);
    next_of("clock_gettime", &next);
    int rc = next(clock, out);
    long long ms = atomic_load(&faults->clock_ms);
    if (rc == 0 && clock == CLOCK_REALTIME && ms != 0) {
        long long all = (long long)out->tv_sec * 1000 + out->tv_nsec / 1000000 + ms;
        out->tv_sec = (time_t)(all / 1000);
        out->tv_nsec = (long)(all % 1000) * 1000000;
        atomic_fetch_add(&faults->clock_asked, 1);
    }
    return rc;
}
