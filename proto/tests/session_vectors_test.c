/* The session vectors of the specification, read from its folder and played against sessions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"
#include "vectors.h"

#include <string.h>

static const json_t *member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    assert_non_null(value);
    return value;
}

/* One side of a handshake vector, played with Noise alone. */
struct replay {
    struct fora_noise *noise;
    struct fora_buf said;  /* what the vector says that we write */
    struct fora_buf heard; /* and read */
    struct fora_buf made;  /* what we wrote */
    struct fora_buf hello; /* the last plaintext read */
    struct fora_bytes own_hello;
    struct fora_reader input;
    bool told; /* our Hello was written */
};

static void replay_init(struct replay *replay, const json_t *row, bool initiator)
{
    const json_t *own = member(row, initiator ? "initiator" : "responder");
    bool ik = strstr(vectors_text(row, "protocol"), "_IK_") != NULL;
    const uint8_t preamble[8] = {'F', 'O', 'R', 'A', 1, ik, 0, 0};
    uint8_t secret[32], ephemeral[32], remote[32];
    struct fora_noise_config config = {.pattern = ik ? FORA_NOISE_IK : FORA_NOISE_XX,
        .initiator = initiator,
        .prologue = fora_bytes(preamble, sizeof(preamble)),
        .static_secret = secret,
        .ephemeral_seed = ephemeral,
        .remote_static = ik && initiator ? remote : NULL};
    size_t i;
    const json_t *step;

    memset(replay, 0, sizeof(*replay));
    vectors_hex_exact(secret, 32, own, "static_secret");
    vectors_hex_exact(ephemeral, 32, own, "ephemeral_secret");
    vectors_hex_exact(remote, 32, member(row, "responder"), "static_public");
    json_array_foreach(member(row, "steps"), i, step)
    {
        bool from_initiator = strcmp(vectors_text(step, "from"), "initiator") == 0;

        vectors_hex(from_initiator == initiator ? &replay->said : &replay->heard, step, "bytes");
    }
    assert_int_equal(fora_noise_new(&replay->noise, &config), 0);
    fora_reader_init(&replay->input, fora_buf_bytes(&replay->heard));
    if (initiator)
        fora_buf_append(&replay->made, preamble, sizeof(preamble));
    else
        (void)fora_reader_take(&replay->input, sizeof(preamble));
}

static void replay_write(struct replay *replay)
{
    size_t start = replay->made.size;
    size_t size;
    int code;

    replay->told = fora_noise_done(replay->noise);
    fora_buf_be16(&replay->made, 0);
    if (replay->told)
        code = fora_noise_encrypt(replay->noise, &replay->made, replay->own_hello);
    else
        code = fora_noise_write(replay->noise, &replay->made, fora_bytes(NULL, 0));
    assert_int_equal(code, 0);
    size = replay->made.size - start - 2;
    replay->made.data[start] = (uint8_t)(size >> 8);
    replay->made.data[start + 1] = (uint8_t)size;
}

static void replay_read(struct replay *replay)
{
    uint16_t size = fora_reader_be16(&replay->input);
    struct fora_bytes message = fora_reader_take(&replay->input, size);
    int code;

    assert_int_equal(replay->input.error, 0);
    fora_buf_clear(&replay->hello);
    if (fora_noise_done(replay->noise))
        code = fora_noise_decrypt(replay->noise, &replay->hello, message);
    else
        code = fora_noise_read(replay->noise, message, &replay->hello);
    assert_int_equal(code, 0);
}

/* What a session wrote is what Noise and the Hello make, and what it read as well. */
static void replay_noise(const json_t *row, bool initiator)
{
    struct fora_buf own = {0}, other = {0}, hash = {0};
    struct replay replay;

    replay_init(&replay, row, initiator);
    replay.own_hello = vectors_hex(&own, row, initiator ? "initiator_hello" : "responder_hello");
    while (replay.input.left > 0 || !replay.told) {
        if (fora_noise_may_write(replay.noise) || (fora_noise_done(replay.noise) && !replay.told))
            replay_write(&replay);
        else
            replay_read(&replay);
    }
    assert_int_equal(replay.made.size, replay.said.size);
    assert_memory_equal(replay.made.data, replay.said.data, replay.said.size);
    (void)vectors_hex(&other, row, initiator ? "responder_hello" : "initiator_hello");
    assert_true(fora_bytes_equal(fora_buf_bytes(&other), fora_buf_bytes(&replay.hello)));
    (void)vectors_hex(&hash, row, "handshake_hash");
    assert_int_equal(hash.size, 64);
    assert_memory_equal(hash.data, fora_noise_hash(replay.noise), 64);
    fora_noise_free(replay.noise);
    fora_buf_fini(&replay.said);
    fora_buf_fini(&replay.heard);
    fora_buf_fini(&replay.made);
    fora_buf_fini(&replay.hello);
    fora_buf_fini(&own);
    fora_buf_fini(&other);
    fora_buf_fini(&hash);
}

static void trn_4_vectors_of_handshakes(void **state)
{
    json_t *root = vectors_of_spec("handshakes.json");
    const json_t *row;
    size_t i;

    (void)state;
    assert_int_equal(json_array_size(member(root, "handshakes")), 2);
    json_array_foreach(member(root, "handshakes"), i, row)
    {
        replay_noise(row, true);
        replay_noise(row, false);
    }
    json_decref(root);
}

static void ses_1_vectors_of_frames(void **state)
{
    json_t *root = vectors_of_spec("frames.json");
    struct fora_buf frame = {0}, again = {0};
    struct fora_arena arena;
    size_t i, count = 0;
    const json_t *row;

    (void)state;
    fora_arena_init(&arena, 0);
    json_array_foreach(member(root, "accepted"), i, row)
    {
        struct fora_message message;

        fora_buf_clear(&frame);
        fora_buf_clear(&again);
        (void)vectors_hex(&frame, row, "frame");
        assert_int_equal(
            fora_message_decode(&arena, fora_bytes(frame.data + 4, frame.size - 4), &message), 0);
        assert_string_equal(fora_message_name(message.type), vectors_text(row, "message"));
        assert_int_equal(message.request, json_integer_value(member(row, "request")));
        assert_int_equal(fora_message_encode(&again, &message), 0);
        assert_true(fora_bytes_equal(fora_buf_bytes(&frame), fora_buf_bytes(&again)));
        count++;
    }
    print_message("%zu frames\n", count);
    assert_true(count >= 42);
    fora_arena_fini(&arena);
    fora_buf_fini(&frame);
    fora_buf_fini(&again);
    json_decref(root);
}

static void ses_3_vectors_of_refusals(void **state)
{
    json_t *root = vectors_of_spec("frames.json");
    struct fora_buf frame = {0};
    size_t i, count = 0;
    const json_t *row;

    (void)state;
    json_array_foreach(member(root, "refused"), i, row)
    {
        int code = -(int)json_integer_value(member(row, "number"));
        struct raw raw;

        fora_buf_clear(&frame);
        (void)vectors_hex(&frame, row, "frame");
        raw_init(&raw, true, NULL);
        raw_hello(&raw, 0);
        raw_send(&raw, fora_buf_bytes(&frame));
        if (raw.end.error != code)
            print_error("%s\n", vectors_text(row, "why"));
        raw_refused(&raw, code, true);
        assert_string_equal(fora_error_name(code), vectors_text(row, "code"));
        raw_fini(&raw);
        count++;
    }
    assert_true(count >= 15);
    fora_buf_fini(&frame);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trn_4_vectors_of_handshakes),
        cmocka_unit_test(ses_1_vectors_of_frames),
        cmocka_unit_test(ses_3_vectors_of_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
