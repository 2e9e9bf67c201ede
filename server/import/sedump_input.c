/*
 * Bytes of a dump file. A file that does not end in .zst is handed on as it is; the other goes
 * through a streaming decompressor whose window is capped, so that neither the size of the file nor
 * what a frame header claims decides how much memory is taken.
 */
#include "import/sedump_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "import/sedump.h"

#define STORED_PIECE (64u << 10)

struct sedump_input {
    int fd;
    char *path; /* owned */
    uint64_t done;
    uint64_t total;
    ZSTD_DStream *zstd; /* owned; NULL for a plain file */
    uint8_t *stored;    /* owned; STORED_PIECE bytes, compressed */
    ZSTD_inBuffer in;
    size_t hint; /* 0: between two frames */
    bool at_end; /* of the stored file */
};

static int say_errno(struct fora_buf *why, const char *path, const char *what)
{
    int saved = errno;
    char text[128];

    if (why) {
        fora_buf_printf(why, "%s: %s: %s. Check the path and its permissions, then import again.",
            path, what, strerror_r(saved, text, sizeof text));
    }
    return FORA_E_IO;
}

static char *join(const char *folder, const char *name, const char *suffix)
{
    size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 2;
    char *path = malloc(size);

    if (path) {
        struct fora_buf buf;
        fora_buf_init(&buf, 0);
        fora_buf_printf(&buf, "%s/%s%s", folder, name, suffix);
        if (buf.error || buf.size + 1 != size) {
            free(path);
            path = NULL;
        } else {
            memcpy(path, buf.data, buf.size);
            path[buf.size] = '\0';
        }
        fora_buf_fini(&buf);
    }
    return path;
}

/* Opens one candidate; FORA_E_NOTFOUND without a sentence when it is absent. */
static int open_path(struct sedump_input *input, const char *folder, const char *name,
    const char *suffix, struct fora_buf *why)
{
    struct stat st;

    free(input->path);
    input->path = join(folder, name, suffix);
    if (!input->path) {
        return FORA_E_NOMEM;
    }
    /* Not blocking, so that a named pipe without a writer is refused instead of waited for. */
    input->fd = open(input->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (input->fd < 0) {
        return errno == ENOENT ? FORA_E_NOTFOUND : say_errno(why, input->path, "cannot be opened");
    }
    if (fstat(input->fd, &st) != 0) {
        return say_errno(why, input->path, "cannot be examined");
    }
    if (!S_ISREG(st.st_mode)) {
        if (why) {
            fora_buf_printf(why,
                "%s is not a regular file. Give the folder that holds the dump's .xml files.",
                input->path);
        }
        return FORA_E_IO;
    }
    input->total = (uint64_t)st.st_size;
    return 0;
}

static int start_zstd(struct sedump_input *input)
{
    input->stored = malloc(STORED_PIECE);
    input->zstd = ZSTD_createDStream();
    if (!input->stored || !input->zstd) {
        return FORA_E_NOMEM;
    }
    input->in.src = input->stored;
    if (ZSTD_isError(ZSTD_initDStream(input->zstd)) ||
        ZSTD_isError(
            ZSTD_DCtx_setParameter(input->zstd, ZSTD_d_windowLogMax, SEDUMP_ZSTD_WINDOW_LOG))) {
        return FORA_E_INTERNAL;
    }
    return 0;
}

int sedump_input_open(
    struct sedump_input **out, const char *folder, const char *name, struct fora_buf *why)
{
    struct sedump_input *input = calloc(1, sizeof *input);
    int rc;

    *out = NULL;
    if (!input) {
        return FORA_E_NOMEM;
    }
    input->fd = -1;
    rc = open_path(input, folder, name, ".xml", why);
    if (rc == FORA_E_NOTFOUND) {
        rc = open_path(input, folder, name, ".xml.zst", why);
        if (rc == FORA_E_NOTFOUND && why) {
            fora_buf_printf(why,
                "%s/%s.xml is not there, nor is %s.xml.zst. Give the folder that holds the dump's "
                ".xml files, unpacked from the .7z archive.",
                folder, name, name);
        }
        if (rc == 0) {
            rc = start_zstd(input);
        }
    }
    if (rc) {
        sedump_input_close(input);
        return rc;
    }
    *out = input;
    return 0;
}

/* One read(2) of up to `room` stored bytes. */
static int read_stored(
    struct sedump_input *input, uint8_t *data, size_t room, size_t *got, struct fora_buf *why)
{
    ssize_t n;

    do {
        n = read(input->fd, data, room);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        *got = 0;
        return say_errno(why, input->path, "cannot be read");
    }
    *got = (size_t)n;
    input->done += (uint64_t)n;
    input->at_end = n == 0;
    return 0;
}

static int read_plain(
    struct sedump_input *input, uint8_t *data, size_t room, size_t *got, struct fora_buf *why)
{
    while (*got < room && !input->at_end) {
        size_t n;
        int rc = read_stored(input, data + *got, room - *got, &n, why);
        if (rc) {
            return rc;
        }
        *got += n;
    }
    return 0;
}

static int bad_zstd(const struct sedump_input *input, struct fora_buf *why, const char *what)
{
    if (why) {
        fora_buf_printf(why,
            "%s: byte %llu of the compressed file: %s. The file is damaged or was cut off; fetch "
            "it "
            "again.",
            input->path, (unsigned long long)input->done, what);
    }
    return FORA_E_MALFORMED;
}

static int read_zstd(
    struct sedump_input *input, uint8_t *data, size_t room, size_t *got, struct fora_buf *why)
{
    ZSTD_outBuffer out = {data, room, 0};

    for (;;) {
        size_t before = out.pos;
        int rc;

        /* Without input too: the decompressor may still hold output of an earlier piece. */
        if (input->in.pos < input->in.size || input->hint != 0) {
            input->hint = ZSTD_decompressStream(input->zstd, &out, &input->in);
            if (ZSTD_isError(input->hint)) {
                return bad_zstd(input, why, ZSTD_getErrorName(input->hint));
            }
        }
        *got = out.pos;
        if (out.pos == room) {
            return 0;
        }
        if (input->in.pos < input->in.size || out.pos > before) {
            continue;
        }
        if (!input->at_end) {
            input->in.pos = 0;
            input->in.size = 0;
            rc = read_stored(input, input->stored, STORED_PIECE, &input->in.size, why);
            if (rc) {
                return rc;
            }
        }
        if (input->at_end) {
            return input->hint == 0 ? 0 : bad_zstd(input, why, "it ends in the middle of a frame");
        }
    }
}

int sedump_input_read(
    struct sedump_input *input, uint8_t *data, size_t room, size_t *got, struct fora_buf *why)
{
    *got = 0;
    if (input->zstd) {
        return read_zstd(input, data, room, got, why);
    }
    return read_plain(input, data, room, got, why);
}

const char *sedump_input_path(const struct sedump_input *input)
{
    return input->path;
}

void sedump_input_progress(const struct sedump_input *input, uint64_t *done, uint64_t *total)
{
    *done = input->done;
    *total = input->total;
}

void sedump_input_close(struct sedump_input *input)
{
    if (!input) {
        return;
    }
    if (input->fd >= 0) {
        close(input->fd);
    }
    ZSTD_freeDStream(input->zstd);
    free(input->stored);
    free(input->path);
    free(input);
}
