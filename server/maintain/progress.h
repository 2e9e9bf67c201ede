/* How a long work tells how far it has come, and is asked to stop. */
#ifndef FORAD_MAINTAIN_PROGRESS_H
#define FORAD_MAINTAIN_PROGRESS_H

#include <stdint.h>

/* `step` may be NULL. Called on the caller's thread now and then with what is done of how much (in
 * objects); what it returns ends the work when it is not 0, and is what the work returns. */
struct maintain_progress {
    int (*step)(void *context, uint64_t done, uint64_t of);
    void *context;
};

static inline int maintain_step(
    const struct maintain_progress *progress, uint64_t done, uint64_t of)
{
    return progress != 0 && progress->step != 0 ? progress->step(progress->context, done, of) : 0;
}

#endif
