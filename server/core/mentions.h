/*
 * Who is mentioned where (KIND-MENTION-1): an index of threads and posts by the principals whom
 * they name, for ListMentions. Of an object that mentions nobody nothing is written or read.
 *
 * Kept in table MENTIONS:
 *
 *   'm' principal sequence -> nothing        the object mentions her
 *   'c' principal          -> count, floor   so many; the greatest sequence that was dropped
 *
 * (of the principal the first 16 bytes). Of each principal the newest MENTIONS_KEPT are kept, so
 * that nobody's inbox grows without bound by what others write.
 */
#ifndef FORAD_CORE_MENTIONS_H
#define FORAD_CORE_MENTIONS_H

#include "core/job.h"
#include "fora/content.h"

enum {
    MENTIONS_KEPT = 1000,
    MENTIONS_LOOKED = 256,    /* entries looked at for one page, shown or not */
    MENTIONS_FOLD_MAX = 4096, /* a longer thread is not folded to see what is hidden in it */
    MENTIONS_FOLD_ALL = 8192  /* objects folded for one page, about */
};

/* The object was stored, or got its content. Errors are the transaction's. */
void mentions_stored(struct kv_txn *txn, store_seq seq, const struct fora_content *content);
bool mentions_any(const struct fora_content *content);
/* It leaves the store, or loses the content that it still has. */
void mentions_removed(struct kv_txn *txn, store_seq seq, const struct fora_object *object);

/* ListMentions: what mentions the asker, the newest arrival first, without what is gone. */
int mentions_run(struct job *job, struct kv_txn *txn, const struct fora_msg_list_mentions *request,
    struct fora_arena *arena) FORA_MUST_USE;

/* For fsck. How many entries the object should have; *missing: of them those that are not there and
 * were not dropped for newer ones. */
unsigned mentions_check(
    struct kv_txn *txn, store_seq seq, const struct fora_object *object, unsigned *missing);
/* Are the counts those of the entries, and of how many entries? */
bool mentions_sound(struct kv_txn *txn, uint64_t *entries);

#endif
