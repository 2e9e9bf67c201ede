/*
 * Threads that run jobs: one for what writes, so that an fsync holds nobody else up, some for what
 * asks strangers and waits for them (JOB_ASK), one that has a core when nobody else wants it, for
 * what strangers ask while others are active, and some for the rest. Finished jobs wait in a list;
 * the owner is told through a callback, which may come from any thread.
 */
#ifndef FORAD_SHELL_POOL_H
#define FORAD_SHELL_POOL_H

#include "core/job.h"

struct pool;

/* `askers`: at most 2; 0: no job that asks is ever given. */
int pool_new(struct pool **out, unsigned workers, unsigned askers, void (*done)(void *context),
    void *context) FORA_MUST_USE;
void pool_give(struct pool *pool, struct job *job); /* ownership moves */
struct job *pool_take_done(struct pool *pool);      /* NULL: none */
unsigned pool_room(const struct pool *pool);        /* how many more jobs are worth giving now */
void pool_free(struct pool *pool); /* runs what was given to its end; jobs not taken are freed */

#endif
