/* Which of what is attested about oneself is shown (ATT-14). */
#ifndef FORA_CMD_WITHHOLD_H
#define FORA_CMD_WITHHOLD_H

#include "cmd/app.h"

/* Withholds what the command line names, or has it shown again; and what one carries follows. An
 * exit code. */
int withhold_run(struct app *app, bool withhold);

#endif
