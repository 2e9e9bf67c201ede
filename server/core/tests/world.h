/*
 * Stores to commit to, and worlds of objects to commit, for tests of the core: a shelf is what a
 * node keeps (store, policies, writer) without the node; a world is a random forum, all its objects
 * in an order in which they can be stored.
 */
#ifndef FORAD_CORE_TESTS_WORLD_H
#define FORAD_CORE_TESTS_WORLD_H

#include "core/commit.h"
#include "core/rows.h"
#include "fixture.h"

enum { WORLD_NOW = 100000000, WORLD_MAX = 400, WORLD_SPACES = 2 };

/* ---- shelves ---- */

struct shelf {
    struct kv *kv;
    struct policies *policies;
    struct committer *committer;
    struct commit_result result; /* of the last run */
};

void shelf_init(struct shelf *shelf); /* in memory */
void shelf_use(struct shelf *shelf, struct kv *kv);
void shelf_fini(struct shelf *shelf); /* closes the store too */

/* Each object as a batch of its own; the code. */
int shelf_offer(struct shelf *shelf, const struct fora_object *object, enum commit_source source);
/* As a peer's, in one batch; fails the test unless every one is stored. */
void shelf_add(struct shelf *shelf, const struct fora_object *const *objects, size_t count);
void shelf_add_one(struct shelf *shelf, const struct fora_object *object);
void shelf_rows(struct shelf *shelf); /* steps until nothing is behind */

struct kv_txn *shelf_read(struct shelf *shelf);
/* The public set of the space; fails the test when it is not there. */
struct set_info shelf_set(struct kv_txn *txn, const struct fora_object *space);
bool shelf_holds(struct shelf *shelf, const struct fora_object *object);    /* stored */
bool shelf_has_text(struct shelf *shelf, const struct fora_object *object); /* with content */
bool shelf_in_set(
    struct shelf *shelf, const struct fora_object *space, const struct fora_object *object);
/* Checks the set's tree, count and log against its items; the number of members. */
uint64_t shelf_check_set(struct shelf *shelf, const struct fora_object *space);

/* The digest of the thread's view, and of its row. */
void shelf_view(struct shelf *shelf, const struct fora_object *thread, struct fora_hash *out);
void shelf_row(struct shelf *shelf, const struct fora_object *thread, struct fora_hash *out);
/* Over all keys and values of a table. */
void shelf_table(struct shelf *shelf, unsigned table, struct fora_hash *out);

/* ---- worlds ---- */

struct world {
    struct fx fx;
    uint64_t seed;
    const struct fora_object *objects[WORLD_MAX];
    size_t count;
    const struct fora_object *spaces[WORLD_SPACES];
    const struct fora_object *threads[WORLD_MAX];
    size_t threads_count;
    const struct fora_object *targets[WORLD_MAX]; /* threads and posts */
    size_t targets_count;
    struct fx_who *members[6];
    struct fx_who *nodes[2];
};

/* Everything that has a part in views and sets: identities with later entries, profiles and tallies
 * that supersede others, policy statements of several people, all kinds of a thread. */
void world_init(struct world *world, uint64_t seed, size_t count);
void world_fini(struct world *world);

/*
 * Delivers the objects to the shelf in a random order and in batches of random size up to
 * batch_max, offering again what waits for others, until each is stored or superseded. Rows are
 * stepped now and then when `rows`.
 */
void world_deliver(
    const struct world *world, struct shelf *shelf, uint64_t seed, uint32_t batch_max, bool rows);

#endif
