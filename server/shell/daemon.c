/*
 * The loop.
 *
 *   start: bind -> pool -> node -> signals, timer -> ready
 *   turn:  bytes, a finished job, a tick -> node -> settle (jobs, output, dials, log lines)
 *   stop:  signal -> no more listening and reading -> jobs end, answers go out, STOP_MS at most
 *          -> connections close -> the last jobs end -> end
 */
#include "core/resolve.h"
#include "shell/shell.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    STOP_MS = 3000, /* for answers to what was taken before; then connections end */
    LATER_MS = 2    /* until strangers' account is looked at again */
};

uint64_t shell_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- dialling ---- */

struct resolve {
    uv_getaddrinfo_t request;
    struct shell *shell;
    uint64_t dial;
};

static void resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct resolve *resolve = request->data;
    struct shell *shell = resolve->shell;
    if (shell->stopping) {
        /* Perhaps long after the rest has ended: neither pool nor node may be touched. */
        uv_freeaddrinfo(found);
        free(resolve);
        return;
    }
    if (status == 0 && found != NULL) {
        stream_dial(shell, found->ai_addr, resolve->dial);
    } else {
        node_dial_failed(shell->node, resolve->dial, uv_strerror(status), shell_now());
    }
    uv_freeaddrinfo(found);
    free(resolve);
    shell_settle(shell);
}

/* "host:port" or "[v6]:port" taken apart. */
static bool address_split(const char *address, char host[256], char port[8])
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || strlen(colon + 1) > 5 || colon[1] == 0) {
        return false;
    }
    size_t size = (size_t)(colon - address);
    if (size >= 2 && address[0] == '[' && address[size - 1] == ']') {
        address++;
        size -= 2;
    }
    if (size > 255) {
        return false;
    }
    memcpy(host, address, size);
    host[size] = 0;
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static void dial(struct shell *shell, const char *address, uint64_t number)
{
    char host[256], port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct resolve *resolve = calloc(1, sizeof *resolve);
    int rc = resolve == NULL ? UV_ENOMEM : address_split(address, host, port) ? 0 : UV_EINVAL;
    if (rc == 0) {
        resolve->request.data = resolve;
        resolve->shell = shell;
        resolve->dial = number;
        rc = uv_getaddrinfo(&shell->loop, &resolve->request, resolved, host, port, &hints);
    }
    if (rc != 0) {
        free(resolve);
        node_dial_failed(shell->node, number, uv_strerror(rc), shell_now());
    }
}

/* ---- every turn ---- */

static void give_jobs(struct shell *shell)
{
    struct job *job;
    while (pool_room(shell->pool) > 0 && (job = node_take_job(shell->node, shell_now())) != NULL) {
        pool_give(shell->pool, job);
    }
}

void shell_settle(struct shell *shell)
{
    uint64_t conn, number;
    const char *address;
    struct node_event event;
    /* Answers first: a thread that is given work takes the core from this one. */
    while ((conn = node_next_changed(shell->node)) != 0) {
        struct stream *stream = shell->by_conn[conn % shell->by_conn_size];
        if (stream != NULL && stream->conn == conn) {
            stream_update(stream);
        }
    }
    give_jobs(shell);
    while (
        !shell->stopping && (address = node_next_dial(shell->node, shell_now(), &number)) != NULL) {
        dial(shell, address, number);
    }
    while (node_next_event(shell->node, &event)) {
        shell_log_event(shell, &event);
    }
}

static void jobs_done(uv_poll_t *poll, int status, int events)
{
    struct shell *shell = poll->data;
    struct job *job;
    uint64_t told;
    ssize_t got = read(shell->jobs_done_fd, &told, sizeof told); /* how often does not matter */
    (void)got;
    (void)status;
    (void)events;
    while ((job = pool_take_done(shell->pool)) != NULL) {
        uint64_t begun = job->gives_way ? uv_hrtime() : 0;
        node_job_done(shell->node, job, shell_now());
        if (begun != 0) { /* sealing what they asked for */
            share_spend(&shell->share, begun, uv_hrtime());
        }
    }
    shell_settle(shell);
}

static void tell_loop(void *context)
{
    const struct shell *shell = context;
    const uint64_t one = 1;
    ssize_t put =
        write(shell->jobs_done_fd, &one, sizeof one); /* fails only when it is told anyway */
    (void)put;
}

/* What was stored is still said to have been, for as long as somebody reads it. */
static void end_streams(struct shell *shell)
{
    const struct stream *stream = shell->streams;
    while (stream != NULL && stream_sent(stream)) {
        stream = stream->next;
    }
    if (uv_now(&shell->loop) >= shell->stop_by || (stream == NULL && !node_jobs_out(shell->node))) {
        while (shell->streams != NULL) {
            stream_close(shell->streams);
        }
    }
}

static void ticked(uv_timer_t *timer);

/* Who waits for a stranger's server must not keep the node from ending. */
static void stop_asking(struct shell *shell)
{
    const struct resolver *resolver = shell->config->node.resolver;
    if (resolver != NULL) {
        resolver->stop(resolver->context);
    }
}

static void stop(struct shell *shell)
{
    if (shell->stopping) {
        return;
    }
    shell->stopping = true;
    stop_asking(shell);
    shell_log(shell, DAEMON_LOG_INFO, "shell", 0, 0, "stopping: jobs are let to their end");
    for (size_t i = 0; i < shell->listeners_count; i++) {
        uv_close((uv_handle_t *)&shell->listeners[i].tcp, NULL);
        shell->listeners[i].open = false;
    }
    for (struct stream *stream = shell->streams; stream != NULL; stream = stream->next) {
        stream_stop_reading(stream);
    }
    shell->stop_by = uv_now(&shell->loop) + STOP_MS;
    uv_timer_start(&shell->timer, ticked, 0, 10);
}

/* Without its store a node can do nothing but refuse: better that it ends, and is started again. */
static void look_at_store(struct shell *shell)
{
    int code = kv_failed(shell->config->kv);
    if (code != 0 && shell->failed == 0) {
        shell->failed = code;
        shell_log(shell, DAEMON_LOG_ERROR, "shell", 0, 0,
            "the disk failed under the store (%s); nothing that was acknowledged is in doubt. The "
            "node ends: look after the disk, and start it again",
            fora_error_text(code));
        stop(shell);
    }
}

static void ticked(uv_timer_t *timer)
{
    struct shell *shell = timer->data;
    look_at_store(shell);
    node_tick(shell->node, shell_now());
    shell_settle(shell);
    if (shell->stopping) {
        end_streams(shell);
    }
    if (shell->stopping && !node_jobs_out(shell->node) && shell->streams == NULL) {
        uv_stop(&shell->loop);
    }
}

static void signalled(uv_signal_t *handle, int number)
{
    struct shell *shell = handle->data;
    (void)number;
    stop(shell);
}

static void stop_wanted(uv_async_t *async)
{
    struct shell *shell = async->data;
    stop(shell);
}

void daemon_stop(struct shell *shell)
{
    uv_async_send(&shell->stop_wanted);
}

/* ---- starting ---- */

static void accept_one(struct listener *listener)
{
    struct shell *shell = listener->shell;
    uint64_t begun = uv_hrtime();
    listener->waits = false;
    stream_accept(shell, (uv_stream_t *)&listener->tcp);
    if (node_gives_way(shell->node, 0)) {
        share_spend(&shell->share, begun, uv_hrtime());
    }
    shell_settle(shell);
}

static void time_for_strangers(uv_timer_t *timer)
{
    struct shell *shell = timer->data;
    bool waits = false;
    streams_resume(shell); /* before newcomers: who is let in is heard, or let go */
    for (size_t i = 0; i < shell->listeners_count && !shell->stopping; i++) {
        struct listener *listener = &shell->listeners[i];
        if (listener->waits && !share_spent(&shell->share, uv_hrtime())) {
            accept_one(listener);
        }
        waits = waits || listener->waits;
    }
    shell_settle(shell);
    if (!waits && shell->later == NULL) {
        uv_timer_stop(timer);
    }
}

void shell_later(struct shell *shell)
{
    if (!uv_is_active((uv_handle_t *)&shell->later_timer)) {
        uv_timer_start(&shell->later_timer, time_for_strangers, LATER_MS, LATER_MS);
    }
}

static void arrived(uv_stream_t *tcp, int status)
{
    struct listener *listener = tcp->data;
    if (status != 0) {
        shell_log(listener->shell, DAEMON_LOG_WARNING, "shell", 0, 0, "accept on %s: %s",
            listener->address, uv_strerror(status));
        return;
    }
    listener->waits = true;
    if (node_gives_way(listener->shell->node, 0) &&
        share_spent(&listener->shell->share, uv_hrtime())) {
        shell_later(listener->shell); /* libuv asks no more until this one is accepted */
    } else {
        accept_one(listener);
    }
}

static void listener_name(struct listener *listener)
{
    struct sockaddr_storage bound;
    int size = sizeof bound;
    char host[64] = "?";
    if (uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&bound, &size) != 0) {
        return;
    }
    if (bound.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&bound;
        uv_ip6_name(in6, host, sizeof host);
        snprintf(
            listener->address, sizeof listener->address, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&bound;
        uv_ip4_name(in, host, sizeof host);
        snprintf(listener->address, sizeof listener->address, "%s:%u", host, ntohs(in->sin_port));
    }
}

static int listen_on(struct shell *shell, const char *address, struct fora_buf *why)
{
    char host[256], port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    struct listener *listener = &shell->listeners[shell->listeners_count];
    if (!address_split(address, host, port) ||
        getaddrinfo(host[0] != 0 ? host : NULL, port, &hints, &found) != 0) {
        fora_buf_printf(why,
            "cannot listen on '%s': not an address of this machine; write host:port, for example "
            "0.0.0.0:7150",
            address);
        return FORA_E_CONFIG;
    }
    int rc = uv_tcp_init(&shell->loop, &listener->tcp);
    if (rc == 0) {
        listener->tcp.data = listener;
        listener->shell = shell;
        shell->listeners_count++;
        listener->open = true;
        rc = uv_tcp_bind(&listener->tcp, found->ai_addr, 0);
    }
    freeaddrinfo(found);
    if (rc == 0) {
        rc = uv_listen((uv_stream_t *)&listener->tcp, 511, arrived);
    }
    if (rc != 0) {
        fora_buf_printf(why,
            "cannot listen on %s: %s; %schoose another one under 'listen' in forad.conf", address,
            uv_strerror(rc),
            rc == UV_EADDRINUSE      ? "another program has this port: stop it, or "
            : rc == UV_EADDRNOTAVAIL ? "this machine does not have this address: "
                                     : "");
        return rc == UV_EADDRINUSE ? FORA_E_BUSY : FORA_E_IO;
    }
    listener_name(listener);
    return 0;
}

static int ready(struct shell *shell, struct fora_buf *why)
{
    const char *path = shell->config->ready_file;
    for (size_t i = 0; i < shell->listeners_count; i++) {
        shell_log(
            shell, DAEMON_LOG_INFO, "shell", 0, 0, "listening on %s", shell->listeners[i].address);
    }
    if (shell->config->armour != NULL) {
        shell_log(shell, DAEMON_LOG_INFO, "shell", 0, 0, "%s", shell->config->armour);
    }
    if (path == NULL) {
        return 0;
    }
    /* Written beside it and renamed: who waits for the file never reads half of it. */
    char temporary[4096];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *file = fopen(temporary, "w");
    for (size_t i = 0; i < shell->listeners_count && file != NULL; i++) {
        fprintf(file, "%s\n", shell->listeners[i].address);
    }
    if (file == NULL || fclose(file) != 0 || rename(temporary, path) != 0) {
        fora_buf_printf(why, "cannot write the ready file %s", path);
        return FORA_E_IO;
    }
    return 0;
}

static unsigned workers_wanted(const struct daemon_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return config->workers != 0 ? config->workers : cores > 0 ? (unsigned)cores : 1;
}

/* Not a uv_async_t: its reader spins while the thread that told it, and that it took the core from,
 * has not returned from telling. */
static int hear_of_jobs(struct shell *shell)
{
    shell->jobs_done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    shell->jobs_done.data = shell;
    if (shell->jobs_done_fd < 0 ||
        uv_poll_init(&shell->loop, &shell->jobs_done, shell->jobs_done_fd) != 0) {
        return FORA_E_IO;
    }
    return uv_poll_start(&shell->jobs_done, UV_READABLE, jobs_done) == 0 ? 0 : FORA_E_IO;
}

static int start(struct shell *shell, struct fora_buf *why)
{
    const struct daemon_config *config = shell->config;
    int rc = 0;
    for (size_t i = 0; i < config->listen_count && rc == 0; i++) {
        rc = listen_on(shell, config->listen[i], why);
    }
    shell->by_conn_size = config->node.limits.connections_max;
    if (rc == 0) {
        rc = hear_of_jobs(shell);
    }
    if (rc == 0) {
        shell->by_conn = calloc(shell->by_conn_size, sizeof(struct stream *));
        rc = shell->by_conn == NULL ? FORA_E_NOMEM : 0;
    }
    if (rc == 0) {
        rc = node_new(&shell->node, &config->node, config->kv, shell_now());
    }
    if (rc == 0) {
        rc = pool_new(&shell->pool, workers_wanted(config),
            config->node.resolver == NULL ? 0 : ASKS_OUT_MAX, tell_loop, shell);
    }
    static const int numbers[2] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2 && rc == 0; i++) {
        uv_signal_init(&shell->loop, &shell->signals[i]);
        shell->signals[i].data = shell;
        uv_signal_start(&shell->signals[i], signalled, numbers[i]);
    }
    if (rc == 0) {
        rc = ready(shell, why);
    }
    if (rc != 0 && why->size == 0) {
        fora_buf_printf(why, "cannot start: %s", fora_error_text(rc));
    }
    return rc;
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

/* Keys of connections lie on the heap: no core file is to take them along. Best effort: what is
 * left of a core where this fails is the operator's to protect, as the store is. */
static void keep_secrets(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

int daemon_run(const struct daemon_config *config, struct fora_buf *why)
{
    keep_secrets();
    struct shell *shell = calloc(1, sizeof *shell);
    if (shell == NULL || uv_loop_init(&shell->loop) != 0) {
        free(shell);
        fora_buf_printf(why, "cannot start: %s", fora_error_text(FORA_E_NOMEM));
        return FORA_E_NOMEM;
    }
    signal(SIGPIPE, SIG_IGN);
    shell->config = config;
    shell->jobs_done_fd = -1;
    shell->timer.data = shell;
    shell->stop_wanted.data = shell;
    uv_async_init(&shell->loop, &shell->stop_wanted, stop_wanted);
    uv_timer_init(&shell->loop, &shell->timer);
    uv_timer_init(&shell->loop, &shell->later_timer);
    shell->later_timer.data = shell;
    shell->later_last = &shell->later;
    addresses_init(&shell->addresses);
    int rc = start(shell, why);
    if (rc == 0) {
        uv_timer_start(&shell->timer, ticked, 100, 1000);
        if (config->started != NULL) {
            config->started(config->started_context, shell);
        }
        shell_settle(shell);
        uv_run(&shell->loop, UV_RUN_DEFAULT);
        rc = shell->failed;
        if (rc != 0) {
            fora_buf_printf(why, "the disk failed under the store: %s", fora_error_text(rc));
        }
    }
    stop_asking(shell);
    pool_free(shell->pool);
    shell->stopping = true;
    while (shell->streams != NULL) {
        stream_close(shell->streams);
    }
    uv_walk(&shell->loop, close_handle, NULL);
    uv_run(&shell->loop, UV_RUN_DEFAULT);
    uv_loop_close(&shell->loop);
    if (shell->jobs_done_fd >= 0) {
        close(shell->jobs_done_fd);
    }
    node_free(shell->node);
    free(shell->by_conn);
    free(shell);
    return rc;
}
