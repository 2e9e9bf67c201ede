#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include "core/links.h"
#include "core/votes.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct rig rig;
    const struct fora_object *space;
    const struct fora_object *thread;
    struct fora_tally tally;
    struct fora_object_id id;
    uint64_t at;
};

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    rig_start(&scene->rig, store_rig_mem());
    scene->space = rig_space(&scene->rig);
    scene->thread = rig_question(&scene->rig, scene->space);
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    rig_stop(&scene->rig);
    free(scene);
    return 0;
}

static void look(struct scene *scene)
{
    assert_true(rig_tally(&scene->rig, scene->thread, &scene->tally, &scene->id, &scene->at));
}

static void votes_and_expect(
    struct scene *scene, struct asker *asker, int32_t value, uint64_t up, uint64_t down)
{
    struct rig *rig = &scene->rig;
    assert_int_equal(rig_vote(rig, asker, &scene->thread->id, value), 0);
    assert_int_equal(rig->answer.type, FORA_MSG_VOTE_RESULT);
    assert_int_equal(rig->answer.u.vote_result.up, up);
    assert_int_equal(rig->answer.u.vote_result.down, down);
    look(scene);
    assert_int_equal(scene->tally.up, up);
    assert_int_equal(scene->tally.down, down);
}

static void a_vote_counts_once_changes_and_is_taken_back(void **state)
{
    struct scene *scene = *state;
    struct asker ann = rig_member(&scene->rig, "ann"), bob = rig_member(&scene->rig, "bob");
    votes_and_expect(scene, &ann, 1, 1, 0);
    struct fora_object_id first = scene->id;
    votes_and_expect(scene, &ann, 1, 1, 0);
    assert_memory_equal(&scene->id, &first, sizeof first); /* no tally for nothing */
    assert_int_equal(scene->rig.result.stored, 0);
    votes_and_expect(scene, &bob, -1, 1, 1);
    votes_and_expect(scene, &ann, -1, 0, 2);
    votes_and_expect(scene, &ann, 0, 0, 1);
    votes_and_expect(scene, &bob, 0, 0, 0);
    assert_true(fora_id_is_zero(scene->tally.voters_root.b));
    votes_and_expect(scene, &bob, 1, 1, 0);
}

static void OBJ_8_a_later_tally_puts_the_one_before_out_of_the_set(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker ann = rig_member(rig, "ann");
    uint64_t before = rig_set(rig, scene->space).count;
    int32_t value = 1;
    struct fora_object_id old = {{0}};
    uint64_t old_at = 0;
    /* The clock stands still: each is later than the one before all the same. */
    for (int i = 0; i < 20; i++, value = -value) {
        votes_and_expect(scene, &ann, value, value > 0, value < 0);
        assert_true(scene->at > old_at);
        assert_true(scene->at >= rig->now);
        assert_int_equal(rig->result.touched_count, 1);
        if (i > 0) {
            assert_false(rig_holds(rig, &old));
        }
        /* The node's log joined the set with its first statement: only the tally is new. */
        assert_int_equal(rig_set(rig, scene->space).count, before + 1);
        old = scene->id;
        old_at = scene->at;
    }
    /* A clock that runs backwards does not stop it. */
    rig->now -= 5000;
    votes_and_expect(scene, &ann, 0, 0, 0);
    assert_true(scene->at > old_at);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct fora_hash));
}

/* From the words of the spec, for up to four voters. */
static struct fora_hash naive_root(
    struct scene *scene, const struct asker *voters, const int *values, size_t count)
{
    struct fora_hash nodes[4];
    for (size_t i = 0; i < count; i++) {
        struct fora_buf bytes = {0};
        struct fora_hash blind, leaf;
        vote_blind(&blind, scene->rig.env.custody, &scene->thread->id, &voters[i].member);
        fora_buf_append(&bytes, scene->thread->id.b, 32);
        fora_buf_append(&bytes, voters[i].member.b, 32);
        fora_buf_u8(&bytes, values[i] > 0 ? 0x01 : 0xff);
        fora_buf_append(&bytes, blind.b, 32);
        fora_hash1(&leaf, "fora.v1.voters", fora_buf_bytes(&bytes));
        nodes[i] = leaf;
        fora_buf_fini(&bytes);
    }
    qsort(nodes, count, sizeof nodes[0], compare);
    for (size_t i = 0; i < count; i++) {
        struct fora_hash leaf = nodes[i];
        fora_hash1(&nodes[i], "fora.v1.merkle.leaf", fora_bytes(leaf.b, 32));
    }
    for (; count > 1; count = (count + 1) / 2) {
        for (size_t i = 0; i < count; i += 2) {
            uint8_t pair[64];
            struct fora_hash joined = nodes[i];
            if (i + 1 < count) {
                memcpy(pair, nodes[i].b, 32);
                memcpy(pair + 32, nodes[i + 1].b, 32);
                fora_hash1(&joined, "fora.v1.merkle.node", fora_bytes(pair, 64));
            }
            nodes[i / 2] = joined;
        }
    }
    return nodes[0];
}

static void KIND_TALLY_3_the_root_commits_to_voters_and_values(void **state)
{
    struct scene *scene = *state;
    struct asker voters[4] = {rig_member(&scene->rig, "v0"), rig_member(&scene->rig, "v1"),
        rig_member(&scene->rig, "v2"), rig_member(&scene->rig, "v3")};
    int values[4] = {1, -1, 1, 1};
    uint64_t up = 0, down = 0;
    size_t looked = 0;
    for (size_t i = 0; i < 4; i++) {
        up += values[i] > 0;
        down += values[i] < 0;
        votes_and_expect(scene, &voters[i], values[i], up, down);
        struct fora_hash naive = naive_root(scene, voters, values, i + 1);
        assert_memory_equal(&scene->tally.voters_root, &naive, sizeof naive);
        assert_false(scene->tally.imported);
        looked++;
    }
    values[3] = -1;
    votes_and_expect(scene, &voters[3], -1, 2, 2);
    struct fora_hash naive = naive_root(scene, voters, values, 4);
    assert_memory_equal(&scene->tally.voters_root, &naive, sizeof naive);
    /* Without the node's secret the voter of a single vote cannot be found by trying. */
    votes_and_expect(scene, &voters[1], 0, 2, 1);
    struct fora_hash zero = {{0}}, guess;
    vote_leaf(&guess, &scene->thread->id, &voters[0].member, 1, &zero);
    assert_memory_not_equal(&guess, &scene->tally.voters_root, sizeof guess);
    assert_int_equal(looked, 4);
}

static const struct fora_object *import_tally(
    struct scene *scene, uint64_t up, uint64_t down, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_TALLY};
    content.u.tally = (struct fora_tally){.up = up, .down = down, .imported = true};
    const struct fora_object *tally =
        fx_about(&scene->rig.fx, scene->rig.node, scene->thread, content, at);
    assert_int_equal(rig_store(&scene->rig, tally), 0);
    return tally;
}

static void VIEW_8_votes_are_added_to_what_was_imported(void **state)
{
    struct scene *scene = *state;
    struct asker ann = rig_member(&scene->rig, "ann"), bob = rig_member(&scene->rig, "bob");
    uint64_t now = scene->rig.now;
    const struct fora_object *tally = import_tally(scene, 40, 2, now - 400);
    votes_and_expect(scene, &ann, 1, 41, 2);
    assert_true(scene->tally.imported);
    assert_true(fora_id_is_zero(scene->tally.voters_root.b));
    /* The same dump again changes nothing. */
    assert_int_equal(rig_store(&scene->rig, tally), FORA_E_SUPERSEDED);
    votes_and_expect(scene, &bob, -1, 41, 3);
    votes_and_expect(scene, &ann, 1, 41, 3);
    votes_and_expect(scene, &ann, 0, 40, 3);
    /* A later dump brings a new base. */
    import_tally(scene, 50, 5, scene->at + 1);
    votes_and_expect(scene, &ann, 1, 51, 6);
    votes_and_expect(scene, &bob, 0, 51, 5);
    /* An imported sum at its end stays there. */
    import_tally(scene, UINT64_MAX, 0, scene->at + 1);
    votes_and_expect(scene, &bob, 1, UINT64_MAX, 0);
}

static void who_may_not_vote_is_told_so_and_nothing_changes(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct fora_object_id nothing = {{1}};
    struct asker nobody = rig_guest(rig), ann = rig_member(rig, "ann"), guest = rig_guest(rig);
    const struct fora_object *revision =
        fx_revise(&rig->fx, rig->vera, scene->thread, "Why, then?", rig->now - 100);
    assert_int_equal(rig_store(rig, revision), 0);
    assert_int_equal(rig_auth(rig, &guest, &rig->vera->id, rig->vera->device, NULL, 0), 0);
    struct fora_hash before = rig_digest(rig->env.kv);
    assert_int_equal(rig_vote(rig, &nobody, &scene->thread->id, 1), FORA_E_AUTH);
    assert_int_equal(rig_vote(rig, &guest, &scene->thread->id, 1), FORA_E_FORBIDDEN);
    assert_int_equal(rig_vote(rig, &ann, &scene->thread->id, 2), FORA_E_MALFORMED);
    assert_int_equal(rig_vote(rig, &ann, &scene->thread->id, -2), FORA_E_MALFORMED);
    assert_int_equal(rig_vote(rig, &ann, &nothing, 1), FORA_E_ABSENT);
    assert_int_equal(rig_vote(rig, &ann, &revision->id, 1), FORA_E_MISMATCH);
    assert_int_equal(rig_vote(rig, &ann, &scene->space->id, 1), FORA_E_MISMATCH);
    /* An id that shares its first half with a thread's is another id. */
    nothing = scene->thread->id;
    nothing.b[31] ^= 1;
    assert_int_equal(rig_vote(rig, &ann, &nothing, 1), FORA_E_ABSENT);
    struct fora_hash after = rig_digest(rig->env.kv);
    assert_memory_equal(&before, &after, sizeof before);
    votes_and_expect(scene, &ann, 1, 1, 0);
}

static void nobody_votes_on_her_own_post_nor_when_banned(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker ann = rig_member(rig, "ann");
    struct fora_message message = {.request = 7, .type = FORA_MSG_COMPOSE};
    struct fora_buf content = {0};
    struct fora_content post = {.kind = FORA_KIND_POST};
    post.u.post.type = FORA_POST_ANSWER;
    post.u.post.text = fora_bytes_str("Because.");
    assert_int_equal(fora_content_encode_unsalted(&content, &post), 0);
    message.u.compose.kind = FORA_KIND_POST;
    message.u.compose.space = scene->thread->header.space;
    message.u.compose.root = scene->thread->id;
    message.u.compose.parent = scene->thread->id;
    message.u.compose.content = fora_buf_bytes(&content);
    assert_int_equal(rig_ask(rig, &ann, &message), 0);
    assert_int_equal(rig_vote(rig, &ann, &rig->made, 1), FORA_E_FORBIDDEN);
    fora_buf_fini(&content);

    struct fx_who as_ann = {.id = ann.member};
    const struct fora_object *ban =
        fx_grant(&rig->fx, rig->node, scene->space, &as_ann, FORA_ROLE_BANNED, 0, 0, rig->now - 50);
    assert_int_equal(rig_store(rig, ban), 0);
    assert_int_equal(rig_vote(rig, &ann, &scene->thread->id, 1), FORA_E_FORBIDDEN);
}

static void who_has_moved_home_votes_there(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker ann = rig_member(rig, "ann");
    struct account account;
    struct fora_identity *identity;
    struct fora_secret *root;
    struct fora_object entry;
    struct fora_buf encoded = {0};
    struct fora_home_change home = {.home = {{42}}};
    struct fora_identity_entry change = {.home = &home};
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_true(accounts_of(txn, &ann.member, &account));
    assert_int_equal(identity_load(txn, &ann.member, &identity), 0);
    kv_abort(txn);
    votes_and_expect(scene, &ann, 1, 1, 0);
    assert_int_equal(custody_root(&root, rig->env.custody, account_label(&account)), 0);
    assert_int_equal(fora_identity_build_next(&encoded, identity, &change, rig->now, root), 0);
    assert_int_equal(fora_object_decode(&entry, fora_buf_bytes(&encoded)), 0);
    assert_int_equal(rig_store(rig, &entry), 0);
    assert_int_equal(rig_vote(rig, &ann, &scene->thread->id, 0), FORA_E_FORBIDDEN);
    fora_secret_free(root);
    fora_identity_free(identity);
    fora_buf_fini(&encoded);
}

/* ---- reports ---- */

static int report(
    struct scene *scene, struct asker *asker, const char *reason, const struct fora_object *target)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_REPORT};
    message.u.report.target = target->id;
    message.u.report.reason = fora_bytes_str(reason);
    message.u.report.note = fora_bytes_str("look at it");
    return rig_ask(&scene->rig, asker, &message);
}

static uint64_t flags_open(struct rig *rig)
{
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    uint64_t count = kv_count(txn, T_FLAGS);
    kv_abort(txn);
    return count;
}

static void a_report_becomes_a_flag_of_the_node(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker ann = rig_member(rig, "ann"), bob = rig_member(rig, "bob");
    struct asker nobody = rig_guest(rig);
    struct stored stored;
    assert_int_equal(report(scene, &nobody, "spam", scene->thread), FORA_E_AUTH);
    assert_int_equal(report(scene, &ann, "Not A Word", scene->thread), FORA_E_MALFORMED);
    assert_int_equal(report(scene, &ann, "spam", scene->space), FORA_E_MISMATCH);
    assert_int_equal(flags_open(rig), 0);
    votes_and_expect(scene, &ann, 1, 1, 0);
    assert_int_equal(report(scene, &ann, "spam", scene->thread), 0);
    assert_int_equal(rig->answer.type, FORA_MSG_PUT_RESULT);
    struct fora_object_id flag = rig->answer.u.put_result.results[0].id;
    assert_false(rig->answer.u.put_result.results[0].duplicate);
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_int_equal(objects_read(txn, objects_find(txn, flag.b), &stored), 0);
    assert_int_equal(stored.object.header.kind, FORA_KIND_FLAG);
    assert_memory_equal(&stored.object.header.author, &rig->env.self, sizeof rig->env.self);
    assert_memory_equal(&stored.object.header.parent, &scene->thread->id, sizeof flag);
    assert_int_equal(fora_object_verify(&stored.object), 0);
    kv_abort(txn);
    assert_int_equal(flags_open(rig), 1);
    /* The same member again: the same flag. Another member: another one. */
    assert_int_equal(report(scene, &ann, "abuse", scene->thread), 0);
    assert_true(rig->answer.u.put_result.results[0].duplicate);
    assert_memory_equal(&rig->answer.u.put_result.results[0].id, &flag, sizeof flag);
    assert_int_equal(flags_open(rig), 1);
    assert_int_equal(report(scene, &bob, "abuse", scene->thread), 0);
    assert_int_equal(flags_open(rig), 2);
    /* A report is no vote, and a vote forgets no report. */
    votes_and_expect(scene, &ann, 0, 0, 0);
    assert_int_equal(report(scene, &ann, "spam", scene->thread), 0);
    assert_int_equal(flags_open(rig), 2);
}

static uint32_t weight_of_answer(struct rig *rig)
{
    struct fora_object_id flag = rig->answer.u.put_result.results[0].id;
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    struct stored stored;
    struct fora_arena arena;
    struct fora_content content;
    fora_arena_init(&arena, 0);
    assert_int_equal(objects_read(txn, objects_find(txn, flag.b), &stored), 0);
    assert_int_equal(
        fora_content_decode(&arena, FORA_KIND_FLAG, stored.object.content_bytes, &content), 0);
    uint32_t weight = content.u.flag.weight;
    fora_arena_fini(&arena);
    kv_abort(txn);
    return weight;
}

static void a_flagger_flags_with_weight_KIND_FLAG_2(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker ann = rig_member(rig, "ann"), bob = rig_member(rig, "bob");
    struct fora_grant grant = {.principal = ann.member, .role = FORA_ROLE_FLAGGER, .earned = 50};
    const struct fora_policy_statement earned = {.grants = &grant, .grants_count = 1};
    assert_int_equal(
        rig_store(rig, fx_policy(&rig->fx, rig->node, scene->space, earned, rig->now - 400)), 0);
    assert_int_equal(report(scene, &bob, "spam", scene->thread), 0);
    assert_int_equal(weight_of_answer(rig), 0);
    assert_int_equal(report(scene, &ann, "spam", scene->thread), 0);
    assert_int_equal(weight_of_answer(rig), FORA_FLAG_WEIGHT_MAX);
}

/* ---- faults ---- */

static void the_nth_write_fails_and_nothing_of_the_vote_is_left(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker ann = rig_member(rig, "ann"), bob = rig_member(rig, "bob");
    uint64_t failures = 0;
    votes_and_expect(scene, &bob, -1, 0, 1);
    for (uint64_t n = 1; n < 200; n++) {
        struct fora_hash before = rig_digest(rig->env.kv), after;
        kv_mem_fail_at(rig->env.kv, n, FORA_E_FULL);
        int rc = rig_vote(rig, &ann, &scene->thread->id, 1);
        kv_mem_fail_at(rig->env.kv, 0, 0);
        after = rig_digest(rig->env.kv);
        if (rc == 0) {
            break;
        }
        assert_int_equal(rc, FORA_E_FULL);
        assert_memory_equal(&before, &after, sizeof before);
        failures++;
    }
    assert_true(failures >= 5);
    votes_and_expect(scene, &bob, 0, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_vote_counts_once_changes_and_is_taken_back, setup, teardown),
        cmocka_unit_test_setup_teardown(
            OBJ_8_a_later_tally_puts_the_one_before_out_of_the_set, setup, teardown),
        cmocka_unit_test_setup_teardown(
            KIND_TALLY_3_the_root_commits_to_voters_and_values, setup, teardown),
        cmocka_unit_test_setup_teardown(
            VIEW_8_votes_are_added_to_what_was_imported, setup, teardown),
        cmocka_unit_test_setup_teardown(
            who_may_not_vote_is_told_so_and_nothing_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(
            nobody_votes_on_her_own_post_nor_when_banned, setup, teardown),
        cmocka_unit_test_setup_teardown(who_has_moved_home_votes_there, setup, teardown),
        cmocka_unit_test_setup_teardown(a_report_becomes_a_flag_of_the_node, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flagger_flags_with_weight_KIND_FLAG_2, setup, teardown),
        cmocka_unit_test_setup_teardown(
            the_nth_write_fails_and_nothing_of_the_vote_is_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
