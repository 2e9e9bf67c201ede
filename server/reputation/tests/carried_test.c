/* What a member carries, between nodes of one process: it comes along with her (REP-3), is given to
 * who asks for it, and its place is taken by the next (OBJ-8). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/tests/net.h"
#include "core/tests/world.h"
#include "fixture.h"
#include "reputation/explain.h"

#include <stdio.h>
#include <string.h>

enum { STANDING = 20 };

/* Ann earned a standing in beer; wine is another space, of b. The shelf is a node's store alone. */
struct story {
    struct net net;
    struct fx fx;
    struct net_node *b, *c;
    struct shelf shelf;
    uint64_t now;
    struct fora_space_id beer, wine;
    struct fx_who *ann, *vendor;
    const struct fora_object *beer_object;
};

static void story_init(struct story *s)
{
    memset(s, 0, sizeof *s);
    net_init(&s->net);
    fx_init(&s->fx);
    shelf_init(&s->shelf);
    s->now = s->net.now < WORLD_NOW ? s->net.now : WORLD_NOW;
    s->b = net_add(&s->net, "b");
    s->c = net_add(&s->net, "c");
    s->wine = net_space(&s->net, s->b, "wine");
    s->ann = fx_member(&s->fx, 1, s->now - 5000);
    s->vendor = fx_node(&s->fx, 2, s->now - 5000);
    s->beer_object = fx_space(&s->fx, s->vendor, FORA_SPACE_QUESTIONS, "beer", s->now - 4000);
    s->beer = fora_object_space(s->beer_object);
}

static void story_fini(struct story *s)
{
    net_fini(&s->net);
    shelf_fini(&s->shelf);
    fx_fini(&s->fx);
}

/* By whom it was let to, of whoever it likes. */
static const struct fora_object *standing_by(struct story *s, const struct fx_who *who,
    const struct fx_who *of, const struct fora_object *given, uint64_t points, uint64_t ago)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = points},
        {.name = fora_bytes_str("standing"), .count = points}};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_STANDING,
            .subject = of->id,
            .until = s->now - ago,
            .delegation = given != NULL ? given->id : (struct fora_object_id){{0}},
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts,
            .facts_count = 2}};

    return fx_object(&s->fx, who, (struct fora_header){.space = s->beer}, content, s->now - ago);
}

static const struct fora_object *standing(struct story *s, uint64_t points, uint64_t ago)
{
    return standing_by(s, s->vendor, s->ann, NULL, points, ago);
}

static const struct fora_object *carried_all(
    struct story *s, const struct fora_object *const *objects, size_t count, uint64_t ago)
{
    struct fora_bytes encoded[8];
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++) {
        encoded[i] = objects[i]->encoded;
    }
    const struct fora_content content = {
        .kind = FORA_KIND_CARRIED, .u.carried = {.objects = encoded, .objects_count = count}};

    return fx_object(&s->fx, s->ann, (struct fora_header){0}, content, s->now - ago);
}

static const struct fora_object *carried(
    struct story *s, const struct fora_object *claim, uint64_t ago)
{
    const struct fora_object *objects[] = {s->vendor->create, s->beer_object, claim};
    return carried_all(s, objects, claim != NULL ? 3 : 0, ago);
}

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

static uint64_t explained(
    struct story *s, const struct local_policy *policy, struct explanation *out)
{
    struct kv_txn *txn = shelf_read(&s->shelf);
    assert_int_equal(explain_member(txn, policy, &s->ann->id, s->now, out), 0);
    kv_abort(txn);
    return out->local;
}

static const struct explain_claim *claim_of(const struct explanation *found, uint64_t points)
{
    for (size_t i = 0; i < found->claims_count; i++) {
        if (found->claims[i].standing == points) {
            return &found->claims[i];
        }
    }
    fail_msg("no standing of %u", (unsigned)points);
    return NULL;
}

static const struct local_policy anybody = {.others = 1000, .cap = 500, .issuers_min = 1};

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

static const struct fora_object *revocation(struct story *s, const struct fora_object *what)
{
    const struct fora_header header = {.space = s->beer, .parent = what->id};
    return fx_object(&s->fx, s->vendor, header, (struct fora_content){.kind = FORA_KIND_REVOCATION},
        s->now - 500);
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

/* A policy of the space as it was when the other was a host of it. */
static void ATT_16_a_policy_that_was_cut_short_hides_no_later_statement(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    struct fx_who *other = fx_node(&s.fx, 3, s.now - 5000);
    struct fora_host gone = {.node = other->id, .remove = true};
    const struct fora_policy_statement change = {.hosts = &gone, .hosts_count = 1};
    const struct fora_object *of_ann[] = {s.vendor->create, s.beer_object, other->create,
        fx_host(&s.fx, s.vendor, s.beer_object, other, s.now - 3500),
        standing_by(&s, other, s.ann, NULL, STANDING, 3000)};
    const struct fora_object *held[] = {s.ann->create, carried_all(&s, of_ann, 5, 2000),
        s.vendor->create, s.beer_object, other->create, of_ann[3],
        fx_policy(&s.fx, s.vendor, s.beer_object, change, s.now - 1000)};
    shelf_add(&s.shelf, held, 6);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    shelf_add(&s.shelf, held + 6, 1);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_SCOPE);
    assert_true(claim_of(&found, STANDING)->carried);
    explanation_fini(&found);
    story_fini(&s);
}

/* ---- what ends what she carries is not crowded out ---- */

enum { CROWD = 1100 };

/* Her home says of her more than a page holds: it is heard before others. */
static void crowd_in(struct story *s, struct fx_who *home, const struct fora_space_id *space)
{
    char label[32];
    const struct fora_object *moved =
        fx_move(&s->fx, s->ann, s->ann->create, 1, home, s->ann->root, s->now - 4500);
    const struct fora_object *first[] = {s->ann->create, home->create, moved};
    shelf_add(&s->shelf, first, 3);
    for (unsigned i = 0; i < CROWD; i++) {
        (void)snprintf(label, sizeof label, "junk %u", i);
        const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
            .u.attestation = {.type = FORA_ATTESTATION_AFFILIATION,
                .subject = s->ann->id,
                .from = 1,
                .label = fora_bytes_str(label)}};
        const struct fora_object *junk = fx_object(
            &s->fx, home, (struct fora_header){.space = *space}, content, s->now - 4000 + i);
        shelf_add(&s->shelf, &junk, 1);
    }
}

/* Of no space. */
static void crowd(struct story *s, struct fx_who *home)
{
    const struct fora_space_id nowhere = {{0}};
    crowd_in(s, home, &nowhere);
}

static void ATT_16_a_crowd_of_claims_hides_no_revocation_that_is_held(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    const struct fora_object *first = standing(&s, STANDING, 3000);
    const struct fora_object *later = standing(&s, STANDING / 2, 1500);
    const struct fora_object *held[] = {s.vendor->create, s.beer_object, first, later};
    const struct fora_object *last[] = {
        carried(&s, first, 1000), revocation(&s, first), revocation(&s, later)};
    crowd(&s, fx_node(&s.fx, 3, s.now - 5000));
    shelf_add(&s.shelf, held, 4);
    shelf_add(&s.shelf, last, 3);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_REVOKED);
    explanation_fini(&found);
    story_fini(&s);
}

/* Of a vendor whose first key was stolen. The thief takes back in vain what the vendor takes back
 * in earnest with another key. */
static void ATT_16_what_a_thief_took_back_in_vain_hides_no_revocation(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    struct fora_secret *stolen = s.vendor->device, *good = fx_secret(77, "another");
    const struct fora_object *added =
        fx_add_key(&s.fx, s.vendor, s.vendor->create, 1, good, s.vendor->root, s.now - 3900);
    const struct fora_object *ended =
        fx_revoke_key(&s.fx, s.vendor, added, 2, stolen, s.now - 3500, s.vendor->root, s.now - 100);
    s.vendor->device = good;
    const struct fora_object *first = standing(&s, STANDING, 3000);
    const struct fora_object *later = standing(&s, STANDING / 2, 1500);
    s.vendor->device = stolen;
    const struct fora_object *in_vain = revocation(&s, first);
    s.vendor->device = good;
    const struct fora_object *log[] = {s.vendor->create, added, ended};
    const struct fora_object *of_ann[] = {log[0], added, s.beer_object, first};
    const struct fora_object *last[] = {carried_all(&s, of_ann, 4, 1000), later,
        revocation(&s, later), in_vain, ended, revocation(&s, first)};
    crowd(&s, fx_node(&s.fx, 3, s.now - 5000));
    shelf_add(&s.shelf, log, 2);
    shelf_add(&s.shelf, of_ann + 2, 2);
    shelf_add(&s.shelf, last, 5);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    shelf_add(&s.shelf, last + 5, 1);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_REVOKED);
    explanation_fini(&found);
    s.vendor->device = stolen;
    fora_secret_free(good);
    story_fini(&s);
}

/* All of that in one space: read with each of them, its statements alone would be more than is
 * looked at for a verdict. */
static void ATT_4_a_space_that_a_page_names_often_is_learnt_once(void **state)
{
    enum { STATEMENTS = FORA_CLAIMS_MAX / 1000 };
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    struct fx_who *home = fx_node(&s.fx, 3, s.now - 5000);
    const struct fora_object *ale =
        fx_space(&s.fx, home, FORA_SPACE_QUESTIONS, "ale", s.now - 4900);
    const struct fora_space_id space = fora_object_space(ale);
    const struct fora_object *bundle = carried(&s, standing(&s, STANDING, 3000), 1000);
    shelf_add(&s.shelf, &home->create, 1);
    shelf_add(&s.shelf, &ale, 1);
    for (unsigned i = 0; i < STATEMENTS; i++) {
        const struct fora_object *statement =
            fx_grant(&s.fx, home, ale, s.vendor, FORA_ROLE_STAFF, 0, 0, s.now - 4800 + i);
        shelf_add(&s.shelf, &statement, 1);
    }
    crowd_in(&s, home, &space);
    shelf_add(&s.shelf, &bundle, 1);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    story_fini(&s);
}

/* ---- awards under a limit (ATT-6) ---- */

/* The vendor lets its deputy state one standing, and the deputy states two: Bob's before hers. */
struct programme {
    struct fx_who *deputy, *bob;
    const struct fora_object *given, *first, *second;
};

static struct programme programme_of(struct story *s)
{
    struct programme p = {
        .deputy = fx_node(&s->fx, 5, s->now - 5000), .bob = fx_member(&s->fx, 6, s->now - 5000)};
    const struct fora_content given = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_DELEGATION,
            .subject = p.deputy->id,
            .from = 1,
            .may = 1U << FORA_ATTESTATION_STANDING,
            .limit = 1}};
    p.given =
        fx_object(&s->fx, s->vendor, (struct fora_header){.space = s->beer}, given, s->now - 3500);
    p.first = standing_by(s, p.deputy, p.bob, p.given, STANDING, 3000);
    p.second = standing_by(s, p.deputy, s->ann, p.given, STANDING, 2000);
    return p;
}

/* She leaves out who was before her. */
static const struct fora_object *carried_second(struct story *s, const struct programme *p)
{
    const struct fora_object *objects[] = {
        s->vendor->create, s->beer_object, p->deputy->create, p->given, p->second};
    return carried_all(s, objects, 5, 1000);
}

/* All of it but hers. */
static void hold_programme(struct story *s, const struct programme *p)
{
    const struct fora_object *objects[] = {
        s->vendor->create, s->beer_object, p->deputy->create, p->bob->create, p->given, p->first};
    shelf_add(&s->shelf, objects, 6);
}

static void expect_over_limit(struct story *s, bool carried)
{
    struct explanation found;
    assert_int_equal(explained(s, &anybody, &found), 0);
    assert_int_equal(found.claims_count, 1);
    assert_int_equal(found.claims[0].code, FORA_E_LIMIT);
    assert_int_equal(found.claims[0].carried, carried);
    explanation_fini(&found);
}

/* As ATT-16 says: where nobody knows who was before her it counts. */
static void ATT_16_who_was_awarded_before_her_counts_where_it_is_held(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    const struct programme p = programme_of(&s);
    const struct fora_object *of_ann[] = {s.ann->create, carried_second(&s, &p)};
    shelf_add(&s.shelf, of_ann, 2);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    assert_true(claim_of(&found, STANDING)->carried);
    assert_false(claim_of(&found, STANDING)->space_held);
    explanation_fini(&found);
    hold_programme(&s, &p);
    expect_over_limit(&s, true);
    shelf_add(&s.shelf, &p.second, 1);
    expect_over_limit(&s, false);
    story_fini(&s);
}

static void ATT_16_a_crowd_of_claims_hides_nobody_who_was_awarded_before_her(void **state)
{
    struct story s;
    (void)state;
    story_init(&s);
    const struct programme p = programme_of(&s);
    const struct fora_object *bundle = carried_second(&s, &p);
    crowd(&s, fx_node(&s.fx, 3, s.now - 5000));
    hold_programme(&s, &p);
    shelf_add(&s.shelf, &bundle, 1);
    expect_over_limit(&s, true);
    story_fini(&s);
}

/* What speaks against it is more than is looked at: nothing of what she carries is, and what else
 * is known of her is. */
static void SES_33_without_room_for_what_speaks_against_it_it_is_left_out(void **state)
{
    enum { TOO_MANY = 1030 };
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    const struct programme p = programme_of(&s);
    const struct fora_object *held[] = {
        s.ann->create, carried_second(&s, &p), standing(&s, 2 * STANDING, 1500)};
    hold_programme(&s, &p);
    for (unsigned i = 0; i < TOO_MANY; i++) {
        const struct fora_object *more =
            standing_by(&s, p.deputy, p.bob, p.given, STANDING + 1 + i, 1900);
        shelf_add(&s.shelf, &more, 1);
    }
    shelf_add(&s.shelf, held, 3);
    assert_int_equal(explained(&s, &anybody, &found), 2 * STANDING);
    assert_int_equal(found.claims_count, 1);
    explanation_fini(&found);
    story_fini(&s);
}

/* She carries the log of the issuer as it was before the key was found to be stolen. */
static void ATT_16_a_log_that_was_cut_short_hides_no_stolen_key(void **state)
{
    struct story s;
    struct explanation found;
    (void)state;
    story_init(&s);
    const struct fora_object *stolen = fx_revoke_key(&s.fx, s.vendor, s.vendor->create, 1,
        s.vendor->device, s.now - 3500, s.vendor->root, s.now - 800);
    const struct fora_object *held[] = {
        s.ann->create, carried(&s, standing(&s, STANDING, 3000), 1000), s.vendor->create, stolen};
    shelf_add(&s.shelf, held, 3);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    shelf_add(&s.shelf, &held[3], 1);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_not_equal(claim_of(&found, STANDING)->code, 0);
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
        cmocka_unit_test(ATT_16_a_log_that_was_cut_short_hides_no_stolen_key),
        cmocka_unit_test(ATT_16_a_policy_that_was_cut_short_hides_no_later_statement),
        cmocka_unit_test(ATT_16_what_a_thief_took_back_in_vain_hides_no_revocation),
        cmocka_unit_test(ATT_4_a_space_that_a_page_names_often_is_learnt_once),
        cmocka_unit_test(ATT_16_who_was_awarded_before_her_counts_where_it_is_held),
        cmocka_unit_test(ATT_16_a_crowd_of_claims_hides_nobody_who_was_awarded_before_her),
        cmocka_unit_test(SES_33_without_room_for_what_speaks_against_it_it_is_left_out),
        cmocka_unit_test(ATT_16_a_crowd_of_claims_hides_no_revocation_that_is_held),
        cmocka_unit_test(LOC_7_trust_is_read_from_what_is_held),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
