/* Verdicts on many attestations at once: limits and lines (ATT-6, ATT-8) against plain counting. */
#include "alloc_fail.h"
#include "fixture.h"
#include "../src/reputation/claims.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { DELEGATIONS = 2, AWARDS = 40, MANY = 3000 };

/* What the test knows of an attestation that it made. */
struct award {
    const struct fora_object *object;
    unsigned delegation, subject, label;
    uint64_t revoked_at; /* 0: not */
};

/* Ann lets Bob hand out badges, twice and each time a few. */
struct scene {
    struct fx fx;
    struct fx_who *ann, *bob;
    struct fora_claims *claims;
    const struct fora_object *delegations[DELEGATIONS];
    uint64_t limits[DELEGATIONS];
    struct award awards[AWARDS];
    size_t count;
};

static void know(struct scene *s, const struct fora_object *object)
{
    assert_int_equal(fora_claims_add(s->claims, object), 0);
}

static const struct fora_object *delegate(struct scene *s, uint64_t limit)
{
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_DELEGATION,
            .subject = s->bob->id,
            .may = 1U << FORA_ATTESTATION_BADGE,
            .limit = limit}};

    return fx_object(&s->fx, s->ann, (struct fora_header){.kind = 0}, content, 1000);
}

static const struct fora_object *award(struct scene *s, const struct fora_object *delegation,
    unsigned subject, const char *label, uint64_t at)
{
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_BADGE,
            .subject = {{9, (uint8_t)subject}},
            .label = fora_bytes_str(label),
            .delegation = delegation->id}};

    return fx_object(&s->fx, s->bob, (struct fora_header){.kind = 0}, content, at);
}

static void revoke(struct scene *s, struct award *award, uint64_t at)
{
    const struct fora_content content = {.kind = FORA_KIND_REVOCATION};
    const struct fora_header header = {.parent = award->object->id};

    award->revoked_at = at;
    know(s, fx_object(&s->fx, s->bob, header, content, at));
}

static int setup(void **state)
{
    static struct scene s;

    memset(&s, 0, sizeof(s));
    fx_init(&s.fx);
    s.ann = fx_member(&s.fx, 1, 1);
    s.bob = fx_member(&s.fx, 2, 1);
    assert_int_equal(fora_claims_new(&s.claims), 0);
    know(&s, s.ann->create);
    know(&s, s.bob->create);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fora_claims_free(s->claims);
    fx_fini(&s->fx);
    return 0;
}

/* Thirty-odd badges of a few people, some on the same day, some taken back. */
static void hand_out(struct scene *s, uint64_t *dice)
{
    static const char *const labels[] = {"MVP", "Star", ""};

    for (unsigned i = 0; i < DELEGATIONS; i++) {
        s->limits[i] = fx_random(dice, 6); /* 0: none */
        s->delegations[i] = delegate(s, s->limits[i]);
        know(s, s->delegations[i]);
    }
    for (s->count = 0; s->count < AWARDS; s->count++) {
        struct award *a = &s->awards[s->count];

        a->delegation = fx_random(dice, DELEGATIONS);
        a->subject = fx_random(dice, 4);
        a->label = fx_random(dice, 3);
        a->revoked_at = 0;
        a->object = award(s, s->delegations[a->delegation], a->subject, labels[a->label],
            2000 + fx_random(dice, 30));
        know(s, a->object);
        if (fx_random(dice, 4) == 0)
            revoke(s, a, 2030 + fx_random(dice, 30));
    }
}

static bool is_before(const struct award *a, const struct award *b)
{
    return fora_object_order(a->object->header.created_at, &a->object->id,
               b->object->header.created_at, &b->object->id) < 0;
}

/* There is one issuer and one type: so an award is also a line. */
static bool same(const struct award *a, const struct award *b)
{
    return a->delegation == b->delegation && a->subject == b->subject && a->label == b->label;
}

/* The first of those of its kind that were never taken back. */
static bool takes_place(const struct scene *s, const struct award *a)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct award *other = &s->awards[i];

        if (other->revoked_at == 0 && same(a, other) && is_before(other, a))
            return false;
    }
    return a->revoked_at == 0;
}

/* How many places of the delegation are taken before `a` takes one, or one of its kind does. */
static uint64_t places_before(const struct scene *s, const struct award *a)
{
    const struct award *leader = NULL;
    uint64_t places = 0;

    for (size_t i = 0; i < s->count; i++) {
        if (same(a, &s->awards[i]) && takes_place(s, &s->awards[i]))
            leader = &s->awards[i];
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct award *other = &s->awards[i];

        places += other->delegation == a->delegation && takes_place(s, other) &&
                  (leader == NULL || is_before(other, leader));
    }
    return places;
}

static int expected(const struct scene *s, const struct award *a, uint64_t at)
{
    uint64_t limit = s->limits[a->delegation];

    if (a->object->header.created_at > at)
        return FORA_E_FUTURE;
    if (a->revoked_at != 0 && a->revoked_at <= at)
        return FORA_E_REVOKED;
    if (limit != 0 && places_before(s, a) >= limit)
        return FORA_E_LIMIT;
    for (size_t i = 0; i < s->count; i++) {
        const struct award *other = &s->awards[i];

        if (same(a, other) && is_before(a, other) && other->object->header.created_at <= at &&
            (other->revoked_at == 0 || other->revoked_at > at))
            return FORA_E_SUPERSEDED;
    }
    return 0;
}

static void ATT_6_and_8_limits_and_lines_as_plain_counting_has_them(void **state)
{
    size_t seen[5] = {0};
    uint64_t dice = 3;

    for (unsigned round = 0; round < 40; round++) {
        struct scene *s;

        if (round != 0)
            assert_int_equal(teardown(state) + setup(state), 0);
        s = *state;
        hand_out(s, &dice);
        for (uint64_t at = 2010; at <= 2070; at += 15) {
            for (size_t i = 0; i < s->count; i++) {
                int want = expected(s, &s->awards[i], at);
                struct fora_claim claim;

                assert_int_equal(
                    fora_claims_check(s->claims, &s->awards[i].object->id, at, &claim), 0);
                assert_int_equal(claim.code, want);
                seen[want == 0                ? 0
                     : want == FORA_E_FUTURE  ? 1
                     : want == FORA_E_REVOKED ? 2
                     : want == FORA_E_LIMIT   ? 3
                                              : 4]++;
            }
        }
    }
    print_message("good %zu, not yet %zu, revoked %zu, over the limit %zu, superseded %zu\n",
        seen[0], seen[1], seen[2], seen[3], seen[4]);
    for (size_t i = 0; i < 5; i++)
        assert_true(seen[i] > 100);
}

static int count_codes(void *context, const struct fora_claim *claim)
{
    size_t *seen = context;

    if (claim->attestation->type == FORA_ATTESTATION_BADGE)
        seen[claim->code == 0 ? 0 : claim->code == FORA_E_LIMIT ? 1 : 2]++;
    return 0;
}

/* As many as a bundle has room for, all under one limit: a look at all others for each would take
 * minutes. */
static void ATT_6_a_bundle_full_of_awards(void **state)
{
    struct scene *s = *state;
    const struct fora_object *delegation = delegate(s, MANY - 10);
    size_t seen[3] = {0};

    know(s, delegation);
    for (unsigned i = 0; i < MANY; i++) {
        char label[16];

        snprintf(label, sizeof(label), "no. %u", i);
        know(s, award(s, delegation, 0, label, 2000 + i));
    }
    assert_int_equal(fora_claims_each(s->claims, NULL, 9000, count_codes, seen), 0);
    assert_int_equal(seen[0], MANY - 10);
    assert_int_equal(seen[1], 10);
    assert_int_equal(seen[2], 0);
}

/* ---- standings ---- */

enum { STATED = 60 };

/* What the test knows of a standing: of two periods, with one of three counts. */
struct stated {
    const struct fora_object *object;
    unsigned period, count;
    uint64_t revoked_at;
};

/* A node that hosts a space states of one member what it likes. */
struct talk {
    struct fx_who *node;
    const struct fora_object *space;
    struct stated said[STATED];
};

static struct talk talk_begin(struct scene *s)
{
    struct talk talk = {.node = fx_node(&s->fx, 7, 1)};

    talk.space = fx_space(&s->fx, talk.node, FORA_SPACE_QUESTIONS, "beer", 10);
    know(s, talk.node->create);
    know(s, talk.space);
    know(s, fx_host(&s->fx, talk.node, talk.space, talk.node, 11));
    return talk;
}

static const struct fora_object *state_standing(
    struct scene *s, const struct talk *talk, unsigned period, unsigned count, uint64_t at)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = 1 + count}};
    const struct fora_header header = {.space = fora_object_space(talk->space)};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_STANDING,
            .subject = s->ann->id,
            .rule = fora_bytes_str("test-1"),
            .until = 100 + period,
            .facts = facts,
            .facts_count = 1}};

    return fx_object(&s->fx, talk->node, header, content, at);
}

static void take_back(struct scene *s, const struct talk *talk, struct stated *stated, uint64_t at)
{
    const struct fora_content content = {.kind = FORA_KIND_REVOCATION};
    const struct fora_header header = {
        .space = fora_object_space(talk->space), .parent = stated->object->id};

    stated->revoked_at = at;
    know(s, fx_object(&s->fx, talk->node, header, content, at));
}

static bool is_said(const struct stated *stated, uint64_t at)
{
    return stated->object->header.created_at <= at &&
           (stated->revoked_at == 0 || stated->revoked_at > at);
}

static int expected_of(const struct talk *talk, const struct stated *stated, uint64_t at)
{
    int code = 0;

    if (stated->object->header.created_at > at)
        return FORA_E_FUTURE;
    if (!is_said(stated, at))
        return FORA_E_REVOKED;
    for (size_t i = 0; i < STATED; i++) {
        const struct stated *other = &talk->said[i];
        bool later = fora_object_order(stated->object->header.created_at, &stated->object->id,
                         other->object->header.created_at, &other->object->id) < 0;

        if (!is_said(other, at))
            continue;
        if (other->period == stated->period && other->count != stated->count)
            return FORA_E_CONFLICT;
        code = later ? FORA_E_SUPERSEDED : code;
    }
    return code;
}

static void ATT_8_standings_of_a_line_as_plain_counting_has_them(void **state)
{
    size_t good = 0, conflicts = 0, superseded = 0, revoked = 0;
    uint64_t dice = 9;

    for (unsigned round = 0; round < 30; round++) {
        struct scene *s;
        struct talk talk;

        if (round != 0)
            assert_int_equal(teardown(state) + setup(state), 0);
        s = *state;
        talk = talk_begin(s);
        for (size_t i = 0; i < STATED; i++) {
            struct stated *one = &talk.said[i];

            *one = (struct stated){
                .period = fx_random(&dice, 8), .count = fx_random(&dice, round % 3 == 0 ? 2 : 40)};
            one->count = one->count == 1; /* most say the same */
            one->object =
                state_standing(s, &talk, one->period, one->count, 2000 + fx_random(&dice, 30));
            know(s, one->object);
            if (fx_random(&dice, 3) != 0)
                take_back(s, &talk, one, 2000 + fx_random(&dice, 60));
        }
        for (uint64_t at = 1999; at <= 2070; at += 7) {
            for (size_t i = 0; i < STATED; i++) {
                int want = expected_of(&talk, &talk.said[i], at);
                struct fora_claim claim;

                assert_int_equal(
                    fora_claims_check(s->claims, &talk.said[i].object->id, at, &claim), 0);
                assert_int_equal(claim.code, want);
                good += want == 0;
                conflicts += want == FORA_E_CONFLICT;
                superseded += want == FORA_E_SUPERSEDED;
                revoked += want == FORA_E_REVOKED;
            }
        }
    }
    print_message("good %zu, in conflict %zu, superseded %zu, revoked %zu\n", good, conflicts,
        superseded, revoked);
    assert_true(good > 100 && conflicts > 100 && superseded > 100 && revoked > 100);
}

static int count_conflicts(void *context, const struct fora_claim *claim)
{
    size_t *conflicts = context;

    *conflicts += claim->code == FORA_E_CONFLICT;
    return 0;
}

/* A hostile issuer's: all of one line, each with other facts, every third taken back. */
static void ATT_8_a_line_full_of_contradictions_costs_a_few_looks_each(void **state)
{
    struct scene *s = *state;
    struct talk talk = talk_begin(s);
    size_t conflicts = 0, revoked = 0;

    for (unsigned i = 0; i < MANY; i++) {
        struct stated one = {.object = state_standing(s, &talk, 1, i, 2000 + i)};

        know(s, one.object);
        if (i % 3 == 0)
            take_back(s, &talk, &one, 6000 + i);
        revoked += i % 3 == 0;
    }
    assert_int_equal(fora_claims_each(s->claims, NULL, 99999, count_conflicts, &conflicts), 0);
    assert_int_equal(conflicts, MANY - revoked);
    /* To settle two lists of at most two events each, and to look up twice: 13 of 6,000 at most. */
    assert_true(s->claims->looks <= (uint64_t)MANY * (2 * 2 + 2 * 13));
    assert_true(s->claims->looks >= MANY);
    conflicts = 0;
    assert_int_equal(fora_claims_each(s->claims, NULL, 5999, count_conflicts, &conflicts), 0);
    assert_int_equal(conflicts, MANY);
}

static void what_is_not_taken(void **state)
{
    struct scene *s = *state;
    const struct fora_object *delegation = delegate(s, 1);

    assert_int_equal(fora_claims_add(s->claims, fx_strip(&s->fx, delegation)), FORA_E_NO_CONTENT);
    for (size_t i = 0; i < FORA_CLAIMS_MAX; i++)
        know(s, delegation);
    assert_int_equal(fora_claims_add(s->claims, delegation), FORA_E_LIMIT);
    know(s, s->ann->create); /* there is room for other kinds */
}

/* An error while folding leaves claims that can be asked again. */
static void every_allocation_may_fail(void **state)
{
    struct scene *s = *state;
    uint64_t dice = 5;
    struct fora_claim claim;
    int error;
    long n = 0;

    hand_out(s, &dice);
    do {
        alloc_fail_at(n++);
        error = fora_claims_check(s->claims, &s->awards[0].object->id, 2070, &claim);
        assert_true(!alloc_fail_stop() || error == FORA_E_NOMEM);
    } while (error == FORA_E_NOMEM);
    assert_int_equal(error, 0);
    assert_true(n > 5);
    assert_int_equal(claim.code, expected(s, &s->awards[0], 2070));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            ATT_6_and_8_limits_and_lines_as_plain_counting_has_them, setup, teardown),
        cmocka_unit_test_setup_teardown(ATT_6_a_bundle_full_of_awards, setup, teardown),
        cmocka_unit_test_setup_teardown(
            ATT_8_standings_of_a_line_as_plain_counting_has_them, setup, teardown),
        cmocka_unit_test_setup_teardown(
            ATT_8_a_line_full_of_contradictions_costs_a_few_looks_each, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
