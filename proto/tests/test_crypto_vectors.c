#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/raw.h"
#include "vectors.h"

#include <string.h>

static int setup(void **state)
{
    (void)state;
    return fora_crypto_init();
}

static void test_enc_9_wycheproof_ed25519(void **state)
{
    (void)state;
    json_t *file = vectors_load("crypto/wycheproof-ed25519_test.json");
    struct fora_buf message = {0}, signature = {0};
    json_t *group, *one;
    size_t g, i, valid = 0, invalid = 0;

    json_array_foreach(json_object_get(file, "testGroups"), g, group)
    {
        struct fora_key key;

        vectors_hex_exact(key.b, sizeof(key.b), json_object_get(group, "publicKey"), "pk");
        json_array_foreach(json_object_get(group, "tests"), i, one)
        {
            bool expected = strcmp(vectors_text(one, "result"), "valid") == 0;
            struct fora_signature shaped;
            struct fora_bytes text, signed_by;
            int error = FORA_E_SIGNATURE;

            fora_buf_clear(&message);
            fora_buf_clear(&signature);
            text = vectors_hex(&message, one, "msg");
            signed_by = vectors_hex(&signature, one, "sig");
            /* Another size cannot even be put into the type. */
            if (signed_by.size == sizeof(shaped.b)) {
                memcpy(shaped.b, signed_by.data, sizeof(shaped.b));
                error = fora_verify_raw(&shaped, &key, text);
            }
            if (error != (expected ? 0 : FORA_E_SIGNATURE))
                fail_msg("tcId %d", (int)json_integer_value(json_object_get(one, "tcId")));
            *(expected ? &valid : &invalid) += 1;
        }
    }
    print_message("%zu valid, %zu invalid\n", valid, invalid);
    assert_int_equal(valid + invalid, 151);
    assert_true(valid > 0 && invalid > 0);
    fora_buf_fini(&message);
    fora_buf_fini(&signature);
    json_decref(file);
}

/* Two nodes on different rules would disagree about these; Fora's rule accepts number 3 only. */
static void test_enc_9_speccheck_accepts_only_case_3(void **state)
{
    (void)state;
    json_t *file = vectors_load("crypto/speccheck-cases.json");
    struct fora_buf message = {0};
    json_t *one;
    size_t i;

    json_array_foreach(file, i, one)
    {
        struct fora_signature signature;
        struct fora_key key;

        vectors_hex_exact(key.b, sizeof(key.b), one, "pub_key");
        vectors_hex_exact(signature.b, sizeof(signature.b), one, "signature");
        fora_buf_clear(&message);
        if (fora_verify_raw(&signature, &key, vectors_hex(&message, one, "message")) !=
            (i == 3 ? 0 : FORA_E_SIGNATURE))
            fail_msg("case %zu", i);
    }
    assert_int_equal(i, 12);
    fora_buf_fini(&message);
    json_decref(file);
}

/* RFC 8032, 7.1: TEST 1 to 3. */
static void test_rfc_8032_signatures(void **state)
{
    (void)state;
    static const struct {
        const char *seed, *message, *signature;
    } rows[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fora_secret *secret;
        struct fora_signature signature, expected;
        struct fora_key key;
        uint8_t seed[32], message[2];
        size_t size = strlen(rows[i].message) / 2;

        assert_int_equal(fora_unhex(seed, 32, rows[i].seed), 0);
        assert_int_equal(fora_unhex(message, size, rows[i].message), 0);
        assert_int_equal(fora_unhex(expected.b, 64, rows[i].signature), 0);
        assert_int_equal(fora_secret_from_seed(&secret, seed), 0);
        fora_secret_public(secret, &key);
        fora_sign_raw(&signature, secret, fora_bytes(message, size));
        assert_memory_equal(signature.b, expected.b, 64);
        assert_int_equal(fora_verify_raw(&signature, &key, fora_bytes(message, size)), 0);
        fora_secret_free(secret);
    }
}

static void check_sealed(const json_t *one)
{
    bool expected = strcmp(vectors_text(one, "result"), "valid") == 0;
    struct fora_buf sealed = {0}, associated = {0}, plain = {0}, out = {0};
    struct fora_bytes aad, text;
    uint8_t key[32];
    int error;

    vectors_hex_exact(key, sizeof(key), one, "key");
    vectors_hex(&sealed, one, "iv");
    vectors_hex(&sealed, one, "ct");
    vectors_hex(&sealed, one, "tag");
    aad = vectors_hex(&associated, one, "aad");
    text = vectors_hex(&plain, one, "msg");
    error = fora_unseal(&out, key, fora_buf_bytes(&sealed), aad);
    if (error != (expected ? 0 : FORA_E_CRYPTO) ||
        (expected && !fora_bytes_equal(fora_buf_bytes(&out), text)))
        fail_msg("tcId %d", (int)json_integer_value(json_object_get(one, "tcId")));
    fora_buf_fini(&sealed);
    fora_buf_fini(&associated);
    fora_buf_fini(&plain);
    fora_buf_fini(&out);
}

static void test_wycheproof_xchacha20_poly1305(void **state)
{
    (void)state;
    json_t *file = vectors_load("crypto/wycheproof-xchacha20_poly1305_test.json");
    json_t *group, *one;
    size_t g, i, count = 0;

    json_array_foreach(json_object_get(file, "testGroups"), g, group)
    {
        /* Other nonce sizes cannot be expressed: the nonce is the first 24 bytes. */
        if (json_integer_value(json_object_get(group, "ivSize")) != 192)
            continue;
        json_array_foreach(json_object_get(group, "tests"), i, one)
        {
            check_sealed(one);
            count++;
        }
    }
    print_message("%zu cases\n", count);
    assert_true(count > 200);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc_9_wycheproof_ed25519),
        cmocka_unit_test(test_enc_9_speccheck_accepts_only_case_3),
        cmocka_unit_test(test_rfc_8032_signatures),
        cmocka_unit_test(test_wycheproof_xchacha20_poly1305),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
