/*
 * The merge, in an order that needs no fixed point: who owned when; then who was admin when, which
 * only owners grant; then the rank of every statement, and with it every slot (POL-4 to POL-8).
 */
#include "index.h"

#include <stdlib.h>
#include <string.h>

static int by_time(const void *left, const void *right)
{
    const struct policy_statement *a = *(struct policy_statement *const *)left;
    const struct policy_statement *b = *(struct policy_statement *const *)right;

    return fora_object_order(a->created_at, &a->id, b->created_at, &b->id);
}

static void sort_statements(const struct fora_policy *policy, struct policy_index *index)
{
    index->first = NULL;
    for (size_t i = 0; i < policy->count; i++) {
        index->sorted[i] = &policy->statements[i];
        index->sorted[i]->rank = POLICY_RANK_NONE;
        if (policy->statements[i].first)
            index->first = &policy->statements[i];
    }
    if (policy->count != 0)
        qsort(index->sorted, policy->count, sizeof(struct policy_statement *), by_time);
}

/* POL-4: in order of time, a hand-over counts when its author owns the space just then. What fell
 * (RCP-9) has no rank, here and below. */
static void merge_owners(const struct fora_policy *policy, struct policy_index *index)
{
    index->owners_count = 0;
    if (index->first == NULL)
        return;
    index->owners[index->owners_count++] =
        (struct policy_owner){.owner = index->first->author, .from = 0};
    for (size_t i = 0; i < policy->count; i++) {
        struct policy_statement *statement = index->sorted[i];
        const struct policy_owner *now = &index->owners[index->owners_count - 1];

        if (statement->fallen || memcmp(statement->author.b, now->owner.b, FORA_ID_SIZE) != 0)
            continue;
        statement->rank = POLICY_RANK_OWNER;
        if (statement->content.has_owner && !fora_id_is_zero(statement->content.owner.b))
            index->owners[index->owners_count++] = (struct policy_owner){
                .owner = statement->content.owner, .from = statement->created_at};
    }
}

/* ADMIN is granted by the owner only. */
static void collect_grants(struct policy_index *index, size_t position, bool admins)
{
    const struct policy_statement *statement = index->sorted[position];

    for (size_t i = 0; i < statement->content.grants_count; i++) {
        const struct fora_grant *grant = &statement->content.grants[i];
        bool admin = grant->role == FORA_ROLE_ADMIN;

        if (admin ? statement->rank != POLICY_RANK_OWNER : admins)
            continue;
        index->grants[index->grants_count++] = (struct policy_grant){.principal = grant->principal,
            .role = grant->role,
            .position = (uint32_t)(position * 256 + i), /* at most 256 grants a statement */
            .since = grant->since != 0 ? grant->since : statement->created_at,
            .until = grant->until,
            /* Any admin may take away what was earned, though the owner's node granted it. */
            .rank = grant->earned != 0 ? POLICY_RANK_ADMIN : (uint8_t)statement->rank,
            .revoke = grant->revoke,
            .earned = grant->earned != 0};
    }
}

static void merge_grants(const struct fora_policy *policy, struct policy_index *index)
{
    index->grants_count = 0;
    for (size_t i = 0; i < policy->count; i++)
        collect_grants(index, i, true);
    index->grants_count = policy_timelines(index->grants, index->grants_count);
    for (size_t i = 0; i < policy->count; i++) {
        struct policy_statement *statement = index->sorted[i];

        if (!statement->fallen && statement->rank == POLICY_RANK_NONE &&
            policy_grant_holds(policy_grant_at(index->grants, index->grants_count,
                                   &statement->author, FORA_ROLE_ADMIN, statement->created_at),
                statement->created_at))
            statement->rank = POLICY_RANK_ADMIN;
    }
    index->grants_count = 0;
    for (size_t i = 0; i < policy->count; i++) {
        if (index->sorted[i]->rank != POLICY_RANK_NONE)
            collect_grants(index, i, false);
    }
    index->grants_count = policy_timelines(index->grants, index->grants_count);
}

/* A text slot: the greatest (rank, created_at, id). Statements come in order of time. */
static void claim_text(struct fora_bytes *slot, enum policy_rank *held, bool has,
    struct fora_bytes text, enum policy_rank rank)
{
    if (!has || rank < *held)
        return;
    *slot = text;
    *held = rank;
}

static void merge_texts(const struct fora_policy *policy, struct policy_index *index)
{
    enum policy_rank name = 0, slug = 0, description = 0, licence = 0;
    struct policy_texts *texts = &index->texts;

    *texts = (struct policy_texts){.name = {NULL, 0}};
    index->postings_count = 0;
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_statement *statement = index->sorted[i];
        const struct fora_policy_statement *content = &statement->content;
        enum policy_rank rank = statement->rank;
        size_t last = index->postings_count;

        if (rank == POLICY_RANK_NONE)
            continue;
        claim_text(&texts->name, &name, content->has_name, content->name, rank);
        claim_text(&texts->slug, &slug, content->has_slug, content->slug, rank);
        claim_text(&texts->description, &description, content->has_description,
            content->description, rank);
        claim_text(&texts->licence, &licence, content->has_licence, content->licence, rank);
        if (content->has_posting && (last == 0 || index->postings[last - 1].rank <= rank))
            index->postings[index->postings_count++] = (struct policy_posting){
                .from = statement->created_at, .posting = content->posting, .rank = rank};
    }
}

static int by_node(const void *left, const void *right)
{
    const struct policy_host_claim *a = left, *b = right;
    int order = memcmp(a->host.node.b, b->host.node.b, FORA_ID_SIZE);

    if (order != 0)
        return order;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

static int by_succession(const void *left, const void *right)
{
    const struct fora_host *a = left, *b = right;
    /* 0, no successor, comes after all numbers. */
    uint32_t first = a->succession - 1, second = b->succession - 1;

    if (first != second)
        return first < second ? -1 : 1;
    return memcmp(a->node.b, b->node.b, FORA_ID_SIZE);
}

static void merge_hosts(const struct fora_policy *policy, struct policy_index *index)
{
    size_t count = 0;

    index->hosts_count = 0;
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_statement *statement = index->sorted[i];

        for (size_t j = 0; statement->rank != 0 && j < statement->content.hosts_count; j++)
            index->host_claims[count++] =
                (struct policy_host_claim){.host = statement->content.hosts[j],
                    .position = (uint32_t)(i * 256 + j),
                    .rank = (uint8_t)statement->rank};
    }
    if (count == 0)
        return;
    qsort(index->host_claims, count, sizeof(*index->host_claims), by_node);
    for (size_t i = 0; i < count; i++) {
        const struct fora_host *host = &index->host_claims[i].host;

        /* The last claim of a node wins. */
        if (i + 1 < count &&
            memcmp(host->node.b, index->host_claims[i + 1].host.node.b, FORA_ID_SIZE) == 0)
            continue;
        if (host->remove)
            continue;
        index->hosts_by_id[index->hosts_count] = host->node;
        index->hosts[index->hosts_count++] = *host;
    }
    if (index->hosts_count != 0)
        qsort(index->hosts, index->hosts_count, sizeof(*index->hosts), by_succession);
}

static int by_name(const void *left, const void *right)
{
    const struct policy_product_claim *a = left, *b = right;
    int order = fora_bytes_compare(a->product.name, b->product.name);

    if (order != 0)
        return order;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

static void merge_products(const struct fora_policy *policy, struct policy_index *index)
{
    size_t count = 0;

    index->products_count = 0;
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_statement *statement = index->sorted[i];

        for (size_t j = 0; statement->rank != 0 && j < statement->content.products_count; j++)
            index->product_claims[count++] =
                (struct policy_product_claim){.product = statement->content.products[j],
                    .position = (uint32_t)(i * 256 + j),
                    .rank = (uint8_t)statement->rank};
    }
    if (count == 0)
        return;
    qsort(index->product_claims, count, sizeof(*index->product_claims), by_name);
    for (size_t i = 0; i < count; i++) {
        const struct fora_product *product = &index->product_claims[i].product;

        if (i + 1 < count &&
            fora_bytes_equal(product->name, index->product_claims[i + 1].product.name))
            continue;
        if (!product->remove)
            index->products[index->products_count++] = *product;
    }
}

static int by_standing(const void *left, const void *right)
{
    const struct fora_privilege *a = left, *b = right;

    if (a->standing != b->standing)
        return a->standing < b->standing ? -1 : 1;
    return (a->role > b->role) - (a->role < b->role);
}

static void claim_privilege(
    struct policy_privilege *slot, const struct fora_privilege *claim, enum policy_rank rank)
{
    if (fora_role_earnable(claim->role) && rank >= slot->rank)
        *slot = (struct policy_privilege){.rank = rank, .standing = claim->standing};
}

/* POL-11. Statements come in order of time, so that of equal rank the last claim stands. */
static void merge_privileges(const struct fora_policy *policy, struct policy_index *index)
{
    memset(index->privileges, 0, sizeof(index->privileges));
    index->earned_count = 0;
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_statement *statement = index->sorted[i];
        const struct fora_policy_statement *content = &statement->content;

        for (size_t j = 0; statement->rank != 0 && j < content->privileges_count; j++) {
            uint32_t role = content->privileges[j].role;

            if (role < POLICY_ROLES)
                claim_privilege(&index->privileges[role], &content->privileges[j], statement->rank);
        }
    }
    for (uint32_t role = 0; role < POLICY_ROLES; role++) {
        if (index->privileges[role].standing != 0)
            index->earned[index->earned_count++] =
                (struct fora_privilege){.role = role, .standing = index->privileges[role].standing};
    }
    if (index->earned_count != 0)
        qsort(index->earned, index->earned_count, sizeof(index->earned[0]), by_standing);
}

void policy_merge(const struct fora_policy *policy, struct policy_index *index)
{
    sort_statements(policy, index);
    merge_owners(policy, index);
    merge_grants(policy, index);
    merge_texts(policy, index);
    merge_hosts(policy, index);
    merge_products(policy, index);
    merge_privileges(policy, index);
}
