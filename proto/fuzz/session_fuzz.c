/*
 * A responder and whoever opened a connection to it: preamble, handshake, and what follows, in
 * pieces as the first byte says. Its keys are fixed, so that an input that gets somewhere gets
 * there again.
 */
#include "fora/session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever came. */
static void check(struct fora_session *session, int code)
{
    bool closed = fora_session_state(session) == FORA_SESSION_CLOSED;

    if (code != 0 && !closed)
        abort();
    if (!closed && fora_session_error(session) != 0)
        abort();
    if (fora_session_state(session) == FORA_SESSION_OPEN && fora_session_hash(session) == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[32] = {1, 2, 3}, seed[32] = {4, 5, 6};
    struct fora_session_config config = {.noise_secret = secret, .ephemeral_seed = seed};
    struct fora_session_event event;
    struct fora_session *session;
    size_t piece = size > 0 && data[0] > 0 ? data[0] : SIZE_MAX;
    size_t at = 1;

    config.hello.node.b[0] = 1;
    if (fora_session_new(&session, &config, 0) != 0)
        return 0;
    while (at < size && fora_session_state(session) != FORA_SESSION_CLOSED) {
        size_t part = size - at < piece ? size - at : piece;
        size_t taken;

        check(session, fora_session_feed(session, fora_bytes(data + at, part), &taken));
        at += taken;
        do
            check(session, fora_session_next(session, &event));
        while (event.type != FORA_SESSION_EVENT_NONE);
        fora_session_output_done(session, fora_session_output(session).size);
    }
    (void)fora_session_tick(session, 100000);
    fora_session_free(session);
    return 0;
}
