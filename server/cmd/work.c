/* Progress on the terminal, and stopping between two steps. */
#include "cmd/work.h"

#include <signal.h>

static void signals(sigset_t *out)
{
    (void)sigemptyset(out);
    (void)sigaddset(out, SIGINT);
    (void)sigaddset(out, SIGTERM);
}

static int step(void *context, uint64_t done, uint64_t of)
{
    struct work *work = context;
    sigset_t pending;
    app_progress(work->app, &work->shown, done, of);
    if (sigpending(&pending) == 0 &&
        (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1)) {
        work->stopped = true;
        return FORA_E_CLOSED;
    }
    return 0;
}

void work_begin(struct work *work, struct app *app, const char *doing, const char *unit)
{
    sigset_t stop;
    *work = (struct work){.app = app, .shown = {.doing = doing, .unit = unit}};
    work->progress = (struct maintain_progress){.step = step, .context = work};
    signals(&stop);
    (void)sigprocmask(SIG_BLOCK, &stop, NULL);
}

/* A signal that came is not delivered after all: what it asked for was done. */
void work_end(struct work *work)
{
    sigset_t stop;
    int number;
    app_progress_end(work->app, &work->shown);
    signals(&stop);
    if (work->stopped) {
        (void)sigwait(&stop, &number);
    }
    (void)sigprocmask(SIG_UNBLOCK, &stop, NULL);
}

int work_failed(const struct work *work, int error, const char *what)
{
    if (work->stopped) {
        return app_fail(work->app, FORAD_LOCAL, "%s: stopped by a signal.", what);
    }
    return app_fail(work->app, app_exit_of(error), "%s: %s (%s).", what, fora_error_text(error),
        fora_error_name(error));
}
