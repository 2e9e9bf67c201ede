/*
 * Invariant 6 on the wire: hostile bytes and connections are refused, cost the sender more than the
 * node, and never end the process.
 */
#include "system_siege.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- before the handshake ---- */

static void test_garbage(void **state)
{
    enum { ROUNDS = 300 };
    struct siege *siege = *state;
    uint8_t bytes[2000];
    for (int i = 0; i < ROUNDS; i++) {
        struct kit_raw raw;
        size_t size = 8 + kit_random(&siege->random) % (sizeof bytes - 8);
        siege_random(siege, bytes, size);
        kit_raw_open(&raw, siege->node.address, false);
        (void)kit_raw_write(&raw, fora_bytes(bytes, size), CLOSE_MS);
        KIT_CHECK(kit_raw_closed(&raw, CLOSE_MS), "garbage is listened to");
        kit_raw_close(&raw);
    }
    siege_honest(siege);
    printf("garbage: %d connections closed\n", ROUNDS);
}

/* Whatever part of the handshake has come: the rest has to come in time. */
static void test_silence(void **state)
{
    static const uint8_t begin[] = {'F', 'O', 'R', 'A', 1, 0, 0, 0, 0, 32, 1, 2, 3, 4, 5};
    struct siege *siege = *state;
    struct kit_raw raws[sizeof begin + 1];
    for (size_t i = 0; i <= sizeof begin; i++) {
        kit_raw_open(&raws[i], siege->node.address, false);
        KIT_CHECK(kit_raw_write(&raws[i], fora_bytes(begin, i), CLOSE_MS), "closed at once");
    }
    siege_honest(siege);
    for (size_t i = 0; i <= sizeof begin; i++) {
        KIT_CHECK(kit_raw_closed(&raws[i], HELLO_MS + CLOSE_MS), "silence is waited for");
        kit_raw_close(&raws[i]);
    }
    siege_honest(siege);
    printf("silence: %zu connections timed out\n", sizeof begin + 1);
}

/* A byte now and then does not buy time either, neither before Hello nor within a frame. */
static void test_trickle(void **state)
{
    static const uint8_t secret[32] = {3}, length[] = {0, 1, 0, 0}, zero = 0;
    struct siege *siege = *state;
    uint64_t took[2];
    for (int open = 0; open < 2; open++) {
        struct kit_raw raw;
        uint64_t begun = kit_now();
        uint64_t least = open ? IDLE_MS : HELLO_MS / 2, most = 2 * IDLE_MS + CLOSE_MS;
        kit_raw_open(&raw, siege->node.address, false);
        kit_raw_shake(&raw, secret);
        KIT_CHECK(!open || kit_raw_hello(&raw, NULL), "closed at Hello");
        for (size_t i = 0; !kit_raw_closed(&raw, HELLO_MS / 10); i++) {
            KIT_CHECK(kit_now() < begun + most, "trickling buys time");
            siege_look(siege);
            (void)kit_raw_say(&raw, fora_bytes(i < sizeof length ? length + i : &zero, 1), 0);
        }
        took[open] = kit_now() - begun;
        KIT_CHECK(took[open] >= least, "closed too soon to prove anything");
        kit_raw_close(&raw);
    }
    siege_honest(siege);
    printf("trickle: closed after %llu ms before Hello, after %llu ms within a frame\n",
        (unsigned long long)took[0], (unsigned long long)took[1]);
}

/* Lengths that are refused before anything is gathered: of Noise messages (here the rest is
 * garbage), of frames before and after Hello. */
static void test_lengths(void **state)
{
    static const uint8_t secret[32] = {9}, noise[FORA_NOISE_MESSAGE_MAX + 2] = {0xff, 0xff};
    static const uint8_t frames[][4] = {
        {0xff, 0xff, 0xff, 0xff}, {0x7f, 0, 0, 0}, {0, 0x10, 0, 1}, {0, 0, 0, 0}};
    enum { CASES = 2 * (1 + sizeof frames / sizeof frames[0]) };
    struct siege *siege = *state;
    for (size_t i = 0; i < CASES; i++) {
        struct kit_raw raw;
        kit_raw_open(&raw, siege->node.address, false);
        kit_raw_shake(&raw, secret);
        KIT_CHECK(i % 2 == 0 || kit_raw_hello(&raw, NULL), "closed at Hello");
        if (i < 2) {
            (void)kit_raw_write(&raw, fora_bytes(noise, sizeof noise), CLOSE_MS);
        } else {
            (void)kit_raw_say(&raw, fora_bytes(frames[i / 2 - 1], 4), CLOSE_MS);
        }
        KIT_CHECK(kit_raw_closed(&raw, HELLO_MS / 2), "case %zu is listened to", i);
        kit_raw_close(&raw);
    }
    siege_honest(siege);
    printf("lengths: %d connections closed\n", CASES);
}

/* ---- after it ---- */

/* Frames of noise, of bodies of every number with noise in them, of real requests with bits
 * flipped. */
static size_t make_frame(struct siege *siege, uint8_t out[512])
{
    struct fora_buf frame = {0};
    struct fora_message message = {.request = 1, .type = FORA_MSG_FETCH};
    size_t size = 5 + kit_random(&siege->random) % 200;
    siege_random(siege, out + 4, size);
    switch (kit_random(&siege->random) % 3) {
    case 0:
        break;
    case 1: /* request 1, body: field 2 to 70, a length, noise */
        out[4] = 0x08;
        out[5] = 1;
        unsigned field = 2 + kit_random(&siege->random) % 69;
        out[6] = (uint8_t)((field << 3 | 2) & 0x7f) | 0x80;
        out[7] = (uint8_t)(field >> 4);
        out[8] = (uint8_t)(size > 5 ? size - 5 : 0);
        break;
    default:
        message.u.fetch.ids = siege->scene->ids;
        message.u.fetch.ids_count = 3;
        KIT_CHECK(fora_message_encode(&frame, &message) == 0, "a frame");
        size = frame.size - 4;
        memcpy(out, frame.data, frame.size);
        out[4 + kit_random(&siege->random) % size] ^=
            (uint8_t)(1u << kit_random(&siege->random) % 8);
        fora_buf_fini(&frame);
        break;
    }
    out[0] = out[1] = 0;
    out[2] = (uint8_t)(size >> 8);
    out[3] = (uint8_t)size;
    return size + 4;
}

static void test_malformed_frames(void **state)
{
    enum { ROUNDS = 300 };
    struct siege *siege = *state;
    uint8_t frame[512];
    static const uint8_t secret[32] = {9};
    size_t closed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct kit_raw raw;
        bool node = i % 3 == 0, early = i % 7 == 0;
        kit_raw_open(&raw, siege->node.address, false);
        kit_raw_shake(&raw, node ? siege->stranger.noise : secret);
        KIT_CHECK(early || kit_raw_hello(&raw, node ? &siege->stranger : NULL), "closed at Hello");
        for (int j = 0; j < 8; j++) {
            size_t size = make_frame(siege, frame);
            (void)kit_raw_say(&raw, fora_bytes(frame, size), CLOSE_MS);
        }
        closed += kit_raw_closed(&raw, i % 50 == 0 ? CLOSE_MS : 5);
        kit_raw_close(&raw);
    }
    KIT_CHECK(closed > 0, "nothing was refused");
    siege_honest(siege);
    siege_alone(siege);
    printf("malformed frames: %d, %zu connections closed by the node\n", 8 * ROUNDS, closed);
}

/* A Put of load objects. */
static void put_frame(
    const struct siege *siege, uint64_t request, size_t from, size_t count, struct fora_buf *out)
{
    struct fora_message message = {.request = request, .type = FORA_MSG_PUT};
    message.u.put.objects = siege->scene->load.objects + from;
    message.u.put.objects_count = count;
    KIT_CHECK(fora_message_encode(out, &message) == 0, "a Put");
}

static void test_credit_overrun(void **state)
{
    enum { ROUNDS = 5 };
    struct siege *siege = *state;
    size_t closed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct kit_raw raw;
        struct fora_buf frames = {0};
        for (uint64_t request = 1; frames.size < 16 * 1024 * 1024; request += 2) {
            put_frame(siege, request, (size_t)request * 32 % (OBJECTS - 512), 512, &frames);
        }
        kit_raw_open(&raw, siege->node.address, false);
        kit_raw_shake(&raw, siege->stranger.noise);
        KIT_CHECK(kit_raw_hello(&raw, &siege->stranger), "closed at Hello");
        (void)kit_raw_say(&raw, fora_buf_bytes(&frames), CLOSE_MS);
        closed += kit_raw_closed(&raw, CLOSE_MS);
        kit_raw_close(&raw);
        fora_buf_fini(&frames);
        siege_look(siege);
    }
    KIT_CHECK(closed == ROUNDS, "%zu of %d overruns were stopped", closed, ROUNDS);
    siege_honest(siege);
    printf("credit overrun: %zu connections closed\n", closed);
}

/* Asks for as much as a connection may, with all the credit in the world, and reads nothing. */
static void ask_much(struct siege *siege, struct kit_raw *raw, bool node)
{
    static const uint8_t secret[32] = {9};
    struct fora_buf frames = {0};
    kit_raw_open(raw, siege->node.address, true);
    kit_raw_shake(raw, node ? siege->stranger.noise : secret);
    KIT_CHECK(kit_raw_hello(raw, node ? &siege->stranger : NULL), "closed at Hello");
    for (uint64_t request = 1; request < 1000; request += 2) {
        struct fora_message message = {.request = request, .type = FORA_MSG_FETCH};
        message.u.fetch.ids = siege->scene->ids + kit_random(&siege->random) % (OBJECTS - 256);
        message.u.fetch.ids_count = 256;
        if (node && request % 4 == 1) {
            message.type = FORA_MSG_FOLLOW;
            message.u.follow = (struct fora_msg_follow){
                .space = siege->scene->world.space, .audience = FORA_AUDIENCE_PUBLIC, .live = true};
        }
        KIT_CHECK(fora_message_encode(&frames, &message) == 0, "a request");
    }
    (void)kit_raw_say(raw, fora_buf_bytes(&frames), 0);
    fora_buf_fini(&frames);
}

static void test_never_reading(void **state)
{
    enum { CONNECTIONS = 150 };
    struct siege *siege = *state;
    static struct kit_raw raws[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++) {
        ask_much(siege, &raws[i], i % 3 == 0);
        siege_look(siege);
        if (i % 25 == 0) {
            siege_honest(siege);
        }
    }
    siege_honest(siege);
    siege_alone(siege); /* the node gives up on them */
    for (int i = 0; i < CONNECTIONS; i++) {
        kit_raw_close(&raws[i]);
    }
    siege_honest(siege);
    printf("never reading: %d connections asked for %d answers of 256 objects and read none\n",
        CONNECTIONS, CONNECTIONS * 500);
}

/* Large frames of which the last bytes do not come. */
static void test_unfinished_frames(void **state)
{
    enum { CONNECTIONS = 150 };
    static const uint8_t secret[32] = {9};
    static const uint8_t frame[0xf0000 - 64] = {0, 0x0f, 0, 0}; /* less than the credit */
    struct siege *siege = *state;
    static struct kit_raw raws[CONNECTIONS];
    size_t whole = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        kit_raw_open(&raws[i], siege->node.address, false);
        kit_raw_shake(&raws[i], secret);
        KIT_CHECK(kit_raw_hello(&raws[i], NULL), "closed at Hello");
        whole += kit_raw_say(&raws[i], fora_bytes(frame, sizeof frame), CLOSE_MS);
        siege_look(siege);
    }
    siege_honest(siege);
    siege_alone(siege);
    for (int i = 0; i < CONNECTIONS; i++) {
        kit_raw_close(&raws[i]);
    }
    KIT_CHECK(whole > 0, "none was taken");
    siege_honest(siege);
    printf("unfinished frames: %d connections, %zu of their frames taken in\n", CONNECTIONS, whole);
}

/* ---- many ---- */

static void test_idle_connections(void **state)
{
    enum { CONNECTIONS = 200 };
    struct siege *siege = *state;
    static struct kit_raw raws[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++) {
        kit_raw_open(&raws[i], siege->node.address, false);
    }
    siege_honest(siege);
    for (int i = 0; i < CONNECTIONS; i++) {
        KIT_CHECK(kit_raw_closed(&raws[i], HELLO_MS + CLOSE_MS), "idlers are waited for");
        kit_raw_close(&raws[i]);
    }
    siege_honest(siege);
    printf("idle: %d connections at once timed out\n", CONNECTIONS);
}

static void test_flood(void **state)
{
    enum { CONNECTIONS = CONNECTIONS_MAX + 200 };
    struct siege *siege = *state;
    static struct kit_raw raws[CONNECTIONS];
    size_t refused = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        kit_raw_open(&raws[i], siege->node.address, false);
    }
    siege_ask(siege); /* who is there already is served */
    for (int i = CONNECTIONS_MAX; i < CONNECTIONS; i++) {
        refused += kit_raw_closed(&raws[i], CLOSE_MS);
    }
    siege_look(siege);
    siege_ask(siege);
    for (int i = 0; i < CONNECTIONS; i++) {
        KIT_CHECK(kit_raw_closed(&raws[i], HELLO_MS + CLOSE_MS), "the flood stays");
        kit_raw_close(&raws[i]);
    }
    siege_honest(siege);
    KIT_CHECK(refused >= CONNECTIONS - CONNECTIONS_MAX, "%zu were refused", refused);
    printf("flood: %d connections, %zu beyond the limit closed\n", CONNECTIONS, refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_trickle),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_malformed_frames),
        cmocka_unit_test(test_credit_overrun),
        cmocka_unit_test(test_never_reading),
        cmocka_unit_test(test_unfinished_frames),
        cmocka_unit_test(test_idle_connections),
        cmocka_unit_test(test_flood),
    };
    return cmocka_run_group_tests_name(
        "hostile input (DESIGN invariant 6)", tests, siege_setup, siege_teardown);
}
