/*
 * One thread, one poll over all wires. A wire has two lanes; a lane holds one piece at a time: read
 * when it is empty, written when its time has come. So a slow lane pushes back by itself.
 */
#include "testkit/proxy.h"

#include "testkit/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WIRES_MAX = 32, PIECE = 64 * 1024, TICK_MS = 2 };

struct lane {
    int from;
    int to;
    bool from_target;
    size_t at;
    size_t size;
    uint64_t due; /* ms: not written before */
    uint8_t bytes[PIECE];
};

struct wire {
    bool used;
    struct lane lanes[2]; /* to the target, from the target */
};

struct kit_proxy {
    pthread_t thread;
    int listener;
    char address[64];
    char target[64];
    pthread_mutex_t mutex; /* over what follows, held by the thread except while it polls */
    bool ending;
    bool refuse;
    unsigned delay_ms;
    unsigned rate;
    double allowance; /* bytes that the rate lets pass now */
    uint64_t allowed_at;
    uint64_t truncate;
    struct kit_proxy_counts counts;
    struct wire wires[WIRES_MAX];
};

static void wire_close(struct kit_proxy *proxy, struct wire *wire)
{
    close(wire->lanes[0].from);
    close(wire->lanes[0].to);
    wire->used = false;
    proxy->counts.open--;
}

static int connect_target(const struct kit_proxy *proxy)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    to.sin_port = htons((uint16_t)strtoul(strrchr(proxy->target, ':') + 1, NULL, 10));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void wire_open(struct kit_proxy *proxy, struct wire *wire, int client, int target)
{
    int one = 1;
    const int fds[2] = {client, target};
    for (int i = 0; i < 2; i++) {
        struct lane *lane = &wire->lanes[i];
        lane->from = fds[i];
        lane->to = fds[1 - i];
        lane->from_target = i == 1;
        lane->at = lane->size = 0;
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    wire->used = true;
    proxy->counts.open++;
    proxy->counts.connections++;
}

static void accept_one(struct kit_proxy *proxy)
{
    int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    struct wire *wire = proxy->wires;
    while (wire < proxy->wires + WIRES_MAX && wire->used) {
        wire++;
    }
    bool room = wire < proxy->wires + WIRES_MAX && !proxy->refuse;
    int target = client >= 0 && room ? connect_target(proxy) : -1;
    if (target >= 0) {
        wire_open(proxy, wire, client, target);
    } else if (client >= 0) {
        close(client);
    }
}

/* How many bytes of the lane may be written now. */
static size_t lane_may(struct kit_proxy *proxy, const struct lane *lane, uint64_t now)
{
    size_t may = lane->size - lane->at;
    if (may == 0 || now < lane->due) {
        return 0;
    }
    if (lane->from_target && proxy->rate > 0 && may > (size_t)proxy->allowance) {
        may = (size_t)proxy->allowance;
    }
    if (lane->from_target && proxy->truncate > 0 && may > proxy->truncate) {
        may = (size_t)proxy->truncate;
    }
    return may;
}

static void lane_count(struct kit_proxy *proxy, const struct lane *lane, size_t size)
{
    if (!lane->from_target) {
        proxy->counts.bytes_to_target += size;
        return;
    }
    proxy->counts.bytes_from_target += size;
    proxy->allowance -= proxy->rate > 0 ? (double)size : 0;
}

/* False when the wire is to be closed. */
static bool lane_write(struct kit_proxy *proxy, struct lane *lane, uint64_t now)
{
    size_t may = lane_may(proxy, lane, now);
    ssize_t sent = may > 0 ? send(lane->to, lane->bytes + lane->at, may, MSG_NOSIGNAL) : 0;
    if (sent < 0) {
        return errno == EAGAIN;
    }
    lane->at += (size_t)sent;
    lane_count(proxy, lane, (size_t)sent);
    if (lane->from_target && proxy->truncate > 0 && sent > 0) {
        proxy->truncate -= (uint64_t)sent;
        if (proxy->truncate == 0) {
            proxy->counts.truncated++;
            return false;
        }
    }
    return true;
}

static bool lane_read(struct kit_proxy *proxy, struct lane *lane, uint64_t now)
{
    if (lane->at < lane->size) {
        return true;
    }
    ssize_t size = recv(lane->from, lane->bytes, sizeof lane->bytes, 0);
    if (size <= 0) {
        return size < 0 && errno == EAGAIN;
    }
    lane->at = 0;
    lane->size = (size_t)size;
    lane->due = now + proxy->delay_ms;
    return true;
}

static void allow(struct kit_proxy *proxy, uint64_t now)
{
    proxy->allowance += (double)proxy->rate * (double)(now - proxy->allowed_at) / 1000.0;
    if (proxy->allowance > (double)proxy->rate / 10) {
        proxy->allowance = (double)proxy->rate / 10; /* bursts of a tenth of a second */
    }
    proxy->allowed_at = now;
}

static void move(struct kit_proxy *proxy)
{
    uint64_t now = kit_now();
    allow(proxy, now);
    for (struct wire *wire = proxy->wires; wire < proxy->wires + WIRES_MAX; wire++) {
        bool good = true;
        for (int i = 0; i < 2 && wire->used && good; i++) {
            good =
                lane_read(proxy, &wire->lanes[i], now) && lane_write(proxy, &wire->lanes[i], now);
        }
        if (!good) {
            wire_close(proxy, wire);
        }
    }
}

/* Waits for the next thing that can move; lanes that wait for their time are looked at each tick.
 */
static void wait_for(struct kit_proxy *proxy)
{
    struct pollfd fds[2 * WIRES_MAX + 1] = {{.fd = proxy->listener, .events = POLLIN}};
    nfds_t count = 1;
    int wait = 50;
    for (struct wire *wire = proxy->wires; wire < proxy->wires + WIRES_MAX; wire++) {
        for (int i = 0; i < 2 && wire->used; i++) {
            struct lane *lane = &wire->lanes[i];
            bool empty = lane->at == lane->size;
            fds[count++] = (struct pollfd){.fd = empty ? lane->from : -1, .events = POLLIN};
            wait = empty ? wait : TICK_MS;
        }
    }
    pthread_mutex_unlock(&proxy->mutex);
    poll(fds, count, wait);
    pthread_mutex_lock(&proxy->mutex);
    if ((fds[0].revents & POLLIN) != 0) {
        accept_one(proxy);
    }
}

static void *run(void *context)
{
    struct kit_proxy *proxy = context;
    pthread_mutex_lock(&proxy->mutex);
    while (!proxy->ending) {
        wait_for(proxy);
        move(proxy);
    }
    for (struct wire *wire = proxy->wires; wire < proxy->wires + WIRES_MAX; wire++) {
        if (wire->used) {
            wire_close(proxy, wire);
        }
    }
    pthread_mutex_unlock(&proxy->mutex);
    return NULL;
}

struct kit_proxy *kit_proxy_start(const char *target)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct kit_proxy *proxy = calloc(1, sizeof *proxy);
    int one = 1;
    KIT_CHECK(proxy != NULL, "no memory");
    snprintf(proxy->target, sizeof proxy->target, "%s", target);
    kit_address(proxy->address);
    at.sin_port = htons((uint16_t)strtoul(strrchr(proxy->address, ':') + 1, NULL, 10));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    setsockopt(proxy->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    KIT_CHECK(bind(proxy->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
                  listen(proxy->listener, 64) == 0,
        "cannot listen: %s", strerror(errno));
    pthread_mutex_init(&proxy->mutex, NULL);
    KIT_CHECK(pthread_create(&proxy->thread, NULL, run, proxy) == 0, "no thread");
    return proxy;
}

void kit_proxy_stop(struct kit_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->ending = true;
    pthread_mutex_unlock(&proxy->mutex);
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
    pthread_mutex_destroy(&proxy->mutex);
    free(proxy);
}

const char *kit_proxy_address(const struct kit_proxy *proxy)
{
    return proxy->address;
}

size_t kit_proxy_cut(struct kit_proxy *proxy)
{
    size_t count = 0;
    pthread_mutex_lock(&proxy->mutex);
    for (struct wire *wire = proxy->wires; wire < proxy->wires + WIRES_MAX; wire++) {
        if (wire->used) {
            wire_close(proxy, wire);
            count++;
        }
    }
    pthread_mutex_unlock(&proxy->mutex);
    return count;
}

void kit_proxy_refuse(struct kit_proxy *proxy, bool refuse)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->refuse = refuse;
    pthread_mutex_unlock(&proxy->mutex);
}

void kit_proxy_delay(struct kit_proxy *proxy, unsigned ms)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->delay_ms = ms;
    pthread_mutex_unlock(&proxy->mutex);
}

void kit_proxy_rate(struct kit_proxy *proxy, unsigned bytes_per_second)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->rate = bytes_per_second;
    proxy->allowance = 0;
    pthread_mutex_unlock(&proxy->mutex);
}

void kit_proxy_truncate(struct kit_proxy *proxy, uint64_t bytes)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->truncate = bytes;
    pthread_mutex_unlock(&proxy->mutex);
}

struct kit_proxy_counts kit_proxy_counts(struct kit_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    struct kit_proxy_counts counts = proxy->counts;
    pthread_mutex_unlock(&proxy->mutex);
    return counts;
}
