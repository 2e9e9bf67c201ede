/* How sessions end: in order, with a reason, by time (SES-40 to SES-54). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"

#include <string.h>

/* Runs a side's ticks up to `until`, as an owner would. Returns when it wants the next. */
static uint64_t tick_until(struct end *end, uint64_t from, uint64_t until)
{
    uint64_t next = from;

    while (next <= until) {
        uint64_t wanted = fora_session_tick(end->session, next);

        assert_true(wanted > next);
        next = wanted;
    }
    return next;
}

static void ses_50_handshake_is_late(void **state)
{
    struct fora_session_config config = pair_config(false, 0);
    struct fora_session *session;
    size_t taken;

    (void)state;
    config.hello_timeout_ms = 700;
    assert_int_equal(fora_session_new(&session, &config, 1000), 0);
    assert_int_equal(fora_session_tick(session, 1000), 1700);
    assert_int_equal(fora_session_feed(session, fora_bytes("FORA", 4), &taken), 0);
    assert_int_equal(fora_session_tick(session, 1699), 1700);
    assert_int_equal(fora_session_state(session), FORA_SESSION_HANDSHAKE);
    assert_int_equal(fora_session_tick(session, 1700), UINT64_MAX);
    assert_int_equal(fora_session_state(session), FORA_SESSION_CLOSED);
    assert_int_equal(fora_session_error(session), FORA_E_TIMEOUT);
    assert_int_equal(fora_session_feed(session, fora_bytes("\1", 1), &taken), FORA_E_TIMEOUT);
    fora_session_free(session);
}

static void ses_52_ping_keeps_alive_silence_ends(void **state)
{
    struct pair pair;
    struct fora_bytes output;

    (void)state;
    pair_open(&pair, 0);
    assert_int_equal(tick_until(&pair.a, 1, 59999), 60001);
    assert_int_equal(fora_session_output(pair.a.session).size, 0);
    tick_until(&pair.a, 60001, 60001); /* one Ping */
    output = fora_session_output(pair.a.session);
    assert_int_equal(output.size, 2 + 16 + 4 + 4);
    pair_run(&pair); /* answered */
    assert_int_equal(fora_session_error(pair.a.session), 0);
    tick_until(&pair.a, 60002, 119999);
    assert_int_equal(fora_session_state(pair.a.session), FORA_SESSION_OPEN);
    assert_int_equal(fora_session_output(pair.a.session).size, 0);
    /* Nobody answers the next one. */
    tick_until(&pair.a, 120002, 180001);
    assert_int_equal(fora_session_state(pair.a.session), FORA_SESSION_OPEN);
    assert_int_equal(tick_until(&pair.a, 180002, 181000), UINT64_MAX);
    assert_int_equal(fora_session_error(pair.a.session), FORA_E_TIMEOUT);
    pair_run(&pair);
    assert_int_equal(pair.b.last_type, FORA_MSG_ERROR);
    assert_int_equal(pair.b.last_code, 87);
    pair_fini(&pair);
}

static void ses_40_orderly_end(void **state)
{
    struct pair pair;
    struct fora_message ask;

    (void)state;
    pair_open(&pair, 0);
    ask = pair_question(&pair.a);
    assert_int_equal(fora_session_send(pair.a.session, &ask), 0);
    fora_session_close(pair.a.session, 0, "good bye");
    assert_int_equal(fora_session_state(pair.a.session), FORA_SESSION_CLOSED);
    assert_int_equal(fora_session_send(pair.a.session, &ask), FORA_E_CLOSED);
    pair_run(&pair); /* what was queued before arrives before the end */
    assert_int_equal(pair.b.frames, 2);
    assert_int_equal(pair.b.last_type, FORA_MSG_ERROR);
    assert_int_equal(pair.b.last_request, 0);
    assert_int_equal(pair.b.last_code, 0);
    assert_int_equal(fora_session_state(pair.b.session), FORA_SESSION_CLOSED);
    assert_int_equal(fora_session_error(pair.b.session), 0);
    assert_int_equal(pair.b.error, 0);
    assert_int_equal(fora_session_tick(pair.b.session, 5), UINT64_MAX);
    pair_fini(&pair);
}

static void ses_41_close_with_a_reason(void **state)
{
    static char text[700];
    struct pair pair;

    (void)state;
    pair_open(&pair, 0);
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text + 499, "\xc3\xa9", 2); /* cut before a character, not within */
    fora_session_close(pair.b.session, FORA_E_OVERLOAD, text);
    pair_run(&pair);
    assert_int_equal(fora_session_error(pair.a.session), FORA_E_OVERLOAD);
    assert_int_equal(pair.a.last_code, 81);
    assert_int_equal(pair.a.error, FORA_E_OVERLOAD);
    pair_fini(&pair);
    pair_open(&pair, 0);
    fora_session_close(pair.b.session, FORA_E_NOMEM, "\xff"); /* bad text is left out; local code */
    pair_run(&pair);
    assert_int_equal(pair.a.last_code, 67);
    pair_fini(&pair);
}

static void ses_41_who_is_to_wait_is_told_how_long(void **state)
{
    struct fora_arena arena;
    struct fora_message heard;
    struct raw raw;

    (void)state;
    fora_arena_init(&arena, 0);
    raw_open(&raw);
    fora_session_close_for(raw.end.session, FORA_E_OVERLOAD, "later", 77);
    raw_hear(&raw);
    heard = raw_heard(&raw, 0, &arena);
    assert_int_equal(heard.type, FORA_MSG_ERROR);
    assert_int_equal(heard.u.error.retry_after, 77);
    raw_fini(&raw);
    fora_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses_40_orderly_end),
        cmocka_unit_test(ses_41_close_with_a_reason),
        cmocka_unit_test(ses_41_who_is_to_wait_is_told_how_long),
        cmocka_unit_test(ses_50_handshake_is_late),
        cmocka_unit_test(ses_52_ping_keeps_alive_silence_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
