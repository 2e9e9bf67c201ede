/*
 * The node: connections by number, queues of jobs, and who may run when.
 *
 * Invariant after every call: at most one writing job is out; a batch is in exactly one of VERIFY
 * queue, a job, `commits`, or the pending area; node->inflight is the sum of the frame sizes of
 * batches whose credit was not yet given back.
 */
#include "core/node_impl.h"

#include "core/bug.h"
#include "core/rows.h"
#include "core/sweep.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_LATE_MAX = 16384, /* objects that rows may fall behind while commits are waiting */
    SMALL_BATCH = 4,
    STEP_SHORT = 64, /* objects of a step of upkeep while strangers and others want the writer */
    UPKEEP_REST_MAX_MS = 5000,
    UPKEEP_SHORT_MS = 50,
    WANTED_OBJECTS_MAX = 256, /* asked for at once */
    WANTED_PRINCIPALS_MAX = 16,
    PEERS_SAVE_MS = 10 * 1000, /* what is not yet kept of peers is lost when the node is killed */
    REVIEW_MS = 60 * 1000      /* of lanes that change with time alone */
};

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
    return rc == 0 ? peers_load(&node->peers, node->env.kv) : rc;
}

static int node_init(struct node *node, const struct node_config *config, struct kv *kv)
{
    node->env.kv = kv;
    node->env.self = config->self;
    node->env.registration_open = config->registration_open;
    node->env.peering = config->peering;
    node->env.limits = config->limits;
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
    node->changed_last = &node->changed;
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
    for (size_t i = 0; i < node->slots_count && node->slots != NULL; i++) {
        if (node->slots[i] != NULL) {
            conn_free(node, node->slots[i]);
        }
    }
    turns_fini(node);
    job_queue_fini(&node->write);
    job_queue_fini(&node->lists);
    pending_fini(&node->pending);
    dial_fini(node);
    deliveries_fini(&node->deliveries);
    peers_fini(&node->peers);
    quotas_fini(&node->quotas);
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

/* ---- jobs ---- */

void node_enqueue(struct node *node, struct job *job)
{
    struct conn *conn = node_conn(node, job->asker.conn);
    if (conn != NULL) {
        conn->jobs++;
    }
    if (job->type == JOB_WRITE) {
        job_queue_push(&node->write, job);
    } else if (job->type == JOB_QUERY && conn != NULL) {
        flow_query(node, conn, job);
    } else {
        turns_push(node, job);
    }
}

void node_query(struct node *node, struct job *job)
{
    turns_push(node, job);
}

/* While the writer idles, a batch of a few objects is verified by it: two changes of thread less
 * for who waits. */
static bool goes_straight(
    const struct node *node, const struct batch *batch, const struct conn *conn)
{
    return !node->writing && turns_straight(node, batch, SMALL_BATCH) &&
           (batch->asker.known || node->pending.count == 0) &&
           (conn == NULL || conn->order_first == NULL);
}

void node_inflight(struct node *node, struct conn *conn, struct batch *batch, size_t frame_size)
{
    batch->frame_size = frame_size;
    batch->low = conn->peer != NULL && conn->lane < LANE_KNOWN;
    conn->inflight += frame_size;
    node->inflight += frame_size;
    node->inflight_low += batch->low ? frame_size : 0;
    conn->objects_in += batch->count;
}

/* Credit goes back, who waits is told. */
static void batch_return(struct node *node, struct conn *conn, struct batch *batch)
{
    if (conn != NULL || !SIM_BUG(INFLIGHT_LEAK)) {
        node->inflight -= batch->frame_size;
        node->inflight_low -= batch->low ? batch->frame_size : 0;
    }
    if (conn != NULL) {
        conn_batch_done(node, conn, batch);
    }
}

void node_submit(struct node *node, struct batch *batch)
{
    struct conn *conn = node_conn(node, batch->asker.conn);
    if (goes_straight(node, batch, conn)) {
        node->counters.verify_batches++;
        node_commit_later(node, batch);
        return;
    }
    struct job *job = job_new(JOB_VERIFY, &node->env, &batch->asker, node->now);
    if (job == NULL) {
        for (size_t i = 0; i < batch->count; i++) {
            batch->items[i].code = FORA_E_NOMEM;
        }
        batch_return(node, conn, batch);
        batch_free(batch);
        return;
    }
    job->batches = batch;
    node->counters.verify_batches++;
    if (conn != NULL) {
        if (conn->order_last != NULL) {
            conn->order_last->order_next = batch;
        } else {
            conn->order_first = batch;
        }
        conn->order_last = batch;
    }
    node_enqueue(node, job);
}

static struct job *own_job(struct node *node, enum job_type type)
{
    static const struct asker nobody = {.conn = 0};
    return job_new(type, &node->env, &nobody, node->now);
}

/* The clock may have been set back. */
bool node_upkeep_may(const struct node *node, uint64_t at)
{
    return node->now >= at || at - node->now > UPKEEP_REST_MAX_MS;
}

/* The wall clock is set by people and by others' computers. Nothing that waits may wait longer for
 * a clock that was put back; put forward, it ends waits early, and peers are dialled anew. */
void node_time(struct node *node, uint64_t now)
{
    node->steady += now > node->now ? now - node->now : 0;
    node->now = now;
}

/* Lists wait for rows; so rows go first when somebody waits, and never fall far behind. */
static bool rows_first(const struct node *node)
{
    return node->rows_due && node_upkeep_may(node, node->rows_at) &&
           (!turns_commits(node) || node->lists.first != NULL ||
               node->rows_skipped > ROWS_LATE_MAX);
}

static struct job *take_rows(struct node *node)
{
    struct job *job = rows_first(node) ? own_job(node, JOB_ROWS) : NULL;
    if (job != NULL) {
        job->step = turns_contended(node) ? STEP_SHORT : ROWS_STEP_MAX;
        node->rows_due = false;
        node->rows_out = true;
        node->rows_skipped = 0;
    }
    return job;
}

static struct job *take_sweep(struct node *node)
{
    bool now = node->sweep_due && node_upkeep_may(node, node->sweep_at);
    struct job *job = now ? own_job(node, JOB_SWEEP) : NULL;
    if (job != NULL) {
        job->step = turns_contended(node) ? STEP_SHORT : SWEEP_STEP_MAX;
        node->sweep_due = false;
    }
    return job;
}

static struct job *take_peers(struct node *node)
{
    if (!node->peers.dirty || node->steady < node->peers.save_at) {
        return NULL;
    }
    struct job *job = own_job(node, JOB_PEERS);
    node->peers.save_at = node->steady + PEERS_SAVE_MS;
    if (job != NULL) {
        job->peers = peers_take_changed(&node->peers);
    }
    if (job != NULL && job->peers == NULL) {
        job_free(job);
        job = NULL;
    }
    return job;
}

/* Nobody waits for it: objects go first. */
static struct job *take_standing(struct node *node)
{
    bool now = node->env.limits.standing_interval_s != 0 && node->now >= node->standing_at &&
               !turns_commits(node) && node->write.first == NULL;
    struct job *job = now ? own_job(node, JOB_STANDING) : NULL;
    if (job != NULL) {
        node->standing_at = UINT64_MAX; /* until it comes back */
    }
    return job;
}

static struct job *take_write(struct node *node)
{
    return job_queue_pop(&node->write);
}

/* Whatever waits for the writer has its turn: votes do not keep objects out, nor objects votes. */
static struct job *take_writing(struct node *node)
{
    static struct job *(*const takes[])(struct node * node) = {
        take_write, take_rows, turns_take_commit, take_sweep, take_peers, take_standing};
    const unsigned count = sizeof takes / sizeof takes[0];
    struct job *job = NULL;
    for (unsigned i = 0; i < count && job == NULL; i++) {
        unsigned turn = (node->write_turn + i) % count;
        job = takes[turn](node);
        if (job != NULL) {
            node->write_turn = turn + 1;
        }
    }
    return job;
}

struct job *node_take_job(struct node *node, uint64_t now)
{
    struct job *job = NULL;
    node_time(node, now);
    if (!node->writing) {
        job = take_writing(node);
        node->writing = job != NULL;
    }
    if (job == NULL) {
        job = turns_take_reading(node);
    }
    if (job != NULL) {
        job->now = now;
        node->jobs_out++;
    }
    return job;
}

bool node_jobs_out(const struct node *node)
{
    return node->jobs_out > 0;
}

/* Objects that waited for one that is stored now can be committed. */
static void wake_pending(struct node *node, const struct fora_object_id *id)
{
    struct batch *waiting = node->pending.count > 0 ? pending_take(&node->pending, id) : NULL;
    while (waiting != NULL) {
        struct batch *batch = waiting;
        waiting = batch->next;
        node_commit_later(node, batch);
    }
}

/* What a batch's objects wait for: asked of whoever brought them, each once. */
struct wanted {
    struct fora_object_id objects[WANTED_OBJECTS_MAX];
    size_t objects_count;
    struct fora_object_id principals[WANTED_PRINCIPALS_MAX];
    size_t principals_count;
    struct fora_object_id revoked[WANTED_PRINCIPALS_MAX]; /* of whom the peer has to be told */
    size_t revoked_count;
};

static void wanted_add(
    struct fora_object_id *list, size_t *count, size_t max, const struct fora_object_id *id)
{
    for (size_t i = 0; i < *count; i++) {
        if (memcmp(list[i].b, id->b, sizeof id->b) == 0) {
            return;
        }
    }
    if (*count < max) {
        list[(*count)++] = *id;
    }
}

static void item_waits(
    struct node *node, const struct batch *batch, struct commit_item *item, struct wanted *wanted)
{
    if (!SIM_BUG(PENDING_DROPPED) &&
        !pending_add(&node->pending, &batch->asker, batch->source, batch->low, item)) {
        return;
    }
    if (item->code == FORA_E_UNKNOWN_AUTHOR) {
        wanted_add(
            wanted->principals, &wanted->principals_count, WANTED_PRINCIPALS_MAX, &item->missing);
    } else {
        wanted_add(wanted->objects, &wanted->objects_count, WANTED_OBJECTS_MAX, &item->missing);
    }
    item->code = FORA_E_PENDING;
    node->counters.objects_pending++;
}

/* An entry of a log may name the key that others of its principal wait for. */
static void item_stored(struct node *node, const struct commit_item *item)
{
    wake_pending(node, &item->object.id);
    if (item->object.header.kind == FORA_KIND_IDENTITY) {
        struct fora_principal_id principal = fora_object_principal(&item->object);
        struct fora_object_id id;
        memcpy(id.b, principal.b, sizeof id.b);
        wake_pending(node, &id);
    }
}

static void batch_settle(struct node *node, struct batch *batch)
{
    struct conn *conn = node_conn(node, batch->asker.conn);
    struct wanted wanted = {.objects_count = 0};
    for (size_t i = 0; i < batch->count; i++) {
        struct commit_item *item = &batch->items[i];
        bool waits = (item->code == FORA_E_UNKNOWN_AUTHOR || item->code == FORA_E_UNKNOWN_PARENT) &&
                     batch->source == COMMIT_PEER;
        if (waits) {
            item_waits(node, batch, item, &wanted);
        } else if (item->code == FORA_E_KEY) {
            struct fora_object_id id;
            memcpy(id.b, item->object.header.author.b, sizeof id.b);
            wanted_add(wanted.revoked, &wanted.revoked_count, WANTED_PRINCIPALS_MAX, &id);
        } else if (item->code == 0 && !item->duplicate) {
            /* A duplicate changes nothing: who wakes for it would come back here, for ever. */
            item_stored(node, item);
        }
    }
    if (conn != NULL) {
        peer_ask_objects(node, conn, wanted.objects, wanted.objects_count);
        peer_ask_principals(node, conn, wanted.principals, wanted.principals_count);
        peer_tell_logs(node, conn, wanted.revoked, wanted.revoked_count);
    }
    batch_return(node, conn, batch);
}

static void note_commit(struct node *node, const struct job *job)
{
    node->counters.commits++;
    node->counters.objects_stored += job->result.stored;
    node->counters.objects_duplicate += job->result.duplicates;
    node->counters.objects_refused += job->result.refused;
    node->sweep_due = node->sweep_due || job->result.swept;
    if (job->result.stored > 0) {
        node->rows_due = true;
        node->rows_skipped += job->result.stored;
        peer_set_touched(node, &job->result);
    }
    if (job->code != 0 && job->type == JOB_COMMIT) {
        node->counters.commit_failures++;
        node_say(node, 3, "writer", NULL, 0, "a commit failed, nothing of it is stored: %s",
            fora_error_text(job->code));
    }
}

/* What follows a batch that was lost must not carry a cursor past it: the connection ends, and the
 * next one goes on from the cursor that is stored. */
static void follow_lost(struct node *node, const struct batch *lost)
{
    struct conn *conn = node_conn(node, lost->asker.conn);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (struct batch *batch = node->turns[turn].commits; batch != NULL; batch = batch->next) {
            batch->has_cursor = batch->has_cursor && batch->asker.conn != lost->asker.conn;
        }
    }
    if (conn != NULL) {
        for (struct batch *batch = conn->order_first; batch != NULL; batch = batch->order_next) {
            batch->has_cursor = false;
        }
        conn_fail(node, conn, FORA_E_OVERLOAD);
    }
}

static void commit_done(struct node *node, struct job *job)
{
    note_commit(node, job);
    turns_committed(node, job);
    while (job->batches != NULL) {
        struct batch *batch = job->batches;
        job->batches = batch->next;
        if (job->code != 0 && batch->has_cursor) {
            follow_lost(node, batch);
            batch->has_cursor = false;
        }
        if (batch->end < batch->count) {
            turns_commit_rest(node, batch);
            continue;
        }
        batch_settle(node, batch);
        batch_free(batch);
    }
}

/* Of a connection's batches only those are committed before which none is still being verified: an
 * answer must not come before its question because its batch was the smaller one. */
static void order_advance(struct node *node, struct conn *conn)
{
    while (conn->order_first != NULL && conn->order_first->verified) {
        struct batch *batch = conn->order_first;
        conn->order_first = batch->order_next;
        if (conn->order_first == NULL) {
            conn->order_last = NULL;
        }
        node_commit_later(node, batch);
    }
}

static void verify_done(struct node *node, struct job *job)
{
    struct batch *batch = job->batches;
    struct conn *conn = node_conn(node, batch->asker.conn);
    job->batches = NULL;
    batch->verified = true;
    if (conn != NULL) {
        order_advance(node, conn);
    } else {
        batch->has_cursor = false; /* others of its connection may be lost, or not be stored yet */
        node_commit_later(node, batch);
    }
}

void node_order_abandon(struct node *node, struct conn *conn)
{
    while (conn->order_first != NULL) {
        struct batch *batch = conn->order_first;
        conn->order_first = batch->order_next;
        if (batch->verified) {
            batch->has_cursor = false; /* one before it is still being verified */
            node_commit_later(node, batch);
        }
    }
}

/* When upkeep may go on that took from job->now until now. Long steps get at most a fifth of the
 * writer's time, so that a thread made long and touched again and again does not keep objects out;
 * short ones go on at once, so that lists and locks are as fresh as can be. */
static uint64_t upkeep_at(const struct node *node, const struct job *job)
{
    uint64_t took = node->now > job->now ? node->now - job->now : 0;
    uint64_t rest = took < UPKEEP_REST_MAX_MS / 4 ? 4 * took : UPKEEP_REST_MAX_MS;
    return took < UPKEEP_SHORT_MS ? node->now : node->now + rest;
}

static void rows_done(struct node *node, struct job *job)
{
    struct job *list;
    node->counters.rows_steps++;
    node->rows_out = false;
    if (job->code != 0) {
        node_say(node, 3, "rows", NULL, 0, "thread rows could not be brought up to date: %s",
            fora_error_text(job->code));
    }
    node->rows_due = node->rows_due || (job->code == 0 && job->behind > 0);
    node->rows_at = upkeep_at(node, job);
    while ((list = job_queue_pop(&node->lists)) != NULL) {
        turns_push(node, list);
    }
}

static void sweep_done(struct node *node, const struct job *job)
{
    node->counters.objects_removed += job->result.removed;
    node->sweep_at = upkeep_at(node, job);
    node->sweep_due = node->sweep_due || (job->code == 0 && job->more);
    node->rows_due = true; /* of threads that lost something, or gained a receipt */
    if (job->result.stored > 0) {
        peer_set_touched(node, &job->result);
    }
    if (job->result.removed > 0) {
        node_say(node, 5, "sweep", NULL, 0,
            "%zu objects removed: the key that signed them, or something that they stand on, does "
            "not count any more",
            job->result.removed);
    }
    if (job->code != 0) {
        node_say(node, 3, "sweep", NULL, 0, "what revoked keys signed could not be removed: %s",
            fora_error_text(job->code));
    }
}

static void standing_done(struct node *node, const struct job *job)
{
    uint64_t interval = UINT64_C(1000) * node->env.limits.standing_interval_s;
    note_commit(node, job);
    node->standing_at = job->code == 0 && job->more ? upkeep_at(node, job) : node->now + interval;
    if (job->code != 0) {
        node_say(node, 3, "standing", NULL, 0, "standings could not be issued: %s",
            fora_error_text(job->code));
    }
}

void node_job_done(struct node *node, struct job *job, uint64_t now)
{
    struct conn *conn = node_conn(node, job->asker.conn);
    node_time(node, now);
    node->jobs_out--;
    if (conn != NULL && conn->jobs > 0) {
        conn->jobs--;
    }
    if (job->code == FORA_E_CORRUPT) {
        node_say(node, 3, "store", NULL, 0,
            "the store is damaged, and what is damaged is not served; stop the node, and let "
            "\"forad fsck\" say what it is");
    }
    switch (job->type) {
    case JOB_COMMIT:
        node->writing = false;
        commit_done(node, job);
        break;
    case JOB_ROWS:
        node->writing = false;
        rows_done(node, job);
        break;
    case JOB_SWEEP:
        node->writing = false;
        sweep_done(node, job);
        break;
    case JOB_STANDING:
        node->writing = false;
        standing_done(node, job);
        break;
    case JOB_PEERS:
        node->writing = false;
        if (job->code != 0) {
            node_say(node, 3, "peer", NULL, 0, "what is known of peers could not be kept: %s",
                fora_error_text(job->code));
        }
        break;
    case JOB_VERIFY:
        turns_reading_done(node, job);
        verify_done(node, job);
        break;
    case JOB_WRITE:
        node->writing = false;
        node->counters.writes++;
        note_commit(node, job);
        if (job->code == 0 && dial_load(node) != 0) {
            node_say(node, 3, "links", NULL, 0, "subscriptions could not be read");
        }
        if (job->code == 0 && job->peered) {
            lane_decided(node, &job->peering);
        } else if (job->code == 0 && job->result.stored == 0) {
            lane_review(node); /* a subscription may name a node */
        }
        break;
    case JOB_PASSWORD:
        turns_reading_done(node, job);
        node->counters.passwords++;
        break;
    case JOB_QUERY:
        turns_reading_done(node, job);
        node->counters.queries++;
        break;
    case JOB_TYPES:
        break;
    }
    if (conn != NULL &&
        (job->type == JOB_QUERY || job->type == JOB_WRITE || job->type == JOB_PASSWORD)) {
        conn_job_done(node, conn, job);
    }
    if (conn != NULL) {
        flow_query_done(node, conn, job);
    }
    job_free(job);
    if (conn != NULL) {
        conn_pump(node, conn);
    }
}

/* An average that forgets: each second weighs a sixteenth, and none is below one a minute. */
static void meter_tick(struct meter *meter, uint64_t steady)
{
    uint64_t passed = steady > meter->at ? steady - meter->at : 0;
    if (passed < 1000) {
        return;
    }
    uint64_t weight = passed / 1000 < 16 ? passed / 1000 : 16;
    uint64_t fresh = (meter->count - meter->seen) * 60000 / passed;
    meter->rate = meter->at == 0 ? fresh : (meter->rate * (16 - weight) + fresh * weight) / 16;
    meter->seen = meter->count;
    meter->at = steady;
}

uint64_t node_tick(struct node *node, uint64_t now)
{
    uint64_t next = now + 1000;
    node_time(node, now);
    if (node->steady >= node->review_at) {
        node->review_at = node->steady + REVIEW_MS;
        lane_review(node);
    }
    for (size_t i = 0; i < node->slots_count; i++) {
        struct conn *conn = node->slots[i];
        if (conn == NULL || conn->closed) {
            continue;
        }
        fora_session_tick(conn->session, node->steady);
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
