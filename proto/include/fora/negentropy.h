/*
 * Negentropy Protocol V1: range-based set reconciliation (spec/09-replication.md, REP-5 and after;
 * the message format is that of the published "Negentropy Protocol V1"), and the same with short
 * fingerprints (REP-24), for two sides that have agreed on it.
 *
 * Sans-I/O and without storage of its own: it asks a source, which may be a sorted array, an
 * ordered store with a fingerprint tree, or a test's naive list.
 */
#ifndef FORA_NEGENTROPY_H
#define FORA_NEGENTROPY_H

#include "fora/id.h"

enum {
    FORA_NEG_BUCKETS = 16,     /* a range that differs is split into so many, as by the reference */
    FORA_NEG_LIST_MAX = 32,    /* ranges of fewer than this many items are sent as ids */
    FORA_NEG_FRAME_MIN = 4096, /* smallest frame size limit */
    FORA_NEG_FRAME_SLACK = 200,   /* bytes kept free below the limit, as the reference does */
    FORA_NEG_FRAME_USUAL = 98304, /* frame size limit for nodes; see struct fora_neg_limits */
    FORA_NEG_RANGES_MAX = 10240,  /* ranges of one message that are taken by default */
    FORA_NEG_IDS_MAX = 65536,     /* ids of one message that are taken by default */
    FORA_NEG_KEY_SIZE = 16        /* of short fingerprints (REP-24) */
};

/* An item, or a bound between items: (time, id) with ids in memcmp order. */
struct fora_neg_item {
    uint64_t time; /* seconds; UINT64_MAX is infinity and valid in a bound only */
    uint8_t id[32];
};

/*
 * Sum of ids mod 2^256 (little-endian) and their number: what fingerprints are made from. Sums add
 * and subtract, so that a tree or an array of prefix sums answers for any range.
 */
struct fora_neg_sum {
    uint8_t sum[32];
    uint64_t count;
};

void fora_neg_sum_zero(struct fora_neg_sum *sum);
void fora_neg_sum_add_id(struct fora_neg_sum *sum, const uint8_t id[32]);
void fora_neg_sum_sub_id(struct fora_neg_sum *sum, const uint8_t id[32]);
void fora_neg_sum_add(struct fora_neg_sum *sum, const struct fora_neg_sum *other);
void fora_neg_sum_sub(struct fora_neg_sum *sum, const struct fora_neg_sum *other);
/* The first 16 bytes of SHA-256 over sum || varint(count). */
void fora_neg_fingerprint(uint8_t out[16], const struct fora_neg_sum *sum);
/* The first 8 bytes of SHA-256 over key || sum || varint(count) (REP-24). */
void fora_neg_short_fingerprint(
    uint8_t out[8], const uint8_t key[FORA_NEG_KEY_SIZE], const struct fora_neg_sum *sum);
/* Less than, equal to or greater than 0. */
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
    /* Calls `each` for every item of [begin, end) in order until it returns non-zero. What scan
     * itself returns after such a stop does not matter. */
    int (*scan)(void *context, uint64_t begin, uint64_t end,
        int (*each)(void *each_context, const struct fora_neg_item *item), void *each_context);
    /* NULL, or where the set is cut cheaply: a position at most `slack` away from `near`
     * (near - slack > 0, near + slack < size), and a bound that is above the item before that
     * position and not above the item at it. Bytes of 0 at the end of the bound's id are not sent.
     * Asked when a split is to be lean only. */
    int (*cut)(void *context, uint64_t near, uint64_t slack, uint64_t *position,
        struct fora_neg_item *bound);
};

/*
 * Limits against hostile messages; a member of 0, or a NULL pointer, takes the default in brackets.
 *
 * Whoever answers strangers sets frame_max: without it an IdList of no ids is answered with the
 * whole set. A peer that makes messages of at most FORA_NEG_FRAME_USUAL bytes never has more ranges
 * or ids in one than the defaults allow; one with larger frames may.
 */
struct fora_neg_limits {
    size_t frame_max;  /* bytes of a message that we make, at least FORA_NEG_FRAME_MIN [0: none] */
    size_t ranges_max; /* ranges of one message that we take [FORA_NEG_RANGES_MAX] */
    size_t ids_max;    /* ids of one message that we take [FORA_NEG_IDS_MAX] */
    bool lean;         /* splits for few bytes; else as the reference does (REP-5) */
    /* The initiator's: FORA_NEG_KEY_SIZE random bytes of this reconciliation, borrowed, the same in
     * each call: it asks with short fingerprints (REP-24). NULL: as published. */
    const uint8_t *key;
};

/*
 * What the initiator learns, in no particular order. A callback returns 0, or a negative code that
 * ends the reconciliation and is handed on. `have` is called from inside the source's scan: it must
 * not change the set. Ids are borrowed until the callback returns.
 *
 * Within one message an id is reported once per range in which it differs. Across messages it may
 * be reported again: where a frame limit cuts a message, the format has the rest, and with it what
 * was skipped just before, compared anew. So the receiver keeps a set, or acts idempotently.
 */
struct fora_neg_report {
    void *context;
    int (*have)(void *context, const uint8_t id[32]); /* we hold it, the other side does not */
    int (*need)(void *context, const uint8_t id[32]); /* the other side holds it, we do not */
};

/*
 * The first message of the initiator is appended to `out`: at most 1013 bytes. FORA_E_USAGE (a
 * frame_max below FORA_NEG_FRAME_MIN), FORA_E_NOMEM, or what the source returned.
 */
int fora_neg_start(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    struct fora_buf *out) FORA_MUST_USE;

/*
 * A message of the initiator that asks for the other side's ids in the place of `count` of its own
 * items (at least one), those from position `at` on, and for no others: what the answer tells is
 * found by fora_neg_reply as ever (REP-25). FORA_E_USAGE: there is no such position. Else as above.
 */
int fora_neg_sample(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    uint64_t at, uint64_t count, struct fora_buf *out) FORA_MUST_USE;

/*
 * Takes a message of either form, and makes one of the same. As the responder (`report` NULL)
 * always appends the answer to `out`. As the initiator appends the next message, or nothing when
 * the sides are reconciled. With frame_max set it appends at most so many bytes. No state is kept
 * between calls.
 *
 * Errors: FORA_E_MALFORMED (also: an answer of another form than asked, bounds that descend or pass
 * infinity, varints of more than 10 bytes or above 2^64 - 1, an IdList longer than what is left),
 * FORA_E_LIMIT, FORA_E_VERSION, FORA_E_USAGE as above, FORA_E_NOMEM or FORA_E_TOO_LARGE (the cap of
 * `out`), FORA_E_INTERNAL (the source contradicts itself), or what the source or the report
 * returned. On an error `out` is as long as it was, except that with FORA_E_VERSION the responder
 * has appended the one byte 0x61, which is to be sent. The message's shape and counts are checked
 * as a whole before the source is asked or anything is reported or allocated.
 *
 * Varints that are longer than they need be are taken, as the reference does; none are made.
 *
 * Cost for the responder, of a message of R ranges: at most R calls of lower_bound and of sum, and
 * for what it writes 16 sums and 30 items per 300 bytes, one id scanned per 32 bytes: nothing grows
 * with the set but the source's own O(log n). Memory: the answer and 2 KiB. The initiator further
 * scans its items in the ranges that came as IdLists, in O(log) of the list's length each, with 9
 * bytes of memory per id of the longest list. How many rounds there may be is for the initiator's
 * caller to bound: a hostile responder can go on for ever.
 */
int fora_neg_reply(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    struct fora_bytes message, const struct fora_neg_report *report,
    struct fora_buf *out) FORA_MUST_USE;

/*
 * A source over a sorted array with prefix sums: for clients, tests and small sets. Items are
 * copied in any order, and duplicates dropped; 72 bytes of memory per item. lower_bound costs O(log
 * n), the rest O(1) per item returned. FORA_E_USAGE for an item at infinity, FORA_E_NOMEM.
 */
struct fora_neg_vector;
int fora_neg_vector_new(
    struct fora_neg_vector **out, const struct fora_neg_item *items, size_t count) FORA_MUST_USE;
void fora_neg_vector_free(struct fora_neg_vector *vector);                     /* NULL is fine */
struct fora_neg_source fora_neg_vector_source(struct fora_neg_vector *vector); /* borrows it */

#endif
