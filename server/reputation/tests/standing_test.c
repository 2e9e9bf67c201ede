/* The incremental count against the plain one, on random worlds; issuing; what is read. */
#include "reputation/impl.h"
#include "core/sweep.h"
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
    key_letter(&from, 'n');
    assert_true(kv_seek(cursor, store_key_bytes(&from), &key, NULL));
    assert_int_equal(key.data[0], 'n');
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

static uint64_t keys_of(struct kv_txn *txn, char letter)
{
    struct store_key from;
    struct fora_bytes key;
    uint64_t count = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_letter(&from, letter);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    for (; there && key.data[0] == (uint8_t)letter; there = kv_next(cursor, &key, NULL)) {
        count++;
    }
    kv_cursor_close(cursor);
    return count;
}

/* What is new waits by date; when there is enough it goes to the rest, wherever it is deleted. */
static void evidence_is_put_to_the_rest_in_one_go(void **state)
{
    enum { ENOUGH = 8192 };
    struct shelf shelf;
    struct kv_txn *txn;
    struct fora_principal_id members[3] = {{{1}}, {{2}}, {{3}}};
    (void)state;
    shelf_init(&shelf);
    assert_int_equal(kv_begin_write(shelf.kv, &txn), 0);
    for (uint64_t i = 0; i < ENOUGH; i++) {
        struct fora_object_id id = {{(uint8_t)i, (uint8_t)(i >> 8)}};
        evidence_put(txn, 7, &members[i % 3], 1000 + i, &id);
    }
    assert_int_equal(evidence_added(txn, 7, ENOUGH - 1), 0);
    struct fora_object_id first = {{0}}, second = {{1}}, other = {{9}};
    evidence_put(txn, 8, &members[0], 5, &other); /* of another set: stays new */
    assert_int_equal(evidence_added(txn, 8, 1), 0);
    evidence_delete(txn, 7, &members[0], 1000, &first);
    assert_int_equal(keys_of(txn, 'n'), ENOUGH);
    assert_int_equal(keys_of(txn, 'e'), 0);
    assert_int_equal(evidence_added(txn, 7, 1), 0);
    assert_int_equal(keys_of(txn, 'n'), 1);
    assert_int_equal(keys_of(txn, 'e'), ENOUGH - 1);
    evidence_delete(txn, 7, &members[1], 1001, &second);
    assert_int_equal(keys_of(txn, 'e'), ENOUGH - 2);
    assert_int_equal(evidence_flush(txn, 8), 0);
    assert_int_equal(keys_of(txn, 'n'), 0);
    assert_int_equal(keys_of(txn, 'e'), ENOUGH - 1);
    kv_abort(txn);
    shelf_fini(&shelf);
}

/* ---- what a thread waits for ---- */

static size_t marks(struct shelf *shelf, char letter)
{
    struct store_key from;
    struct fora_bytes key;
    size_t count = 0;
    struct kv_txn *txn = shelf_read(shelf);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_letter(&from, letter);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && key.data[0] == (uint8_t)letter) {
        count++;
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return count;
}

static void assert_waits(const struct world *world, struct shelf *shelf, size_t count)
{
    (void)step_all(world, shelf, 64, false, WORLD_NOW);
    assert_int_equal(marks(shelf, 'w'), count);
    assert_int_equal(marks(shelf, 'k'), count);
}

/* Marks go when the cite is taken back, and not when what is cited comes: it may go again. */
static void std2_nothing_waits_for_what_is_cited_no_more(void **state)
{
    struct world world;
    struct shelf shelf;
    (void)state;
    world_init(&world, 5, 60);
    shelf_init(&shelf);
    world_deliver(&world, &shelf, 1, 40, false);
    assert_waits(&world, &shelf, 0);
    struct fx *fx = &world.fx;
    const struct fora_object *space = world.spaces[0];
    struct fx_who *ann = world.members[0];
    const struct fora_object *article =
        fx_thread(fx, ann, space, FORA_THREAD_ARTICLE, "What helps", 90000000);
    const struct fora_object *first =
        fx_thread(fx, ann, space, FORA_THREAD_QUESTION, "Why flat?", 90000001);
    struct fora_object_id ids[] = {first->id, {{1, 2, 3}}, {{4, 5, 6}}};
    struct fora_content cites = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = ids, .objects_count = 2}};
    const struct fora_object *one = fx_about(fx, ann, article, cites, 90000002);
    cites.u.cite = (struct fora_cite){.objects = ids + 1, .objects_count = 2};
    const struct fora_object *two = fx_about(fx, ann, article, cites, 90000003);
    shelf_add_one(&shelf, article);
    shelf_add_one(&shelf, one);
    assert_waits(&world, &shelf, 2);
    shelf_add_one(&shelf, two);
    assert_waits(&world, &shelf, 3);
    shelf_add_one(&shelf, first); /* it came */
    assert_waits(&world, &shelf, 3);
    shelf_add_one(&shelf, fx_retract(fx, ann, two, 90000004)); /* both cite the second */
    assert_waits(&world, &shelf, 2);
    shelf_add_one(&shelf, fx_retract(fx, ann, one, 90000005));
    assert_waits(&world, &shelf, 0);
    assert_int_equal(differences(&shelf), 0);
    shelf_fini(&shelf);
    world_fini(&world);
}

static void sweep(struct shelf *shelf)
{
    bool more = true;
    for (unsigned steps = 0; more; steps++) {
        assert_true(steps < 1000);
        assert_int_equal(sweep_step(shelf->committer, 64, &shelf->result, &more), 0);
    }
}

/* How often somebody is cited, as counted. */
static uint64_t cited(
    const struct world *world, struct shelf *shelf, const struct fora_principal_id *who)
{
    struct fora_standing standing;
    (void)step_all(world, shelf, 64, false, WORLD_NOW);
    struct kv_txn *txn = shelf_read(shelf);
    struct set_info set = shelf_set(txn, world->spaces[0]);
    bool counted = standing_get(txn, set.number, who, &standing);
    kv_abort(txn);
    return counted ? standing.counts[FORA_CREDIT_CITED] : 0;
}

/* What an article of another thread cites goes, with the key that it was written with, and comes
 * back when that was no theft. */
static void std2_what_is_cited_gives_while_it_is_here(void **state)
{
    struct world world;
    struct shelf shelf;
    (void)state;
    world_init(&world, 5, 60);
    shelf_init(&shelf);
    world_deliver(&world, &shelf, 1, 40, false);
    struct fx *fx = &world.fx;
    struct fx_who *ann = world.members[0], *zoe = fx_member(fx, 77, 1000000);
    const struct fora_object *article =
        fx_thread(fx, ann, world.spaces[0], FORA_THREAD_ARTICLE, "What helps", 90000000);
    const struct fora_object *first =
        fx_thread(fx, zoe, world.spaces[0], FORA_THREAD_QUESTION, "Why flat?", 90000001);
    struct fora_object_id id = first->id;
    const struct fora_content cites = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &id, .objects_count = 1}};
    const struct fora_object *stolen =
        fx_revoke_key(fx, zoe, zoe->create, 1, zoe->device, 89000000, zoe->root, 90000003);
    const struct fora_object *retired =
        fx_revoke_key(fx, zoe, stolen, 2, zoe->device, 0, zoe->root, 90000004);
    shelf_add_one(&shelf, zoe->create);
    shelf_add_one(&shelf, first);
    shelf_add_one(&shelf, article);
    shelf_add_one(&shelf, fx_about(fx, ann, article, cites, 90000002));
    assert_int_equal(cited(&world, &shelf, &zoe->id), 1);
    shelf_add_one(&shelf, stolen);
    sweep(&shelf);
    assert_false(shelf_holds(&shelf, first));
    assert_int_equal(cited(&world, &shelf, &zoe->id), 0);
    shelf_add_one(&shelf, retired);
    shelf_add_one(&shelf, first);
    assert_int_equal(cited(&world, &shelf, &zoe->id), 1);
    assert_int_equal(differences(&shelf), 0);
    shelf_fini(&shelf);
    world_fini(&world);
}

/* ---- what changed of a thread ---- */

static bool is_among(const struct fora_credit *one, const struct fora_credit *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(one, &list[i], sizeof *one) == 0) {
            return true;
        }
    }
    return false;
}

static void make_credits(struct fora_credit *list, size_t count, uint64_t *seed)
{
    memset(list, 0, count * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i].subject.b[0] = (uint8_t)fx_random(seed, 3);
        list[i].giver.b[5] = (uint8_t)fx_random(seed, 3);
        list[i].evidence.b[31] = (uint8_t)fx_random(seed, 4);
        list[i].at = fx_random(seed, 2);
        list[i].class = 1 + fx_random(seed, 2);
        list[i].value = (int32_t)fx_random(seed, 2) - 1;
        list[i].badge = fx_random(seed, 2) == 1;
    }
}

static void what_is_missing_is_what_a_look_at_each_finds(void **state)
{
    enum { MANY = 200 };
    uint64_t seed = 4;
    size_t all = 0;
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        struct fora_credit a[MANY], b[MANY];
        const struct fora_credit **missing;
        size_t a_count = fx_random(&seed, MANY), b_count = fx_random(&seed, MANY);
        size_t count, expected = 0;
        struct fora_arena arena;
        fora_arena_init(&arena, 0);
        make_credits(a, a_count, &seed);
        make_credits(b, b_count, &seed);
        assert_int_equal(credits_without(&arena, a, a_count, b, b_count, &missing, &count), 0);
        for (size_t i = 0; i < a_count; i++) {
            expected += !is_among(&a[i], b, b_count);
        }
        assert_int_equal(count, expected);
        for (size_t i = 0; i < count; i++) {
            assert_true(is_among(missing[i], a, a_count));
            assert_false(is_among(missing[i], b, b_count));
        }
        all += count;
        fora_arena_fini(&arena);
    }
    assert_true(all > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(evidence_is_put_to_the_rest_in_one_go),
        cmocka_unit_test(incremental_is_what_counting_anew_gives),
        cmocka_unit_test(issued_standings_are_proven_and_issued_once),
        cmocka_unit_test(std2_nothing_waits_for_what_is_cited_no_more),
        cmocka_unit_test(std2_what_is_cited_gives_while_it_is_here),
        cmocka_unit_test(what_is_missing_is_what_a_look_at_each_finds),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
