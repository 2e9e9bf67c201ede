/* Keys of every table. Each is fixed in size, so that a prefix search is a range search. */
#include "store/schema.h"

#include <string.h>

#define STORE_TABLE_NAME(name, text) [T_##name] = text,
const char *const store_table_names[STORE_TABLE_COUNT] = {STORE_TABLES(STORE_TABLE_NAME)};
#undef STORE_TABLE_NAME

static const uint64_t seconds_max = ((uint64_t)1 << (8 * TIME_SIZE)) - 1;
static const uint64_t millis_max = ((uint64_t)1 << 48) - 1;

struct fora_bytes store_key_bytes(const struct store_key *key)
{
    return (struct fora_bytes){key->b, key->size};
}

static void put_be(struct store_key *key, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        key->b[key->size + i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
    key->size += size;
}

static void put_raw(struct store_key *key, const void *data, size_t size)
{
    memcpy(key->b + key->size, data, size);
    key->size += size;
}

void seq_put(uint8_t out[SEQ_SIZE], store_seq seq)
{
    for (size_t i = 0; i < SEQ_SIZE; i++) {
        out[i] = (uint8_t)(seq >> (8 * (SEQ_SIZE - 1 - i)));
    }
}

store_seq seq_get(const uint8_t in[SEQ_SIZE])
{
    store_seq seq = 0;
    for (size_t i = 0; i < SEQ_SIZE; i++) {
        seq = seq << 8 | in[i];
    }
    return seq;
}

void key_object(struct store_key *key, store_seq seq)
{
    key->size = 0;
    put_be(key, seq, SEQ_SIZE);
}

void key_id(struct store_key *key, const uint8_t id[FORA_ID_SIZE])
{
    key->size = 0;
    put_raw(key, id, ID_PREFIX_SIZE);
}

void key_set_name(struct store_key *key, const struct fora_space_id *space, uint32_t audience)
{
    key->size = 0;
    put_be(key, 'k', 1);
    put_raw(key, space->b, FORA_ID_SIZE);
    put_be(key, audience, 4);
}

void key_set_info(struct store_key *key, uint32_t set)
{
    key->size = 0;
    put_be(key, 'n', 1);
    put_be(key, set, 4);
}

void key_item(struct store_key *key, uint32_t set, uint64_t seconds, const uint8_t id[FORA_ID_SIZE])
{
    key->size = 0;
    put_be(key, set, 4);
    put_be(key, seconds < seconds_max ? seconds : seconds_max, TIME_SIZE);
    put_raw(key, id, FORA_ID_SIZE);
}

void key_sum(struct store_key *key, uint32_t set, uint8_t level, uint64_t seconds,
    const uint8_t id[FORA_ID_SIZE])
{
    key->size = 0;
    put_be(key, set, 4);
    put_be(key, level, 1);
    put_be(key, seconds < seconds_max ? seconds : seconds_max, TIME_SIZE);
    put_raw(key, id, FORA_ID_SIZE);
}

void key_setlog(struct store_key *key, uint32_t set, uint64_t position)
{
    key->size = 0;
    put_be(key, set, 4);
    put_be(key, position, SEQ_SIZE);
}

void key_child(struct store_key *key, store_seq owner, store_seq child)
{
    key->size = 0;
    put_be(key, owner, SEQ_SIZE);
    put_be(key, child, SEQ_SIZE);
}

void key_author(struct store_key *key, uint32_t set, store_seq principal)
{
    key->size = 0;
    put_be(key, 's', 1);
    put_be(key, set, 4);
    put_be(key, principal, SEQ_SIZE);
}

void key_author_sets(struct store_key *key, store_seq principal, uint32_t set)
{
    key->size = 0;
    put_be(key, 'p', 1);
    put_be(key, principal, SEQ_SIZE);
    put_be(key, set, 4);
}

void key_slot(struct store_key *key, const struct fora_hash *slot)
{
    key->size = 0;
    put_raw(key, slot->b, ID_PREFIX_SIZE);
}

void key_row(struct store_key *key, store_seq root)
{
    key_object(key, root);
}

void key_order(struct store_key *key, uint32_t set, uint8_t order, const uint8_t tag[8],
    uint64_t time, store_seq root)
{
    key->size = 0;
    put_be(key, set, 4);
    put_be(key, order, 1);
    put_raw(key, tag, 8);
    put_be(key, millis_max - (time < millis_max ? time : millis_max), 6);
    put_be(key, root, SEQ_SIZE);
}

void key_flag(struct store_key *key, uint32_t set, store_seq seq)
{
    key->size = 0;
    put_be(key, set, 4);
    put_be(key, seq, SEQ_SIZE);
}

void key_vote(struct store_key *key, store_seq target, const struct fora_principal_id *voter)
{
    key->size = 0;
    put_be(key, target, SEQ_SIZE);
    put_raw(key, voter->b, FORA_ID_SIZE);
}

void key_mention(struct store_key *key, const struct fora_principal_id *principal, store_seq seq)
{
    key->size = 0;
    put_be(key, 'm', 1);
    put_raw(key, principal->b, ID_PREFIX_SIZE);
    put_be(key, seq, SEQ_SIZE);
}

void key_name(struct store_key *key, char prefix, struct fora_bytes name)
{
    size_t size = name.size < sizeof key->b - 1 ? name.size : sizeof key->b - 1;
    key->size = 0;
    put_be(key, (uint8_t)prefix, 1);
    put_raw(key, name.data, size);
}

/* ---- taking apart ---- */

static uint64_t take_be(struct fora_reader *reader, size_t size)
{
    struct fora_bytes taken = fora_reader_take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < taken.size; i++) {
        value = value << 8 | taken.data[i];
    }
    return value;
}

static bool take_end(const struct fora_reader *reader)
{
    return fora_reader_end(reader) == 0;
}

bool key_object_parse(struct fora_bytes key, store_seq *seq)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    *seq = take_be(&reader, SEQ_SIZE);
    return take_end(&reader);
}

bool key_set_name_parse(struct fora_bytes key, struct fora_space_id *space, uint32_t *audience)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    bool named = fora_reader_u8(&reader) == 'k';
    fora_reader_copy(&reader, space->b, sizeof space->b);
    *audience = fora_reader_be32(&reader);
    return named && take_end(&reader);
}

bool key_set_info_parse(struct fora_bytes key, uint32_t *set)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    bool numbered = fora_reader_u8(&reader) == 'n';
    *set = fora_reader_be32(&reader);
    return numbered && take_end(&reader);
}

/* Items and sums are read by the thousand for a message of reconciliation, hence not by a reader.
 */
static uint64_t seconds_get(const uint8_t *in)
{
    return (uint64_t)in[0] << 32 | key_be32(in + 1);
}

bool key_item_parse(
    struct fora_bytes key, uint32_t *set, uint64_t *seconds, uint8_t id[FORA_ID_SIZE])
{
    if (key.size != 4 + TIME_SIZE + FORA_ID_SIZE) {
        return false;
    }
    *set = key_be32(key.data);
    *seconds = seconds_get(key.data + 4);
    memcpy(id, key.data + 4 + TIME_SIZE, FORA_ID_SIZE);
    return true;
}

bool key_sum_parse(struct fora_bytes key, uint32_t *set, uint8_t *level, uint64_t *seconds,
    uint8_t id[FORA_ID_SIZE])
{
    if (key.size != 5 + TIME_SIZE + FORA_ID_SIZE) {
        return false;
    }
    *set = key_be32(key.data);
    *level = key.data[4];
    *seconds = seconds_get(key.data + 5);
    memcpy(id, key.data + 5 + TIME_SIZE, FORA_ID_SIZE);
    return true;
}

bool key_setlog_parse(struct fora_bytes key, uint32_t *set, uint64_t *position)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    *set = fora_reader_be32(&reader);
    *position = take_be(&reader, SEQ_SIZE);
    return take_end(&reader);
}

bool key_child_parse(struct fora_bytes key, store_seq *owner, store_seq *child)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    *owner = take_be(&reader, SEQ_SIZE);
    *child = take_be(&reader, SEQ_SIZE);
    return take_end(&reader);
}

bool key_author_parse(struct fora_bytes key, uint32_t *set, store_seq *principal)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    bool by_set = fora_reader_u8(&reader) == 's';
    *set = fora_reader_be32(&reader);
    *principal = take_be(&reader, SEQ_SIZE);
    return by_set && take_end(&reader);
}

bool key_author_sets_parse(struct fora_bytes key, store_seq *principal, uint32_t *set)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    bool by_principal = fora_reader_u8(&reader) == 'p';
    *principal = take_be(&reader, SEQ_SIZE);
    *set = fora_reader_be32(&reader);
    return by_principal && take_end(&reader);
}

bool key_order_parse(struct fora_bytes key, uint32_t *set, uint8_t *order, uint8_t tag[8],
    uint64_t *time, store_seq *root)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    *set = fora_reader_be32(&reader);
    *order = fora_reader_u8(&reader);
    fora_reader_copy(&reader, tag, 8);
    *time = millis_max - take_be(&reader, 6);
    *root = take_be(&reader, SEQ_SIZE);
    return take_end(&reader);
}

bool key_flag_parse(struct fora_bytes key, uint32_t *set, store_seq *seq)
{
    return key_setlog_parse(key, set, seq);
}

bool key_vote_parse(struct fora_bytes key, store_seq *target, struct fora_principal_id *voter)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    *target = take_be(&reader, SEQ_SIZE);
    fora_reader_copy(&reader, voter->b, sizeof voter->b);
    return take_end(&reader);
}

bool key_mention_parse(struct fora_bytes key, uint8_t principal[ID_PREFIX_SIZE], store_seq *seq)
{
    struct fora_reader reader;
    fora_reader_init(&reader, key);
    bool mention = fora_reader_u8(&reader) == 'm';
    fora_reader_copy(&reader, principal, ID_PREFIX_SIZE);
    *seq = take_be(&reader, SEQ_SIZE);
    return mention && take_end(&reader);
}

bool key_name_parse(struct fora_bytes key, char *prefix, struct fora_bytes *name)
{
    if (key.size == 0) {
        return false;
    }
    *prefix = (char)key.data[0];
    *name = fora_bytes(key.data + 1, key.size - 1);
    return true;
}
