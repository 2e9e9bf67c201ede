/* Which addresses lie on the public internet (DOM-4). */
#ifndef FORAD_DOMAIN_ADDRESS_H
#define FORAD_DOMAIN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

bool address_public_v4(const uint8_t address[4]);
/* Also judges the IPv4 address inside a mapped, translated (NAT64) or 6to4 one. */
bool address_public_v6(const uint8_t address[16]);

#endif
