/*
 * What another side might do to us, each refused with its code. That the refusal is of the deed and
 * not of the session is proven by a legal exchange around it: before (the raw end opened the
 * session), or after, with the same keys.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"

#include <string.h>

/* ---- before the keys ---- */

static void feed_responder(const void *data, size_t size, int code)
{
    struct fora_session_config config = pair_config(false, 0);
    struct end end = {0};

    assert_int_equal(fora_session_new(&end.session, &config, 0), 0);
    end_feed(&end, fora_bytes(data, size), NULL);
    assert_int_equal(end.error, code);
    assert_int_equal(fora_session_error(end.session), code);
    if (code != 0)
        assert_int_equal(fora_session_output(end.session).size, 0); /* nothing can be said */
    fora_session_free(end.session);
}

static void trn_2_preamble(void **state)
{
    (void)state;
    feed_responder("G", 1, FORA_E_HANDSHAKE); /* an HTTP client, at its first byte */
    feed_responder("FORB", 4, FORA_E_HANDSHAKE);
    feed_responder("FORA\2", 5, FORA_E_VERSION);
    feed_responder("FORA\1\2", 6, FORA_E_HANDSHAKE);
    feed_responder("FORA\1\0\1", 7, FORA_E_HANDSHAKE);
    feed_responder("FORA\1\0\0\1", 8, FORA_E_HANDSHAKE);
    feed_responder("FORA\1\0\0\0", 8, 0);
    feed_responder("FORA\1\1\0\0", 8, 0);
    pair_still_works();
}

static void trn_7_handshake_lengths(void **state)
{
    static const unsigned wrong[] = {0, 1, 31, 33, 96, 65535};
    uint8_t bytes[10] = {'F', 'O', 'R', 'A', 1, 0, 0, 0};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        bytes[8] = (uint8_t)(wrong[i] >> 8);
        bytes[9] = (uint8_t)wrong[i];
        feed_responder(bytes, sizeof(bytes), FORA_E_HANDSHAKE); /* by the length alone */
    }
    bytes[8] = 0;
    bytes[9] = 32;
    feed_responder(bytes, sizeof(bytes), 0);
    pair_still_works();
}

static void trn_8_handshake_garbage(void **state)
{
    uint8_t bytes[10 + 96] = {'F', 'O', 'R', 'A', 1, 0, 0, 0, 0, 32};

    (void)state;
    feed_responder(bytes, 10 + 32, FORA_E_HANDSHAKE); /* a key of low order */
    memset(bytes + 10, 0x5a, 96);
    bytes[5] = 1;
    bytes[9] = 96;
    feed_responder(bytes, 10 + 96, FORA_E_HANDSHAKE); /* IK that does not decrypt */
    pair_still_works();
}

/* ---- Noise messages ---- */

static void trn_13_empty_messages(void **state)
{
    struct raw raw;

    (void)state;
    for (unsigned size = 0; size <= 16; size++) {
        uint8_t bytes[2 + 16] = {0, (uint8_t)size};

        raw_open(&raw);
        end_feed(&raw.end, fora_bytes(bytes, 2), NULL);
        raw_refused(&raw, FORA_E_MALFORMED, true);
        raw_fini(&raw);
    }
    pair_still_works();
}

static void trn_11_changed_message(void **state)
{
    static const uint8_t plain[] = {0, 0, 0, 1, 0};
    struct raw raw;

    (void)state;
    raw_open(&raw);
    raw.wire.size = 0;
    fora_buf_be16(&raw.wire, sizeof(plain) + 16);
    assert_int_equal(fora_noise_encrypt(raw.noise, &raw.wire, fora_bytes(plain, sizeof(plain))), 0);
    raw.wire.data[5] ^= 1;
    end_feed(&raw.end, fora_buf_bytes(&raw.wire), NULL);
    raw_refused(&raw, FORA_E_CRYPTO, false);
    raw_fini(&raw);
    pair_still_works();
}

/* ---- frames ---- */

static void ses_2_frame_lengths(void **state)
{
    struct raw raw;

    (void)state;
    raw_open(&raw);
    raw_bytes(&raw, "\0\0\0\0", 4);
    raw_refused(&raw, FORA_E_MALFORMED, true);
    raw_fini(&raw);
    raw_open(&raw);
    raw_bytes(&raw, "\0\x10\0\1", 4); /* one more than 1 MiB */
    raw_refused(&raw, FORA_E_TOO_LARGE, true);
    raw_fini(&raw);
    raw_open(&raw);
    raw_bytes(&raw, "\xff\xff\xff\xff", 4);
    raw_refused(&raw, FORA_E_TOO_LARGE, true);
    raw_fini(&raw);
    raw_open(&raw);
    raw_bytes(&raw, "\0\x10\0\0", 4); /* 1 MiB is waited for */
    assert_int_equal(raw.end.error, 0);
    raw_fini(&raw);
    raw_open(&raw);
    raw_bytes(&raw, "\0\0\0\2\x08\xff", 6); /* a varint that is cut */
    raw_refused(&raw, FORA_E_MALFORMED, true);
    raw_fini(&raw);
    pair_still_works();
}

/* ---- who may send what ---- */

struct deed {
    uint32_t type;
    uint64_t request;
    int code;
};

static void deeds(const struct deed *rows, size_t count, unsigned flags)
{
    for (size_t i = 0; i < count; i++) {
        struct fora_message message = {.request = rows[i].request, .type = rows[i].type};
        struct raw raw;

        raw_init(&raw, true, NULL);
        raw_hello(&raw, flags);
        raw_say(&raw, &message);
        if (rows[i].code != 0)
            raw_refused(&raw, rows[i].code, true);
        else
            assert_int_equal(raw.end.error, 0);
        raw_fini(&raw);
    }
}

static void ses_32_numbers(void **state)
{
    static const struct deed rows[] = {
        {FORA_MSG_LIST_SPACES, 1, 0},
        {FORA_MSG_LIST_SPACES, 0, FORA_E_MALFORMED},
        {FORA_MSG_LIST_SPACES, 2, FORA_E_MALFORMED},
        {FORA_MSG_CANCEL, 1, 0},
        {FORA_MSG_CANCEL, 2, FORA_E_MALFORMED},
        {FORA_MSG_SPACES, 2, 0},
        {FORA_MSG_SPACES, 0, FORA_E_MALFORMED},
        {FORA_MSG_SPACES, 1, FORA_E_MALFORMED},
        {FORA_MSG_ERROR, 2, 0},
        {FORA_MSG_ERROR, 1, FORA_E_MALFORMED},
        {FORA_MSG_PING, 0, 0},
        {FORA_MSG_PING, 1, FORA_E_MALFORMED},
        {FORA_MSG_PONG, 2, FORA_E_MALFORMED},
        {FORA_MSG_CREDIT, 1, FORA_E_MALFORMED},
        {FORA_MSG_CREDIT, 0, 0},
    };

    (void)state;
    deeds(rows, sizeof(rows) / sizeof(rows[0]), 0);
    pair_still_works();
}

static void ses_30_directions(void **state)
{
    static const struct deed client[] = {
        {FORA_MSG_LIST_SPACES, 1, 0},
        {FORA_MSG_GET_STATUS, 1, 0},
        {FORA_MSG_SPACES, 2, FORA_E_STATE},
        {FORA_MSG_OK, 2, FORA_E_STATE},
        {FORA_MSG_AUTH_OK, 2, FORA_E_STATE},
    };
    static const struct deed peer[] = {
        {FORA_MSG_LIST_SPACES, 1, 0},
        {FORA_MSG_SPACES, 2, 0},
        {FORA_MSG_GET_STATUS, 1, FORA_E_STATE},
        {FORA_MSG_AUTH_OK, 2, FORA_E_STATE},
        {FORA_MSG_THREADS, 2, FORA_E_STATE},
    };

    (void)state;
    deeds(client, sizeof(client) / sizeof(client[0]), PAIR_CLIENT);
    deeds(peer, sizeof(peer) / sizeof(peer[0]), 0);
}

/* A body of a later version: the request is answered, the answer becomes an error, the rest is
 * ignored; the session goes on. */
static void ses_36_unknown_bodies(void **state)
{
    struct fora_message ask = {.request = 3, .type = FORA_MSG_LIST_SPACES}, heard;
    struct fora_arena arena;
    struct raw raw;

    (void)state;
    fora_arena_init(&arena, 0);
    raw_open(&raw);
    raw_bytes(&raw, "\0\0\0\6\x08\1\xda\7\1\0", 10); /* request 1 */
    heard = raw_heard(&raw, 0, &arena);
    assert_int_equal(heard.type, FORA_MSG_ERROR);
    assert_int_equal(heard.request, 1);
    assert_int_equal(heard.u.error.code, 86);
    assert_int_equal(raw.end.frames, 0);
    raw_bytes(&raw, "\0\0\0\6\x08\2\xda\7\1\0", 10); /* an answer */
    assert_int_equal(raw.end.frames, 1);
    assert_int_equal(raw.end.last_type, FORA_MSG_ERROR);
    assert_int_equal(raw.end.last_request, 2);
    assert_int_equal(raw.end.last_code, 86);
    raw_bytes(&raw, "\0\0\0\4\xda\7\1\0", 8); /* neither */
    assert_int_equal(raw.end.frames, 1);
    raw_say(&raw, &ask);
    assert_int_equal(raw.end.error, 0);
    assert_int_equal(raw.end.frames, 2);
    raw_fini(&raw);
    fora_arena_fini(&arena);
}

/* They count for credit, and are dealt with when they are dropped: it comes back. */
static void ses_36_credit_of_unknown_bodies(void **state)
{
    struct fora_session_config config = pair_config(false, 0);
    struct raw raw;

    (void)state;
    config.hello.credit = 80;
    raw_init(&raw, true, &config);
    raw_hello(&raw, 0);
    for (int i = 0; i < 1000; i++)
        raw_bytes(&raw, "\0\0\0\4\xda\7\1\0", 8);
    assert_int_equal(raw.end.error, 0);
    raw_bytes(&raw, "\0\0\4\1", 4); /* 1025 bytes are more than was ever granted */
    raw_refused(&raw, FORA_E_CREDIT, true);
    raw_fini(&raw);
}

/* ---- credit ---- */

static void ses_21_credit_overrun(void **state)
{
    struct fora_session_config config = pair_config(false, 0);
    static uint8_t data[2000];
    struct fora_bytes object = fora_bytes(data, 1000);
    struct fora_message put;
    struct raw raw;

    (void)state;
    config.hello.credit = 5 * 1012;
    raw_init(&raw, true, &config);
    raw_hello(&raw, 0);
    raw.end.hold = true;
    put = pair_put(&object, 1);
    for (int i = 0; i < 4; i++)
        raw_say(&raw, &put);
    object.size = 1000;
    raw_say(&raw, &put); /* to the last byte */
    assert_int_equal(raw.end.error, 0);
    assert_int_equal(raw.end.frames, 5);
    put = (struct fora_message){.type = FORA_MSG_PING}; /* needs none */
    raw_say(&raw, &put);
    assert_int_equal(raw.end.error, 0);
    put = (struct fora_message){.request = 3, .type = FORA_MSG_LIST_SPACES};
    raw_say(&raw, &put);
    raw_refused(&raw, FORA_E_CREDIT, true);
    assert_int_equal(raw.end.frames, 5);
    raw_fini(&raw);
    /* A large one is refused by its length, before it is buffered. */
    raw_init(&raw, true, &config);
    raw_hello(&raw, 0);
    raw_bytes(&raw, "\0\0\x13\xc1", 4); /* 5057 + 4 */
    raw_refused(&raw, FORA_E_CREDIT, true);
    raw_fini(&raw);
    raw_init(&raw, true, &config);
    raw_hello(&raw, 0);
    raw_bytes(&raw, "\0\0\x13\xc0", 4);
    assert_int_equal(raw.end.error, 0);
    raw_fini(&raw);
    pair_still_works();
}

static void ses_23_credit_overflow(void **state)
{
    struct fora_message credit = {.type = FORA_MSG_CREDIT};
    struct raw raw;

    (void)state;
    raw_open(&raw);
    credit.u.credit.bytes = UINT64_MAX / 4;
    raw_say(&raw, &credit);
    raw_refused(&raw, FORA_E_LIMIT, true);
    raw_fini(&raw);
    raw_open(&raw);
    credit.u.credit.bytes = UINT64_MAX / 8;
    raw_say(&raw, &credit);
    assert_int_equal(raw.end.error, 0);
    assert_int_equal(fora_session_credit(raw.end.session), FORA_SESSION_QUEUE_MAX);
    raw_fini(&raw);
}

static void ses_21_control_frames_are_small(void **state)
{
    static uint8_t frame[4 + 1025] = {0, 0, 4, 1, 0x3a, 0};
    struct raw raw;

    (void)state;
    /* A Ping, and an unknown field 9 of 1020 bytes beside it: 1025 bytes. */
    frame[6] = 0x4a;
    frame[7] = 0xfc;
    frame[8] = 0x07;
    raw_open(&raw);
    raw_bytes(&raw, frame, sizeof(frame));
    raw_refused(&raw, FORA_E_TOO_LARGE, true);
    raw_fini(&raw);
    frame[3] = 0; /* 1024 are taken */
    frame[7] = 0xfb;
    raw_open(&raw);
    raw_bytes(&raw, frame, sizeof(frame) - 1);
    assert_int_equal(raw.end.error, 0);
    raw_fini(&raw);
}

/* ---- floods ---- */

static void ses_26_ping_flood(void **state)
{
    struct fora_message ping = {.type = FORA_MSG_PING}, heard;
    struct fora_buf frames = {0};
    struct fora_arena arena;
    struct raw raw;

    (void)state;
    raw_open(&raw);
    for (uint64_t i = 1; i <= 100000; i++) {
        ping.u.ping.token = i;
        assert_int_equal(fora_message_encode(&frames, &ping), 0);
    }
    raw_send(&raw, fora_buf_bytes(&frames)); /* heard only at the end: as if we did not read */
    assert_int_equal(raw.end.error, 0);
    fora_arena_init(&arena, 0);
    heard = raw_heard(&raw, 0, &arena);
    assert_int_equal(heard.type, FORA_MSG_PONG);
    assert_int_equal(heard.u.pong.token, 100000);
    assert_int_equal(raw_heard(&raw, 1, &arena).type, 0);
    raw_fini(&raw);
    fora_buf_fini(&frames);
    fora_arena_fini(&arena);
}

/* Asks what is always refused, and never reads. */
static void ses_34_error_flood(void **state)
{
    struct fora_session_config config = pair_config(false, 0);
    struct fora_message ask = {.request = 1, .type = FORA_MSG_LIST_SPACES};
    struct fora_message no = {.request = 1, .type = FORA_MSG_ERROR};
    struct raw raw;
    unsigned count = 0;
    int code = 0;

    (void)state;
    config.hello.requests_max = 4;
    raw_init(&raw, true, &config);
    raw_hello(&raw, 0);
    no.u.error.code = 63;
    no.u.error.text = fora_bytes_str("no");
    while (code == 0 && count < 10000) {
        code = fora_session_send(raw.end.session, &no);
        count++;
    }
    assert_int_equal(code, FORA_E_LIMIT);
    assert_in_range(count, (4096 + 4 * 640) / 14, (4096 + 4 * 640) / 12);
    raw_hear(&raw);
    raw_fini(&raw);
    /* Who reads gets as many as it likes. */
    raw_init(&raw, true, &config);
    raw_hello(&raw, 0);
    for (count = 0; count < 10000; count++) {
        raw_say(&raw, &ask);
        assert_int_equal(fora_session_send(raw.end.session, &no), 0);
        raw_hear(&raw);
        fora_buf_clear(&raw.plain);
        raw.hello_size = 0;
    }
    assert_int_equal(raw.end.frames, 10000);
    raw_fini(&raw);
}

static void ses_53_never_ending_frame(void **state)
{
    struct raw raw;
    uint64_t now = 0;

    (void)state;
    raw_open(&raw);
    (void)fora_session_tick(raw.end.session, now);
    raw_bytes(&raw, "\0\x0f\0\0", 4); /* 960 KiB, a byte a second */
    while (fora_session_state(raw.end.session) == FORA_SESSION_OPEN && now < 1000000) {
        now += 1000;
        (void)fora_session_tick(raw.end.session, now);
        if (raw.end.error == 0)
            raw_bytes(&raw, "\0", 1);
    }
    assert_int_equal(fora_session_error(raw.end.session), FORA_E_TIMEOUT);
    assert_in_range(now, 120000, 122000);
    raw_fini(&raw);
    pair_still_works();
}

/* The same a layer below: a Noise message that does not end. */
static void ses_53_never_ending_message(void **state)
{
    struct raw raw;
    uint64_t now = 0;

    (void)state;
    raw_open(&raw);
    (void)fora_session_tick(raw.end.session, now);
    end_feed(&raw.end, fora_bytes("\xff\xff", 2), NULL);
    while (fora_session_state(raw.end.session) == FORA_SESSION_OPEN && now < 1000000) {
        now += 1000;
        (void)fora_session_tick(raw.end.session, now);
        if (raw.end.error == 0)
            end_feed(&raw.end, fora_bytes("\0", 1), NULL);
    }
    assert_int_equal(fora_session_error(raw.end.session), FORA_E_TIMEOUT);
    assert_in_range(now, 119000, 122000);
    raw_fini(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trn_2_preamble),
        cmocka_unit_test(trn_7_handshake_lengths),
        cmocka_unit_test(trn_8_handshake_garbage),
        cmocka_unit_test(trn_11_changed_message),
        cmocka_unit_test(trn_13_empty_messages),
        cmocka_unit_test(ses_2_frame_lengths),
        cmocka_unit_test(ses_21_credit_overrun),
        cmocka_unit_test(ses_21_control_frames_are_small),
        cmocka_unit_test(ses_23_credit_overflow),
        cmocka_unit_test(ses_26_ping_flood),
        cmocka_unit_test(ses_30_directions),
        cmocka_unit_test(ses_32_numbers),
        cmocka_unit_test(ses_34_error_flood),
        cmocka_unit_test(ses_36_unknown_bodies),
        cmocka_unit_test(ses_36_credit_of_unknown_bodies),
        cmocka_unit_test(ses_53_never_ending_frame),
        cmocka_unit_test(ses_53_never_ending_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
