/*
 * A session's life: made, asked, closed, freed.
 *
 *   HANDSHAKE --last Noise message--> HELLO --other side's Hello--> OPEN
 *       any state --what the other side did wrong, its Error with request 0, the owner's close,
 *                   time, or lack of memory--> CLOSED
 *
 * CLOSED takes no input and queues nothing more; what is queued can still be written.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

enum { ERROR_TEXT_MAX = 500 };

static int session_init(
    struct fora_session *session, const struct fora_session_config *config, uint64_t now)
{
    uint64_t timeout = config->hello_timeout_ms;
    int code;

    session->initiator = config->initiator;
    session->next_request = config->initiator ? 1 : 2;
    fora_buf_init(&session->cipher, NOISE_WIRE_MAX);
    session_output_init(session);
    fora_arena_init(&session->arena, FORA_MESSAGE_ARENA);
    session->timers.now = now;
    session->timers.heard_at = now;
    session->timers.idle = config->idle_ms == 0 ? FORA_SESSION_IDLE_MS : config->idle_ms;
    if (timeout == 0)
        timeout = FORA_SESSION_HELLO_TIMEOUT_MS;
    session->timers.deadline = timeout > UINT64_MAX - 1 - now ? UINT64_MAX - 1 : now + timeout;
    code = hello_prepare(session, &config->hello);
    if (code == 0)
        code = handshake_start(session, config);
    return code;
}

int fora_session_new(
    struct fora_session **out, const struct fora_session_config *config, uint64_t now)
{
    struct fora_session *session;
    int code;

    *out = NULL;
    if (config->noise_secret == NULL || (!config->initiator && config->remote_static != NULL))
        return FORA_E_USAGE;
    session = calloc(1, sizeof(*session));
    if (session == NULL)
        return FORA_E_NOMEM;
    code = session_init(session, config, now);
    if (code != 0) {
        fora_session_free(session);
        return code;
    }
    *out = session;
    return 0;
}

void fora_session_free(struct fora_session *session)
{
    if (session == NULL)
        return;
    fora_noise_free(session->noise);
    fora_buf_fini(&session->cipher);
    fora_buf_fini(&session->plain);
    fora_buf_fini(&session->queue);
    fora_buf_fini(&session->sealed);
    fora_arena_fini(&session->arena);
    fora_wipe(session, sizeof(*session));
    free(session);
}

enum fora_session_state fora_session_state(const struct fora_session *session)
{
    return session->state;
}

int fora_session_error(const struct fora_session *session)
{
    return session->error;
}

const struct fora_msg_hello *fora_session_peer_hello(const struct fora_session *session)
{
    return &session->peer;
}

uint64_t fora_session_features(const struct fora_session *session)
{
    return session->peer.version == 0 ? 0 : session->features;
}

const uint8_t *fora_session_remote_static(const struct fora_session *session)
{
    return session->noise == NULL ? NULL : fora_noise_remote_static(session->noise);
}

const uint8_t *fora_session_hash(const struct fora_session *session)
{
    return session->noise == NULL ? NULL : fora_noise_hash(session->noise);
}

size_t fora_session_unread(const struct fora_session *session)
{
    return session->cipher.size + session->plain.size - session->plain_at;
}

size_t fora_session_unsent(const struct fora_session *session)
{
    return session->queue.size - session->queue_at + session->sealed.size - session->sealed_at;
}

size_t fora_session_allocated(const struct fora_session *session)
{
    return session->cipher.room + session->plain.room + session->queue.room + session->sealed.room;
}

uint64_t fora_session_request(struct fora_session *session)
{
    uint64_t request = session->next_request;

    session->next_request += 2;
    return request;
}

void session_release(struct fora_session *session)
{
    session->peer.identity = NULL;
    session->peer.identity_count = 0;
    session->plain_at += session->held;
    session->held = 0;
    if (session->plain_at == session->plain.size) {
        fora_buf_clear(&session->plain);
        session->plain_at = 0;
    }
}

void session_end(struct fora_session *session, int code, struct fora_bytes text)
{
    struct fora_message message = {.type = FORA_MSG_ERROR};

    if (session->state == FORA_SESSION_CLOSED)
        return;
    message.u.error.code = fora_error_to_wire(code);
    message.u.error.text = text;
    message.u.error.retry_after = session->retry_after;
    /* Before the handshake is done there is no way to say it. Without memory it is left unsaid. */
    if (session->noise != NULL && fora_noise_done(session->noise) &&
        output_control(session, &message) != 0) {
        message.u.error.text = fora_bytes(NULL, 0);
        (void)output_control(session, &message);
    }
    session->state = FORA_SESSION_CLOSED;
    session->error = code;
}

int session_fail(struct fora_session *session, int code)
{
    session_end(session, code, fora_bytes_str(fora_error_text(code)));
    return code;
}

void fora_session_close(struct fora_session *session, int code, const char *text)
{
    struct fora_bytes bytes = fora_bytes_str(text == NULL ? "" : text);

    if (bytes.size > ERROR_TEXT_MAX) {
        bytes.size = ERROR_TEXT_MAX;
        while (bytes.size > 0 && (bytes.data[bytes.size] & 0xc0) == 0x80)
            bytes.size--; /* not within a character */
    }
    session_end(session, code, bytes);
}

void fora_session_close_for(
    struct fora_session *session, int code, const char *text, uint32_t retry_after)
{
    session->retry_after = retry_after;
    fora_session_close(session, code, text);
}
