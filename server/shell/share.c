/* Accounts of time and of addresses. */
#include "shell/share.h"

#include "fora/crypto.h"

#include <netinet/in.h>
#include <string.h>

enum {
    PART = 4 /* of the time: a quarter */,
    MOST_NS = 1000 * 1000 /* saved up: what others may have to wait for at once */
};

static void fill(struct share *share, uint64_t now)
{
    uint64_t passed = now > share->filled_at ? now - share->filled_at : 0;
    share->filled_at = now;
    share->left += (int64_t)(passed / PART);
    if (share->left > MOST_NS) {
        share->left = MOST_NS;
    }
}

bool share_spent(struct share *share, uint64_t now)
{
    fill(share, now);
    return share->left <= 0;
}

void share_spend(struct share *share, uint64_t begun, uint64_t now)
{
    share->left -= now > begun ? (int64_t)(now - begun) : 0;
}

void addresses_init(struct addresses *addresses)
{
    memset(addresses, 0, sizeof *addresses);
    fora_random(addresses->key, sizeof addresses->key);
}

size_t address_prefix(const struct sockaddr *address, uint8_t out[ADDRESS_PREFIX])
{
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
            memcpy(out, in6->sin6_addr.s6_addr + 12, 4);
            return 4;
        }
        memcpy(out, in6->sin6_addr.s6_addr, 8);
        return 8;
    }
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        memcpy(out, &in->sin_addr, 4);
        return 4;
    }
    return 0;
}

unsigned addresses_place(const struct addresses *addresses, const struct sockaddr *address)
{
    uint8_t prefix[ADDRESS_PREFIX] = {0};
    uint64_t word = 0;
    size_t size = address_prefix(address, prefix);
    memcpy(&word, prefix, size);
    /* Two rounds of multiplication with secret odd numbers: enough for who does not see the place.
     */
    word = (word ^ addresses->key[0]) * (addresses->key[1] | 1);
    word = (word ^ word >> 29) * (addresses->key[0] | 1);
    return (unsigned)(word >> 40) % ADDRESSES;
}
