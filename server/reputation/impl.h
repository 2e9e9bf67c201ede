/* Keys and records of table STANDING, and what the files of this room share. */
#ifndef FORAD_REPUTATION_IMPL_H
#define FORAD_REPUTATION_IMPL_H

#include "reputation/standing.h"

/* What is kept of a member in a set. */
struct standing_member {
    struct fora_standing sums;
    uint64_t roots; /* credits by which the organisation knows her (STD-7) */
    /* Evidence up to (last_at, last_id). When evidence came before that or went, the tree is stale
     * and made anew from the keys 'e' when it is needed. */
    struct fora_evidence evidence;
    bool stale;
    uint64_t last_at;
    struct fora_object_id last_id;
};

struct standing_set {
    uint64_t policy_version;
    uint64_t latest;    /* greatest created_at of the set's objects */
    bool recount;       /* every thread is to be counted anew; those before the position */
    uint64_t recounted; /* `recounted` of the set's log are */
};

void key_letter(struct store_key *key, char letter);
void key_of_set(struct store_key *key, char letter, uint32_t set);
void key_of_seq(struct store_key *key, char letter, store_seq seq);
void key_add_seq(struct store_key *key, store_seq seq);
void key_add_id(struct store_key *key, const uint8_t *id, size_t size);
void key_of_member(
    struct store_key *key, char letter, uint32_t set, const struct fora_principal_id *member);
void key_of_pair(struct store_key *key, uint32_t set, const struct fora_principal_id *giver,
    const struct fora_principal_id *subject);
void key_of_evidence(struct store_key *key, uint32_t set, const struct fora_principal_id *member,
    uint64_t at, const struct fora_object_id *id);

/* Of each key that is the prefix with a number behind it, that number, ascending, until `each`
 * returns non-zero, which is then returned. */
int standing_each_seq(struct kv_txn *txn, const struct store_key *prefix,
    int (*each)(void *context, store_seq seq), void *context) FORA_MUST_USE;

/* Zeros when there is none: false. */
bool member_get(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *id,
    struct standing_member *out);
void member_put(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *id,
    const struct standing_member *member);
bool standing_set_get(struct kv_txn *txn, uint32_t set, struct standing_set *out);
void standing_set_put(struct kv_txn *txn, uint32_t set, const struct standing_set *state);

/* The credits of a thread as they were counted, in the arena; *set 0 and none when never. */
int credits_get(struct kv_txn *txn, struct fora_arena *arena, store_seq thread, uint32_t *set,
    struct fora_credit **out, size_t *count) FORA_MUST_USE;
void credits_put(struct kv_txn *txn, store_seq thread, uint32_t set,
    const struct fora_credit *credits, size_t count);

/* What of the one list is not in the other, in the arena. O(n log n) of both. FORA_E_NOMEM. */
int credits_without(struct fora_arena *arena, const struct fora_credit *list, size_t count,
    const struct fora_credit *other, size_t other_count, const struct fora_credit ***out,
    size_t *out_count) FORA_MUST_USE;

/* The thread cites these, and is counted anew when one of them comes or goes; of what it cited
 * before none does that any more. FORA_E_NOMEM. */
int waits_put(struct kv_txn *txn, store_seq thread, const struct fora_object_id *cites,
    size_t count) FORA_MUST_USE;
/* The threads that cite an object, here or not. */
int waits_each(struct kv_txn *txn, const struct fora_object_id *cited,
    int (*each)(void *context, store_seq thread), void *context) FORA_MUST_USE;

/* The last standing that the issuer stated of the subject in a set, or 0 (attested.c). */
store_seq standing_of_line(struct kv_txn *txn, uint32_t set,
    const struct fora_principal_id *subject, const struct fora_principal_id *issuer);

/* ---- counting (count.c, apply.c) ---- */

struct new_evidence {
    uint32_t set;
    struct fora_principal_id member;
    uint64_t at;
    struct fora_object_id id;
};

struct counter {
    struct kv_txn *txn;
    struct policies *policies;
    const struct standing_self *self;
    struct standing_report *report;
    struct fora_arena arena;       /* emptied after each thread */
    struct new_evidence *evidence; /* owned: of this step, appended at its end in order */
    size_t evidence_count;
    size_t evidence_room;
};

/* Adds (sign 1) or takes away (-1) one credit. */
int counter_apply(struct counter *counter, uint32_t set, const struct fora_credit *credit,
    int sign) FORA_MUST_USE;
/* Appends what counter_apply() collected to the trees of its members. */
int counter_settle(struct counter *counter) FORA_MUST_USE;
/* Counts what is behind: about `max` objects and threads. report->more: not all of it. */
int counter_step(struct counter *counter, size_t max) FORA_MUST_USE;

/* ---- evidence (evidence.c) ---- */

void key_of_new_evidence(struct store_key *key, uint32_t set,
    const struct fora_principal_id *member, uint64_t at, const struct fora_object_id *id);
/* The key 'e' of what is under a key 'n'; false: it is none. */
bool key_of_kept_evidence(struct store_key *key, struct fora_bytes fresh);
void evidence_put(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member,
    uint64_t at, const struct fora_object_id *id);
void evidence_delete(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member,
    uint64_t at, const struct fora_object_id *id);
/* So many were put since: when there is enough that is new, it goes to the rest. */
int evidence_added(struct kv_txn *txn, uint32_t set, uint64_t count) FORA_MUST_USE;
/* All that is new goes to the rest. */
int evidence_flush(struct kv_txn *txn, uint32_t set) FORA_MUST_USE;

/* Makes a stale tree anew. */
int member_settle(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *id,
    struct standing_member *member) FORA_MUST_USE;

/* ---- privileges (grant.c) ---- */

/* Could a standing earn anything in a set in which this node grants? */
bool grant_may_earn(struct commit_txn *txn, const struct standing_self *self,
    const struct set_info *set, uint64_t standing);
/* She is looked at by the next standing_grant(). */
void grant_note(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member);
/* Grants what was earned; looks at up to `max` members of a set whose table changed. */
int standing_grant(struct commit_txn *txn, const struct standing_self *self, size_t max,
    struct standing_report *report) FORA_MUST_USE;

/* ---- issuing (issue.c) ---- */

/* Makes, signs and stores an object of the node's own. */
int standing_sign(struct commit_txn *txn, const struct standing_self *self,
    struct fora_header *header, struct fora_content *content) FORA_MUST_USE;

int standing_issue(struct commit_txn *txn, const struct standing_self *self, size_t max,
    struct standing_report *report) FORA_MUST_USE;

#endif
