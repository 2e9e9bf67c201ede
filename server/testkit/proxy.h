/*
 * A bad network: listens on an address of its own and forwards to a node, and cuts, delays, slows
 * and truncates when told to. Runs in a thread; all functions may be called by the test's.
 */
#ifndef FORAD_TESTKIT_PROXY_H
#define FORAD_TESTKIT_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kit_proxy;

/* Never NULL: what fails ends the test. */
struct kit_proxy *kit_proxy_start(const char *target);
void kit_proxy_stop(struct kit_proxy *proxy);
const char *kit_proxy_address(const struct kit_proxy *proxy);

/* Closes every connection; returns when they are closed, with how many there were. */
size_t kit_proxy_cut(struct kit_proxy *proxy);
/* While true, whoever connects is closed at once. */
void kit_proxy_refuse(struct kit_proxy *proxy, bool refuse);
/* Every piece of up to 64 KiB waits so long, in both directions. */
void kit_proxy_delay(struct kit_proxy *proxy, unsigned ms);
/* What the target sends is forwarded at this rate at most; 0: as fast as it goes. */
void kit_proxy_rate(struct kit_proxy *proxy, unsigned bytes_per_second);
/* After so many further bytes from the target its connection is cut, in the middle of whatever it
 * is. Once; 0: switched off. */
void kit_proxy_truncate(struct kit_proxy *proxy, uint64_t bytes);

struct kit_proxy_counts {
    uint64_t connections;
    uint64_t bytes_from_target;
    uint64_t bytes_to_target;
    uint64_t truncated; /* connections that were cut by kit_proxy_truncate */
    size_t open;        /* connections now */
};
struct kit_proxy_counts kit_proxy_counts(struct kit_proxy *proxy);

#endif
