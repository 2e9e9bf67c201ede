/*
 * What of rows 7, 9 and 10 of ATT-4 no time changes, settled once by sorting: who has which place
 * under the limit of a delegation, and what is said in a line. Strangers fill bundles and
 * pages with thousands of attestations: a verdict on one must not cost a look at all others.
 */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

static int order_date(const struct claim_entry *a, const struct claim_entry *b)
{
    return fora_object_order(
        a->object.header.created_at, &a->object.id, b->object.header.created_at, &b->object.id);
}

/* Of one award are those that rest on the same, and have the same subject, type and label. */
static int order_award(const struct claim_entry *a, const struct claim_entry *b)
{
    const struct fora_attestation *x = &a->content, *y = &b->content;
    int order = memcmp(x->delegation.b, y->delegation.b, FORA_ID_SIZE);

    if (order == 0)
        order = memcmp(x->subject.b, y->subject.b, FORA_ID_SIZE);
    if (order == 0)
        order = (x->type > y->type) - (x->type < y->type);
    return order != 0 ? order : fora_bytes_compare(x->label, y->label);
}

static int order_line(const struct claim_entry *a, const struct claim_entry *b)
{
    const struct fora_header *x = &a->object.header, *y = &b->object.header;
    int order = memcmp(x->author.b, y->author.b, FORA_ID_SIZE);

    if (order == 0)
        order = memcmp(x->space.b, y->space.b, FORA_ID_SIZE);
    if (order == 0)
        order = fora_bytes_compare(a->content.rule, b->content.rule);
    return order != 0 ? order : order_award(a, b);
}

static int by_award(const void *left, const void *right)
{
    const struct claim_entry *a = *(struct claim_entry *const *)left;
    const struct claim_entry *b = *(struct claim_entry *const *)right;
    int order = order_award(a, b);

    return order != 0 ? order : order_date(a, b);
}

static int by_line(const void *left, const void *right)
{
    const struct claim_entry *a = *(struct claim_entry *const *)left;
    const struct claim_entry *b = *(struct claim_entry *const *)right;
    int order = order_line(a, b);

    return order != 0 ? order : order_date(a, b);
}

static bool takes_place(const struct claim_entry *entry)
{
    return entry->chain_length != 0 && entry->authority_code == 0 && claim_revoked_at(entry) == 0;
}

/* Of an award the first that counts; a renewal takes no second place (ATT-6). */
static void find_leaders(struct claim_entry **list, size_t count)
{
    for (size_t i = 0, end; i < count; i = end) {
        struct claim_entry *leader = NULL;

        for (end = i; end < count && order_award(list[i], list[end]) == 0; end++) {
            if (leader == NULL && takes_place(list[end]))
                leader = list[end];
        }
        for (size_t j = i; j < end; j++)
            list[j]->leader = leader;
    }
}

int claims_arrange(struct fora_claims *claims)
{
    size_t count = claims->claims_count;
    struct claim_entry **list;
    int error;

    if (count == 0)
        return 0;
    list = malloc(count * sizeof(struct claim_entry *));
    if (list == NULL)
        return FORA_E_NOMEM;
    memcpy(list, claims->by_date, count * sizeof(struct claim_entry *));
    qsort(list, count, sizeof(struct claim_entry *), by_line);
    error = claims_settle_lines(claims, list, order_line);
    qsort(list, count, sizeof(struct claim_entry *), by_award);
    find_leaders(list, count);
    for (size_t i = 0; i < count; i++) {
        struct claim_entry *entry = claims->by_date[i];

        if (entry->leader == entry)
            entry->place = ++entry->chain[0]->placed;
    }
    free(list);
    return error;
}
