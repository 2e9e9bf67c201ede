#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* Every function of base that allocates, with the n-th allocation failing, alone and with all that
 * follow, for n = 0, 1, 2... */
#include "alloc_fail.h"
#include "fora/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS_MAX = 200 };

/*
 * Runs `step` until it succeeds. Each failure must be reported as FORA_E_NOMEM; at least one must
 * have been seen, so that a helper that wraps nothing is noticed.
 */
static void check(int (*step)(void))
{
    long failures = 0;

    for (long n = 0;; n++) {
        int error;

        assert_true(n < ATTEMPTS_MAX);
        alloc_fail_at(n);
        error = step();
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            assert_int_equal(alloc_fail_count(), n / 2);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
        failures++;
    }
    assert_true(failures > 0);
}

static void test_both_ways(void **state)
{
    (void)state;
    for (long n = 0; n < 8; n++) {
        alloc_fail_at(n);
        for (long i = 0; i < 3; i++) {
            void *volatile some = malloc(1); /* which the compiler may not leave out */

            assert_int_equal(some == NULL, n % 2 == 0 ? i >= n / 2 : i == n / 2);
            free(some);
        }
        assert_int_equal(alloc_fail_stop(), n < 6);
        assert_int_equal(alloc_fail_count(), 3);
    }
}

static int step_buf_append(void)
{
    struct fora_buf buf = {0};
    char text[200];
    int error;

    memset(text, 'x', sizeof(text));
    for (unsigned i = 0; i < 50; i++)
        fora_buf_append(&buf, text, sizeof(text));
    error = buf.error;
    /* What was in it before the failure is still there. */
    for (size_t i = 0; i < buf.size; i++) {
        if (buf.data[i] != 'x')
            error = FORA_E_INTERNAL;
    }
    fora_buf_fini(&buf);
    return error;
}

static int step_buf_small_writes(void)
{
    struct fora_buf buf = {0};
    int error;

    for (unsigned i = 0; i < 50; i++) {
        fora_buf_u8(&buf, 1);
        fora_buf_be16(&buf, 2);
        fora_buf_be32(&buf, 3);
        fora_buf_be64(&buf, 4);
        fora_buf_varint(&buf, UINT64_MAX);
        fora_buf_append_str(&buf, "text");
        fora_buf_append_bytes(&buf, fora_bytes_str("bytes"));
    }
    error = buf.error;
    fora_buf_fini(&buf);
    return error;
}

static int step_buf_extend_of_nothing(void)
{
    struct fora_buf buf = {0};
    int error = fora_buf_extend(&buf, 0) == NULL ? buf.error : 0;

    fora_buf_fini(&buf);
    return error;
}

static int step_buf_printf(void)
{
    struct fora_buf buf = {0};
    int error;

    for (unsigned i = 0; i < 50; i++)
        fora_buf_printf(&buf, "%u: %s\n", i, "a line of some length, for the buffer to grow");
    error = buf.error;
    fora_buf_fini(&buf);
    return error;
}

/* 64 bytes fill the first room exactly, so that the NUL needs the second allocation. */
static int step_buf_printf_nul(void)
{
    struct fora_buf buf = {0};
    int error;

    fora_buf_printf(&buf, "%064d", 1);
    error = buf.error;
    if (error != 0 && buf.size != 0)
        error = FORA_E_INTERNAL; /* half of a line must not stay */
    fora_buf_fini(&buf);
    return error;
}

static int step_buf_cstr(void)
{
    struct fora_buf buf = {0};
    const char *text;
    int error;

    fora_buf_extend(&buf, 64);
    text = fora_buf_cstr(&buf);
    error = text == NULL ? buf.error : 0;
    fora_buf_fini(&buf);
    return error;
}

static int step_arena_alloc(void)
{
    struct fora_arena arena;
    bool whole = true;

    fora_arena_init(&arena, 0);
    for (unsigned i = 0; i < 100 && whole; i++)
        whole = fora_arena_alloc(&arena, 100) != NULL &&
                (i % 10 != 0 || fora_arena_alloc(&arena, 9000) != NULL);
    fora_arena_fini(&arena);
    return whole ? 0 : FORA_E_NOMEM;
}

static int step_arena_copies(void)
{
    struct fora_arena arena;
    char text[5000] = "text";
    bool whole;

    fora_arena_init(&arena, 0);
    whole = fora_arena_zalloc(&arena, 3, 4000) != NULL &&
            fora_arena_copy(&arena, fora_bytes(text, sizeof(text))).data != NULL &&
            fora_arena_strndup(&arena, text, sizeof(text)) != NULL;
    fora_arena_fini(&arena);
    return whole ? 0 : FORA_E_NOMEM;
}

static void test_buf_append(void **state)
{
    (void)state;
    check(step_buf_append);
}

static void test_buf_small_writes(void **state)
{
    (void)state;
    check(step_buf_small_writes);
}

static void test_buf_extend_of_nothing(void **state)
{
    (void)state;
    check(step_buf_extend_of_nothing);
}

static void test_buf_printf(void **state)
{
    (void)state;
    check(step_buf_printf);
}

static void test_buf_printf_nul(void **state)
{
    (void)state;
    check(step_buf_printf_nul);
}

static void test_buf_cstr(void **state)
{
    (void)state;
    check(step_buf_cstr);
}

static void test_arena_alloc(void **state)
{
    (void)state;
    check(step_arena_alloc);
}

static void test_arena_copies(void **state)
{
    (void)state;
    check(step_arena_copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_buf_append),
        cmocka_unit_test(test_buf_small_writes),
        cmocka_unit_test(test_buf_extend_of_nothing),
        cmocka_unit_test(test_buf_printf),
        cmocka_unit_test(test_buf_printf_nul),
        cmocka_unit_test(test_buf_cstr),
        cmocka_unit_test(test_arena_alloc),
        cmocka_unit_test(test_arena_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
