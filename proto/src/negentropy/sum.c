/* Sums of ids mod 2^256, and the fingerprint made from one ("Fingerprint Algorithm"). */
#include "codec.h"
#include "fora/crypto.h"

#include <string.h>

enum { LIMBS = 4, VARINT_BYTES_MAX = 10, INPUT_MAX = FORA_NEG_KEY_SIZE + 32 + VARINT_BYTES_MAX };

/* Added once for each item that is passed over: whole words, where compilers see bytes. */
static uint64_t load_le64(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static void store_le64(uint8_t *at, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(at, &value, sizeof value);
}

static void add_256(uint8_t sum[32], const uint8_t term[32])
{
    uint64_t carry = 0;

    for (int i = 0; i < LIMBS; i++) {
        uint64_t a = load_le64(sum + 8 * i);
        uint64_t b = load_le64(term + 8 * i);
        uint64_t c = a + b;
        uint64_t d = c + carry;

        /* Both additions cannot overflow at once. */
        carry = (c < a) | (d < c);
        store_le64(sum + 8 * i, d);
    }
}

static void sub_256(uint8_t sum[32], const uint8_t term[32])
{
    uint64_t borrow = 0;

    for (int i = 0; i < LIMBS; i++) {
        uint64_t a = load_le64(sum + 8 * i);
        uint64_t b = load_le64(term + 8 * i);
        uint64_t c = a - b;
        uint64_t d = c - borrow;

        borrow = (a < b) | (c < borrow);
        store_le64(sum + 8 * i, d);
    }
}

void fora_neg_sum_zero(struct fora_neg_sum *sum)
{
    *sum = (struct fora_neg_sum){0};
}

void fora_neg_sum_add_id(struct fora_neg_sum *sum, const uint8_t id[32])
{
    add_256(sum->sum, id);
    sum->count++;
}

void fora_neg_sum_sub_id(struct fora_neg_sum *sum, const uint8_t id[32])
{
    sub_256(sum->sum, id);
    sum->count--;
}

void fora_neg_sum_add(struct fora_neg_sum *sum, const struct fora_neg_sum *other)
{
    add_256(sum->sum, other->sum);
    sum->count += other->count;
}

void fora_neg_sum_sub(struct fora_neg_sum *sum, const struct fora_neg_sum *other)
{
    sub_256(sum->sum, other->sum);
    sum->count -= other->count;
}

/* The sum and its count behind what is in `input` already, of which the first bytes are taken. */
static void fingerprint_of(uint8_t *out, size_t out_size, uint8_t input[INPUT_MAX], size_t size,
    const struct fora_neg_sum *sum)
{
    uint8_t digest[32];
    int shift = 0;

    memcpy(input + size, sum->sum, 32);
    size += 32;
    /* A varint without a buffer: this runs once per range and must not allocate. */
    while (shift < 63 && sum->count >> (shift + 7) != 0)
        shift += 7;
    for (; shift >= 0; shift -= 7)
        input[size++] = (uint8_t)((sum->count >> shift & 0x7f) | (shift == 0 ? 0 : 0x80));
    fora_sha256(digest, fora_bytes(input, size));
    memcpy(out, digest, out_size);
}

void fora_neg_fingerprint(uint8_t out[16], const struct fora_neg_sum *sum)
{
    uint8_t input[INPUT_MAX];

    fingerprint_of(out, NEG_FINGERPRINT_SIZE, input, 0, sum);
}

void fora_neg_short_fingerprint(
    uint8_t out[8], const uint8_t key[FORA_NEG_KEY_SIZE], const struct fora_neg_sum *sum)
{
    uint8_t input[INPUT_MAX];

    memcpy(input, key, FORA_NEG_KEY_SIZE);
    fingerprint_of(out, NEG_FINGERPRINT_SHORT, input, FORA_NEG_KEY_SIZE, sum);
}

int fora_neg_item_compare(const struct fora_neg_item *a, const struct fora_neg_item *b)
{
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return memcmp(a->id, b->id, sizeof(a->id));
}
