/* Reindex: what is rebuilt equals what was kept; a damaged store is sound again; cut short, it is
 * taken up again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "maintain/tests/maintain_rig.h"

#include "core/meta.h"
#include "core/sweep.h"
#include "maintain/reindex.h"
#include "store/objects.h"

#include <string.h>

static const struct reindex plain;

static void reindex(struct kv *kv, struct reindex_result *out)
{
    assert_int_equal(reindex_run(kv, &plain, out), 0);
}

static void get_epoch(struct kv *kv, uint8_t out[8])
{
    struct fora_bytes value;
    struct kv_txn *txn = store_rig_read(kv);
    assert_true(meta_get(txn, "epoch", &value));
    assert_int_equal(value.size, 8);
    memcpy(out, value.data, 8);
    assert_false(reindex_unfinished(txn));
    kv_abort(txn);
}

/* Tables that have one shape only. Trees and logs depend on the batches that made them; sets count
 * what joined, which leaves no trace when it left since. */
static const unsigned exact[] = {T_OBJECTS, T_IDS, T_ITEMS, T_CHILDREN, T_AUTHORS, T_SLOTS, T_ROWS,
    T_ORDERS, T_FLAGS, T_ANSWERED, T_ERASED, T_REFUSED, T_VOTES, T_CURSORS};
enum { EXACT = sizeof exact / sizeof exact[0] };

static void hashes(struct shelf *shelf, struct fora_hash out[EXACT])
{
    rig_settle(shelf->kv);
    for (size_t i = 0; i < EXACT; i++) {
        shelf_table(shelf, exact[i], &out[i]);
    }
}

static void put_durable(struct kv *kv)
{
    struct store_key key;
    struct fora_principal_id voter = {.b = {4}};
    struct kv_txn *txn = store_rig_write(kv);
    key_vote(&key, 3, &voter);
    kv_put(txn, T_VOTES, store_key_bytes(&key), fora_bytes("1", 1));
    key_name(&key, 'f', fora_bytes_str("a peer and a set"));
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes("0123456789abcdef", 16));
    meta_put(txn, "format", fora_bytes("\0\0\0\1", 4));
    store_rig_commit(txn);
}

static void sweep(struct shelf *shelf)
{
    bool more = true;
    while (more) {
        assert_int_equal(sweep_step(shelf->committer, 500, &shelf->result, &more), 0);
    }
    shelf_rows(shelf);
}

static void what_is_rebuilt_equals_what_was_kept(void **state)
{
    static struct rig rig;
    (void)state;
    for (uint64_t seed = 1; seed <= 15; seed++) {
        struct rig_digests before, after;
        struct fora_hash kept[EXACT], rebuilt[EXACT];
        struct reindex_result result;
        struct rig_fsck fsck;
        uint8_t epoch[8], another[8];
        rig_init(&rig, seed, 100 + 15 * (size_t)seed);
        put_durable(rig.shelf.kv);
        sweep(&rig.shelf); /* a reindex does what is due */
        rig_digests(rig.shelf.kv, &before);
        hashes(&rig.shelf, kept);
        reindex(rig.shelf.kv, &result);
        hashes(&rig.shelf, rebuilt);
        for (size_t i = 0; i < EXACT; i++) {
            if (memcmp(kept[i].b, rebuilt[i].b, sizeof kept[i].b) != 0) {
                print_error("seed %u: %s\n", (unsigned)seed, store_table_names[exact[i]]);
            }
            assert_memory_equal(kept[i].b, rebuilt[i].b, sizeof kept[i].b);
        }
        rig_digests(rig.shelf.kv, &after);
        rig_assert_same_digests(&before, &after);
        rig_assert_sound(rig.shelf.kv, &fsck);
        assert_int_equal(result.objects, fsck.result.objects);
        assert_int_equal(result.threads, rig.world.threads_count);
        assert_int_equal(result.lost + result.misplaced, 0);
        get_epoch(rig.shelf.kv, epoch);
        reindex(rig.shelf.kv, &result);
        get_epoch(rig.shelf.kv, another);
        assert_memory_not_equal(epoch, another, sizeof epoch);
        rig_fini(&rig);
    }
}

static void life_goes_on_after_it(void **state)
{
    static struct rig rig;
    struct reindex_result result;
    struct rig_fsck fsck;
    (void)state;
    rig_init(&rig, 21, 150);
    reindex(rig.shelf.kv, &result);
    rig_restart(&rig);
    shelf_add_one(&rig.shelf, fx_answer(&rig.world.fx, rig.world.members[0], rig.world.threads[0],
                                  "One more.", 90000000));
    shelf_rows(&rig.shelf);
    rig_assert_sound(rig.shelf.kv, &fsck);
    assert_int_equal(fsck.result.objects, result.objects + 1);
    rig_fini(&rig);
}

/* Whatever is done to derived tables: afterwards the store is as it was. */
static void damaged_tables_are_repaired(void **state)
{
    static struct rig rig;
    static const unsigned tables[] = {T_IDS, T_ITEMS, T_SUMS, T_SETLOG, T_CHILDREN, T_AUTHORS,
        T_SLOTS, T_ROWS, T_ORDERS, T_FLAGS, T_ANSWERED, T_ERASED, T_SETS};
    uint64_t seed = 6;
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct rig_digests before, after;
        struct reindex_result result;
        struct rig_fsck fsck;
        rig_init(&rig, 30 + i, 250);
        rig_digests(rig.shelf.kv, &before);
        for (size_t j = 0; j < 5; j++) {
            (void)store_rig_flip(
                rig.shelf.kv, tables[i], fx_random(&seed, 1000), fx_random(&seed, 1000));
            (void)store_rig_drop(rig.shelf.kv, tables[i], fx_random(&seed, 1000));
        }
        rig_fsck(rig.shelf.kv, false, &fsck);
        assert_true(fsck.result.findings > 0 || tables[i] == T_FLAGS || tables[i] == T_ANSWERED);
        reindex(rig.shelf.kv, &result);
        rig_assert_sound(rig.shelf.kv, &fsck);
        rig_digests(rig.shelf.kv, &after);
        rig_assert_same_digests(&before, &after);
        rig_fini(&rig);
    }
}

static void all_derived_tables_may_be_gone(void **state)
{
    static struct rig rig;
    struct rig_digests before, after;
    struct reindex_result result;
    struct rig_fsck fsck;
    (void)state;
    rig_init(&rig, 50, 300);
    rig_digests(rig.shelf.kv, &before);
    struct kv_txn *txn = store_rig_write(rig.shelf.kv);
    for (unsigned table = 0; table < STORE_TABLE_COUNT; table++) {
        if (table != T_OBJECTS) {
            kv_clear(txn, table);
        }
    }
    store_rig_commit(txn);
    reindex(rig.shelf.kv, &result);
    rig_assert_sound(rig.shelf.kv, &fsck);
    rig_digests(rig.shelf.kv, &after);
    rig_assert_same_digests(&before, &after);
    rig_fini(&rig);
}

/* A write that fails anywhere: the mark stands, and the next run does the whole. */
static void cut_short_it_begins_again(void **state)
{
    static struct rig rig;
    struct rig_digests before, after;
    struct rig_fsck fsck;
    uint64_t n = 1, marked = 0;
    int rc;
    (void)state;
    rig_init(&rig, 60, 120);
    rig_digests(rig.shelf.kv, &before);
    do {
        struct reindex_result result;
        kv_mem_fail_at(rig.shelf.kv, n, FORA_E_FULL);
        n += n < 40 ? 1 : 37;
        rc = reindex_run(rig.shelf.kv, &plain, &result);
        kv_mem_fail_at(rig.shelf.kv, 0, 0);
        struct kv_txn *txn = store_rig_read(rig.shelf.kv);
        assert_true(rc == 0 || rc == FORA_E_FULL);
        assert_true(rc != 0 || !reindex_unfinished(txn));
        marked += reindex_unfinished(txn);
        kv_abort(txn);
    } while (rc != 0);
    assert_true(n > 300);
    assert_true(marked > 5);
    rig_assert_sound(rig.shelf.kv, &fsck);
    rig_digests(rig.shelf.kv, &after);
    rig_assert_same_digests(&before, &after);
    rig_fini(&rig);
}

/* All objects, as from a peer that has them. What hangs on a misplaced one waits for a reindex. */
static void bring_again(struct rig *rig)
{
    for (size_t i = 0; i < rig->world.count; i++) {
        int code = shelf_offer(&rig->shelf, rig->world.objects[i], COMMIT_PEER);
        assert_true(code == 0 || code == FORA_E_SUPERSEDED || code == FORA_E_UNKNOWN_AUTHOR ||
                    code == FORA_E_UNKNOWN_PARENT || code == FORA_E_UNKNOWN_SPACE ||
                    code == FORA_E_FORBIDDEN);
    }
}

/* Objects that are lost are dropped, the rest stands; what belonged to them has a place again when
 * they came again. */
static void lost_objects_come_again(void **state)
{
    static struct rig rig;
    uint64_t seed = 8, lost = 0, misplaced = 0;
    (void)state;
    for (size_t round = 0; round < 12; round++) {
        struct rig_digests before, after;
        struct reindex_result result;
        struct rig_fsck fsck;
        const struct reindex strict = {.verify = true};
        rig_init(&rig, 70 + round, 250);
        rig_digests(rig.shelf.kv, &before);
        for (size_t i = 0; i < 4; i++) {
            assert_true(store_rig_flip(
                rig.shelf.kv, T_OBJECTS, fx_random(&seed, 1000), 1000 + fx_random(&seed, 14000)));
        }
        assert_int_equal(reindex_run(rig.shelf.kv, &strict, &result), 0);
        lost += result.lost;
        misplaced += result.misplaced;
        rig_restart(&rig);
        for (size_t again = 0; again < 3; again++) {
            bring_again(&rig);
            assert_int_equal(reindex_run(rig.shelf.kv, &strict, &result), 0);
            rig_restart(&rig);
        }
        assert_int_equal(result.lost + result.misplaced, 0);
        rig_assert_sound(rig.shelf.kv, &fsck);
        rig_digests(rig.shelf.kv, &after);
        rig_assert_same_digests(&before, &after);
        rig_fini(&rig);
    }
    assert_true(lost > 10);
    assert_true(misplaced > 10);
}

static void a_backup_on_disk_is_reindexed(void **state)
{
    static struct rig rig;
    char folder[64];
    struct rig_digests before, after;
    struct reindex_result result;
    struct rig_fsck fsck;
    (void)state;
    rig_init_in(&rig, store_rig_disk(folder), 90, 300);
    rig_digests(rig.shelf.kv, &before);
    reindex(rig.shelf.kv, &result);
    rig_assert_sound(rig.shelf.kv, &fsck);
    rig_digests(rig.shelf.kv, &after);
    rig_assert_same_digests(&before, &after);
    rig_fini(&rig);
    store_rig_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_rebuilt_equals_what_was_kept),
        cmocka_unit_test(life_goes_on_after_it),
        cmocka_unit_test(damaged_tables_are_repaired),
        cmocka_unit_test(all_derived_tables_may_be_gone),
        cmocka_unit_test(cut_short_it_begins_again),
        cmocka_unit_test(lost_objects_come_again),
        cmocka_unit_test(a_backup_on_disk_is_reindexed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
