/* A list that is sorted and made unique whenever it is full: as much memory as there are pairs. */
#include "maintain/fsck_impl.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct fsck_pair *x = a;
    const struct fsck_pair *y = b;
    if (x->set != y->set) {
        return x->set < y->set ? -1 : 1;
    }
    return x->author < y->author ? -1 : x->author > y->author;
}

static void settle(struct fsck_pairs *pairs)
{
    size_t kept = 0;
    if (pairs->count > pairs->sorted) {
        qsort(pairs->list, pairs->count, sizeof *pairs->list, compare);
        for (size_t i = 0; i < pairs->count; i++) {
            if (kept == 0 || compare(&pairs->list[kept - 1], &pairs->list[i]) != 0) {
                pairs->list[kept++] = pairs->list[i];
            }
        }
        pairs->count = pairs->sorted = kept;
    }
}

int fsck_pairs_add(struct fsck_pairs *pairs, uint32_t set, store_seq author)
{
    if (pairs->count == pairs->room) {
        settle(pairs);
    }
    if (pairs->count >= pairs->room / 2 && pairs->count == pairs->sorted) {
        size_t room = pairs->room == 0 ? 1024 : pairs->room * 2;
        struct fsck_pair *grown = realloc(pairs->list, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        pairs->list = grown;
        pairs->room = room;
    }
    pairs->list[pairs->count++] = (struct fsck_pair){set, author};
    return 0;
}

size_t fsck_pairs_count(struct fsck_pairs *pairs)
{
    settle(pairs);
    return pairs->count;
}

void fsck_pairs_fini(struct fsck_pairs *pairs)
{
    free(pairs->list);
    *pairs = (struct fsck_pairs){0};
}
