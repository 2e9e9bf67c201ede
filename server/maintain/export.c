/* Objects to lines, from one read transaction. */
#include "maintain/export.h"

#include "maintain/base64.h"
#include "maintain/export_impl.h"
#include "store/objects.h"
#include "store/sets.h"

#include <string.h>

enum { STEP = 512 };

struct run {
    const struct export_options *options;
    struct kv_txn *txn;
    uint64_t written;
    uint64_t of;
};

static void put_header(struct js_writer *w, const struct fora_object *object)
{
    static const char *const audiences[] = {"public", "restricted", "private"};
    const struct fora_header *header = &object->header;
    struct fora_principal_id author = fora_object_principal(object);
    js_id(w, "id", FORA_HRP_OBJECT, object->id.b);
    if (header->kind > FORA_KIND_UNSPECIFIED && header->kind <= FORA_KIND_CARRIED) {
        js_string(w, "kind", fora_kind_name(header->kind));
    } else {
        js_count(w, "kind", header->kind);
    }
    js_id(w, "author", FORA_HRP_MEMBER, author.b);
    js_time(w, "created_at", header->created_at);
    struct fora_space_id space = fora_object_space(object);
    js_id(w, "space", FORA_HRP_SPACE, space.b);
    js_id(w, "root", FORA_HRP_OBJECT, header->root.b);
    js_id(w, "parent", FORA_HRP_OBJECT, header->parent.b);
    if (header->audience <= FORA_AUDIENCE_PRIVATE) {
        js_string(w, "audience", audiences[header->audience]);
    } else {
        js_count(w, "audience", header->audience);
    }
}

static void put_content(struct js_writer *w, const struct fora_object *object)
{
    struct fora_arena arena;
    struct fora_content content;
    if (!object->has_content) {
        js_null(w, "content");
        return;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    js_object(w, "content");
    /* What does not decode has no readable form; it is whole in "object". */
    if (fora_content_decode(&arena, object->header.kind, object->content_bytes, &content) == 0) {
        export_content(w, &content);
    }
    js_end(w);
    fora_arena_fini(&arena);
}

static int line_make(const struct fora_object *object, struct fora_buf *out)
{
    struct js_writer w;
    struct fora_buf whole = {0};
    js_init_object(&w);
    put_header(&w, object);
    put_content(&w, object);
    base64_append(&whole, object->encoded);
    if (whole.error == 0) {
        js_text(&w, "object", fora_buf_bytes(&whole));
    }
    int rc = whole.error != 0 ? whole.error : js_write(out, &w, JS_LINE, false);
    fora_buf_fini(&whole);
    js_fini(&w);
    return rc;
}

static int write_one(struct run *run, const struct fora_object *object)
{
    struct fora_buf line = {0};
    int rc = line_make(object, &line);
    if (rc == 0) {
        rc = run->options->line(run->options->context, fora_buf_bytes(&line));
    }
    fora_buf_fini(&line);
    if (rc == 0 && ++run->written % STEP == 0) {
        rc = maintain_step(run->options->progress, run->written, run->of);
    }
    return rc;
}

static int write_stored(void *context, const struct stored *stored)
{
    return write_one(context, &stored->object);
}

static int write_logged(void *context, uint64_t position, store_seq seq)
{
    struct run *run = context;
    struct stored stored;
    int rc = objects_read(run->txn, seq, &stored);
    (void)position;
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc; /* it left the set since */
    }
    return write_one(run, &stored.object);
}

static int write_space(struct run *run)
{
    bool any = false;
    int rc = 0;
    for (uint32_t audience = 0; audience <= FORA_AUDIENCE_PRIVATE && rc == 0; audience++) {
        struct set_info set;
        if (sets_find(run->txn, run->options->space, audience, &set)) {
            any = true;
            run->of += set.count;
            rc = setlog_each(run->txn, set.number, 0, write_logged, run);
        }
    }
    return any ? rc : FORA_E_UNKNOWN_SPACE;
}

int export_run(struct kv *kv, const struct export_options *options, uint64_t *count)
{
    struct run run = {.options = options};
    int rc = kv_begin_read(kv, &run.txn);
    *count = 0;
    if (rc != 0) {
        return rc;
    }
    if (options->space != NULL) {
        rc = write_space(&run);
    } else {
        run.of = ids_count(run.txn);
        rc = objects_each(run.txn, 0, write_stored, &run);
    }
    kv_abort(run.txn);
    *count = run.written;
    return rc;
}
