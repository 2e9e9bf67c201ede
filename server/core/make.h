/* Objects that the node makes itself: encode, sign, and where the one before stands. */
#ifndef FORAD_CORE_MAKE_H
#define FORAD_CORE_MAKE_H

#include "store/objects.h"

/* Encodes the content and appends the signed object. The salt of the content is filled by the
 * caller. What fora_content_encode and fora_object_build say. */
int object_make(struct fora_buf *out, struct fora_header *header,
    const struct fora_content *content, const struct fora_secret *secret,
    struct fora_object_id *id) FORA_MUST_USE;

/* The object that holds the slot of a replaceable kind's header. FORA_E_NOTFOUND; borrowed as
 * objects_read. */
int slot_standing(
    struct kv_txn *txn, const struct fora_header *header, struct stored *out) FORA_MUST_USE;

/*
 * When a replaceable object is made at `now`, its created_at: later than what stands in its slot,
 * so that it wins whatever the ids are (OBJ-8) and two of one millisecond do not fight.
 */
int slot_created_at(struct kv_txn *txn, const struct fora_header *header, uint64_t now,
    uint64_t *created_at) FORA_MUST_USE;

#endif
