/* What the parts of fsck share. */
#ifndef FORAD_MAINTAIN_FSCK_IMPL_H
#define FORAD_MAINTAIN_FSCK_IMPL_H

#include "core/caches.h"
#include "maintain/fsck.h"

#include <pthread.h>

/* Authors of sets: (set, sequence of the author), each once. */
struct fsck_pair {
    uint32_t set;
    store_seq author;
};
struct fsck_pairs {
    struct fsck_pair *list; /* owned; the first `sorted` are in order and unique */
    size_t sorted;
    size_t count;
    size_t room;
};
int fsck_pairs_add(struct fsck_pairs *pairs, uint32_t set, store_seq author) FORA_MUST_USE;
size_t fsck_pairs_count(struct fsck_pairs *pairs); /* of different ones */
void fsck_pairs_fini(struct fsck_pairs *pairs);

/* What the objects say about a set. */
struct fsck_set {
    struct set_info info;
    uint64_t members;
    store_seq space_seq;
    store_seq policy_version;
    uint64_t threads; /* rows that it has */
};

struct fsck_run {
    struct kv *kv;
    struct kv_txn *txn;
    const struct fsck *options;
    struct fsck_result *result; /* findings under the mutex */
    struct policies *policies;
    pthread_mutex_t mutex;
    store_seq last;
    store_seq rows_position;
    bool rows_stale;       /* some rows may rightly differ: totals say nothing */
    struct fsck_set *sets; /* owned; ascending by number */
    size_t sets_count;
    struct fsck_pairs authors;
};

void fsck_found(struct fsck_run *run, unsigned table, const char *format, ...) FORA_PRINTF(3, 4);
/* "unless `holds`, say". */
void fsck_expect(struct fsck_run *run, bool holds, unsigned table, const char *format, ...)
    FORA_PRINTF(4, 5);
struct fsck_set *fsck_set_of(struct fsck_run *run, uint32_t number); /* NULL: none */
bool fsck_has(struct fsck_run *run, unsigned table, const struct store_key *key);

/* Each returns 0, or what ends the run. */
int fsck_sets_load(struct fsck_run *run) FORA_MUST_USE;
int fsck_object(struct fsck_run *run, const struct stored *stored) FORA_MUST_USE;
int fsck_sets_check(struct fsck_run *run) FORA_MUST_USE; /* after all objects */
int fsck_marks_check(struct fsck_run *run) FORA_MUST_USE;
int fsck_verify(struct fsck_run *run) FORA_MUST_USE;

#endif
