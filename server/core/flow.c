/*
 * What a connection may cost while its other side does not read, and what all may together.
 *
 *   part of a frame -> request (held) -> query -> answer (backlog) -> session -> transport
 *   and what the transport could not pass on, in either direction (node_holds)
 *
 * Of one connection few queries run at once, and none is begun while answers wait; what it asks
 * beyond that is held, and reading goes on, so that the credit that lets answers go is seen behind
 * the requests. What all these places have taken from the heap is the connection's cost, whether or
 * not it is full; of a small one, what is in them, so that those who are idle cost nothing. When
 * the costs of all pass limits.buffers_max, the connection goes that has gone longest without
 * moving anything, unless it has buffers that hold nothing: then these are freed. Whoever reads, or
 * asks one thing at a time, is never the one that goes; nor is a known peer that brings something,
 * as long as it comes, or waits for the node (is_spared, is_idle).
 *
 * Invariant: node->cost is the sum of conn->cost.
 */
#include "core/node_impl.h"

#include <stdlib.h>

enum {
    RUNNING_MAX = 4,
    HELD_MAX = 1024,          /* more than anyone asks who keeps to requests_max */
    ANSWERS_MAX = 256 * 1024, /* no query is begun while so much waits */
    SESSION_MAX = 128 * 1024, /* handed to the session at once: it seals what it has */
    SMALL = 16 * 1024,        /* taken from the heap: not worth counting by that */
    GOES_LEAST = 32 * 1024,   /* to end cheaper connections would not help */
    SPARED_CONNS = 4,         /* of one node: it needs no more for what it brings */
    SPARED_TIMES = 8,         /* limits.buffers_max: nobody is spared beyond that */
    IDLE_MS = 3000,           /* a spared side that moved nothing since is idle */
    LINGER_MS = 3000          /* for the last output of a connection that ends */
};

/* What is held must not keep the connection from being read, or credit for answers would stand
 * unseen behind it. */
bool flow_takes_requests(const struct node *node, const struct conn *conn)
{
    return conn->jobs - conn->held_count < node->env.limits.requests_max &&
           conn->held_count < HELD_MAX;
}

bool flow_session_room(const struct conn *conn)
{
    return fora_session_unsent(conn->session) < SESSION_MAX;
}

static void cost_set(struct node *node, struct conn *conn, size_t cost)
{
    node->cost = node->cost - conn->cost + cost;
    conn->cost = cost;
}

/* Without its Error being waited for: that would be what it costs. */
static void conn_break(struct node *node, struct conn *conn)
{
    conn_fail(node, conn, FORA_E_OVERLOAD);
    conn->broken = true;
    flow_drop(node, conn);
}

/* A stranger before one who is known, then who has not moved for longer. */
static bool goes_before(const struct conn *a, const struct conn *b)
{
    return a->asker.known != b->asker.known ? b->asker.known : a->moved < b->moved;
}

/* Hundreds of peers may each be in the middle of a frame that they send: that is their work, and
 * bounded by their number and in all. Who lets answers wait is none of them, nor is a stranger or a
 * member: of those anybody can be any number, and one of them can have any number of connections.
 */
static bool is_spared(const struct node *node, const struct conn *conn)
{
    size_t waits = conn_backlog(conn) + fora_session_unsent(conn->session) + conn->held_bytes;
    bool few = conn->peer != NULL && conn->peer->conns <= SPARED_CONNS;
    return conn->asker.known && (few || conn->asker.is_admin) && waits < GOES_LEAST &&
           node->cost / SPARED_TIMES <= node->env.limits.buffers_max;
}

/* Time counts against a spared side only while the node would take from it and owes it nothing. */
static bool is_idle(const struct node *node, const struct conn *conn)
{
    uint64_t since = conn->moved_at > node->full_at ? conn->moved_at : node->full_at;
    return !is_spared(node, conn) || (conn->inflight == 0 && node_wants_input(node, conn->number) &&
                                         node->steady >= since + IDLE_MS);
}

static struct conn *costly_idler(const struct node *node)
{
    struct conn *found = NULL;
    for (struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (!conn->broken && conn->cost >= GOES_LEAST && is_idle(node, conn) &&
            (found == NULL || goes_before(conn, found))) {
            found = conn;
        }
    }
    return found;
}

static size_t cost_of(const struct conn *conn)
{
    size_t asked = conn->held_bytes + conn->running_bytes;
    size_t taken = fora_session_allocated(conn->session) + asked + conn->backlog.room +
                   conn->proof.room + conn->transport;
    return taken >= SMALL ? taken
                          : fora_session_unread(conn->session) + asked + conn_backlog(conn) +
                                fora_session_unsent(conn->session) + conn->transport;
}

/* Frees what holds nothing. True when that made it cheaper. */
static bool trim(struct node *node, struct conn *conn)
{
    size_t before = conn->cost;
    fora_session_trim(conn->session);
    if (conn_backlog(conn) == 0) {
        fora_buf_fini(&conn->backlog);
        conn->backlog_at = 0;
    }
    cost_set(node, conn, cost_of(conn));
    return conn->cost < before;
}

void flow_account(struct node *node, struct conn *conn)
{
    struct conn *idler;
    if (!conn->broken) {
        cost_set(node, conn, cost_of(conn));
    }
    while (node->cost > node->env.limits.buffers_max && (idler = costly_idler(node)) != NULL) {
        if (trim(node, idler)) {
            continue;
        }
        node_say(node, 4, "flow", idler, 0, "%zu bytes wait for it and too much waits in all",
            idler->cost);
        conn_break(node, idler);
    }
}

void node_holds(struct node *node, uint64_t number, size_t bytes)
{
    struct conn *conn = node_conn(node, number);
    if (conn != NULL && conn->transport != bytes) {
        conn->transport = bytes;
        flow_account(node, conn);
    }
}

void flow_came_on(struct node *node, struct conn *conn)
{
    conn->moved_at = node->steady;
}

void flow_moved(struct node *node, struct conn *conn)
{
    conn->moved = ++node->moves;
    flow_came_on(node, conn);
}

/* ---- queries ---- */

void flow_query(struct node *node, struct conn *conn, struct job *job)
{
    job->next = NULL;
    if (conn->held == NULL) {
        conn->held_last = &conn->held;
    }
    *conn->held_last = job;
    conn->held_last = &job->next;
    conn->held_bytes += sizeof *job + job->request.room;
    conn->held_count++;
    flow_release(node, conn);
    flow_account(node, conn);
}

void flow_count(struct conn *conn, struct job *job)
{
    job->counted = sizeof *job + job->request.room;
    conn->running_bytes += job->counted;
}

void flow_release(struct node *node, struct conn *conn)
{
    while (conn->held != NULL && conn->running < RUNNING_MAX && conn_backlog(conn) < ANSWERS_MAX) {
        struct job *job = conn->held;
        conn->held = job->next;
        conn->held_bytes -= sizeof *job + job->request.room;
        conn->held_count--;
        conn->running++;
        flow_count(conn, job);
        node_query(node, job);
    }
}

void flow_job_done(struct node *node, struct conn *conn, const struct job *job)
{
    if (job->counted > 0) {
        conn->running -= job->type == JOB_QUERY;
        conn->running_bytes -= job->counted;
        flow_release(node, conn);
    }
}

/* ---- the end ---- */

void flow_drop(struct node *node, struct conn *conn)
{
    while (conn->held != NULL) {
        struct job *job = conn->held;
        conn->held = job->next;
        job_free(job);
    }
    conn->held_bytes = 0;
    conn->held_count = 0;
    fora_buf_fini(&conn->backlog);
    conn->backlog_at = 0;
    cost_set(node, conn, 0);
}

void flow_tick(struct node *node, struct conn *conn)
{
    if (!conn->closing || conn->broken) {
        return;
    }
    if (conn->closing_at == 0) {
        conn->closing_at = node->steady;
    } else if (node->steady >= conn->closing_at + LINGER_MS) {
        conn->broken = true;
        node_changed(node, conn);
    }
}

bool node_broken(const struct node *node, uint64_t number)
{
    const struct conn *conn = node_conn(node, number);
    return conn == NULL || conn->broken;
}
