/*
 * From units to the sink, on all cores. Private to the importer.
 *
 *   workers: read a unit (one at a time) -> make its objects, verify them -> queue
 *   the caller's thread: queue -> take -> batches -> sink
 *
 * The queue is bounded in bytes: workers wait while it is full. The first error stops all.
 */
#ifndef FORAD_IMPORT_PIPE_H
#define FORAD_IMPORT_PIPE_H

#include "import/import_make.h"

/* Gathers units into batches for the sink, and counts what became of them. */
struct outlet {
    const struct import_options *options;
    struct import_report *report;
    struct fora_buf *why;
    struct import_unit *first; /* owned: units of the batch that is being gathered */
    struct import_unit *last;
    size_t count; /* objects */
    size_t bytes;
};

/* Takes the unit, which was finished. */
int outlet_take(struct outlet *outlet, struct import_unit *unit) FORA_MUST_USE;
/* Sends what is gathered. */
int outlet_flush(struct outlet *outlet) FORA_MUST_USE;
void outlet_fini(struct outlet *outlet); /* drops what is gathered */

struct import_pipe {
    const struct import_env *env;
    struct outlet *outlet;
    /* Fills unit->rows, in one worker at a time; *end when there is nothing left. */
    int (*read)(void *context, struct import_unit *unit, bool *end);
    void (*make)(struct maker *maker); /* of maker->unit; in any worker */
    /* On the caller's thread, before the unit goes on; may be NULL. */
    int (*take)(void *context, struct import_unit *unit);
    void *context;
    const char *doing; /* for the progress, in rows */
    uint64_t rows;     /* in all */
};

/* 0, or the first error; what was gathered is sent. */
int pipe_run(const struct import_pipe *pipe) FORA_MUST_USE;

#endif
