/*
 * The deeds of a ring. Of each pair in which one works for the other there are two threads:
 *
 *   a question of the giver's with DEEDS answers of the subject's, each of which the giver accepts
 *   and, as an expert, verifies; with votes, all others of the ring vote them up
 *   DEEDS articles that cite the subject: the giver's own, or, of editors, the staff's
 *
 * So many deeds that one more would change nothing, in a reciprocal pair neither.
 */
#include "ring.h"

#include "fora/policy.h"
#include "fora/reputation.h"
#include "fora/time.h"
#include "measure.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEEDS = 20,
    STAFF = 64 /* who wrote the articles in which editors cite */
};
#define NOW UINT64_C(1700000000000)

enum who { WHO_MEMBER = 1, WHO_STAFF, WHO_NODE };

struct making {
    const struct ring *ring;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct fora_credit *list; /* owned */
    size_t count, room;
    uint32_t threads;
};

static struct fora_principal_id person(enum who who, uint32_t number)
{
    struct fora_principal_id id = {{(uint8_t)who}};
    memcpy(id.b + 1, &number, sizeof number);
    return id;
}

static uint32_t number_of(const uint8_t id[FORA_ID_SIZE])
{
    uint32_t number;
    memcpy(&number, id + 1, sizeof number);
    return number;
}

/* The id of a post carries its author's number, so that what is cited can be looked up. */
static struct fora_object_id object_id(uint32_t thread, uint32_t nth, uint32_t author)
{
    struct fora_object_id id = {{0xee}};
    memcpy(id.b + 1, &author, sizeof author);
    memcpy(id.b + 8, &thread, sizeof thread);
    memcpy(id.b + 12, &nth, sizeof nth);
    return id;
}

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    const struct making *making = context;
    *at = NOW - (making->ring->old ? 365 * FORA_DAY_MS : FORA_DAY_MS);
    *home = person(WHO_NODE, number_of(principal->b) % making->ring->nodes);
    return 0;
}

static int cited(void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    (void)context;
    *out = (struct fora_credit_object){
        .author = person(WHO_MEMBER, number_of(id->b)), .kind = FORA_KIND_POST};
    return 0;
}

/* What the thread is worth, by the rules. */
static void take(struct making *making, const struct fora_view_thread *view)
{
    const struct fora_credit_source source = {making, born, cited};
    struct fora_credit *credits;
    size_t count;
    bench_need(
        fora_credits_of_view(&making->arena, making->policy, &source, view, &credits, &count),
        "credits");
    if (making->count + count > making->room) {
        making->room = 2 * (making->count + count);
        struct fora_credit *grown = realloc(making->list, making->room * sizeof *grown);
        bench_need(grown == NULL ? FORA_E_NOMEM : 0, "credits");
        making->list = grown;
    }
    if (count > 0) {
        memcpy(making->list + making->count, credits, count * sizeof *credits);
    }
    making->count += count;
    fora_arena_reset(&making->arena);
}

static struct fora_view_post post(
    struct making *making, uint32_t nth, uint32_t type, struct fora_principal_id author)
{
    return (struct fora_view_post){.id = object_id(making->threads, nth, number_of(author.b)),
        .author = author,
        .type = type,
        .created_at = NOW + nth};
}

static struct fora_view_resolution resolved(
    const struct fora_view_post *by_place, uint32_t type, struct fora_principal_id author)
{
    struct fora_view_resolution resolution = {
        .id = by_place->id, .author = author, .type = type, .created_at = by_place->created_at + 1};
    resolution.id.b[20] = (uint8_t)type;
    return resolution;
}

static struct fora_view_thread thread(
    struct making *making, uint32_t type, struct fora_view_post *posts, size_t count)
{
    return (struct fora_view_thread){.root = object_id(making->threads++, UINT32_MAX, 0),
        .type = type,
        .posts = posts,
        .posts_count = count};
}

static void question(struct making *making, uint32_t giver, uint32_t subject)
{
    struct fora_principal_id asks = person(WHO_MEMBER, giver);
    struct fora_view_post posts[1 + DEEDS];
    struct fora_view_resolution said[DEEDS][2];
    posts[0] = post(making, 0, 0, asks);
    for (uint32_t i = 0; i < DEEDS; i++) {
        struct fora_view_post *answer = &posts[1 + i];
        *answer = post(making, 1 + i, FORA_POST_ANSWER, person(WHO_MEMBER, subject));
        said[i][0] = resolved(answer, FORA_RESOLUTION_ASKER_ACCEPTED, asks);
        said[i][1] = resolved(answer, FORA_RESOLUTION_COMMUNITY_VERIFIED, asks);
        answer->resolutions = said[i];
        answer->resolutions_count = 2;
        answer->score = making->ring->votes ? making->ring->members - 1 : 0;
    }
    const struct fora_view_thread view =
        thread(making, FORA_THREAD_QUESTION, posts, sizeof posts / sizeof posts[0]);
    take(making, &view);
}

static void articles(struct making *making, uint32_t giver, uint32_t subject)
{
    for (uint32_t i = 0; i < DEEDS; i++) {
        struct fora_principal_id cites = person(WHO_MEMBER, giver);
        uint32_t nth = (giver * DEEDS + i) % STAFF;
        struct fora_view_post opening =
            post(making, 0, 0, making->ring->editors ? person(WHO_STAFF, nth) : cites);
        struct fora_view_citation citation = {object_id(making->threads, i + 1, subject), cites};
        struct fora_view_thread view = thread(making, FORA_THREAD_ARTICLE, &opening, 1);
        view.citations = &citation;
        view.citations_count = 1;
        take(making, &view);
    }
}

/* One answer that the organisation confirmed. */
static void confirmed(struct making *making, struct fora_principal_id whose)
{
    struct fora_view_post posts[2];
    posts[0] = post(making, 0, 0, person(WHO_NODE, 0));
    posts[1] = post(making, 1, FORA_POST_ANSWER, whose);
    struct fora_view_resolution said =
        resolved(&posts[1], FORA_RESOLUTION_STAFF_CONFIRMED, person(WHO_NODE, 0));
    posts[1].resolutions = &said;
    posts[1].resolutions_count = 1;
    const struct fora_view_thread view = thread(making, FORA_THREAD_QUESTION, posts, 2);
    take(making, &view);
}

static bool works_for(const struct ring *ring, uint32_t giver, uint32_t subject)
{
    uint32_t ahead = (subject + ring->members - giver) % ring->members;
    if (giver == subject) {
        return false;
    }
    switch (ring->shape) {
    case RING_STAR:
        return subject == ring->members - 1;
    case RING_CLIQUE:
        return true;
    case RING_CYCLE:
        return ahead == 1;
    case RING_HALF:
        return 2 * ahead < ring->members;
    }
    return false;
}

static void deed(struct making *making, uint32_t giver, uint32_t subject)
{
    if (works_for(making->ring, giver, subject)) {
        question(making, giver, subject);
        articles(making, giver, subject);
    }
}

/* The standing of one, from all that she gave or was given and from what roots her friends. */
static uint64_t standing_of(const struct ring *ring, uint32_t member, uint64_t *credits)
{
    struct making making = {.ring = ring};
    struct fora_standing standing;
    struct fora_evidence evidence;
    struct fora_principal_id id = person(WHO_MEMBER, member);
    fora_arena_init(&making.arena, 0);
    bench_need(fora_policy_new(&making.policy), "a policy");
    for (uint32_t i = 0; i < ring->members; i++) {
        deed(&making, i, member);
        deed(&making, member, i);
        if (i < ring->rooted) {
            confirmed(&making, person(WHO_MEMBER, i));
        }
    }
    for (uint32_t i = 0; i < STAFF && ring->editors; i++) {
        confirmed(&making, person(WHO_STAFF, i));
    }
    bench_need(
        fora_standing_count(making.list, making.count, &id, 0, UINT64_MAX, &standing, &evidence),
        "counting");
    *credits += making.count;
    fora_policy_free(making.policy);
    fora_arena_fini(&making.arena);
    free(making.list);
    return fora_standing_score(&standing);
}

struct ring_gain ring_gain(const struct ring *ring)
{
    struct ring_gain gain = {.all = 0};
    for (uint32_t member = 0; member < ring->members; member++) {
        uint64_t standing = standing_of(ring, member, &gain.credits);
        if (member >= ring->rooted && standing > gain.best) {
            gain.best = standing;
        }
        gain.all += standing;
    }
    return gain;
}

uint64_t ring_bound(const struct ring *ring)
{
    return FORA_STANDING_BOUND - (ring->votes ? 0 : 300) +
           FORA_STANDING_GIVER_MAX * (uint64_t)ring->rooted;
}
