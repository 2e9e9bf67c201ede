/* The proof of a credential against the W3C's vectors for eddsa-jcs-2022 (VC-1). */
#include "cmd/credential.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text of the vectors without the line feed at its end; skips the test when there is none. */
static struct fora_bytes vector(struct fora_arena *arena, const char *name)
{
    const char *data = getenv("FORA_DATA");
    char path[1024];
    char text[4096];
    if (data == NULL) {
        skip();
    }
    assert_true(snprintf(path, sizeof path, "%s/vc-di-eddsa/%s", data, name) < (int)sizeof path);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        skip();
        return fora_bytes(NULL, 0);
    }
    size_t size = fread(text, 1, sizeof text, file);
    assert_int_equal(fclose(file), 0);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r')) {
        size--;
    }
    return fora_arena_copy(arena, fora_bytes(text, size));
}

/* The 32 bytes behind the prefix 0x80 0x26 of "z3u2...", Ed25519 as a multikey. */
static void secret_of(struct fora_bytes text, uint8_t seed[32])
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    uint8_t number[40] = {0};
    for (size_t i = 1; i < text.size; i++) {
        const char *at = strchr(alphabet, text.data[i]);
        assert_non_null(at);
        unsigned carry = (unsigned)(at - alphabet);
        for (size_t j = sizeof number; j > 0; j--) {
            carry += 58U * number[j - 1];
            number[j - 1] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    assert_int_equal(number[sizeof number - 34], 0x80);
    assert_int_equal(number[sizeof number - 33], 0x26);
    memcpy(seed, number + sizeof number - 32, 32);
}

static void VC_1_the_proof_is_that_of_the_vectors(void **state)
{
    struct fora_arena arena;
    struct fora_buf value = {0}, did = {0};
    struct fora_secret *secret;
    struct fora_key key;
    uint8_t seed[32];
    (void)state;
    fora_arena_init(&arena, 0);
    struct fora_bytes document = vector(&arena, "eddsa-jcs-2022/canonDocJCS.txt");
    struct fora_bytes config = vector(&arena, "eddsa-jcs-2022/proofCanonJCS.txt");
    struct fora_bytes expected = vector(&arena, "eddsa-jcs-2022/sigBTC58JCS.txt");
    secret_of(fora_bytes_str("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"), seed);
    assert_int_equal(fora_secret_from_seed(&secret, seed), 0);
    assert_int_equal(credential_proof(&value, document, config, secret), 0);
    assert_int_equal(value.size, expected.size);
    assert_memory_equal(value.data, expected.data, expected.size);
    fora_secret_public(secret, &key);
    assert_int_equal(credential_did(&did, &key), 0);
    assert_string_equal(
        fora_buf_cstr(&did), "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2");
    fora_secret_free(secret);
    fora_buf_fini(&value);
    fora_buf_fini(&did);
    fora_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(VC_1_the_proof_is_that_of_the_vectors)};
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
