/*
 * The node's jobs: where they wait, which one runs when, and what follows when one is done. turns.c
 * says whose goes first.
 *
 * Invariant after every call: at most one writing job is out; a batch is in exactly one of VERIFY
 * queue, a job, `commits`, or the pending area; node->inflight is the sum of the frame sizes of
 * batches whose credit was not yet given back.
 */
#include "core/node_impl.h"

#include "core/bug.h"
#include "core/resolve.h"
#include "core/rows.h"
#include "core/sweep.h"

#include <string.h>

enum {
    ROWS_LATE_MAX = 16384, /* objects that rows may fall behind while commits are waiting */
    SMALL_BATCH = 4,
    STEP_SHORT = 64, /* objects of a step of upkeep while strangers and others want the writer */
    UPKEEP_REST_MAX_MS = 5000,
    UPKEEP_SHORT_MS = 50,
    ROWS_REST_MS = 50,        /* rows wait until no more came for so long, */
    ROWS_REST_MAX_MS = 1000,  /* or the tick after this, when nobody waits for them */
    WANTED_OBJECTS_MAX = 256, /* asked for at once */
    WANTED_PRINCIPALS_MAX = 16,
    PEERS_SAVE_MS = 10 * 1000 /* what is not yet kept of peers is lost when the node is killed */
};

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

/* Lists wait for rows; so rows go first when somebody waits, and never fall far behind. Else they
 * rest a little: their commit would hold up that of the next node, which has the object by now, and
 * of a few objects that come one after the other they need one only. */
static bool rows_first(const struct node *node)
{
    bool wanted = node->lists.first != NULL || node->rows_skipped > ROWS_LATE_MAX;
    bool rested = !turns_commits(node) && node_upkeep_may(node, node->rows_rest_at);
    return node->rows_due && node_upkeep_may(node, node->rows_at) && (wanted || rested);
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
    if ((!node->peers.dirty && !node->deliveries.dirty) || node->steady < node->peers.save_at) {
        return NULL;
    }
    struct job *job = own_job(node, JOB_PEERS);
    node->peers.save_at = node->steady + PEERS_SAVE_MS;
    if (job != NULL) {
        job->peers = peers_take_changed(&node->peers);
        job->deliveries = deliveries_take_changed(&node->deliveries);
    }
    if (job != NULL && job->peers == NULL && job->deliveries == NULL) {
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
    if (job == NULL) {
        job = resolve_take(node);
    }
    if (job != NULL) {
        job->now = now;
        job->logs_changed = node->log_changes.count;
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
            notice_stored(node, batch, item);
        }
    }
    if (conn != NULL) {
        peer_ask_objects(node, conn, wanted.objects, wanted.objects_count);
        peer_ask_principals(node, conn, wanted.principals, wanted.principals_count);
        peer_tell_logs(node, conn, wanted.revoked, wanted.revoked_count);
    }
    batch_return(node, conn, batch);
}

static void rows_wait(struct node *node)
{
    if (!node->rows_due) {
        node->rows_late_at = node->now + ROWS_REST_MAX_MS;
    }
    node->rows_due = true;
    node->rows_rest_at = node->now + ROWS_REST_MS;
}

/* With the tick, and not behind a commit: just then the next node commits the same object. */
void node_rows_late(struct node *node)
{
    if (node->rows_due && node_upkeep_may(node, node->rows_late_at)) {
        node->rows_rest_at = node->now;
    }
}

static void note_commit(struct node *node, struct job *job)
{
    node->counters.commits++;
    node->counters.objects_stored += job->result.stored;
    node->counters.objects_duplicate += job->result.duplicates;
    node->counters.objects_refused += job->result.refused;
    node->sweep_due = node->sweep_due || job->result.swept;
    proof_logs_changed(node, job);
    if (job->result.stored > 0) {
        rows_wait(node);
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
    if (job->result.lacks) {
        peer_contents_lack(node);
    }
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

static void standing_done(struct node *node, struct job *job)
{
    uint64_t interval = UINT64_C(1000) * node->env.limits.standing_interval_s;
    note_commit(node, job);
    node->standing_at = job->code == 0 && job->more ? upkeep_at(node, job) : node->now + interval;
    if (job->code != 0) {
        node_say(node, 3, "standing", NULL, 0, "standings could not be issued: %s",
            fora_error_text(job->code));
    }
}

static void write_done(struct node *node, struct job *job)
{
    node->counters.writes++;
    note_commit(node, job);
    if (job->code == 0 && job->linked) {
        if (dial_load(node) != 0) {
            node_say(node, 3, "links", NULL, 0, "subscriptions could not be read");
        }
        lane_review(node); /* a subscription may name a node */
    }
    if (job->code == 0 && job->peered) {
        lane_decided(node, &job->peering);
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
    if (job_writes(job->type)) {
        node->writing = false;
    }
    switch (job->type) {
    case JOB_COMMIT:
        commit_done(node, job);
        break;
    case JOB_ROWS:
        rows_done(node, job);
        break;
    case JOB_SWEEP:
        sweep_done(node, job);
        break;
    case JOB_STANDING:
        standing_done(node, job);
        break;
    case JOB_PEERS:
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
        write_done(node, job);
        break;
    case JOB_PASSWORD:
        turns_reading_done(node, job);
        node->counters.passwords++;
        entry_done(node, job);
        break;
    case JOB_QUERY:
        turns_reading_done(node, job);
        node->counters.queries++;
        break;
    case JOB_ASK:
        node->asks_out--;
        break;
    case JOB_TYPES:
        break;
    }
    if (conn != NULL && (job->type == JOB_ASK || job->type == JOB_QUERY || job->type == JOB_WRITE ||
                            job->type == JOB_PASSWORD)) {
        conn_job_done(node, conn, job);
    }
    if (job->notice != NULL) {
        notice_go(node, job);
    }
    if (conn != NULL) {
        flow_query_done(node, conn, job);
    }
    job_free(job);
    if (conn != NULL) {
        conn_pump(node, conn);
    }
}
