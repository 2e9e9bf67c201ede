/* Records: their check, and taking them apart. */
#include "store/record.h"

#include <string.h>

#define FACTOR UINT64_C(0x9e3779b97f4a7c15) /* odd: no step loses what differed before it */

static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * FACTOR;
    return sum ^ sum >> 29;
}

/* Eight bytes a step, read as the machine has them and swapped where that is big-endian: a store
 * may be carried to another machine. */
static uint64_t word_at(const uint8_t *at, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, at, size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint32_t check_of(store_seq seq, uint32_t origin, struct fora_bytes encoded)
{
    uint64_t sum = mix(mix(FACTOR, seq), (uint64_t)encoded.size << 32 | origin);
    size_t at = 0;
    for (; encoded.size - at >= 8; at += 8) {
        sum = mix(sum, word_at(encoded.data + at, 8));
    }
    if (at < encoded.size) {
        sum = mix(sum, word_at(encoded.data + at, encoded.size - at));
    }
    return (uint32_t)(sum ^ sum >> 32);
}

void record_header(struct fora_buf *out, store_seq seq, uint32_t origin, struct fora_bytes encoded)
{
    fora_buf_be32(out, origin);
    fora_buf_be32(out, check_of(seq, origin, encoded));
}

/* Takes a record apart and checks it. */
static int record_open(
    struct fora_bytes record, store_seq seq, uint32_t *origin, struct fora_bytes *encoded)
{
    if (record.size == 0) {
        return FORA_E_NOTFOUND;
    }
    if (record.size <= RECORD_HEADER) {
        return FORA_E_CORRUPT;
    }
    *origin = key_be32(record.data);
    *encoded = fora_bytes(record.data + RECORD_HEADER, record.size - RECORD_HEADER);
    return key_be32(record.data + 4) == check_of(seq, *origin, *encoded) ? 0 : FORA_E_CORRUPT;
}

int record_decode(struct fora_bytes record, store_seq seq, struct stored *out)
{
    struct fora_bytes encoded;
    int rc = record_open(record, seq, &out->origin, &encoded);
    out->seq = seq;
    if (rc == 0) {
        rc = fora_object_decode(&out->object, encoded) == 0 ? 0 : FORA_E_CORRUPT;
    }
    return rc;
}

int record_decode_header(struct fora_bytes record, store_seq seq, struct fora_header *out)
{
    struct fora_bytes encoded;
    uint32_t origin;
    int rc = record_open(record, seq, &origin, &encoded);
    if (rc == 0) {
        rc = fora_object_decode_header(out, encoded) == 0 ? 0 : FORA_E_CORRUPT;
    }
    return rc;
}
