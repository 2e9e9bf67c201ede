/* Trees of receipts, and what stands where a date is disputed (spec/03a-receipts.md). */
#include "alloc_fail.h"
#include "fixture.h"
#include "fora/receipt.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

enum { STOLEN = 5000, SAID = 9000 };

struct scene {
    struct fx fx;
    struct fx_who *ann, *bob, *home, *host, *stranger;
    const struct fora_object *space;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct fora_object objects[32];
    size_t count;
};

static int setup(void **state)
{
    static struct scene s;
    const struct fora_object *statements[2];

    memset(&s, 0, sizeof(s));
    fx_init(&s.fx);
    fora_arena_init(&s.arena, 0);
    s.ann = fx_member(&s.fx, 1, 1000);
    s.bob = fx_member(&s.fx, 2, 1000);
    s.home = fx_node(&s.fx, 3, 1000);
    s.host = fx_node(&s.fx, 4, 1000);
    s.stranger = fx_node(&s.fx, 5, 1000);
    s.space = fx_space(&s.fx, s.host, FORA_SPACE_QUESTIONS, "beer", 1000);
    statements[0] = s.space;
    s.policy = fx_policy_of(statements, 1);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fora_arena_fini(&s->arena);
    fx_fini(&s->fx);
    return 0;
}

static void move_home(struct scene *s, struct fx_who *who, const struct fx_who *node, uint64_t at)
{
    struct fora_home_change change = {.home = node->id};

    fx_next_entry(&s->fx, who, (struct fora_identity_entry){.home = &change}, who->root, at);
}

static void revoke(struct scene *s, struct fx_who *who, uint64_t compromised_at)
{
    struct fora_key_revocation revocation = {.compromised_at = compromised_at};

    fora_secret_public(who->device, &revocation.sign);
    fx_next_entry(
        &s->fx, who, (struct fora_identity_entry){.revoke_key = &revocation}, who->root, SAID);
}

static const struct fora_object *keep(struct scene *s, const struct fora_object *object)
{
    assert_true(s->count < 32);
    s->objects[s->count++] = *object;
    return object;
}

/* A receipt of `node` about `object`, among `others` further ids. */
static void receipt_in(struct scene *s, const struct fx_who *node, struct fora_space_id space,
    struct fora_object_id root, const struct fora_object *object, uint64_t accepted_at,
    size_t others)
{
    struct fora_object_id ids[64] = {object->id};
    struct fora_content content = {.kind = FORA_KIND_RECEIPT};
    struct fora_receipt_proof proof;
    size_t count = others + 1;

    for (size_t i = 1; i < count; i++)
        memset(ids[i].b, (int)(i * 37), FORA_ID_SIZE);
    assert_int_equal(fora_receipt_tree(&content.u.receipt.objects_root, ids, &count), 0);
    assert_int_equal(fora_receipt_prove(&proof, &s->arena, ids, count, &object->id), 0);
    content.u.receipt.accepted_at = accepted_at;
    content.u.receipt.leaves = (uint32_t)count;
    content.u.receipt.proofs = &proof;
    content.u.receipt.proofs_count = 1;
    keep(s, fx_object(&s->fx, node, (struct fora_header){.space = space, .root = root}, content,
                accepted_at));
}

static void receipt(struct scene *s, const struct fx_who *node, const struct fora_object *thread,
    const struct fora_object *object, uint64_t accepted_at, size_t others)
{
    receipt_in(s, node, fora_object_space(thread), thread->id, object, accepted_at, others);
}

/* The same about a policy statement: without a root. */
static void receipt_of(struct scene *s, const struct fx_who *node,
    const struct fora_object *statement, uint64_t accepted_at)
{
    receipt_in(s, node, fora_object_space(statement), (struct fora_object_id){{0}}, statement,
        accepted_at, 5);
}

static int find(void *context, const struct fora_principal_id *id, const struct fora_identity **out)
{
    struct scene *s = context;
    struct fx_who *who = fx_find(&s->fx, id);

    *out = who == NULL ? NULL : who->log;
    return 0;
}

/* How many fall. */
static size_t apply(struct scene *s)
{
    const struct fora_receipt_source source = {s, find, find};
    size_t fallen;

    for (size_t i = 0; i < s->count; i++)
        s->objects[i].has_content = true;
    assert_int_equal(fora_receipts_apply(&source, s->policy, s->objects, s->count, &fallen), 0);
    return fallen;
}

static void every_proof_of_every_tree_comes_out_RCP_2(void **state)
{
    struct scene *s = *state;
    struct fora_object_id ids[40];
    struct fora_hash root, longer[FORA_MERKLE_PATH_MAX + 1];
    size_t looked = 0;

    for (size_t n = 1; n <= 40; n++) {
        for (size_t i = 0; i < n; i++)
            memset(ids[i].b, (int)(251 - 5 * i), FORA_ID_SIZE);
        size_t count = n;
        assert_int_equal(fora_receipt_tree(&root, ids, &count), 0);
        assert_int_equal(count, n);
        for (size_t i = 0; i < n; i++) {
            struct fora_receipt_proof proof;
            struct fora_receipt r = {
                .objects_root = root, .leaves = (uint32_t)n, .proofs = &proof, .proofs_count = 1};

            assert_int_equal(fora_receipt_prove(&proof, &s->arena, ids, n, &ids[i]), 0);
            assert_true(fora_receipt_proves(&r, &ids[i]));
            assert_false(n > 1 && fora_receipt_proves(&r, &ids[(i + 1) % n]));
            proof.index ^= 1;
            assert_false(n > 1 && fora_receipt_proves(&r, &ids[i]));
            proof.index ^= 1;
            if (proof.path_count > 0) {
                proof.path_count--;
                assert_false(fora_receipt_proves(&r, &ids[i]));
                proof.path_count++;
                proof.path[0].b[0] ^= 1;
                assert_false(fora_receipt_proves(&r, &ids[i]));
                proof.path[0].b[0] ^= 1;
            }
            /* Nor with a hash that is left over, or at a place beyond the last. */
            for (size_t j = 0; j < proof.path_count; j++)
                longer[j] = proof.path[j];
            longer[proof.path_count] = root;
            proof = (struct fora_receipt_proof){.object = proof.object,
                .index = proof.index,
                .path = longer,
                .path_count = proof.path_count + 1};
            assert_false(fora_receipt_proves(&r, &ids[i]));
            proof.path_count--;
            assert_true(fora_receipt_proves(&r, &ids[i]));
            proof.index += (uint32_t)n;
            assert_false(fora_receipt_proves(&r, &ids[i]));
            proof.index -= (uint32_t)n;
            r.erased.b[0] = 1;
            assert_false(fora_receipt_proves(&r, &ids[i]));
            looked++;
        }
    }
    print_message("%zu proofs\n", looked);
    assert_int_equal(looked, 820);
}

static void doubles_are_one_leaf_and_strangers_none_RCP_2(void **state)
{
    struct scene *s = *state;
    struct fora_object_id ids[] = {{{2}}, {{1}}, {{2}}}, other = {{3}};
    struct fora_receipt_proof proof;
    struct fora_hash root;
    size_t count = 3;

    assert_int_equal(fora_receipt_tree(&root, ids, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(fora_receipt_prove(&proof, &s->arena, ids, count, &other), FORA_E_NOTFOUND);
    count = 0;
    assert_int_equal(fora_receipt_tree(&root, ids, &count), 0);
    assert_int_equal(fora_receipt_prove(&proof, &s->arena, ids, 0, &other), FORA_E_NOTFOUND);
}

static void without_a_dispute_nobody_asks_RCP_3(void **state)
{
    struct scene *s = *state;
    const struct fora_object *thread =
        keep(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 2000));

    keep(s, fx_answer(&s->fx, s->bob, thread, "Because.", 3000));
    assert_int_equal(apply(s), 0);
    revoke(s, s->ann, 0); /* retired, not stolen */
    assert_int_equal(apply(s), 0);
}

static void a_stolen_key_cannot_write_into_the_past_RCP_4(void **state)
{
    struct scene *s = *state;
    const struct fora_object *thread =
        keep(s, fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_QUESTION, "Why?", 1500));
    const struct fora_object *honest = keep(s, fx_answer(&s->fx, s->ann, thread, "Mine.", 2000));
    const struct fora_object *forged = keep(s, fx_answer(&s->fx, s->ann, thread, "Hers.", 2100));

    move_home(s, s->ann, s->home, 1100);
    receipt(s, s->home, thread, honest, 2001, 12);
    receipt(s, s->host, thread, forged, STOLEN, 12); /* not before */
    assert_int_equal(apply(s), 0);
    revoke(s, s->ann, STOLEN);
    assert_int_equal(apply(s), 1);
    assert_true(s->objects[0].has_content);
    assert_true(s->objects[1].has_content);
    assert_false(s->objects[2].has_content);
    /* One millisecond earlier, and it was there before. */
    receipt(s, s->host, thread, forged, STOLEN - 1, 0);
    assert_int_equal(apply(s), 0);
}

static void who_is_a_witness_RCP_4(void **state)
{
    struct scene *s = *state;
    const struct fora_object *thread =
        keep(s, fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_QUESTION, "Why?", 1500));
    const struct fora_object *answer = keep(s, fx_answer(&s->fx, s->ann, thread, "Mine.", 2000));

    revoke(s, s->ann, STOLEN);
    receipt(s, s->stranger, thread, answer, 2001, 3);
    receipt(s, s->bob, thread, answer, 2001, 3); /* a member */
    receipt(s, s->ann, thread, answer, 2001, 3);
    receipt(s, s->home, thread, answer, 2001, 3); /* not yet her home */
    assert_int_equal(apply(s), 1);
    move_home(s, s->ann, s->home, SAID + 1);
    assert_int_equal(apply(s), 0);
    move_home(s, s->ann, s->host, SAID + 2); /* a home that was */
    assert_int_equal(apply(s), 0);
    revoke(s, s->home, 1); /* a witness whose own key is disputed */
    assert_int_equal(apply(s), 1);
    receipt(s, s->host, thread, answer, 2001, 3);
    assert_int_equal(apply(s), 0);
}

/* A home that is no node, and an owner of the space that is none: nobody is a witness by these. */
static void members_are_no_witnesses_RCP_4(void **state)
{
    struct scene *s = *state;
    const struct fora_object *space = fx_space(&s->fx, s->bob, FORA_SPACE_QUESTIONS, "wine", 1000),
                             *statements[] = {space};
    const struct fora_object *thread =
        keep(s, fx_thread(&s->fx, s->bob, space, FORA_THREAD_QUESTION, "Why?", 1500));
    const struct fora_object *answer = keep(s, fx_answer(&s->fx, s->ann, thread, "Mine.", 2000));

    fora_policy_free(s->policy);
    s->policy = fx_policy_of(statements, 1);
    move_home(s, s->ann, s->bob, 1100);
    revoke(s, s->ann, STOLEN);
    receipt(s, s->bob, thread, answer, 2001, 3);
    assert_int_equal(apply(s), 1);
    move_home(s, s->ann, s->home, SAID + 1);
    receipt(s, s->home, thread, answer, 2001, 3);
    assert_int_equal(apply(s), 0);
}

static void who_kept_the_key_is_no_witness_for_it_RCP_4(void **state)
{
    struct scene *s = *state;
    struct fora_identity *log;
    struct fora_identity_key key = {.custodial = true, .disputed = true, .revoked_at = STOLEN};

    move_home(s, s->ann, s->home, 1100);
    log = s->ann->log;
    assert_false(fora_receipt_may_witness(s->policy, log, &key, &s->home->id));
    assert_true(fora_receipt_may_witness(s->policy, log, &key, &s->host->id));
    assert_false(fora_receipt_may_witness(s->policy, log, &key, &s->stranger->id));
    key.custodial = false;
    assert_true(fora_receipt_may_witness(s->policy, log, &key, &s->home->id));
    /* Home and host in one: still who kept the key. */
    move_home(s, s->ann, s->host, 1200);
    key.custodial = true;
    assert_false(fora_receipt_may_witness(s->policy, log, &key, &s->host->id));
}

static void every_order_gives_the_same_RCP_6(void **state)
{
    struct scene *s = *state;
    struct fora_object first[32];
    uint64_t dice = 17;
    const struct fora_object *thread =
        keep(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 1500));

    for (unsigned i = 0; i < 10; i++) {
        const struct fora_object *answer =
            keep(s, fx_answer(&s->fx, s->ann, thread, "Mine.", 2000 + i));
        if (i % 3 == 0)
            receipt(s, i % 2 == 0 ? s->host : s->stranger, thread, answer, 2001, i);
    }
    revoke(s, s->ann, STOLEN);
    assert_int_equal(apply(s), 9); /* of 11: the first and the seventh answer stand */
    memcpy(first, s->objects, sizeof(first));
    for (unsigned round = 0; round < 50; round++) {
        for (size_t i = s->count; i > 1; i--) {
            size_t j = fx_random(&dice, (uint32_t)i);
            struct fora_object swap = s->objects[i - 1];
            s->objects[i - 1] = s->objects[j];
            s->objects[j] = swap;
        }
        assert_int_equal(apply(s), 9);
        for (size_t i = 0; i < s->count; i++) {
            for (size_t j = 0; j < s->count; j++) {
                if (memcmp(s->objects[i].id.b, first[j].id.b, FORA_ID_SIZE) == 0)
                    assert_int_equal(s->objects[i].has_content, first[j].has_content);
            }
        }
    }
}

/* ---- policies ---- */

enum { LATER = 20000 };

static const struct fora_object *state_it(struct scene *s, const struct fora_object *statement)
{
    assert_int_equal(fora_policy_add(s->policy, statement), 0);
    return statement;
}

static size_t judge(struct scene *s)
{
    const struct fora_receipt_source source = {s, find, find};
    size_t fallen;

    assert_int_equal(
        fora_receipts_apply_policy(&source, s->policy, s->objects, s->count, &fallen), 0);
    return fallen;
}

static bool is_staff(const struct scene *s, const struct fx_who *who)
{
    return fora_policy_role_at(s->policy, &who->id, FORA_ROLE_STAFF, LATER);
}

static void a_stolen_key_states_nothing_in_the_past_RCP_9(void **state)
{
    struct scene *s = *state;
    struct fx_who *mallory = fx_member(&s->fx, 6, 1000);
    const struct fora_object *honest, *forged;

    state_it(s, fx_grant(&s->fx, s->host, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 1500));
    honest = state_it(s, fx_grant(&s->fx, s->ann, s->space, s->bob, FORA_ROLE_STAFF, 0, 0, 2000));
    forged = state_it(s, fx_grant(&s->fx, s->ann, s->space, mallory, FORA_ROLE_STAFF, 0, 0, 2100));
    receipt_of(s, s->host, honest, 2001);
    receipt_of(s, s->host, forged, STOLEN); /* not before */
    assert_int_equal(judge(s), 0);
    assert_true(is_staff(s, s->bob) && is_staff(s, mallory));
    revoke(s, s->ann, STOLEN);
    assert_int_equal(judge(s), 1);
    assert_true(is_staff(s, s->bob));
    assert_false(is_staff(s, mallory));
    /* It still names people for admission, which asks for no receipts (ADM-11). */
    state_it(s, fx_grant(&s->fx, s->ann, s->space, mallory, FORA_ROLE_ADMIN, 0, 0, 2200));
    assert_int_equal(judge(s), 2);
    assert_true(fora_policy_may_state(s->policy, &mallory->id));
    /* One millisecond earlier, and it was there before; said again, it is the same. */
    receipt_of(s, s->host, forged, STOLEN - 1);
    assert_int_equal(judge(s), 1);
    assert_true(is_staff(s, mallory));
    assert_int_equal(judge(s), 1);
    /* Only retired after all: nothing is disputed any more. */
    revoke(s, s->ann, 0);
    assert_int_equal(judge(s), 0);
}

static void a_thief_brings_no_witness_of_his_own_RCP_9(void **state)
{
    struct scene *s = *state;
    const struct fora_object *host, *other;
    const struct fora_space_id space = fora_object_space(s->space);

    state_it(s, fx_grant(&s->fx, s->host, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 1500));
    host = state_it(s, fx_host(&s->fx, s->ann, s->space, s->stranger, 2000));
    other = state_it(s, fx_grant(&s->fx, s->ann, s->space, s->bob, FORA_ROLE_STAFF, 0, 0, 2100));
    receipt_of(s, s->stranger, host, 2001);
    receipt_of(s, s->stranger, other, 2101);
    receipt_of(s, s->bob, other, 2101); /* no node */
    assert_true(fora_policy_hosted_by(s->policy, &s->stranger->id));
    revoke(s, s->ann, STOLEN);
    assert_int_equal(judge(s), 2);
    assert_false(fora_policy_hosted_by(s->policy, &s->stranger->id));
    /* A receipt of a thread, or of another space, is none of a statement. */
    receipt_in(s, s->host, space, host->id, other, 2101, 3);
    receipt_in(
        s, s->host, (struct fora_space_id){{9}}, (struct fora_object_id){{0}}, other, 2101, 3);
    assert_int_equal(judge(s), 2);
    /* Her home is a witness, as in threads; and what it lets stand makes no new witnesses. */
    move_home(s, s->ann, s->home, SAID + 1);
    receipt_of(s, s->home, host, 2001);
    assert_int_equal(judge(s), 1);
    assert_true(fora_policy_hosted_by(s->policy, &s->stranger->id));
    assert_false(is_staff(s, s->bob));
}

static void the_first_statement_does_not_fall_RCP_9(void **state)
{
    struct scene *s = *state;

    state_it(s, fx_grant(&s->fx, s->host, s->space, s->bob, FORA_ROLE_STAFF, 0, 0, 2000));
    revoke(s, s->host, STOLEN);
    assert_int_equal(judge(s), 1);
    assert_true(fora_policy_ready(s->policy));
    assert_memory_equal(fora_policy_owner(s->policy).b, s->host->id.b, FORA_ID_SIZE);
    assert_false(is_staff(s, s->bob));
}

static void statements_in_every_order_fall_alike_RCP_9(void **state)
{
    struct scene *s = *state;
    const struct fora_object *all[16];
    uint64_t dice = 23;
    size_t count = 0;

    all[count++] = fx_grant(&s->fx, s->host, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 1500);
    for (unsigned i = 0; i < 10; i++) {
        all[count] = fx_grant(&s->fx, s->ann, s->space, i % 2 == 0 ? s->bob : s->home,
            FORA_ROLE_STAFF, 0, i % 4 < 2 ? 3000 : 0, 2000 + i);
        if (i % 3 == 0)
            receipt_of(s, s->host, all[count], 2100);
        count++;
    }
    all[count++] = s->space;
    revoke(s, s->ann, STOLEN);
    for (unsigned round = 0; round < 30; round++) {
        fora_policy_free(s->policy);
        fx_shuffle(&dice, all, count);
        s->policy = fx_policy_of(all, count);
        assert_int_equal(judge(s), 6);    /* of 10: 0, 3, 6 and 9 stand */
        assert_true(is_staff(s, s->bob)); /* 6 */
        assert_true(fora_policy_role_at(s->policy, &s->home->id, FORA_ROLE_STAFF, 2500)); /* 9 */
        assert_false(is_staff(s, s->home));
    }
}

static void every_allocation_may_fail_of_a_policy(void **state)
{
    struct scene *s = *state;
    const struct fora_receipt_source source = {s, find, find};
    const struct fora_object *statement;
    size_t fallen;
    long n;

    state_it(s, fx_grant(&s->fx, s->host, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 1500));
    statement =
        state_it(s, fx_grant(&s->fx, s->ann, s->space, s->bob, FORA_ROLE_STAFF, 0, 0, 2000));
    receipt_of(s, s->host, statement, 2001);
    revoke(s, s->ann, STOLEN);
    for (n = 0;; n++) {
        alloc_fail_at(n);
        int error = fora_receipts_apply_policy(&source, s->policy, s->objects, s->count, &fallen);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
    }
    assert_true(n > 0);
    assert_int_equal(fallen, 0);
    assert_true(is_staff(s, s->bob));
}

static void every_allocation_may_fail(void **state)
{
    struct scene *s = *state;
    const struct fora_receipt_source source = {s, find, find};
    const struct fora_object *thread =
        keep(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 1500));
    size_t fallen;
    long n;

    receipt(s, s->host, thread, thread, 1600, 9);
    revoke(s, s->ann, STOLEN);
    for (n = 0;; n++) {
        alloc_fail_at(n);
        int error = fora_receipts_apply(&source, s->policy, s->objects, s->count, &fallen);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
    }
    assert_true(n > 0);
    assert_int_equal(fallen, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_proof_of_every_tree_comes_out_RCP_2, setup, teardown),
        cmocka_unit_test_setup_teardown(
            doubles_are_one_leaf_and_strangers_none_RCP_2, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_dispute_nobody_asks_RCP_3, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_stolen_key_cannot_write_into_the_past_RCP_4, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_a_witness_RCP_4, setup, teardown),
        cmocka_unit_test_setup_teardown(members_are_no_witnesses_RCP_4, setup, teardown),
        cmocka_unit_test_setup_teardown(
            who_kept_the_key_is_no_witness_for_it_RCP_4, setup, teardown),
        cmocka_unit_test_setup_teardown(every_order_gives_the_same_RCP_6, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_stolen_key_states_nothing_in_the_past_RCP_9, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_thief_brings_no_witness_of_his_own_RCP_9, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_statement_does_not_fall_RCP_9, setup, teardown),
        cmocka_unit_test_setup_teardown(
            statements_in_every_order_fall_alike_RCP_9, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail_of_a_policy, setup, teardown),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
