/* What making receipts (receipts_make.c), the walk over disputed objects (receipts.c) and the
 * request for them (receipts_run.c) share. */
#ifndef FORAD_CORE_RECEIPTS_IMPL_H
#define FORAD_CORE_RECEIPTS_IMPL_H

#include "core/receipts.h"
#include "fora/receipt.h"

/* An object that a receipt is wanted for. */
struct receipt_want {
    struct fora_object_id id;
    struct fora_object_id thread; /* zeros: it is a policy statement */
    struct fora_space_id space;
    store_seq from, to; /* what was accepted with it: from <= its sequence < to */
    uint64_t accepted_at;
};

/* Fills in all but nothing of the object, which is stored under `seq`. FORA_E_NOTFOUND when it is
 * neither in a thread nor a later statement of a policy, or came before this node noted times. */
int receipt_want(struct kv_txn *txn, store_seq seq, const struct fora_object *object,
    struct receipt_want *out) FORA_MUST_USE;

/*
 * Makes receipts for all of them, sorted here so that one receipt stands for those of the same
 * thread (or policy) and tree: calls `each` with the encoded object. Ends with what `each` returns
 * when that is not 0. Reads through `txn`; what is appended there was flushed before.
 */
int receipts_make(const struct node_env *env, struct kv_txn *txn, struct receipt_want *wants,
    size_t count, int (*each)(void *context, struct fora_bytes encoded),
    void *context) FORA_MUST_USE;

#endif
