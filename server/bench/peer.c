/* A blocking end of a connection: session, socket, poll. */
#include "fora/session.h"
#include "measure.h"
#include "process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct bench_peer {
    int fd;
    struct fora_session *session;
    bool open;
    uint64_t puts;     /* sent */
    uint64_t answered; /* Puts */
    uint64_t stored;
    uint64_t wanted; /* request whose answer is waited for, or 0 */
    const struct fora_message *answer;
    size_t held; /* frame bytes of it */
    uint8_t input[256 * 1024];
    size_t input_at, input_size;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void die(const char *what)
{
    fprintf(stderr, "bench: peer: %s\n", what);
    exit(1);
}

static void write_out(struct bench_peer *peer)
{
    struct fora_bytes output;
    while ((output = fora_session_output(peer->session)).size > 0) {
        ssize_t sent = send(peer->fd, output.data, output.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        }
        if (sent <= 0) {
            die("the node closed the connection");
        }
        fora_session_output_done(peer->session, (size_t)sent);
    }
}

static void put_answered(struct bench_peer *peer, const struct fora_msg_put_result *result)
{
    peer->answered++;
    for (size_t i = 0; i < result->results_count; i++) {
        if (result->results[i].code != 0) {
            fprintf(stderr, "bench: an object was refused: %s\n",
                fora_error_text(fora_error_from_wire(result->results[i].code)));
            exit(1);
        }
        peer->stored++;
    }
}

/* Takes the frames that are there; true when the wanted answer is among them. */
static bool take_frames(struct bench_peer *peer)
{
    struct fora_session_event event;
    while (fora_session_next(peer->session, &event) == 0 && event.type != FORA_SESSION_EVENT_NONE) {
        if (event.type == FORA_SESSION_EVENT_OPEN) {
            peer->open = true;
            continue;
        }
        if (peer->wanted != 0 && event.message->request == peer->wanted) {
            peer->answer = event.message;
            peer->held = event.frame_size;
            return true;
        }
        if (event.message->type == FORA_MSG_PUT_RESULT) {
            put_answered(peer, &event.message->u.put_result);
        } else if (event.message->type == FORA_MSG_ERROR) {
            fprintf(stderr, "bench: the node says: %.*s\n", (int)event.message->u.error.text.size,
                (const char *)event.message->u.error.text.data);
            exit(1);
        }
        fora_session_consumed(peer->session, event.frame_size);
    }
    if (fora_session_state(peer->session) == FORA_SESSION_CLOSED) {
        die(fora_error_text(fora_session_error(peer->session)));
    }
    return false;
}

/* Moves bytes once; true when the wanted answer came. */
static bool turn(struct bench_peer *peer, bool wait)
{
    if (take_frames(peer)) {
        return true;
    }
    if (peer->input_at < peer->input_size) {
        size_t taken = 0;
        struct fora_bytes rest =
            fora_bytes(peer->input + peer->input_at, peer->input_size - peer->input_at);
        bench_need(fora_session_feed(peer->session, rest, &taken), "the session");
        peer->input_at += taken;
        return take_frames(peer);
    }
    write_out(peer);
    struct pollfd poll_fd = {.fd = peer->fd, .events = POLLIN};
    if (fora_session_output(peer->session).size > 0) {
        poll_fd.events |= POLLOUT;
    }
    if (poll(&poll_fd, 1, wait ? 60000 : 0) == 0 && wait) {
        die("no answer for a minute");
    }
    if ((poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        ssize_t size = recv(peer->fd, peer->input, sizeof peer->input, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN)) {
            die("the node closed the connection");
        }
        peer->input_at = 0;
        peer->input_size = size > 0 ? (size_t)size : 0;
    }
    return false;
}

static void peer_open(struct bench_peer **out, const char *address, const struct bench_node *self)
{
    struct bench_peer *peer = calloc(1, sizeof *peer);
    struct sockaddr_in to = {.sin_family = AF_INET};
    char host[80];
    int one = 1;
    uint8_t noise[32];
    struct fora_bytes identity;
    snprintf(host, sizeof host, "%s", address);
    char *colon = strrchr(host, ':');
    if (peer == NULL || colon == NULL) {
        die("no address");
        return;
    }
    *colon = 0;
    to.sin_port = htons((uint16_t)atoi(colon + 1));
    inet_pton(AF_INET, host, &to.sin_addr);
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        die("cannot connect");
    }
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct fora_session_config config = {
        .initiator = true, .noise_secret = self != NULL ? self->noise : noise};
    fora_random(noise, sizeof noise);
    config.hello.version = 1;
    config.hello.agent = fora_bytes_str("fora-bench");
    config.hello.frame_max = FORA_FRAME_MAX;
    config.hello.requests_max = 1024;
    config.hello.credit = 8 * 1024 * 1024;
    config.hello.now = now_ms();
    if (self != NULL) {
        identity = fora_buf_bytes(&self->identity);
        config.hello.node = self->id;
        config.hello.identity = &identity;
        config.hello.identity_count = 1;
    }
    bench_need(fora_session_new(&peer->session, &config, now_ms()), "a session");
    while (!peer->open) {
        turn(peer, true);
    }
    *out = peer;
}

void bench_peer_open(struct bench_peer **out, const char *address, const struct bench_node *self)
{
    peer_open(out, address, self);
}

void bench_client_open(struct bench_peer **out, const char *address)
{
    peer_open(out, address, NULL);
}

void bench_peer_close(struct bench_peer *peer)
{
    close(peer->fd);
    fora_session_free(peer->session);
    free(peer);
}

static void release(struct bench_peer *peer)
{
    if (peer->held > 0) {
        fora_session_consumed(peer->session, peer->held);
        peer->held = 0;
    }
    peer->wanted = 0;
}

void bench_peer_put(struct bench_peer *peer, const struct fora_bytes *objects, size_t count)
{
    struct fora_message message = {.type = FORA_MSG_PUT};
    struct fora_bytes *list = malloc(count * sizeof *list);
    if (list == NULL) {
        die("no memory");
        return;
    }
    memcpy(list, objects, count * sizeof *list);
    release(peer);
    message.request = fora_session_request(peer->session);
    message.u.put.objects = list;
    message.u.put.objects_count = count;
    int rc;
    while ((rc = fora_session_send(peer->session, &message)) == FORA_E_CREDIT) {
        turn(peer, true);
    }
    bench_need(rc, "a Put");
    peer->puts++;
    free(list);
    turn(peer, false);
}

uint64_t bench_peer_outstanding(const struct bench_peer *peer)
{
    return peer->puts - peer->answered;
}

uint64_t bench_peer_drain(struct bench_peer *peer)
{
    while (peer->answered < peer->puts) {
        turn(peer, true);
    }
    return peer->stored;
}

/* Sends a request and returns its number. */
static uint64_t ask_for(struct bench_peer *peer, struct fora_message *ask)
{
    release(peer);
    ask->request = fora_session_request(peer->session);
    int rc;
    while ((rc = fora_session_send(peer->session, ask)) == FORA_E_CREDIT) {
        turn(peer, true);
    }
    bench_need(rc, "a request");
    return ask->request;
}

/* The next answer to it. */
static const struct fora_message *await(struct bench_peer *peer, uint64_t request, uint32_t type)
{
    release(peer);
    peer->wanted = request;
    while (!turn(peer, true)) {
    }
    if (peer->answer->type != type) {
        die(peer->answer->type == FORA_MSG_ERROR
                ? fora_error_text(fora_error_from_wire(peer->answer->u.error.code))
                : "another answer than expected");
    }
    return peer->answer;
}

const struct fora_message *bench_peer_call(
    struct bench_peer *peer, struct fora_message *ask, uint32_t type)
{
    return await(peer, ask_for(peer, ask), type);
}

uint64_t bench_peer_follow(struct bench_peer *peer, const struct fora_space_id *space)
{
    struct fora_message ask = {.type = FORA_MSG_FOLLOW};
    ask.u.follow.space = *space;
    ask.u.follow.audience = FORA_AUDIENCE_PUBLIC;
    ask.u.follow.live = true;
    return ask_for(peer, &ask);
}

const struct fora_msg_follow_batch *bench_peer_followed(struct bench_peer *peer, uint64_t request)
{
    struct fora_message ack = {.request = request, .type = FORA_MSG_FOLLOW_ACK};
    if (peer->wanted == request) {
        bench_need(fora_session_send(peer->session, &ack), "a FollowAck");
    }
    return &await(peer, request, FORA_MSG_FOLLOW_BATCH)->u.follow_batch;
}
