/* Entries for the owner of the keys to sign. */
#include "log.h"

#include <string.h>

void fora_identity_commitment(struct fora_hash *out, const struct fora_key *root)
{
    fora_hash1(out, FORA_DOMAIN_ROOTKEY, fora_bytes(root->b, FORA_KEY_SIZE));
}

static int build(struct fora_buf *out, struct fora_header *header,
    const struct fora_identity_entry *entry, const struct fora_secret *signer,
    struct fora_object_id *id)
{
    struct fora_content content = {.kind = FORA_KIND_IDENTITY, .u.identity = *entry};
    struct fora_buf encoded;
    int error;

    fora_buf_init(&encoded, FORA_CONTENT_MAX);
    error = fora_content_encode(&encoded, &content);
    if (error == 0)
        error = fora_object_build(out, header, fora_buf_bytes(&encoded), signer, id);
    fora_buf_fini(&encoded);
    return error;
}

int fora_identity_build_create(struct fora_buf *out, const struct fora_identity_create *create,
    const struct fora_salt *salt, uint64_t created_at, const struct fora_secret *root,
    struct fora_principal_id *principal)
{
    struct fora_header header = {.kind = FORA_KIND_IDENTITY, .created_at = created_at};
    struct fora_identity_create copy = *create;
    struct fora_identity_entry entry = {.salt = *salt, .create = &copy};
    struct fora_object_id id;
    int error = build(out, &header, &entry, root, &id);

    if (error == 0 && principal != NULL)
        memcpy(principal->b, id.b, FORA_ID_SIZE);
    return error;
}

int fora_identity_build_next(struct fora_buf *out, const struct fora_identity *identity,
    struct fora_identity_entry *entry, uint64_t created_at, const struct fora_secret *signer)
{
    static const struct fora_salt no_salt;
    struct fora_header header = {.kind = FORA_KIND_IDENTITY};
    const struct log_entry *head;

    if (identity->count == 0)
        return FORA_E_USAGE;
    head = &identity->entries[identity->head];
    if (memcmp(&entry->salt, &no_salt, sizeof(no_salt)) == 0)
        fora_salt_random(&entry->salt);
    entry->sequence = head->content.sequence + 1;
    header.author = *fora_identity_principal(identity);
    header.parent = head->id;
    /* A clock that runs behind the last entry's must not make an entry that does not follow. */
    header.created_at = created_at < head->created_at ? head->created_at : created_at;
    return build(out, &header, entry, signer, NULL);
}
