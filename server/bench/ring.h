/*
 * Members who collude: what each of them does for whom, made as views of threads and counted by
 * libfora's own rules (STD-2 to STD-9), so that whatever a rule takes away is taken away here too.
 */
#ifndef FORAD_BENCH_RING_H
#define FORAD_BENCH_RING_H

#include <stdbool.h>
#include <stdint.h>

enum ring_shape {
    RING_STAR,   /* all for the last: those who are rooted come first */
    RING_CLIQUE, /* all for all: every pair is reciprocal */
    RING_CYCLE,  /* each for the next */
    RING_HALF    /* each for the half that comes behind her: no pair is reciprocal */
};

struct ring {
    enum ring_shape shape;
    unsigned members; /* k */
    unsigned rooted;  /* givers who were won over: the organisation has confirmed one answer each */
    unsigned nodes;   /* where they live, in turns */
    bool old;         /* accounts of a year, not of a day */
    bool votes;       /* all have accounts at the host, and vote up whatever the others say */
    bool editors;     /* earned that right, and cite each other in articles of the staff */
};

struct ring_gain {
    uint64_t best;    /* of one of whom the organisation said nothing */
    uint64_t all;     /* of all of the ring together */
    uint64_t credits; /* that were looked at */
};

/* Ends the process when there is no memory. */
struct ring_gain ring_gain(const struct ring *ring);
/* STD-10, of who has no credit of the organisation. */
uint64_t ring_bound(const struct ring *ring);

#endif
