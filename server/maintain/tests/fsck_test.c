/* Fsck: a sound store has no findings, and damage to any table is found. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "maintain/reindex.h"
#include "maintain/tests/maintain_rig.h"

#include "store/objects.h"

#include <stdlib.h>
#include <string.h>

static void a_sound_store_has_no_findings(void **state)
{
    static struct rig rig;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rig_fsck fsck;
        rig_init(&rig, seed, 100 + 10 * (size_t)seed);
        rig_assert_sound(rig.shelf.kv, &fsck);
        const struct fsck_result *r = &fsck.result;
        struct kv_txn *txn = shelf_read(&rig.shelf);
        assert_int_equal(r->objects, kv_count(txn, T_IDS));
        kv_abort(txn);
        assert_int_equal(r->verified, r->objects);
        assert_int_equal(r->sets, WORLD_SPACES);
        assert_int_equal(r->rows, rig.world.threads_count);
        assert_int_equal(r->rows_behind, 0);
        assert_int_equal(r->withheld, 0);
        assert_true(r->items > 50 && r->nodes >= 8 && r->log >= r->items && r->children > 50);
        assert_true(r->authors > 2 && r->orders >= r->rows);
        rig_fini(&rig);
    }
}

static void an_empty_store_is_sound(void **state)
{
    struct rig_fsck fsck;
    struct kv *kv = store_rig_mem();
    (void)state;
    rig_assert_sound(kv, &fsck);
    assert_int_equal(fsck.result.objects, 0);
    kv_close(kv);
}

static void rows_that_are_behind_are_told_and_no_finding(void **state)
{
    static struct rig rig;
    struct rig_fsck fsck;
    (void)state;
    rig_init(&rig, 7, 150);
    struct fx_who *who = rig.world.members[0];
    shelf_add_one(
        &rig.shelf, fx_answer(&rig.world.fx, who, rig.world.threads[0], "One more.", 90000000));
    shelf_add_one(&rig.shelf, fx_grant(&rig.world.fx, who, rig.world.spaces[0],
                                  rig.world.members[4], FORA_ROLE_STAFF, 0, 0, 90000000));
    rig_assert_sound(rig.shelf.kv, &fsck);
    assert_int_equal(fsck.result.rows_behind, 2);
    shelf_rows(&rig.shelf);
    rig_assert_sound(rig.shelf.kv, &fsck);
    assert_int_equal(fsck.result.rows_behind, 0);
    rig_fini(&rig);
}

static void withheld_content_is_counted(void **state)
{
    static struct rig rig;
    struct rig_fsck fsck;
    (void)state;
    rig_init(&rig, 8, 100);
    const struct fora_object *whole =
        fx_answer(&rig.world.fx, rig.world.members[0], rig.world.threads[0], "One more.", 90000000);
    shelf_add_one(&rig.shelf, fx_strip(&rig.world.fx, whole));
    rig_assert_sound(rig.shelf.kv, &fsck);
    assert_int_equal(fsck.result.withheld, 1);
    rig_fini(&rig);
}

/* ---- damage ---- */

enum { TRIES = 12 };

/* Flips a byte of the value, or drops the key, at many places of a table, one after the other.
 * `found_in` NULL: in any table. */
static void damage(unsigned table, bool drop, const char *found_in)
{
    static struct rig rig;
    uint64_t seed = 77 + table;
    size_t done = 0;
    for (uint32_t i = 0; i < TRIES; i++) {
        rig_init(&rig, 40 + i % 3, 300);
        uint32_t n = fx_random(&seed, 100000);
        bool there = drop ? store_rig_drop(rig.shelf.kv, table, n)
                          : store_rig_flip(rig.shelf.kv, table, n, fx_random(&seed, 100000));
        if (there) {
            rig_assert_found(rig.shelf.kv, false, found_in);
            done++;
        }
        rig_fini(&rig);
    }
    assert_true(done >= TRIES / 3);
}

static void ids(void **state)
{
    (void)state;
    damage(T_IDS, false, "ids");
    damage(T_IDS, true, "ids");
}

/* And a reindex makes them anew. */
static void recent_ids(void **state)
{
    static struct rig rig;
    struct rig_fsck fsck;
    uint64_t seed = 9;
    (void)state;
    for (uint32_t i = 0; i < TRIES; i++) {
        struct reindex_result result;
        const struct reindex options = {0};
        rig_init(&rig, 40 + i % 3, 300);
        rig_unsettle_ids(rig.shelf.kv);
        rig_assert_sound(rig.shelf.kv, &fsck);
        assert_true(store_rig_drop(rig.shelf.kv, T_RECENT, fx_random(&seed, 1000)));
        rig_assert_found(rig.shelf.kv, false, "recent");
        assert_int_equal(reindex_run(rig.shelf.kv, &options, &result), 0);
        rig_assert_sound(rig.shelf.kv, &fsck);
        rig_fini(&rig);
    }
}

static void sets(void **state)
{
    (void)state;
    damage(T_SETS, false, NULL); /* a head that is wrong shows in the log */
    damage(T_SETS, true, "sets");
}

static void items(void **state)
{
    (void)state;
    damage(T_ITEMS, true, "items");
}

static void sums(void **state)
{
    (void)state;
    damage(T_SUMS, false, "sums");
    damage(T_SUMS, true, "sums");
}

/* An entry of the log whose object was removed since says nothing, nor does one that was damaged
 * into such: the few of these are not found. */
static void setlog(void **state)
{
    static struct rig rig;
    uint64_t seed = 5;
    unsigned found = 0, done = 0;
    (void)state;
    damage(T_SETLOG, true, "setlog");
    for (uint32_t i = 0; i < TRIES; i++) {
        struct rig_fsck fsck;
        rig_init(&rig, 40 + i % 3, 300);
        if (store_rig_flip(
                rig.shelf.kv, T_SETLOG, fx_random(&seed, 100000), fx_random(&seed, 100000))) {
            rig_fsck(rig.shelf.kv, false, &fsck);
            found += strstr(fsck.tables, " setlog ") != NULL;
            done++;
        }
        rig_fini(&rig);
    }
    assert_true(done >= TRIES / 3);
    assert_true(found + 2 >= done);
}

static void children(void **state)
{
    (void)state;
    damage(T_CHILDREN, true, "children");
}

static void authors(void **state)
{
    (void)state;
    damage(T_AUTHORS, true, "authors");
}

static void slots(void **state)
{
    (void)state;
    damage(T_SLOTS, false, "slots");
    damage(T_SLOTS, true, "slots");
}

static void rows(void **state)
{
    (void)state;
    damage(T_ROWS, false, "rows");
    damage(T_ROWS, true, "rows");
}

static void orders(void **state)
{
    (void)state;
    damage(T_ORDERS, true, "orders");
}

static void erasures(void **state)
{
    (void)state;
    damage(T_ERASED, false, "erased");
}

/* The world's flags are mostly answered; this one is not. */
static void flags(void **state)
{
    static struct rig rig;
    struct store_key key;
    struct fora_content content = {
        .kind = FORA_KIND_FLAG, .u.flag = {.reason = fora_bytes_str("spam")}};
    (void)state;
    rig_init(&rig, 9, 100);
    const struct fora_object *target =
        fx_answer(&rig.world.fx, rig.world.members[0], rig.world.threads[0], "Buy!", 90000000);
    const struct fora_object *flag =
        fx_about(&rig.world.fx, rig.world.members[1], target, content, 90000001);
    shelf_add_one(&rig.shelf, target);
    shelf_add_one(&rig.shelf, flag);
    shelf_rows(&rig.shelf);
    struct rig_fsck fsck;
    rig_assert_sound(rig.shelf.kv, &fsck);
    assert_true(fsck.result.flags > 0);
    struct kv_txn *txn = store_rig_write(rig.shelf.kv);
    struct set_info set;
    assert_true(sets_find(txn, &flag->header.space, FORA_AUDIENCE_PUBLIC, &set));
    key_flag(&key, set.number, objects_find(txn, flag->id.b));
    assert_true(kv_delete(txn, T_FLAGS, store_key_bytes(&key)));
    store_rig_commit(txn);
    rig_assert_found(rig.shelf.kv, false, "flags");
    txn = store_rig_write(rig.shelf.kv);
    kv_put(txn, T_FLAGS, store_key_bytes(&key), fora_bytes(NULL, 0));
    store_rig_commit(txn);
    rig_assert_sound(rig.shelf.kv, &fsck);
    txn = store_rig_write(rig.shelf.kv);
    key_flag(&key, set.number, objects_find(txn, target->id.b));
    kv_put(txn, T_FLAGS, store_key_bytes(&key), fora_bytes(NULL, 0));
    store_rig_commit(txn);
    rig_assert_found(rig.shelf.kv, false, "flags");
    rig_fini(&rig);
}

/* An entry that no object asks for. */
static void add_key(struct kv *kv, unsigned table, const struct store_key *key)
{
    static const uint8_t value[SEQ_SIZE] = {0, 0, 0, 0, 0, 1};
    struct kv_txn *txn = store_rig_write(kv);
    bool valued = table == T_IDS || table == T_SLOTS;
    kv_put(txn, table, store_key_bytes(key),
        fora_bytes(valued ? value : NULL, valued ? sizeof value : 0));
    store_rig_commit(txn);
}

static void what_is_too_much_is_found(void **state)
{
    static const uint8_t id[FORA_ID_SIZE] = {1, 2, 3}, tag[8] = {0};
    static const unsigned tables[] = {
        T_IDS, T_SLOTS, T_ITEMS, T_CHILDREN, T_AUTHORS, T_ORDERS, T_ROWS};
    static struct rig rig;
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct store_key key;
        rig_init(&rig, 10, 100);
        switch (tables[i]) {
        case T_IDS:
        case T_SLOTS:
            key_id(&key, id);
            break;
        case T_ITEMS:
            key_item(&key, 1, 1000, id);
            break;
        case T_CHILDREN:
            key_child(&key, 1, 9999);
            break;
        case T_AUTHORS:
            key_author(&key, 1, 9999);
            break;
        case T_ORDERS:
            key_order(&key, 1, 0, tag, 1000, 9999);
            break;
        default:
            key_row(&key, 9999);
            break;
        }
        add_key(rig.shelf.kv, tables[i], &key);
        rig_assert_found(rig.shelf.kv, false, store_table_names[tables[i]]);
        rig_fini(&rig);
    }
}

/* Where in a chunk the record's origin stands, which only says who brought it: not checked. */
static bool in_origin(struct kv *kv, uint32_t n, uint32_t at)
{
    struct fora_bytes value = {0};
    bool found = false;
    struct kv_txn *txn = store_rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    uint64_t count = kv_count(txn, T_OBJECTS);
    for (uint64_t i = 0; i <= n % count; i++) {
        assert_true(kv_next(cursor, NULL, &value));
    }
    size_t records = (size_t)value.data[0] << 8 | value.data[1];
    size_t base = 2 + 4 * records, position = at % value.size, begin = base;
    for (size_t i = 0; i < records; i++) {
        size_t end = base + key_be32(value.data + 2 + 4 * i);
        found |= end > begin && position >= begin && position < begin + 4;
        begin = end;
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return found;
}

/* Any byte of any object: it cannot be read, or it does not verify, or it is another object. */
static void objects(void **state)
{
    static struct rig rig;
    uint64_t seed = 5;
    size_t done = 0;
    (void)state;
    rig_init(&rig, 11, 200);
    for (size_t i = 0; i < 200; i++) {
        uint32_t n = fx_random(&seed, 1000), at = fx_random(&seed, 16000);
        if (in_origin(rig.shelf.kv, n, at)) {
            continue;
        }
        assert_true(store_rig_flip(rig.shelf.kv, T_OBJECTS, n, at));
        rig_assert_found(rig.shelf.kv, true, "objects");
        assert_true(store_rig_flip(rig.shelf.kv, T_OBJECTS, n, at)); /* and back */
        done++;
    }
    assert_true(done > 150);
    struct rig_fsck fsck;
    rig_assert_sound(rig.shelf.kv, &fsck);
    rig_fini(&rig);
}

static int stop_late(void *context, uint64_t done, uint64_t of)
{
    unsigned *calls = context;
    (void)done;
    (void)of;
    return ++*calls == 2 ? FORA_E_CLOSED : 0;
}

static void the_progress_may_stop_it(void **state)
{
    static struct rig rig;
    struct fsck_result result;
    unsigned calls = 0;
    const struct maintain_progress progress = {stop_late, &calls};
    const struct fsck fsck = {.verify = true, .threads = 3, .progress = &progress};
    (void)state;
    rig_init(&rig, 12, 200);
    assert_int_equal(fsck_run(rig.shelf.kv, &fsck, &result), FORA_E_CLOSED);
    assert_int_equal(result.findings, 0);
    rig_fini(&rig);
}

/* As many pairs as the list makes room for, several times over. */
static void a_store_on_disk_is_checked_by_all_threads(void **state)
{
    static struct rig rig;
    char folder[64];
    struct fsck_result result;
    const struct fsck fsck = {.verify = true};
    (void)state;
    rig_init_in(&rig, store_rig_disk(folder), 13, 300);
    assert_int_equal(fsck_run(rig.shelf.kv, &fsck, &result), 0);
    assert_int_equal(result.findings, 0);
    assert_int_equal(result.verified, result.objects);
    rig_fini(&rig);
    store_rig_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_store_has_no_findings),
        cmocka_unit_test(an_empty_store_is_sound),
        cmocka_unit_test(rows_that_are_behind_are_told_and_no_finding),
        cmocka_unit_test(withheld_content_is_counted),
        cmocka_unit_test(ids),
        cmocka_unit_test(recent_ids),
        cmocka_unit_test(sets),
        cmocka_unit_test(items),
        cmocka_unit_test(sums),
        cmocka_unit_test(setlog),
        cmocka_unit_test(children),
        cmocka_unit_test(authors),
        cmocka_unit_test(slots),
        cmocka_unit_test(rows),
        cmocka_unit_test(orders),
        cmocka_unit_test(erasures),
        cmocka_unit_test(flags),
        cmocka_unit_test(what_is_too_much_is_found),
        cmocka_unit_test(objects),
        cmocka_unit_test(the_progress_may_stop_it),
        cmocka_unit_test(a_store_on_disk_is_checked_by_all_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
