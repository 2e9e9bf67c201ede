/* Bundles: what a member carries (ATT-11). */
#include "claims.h"

#include "wire/tables.h"

#include <stdlib.h>
#include <string.h>

int fora_bundle_encode(struct fora_buf *out, const struct fora_bundle *bundle)
{
    size_t before = out->size;
    int error = wire_encode(out, &fora_bundle_table, bundle);

    if (error == 0 && out->size - before > FORA_BUNDLE_MAX)
        error = FORA_E_TOO_LARGE;
    if (error != 0)
        out->size = before;
    return error;
}

int fora_bundle_decode(struct fora_arena *arena, struct fora_bytes bytes, struct fora_bundle *out)
{
    int error;

    if (bytes.size > FORA_BUNDLE_MAX)
        return FORA_E_TOO_LARGE;
    error = wire_decode(arena, &fora_bundle_table, bytes, out);
    return error == 0 && out->version != 1 ? FORA_E_VERSION : error;
}

static int take(struct fora_bytes encoded, struct fora_claims *claims, struct fora_object *object)
{
    int error = fora_object_decode(object, encoded);

    if (error == 0)
        error = fora_object_verify(object);
    return error == 0 ? fora_claims_add(claims, object) : error;
}

/* A delegation on which something rests has its place in a bundle whoever it is about. */
static bool rested_on(const struct fora_claims *claims, const struct claim_entry *entry)
{
    for (size_t i = 0; i < claims->claims_count; i++) {
        if (memcmp(claims->claims[i].content.delegation.b, entry->object.id.b, FORA_ID_SIZE) == 0)
            return true;
    }
    return false;
}

static int find_strangers(const struct fora_bundle *bundle, const struct fora_object_id *ids,
    struct fora_claims *claims, void (*refused)(void *context, size_t index, int code),
    void *context)
{
    int error = claims_settle(claims);

    for (size_t i = 0; i < bundle->objects_count && error == 0 && refused != NULL; i++) {
        const struct claim_entry *entry =
            fora_id_is_zero(ids[i].b) ? NULL : claims_find(claims, &ids[i]);

        if (entry != NULL &&
            memcmp(entry->content.subject.b, bundle->subject.b, FORA_ID_SIZE) != 0 &&
            !rested_on(claims, entry))
            refused(context, i, FORA_E_MISMATCH);
    }
    return error;
}

int fora_bundle_open(const struct fora_bundle *bundle, struct fora_claims *claims,
    void (*refused)(void *context, size_t index, int code), void *context)
{
    struct fora_object_id *ids;
    int error = 0;

    if (bundle->objects_count == 0)
        return 0;
    ids = calloc(bundle->objects_count, sizeof(*ids));
    if (ids == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < bundle->objects_count && error == 0; i++) {
        struct fora_object object;
        int code = take(bundle->objects[i], claims, &object);

        if (code == FORA_E_NOMEM)
            error = code;
        else if (code != 0 && refused != NULL)
            refused(context, i, code);
        else if (code == 0 && object.header.kind == FORA_KIND_ATTESTATION)
            ids[i] = object.id;
    }
    if (error == 0)
        error = find_strangers(bundle, ids, claims, refused, context);
    free(ids);
    return error;
}

struct fora_bundle fora_bundle_of_carried(
    const struct fora_header *header, const struct fora_carried *carried)
{
    return (struct fora_bundle){.version = 1,
        .subject = header->author,
        .made_at = header->created_at,
        .objects = carried->objects,
        .objects_count = carried->objects_count};
}
