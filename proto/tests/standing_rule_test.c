/* The rule fora-standing-1 on credits that are made up (spec/12-reputation.md, 12.3 and 12.4). */
#include "fora/reputation.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

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

/* [from, until): what is dated at the beginning counts, what is dated at the end does not. */
static void STD_1_from_counts_and_until_does_not(void **state)
{
    const struct fora_credit credits[] = {made_up(1, 2, FORA_CREDIT_ACCEPTED, 0),
        made_up(1, 3, FORA_CREDIT_ACCEPTED, 1), made_up(1, 4, FORA_CREDIT_ACCEPTED, 2)};
    struct fora_principal_id id = person(1);
    struct fora_standing standing;
    struct fora_evidence evidence;

    (void)state;
    assert_int_equal(fora_standing_count(credits, 3, &id, 1000, 1002, &standing, &evidence), 0);
    assert_int_equal(standing.counts[FORA_CREDIT_ACCEPTED], 2);
    assert_int_equal(evidence.count, 2);
    assert_int_equal(fora_standing_count(credits, 3, &id, 1001, 1003, &standing, &evidence), 0);
    assert_int_equal(standing.counts[FORA_CREDIT_ACCEPTED], 2);
}

static void STD_5_an_id_is_evidence_once(void **state)
{
    struct fora_credit credits[] = {
        made_up(1, 0, FORA_CREDIT_ARTICLE, 0), made_up(1, 2, FORA_CREDIT_CITED, 0)};
    struct fora_principal_id id = person(1);
    struct fora_standing standing;
    struct fora_evidence evidence;

    (void)state;
    credits[1].evidence = credits[0].evidence;
    assert_int_equal(fora_standing_count(credits, 2, &id, 0, UINT64_MAX, &standing, &evidence), 0);
    assert_int_equal(evidence.count, 1);
    assert_int_equal(standing.counts[FORA_CREDIT_ARTICLE], 1);
    assert_int_equal(standing.counts[FORA_CREDIT_CITED], 1);
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

/* ---- what a view is worth ---- */

enum { SAID_MAX = 4000 };

/* The asker and the author of the answer say as much as they like, experts among them. */
struct said {
    struct fora_view_resolution list[SAID_MAX];
    struct fora_view_post post;
    struct fora_view_thread view;
    size_t asked; /* how often it was asked who somebody is */
};

static int born_long_ago(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    struct said *said = context;

    said->asked++;
    *at = principal->b[1];
    *home = (struct fora_principal_id){{0}};
    return 0;
}

static int nothing_cited(
    void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    (void)context;
    (void)id;
    (void)out;
    return FORA_E_NOTFOUND;
}

static void say(struct said *said, size_t count, unsigned people, uint64_t seed)
{
    *said = (struct said){.post = {.type = FORA_POST_ANSWER, .author = person(1)}};
    for (size_t i = 0; i < count; i++) {
        struct fora_view_resolution *one = &said->list[i];

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        one->type = 1 + (uint32_t)(seed >> 33) % 6;
        one->author = person(1 + (unsigned)(seed >> 40) % people);
        one->created_at = 5000 + i;
        one->id = (struct fora_object_id){{7, (uint8_t)(i >> 8), (uint8_t)i}};
    }
    said->post.resolutions = said->list;
    said->post.resolutions_count = count;
    said->view.posts = &said->post;
    said->view.posts_count = 1;
}

/* The plain way: was there one before it that takes its place? */
static bool is_first(const struct said *said, size_t at)
{
    const struct fora_view_resolution *this = &said->list[at];
    bool expert = this->type == FORA_RESOLUTION_COMMUNITY_VERIFIED;

    for (size_t i = 0; i < at; i++) {
        const struct fora_view_resolution *other = &said->list[i];
        bool own = memcmp(other->author.b, said->post.author.b, FORA_ID_SIZE) == 0;
        bool her = memcmp(other->author.b, this->author.b, FORA_ID_SIZE) == 0;

        if (other->type == this->type && !own && (!expert || her))
            return false;
    }
    return memcmp(this->author.b, said->post.author.b, FORA_ID_SIZE) != 0;
}

static bool is_worth(const struct said *said, size_t at)
{
    uint32_t type = said->list[at].type;

    return (type == FORA_RESOLUTION_ASKER_ACCEPTED || type == FORA_RESOLUTION_STAFF_CONFIRMED ||
               type == FORA_RESOLUTION_COMMUNITY_VERIFIED) &&
           is_first(said, at);
}

static bool has_evidence(
    const struct fora_credit *credits, size_t count, const struct fora_object_id *id)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += memcmp(credits[i].evidence.b, id->b, FORA_ID_SIZE) == 0;
    assert_true(found <= 1);
    return found == 1;
}

static void STD_2_of_what_is_said_of_an_answer_the_first_counts(void **state)
{
    static struct said said;
    const struct fora_credit_source source = {&said, born_long_ago, nothing_cited};
    struct fora_policy *policy;
    size_t given = 0;

    (void)state;
    assert_int_equal(fora_policy_new(&policy), 0);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        size_t size = seed == 60 ? SAID_MAX : seed;
        struct fora_arena arena;
        struct fora_credit *credits;
        size_t count, worth = 0;

        fora_arena_init(&arena, 0);
        say(&said, size, 1 + (unsigned)seed % 9, seed);
        assert_int_equal(
            fora_credits_of_view(&arena, policy, &source, &said.view, &credits, &count), 0);
        for (size_t i = 0; i < size; i++) {
            bool is = is_worth(&said, i);

            assert_int_equal(has_evidence(credits, count, &said.list[i].id), is);
            worth += is;
        }
        assert_int_equal(count, 1 + worth);   /* and the answer */
        assert_true(said.asked <= 2 * worth); /* nobody is looked up for what is not worth it */
        given += worth;
        fora_arena_fini(&arena);
    }
    assert_true(given > 150);
    fora_policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(STD_1_from_counts_and_until_does_not),
        cmocka_unit_test(STD_5_an_id_is_evidence_once),
        cmocka_unit_test(STD_6_reciprocal_points_count_a_quarter),
        cmocka_unit_test(STD_7_whom_the_organisation_knows),
        cmocka_unit_test(STD_10_rings_and_stars_are_bounded),
        cmocka_unit_test(STD_12_what_contradicts_itself),
        cmocka_unit_test(STD_13_proven_supported_claimed),
        cmocka_unit_test(STD_2_of_what_is_said_of_an_answer_the_first_counts),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
