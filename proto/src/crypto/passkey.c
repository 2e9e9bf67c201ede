/* A key from a passphrase, for secrets that a person keeps on her own disk. */
#include "fora/crypto.h"

#include <sodium.h>

_Static_assert(crypto_pwhash_SALTBYTES == 16, "what fora_password_key() promises");

int fora_password_key(uint8_t out[32], struct fora_bytes password, const uint8_t salt[16])
{
    const char *text = password.size == 0 ? "" : (const char *)password.data;

    if (crypto_pwhash(out, 32, text, password.size, salt, crypto_pwhash_OPSLIMIT_MODERATE,
            crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return FORA_E_NOMEM; /* its only cause with these constants */
    return 0;
}
