#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"

#include <string.h>

const uint8_t pair_secret_a[32] = {0xa1, 1, 2, 3};
const uint8_t pair_secret_b[32] = {0xb2, 4, 5, 6};
static const uint8_t seed_a[32] = {0xea, 7, 8, 9};
static const uint8_t seed_b[32] = {0xeb, 10, 11, 12};

struct fora_session_config pair_config(bool initiator, unsigned flags)
{
    static uint8_t public_b[32];
    struct fora_session_config config = {.initiator = initiator,
        .noise_secret = initiator ? pair_secret_a : pair_secret_b,
        .ephemeral_seed = initiator ? seed_a : seed_b};
    struct fora_msg_hello *hello = &config.hello;

    if (initiator && (flags & PAIR_IK) != 0) {
        fora_noise_public(public_b, pair_secret_b);
        config.remote_static = public_b;
    }
    hello->agent = fora_bytes_str(initiator ? "a/1" : "b/1");
    hello->features = initiator ? 6 : 3;
    hello->now = 1700000000000;
    if (!initiator || (flags & PAIR_CLIENT) == 0)
        hello->node.b[0] = initiator ? 0xa : 0xb;
    return config;
}

void pair_init(
    struct pair *pair, const struct fora_session_config *a, const struct fora_session_config *b)
{
    memset(pair, 0, sizeof(*pair));
    assert_int_equal(fora_session_new(&pair->a.session, a, 0), 0);
    assert_int_equal(fora_session_new(&pair->b.session, b, 0), 0);
}

void pair_fini(struct pair *pair)
{
    fora_session_free(pair->a.session);
    fora_session_free(pair->b.session);
}

static void digest_frame(struct end *end, const struct fora_message *message)
{
    struct fora_buf encoded = {0};
    struct fora_bytes parts[2] = {fora_bytes(end->digest.b, FORA_HASH_SIZE)};

    assert_int_equal(fora_message_encode(&encoded, message), 0);
    parts[1] = fora_buf_bytes(&encoded);
    fora_hash(&end->digest, "test", parts, 2);
    fora_buf_fini(&encoded);
}

static void take_events(struct end *end)
{
    struct fora_session_event event;

    for (;;) {
        int code = fora_session_next(end->session, &event);

        if (code != 0)
            end->error = code;
        if (code != 0 || event.type == FORA_SESSION_EVENT_NONE)
            return;
        if (event.type == FORA_SESSION_EVENT_OPEN) {
            end->opened++;
            continue;
        }
        end->frames++;
        end->bytes += event.frame_size;
        end->last_type = event.message->type;
        end->last_request = event.message->request;
        if (event.message->type == FORA_MSG_ERROR)
            end->last_code = event.message->u.error.code;
        if (end->digests)
            digest_frame(end, event.message);
        if (!end->hold)
            fora_session_consumed(end->session, event.frame_size);
    }
}

void end_feed(struct end *end, struct fora_bytes bytes, struct pair *pair)
{
    while (bytes.size > 0 && end->error == 0) {
        size_t size = bytes.size;
        size_t taken;
        int code;

        if (pair != NULL && pair->chunk != NULL)
            size = pair->chunk(pair->context, size);
        code = fora_session_feed(end->session, fora_bytes(bytes.data, size), &taken);
        assert_true(taken <= size);
        bytes.data += taken;
        bytes.size -= taken;
        if (code != 0)
            end->error = code;
        take_events(end);
    }
}

/* True when something moved. */
static bool move(struct pair *pair, struct end *from, struct end *to)
{
    bool moved = false;

    for (;;) {
        struct fora_bytes output = fora_session_output(from->session);
        size_t size = output.size;

        if (size == 0)
            return moved;
        if (pair->chunk != NULL)
            size = pair->chunk(pair->context, size);
        end_feed(to, fora_bytes(output.data, size), pair);
        fora_session_output_done(from->session, size);
        moved = true;
    }
}

void pair_run(struct pair *pair)
{
    bool moved;

    do {
        moved = move(pair, &pair->a, &pair->b);
        moved = move(pair, &pair->b, &pair->a) || moved;
    } while (moved);
}

void pair_open(struct pair *pair, unsigned flags)
{
    struct fora_session_config a = pair_config(true, flags);
    struct fora_session_config b = pair_config(false, flags);

    pair_init(pair, &a, &b);
    pair_run(pair);
    assert_int_equal(fora_session_state(pair->a.session), FORA_SESSION_OPEN);
    assert_int_equal(fora_session_state(pair->b.session), FORA_SESSION_OPEN);
}

struct fora_message pair_question(struct end *end)
{
    return (struct fora_message){
        .request = fora_session_request(end->session), .type = FORA_MSG_LIST_SPACES};
}

struct fora_message pair_put(struct fora_bytes *object, uint64_t request)
{
    struct fora_message message = {.request = request, .type = FORA_MSG_PUT};

    message.u.put.objects = object;
    message.u.put.objects_count = 1;
    return message;
}

static const uint8_t preamble_xx[8] = {'F', 'O', 'R', 'A', 1, 0, 0, 0};

/* Takes Noise messages from the front of the session's output. */
static void hear_message(struct raw *raw, struct fora_reader *reader)
{
    uint16_t size = fora_reader_be16(reader);
    struct fora_bytes message = fora_reader_take(reader, size);
    struct fora_buf payload = {0};

    assert_int_equal(reader->error, 0);
    if (fora_noise_done(raw->noise))
        assert_int_equal(fora_noise_decrypt(raw->noise, &raw->plain, message), 0);
    else
        assert_int_equal(fora_noise_read(raw->noise, message, &payload), 0);
    fora_buf_fini(&payload);
}

void raw_hear(struct raw *raw)
{
    for (;;) {
        struct fora_bytes output = fora_session_output(raw->end.session);
        struct fora_reader reader;

        if (output.size == 0)
            return;
        fora_reader_init(&reader, output);
        if (!fora_noise_done(raw->noise) && raw->end.session != NULL &&
            memcmp(output.data, preamble_xx, 4) == 0)
            (void)fora_reader_take(&reader, sizeof(preamble_xx));
        while (reader.left > 0)
            hear_message(raw, &reader);
        fora_session_output_done(raw->end.session, output.size);
    }
}

static void raw_handshake(struct raw *raw)
{
    raw->wire.size = 0;
    fora_buf_be16(&raw->wire, 0);
    assert_int_equal(fora_noise_write(raw->noise, &raw->wire, fora_bytes(NULL, 0)), 0);
    raw->wire.data[1] = (uint8_t)(raw->wire.size - 2);
    end_feed(&raw->end, fora_buf_bytes(&raw->wire), NULL);
    assert_int_equal(raw->end.error, 0);
}

void raw_init(struct raw *raw, bool initiator, const struct fora_session_config *config)
{
    struct fora_session_config own = pair_config(!initiator, 0);
    struct fora_noise_config noise = {.pattern = FORA_NOISE_XX,
        .initiator = initiator,
        .prologue = fora_bytes(preamble_xx, sizeof(preamble_xx)),
        .static_secret = initiator ? pair_secret_a : pair_secret_b};

    memset(raw, 0, sizeof(*raw));
    assert_int_equal(fora_session_new(&raw->end.session, config == NULL ? &own : config, 0), 0);
    assert_int_equal(fora_noise_new(&raw->noise, &noise), 0);
    if (initiator) {
        end_feed(&raw->end, noise.prologue, NULL);
        raw_handshake(raw);
        raw_hear(raw);
        raw_handshake(raw);
    } else {
        raw_hear(raw);
        raw_handshake(raw);
    }
    raw_hear(raw);
    assert_true(fora_noise_done(raw->noise));
    assert_int_equal(fora_session_state(raw->end.session), FORA_SESSION_HELLO);
    raw->hello_size = raw->plain.size;
    assert_true(raw->hello_size > 0);
}

void raw_fini(struct raw *raw)
{
    fora_noise_free(raw->noise);
    fora_session_free(raw->end.session);
    fora_buf_fini(&raw->wire);
    fora_buf_fini(&raw->plain);
}

void raw_send(struct raw *raw, struct fora_bytes plain)
{
    while (plain.size > 0) {
        size_t size = plain.size < 65519 ? plain.size : 65519;

        fora_buf_clear(&raw->wire);
        fora_buf_be16(&raw->wire, (uint16_t)(size + 16));
        assert_int_equal(
            fora_noise_encrypt(raw->noise, &raw->wire, fora_bytes(plain.data, size)), 0);
        end_feed(&raw->end, fora_buf_bytes(&raw->wire), NULL);
        plain.data += size;
        plain.size -= size;
    }
    raw_hear(raw);
}

void raw_say(struct raw *raw, const struct fora_message *message)
{
    struct fora_buf frame = {0};

    assert_int_equal(fora_message_encode(&frame, message), 0);
    raw_send(raw, fora_buf_bytes(&frame));
    fora_buf_fini(&frame);
}

void raw_hello(struct raw *raw, unsigned flags)
{
    bool initiator = raw->end.session != NULL && fora_noise_done(raw->noise) &&
                     (fora_session_request(raw->end.session) % 2 == 0);
    struct fora_session_config config = pair_config(initiator, flags);
    struct fora_message message = {.type = FORA_MSG_HELLO, .u.hello = config.hello};

    message.u.hello.version = 1;
    message.u.hello.frame_max = FORA_FRAME_MAX;
    message.u.hello.requests_max = 8;
    message.u.hello.credit = 1 << 20;
    raw_say(raw, &message);
    assert_int_equal(raw->end.error, 0);
    assert_int_equal(fora_session_state(raw->end.session), FORA_SESSION_OPEN);
}

struct fora_message raw_heard(struct raw *raw, size_t n, struct fora_arena *arena)
{
    struct fora_message message = {0};
    struct fora_reader reader;

    fora_reader_init(
        &reader, fora_bytes(raw->plain.data + raw->hello_size, raw->plain.size - raw->hello_size));
    for (size_t i = 0; reader.left > 0; i++) {
        uint32_t size = fora_reader_be32(&reader);
        struct fora_bytes frame = fora_reader_take(&reader, size);

        assert_int_equal(reader.error, 0);
        if (i < n)
            continue;
        assert_int_equal(fora_message_decode(arena, frame, &message), 0);
        break;
    }
    return message;
}

void raw_refused(struct raw *raw, int code, bool told)
{
    struct fora_arena arena;
    struct fora_message message;
    size_t n = 0;

    assert_int_equal(raw->end.error, code);
    assert_int_equal(fora_session_state(raw->end.session), FORA_SESSION_CLOSED);
    assert_int_equal(fora_session_error(raw->end.session), code);
    raw_hear(raw);
    fora_arena_init(&arena, 0);
    do
        message = raw_heard(raw, n++, &arena);
    while (message.type != 0 && !(message.type == FORA_MSG_ERROR && message.request == 0));
    assert_int_equal(message.type, told ? FORA_MSG_ERROR : 0);
    if (told)
        assert_int_equal(message.u.error.code, fora_error_to_wire(code));
    fora_arena_fini(&arena);
}

void pair_still_works(void)
{
    struct raw raw;
    struct fora_message ask = {.request = 1, .type = FORA_MSG_LIST_SPACES};

    raw_init(&raw, true, NULL);
    raw_hello(&raw, 0);
    raw_say(&raw, &ask);
    assert_int_equal(raw.end.error, 0);
    assert_int_equal(raw.end.frames, 1);
    raw_fini(&raw);
}

void raw_open(struct raw *raw)
{
    raw_init(raw, true, NULL);
    raw_hello(raw, 0);
}

void raw_bytes(struct raw *raw, const void *data, size_t size)
{
    raw_send(raw, fora_bytes(data, size));
}
