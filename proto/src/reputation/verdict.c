/* The verdict on an attestation (ATT-4 to ATT-8). */
#include "claims.h"

#include <string.h>

static bool same_id(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, FORA_ID_SIZE) == 0;
}

static bool in_space(const struct claim_entry *entry)
{
    return !fora_id_is_zero(entry->object.header.space.b);
}

/* ---- rows 2, 3 and 5: who may state it ---- */

static bool hosts_or_rules(const struct fora_policy *policy, const struct claim_entry *entry)
{
    const struct fora_header *header = &entry->object.header;

    if (fora_policy_hosted_by(policy, &header->author))
        return true;
    return entry->content.type != FORA_ATTESTATION_STANDING &&
           fora_policy_role_at(policy, &header->author, FORA_ROLE_ADMIN, header->created_at);
}

static bool is_home(const struct fora_claims *claims, const struct claim_entry *entry)
{
    const struct fora_identity *log = claims_log(claims, &entry->content.subject);

    return log != NULL && same_id(fora_identity_home(log)->b, entry->object.header.author.b);
}

static int own_authority(const struct fora_claims *claims, const struct claim_entry *entry)
{
    const struct fora_header *header = &entry->object.header;
    const struct fora_policy *policy = claims_policy(claims, &header->space);
    const struct fora_identity *log = claims_log(claims, &header->author);
    bool may = false;

    if (in_space(entry) && policy == NULL)
        return FORA_E_UNKNOWN_SPACE;
    switch ((enum fora_attestation_type)entry->content.type) {
    case FORA_ATTESTATION_STANDING:
        may = in_space(entry) && hosts_or_rules(policy, entry);
        break;
    case FORA_ATTESTATION_BADGE:
    case FORA_ATTESTATION_DELEGATION:
        may = !in_space(entry) || hosts_or_rules(policy, entry);
        break;
    case FORA_ATTESTATION_AFFILIATION:
        may = !in_space(entry) || hosts_or_rules(policy, entry) || is_home(claims, entry);
        break;
    case FORA_ATTESTATION_TRUST:
        may = !in_space(entry) && fora_identity_type(log) == FORA_PRINCIPAL_NODE;
        break;
    case FORA_ATTESTATION_UNSPECIFIED:
        break;
    }
    return may ? 0 : FORA_E_SCOPE;
}

/* Nobody speaks for herself. */
static bool about_herself(const struct claim_entry *entry)
{
    uint32_t type = entry->content.type;

    return same_id(entry->content.subject.b, entry->object.header.author.b) &&
           (type == FORA_ATTESTATION_STANDING || type == FORA_ATTESTATION_BADGE ||
               type == FORA_ATTESTATION_DELEGATION);
}

static bool in_term(const struct fora_attestation *attestation, uint64_t at)
{
    return at >= attestation->from && (attestation->until == 0 || at < attestation->until);
}

static bool has_product(const struct fora_attestation *attestation, struct fora_bytes product)
{
    for (size_t i = 0; i < attestation->products_count; i++) {
        if (fora_bytes_equal(attestation->products[i], product))
            return true;
    }
    return false;
}

static bool products_fit(const struct fora_attestation *given, const struct fora_attestation *used)
{
    if (given->products_count == 0)
        return true;
    for (size_t i = 0; i < used->products_count; i++) {
        if (!has_product(given, used->products[i]))
            return false;
    }
    return used->products_count != 0;
}

/* A delegation without a space speaks for its issuer, who must then be somebody in the space. */
static bool space_fits(const struct fora_claims *claims, const struct claim_entry *given,
    const struct claim_entry *used)
{
    const struct fora_space_id *space = &used->object.header.space;
    const struct fora_policy *policy;
    struct fora_principal_id owner;

    if (same_id(given->object.header.space.b, space->b))
        return true;
    policy = in_space(given) ? NULL : claims_policy(claims, space);
    if (policy == NULL)
        return false;
    owner = fora_policy_owner(policy);
    return same_id(owner.b, given->object.header.author.b) ||
           fora_policy_hosted_by(policy, &given->object.header.author);
}

/* Does this delegation allow that use of it (ATT-6)? */
static int allows(const struct fora_claims *claims, const struct claim_entry *given,
    const struct claim_entry *used)
{
    const struct fora_attestation *g = &given->content, *u = &used->content;

    if (g->type != FORA_ATTESTATION_DELEGATION)
        return FORA_E_MISMATCH;
    if (!same_id(g->subject.b, used->object.header.author.b) || !space_fits(claims, given, used) ||
        u->type >= 32 || (g->may >> u->type & 1) == 0 || !products_fit(g, u) ||
        !in_term(g, used->object.header.created_at))
        return FORA_E_SCOPE;
    if (u->type == FORA_ATTESTATION_DELEGATION && (g->depth <= u->depth || (u->may & ~g->may) != 0))
        return FORA_E_SCOPE;
    return given->object.header.created_at > used->object.header.created_at ? FORA_E_FUTURE : 0;
}

static bool issued_in_chain(const struct claim_entry *entry, const struct claim_entry *delegation)
{
    const uint8_t *who = delegation->object.header.author.b;

    for (unsigned i = 0; i < entry->chain_length; i++) {
        if (same_id(entry->chain[i]->object.header.author.b, who))
            return true;
    }
    return same_id(entry->object.header.author.b, who);
}

/* One step up: the delegation on which `at` rests, or a code. */
static int climb(
    const struct fora_claims *claims, struct claim_entry *entry, struct claim_entry **at)
{
    struct claim_entry *above = claims_find(claims, &(*at)->content.delegation);
    int error;

    if (above == NULL)
        return FORA_E_UNKNOWN_PARENT;
    if (entry->chain_length == FORA_DELEGATIONS_MAX || issued_in_chain(entry, above))
        return FORA_E_CHAIN;
    error = allows(claims, above, *at);
    if (error == 0)
        error = claims_key(claims, &above->object.header);
    if (error == 0) {
        entry->chain[entry->chain_length++] = above;
        *at = above;
    }
    return error;
}

void claim_authority(const struct fora_claims *claims, struct claim_entry *entry)
{
    struct claim_entry *at = entry;
    int error = claims_key(claims, &entry->object.header);

    entry->chain_length = 0;
    if (error == 0 && in_space(entry) && claims_policy(claims, &entry->object.header.space) == NULL)
        error = FORA_E_UNKNOWN_SPACE;
    if (error == 0 && about_herself(entry))
        error = FORA_E_SCOPE;
    while (error == 0 && !fora_id_is_zero(at->content.delegation.b))
        error = climb(claims, entry, &at);
    if (error == 0)
        error = own_authority(claims, at);
    entry->authority = at->object.header.author;
    entry->authority_code = error;
}

/* ---- row 6: taken back ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

uint64_t claim_revoked_at(const struct claim_entry *entry)
{
    uint64_t at = entry->revoked_at;

    for (unsigned i = 0; i < entry->chain_length; i++)
        at = earlier(at, entry->chain[i]->revoked_at);
    return at;
}

/* ---- row 7: the limit ---- */

static bool over_limit(const struct claim_entry *entry)
{
    const struct claim_entry *delegation = entry->chain_length != 0 ? entry->chain[0] : NULL;
    uint64_t place;

    if (delegation == NULL || delegation->content.limit == 0)
        return false;
    place = entry->leader != NULL ? entry->leader->place : (uint64_t)delegation->placed + 1;
    return place > delegation->content.limit;
}

/* ---- rows 9 and 10: what else the issuer said ---- */

/* Asked of one that is said at that time itself. */
static int line_verdict(struct fora_claims *claims, const struct claim_entry *entry, uint64_t at)
{
    if (entry->content.type == FORA_ATTESTATION_STANDING &&
        claim_times_at(claims, &entry->period, at) != entry->facts)
        return FORA_E_CONFLICT;
    return claim_times_at(claims, &entry->line, at) > entry->rank ? FORA_E_SUPERSEDED : 0;
}

/* ---- the table of ATT-4 ---- */

static int verdict(struct fora_claims *claims, const struct claim_entry *entry, uint64_t at)
{
    const struct fora_attestation *content = &entry->content;
    bool standing = content->type == FORA_ATTESTATION_STANDING;
    uint64_t revoked = claim_revoked_at(entry);
    int code = entry->authority_code;

    if (code == FORA_E_UNKNOWN_AUTHOR || code == FORA_E_KEY || code == FORA_E_UNKNOWN_SPACE)
        return code;
    if (entry->object.header.created_at > at || (!standing && at < content->from))
        return FORA_E_FUTURE;
    if (code != 0)
        return code;
    if (revoked != 0 && revoked <= at)
        return FORA_E_REVOKED;
    if (over_limit(entry))
        return FORA_E_LIMIT;
    if (!standing && content->until != 0 && at >= content->until)
        return FORA_E_EXPIRED;
    code = line_verdict(claims, entry, at);
    return code != 0 || !standing ? code : fora_standing_check(content);
}

static void fill(struct fora_claims *claims, const struct claim_entry *entry, uint64_t at,
    struct fora_claim *out)
{
    *out = (struct fora_claim){.id = &entry->object.id,
        .header = &entry->object.header,
        .attestation = &entry->content,
        .code = verdict(claims, entry, at),
        .authority = entry->authority,
        .delegations = entry->chain_length,
        .revoked_at = claim_revoked_at(entry)};
}

int fora_claims_check(struct fora_claims *claims, const struct fora_object_id *id, uint64_t at,
    struct fora_claim *out)
{
    const struct claim_entry *entry;
    int error = claims_settle(claims);

    if (error != 0)
        return error;
    entry = claims_find(claims, id);
    if (entry == NULL)
        return FORA_E_NOTFOUND;
    fill(claims, entry, at, out);
    return 0;
}

int fora_claims_each(struct fora_claims *claims, const struct fora_principal_id *subject,
    uint64_t at, int (*each)(void *context, const struct fora_claim *claim), void *context)
{
    int error = claims_settle(claims);

    for (size_t i = 0; i < claims->claims_count && error == 0; i++) {
        struct fora_claim claim;

        if (subject != NULL && !same_id(claims->by_date[i]->content.subject.b, subject->b))
            continue;
        fill(claims, claims->by_date[i], at, &claim);
        error = each(context, &claim);
    }
    return error;
}
