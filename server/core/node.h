/*
 * The node as a state machine without I/O (DESIGN section 4): bytes, time and finished jobs go in;
 * bytes, jobs and addresses to dial come out. The daemon's shell moves them with libuv and a pool
 * of threads; a test or the simulator moves them by hand. A node is a value: two of them fit into
 * one process.
 *
 *   bytes -> session -> dispatch -> VERIFY -> COMMIT -> answers, followers
 *                                -> QUERY / WRITE / PASSWORD -> answers
 *
 * All functions are called by one thread. Jobs run anywhere (job.h) and come back through
 * node_job_done.
 */
#ifndef FORAD_CORE_NODE_H
#define FORAD_CORE_NODE_H

#include "core/job.h"

struct node;

/* How the error of a subscription begins when another node than the one it names answers there. */
#define NODE_IS_ANOTHER "another node than expected"

struct node_config {
    const char *name;
    struct fora_principal_id self;
    const struct fora_secret *secret;  /* the node's device key; borrowed, outlives the node */
    const uint8_t *noise_secret;       /* 32 bytes, copied */
    const uint8_t *custody;            /* 32 bytes, copied */
    const struct fora_bytes *identity; /* the node's identity log, encoded objects; copied */
    size_t identity_count;
    bool registration_open;
    enum peering_mode peering;
    const struct fora_principal_id *allow; /* nodes that may bring everything; copied */
    size_t allow_count;
    const struct fora_principal_id *block; /* nodes that are turned away; copied */
    size_t block_count;
    const struct resolver *resolver; /* borrowed, outlives the node; NULL: none (env.h) */
    int (*credential)(struct fora_buf *out, const struct credential *credential,
        const struct fora_secret *secret); /* NULL: none (env.h) */
    struct node_limits limits;
};

/* `kv` outlives the node. Reads links and counters from it. */
int node_new(
    struct node **out, const struct node_config *config, struct kv *kv, uint64_t now) FORA_MUST_USE;
/* Every job that was taken must have come back. */
void node_free(struct node *node);

/* ---- connections: a number each, never 0, never used twice ---- */

/* FORA_E_LIMIT when there are too many. `dial` is 0 for a connection that came in, else that of
 * node_next_dial. */
int node_open(struct node *node, uint64_t dial, uint64_t now, uint64_t *conn) FORA_MUST_USE;
/* Where it comes from: at most 16 bytes, the same for all that one attacker can easily have.
 * Without it attempts at passwords are counted by account alone. */
void node_source(struct node *node, uint64_t conn, struct fora_bytes address);
/* Takes at most input.size bytes; *taken says how many. When fewer, the node is busy: offer the
 * rest when node_wants_input says so. */
void node_receive(
    struct node *node, uint64_t conn, struct fora_bytes input, size_t *taken, uint64_t now);
bool node_wants_input(const struct node *node, uint64_t conn);
/* A stranger's connection (or 0: one that is not open yet) while known peers or members are active:
 * its transport takes care that it has but a share of the time. */
bool node_gives_way(const struct node *node, uint64_t conn);
/* What to send; empty when there is nothing. Borrowed until the next call that names the
 * connection. */
struct fora_bytes node_output(struct node *node, uint64_t conn);
void node_output_done(struct node *node, uint64_t conn, size_t written);
/* How many bytes of memory the transport holds for it now: input that was not taken yet, output
 * that the socket did not take. They count among its buffers, of which there is a bound in all. */
void node_holds(struct node *node, uint64_t conn, size_t bytes);
/* True when the connection is to be closed once its output was sent. */
bool node_closing(const struct node *node, uint64_t conn);
/* True when it is to be closed now, whatever was not sent: the other side does not read. */
bool node_broken(const struct node *node, uint64_t conn);
/* The transport ended (by either side). */
void node_closed(struct node *node, uint64_t conn, uint64_t now);
/* A connection that has something for the transport to do (output, input wanted again, closing), or
 * 0. Each is named once after it changed. */
uint64_t node_next_changed(struct node *node);

/* ---- jobs ---- */

/* The next job that may run now, or NULL. */
struct job *node_take_job(struct node *node, uint64_t now);
/* Takes the job back and frees it. */
void node_job_done(struct node *node, struct job *job, uint64_t now);
bool node_jobs_out(const struct node *node); /* taken and not back yet */

/* ---- dialling and time ---- */

/* An address to connect to now: *dial is its number for node_open. NULL when there is none.
 * Borrowed until the next call. */
const char *node_next_dial(struct node *node, uint64_t now, uint64_t *dial);
/* Connecting failed: tried again later. */
void node_dial_failed(struct node *node, uint64_t dial, const char *why, uint64_t now);
/* Timers. Returns when (ms) it wants to be called again. */
uint64_t node_tick(struct node *node, uint64_t now);

/* ---- telling ---- */

/* Lines for the log, taken one at a time. Levels as in syslog: 3 error, 4 warning, 6 info, 7 debug.
 */
struct node_event {
    int level;
    const char *room; /* static */
    uint64_t conn;
    uint64_t request;
    char text[240];
};
bool node_next_event(struct node *node, struct node_event *out);

struct node_counters {
    uint64_t connections_opened, connections_refused, frames_in, frames_out, bytes_in, bytes_out;
    uint64_t objects_stored, objects_duplicate, objects_refused, objects_pending, objects_removed;
    uint64_t commits, commit_failures, rows_steps, queries, writes, passwords, verify_batches;
    uint64_t follow_batches_in, follow_batches_out, reconciliations, reconcile_rounds;
    uint64_t sessions_failed, requests_refused;
};
const struct node_counters *node_counters(const struct node *node);

#endif
