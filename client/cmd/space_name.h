/* How a new space is called, so that people can tell it from those that are there. */
#ifndef FORA_CMD_SPACE_NAME_H
#define FORA_CMD_SPACE_NAME_H

#include "cmd/app.h"

enum { SPACE_SLUG_ROOM = 48 };

/* Gives the policy of a new space a short name, in `slug`, unless --slug gave one; refuses one that
 * a space here has, and a name that a space of the same owner has, unless --slug tells the two
 * apart. Returns an exit code. */
int space_name_apart(
    struct app *app, struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM]);

#endif
