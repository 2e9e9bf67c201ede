/*
 * Handshake and transport messages from outside. The input is a pattern and side (one byte), then
 * messages of a big-endian 16-bit size each. The node's keys are fixed, so that an input that gets
 * somewhere gets there again.
 */
#include "fora/noise.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fora_noise *open_session(uint8_t choice)
{
    static const uint8_t secret[32] = {1, 2, 3}, ephemeral[32] = {4, 5, 6}, peer[32] = {7, 8, 9};
    uint8_t remote[32];
    struct fora_noise_config config = {.pattern = choice & 1 ? FORA_NOISE_IK : FORA_NOISE_XX,
        .initiator = (choice & 2) != 0,
        .static_secret = secret,
        .ephemeral_seed = ephemeral};
    struct fora_noise *noise;

    fora_noise_public(remote, peer);
    if (config.pattern == FORA_NOISE_IK && config.initiator)
        config.remote_static = remote;
    return fora_noise_new(&noise, &config) == 0 ? noise : NULL;
}

/* Takes one message, and answers when it is our turn. False when the session is over. */
static bool take(struct fora_noise *noise, struct fora_bytes message)
{
    struct fora_buf out = {0};
    int error;

    if (fora_noise_may_write(noise) && fora_noise_write(noise, &out, fora_bytes(NULL, 0)) != 0) {
        fora_buf_fini(&out);
        return false;
    }
    if (fora_noise_done(noise)) {
        if (fora_noise_hash(noise) == NULL || fora_noise_remote_static(noise) == NULL)
            abort();
        error = fora_noise_decrypt(noise, &out, message);
    } else {
        error = fora_noise_read(noise, message, &out);
    }
    fora_buf_fini(&out);
    /* After a failure the session must be dead. */
    if (error != 0 && (fora_noise_done(noise) || fora_noise_may_write(noise)))
        abort();
    return error == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_reader reader;
    struct fora_noise *noise;

    fora_reader_init(&reader, fora_bytes(data, size));
    noise = open_session(fora_reader_u8(&reader));
    if (noise == NULL)
        return 0;
    while (reader.left > 0 && reader.error == 0) {
        uint16_t length = fora_reader_be16(&reader);
        struct fora_bytes message = fora_reader_take(&reader, length);

        if (reader.error != 0 || !take(noise, message))
            break;
    }
    fora_noise_free(noise);
    return 0;
}
