/* One full and valid content of every kind, for round trips, seeds and vectors. */
#ifndef FORA_TESTS_CONTENT_SAMPLES_H
#define FORA_TESTS_CONTENT_SAMPLES_H

#include "fora/content.h"

enum { CONTENT_KINDS = FORA_KIND_CARRIED };

/* Fills a content of the kind (1 to CONTENT_KINDS): every field that may stand together with the
 * others is set. What it points to is static. */
void content_sample(struct fora_content *out, uint32_t kind);

#endif
