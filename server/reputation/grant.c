/*
 * Roles that a standing earns (STD-14): granted by the owner of the space, in ordinary policy
 * statements. A statement makes every thread of a space due for counting, because rights may be
 * others. Not so these: they speak from after every object that is held, so nothing that was
 * counted changes, and the set is noted as counted under the new policy.
 */
#include "reputation/impl.h"

#include <string.h>

enum { GRANTS_MAX = 256 /* of one statement (section 11) */ };

int grant_settle(struct granting *granting)
{
    struct set_info set;
    struct standing_set state;
    struct kv_txn *kv = granting->txn->ledger.txn;
    if (granting->count == 0) {
        return 0;
    }
    struct fora_content content = {.kind = FORA_KIND_POLICY,
        .u.policy = {.grants = granting->grants, .grants_count = granting->count}};
    struct fora_header header = {.kind = FORA_KIND_POLICY};
    if (!sets_get(kv, granting->set, &set) || !standing_set_get(kv, granting->set, &state)) {
        return FORA_E_CORRUPT;
    }
    bool counted = state.policy_version == set.policy_version && !state.recount;
    header.space = set.space;
    int rc = standing_sign(granting->txn, granting->self, &header, &content);
    struct ledger_set *after =
        rc == 0 ? ledger_set_number(&granting->txn->ledger, granting->set) : NULL;
    if (rc == 0 && after != NULL && counted) {
        state.policy_version = after->info.policy_version;
        standing_set_put(kv, granting->set, &state);
    }
    granting->report->granted += rc == 0 ? granting->count : 0;
    granting->count = 0;
    return rc;
}

static int note(struct granting *granting, const struct set_info *set, uint64_t latest,
    const struct fora_principal_id *member, uint32_t role)
{
    int rc = 0;
    if (granting->count == GRANTS_MAX || (granting->count > 0 && granting->set != set->number)) {
        rc = grant_settle(granting);
    }
    uint64_t now = granting->txn->now;
    granting->set = set->number;
    granting->grants[granting->count++] = (struct fora_grant){
        .principal = *member, .role = role, .since = (now > latest ? now : latest) + 1};
    return rc;
}

static bool earns(const struct fora_policy *policy, const struct fora_principal_id *member,
    uint32_t role, uint32_t at, uint64_t standing, uint64_t now)
{
    return at != 0 && standing >= at && !fora_policy_role_at(policy, member, role, now) &&
           !fora_policy_role_at(policy, member, FORA_ROLE_BANNED, now);
}

int grant_earned(struct granting *granting, const struct set_info *set, uint64_t latest,
    const struct fora_principal_id *member, uint64_t standing)
{
    const struct standing_privileges *privileges = &granting->self->privileges;
    struct policy_handle *handle = NULL;
    uint64_t now = (granting->txn->now > latest ? granting->txn->now : latest) + 1;
    bool editor = false, expert = false;
    if (privileges->editor_at == 0 && privileges->expert_at == 0) {
        return 0;
    }
    int rc = policies_get(commit_policies(granting->txn), granting->txn->ledger.txn, set, &handle);
    if (rc == 0) {
        const struct fora_policy *policy = policy_of(handle);
        struct fora_principal_id owner = fora_policy_owner(policy);
        bool ours = memcmp(owner.b, granting->self->node.b, sizeof owner.b) == 0;
        editor =
            ours && earns(policy, member, FORA_ROLE_EDITOR, privileges->editor_at, standing, now);
        expert =
            ours && earns(policy, member, FORA_ROLE_EXPERT, privileges->expert_at, standing, now);
    }
    policies_release(commit_policies(granting->txn), handle);
    rc = rc == 0 && editor ? note(granting, set, latest, member, FORA_ROLE_EDITOR) : rc;
    return rc == 0 && expert ? note(granting, set, latest, member, FORA_ROLE_EXPERT) : rc;
}
