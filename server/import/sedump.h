/*
 * Reader of one file of a Stack Exchange data dump: `<posts><row Id="1" .../>...</posts>`, plain or
 * compressed with zstd. It knows the files' shape and nothing of Fora's objects.
 *
 *   struct sedump *file;
 *   const struct sedump_row *row;
 *   int rc = sedump_open(&file, folder, "Posts", &why);
 *   while (rc == 0 && (rc = sedump_next(file, &row)) == 0 && row) { ... }
 *   if (rc) report(sedump_why(file));
 *   sedump_close(file);
 *
 * Memory is bounded whatever the size of the dump: one piece of input, the rows that ended in it,
 * and at most one row that is still arriving.
 *
 * What real dumps hold is read without comment: a byte-order mark, CRLF, attributes that are
 * missing, attributes that nobody knows, elements other than `row`. What no dump holds is refused:
 * a document type, entities of its own, anything above the limits below.
 *
 * Every failure comes with a sentence that names the file, the line, what is wrong and what to do.
 * A value is not shared between threads; several values may be used by several threads.
 */
#ifndef FORAD_IMPORT_SEDUMP_H
#define FORAD_IMPORT_SEDUMP_H

#include "fora/bytes.h"

#define SEDUMP_ATTR_MAX (8u << 20) /* bytes of one decoded attribute value */
#define SEDUMP_ROW_MAX (9u << 20)  /* bytes of one row as it stands in the file */
#define SEDUMP_ATTRS_MAX 128u      /* attributes of one row */
#define SEDUMP_ZSTD_WINDOW_LOG                                                                     \
    27 /* a frame that asks for more than 128 MiB of window is refused                             \
        */

struct sedump; /* opaque; made by sedump_open, freed by sedump_close */

struct sedump_attr {
    const char *name;        /* NUL-terminated; lives until sedump_close */
    struct fora_bytes value; /* valid UTF-8, entities resolved; borrowed like the row */
};

/* Borrowed until the next sedump_next or sedump_close of the same file. */
struct sedump_row {
    const struct sedump_attr *attrs;
    size_t attr_count;
    uint64_t number; /* 1 for the first row of the file */
    uint64_t line;   /* of the file, from 1 */
};

/* The eight files of a dump, NULL-terminated: "Posts", "Users", "Votes", ... */
const char *const *sedump_names(void);

/*
 * Opens `folder`/`name`.xml or, where that is absent, `folder`/`name`.xml.zst. `name` is one of
 * sedump_names() (else FORA_E_USAGE). FORA_E_NOTFOUND: neither is there, which for all but Posts
 * and Users is no fault of the dump; the caller decides. FORA_E_IO: there, but not readable.
 * On failure *file is NULL and the sentence is appended to `why` (NULL: not wanted).
 */
int sedump_open(
    struct sedump **file, const char *folder, const char *name, struct fora_buf *why) FORA_MUST_USE;

/*
 * The next row. Returns 0 with *row, 0 with *row NULL at the end of a whole file, or, once and for
 * ever after, FORA_E_MALFORMED (not a dump, bad XML, bad or cut compression), FORA_E_TOO_LARGE,
 * FORA_E_LIMIT (attributes of one row), FORA_E_IO or FORA_E_NOMEM with sedump_why(). Rows well
 * before the fault are delivered first: a caller that wants all or nothing keeps them apart
 * until the end.
 */
int sedump_next(struct sedump *file, const struct sedump_row **row) FORA_MUST_USE;

/* The sentence of the failure, or "" (borrowed until sedump_close). */
const char *sedump_why(const struct sedump *file);

/* Path of the file as opened (borrowed until sedump_close). */
const char *sedump_path(const struct sedump *file);

/* Bytes of the stored file (compressed ones, if it is) that were read, and all of them. */
void sedump_progress(const struct sedump *file, uint64_t *done, uint64_t *total);

void sedump_close(struct sedump *file); /* NULL is allowed */

/*
 * Typed access by attribute name, exact case. All return 0, FORA_E_NOTFOUND where the row has no
 * such attribute, or FORA_E_MALFORMED where it does not parse; *out is untouched unless 0.
 */
int sedump_text(
    const struct sedump_row *row, const char *name, struct fora_bytes *out) FORA_MUST_USE;
/* Decimal with an optional minus, in the range of int64_t. */
int sedump_i64(const struct sedump_row *row, const char *name, int64_t *out) FORA_MUST_USE;
/*
 * Milliseconds since 1970 UTC from "2014-01-21T20:26:05.383": dumps write UTC without saying so.
 * The fraction may be absent or longer (then cut), a final "Z" is allowed, and so is a date alone.
 */
int sedump_date(const struct sedump_row *row, const char *name, int64_t *out) FORA_MUST_USE;

#endif
