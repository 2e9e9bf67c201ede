/* Policies of spaces (spec/04-spaces.md). */
#include "fixture.h"
#include "alloc_fail.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* A space of the owner's with two admins and others. */
struct scene {
    struct fx fx;
    struct fx_who *owner, *admin, *admin2, *ann, *node;
    const struct fora_object *space;
    const struct fora_object *list[64];
    size_t count;
    struct fora_policy *policy;
};

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return -1;
    fx_init(&s->fx);
    s->owner = fx_member(&s->fx, 1, 1);
    s->admin = fx_member(&s->fx, 2, 1);
    s->admin2 = fx_member(&s->fx, 3, 1);
    s->ann = fx_member(&s->fx, 4, 1);
    s->node = fx_node(&s->fx, 5, 1);
    s->space = fx_space(&s->fx, s->owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    s->list[s->count++] = s->space;
    s->list[s->count++] =
        fx_grant(&s->fx, s->owner, s->space, s->admin, FORA_ROLE_ADMIN, 0, 0, 1100);
    s->list[s->count++] =
        fx_grant(&s->fx, s->owner, s->space, s->admin2, FORA_ROLE_ADMIN, 0, 0, 1100);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fx_fini(&s->fx);
    free(s);
    return 0;
}

static void say(struct scene *s, const struct fora_object *statement)
{
    assert_true(s->count < 64);
    s->list[s->count++] = statement;
    fora_policy_free(s->policy);
    s->policy = NULL;
}

static const struct fora_policy *merged(struct scene *s)
{
    if (s->policy == NULL)
        s->policy = fx_policy_of(s->list, s->count);
    return s->policy;
}

static bool role(struct scene *s, const struct fx_who *who, uint32_t which, uint64_t at)
{
    return fora_policy_role_at(merged(s), &who->id, which, at);
}

static void say_name(struct scene *s, const struct fx_who *who, const char *name, uint64_t at)
{
    say(s, fx_policy(&s->fx, who, s->space,
               (struct fora_policy_statement){.has_name = true, .name = fora_bytes_str(name)}, at));
}

static void assert_name(struct scene *s, const char *name)
{
    struct fora_bytes now = fora_policy_name(merged(s));

    assert_int_equal(now.size, strlen(name));
    assert_memory_equal(now.data, name, now.size);
}

static void the_first_statement_makes_the_space_POL_2(void **state)
{
    struct scene *s = *state;
    struct fora_space_id id = fora_policy_space(merged(s));
    struct fora_principal_id owner = fora_policy_owner(merged(s));
    struct fora_policy *policy;
    const struct fora_object *other = fx_space(&s->fx, s->ann, FORA_SPACE_IDEAS, "wine", 1000);

    assert_memory_equal(id.b, s->space->id.b, FORA_ID_SIZE);
    assert_memory_equal(owner.b, s->owner->id.b, FORA_ID_SIZE);
    assert_int_equal(fora_policy_kind(merged(s)), FORA_SPACE_QUESTIONS);
    assert_name(s, "beer");
    /* It may come last; until then nobody holds anything. */
    assert_int_equal(fora_policy_new(&policy), 0);
    assert_false(fora_policy_ready(policy));
    assert_int_equal(fora_policy_add(policy, s->list[1]), 0);
    assert_false(fora_policy_ready(policy));
    assert_false(fora_policy_role_at(policy, &s->admin->id, FORA_ROLE_ADMIN, 1200));
    assert_int_equal(fora_policy_add(policy, other), FORA_E_MISMATCH);
    assert_int_equal(fora_policy_add(policy, fx_strip(&s->fx, s->space)), FORA_E_NO_CONTENT);
    assert_int_equal(
        fora_policy_add(policy, fx_profile(&s->fx, s->ann, "Ann", 1)), FORA_E_MISMATCH);
    assert_int_equal(fora_policy_add(policy, s->space), 0);
    assert_int_equal(fora_policy_add(policy, s->space), 0);
    assert_true(fora_policy_ready(policy));
    assert_true(fora_policy_role_at(policy, &s->admin->id, FORA_ROLE_ADMIN, 1200));
    fora_policy_free(policy);
}

static void ownership_is_handed_on_POL_4(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement to_ann = {.has_owner = true, .owner = s->ann->id};
    struct fora_policy_statement to_node = {.has_owner = true, .owner = s->node->id};
    struct fora_principal_id owner;

    /* An admin cannot. */
    say(s, fx_policy(&s->fx, s->admin, s->space, to_node, 1500));
    owner = fora_policy_owner(merged(s));
    assert_memory_equal(owner.b, s->owner->id.b, FORA_ID_SIZE);
    say(s, fx_policy(&s->fx, s->owner, s->space, to_ann, 2000));
    owner = fora_policy_owner(merged(s));
    assert_memory_equal(owner.b, s->ann->id.b, FORA_ID_SIZE);
    assert_true(role(s, s->owner, FORA_ROLE_ADMIN, 1999));
    assert_false(role(s, s->owner, FORA_ROLE_ADMIN, 2000));
    assert_false(role(s, s->ann, FORA_ROLE_ADMIN, 1999));
    assert_true(role(s, s->ann, FORA_ROLE_ADMIN, 2000));
    /* The former owner's later word is without effect, the new one's is not. */
    say(s, fx_policy(&s->fx, s->owner, s->space, to_node, 2500));
    say_name(s, s->owner, "ale", 2600);
    assert_name(s, "beer");
    say(s, fx_policy(&s->fx, s->ann, s->space, to_node, 3000));
    owner = fora_policy_owner(merged(s));
    assert_memory_equal(owner.b, s->node->id.b, FORA_ID_SIZE);
    assert_true(fora_policy_hosted_by(merged(s), &s->node->id));
}

static void owner_before_admin_later_before_earlier_POL_5(void **state)
{
    struct scene *s = *state;

    say_name(s, s->ann, "stranger's", 5000);
    assert_name(s, "beer");
    say(s,
        fx_policy(&s->fx, s->admin, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("a")}, 2000));
    assert_int_equal(fora_policy_slug(merged(s)).data[0], 'a');
    say(s,
        fx_policy(&s->fx, s->admin2, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("b")}, 3000));
    assert_int_equal(fora_policy_slug(merged(s)).data[0], 'b');
    /* The owner's earlier word outweighs; her own later one replaces it. */
    say(s,
        fx_policy(&s->fx, s->owner, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("c")}, 1500));
    assert_int_equal(fora_policy_slug(merged(s)).data[0], 'c');
    say(s,
        fx_policy(&s->fx, s->owner, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("d")}, 1600));
    assert_int_equal(fora_policy_slug(merged(s)).data[0], 'd');
    say_name(s, s->admin, "admin's", 9000);
    assert_name(s, "beer");
    /* An owner who also holds ADMIN does not weigh less. */
    say(s, fx_grant(&s->fx, s->owner, s->space, s->owner, FORA_ROLE_ADMIN, 1, 0, 1000));
    assert_name(s, "beer");
}

static void admins_do_not_make_admins_POL_5(void **state)
{
    struct scene *s = *state;

    say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 2000));
    assert_false(role(s, s->ann, FORA_ROLE_ADMIN, 2500));
    say(s, fx_revoke(&s->fx, s->admin, s->space, s->admin2, FORA_ROLE_ADMIN, 2000));
    assert_true(role(s, s->admin2, FORA_ROLE_ADMIN, 2500));
    /* One whose role ended makes statements without effect, those before stay. */
    say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 2100));
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->admin, FORA_ROLE_ADMIN, 3000));
    say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 3000));
    assert_true(role(s, s->ann, FORA_ROLE_STAFF, 4000));
    assert_false(role(s, s->ann, FORA_ROLE_MODERATOR, 4000));
}

static void grants_are_intervals_POL_6(void **state)
{
    struct scene *s = *state;

    say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 100, 500, 2000));
    assert_false(role(s, s->ann, FORA_ROLE_STAFF, 99));
    assert_true(role(s, s->ann, FORA_ROLE_STAFF, 100));
    assert_true(role(s, s->ann, FORA_ROLE_STAFF, 499));
    assert_false(role(s, s->ann, FORA_ROLE_STAFF, 500));
    /* The later since decides from then on, also when it ends before the earlier one would. */
    say(s, fx_grant(&s->fx, s->admin2, s->space, s->ann, FORA_ROLE_STAFF, 300, 350, 1900));
    assert_true(role(s, s->ann, FORA_ROLE_STAFF, 349));
    assert_false(role(s, s->ann, FORA_ROLE_STAFF, 350));
    say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 2500));
    assert_false(role(s, s->ann, FORA_ROLE_STAFF, 2499));
    assert_true(role(s, s->ann, FORA_ROLE_STAFF, 2500));
    /* Rank comes before since. */
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 2600));
    say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 2700));
    assert_true(role(s, s->ann, FORA_ROLE_STAFF, 2599));
    assert_false(role(s, s->ann, FORA_ROLE_STAFF, 9999));
}

static void the_last_claim_of_a_statement_wins_POL_6(void **state)
{
    struct scene *s = *state;
    struct fora_grant grants[2] = {
        {.principal = s->ann->id, .role = FORA_ROLE_EXPERT, .revoke = true},
        {.principal = s->ann->id, .role = FORA_ROLE_EXPERT}};

    say(s, fx_policy(&s->fx, s->owner, s->space,
               (struct fora_policy_statement){.grants = grants, .grants_count = 2}, 2000));
    assert_true(role(s, s->ann, FORA_ROLE_EXPERT, 2000));
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

        say(s, fx_grant(&s->fx, s->owner, s->space, who, rows[i].granted, 0, 0, 2000));
        for (uint32_t r = FORA_ROLE_ADMIN; r <= FORA_ROLE_CURATOR; r++)
            assert_int_equal(role(s, who, r, 2000), rows[i].held[r - 1] == '1');
        assert_int_equal(fora_policy_badge_at(merged(s), &who->id, 2000), rows[i].badge);
        assert_int_equal(fora_policy_badge_at(merged(s), &who->id, 1999), 0);
    }
    for (uint32_t r = FORA_ROLE_ADMIN; r <= FORA_ROLE_CURATOR; r++)
        assert_int_equal(role(s, s->owner, r, 1), r != FORA_ROLE_BANNED);
    assert_int_equal(fora_policy_badge_at(merged(s), &s->owner->id, 1), FORA_ROLE_ADMIN);
}

static void owner_and_admins_cannot_be_banned_POL_7(void **state)
{
    struct scene *s = *state;

    say(s, fx_grant(&s->fx, s->admin, s->space, s->owner, FORA_ROLE_BANNED, 0, 0, 2000));
    say(s, fx_grant(&s->fx, s->admin, s->space, s->admin2, FORA_ROLE_BANNED, 0, 0, 2000));
    assert_false(role(s, s->owner, FORA_ROLE_BANNED, 3000));
    assert_false(role(s, s->admin2, FORA_ROLE_BANNED, 3000));
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->admin2, FORA_ROLE_ADMIN, 4000));
    assert_false(role(s, s->admin2, FORA_ROLE_BANNED, 3999));
    assert_true(role(s, s->admin2, FORA_ROLE_BANNED, 4000));
}

static void posting_has_a_history_POL_8(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    struct fora_policy_statement staff = {.has_posting = true, .posting = FORA_POSTING_STAFF};

    assert_int_equal(fora_policy_posting(merged(s)), FORA_POSTING_ANYONE);
    say(s, fx_policy(&s->fx, s->admin, s->space, staff, 2000));
    say(s, fx_policy(&s->fx, s->owner, s->space, members, 3000));
    say(s, fx_policy(&s->fx, s->admin, s->space, staff, 4000)); /* outranked */
    assert_int_equal(fora_policy_posting_at(merged(s), 1999), FORA_POSTING_ANYONE);
    assert_int_equal(fora_policy_posting_at(merged(s), 2000), FORA_POSTING_STAFF);
    assert_int_equal(fora_policy_posting_at(merged(s), 3000), FORA_POSTING_MEMBERS);
    assert_int_equal(fora_policy_posting(merged(s)), FORA_POSTING_MEMBERS);
}

static int may(struct scene *s, const struct fx_who *who, uint32_t kind, uint32_t type, uint64_t at)
{
    return fora_policy_may_post(merged(s), &who->id, kind, type, at);
}

static void who_may_post_what_POL_9(void **state)
{
    struct scene *s = *state;
    struct fx_who *banned = fx_member(&s->fx, 10, 1), *staff = fx_member(&s->fx, 11, 1);
    struct fx_who *moderator = fx_member(&s->fx, 12, 1), *member = fx_member(&s->fx, 13, 1);
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    struct fora_policy_statement staffs = {.has_posting = true, .posting = FORA_POSTING_STAFF};

    say(s, fx_grant(&s->fx, s->admin, s->space, banned, FORA_ROLE_BANNED, 0, 0, 2000));
    say(s, fx_grant(&s->fx, s->admin, s->space, staff, FORA_ROLE_STAFF, 0, 0, 2000));
    say(s, fx_grant(&s->fx, s->admin, s->space, moderator, FORA_ROLE_MODERATOR, 0, 0, 2000));
    say(s, fx_grant(&s->fx, s->admin, s->space, member, FORA_ROLE_MEMBER, 0, 0, 2000));
    say(s, fx_host(&s->fx, s->admin, s->space, s->node, 2000));
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
    say(s, fx_policy(&s->fx, s->owner, s->space, members, 3000));
    say(s, fx_policy(&s->fx, s->owner, s->space, staffs, 4000));
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
    say(s, s->space);
    say(s, fx_grant(&s->fx, s->owner, s->space, expert, FORA_ROLE_EXPERT, 0, 0, 1000));
    assert_int_equal(may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2000), 0);
    assert_int_equal(
        may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ANNOUNCEMENT, 2000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->ann, FORA_KIND_THREAD, FORA_THREAD_DISCUSSION, 2000), 0);
    say(s, fx_policy(&s->fx, s->owner, s->space, staffs, 3000));
    assert_int_equal(may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 2999), 0);
    assert_int_equal(may(s, expert, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 3000), FORA_E_FORBIDDEN);
    assert_int_equal(may(s, s->owner, FORA_KIND_THREAD, FORA_THREAD_ARTICLE, 3000), 0);
}

static void hosts_and_products_are_slots_POL_10(void **state)
{
    struct scene *s = *state;
    struct fx_who *second = fx_node(&s->fx, 20, 1), *third = fx_node(&s->fx, 21, 1);
    struct fora_host hosts[3] = {{.node = s->node->id}, {.node = second->id, .succession = 2},
        {.node = third->id, .succession = 1}};
    struct fora_host removed = {.node = third->id, .remove = true};
    struct fora_product products[2] = {
        {.name = fora_bytes_str("Stout"), .latest = fora_bytes_str("2")},
        {.name = fora_bytes_str("Lager"), .latest = fora_bytes_str("1.0")}};
    struct fora_product newer = {.name = fora_bytes_str("Lager"), .latest = fora_bytes_str("1.1")};
    struct fora_product gone = {.name = fora_bytes_str("Stout"), .remove = true};
    const struct fora_host *list;
    size_t count;

    say(s, fx_policy(&s->fx, s->admin, s->space,
               (struct fora_policy_statement){
                   .hosts = hosts, .hosts_count = 3, .products = products, .products_count = 2},
               2000));
    list = fora_policy_hosts(merged(s), &count);
    assert_int_equal(count, 3);
    assert_memory_equal(list[0].node.b, third->id.b, FORA_ID_SIZE);
    assert_memory_equal(list[1].node.b, second->id.b, FORA_ID_SIZE);
    assert_memory_equal(list[2].node.b, s->node->id.b, FORA_ID_SIZE);
    assert_true(fora_policy_hosted_by(merged(s), &third->id));
    assert_false(fora_policy_hosted_by(merged(s), &s->ann->id));
    say(s, fx_policy(&s->fx, s->admin, s->space,
               (struct fora_policy_statement){
                   .hosts = &removed, .hosts_count = 1, .products = &newer, .products_count = 1},
               3000));
    say(s, fx_policy(&s->fx, s->ann, s->space,
               (struct fora_policy_statement){.products = &gone, .products_count = 1}, 3000));
    fora_policy_hosts(merged(s), &count);
    assert_int_equal(count, 2);
    assert_false(fora_policy_hosted_by(merged(s), &third->id));
    assert_int_equal(fora_policy_products(merged(s), &count)->latest.data[2], '1');
    assert_int_equal(count, 2);
    say(s, fx_policy(&s->fx, s->admin, s->space,
               (struct fora_policy_statement){.products = &gone, .products_count = 1}, 3000));
    fora_policy_products(merged(s), &count);
    assert_int_equal(count, 1);
}

static void who_is_named_may_state_ADM_11(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement hand = {.has_owner = true, .owner = s->node->id};

    assert_true(fora_policy_may_state(merged(s), &s->owner->id));
    assert_true(fora_policy_may_state(merged(s), &s->admin->id));
    assert_false(fora_policy_may_state(merged(s), &s->ann->id));
    say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 2000));
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_ADMIN, 2000));
    assert_false(fora_policy_may_state(merged(s), &s->ann->id));
    assert_false(fora_policy_may_state(merged(s), &s->node->id));
    say(s, fx_policy(&s->fx, s->owner, s->space, hand, 2000));
    assert_true(fora_policy_may_state(merged(s), &s->node->id));
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->admin, FORA_ROLE_ADMIN, 1900));
    assert_true(fora_policy_may_state(merged(s), &s->admin->id));
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
    say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 100, 900, 2000));
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 500));
    assert_int_equal(fora_policy_each_grant(merged(s), note_grant, &seen), 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.since, 100);
    assert_int_equal(seen.until, 500);
    /* A second one, open; the callback's answer ends it. */
    say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 3000));
    seen.count = 0;
    assert_int_equal(fora_policy_each_grant(merged(s), note_grant, &seen), 7);
    assert_int_equal(seen.since, 3000);
    assert_int_equal(seen.until, 0);
}

static const struct fora_object *state_privilege(
    struct scene *s, const struct fx_who *who, uint32_t role, uint32_t standing, uint64_t at)
{
    struct fora_privilege privilege = {role, standing};
    struct fora_policy_statement statement = {.privileges = &privilege, .privileges_count = 1};

    return fx_policy(&s->fx, who, s->space, statement, at);
}

static void privileges_are_slots_POL_11(void **state)
{
    struct scene *s = *state;
    const struct fora_privilege *list;
    uint32_t standing = 9;
    size_t count;

    assert_false(fora_policy_privilege(merged(s), FORA_ROLE_TAGGER, &standing));
    assert_int_equal(standing, 0);
    say(s, state_privilege(s, s->admin, FORA_ROLE_EDITOR, 300, 2000));
    say(s, state_privilege(s, s->admin, FORA_ROLE_TAGGER, 50, 2000));
    say(s, state_privilege(s, s->admin, FORA_ROLE_TAGGER, 60, 2100)); /* later before earlier */
    say(s, state_privilege(s, s->owner, FORA_ROLE_CURATOR, 500, 2000));
    say(s, state_privilege(s, s->admin, FORA_ROLE_CURATOR, 1, 3000)); /* owner before admin */
    say(s, state_privilege(s, s->owner, FORA_ROLE_FLAGGER, 10, 2000));
    say(s, state_privilege(s, s->owner, FORA_ROLE_FLAGGER, 0, 2100)); /* nobody earns it */
    say(s, state_privilege(s, s->ann, FORA_ROLE_EXPERT, 1, 2000));    /* a stranger */
    list = fora_policy_privileges(merged(s), &count);
    assert_int_equal(count, 3);
    assert_int_equal(list[0].role, FORA_ROLE_TAGGER);
    assert_int_equal(list[0].standing, 60);
    assert_int_equal(list[1].role, FORA_ROLE_EDITOR);
    assert_int_equal(list[2].role, FORA_ROLE_CURATOR);
    assert_int_equal(list[2].standing, 500);
    assert_true(fora_policy_privilege(merged(s), FORA_ROLE_FLAGGER, &standing));
    assert_int_equal(standing, 0);
    assert_false(fora_policy_privilege(merged(s), FORA_ROLE_EXPERT, &standing));
    assert_false(fora_policy_privilege(merged(s), 77, &standing));
}

static void some_roles_cannot_be_earned_POL_11(void **state)
{
    static const uint32_t roles[] = {FORA_ROLE_ADMIN, FORA_ROLE_MODERATOR, FORA_ROLE_STAFF,
        FORA_ROLE_BANNED, FORA_ROLE_UNSPECIFIED + 11, 4000};
    struct scene *s = *state;
    uint32_t standing;
    size_t count;

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        say(s, state_privilege(s, s->owner, roles[i], 10, 2000 + i));
        assert_false(fora_role_earnable(roles[i]));
        assert_false(fora_policy_privilege(merged(s), roles[i], &standing));
    }
    (void)fora_policy_privileges(merged(s), &count);
    assert_int_equal(count, 0);
}

static void an_earned_role_is_a_role_and_no_appointment_POL_11(void **state)
{
    struct scene *s = *state;

    say(s, fx_earned(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_EDITOR, 2000));
    assert_true(role(s, s->ann, FORA_ROLE_EDITOR, 2000));
    assert_int_equal(fora_policy_badge_at(merged(s), &s->ann->id, 2000), FORA_ROLE_EDITOR);
    assert_false(fora_policy_appointed_at(merged(s), &s->ann->id, 2000));
    assert_true(fora_policy_appointed_at(merged(s), &s->owner->id, 1));
    say(s, fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_MEMBER, 0, 0, 3000));
    assert_false(fora_policy_appointed_at(merged(s), &s->ann->id, 2999));
    assert_true(fora_policy_appointed_at(merged(s), &s->ann->id, 3000));
    assert_false(fora_policy_revoked_at(merged(s), &s->ann->id, FORA_ROLE_EDITOR, 3000));
    /* The owner granted it, but for a standing: an admin may take it away (POL-6). */
    say(s, fx_revoke(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_EDITOR, 4000));
    assert_false(role(s, s->ann, FORA_ROLE_EDITOR, 4000));
    assert_false(fora_policy_revoked_at(merged(s), &s->ann->id, FORA_ROLE_EDITOR, 3999));
    assert_true(fora_policy_revoked_at(merged(s), &s->ann->id, FORA_ROLE_EDITOR, 4000));
    /* What the owner said by hand stands against both. */
    say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_CURATOR, 2000));
    say(s, fx_earned(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_CURATOR, 3000));
    assert_false(role(s, s->ann, FORA_ROLE_CURATOR, 3000));
}

static void a_policy_is_bounded_POL_3(void **state)
{
    struct scene *s = *state;
    struct fora_policy *policy = fx_policy_of(s->list, s->count);
    struct fora_grant grants[256];
    uint64_t random = 1;
    size_t held = 0;

    /* 4,096 statements with grants in each: adding and one merge stay quick, reads are found. */
    for (size_t i = 0; i < 256; i++) {
        memset(grants[i].principal.b, 0, FORA_ID_SIZE);
        grants[i] = (struct fora_grant){.role = FORA_ROLE_MEMBER};
        grants[i].principal.b[0] = (uint8_t)i;
        grants[i].principal.b[1] = 1;
    }
    for (size_t i = s->count; i < FORA_POLICY_STATEMENTS_MAX; i++) {
        const struct fora_object *statement;
        struct fora_policy_statement content = {.grants = grants, .grants_count = 32};

        for (size_t j = 0; j < 32; j++)
            grants[j].principal.b[2] = (uint8_t)fx_random(&random, 256);
        statement = fx_policy(&s->fx, s->admin, s->space, content, 2000 + i);
        assert_int_equal(fora_policy_add(policy, statement), 0);
    }
    assert_int_equal(fora_policy_add(policy,
                         fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 9000)),
        FORA_E_LIMIT);
    assert_int_equal(fora_policy_add(policy, s->space), 0);
    for (size_t i = 0; i < 200000; i++) {
        struct fora_principal_id who = grants[fx_random(&random, 32)].principal;

        who.b[2] = (uint8_t)fx_random(&random, 256);
        held += fora_policy_role_at(policy, &who, FORA_ROLE_MEMBER, 1000000);
    }
    assert_true(held > 190000);
    fora_policy_free(policy);
}

/* Everything that can be read, for a few principals, roles and times. */
static void describe(const struct scene *s, const struct fora_policy *policy, struct fora_hash *out)
{
    const struct fx_who *people[] = {s->owner, s->admin, s->admin2, s->ann, s->node};
    struct fora_principal_id owner = fora_policy_owner(policy);
    struct fora_buf text = {0};
    size_t count;
    const struct fora_host *hosts = fora_policy_hosts(policy, &count);

    fora_buf_append(&text, owner.b, FORA_ID_SIZE);
    fora_buf_append_bytes(&text, fora_policy_name(policy));
    for (uint32_t r = 0; r <= FORA_ROLE_CURATOR; r++) {
        uint32_t standing;

        fora_buf_u8(&text, fora_policy_privilege(policy, r, &standing));
        fora_buf_be32(&text, standing);
    }
    for (size_t i = 0; i < count; i++)
        fora_buf_append(&text, hosts[i].node.b, FORA_ID_SIZE);
    for (uint64_t at = 0; at < 30; at++) {
        fora_buf_be32(&text, fora_policy_posting_at(policy, at * 100));
        for (size_t i = 0; i < 5; i++) {
            for (uint32_t r = FORA_ROLE_ADMIN; r <= FORA_ROLE_CURATOR; r++)
                fora_buf_u8(&text, fora_policy_role_at(policy, &people[i]->id, r, at * 100));
        }
    }
    assert_int_equal(text.error, 0);
    fora_hash1(out, "fora.test", fora_buf_bytes(&text));
    fora_buf_fini(&text);
}

static const struct fora_object *random_statement(struct scene *s, uint64_t *random)
{
    const struct fx_who *people[] = {s->owner, s->admin, s->admin2, s->ann, s->node};
    const struct fx_who *who = people[fx_random(random, 4)];
    const struct fx_who *about = people[fx_random(random, 5)];
    uint64_t at = 100 * (1 + fx_random(random, 25));
    struct fora_host host = {.node = about->id, .remove = fx_random(random, 3) == 0};
    struct fora_policy_statement statement = {.kind = 0};
    uint32_t role = 1 + fx_random(random, 10);
    uint64_t since = 100 * fx_random(random, 20);

    switch (fx_random(random, 9)) {
    case 8:
        return state_privilege(s, who, role, fx_random(random, 5), at);
    case 0:
        statement.has_name = true;
        statement.name = fora_bytes_str("abcdefgh");
        statement.name.size = 1 + fx_random(random, 8);
        break;
    case 1:
        statement.has_posting = true;
        statement.posting = fx_random(random, 3);
        break;
    case 2:
        statement.hosts = &host;
        statement.hosts_count = 1;
        break;
    case 3:
        statement.has_owner = fx_random(random, 2) == 0;
        statement.owner = about->id;
        break;
    case 4:
        return fx_revoke(&s->fx, who, s->space, about, role, at);
    default:
        return fx_grant(&s->fx, who, s->space, about, role, since, 100 * fx_random(random, 30), at);
    }
    return fx_policy(&s->fx, who, s->space, statement, at);
}

static void order_does_not_matter_POL_1(void **state)
{
    struct scene *s = *state;
    uint64_t random = 424242;

    for (int round = 0; round < 40; round++) {
        const struct fora_object *list[48];
        struct fora_hash first, again;

        memcpy(list, s->list, 3 * sizeof(list[0]));
        for (size_t i = 3; i < 48; i++)
            list[i] = random_statement(s, &random);
        for (int shuffle = 0; shuffle < 20; shuffle++) {
            struct fora_policy *policy;

            assert_int_equal(fora_policy_new(&policy), 0);
            for (size_t i = 0; i < 48; i++) {
                assert_int_equal(fora_policy_add(policy, list[i]), 0);
                /* Reading in between must not matter either. */
                if (shuffle % 4 == 1 && i % 7 == 0)
                    (void)fora_policy_owner(policy);
            }
            describe(s, policy, shuffle == 0 ? &first : &again);
            if (shuffle != 0)
                assert_memory_equal(first.b, again.b, FORA_HASH_SIZE);
            fora_policy_free(policy);
            fx_shuffle(&random, list, 48);
        }
    }
}

static void memory_may_be_out_at_any_time(void **state)
{
    struct scene *s = *state;
    long n;

    say(s, fx_host(&s->fx, s->admin, s->space, s->node, 2000));
    say_name(s, s->admin, "x", 3000);
    for (n = 0;; n++) {
        struct fora_policy *policy = NULL;
        int error;

        alloc_fail_at(n);
        error = fora_policy_new(&policy);
        for (size_t i = 0; i < s->count && error == 0; i++)
            error = fora_policy_add(policy, s->list[i]);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            fora_policy_free(policy);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
        for (size_t i = 0; i < s->count && policy != NULL; i++) {
            (void)fora_policy_owner(policy);
            assert_int_equal(fora_policy_add(policy, s->list[i]), 0);
        }
        if (policy != NULL) {
            assert_true(fora_policy_hosted_by(policy, &s->node->id));
            assert_true(fora_policy_role_at(policy, &s->admin->id, FORA_ROLE_ADMIN, 2000));
        }
        fora_policy_free(policy);
    }
    assert_true(n > 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(order_does_not_matter_POL_1),
        TEST(the_first_statement_makes_the_space_POL_2),
        TEST(a_policy_is_bounded_POL_3),
        TEST(ownership_is_handed_on_POL_4),
        TEST(owner_before_admin_later_before_earlier_POL_5),
        TEST(admins_do_not_make_admins_POL_5),
        TEST(grants_are_intervals_POL_6),
        TEST(the_last_claim_of_a_statement_wins_POL_6),
        TEST(roles_include_others_POL_7),
        TEST(owner_and_admins_cannot_be_banned_POL_7),
        TEST(posting_has_a_history_POL_8),
        TEST(who_may_post_what_POL_9),
        TEST(articles_are_by_staff_and_experts_POL_9),
        TEST(hosts_and_products_are_slots_POL_10),
        TEST(who_is_named_may_state_ADM_11),
        TEST(grants_can_be_listed),
        TEST(privileges_are_slots_POL_11),
        TEST(some_roles_cannot_be_earned_POL_11),
        TEST(an_earned_role_is_a_role_and_no_appointment_POL_11),
        TEST(memory_may_be_out_at_any_time),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
