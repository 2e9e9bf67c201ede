/*
 * The message format of Negentropy Protocol V1: forms, varints, bounds and ranges, both ways.
 * Private to the room.
 */
#ifndef FORA_NEGENTROPY_CODEC_H
#define FORA_NEGENTROPY_CODEC_H

#include "fora/negentropy.h"

enum {
    NEG_VERSION = 0x61,
    NEG_VERSION_SHORT = 0x71, /* REP-24 */
    NEG_ID_SIZE = 32,
    NEG_FINGERPRINT_SIZE = 16,
    NEG_FINGERPRINT_SHORT = 8,
};

/* How a message begins, and how fingerprints are made in it. */
struct neg_form {
    bool is_short;
    uint8_t key[FORA_NEG_KEY_SIZE]; /* of short fingerprints; else 0 */
};
struct neg_form fora_neg_form(const uint8_t *key); /* as struct fora_neg_limits has it */
bool fora_neg_form_equal(const struct neg_form *a, const struct neg_form *b);
/* FORA_E_MALFORMED, or FORA_E_VERSION for a version of the published protocol that is not V1. */
int fora_neg_get_form(struct fora_reader *reader, struct neg_form *form) FORA_MUST_USE;
void fora_neg_put_form(struct fora_buf *out, const struct neg_form *form);
void fora_neg_put_fingerprint(
    struct fora_buf *out, const struct neg_form *form, const struct fora_neg_sum *sum);

enum neg_mode { NEG_SKIP = 0, NEG_FINGERPRINT = 1, NEG_ID_LIST = 2 };

/* A bound remembers how much of its id was written: it is echoed as it came. */
struct neg_bound {
    struct fora_neg_item item; /* id bytes beyond the prefix are 0 */
    size_t prefix;             /* 0..32 */
};

struct neg_range {
    struct neg_bound upper; /* exclusive; the lower bound is the upper one of the range before */
    enum neg_mode mode;
    struct fora_bytes payload; /* a fingerprint, or whole ids; borrowed from the message */
};

/* Base 128, most significant digit first. */
void fora_neg_put_varint(struct fora_buf *out, uint64_t value);
/* At most 10 bytes and 64 bits, else the reader's error is FORA_E_MALFORMED. */
uint64_t fora_neg_get_varint(struct fora_reader *reader);

/* Reads the ranges of a message. */
struct neg_parser {
    struct fora_reader reader; /* behind the form */
    size_t fingerprint_size;
    struct fora_neg_item last; /* upper bound of the range before */
};
void fora_neg_parser_init(
    struct neg_parser *parser, const struct neg_form *form, struct fora_reader ranges);
/* 1: there is a range; 0: the end; FORA_E_MALFORMED. Allocates nothing. */
int fora_neg_parser_next(struct neg_parser *parser, struct neg_range *range) FORA_MUST_USE;

/* Writes ranges in ascending order. Times are written as differences, hence the state. */
struct neg_writer {
    struct fora_buf *out; /* borrowed */
    uint64_t time;        /* written last, 0 at the start of a message */
};
/* Bound and mode; the payload follows. */
void fora_neg_put_range(
    struct neg_writer *writer, const struct neg_bound *upper, enum neg_mode mode);

/* The shortest bound that is above `before` and not above `after`, which follows it. */
struct neg_bound fora_neg_bound_between(
    const struct fora_neg_item *before, const struct fora_neg_item *after);
/* The bound that is exactly this item. */
struct neg_bound fora_neg_bound_at(const struct fora_neg_item *item);
struct neg_bound fora_neg_bound_infinity(void);

#endif
