#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/bytes.h"

#include <string.h>

static void test_allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    struct fora_arena arena;
    uint8_t *memory[200];

    fora_arena_init(&arena, 0);
    for (size_t i = 0; i < 200; i++) {
        memory[i] = fora_arena_alloc(&arena, i);
        assert_non_null(memory[i]);
        assert_int_equal((uintptr_t)memory[i] % 16, 0);
        memset(memory[i], (int)i, i);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = 0; j < i; j++)
            assert_int_equal(memory[i][j], i);
    }
    assert_ptr_not_equal(memory[0], memory[1]); /* size 0 has an address of its own */
    fora_arena_fini(&arena);
    assert_null(arena.head);
}

static void test_large_allocations_do_not_waste_the_head(void **state)
{
    (void)state;
    struct fora_arena arena;
    uint8_t *first, *second;

    fora_arena_init(&arena, 0);
    first = fora_arena_alloc(&arena, 16);
    assert_non_null(fora_arena_alloc(&arena, 1 << 20));
    second = fora_arena_alloc(&arena, 16);
    assert_ptr_equal(second, first + 16);
    fora_arena_fini(&arena);
}

static void test_budget_counts_all_and_reset_gives_it_back(void **state)
{
    (void)state;
    struct fora_arena arena;
    void *first;

    fora_arena_init(&arena, 10000);
    first = fora_arena_alloc(&arena, 5000);
    assert_non_null(first);
    assert_false(arena.over);
    assert_null(fora_arena_alloc(&arena, 5000)); /* 5008 + 5008 */
    assert_true(arena.over);                     /* it was not memory that was missing */
    assert_non_null(fora_arena_alloc(&arena, 4992));
    assert_null(fora_arena_alloc(&arena, 1));
    assert_null(fora_arena_alloc(&arena, 0));
    fora_arena_reset(&arena);
    assert_false(arena.over);
    assert_int_equal(arena.used, 0);
    assert_ptr_equal(fora_arena_alloc(&arena, 5000), first); /* a block was kept */
    fora_arena_reset(&arena);
    assert_non_null(fora_arena_alloc(&arena, 10000));
    fora_arena_fini(&arena);
    assert_int_equal(arena.budget, 10000);
    assert_false(arena.over);
}

static void test_reset_of_an_empty_arena(void **state)
{
    (void)state;
    struct fora_arena arena;

    fora_arena_init(&arena, 0);
    fora_arena_reset(&arena);
    assert_non_null(fora_arena_alloc(&arena, 1));
    fora_arena_fini(&arena);
}

static void test_overflowing_sizes_are_refused(void **state)
{
    (void)state;
    struct fora_arena arena;

    fora_arena_init(&arena, 0);
    assert_null(fora_arena_alloc(&arena, SIZE_MAX));
    assert_null(fora_arena_alloc(&arena, SIZE_MAX - 20));
    assert_null(fora_arena_zalloc(&arena, SIZE_MAX / 2, 4));
    assert_null(fora_arena_zalloc(&arena, 4, SIZE_MAX / 2));
    assert_null(fora_arena_strndup(&arena, "x", SIZE_MAX));
    assert_int_equal(arena.used, 0);
    assert_non_null(fora_arena_alloc(&arena, 16));
    assert_null(fora_arena_alloc(&arena, SIZE_MAX - 20)); /* used + size would wrap */
    fora_arena_fini(&arena);
}

static void test_zalloc_zeroes_reused_memory(void **state)
{
    (void)state;
    struct fora_arena arena;
    uint8_t *memory;

    fora_arena_init(&arena, 0);
    memset(fora_arena_alloc(&arena, 100), 0xff, 100);
    fora_arena_reset(&arena);
    memory = fora_arena_zalloc(&arena, 10, 10);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(memory[i], 0);
    assert_non_null(fora_arena_zalloc(&arena, 0, 10));
    fora_arena_fini(&arena);
}

static void test_copies(void **state)
{
    (void)state;
    struct fora_arena arena;
    struct fora_bytes copy;

    fora_arena_init(&arena, 64);
    copy = fora_arena_copy(&arena, fora_bytes_str("hello"));
    assert_true(fora_bytes_equal(copy, fora_bytes_str("hello")));
    copy = fora_arena_copy(&arena, fora_bytes(NULL, 0));
    assert_int_equal(copy.size, 0);
    assert_string_equal(fora_arena_strndup(&arena, "hello", 4), "hell");
    assert_string_equal(fora_arena_strndup(&arena, NULL, 0), "");
    copy = fora_arena_copy(&arena, fora_bytes_str("more than the sixteen that are left"));
    assert_null(copy.data);
    assert_int_not_equal(copy.size, 0);
    fora_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_are_aligned_and_apart),
        cmocka_unit_test(test_large_allocations_do_not_waste_the_head),
        cmocka_unit_test(test_budget_counts_all_and_reset_gives_it_back),
        cmocka_unit_test(test_reset_of_an_empty_arena),
        cmocka_unit_test(test_overflowing_sizes_are_refused),
        cmocka_unit_test(test_zalloc_zeroes_reused_memory),
        cmocka_unit_test(test_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
