/* Views, clause by clause (spec/06-views.md): what is said of posts and of the thread, and how a
 * view is encoded. */
#include "alloc_fail.h"
#include "view_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void who_may_resolve_VIEW_7(void **state)
{
    /* Rows: type; columns: asker, answer's author, another, STAFF, EXPERT, MODERATOR, EDITOR. */
    static const struct {
        uint32_t type;
        const char *may;
        uint32_t mark;
    } rows[] = {
        {FORA_RESOLUTION_ASKER_ACCEPTED, "1000000", FORA_MARK_ACCEPTED},
        {FORA_RESOLUTION_STAFF_CONFIRMED, "0001000", FORA_MARK_CONFIRMED},
        {FORA_RESOLUTION_COMMUNITY_VERIFIED, "0000110", FORA_MARK_VERIFIED},
        {FORA_RESOLUTION_WORKAROUND, "1001100", FORA_MARK_WORKAROUND},
        {FORA_RESOLUTION_SUPERSEDED_BY, "0101010", 0},
        {FORA_RESOLUTION_REGRESSED_IN, "0001000", 0},
        {7, "0000000", 0},
    };
    struct scene *s = *state;
    const struct fx_who *people[] = {
        s->ann, s->bob, s->carl, s->staff, s->expert, s->moderator, s->editor};
    size_t looked = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t j = 0; j < 7; j++) {
            bool may = rows[i].may[j] == '1';

            s->count = 3;
            scene_put(s, fx_resolve(&s->fx, people[j], s->a1, rows[i].type, 3000));
            scene_fold(s);
            assert_int_equal(scene_post(s, s->a1)->resolutions_count, may);
            assert_int_equal(scene_post(s, s->a1)->marks, may ? rows[i].mark : 0);
            assert_int_equal(s->view.marks, may ? rows[i].mark : 0);
            looked++;
        }
    }
    assert_int_equal(looked, 49);
}

static void resolutions_are_listed_by_time_VIEW_7(void **state)
{
    struct scene *s = *state;
    const struct fora_object *last =
        scene_put(s, fx_resolve(&s->fx, s->staff, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, 4000));
    const struct fora_object *first =
        scene_put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    const struct fora_view_post *answer;

    scene_put(s, fx_resolve(&s->fx, s->ann, s->a2, FORA_RESOLUTION_ASKER_ACCEPTED, 3500));
    scene_fold(s);
    answer = scene_post(s, s->a1);
    assert_int_equal(answer->resolutions_count, 2);
    assert_memory_equal(answer->resolutions[0].id.b, first->id.b, FORA_ID_SIZE);
    assert_memory_equal(answer->resolutions[1].id.b, last->id.b, FORA_ID_SIZE);
    assert_memory_equal(answer->resolutions[1].author.b, s->staff->id.b, FORA_ID_SIZE);
    assert_true(scene_post(s, s->a2)->marks & FORA_MARK_ACCEPTED); /* several may be */
    /* Of what is gone nothing is resolved. */
    scene_put(s, fx_retract(&s->fx, s->bob, s->a1, 5000));
    scene_put(s, fx_retract(&s->fx, s->carl, s->a2, 5000));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->resolutions_count, 0);
    assert_int_equal(s->view.marks, 0);
}

static const struct fora_object *say_status(
    struct scene *s, const struct fx_who *who, const char *status, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_STATUS,
        .u.status = {.status = fora_bytes_str(status),
            .note = fora_bytes_str("note"),
            .version = fora_bytes_str("1.2")}};

    return scene_put(s, fx_about(&s->fx, who, s->thread, content, at));
}

static void facts_of_the_thread_VIEW_7(void **state)
{
    struct scene *s = *state;
    struct fora_object_id ids[3] = {{{9}}, {{3}}, {{5}}};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = ids, .objects_count = 3}};
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = ids[0]};

    say_status(s, s->staff, "fixed", 4000);
    say_status(s, s->staff, "planned", 3000);
    say_status(s, s->moderator, "declined", 5000);
    scene_put(s, fx_about(&s->fx, s->ann, s->thread, cite, 3000));
    cite.u.cite.objects_count = 1;
    ids[0].b[0] = 4;
    scene_put(s, fx_about(&s->fx, s->editor, s->thread, cite, 3000));
    ids[0].b[0] = 1;
    scene_put(s, fx_about(&s->fx, s->staff, s->thread, cite, 3000)); /* neither author nor editor */
    scene_fold(s);
    assert_true(scene_text_is(s->view.status, "fixed"));
    assert_true(scene_text_is(s->view.status_note, "note"));
    assert_true(scene_text_is(s->view.status_version, "1.2"));
    assert_int_equal(s->view.cites_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(s->view.cites[i].b[0], "\3\4\5\11"[i]);
    assert_int_equal(s->view.citations_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(s->view.citations[i].author.b, (i == 1 ? s->editor : s->ann)->id.b, 32);
    scene_put(s, fx_about(&s->fx, s->bob, s->thread, duplicate, 3000));
    assert_int_equal(scene_fold(s)->marks, 0);
    scene_put(s, fx_about(&s->fx, s->moderator, s->thread, duplicate, 3000));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_DUPLICATE);
    duplicate.u.duplicate.original = ids[1];
    scene_put(s, fx_about(&s->fx, s->ann, s->thread, duplicate, 4000));
    assert_int_equal(scene_fold(s)->duplicate_of.b[0], 3);
}

static void hosts_count_votes_VIEW_8(void **state)
{
    struct scene *s = *state;

    scene_put(s, fx_tally(&s->fx, s->node, s->a1, 5, 1, 3000));
    scene_put(s, fx_tally(&s->fx, s->second, s->a1, 100, 0, 3000));
    scene_put(s, fx_tally(&s->fx, s->node, s->thread, 2, 4, 3000));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->up, 5);
    assert_int_equal(scene_post(s, s->a1)->score, 4);
    assert_int_equal(scene_post(s, s->thread)->score, -2);
    scene_say(s, fx_host(&s->fx, s->node, s->space, s->second, 9000));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->up, 105);
    assert_int_equal(scene_post(s, s->a1)->down, 1);
    /* The last of each host. */
    scene_put(s, fx_tally(&s->fx, s->second, s->a1, 7, 0, 4000));
    scene_put(s, fx_tally(&s->fx, s->second, s->a1, 50, 0, 3500));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->up, 12);
    /* Sums do not overflow. */
    scene_put(s, fx_tally(&s->fx, s->second, s->a1, UINT64_MAX, 0, 5000));
    scene_put(s, fx_tally(&s->fx, s->second, s->a2, 0, UINT64_MAX, 5000));
    scene_fold(s);
    assert_true(scene_post(s, s->a1)->up == UINT64_MAX);
    assert_true(scene_post(s, s->a1)->score == INT64_MAX);
    assert_true(scene_post(s, s->a2)->score == -INT64_MAX);
}

static void imported_content_is_marked_VIEW_9(void **state)
{
    struct scene *s = *state;
    struct fora_source source = {
        .url = fora_bytes_str("https://example.org/1"), .licence = fora_bytes_str("CC BY-SA 4.0")};
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {
            .type = FORA_THREAD_QUESTION, .title = fora_bytes_str("Old"), .source = &source}};
    const struct fora_object *thread = fx_object(
        &s->fx, s->ann, (struct fora_header){.space = fora_object_space(s->space)}, content, 5);

    s->count = 0;
    scene_put(s, thread);
    scene_fold(s);
    assert_int_equal(s->view.marks, FORA_MARK_IMPORTED);
    assert_true(scene_text_is(scene_post(s, thread)->source->licence, "CC BY-SA 4.0"));
    scene_put(s, fx_moderate(&s->fx, s->moderator, thread, FORA_MODERATION_HIDE, 3000));
    scene_fold(s);
    assert_int_equal(s->view.marks, FORA_MARK_HIDDEN);
    assert_null(scene_post(s, thread)->source);
}

static void resolve_for(struct scene *s, const struct fora_object *target, uint32_t type,
    const char *product, const char *from, const char *to, uint64_t at)
{
    struct fora_applies_to range = {
        .product = fora_bytes_str(product), .from = fora_bytes_str(from), .to = fora_bytes_str(to)};
    struct fora_content content = {.kind = FORA_KIND_RESOLUTION,
        .u.resolution = {.type = type, .applies_to = &range, .applies_to_count = 1}};

    scene_put(s, fx_about(&s->fx, s->staff, target, content, at));
}

static void set_latest(struct scene *s, const char *version, uint64_t at)
{
    struct fora_product product = {
        .name = fora_bytes_str("Lager"), .latest = fora_bytes_str(version)};

    scene_say(
        s, fx_policy(&s->fx, s->node, s->space,
               (struct fora_policy_statement){.products = &product, .products_count = 1}, at));
}

static void a_release_makes_answers_stale_VIEW_10(void **state)
{
    struct scene *s = *state;

    resolve_for(s, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, "Lager", "5.0", "5.1", 3000);
    assert_false(scene_fold(s)->marks & FORA_MARK_STALE); /* no latest version is known */
    set_latest(s, "5.1.0", 3000);
    assert_false(scene_fold(s)->marks & FORA_MARK_STALE);
    set_latest(s, "5.10", 4000);
    assert_true(scene_fold(s)->marks & FORA_MARK_STALE);
    assert_true(scene_post(s, s->a1)->marks & FORA_MARK_STALE);
    /* Confirmed again, for the new one; one that is not stale will do for the thread. */
    resolve_for(s, s->a1, FORA_RESOLUTION_WORKAROUND, "Lager", "5.10", "", 5000);
    assert_false(scene_fold(s)->marks & FORA_MARK_STALE);
    assert_false(scene_post(s, s->a1)->marks & FORA_MARK_STALE);
    resolve_for(s, s->a2, FORA_RESOLUTION_STAFF_CONFIRMED, "Lager", "", "5.9", 5000);
    assert_false(scene_fold(s)->marks & FORA_MARK_STALE);
    assert_true(scene_post(s, s->a2)->marks & FORA_MARK_STALE);
    /* A product that nobody knows, and no range at all, are not past. */
    s->count = 3;
    resolve_for(s, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, "Stout", "", "0.1", 3000);
    scene_put(s, fx_resolve(&s->fx, s->ann, s->a2, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    scene_fold(s);
    assert_false(scene_post(s, s->a1)->marks & FORA_MARK_STALE);
    assert_false(scene_post(s, s->a2)->marks & FORA_MARK_STALE);
    /* Regressed: stale when the latest is in the range. */
    resolve_for(s, s->a1, FORA_RESOLUTION_REGRESSED_IN, "Lager", "5.11", "", 4000);
    scene_fold(s);
    assert_false(scene_post(s, s->a1)->marks & FORA_MARK_STALE);
    resolve_for(s, s->a1, FORA_RESOLUTION_REGRESSED_IN, "Lager", "5.2", "", 4000);
    scene_fold(s);
    assert_true(scene_post(s, s->a1)->marks & FORA_MARK_STALE);
}

static void the_ranges_of_the_post_stand_in_VIEW_10(void **state)
{
    struct scene *s = *state;
    struct fora_applies_to range = {.product = fora_bytes_str("Lager"), .to = fora_bytes_str("4")};
    struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_ANSWER,
            .text = fora_bytes_str("x"),
            .applies_to = &range,
            .applies_to_count = 1}};
    const struct fora_object *answer =
        scene_put(s, fx_about(&s->fx, s->bob, s->thread, content, 2500));

    set_latest(s, "5", 3000);
    scene_fold(s);
    assert_int_equal(scene_post(s, answer)->applies_to_count, 1);
    assert_false(scene_post(s, answer)->marks & FORA_MARK_STALE); /* nobody said that it solves */
    scene_put(s, fx_resolve(&s->fx, s->ann, answer, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    scene_fold(s);
    assert_true(scene_post(s, answer)->marks & FORA_MARK_STALE);
}

static int compare(const char *a, const char *b)
{
    return fora_version_compare(fora_bytes_str(a), fora_bytes_str(b));
}

static void versions_are_compared_by_numbers_VIEW_10(void **state)
{
    /* Ascending; "=" means equal to the one before. */
    static const char *const sorted[] = {"", "=0", "=.0.", "0.9", "a", "v", "vx", "1-alpha",
        "1-rc1", "1-rc2", "1-rc10", "1", "=1.0", "=v1", "=V1.0.0", "=01", "1.0.1", "1.2", "1.10",
        "1.10+b", "1.10b", "5.9", "5.10~1", "5.10-rc1", "5.10", "=5.10.0", "5.10.1",
        "99999999999999999999999", "100000000000000000000000"};
    const size_t count = sizeof(sorted) / sizeof(sorted[0]);
    int rank[sizeof(sorted) / sizeof(sorted[0])];

    (void)state;
    for (size_t i = 0; i < count; i++)
        rank[i] = i == 0 ? 0 : rank[i - 1] + (sorted[i][0] != '=');
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order =
                compare(sorted[i] + (sorted[i][0] == '='), sorted[j] + (sorted[j][0] == '='));

            if (order != (rank[i] > rank[j]) - (rank[i] < rank[j]))
                fail_msg("%s against %s: %d", sorted[i], sorted[j], order);
        }
    }
}

static void versions_are_an_order_VIEW_10(void **state)
{
    static const char letters[] = "0019.-~av";
    char texts[120][8];
    uint64_t random = 99;

    (void)state;
    for (size_t i = 0; i < 120; i++) {
        size_t size = fx_random(&random, 6);

        for (size_t j = 0; j < size; j++)
            texts[i][j] = letters[fx_random(&random, sizeof(letters) - 1)];
        texts[i][size] = 0;
    }
    for (size_t i = 0; i < 120; i++) {
        for (size_t j = 0; j < 120; j++) {
            int ij = compare(texts[i], texts[j]);

            assert_int_equal(ij, -compare(texts[j], texts[i]));
            for (size_t k = 0; k < 120; k++) {
                int jk = compare(texts[j], texts[k]);

                if (ij <= 0 && jk <= 0 && compare(texts[i], texts[k]) != (ij + jk < 0 ? -1 : 0))
                    fail_msg("\"%s\" \"%s\" \"%s\"", texts[i], texts[j], texts[k]);
            }
        }
    }
}

static void rows_of_lists(void **state)
{
    struct scene *s = *state;
    struct fora_msg_thread_row row;

    scene_put(s, fx_tally(&s->fx, s->node, s->thread, 9, 2, 3000));
    scene_put(s, fx_comment(&s->fx, s->bob, s->a1, "c", 2500));
    scene_put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    say_status(s, s->staff, "known", 3000);
    fora_view_thread_row(&row, scene_fold(s));
    assert_memory_equal(row.root.b, s->thread->id.b, FORA_ID_SIZE);
    assert_memory_equal(row.author.b, s->ann->id.b, FORA_ID_SIZE);
    assert_int_equal(row.created_at, 2000);
    assert_int_equal(row.active_at, 2500);
    assert_int_equal(row.score, 7);
    assert_int_equal(row.answers, 2);
    assert_int_equal(row.comments, 1);
    assert_int_equal(row.marks, FORA_MARK_ACCEPTED);
    assert_true(scene_text_is(row.title, "Why?"));
    assert_true(scene_text_is(row.status, "known"));
}

static void what_may_be_added(void **state)
{
    struct scene *s = *state;

    scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_LOCK, 3000));
    scene_fold(s);
    assert_int_equal(
        fora_view_may_add(&s->view, s->policy, &s->bob->id, FORA_KIND_POST, 9000), FORA_E_LOCKED);
    assert_int_equal(
        fora_view_may_add(&s->view, s->policy, &s->moderator->id, FORA_KIND_POST, 9000), 0);
    assert_int_equal(
        fora_view_may_add(&s->view, s->policy, &s->bob->id, FORA_KIND_REVISION, 9000), 0);
    assert_int_equal(fora_view_may_add(&s->view, s->policy, &s->banned->id, FORA_KIND_POST, 9000),
        FORA_E_FORBIDDEN);
    s->count = 3;
    scene_fold(s);
    assert_int_equal(fora_view_may_add(&s->view, s->policy, &s->bob->id, FORA_KIND_POST, 9000), 0);
}

static void the_encoding_tells_everything_apart_VIEW_11(void **state)
{
    struct scene *s = *state;
    struct fora_hash before, after;
    struct fora_buf encoding = {0};

    assert_int_equal(fora_view_thread_encode(&encoding, scene_fold(s)), 0);
    assert_memory_equal(encoding.data, "fora view 1\n", 12);
    assert_memory_equal(encoding.data + 12, s->thread->id.b, FORA_ID_SIZE);
    fora_view_digest(&before, fora_buf_bytes(&encoding));
    /* Each of these changes one thing. */
    for (int i = 0; i < 8; i++) {
        const struct fora_object *more[] = {fx_tally(&s->fx, s->node, s->a1, 1, 0, 2000),
            fx_tally(&s->fx, s->node, s->a1, 1, 1, 2000),
            fx_revise(&s->fx, s->bob, s->a1, "one", 2050),
            fx_comment(&s->fx, s->bob, s->a1, "c", 2050),
            fx_resolve(&s->fx, s->staff, s->a1, FORA_RESOLUTION_REGRESSED_IN, 2050),
            fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_PIN, 2050),
            fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_HIDE, 2050),
            fx_retract(&s->fx, s->bob, s->a1, 2050)};

        scene_put(s, more[i]);
        fora_buf_clear(&encoding);
        assert_int_equal(fora_view_thread_encode(&encoding, scene_fold(s)), 0);
        fora_view_digest(&after, fora_buf_bytes(&encoding));
        assert_memory_not_equal(before.b, after.b, FORA_HASH_SIZE);
        before = after;
    }
    fora_buf_fini(&encoding);
}

static void memory_may_be_out_at_any_time(void **state)
{
    struct scene *s = *state;
    struct fora_object_id id = {{9}};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &id, .objects_count = 1}};
    size_t budget, failed = 0;
    long n;

    scene_put(s, fx_tally(&s->fx, s->node, s->a1, 1, 1, 3000));
    scene_put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    resolve_for(s, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, "Lager", "1", "2", 3000);
    scene_put(s, fx_about(&s->fx, s->ann, s->thread, cite, 3000));
    scene_put(s, fx_revise(&s->fx, s->ann, s->thread, "x", 3000));
    scene_fold(s);
    for (n = 0;; n++) {
        int error;

        fora_arena_fini(&s->arena);
        alloc_fail_at(n);
        error = fora_view_thread_fold(&s->arena, s->policy, s->list, s->count, &s->view);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
        failed++;
    }
    assert_true(failed > 0);
    /* An arena with a budget refuses earlier, at each single allocation. */
    for (budget = 16;; budget += 16) {
        struct fora_arena small;
        int error;

        fora_arena_init(&small, budget);
        error = fora_view_thread_fold(&small, s->policy, s->list, s->count, &s->view);
        fora_arena_fini(&small);
        if (error == 0)
            break;
        assert_int_equal(error, FORA_E_NOMEM);
    }
    assert_true(budget > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_may_resolve_VIEW_7),
        TEST(resolutions_are_listed_by_time_VIEW_7),
        TEST(facts_of_the_thread_VIEW_7),
        TEST(hosts_count_votes_VIEW_8),
        TEST(imported_content_is_marked_VIEW_9),
        TEST(a_release_makes_answers_stale_VIEW_10),
        TEST(the_ranges_of_the_post_stand_in_VIEW_10),
        TEST(versions_are_compared_by_numbers_VIEW_10),
        TEST(versions_are_an_order_VIEW_10),
        TEST(rows_of_lists),
        TEST(what_may_be_added),
        TEST(the_encoding_tells_everything_apart_VIEW_11),
        TEST(memory_may_be_out_at_any_time),
    };

    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
