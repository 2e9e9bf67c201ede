/* What the tests of negentropy share: sets, sessions between two of them, collected reports. */
#ifndef FORA_TESTS_NEGENTROPY_SIDES_H
#define FORA_TESTS_NEGENTROPY_SIDES_H

#include "fora/negentropy.h"

/* A growing list of ids, in the order of their report. A zeroed struct is empty. */
struct neg_ids {
    struct fora_buf bytes; /* 32 each */
};
void neg_ids_add(struct neg_ids *ids, const uint8_t id[32]);
size_t neg_ids_count(const struct neg_ids *ids);
/* Sorts and drops duplicates. */
void neg_ids_normalize(struct neg_ids *ids);
void neg_ids_fini(struct neg_ids *ids);
/* Fails the test with `what` unless both hold the same set of ids (both are normalized). */
void neg_ids_assert_equal(struct neg_ids *got, struct neg_ids *expected, const char *what);

/* Both differences as the initiator learns them. */
struct neg_outcome {
    struct neg_ids have;
    struct neg_ids need;
};
struct fora_neg_report neg_outcome_report(struct neg_outcome *outcome);
void neg_outcome_fini(struct neg_outcome *outcome);

/* One side of a session. */
struct neg_side {
    struct fora_neg_vector *vector; /* owned */
    struct fora_neg_source source;
    struct fora_neg_limits limits;
};
void neg_side_init(
    struct neg_side *side, const struct fora_neg_item *items, size_t count, size_t frame_max);
void neg_side_fini(struct neg_side *side);

struct neg_trace {
    unsigned rounds; /* messages of the client */
    size_t client_bytes;
    size_t server_bytes;
};
/*
 * Reconciles. Fails the test when a call fails, a message is larger than its maker's frame_max, or
 * there are more than `rounds_max` rounds.
 */
struct neg_trace neg_session(const struct neg_side *client, const struct neg_side *server,
    struct neg_outcome *outcome, unsigned rounds_max);

/* Asks for a sample (REP-25), which is answered and settled in one round. */
void neg_sample(const struct neg_side *client, const struct neg_side *server, uint64_t at,
    uint64_t count, struct neg_outcome *outcome);

/* xorshift64*: the same numbers everywhere from the same seed, which is not 0. */
struct neg_random {
    uint64_t state;
};
uint64_t neg_random_next(struct neg_random *random);
uint64_t neg_random_below(struct neg_random *random, uint64_t limit);

#endif
