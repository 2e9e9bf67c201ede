/*
 * One connection: bytes into the session, frames to the dispatcher, answers out as credit allows.
 *
 *   OPENING --Hello--> OPEN --error, timeout or end--> CLOSING --transport closed--> CLOSED --last
 * job back--> freed
 *
 * Answers that find no credit wait in the backlog; how much may wait, and for how long, is said in
 * flow.c.
 */
#include "core/node_impl.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG_MAX = 4 * 1024 * 1024 };

size_t conn_backlog(const struct conn *conn)
{
    return conn->backlog.size - conn->backlog_at;
}

static int session_start(struct node *node, struct conn *conn, const uint8_t *remote_static)
{
    struct fora_session_config config = {
        .initiator = conn->dial != 0,
        .noise_secret = node->noise_secret,
        .remote_static = remote_static,
    };
    config.hello.version = 1;
    config.hello.agent = fora_bytes_str("forad/0.1.0");
    config.hello.node = node->env.self;
    config.hello.identity = node->identity;
    config.hello.identity_count = node->identity_count;
    config.hello.frame_max = FORA_FRAME_MAX;
    config.hello.requests_max = node->env.limits.requests_max;
    /* With the length of a frame of that size (SES-24). */
    config.hello.credit =
        (conn->dial != 0 ? node->env.limits.peer_credit : node->env.limits.client_credit) + 4;
    config.hello.now = node->now;
    config.hello.features = FORA_FEATURE_SHORT_FINGERPRINTS;
    config.hello.reconcile_max = FORA_NEG_FRAME_USUAL;
    config.hello.follow_window = SERVE_WINDOW;
    config.hello_timeout_ms = node->env.limits.hello_timeout_ms;
    config.idle_ms = node->env.limits.idle_ms;
    return fora_session_new(&conn->session, &config, node->steady);
}

int node_open(struct node *node, uint64_t dial, uint64_t now, uint64_t *number)
{
    node_time(node, now);
    if (node->conns_count >= node->slots_count) {
        node->counters.connections_refused++;
        return FORA_E_LIMIT;
    }
    struct conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        return FORA_E_NOMEM;
    }
    do {
        conn->number = ++node->next_number;
    } while (node->slots[conn->number % node->slots_count] != NULL);
    conn->dial = dial;
    conn->opened_at = now;
    flow_moved(node, conn);
    conn->asker.conn = conn->number;
    fora_buf_init(&conn->backlog, BACKLOG_MAX);
    int rc = session_start(node, conn, NULL);
    if (rc != 0) {
        free(conn);
        return rc;
    }
    node->slots[conn->number % node->slots_count] = conn;
    node->conns_count++;
    conn->at = node->conns_last;
    *conn->at = conn;
    node->conns_last = &conn->next;
    node->counters.connections_opened++;
    *number = conn->number;
    struct dial_target *target = dial_of(node, conn);
    if (target != NULL) {
        target->conn = conn->number;
    }
    node_changed(node, conn);
    return 0;
}

/* ---- who waits for room ---- */

static bool is_full(const struct node *node)
{
    return node->inflight >= node->env.limits.inflight_max;
}

/* Strangers have what is left when the tick comes: known ones do not wait behind them. */
static void wait_for_room(struct node *node, struct conn *conn)
{
    bool brings = fora_session_unread(conn->session) > 0 || conn->transport > 0;
    if (is_full(node) && conn->asker.known && brings && !conn->waits) {
        conn->waits = true;
        conn->waits_next = NULL;
        *node->waiting_last = conn;
        node->waiting_last = &conn->waits_next;
    }
}

static void waits_leave(struct node *node, struct conn *conn)
{
    struct conn **at = &node->waiting;
    if (!conn->waits) {
        return;
    }
    while (*at != conn) {
        at = &(*at)->waits_next;
    }
    *at = conn->waits_next;
    if (*at == NULL) {
        node->waiting_last = at;
    }
    conn->waits = false;
}

void conn_room(struct node *node)
{
    while (node->waiting != NULL && !is_full(node)) {
        struct conn *conn = node->waiting;
        waits_leave(node, conn);
        conn_pump(node, conn);
    }
}

void conn_free(struct node *node, struct conn *conn)
{
    struct conn **at = &node->changed;
    while (conn->changed && *at != NULL && *at != conn) {
        at = &(*at)->changed_next;
    }
    if (conn->changed && *at == conn) {
        *at = conn->changed_next;
        if (*at == NULL) {
            node->changed_last = at;
        }
    }
    waits_leave(node, conn);
    node->slots[conn->number % node->slots_count] = NULL;
    node->conns_count--;
    *conn->at = conn->next;
    if (conn->next != NULL) {
        conn->next->at = conn->at;
    } else {
        node->conns_last = conn->at;
    }
    node_order_abandon(node, conn);
    lane_leave(node, conn);
    peer_fini(conn);
    flow_drop(node, conn);
    proof_drop(conn);
    fora_session_free(conn->session);
    free(conn);
}

void node_closed(struct node *node, uint64_t number, uint64_t now)
{
    struct conn *conn = node_conn(node, number);
    node_time(node, now);
    if (conn == NULL || conn->closed) {
        return;
    }
    int code = fora_session_error(conn->session);
    if (code != 0) {
        node->counters.sessions_failed++;
        node_say(
            node, conn->dial != 0 ? 4 : 6, "session", conn, 0, "ended: %s", fora_error_text(code));
    }
    conn->closed = true;
    dial_closed(node, conn, code);
    /* Jobs that come back find no connection and drop their answers; batches still reach the store.
     */
    conn_free(node, conn);
}

void conn_fail(struct node *node, struct conn *conn, int code)
{
    if (!conn->closing) {
        fora_session_close(conn->session, code, fora_error_text(code));
        conn->closing = true;
    }
    node_changed(node, conn);
}

void conn_fail_later(struct node *node, struct conn *conn, int code, uint32_t retry_after)
{
    if (!conn->closing) {
        fora_session_close_for(conn->session, code, fora_error_text(code), retry_after);
        conn->closing = true;
    }
    node_changed(node, conn);
}

/* ---- input ---- */

/* What newcomers bring fills no more than a quarter of what may be on its way: the rest is for
 * those who are known (REP-16). */
static bool lane_has_room(const struct node *node, const struct conn *conn)
{
    return conn->peer == NULL || conn->lane >= LANE_KNOWN ||
           node->inflight_low < node->env.limits.inflight_max / 4;
}

/* Nothing is taken from a node whose Hello is still being checked: so its transport must not be
 * read on either, since input that is offered again and again would keep the loop from the job that
 * checks. */
static bool conn_may_take(const struct node *node, const struct conn *conn)
{
    return !conn->closing && !conn->doubted && (!conn->open || conn->checked) &&
           flow_takes_requests(node, conn) && !is_full(node) && lane_has_room(node, conn);
}

bool node_wants_input(const struct node *node, uint64_t number)
{
    const struct conn *conn = node_conn(node, number);
    return conn != NULL && conn_may_take(node, conn);
}

static void conn_opened(struct node *node, struct conn *conn)
{
    const struct fora_msg_hello *hello = fora_session_peer_hello(conn->session);
    conn->open = true;
    /* Of both sides' figures the lesser (SES-19). */
    conn->window = hello->follow_window > 0 && hello->follow_window < SERVE_WINDOW
                       ? hello->follow_window
                       : SERVE_WINDOW;
    uint32_t most = hello->reconcile_max > 0 ? hello->reconcile_max : FORA_RECONCILE_MAX_USUAL;
    conn->asker.reconcile_max = most < FORA_NEG_FRAME_USUAL ? most : FORA_NEG_FRAME_USUAL;
    memcpy(conn->asker.channel, fora_session_hash(conn->session), sizeof conn->asker.channel);
    const uint8_t *remote = fora_session_remote_static(conn->session);
    if (remote != NULL) {
        memcpy(conn->asker.remote_static, remote, sizeof conn->asker.remote_static);
    }
    if (fora_id_is_zero(hello->node.b)) {
        if (conn->dial != 0) {
            conn_fail(node, conn, FORA_E_HANDSHAKE); /* we dialled a node and met a client */
            return;
        }
        conn->checked = true;
        return;
    }
    /* The identity that Hello claims is verified off the loop; until then nothing else is taken
     * from it. */
    struct fora_message message = {.type = FORA_MSG_HELLO, .u.hello = *hello};
    struct job *job = job_new(JOB_QUERY, &node->env, &conn->asker, node->now);
    if (job == NULL || fora_message_encode(&job->request, &message) != 0) {
        job_free(job);
        conn_fail(node, conn, FORA_E_NOMEM);
        return;
    }
    node_enqueue(node, job);
}

void conn_pump(struct node *node, struct conn *conn)
{
    struct fora_session_event event;
    while (conn_may_take(node, conn)) {
        int rc = fora_session_next(conn->session, &event);
        if (rc != 0) {
            conn->closing = true;
            break;
        }
        if (event.type == FORA_SESSION_EVENT_NONE) {
            break;
        }
        if (event.type == FORA_SESSION_EVENT_OPEN) {
            conn_opened(node, conn);
            continue;
        }
        node->counters.frames_in++;
        flow_moved(node, conn);
        turns_saw(node, conn);
        conn_dispatch(node, conn, event.message, event.frame_size);
    }
    if (fora_session_state(conn->session) == FORA_SESSION_CLOSED) {
        conn->closing = true;
    }
    wait_for_room(node, conn);
    conn_flush(node, conn);
    node_changed(node, conn);
}

void node_receive(
    struct node *node, uint64_t number, struct fora_bytes input, size_t *taken, uint64_t now)
{
    struct conn *conn = node_conn(node, number);
    node_time(node, now);
    *taken = 0;
    while (conn != NULL && !conn->closing && *taken < input.size) {
        size_t part = 0;
        struct fora_bytes rest = fora_bytes(input.data + *taken, input.size - *taken);
        int rc = fora_session_feed(conn->session, rest, &part);
        *taken += part;
        flow_came_on(node, conn);
        conn->bytes_in += part;
        node->counters.bytes_in += part;
        conn_pump(node, conn);
        if (rc != 0 || part == 0) {
            break;
        }
    }
    if (conn == NULL || conn->closing) {
        *taken = input.size; /* nobody reads it any more */
    }
}

/* ---- output ---- */

void conn_flush(struct node *node, struct conn *conn)
{
    while (conn_backlog(conn) >= 4 && conn->open && !conn->closing && flow_session_room(conn)) {
        const uint8_t *at = conn->backlog.data + conn->backlog_at;
        size_t size = 4 + ((size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
        int rc = fora_session_send_encoded(conn->session, fora_bytes(at, size));
        if (rc == FORA_E_CREDIT) {
            break;
        }
        if (rc != 0) {
            conn_fail(node, conn, rc);
            return;
        }
        conn->backlog_at += size;
        node->counters.frames_out++;
    }
    if (conn->backlog_at == conn->backlog.size) {
        fora_buf_fini(&conn->backlog); /* an idle connection holds no buffer */
        conn->backlog_at = 0;
        fora_buf_init(&conn->backlog, BACKLOG_MAX);
    } else if (conn->backlog_at > conn->backlog.size / 2) {
        fora_buf_consume(&conn->backlog, conn->backlog_at);
        conn->backlog_at = 0;
    }
    flow_release(node, conn);
    if (conn->serves != NULL && conn->open) {
        peer_serve_step(node, conn);
    }
    if (conn->follows != NULL && conn->open && !conn->closing) {
        peer_put_step(node, conn);
    }
    flow_account(node, conn);
}

void conn_answer(struct node *node, struct conn *conn, struct fora_bytes frames)
{
    if (conn->broken) {
        return;
    }
    fora_buf_append_bytes(&conn->backlog, frames);
    if (conn->backlog.error != 0) {
        conn_fail(node, conn, FORA_E_OVERLOAD);
        return;
    }
    conn_flush(node, conn);
    node_changed(node, conn);
}

void conn_send(struct node *node, struct conn *conn, const struct fora_message *message)
{
    if (conn->broken) {
        return;
    }
    int rc = fora_message_encode(&conn->backlog, message);
    if (rc != 0) {
        conn_fail(node, conn, rc);
        return;
    }
    conn_flush(node, conn);
    node_changed(node, conn);
}

static void error_send(struct node *node, struct conn *conn, uint64_t request, int code,
    const char *text, uint32_t retry_after)
{
    struct fora_message message = {.request = request, .type = FORA_MSG_ERROR};
    message.u.error.code = fora_error_to_wire(code);
    message.u.error.text = fora_bytes_str(text != NULL ? text : fora_error_text(code));
    message.u.error.retry_after = retry_after;
    node->counters.requests_refused++;
    conn_send(node, conn, &message);
}

void conn_error(struct node *node, struct conn *conn, uint64_t request, int code, const char *text)
{
    error_send(node, conn, request, code, text,
        code == FORA_E_QUOTA      ? 60
        : code == FORA_E_OVERLOAD ? 5
                                  : 0);
}

void conn_error_later(
    struct node *node, struct conn *conn, uint64_t request, int code, uint64_t wait)
{
    error_send(node, conn, request, code, NULL, (uint32_t)(wait / 1000 + 1));
}

struct fora_bytes node_output(struct node *node, uint64_t number)
{
    struct conn *conn = node_conn(node, number);
    if (conn == NULL || conn->broken) {
        return fora_bytes(NULL, 0);
    }
    return fora_session_output(conn->session);
}

void node_output_done(struct node *node, uint64_t number, size_t written)
{
    struct conn *conn = node_conn(node, number);
    if (conn != NULL) {
        fora_session_output_done(conn->session, written);
        flow_moved(node, conn);
        conn->bytes_out += written;
        node->counters.bytes_out += written;
        conn_flush(node, conn);
    }
}

bool node_closing(const struct node *node, uint64_t number)
{
    const struct conn *conn = node_conn(node, number);
    return conn == NULL || conn->closing;
}
