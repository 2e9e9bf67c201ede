/*
 * Every allocation fails once: a session says FORA_E_NOMEM, closes where it must, sends nothing
 * false, and is freed without a leak (the sanitizer's build sees that).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "session_pair.h"

#include <string.h>

struct story {
    struct pair pair;
    int error; /* of new or send */
};

/* Open, a frame each way, a ping, an orderly end. Nothing is asserted while memory is short. */
static void run(struct story *story, struct fora_bytes *object)
{
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct pair *pair = &story->pair;
    struct fora_message put = pair_put(object, 1);

    memset(story, 0, sizeof(*story));
    story->error = fora_session_new(&pair->a.session, &a, 0);
    if (story->error == 0)
        story->error = fora_session_new(&pair->b.session, &b, 0);
    if (story->error != 0)
        return;
    pair_run(pair);
    if (pair->a.opened + pair->b.opened < 2)
        return;
    story->error = fora_session_send(pair->a.session, &put);
    put.request = 2;
    if (story->error == 0)
        story->error = fora_session_send(pair->b.session, &put);
    if (story->error != 0)
        return;
    (void)fora_session_tick(pair->a.session, 70000);
    (void)fora_session_tick(pair->a.session, 131000);
    pair_run(pair);
    fora_session_close(pair->a.session, 0, NULL);
    pair_run(pair);
}

static bool went_well(const struct story *story)
{
    return story->error == 0 && story->pair.a.frames == 1 && story->pair.b.frames == 2 &&
           fora_session_error(story->pair.a.session) == 0 &&
           fora_session_error(story->pair.b.session) == 0;
}

static bool said_so(const struct end *end)
{
    return end->session != NULL && fora_session_error(end->session) == FORA_E_NOMEM;
}

static void ses_42_memory_runs_out(void **state)
{
    static uint8_t data[80000];
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct story story;
    long n;
    bool failed = true;

    (void)state;
    for (n = 0; failed; n++) {
        alloc_fail_at(n);
        run(&story, &object);
        failed = alloc_fail_stop();
        if (!failed) {
            assert_true(went_well(&story));
        } else if (story.error != 0) {
            assert_int_equal(story.error, FORA_E_NOMEM);
        } else if (!went_well(&story)) {
            /* One of them ran out, and no other reason was invented for it. */
            assert_true(said_so(&story.pair.a) || said_so(&story.pair.b));
        }
        pair_fini(&story.pair);
    }
    print_message("%ld allocations failed in turn\n", n - 1);
    assert_true(n > 15);
}

/* A send that fails for lack of memory leaves the session as it was: the next one works. */
static void ses_42_send_can_be_repeated(void **state)
{
    static uint8_t data[80000];
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put = pair_put(&object, 1);
    struct pair pair;
    int code;

    (void)state;
    pair_open(&pair, 0);
    alloc_fail_at(0);
    code = fora_session_send(pair.a.session, &put);
    assert_true(alloc_fail_stop());
    assert_int_equal(code, FORA_E_NOMEM);
    assert_int_equal(fora_session_send(pair.a.session, &put), 0);
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 1);
    assert_int_equal(pair.b.error, 0);
    pair_fini(&pair);
}

/* The same of a frame that was made before. */
static void ses_42_a_frame_made_before_can_be_sent_again(void **state)
{
    static uint8_t data[80000];
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put = pair_put(&object, 1);
    struct fora_buf frame = {0};
    struct pair pair;
    uint64_t credit;
    bool failed = true;

    (void)state;
    assert_int_equal(fora_message_encode(&frame, &put), 0);
    pair_open(&pair, 0);
    credit = fora_session_credit(pair.a.session);
    for (long n = 0; failed; n++) {
        int code;

        alloc_fail_at(n);
        code = fora_session_send_encoded(pair.a.session, fora_buf_bytes(&frame));
        failed = alloc_fail_stop();
        assert_int_equal(code, failed ? FORA_E_NOMEM : 0);
        assert_int_equal(fora_session_unsent(pair.a.session), failed ? 0 : frame.size);
        assert_int_equal(
            fora_session_credit(pair.a.session), failed ? credit : credit - frame.size);
        assert_true(failed || n > 1);
    }
    pair_run(&pair);
    assert_int_equal(pair.b.frames, 1);
    assert_int_equal(pair.b.error, 0);
    pair_fini(&pair);
    fora_buf_fini(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses_42_memory_runs_out),
        cmocka_unit_test(ses_42_send_can_be_repeated),
        cmocka_unit_test(ses_42_a_frame_made_before_can_be_sent_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
