/*
 * A source for reconciliation over one read transaction: the fingerprint tree of a set, and its
 * tail laid over it (sets.h).
 *
 * The questions of one message ascend, and most are about the nodes that the question before was
 * about. So of each level the entries that were passed are kept, from where a node begins to where
 * was last looked, with the sum of all before each.
 */
#ifndef FORAD_STORE_SUMS_SOURCE_H
#define FORAD_STORE_SUMS_SOURCE_H

#include "store/sums_node.h"

enum { SUMS_PAGE_MAX = 48 }; /* entries of a level that are kept; nodes may have more */

/* An entry of a level, a node or an item, and the sum of all items before it. */
struct sums_entry {
    struct fora_neg_item lower;
    struct fora_neg_sum before;
};

/* A run of entries of one level below one node; on level 0 with the tail among them. */
struct sums_page {
    bool open;  /* `walk` has a cursor */
    bool valid; /* there is a run */
    bool more;  /* the one more entry is of the run, too */
    bool last;  /* the run goes to the end of the level */
    bool has_end;
    struct fora_neg_item end; /* where the node ends, when `has_end` */
    struct sums_entry from;   /* what the run covers begins here */
    struct sums_walk walk;    /* at the one more */
    size_t tail;              /* the next of the tail */
    size_t count;
    /* And one more: where the run ends so far. Its `lower` is a bound unless `last`. */
    struct sums_entry entries[SUMS_PAGE_MAX + 1];
};

/* `txn` and `set` are the caller's to fill in; the context must outlive the source. */
struct sums_source {
    struct kv_txn *txn;
    uint32_t set;
    struct fora_neg_item tail[SETS_TAIL_MAX]; /* ascending */
    size_t tail_count;
    struct fora_neg_sum total;
    struct fora_neg_sum known[2]; /* of all before the places that were found last */
    struct sums_page pages[SUMS_LEVELS + 1];
};
/* Followed by sums_source_end, before the transaction ends. */
struct fora_neg_source sums_neg_source(struct sums_source *context);
void sums_source_end(struct sums_source *context);

#endif
