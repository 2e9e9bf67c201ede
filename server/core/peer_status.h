/* What status tells of other nodes: a row for each connection, each address that is called, and
 * each node that something was decided about; with a sentence that says how it is, and why. */
#ifndef FORAD_CORE_PEER_STATUS_H
#define FORAD_CORE_PEER_STATUS_H

#include "core/node_impl.h"

enum { STATUS_ROWS_MAX = 256 };

/* Fills status->peers from the arena, with as many rows as fit. `txn` says how long sets are. */
void peer_status(struct node *node, struct kv_txn *txn, struct fora_arena *arena,
    struct fora_msg_node_status *status);

#endif
