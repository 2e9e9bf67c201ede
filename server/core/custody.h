/*
 * Custodial identities: members whose keys the node keeps (DESIGN section 1, "custodial").
 *
 * No key is stored. Each is derived from the node's custody secret and a label: 16 random bytes for
 * somebody who registered here, or the id of the source ("stackexchange:SITE:user:17") for somebody
 * who was imported. So an import is a function of the dump and of that secret, and its owner can
 * claim the identity later. Who has the secret has every such key: it is kept apart from the store.
 *
 * Nothing here knows the store.
 */
#ifndef FORAD_CORE_CUSTODY_H
#define FORAD_CORE_CUSTODY_H

#include "fora/identity.h"

enum { CUSTODY_SECRET_SIZE = 32, CUSTODY_LABEL_MAX = 200, CUSTODY_LABEL_RANDOM = 16 };

/* The device key that signs for the member. The caller frees it. FORA_E_NOMEM. */
int custody_device(struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label) FORA_MUST_USE;
/* The root key, and the one that it rotates to: for a member who takes her identity away. */
int custody_root(struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label) FORA_MUST_USE;
int custody_next(struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label) FORA_MUST_USE;
/* The commitment to the key of custody_next (ID-6). FORA_E_NOMEM. */
int custody_next_commitment(struct fora_hash *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label) FORA_MUST_USE;
/* The X25519 secret of the device, for sealed content. The caller wipes it. */
void custody_seal(
    uint8_t out[32], const uint8_t custody[CUSTODY_SECRET_SIZE], struct fora_bytes label);

/*
 * Appends the create entry of the member's identity log: one custodial device key, the next root
 * committed to, `home` this node. `next_root` is the commitment to a key that the member has, or
 * NULL: then it is derived as the others are. The same arguments give the same bytes, the salt
 * included.
 * FORA_E_NOMEM, the error of `out`, or what encoding said (a created_at of 0).
 */
int custody_identity_build(struct fora_buf *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label, const struct fora_principal_id *home,
    const struct fora_hash *next_root, uint64_t created_at,
    struct fora_principal_id *principal) FORA_MUST_USE;

/*
 * Imported identities are dated so, the day before the first of the sites that are imported opened:
 * then who somebody is depends on node and source id alone, and not on which dump named her.
 */
#define CUSTODY_IMPORTED_AT UINT64_C(1217462400000) /* 2008-07-31 */

/* Who was, or would be, imported under that label. FORA_E_NOMEM. */
int custody_imported(struct fora_principal_id *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label, const struct fora_principal_id *home) FORA_MUST_USE;

/*
 * A salt that is a function of secret, purpose and name, for objects that are made again by a
 * repeated import: who lacks the secret cannot guess it. `domain` is a constant of the caller, one
 * for each purpose, at most 64 bytes.
 */
void custody_salt(struct fora_salt *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    const char *domain, struct fora_bytes name);

#endif
