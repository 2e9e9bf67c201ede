/*
 * Session, socket, poll.
 *
 *   turn: frames that are there -> input that was read -> write -> poll -> read
 *
 * A frame that a call waits for stays in the session until the next call.
 */
#include "testkit/peer.h"

#include "testkit/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OPEN_SECONDS = 10, PUTS_MAX = 4096, INPUT_SIZE = 64 * 1024 };

struct put {
    uint64_t request;
    int *codes; /* the caller's */
    size_t count;
};

struct kit_peer {
    int fd;
    struct fora_session *session;
    bool open;
    struct put puts[PUTS_MAX]; /* in any order */
    size_t puts_count;
    uint64_t wanted; /* request whose answer is waited for, or 0 */
    const struct fora_message *answer;
    size_t held; /* frame bytes of it */
    uint8_t input[INPUT_SIZE];
    size_t input_at, input_size;
};

int kit_peer_fd(const struct kit_peer *peer)
{
    return peer->fd;
}

struct fora_session *kit_peer_session(struct kit_peer *peer)
{
    return peer->session;
}

size_t kit_peer_outstanding(const struct kit_peer *peer)
{
    return peer->puts_count;
}

static int write_out(struct kit_peer *peer)
{
    struct fora_bytes output;
    while ((output = fora_session_output(peer->session)).size > 0) {
        ssize_t sent = send(peer->fd, output.data, output.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return 0;
        }
        if (sent <= 0) {
            return FORA_E_CLOSED;
        }
        fora_session_output_done(peer->session, (size_t)sent);
    }
    return 0;
}

/* Every code of a Put: by its result, or by the Error that refuses it whole. */
static void put_answered(struct kit_peer *peer, const struct fora_message *message)
{
    size_t at = 0;
    while (at < peer->puts_count && peer->puts[at].request != message->request) {
        at++;
    }
    if (at == peer->puts_count) {
        return;
    }
    struct put put = peer->puts[at];
    peer->puts[at] = peer->puts[--peer->puts_count];
    const struct fora_msg_put_result *result = &message->u.put_result;
    bool whole = message->type == FORA_MSG_ERROR;
    KIT_CHECK(whole || result->results_count == put.count, "a PutResult of %zu for a Put of %zu",
        result->results_count, put.count);
    for (size_t i = 0; i < put.count; i++) {
        put.codes[i] =
            fora_error_from_wire(whole ? message->u.error.code : result->results[i].code);
    }
}

static int take_frames(struct kit_peer *peer)
{
    struct fora_session_event event;
    while (peer->answer == NULL) {
        int rc = fora_session_next(peer->session, &event);
        if (rc != 0) {
            return rc;
        }
        if (event.type == FORA_SESSION_EVENT_NONE) {
            break;
        }
        if (event.type == FORA_SESSION_EVENT_OPEN) {
            peer->open = true;
            continue;
        }
        if (event.message->type == FORA_MSG_PUT_RESULT || event.message->type == FORA_MSG_ERROR) {
            put_answered(peer, event.message);
        }
        if (peer->wanted != 0 && event.message->request == peer->wanted) {
            peer->answer = event.message;
            peer->held = event.frame_size;
            return 0;
        }
        fora_session_consumed(peer->session, event.frame_size);
    }
    return fora_session_state(peer->session) != FORA_SESSION_CLOSED ? 0
           : fora_session_error(peer->session) != 0 ? fora_session_error(peer->session)
                                                    : FORA_E_CLOSED;
}

static int feed(struct kit_peer *peer)
{
    int rc = take_frames(peer);
    while (rc == 0 && peer->answer == NULL && peer->input_at < peer->input_size) {
        size_t taken = 0;
        struct fora_bytes rest =
            fora_bytes(peer->input + peer->input_at, peer->input_size - peer->input_at);
        rc = fora_session_feed(peer->session, rest, &taken);
        peer->input_at += taken;
        rc = rc == 0 ? take_frames(peer) : rc;
    }
    return rc;
}

/* What the last call borrowed is given back. */
static void release(struct kit_peer *peer)
{
    if (peer->answer != NULL) {
        fora_session_consumed(peer->session, peer->held);
    }
    peer->answer = NULL;
    peer->wanted = 0;
}

/* One exchange with the socket. */
static int turn(struct kit_peer *peer, int wait_ms)
{
    int rc = feed(peer);
    if (rc != 0 || peer->answer != NULL) {
        return rc;
    }
    rc = write_out(peer);
    struct pollfd poll_fd = {.fd = peer->fd, .events = POLLIN};
    if (fora_session_output(peer->session).size > 0) {
        poll_fd.events |= POLLOUT;
    }
    poll(&poll_fd, 1, rc == 0 ? wait_ms : 0);
    if (rc != 0 || (poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        ssize_t size = recv(peer->fd, peer->input, sizeof peer->input, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN) || (size < 0 && rc != 0)) {
            return FORA_E_CLOSED;
        }
        peer->input_at = 0;
        peer->input_size = size > 0 ? (size_t)size : 0;
        rc = feed(peer);
        return rc == 0 ? write_out(peer) : rc;
    }
    return 0;
}

int kit_peer_turn(struct kit_peer *peer, int wait_ms)
{
    if (peer->answer != NULL) {
        release(peer);
    }
    return turn(peer, wait_ms);
}

static int connect_to(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char host[64];
    int one = 1;
    const char *colon = strrchr(address, ':');
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    KIT_CHECK(fd >= 0 && colon != NULL, "no socket: %s", strerror(errno));
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    KIT_CHECK(inet_pton(AF_INET, host, &to.sin_addr) == 1, "%s is no address", address);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static int session_open(struct kit_peer *peer, const struct bench_node *self, uint64_t credit)
{
    uint8_t noise[32];
    struct fora_bytes identity;
    struct fora_session_config config = {
        .initiator = true, .noise_secret = self != NULL ? self->noise : noise};
    fora_random(noise, sizeof noise);
    config.hello.agent = fora_bytes_str("fora-testkit");
    config.hello.requests_max = 1024;
    config.hello.credit = credit != 0 ? credit : 8 * 1024 * 1024;
    if (self != NULL) {
        identity = fora_buf_bytes(&self->identity);
        config.hello.node = self->id;
        config.hello.identity = &identity;
        config.hello.identity_count = 1;
    }
    int rc = fora_session_new(&peer->session, &config, kit_now());
    for (uint64_t end = kit_now() + OPEN_SECONDS * 1000; rc == 0 && !peer->open;) {
        rc = kit_now() < end ? turn(peer, 100) : FORA_E_TIMEOUT;
    }
    return rc;
}

int kit_peer_open(
    struct kit_peer **out, const char *address, const struct bench_node *self, uint64_t credit)
{
    struct kit_peer *peer = calloc(1, sizeof *peer);
    *out = NULL;
    KIT_CHECK(peer != NULL, "no memory");
    peer->fd = connect_to(address);
    int rc = peer->fd >= 0 ? session_open(peer, self, credit) : FORA_E_CLOSED;
    if (rc != 0) {
        kit_peer_close(peer);
        return rc;
    }
    *out = peer;
    return 0;
}

void kit_peer_close(struct kit_peer *peer)
{
    if (peer != NULL) {
        if (peer->fd >= 0) {
            close(peer->fd);
        }
        fora_session_free(peer->session);
        free(peer);
    }
}

int kit_peer_send(struct kit_peer *peer, struct fora_message *request)
{
    request->request = fora_session_request(peer->session);
    int rc = fora_session_send(peer->session, request);
    return rc == 0 ? write_out(peer) : rc;
}

int kit_peer_put(struct kit_peer *peer, const struct fora_bytes *objects, int *codes, size_t count)
{
    struct fora_message message = {.type = FORA_MSG_PUT};
    struct fora_bytes *list = malloc(count * sizeof *list);
    int rc;
    KIT_CHECK(list != NULL && count > 0, "no memory");
    memcpy(list, objects, count * sizeof *list);
    message.u.put.objects = list;
    message.u.put.objects_count = count;
    release(peer);
    for (size_t i = 0; i < count; i++) {
        codes[i] = KIT_UNANSWERED;
    }
    while (peer->puts_count == PUTS_MAX || (rc = kit_peer_send(peer, &message)) == FORA_E_CREDIT) {
        rc = turn(peer, 1000);
        if (rc != 0) {
            break;
        }
    }
    if (rc == 0) {
        peer->puts[peer->puts_count++] = (struct put){message.request, codes, count};
        rc = turn(peer, 0);
    }
    free(list);
    return rc;
}

int kit_peer_drain(struct kit_peer *peer, unsigned seconds)
{
    int rc = 0;
    for (uint64_t end = kit_now() + seconds * 1000u; rc == 0 && peer->puts_count > 0;) {
        rc = kit_now() < end ? kit_peer_turn(peer, 100) : FORA_E_TIMEOUT;
    }
    return rc;
}

int kit_peer_call(struct kit_peer *peer, struct fora_message *request, uint32_t type,
    unsigned seconds, const struct fora_message **answer)
{
    uint64_t end = kit_now() + seconds * 1000u;
    int rc;
    release(peer);
    while ((rc = kit_peer_send(peer, request)) == FORA_E_CREDIT) {
        rc = kit_now() < end ? turn(peer, 100) : FORA_E_TIMEOUT;
        if (rc != 0) {
            break;
        }
    }
    peer->wanted = rc == 0 ? request->request : 0;
    while (rc == 0 && peer->answer == NULL) {
        rc = kit_now() < end ? turn(peer, 100) : FORA_E_TIMEOUT;
    }
    if (rc != 0) {
        return rc;
    }
    if (peer->answer->type == FORA_MSG_ERROR) {
        return fora_error_from_wire(peer->answer->u.error.code);
    }
    *answer = peer->answer;
    return peer->answer->type == type ? 0 : FORA_E_STATE;
}
