/* What is read off a view: the row of a list, and what may be added. */
#include "fora/view.h"

void fora_view_thread_row(struct fora_msg_thread_row *out, const struct fora_view_thread *view)
{
    *out = (struct fora_msg_thread_row){.root = view->root,
        .type = view->type,
        .title = view->title,
        .tags = view->tags,
        .tags_count = view->tags_count,
        .active_at = view->active_at,
        .answers = view->answers,
        .comments = view->comments,
        .marks = view->marks,
        .status = view->status};
    if (view->posts_count == 0)
        return;
    out->author = view->posts[0].author;
    out->created_at = view->posts[0].created_at;
    out->score = view->posts[0].score;
}

int fora_view_may_add(const struct fora_view_thread *view, const struct fora_policy *policy,
    const struct fora_principal_id *author, uint32_t kind, uint64_t now)
{
    const uint32_t shut = FORA_MARK_LOCKED | FORA_MARK_MOVED;
    int error = fora_policy_may_post(policy, author, kind, 0, now);

    if (error != 0)
        return error;
    if (kind == FORA_KIND_POST && (view->marks & shut) != 0 &&
        !fora_policy_role_at(policy, author, FORA_ROLE_MODERATOR, now))
        return FORA_E_LOCKED;
    return 0;
}
