/*
 * What a verifier holds, from within. Adding only collects; `claims_settle` folds what was added:
 *
 *     logs (in whatever order their entries came) -> policies, of statements whose keys speak
 *     -> attestations by id, with their revocations -> the authority of each (rows 1 to 5 of ATT-4,
 *     which no time changes) -> awards and lines (arrange.c)
 */
#ifndef FORA_REPUTATION_CLAIMS_H
#define FORA_REPUTATION_CLAIMS_H

#include "fora/reputation.h"

struct claim_log {
    struct fora_principal_id principal;
    struct fora_identity *identity; /* owned */
    uint64_t born;                  /* created_at of the create entry, and the home in it */
    struct fora_principal_id first_home;
};

struct claim_policy {
    struct fora_space_id space;
    struct fora_policy *policy; /* owned */
};

/* A value that changes with time: from `at` on; before the first step it is 0. */
struct claim_step {
    uint64_t at;
    uint32_t value;
};

struct claim_times {
    struct claim_step *steps; /* of struct fora_claims */
    size_t count;
};

#define CLAIM_FACTS_DIFFER UINT32_MAX

struct claim_entry {
    struct fora_object object; /* of the arena */
    struct fora_attestation content;
    uint64_t revoked_at; /* 0: not */
    int authority_code;  /* rows 2, 3, 5 */
    struct fora_principal_id authority;
    struct claim_entry *chain[FORA_DELEGATIONS_MAX]; /* the delegations, the nearest first */
    unsigned chain_length;
    struct claim_entry *leader; /* the first of the same award that has a place; NULL: none has */
    uint32_t place;             /* of a leader: under the limit of chain[0], from 1 */
    uint32_t placed;            /* of a delegation: how many places are taken */
    uint32_t rank;              /* in its line (ATT-8), by (created_at, id), from 1 */
    struct claim_times line;    /* the rank of the last that is said; 0: none */
    uint32_t facts;            /* of a standing: those of equal number are the same in its period */
    struct claim_times period; /* which facts are said: a number, 0, or CLAIM_FACTS_DIFFER */
};

struct claim_item {
    struct fora_object object;
    uint32_t sequence;             /* of an identity entry: greater than its parent's */
    struct fora_principal_id home; /* of a create entry */
};

struct claim_list {
    struct claim_item *items; /* owned */
    size_t count;
    size_t room;
};

struct fora_claims {
    struct fora_arena arena;
    struct claim_list entries;     /* of identity logs, not folded yet */
    struct claim_list statements;  /* of policies */
    struct claim_list receipts;    /* about statements (RCP-9) */
    struct claim_list revocations; /* by nobody checked */
    struct claim_list attestations;
    struct claim_log *logs; /* owned; by principal */
    size_t logs_count;
    struct claim_policy *policies; /* owned; by space */
    size_t policies_count;
    struct claim_entry *claims;   /* owned; by id */
    struct claim_entry **by_date; /* owned: the same by (created_at, id) */
    size_t claims_count;
    struct claim_step *steps; /* owned: of all lines and periods */
    size_t steps_count;
    uint64_t looks; /* steps made and looked at since the beginning: for tests */
    bool settled;
};

int claims_settle(struct fora_claims *claims) FORA_MUST_USE;
struct fora_identity *claims_log(
    const struct fora_claims *claims, const struct fora_principal_id *principal);
struct fora_policy *claims_policy(
    const struct fora_claims *claims, const struct fora_space_id *space);
struct claim_entry *claims_find(const struct fora_claims *claims, const struct fora_object_id *id);
/* Does the key speak? 0, FORA_E_UNKNOWN_AUTHOR, FORA_E_KEY. */
int claims_key(const struct fora_claims *claims, const struct fora_header *header);

/* verdict.c: fills authority, authority_code and chain. */
void claim_authority(const struct fora_claims *claims, struct claim_entry *entry);
/* Its own revocation, or that of what it rests on; 0: none. */
uint64_t claim_revoked_at(const struct claim_entry *entry);

/* arrange.c: fills leader, place, placed, and all about lines. FORA_E_NOMEM. */
int claims_arrange(struct fora_claims *claims) FORA_MUST_USE;

/* lines.c: fills rank, line, facts and period. `list` is all of them, lines together and each by
 * date; the order within a line is another afterwards. FORA_E_NOMEM. */
int claims_settle_lines(struct fora_claims *claims, struct claim_entry **list,
    int (*order)(const struct claim_entry *a, const struct claim_entry *b)) FORA_MUST_USE;
uint32_t claim_times_at(struct fora_claims *claims, const struct claim_times *times, uint64_t at);

#endif
