/* The incremental count against the plain one, on random worlds; issuing; what is read. */
#include "reputation/impl.h"
#include "core/tests/world.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CREDITS_MAX = 4096 };

/* ---- the plain way ---- */

struct plain {
    const struct world *world;
    struct shelf *shelf;
    struct kv_txn *txn;
    struct fora_credit credits[CREDITS_MAX];
    size_t count;
};

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    struct plain *plain = context;
    const struct fx_who *who = fx_find(&plain->world->fx, principal);
    struct fora_arena arena;
    struct fora_content content;
    if (who == NULL) {
        return FORA_E_NOTFOUND;
    }
    fora_arena_init(&arena, 0);
    assert_int_equal(
        fora_content_decode(&arena, FORA_KIND_IDENTITY, who->create->content_bytes, &content), 0);
    *at = who->create->header.created_at;
    *home = content.u.identity.create->home;
    fora_arena_fini(&arena);
    return 0;
}

static int find_object(
    void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    struct plain *plain = context;
    struct stored stored;
    store_seq seq = objects_find(plain->txn, id->b);
    if (seq == 0 || objects_read(plain->txn, seq, &stored) != 0) {
        return FORA_E_NOTFOUND;
    }
    *out = (struct fora_credit_object){.author = stored.object.header.author,
        .space = stored.object.header.space,
        .kind = stored.object.header.kind};
    return 0;
}

/* All credits of a space, by folding every thread. None of one that the node does not host. */
static void count_plainly(struct plain *plain, const struct fora_object *space)
{
    const struct fora_credit_source source = {plain, born, find_object};
    struct policy_handle *policy;
    struct fora_arena arena;
    struct set_info set = shelf_set(plain->txn, space);
    plain->count = 0;
    fora_arena_init(&arena, 0);
    assert_int_equal(policies_get(plain->shelf->policies, plain->txn, &set, &policy), 0);
    bool ours = fora_policy_hosted_by(policy_of(policy), &plain->world->nodes[0]->id);
    for (size_t i = 0; i < plain->world->threads_count && ours; i++) {
        const struct fora_object *thread = plain->world->threads[i];
        struct fora_view_thread view;
        struct fora_credit *credits;
        size_t count;
        store_seq seq = objects_find(plain->txn, thread->id.b);
        if (seq == 0 || memcmp(thread->header.space.b, space->id.b, FORA_ID_SIZE) != 0) {
            continue;
        }
        assert_int_equal(rows_fold(plain->txn, &arena, policy_of(policy), seq, &view), 0);
        assert_int_equal(
            fora_credits_of_view(&arena, policy_of(policy), &source, &view, &credits, &count), 0);
        assert_true(plain->count + count <= CREDITS_MAX);
        if (count > 0) {
            memcpy(plain->credits + plain->count, credits, count * sizeof *credits);
        }
        plain->count += count;
    }
    policies_release(plain->shelf->policies, policy);
    fora_arena_fini(&arena);
}

static size_t compare(
    struct plain *plain, const struct fora_object *space, const struct fora_principal_id *who)
{
    struct fora_standing counted, expected;
    struct fora_evidence evidence;
    struct standing_member member;
    struct fora_hash root, expected_root;
    struct set_info set = shelf_set(plain->txn, space);
    assert_int_equal(
        fora_standing_count(plain->credits, plain->count, who, 0, UINT64_MAX, &expected, &evidence),
        0);
    bool there = standing_get(plain->txn, set.number, who, &counted);
    if (!there) {
        memset(&counted, 0, sizeof counted);
    }
    assert_memory_equal(&counted, &expected, sizeof counted);
    if (member_get(plain->txn, set.number, who, &member) && !member.stale) {
        fora_evidence_root(&evidence, &expected_root);
        fora_evidence_root(&member.evidence, &root);
        assert_memory_equal(root.b, expected_root.b, sizeof root.b);
    }
    return there;
}

static size_t compare_all(const struct world *world, struct shelf *shelf)
{
    struct plain *plain = calloc(1, sizeof *plain);
    size_t compared = 0;
    assert_non_null(plain);
    plain->world = world;
    plain->shelf = shelf;
    plain->txn = shelf_read(shelf);
    for (size_t i = 0; i < WORLD_SPACES; i++) {
        count_plainly(plain, world->spaces[i]);
        for (const struct fx_who *who = world->fx.people; who != NULL; who = who->next) {
            compared += compare(plain, world->spaces[i], &who->id);
        }
    }
    kv_abort(plain->txn);
    free(plain);
    return compared;
}

/* ---- steps ---- */

static struct standing_self self_of(const struct world *world)
{
    return (struct standing_self){.node = world->nodes[0]->id, .secret = world->nodes[0]->device};
}

static uint64_t step_all(
    const struct world *world, struct shelf *shelf, size_t max, bool issue, uint64_t now)
{
    struct standing_self self = self_of(world);
    struct standing_report report = {.more = true};
    uint64_t issued = 0;
    while (report.more) {
        assert_int_equal(
            standing_step(shelf->committer, &self, now, max, issue, &shelf->result, &report), 0);
        issued += report.issued;
    }
    return issued;
}

static uint64_t differences(struct shelf *shelf)
{
    uint64_t credits, found;
    struct kv_txn *txn = shelf_read(shelf);
    assert_int_equal(standing_check(txn, &credits, &found), 0);
    kv_abort(txn);
    return found;
}

/* One more answer than there was, and one proof less: both are found. */
static void damage_is_found(void **state)
{
    struct world world;
    struct shelf shelf;
    struct kv_txn *txn;
    struct standing_member member;
    struct store_key from;
    struct fora_bytes key;
    struct fora_principal_id id;
    (void)state;
    world_init(&world, 3, 300);
    shelf_init(&shelf);
    world_deliver(&world, &shelf, 1, 40, false);
    (void)step_all(&world, &shelf, 2048, false, WORLD_NOW);
    assert_int_equal(differences(&shelf), 0);
    assert_int_equal(kv_begin_write(shelf.kv, &txn), 0);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_letter(&from, 'm');
    assert_true(kv_seek(cursor, store_key_bytes(&from), &key, NULL));
    uint32_t set = key_be32(key.data + 1);
    memcpy(id.b, key.data + 5, sizeof id.b);
    key_letter(&from, 'e');
    assert_true(kv_seek(cursor, store_key_bytes(&from), &key, NULL));
    assert_int_equal(key.data[0], 'e');
    memcpy(from.b, key.data, key.size);
    from.size = key.size;
    kv_cursor_close(cursor);
    assert_true(kv_delete(txn, T_STANDING, store_key_bytes(&from)));
    assert_true(member_get(txn, set, &id, &member));
    member.sums.counts[FORA_CREDIT_ANSWER]++;
    member_put(txn, set, &id, &member);
    assert_int_equal(kv_commit(txn), 0);
    assert_int_equal(differences(&shelf), 2);
    shelf_fini(&shelf);
    world_fini(&world);
}

static void incremental_is_what_counting_anew_gives(void **state)
{
    size_t compared = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct world world;
        struct shelf shelf;
        world_init(&world, seed, 300);
        for (unsigned turn = 0; turn < 2; turn++) {
            shelf_init(&shelf);
            /* The second time counted only once everything is there, in small steps. */
            if (turn == 0) {
                for (size_t i = 0; i < world.count; i++) {
                    const struct fora_header *header = &world.objects[i]->header;
                    bool founds =
                        header->kind == FORA_KIND_POLICY && fora_id_is_zero(header->space.b);
                    (void)shelf_offer(
                        &shelf, world.objects[i], founds ? COMMIT_LOCAL : COMMIT_PEER);
                    if (i % 7 == 0) {
                        (void)step_all(&world, &shelf, 64, false, WORLD_NOW);
                    }
                    if (i % 50 == 49) {
                        (void)step_all(&world, &shelf, 64, false, WORLD_NOW);
                    }
                }
            }
            world_deliver(&world, &shelf, seed + 100, 40, false);
            (void)step_all(&world, &shelf, turn == 0 ? 2048 : 17, false, WORLD_NOW);
            compared += compare_all(&world, &shelf);
            assert_int_equal(differences(&shelf), 0);
            shelf_fini(&shelf);
        }
        world_fini(&world);
    }
    assert_true(compared > 50);
    printf("%zu members compared\n", compared);
}

/* ---- issuing ---- */

struct told {
    struct kv_txn *txn;
    size_t count;
    struct fora_object_id last;
};

static int tell(void *context, store_seq seq)
{
    struct told *told = context;
    struct stored stored;
    assert_int_equal(objects_read(told->txn, seq, &stored), 0);
    assert_int_equal(stored.object.header.kind, FORA_KIND_ATTESTATION);
    told->last = stored.object.id;
    told->count++;
    return 0;
}

/* Every standing that is attested holds, for who has only the objects. */
static size_t verify_issued(const struct world *world, struct shelf *shelf)
{
    struct plain *plain = calloc(1, sizeof *plain);
    size_t proven = 0;
    assert_non_null(plain);
    plain->world = world;
    plain->shelf = shelf;
    plain->txn = shelf_read(shelf);
    for (const struct fx_who *who = world->fx.people; who != NULL; who = who->next) {
        for (size_t i = 0; i < WORLD_SPACES; i++) {
            struct told told = {.txn = plain->txn};
            struct stored stored;
            struct fora_arena arena;
            struct fora_content content;
            struct fora_standing counted;
            struct fora_evidence evidence;
            struct fora_bytes failed;
            assert_int_equal(standing_attested(plain->txn, &who->id, tell, &told), 0);
            if (told.count == 0) {
                continue;
            }
            assert_int_equal(
                objects_read(plain->txn, objects_find(plain->txn, told.last.b), &stored), 0);
            if (memcmp(stored.object.header.space.b, world->spaces[i]->id.b, FORA_ID_SIZE) != 0) {
                continue;
            }
            fora_arena_init(&arena, 0);
            assert_int_equal(fora_content_decode(&arena, FORA_KIND_ATTESTATION,
                                 stored.object.content_bytes, &content),
                0);
            const struct fora_attestation *claim = &content.u.attestation;
            count_plainly(plain, world->spaces[i]);
            assert_int_equal(fora_standing_count(plain->credits, plain->count, &who->id,
                                 claim->from, claim->until, &counted, &evidence),
                0);
            assert_int_equal(fora_standing_check(claim), 0);
            assert_int_equal(
                fora_standing_compare(claim, &counted, &evidence, &failed), FORA_PROOF_PROVEN);
            proven++;
            fora_arena_fini(&arena);
        }
    }
    kv_abort(plain->txn);
    free(plain);
    return proven;
}

static void issued_standings_are_proven_and_issued_once(void **state)
{
    struct world world;
    struct shelf shelf;
    (void)state;
    world_init(&world, 5, 300);
    shelf_init(&shelf);
    world_deliver(&world, &shelf, 1, 40, false);
    uint64_t issued = step_all(&world, &shelf, 5, true, WORLD_NOW);
    assert_true(issued > 0);
    assert_true(verify_issued(&world, &shelf) > 0);
    /* Nothing changed: nothing is issued, also after everything was counted anew. */
    assert_int_equal(step_all(&world, &shelf, 2048, true, WORLD_NOW + 1000), 0);
    struct kv_txn *txn;
    assert_int_equal(kv_begin_write(shelf.kv, &txn), 0);
    struct store_key key;
    key_letter(&key, 'c');
    assert_true(kv_delete(txn, T_STANDING, store_key_bytes(&key)));
    assert_int_equal(kv_commit(txn), 0);
    assert_int_equal(step_all(&world, &shelf, 2048, true, WORLD_NOW + 2000), 0);
    (void)compare_all(&world, &shelf);
    shelf_fini(&shelf);
    world_fini(&world);
}

/* ---- privileges ---- */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(STD_14_a_standing_earns_a_role_and_changes_no_standing),
        cmocka_unit_test(STD_14_a_table_that_changed_is_for_everybody),
        cmocka_unit_test(STD_14_what_was_taken_away_is_not_earned_again),
        cmocka_unit_test(STD_14_who_neither_owns_nor_administers_grants_nothing),
        cmocka_unit_test(POL_11_settings_are_stated_where_the_policy_is_silent),
        cmocka_unit_test(STD_15_beyond_the_first_statements_one_a_day),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(incremental_is_what_counting_anew_gives),
        cmocka_unit_test(issued_standings_are_proven_and_issued_once),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
