/* Views, clause by clause (spec/06-views.md). */
#include "fixture.h"
#include "fora/view.h"
#include "alloc_fail.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* A space of a node's with one of each role, a question by ann and two answers. */
struct scene {
    struct fx fx;
    struct fx_who *node, *second, *ann, *bob, *carl, *staff, *expert, *moderator, *editor, *banned;
    const struct fora_object *space, *thread, *a1, *a2;
    struct fora_object list[64];
    size_t count;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct fora_view_thread view;
};

static const struct fora_object *put(struct scene *s, const struct fora_object *object)
{
    assert_true(s->count < 64);
    s->list[s->count++] = *object;
    return object;
}

static void say(struct scene *s, const struct fora_object *statement)
{
    assert_int_equal(fora_policy_add(s->policy, statement), 0);
}

static void appoint(struct scene *s, const struct fx_who *who, uint32_t role)
{
    say(s, fx_grant(&s->fx, s->node, s->space, who, role, 1, 0, 1000));
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return -1;
    fx_init(&s->fx);
    fora_arena_init(&s->arena, 0);
    s->node = fx_node(&s->fx, 1, 1);
    s->second = fx_node(&s->fx, 2, 1);
    s->ann = fx_member(&s->fx, 3, 1);
    s->bob = fx_member(&s->fx, 4, 1);
    s->carl = fx_member(&s->fx, 5, 1);
    s->staff = fx_member(&s->fx, 6, 1);
    s->expert = fx_member(&s->fx, 7, 1);
    s->moderator = fx_member(&s->fx, 8, 1);
    s->editor = fx_member(&s->fx, 9, 1);
    s->banned = fx_member(&s->fx, 10, 1);
    s->space = fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "beer", 1000);
    s->policy = fx_policy_of(&s->space, 1);
    appoint(s, s->staff, FORA_ROLE_STAFF);
    appoint(s, s->expert, FORA_ROLE_EXPERT);
    appoint(s, s->moderator, FORA_ROLE_MODERATOR);
    appoint(s, s->editor, FORA_ROLE_EDITOR);
    say(s, fx_grant(&s->fx, s->node, s->space, s->banned, FORA_ROLE_BANNED, 5000, 0, 1000));
    s->thread = put(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 2000));
    s->a1 = put(s, fx_answer(&s->fx, s->bob, s->thread, "one", 2100));
    s->a2 = put(s, fx_answer(&s->fx, s->carl, s->thread, "two", 2200));
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fora_arena_fini(&s->arena);
    fx_fini(&s->fx);
    free(s);
    return 0;
}

static const struct fora_view_thread *fold(struct scene *s)
{
    fora_arena_reset(&s->arena);
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, s->list, s->count, &s->view), 0);
    return &s->view;
}

/* The post of an object in the folded view. */
static const struct fora_view_post *post(struct scene *s, const struct fora_object *object)
{
    for (size_t i = 0; i < s->view.posts_count; i++) {
        if (memcmp(s->view.posts[i].id.b, object->id.b, FORA_ID_SIZE) == 0)
            return &s->view.posts[i];
    }
    fail_msg("the post is not in the view");
    return NULL;
}

static bool text_is(struct fora_bytes text, const char *expected)
{
    return fora_bytes_equal(text, fora_bytes_str(expected));
}

static void assert_order(struct scene *s, const struct fora_object *const *expected, size_t count)
{
    fold(s);
    assert_int_equal(s->view.posts_count, count);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(s->view.posts[i].id.b, expected[i]->id.b, FORA_ID_SIZE);
}

static void assert_same_view(struct scene *s, const struct fora_object *a, size_t a_count,
    const struct fora_object *b, size_t b_count, bool same)
{
    struct fora_buf left = {0}, right = {0};
    struct fora_view_thread view;

    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, a, a_count, &view), 0);
    assert_int_equal(fora_view_thread_encode(&left, &view), 0);
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, b, b_count, &view), 0);
    assert_int_equal(fora_view_thread_encode(&right, &view), 0);
    assert_int_equal(fora_bytes_equal(fora_buf_bytes(&left), fora_buf_bytes(&right)), same);
    fora_buf_fini(&left);
    fora_buf_fini(&right);
}

static void a_thread_is_its_opening_and_what_names_it_VIEW_2(void **state)
{
    struct scene *s = *state;
    const struct fora_object *other =
        fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Other?", 3000);
    const struct fora_view_thread *view;

    put(s, fx_answer(&s->fx, s->bob, other, "not here", 3100));
    put(s, s->a1); /* twice */
    view = fold(s);
    assert_memory_equal(view->root.b, s->thread->id.b, FORA_ID_SIZE);
    assert_memory_equal(view->space.b, s->space->id.b, FORA_ID_SIZE);
    assert_int_equal(view->type, FORA_THREAD_QUESTION);
    assert_true(text_is(view->title, "Why?"));
    assert_int_equal(view->posts_count, 3);
    assert_int_equal(view->answers, 2);
    assert_int_equal(view->active_at, 2200);
    assert_true(text_is(post(s, s->a1)->text, "one"));
    assert_int_equal(
        fora_view_thread_fold(&s->arena, s->policy, s->list + 1, 2, &s->view), FORA_E_NOTFOUND);
    assert_int_equal(
        fora_view_thread_fold(&s->arena, s->policy, NULL, 0, &s->view), FORA_E_NOTFOUND);
}

static void badges_are_those_of_the_time_VIEW_2(void **state)
{
    struct scene *s = *state;
    const struct fora_object *before, *after;

    say(s, fx_grant(&s->fx, s->node, s->space, s->bob, FORA_ROLE_EXPERT, 0, 0, 3000));
    before = put(s, fx_comment(&s->fx, s->bob, s->thread, "x", 2999));
    after = put(s, fx_comment(&s->fx, s->bob, s->thread, "x", 3000));
    fold(s);
    assert_int_equal(post(s, before)->badge, 0);
    assert_int_equal(post(s, after)->badge, FORA_ROLE_EXPERT);
}

static void the_banned_have_no_effect_VIEW_3(void **state)
{
    struct scene *s = *state;
    const struct fora_object *early = put(s, fx_answer(&s->fx, s->banned, s->thread, "ok", 4999));
    const struct fora_object *late = put(s, fx_answer(&s->fx, s->banned, s->thread, "spam", 5000));

    /* A role beside the ban gives nothing. */
    appoint(s, s->banned, FORA_ROLE_MODERATOR);
    appoint(s, s->banned, FORA_ROLE_STAFF);
    put(s, fx_moderate(&s->fx, s->banned, s->thread, FORA_MODERATION_LOCK, 5000));
    put(s, fx_resolve(&s->fx, s->banned, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, 5000));
    put(s, fx_revise(&s->fx, s->banned, early, "changed", 5000));
    fold(s);
    assert_true(text_is(post(s, early)->text, "ok"));
    assert_int_equal(post(s, late)->text.size, 0);
    assert_true(post(s, late)->marks & FORA_MARK_HIDDEN);
    assert_int_equal(s->view.marks, 0);
    assert_int_equal(s->view.answers, 3);
    assert_int_equal(s->view.active_at, 4999);
    /* But she may take back what she said. */
    put(s, fx_retract(&s->fx, s->banned, early, 6000));
    fold(s);
    assert_true(post(s, early)->marks & FORA_MARK_RETRACTED);
}

static void what_the_policy_does_not_allow_is_hidden_VIEW_4(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    const struct fora_object *announcement =
        fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_ANNOUNCEMENT, "Buy!", 2000);
    const struct fora_object *late = put(s, fx_answer(&s->fx, s->carl, s->thread, "late", 4000));

    say(s, fx_policy(&s->fx, s->node, s->space, members, 3000));
    fold(s);
    assert_false(post(s, s->a2)->marks & FORA_MARK_HIDDEN);
    assert_true(post(s, late)->marks & FORA_MARK_HIDDEN);
    assert_int_equal(post(s, late)->reason.size, 0);
    /* A membership that reaches back shows it. */
    say(s, fx_grant(&s->fx, s->node, s->space, s->carl, FORA_ROLE_MEMBER, 3500, 0, 9000));
    fold(s);
    assert_true(text_is(post(s, late)->text, "late"));
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, announcement, 1, &s->view), 0);
    assert_true(s->view.marks & FORA_MARK_HIDDEN);
    assert_int_equal(s->view.title.size, 0);
}

static void hide_and_unhide_VIEW_5(void **state)
{
    struct scene *s = *state;

    put(s, fx_moderate(&s->fx, s->bob, s->a1, FORA_MODERATION_HIDE, 3000));
    fold(s);
    assert_int_equal(post(s, s->a1)->marks, 0); /* no moderator */
    put(s, fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_HIDE, 4000));
    fold(s);
    assert_int_equal(post(s, s->a1)->marks, FORA_MARK_HIDDEN);
    assert_int_equal(post(s, s->a1)->text.size, 0);
    assert_true(text_is(post(s, s->a1)->reason, "house rules"));
    assert_int_equal(post(s, s->a1)->type, FORA_POST_ANSWER);
    assert_int_equal(s->view.answers, 1);
    /* The last of both stands, whichever is put first. */
    put(s, fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_UNHIDE, 3500));
    fold(s);
    assert_int_equal(post(s, s->a1)->marks, FORA_MARK_HIDDEN);
    put(s, fx_moderate(&s->fx, s->moderator, s->a1, FORA_MODERATION_UNHIDE, 4500));
    fold(s);
    assert_int_equal(post(s, s->a1)->marks, 0);
    assert_true(text_is(post(s, s->a1)->text, "one"));
}

static void erasing_is_for_ever_VIEW_5(void **state)
{
    struct scene *s = *state;
    const struct fora_object *comment = put(s, fx_comment(&s->fx, s->bob, s->thread, "bad", 2300));
    struct fora_object stripped[64];

    put(s, fx_moderate(&s->fx, s->moderator, comment, FORA_MODERATION_ERASE, 3000));
    put(s, fx_moderate(&s->fx, s->moderator, comment, FORA_MODERATION_UNHIDE, 4000));
    put(s, fx_revise(&s->fx, s->bob, comment, "again", 3500));
    fold(s);
    assert_true(post(s, comment)->marks & FORA_MARK_HIDDEN);
    assert_int_equal(post(s, comment)->text.size, 0);
    assert_int_equal(post(s, comment)->revisions, 0);
    /* Its type is told by its place alone. */
    assert_int_equal(post(s, comment)->type, FORA_POST_ANSWER);
    memcpy(stripped, s->list, sizeof(s->list[0]) * s->count);
    for (size_t i = 0; i < s->count; i++) {
        if (memcmp(stripped[i].id.b, comment->id.b, FORA_ID_SIZE) == 0)
            stripped[i] = *fx_strip(&s->fx, comment);
    }
    assert_same_view(s, s->list, s->count, stripped, s->count, true);
    /* Of what is not erased the content does matter. */
    stripped[1] = *fx_strip(&s->fx, s->a1);
    assert_same_view(s, s->list, s->count, stripped, s->count, false);
}

static void retracting_is_for_ever_VIEW_5(void **state)
{
    struct scene *s = *state;
    struct fora_object stripped[64];

    put(s, fx_retract(&s->fx, s->carl, s->a1, 3000)); /* not hers */
    put(s, fx_retract(&s->fx, s->ann, s->thread, 3000));
    put(s, fx_retract(&s->fx, s->carl, s->a2, 3000));
    fold(s);
    assert_int_equal(post(s, s->a1)->marks, 0);
    assert_int_equal(post(s, s->a2)->marks, FORA_MARK_RETRACTED);
    assert_int_equal(post(s, s->a2)->text.size, 0);
    assert_true(s->view.marks & FORA_MARK_RETRACTED);
    assert_int_equal(s->view.title.size, 0);
    assert_int_equal(s->view.type, 0);
    memcpy(stripped, s->list, sizeof(s->list[0]) * s->count);
    stripped[0] = *fx_strip(&s->fx, s->thread);
    stripped[2] = *fx_strip(&s->fx, s->a2);
    assert_same_view(s, s->list, s->count, stripped, s->count, true);
}

static void retracting_withdraws_what_was_said_VIEW_5(void **state)
{
    struct scene *s = *state;
    struct fora_content status = {
        .kind = FORA_KIND_STATUS, .u.status.status = fora_bytes_str("known")};
    const struct fora_object *accepted =
        put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    const struct fora_object *known = put(s, fx_about(&s->fx, s->staff, s->thread, status, 3000));
    const struct fora_object *revised = put(s, fx_revise(&s->fx, s->carl, s->a2, "2", 3000));

    fold(s);
    assert_true(s->view.marks & FORA_MARK_ACCEPTED);
    assert_true(text_is(s->view.status, "known"));
    assert_true(text_is(post(s, s->a2)->text, "2"));
    put(s, fx_retract(&s->fx, s->ann, accepted, 4000));
    put(s, fx_retract(&s->fx, s->staff, known, 4000));
    put(s, fx_moderate(&s->fx, s->moderator, revised, FORA_MODERATION_HIDE, 4000));
    fold(s);
    assert_int_equal(s->view.marks, 0);
    assert_int_equal(s->view.status.size, 0);
    assert_true(text_is(post(s, s->a2)->text, "two"));
    assert_int_equal(post(s, s->a2)->marks, 0);
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
        put(s, fx_moderate(&s->fx, s->staff, s->thread, pairs[i].on, 3000));
        assert_int_equal(fold(s)->marks, 0);
        put(s, fx_moderate(&s->fx, s->moderator, s->thread, pairs[i].on, 4000));
        assert_int_equal(fold(s)->marks, pairs[i].mark);
        put(s, fx_moderate(&s->fx, s->moderator, s->thread, pairs[i].off, 3900));
        assert_int_equal(fold(s)->marks, pairs[i].mark);
        put(s, fx_moderate(&s->fx, s->moderator, s->thread, pairs[i].off, 4100));
        assert_int_equal(fold(s)->marks, 0);
    }
    /* What is said after a lock stays; MOVE says where to. */
    put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_LOCK, 5000));
    put(s, fx_answer(&s->fx, s->bob, s->thread, "late", 6000));
    assert_int_equal(fold(s)->answers, 3);
    /* An act is undone by its opposite only, also when what would undo it is dated before it. */
    lock = &s->list[s->count - 2];
    put(s, fx_retract(&s->fx, s->moderator, lock, 4500));
    assert_int_equal(fold(s)->marks, FORA_MARK_LOCKED);
    put(s, fx_moderate(&s->fx, s->moderator, lock, FORA_MODERATION_HIDE, 4500));
    assert_int_equal(fold(s)->marks, FORA_MARK_LOCKED);
    put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_MOVE, 7000));
    assert_int_equal(fold(s)->marks, FORA_MARK_LOCKED | FORA_MARK_MOVED);
    assert_memory_equal(s->view.moved_to_thread.b, s->thread->id.b, FORA_ID_SIZE);
}

static void answers_come_in_order_VIEW_6(void **state)
{
    struct scene *s = *state;
    const struct fora_object *a3 = put(s, fx_answer(&s->fx, s->staff, s->thread, "three", 2300));
    const struct fora_object *a4 = put(s, fx_answer(&s->fx, s->bob, s->thread, "four", 2400));
    const struct fora_object *by_age[] = {s->thread, s->a1, s->a2, a3, a4};
    const struct fora_object *by_score[] = {s->thread, a4, s->a1, a3, s->a2};
    const struct fora_object *confirmed[] = {s->thread, a3, a4, s->a1, s->a2};
    const struct fora_object *accepted[] = {s->thread, s->a2, a3, a4, s->a1};
    const struct fora_object *gone[] = {s->thread, a3, s->a1, a4, s->a2};

    assert_order(s, by_age, 5);
    put(s, fx_tally(&s->fx, s->node, a4, 5, 1, 3000));
    put(s, fx_tally(&s->fx, s->node, s->a2, 0, 3, 3000));
    assert_order(s, by_score, 5);
    put(s, fx_resolve(&s->fx, s->staff, a3, FORA_RESOLUTION_STAFF_CONFIRMED, 3000));
    assert_order(s, confirmed, 5);
    put(s, fx_resolve(&s->fx, s->ann, s->a2, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    assert_order(s, accepted, 5);
    /* Neither an acceptance nor a score lifts what is gone; of two, the score does. */
    put(s, fx_moderate(&s->fx, s->moderator, s->a2, FORA_MODERATION_HIDE, 4000));
    put(s, fx_retract(&s->fx, s->bob, a4, 4000));
    assert_order(s, gone, 5);
}

static void comments_follow_their_answer_VIEW_6(void **state)
{
    struct scene *s = *state;
    const struct fora_object *c1 = put(s, fx_comment(&s->fx, s->ann, s->a1, "c1", 2500));
    const struct fora_object *c2 = put(s, fx_comment(&s->fx, s->bob, c1, "c2", 2600));
    /* Dated before what it comments on: clocks differ. */
    const struct fora_object *c3 = put(s, fx_comment(&s->fx, s->ann, c2, "c3", 2400));
    const struct fora_object *on_thread = put(s, fx_comment(&s->fx, s->ann, s->thread, "t", 2700));
    const struct fora_object *below = put(s, fx_comment(&s->fx, s->ann, on_thread, "t2", 2800));
    const struct fora_object *on_a2 = put(s, fx_comment(&s->fx, s->ann, s->a2, "a2", 2300));
    /* Its parent never came. */
    const struct fora_object *lost = fx_comment(&s->fx, s->ann, s->a2, "lost", 2900);
    const struct fora_object *orphan = put(s, fx_comment(&s->fx, s->ann, lost, "orphan", 2950));
    const struct fora_object *expected[] = {
        s->thread, on_thread, below, orphan, s->a1, c3, c1, c2, s->a2, on_a2};

    assert_order(s, expected, 10);
    assert_int_equal(s->view.comments, 7);
    assert_memory_equal(post(s, c2)->parent.b, c1->id.b, FORA_ID_SIZE);
    assert_true(fora_id_is_zero(s->view.posts[0].parent.b));
}

static void revisions_VIEW_6(void **state)
{
    struct scene *s = *state;
    struct fora_bytes tag = fora_bytes_str("yeast");
    struct fora_tag_list tags = {.tags = &tag, .tags_count = 1};
    struct fora_content content = {.kind = FORA_KIND_REVISION,
        .u.revision = {.has_title = true, .title = fora_bytes_str("How?"), .tags = &tags}};

    put(s, fx_revise(&s->fx, s->carl, s->a1, "vandal", 9000));
    put(s, fx_revise(&s->fx, s->bob, s->a1, "later", 4000));
    put(s, fx_revise(&s->fx, s->editor, s->a1, "earlier", 3000));
    put(s, fx_about(&s->fx, s->ann, s->thread, content, 3500));
    put(s, fx_about(&s->fx, s->editor, s->a2, content, 3600)); /* an answer has no title */
    fold(s);
    assert_true(text_is(post(s, s->a1)->text, "later"));
    assert_int_equal(post(s, s->a1)->revisions, 2);
    assert_int_equal(post(s, s->a1)->edited_at, 4000);
    assert_memory_equal(post(s, s->a1)->edited_by.b, s->bob->id.b, FORA_ID_SIZE);
    assert_int_equal(post(s, s->a1)->marks, FORA_MARK_EDITED);
    assert_true(text_is(s->view.title, "How?"));
    assert_int_equal(s->view.tags_count, 1);
    assert_true(text_is(post(s, s->thread)->text, "Why?"));
    assert_true(text_is(post(s, s->a2)->text, "two"));
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
    say(s, fx_earned(&s->fx, s->node, s->space, s->carl, FORA_ROLE_TAGGER, 5000));
    put(s, fx_about(&s->fx, s->carl, s->thread, retag, 4999)); /* before she earned it */
    put(s, fx_about(&s->fx, s->bob, s->thread, retag, 5000));
    put(s, fx_about(&s->fx, s->carl, s->thread, more, 5000));
    put(s, fx_about(&s->fx, s->carl, s->a1, retag, 5000)); /* an answer has no tags */
    put(s, fx_revise(&s->fx, s->carl, s->thread, "mine", 5000));
    fold(s);
    assert_int_equal(s->view.tags_count, 0);
    assert_int_equal(post(s, s->thread)->revisions, 0);
    assert_int_equal(post(s, s->a1)->revisions, 0);
    put(s, fx_about(&s->fx, s->carl, s->thread, retag, 5001));
    fold(s);
    assert_int_equal(s->view.tags_count, 1);
    assert_true(text_is(s->view.title, "Why?"));
    assert_int_equal(post(s, s->thread)->revisions, 1);
    assert_memory_equal(post(s, s->thread)->edited_by.b, s->carl->id.b, FORA_ID_SIZE);
    assert_int_equal(post(s, s->a2)->badge, 0); /* and it is no badge */
}

static void curators_close_move_and_mark_duplicates_VIEW_5_VIEW_7(void **state)
{
    struct scene *s = *state;
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = {{9}}};

    say(s, fx_earned(&s->fx, s->node, s->space, s->carl, FORA_ROLE_CURATOR, 5000));
    put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_CLOSE, 4999));
    put(s, fx_about(&s->fx, s->carl, s->thread, duplicate, 4999));
    assert_int_equal(fold(s)->marks, 0);
    /* What is a moderator's stays hers. */
    put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_LOCK, 5001));
    put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_PIN, 5001));
    put(s, fx_moderate(&s->fx, s->carl, s->a1, FORA_MODERATION_HIDE, 5001));
    put(s, fx_moderate(&s->fx, s->carl, s->a2, FORA_MODERATION_ERASE, 5001));
    assert_int_equal(fold(s)->marks, 0);
    assert_int_equal(s->view.answers, 2);
    put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_CLOSE, 5002));
    assert_int_equal(fold(s)->marks, FORA_MARK_CLOSED);
    put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_REOPEN, 5003));
    put(s, fx_about(&s->fx, s->carl, s->thread, duplicate, 5003));
    assert_int_equal(fold(s)->marks, FORA_MARK_DUPLICATE);
    put(s, fx_moderate(&s->fx, s->carl, s->thread, FORA_MODERATION_MOVE, 5004));
    assert_int_equal(fold(s)->marks, FORA_MARK_DUPLICATE | FORA_MARK_MOVED);
    /* A moderator has the last word on what she closed. */
    put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_CLOSE, 5005));
    assert_true(fold(s)->marks & FORA_MARK_CLOSED);
}

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
            put(s, fx_resolve(&s->fx, people[j], s->a1, rows[i].type, 3000));
            fold(s);
            assert_int_equal(post(s, s->a1)->resolutions_count, may);
            assert_int_equal(post(s, s->a1)->marks, may ? rows[i].mark : 0);
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
        put(s, fx_resolve(&s->fx, s->staff, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, 4000));
    const struct fora_object *first =
        put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    const struct fora_view_post *answer;

    put(s, fx_resolve(&s->fx, s->ann, s->a2, FORA_RESOLUTION_ASKER_ACCEPTED, 3500));
    fold(s);
    answer = post(s, s->a1);
    assert_int_equal(answer->resolutions_count, 2);
    assert_memory_equal(answer->resolutions[0].id.b, first->id.b, FORA_ID_SIZE);
    assert_memory_equal(answer->resolutions[1].id.b, last->id.b, FORA_ID_SIZE);
    assert_memory_equal(answer->resolutions[1].author.b, s->staff->id.b, FORA_ID_SIZE);
    assert_true(post(s, s->a2)->marks & FORA_MARK_ACCEPTED); /* several may be */
    /* Of what is gone nothing is resolved. */
    put(s, fx_retract(&s->fx, s->bob, s->a1, 5000));
    put(s, fx_retract(&s->fx, s->carl, s->a2, 5000));
    fold(s);
    assert_int_equal(post(s, s->a1)->resolutions_count, 0);
    assert_int_equal(s->view.marks, 0);
}

static const struct fora_object *say_status(
    struct scene *s, const struct fx_who *who, const char *status, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_STATUS,
        .u.status = {.status = fora_bytes_str(status),
            .note = fora_bytes_str("note"),
            .version = fora_bytes_str("1.2")}};

    return put(s, fx_about(&s->fx, who, s->thread, content, at));
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
    put(s, fx_about(&s->fx, s->ann, s->thread, cite, 3000));
    cite.u.cite.objects_count = 1;
    ids[0].b[0] = 4;
    put(s, fx_about(&s->fx, s->editor, s->thread, cite, 3000));
    ids[0].b[0] = 1;
    put(s, fx_about(&s->fx, s->staff, s->thread, cite, 3000)); /* neither author nor editor */
    fold(s);
    assert_true(text_is(s->view.status, "fixed"));
    assert_true(text_is(s->view.status_note, "note"));
    assert_true(text_is(s->view.status_version, "1.2"));
    assert_int_equal(s->view.cites_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(s->view.cites[i].b[0], "\3\4\5\11"[i]);
    put(s, fx_about(&s->fx, s->bob, s->thread, duplicate, 3000));
    assert_int_equal(fold(s)->marks, 0);
    put(s, fx_about(&s->fx, s->moderator, s->thread, duplicate, 3000));
    assert_int_equal(fold(s)->marks, FORA_MARK_DUPLICATE);
    duplicate.u.duplicate.original = ids[1];
    put(s, fx_about(&s->fx, s->ann, s->thread, duplicate, 4000));
    assert_int_equal(fold(s)->duplicate_of.b[0], 3);
}

static void hosts_count_votes_VIEW_8(void **state)
{
    struct scene *s = *state;

    put(s, fx_tally(&s->fx, s->node, s->a1, 5, 1, 3000));
    put(s, fx_tally(&s->fx, s->second, s->a1, 100, 0, 3000));
    put(s, fx_tally(&s->fx, s->node, s->thread, 2, 4, 3000));
    fold(s);
    assert_int_equal(post(s, s->a1)->up, 5);
    assert_int_equal(post(s, s->a1)->score, 4);
    assert_int_equal(post(s, s->thread)->score, -2);
    say(s, fx_host(&s->fx, s->node, s->space, s->second, 9000));
    fold(s);
    assert_int_equal(post(s, s->a1)->up, 105);
    assert_int_equal(post(s, s->a1)->down, 1);
    /* The last of each host. */
    put(s, fx_tally(&s->fx, s->second, s->a1, 7, 0, 4000));
    put(s, fx_tally(&s->fx, s->second, s->a1, 50, 0, 3500));
    fold(s);
    assert_int_equal(post(s, s->a1)->up, 12);
    /* Sums do not overflow. */
    put(s, fx_tally(&s->fx, s->second, s->a1, UINT64_MAX, 0, 5000));
    put(s, fx_tally(&s->fx, s->second, s->a2, 0, UINT64_MAX, 5000));
    fold(s);
    assert_true(post(s, s->a1)->up == UINT64_MAX);
    assert_true(post(s, s->a1)->score == INT64_MAX);
    assert_true(post(s, s->a2)->score == -INT64_MAX);
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
    put(s, thread);
    fold(s);
    assert_int_equal(s->view.marks, FORA_MARK_IMPORTED);
    assert_true(text_is(post(s, thread)->source->licence, "CC BY-SA 4.0"));
    put(s, fx_moderate(&s->fx, s->moderator, thread, FORA_MODERATION_HIDE, 3000));
    fold(s);
    assert_int_equal(s->view.marks, FORA_MARK_HIDDEN);
    assert_null(post(s, thread)->source);
}

static void resolve_for(struct scene *s, const struct fora_object *target, uint32_t type,
    const char *product, const char *from, const char *to, uint64_t at)
{
    struct fora_applies_to range = {
        .product = fora_bytes_str(product), .from = fora_bytes_str(from), .to = fora_bytes_str(to)};
    struct fora_content content = {.kind = FORA_KIND_RESOLUTION,
        .u.resolution = {.type = type, .applies_to = &range, .applies_to_count = 1}};

    put(s, fx_about(&s->fx, s->staff, target, content, at));
}

static void set_latest(struct scene *s, const char *version, uint64_t at)
{
    struct fora_product product = {
        .name = fora_bytes_str("Lager"), .latest = fora_bytes_str(version)};

    say(s, fx_policy(&s->fx, s->node, s->space,
               (struct fora_policy_statement){.products = &product, .products_count = 1}, at));
}

static void a_release_makes_answers_stale_VIEW_10(void **state)
{
    struct scene *s = *state;

    resolve_for(s, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, "Lager", "5.0", "5.1", 3000);
    assert_false(fold(s)->marks & FORA_MARK_STALE); /* no latest version is known */
    set_latest(s, "5.1.0", 3000);
    assert_false(fold(s)->marks & FORA_MARK_STALE);
    set_latest(s, "5.10", 4000);
    assert_true(fold(s)->marks & FORA_MARK_STALE);
    assert_true(post(s, s->a1)->marks & FORA_MARK_STALE);
    /* Confirmed again, for the new one; one that is not stale will do for the thread. */
    resolve_for(s, s->a1, FORA_RESOLUTION_WORKAROUND, "Lager", "5.10", "", 5000);
    assert_false(fold(s)->marks & FORA_MARK_STALE);
    assert_false(post(s, s->a1)->marks & FORA_MARK_STALE);
    resolve_for(s, s->a2, FORA_RESOLUTION_STAFF_CONFIRMED, "Lager", "", "5.9", 5000);
    assert_false(fold(s)->marks & FORA_MARK_STALE);
    assert_true(post(s, s->a2)->marks & FORA_MARK_STALE);
    /* A product that nobody knows, and no range at all, are not past. */
    s->count = 3;
    resolve_for(s, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, "Stout", "", "0.1", 3000);
    put(s, fx_resolve(&s->fx, s->ann, s->a2, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    fold(s);
    assert_false(post(s, s->a1)->marks & FORA_MARK_STALE);
    assert_false(post(s, s->a2)->marks & FORA_MARK_STALE);
    /* Regressed: stale when the latest is in the range. */
    resolve_for(s, s->a1, FORA_RESOLUTION_REGRESSED_IN, "Lager", "5.11", "", 4000);
    fold(s);
    assert_false(post(s, s->a1)->marks & FORA_MARK_STALE);
    resolve_for(s, s->a1, FORA_RESOLUTION_REGRESSED_IN, "Lager", "5.2", "", 4000);
    fold(s);
    assert_true(post(s, s->a1)->marks & FORA_MARK_STALE);
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
    const struct fora_object *answer = put(s, fx_about(&s->fx, s->bob, s->thread, content, 2500));

    set_latest(s, "5", 3000);
    fold(s);
    assert_int_equal(post(s, answer)->applies_to_count, 1);
    assert_false(post(s, answer)->marks & FORA_MARK_STALE); /* nobody said that it solves */
    put(s, fx_resolve(&s->fx, s->ann, answer, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    fold(s);
    assert_true(post(s, answer)->marks & FORA_MARK_STALE);
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

    put(s, fx_tally(&s->fx, s->node, s->thread, 9, 2, 3000));
    put(s, fx_comment(&s->fx, s->bob, s->a1, "c", 2500));
    put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    say_status(s, s->staff, "known", 3000);
    fora_view_thread_row(&row, fold(s));
    assert_memory_equal(row.root.b, s->thread->id.b, FORA_ID_SIZE);
    assert_memory_equal(row.author.b, s->ann->id.b, FORA_ID_SIZE);
    assert_int_equal(row.created_at, 2000);
    assert_int_equal(row.active_at, 2500);
    assert_int_equal(row.score, 7);
    assert_int_equal(row.answers, 2);
    assert_int_equal(row.comments, 1);
    assert_int_equal(row.marks, FORA_MARK_ACCEPTED);
    assert_true(text_is(row.title, "Why?"));
    assert_true(text_is(row.status, "known"));
}

static void what_may_be_added(void **state)
{
    struct scene *s = *state;

    put(s, fx_moderate(&s->fx, s->moderator, s->thread, FORA_MODERATION_LOCK, 3000));
    fold(s);
    assert_int_equal(
        fora_view_may_add(&s->view, s->policy, &s->bob->id, FORA_KIND_POST, 9000), FORA_E_LOCKED);
    assert_int_equal(
        fora_view_may_add(&s->view, s->policy, &s->moderator->id, FORA_KIND_POST, 9000), 0);
    assert_int_equal(
        fora_view_may_add(&s->view, s->policy, &s->bob->id, FORA_KIND_REVISION, 9000), 0);
    assert_int_equal(fora_view_may_add(&s->view, s->policy, &s->banned->id, FORA_KIND_POST, 9000),
        FORA_E_FORBIDDEN);
    s->count = 3;
    fold(s);
    assert_int_equal(fora_view_may_add(&s->view, s->policy, &s->bob->id, FORA_KIND_POST, 9000), 0);
}

static void the_encoding_tells_everything_apart_VIEW_11(void **state)
{
    struct scene *s = *state;
    struct fora_hash before, after;
    struct fora_buf encoding = {0};

    assert_int_equal(fora_view_thread_encode(&encoding, fold(s)), 0);
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

        put(s, more[i]);
        fora_buf_clear(&encoding);
        assert_int_equal(fora_view_thread_encode(&encoding, fold(s)), 0);
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

    put(s, fx_tally(&s->fx, s->node, s->a1, 1, 1, 3000));
    put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    resolve_for(s, s->a1, FORA_RESOLUTION_STAFF_CONFIRMED, "Lager", "1", "2", 3000);
    put(s, fx_about(&s->fx, s->ann, s->thread, cite, 3000));
    put(s, fx_revise(&s->fx, s->ann, s->thread, "x", 3000));
    fold(s);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
        TEST(who_may_resolve_VIEW_7),
        TEST(resolutions_are_listed_by_time_VIEW_7),
        TEST(facts_of_the_thread_VIEW_7),
        TEST(hosts_count_votes_VIEW_8),
        TEST(imported_content_is_marked_VIEW_9),
        TEST(a_release_makes_answers_stale_VIEW_10),
        TEST(the_ranges_of_the_post_stand_in_VIEW_10),
        TEST(versions_are_compared_by_numbers_VIEW_10),
        TEST(versions_are_an_order_VIEW_10),
        TEST(the_encoding_tells_everything_apart_VIEW_11),
        TEST(rows_of_lists),
        TEST(what_may_be_added),
        TEST(memory_may_be_out_at_any_time),
    };

    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
