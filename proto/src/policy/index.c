/* The index: its memory, and the timelines of grants. */
#include "index.h"

#include <stdlib.h>
#include <string.h>

/* Grows *array of elements of that size to hold `room`. The array is scratch: nothing is kept. */
static bool renew(void **array, size_t room, size_t size)
{
    void *fresh = malloc(room * size);

    if (fresh == NULL)
        return false;
    free(*array);
    *array = fresh;
    return true;
}

#define RENEW(member, room)                                                                        \
    do {                                                                                           \
        void *array_ = (member);                                                                   \
        if (!renew(&array_, (room), sizeof(*(member))))                                            \
            return FORA_E_NOMEM;                                                                   \
        (member) = array_;                                                                         \
    } while (0)

static int reserve_statements(struct fora_policy *policy)
{
    size_t room = policy->room == 0 ? 4 : 2 * policy->room;
    struct policy_statement *grown;

    if (policy->count < policy->room)
        return 0;
    /* Scratch first: when the last step fails, arrays larger than needed do no harm. One owner more
     * than statements: the first one's author. */
    RENEW(policy->index->sorted, room);
    RENEW(policy->index->owners, room + 1);
    RENEW(policy->index->postings, room);
    grown = realloc(policy->statements, room * sizeof(*grown));
    if (grown == NULL)
        return FORA_E_NOMEM;
    policy->statements = grown;
    policy->room = room;
    return 0;
}

int policy_reserve(struct fora_policy *policy, size_t grants, size_t hosts, size_t products)
{
    struct policy_index *index = policy->index;
    size_t need;

    /* Whatever is renewed is to be filled again before it is read. */
    index->stale = true;
    if (reserve_statements(policy) != 0)
        return FORA_E_NOMEM;
    need = policy->grants + grants;
    if (need > policy->grants_room) {
        RENEW(index->grants, 2 * need);
        policy->grants_room = 2 * need;
    }
    need = policy->hosts + hosts;
    if (need > policy->hosts_room) {
        RENEW(index->host_claims, 2 * need);
        RENEW(index->hosts, 2 * need);
        RENEW(index->hosts_by_id, 2 * need);
        policy->hosts_room = 2 * need;
    }
    need = policy->products + products;
    if (need > policy->products_room) {
        RENEW(index->product_claims, 2 * need);
        RENEW(index->products, 2 * need);
        policy->products_room = 2 * need;
    }
    return 0;
}

void policy_index_free(struct policy_index *index)
{
    free(index->sorted);
    free(index->owners);
    free(index->grants);
    free(index->postings);
    free(index->host_claims);
    free(index->hosts);
    free(index->hosts_by_id);
    free(index->product_claims);
    free(index->products);
    free(index);
}

const struct policy_index *policy_index(const struct fora_policy *policy)
{
    if (policy->index->stale) {
        policy_merge(policy, policy->index);
        policy->index->stale = false;
    }
    return policy->index;
}

/* (principal, role), without the times. */
static int order_slot(
    const struct policy_grant *grant, const struct fora_principal_id *principal, uint32_t role)
{
    int order = memcmp(grant->principal.b, principal->b, FORA_ID_SIZE);

    if (order != 0)
        return order;
    return (grant->role > role) - (grant->role < role);
}

static int by_slot_and_time(const void *left, const void *right)
{
    const struct policy_grant *a = left, *b = right;
    int order = order_slot(a, &b->principal, b->role);

    if (order != 0)
        return order;
    if (a->since != b->since)
        return a->since < b->since ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

size_t policy_timelines(struct policy_grant *grants, size_t count)
{
    size_t kept = 0;

    if (count == 0)
        return 0;
    qsort(grants, count, sizeof(*grants), by_slot_and_time);
    for (size_t i = 0; i < count; i++) {
        const struct policy_grant *last = kept == 0 ? NULL : &grants[kept - 1];

        /* A later since wins, but not over a higher rank. */
        if (last != NULL && order_slot(last, &grants[i].principal, grants[i].role) == 0 &&
            last->rank > grants[i].rank)
            continue;
        grants[kept++] = grants[i];
    }
    return kept;
}

const struct policy_grant *policy_grant_at(const struct policy_grant *grants, size_t count,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at)
{
    size_t low = 0, high = count;

    /* The last that is not after (principal, role, at). */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = order_slot(&grants[middle], principal, role);

        if (order < 0 || (order == 0 && grants[middle].since <= at))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || order_slot(&grants[low - 1], principal, role) != 0)
        return NULL;
    return &grants[low - 1];
}

bool policy_grant_holds(const struct policy_grant *grant, uint64_t at)
{
    return grant != NULL && !grant->revoke && (grant->until == 0 || at < grant->until);
}
