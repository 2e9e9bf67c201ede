/* Time and tables. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_percentile(double *values, size_t count, double percent)
{
    if (count == 0) {
        return 0;
    }
    qsort(values, count, sizeof *values, compare);
    size_t at = (size_t)((double)(count - 1) * percent / 100.0 + 0.5);
    return values[at];
}

double bench_median(double *values, size_t count)
{
    return bench_percentile(values, count, 50);
}

unsigned bench_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (unsigned)cores : 1;
}

void results_add(struct results *results, const char *name, double value, const char *unit,
    double limit, const char *limit_name, double ratio, bool at_least, double target)
{
    if (results->count == RESULTS_MAX) {
        return;
    }
    struct result *row = &results->rows[results->count++];
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->unit, sizeof row->unit, "%s", unit);
    snprintf(row->limit_name, sizeof row->limit_name, "%s", limit_name);
    snprintf(row->target, sizeof row->target, "%s %g", at_least ? ">=" : "<=", target);
    row->value = value;
    row->limit = limit;
    row->ratio = ratio;
    row->holds = at_least ? ratio >= target : ratio <= target;
    fprintf(
        stderr, "  %-14s %12.1f %-10s ratio %.3f (%s)\n", name, value, unit, ratio, row->target);
}

void results_bound(struct results *results, const char *name, double value, const char *unit,
    double bound, const char *bound_name)
{
    size_t before = results->count;
    double ratio = bound > 0 ? value / bound : value > 0 ? 1e9 : 0;
    results_add(results, name, value, unit, bound, bound_name, ratio, false, 1);
    if (results->count > before) {
        results->rows[before].bound = true;
    }
}

size_t results_exceeded(const struct results *results)
{
    size_t exceeded = 0;
    for (size_t i = 0; i < results->count; i++) {
        exceeded += results->rows[i].bound && !results->rows[i].holds;
    }
    return exceeded;
}

void results_print(const struct results *results)
{
    printf("%-14s %14s %-12s %14s %-46s %8s %-9s %s\n", "name", "value", "unit", "limit",
        "limit is", "ratio", "at least", "holds");
    for (size_t i = 0; i < results->count; i++) {
        const struct result *row = &results->rows[i];
        printf("%-14s %14.2f %-12s %14.2f %-46s %8.3f %-9s %s\n", row->name, row->value, row->unit,
            row->limit, row->limit_name, row->ratio, row->target, row->holds ? "yes" : "NO");
    }
}

int results_json(const struct results *results, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return FORA_E_IO;
    }
    fprintf(file, "{\n");
    for (size_t i = 0; i < results->count; i++) {
        const struct result *row = &results->rows[i];
        fprintf(file,
            "  \"%s\": {\"value\": %.6g, \"unit\": \"%s\", \"limit\": %.6g, \"ratio\": %.6g%s}%s\n",
            row->name, row->value, row->unit, row->limit, row->ratio, row->more,
            i + 1 < results->count ? "," : "");
    }
    fprintf(file, "}\n");
    return fclose(file) == 0 ? 0 : FORA_E_IO;
}

void bench_need(int code, const char *what)
{
    if (code != 0) {
        fprintf(stderr, "bench: %s: %s\n", what, fora_error_text(code));
        exit(1);
    }
}
