/*
 * Receipts: when a node first accepted objects, and which objects stand where a date is disputed
 * (spec/03a-receipts.md, RCP-*). Pure functions of a set: nothing here asks a clock.
 */
#ifndef FORA_RECEIPT_H
#define FORA_RECEIPT_H

#include "fora/identity.h"
#include "fora/merkle.h"
#include "fora/policy.h"

/* ---- for the node that gives them ---- */

/*
 * The tree over what was accepted: sorts `ids` and drops doubles; returns how many are left, and
 * the root. FORA_E_NOMEM; FORA_E_LIMIT beyond 2^32 - 1.
 */
int fora_receipt_tree(
    struct fora_hash *root, struct fora_object_id *ids, size_t *count) FORA_MUST_USE;
/*
 * The proof that `object` is among the sorted `ids`; its path is in `arena`. FORA_E_NOTFOUND,
 * FORA_E_NOMEM. O(count): who wants many proofs of a large tree waits.
 */
int fora_receipt_prove(struct fora_receipt_proof *out, struct fora_arena *arena,
    const struct fora_object_id *ids, size_t count,
    const struct fora_object_id *object) FORA_MUST_USE;

/* ---- for who reads ---- */

/* Does the receipt prove that it is about that object (RCP-2)? */
bool fora_receipt_proves(const struct fora_receipt *receipt, const struct fora_object_id *object);

/* Who is who: the folded log of a principal, borrowed until the call of this room ends. *out is
 * NULL when none is held, and may be when none of its keys is disputed. An error ends the call. */
struct fora_receipt_source {
    void *context;
    int (*author)(
        void *context, const struct fora_principal_id *author, const struct fora_identity **out);
    /* Of who signed a receipt; NULL: it does not count. */
    int (*witness)(
        void *context, const struct fora_principal_id *node, const struct fora_identity **out);
};

/* The key that signed the object, when it is disputed (RCP-3; of later times ADM-7 says that the
 * object is in no set, so its date is not looked at); else NULL. */
const struct fora_identity_key *fora_receipt_disputed(
    const struct fora_identity *author, const struct fora_header *header);

/* May a node of that id date what was signed with `key`, which is a key of `author` (RCP-4, 2 and
 * 3)? */
bool fora_receipt_may_witness(const struct fora_policy *policy, const struct fora_identity *author,
    const struct fora_identity_key *key, const struct fora_principal_id *node);

/*
 * Takes the content from the disputed objects of a thread that do not stand (RCP-5): in `objects`,
 * a copy of the caller's, has_content becomes false. To be done before fora_view_thread_fold().
 * Says how many in *fallen. `objects` are all of the thread, receipts too. FORA_E_NOMEM, and errors
 * of the source. O(disputed objects * receipts) beside one look-up for each object.
 */
int fora_receipts_apply(const struct fora_receipt_source *source, const struct fora_policy *policy,
    struct fora_object *objects, size_t count, size_t *fallen) FORA_MUST_USE;

/*
 * Takes the effect from the statements of a policy that are disputed and do not stand (RCP-9). To
 * be done when all statements were added and before anything is read off the policy; may be done
 * again. `objects` are those of the space that belong to no thread: receipts without a root are
 * looked for among them, the rest is passed over. Says how many fell. FORA_E_NOMEM, and errors of
 * the source: then some may have fallen that should not.
 */
int fora_receipts_apply_policy(const struct fora_receipt_source *source, struct fora_policy *policy,
    const struct fora_object *objects, size_t count, size_t *fallen) FORA_MUST_USE;

#endif
