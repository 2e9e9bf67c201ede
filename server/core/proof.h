/*
 * What sessions rest on: the log by which a member's key speaks (SES-38), or by which a node has
 * the Noise key of its connection (SES-13).
 *
 *   Auth, Hello -> kept, less the entries that are stored here -> an entry of that log is stored
 *   -> nothing more is taken from the session -> asked again -> it goes on, or ends
 *
 * Asked is what was asked at first, of the log as it is stored by now and what the session brought:
 * so a key that came with entries which are not stored here goes on while they follow, and ends
 * with the rotation that they lose to (ID-9). The writer collects the logs that changed, the loop
 * asks.
 */
#ifndef FORAD_CORE_PROOF_H
#define FORAD_CORE_PROOF_H

#include "fora/message.h"
#include "store/kv.h"

/* Logs that a commit added to. All zeros is an empty one. */
struct changed_logs {
    struct fora_principal_id *items; /* owned */
    size_t count;
    size_t room;
};

int changed_logs_add(
    struct changed_logs *logs, const struct fora_principal_id *principal) FORA_MUST_USE;
void changed_logs_fini(struct changed_logs *logs);

/* The last logs that changed, for proofs that are looked at just then. */
enum { LOG_CHANGES_KEPT = 32 };
struct log_changes {
    uint64_t count;                                  /* since the start */
    struct fora_principal_id last[LOG_CHANGES_KEPT]; /* of change n, at n % LOG_CHANGES_KEPT */
};

struct node;
struct job;
struct conn;

/*
 * For the job that found an Auth or Hello to hold: encodes it into job->proof, to be asked again.
 * Entries that are stored are left out. What encoding says.
 */
int proof_keep(struct job *job, struct kv_txn *txn, const struct fora_message *request,
    struct fora_arena *arena) FORA_MUST_USE;
/* The job looked at the log of the principal; since then it changed, or may have. */
bool proof_is_stale(
    const struct node *node, const struct job *job, const struct fora_principal_id *principal);
/* The session rests on the proof of the job from now on. */
void proof_take(struct node *node, struct conn *conn, struct job *job);
/* It rests on none any more. */
void proof_drop(struct conn *conn);
/* The job was a commit that is durable: sessions that rest on what changed are asked again. */
void proof_logs_changed(struct node *node, struct job *job);
/* Who was asked again has answered: job->again. */
void proof_asked(struct node *node, struct conn *conn, struct job *job);

#endif
