/* Collecting and folding what a verdict rests on. */
#include "claims.h"

#include "fora/receipt.h"

#include <stdlib.h>
#include <string.h>

int fora_claims_new(struct fora_claims **out)
{
    struct fora_claims *claims = calloc(1, sizeof(*claims));

    if (claims == NULL)
        return FORA_E_NOMEM;
    fora_arena_init(&claims->arena, 0);
    claims->settled = true;
    *out = claims;
    return 0;
}

static void unfold(struct fora_claims *claims)
{
    for (size_t i = 0; i < claims->logs_count; i++)
        fora_identity_free(claims->logs[i].identity);
    for (size_t i = 0; i < claims->policies_count; i++)
        fora_policy_free(claims->policies[i].policy);
    free(claims->logs);
    free(claims->policies);
    free(claims->claims);
    free(claims->by_date);
    free(claims->steps);
    claims->steps = NULL;
    claims->steps_count = 0;
    claims->logs = NULL;
    claims->policies = NULL;
    claims->claims = NULL;
    claims->by_date = NULL;
    claims->logs_count = claims->policies_count = claims->claims_count = 0;
}

void fora_claims_free(struct fora_claims *claims)
{
    if (claims == NULL)
        return;
    unfold(claims);
    free(claims->entries.items);
    free(claims->statements.items);
    free(claims->receipts.items);
    free(claims->revocations.items);
    free(claims->attestations.items);
    fora_arena_fini(&claims->arena);
    free(claims);
}

static int list_add(struct claim_list *list, const struct claim_item *item)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        struct claim_item *grown = realloc(list->items, room * sizeof(*grown));

        if (grown == NULL)
            return FORA_E_NOMEM;
        list->items = grown;
        list->room = room;
    }
    list->items[list->count++] = *item;
    return 0;
}

static struct claim_list *list_of(struct fora_claims *claims, const struct fora_header *header)
{
    uint32_t kind = header->kind;

    if (kind == FORA_KIND_IDENTITY)
        return &claims->entries;
    if (kind == FORA_KIND_POLICY)
        return &claims->statements;
    if (kind == FORA_KIND_RECEIPT) /* of threads there are none here */
        return fora_id_is_zero(header->root.b) ? &claims->receipts : NULL;
    if (kind == FORA_KIND_REVOCATION)
        return &claims->revocations;
    return kind == FORA_KIND_ATTESTATION ? &claims->attestations : NULL;
}

/* What does not decode is found now, while somebody can be told. */
static int check_content(struct claim_item *item)
{
    struct fora_arena arena;
    struct fora_content content;
    int error;

    fora_arena_init(&arena, 0);
    error =
        fora_content_decode(&arena, item->object.header.kind, item->object.content_bytes, &content);
    if (error == 0 && item->object.header.kind == FORA_KIND_IDENTITY) {
        item->sequence = content.u.identity.sequence;
        if (content.u.identity.create != NULL)
            item->home = content.u.identity.create->home;
    }
    fora_arena_fini(&arena);
    return error;
}

int fora_claims_add(struct fora_claims *claims, const struct fora_object *object)
{
    struct claim_list *list = list_of(claims, &object->header);
    struct claim_item item = {.sequence = 0};
    struct fora_bytes bytes;
    int error;

    if (list == NULL)
        return 0;
    if (!object->has_content)
        return FORA_E_NO_CONTENT;
    if (list->count == FORA_CLAIMS_MAX)
        return FORA_E_LIMIT;
    bytes = fora_arena_copy(&claims->arena, object->encoded);
    if (bytes.data == NULL)
        return FORA_E_NOMEM;
    error = fora_object_decode(&item.object, bytes);
    if (error == 0)
        error = check_content(&item);
    if (error == 0)
        error = list_add(list, &item);
    if (error == 0)
        claims->settled = false;
    return error;
}

/* ---- logs ---- */

static int by_principal(const void *left, const void *right)
{
    return memcmp(((const struct claim_log *)left)->principal.b,
        ((const struct claim_log *)right)->principal.b, FORA_ID_SIZE);
}

/* By principal, and parents before their children. */
static int by_entry(const void *left, const void *right)
{
    const struct claim_item *a = left, *b = right;
    struct fora_principal_id x = fora_object_principal(&a->object);
    struct fora_principal_id y = fora_object_principal(&b->object);
    int order = memcmp(x.b, y.b, sizeof(x.b));

    return order != 0 ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static const struct claim_log *find_log(
    const struct fora_claims *claims, const struct fora_principal_id *principal)
{
    const struct claim_log key = {.principal = *principal};

    return claims->logs_count == 0
               ? NULL
               : bsearch(&key, claims->logs, claims->logs_count, sizeof(key), by_principal);
}

struct fora_identity *claims_log(
    const struct fora_claims *claims, const struct fora_principal_id *principal)
{
    const struct claim_log *found = find_log(claims, principal);

    return found == NULL ? NULL : found->identity;
}

static int fold_log(struct fora_identity *identity, const struct claim_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fora_identity_add(identity, &items[i].object) == FORA_E_NOMEM)
            return FORA_E_NOMEM;
    }
    return 0;
}

static size_t end_of_log(const struct claim_list *list, size_t begin)
{
    struct fora_principal_id principal = fora_object_principal(&list->items[begin].object);
    size_t end = begin + 1;

    for (; end < list->count; end++) {
        struct fora_principal_id next = fora_object_principal(&list->items[end].object);

        if (memcmp(next.b, principal.b, sizeof(next.b)) != 0)
            break;
    }
    return end;
}

static int fold_logs(struct fora_claims *claims)
{
    struct claim_list *list = &claims->entries;
    int error = 0;

    if (list->count == 0)
        return 0;
    qsort(list->items, list->count, sizeof(*list->items), by_entry);
    claims->logs = calloc(list->count, sizeof(*claims->logs));
    if (claims->logs == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0, end; i < list->count && error == 0; i = end) {
        struct claim_log *log = &claims->logs[claims->logs_count];

        end = end_of_log(list, i);
        if (!fora_id_is_zero(list->items[i].object.header.author.b))
            continue; /* the first entry is not here */
        log->principal = fora_object_principal(&list->items[i].object);
        log->born = list->items[i].object.header.created_at;
        log->first_home = list->items[i].home;
        error = fora_identity_new(&log->identity);
        if (error == 0) {
            claims->logs_count++;
            error = fold_log(log->identity, &list->items[i], end - i);
        }
    }
    return error;
}

int claims_key(const struct fora_claims *claims, const struct fora_header *header)
{
    const struct fora_identity *log = claims_log(claims, &header->author);

    return log == NULL ? FORA_E_UNKNOWN_AUTHOR
                       : fora_identity_check_key(log, &header->key, header->created_at);
}

/* ---- policies ---- */

static int by_space(const void *left, const void *right)
{
    return memcmp(((const struct claim_policy *)left)->space.b,
        ((const struct claim_policy *)right)->space.b, FORA_ID_SIZE);
}

static int by_statement(const void *left, const void *right)
{
    struct fora_space_id a = fora_object_space(&((const struct claim_item *)left)->object);
    struct fora_space_id b = fora_object_space(&((const struct claim_item *)right)->object);

    return memcmp(a.b, b.b, sizeof(a.b));
}

struct fora_policy *claims_policy(
    const struct fora_claims *claims, const struct fora_space_id *space)
{
    const struct claim_policy key = {.space = *space};
    const struct claim_policy *found =
        claims->policies_count == 0
            ? NULL
            : bsearch(&key, claims->policies, claims->policies_count, sizeof(key), by_space);

    return found == NULL || !fora_policy_ready(found->policy) ? NULL : found->policy;
}

static int fold_policies(struct fora_claims *claims)
{
    struct claim_list *list = &claims->statements;
    int error = 0;

    if (list->count == 0)
        return 0;
    qsort(list->items, list->count, sizeof(*list->items), by_statement);
    claims->policies = calloc(list->count, sizeof(*claims->policies));
    if (claims->policies == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < list->count && error == 0; i++) {
        struct fora_space_id space = fora_object_space(&list->items[i].object);
        struct claim_policy *policy =
            claims->policies_count == 0 ? NULL : &claims->policies[claims->policies_count - 1];

        if (policy == NULL || memcmp(policy->space.b, space.b, sizeof(space.b)) != 0) {
            policy = &claims->policies[claims->policies_count];
            policy->space = space;
            error = fora_policy_new(&policy->policy);
            claims->policies_count += error == 0;
        }
        /* A statement by a key that does not speak is nobody's. */
        if (error == 0 && claims_key(claims, &list->items[i].object.header) == 0)
            error = fora_policy_add(policy->policy, &list->items[i].object);
        error = error == FORA_E_NOMEM ? error : 0;
    }
    return error;
}

static int find_for_receipts(
    void *context, const struct fora_principal_id *id, const struct fora_identity **out)
{
    *out = claims_log(context, id);
    return 0;
}

/* RCP-9: takes the effect from statements whose dates are disputed. */
static int judge_policies(struct fora_claims *claims)
{
    const struct fora_receipt_source source = {claims, find_for_receipts, find_for_receipts};
    struct fora_object *receipts = calloc(claims->receipts.count + 1, sizeof(*receipts));
    size_t count = 0, fallen;
    int error = receipts == NULL ? FORA_E_NOMEM : 0;

    for (size_t i = 0; error == 0 && i < claims->receipts.count; i++) {
        if (claims_key(claims, &claims->receipts.items[i].object.header) == 0)
            receipts[count++] = claims->receipts.items[i].object;
    }
    for (size_t i = 0; error == 0 && i < claims->policies_count; i++)
        error = fora_receipts_apply_policy(
            &source, claims->policies[i].policy, receipts, count, &fallen);
    free(receipts);
    return error;
}

/* ---- attestations ---- */

static int by_id(const void *left, const void *right)
{
    return memcmp(((const struct claim_entry *)left)->object.id.b,
        ((const struct claim_entry *)right)->object.id.b, FORA_ID_SIZE);
}

static int by_date(const void *left, const void *right)
{
    const struct fora_object *a = &(*(struct claim_entry *const *)left)->object;
    const struct fora_object *b = &(*(struct claim_entry *const *)right)->object;

    return fora_object_order(a->header.created_at, &a->id, b->header.created_at, &b->id);
}

struct claim_entry *claims_find(const struct fora_claims *claims, const struct fora_object_id *id)
{
    struct claim_entry key;

    key.object.id = *id;
    return claims->claims_count == 0
               ? NULL
               : bsearch(&key, claims->claims, claims->claims_count, sizeof(key), by_id);
}

static int list_claims(struct fora_claims *claims)
{
    struct claim_list *list = &claims->attestations;
    size_t kept = 0;

    if (list->count == 0)
        return 0;
    claims->claims = calloc(list->count, sizeof(*claims->claims));
    claims->by_date = calloc(list->count, sizeof(struct claim_entry *));
    if (claims->claims == NULL || claims->by_date == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < list->count; i++)
        claims->claims[i].object = list->items[i].object;
    qsort(claims->claims, list->count, sizeof(*claims->claims), by_id);
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || by_id(&claims->claims[kept - 1], &claims->claims[i]) != 0)
            claims->claims[kept++] = claims->claims[i];
    }
    claims->claims_count = kept;
    for (size_t i = 0; i < kept; i++) {
        struct fora_content content;
        int error = fora_content_decode(&claims->arena, FORA_KIND_ATTESTATION,
            claims->claims[i].object.content_bytes, &content);

        if (error != 0)
            return error;
        claims->claims[i].content = content.u.attestation;
        claims->by_date[i] = &claims->claims[i];
    }
    qsort(claims->by_date, kept, sizeof(struct claim_entry *), by_date);
    return 0;
}

static void revoke(struct fora_claims *claims)
{
    for (size_t i = 0; i < claims->revocations.count; i++) {
        const struct fora_header *header = &claims->revocations.items[i].object.header;
        struct claim_entry *entry = claims_find(claims, &header->parent);

        if (entry == NULL || claims_key(claims, header) != 0 ||
            memcmp(entry->object.header.author.b, header->author.b, FORA_ID_SIZE) != 0)
            continue;
        if (entry->revoked_at == 0 || header->created_at < entry->revoked_at)
            entry->revoked_at = header->created_at;
    }
}

int claims_settle(struct fora_claims *claims)
{
    int error;

    if (claims->settled)
        return 0;
    unfold(claims);
    error = fold_logs(claims);
    if (error == 0)
        error = fold_policies(claims);
    if (error == 0)
        error = judge_policies(claims);
    if (error == 0)
        error = list_claims(claims);
    if (error == 0) {
        revoke(claims);
        for (size_t i = 0; i < claims->claims_count; i++)
            claim_authority(claims, &claims->claims[i]);
        error = claims_arrange(claims);
    }
    if (error != 0)
        unfold(claims);
    claims->settled = error == 0;
    return error;
}

const struct fora_identity *fora_claims_identity(
    struct fora_claims *claims, const struct fora_principal_id *principal)
{
    return claims_settle(claims) == 0 ? claims_log(claims, principal) : NULL;
}

const struct fora_policy *fora_claims_policy(
    struct fora_claims *claims, const struct fora_space_id *space)
{
    return claims_settle(claims) == 0 ? claims_policy(claims, space) : NULL;
}

int fora_claims_born(struct fora_claims *claims, const struct fora_principal_id *principal,
    uint64_t *at, struct fora_principal_id *home)
{
    const struct claim_log *log;
    int error = claims_settle(claims);

    if (error != 0)
        return error;
    log = find_log(claims, principal);
    if (log == NULL)
        return FORA_E_NOTFOUND;
    *at = log->born;
    *home = log->first_home;
    return 0;
}
