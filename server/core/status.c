/* What the node tells about itself: status for people and programs, metrics, and where an object
 * has got to. */
#include "core/accounts.h"
#include "core/node_impl.h"
#include "core/peer_status.h"

#include "core/links.h"
#include "store/sets.h"

#include <stdio.h>
#include <string.h>

enum { ROWS_MAX = STATUS_ROWS_MAX, STATUS_ARENA = 1024 * 1024 };

struct status_room {
    struct node *node;
    struct kv_txn *txn;
    struct fora_arena *arena;
    struct fora_msg_node_status *status;
};

/* ---- metrics: the Prometheus text format, version 0.0.4 ---- */

static void metric(
    struct fora_buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    fora_buf_printf(out, "# HELP forad_%s %s\n# TYPE forad_%s %s\nforad_%s %llu\n", name, help,
        name, type, name, (unsigned long long)value);
}

static void metrics_write(struct fora_buf *out, const struct node *node, const struct kv_info *info)
{
    const struct node_counters *c = &node->counters;
    metric(out, "connections", "gauge", "connections now", node->conns_count);
    metric(out, "connections_opened_total", "counter", "connections since the start",
        c->connections_opened);
    metric(out, "connections_refused_total", "counter", "connections over the limit",
        c->connections_refused);
    metric(out, "sessions_failed_total", "counter", "sessions that ended with an error",
        c->sessions_failed);
    metric(out, "frames_in_total", "counter", "frames received", c->frames_in);
    metric(out, "frames_out_total", "counter", "frames sent", c->frames_out);
    metric(out, "bytes_in_total", "counter", "bytes received", c->bytes_in);
    metric(out, "bytes_out_total", "counter", "bytes sent", c->bytes_out);
    metric(out, "objects_stored_total", "counter", "objects stored", c->objects_stored);
    metric(out, "objects_duplicate_total", "counter", "objects that were stored before",
        c->objects_duplicate);
    metric(out, "objects_refused_total", "counter", "objects refused", c->objects_refused);
    metric(out, "objects_removed_total", "counter",
        "objects removed because the key that signed them did not speak any more",
        c->objects_removed);
    metric(out, "objects_pending_total", "counter", "objects that had to wait for others",
        c->objects_pending);
    metric(out, "objects_pending", "gauge", "objects that wait now", node->pending.count);
    metric(out, "pending_bytes", "gauge", "bytes of objects that wait", node->pending.bytes);
    metric(out, "inflight_bytes", "gauge", "bytes of frames on their way to the store",
        node->inflight);
    metric(out, "commits_total", "counter", "durable transactions of objects", c->commits);
    metric(out, "commit_failures_total", "counter", "transactions that failed whole",
        c->commit_failures);
    metric(out, "rows_steps_total", "counter", "updates of thread rows", c->rows_steps);
    metric(out, "queries_total", "counter", "requests that read", c->queries);
    metric(out, "writes_total", "counter", "requests that change the node", c->writes);
    metric(out, "passwords_total", "counter", "Argon2id computations", c->passwords);
    metric(out, "verify_batches_total", "counter", "batches verified", c->verify_batches);
    metric(out, "requests_refused_total", "counter", "requests answered by an error",
        c->requests_refused);
    metric(out, "follow_batches_in_total", "counter", "batches received from peers",
        c->follow_batches_in);
    metric(
        out, "follow_batches_out_total", "counter", "batches sent to peers", c->follow_batches_out);
    metric(out, "reconciliations_total", "counter", "reconciliations begun, and samples",
        c->reconciliations);
    metric(
        out, "reconcile_rounds_total", "counter", "rounds of reconciliations", c->reconcile_rounds);
    metric(out, "store_bytes_used", "gauge", "bytes in use in the data file", info->bytes_used);
    metric(out, "store_bytes_file", "gauge", "size of the data file", info->bytes_file);
    metric(out, "store_bytes_map", "gauge", "size of the memory map", info->map_size);
}

/* ---- status ---- */

/* By its own identity log, which was verified; so nothing before that. */
static struct fora_bytes name_of(const struct conn *conn)
{
    return fora_bytes(conn->name, conn->name_size);
}

static const struct follow *follow_of(const struct conn *conn, const struct fora_space_id *space)
{
    const struct follow *follow = conn != NULL ? conn->follows : NULL;
    while (follow != NULL && memcmp(follow->space.b, space->b, sizeof space->b) != 0) {
        follow = follow->next;
    }
    return follow;
}

static void subscription_rows(struct status_room *room)
{
    struct node *node = room->node;
    struct fora_msg_node_status *status = room->status;
    status->subscriptions = fora_arena_zalloc(room->arena, ROWS_MAX, sizeof *status->subscriptions);
    for (size_t i = 0; i < node->targets_count && status->subscriptions != NULL; i++) {
        const struct dial_target *target = &node->targets[i];
        const struct conn *conn = node_conn(node, target->conn);
        for (size_t j = 0; j < target->spaces_count && status->subscriptions_count < ROWS_MAX;
             j++) {
            const struct follow *follow = follow_of(conn, &target->spaces[j]);
            struct fora_msg_subscription_row *row =
                &status->subscriptions[status->subscriptions_count++];
            row->space = target->spaces[j];
            row->address = fora_bytes_str(target->address);
            row->node = conn != NULL ? conn->asker.node : target->node;
            row->position = follow != NULL ? follow->position : 0;
            row->head = follow != NULL ? follow->head : 0;
            row->caught_up = follow != NULL && follow->caught_up && follow->outstanding == 0;
            row->rate = conn != NULL ? conn->meter_in.rate : 0;
            row->error = fora_bytes_str(follow != NULL && follow->refused != 0
                                            ? fora_error_text(follow->refused)
                                            : target->error);
        }
    }
}

static int count_set(void *context, const struct set_info *info)
{
    struct fora_msg_node_status *status = context;
    status->spaces += info->audience == FORA_AUDIENCE_PUBLIC && info->space_seq != 0;
    return 0;
}

void status_answer(struct node *node, struct conn *conn, uint64_t request, bool metrics)
{
    struct fora_arena arena;
    struct fora_buf text = {0};
    struct kv_info info = {0};
    struct fora_message message = {.request = request, .type = FORA_MSG_NODE_STATUS};
    struct status_room room = {node, NULL, &arena, &message.u.node_status};
    struct fora_msg_node_status *status = room.status;
    if (kv_begin_read(node->env.kv, &room.txn) != 0 || kv_info(node->env.kv, &info) != 0) {
        kv_abort(room.txn);
        conn_error(node, conn, request, FORA_E_INTERNAL, NULL);
        return;
    }
    fora_arena_init(&arena, STATUS_ARENA);
    status->node = node->env.self;
    status->name = fora_bytes_str(node->env.name);
    status->agent = fora_bytes_str("forad/0.1.0");
    status->uptime = node->steady - node->started_at;
    status->objects = objects_last(room.txn);
    status->members = accounts_count(room.txn);
    status->connections = node->conns_count;
    status->bytes_stored = info.bytes_used;
    int rc = sets_each(room.txn, count_set, status);
    /* Who a node peers with is its operator's business: strangers see counts only. */
    if (conn->asker.is_admin && rc == 0) {
        peer_status(node, room.txn, &arena, status);
        subscription_rows(&room);
    }
    if (metrics && conn->asker.is_admin) {
        metrics_write(&text, node, &info);
        status->metrics = fora_buf_bytes(&text);
    }
    kv_abort(room.txn);
    if (rc == 0) {
        conn_send(node, conn, &message);
    } else {
        conn_error(node, conn, request, rc, NULL);
    }
    fora_buf_fini(&text);
    fora_arena_fini(&arena);
}

/* ---- delivery of one object ---- */

struct delivering {
    const struct node *node;
    const struct job *job;
    struct fora_object_id object;
    bool of_space; /* the object founds the space: how is it there at all? */
    struct fora_msg_delivery *delivery;
};

static struct fora_msg_delivery_row *row_of(
    struct delivering *delivering, const struct fora_principal_id *id)
{
    struct fora_msg_delivery *delivery = delivering->delivery;
    for (size_t i = 0; i < delivery->rows_count; i++) {
        if (memcmp(delivery->rows[i].node.b, id->b, sizeof id->b) == 0) {
            return &delivery->rows[i];
        }
    }
    if (delivery->rows_count == ROWS_MAX) {
        return NULL;
    }
    delivery->rows[delivery->rows_count].node = *id;
    return &delivery->rows[delivery->rows_count++];
}

/* What the node answered comes before what it confirmed: that is a position only. */
static void row_refused(const struct delivering *delivering, struct fora_msg_delivery_row *row)
{
    const struct deliveries *deliveries = &delivering->node->deliveries;
    uint32_t code = deliveries_code(deliveries, &row->node, &delivering->object);
    if (code == 0 && delivering->of_space) {
        code = deliveries_last(deliveries, &row->node);
    }
    if (code != 0) {
        bool waits = fora_error_from_wire(code) == FORA_E_PENDING;
        row->state = fora_bytes_str(waits ? "queued" : "refused");
        row->code = code;
    }
}

static void delivery_of_conn(struct delivering *delivering, const struct conn *conn)
{
    const struct serve *serve = conn->serves;
    while (serve != NULL && serve->set != delivering->job->set_number) {
        serve = serve->next;
    }
    struct fora_msg_delivery_row *row =
        serve != NULL ? row_of(delivering, &conn->asker.node) : NULL;
    if (row == NULL) {
        return;
    }
    bool stored = serve->confirmed > delivering->job->position;
    row->name = name_of(conn);
    if (stored || !fora_bytes_equal(row->state, fora_bytes_str("stored"))) {
        row->state = fora_bytes_str(stored ? "stored" : "queued");
    }
}

/* Hosts by policy, of whom the job knew no more than that; then what the connections know. */
static void delivery_rows(struct delivering *delivering, const struct fora_msg_delivery *hosts)
{
    const struct node *node = delivering->node;
    struct fora_msg_delivery *delivery = delivering->delivery;
    struct fora_msg_delivery_row *own = row_of(delivering, &node->env.self);
    own->name = fora_bytes_str(node->env.name);
    own->state = fora_bytes_str("stored");
    for (size_t i = 0; i < hosts->rows_count; i++) {
        struct fora_msg_delivery_row *row = row_of(delivering, &hosts->rows[i].node);
        if (row != NULL && row != own) {
            *row = hosts->rows[i];
        }
    }
    for (const struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn->asker.is_node) {
            delivery_of_conn(delivering, conn);
        }
    }
    for (size_t i = 1; i < delivery->rows_count; i++) {
        row_refused(delivering, &delivery->rows[i]);
    }
}

/* What was asked, and what the job answered. */
static int delivery_read(const struct job *job, struct fora_arena *arena, struct delivering *out,
    struct fora_message *hosts)
{
    struct fora_message request;
    int rc = fora_message_decode(
        arena, fora_bytes(job->request.data + 4, job->request.size - 4), &request);
    if (rc == 0) {
        rc = fora_message_decode(
            arena, fora_bytes(job->answer.data + 4, job->answer.size - 4), hosts);
    }
    if (rc == 0) {
        out->object = request.u.get_delivery.id;
        out->delivery->rows = fora_arena_zalloc(arena, ROWS_MAX, sizeof *out->delivery->rows);
        rc = out->delivery->rows == NULL ? FORA_E_NOMEM : 0;
    }
    return rc;
}

void status_delivery(struct node *node, struct conn *asking, const struct job *job)
{
    struct fora_arena arena;
    struct fora_message hosts;
    struct fora_message message = {.request = job->asker.request, .type = FORA_MSG_DELIVERY};
    struct delivering delivering = {
        .node = node, .job = job, .of_space = job->founds, .delivery = &message.u.delivery};
    if (job->code != 0) {
        conn_answer(node, asking, fora_buf_bytes(&job->answer));
        return;
    }
    fora_arena_init(&arena, STATUS_ARENA);
    int rc = delivery_read(job, &arena, &delivering, &hosts);
    if (rc == 0) {
        delivery_rows(&delivering, &hosts.u.delivery);
        conn_send(node, asking, &message);
    } else {
        conn_error(node, asking, job->asker.request, rc, NULL);
    }
    fora_arena_fini(&arena);
}
