/* Long work in the store: shows how far it has come, and is stopped by SIGINT or SIGTERM. */
#ifndef FORAD_CMD_WORK_H
#define FORAD_CMD_WORK_H

#include "cmd/forad.h"
#include "maintain/progress.h"

struct work {
    struct app *app;
    struct progress shown;
    struct maintain_progress progress; /* to be handed to the room that works */
    bool stopped;
};

/* `work` stays where it is until work_end: the progress points to it. SIGINT and SIGTERM are
 * blocked meanwhile and looked at between two steps, so that a transaction is never left half done.
 */
void work_begin(struct work *work, struct app *app, const char *doing, const char *unit);
void work_end(struct work *work);
/* Says "WHAT: why." with what the code or the signal means. */
int work_failed(const struct work *work, int error, const char *what);

#endif
