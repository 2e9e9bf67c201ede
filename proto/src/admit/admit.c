/*
 * Admission (spec/02a-admission.md).
 *
 * In this order, the cheap and the certain first: time, audience, content; then the author's log;
 * then the space; then what the object refers to.
 */
#include "references.h"

#include <string.h>

/* ADM-6: kinds whose text may have been erased, and kinds that we do not know. */
bool fora_admit_without_content(uint32_t kind)
{
    switch ((enum fora_kind)kind) {
    case FORA_KIND_IDENTITY:
    case FORA_KIND_POLICY:
    case FORA_KIND_TALLY:
    case FORA_KIND_MODERATION:
    case FORA_KIND_RETRACTION:
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_REVOCATION:
    case FORA_KIND_MEMBERSHIP:
    case FORA_KIND_RECEIPT:
    case FORA_KIND_CHECKPOINT:
        return false;
    case FORA_KIND_UNSPECIFIED:
    case FORA_KIND_PROFILE:
    case FORA_KIND_THREAD:
    case FORA_KIND_POST:
    case FORA_KIND_REVISION:
    case FORA_KIND_RESOLUTION:
    case FORA_KIND_STATUS:
    case FORA_KIND_CITE:
    case FORA_KIND_DUPLICATE:
    case FORA_KIND_FLAG:
    case FORA_KIND_APPEAL:
    case FORA_KIND_CASE:
    case FORA_KIND_CARRIED:
        break;
    }
    return true;
}

/* ADM-5: what is about a person or a space as such is for everybody, what is sealed is private. */
static int check_audience(const struct fora_header *header)
{
    if (header->audience > FORA_AUDIENCE_PRIVATE)
        return FORA_E_AUDIENCE;
    if (header->audience == FORA_AUDIENCE_PUBLIC)
        return 0;
    return header->kind == FORA_KIND_IDENTITY || header->kind == FORA_KIND_POLICY ||
                   header->kind == FORA_KIND_PROFILE || header->kind == FORA_KIND_CARRIED
               ? FORA_E_AUDIENCE
               : 0;
}

static int check_content(
    const struct fora_object *object, struct fora_arena *arena, struct fora_content *content)
{
    const struct fora_header *header = &object->header;
    int error;

    memset(content, 0, sizeof(*content));
    content->kind = header->kind;
    if (!object->has_content)
        return fora_admit_without_content(header->kind) ? 0 : FORA_E_NO_CONTENT;
    error = fora_content_decode(arena, header->kind, object->content_bytes, content);
    return error != 0 ? error : admit_content_place(object, content);
}

static int check_entry(const struct fora_admit_source *source, const struct fora_object *object,
    struct fora_object_id *missing)
{
    const struct fora_identity *log = NULL;
    const struct fora_principal_id *author = &object->header.author;
    int error;

    if (!fora_id_is_zero(author->b)) {
        error = source->identity(source->context, author, &log);
        if (error == FORA_E_NOTFOUND) {
            memcpy(missing->b, author->b, FORA_ID_SIZE);
            return FORA_E_UNKNOWN_AUTHOR;
        }
        if (error != 0)
            return error;
    }
    error = fora_identity_check(log, object);
    if (error == FORA_E_UNKNOWN_PARENT && log == NULL)
        return FORA_E_IDENTITY; /* nobody's entry and not a create entry */
    if (error == FORA_E_UNKNOWN_PARENT)
        *missing = object->header.parent;
    return error;
}

static bool names_key(const struct fora_identity *log, const struct fora_key *key)
{
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(log, &count);

    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i].sign.b, key->b, FORA_KEY_SIZE) == 0)
            return true;
    }
    return false;
}

static int check_author(const struct fora_admit_source *source, const struct fora_header *header,
    struct fora_object_id *missing)
{
    const struct fora_identity *log;
    int error = source->identity(source->context, &header->author, &log);

    /* A key that the log does not name may be named by an entry that has not come yet. */
    if (error == FORA_E_NOTFOUND || (error == 0 && !names_key(log, &header->key))) {
        memcpy(missing->b, header->author.b, FORA_ID_SIZE);
        return FORA_E_UNKNOWN_AUTHOR;
    }
    if (error == 0)
        error = fora_identity_check_key(log, &header->key, header->created_at);
    if (error != 0)
        return error;
    /* ADM-9: nodes count and state what they hold; members do not. */
    if ((header->kind == FORA_KIND_TALLY || header->kind == FORA_KIND_CHECKPOINT) &&
        fora_identity_type(log) != FORA_PRINCIPAL_NODE)
        return FORA_E_MISMATCH;
    return 0;
}

static int check_space(const struct fora_admit_source *source, const struct fora_object *object,
    const struct fora_content *content, struct fora_object_id *missing)
{
    const struct fora_header *header = &object->header;
    const struct fora_policy *policy;
    bool policy_kind = header->kind == FORA_KIND_POLICY;
    int error;

    if (fora_header_principal_scoped(header))
        return fora_id_is_zero(header->space.b) ? 0 : FORA_E_MISMATCH;
    if (policy_kind && fora_id_is_zero(header->space.b))
        return content->u.policy.kind != 0 && content->u.policy.has_name ? 0 : FORA_E_MALFORMED;
    if (fora_id_is_zero(header->space.b))
        return FORA_E_MISMATCH;
    error = source->policy(source->context, &header->space, &policy);
    if (error == FORA_E_NOTFOUND || (error == 0 && !fora_policy_ready(policy))) {
        memcpy(missing->b, header->space.b, FORA_ID_SIZE);
        return FORA_E_UNKNOWN_SPACE;
    }
    if (error != 0)
        return error;
    if (policy_kind && !fora_policy_may_state(policy, &header->author))
        return FORA_E_FORBIDDEN;
    return 0;
}

int fora_admit(const struct fora_admit_source *source, const struct fora_object *object,
    uint64_t now, struct fora_arena *arena, struct fora_content *content,
    struct fora_object_id *missing)
{
    const struct fora_header *header = &object->header;
    int error = check_content(object, arena, content);

    memset(missing, 0, sizeof(*missing));
    if (error == 0)
        error = check_audience(header);
    /* By subtraction: now may be small, created_at anything. */
    if (error == 0 && header->created_at > now && header->created_at - now > FORA_FUTURE_MAX_MS)
        error = FORA_E_FUTURE;
    if (error != 0)
        return error;
    if (header->kind == FORA_KIND_IDENTITY)
        return check_entry(source, object, missing);
    error = check_space(source, object, content, missing);
    if (error == 0)
        error = check_author(source, header, missing);
    if (error == 0)
        error = admit_references(source, object, missing);
    return error;
}
