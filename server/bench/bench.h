/* The benchmarks and what they share in one run. */
#ifndef FORAD_BENCH_BENCH_H
#define FORAD_BENCH_BENCH_H

#include "measure.h"
#include "process.h"

enum { BENCH_PAUSE_US = 3000 /* between single commits, so that nothing else is going on */ };

struct bench_sample;

struct bench {
    struct results *results;
    size_t scale;                /* 1, or 10 for --quick: counts are divided by it */
    struct bench_sample *sample; /* owned */
};

/* Makes the sample and shows the limits once. */
void bench_limits(struct bench *bench);
void bench_limits_fini(struct bench *bench);
/* Objects hashed and verified, or signed, hashed and verified, a second on all cores. Measured at
 * each call: the machine's speed drifts, so a figure is held against its limit as it was just
 * before and just after. */
double bench_verify_rate(struct bench *bench);
double bench_sign_verify_rate(struct bench *bench);

/* A store of one table, and one durable put of an object's bytes in it: seconds. */
struct bare {
    struct kv *kv;
    char folder[256];
    uint64_t number;
};
struct bare *bench_bare_new(void);
void bench_bare_free(struct bare *bare);
double bench_bare_commit(struct bare *bare, struct fora_bytes value);

void bench_ingest(struct bench *bench);
void bench_import(struct bench *bench);
void bench_catchup(struct bench *bench);
void bench_catchup_1m(struct bench *bench);
void bench_reconcile(struct bench *bench);
void bench_propagate(struct bench *bench);
void bench_peers(struct bench *bench);
void bench_stages(struct bench *bench);
void bench_ack_latency(struct bench *bench);
void bench_read(struct bench *bench);
void bench_rss(struct bench *bench);
void bench_idle(struct bench *bench);
void bench_attack(struct bench *bench);
void bench_reputation(struct bench *bench);
void bench_collusion(struct bench *bench);

#endif
