/*
 * Admission: may this object enter the set? A pure function of the object and of what the node
 * holds (spec/02a-admission.md, ADM-*). It asks through a table of functions and stores nothing.
 *
 * Admission is about the set, and two honest nodes must come to the same set whatever arrives
 * first. So it never asks about rights that a statement may give or take (roles, bans, locks): a
 * view decides what an object without right does, which is nothing; and a node asks
 * fora_policy_may_post() and fora_view_may_add() for its own members when they post (ADM-3).
 */
#ifndef FORA_ADMIT_H
#define FORA_ADMIT_H

#include "fora/identity.h"
#include "fora/policy.h"

/* What admission needs to know of an object that is held. */
struct fora_admit_ref {
    uint32_t kind;
    struct fora_principal_id author;
    struct fora_space_id space;
    struct fora_object_id root; /* zeros for a thread itself */
    uint32_t audience;
};

/* Lookups. Each returns 0, FORA_E_NOTFOUND, or an error that ends admission. Results are borrowed
 * until the next call. */
struct fora_admit_source {
    void *context;
    int (*identity)(
        void *context, const struct fora_principal_id *principal, const struct fora_identity **out);
    int (*policy)(void *context, const struct fora_space_id *space, const struct fora_policy **out);
    int (*object)(void *context, const struct fora_object_id *id, struct fora_admit_ref *out);
};

/*
 * 0: admit. Else why not, in three classes (ADM-2):
 * - for ever: FORA_E_MISMATCH, _AUDIENCE, _IDENTITY, or what decoding the content said: it may be
 *   remembered by id;
 * - wait: FORA_E_UNKNOWN_AUTHOR (no log, or a key that the log does not name yet), _UNKNOWN_PARENT,
 *   _UNKNOWN_SPACE: keep it in the pending area, ask for `missing` (a principal's, object's or
 *   space's id), try again when it came;
 * - not as things stand: FORA_E_NO_CONTENT (another peer may have it whole), _FUTURE (the clock),
 *   _KEY (revoked, or not yet added: the log may change), _FORBIDDEN (a policy statement by
 *   somebody whom no statement names, ADM-11), _LIMIT. Drop it, and do not remember it.
 *
 * FORA_E_NOMEM and errors of lookups pass through. `arena` holds the decoded content, which is left
 * in *content for the caller (kind set, even when the content is absent or unknown). Signature and
 * content hash were verified before. An identity entry that is admitted is to be added to the log
 * with fora_identity_add(), a statement with fora_policy_add(), before the next call.
 */
int fora_admit(const struct fora_admit_source *source, const struct fora_object *object,
    uint64_t now, struct fora_arena *arena, struct fora_content *content,
    struct fora_object_id *missing) FORA_MUST_USE;

/* May an object of that kind be held without its content (ADM-6)? Of the others nothing may be
 * erased, since no other node would take what is left. */
bool fora_admit_without_content(uint32_t kind);

#endif
