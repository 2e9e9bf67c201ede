/* Ids: whatever way they took into the tables, each is found, once, by the transaction that put it
 * and by those after it; and who chooses ids only has them settled earlier. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "store/ids.h"
#include "store/tests/store_rig.h"

#include <stdlib.h>
#include <string.h>

enum { MODEL_MAX = 40000 };

/* What ought to be there: ids made of a number, and the sequence of each; 0: none. */
struct model {
    store_seq seqs[MODEL_MAX];
    size_t made;
    size_t there;
};

/* Spread evenly, as hashes are. */
static void id_of(uint64_t number, uint8_t id[FORA_ID_SIZE])
{
    memset(id, 0, FORA_ID_SIZE);
    for (size_t i = 0; i < 2; i++) {
        uint64_t z = (2 * number + i) * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy(id + 8 * i, &z, 8);
    }
}

static void put_some(struct ids_batch *batch, struct model *model, size_t count)
{
    uint8_t id[FORA_ID_SIZE];
    for (size_t i = 0; i < count; i++) {
        id_of(model->made, id);
        ids_put(batch, id, model->made + 1);
        model->seqs[model->made] = model->made + 1;
        model->made++;
        model->there++;
    }
}

static void remove_one(struct ids_batch *batch, struct model *model, size_t number)
{
    uint8_t id[FORA_ID_SIZE];
    if (model->seqs[number] != 0) {
        id_of(number, id);
        ids_remove(batch, id);
        model->seqs[number] = 0;
        model->there--;
    }
}

static void assert_model(struct kv_txn *txn, const struct model *model)
{
    uint8_t id[FORA_ID_SIZE];
    for (size_t i = 0; i < model->made; i++) {
        id_of(i, id);
        assert_int_equal(ids_find(txn, id), model->seqs[i]);
    }
    id_of(MODEL_MAX, id);
    assert_int_equal(ids_find(txn, id), 0);
    assert_int_equal(kv_txn_error(txn), 0);
}

static void assert_tables(struct kv *kv, const struct model *model)
{
    struct kv_txn *txn = store_rig_read(kv);
    assert_model(txn, model);
    assert_int_equal(ids_count(txn), model->there);
    assert_true(ids_recent_sound(txn));
    kv_abort(txn);
}

static uint64_t entries(struct kv *kv, unsigned table)
{
    struct kv_txn *txn = store_rig_read(kv);
    uint64_t count = kv_count(txn, table);
    kv_abort(txn);
    return count;
}

/* Commits of all sizes, some given up, some with ids taken away again. */
static void every_id_is_found_whichever_table_has_it(void **state)
{
    struct kv *kv = store_rig_mem();
    struct model *model = calloc(1, sizeof *model);
    struct model *before = malloc(sizeof *before);
    uint64_t seed = 11;
    bool recent = false, settled = false;
    (void)state;
    assert_true(model != NULL && before != NULL);
    for (size_t round = 0; model->made + 3000 < MODEL_MAX; round++) {
        struct ids_batch batch;
        struct kv_txn *txn = store_rig_write(kv);
        uint64_t was = ids_count(txn) - kv_count(txn, T_IDS);
        *before = *model;
        ids_batch_init(&batch, txn);
        put_some(&batch, model, fx_random(&seed, 4) == 0 ? fx_random(&seed, 2500) : 70);
        for (size_t i = 0; fx_random(&seed, 3) == 0 && i < 3; i++) {
            remove_one(&batch, model, fx_random(&seed, (uint32_t)model->made));
        }
        put_some(&batch, model, fx_random(&seed, 3));
        if (round % 8 == 0) {
            assert_model(txn, model);
        }
        bool given_up = fx_random(&seed, 6) == 0;
        ids_store(&batch);
        settled |= ids_count(txn) - kv_count(txn, T_IDS) < was;
        ids_batch_fini(&batch);
        if (given_up) {
            kv_abort(txn);
            *model = *before;
        } else {
            store_rig_commit(txn);
        }
        recent |= entries(kv, T_RECENT) > 0;
        if (round % 8 == 0) {
            assert_tables(kv, model);
        }
    }
    assert_tables(kv, model);
    assert_true(recent && settled);
    free(model);
    free(before);
    kv_close(kv);
}

static void commit_some(struct kv *kv, struct model *model, size_t count)
{
    struct ids_batch batch;
    struct kv_txn *txn = store_rig_write(kv);
    ids_batch_init(&batch, txn);
    put_some(&batch, model, count);
    ids_store(&batch);
    ids_batch_fini(&batch);
    store_rig_commit(txn);
}

static void small_commits_leave_recent_alone(void **state)
{
    static struct model model;
    struct kv *kv = store_rig_mem();
    (void)state;
    memset(&model, 0, sizeof model);
    commit_some(kv, &model, IDS_RECENT_MIN - 1);
    assert_int_equal(entries(kv, T_RECENT), 0);
    commit_some(kv, &model, IDS_RECENT_MIN);
    assert_int_equal(entries(kv, T_IDS), IDS_RECENT_MIN - 1);
    assert_tables(kv, &model);
    kv_close(kv);
}

/* To the last one that fits, and one more. */
static void what_is_recent_goes_to_the_table_when_it_is_full(void **state)
{
    static struct model model;
    struct kv *kv = store_rig_mem();
    (void)state;
    memset(&model, 0, sizeof model);
    for (size_t i = 0; i < IDS_RECENT_MAX / IDS_RECENT_MIN; i++) {
        commit_some(kv, &model, IDS_RECENT_MIN);
    }
    assert_int_equal(entries(kv, T_IDS), 0);
    assert_tables(kv, &model);
    commit_some(kv, &model, IDS_RECENT_MIN);
    assert_int_equal(entries(kv, T_IDS), IDS_RECENT_MAX + IDS_RECENT_MIN);
    assert_int_equal(entries(kv, T_RECENT), 0);
    assert_tables(kv, &model);
    kv_close(kv);
}

/* All in one segment, on one slot, with one tag. */
static void ids_that_meet_on_purpose_are_settled_early(void **state)
{
    enum { BATCH = 100, BATCHES = 12 };
    struct kv *kv = store_rig_mem();
    uint64_t most = 0;
    (void)state;
    for (uint32_t n = 0; n < BATCHES; n++) {
        struct ids_batch batch;
        struct kv_txn *txn = store_rig_write(kv);
        ids_batch_init(&batch, txn);
        for (uint32_t i = 0; i < BATCH; i++) {
            uint8_t id[FORA_ID_SIZE] = {0};
            id[14] = (uint8_t)n;
            id[15] = (uint8_t)i;
            ids_put(&batch, id, 1 + n * BATCH + i);
        }
        ids_store(&batch);
        ids_batch_fini(&batch);
        uint64_t recent = ids_count(txn) - kv_count(txn, T_IDS);
        most = recent > most ? recent : most;
        store_rig_commit(txn);
    }
    assert_int_equal(most, 4 * BATCH);
    struct kv_txn *txn = store_rig_read(kv);
    for (uint32_t i = 0; i < BATCH * BATCHES; i++) {
        uint8_t id[FORA_ID_SIZE] = {0};
        id[14] = (uint8_t)(i / BATCH);
        id[15] = (uint8_t)(i % BATCH);
        assert_int_equal(ids_find(txn, id), 1 + i);
    }
    assert_int_equal(ids_count(txn), BATCH * BATCHES);
    kv_abort(txn);
    kv_close(kv);
}

/* Into an empty table, in one commit: of the segments that had room before the full one nothing may
 * be left behind. */
static void ids_that_meet_at_once_leave_nothing_behind(void **state)
{
    enum { EARLY = 70, MEET = 450 };
    struct kv *kv = store_rig_mem();
    struct ids_batch batch;
    struct kv_txn *txn = store_rig_write(kv);
    uint8_t id[FORA_ID_SIZE] = {0};
    (void)state;
    ids_batch_init(&batch, txn);
    for (uint32_t i = 0; i < EARLY + MEET; i++) {
        id[0] = i < EARLY ? 0 : 5;
        id[14] = (uint8_t)(i >> 8);
        id[15] = (uint8_t)i;
        ids_put(&batch, id, 1 + i);
    }
    ids_store(&batch);
    ids_batch_fini(&batch);
    store_rig_commit(txn);
    assert_int_equal(entries(kv, T_IDS), EARLY + MEET);
    assert_int_equal(entries(kv, T_RECENT), 0);
    txn = store_rig_read(kv);
    assert_true(ids_recent_sound(txn));
    kv_abort(txn);
    kv_close(kv);
}

/* What a transaction puts and takes away again was never there. */
static void what_was_taken_away_at_once_is_not_counted(void **state)
{
    static struct model model;
    struct kv *kv = store_rig_mem();
    struct ids_batch batch;
    struct kv_txn *txn = store_rig_write(kv);
    (void)state;
    memset(&model, 0, sizeof model);
    ids_batch_init(&batch, txn);
    put_some(&batch, &model, 2 * IDS_RECENT_MIN);
    for (size_t i = 0; i < IDS_RECENT_MIN / 2; i++) {
        remove_one(&batch, &model, 3 * i);
    }
    assert_model(txn, &model);
    ids_store(&batch);
    ids_batch_fini(&batch);
    store_rig_commit(txn);
    assert_true(entries(kv, T_RECENT) > 0);
    assert_tables(kv, &model);
    kv_close(kv);
}

/* Damage is a miss or an error, and seen by who looks for it. */
static void damage_of_what_is_recent_is_seen(void **state)
{
    static struct model model;
    uint64_t seed = 3;
    (void)state;
    for (size_t round = 0; round < 40; round++) {
        struct kv *kv = store_rig_mem();
        uint8_t id[FORA_ID_SIZE];
        memset(&model, 0, sizeof model);
        commit_some(kv, &model, 1000);
        assert_true(store_rig_drop(kv, T_RECENT, fx_random(&seed, 1000)));
        struct kv_txn *txn = store_rig_write(kv);
        size_t missed = 0;
        for (size_t i = 0; i < model.made; i++) {
            id_of(i, id);
            store_seq seq = ids_find(txn, id);
            assert_true(seq == 0 || seq == i + 1);
            missed += seq == 0;
        }
        assert_true(missed > 0 || !ids_recent_sound(txn));
        kv_abort(txn);
        kv_close(kv);
    }
}

/* As full as it may be, and then a count that says more: there is no more, whatever lies there. */
static void more_than_may_be_recent_is_damage(void **state)
{
    enum { BLOCK = 90, ID_AND_SEQ = 22, MORE = IDS_RECENT_MAX + 2 * BLOCK };
    static struct model model;
    static const uint8_t entries_of_a_block[BLOCK * ID_AND_SEQ] = {1};
    const uint8_t count[4] = {0, 0, MORE >> 8, MORE & 0xff};
    struct kv *kv = store_rig_mem();
    struct ids_batch batch;
    (void)state;
    memset(&model, 0, sizeof model);
    commit_some(kv, &model, IDS_RECENT_MAX);
    assert_int_equal(entries(kv, T_IDS), 0);
    struct kv_txn *txn = store_rig_write(kv);
    for (unsigned block = IDS_RECENT_MAX / BLOCK; block <= MORE / BLOCK; block++) {
        const uint8_t key[3] = {'e', (uint8_t)(block >> 8), (uint8_t)block};
        kv_put(txn, T_RECENT, fora_bytes(key, sizeof key),
            fora_bytes(entries_of_a_block, sizeof entries_of_a_block));
    }
    kv_put(txn, T_RECENT, fora_bytes_str("n"), fora_bytes(count, sizeof count));
    ids_batch_init(&batch, txn);
    ids_settle(&batch);
    assert_int_equal(kv_txn_error(txn), FORA_E_CORRUPT);
    ids_batch_fini(&batch);
    kv_abort(txn);
    kv_close(kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_id_is_found_whichever_table_has_it),
        cmocka_unit_test(small_commits_leave_recent_alone),
        cmocka_unit_test(what_is_recent_goes_to_the_table_when_it_is_full),
        cmocka_unit_test(ids_that_meet_on_purpose_are_settled_early),
        cmocka_unit_test(ids_that_meet_at_once_leave_nothing_behind),
        cmocka_unit_test(what_was_taken_away_at_once_is_not_counted),
        cmocka_unit_test(damage_of_what_is_recent_is_seen),
        cmocka_unit_test(more_than_may_be_recent_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
