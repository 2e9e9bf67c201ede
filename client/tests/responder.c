/* The listener: sockets and sessions. */
#include "responder.h"

#include "fora/noise.h"
#include "fora/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "responder: %s fails\n", #condition);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

uint64_t responder_now(void)
{
    struct timespec now;
    MUST(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void hang_up(struct responder_peer *peer)
{
    fora_session_free(peer->session);
    (void)close(peer->socket);
    *peer = (struct responder_peer){.socket = -1};
}

static void take_peer(struct responder *r)
{
    struct responder_peer *peer = NULL;
    struct fora_bytes log = fora_buf_bytes(&r->objects[0]);
    struct fora_session_config config = {.noise_secret = r->noise_secret,
        .hello = {.agent = fora_bytes_str("responder/1"),
            .node = r->node,
            .identity = &log,
            .identity_count = r->mode == RESPONDER_NO_LOG ? 0 : 1,
            .now = responder_now()}};
    int socket = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        return;
    }
    for (size_t i = 0; i < RESPONDER_PEERS_MAX; i++) {
        peer = r->peers[i].socket < 0 ? &r->peers[i] : peer;
    }
    MUST(peer != NULL);
    peer->socket = socket;
    MUST(fora_session_new(&peer->session, &config, responder_now()) == 0);
}

static void deal(struct responder *r, struct responder_peer *peer)
{
    struct fora_session_event event;
    while (peer->socket >= 0 && fora_session_next(peer->session, &event) == 0 &&
           event.type != FORA_SESSION_EVENT_NONE) {
        if (event.type == FORA_SESSION_EVENT_FRAME) {
            size_t size = event.frame_size;
            if (r->mode == RESPONDER_HANGUP) {
                hang_up(peer);
                return;
            }
            if (r->mode != RESPONDER_SILENT && event.message->type != FORA_MSG_ERROR) {
                responder_answer(r, peer, event.message);
            }
            fora_session_consumed(peer->session, size);
        }
    }
}

static void read_peer(struct responder *r, struct responder_peer *peer)
{
    uint8_t input[16384];
    ssize_t got = recv(peer->socket, input, sizeof input, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        hang_up(peer);
        return;
    }
    struct fora_bytes left = fora_bytes(input, got < 0 ? 0 : (size_t)got);
    deal(r, peer);
    while (peer->socket >= 0 && left.size > 0) {
        size_t taken;
        if (fora_session_feed(peer->session, left, &taken) != 0) {
            hang_up(peer);
            return;
        }
        left = fora_bytes(left.data + taken, left.size - taken);
        deal(r, peer);
    }
}

static void write_peer(struct responder_peer *peer)
{
    struct fora_bytes output;
    while ((output = fora_session_output(peer->session)).size > 0) {
        ssize_t sent = send(peer->socket, output.data, output.size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        fora_session_output_done(peer->session, (size_t)sent);
    }
}

static void *serve(void *context)
{
    struct responder *r = context;
    while (!atomic_load(&r->stopping)) {
        struct pollfd wait[RESPONDER_PEERS_MAX + 1];
        wait[0] = (struct pollfd){.fd = r->listener, .events = POLLIN};
        for (size_t i = 0; i < RESPONDER_PEERS_MAX; i++) {
            wait[i + 1] = (struct pollfd){.fd = r->peers[i].socket, .events = POLLIN};
        }
        (void)poll(wait, RESPONDER_PEERS_MAX + 1, 20);
        if ((wait[0].revents & POLLIN) != 0) {
            take_peer(r);
        }
        for (size_t i = 0; i < RESPONDER_PEERS_MAX; i++) {
            if (wait[i + 1].fd >= 0 && wait[i + 1].revents != 0) {
                read_peer(r, &r->peers[i]);
            }
        }
        for (size_t i = 0; i < RESPONDER_PEERS_MAX; i++) {
            if (r->peers[i].socket >= 0) {
                responder_push(r, &r->peers[i]);
                write_peer(&r->peers[i]);
            }
        }
    }
    return NULL;
}

void responder_start(struct responder *r, enum responder_mode mode)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    memset(r, 0, sizeof *r);
    r->mode = mode;
    for (size_t i = 0; i < RESPONDER_PEERS_MAX; i++) {
        r->peers[i].socket = -1;
    }
    MUST(fora_crypto_init() == 0);
    responder_found(r);
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    MUST(r->listener >= 0);
    MUST(bind(r->listener, (const struct sockaddr *)&address, sizeof address) == 0);
    MUST(listen(r->listener, 8) == 0);
    MUST(getsockname(r->listener, (struct sockaddr *)&address, &size) == 0);
    r->port = ntohs(address.sin_port);
    MUST(pthread_create(&r->thread, NULL, serve, r) == 0);
    r->started = true;
}

void responder_stop(struct responder *r)
{
    if (!r->started) {
        return;
    }
    atomic_store(&r->stopping, true);
    MUST(pthread_join(r->thread, NULL) == 0);
    for (size_t i = 0; i < RESPONDER_PEERS_MAX; i++) {
        if (r->peers[i].socket >= 0) {
            hang_up(&r->peers[i]);
        }
    }
    (void)close(r->listener);
    for (size_t i = 0; i < r->objects_count; i++) {
        fora_buf_fini(&r->objects[i]);
    }
    for (size_t i = 0; i < r->members_count; i++) {
        fora_secret_free(r->members[i].device);
    }
    fora_secret_free(r->root);
    r->started = false;
}

void responder_address(const struct responder *r, char out[32])
{
    (void)snprintf(out, 32, "127.0.0.1:%u", (unsigned)r->port);
}
