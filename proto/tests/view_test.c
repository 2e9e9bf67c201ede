/* Views, clause by clause (spec/06-views.md): what is there, what is gone, order and revisions. */
#include "view_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void a_thread_is_its_opening_and_what_names_it_VIEW_2(void **state)
{
    struct scene *s = *state;
    const struct fora_object *other =
        fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Other?", 3000);
    const struct fora_view_thread *view;

    scene_put(s, fx_answer(&s->fx, s->bob, other, "not here", 3100));
    scene_put(s, s->a1); /* twice */
    view = scene_fold(s);
    assert_memory_equal(view->root.b, s->thread->id.b, FORA_ID_SIZE);
    assert_memory_equal(view->space.b, s->space->id.b, FORA_ID_SIZE);
    assert_int_equal(view->type, FORA_THREAD_QUESTION);
    assert_true(scene_text_is(view->title, "Why?"));
    assert_int_equal(view->posts_count, 3);
    assert_int_equal(view->answers, 2);
    assert_int_equal(view->active_at, 2200);
    assert_true(scene_text_is(scene_post(s, s->a1)->text, "one"));
    assert_int_equal(
        fora_view_thread_fold(&s->arena, s->policy, s->list + 1, 2, &s->view), FORA_E_NOTFOUND);
    assert_int_equal(
        fora_view_thread_fold(&s->arena, s->policy, NULL, 0, &s->view), FORA_E_NOTFOUND);
}

static void badges_are_those_of_the_time_VIEW_2(void **state)
{
    struct scene *s = *state;
    const struct fora_object *before, *after;

    scene_say(s, fx_grant(&s->fx, s->node, s->space, s->bob, FORA_ROLE_EXPERT, 0, 0, 3000));
    before = scene_put(s, fx_comment(&s->fx, s->bob, s->thread, "x", 2999));
    after = scene_put(s, fx_comment(&s->fx, s->bob, s->thread, "x", 3000));
    scene_fold(s);
    assert_int_equal(scene_post(s, before)->badge, 0);
    assert_int_equal(scene_post(s, after)->badge, FORA_ROLE_EXPERT);
}

static void the_banned_have_no_effect_VIEW_3(void **state)
{
    struct scene *s = *state;
    const struct fora_object *early =
        scene_put(s, fx_answer(&s->fx, s->banned, s->thread, "ok", 4999));
    const struct fora_object *late =
        scene_put(s, fx_answer(&s->fx, s->banned, s->thread, "spam", 5000));

    /* A role beside the ban gives nothing. */
    scene_appoint(s, s->banned, FORA_ROLE_MODERATOR);
    scene_appoint(s, s->banned, FORA_ROLE_STAFF);
    scene_put(s, fx_moderate(&s->fx, s->banned, s->thread, FORA_MODERATION_LOCK, 5000));
    scene_put(s, fx_resolve(&s->fx, s->banned, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, 5000));
    scene_put(s, fx_revise(&s->fx, s->banned, early, "changed", 5000));
    scene_fold(s);
    assert_true(scene_text_is(scene_post(s, early)->text, "ok"));
    assert_int_equal(scene_post(s, late)->text.size, 0);
    assert_true(scene_post(s, late)->marks & FORA_MARK_HIDDEN);
    assert_int_equal(s->view.marks, 0);
    assert_int_equal(s->view.answers, 3);
    assert_int_equal(s->view.active_at, 4999);
    /* But she may take back what she said. */
    scene_put(s, fx_retract(&s->fx, s->banned, early, 6000));
    scene_fold(s);
    assert_true(scene_post(s, early)->marks & FORA_MARK_RETRACTED);
}

static void what_the_policy_does_not_allow_is_hidden_VIEW_4(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    const struct fora_object *announcement =
        fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_ANNOUNCEMENT, "Buy!", 2000);
    const struct fora_object *late =
        scene_put(s, fx_answer(&s->fx, s->carl, s->thread, "late", 4000));

    scene_say(s, fx_policy(&s->fx, s->node, s->space, members, 3000));
    scene_fold(s);
    assert_false(scene_post(s, s->a2)->marks & FORA_MARK_HIDDEN);
    assert_true(scene_post(s, late)->marks & FORA_MARK_HIDDEN);
    assert_int_equal(scene_post(s, late)->reason.size, 0);
    /* A membership that reaches back shows it. */
    scene_say(s, fx_grant(&s->fx, s->node, s->space, s->carl, FORA_ROLE_MEMBER, 3500, 0, 9000));
    scene_fold(s);
    assert_true(scene_text_is(scene_post(s, late)->text, "late"));
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, announcement, 1, &s->view), 0);
    assert_true(s->view.marks & FORA_MARK_HIDDEN);
    assert_int_equal(s->view.title.size, 0);
}

static void hide_and_unhide_VIEW_5(void **state)
{
    struct scene *s = *state;

    scene_put(s, fx_moderate(&s->fx, s->bob, s->a1, FORA_MODERATION_HIDE, 3000));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->marks, 0); /* no moderator */
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_HIDE, 4000));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->marks, FORA_MARK_HIDDEN);
    assert_int_equal(scene_post(s, s->a1)->text.size, 0);
    assert_true(scene_text_is(scene_post(s, s->a1)->reason, "house rules"));
    assert_int_equal(scene_post(s, s->a1)->type, FORA_POST_ANSWER);
    assert_int_equal(s->view.answers, 1);
    /* The last of both stands, whichever is put first. */
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_UNHIDE, 3500));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->marks, FORA_MARK_HIDDEN);
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_UNHIDE, 4500));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->marks, 0);
    assert_true(scene_text_is(scene_post(s, s->a1)->text, "one"));
}

static void erasing_is_for_ever_VIEW_5(void **state)
{
    struct scene *s = *state;
    const struct fora_object *comment =
        scene_put(s, fx_comment(&s->fx, s->bob, s->thread, "bad", 2300));
    struct fora_object stripped[64];

    scene_put(s, fx_moderate(&s->fx, s->moderator, comment, FORA_MODERATION_ERASE, 3000));
    scene_put(s, fx_moderate(&s->fx, s->moderator, comment, FORA_MODERATION_UNHIDE, 4000));
    scene_put(s, fx_revise(&s->fx, s->bob, comment, "again", 3500));
    scene_fold(s);
    assert_true(scene_post(s, comment)->marks & FORA_MARK_HIDDEN);
    assert_int_equal(scene_post(s, comment)->text.size, 0);
    assert_int_equal(scene_post(s, comment)->revisions, 0);
    /* Its type is told by its place alone. */
    assert_int_equal(scene_post(s, comment)->type, FORA_POST_ANSWER);
    memcpy(stripped, s->list, sizeof(s->list[0]) * s->count);
    for (size_t i = 0; i < s->count; i++) {
        if (memcmp(stripped[i].id.b, comment->id.b, FORA_ID_SIZE) == 0)
            stripped[i] = *fx_strip(&s->fx, comment);
    }
    scene_assert_same_view(s, s->list, s->count, stripped, s->count, true);
    /* Of what is not erased the content does matter. */
    stripped[1] = *fx_strip(&s->fx, s->a1);
    scene_assert_same_view(s, s->list, s->count, stripped, s->count, false);
}

static void retracting_is_for_ever_VIEW_5(void **state)
{
    struct scene *s = *state;
    struct fora_object stripped[64];

    scene_put(s, fx_retract(&s->fx, s->carl, s->a1, 3000)); /* not hers */
    scene_put(s, fx_retract(&s->fx, s->ann, s->thread, 3000));
    scene_put(s, fx_retract(&s->fx, s->carl, s->a2, 3000));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a1)->marks, 0);
    assert_int_equal(scene_post(s, s->a2)->marks, FORA_MARK_RETRACTED);
    assert_int_equal(scene_post(s, s->a2)->text.size, 0);
    assert_true(s->view.marks & FORA_MARK_RETRACTED);
    assert_int_equal(s->view.title.size, 0);
    assert_int_equal(s->view.type, 0);
    memcpy(stripped, s->list, sizeof(s->list[0]) * s->count);
    stripped[0] = *fx_strip(&s->fx, s->thread);
    stripped[2] = *fx_strip(&s->fx, s->a2);
    scene_assert_same_view(s, s->list, s->count, stripped, s->count, true);
}

static void retracting_withdraws_what_was_said_VIEW_5(void **state)
{
    struct scene *s = *state;
    struct fora_content status = {
        .kind = FORA_KIND_STATUS, .u.status.status = fora_bytes_str("known")};
    const struct fora_object *accepted =
        scene_put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    const struct fora_object *known =
        scene_put(s, fx_about(&s->fx, s->staff, s->thread, status, 3000));
    const struct fora_object *revised = scene_put(s, fx_revise(&s->fx, s->carl, s->a2, "2", 3000));

    scene_fold(s);
    assert_true(s->view.marks & FORA_MARK_ACCEPTED);
    assert_true(scene_text_is(s->view.status, "known"));
    assert_true(scene_text_is(scene_post(s, s->a2)->text, "2"));
    scene_put(s, fx_retract(&s->fx, s->ann, accepted, 4000));
    scene_put(s, fx_retract(&s->fx, s->staff, known, 4000));
    scene_put(s, fx_moderate(&s->fx, s->moderator, revised, FORA_MODERATION_HIDE, 4000));
    scene_fold(s);
    assert_int_equal(s->view.marks, 0);
    assert_int_equal(s->view.status.size, 0);
    assert_true(scene_text_is(scene_post(s, s->a2)->text, "two"));
    assert_int_equal(scene_post(s, s->a2)->marks, 0);
}

static void acts_on_the_thread_VIEW_5(void **state)
{
    static const struct {
        uint32_t on, off, mark;
    } pairs[] = {{FORA_MODERATION_LOCK, FORA_MODERATION_UNLOCK, FORA_MARK_LOCKED},
        {FORA_MODERATION_CLOSE, FORA_MODERATION_REOPEN, FORA_MARK_CLOSED},
        {FORA_MODERATION_PIN, FORA_MODERATION_UNPIN, FORA_MARK_PINNED}};
    struct scene *s = *state;
    const struct fora_object *lock;

    for (size_t i = 0; i < 3; i++) {
        scene_put(s, fx_moderate(&s->fx, s->staff, s->thread, pairs[i].on, 3000));
        assert_int_equal(scene_fold(s)->marks, 0);
        scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, pairs[i].on, 4000));
        assert_int_equal(scene_fold(s)->marks, pairs[i].mark);
        scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, pairs[i].off, 3900));
        assert_int_equal(scene_fold(s)->marks, pairs[i].mark);
        scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, pairs[i].off, 4100));
        assert_int_equal(scene_fold(s)->marks, 0);
    }
    /* What is said after a lock stays; MOVE says where to. */
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_LOCK, 5000));
    scene_put(s, fx_answer(&s->fx, s->bob, s->thread, "late", 6000));
    assert_int_equal(scene_fold(s)->answers, 3);
    /* An act is undone by its opposite only, also when what would undo it is dated before it. */
    lock = &s->list[s->count - 2];
    scene_put(s, fx_retract(&s->fx, s->moderator, lock, 4500));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_LOCKED);
    scene_put(s, fx_moderate(&s->fx, s->moderator, lock, FORA_MODERATION_HIDE, 4500));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_LOCKED);
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_MOVE, 7000));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_LOCKED | FORA_MARK_MOVED);
    assert_memory_equal(s->view.moved_to_thread.b, s->thread->id.b, FORA_ID_SIZE);
}

static void answers_come_in_order_VIEW_6(void **state)
{
    struct scene *s = *state;
    const struct fora_object *a3 =
        scene_put(s, fx_answer(&s->fx, s->staff, s->thread, "three", 2300));
    const struct fora_object *a4 = scene_put(s, fx_answer(&s->fx, s->bob, s->thread, "four", 2400));
    const struct fora_object *by_age[] = {s->thread, s->a1, s->a2, a3, a4};
    const struct fora_object *by_score[] = {s->thread, a4, s->a1, a3, s->a2};
    const struct fora_object *confirmed[] = {s->thread, a3, a4, s->a1, s->a2};
    const struct fora_object *accepted[] = {s->thread, s->a2, a3, a4, s->a1};
    const struct fora_object *gone[] = {s->thread, a3, s->a1, a4, s->a2};

    scene_assert_order(s, by_age, 5);
    scene_put(s, fx_tally(&s->fx, s->node, a4, 5, 1, 3000));
    scene_put(s, fx_tally(&s->fx, s->node, s->a2, 0, 3, 3000));
    scene_assert_order(s, by_score, 5);
    scene_put(s, fx_resolve(&s->fx, s->staff, a3, FORA_RESOLUTION_STAFF_CONFIRMED, 3000));
    scene_assert_order(s, confirmed, 5);
    scene_put(s, fx_resolve(&s->fx, s->ann, s->a2, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    scene_assert_order(s, accepted, 5);
    /* Neither an acceptance nor a score lifts what is gone; of two, the score does. */
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->a2, FORA_MODERATION_HIDE, 4000));
    scene_put(s, fx_retract(&s->fx, s->bob, a4, 4000));
    scene_assert_order(s, gone, 5);
}

static void comments_follow_their_answer_VIEW_6(void **state)
{
    struct scene *s = *state;
    const struct fora_object *c1 = scene_put(s, fx_comment(&s->fx, s->ann, s->a1, "c1", 2500));
    const struct fora_object *c2 = scene_put(s, fx_comment(&s->fx, s->bob, c1, "c2", 2600));
    /* Dated before what it comments on: clocks differ. */
    const struct fora_object *c3 = scene_put(s, fx_comment(&s->fx, s->ann, c2, "c3", 2400));
    const struct fora_object *on_thread =
        scene_put(s, fx_comment(&s->fx, s->ann, s->thread, "t", 2700));
    const struct fora_object *below =
        scene_put(s, fx_comment(&s->fx, s->ann, on_thread, "t2", 2800));
    const struct fora_object *on_a2 = scene_put(s, fx_comment(&s->fx, s->ann, s->a2, "a2", 2300));
    /* Its parent never came. */
    const struct fora_object *lost = fx_comment(&s->fx, s->ann, s->a2, "lost", 2900);
    const struct fora_object *orphan =
        scene_put(s, fx_comment(&s->fx, s->ann, lost, "orphan", 2950));
    const struct fora_object *expected[] = {
        s->thread, on_thread, below, orphan, s->a1, c3, c1, c2, s->a2, on_a2};

    scene_assert_order(s, expected, 10);
    assert_int_equal(s->view.comments, 7);
    assert_memory_equal(scene_post(s, c2)->parent.b, c1->id.b, FORA_ID_SIZE);
    assert_true(fora_id_is_zero(s->view.posts[0].parent.b));
}

static void revisions_VIEW_6(void **state)
{
    struct scene *s = *state;
    struct fora_bytes tag = fora_bytes_str("yeast");
    struct fora_tag_list tags = {.tags = &tag, .tags_count = 1};
    struct fora_content content = {.kind = FORA_KIND_REVISION,
        .u.revision = {.has_title = true, .title = fora_bytes_str("How?"), .tags = &tags}};

    scene_put(s, fx_revise(&s->fx, s->carl, s->a1, "vandal", 9000));
    scene_put(s, fx_revise(&s->fx, s->bob, s->a1, "later", 4000));
    scene_put(s, fx_revise(&s->fx, s->editor, s->a1, "earlier", 3000));
    scene_put(s, fx_about(&s->fx, s->ann, s->thread, content, 3500));
    scene_put(s, fx_about(&s->fx, s->editor, s->a2, content, 3600)); /* an answer has no title */
    scene_fold(s);
    assert_true(scene_text_is(scene_post(s, s->a1)->text, "later"));
    assert_int_equal(scene_post(s, s->a1)->revisions, 2);
    assert_int_equal(scene_post(s, s->a1)->edited_at, 4000);
    assert_memory_equal(scene_post(s, s->a1)->edited_by.b, s->bob->id.b, FORA_ID_SIZE);
    assert_int_equal(scene_post(s, s->a1)->marks, FORA_MARK_EDITED);
    assert_true(scene_text_is(s->view.title, "How?"));
    assert_int_equal(s->view.tags_count, 1);
    assert_true(scene_text_is(scene_post(s, s->thread)->text, "Why?"));
    assert_true(scene_text_is(scene_post(s, s->a2)->text, "two"));
    assert_int_equal(s->view.active_at, 4000);
    /* What happens to a post that is hidden moves nothing. */
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->a2, FORA_MODERATION_HIDE, 5000));
    scene_put(s, fx_revise(&s->fx, s->carl, s->a2, "three", 5001));
    scene_fold(s);
    assert_int_equal(scene_post(s, s->a2)->revisions, 2);
    assert_int_equal(s->view.active_at, 4000);
}

static void taggers_change_tags_and_nothing_else_VIEW_6(void **state)
{
    struct scene *s = *state;
    struct fora_bytes tag = fora_bytes_str("yeast");
    struct fora_tag_list tags = {.tags = &tag, .tags_count = 1};
    struct fora_content retag = {.kind = FORA_KIND_REVISION, .u.revision = {.tags = &tags}};
    struct fora_content more = retag;

    more.u.revision.has_title = true;
    more.u.revision.title = fora_bytes_str("Mine now");
    scene_say(s, fx_earned(&s->fx, s->node, s->space, s->carl, FORA_ROLE_TAGGER, 5000));
    scene_put(s, fx_about(&s->fx, s->carl, s->thread, retag, 4999)); /* before she earned it */
    scene_put(s, fx_about(&s->fx, s->bob, s->thread, retag, 5000));
    scene_put(s, fx_about(&s->fx, s->carl, s->thread, more, 5000));
    scene_put(s, fx_about(&s->fx, s->carl, s->a1, retag, 5000)); /* an answer has no tags */
    scene_put(s, fx_revise(&s->fx, s->carl, s->thread, "mine", 5000));
    scene_fold(s);
    assert_int_equal(s->view.tags_count, 0);
    assert_int_equal(scene_post(s, s->thread)->revisions, 0);
    assert_int_equal(scene_post(s, s->a1)->revisions, 0);
    scene_put(s, fx_about(&s->fx, s->carl, s->thread, retag, 5001));
    scene_fold(s);
    assert_int_equal(s->view.tags_count, 1);
    assert_true(scene_text_is(s->view.title, "Why?"));
    assert_int_equal(scene_post(s, s->thread)->revisions, 1);
    assert_memory_equal(scene_post(s, s->thread)->edited_by.b, s->carl->id.b, FORA_ID_SIZE);
    assert_int_equal(scene_post(s, s->a2)->badge, 0); /* and it is no badge */
}

static void curators_close_move_and_mark_duplicates_VIEW_5_VIEW_7(void **state)
{
    struct scene *s = *state;
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = {{9}}};

    scene_say(s, fx_earned(&s->fx, s->node, s->space, s->carl, FORA_ROLE_CURATOR, 5000));
    scene_put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_CLOSE, 4999));
    scene_put(s, fx_about(&s->fx, s->carl, s->thread, duplicate, 4999));
    assert_int_equal(scene_fold(s)->marks, 0);
    /* What is a moderator's stays hers. */
    scene_put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_LOCK, 5001));
    scene_put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_PIN, 5001));
    scene_put(s, fx_moderate(&s->fx, s->carl, s->a1, FORA_MODERATION_HIDE, 5001));
    scene_put(s, fx_moderate(&s->fx, s->carl, s->a2, FORA_MODERATION_ERASE, 5001));
    assert_int_equal(scene_fold(s)->marks, 0);
    assert_int_equal(s->view.answers, 2);
    scene_put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_CLOSE, 5002));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_CLOSED);
    scene_put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_REOPEN, 5003));
    scene_put(s, fx_about(&s->fx, s->carl, s->thread, duplicate, 5003));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_DUPLICATE);
    scene_put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_MOVE, 5004));
    assert_int_equal(scene_fold(s)->marks, FORA_MARK_DUPLICATE | FORA_MARK_MOVED);
    /* A moderator has the last word on what she closed. */
    scene_put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_CLOSE, 5005));
    assert_true(scene_fold(s)->marks & FORA_MARK_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_thread_is_its_opening_and_what_names_it_VIEW_2),
        TEST(badges_are_those_of_the_time_VIEW_2),
        TEST(the_banned_have_no_effect_VIEW_3),
        TEST(what_the_policy_does_not_allow_is_hidden_VIEW_4),
        TEST(hide_and_unhide_VIEW_5),
        TEST(erasing_is_for_ever_VIEW_5),
        TEST(retracting_is_for_ever_VIEW_5),
        TEST(retracting_withdraws_what_was_said_VIEW_5),
        TEST(acts_on_the_thread_VIEW_5),
        TEST(answers_come_in_order_VIEW_6),
        TEST(comments_follow_their_answer_VIEW_6),
        TEST(revisions_VIEW_6),
        TEST(taggers_change_tags_and_nothing_else_VIEW_6),
        TEST(curators_close_move_and_mark_duplicates_VIEW_5_VIEW_7),
    };

    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
