#include "maintain/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_append(struct fora_buf *out, struct fora_bytes data)
{
    uint8_t *at = fora_buf_extend(out, (data.size + 2) / 3 * 4);
    if (at == NULL) {
        return;
    }
    for (size_t i = 0; i < data.size; i += 3) {
        size_t left = data.size - i;
        uint32_t bits = (uint32_t)data.data[i] << 16;
        bits |= left > 1 ? (uint32_t)data.data[i + 1] << 8 : 0;
        bits |= left > 2 ? data.data[i + 2] : 0;
        at[0] = (uint8_t)digits[bits >> 18];
        at[1] = (uint8_t)digits[bits >> 12 & 63];
        at[2] = left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=';
        at[3] = left > 2 ? (uint8_t)digits[bits & 63] : '=';
        at += 4;
    }
}

/* 64 for what is no digit. */
static uint32_t digit_value(uint8_t digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return (uint32_t)(digit - 'A');
    }
    if (digit >= 'a' && digit <= 'z') {
        return (uint32_t)(digit - 'a') + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return (uint32_t)(digit - '0') + 52;
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : 64;
}

int base64_read(struct fora_buf *out, struct fora_bytes text)
{
    size_t padding = 0;
    if (text.size % 4 != 0) {
        return FORA_E_MALFORMED;
    }
    while (padding < 2 && padding < text.size && text.data[text.size - 1 - padding] == '=') {
        padding++;
    }
    for (size_t i = 0; i < text.size; i += 4) {
        size_t pad = i + 4 == text.size ? padding : 0;
        uint32_t bits = 0;
        for (size_t j = 0; j < 4; j++) {
            uint32_t value = j < 4 - pad ? digit_value(text.data[i + j]) : 0;
            if (value > 63) {
                return FORA_E_MALFORMED;
            }
            bits = bits << 6 | value;
        }
        if ((pad == 1 && (bits & 0xff) != 0) || (pad == 2 && (bits & 0xffff) != 0)) {
            return FORA_E_MALFORMED;
        }
        const uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
        fora_buf_append(out, bytes, 3 - pad);
    }
    return out->error;
}
