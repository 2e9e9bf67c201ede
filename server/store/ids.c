/*
 * RECENT is a hash table, cut so that each value fits into a page with another one:
 *
 *   'e' block(2)    up to 90 entries of id(16) sequence(6), in the order in which they came
 *   's' segment(1)  500 slots of tag(2) and 1 + number of the entry(2); 0: empty
 *   'n'             how many entries there are (4)
 *
 * The first byte of an id chooses the segment, two more the slot, two the tag, which saves looking
 * at most entries that are not the one. Who writes chooses ids, and could have many meet in one
 * segment: no segment takes more than 400, and then all goes to IDS at once, which is no worse than
 * to have put it there.
 */
#include "store/ids.h"

#include <stdlib.h>
#include <string.h>

enum {
    ENTRY_SIZE = ID_PREFIX_SIZE + SEQ_SIZE,
    BLOCK_ENTRIES = 90,
    SEGMENTS = 32,
    SEGMENT_SLOTS = 500,
    SEGMENT_FULL = 400,
    SLOT_SIZE = 4,
    SEGMENT_SIZE = SEGMENT_SLOTS * SLOT_SIZE,
    SLOTS_FIRST = 256, /* of a batch */
};

static void block_key(struct store_key *key, uint32_t entry)
{
    uint32_t block = entry / BLOCK_ENTRIES;
    key->b[0] = 'e';
    key->b[1] = (uint8_t)(block >> 8);
    key->b[2] = (uint8_t)block;
    key->size = 3;
}

static void segment_key(struct store_key *key, uint32_t segment)
{
    key->b[0] = 's';
    key->b[1] = (uint8_t)segment;
    key->size = 2;
}

static const struct fora_bytes count_key = {(const uint8_t *)"n", 1};

static uint32_t recent_count(struct kv_txn *txn)
{
    struct fora_bytes value;
    bool there = kv_get(txn, T_RECENT, count_key, &value) && value.size == 4;
    return there ? key_be32(value.data) : 0;
}

static uint32_t segment_of(const uint8_t *id)
{
    return id[0] % SEGMENTS;
}

static uint32_t slot_of(const uint8_t *id)
{
    return ((uint32_t)id[1] << 8 | id[2]) % SEGMENT_SLOTS;
}

/* The upper half of a slot. */
static uint32_t tag_of(const uint8_t *id)
{
    return (uint32_t)id[3] << 24 | (uint32_t)id[4] << 16;
}

/* The sequence of an entry when it is of this id, else 0. */
static store_seq entry_seq(struct kv_txn *txn, uint32_t entry, const uint8_t *id)
{
    struct store_key key;
    struct fora_bytes value;
    size_t at = (size_t)ENTRY_SIZE * (entry % BLOCK_ENTRIES);
    block_key(&key, entry);
    if (!kv_get(txn, T_RECENT, store_key_bytes(&key), &value) || value.size < at + ENTRY_SIZE ||
        memcmp(value.data + at, id, ID_PREFIX_SIZE) != 0) {
        return 0;
    }
    return seq_get(value.data + at + ID_PREFIX_SIZE);
}

static store_seq recent_find(struct kv_txn *txn, const uint8_t *id)
{
    struct store_key key;
    struct fora_bytes value;
    segment_key(&key, segment_of(id));
    if (!kv_get(txn, T_RECENT, store_key_bytes(&key), &value) || value.size != SEGMENT_SIZE) {
        return 0;
    }
    store_seq seq = 0;
    uint32_t tag = tag_of(id);
    uint32_t at = slot_of(id);
    for (uint32_t i = 0; i < SEGMENT_SLOTS && seq == 0; i++) {
        uint32_t slot = key_be32(value.data + (size_t)SLOT_SIZE * at);
        if (slot == 0) {
            break;
        }
        if ((slot & 0xffff0000u) == tag) {
            seq = entry_seq(txn, (slot & 0xffff) - 1, id);
        }
        at = (at + 1) % SEGMENT_SLOTS;
    }
    return seq;
}

static store_seq table_find(struct kv_txn *txn, const uint8_t *id)
{
    struct store_key key;
    struct fora_bytes value;
    key_id(&key, id);
    bool there = kv_get(txn, T_IDS, store_key_bytes(&key), &value) && value.size == SEQ_SIZE;
    return there ? seq_get(value.data) : 0;
}

/* ---- what a transaction has put ---- */

static uint32_t batch_hash(const uint8_t *id)
{
    return key_be32(id);
}

static struct ids_entry *batch_find(const struct ids_batch *batch, const uint8_t *id)
{
    if (batch == NULL || batch->count == 0) {
        return NULL;
    }
    size_t mask = batch->slots_room - 1;
    for (size_t at = batch_hash(id) & mask; batch->slots[at] != 0; at = (at + 1) & mask) {
        struct ids_entry *entry = &batch->entries[batch->slots[at] - 1];
        if (memcmp(entry->id, id, ID_PREFIX_SIZE) == 0) {
            return entry;
        }
    }
    return NULL;
}

static void batch_index(struct ids_batch *batch, size_t index)
{
    size_t mask = batch->slots_room - 1;
    size_t at = batch_hash(batch->entries[index].id) & mask;
    while (batch->slots[at] != 0) {
        at = (at + 1) & mask;
    }
    batch->slots[at] = (uint32_t)index + 1;
}

/* Room for one entry more. */
static bool batch_grow(struct ids_batch *batch)
{
    if (batch->count < batch->room) {
        return true;
    }
    size_t slots_room = batch->slots_room == 0 ? SLOTS_FIRST : 2 * batch->slots_room;
    uint32_t *slots = calloc(slots_room, sizeof *slots);
    struct ids_entry *entries = realloc(batch->entries, slots_room / 2 * sizeof *entries);
    if (entries != NULL) {
        batch->entries = entries;
    }
    if (slots == NULL || entries == NULL) {
        free(slots);
        kv_txn_fail(batch->txn, FORA_E_NOMEM);
        return false;
    }
    free(batch->slots);
    batch->slots = slots;
    batch->slots_room = slots_room;
    batch->room = slots_room / 2;
    for (size_t i = 0; i < batch->count; i++) {
        batch_index(batch, i);
    }
    return true;
}

void ids_batch_init(struct ids_batch *batch, struct kv_txn *txn)
{
    memset(batch, 0, sizeof *batch);
    batch->txn = txn;
    kv_txn_keep(txn, batch);
}

void ids_batch_fini(struct ids_batch *batch)
{
    if (batch->txn != NULL) {
        kv_txn_keep(batch->txn, NULL);
    }
    free(batch->entries);
    free(batch->slots);
    memset(batch, 0, sizeof *batch);
}

void ids_put(struct ids_batch *batch, const uint8_t id[FORA_ID_SIZE], store_seq seq)
{
    struct ids_entry *again = batch_find(batch, id);
    if (again != NULL) {
        again->seq = seq;
    } else if (batch_grow(batch)) {
        struct ids_entry *entry = &batch->entries[batch->count];
        memcpy(entry->id, id, ID_PREFIX_SIZE);
        entry->seq = seq;
        batch_index(batch, batch->count++);
    }
}

/* ---- to the tables ---- */

static void table_put(struct kv_txn *txn, const struct ids_entry *entry)
{
    uint8_t value[SEQ_SIZE];
    if (entry->seq != 0) {
        seq_put(value, entry->seq);
        kv_put(txn, T_IDS, fora_bytes(entry->id, sizeof entry->id), /* as key_id has it */
            fora_bytes(value, sizeof value));
    }
}

static int entry_compare(const void *a, const void *b)
{
    const struct ids_entry *x = a;
    const struct ids_entry *y = b;
    return memcmp(x->id, y->id, ID_PREFIX_SIZE);
}

/* Copies what is in RECENT behind `out`, which has room for it. */
static bool recent_read(struct kv_txn *txn, struct ids_entry *out, uint32_t count)
{
    struct store_key key;
    struct fora_bytes value = {0};
    for (uint32_t i = 0; i < count; i++) {
        size_t at = (size_t)ENTRY_SIZE * (i % BLOCK_ENTRIES);
        block_key(&key, i);
        bool there = at > 0 || kv_get(txn, T_RECENT, store_key_bytes(&key), &value);
        if (!there || value.size < at + ENTRY_SIZE) {
            kv_txn_fail(txn, FORA_E_CORRUPT);
            return false;
        }
        memcpy(out[i].id, value.data + at, ID_PREFIX_SIZE);
        out[i].seq = seq_get(value.data + at + ID_PREFIX_SIZE);
    }
    return true;
}

/* All that is recent and all of the batch, sorted, so that neighbours share a page. */
static void settle_all(struct ids_batch *batch)
{
    struct kv_txn *txn = batch->txn;
    uint32_t recent = recent_count(txn);
    size_t count = recent + batch->count;
    if (recent > IDS_RECENT_MAX) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
        return;
    }
    struct ids_entry *all = malloc((count + 1) * sizeof *all);
    if (all == NULL) {
        kv_txn_fail(txn, FORA_E_NOMEM);
        return;
    }
    if (recent_read(txn, all, recent)) {
        if (batch->count > 0) {
            memcpy(all + recent, batch->entries, batch->count * sizeof *all);
        }
        qsort(all, count, sizeof *all, entry_compare);
        for (size_t i = 0; i < count; i++) {
            table_put(txn, &all[i]);
        }
        kv_clear(txn, T_RECENT);
    }
    free(all);
}

/* The slots of one segment, to be changed. */
struct segment {
    bool read; /* else nothing of it changes */
    uint32_t used;
    uint8_t slots[SEGMENT_SIZE];
};

static void segment_read(struct kv_txn *txn, uint32_t number, struct segment *out)
{
    struct store_key key;
    struct fora_bytes value;
    segment_key(&key, number);
    out->read = true;
    if (kv_get(txn, T_RECENT, store_key_bytes(&key), &value) && value.size == SEGMENT_SIZE) {
        memcpy(out->slots, value.data, SEGMENT_SIZE);
    }
    for (size_t i = 0; i < SEGMENT_SLOTS; i++) {
        out->used += key_be32(out->slots + i * SLOT_SIZE) != 0;
    }
}

/* False when there is no room. */
static bool segment_add(struct segment *segment, const uint8_t *id, uint32_t entry)
{
    if (segment->used >= SEGMENT_FULL) {
        return false;
    }
    uint32_t at = slot_of(id);
    while (key_be32(segment->slots + (size_t)SLOT_SIZE * at) != 0) {
        at = (at + 1) % SEGMENT_SLOTS;
    }
    uint8_t *out = segment->slots + (size_t)SLOT_SIZE * at;
    uint32_t slot = tag_of(id) | (entry + 1);
    out[0] = (uint8_t)(slot >> 24);
    out[1] = (uint8_t)(slot >> 16);
    out[2] = (uint8_t)(slot >> 8);
    out[3] = (uint8_t)slot;
    segment->used++;
    return true;
}

/* The i-th of the batch is the entry first + i. False when there is no room; then nothing is put.
 */
static bool segments_store(const struct ids_batch *batch, struct segment *segments, uint32_t first)
{
    for (size_t i = 0; i < batch->count; i++) {
        const uint8_t *id = batch->entries[i].id;
        struct segment *segment = &segments[segment_of(id)];
        if (!segment->read) {
            segment_read(batch->txn, segment_of(id), segment);
        }
        if (!segment_add(segment, id, first + (uint32_t)i)) {
            return false;
        }
    }
    for (uint32_t number = 0; number < SEGMENTS; number++) {
        struct store_key key;
        segment_key(&key, number);
        if (segments[number].read) {
            kv_put(batch->txn, T_RECENT, store_key_bytes(&key),
                fora_bytes(segments[number].slots, SEGMENT_SIZE));
        }
    }
    return true;
}

/* Entries behind those that are there: the last block is filled up first. */
static void blocks_store(const struct ids_batch *batch, uint32_t first)
{
    struct store_key key;
    struct fora_bytes value;
    uint8_t block[BLOCK_ENTRIES * ENTRY_SIZE];
    size_t size = (size_t)ENTRY_SIZE * (first % BLOCK_ENTRIES);
    block_key(&key, first);
    if (size > 0) {
        if (!kv_get(batch->txn, T_RECENT, store_key_bytes(&key), &value) || value.size < size) {
            kv_txn_fail(batch->txn, FORA_E_CORRUPT);
            return;
        }
        memcpy(block, value.data, size);
    }
    for (size_t i = 0; i < batch->count; i++) {
        memcpy(block + size, batch->entries[i].id, ID_PREFIX_SIZE);
        seq_put(block + size + ID_PREFIX_SIZE, batch->entries[i].seq);
        size += ENTRY_SIZE;
        if (size == sizeof block || i + 1 == batch->count) {
            block_key(&key, first + (uint32_t)i);
            kv_put(batch->txn, T_RECENT, store_key_bytes(&key), fora_bytes(block, size));
            size = 0;
        }
    }
}

static bool recent_store(const struct ids_batch *batch)
{
    uint32_t first = recent_count(batch->txn);
    if (first + batch->count > IDS_RECENT_MAX) {
        return false;
    }
    struct segment *segments = calloc(SEGMENTS, sizeof *segments);
    if (segments == NULL) {
        kv_txn_fail(batch->txn, FORA_E_NOMEM);
        return true; /* nothing more is to be done */
    }
    bool room = segments_store(batch, segments, first);
    free(segments);
    if (!room) {
        return false;
    }
    blocks_store(batch, first);
    uint32_t count = first + (uint32_t)batch->count;
    const uint8_t value[4] = {
        (uint8_t)(count >> 24), (uint8_t)(count >> 16), (uint8_t)(count >> 8), (uint8_t)count};
    kv_put(batch->txn, T_RECENT, count_key, fora_bytes(value, sizeof value));
    return true;
}

/* An entry without a sequence would be counted. */
static void drop_removed(struct ids_batch *batch)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->entries[i].seq != 0) {
            batch->entries[kept++] = batch->entries[i];
        }
    }
    batch->count = kept;
}

static void batch_empty(struct ids_batch *batch)
{
    batch->count = 0;
    if (batch->slots_room > 0) {
        memset(batch->slots, 0, batch->slots_room * sizeof *batch->slots);
    }
}

void ids_store(struct ids_batch *batch)
{
    drop_removed(batch);
    if (batch->count < IDS_RECENT_MIN) {
        for (size_t i = 0; i < batch->count; i++) {
            table_put(batch->txn, &batch->entries[i]);
        }
    } else if (!recent_store(batch)) {
        settle_all(batch);
    }
    batch_empty(batch);
}

void ids_settle(struct ids_batch *batch)
{
    settle_all(batch);
    batch_empty(batch);
}

void ids_remove(struct ids_batch *batch, const uint8_t id[FORA_ID_SIZE])
{
    struct store_key key;
    struct ids_entry *entry = batch_find(batch, id);
    if (entry != NULL) {
        entry->seq = 0;
        return;
    }
    if (recent_find(batch->txn, id) != 0) {
        ids_settle(batch); /* rare: what was replaced is seldom younger than that */
    }
    key_id(&key, id);
    kv_delete(batch->txn, T_IDS, store_key_bytes(&key));
}

/* ---- reading ---- */

store_seq ids_find(struct kv_txn *txn, const uint8_t id[FORA_ID_SIZE])
{
    const struct ids_entry *entry = batch_find(kv_txn_kept(txn), id);
    if (entry != NULL) {
        return entry->seq;
    }
    store_seq seq = recent_find(txn, id);
    return seq != 0 ? seq : table_find(txn, id);
}

uint64_t ids_count(struct kv_txn *txn)
{
    return kv_count(txn, T_IDS) + recent_count(txn);
}

bool ids_recent_sound(struct kv_txn *txn)
{
    struct fora_bytes key, value;
    uint64_t entries = 0, slots = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_RECENT);
    while (kv_next(cursor, &key, &value)) {
        if (key.data[0] == 'e') {
            entries += value.size / ENTRY_SIZE;
        }
        for (size_t at = 0; key.data[0] == 's' && at + SLOT_SIZE <= value.size; at += SLOT_SIZE) {
            slots += key_be32(value.data + at) != 0;
        }
    }
    kv_cursor_close(cursor);
    uint32_t count = recent_count(txn);
    return entries == count && slots == count;
}
