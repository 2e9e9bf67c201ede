/*
 * What the tests of the key-value layer share: a folder of their own, a store of either kind, short
 * ways to put and get text. Every function fails the running test when it cannot do its work.
 */
#ifndef FORAD_STORE_KV_RIG_H
#define FORAD_STORE_KV_RIG_H

#include "store/kv.h"

enum { RIG_TABLES = 4 };
extern const char *const rig_tables[RIG_TABLES];

struct rig {
    bool in_memory;
    char folder[64]; /* made by rig_start, removed by rig_stop */
    struct kv *kv;   /* owned; a test may close it and set NULL */
};

void rig_start(struct rig *rig, bool in_memory); /* with an open store */
void rig_stop(struct rig *rig);
void rig_reopen(struct rig *rig); /* LMDB only */
/* cmocka fixtures: *state is a struct rig of that kind. */
int rig_setup_lmdb(void **state);
int rig_setup_mem(void **state);
int rig_teardown(void **state);

void rig_remove(const char *folder); /* and the files in it */

struct kv_txn *rig_read(struct kv *kv);
struct kv_txn *rig_write(struct kv *kv);
void rig_commit(struct kv_txn *txn);
void rig_put(struct kv_txn *txn, unsigned table, const char *key, const char *value);
/* Fails unless the value under key is `value`; NULL: unless it is absent. */
void rig_expect(struct kv_txn *txn, unsigned table, const char *key, const char *value);
/* Fails unless opening returns `error` and a sentence that contains `says`. */
void rig_open_fails(const struct kv_lmdb_options *options, int error, const char *says);
struct kv *rig_open(const struct kv_lmdb_options *options);

#endif
