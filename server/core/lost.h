/*
 * Keys that a commit took the right to speak away from, so that sessions which rest on them end
 * with it (SES-38): a revocation, or a branch that beats another one (ID-9). The writer collects
 * them, the loop ends the sessions.
 */
#ifndef FORAD_CORE_LOST_H
#define FORAD_CORE_LOST_H

#include "fora/identity.h"

struct lost_key {
    struct fora_principal_id principal;
    struct fora_key key;
};

/* All zeros is an empty one. */
struct lost_keys {
    struct lost_key *items; /* owned */
    size_t count;
    size_t room;
};

void lost_keys_fini(struct lost_keys *lost);
/* Adds what spoke before and does not by `after`, also when that is from a time on that is not yet
 * there. FORA_E_NOMEM. */
int lost_keys_add(struct lost_keys *lost, const struct fora_identity_key *before, size_t count,
    const struct fora_identity *after) FORA_MUST_USE;

struct node;
struct job;
/* The job was a commit that is durable: nothing more is taken from sessions that rest on what it
 * lost, */
void lost_stop_sessions(struct node *node, struct job *job);
/* and when its answers have gone they end: who revokes her own key hears that it is done. */
void lost_end_sessions(struct node *node, const struct job *job);

#endif
