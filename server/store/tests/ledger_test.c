/* The ledger: a batch joins and leaves sets at once or not at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "store/ledger.h"
#include "store/sums_source.h"
#include "store/tests/store_rig.h"

#include <string.h>

static const struct fora_space_id one = {.b = {1}}, two = {.b = {2}};

static struct fora_object_id id_of(uint32_t n)
{
    struct fora_object_id id = {
        .b = {(uint8_t)(n * 37), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
    return id;
}

static void join(struct ledger *ledger, const struct fora_space_id *space, uint32_t n)
{
    struct fora_object_id id = id_of(n);
    struct ledger_set *set = ledger_set_create(ledger, space, FORA_AUDIENCE_PUBLIC);
    assert_non_null(set);
    ledger_join(ledger, set, n, 1000 * (uint64_t)n, &id, 0);
}

static void leave(struct ledger *ledger, const struct fora_space_id *space, uint32_t n)
{
    struct fora_object_id id = id_of(n);
    struct ledger_set *set = ledger_set(ledger, space, FORA_AUDIENCE_PUBLIC);
    assert_non_null(set);
    ledger_leave(ledger, set, 1000 * (uint64_t)n, &id);
}

static void begin(struct ledger *ledger, struct kv *kv)
{
    assert_int_equal(ledger_begin(ledger, kv), 0);
}

struct members {
    struct fora_neg_sum sum;
    uint64_t log;
};

static int count_log(void *context, uint64_t position, store_seq seq)
{
    struct members *members = context;
    assert_int_equal(position, members->log++);
    assert_true(seq > 0);
    return 0;
}

/* The set holds these and no others, by items, tree, info and log. */
static void assert_set(struct kv *kv, const struct fora_space_id *space, const uint32_t *numbers,
    size_t count, uint64_t joined)
{
    struct kv_txn *txn = store_rig_read(kv);
    struct set_info info;
    struct members members = {.log = 0};
    struct fora_neg_sum expected;
    uint64_t nodes = 0;
    assert_true(sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &info));
    fora_neg_sum_zero(&expected);
    for (size_t i = 0; i < count; i++) {
        struct fora_object object = {
            .id = id_of(numbers[i]), .header.created_at = 1000 * (uint64_t)numbers[i]};
        fora_neg_sum_add_id(&expected, object.id.b);
        assert_true(sets_holds(txn, info.number, &object));
    }
    sums_total(txn, info.number, &members.sum);
    assert_int_equal(members.sum.count, count);
    assert_memory_equal(members.sum.sum, expected.sum, sizeof expected.sum);
    assert_int_equal(info.count, count);
    assert_int_equal(sums_check(txn, info.number, &nodes), 0);
    assert_int_equal(setlog_each(txn, info.number, 0, count_log, &members), 0);
    assert_int_equal(members.log, joined);
    assert_int_equal(info.head, joined);
    kv_abort(txn);
}

static void a_batch_joins_several_sets(void **state)
{
    struct kv *kv = store_rig_mem();
    struct ledger ledger;
    (void)state;
    begin(&ledger, kv);
    assert_null(ledger_set(&ledger, &one, FORA_AUDIENCE_PUBLIC));
    for (uint32_t n = 1; n <= 5; n++) {
        join(&ledger, n % 2 == 1 ? &one : &two, n);
    }
    assert_int_equal(ledger_commit(&ledger), 0);
    assert_set(kv, &one, (const uint32_t[]){1, 3, 5}, 3, 3);
    assert_set(kv, &two, (const uint32_t[]){2, 4}, 2, 2);
    begin(&ledger, kv);
    join(&ledger, &one, 9);
    leave(&ledger, &one, 3);
    assert_int_equal(ledger_commit(&ledger), 0);
    assert_set(kv, &one, (const uint32_t[]){1, 5, 9}, 3, 4);
    kv_close(kv);
}

static void joining_and_leaving_in_one_batch(void **state)
{
    struct kv *kv = store_rig_mem();
    struct ledger ledger;
    (void)state;
    begin(&ledger, kv);
    join(&ledger, &one, 1);
    join(&ledger, &one, 2);
    leave(&ledger, &one, 1); /* a newer one took its slot */
    join(&ledger, &one, 3);
    leave(&ledger, &one, 2);
    leave(&ledger, &one, 3);
    join(&ledger, &one, 4);
    struct ledger_set *set = ledger_set(&ledger, &one, FORA_AUDIENCE_PUBLIC);
    assert_true(set->joined);
    assert_int_equal(ledger_commit(&ledger), 0);
    assert_set(kv, &one, (const uint32_t[]){4}, 1, 4);
    kv_close(kv);
}

static void what_was_applied_is_seen_and_the_ledger_goes_on(void **state)
{
    struct kv *kv = store_rig_mem();
    struct ledger ledger;
    struct set_info info;
    (void)state;
    begin(&ledger, kv);
    join(&ledger, &one, 1);
    ledger_apply(&ledger);
    assert_true(sets_find(ledger.txn, &one, FORA_AUDIENCE_PUBLIC, &info));
    assert_int_equal(info.count, 1);
    join(&ledger, &one, 2);
    ledger_apply(&ledger);
    ledger_apply(&ledger);
    assert_true(ledger_set_number(&ledger, info.number)->joined);
    assert_null(ledger_set_number(&ledger, info.number + 1));
    assert_int_equal(ledger_commit(&ledger), 0);
    assert_set(kv, &one, (const uint32_t[]){1, 2}, 2, 2);
    kv_close(kv);
}

static void an_aborted_batch_leaves_nothing(void **state)
{
    struct kv *kv = store_rig_mem();
    struct ledger ledger;
    struct fora_object object = {.id = id_of(1), .encoded = fora_bytes("x", 1)};
    (void)state;
    begin(&ledger, kv);
    assert_int_equal(objects_append(&ledger.objects, &object, 0), 1);
    join(&ledger, &one, 1);
    ledger_apply(&ledger);
    join(&ledger, &two, 2);
    ledger_abort(&ledger);
    struct kv_txn *txn = store_rig_read(kv);
    for (unsigned table = 0; table < STORE_TABLE_COUNT; table++) {
        assert_int_equal(kv_count(txn, table), 0);
    }
    kv_abort(txn);
    kv_close(kv);
}

/* ---- the tail ---- */

enum { MODEL_MAX = 250 };

/* The members of a set, ascending; each `number` has a time and an id (join, id_of). */
struct model {
    uint32_t numbers[MODEL_MAX];
    size_t count;
};

static struct fora_neg_item item_of_number(uint32_t number)
{
    struct fora_neg_item item = {.time = number};
    struct fora_object_id id = id_of(number);
    memcpy(item.id, id.b, sizeof item.id);
    return item;
}

static void model_toggle(struct model *model, uint32_t number, bool in)
{
    size_t at = 0;
    while (at < model->count && model->numbers[at] < number) {
        at++;
    }
    if (in) {
        memmove(model->numbers + at + 1, model->numbers + at,
            (model->count++ - at) * sizeof *model->numbers);
        model->numbers[at] = number;
    } else {
        memmove(model->numbers + at, model->numbers + at + 1,
            (--model->count - at) * sizeof *model->numbers);
    }
}

struct scan {
    const struct model *model;
    size_t at;
};

static int scan_item(void *context, const struct fora_neg_item *item)
{
    struct scan *scan = context;
    struct fora_neg_item expected = item_of_number(scan->model->numbers[scan->at++]);
    assert_int_equal(fora_neg_item_compare(item, &expected), 0);
    return 0;
}

static void assert_range(
    const struct fora_neg_source *source, const struct model *model, size_t begin, size_t end)
{
    struct fora_neg_sum sum, expected;
    struct scan scan = {model, begin};
    fora_neg_sum_zero(&expected);
    for (size_t i = begin; i < end; i++) {
        struct fora_neg_item item = item_of_number(model->numbers[i]);
        fora_neg_sum_add_id(&expected, item.id);
    }
    assert_int_equal(source->sum(source->context, begin, end, &sum), 0);
    assert_int_equal(sum.count, expected.count);
    assert_memory_equal(sum.sum, expected.sum, sizeof sum.sum);
    assert_int_equal(source->scan(source->context, begin, end, scan_item, &scan), 0);
    assert_int_equal(scan.at, end);
}

/* A cut is where it may be, and its bound stands between the items there. */
static void assert_cut(const struct fora_neg_source *source, uint64_t near, uint64_t slack)
{
    struct fora_neg_item bound;
    uint64_t position, below;
    assert_int_equal(source->cut(source->context, near, slack, &position, &bound), 0);
    assert_in_range(position, near - slack, near + slack);
    assert_int_equal(source->lower_bound(source->context, &bound, &below), 0);
    assert_int_equal(below, position);
}

/* The source says of the set what a plain list says. */
static void assert_source(struct kv *kv, const struct model *model, uint64_t *seed)
{
    struct kv_txn *txn = store_rig_read(kv);
    struct set_info info;
    uint64_t size, position;
    assert_true(sets_find(txn, &one, FORA_AUDIENCE_PUBLIC, &info));
    struct sums_source context = {.txn = txn, .set = info.number};
    struct fora_neg_source source = sums_neg_source(&context);
    assert_int_equal(source.size(source.context, &size), 0);
    assert_int_equal(size, model->count);
    assert_int_equal(info.count, model->count);
    for (size_t i = 0; i < model->count; i++) {
        struct fora_neg_item item, expected = item_of_number(model->numbers[i]);
        assert_int_equal(source.item(source.context, i, &item), 0);
        assert_int_equal(fora_neg_item_compare(&item, &expected), 0);
        assert_int_equal(source.lower_bound(source.context, &expected, &position), 0);
        assert_int_equal(position, i);
    }
    for (size_t round = 0; round < 8; round++) {
        size_t begin = fx_random(seed, (uint32_t)model->count + 1);
        size_t end = begin + fx_random(seed, (uint32_t)(model->count - begin) + 1);
        assert_range(&source, model, begin, end);
    }
    for (uint64_t near = 1; near < model->count; near++) {
        uint64_t room = near - 1 < model->count - near - 1 ? near - 1 : model->count - near - 1;
        assert_cut(&source, near, fx_random(seed, (uint32_t)room + 1));
    }
    sums_source_end(&context);
    kv_abort(txn);
}

/* Commits of a few objects, in any order of their dates, some of which leave again: with a tail and
 * without, all that reconciliation asks is answered as of the whole set. */
static void rep6_the_tail_belongs_to_the_set(void **state)
{
    struct kv *kv = store_rig_mem();
    struct model model = {.count = 0};
    bool in[MODEL_MAX] = {false};
    uint64_t seed = 11, tails = 0;
    (void)state;
    for (size_t round = 0; round < 250; round++) {
        struct ledger ledger;
        struct set_info info;
        begin(&ledger, kv);
        for (size_t n = 1 + fx_random(&seed, 3); n > 0; n--) {
            uint32_t number = 1 + fx_random(&seed, MODEL_MAX - 1);
            bool leaves = in[number] && fx_random(&seed, 4) == 0;
            if (!in[number] || leaves) {
                (leaves ? leave : join)(&ledger, &one, number);
                in[number] = !leaves;
                model_toggle(&model, number, !leaves);
            }
        }
        if (round % 60 == 59) {
            ledger_settle(&ledger);
        }
        assert_int_equal(ledger_commit(&ledger), 0);
        if (round % 4 == 0) {
            assert_source(kv, &model, &seed);
        }
        struct kv_txn *txn = store_rig_read(kv);
        assert_true(sets_find(txn, &one, FORA_AUDIENCE_PUBLIC, &info));
        assert_true(round % 60 != 59 || info.tail.count == 0);
        tails += info.tail.count > 2;
        kv_abort(txn);
    }
    assert_true(tails > 50);
    kv_close(kv);
}

/* Authors are counted when the tail settles, and before one leaves. */
static void the_authors_of_the_tail_are_counted(void **state)
{
    struct kv *kv = store_rig_mem();
    struct ledger ledger;
    struct set_info info;
    (void)state;
    for (uint32_t n = 1; n <= 5; n++) {
        struct fora_object_id id = id_of(n);
        begin(&ledger, kv);
        struct ledger_set *set = ledger_set_create(&ledger, &one, FORA_AUDIENCE_PUBLIC);
        assert_int_equal(authors_join(ledger.txn, set->info.number, 7 + n % 2), n <= 2);
        ledger_join(&ledger, set, n, 1000, &id, 7 + n % 2);
        assert_int_equal(ledger_commit(&ledger), 0);
    }
    begin(&ledger, kv);
    struct ledger_set *set = ledger_set(&ledger, &one, FORA_AUDIENCE_PUBLIC);
    assert_int_equal(set->info.tail.count, 5);
    struct fora_object_id id = id_of(2);
    ledger_leave(&ledger, set, 1000, &id);
    assert_int_equal(ledger_author_leaves(&ledger, set, 7), 1);
    assert_int_equal(ledger_author_leaves(&ledger, set, 8), 2);
    uint32_t number = set->info.number;
    assert_int_equal(ledger_commit(&ledger), 0);
    struct kv_txn *txn = store_rig_read(kv);
    assert_true(sets_get(txn, number, &info));
    assert_int_equal(info.count, 4);
    assert_int_equal(info.tail.count, 0);
    assert_true(authors_has(txn, number, 7));
    kv_abort(txn);
    kv_close(kv);
}

/* A write that fails anywhere fails the whole; the next batch works. */
static void a_failed_write_leaves_nothing(void **state)
{
    struct kv *kv = store_rig_mem();
    struct ledger ledger;
    uint64_t n = 1;
    int rc;
    (void)state;
    begin(&ledger, kv);
    join(&ledger, &one, 1);
    assert_int_equal(ledger_commit(&ledger), 0);
    do {
        kv_mem_fail_at(kv, n++, FORA_E_FULL);
        begin(&ledger, kv);
        for (uint32_t i = 2; i < 300; i++) {
            join(&ledger, &one, i);
        }
        leave(&ledger, &one, 1);
        rc = ledger_commit(&ledger);
        if (rc != 0) {
            assert_int_equal(rc, FORA_E_FULL);
            assert_set(kv, &one, (const uint32_t[]){1}, 1, 1);
        }
    } while (rc != 0);
    assert_true(n > 300);
    struct kv_txn *txn = store_rig_read(kv);
    struct set_info info;
    assert_true(sets_find(txn, &one, FORA_AUDIENCE_PUBLIC, &info));
    assert_int_equal(info.count, 298);
    kv_abort(txn);
    kv_close(kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_joins_several_sets),
        cmocka_unit_test(joining_and_leaving_in_one_batch),
        cmocka_unit_test(what_was_applied_is_seen_and_the_ledger_goes_on),
        cmocka_unit_test(an_aborted_batch_leaves_nothing),
        cmocka_unit_test(rep6_the_tail_belongs_to_the_set),
        cmocka_unit_test(the_authors_of_the_tail_are_counted),
        cmocka_unit_test(a_failed_write_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
