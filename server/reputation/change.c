/* What of a thread's credits is new, and what is not any more: who says as much as she likes in a
 * thread makes these lists as long as she likes, so they are sorted and gone through once. */
#include "reputation/impl.h"

#include <stdlib.h>
#include <string.h>

static int order(const struct fora_credit *a, const struct fora_credit *b)
{
    int order = memcmp(a->subject.b, b->subject.b, FORA_ID_SIZE);
    order = order != 0 ? order : memcmp(a->giver.b, b->giver.b, FORA_ID_SIZE);
    order = order != 0 ? order : memcmp(a->evidence.b, b->evidence.b, FORA_ID_SIZE);
    order = order != 0 ? order : (a->at > b->at) - (a->at < b->at);
    order = order != 0 ? order : (a->class > b->class) - (a->class < b->class);
    order = order != 0 ? order : (a->value > b->value) - (a->value < b->value);
    return order != 0 ? order : (int)a->badge - (int)b->badge;
}

static int by_order(const void *left, const void *right)
{
    return order(
        *(const struct fora_credit *const *)left, *(const struct fora_credit *const *)right);
}

static const struct fora_credit **sorted(
    struct fora_arena *arena, const struct fora_credit *list, size_t count)
{
    const struct fora_credit **out = fora_arena_alloc(arena, (count + 1) * sizeof(*out));
    for (size_t i = 0; i < count && out != NULL; i++) {
        out[i] = &list[i];
    }
    if (out != NULL && count > 0) {
        qsort(out, count, sizeof(*out), by_order);
    }
    return out;
}

int credits_without(struct fora_arena *arena, const struct fora_credit *list, size_t count,
    const struct fora_credit *other, size_t other_count, const struct fora_credit ***out,
    size_t *out_count)
{
    const struct fora_credit **mine = sorted(arena, list, count);
    const struct fora_credit **theirs = sorted(arena, other, other_count);
    size_t kept = 0;
    if (mine == NULL || theirs == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0, j = 0; i < count; i++) {
        while (j < other_count && order(theirs[j], mine[i]) < 0) {
            j++;
        }
        if (j == other_count || order(theirs[j], mine[i]) != 0) {
            mine[kept++] = mine[i];
        }
    }
    *out = mine;
    *out_count = kept;
    return 0;
}
