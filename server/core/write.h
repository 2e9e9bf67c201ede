/*
 * The bodies of JOB_WRITE: one transaction for each request, in which everything happens or
 * nothing.
 */
#ifndef FORAD_CORE_WRITE_H
#define FORAD_CORE_WRITE_H

#include "core/requests.h"

struct write {
    struct job *job;
    const struct node_env *env;
    const struct fora_message *request;
    struct fora_arena *arena; /* lives until the transaction has ended */
    struct commit_txn txn;
    struct kv_txn *kv;          /* of the same transaction */
    struct fora_message answer; /* set by the body; sent when the transaction is durable */
    struct job_login login;     /* likewise */
};

typedef int write_fn(struct write *write);

/* By request. */
write_fn write_sign_up, write_login, write_claim;             /* write_account.c */
write_fn write_take_out;                                      /* write_take_out.c */
write_fn write_vote, write_report;                            /* write_vote.c */
write_fn write_subscribe, write_unsubscribe, write_new_space; /* write_space.c */
write_fn write_peering;                                       /* write_peering.c */

/* Admits and stores one encoded object that was verified or made here. Its code. */
int write_add(
    struct write *write, struct fora_bytes encoded, struct commit_item *item) FORA_MUST_USE;
/* Makes an object with the content's salt random, signs it with `secret`, stores it. What it is
 * about and when is in the header. */
int write_make(struct write *write, struct fora_header *header, struct fora_content *content,
    const struct fora_secret *secret, struct commit_item *item) FORA_MUST_USE;
/* The account of who asks, when this node is her home: votes and reports are counted at home and
 * nowhere else. */
int write_member(struct write *write, struct account *out) FORA_MUST_USE;

#endif
