/* What an object may refer to, by kind (ADM-8). */
#ifndef FORA_ADMIT_REFERENCES_H
#define FORA_ADMIT_REFERENCES_H

#include "fora/admit.h"

/*
 * Checks root and parent against what is held. 0, FORA_E_UNKNOWN_PARENT with *missing,
 * FORA_E_MISMATCH, FORA_E_AUDIENCE, or what a lookup said.
 */
int admit_references(const struct fora_admit_source *source, const struct fora_object *object,
    struct fora_object_id *missing) FORA_MUST_USE;
/* What the content adds to that: an answer answers the thread, a lock locks a thread. `content` is
 * decoded. 0 or FORA_E_MISMATCH. */
int admit_content_place(
    const struct fora_object *object, const struct fora_content *content) FORA_MUST_USE;

#endif
