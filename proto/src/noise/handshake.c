/*
 * The handshake: a table of tokens per pattern (Noise 7.5), and one loop that writes and one that
 * reads them. Sizes are computed from the table before any state changes, so that a lack of memory
 * leaves the handshake where it was; what fails after that is the peer's doing and ends it.
 */
#include "state.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum token { TOKEN_END, TOKEN_E, TOKEN_S, TOKEN_EE, TOKEN_ES, TOKEN_SE, TOKEN_SS };

enum { MESSAGES_MAX = 3, TOKENS_MAX = 5, KEY_SIZE = FORA_NOISE_KEY_SIZE };

struct pattern {
    const char *name;
    unsigned messages;
    enum token tokens[MESSAGES_MAX][TOKENS_MAX];
};

static const struct pattern patterns[] = {
    [FORA_NOISE_XX] = {.name = "Noise_XX_25519_ChaChaPoly_BLAKE2b",
        .messages = 3,
        .tokens = {{TOKEN_E}, {TOKEN_E, TOKEN_EE, TOKEN_S, TOKEN_ES}, {TOKEN_S, TOKEN_SE}}},
    /* The responder's static key is known before (the pre-message "<- s"). */
    [FORA_NOISE_IK] = {.name = "Noise_IK_25519_ChaChaPoly_BLAKE2b",
        .messages = 2,
        .tokens = {{TOKEN_E, TOKEN_ES, TOKEN_S, TOKEN_SS}, {TOKEN_E, TOKEN_EE, TOKEN_SE}}},
};

void fora_noise_public(uint8_t out[32], const uint8_t secret[32])
{
    crypto_scalarmult_curve25519_base(out, secret);
}

static bool config_usable(const struct fora_noise_config *config)
{
    bool must_know = config->pattern == FORA_NOISE_IK && config->initiator;

    return (config->pattern == FORA_NOISE_XX || config->pattern == FORA_NOISE_IK) &&
           config->static_secret != NULL && (config->remote_static != NULL) == must_know;
}

int fora_noise_new(struct fora_noise **out, const struct fora_noise_config *config)
{
    struct fora_noise *noise;

    *out = NULL;
    if (!config_usable(config))
        return FORA_E_USAGE;
    if (sodium_init() < 0)
        return FORA_E_CRYPTO;
    noise = calloc(1, sizeof(*noise));
    if (noise == NULL)
        return FORA_E_NOMEM;
    noise->phase = NOISE_HANDSHAKE;
    noise->pattern = config->pattern;
    noise->initiator = config->initiator;
    memcpy(noise->static_secret, config->static_secret, KEY_SIZE);
    fora_noise_public(noise->static_public, noise->static_secret);
    if (config->ephemeral_seed != NULL)
        memcpy(noise->ephemeral_secret, config->ephemeral_seed, KEY_SIZE);
    else
        randombytes_buf(noise->ephemeral_secret, KEY_SIZE);
    if (config->remote_static != NULL) {
        memcpy(noise->remote_static, config->remote_static, KEY_SIZE);
        noise->has_remote_static = true;
    }
    fora_noise_symmetric_init(&noise->symmetric, patterns[config->pattern].name);
    fora_noise_mix_hash(&noise->symmetric, config->prologue.data, config->prologue.size);
    if (config->pattern == FORA_NOISE_IK)
        fora_noise_mix_hash(&noise->symmetric,
            config->initiator ? noise->remote_static : noise->static_public, KEY_SIZE);
    *out = noise;
    return 0;
}

void fora_noise_free(struct fora_noise *noise)
{
    if (noise == NULL)
        return;
    sodium_memzero(noise, sizeof(*noise));
    free(noise);
}

bool fora_noise_may_write(const struct fora_noise *noise)
{
    return noise->phase == NOISE_HANDSHAKE && (noise->next % 2 == 0) == noise->initiator;
}

bool fora_noise_done(const struct fora_noise *noise)
{
    return noise->phase == NOISE_TRANSPORT;
}

const uint8_t *fora_noise_remote_static(const struct fora_noise *noise)
{
    return noise->has_remote_static ? noise->remote_static : NULL;
}

const uint8_t *fora_noise_hash(const struct fora_noise *noise)
{
    return noise->phase == NOISE_TRANSPORT ? noise->symmetric.hash : NULL;
}

/* What the next message has beyond its payload: keys and tags. */
static size_t message_overhead(const struct fora_noise *noise)
{
    const enum token *token = patterns[noise->pattern].tokens[noise->next];
    bool has_key = noise->symmetric.cipher.has_key;
    size_t size = 0;

    for (; *token != TOKEN_END; token++) {
        if (*token == TOKEN_E)
            size += KEY_SIZE;
        else if (*token == TOKEN_S)
            size += KEY_SIZE + (has_key ? FORA_NOISE_TAG_SIZE : 0);
        else
            has_key = true;
    }
    return size + (has_key ? FORA_NOISE_TAG_SIZE : 0);
}

/*
 * One Diffie-Hellman token: the first letter names the initiator's key, the second the responder's.
 * False when the result is all zero, that is, when the peer's key is of low order: such a peer
 * could make the secret known to anybody.
 */
static bool mix_dh(struct fora_noise *noise, enum token token)
{
    bool initiator_static = token == TOKEN_SE || token == TOKEN_SS;
    bool responder_static = token == TOKEN_ES || token == TOKEN_SS;
    bool own_static = noise->initiator ? initiator_static : responder_static;
    bool remote_static = noise->initiator ? responder_static : initiator_static;
    uint8_t shared[crypto_scalarmult_curve25519_BYTES];
    bool usable = crypto_scalarmult_curve25519(shared,
                      own_static ? noise->static_secret : noise->ephemeral_secret,
                      remote_static ? noise->remote_static : noise->remote_ephemeral) == 0 &&
                  !sodium_is_zero(shared, sizeof(shared));

    if (usable)
        fora_noise_mix_key(&noise->symmetric, shared);
    sodium_memzero(shared, sizeof(shared));
    return usable;
}

static void finish_message(struct fora_noise *noise)
{
    noise->next++;
    if (noise->next < patterns[noise->pattern].messages)
        return;
    if (noise->initiator)
        fora_noise_split(&noise->symmetric, &noise->sending, &noise->receiving);
    else
        fora_noise_split(&noise->symmetric, &noise->receiving, &noise->sending);
    sodium_memzero(noise->ephemeral_secret, KEY_SIZE);
    sodium_memzero(noise->static_secret, KEY_SIZE);
    noise->phase = NOISE_TRANSPORT;
}

/* Fills `at`, which has exactly the room that message_overhead() and the payload need. */
static bool write_tokens(struct fora_noise *noise, uint8_t *at, struct fora_bytes payload)
{
    const enum token *token = patterns[noise->pattern].tokens[noise->next];

    for (; *token != TOKEN_END; token++) {
        if (*token == TOKEN_E) {
            fora_noise_public(at, noise->ephemeral_secret);
            fora_noise_mix_hash(&noise->symmetric, at, KEY_SIZE);
            at += KEY_SIZE;
        } else if (*token == TOKEN_S) {
            bool has_key = noise->symmetric.cipher.has_key;

            fora_noise_encrypt_and_hash(&noise->symmetric, at, noise->static_public, KEY_SIZE);
            at += KEY_SIZE + (has_key ? FORA_NOISE_TAG_SIZE : 0);
        } else if (!mix_dh(noise, *token)) {
            return false;
        }
    }
    fora_noise_encrypt_and_hash(&noise->symmetric, at, payload.data, payload.size);
    return true;
}

int fora_noise_write(struct fora_noise *noise, struct fora_buf *out, struct fora_bytes payload)
{
    size_t before = out->size;
    size_t overhead;
    uint8_t *at;

    if (!fora_noise_may_write(noise))
        return FORA_E_STATE;
    overhead = message_overhead(noise);
    if (payload.size > FORA_NOISE_MESSAGE_MAX - overhead)
        return FORA_E_TOO_LARGE;
    at = fora_buf_extend(out, overhead + payload.size);
    if (at == NULL)
        return out->error;
    if (!write_tokens(noise, at, payload)) {
        out->size = before;
        noise->phase = NOISE_DEAD;
        return FORA_E_HANDSHAKE;
    }
    finish_message(noise);
    return 0;
}

/* `message` is at least message_overhead() long; the payload's size is what it has beyond it. */
static bool read_tokens(struct fora_noise *noise, struct fora_bytes message, uint8_t *payload)
{
    const enum token *token = patterns[noise->pattern].tokens[noise->next];
    const uint8_t *at = message.data;

    for (; *token != TOKEN_END; token++) {
        if (*token == TOKEN_E) {
            memcpy(noise->remote_ephemeral, at, KEY_SIZE);
            fora_noise_mix_hash(&noise->symmetric, at, KEY_SIZE);
            at += KEY_SIZE;
        } else if (*token == TOKEN_S) {
            size_t size = KEY_SIZE + (noise->symmetric.cipher.has_key ? FORA_NOISE_TAG_SIZE : 0);

            if (!fora_noise_decrypt_and_hash(&noise->symmetric, noise->remote_static, at, size))
                return false;
            at += size;
        } else if (!mix_dh(noise, *token)) {
            return false;
        }
    }
    return fora_noise_decrypt_and_hash(
        &noise->symmetric, payload, at, message.size - (size_t)(at - message.data));
}

static bool pattern_has_static(const enum token *token)
{
    for (; *token != TOKEN_END; token++) {
        if (*token == TOKEN_S)
            return true;
    }
    return false;
}

int fora_noise_read(struct fora_noise *noise, struct fora_bytes message, struct fora_buf *payload)
{
    size_t before = payload->size;
    size_t overhead;
    uint8_t *at;

    if (noise->phase != NOISE_HANDSHAKE || fora_noise_may_write(noise))
        return FORA_E_STATE;
    overhead = message_overhead(noise);
    if (message.size > FORA_NOISE_MESSAGE_MAX || message.size < overhead) {
        noise->phase = NOISE_DEAD;
        return FORA_E_HANDSHAKE;
    }
    at = fora_buf_extend(payload, message.size - overhead);
    if (at == NULL)
        return payload->error;
    if (!read_tokens(noise, message, at)) {
        payload->size = before;
        noise->phase = NOISE_DEAD;
        return FORA_E_HANDSHAKE;
    }
    /* Only now: a key whose message does not verify is not a peer's. */
    if (pattern_has_static(patterns[noise->pattern].tokens[noise->next]))
        noise->has_remote_static = true;
    finish_message(noise);
    return 0;
}
