/* Random structs by table, and whether two are equal: the means of round-trip tests. */
#ifndef FORA_TESTS_WIRE_RANDOM_H
#define FORA_TESTS_WIRE_RANDOM_H

#include "wire/table.h"

/* Reproducible: the same seed gives the same structs. */
struct wire_random {
    uint64_t state;
    struct fora_arena *arena; /* borrowed: holds what the structs point to */
};

uint64_t wire_random_next(struct wire_random *random);
/* Below `bound`, which is not 0. */
size_t wire_random_below(struct wire_random *random, size_t bound);
/* Fills a struct so that its table's checks hold: what is required is set, of the rest about half;
 * texts and lists are mostly short and sometimes as long as they may be. */
void wire_random_fill(struct wire_random *random, const struct wire_table *table, void *out);

/* Equal in every field that the table names. */
bool wire_equal(const struct wire_table *table, const void *a, const void *b);

#endif
