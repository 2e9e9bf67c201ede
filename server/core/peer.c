/*
 * Replication on a connection (spec/09-replication.md).
 *
 *   we serve:   Follow -> read the set's log -> FollowBatch ... caught up -> (live) wait until the
 * set is touched we follow:  cursor -> Follow -> FollowBatch -> verify, commit with the cursor ->
 * ... caught up
 *               -> compare fingerprints -> equal: done
 *                                       -> differ and we dialled: Reconcile rounds -> Fetch what we
 * need, Put what they need
 *
 * A slow follower costs one read at a time and a position; nothing is queued for it (REP-4).
 */
#include "core/node_impl.h"

#include "core/bug.h"
#include "core/meta.h"
#include "store/sets.h"
#include "store/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SERVES_MAX = 256,           /* followers of one connection */
    SERVES_CLIENT = 64,         /* of one that is no node */
    HELD_LEAST = 512,           /* fewer are read faster than compared */
    TELL_REST_MS = 1000,        /* that a position waits which moved without objects */
    FOLLOW_RETRY_MS = 30 * 1000 /* after a peer refused to be followed */
};

/* ---- serving ---- */

static struct serve *serve_find(struct conn *conn, uint64_t request)
{
    struct serve *serve = conn->serves;
    while (serve != NULL && serve->request != request) {
        serve = serve->next;
    }
    return serve;
}

static void serve_end(struct conn *conn, struct serve *serve)
{
    struct serve **at = &conn->serves;
    while (*at != NULL && *at != serve) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = serve->next;
        conn->serve_count--;
    }
    free(serve);
}

void peer_cancel(struct conn *conn, uint64_t request)
{
    struct serve *serve = serve_find(conn, request);
    if (serve != NULL) {
        serve_end(conn, serve);
    }
}

/* One for each set: each costs memory as long as it lives, and a read whenever the set is touched,
 * and who asks for the same twice learns nothing more. */
static bool serve_may(struct conn *conn, uint64_t request, const struct fora_msg_follow *follow)
{
    size_t most = conn->asker.is_node ? SERVES_MAX : SERVES_CLIENT;
    if (conn->serve_count >= most || serve_find(conn, request) != NULL) {
        return false;
    }
    for (const struct serve *other = conn->serves; other != NULL; other = other->next) {
        if (other->audience == follow->audience &&
            memcmp(other->space.b, follow->space.b, sizeof other->space.b) == 0) {
            return false;
        }
    }
    return true;
}

void peer_serve(
    struct node *node, struct conn *conn, uint64_t request, const struct fora_msg_follow *follow)
{
    struct serve *serve = serve_may(conn, request, follow) ? calloc(1, sizeof *serve) : NULL;
    if (serve == NULL) {
        conn_error(node, conn, request, FORA_E_LIMIT, NULL);
        return;
    }
    serve->request = request;
    serve->space = follow->space;
    serve->audience = follow->audience;
    serve->live = follow->live;
    serve->held = follow->held;
    serve->position = follow->position;
    serve->has_epoch = follow->epoch.size == sizeof serve->epoch;
    if (serve->has_epoch) {
        memcpy(serve->epoch, follow->epoch.data, sizeof serve->epoch);
    }
    serve->wanted = true;
    serve->behind_since = node->steady;
    serve->next = conn->serves;
    conn->serves = serve;
    conn->serve_count++;
    peer_serve_step(node, conn);
}

static void serve_read(struct node *node, struct conn *conn, struct serve *serve)
{
    struct fora_message message = {.type = FORA_MSG_FOLLOW};
    struct fora_msg_follow *follow = &message.u.follow;
    struct job *job = job_new(JOB_QUERY, &node->env, &conn->asker, node->now);
    follow->space = serve->space;
    follow->audience = serve->audience;
    follow->position = serve->position;
    follow->held = serve->set == 0 ? serve->held : 0; /* where to begin is asked once */
    if (serve->has_epoch) {
        follow->epoch = fora_bytes(serve->epoch, sizeof serve->epoch);
    }
    if (job == NULL || fora_message_encode(&job->request, &message) != 0) {
        job_free(job);
        return;
    }
    job->asker.request = serve->request;
    job->max_bytes = 256 * 1024;
    job->known = known_share(conn->known);
    serve->reading = true;
    serve->wanted = false;
    node_enqueue(node, job);
}

void peer_serve_step(struct node *node, struct conn *conn)
{
    for (struct serve *serve = conn->serves; serve != NULL; serve = serve->next) {
        bool room = conn_backlog(conn) < SERVE_BACKLOG && serve->unconfirmed_count < conn->window;
        if (!serve->reading && serve->wanted && room && !conn->closing) {
            serve_read(node, conn, serve);
        }
    }
}

/* Reads what a batch says about itself, and how many objects it holds. */
static size_t batch_objects(const struct job *job, struct serve *serve, bool *caught_up)
{
    struct fora_arena arena;
    struct fora_message message;
    size_t count = 0;
    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    *caught_up = false;
    if (job->answer.size > 4 &&
        fora_message_decode(
            &arena, fora_bytes(job->answer.data + 4, job->answer.size - 4), &message) == 0 &&
        message.type == FORA_MSG_FOLLOW_BATCH) {
        count = message.u.follow_batch.objects_count;
        *caught_up = message.u.follow_batch.caught_up;
        if (message.u.follow_batch.epoch.size == sizeof serve->epoch) {
            memcpy(serve->epoch, message.u.follow_batch.epoch.data, sizeof serve->epoch);
            serve->has_epoch = true;
        }
    }
    fora_arena_fini(&arena);
    return count;
}

/* Does the follower have all that there was at the last look? */
static void serve_level(struct serve *serve)
{
    if (serve->confirmed >= serve->head && !serve->wanted) {
        serve->behind_since = 0;
    }
}

/*
 * What was withheld only moves the position: that is told too, or it would be read again after a
 * restart, when nobody knows why it was withheld. But it costs the follower a commit, and can wait
 * for objects that move it anyway.
 */
static bool serve_tells(const struct node *node, struct serve *serve, uint64_t position)
{
    bool news = !serve->told || position > serve->sent;
    if (news && serve->level && serve->tell_at == 0) {
        serve->tell_at = node->steady + TELL_REST_MS;
    }
    return news && node->steady >= serve->tell_at;
}

void peer_serve_tell(struct node *node, struct conn *conn)
{
    for (struct serve *serve = conn->serves; serve != NULL; serve = serve->next) {
        serve->wanted = serve->wanted || (serve->tell_at != 0 && node->steady >= serve->tell_at);
    }
    peer_serve_step(node, conn);
}

void peer_serve_read(struct node *node, struct conn *conn, struct job *job)
{
    struct serve *serve = serve_find(conn, job->asker.request);
    bool caught_up = false;
    if (serve == NULL) {
        return; /* cancelled meanwhile */
    }
    serve->reading = false;
    if (job->code != 0) {
        conn_answer(node, conn, fora_buf_bytes(&job->answer));
        serve_end(conn, serve);
        return;
    }
    /* A peer that follows a set of ours may also write in it: we follow it back (REP-7). Now, since
     * only now it is certain that we hold the set. */
    if (serve->set == 0 && conn->asker.is_node && conn->dial == 0 && serve->live &&
        (job->hosts || !conn->asker.limited)) {
        peer_follow(node, conn, &serve->space);
    }
    size_t count = batch_objects(job, serve, &caught_up);
    serve->position = job->position;
    serve->head = job->head;
    serve->set = job->set_number;
    serve->wanted = serve->wanted || !caught_up;
    if (count > 0 || (caught_up && serve_tells(node, serve, job->position))) {
        serve->told = caught_up;
        serve->tell_at = 0;
        serve->sent = job->position;
        size_t at = (serve->unconfirmed_first + serve->unconfirmed_count++) % SERVE_WINDOW;
        serve->unconfirmed[at] = job->position;
        serve->unconfirmed_objects[at] = (uint16_t)count;
        conn->objects_out += count;
        node->counters.follow_batches_out++;
        bool last = caught_up && !serve->live;
        if (last) {
            serve_end(conn, serve);
        }
        conn_answer(node, conn, fora_buf_bytes(&job->answer));
        return;
    }
    if (serve->unconfirmed_count == 0) {
        serve->confirmed = serve->position;
    }
    serve_level(serve);
    peer_serve_step(node, conn);
}

void peer_serve_confirmed(
    struct node *node, struct conn *conn, uint64_t request, const struct fora_msg_follow_ack *ack)
{
    struct serve *serve = serve_find(conn, request);
    if (serve != NULL && serve->unconfirmed_count > 0) {
        size_t at = serve->unconfirmed_first;
        serve->confirmed = serve->unconfirmed[at];
        deliveries_answered(&node->deliveries, &conn->asker.node, ack->refused, ack->refused_count,
            serve->unconfirmed_objects[at] > ack->refused_count);
        serve->unconfirmed_first = (serve->unconfirmed_first + 1) % SERVE_WINDOW;
        serve->unconfirmed_count--;
        conn->meter_out.count += serve->unconfirmed_objects[at];
        serve_level(serve);
        serve->level = serve->level || (serve->told && serve->unconfirmed_count == 0);
        peer_serve_step(node, conn);
    }
}

static bool is_touched(const struct commit_result *result, uint32_t set)
{
    for (size_t i = 0; i < result->touched_count; i++) {
        if (result->touched[i] == set) {
            return true;
        }
    }
    return result->touched_all || set == 0;
}

void peer_set_touched(struct node *node, const struct commit_result *result)
{
    for (struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        bool any = false;
        for (struct serve *serve = conn->serves; serve != NULL; serve = serve->next) {
            if (is_touched(result, serve->set) && !(SIM_BUG(TOUCH_LOST) && serve->reading)) {
                serve->wanted = true;
                serve->told = false;
                serve->behind_since = serve->behind_since != 0 ? serve->behind_since : node->steady;
                any = true;
            }
        }
        if (any) {
            peer_serve_step(node, conn);
        }
    }
}

/* ---- following ---- */

struct follow *peer_follow_find(struct conn *conn, uint64_t request)
{
    struct follow *follow = conn->follows;
    while (follow != NULL && (request == 0 || follow->request != request)) {
        follow = follow->next;
    }
    return follow;
}

/* cursors: 'f' node set */
static void cursor_key(struct store_key *key, const struct fora_principal_id *peer, uint32_t set)
{
    uint8_t name[FORA_ID_SIZE + 4];
    memcpy(name, peer->b, FORA_ID_SIZE);
    name[32] = (uint8_t)(set >> 24);
    name[33] = (uint8_t)(set >> 16);
    name[34] = (uint8_t)(set >> 8);
    name[35] = (uint8_t)set;
    key_name(key, 'f', fora_bytes(name, sizeof name));
}

/* Where we stopped the last time: two point reads, so done here on the loop. */
static int follow_load(struct node *node, struct conn *conn, struct follow *follow,
    uint8_t epoch[8], bool *has_epoch, uint64_t *held)
{
    struct fora_neg_sum sum;
    struct kv_txn *txn;
    struct set_info set;
    struct store_key key;
    struct fora_bytes value;
    int rc = kv_begin_read(node->env.kv, &txn);
    if (rc != 0) {
        return rc;
    }
    *has_epoch = false;
    if (sets_find(txn, &follow->space, FORA_AUDIENCE_PUBLIC, &set)) {
        follow->set = set.number;
        sums_total(txn, set.number, &sum);
        *held = sum.count >= HELD_LEAST ? sum.count : 0;
        cursor_key(&key, &conn->asker.node, set.number);
        if (kv_get(txn, T_CURSORS, store_key_bytes(&key), &value) && value.size == 16) {
            struct fora_reader reader;
            fora_reader_init(&reader, value);
            fora_reader_copy(&reader, epoch, 8);
            follow->position = fora_reader_be64(&reader);
            *has_epoch = true;
        }
    } else {
        rc = FORA_E_UNKNOWN_SPACE;
    }
    kv_abort(txn);
    return rc;
}

/* Asks to follow from where we stopped. */
static int follow_send(struct node *node, struct conn *conn, struct follow *follow)
{
    uint8_t epoch[8];
    bool has_epoch;
    struct fora_message message = {.type = FORA_MSG_FOLLOW};
    int rc = follow_load(node, conn, follow, epoch, &has_epoch, &message.u.follow.held);
    if (rc != 0) {
        return rc;
    }
    follow->request = fora_session_request(conn->session);
    follow->paused = false;
    message.request = follow->request;
    message.u.follow.space = follow->space;
    message.u.follow.audience = FORA_AUDIENCE_PUBLIC;
    message.u.follow.position = follow->position;
    message.u.follow.live = true;
    if (has_epoch) {
        message.u.follow.epoch = fora_bytes(epoch, sizeof epoch);
    }
    conn_send(node, conn, &message);
    return 0;
}

void peer_follow(struct node *node, struct conn *conn, const struct fora_space_id *space)
{
    if (conn->lane == LANE_REFUSED) {
        return; /* nothing is taken from it, subscription or not (REP-15) */
    }
    for (struct follow *other = conn->follows; other != NULL; other = other->next) {
        if (memcmp(other->space.b, space->b, sizeof space->b) == 0) {
            other->retry_at = other->retry_at == UINT64_MAX ? 0 : other->retry_at;
            return;
        }
    }
    struct follow *follow = calloc(1, sizeof *follow);
    if (follow == NULL) {
        return;
    }
    follow->space = *space;
    follow->compare_due = true;
    if (follow_send(node, conn, follow) != 0) {
        free(follow);
        return;
    }
    follow->next = conn->follows;
    conn->follows = follow;
}

/* Whoever subscribed has to learn it: it does not mend itself. */
static void met_another(struct node *node, struct conn *conn, struct dial_target *target)
{
    char met[FORA_ID_TEXT_MAX], expected[FORA_ID_TEXT_MAX];
    fora_id_format(met, FORA_HRP_NODE, conn->asker.node.b);
    fora_id_format(expected, FORA_HRP_NODE, target->node.b);
    (void)snprintf(target->error, sizeof target->error,
        NODE_IS_ANOTHER " answers there: %s, not %s", met, expected);
    target->explained = true;
    node_say(node, 4, "peer", conn, 0, "at %s %s", target->address, target->error);
    conn_fail(node, conn, FORA_E_HANDSHAKE);
}

void peer_follow_all(struct node *node, struct conn *conn, struct dial_target *target)
{
    if (!fora_id_is_zero(target->node.b) &&
        memcmp(target->node.b, conn->asker.node.b, sizeof target->node.b) != 0) {
        met_another(node, conn, target);
        return;
    }
    target->failures = 0;
    target->error[0] = 0;
    for (size_t i = 0; i < target->spaces_count; i++) {
        peer_follow(node, conn, &target->spaces[i]);
    }
}

void peer_checked(struct node *node, struct conn *conn)
{
    struct dial_target *target = dial_of(node, conn);
    node_say(node, 6, "peer", conn, 0, "a node is connected");
    if (target != NULL) {
        target->met = conn->asker.node;
        peer_follow_all(node, conn, target);
    }
    lane_introduce(node, conn);
}

static struct batch *follow_batch_new(
    struct conn *conn, struct follow *follow, const struct fora_msg_follow_batch *message)
{
    struct asker asker = conn->asker;
    asker.request = follow->request;
    struct batch *batch = batch_new(&asker, COMMIT_PEER, message->objects, message->objects_count);
    if (batch != NULL && message->epoch.size == 8) {
        struct fora_buf value = {.data = batch->cursor.value,
            .room = sizeof batch->cursor.value,
            .cap = sizeof batch->cursor.value};
        cursor_key(&batch->cursor.key, &conn->asker.node, follow->set);
        fora_buf_append_bytes(&value, message->epoch);
        fora_buf_be64(&value, message->next);
        batch->cursor.value_size = value.size;
        batch->has_cursor = true;
    }
    return batch;
}

/* Follows no further for so long; then from the position that is durable (REP-17). */
static void follow_pause(struct node *node, struct conn *conn, struct follow *follow, uint64_t wait)
{
    struct fora_message cancel = {.request = follow->request, .type = FORA_MSG_CANCEL};
    if (follow->request != 0) {
        conn_send(node, conn, &cancel);
    }
    follow->request = 0;
    follow->outstanding = 0;
    follow->caught_up = false;
    follow->paused = true;
    follow->retry_at = wait < UINT64_MAX - node->steady ? node->steady + wait : UINT64_MAX;
}

void peer_follow_none(struct node *node, struct conn *conn)
{
    for (struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        follow_pause(node, conn, follow, UINT64_MAX);
    }
}

void peer_follow_batch(struct node *node, struct conn *conn, uint64_t request,
    const struct fora_msg_follow_batch *message, size_t frame_size)
{
    struct follow *follow = peer_follow_find(conn, request);
    struct batch *batch = follow != NULL ? follow_batch_new(conn, follow, message) : NULL;
    if (batch == NULL) {
        fora_session_consumed(conn->session, frame_size);
        if (follow != NULL) {
            conn_fail(node, conn, FORA_E_NOMEM);
        }
        return; /* of a Follow that was cancelled (SES-36): it comes again (REP-17) */
    }
    node->counters.follow_batches_in++;
    follow->refused = 0;
    follow->position = message->next;
    follow->head = message->head;
    follow->caught_up = message->caught_up;
    if (message->caught_up && message->fingerprint.size == sizeof follow->last_fingerprint) {
        follow->told = true;
        follow->last_count = message->count;
        memcpy(
            follow->last_fingerprint, message->fingerprint.data, sizeof follow->last_fingerprint);
    }
    follow->outstanding++;
    node_inflight(node, conn, batch, frame_size);
    quota_peer_take(node, conn, batch->count, frame_size);
    node_submit(node, batch);
    if (!quota_peer_any(node, conn)) {
        follow_pause(node, conn, follow, quota_peer_wait(node, conn));
    }
}

/* Confirms a batch: what is not named was stored. */
static void confirm(struct node *node, struct conn *conn, const struct batch *batch)
{
    struct fora_message message = {.request = batch->asker.request, .type = FORA_MSG_FOLLOW_ACK};
    struct fora_msg_result *refused = calloc(batch->count + 1, sizeof *refused);
    size_t count = 0;
    for (size_t i = 0; i < batch->count && refused != NULL; i++) {
        if (batch->items[i].code != 0) {
            refused[count].id = batch->items[i].object.id;
            refused[count++].code = fora_error_to_wire(batch->items[i].code);
        }
    }
    message.u.follow_ack.refused = refused;
    message.u.follow_ack.refused_count = count;
    conn_send(node, conn, &message);
    free(refused);
}

void peer_follow_stored(struct node *node, struct conn *conn, struct batch *batch)
{
    struct follow *follow = peer_follow_find(conn, batch->asker.request);
    follow->outstanding -= follow->outstanding > 0;
    confirm(node, conn, batch);
    peer_follow_step(node, conn, follow);
}

void peer_follow_again(struct node *node, struct conn *conn, struct follow *follow)
{
    if (node->steady >= follow->retry_at && follow_send(node, conn, follow) != 0) {
        follow->retry_at = node->steady + FOLLOW_RETRY_MS;
    }
}

void peer_request_failed(
    struct node *node, struct conn *conn, uint64_t request, int code, uint64_t wait)
{
    if (request != 0 && !peer_put_failed(node, conn, request, code, wait)) {
        (void)peer_asked_done(conn, request);
    }
    for (struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        if (request != 0 && follow->request == request) {
            /* It may hold the space later: the connection may stay up for months. */
            follow->request = 0;
            follow->refused = code;
            follow->caught_up = false;
            follow->retry_at = node->steady + (wait > FOLLOW_RETRY_MS ? wait : FOLLOW_RETRY_MS);
            node_say(node, 4, "peer", conn, request, "the peer refuses to be followed: %s",
                fora_error_text(code));
        }
        if (request != 0 && follow->reconcile == request) {
            follow->reconcile = 0;
        }
        if (request != 0 && follow->fetch == request) {
            follow->fetch = 0;
        }
    }
}

void peer_fini(struct conn *conn)
{
    known_drop(conn->known);
    conn->known = NULL;
    while (conn->serves != NULL) {
        serve_end(conn, conn->serves);
    }
    while (conn->follows != NULL) {
        struct follow *follow = conn->follows;
        conn->follows = follow->next;
        free(follow->need);
        free(follow->asked);
        free(follow->have);
        free(follow);
    }
}
