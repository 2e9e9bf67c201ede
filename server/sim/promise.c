/*
 * What nodes said to those who put something: "stored" (code 0) and "waits" (PENDING). Kept outside
 * of them, and held against them after every start and whenever all is quiet.
 */
#include "sim/sim.h"

#include "store/sets.h"

#include <string.h>

static struct promise *promise_new(struct sim *sim)
{
    if (sim->promises_count == sim->promises_room) {
        sim->promises_room = sim->promises_room == 0 ? 1024 : 2 * sim->promises_room;
        sim->promises = realloc(sim->promises, sim->promises_room * sizeof *sim->promises);
        SIM_CHECK(sim->promises != NULL);
    }
    return &sim->promises[sim->promises_count++];
}

void promise_results(struct sim *sim, size_t host, const struct fora_msg_put_result *result)
{
    for (size_t i = 0; i < result->results_count; i++) {
        const struct fora_msg_result *one = &result->results[i];
        bool waits = fora_error_from_wire(one->code) == FORA_E_PENDING;
        if (one->code != 0 && !waits) {
            sim->stats.refusals++;
            continue;
        }
        size_t thing = thing_find(sim, &one->id);
        struct promise *promise = promise_new(sim);
        *promise = (struct promise){.host = host,
            .id = one->id,
            .thing = thing,
            .waits = waits,
            .life = sim->hosts[host].life};
        if (waits) {
            sim->stats.pendings++;
            promise->is_void = thing == SIZE_MAX;
            if (thing != SIZE_MAX) {
                promise->missing = sim->things[thing].object->header.root;
            }
        } else {
            sim->stats.acks++;
        }
    }
}

void promise_void(struct sim *sim, size_t host)
{
    for (size_t i = 0; i < sim->promises_count; i++) {
        sim->promises[i].is_void = sim->promises[i].is_void || sim->promises[i].host == host;
    }
}

/* Something that stands in the object's slot and is not older. */
static bool superseded(struct kv_txn *txn, const struct fora_object *object)
{
    struct fora_hash slot;
    struct store_key key;
    struct fora_bytes value;
    struct stored stands;
    if (!fora_kind_replaceable(object->header.kind)) {
        return false;
    }
    fora_object_slot(&slot, &object->header);
    key_slot(&key, &slot);
    return kv_get(txn, T_SLOTS, store_key_bytes(&key), &value) && value.size == SEQ_SIZE &&
           objects_read(txn, seq_get(value.data), &stands) == 0 &&
           fora_object_order(stands.object.header.created_at, &stands.object.id,
               object->header.created_at, &object->id) >= 0;
}

static bool in_set(struct kv_txn *txn, const struct fora_object *object)
{
    struct set_info set;
    struct fora_space_id space = fora_object_space(object);
    if (fora_header_principal_scoped(&object->header)) {
        return true; /* in those sets that the author wrote in: fsck looks */
    }
    if (!sets_find(txn, &space, object->header.audience, &set)) {
        return false;
    }
    return sets_holds(txn, set.number, object);
}

static void check_one(
    struct sim *sim, struct host *host, struct kv_txn *txn, struct promise *promise)
{
    const struct fora_object *object =
        promise->thing != SIZE_MAX ? sim->things[promise->thing].object : NULL;
    const uint8_t *id = promise->id.b;
    bool there = objects_find(txn, id) != 0;
    if (promise->waits) {
        bool excused = promise->life != host->life || host->pending_full || host->faulty_disk ||
                       objects_find(txn, promise->missing.b) == 0;
        if (!there && !excused) {
            breach(sim, "%s let %02x%02x%02x%02x wait, and not in when what it waited for came",
                host->name, id[0], id[1], id[2], id[3]);
        }
        promise->is_void = there || promise->life != host->life;
        return;
    }
    if (!there && (object == NULL || !superseded(txn, object))) {
        breach(sim, "%s acknowledged %02x%02x%02x%02x (%s) and does not have it", host->name, id[0],
            id[1], id[2], id[3], object != NULL ? fora_kind_name(object->header.kind) : "flag");
    } else if (there && object != NULL && !in_set(txn, object)) {
        breach(sim, "%s acknowledged %02x%02x%02x%02x, which is in no set", host->name, id[0],
            id[1], id[2], id[3]);
    }
}

void promise_check(struct sim *sim, struct host *host)
{
    struct kv_txn *txn;
    SIM_CHECK(kv_begin_read(host->kv, &txn) == 0);
    for (size_t i = 0; i < sim->promises_count; i++) {
        struct promise *promise = &sim->promises[i];
        if (promise->host == host->index && !promise->is_void) {
            sim->stats.checks++;
            check_one(sim, host, txn, promise);
        }
    }
    kv_abort(txn);
}
