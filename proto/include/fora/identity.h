/*
 * Identity logs: which keys speak for a principal, and when (spec/03-identity.md).
 *
 * The log is a tree of entries, each naming its parent. An identity is a fold over the set of its
 * entries: the same set gives the same result in whatever order it is added.
 */
#ifndef FORA_IDENTITY_H
#define FORA_IDENTITY_H

#include "fora/object.h"

enum { FORA_IDENTITY_ENTRIES_MAX = 1024 /* of one log, forks included (LIM-20) */ };

struct fora_identity_key {
    struct fora_key sign;
    struct fora_key seal; /* zeros: none */
    uint64_t added_at;    /* ms: created_at of the entry that added it */
    uint64_t revoked_at;  /* ms: 0 not revoked; else since when it does not speak (ID-10) */
    bool custodial;
    bool disputed; /* its last revocation by the root says since when it was stolen (ID-10) */
    char label[65];
};

/* A folded log. Opaque parts are owned by it; strings are copies. */
struct fora_identity;

int fora_identity_new(struct fora_identity **out) FORA_MUST_USE;
void fora_identity_free(struct fora_identity *identity); /* NULL is fine */
/*
 * Adds one entry: an object of KIND_IDENTITY whose signature was verified before
 * (fora_object_verify). The first one added must be the create entry. 0 also when it was there
 * before. FORA_E_IDENTITY (does not follow: wrong sequence, signer, principal, commitment),
 * FORA_E_UNKNOWN_PARENT (its parent entry was not added yet), FORA_E_LIMIT, FORA_E_NOMEM, or what
 * decoding said.
 */
int fora_identity_add(
    struct fora_identity *identity, const struct fora_object *entry) FORA_MUST_USE;

/* What fora_identity_add would say, without adding it. `identity` is NULL for a create entry. */
int fora_identity_check(
    const struct fora_identity *identity, const struct fora_object *entry) FORA_MUST_USE;

/*
 * The state after the winning branch (ID-9: among siblings a rotation beats what the root signed,
 * and that beats a key's own revocation; then the smaller (created_at, id)). Borrowed until the
 * next add. Of a log without entries: zeros.
 */
const struct fora_principal_id *fora_identity_principal(const struct fora_identity *identity);
uint32_t fora_identity_type(const struct fora_identity *identity); /* enum fora_principal_type */
const struct fora_object_id *fora_identity_head(
    const struct fora_identity *identity);                             /* last entry */
uint32_t fora_identity_sequence(const struct fora_identity *identity); /* of the head */
const struct fora_key *fora_identity_root(const struct fora_identity *identity);
const struct fora_principal_id *fora_identity_home(
    const struct fora_identity *identity); /* zeros: none */
const struct fora_node_info *fora_identity_node(
    const struct fora_identity *identity); /* NULL: none */
bool fora_identity_forked(
    const struct fora_identity *identity); /* entries outside the winning branch */
const struct fora_identity_key *fora_identity_keys(
    const struct fora_identity *identity, size_t *count);

/*
 * Was the node named as home on the winning branch, now or before? Who receives for her there may
 * say when (RCP-4).
 */
bool fora_identity_was_home(
    const struct fora_identity *identity, const struct fora_principal_id *node);

/*
 * The entries one by one, for people and for evidence: those of the winning branch from the create
 * entry to the head, then the others by (created_at, id). `at` from 0; false beyond the last.
 * Borrowed until the next add.
 */
struct fora_identity_step {
    const struct fora_object_id *id;
    const struct fora_object_id *parent; /* zeros: the create entry */
    const struct fora_key *signer;
    uint64_t created_at;
    bool winning; /* on the winning branch; else it is evidence of a fork (ID-9) */
    const struct fora_identity_entry *entry;
};
bool fora_identity_step_at(
    const struct fora_identity *identity, size_t at, struct fora_identity_step *out);

/*
 * May `key` sign an object of the principal with this created_at? Active from added_at (ID-11 lets
 * objects be up to FORA_FUTURE_MAX_MS older than the entry, or arbitrarily older when the entry is
 * the create entry, as imported history is) until revoked_at. 0 or FORA_E_KEY.
 */
int fora_identity_check_key(const struct fora_identity *identity, const struct fora_key *key,
    uint64_t created_at) FORA_MUST_USE;

/*
 * Builders for the owner of the keys. Each appends one encoded object to `out`.
 * create: `create->keys` lists the device keys; the root key signs. `created_at` in ms.
 */
int fora_identity_build_create(struct fora_buf *out, const struct fora_identity_create *create,
    const struct fora_salt *salt, uint64_t created_at, const struct fora_secret *root,
    struct fora_principal_id *principal) FORA_MUST_USE;
/*
 * A later entry, on the winning head: the sequence of `entry` is filled in, and the salt when it is
 * zeros; one operation is set by the caller. A created_at before the head's is raised to it.
 * FORA_E_USAGE when the log has no entry.
 */
int fora_identity_build_next(struct fora_buf *out, const struct fora_identity *identity,
    struct fora_identity_entry *entry, uint64_t created_at,
    const struct fora_secret *signer) FORA_MUST_USE;
/* The commitment to a root key (ID-6). */
void fora_identity_commitment(struct fora_hash *out, const struct fora_key *root);

#endif
