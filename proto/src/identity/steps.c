/* The log read entry by entry: homes that were, and what lies beside the winning branch. */
#include "log.h"

#include <stdlib.h>
#include <string.h>

static const struct fora_principal_id *home_of(const struct fora_identity_entry *entry)
{
    if (entry->create != NULL)
        return &entry->create->home;
    return entry->home != NULL ? &entry->home->home : NULL;
}

bool fora_identity_was_home(
    const struct fora_identity *identity, const struct fora_principal_id *node)
{
    if (fora_id_is_zero(node->b))
        return false;
    for (size_t i = 0; i < identity->count; i++) {
        const struct log_entry *entry = &identity->entries[i];
        const struct fora_principal_id *home = home_of(&entry->content);

        if (entry->winning && home != NULL && memcmp(home->b, node->b, FORA_ID_SIZE) == 0)
            return true;
    }
    return false;
}

static int by_date(const void *left, const void *right)
{
    const struct log_entry *a = *(const struct log_entry *const *)left;
    const struct log_entry *b = *(const struct log_entry *const *)right;

    return fora_object_order(a->created_at, &a->id, b->created_at, &b->id);
}

/* The entry beside the winning branch with `at` others before it. Sorted anew for each: a log is
 * short (LIM-20), and who lists it wants no order that is kept. */
static const struct log_entry *beside(const struct fora_identity *identity, size_t at)
{
    const struct log_entry *list[FORA_IDENTITY_ENTRIES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < identity->count; i++) {
        if (!identity->entries[i].winning)
            list[count++] = &identity->entries[i];
    }
    if (at >= count)
        return NULL;
    qsort(list, count, sizeof(const struct log_entry *), by_date);
    return list[at];
}

bool fora_identity_step_at(
    const struct fora_identity *identity, size_t at, struct fora_identity_step *out)
{
    static const struct fora_object_id no_parent;
    const struct log_entry *found = NULL;
    int i = identity->count == 0 ? LOG_NONE : 0;

    for (; i != LOG_NONE && at > 0; at--)
        i = identity->entries[i].heir;
    found = i != LOG_NONE ? &identity->entries[i] : beside(identity, at);
    if (found == NULL)
        return false;
    *out = (struct fora_identity_step){.id = &found->id,
        .parent = found->parent == LOG_NONE ? &no_parent : &identity->entries[found->parent].id,
        .signer = &found->signer,
        .created_at = found->created_at,
        .winning = found->winning,
        .entry = &found->content};
    return true;
}
