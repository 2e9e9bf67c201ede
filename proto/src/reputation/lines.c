/*
 * Rows 9 and 10 of ATT-4: what else the issuer said in a line (ATT-8), asked of any time. Who
 * states a thousand standings that contradict each other, and takes back as many, must not make
 * each verdict a look at all of them. So what is said at which time is settled once, as steps that
 * a verdict looks up:
 *
 *   of a line     the rank of the last that is said: those of a lesser rank are superseded
 *   of a period   (standings of a line with the same term) whose facts are said: of one that has
 *                 others it is a contradiction
 */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

/* Said are those with authority, from created_at on until they are taken back. */
struct event {
    uint64_t at;
    uint32_t who; /* place in the list */
    bool ends;
};

struct scratch {
    struct event *events;  /* two for each attestation */
    uint32_t *one, *other; /* one for each, and one more */
};

static int by_event(const void *left, const void *right)
{
    const struct event *a = left, *b = right;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->who != b->who ? (a->who < b->who ? -1 : 1) : (int)a->ends - (int)b->ends;
}

static size_t list_events(struct claim_entry *const *list, size_t count, struct event *out)
{
    size_t events = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t begins = list[i]->object.header.created_at, ends = claim_revoked_at(list[i]);

        if (list[i]->authority_code != 0 || (ends != 0 && ends <= begins))
            continue;
        out[events++] = (struct event){begins, (uint32_t)i, false};
        if (ends != 0)
            out[events++] = (struct event){ends, (uint32_t)i, true};
    }
    if (events != 0)
        qsort(out, events, sizeof(*out), by_event);
    return events;
}

/* From that time on the value holds; of one time the last counts. */
static void step(struct fora_claims *claims, struct claim_times *times, uint64_t at, uint32_t value)
{
    claims->looks++;
    if (times->count == 0 || times->steps[times->count - 1].at != at)
        times->count++;
    times->steps[times->count - 1] = (struct claim_step){at, value};
}

static struct claim_times times_new(const struct fora_claims *claims)
{
    return (struct claim_times){.steps = claims->steps + claims->steps_count};
}

uint32_t claim_times_at(struct fora_claims *claims, const struct claim_times *times, uint64_t at)
{
    size_t low = 0, high = times->count; /* steps before `low` are not after `at` */

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        claims->looks++;
        if (times->steps[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : times->steps[low - 1].value;
}

/* ---- lines ---- */

/* Those that are said stand in a ring by rank, with rank 0 as its ends; who comes is always the
 * last, since ranks are by date. */
static void settle_line(
    struct fora_claims *claims, struct claim_entry **list, size_t count, struct scratch *scratch)
{
    struct claim_times times = times_new(claims);
    size_t events = list_events(list, count, scratch->events);
    uint32_t *before = scratch->one, *after = scratch->other;

    before[0] = after[0] = 0;
    for (size_t i = 0; i < events; i++) {
        const struct event *event = &scratch->events[i];
        uint32_t rank = event->who + 1;

        if (event->ends) {
            after[before[rank]] = after[rank];
            before[after[rank]] = before[rank];
        } else {
            before[rank] = before[0];
            after[rank] = 0;
            after[before[0]] = rank;
            before[0] = rank;
        }
        step(claims, &times, event->at, before[0]);
    }
    claims->steps_count += times.count;
    for (size_t i = 0; i < count; i++) {
        list[i]->rank = (uint32_t)i + 1;
        list[i]->line = times;
    }
}

/* ---- periods ---- */

static int order_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_facts(const struct fora_attestation *a, const struct fora_attestation *b)
{
    int order = memcmp(a->evidence_root.b, b->evidence_root.b, sizeof(a->evidence_root.b));

    if (order == 0)
        order = order_number(a->facts_count, b->facts_count);
    for (size_t i = 0; i < a->facts_count && order == 0; i++) {
        order = fora_bytes_compare(a->facts[i].name, b->facts[i].name);
        if (order == 0)
            order = order_number(a->facts[i].count, b->facts[i].count);
    }
    return order;
}

static int order_period(const struct claim_entry *a, const struct claim_entry *b)
{
    int order = order_number(a->content.from, b->content.from);

    return order != 0 ? order : order_number(a->content.until, b->content.until);
}

static int by_period(const void *left, const void *right)
{
    const struct claim_entry *a = *(struct claim_entry *const *)left;
    const struct claim_entry *b = *(struct claim_entry *const *)right;
    int order = order_period(a, b);

    return order != 0 ? order : order_facts(&a->content, &b->content);
}

static void settle_period(
    struct fora_claims *claims, struct claim_entry **list, size_t count, struct scratch *scratch)
{
    struct claim_times times = times_new(claims);
    size_t events = list_events(list, count, scratch->events), different = 0;
    uint32_t *said = scratch->one; /* how often those facts are */
    uint64_t sum = 0;              /* of the numbers of those that are: of one, its own */

    memset(said, 0, (count + 1) * sizeof(*said));
    for (size_t i = 0; i < events; i++) {
        const struct event *event = &scratch->events[i];
        uint32_t facts = list[event->who]->facts;
        bool was = said[facts] != 0;

        said[facts] += event->ends ? UINT32_MAX : 1;
        if (was != (said[facts] != 0)) {
            different += was ? SIZE_MAX : 1;
            sum += was ? -(uint64_t)facts : facts;
        }
        step(claims, &times, event->at, different > 1 ? CLAIM_FACTS_DIFFER : (uint32_t)sum);
    }
    claims->steps_count += times.count;
    for (size_t i = 0; i < count; i++)
        list[i]->period = times;
}

static void settle_periods(
    struct fora_claims *claims, struct claim_entry **list, size_t count, struct scratch *scratch)
{
    qsort(list, count, sizeof(struct claim_entry *), by_period);
    for (size_t i = 0, end; i < count; i = end) {
        uint32_t facts = 1;

        for (end = i; end < count && order_period(list[i], list[end]) == 0; end++) {
            facts += end != i && order_facts(&list[end - 1]->content, &list[end]->content) != 0;
            list[end]->facts = facts;
        }
        settle_period(claims, list + i, end - i, scratch);
    }
}

/* ---- all ---- */

int claims_settle_lines(struct fora_claims *claims, struct claim_entry **list,
    int (*order)(const struct claim_entry *a, const struct claim_entry *b))
{
    size_t count = claims->claims_count;
    struct scratch scratch = {.events = malloc(2 * count * sizeof(*scratch.events)),
        .one = malloc((count + 1) * sizeof(*scratch.one)),
        .other = malloc((count + 1) * sizeof(*scratch.other))};
    int error = 0;

    claims->steps = malloc(4 * count * sizeof(*claims->steps));
    if (scratch.events == NULL || scratch.one == NULL || scratch.other == NULL ||
        claims->steps == NULL)
        error = FORA_E_NOMEM;
    for (size_t i = 0, end; i < count && error == 0; i = end) {
        for (end = i + 1; end < count && order(list[i], list[end]) == 0; end++) {
        }
        settle_line(claims, list + i, end - i, &scratch);
        if (list[i]->content.type == FORA_ATTESTATION_STANDING)
            settle_periods(claims, list + i, end - i, &scratch);
    }
    free(scratch.events);
    free(scratch.one);
    free(scratch.other);
    return error;
}
