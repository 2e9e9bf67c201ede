/* How a thread is shown: to people, and to programs. */
#ifndef FORA_CMD_SHOW_H
#define FORA_CMD_SHOW_H

#include "cmd/thread.h"

void show_thread(struct fora_buf *out, const struct app *app, const struct thread *thread);
/* Returns an exit code. */
int show_thread_json(struct app *app, const struct thread *thread);
/* "frobnicator 5.0 to 5.2, gadget from 2" */
void show_applies_to(struct fora_buf *out, const struct fora_applies_to *list, size_t count);

#endif
