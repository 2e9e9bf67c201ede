/* What a thread is worth to whom (STD-2, STD-3). */
#include "fora/reputation.h"

#include <stdlib.h>
#include <string.h>

enum { RATING_MAX = 10 };
#define NEW_FOR_MS UINT64_C(2592000000) /* 30 days */

struct making {
    struct fora_arena *arena;
    const struct fora_policy *policy;
    const struct fora_credit_source *source;
    const struct fora_view_thread *view;
    struct fora_credit *list;
    size_t count;
};

static bool same(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static bool is_gone(uint32_t marks)
{
    return (marks & (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED)) != 0;
}

static void add(struct making *making, uint32_t class, const struct fora_principal_id *subject,
    const struct fora_object_id *evidence, uint64_t at)
{
    making->list[making->count++] = (struct fora_credit){
        .subject = *subject, .evidence = *evidence, .at = at, .class = class, .value = 1};
}

static bool is_young(uint64_t born, uint64_t at)
{
    return born > at || at - born < NEW_FOR_MS;
}

/* STD-3: two accounts that one node has just made vouch for nobody. */
static int both_new(const struct making *making, const struct fora_principal_id *a,
    const struct fora_principal_id *b, uint64_t at, bool *out)
{
    struct fora_principal_id homes[2];
    uint64_t born[2];
    int error;

    *out = false;
    error = making->source->born(making->source->context, a, &born[0], &homes[0]);
    if (error == 0)
        error = making->source->born(making->source->context, b, &born[1], &homes[1]);
    if (error != 0)
        return error == FORA_E_NOTFOUND ? 0 : error;
    *out = !fora_id_is_zero(homes[0].b) && same(&homes[0], &homes[1]) && is_young(born[0], at) &&
           is_young(born[1], at);
    return 0;
}

/* A credit from one person to another. */
static int give(struct making *making, uint32_t class, const struct fora_principal_id *subject,
    const struct fora_principal_id *giver, const struct fora_object_id *evidence, uint64_t at)
{
    bool nothing = same(subject, giver);
    int error = nothing ? 0 : both_new(making, subject, giver, at, &nothing);

    if (error != 0 || nothing)
        return error;
    add(making, class, subject, evidence, at);
    making->list[making->count - 1].giver = *giver;
    making->list[making->count - 1].badge = fora_policy_appointed_at(making->policy, giver, at);
    return 0;
}

static int resolved(struct making *making, const struct fora_view_post *post,
    const struct fora_view_resolution *resolution)
{
    bool answer = post->type == FORA_POST_ANSWER;

    switch ((enum fora_resolution_type)resolution->type) {
    case FORA_RESOLUTION_ASKER_ACCEPTED:
        return answer ? give(making, FORA_CREDIT_ACCEPTED, &post->author, &resolution->author,
                            &resolution->id, resolution->created_at)
                      : 0;
    case FORA_RESOLUTION_STAFF_CONFIRMED:
        add(making, FORA_CREDIT_CONFIRMED, &post->author, &resolution->id, resolution->created_at);
        return 0;
    case FORA_RESOLUTION_COMMUNITY_VERIFIED:
        return give(making, FORA_CREDIT_VERIFIED, &post->author, &resolution->author,
            &resolution->id, resolution->created_at);
    case FORA_RESOLUTION_UNSPECIFIED:
    case FORA_RESOLUTION_WORKAROUND:
    case FORA_RESOLUTION_SUPERSEDED_BY:
    case FORA_RESOLUTION_REGRESSED_IN:
        break;
    }
    return 0;
}

static int by_expert(const void *left, const void *right)
{
    const struct fora_view_resolution *a = *(const struct fora_view_resolution *const *)left;
    const struct fora_view_resolution *b = *(const struct fora_view_resolution *const *)right;
    int order = memcmp(a->author.b, b->author.b, sizeof(a->author.b));

    return order != 0 ? order : (a > b) - (a < b); /* as they stand in the view */
}

/* The first of its kind on the post, and of experts the first of each. Anybody may resolve what she
 * asked as often as she likes: each is looked at once. */
static int credit_resolutions(struct making *making, const struct fora_view_post *post)
{
    size_t count = post->resolutions_count, experts_count = 0;
    const struct fora_view_resolution **experts =
        fora_arena_alloc(making->arena, (count + 1) * sizeof(*experts));
    uint32_t seen = 0; /* types */
    int error = experts == NULL ? FORA_E_NOMEM : 0;

    for (size_t i = 0; i < count && error == 0; i++) {
        const struct fora_view_resolution *resolution = &post->resolutions[i];

        if (same(&resolution->author, &post->author))
            continue;
        if (resolution->type == FORA_RESOLUTION_COMMUNITY_VERIFIED) {
            experts[experts_count++] = resolution;
        } else if (resolution->type < 32 && (seen >> resolution->type & 1) == 0) {
            seen |= UINT32_C(1) << resolution->type;
            error = resolved(making, post, resolution);
        }
    }
    if (experts_count > 0)
        qsort(experts, experts_count, sizeof(*experts), by_expert);
    for (size_t i = 0; i < experts_count && error == 0; i++) {
        if (i == 0 || !same(&experts[i - 1]->author, &experts[i]->author))
            error = resolved(making, post, experts[i]);
    }
    return error;
}

static void rate(struct making *making, const struct fora_view_post *post)
{
    static const struct fora_object_id none;
    int64_t score = post->score;

    if (score == 0)
        return;
    score = score > RATING_MAX ? RATING_MAX : score < -RATING_MAX ? -RATING_MAX : score;
    add(making, FORA_CREDIT_RATING, &post->author, &none, post->created_at);
    making->list[making->count - 1].value = (int32_t)score;
}

static int credit_post(struct making *making, const struct fora_view_post *post)
{
    if (is_gone(post->marks))
        return 0;
    if (post->type == FORA_POST_ANSWER) {
        add(making, FORA_CREDIT_ANSWER, &post->author, &post->id, post->created_at);
        rate(making, post);
    }
    return (post->type == FORA_POST_ANSWER || post->type == 0) && post->resolutions_count > 0
               ? credit_resolutions(making, post)
               : 0;
}

struct cited_pair {
    struct fora_principal_id author; /* of what is cited */
    struct fora_principal_id by;
};

static int by_pair(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct cited_pair));
}

/* Whom the article cites, and who says so. FORA_E_NOTFOUND of an object is no error. */
static int cited_pairs(const struct making *making, struct cited_pair *pairs, size_t *count)
{
    const struct fora_view_thread *view = making->view;

    *count = 0;
    for (size_t i = 0; i < view->citations_count; i++) {
        const struct fora_view_citation *citation = &view->citations[i];
        struct fora_credit_object cited;
        int error = making->source->object(making->source->context, &citation->object, &cited);

        if (error != 0 && error != FORA_E_NOTFOUND)
            return error;
        if (error == 0 && (cited.kind == FORA_KIND_THREAD || cited.kind == FORA_KIND_POST) &&
            memcmp(cited.space.b, view->space.b, sizeof(cited.space.b)) == 0)
            pairs[(*count)++] = (struct cited_pair){cited.author, citation->author};
    }
    return 0;
}

/* Once for each author and who cites her, so that an article cannot be filled up with one friend's
 * comments. The giver is who wrote the cite: an editor, who may cite in any article, would else
 * give with the hands of its author. */
static int cite(struct making *making, const struct fora_view_post *opening)
{
    size_t count = making->view->citations_count;
    struct cited_pair *pairs = fora_arena_alloc(making->arena, (count + 1) * sizeof(*pairs));
    int error = pairs == NULL ? FORA_E_NOMEM : cited_pairs(making, pairs, &count);

    if (error == 0 && count > 0)
        qsort(pairs, count, sizeof(*pairs), by_pair);
    for (size_t i = 0; i < count && error == 0; i++) {
        if (i == 0 || by_pair(&pairs[i - 1], &pairs[i]) != 0)
            error = give(making, FORA_CREDIT_CITED, &pairs[i].author, &pairs[i].by,
                &making->view->root, opening->created_at);
    }
    return error;
}

static int credit_opening(struct making *making, const struct fora_view_post *opening)
{
    const struct fora_view_thread *view = making->view;

    if (is_gone(opening->marks))
        return 0;
    if (view->type == FORA_THREAD_IDEA && fora_bytes_equal(view->status, fora_bytes_str("done")))
        add(making, FORA_CREDIT_IDEA, &opening->author, &view->root, opening->created_at);
    if (view->type != FORA_THREAD_ARTICLE)
        return 0;
    add(making, FORA_CREDIT_ARTICLE, &opening->author, &view->root, opening->created_at);
    return cite(making, opening);
}

static int by_place(const void *left, const void *right)
{
    const struct fora_credit *a = left, *b = right;
    int order = (a->class > b->class) - (a->class < b->class);

    if (order == 0)
        order = memcmp(a->subject.b, b->subject.b, sizeof(a->subject.b));
    if (order == 0)
        order = memcmp(a->giver.b, b->giver.b, sizeof(a->giver.b));
    if (order == 0)
        order = memcmp(a->evidence.b, b->evidence.b, sizeof(a->evidence.b));
    if (order == 0)
        order = (a->at > b->at) - (a->at < b->at);
    return order != 0 ? order : (a->value > b->value) - (a->value < b->value);
}

int fora_credits_of_view(struct fora_arena *arena, const struct fora_policy *policy,
    const struct fora_credit_source *source, const struct fora_view_thread *view,
    struct fora_credit **out, size_t *count)
{
    struct making making = {.arena = arena, .policy = policy, .source = source, .view = view};
    size_t room = 2 + view->citations_count;
    int error = 0;

    for (size_t i = 0; i < view->posts_count; i++)
        room += 2 + view->posts[i].resolutions_count;
    *out = NULL;
    *count = 0;
    making.list = fora_arena_alloc(arena, room * sizeof(*making.list));
    if (making.list == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < view->posts_count && error == 0; i++) {
        error = credit_post(&making, &view->posts[i]);
        if (error == 0 && view->posts[i].type == 0)
            error = credit_opening(&making, &view->posts[i]);
    }
    if (error != 0)
        return error;
    if (making.count != 0)
        qsort(making.list, making.count, sizeof(*making.list), by_place);
    *out = making.list;
    *count = making.count;
    return 0;
}

uint32_t fora_credit_points(uint32_t class)
{
    if (class == FORA_CREDIT_ACCEPTED)
        return 15;
    return class == FORA_CREDIT_VERIFIED || class == FORA_CREDIT_CITED ? 10 : 0;
}

bool fora_credit_by_organisation(uint32_t class)
{
    return class == FORA_CREDIT_IDEA || class == FORA_CREDIT_CONFIRMED;
}
