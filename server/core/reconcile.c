/*
 * Reconciling on a connection (spec/09-replication.md, 9.3), and what is asked of peers and told
 * them besides.
 *
 *   caught up -> compare fingerprints -> equal: the ids of a sample (REP-25)
 *                                     -> differ, and we dialled: Reconcile rounds
 *                                        -> Fetch what is missing here, Put what is missing there
 *
 * Both lists are worked off a portion at a time, the next when the last was answered: what a peer
 * lacks, or says that it has, is no measure of what we queue.
 */
#include "core/node_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    FETCH_IDS = 256,
    IDS_MAX = 100000, /* differences remembered at once */
    ROUNDS_MAX = 64,
    BARREN_MAX = 4,          /* Fetches in a row that brought nothing that was asked for */
    PUT_AGAIN_MS = 60 * 1000 /* when a refusal does not say */
};

/* Asks the store about the set that is followed; peer_reconcile_done gets what it says. */
static struct job *ask_store(
    struct node *node, struct conn *conn, struct follow *follow, const struct fora_message *message)
{
    struct job *job = job_new(JOB_QUERY, &node->env, &conn->asker, node->now);
    if (job == NULL || fora_message_encode(&job->request, message) != 0) {
        job_free(job);
        return NULL;
    }
    job->set_number = follow->set;
    job->keyed = follow->keyed;
    memcpy(job->key, follow->key, sizeof job->key);
    job->asker.request = fora_session_request(conn->session); /* a number of its own (SES-33) */
    follow->reconcile = job->asker.request;
    return job;
}

static void compare(struct node *node, struct conn *conn, struct follow *follow)
{
    struct fora_message message = {.type = FORA_MSG_FOLLOW_BATCH};
    /* What was told since the last comparison says whether a round is needed at all. When nothing
     * was told, the round is made: should pushing fail, silence must not be taken for equality. */
    if (follow->told) {
        message.u.follow_batch.count = follow->last_count;
        message.u.follow_batch.fingerprint =
            fora_bytes(follow->last_fingerprint, sizeof follow->last_fingerprint);
    }
    follow->told = false;
    follow->keyed = (fora_session_features(conn->session) & FORA_FEATURE_SHORT_FINGERPRINTS) != 0;
    fora_random(follow->key, sizeof follow->key);
    struct job *job = ask_store(node, conn, follow, &message);
    if (job == NULL) {
        return;
    }
    follow->comparing = true;
    follow->compare_due = false;
    follow->compared_at = node->steady;
    follow->rounds = 0;
    follow->barren = 0;
    node_enqueue(node, job);
}

/* Which contents does this node want of the set? They are fetched as if the objects were lacking.
 */
static void ask_lacking(struct node *node, struct conn *conn, struct follow *follow)
{
    const struct fora_message message = {.type = FORA_MSG_FOLLOW_BATCH};
    struct job *job = ask_store(node, conn, follow, &message);
    follow->lacking_at = node->steady + (uint64_t)node->env.limits.reconcile_interval_s * 1000;
    if (job != NULL) {
        follow->barren = 0;
        job->lacking = true;
        node_enqueue(node, job);
    }
}

void peer_contents_lack(struct node *node)
{
    for (size_t i = 0; i < node->slots_count; i++) {
        for (struct follow *follow = node->slots[i] != NULL ? node->slots[i]->follows : NULL;
             follow != NULL; follow = follow->next) {
            follow->lacking_at = 0; /* with the tick */
        }
    }
}

static void fetch_next(struct node *node, struct conn *conn, struct follow *follow)
{
    struct fora_message message = {.type = FORA_MSG_FETCH};
    size_t left = follow->need_count - follow->need_at;
    if (follow->fetch != 0 || left == 0 || !quota_peer_any(node, conn)) {
        return;
    }
    size_t count = left < FETCH_IDS ? left : FETCH_IDS;
    free(follow->asked); /* of one that was refused */
    follow->asked = malloc(count * sizeof *follow->asked);
    if (follow->asked == NULL) {
        return;
    }
    memcpy(follow->asked, follow->need + follow->need_at, count * sizeof *follow->asked);
    follow->asked_count = count;
    message.request = fora_session_request(conn->session);
    message.u.fetch.ids = follow->asked;
    message.u.fetch.ids_count = count;
    follow->need_at += count;
    follow->fetch = message.request;
    conn_send(node, conn, &message);
}

/* The other side follows the same set and has not come to its end yet: what it lacks is on its way,
 * and to reconcile would be to send it twice. */
static bool still_serving(const struct conn *conn, const struct fora_space_id *space)
{
    const struct serve *serve = conn->serves;
    while (serve != NULL && memcmp(serve->space.b, space->b, sizeof space->b) != 0) {
        serve = serve->next;
    }
    return serve != NULL && serve->live && !serve->level;
}

void peer_follow_step(struct node *node, struct conn *conn, struct follow *follow)
{
    uint64_t interval = (uint64_t)node->env.limits.reconcile_interval_s * 1000;
    if (conn->closing) {
        return;
    }
    if (follow->request == 0) {
        peer_follow_again(node, conn, follow);
        return;
    }
    if (!follow->compare_due && node->steady >= follow->compared_at + interval) {
        follow->compare_due = true;
    }
    /* Only the side that dialled reconciles: one of the two suffices. What the fingerprint speaks
     * of must be stored here first. */
    bool idle = follow->caught_up && follow->outstanding == 0 && follow->reconcile == 0 &&
                follow->fetch == 0;
    if (conn->dial != 0 && follow->compare_due && node->steady >= conn->put_at && idle &&
        !still_serving(conn, &follow->space)) {
        compare(node, conn, follow);
    } else if (idle && node->steady >= follow->lacking_at) {
        ask_lacking(node, conn, follow);
    }
    fetch_next(node, conn, follow);
    peer_put_step(node, conn);
}

static struct follow *reconciling(struct conn *conn, uint64_t request)
{
    struct follow *follow = conn->follows;
    while (follow != NULL && (request == 0 || follow->reconcile != request)) {
        follow = follow->next;
    }
    return follow;
}

void peer_reconcile_reply(struct node *node, struct conn *conn, const struct fora_message *message)
{
    struct follow *follow = reconciling(conn, message->request);
    struct job *job = follow != NULL ? ask_store(node, conn, follow, message) : NULL;
    if (job != NULL) {
        node->counters.reconcile_rounds++;
        node_enqueue(node, job);
    }
}

/* Appends to a list of ids what is left of it after `at`; no more than IDS_MAX in all: the next
 * reconciliation finds the rest. */
static int ids_add(struct fora_object_id **list, size_t *count, size_t *at,
    const struct fora_object_id *more, size_t more_count)
{
    size_t left = *count - *at;
    size_t room = left < IDS_MAX ? IDS_MAX - left : 0;
    size_t add = more_count < room ? more_count : room;
    struct fora_object_id *fresh = malloc((left + add + 1) * sizeof *fresh);
    if (fresh == NULL) {
        return FORA_E_NOMEM;
    }
    if (left > 0) {
        memcpy(fresh, *list + *at, left * sizeof *fresh);
    }
    if (add > 0) {
        memcpy(fresh + left, more, add * sizeof *fresh);
    }
    free(*list);
    *list = fresh;
    *at = 0;
    *count = left + add;
    return 0;
}

static int differences_add(struct follow *follow, const struct job *job)
{
    int rc =
        ids_add(&follow->need, &follow->need_count, &follow->need_at, job->need, job->need_count);
    return rc == 0 ? ids_add(&follow->have, &follow->have_count, &follow->have_at, job->have,
                         job->have_count)
                   : rc;
}

/* The objects of an answer that was made for ourselves. False: there are none. */
static bool own_objects(const struct fora_message *message, struct fora_message *put)
{
    if (message->type == FORA_MSG_OBJECTS) {
        put->u.put.objects = message->u.objects.objects;
        put->u.put.objects_count = message->u.objects.objects_count;
    } else if (message->type == FORA_MSG_PRINCIPAL_OBJECTS) {
        put->u.put.objects = message->u.principal_objects.objects;
        put->u.put.objects_count = message->u.principal_objects.objects_count;
    }
    return put->u.put.objects_count > 0;
}

static struct follow *follow_of_set(struct conn *conn, uint32_t set)
{
    struct follow *follow = conn->follows;
    while (follow != NULL && follow->set != set) {
        follow = follow->next;
    }
    return follow;
}

/* A free place for the number of a Put that is out; NULL: enough are. */
static uint64_t *put_place(struct conn *conn)
{
    for (size_t i = 0; i < PUTS_OPEN_MAX; i++) {
        if (conn->puts_open[i] == 0) {
            return &conn->puts_open[i];
        }
    }
    return NULL;
}

bool peer_put_done(struct node *node, struct conn *conn, uint64_t request)
{
    for (size_t i = 0; i < PUTS_OPEN_MAX; i++) {
        if (request != 0 && conn->puts_open[i] == request) {
            conn->puts_open[i] = 0;
            peer_put_step(node, conn);
            return true;
        }
    }
    return false;
}

bool peer_put_failed(
    struct node *node, struct conn *conn, uint64_t request, int code, uint64_t wait)
{
    bool later = code == FORA_E_QUOTA || code == FORA_E_OVERLOAD || code == FORA_E_FULL ||
                 code == FORA_E_TIMEOUT;
    bool open = false;
    for (size_t i = 0; i < PUTS_OPEN_MAX; i++) {
        open = open || (request != 0 && conn->puts_open[i] == request);
    }
    if (open && later) {
        /* What it lacked it lacks then too: nothing is kept, another reconciliation finds it. */
        conn->put_at = node->steady + (wait > 0 ? wait : PUT_AGAIN_MS);
        for (struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
            follow->have_at = follow->have_count;
            follow->compare_due = true;
        }
    }
    return peer_put_done(node, conn, request);
}

/* What did not fit into one answer is read again, as long as any did. */
static void put_rest(struct conn *conn, const struct job *job, const struct fora_message *message)
{
    struct follow *follow = follow_of_set(conn, job->set_number);
    const struct fora_msg_objects *objects = &message->u.objects;
    if (follow != NULL && message->type == FORA_MSG_OBJECTS && objects->objects_count > 0) {
        int rc = ids_add(&follow->have, &follow->have_count, &follow->have_at, objects->missing,
            objects->missing_count);
        (void)rc; /* without memory the next reconciliation finds them */
    }
}

void peer_put_own(struct node *node, struct conn *conn, struct job *job)
{
    struct fora_arena arena;
    struct fora_message message;
    struct fora_message put = {.request = job->asker.request, .type = FORA_MSG_PUT};
    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    bool found = job->answer.size > 4 &&
                 fora_message_decode(&arena, fora_bytes(job->answer.data + 4, job->answer.size - 4),
                     &message) == 0 &&
                 own_objects(&message, &put);
    if (job->set_number != 0) {
        conn->putting = false;
        uint64_t *place = found ? put_place(conn) : NULL;
        if (place != NULL) {
            *place = put.request;
        }
    }
    if (found) {
        put_rest(conn, job, &message);
        conn->objects_out += put.u.put.objects_count;
        conn_send(node, conn, &put);
    }
    fora_arena_fini(&arena);
    peer_put_step(node, conn);
}

/* A job that reads what is then put to the peer. */
static bool read_own(
    struct node *node, struct conn *conn, const struct fora_message *message, uint32_t set)
{
    struct job *read = job_new(JOB_QUERY, &node->env, &conn->asker, node->now);
    if (read == NULL || fora_message_encode(&read->request, message) != 0) {
        job_free(read);
        return false;
    }
    read->asker.request = fora_session_request(conn->session);
    read->puts = true;
    read->set_number = set;
    node_enqueue(node, read);
    return true;
}

/* What the other side lacks is read back from the store and put to it, a portion at a time and only
 * while there is room: how much it lacks is for nobody to choose. */
static void put_next(struct node *node, struct conn *conn, struct follow *follow)
{
    struct fora_message message = {.type = FORA_MSG_FETCH};
    size_t left = follow->have_count - follow->have_at;
    if (conn->putting || left == 0 || node->steady < conn->put_at ||
        conn_backlog(conn) >= SERVE_BACKLOG || put_place(conn) == NULL) {
        return;
    }
    message.u.fetch.ids = follow->have + follow->have_at;
    message.u.fetch.ids_count = left < FETCH_IDS ? left : FETCH_IDS;
    if (read_own(node, conn, &message, follow->set)) {
        conn->putting = true;
        follow->have_at += message.u.fetch.ids_count;
    }
}

void peer_put_step(struct node *node, struct conn *conn)
{
    for (struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        put_next(node, conn, follow);
    }
}

void peer_tell_logs(
    struct node *node, struct conn *conn, const struct fora_object_id *ids, size_t count)
{
    for (size_t i = 0; i < count && conn->asker.is_node && !conn->closing; i++) {
        struct fora_message message = {.type = FORA_MSG_GET_PRINCIPAL};
        memcpy(message.u.get_principal.principal.b, ids[i].b, sizeof ids[i].b);
        if (!read_own(node, conn, &message, 0)) {
            return;
        }
    }
}

void peer_reconcile_done(struct node *node, struct conn *conn, struct job *job)
{
    struct follow *follow = reconciling(conn, job->asker.request);
    if (follow == NULL) {
        return;
    }
    follow->reconcile = 0;
    if (follow->comparing && job->answer.size > 0 && job->code == 0) {
        node->counters.reconciliations++;
    }
    follow->comparing = false;
    if (follow->barren >= BARREN_MAX) { /* what else it claims is not asked for before next time */
        node_say(node, 4, "reconcile", conn, job->asker.request,
            "given up: %u Fetches in a row brought nothing that was asked for", follow->barren);
        return;
    }
    if (job->code != 0 || differences_add(follow, job) != 0) {
        node_say(node, 4, "reconcile", conn, job->asker.request, "given up: %s",
            fora_error_text(job->code));
        return;
    }
    if (job->answer.size > 0 && follow->rounds++ < ROUNDS_MAX) {
        follow->reconcile = job->asker.request;
        conn_answer(node, conn, fora_buf_bytes(&job->answer));
    }
    peer_follow_step(node, conn, follow);
}

/* ---- fetched objects ---- */

/* Objects that came as an answer, to be verified and stored. */
static void take_objects(struct node *node, struct conn *conn, const struct fora_bytes *objects,
    size_t count, size_t frame_size)
{
    struct batch *batch =
        conn->asker.is_node ? batch_new(&conn->asker, COMMIT_PEER, objects, count) : NULL;
    if (batch == NULL) {
        fora_session_consumed(conn->session, frame_size);
        return;
    }
    node_inflight(node, conn, batch, frame_size);
    quota_peer_take(node, conn, count, frame_size);
    node_submit(node, batch);
}

/* A free place (request 0), or that of a request that is out; NULL: there is none. */
static uint64_t *asked_place(struct conn *conn, uint64_t request)
{
    for (size_t i = 0; i < ASKED_MAX; i++) {
        if (conn->asked[i] == request) {
            return &conn->asked[i];
        }
    }
    return NULL;
}

bool peer_asked_done(struct conn *conn, uint64_t request)
{
    uint64_t *place = request != 0 ? asked_place(conn, request) : NULL;
    if (place != NULL) {
        *place = 0;
    }
    return place != NULL;
}

/* An answer brings something when its first object was asked for. */
static bool fetch_brought(const struct follow *follow, const struct fora_msg_objects *objects)
{
    struct fora_object first;
    bool any = objects->objects_count > 0 && fora_object_decode(&first, objects->objects[0]) == 0;
    for (size_t i = 0; any && i < follow->asked_count; i++) {
        if (memcmp(follow->asked[i].b, first.id.b, sizeof first.id.b) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * What did not fit into one answer is asked for again (SES-33): as long as some came, so fewer are
 * missing each time. Claims cost who makes them nothing (SEC-53): after some answers that brought
 * nothing the rest of them is dropped.
 */
static void fetch_rest(struct follow *follow, const struct fora_msg_objects *objects)
{
    bool brought = fetch_brought(follow, objects);
    follow->barren = brought ? 0 : follow->barren + 1;
    if (brought && objects->missing_count < follow->asked_count) {
        int rc = ids_add(&follow->need, &follow->need_count, &follow->need_at, objects->missing,
            objects->missing_count);
        (void)rc; /* without memory the next reconciliation finds them */
    }
    if (follow->barren >= BARREN_MAX) {
        follow->need_at = follow->need_count;
    }
    free(follow->asked);
    follow->asked = NULL;
    follow->asked_count = 0;
}

void peer_objects(struct node *node, struct conn *conn, uint64_t request,
    const struct fora_msg_objects *objects, size_t frame_size)
{
    bool fetched = false;
    for (struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        if (follow->fetch == request) {
            follow->fetch = 0;
            fetched = true;
            fetch_rest(follow, objects);
            fetch_next(node, conn, follow);
        }
    }
    if (!fetched && !peer_asked_done(conn, request)) {
        fora_session_consumed(conn->session, frame_size);
        return;
    }
    take_objects(node, conn, objects->objects, objects->objects_count, frame_size);
}

void peer_principal(struct node *node, struct conn *conn, uint64_t request,
    const struct fora_msg_principal_objects *principal, size_t frame_size)
{
    if (!peer_asked_done(conn, request)) {
        fora_session_consumed(conn->session, frame_size);
        return;
    }
    take_objects(node, conn, principal->objects, principal->objects_count, frame_size);
}

/* The place of a request to come; NULL: nothing more is to be asked. Answers count for the quota,
 * and name others that are not known: without it one object would fetch any number (REP-17). */
static uint64_t *may_ask(struct node *node, struct conn *conn)
{
    bool may = conn->asker.is_node && !conn->closing && quota_peer_any(node, conn);
    return may ? asked_place(conn, 0) : NULL;
}

void peer_ask_objects(
    struct node *node, struct conn *conn, const struct fora_object_id *ids, size_t count)
{
    struct fora_message message = {.type = FORA_MSG_FETCH};
    struct fora_object_id copy[FETCH_IDS];
    uint64_t *place = count > 0 && count <= FETCH_IDS ? may_ask(node, conn) : NULL;
    if (place == NULL) {
        return;
    }
    memcpy(copy, ids, count * sizeof *ids);
    message.request = fora_session_request(conn->session);
    message.u.fetch.ids = copy;
    message.u.fetch.ids_count = count;
    *place = message.request;
    conn_send(node, conn, &message);
}

/* The whole log: what lacks may be its first entry or the one that adds the key. */
void peer_ask_principals(
    struct node *node, struct conn *conn, const struct fora_object_id *ids, size_t count)
{
    uint64_t *place = NULL;
    for (size_t i = 0; i < count && (place = may_ask(node, conn)) != NULL; i++) {
        struct fora_message message = {.type = FORA_MSG_GET_PRINCIPAL};
        message.request = fora_session_request(conn->session);
        memcpy(message.u.get_principal.principal.b, ids[i].b, sizeof ids[i].b);
        *place = message.request;
        conn_send(node, conn, &message);
    }
}
