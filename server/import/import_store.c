/*
 * The sink of a store that this process holds alone: batches go through admission like anybody's
 * objects, one transaction each. The rows of the threads follow step by step, while the workers
 * make the next batch, so that little of that is left at the end.
 */
#include "import/import.h"

#include "core/commit.h"
#include "core/rows.h"
#include "fora/policy.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct store_sink {
    struct kv *kv; /* the caller's */
    struct policies *policies;
    struct committer *committer;
};

static uint64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- finding a space ---- */

struct search {
    struct store_sink *sink;
    struct kv_txn *txn;
    const char *name;
    struct fora_space_id id;
    bool by_id;
    struct import_space *out;
    size_t found;
};

static int look_at_set(void *context, const struct set_info *info)
{
    struct search *search = context;
    struct policy_handle *handle = NULL;
    if (info->audience != FORA_AUDIENCE_PUBLIC || info->space_seq == 0) {
        return 0;
    }
    int rc = policies_get(search->sink->policies, search->txn, info, &handle);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    const struct fora_policy *policy = policy_of(handle);
    struct fora_bytes name = fora_bytes_str(search->name);
    bool hit = search->by_id ? memcmp(info->space.b, search->id.b, FORA_ID_SIZE) == 0
                             : fora_bytes_equal(fora_policy_slug(policy), name) ||
                                   fora_bytes_equal(fora_policy_name(policy), name);
    if (hit) {
        search->found++;
        search->out->id = info->space;
        search->out->owner = fora_policy_owner(policy);
    }
    policies_release(search->sink->policies, handle);
    return 0;
}

static int store_find(
    void *context, const char *name, struct import_space *out, struct fora_buf *why)
{
    struct search search = {.sink = context, .name = name, .out = out};
    search.by_id = fora_id_parse(search.id.b, FORA_HRP_SPACE, name) == 0;
    int rc = kv_begin_read(search.sink->kv, &search.txn);
    if (rc != 0) {
        return rc;
    }
    rc = sets_each(search.txn, look_at_set, &search);
    rc = rc != 0 ? rc : kv_txn_error(search.txn);
    kv_abort(search.txn);
    if (rc == 0 && search.found > 1) {
        fora_buf_printf(why, "several spaces of the node are called \"%.100s\"; give the id", name);
        return FORA_E_USAGE;
    }
    return rc != 0 ? rc : search.found == 1 ? 0 : FORA_E_NOTFOUND;
}

/* ---- storing ---- */

static int store_failed(int rc, struct fora_buf *why)
{
    if (rc == FORA_E_FULL) {
        fora_buf_append_str(why,
            "the disk is full, or the store has reached its limit (map_limit). "
            "What was stored stays; make room and run the import again");
    } else {
        fora_buf_printf(why, "the store takes no more: %s", fora_error_text(rc));
    }
    return rc;
}

static int store_put(void *context, struct import_item *items, size_t count, struct fora_buf *why)
{
    struct store_sink *sink = context;
    struct commit_result result;
    struct commit_batch batch = {.count = count, .now = wall_ms()};
    uint64_t behind;
    batch.items = calloc(count, sizeof *batch.items);
    if (batch.items == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        batch.items[i].object = items[i].object;
        batch.items[i].source = COMMIT_LOCAL;
    }
    int rc = commit_run(sink->committer, &batch, &result);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        items[i].code = batch.items[i].code;
        items[i].duplicate = batch.items[i].duplicate;
    }
    free(batch.items);
    if (rc == 0) {
        rc = rows_step(sink->kv, sink->policies, ROWS_STEP_MAX, &behind);
    }
    return rc == 0 ? 0 : store_failed(rc, why);
}

static int store_finish(void *context, void (*step)(void *context, uint64_t left),
    void *step_context, struct fora_buf *why)
{
    struct store_sink *sink = context;
    uint64_t behind = 1;
    int rc = 0;
    while (rc == 0 && behind > 0) {
        rc = rows_step(sink->kv, sink->policies, ROWS_STEP_MAX, &behind);
        if (rc == 0) {
            step(step_context, behind);
        }
    }
    return rc == 0 ? 0 : store_failed(rc, why);
}

void import_store_free(struct import_sink *out)
{
    struct store_sink *sink = out->context;
    if (sink != NULL) {
        committer_free(sink->committer);
        policies_free(sink->policies);
        free(sink);
    }
    memset(out, 0, sizeof *out);
}

int import_store_new(struct import_sink *out, struct kv *kv)
{
    struct store_sink *sink = calloc(1, sizeof *sink);
    *out = (struct import_sink){sink, store_find, NULL, store_put, store_finish};
    if (sink == NULL) {
        return FORA_E_NOMEM;
    }
    sink->kv = kv;
    int rc = policies_new(&sink->policies);
    if (rc == 0) {
        rc = committer_new(&sink->committer, kv, sink->policies);
    }
    if (rc != 0) {
        import_store_free(out);
    }
    return rc;
}
