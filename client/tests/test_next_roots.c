/* Root keys to come, as the client keeps them (ID-13). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/identity.h"
#include "state_rig.h"

#include <stdlib.h>
#include <string.h>

static void commit_to(struct fora_hash *out, const struct fora_secret *key)
{
    struct fora_key public;
    fora_secret_public(key, &public);
    fora_identity_commitment(out, &public);
}

static void root_keys_to_come_are_found_by_what_was_promised(void **state)
{
    enum { ROOTS = 3 };
    struct rig *rig = *state;
    struct fora_secret *keys[ROOTS], *found;
    struct fora_hash promised[ROOTS];
    uint8_t seed[32], again[32];
    for (size_t i = 0; i < ROOTS; i++) {
        assert_int_equal(fora_secret_new(&keys[i]), 0);
        commit_to(&promised[i], keys[i]);
        assert_int_equal(
            state_next_root_find(&rig->state, &promised[i], &found, &rig->why), FORA_E_NOTFOUND);
        assert_int_equal(state_next_root_keep(&rig->state, keys[i], &rig->why), 0);
    }
    assert_int_equal(mode_of(rig, "next_roots"), 0600);
    assert_int_equal(state_next_root_forget(&rig->state, &promised[1], &rig->why), 0);
    for (size_t i = 0; i < ROOTS; i++) {
        int expected = i == 1 ? FORA_E_NOTFOUND : 0;
        assert_int_equal(
            state_next_root_find(&rig->state, &promised[i], &found, &rig->why), expected);
        if (expected == 0) {
            fora_secret_seed(keys[i], seed);
            fora_secret_seed(found, again);
            assert_memory_equal(seed, again, sizeof seed);
        }
        fora_secret_free(found);
        fora_secret_free(keys[i]);
    }
    put(rig, "next_roots", "00112233\n");
    assert_int_equal(
        state_next_root_find(&rig->state, &promised[0], &found, &rig->why), FORA_E_CORRUPT);
    assert_non_null(strstr(rig->why.text, "next_roots"));
    assert_int_equal(state_next_root_forget(&rig->state, &promised[0], &rig->why), FORA_E_CORRUPT);
}

static void root_keys_that_others_can_read_are_refused(void **state)
{
    struct rig *rig = *state;
    struct fora_secret *key, *found;
    struct fora_hash promised;
    assert_int_equal(fora_secret_new(&key), 0);
    commit_to(&promised, key);
    assert_int_equal(state_next_root_keep(&rig->state, key, &rig->why), 0);
    set_mode(rig, "next_roots", 0640);
    assert_int_equal(state_next_root_find(&rig->state, &promised, &found, &rig->why), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "chmod 600"));
    assert_int_equal(state_next_root_keep(&rig->state, key, &rig->why), FORA_E_IO);
    set_mode(rig, "next_roots", 0600);
    assert_int_equal(state_next_root_find(&rig->state, &promised, &found, &rig->why), 0);
    fora_secret_free(found);
    fora_secret_free(key);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(root_keys_to_come_are_found_by_what_was_promised),
        T(root_keys_that_others_can_read_are_refused),
    };
#undef T
    if (fora_crypto_init() != 0) {
        return EXIT_FAILURE;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
