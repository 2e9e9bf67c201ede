/*
 * What other nodes said of objects that they were sent (REP-14): the last refusals of each, by
 * their FollowAcks and PutResults. What is not noted here was taken when it was confirmed.
 *
 * Bounded: DELIVERY_PEERS nodes, DELIVERY_NOTES refusals of each; the oldest goes first. Lives as
 * long as the process: who wants to know later asks again, since refused objects are offered again.
 */
#ifndef FORAD_CORE_DELIVERY_H
#define FORAD_CORE_DELIVERY_H

#include "fora/message.h"

enum { DELIVERY_PEERS = 128, DELIVERY_NOTES = 64 };

struct delivery_peer;
struct deliveries {
    struct delivery_peer *peers[DELIVERY_PEERS]; /* owned, from the start, none between */
    uint64_t turn;
};

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
