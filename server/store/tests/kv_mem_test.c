/* What only the store in memory does: crashes, injected errors; and memory that runs out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/kv_rig.h"

#include <stdlib.h>
#include <string.h>

/* The linker sends the back end's allocations here (--wrap): the n-th from now fails, alone or with
 * all that follow. */
static unsigned long allocations_left; /* 0: no limit */
static bool allocations_end;
static bool allocation_failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool refuse(void)
{
    if (allocations_left == 0 || --allocations_left > 0)
        return false;
    allocations_left = allocations_end; /* 1: the next one too */
    allocation_failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __real_calloc(count, size);
}

static struct kv *kv_of(void **state)
{
    return ((struct rig *)*state)->kv;
}

static void store_one(struct kv *kv, const char *key)
{
    struct kv_txn *txn = rig_write(kv);
    rig_put(txn, 0, key, key);
    rig_commit(txn);
}

static void crash_keeps_what_is_durable(void **state)
{
    struct kv *kv = kv_of(state);
    store_one(kv, "durable");
    kv_mem_crash(kv);
    kv_mem_set_volatile(kv, true);
    store_one(kv, "synced");
    kv_mem_sync(kv);
    store_one(kv, "lost");
    struct kv_txn *before = rig_read(kv);
    rig_expect(before, 0, "lost", "lost");
    kv_mem_crash(kv);
    rig_expect(before, 0, "lost", "lost");
    kv_abort(before);

    struct kv_txn *txn = rig_read(kv);
    rig_expect(txn, 0, "durable", "durable");
    rig_expect(txn, 0, "synced", "synced");
    rig_expect(txn, 0, "lost", NULL);
    assert_int_equal(kv_count(txn, 0), 2);
    kv_abort(txn);

    kv_mem_set_volatile(kv, false);
    store_one(kv, "again");
    kv_mem_crash(kv);
    txn = rig_read(kv);
    rig_expect(txn, 0, "again", "again");
    kv_abort(txn);
}

/* Five writes and a commit: each of the six fails in turn, and nothing of the transaction is there.
 */
static void nth_write_or_commit_fails_once(void **state)
{
    struct kv *kv = kv_of(state);
    store_one(kv, "a");
    for (uint64_t n = 1; n <= 7; n++) {
        kv_mem_fail_at(kv, n, FORA_E_FULL);
        struct kv_txn *txn = rig_write(kv);
        uint8_t *out;
        kv_clear(txn, 0);
        kv_put(txn, 0, fora_bytes_str("b"), fora_bytes_str("b"));
        kv_append(txn, 0, fora_bytes_str("c"), fora_bytes_str("c"));
        kv_reserve(txn, 0, fora_bytes_str("d"), 1, &out);
        if (out != NULL)
            *out = 'd';
        kv_delete(txn, 0, fora_bytes_str("b"));
        assert_int_equal(kv_commit(txn), n <= 6 ? FORA_E_FULL : 0);
        txn = rig_read(kv);
        rig_expect(txn, 0, "a", n <= 6 ? "a" : NULL);
        rig_expect(txn, 0, "d", n <= 6 ? NULL : "d");
        kv_abort(txn);
    }
    kv_mem_fail_at(kv, 1, FORA_E_IO);
    kv_mem_fail_at(kv, 0, 0);
    store_one(kv, "z");
}

static void backup_is_unsupported(void **state)
{
    struct fora_buf why = {0};
    assert_int_equal(kv_backup(kv_of(state), "folder", &why), FORA_E_UNSUPPORTED);
    assert_true(why.size > 0);
    fora_buf_fini(&why);
}

enum { SPREAD = 211 };

/* Puts, deletes and walks; the first error ends it. */
static int work(struct kv *kv, unsigned round)
{
    struct kv_txn *txn;
    int error = kv_begin_write(kv, &txn);
    if (error != 0)
        return error;
    for (unsigned i = 0; i < 60; i++) {
        unsigned key = (i * 37 + round * 11) % SPREAD;
        kv_put(txn, 0, fora_bytes(&key, sizeof key), fora_bytes(&round, sizeof round));
        key = (i * 53 + round) % SPREAD;
        kv_delete(txn, 0, fora_bytes(&key, sizeof key));
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    while (kv_next(cursor, NULL, NULL))
        kv_put(txn, 1, fora_bytes_str("seen"), fora_bytes_str("x"));
    kv_cursor_close(cursor);
    return kv_commit(txn);
}

static uint64_t digest(struct kv *kv)
{
    struct kv_txn *txn = rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key, value;
    uint64_t hash = kv_count(txn, 0);
    while (kv_next(cursor, &key, &value)) {
        unsigned parts[2];
        memcpy(&parts[0], key.data, sizeof parts[0]);
        memcpy(&parts[1], value.data, sizeof parts[1]);
        hash = (hash ^ parts[0]) * 0x100000001B3U;
        hash = (hash ^ parts[1]) * 0x100000001B3U;
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return hash;
}

/* Every allocation of a transaction fails, once or for good: the result is FORA_E_NOMEM, the store
 * is as before. How many did. */
static unsigned fail_each(struct kv *kv, bool for_good)
{
    unsigned failures = 0;
    for (unsigned long n = 1;; n++) {
        uint64_t before = digest(kv);
        allocation_failed = false;
        allocations_end = for_good;
        allocations_left = n;
        int error = work(kv, 100 + (unsigned)n);
        allocations_left = 0;
        if (error != 0) {
            assert_true(allocation_failed);
            assert_int_equal(error, FORA_E_NOMEM);
            assert_int_equal(digest(kv), before);
            failures++;
            continue;
        }
        /* A rotation that was left out is no failure: all is there, and to do it again changes
         * nothing. */
        uint64_t done = digest(kv);
        assert_int_equal(work(kv, 100 + (unsigned)n), 0);
        assert_int_equal(digest(kv), done);
        if (!allocation_failed)
            return failures;
    }
}

static void every_allocation_may_fail(void **state)
{
    struct kv *kv = kv_of(state);
    for (unsigned round = 0; round < 4; round++)
        assert_int_equal(work(kv, round), 0);
    for (int for_good = 0; for_good < 2; for_good++) {
        unsigned failures = fail_each(kv, for_good != 0);
        print_message("%u allocations failed in turn\n", failures);
        assert_true(failures > 50);
    }
}

static void opening_may_run_out_of_memory(void **state)
{
    (void)state;
    for (unsigned long n = 1; n <= 2; n++) {
        struct kv *kv = NULL;
        allocations_left = n;
        assert_int_equal(kv_mem_open(&kv, 1), FORA_E_NOMEM);
        assert_null(kv);
    }
    allocations_left = 0;
}

#define MEM(test) cmocka_unit_test_setup_teardown(test, rig_setup_mem, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEM(crash_keeps_what_is_durable),
        MEM(nth_write_or_commit_fails_once),
        MEM(backup_is_unsupported),
        MEM(every_allocation_may_fail),
        MEM(opening_may_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
