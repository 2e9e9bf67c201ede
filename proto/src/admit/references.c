/* Root and parent: one row of a table per kind (ADM-8). */
#include "references.h"

#include <string.h>

/* What the parent may be. */
enum parent_rule {
    PARENT_FREE, /* not looked at */
    PARENT_ROOT, /* the thread itself */
    PARENT_POST, /* the thread or a post in it */
    PARENT_ANY,  /* the thread or anything in it but moderation, retraction and what is replaced */
    PARENT_OWN,  /* as ANY, and by the same author */
    PARENT_ACTION,  /* a moderation in the thread */
    PARENT_ATTESTED /* an attestation by the same author; the thread is not looked at */
};

static enum parent_rule parent_rule(uint32_t kind)
{
    switch ((enum fora_kind)kind) {
    case FORA_KIND_POST:
    case FORA_KIND_REVISION:
    case FORA_KIND_TALLY:
    case FORA_KIND_RESOLUTION:
    case FORA_KIND_FLAG:
        return PARENT_POST;
    case FORA_KIND_STATUS:
    case FORA_KIND_CITE:
    case FORA_KIND_DUPLICATE:
        return PARENT_ROOT;
    case FORA_KIND_MODERATION:
        return PARENT_ANY;
    case FORA_KIND_RETRACTION:
        return PARENT_OWN;
    case FORA_KIND_APPEAL:
        return PARENT_ACTION;
    case FORA_KIND_REVOCATION:
        return PARENT_ATTESTED;
    case FORA_KIND_UNSPECIFIED:
    case FORA_KIND_IDENTITY:
    case FORA_KIND_POLICY:
    case FORA_KIND_PROFILE:
    case FORA_KIND_THREAD:
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_MEMBERSHIP:
    case FORA_KIND_CASE:
    case FORA_KIND_RECEIPT:
    case FORA_KIND_CHECKPOINT:
    case FORA_KIND_CARRIED:
        break;
    }
    return PARENT_FREE;
}

static bool same_object(const struct fora_object_id *a, const struct fora_object_id *b)
{
    return memcmp(a->b, b->b, FORA_ID_SIZE) == 0;
}

static int look_up(const struct fora_admit_source *source, const struct fora_object_id *id,
    struct fora_admit_ref *out, struct fora_object_id *missing)
{
    int error = source->object(source->context, id, out);

    if (error == FORA_E_NOTFOUND) {
        *missing = *id;
        return FORA_E_UNKNOWN_PARENT;
    }
    return error;
}

static int check_root(const struct fora_admit_source *source, const struct fora_header *header,
    struct fora_object_id *missing)
{
    struct fora_admit_ref root;
    int error = look_up(source, &header->root, &root, missing);

    if (error != 0)
        return error;
    if (root.kind != FORA_KIND_THREAD || memcmp(root.space.b, header->space.b, FORA_ID_SIZE) != 0)
        return FORA_E_MISMATCH;
    /* A public answer in a restricted thread would tell of it; a restricted one in a public thread
     * would be missed by some of its readers. */
    return root.audience == header->audience ? 0 : FORA_E_AUDIENCE;
}

static bool fits(
    enum parent_rule rule, const struct fora_header *header, const struct fora_admit_ref *parent)
{
    bool acts = parent->kind == FORA_KIND_MODERATION || parent->kind == FORA_KIND_RETRACTION;
    /* A tally may have left the set on one node and not yet on another: what referred to it would
     * be held by one of them only. */
    bool stays = !fora_kind_replaceable(parent->kind);
    bool own = memcmp(parent->author.b, header->author.b, FORA_ID_SIZE) == 0;

    switch (rule) {
    case PARENT_POST:
        return parent->kind == FORA_KIND_THREAD || parent->kind == FORA_KIND_POST;
    case PARENT_ANY:
        return !acts && stays;
    case PARENT_OWN:
        return !acts && stays && own;
    case PARENT_ACTION:
        return parent->kind == FORA_KIND_MODERATION;
    case PARENT_ATTESTED:
        return parent->kind == FORA_KIND_ATTESTATION && own;
    case PARENT_ROOT:
    case PARENT_FREE:
        break;
    }
    return true;
}

static int check_parent(const struct fora_admit_source *source, const struct fora_header *header,
    struct fora_object_id *missing)
{
    enum parent_rule rule = parent_rule(header->kind);
    struct fora_admit_ref parent;
    int error;

    if (rule == PARENT_FREE)
        return 0;
    if (rule == PARENT_ROOT)
        return same_object(&header->parent, &header->root) ? 0 : FORA_E_MISMATCH;
    error = look_up(source, &header->parent, &parent, missing);
    if (error != 0)
        return error;
    if (rule != PARENT_ATTESTED && !same_object(&header->parent, &header->root) &&
        !same_object(&parent.root, &header->root))
        return FORA_E_MISMATCH;
    return fits(rule, header, &parent) ? 0 : FORA_E_MISMATCH;
}

int admit_references(const struct fora_admit_source *source, const struct fora_object *object,
    struct fora_object_id *missing)
{
    const struct fora_header *header = &object->header;
    int error = 0;

    if (!fora_id_is_zero(header->root.b))
        error = check_root(source, header, missing);
    return error != 0 ? error : check_parent(source, header, missing);
}

/* Actions that speak of a thread as a whole. */
static bool acts_on_thread(uint32_t action)
{
    switch ((enum fora_moderation_action)action) {
    case FORA_MODERATION_LOCK:
    case FORA_MODERATION_UNLOCK:
    case FORA_MODERATION_CLOSE:
    case FORA_MODERATION_REOPEN:
    case FORA_MODERATION_MOVE:
    case FORA_MODERATION_PIN:
    case FORA_MODERATION_UNPIN:
        return true;
    case FORA_MODERATION_UNSPECIFIED:
    case FORA_MODERATION_HIDE:
    case FORA_MODERATION_UNHIDE:
    case FORA_MODERATION_ERASE:
    case FORA_MODERATION_DISMISS_FLAGS:
        break;
    }
    return false;
}

int admit_content_place(const struct fora_object *object, const struct fora_content *content)
{
    const struct fora_header *header = &object->header;
    bool on_thread = same_object(&header->parent, &header->root);
    bool fine = true;

    if (header->kind == FORA_KIND_POST && content->u.post.type == FORA_POST_ANSWER)
        fine = on_thread;
    if (header->kind == FORA_KIND_MODERATION && acts_on_thread(content->u.moderation.action))
        fine = on_thread;
    if (header->kind == FORA_KIND_DUPLICATE)
        fine = !same_object(&content->u.duplicate.original, &header->root);
    return fine ? 0 : FORA_E_MISMATCH;
}
