/*
 * What storing an object changes besides the object: which sets and threads it belongs to, the
 * queue of flags, the erasure of what was retracted. Called by the writer only (commit.c,
 * reindex.c).
 */
#ifndef FORAD_CORE_EFFECTS_H
#define FORAD_CORE_EFFECTS_H

#include "core/caches.h"
#include "store/ledger.h"

/*
 * Joins the object to its owner (thread, space or principal) and to its sets; the first object of
 * an author in a set brings the author's identity and profile with it (REP-3), and the last one
 * that leaves takes them along, so that a set is a function of the objects in it. `author` is the
 * sequence of the author's first entry.
 */
void effects_join(
    struct ledger *ledger, const struct fora_object *object, store_seq seq, store_seq author);

/* The thread or space whose child an object of a space is, by the set's info and the ids stored;
 * its own sequence for what others belong to; 0: none. */
store_seq effects_owner(struct kv_txn *txn, const struct set_info *set,
    const struct fora_object *object, store_seq seq);

/* Statements of the space's policy stand or fall that did not (RCP-9): its version is another, and
 * the rows of its threads are to be made anew. FORA_E_NOMEM. */
int effects_policy_judged(struct ledger *ledger, const struct fora_space_id *space) FORA_MUST_USE;

/* Takes an object out of its sets and removes it, as if another one of its slot took its place.
 * FORA_E_CORRUPT, FORA_E_NOMEM. */
int effects_leave(struct ledger *ledger, const struct stored *old) FORA_MUST_USE;
/* Takes back what the object did to others: before effects_leave, when nothing takes its place. */
int effects_undo(struct ledger *ledger, const struct stored *old) FORA_MUST_USE;
/* The decision that answered the flag is none any more: it is open again. */
void effects_flag_again(struct kv_txn *txn, uint32_t set, store_seq flag);

/* Flags, dismissals, erasures, policy versions. `now` (ms) is when the object joins; 0: it joined
 * before, and what was to be dropped because of it was dropped then. */
int effects_apply(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, store_seq seq, const struct fora_content *content,
    uint64_t now) FORA_MUST_USE;

/* Has the author of a moderation the right at that time? At its created_at a view will ask for it
 * (VIEW-4). As of the statements held now: a later one that takes the right away does not bring
 * back what was dropped. */
int effects_may_moderate(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, uint64_t at, bool *may) FORA_MUST_USE;

/* Is the stored object held without its content, though nothing here erased it? */
bool effects_lacks_content(struct ledger *ledger, store_seq seq, const struct fora_object_id *id);
/* Gives it its content, from a verified and admitted copy. */
int effects_fill(struct ledger *ledger, store_seq seq, const struct fora_object *object,
    const struct fora_content *content) FORA_MUST_USE;

/* Takes back that the act erased, which is stored under `seq` (erasers.h); when no other one did,
 * its target lacks its content then (lacking.h). */
void effects_unerase(struct ledger *ledger, const struct fora_object *act, store_seq seq);
/* Was the content of that object erased by a retraction or a moderation that is held here, and is
 * gone for good? */
bool effects_erased(struct kv_txn *txn, const struct fora_object_id *id);

#endif
