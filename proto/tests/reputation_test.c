/* Credits and bundles, clause by clause (spec/12-reputation.md). Verdicts have vectors. */
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
    uint64_t born; /* of everybody but the veteran */
    const struct fx_who *veteran;
    bool homed; /* everybody's home is the node */
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

    *at = s->born;
    if (s->veteran != NULL && memcmp(principal->b, s->veteran->id.b, FORA_ID_SIZE) == 0)
        *at = 0;
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

static const struct fora_object *cite(
    struct scene *s, const struct fora_object *article, const struct fora_object *what, uint64_t at)
{
    struct fora_object_id cited = what->id;
    const struct fora_content content = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &cited, .objects_count = 1}};

    return put(s, fx_about(&s->fx, s->carl, article, content, at));
}

static void STD_2_only_threads_and_posts_of_the_space_are_cited(void **state)
{
    struct scene *s = *state;
    const struct fora_object *elsewhere =
        fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "baking", 1000);
    const struct fora_object *said =
        put(s, fx_resolve(&s->fx, s->expert, s->answer, FORA_RESOLUTION_COMMUNITY_VERIFIED, 4000));
    const struct fora_object *bread =
        put(s, fx_thread(&s->fx, s->staff, elsewhere, FORA_THREAD_QUESTION, "Bread?", 4000));

    s->article = put(s, fx_thread(&s->fx, s->carl, s->space, FORA_THREAD_ARTICLE, "How", 6000));
    cite(s, s->article, said, 6100);
    cite(s, s->article, bread, 6200);
    credit(s, s->article);
    assert_int_equal(s->credits_count, 1); /* the article */
    cite(s, s->article, s->question, 6300);
    credit(s, s->article);
    assert_int_equal(s->credits_count, 2);
    assert_int_equal(how_many(s, FORA_CREDIT_CITED, s->bob, s->carl), 1);
    put(s, fx_moderate(&s->fx, s->node, s->article, FORA_MODERATION_HIDE, 6500));
    credit(s, s->article);
    assert_int_equal(s->credits_count, 0);
    put(s, fx_moderate(&s->fx, s->node, s->article, FORA_MODERATION_UNHIDE, 6600));
    credit(s, s->article);
    assert_int_equal(s->credits_count, 2);
    put(s, fx_retract(&s->fx, s->carl, s->article, 7000));
    credit(s, s->article);
    assert_int_equal(s->credits_count, 0);
}

/* Carl earned that he may cite in everybody's articles: what he cites in one of the staff's is his
 * word and not theirs, and to cite himself is nothing. */
static void STD_2_an_editor_who_cites_gives_in_her_own_name(void **state)
{
    struct scene *s = *state;
    const struct fora_object *earned =
        fx_earned(&s->fx, s->node, s->space, s->carl, FORA_ROLE_EDITOR, 4000);
    const struct fora_object *own = put(s, fx_answer(&s->fx, s->carl, s->question, "I.", 3200));
    struct fora_object_id cited = s->answer->id;
    const struct fora_content content = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &cited, .objects_count = 1}};

    assert_int_equal(fora_policy_add(s->policy, earned), 0);
    s->article = put(s, fx_thread(&s->fx, s->staff, s->space, FORA_THREAD_ARTICLE, "How", 6000));
    cite(s, s->article, s->answer, 6100);
    cite(s, s->article, own, 6200);
    credit(s, s->article);
    assert_int_equal(s->credits_count, 2);
    assert_int_equal(how_many(s, FORA_CREDIT_CITED, s->ann, s->carl), 1);
    assert_int_equal(s->credits[1].class, FORA_CREDIT_CITED);
    assert_false(s->credits[1].badge);
    /* The author of the article says so too. */
    put(s, fx_about(&s->fx, s->staff, s->article, content, 6300));
    credit(s, s->article);
    assert_int_equal(s->credits_count, 3);
    assert_int_equal(how_many(s, FORA_CREDIT_CITED, s->ann, s->carl), 1);
    assert_int_equal(how_many(s, FORA_CREDIT_CITED, s->ann, s->staff), 1);
}

static void STD_2_ideas_that_were_done(void **state)
{
    struct scene *s = *state;
    struct fora_content status = {
        .kind = FORA_KIND_STATUS, .u.status = {.status = fora_bytes_str("planned")}};
    const struct fora_object *idea =
        put(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_IDEA, "Tea", 6000));

    put(s, fx_about(&s->fx, s->staff, idea, status, 6100));
    credit(s, idea);
    assert_int_equal(s->credits_count, 0);
    status.u.status.status = fora_bytes_str("done");
    put(s, fx_about(&s->fx, s->staff, idea, status, 6200));
    credit(s, idea);
    assert_int_equal(s->credits_count, 1);
    assert_int_equal(how_many(s, FORA_CREDIT_IDEA, s->ann, NULL), 1);
    assert_int_equal(s->credits[0].at, 6000);
}

/* What the author confirms herself is nothing, and does not stand before another's word. */
static void STD_2_confirmations(void **state)
{
    struct scene *s = *state;
    const struct fora_object *own = put(s, fx_answer(&s->fx, s->staff, s->question, "Ah.", 3500));
    const struct fora_object *comment = put(s, fx_comment(&s->fx, s->ann, s->answer, "Hm.", 3600));

    put(s, fx_resolve(&s->fx, s->staff, own, FORA_RESOLUTION_STAFF_CONFIRMED, 4000));
    put(s, fx_resolve(&s->fx, s->staff, comment, FORA_RESOLUTION_STAFF_CONFIRMED, 4000));
    put(s, fx_resolve(&s->fx, s->staff, s->question, FORA_RESOLUTION_STAFF_CONFIRMED, 4000));
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_CONFIRMED, s->staff, NULL), 0);
    assert_int_equal(how_many(s, FORA_CREDIT_CONFIRMED, s->ann, NULL), 0); /* of a comment */
    assert_int_equal(how_many(s, FORA_CREDIT_CONFIRMED, s->bob, NULL), 1); /* of an opening */
    put(s, fx_resolve(&s->fx, s->node, own, FORA_RESOLUTION_STAFF_CONFIRMED, 4100));
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_CONFIRMED, s->staff, NULL), 1);
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
    s->veteran = s->ann; /* one of them is not new */
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 1);
    s->veteran = s->bob;
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 1);
    s->veteran = NULL;
    s->homed = false;
    credit(s, s->question);
    assert_int_equal(how_many(s, FORA_CREDIT_ACCEPTED, s->ann, s->bob), 1);
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

/* A delegation is about whoever was let, and belongs into the bundle of who has an award by it. */
static void ATT_11_what_an_award_rests_on_is_not_somebody_elses(void **state)
{
    struct scene *s = *state;
    const struct fora_header header = {.space = fora_object_space(s->space)};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_DELEGATION,
            .subject = s->carl->id,
            .may = 1U << FORA_ATTESTATION_BADGE}};
    const struct fora_object *may = fx_object(&s->fx, s->node, header, content, 5000), *mvp;
    struct fora_claims *claims;
    struct fora_claim claim;
    struct refusals refusals;

    content.u.attestation = (struct fora_attestation){.type = FORA_ATTESTATION_BADGE,
        .subject = s->ann->id,
        .label = fora_bytes_str("MVP"),
        .delegation = may->id};
    mvp = fx_object(&s->fx, s->carl, header, content, 6000);
    struct fora_bytes objects[] = {mvp->encoded, may->encoded, s->node->create->encoded,
        s->ann->create->encoded, s->carl->create->encoded, s->space->encoded};
    struct fora_bundle bundle = {
        .version = 1, .subject = s->ann->id, .objects = objects, .objects_count = 6};

    open_bundle(&bundle, &claims, &refusals);
    assert_int_equal(refusals.count, 0);
    assert_int_equal(fora_claims_check(claims, &mvp->id, 8000, &claim), 0);
    assert_int_equal(claim.code, 0);
    assert_int_equal(claim.delegations, 1);
    fora_claims_free(claims);
}

static void LIM_40_a_bundle_that_is_too_large(void **state)
{
    struct scene *s = *state;
    struct fora_bytes objects[11];
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
    /* What would be too large is not made either. */
    bundle.version = 1;
    bundle.objects_count = 11;
    for (size_t i = 0; i < 11; i++)
        objects[i] = fora_bytes(large, 100000);
    fora_buf_clear(&encoded);
    assert_int_equal(fora_bundle_encode(&encoded, &bundle), FORA_E_TOO_LARGE);
    assert_int_equal(encoded.size, 0);
    bundle.objects_count = 10;
    assert_int_equal(fora_bundle_encode(&encoded, &bundle), 0);
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
        TEST(STD_2_only_threads_and_posts_of_the_space_are_cited),
        TEST(STD_2_an_editor_who_cites_gives_in_her_own_name),
        TEST(STD_2_ideas_that_were_done),
        TEST(STD_2_confirmations),
        TEST(STD_3_no_credit_between_new_accounts_of_one_node),
        TEST(ATT_11_a_bundle_verifies_offline),
        TEST(ATT_11_what_an_award_rests_on_is_not_somebody_elses),
        TEST(LIM_40_a_bundle_that_is_too_large),
        TEST(verdicts_without_memory),
    };

    if (fora_crypto_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
