/*
 * Rights of the node's own members (ADM-3): what would have no effect in views is refused before it
 * is stored, so that whoever wrote it hears of it.
 */
#include "core/commit_impl.h"
#include "core/rows.h"
#include "fora/view.h"

#include <string.h>

enum { THREAD_ARENA = 64 * 1024 * 1024 /* to fold one thread */ };

/* Is the object that is named by the author of this one? */
static bool by_same_author(
    struct commit_txn *txn, const struct fora_object *object, const struct fora_object_id *named)
{
    struct fora_admit_ref ref;
    return commit_ref(txn, named, &ref) == 0 &&
           memcmp(ref.author.b, object->header.author.b, sizeof ref.author.b) == 0;
}

/* What views would give no effect (VIEW-6, VIEW-7) is refused, so that the member hears of it. */
static bool may_say(struct commit_txn *txn, const struct fora_policy *policy,
    const struct fora_object *object, const struct fora_content *content, uint64_t at)
{
    const struct fora_header *header = &object->header;
    bool of_thread = memcmp(header->parent.b, header->root.b, sizeof header->parent.b) == 0;
    uint32_t detail = fora_policy_detail(content, of_thread);
    return fora_policy_may_say(policy, &header->author, header->kind, detail,
        by_same_author(txn, object, &header->root), by_same_author(txn, object, &header->parent),
        at);
}

/* What a member may at a time, locks apart. */
static int may_at(struct commit_txn *txn, const struct fora_policy *policy,
    const struct fora_object *object, const struct fora_content *content, uint64_t at)
{
    const struct fora_header *header = &object->header;
    uint32_t type = header->kind == FORA_KIND_THREAD ? content->u.thread.type : 0;
    int rc = fora_policy_may_post(policy, &header->author, header->kind, type, at);
    if (rc == 0 && object->has_content && !may_say(txn, policy, object, content, at)) {
        rc = FORA_E_FORBIDDEN;
    }
    return rc;
}

static int see_child(void *context, store_seq child)
{
    (void)context;
    (void)child;
    return 1; /* one is enough */
}

/* Rows come after the objects (rows.h), and rest: does this one know all that the thread has? */
static bool row_is_late(struct kv_txn *txn, store_seq root)
{
    store_seq known = rows_position(txn);
    return root > known || children_each_after(txn, root, known, see_child, NULL) != 0;
}

/* The marks of the thread as of everything stored before: by its row, or where that lags by folding
 * the thread. */
static uint32_t thread_marks(
    struct commit_txn *txn, const struct fora_policy *policy, store_seq root)
{
    struct fora_arena arena;
    struct fora_view_thread view;
    if (root == 0 || !row_is_late(txn->ledger.txn, root)) {
        return root != 0 ? rows_marks(txn->ledger.txn, root) : 0;
    }
    objects_flush(&txn->ledger.objects);
    fora_arena_init(&arena, THREAD_ARENA);
    int rc = rows_fold(txn->ledger.txn, &arena, policy, root, &view);
    uint32_t marks = rc == 0 ? view.marks : 0;
    fora_arena_fini(&arena);
    return marks;
}

/* Who is no moderator adds nothing to a thread that is locked or moved, and no answer to one that
 * is closed. */
static bool is_shut(struct commit_txn *txn, const struct fora_policy *policy,
    const struct fora_object *object, const struct fora_content *content)
{
    const struct fora_header *header = &object->header;
    uint32_t shut = FORA_MARK_LOCKED | FORA_MARK_MOVED;
    if (header->kind != FORA_KIND_POST ||
        fora_policy_role_at(policy, &header->author, FORA_ROLE_MODERATOR, header->created_at)) {
        return false;
    }
    if (content->u.post.type == FORA_POST_ANSWER) {
        shut |= FORA_MARK_CLOSED;
    }
    store_seq root = objects_find(txn->ledger.txn, header->root.b);
    return (thread_marks(txn, policy, root) & shut) != 0;
}

int commit_member_may(
    struct commit_txn *txn, const struct fora_object *object, const struct fora_content *content)
{
    const struct fora_header *header = &object->header;
    struct policy_handle *policy = NULL;
    struct ledger_set *set = ledger_set(&txn->ledger, &header->space, FORA_AUDIENCE_PUBLIC);
    if (set == NULL || fora_header_principal_scoped(header)) {
        return 0;
    }
    int rc = policies_get(commit_policies(txn), txn->ledger.txn, &set->info, &policy);
    if (rc == 0) {
        rc = may_at(txn, policy_of(policy), object, content, header->created_at);
    }
    if (rc == 0 && header->created_at < txn->now) {
        /* The date is her word: who is banned by now, or moderator no more, does not date back. */
        rc = may_at(txn, policy_of(policy), object, content, txn->now);
    }
    if (rc == 0 && object->has_content && is_shut(txn, policy_of(policy), object, content)) {
        rc = FORA_E_LOCKED;
    }
    policies_release(commit_policies(txn), policy);
    return rc;
}
