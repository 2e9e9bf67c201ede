/* Keys from a secret and a label, and the identity that they make. */
#include "core/custody.h"

#include "fora/noise.h"

#include <string.h>

/* One domain for each key, so that none tells anything of another. */
static const char domain_root[] = "forad.custody.root";
static const char domain_next[] = "forad.custody.next";
static const char domain_device[] = "forad.custody.device";
static const char domain_seal[] = "forad.custody.seal";
static const char domain_salt[] = "forad.custody.salt";

int custody_device(
    struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE], struct fora_bytes label)
{
    return fora_secret_derive(out, custody, domain_device, label);
}

int custody_root(
    struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE], struct fora_bytes label)
{
    return fora_secret_derive(out, custody, domain_root, label);
}

int custody_next(
    struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE], struct fora_bytes label)
{
    return fora_secret_derive(out, custody, domain_next, label);
}

void custody_seal(
    uint8_t out[32], const uint8_t custody[CUSTODY_SECRET_SIZE], struct fora_bytes label)
{
    struct fora_hash seed;
    fora_hash_keyed(&seed, custody, domain_seal, &label, 1);
    memcpy(out, seed.b, sizeof seed.b);
    fora_wipe(&seed, sizeof seed);
}

void custody_salt(struct fora_salt *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    const char *domain, struct fora_bytes name)
{
    struct fora_hash hash;
    fora_hash_keyed(&hash, custody, domain, &name, 1);
    memcpy(out->b, hash.b, sizeof out->b);
}

int custody_next_commitment(
    struct fora_hash *out, const uint8_t custody[CUSTODY_SECRET_SIZE], struct fora_bytes label)
{
    struct fora_secret *next = NULL;
    struct fora_key key;
    int rc = custody_next(&next, custody, label);
    if (rc == 0) {
        fora_secret_public(next, &key);
        fora_identity_commitment(out, &key);
    }
    fora_secret_free(next);
    return rc;
}

static int device_key(struct fora_device_key *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label)
{
    struct fora_secret *device = NULL;
    uint8_t seal[32];
    int rc = custody_device(&device, custody, label);
    if (rc == 0) {
        fora_secret_public(device, &out->sign);
        custody_seal(seal, custody, label);
        fora_noise_public(out->seal.b, seal);
        fora_wipe(seal, sizeof seal);
        out->label = fora_bytes_str("home");
        out->custodial = true;
    }
    fora_secret_free(device);
    return rc;
}

int custody_identity_build(struct fora_buf *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label, const struct fora_principal_id *home,
    const struct fora_hash *next_root, uint64_t created_at, struct fora_principal_id *principal)
{
    struct fora_secret *root = NULL;
    struct fora_device_key device = {0};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_MEMBER, .keys = &device, .keys_count = 1, .home = *home};
    struct fora_salt salt;
    int rc = 0;
    if (next_root != NULL) {
        create.next_root_commitment = *next_root;
    } else {
        rc = custody_next_commitment(&create.next_root_commitment, custody, label);
    }
    if (rc == 0) {
        rc = device_key(&device, custody, label);
    }
    if (rc == 0) {
        rc = custody_root(&root, custody, label);
    }
    if (rc == 0) {
        custody_salt(&salt, custody, domain_salt, label);
        rc = fora_identity_build_create(out, &create, &salt, created_at, root, principal);
    }
    fora_secret_free(root);
    return rc;
}

int custody_imported(struct fora_principal_id *out, const uint8_t custody[CUSTODY_SECRET_SIZE],
    struct fora_bytes label, const struct fora_principal_id *home)
{
    struct fora_buf entry = {0};
    int rc = custody_identity_build(&entry, custody, label, home, NULL, CUSTODY_IMPORTED_AT, out);
    fora_buf_fini(&entry);
    return rc;
}
