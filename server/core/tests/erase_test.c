/* What is dropped for good, and what is only not shown (OBJ-11). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sweep.h"
#include "maintain/fsck.h"
#include "maintain/reindex.h"
#include "world.h"

#include <string.h>

enum { GRANTED = 31000, ERASED = 35000, REVOKED = 40000 };

/* Ann was a moderator for a while; with a date of that time she erases what bob said. */
struct scene {
    struct fx fx;
    struct fx_who *vendor, *ann, *bob, *carl;
    const struct fora_object *space, *thread, *answer, *grant, *revoke, *erase, *other;
};

static void scene_init(struct scene *s)
{
    memset(s, 0, sizeof *s);
    fx_init(&s->fx);
    s->vendor = fx_node(&s->fx, 1, 1000);
    s->ann = fx_member(&s->fx, 2, 1000);
    s->bob = fx_member(&s->fx, 3, 1000);
    s->carl = fx_member(&s->fx, 4, 1000);
    s->space = fx_space(&s->fx, s->vendor, FORA_SPACE_QUESTIONS, "beer", 1000);
    s->thread = fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 20000);
    s->answer = fx_answer(&s->fx, s->bob, s->thread, "Dirty glass.", 30000);
    s->grant = fx_grant(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, GRANTED);
    s->revoke = fx_revoke(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_MODERATOR, REVOKED);
    s->erase = fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_ERASE, ERASED);
    s->other = fx_grant(&s->fx, s->vendor, s->space, s->carl, FORA_ROLE_MODERATOR, 0, 0, GRANTED);
}

/* A shelf that has the thread, and then what is named, in that order. */
static void shelf_with(struct scene *s, struct shelf *shelf, const struct fora_object *answer,
    const struct fora_object *const *then, size_t count)
{
    const struct fora_object *first[] = {s->vendor->create, s->ann->create, s->bob->create,
        s->carl->create, s->space, s->thread, answer, s->grant, s->other};
    shelf_init(shelf);
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        shelf_add_one(shelf, first[i]);
    }
    for (size_t i = 0; i < count; i++) {
        shelf_add_one(shelf, then[i]);
    }
    shelf_rows(shelf);
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

static void assert_same_view(struct scene *s, struct shelf *a, struct shelf *b)
{
    struct fora_hash of_a, of_b;
    shelf_view(a, s->thread, &of_a);
    shelf_view(b, s->thread, &of_b);
    assert_memory_equal(of_a.b, of_b.b, sizeof of_a.b);
}

static void obj11_a_backdated_erasure_hides_and_drops_nothing(void **state)
{
    struct scene s;
    struct shelf late, early, none;
    struct fora_hash shown, hidden;
    (void)state;
    scene_init(&s);
    const struct fora_object *backdated[] = {s.revoke, s.erase};
    const struct fora_object *in_time[] = {s.erase, s.revoke};
    shelf_with(&s, &late, s.answer, backdated, 2);
    shelf_with(&s, &early, s.answer, in_time, 2);
    shelf_with(&s, &none, s.answer, backdated, 1);
    assert_true(shelf_has_text(&late, s.answer));
    assert_false(shelf_has_text(&early, s.answer)); /* she had the role, as far as was known */
    /* What is shown is a function of the set, whatever is still there (VIEW-1). */
    assert_same_view(&s, &late, &early);
    shelf_view(&late, s.thread, &hidden);
    shelf_view(&none, s.thread, &shown);
    assert_memory_not_equal(hidden.b, shown.b, sizeof shown.b);
    assert_sound(&late);
    assert_sound(&early);
    /* The owner's later word on the role gives the text back where it was kept. */
    struct fora_grant never = {
        .principal = s.ann->id, .role = FORA_ROLE_MODERATOR, .revoke = true, .since = GRANTED};
    struct fora_policy_statement statement = {.grants = &never, .grants_count = 1};
    const struct fora_object *word = fx_policy(&s.fx, s.vendor, s.space, statement, REVOKED + 1000);
    shelf_add_one(&late, word);
    shelf_add_one(&none, word);
    shelf_rows(&late);
    shelf_rows(&none);
    shelf_view(&late, s.thread, &hidden);
    shelf_view(&none, s.thread, &shown);
    assert_memory_equal(hidden.b, shown.b, sizeof shown.b);
    assert_sound(&late);
    shelf_fini(&late);
    shelf_fini(&early);
    shelf_fini(&none);
    fx_fini(&s.fx);
}

static void obj11_another_moderator_drops_it(void **state)
{
    struct scene s;
    struct shelf late;
    (void)state;
    scene_init(&s);
    const struct fora_object *objects[] = {
        s.revoke, s.erase, fx_moderate(&s.fx, s.carl, s.answer, FORA_MODERATION_ERASE, ERASED)};
    shelf_with(&s, &late, s.answer, objects, 2);
    assert_true(shelf_has_text(&late, s.answer));
    shelf_add_one(&late, objects[2]);
    assert_false(shelf_has_text(&late, s.answer));
    assert_int_equal(shelf_offer(&late, s.answer, COMMIT_PEER), 0);
    assert_false(shelf_has_text(&late, s.answer)); /* no copy brings it back */
    assert_sound(&late);
    shelf_fini(&late);
    fx_fini(&s.fx);
}

static void obj11_what_others_dropped_does_not_come_from_a_copy(void **state)
{
    struct scene s;
    struct shelf empty;
    (void)state;
    scene_init(&s);
    /* As a node catches up from one that dropped it, when she is no moderator any more. */
    const struct fora_object *objects[] = {s.revoke, s.erase};
    shelf_with(&s, &empty, fx_strip(&s.fx, s.answer), objects, 2);
    assert_int_equal(shelf_offer(&empty, s.answer, COMMIT_PEER), 0);
    assert_false(shelf_has_text(&empty, s.answer));
    assert_sound(&empty);
    shelf_fini(&empty);
    fx_fini(&s.fx);
}

/* Until the owner says that she was none then: a copy that somebody kept is taken. */
static void obj11_the_owners_word_lets_a_copy_come(void **state)
{
    struct scene s;
    (void)state;
    scene_init(&s);
    const struct fora_object *backdated[] = {s.revoke, s.erase};
    const struct fora_object *in_time[] = {s.erase, s.revoke};
    struct fora_grant never = {
        .principal = s.ann->id, .role = FORA_ROLE_MODERATOR, .revoke = true, .since = GRANTED};
    struct fora_policy_statement statement = {.grants = &never, .grants_count = 1};
    const struct fora_object *word = fx_policy(&s.fx, s.vendor, s.space, statement, REVOKED + 1000);
    struct shelf stripped, dropped, kept;
    shelf_with(&s, &stripped, fx_strip(&s.fx, s.answer), backdated, 2);
    shelf_with(&s, &dropped, s.answer, in_time, 2);
    shelf_with(&s, &kept, s.answer, backdated, 2);
    struct shelf *all[] = {&stripped, &dropped, &kept};
    for (size_t i = 0; i < 3; i++) {
        bool more = true;
        shelf_add_one(all[i], word);
        assert_true(all[i]->result.swept);
        while (more) {
            assert_int_equal(sweep_step(all[i]->committer, 1, &all[i]->result, &more), 0);
        }
        assert_int_equal(shelf_offer(all[i], s.answer, COMMIT_PEER), 0);
        assert_true(shelf_has_text(all[i], s.answer));
        shelf_rows(all[i]);
        assert_same_view(&s, all[i], &stripped);
        assert_sound(all[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        shelf_fini(all[i]);
    }
    fx_fini(&s.fx);
}

static void obj11_a_reindex_drops_and_brings_back_nothing(void **state)
{
    struct scene s;
    struct shelf shelves[2];
    (void)state;
    scene_init(&s);
    const struct fora_object *orders[2][2] = {{s.revoke, s.erase}, {s.erase, s.revoke}};
    for (size_t i = 0; i < 2; i++) {
        struct shelf *shelf = &shelves[i];
        struct reindex_result result;
        const struct reindex options = {0};
        struct fora_hash before, after, erased, again;
        shelf_with(&s, shelf, s.answer, orders[i], 2);
        shelf_view(shelf, s.thread, &before);
        shelf_table(shelf, T_ERASED, &erased);
        assert_int_equal(reindex_run(shelf->kv, &options, &result), 0);
        policies_clear(shelf->policies);
        shelf_view(shelf, s.thread, &after);
        shelf_table(shelf, T_ERASED, &again);
        assert_memory_equal(before.b, after.b, sizeof before.b);
        assert_memory_equal(erased.b, again.b, sizeof erased.b);
        assert_int_equal(shelf_has_text(shelf, s.answer), i == 0);
        assert_sound(shelf);
    }
    assert_same_view(&s, &shelves[0], &shelves[1]);
    shelf_fini(&shelves[0]);
    shelf_fini(&shelves[1]);
    fx_fini(&s.fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obj11_a_backdated_erasure_hides_and_drops_nothing),
        cmocka_unit_test(obj11_another_moderator_drops_it),
        cmocka_unit_test(obj11_what_others_dropped_does_not_come_from_a_copy),
        cmocka_unit_test(obj11_the_owners_word_lets_a_copy_come),
        cmocka_unit_test(obj11_a_reindex_drops_and_brings_back_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
