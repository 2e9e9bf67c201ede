/*
 * An import that is cut short and run again, at any place and by any death, ends as one that was
 * not; and what it made is the same for whoever receives it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import_rig.h"

#include "core/commit.h"
#include "maintain/digest.h"
#include "store/tests/store_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char dump_name[] = "stackexchange-small";

/* What a whole import leaves. */
static void whole_set(struct rig_set *out, uint64_t *objects)
{
    struct rig rig;
    struct import_report report;
    rig_init(&rig, 7);
    rig_import(&rig, rig_dump(dump_name), &report);
    rig_set(&rig, &report.space, out);
    *objects = report.objects;
    rig_fini(&rig);
}

/* ---- a sink that fails ---- */

struct weak_sink {
    struct import_sink inner;
    size_t left; /* objects that it still takes */
};

static int weak_find(
    void *context, const char *name, struct import_space *out, struct fora_buf *why)
{
    struct weak_sink *weak = context;
    return weak->inner.find(weak->inner.context, name, out, why);
}

static int weak_put(void *context, struct import_item *items, size_t count, struct fora_buf *why)
{
    struct weak_sink *weak = context;
    size_t taken = count < weak->left ? count : weak->left;
    int rc = taken > 0 ? weak->inner.put(weak->inner.context, items, taken, why) : 0;
    weak->left -= taken;
    if (rc == 0 && taken < count) {
        fora_buf_append_str(why, "the test pulled the plug");
        return FORA_E_IO;
    }
    return rc;
}

static int weak_finish(void *context, void (*step)(void *context, uint64_t left),
    void *step_context, struct fora_buf *why)
{
    struct weak_sink *weak = context;
    return weak->inner.finish(weak->inner.context, step, step_context, why);
}

static void stop_after(struct rig *rig, const char *dump, size_t objects)
{
    struct weak_sink weak = {.left = objects};
    struct import_sink sink = {&weak, weak_find, NULL, weak_put, weak_finish};
    struct import_options options = rig_options(rig, dump, &sink);
    struct import_report report;
    struct fora_buf why = {0};
    assert_int_equal(import_store_new(&weak.inner, rig->kv), 0);
    assert_int_equal(import_stackexchange(&options, &report, &why), FORA_E_IO);
    assert_string_equal(fora_buf_cstr(&why), "the test pulled the plug");
    import_store_free(&weak.inner);
    fora_buf_fini(&why);
}

static void a_stopped_import_is_completed_by_the_next(void **state)
{
    (void)state;
    static const size_t stops[] = {0, 1, 2, 5, 50, 143, 144, 145, 200, 500, 900, 942};
    const char *dump = rig_dump(dump_name);
    struct rig_set whole, set;
    uint64_t objects;
    whole_set(&whole, &objects);
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        struct rig rig;
        struct import_report report;
        rig_init(&rig, 7);
        stop_after(&rig, dump, stops[i]);
        rig_import(&rig, dump, &report);
        rig_set(&rig, &report.space, &set);
        assert_true(report.stored <= objects - stops[i] + (stops[i] == 0));
        rig_assert_same_set(&whole, &set);
        rig_fini(&rig);
    }
}

/* ---- kill -9 ---- */

/* Imports in a child, which is killed after `us`. True when it had ended by itself. */
static bool import_and_kill(struct rig *rig, const char *dump, unsigned us)
{
    int status;
    rig_close(rig);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct import_report report;
        struct fora_buf why = {0};
        rig_open(rig);
        _exit(rig_try(rig, dump, &report, &why) == 0 ? 0 : 3);
    }
    (void)usleep(us);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    rig_open(rig);
    return WIFEXITED(status);
}

static void a_killed_import_is_completed_by_the_next(void **state)
{
    (void)state;
    const char *dump = rig_dump(dump_name);
    struct rig_set whole, set;
    uint64_t objects;
    unsigned killed = 0;
    whole_set(&whole, &objects);
    for (unsigned us = 20000; us <= 340000; us += 40000) {
        struct rig rig;
        struct import_report report;
        rig_init(&rig, 7);
        killed += !import_and_kill(&rig, dump, us);
        killed += !import_and_kill(&rig, dump, us / 2);
        rig_import(&rig, dump, &report);
        rig_set(&rig, &report.space, &set);
        rig_assert_same_set(&whole, &set);
        rig_fini(&rig);
    }
    assert_true(killed > 0);
}

/* ---- another node ---- */

struct handover {
    struct commit_item item;
    struct fora_buf objects[20000];
    size_t count;
};

static int keep(void *context, const struct stored *stored)
{
    struct handover *handover = context;
    assert_true(handover->count < sizeof handover->objects / sizeof handover->objects[0]);
    fora_buf_append_bytes(&handover->objects[handover->count++], stored->object.encoded);
    return 0;
}

/* What Subscribe does: the set is there, so that its first statement is let in. */
static void hold_space(struct rig *rig, const struct fora_space_id *space)
{
    struct ledger ledger;
    assert_int_equal(ledger_begin(&ledger, rig->kv), 0);
    assert_non_null(ledger_set_create(&ledger, space, FORA_AUDIENCE_PUBLIC));
    assert_int_equal(ledger_commit(&ledger), 0);
}

/* Every object of one store to another, as a peer would send them. */
static void hand_over(struct rig *from, struct rig *to)
{
    struct handover *handover = calloc(1, sizeof *handover);
    struct committer *committer;
    assert_non_null(handover);
    struct kv_txn *txn = store_rig_read(from->kv);
    assert_int_equal(objects_each(txn, 0, keep, handover), 0);
    kv_abort(txn);
    assert_true(handover->count > 100);
    assert_int_equal(committer_new(&committer, to->kv, to->policies), 0);
    for (size_t i = 0; i < handover->count; i++) {
        struct commit_result result;
        struct commit_item item = {.source = COMMIT_PEER};
        struct commit_batch batch = {.items = &item, .count = 1, .now = 1900000000000};
        assert_int_equal(
            fora_object_decode(&item.object, fora_buf_bytes(&handover->objects[i])), 0);
        assert_int_equal(fora_object_verify(&item.object), 0);
        assert_int_equal(commit_run(committer, &batch, &result), 0);
        assert_int_equal(item.code, 0);
        fora_buf_fini(&handover->objects[i]);
    }
    committer_free(committer);
    free(handover);
    uint64_t behind = 1;
    while (behind > 0) {
        assert_int_equal(rows_step(to->kv, to->policies, ROWS_STEP_MAX, &behind), 0);
    }
}

static int take_digest(void *context, const struct digest *digest)
{
    *(struct digest *)context = *digest;
    return 0;
}

static void another_node_holds_and_shows_the_same(void **state)
{
    (void)state;
    const char *dump = rig_dump(dump_name);
    struct rig vendor, community;
    struct import_report report;
    struct digest a, b;
    rig_init(&vendor, 7);
    rig_init(&community, 8);
    rig_import(&vendor, dump, &report);
    hold_space(&community, &report.space);
    hand_over(&vendor, &community);
    assert_int_equal(digest_all(vendor.kv, NULL, take_digest, &a), 0);
    assert_int_equal(digest_all(community.kv, NULL, take_digest, &b), 0);
    assert_int_equal(a.threads, report.counts.made[IMPORT_MADE_THREADS]);
    assert_int_equal(a.threads, b.threads);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.fingerprint, b.fingerprint, sizeof a.fingerprint);
    assert_memory_equal(&a.items, &b.items, sizeof a.items);
    assert_memory_equal(&a.views, &b.views, sizeof a.views);
    rig_fini(&vendor);
    rig_fini(&community);
}

static void two_nodes_make_different_people_of_one_dump(void **state)
{
    (void)state;
    const char *dump = rig_dump(dump_name);
    struct rig one, other;
    struct import_report a, b;
    rig_init(&one, 7);
    rig_init(&other, 8);
    rig_import(&one, dump, &a);
    rig_import(&other, dump, &b);
    assert_int_equal(a.objects, b.objects);
    assert_memory_not_equal(&a.space, &b.space, sizeof a.space);
    rig_fini(&one);
    rig_fini(&other);
}

/* One thread or several: the same objects. */
static void the_number_of_workers_does_not_show(void **state)
{
    (void)state;
    const char *dump = rig_dump(dump_name);
    struct rig_set whole, set;
    uint64_t objects;
    whole_set(&whole, &objects);
    for (unsigned threads = 1; threads <= 7; threads += 3) {
        struct rig rig;
        struct import_report report;
        struct import_sink sink;
        struct fora_buf why = {0};
        rig_init(&rig, 7);
        assert_int_equal(import_store_new(&sink, rig.kv), 0);
        struct import_options options = rig_options(&rig, dump, &sink);
        options.threads = threads;
        assert_int_equal(import_stackexchange(&options, &report, &why), 0);
        import_store_free(&sink);
        rig_set(&rig, &report.space, &set);
        rig_assert_same_set(&whole, &set);
        rig_fini(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_import_is_completed_by_the_next),
        cmocka_unit_test(a_killed_import_is_completed_by_the_next),
        cmocka_unit_test(another_node_holds_and_shows_the_same),
        cmocka_unit_test(two_nodes_make_different_people_of_one_dump),
        cmocka_unit_test(the_number_of_workers_does_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
