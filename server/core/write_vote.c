/*
 * Vote and Report: what members do through their home, so that their names stay there.
 *
 * A vote changes the table and then the tally of its target is made anew, in the same transaction:
 * what is counted and what is signed never differ.
 */
#include "core/make.h"
#include "core/votes.h"
#include "core/write.h"

#include <string.h>

/* A thread or post that is held here. Copied: reads later in the transaction do not move it. */
struct target {
    store_seq seq;
    struct fora_object_id id;
    struct fora_principal_id author;
    struct fora_header about; /* space, root, parent, audience of an object about it */
    struct set_info set;
};

static int target_find(struct write *write, const struct fora_object_id *id, struct target *out)
{
    struct stored stored;
    out->seq = objects_find(write->kv, id->b);
    int rc = out->seq != 0 ? objects_read(write->kv, out->seq, &stored) : FORA_E_ABSENT;
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? FORA_E_ABSENT : rc;
    }
    /* The index knows 16 bytes of an id. */
    if (memcmp(stored.object.id.b, id->b, sizeof id->b) != 0) {
        return FORA_E_ABSENT;
    }
    const struct fora_header *header = &stored.object.header;
    bool is_thread = header->kind == FORA_KIND_THREAD;
    if (!is_thread && header->kind != FORA_KIND_POST) {
        return FORA_E_MISMATCH;
    }
    out->id = *id;
    out->author = header->author;
    out->about = (struct fora_header){.author = write->env->self,
        .space = header->space,
        .root = is_thread ? *id : header->root,
        .parent = *id,
        .audience = header->audience};
    return sets_find(write->kv, &header->space, header->audience, &out->set) ? 0
                                                                             : FORA_E_UNKNOWN_SPACE;
}

/* Who may not post may not weigh what others posted. */
static int check_banned(
    struct write *write, const struct target *target, const struct fora_principal_id *member)
{
    struct policy_handle *policy = NULL;
    struct set_info info;
    if (!sets_find(write->kv, &target->about.space, FORA_AUDIENCE_PUBLIC, &info)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    int rc = policies_get(write->env->policies, write->kv, &info, &policy);
    if (rc == FORA_E_NOTFOUND) {
        rc = FORA_E_UNKNOWN_SPACE;
    }
    if (rc == 0 &&
        fora_policy_role_at(policy_of(policy), member, FORA_ROLE_BANNED, write->job->now)) {
        rc = FORA_E_FORBIDDEN;
    }
    policies_release(write->env->policies, policy);
    return rc;
}

/* ---- vote ---- */

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What was imported for the target: as noted before, unless a newer import stands since. */
static int find_base(struct write *write, const struct target *target, struct vote_base *base)
{
    struct fora_header header = target->about;
    struct fora_content content;
    struct stored stored;
    header.kind = FORA_KIND_TALLY;
    (void)vote_base_get(write->kv, target->seq, base);
    int rc = slot_standing(write->kv, &header, &stored);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (stored.seq == base->tally || !stored.object.has_content) {
        return 0;
    }
    rc = fora_content_decode(write->arena, FORA_KIND_TALLY, stored.object.content_bytes, &content);
    if (rc == 0 && content.u.tally.imported) {
        base->up = content.u.tally.up;
        base->down = content.u.tally.down;
    }
    return rc;
}

static int make_tally(struct write *write, const struct target *target,
    const struct vote_count *count, struct vote_base *base)
{
    struct commit_item item;
    struct fora_header header = target->about;
    struct fora_content content = {.kind = FORA_KIND_TALLY};
    struct fora_tally *tally = &content.u.tally;
    tally->imported = base->up != 0 || base->down != 0;
    tally->up = sum(base->up, count->up);
    tally->down = sum(base->down, count->down);
    if (!tally->imported) {
        tally->voters_root = count->root;
    }
    header.kind = FORA_KIND_TALLY;
    int rc = slot_created_at(write->kv, &header, write->job->now, &header.created_at);
    if (rc == 0) {
        rc = write_make(write, &header, &content, write->env->secret, &item);
    }
    if (rc == 0 && tally->imported) {
        base->tally = item.seq;
        vote_base_put(write->kv, target->seq, base);
    }
    return rc;
}

int write_vote(struct write *write)
{
    const struct fora_msg_vote *request = &write->request->u.vote;
    struct account account;
    struct target target;
    struct vote_base base;
    struct vote_count count;
    if (request->value < -1 || request->value > 1) {
        return FORA_E_MALFORMED;
    }
    int rc = write_member(write, &account);
    rc = rc == 0 ? target_find(write, &request->target, &target) : rc;
    rc = rc == 0 ? check_banned(write, &target, &account.principal) : rc;
    if (rc == 0 && memcmp(target.author.b, account.principal.b, sizeof target.author.b) == 0) {
        rc = FORA_E_FORBIDDEN;
    }
    rc = rc == 0 ? find_base(write, &target, &base) : rc;
    if (rc != 0) {
        return rc;
    }
    struct vote vote = vote_get(write->kv, target.seq, &account.principal);
    bool changed = vote.value != request->value;
    if (changed) {
        vote.value = request->value;
        vote_put(write->kv, target.seq, &account.principal, &vote);
    }
    rc = votes_count(write->kv, target.seq, &target.id, write->env->custody, &count);
    if (rc == 0 && changed) {
        rc = make_tally(write, &target, &count, &base);
    }
    write->answer.type = FORA_MSG_VOTE_RESULT;
    write->answer.u.vote_result.up = sum(base.up, count.up);
    write->answer.u.vote_result.down = sum(base.down, count.down);
    return rc;
}

/* ---- report ---- */

/* KIND-FLAG-2. In spaces whose policy is not held nobody has a role. */
static int flag_weight(struct write *write, const struct target *target,
    const struct fora_principal_id *member, uint32_t *weight)
{
    struct policy_handle *policy = NULL;
    struct set_info info;
    *weight = 0;
    if (!sets_find(write->kv, &target->about.space, FORA_AUDIENCE_PUBLIC, &info)) {
        return 0;
    }
    int rc = policies_get(write->env->policies, write->kv, &info, &policy);
    if (rc == 0 &&
        fora_policy_role_at(policy_of(policy), member, FORA_ROLE_FLAGGER, write->job->now)) {
        *weight = FORA_FLAG_WEIGHT_MAX;
    }
    policies_release(write->env->policies, policy);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int make_flag(struct write *write, const struct target *target,
    const struct fora_principal_id *member, const struct fora_msg_report *report,
    struct fora_msg_result *result, store_seq *flag)
{
    struct commit_item item;
    struct fora_header header = target->about;
    struct fora_content content = {.kind = FORA_KIND_FLAG};
    content.u.flag.reason = report->reason;
    content.u.flag.note = report->note;
    header.kind = FORA_KIND_FLAG;
    header.created_at = write->job->now;
    int rc = flag_weight(write, target, member, &content.u.flag.weight);
    if (rc == 0) {
        rc = write_make(write, &header, &content, write->env->secret, &item);
        *flag = item.seq;
        result->id = item.object.id;
    }
    return rc;
}

/* One flag for each member and target, so that nobody floods the moderators' queue. */
int write_report(struct write *write)
{
    const struct fora_msg_report *report = &write->request->u.report;
    struct account account;
    struct target target;
    struct stored before;
    struct fora_msg_result *result = fora_arena_zalloc(write->arena, 1, sizeof *result);
    int rc = result == NULL ? FORA_E_NOMEM : write_member(write, &account);
    rc = rc == 0 ? target_find(write, &report->target, &target) : rc;
    if (rc != 0) {
        return rc;
    }
    write->answer.type = FORA_MSG_PUT_RESULT;
    write->answer.u.put_result.results = result;
    write->answer.u.put_result.results_count = 1;
    struct vote vote = vote_get(write->kv, target.seq, &account.principal);
    if (vote.flag != 0 && objects_read(write->kv, vote.flag, &before) == 0) {
        result->id = before.object.id;
        result->duplicate = true;
        return 0;
    }
    rc = make_flag(write, &target, &account.principal, report, result, &vote.flag);
    if (rc == 0) {
        vote_put(write->kv, target.seq, &account.principal, &vote);
    }
    return rc;
}
