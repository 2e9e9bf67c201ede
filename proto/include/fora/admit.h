/*
 * Admission: may this object enter the set? A pure function of the object and of what the node
 * holds (spec/02-objects.md, ADM-*). It asks through a table of functions and stores nothing.
 *
 * Admission is about the set: an object that two honest nodes hold must be admitted by both, so it
 * depends only on the object's own references and on the policy in ways that converge. What would
 * depend on order of arrival (is the thread locked *now*) is decided in views, and by the node for
 * its own members when they post.
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
 * 0: admit. Else the code of the refusal: FORA_E_FUTURE, FORA_E_KEY, FORA_E_IDENTITY,
 * FORA_E_MISMATCH, FORA_E_FORBIDDEN, FORA_E_AUDIENCE, or what content decoding said;
 * FORA_E_UNKNOWN_AUTHOR, _UNKNOWN_PARENT and _UNKNOWN_SPACE mean: wait in the pending area and ask
 * for `missing` (a principal's or object's id). `arena` holds the decoded content, which is left in
 * *content for the caller (kind set, even when the content is absent or unknown). Signature and
 * content hash were verified before.
 */
int fora_admit(const struct fora_admit_source *source, const struct fora_object *object,
    uint64_t now, struct fora_arena *arena, struct fora_content *content,
    struct fora_object_id *missing) FORA_MUST_USE;

#endif
