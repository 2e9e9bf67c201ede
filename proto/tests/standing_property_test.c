/*
 * Collusion on random graphs (STD-3, STD-10): who credits whom, how often and for what is drawn
 * from a seed, some are known to the organisation, some get its credits; and rings that learn,
 * keeping whatever change brings their best member further. A plain count of the whole matrix
 * stands beside the library's.
 */
#include "fixture.h"
#include "fora/reputation.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { PEOPLE_MAX = 48, CREDITS_MAX = 4000, GRAPHS = 60, STEPS = 1200, THREADS = 400 };

struct graph {
    uint64_t random;
    unsigned people;
    struct fora_credit credits[CREDITS_MAX];
    size_t count;
};

static struct fora_principal_id person(unsigned number)
{
    return (struct fora_principal_id){{1, (uint8_t)number}};
}

static unsigned below(struct graph *g, unsigned bound)
{
    return fx_random(&g->random, bound);
}

static void credit(struct graph *g, uint32_t class, unsigned subject, unsigned giver)
{
    struct fora_credit *c = &g->credits[g->count];
    uint32_t nth = (uint32_t)g->count++;

    assert_true(g->count <= CREDITS_MAX);
    *c = (struct fora_credit){
        .class = class, .subject = person(subject), .at = 1000 + nth, .value = 1};
    memcpy(c->evidence.b, &nth, sizeof(nth));
    c->evidence.b[31] = 1;
    if (fora_credit_points(class) != 0)
        c->giver = person(giver);
}

/* A few friends of each get most, so that pairs reach the bound of a pair. */
static void draw(struct graph *g, bool known, bool votes)
{
    static const uint32_t between[] = {
        FORA_CREDIT_ACCEPTED, FORA_CREDIT_VERIFIED, FORA_CREDIT_CITED};
    unsigned wanted = 1 + below(g, CREDITS_MAX - 1), favourites = 1 + below(g, 6);

    g->count = 0;
    for (; wanted > 0; wanted--) {
        unsigned giver = below(g, g->people);
        unsigned subject = below(g, 4) != 0 ? below(g, favourites) % g->people
                                            : (giver + 1 + below(g, 5)) % g->people;

        switch (below(g, 12)) {
        case 0:
            credit(g, FORA_CREDIT_ANSWER + below(g, 2), subject, 0);
            break;
        case 1:
            credit(g, FORA_CREDIT_RATING, subject, 0);
            g->credits[g->count - 1].value = votes ? (int32_t)below(g, 21) - 10 : 0;
            break;
        case 2:
            /* Of the second half some are known. */
            if (known && below(g, 8) == 0 && g->people > 1)
                credit(g, below(g, 2) == 0 ? FORA_CREDIT_IDEA : FORA_CREDIT_CONFIRMED,
                    g->people / 2 + below(g, g->people - g->people / 2), 0);
            break;
        default:
            if (giver != subject) {
                credit(g, between[below(g, 3)], subject, giver);
                g->credits[g->count - 1].badge = known && giver % 7 == 3 && below(g, 9) == 0;
            }
            break;
        }
    }
}

/* ---- the plain count ---- */

struct matrix {
    uint64_t points[PEOPLE_MAX][PEOPLE_MAX]; /* from, to */
    bool rooted[PEOPLE_MAX];
    uint64_t word[PEOPLE_MAX], volume[PEOPLE_MAX];
    int64_t votes[PEOPLE_MAX];
};

static struct matrix *matrix_of(const struct graph *g)
{
    struct matrix *m = calloc(1, sizeof(*m));

    assert_non_null(m);
    for (size_t i = 0; i < g->count; i++) {
        const struct fora_credit *c = &g->credits[i];
        unsigned to = c->subject.b[1], from = c->giver.b[1];

        if (fora_credit_points(c->class) != 0) {
            m->points[from][to] += fora_credit_points(c->class);
            m->rooted[from] = m->rooted[from] || c->badge;
        }
        if (fora_credit_by_organisation(c->class)) {
            m->rooted[to] = true;
            m->word[to]++;
        }
        m->volume[to] += c->class == FORA_CREDIT_ANSWER    ? 1
                         : c->class == FORA_CREDIT_ARTICLE ? 3
                                                           : 0;
        m->votes[to] += c->class == FORA_CREDIT_RATING ? c->value : 0;
    }
    return m;
}

static uint64_t bend(uint64_t points, uint64_t most)
{
    uint64_t root = 0;

    if (points <= 100)
        return points;
    while ((root + 1) * (root + 1) <= 100 * (points - 100))
        root++;
    return 100 + root < most ? 100 + root : most;
}

/* STD-6 to STD-9, written down once more. */
static uint64_t plain(const struct graph *g, const struct matrix *m, unsigned who, unsigned *rooted)
{
    uint64_t known = 0, others = 0;

    *rooted = 0;
    for (unsigned giver = 0; giver < g->people; giver++) {
        uint64_t p = m->points[giver][who], r = m->points[who][giver];
        uint64_t q = p - (p < r ? p : r) + (p < r ? p : r) / 4;
        uint64_t d = q <= 30 ? q : 30 + (q - 30) / 4;

        *(m->rooted[giver] ? &known : &others) += d < 60 ? d : 60;
        *rooted += p > 0 && m->rooted[giver];
    }
    return (m->volume[who] < 50 ? m->volume[who] : 50) + known + bend(others, 500) +
           20 * m->word[who] + (m->votes[who] > 0 ? bend((uint64_t)m->votes[who], 300) : 0);
}

static uint64_t standing_of(const struct graph *g, unsigned who, struct fora_standing *out)
{
    struct fora_principal_id id = person(who);
    struct fora_evidence evidence;

    assert_int_equal(
        fora_standing_count(g->credits, g->count, &id, 0, UINT64_MAX, out, &evidence), 0);
    return fora_standing_score(out);
}

static void nobody_is_above(const struct graph *g, bool votes)
{
    struct matrix *m = matrix_of(g);
    struct fora_standing standing;

    for (unsigned who = 0; who < g->people; who++) {
        unsigned rooted;
        uint64_t expected = plain(g, m, who, &rooted);
        uint64_t found = standing_of(g, who, &standing);

        assert_int_equal(found, expected);
        assert_int_equal(standing.rooted, rooted);
        assert_true(found <= (votes ? 850U : 550U) + 60U * rooted + 20U * m->word[who]);
        if (rooted == 0 && m->word[who] == 0)
            assert_true(fora_standing_level(found) < 4);
    }
    free(m);
}

static void STD_10_random_graphs_are_bounded(void **state)
{
    struct graph *g = calloc(1, sizeof(*g));
    unsigned looked_at = 0;

    (void)state;
    assert_non_null(g);
    for (unsigned seed = 1; seed <= GRAPHS; seed++) {
        bool known = seed % 2 == 0, votes = seed % 3 != 0;

        g->random = seed;
        g->people = 1 + below(g, PEOPLE_MAX);
        draw(g, known, votes);
        nobody_is_above(g, votes);
        looked_at += g->people;
    }
    assert_true(looked_at > GRAPHS);
    free(g);
}

/* From nothing, a ring adds and takes back deeds, and keeps what does not set its best one back. It
 * gets as far as it can get, and no further. */
static void STD_10_a_ring_that_learns_stops_at_the_bound(void **state)
{
    struct graph *g = calloc(1, sizeof(*g));
    struct fora_standing standing;

    (void)state;
    assert_non_null(g);
    for (unsigned seed = 1; seed <= 2; seed++) {
        uint64_t best = 0;

        g->random = 1000 + seed;
        g->people = PEOPLE_MAX;
        g->count = 0;
        for (unsigned step = 0; step < STEPS && g->count + 12 < CREDITS_MAX; step++) {
            size_t before = g->count;
            unsigned giver = below(g, g->people), subject = below(g, 3);
            uint64_t now;

            for (unsigned i = 0; i < 10 && giver != subject; i++)
                credit(g, FORA_CREDIT_ACCEPTED, subject, giver);
            credit(g, FORA_CREDIT_ANSWER, subject, 0);
            now = standing_of(g, 0, &standing);
            if (now < best || (now == best && below(g, 4) != 0))
                g->count = before;
            else
                best = now;
            assert_true(best <= 550);
        }
        assert_true(best > 400);
        nobody_is_above(g, false);
    }
    free(g);
}

/* ---- STD-3, from views ---- */

struct town {
    struct graph *g;
    uint64_t born[PEOPLE_MAX];
    unsigned home[PEOPLE_MAX]; /* 0: none */
};

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    const struct town *town = context;

    *at = town->born[principal->b[1]];
    memset(home, 0, sizeof(*home));
    if (town->home[principal->b[1]] != 0)
        *home = (struct fora_principal_id){{2, (uint8_t)town->home[principal->b[1]]}};
    return 0;
}

static int cited(void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    (void)context;
    *out = (struct fora_credit_object){.author = person(id->b[1]), .kind = FORA_KIND_POST};
    return 0;
}

/* Somebody asks, somebody answers, somebody verifies, and an article of somebody's cites somebody
 * in the name of somebody else. */
static void say(struct town *town, struct fora_view_thread *view, struct fora_view_post posts[2],
    struct fora_view_resolution said[2], struct fora_view_citation *citation, uint64_t at)
{
    struct graph *g = town->g;
    bool article = below(g, 3) == 0;

    for (unsigned i = 0; i < 2; i++) {
        posts[i] = (struct fora_view_post){.author = person(below(g, g->people)),
            .created_at = at,
            .id = {{7, (uint8_t)i}},
            .type = i == 0 ? 0 : FORA_POST_ANSWER};
        said[i] = (struct fora_view_resolution){.id = {{8, (uint8_t)i}},
            .author = i == 0 ? posts[0].author : person(below(g, g->people)),
            .type = i == 0 ? FORA_RESOLUTION_ASKER_ACCEPTED : FORA_RESOLUTION_COMMUNITY_VERIFIED,
            .created_at = at + i};
    }
    posts[1].resolutions = said;
    posts[1].resolutions_count = 2;
    *citation = (struct fora_view_citation){
        {{9, (uint8_t)below(g, g->people)}}, person(below(g, g->people))};
    *view = (struct fora_view_thread){.root = {{6}},
        .type = article ? FORA_THREAD_ARTICLE : FORA_THREAD_QUESTION,
        .posts = posts,
        .posts_count = article ? 1 : 2,
        .citations = citation,
        .citations_count = article ? 1 : 0};
}

static bool may_credit(const struct town *town, const struct fora_credit *c)
{
    const uint64_t month = UINT64_C(30) * 24 * 3600 * 1000;
    unsigned a = c->subject.b[1], b = c->giver.b[1];

    return a != b && (town->home[a] == 0 || town->home[a] != town->home[b] ||
                         c->at >= town->born[a] + month || c->at >= town->born[b] + month);
}

static void STD_3_new_accounts_of_one_node_credit_nobody(void **state)
{
    struct town town = {.g = calloc(1, sizeof(*town.g))};
    const struct fora_credit_source source = {&town, born, cited};
    const uint64_t day = UINT64_C(24) * 3600 * 1000;
    struct fora_policy *policy;
    struct fora_arena arena;
    unsigned given = 0, kept_back = 0;

    (void)state;
    assert_non_null(town.g);
    fora_arena_init(&arena, 0);
    assert_int_equal(fora_policy_new(&policy), 0);
    town.g->random = 77;
    town.g->people = 12;
    for (unsigned i = 0; i < town.g->people; i++) {
        town.born[i] = day * (100 + below(town.g, 60));
        town.home[i] = below(town.g, 4);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        struct fora_view_thread view;
        struct fora_view_post posts[2];
        struct fora_view_resolution said[2];
        struct fora_view_citation citation;
        struct fora_credit *credits;
        size_t count;
        unsigned between = 0;

        say(&town, &view, posts, said, &citation, day * (100 + below(town.g, 90)));
        assert_int_equal(fora_credits_of_view(&arena, policy, &source, &view, &credits, &count), 0);
        for (size_t j = 0; j < count; j++) {
            if (fora_credit_points(credits[j].class) == 0)
                continue;
            assert_true(may_credit(&town, &credits[j]));
            between++;
        }
        given += between;
        kept_back += (view.citations_count != 0 ? 1 : 2) - between;
        fora_arena_reset(&arena);
    }
    assert_true(given > THREADS / 2 && kept_back > THREADS / 10);
    fora_policy_free(policy);
    fora_arena_fini(&arena);
    free(town.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(STD_10_random_graphs_are_bounded),
        cmocka_unit_test(STD_10_a_ring_that_learns_stops_at_the_bound),
        cmocka_unit_test(STD_3_new_accounts_of_one_node_credit_nobody),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
