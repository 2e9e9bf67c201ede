/* Which objects of a thread, and which statements of a policy, stand where their dates are disputed
 * (RCP-3 to RCP-5, RCP-9). */
#include "proof.h"

#include <stdlib.h>
#include <string.h>

/* What a receipt says of one object; not yet checked. */
struct claim {
    const struct fora_object *receipt;
    const struct fora_receipt *content;
    const struct fora_receipt_proof *proof;
};

struct apply {
    const struct fora_receipt_source *source;
    const struct fora_policy *policy; /* whose hosts are witnesses */
    const struct fora_object *objects;
    size_t count;
    bool of_policy; /* only receipts without a root count, of the policy's space */
    struct fora_arena arena;
    struct claim *claims; /* ascending by object; made when the first dispute is met */
    size_t claims_count;
    bool decoded;
};

static const struct fora_identity_key *key_of(
    const struct fora_identity *identity, const struct fora_key *sign)
{
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(identity, &count);

    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i].sign.b, sign->b, FORA_KEY_SIZE) == 0)
            return &keys[i];
    }
    return NULL;
}

static const struct fora_identity_key *disputed_key(
    const struct fora_identity *author, const struct fora_key *sign)
{
    const struct fora_identity_key *key = key_of(author, sign);

    /* A later date is a matter of admission (ADM-7); that it is here at all is not for a view to
     * judge, so it is not left standing either. */
    return key != NULL && key->disputed ? key : NULL;
}

const struct fora_identity_key *fora_receipt_disputed(
    const struct fora_identity *author, const struct fora_header *header)
{
    return disputed_key(author, &header->key);
}

bool fora_receipt_may_witness(const struct fora_policy *policy, const struct fora_identity *author,
    const struct fora_identity_key *key, const struct fora_principal_id *node)
{
    bool home = fora_identity_was_home(author, node);

    return key->custodial && home ? false : home || fora_policy_hosted_by(policy, node);
}

static int by_object(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;

    return memcmp(a->proof->object.b, b->proof->object.b, FORA_ID_SIZE);
}

/* Decodes a receipt into the arena; what does not decode says nothing: *out stays NULL. */
static int decode(
    struct apply *apply, const struct fora_object *object, const struct fora_receipt **out)
{
    struct fora_content *content;
    struct fora_space_id space;
    int error;

    if (object->header.kind != FORA_KIND_RECEIPT || !object->has_content)
        return 0;
    if (apply->of_policy) {
        space = fora_policy_space(apply->policy);
        if (!fora_id_is_zero(object->header.root.b) ||
            memcmp(object->header.space.b, space.b, FORA_ID_SIZE) != 0)
            return 0;
    }
    content = fora_arena_zalloc(&apply->arena, 1, sizeof(*content));
    if (content == NULL)
        return FORA_E_NOMEM;
    error = fora_content_decode(&apply->arena, FORA_KIND_RECEIPT, object->content_bytes, content);
    if (error == 0)
        *out = &content->u.receipt;
    return error == FORA_E_NOMEM ? error : 0;
}

static int list_claims(struct apply *apply)
{
    const struct fora_receipt **receipts =
        fora_arena_zalloc(&apply->arena, apply->count, sizeof(*receipts));
    size_t total = 0;

    apply->decoded = true;
    if (receipts == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < apply->count; i++) {
        if (decode(apply, &apply->objects[i], &receipts[i]) != 0)
            return FORA_E_NOMEM;
        total += receipts[i] == NULL ? 0 : receipts[i]->proofs_count;
    }
    apply->claims = fora_arena_zalloc(&apply->arena, total + 1, sizeof(*apply->claims));
    if (apply->claims == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < apply->count; i++) {
        for (size_t j = 0; receipts[i] != NULL && j < receipts[i]->proofs_count; j++)
            apply->claims[apply->claims_count++] = (struct claim){.receipt = &apply->objects[i],
                .content = receipts[i],
                .proof = &receipts[i]->proofs[j]};
    }
    qsort(apply->claims, apply->claims_count, sizeof(*apply->claims), by_object);
    return 0;
}

/* The first claim about that object, or where it would stand. */
static size_t first_claim(const struct apply *apply, const struct fora_object_id *object)
{
    size_t from = 0, to = apply->claims_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (memcmp(apply->claims[middle].proof->object.b, object->b, FORA_ID_SIZE) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Is who signed the receipt a node, by a key that nobody disputes (RCP-4, 1)? */
static int is_sound(const struct apply *apply, const struct fora_object *receipt, bool *sound)
{
    const struct fora_identity *node = NULL;
    const struct fora_identity_key *key;
    int error = apply->source->witness(apply->source->context, &receipt->header.author, &node);

    *sound = false;
    if (error != 0 || node == NULL || fora_identity_type(node) != FORA_PRINCIPAL_NODE)
        return error;
    key = key_of(node, &receipt->header.key);
    *sound = key != NULL && !key->disputed;
    return 0;
}

static int stands(struct apply *apply, const struct fora_object_id *id,
    const struct fora_identity *author, const struct fora_identity_key *key, bool *out)
{
    int error = apply->decoded ? 0 : list_claims(apply);

    *out = false;
    for (size_t i = error == 0 ? first_claim(apply, id) : apply->claims_count;
         error == 0 && !*out && i < apply->claims_count; i++) {
        const struct claim *claim = &apply->claims[i];

        if (memcmp(claim->proof->object.b, id->b, FORA_ID_SIZE) != 0)
            break;
        if (claim->content->accepted_at < key->revoked_at &&
            fora_receipt_may_witness(apply->policy, author, key, &claim->receipt->header.author) &&
            receipt_proof_holds(claim->content, claim->proof))
            error = is_sound(apply, claim->receipt, out);
    }
    return error;
}

int fora_receipts_apply(const struct fora_receipt_source *source, const struct fora_policy *policy,
    struct fora_object *objects, size_t count, size_t *fallen)
{
    struct apply apply = {.source = source, .policy = policy, .objects = objects, .count = count};
    int error = 0;

    *fallen = 0;
    fora_arena_init(&apply.arena, 0);
    for (size_t i = 0; error == 0 && i < count; i++) {
        const struct fora_identity_key *key = NULL;
        const struct fora_identity *author = NULL;
        bool standing = true;

        if (objects[i].header.kind == FORA_KIND_RECEIPT)
            continue; /* judged where it is used, and shown nowhere */
        error = source->author(source->context, &objects[i].header.author, &author);
        if (error == 0 && author != NULL)
            key = fora_receipt_disputed(author, &objects[i].header);
        if (key != NULL)
            error = stands(&apply, &objects[i].id, author, key, &standing);
        if (error == 0 && !standing) {
            objects[i].has_content = false;
            (*fallen)++;
        }
    }
    fora_arena_fini(&apply.arena);
    return error;
}

/* ---- policies ---- */

/* What is known of one disputed statement. */
struct disputed {
    size_t index;
    const struct fora_identity *author;
    const struct fora_identity_key *key;
    struct fora_object_id id;
    bool standing;
};

/* The disputed statements of the policy, all of which fall for now: what is left says who the hosts
 * are that may speak for them. */
static int list_disputed(
    struct apply *apply, struct fora_policy *policy, struct disputed **list, size_t *count)
{
    size_t all = fora_policy_stated_count(policy);

    *count = 0;
    *list = fora_arena_zalloc(&apply->arena, all + 1, sizeof(**list));
    if (*list == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < all; i++) {
        struct fora_policy_stated stated;
        const struct fora_identity *author = NULL;
        const struct fora_identity_key *key = NULL;
        int error = 0;

        fora_policy_statement(policy, i, &stated);
        if (!stated.first)
            error = apply->source->author(apply->source->context, &stated.author, &author);
        if (error != 0)
            return error;
        if (author != NULL)
            key = disputed_key(author, &stated.key);
        fora_policy_set_fallen(policy, i, key != NULL);
        if (key != NULL)
            (*list)[(*count)++] =
                (struct disputed){.index = i, .author = author, .key = key, .id = stated.id};
    }
    return 0;
}

int fora_receipts_apply_policy(const struct fora_receipt_source *source, struct fora_policy *policy,
    const struct fora_object *objects, size_t count, size_t *fallen)
{
    struct apply apply = {
        .source = source, .policy = policy, .objects = objects, .count = count, .of_policy = true};
    struct disputed *list;
    size_t disputed;
    int error;

    *fallen = 0;
    fora_arena_init(&apply.arena, 0);
    error = list_disputed(&apply, policy, &list, &disputed);
    for (size_t i = 0; error == 0 && i < disputed; i++)
        error = stands(&apply, &list[i].id, list[i].author, list[i].key, &list[i].standing);
    for (size_t i = 0; error == 0 && i < disputed; i++) {
        fora_policy_set_fallen(policy, list[i].index, !list[i].standing);
        *fallen += !list[i].standing;
    }
    fora_arena_fini(&apply.arena);
    return error;
}
