/* An attacker's sockets. Nothing in here ends the process: being refused is what it is for. */
#include "attack.h"
#include "fora/session.h"
#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 2000, PLAIN_MAX = FORA_NOISE_MESSAGE_MAX - FORA_NOISE_TAG_SIZE };

static const char attacker[] = "127.0.0.66";
static const uint8_t preamble[8] = {'F', 'O', 'R', 'A', 1, 0, 0, 0};

/* Connected, or -1. The other end is reset at the close, so that ports do not run out. */
static int connected(const char *address)
{
    const struct linger linger = {.l_onoff = 1};
    const struct timeval wait = {.tv_sec = WAIT_MS / 1000};
    struct sockaddr_in to = {.sin_family = AF_INET}, from = {.sin_family = AF_INET};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, attacker, &from.sin_addr);
    to.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool attack_open(struct attack_raw *raw, const char *address)
{
    raw->noise = NULL;
    raw->fd = connected(address);
    return raw->fd >= 0;
}

void attack_close(struct attack_raw *raw)
{
    fora_noise_free(raw->noise);
    if (raw->fd >= 0) {
        close(raw->fd);
    }
    raw->noise = NULL;
    raw->fd = -1;
}

bool attack_write(struct attack_raw *raw, struct fora_bytes bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        ssize_t sent = send(raw->fd, bytes.data + at, bytes.size - at, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += (size_t)sent;
    }
    return true;
}

bool attack_drain(struct attack_raw *raw)
{
    static uint8_t bytes[64 * 1024];
    ssize_t size;
    while ((size = recv(raw->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
    }
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static bool shake_write(struct attack_raw *raw)
{
    struct fora_buf wire = {0};
    fora_buf_be16(&wire, 0);
    bool done = fora_noise_write(raw->noise, &wire, fora_bytes(NULL, 0)) == 0;
    if (done) {
        wire.data[1] = (uint8_t)(wire.size - 2);
        done = attack_write(raw, fora_buf_bytes(&wire));
    }
    fora_buf_fini(&wire);
    return done;
}

static bool shake(struct attack_raw *raw, const uint8_t secret[32])
{
    struct fora_noise_config config = {.initiator = true,
        .prologue = fora_bytes(preamble, sizeof preamble),
        .static_secret = secret};
    struct fora_buf payload = {0};
    uint8_t message[2 + 96];
    bool done =
        fora_noise_new(&raw->noise, &config) == 0 && attack_write(raw, config.prologue) &&
        shake_write(raw) && recv(raw->fd, message, sizeof message, MSG_WAITALL) == sizeof message &&
        fora_noise_read(raw->noise, fora_bytes(message + 2, 96), &payload) == 0 && shake_write(raw);
    fora_buf_fini(&payload);
    return done;
}

bool attack_say(struct attack_raw *raw, struct fora_bytes plain)
{
    struct fora_buf wire = {0};
    bool said = true;
    for (size_t at = 0; at < plain.size && said; at += PLAIN_MAX) {
        size_t size = plain.size - at < PLAIN_MAX ? plain.size - at : PLAIN_MAX;
        fora_buf_clear(&wire);
        fora_buf_be16(&wire, (uint16_t)(size + FORA_NOISE_TAG_SIZE));
        said = fora_noise_encrypt(raw->noise, &wire, fora_bytes(plain.data + at, size)) == 0 &&
               attack_write(raw, fora_buf_bytes(&wire));
    }
    fora_buf_fini(&wire);
    return said;
}

bool attack_hello(struct attack_raw *raw, const char *address, const struct bench_node *self)
{
    static const uint8_t client[32] = {9};
    struct fora_buf frame = {0};
    struct fora_bytes identity;
    struct fora_message message = {.type = FORA_MSG_HELLO};
    message.u.hello.version = 1;
    message.u.hello.agent = fora_bytes_str("hostile");
    message.u.hello.frame_max = FORA_FRAME_MAX;
    message.u.hello.requests_max = 64;
    message.u.hello.credit = UINT64_C(1) << 40;
    if (self != NULL) {
        identity = fora_buf_bytes(&self->identity);
        message.u.hello.node = self->id;
        message.u.hello.identity = &identity;
        message.u.hello.identity_count = 1;
    }
    bool said = attack_open(raw, address) && shake(raw, self != NULL ? self->noise : client) &&
                fora_message_encode(&frame, &message) == 0 &&
                attack_say(raw, fora_buf_bytes(&frame));
    fora_buf_fini(&frame);
    if (!said) {
        attack_close(raw);
    }
    return said;
}

/* ---- a guest ---- */

struct attack_guest {
    int fd;
    struct fora_session *session;
    bool open;
    bool ended;
};

static void guest_write(struct attack_guest *guest)
{
    struct fora_bytes output;
    while (!guest->ended && (output = fora_session_output(guest->session)).size > 0) {
        ssize_t sent = send(guest->fd, output.data, output.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        }
        guest->ended = sent <= 0;
        fora_session_output_done(guest->session, sent > 0 ? (size_t)sent : 0);
    }
}

/* Answers are counted as read and thrown away. */
static void guest_frames(struct attack_guest *guest)
{
    struct fora_session_event event;
    while (
        fora_session_next(guest->session, &event) == 0 && event.type != FORA_SESSION_EVENT_NONE) {
        guest->open = guest->open || event.type == FORA_SESSION_EVENT_OPEN;
        if (event.type == FORA_SESSION_EVENT_FRAME) {
            fora_session_consumed(guest->session, event.frame_size);
        }
    }
    guest->ended = guest->ended || fora_session_state(guest->session) == FORA_SESSION_CLOSED;
}

static void guest_turn(struct attack_guest *guest, int wait_ms)
{
    static uint8_t input[64 * 1024];
    struct pollfd poll_fd = {.fd = guest->fd, .events = POLLIN};
    guest_write(guest);
    if (fora_session_output(guest->session).size > 0) {
        poll_fd.events |= POLLOUT;
    }
    if (guest->ended || poll(&poll_fd, 1, wait_ms) <= 0 || (poll_fd.revents & ~POLLOUT) == 0) {
        return;
    }
    ssize_t size = recv(guest->fd, input, sizeof input, MSG_DONTWAIT);
    guest->ended = size == 0 || (size < 0 && errno != EAGAIN);
    for (size_t at = 0; size > 0 && at < (size_t)size && !guest->ended;) {
        size_t taken = 0;
        struct fora_bytes rest = fora_bytes(input + at, (size_t)size - at);
        guest->ended = fora_session_feed(guest->session, rest, &taken) != 0;
        at += taken;
        guest_frames(guest);
    }
    guest_write(guest);
}

struct attack_guest *attack_guest_open(const char *address, const struct bench_node *self)
{
    uint8_t noise[32];
    struct fora_bytes identity;
    struct fora_session_config config = {
        .initiator = true, .noise_secret = self != NULL ? self->noise : noise};
    struct attack_guest *guest = calloc(1, sizeof *guest);
    bench_need(guest == NULL ? FORA_E_NOMEM : 0, "an attacker");
    fora_random(noise, sizeof noise);
    config.hello.agent = fora_bytes_str("hostile");
    config.hello.requests_max = 1024;
    config.hello.credit = 64 * 1024 * 1024;
    if (self != NULL) {
        identity = fora_buf_bytes(&self->identity);
        config.hello.node = self->id;
        config.hello.identity = &identity;
        config.hello.identity_count = 1;
    }
    bench_need(fora_session_new(&guest->session, &config, 1), "an attacker");
    guest->fd = connected(address);
    guest->ended = guest->fd < 0;
    for (int i = 0; i < WAIT_MS / 100 && !guest->ended && !guest->open; i++) {
        guest_turn(guest, 100);
    }
    if (!guest->open || guest->ended) {
        attack_guest_close(guest);
        return NULL;
    }
    return guest;
}

void attack_guest_close(struct attack_guest *guest)
{
    if (guest != NULL) {
        if (guest->fd >= 0) {
            close(guest->fd);
        }
        fora_session_free(guest->session);
        free(guest);
    }
}

bool attack_guest_send(struct attack_guest *guest, struct fora_message *message)
{
    int rc = FORA_E_CREDIT;
    message->request = fora_session_request(guest->session);
    for (int i = 0; i < 100 && !guest->ended && rc == FORA_E_CREDIT; i++) {
        rc = fora_session_send(guest->session, message);
        guest_turn(guest, rc == FORA_E_CREDIT ? 100 : 0);
    }
    return rc == 0 && !guest->ended;
}
