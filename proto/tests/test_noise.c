#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "free_watch.h"
#include "fora/noise.h"
#include "noise/state.h"

#include <string.h>

static const uint8_t initiator_secret[32] = {1, 2, 3};
static const uint8_t responder_secret[32] = {4, 5, 6};

enum { INITIATOR, RESPONDER };

/* Two sides and the last message between them. */
struct pair {
    struct fora_noise *side[2];
    struct fora_buf wire;
    struct fora_buf payload;
};

static struct fora_noise *new_side(
    enum fora_noise_pattern pattern, bool initiator, const char *prologue)
{
    struct fora_noise_config config = {.pattern = pattern,
        .initiator = initiator,
        .prologue = fora_bytes_str(prologue),
        .static_secret = initiator ? initiator_secret : responder_secret};
    uint8_t responder[32];
    struct fora_noise *noise;

    fora_noise_public(responder, responder_secret);
    if (initiator && pattern == FORA_NOISE_IK)
        config.remote_static = responder;
    assert_int_equal(fora_noise_new(&noise, &config), 0);
    return noise;
}

static void pair_open(struct pair *pair, enum fora_noise_pattern pattern)
{
    memset(pair, 0, sizeof(*pair));
    pair->side[INITIATOR] = new_side(pattern, true, "prologue");
    pair->side[RESPONDER] = new_side(pattern, false, "prologue");
}

static void pair_close(struct pair *pair)
{
    fora_noise_free(pair->side[INITIATOR]);
    fora_noise_free(pair->side[RESPONDER]);
    fora_buf_fini(&pair->wire);
    fora_buf_fini(&pair->payload);
}

static unsigned messages(enum fora_noise_pattern pattern)
{
    return pattern == FORA_NOISE_XX ? 3 : 2;
}

/* Message `m` is written by its side, into wire. */
static void pair_write(struct pair *pair, unsigned m)
{
    fora_buf_clear(&pair->wire);
    assert_int_equal(
        fora_noise_write(pair->side[m % 2], &pair->wire, fora_bytes_str("payload")), 0);
}

static int pair_read(struct pair *pair, unsigned m)
{
    fora_buf_clear(&pair->payload);
    return fora_noise_read(pair->side[1 - m % 2], fora_buf_bytes(&pair->wire), &pair->payload);
}

static void pair_handshake(struct pair *pair, enum fora_noise_pattern pattern)
{
    pair_open(pair, pattern);
    for (unsigned m = 0; m < messages(pattern); m++) {
        pair_write(pair, m);
        assert_int_equal(pair_read(pair, m), 0);
        assert_string_equal(fora_buf_cstr(&pair->payload), "payload");
    }
    assert_true(fora_noise_done(pair->side[INITIATOR]));
    assert_true(fora_noise_done(pair->side[RESPONDER]));
}

/* Sends one transport message from a side to the other one, which must understand it. */
static void pair_talk(struct pair *pair, unsigned from)
{
    fora_buf_clear(&pair->wire);
    fora_buf_clear(&pair->payload);
    assert_int_equal(fora_noise_encrypt(pair->side[from], &pair->wire, fora_bytes_str("hello")), 0);
    assert_int_equal(
        fora_noise_decrypt(pair->side[1 - from], &pair->payload, fora_buf_bytes(&pair->wire)), 0);
    assert_string_equal(fora_buf_cstr(&pair->payload), "hello");
}

static void check_dead(struct fora_noise *noise)
{
    struct fora_buf out = {0};

    assert_false(fora_noise_done(noise));
    assert_false(fora_noise_may_write(noise));
    assert_int_equal(fora_noise_write(noise, &out, fora_bytes(NULL, 0)), FORA_E_STATE);
    assert_int_equal(fora_noise_read(noise, fora_bytes_str("x"), &out), FORA_E_STATE);
    assert_int_equal(fora_noise_encrypt(noise, &out, fora_bytes(NULL, 0)), FORA_E_STATE);
    assert_int_equal(fora_noise_decrypt(noise, &out, fora_bytes_str("x")), FORA_E_STATE);
    assert_int_equal(out.size, 0);
    fora_buf_fini(&out);
}

static void check_both_ways(enum fora_noise_pattern pattern)
{
    struct pair pair;
    struct pair other;
    uint8_t public[32];

    pair_handshake(&pair, pattern);
    pair_handshake(&other, pattern);
    assert_memory_equal(fora_noise_hash(pair.side[0]), fora_noise_hash(pair.side[1]), 64);
    /* The ephemeral keys are random: another handshake of the same two has another hash. */
    assert_memory_not_equal(fora_noise_hash(pair.side[0]), fora_noise_hash(other.side[0]), 64);
    fora_noise_public(public, responder_secret);
    assert_memory_equal(fora_noise_remote_static(pair.side[INITIATOR]), public, 32);
    fora_noise_public(public, initiator_secret);
    assert_memory_equal(fora_noise_remote_static(pair.side[RESPONDER]), public, 32);
    for (unsigned i = 0; i < 100; i++)
        pair_talk(&pair, i % 3 == 0);
    pair_close(&pair);
    pair_close(&other);
}

static void test_xx_and_ik_with_random_keys(void **state)
{
    (void)state;
    check_both_ways(FORA_NOISE_XX);
    check_both_ways(FORA_NOISE_IK);
}

/*
 * Changes byte `at` of message `m`. A message whose first bytes are not yet under a key (the first
 * of XX, and the second's ephemeral key of both) is read, but then the next one fails on the other
 * side.
 */
static void check_tampered(enum fora_noise_pattern pattern, unsigned m, size_t at, uint8_t change)
{
    struct pair pair;
    unsigned at_message = 0;
    int error = 0;

    pair_open(&pair, pattern);
    for (; error == 0 && at_message < messages(pattern); at_message++) {
        pair_write(&pair, at_message);
        if (at_message == m) {
            assert_true(at < pair.wire.size);
            pair.wire.data[at] ^= change;
        }
        error = pair_read(&pair, at_message);
    }
    assert_int_equal(error, FORA_E_HANDSHAKE);
    assert_true(at_message == m + 1 || (pattern == FORA_NOISE_XX && m == 0 && at_message == 2));
    assert_int_equal(pair.payload.size, 0);
    check_dead(pair.side[1 - (at_message - 1) % 2]);
    pair_close(&pair);
}

static void check_tampering(enum fora_noise_pattern pattern)
{
    size_t changed = 0;

    for (unsigned m = 0; m < messages(pattern); m++) {
        struct pair pair;
        size_t size;

        pair_open(&pair, pattern);
        for (unsigned i = 0; i < m; i++) {
            pair_write(&pair, i);
            assert_int_equal(pair_read(&pair, i), 0);
        }
        pair_write(&pair, m);
        size = pair.wire.size;
        pair_close(&pair);
        for (size_t at = 0; at < size; at++, changed++) {
            check_tampered(pattern, m, at, 0x01);
            check_tampered(pattern, m, at, 0x80); /* also the bit that X25519 ignores */
        }
    }
    print_message("%zu bytes\n", changed);
    assert_true(changed > 150);
}

static void test_tampering_with_any_byte_of_xx_fails(void **state)
{
    (void)state;
    check_tampering(FORA_NOISE_XX);
}

static void test_tampering_with_any_byte_of_ik_fails(void **state)
{
    (void)state;
    check_tampering(FORA_NOISE_IK);
}

static void check_cut(enum fora_noise_pattern pattern, unsigned m)
{
    struct pair pair;
    size_t size = 1;

    for (size_t cut = 0; cut < size; cut++) {
        int error = 0;
        unsigned i;

        pair_open(&pair, pattern);
        for (i = 0; error == 0 && i < messages(pattern); i++) {
            pair_write(&pair, i);
            if (i == m) {
                size = pair.wire.size;
                pair.wire.size = cut;
            }
            error = pair_read(&pair, i);
        }
        assert_int_equal(error, FORA_E_HANDSHAKE);
        check_dead(pair.side[1 - (i - 1) % 2]);
        pair_close(&pair);
    }
    assert_true(size > 32);
}

static void test_cut_messages_fail(void **state)
{
    (void)state;
    for (unsigned m = 0; m < 3; m++)
        check_cut(FORA_NOISE_XX, m);
    for (unsigned m = 0; m < 2; m++)
        check_cut(FORA_NOISE_IK, m);
}

static void test_another_prologue_fails(void **state)
{
    (void)state;
    struct pair pair;

    pair_open(&pair, FORA_NOISE_IK);
    fora_noise_free(pair.side[RESPONDER]);
    pair.side[RESPONDER] = new_side(FORA_NOISE_IK, false, "another");
    pair_write(&pair, 0);
    assert_int_equal(pair_read(&pair, 0), FORA_E_HANDSHAKE);
    assert_null(fora_noise_remote_static(pair.side[RESPONDER]));
    pair_close(&pair);
}

static void test_ik_to_a_node_that_has_another_key_fails(void **state)
{
    (void)state;
    struct fora_noise_config config = {.pattern = FORA_NOISE_IK, .static_secret = initiator_secret};
    struct pair pair;

    pair_open(&pair, FORA_NOISE_IK);
    fora_noise_free(pair.side[RESPONDER]);
    assert_int_equal(fora_noise_new(&pair.side[RESPONDER], &config), 0);
    pair_write(&pair, 0);
    assert_int_equal(pair_read(&pair, 0), FORA_E_HANDSHAKE);
    pair_close(&pair);
}

/* A call at the wrong time is the caller's mistake: refused, and the handshake goes on. */
static void test_wrong_order_is_refused_and_harmless(void **state)
{
    (void)state;
    struct fora_bytes none = {0};
    struct fora_buf out = {0};
    struct pair pair;

    pair_open(&pair, FORA_NOISE_XX);
    for (unsigned m = 0; m < 3; m++) {
        struct fora_noise *writer = pair.side[m % 2], *reader = pair.side[1 - m % 2];

        assert_true(fora_noise_may_write(writer));
        assert_false(fora_noise_may_write(reader));
        assert_int_equal(fora_noise_read(writer, none, &out), FORA_E_STATE);
        assert_int_equal(fora_noise_write(reader, &out, none), FORA_E_STATE);
        assert_int_equal(fora_noise_encrypt(writer, &out, none), FORA_E_STATE);
        assert_int_equal(fora_noise_decrypt(reader, &out, none), FORA_E_STATE);
        assert_null(fora_noise_hash(writer));
        assert_int_equal(fora_noise_remote_static(writer) != NULL, m == 2);
        pair_write(&pair, m);
        assert_int_equal(fora_noise_write(writer, &out, none), FORA_E_STATE);
        assert_int_equal(pair_read(&pair, m), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(fora_noise_write(pair.side[i], &out, none), FORA_E_STATE);
        assert_int_equal(fora_noise_read(pair.side[i], none, &out), FORA_E_STATE);
    }
    assert_int_equal(out.size, 0);
    pair_talk(&pair, INITIATOR);
    pair_talk(&pair, RESPONDER);
    pair_close(&pair);
}

static void test_config(void **state)
{
    (void)state;
    struct fora_noise_config config = {.pattern = FORA_NOISE_XX, .initiator = true};
    struct fora_noise *noise;

    assert_int_equal(fora_noise_new(&noise, &config), FORA_E_USAGE);
    assert_null(noise);
    config.static_secret = initiator_secret;
    config.remote_static = responder_secret;
    assert_int_equal(fora_noise_new(&noise, &config), FORA_E_USAGE); /* XX learns it */
    config.pattern = FORA_NOISE_IK;
    config.initiator = false;
    assert_int_equal(fora_noise_new(&noise, &config), FORA_E_USAGE);
    config.initiator = true;
    config.remote_static = NULL;
    assert_int_equal(fora_noise_new(&noise, &config), FORA_E_USAGE);
    fora_noise_free(NULL);
}

static void test_noise_5_1_nonce_is_exhausted(void **state)
{
    (void)state;
    struct fora_buf out = {0};
    struct pair pair;

    pair_handshake(&pair, FORA_NOISE_XX);
    pair.side[INITIATOR]->sending.nonce = UINT64_MAX - 1;
    pair.side[RESPONDER]->receiving.nonce = UINT64_MAX - 1;
    pair_talk(&pair, INITIATOR); /* the last that there is */
    assert_int_equal(
        fora_noise_encrypt(pair.side[INITIATOR], &out, fora_bytes_str("x")), FORA_E_STATE);
    assert_int_equal(
        fora_noise_decrypt(pair.side[RESPONDER], &out, fora_buf_bytes(&pair.wire)), FORA_E_STATE);
    assert_int_equal(out.size, 0);
    pair_talk(&pair, RESPONDER); /* the other direction has a counter of its own */
    pair_close(&pair);
}

static void check_refused(struct pair *pair)
{
    fora_buf_clear(&pair->payload);
    assert_int_equal(
        fora_noise_decrypt(pair->side[RESPONDER], &pair->payload, fora_buf_bytes(&pair->wire)),
        FORA_E_CRYPTO);
    assert_int_equal(pair->payload.size, 0);
    check_dead(pair->side[RESPONDER]);
    pair_close(pair);
}

static void test_transport_replay_reorder_and_reflection_fail(void **state)
{
    (void)state;
    struct fora_buf dropped = {0};
    struct pair pair;

    pair_handshake(&pair, FORA_NOISE_XX);
    pair_talk(&pair, INITIATOR);
    check_refused(&pair); /* the same once more */
    pair_handshake(&pair, FORA_NOISE_XX);
    assert_int_equal(fora_noise_encrypt(pair.side[INITIATOR], &dropped, fora_bytes_str("one")), 0);
    fora_buf_clear(&pair.wire);
    assert_int_equal(
        fora_noise_encrypt(pair.side[INITIATOR], &pair.wire, fora_bytes_str("two")), 0);
    check_refused(&pair);
    pair_handshake(&pair, FORA_NOISE_XX);
    fora_buf_clear(&pair.wire);
    assert_int_equal(fora_noise_encrypt(pair.side[RESPONDER], &pair.wire, fora_bytes_str("me")), 0);
    check_refused(&pair);
    fora_buf_fini(&dropped);
}

static void test_transport_tampering_and_cutting_fail(void **state)
{
    (void)state;
    for (size_t at = 0; at < 5 + 16; at++) {
        struct pair pair;

        pair_handshake(&pair, FORA_NOISE_IK);
        fora_buf_clear(&pair.wire);
        assert_int_equal(
            fora_noise_encrypt(pair.side[INITIATOR], &pair.wire, fora_bytes_str("hello")), 0);
        pair.wire.data[at] ^= 0x10;
        check_refused(&pair);
        pair_handshake(&pair, FORA_NOISE_IK);
        fora_buf_clear(&pair.wire);
        assert_int_equal(
            fora_noise_encrypt(pair.side[INITIATOR], &pair.wire, fora_bytes_str("hello")), 0);
        pair.wire.size = at;
        check_refused(&pair);
    }
}

static void test_largest_messages(void **state)
{
    (void)state;
    static const uint8_t zeros[FORA_NOISE_MESSAGE_MAX];
    struct pair pair;

    pair_open(&pair, FORA_NOISE_XX);
    assert_int_equal(fora_noise_write(pair.side[0], &pair.wire, fora_bytes(zeros, 65535 - 31)),
        FORA_E_TOO_LARGE);
    assert_int_equal(fora_noise_write(pair.side[0], &pair.wire, fora_bytes(zeros, 65535 - 32)), 0);
    assert_int_equal(pair.wire.size, FORA_NOISE_MESSAGE_MAX);
    assert_int_equal(pair_read(&pair, 0), 0);
    assert_int_equal(pair.payload.size, 65535 - 32);
    for (unsigned m = 1; m < 3; m++) {
        pair_write(&pair, m);
        assert_int_equal(pair_read(&pair, m), 0);
    }
    fora_buf_clear(&pair.wire);
    assert_int_equal(
        fora_noise_encrypt(pair.side[0], &pair.wire, fora_bytes(zeros, 65520)), FORA_E_TOO_LARGE);
    assert_int_equal(fora_noise_encrypt(pair.side[0], &pair.wire, fora_bytes(zeros, 65519)), 0);
    fora_buf_clear(&pair.payload);
    assert_int_equal(
        fora_noise_decrypt(pair.side[1], &pair.payload, fora_buf_bytes(&pair.wire)), 0);
    assert_int_equal(pair.payload.size, 65519);
    fora_buf_u8(&pair.wire, 0);
    check_refused(&pair);
}

/* A full buffer is the caller's to empty: nothing has happened to the session. */
static void test_a_full_buffer_leaves_the_session_where_it_was(void **state)
{
    (void)state;
    struct fora_buf full;
    struct pair pair;

    fora_buf_init(&full, 3);
    pair_open(&pair, FORA_NOISE_XX);
    for (unsigned m = 0; m < 3; m++) {
        assert_int_equal(
            fora_noise_write(pair.side[m % 2], &full, fora_bytes_str("p")), FORA_E_TOO_LARGE);
        fora_buf_clear(&full);
        pair_write(&pair, m);
        assert_int_equal(fora_noise_read(pair.side[1 - m % 2], fora_buf_bytes(&pair.wire), &full),
            FORA_E_TOO_LARGE);
        fora_buf_clear(&full);
        assert_int_equal(pair_read(&pair, m), 0);
    }
    assert_int_equal(
        fora_noise_encrypt(pair.side[0], &full, fora_bytes_str("hello")), FORA_E_TOO_LARGE);
    pair_talk(&pair, INITIATOR);
    fora_buf_clear(&full);
    fora_buf_clear(&pair.wire);
    assert_int_equal(fora_noise_encrypt(pair.side[0], &pair.wire, fora_bytes_str("hello")), 0);
    assert_int_equal(
        fora_noise_decrypt(pair.side[1], &full, fora_buf_bytes(&pair.wire)), FORA_E_TOO_LARGE);
    fora_buf_clear(&pair.payload);
    assert_int_equal(
        fora_noise_decrypt(pair.side[1], &pair.payload, fora_buf_bytes(&pair.wire)), 0);
    pair_close(&pair);
    fora_buf_fini(&full);
}

static void test_transport_allocates_nothing(void **state)
{
    (void)state;
    static const uint8_t zeros[1000];
    struct pair pair;
    int error = 0;

    pair_handshake(&pair, FORA_NOISE_XX);
    fora_buf_extend(&pair.wire, 2000);
    fora_buf_extend(&pair.payload, 2000);
    alloc_fail_at(0);
    for (unsigned i = 0; i < 100 && error == 0; i++) {
        fora_buf_clear(&pair.wire);
        fora_buf_clear(&pair.payload);
        error = fora_noise_encrypt(pair.side[0], &pair.wire, fora_bytes(zeros, sizeof(zeros)));
        if (error == 0)
            error = fora_noise_decrypt(pair.side[1], &pair.payload, fora_buf_bytes(&pair.wire));
    }
    assert_false(alloc_fail_stop());
    assert_int_equal(error, 0);
    pair_close(&pair);
}

static void test_secrets_are_wiped_after_the_handshake(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    struct pair pair;

    pair_handshake(&pair, FORA_NOISE_XX);
    for (unsigned i = 0; i < 2; i++) {
        const struct fora_noise *noise = pair.side[i];

        assert_memory_equal(noise->static_secret, zeros, 32);
        assert_memory_equal(noise->ephemeral_secret, zeros, 32);
        assert_memory_equal(noise->symmetric.chaining_key, zeros, 64);
        assert_memory_equal(noise->symmetric.cipher.key, zeros, 32);
        assert_memory_not_equal(noise->sending.key, noise->receiving.key, 32);
    }
    pair_close(&pair);
}

static void test_keys_are_wiped_with_the_session(void **state)
{
    struct pair pair;
    uint8_t key[32];

    (void)state;
    pair_handshake(&pair, FORA_NOISE_XX);
    memcpy(key, pair.side[0]->sending.key, sizeof(key)); /* the other side's receiving key */
    free_watch_begin(key, sizeof(key));
    pair_close(&pair);
    assert_int_equal(free_watch_end(), 0);
}

/* Twice as many as guard pages would leave mappings for (vm.max_map_count). */
enum { MANY = 30000 };

static void trn4_a_process_holds_tens_of_thousands(void **state)
{
    static struct fora_noise *sessions[MANY];
    const uint8_t secret[FORA_NOISE_KEY_SIZE] = {1};
    const struct fora_noise_config config = {.pattern = FORA_NOISE_XX,
        .initiator = true,
        .static_secret = secret,
        .ephemeral_seed = secret};
    size_t made = 0;

    (void)state;
    while (made < MANY && fora_noise_new(&sessions[made], &config) == 0)
        made++;
    assert_int_equal(made, MANY);
    while (made > 0)
        fora_noise_free(sessions[--made]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xx_and_ik_with_random_keys),
        cmocka_unit_test(test_tampering_with_any_byte_of_xx_fails),
        cmocka_unit_test(test_tampering_with_any_byte_of_ik_fails),
        cmocka_unit_test(test_cut_messages_fail),
        cmocka_unit_test(test_another_prologue_fails),
        cmocka_unit_test(test_ik_to_a_node_that_has_another_key_fails),
        cmocka_unit_test(test_wrong_order_is_refused_and_harmless),
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_noise_5_1_nonce_is_exhausted),
        cmocka_unit_test(test_transport_replay_reorder_and_reflection_fail),
        cmocka_unit_test(test_transport_tampering_and_cutting_fail),
        cmocka_unit_test(test_largest_messages),
        cmocka_unit_test(test_a_full_buffer_leaves_the_session_where_it_was),
        cmocka_unit_test(test_transport_allocates_nothing),
        cmocka_unit_test(test_secrets_are_wiped_after_the_handshake),
        cmocka_unit_test(test_keys_are_wiped_with_the_session),
        cmocka_unit_test(trn4_a_process_holds_tens_of_thousands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
