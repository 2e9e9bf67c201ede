/* Duplicates, one unit for each link. */
#include "import/import_duplicates.h"

#include "import/import_thread.h"

#include <string.h>

struct duplicates {
    const struct import_env *env;
    uint8_t after[INDEX_LINK_SIZE + 1]; /* the next key to look at */
    size_t after_size;
};

/* thread(8) link(8) original(8) date(8) */
static int read_link(void *context, struct import_unit *unit, bool *end)
{
    struct duplicates *duplicates = context;
    struct kv_txn *txn;
    struct fora_bytes key, value;
    int rc = kv_begin_read(duplicates->env->index->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, INDEX_LINKS);
    *end = !kv_seek(cursor, fora_bytes(duplicates->after, duplicates->after_size), &key, &value);
    if (!*end) {
        fora_buf_append_bytes(&unit->rows, key);
        fora_buf_append_bytes(&unit->rows, value);
        unit->rows_count = 1;
        memcpy(duplicates->after, key.data, INDEX_LINK_SIZE);
        duplicates->after[INDEX_LINK_SIZE] = 0;
        duplicates->after_size = INDEX_LINK_SIZE + 1;
    }
    kv_cursor_close(cursor);
    rc = kv_txn_error(txn);
    kv_abort(txn);
    return rc != 0 ? rc : unit->rows.error;
}

/* The id of a thread; FORA_E_NOTFOUND when it was not imported. */
static int thread_id(struct maker *maker, uint64_t thread, struct fora_object_id *id)
{
    struct import_unit *unit = maker->unit;
    maker->unit = unit_new();
    int rc = maker->unit == NULL ? FORA_E_NOMEM : thread_read_one(maker->env, thread, maker->unit);
    if (rc == 0) {
        rc = thread_make_opening(maker, id);
    }
    unit_free(maker->unit);
    maker->unit = unit;
    return rc;
}

static void make_link(struct maker *maker)
{
    struct import_unit *unit = maker->unit;
    struct source_id source;
    struct made made = {.kind = IMPORT_MADE_DUPLICATES, .source = &source};
    struct fora_duplicate *duplicate = &made.content.u.duplicate;
    struct fora_source from = {0};
    struct fora_reader reader;
    fora_reader_init(&reader, fora_buf_bytes(&unit->rows));
    uint64_t thread = fora_reader_be64(&reader);
    uint64_t link = fora_reader_be64(&reader);
    uint64_t original = fora_reader_be64(&reader);
    uint64_t date = fora_reader_be64(&reader);
    int rc = thread_id(maker, thread, &made.header.root);
    if (rc == 0) {
        rc = thread_id(maker, original, &duplicate->original);
    }
    if (rc == FORA_E_NOTFOUND) {
        unit_skip(unit, IMPORT_SKIP_LINK_ORPHAN, 1);
        return;
    }
    if (rc != 0) {
        unit->error = rc;
        return;
    }
    source_of(&source, maker->env->site, "link", (int64_t)link, NULL);
    from.id = fora_bytes_str(source.text);
    made.content.kind = FORA_KIND_DUPLICATE;
    duplicate->source = &from;
    made.header.space = maker->env->space;
    made.header.parent = made.header.root;
    made.header.created_at = date;
    maker_add(maker, &made, NULL);
}

static uint64_t count_links(const struct import_env *env)
{
    struct kv_txn *txn;
    uint64_t count = 0;
    if (kv_begin_read(env->index->kv, &txn) == 0) {
        count = kv_count(txn, INDEX_LINKS);
        kv_abort(txn);
    }
    return count;
}

int duplicates_run(const struct import_env *env, struct outlet *outlet)
{
    struct duplicates duplicates = {.env = env, .after_size = 1};
    const struct import_pipe pipe = {.env = env,
        .outlet = outlet,
        .read = read_link,
        .make = make_link,
        .context = &duplicates,
        .doing = "Importing duplicates",
        .rows = count_links(env)};
    return pipe_run(&pipe);
}
