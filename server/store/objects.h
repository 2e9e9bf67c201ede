/*
 * Objects in order of arrival, packed into chunks (table OBJECTS), and the index from id to
 * sequence (IDS).
 *
 * A chunk is what one commit brought, cut at about four pages so that little of a page is wasted:
 * u16 count, count x u32 end offset of the record, then the records (record.h): origin, check, and
 * the encoded object exactly as received. An empty record is one that was removed. A record is
 * rewritten only when its content is erased or a newer object took its slot.
 */
#ifndef FORAD_STORE_OBJECTS_H
#define FORAD_STORE_OBJECTS_H

#include "store/ids.h"
#include "store/kv.h"
#include "store/schema.h"

enum {
    CHUNK_SIZE = 4 * 4096 - 16, /* fits four pages with LMDB's header */
    CHUNK_RECORDS_MAX = 256
};

struct stored {
    store_seq seq;
    uint32_t origin;
    struct fora_object object; /* borrowed from the transaction */
};

/* The sequence of an id, or 0. */
store_seq objects_find(struct kv_txn *txn, const uint8_t id[FORA_ID_SIZE]);
/* FORA_E_NOTFOUND when there never was one or it was removed; FORA_E_CORRUPT. */
int objects_read(struct kv_txn *txn, store_seq seq, struct stored *out) FORA_MUST_USE;
/*
 * As objects_read, for who reads one after the other what came one after the other, as the posts of
 * a thread: the chunk found last is not looked for again. `near` begins as zeros, and serves until
 * the transaction writes.
 */
struct objects_near {
    struct fora_bytes chunk; /* borrowed; size 0: none yet */
    store_seq first;         /* in it */
};
int objects_read_near(
    struct kv_txn *txn, struct objects_near *near, store_seq seq, struct stored *out) FORA_MUST_USE;
/* The greatest sequence that is stored, 0 for none. */
store_seq objects_last(struct kv_txn *txn);
/* Every object with sequence > after, in order; `each` returns non-zero to stop, which is returned.
 * Objects removed are passed over. It must not write to the transaction: what it is given is
 * borrowed.
 */
int objects_each(struct kv_txn *txn, store_seq after,
    int (*each)(void *context, const struct stored *stored), void *context) FORA_MUST_USE;
/* The same for who needs no id, which takes a hash. */
int objects_each_header(struct kv_txn *txn, store_seq after,
    int (*each)(void *context, store_seq seq, const struct fora_header *header),
    void *context) FORA_MUST_USE;

/*
 * For who looks at a damaged store: as objects_each, and does not stop at damage. `rc` is 0 with an
 * object, or FORA_E_CORRUPT with NULL for a record that cannot be read; `seq` is its sequence, and
 * the first of the chunk when the chunk as a whole cannot.
 */
typedef int objects_scan_fn(void *context, store_seq seq, int rc, const struct stored *stored);
int objects_scan(
    struct kv_txn *txn, store_seq after, objects_scan_fn *each, void *context) FORA_MUST_USE;
/* Makes the chunk that holds `seq` readable again, without the records that cannot be read, which
 * then count as removed. Nothing that was readable is lost. */
int objects_repair(struct kv_txn *txn, store_seq seq) FORA_MUST_USE;

/* Writes what is appended into chunks. Lives as long as its write transaction. */
struct objects_writer {
    struct kv_txn *txn;
    store_seq next;  /* the sequence that the next append gets */
    store_seq first; /* of the chunk that is being filled */
    uint32_t ends[CHUNK_RECORDS_MAX];
    size_t count;
    struct fora_buf records; /* owned */
    struct ids_batch ids;
};

void objects_writer_init(struct objects_writer *writer, struct kv_txn *txn);
void objects_writer_fini(struct objects_writer *writer);
/* Stores an object and its id; returns its sequence. Errors are sticky in the transaction. */
store_seq objects_append(
    struct objects_writer *writer, const struct fora_object *object, uint32_t origin);
/* As objects_read, and sees what was appended but not flushed. Borrowed until the next append or
 * flush. */
int objects_writer_read(
    struct objects_writer *writer, store_seq seq, struct stored *out) FORA_MUST_USE;
/* Puts the chunk that is being filled. */
void objects_flush(struct objects_writer *writer);
/* And the ids: once, before the commit. */
void objects_finish(struct objects_writer *writer);
/* Replaces the record of a stored object by another encoding of the same object. Flushes first. */
int objects_replace(
    struct objects_writer *writer, store_seq seq, struct fora_bytes encoded) FORA_MUST_USE;
/* Replaces the record by the object's encoding without content, or (remove) by nothing, and then
 * forgets its id as well. Flushes first. */
int objects_rewrite(struct objects_writer *writer, store_seq seq, bool remove) FORA_MUST_USE;

#endif
