/*
 * A bucket of tokens (REP-17): holds at most what one period allows, and fills evenly. Who finds
 * anything in it may take more than there is, and waits the longer for it: so a large request is
 * never impossible, and the average is kept.
 *
 * Times are ms; a clock that is set back fills nothing and breaks nothing.
 */
#ifndef FORAD_CORE_BUCKET_H
#define FORAD_CORE_BUCKET_H

#include "fora/time.h"

#include <stdbool.h>
#include <stdint.h>

/* So many tokens a period; 0 tokens: no bound at all. At most BUCKET_MOST tokens. */
struct bucket_rate {
    uint64_t amount;
    uint64_t period; /* ms, at most a day */
};
#define BUCKET_MOST (UINT64_C(1) << 36)

/* All zeros is a full one. */
struct bucket {
    int64_t missing; /* tokens times period that are not in it */
    uint64_t at;     /* when that was so */
};

/* Is there anything in it? */
bool bucket_any(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now);
void bucket_take(
    struct bucket *bucket, const struct bucket_rate *rate, uint64_t tokens, uint64_t now);
/* Gives back what was taken for nothing. */
void bucket_give(
    struct bucket *bucket, const struct bucket_rate *rate, uint64_t tokens, uint64_t now);
/* Until a sixteenth of it is there: ms, 0 when it is. */
uint64_t bucket_wait(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now);

#endif
