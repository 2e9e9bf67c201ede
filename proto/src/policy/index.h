/*
 * The policy room's own view: the statements as they came, and an index made of them by merging.
 *
 * The index is rebuilt by the first read after an add. Its memory is reserved by the add, so that
 * reading never fails.
 */
#ifndef FORA_POLICY_INDEX_H
#define FORA_POLICY_INDEX_H

#include "fora/policy.h"

/* POL-5: whose word weighs more. */
enum policy_rank { POLICY_RANK_NONE = 0, POLICY_RANK_ADMIN = 1, POLICY_RANK_OWNER = 2 };

struct policy_statement {
    struct fora_object_id id;
    struct fora_principal_id author;
    struct fora_key key; /* that signed it */
    uint64_t created_at;
    enum policy_rank rank;                /* set by the merge */
    bool first;                           /* the one whose id is the space's */
    bool fallen;                          /* disputed, and does not stand (RCP-9) */
    struct fora_policy_statement content; /* slices and arrays in the policy's arena */
};

/* A grant with the time from which it speaks. `position` orders the grants of all statements by
 * (created_at, id, place in the statement). */
struct policy_grant {
    struct fora_principal_id principal;
    uint32_t role;
    uint32_t position;
    uint64_t since;
    uint64_t until; /* 0: no end */
    uint8_t rank;
    bool revoke;
    bool earned; /* by a standing (POL-11) */
};

/* From when on somebody owns the space. */
struct policy_owner {
    struct fora_principal_id owner;
    uint64_t from;
};

struct policy_posting {
    uint64_t from;
    uint32_t posting;
    enum policy_rank rank;
};

/* A claim of a slot named by a node or a product, while the slot's winner is looked for. */
struct policy_host_claim {
    struct fora_host host;
    uint32_t position;
    uint8_t rank;
};
struct policy_product_claim {
    struct fora_product product;
    uint32_t position;
    uint8_t rank;
};

/* POL-11: the slot of a role, and whether anything was said of it. */
struct policy_privilege {
    enum policy_rank rank; /* NONE: nothing was said */
    uint32_t standing;
};
enum { POLICY_ROLES = FORA_ROLE_CURATOR + 1 };

struct policy_texts {
    struct fora_bytes name, slug, description, licence;
};

struct policy_index {
    bool stale;
    const struct policy_statement *first; /* NULL: not ready */
    /* The statements by (created_at, id). */
    struct policy_statement **sorted;
    /* Owners by time; the first holds from the beginning. */
    struct policy_owner *owners;
    size_t owners_count;
    /* By (principal, role, since); of each (principal, role) only those that win from their since
     * on (POL-6), so that the last with since <= t decides. */
    struct policy_grant *grants;
    size_t grants_count;
    struct policy_posting *postings;
    size_t postings_count;
    struct policy_host_claim *host_claims;
    struct fora_host *hosts;               /* by succession, then id */
    struct fora_principal_id *hosts_by_id; /* ascending */
    size_t hosts_count;
    struct policy_product_claim *product_claims;
    struct fora_product *products; /* by name */
    size_t products_count;
    struct policy_texts texts;
    struct policy_privilege privileges[POLICY_ROLES]; /* by role */
    struct fora_privilege earned[POLICY_ROLES];       /* those that are, by standing, role */
    size_t earned_count;
};

struct fora_policy {
    struct fora_arena arena; /* contents of the statements */
    struct fora_space_id space;
    struct policy_statement *statements;
    size_t count;
    size_t room;
    /* How many of each all statements hold together, and for how many the index has room. */
    size_t grants, hosts, products;
    size_t grants_room, hosts_room, products_room;
    struct policy_index *index; /* owned */
};

/* Room for the statements, grants, hosts and products counted in `policy`, plus these. 0 or
 * FORA_E_NOMEM. */
int policy_reserve(struct fora_policy *policy, size_t grants, size_t hosts, size_t products);
void policy_index_free(struct policy_index *index);

/* The index, rebuilt when it is stale. */
const struct policy_index *policy_index(const struct fora_policy *policy);
/* Merges all statements (POL-4 to POL-8). */
void policy_merge(const struct fora_policy *policy, struct policy_index *index);
/* POL-6: sorts and keeps of each slot what wins from its since on. Returns how many stay. */
size_t policy_timelines(struct policy_grant *grants, size_t count);
/* The grant that decides at a time; NULL: none speaks. */
const struct policy_grant *policy_grant_at(const struct policy_grant *grants, size_t count,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at);
bool policy_grant_holds(const struct policy_grant *grant, uint64_t at);

#endif
