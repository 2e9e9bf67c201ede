/*
 * Which acts say of an object that its content is erased: its author's retractions, and moderations
 * by who had the right. One that turns out to be none (OBJ-11, RCP-5) does not bring back what
 * another one erased.
 *
 * Table ERASED: first 16 bytes of the id -> sequences of the acts, ascending.
 */
#ifndef FORAD_CORE_ERASERS_H
#define FORAD_CORE_ERASERS_H

#include "store/objects.h"

enum { ERASERS_MAX = 32 /* of one object; who says it once more changes nothing */ };

void erasers_add(struct kv_txn *txn, const struct fora_object_id *target, store_seq act);
/* True when it was one, and the last. */
bool erasers_remove(struct kv_txn *txn, const struct fora_object_id *target, store_seq act);
/* What a value of the table says; 0: it is none. */
size_t erasers_parse(struct fora_bytes value, store_seq out[ERASERS_MAX]);

#endif
