/*
 * Export: objects as JSON Lines, to read, to keep, and to bring to another node (`forad export`).
 *
 * One object a line, in an order in which they can be stored:
 *
 *   {"id":"fora1...","kind":"thread","author":"foram1...","created_at":"2024-05-01T12:00:00.000Z",
 *    "space":"foras1...","root":null,"parent":null,"audience":"public","content":{...},
 *    "object":"CiQIARAE..."}
 *
 * "object" is the whole in base64, and the only thing that is read back; the rest is for people and
 * programs that only look. "content" is null when it was erased or withheld. Kinds that this
 * version does not know have their number as "kind" and {} as content.
 */
#ifndef FORAD_MAINTAIN_EXPORT_H
#define FORAD_MAINTAIN_EXPORT_H

#include "fora/object.h"
#include "maintain/progress.h"
#include "store/kv.h"

struct export_options {
    const struct fora_space_id *space; /* NULL: everything, identities that wrote nowhere too */
    const struct maintain_progress *progress;
    /* Takes a line with its line feed; what it returns ends the export when it is not 0. */
    int (*line)(void *context, struct fora_bytes line);
    void *context;
};

/* *count: lines. A space's objects of every audience are written: what is restricted or private
 * belongs into no hands but the operator's. FORA_E_UNKNOWN_SPACE, FORA_E_CORRUPT (fsck says where),
 * FORA_E_NOMEM, or what `line` or the progress returned. */
int export_run(struct kv *kv, const struct export_options *options, uint64_t *count) FORA_MUST_USE;

enum { EXPORT_LINE_MAX = 1024 * 1024 };

/*
 * The object of a line (with or without its line feed), decoded and verified; `bytes` holds what it
 * borrows and is cleared first. FORA_E_TOO_LARGE, FORA_E_MALFORMED (no JSON object of that shape,
 * or its "id" is another one), FORA_E_SIGNATURE, FORA_E_CONTENT_HASH, FORA_E_NOMEM.
 */
int export_read(
    struct fora_bytes line, struct fora_buf *bytes, struct fora_object *out) FORA_MUST_USE;

#endif
