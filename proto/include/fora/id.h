/*
 * Identifiers and keys as types of their own, so that a space id cannot stand where an object id
 * belongs (spec/02-objects.md, OBJ-3).
 */
#ifndef FORA_ID_H
#define FORA_ID_H

#include "fora/bytes.h"

enum {
    FORA_ID_SIZE = 32,
    FORA_KEY_SIZE = 32,
    FORA_SIGNATURE_SIZE = 64,
    FORA_HASH_SIZE = 32,
    FORA_ID_TEXT_MAX = 80 /* a bech32m text with its NUL fits */
};

struct fora_object_id {
    uint8_t b[FORA_ID_SIZE];
};
/* The object id of the first entry of the principal's identity log (ID-2). */
struct fora_principal_id {
    uint8_t b[FORA_ID_SIZE];
};
/* The object id of the space's first policy statement (POL-2). */
struct fora_space_id {
    uint8_t b[FORA_ID_SIZE];
};
struct fora_hash {
    uint8_t b[FORA_HASH_SIZE];
};
/* An Ed25519 public key. */
struct fora_key {
    uint8_t b[FORA_KEY_SIZE];
};
struct fora_signature {
    uint8_t b[FORA_SIGNATURE_SIZE];
};

/* Human-readable prefixes of bech32m texts (OBJ-9). */
#define FORA_HRP_OBJECT "fora"
#define FORA_HRP_MEMBER "foram"
#define FORA_HRP_NODE "foran"
#define FORA_HRP_SPACE "foras"
#define FORA_HRP_KEY "forak"

/*
 * Writes `hrp` + "1" + data + checksum (BIP 350) and a NUL to out[FORA_ID_TEXT_MAX].
 * `hrp` is at most 10 lower-case letters.
 */
void fora_id_format(char out[FORA_ID_TEXT_MAX], const char *hrp, const uint8_t id[FORA_ID_SIZE]);
/*
 * Reads a bech32m text of exactly that prefix. FORA_E_MALFORMED for a wrong prefix, length,
 * character, mixed case, checksum or padding.
 */
int fora_id_parse(uint8_t id[FORA_ID_SIZE], const char *hrp, const char *text) FORA_MUST_USE;

bool fora_id_is_zero(const uint8_t id[FORA_ID_SIZE]);

#endif
