/* How a new space is called, by fora and by forad, so that people can tell it from those that are
 * there. */
#ifndef FORA_CMD_SPACE_NAME_H
#define FORA_CMD_SPACE_NAME_H

#include "fora/policy.h"

enum { SPACE_SLUG_ROOM = 48 };

/*
 * Gives the policy of a new space of `owner` a short name, in `slug`, unless it has one. `there`:
 * the policies of the spaces that the node has. FORA_E_EXISTS: one of these has the short name
 * already, or `owner` has a space of the same name and no short name tells the two apart; `said`
 * gets a sentence on it. With 0 it may get a remark.
 */
int space_name_apart(struct fora_policy *const *there, size_t count,
    const struct fora_principal_id *owner, struct fora_policy_statement *policy,
    char slug[SPACE_SLUG_ROOM], struct fora_buf *said) FORA_MUST_USE;

#endif
