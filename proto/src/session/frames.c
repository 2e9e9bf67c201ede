/*
 * Frames in: from the buffer of plaintext to events (SES-1 to SES-36).
 *
 * In order of cost: the length (against what we announced and the credit that is left), then the
 * shape (decoding), then the state, the sender's right, the number, the credit; then the owner.
 */
#include "session.h"

#include <string.h>

enum frame_front frame_front(const struct fora_session *session, size_t *size, int *code)
{
    const uint8_t *at;
    size_t have = session->plain.size - session->plain_at;
    size_t max = session->state == FORA_SESSION_OPEN ? session->frame_max : FORA_SESSION_HELLO_MAX;
    size_t length;

    *code = 0;
    if (have < FRAME_LENGTH_SIZE)
        return FRONT_PART;
    at = session->plain.data + session->plain_at;
    length = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    *size = FRAME_LENGTH_SIZE + length;
    if (length == 0)
        *code = FORA_E_MALFORMED;
    else if (length > max)
        *code = FORA_E_TOO_LARGE;
    else if (session->state == FORA_SESSION_OPEN && length > FORA_SESSION_CONTROL_MAX &&
             *size > credit_left(&session->grant.credit))
        *code = FORA_E_CREDIT; /* before it is buffered: only control frames need none */
    if (*code != 0)
        return FRONT_BAD;
    return have < *size ? FRONT_PART : FRONT_WHOLE;
}

/* The parity of numbers that this side chooses: 1 for the initiator. */
static bool number_of(bool initiator, uint64_t request)
{
    return request != 0 && (request % 2 == 1) == initiator;
}

static int number_check(
    const struct fora_session *session, const struct fora_message_rule *rule, uint64_t request)
{
    bool right;

    if (rule->use == FORA_USE_REQUEST)
        right = number_of(!session->initiator, request);
    else if (rule->use == FORA_USE_ANSWER)
        right = number_of(session->initiator, request);
    else if (rule->type == FORA_MSG_ERROR)
        right = request == 0 || number_of(session->initiator, request);
    else
        right = request == 0;
    return right ? 0 : FORA_E_MALFORMED;
}

/* May it come now, from that side, under that number? */
static int admit(const struct fora_session *session, const struct fora_message *message,
    const struct fora_message_rule *rule, size_t size)
{
    bool ends = message->type == FORA_MSG_ERROR && message->request == 0;

    if (session->state == FORA_SESSION_HELLO && message->type != FORA_MSG_HELLO && !ends)
        return FORA_E_STATE;
    if (session->state == FORA_SESSION_OPEN && message->type == FORA_MSG_HELLO)
        return FORA_E_STATE;
    if (session->state == FORA_SESSION_OPEN &&
        (rule->senders & fora_message_sender(session->peer_is_node, session->is_node)) == 0)
        return FORA_E_STATE;
    if (rule->use == FORA_USE_CONTROL && message->type != FORA_MSG_HELLO &&
        size - FRAME_LENGTH_SIZE > FORA_SESSION_CONTROL_MAX)
        return FORA_E_TOO_LARGE;
    return number_check(session, rule, message->request);
}

/* A body that we do not know (SES-36). True when the owner is told: as an Error of its request. */
static bool take_unknown(struct fora_session *session, size_t size, int *code)
{
    struct fora_message *message = &session->message;

    *code = session->state == FORA_SESSION_OPEN ? credit_use(&session->grant.credit, size)
                                                : FORA_E_STATE;
    if (*code != 0)
        return false;
    fora_session_consumed(session, size);
    if (message->request == 0)
        return false;
    message->type = FORA_MSG_ERROR;
    message->u.error = (struct fora_msg_error){
        .code = fora_error_to_wire(FORA_E_UNSUPPORTED), .text = fora_bytes(NULL, 0)};
    if (number_of(session->initiator, message->request))
        return true;
    *code = output_error(session, message);
    return false;
}

/* Control frames are dealt with here. True when the owner is told. */
static bool take_control(struct fora_session *session, struct fora_session_event *out, int *code)
{
    const struct fora_message *message = &session->message;

    *code = 0;
    out->type = FORA_SESSION_EVENT_FRAME;
    switch (message->type) {
    case FORA_MSG_HELLO:
        *code = hello_accept(session, &message->u.hello);
        out->type = FORA_SESSION_EVENT_OPEN;
        return *code == 0;
    case FORA_MSG_CREDIT:
        *code = credit_add(&session->credit, message->u.credit.bytes);
        return false;
    case FORA_MSG_PING:
        /* Of a flood the last is answered (SES-26): nothing is kept but one token. */
        session->pong_wanted = true;
        session->pong_token = message->u.ping.token;
        return false;
    case FORA_MSG_PONG:
        return false;
    default: /* Error */
        if (message->request == 0) {
            session->state = FORA_SESSION_CLOSED;
            session->error = fora_error_from_wire(message->u.error.code);
        }
        return true;
    }
}

/* One whole frame. True when *out is an event; *code when the session must close. */
static bool take_frame(
    struct fora_session *session, size_t size, struct fora_session_event *out, int *code)
{
    const struct fora_message_rule *rule;
    struct fora_bytes frame = fora_bytes(
        session->plain.data + session->plain_at + FRAME_LENGTH_SIZE, size - FRAME_LENGTH_SIZE);

    *code = fora_message_decode(&session->arena, frame, &session->message);
    if (*code != 0)
        return false;
    session->timers.frames++;
    out->message = &session->message;
    rule = fora_message_rule(session->message.type);
    if (rule == NULL) {
        out->type = FORA_SESSION_EVENT_FRAME;
        return take_unknown(session, size, code);
    }
    *code = admit(session, &session->message, rule, size);
    if (*code != 0)
        return false;
    if (rule->use == FORA_USE_CONTROL)
        return take_control(session, out, code);
    *code = credit_use(&session->grant.credit, size);
    out->type = FORA_SESSION_EVENT_FRAME;
    out->frame_size = size;
    return *code == 0;
}

int fora_session_next(struct fora_session *session, struct fora_session_event *out)
{
    static const struct fora_session_event none = {.type = FORA_SESSION_EVENT_NONE};
    enum frame_front front;
    bool event = false;
    size_t size = 0;
    int code;

    session_release(session);
    fora_arena_reset(&session->arena);
    *out = none;
    if (session->state == FORA_SESSION_CLOSED)
        return session->error;
    while (!event && (front = frame_front(session, &size, &code)) != FRONT_PART) {
        if (front == FRONT_WHOLE)
            event = take_frame(session, size, out, &code);
        if (code != 0) {
            *out = none;
            return session_fail(session, code);
        }
        session->held = size;
        if (!event) {
            session_release(session);
            fora_arena_reset(&session->arena);
        }
    }
    if (!event)
        *out = none;
    return 0;
}
