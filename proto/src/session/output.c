/*
 * Bytes out: frames are queued as they are sent, and sealed into Noise messages of up to 64 KiB
 * when the owner asks for output, so that many small frames share a tag and what waits for a slow
 * socket is held once. A batch of sealed messages is written before the next is made.
 */
#include "session.h"

#include <string.h>

enum {
    BATCH_MESSAGES = 4,
    /* So little may wait when a batch is added: the last handshake message and our Hello then leave
     * in one write. */
    SEALED_SMALL = 256,
    SEALED_MAX = SEALED_SMALL + BATCH_MESSAGES * NOISE_WIRE_MAX
};

void session_output_init(struct fora_session *session)
{
    fora_buf_init(&session->queue, 0); /* bounded by credit, see fora_session_credit() */
    fora_buf_init(&session->sealed, SEALED_MAX);
}

static size_t queued(const struct fora_session *session)
{
    return session->queue.size - session->queue_at;
}

/* Makes the queue ready for an append: what was sealed goes when it is the larger part. */
static void queue_compact(struct fora_session *session)
{
    if (session->queue_at > session->queue.size / 2) {
        fora_buf_consume(&session->queue, session->queue_at);
        session->queue_at = 0;
    }
}

/* Appends an encoded frame; on failure the queue is as before. */
static int queue_frame(
    struct fora_session *session, const struct fora_message *message, size_t *size)
{
    struct fora_buf *queue = &session->queue;
    size_t before;
    int code;

    queue_compact(session);
    before = queue->size;
    code = fora_message_encode(queue, message);
    *size = queue->size - before;
    if (code != 0) {
        queue->size = before;
        queue->error = 0;
        return code;
    }
    session->queued_total += *size;
    session->timers.active = true;
    return 0;
}

/* Takes back what was queued last. */
static void unqueue(struct fora_session *session, size_t size)
{
    session->queue.size -= size;
    session->queued_total -= size;
}

int output_control(struct fora_session *session, const struct fora_message *message)
{
    size_t size;

    return queue_frame(session, message, &size);
}

/* Counts an Error among those that wait. */
static int count_error(struct fora_session *session, size_t size)
{
    struct session_errors *errors = &session->errors;

    errors->fresh += size;
    if (errors->fresh > errors->max)
        return session_fail(session, FORA_E_LIMIT);
    return 0;
}

int output_error(struct fora_session *session, const struct fora_message *message)
{
    size_t size;
    int code = queue_frame(session, message, &size);

    return code == 0 ? count_error(session, size) : code;
}

uint64_t fora_session_credit(const struct fora_session *session)
{
    uint64_t credit = credit_left(&session->credit);
    size_t waiting = queued(session);
    uint64_t room = waiting < FORA_SESSION_QUEUE_MAX ? FORA_SESSION_QUEUE_MAX - waiting : 0;

    if (session->state != FORA_SESSION_OPEN)
        return 0;
    return credit < room ? credit : room;
}

static int send_check(const struct fora_session *session, uint32_t type, uint64_t request)
{
    const struct fora_message_rule *rule = fora_message_rule(type);
    bool answers;

    if (session->state == FORA_SESSION_CLOSED)
        return FORA_E_CLOSED;
    if (session->state != FORA_SESSION_OPEN)
        return FORA_E_STATE;
    if (rule == NULL || request == 0 || (rule->use == FORA_USE_CONTROL && type != FORA_MSG_ERROR) ||
        (rule->senders & fora_message_sender(session->is_node, session->peer_is_node)) == 0)
        return FORA_E_USAGE;
    /* A request has a number of ours, an answer one of theirs. */
    answers = rule->use != FORA_USE_REQUEST;
    return ((request % 2 == 1) == session->initiator) != answers ? 0 : FORA_E_USAGE;
}

/* `credit` as it was before the frame was queued. */
static int size_check(
    const struct fora_session *session, uint32_t type, size_t size, uint64_t credit)
{
    size_t length = size - FRAME_LENGTH_SIZE;

    if (type == FORA_MSG_ERROR)
        return length <= FORA_SESSION_CONTROL_MAX ? 0 : FORA_E_TOO_LARGE;
    if (length > session->peer.frame_max)
        return FORA_E_TOO_LARGE;
    return size <= credit ? 0 : FORA_E_CREDIT;
}

static int count_frame(struct fora_session *session, uint32_t type, size_t size)
{
    if (type == FORA_MSG_ERROR)
        return count_error(session, size);
    return credit_use(&session->credit, size);
}

int fora_session_send(struct fora_session *session, const struct fora_message *message)
{
    uint64_t credit = fora_session_credit(session);
    size_t size;
    int code = send_check(session, message->type, message->request);

    if (code == 0 && credit == 0 && message->type != FORA_MSG_ERROR)
        code = FORA_E_CREDIT; /* without encoding it first */
    if (code == 0)
        code = queue_frame(session, message, &size);
    if (code != 0)
        return code;
    code = size_check(session, message->type, size, credit);
    if (code != 0) {
        unqueue(session, size);
        return code;
    }
    return count_frame(session, message->type, size);
}

/* Number and body of a frame that libfora encoded: fields ascend, the request comes first. */
static int frame_head(struct fora_bytes frame, uint32_t *type, uint64_t *request)
{
    enum { KEY_REQUEST = 1 << 3 };
    struct fora_reader reader;
    uint64_t key;

    fora_reader_init(&reader, frame);
    *request = 0;
    if (fora_reader_be32(&reader) != reader.left)
        return FORA_E_MALFORMED;
    key = fora_reader_varint(&reader);
    if (key == KEY_REQUEST) {
        *request = fora_reader_varint(&reader);
        key = fora_reader_varint(&reader);
    }
    *type = key >> 3 > UINT32_MAX ? FORA_MSG_NONE : (uint32_t)(key >> 3);
    return reader.error;
}

int fora_session_send_encoded(struct fora_session *session, struct fora_bytes frame)
{
    uint32_t type = FORA_MSG_NONE;
    uint64_t request = 0;
    int code = frame_head(frame, &type, &request);

    if (code == 0)
        code = send_check(session, type, request);
    if (code == 0)
        code = size_check(session, type, frame.size, fora_session_credit(session));
    if (code != 0)
        return code;
    queue_compact(session);
    fora_buf_append_bytes(&session->queue, frame);
    if (session->queue.error != 0) {
        code = session->queue.error;
        session->queue.error = 0;
        return code;
    }
    session->queued_total += frame.size;
    session->timers.active = true;
    return count_frame(session, type, frame.size);
}

/* What the session itself has to say, as late as possible: of many Pings one Pong is left. */
static int queue_own(struct fora_session *session)
{
    struct fora_message message = {0};
    uint64_t bytes;
    int code = 0;

    if (session->state != FORA_SESSION_OPEN)
        return 0;
    bytes = grant_due(&session->grant);
    if (bytes > 0) {
        message.type = FORA_MSG_CREDIT;
        message.u.credit.bytes = bytes;
        code = output_control(session, &message);
    }
    if (code == 0 && session->pong_wanted) {
        message = (struct fora_message){.type = FORA_MSG_PONG};
        message.u.pong.token = session->pong_token;
        code = output_control(session, &message);
    }
    if (code == 0 && session->ping_wanted) {
        message = (struct fora_message){.type = FORA_MSG_PING};
        message.u.ping.token = ++session->ping_token;
        code = output_control(session, &message);
    }
    session->pong_wanted = false;
    session->ping_wanted = false;
    return code;
}

static int seal_message(struct fora_session *session)
{
    struct fora_buf *sealed = &session->sealed;
    size_t size = queued(session) < NOISE_PLAIN_MAX ? queued(session) : NOISE_PLAIN_MAX;
    size_t before = sealed->size;
    int code;

    fora_buf_be16(sealed, (uint16_t)(size + FORA_NOISE_TAG_SIZE));
    if (sealed->error != 0)
        return sealed->error;
    code = fora_noise_encrypt(
        session->noise, sealed, fora_bytes(session->queue.data + session->queue_at, size));
    if (code != 0) {
        sealed->size = before;
        return code;
    }
    session->queue_at += size;
    return 0;
}

static int seal_batch(struct fora_session *session)
{
    int code = queue_own(session);

    for (unsigned i = 0; i < BATCH_MESSAGES && code == 0 && queued(session) > 0; i++)
        code = seal_message(session);
    if (queued(session) == 0) {
        fora_buf_clear(&session->queue);
        session->queue_at = 0;
    }
    return code;
}

struct fora_bytes fora_session_output(struct fora_session *session)
{
    struct fora_buf *sealed = &session->sealed;

    if (sealed->size <= SEALED_SMALL && session->noise != NULL && fora_noise_done(session->noise)) {
        int code = seal_batch(session);

        if (code != 0) {
            /* The stream cannot go on behind what is sealed: nothing more can be said. */
            if (session->state != FORA_SESSION_CLOSED)
                session->error = code;
            session->state = FORA_SESSION_CLOSED;
            sealed->error = 0;
            session->queued_total -= queued(session);
            fora_buf_clear(&session->queue);
            session->queue_at = 0;
        }
    }
    if (sealed->size == session->sealed_at)
        return fora_bytes(NULL, 0);
    return fora_bytes(sealed->data + session->sealed_at, sealed->size - session->sealed_at);
}

void fora_session_output_done(struct fora_session *session, size_t written)
{
    struct session_errors *errors = &session->errors;
    size_t left = session->sealed.size - session->sealed_at;

    session->sealed_at += written < left ? written : left;
    if (session->sealed_at < session->sealed.size)
        return;
    fora_buf_clear(&session->sealed);
    session->sealed_at = 0;
    session->written_total = session->queued_total - queued(session);
    if (session->written_total >= errors->mark) {
        errors->mark = session->queued_total;
        errors->fresh = 0;
    }
}
