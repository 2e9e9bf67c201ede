/*
 * Objects: envelope, header, id, signature.
 *
 * Cheap before dear: sizes, then the shape of the envelope, then the header, then one hash; what
 * costs a signature check is a call of its own.
 */
#include "fora/object.h"

#include "wire/tables.h"

#include <string.h>

enum { OBJECT_HEADER = 1, OBJECT_SIGNATURE = 2, OBJECT_CONTENT = 3, WIRE_DELIMITED = 2 };

/* ---- Which reference a kind may have (OBJ-7) ---- */

enum rule { FREE, MUST, NEVER };

struct kind_rule {
    uint8_t space;
    uint8_t root;
    uint8_t parent;
};

static struct kind_rule rule_of(const struct fora_header *header)
{
    const struct kind_rule alone = {NEVER, NEVER, NEVER};
    const struct kind_rule in_space = {MUST, NEVER, NEVER};
    bool first;

    switch ((enum fora_kind)header->kind) {
    case FORA_KIND_IDENTITY:
        /* The first entry has neither author nor parent, a later one has both. */
        first = fora_id_is_zero(header->author.b);
        return (struct kind_rule){NEVER, NEVER, first ? NEVER : MUST};
    case FORA_KIND_POLICY:
        first = fora_id_is_zero(header->space.b);
        return first ? alone : in_space;
    case FORA_KIND_PROFILE:
    case FORA_KIND_CARRIED:
        return alone;
    case FORA_KIND_THREAD:
    case FORA_KIND_CHECKPOINT:
        return in_space;
    case FORA_KIND_POST:
    case FORA_KIND_REVISION:
    case FORA_KIND_TALLY:
    case FORA_KIND_RESOLUTION:
    case FORA_KIND_STATUS:
    case FORA_KIND_CITE:
    case FORA_KIND_DUPLICATE:
    case FORA_KIND_FLAG:
    case FORA_KIND_MODERATION:
    case FORA_KIND_APPEAL:
    case FORA_KIND_RETRACTION:
        return (struct kind_rule){MUST, MUST, MUST};
    case FORA_KIND_UNSPECIFIED:
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_REVOCATION:
    case FORA_KIND_MEMBERSHIP:
    case FORA_KIND_CASE:
    case FORA_KIND_RECEIPT:
        break;
    }
    return (struct kind_rule){FREE, FREE, FREE};
}

static bool obeys(uint8_t rule, const uint8_t id[FORA_ID_SIZE])
{
    return rule == FREE || (rule == MUST) == !fora_id_is_zero(id);
}

static int check_header(const struct fora_header *header)
{
    struct kind_rule rule = rule_of(header);

    if (header->content_size > FORA_CONTENT_MAX)
        return FORA_E_TOO_LARGE;
    if (fora_id_is_zero(header->author.b) && header->kind != FORA_KIND_IDENTITY)
        return FORA_E_MALFORMED;
    if (!obeys(rule.space, header->space.b) || !obeys(rule.root, header->root.b) ||
        !obeys(rule.parent, header->parent.b))
        return FORA_E_MALFORMED;
    /* A lane divides the participants of what is private. */
    if (header->lane.size != 0 &&
        (header->audience == FORA_AUDIENCE_PUBLIC || header->audience == FORA_AUDIENCE_RESTRICTED))
        return FORA_E_MALFORMED;
    return 0;
}

/* ---- Reading ---- */

int fora_header_decode(struct fora_header *out, struct fora_bytes bytes)
{
    int code;

    memset(out, 0, sizeof(*out));
    if (bytes.size > FORA_HEADER_MAX)
        return FORA_E_TOO_LARGE;
    code = wire_decode(NULL, &fora_header_table, bytes, out);
    if (code != 0)
        return code;
    return out->version != FORA_OBJECT_VERSION ? FORA_E_VERSION : check_header(out);
}

/*
 * The next part of the envelope. It is not signed, so it has one encoding only (OBJ-1): these
 * fields in this order, nothing between them, nothing after them, none empty.
 */
static int next_part(struct fora_reader *reader, uint32_t number, struct fora_bytes *out)
{
    struct wire_raw raw;

    if (!wire_next(reader, &raw) || raw.number != number || raw.wire != WIRE_DELIMITED ||
        raw.bytes.size == 0)
        return FORA_E_MALFORMED;
    *out = raw.bytes;
    return 0;
}

/* All but the id. */
static int decode_parts(struct fora_object *out, struct fora_bytes encoded)
{
    struct fora_reader reader;
    struct fora_bytes signature;
    int code;

    memset(out, 0, sizeof(*out));
    if (encoded.size > FORA_OBJECT_MAX)
        return FORA_E_TOO_LARGE;
    out->encoded = encoded;
    fora_reader_init(&reader, encoded);
    code = next_part(&reader, OBJECT_HEADER, &out->header_bytes);
    if (code == 0)
        code = next_part(&reader, OBJECT_SIGNATURE, &signature);
    if (code != 0)
        return code;
    if (signature.size != sizeof(out->signature.b))
        return FORA_E_MALFORMED;
    memcpy(out->signature.b, signature.data, sizeof(out->signature.b));
    if (reader.left != 0) {
        code = next_part(&reader, OBJECT_CONTENT, &out->content_bytes);
        if (code != 0)
            return code;
        out->has_content = true;
    }
    if (reader.left != 0)
        return FORA_E_MALFORMED;
    if (out->content_bytes.size > FORA_CONTENT_MAX)
        return FORA_E_TOO_LARGE;
    return fora_header_decode(&out->header, out->header_bytes);
}

int fora_object_decode(struct fora_object *out, struct fora_bytes encoded)
{
    int code = decode_parts(out, encoded);

    if (code == 0)
        fora_object_id_of(&out->id, out->header_bytes);
    return code;
}

int fora_object_decode_header(struct fora_header *out, struct fora_bytes encoded)
{
    struct fora_object object;
    int code = decode_parts(&object, encoded);

    *out = object.header;
    return code;
}

void fora_object_id_of(struct fora_object_id *out, struct fora_bytes header_bytes)
{
    struct fora_hash hash;

    fora_hash1(&hash, FORA_DOMAIN_OBJECT, header_bytes);
    memcpy(out->b, hash.b, sizeof(out->b));
}

void fora_content_hash_of(struct fora_hash *out, struct fora_bytes content)
{
    fora_hash1(out, FORA_DOMAIN_CONTENT, content);
}

int fora_object_verify(const struct fora_object *object)
{
    if (object->has_content) {
        struct fora_hash hash;

        if (object->content_bytes.size != object->header.content_size)
            return FORA_E_CONTENT_HASH;
        fora_content_hash_of(&hash, object->content_bytes);
        if (memcmp(hash.b, object->header.content_hash.b, sizeof(hash.b)) != 0)
            return FORA_E_CONTENT_HASH;
    }
    return fora_verify(&object->signature, &object->header.key, FORA_DOMAIN_SIGN_OBJECT,
        fora_bytes(object->id.b, sizeof(object->id.b)));
}

/* ---- Writing ---- */

/* The envelope; on an error `out` has the size that it had. */
static int put_object(struct fora_buf *out, struct fora_bytes header,
    const struct fora_signature *signature, struct fora_bytes content)
{
    size_t start = out->size;

    wire_put_bytes(out, OBJECT_HEADER, header);
    wire_put_bytes(out, OBJECT_SIGNATURE, fora_bytes(signature->b, sizeof(signature->b)));
    if (content.size != 0)
        wire_put_bytes(out, OBJECT_CONTENT, content);
    if (out->error != 0)
        out->size = start;
    return out->error;
}

int fora_object_build(struct fora_buf *out, struct fora_header *header, struct fora_bytes content,
    const struct fora_secret *secret, struct fora_object_id *id)
{
    struct fora_buf bytes;
    struct fora_signature signature;
    struct fora_object_id fresh;
    int code;

    if (content.size > FORA_CONTENT_MAX)
        return FORA_E_TOO_LARGE;
    header->version = FORA_OBJECT_VERSION;
    header->content_size = (uint32_t)content.size;
    fora_secret_public(secret, &header->key);
    fora_content_hash_of(&header->content_hash, content);
    code = check_header(header);
    if (code != 0)
        return code;
    fora_buf_init(&bytes, FORA_HEADER_MAX);
    code = wire_encode(&bytes, &fora_header_table, header);
    if (code == 0) {
        fora_object_id_of(&fresh, fora_buf_bytes(&bytes));
        fora_sign(
            &signature, secret, FORA_DOMAIN_SIGN_OBJECT, fora_bytes(fresh.b, sizeof(fresh.b)));
        code = put_object(out, fora_buf_bytes(&bytes), &signature, content);
    }
    if (code == 0 && id != NULL)
        *id = fresh;
    fora_buf_fini(&bytes);
    return code;
}

int fora_object_strip(struct fora_buf *out, const struct fora_object *object)
{
    return put_object(out, object->header_bytes, &object->signature, fora_bytes(NULL, 0));
}

/* ---- Place in a set ---- */

bool fora_kind_replaceable(uint32_t kind)
{
    return kind == FORA_KIND_PROFILE || kind == FORA_KIND_TALLY || kind == FORA_KIND_CHECKPOINT ||
           kind == FORA_KIND_CARRIED;
}

void fora_object_slot(struct fora_hash *out, const struct fora_header *header)
{
    bool has_parent = !fora_id_is_zero(header->parent.b);
    uint8_t kind[4] = {(uint8_t)(header->kind >> 24), (uint8_t)(header->kind >> 16),
        (uint8_t)(header->kind >> 8), (uint8_t)header->kind};
    const struct fora_bytes parts[] = {
        fora_bytes(header->author.b, sizeof(header->author.b)),
        fora_bytes(kind, sizeof(kind)),
        fora_bytes(has_parent ? header->parent.b : header->space.b, FORA_ID_SIZE),
    };

    fora_hash(out, FORA_DOMAIN_SLOT, parts, sizeof(parts) / sizeof(parts[0]));
}

int fora_object_order(
    uint64_t a_at, const struct fora_object_id *a, uint64_t b_at, const struct fora_object_id *b)
{
    if (a_at != b_at)
        return a_at < b_at ? -1 : 1;
    return memcmp(a->b, b->b, sizeof(a->b));
}

bool fora_header_principal_scoped(const struct fora_header *header)
{
    switch (header->kind) {
    case FORA_KIND_IDENTITY:
    case FORA_KIND_PROFILE:
    case FORA_KIND_CARRIED:
        return true;
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_REVOCATION:
        return fora_id_is_zero(header->space.b);
    default:
        return false;
    }
}

struct fora_principal_id fora_object_principal(const struct fora_object *object)
{
    struct fora_principal_id principal = object->header.author;

    if (object->header.kind == FORA_KIND_IDENTITY && fora_id_is_zero(principal.b))
        memcpy(principal.b, object->id.b, sizeof(principal.b));
    return principal;
}

struct fora_space_id fora_object_space(const struct fora_object *object)
{
    struct fora_space_id space = object->header.space;

    if (object->header.kind == FORA_KIND_POLICY && fora_id_is_zero(space.b))
        memcpy(space.b, object->id.b, sizeof(space.b));
    return space;
}
