/* Signing what others defined (VC-1). */
#include "crypto/raw.h"
#include "fora/reputation.h"

void fora_sign_credential(struct fora_signature *out, const struct fora_secret *secret,
    const struct fora_hash *config, const struct fora_hash *document)
{
    uint8_t both[2 * FORA_HASH_SIZE];

    for (size_t i = 0; i < FORA_HASH_SIZE; i++) {
        both[i] = config->b[i];
        both[FORA_HASH_SIZE + i] = document->b[i];
    }
    fora_sign_raw(out, secret, fora_bytes(both, sizeof(both)));
}
