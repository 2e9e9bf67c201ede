#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import_rig.h"

#include "core/commit.h"
#include "core/meta.h"
#include "fora/identity.h"
#include "import/html_markdown.h"
#include "store/sums.h"
#include "store/tests/store_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a node ---- */

static void make_keys(struct rig *rig, uint8_t seed)
{
    struct fora_secret *root, *next;
    struct fora_key key;
    struct fora_device_key device = {.label = fora_bytes_str("test")};
    struct fora_node_info info = {.name = fora_bytes_str("test")};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_NODE, .keys = &device, .keys_count = 1, .node = &info};
    struct fora_salt salt = {{seed, 1}};
    memset(rig->custody, seed, sizeof rig->custody);
    info.noise_key.b[0] = seed;
    assert_int_equal(
        fora_secret_derive(&root, rig->custody, "test.root", fora_bytes_str("node")), 0);
    assert_int_equal(
        fora_secret_derive(&next, rig->custody, "test.next", fora_bytes_str("node")), 0);
    assert_int_equal(
        fora_secret_derive(&rig->device, rig->custody, "test.device", fora_bytes_str("node")), 0);
    fora_secret_public(next, &key);
    fora_identity_commitment(&create.next_root_commitment, &key);
    fora_secret_public(rig->device, &device.sign);
    assert_int_equal(
        fora_identity_build_create(&rig->identity, &create, &salt, 1200000000000, root, &rig->node),
        0);
    fora_secret_free(root);
    fora_secret_free(next);
}

static void store_identity(struct rig *rig)
{
    struct committer *committer;
    struct commit_result result;
    struct commit_item item = {.source = COMMIT_LOCAL};
    struct commit_batch batch = {.items = &item, .count = 1, .now = 1900000000000};
    assert_int_equal(committer_new(&committer, rig->kv, rig->policies), 0);
    assert_int_equal(fora_object_decode(&item.object, fora_buf_bytes(&rig->identity)), 0);
    assert_int_equal(commit_run(committer, &batch, &result), 0);
    assert_int_equal(item.code, 0);
    committer_free(committer);
}

void rig_init(struct rig *rig, uint8_t seed)
{
    memset(rig, 0, sizeof *rig);
    assert_int_equal(fora_crypto_init(), 0);
    html_markdown_init();
    make_keys(rig, seed);
    rig_folder(rig->scratch);
    rig->kv = store_rig_disk(rig->folder);
    assert_int_equal(policies_new(&rig->policies), 0);
    store_identity(rig);
}

void rig_close(struct rig *rig)
{
    policies_free(rig->policies);
    kv_close(rig->kv);
    rig->policies = NULL;
    rig->kv = NULL;
}

void rig_open(struct rig *rig)
{
    rig->kv = store_rig_reopen(rig->folder);
    assert_int_equal(policies_new(&rig->policies), 0);
}

void rig_fini(struct rig *rig)
{
    if (rig->kv != NULL) {
        rig_close(rig);
    }
    store_rig_remove(rig->folder);
    rig_folder_free(rig->scratch);
    fora_secret_free(rig->device);
    fora_buf_fini(&rig->identity);
}

/* ---- folders ---- */

const char *rig_dump(const char *name)
{
    static char path[4096];
    const char *data = getenv("FORA_DATA");
    (void)snprintf(path, sizeof path, "%s/%s", data != NULL ? data : "", name);
    if (data == NULL || access(path, R_OK) != 0) {
        skip();
    }
    return path;
}

void rig_folder(char out[64])
{
    (void)snprintf(out, 64, "import-test-XXXXXX");
    assert_non_null(mkdtemp(out));
}

void rig_folder_put(const char *folder, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s.xml", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

void rig_folder_free(const char *folder)
{
    char inner[128];
    (void)snprintf(inner, sizeof inner, "%s/import.tmp", folder);
    store_rig_remove(inner); /* what a killed import left */
    store_rig_remove(folder);
}

/* ---- importing ---- */

struct import_options rig_options(const struct rig *rig, const char *dump, struct import_sink *sink)
{
    return (struct import_options){.folder = dump,
        .site = "test.example.com",
        .space = "Test",
        .scratch = rig->scratch,
        .node = rig->node,
        .device = rig->device,
        .custody = rig->custody,
        .sink = sink};
}

int rig_try(struct rig *rig, const char *dump, struct import_report *report, struct fora_buf *why)
{
    struct import_sink sink;
    struct import_options options = rig_options(rig, dump, &sink);
    assert_int_equal(import_store_new(&sink, rig->kv), 0);
    int rc = import_stackexchange(&options, report, why);
    import_store_free(&sink);
    return rc;
}

void rig_import(struct rig *rig, const char *dump, struct import_report *report)
{
    struct fora_buf why = {0};
    int rc = rig_try(rig, dump, report, &why);
    if (rc != 0) {
        print_error("%s\n", fora_buf_cstr(&why));
    }
    assert_int_equal(rc, 0);
    for (uint64_t i = 0; i < report->refused && i < IMPORT_REFUSALS_MAX; i++) {
        print_error(
            "%s: %s\n", report->refusals[i].source, fora_error_text(report->refusals[i].code));
    }
    assert_int_equal(report->refused, 0);
    assert_int_equal(why.size, 0);
    fora_buf_fini(&why);
}

/* ---- looking ---- */

static struct set_info find_set(struct kv_txn *txn, const struct fora_space_id *space)
{
    struct set_info info;
    assert_true(sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &info));
    return info;
}

void rig_set(struct rig *rig, const struct fora_space_id *space, struct rig_set *out)
{
    struct fora_neg_sum sum;
    struct kv_txn *txn = store_rig_read(rig->kv);
    struct set_info info = find_set(txn, space);
    sums_total(txn, info.number, &sum);
    assert_int_equal(kv_txn_error(txn), 0);
    kv_abort(txn);
    out->count = sum.count;
    assert_int_equal(sizeof sum.sum, sizeof out->sum);
    memcpy(out->sum, sum.sum, sizeof out->sum);
}

void rig_assert_same_set(const struct rig_set *a, const struct rig_set *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->sum, b->sum, sizeof a->sum);
}

struct seqs {
    store_seq *at;
    size_t count;
};

static int collect(void *context, store_seq root)
{
    struct seqs *seqs = context;
    store_seq *grown = realloc(seqs->at, (seqs->count + 1) * sizeof *grown);
    assert_non_null(grown);
    seqs->at = grown;
    seqs->at[seqs->count++] = root;
    return 0;
}

size_t rig_views(
    struct rig *rig, const struct fora_space_id *space, rig_view_fn *each, void *context)
{
    struct seqs seqs = {0};
    struct fora_arena arena = {0};
    struct policy_handle *policy;
    struct kv_txn *txn = store_rig_read(rig->kv);
    struct set_info info = find_set(txn, space);
    assert_int_equal(policies_get(rig->policies, txn, &info, &policy), 0);
    assert_int_equal(rows_threads_each(txn, info.number, collect, &seqs), 0);
    for (size_t i = 0; i < seqs.count; i++) {
        struct fora_view_thread view;
        assert_int_equal(rows_fold(txn, &arena, policy_of(policy), seqs.at[i], &view), 0);
        each(context, &view);
        fora_arena_reset(&arena);
    }
    policies_release(rig->policies, policy);
    kv_abort(txn);
    fora_arena_fini(&arena);
    free(seqs.at);
    return seqs.count;
}

uint64_t rig_source_id(const struct fora_source *source, const char *what)
{
    char text[IMPORT_SOURCE_MAX + 1];
    if (source == NULL || source->id.size > IMPORT_SOURCE_MAX) {
        return 0;
    }
    memcpy(text, source->id.data, source->id.size);
    text[source->id.size] = '\0';
    const char *found = strstr(text, what);
    return found == NULL ? 0 : strtoull(found + strlen(what), NULL, 10);
}
