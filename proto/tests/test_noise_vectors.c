#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/noise.h"
#include "vectors.h"

#include <string.h>

static const json_t *find(const json_t *file, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(file, "vectors"), i, one)
    {
        if (strcmp(vectors_text(one, "protocol_name"), name) == 0)
            return one;
    }
    fail_msg("no vector %s", name);
    return NULL;
}

struct side {
    struct fora_noise *noise;
    uint8_t static_secret[32];
};

static void open_side(
    struct side *side, const json_t *vector, enum fora_noise_pattern pattern, bool initiator)
{
    uint8_t ephemeral[32], remote[32];
    struct fora_buf prologue = {0};
    struct fora_noise_config config = {.pattern = pattern, .initiator = initiator};

    vectors_hex_exact(side->static_secret, 32, vector, initiator ? "init_static" : "resp_static");
    vectors_hex_exact(ephemeral, 32, vector, initiator ? "init_ephemeral" : "resp_ephemeral");
    config.prologue = vectors_hex(&prologue, vector, initiator ? "init_prologue" : "resp_prologue");
    config.static_secret = side->static_secret;
    config.ephemeral_seed = ephemeral;
    if (initiator && pattern == FORA_NOISE_IK) {
        vectors_hex_exact(remote, 32, vector, "init_remote_static");
        config.remote_static = remote;
    }
    assert_int_equal(fora_noise_new(&side->noise, &config), 0);
    fora_buf_fini(&prologue);
}

/* Moves one message of the vector from one side to the other, and checks both its ends. */
static void move(struct side *from, struct side *to, const json_t *message)
{
    struct fora_buf expected = {0}, payload = {0}, sent = {0}, got = {0};
    struct fora_bytes plain = vectors_hex(&payload, message, "payload");
    struct fora_bytes cipher = vectors_hex(&expected, message, "ciphertext");

    if (fora_noise_done(from->noise)) {
        assert_int_equal(fora_noise_encrypt(from->noise, &sent, plain), 0);
        assert_int_equal(fora_noise_decrypt(to->noise, &got, fora_buf_bytes(&sent)), 0);
    } else {
        assert_true(fora_noise_may_write(from->noise));
        assert_int_equal(fora_noise_write(from->noise, &sent, plain), 0);
        assert_int_equal(fora_noise_read(to->noise, fora_buf_bytes(&sent), &got), 0);
    }
    assert_int_equal(sent.size, cipher.size);
    assert_memory_equal(sent.data, cipher.data, cipher.size);
    assert_true(fora_bytes_equal(fora_buf_bytes(&got), plain));
    fora_buf_fini(&expected);
    fora_buf_fini(&payload);
    fora_buf_fini(&sent);
    fora_buf_fini(&got);
}

static void check_remote(const struct side *side, const struct side *remote)
{
    uint8_t public[32];

    fora_noise_public(public, remote->static_secret);
    assert_non_null(fora_noise_remote_static(side->noise));
    assert_memory_equal(fora_noise_remote_static(side->noise), public, 32);
}

static void check_pattern(enum fora_noise_pattern pattern, const char *name, size_t handshake)
{
    json_t *file = vectors_load("noise/noise-25519-chachapoly-blake2b.json");
    const json_t *vector = find(file, name);
    struct side sides[2];
    uint8_t hash[FORA_NOISE_HASH_SIZE];
    json_t *message;
    size_t i;

    open_side(&sides[0], vector, pattern, true);
    open_side(&sides[1], vector, pattern, false);
    json_array_foreach(json_object_get(vector, "messages"), i, message)
    {
        assert_int_equal(fora_noise_done(sides[0].noise), i >= handshake);
        move(&sides[i % 2], &sides[1 - i % 2], message);
    }
    assert_int_equal(i, 6);
    vectors_hex_exact(hash, sizeof(hash), vector, "handshake_hash");
    assert_memory_equal(fora_noise_hash(sides[0].noise), hash, sizeof(hash));
    assert_memory_equal(fora_noise_hash(sides[1].noise), hash, sizeof(hash));
    check_remote(&sides[0], &sides[1]);
    check_remote(&sides[1], &sides[0]);
    fora_noise_free(sides[0].noise);
    fora_noise_free(sides[1].noise);
    json_decref(file);
}

static void test_xx(void **state)
{
    (void)state;
    check_pattern(FORA_NOISE_XX, "Noise_XX_25519_ChaChaPoly_BLAKE2b", 3);
}

static void test_ik(void **state)
{
    (void)state;
    check_pattern(FORA_NOISE_IK, "Noise_IK_25519_ChaChaPoly_BLAKE2b", 2);
}

/* Public keys that give an all-zero secret with every private key. */
static void check_low_order(const uint8_t public[32])
{
    uint8_t secret[32] = {7};
    struct fora_noise_config xx = {.pattern = FORA_NOISE_XX, .static_secret = secret};
    struct fora_noise_config ik = {
        .pattern = FORA_NOISE_IK, .initiator = true, .static_secret = secret};
    struct fora_buf out = {0};
    struct fora_noise *noise;

    /* As an ephemeral key: message 1 of XX holds no secret, the answer to it does. */
    assert_int_equal(fora_noise_new(&noise, &xx), 0);
    assert_int_equal(fora_noise_read(noise, fora_bytes(public, 32), &out), 0);
    assert_int_equal(fora_noise_write(noise, &out, fora_bytes(NULL, 0)), FORA_E_HANDSHAKE);
    assert_int_equal(fora_noise_write(noise, &out, fora_bytes(NULL, 0)), FORA_E_STATE);
    fora_noise_free(noise);
    /* As the responder's static key. */
    ik.remote_static = public;
    assert_int_equal(fora_noise_new(&noise, &ik), 0);
    assert_int_equal(fora_noise_write(noise, &out, fora_bytes(NULL, 0)), FORA_E_HANDSHAKE);
    assert_int_equal(out.size, 0);
    fora_noise_free(noise);
    fora_buf_fini(&out);
}

static void test_wycheproof_low_order_keys_are_refused(void **state)
{
    (void)state;
    json_t *file = vectors_load("crypto/wycheproof-x25519_test.json");
    json_t *group, *one;
    size_t g, i, count = 0;
    static const uint8_t zero[32];

    json_array_foreach(json_object_get(file, "testGroups"), g, group)
    {
        json_array_foreach(json_object_get(group, "tests"), i, one)
        {
            uint8_t public[32], shared[32];

            vectors_hex_exact(shared, 32, one, "shared");
            if (memcmp(shared, zero, 32) != 0)
                continue;
            vectors_hex_exact(public, 32, one, "public");
            check_low_order(public);
            count++;
        }
    }
    print_message("%zu keys\n", count);
    assert_true(count >= 31);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xx),
        cmocka_unit_test(test_ik),
        cmocka_unit_test(test_wycheproof_low_order_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
