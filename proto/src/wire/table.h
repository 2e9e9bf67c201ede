/*
 * The wire room's engine: protobuf described by one table per message, in which number, type, cap
 * and whether it is required stand side by side, so that the limits of the spec are read in one
 * place (spec/01-encoding.md).
 *
 * Why not generated code: protobuf-c has no cap on depth or memory, does not check UTF-8, takes
 * over-long varints and doubled fields, and copies every field; all of that would have to be
 * scanned for first. Here slices are borrowed from the input, nesting is bounded by the tables,
 * memory by the arena. The tests hold the tables against protobuf-c's generated code on the same
 * .proto files.
 *
 * Decoding is stricter than protobuf where spec ENC-3 says so: a singular field given twice, a
 * varint that is not in its shortest form, a value beyond its type (32 bits, or 1 for a bool), a
 * wrong wire type, or field number 0 is FORA_E_MALFORMED. Unknown fields are skipped. Groups (wire
 * types 3, 4) are refused.
 */
#ifndef FORA_WIRE_TABLE_H
#define FORA_WIRE_TABLE_H

#include "fora/bytes.h"

enum wire_type {
    WIRE_TYPE_U32,
    WIRE_TYPE_U64,
    WIRE_TYPE_S32,  /* zigzag */
    WIRE_TYPE_S64,  /* zigzag */
    WIRE_TYPE_ENUM, /* uint32_t, at most 2^31 - 1: protobuf's enums are signed */
    WIRE_TYPE_BOOL,
    WIRE_TYPE_TEXT,
    WIRE_TYPE_BYTES,
    WIRE_TYPE_ID, /* bytes of exactly sizeof the member, copied; absent: all zeros (ENC-4) */
    WIRE_TYPE_MESSAGE
};

enum wire_flags {
    WIRE_REQUIRED = 1, /* not zero, not empty, at least one */
    WIRE_PRESENCE = 2, /* a bool has_NAME beside it tells absent from zero */
    WIRE_MANY = 4,     /* a pointer and NAME_count; no element is empty */
    WIRE_MULTILINE = 8 /* text may hold tab and line feed; else one printable line */
};

struct wire_table;

struct wire_field {
    uint32_t number;
    uint8_t type;                   /* enum wire_type */
    uint8_t flags;                  /* enum wire_flags */
    uint16_t offset;                /* of the member in the struct */
    uint16_t aux_offset;            /* of has_NAME or NAME_count */
    uint32_t size;                  /* ID: bytes; MANY: bytes of one element; else 0 */
    uint32_t cap;                   /* TEXT and BYTES: most bytes of one */
    uint32_t count;                 /* MANY: most elements */
    const struct wire_table *table; /* MESSAGE */
};

struct wire_table {
    const char *name;
    const struct wire_field *fields; /* by ascending number */
    size_t count;
    size_t size; /* of the struct */
};

#define WIRE_TABLE(text, s)                                                                        \
    {                                                                                              \
        text, s##_fields, sizeof s##_fields / sizeof s##_fields[0], sizeof(struct s)               \
    }
#define WIRE_SIZEOF(s, f) sizeof(((struct s *)0)->f)
#define WIRE_ONE(n, t, s, f, sz, cap, tab, fl)                                                     \
    {                                                                                              \
        n, t, fl, offsetof(struct s, f), 0, sz, cap, 0, tab                                        \
    }
#define WIRE_MAY(n, t, s, f, sz, cap, tab, fl)                                                     \
    {                                                                                              \
        n, t, (fl) | WIRE_PRESENCE, offsetof(struct s, f), offsetof(struct s, has_##f), sz, cap,   \
            0, tab                                                                                 \
    }
#define WIRE_ALL(n, t, s, f, sz, cap, cnt, tab, fl)                                                \
    {                                                                                              \
        n, t, (fl) | WIRE_MANY, offsetof(struct s, f), offsetof(struct s, f##_count), sz, cap,     \
            cnt, tab                                                                               \
    }

#define WIRE_U32(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_U32, s, f, 0, 0, NULL, fl)
#define WIRE_U64(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_U64, s, f, 0, 0, NULL, fl)
#define WIRE_S32(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_S32, s, f, 0, 0, NULL, fl)
#define WIRE_S64(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_S64, s, f, 0, 0, NULL, fl)
#define WIRE_ENUM(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_ENUM, s, f, 0, 0, NULL, fl)
#define WIRE_BOOL(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_BOOL, s, f, 0, 0, NULL, fl)
#define WIRE_TEXT(n, s, f, cap, fl) WIRE_ONE(n, WIRE_TYPE_TEXT, s, f, 0, cap, NULL, fl)
#define WIRE_BYTES(n, s, f, cap, fl) WIRE_ONE(n, WIRE_TYPE_BYTES, s, f, 0, cap, NULL, fl)
#define WIRE_ID(n, s, f, fl) WIRE_ONE(n, WIRE_TYPE_ID, s, f, WIRE_SIZEOF(s, f), 0, NULL, fl)
#define WIRE_MESSAGE(n, s, f, tab, fl) WIRE_ONE(n, WIRE_TYPE_MESSAGE, s, f, 0, 0, tab, fl)
#define WIRE_MAYBE_U32(n, s, f, fl) WIRE_MAY(n, WIRE_TYPE_U32, s, f, 0, 0, NULL, fl)
#define WIRE_MAYBE_TEXT(n, s, f, cap, fl) WIRE_MAY(n, WIRE_TYPE_TEXT, s, f, 0, cap, NULL, fl)
#define WIRE_MAYBE_ID(n, s, f, fl) WIRE_MAY(n, WIRE_TYPE_ID, s, f, WIRE_SIZEOF(s, f), 0, NULL, fl)
#define WIRE_MANY_TEXT(n, s, f, cap, cnt, fl)                                                      \
    WIRE_ALL(n, WIRE_TYPE_TEXT, s, f, sizeof(struct fora_bytes), cap, cnt, NULL, fl)
#define WIRE_MANY_BYTES(n, s, f, cap, cnt, fl)                                                     \
    WIRE_ALL(n, WIRE_TYPE_BYTES, s, f, sizeof(struct fora_bytes), cap, cnt, NULL, fl)
#define WIRE_MANY_ID(n, s, f, cnt, fl)                                                             \
    WIRE_ALL(n, WIRE_TYPE_ID, s, f, sizeof(*((struct s *)0)->f), 0, cnt, NULL, fl)
#define WIRE_MANY_MESSAGE(n, s, f, tab, cnt, fl)                                                   \
    WIRE_ALL(n, WIRE_TYPE_MESSAGE, s, f, sizeof(*((struct s *)0)->f), 0, cnt, tab, fl)

/* One field of raw protobuf. `bytes` is set for wire type 2, `value` for 0, 1 and 5. */
struct wire_raw {
    uint32_t number;
    uint8_t wire; /* 0, 1, 2 or 5 */
    uint64_t value;
    struct fora_bytes bytes;
};
/* True and one field, or false at the end or with reader->error set. */
bool wire_next(struct fora_reader *reader, struct wire_raw *out);

/* Decodes into a struct that the caller provides (zeroed here). FORA_E_MALFORMED, FORA_E_TOO_LARGE
 * (a cap), FORA_E_LIMIT (a count), FORA_E_UTF8, FORA_E_NOMEM. `arena` may be NULL for a table
 * without lists and messages. */
int wire_decode(struct fora_arena *arena, const struct wire_table *table, struct fora_bytes bytes,
    void *out) FORA_MUST_USE;
/* Appends the encoding, fields by ascending number, zeros left out unless PRESENCE says set. Checks
 * what decoding checks; on an error `out` has the size that it had. */
int wire_encode(struct fora_buf *out, const struct wire_table *table, const void *in) FORA_MUST_USE;
/* As wire_encode, as the field `number` of an outer message. On an error what was appended stays:
 * the caller cuts it off. */
int wire_put_message(struct fora_buf *out, uint32_t number, const struct wire_table *table,
    const void *in) FORA_MUST_USE;
/* Appends a field key and a length-delimited value. */
void wire_put_bytes(struct fora_buf *out, uint32_t number, struct fora_bytes bytes);
void wire_put_varint(struct fora_buf *out, uint32_t number, uint64_t value);

#endif
