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
    }
    free(ledger->sets);
    objects_writer_fini(&ledger->objects);
    memset(ledger, 0, sizeof *ledger);
}

static void set_apply(struct ledger *ledger, struct ledger_set *set)
{
    int64_t delta = 0;
    sums_apply(ledger->txn, set->info.number, set->changes, set->changes_count, &delta);
    setlog_append(ledger->txn, set->info.number, set->info.head, set->log, set->log_count);
    set->info.count += (uint64_t)delta;
    set->info.head += set->log_count;
    sets_put(ledger->txn, &set->info);
    set->changes_count = 0;
    set->removals = 0;
    set->log_count = 0;
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

static void change_add(struct ledger *ledger, struct ledger_set *set, uint64_t created_at,
    const struct fora_object_id *id, bool remove)
{
    struct sums_change *moved = room_for_one(
        ledger, set->changes, set->changes_count, &set->changes_room, sizeof *set->changes);
    if (moved == NULL) {
        return;
    }
    set->changes = moved;
    struct sums_change *change = &set->changes[set->changes_count++];
    change->item.time = created_at / 1000;
    memcpy(change->item.id, id->b, sizeof change->item.id);
    change->remove = remove;
    set->removals += remove;
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
    const struct fora_object_id *id)
{
    store_seq *moved =
        room_for_one(ledger, set->log, set->log_count, &set->log_room, sizeof *set->log);
    if (moved == NULL) {
        return;
    }
    set->log = moved;
    if (set->removals > 0) {
        part(ledger, set, id); /* it may have left in this same batch */
    }
    set->log[set->log_count++] = seq;
    set->joined = true;
    change_add(ledger, set, created_at, id, false);
}

void ledger_leave(struct ledger *ledger, struct ledger_set *set, uint64_t created_at,
    const struct fora_object_id *id)
{
    part(ledger, set, id);
    change_add(ledger, set, created_at, id, true);
}
