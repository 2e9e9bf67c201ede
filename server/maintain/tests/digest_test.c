/* Digests: equal for equal sets, and different when anything is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "maintain/tests/maintain_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void digests_do_not_depend_on_the_order_of_arrival(void **state)
{
    static struct rig rig;
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct rig_digests first, other;
        struct shelf shelf;
        rig_init(&rig, seed, 200);
        rig_digests(rig.shelf.kv, &first);
        shelf_init(&shelf);
        world_deliver(&rig.world, &shelf, seed + 5, 7, false); /* rows are not even made */
        rig_digests(shelf.kv, &other);
        rig_assert_same_digests(&first, &other);
        assert_true(first.digests[0].count > 10);
        assert_true(first.digests[0].threads + first.digests[1].threads == rig.world.threads_count);
        shelf_fini(&shelf);
        rig_fini(&rig);
    }
}

static void one_object_more_is_another_digest(void **state)
{
    static struct rig rig;
    struct rig_digests before, after;
    (void)state;
    rig_init(&rig, 3, 150);
    rig_digests(rig.shelf.kv, &before);
    const struct fora_object *thread = rig.world.threads[0];
    shelf_add_one(
        &rig.shelf, fx_comment(&rig.world.fx, rig.world.members[0], thread, "One more.", 90000000));
    rig_digests(rig.shelf.kv, &after);
    size_t changed = 0;
    for (size_t i = 0; i < before.count; i++) {
        const struct digest *x = &before.digests[i], *y = &after.digests[i];
        bool same = memcmp(x->items.b, y->items.b, sizeof x->items.b) == 0;
        assert_int_equal(same, memcmp(x->views.b, y->views.b, sizeof x->views.b) == 0);
        assert_int_equal(same, memcmp(x->fingerprint, y->fingerprint, sizeof x->fingerprint) == 0);
        changed += !same;
    }
    assert_int_equal(changed, 1);
    rig_fini(&rig);
}

/* The definition, done naively: one block of items. */
static void the_digest_is_what_its_header_says(void **state)
{
    static struct rig rig;
    struct rig_digests digests;
    struct fora_buf items = {0};
    struct fora_hash zeros = {{0}}, expected;
    struct fora_bytes key;
    (void)state;
    rig_init(&rig, 4, 150);
    rig_digests(rig.shelf.kv, &digests);
    rig_settle(rig.shelf.kv);
    struct kv_txn *txn = shelf_read(&rig.shelf);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ITEMS);
    uint64_t count = 0;
    while (kv_next(cursor, &key, NULL)) {
        uint32_t set;
        uint64_t seconds;
        uint8_t id[FORA_ID_SIZE];
        assert_true(key_item_parse(key, &set, &seconds, id));
        if (set == digests.digests[0].set.number) {
            fora_buf_be64(&items, seconds);
            fora_buf_append(&items, id, sizeof id);
            count++;
        }
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    const struct fora_bytes parts[] = {fora_bytes(zeros.b, sizeof zeros.b), fora_buf_bytes(&items)};
    fora_hash(&expected, FORA_DOMAIN_SET, parts, 2);
    assert_int_equal(digests.digests[0].count, count);
    assert_memory_equal(digests.digests[0].items.b, expected.b, sizeof expected.b);
    fora_buf_fini(&items);
    rig_fini(&rig);
}

static int stop(void *context, uint64_t done, uint64_t of)
{
    (void)context;
    assert_true(done <= of);
    return FORA_E_CLOSED;
}

static int no_digest(void *context, const struct digest *digest)
{
    (void)context;
    (void)digest;
    fail_msg("a digest of what was stopped");
    return 0;
}

static void the_progress_may_stop_it(void **state)
{
    static struct rig rig;
    const struct maintain_progress progress = {stop, NULL};
    (void)state;
    rig_init(&rig, 5, 150);
    assert_int_equal(digest_all(rig.shelf.kv, &progress, no_digest, NULL), FORA_E_CLOSED);
    rig_fini(&rig);
}

/* A backup that was restored holds and shows the same. */
static void a_restored_backup_has_the_same_digests(void **state)
{
    static struct rig rig;
    char folder[64], copy[64];
    struct rig_digests original, restored;
    struct rig_fsck fsck;
    (void)state;
    rig_init_in(&rig, store_rig_disk(folder), 6, 250);
    rig_digests(rig.shelf.kv, &original);
    (void)snprintf(copy, sizeof copy, "%.50s-copy", folder);
    struct kv *empty = store_rig_reopen(copy);
    kv_close(empty);
    store_rig_remove(copy);
    /* An existing folder with nothing in it. */
    empty = store_rig_reopen(copy);
    kv_close(empty);
    char file[128];
    (void)snprintf(file, sizeof file, "%s/data.mdb", copy);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(kv_backup(rig.shelf.kv, copy, NULL), 0);
    /* What comes after the backup is not in it. */
    shelf_add_one(&rig.shelf,
        fx_comment(&rig.world.fx, rig.world.members[0], rig.world.threads[0], "Later.", 90000000));
    struct kv *kv = store_rig_reopen(copy);
    rig_digests(kv, &restored);
    rig_assert_same_digests(&original, &restored);
    rig_assert_sound(kv, &fsck);
    kv_close(kv);
    rig_fini(&rig);
    store_rig_remove(folder);
    store_rig_remove(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_do_not_depend_on_the_order_of_arrival),
        cmocka_unit_test(one_object_more_is_another_digest),
        cmocka_unit_test(the_digest_is_what_its_header_says),
        cmocka_unit_test(the_progress_may_stop_it),
        cmocka_unit_test(a_restored_backup_has_the_same_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
