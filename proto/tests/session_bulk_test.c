/*
 * Much through a session: how fast (printed, not judged), how much memory it takes meanwhile, and
 * how little when nothing happens.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "heap_count.h"
#include "session_pair.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BULK = 100 << 20, SOCKET = 65536 };

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As a socket does: at most 64 KiB at a time. */
static size_t socket_chunk(void *context, size_t most)
{
    (void)context;
    return most < SOCKET ? most : SOCKET;
}

static void bulk(const char *what, size_t object_size, size_t objects_count, size_t total)
{
    static uint8_t data[FORA_OBJECT_MAX];
    struct fora_bytes objects[10];
    struct fora_message put = pair_put(objects, 1);
    size_t count = total / (object_size * objects_count);
    size_t sent = 0;
    double start, took;
    struct pair pair;

    for (size_t i = 0; i < objects_count; i++)
        objects[i] = fora_bytes(data, object_size);
    put.u.put.objects_count = objects_count;
    pair_open(&pair, 0);
    pair.chunk = socket_chunk;
    heap_peak_reset();
    start = seconds();
    while (sent < count) {
        int code = fora_session_send(pair.a.session, &put);

        if (code == 0)
            sent++;
        else
            assert_int_equal(code, FORA_E_CREDIT);
        if (code != 0 || sent == count)
            pair_run(&pair);
    }
    took = seconds() - start;
    assert_int_equal(pair.b.frames, count);
    assert_true(pair.b.bytes > count * object_size * objects_count);
    assert_int_equal(pair.b.error, 0);
    print_message("%s: %zu frames, %zu MB in %.2f s: %.0f MB/s, %.0f frames/s; peak %zu KiB\n",
        what, count, pair.b.bytes >> 20, took, (double)pair.b.bytes / took / 1e6,
        (double)count / took, heap_peak() >> 10);
    /* Two sessions: queue and sealed of one, input of the other (bound of session.h). */
    assert_true(heap_peak() < 2 * (size_t)FORA_SESSION_QUEUE_MAX + (512 << 10) +
                                  2 * (size_t)(FORA_FRAME_MAX + (128 << 10)) +
                                  (size_t)FORA_MESSAGE_ARENA);
    pair_fini(&pair);
}

static void trn_12_bulk(void **state)
{
    (void)state;
    bulk("frames of 100 B", 100, 1, BULK / 4);
    bulk("frames of 1 KiB", 1024, 1, BULK);
    bulk("frames of 60 KiB", 60 << 10, 1, BULK);
    bulk("frames of 1000 KiB", FORA_OBJECT_MAX, 10, BULK);
}

/* ---- bounds ---- */

/* A peer that grants without end, and an owner whose socket takes nothing. */
static void ses_25_output_memory(void **state)
{
    static uint8_t data[1000];
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put = pair_put(&object, 1), no = {.request = 2, .type = FORA_MSG_ERROR};
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    struct pair pair;
    size_t before, room;

    (void)state;
    b.hello.credit = (uint64_t)1 << 50;
    pair_init(&pair, &a, &b);
    pair_run(&pair);
    before = heap_live();
    heap_peak_reset();
    no.u.error.code = 63;
    do {
        while (fora_session_send(pair.a.session, &put) == 0)
            continue;
        assert_true(fora_session_output(pair.a.session).size > 0); /* sealed, never written */
        while (fora_session_send(pair.a.session, &put) == 0)
            continue;
    } while (fora_session_send(pair.a.session, &no) == 0);
    assert_int_equal(fora_session_error(pair.a.session), FORA_E_LIMIT);
    room = 2 * (FORA_SESSION_QUEUE_MAX + 2 * (640 * 64 + 4096)) + (256 << 10) + 4096;
    print_message("output at most %zu KiB of %zu\n", (heap_peak() - before) >> 10, room >> 10);
    assert_true(heap_peak() - before <= room);
    pair_fini(&pair);
}

/* The largest frame but for its last byte, then silence: what a peer can make us hold. */
static void ses_53_input_memory(void **state)
{
    static uint8_t frame[4 + FORA_FRAME_MAX - 1] = {0, 0x10};
    struct raw raw;
    size_t before;

    (void)state;
    raw_init(&raw, true, NULL);
    raw_hello(&raw, 0);
    before = heap_live();
    heap_peak_reset();
    raw_send(&raw, fora_bytes(frame, sizeof(frame)));
    assert_int_equal(raw.end.error, 0);
    end_feed(&raw.end, fora_bytes(frame + 4, 1), NULL); /* and part of a Noise message */
    print_message("input at most %zu KiB\n", (heap_peak() - before) >> 10);
    assert_true(
        heap_peak() - before <= 2 * (size_t)(FORA_FRAME_MAX + 65536) + 65536 + 65536 + 65536);
    raw_fini(&raw);
}

/* ---- idleness ---- */

static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size = 0, pages = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
        pages = -1;
    if (file != NULL)
        fclose(file);
    return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

static uint64_t idle(struct end *end)
{
    (void)fora_session_tick(end->session, 1000);
    (void)fora_session_tick(end->session, 2000);
    return fora_session_tick(end->session, 3000);
}

static void ses_54_idle_sessions_are_small(void **state)
{
    enum { PAIRS = 1000, EACH_MAX = 4096 };
    static struct pair pairs[PAIRS];
    static uint8_t data[50000];
    struct fora_bytes object = fora_bytes(data, sizeof(data));
    struct fora_message put = pair_put(&object, 1);
    size_t before, each;
    long resident_before = resident();

    (void)state;
    before = heap_live();
    for (size_t i = 0; i < PAIRS; i++) {
        pair_open(&pairs[i], 0);
        assert_int_equal(fora_session_send(pairs[i].a.session, &put), 0);
        pair_run(&pairs[i]);
        assert_int_equal(pairs[i].b.frames, 1);
        assert_int_equal(idle(&pairs[i].a), 61000);
        assert_int_equal(idle(&pairs[i].b), 61000);
    }
    each = (heap_live() - before) / (2 * PAIRS);
    print_message("idle session: %zu bytes of heap; %ld resident with Noise's pages\n", each,
        (resident() - resident_before) / (2 * PAIRS));
    assert_true(each <= EACH_MAX);
    for (size_t i = 0; i < PAIRS; i++) {
        assert_int_equal(fora_session_send(pairs[i].a.session, &put), 0);
        pair_run(&pairs[i]);
        assert_int_equal(pairs[i].b.frames, 2);
        pair_fini(&pairs[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses_54_idle_sessions_are_small),
        cmocka_unit_test(ses_25_output_memory),
        cmocka_unit_test(ses_53_input_memory),
        cmocka_unit_test(trn_12_bulk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
