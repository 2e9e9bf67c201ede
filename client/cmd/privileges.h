/*
 * Privileges (POL-11): the table of a space, and where a member stands in it. Everything is read
 * from the policy that this program folded; a standing only tells what comes next.
 */
#ifndef FORA_CMD_PRIVILEGES_H
#define FORA_CMD_PRIVILEGES_H

#include "fora/policy.h"
#include "json/js.h"

/* The table; nothing in texts when there is none. */
void privileges_text(struct fora_buf *out, const struct fora_policy *policy);
void privileges_json(struct js_writer *w, const struct fora_policy *policy); /* "privileges" */

/* Borrowed for the call. */
struct privileges_of {
    const struct fora_policy *policy;
    struct fora_principal_id member;
    uint64_t standing; /* as stated */
    uint64_t at;       /* ms */
};
/* Does she hold a role? */
bool privileges_any(const struct privileges_of *of);
/* Her roles, what she earned and has not yet, what was taken away, what is next: a line each.
 * False: there is none of these. */
bool privileges_of_text(struct fora_buf *out, const struct privileges_of *of);
/* "roles" and "next" (an empty object when nothing is). */
void privileges_of_json(struct js_writer *w, const struct privileges_of *of);

#endif
