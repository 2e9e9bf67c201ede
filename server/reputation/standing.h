/*
 * Standing, counted and issued (spec/12-reputation.md): an index downstream of the objects with a
 * cursor of its own, as rows are. A thread that changed is folded, its credits are compared with
 * those counted before, and only the difference goes on: to the counters of members and of pairs of
 * them. So what it costs is in proportion to what changed.
 *
 * Table STANDING, keys by a letter (all of it derived from the objects):
 *
 *   'c'                          -> last sequence that was looked at
 *   's' set                      -> policy version, greatest created_at, recount position
 *   't' thread                   -> set, and the thread's credits as they were counted
 *   'x' thread                   -> nothing: to be counted anew
 *   'w' id(16) thread            -> nothing: cites that object, whether or not it is here
 *   'k' thread id(16)            -> nothing: the same from the other side
 *   'm' set member               -> struct standing_member
 *   'g' set giver subject        -> points
 *   'e' set member at(6) id      -> nothing: evidence in order
 *   'n' set at(6) id member      -> nothing: evidence that is not among 'e' yet
 *   'z' set                      -> about how many these are
 *   'd' set member               -> nothing: changed since it was last issued
 *   'y' due set member           -> nothing: to be issued then, for facts that can wait (STD-16)
 *   'p' set member               -> nothing: her standing may have earned a role
 *   'q' set                      -> for which table of privileges all members were looked at
 *   'l' subject set issuer created_at(6) id(8) sequence -> nothing: standings that were stated of
 *                                   her, of which the last stands
 *   'a' subject sequence         -> nothing: the other attestations about her
 *   'v' attestation(16) sequence -> nothing: revocations of an attestation
 *   'u' delegation(16) issuer(16) sequence -> nothing: attestations that rest on it
 */
#ifndef FORAD_REPUTATION_STANDING_H
#define FORAD_REPUTATION_STANDING_H

#include "core/commit.h"
#include "fora/reputation.h"

enum {
    STANDING_STEP_MAX = 2048, /* objects looked at, threads counted, or standings issued */
    STANDING_STEP_SHORT = 512 /* of a node that has other things to do */
};

/* From which standing on a member earns which role, where the policy of a space says nothing of it;
 * 0: never. In spaces in which the node grants it is then put into the policy (POL-11, STD-14). */
struct standing_privileges {
    uint32_t editor_at;
    uint32_t expert_at;
};

/* In whose name. Borrowed. */
struct standing_self {
    struct fora_principal_id node;
    const struct fora_secret *secret;
    struct standing_privileges privileges;
};

struct standing_report {
    uint64_t looked;  /* objects */
    uint64_t threads; /* counted */
    uint64_t changes; /* credits that came or went */
    uint64_t issued;
    uint64_t granted; /* roles */
    bool more;        /* there is more to do */
};

/*
 * One step in a transaction of its own: counts what was stored since, in spaces that this node
 * hosts; once nothing is behind and `issue` is set, issues standings for members whose counters
 * changed, dated `now`, then grants what these earned. The report's numbers are of this step.
 */
int standing_step(struct committer *committer, const struct standing_self *self, uint64_t now,
    size_t max, bool issue, struct commit_result *result,
    struct standing_report *report) FORA_MUST_USE;

/* ---- what others tell this index, in their transactions ---- */

/* An attestation or revocation was stored (effects_apply), or is removed. */
void standing_stored(struct kv_txn *txn, const struct fora_object *object, store_seq seq,
    const struct fora_content *content);
void standing_removed(struct kv_txn *txn, const struct fora_object *object, store_seq seq);
/* Something of the thread was removed. */
void standing_touch(struct kv_txn *txn, store_seq thread);
/* A thread or post was removed: what cites it credits nobody any more. */
int standing_gone(struct kv_txn *txn, const struct fora_object_id *cited) FORA_MUST_USE;
/* For reindex: counts from the beginning. What standing_stored() noted is forgotten too. */
void standing_forget(struct kv_txn *txn);

/* For fsck: how many keys and members differ from what the credits of all threads add up to, which
 * is done anew in memory (about 300 bytes a credit). FORA_E_CORRUPT for a record that is none. */
int standing_check(struct kv_txn *txn, uint64_t *credits, uint64_t *differences) FORA_MUST_USE;

/* ---- reading ---- */

/* Calls each with what is attested about a principal: the last standing by each issuer in each
 * space, every badge, affiliation and so on. Costs what it returns. */
int standing_attested(struct kv_txn *txn, const struct fora_principal_id *subject,
    int (*each)(void *context, store_seq seq), void *context) FORA_MUST_USE;

/* The last standing that the author of this one stated of the subject in its space; and all that is
 * no standing of a space. */
int standing_last(struct kv_txn *txn, const struct fora_object *standing,
    const struct fora_principal_id *subject, int (*each)(void *context, store_seq seq),
    void *context) FORA_MUST_USE;
int standing_others(struct kv_txn *txn, const struct fora_principal_id *subject,
    int (*each)(void *context, store_seq seq), void *context) FORA_MUST_USE;

/* The attestations of one issuer that name a delegation: anybody may name it. */
int standing_under(struct kv_txn *txn, const struct fora_object_id *delegation,
    const struct fora_principal_id *issuer, int (*each)(void *context, store_seq seq),
    void *context) FORA_MUST_USE;
/* The revocations of one attestation. */
int standing_revocations(struct kv_txn *txn, const struct fora_object_id *attestation,
    int (*each)(void *context, store_seq seq), void *context) FORA_MUST_USE;

/* What is counted of a member now; false: nothing. */
bool standing_get(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member,
    struct fora_standing *out);
/* Does this node grant what is earned in the space at that time (STD-14)? Statements of a principal
 * who neither owns it nor is its admin have no effect (POL-5). */
bool standing_grants(
    const struct fora_policy *policy, const struct fora_principal_id *node, uint64_t at);
/* Members of a set with a counter, by id; `each` returns non-zero to stop, which is returned. */
int standing_each(struct kv_txn *txn, uint32_t set,
    int (*each)(void *context, const struct fora_principal_id *member,
        const struct fora_standing *standing),
    void *context) FORA_MUST_USE;

#endif
