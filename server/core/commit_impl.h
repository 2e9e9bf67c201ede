/* The writer from within: what commit.c and commit_may.c share. */
#ifndef FORAD_CORE_COMMIT_IMPL_H
#define FORAD_CORE_COMMIT_IMPL_H

#include "core/commit.h"
#include "fora/admit.h"

/* What admission asks of a stored object; FORA_E_NOTFOUND. */
int commit_ref(struct commit_txn *txn, const struct fora_object_id *id,
    struct fora_admit_ref *out) FORA_MUST_USE;

/* May its author, a member of this node, add it now and at its date? 0, FORA_E_FORBIDDEN (POL-9,
 * VIEW-6, VIEW-7), FORA_E_LOCKED (VIEW-5). `object` was admitted. */
int commit_member_may(struct commit_txn *txn, const struct fora_object *object,
    const struct fora_content *content) FORA_MUST_USE;

#endif
