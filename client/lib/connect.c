/* The socket: name to connected descriptor, and the clocks. */
#include "lib.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t lib_monotonic(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

uint64_t lib_wall(void)
{
    return clock_ms(CLOCK_REALTIME);
}

int lib_socket_prepare(int socket, struct fora_client_why *why)
{
    int one = 1;
    int flags = fcntl(socket, F_GETFL);
    if (flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(socket, F_SETFD, FD_CLOEXEC) < 0) {
        return fora_client_fail(
            why, FORA_E_IO, "The socket cannot be set up: %s.", strerror(errno));
    }
    /* Fails on a socket that is not TCP, where nothing is delayed anyway. */
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return 0;
}

/* 0, or an errno. */
static int await_connected(int fd, uint64_t deadline)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    for (;;) {
        uint64_t now = lib_monotonic();
        if (now >= deadline) {
            return ETIMEDOUT;
        }
        uint64_t left = deadline - now;
        int ready = poll(&wait, 1, left > 60000 ? 60000 : (int)left);
        if (ready > 0) {
            break;
        }
        if (ready < 0 && errno != EINTR) {
            return errno;
        }
    }
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/* 0 and a descriptor, or an errno. */
static int try_one(int *out, const struct addrinfo *where, uint64_t deadline)
{
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int error = 0;
    if (connect(fd, where->ai_addr, where->ai_addrlen) != 0) {
        error = errno == EINPROGRESS ? await_connected(fd, deadline) : errno;
    }
    if (error != 0) {
        (void)close(fd);
        return error;
    }
    *out = fd;
    return 0;
}

int lib_connect(int *out, const struct fora_client_address *address, uint64_t deadline,
    struct fora_client_why *why)
{
    char port[8];
    char name[FORA_CLIENT_ADDRESS_MAX];
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    (void)snprintf(port, sizeof port, "%u", (unsigned)address->port);
    fora_client_address_format(name, address);
    int failed = getaddrinfo(address->host, port, &hints, &list);
    if (failed != 0) {
        return fora_client_fail(why, FORA_E_IO,
            "The host \"%s\" cannot be found: %s. Check the spelling and the network.",
            address->host, failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
    }
    int error = 0;
    int fd = -1;
    for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        error = try_one(&fd, at, deadline);
    }
    freeaddrinfo(list);
    if (fd < 0) {
        return fora_client_fail(why, error == ETIMEDOUT ? FORA_E_TIMEOUT : FORA_E_IO,
            "No connection to %s: %s. Is a node running there? Name another one with --node "
            "HOST:PORT.",
            name, strerror(error));
    }
    int prepared = lib_socket_prepare(fd, why);
    if (prepared != 0) {
        (void)close(fd);
        return prepared;
    }
    *out = fd;
    return 0;
}
