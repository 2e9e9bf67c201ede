/* The fold as a whole. */
#include "fold.h"

#include <string.h>

int fora_view_thread_fold(struct fora_arena *arena, const struct fora_policy *policy,
    const struct fora_object *objects, size_t count, struct fora_view_thread *out)
{
    struct view_fold fold = {.arena = arena, .policy = policy, .view = out};
    int error;

    memset(out, 0, sizeof(*out));
    error = view_items(&fold, objects, count);
    if (error != 0)
        return error;
    out->root = fold.items[fold.root].object->id;
    out->space = fold.items[fold.root].object->header.space;
    view_acts(&fold);
    error = view_posts(&fold);
    if (error == 0)
        error = view_resolutions(&fold);
    if (error == 0)
        error = view_thread_facts(&fold);
    if (error == 0)
        error = view_arrange(&fold);
    return error;
}
