/*
 * Ed25519 without Fora's domain prefix, exactly as libsodium does it: for test vectors of others
 * and for formats that are not Fora's own (Verifiable Credentials). Fora's objects go through
 * fora_sign() and fora_verify().
 */
#ifndef FORA_CRYPTO_RAW_H
#define FORA_CRYPTO_RAW_H

#include "fora/crypto.h"

void fora_sign_raw(
    struct fora_signature *out, const struct fora_secret *secret, struct fora_bytes message);
/* 0 or FORA_E_SIGNATURE. The message may have any size. */
int fora_verify_raw(const struct fora_signature *signature, const struct fora_key *key,
    struct fora_bytes message) FORA_MUST_USE;

#endif
