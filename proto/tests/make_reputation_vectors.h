/* The part of make_reputation_vectors that has a file of its own. */
#ifndef FORA_TESTS_MAKE_REPUTATION_VECTORS_H
#define FORA_TESTS_MAKE_REPUTATION_VECTORS_H

#include <jansson.h>

/* Appends cases with verdicts to the list. */
void make_verdicts(json_t *cases);

#endif
