#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/crypto.h"
#include "free_watch.h"

#include <string.h>

static int setup(void **state)
{
    (void)state;
    return fora_crypto_init();
}

static void check_hash(const struct fora_hash *hash, const char *expected)
{
    char text[2 * FORA_HASH_SIZE + 1];

    fora_hex(text, hash->b, sizeof(hash->b));
    assert_string_equal(text, expected);
}

/* The expected values are Python's hashlib.blake2b over the bytes that ENC-7 states. */
static void test_enc_7_hash_is_over_domain_and_parts(void **state)
{
    (void)state;
    struct fora_bytes parts[] = {
        fora_bytes_str("a"), fora_bytes(NULL, 0), fora_bytes_str("b"), fora_bytes_str("c")};
    struct fora_hash hash;

    fora_hash1(&hash, FORA_DOMAIN_OBJECT, fora_bytes_str("abc"));
    check_hash(&hash, "12c084902ac844bdfba65c79aa74297095c5261af0e2e5b33665349b72d8f354");
    fora_hash(&hash, FORA_DOMAIN_OBJECT, parts, 4);
    check_hash(&hash, "12c084902ac844bdfba65c79aa74297095c5261af0e2e5b33665349b72d8f354");
    fora_hash(&hash, "d", NULL, 0);
    check_hash(&hash, "d4e414f8dd068485b7278a5e600f1bf4a987146b8440a771f9513f08f41625ba");
}

static void test_enc_7_keyed_hash(void **state)
{
    (void)state;
    struct fora_bytes part = fora_bytes_str("abc");
    struct fora_hash hash;
    uint8_t key[32];

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)i;
    fora_hash_keyed(&hash, key, FORA_DOMAIN_OBJECT, &part, 1);
    check_hash(&hash, "0e9785b45df739337214e78e34ad340039355843045a11a92da75c16d12a8052");
}

static void test_enc_7_domains_separate(void **state)
{
    (void)state;
    struct fora_hash a, b;

    /* Without the length in front these two would be equal. */
    fora_hash1(&a, "ab", fora_bytes_str("c"));
    fora_hash1(&b, "a", fora_bytes_str("bc"));
    assert_memory_not_equal(a.b, b.b, sizeof(a.b));
}

static void test_enc_8_signature_covers_domain_and_message(void **state)
{
    (void)state;
    struct fora_secret *secret;
    struct fora_signature signature, again;
    struct fora_key key, other = {{0}};
    struct fora_bytes message = fora_bytes_str("message");

    assert_int_equal(fora_secret_new(&secret), 0);
    fora_secret_public(secret, &key);
    fora_sign(&signature, secret, "domain", message);
    fora_sign(&again, secret, "domain", message);
    assert_memory_equal(signature.b, again.b, sizeof(again.b));
    assert_int_equal(fora_verify(&signature, &key, "domain", message), 0);
    assert_int_equal(fora_verify(&signature, &key, "domaim", message), FORA_E_SIGNATURE);
    assert_int_equal(
        fora_verify(&signature, &key, "domainm", fora_bytes_str("essage")), FORA_E_SIGNATURE);
    assert_int_equal(fora_verify(&signature, &other, "domain", message), FORA_E_SIGNATURE);
    assert_int_equal(
        fora_verify(&signature, &key, "domain", fora_bytes("message", 6)), FORA_E_SIGNATURE);
    for (size_t i = 0; i < sizeof(signature.b) * 8; i++) {
        signature.b[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(fora_verify(&signature, &key, "domain", message), FORA_E_SIGNATURE);
        signature.b[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(fora_verify(&signature, &key, "domain", message), 0);
    fora_secret_free(secret);
}

static void test_enc_8_message_sizes(void **state)
{
    (void)state;
    struct fora_secret *secret;
    struct fora_signature signature;
    struct fora_key key;
    uint8_t message[1025] = {1};
    static const char domain[] = "0123456789012345678901234567890123456789012345678901234567890123";

    assert_int_equal(fora_secret_new(&secret), 0);
    fora_secret_public(secret, &key);
    fora_sign(&signature, secret, domain, fora_bytes(message, 1024));
    assert_int_equal(fora_verify(&signature, &key, domain, fora_bytes(message, 1024)), 0);
    assert_int_equal(
        fora_verify(&signature, &key, domain, fora_bytes(message, 1025)), FORA_E_SIGNATURE);
    fora_sign(&signature, secret, "", fora_bytes(NULL, 0));
    assert_int_equal(fora_verify(&signature, &key, "", fora_bytes(NULL, 0)), 0);
    fora_secret_free(secret);
}

static void test_secret_from_seed_is_a_round_trip(void **state)
{
    (void)state;
    struct fora_secret *secret, *random;
    struct fora_key key, random_key;
    uint8_t seed[32], back[32];
    char text[65];

    /* RFC 8032, 7.1, TEST 1. */
    assert_int_equal(
        fora_unhex(seed, 32, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
        0);
    assert_int_equal(fora_secret_from_seed(&secret, seed), 0);
    fora_secret_public(secret, &key);
    fora_hex(text, key.b, sizeof(key.b));
    assert_string_equal(text, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    fora_secret_seed(secret, back);
    assert_memory_equal(back, seed, sizeof(seed));
    assert_int_equal(fora_secret_new(&random), 0);
    fora_secret_public(random, &random_key);
    assert_memory_not_equal(random_key.b, key.b, sizeof(key.b));
    fora_secret_free(random);
    fora_secret_free(secret);
    fora_secret_free(NULL);
}

static void derive(
    struct fora_key *out, const uint8_t master[32], const char *domain, const char *label)
{
    struct fora_secret *secret;

    assert_int_equal(fora_secret_derive(&secret, master, domain, fora_bytes_str(label)), 0);
    fora_secret_public(secret, out);
    fora_secret_free(secret);
}

static void test_derived_secrets_depend_on_all_and_on_nothing_else(void **state)
{
    (void)state;
    uint8_t master[32] = {1}, other[32] = {2};
    struct fora_key key, same, different[3];

    derive(&key, master, "domain", "label");
    derive(&same, master, "domain", "label");
    derive(&different[0], other, "domain", "label");
    derive(&different[1], master, "domain2", "label");
    derive(&different[2], master, "domain", "label2");
    assert_memory_equal(key.b, same.b, sizeof(key.b));
    for (size_t i = 0; i < 3; i++)
        assert_memory_not_equal(key.b, different[i].b, sizeof(key.b));
}

/* They lie on the heap, and are gone from it when they are freed. */
static void test_derived_secrets_are_wiped(void **state)
{
    static const uint8_t master[32] = {7};
    const struct fora_bytes label = fora_bytes_str("label");
    struct fora_secret *secret;
    struct fora_hash seed;

    (void)state;
    fora_hash_keyed(&seed, master, "domain", &label, 1);
    assert_int_equal(fora_secret_derive(&secret, master, "domain", label), 0);
    free_watch_begin(seed.b, sizeof(seed.b));
    fora_secret_free(secret);
    assert_int_equal(free_watch_end(), 0);
}

static void test_seal_and_unseal(void **state)
{
    (void)state;
    uint8_t key[32] = {1}, other[32] = {2};
    struct fora_bytes plain = fora_bytes_str("plain text");
    struct fora_bytes associated = fora_bytes_str("associated");
    struct fora_buf sealed = {0}, again = {0}, out = {0};

    assert_int_equal(fora_seal(&sealed, key, plain, associated), 0);
    assert_int_equal(fora_seal(&again, key, plain, associated), 0);
    assert_int_equal(sealed.size, plain.size + 40);
    assert_memory_not_equal(sealed.data, again.data, sealed.size); /* a nonce of its own */
    fora_buf_append_str(&out, "before ");
    assert_int_equal(fora_unseal(&out, key, fora_buf_bytes(&sealed), associated), 0);
    assert_string_equal(fora_buf_cstr(&out), "before plain text");
    assert_int_equal(fora_unseal(&out, other, fora_buf_bytes(&sealed), associated), FORA_E_CRYPTO);
    assert_int_equal(
        fora_unseal(&out, key, fora_buf_bytes(&sealed), fora_bytes(NULL, 0)), FORA_E_CRYPTO);
    for (size_t i = 0; i < sealed.size; i++) {
        sealed.data[i] ^= 1;
        assert_int_equal(
            fora_unseal(&out, key, fora_buf_bytes(&sealed), associated), FORA_E_CRYPTO);
        sealed.data[i] ^= 1;
        assert_int_equal(
            fora_unseal(&out, key, fora_bytes(sealed.data, i), associated), FORA_E_CRYPTO);
    }
    assert_string_equal(fora_buf_cstr(&out), "before plain text"); /* nothing was appended */
    assert_int_equal(out.error, 0);
    fora_buf_fini(&sealed);
    fora_buf_fini(&again);
    fora_buf_fini(&out);
}

static void test_seal_of_nothing_and_into_a_full_buffer(void **state)
{
    (void)state;
    uint8_t key[32] = {1};
    struct fora_bytes none = {0};
    struct fora_buf sealed, out = {0};

    fora_buf_init(&sealed, 79);
    assert_int_equal(fora_seal(&sealed, key, none, none), 0);
    assert_int_equal(sealed.size, 40);
    assert_int_equal(fora_unseal(&out, key, fora_buf_bytes(&sealed), none), 0);
    assert_int_equal(out.size, 0);
    assert_int_equal(fora_seal(&sealed, key, none, none), FORA_E_TOO_LARGE);
    assert_int_equal(sealed.size, 40);
    fora_buf_fini(&sealed);
    fora_buf_fini(&out);
}

static void test_password(void **state)
{
    (void)state;
    char hash[128], other[128];
    struct fora_bytes password = fora_bytes_str("correct horse");

    assert_int_equal(fora_password_hash(hash, password), 0);
    assert_int_equal(fora_password_hash(other, password), 0);
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_string_not_equal(hash, other); /* a salt of its own */
    assert_int_equal(fora_password_verify(hash, password), 0);
    assert_int_equal(fora_password_verify(hash, fora_bytes_str("correct hors")), FORA_E_AUTH);
    assert_int_equal(fora_password_verify(hash, fora_bytes(NULL, 0)), FORA_E_AUTH);
    memset(other, 'x', sizeof(other)); /* not a hash, and without a NUL */
    assert_int_equal(fora_password_verify(other, password), FORA_E_AUTH);
    memset(other, 0, sizeof(other));
    assert_int_equal(fora_password_verify(other, password), FORA_E_AUTH);
    assert_int_equal(fora_password_hash(hash, fora_bytes(NULL, 0)), 0);
    assert_int_equal(fora_password_verify(hash, fora_bytes(NULL, 0)), 0);
}

/* The expected value is PyNaCl's argon2id.kdf with 3 passes and 256 MiB: old key files stay
 * readable. */
static void test_password_key_is_stable(void **state)
{
    (void)state;
    struct fora_bytes password = fora_bytes_str("correct horse");
    uint8_t salt[16], key[32], other[32];
    char text[65];

    for (size_t i = 0; i < sizeof(salt); i++)
        salt[i] = (uint8_t)i;
    assert_int_equal(fora_password_key(key, password, salt), 0);
    fora_hex(text, key, sizeof(key));
    assert_string_equal(text, "eebe26b451a68d4c43a23f45a8df1386550eeacb028ed6209232f2875f938676");
    assert_int_equal(fora_password_key(other, fora_bytes(NULL, 0), salt), 0);
    assert_memory_not_equal(other, key, sizeof(key));
    salt[0] = 1;
    assert_int_equal(fora_password_key(other, password, salt), 0);
    assert_memory_not_equal(other, key, sizeof(key));
}

static void test_random_wipe_equal(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};

    assert_true(fora_equal_ct(a, b, sizeof(a)));
    assert_true(fora_equal_ct(a, b, 0));
    fora_random(a, sizeof(a));
    assert_false(fora_equal_ct(a, b, sizeof(a)));
    fora_wipe(a, sizeof(a));
    assert_memory_equal(a, b, sizeof(a));
}

static void test_sha256(void **state)
{
    (void)state;
    uint8_t hash[32];
    char text[65];

    fora_sha256(hash, fora_bytes_str("abc"));
    fora_hex(text, hash, 32);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    fora_sha256(hash, fora_bytes(NULL, 0));
    fora_hex(text, hash, 32);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc_7_hash_is_over_domain_and_parts),
        cmocka_unit_test(test_enc_7_keyed_hash),
        cmocka_unit_test(test_enc_7_domains_separate),
        cmocka_unit_test(test_enc_8_signature_covers_domain_and_message),
        cmocka_unit_test(test_enc_8_message_sizes),
        cmocka_unit_test(test_secret_from_seed_is_a_round_trip),
        cmocka_unit_test(test_derived_secrets_depend_on_all_and_on_nothing_else),
        cmocka_unit_test(test_derived_secrets_are_wiped),
        cmocka_unit_test(test_seal_and_unseal),
        cmocka_unit_test(test_seal_of_nothing_and_into_a_full_buffer),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_password_key_is_stable),
        cmocka_unit_test(test_random_wipe_equal),
        cmocka_unit_test(test_sha256),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
