/* Receipts given by a node, and what stands by them (spec/03a-receipts.md). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/receipts.h"
#include "core/rows.h"
#include "fora/receipt.h"
#include "reputation/explain.h"
#include "requests_rig.h"

#include <string.h>

enum { HOUR = 3600000 };

struct scene {
    struct rig rig;
    struct fx_who *ann;
    const struct fora_object *space, *thread, *honest, *forged;
    uint64_t stolen; /* when */
};

static struct scene scene;

static const struct fora_object *revoke(struct scene *s, uint64_t compromised_at)
{
    struct fora_key_revocation revocation = {.compromised_at = compromised_at};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    struct fora_buf bytes = {0};
    fora_secret_public(s->ann->device, &revocation.sign);
    memset(entry.salt.b, 9, sizeof entry.salt.b);
    assert_int_equal(
        fora_identity_build_next(&bytes, s->ann->log, &entry, s->rig.now, s->ann->root), 0);
    const struct fora_object *made = fx_decode(&s->rig.fx, fora_buf_bytes(&bytes));
    assert_int_equal(fora_identity_add(s->ann->log, made), 0);
    fora_buf_fini(&bytes);
    return made;
}

/* Ann answers, an hour later her key is stolen, and the thief answers with a date from before. */
static int setup(void **state)
{
    struct scene *s = &scene;
    struct rig *rig = &s->rig;
    memset(s, 0, sizeof *s);
    rig_start(rig, store_rig_mem());
    s->ann = fx_member(&rig->fx, 41, rig->now);
    assert_int_equal(rig_store(rig, s->ann->create), 0);
    s->space = rig_space(rig);
    s->thread = rig_question(rig, s->space);
    s->honest = fx_answer(&rig->fx, s->ann, s->thread, "Warm it.", rig->now);
    s->forged = fx_answer(&rig->fx, s->ann, s->thread, "Buy mine.", rig->now + 1);
    assert_int_equal(rig_store(rig, s->honest), 0);
    s->stolen = rig->now + HOUR;
    rig->now += 2 * HOUR;
    assert_int_equal(rig_store(rig, s->forged), 0);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    rig_stop(&s->rig);
    return 0;
}

/* Until there is nothing to do; how many receipts were put. */
static size_t steps(struct rig *rig, size_t max)
{
    struct commit_result result;
    bool more = true;
    size_t stored = 0;
    for (unsigned i = 0; more; i++) {
        assert_true(i < 1000);
        assert_int_equal(receipts_step(&rig->env, rig->now, max, &result, &more), 0);
        stored += result.stored;
    }
    return stored;
}

/* Does the post show its text? And the view's digest. */
static bool shows(struct rig *rig, const struct fora_object *space,
    const struct fora_object *thread, const struct fora_object *post, struct fora_hash *digest)
{
    struct kv_txn *txn;
    struct set_info set;
    struct policy_handle *policy;
    struct fora_view_thread view;
    struct fora_arena arena;
    struct fora_buf encoded = {0};
    struct fora_space_id id = fora_object_space(space);
    bool found = false;
    fora_arena_init(&arena, 0);
    assert_int_equal(kv_begin_read(rig->env.kv, &txn), 0);
    assert_true(sets_find(txn, &id, FORA_AUDIENCE_PUBLIC, &set));
    assert_int_equal(policies_get(rig->env.policies, txn, &set, &policy), 0);
    assert_int_equal(
        rows_fold(txn, &arena, policy_of(policy), objects_find(txn, thread->id.b), &view), 0);
    for (size_t i = 0; i < view.posts_count; i++) {
        found = found || (memcmp(view.posts[i].id.b, post->id.b, FORA_ID_SIZE) == 0 &&
                             view.posts[i].text.size > 0);
    }
    assert_int_equal(fora_view_thread_encode(&encoded, &view), 0);
    fora_view_digest(digest, fora_buf_bytes(&encoded));
    fora_buf_fini(&encoded);
    policies_release(rig->env.policies, policy);
    kv_abort(txn);
    fora_arena_fini(&arena);
    return found;
}

static void a_thief_cannot_write_into_the_past_RCP_7(void **state)
{
    struct scene *s = *state;
    struct fora_hash digest;
    assert_int_equal(steps(&s->rig, 512), 0);
    assert_true(shows(&s->rig, s->space, s->thread, s->forged, &digest));
    assert_int_equal(rig_store(&s->rig, revoke(s, s->stolen)), 0);
    /* Until the node has spoken neither stands; then what it accepted before the theft. */
    assert_false(shows(&s->rig, s->space, s->thread, s->honest, &digest));
    assert_int_equal(steps(&s->rig, 512), 1);
    assert_true(shows(&s->rig, s->space, s->thread, s->honest, &digest));
    assert_false(shows(&s->rig, s->space, s->thread, s->forged, &digest));
    /* Both are still in the set (RCP-5), and saying it again adds nothing. */
    assert_true(rig_holds(&s->rig, &s->forged->id));
    assert_int_equal(steps(&s->rig, 512), 0);
}

static void small_steps_find_the_same_RCP_7(void **state)
{
    struct scene *s = *state;
    struct fora_hash digest;
    assert_int_equal(rig_store(&s->rig, revoke(s, s->stolen)), 0);
    assert_int_equal(steps(&s->rig, 1), 1);
    assert_true(shows(&s->rig, s->space, s->thread, s->honest, &digest));
    assert_false(shows(&s->rig, s->space, s->thread, s->forged, &digest));
}

static void taken_back_everything_stands_RCP_3(void **state)
{
    struct scene *s = *state;
    struct fora_hash digest;
    assert_int_equal(rig_store(&s->rig, revoke(s, s->stolen)), 0);
    (void)steps(&s->rig, 512);
    s->rig.now += HOUR;
    assert_int_equal(rig_store(&s->rig, revoke(s, 0)), 0);
    assert_int_equal(steps(&s->rig, 512), 0);
    assert_true(shows(&s->rig, s->space, s->thread, s->forged, &digest));
}

struct copied {
    struct fora_object objects[64];
    uint8_t bytes[64][2048];
    size_t count;
};

static int copy(void *context, const struct stored *stored)
{
    struct copied *out = context;
    struct fora_bytes from = stored->object.encoded;
    assert_true(out->count < 64 && from.size <= sizeof out->bytes[0]);
    memcpy(out->bytes[out->count], from.data, from.size);
    assert_int_equal(fora_object_decode(
                         &out->objects[out->count], fora_bytes(out->bytes[out->count], from.size)),
        0);
    out->count++;
    return 0;
}

/* Everything that the first node holds, given to another in an order of its own. */
static void another_node_shows_the_same_RCP_6(void **state)
{
    struct scene *s = *state;
    static struct copied all;
    struct fora_hash first, second;
    struct kv_txn *txn;
    uint64_t dice = 5;
    all.count = 0;
    assert_int_equal(rig_store(&s->rig, revoke(s, s->stolen)), 0);
    assert_int_equal(steps(&s->rig, 512), 1);
    (void)shows(&s->rig, s->space, s->thread, s->honest, &first);
    assert_int_equal(kv_begin_read(s->rig.env.kv, &txn), 0);
    assert_int_equal(objects_each(txn, 0, copy, &all), 0);
    kv_abort(txn);
    for (unsigned round = 0; round < 8; round++) {
        static struct rig other;
        bool again = true;
        rig_start(&other, store_rig_mem());
        other.now = s->rig.now;
        struct commit_item founder = {.object = *s->space, .source = COMMIT_LOCAL};
        for (unsigned pass = 0; again; pass++) {
            assert_true(pass < 20);
            again = false;
            for (size_t i = all.count; i > 1; i--) {
                size_t j = fx_random(&dice, (uint32_t)i);
                struct fora_object swap = all.objects[i - 1];
                all.objects[i - 1] = all.objects[j];
                all.objects[j] = swap;
            }
            struct commit_batch batch = {.items = &founder, .count = 1, .now = other.now};
            assert_int_equal(commit_run(other.env.committer, &batch, &other.result), 0);
            for (size_t i = 0; i < all.count; i++) {
                again = rig_store(&other, &all.objects[i]) != 0 || again;
            }
        }
        assert_true(shows(&other, s->space, s->thread, s->honest, &second));
        assert_memory_equal(first.b, second.b, sizeof first.b);
        rig_stop(&other);
    }
}

static void who_asks_gets_receipts_RCP_8(void **state)
{
    struct scene *s = *state;
    struct asker asker = rig_guest(&s->rig);
    struct fora_object_id ids[] = {s->honest->id, s->forged->id, {{1}}, s->ann->create->id};
    struct fora_message ask = {.request = 7, .type = FORA_MSG_GET_RECEIPTS};
    struct fora_arena arena;
    size_t proven = 0;
    ask.u.get_receipts = (struct fora_msg_get_receipts){.ids = ids, .ids_count = 4};
    assert_int_equal(rig_ask(&s->rig, &asker, &ask), 0);
    const struct fora_msg_objects *got = &s->rig.answer.u.objects;
    assert_int_equal(got->objects_count, 2); /* two hours apart: two trees */
    assert_int_equal(got->missing_count, 2);
    fora_arena_init(&arena, 0);
    for (size_t i = 0; i < got->objects_count; i++) {
        struct fora_object receipt;
        struct fora_content content;
        assert_int_equal(fora_object_decode(&receipt, got->objects[i]), 0);
        assert_int_equal(fora_object_verify(&receipt), 0);
        assert_memory_equal(receipt.header.author.b, s->rig.env.self.b, FORA_ID_SIZE);
        assert_memory_equal(receipt.header.root.b, s->thread->id.b, FORA_ID_SIZE);
        assert_int_equal(
            fora_content_decode(&arena, FORA_KIND_RECEIPT, receipt.content_bytes, &content), 0);
        for (size_t j = 0; j < 2; j++) {
            bool says = fora_receipt_proves(&content.u.receipt, &ids[j]);
            proven += says;
            if (says) {
                assert_int_equal(
                    content.u.receipt.accepted_at, s->rig.now - (j == 0 ? 2 * HOUR : 0) + 1000);
            }
        }
    }
    assert_int_equal(proven, 2);
    fora_arena_fini(&arena);
}

/* ---- policies ---- */

static bool is_staff(struct rig *rig, const struct fora_object *space, const struct fx_who *who)
{
    struct kv_txn *txn;
    struct set_info set;
    struct policy_handle *policy;
    struct fora_space_id id = fora_object_space(space);
    assert_int_equal(kv_begin_read(rig->env.kv, &txn), 0);
    assert_true(sets_find(txn, &id, FORA_AUDIENCE_PUBLIC, &set));
    assert_int_equal(policies_get(rig->env.policies, txn, &set, &policy), 0);
    bool held = fora_policy_role_at(policy_of(policy), &who->id, FORA_ROLE_STAFF, rig->now + HOUR);
    policies_release(rig->env.policies, policy);
    kv_abort(txn);
    return held;
}

/* The node makes Ann an admin, who hires Bob; two hours later a thief hires Mallory, in the past.
 * Whoever has asked for the policy before has it in the cache. */
struct hired {
    struct fx_who *bob, *mallory;
    const struct fora_object *admin, *honest, *forged;
};

static struct hired hire(struct scene *s)
{
    struct rig *rig = &s->rig;
    uint64_t then = rig->now - 2 * HOUR;
    struct hired h = {
        .bob = fx_member(&rig->fx, 42, then), .mallory = fx_member(&rig->fx, 43, then)};
    rig->now = then;
    h.admin = fx_grant(&rig->fx, rig->node, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, then);
    h.honest = fx_grant(&rig->fx, s->ann, s->space, h.bob, FORA_ROLE_STAFF, 0, 0, then + 2);
    h.forged = fx_grant(&rig->fx, s->ann, s->space, h.mallory, FORA_ROLE_STAFF, 0, 0, then + 3);
    assert_int_equal(rig_store(rig, h.bob->create), 0);
    assert_int_equal(rig_store(rig, h.mallory->create), 0);
    assert_int_equal(rig_store(rig, h.admin), 0);
    assert_int_equal(rig_store(rig, h.honest), 0);
    rig->now = then + 2 * HOUR;
    assert_int_equal(rig_store(rig, h.forged), 0);
    assert_true(is_staff(rig, s->space, h.bob));
    assert_true(is_staff(rig, s->space, h.mallory));
    return h;
}

static void a_thief_states_nothing_in_the_past_RCP_9(void **state)
{
    struct scene *s = *state;
    struct hired h = hire(s);
    assert_int_equal(rig_store(&s->rig, revoke(s, s->stolen)), 0);
    assert_int_equal(steps(&s->rig, 512), 2); /* of the thread, and of the policy */
    assert_true(is_staff(&s->rig, s->space, h.bob));
    assert_false(is_staff(&s->rig, s->space, h.mallory));
    assert_true(rig_holds(&s->rig, &h.forged->id));
    assert_int_equal(steps(&s->rig, 512), 0);
    /* Only retired after all. */
    s->rig.now += HOUR;
    assert_int_equal(rig_store(&s->rig, revoke(s, 0)), 0);
    (void)steps(&s->rig, 1);
    assert_true(is_staff(&s->rig, s->space, h.mallory));
}

static void receipts_of_statements_are_of_the_space_RCP_8(void **state)
{
    struct scene *s = *state;
    struct hired h = hire(s);
    struct asker asker = rig_guest(&s->rig);
    struct fora_object_id ids[] = {h.honest->id, s->space->id, h.admin->id};
    struct fora_message ask = {.request = 7, .type = FORA_MSG_GET_RECEIPTS};
    struct fora_object receipt;
    struct fora_content content;
    struct fora_arena arena;
    struct fora_space_id space = fora_object_space(s->space);
    ask.u.get_receipts = (struct fora_msg_get_receipts){.ids = ids, .ids_count = 3};
    assert_int_equal(rig_ask(&s->rig, &asker, &ask), 0);
    const struct fora_msg_objects *got = &s->rig.answer.u.objects;
    assert_int_equal(got->missing_count, 1); /* the first statement */
    assert_memory_equal(got->missing[0].b, s->space->id.b, FORA_ID_SIZE);
    assert_int_equal(got->objects_count, 1);
    assert_int_equal(fora_object_decode(&receipt, got->objects[0]), 0);
    assert_int_equal(fora_object_verify(&receipt), 0);
    assert_true(fora_id_is_zero(receipt.header.root.b));
    assert_memory_equal(receipt.header.space.b, space.b, FORA_ID_SIZE);
    fora_arena_init(&arena, 0);
    assert_int_equal(
        fora_content_decode(&arena, FORA_KIND_RECEIPT, receipt.content_bytes, &content), 0);
    assert_true(fora_receipt_proves(&content.u.receipt, &h.honest->id));
    assert_true(fora_receipt_proves(&content.u.receipt, &h.admin->id));
    assert_false(fora_receipt_proves(&content.u.receipt, &h.forged->id));
    fora_arena_fini(&arena);
}

/* Another node gets the receipt after the log, and before it: the same. */
static void a_receipt_that_comes_later_lets_it_stand_RCP_9(void **state)
{
    struct scene *s = *state;
    static struct copied all;
    struct hired h = hire(s);
    struct kv_txn *txn;
    all.count = 0;
    assert_int_equal(rig_store(&s->rig, revoke(s, s->stolen)), 0);
    assert_int_equal(steps(&s->rig, 512), 2);
    assert_int_equal(kv_begin_read(s->rig.env.kv, &txn), 0);
    assert_int_equal(objects_each(txn, 0, copy, &all), 0);
    kv_abort(txn);
    for (unsigned round = 0; round < 2; round++) {
        static struct rig other;
        size_t receipts = 0;
        rig_start(&other, store_rig_mem());
        other.now = s->rig.now;
        for (unsigned pass = 0; pass < 20; pass++) {
            for (size_t i = 0; i < all.count; i++) {
                bool receipt = receipts_of_policy(&all.objects[i].header);
                struct commit_item item = {.object = all.objects[i], .source = COMMIT_LOCAL};
                struct commit_batch batch = {.items = &item, .count = 1, .now = other.now};
                receipts += receipt;
                if (!receipt || round == 0) {
                    assert_int_equal(commit_run(other.env.committer, &batch, &other.result), 0);
                }
            }
        }
        assert_int_equal(receipts, 20);
        (void)steps(&other, 512);
        assert_int_equal(is_staff(&other, s->space, h.bob), round == 0);
        assert_false(is_staff(&other, s->space, h.mallory));
        for (size_t i = 0; i < all.count && round == 1; i++) {
            if (receipts_of_policy(&all.objects[i].header)) {
                assert_int_equal(rig_store(&other, &all.objects[i]), 0);
            }
        }
        assert_true(is_staff(&other, s->space, h.bob));
        assert_false(is_staff(&other, s->space, h.mallory));
        rig_stop(&other);
    }
}

/* ---- verdicts ---- */

static void state_standing(
    struct rig *rig, const struct fora_object *space, const struct fx_who *who, struct fx_who *of)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = 20},
        {.name = fora_bytes_str("standing"), .count = 20}};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_STANDING,
            .subject = of->id,
            .until = rig->now,
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts,
            .facts_count = 2}};
    const struct fora_header header = {.space = fora_object_space(space)};
    assert_int_equal(rig_store(rig, fx_object(&rig->fx, who, header, content, rig->now)), 0);
}

/* Ann, an admin, makes a node host; the thief makes his own one, in the past. Both state what Bob
 * earned: the receipt of the policy says whose word counts. */
static void a_verdict_looks_at_receipts_of_the_policy_RCP_9(void **state)
{
    static const struct local_policy anybody = {.others = 1000, .cap = 500, .issuers_min = 1};
    struct scene *s = *state;
    struct rig *rig = &s->rig;
    struct explanation found;
    struct kv_txn *txn;
    uint64_t later = rig->now, then = later - 2 * HOUR;
    struct fx_who *bob = fx_member(&rig->fx, 42, then);
    struct fx_who *hosts[] = {fx_node(&rig->fx, 43, then), fx_node(&rig->fx, 44, then)};
    rig->now = then;
    assert_int_equal(rig_store(rig, bob->create), 0);
    assert_int_equal(rig_store(rig, hosts[0]->create), 0);
    assert_int_equal(rig_store(rig, hosts[1]->create), 0);
    assert_int_equal(rig_store(rig, fx_grant(&rig->fx, rig->node, s->space, s->ann, FORA_ROLE_ADMIN,
                                        0, 0, then)),
        0);
    assert_int_equal(rig_store(rig, fx_host(&rig->fx, s->ann, s->space, hosts[0], then + 2)), 0);
    rig->now = later;
    assert_int_equal(rig_store(rig, fx_host(&rig->fx, s->ann, s->space, hosts[1], then + 3)), 0);
    assert_int_equal(rig_store(rig, revoke(s, s->stolen)), 0);
    assert_int_equal(steps(rig, 512), 2); /* of the thread, and of the policy */
    state_standing(rig, s->space, hosts[0], bob);
    state_standing(rig, s->space, hosts[1], bob);
    assert_int_equal(kv_begin_read(rig->env.kv, &txn), 0);
    assert_int_equal(explain_member(txn, &anybody, &bob->id, rig->now, &found), 0);
    kv_abort(txn);
    assert_int_equal(found.claims_count, 2);
    for (size_t i = 0; i < 2; i++) {
        bool honest = memcmp(found.claims[i].issuer.b, hosts[0]->id.b, FORA_ID_SIZE) == 0;
        assert_int_equal(found.claims[i].code, honest ? 0 : FORA_E_SCOPE);
    }
    assert_int_equal(found.local, 20);
    explanation_fini(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_thief_cannot_write_into_the_past_RCP_7, setup, teardown),
        cmocka_unit_test_setup_teardown(small_steps_find_the_same_RCP_7, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_back_everything_stands_RCP_3, setup, teardown),
        cmocka_unit_test_setup_teardown(another_node_shows_the_same_RCP_6, setup, teardown),
        cmocka_unit_test_setup_teardown(who_asks_gets_receipts_RCP_8, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thief_states_nothing_in_the_past_RCP_9, setup, teardown),
        cmocka_unit_test_setup_teardown(
            receipts_of_statements_are_of_the_space_RCP_8, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_receipt_that_comes_later_lets_it_stand_RCP_9, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_verdict_looks_at_receipts_of_the_policy_RCP_9, setup, teardown),
    };
    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
