/*
 * Resolve (DOM-8): a member's question of who is @name@domain, put to other people's web servers.
 *
 *   loop: account's quota, bounded queue -> JOB_ASK, at most ASKS_OUT_MAX out -> resolver -> answer
 *
 * Such a job waits for strangers, up to twice ten seconds: it is run by threads that do nothing
 * else (pool.h), and counts in no turn of others.
 */
#ifndef FORAD_CORE_RESOLVE_H
#define FORAD_CORE_RESOLVE_H

#include "core/job.h"

enum {
    ASKS_OUT_MAX = 2,
    ASKS_WAITING_MAX = 64,
    ASKS_MEMBER =
        10, /* of one member in ten minutes: few enough that one does not fill the queue */
    ASKS_PERIOD_MS = 10 * 60 * 1000
};

struct node;
struct conn;

/* 0: a job was made and waits; else what the asker is told, *wait in how many ms she may ask again.
 * The frame is dealt with. */
int resolve_wanted(struct node *node, struct conn *conn, const struct fora_message *message,
    uint64_t *wait) FORA_MUST_USE;
/* The next one that may run now, or NULL; whose asker went is not worked for. */
struct job *resolve_take(struct node *node);
/* In a thread of its own. Ends with what the resolver says. */
int resolve_run(
    struct job *job, const struct fora_message *request, struct fora_arena *arena) FORA_MUST_USE;

#endif
