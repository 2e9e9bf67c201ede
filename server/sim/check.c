/*
 * After every step, of the nodes that it touched: nothing unverified is stored, numbers only grow,
 * memory keeps its bounds.
 */
#include "sim/sim.h"

#include <string.h>

/* ---- encodings that verified: the same object comes to every node ---- */

static struct fora_hash *seen_place(
    struct fora_hash *table, size_t room, const struct fora_hash *hash)
{
    static const struct fora_hash empty = {{0}};
    size_t at;
    memcpy(&at, hash->b, sizeof at);
    at %= room;
    while (memcmp(&table[at], &empty, sizeof empty) != 0 &&
           memcmp(&table[at], hash, sizeof *hash) != 0) {
        at = (at + 1) % room;
    }
    return &table[at];
}

static void seen_grow(struct sim *sim)
{
    static const struct fora_hash empty = {{0}};
    size_t room = sim->seen_room == 0 ? 4096 : 2 * sim->seen_room;
    struct fora_hash *table = calloc(room, sizeof *table);
    SIM_CHECK(table != NULL);
    for (size_t i = 0; i < sim->seen_room; i++) {
        if (memcmp(&sim->seen[i], &empty, sizeof empty) != 0) {
            *seen_place(table, room, &sim->seen[i]) = sim->seen[i];
        }
    }
    free(sim->seen);
    sim->seen = table;
    sim->seen_room = room;
}

static bool verifies(struct sim *sim, const struct fora_object *object)
{
    struct fora_hash hash;
    struct fora_object fresh;
    fora_hash1(&hash, "fora.sim", object->encoded);
    if (2 * (sim->seen_count + 1) > sim->seen_room) {
        seen_grow(sim);
    }
    struct fora_hash *place = seen_place(sim->seen, sim->seen_room, &hash);
    if (memcmp(place, &hash, sizeof hash) == 0) {
        return true;
    }
    sim->stats.verified++;
    if (fora_object_decode(&fresh, object->encoded) != 0 || fora_object_verify(&fresh) != 0 ||
        memcmp(fresh.id.b, object->id.b, sizeof fresh.id.b) != 0) {
        return false;
    }
    *place = hash;
    sim->seen_count++;
    return true;
}

/* ---- what is new in a store ---- */

struct look {
    struct sim *sim;
    struct host *host;
};

static int look_at(void *context, const struct stored *stored)
{
    struct look *look = context;
    if (!verifies(look->sim, &stored->object)) {
        breach(look->sim, "%s stored number %llu, which does not verify", look->host->name,
            (unsigned long long)stored->seq);
    }
    look->host->checked = stored->seq;
    return 0;
}

static void check_stored(struct sim *sim, struct host *host)
{
    struct look look = {sim, host};
    struct kv_txn *txn;
    SIM_CHECK(kv_begin_read(host->kv, &txn) == 0);
    if (objects_last(txn) < host->checked) {
        breach(sim, "%s forgot: its last object has number %llu, and it had %llu", host->name,
            (unsigned long long)objects_last(txn), (unsigned long long)host->checked);
    }
    int rc = objects_each(txn, host->checked, look_at, &look);
    if (rc != 0) {
        breach(sim, "%s: its objects cannot be read: %s", host->name, fora_error_text(rc));
    }
    kv_abort(txn);
    host->stored = false;
}

/* ---- memory ---- */

static void check_bounds(struct sim *sim, struct host *host)
{
    const struct node *node = host->node;
    const struct node_limits *limits = &node->env.limits;
    size_t inflight = 0;
    if (node->pending.bytes > limits->pending_max) {
        breach(sim, "%s lets %zu bytes wait, over its %llu", host->name, node->pending.bytes,
            (unsigned long long)limits->pending_max);
    }
    host->pending_full = host->pending_full || node->pending.evicted > 0 ||
                         node->pending.bytes > limits->pending_max * 3 / 4;
    for (size_t i = 0; i < node->slots_count; i++) {
        const struct conn *conn = node->slots[i];
        inflight += conn != NULL ? conn->inflight : 0;
        if (conn != NULL && conn->serve_count > 256) {
            breach(sim, "%s serves %u followers on one connection", host->name, conn->serve_count);
        }
    }
    /* Batches of connections that are gone still count for the node. */
    if (inflight > node->inflight) {
        breach(sim, "%s has %zu bytes on their way by connection, %zu in all", host->name, inflight,
            node->inflight);
    }
    /* Each connection may bring one frame over the bound, not more. */
    if (node->inflight > limits->inflight_max + 2 * (size_t)FORA_FRAME_MAX) {
        breach(sim, "%s has %zu bytes on their way to the store", host->name, node->inflight);
    }
}

void check_step(struct sim *sim, struct host *host)
{
    sim->stats.checks++;
    if (host->stored) {
        check_stored(sim, host);
    }
    if (host->node != NULL) {
        check_bounds(sim, host);
    }
}
