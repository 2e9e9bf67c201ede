/*
 * What strangers may take of the loop's time while known peers and members are active: a quarter.
 * Everything that a stranger makes the loop do is charged to one account of all strangers, by the
 * clock: accepting, handshakes, decryption, frames that are refused, answers that are sealed and
 * written. When the account is empty their sockets are neither read nor written, and nobody new is
 * accepted, until it has filled again; nothing is lost, the kernel holds it. So what an attack with
 * bytes costs others is bounded without knowing what the attack is.
 */
#ifndef FORAD_SHELL_SHARE_H
#define FORAD_SHELL_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct share {
    uint64_t filled_at; /* ns */
    int64_t left;       /* ns; below 0 by as much as the last turn took too long */
};

/* `now` is in ns of a clock that does not go back. */
bool share_spent(struct share *share, uint64_t now);
void share_spend(struct share *share, uint64_t begun, uint64_t now);

/*
 * How many connections an address has: an approximation from above (addresses of one hash are
 * counted together; of IPv6 the first 64 bits are the address).
 */
enum { ADDRESSES = 8192 };
struct addresses {
    uint64_t key[2]; /* random, so that nobody chooses whom he is counted with */
    uint32_t counts[ADDRESSES];
};

struct sockaddr;
/* What one who has an address has: of IPv4 all of it, of IPv6 the first 64 bits. At most 8 bytes;
 * how many: 0 of other families. */
enum { ADDRESS_PREFIX = 8 };
size_t address_prefix(const struct sockaddr *address, uint8_t out[ADDRESS_PREFIX]);
void addresses_init(struct addresses *addresses);
/* The place of an address. */
unsigned addresses_place(const struct addresses *addresses, const struct sockaddr *address);

#endif
