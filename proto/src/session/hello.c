/* Hello, ours and the other side's (SES-10 to SES-16). */
#include "session.h"

#include <string.h>

/* SES-19 */
static bool reconcile_max_fits(const struct fora_msg_hello *hello)
{
    return hello->reconcile_max == 0 || hello->reconcile_max >= FORA_RECONCILE_MAX_LEAST;
}

/* Ours is queued when the session is made: it is the first frame whatever else happens. */
int hello_prepare(struct fora_session *session, const struct fora_msg_hello *config)
{
    struct fora_message message = {.type = FORA_MSG_HELLO, .u.hello = *config};
    struct fora_msg_hello *hello = &message.u.hello;
    int code;

    if (hello->version == 0)
        hello->version = FORA_SESSION_VERSION;
    if (hello->frame_max == 0)
        hello->frame_max = FORA_FRAME_MAX;
    if (hello->requests_max == 0)
        hello->requests_max = FORA_SESSION_REQUESTS;
    if (hello->credit == 0)
        hello->credit = FORA_SESSION_CREDIT;
    session->is_node = !fora_id_is_zero(hello->node.b);
    if (hello->version != FORA_SESSION_VERSION || hello->frame_max < FORA_FRAME_MAX_LEAST ||
        hello->frame_max > FORA_FRAME_MAX || hello->credit > UINT64_MAX / 4 ||
        !reconcile_max_fits(hello) || (!session->initiator && !session->is_node))
        return FORA_E_USAGE;
    session->frame_max = hello->frame_max;
    session->features = hello->features;
    fora_buf_init(&session->plain, FRAME_LENGTH_SIZE + hello->frame_max + NOISE_PLAIN_MAX);
    grant_start(&session->grant, hello->credit, hello->frame_max);
    /* As many as may wait, each of at most 540 bytes (SES-23). */
    session->errors.max = (size_t)4096 + (size_t)640 * hello->requests_max;
    code = fora_message_encode(&session->queue, &message);
    if (code == 0 && session->queue.size - FRAME_LENGTH_SIZE > FORA_SESSION_HELLO_MAX)
        code = FORA_E_TOO_LARGE;
    session->queued_total = session->queue.size;
    return code;
}

int hello_accept(struct fora_session *session, const struct fora_msg_hello *hello)
{
    struct fora_msg_hello *peer = &session->peer;
    bool is_node = !fora_id_is_zero(hello->node.b);
    int code;

    if (hello->version != FORA_SESSION_VERSION)
        return FORA_E_VERSION;
    /* requests_max and the agent's characters were checked by the table of Hello. */
    if (hello->frame_max < FORA_FRAME_MAX_LEAST || hello->requests_max < 1 ||
        hello->agent.size > AGENT_MAX)
        return FORA_E_MALFORMED;
    if (!reconcile_max_fits(hello))
        return FORA_E_MALFORMED;
    if (session->initiator && !is_node)
        return FORA_E_STATE; /* only nodes are called (SES-14) */
    code = credit_add(&session->credit, hello->credit);
    if (code != 0)
        return code;
    *peer = *hello;
    if (hello->agent.size > 0)
        memcpy(session->peer_agent, hello->agent.data, hello->agent.size);
    peer->agent = fora_bytes(session->peer_agent, hello->agent.size);
    session->features &= hello->features;
    session->peer_is_node = is_node;
    session->state = FORA_SESSION_OPEN;
    return 0;
}
