/* Credits, counting and bundles, clause by clause (spec/12-reputation.md). Verdicts have vectors.
 */
#include "alloc_fail.h"
#include "fixture.h"
#include "fora/reputation.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define DAY UINT64_C(86400000)

struct scene {
    struct fx fx;
    struct fx_who *node, *ann, *bob, *carl, *staff, *expert;
    const struct fora_object *space, *question, *answer, *article;
    struct fora_object list[64];
    size_t count;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct fora_credit *credits;
    size_t credits_count;
    uint64_t born; /* of everybody */
    bool homed;    /* everybody's home is the node */
};

static const struct fora_object *put(struct scene *s, const struct fora_object *object)
{
    assert_true(s->count < 64);
    s->list[s->count++] = *object;
    return object;
}

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    struct scene *s = context;

    (void)principal;
    *at = s->born;
    memset(home, 0, sizeof(*home));
    if (s->homed)
        *home = s->node->id;
    return 0;
}

static int object(void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    struct scene *s = context;

    for (size_t i = 0; i < s->count; i++) {
        const struct fora_header *header = &s->list[i].header;

        if (memcmp(s->list[i].id.b, id->b, sizeof(id->b)) != 0)
            continue;
        *out = (struct fora_credit_object){
            .author = header->author, .space = header->space, .kind = header->kind};
        return 0;
    }
    return FORA_E_NOTFOUND;
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return -1;
    fx_init(&s->fx);
    fora_arena_init(&s->arena, 0);
    s->node = fx_node(&s->fx, 1, 1);
    s->ann = fx_member(&s->fx, 2, 1);
    s->bob = fx_member(&s->fx, 3, 1);
    s->carl = fx_member(&s->fx, 4, 1);
    s->staff = fx_member(&s->fx, 5, 1);
    s->expert = fx_member(&s->fx, 6, 1);
    s->space = fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "brewing", 1000);
    assert_int_equal(fora_policy_new(&s->policy), 0);
    assert_int_equal(fora_policy_add(s->policy, s->space), 0);
    assert_int_equal(fora_policy_add(s->policy, fx_grant(&s->fx, s->node, s->space, s->staff,
                                                    FORA_ROLE_STAFF, 1, 0, 1000)),
        0);
    assert_int_equal(fora_policy_add(s->policy, fx_grant(&s->fx, s->node, s->space, s->expert,
                                                    FORA_ROLE_EXPERT, 1, 0, 1000)),
        0);
    s->question = put(s, fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_QUESTION, "Why?", 2000));
    s->answer = put(s, fx_answer(&s->fx, s->ann, s->question, "So.", 3000));
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fora_arena_fini(&s->arena);
    fx_fini(&s->fx);
    free(s);
    return 0;
}

/* Folds the thread of `root` and counts its credits. */
static void credit(struct scene *s, const struct fora_object *root)
{
    const struct fora_credit_source source = {s, born, object};
    struct fora_object *thread = fora_arena_alloc(&s->arena, s->count * sizeof(*thread));
    struct fora_view_thread view;
    size_t count = 0;

    assert_non_null(thread);
    for (size_t i = 0; i < s->count; i++) {
        if (memcmp(s->list[i].id.b, root->id.b, FORA_ID_SIZE) == 0 ||
            memcmp(s->list[i].header.root.b, root->id.b, FORA_ID_SIZE) == 0)
            thread[count++] = s->list[i];
    }
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, thread, count, &view), 0);
    assert_int_equal(
        fora_credits_of_view(&s->arena, s->policy, &source, &view, &s->credits, &s->credits_count),
        0);
}

static unsigned how_many(
    const struct scene *s, uint32_t class, const struct fx_who *subject, const struct fx_who *giver)
{
    unsigned found = 0;

    for (size_t i = 0; i < s->credits_count; i++) {
        const struct fora_credit *c = &s->credits[i];

        found += c->class == class && memcmp(c->subject.b, subject->id.b, FORA_ID_SIZE) == 0 &&
                 (giver == NULL ? fora_id_is_zero(c->giver.b)
                                : memcmp(c->giver.b, giver->id.b, FORA_ID_SIZE) == 0);
    }
    return found;
}

static void STD_2_an_answer_and_what_is_said_of_it(void **state)
{
    struct scene *s = *state;

    put(s, fx_resolve(&s->fx, s->bob, s->answer, FORA_RESOLUTION_ASKER_ACCEPTED, 4000));
    put(s, fx_resolve(&s->fx, s->bob, s->answer, FORA_RESOLUTION_ASKER_ACCEPTED, 4100));
    put(s, fx_resolve(&s->fx, s->staff, s->answer, FORA_RESOLUTION_STAFF_CONFIRMED, 4200));
    put(s, fx_resolve(&s->fx, s->expert, s->answer, FORA_RESOLUTION_COMMUNITY_VERIFIED, 4300));
    put(s, fx_resolve(&s->fx, s->carl, s->answer, FORA_RESOLUTION_COMMUNITY_VERIFIED, 4300));
    put(s, fx_tally(&s->fx, s->node, s->answer, 25, 1, 4400));
    credit(s, s->question);
    assert_int_equal(s->credits_count, 5);
    assert_int_equal(how_many(s, FORA_CREDIT_ANSWER, s->ann, NULL), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_CONFIRMED, s->ann, NULL), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_VERIFIED, s->ann, s->expert), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_RATING, s->ann, NULL), 1);
    assert_int_equal(s->credits[4].value, 10);
    assert_int_equal(s->credits[1].at, 4000);
    assert_false(s->credits[1].badge);
    assert_true(s->credits[3].badge); /* of the expert */
}

/* Carl was made an expert for a standing, which his friends could have given him: the organisation
 * does not know him by it. The expert was appointed. */
static void STD_7_what_was_earned_is_no_appointment(void **state)
{
    struct scene *s = *state;
    const struct fora_object *earned =
        fx_earned(&s->fx, s->node, s->space, s->carl, FORA_ROLE_EXPERT, 4000);

    assert_int_equal(fora_policy_add(s->policy, earned), 0);
    put(s, fx_resolve(&s->fx, s->carl, s->answer, FORA_RESOLUTION_COMMUNITY_VERIFIED, 4300));
    put(s, fx_resolve(&s->fx, s->expert, s->answer, FORA_RESOLUTION_COMMUNITY_VERIFIED, 4300));
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_VERIFIED, s->ann, s->carl), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_VERIFIED, s->ann, s->expert), 1);
    for (size_t i = 0; i < s->credits_count; i++) {
        const struct fora_credit *c = &s->credits[i];

        if (c->class == FORA_CREDIT_VERIFIED)
            assert_int_equal(c->badge, memcmp(c->giver.b, s->expert->id.b, FORA_ID_SIZE) == 0);
    }
}

static void STD_2_nothing_of_what_is_gone_and_nothing_for_oneself(void **state)
{
    struct scene *s = *state;
    const struct fora_object *own = put(s, fx_answer(&s->fx, s->bob, s->question, "Ah.", 3500));

    put(s, fx_resolve(&s->fx, s->bob, own, FORA_RESOLUTION_ASKER_ACCEPTED, 4000));
    put(s, fx_resolve(&s->fx, s->bob, s->answer, FORA_RESOLUTION_ASKER_ACCEPTED, 4000));
    put(s, fx_retract(&s->fx, s->ann, s->answer, 5000));
    credit(s, s->question);
    assert_int_equal(s->credits_count, 1);
    assert_int_equal(how_many(s, FORA_CREDIT_ANSWER, s->bob, NULL), 1);
}

static void STD_2_an_article_cites_each_author_once(void **state)
{
    struct scene *s = *state;
    const struct fora_object *more = put(s, fx_answer(&s->fx, s->ann, s->question, "More.", 3100));
    const struct fora_object *mine = put(s, fx_answer(&s->fx, s->carl, s->question, "I.", 3200));
    struct fora_object_id cited[4] = {s->answer->id, more->id, mine->id, {{9}}};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = cited, .objects_count = 4}};

    s->article = put(s, fx_thread(&s->fx, s->carl, s->space, FORA_THREAD_ARTICLE, "How", 6000));
    put(s, fx_about(&s->fx, s->carl, s->article, cite, 6100));
    credit(s, s->article);
    assert_int_equal(s->credits_count, 2);
    assert_int_equal(how_many(s, FORA_CREDIT_ARTICLE, s->carl, NULL), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_CITED, s->ann, s->carl), 1);
    assert_memory_equal(s->credits[1].evidence.b, s->article->id.b, FORA_ID_SIZE);
}

static void STD_3_no_credit_between_new_accounts_of_one_node(void **state)
{
    struct scene *s = *state;

    put(s, fx_resolve(&s->fx, s->bob, s->answer, FORA_RESOLUTION_ASKER_ACCEPTED, 40 * DAY));
    s->homed = true;
    s->born = 40 * DAY - 30 * DAY + 1;
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 0);
    s->born--;
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 1);
    s->born = 40 * DAY;
    s->homed = false;
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 1);
}

/* ---- the rule, on credits that are made up ---- */

static struct fora_principal_id person(unsigned number)
{
    return (struct fora_principal_id){{1, (uint8_t)(number >> 8), (uint8_t)number}};
}

static struct fora_credit made_up(unsigned subject, unsigned giver, uint32_t class, unsigned nth)
{
    struct fora_credit c = {
        .subject = person(subject), .class = class, .value = 1, .at = 1000 + nth};

    if (fora_credit_points(class) != 0)
        c.giver = person(giver);
    c.evidence = (struct fora_object_id){
        {(uint8_t) class, (uint8_t)(nth >> 16), (uint8_t)(nth >> 8), (uint8_t)nth,
            (uint8_t)(subject >> 8), (uint8_t)subject, (uint8_t)(giver >> 8), (uint8_t)giver}};
    return c;
}

static uint64_t standing_of(
    const struct fora_credit *credits, size_t count, unsigned subject, struct fora_standing *out)
{
    struct fora_principal_id id = person(subject);
    struct fora_evidence evidence;

    assert_int_equal(fora_standing_count(credits, count, &id, 0, UINT64_MAX, out, &evidence), 0);
    return fora_standing_score(out);
}

static void STD_6_reciprocal_points_count_a_quarter(void **state)
{
    struct fora_credit credits[4];
    struct fora_standing standing;

    (void)state;
    credits[0] = made_up(1, 2, FORA_CREDIT_ACCEPTED, 0);
    credits[1] = made_up(1, 2, FORA_CREDIT_ACCEPTED, 1);
    assert_int_equal(standing_of(credits, 2, 1, &standing), 30);
    credits[2] = made_up(2, 1, FORA_CREDIT_ACCEPTED, 2);
    credits[3] = made_up(2, 1, FORA_CREDIT_ACCEPTED, 3);
    assert_int_equal(standing_of(credits, 4, 1, &standing), 7);
    assert_int_equal(standing_of(credits, 4, 2, &standing), 7);
    assert_int_equal(standing.givers, 1);
}

static void STD_7_whom_the_organisation_knows(void **state)
{
    struct fora_credit credits[3];
    struct fora_standing standing;

    (void)state;
    credits[0] = made_up(1, 2, FORA_CREDIT_ACCEPTED, 0);
    credits[1] = made_up(1, 3, FORA_CREDIT_VERIFIED, 1);
    credits[2] = made_up(2, 0, FORA_CREDIT_CONFIRMED, 2);
    standing_of(credits, 2, 1, &standing);
    assert_int_equal(standing.rooted, 0);
    standing_of(credits, 3, 1, &standing);
    assert_int_equal(standing.rooted, 1);
    assert_int_equal(standing.from_rooted, 15);
    assert_int_equal(standing.from_others, 10);
    credits[1].badge = true;
    standing_of(credits, 3, 1, &standing);
    assert_int_equal(standing.rooted, 2);
}

/* A ring of k members, each of whom accepts thirty answers of every other one, and a star: all k
 * work for one. Neither passes the bound, whatever k is. */
static void STD_10_rings_and_stars_are_bounded(void **state)
{
    static const unsigned sizes[] = {2, 5, 20, 60, 100};
    struct fora_standing standing;
    uint64_t last = 0;

    (void)state;
    for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
        unsigned k = sizes[n], nth = 0;
        size_t count = 0;
        struct fora_credit *credits = malloc((size_t)k * k * 60 * sizeof(*credits));
        uint64_t ring, star;

        assert_non_null(credits);
        for (unsigned a = 0; a < k; a++) {
            for (unsigned b = 0; b < k; b++) {
                for (unsigned i = 0; i < 30 && a != b; i++) {
                    credits[count++] = made_up(a, b, FORA_CREDIT_ACCEPTED, nth++);
                    credits[count++] = made_up(a, b, FORA_CREDIT_ANSWER, nth++);
                }
            }
        }
        ring = standing_of(credits, count, 0, &standing);
        count = 0;
        for (unsigned b = 1; b < k; b++) {
            for (unsigned i = 0; i < 30; i++)
                credits[count++] = made_up(0, b, FORA_CREDIT_ACCEPTED, nth++);
        }
        star = standing_of(credits, count, 0, &standing);
        assert_true(ring <= 550 && star <= 500);
        assert_true(fora_standing_level(star) < 4);
        assert_true(star >= last);
        last = star;
        free(credits);
    }
    assert_int_equal(last, 500);
}

static void STD_12_what_contradicts_itself(void **state)
{
    struct fora_fact facts[FORA_STANDING_FACTS];
    struct fora_standing sums = {.counts = {[FORA_CREDIT_ANSWER] = 3, [FORA_CREDIT_CONFIRMED] = 2},
        .givers = 1,
        .from_others = 9,
        .rating = 5};
    struct fora_attestation claim = {.type = FORA_ATTESTATION_STANDING,
        .rule = fora_bytes_str(FORA_STANDING_RULE),
        .facts = facts};

    (void)state;
    claim.facts_count = fora_standing_facts(&sums, facts);
    assert_int_equal(fora_standing_check(&claim), 0);
    for (size_t i = 0; i < claim.facts_count; i++) {
        bool free_of = fora_bytes_equal(facts[i].name, fora_bytes_str("givers"));

        facts[i].count++;
        assert_int_equal(fora_standing_check(&claim), free_of ? 0 : FORA_E_EVIDENCE);
        facts[i].count--;
    }
    facts[0].count += 1000000;
    claim.rule = fora_bytes_str("house-rule-7");
    assert_int_equal(fora_standing_check(&claim), 0);
}

static void STD_13_proven_supported_claimed(void **state)
{
    struct fora_credit credits[3];
    struct fora_principal_id id = person(1);
    struct fora_standing then, now;
    struct fora_evidence proof, later;
    struct fora_fact facts[FORA_STANDING_FACTS];
    struct fora_attestation claim = {.type = FORA_ATTESTATION_STANDING,
        .rule = fora_bytes_str(FORA_STANDING_RULE),
        .facts = facts};
    struct fora_bytes failed;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        credits[i] = made_up(1, 2 + i, FORA_CREDIT_ACCEPTED, i);
    assert_int_equal(fora_standing_count(credits, 3, &id, 0, 1002, &then, &proof), 0);
    assert_int_equal(then.counts[FORA_CREDIT_ACCEPTED], 2);
    claim.facts_count = fora_standing_facts(&then, facts);
    fora_evidence_root(&proof, &claim.evidence_root);
    assert_int_equal(fora_standing_compare(&claim, &then, &proof, &failed), FORA_PROOF_PROVEN);
    assert_int_equal(fora_standing_count(credits, 3, &id, 0, 1003, &now, &later), 0);
    assert_int_equal(fora_standing_compare(&claim, &now, &later, &failed), FORA_PROOF_SUPPORTED);
    assert_int_equal(failed.size, 0);
    facts[0].count++;
    assert_int_equal(fora_standing_compare(&claim, &then, &proof, &failed), FORA_PROOF_CLAIMED);
    assert_true(fora_bytes_equal(failed, fora_bytes_str("accepted")));
}

/* ---- bundles ---- */

struct refusals {
    size_t count;
    size_t index;
    int code;
};

static void note(void *context, size_t index, int code)
{
    struct refusals *refusals = context;

    refusals->count++;
    refusals->index = index;
    refusals->code = code;
}

static const struct fora_object *award(
    struct scene *s, const struct fx_who *subject, const char *label)
{
    const struct fora_header header = {.space = fora_object_space(s->space)};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_BADGE,
            .subject = subject->id,
            .label = fora_bytes_str(label)}};

    return fx_object(&s->fx, s->node, header, content, 5000);
}

static void open_bundle(
    const struct fora_bundle *bundle, struct fora_claims **claims, struct refusals *refusals)
{
    struct fora_buf encoded = {0};
    struct fora_bundle again;
    struct fora_arena arena;

    *refusals = (struct refusals){0};
    fora_arena_init(&arena, 0);
    assert_int_equal(fora_bundle_encode(&encoded, bundle), 0);
    assert_int_equal(fora_bundle_decode(&arena, fora_buf_bytes(&encoded), &again), 0);
    assert_int_equal(again.made_at, bundle->made_at);
    assert_int_equal(fora_claims_new(claims), 0);
    assert_int_equal(fora_bundle_open(&again, *claims, note, refusals), 0);
    fora_buf_fini(&encoded);
    fora_arena_fini(&arena);
}

static void ATT_11_a_bundle_verifies_offline(void **state)
{
    struct scene *s = *state;
    const struct fora_object *mvp = award(s, s->ann, "MVP"), *other = award(s, s->bob, "Star");
    struct fora_bytes objects[8] = {mvp->encoded, s->node->create->encoded, s->ann->create->encoded,
        s->space->encoded, mvp->encoded};
    struct fora_bundle bundle = {.version = 1,
        .subject = s->ann->id,
        .made_at = 7000,
        .objects = objects,
        .objects_count = 5};
    struct fora_claims *claims;
    struct fora_claim claim;
    struct refusals refusals;
    uint8_t forged[2048];

    open_bundle(&bundle, &claims, &refusals);
    assert_int_equal(refusals.count, 0);
    assert_int_equal(fora_claims_check(claims, &mvp->id, 8000, &claim), 0);
    assert_int_equal(claim.code, 0);
    assert_memory_equal(claim.authority.b, s->node->id.b, FORA_ID_SIZE);
    fora_claims_free(claims);

    /* Somebody else's badge, and one whose signature was tampered with. */
    objects[4] = other->encoded;
    open_bundle(&bundle, &claims, &refusals);
    assert_int_equal(refusals.count, 1);
    assert_int_equal(refusals.index, 4);
    assert_int_equal(refusals.code, FORA_E_MISMATCH);
    fora_claims_free(claims);
    assert_true(mvp->encoded.size <= sizeof(forged));
    memcpy(forged, mvp->encoded.data, mvp->encoded.size);
    forged[mvp->header_bytes.data + mvp->header_bytes.size - mvp->encoded.data + 10] ^= 1;
    objects[0] = objects[4] = fora_bytes(forged, mvp->encoded.size);
    open_bundle(&bundle, &claims, &refusals);
    assert_int_equal(refusals.count, 2);
    assert_int_equal(refusals.code, FORA_E_SIGNATURE);
    assert_int_equal(fora_claims_check(claims, &mvp->id, 8000, &claim), FORA_E_NOTFOUND);
    fora_claims_free(claims);
}

static void LIM_40_a_bundle_that_is_too_large(void **state)
{
    struct scene *s = *state;
    struct fora_bytes objects[8];
    struct fora_bundle bundle = {.version = 1,
                           .subject = s->ann->id,
                           .objects = objects,
                           .objects_count = 8},
                       out;
    struct fora_buf encoded = {0};
    struct fora_arena arena;
    uint8_t *large = calloc(1, 2 * FORA_BUNDLE_MAX);

    assert_non_null(large);
    fora_arena_init(&arena, 0);
    for (size_t i = 0; i < 8; i++)
        objects[i] = s->space->encoded;
    assert_int_equal(fora_bundle_encode(&encoded, &bundle), 0);
    assert_int_equal(
        fora_bundle_decode(&arena, fora_bytes(large, FORA_BUNDLE_MAX + 1), &out), FORA_E_TOO_LARGE);
    assert_int_equal(fora_bundle_decode(&arena, fora_bytes(large, 100), &out), FORA_E_MALFORMED);
    bundle.version = 2;
    fora_buf_clear(&encoded);
    assert_int_equal(fora_bundle_encode(&encoded, &bundle), 0);
    assert_int_equal(fora_bundle_decode(&arena, fora_buf_bytes(&encoded), &out), FORA_E_VERSION);
    fora_buf_fini(&encoded);
    fora_arena_fini(&arena);
    free(large);
}

static int verdict_of(struct scene *s, const struct fora_object *badge)
{
    struct fora_claims *claims;
    struct fora_claim claim;
    const struct fora_object *list[] = {badge, s->space, s->node->create, s->ann->create};
    int error = fora_claims_new(&claims);

    if (error != 0)
        return error;
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]) && error == 0; i++)
        error = fora_claims_add(claims, list[i]);
    if (error == 0)
        error = fora_claims_check(claims, &badge->id, 9000, &claim);
    if (error == 0)
        error = claim.code;
    fora_claims_free(claims);
    return error;
}

static void verdicts_without_memory(void **state)
{
    struct scene *s = *state;
    const struct fora_object *mvp = award(s, s->ann, "MVP");
    long n = 0;

    for (;; n++) {
        int error;

        alloc_fail_at(n);
        error = verdict_of(s, mvp);
        if (!alloc_fail_stop())
            break;
        assert_int_equal(error, FORA_E_NOMEM);
    }
    assert_true(n > 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(STD_2_an_answer_and_what_is_said_of_it),
        TEST(STD_2_nothing_of_what_is_gone_and_nothing_for_oneself),
        TEST(STD_7_what_was_earned_is_no_appointment),
        TEST(STD_2_an_article_cites_each_author_once),
        TEST(STD_3_no_credit_between_new_accounts_of_one_node),
        cmocka_unit_test(STD_6_reciprocal_points_count_a_quarter),
        cmocka_unit_test(STD_7_whom_the_organisation_knows),
        cmocka_unit_test(STD_10_rings_and_stars_are_bounded),
        cmocka_unit_test(STD_12_what_contradicts_itself),
        cmocka_unit_test(STD_13_proven_supported_claimed),
        TEST(ATT_11_a_bundle_verifies_offline),
        TEST(LIM_40_a_bundle_that_is_too_large),
        TEST(verdicts_without_memory),
    };

    if (fora_crypto_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
