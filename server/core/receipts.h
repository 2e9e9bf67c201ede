/*
 * Receipts (spec/03a-receipts.md): when this node accepted what, said when it is asked for, and put
 * into sets when a log says that a key was stolen.
 *
 * Kept in table CURSORS:
 *   'a' sequence   -> time     from this object on what came was accepted within a second of it
 *   'q' principal  -> nothing  a key of hers is disputed (ID-10)
 *   'd' sequence   -> where    the threads and policies of that principal's objects are to be
 *                              looked at
 *
 * Times are kept to the second, so that under load there is one for thousands of objects.
 */
#ifndef FORAD_CORE_RECEIPTS_H
#define FORAD_CORE_RECEIPTS_H

#include "core/job.h"

enum { RECEIPTS_STEP_MAX = 512 /* objects looked at in one step */ };

/* The writer is about to commit objects from sequence `first` on, at `now`. `noted` is the time of
 * the last note in this process, 0 for none; returns what it is then. */
uint64_t receipts_note(struct kv_txn *txn, store_seq first, uint64_t noted, uint64_t now);

/* The log of the principal whose first entry is `seq` changed; `before` are the keys that it had.
 * True when there is something to do for receipts_step. */
bool receipts_log_changed(struct kv_txn *txn, store_seq seq, const struct fora_identity_key *before,
    size_t before_count, const struct fora_identity *after);

/* For a reindex. That entry may dispute a key of the principal: views are to look. Then, when all
 * logs are there, the marks of those of whom no key is disputed go. */
void receipts_suspect(struct kv_txn *txn, const struct fora_principal_id *principal);
int receipts_settle(struct kv_txn *txn) FORA_MUST_USE;

/* One step of it, in a write transaction of its own: touches the rows of threads with disputed
 * objects, and signs receipts for those for which this node is a witness. *more: there is more. */
int receipts_step(const struct node_env *env, uint64_t now, size_t max,
    struct commit_result *result, bool *more) FORA_MUST_USE;

/* For fsck: a walk is not done, and rows of threads that it has not come to may be stale. */
bool receipts_pending(struct kv_txn *txn);

/* RCP-5: takes the contents from the objects of a thread that do not stand. Costs one look-up while
 * no key of anybody is disputed. */
int receipts_apply(struct kv_txn *txn, const struct fora_policy *policy,
    struct fora_object *objects, size_t count) FORA_MUST_USE;

/* RCP-9: takes the effect from the statements of a policy that do not stand. `space` is the
 * sequence of its first statement. Costs one look-up while no key of anybody is disputed. */
int receipts_apply_policy(
    struct kv_txn *txn, struct fora_policy *policy, store_seq space) FORA_MUST_USE;
/* Is it a receipt about policy statements; and does it matter now, because a key of somebody is
 * disputed? */
bool receipts_of_policy(const struct fora_header *header);
bool receipts_judges(struct kv_txn *txn, const struct fora_header *header);

/* GetReceipts. */
int receipts_run(struct job *job, struct kv_txn *txn, const struct fora_msg_get_receipts *request,
    struct fora_arena *arena) FORA_MUST_USE;

#endif
