/* forad digest, fsck, reindex: looking after the store. */
#include "cmd/forad.h"
#include "cmd/work.h"
#include "maintain/digest.h"
#include "maintain/reindex.h"

#include <inttypes.h>
#include <string.h>

/* ---- digest ---- */

struct digesting {
    struct app *app;
    struct kv_txn *txn; /* for names; not that in which the sums are taken */
    struct policies *policies;
    struct js_writer w;
    size_t count;
    const struct fora_space_id *only; /* NULL: every space */
    const struct maintain_progress *progress;
};

/* The name of the set's space, foreign text; empty when its policy is not here. */
static void space_name(
    struct digesting *digesting, const struct set_info *set, struct fora_buf *out)
{
    struct policy_handle *handle = NULL;
    if (policies_get(digesting->policies, digesting->txn, set, &handle) == 0) {
        fora_buf_append_bytes(out, fora_policy_name(policy_of(handle)));
        policies_release(digesting->policies, handle);
    }
}

static void hex_of(char out[2 * FORA_HASH_SIZE + 1], const struct fora_hash *hash)
{
    fora_hex(out, hash->b, sizeof hash->b);
}

static void digest_json(
    struct digesting *digesting, const struct digest *digest, struct fora_bytes name)
{
    struct js_writer *w = &digesting->w;
    js_object(w, NULL);
    js_id(w, "space", FORA_HRP_SPACE, digest->set.space.b);
    js_text(w, "name", name);
    js_count(w, "audience", digest->set.audience);
    js_count(w, "objects", digest->count);
    js_count(w, "threads", digest->threads);
    js_hex(w, "fingerprint", fora_bytes(digest->fingerprint, sizeof digest->fingerprint));
    js_hex(w, "set", fora_bytes(digest->items.b, sizeof digest->items.b));
    js_hex(w, "views", fora_bytes(digest->views.b, sizeof digest->views.b));
    js_end(w);
}

static void digest_text(
    struct digesting *digesting, const struct digest *digest, struct fora_bytes name)
{
    struct app *app = digesting->app;
    struct fora_buf clean = {0};
    char id[FORA_ID_TEXT_MAX];
    char hex[2 * FORA_HASH_SIZE + 1];
    fora_id_format(id, FORA_HRP_SPACE, digest->set.space.b);
    text_clean(&clean, name, false);
    const char *shown = fora_buf_cstr(&clean);
    fora_buf_append_str(&app->out, digesting->count == 0 ? "" : "\n");
    text_painted(&app->out, &app->style, TEXT_BOLD, shown == NULL ? "" : shown);
    fora_buf_printf(&app->out, "%s%s\n  ", clean.size == 0 ? "(policy not here yet)" : "",
        digest->set.audience == FORA_AUDIENCE_PUBLIC ? "" : " (not public)");
    fora_buf_printf(&app->out, "space    %s\n  objects  %" PRIu64 ", ", id, digest->count);
    text_count(&app->out, digest->threads, "thread", "threads");
    hex_of(hex, &digest->items);
    fora_buf_printf(&app->out, "\n  set      %s\n", hex);
    hex_of(hex, &digest->views);
    fora_buf_printf(&app->out, "  views    %s\n", hex);
    fora_buf_fini(&clean);
}

static int digest_each(void *context, const struct digest *digest)
{
    struct digesting *digesting = context;
    struct fora_buf name = {0};
    space_name(digesting, &digest->set, &name);
    if (digesting->app->json) {
        digest_json(digesting, digest, fora_buf_bytes(&name));
    } else {
        digest_text(digesting, digest, fora_buf_bytes(&name));
    }
    fora_buf_fini(&name);
    digesting->count++;
    return 0;
}

/* The sets of one space, of every audience. */
static int digest_one(void *context, const struct set_info *info)
{
    struct digesting *digesting = context;
    struct digest digest;
    if (memcmp(info->space.b, digesting->only->b, sizeof info->space.b) != 0) {
        return 0;
    }
    int error = digest_set(digesting->txn, digesting->policies, info, digesting->progress, &digest);
    return error == 0 ? digest_each(digesting, &digest) : error;
}

static int digest_store(struct app *app, struct digesting *digesting)
{
    struct work work;
    work_begin(&work, app, "Digesting", "objects");
    digesting->progress = &work.progress;
    int error = policies_new(&digesting->policies);
    if (error == 0) {
        error = kv_begin_read(app->kv, &digesting->txn);
    }
    if (error == 0) {
        error = digesting->only == NULL
                    ? digest_all(app->kv, &work.progress, digest_each, digesting)
                    : sets_each(digesting->txn, digest_one, digesting);
    }
    kv_abort(digesting->txn);
    policies_free(digesting->policies);
    work_end(&work);
    return error == 0 ? FORAD_OK : work_failed(&work, error, "The store cannot be digested");
}

int run_digest(struct app *app)
{
    struct digesting digesting = {.app = app};
    struct fora_space_id space;
    const char *name = cmd_argument(&app->line, 0);
    int exit = app_store_of(app, APP_STORE_READ);
    if (exit == FORAD_OK && name != NULL) {
        exit = app_stored_space(app, name, &space);
        digesting.only = &space;
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    js_init_array(&digesting.w);
    exit = digest_store(app, &digesting);
    if (exit != FORAD_OK || !app->json) {
        js_fini(&digesting.w);
        return exit;
    }
    return app_json(app, &digesting.w);
}

/* ---- reindex ---- */

static int reindex_json(struct app *app, const struct reindex_result *result)
{
    struct js_writer w;
    js_init_object(&w);
    js_count(&w, "objects", result->objects);
    js_count(&w, "threads", result->threads);
    js_count(&w, "lost", result->lost);
    js_count(&w, "misplaced", result->misplaced);
    return app_json(app, &w);
}

static int reindex_text(struct app *app, const struct reindex_result *result)
{
    fora_buf_append_str(&app->out, "Indexed ");
    text_count(&app->out, result->objects, "object", "objects");
    fora_buf_append_str(&app->out, " and ");
    text_count(&app->out, result->threads, "thread", "threads");
    fora_buf_append_str(&app->out, " anew.\n");
    if (result->lost > 0) {
        text_count(&app->out, result->lost, "record was", "records were");
        fora_buf_append_str(
            &app->out, " damaged and dropped; peers that hold the space give them again.\n");
    }
    if (result->misplaced > 0) {
        text_count(&app->out, result->misplaced, "object belongs", "objects belong");
        fora_buf_append_str(&app->out,
            " to something that is lost: kept, and shown again by another reindex when that has "
            "come back.\n");
    }
    return FORAD_OK;
}

int run_reindex(struct app *app)
{
    struct work work;
    struct reindex_result result;
    int exit = app_store_of(app, APP_STORE_REBUILD);
    if (exit != FORAD_OK) {
        return exit;
    }
    work_begin(&work, app, "Reindexing", "objects");
    const struct reindex reindex = {
        .verify = cmd_flag(&app->line, "verify"), .progress = &work.progress};
    int error = reindex_run(app->kv, &reindex, &result);
    work_end(&work);
    if (error != 0) {
        return work_failed(&work, error,
            "The reindexing was cut short, and the node does not run before it is done (\"forad "
            "reindex\" begins anew)");
    }
    return app->json ? reindex_json(app, &result) : reindex_text(app, &result);
}
