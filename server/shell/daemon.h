/*
 * The thin shell around a node: libuv for sockets and timers, threads for jobs, standard error for
 * the log.
 */
#ifndef FORAD_SHELL_DAEMON_H
#define FORAD_SHELL_DAEMON_H

#include "core/node.h"

enum { DAEMON_LISTEN_MAX = 8 };

enum daemon_log {
    DAEMON_LOG_ERROR = 3,
    DAEMON_LOG_WARNING = 4,
    DAEMON_LOG_INFO = 6,
    DAEMON_LOG_DEBUG = 7
};

struct shell; /* a daemon that runs */

struct daemon_config {
    struct node_config node;
    struct kv *kv;                         /* borrowed */
    const char *listen[DAEMON_LISTEN_MAX]; /* "host:port" or "[v6]:port"; port 0: any */
    size_t listen_count;
    unsigned workers;       /* threads for jobs besides the writer; 0: one per core */
    int log_level;          /* enum daemon_log */
    const char *armour;     /* what was given up before, for the log; NULL: nothing is said */
    const char *ready_file; /* written with the addresses listened on once ready; NULL: none */
    /* Called once it listens, by the thread that runs it; may be NULL. */
    void (*started)(void *context, struct shell *shell);
    void *started_context;
};

/*
 * Runs until SIGINT or SIGTERM, or until daemon_stop; then stops listening, lets jobs end, closes.
 * 0, or a code with a sentence in `why`: a port that is in use is FORA_E_BUSY and names the
 * address; a store that failed for good (kv_failed) ends it by itself.
 */
int daemon_run(const struct daemon_config *config, struct fora_buf *why) FORA_MUST_USE;

/* Asks it to stop, from any thread, once. `shell` is what `started` was given, and dies when
 * daemon_run returns. */
void daemon_stop(struct shell *shell);

#endif
