/* What a member carries, between nodes of one process: it comes along with her (REP-3), is given to
 * who asks for it, and its place is taken by the next (OBJ-8). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "carried_rig.h"
#include "core/sweep.h"

#include <string.h>

static bool holds(struct net_node *node, const struct fora_object *object)
{
    struct kv_txn *txn;
    assert_int_equal(kv_begin_read(node->kv, &txn), 0);
    bool found = objects_find(txn, object->id.b) != 0;
    kv_abort(txn);
    return found;
}

static void write_in_wine(struct story *s, struct net_node *node)
{
    struct fora_object stub = {.header = {.kind = FORA_KIND_POLICY}};
    memcpy(stub.id.b, s->wine.b, sizeof stub.id.b);
    const struct fora_object *objects[] = {s->ann->create,
        fx_thread(&s->fx, s->ann, &stub, FORA_THREAD_QUESTION, "Red or white?", s->now)};
    net_put(&s->net, node, objects, 2);
}

/* She carries it at b; c follows wine, in which she writes, and never met the vendor. */
static void REP_3_it_comes_along_with_who_writes(void **state)
{
    struct story s;
    (void)state;
    story_init(&s);
    const struct fora_object *first = carried(&s, standing(&s, STANDING, 3000), 2000);
    const struct fora_object *of_ann[] = {s.ann->create, first};
    net_put(&s.net, s.b, of_ann, 2);
    net_subscribe(&s.net, s.c, s.b, &s.wine);
    net_pass(&s.net, 3);
    assert_false(holds(s.c, first)); /* she is nobody there */
    write_in_wine(&s, s.b);
    net_pass(&s.net, 3);
    assert_true(holds(s.c, first));
    assert_int_equal(net_same(s.b, s.c, &s.wine), 5); /* node, policy, member, thread, carried */
    const struct fora_object *next = carried(&s, standing(&s, 2 * STANDING, 1500), 1000);
    net_put(&s.net, s.c, &next, 1);
    net_pass(&s.net, 3);
    assert_true(holds(s.b, next));
    assert_int_equal(net_same(s.b, s.c, &s.wine), 5); /* one place of the other */
    story_fini(&s);
}

/* ---- local standing ---- */

static void LOC_7_it_counts_once_wherever_it_was_found(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    const struct fora_object *first = standing(&s, STANDING, 3000);
    const struct fora_object *later = standing(&s, 2 * STANDING, 1500);
    const struct fora_object *of_ann[] = {s.ann->create, carried(&s, first, 2000)};
    shelf_add(&s.shelf, of_ann, 2);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    assert_int_equal(found.claims_count, 1);
    assert_true(found.claims[0].carried && !found.claims[0].space_held);
    explanation_fini(&found);
    const struct fora_object *of_beer[] = {s.vendor->create, s.beer_object, first};
    shelf_add(&s.shelf, of_beer, 3);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    assert_int_equal(found.claims_count, 1);
    assert_true(!found.claims[0].carried && found.claims[0].space_held);
    explanation_fini(&found);
    shelf_add(&s.shelf, &later, 1);
    assert_int_equal(explained(&s, &anybody, &found), 2 * STANDING);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_SUPERSEDED);
    explanation_fini(&found);
    /* Nothing any more: what is held here stays. */
    const struct fora_object *nothing = carried(&s, NULL, 1000);
    shelf_add(&s.shelf, &nothing, 1);
    assert_int_equal(explained(&s, &anybody, &found), 2 * STANDING);
    assert_int_equal(found.claims_count, 1);
    explanation_fini(&found);
    story_fini(&s);
}

/* The page has the last of a line only; what she carries is older, and was taken back as well. */
static void ATT_16_a_revocation_that_is_held_counts(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    const struct fora_object *first = standing(&s, STANDING, 3000);
    const struct fora_object *later = standing(&s, 2 * STANDING, 1500);
    const struct fora_object *held[] = {s.ann->create, s.vendor->create, s.beer_object, first,
        later, carried(&s, first, 1000), revocation(&s, later)};
    shelf_add(&s.shelf, held, 7);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    const struct fora_object *end = revocation(&s, first);
    shelf_add(&s.shelf, &end, 1);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_REVOKED);
    explanation_fini(&found);
    story_fini(&s);
}

/* Forged, of somebody else, cut off, and carried in turn: stored as it is, and worth nothing. */
static void ATT_16_what_does_not_hold_is_worth_nothing(void **state)
{
    struct story s;
    struct explanation found;
    uint8_t forged[1024];
    (void)state;
    story_init(&s);
    const struct fora_object *mine = standing(&s, STANDING, 3000);
    const struct fora_object *inner = carried(&s, mine, 2500);
    struct fx_who *ann = s.ann;
    s.ann = fx_member(&s.fx, 4, s.now - 5000);
    const struct fora_object *of_another = standing(&s, STANDING, 3000);
    s.ann = ann;
    assert_true(mine->encoded.size <= sizeof forged);
    memcpy(forged, mine->encoded.data, mine->encoded.size);
    forged[mine->header_bytes.data + mine->header_bytes.size - mine->encoded.data + 10] ^= 1;
    struct fora_bytes objects[] = {s.vendor->create->encoded, s.beer_object->encoded,
        of_another->encoded, fora_bytes(forged, mine->encoded.size), fora_bytes(forged, 40),
        inner->encoded, fora_bytes_str("junk")};
    const struct fora_content content = {
        .kind = FORA_KIND_CARRIED, .u.carried = {.objects = objects, .objects_count = 7}};
    const struct fora_object *held[] = {
        s.ann->create, fx_object(&s.fx, s.ann, (struct fora_header){0}, content, s.now - 2000)};
    shelf_add(&s.shelf, held, 2);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_equal(found.claims_count, 0);
    explanation_fini(&found);
    story_fini(&s);
}

static void sweep(struct shelf *shelf)
{
    struct commit_result result;
    bool more = true;
    for (unsigned steps = 0; more; steps++) {
        assert_true(steps < 1000);
        assert_int_equal(sweep_step(shelf->committer, 64, &result, &more), 0);
    }
}

/* A thief of the vendor's key states that she is worth nothing; when that is swept, what was stated
 * before stands as it did, and not only for who makes all indexes anew. */
static void ATT_8_what_a_thief_stated_leaves_what_was_stated_before(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    struct fora_secret *stolen = s.vendor->device, *good = fx_secret(77, "another");
    const struct fora_object *added =
        fx_add_key(&s.fx, s.vendor, s.vendor->create, 1, good, s.vendor->root, s.now - 3900);
    const struct fora_object *theirs[] = {standing(&s, 1, 2000), standing(&s, 2, 1500)};
    s.vendor->device = good;
    const struct fora_object *held[] = {s.ann->create, s.vendor->create, added, s.beer_object,
        standing(&s, STANDING + 1, 3000), theirs[0], standing(&s, STANDING, 2500), theirs[1]};
    s.vendor->device = stolen;
    const struct fora_object *ended =
        fx_revoke_key(&s.fx, s.vendor, added, 2, stolen, s.now - 2200, s.vendor->root, s.now - 100);
    shelf_add(&s.shelf, held, 8);
    assert_int_equal(explained(&s, &anybody, &found), 2);
    explanation_fini(&found);
    shelf_add(&s.shelf, &ended, 1);
    sweep(&s.shelf);
    assert_false(shelf_holds(&s.shelf, theirs[0]) || shelf_holds(&s.shelf, theirs[1]));
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    fora_secret_free(good);
    story_fini(&s);
}

/* Stated with a key that is thought stolen for a while, and taken back with another one. */
struct taken_back {
    struct fora_secret *first, *good;
    const struct fora_object *claim, *end, *stolen, *retired;
};

static struct taken_back take_back(struct story *s)
{
    struct taken_back t = {.first = s->vendor->device, .good = fx_secret(77, "another")};
    const struct fora_object *added =
        fx_add_key(&s->fx, s->vendor, s->vendor->create, 1, t.good, s->vendor->root, s->now - 3900);
    t.claim = standing(s, STANDING, 2000);
    s->vendor->device = t.good;
    t.end = revocation(s, t.claim);
    s->vendor->device = t.first;
    t.stolen = fx_revoke_key(
        &s->fx, s->vendor, added, 2, t.first, s->now - 2200, s->vendor->root, s->now - 100);
    t.retired =
        fx_revoke_key(&s->fx, s->vendor, t.stolen, 3, t.first, 0, s->vendor->root, s->now - 50);
    const struct fora_object *held[] = {
        s->ann->create, s->vendor->create, added, s->beer_object, t.claim, t.end};
    shelf_add(&s->shelf, held, 6);
    shelf_add(&s->shelf, &t.stolen, 1);
    return t;
}

static void expect_revoked(struct story *s)
{
    struct explanation found;
    assert_int_equal(explained(s, &anybody, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_REVOKED);
    explanation_fini(&found);
}

/* It goes, and is there again before what took it back was looked at. */
static void ATT_7_what_comes_back_is_revoked_as_it_was(void **state)
{
    struct story s;
    struct commit_result result;
    bool more = true;
    (void)state;
    story_init(&s);
    struct taken_back t = take_back(&s);
    for (unsigned steps = 0; shelf_holds(&s.shelf, t.claim); steps++) {
        assert_true(steps < 1000 && more);
        assert_int_equal(sweep_step(s.shelf.committer, 1, &result, &more), 0);
    }
    assert_true(shelf_holds(&s.shelf, t.end));
    shelf_add(&s.shelf, &t.retired, 1);
    shelf_add(&s.shelf, &t.claim, 1);
    expect_revoked(&s);
    sweep(&s.shelf);
    assert_true(shelf_holds(&s.shelf, t.end));
    expect_revoked(&s);
    /* Stolen after all: the one came after the other now, and both go. */
    const struct fora_object *again = fx_revoke_key(
        &s.fx, s.vendor, t.retired, 4, t.first, s.now - 2200, s.vendor->root, s.now - 40);
    shelf_add(&s.shelf, &again, 1);
    sweep(&s.shelf);
    assert_false(shelf_holds(&s.shelf, t.claim) || shelf_holds(&s.shelf, t.end));
    fora_secret_free(t.good);
    story_fini(&s);
}

static void ADM_7_with_an_attestation_goes_what_takes_it_back(void **state)
{
    struct story s;
    (void)state;
    story_init(&s);
    struct taken_back t = take_back(&s);
    sweep(&s.shelf);
    assert_false(shelf_holds(&s.shelf, t.claim) || shelf_holds(&s.shelf, t.end));
    const struct fora_object *again[] = {t.retired, t.claim, t.end};
    shelf_add(&s.shelf, again, 3);
    expect_revoked(&s);
    fora_secret_free(t.good);
    story_fini(&s);
}

static const struct fora_object *delegation(struct story *s, const struct fx_who *to, uint64_t ago)
{
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_DELEGATION,
            .subject = to->id,
            .from = 1,
            .may = 1U << FORA_ATTESTATION_STANDING}};
    return fx_object(
        &s->fx, s->vendor, (struct fora_header){.space = s->beer}, content, s->now - ago);
}

/* The deputy was let to state standings twice, and states hers under each: two lines, of which none
 * takes the other's place (ATT-8), about the same work. */
static void LOC_2_of_one_issuer_in_one_space_the_last_counts(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    struct fx_who *deputy = fx_node(&s.fx, 3, s.now - 5000);
    const struct fora_object *given[] = {
        delegation(&s, deputy, 3800), delegation(&s, deputy, 3600)};
    const struct fora_object *objects[] = {s.vendor->create, s.beer_object, deputy->create,
        given[0], given[1], standing_by(&s, deputy, s.ann, given[0], 2 * STANDING, 3000),
        standing_by(&s, deputy, s.ann, given[1], STANDING, 2000), standing(&s, STANDING + 5, 2500)};
    const struct fora_object *held[] = {s.ann->create, carried_all(&s, objects, 8, 1000)};
    shelf_add(&s.shelf, held, 2);
    assert_int_equal(explained(&s, &anybody, &found), 2 * STANDING + 5);
    assert_int_equal(found.claims_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(found.claims[i].code, 0);
        assert_int_equal(found.claims[i].said_again, found.claims[i].standing == 2 * STANDING);
    }
    explanation_fini(&found);
    story_fini(&s);
}

/* Who carries chooses: a word of trust among it is nobody's. */
static void LOC_7_trust_is_read_from_what_is_held(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    struct fx_who *named = fx_node(&s.fx, 3, s.now - 5000);
    struct fora_fact weight = {.name = fora_bytes_str("weight"), .count = 1000};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_TRUST,
            .subject = s.vendor->id,
            .facts = &weight,
            .facts_count = 1}};
    const struct fora_object *trust =
        fx_object(&s.fx, named, (struct fora_header){0}, content, s.now - 3000);
    struct fora_bytes objects[] = {s.vendor->create->encoded, s.beer_object->encoded,
        standing(&s, STANDING, 3000)->encoded, named->create->encoded, trust->encoded};
    const struct fora_content with_trust = {
        .kind = FORA_KIND_CARRIED, .u.carried = {.objects = objects, .objects_count = 5}};
    const struct fora_object *held[] = {s.ann->create, named->create,
        fx_object(&s.fx, s.ann, (struct fora_header){0}, with_trust, s.now - 2000)};
    struct local_policy policy = {
        .named_count = 1, .cap = 500, .issuers_min = 1, .named = {{.weight = 1000}}};
    policy.named[0].node = named->id;
    shelf_add(&s.shelf, held, 3);
    assert_int_equal(explained(&s, &policy, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, 0);
    explanation_fini(&found);
    shelf_add(&s.shelf, &trust, 1);
    assert_int_equal(explained(&s, &policy, &found), STANDING / 2);
    explanation_fini(&found);
    story_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(REP_3_it_comes_along_with_who_writes),
        cmocka_unit_test(LOC_7_it_counts_once_wherever_it_was_found),
        cmocka_unit_test(ATT_16_a_revocation_that_is_held_counts),
        cmocka_unit_test(ATT_16_what_does_not_hold_is_worth_nothing),
        cmocka_unit_test(ATT_8_what_a_thief_stated_leaves_what_was_stated_before),
        cmocka_unit_test(ATT_7_what_comes_back_is_revoked_as_it_was),
        cmocka_unit_test(ADM_7_with_an_attestation_goes_what_takes_it_back),
        cmocka_unit_test(LOC_2_of_one_issuer_in_one_space_the_last_counts),
        cmocka_unit_test(LOC_7_trust_is_read_from_what_is_held),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
