/* What the tests of this room share: a random world on a shelf, its digests, and a quiet fsck. */
#ifndef FORAD_MAINTAIN_TESTS_MAINTAIN_RIG_H
#define FORAD_MAINTAIN_TESTS_MAINTAIN_RIG_H

#include "core/tests/world.h"
#include "maintain/digest.h"
#include "maintain/fsck.h"
#include "store/tests/store_rig.h"

struct rig {
    struct world world;
    struct shelf shelf;
};

void rig_init(struct rig *rig, uint64_t seed, size_t objects); /* in memory, rows up to date */
/* The same, into that store, which the rig then owns. */
void rig_init_in(struct rig *rig, struct kv *kv, uint64_t seed, size_t objects);
void rig_fini(struct rig *rig);
/* The writer's caches as after a restart. */
void rig_restart(struct rig *rig);

enum { RIG_SETS = 4 };
struct rig_digests {
    struct digest digests[RIG_SETS];
    size_t count;
};
/* Nothing is left in the tails of sets: tables may be compared. */
void rig_settle(struct kv *kv);
/* As after commits of many objects: the ids are among the recent ones (store/ids.h). */
void rig_unsettle_ids(struct kv *kv);
void rig_digests(struct kv *kv, struct rig_digests *out);
/* By space, since numbers are a store's own. */
void rig_assert_same_digests(const struct rig_digests *a, const struct rig_digests *b);

struct rig_fsck {
    struct fsck_result result;
    char tables[512]; /* names of the tables with findings, each once, each after a space */
    char first[512];  /* finding */
};
/* With `verify` on two threads. Fails the test when it does not come to its end. */
void rig_fsck(struct kv *kv, bool verify, struct rig_fsck *out);
void rig_assert_sound(struct kv *kv, struct rig_fsck *out);
/* Fails the test unless something is found in that table; NULL: in any. */
void rig_assert_found(struct kv *kv, bool verify, const char *table);

#endif
