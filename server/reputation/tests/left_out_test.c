/* What she leaves out of what she carries: it counts where it is held, whatever else is said of her
 * (ATT-16). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "carried_rig.h"

#include <string.h>

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
static void take_back_in_vain(unsigned times, bool crowded)
{
    struct story s;
    struct explanation found;
    story_init(&s);
    struct fora_secret *stolen = s.vendor->device, *good = fx_secret(77, "another");
    const struct fora_object *added =
        fx_add_key(&s.fx, s.vendor, s.vendor->create, 1, good, s.vendor->root, s.now - 3900);
    const struct fora_object *ended =
        fx_revoke_key(&s.fx, s.vendor, added, 2, stolen, s.now - 3500, s.vendor->root, s.now - 100);
    s.vendor->device = good;
    const struct fora_object *first = standing(&s, STANDING, 3000);
    const struct fora_object *later = standing(&s, STANDING / 2, 1500);
    const struct fora_object *log[] = {s.vendor->create, added};
    const struct fora_object *of_ann[] = {log[0], added, s.beer_object, first};
    const struct fora_object *last[] = {carried_all(&s, of_ann, 4, 1000), later,
        revocation(&s, later), ended, revocation(&s, first)};
    shelf_add(&s.shelf, &s.ann->create, 1);
    if (crowded) {
        crowd(&s, fx_node(&s.fx, 3, s.now - 5000));
    }
    shelf_add(&s.shelf, log, 2);
    shelf_add(&s.shelf, of_ann + 2, 2);
    s.vendor->device = stolen;
    for (unsigned i = 0; i < times; i++) {
        const struct fora_object *in_vain = revocation_at(&s, first, 600 + i);
        shelf_add(&s.shelf, &in_vain, 1);
    }
    shelf_add(&s.shelf, last, 4);
    assert_int_equal(explained(&s, &anybody, &found), STANDING);
    explanation_fini(&found);
    shelf_add(&s.shelf, last + 4, 1);
    assert_int_equal(explained(&s, &anybody, &found), 0);
    assert_int_equal(claim_of(&found, STANDING)->code, FORA_E_REVOKED);
    explanation_fini(&found);
    fora_secret_free(good);
    story_fini(&s);
}

static void ATT_16_what_a_thief_took_back_in_vain_hides_no_revocation(void **state)
{
    (void)state;
    take_back_in_vain(1, true);
    take_back_in_vain(7, false);
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
        cmocka_unit_test(ATT_16_a_policy_that_was_cut_short_hides_no_later_statement),
        cmocka_unit_test(ATT_16_a_crowd_of_claims_hides_no_revocation_that_is_held),
        cmocka_unit_test(ATT_16_what_a_thief_took_back_in_vain_hides_no_revocation),
        cmocka_unit_test(ATT_4_a_space_that_a_page_names_often_is_learnt_once),
        cmocka_unit_test(ATT_16_who_was_awarded_before_her_counts_where_it_is_held),
        cmocka_unit_test(ATT_16_a_crowd_of_claims_hides_nobody_who_was_awarded_before_her),
        cmocka_unit_test(SES_33_without_room_for_what_speaks_against_it_it_is_left_out),
        cmocka_unit_test(ATT_16_a_log_that_was_cut_short_hides_no_stolen_key),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
