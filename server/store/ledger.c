/* Gathering the changes of a batch. Errors are sticky in the transaction, so that callers check
 * once, at commit. */
#include "store/ledger.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for one more; returns the array (perhaps moved), or NULL with the transaction failed.
 */
static void *room_for_one(
    struct ledger *ledger, void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return array;
    }
    size_t grown = *room == 0 ? 16 : *room * 2;
    void *moved = realloc(array, grown * size);
    if (moved == NULL) {
        kv_txn_fail(ledger->txn, FORA_E_NOMEM);
        return NULL;
    }
    *room = grown;
    return moved;
}

int ledger_begin(struct ledger *ledger, struct kv *kv)
{
    memset(ledger, 0, sizeof *ledger);
    int rc = kv_begin_write(kv, &ledger->txn);
    if (rc == 0) {
        objects_writer_init(&ledger->objects, ledger->txn);
    }
    return rc;
}

static void ledger_fini(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->sets_count; i++) {
        free(ledger->sets[i].changes);
        free(ledger->sets[i].log);
        free(ledger->sets[i].authors);
    }
    free(ledger->sets);
    objects_writer_fini(&ledger->objects);
    memset(ledger, 0, sizeof *ledger);
}

static void change_add(
    struct ledger *ledger, struct ledger_set *set, const struct fora_neg_item *item, bool remove)
{
    struct sums_change *moved = room_for_one(
        ledger, set->changes, set->changes_count, &set->changes_room, sizeof *set->changes);
    if (moved == NULL) {
        return;
    }
    set->changes = moved;
    set->changes[set->changes_count++] = (struct sums_change){.item = *item, .remove = remove};
    set->removals += remove;
}

static void join_add(struct ledger *ledger, struct ledger_set *set,
    const struct fora_neg_item *item, store_seq author)
{
    store_seq *moved = room_for_one(
        ledger, set->authors, set->authors_count, &set->authors_room, sizeof *set->authors);
    if (moved != NULL) {
        set->authors = moved;
        set->authors[set->authors_count++] = author;
        change_add(ledger, set, item, false);
    }
}

static void log_add(struct ledger *ledger, struct ledger_set *set, store_seq seq)
{
    store_seq *moved =
        room_for_one(ledger, set->log, set->log_count, &set->log_room, sizeof *set->log);
    if (moved != NULL) {
        set->log = moved;
        set->log[set->log_count++] = seq;
    }
}

/* ---- the tail ---- */

/* What waited in the tail joins what this transaction brings, before it in the log. It was counted
 * when it came. */
static void tail_take(struct ledger *ledger, struct ledger_set *set)
{
    struct set_tail *tail = &set->info.tail;
    size_t logged = set->log_count;
    for (uint32_t i = 0; i < tail->count; i++) {
        join_add(ledger, set, &tail->items[i], tail->authors[i]);
        log_add(ledger, set, tail->seqs[i]);
    }
    if (tail->count > 0 && set->log_count == logged + tail->count) {
        memmove(set->log + tail->count, set->log, logged * sizeof *set->log);
        memcpy(set->log, tail->seqs, tail->count * sizeof *set->log);
    }
    set->info.count -= tail->count;
    set->info.head -= tail->count;
    tail->count = 0;
    set->settles = true;
}

static bool held_already(
    struct ledger *ledger, const struct set_info *info, const struct fora_neg_item *item)
{
    struct store_key key;
    key_item(&key, info->number, item->time, item->id);
    bool held = kv_get(ledger->txn, T_ITEMS, store_key_bytes(&key), NULL);
    for (uint32_t i = 0; i < info->tail.count && !held; i++) {
        held = memcmp(info->tail.items[i].id, item->id, sizeof item->id) == 0;
    }
    return held;
}

/* Few objects, all of them new, and none that left. */
static bool tail_suits(struct ledger *ledger, const struct ledger_set *set)
{
    if (set->settles || set->info.tail.count + set->changes_count > SETS_TAIL_MAX) {
        return false;
    }
    for (size_t i = 0; i < set->changes_count; i++) {
        if (held_already(ledger, &set->info, &set->changes[i].item)) {
            return false;
        }
    }
    return true;
}

/* What joined waits in the tail, and the tables stay as they are. */
static void tail_put(struct ledger_set *set)
{
    struct set_tail *tail = &set->info.tail;
    for (size_t i = 0; i < set->changes_count; i++) {
        tail->seqs[tail->count] = set->log[i];
        tail->items[tail->count] = set->changes[i].item;
        tail->authors[tail->count++] = set->authors[i];
    }
    set->info.count += set->changes_count;
    set->info.head += set->log_count;
}

/* ---- applying ---- */

static int seq_compare(const void *a, const void *b)
{
    const store_seq *x = a;
    const store_seq *y = b;
    return (*x > *y) - (*x < *y);
}

/* One change of the table for each author, however many objects of the batch are his. */
static void authors_settle(struct ledger *ledger, struct ledger_set *set)
{
    size_t begin = 0;
    if (set->authors_count > 0) {
        qsort(set->authors, set->authors_count, sizeof *set->authors, seq_compare);
    }
    for (size_t i = 1; i <= set->authors_count; i++) {
        if (i < set->authors_count && set->authors[i] == set->authors[begin]) {
            continue;
        }
        if (set->authors[begin] != 0) {
            authors_add(ledger->txn, set->info.number, set->authors[begin], i - begin);
        }
        begin = i;
    }
    set->authors_count = 0;
}

static void set_settle(struct ledger *ledger, struct ledger_set *set)
{
    int64_t delta = 0;
    tail_take(ledger, set);
    authors_settle(ledger, set);
    sums_apply(ledger->txn, set->info.number, set->changes, set->changes_count, &delta);
    setlog_append(ledger->txn, set->info.number, set->info.head, set->log, set->log_count);
    set->info.count += (uint64_t)delta;
    set->info.head += set->log_count;
}

static void set_apply(struct ledger *ledger, struct ledger_set *set)
{
    if (kv_txn_error(ledger->txn) != 0) {
        return; /* lists may be short of what memory there was none for */
    }
    if (tail_suits(ledger, set)) {
        tail_put(set);
    } else {
        set_settle(ledger, set);
    }
    sets_put(ledger->txn, &set->info);
    set->changes_count = 0;
    set->removals = 0;
    set->log_count = 0;
    set->authors_count = 0;
    set->settles = false;
}

void ledger_apply(struct ledger *ledger)
{
    objects_flush(&ledger->objects);
    for (size_t i = 0; i < ledger->sets_count; i++) {
        set_apply(ledger, &ledger->sets[i]);
    }
}

int ledger_commit(struct ledger *ledger)
{
    ledger_apply(ledger);
    objects_finish(&ledger->objects);
    struct kv_txn *txn = ledger->txn;
    ledger_fini(ledger);
    return kv_commit(txn);
}

void ledger_abort(struct ledger *ledger)
{
    struct kv_txn *txn = ledger->txn;
    ledger_fini(ledger);
    kv_abort(txn);
}

static struct ledger_set *set_open(struct ledger *ledger, const struct set_info *info)
{
    struct ledger_set *moved = room_for_one(
        ledger, ledger->sets, ledger->sets_count, &ledger->sets_room, sizeof *ledger->sets);
    if (moved == NULL) {
        return NULL;
    }
    ledger->sets = moved;
    struct ledger_set *set = &ledger->sets[ledger->sets_count++];
    memset(set, 0, sizeof *set);
    set->info = *info;
    return set;
}

struct ledger_set *ledger_set(
    struct ledger *ledger, const struct fora_space_id *space, uint32_t audience)
{
    struct set_info info;
    for (size_t i = 0; i < ledger->sets_count; i++) {
        struct ledger_set *set = &ledger->sets[i];
        if (set->info.audience == audience &&
            memcmp(set->info.space.b, space->b, sizeof space->b) == 0) {
            return set;
        }
    }
    return sets_find(ledger->txn, space, audience, &info) ? set_open(ledger, &info) : NULL;
}

struct ledger_set *ledger_set_number(struct ledger *ledger, uint32_t number)
{
    struct set_info info;
    for (size_t i = 0; i < ledger->sets_count; i++) {
        if (ledger->sets[i].info.number == number) {
            return &ledger->sets[i];
        }
    }
    return sets_get(ledger->txn, number, &info) ? set_open(ledger, &info) : NULL;
}

struct ledger_set *ledger_set_create(
    struct ledger *ledger, const struct fora_space_id *space, uint32_t audience)
{
    struct set_info info;
    struct ledger_set *set = ledger_set(ledger, space, audience);
    if (set == NULL) {
        sets_create(ledger->txn, space, audience, &info);
        set = set_open(ledger, &info);
    }
    return set;
}

static struct fora_neg_item item_of(uint64_t created_at, const struct fora_object_id *id)
{
    struct fora_neg_item item = {.time = created_at / 1000};
    memcpy(item.id, id->b, sizeof item.id);
    return item;
}

/* Two changes of one object must not meet in one sort: applies those that are there first. */
static void part(struct ledger *ledger, struct ledger_set *set, const struct fora_object_id *id)
{
    for (size_t i = 0; i < set->changes_count; i++) {
        if (memcmp(set->changes[i].item.id, id->b, sizeof id->b) == 0) {
            set_apply(ledger, set);
            break;
        }
    }
}

void ledger_join(struct ledger *ledger, struct ledger_set *set, store_seq seq, uint64_t created_at,
    const struct fora_object_id *id, store_seq author)
{
    if (set->removals > 0) {
        part(ledger, set, id); /* it may have left in this same batch */
    }
    log_add(ledger, set, seq);
    set->joined = true;
    struct fora_neg_item item = item_of(created_at, id);
    join_add(ledger, set, &item, author);
}

void ledger_leave(struct ledger *ledger, struct ledger_set *set, uint64_t created_at,
    const struct fora_object_id *id)
{
    struct fora_neg_item item = item_of(created_at, id);
    tail_take(ledger, set);
    part(ledger, set, id);
    set->settles = true;
    change_add(ledger, set, &item, true);
}

uint64_t ledger_author_leaves(struct ledger *ledger, struct ledger_set *set, store_seq author)
{
    tail_take(ledger, set);
    authors_settle(ledger, set);
    return authors_remove(ledger->txn, set->info.number, author);
}

static int settle_set(void *context, const struct set_info *info)
{
    struct ledger *ledger = context;
    if (info->tail.count > 0) {
        (void)ledger_set_number(ledger, info->number); /* its errors are the transaction's */
    }
    return 0;
}

void ledger_settle(struct ledger *ledger)
{
    int rc = sets_each(ledger->txn, settle_set, ledger);
    (void)rc; /* its errors are the transaction's */
    for (size_t i = 0; i < ledger->sets_count; i++) {
        ledger->sets[i].settles = true;
    }
    ledger_apply(ledger);
    ids_settle(&ledger->objects.ids);
}
