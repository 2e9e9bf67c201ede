/* A source over a sorted array with prefix sums. */
#include "fora/negentropy.h"

#include <stdlib.h>
#include <string.h>

struct prefix_sum {
    uint8_t sum[32];
};

struct fora_neg_vector {
    struct fora_neg_item *items; /* sorted, no duplicates */
    struct prefix_sum *prefixes; /* prefixes[i]: the sum of the first i ids; size + 1 of them */
    size_t size;
};

static int compare_items(const void *a, const void *b)
{
    return fora_neg_item_compare(a, b);
}

static void drop_duplicates(struct fora_neg_vector *vector)
{
    size_t kept = 0;

    for (size_t i = 0; i < vector->size; i++) {
        if (kept == 0 || compare_items(&vector->items[i], &vector->items[kept - 1]) != 0)
            vector->items[kept++] = vector->items[i];
    }
    vector->size = kept;
}

static void make_prefixes(struct fora_neg_vector *vector)
{
    struct fora_neg_sum sum;

    fora_neg_sum_zero(&sum);
    memcpy(vector->prefixes[0].sum, sum.sum, sizeof(sum.sum));
    for (size_t i = 0; i < vector->size; i++) {
        fora_neg_sum_add_id(&sum, vector->items[i].id);
        memcpy(vector->prefixes[i + 1].sum, sum.sum, sizeof(sum.sum));
    }
}

int fora_neg_vector_new(
    struct fora_neg_vector **out, const struct fora_neg_item *items, size_t count)
{
    struct fora_neg_vector *vector;

    *out = NULL;
    for (size_t i = 0; i < count; i++) {
        if (items[i].time == UINT64_MAX)
            return FORA_E_USAGE;
    }
    if (count >= SIZE_MAX / sizeof(*items))
        return FORA_E_NOMEM;
    vector = calloc(1, sizeof(*vector));
    if (vector == NULL)
        return FORA_E_NOMEM;
    /* One more than needed, so that an empty set is no special case of malloc. */
    vector->items = malloc((count + 1) * sizeof(*vector->items));
    vector->prefixes = malloc((count + 1) * sizeof(*vector->prefixes));
    if (vector->items == NULL || vector->prefixes == NULL) {
        fora_neg_vector_free(vector);
        return FORA_E_NOMEM;
    }
    if (count != 0) {
        memcpy(vector->items, items, count * sizeof(*items));
        qsort(vector->items, count, sizeof(*items), compare_items);
    }
    vector->size = count;
    drop_duplicates(vector);
    make_prefixes(vector);
    *out = vector;
    return 0;
}

void fora_neg_vector_free(struct fora_neg_vector *vector)
{
    if (vector == NULL)
        return;
    free(vector->items);
    free(vector->prefixes);
    free(vector);
}

static int vector_size(void *context, uint64_t *out)
{
    const struct fora_neg_vector *vector = context;

    *out = vector->size;
    return 0;
}

static int vector_lower_bound(void *context, const struct fora_neg_item *bound, uint64_t *out)
{
    const struct fora_neg_vector *vector = context;
    size_t begin = 0;
    size_t end = vector->size;

    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;

        if (fora_neg_item_compare(&vector->items[middle], bound) < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    *out = begin;
    return 0;
}

static int vector_item(void *context, uint64_t position, struct fora_neg_item *out)
{
    const struct fora_neg_vector *vector = context;

    if (position >= vector->size)
        return FORA_E_USAGE;
    *out = vector->items[position];
    return 0;
}

static int vector_sum(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out)
{
    const struct fora_neg_vector *vector = context;
    struct fora_neg_sum before = {.count = begin};

    if (begin > end || end > vector->size)
        return FORA_E_USAGE;
    memcpy(before.sum, vector->prefixes[begin].sum, sizeof(before.sum));
    memcpy(out->sum, vector->prefixes[end].sum, sizeof(out->sum));
    out->count = end;
    fora_neg_sum_sub(out, &before);
    return 0;
}

static int vector_scan(void *context, uint64_t begin, uint64_t end,
    int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context)
{
    const struct fora_neg_vector *vector = context;

    if (begin > end || end > vector->size)
        return FORA_E_USAGE;
    for (uint64_t i = begin; i < end; i++) {
        if (each(each_context, &vector->items[i]) != 0)
            break;
    }
    return 0;
}

struct fora_neg_source fora_neg_vector_source(struct fora_neg_vector *vector)
{
    return (struct fora_neg_source){.context = vector,
        .size = vector_size,
        .lower_bound = vector_lower_bound,
        .item = vector_item,
        .sum = vector_sum,
        .scan = vector_scan};
}
