/* Bech32m of BIP 350 for any prefix and any payload; fora/id.h is what the rest of libfora uses. */
#ifndef FORA_BASE_BECH32_H
#define FORA_BASE_BECH32_H

#include "fora/bytes.h"

enum {
    FORA_BECH32_TEXT_MAX = 90, /* of the whole text, without a NUL */
    FORA_BECH32_HRP_MAX = 83
};

/*
 * Takes a text apart into its prefix in lower case (with NUL) and its 5-bit groups without the
 * checksum. FORA_E_MALFORMED for what BIP 350 calls invalid.
 */
int fora_bech32m_decode(char hrp[FORA_BECH32_HRP_MAX + 1], uint8_t groups[FORA_BECH32_TEXT_MAX],
    size_t *count, const char *text) FORA_MUST_USE;

/* Writes the text of `count` 5-bit groups and a NUL; the caller has checked that it fits. */
void fora_bech32m_encode(char *out, const char *hrp, const uint8_t *groups, size_t count);

#endif
