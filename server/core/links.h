/*
 * Subscriptions: from which address the node fetches which space (table LINKS). They are the
 * operator's wish, not a state of the connection; who connects reads them here.
 *
 *   space(32) hash of the address(32) -> format, created, node, address
 */
#ifndef FORAD_CORE_LINKS_H
#define FORAD_CORE_LINKS_H

#include "store/kv.h"
#include "store/schema.h"

enum { ADDRESS_MAX = 255 };

struct subscription {
    struct fora_space_id space;
    struct fora_principal_id node; /* who must answer there; zeros: anybody */
    char address[ADDRESS_MAX + 1]; /* "host:port", "[::1]:port" */
    uint64_t created_at;           /* ms */
};

/* "host:port" with a port of 1 to 65535; an IPv6 address stands in brackets. */
bool address_valid(struct fora_bytes address);

/* Stores it, or replaces the one of the same space and address. */
void links_put(struct kv_txn *txn, const struct subscription *subscription);
bool links_find(struct kv_txn *txn, const struct fora_space_id *space, struct fora_bytes address,
    struct subscription *out);
/* Removes that of one address, or with an empty one all of the space: how many there were. */
size_t links_remove(
    struct kv_txn *txn, const struct fora_space_id *space, struct fora_bytes address);
/* By space; `each` returns non-zero to stop, which is returned. */
int links_each(struct kv_txn *txn,
    int (*each)(void *context, const struct subscription *subscription),
    void *context) FORA_MUST_USE;

#endif
