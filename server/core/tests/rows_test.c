/* Lists: orders, pages, what is listed and what is not, and rows that follow what changes them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/rows_impl.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { THREADS = 30 };

struct scene {
    struct fx fx;
    struct shelf shelf;
    struct fx_who *vendor, *ann, *bob;
    const struct fora_object *space, *other;
    const struct fora_object *threads[THREADS]; /* the i-th at 10000 + 1000 * i */
};

static const struct fora_object *tagged(struct scene *s, const struct fora_object *space,
    const char *title, const char *tag, uint64_t at)
{
    struct fora_bytes tags[] = {fora_bytes_str(tag), fora_bytes_str("beer")};
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    content.u.thread.type = FORA_THREAD_QUESTION;
    content.u.thread.title = fora_bytes_str(title);
    content.u.thread.text = fora_bytes_str(title);
    content.u.thread.tags = tags;
    content.u.thread.tags_count = 2;
    return fx_object(
        &s->fx, s->ann, (struct fora_header){.space = fora_object_space(space)}, content, at);
}

static int set_up(void **state)
{
    static struct scene scene;
    struct scene *s = &scene;
    memset(s, 0, sizeof *s);
    fx_init(&s->fx);
    shelf_init(&s->shelf);
    s->vendor = fx_node(&s->fx, 1, 1000);
    s->ann = fx_member(&s->fx, 2, 1000);
    s->bob = fx_member(&s->fx, 3, 1000);
    s->space = fx_space(&s->fx, s->vendor, FORA_SPACE_QUESTIONS, "beer", 1000);
    s->other = fx_space(&s->fx, s->vendor, FORA_SPACE_QUESTIONS, "wine", 1001);
    const struct fora_object *objects[] = {
        s->vendor->create, s->ann->create, s->bob->create, s->space, s->other};
    shelf_add(&s->shelf, objects, 5);
    for (unsigned i = 0; i < THREADS; i++) {
        char title[32];
        (void)snprintf(title, sizeof title, "Thread %u", i);
        s->threads[i] = tagged(s, s->space, title, i % 3 == 0 ? "yeast" : "hops", 10000 + 1000 * i);
    }
    shelf_add(&s->shelf, s->threads, THREADS);
    shelf_add_one(&s->shelf, tagged(s, s->other, "Elsewhere", "yeast", 10000));
    shelf_rows(&s->shelf);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    shelf_fini(&s->shelf);
    fx_fini(&s->fx);
    return 0;
}

/* ---- reading ---- */

struct listing {
    struct fora_object_id ids[2 * THREADS];
    size_t count;
    size_t pages;
};

/* All pages of an order. */
static void list(
    struct scene *s, uint32_t order, const char *tag, uint32_t limit, struct listing *out)
{
    struct fora_msg_list_threads request = {.order = order, .limit = limit};
    uint8_t cursor[64];
    memset(out, 0, sizeof *out);
    request.tag = fora_bytes_str(tag);
    do {
        struct kv_txn *txn = shelf_read(&s->shelf);
        struct fora_arena arena;
        struct fora_msg_threads page;
        fora_arena_init(&arena, 0);
        assert_int_equal(
            rows_page(txn, &arena, shelf_set(txn, s->space).number, &request, &page), 0);
        assert_true(page.rows_count <= limit);
        assert_true(out->count + page.rows_count <= sizeof out->ids / sizeof out->ids[0]);
        for (size_t i = 0; i < page.rows_count; i++) {
            out->ids[out->count++] = page.rows[i].root;
        }
        assert_true(page.next.size <= sizeof cursor);
        if (page.next.size > 0) {
            memcpy(cursor, page.next.data, page.next.size);
        }
        request.cursor = fora_bytes(cursor, page.next.size);
        out->pages++;
        fora_arena_fini(&arena);
        kv_abort(txn);
    } while (request.cursor.size > 0);
}

static void assert_listed(
    const struct listing *listing, size_t at, const struct fora_object *object)
{
    assert_true(at < listing->count);
    assert_memory_equal(listing->ids[at].b, object->id.b, FORA_ID_SIZE);
}

static bool is_listed(const struct listing *listing, const struct fora_object *object)
{
    for (size_t i = 0; i < listing->count; i++) {
        if (memcmp(listing->ids[i].b, object->id.b, FORA_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static void row_of(struct scene *s, const struct fora_object *thread, struct fora_arena *arena,
    struct fora_msg_thread_row *out)
{
    struct fora_msg_list_threads request = {.order = FORA_ORDER_NEW, .limit = 100};
    struct fora_msg_threads page;
    struct kv_txn *txn = shelf_read(&s->shelf);
    assert_int_equal(rows_page(txn, arena, shelf_set(txn, s->space).number, &request, &page), 0);
    for (size_t i = 0; i < page.rows_count; i++) {
        if (memcmp(page.rows[i].root.b, thread->id.b, FORA_ID_SIZE) == 0) {
            *out = page.rows[i];
            out->title = fora_arena_copy(arena, out->title);
            kv_abort(txn);
            return;
        }
    }
    memset(out, 0, sizeof *out);
    kv_abort(txn);
    fail_msg("no row");
}

static void add(struct scene *s, const struct fora_object *object)
{
    shelf_add_one(&s->shelf, object);
    shelf_rows(&s->shelf);
}

/* ---- tests ---- */

static void new_threads_come_first(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        assert_listed(&listing, i, s->threads[THREADS - 1 - i]);
    }
}

static void pages_follow_each_other_without_gap(void **state)
{
    struct scene *s = *state;
    struct listing whole, paged;
    list(s, FORA_ORDER_NEW, "", 100, &whole);
    for (uint32_t limit = 1; limit <= THREADS + 1; limit += 3) {
        list(s, FORA_ORDER_NEW, "", limit, &paged);
        assert_int_equal(paged.count, THREADS);
        assert_int_equal(paged.pages, (THREADS + limit - 1) / limit);
        assert_memory_equal(paged.ids, whole.ids, THREADS * sizeof whole.ids[0]);
    }
}

/* A thread that moves up between two pages is not a reason to see another one twice. */
static void a_cursor_stays_when_threads_move(void **state)
{
    struct scene *s = *state;
    struct fora_msg_list_threads request = {.order = FORA_ORDER_ACTIVE, .limit = 10};
    struct fora_msg_threads page;
    struct fora_arena arena;
    uint8_t cursor[64];
    fora_arena_init(&arena, 0);
    struct kv_txn *txn = shelf_read(&s->shelf);
    uint32_t set = shelf_set(txn, s->space).number;
    assert_int_equal(rows_page(txn, &arena, set, &request, &page), 0);
    memcpy(cursor, page.next.data, page.next.size);
    request.cursor = fora_bytes(cursor, page.next.size);
    kv_abort(txn);
    add(s, fx_answer(&s->fx, s->bob, s->threads[0], "Up.", 90000));
    txn = shelf_read(&s->shelf);
    assert_int_equal(rows_page(txn, &arena, set, &request, &page), 0);
    assert_int_equal(page.rows_count, 10);
    for (size_t i = 0; i < 10; i++) {
        assert_memory_equal(page.rows[i].root.b, s->threads[THREADS - 11 - i]->id.b, FORA_ID_SIZE);
    }
    kv_abort(txn);
    fora_arena_fini(&arena);
}

static void a_cursor_of_another_shape_is_refused(void **state)
{
    struct scene *s = *state;
    static const uint8_t bytes[64] = {0};
    struct fora_msg_list_threads request = {.order = FORA_ORDER_ACTIVE};
    struct fora_msg_threads page;
    struct fora_arena arena;
    struct kv_txn *txn = shelf_read(&s->shelf);
    uint32_t set = shelf_set(txn, s->space).number;
    fora_arena_init(&arena, 0);
    for (size_t size = 1; size <= sizeof bytes; size++) {
        request.cursor = fora_bytes(bytes, size);
        assert_int_equal(
            rows_page(txn, &arena, set, &request, &page), size == 12 ? 0 : FORA_E_MALFORMED);
    }
    request.cursor = fora_bytes(NULL, 0);
    request.order = 4; /* the order of all threads is not for lists */
    assert_int_equal(rows_page(txn, &arena, set, &request, &page), FORA_E_MALFORMED);
    request.order = FORA_ORDER_ACTIVE;
    assert_int_equal(rows_page(txn, &arena, set, &request, &page), 0);
    assert_int_equal(page.rows_count, THREADS);
    kv_abort(txn);
    fora_arena_fini(&arena);
}

static void an_answer_makes_a_thread_active_and_answered(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    list(s, FORA_ORDER_UNANSWERED, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
    add(s, fx_answer(&s->fx, s->bob, s->threads[3], "Dirty glass.", 80000));
    add(s, fx_comment(&s->fx, s->bob, s->threads[5], "Which one?", 81000));
    list(s, FORA_ORDER_ACTIVE, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
    assert_listed(&listing, 0, s->threads[5]);
    assert_listed(&listing, 1, s->threads[3]);
    assert_listed(&listing, 2, s->threads[THREADS - 1]);
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_listed(&listing, THREADS - 4, s->threads[3]);
    list(s, FORA_ORDER_UNANSWERED, "", 100, &listing);
    assert_int_equal(listing.count, THREADS - 1);
    assert_false(is_listed(&listing, s->threads[3]));
    assert_true(is_listed(&listing, s->threads[5]));
}

static void pinned_threads_head_the_active_ones(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[3], FORA_MODERATION_PIN, 200000));
    add(s, fx_answer(&s->fx, s->bob, s->threads[7], "Newest.", 210000));
    list(s, FORA_ORDER_ACTIVE, "", 1, &listing);
    assert_int_equal(listing.count, THREADS);
    assert_listed(&listing, 0, s->threads[3]);
    assert_listed(&listing, 1, s->threads[7]);
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_listed(&listing, 0, s->threads[THREADS - 1]);
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[3], FORA_MODERATION_UNPIN, 220000));
    list(s, FORA_ORDER_ACTIVE, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
    assert_listed(&listing, 0, s->threads[7]);
    assert_listed(&listing, THREADS - 4, s->threads[3]);
}

static void tags_select(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    list(s, FORA_ORDER_TAG, "yeast", 100, &listing);
    assert_int_equal(listing.count, THREADS / 3);
    assert_listed(&listing, 0, s->threads[27]);
    list(s, FORA_ORDER_TAG, "beer", 7, &listing);
    assert_int_equal(listing.count, THREADS);
    list(s, FORA_ORDER_TAG, "water", 100, &listing);
    assert_int_equal(listing.count, 0);
    /* A revision moves a thread to other tags. */
    struct fora_bytes tags[] = {fora_bytes_str("water")};
    struct fora_tag_list fresh = {.tags = tags, .tags_count = 1};
    struct fora_content content = {.kind = FORA_KIND_REVISION, .u.revision.tags = &fresh};
    add(s, fx_about(&s->fx, s->ann, s->threads[0], content, 70000));
    list(s, FORA_ORDER_TAG, "water", 100, &listing);
    assert_int_equal(listing.count, 1);
    list(s, FORA_ORDER_TAG, "yeast", 100, &listing);
    assert_int_equal(listing.count, THREADS / 3 - 1);
    assert_false(is_listed(&listing, s->threads[0]));
}

static void what_is_hidden_or_retracted_is_not_listed(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    static const uint32_t orders[] = {
        FORA_ORDER_ACTIVE, FORA_ORDER_NEW, FORA_ORDER_UNANSWERED, FORA_ORDER_TAG};
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[1], FORA_MODERATION_HIDE, 70000));
    add(s, fx_retract(&s->fx, s->ann, s->threads[2], 70000));
    for (size_t i = 0; i < 4; i++) {
        list(s, orders[i], "beer", 100, &listing);
        assert_int_equal(listing.count, THREADS - 2);
        assert_false(is_listed(&listing, s->threads[1]));
        assert_false(is_listed(&listing, s->threads[2]));
    }
    struct kv_txn *txn = shelf_read(&s->shelf);
    assert_true(rows_marks(txn, objects_find(txn, s->threads[1]->id.b)) & FORA_MARK_HIDDEN);
    assert_int_equal(shelf_set(txn, s->space).threads, THREADS);
    kv_abort(txn);
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[1], FORA_MODERATION_UNHIDE, 71000));
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_true(is_listed(&listing, s->threads[1]));
    assert_int_equal(listing.count, THREADS - 1);
}

static void what_is_settled_is_not_unanswered(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[1], FORA_MODERATION_CLOSE, 70000));
    list(s, FORA_ORDER_UNANSWERED, "", 100, &listing);
    assert_int_equal(listing.count, THREADS - 1);
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[1], FORA_MODERATION_REOPEN, 71000));
    list(s, FORA_ORDER_UNANSWERED, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
}

static void a_row_tells_what_the_view_does(void **state)
{
    struct scene *s = *state;
    struct fora_msg_thread_row row;
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    const struct fora_object *answer = fx_answer(&s->fx, s->bob, s->threads[4], "Yes.", 60000);
    const struct fora_object *objects[] = {answer,
        fx_host(&s->fx, s->vendor, s->space, s->vendor, 5000),
        fx_tally(&s->fx, s->vendor, s->threads[4], 7, 2, 61000),
        fx_resolve(&s->fx, s->ann, answer, FORA_RESOLUTION_ASKER_ACCEPTED, 62000)};
    shelf_add(&s->shelf, objects, 4);
    shelf_rows(&s->shelf);
    row_of(s, s->threads[4], &arena, &row);
    assert_true(fora_bytes_equal(row.title, fora_bytes_str("Thread 4")));
    assert_int_equal(row.answers, 1);
    assert_int_equal(row.comments, 0);
    assert_int_equal(row.score, 5);
    assert_int_equal(row.created_at, 14000);
    assert_int_equal(row.active_at, 60000);
    assert_true(row.marks & FORA_MARK_ACCEPTED);
    fora_arena_fini(&arena);
}

/* What a statement changes for objects that came before it shows in lists, many threads or few. */
static void a_policy_change_makes_rows_anew(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    uint64_t behind, steps = 0;
    add(s, fx_moderate(&s->fx, s->bob, s->threads[1], FORA_MODERATION_HIDE, 70000));
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->space, s->bob, FORA_ROLE_MODERATOR, 0, 0, 5000));
    /* Another space's at the same time: each is done, one after the other. */
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->other, s->bob, FORA_ROLE_MODERATOR, 0, 0, 5000));
    do {
        assert_int_equal(rows_step(s->shelf.kv, s->shelf.policies, 1, &behind), 0);
        steps++;
    } while (behind > 0);
    assert_true(steps > 1);
    struct kv_txn *txn = shelf_read(&s->shelf);
    assert_false(rows_policy_pending(txn, shelf_set(txn, s->space).number));
    assert_false(rows_policy_pending(txn, shelf_set(txn, s->other).number));
    assert_int_equal(rows_position(txn), objects_last(txn));
    kv_abort(txn);
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_int_equal(listing.count, THREADS - 1);
    assert_false(is_listed(&listing, s->threads[1]));
}

/* More threads than one step makes anew. */
static void a_policy_change_of_many_threads_takes_several_steps(void **state)
{
    enum { MANY = 1200 };
    struct scene *s = *state;
    static const struct fora_object *many[MANY];
    uint64_t behind = 1, steps = 0;
    for (unsigned i = 0; i < MANY; i++) {
        many[i] = fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_QUESTION, "Hm", 100000 + i);
    }
    shelf_add(&s->shelf, many, MANY);
    shelf_rows(&s->shelf);
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->space, s->bob, FORA_ROLE_BANNED, 0, 0, 50000));
    while (behind > 0) {
        assert_int_equal(rows_step(s->shelf.kv, s->shelf.policies, 8192, &behind), 0);
        steps++;
    }
    assert_true(steps >= 3);
    struct listing listing;
    list(s, FORA_ORDER_NEW, "", 100, &listing);
    assert_int_equal(listing.count, THREADS);
}

static void rows_made_anew_equal_rows_kept(void **state)
{
    struct scene *s = *state;
    struct fora_hash rows, orders, sets, again;
    struct kv_txn *txn;
    add(s, fx_answer(&s->fx, s->bob, s->threads[3], "Dirty glass.", 80000));
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[1], FORA_MODERATION_HIDE, 70000));
    shelf_table(&s->shelf, T_ROWS, &rows);
    shelf_table(&s->shelf, T_ORDERS, &orders);
    shelf_table(&s->shelf, T_SETS, &sets);
    assert_int_equal(kv_begin_write(s->shelf.kv, &txn), 0);
    rows_forget(txn);
    assert_int_equal(rows_position(txn), 0);
    assert_int_equal(kv_commit(txn), 0);
    shelf_rows(&s->shelf);
    shelf_table(&s->shelf, T_ROWS, &again);
    assert_memory_equal(again.b, rows.b, sizeof rows.b);
    shelf_table(&s->shelf, T_ORDERS, &again);
    assert_memory_equal(again.b, orders.b, sizeof orders.b);
    shelf_table(&s->shelf, T_SETS, &again);
    assert_memory_equal(again.b, sets.b, sizeof sets.b);
}

static void a_step_that_fails_is_taken_again(void **state)
{
    struct scene *s = *state;
    struct listing listing;
    uint64_t behind, failed = 0;
    int rc;
    shelf_add_one(&s->shelf, fx_answer(&s->fx, s->bob, s->threads[3], "Dirty glass.", 80000));
    do {
        kv_mem_fail_at(s->shelf.kv, ++failed, FORA_E_FULL);
        rc = rows_step(s->shelf.kv, s->shelf.policies, 100, &behind);
        if (rc != 0) {
            assert_int_equal(rc, FORA_E_FULL);
            list(s, FORA_ORDER_UNANSWERED, "", 100, &listing);
            assert_int_equal(listing.count, THREADS);
        }
    } while (rc != 0);
    kv_mem_fail_at(s->shelf.kv, 0, 0);
    assert_true(failed > 5);
    list(s, FORA_ORDER_UNANSWERED, "", 100, &listing);
    assert_int_equal(listing.count, THREADS - 1);
}

static int count_thread(void *context, store_seq root)
{
    store_seq *last = context;
    assert_true(root > *last);
    *last = root;
    return 0;
}

static void every_thread_is_visited_once(void **state)
{
    struct scene *s = *state;
    store_seq last = 0;
    add(s, fx_moderate(&s->fx, s->vendor, s->threads[THREADS - 1], FORA_MODERATION_HIDE, 70000));
    struct kv_txn *txn = shelf_read(&s->shelf);
    assert_int_equal(
        rows_threads_each(txn, shelf_set(txn, s->space).number, count_thread, &last), 0);
    assert_int_equal(last, objects_find(txn, s->threads[THREADS - 1]->id.b));
    kv_abort(txn);
}

static void a_thread_that_is_too_large_to_fold_keeps_its_row(void **state)
{
    struct scene *s = *state;
    struct maker maker = {.policies = s->shelf.policies};
    struct fora_hash before, after;
    const struct fora_object *thread =
        fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why is it flat?", 20000000);
    shelf_add_one(&s->shelf, thread);
    shelf_rows(&s->shelf);
    shelf_row(&s->shelf, thread, &before);
    shelf_add_one(&s->shelf, fx_comment(&s->fx, s->ann, thread, "No longer.", 20000001));
    assert_int_equal(kv_begin_write(s->shelf.kv, &maker.txn), 0);
    fora_arena_init(&maker.arena, 256);
    assert_int_equal(row_make(&maker, objects_find(maker.txn, thread->id.b)), 0);
    fora_arena_fini(&maker.arena);
    assert_int_equal(kv_commit(maker.txn), 0);
    shelf_row(&s->shelf, thread, &after);
    assert_memory_equal(after.b, before.b, sizeof before.b);
    shelf_rows(&s->shelf);
    shelf_row(&s->shelf, thread, &after);
    assert_memory_not_equal(after.b, before.b, sizeof before.b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_threads_come_first),
        TEST(pages_follow_each_other_without_gap),
        TEST(a_cursor_stays_when_threads_move),
        TEST(a_cursor_of_another_shape_is_refused),
        TEST(an_answer_makes_a_thread_active_and_answered),
        TEST(pinned_threads_head_the_active_ones),
        TEST(tags_select),
        TEST(what_is_hidden_or_retracted_is_not_listed),
        TEST(what_is_settled_is_not_unanswered),
        TEST(a_row_tells_what_the_view_does),
        TEST(a_policy_change_makes_rows_anew),
        TEST(a_policy_change_of_many_threads_takes_several_steps),
        TEST(rows_made_anew_equal_rows_kept),
        TEST(a_step_that_fails_is_taken_again),
        TEST(every_thread_is_visited_once),
        TEST(a_thread_that_is_too_large_to_fold_keeps_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
