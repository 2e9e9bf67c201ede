/*
 * The writer: admits a batch of verified objects, stores them in one transaction and says what
 * became of each (DESIGN section 4: admit, write, group commit). Runs on one thread at a time; the
 * node sees to that.
 *
 * What is acknowledged with code 0 is durable when commit_run returns.
 */
#ifndef FORAD_CORE_COMMIT_H
#define FORAD_CORE_COMMIT_H

#include "core/caches.h"
#include "core/proof.h"
#include "store/ledger.h"

enum commit_source {
    COMMIT_LOCAL,  /* made by this node itself */
    COMMIT_MEMBER, /* by a member of this node: rights are checked, not only admission (ADM) */
    COMMIT_PEER    /* by another node: admission only, so that sets converge */
};

/* A space begins by the node's own choice: its first statement is COMMIT_LOCAL, or the set was made
 * before (Subscribe). */

/* One object of a batch. Filled by the caller up to `origin`, by commit_run from `code` on. */
struct commit_item {
    struct fora_object object; /* verified; its bytes outlive the run */
    enum commit_source source;
    uint32_t origin;                      /* link_tag of the peer that brought it, 0: none */
    const struct fora_principal_id *host; /* not NULL: this node must host the object's space */
    int code;                             /* 0 stored */
    bool left_out;                        /* it did not verify: commit_run leaves it as it is */
    bool duplicate;                       /* was stored before */
    bool mentions;                        /* it was stored now, and mentions somebody */
    store_seq seq;                        /* 0: not stored */
    struct fora_object_id missing; /* with _UNKNOWN_AUTHOR and _UNKNOWN_PARENT: what it waits for */
};

/* A cursor that becomes durable together with the objects that it stands behind. */
struct commit_cursor {
    struct store_key key; /* in table CURSORS */
    uint8_t value[32];
    size_t value_size;
};

enum { COMMIT_TOUCHED_MAX = 64 };

struct commit_result {
    size_t stored;
    size_t duplicates;
    size_t refused;
    store_seq last; /* greatest sequence now */
    /* Sets that gained objects, for those who follow them; `touched_all` when there were more. */
    uint32_t touched[COMMIT_TOUCHED_MAX];
    size_t touched_count;
    bool touched_all;
    size_t removed; /* objects that are not in the set any more (sweep.h) */
    bool swept;     /* something is to be swept now */
    bool lacks;     /* contents are wanted of others that were not before (lacking.h) */
};

struct committer; /* the writer's caches; owned by the node */

int committer_new(struct committer **out, struct kv *kv, struct policies *policies) FORA_MUST_USE;
void committer_free(struct committer *committer);

struct commit_batch {
    struct commit_item *items;
    size_t count;
    const struct commit_cursor *cursors;
    size_t cursors_count;
    uint64_t now;                 /* ms */
    struct changed_logs *changed; /* gets the logs that were added to; NULL: nobody asks */
    struct commit_batch *next;    /* whose items and cursors are of the same transaction; or NULL */
};

/* 0 when the transaction became durable; else nothing was stored and every item has that code. */
int commit_run(struct committer *committer, struct commit_batch *batch,
    struct commit_result *result) FORA_MUST_USE;

/* ---- for operations that write more than objects (accounts, votes, spaces) ---- */

struct commit_txn {
    struct committer *committer;
    struct ledger ledger;
    struct fora_arena arena; /* freed at the end */
    uint64_t now;
    store_seq first; /* the sequence that its first object gets */
    struct commit_result *result;
    struct changed_logs *changed; /* as in struct commit_batch; set after commit_begin */
};

int commit_begin(struct committer *committer, struct commit_txn *txn, uint64_t now,
    struct commit_result *result) FORA_MUST_USE;
/* Admits and stores one object; its code is in item->code. */
void commit_add(struct commit_txn *txn, struct commit_item *item);
int commit_end(struct commit_txn *txn) FORA_MUST_USE; /* durable when 0 */
void commit_cancel(struct commit_txn *txn);

/* Would this stored object be admitted now? The code. */
int commit_admits(struct commit_txn *txn, const struct fora_object *object) FORA_MUST_USE;
/* That object is stored no more: nothing may be taken from memory of it. */
void commit_forget(struct commit_txn *txn, const struct fora_object_id *id);
/* The folded log of a principal whose first entry is stored under `seq`, borrowed until the next
 * commit_ call. */
int commit_identity(struct commit_txn *txn, const struct fora_principal_id *principal,
    const struct fora_identity **out) FORA_MUST_USE;
/* Is it a retraction or moderation that a thief may have dated back? Then nothing is dropped from
 * the store because of it: what it takes away it takes away in views, while it stands (RCP-5). */
bool commit_disputes(struct commit_txn *txn, const struct fora_object *object);
struct policies *commit_policies(const struct commit_txn *txn);

/* The tag of a link, by the principal of the peer: who needs not be sent what it brought. Never 0.
 */
uint32_t link_tag(const struct fora_principal_id *node);

#endif
