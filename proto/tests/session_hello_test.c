/* Hello from a side that says it wrongly, late, twice or not at all (SES-10 to SES-19). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"

#include <string.h>

static struct fora_message good_hello(void)
{
    struct fora_session_config config = pair_config(true, 0);
    struct fora_message message = {.type = FORA_MSG_HELLO, .u.hello = config.hello};

    message.u.hello.version = 1;
    message.u.hello.frame_max = FORA_FRAME_MAX_LEAST;
    message.u.hello.requests_max = 1;
    return message;
}

static void hello_refused(const struct fora_message *hello, int code)
{
    struct raw raw;

    raw_init(&raw, true, NULL);
    raw_say(&raw, hello);
    if (code != 0)
        raw_refused(&raw, code, true);
    else
        assert_int_equal(raw.end.opened, 1);
    raw_fini(&raw);
}

static void ses_12_hello_is_checked(void **state)
{
    struct fora_message hello = good_hello();

    (void)state;
    hello_refused(&hello, 0); /* the least that is enough */
    hello.u.hello.version = 2;
    hello_refused(&hello, FORA_E_VERSION);
    hello = good_hello();
    hello.u.hello.frame_max--;
    hello_refused(&hello, FORA_E_MALFORMED);
    hello = good_hello();
    hello.u.hello.credit = UINT64_MAX;
    hello_refused(&hello, FORA_E_LIMIT);
    hello = good_hello();
    hello.request = 1;
    hello_refused(&hello, FORA_E_MALFORMED);
    pair_still_works();
}

/* What our own encoder refuses to write. */
static void ses_12_hello_by_hand(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        int code;
    } rows[] = {
        /* version 1, frame_max 65536, requests_max left out */
        {"\0\0\0\x08\x12\x06\x08\1\x30\x80\x80\4", 12, FORA_E_MALFORMED},
        /* requests_max 1 */
        {"\0\0\0\x0a\x12\x08\x08\1\x30\x80\x80\4\x38\1", 14, 0},
        /* agent "a" ESC */
        {"\0\0\0\x0e\x12\x0c\x08\1\x1a\2a\x1b\x30\x80\x80\4\x38\1", 18, FORA_E_UTF8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw raw;

        raw_init(&raw, true, NULL);
        raw_bytes(&raw, rows[i].bytes, rows[i].size);
        if (rows[i].code != 0)
            raw_refused(&raw, rows[i].code, true);
        else
            assert_int_equal(raw.end.opened, 1);
        raw_fini(&raw);
    }
}

static void ses_19_windows(void **state)
{
    static const struct {
        uint32_t reconcile_max;
        int code;
    } rows[] = {
        {0, 0}, {1, FORA_E_MALFORMED}, {4095, FORA_E_MALFORMED}, {4096, 0}, {UINT32_MAX, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fora_message hello = good_hello();

        hello.u.hello.reconcile_max = rows[i].reconcile_max;
        hello_refused(&hello, rows[i].code);
    }
    pair_still_works();
}

static void ses_11_hello_comes_first_and_once(void **state)
{
    static const uint32_t early[] = {FORA_MSG_PING, FORA_MSG_CREDIT, FORA_MSG_PONG,
        FORA_MSG_LIST_SPACES, FORA_MSG_CANCEL, FORA_MSG_SPACES};
    struct fora_message hello = good_hello();
    struct raw raw;

    (void)state;
    for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
        struct fora_message message = {.request = i < 3 ? 0 : 1, .type = early[i]};

        raw_init(&raw, true, NULL);
        raw_say(&raw, &message);
        raw_refused(&raw, FORA_E_STATE, true);
        raw_fini(&raw);
    }
    raw_init(&raw, true, NULL);
    raw_bytes(&raw, "\0\0\0\4\xda\7\1\0", 8); /* an unknown body */
    raw_refused(&raw, FORA_E_STATE, true);
    raw_fini(&raw);
    raw_open(&raw);
    raw_say(&raw, &hello);
    raw_refused(&raw, FORA_E_STATE, true);
    raw_fini(&raw);
    pair_still_works();
}

static void ses_10_hello_is_at_most_64_kib(void **state)
{
    struct raw raw;

    (void)state;
    raw_init(&raw, true, NULL);
    raw_bytes(&raw, "\0\1\0\1", 4);
    raw_refused(&raw, FORA_E_TOO_LARGE, true);
    raw_fini(&raw);
    raw_init(&raw, true, NULL);
    raw_bytes(&raw, "\0\1\0\0", 4);
    assert_int_equal(raw.end.error, 0);
    raw_fini(&raw);
}

/* A responder without a node is none. */
static void ses_14_responder_is_a_node(void **state)
{
    struct fora_session_config config = pair_config(true, 0);
    struct fora_message hello = good_hello();
    struct raw raw;

    (void)state;
    raw_init(&raw, false, &config);
    memset(&hello.u.hello.node, 0, sizeof(hello.u.hello.node));
    raw_say(&raw, &hello);
    raw_refused(&raw, FORA_E_STATE, true);
    raw_fini(&raw);
    raw_init(&raw, false, &config);
    raw_hello(&raw, 0);
    raw_fini(&raw);
}

/* Error instead of Hello: the session ends, and we know why. */
static void ses_11_error_instead_of_hello(void **state)
{
    struct fora_message error = {.type = FORA_MSG_ERROR};
    struct raw raw;

    (void)state;
    error.u.error.code = 81;
    raw_init(&raw, true, NULL);
    raw_say(&raw, &error);
    raw_refused(&raw, FORA_E_OVERLOAD, false);
    assert_int_equal(raw.end.last_code, 81);
    raw_fini(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses_12_hello_is_checked),
        cmocka_unit_test(ses_12_hello_by_hand),
        cmocka_unit_test(ses_19_windows),
        cmocka_unit_test(ses_11_hello_comes_first_and_once),
        cmocka_unit_test(ses_10_hello_is_at_most_64_kib),
        cmocka_unit_test(ses_14_responder_is_a_node),
        cmocka_unit_test(ses_11_error_instead_of_hello),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
