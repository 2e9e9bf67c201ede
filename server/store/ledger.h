/*
 * The ledger: one write transaction in which objects join and leave sets. It gathers what a batch
 * changes in each set and applies it once at the end, sorted, so that a thousand objects cost
 * little more than their own pages.
 *
 *   ledger_begin -> ledger_append / ledger_join / ledger_leave ... -> ledger_commit (or
 * ledger_abort)
 */
#ifndef FORAD_STORE_LEDGER_H
#define FORAD_STORE_LEDGER_H

#include "store/objects.h"
#include "store/sets.h"
#include "store/sums.h"

struct ledger_set {
    struct set_info info;
    struct sums_change *changes; /* owned: what joined and left since it was last applied */
    size_t changes_count;
    size_t changes_room;
    size_t removals; /* among the changes */
    store_seq *log;  /* owned: sequences that joined */
    size_t log_count;
    size_t log_room;
    store_seq *authors; /* owned: of each that joined and is not counted yet, or 0 */
    size_t authors_count;
    size_t authors_room;
    bool settles; /* what joined goes to the tables, with the tail, and not to the tail */
    bool joined;  /* something joined since ledger_begin */
};

struct ledger {
    struct kv_txn *txn;
    struct objects_writer objects;
    struct ledger_set *sets; /* owned: the sets touched, a handful */
    size_t sets_count;
    size_t sets_room;
};

int ledger_begin(struct ledger *ledger, struct kv *kv) FORA_MUST_USE;
/* Durable when 0. Either way the ledger is done with. */
int ledger_commit(struct ledger *ledger) FORA_MUST_USE;
void ledger_abort(struct ledger *ledger);
/* Applies to the transaction what was gathered so far, so that reads in it see it; the ledger goes
 * on. */
void ledger_apply(struct ledger *ledger);

/* The set of a space and audience: NULL when the node does not hold it (or memory is out: see the
 * transaction). Borrowed until the next ledger_set or ledger_set_create. */
struct ledger_set *ledger_set(
    struct ledger *ledger, const struct fora_space_id *space, uint32_t audience);
struct ledger_set *ledger_set_create(
    struct ledger *ledger, const struct fora_space_id *space, uint32_t audience);
struct ledger_set *ledger_set_number(struct ledger *ledger, uint32_t number);

/* Whatever is in the tails of sets goes to the tables (sets.h), and recent ids to theirs (ids.h).
 */
void ledger_settle(struct ledger *ledger);

/* An object that is stored under `seq` joins the set's items and log, or leaves the items. `author`
 * is the author's sequence, and 0 for what belongs to a principal and is not counted. */
void ledger_join(struct ledger *ledger, struct ledger_set *set, store_seq seq, uint64_t created_at,
    const struct fora_object_id *id, store_seq author);
void ledger_leave(struct ledger *ledger, struct ledger_set *set, uint64_t created_at,
    const struct fora_object_id *id);
/* An author has one object less in the set: how many are left. */
uint64_t ledger_author_leaves(struct ledger *ledger, struct ledger_set *set, store_seq author);

#endif
