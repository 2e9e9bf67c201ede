/*
 * Objects: header, signature, content (spec/02-objects.md).
 *
 * Bytes that are signed are never re-encoded: a decoded object borrows from the bytes received, and
 * these are what is stored, hashed and forwarded.
 */
#ifndef FORA_OBJECT_H
#define FORA_OBJECT_H

#include "fora/content.h"
#include "fora/crypto.h"

enum {
    FORA_OBJECT_VERSION = 1,
    FORA_HEADER_MAX = 1024,             /* LIM-1 */
    FORA_LANE_MAX = 32,                 /* LIM-5 */
    FORA_OBJECT_MAX = 100 * 1024,       /* LIM-3: encoded, with all three parts */
    FORA_FUTURE_MAX_MS = 10 * 60 * 1000 /* LIM-4: how far ahead created_at may lie */
};

/* Zero ids are absent fields. */
struct fora_header {
    uint32_t version;
    uint32_t kind; /* enum fora_kind, open */
    struct fora_principal_id author;
    struct fora_key key;
    uint64_t created_at; /* ms */
    struct fora_space_id space;
    struct fora_object_id root;
    struct fora_object_id parent;
    uint32_t audience; /* enum fora_audience, open */
    struct fora_hash content_hash;
    uint32_t content_size;
    struct fora_bytes lane; /* at most FORA_LANE_MAX bytes, borrowed; of private objects only */
};

struct fora_object {
    struct fora_object_id id;
    struct fora_header header;
    struct fora_signature signature;
    struct fora_bytes encoded;       /* the whole, borrowed from the input */
    struct fora_bytes header_bytes;  /* part of encoded */
    struct fora_bytes content_bytes; /* part of encoded; size 0 when absent */
    bool has_content;                /* false: erased or withheld (OBJ-10) */
};

/*
 * Parses caps and shape and computes the id; no signature and no content is checked. The input must
 * outlive `out`. FORA_E_TOO_LARGE, FORA_E_MALFORMED (missing or doubled fields, wrong sizes, ids of
 * zeros, created_at 0, a field that the kind may not have, see OBJ-7; an envelope that is not in
 * its one encoding, OBJ-1), FORA_E_VERSION. fora_object_decode_header does the same, gives the
 * header alone and computes no id, half of the work; fora_header_decode takes the bytes of a
 * header.
 */
int fora_object_decode(struct fora_object *out, struct fora_bytes encoded) FORA_MUST_USE;
int fora_object_decode_header(struct fora_header *out, struct fora_bytes encoded) FORA_MUST_USE;
int fora_header_decode(struct fora_header *out, struct fora_bytes bytes) FORA_MUST_USE;

/* FORA_E_CONTENT_HASH or FORA_E_SIGNATURE. The expensive step: about 51 us. Thread-safe. */
int fora_object_verify(const struct fora_object *object) FORA_MUST_USE;

/*
 * Builds, hashes and signs: appends the encoded object to `out`. Of `header` the fields key,
 * content_hash, content_size and version are filled in here; `header` is updated so that the caller
 * sees them; `id` may be NULL. `content` is an encoded content (its shape is not checked here). The
 * header must obey OBJ-7: FORA_E_MALFORMED, FORA_E_TOO_LARGE, or the error of `out`, which is then
 * as before.
 */
int fora_object_build(struct fora_buf *out, struct fora_header *header, struct fora_bytes content,
    const struct fora_secret *secret, struct fora_object_id *id) FORA_MUST_USE;

/* The id of a header's bytes (OBJ-3), and the hash of a content (OBJ-6). */
void fora_object_id_of(struct fora_object_id *out, struct fora_bytes header_bytes);
void fora_content_hash_of(struct fora_hash *out, struct fora_bytes content);

/* Appends the encoding of the object without its content (what stays after an erasure). */
int fora_object_strip(struct fora_buf *out, const struct fora_object *object) FORA_MUST_USE;

/* True for profile, tally, checkpoint and carried: of those with the same slot only the greatest
 * (created_at, id) stays in the set (OBJ-8). */
bool fora_kind_replaceable(uint32_t kind);
/* The slot: author, kind, and target (parent, or else space). */
void fora_object_slot(struct fora_hash *out, const struct fora_header *header);
/* (created_at, id) order: < 0, 0, > 0. */
int fora_object_order(
    uint64_t a_at, const struct fora_object_id *a, uint64_t b_at, const struct fora_object_id *b);

/* True for kinds that belong to a principal and not to a space: identity, profile, carried, and
 * attestations and revocations without a space (OBJ-7). */
bool fora_header_principal_scoped(const struct fora_header *header);
/* The principal whose log or publication it belongs to: the author, or for the first identity entry
 * its own id. */
struct fora_principal_id fora_object_principal(const struct fora_object *object);
/* The space that it belongs to: header.space, or its own id for the first policy statement. */
struct fora_space_id fora_object_space(const struct fora_object *object);

#endif
