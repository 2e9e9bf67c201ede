/* Where an object is, and where a space is held: what the node says (REP-14). */
#ifndef FORA_CMD_DELIVERY_H
#define FORA_CMD_DELIVERY_H

#include "cmd/app.h"

/* Shows it of an object (an id or a prefix of one that was shown) or of a space (its id or short
 * name). */
int delivery_show(struct app *app, const char *name);
/*
 * Before something is written: notes which nodes refuse what comes from this one, and appends to
 * `help` (for the editor; may be NULL) who will hold it. What cannot be learned is left out:
 * whether it may be posted is decided by the node.
 */
void delivery_foretell(struct app *app, const struct fora_space_id *space, struct fora_buf *help);

#endif
