/*
 * The course of a reindex:
 *
 *   mark, repair sets, clear what is derived -> repair chunks -> replay, batch by batch -> what
 *   waited, until nothing moves -> what later objects judged (reindex_judge.c) -> rows -> new
 * epoch, mark off
 */
#include "maintain/reindex.h"

#include "core/meta.h"
#include "core/rows.h"
#include "core/sweep.h"
#include "maintain/reindex_impl.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_OBJECTS = 2000, BATCH_BYTES = 4 * 1024 * 1024, ROWS_BATCH = 2000 };

static const char mark[] = "reindexing";

static const unsigned derived[] = {T_IDS, T_RECENT, T_ITEMS, T_SUMS, T_SETLOG, T_CHILDREN,
    T_AUTHORS, T_SLOTS, T_FLAGS, T_ANSWERED, T_ERASED, T_STANDING, T_MENTIONS};

int seq_add(struct seq_list *list, store_seq seq)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        store_seq *grown = realloc(list->seqs, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        list->seqs = grown;
        list->room = room;
    }
    list->seqs[list->count++] = seq;
    return 0;
}

struct run {
    struct kv *kv;
    const struct reindex *options;
    struct reindex_result *result;
    struct policies *policies;
    struct seq_list waiting;
    struct seq_list retractions;
    uint64_t last; /* greatest sequence */
};

bool reindex_unfinished(struct kv_txn *txn)
{
    return meta_get(txn, mark, NULL);
}

void epoch_renew(struct kv_txn *txn)
{
    uint8_t epoch[8];
    fora_random(epoch, sizeof epoch);
    meta_put(txn, "epoch", fora_bytes(epoch, sizeof epoch));
}

/* ---- clearing ---- */

/* The names and numbers that agree with each other; a set that does not gets another number when
 * its objects come. */
struct kept_sets {
    struct kv_txn *txn;
    struct set_info *infos; /* owned */
    size_t count;
    size_t room;
};

static int keep_set(struct kept_sets *kept, struct fora_bytes key, struct fora_bytes value)
{
    struct fora_space_id space;
    struct set_info info;
    uint32_t audience;
    if (!key_set_name_parse(key, &space, &audience) || value.size != 4 ||
        !sets_get(kept->txn, key_be32(value.data), &info) || info.audience != audience ||
        memcmp(info.space.b, space.b, sizeof space.b) != 0) {
        return 0;
    }
    if (kept->count == kept->room) {
        size_t room = kept->room == 0 ? 16 : kept->room * 2;
        struct set_info *grown = realloc(kept->infos, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        kept->infos = grown;
        kept->room = room;
    }
    kept->infos[kept->count++] =
        (struct set_info){.number = info.number, .space = space, .audience = audience};
    return 0;
}

static void put_set(struct kv_txn *txn, const struct set_info *info)
{
    struct store_key key;
    const uint8_t number[4] = {(uint8_t)(info->number >> 24), (uint8_t)(info->number >> 16),
        (uint8_t)(info->number >> 8), (uint8_t)info->number};
    key_set_name(&key, &info->space, info->audience);
    kv_put(txn, T_SETS, store_key_bytes(&key), fora_bytes(number, sizeof number));
    sets_put(txn, info);
}

/* Positions in other nodes' logs are kept under the number of our set: of no use when numbers
 * change. */
static void forget_positions(struct kv_txn *txn)
{
    static const uint8_t prefix[] = {'f'};
    struct fora_bytes key;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek(cursor, fora_bytes(prefix, sizeof prefix), &key, NULL);
    while (there && key.size > 0 && key.data[0] == prefix[0]) {
        kv_delete(txn, T_CURSORS, key);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
}

static int reset_sets(struct kv_txn *txn)
{
    struct kept_sets kept = {.txn = txn};
    struct fora_bytes key, value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_SETS);
    while (rc == 0 && kv_next(cursor, &key, &value)) {
        rc = keep_set(&kept, key, value);
    }
    kv_cursor_close(cursor);
    if (rc == 0 && kv_count(txn, T_SETS) != 2 * kept.count) {
        forget_positions(txn);
    }
    if (rc == 0) {
        kv_clear(txn, T_SETS);
    }
    for (size_t i = 0; i < kept.count && rc == 0; i++) {
        put_set(txn, &kept.infos[i]);
    }
    free(kept.infos);
    return rc;
}

static int clear_derived(struct run *run)
{
    struct kv_txn *txn;
    int rc = kv_begin_write(run->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    meta_put(txn, mark, fora_bytes("1", 1));
    rc = reset_sets(txn);
    if (rc != 0) {
        kv_abort(txn);
        return rc;
    }
    rows_forget(txn);
    for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++) {
        kv_clear(txn, derived[i]);
    }
    run->last = objects_last(txn);
    return kv_commit(txn);
}

/* ---- chunks ---- */

static int note_damage(void *context, store_seq seq, int rc, const struct stored *stored)
{
    struct seq_list *damaged = context;
    (void)stored;
    return rc == 0 ? 0 : seq_add(damaged, seq);
}

static int repair_chunks(struct run *run)
{
    struct seq_list damaged = {0};
    struct kv_txn *txn;
    int rc = kv_begin_read(run->kv, &txn);
    if (rc == 0) {
        rc = objects_scan(txn, 0, note_damage, &damaged);
        kv_abort(txn);
    }
    if (rc == 0 && damaged.count > 0) {
        rc = kv_begin_write(run->kv, &txn);
        for (size_t i = 0; i < damaged.count && rc == 0; i++) {
            kv_txn_fail(txn, objects_repair(txn, damaged.seqs[i]));
        }
        rc = rc == 0 ? kv_commit(txn) : rc;
        run->result->lost += damaged.count;
    }
    free(damaged.seqs);
    return rc;
}

/* ---- replaying ---- */

struct copy {
    store_seq seq;
    size_t begin, size; /* in the bytes */
};

struct batch {
    struct copy copies[BATCH_OBJECTS];
    size_t count;
    struct fora_buf bytes; /* owned */
};

enum { BATCH_FULL = 1 };

static int batch_take(void *context, const struct stored *stored)
{
    struct batch *batch = context;
    if (batch->count == BATCH_OBJECTS || batch->bytes.size > BATCH_BYTES) {
        return BATCH_FULL;
    }
    batch->copies[batch->count++] =
        (struct copy){stored->seq, batch->bytes.size, stored->object.encoded.size};
    fora_buf_append_bytes(&batch->bytes, stored->object.encoded);
    return batch->bytes.error;
}

/* Copies what comes after a sequence: the replay writes to the pages it was read from. */
static int batch_read(struct run *run, store_seq after, struct batch *batch)
{
    struct kv_txn *txn;
    int rc = kv_begin_read(run->kv, &txn);
    batch->count = 0;
    fora_buf_clear(&batch->bytes);
    if (rc == 0) {
        rc = objects_each(txn, after, batch_take, batch);
        kv_abort(txn);
    }
    return rc == BATCH_FULL ? 0 : rc;
}

static int replay_one(
    struct run *run, struct ledger *ledger, const struct copy *copy, const uint8_t *bytes)
{
    struct fora_object object;
    int rc = fora_object_decode(&object, fora_bytes(bytes + copy->begin, copy->size));
    if (rc == 0 && run->options->verify && fora_object_verify(&object) != 0) {
        run->result->lost++;
        return objects_rewrite(&ledger->objects, copy->seq, true);
    }
    if (rc != 0) {
        return rc;
    }
    switch (replay_object(ledger, run->policies, &object, copy->seq)) {
    case REPLAY_PLACED:
        run->result->objects++;
        rc = object.header.kind == FORA_KIND_RETRACTION ? seq_add(&run->retractions, copy->seq) : 0;
        break;
    case REPLAY_WAITS:
        rc = seq_add(&run->waiting, copy->seq);
        break;
    case REPLAY_DROPPED:
        break;
    }
    return rc;
}

static int replay_batch(struct run *run, const struct batch *batch)
{
    struct ledger ledger;
    int rc = ledger_begin(&ledger, run->kv);
    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; i < batch->count && rc == 0; i++) {
        rc = replay_one(run, &ledger, &batch->copies[i], batch->bytes.data);
    }
    if (rc != 0) {
        ledger_abort(&ledger);
        return rc;
    }
    return ledger_commit(&ledger);
}

static int replay_all(struct run *run)
{
    struct batch *batch = calloc(1, sizeof *batch);
    store_seq after = 0;
    int rc = batch != NULL ? batch_read(run, 0, batch) : FORA_E_NOMEM;
    while (rc == 0 && batch->count > 0) {
        rc = replay_batch(run, batch);
        after = batch->copies[batch->count - 1].seq;
        if (rc == 0) {
            rc = maintain_step(run->options->progress, after, run->last);
        }
        rc = rc == 0 ? batch_read(run, after, batch) : rc;
    }
    if (batch != NULL) {
        fora_buf_fini(&batch->bytes);
    }
    free(batch);
    return rc;
}

/* One object that waited, copied out of the transaction that writes. */
static int replay_waiting(struct run *run, struct ledger *ledger, store_seq seq)
{
    struct stored stored;
    struct fora_buf bytes = {0};
    int rc = objects_read(ledger->txn, seq, &stored);
    if (rc == 0) {
        const struct copy copy = {seq, 0, stored.object.encoded.size};
        fora_buf_append_bytes(&bytes, stored.object.encoded);
        /* A statement does not change the version when newer ones are there: nothing kept is true.
         */
        bool statement = stored.object.header.kind == FORA_KIND_POLICY;
        rc = bytes.error != 0 ? bytes.error : replay_one(run, ledger, &copy, bytes.data);
        /* Nobody has looked at it while it had no place: her log may have changed. */
        store_seq author = objects_find(ledger->txn, stored.object.header.author.b);
        if (author != 0) {
            sweep_mark_author(ledger->txn, author);
        }
        if (statement) {
            policies_clear(run->policies);
        }
    }
    fora_buf_fini(&bytes);
    return rc;
}

/* An object may stand before what it belongs to when that was lost once and came again. */
static int replay_rest(struct run *run)
{
    size_t before;
    int rc = 0;
    do {
        struct seq_list list = run->waiting;
        struct ledger ledger;
        before = list.count;
        run->waiting = (struct seq_list){0};
        rc = before > 0 ? ledger_begin(&ledger, run->kv) : 0;
        for (size_t i = 0; i < list.count && rc == 0; i++) {
            rc = replay_waiting(run, &ledger, list.seqs[i]);
            if (rc != 0) {
                ledger_abort(&ledger);
            }
        }
        if (rc == 0 && before > 0) {
            rc = ledger_commit(&ledger);
        }
        free(list.seqs);
    } while (rc == 0 && run->waiting.count > 0 && run->waiting.count < before);
    run->result->misplaced = run->waiting.count;
    return rc;
}

/* ---- the end ---- */

static int judge(struct run *run)
{
    return reindex_judge(
        run->kv, run->policies, &run->retractions, run->options->progress, run->last);
}

static int make_rows(struct run *run)
{
    uint64_t behind = 1;
    int rc = 0;
    while (rc == 0 && behind > 0) {
        rc = rows_step(run->kv, run->policies, ROWS_BATCH, &behind);
        if (rc == 0) {
            rc = maintain_step(run->options->progress, run->last, run->last);
        }
    }
    return rc;
}

static int finish(struct run *run)
{
    struct ledger ledger;
    int rc = ledger_begin(&ledger, run->kv);
    if (rc != 0) {
        return rc;
    }
    ledger_settle(&ledger);
    run->result->threads = kv_count(ledger.txn, T_ROWS);
    epoch_renew(ledger.txn);
    meta_delete(ledger.txn, mark);
    return ledger_commit(&ledger);
}

int reindex_run(struct kv *kv, const struct reindex *reindex, struct reindex_result *out)
{
    struct run run = {.kv = kv, .options = reindex, .result = out};
    memset(out, 0, sizeof *out);
    int rc = policies_new(&run.policies);
    if (rc != 0) {
        return rc;
    }
    int (*const course[])(struct run * run) = {
        clear_derived, repair_chunks, replay_all, replay_rest, judge, make_rows, finish};
    for (size_t i = 0; i < sizeof course / sizeof course[0] && rc == 0; i++) {
        rc = course[i](&run);
    }
    free(run.waiting.seqs);
    free(run.retractions.seqs);
    policies_free(run.policies);
    return rc;
}
