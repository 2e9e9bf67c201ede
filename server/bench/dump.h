/*
 * A made-up Stack Exchange dump of any size: a function of the seed. Questions with tags, answers,
 * accepted ones, edits by their authors and by others, comments, votes, closed and duplicate ones,
 * in the proportions of real ones.
 */
#ifndef FORAD_BENCH_DUMP_H
#define FORAD_BENCH_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the eight files into an existing folder. False when that failed. */
bool dump_write(const char *folder, size_t posts, uint64_t seed);
/* Removes them. */
void dump_remove(const char *folder);

#endif
