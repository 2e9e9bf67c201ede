/* The bytes of one dump file, plain or through libzstd (private to this folder). */
#ifndef FORAD_IMPORT_SEDUMP_INPUT_H
#define FORAD_IMPORT_SEDUMP_INPUT_H

#include "fora/bytes.h"

struct sedump_input;

/* As sedump_open, for the bytes alone. */
int sedump_input_open(struct sedump_input **input, const char *folder, const char *name,
    struct fora_buf *why) FORA_MUST_USE;
/* Fills `room` bytes; *got is less than that only at the end. The sentence goes to `why`. */
int sedump_input_read(struct sedump_input *input, uint8_t *data, size_t room, size_t *got,
    struct fora_buf *why) FORA_MUST_USE;
const char *sedump_input_path(const struct sedump_input *input);
void sedump_input_progress(const struct sedump_input *input, uint64_t *done, uint64_t *total);
void sedump_input_close(struct sedump_input *input);

#endif
