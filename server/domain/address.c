/* The special-purpose registries of IANA (RFC 6890 and its successors), as prefixes. */
#include "domain/address.h"

#include <stddef.h>
#include <string.h>

struct prefix {
    uint8_t bytes[16];
    unsigned bits;
};

static const struct prefix closed_v4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* shared, of providers */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local; metadata services of clouds */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocol assignments */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 31, 196}, 24}, /* AS112 */
    {{192, 52, 193}, 24}, /* AMT */
    {{192, 88, 99}, 24},  /* 6to4 relays */
    {{192, 168}, 16},     /* private */
    {{192, 175, 48}, 24}, /* AS112 */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, broadcast */
};

/* Of IPv6 only 2000::/3 is given out at all; these lie in it. */
static const struct prefix closed_v6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},       /* protocol assignments, Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
    {{0x26, 0x20, 0x00, 0x4f, 0x80}, 48}, /* AS112 */
    {{0x3f, 0xff}, 20},                   /* documentation */
};

static bool within(const uint8_t *address, const struct prefix *prefix)
{
    unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
    uint8_t mask = (uint8_t)(0xff00U >> rest);
    return memcmp(address, prefix->bytes, whole) == 0 &&
           (rest == 0 || (address[whole] & mask) == (prefix->bytes[whole] & mask));
}

bool address_public_v4(const uint8_t address[4])
{
    for (size_t i = 0; i < sizeof closed_v4 / sizeof closed_v4[0]; i++) {
        if (within(address, &closed_v4[i])) {
            return false;
        }
    }
    return true;
}

bool address_public_v6(const uint8_t address[16])
{
    static const struct prefix given_out = {{0x20}, 3};
    static const struct prefix translated = {{0x00, 0x64, 0xff, 0x9b}, 96};
    static const struct prefix mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
    static const struct prefix six_to_four = {{0x20, 0x02}, 16};
    if (within(address, &translated) || within(address, &mapped)) {
        return address_public_v4(address + 12);
    }
    if (within(address, &six_to_four)) {
        return address_public_v4(address + 2);
    }
    if (!within(address, &given_out)) {
        return false;
    }
    for (size_t i = 0; i < sizeof closed_v6 / sizeof closed_v6[0]; i++) {
        if (within(address, &closed_v6[i])) {
            return false;
        }
    }
    return true;
}
