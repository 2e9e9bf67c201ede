/* The parts of make_reputation_vectors that have files of their own. */
#ifndef FORA_TESTS_MAKE_REPUTATION_VECTORS_H
#define FORA_TESTS_MAKE_REPUTATION_VECTORS_H

#include <jansson.h>

/* Appends cases with verdicts to the list. */
void make_verdicts(json_t *cases);

/* Appends what members carry, and what comes of it. */
void make_carried(json_t *cases);

#endif
