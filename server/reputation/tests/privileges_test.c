/* When a standing is stated anew (STD-16), and the roles that it earns (POL-11, STD-14, STD-15). */
#include "core/tests/world.h"
#include "reputation/standing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* A node with a space of its own, in which Ann answers a question of Bob's and staff confirms it:
 * 21 points. */
struct priv {
    struct fx fx;
    struct shelf shelf;
    struct standing_self self;
    struct standing_report report;
    struct fx_who *node, *ann, *bob, *carl;
    const struct fora_object *space, *thread;
};

static void priv_init(struct priv *p, bool node_owns)
{
    fx_init(&p->fx);
    shelf_init(&p->shelf);
    p->node = fx_node(&p->fx, 1, 1);
    p->ann = fx_member(&p->fx, 2, 1);
    p->bob = fx_member(&p->fx, 3, 1);
    p->carl = fx_member(&p->fx, 4, 1);
    const struct fx_who *owner = node_owns ? p->node : p->carl;
    p->space = fx_space(&p->fx, owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    p->thread = fx_thread(&p->fx, p->bob, p->space, FORA_THREAD_QUESTION, "Why?", 2000);
    const struct fora_object *answer = fx_answer(&p->fx, p->ann, p->thread, "So.", 3000);
    const struct fora_object *objects[] = {p->ann->create, p->bob->create, p->thread, answer,
        fx_resolve(&p->fx, owner, answer, FORA_RESOLUTION_STAFF_CONFIRMED, 4000)};
    p->self = (struct standing_self){.node = p->node->id, .secret = p->node->device};
    assert_int_equal(shelf_offer(&p->shelf, p->node->create, COMMIT_LOCAL), 0);
    assert_int_equal(shelf_offer(&p->shelf, p->carl->create, COMMIT_LOCAL), 0);
    assert_int_equal(shelf_offer(&p->shelf, p->space, COMMIT_LOCAL), 0);
    if (!node_owns) {
        shelf_add_one(&p->shelf, fx_host(&p->fx, owner, p->space, p->node, 1100));
    }
    shelf_add(&p->shelf, objects, sizeof objects / sizeof objects[0]);
}

static void priv_fini(struct priv *p)
{
    shelf_fini(&p->shelf);
    fx_fini(&p->fx);
}

/* Steps until there is nothing to do; how many roles were granted. */
static uint64_t run_at(struct priv *p, uint64_t now)
{
    uint64_t granted = 0;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(standing_step(p->shelf.committer, &p->self, now, 64, true,
                             &p->shelf.result, &p->report),
            0);
        granted += p->report.granted;
        if (!p->report.more) {
            return granted;
        }
    }
    fail_msg("there is always more to do");
    return granted;
}

static void say_privilege(
    struct priv *p, const struct fx_who *who, uint32_t role, uint32_t standing, uint64_t at)
{
    struct fora_privilege privilege = {role, standing};
    shelf_add_one(&p->shelf,
        fx_policy(&p->fx, who, p->space,
            (struct fora_policy_statement){.privileges = &privilege, .privileges_count = 1}, at));
}

static bool holds(struct priv *p, const struct fx_who *who, uint32_t role, uint64_t at)
{
    struct policy_handle *handle;
    struct kv_txn *txn = shelf_read(&p->shelf);
    struct set_info set = shelf_set(txn, p->space);
    assert_int_equal(policies_get(p->shelf.policies, txn, &set, &handle), 0);
    bool held = fora_policy_role_at(policy_of(handle), &who->id, role, at);
    /* What is earned is marked as such: it makes nobody known to the organisation (STD-7). */
    assert_true(!held || who == p->node || who == p->carl ||
                !fora_policy_appointed_at(policy_of(handle), &who->id, at));
    policies_release(p->shelf.policies, handle);
    kv_abort(txn);
    return held;
}

static uint32_t said_of(struct priv *p, uint32_t role)
{
    struct policy_handle *handle;
    uint32_t standing;
    struct kv_txn *txn = shelf_read(&p->shelf);
    struct set_info set = shelf_set(txn, p->space);
    assert_int_equal(policies_get(p->shelf.policies, txn, &set, &handle), 0);
    (void)fora_policy_privilege(policy_of(handle), role, &standing);
    policies_release(p->shelf.policies, handle);
    kv_abort(txn);
    return standing;
}

static void STD_14_a_standing_earns_a_role_and_changes_no_standing(void **state)
{
    struct priv p;
    (void)state;
    priv_init(&p, true);
    say_privilege(&p, p.node, FORA_ROLE_EDITOR, 22, 5000);
    say_privilege(&p, p.node, FORA_ROLE_EXPERT, 23, 5000);
    assert_int_equal(run_at(&p, 9000), 0);
    assert_int_equal(p.report.issued, 1);
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or so.", 6000));
    assert_int_equal(run_at(&p, 10000), 1);
    assert_int_equal(p.report.issued, 1);
    assert_true(holds(&p, p.ann, FORA_ROLE_EDITOR, 10001));
    assert_false(holds(&p, p.ann, FORA_ROLE_EDITOR, 10000));
    assert_false(holds(&p, p.ann, FORA_ROLE_EXPERT, 10001));
    assert_false(holds(&p, p.bob, FORA_ROLE_EDITOR, 10001));
    /* Nothing is counted anew for the node's own grant, and nothing is said twice. */
    assert_int_equal(run_at(&p, 11000), 0);
    assert_int_equal(p.report.threads, 0);
    assert_int_equal(p.report.issued, 0);
    priv_fini(&p);
}

/* The standing was stated long ago; what is new is the table. */
static void STD_14_a_table_that_changed_is_for_everybody(void **state)
{
    struct priv p;
    (void)state;
    priv_init(&p, true);
    assert_int_equal(run_at(&p, 9000), 0);
    say_privilege(&p, p.node, FORA_ROLE_TAGGER, 22, 9100);
    assert_int_equal(run_at(&p, 9200), 0);
    say_privilege(&p, p.node, FORA_ROLE_TAGGER, 21, 9300);
    say_privilege(&p, p.node, FORA_ROLE_CURATOR, 1, 9300);
    assert_int_equal(run_at(&p, 9400), 2);
    assert_true(holds(&p, p.ann, FORA_ROLE_TAGGER, 9401));
    assert_true(holds(&p, p.ann, FORA_ROLE_CURATOR, 9401));
    /* It is taken from nobody when the table asks for more. */
    say_privilege(&p, p.node, FORA_ROLE_TAGGER, 1000, 9500);
    assert_int_equal(run_at(&p, 9600), 0);
    assert_true(holds(&p, p.ann, FORA_ROLE_TAGGER, 9601));
    priv_fini(&p);
}

static void STD_14_what_was_taken_away_is_not_earned_again(void **state)
{
    struct priv p;
    (void)state;
    priv_init(&p, true);
    say_privilege(&p, p.node, FORA_ROLE_EDITOR, 10, 5000);
    assert_int_equal(run_at(&p, 9000), 1);
    shelf_add_one(&p.shelf, fx_revoke(&p.fx, p.node, p.space, p.ann, FORA_ROLE_EDITOR, 9500));
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or so.", 9600));
    assert_int_equal(run_at(&p, 10000), 0);
    assert_int_equal(p.report.issued, 1);
    assert_false(holds(&p, p.ann, FORA_ROLE_EDITOR, 10001));
    /* Nor does the banned earn anything, as long as she is. */
    say_privilege(&p, p.node, FORA_ROLE_TAGGER, 10, 10100);
    shelf_add_one(&p.shelf, fx_grant(&p.fx, p.node, p.space, p.ann, FORA_ROLE_BANNED, 0, 0, 10100));
    assert_int_equal(run_at(&p, 11000), 0);
    assert_false(holds(&p, p.ann, FORA_ROLE_TAGGER, 11001));
    priv_fini(&p);
}

/* The owner gave it until a time: no grant of rank 1 brings it back (POL-6), and none is made. */
static void STD_14_what_the_owner_let_end_is_not_granted_for_nothing(void **state)
{
    struct priv p;
    (void)state;
    priv_init(&p, true);
    say_privilege(&p, p.node, FORA_ROLE_EDITOR, 10, 5000);
    shelf_add_one(
        &p.shelf, fx_grant(&p.fx, p.node, p.space, p.ann, FORA_ROLE_EDITOR, 5000, 8000, 5000));
    assert_int_equal(run_at(&p, 9000), 0);
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or so.", 8500));
    assert_int_equal(run_at(&p, 10000), 0);
    assert_int_equal(p.report.issued, 1);
    assert_false(holds(&p, p.ann, FORA_ROLE_EDITOR, 10001));
    priv_fini(&p);
}

static void STD_14_who_neither_owns_nor_administers_grants_nothing(void **state)
{
    struct priv p;
    (void)state;
    priv_init(&p, false);
    p.self.privileges.editor_at = 5;
    say_privilege(&p, p.carl, FORA_ROLE_TAGGER, 10, 5000);
    assert_int_equal(run_at(&p, 9000), 0);
    assert_int_equal(p.report.issued, 1); /* it is a host */
    assert_int_equal(said_of(&p, FORA_ROLE_EDITOR), 0);
    shelf_add_one(&p.shelf, fx_grant(&p.fx, p.carl, p.space, p.node, FORA_ROLE_ADMIN, 0, 0, 9500));
    assert_int_equal(run_at(&p, 10000), 2);
    assert_true(holds(&p, p.ann, FORA_ROLE_TAGGER, 10001));
    assert_true(holds(&p, p.ann, FORA_ROLE_EDITOR, 10001));
    priv_fini(&p);
}

/* What forad.conf says is put into the policy where that says nothing, for all to see. */
static void POL_11_settings_are_stated_where_the_policy_is_silent(void **state)
{
    struct priv p;
    (void)state;
    priv_init(&p, true);
    say_privilege(&p, p.node, FORA_ROLE_EXPERT, 0, 5000); /* nobody earns it, it says */
    p.self.privileges = (struct standing_privileges){.editor_at = 21, .expert_at = 21};
    assert_int_equal(run_at(&p, 9000), 1);
    assert_int_equal(said_of(&p, FORA_ROLE_EDITOR), 21);
    assert_int_equal(said_of(&p, FORA_ROLE_EXPERT), 0);
    assert_true(holds(&p, p.ann, FORA_ROLE_EDITOR, 9001));
    assert_false(holds(&p, p.ann, FORA_ROLE_EXPERT, 9001));
    p.self.privileges.editor_at = 5; /* the policy has spoken */
    assert_int_equal(run_at(&p, 9500), 0);
    assert_int_equal(said_of(&p, FORA_ROLE_EDITOR), 21);
    priv_fini(&p);
}

static uint64_t issued_at(struct priv *p, uint64_t now)
{
    uint64_t issued = 0;
    do {
        assert_int_equal(standing_step(p->shelf.committer, &p->self, now, 64, true,
                             &p->shelf.result, &p->report),
            0);
        issued += p->report.issued;
    } while (p->report.more);
    return issued;
}

/* Fifty answers are all that count by themselves (STD-9): with the fifty-first only a fact grows.
 */
static void STD_16_facts_alone_wait_for_a_day(void **state)
{
    const uint64_t day = UINT64_C(86400000), at = 100 * day;
    struct priv p;
    (void)state;
    priv_init(&p, true);
    for (unsigned i = 0; i < 49; i++) {
        shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or so.", 5000 + i));
    }
    assert_int_equal(issued_at(&p, at), 1);
    const struct fora_object *last = fx_answer(&p.fx, p.ann, p.thread, "Or else.", 6000);
    shelf_add_one(&p.shelf, last);
    assert_int_equal(issued_at(&p, at + 1000), 0);
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or not.", 6001));
    assert_int_equal(issued_at(&p, at + day - 1), 0);
    assert_int_equal(issued_at(&p, at + day), 1); /* both at once */
    assert_int_equal(issued_at(&p, at + day + 1), 0);
    /* A fact that became less is no longer true: that does not wait, nor does the standing. */
    shelf_add_one(&p.shelf, fx_retract(&p.fx, p.ann, last, 7000));
    assert_int_equal(issued_at(&p, at + day + 1000), 1);
    const struct fora_object *more = fx_answer(&p.fx, p.ann, p.thread, "At last.", 7300);
    shelf_add_one(&p.shelf, more);
    assert_int_equal(issued_at(&p, at + day + 3000), 0);
    shelf_add_one(&p.shelf, fx_resolve(&p.fx, p.node, more, FORA_RESOLUTION_STAFF_CONFIRMED, 7400));
    assert_int_equal(issued_at(&p, at + day + 4000), 1);
    /* What waited was stated with it: the day after there is nothing to say. */
    assert_int_equal(issued_at(&p, at + 3 * day), 0);
    priv_fini(&p);
}

static void STD_15_beyond_the_first_statements_one_a_day(void **state)
{
    const uint64_t day = UINT64_C(86400000), later = 100 * day;
    struct priv p;
    (void)state;
    priv_init(&p, true);
    say_privilege(&p, p.node, FORA_ROLE_TAGGER, 10, 5000);
    say_privilege(&p, p.node, FORA_ROLE_EDITOR, 22, 5000);
    say_privilege(&p, p.node, FORA_ROLE_CURATOR, 23, 5000);
    for (unsigned i = 0; i < 64; i++) {
        shelf_add_one(
            &p.shelf, fx_grant(&p.fx, p.node, p.space, p.bob, FORA_ROLE_MEMBER, 0, 0, 6000 + i));
    }
    assert_int_equal(run_at(&p, later), 1); /* the first of them waits for nothing */
    assert_true(holds(&p, p.ann, FORA_ROLE_TAGGER, later + 1));
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or so.", 7000));
    assert_int_equal(run_at(&p, later + 1000), 0);
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or else.", 7100));
    assert_int_equal(run_at(&p, later + day - 1), 0);
    assert_false(holds(&p, p.ann, FORA_ROLE_EDITOR, later + day));
    assert_int_equal(run_at(&p, later + day), 2);
    assert_true(holds(&p, p.ann, FORA_ROLE_EDITOR, later + day + 1));
    assert_true(holds(&p, p.ann, FORA_ROLE_CURATOR, later + day + 1));
    priv_fini(&p);
}

/* The last statement was made by a clock that was a year ahead. */
static void STD_15_a_clock_that_was_ahead_holds_up_no_grant(void **state)
{
    const uint64_t day = UINT64_C(86400000), later = 100 * day;
    struct priv p;
    (void)state;
    priv_init(&p, true);
    say_privilege(&p, p.node, FORA_ROLE_TAGGER, 10, 5000);
    say_privilege(&p, p.node, FORA_ROLE_EDITOR, 22, 5000);
    for (unsigned i = 0; i < 64; i++) {
        shelf_add_one(
            &p.shelf, fx_grant(&p.fx, p.node, p.space, p.bob, FORA_ROLE_MEMBER, 0, 0, 6000 + i));
    }
    assert_int_equal(run_at(&p, later + 365 * day), 1);
    shelf_add_one(&p.shelf, fx_answer(&p.fx, p.ann, p.thread, "Or so.", 7000));
    assert_int_equal(run_at(&p, later), 1);
    priv_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(STD_14_a_standing_earns_a_role_and_changes_no_standing),
        cmocka_unit_test(STD_14_a_table_that_changed_is_for_everybody),
        cmocka_unit_test(STD_14_what_was_taken_away_is_not_earned_again),
        cmocka_unit_test(STD_14_what_the_owner_let_end_is_not_granted_for_nothing),
        cmocka_unit_test(STD_14_who_neither_owns_nor_administers_grants_nothing),
        cmocka_unit_test(POL_11_settings_are_stated_where_the_policy_is_silent),
        cmocka_unit_test(STD_15_beyond_the_first_statements_one_a_day),
        cmocka_unit_test(STD_15_a_clock_that_was_ahead_holds_up_no_grant),
        cmocka_unit_test(STD_16_facts_alone_wait_for_a_day),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
