/*
 * Namespaces, TUN devices, and the thread between them.
 *
 *   place 0: tun 10.77.0.1 <-> fd \
 *   place 1: tun 10.77.0.2 <-> fd --> look at the link -> wait until due -> write to the other's fd
 *   place 2: tun 10.77.0.3 <-> fd /
 */
#include "testkit/wan.h"

#include "testkit/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MTU = 1400, PACKET_MAX = 2048, WAITING_MAX = 4096, PORT = 7150, IP_HEADER = 20 };

struct packet {
    uint64_t due; /* ms */
    uint64_t order;
    size_t from, to;
    size_t size; /* 0: free */
    uint8_t bytes[PACKET_MAX];
};

struct kit_wan {
    size_t places;
    int home;                /* the namespace that the thread came from */
    bool left;               /* it is not there any more */
    int ns[KIT_WAN_PLACES];  /* namespaces */
    int tun[KIT_WAN_PLACES]; /* devices */
    pthread_t thread;
    atomic_bool ends;
    pthread_mutex_t mutex; /* over what follows */
    struct kit_wan_link links[KIT_WAN_PLACES][KIT_WAN_PLACES];
    struct kit_wan_counts counts;
    uint64_t random;
    /* the thread's own */
    struct packet *waiting; /* owned: WAITING_MAX */
    uint64_t order;
};

/* ---- the packets ---- */

static void forward(struct kit_wan *wan, struct packet *packet)
{
    for (size_t i = 0; i < WAITING_MAX; i++) {
        const struct packet *other = &wan->waiting[i];
        wan->counts.overtaken += other->size > 0 && other->from == packet->from &&
                                 other->to == packet->to && other->order < packet->order;
    }
    ssize_t written = write(wan->tun[packet->to], packet->bytes, packet->size);
    (void)written; /* a device that takes nothing loses it, as devices do */
    packet->size = 0;
}

static void keep(struct kit_wan *wan, const struct packet *packet)
{
    for (size_t i = 0; i < WAITING_MAX; i++) {
        if (wan->waiting[i].size == 0) {
            wan->waiting[i] = *packet;
            return;
        }
    }
    wan->counts.lost++; /* a queue that is full */
}

static bool happens(struct kit_wan *wan, unsigned of_1000)
{
    return of_1000 > 0 && kit_random(&wan->random) % 1000 < of_1000;
}

static void take(struct kit_wan *wan, struct packet *packet)
{
    const struct kit_wan_link *link = &wan->links[packet->from][packet->to];
    wan->counts.packets++;
    if (link->down) {
        wan->counts.dropped++;
        return;
    }
    if (happens(wan, link->loss)) {
        wan->counts.lost++;
        return;
    }
    unsigned copies = happens(wan, link->repeated) ? 2 : 1;
    wan->counts.repeated += copies - 1;
    for (unsigned i = 0; i < copies; i++) {
        unsigned jitter = link->jitter_ms > 0 ? kit_random(&wan->random) % link->jitter_ms : 0;
        packet->due = kit_now() + link->delay_ms + jitter;
        packet->order = ++wan->order;
        keep(wan, packet);
    }
}

/* 10.77.0.N+1 of a version 4 packet; others, which kernels send to find neighbours, go nowhere. */
static bool to_whom(const struct kit_wan *wan, struct packet *packet)
{
    const uint8_t *at = packet->bytes;
    if (packet->size < IP_HEADER || at[0] >> 4 != 4 || at[16] != 10 || at[17] != 77 ||
        at[18] != 0 || at[19] == 0 || at[19] > wan->places) {
        return false;
    }
    packet->to = at[19] - 1u;
    return true;
}

static void read_all(struct kit_wan *wan, size_t from)
{
    struct packet packet = {.from = from};
    ssize_t size;
    while ((size = read(wan->tun[from], packet.bytes, sizeof packet.bytes)) > 0) {
        packet.size = (size_t)size;
        if (to_whom(wan, &packet)) {
            take(wan, &packet);
        }
    }
}

static void write_due(struct kit_wan *wan)
{
    uint64_t now = kit_now();
    for (;;) {
        struct packet *first = NULL;
        for (size_t i = 0; i < WAITING_MAX; i++) {
            struct packet *packet = &wan->waiting[i];
            bool sooner = first == NULL || packet->due < first->due ||
                          (packet->due == first->due && packet->order < first->order);
            if (packet->size > 0 && packet->due <= now && sooner) {
                first = packet;
            }
        }
        if (first == NULL) {
            return;
        }
        forward(wan, first);
    }
}

static void *run(void *context)
{
    struct kit_wan *wan = context;
    while (!atomic_load(&wan->ends)) {
        struct pollfd polls[KIT_WAN_PLACES];
        for (size_t i = 0; i < wan->places; i++) {
            polls[i] = (struct pollfd){.fd = wan->tun[i], .events = POLLIN};
        }
        poll(polls, wan->places, 1);
        pthread_mutex_lock(&wan->mutex);
        for (size_t i = 0; i < wan->places; i++) {
            read_all(wan, i);
        }
        write_due(wan);
        pthread_mutex_unlock(&wan->mutex);
    }
    return NULL;
}

/* ---- making it ---- */

static bool device_up(int control, const char *name, const char *address)
{
    struct ifreq request = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (address != NULL) {
        inet_pton(AF_INET, address, &in.sin_addr);
        memcpy(&request.ifr_addr, &in, sizeof in);
        if (ioctl(control, SIOCSIFADDR, &request) != 0) {
            return false;
        }
        inet_pton(AF_INET, "255.255.255.0", &in.sin_addr);
        memcpy(&request.ifr_netmask, &in, sizeof in);
        if (ioctl(control, SIOCSIFNETMASK, &request) != 0) {
            return false;
        }
        request.ifr_mtu = MTU;
        if (ioctl(control, SIOCSIFMTU, &request) != 0) {
            return false;
        }
    }
    memset(&request.ifr_ifru, 0, sizeof request.ifr_ifru);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

/* In a namespace that is new and empty. */
static bool place_make(struct kit_wan *wan, size_t place)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    char address[32];
    wan->ns[place] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    wan->tun[place] = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "wan");
    snprintf(address, sizeof address, "10.77.0.%u", (unsigned)place + 1);
    bool made = wan->ns[place] >= 0 && wan->tun[place] >= 0 && control >= 0 &&
                ioctl(wan->tun[place], TUNSETIFF, &request) == 0 &&
                device_up(control, "lo", NULL) && device_up(control, "wan", address);
    if (control >= 0) {
        close(control);
    }
    return made;
}

static void wan_close(struct kit_wan *wan)
{
    if (wan->left) {
        KIT_CHECK(setns(wan->home, CLONE_NEWNET) == 0, "no way home: %s", strerror(errno));
    }
    if (wan->home >= 0) {
        close(wan->home);
    }
    for (size_t i = 0; i < KIT_WAN_PLACES; i++) {
        if (wan->ns[i] >= 0) {
            close(wan->ns[i]);
        }
        if (wan->tun[i] >= 0) {
            close(wan->tun[i]);
        }
    }
    pthread_mutex_destroy(&wan->mutex);
    free(wan->waiting);
    free(wan);
}

struct kit_wan *kit_wan_new(size_t places, uint64_t seed)
{
    struct kit_wan *wan = calloc(1, sizeof *wan);
    KIT_CHECK(wan != NULL && places <= KIT_WAN_PLACES, "no memory");
    wan->waiting = calloc(WAITING_MAX, sizeof *wan->waiting);
    KIT_CHECK(wan->waiting != NULL, "no memory");
    wan->places = places;
    wan->random = seed;
    pthread_mutex_init(&wan->mutex, NULL);
    for (size_t i = 0; i < KIT_WAN_PLACES; i++) {
        wan->ns[i] = wan->tun[i] = -1;
    }
    wan->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    bool made = wan->home >= 0;
    for (size_t i = 0; i < places && made; i++) {
        made = unshare(CLONE_NEWNET) == 0;
        wan->left = wan->left || made;
        made = made && place_make(wan, i);
    }
    if (!made) {
        wan_close(wan);
        return NULL;
    }
    KIT_CHECK(setns(wan->home, CLONE_NEWNET) == 0, "no way home: %s", strerror(errno));
    KIT_CHECK(pthread_create(&wan->thread, NULL, run, wan) == 0, "no thread");
    return wan;
}

void kit_wan_free(struct kit_wan *wan)
{
    atomic_store(&wan->ends, true);
    pthread_join(wan->thread, NULL);
    wan_close(wan);
}

void kit_wan_go(struct kit_wan *wan, size_t place)
{
    KIT_CHECK(place < wan->places && setns(wan->ns[place], CLONE_NEWNET) == 0, "no such place");
}

void kit_wan_address(const struct kit_wan *wan, size_t place, char out[64])
{
    KIT_CHECK(place < wan->places, "no such place");
    snprintf(out, 64, "10.77.0.%u:%d", (unsigned)place + 1, PORT);
}

void kit_wan_set(struct kit_wan *wan, size_t from, size_t to, struct kit_wan_link link)
{
    pthread_mutex_lock(&wan->mutex);
    wan->links[from][to] = link;
    pthread_mutex_unlock(&wan->mutex);
}

void kit_wan_set_all(struct kit_wan *wan, size_t places, struct kit_wan_link link)
{
    for (size_t from = 0; from < places; from++) {
        for (size_t to = 0; to < places; to++) {
            kit_wan_set(wan, from, to, link);
        }
    }
}

struct kit_wan_counts kit_wan_counts(struct kit_wan *wan)
{
    pthread_mutex_lock(&wan->mutex);
    struct kit_wan_counts counts = wan->counts;
    pthread_mutex_unlock(&wan->mutex);
    return counts;
}
