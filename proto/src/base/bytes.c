/* Slices, the growable buffer, the reader and hex. */
#include "fora/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small enough for a message header, large enough that most small messages need one allocation. */
enum { BUF_ROOM_MIN = 64 };

struct fora_bytes fora_bytes(const void *data, size_t size)
{
    return (struct fora_bytes){.data = data, .size = size};
}

struct fora_bytes fora_bytes_str(const char *text)
{
    return fora_bytes(text, strlen(text));
}

bool fora_bytes_equal(struct fora_bytes a, struct fora_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int fora_bytes_compare(struct fora_bytes a, struct fora_bytes b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    /* memcmp must not see the empty slice's NULL, even with size 0. */
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

void fora_buf_init(struct fora_buf *buf, size_t cap)
{
    *buf = (struct fora_buf){.cap = cap};
}

void fora_buf_fini(struct fora_buf *buf)
{
    free(buf->data);
    fora_buf_init(buf, buf->cap);
}

void fora_buf_clear(struct fora_buf *buf)
{
    buf->size = 0;
    buf->error = 0;
}

/*
 * Makes room for `need` bytes in all. Doubles, so that n appends cost O(n); the cap bounds what is
 * counted in size, and one byte more for the NUL of fora_buf_cstr().
 */
static bool buf_reserve(struct fora_buf *buf, size_t need)
{
    size_t room = buf->room > SIZE_MAX / 2 ? SIZE_MAX : 2 * buf->room;
    uint8_t *data;

    if (need <= buf->room)
        return true;
    if (room < BUF_ROOM_MIN)
        room = BUF_ROOM_MIN;
    if (buf->cap != 0 && buf->cap < room)
        room = buf->cap + 1;
    if (room < need)
        room = need;
    data = realloc(buf->data, room);
    if (data == NULL) {
        buf->error = FORA_E_NOMEM;
        return false;
    }
    buf->data = data;
    buf->room = room;
    return true;
}

uint8_t *fora_buf_extend(struct fora_buf *buf, size_t size)
{
    uint8_t *fresh;

    if (buf->error != 0)
        return NULL;
    if (size > SIZE_MAX - 1 - buf->size ||
        (buf->cap != 0 && (buf->size > buf->cap || size > buf->cap - buf->size))) {
        buf->error = FORA_E_TOO_LARGE;
        return NULL;
    }
    /* At least one byte of room, so that NULL always means an error. */
    if (!buf_reserve(buf, buf->size + size == 0 ? 1 : buf->size + size))
        return NULL;
    fresh = buf->data + buf->size;
    buf->size += size;
    return fresh;
}

void fora_buf_append(struct fora_buf *buf, const void *data, size_t size)
{
    uint8_t *fresh;

    if (size == 0)
        return;
    fresh = fora_buf_extend(buf, size);
    if (fresh != NULL)
        memcpy(fresh, data, size);
}

void fora_buf_append_bytes(struct fora_buf *buf, struct fora_bytes bytes)
{
    fora_buf_append(buf, bytes.data, bytes.size);
}

void fora_buf_append_str(struct fora_buf *buf, const char *text)
{
    fora_buf_append(buf, text, strlen(text));
}

void fora_buf_printf(struct fora_buf *buf, const char *format, ...)
{
    va_list args;
    uint8_t *fresh;
    int length;

    if (buf->error != 0)
        return;
    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        buf->error = FORA_E_TOO_LARGE; /* longer than INT_MAX is all that can fail here */
        return;
    }
    fresh = fora_buf_extend(buf, (size_t)length);
    /* vsnprintf writes a NUL that is not part of the buffer. */
    if (fresh == NULL || !buf_reserve(buf, buf->size + 1)) {
        if (fresh != NULL)
            buf->size -= (size_t)length;
        return;
    }
    va_start(args, format);
    vsnprintf((char *)buf->data + buf->size - (size_t)length, (size_t)length + 1, format, args);
    va_end(args);
}

static void buf_be(struct fora_buf *buf, uint64_t value, size_t size)
{
    uint8_t *fresh = fora_buf_extend(buf, size);

    if (fresh == NULL)
        return;
    for (size_t i = size; i > 0; i--) {
        fresh[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

void fora_buf_u8(struct fora_buf *buf, uint8_t value)
{
    buf_be(buf, value, 1);
}

void fora_buf_be16(struct fora_buf *buf, uint16_t value)
{
    buf_be(buf, value, 2);
}

void fora_buf_be32(struct fora_buf *buf, uint32_t value)
{
    buf_be(buf, value, 4);
}

void fora_buf_be64(struct fora_buf *buf, uint64_t value)
{
    buf_be(buf, value, 8);
}

void fora_buf_varint(struct fora_buf *buf, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;

    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    fora_buf_append(buf, bytes, size);
}

void fora_buf_consume(struct fora_buf *buf, size_t size)
{
    if (size > buf->size)
        abort(); /* a broken memory rule: the caller would read what it never had */
    if (size == 0)
        return;
    buf->size -= size;
    memmove(buf->data, buf->data + size, buf->size);
}

struct fora_bytes fora_buf_bytes(const struct fora_buf *buf)
{
    return fora_bytes(buf->size == 0 ? NULL : buf->data, buf->size);
}

const char *fora_buf_cstr(struct fora_buf *buf)
{
    if (buf->error != 0 || !buf_reserve(buf, buf->size + 1))
        return NULL;
    buf->data[buf->size] = 0;
    return (const char *)buf->data;
}

void fora_hex(char *out, const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int fora_unhex(void *out, size_t size, const char *text)
{
    uint8_t *bytes = out;

    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text[2 * i]);
        /* A NUL as the first digit must keep us from looking at the second. */
        int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

        if (low < 0)
            return FORA_E_MALFORMED;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * size] == 0 ? 0 : FORA_E_MALFORMED;
}
