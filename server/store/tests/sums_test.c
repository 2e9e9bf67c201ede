/*
 * The fingerprint tree against a naive sum over a sorted array, after every batch: positions, lower
 * bounds, sums of ranges, scans and the tree's own check; and two sets that reconcile over it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "store/sums_source.h"
#include "store/tests/store_rig.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 30000, BATCH_MAX = 3000, SET = 3, PROBES = 25 };

struct model {
    struct kv *kv;
    struct fora_neg_item *items; /* sorted, without doubles */
    struct fora_neg_item *spare;
    size_t count;
    uint64_t seed;
};

static struct model *model_new(uint64_t seed)
{
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    model->items = calloc(ITEMS_MAX, sizeof *model->items);
    model->spare = calloc(ITEMS_MAX, sizeof *model->spare);
    assert_non_null(model->items);
    assert_non_null(model->spare);
    model->kv = store_rig_mem();
    model->seed = seed;
    return model;
}

static void model_free(struct model *model)
{
    kv_close(model->kv);
    free(model->items);
    free(model->spare);
    free(model);
}

static struct fora_neg_item make_item(struct model *model, uint64_t time)
{
    struct fora_neg_item item = {.time = time};
    for (size_t i = 0; i < sizeof item.id; i++) {
        item.id[i] = (uint8_t)fx_random(&model->seed, 256);
    }
    return item;
}

static int by_item(const void *a, const void *b)
{
    const struct sums_change *x = a;
    const struct sums_change *y = b;
    return fora_neg_item_compare(&x->item, &y->item);
}

/* The same change to the array: one merge of two sorted lists. */
static void model_change(struct model *model, const struct sums_change *sorted, size_t count)
{
    size_t at = 0, out = 0;
    for (size_t i = 0; i < count; i++) {
        const struct fora_neg_item *item = &sorted[i].item;
        while (at < model->count && fora_neg_item_compare(&model->items[at], item) < 0) {
            model->spare[out++] = model->items[at++];
        }
        if (at < model->count && fora_neg_item_compare(&model->items[at], item) == 0) {
            at++;
        }
        assert_true(out < ITEMS_MAX);
        if (!sorted[i].remove) {
            model->spare[out++] = *item;
        }
    }
    while (at < model->count) {
        model->spare[out++] = model->items[at++];
    }
    struct fora_neg_item *items = model->items;
    model->items = model->spare;
    model->spare = items;
    model->count = out;
}

static void apply(struct model *model, struct sums_change *changes, size_t count)
{
    struct sums_change *copy = calloc(count + 1, sizeof *copy);
    int64_t delta = 0;
    size_t before = model->count;
    assert_non_null(copy);
    memcpy(copy, changes, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, by_item);
    model_change(model, copy, count);
    free(copy);
    struct kv_txn *txn = store_rig_write(model->kv);
    sums_apply(txn, SET, changes, count, &delta);
    store_rig_commit(txn);
    assert_int_equal(delta, (int64_t)model->count - (int64_t)before);
}

/* ---- comparing ---- */

static void sum_of(const struct model *model, size_t begin, size_t end, struct fora_neg_sum *out)
{
    fora_neg_sum_zero(out);
    for (size_t i = begin; i < end; i++) {
        fora_neg_sum_add_id(out, model->items[i].id);
    }
}

static void assert_sums_equal(const struct fora_neg_sum *got, const struct fora_neg_sum *expected)
{
    assert_int_equal(got->count, expected->count);
    assert_memory_equal(got->sum, expected->sum, sizeof got->sum);
}

struct scan {
    const struct model *model;
    size_t at;
};

static int scan_one(void *context, const struct fora_neg_item *item)
{
    struct scan *scan = context;
    assert_true(scan->at < scan->model->count);
    assert_int_equal(fora_neg_item_compare(item, &scan->model->items[scan->at]), 0);
    scan->at++;
    return 0;
}

static size_t naive_bound(const struct model *model, const struct fora_neg_item *bound)
{
    size_t at = 0;
    while (at < model->count && fora_neg_item_compare(&model->items[at], bound) < 0) {
        at++;
    }
    return at;
}

static void probe_range(struct model *model, const struct fora_neg_source *source)
{
    struct fora_neg_sum got, expected;
    size_t begin = fx_random(&model->seed, (uint32_t)model->count + 1);
    size_t end = begin + fx_random(&model->seed, (uint32_t)(model->count - begin) + 1);
    assert_int_equal(source->sum(source->context, begin, end, &got), 0);
    sum_of(model, begin, end, &expected);
    assert_sums_equal(&got, &expected);
    struct scan scan = {model, begin};
    size_t few = begin + (end - begin < 300 ? end - begin : 300);
    assert_int_equal(source->scan(source->context, begin, few, scan_one, &scan), 0);
    assert_int_equal(scan.at, few);
}

static void probe_item(struct model *model, const struct fora_neg_source *source)
{
    struct fora_neg_item item, bound;
    uint64_t at = fx_random(&model->seed, (uint32_t)model->count), got;
    assert_int_equal(source->item(source->context, at, &item), 0);
    assert_int_equal(fora_neg_item_compare(&item, &model->items[at]), 0);
    assert_int_equal(source->lower_bound(source->context, &item, &got), 0);
    assert_int_equal(got, at);
    /* Between two items, and at the borders of a second. */
    bound = item;
    bound.id[31] ^= 1;
    assert_int_equal(source->lower_bound(source->context, &bound, &got), 0);
    assert_int_equal(got, naive_bound(model, &bound));
    memset(bound.id, 0, sizeof bound.id);
    assert_int_equal(source->lower_bound(source->context, &bound, &got), 0);
    assert_int_equal(got, naive_bound(model, &bound));
}

/* A cut is where it may be, and its bound stands between the items there. */
static void probe_cut(struct model *model, const struct fora_neg_source *source)
{
    uint64_t near = 1 + fx_random(&model->seed, (uint32_t)model->count - 1);
    uint64_t before = near - 1, behind = model->count - near - 1;
    uint64_t room = before < behind ? before : behind;
    uint64_t slack = fx_random(&model->seed, (uint32_t)(room < 500 ? room : 500) + 1);
    struct fora_neg_item bound;
    uint64_t position;
    slack = fx_random(&model->seed, 3) == 0 ? 0 : slack;
    assert_int_equal(source->cut(source->context, near, slack, &position, &bound), 0);
    assert_in_range(position, near - slack, near + slack);
    assert_true(fora_neg_item_compare(&model->items[position - 1], &bound) < 0);
    assert_true(fora_neg_item_compare(&bound, &model->items[position]) <= 0);
}

static void compare_all(struct model *model)
{
    struct kv_txn *txn = store_rig_read(model->kv);
    struct sums_source context = {.txn = txn, .set = SET};
    struct fora_neg_source source = sums_neg_source(&context);
    struct fora_neg_sum got, expected;
    const struct fora_neg_item infinity = {.time = UINT64_MAX};
    uint64_t size, nodes = 0;
    sums_total(txn, SET, &got);
    sum_of(model, 0, model->count, &expected);
    assert_sums_equal(&got, &expected);
    assert_int_equal(source.size(source.context, &size), 0);
    assert_int_equal(size, model->count);
    assert_int_equal(source.lower_bound(source.context, &infinity, &size), 0);
    assert_int_equal(size, model->count);
    for (size_t i = 0; i < PROBES; i++) {
        probe_range(model, &source);
        if (model->count > 0) {
            probe_item(model, &source);
        }
        if (model->count > 1) {
            probe_cut(model, &source);
        }
    }
    sums_source_end(&context);
    assert_int_equal(sums_check(txn, SET, &nodes), 0);
    assert_true(nodes >= (model->count > 0 ? SUMS_LEVELS : 0));
    kv_abort(txn);
}

/* ---- arrivals ---- */

typedef uint64_t time_fn(struct model *model, size_t at);

static uint64_t spread(struct model *model, size_t at)
{
    (void)at;
    return 1000 + fx_random(&model->seed, 100000000);
}

static uint64_t ascending(struct model *model, size_t at)
{
    (void)model;
    return 1000 + at;
}

static uint64_t descending(struct model *model, size_t at)
{
    (void)model;
    return 1000000 - at;
}

static uint64_t equal(struct model *model, size_t at)
{
    (void)model;
    (void)at;
    return 77;
}

static uint64_t clustered(struct model *model, size_t at)
{
    (void)at;
    return 1000 + 1000000 * (uint64_t)fx_random(&model->seed, 5) + fx_random(&model->seed, 3);
}

/* Batches of 1 to BATCH_MAX: mostly arrivals, some departures, some changes that change nothing. */
static size_t fill_batch(
    struct model *model, time_fn *time, struct sums_change *changes, size_t *made)
{
    size_t size = 1 + fx_random(&model->seed, fx_random(&model->seed, 2) == 0 ? 10 : BATCH_MAX);
    uint32_t removes = fx_random(&model->seed, 3) == 0 ? 80 : 5; /* of a hundred */
    size_t old = 0;
    for (size_t i = 0; i < size; i++) {
        bool take = fx_random(&model->seed, 100) < removes && old + 3 < model->count;
        if (take) {
            old += 1 + fx_random(&model->seed, 3);
            changes[i].item = model->items[old < model->count ? old : model->count - 1];
            changes[i].remove = fx_random(&model->seed, 10) != 0; /* else: it is there already */
        } else {
            changes[i].item = make_item(model, time(model, (*made)++));
            changes[i].remove = fx_random(&model->seed, 20) == 0; /* never was there */
        }
    }
    return size;
}

static void run(time_fn *time, uint64_t seed)
{
    struct model *model = model_new(seed);
    struct sums_change *changes = calloc(BATCH_MAX, sizeof *changes);
    size_t made = 0, batches = 0;
    assert_non_null(changes);
    while (model->count < ITEMS_MAX - 2 * BATCH_MAX && batches < 60) {
        size_t size = fill_batch(model, time, changes, &made);
        apply(model, changes, size);
        compare_all(model);
        batches++;
    }
    assert_true(model->count > 3000);
    free(changes);
    model_free(model);
}

static void spread_times(void **state)
{
    (void)state;
    run(spread, 1);
}

static void ascending_times(void **state)
{
    (void)state;
    run(ascending, 2);
}

static void descending_times(void **state)
{
    (void)state;
    run(descending, 3);
}

static void equal_times(void **state)
{
    (void)state;
    run(equal, 4);
}

static void clustered_times(void **state)
{
    (void)state;
    run(clustered, 5);
}

/* Ascending arrival one by one is what a live node sees. */
static void one_at_a_time(void **state)
{
    (void)state;
    struct model *model = model_new(6);
    for (size_t i = 0; i < 3000; i++) {
        struct sums_change change = {.item = make_item(model, 5000 + i / 3)};
        apply(model, &change, 1);
        if (i % 251 == 0) {
            compare_all(model);
        }
    }
    compare_all(model);
    model_free(model);
}

static void a_set_may_become_empty_and_grow_again(void **state)
{
    (void)state;
    struct model *model = model_new(7);
    struct sums_change *changes = calloc(BATCH_MAX, sizeof *changes);
    assert_non_null(changes);
    compare_all(model);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < BATCH_MAX; i++) {
            changes[i] = (struct sums_change){.item = make_item(model, spread(model, i))};
        }
        apply(model, changes, BATCH_MAX);
        compare_all(model);
        for (size_t i = 0; i < BATCH_MAX; i++) {
            changes[i] = (struct sums_change){.item = model->items[i], .remove = true};
        }
        apply(model, changes, BATCH_MAX);
        assert_int_equal(model->count, 0);
        compare_all(model);
    }
    free(changes);
    model_free(model);
}

static void neighbouring_sets_do_not_mix(void **state)
{
    (void)state;
    struct model *model = model_new(8);
    struct sums_change *changes = calloc(2000, sizeof *changes);
    int64_t delta = 0;
    assert_non_null(changes);
    for (uint32_t set = SET - 1; set <= SET + 1; set++) {
        for (size_t i = 0; i < 2000; i++) {
            changes[i] = (struct sums_change){.item = make_item(model, spread(model, i))};
        }
        if (set == SET) {
            apply(model, changes, 2000);
            continue;
        }
        struct kv_txn *txn = store_rig_write(model->kv);
        sums_apply(txn, set, changes, 2000, &delta);
        store_rig_commit(txn);
    }
    assert_int_equal(delta, 4000);
    compare_all(model);
    free(changes);
    model_free(model);
}

/* A damaged or missing node is found by the check. */
static void the_check_finds_damage(void **state)
{
    (void)state;
    struct model *model = model_new(9);
    struct sums_change *changes = calloc(BATCH_MAX, sizeof *changes);
    uint64_t nodes = 0;
    assert_non_null(changes);
    for (size_t i = 0; i < BATCH_MAX; i++) {
        changes[i] = (struct sums_change){.item = make_item(model, spread(model, i))};
    }
    apply(model, changes, BATCH_MAX);
    for (uint32_t n = 0; n < 8; n++) {
        assert_true(store_rig_flip(model->kv, T_SUMS, n * 7, n * 5));
        struct kv_txn *txn = store_rig_read(model->kv);
        assert_int_equal(sums_check(txn, SET, &nodes), FORA_E_CORRUPT);
        kv_abort(txn);
        assert_true(store_rig_flip(model->kv, T_SUMS, n * 7, n * 5)); /* and back */
        compare_all(model);
    }
    assert_true(store_rig_drop(model->kv, T_ITEMS, 99));
    struct kv_txn *txn = store_rig_read(model->kv);
    assert_int_equal(sums_check(txn, SET, &nodes), FORA_E_CORRUPT);
    kv_abort(txn);
    free(changes);
    model_free(model);
}

/* ---- reconciliation ---- */

struct found {

    struct sums_change *have_changes, *need_changes;
    size_t have_count, need_count;
};

static int note_have(void *context, const uint8_t id[32])
{
    struct found *found = context;
    assert_true(found->have_count < BATCH_MAX);
    memcpy(found->have_changes[found->have_count++].item.id, id, 32);
    return 0;
}

static int note_need(void *context, const uint8_t id[32])
{
    struct found *found = context;
    assert_true(found->need_count < BATCH_MAX);
    memcpy(found->need_changes[found->need_count++].item.id, id, 32);
    return 0;
}

static size_t reconcile(struct model *ours, struct model *theirs, struct found *found)
{
    struct kv_txn *our_txn = store_rig_read(ours->kv), *their_txn = store_rig_read(theirs->kv);
    struct sums_source our_context = {.txn = our_txn, .set = SET};
    struct sums_source their_context = {.txn = their_txn, .set = SET};
    struct fora_neg_source a = sums_neg_source(&our_context), b = sums_neg_source(&their_context);
    const struct fora_neg_limits limits = {.frame_max = 4096, .lean = ours->count % 2 == 0};
    const struct fora_neg_report report = {found, note_have, note_need};
    struct fora_buf message = {0}, reply = {0};
    size_t rounds = 0;
    assert_int_equal(fora_neg_start(&a, &limits, &message), 0);
    while (message.size > 0) {
        assert_true(++rounds < 100);
        fora_buf_clear(&reply);
        assert_int_equal(fora_neg_reply(&b, &limits, fora_buf_bytes(&message), NULL, &reply), 0);
        fora_buf_clear(&message);
        assert_int_equal(fora_neg_reply(&a, &limits, fora_buf_bytes(&reply), &report, &message), 0);
    }
    fora_buf_fini(&message);
    fora_buf_fini(&reply);
    sums_source_end(&our_context);
    sums_source_end(&their_context);
    kv_abort(our_txn);
    kv_abort(their_txn);
    return rounds;
}

static int by_id(const void *a, const void *b)
{
    const struct sums_change *x = a;
    const struct sums_change *y = b;
    return memcmp(x->item.id, y->item.id, sizeof x->item.id);
}

static size_t unique(struct sums_change *changes, size_t count)
{
    size_t kept = 0;
    qsort(changes, count, sizeof *changes, by_id);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_id(&changes[kept - 1], &changes[i]) != 0) {
            changes[kept++] = changes[i];
        }
    }
    return kept;
}

static void assert_same_ids(
    struct sums_change *got, size_t count, struct sums_change *expected, size_t expected_count)
{
    count = unique(got, count);
    assert_int_equal(count, expected_count);
    qsort(expected, expected_count, sizeof *expected, by_id);
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(got[i].item.id, expected[i].item.id, 32);
    }
}

/* REP-6: reconciliation over two trees of different history finds exactly the differences. */
static void rep6_reconciliation_finds_the_differences(void **state)
{
    (void)state;
    static const size_t differences[] = {0, 1, 10, 300};
    struct model *ours = model_new(10), *theirs = model_new(11);
    struct sums_change *common = calloc(4 * BATCH_MAX, sizeof *common);
    struct sums_change *extra = calloc(BATCH_MAX, sizeof *extra);
    struct sums_change *others = calloc(BATCH_MAX, sizeof *others);
    struct found found = {.have_changes = calloc(BATCH_MAX, sizeof *common),
        .need_changes = calloc(BATCH_MAX, sizeof *common)};
    assert_true(common != NULL && extra != NULL && others != NULL);
    assert_true(found.have_changes != NULL && found.need_changes != NULL);
    for (size_t i = 0; i < 4 * BATCH_MAX; i++) {
        common[i].item = make_item(ours, clustered(ours, i));
    }
    for (size_t i = 0; i < 4 * BATCH_MAX; i += 500) {
        apply(theirs, common + i, 500);
    }
    apply(ours, common, 4 * BATCH_MAX);
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        for (size_t j = 0; j < differences[i]; j++) {
            extra[j] = (struct sums_change){.item = make_item(ours, clustered(ours, j))};
            others[j] = (struct sums_change){.item = make_item(ours, spread(ours, j))};
        }
        apply(ours, extra, differences[i]);
        apply(theirs, others, differences[i]);
        found.have_count = found.need_count = 0;
        size_t rounds = reconcile(ours, theirs, &found);
        assert_true(differences[i] > 0 || rounds == 1);
        assert_same_ids(found.have_changes, found.have_count, extra, differences[i]);
        assert_same_ids(found.need_changes, found.need_count, others, differences[i]);
        apply(ours, others, differences[i]);
        apply(theirs, extra, differences[i]);
        found.have_count = found.need_count = 0;
        assert_int_equal(reconcile(ours, theirs, &found), 1);
        assert_int_equal(found.have_count + found.need_count, 0);
    }
    free(common);
    free(extra);
    free(others);
    free(found.have_changes);
    free(found.need_changes);
    model_free(ours);
    model_free(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_times),
        cmocka_unit_test(ascending_times),
        cmocka_unit_test(descending_times),
        cmocka_unit_test(equal_times),
        cmocka_unit_test(clustered_times),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(a_set_may_become_empty_and_grow_again),
        cmocka_unit_test(neighbouring_sets_do_not_mix),
        cmocka_unit_test(the_check_finds_damage),
        cmocka_unit_test(rep6_reconciliation_finds_the_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
