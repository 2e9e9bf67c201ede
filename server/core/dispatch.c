/*
 * Dispatch: what is done with each message, and what becomes of a request when its job is back. Who
 * may send what is said by one table (fora/message_rules.h) and checked by the session; here is
 * what depends on who asks.
 */
#include "core/requests.h"

#include "core/bug.h"
#include "core/node_impl.h"
#include "core/resolve.h"

#include <stdlib.h>
#include <string.h>

enum {
    ATTEMPTS_MAX = 8 /* passwords tried on one connection; all share two Argon2id at once */
};

/* ---- objects that come in ---- */

/* 0, or in how many ms the member or peer may bring something again. Admins may always. */
static uint64_t quota_wait(struct node *node, struct conn *conn, size_t objects, size_t bytes)
{
    if (conn->peer != NULL) {
        if (!quota_peer_any(node, conn)) {
            return quota_peer_wait(node, conn);
        }
        quota_peer_take(node, conn, objects, bytes);
        return 0;
    }
    return conn->asker.is_admin ? 0
                                : quota_member_take(node, &conn->asker.member,
                                      conn->asker.has_account, objects, bytes);
}

static void objects_in(struct node *node, struct conn *conn, struct batch *batch, size_t frame_size)
{
    if (batch == NULL) {
        fora_session_consumed(conn->session, frame_size);
        conn_fail(node, conn, FORA_E_NOMEM);
        return;
    }
    node_inflight(node, conn, batch, frame_size);
    node_submit(node, batch);
}

static void put_result(struct node *node, struct conn *conn, const struct batch *batch)
{
    struct fora_message message = {.request = batch->asker.request, .type = FORA_MSG_PUT_RESULT};
    struct fora_msg_result *results = calloc(batch->count + 1, sizeof *results);
    if (results == NULL) {
        conn_fail(node, conn, FORA_E_NOMEM);
        return;
    }
    for (size_t i = 0; i < batch->count; i++) {
        const struct commit_item *item = &batch->items[i];
        results[i].id = item->object.id;
        results[i].code = item->code != 0 ? fora_error_to_wire(item->code) : 0;
        results[i].duplicate = item->duplicate;
        results[i].text =
            item->code != 0 ? fora_bytes_str(fora_error_text(item->code)) : fora_bytes(NULL, 0);
    }
    message.u.put_result.results = results;
    message.u.put_result.results_count = batch->count;
    conn_send(node, conn, &message);
    free(results);
}

static void put(
    struct node *node, struct conn *conn, const struct fora_message *message, size_t frame_size)
{
    const struct fora_msg_put *put = &message->u.put;
    uint64_t wait = 0;
    int code = 0;
    if (!conn->asker.is_node && !conn->asker.is_member) {
        code = FORA_E_AUTH;
    } else if (conn->peer != NULL && conn->lane == LANE_REFUSED) {
        code = FORA_E_FORBIDDEN;
    } else {
        wait = quota_wait(node, conn, put->objects_count, frame_size);
    }
    if (code != 0 || wait != 0) {
        fora_session_consumed(conn->session, frame_size);
        if (code != 0) {
            conn_error(node, conn, message->request, code, NULL);
        } else {
            conn_error_later(node, conn, message->request, FORA_E_QUOTA, wait);
        }
        return;
    }
    struct asker asker = conn->asker;
    asker.request = message->request;
    /* An administrator brings a forum's history (import): admission rules alone, as for a peer. */
    enum commit_source source =
        conn->asker.is_node || conn->asker.is_admin ? COMMIT_PEER : COMMIT_MEMBER;
    struct batch *batch = batch_new(&asker, source, put->objects, put->objects_count);
    if (batch != NULL) {
        batch->wants_result = true;
    }
    if (SIM_BUG(ACK_EARLY) && batch != NULL) {
        batch_verify(batch);
        put_result(node, conn, batch);
        batch->wants_result = false;
    }
    objects_in(node, conn, batch, frame_size);
}

void conn_batch_done(struct node *node, struct conn *conn, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        conn->forged += batch_forged(&batch->items[i]);
    }
    flow_came_on(node, conn);
    lane_settled(node, conn, batch);
    if (batch->frame_size > 0) {
        conn->inflight -= batch->frame_size;
        fora_session_consumed(conn->session, batch->frame_size);
    }
    if (peer_follow_find(conn, batch->asker.request) != NULL) {
        peer_follow_stored(node, conn, batch);
    }
    if (batch->wants_result) {
        put_result(node, conn, batch);
    }
    if (conn->forged > FORGED_MAX) {
        conn_fail(node, conn, FORA_E_SIGNATURE); /* REP-19 */
    }
    conn_pump(node, conn);
}

/* ---- requests that become jobs ---- */

static void request_job(struct node *node, struct conn *conn, enum job_type type,
    const struct fora_message *message, size_t frame_size, struct attempt *attempt)
{
    struct job *job = job_new(type, &node->env, &conn->asker, node->now);
    fora_session_consumed(conn->session, frame_size);
    if (job == NULL || fora_message_encode(&job->request, message) != 0) {
        entry_return(node, attempt);
        job_free(job);
        conn_error(node, conn, message->request, FORA_E_NOMEM, NULL);
        return;
    }
    job->asker.request = message->request;
    job->attempt = *attempt;
    job->lists = message->type == FORA_MSG_LIST_THREADS || message->type == FORA_MSG_LIST_SPACES;
    node_enqueue(node, job);
}

static int needs(const struct conn *conn, uint32_t type)
{
    switch (type) {
    case FORA_MSG_COMPOSE:
        return conn->asker.is_member && conn->asker.custodial ? 0 : FORA_E_AUTH;
    case FORA_MSG_VOTE:
    case FORA_MSG_REPORT:
    case FORA_MSG_LIST_FLAGS:
    case FORA_MSG_LIST_MENTIONS:
    case FORA_MSG_TAKE_OUT:
        return conn->asker.is_member ? 0 : FORA_E_AUTH;
    case FORA_MSG_SUBSCRIBE:
    case FORA_MSG_UNSUBSCRIBE:
    case FORA_MSG_CREATE_SPACE:
    case FORA_MSG_CLAIM:
    case FORA_MSG_PEERING:
        return conn->asker.is_admin ? 0 : FORA_E_AUTH;
    default:
        return 0;
    }
}

static void request(
    struct node *node, struct conn *conn, const struct fora_message *message, size_t frame_size)
{
    enum job_type type = JOB_QUERY;
    int code = needs(conn, message->type);
    switch (message->type) {
    case FORA_MSG_VOTE:
    case FORA_MSG_REPORT:
    case FORA_MSG_SUBSCRIBE:
    case FORA_MSG_UNSUBSCRIBE:
    case FORA_MSG_CREATE_SPACE:
    case FORA_MSG_PEERING:
        type = JOB_WRITE;
        break;
    case FORA_MSG_SIGN_UP:
    case FORA_MSG_LOGIN:
    case FORA_MSG_CLAIM:
    case FORA_MSG_TAKE_OUT:
        type = JOB_PASSWORD;
        break;
    default:
        break;
    }
    bool attempt = type == JOB_PASSWORD && !conn->asker.is_admin;
    if (code == 0 && attempt && ++conn->attempts > ATTEMPTS_MAX) {
        code = FORA_E_QUOTA;
    }
    bool counted = message->type == FORA_MSG_VOTE || message->type == FORA_MSG_REPORT ||
                   message->type == FORA_MSG_COMPOSE;
    struct attempt tried = {0};
    uint64_t wait = code != 0 ? 0
                    : counted ? quota_wait(node, conn, 1, frame_size)
                    : attempt ? entry_take(node, conn, message, &tried)
                              : 0;
    if (wait != 0) {
        fora_session_consumed(conn->session, frame_size);
        conn_error_later(node, conn, message->request, FORA_E_QUOTA, wait);
        return;
    }
    if (code != 0) {
        fora_session_consumed(conn->session, frame_size);
        conn_error(node, conn, message->request, code, NULL);
        return;
    }
    request_job(node, conn, type, message, frame_size, &tried);
}

static void notice_in(
    struct node *node, struct conn *conn, const struct fora_message *message, size_t frame_size)
{
    struct attempt none = {0};
    uint64_t wait;
    int code = notice_wanted(node, conn, &message->u.notice, frame_size, &wait);
    if (code == 0) {
        request_job(node, conn, JOB_QUERY, message, frame_size, &none);
        return;
    }
    fora_session_consumed(conn->session, frame_size);
    if (wait != 0) {
        conn_error_later(node, conn, message->request, code, wait);
    } else {
        conn_error(node, conn, message->request, code, NULL);
    }
}

/* ---- dispatch ---- */

static void put_answered(
    struct node *node, struct conn *conn, const struct fora_msg_put_result *result)
{
    deliveries_answered(
        &node->deliveries, &conn->asker.node, result->results, result->results_count, false);
}

static void follow_wanted(struct node *node, struct conn *conn, const struct fora_message *message)
{
    if (conn->lane == LANE_REFUSED && conn->peer != NULL && node->env.peering == PEERING_CLOSED) {
        conn_error(node, conn, message->request, FORA_E_FORBIDDEN, "this node takes no peers");
        return;
    }
    peer_serve(node, conn, message->request, &message->u.follow);
}

static void handle_wanted(struct node *node, struct conn *conn, const struct fora_message *message)
{
    uint64_t wait;
    int code = resolve_wanted(node, conn, message, &wait);
    if (wait != 0) {
        conn_error_later(node, conn, message->request, code, wait);
    } else if (code != 0) {
        conn_error(node, conn, message->request, code, NULL);
    }
}

static void introduced(struct node *node, struct conn *conn, const struct fora_message *message)
{
    struct fora_message ok = {.request = message->request, .type = FORA_MSG_OK};
    int code = lane_introduced(node, conn, &message->u.introduce);
    if (code == 0) {
        conn_send(node, conn, &ok);
    } else {
        conn_error(node, conn, message->request, code, NULL);
    }
}

/* With request 0 the session is over, and when it may begin again is for who dials. */
static void failed(struct node *node, struct conn *conn, const struct fora_message *message)
{
    const struct fora_msg_error *error = &message->u.error;
    if (message->request == 0) {
        conn->retry_after = error->retry_after;
    }
    notice_answered(node, conn, message->request, (uint64_t)error->retry_after * 1000);
    peer_request_failed(node, conn, message->request, fora_error_from_wire(error->code),
        (uint64_t)error->retry_after * 1000);
}

static void cancelled(struct conn *conn, uint64_t request)
{
    conn->cancelled[conn->cancelled_next] = request;
    conn->cancelled_next = (conn->cancelled_next + 1) % CANCELLED_MAX;
    peer_cancel(conn, request);
}

/* Messages that are dealt with on the loop. False: it is a request for a job. */
static bool dispatch_here(
    struct node *node, struct conn *conn, const struct fora_message *message, size_t frame_size)
{
    switch (message->type) {
    case FORA_MSG_PUT:
        put(node, conn, message, frame_size);
        return true;
    case FORA_MSG_FOLLOW_BATCH:
        peer_follow_batch(node, conn, message->request, &message->u.follow_batch, frame_size);
        return true;
    case FORA_MSG_OBJECTS:
        peer_objects(node, conn, message->request, &message->u.objects, frame_size);
        return true;
    case FORA_MSG_NOTICE:
        notice_in(node, conn, message, frame_size);
        return true;
    case FORA_MSG_PRINCIPAL_OBJECTS:
        peer_principal(node, conn, message->request, &message->u.principal_objects, frame_size);
        return true;
    case FORA_MSG_FOLLOW_ACK:
        peer_serve_confirmed(node, conn, message->request, &message->u.follow_ack);
        break;
    case FORA_MSG_PUT_RESULT:
        put_answered(node, conn, &message->u.put_result);
        (void)peer_put_done(node, conn, message->request);
        break;
    case FORA_MSG_FOLLOW:
        follow_wanted(node, conn, message);
        break;
    case FORA_MSG_RECONCILE_REPLY:
        peer_reconcile_reply(node, conn, message);
        break;
    case FORA_MSG_ERROR:
        failed(node, conn, message);
        break;
    case FORA_MSG_INTRODUCE:
        introduced(node, conn, message);
        break;
    case FORA_MSG_RESOLVE:
        handle_wanted(node, conn, message);
        break;
    case FORA_MSG_OK: /* an introduction or a Notice was taken */
        notice_answered(node, conn, message->request, 0);
        break;
    case FORA_MSG_CANCEL:
        cancelled(conn, message->request);
        break;
    case FORA_MSG_GET_STATUS:
        status_answer(node, conn, message->request, message->u.get_status.metrics);
        break;
    case FORA_MSG_NONE:
        conn_error(node, conn, message->request, FORA_E_UNSUPPORTED, NULL);
        break;
    default:
        return false;
    }
    fora_session_consumed(conn->session, frame_size);
    return true;
}

void conn_dispatch(
    struct node *node, struct conn *conn, const struct fora_message *message, size_t frame_size)
{
    if (!dispatch_here(node, conn, message, frame_size)) {
        request(node, conn, message, frame_size);
    }
}

/* ---- jobs that are back ---- */

static void conn_named(struct conn *conn, struct fora_bytes name)
{
    conn->name_size = name.size < sizeof conn->name ? name.size : sizeof conn->name;
    if (conn->name_size > 0) {
        memcpy(conn->name, name.data, conn->name_size);
    }
}

/* The log has changed since the job looked at it: it looks again. */
static void looked_too_early(struct node *node, struct conn *conn, struct job *job)
{
    uint64_t request = job->asker.request;
    struct job *again = job_continue(job);
    if (again != NULL) {
        node_enqueue(node, again);
    } else if (request != 0) {
        conn_error(node, conn, request, FORA_E_NOMEM, NULL);
    } else {
        conn_fail(node, conn, FORA_E_NOMEM);
    }
}

static void hello_done(struct node *node, struct conn *conn, struct job *job)
{
    if (job->code != 0 || !job->login.set) {
        conn_fail(node, conn, job->code != 0 ? job->code : FORA_E_HANDSHAKE);
        return;
    }
    if (proof_is_stale(node, job, &job->login.asker.node)) {
        looked_too_early(node, conn, job);
        return;
    }
    proof_take(node, conn, job);
    conn->asker.is_node = true;
    conn->asker.node = job->login.asker.node;
    conn_named(conn, fora_buf_bytes(&job->answer));
    conn->checked = true;
    int code = lane_enter(node, conn);
    if (code != 0) {
        conn_fail(node, conn, code);
        return;
    }
    peer_checked(node, conn);
}

static void password_done(struct node *node, struct conn *conn, struct job *job)
{
    struct job *write = job_new(JOB_WRITE, &node->env, &job->asker, node->now);
    if (write == NULL) {
        conn_error(node, conn, job->asker.request, FORA_E_NOMEM, NULL);
        return;
    }
    /* The request and what Argon2id made of it go on to the writer. */
    write->request = job->request;
    write->state = job->state;
    write->attempt = job->attempt;
    memset(&job->request, 0, sizeof job->request);
    job->state = NULL;
    node_enqueue(node, write);
}

static void login_done(struct node *node, struct conn *conn, struct job *job)
{
    if (job->proof.size > 0) {
        proof_take(node, conn, job);
    } else if (!job->login.asker.by_key) {
        proof_drop(conn);
    }
    conn->asker.is_member = true;
    conn->account = job->attempt.account;
    conn->asker.by_key = job->login.asker.by_key;
    conn->asker.key = job->login.asker.key;
    /* A principal that nobody took in costs nothing to make: it stays among the strangers. */
    conn->asker.known = job->login.asker.has_account || job->login.asker.is_admin;
    conn->asker.has_account = job->login.asker.has_account;
    conn->asker.member = job->login.asker.member;
    conn->asker.is_admin = job->login.asker.is_admin;
    conn->asker.custodial = job->login.asker.custodial;
}

static uint32_t request_type(const struct job *job)
{
    struct fora_arena arena;
    struct fora_message message;
    fora_arena_init(&arena, 4 * 1024 * 1024);
    uint32_t type =
        job->request.size >= 4 &&
                fora_message_decode(
                    &arena, fora_bytes(job->request.data + 4, job->request.size - 4), &message) == 0
            ? message.type
            : FORA_MSG_NONE;
    fora_arena_fini(&arena);
    return type;
}

/* The next part of a thread, in turn with what else the connection asked for, and when there is
 * room for answers (flow.c). */
static void thread_goes_on(struct node *node, struct conn *conn, struct job *job)
{
    for (size_t i = 0; i < CANCELLED_MAX; i++) {
        if (conn->cancelled[i] == job->asker.request) {
            return;
        }
    }
    uint64_t request = job->asker.request;
    struct job *next = !conn->closing ? job_continue(job) : NULL;
    if (next != NULL) {
        node_enqueue(node, next);
    } else if (!conn->closing) {
        conn_error(node, conn, request, FORA_E_NOMEM, NULL);
    }
}

void conn_job_done(struct node *node, struct conn *conn, struct job *job)
{
    uint32_t type = request_type(job);
    if (conn->closing) {
        return;
    }
    if (job->again) {
        proof_asked(node, conn, job);
        return;
    }
    switch (type) {
    case FORA_MSG_HELLO:
        hello_done(node, conn, job);
        return;
    case FORA_MSG_FOLLOW:
        peer_serve_read(node, conn, job);
        return;
    case FORA_MSG_FOLLOW_BATCH:
    case FORA_MSG_RECONCILE_REPLY:
        peer_reconcile_done(node, conn, job);
        return;
    case FORA_MSG_GET_DELIVERY:
        status_delivery(node, conn, job);
        return;
    default:
        break;
    }
    if (job->type == JOB_PASSWORD && job->code == 0) {
        password_done(node, conn, job);
        return;
    }
    if (job->login.set && job->code == 0) {
        if (job->proof.size > 0 && proof_is_stale(node, job, &job->login.asker.member)) {
            looked_too_early(node, conn, job);
            return;
        }
        login_done(node, conn, job);
    }
    if (job->made != NULL) {
        struct batch *batch = job->made;
        job->made = NULL;
        node_submit(node, batch);
    }
    if (job->puts) {
        peer_put_own(node, conn, job);
        return;
    }
    if (job->answer.size > 0) {
        conn_answer(node, conn, fora_buf_bytes(&job->answer));
    }
    if (job->more && job->code == 0) {
        thread_goes_on(node, conn, job);
    }
}
