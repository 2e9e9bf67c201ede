/* What is read from a policy: texts, roles and what they allow (POL-7 to POL-10). */
#include "index.h"

#include <string.h>

bool fora_policy_ready(const struct fora_policy *policy)
{
    return policy_index(policy)->first != NULL;
}

struct fora_space_id fora_policy_space(const struct fora_policy *policy)
{
    return policy->space;
}

struct fora_principal_id fora_policy_owner(const struct fora_policy *policy)
{
    const struct policy_index *index = policy_index(policy);

    return index->owners_count == 0 ? (struct fora_principal_id){{0}}
                                    : index->owners[index->owners_count - 1].owner;
}

uint32_t fora_policy_kind(const struct fora_policy *policy)
{
    const struct policy_index *index = policy_index(policy);

    return index->first == NULL ? FORA_SPACE_UNSPECIFIED : index->first->content.kind;
}

struct fora_bytes fora_policy_name(const struct fora_policy *policy)
{
    return policy_index(policy)->texts.name;
}

struct fora_bytes fora_policy_slug(const struct fora_policy *policy)
{
    return policy_index(policy)->texts.slug;
}

struct fora_bytes fora_policy_description(const struct fora_policy *policy)
{
    return policy_index(policy)->texts.description;
}

struct fora_bytes fora_policy_licence(const struct fora_policy *policy)
{
    return policy_index(policy)->texts.licence;
}

uint32_t fora_policy_posting(const struct fora_policy *policy)
{
    return fora_policy_posting_at(policy, UINT64_MAX);
}

uint32_t fora_policy_posting_at(const struct fora_policy *policy, uint64_t at)
{
    const struct policy_index *index = policy_index(policy);
    size_t low = 0, high = index->postings_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (index->postings[middle].from <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? FORA_POSTING_ANYONE : index->postings[low - 1].posting;
}

static bool owns_at(
    const struct policy_index *index, const struct fora_principal_id *principal, uint64_t at)
{
    size_t low = 1, high = index->owners_count;

    if (index->owners_count == 0)
        return false;
    /* The first owner holds from the beginning, whatever its date says. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (index->owners[middle].from <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return memcmp(index->owners[low - 1].owner.b, principal->b, FORA_ID_SIZE) == 0;
}

/* The role itself, without what a higher one brings. */
static bool granted_at(const struct policy_index *index, const struct fora_principal_id *principal,
    uint32_t role, uint64_t at)
{
    return policy_grant_holds(
        policy_grant_at(index->grants, index->grants_count, principal, role, at), at);
}

/* POL-7: the role that includes this one; 0: none does. */
static uint32_t includer_of(uint32_t role)
{
    switch (role) {
    case FORA_ROLE_MODERATOR:
    case FORA_ROLE_STAFF:
        return FORA_ROLE_ADMIN;
    case FORA_ROLE_EDITOR:
    case FORA_ROLE_CURATOR:
    case FORA_ROLE_FLAGGER:
        return FORA_ROLE_MODERATOR;
    case FORA_ROLE_TAGGER:
        return FORA_ROLE_EDITOR;
    default:
        return 0;
    }
}

bool fora_policy_role_at(const struct fora_policy *policy,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at)
{
    const struct policy_index *index = policy_index(policy);

    if (owns_at(index, principal, at))
        return role != FORA_ROLE_BANNED;
    if (role == FORA_ROLE_BANNED)
        return granted_at(index, principal, role, at) &&
               !granted_at(index, principal, FORA_ROLE_ADMIN, at);
    /* Each role is included in one at most, so that the way up is short and has no circle. */
    for (uint32_t held = role; held != 0; held = includer_of(held)) {
        if (granted_at(index, principal, held, at))
            return true;
    }
    return false;
}

static const uint32_t badges[] = {FORA_ROLE_ADMIN, FORA_ROLE_MODERATOR, FORA_ROLE_STAFF,
    FORA_ROLE_EXPERT, FORA_ROLE_EDITOR, FORA_ROLE_MEMBER}; /* the strongest first */
enum { BADGES = sizeof(badges) / sizeof(badges[0]) };

uint32_t fora_policy_badge_at(
    const struct fora_policy *policy, const struct fora_principal_id *principal, uint64_t at)
{
    const struct policy_index *index = policy_index(policy);

    if (owns_at(index, principal, at))
        return FORA_ROLE_ADMIN;
    for (size_t i = 0; i < BADGES; i++) {
        if (granted_at(index, principal, badges[i], at))
            return badges[i];
    }
    return 0;
}

bool fora_policy_appointed_at(
    const struct fora_policy *policy, const struct fora_principal_id *principal, uint64_t at)
{
    const struct policy_index *index = policy_index(policy);

    if (owns_at(index, principal, at))
        return true;
    for (size_t i = 0; i < BADGES; i++) {
        const struct policy_grant *grant =
            policy_grant_at(index->grants, index->grants_count, principal, badges[i], at);

        if (policy_grant_holds(grant, at) && !grant->earned)
            return true;
    }
    return false;
}

bool fora_policy_revoked_at(const struct fora_policy *policy,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at)
{
    const struct policy_index *index = policy_index(policy);
    const struct policy_grant *grant =
        policy_grant_at(index->grants, index->grants_count, principal, role, at);

    return grant != NULL && grant->revoke;
}

bool fora_policy_barred_at(const struct fora_policy *policy,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at)
{
    const struct policy_index *index = policy_index(policy);
    const struct policy_grant *grant =
        policy_grant_at(index->grants, index->grants_count, principal, role, at);
    bool holds = policy_grant_holds(grant, at);

    return grant != NULL && !holds && (grant->revoke || grant->rank == POLICY_RANK_OWNER);
}

bool fora_role_earnable(uint32_t role)
{
    return role == FORA_ROLE_MEMBER || role == FORA_ROLE_EDITOR || role == FORA_ROLE_EXPERT ||
           role == FORA_ROLE_TAGGER || role == FORA_ROLE_FLAGGER || role == FORA_ROLE_CURATOR;
}

const struct fora_privilege *fora_policy_privileges(const struct fora_policy *policy, size_t *count)
{
    *count = policy_index(policy)->earned_count;
    return policy_index(policy)->earned;
}

bool fora_policy_privilege(const struct fora_policy *policy, uint32_t role, uint32_t *standing)
{
    const struct policy_index *index = policy_index(policy);

    *standing = role < POLICY_ROLES ? index->privileges[role].standing : 0;
    return role < POLICY_ROLES && index->privileges[role].rank != POLICY_RANK_NONE;
}

bool fora_policy_hosted_by(const struct fora_policy *policy, const struct fora_principal_id *node)
{
    const struct policy_index *index = policy_index(policy);
    size_t low = 0, high = index->hosts_count;

    if (owns_at(index, node, UINT64_MAX))
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(index->hosts_by_id[middle].b, node->b, FORA_ID_SIZE);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

const struct fora_host *fora_policy_hosts(const struct fora_policy *policy, size_t *count)
{
    *count = policy_index(policy)->hosts_count;
    return policy_index(policy)->hosts;
}

const struct fora_product *fora_policy_products(const struct fora_policy *policy, size_t *count)
{
    *count = policy_index(policy)->products_count;
    return policy_index(policy)->products;
}

static bool may_open(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t thread_type, uint64_t at)
{
    bool announces = thread_type == FORA_THREAD_ANNOUNCEMENT;
    bool publishes =
        thread_type == FORA_THREAD_ARTICLE && fora_policy_kind(policy) == FORA_SPACE_ARTICLES;

    if (!announces && !publishes && fora_policy_posting_at(policy, at) != FORA_POSTING_STAFF)
        return true;
    if (fora_policy_role_at(policy, author, FORA_ROLE_STAFF, at))
        return true;
    return publishes && fora_policy_posting_at(policy, at) != FORA_POSTING_STAFF &&
           fora_policy_role_at(policy, author, FORA_ROLE_EXPERT, at);
}

static bool may_post(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t kind, uint32_t thread_type, uint64_t at)
{
    switch (kind) {
    case FORA_KIND_THREAD:
    case FORA_KIND_POST:
        if (fora_policy_posting_at(policy, at) == FORA_POSTING_MEMBERS &&
            fora_policy_badge_at(policy, author, at) == 0)
            return false;
        return kind == FORA_KIND_POST || may_open(policy, author, thread_type, at);
    case FORA_KIND_POLICY:
        return fora_policy_role_at(policy, author, FORA_ROLE_ADMIN, at);
    case FORA_KIND_STATUS:
        return fora_policy_role_at(policy, author, FORA_ROLE_STAFF, at);
    case FORA_KIND_MODERATION: /* which action: fora_policy_may_say() */
        return fora_policy_role_at(policy, author, FORA_ROLE_CURATOR, at);
    case FORA_KIND_TALLY:
    case FORA_KIND_CHECKPOINT:
        return fora_policy_hosted_by(policy, author);
    default:
        return true;
    }
}

int fora_policy_may_post(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t kind, uint32_t thread_type, uint64_t at)
{
    if (kind == FORA_KIND_IDENTITY || kind == FORA_KIND_PROFILE || kind == FORA_KIND_CARRIED ||
        kind == FORA_KIND_APPEAL || kind == FORA_KIND_RETRACTION)
        return 0;
    if (fora_policy_role_at(policy, author, FORA_ROLE_BANNED, at))
        return FORA_E_FORBIDDEN;
    return may_post(policy, author, kind, thread_type, at) ? 0 : FORA_E_FORBIDDEN;
}

static bool may_resolve(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t type, bool opened, bool wrote, uint64_t at)
{
    bool staff = fora_policy_role_at(policy, author, FORA_ROLE_STAFF, at);
    bool moderator = fora_policy_role_at(policy, author, FORA_ROLE_MODERATOR, at);
    bool expert = fora_policy_role_at(policy, author, FORA_ROLE_EXPERT, at);

    switch ((enum fora_resolution_type)type) {
    case FORA_RESOLUTION_ASKER_ACCEPTED:
        return opened;
    case FORA_RESOLUTION_STAFF_CONFIRMED:
    case FORA_RESOLUTION_REGRESSED_IN:
        return staff;
    case FORA_RESOLUTION_COMMUNITY_VERIFIED:
        return expert || moderator;
    case FORA_RESOLUTION_WORKAROUND:
        return opened || staff || expert;
    case FORA_RESOLUTION_SUPERSEDED_BY:
        return wrote || staff || moderator;
    case FORA_RESOLUTION_UNSPECIFIED:
        break;
    }
    return false;
}

static bool may_moderate(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t action, uint64_t at)
{
    bool curates = action == FORA_MODERATION_CLOSE || action == FORA_MODERATION_REOPEN ||
                   action == FORA_MODERATION_MOVE;

    return fora_policy_role_at(
        policy, author, curates ? FORA_ROLE_CURATOR : FORA_ROLE_MODERATOR, at);
}

uint32_t fora_policy_detail(const struct fora_content *content, bool of_thread)
{
    const struct fora_revision *revision = &content->u.revision;

    switch (content->kind) {
    case FORA_KIND_RESOLUTION:
        return content->u.resolution.type;
    case FORA_KIND_MODERATION:
        return content->u.moderation.action;
    case FORA_KIND_REVISION:
        return of_thread && !revision->has_title && !revision->has_text ? FORA_REVISES_TAGS : 0;
    default:
        return 0;
    }
}

bool fora_policy_may_say(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t kind, uint32_t detail, bool opened, bool wrote, uint64_t at)
{
    switch (kind) {
    case FORA_KIND_REVISION:
        return wrote || fora_policy_role_at(policy, author,
                            detail == FORA_REVISES_TAGS ? FORA_ROLE_TAGGER : FORA_ROLE_EDITOR, at);
    case FORA_KIND_MODERATION:
        return may_moderate(policy, author, detail, at);
    case FORA_KIND_RESOLUTION:
        return may_resolve(policy, author, detail, opened, wrote, at);
    case FORA_KIND_STATUS:
        return fora_policy_role_at(policy, author, FORA_ROLE_STAFF, at);
    case FORA_KIND_DUPLICATE:
        return opened || fora_policy_role_at(policy, author, FORA_ROLE_STAFF, at) ||
               fora_policy_role_at(policy, author, FORA_ROLE_CURATOR, at);
    case FORA_KIND_CITE:
        return opened || fora_policy_role_at(policy, author, FORA_ROLE_EDITOR, at);
    default:
        return true;
    }
}

int fora_policy_each_grant(const struct fora_policy *policy,
    int (*each)(void *context, const struct fora_principal_id *principal, uint32_t role,
        uint64_t since, uint64_t until),
    void *context)
{
    const struct policy_index *index = policy_index(policy);

    for (size_t i = 0; i < index->grants_count; i++) {
        const struct policy_grant *grant = &index->grants[i];
        const struct policy_grant *next = i + 1 < index->grants_count ? grant + 1 : NULL;
        uint64_t until = grant->until;
        int stop;

        if (next != NULL && next->role == grant->role &&
            memcmp(next->principal.b, grant->principal.b, FORA_ID_SIZE) == 0 &&
            (until == 0 || next->since < until))
            until = next->since;
        if (grant->revoke || (until != 0 && until <= grant->since))
            continue;
        stop = each(context, &grant->principal, grant->role, grant->since, until);
        if (stop != 0)
            return stop;
    }
    return 0;
}
