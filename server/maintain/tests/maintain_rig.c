#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "maintain/tests/maintain_rig.h"

#include <stdio.h>
#include <string.h>

void rig_init_in(struct rig *rig, struct kv *kv, uint64_t seed, size_t objects)
{
    world_init(&rig->world, seed, objects);
    shelf_use(&rig->shelf, kv);
    world_deliver(&rig->world, &rig->shelf, seed + 1000, 30, true);
    shelf_rows(&rig->shelf);
}

void rig_settle(struct kv *kv)
{
    struct ledger ledger;
    assert_int_equal(ledger_begin(&ledger, kv), 0);
    ledger_settle(&ledger);
    assert_int_equal(ledger_commit(&ledger), 0);
}

static int put_id(void *context, const struct stored *stored)
{
    ids_put(context, stored->object.id.b, stored->seq);
    return 0;
}

void rig_unsettle_ids(struct kv *kv)
{
    struct ids_batch batch;
    struct kv_txn *txn = store_rig_write(kv);
    kv_clear(txn, T_IDS);
    kv_clear(txn, T_RECENT);
    ids_batch_init(&batch, txn);
    assert_int_equal(objects_each(txn, 0, put_id, &batch), 0);
    assert_true(batch.count >= IDS_RECENT_MIN);
    ids_store(&batch);
    ids_batch_fini(&batch);
    store_rig_commit(txn);
}

void rig_init(struct rig *rig, uint64_t seed, size_t objects)
{
    rig_init_in(rig, store_rig_mem(), seed, objects);
}

void rig_fini(struct rig *rig)
{
    shelf_fini(&rig->shelf);
    world_fini(&rig->world);
}

void rig_restart(struct rig *rig)
{
    struct kv *kv = rig->shelf.kv;
    committer_free(rig->shelf.committer);
    policies_free(rig->shelf.policies);
    shelf_use(&rig->shelf, kv);
}

static int take_digest(void *context, const struct digest *digest)
{
    struct rig_digests *digests = context;
    assert_true(digests->count < RIG_SETS);
    digests->digests[digests->count++] = *digest;
    return 0;
}

void rig_digests(struct kv *kv, struct rig_digests *out)
{
    memset(out, 0, sizeof *out);
    assert_int_equal(digest_all(kv, NULL, take_digest, out), 0);
    assert_true(out->count > 0);
}

static const struct digest *digest_of(
    const struct rig_digests *digests, const struct fora_space_id *space)
{
    for (size_t i = 0; i < digests->count; i++) {
        if (memcmp(digests->digests[i].set.space.b, space->b, sizeof space->b) == 0) {
            return &digests->digests[i];
        }
    }
    fail_msg("no digest of that space");
    return NULL;
}

void rig_assert_same_digests(const struct rig_digests *a, const struct rig_digests *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct digest *x = &a->digests[i];
        const struct digest *y = digest_of(b, &x->set.space);
        assert_int_equal(x->count, y->count);
        assert_int_equal(x->threads, y->threads);
        assert_memory_equal(x->fingerprint, y->fingerprint, sizeof x->fingerprint);
        assert_memory_equal(x->items.b, y->items.b, sizeof x->items.b);
        assert_memory_equal(x->views.b, y->views.b, sizeof x->views.b);
    }
}

static void note_finding(void *context, const char *table, const char *text)
{
    struct rig_fsck *fsck = context;
    char name[64];
    (void)snprintf(name, sizeof name, " %s ", table);
    if (strstr(fsck->tables, name) == NULL) {
        size_t used = strlen(fsck->tables);
        (void)snprintf(fsck->tables + used, sizeof fsck->tables - used, "%s", name);
    }
    if (fsck->first[0] == 0) {
        (void)snprintf(fsck->first, sizeof fsck->first, "%s: %s", table, text);
    }
}

void rig_fsck(struct kv *kv, bool verify, struct rig_fsck *out)
{
    memset(out, 0, sizeof *out);
    const struct fsck fsck = {
        .verify = verify, .threads = 2, .found = note_finding, .context = out};
    assert_int_equal(fsck_run(kv, &fsck, &out->result), 0);
}

void rig_assert_sound(struct kv *kv, struct rig_fsck *out)
{
    rig_fsck(kv, true, out);
    if (out->result.findings > 0) {
        print_error("%s\n", out->first);
    }
    assert_int_equal(out->result.findings, 0);
}

void rig_assert_found(struct kv *kv, bool verify, const char *table)
{
    struct rig_fsck fsck;
    char name[64];
    rig_fsck(kv, verify, &fsck);
    assert_true(fsck.result.findings > 0);
    if (table == NULL) {
        return;
    }
    (void)snprintf(name, sizeof name, " %s ", table);
    if (strstr(fsck.tables, name) == NULL) {
        print_error("nothing found in %s, but in:%s\n", table, fsck.tables);
    }
    assert_non_null(strstr(fsck.tables, name));
}
