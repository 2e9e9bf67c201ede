/* The statements of a policy as they come, in memory of its own. */
#include "index.h"

#include <stdlib.h>
#include <string.h>

int fora_policy_new(struct fora_policy **out)
{
    struct fora_policy *policy = calloc(1, sizeof(*policy));

    if (policy == NULL)
        return FORA_E_NOMEM;
    policy->index = calloc(1, sizeof(*policy->index));
    if (policy->index == NULL) {
        free(policy);
        return FORA_E_NOMEM;
    }
    fora_arena_init(&policy->arena, 0);
    *out = policy;
    return 0;
}

void fora_policy_free(struct fora_policy *policy)
{
    if (policy == NULL)
        return;
    policy_index_free(policy->index);
    fora_arena_fini(&policy->arena);
    free(policy->statements);
    free(policy);
}

static bool holds(const struct fora_policy *policy, const struct fora_object_id *id)
{
    for (size_t i = 0; i < policy->count; i++) {
        if (memcmp(policy->statements[i].id.b, id->b, FORA_ID_SIZE) == 0)
            return true;
    }
    return false;
}

/* Copies the content's bytes, so that the decoded statement lends from the policy's arena. */
static int keep_content(
    struct fora_policy *policy, struct fora_bytes bytes, struct fora_policy_statement *out)
{
    struct fora_bytes copy = fora_arena_copy(&policy->arena, bytes);
    struct fora_content content;
    int error;

    if (copy.data == NULL)
        return FORA_E_NOMEM;
    error = fora_content_decode(&policy->arena, FORA_KIND_POLICY, copy, &content);
    if (error == 0)
        *out = content.u.policy;
    return error;
}

/* Checks on memory that is given back, so that what is refused leaves nothing in the policy. */
static int check_content(struct fora_bytes bytes)
{
    struct fora_arena arena;
    struct fora_content content;
    int error;

    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    error = fora_content_decode(&arena, FORA_KIND_POLICY, bytes, &content);
    fora_arena_fini(&arena);
    return error;
}

static int check_statement(const struct fora_policy *policy, const struct fora_object *statement)
{
    struct fora_space_id space = fora_object_space(statement);

    if (statement->header.kind != FORA_KIND_POLICY)
        return FORA_E_MISMATCH;
    if (policy->count != 0 && memcmp(space.b, policy->space.b, FORA_ID_SIZE) != 0)
        return FORA_E_MISMATCH;
    if (policy->count == FORA_POLICY_STATEMENTS_MAX)
        return FORA_E_LIMIT;
    return statement->has_content ? check_content(statement->content_bytes) : FORA_E_NO_CONTENT;
}

int fora_policy_add(struct fora_policy *policy, const struct fora_object *statement)
{
    struct policy_statement made = {.id = statement->id,
        .author = statement->header.author,
        .key = statement->header.key,
        .created_at = statement->header.created_at,
        .first = fora_id_is_zero(statement->header.space.b)};
    int error;

    if (holds(policy, &statement->id))
        return 0;
    error = check_statement(policy, statement);
    if (error == 0)
        error = keep_content(policy, statement->content_bytes, &made.content);
    if (error == 0)
        error = policy_reserve(policy, made.content.grants_count, made.content.hosts_count,
            made.content.products_count);
    if (error != 0)
        return error;
    policy->space = fora_object_space(statement);
    policy->statements[policy->count++] = made;
    policy->grants += made.content.grants_count;
    policy->hosts += made.content.hosts_count;
    policy->products += made.content.products_count;
    policy->index->stale = true;
    return 0;
}

size_t fora_policy_stated_count(const struct fora_policy *policy)
{
    return policy->count;
}

void fora_policy_statement(
    const struct fora_policy *policy, size_t index, struct fora_policy_stated *out)
{
    const struct policy_statement *statement = &policy->statements[index];

    *out = (struct fora_policy_stated){.id = statement->id,
        .author = statement->author,
        .key = statement->key,
        .created_at = statement->created_at,
        .first = statement->first};
}

void fora_policy_set_fallen(struct fora_policy *policy, size_t index, bool fallen)
{
    struct policy_statement *statement = &policy->statements[index];

    policy->index->stale = policy->index->stale || statement->fallen != fallen;
    statement->fallen = fallen;
}

/* Statements name few people, and this is asked once for each statement that is admitted: no index
 * of its own. */
bool fora_policy_may_state(const struct fora_policy *policy, const struct fora_principal_id *author)
{
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_statement *statement = &policy->statements[i];
        const struct fora_policy_statement *content = &statement->content;

        if (statement->first && memcmp(statement->author.b, author->b, FORA_ID_SIZE) == 0)
            return true;
        if (content->has_owner && memcmp(content->owner.b, author->b, FORA_ID_SIZE) == 0)
            return true;
        for (size_t j = 0; j < content->grants_count; j++) {
            const struct fora_grant *grant = &content->grants[j];

            if (grant->role == FORA_ROLE_ADMIN && !grant->revoke &&
                memcmp(grant->principal.b, author->b, FORA_ID_SIZE) == 0)
                return true;
        }
    }
    return false;
}
