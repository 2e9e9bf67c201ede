/* Handles at other domains (DOM-8). */
#ifndef FORA_CMD_HANDLE_H
#define FORA_CMD_HANDLE_H

#include "cmd/app.h"

/* "name@domain" or "@name@domain", and not "@name". */
bool handle_is_of_domain(const char *name);
/* Has the node ask the domain, checks what can be checked, and says on standard error whom it means
 * and whether that is confirmed (DOM-7). Returns an exit code. */
int handle_resolve(struct app *app, const char *text, struct fora_principal_id *out);
/* Only asks, and says nothing when nobody is found. */
bool handle_try(struct app *app, const char *text, struct fora_principal_id *out);

#endif
