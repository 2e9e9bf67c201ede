/* Transport messages: one AEAD each, straight between the caller's bytes and the caller's buffer.
 */
#include "state.h"

int fora_noise_encrypt(struct fora_noise *noise, struct fora_buf *out, struct fora_bytes plain)
{
    uint8_t *at;

    if (noise->phase != NOISE_TRANSPORT || noise->sending.nonce == UINT64_MAX)
        return FORA_E_STATE;
    if (plain.size > FORA_NOISE_MESSAGE_MAX - FORA_NOISE_TAG_SIZE)
        return FORA_E_TOO_LARGE;
    at = fora_buf_extend(out, plain.size + FORA_NOISE_TAG_SIZE);
    if (at == NULL)
        return out->error; /* the nonce is not used: the session goes on */
    fora_noise_cipher_encrypt(&noise->sending, at, plain, fora_bytes(NULL, 0));
    return 0;
}

int fora_noise_decrypt(struct fora_noise *noise, struct fora_buf *out, struct fora_bytes message)
{
    size_t before = out->size;
    uint8_t *at;

    if (noise->phase != NOISE_TRANSPORT || noise->receiving.nonce == UINT64_MAX)
        return FORA_E_STATE;
    if (message.size > FORA_NOISE_MESSAGE_MAX || message.size < FORA_NOISE_TAG_SIZE) {
        noise->phase = NOISE_DEAD;
        return FORA_E_CRYPTO;
    }
    at = fora_buf_extend(out, message.size - FORA_NOISE_TAG_SIZE);
    if (at == NULL)
        return out->error;
    if (!fora_noise_cipher_decrypt(&noise->receiving, at, message, fora_bytes(NULL, 0))) {
        out->size = before;
        noise->phase = NOISE_DEAD;
        return FORA_E_CRYPTO;
    }
    return 0;
}
