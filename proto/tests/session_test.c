/* Two sessions back to back: handshake, Hello, frames, credit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"

#include <string.h>

static void check_open(struct pair *pair)
{
    uint8_t public[32];
    const struct fora_msg_hello *hello = fora_session_peer_hello(pair->a.session);

    assert_int_equal(pair->a.opened, 1);
    assert_int_equal(pair->b.opened, 1);
    assert_memory_equal(fora_session_hash(pair->a.session), fora_session_hash(pair->b.session), 64);
    fora_noise_public(public, pair_secret_b);
    assert_memory_equal(fora_session_remote_static(pair->a.session), public, 32);
    fora_noise_public(public, pair_secret_a);
    assert_memory_equal(fora_session_remote_static(pair->b.session), public, 32);
    assert_int_equal(hello->version, 1);
    assert_int_equal(hello->node.b[0], 0xb);
    assert_int_equal(hello->identity_count, 0);
    assert_true(fora_bytes_equal(hello->agent, fora_bytes_str("b/1")));
    assert_int_equal(fora_session_features(pair->a.session), 2);
    assert_int_equal(fora_session_features(pair->b.session), 2);
}

static void trn_4_xx(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, 0);
    check_open(&pair);
    pair_fini(&pair);
}

static void trn_5_ik(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, PAIR_IK);
    check_open(&pair);
    pair_fini(&pair);
}

/* IK to a node that has another key by now fails; XX to the same node works. */
static void trn_9_ik_falls_back(void **state)
{
    static const uint8_t other[32] = {99};
    uint8_t public[32];
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct pair pair;

    (void)state;
    fora_noise_public(public, other);
    a.remote_static = public;
    pair_init(&pair, &a, &b);
    pair_run(&pair);
    assert_int_equal(fora_session_error(pair.b.session), FORA_E_HANDSHAKE);
    assert_int_equal(fora_session_output(pair.b.session).size, 0);
    pair_fini(&pair);
    pair_open(&pair, 0);
    pair_fini(&pair);
}

/* The preamble is the prologue: whoever changes it on the way breaks the handshake, even where both
 * versions of it would do. */
static void trn_3_downgrade_breaks(void **state)
{
    static const uint8_t preamble[8] = {'F', 'O', 'R', 'A', 1, 0, 0, 0};
    uint8_t meant[8] = {0};
    struct fora_noise_config noise = {.initiator = true,
        .pattern = FORA_NOISE_XX,
        .prologue = fora_bytes(meant, sizeof(meant)),
        .static_secret = pair_secret_a};
    unsigned refused = 0;

    (void)state;
    for (int changed = 0; changed <= 8; changed++) {
        struct fora_session_config config = pair_config(false, 0);
        struct fora_buf buf = {0}, payload = {0};
        struct end end = {0};
        struct fora_bytes output;
        struct fora_noise *initiator;

        memcpy(meant, preamble, sizeof(meant));
        if (changed < 8)
            meant[changed] ^= 1;
        assert_int_equal(fora_session_new(&end.session, &config, 0), 0);
        assert_int_equal(fora_noise_new(&initiator, &noise), 0);
        fora_buf_append(&buf, preamble, sizeof(preamble));
        fora_buf_be16(&buf, 32);
        assert_int_equal(fora_noise_write(initiator, &buf, fora_bytes(NULL, 0)), 0);
        end_feed(&end, fora_buf_bytes(&buf), NULL);
        output = fora_session_output(end.session);
        assert_int_equal(output.size, 2 + 96);
        if (fora_noise_read(initiator, fora_bytes(output.data + 2, 96), &payload) != 0)
            refused++;
        fora_noise_free(initiator);
        fora_session_free(end.session);
        fora_buf_fini(&buf);
        fora_buf_fini(&payload);
    }
    assert_int_equal(refused, 8); /* and the one that was not changed works */
}

static void ses_31_request_and_answer(void **state)
{
    struct pair pair;
    struct fora_message ask, answer = {.type = FORA_MSG_SPACES};

    (void)state;
    pair_open(&pair, 0);
    ask = pair_question(&pair.a);
    assert_int_equal(ask.request, 1);
    assert_int_equal(fora_session_send(pair.a.session, &ask), 0);
    ask = pair_question(&pair.b);
    assert_int_equal(ask.request, 2);
    assert_int_equal(fora_session_send(pair.b.session, &ask), 0);
    pair_run(&pair);
    assert_int_equal(pair.a.last_type, FORA_MSG_LIST_SPACES);
    assert_int_equal(pair.a.last_request, 2);
    assert_int_equal(pair.b.last_request, 1);
    answer.request = 1;
    assert_int_equal(fora_session_send(pair.b.session, &answer), 0);
    answer = (struct fora_message){.request = 2, .type = FORA_MSG_ERROR};
    answer.u.error.code = fora_error_to_wire(FORA_E_OVERLOAD);
    assert_int_equal(fora_session_send(pair.a.session, &answer), 0);
    pair_run(&pair);
    assert_int_equal(pair.a.last_type, FORA_MSG_SPACES);
    assert_int_equal(pair.b.last_type, FORA_MSG_ERROR);
    assert_int_equal(pair.b.last_code, 81);
    assert_int_equal(fora_session_state(pair.a.session), FORA_SESSION_OPEN);
    pair_fini(&pair);
}

/* Frames that were encoded before are held to the same rules, and count the same. */
static void ses_30_send_encoded(void **state)
{
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct fora_message message = {.request = 1, .type = FORA_MSG_LIST_SPACES};
    struct fora_buf frame = {0};
    struct pair pair;
    uint64_t before;
    int code = 0;

    (void)state;
    b.hello.credit = 9 * 100;
    a.hello.requests_max = 1;
    pair_init(&pair, &a, &b);
    assert_int_equal(fora_message_encode(&frame, &message), 0);
    assert_int_equal(frame.size, 9);
    assert_int_equal(
        fora_session_send_encoded(pair.a.session, fora_buf_bytes(&frame)), FORA_E_STATE);
    pair_run(&pair);
    assert_int_equal(
        fora_session_send_encoded(pair.a.session, fora_bytes(frame.data, 8)), FORA_E_MALFORMED);
    assert_int_equal(
        fora_session_send_encoded(pair.b.session, fora_buf_bytes(&frame)), FORA_E_USAGE);
    before = fora_session_credit(pair.a.session);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fora_session_send_encoded(pair.a.session, fora_buf_bytes(&frame)), 0);
    assert_int_equal(fora_session_credit(pair.a.session), before - 900);
    assert_int_equal(
        fora_session_send_encoded(pair.a.session, fora_buf_bytes(&frame)), FORA_E_CREDIT);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 100);
    /* Errors need no credit, but have their bound. */
    message = (struct fora_message){.request = 2, .type = FORA_MSG_ERROR};
    fora_buf_clear(&frame);
    assert_int_equal(fora_message_encode(&frame, &message), 0);
    for (int i = 0; i < 1000 && code == 0; i++)
        code = fora_session_send_encoded(pair.a.session, fora_buf_bytes(&frame));
    assert_int_equal(code, FORA_E_LIMIT);
    assert_int_equal(
        fora_session_send_encoded(pair.a.session, fora_buf_bytes(&frame)), FORA_E_CLOSED);
    fora_buf_fini(&frame);
    pair_fini(&pair);
}

/* Our own side is held to the table as well. */
static void ses_30_send_refuses_wrong_use(void **state)
{
    struct pair pair;
    struct fora_message message;
    struct fora_session_config config = pair_config(true, 0);
    struct fora_session *early;

    (void)state;
    assert_int_equal(fora_session_new(&early, &config, 0), 0);
    message = (struct fora_message){.request = 1, .type = FORA_MSG_LIST_SPACES};
    assert_int_equal(fora_session_send(early, &message), FORA_E_STATE);
    fora_session_free(early);

    pair_open(&pair, PAIR_CLIENT);
    message.request = 2; /* a number of the other side */
    assert_int_equal(fora_session_send(pair.a.session, &message), FORA_E_USAGE);
    message.request = 0;
    assert_int_equal(fora_session_send(pair.a.session, &message), FORA_E_USAGE);
    message = (struct fora_message){.request = 2, .type = FORA_MSG_SPACES}; /* clients do not */
    assert_int_equal(fora_session_send(pair.a.session, &message), FORA_E_USAGE);
    message = (struct fora_message){.request = 2, .type = FORA_MSG_LIST_SPACES}; /* nor nodes */
    assert_int_equal(fora_session_send(pair.b.session, &message), FORA_E_USAGE);
    message = (struct fora_message){.request = 1, .type = FORA_MSG_PING};
    assert_int_equal(fora_session_send(pair.a.session, &message), FORA_E_USAGE);
    message = (struct fora_message){.request = 1, .type = FORA_MSG_LIST_SPACES};
    assert_int_equal(fora_session_send(pair.a.session, &message), 0);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 1);
    pair_fini(&pair);
}

static void ses_10_config_is_checked(void **state)
{
    struct fora_session_config config = pair_config(false, 0);
    struct fora_session *session;

    (void)state;
    config.hello.frame_max = FORA_FRAME_MAX_LEAST - 1;
    assert_int_equal(fora_session_new(&session, &config, 0), FORA_E_USAGE);
    config = pair_config(false, 0);
    memset(&config.hello.node, 0, sizeof(config.hello.node));
    assert_int_equal(fora_session_new(&session, &config, 0), FORA_E_USAGE);
    config = pair_config(false, 0);
    config.hello.version = 2;
    assert_int_equal(fora_session_new(&session, &config, 0), FORA_E_USAGE);
    config = pair_config(false, 0);
    config.hello.reconcile_max = FORA_RECONCILE_MAX_LEAST - 1;
    assert_int_equal(fora_session_new(&session, &config, 0), FORA_E_USAGE);
    config = pair_config(false, 0);
    config.hello.agent = fora_bytes_str("a\nb");
    assert_int_equal(fora_session_new(&session, &config, 0), FORA_E_UTF8);
    assert_null(session);
}

/* A small window: exhausted, refused, regranted, and every byte arrives. */
static void ses_22_credit_runs_out_and_comes_back(void **state)
{
    static uint8_t data[1000];
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put;
    struct pair pair;
    size_t sent = 0;

    (void)state;
    b.hello.credit = 10000;
    pair_init(&pair, &a, &b);
    pair_run(&pair);
    pair.b.hold = true;
    put = pair_put(&object, 1);
    while (fora_session_send(pair.a.session, &put) == 0)
        sent++;
    assert_int_equal(sent, 9); /* 1012 bytes each */
    assert_int_equal(fora_session_credit(pair.a.session), 10000 - 9 * 1012);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 9);
    assert_int_equal(fora_session_send(pair.a.session, &put), FORA_E_CREDIT);
    fora_session_consumed(pair.b.session, 1012);
    pair_run(&pair);
    assert_int_equal(fora_session_send(pair.a.session, &put), 0);
    assert_int_equal(fora_session_send(pair.a.session, &put), FORA_E_CREDIT);
    /* More than was received is not granted. */
    fora_session_consumed(pair.b.session, SIZE_MAX);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 10);
    fora_session_consumed(pair.b.session, SIZE_MAX);
    pair_run(&pair);
    assert_int_equal(fora_session_credit(pair.a.session), 10000);
    pair_fini(&pair);
}

/* Whatever the window: when all was consumed, the largest frame can be sent. */
static void ses_24_largest_frame_never_starves(void **state)
{
    static uint8_t data[FORA_OBJECT_MAX];
    static const uint64_t beyond[] = {0, 1, 1000, 70000, 1 << 20};
    struct fora_bytes objects[10];
    struct fora_message put = pair_put(objects, 1), small;
    size_t frames = 0;

    (void)state;
    for (size_t i = 0; i < 10; i++)
        objects[i] = fora_bytes(data, sizeof(data));
    put.u.put.objects_count = 10;
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
        struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
        struct pair pair;

        b.hello.credit = FORA_FRAME_MAX + 4 + beyond[i];
        pair_init(&pair, &a, &b);
        pair_run(&pair);
        objects[9].size = sizeof(data);
        for (size_t n = 0; n < 50; n++) {
            objects[9].size = sizeof(data) - n * 100;
            small = pair_put(&objects[9], 3);
            assert_int_equal(fora_session_send(pair.a.session, &small), 0);
            pair_run(&pair);
            assert_int_equal(fora_session_send(pair.a.session, &put), 0);
            pair_run(&pair);
        }
        frames += pair.b.frames;
        assert_int_equal(pair.b.frames, 100);
        pair_fini(&pair);
    }
    assert_int_equal(frames, 500);
}

/* Whatever the other side grants: a socket that takes nothing stops us at the queue's bound. */
static void ses_25_queue_is_bounded(void **state)
{
    static uint8_t data[60000];
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put = pair_put(&object, 1);
    struct pair pair;
    size_t sent = 0;

    (void)state;
    b.hello.credit = (uint64_t)1 << 40;
    pair_init(&pair, &a, &b);
    pair_run(&pair);
    while (fora_session_send(pair.a.session, &put) == 0)
        sent++;
    assert_int_equal(sent, FORA_SESSION_QUEUE_MAX / 60012);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, sent);
    assert_int_equal(fora_session_send(pair.a.session, &put), 0);
    pair_fini(&pair);
}

static void ses_16_sends_no_more_than_the_other_takes(void **state)
{
    static uint8_t data[70000];
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put = pair_put(&object, 1);
    struct pair pair;

    (void)state;
    b.hello.frame_max = FORA_FRAME_MAX_LEAST;
    pair_init(&pair, &a, &b);
    pair_run(&pair);
    assert_int_equal(fora_session_send(pair.a.session, &put), FORA_E_TOO_LARGE);
    object.size = FORA_FRAME_MAX_LEAST - 2 - 4 - 4; /* request, two keys, two lengths */
    assert_int_equal(fora_session_send(pair.a.session, &put), 0);
    object.size++;
    assert_int_equal(fora_session_send(pair.a.session, &put), FORA_E_TOO_LARGE);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 1);
    assert_int_equal(pair.b.bytes, 4 + FORA_FRAME_MAX_LEAST);
    pair_fini(&pair);
}

static void ses_13_identity_is_lent_until_the_next_call(void **state)
{
    uint8_t entry[300] = {1, 2, 3};
    struct fora_bytes identity[2] = {fora_bytes(entry, 300), fora_bytes(entry, 200)};
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    const struct fora_msg_hello *hello;
    struct fora_session_event event;
    struct pair pair;
    size_t taken;

    (void)state;
    b.hello.identity = identity;
    b.hello.identity_count = 2;
    pair_init(&pair, &a, &b);
    for (int turn = 0; turn < 2; turn++) {
        struct fora_bytes output = fora_session_output(pair.a.session);
        assert_int_equal(fora_session_feed(pair.b.session, output, &taken), 0);
        assert_int_equal(taken, output.size);
        fora_session_output_done(pair.a.session, taken);
        output = fora_session_output(pair.b.session);
        assert_int_equal(fora_session_feed(pair.a.session, output, &taken), 0);
        assert_int_equal(taken, output.size);
        fora_session_output_done(pair.b.session, taken);
    }
    assert_int_equal(fora_session_next(pair.a.session, &event), 0);
    assert_int_equal(event.type, FORA_SESSION_EVENT_OPEN);
    hello = fora_session_peer_hello(pair.a.session);
    assert_int_equal(hello->identity_count, 2);
    assert_true(fora_bytes_equal(hello->identity[0], identity[0]));
    assert_true(fora_bytes_equal(hello->identity[1], identity[1]));
    assert_int_equal(fora_session_next(pair.a.session, &event), 0);
    assert_int_equal(event.type, FORA_SESSION_EVENT_NONE);
    assert_int_equal(hello->identity_count, 0);
    pair_fini(&pair);
}

/* What owners bound over all their sessions: parts of frames and of messages, and what waits. */
static void what_a_session_holds_can_be_asked(void **state)
{
    struct pair pair;
    struct raw raw;
    struct fora_message ask;
    size_t size;

    (void)state;
    raw_open(&raw);
    assert_int_equal(fora_session_unread(raw.end.session), 0);
    raw_bytes(&raw, "\0\0\0\6\x08\2\xda\7\1\0\0\0\0\7\x08", 15); /* a frame, and 5 bytes */
    assert_int_equal(raw.end.frames, 1);
    assert_int_equal(fora_session_unread(raw.end.session), 5);
    end_feed(&raw.end, fora_bytes("\0\x30\1", 3), NULL); /* of a Noise message */
    assert_int_equal(fora_session_unread(raw.end.session), 8);
    raw_fini(&raw);
    pair_open(&pair, 0);
    assert_int_equal(fora_session_unsent(pair.a.session), 0);
    ask = pair_question(&pair.a);
    assert_int_equal(fora_session_send(pair.a.session, &ask), 0);
    assert_true(fora_session_unsent(pair.a.session) > 4);
    size = fora_session_output(pair.a.session).size;
    assert_int_equal(fora_session_unsent(pair.a.session), size);
    fora_session_output_done(pair.a.session, 3);
    assert_int_equal(fora_session_unsent(pair.a.session), size - 3);
    assert_in_range(fora_session_allocated(pair.a.session), size, 64 * size);
    fora_session_trim(pair.a.session);
    assert_int_equal(fora_session_unsent(pair.a.session), size - 3); /* it loses nothing */
    fora_session_output_done(pair.a.session, size - 3);
    assert_int_equal(fora_session_unsent(pair.a.session), 0);
    assert_in_range(fora_session_allocated(pair.a.session), size, 64 * size);
    fora_session_trim(pair.a.session);
    assert_int_equal(fora_session_allocated(pair.a.session), 0);
    pair_fini(&pair);
}

/* Small frames share a Noise message; what fills more than one goes in several. */
static void trn_12_small_frames_share_a_message(void **state)
{
    struct pair pair;
    size_t before;

    (void)state;
    pair_open(&pair, 0);
    for (unsigned i = 0; i < 1000; i++) {
        struct fora_message ask = pair_question(&pair.a);
        assert_int_equal(fora_session_send(pair.a.session, &ask), 0);
    }
    before = fora_session_output(pair.a.session).size;
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 1000);
    assert_int_equal(before, pair.b.bytes + 2 + 16);
    pair_fini(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trn_4_xx),
        cmocka_unit_test(trn_5_ik),
        cmocka_unit_test(trn_9_ik_falls_back),
        cmocka_unit_test(trn_3_downgrade_breaks),
        cmocka_unit_test(trn_12_small_frames_share_a_message),
        cmocka_unit_test(ses_10_config_is_checked),
        cmocka_unit_test(ses_13_identity_is_lent_until_the_next_call),
        cmocka_unit_test(ses_16_sends_no_more_than_the_other_takes),
        cmocka_unit_test(ses_22_credit_runs_out_and_comes_back),
        cmocka_unit_test(ses_24_largest_frame_never_starves),
        cmocka_unit_test(ses_25_queue_is_bounded),
        cmocka_unit_test(ses_30_send_refuses_wrong_use),
        cmocka_unit_test(ses_30_send_encoded),
        cmocka_unit_test(ses_31_request_and_answer),
        cmocka_unit_test(what_a_session_holds_can_be_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
