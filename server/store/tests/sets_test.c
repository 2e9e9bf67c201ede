/* Sets, their logs, and the small indexes of sequences. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "store/sets.h"
#include "store/tests/store_rig.h"

#include <string.h>

static struct fora_space_id space_of(uint8_t byte)
{
    struct fora_space_id space = {.b = {byte, 1, 2, 3}};
    return space;
}

static int count_set(void *context, const struct set_info *info)
{
    uint32_t *next = context;
    assert_int_equal(info->number, ++*next);
    return 0;
}

static void rep1_a_set_per_space_and_audience(void **state)
{
    struct kv *kv = store_rig_mem();
    struct set_info info, again;
    uint32_t seen = 0;
    (void)state;
    struct kv_txn *txn = store_rig_write(kv);
    for (uint32_t i = 0; i < 300; i++) {
        struct fora_space_id space = space_of((uint8_t)(i / 3));
        assert_false(sets_find(txn, &space, i % 3, &info));
        sets_create(txn, &space, i % 3, &info);
        assert_int_equal(info.number, i + 1);
        info.count = i + 5;
        info.head = 2 * i;
        info.space_seq = 3 * i;
        info.policy_version = 4 * i;
        info.threads = 5 * i;
        sets_put(txn, &info);
        assert_true(sets_find(txn, &space, i % 3, &again));
        assert_memory_equal(&again, &info, sizeof info);
    }
    store_rig_commit(txn);
    txn = store_rig_read(kv);
    assert_int_equal(sets_each(txn, count_set, &seen), 0);
    assert_int_equal(seen, 300);
    assert_false(sets_get(txn, 301, &info));
    kv_abort(txn);
    kv_close(kv);
}

/* ---- the log ---- */

enum { LOG_MAX = 3000, SET = 2 };

struct reading {
    const store_seq *seqs;
    uint64_t position;
    uint64_t stop_after; /* 0: never */
    uint64_t seen;
};

static int read_one(void *context, uint64_t position, store_seq seq)
{
    struct reading *reading = context;
    assert_int_equal(position, reading->position++);
    assert_int_equal(seq, reading->seqs[position]);
    reading->seen++;
    return reading->seen == reading->stop_after ? 9 : 0;
}

static void a_log_is_read_from_any_position(void **state)
{
    static store_seq seqs[LOG_MAX];
    struct kv *kv = store_rig_mem();
    uint64_t seed = 3;
    size_t count = 0;
    (void)state;
    struct kv_txn *txn = store_rig_write(kv);
    setlog_append(txn, SET, 0, seqs, 0); /* nothing */
    /* Neighbours, which must not be read. */
    setlog_append(txn, SET - 1, 0, (const store_seq[]){1, 2}, 2);
    setlog_append(txn, SET + 1, 0, (const store_seq[]){3}, 1);
    while (count < LOG_MAX) {
        size_t run = 1 + fx_random(&seed, fx_random(&seed, 2) == 0 ? 3 : 400);
        run = run < LOG_MAX - count ? run : LOG_MAX - count;
        for (size_t i = 0; i < run; i++) {
            /* Falling sequences too: a profile that joins with its author's first object. */
            seqs[count + i] = 1 + fx_random(&seed, 2) * 0xffffffff0000u + fx_random(&seed, 60000);
        }
        setlog_append(txn, SET, count, seqs + count, run);
        count += run;
    }
    store_rig_commit(txn);
    txn = store_rig_read(kv);
    for (uint64_t from = 0; from <= LOG_MAX; from += 1 + from % 5) {
        struct reading reading = {.seqs = seqs, .position = from};
        assert_int_equal(setlog_each(txn, SET, from, read_one, &reading), 0);
        assert_int_equal(reading.seen, LOG_MAX - from);
    }
    struct reading reading = {.seqs = seqs, .position = 5, .stop_after = 7};
    assert_int_equal(setlog_each(txn, SET, 5, read_one, &reading), 9);
    assert_int_equal(reading.seen, 7);
    reading = (struct reading){.seqs = seqs};
    assert_int_equal(setlog_each(txn, SET + 5, 0, read_one, &reading), 0);
    assert_int_equal(setlog_each(txn, SET, LOG_MAX + 100, read_one, &reading), 0);
    assert_int_equal(reading.seen, 0);
    kv_abort(txn);
    kv_close(kv);
}

static int read_any(void *context, uint64_t position, store_seq seq)
{
    uint64_t *seen = context;
    (void)position;
    (void)seq;
    (*seen)++;
    return 0;
}

static void a_damaged_run_is_an_error(void **state)
{
    static const uint8_t endless[] = {0x80, 0x80};
    struct kv *kv = store_rig_mem();
    struct store_key key;
    uint64_t seen = 0;
    (void)state;
    struct kv_txn *txn = store_rig_write(kv);
    key_setlog(&key, SET, 0);
    kv_put(txn, T_SETLOG, store_key_bytes(&key), fora_bytes(endless, sizeof endless));
    assert_int_equal(setlog_each(txn, SET, 0, read_any, &seen), FORA_E_CORRUPT);
    assert_int_equal(seen, 0);
    kv_abort(txn);
    kv_close(kv);
}

/* ---- children and authors ---- */

struct list {
    uint64_t values[16];
    size_t count;
    size_t stop_at; /* 0: never */
};

static int list_seq(void *context, store_seq seq)
{
    struct list *list = context;
    assert_true(list->count < 16);
    list->values[list->count++] = seq;
    return list->count == list->stop_at ? 5 : 0;
}

static int list_set(void *context, uint32_t set)
{
    return list_seq(context, set);
}

static void assert_list(const struct list *list, const uint64_t *expected, size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list->values[i], expected[i]);
    }
}

static void children_come_in_order_of_arrival(void **state)
{
    struct kv *kv = store_rig_mem();
    struct list list = {.count = 0};
    (void)state;
    struct kv_txn *txn = store_rig_write(kv);
    children_add(txn, 7, 300);
    children_add(txn, 7, 7);
    children_add(txn, 7, 65536);
    children_add(txn, 6, 9);
    children_add(txn, 8, 10);
    assert_int_equal(children_each(txn, 7, list_seq, &list), 0);
    assert_list(&list, (const uint64_t[]){7, 300, 65536}, 3);
    children_remove(txn, 7, 300);
    children_remove(txn, 7, 301); /* never was there */
    list = (struct list){.count = 0};
    assert_int_equal(children_each(txn, 7, list_seq, &list), 0);
    assert_list(&list, (const uint64_t[]){7, 65536}, 2);
    list = (struct list){.stop_at = 1};
    assert_int_equal(children_each(txn, 7, list_seq, &list), 5);
    assert_int_equal(list.count, 1);
    list = (struct list){.count = 0};
    assert_int_equal(children_each(txn, 5, list_seq, &list), 0);
    assert_int_equal(list.count, 0);
    store_rig_commit(txn);
    kv_close(kv);
}

static void authors_are_found_from_both_sides(void **state)
{
    struct kv *kv = store_rig_mem();
    struct list list = {.count = 0};
    (void)state;
    struct kv_txn *txn = store_rig_write(kv);
    assert_false(authors_has(txn, 1, 10));
    assert_true(authors_join(txn, 1, 10));
    assert_true(authors_join(txn, 1, 300));
    assert_true(authors_join(txn, 2, 10));
    assert_true(authors_join(txn, 256, 10));
    assert_true(authors_join(txn, 2, 11));
    assert_true(authors_join(txn, 2, 12));
    assert_false(authors_join(txn, 2, 12));
    assert_int_equal(authors_add(txn, 2, 12, 1), 1);
    assert_int_equal(authors_add(txn, 2, 12, 1), 2);
    assert_int_equal(authors_remove(txn, 2, 12), 1);
    assert_true(authors_has(txn, 2, 12));
    assert_int_equal(authors_remove(txn, 2, 12), 0);
    assert_false(authors_has(txn, 2, 12));
    assert_true(authors_has(txn, 1, 10));
    assert_false(authors_has(txn, 1, 11));
    assert_int_equal(authors_sets(txn, 10, list_set, &list), 0);
    assert_list(&list, (const uint64_t[]){1, 2, 256}, 3);
    list = (struct list){.count = 0};
    assert_int_equal(authors_each(txn, 1, list_seq, &list), 0);
    assert_list(&list, (const uint64_t[]){10, 300}, 2);
    list = (struct list){.stop_at = 2};
    assert_int_equal(authors_sets(txn, 10, list_set, &list), 5);
    assert_int_equal(list.count, 2);
    store_rig_commit(txn);
    kv_close(kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep1_a_set_per_space_and_audience),
        cmocka_unit_test(a_log_is_read_from_any_position),
        cmocka_unit_test(a_damaged_run_is_an_error),
        cmocka_unit_test(children_come_in_order_of_arrival),
        cmocka_unit_test(authors_are_found_from_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
