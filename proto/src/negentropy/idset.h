/*
 * The ids of one received IdList, sorted, with a mark on each that we hold too: how the initiator
 * finds both differences in O((n + m) log m). Private to the room.
 */
#ifndef FORA_NEGENTROPY_IDSET_H
#define FORA_NEGENTROPY_IDSET_H

#include "fora/negentropy.h"

/* A zeroed struct is valid and empty. */
struct neg_idset {
    const uint8_t **ids; /* owned array of ids borrowed from the message */
    bool *held;          /* owned */
    size_t room;
    size_t count;
};

/* Room for lists of up to `count` ids. FORA_E_NOMEM. */
int fora_neg_idset_reserve(struct neg_idset *set, size_t count) FORA_MUST_USE;
void fora_neg_idset_fini(struct neg_idset *set);
/* Takes a list of whole ids (as many as reserved, at most); duplicates count once. */
void fora_neg_idset_load(struct neg_idset *set, struct fora_bytes ids);
/* True when the id is in the list; marks it. */
bool fora_neg_idset_mark(struct neg_idset *set, const uint8_t id[32]);

#endif
