/*
 * Reputation (spec/12-reputation.md): what a thread is worth to whom, the arithmetic of a standing,
 * the Merkle root over evidence; verdicts on attestations; bundles that verify offline.
 *
 * Everything is a function of objects and of times that are given. Nothing asks a clock.
 */
#ifndef FORA_REPUTATION_H
#define FORA_REPUTATION_H

#include "fora/identity.h"
#include "fora/merkle.h"
#include "fora/policy.h"
#include "fora/view.h"

#define FORA_STANDING_RULE "fora-standing-1"

enum {
    FORA_STANDING_LEVELS = 5,
    FORA_STANDING_BOUND = 850,      /* without organisation and rooted givers (STD-10) */
    FORA_STANDING_GIVER_MAX = 60,   /* of one giver (STD-6) */
    FORA_DELEGATIONS_MAX = 4,       /* in a chain (ATT-6) */
    FORA_BUNDLE_MAX = 1024 * 1024,  /* LIM-40 */
    FORA_BUNDLE_OBJECTS_MAX = 4096, /* LIM-41 */
    FORA_CLAIMS_MAX = 65536         /* attestations that one struct fora_claims takes */
};

/* ---- evidence: a Merkle tree that is appended to (STD-5) ---- */

/* The peaks of a tree of `count` leaves: peak i is there when bit i of count is set. Zeroed: empty.
 * A plain value: copy it, store it. */
struct fora_evidence {
    uint64_t count;
    struct fora_hash peaks[40];
};
/* FORA_E_LIMIT beyond 2^40 - 1 leaves. About two hashes. */
int fora_evidence_add(
    struct fora_evidence *evidence, const struct fora_object_id *id) FORA_MUST_USE;
/* Zeros of an empty one. Who has all ids, in the order in which they were added, shows one of them
 * by fora_merkle_path() (of at most 2^32); fora_merkle_check() looks at what is shown. */
void fora_evidence_root(const struct fora_evidence *evidence, struct fora_hash *out);

/* ---- credits (STD-2) ---- */

enum fora_credit_class {
    FORA_CREDIT_ANSWER = 1,
    FORA_CREDIT_ARTICLE,
    FORA_CREDIT_IDEA,
    FORA_CREDIT_ACCEPTED,
    FORA_CREDIT_CONFIRMED,
    FORA_CREDIT_VERIFIED,
    FORA_CREDIT_CITED,
    FORA_CREDIT_RATING,
    FORA_CREDIT_CLASSES
};

struct fora_credit {
    struct fora_principal_id subject;
    struct fora_principal_id giver; /* zeros: nobody, or the organisation */
    struct fora_object_id evidence; /* zeros: of a rating */
    uint64_t at;                    /* ms: its date */
    uint32_t class;                 /* enum fora_credit_class */
    int32_t value;                  /* of a rating, -10 to 10; else 1 */
    bool badge;                     /* the giver had one at that date, not earned (STD-7) */
};

/* What counting asks beside the thread. Each returns 0, FORA_E_NOTFOUND, or an error that ends it.
 */
struct fora_credit_object {
    struct fora_principal_id author;
    struct fora_space_id space;
    uint32_t kind;
};
struct fora_credit_source {
    void *context;
    /* created_at of the create entry, and the home that it names (zeros: none). */
    int (*born)(void *context, const struct fora_principal_id *principal, uint64_t *at,
        struct fora_principal_id *home);
    int (*object)(void *context, const struct fora_object_id *id, struct fora_credit_object *out);
};

/*
 * The credits of one thread, by (class, subject, giver, evidence): a function of the view, of the
 * authors' create entries, and of who wrote what is cited. Of a cited object that `source` does not
 * know there is no credit. From the arena; FORA_E_NOMEM or what `source` said.
 */
int fora_credits_of_view(struct fora_arena *arena, const struct fora_policy *policy,
    const struct fora_credit_source *source, const struct fora_view_thread *view,
    struct fora_credit **out, size_t *count) FORA_MUST_USE;

/* Points of a credit between two people (STD-6); 0 of other classes. */
uint32_t fora_credit_points(uint32_t class);
/* The organisation's word: classes idea and confirmed. */
bool fora_credit_by_organisation(uint32_t class);

/* ---- the rule (STD-6 to STD-12) ---- */

/* What a giver's word is worth: `given` points from her, `returned` points from the subject to her.
 */
uint32_t fora_standing_pair(uint64_t given, uint64_t returned);

/* Sums for one member. A plain value. */
struct fora_standing {
    uint64_t counts[FORA_CREDIT_CLASSES]; /* credits by class; of ratings not used */
    int64_t rating;
    uint64_t givers;
    uint64_t rooted;
    uint64_t from_rooted; /* E: sum of fora_standing_pair over rooted givers */
    uint64_t from_others; /* U */
};
uint64_t fora_standing_earned(const struct fora_standing *standing);
uint64_t fora_standing_score(const struct fora_standing *standing);
unsigned fora_standing_level(uint64_t score); /* 0 to FORA_STANDING_LEVELS */

enum { FORA_STANDING_FACTS = 12 };
/* In the order of STD-4, zeros left out; names are static. The number of facts. */
size_t fora_standing_facts(
    const struct fora_standing *standing, struct fora_fact out[FORA_STANDING_FACTS]);
/* The fact of that name, or 0. */
uint64_t fora_fact_get(const struct fora_fact *facts, size_t count, const char *name);
/* STD-12: 0, or FORA_E_EVIDENCE when a standing contradicts itself. Of other rules 0. */
int fora_standing_check(const struct fora_attestation *attestation) FORA_MUST_USE;

/*
 * Counts one member from all credits of the space, dated in [from, until). O(n log n) of her own
 * credits and O(n) of all. FORA_E_NOMEM.
 */
int fora_standing_count(const struct fora_credit *credits, size_t count,
    const struct fora_principal_id *subject, uint64_t from, uint64_t until,
    struct fora_standing *out, struct fora_evidence *evidence) FORA_MUST_USE;

/* STD-13. */
enum fora_proof { FORA_PROOF_CLAIMED, FORA_PROOF_SUPPORTED, FORA_PROOF_PROVEN };
/* `failed`: the first fact that is greater than what was counted (borrowed); empty: none. */
enum fora_proof fora_standing_compare(const struct fora_attestation *claim,
    const struct fora_standing *counted, const struct fora_evidence *evidence,
    struct fora_bytes *failed);

/* ---- verdicts on attestations (ATT-4) ---- */

/*
 * What a verifier holds: logs, policies, attestations, revocations. Owns copies. Not thread-safe.
 */
struct fora_claims;

int fora_claims_new(struct fora_claims **out) FORA_MUST_USE;
void fora_claims_free(struct fora_claims *claims); /* NULL is fine */
/*
 * Adds an object whose content hash and signature were verified (fora_object_verify), in any order,
 * doubles too. Identity entries, policy statements and receipts about them (RCP-9), attestations
 * and revocations; other kinds are passed over. What decoding said, FORA_E_LIMIT, FORA_E_NOMEM.
 */
int fora_claims_add(struct fora_claims *claims, const struct fora_object *object) FORA_MUST_USE;

struct fora_claim {
    const struct fora_object_id *id;
    const struct fora_header *header; /* author: the issuer */
    const struct fora_attestation *attestation;
    int code;                           /* ATT-4, at the time asked for */
    struct fora_principal_id authority; /* on whose authority it rests in the end */
    unsigned delegations;               /* in its chain */
    uint64_t revoked_at;                /* 0: not known to be */
};
/* Everything is borrowed until the next add. FORA_E_NOTFOUND, FORA_E_NOMEM. */
int fora_claims_check(struct fora_claims *claims, const struct fora_object_id *id, uint64_t at,
    struct fora_claim *out) FORA_MUST_USE;
/* Every attestation about the subject (NULL: about anybody), by (created_at, id), with its verdict.
 * `each` returns non-zero to stop, which is returned. */
int fora_claims_each(struct fora_claims *claims, const struct fora_principal_id *subject,
    uint64_t at, int (*each)(void *context, const struct fora_claim *claim),
    void *context) FORA_MUST_USE;
/* The folded log or policy, borrowed until the next add; NULL: not known. */
const struct fora_identity *fora_claims_identity(
    struct fora_claims *claims, const struct fora_principal_id *principal);
/* created_at of the create entry, and the home that it names: what struct fora_credit_source asks.
 * FORA_E_NOTFOUND. */
int fora_claims_born(struct fora_claims *claims, const struct fora_principal_id *principal,
    uint64_t *at, struct fora_principal_id *home) FORA_MUST_USE;
const struct fora_policy *fora_claims_policy(
    struct fora_claims *claims, const struct fora_space_id *space);

/* ---- bundles (ATT-11) ---- */

struct fora_bundle {
    uint32_t version; /* 1 */
    struct fora_principal_id subject;
    uint64_t made_at;           /* ms */
    struct fora_bytes *objects; /* encoded */
    size_t objects_count;
};
int fora_bundle_encode(struct fora_buf *out, const struct fora_bundle *bundle) FORA_MUST_USE;
/* Borrows from `bytes`. FORA_E_TOO_LARGE, FORA_E_MALFORMED, FORA_E_VERSION, FORA_E_LIMIT. */
int fora_bundle_decode(
    struct fora_arena *arena, struct fora_bytes bytes, struct fora_bundle *out) FORA_MUST_USE;
/*
 * Verifies every object and adds those that hold to `claims`. `refused` is called for each that
 * does not (index in the bundle, code) and for attestations about somebody else on which nothing
 * rests (FORA_E_MISMATCH); it may be NULL. 0 or FORA_E_NOMEM. Verdicts are asked of `claims`.
 */
int fora_bundle_open(const struct fora_bundle *bundle, struct fora_claims *claims,
    void (*refused)(void *context, size_t index, int code), void *context) FORA_MUST_USE;

/* What a member carries, as the bundle that it is (ATT-15): about its author. `header` is that of
 * an object of kind CARRIED, `carried` its content, from which the bundle borrows. */
struct fora_bundle fora_bundle_of_carried(
    const struct fora_header *header, const struct fora_carried *carried);

/* ---- leaving (VC-1) ---- */

/*
 * The signature of an eddsa-jcs-2022 proof: over SHA-256 of the canonical proof configuration and
 * of the canonical document, without a domain. For credentials only: Fora's own signatures have
 * one.
 */
void fora_sign_credential(struct fora_signature *out, const struct fora_secret *secret,
    const struct fora_hash *config, const struct fora_hash *document);

#endif
