/*
 * The node: its life, its limits, its connections by number, what it says, and its clock. What it
 * has done by others is in jobs.c.
 */
#include "core/node_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REVIEW_MS = 60 * 1000 /* of lanes that change with time alone */ };

/* Field by field, so that what lies between the fields is zero too: limits are compared whole. */
void node_limits_default(struct node_limits *limits)
{
    memset(limits, 0, sizeof *limits);
    limits->connections_max = 12000;
    limits->address_connections = 4000;
    limits->requests_max = 64;
    limits->client_credit = 1024 * 1024;
    limits->peer_credit = 4 * 1024 * 1024;
    limits->inflight_max = 16 * 1024 * 1024;
    limits->buffers_max = 16 * 1024 * 1024;
    limits->pending_max = 8 * 1024 * 1024;
    limits->member_objects_hour = 600;
    limits->member_bytes_day = 64 * 1024 * 1024;
    limits->peer_objects_hour = 36000;
    limits->peer_bytes_day = 1024 * 1024 * 1024;
    limits->newcomer_objects_hour = 600;
    limits->newcomer_bytes_day = 16 * 1024 * 1024;
    limits->newcomer_hours = 24;
    limits->newcomer_objects = 200;
    limits->address_failures_hour = 30;
    limits->account_failures_hour = 60;
    limits->registrations_hour = 300;
    limits->reconcile_interval_s = 600;
    limits->hello_timeout_ms = 10000;
    limits->idle_ms = 60000;
}

void node_say(struct node *node, int level, const char *room, const struct conn *conn,
    uint64_t request, const char *format, ...)
{
    va_list args;
    size_t max = sizeof node->events / sizeof node->events[0];
    if (node->events_count == max) {
        return; /* the shell is slow: losing lines is better than growing */
    }
    struct node_event *event = &node->events[(node->events_first + node->events_count++) % max];
    event->level = level;
    event->room = room;
    event->conn = conn != NULL ? conn->number : 0;
    event->request = request;
    va_start(args, format);
    vsnprintf(event->text, sizeof event->text, format, args);
    va_end(args);
}

bool node_next_event(struct node *node, struct node_event *out)
{
    if (node->events_count == 0) {
        return false;
    }
    *out = node->events[node->events_first];
    node->events_first = (node->events_first + 1) % (sizeof node->events / sizeof node->events[0]);
    node->events_count--;
    return true;
}

const struct node_counters *node_counters(const struct node *node)
{
    return &node->counters;
}

/* ---- making and ending ---- */

static int copy_identity(struct node *node, const struct node_config *config)
{
    node->identity = calloc(config->identity_count + 1, sizeof *node->identity);
    if (node->identity == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < config->identity_count; i++) {
        fora_buf_append_bytes(&node->identity_bytes, config->identity[i]);
    }
    size_t at = 0;
    for (size_t i = 0; i < config->identity_count && node->identity_bytes.error == 0; i++) {
        node->identity[i] = fora_bytes(node->identity_bytes.data + at, config->identity[i].size);
        at += config->identity[i].size;
    }
    node->identity_count = config->identity_count;
    return node->identity_bytes.error;
}

static int copy_secret(struct node *node, const struct fora_secret *secret)
{
    uint8_t seed[32];
    fora_secret_seed(secret, seed);
    int rc = fora_secret_from_seed(&node->secret_copy, seed);
    fora_wipe(seed, sizeof seed);
    return rc;
}

static int copy_nodes(struct fora_principal_id **out, size_t *out_count,
    const struct fora_principal_id *list, size_t count)
{
    *out = calloc(count + 1, sizeof **out);
    if (*out == NULL) {
        return FORA_E_NOMEM;
    }
    if (count > 0) {
        memcpy(*out, list, count * sizeof **out);
    }
    *out_count = count;
    return 0;
}

static int init_peers(struct node *node, const struct node_config *config)
{
    int rc = copy_nodes(&node->allow, &node->allow_count, config->allow, config->allow_count);
    if (rc == 0) {
        rc = copy_nodes(&node->block, &node->block_count, config->block, config->block_count);
    }
    rc = rc == 0 ? peers_load(&node->peers, node->env.kv) : rc;
    return rc == 0 ? deliveries_load(&node->deliveries, node->env.kv) : rc;
}

static int node_init(struct node *node, const struct node_config *config, struct kv *kv)
{
    node->env.kv = kv;
    node->env.self = config->self;
    node->env.registration_open = config->registration_open;
    node->env.peering = config->peering;
    node->env.limits = config->limits;
    node->env.resolver = config->resolver;
    node->env.credential = config->credential;
    fora_lock(node->env.custody, sizeof node->env.custody);
    fora_lock(node->noise_secret, sizeof node->noise_secret);
    memcpy(node->env.custody, config->custody, sizeof node->env.custody);
    memcpy(node->noise_secret, config->noise_secret, sizeof node->noise_secret);
    snprintf(node->env.name, sizeof node->env.name, "%s", config->name);
    node->slots_count = config->limits.connections_max;
    node->slots = calloc(node->slots_count, sizeof(struct conn *));
    int rc = node->slots == NULL ? FORA_E_NOMEM : copy_identity(node, config);
    if (rc == 0) {
        rc = copy_secret(node, config->secret);
        node->env.secret = node->secret_copy;
    }
    if (rc == 0) {
        rc = policies_new(&node->env.policies);
    }
    if (rc == 0) {
        rc = committer_new(&node->env.committer, kv, node->env.policies);
    }
    if (rc == 0) {
        rc = init_peers(node, config);
    }
    return rc == 0 ? dial_load(node) : rc;
}

int node_new(struct node **out, const struct node_config *config, struct kv *kv, uint64_t now)
{
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL) {
        return FORA_E_NOMEM;
    }
    turns_init(node);
    job_queue_init(&node->write);
    job_queue_init(&node->lists);
    job_queue_init(&node->asks);
    node->changed_last = &node->changed;
    node->conns_last = &node->conns;
    node->waiting_last = &node->waiting;
    node->now = node->steady = now;
    node->started_at = now;
    node->rows_due = true; /* a crash may have left rows behind, and things to sweep */
    node->sweep_due = true;
    node->standing_at = now + UINT64_C(1000) * config->limits.standing_interval_s;
    pending_init(&node->pending, config->limits.pending_max);
    int rc = node_init(node, config, kv);
    if (rc != 0) {
        node_free(node);
        return rc;
    }
    *out = node;
    return 0;
}

void node_free(struct node *node)
{
    if (node == NULL) {
        return;
    }
    while (node->conns != NULL) {
        conn_free(node, node->conns);
    }
    turns_fini(node);
    job_queue_fini(&node->write);
    job_queue_fini(&node->lists);
    job_queue_fini(&node->asks);
    pending_fini(&node->pending);
    dial_fini(node);
    deliveries_fini(&node->deliveries);
    peers_fini(&node->peers);
    quotas_fini(&node->quotas);
    attempts_free(node->attempts);
    free(node->allow);
    free(node->block);
    committer_free(node->env.committer);
    policies_free(node->env.policies);
    fora_secret_free(node->secret_copy);
    fora_unlock(node->noise_secret, sizeof node->noise_secret);
    fora_unlock(node->env.custody, sizeof node->env.custody);
    fora_buf_fini(&node->identity_bytes);
    free(node->identity);
    free(node->slots);
    free(node);
}

struct conn *node_conn(const struct node *node, uint64_t number)
{
    if (number == 0) {
        return NULL;
    }
    struct conn *conn = node->slots[number % node->slots_count];
    return conn != NULL && conn->number == number ? conn : NULL;
}

void node_changed(struct node *node, struct conn *conn)
{
    if (!conn->changed && !conn->closed) {
        conn->changed = true;
        conn->changed_next = NULL;
        *node->changed_last = conn;
        node->changed_last = &conn->changed_next;
    }
}

uint64_t node_next_changed(struct node *node)
{
    struct conn *conn = node->changed;
    if (conn == NULL) {
        return 0;
    }
    node->changed = conn->changed_next;
    if (node->changed == NULL) {
        node->changed_last = &node->changed;
    }
    conn->changed = false;
    return conn->number;
}

/* The wall clock is set by people and by others' computers. Nothing that waits may wait longer for
 * a clock that was put back; put forward, it ends waits early, and peers are dialled anew. */
void node_time(struct node *node, uint64_t now)
{
    node->steady += now > node->now ? now - node->now : 0;
    node->now = now;
}

/* An average that forgets: each second weighs a sixteenth, and none is below one a minute. After
 * nothing it begins with what comes, so that a time that is told from it is right at once. */
static void meter_tick(struct meter *meter, uint64_t steady)
{
    uint64_t passed = steady > meter->at ? steady - meter->at : 0;
    if (passed < 1000) {
        return;
    }
    uint64_t weight = passed / 1000 < 16 ? passed / 1000 : 16;
    uint64_t fresh = meter->at == 0 ? 0 : (meter->count - meter->seen) * 60000 / passed;
    meter->rate = meter->rate == 0 ? fresh : (meter->rate * (16 - weight) + fresh * weight) / 16;
    meter->seen = meter->count;
    meter->at = steady;
}

uint64_t node_tick(struct node *node, uint64_t now)
{
    uint64_t next = now + 1000;
    node_time(node, now);
    node_rows_late(node);
    if (node->steady >= node->review_at) {
        node->review_at = node->steady + REVIEW_MS;
        lane_review(node);
    }
    for (struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn->closed) {
            continue;
        }
        fora_session_tick(conn->session, node->steady);
        peer_serve_tell(node, conn);
        flow_tick(node, conn);
        meter_tick(&conn->meter_in, node->steady);
        meter_tick(&conn->meter_out, node->steady);
        for (struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
            peer_follow_step(node, conn, follow);
        }
        conn_pump(node, conn);
    }
    return next;
}
