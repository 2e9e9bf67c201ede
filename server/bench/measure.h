/*
 * What every benchmark shares: time, results as a table and JSON, and the limit that each figure is
 * held against, measured in the same run on the same cores.
 */
#ifndef FORAD_BENCH_MEASURE_H
#define FORAD_BENCH_MEASURE_H

#include "fora/bytes.h"

enum { RESULTS_MAX = 192 };

struct result {
    char name[40];
    char unit[24];
    char limit_name[64]; /* what the limit is */
    double value;
    double limit;
    double ratio;    /* the figure that the target speaks of */
    char target[24]; /* ">= 0.6" */
    bool holds;
    bool bound;     /* of no machine's speed: what exceeds it ends the run with a failure */
    char more[192]; /* further members of the row in JSON, each after a comma */
};

struct results {
    struct result rows[RESULTS_MAX];
    size_t count;
};

double bench_seconds(void); /* monotonic */
/* Median of a list, which is sorted. */
double bench_median(double *values, size_t count);
double bench_percentile(double *values, size_t count, double percent);
unsigned bench_cores(void);

/* `at_least`: the target is a lower bound of ratio, else an upper one. */
void results_add(struct results *results, const char *name, double value, const char *unit,
    double limit, const char *limit_name, double ratio, bool at_least, double target);
/* A figure that must not exceed a stated bound, whatever the machine. */
void results_bound(struct results *results, const char *name, double value, const char *unit,
    double bound, const char *bound_name);
size_t results_exceeded(const struct results *results); /* bounds that do not hold */
void results_print(const struct results *results);
int results_json(const struct results *results, const char *path) FORA_MUST_USE;

/* Ends the process with a sentence when `code` is not 0. */
void bench_need(int code, const char *what);

#endif
