/* Bech32m (BIP 350) and the text form of ids. */
#include "bech32.h"

#include "fora/id.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHECKSUM_SIZE = 6,
    HRP_MAX = 10,                          /* of a Fora prefix */
    ID_GROUPS = (FORA_ID_SIZE * 8 + 4) / 5 /* 52: 260 bits, of which the last 4 are zero padding */
};

static const uint32_t BECH32M_CONSTANT = 0x2bc830a3;
static const char CHARSET[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t polymod_step(uint32_t state, uint8_t value)
{
    static const uint32_t generator[5] = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = state >> 25;

    state = (state & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++) {
        if (top >> i & 1)
            state ^= generator[i];
    }
    return state;
}

/* The checksum's state after the prefix, spread over high and low bits as BIP 173 says. */
static uint32_t polymod_hrp(const char *hrp)
{
    uint32_t state = 1;

    for (size_t i = 0; hrp[i] != 0; i++)
        state = polymod_step(state, (uint8_t)hrp[i] >> 5);
    state = polymod_step(state, 0);
    for (size_t i = 0; hrp[i] != 0; i++)
        state = polymod_step(state, (uint8_t)hrp[i] & 31);
    return state;
}

void fora_bech32m_encode(char *out, const char *hrp, const uint8_t *groups, size_t count)
{
    uint32_t state = polymod_hrp(hrp);
    size_t at = strlen(hrp);

    memcpy(out, hrp, at);
    out[at++] = '1';
    for (size_t i = 0; i < count; i++) {
        state = polymod_step(state, groups[i]);
        out[at++] = CHARSET[groups[i]];
    }
    for (size_t i = 0; i < CHECKSUM_SIZE; i++)
        state = polymod_step(state, 0);
    state ^= BECH32M_CONSTANT;
    for (size_t i = 0; i < CHECKSUM_SIZE; i++)
        out[at++] = CHARSET[state >> 5 * (CHECKSUM_SIZE - 1 - i) & 31];
    out[at] = 0;
}

/* Copies in lower case. False for a character outside 33..126 or both cases in one text. */
static bool fold_case(char *out, const char *text, size_t size)
{
    bool lower = false, upper = false;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        if (c < 33 || c > 126)
            return false;
        lower = lower || (c >= 'a' && c <= 'z');
        upper = upper || (c >= 'A' && c <= 'Z');
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    out[size] = 0;
    return !(lower && upper);
}

int fora_bech32m_decode(char hrp[FORA_BECH32_HRP_MAX + 1], uint8_t groups[FORA_BECH32_TEXT_MAX],
    size_t *count, const char *text)
{
    char folded[FORA_BECH32_TEXT_MAX + 1];
    size_t size = strnlen(text, FORA_BECH32_TEXT_MAX + 1);
    char *separator;
    size_t hrp_size, data_size;
    uint32_t state;

    if (size > FORA_BECH32_TEXT_MAX || !fold_case(folded, text, size))
        return FORA_E_MALFORMED;
    separator = strrchr(folded, '1'); /* the last one: a prefix may hold others */
    if (separator == NULL || separator == folded)
        return FORA_E_MALFORMED;
    hrp_size = (size_t)(separator - folded);
    data_size = size - hrp_size - 1;
    if (data_size < CHECKSUM_SIZE)
        return FORA_E_MALFORMED;
    memcpy(hrp, folded, hrp_size);
    hrp[hrp_size] = 0;
    state = polymod_hrp(hrp);
    for (size_t i = 0; i < data_size; i++) {
        const char *found = strchr(CHARSET, separator[1 + i]);

        if (found == NULL)
            return FORA_E_MALFORMED;
        groups[i] = (uint8_t)(found - CHARSET);
        state = polymod_step(state, groups[i]);
    }
    *count = data_size - CHECKSUM_SIZE;
    return state == BECH32M_CONSTANT ? 0 : FORA_E_MALFORMED;
}

void fora_id_format(char out[FORA_ID_TEXT_MAX], const char *hrp, const uint8_t id[FORA_ID_SIZE])
{
    uint8_t groups[ID_GROUPS];
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;

    if (strnlen(hrp, HRP_MAX + 1) > HRP_MAX)
        abort(); /* would write beyond out */
    for (size_t i = 0; i < FORA_ID_SIZE; i++) {
        bits = (bits << 8 | id[i]) & 0xfff;
        for (held += 8; held >= 5; held -= 5)
            groups[count++] = bits >> (held - 5) & 31;
    }
    groups[count++] = (uint8_t)(bits << (5 - held)) & 31;
    fora_bech32m_encode(out, hrp, groups, count);
}

int fora_id_parse(uint8_t id[FORA_ID_SIZE], const char *hrp, const char *text)
{
    char found[FORA_BECH32_HRP_MAX + 1];
    uint8_t groups[FORA_BECH32_TEXT_MAX];
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count, at = 0;
    int error = fora_bech32m_decode(found, groups, &count, text);

    if (error != 0)
        return error;
    if (strcmp(found, hrp) != 0 || count != ID_GROUPS)
        return FORA_E_MALFORMED;
    /* Padding bits other than zero would give one id several texts. */
    if ((groups[ID_GROUPS - 1] & 15) != 0)
        return FORA_E_MALFORMED;
    for (size_t i = 0; i < ID_GROUPS; i++) {
        bits = (bits << 5 | groups[i]) & 0xfff;
        held += 5;
        if (held >= 8) {
            held -= 8;
            id[at++] = (uint8_t)(bits >> held);
        }
    }
    return 0;
}

bool fora_id_is_zero(const uint8_t id[FORA_ID_SIZE])
{
    uint8_t any = 0;

    for (size_t i = 0; i < FORA_ID_SIZE; i++)
        any |= id[i];
    return any == 0;
}
