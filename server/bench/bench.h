/* The benchmarks and what they share in one run. */
#ifndef FORAD_BENCH_BENCH_H
#define FORAD_BENCH_BENCH_H

#include "measure.h"
#include "process.h"

enum { BENCH_PAUSE_US = 3000 /* between single commits, so that nothing else is going on */ };

struct bench {
    struct results *results;
    size_t scale;            /* 1, or 10 for --quick: counts are divided by it */
    double verify_rate;      /* objects hashed and verified a second on all cores */
    double sign_verify_rate; /* signed, hashed and verified */
    double commit_seconds;   /* one commit of one object's bytes in bare LMDB, median */
};

/* Measures the limits. */
void bench_limits(struct bench *bench);

void bench_ingest(struct bench *bench);
void bench_catchup(struct bench *bench);
void bench_ack_latency(struct bench *bench);
void bench_read(struct bench *bench);
void bench_rss(struct bench *bench);

#endif
