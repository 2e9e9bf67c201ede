/* Frames: every body there and back; hostile ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fora/message.h"
#include "wire/tables.h"
#include "wire_random.h"

#include <string.h>

static const struct {
    uint32_t number;
    const struct wire_table *table;
} bodies[] = {
#define BODY(member, name, number) {number, &fora_msg_##member##_table},
    FORA_MESSAGES(BODY)
#undef BODY
};
enum { BODIES = sizeof(bodies) / sizeof(bodies[0]) };

static struct fora_message got;

static int decode(struct fora_bytes frame)
{
    struct fora_arena arena;
    int code;

    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    code = fora_message_decode(&arena, frame, &got);
    fora_arena_fini(&arena);
    return code;
}

static void test_ses1_every_body_there_and_back(void **state)
{
    struct fora_arena held, arena;
    struct wire_random random = {.state = 99, .arena = &held};

    (void)state;
    for (size_t i = 0; i < 50 * BODIES; i++) {
        size_t which = i % BODIES;
        struct fora_message in = {.request = i, .type = bodies[which].number};
        struct fora_buf out = {0};
        struct fora_reader reader;

        fora_arena_init(&held, 0);
        fora_arena_init(&arena, FORA_MESSAGE_ARENA);
        wire_random_fill(&random, bodies[which].table, &in.u);
        fora_buf_append(&out, "x", 1);
        assert_int_equal(fora_message_encode(&out, &in), 0);
        fora_reader_init(&reader, fora_bytes(out.data + 1, out.size - 1));
        assert_int_equal(fora_reader_be32(&reader), out.size - 5);
        assert_int_equal(fora_message_decode(&arena, fora_bytes(reader.at, reader.left), &got), 0);
        assert_true(got.request == i);
        assert_int_equal(got.type, bodies[which].number);
        assert_true(wire_equal(bodies[which].table, &in.u, &got.u));
        fora_buf_fini(&out);
        fora_arena_fini(&arena);
        fora_arena_fini(&held);
    }
}

static void test_ses1_names(void **state)
{
    (void)state;
    assert_string_equal(fora_message_name(FORA_MSG_PUT), "Put");
    assert_string_equal(fora_message_name(FORA_MSG_RECONCILE_REPLY), "ReconcileReply");
    assert_string_equal(fora_message_name(FORA_MSG_NONE), "?");
    assert_string_equal(fora_message_name(1000), "?");
}

static void test_ses3_bodies(void **state)
{
    struct fora_buf out = {0};

    (void)state;
    wire_put_varint(&out, 1, 7);
    assert_int_equal(decode(fora_buf_bytes(&out)), 0); /* none */
    assert_int_equal(got.type, FORA_MSG_NONE);
    assert_true(got.request == 7);
    wire_put_bytes(&out, 999, fora_bytes_str("of a later version"));
    assert_int_equal(decode(fora_buf_bytes(&out)), 0); /* unknown */
    assert_int_equal(got.type, FORA_MSG_NONE);
    wire_put_bytes(&out, FORA_MSG_PING, fora_bytes("\x08\x05", 2));
    assert_int_equal(decode(fora_buf_bytes(&out)), 0); /* known, beside an unknown one */
    assert_int_equal(got.type, FORA_MSG_PING);
    assert_true(got.u.ping.token == 5);
    wire_put_bytes(&out, FORA_MSG_PONG, fora_bytes("\x08\x05", 2));
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_MALFORMED); /* two */

    fora_buf_clear(&out);
    wire_put_bytes(&out, FORA_MSG_PING, fora_bytes(NULL, 0));
    wire_put_bytes(&out, FORA_MSG_PING, fora_bytes(NULL, 0));
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_MALFORMED); /* one, twice */
    fora_buf_clear(&out);
    wire_put_varint(&out, 1, 7);
    wire_put_varint(&out, 1, 7);
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_MALFORMED);
    fora_buf_clear(&out);
    wire_put_varint(&out, FORA_MSG_PING, 7); /* wrong wire type */
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_MALFORMED);
    fora_buf_clear(&out);
    wire_put_bytes(&out, 1, fora_bytes_str("7"));
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_MALFORMED);
    assert_int_equal(decode(fora_bytes(NULL, 0)), 0);
    fora_buf_fini(&out);
}

/* `count` copies of one element in a body's field 1. */
static void put_flood(struct fora_buf *out, uint32_t type, struct fora_bytes element, size_t count)
{
    struct fora_buf body = {0};

    fora_buf_clear(out);
    for (size_t i = 0; i < count; i++)
        wire_put_bytes(&body, 1, element);
    wire_put_bytes(out, type, fora_buf_bytes(&body));
    assert_int_equal(out->error, 0);
    fora_buf_fini(&body);
}

static void test_ses3_floods_of_small_things(void **state)
{
    const uint8_t id[32] = {1};
    struct fora_buf out = {0}, row = {0};

    (void)state;
    put_flood(&out, FORA_MSG_PUT, fora_bytes_str("o"), 1024);
    assert_int_equal(decode(fora_buf_bytes(&out)), 0);
    put_flood(&out, FORA_MSG_PUT, fora_bytes_str("o"), 1025);
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_LIMIT);
    put_flood(&out, FORA_MSG_PUT, fora_bytes_str("o"), 300000);
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_LIMIT);
    put_flood(&out, FORA_MSG_FETCH, fora_bytes(id, 32), 1024);
    assert_int_equal(decode(fora_buf_bytes(&out)), 0);
    put_flood(&out, FORA_MSG_FETCH, fora_bytes(id, 32), 1025);
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_LIMIT);
    /* 256 rows, each with as many statements as a row may have: more memory than a frame may take,
     * and no more than its budget is ever asked for. */
    for (size_t i = 0; i < 1024; i++)
        wire_put_bytes(&row, 4, fora_bytes_str("o"));
    put_flood(&out, FORA_MSG_SPACES, fora_buf_bytes(&row), 256);
    assert_true(out.size < FORA_FRAME_MAX);
    assert_int_equal(decode(fora_buf_bytes(&out)), FORA_E_NOMEM);
    fora_buf_fini(&row);
    fora_buf_fini(&out);
}

static void test_lim10_frame(void **state)
{
    static uint8_t zeros[FORA_FRAME_MAX + 1];
    struct fora_message in = {.type = FORA_MSG_RECONCILE_REPLY};
    struct fora_buf out = {0};

    (void)state;
    zeros[0] = 1;
    assert_int_equal(decode(fora_bytes(zeros, sizeof(zeros))), FORA_E_TOO_LARGE);
    in.u.reconcile_reply.message =
        fora_bytes(zeros, FORA_FRAME_MAX - 10); /* 2 + 3 + 1 + 3 around */
    fora_buf_append(&out, "before", 6);
    while (fora_message_encode(&out, &in) == 0) {
        assert_true(out.size <= 6 + 4 + FORA_FRAME_MAX);
        assert_int_equal(decode(fora_bytes(out.data + 10, out.size - 10)), 0);
        out.size = 6;
        in.u.reconcile_reply.message.size++;
    }
    assert_int_equal(in.u.reconcile_reply.message.size, FORA_FRAME_MAX - 9 + 1);
    assert_int_equal(fora_message_encode(&out, &in), FORA_E_TOO_LARGE);
    assert_int_equal(out.size, 6);
    assert_memory_equal(out.data, "before", 6);
    in.u.reconcile_reply.message.size = 1;
    assert_int_equal(fora_message_encode(&out, &in), 0);
    fora_buf_fini(&out);
}

static void test_message_encode_refuses_what_decoding_refuses(void **state)
{
    struct fora_message in = {.type = FORA_MSG_NONE};
    struct fora_buf out = {0};

    (void)state;
    assert_int_equal(fora_message_encode(&out, &in), FORA_E_USAGE);
    in.type = FORA_MSG_PUT; /* nothing to put */
    assert_int_equal(fora_message_encode(&out, &in), FORA_E_MALFORMED);
    in.type = FORA_MSG_ERROR;
    in.u.error.text = fora_bytes_str("\xff");
    assert_int_equal(fora_message_encode(&out, &in), FORA_E_UTF8);
    assert_int_equal(out.size, 0);
    assert_int_equal(out.error, 0);
    fora_buf_fini(&out);
}

/* Random damage to good frames: any answer but a wrong memory access (run with sanitizers). */
static void test_ses3_damaged_frames(void **state)
{
    struct fora_arena held;
    struct wire_random random = {.state = 5, .arena = &held};
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < 100 * BODIES; i++) {
        struct fora_message in = {.request = 3, .type = bodies[i % BODIES].number};
        struct fora_buf out = {0};

        fora_arena_init(&held, 0);
        wire_random_fill(&random, bodies[i % BODIES].table, &in.u);
        assert_int_equal(fora_message_encode(&out, &in), 0);
        for (size_t hits = 1 + wire_random_below(&random, 4); hits > 0; hits--)
            out.data[4 + wire_random_below(&random, out.size - 4)] ^=
                (uint8_t)(1u << wire_random_below(&random, 8));
        refused += decode(fora_bytes(out.data + 4, out.size - 4)) != 0;
        fora_buf_fini(&out);
        fora_arena_fini(&held);
    }
    assert_true(refused > 10 * BODIES);
}

static void test_message_nth_allocation_fails(void **state)
{
    struct fora_arena held;
    struct wire_random random = {.state = 11, .arena = &held};
    long failures = 0;

    (void)state;
    for (size_t i = 0; i < BODIES; i++) {
        struct fora_message in = {.request = 1, .type = bodies[i].number};

        fora_arena_init(&held, 0);
        wire_random_fill(&random, bodies[i].table, &in.u);
        for (long n = 0;; n++) {
            struct fora_buf out = {0};
            struct fora_arena arena;
            int code;

            fora_arena_init(&arena, FORA_MESSAGE_ARENA);
            alloc_fail_at(n);
            code = fora_message_encode(&out, &in);
            if (code == 0)
                code = fora_message_decode(&arena, fora_bytes(out.data + 4, out.size - 4), &got);
            fora_arena_fini(&arena);
            fora_buf_fini(&out);
            if (!alloc_fail_stop()) {
                assert_int_equal(code, 0);
                break;
            }
            assert_int_equal(code, FORA_E_NOMEM);
            failures++;
        }
        fora_arena_fini(&held);
    }
    assert_true(failures > (long)BODIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ses1_every_body_there_and_back),
        cmocka_unit_test(test_ses1_names),
        cmocka_unit_test(test_ses3_bodies),
        cmocka_unit_test(test_ses3_floods_of_small_things),
        cmocka_unit_test(test_ses3_damaged_frames),
        cmocka_unit_test(test_lim10_frame),
        cmocka_unit_test(test_message_encode_refuses_what_decoding_refuses),
        cmocka_unit_test(test_message_nth_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
