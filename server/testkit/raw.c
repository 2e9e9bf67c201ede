/* Sockets that block for as long as they are told. */
#include "testkit/raw.h"

#include "testkit/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHAKE_MS = 10000, PLAIN_MAX = FORA_NOISE_MESSAGE_MAX - FORA_NOISE_TAG_SIZE };

static const uint8_t preamble[8] = {'F', 'O', 'R', 'A', 1, 0, 0, 0};

void kit_raw_open(struct kit_raw *raw, const char *address, bool narrow)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int size = 2048;
    raw->noise = NULL;
    raw->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (narrow) {
        setsockopt(raw->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    KIT_CHECK(raw->fd >= 0 && connect(raw->fd, (struct sockaddr *)&to, sizeof to) == 0,
        "cannot connect: %s", strerror(errno));
}

void kit_raw_close(struct kit_raw *raw)
{
    fora_noise_free(raw->noise);
    close(raw->fd);
    raw->fd = -1;
    raw->noise = NULL;
}

bool kit_raw_write(struct kit_raw *raw, struct fora_bytes bytes, int wait_ms)
{
    size_t at = 0;
    while (at < bytes.size) {
        ssize_t sent = send(raw->fd, bytes.data + at, bytes.size - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        struct pollfd poll_fd = {.fd = raw->fd, .events = POLLOUT};
        if (sent < 0 && (errno != EAGAIN || poll(&poll_fd, 1, wait_ms) <= 0)) {
            return false;
        }
        at += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

bool kit_raw_closed(struct kit_raw *raw, int wait_ms)
{
    char bytes[16384];
    uint64_t end = kit_now() + (uint64_t)wait_ms;
    for (uint64_t now = kit_now(); now < end; now = kit_now()) {
        struct pollfd poll_fd = {.fd = raw->fd, .events = POLLIN};
        if (poll(&poll_fd, 1, (int)(end - now)) <= 0) {
            continue;
        }
        ssize_t size = recv(raw->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN)) {
            return true;
        }
    }
    return false;
}

static void read_exactly(struct kit_raw *raw, uint8_t *out, size_t size)
{
    uint64_t end = kit_now() + SHAKE_MS;
    for (size_t at = 0; at < size;) {
        struct pollfd poll_fd = {.fd = raw->fd, .events = POLLIN};
        KIT_CHECK(kit_now() < end && poll(&poll_fd, 1, SHAKE_MS) > 0, "no handshake");
        ssize_t part = recv(raw->fd, out + at, size - at, MSG_DONTWAIT);
        KIT_CHECK(part > 0, "the node closed in the handshake");
        at += (size_t)part;
    }
}

/* A Noise handshake message with its length. */
static void shake_write(struct kit_raw *raw)
{
    struct fora_buf wire = {0};
    fora_buf_be16(&wire, 0);
    KIT_CHECK(fora_noise_write(raw->noise, &wire, fora_bytes(NULL, 0)) == 0, "noise");
    wire.data[1] = (uint8_t)(wire.size - 2);
    KIT_CHECK(kit_raw_write(raw, fora_buf_bytes(&wire), SHAKE_MS), "no handshake");
    fora_buf_fini(&wire);
}

void kit_raw_shake(struct kit_raw *raw, const uint8_t secret[32])
{
    struct fora_noise_config config = {.initiator = true,
        .prologue = fora_bytes(preamble, sizeof preamble),
        .static_secret = secret};
    struct fora_buf payload = {0};
    uint8_t message[2 + 96];
    KIT_CHECK(fora_noise_new(&raw->noise, &config) == 0, "noise");
    KIT_CHECK(kit_raw_write(raw, config.prologue, SHAKE_MS), "no handshake");
    shake_write(raw);
    read_exactly(raw, message, sizeof message);
    KIT_CHECK(fora_noise_read(raw->noise, fora_bytes(message + 2, 96), &payload) == 0, "noise");
    fora_buf_fini(&payload);
    shake_write(raw);
}

bool kit_raw_say(struct kit_raw *raw, struct fora_bytes plain, int wait_ms)
{
    struct fora_buf wire = {0};
    bool said = true;
    for (size_t at = 0; at < plain.size && said; at += PLAIN_MAX) {
        size_t size = plain.size - at < PLAIN_MAX ? plain.size - at : PLAIN_MAX;
        fora_buf_clear(&wire);
        fora_buf_be16(&wire, (uint16_t)(size + FORA_NOISE_TAG_SIZE));
        KIT_CHECK(
            fora_noise_encrypt(raw->noise, &wire, fora_bytes(plain.data + at, size)) == 0, "noise");
        said = kit_raw_write(raw, fora_buf_bytes(&wire), wait_ms);
    }
    fora_buf_fini(&wire);
    return said;
}

bool kit_raw_hello(struct kit_raw *raw, const struct bench_node *self)
{
    struct fora_buf frame = {0};
    struct fora_bytes identity;
    struct fora_message message = {.type = FORA_MSG_HELLO};
    message.u.hello.version = 1;
    message.u.hello.agent = fora_bytes_str("hostile");
    message.u.hello.frame_max = FORA_FRAME_MAX;
    message.u.hello.requests_max = 64;
    message.u.hello.credit = UINT64_C(1) << 30;
    message.u.hello.now = 1;
    if (self != NULL) {
        identity = fora_buf_bytes(&self->identity);
        message.u.hello.node = self->id;
        message.u.hello.identity = &identity;
        message.u.hello.identity_count = 1;
    }
    KIT_CHECK(fora_message_encode(&frame, &message) == 0, "Hello");
    bool said = kit_raw_say(raw, fora_buf_bytes(&frame), SHAKE_MS);
    fora_buf_fini(&frame);
    return said;
}
