/*
 * What other nodes said of objects that they were sent (REP-14): the last refusals of each, by
 * their FollowAcks and PutResults. What is not noted here was taken when it was confirmed.
 *
 * Bounded: DELIVERY_PEERS nodes, DELIVERY_NOTES refusals of each; the oldest goes first. Kept over
 * restarts: an object that was refused is behind the position that was confirmed, and without the
 * note it would be called stored.
 */
#ifndef FORAD_CORE_DELIVERY_H
#define FORAD_CORE_DELIVERY_H

#include "fora/message.h"
#include "store/kv.h"

enum { DELIVERY_PEERS = 128, DELIVERY_NOTES = 64, DELIVERY_SAVE = 16 };

struct delivery_peer;
struct deliveries {
    struct delivery_peer *peers[DELIVERY_PEERS]; /* owned, from the start, none between */
    uint64_t turn;
    bool dirty;                                   /* something is not as it is kept */
    struct fora_principal_id gone[DELIVERY_SAVE]; /* made room, and may be kept still */
    size_t gone_count;
};

/* Reads what was kept; all zeros before. FORA_E_NOMEM. */
int deliveries_load(struct deliveries *deliveries, struct kv *kv) FORA_MUST_USE;
/* What is to be written: a copy of what has changed, of at most DELIVERY_SAVE nodes, which counts
 * as unchanged then. NULL: nothing, or no memory. free() frees it. */
struct deliveries_save;
struct deliveries_save *deliveries_take_changed(struct deliveries *deliveries);
void deliveries_write(struct kv_txn *txn, const struct deliveries_save *save);

/* The node answered for objects: `results` names those that it did not store; `more`: and it stored
 * others. Codes are those of the wire. Without memory nothing is noted. */
void deliveries_answered(struct deliveries *deliveries, const struct fora_principal_id *node,
    const struct fora_msg_result *results, size_t count, bool more);
/* Why the node did not store the object (a code of the wire), or 0. */
uint32_t deliveries_code(const struct deliveries *deliveries, const struct fora_principal_id *node,
    const struct fora_object_id *object);
/* Why the node refuses what it is offered, for reasons that lie with it, or 0: it did so, and has
 * taken nothing of it since. */
uint32_t deliveries_last(const struct deliveries *deliveries, const struct fora_principal_id *node);
void deliveries_fini(struct deliveries *deliveries);

#endif
