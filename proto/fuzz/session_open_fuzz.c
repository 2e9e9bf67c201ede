/*
 * Plaintext after a real handshake: the input is the stream of frames that the initiator sends,
 * after a Hello unless the first byte is odd. The second byte says in what pieces it is encrypted.
 */
#include "fora/session.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t preamble[8] = {'F', 'O', 'R', 'A', 1, 0, 0, 0};

struct ends {
    struct fora_session *session;
    struct fora_noise *noise;
    struct fora_buf wire;
};

static void take_events(struct ends *ends)
{
    struct fora_session_event event;
    int code;

    do {
        code = fora_session_next(ends->session, &event);
        if (code != 0 && fora_session_state(ends->session) != FORA_SESSION_CLOSED)
            abort();
        if (event.type == FORA_SESSION_EVENT_FRAME) {
            /* An answer, so that the output is exercised; the refusal of one is no failure. */
            struct fora_message no = {.request = event.message->request, .type = FORA_MSG_ERROR};

            if (strcmp(fora_message_name(event.message->type), "?") == 0)
                abort();
            fora_session_consumed(ends->session, event.frame_size);
            no.u.error.code = 67;
            if (fora_session_send(ends->session, &no) == FORA_E_CREDIT)
                abort();
        }
    } while (event.type != FORA_SESSION_EVENT_NONE);
    fora_session_output_done(ends->session, fora_session_output(ends->session).size);
}

static void feed(struct ends *ends, struct fora_bytes bytes)
{
    while (bytes.size > 0 && fora_session_state(ends->session) != FORA_SESSION_CLOSED) {
        size_t taken;

        (void)!fora_session_feed(ends->session, bytes, &taken);
        bytes.data += taken;
        bytes.size -= taken;
        take_events(ends);
    }
}

static void say(struct ends *ends, struct fora_bytes plain)
{
    fora_buf_clear(&ends->wire);
    fora_buf_be16(&ends->wire, (uint16_t)(plain.size + 16));
    if (fora_noise_encrypt(ends->noise, &ends->wire, plain) == 0)
        feed(ends, fora_buf_bytes(&ends->wire));
}

static void shake(struct ends *ends)
{
    fora_buf_clear(&ends->wire);
    fora_buf_be16(&ends->wire, 0);
    if (fora_noise_write(ends->noise, &ends->wire, fora_bytes(NULL, 0)) != 0)
        abort();
    ends->wire.data[1] = (uint8_t)(ends->wire.size - 2);
}

static void handshake(struct ends *ends)
{
    struct fora_buf payload = {0};
    struct fora_bytes output;
    size_t taken;

    shake(ends);
    feed(ends, fora_bytes(preamble, sizeof(preamble)));
    if (fora_session_feed(ends->session, fora_buf_bytes(&ends->wire), &taken) != 0)
        abort();
    output = fora_session_output(ends->session);
    if (output.size != 98 ||
        fora_noise_read(ends->noise, fora_bytes(output.data + 2, 96), &payload) != 0)
        abort();
    fora_session_output_done(ends->session, output.size);
    fora_buf_fini(&payload);
    shake(ends);
    feed(ends, fora_buf_bytes(&ends->wire));
    if (fora_session_state(ends->session) != FORA_SESSION_HELLO)
        abort();
}

static void say_hello(struct ends *ends)
{
    static const uint8_t hello[] = {
        0, 0, 0, 15, 0x12, 13, 8, 1, 0x30, 0x80, 0x80, 4, 0x38, 1, 0x40, 0x80, 0x80, 0x80, 1};

    say(ends, fora_bytes(hello, sizeof(hello)));
    if (fora_session_state(ends->session) != FORA_SESSION_OPEN)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[32] = {1, 2, 3}, seed[32] = {4, 5, 6}, other[32] = {7, 8, 9};
    struct fora_session_config config = {.noise_secret = secret, .ephemeral_seed = seed};
    struct fora_noise_config noise = {.initiator = true,
        .prologue = fora_bytes(preamble, sizeof(preamble)),
        .static_secret = other,
        .ephemeral_seed = other};
    struct ends ends = {0};

    config.hello.node.b[0] = 1;
    config.hello.credit = 100000;
    if (size < 2 || fora_session_new(&ends.session, &config, 0) != 0)
        return 0;
    if (fora_noise_new(&ends.noise, &noise) == 0) {
        size_t piece = data[1] > 0 ? data[1] : 65519;

        handshake(&ends);
        if (data[0] % 2 == 0)
            say_hello(&ends);
        for (size_t at = 2; at < size; at += piece)
            say(&ends, fora_bytes(data + at, size - at < piece ? size - at : piece));
        (void)fora_session_tick(ends.session, 100000);
    }
    fora_noise_free(ends.noise);
    fora_session_free(ends.session);
    fora_buf_fini(&ends.wire);
    return 0;
}
