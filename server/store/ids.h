/*
 * From the id of an object to its sequence (tables IDS and RECENT; docs/storage.md, "Recent ids").
 *
 * Ids are random: in one tree nearly every new one changes a page of its own. So what a large
 * commit brings is gathered in RECENT, which is small and written whole, and goes to IDS a few
 * thousand at a time, in order. Small commits put theirs into IDS, where one page is less than what
 * RECENT would cost them. Nobody above sees the difference.
 */
#ifndef FORAD_STORE_IDS_H
#define FORAD_STORE_IDS_H

#include "store/kv.h"
#include "store/schema.h"

enum {
    IDS_RECENT_MIN = 64,   /* new ids of a commit from which on they go to RECENT */
    IDS_RECENT_MAX = 8192, /* ids in RECENT; all of them go to IDS before there are more */
};

struct ids_entry {
    uint8_t id[ID_PREFIX_SIZE];
    store_seq seq; /* 0: taken away again */
};

/* What a write transaction has put and not stored. Found by ids_find of that transaction. */
struct ids_batch {
    struct kv_txn *txn;
    struct ids_entry *entries; /* owned */
    size_t count;
    size_t room;
    uint32_t *slots;   /* owned: 1 + index of an entry, by the id; 0: none */
    size_t slots_room; /* a power of two, at least twice `count` */
};

/* Lives as long as its write transaction, which must have no other. */
void ids_batch_init(struct ids_batch *batch, struct kv_txn *txn);
void ids_batch_fini(struct ids_batch *batch);
/* Errors are sticky in the transaction. The id must not be there. */
void ids_put(struct ids_batch *batch, const uint8_t id[FORA_ID_SIZE], store_seq seq);
void ids_remove(struct ids_batch *batch, const uint8_t id[FORA_ID_SIZE]);
/* To the tables with it: before the commit, or whoever reads them would miss it. */
void ids_store(struct ids_batch *batch);
/* And what is in RECENT goes to IDS. */
void ids_settle(struct ids_batch *batch);

/* The sequence of an id, or 0. Only its first 16 bytes are looked at. */
store_seq ids_find(struct kv_txn *txn, const uint8_t id[FORA_ID_SIZE]);
/* How many there are in the tables. */
uint64_t ids_count(struct kv_txn *txn);
/* Has RECENT as many entries, and as many slots in use, as it says? For `forad fsck`. */
bool ids_recent_sound(struct kv_txn *txn);

#endif
