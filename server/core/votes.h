/*
 * Votes of this node's members (table VOTES): who voted how is kept here and goes nowhere. What
 * federates is the tally that the node signs (KIND-TALLY, spec/05a-tally.md).
 *
 *   target(6) voter(32)  -> vote (1, 0, 0xff), sequence of the flag made for the voter (0: none)
 *   target(6) zeros(32)  -> up, down, sequence: what was imported for the target, and the last
 * tally that this node made on top of it
 *
 * A tally holds one slot, so a vote on an imported post would put the imported score out of the
 * way. Therefore its counts become the base on which votes are added; and as nobody can recompute
 * that sum, such a tally stays marked as imported.
 */
#ifndef FORAD_CORE_VOTES_H
#define FORAD_CORE_VOTES_H

#include "fora/crypto.h"
#include "store/kv.h"
#include "store/schema.h"

struct vote {
    int value;      /* 1, -1, or 0: none */
    store_seq flag; /* what the node made of the member's report; 0: none */
};

struct vote_base {
    uint64_t up;
    uint64_t down;
    store_seq tally; /* the last one that was made here; 0: none */
};

struct vote_count {
    uint64_t up;
    uint64_t down;
    struct fora_hash root; /* KIND-TALLY-3; zeros when nobody voted */
};

struct vote vote_get(struct kv_txn *txn, store_seq target, const struct fora_principal_id *voter);
void vote_put(struct kv_txn *txn, store_seq target, const struct fora_principal_id *voter,
    const struct vote *vote);

/* False and zeros when there is none. */
bool vote_base_get(struct kv_txn *txn, store_seq target, struct vote_base *out);
void vote_base_put(struct kv_txn *txn, store_seq target, const struct vote_base *base);

/*
 * Counts the votes on a target and commits to them. `secret` (32 bytes, env->custody) is what the
 * blinds of the leaves are derived from. Costs O(n log n) of its votes. FORA_E_NOMEM, _CORRUPT, or
 * the transaction's error.
 */
int votes_count(struct kv_txn *txn, store_seq target, const struct fora_object_id *id,
    const uint8_t secret[32], struct vote_count *out) FORA_MUST_USE;

/* The leaf of one vote (KIND-TALLY-3), and the blind in it: what an auditor is shown. */
void vote_blind(struct fora_hash *out, const uint8_t secret[32], const struct fora_object_id *id,
    const struct fora_principal_id *voter);
void vote_leaf(struct fora_hash *out, const struct fora_object_id *id,
    const struct fora_principal_id *voter, int value, const struct fora_hash *blind);

#endif
