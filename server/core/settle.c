/*
 * What becomes of the objects that somebody brings.
 *
 *   node_submit -> VERIFY -> in order of arrival -> COMMIT -> answered, or pending
 *
 * Invariant after every call: a batch is in exactly one of VERIFY queue, a job, `commits`, or the
 * pending area; node->inflight is the sum of the frame sizes of batches whose credit was not yet
 * given back.
 */
#include "core/jobs_impl.h"

#include "core/bug.h"

#include <string.h>

enum {
    SMALL_BATCH = 4,
    WANTED_OBJECTS_MAX = 256, /* asked for at once */
    WANTED_PRINCIPALS_MAX = 16
};

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
    if (node->inflight >= node->env.limits.inflight_max) {
        node->full_at = node->steady;
    }
    if (conn != NULL || !SIM_BUG(INFLIGHT_LEAK)) {
        node->inflight -= batch->frame_size;
        node->inflight_low -= batch->low ? batch->frame_size : 0;
    }
    conn_room(node); /* before this one brings more */
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
    turns_verify(node, batch);
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

void settle_committed(struct node *node, struct job *job)
{
    jobs_note_commit(node, job);
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

void settle_verified(struct node *node, struct job *job)
{
    struct batch *batch = job->batches;
    struct conn *conn = node_conn(node, batch->asker.conn);
    job->batches = NULL;
    batch->verified = true;
    turns_verified(node, batch);
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
