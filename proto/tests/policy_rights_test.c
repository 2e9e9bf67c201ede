/* Roles, and what they allow (spec/04-spaces.md). */
#include "policy_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static int may(struct scene *s, const struct fx_who *who, uint32_t kind, uint32_t type, uint64_t at)
{
    return fora_policy_may_post(scene_merged(s), &who->id, kind, type, at);
}

static void roles_include_others_POL_7(void **state)
{
    /* Rows: holder; columns: ADMIN MODERATOR STAFF EDITOR EXPERT MEMBER BANNED TAGGER FLAGGER
     * CURATOR. */
    static const struct {
        uint32_t granted;
        const char *held;
        uint32_t badge;
    } rows[] = {
        {FORA_ROLE_ADMIN, "1111000111", FORA_ROLE_ADMIN},
        {FORA_ROLE_MODERATOR, "0101000111", FORA_ROLE_MODERATOR},
        {FORA_ROLE_STAFF, "0010000000", FORA_ROLE_STAFF},
        {FORA_ROLE_EDITOR, "0001000100", FORA_ROLE_EDITOR},
        {FORA_ROLE_EXPERT, "0000100000", FORA_ROLE_EXPERT},
        {FORA_ROLE_MEMBER, "0000010000", FORA_ROLE_MEMBER},
        {FORA_ROLE_BANNED, "0000001000", 0},
        {FORA_ROLE_TAGGER, "0000000100", 0},
        {FORA_ROLE_FLAGGER, "0000000010", 0},
        {FORA_ROLE_CURATOR, "0000000001", 0},
    };
    struct scene *s = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fx_who *who = fx_member(&s->fx, 100 + (unsigned)i, 1);

        scene_say(s, fx_grant(&s->fx, s->owner, s->space, who, rows[i].granted, 0, 0, 2000));
        for (uint32_t r = FORA_ROLE_ADMIN; r <= FORA_ROLE_CURATOR; r++)
            assert_int_equal(scene_role(s, who, r, 2000), rows[i].held[r - 1] == '1');
        assert_int_equal(fora_policy_badge_at(scene_merged(s), &who->id, 2000), rows[i].badge);
        assert_int_equal(fora_policy_badge_at(scene_merged(s), &who->id, 1999), 0);
    }
    for (uint32_t r = FORA_ROLE_ADMIN; r <= FORA_ROLE_CURATOR; r++)
        assert_int_equal(scene_role(s, s->owner, r, 1), r != FORA_ROLE_BANNED);
    assert_int_equal(fora_policy_badge_at(scene_merged(s), &s->owner->id, 1), FORA_ROLE_ADMIN);
}

static void owner_and_admins_cannot_be_banned_POL_7(void **state)
{
    struct scene *s = *state;

    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->owner, FORA_ROLE_BANNED, 0, 0, 2000));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->admin2, FORA_ROLE_BANNED, 0, 0, 2000));
    assert_false(scene_role(s, s->owner, FORA_ROLE_BANNED, 3000));
    assert_false(scene_role(s, s->admin2, FORA_ROLE_BANNED, 3000));
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->admin2, FORA_ROLE_ADMIN, 4000));
    assert_false(scene_role(s, s->admin2, FORA_ROLE_BANNED, 3999));
    assert_true(scene_role(s, s->admin2, FORA_ROLE_BANNED, 4000));
}

static void who_may_post_what_POL_9(void **state)
{
    struct scene *s = *state;
    struct fx_who *banned = fx_member(&s->fx, 10, 1), *staff = fx_member(&s->fx, 11, 1);
    struct fx_who *moderator = fx_member(&s->fx, 12, 1), *member = fx_member(&s->fx, 13, 1);
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    struct fora_policy_statement staffs = {.has_posting = true, .posting = FORA_POSTING_STAFF};

    scene_say(s, fx_grant(&s->fx, s->admin, s->space, banned, FORA_ROLE_BANNED, 0, 0, 2000));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, staff, FORA_ROLE_STAFF, 0, 0, 2000));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, moderator, FORA_ROLE_MODERATOR, 0, 0, 2000));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, member, FORA_ROLE_MEMBER, 0, 0, 2000));
    scene_say(s, fx_host(&s->fx, s->admin, s->space, s->node, 2000));
    /* BANNED. */
    assert_int_equal(may(s, banned, FORA_KIND_POST, 0, 1999), 0);
    assert_int_equal(may(s, banned, FORA_KIND_POST, 0, 2000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, banned, FORA_KIND_FLAG, 0, 2000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, banned, FORA_KIND_APPEAL, 0, 2000), 0);
    assert_int_equal(may(s, banned, FORA_KIND_RETRACTION, 0, 2000), 0);
    assert_int_equal(may(s, banned, FORA_KIND_PROFILE, 0, 2000), 0);
    /* Kinds with a role of their own. */
    assert_int_equal(may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_QUESTION, 2500), 0);
    assert_int_equal(
        may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_ANNOUNCEMENT, 2500), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, staff, FORA_KIND_THREAD, FORA_THREAD_ANNOUNCEMENT, 2500), 0);
    assert_int_equal(may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2500), 0);
    assert_int_equal(may(s, moderator, FORA_KIND_STATUS, 0, 2500), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, staff, FORA_KIND_STATUS, 0, 2500), 0);
    assert_int_equal(may(s, staff, FORA_KIND_MODERATION, 0, 2500), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, moderator, FORA_KIND_MODERATION, 0, 2500), 0);
    assert_int_equal(may(s, moderator, FORA_KIND_POLICY, 0, 2500), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->admin, FORA_KIND_POLICY, 0, 2500), 0);
    assert_int_equal(may(s, s->ann, FORA_KIND_TALLY, 0, 2500), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->node, FORA_KIND_TALLY, 0, 2500), 0);
    /* MEMBERS, then STAFF. */
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, members, 3000));
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, staffs, 4000));
    assert_int_equal(may(s, s->ann, FORA_KIND_POST, 0, 2999), 0);
    assert_int_equal(may(s, s->ann, FORA_KIND_POST, 0, 3000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->ann, FORA_KIND_REVISION, 0, 3000), 0);
    assert_int_equal(may(s, member, FORA_KIND_POST, 0, 3000), 0);
    assert_int_equal(may(s, member, FORA_KIND_THREAD, FORA_THREAD_QUESTION, 3000), 0);
    assert_int_equal(
        may(s, member, FORA_KIND_THREAD, FORA_THREAD_QUESTION, 4000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, staff, FORA_KIND_THREAD, FORA_THREAD_QUESTION, 4000), 0);
    assert_int_equal(may(s, s->owner, FORA_KIND_THREAD, FORA_THREAD_QUESTION, 4000), 0);
    assert_int_equal(may(s, s->ann, FORA_KIND_POST, 0, 4000), 0);
}

static void articles_are_by_staff_and_experts_POL_9(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement staffs = {.has_posting = true, .posting = FORA_POSTING_STAFF};
    struct fx_who *expert = fx_member(&s->fx, 10, 1);

    s->count = 0;
    s->space = fx_space(&s->fx, s->owner, FORA_SPACE_ARTICLES, "blog", 1000);
    scene_say(s, s->space);
    scene_say(s, fx_grant(&s->fx, s->owner, s->space, expert, FORA_ROLE_EXPERT, 0, 0, 1000));
    assert_int_equal(may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2000), 0);
    assert_int_equal(
        may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ANNOUNCEMENT, 2000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_DISCUSSION, 2000), 0);
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, staffs, 3000));
    assert_int_equal(may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2999), 0);
    assert_int_equal(may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 3000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->owner, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 3000), 0);
}

static void who_is_named_may_state_ADM_11(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement hand = {.has_owner = true, .owner = s->node->id};

    assert_true(fora_policy_may_state(scene_merged(s), &s->owner->id));
    assert_true(fora_policy_may_state(scene_merged(s), &s->admin->id));
    assert_false(fora_policy_may_state(scene_merged(s), &s->ann->id));
    scene_say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 2000));
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_ADMIN, 2000));
    assert_false(fora_policy_may_state(scene_merged(s), &s->ann->id));
    assert_false(fora_policy_may_state(scene_merged(s), &s->node->id));
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, hand, 2000));
    assert_true(fora_policy_may_state(scene_merged(s), &s->node->id));
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->admin, FORA_ROLE_ADMIN, 1900));
    assert_true(fora_policy_may_state(scene_merged(s), &s->admin->id));
}

struct seen {
    struct scene *s;
    size_t count;
    uint64_t since, until;
};

static int note_grant(void *context, const struct fora_principal_id *principal, uint32_t which,
    uint64_t since, uint64_t until)
{
    struct seen *seen = context;

    if (memcmp(principal->b, seen->s->ann->id.b, FORA_ID_SIZE) != 0 || which != FORA_ROLE_STAFF)
        return 0;
    seen->count++;
    seen->since = since;
    seen->until = until;
    return seen->count == 2 ? 7 : 0;
}

static void grants_can_be_listed(void **state)
{
    struct scene *s = *state;
    struct seen seen = {.s = s};

    /* Cut short by the revocation, which is dated within it. */
    scene_say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 100, 900, 2000));
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 500));
    assert_int_equal(fora_policy_each_grant(scene_merged(s), note_grant, &seen), 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.since, 100);
    assert_int_equal(seen.until, 500);
    /* A second one, open; the callback's answer ends it. */
    scene_say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 3000));
    seen.count = 0;
    assert_int_equal(fora_policy_each_grant(scene_merged(s), note_grant, &seen), 7);
    assert_int_equal(seen.since, 3000);
    assert_int_equal(seen.until, 0);
}

static void privileges_are_slots_POL_11(void **state)
{
    struct scene *s = *state;
    const struct fora_privilege *list;
    uint32_t standing = 9;
    size_t count;

    assert_false(fora_policy_privilege(scene_merged(s), FORA_ROLE_TAGGER, &standing));
    assert_int_equal(standing, 0);
    scene_say(s, scene_privilege(s, s->admin, FORA_ROLE_EDITOR, 300, 2000));
    scene_say(s, scene_privilege(s, s->admin, FORA_ROLE_TAGGER, 50, 2000));
    scene_say(
        s, scene_privilege(s, s->admin, FORA_ROLE_TAGGER, 60, 2100)); /* later before earlier */
    scene_say(s, scene_privilege(s, s->owner, FORA_ROLE_CURATOR, 500, 2000));
    scene_say(s, scene_privilege(s, s->admin, FORA_ROLE_CURATOR, 1, 3000)); /* owner before admin */
    scene_say(s, scene_privilege(s, s->owner, FORA_ROLE_FLAGGER, 10, 2000));
    scene_say(s, scene_privilege(s, s->owner, FORA_ROLE_FLAGGER, 0, 2100)); /* nobody earns it */
    scene_say(s, scene_privilege(s, s->ann, FORA_ROLE_EXPERT, 1, 2000));    /* a stranger */
    list = fora_policy_privileges(scene_merged(s), &count);
    assert_int_equal(count, 3);
    assert_int_equal(list[0].role, FORA_ROLE_TAGGER);
    assert_int_equal(list[0].standing, 60);
    assert_int_equal(list[1].role, FORA_ROLE_EDITOR);
    assert_int_equal(list[2].role, FORA_ROLE_CURATOR);
    assert_int_equal(list[2].standing, 500);
    assert_true(fora_policy_privilege(scene_merged(s), FORA_ROLE_FLAGGER, &standing));
    assert_int_equal(standing, 0);
    assert_false(fora_policy_privilege(scene_merged(s), FORA_ROLE_EXPERT, &standing));
    assert_false(fora_policy_privilege(scene_merged(s), 77, &standing));
}

static void some_roles_cannot_be_earned_POL_11(void **state)
{
    static const uint32_t roles[] = {FORA_ROLE_ADMIN, FORA_ROLE_MODERATOR, FORA_ROLE_STAFF,
        FORA_ROLE_BANNED, FORA_ROLE_UNSPECIFIED + 11, 4000};
    struct scene *s = *state;
    uint32_t standing;
    size_t count;

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        scene_say(s, scene_privilege(s, s->owner, roles[i], 10, 2000 + i));
        assert_false(fora_role_earnable(roles[i]));
        assert_false(fora_policy_privilege(scene_merged(s), roles[i], &standing));
    }
    (void)fora_policy_privileges(scene_merged(s), &count);
    assert_int_equal(count, 0);
}

static void an_earned_role_is_a_role_and_no_appointment_POL_11(void **state)
{
    struct scene *s = *state;

    scene_say(s, fx_earned(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_EDITOR, 2000));
    assert_true(scene_role(s, s->ann, FORA_ROLE_EDITOR, 2000));
    assert_int_equal(fora_policy_badge_at(scene_merged(s), &s->ann->id, 2000), FORA_ROLE_EDITOR);
    assert_false(fora_policy_appointed_at(scene_merged(s), &s->ann->id, 2000));
    assert_true(fora_policy_appointed_at(scene_merged(s), &s->owner->id, 1));
    scene_say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_MEMBER, 0, 0, 3000));
    assert_false(fora_policy_appointed_at(scene_merged(s), &s->ann->id, 2999));
    assert_true(fora_policy_appointed_at(scene_merged(s), &s->ann->id, 3000));
    assert_false(fora_policy_revoked_at(scene_merged(s), &s->ann->id, FORA_ROLE_EDITOR, 3000));
    /* The owner granted it, but for a standing: an admin may take it away (POL-6). */
    scene_say(s, fx_revoke(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_EDITOR, 4000));
    assert_false(scene_role(s, s->ann, FORA_ROLE_EDITOR, 4000));
    assert_false(fora_policy_revoked_at(scene_merged(s), &s->ann->id, FORA_ROLE_EDITOR, 3999));
    assert_true(fora_policy_revoked_at(scene_merged(s), &s->ann->id, FORA_ROLE_EDITOR, 4000));
    /* What the owner said by hand stands against both. */
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_CURATOR, 2000));
    scene_say(s, fx_earned(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_CURATOR, 3000));
    assert_false(scene_role(s, s->ann, FORA_ROLE_CURATOR, 3000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(roles_include_others_POL_7),
        TEST(owner_and_admins_cannot_be_banned_POL_7),
        TEST(who_may_post_what_POL_9),
        TEST(articles_are_by_staff_and_experts_POL_9),
        TEST(who_is_named_may_state_ADM_11),
        TEST(grants_can_be_listed),
        TEST(privileges_are_slots_POL_11),
        TEST(some_roles_cannot_be_earned_POL_11),
        TEST(an_earned_role_is_a_role_and_no_appointment_POL_11),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
