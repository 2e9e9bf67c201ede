/*
 * Invariant 1: equal sets give equal views, for every order of arrival. The same random world is
 * delivered to several stores in random orders and batches; what waits for others is offered again.
 * Then sets, views and rows must be equal, and what was kept step by step must equal what is made
 * anew.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/sums.h"
#include "world.h"

#include <string.h>

enum { SEEDS = 300, SHELVES = 4 };

static void assert_same_sets(
    struct shelf *a, struct shelf *b, const struct fora_object *space, uint64_t seed)
{
    struct fora_neg_sum x, y;
    struct kv_txn *txn = shelf_read(a);
    sums_total(txn, shelf_set(txn, space).number, &x);
    kv_abort(txn);
    txn = shelf_read(b);
    sums_total(txn, shelf_set(txn, space).number, &y);
    kv_abort(txn);
    if (x.count != y.count || memcmp(x.sum, y.sum, sizeof x.sum) != 0) {
        print_error("seed %llu: sets of %llu and %llu\n", (unsigned long long)seed,
            (unsigned long long)x.count, (unsigned long long)y.count);
    }
    assert_int_equal(x.count, y.count);
    assert_memory_equal(x.sum, y.sum, sizeof x.sum);
}

static void assert_same_views(
    struct shelf *a, struct shelf *b, const struct world *world, uint64_t seed)
{
    for (size_t i = 0; i < world->threads_count; i++) {
        struct fora_hash x, y;
        shelf_view(a, world->threads[i], &x);
        shelf_view(b, world->threads[i], &y);
        if (memcmp(x.b, y.b, sizeof x.b) != 0) {
            print_error("seed %llu: thread %zu\n", (unsigned long long)seed, i);
        }
        assert_memory_equal(x.b, y.b, sizeof x.b);
        shelf_row(a, world->threads[i], &x);
        shelf_row(b, world->threads[i], &y);
        assert_memory_equal(x.b, y.b, sizeof x.b);
    }
}

static void assert_rebuilt_rows_are_the_same(struct shelf *shelf)
{
    struct fora_hash rows, orders, again;
    struct kv_txn *txn;
    shelf_table(shelf, T_ROWS, &rows);
    shelf_table(shelf, T_ORDERS, &orders);
    assert_int_equal(kv_begin_write(shelf->kv, &txn), 0);
    rows_forget(txn);
    assert_int_equal(kv_commit(txn), 0);
    shelf_rows(shelf);
    shelf_table(shelf, T_ROWS, &again);
    assert_memory_equal(again.b, rows.b, sizeof rows.b);
    shelf_table(shelf, T_ORDERS, &again);
    assert_memory_equal(again.b, orders.b, sizeof orders.b);
}

static void run_seed(uint64_t seed, uint64_t *objects)
{
    static struct world world;
    struct shelf shelves[SHELVES];
    static const uint32_t batches[SHELVES] = {1, 5, 40, 200};
    world_init(&world, seed, 60 + (size_t)(seed % 200));
    for (size_t i = 0; i < SHELVES; i++) {
        shelf_init(&shelves[i]);
        world_deliver(&world, &shelves[i], seed * 31 + i, batches[i], i % 2 == 0);
        shelf_rows(&shelves[i]);
        for (size_t j = 0; j < WORLD_SPACES; j++) {
            *objects += shelf_check_set(&shelves[i], world.spaces[j]);
            assert_same_sets(&shelves[0], &shelves[i], world.spaces[j], seed);
        }
        assert_same_views(&shelves[0], &shelves[i], &world, seed);
    }
    assert_rebuilt_rows_are_the_same(&shelves[seed % SHELVES]);
    for (size_t i = 0; i < SHELVES; i++) {
        shelf_fini(&shelves[i]);
    }
    world_fini(&world);
}

static void inv1_equal_sets_and_views_whatever_the_order(void **state)
{
    uint64_t objects = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_seed(seed, &objects);
    }
    print_message("%llu members of sets compared\n", (unsigned long long)objects);
    assert_true(objects > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inv1_equal_sets_and_views_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
