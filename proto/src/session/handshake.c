/*
 * Preamble and Noise handshake (TRN-1 to TRN-9).
 *
 * The happy path: the initiator sends preamble and first message at once; each side answers as its
 * pattern says; with the last message both are in HELLO, and the Hello that was queued when the
 * session was made can be sealed. All messages have empty payloads, so each has one possible size,
 * and a wrong length is refused before anything is buffered.
 *
 * Failure: nothing can be said to the other side, because there are no keys to say it with.
 */
#include "session.h"

#include <string.h>

enum { PREAMBLE_VERSION_AT = 4, PREAMBLE_PATTERN_AT = 5 };

static const uint8_t preamble_start[] = {'F', 'O', 'R', 'A', FORA_SESSION_VERSION};

/* What this side reads, by pattern and turn (e 32, encrypted s 48, tag 16). */
static const uint8_t sizes_read[2][2][2] = {
    [FORA_NOISE_XX] = {{32, 48 + 16}, {32 + 48 + 16, 0}}, /* responder, initiator */
    [FORA_NOISE_IK] = {{32 + 48 + 16, 0}, {32 + 16, 0}},
};

static enum fora_noise_pattern pattern_of(const struct fora_session *session)
{
    return session->preamble[PREAMBLE_PATTERN_AT] == 1 ? FORA_NOISE_IK : FORA_NOISE_XX;
}

size_t handshake_expected(const struct fora_session *session)
{
    return sizes_read[pattern_of(session)][session->initiator][session->handshake_read];
}

/* Appends the next message with its length; done, the Hello may follow. */
static int write_message(struct fora_session *session)
{
    struct fora_buf *out = &session->sealed;
    size_t start = out->size;
    size_t size;
    int code;

    fora_buf_be16(out, 0); /* the length, once it is known */
    code = out->error;
    if (code == 0)
        code = fora_noise_write(session->noise, out, fora_bytes(NULL, 0));
    if (code != 0) {
        out->size = start;
        out->error = 0;
        return code;
    }
    size = out->size - start - NOISE_LENGTH_SIZE;
    out->data[start] = (uint8_t)(size >> 8);
    out->data[start + 1] = (uint8_t)size;
    return 0;
}

static int noise_start(struct fora_session *session, const uint8_t *secret,
    const uint8_t *remote_static, const uint8_t *seed)
{
    struct fora_noise_config config = {.pattern = pattern_of(session),
        .initiator = session->initiator,
        .prologue = fora_bytes(session->preamble, sizeof(session->preamble)),
        .static_secret = secret,
        .remote_static = remote_static,
        .ephemeral_seed = seed};

    return fora_noise_new(&session->noise, &config);
}

int handshake_start(struct fora_session *session, const struct fora_session_config *config)
{
    int code;

    if (!config->initiator) {
        memcpy(session->secret, config->noise_secret, sizeof(session->secret));
        session->has_seed = config->ephemeral_seed != NULL;
        if (session->has_seed)
            memcpy(session->seed, config->ephemeral_seed, sizeof(session->seed));
        return 0;
    }
    memcpy(session->preamble, preamble_start, sizeof(preamble_start));
    session->preamble[PREAMBLE_PATTERN_AT] = config->remote_static != NULL;
    session->preamble_size = sizeof(session->preamble);
    code =
        noise_start(session, config->noise_secret, config->remote_static, config->ephemeral_seed);
    if (code != 0)
        return code;
    fora_buf_append(&session->sealed, session->preamble, sizeof(session->preamble));
    code = session->sealed.error;
    return code == 0 ? write_message(session) : code;
}

/* Checked as the bytes come, so that another protocol's client is refused by its first byte. */
static int preamble_check(const struct fora_session *session)
{
    static const uint8_t zeros[2];
    const uint8_t *at = session->preamble;
    size_t size = session->preamble_size;
    size_t magic = size < PREAMBLE_VERSION_AT ? size : PREAMBLE_VERSION_AT;

    if (memcmp(at, preamble_start, magic) != 0)
        return FORA_E_HANDSHAKE;
    if (size > PREAMBLE_VERSION_AT && at[PREAMBLE_VERSION_AT] != FORA_SESSION_VERSION)
        return FORA_E_VERSION;
    if (size > PREAMBLE_PATTERN_AT && at[PREAMBLE_PATTERN_AT] > 1)
        return FORA_E_HANDSHAKE;
    if (size > PREAMBLE_PATTERN_AT + 1 &&
        memcmp(at + PREAMBLE_PATTERN_AT + 1, zeros, size - PREAMBLE_PATTERN_AT - 1) != 0)
        return FORA_E_HANDSHAKE;
    return 0;
}

int handshake_preamble(struct fora_session *session, struct fora_bytes input, size_t *taken)
{
    size_t size = sizeof(session->preamble) - session->preamble_size;
    int code;

    if (size > input.size)
        size = input.size;
    memcpy(session->preamble + session->preamble_size, input.data, size);
    session->preamble_size += size;
    *taken = size;
    code = preamble_check(session);
    if (code != 0 || session->preamble_size < sizeof(session->preamble))
        return code;
    code = noise_start(session, session->secret, NULL, session->has_seed ? session->seed : NULL);
    if (code != 0)
        return code;
    fora_wipe(session->secret, sizeof(session->secret));
    fora_wipe(session->seed, sizeof(session->seed));
    return 0;
}

int handshake_message(struct fora_session *session, struct fora_bytes message)
{
    struct fora_buf payload = {.cap = 1};
    int code = fora_noise_read(session->noise, message, &payload);

    fora_buf_fini(&payload);
    if (code != 0)
        return code;
    session->handshake_read++;
    if (fora_noise_may_write(session->noise)) {
        code = write_message(session);
        if (code != 0)
            return code;
    }
    if (fora_noise_done(session->noise))
        session->state = FORA_SESSION_HELLO;
    return 0;
}
