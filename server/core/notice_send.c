/* Notices on the loop: which come in, which go out, and to whom. */
#include "core/node_impl.h"
#include "core/notice.h"

#include <string.h>

/* Bytes of objects of which is to be found out who is told; beyond it nobody is. What came by
 * replication comes faster than that, and in any number, and keeps room for what is said here. */
enum { WAIT_MAX = 4 * 1024 * 1024, WAIT_CAME_MAX = 1024 * 1024 };

static size_t bytes_of(const struct fora_msg_notice *notice)
{
    size_t bytes = notice->object.size;
    for (size_t i = 0; i < notice->log_count; i++) {
        bytes += notice->log[i].size;
    }
    return bytes;
}

int notice_wanted(struct node *node, struct conn *conn, const struct fora_msg_notice *notice,
    size_t frame_size, uint64_t *wait)
{
    *wait = 0;
    if (!conn->asker.is_node || conn->peer == NULL || conn->asker.limited) {
        return FORA_E_FORBIDDEN;
    }
    if (bytes_of(notice) > NOTICE_BYTES_MAX) {
        return FORA_E_TOO_LARGE;
    }
    if (!quota_peer_any(node, conn)) {
        *wait = quota_peer_wait(node, conn);
        return FORA_E_QUOTA;
    }
    quota_peer_take(node, conn, 1 + notice->log_count, frame_size);
    return 0;
}

void notice_stored(struct node *node, const struct batch *batch, const struct commit_item *item)
{
    struct asker self = {.conn = 0, .known = true};
    struct fora_message message = {.type = FORA_MSG_NOTICE};
    /* Brought by who imports, it was somebody else's to tell; and for strangers, of whom there are
     * as many as they like, this node's allowance with others is not spent. */
    bool own = batch->asker.has_account && !batch->asker.is_node &&
               memcmp(batch->asker.member.b, item->object.header.author.b,
                   sizeof batch->asker.member.b) == 0;
    bool came = batch->source == COMMIT_PEER &&
                item->object.header.created_at + NOTICE_AGE_MAX_MS > node->now;
    if ((!own && !came) || !item->mentions ||
        item->object.header.audience != FORA_AUDIENCE_PUBLIC ||
        node->notices_wait >= (own ? WAIT_MAX : WAIT_CAME_MAX)) {
        return;
    }
    struct job *job = job_new(JOB_QUERY, &node->env, &self, node->now);
    message.u.notice.object = item->object.encoded;
    message.u.notice.forwarded = !own;
    if (job == NULL || fora_message_encode(&job->request, &message) != 0) {
        job_free(job); /* best effort */
        return;
    }
    job->counted = sizeof *job + job->request.room;
    node->notices_wait += job->counted;
    node_enqueue(node, job);
}

void notice_looked(struct node *node, const struct job *job)
{
    node->notices_wait -= job->asker.conn == 0 ? job->counted : 0;
}

static struct conn *peer_of(struct node *node, const struct fora_principal_id *id)
{
    const struct peer *peer = peers_find(&node->peers, id);
    struct conn *conn = peer != NULL && peer->conns > 0 ? node->conns : NULL;
    while (conn != NULL && (conn->peer != peer || conn->closing)) {
        conn = conn->next;
    }
    return conn;
}

/* Then the object goes there with its space. */
static bool has_space(const struct conn *conn, const struct fora_space_id *space)
{
    for (const struct serve *serve = conn->serves; serve != NULL; serve = serve->next) {
        if (memcmp(serve->space.b, space->b, sizeof space->b) == 0) {
            return true;
        }
    }
    for (const struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        if (memcmp(follow->space.b, space->b, sizeof space->b) == 0) {
            return true;
        }
    }
    return false;
}

/* A place among those that wait for an answer; NULL: there are so many (SES-34), or it is too soon.
 * What is not sent then is not sent at all: nothing is queued for who does not answer. */
static uint64_t *place_for(const struct node *node, struct conn *conn)
{
    for (size_t i = 0; i < NOTICES_OPEN_MAX && node->steady >= conn->notice_at; i++) {
        if (conn->notices_open[i] == 0) {
            return &conn->notices_open[i];
        }
    }
    return NULL;
}

void notice_answered(struct node *node, struct conn *conn, uint64_t request, uint64_t wait)
{
    for (size_t i = 0; i < NOTICES_OPEN_MAX && request != 0; i++) {
        if (conn->notices_open[i] == request) {
            conn->notices_open[i] = 0;
            conn->notice_at = wait != 0 ? node->steady + wait : conn->notice_at;
        }
    }
}

static void send_to(struct node *node, struct conn *conn, struct fora_bytes frame, bool forwarded)
{
    struct fora_arena arena;
    struct fora_message message;
    uint64_t *place = place_for(node, conn);
    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    if (place != NULL && frame.size > 4 &&
        fora_message_decode(&arena, fora_bytes(frame.data + 4, frame.size - 4), &message) == 0 &&
        message.type == FORA_MSG_NOTICE) {
        message.request = *place = fora_session_request(conn->session);
        message.u.notice.forwarded = forwarded;
        conn_send(node, conn, &message);
    }
    fora_arena_fini(&arena);
}

/* Each mention goes to the first of its nodes that is connected, each node gets one Notice. */
static void send_all(struct node *node, const struct job *job)
{
    const struct notice_plan *plan = job->notice;
    struct fora_bytes frame = fora_buf_bytes(job->asker.conn != 0 ? &job->request : &job->answer);
    struct fora_principal_id told[NOTICE_TARGETS_MAX];
    uint32_t done = 0; /* a bit for each mention */
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct notice_target *target = &plan->targets[i];
        uint32_t bit = (uint32_t)1 << target->whom;
        struct conn *conn = (done & bit) == 0 ? peer_of(node, &target->node) : NULL;
        bool again = false;
        if (conn == NULL) {
            continue;
        }
        done |= bit;
        for (size_t j = 0; j < count; j++) {
            again = again || memcmp(told[j].b, target->node.b, sizeof target->node.b) == 0;
        }
        if (!again && !has_space(conn, &plan->space)) {
            told[count++] = target->node;
            send_to(node, conn, frame, plan->forwarded);
        }
    }
}

void notice_go(struct node *node, struct job *job)
{
    if (job->code != 0) {
        return;
    }
    send_all(node, job);
    if (!job->notice->keep) {
        return;
    }
    struct job *write = job_new(JOB_WRITE, &node->env, &job->asker, node->now);
    struct conn *conn = node_conn(node, job->asker.conn);
    if (write == NULL) {
        if (conn != NULL) {
            conn_error(node, conn, job->asker.request, FORA_E_NOMEM, NULL);
        }
        return;
    }
    write->request = job->request;
    memset(&job->request, 0, sizeof job->request);
    node_enqueue(node, write);
}
