/* Whom a text that is being posted mentions (KIND-MENTION-2). */
#ifndef FORA_CMD_MENTION_H
#define FORA_CMD_MENTION_H

#include "cmd/app.h"

struct mentions {
    struct fora_principal_id ids[FORA_MENTIONS_MAX];
    size_t count;
};

/*
 * Those of --mention, and of the words with an @ in `text`: a handle at the node, a name@domain, or
 * the name of somebody in the thread `root` (NULL: a new one). Says on standard error who is
 * mentioned and which words mean nobody. The author herself is left out. Returns an exit code: that
 * a word means nobody is no failure, that a --mention does is one.
 */
int mention_all(struct app *app, const struct fora_object_id *root, struct fora_bytes text,
    struct mentions *out);

#endif
