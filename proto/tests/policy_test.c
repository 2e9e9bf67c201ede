/* How the statements of a policy are merged (spec/04-spaces.md). */
#include "alloc_fail.h"
#include "policy_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void the_first_statement_makes_the_space_POL_2(void **state)
{
    struct scene *s = *state;
    struct fora_space_id id = fora_policy_space(scene_merged(s));
    struct fora_principal_id owner = fora_policy_owner(scene_merged(s));
    struct fora_policy *policy;
    const struct fora_object *other = fx_space(&s->fx, s->ann, FORA_SPACE_IDEAS, "wine", 1000);

    assert_memory_equal(id.b, s->space->id.b, FORA_ID_SIZE);
    assert_memory_equal(owner.b, s->owner->id.b, FORA_ID_SIZE);
    assert_int_equal(fora_policy_kind(scene_merged(s)), FORA_SPACE_QUESTIONS);
    scene_assert_name(s, "beer");
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
    scene_say(s, fx_policy(&s->fx, s->admin, s->space, to_node, 1500));
    owner = fora_policy_owner(scene_merged(s));
    assert_memory_equal(owner.b, s->owner->id.b, FORA_ID_SIZE);
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, to_ann, 2000));
    owner = fora_policy_owner(scene_merged(s));
    assert_memory_equal(owner.b, s->ann->id.b, FORA_ID_SIZE);
    assert_true(scene_role(s, s->owner, FORA_ROLE_ADMIN, 1999));
    assert_false(scene_role(s, s->owner, FORA_ROLE_ADMIN, 2000));
    assert_false(scene_role(s, s->ann, FORA_ROLE_ADMIN, 1999));
    assert_true(scene_role(s, s->ann, FORA_ROLE_ADMIN, 2000));
    /* The former owner's later word is without effect, the new one's is not. */
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, to_node, 2500));
    scene_say_name(s, s->owner, "ale", 2600);
    scene_assert_name(s, "beer");
    scene_say(s, fx_policy(&s->fx, s->ann, s->space, to_node, 3000));
    owner = fora_policy_owner(scene_merged(s));
    assert_memory_equal(owner.b, s->node->id.b, FORA_ID_SIZE);
    assert_true(fora_policy_hosted_by(scene_merged(s), &s->node->id));
}

static void owner_before_admin_later_before_earlier_POL_5(void **state)
{
    struct scene *s = *state;

    scene_say_name(s, s->ann, "stranger's", 5000);
    scene_assert_name(s, "beer");
    scene_say(s,
        fx_policy(&s->fx, s->admin, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("a")}, 2000));
    assert_int_equal(fora_policy_slug(scene_merged(s)).data[0], 'a');
    scene_say(s,
        fx_policy(&s->fx, s->admin2, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("b")}, 3000));
    assert_int_equal(fora_policy_slug(scene_merged(s)).data[0], 'b');
    /* The owner's earlier word outweighs; her own later one replaces it. */
    scene_say(s,
        fx_policy(&s->fx, s->owner, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("c")}, 1500));
    assert_int_equal(fora_policy_slug(scene_merged(s)).data[0], 'c');
    scene_say(s,
        fx_policy(&s->fx, s->owner, s->space,
            (struct fora_policy_statement){.has_slug = true, .slug = fora_bytes_str("d")}, 1600));
    assert_int_equal(fora_policy_slug(scene_merged(s)).data[0], 'd');
    scene_say_name(s, s->admin, "admin's", 9000);
    scene_assert_name(s, "beer");
    /* An owner who also holds ADMIN does not weigh less. */
    scene_say(s, fx_grant(&s->fx, s->owner, s->space, s->owner, FORA_ROLE_ADMIN, 1, 0, 1000));
    scene_assert_name(s, "beer");
}

static void admins_do_not_make_admins_POL_5(void **state)
{
    struct scene *s = *state;

    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 2000));
    assert_false(scene_role(s, s->ann, FORA_ROLE_ADMIN, 2500));
    scene_say(s, fx_revoke(&s->fx, s->admin, s->space, s->admin2, FORA_ROLE_ADMIN, 2000));
    assert_true(scene_role(s, s->admin2, FORA_ROLE_ADMIN, 2500));
    /* One whose role ended makes statements without effect, those before stay. */
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 2100));
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->admin, FORA_ROLE_ADMIN, 3000));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 3000));
    assert_true(scene_role(s, s->ann, FORA_ROLE_STAFF, 4000));
    assert_false(scene_role(s, s->ann, FORA_ROLE_MODERATOR, 4000));
}

static void grants_are_intervals_POL_6(void **state)
{
    struct scene *s = *state;

    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 100, 500, 2000));
    assert_false(scene_role(s, s->ann, FORA_ROLE_STAFF, 99));
    assert_true(scene_role(s, s->ann, FORA_ROLE_STAFF, 100));
    assert_true(scene_role(s, s->ann, FORA_ROLE_STAFF, 499));
    assert_false(scene_role(s, s->ann, FORA_ROLE_STAFF, 500));
    /* The later since decides from then on, also when it ends before the earlier one would. */
    scene_say(s, fx_grant(&s->fx, s->admin2, s->space, s->ann, FORA_ROLE_STAFF, 300, 350, 1900));
    assert_true(scene_role(s, s->ann, FORA_ROLE_STAFF, 349));
    assert_false(scene_role(s, s->ann, FORA_ROLE_STAFF, 350));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 2500));
    assert_false(scene_role(s, s->ann, FORA_ROLE_STAFF, 2499));
    assert_true(scene_role(s, s->ann, FORA_ROLE_STAFF, 2500));
    /* Rank comes before since. */
    scene_say(s, fx_revoke(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 2600));
    scene_say(s, fx_grant(&s->fx, s->admin, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 2700));
    assert_true(scene_role(s, s->ann, FORA_ROLE_STAFF, 2599));
    assert_false(scene_role(s, s->ann, FORA_ROLE_STAFF, 9999));
}

static void the_last_claim_of_a_statement_wins_POL_6(void **state)
{
    struct scene *s = *state;
    struct fora_grant grants[2] = {
        {.principal = s->ann->id, .role = FORA_ROLE_EXPERT, .revoke = true},
        {.principal = s->ann->id, .role = FORA_ROLE_EXPERT}};

    scene_say(s, fx_policy(&s->fx, s->owner, s->space,
                     (struct fora_policy_statement){.grants = grants, .grants_count = 2}, 2000));
    assert_true(scene_role(s, s->ann, FORA_ROLE_EXPERT, 2000));
}

static void posting_has_a_history_POL_8(void **state)
{
    struct scene *s = *state;
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    struct fora_policy_statement staff = {.has_posting = true, .posting = FORA_POSTING_STAFF};

    assert_int_equal(fora_policy_posting(scene_merged(s)), FORA_POSTING_ANYONE);
    scene_say(s, fx_policy(&s->fx, s->admin, s->space, staff, 2000));
    scene_say(s, fx_policy(&s->fx, s->owner, s->space, members, 3000));
    scene_say(s, fx_policy(&s->fx, s->admin, s->space, staff, 4000)); /* outranked */
    assert_int_equal(fora_policy_posting_at(scene_merged(s), 1999), FORA_POSTING_ANYONE);
    assert_int_equal(fora_policy_posting_at(scene_merged(s), 2000), FORA_POSTING_STAFF);
    assert_int_equal(fora_policy_posting_at(scene_merged(s), 3000), FORA_POSTING_MEMBERS);
    assert_int_equal(fora_policy_posting(scene_merged(s)), FORA_POSTING_MEMBERS);
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

    scene_say(
        s, fx_policy(&s->fx, s->admin, s->space,
               (struct fora_policy_statement){
                   .hosts = hosts, .hosts_count = 3, .products = products, .products_count = 2},
               2000));
    list = fora_policy_hosts(scene_merged(s), &count);
    assert_int_equal(count, 3);
    assert_memory_equal(list[0].node.b, third->id.b, FORA_ID_SIZE);
    assert_memory_equal(list[1].node.b, second->id.b, FORA_ID_SIZE);
    assert_memory_equal(list[2].node.b, s->node->id.b, FORA_ID_SIZE);
    assert_true(fora_policy_hosted_by(scene_merged(s), &third->id));
    assert_false(fora_policy_hosted_by(scene_merged(s), &s->ann->id));
    scene_say(
        s, fx_policy(&s->fx, s->admin, s->space,
               (struct fora_policy_statement){
                   .hosts = &removed, .hosts_count = 1, .products = &newer, .products_count = 1},
               3000));
    scene_say(s, fx_policy(&s->fx, s->ann, s->space,
                     (struct fora_policy_statement){.products = &gone, .products_count = 1}, 3000));
    fora_policy_hosts(scene_merged(s), &count);
    assert_int_equal(count, 2);
    assert_false(fora_policy_hosted_by(scene_merged(s), &third->id));
    assert_int_equal(fora_policy_products(scene_merged(s), &count)->latest.data[2], '1');
    assert_int_equal(count, 2);
    scene_say(s, fx_policy(&s->fx, s->admin, s->space,
                     (struct fora_policy_statement){.products = &gone, .products_count = 1}, 3000));
    fora_policy_products(scene_merged(s), &count);
    assert_int_equal(count, 1);
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
        return scene_privilege(s, who, role, fx_random(random, 5), at);
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

    scene_say(s, fx_host(&s->fx, s->admin, s->space, s->node, 2000));
    scene_say_name(s, s->admin, "x", 3000);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_statement_makes_the_space_POL_2),
        TEST(ownership_is_handed_on_POL_4),
        TEST(owner_before_admin_later_before_earlier_POL_5),
        TEST(admins_do_not_make_admins_POL_5),
        TEST(grants_are_intervals_POL_6),
        TEST(the_last_claim_of_a_statement_wins_POL_6),
        TEST(posting_has_a_history_POL_8),
        TEST(hosts_and_products_are_slots_POL_10),
        TEST(a_policy_is_bounded_POL_3),
        TEST(order_does_not_matter_POL_1),
        TEST(memory_may_be_out_at_any_time),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
