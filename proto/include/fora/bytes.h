/*
 * Bytes: borrowed slices, one growable buffer, one bounded arena, one reader.
 *
 * No function here keeps a pointer that it is given beyond the call unless it says so.
 */
#ifndef FORA_BYTES_H
#define FORA_BYTES_H

#include "fora/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes. Who lends it says until when. {NULL, 0} is the empty slice. */
struct fora_bytes {
    const uint8_t *data;
    size_t size;
};

struct fora_bytes fora_bytes(const void *data, size_t size);
struct fora_bytes fora_bytes_str(const char *text); /* without the terminating NUL */
bool fora_bytes_equal(struct fora_bytes a, struct fora_bytes b);
/* memcmp order, a shorter one first when it is a prefix. */
int fora_bytes_compare(struct fora_bytes a, struct fora_bytes b);

/*
 * A growable buffer with a cap and a sticky error: append what you like, ask once at the end.
 * After an error further appends do nothing. A zeroed struct is valid with no cap. What is appended
 * must not lie in the buffer itself.
 */
struct fora_buf {
    uint8_t *data; /* owned */
    size_t size;
    size_t room;
    size_t cap; /* 0: none. Growing beyond it sets FORA_E_TOO_LARGE */
    int error;  /* 0, FORA_E_NOMEM or FORA_E_TOO_LARGE */
};

void fora_buf_init(struct fora_buf *buf, size_t cap);
void fora_buf_fini(struct fora_buf *buf);  /* frees, and leaves it as after init */
void fora_buf_clear(struct fora_buf *buf); /* size 0 and error 0, keeps the room */
/* Returns where `size` fresh bytes begin (uninitialised, part of the buffer), or NULL on error. */
uint8_t *fora_buf_extend(struct fora_buf *buf, size_t size);
void fora_buf_append(struct fora_buf *buf, const void *data, size_t size);
void fora_buf_append_bytes(struct fora_buf *buf, struct fora_bytes bytes);
void fora_buf_append_str(struct fora_buf *buf, const char *text);
void fora_buf_printf(struct fora_buf *buf, const char *format, ...) FORA_PRINTF(2, 3);
void fora_buf_u8(struct fora_buf *buf, uint8_t value);
void fora_buf_be16(struct fora_buf *buf, uint16_t value);
void fora_buf_be32(struct fora_buf *buf, uint32_t value);
void fora_buf_be64(struct fora_buf *buf, uint64_t value);
void fora_buf_varint(struct fora_buf *buf, uint64_t value); /* LEB128, as protobuf */
/* Removes `size` bytes from the front, moving the rest down. Aborts when there are not as many. */
void fora_buf_consume(struct fora_buf *buf, size_t size);
struct fora_bytes fora_buf_bytes(const struct fora_buf *buf); /* borrowed until the next change */
/* NUL-terminates without counting the NUL; NULL on error. Borrowed until the next change. */
const char *fora_buf_cstr(struct fora_buf *buf);

/*
 * A bump allocator freed whole: one per request or message. `budget` bounds the total handed out.
 * Memory is aligned to 16 and not zeroed unless the function says so.
 */
struct fora_arena_block;
struct fora_arena {
    struct fora_arena_block *head; /* owned */
    size_t used;
    size_t budget; /* 0: none */
    bool over;     /* the budget refused something since init or reset: not memory, but its size */
};

void fora_arena_init(struct fora_arena *arena, size_t budget);
void fora_arena_fini(struct fora_arena *arena);
void fora_arena_reset(struct fora_arena *arena);               /* takes all back, keeps one block */
void *fora_arena_alloc(struct fora_arena *arena, size_t size); /* NULL: budget or memory is out */
void *fora_arena_zalloc(struct fora_arena *arena, size_t count, size_t size);
/* Copies; on failure data is NULL while size is not 0. */
struct fora_bytes fora_arena_copy(struct fora_arena *arena, struct fora_bytes bytes);
char *fora_arena_strndup(struct fora_arena *arena, const void *text, size_t size);

/*
 * The one reader of binary input: checks by subtracting from what remains, sticky first error
 * (FORA_E_MALFORMED); after it every read returns zeros or empty slices.
 */
struct fora_reader {
    const uint8_t *at;
    size_t left;
    int error;
};

void fora_reader_init(struct fora_reader *reader, struct fora_bytes bytes);
uint8_t fora_reader_u8(struct fora_reader *reader);
uint16_t fora_reader_be16(struct fora_reader *reader);
uint32_t fora_reader_be32(struct fora_reader *reader);
uint64_t fora_reader_be64(struct fora_reader *reader);
/* LEB128 of at most 10 bytes and 64 bits; over-long forms are read, as protobuf reads them. */
uint64_t fora_reader_varint(struct fora_reader *reader);
/* Borrowed from the input. */
struct fora_bytes fora_reader_take(struct fora_reader *reader, size_t size);
void fora_reader_copy(struct fora_reader *reader, void *out, size_t size); /* zeros on error */
/* 0 when no error happened and nothing is left, else FORA_E_MALFORMED. */
int fora_reader_end(const struct fora_reader *reader) FORA_MUST_USE;

/* Lower-case hex. `out` needs 2 * size + 1. */
void fora_hex(char *out, const void *data, size_t size);
/* Exactly `size` bytes from 2 * size digits of either case, else FORA_E_MALFORMED. */
int fora_unhex(void *out, size_t size, const char *text) FORA_MUST_USE;

#endif
