/*
 * Bytes in: Noise messages, each decrypted straight into the buffer of frames.
 *
 * A message that lies whole in the input is decrypted from there; one that comes in pieces is
 * gathered first. Nothing is decrypted while a whole frame waits, so that the buffer of frames
 * holds at most part of one when the next 64 KiB arrive.
 */
#include "session.h"

#include <string.h>

/* Less would be an empty plaintext, which carries nothing and costs a decryption (TRN-13). */
enum { NOISE_MESSAGE_MIN = FORA_NOISE_TAG_SIZE + 1 };

static int length_check(const struct fora_session *session, size_t size)
{
    if (session->state == FORA_SESSION_HANDSHAKE)
        return size == handshake_expected(session) ? 0 : FORA_E_HANDSHAKE;
    return size >= NOISE_MESSAGE_MIN ? 0 : FORA_E_MALFORMED;
}

static int decrypt(struct fora_session *session, struct fora_bytes message)
{
    struct fora_buf *plain = &session->plain;

    /* Once per frame: after this, plain_at stays 0 until the frame is whole. */
    fora_buf_consume(plain, session->plain_at);
    session->plain_at = 0;
    return fora_noise_decrypt(session->noise, plain, message);
}

static int take_message(struct fora_session *session, struct fora_bytes message)
{
    if (session->state == FORA_SESSION_HANDSHAKE)
        return handshake_message(session, message);
    session->timers.heard = true;
    return decrypt(session, message);
}

/* Gathers up to `need` bytes of the message in session->cipher. */
static int gather(struct fora_session *session, struct fora_bytes input, size_t need, size_t *taken)
{
    struct fora_buf *cipher = &session->cipher;
    size_t size = need - cipher->size;

    if (size > input.size)
        size = input.size;
    fora_buf_append(cipher, input.data, size);
    *taken += size;
    return cipher->error;
}

/* At most one message. */
static int take(struct fora_session *session, struct fora_bytes input, size_t *taken)
{
    struct fora_buf *cipher = &session->cipher;
    const uint8_t *head = cipher->size == 0 ? input.data : cipher->data;
    size_t have = cipher->size == 0 ? input.size : cipher->size;
    size_t size;
    int code;

    if (have < NOISE_LENGTH_SIZE) {
        code = gather(session, input, NOISE_LENGTH_SIZE, taken);
        if (code != 0 || cipher->size < NOISE_LENGTH_SIZE)
            return code;
        return length_check(session, (size_t)cipher->data[0] << 8 | cipher->data[1]);
    }
    size = (size_t)head[0] << 8 | head[1];
    code = length_check(session, size);
    if (code != 0)
        return code;
    if (cipher->size == 0 && input.size - NOISE_LENGTH_SIZE >= size) {
        *taken = NOISE_LENGTH_SIZE + size;
        return take_message(session, fora_bytes(input.data + NOISE_LENGTH_SIZE, size));
    }
    code = gather(session, input, NOISE_LENGTH_SIZE + size, taken);
    if (code != 0 || cipher->size < NOISE_LENGTH_SIZE + size)
        return code;
    code = take_message(session, fora_bytes(cipher->data + NOISE_LENGTH_SIZE, size));
    fora_buf_clear(cipher);
    return code;
}

int fora_session_feed(struct fora_session *session, struct fora_bytes input, size_t *taken)
{
    size_t frame_size;
    int ignored;

    *taken = 0;
    session_release(session);
    if (session->state == FORA_SESSION_CLOSED)
        return session->error != 0 ? session->error : FORA_E_CLOSED;
    session->timers.active = true;
    while (*taken < input.size && frame_front(session, &frame_size, &ignored) == FRONT_PART) {
        struct fora_bytes rest = fora_bytes(input.data + *taken, input.size - *taken);
        size_t used = 0;
        int code;

        if (session->preamble_size < sizeof(session->preamble))
            code = handshake_preamble(session, rest, &used);
        else
            code = take(session, rest, &used);
        *taken += used;
        if (code != 0)
            return session_fail(session, code);
    }
    return 0;
}
