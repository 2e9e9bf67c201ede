/* A sorted list of borrowed ids with marks. */
#include "idset.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"

int fora_neg_idset_reserve(struct neg_idset *set, size_t count)
{
    if (count <= set->room)
        return 0;
    fora_neg_idset_fini(set);
    set->ids = calloc(count, sizeof(*set->ids));
    set->held = calloc(count, sizeof(*set->held));
    if (set->ids == NULL || set->held == NULL) {
        fora_neg_idset_fini(set);
        return FORA_E_NOMEM;
    }
    set->room = count;
    return 0;
}

void fora_neg_idset_fini(struct neg_idset *set)
{
    free(set->ids);
    free(set->held);
    *set = (struct neg_idset){0};
}

static int compare_ids(const void *a, const void *b)
{
    const uint8_t *const *left = a;
    const uint8_t *const *right = b;

    return memcmp(*left, *right, NEG_ID_SIZE);
}

void fora_neg_idset_load(struct neg_idset *set, struct fora_bytes ids)
{
    size_t count = ids.size / NEG_ID_SIZE;

    set->count = 0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        set->ids[i] = ids.data + i * NEG_ID_SIZE;
    qsort(set->ids, count, sizeof(*set->ids), compare_ids);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_ids(&set->ids[i], &set->ids[set->count - 1]) != 0)
            set->ids[set->count++] = set->ids[i];
    }
    memset(set->held, 0, set->count * sizeof(*set->held));
}

bool fora_neg_idset_mark(struct neg_idset *set, const uint8_t id[32])
{
    size_t begin = 0;
    size_t end = set->count;

    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = memcmp(set->ids[middle], id, NEG_ID_SIZE);

        if (order == 0) {
            set->held[middle] = true;
            return true;
        }
        if (order < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return false;
}
