/*
 * Sweeping: what is in a set and would not be admitted any more leaves it (ADM-7). A log changes so
 * that a key does not speak for times at which it signed: then what it signed goes, and what was
 * said about that, and what stands only because of it. Nothing of it is remembered as refused: it
 * comes back when the log changes again.
 *
 * Downstream of the objects like rows, in bounded steps, each a transaction of its own; what is to
 * do is written with the entry that makes it necessary, so that a crash loses nothing (table
 * CURSORS):
 *
 *   'v' ~seconds principal -> where it is   objects by the principal since then are checked
 *   'o' owner              -> child         children of a thread, principal or space are checked
 *   'w' set                -> where it is   everything of the space goes: its first statement did
 *   'e' set                -> where it is   a statement went, or one came that takes a right
 *                                           back: who erased without right did not; set 0: in
 *                                           every space
 *   'u' set                -> where it is   a statement or a decision went: the flags that it
 *                                           answered are open again
 */
#ifndef FORAD_CORE_SWEEP_H
#define FORAD_CORE_SWEEP_H

#include "core/commit.h"

enum { SWEEP_STEP_MAX = 2048 /* objects looked at in one step */ };

/* Compares the keys that a log had with what it is now, and notes the earliest time from which on
 * one speaks less than before. True when there is one. `principal`: the sequence of the first
 * entry. */
bool sweep_log_changed(struct kv_txn *txn, store_seq principal,
    const struct fora_identity_key *before, size_t count, const struct fora_identity *after);

/* Statements of the space's policy stand or fall that did not (RCP-9): its version is another, and
 * marks of erasure by who may not moderate are to be lifted. */
int sweep_policy_judged(struct commit_txn *txn, const struct fora_space_id *space) FORA_MUST_USE;

/* A statement was stored. When it may say of somebody that she was no moderator at a time that has
 * passed (POL-6), marks of erasure by her are to be lifted: a copy that has the content may bring
 * it. */
void sweep_policy_stated(struct commit_txn *txn, const struct fora_space_id *space,
    const struct fora_policy_statement *statement);

/* For a reindex, which replays what was stored in the order in which it came: later objects may
 * have judged earlier ones. All marks of erasure and all flags that were answered are to be looked
 * at; and everything by that principal is. What sets_each says. */
int sweep_mark_all(struct kv_txn *txn) FORA_MUST_USE;
void sweep_mark_author(struct kv_txn *txn, store_seq principal);

/*
 * One step: looks at about `max` objects. *more: there is more to do. result->removed says how many
 * objects left; their threads' rows are to be made anew.
 */
int sweep_step(struct committer *committer, size_t max, struct commit_result *result,
    bool *more) FORA_MUST_USE;

#endif
