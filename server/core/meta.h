/*
 * Small facts about the node itself in table META: named values, and who its admins are.
 *
 * Keys: 'm' name for values, 'a' principal for admins (empty value).
 */
#ifndef FORAD_CORE_META_H
#define FORAD_CORE_META_H

#include "store/kv.h"
#include "store/schema.h"

/* A named value: borrowed as kv_get's. Names are at most 64 bytes of ASCII. */
bool meta_get(struct kv_txn *txn, const char *name, struct fora_bytes *value);
/* `value` must not be one that the same transaction returned. */
void meta_put(struct kv_txn *txn, const char *name, struct fora_bytes value);

void meta_delete(struct kv_txn *txn, const char *name);

/* Admins run the node: spaces, subscriptions, claims. What they may do in a space is its policy's
 * business. */
bool meta_is_admin(struct kv_txn *txn, const struct fora_principal_id *principal);
void meta_admin_set(struct kv_txn *txn, const struct fora_principal_id *principal, bool admin);
/* By principal; `each` returns non-zero to stop, which is returned. */
int meta_admins_each(struct kv_txn *txn,
    int (*each)(void *context, const struct fora_principal_id *principal),
    void *context) FORA_MUST_USE;

#endif
