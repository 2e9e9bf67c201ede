/*
 * Negentropy Protocol V1: range-based set reconciliation (spec/09-replication.md, REP-5 and after;
 * the message format is that of the published "Negentropy Protocol V1").
 *
 * Sans-I/O and without storage of its own: it asks a source, which may be a sorted array, an
 * ordered store with a fingerprint tree, or a test's naive list.
 */
#ifndef FORA_NEGENTROPY_H
#define FORA_NEGENTROPY_H

#include "fora/id.h"

enum {
    FORA_NEG_BUCKETS = 16,     /* a range that differs is split into so many */
    FORA_NEG_LIST_MAX = 32,    /* ranges of fewer than this many items are sent as ids */
    FORA_NEG_FRAME_MIN = 4096, /* smallest frame size limit */
    FORA_NEG_FRAME_SLACK = 200 /* bytes kept free below the limit, as the reference does */
};

/* An item, or a bound between items: (time, id) with ids in memcmp order. */
struct fora_neg_item {
    uint64_t time; /* seconds; UINT64_MAX is infinity and valid in a bound only */
    uint8_t id[32];
};

/* Sum of ids mod 2^256 (little-endian) and their number: what fingerprints are made from. */
struct fora_neg_sum {
    uint8_t sum[32];
    uint64_t count;
};

void fora_neg_sum_zero(struct fora_neg_sum *sum);
void fora_neg_sum_add_id(struct fora_neg_sum *sum, const uint8_t id[32]);
void fora_neg_sum_sub_id(struct fora_neg_sum *sum, const uint8_t id[32]);
void fora_neg_sum_add(struct fora_neg_sum *sum, const struct fora_neg_sum *other);
void fora_neg_sum_sub(struct fora_neg_sum *sum, const struct fora_neg_sum *other);
void fora_neg_fingerprint(uint8_t out[16], const struct fora_neg_sum *sum);
int fora_neg_item_compare(const struct fora_neg_item *a, const struct fora_neg_item *b);

/*
 * Where items come from. Positions are indexes into the sorted set, 0..size. The functions return 0
 * or a negative code, which ends the reconciliation. The set must not change during one call of
 * fora_neg_reply or fora_neg_start, and may change between calls.
 */
struct fora_neg_source {
    void *context;
    int (*size)(void *context, uint64_t *out);
    /* How many items are smaller than the bound. */
    int (*lower_bound)(void *context, const struct fora_neg_item *bound, uint64_t *out);
    /* The item at a position < size. */
    int (*item)(void *context, uint64_t position, struct fora_neg_item *out);
    /* Sum over [begin, end). */
    int (*sum)(void *context, uint64_t begin, uint64_t end, struct fora_neg_sum *out);
    /* Calls `each` for every item of [begin, end) in order until it returns non-zero. */
    int (*scan)(void *context, uint64_t begin, uint64_t end,
        int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context);
};

/* Limits against hostile messages; 0 takes the default in brackets. */
struct fora_neg_limits {
    size_t frame_max;  /* bytes of a message that we make [0: none] */
    size_t ranges_max; /* ranges of one message that we take [8192] */
    size_t ids_max;    /* ids of one message that we take [65536] */
};

/* What the initiator learns. Ids are reported once each, in no particular order. */
struct fora_neg_report {
    void *context;
    int (*have)(void *context, const uint8_t id[32]); /* we hold it, the other side does not */
    int (*need)(void *context, const uint8_t id[32]); /* the other side holds it, we do not */
};

/* The first message of the initiator is appended to `out`. */
int fora_neg_start(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    struct fora_buf *out) FORA_MUST_USE;
/*
 * Takes a message. As the responder (`report` NULL) always appends the answer to `out`. As the
 * initiator appends the next message, or nothing when the sides are reconciled. FORA_E_MALFORMED
 * (with bounds that do not ascend, or over-long varints), FORA_E_LIMIT, FORA_E_VERSION (the
 * responder then has appended the one byte 0x61), or what the source returned.
 */
int fora_neg_reply(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    struct fora_bytes message, const struct fora_neg_report *report,
    struct fora_buf *out) FORA_MUST_USE;

/* A source over a sorted array with prefix sums: for clients, tests and small sets. Items are
 * copied; duplicates are dropped. Cost of a query: O(log n). */
struct fora_neg_vector;
int fora_neg_vector_new(
    struct fora_neg_vector **out, const struct fora_neg_item *items, size_t count) FORA_MUST_USE;
void fora_neg_vector_free(struct fora_neg_vector *vector);
struct fora_neg_source fora_neg_vector_source(struct fora_neg_vector *vector);

#endif
