/*
 * ADM-7: what a key signed that does not speak any more leaves the set, with all that stands on it;
 * and whatever came first, who was told the same ends with the same. Random worlds are robbed: keys
 * are revoked, backwards in time too, and roots rotated beside what was added; then each shelf is
 * given everything in an order of its own, is swept now and then, crashes at times, and is offered
 * everything again until nothing changes, as reconciling does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/receipts.h"
#include "core/sweep.h"
#include "maintain/fsck.h"
#include "store/sums.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS = 300, SHELVES = 3 };

static size_t removed_in_all;

/* ---- sweeping ---- */

static size_t sweep(struct shelf *shelf, size_t max)
{
    bool more = true;
    size_t removed = 0;
    for (size_t steps = 0; more; steps++) {
        struct commit_result result;
        assert_true(steps < 100000);
        assert_int_equal(sweep_step(shelf->committer, max, &result, &more), 0);
        removed += result.removed;
    }
    more = true;
    for (size_t steps = 0; more; steps++) {
        /* Nobody is a witness here: what the walk does is to have rows made anew. */
        struct node_env env = {
            .kv = shelf->kv, .policies = shelf->policies, .committer = shelf->committer};
        struct commit_result result;
        assert_true(steps < 100000);
        assert_int_equal(receipts_step(&env, WORLD_NOW, max, &result, &more), 0);
        assert_int_equal(result.stored, 0);
    }
    removed_in_all += removed;
    return removed;
}

static void found(void *context, const char *table, const char *text)
{
    (void)context;
    print_error("%s: %s\n", table, text);
}

static void assert_sound(struct shelf *shelf)
{
    struct fsck fsck = {.found = found};
    struct fsck_result result;
    assert_int_equal(fsck_run(shelf->kv, &fsck, &result), 0);
    assert_int_equal(result.findings, 0);
}

/* ---- log entries ---- */

static const struct fora_object *entry(
    struct fx *fx, struct fx_who *who, struct fora_identity_entry entry_of, uint64_t at)
{
    struct fora_buf bytes = {0};
    entry_of.salt.b[0] = 1;
    const struct fora_secret *signer = entry_of.rotate != NULL ? who->next_root : who->root;
    assert_int_equal(fora_identity_build_next(&bytes, who->log, &entry_of, at, signer), 0);
    const struct fora_object *object = fx_decode(fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return object;
}

static const struct fora_object *revoke(
    struct fx *fx, struct fx_who *who, uint64_t compromised_at, uint64_t at)
{
    struct fora_key_revocation revocation = {.compromised_at = compromised_at};
    fora_secret_public(who->device, &revocation.sign);
    return entry(fx, who, (struct fora_identity_entry){.revoke_key = &revocation}, at);
}

/* On the log as it was when the fixture made it: beside everything that came later. */
static const struct fora_object *rotate(struct fx *fx, struct fx_who *who, uint64_t at)
{
    struct fora_root_rotation rotation = {{{7}}};
    struct fora_identity *first;
    struct fora_identity *whole = who->log;
    assert_int_equal(fora_identity_new(&first), 0);
    assert_int_equal(fora_identity_add(first, who->create), 0);
    who->log = first;
    const struct fora_object *object =
        entry(fx, who, (struct fora_identity_entry){.rotate = &rotation}, at);
    who->log = whole;
    fora_identity_free(first);
    return object;
}

/* ---- random worlds ---- */

static void rob(struct world *world)
{
    for (size_t i = 0; i < 6 && world->count < WORLD_MAX; i++) {
        struct fx_who *who = world->members[i];
        uint64_t at = 60000000 + fx_random(&world->seed, 1000000);
        uint32_t dice = fx_random(&world->seed, 6);
        if (dice == 0) {
            world->objects[world->count++] = rotate(&world->fx, who, at);
        } else if (dice == 1) {
            /* Before the world began: of the owner of a space too, whose space is none then. */
            world->objects[world->count++] = revoke(&world->fx, who, 1, at);
        } else if (dice <= 3) {
            uint64_t since = 1000000 + fx_random(&world->seed, 50000000);
            world->objects[world->count++] = revoke(&world->fx, who, since, at);
        }
    }
}

static bool offer(struct shelf *shelf, const struct fora_object *const *objects, size_t count,
    uint64_t *seed, bool crashes)
{
    static struct commit_item items[WORLD_MAX];
    struct commit_batch batch = {.items = items, .count = count, .now = WORLD_NOW};
    memset(items, 0, sizeof items);
    for (size_t i = 0; i < count; i++) {
        bool founds = objects[i]->header.kind == FORA_KIND_POLICY &&
                      fora_id_is_zero(objects[i]->header.space.b);
        items[i].object = *objects[i];
        items[i].source = founds ? COMMIT_LOCAL : COMMIT_PEER;
    }
    if (crashes && fx_random(seed, 10) == 0) {
        kv_mem_fail_at(shelf->kv, 1 + fx_random(seed, 40), FORA_E_IO);
    }
    int rc = commit_run(shelf->committer, &batch, &shelf->result);
    kv_mem_fail_at(shelf->kv, 0, 0);
    return rc == 0 && shelf->result.stored > 0;
}

static void sweep_some(struct shelf *shelf, uint64_t *seed)
{
    struct commit_result result;
    bool more;
    bool fails = fx_random(seed, 4) == 0;
    if (fails) {
        kv_mem_fail_at(shelf->kv, 1 + fx_random(seed, 20), FORA_E_IO);
    }
    int rc = sweep_step(shelf->committer, 1 + fx_random(seed, 20), &result, &more);
    kv_mem_fail_at(shelf->kv, 0, 0);
    assert_true(rc == 0 || (fails && rc == FORA_E_IO));
    removed_in_all += result.removed;
}

static void deliver(const struct world *world, struct shelf *shelf, uint64_t seed)
{
    const struct fora_object *objects[WORLD_MAX];
    uint64_t behind;
    bool changed = true;
    memcpy(objects, world->objects, world->count * sizeof objects[0]);
    for (size_t round = 0; changed; round++) {
        assert_true(round < 200);
        changed = false;
        fx_shuffle(&seed, objects, world->count);
        for (size_t at = 0; at < world->count;) {
            size_t size = 1 + fx_random(&seed, 60);
            size = size < world->count - at ? size : world->count - at;
            changed = offer(shelf, objects + at, size, &seed, round < 3) || changed;
            at += size;
            if (fx_random(&seed, 3) == 0) {
                sweep_some(shelf, &seed);
            }
            if (fx_random(&seed, 5) == 0) {
                assert_int_equal(rows_step(shelf->kv, shelf->policies, 30, &behind), 0);
            }
        }
        changed = sweep(shelf, 50) > 0 || changed || round < 3;
    }
    shelf_rows(shelf);
}

static void assert_same(
    struct shelf *a, struct shelf *b, const struct world *world, uint64_t seed, uint64_t *members)
{
    for (size_t i = 0; i < WORLD_SPACES; i++) {
        struct fora_neg_sum x, y;
        struct kv_txn *txn = shelf_read(a);
        sums_total(txn, shelf_set(txn, world->spaces[i]).number, &x);
        kv_abort(txn);
        txn = shelf_read(b);
        sums_total(txn, shelf_set(txn, world->spaces[i]).number, &y);
        kv_abort(txn);
        if (x.count != y.count || memcmp(x.sum, y.sum, sizeof x.sum) != 0) {
            print_error("seed %llu space %zu: sets of %llu and %llu\n", (unsigned long long)seed, i,
                (unsigned long long)x.count, (unsigned long long)y.count);
            fail();
        }
        *members += x.count;
    }
    for (size_t i = 0; i < world->threads_count; i++) {
        struct fora_hash x, y;
        assert_int_equal(shelf_holds(a, world->threads[i]), shelf_holds(b, world->threads[i]));
        if (shelf_holds(a, world->threads[i])) {
            shelf_row(a, world->threads[i], &x);
            shelf_row(b, world->threads[i], &y);
            assert_memory_equal(x.b, y.b, sizeof x.b);
        }
    }
}

static void run_seed(uint64_t seed, uint64_t *members)
{
    static struct world world;
    struct shelf shelves[SHELVES];
    world_init(&world, seed, 60 + (size_t)(seed % 200));
    rob(&world);
    for (size_t i = 0; i < SHELVES; i++) {
        shelf_init(&shelves[i]);
        /* Sets are there on all, as after Subscribe: whether one is does not depend on the robbery.
         */
        struct kv_txn *txn;
        assert_int_equal(kv_begin_write(shelves[i].kv, &txn), 0);
        for (size_t j = 0; j < WORLD_SPACES; j++) {
            struct set_info info;
            struct fora_space_id space = fora_object_space(world.spaces[j]);
            sets_create(txn, &space, FORA_AUDIENCE_PUBLIC, &info);
        }
        assert_int_equal(kv_commit(txn), 0);
        deliver(&world, &shelves[i], seed * 31 + i);
        assert_sound(&shelves[i]);
        assert_same(&shelves[0], &shelves[i], &world, seed, members);
    }
    for (size_t i = 0; i < SHELVES; i++) {
        shelf_fini(&shelves[i]);
    }
    world_fini(&world);
}

static void adm7_revocation_and_objects_in_any_order_end_equal(void **state)
{
    uint64_t members = 0;
    (void)state;
    removed_in_all = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_seed(seed, &members);
    }
    print_message("%llu members of sets compared, %zu objects removed on the way\n",
        (unsigned long long)members, removed_in_all);
    assert_true(members > 10000);
    assert_true(removed_in_all > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adm7_revocation_and_objects_in_any_order_end_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
