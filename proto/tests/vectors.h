/* Third-party test vectors: JSON files in the folder that the environment's FORA_DATA names. */
#ifndef FORA_TESTS_VECTORS_H
#define FORA_TESTS_VECTORS_H

#include "fora/bytes.h"

#include <jansson.h>

/*
 * The file's JSON (the caller owns it: json_decref). Ends the test as skipped when FORA_DATA is not
 * set or has no such file, as failed when the file is not JSON.
 */
json_t *vectors_load(const char *name);

/* The same of a file of the specification's own vectors: FORA_SPEC names the folder of the
 * specification. A file that is not there has failed. */
json_t *vectors_of_spec(const char *name);

/* A string member, which must exist. */
const char *vectors_text(const json_t *object, const char *member);
/* A member of hex digits, which must exist, appended to `out`. Returns the bytes appended, borrowed
 * until `out` changes. */
struct fora_bytes vectors_hex(struct fora_buf *out, const json_t *object, const char *member);
/* The same, of exactly `size` bytes. */
void vectors_hex_exact(void *out, size_t size, const json_t *object, const char *member);

#endif
