/*
 * What the tests above the key-value layer share: a store with every table, in memory or on disk in
 * a folder of its own, and its transactions. What cannot be made fails the running test.
 */
#ifndef FORAD_STORE_TESTS_STORE_RIG_H
#define FORAD_STORE_TESTS_STORE_RIG_H

#include "store/kv.h"
#include "store/schema.h"

struct kv *store_rig_mem(void);
/* A fresh folder below the current one; `folder` (64 bytes) receives its name. */
struct kv *store_rig_disk(char folder[64]);
struct kv *store_rig_reopen(const char *folder);
void store_rig_remove(const char *folder); /* and the files in it */

struct kv_txn *store_rig_read(struct kv *kv);
struct kv_txn *store_rig_write(struct kv *kv);
void store_rig_commit(struct kv_txn *txn);

/* A byte of the value under the n-th key of a table (modulo how many there are) is flipped; false
 * when there is none with a value. `n` may be any number. */
bool store_rig_flip(struct kv *kv, unsigned table, uint32_t n, uint32_t at);
/* Deletes the n-th key of a table, likewise. */
bool store_rig_drop(struct kv *kv, unsigned table, uint32_t n);

#endif
