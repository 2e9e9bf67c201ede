/* However the bytes are cut on their way, the same frames arrive: one at a time, and at random. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_pair.h"

#include <string.h>

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t one(void *context, size_t most)
{
    (void)context;
    return most < 1 ? most : 1;
}

static size_t some(void *context, size_t most)
{
    uint64_t *state = context;
    size_t size = next_random(state) % (1 + next_random(state) % 70000);

    return size < most ? size + (size == 0) : most;
}

/* Sizes around what changes the path: empty, one Noise message more or less, a whole frame. */
static size_t random_size(uint64_t *state)
{
    static const size_t around[] = {1, 100, 4000, 65519 - 20, 65535, 100000};
    size_t size = around[next_random(state) % 6] + next_random(state) % 20;

    return size < FORA_OBJECT_MAX ? size : FORA_OBJECT_MAX;
}

static void exchange(struct pair *pair, uint64_t *random, unsigned rounds, size_t *frames)
{
    static uint8_t data[FORA_OBJECT_MAX];
    struct fora_bytes object = fora_bytes(data, 0);

    for (unsigned i = 0; i < rounds; i++) {
        struct end *from = next_random(random) % 2 == 0 ? &pair->a : &pair->b;
        struct fora_message put;

        object.size = random_size(random);
        data[0] = (uint8_t)i;
        put = pair_put(&object, fora_session_request(from->session));
        if (fora_session_send(from->session, &put) == 0)
            frames[from == &pair->a]++;
        if (next_random(random) % 4 == 0)
            pair_run(pair);
    }
    pair_run(pair);
}

static void run(size_t (*chunk)(void *, size_t), uint64_t seed, unsigned rounds,
    struct fora_hash digests[2], size_t frames[2])
{
    struct fora_session_config a = pair_config(true, 0), b = pair_config(false, 0);
    uint64_t random = 77, cuts = seed;
    struct pair pair;

    pair_init(&pair, &a, &b);
    pair.chunk = chunk;
    pair.context = &cuts;
    pair.a.digests = true;
    pair.b.digests = true;
    pair_run(&pair);
    assert_int_equal(pair.a.opened, 1);
    assert_int_equal(pair.b.opened, 1);
    frames[0] = 0;
    frames[1] = 0;
    exchange(&pair, &random, rounds, frames);
    assert_int_equal(pair.a.frames, frames[0]);
    assert_int_equal(pair.b.frames, frames[1]);
    assert_int_equal(pair.a.error, 0);
    assert_int_equal(pair.b.error, 0);
    digests[0] = pair.a.digest;
    digests[1] = pair.b.digest;
    pair_fini(&pair);
}

static void same_as_whole(size_t (*chunk)(void *, size_t), uint64_t seeds, unsigned rounds)
{
    struct fora_hash whole[2], cut[2];
    size_t expected[2], frames[2];

    run(NULL, 1, rounds, whole, expected);
    assert_true(expected[0] + expected[1] > rounds / 2);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        run(chunk, seed, rounds, cut, frames);
        assert_int_equal(frames[0], expected[0]);
        assert_int_equal(frames[1], expected[1]);
        assert_memory_equal(&cut, &whole, sizeof(whole));
    }
    print_message("%zu frames, %u ways to cut\n", expected[0] + expected[1], (unsigned)seeds);
}

static void trn_10_byte_at_a_time(void **state)
{
    (void)state;
    same_as_whole(one, 1, 40);
}

static void trn_10_random_cuts(void **state)
{
    (void)state;
    same_as_whole(some, 25, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trn_10_byte_at_a_time),
        cmocka_unit_test(trn_10_random_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
