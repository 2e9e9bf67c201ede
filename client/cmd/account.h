/* Private to the commands about oneself. */
#ifndef FORA_CMD_ACCOUNT_H
#define FORA_CMD_ACCOUNT_H

#include "cmd/commands.h"

/* Takes name and rights from an AuthOk. */
void app_take_auth(struct app *app, const struct fora_msg_auth_ok *ok);

/* Who is logged in: as text after the words `done`, with --quiet the id alone; as an object that is
 * opened and still open. */
void account_text(struct app *app, const char *done);
void account_json(const struct app *app, struct js_writer *w);

/* Opens the member's own keys into app->own, making them if there are none, with `home` as the home
 * that the log says. Returns an exit code. */
int own_identity_for(struct app *app, const struct fora_principal_id *home);

#endif
