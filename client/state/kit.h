/*
 * The paper kit: who she is and the key that recovers it, for a person to write down and type in.
 *
 *   1  7KQM-4T2R-0VCX-9GHA-PW3  JN
 *
 * 70 bytes in base32 (0-9, A-Z without I, L, O, U) in seven lines of ten bytes, each with its
 * number and two characters that check it. Reading forgives what writing by hand does: small
 * letters, spaces, dashes, O for 0, I and L for 1; and says which line is wrong.
 *
 * The bytes: 1 version (1), 32 principal id, 32 seed of the next root key, 5 check over all.
 */
#ifndef FORA_CLIENT_KIT_H
#define FORA_CLIENT_KIT_H

#include "fora/crypto.h"

enum { KIT_LINES = 7, KIT_LINE_BYTES = 10, KIT_LINE_MAX = 32 /* characters and NUL */ };

struct kit {
    struct fora_principal_id member;
    uint8_t next_root[32]; /* the caller wipes it */
};

/* Seven lines without their ends. */
void kit_write(char out[KIT_LINES][KIT_LINE_MAX], const struct kit *kit);
/* One line as typed. The number of the line, 1 to KIT_LINES, and its bytes; 0 when it does not
 * check. */
unsigned kit_read_line(const char *typed, uint8_t out[KIT_LINE_BYTES]);
/* All bytes. False when they do not belong together. */
bool kit_read(const uint8_t bytes[KIT_LINES][KIT_LINE_BYTES], struct kit *out);

#endif
