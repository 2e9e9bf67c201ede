/* Reading for an answer: gathering objects, and what replication reads (replica.c). Runs inside a
 * QUERY job. */
#ifndef FORAD_CORE_QUERY_H
#define FORAD_CORE_QUERY_H

#include "core/job.h"
#include "fora/content.h"

/* A list of encoded objects, borrowed from the transaction. The functions below that look for
 * objects pass over what may not be sent; gather_add takes what it is given. */
struct gather {
    struct kv_txn *txn;
    struct fora_arena *arena;
    struct fora_bytes *objects; /* the list is owned */
    size_t count;
    size_t room;
    size_t bytes;
};

void gather_init(struct gather *gather, struct kv_txn *txn, struct fora_arena *arena);
void gather_fini(struct gather *gather);
int gather_add(struct gather *gather, struct fora_bytes encoded) FORA_MUST_USE;

/* Only those of some kinds: a bit for each kind below 32. */
enum {
    GATHER_POLICY = 1 << FORA_KIND_POLICY,
    GATHER_RECEIPTS = 1 << FORA_KIND_RECEIPT, /* of a space: about its policy (RCP-9) */
    GATHER_LOG = 1 << FORA_KIND_IDENTITY | 1 << FORA_KIND_PROFILE
};
int gather_kinds_of(struct gather *gather, store_seq owner, uint32_t kinds) FORA_MUST_USE;

/*
 * GetThread: one part of a thread, from the child after job->position on, with what is needed to
 * check and show it. job->more: there is another part, to be read when this one has gone to whoever
 * asked; the job for it continues this one (job_continue).
 */
int thread_run(
    struct job *job, struct kv_txn *txn, const struct fora_msg_get_thread *request) FORA_MUST_USE;

/* May this object be sent to who asks (invariant 3)? Of `job` NULL: to anybody. */
bool query_may_send(const struct job *job, struct kv_txn *txn, const struct fora_object *object);

/* The profile that stands, borrowed from the transaction and the arena; false: there is none. */
bool profile_read(struct kv_txn *txn, struct fora_arena *arena,
    const struct fora_principal_id *principal, struct fora_profile *out);

/* Follow: one batch from the set's log, at most job->max_bytes; sets job->next, head, set_number.
 */
int replica_read(struct job *job, struct kv_txn *txn, const struct fora_msg_follow *request,
    struct fora_arena *arena) FORA_MUST_USE;
/* A caught-up batch: is our set (job->set_number) the same? When it differs and we are to
 * reconcile, the answer is the first Reconcile message. */
int replica_compare(
    struct job *job, struct kv_txn *txn, const struct fora_msg_follow_batch *request) FORA_MUST_USE;
/* The responder's side of reconciliation. */
int replica_answer(
    struct job *job, struct kv_txn *txn, const struct fora_msg_reconcile *request) FORA_MUST_USE;
/* The initiator's: job->have, job->need, and the next Reconcile message when there is more to say.
 */
int replica_step(struct job *job, struct kv_txn *txn,
    const struct fora_msg_reconcile_reply *request) FORA_MUST_USE;

/* Where an object stands in its set's log: job->position and job->set_number. Looks at the newest
 * entries only. */
int replica_find(struct job *job, struct kv_txn *txn, const struct fora_msg_get_delivery *request,
    struct fora_arena *arena) FORA_MUST_USE;

/* Verifies the identity log of a node's Hello against the handshake; sets job->login.asker.node. */
int hello_run(
    struct job *job, const struct fora_message *request, struct fora_arena *arena) FORA_MUST_USE;

#endif
