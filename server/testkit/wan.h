/*
 * A network of namespaces: every place has a network of its own with one address, and what goes
 * from place to place are IP packets that this process forwards, delays, loses, repeats, reorders,
 * or drops altogether. The kernels' TCP is real on both ends. (The kernel's own netem is not there
 * on every machine, and needs more than a namespace.)
 *
 * Needs the right to make network namespaces and /dev/net/tun. One thread moves the packets; all
 * functions are for the thread that made the network.
 */
#ifndef FORAD_TESTKIT_WAN_H
#define FORAD_TESTKIT_WAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KIT_WAN_PLACES = 8 };

/* Of the packets from one place to another. */
struct kit_wan_link {
    bool down; /* nothing arrives, and nobody is told */
    unsigned delay_ms;
    unsigned jitter_ms; /* up to so much more, each packet its own: they overtake each other */
    unsigned loss;      /* of 1000 */
    unsigned repeated;  /* of 1000 */
};

struct kit_wan;

/* NULL when this process may not make it. The caller is at no place yet. */
struct kit_wan *kit_wan_new(size_t places, uint64_t seed);
void kit_wan_free(struct kit_wan *wan);

/* The calling thread, and what it starts, is at this place from now on. */
void kit_wan_go(struct kit_wan *wan, size_t place);
void kit_wan_address(const struct kit_wan *wan, size_t place, char out[64]); /* with a port */

void kit_wan_set(struct kit_wan *wan, size_t from, size_t to, struct kit_wan_link link);
/* Of all links among the first `places` places, both ways. */
void kit_wan_set_all(struct kit_wan *wan, size_t places, struct kit_wan_link link);

struct kit_wan_counts {
    uint64_t packets, lost, repeated, overtaken, dropped; /* dropped: links that were down */
};
struct kit_wan_counts kit_wan_counts(struct kit_wan *wan);

#endif
