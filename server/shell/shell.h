/* The daemon from within. */
#ifndef FORAD_SHELL_SHELL_H
#define FORAD_SHELL_SHELL_H

#include "shell/daemon.h"
#include "shell/pool.h"
#include "shell/share.h"
#include "shell/stream.h"

#include <uv.h>

struct listener {
    uv_tcp_t tcp;
    struct shell *shell;
    char address[300];
    bool open;
    bool waits; /* somebody has connected; accepted when strangers have time again */
};

struct shell {
    const struct daemon_config *config;
    uv_loop_t loop;
    uv_poll_t jobs_done;
    int jobs_done_fd; /* owned: an eventfd, -1: none */
    uv_async_t stop_wanted;
    uv_timer_t timer;
    uv_signal_t signals[2];
    struct listener listeners[DAEMON_LISTEN_MAX];
    size_t listeners_count;
    struct node *node;
    struct pool *pool;
    struct stream *streams;
    struct stream *later; /* strangers' that are not read for the moment, in order */
    struct stream **later_last;
    uv_timer_t later_timer;
    struct share share;
    struct addresses addresses;
    struct stream **by_conn; /* owned: by number % size */
    size_t by_conn_size;
    bool stopping;
    int failed;               /* why it stops by itself */
    uint64_t stop_by;         /* of the loop's clock: until then answers go out */
    uint8_t input[64 * 1024]; /* one read at a time happens on the loop */
};

uint64_t shell_now(void); /* ms since 1970 */
/* Comes back to who waits for time: stream.c. */
void shell_later(struct shell *shell);
/* After anything that may have changed the node: gives jobs away, moves output, dials, writes the
 * log. */
void shell_settle(struct shell *shell);
void shell_log(const struct shell *shell, int level, const char *room, uint64_t conn,
    uint64_t request, const char *format, ...) FORA_PRINTF(6, 7);
/* A line for an event of the node. */
void shell_log_event(const struct shell *shell, const struct node_event *event);

#endif
