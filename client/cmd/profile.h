/* One's own profile, which is replaced whole. */
#ifndef FORA_CMD_PROFILE_H
#define FORA_CMD_PROFILE_H

#include "cmd/people.h"

enum { PROFILE_LINKS_MAX = 8, PROFILE_WITHHELD_MAX = 64 };

struct profile_draft {
    struct fora_content content; /* its lists are those below */
    struct fora_bytes links[PROFILE_LINKS_MAX];
    struct fora_withheld withheld[PROFILE_WITHHELD_MAX];
};

/* The profile as it stands; `me` may be NULL, for who has none. Borrows from both. */
void profile_draft(struct profile_draft *out, const struct app *app, const struct person *me);

#endif
