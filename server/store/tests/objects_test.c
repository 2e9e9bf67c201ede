/* Objects in chunks: what is appended is read back, before and after a flush; rewriting touches one
 * record; damage is an error. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "store/objects.h"
#include "store/tests/store_rig.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 600, LONG_TEXT = 30000 };

struct bench {
    struct fx fx;
    struct kv *kv;
    const struct fora_object *objects[MANY];
};

/* Threads of all lengths: most small, some longer than a chunk. */
static int set_up(void **state)
{
    static struct bench bench;
    static char text[LONG_TEXT + 1];
    uint64_t seed = 5;
    memset(&bench, 0, sizeof bench);
    fx_init(&bench.fx);
    bench.kv = store_rig_mem();
    struct fx_who *ann = fx_member(&bench.fx, 1, 1000);
    const struct fora_object *space = fx_space(&bench.fx, ann, FORA_SPACE_QUESTIONS, "beer", 1000);
    const struct fora_object *thread =
        fx_thread(&bench.fx, ann, space, FORA_THREAD_QUESTION, "Why?", 2000);
    memset(text, 'x', LONG_TEXT);
    for (size_t i = 0; i < MANY; i++) {
        size_t length = fx_random(&seed, 50) == 0 ? LONG_TEXT : 1 + fx_random(&seed, 400);
        text[length] = 0;
        bench.objects[i] = fx_comment(&bench.fx, ann, thread, text, 3000 + i);
        text[length] = 'x';
    }
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    kv_close(bench->kv);
    fx_fini(&bench->fx);
    return 0;
}

static void append_all(struct bench *bench)
{
    struct kv_txn *txn = store_rig_write(bench->kv);
    struct objects_writer writer;
    objects_writer_init(&writer, txn);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(objects_append(&writer, bench->objects[i], (uint32_t)i), i + 1);
    }
    objects_finish(&writer);
    objects_writer_fini(&writer);
    store_rig_commit(txn);
}

static void assert_stored(
    const struct stored *stored, const struct bench *bench, size_t index, bool has_content)
{
    assert_int_equal(stored->seq, index + 1);
    assert_int_equal(stored->origin, index);
    assert_memory_equal(stored->object.id.b, bench->objects[index]->id.b, FORA_ID_SIZE);
    assert_int_equal(stored->object.has_content, has_content);
    if (has_content) {
        assert_true(fora_bytes_equal(stored->object.encoded, bench->objects[index]->encoded));
    }
}

static void appended_objects_are_found_and_read(void **state)
{
    struct bench *bench = *state;
    struct stored stored;
    append_all(bench);
    struct kv_txn *txn = store_rig_read(bench->kv);
    assert_int_equal(objects_last(txn), MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(objects_find(txn, bench->objects[i]->id.b), i + 1);
        assert_int_equal(objects_read(txn, i + 1, &stored), 0);
        assert_stored(&stored, bench, i, true);
    }
    assert_int_equal(objects_read(txn, 0, &stored), FORA_E_NOTFOUND);
    assert_int_equal(objects_read(txn, MANY + 1, &stored), FORA_E_NOTFOUND);
    assert_int_equal(objects_find(txn, (const uint8_t[FORA_ID_SIZE]){1}), 0);
    assert_true(kv_count(txn, T_OBJECTS) > 10);
    assert_true(kv_count(txn, T_OBJECTS) < MANY / 4);
    kv_abort(txn);
}

/* In whatever order, and whatever chunk was read before. */
static void what_is_near_is_read_as_anything_else(void **state)
{
    struct bench *bench = *state;
    struct stored stored;
    struct objects_near near = {.first = 0};
    uint64_t seed = 3;
    append_all(bench);
    struct kv_txn *txn = store_rig_read(bench->kv);
    for (size_t i = 0; i < 3 * MANY; i++) {
        size_t index = i < MANY ? i : fx_random(&seed, MANY);
        assert_int_equal(objects_read_near(txn, &near, index + 1, &stored), 0);
        assert_stored(&stored, bench, index, true);
        if (i % 10 == 0) {
            assert_int_equal(objects_read_near(txn, &near, 0, &stored), FORA_E_NOTFOUND);
            assert_int_equal(objects_read_near(txn, &near, MANY + 1, &stored), FORA_E_NOTFOUND);
        }
    }
    kv_abort(txn);
}

static void the_writer_reads_what_it_has_not_flushed(void **state)
{
    struct bench *bench = *state;
    struct objects_writer writer;
    struct stored stored;
    struct kv_txn *txn = store_rig_write(bench->kv);
    objects_writer_init(&writer, txn);
    for (size_t i = 0; i < MANY; i++) {
        store_seq seq = objects_append(&writer, bench->objects[i], (uint32_t)i);
        size_t before = i * 7 % (i + 1);
        assert_int_equal(objects_writer_read(&writer, seq, &stored), 0);
        assert_stored(&stored, bench, i, true);
        assert_int_equal(objects_writer_read(&writer, before + 1, &stored), 0);
        assert_stored(&stored, bench, before, true);
        assert_int_equal(objects_writer_read(&writer, seq + 1, &stored), FORA_E_NOTFOUND);
    }
    objects_writer_fini(&writer);
    kv_abort(txn);
}

struct count {
    const struct bench *bench;
    size_t next;
    size_t stop_at; /* 0: never */
    size_t seen;
};

static int count_one(void *context, const struct stored *stored)
{
    struct count *count = context;
    assert_stored(stored, count->bench, count->next++, true);
    count->seen++;
    return count->seen == count->stop_at ? 42 : 0;
}

static int count_header(void *context, store_seq seq, const struct fora_header *header)
{
    struct count *count = context;
    const struct fora_header *expected = &count->bench->objects[count->next++]->header;
    assert_int_equal(seq, count->next);
    assert_int_equal(header->kind, expected->kind);
    assert_int_equal(header->created_at, expected->created_at);
    assert_memory_equal(header->root.b, expected->root.b, FORA_ID_SIZE);
    count->seen++;
    return count->seen == count->stop_at ? 42 : 0;
}

static void headers_are_passed_as_objects_are(void **state)
{
    struct bench *bench = *state;
    append_all(bench);
    struct kv_txn *txn = store_rig_read(bench->kv);
    for (size_t after = 0; after <= MANY; after += 13) {
        struct count count = {.bench = bench, .next = after};
        assert_int_equal(objects_each_header(txn, after, count_header, &count), 0);
        assert_int_equal(count.seen, MANY - after);
    }
    struct count count = {.bench = bench, .next = 100, .stop_at = 17};
    assert_int_equal(objects_each_header(txn, 100, count_header, &count), 42);
    assert_int_equal(count.seen, 17);
    kv_abort(txn);
}

static int next_left(void *context, store_seq seq, const struct fora_header *header)
{
    store_seq *last = context;
    (void)header;
    assert_int_equal(seq, *last + 2); /* each second one was removed */
    *last = seq;
    return 0;
}

static void headers_of_removed_objects_are_passed_over(void **state)
{
    struct bench *bench = *state;
    struct objects_writer writer;
    store_seq last = 0;
    append_all(bench);
    struct kv_txn *txn = store_rig_write(bench->kv);
    objects_writer_init(&writer, txn);
    for (size_t i = 0; i < MANY; i += 2) {
        assert_int_equal(objects_rewrite(&writer, i + 1, true), 0);
    }
    objects_writer_fini(&writer);
    assert_int_equal(objects_each_header(txn, 0, next_left, &last), 0);
    assert_int_equal(last, MANY);
    kv_abort(txn);
}

static void iteration_begins_anywhere_and_may_stop(void **state)
{
    struct bench *bench = *state;
    append_all(bench);
    struct kv_txn *txn = store_rig_read(bench->kv);
    for (size_t after = 0; after <= MANY; after += 13) {
        struct count count = {.bench = bench, .next = after};
        assert_int_equal(objects_each(txn, after, count_one, &count), 0);
        assert_int_equal(count.seen, MANY - after);
    }
    struct count count = {.bench = bench, .next = 100, .stop_at = 17};
    assert_int_equal(objects_each(txn, 100, count_one, &count), 42);
    assert_int_equal(count.seen, 17);
    kv_abort(txn);
}

static void an_erased_object_keeps_its_place_and_its_id(void **state)
{
    struct bench *bench = *state;
    struct objects_writer writer;
    struct stored stored;
    append_all(bench);
    struct kv_txn *txn = store_rig_write(bench->kv);
    objects_writer_init(&writer, txn);
    for (size_t i = 0; i < MANY; i += 3) {
        assert_int_equal(objects_rewrite(&writer, i + 1, false), 0);
    }
    objects_writer_fini(&writer);
    store_rig_commit(txn);
    txn = store_rig_read(bench->kv);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(objects_read(txn, i + 1, &stored), 0);
        assert_stored(&stored, bench, i, i % 3 != 0);
        assert_int_equal(fora_object_verify(&stored.object), 0);
        assert_int_equal(objects_find(txn, bench->objects[i]->id.b), i + 1);
    }
    kv_abort(txn);
}

static void a_removed_object_is_gone_and_its_number_is_not_used_again(void **state)
{
    struct bench *bench = *state;
    struct objects_writer writer;
    struct stored stored;
    append_all(bench);
    struct kv_txn *txn = store_rig_write(bench->kv);
    objects_writer_init(&writer, txn);
    for (size_t i = 0; i < MANY; i += 2) {
        assert_int_equal(objects_rewrite(&writer, i + 1, true), 0);
        assert_int_equal(objects_rewrite(&writer, i + 1, true), FORA_E_NOTFOUND);
    }
    assert_int_equal(objects_rewrite(&writer, MANY, true), 0); /* the last one too */
    assert_int_equal(objects_append(&writer, bench->objects[0], 0), MANY + 1);
    objects_finish(&writer);
    objects_writer_fini(&writer);
    store_rig_commit(txn);
    txn = store_rig_read(bench->kv);
    for (size_t i = 1; i < MANY; i++) {
        bool gone = i % 2 == 0 || i == MANY - 1;
        assert_int_equal(objects_read(txn, i + 1, &stored), gone ? FORA_E_NOTFOUND : 0);
        assert_int_equal(objects_find(txn, bench->objects[i]->id.b), gone ? 0 : i + 1);
    }
    assert_int_equal(objects_find(txn, bench->objects[0]->id.b), MANY + 1);
    kv_abort(txn);
}

/* A rewrite of an object of the chunk that is being filled. */
static void what_is_not_flushed_may_be_rewritten(void **state)
{
    struct bench *bench = *state;
    struct objects_writer writer;
    struct stored stored;
    struct kv_txn *txn = store_rig_write(bench->kv);
    objects_writer_init(&writer, txn);
    for (size_t i = 0; i < 4; i++) {
        (void)objects_append(&writer, bench->objects[i], (uint32_t)i);
    }
    assert_int_equal(objects_rewrite(&writer, 2, true), 0);
    assert_int_equal(objects_rewrite(&writer, 3, false), 0);
    assert_int_equal(objects_append(&writer, bench->objects[4], 4), 5);
    assert_int_equal(objects_writer_read(&writer, 5, &stored), 0);
    assert_int_equal(objects_writer_read(&writer, 2, &stored), FORA_E_NOTFOUND);
    assert_int_equal(objects_writer_read(&writer, 3, &stored), 0);
    assert_stored(&stored, bench, 2, false);
    objects_writer_fini(&writer);
    kv_abort(txn);
}

static int touch_header(void *context, store_seq seq, const struct fora_header *header)
{
    size_t *bytes = context;
    (void)seq;
    *bytes += header->content_size;
    return 0;
}

static int touch(void *context, const struct stored *stored)
{
    size_t *bytes = context;
    *bytes += stored->object.encoded.size;
    return 0;
}

/* Whatever is done to the bytes of a chunk: an error or another object, never a crash. */
static void damaged_chunks_are_errors(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 11;
    size_t errors = 0, bytes = 0;
    append_all(bench);
    for (size_t round = 0; round < 400; round++) {
        uint32_t n = fx_random(&seed, 1000);
        uint32_t at = fx_random(&seed, 2) == 0 ? fx_random(&seed, 300) : fx_random(&seed, 16000);
        assert_true(store_rig_flip(bench->kv, T_OBJECTS, n, at));
        struct kv_txn *txn = store_rig_read(bench->kv);
        int rc = objects_each(txn, 0, touch, &bytes);
        assert_true(rc == 0 || rc == FORA_E_CORRUPT);
        assert_int_equal(objects_each_header(txn, 0, touch_header, &bytes), rc);
        errors += rc != 0;
        for (store_seq seq = 1; seq <= MANY; seq += 5) {
            struct stored stored;
            rc = objects_read(txn, seq, &stored);
            assert_true(rc == 0 || rc == FORA_E_CORRUPT || rc == FORA_E_NOTFOUND);
        }
        (void)objects_last(txn);
        kv_abort(txn);
    }
    assert_true(errors > 100);
    assert_true(bytes > 0);
}

/* No byte of a record can change unnoticed, neither the object's nor who brought it. */
static void what_is_damaged_is_not_served(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 13;
    size_t errors = 0, whole = 0;
    append_all(bench);
    for (size_t round = 0; round < 300; round++) {
        uint32_t n = fx_random(&seed, 1000), at = fx_random(&seed, 16000);
        assert_true(store_rig_flip(bench->kv, T_OBJECTS, n, at));
        struct kv_txn *txn = store_rig_read(bench->kv);
        size_t before = errors;
        for (store_seq seq = 1; seq <= MANY; seq++) {
            struct stored stored;
            if (objects_read(txn, seq, &stored) == 0) {
                assert_stored(&stored, bench, seq - 1, true);
                whole++;
            } else {
                errors++;
            }
        }
        assert_true(errors > before);
        kv_abort(txn);
        assert_true(store_rig_flip(bench->kv, T_OBJECTS, n, at)); /* and whole again */
    }
    assert_true(errors >= 300);
    assert_true(whole > 100000);
}

struct survey {
    size_t readable;
    store_seq damaged[MANY];
    size_t damaged_count;
};

static int survey_one(void *context, store_seq seq, int rc, const struct stored *stored)
{
    struct survey *survey = context;
    assert_int_equal(rc == 0, stored != NULL);
    if (rc == 0) {
        assert_int_equal(stored->seq, seq);
        survey->readable++;
    } else {
        assert_int_equal(rc, FORA_E_CORRUPT);
        assert_true(survey->damaged_count < MANY);
        survey->damaged[survey->damaged_count++] = seq;
    }
    return 0;
}

/* What could be read before can be read after, and nothing that cannot is left. */
static void a_damaged_store_is_surveyed_and_repaired(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 12;
    size_t repaired = 0;
    append_all(bench);
    for (size_t round = 0; round < 60; round++) {
        struct survey survey = {.readable = 0}, after = {.readable = 0};
        assert_true(store_rig_flip(
            bench->kv, T_OBJECTS, fx_random(&seed, 1000), fx_random(&seed, 2 + 200 * (round % 3))));
        struct kv_txn *txn = store_rig_write(bench->kv);
        assert_int_equal(objects_scan(txn, 0, survey_one, &survey), 0);
        for (size_t i = 0; i < survey.damaged_count; i++) {
            assert_int_equal(objects_repair(txn, survey.damaged[i]), 0);
        }
        assert_int_equal(objects_scan(txn, 0, survey_one, &after), 0);
        assert_int_equal(after.readable, survey.readable);
        assert_int_equal(after.damaged_count, 0);
        repaired += survey.damaged_count;
        store_rig_commit(txn);
    }
    assert_true(repaired > 20);
    struct kv_txn *txn = store_rig_write(bench->kv);
    assert_int_equal(objects_repair(txn, 0), FORA_E_NOTFOUND);
    struct objects_writer writer;
    objects_writer_init(&writer, txn);
    assert_true(objects_append(&writer, bench->objects[0], 0) > MANY);
    objects_finish(&writer);
    objects_writer_fini(&writer);
    store_rig_commit(txn);
}

static void put_last(struct kv *kv, struct fora_bytes value)
{
    struct store_key key;
    struct kv_txn *txn = store_rig_write(kv);
    key_object(&key, 5000);
    kv_put(txn, T_OBJECTS, store_key_bytes(&key), value);
    store_rig_commit(txn);
}

/* The number after a chunk of unknown length is not known: writing on would hide objects. */
static void nothing_is_written_behind_a_damaged_end(void **state)
{
    struct bench *bench = *state;
    static const uint8_t cut[] = {0, 9, 1}, none[] = {0, 0, 0, 0};
    const struct fora_bytes damaged[] = {
        fora_bytes(cut, 0), fora_bytes(cut, 1), fora_bytes(cut, 3), fora_bytes(none, 4)};
    append_all(bench);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct objects_writer writer;
        put_last(bench->kv, damaged[i]);
        struct kv_txn *txn = store_rig_write(bench->kv);
        objects_writer_init(&writer, txn);
        (void)objects_append(&writer, bench->objects[0], 0);
        objects_finish(&writer);
        objects_writer_fini(&writer);
        assert_int_equal(kv_commit(txn), FORA_E_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(appended_objects_are_found_and_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_near_is_read_as_anything_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_near_is_read_as_anything_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_writer_reads_what_it_has_not_flushed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(headers_are_passed_as_objects_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            headers_of_removed_objects_are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(iteration_begins_anywhere_and_may_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            an_erased_object_keeps_its_place_and_its_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_removed_object_is_gone_and_its_number_is_not_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_flushed_may_be_rewritten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_chunks_are_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_not_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_damaged_store_is_surveyed_and_repaired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_written_behind_a_damaged_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
