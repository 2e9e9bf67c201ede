/* Keeping the index of mentions, by the writer, and checking it. mentions_page.c reads it. */
#include "core/mentions.h"

#include <string.h>

enum { COUNT_SIZE = 4 + SEQ_SIZE };

struct mention_count {
    uint32_t count;
    store_seq floor;
};

static void count_key(struct store_key *key, const uint8_t principal[FORA_ID_SIZE])
{
    key_name(key, 'c', fora_bytes(principal, ID_PREFIX_SIZE));
}

static struct mention_count count_get(struct kv_txn *txn, const uint8_t principal[FORA_ID_SIZE])
{
    struct mention_count count = {0};
    struct store_key key;
    struct fora_bytes value;
    count_key(&key, principal);
    if (kv_get(txn, T_MENTIONS, store_key_bytes(&key), &value) && value.size == COUNT_SIZE) {
        count.count = key_be32(value.data);
        count.floor = seq_get(value.data + 4);
    }
    return count;
}

static void count_put(
    struct kv_txn *txn, const uint8_t principal[FORA_ID_SIZE], const struct mention_count *count)
{
    struct store_key key;
    uint8_t value[COUNT_SIZE] = {(uint8_t)(count->count >> 24), (uint8_t)(count->count >> 16),
        (uint8_t)(count->count >> 8), (uint8_t)count->count};
    count_key(&key, principal);
    seq_put(value + 4, count->floor);
    if (count->count == 0 && count->floor == 0) {
        kv_delete(txn, T_MENTIONS, store_key_bytes(&key));
    } else {
        kv_put(txn, T_MENTIONS, store_key_bytes(&key), fora_bytes(value, sizeof value));
    }
}

/* The oldest goes. Whatever the order in which they came, the same ones are left. */
static void drop_oldest(
    struct kv_txn *txn, const struct fora_principal_id *principal, struct mention_count *count)
{
    struct store_key key;
    struct fora_bytes found;
    uint8_t of[ID_PREFIX_SIZE];
    store_seq seq = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_MENTIONS);
    key_mention(&key, principal, 0);
    bool there = kv_seek(cursor, store_key_bytes(&key), &found, NULL) &&
                 key_mention_parse(found, of, &seq) && memcmp(of, principal->b, sizeof of) == 0;
    kv_cursor_close(cursor);
    if (!there) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
        return;
    }
    key_mention(&key, principal, seq);
    kv_delete(txn, T_MENTIONS, store_key_bytes(&key));
    count->count--;
    count->floor = seq > count->floor ? seq : count->floor;
}

static void add(struct kv_txn *txn, const struct fora_principal_id *principal, store_seq seq)
{
    struct store_key key;
    key_mention(&key, principal, seq);
    if (kv_get(txn, T_MENTIONS, store_key_bytes(&key), NULL)) {
        return;
    }
    struct mention_count count = count_get(txn, principal->b);
    kv_put(txn, T_MENTIONS, store_key_bytes(&key), fora_bytes(NULL, 0));
    count.count++;
    if (count.count > MENTIONS_KEPT) {
        drop_oldest(txn, principal, &count);
    }
    count_put(txn, principal->b, &count);
}

static void take_out(struct kv_txn *txn, const struct fora_principal_id *principal, store_seq seq)
{
    struct store_key key;
    key_mention(&key, principal, seq);
    if (!kv_delete(txn, T_MENTIONS, store_key_bytes(&key))) {
        return;
    }
    struct mention_count count = count_get(txn, principal->b);
    count.count -= count.count > 0;
    count_put(txn, principal->b, &count);
}

bool mentions_any(const struct fora_content *content)
{
    size_t count;
    (void)fora_content_mentioned(content, &count);
    return count > 0;
}

void mentions_stored(struct kv_txn *txn, store_seq seq, const struct fora_content *content)
{
    size_t count;
    const struct fora_principal_id *list = fora_content_mentioned(content, &count);
    for (size_t i = 0; i < count; i++) {
        add(txn, &list[i], seq);
    }
}

/* Calls each of whom a stored object mentions. */
static void each_of(struct kv_txn *txn, const struct fora_object *object,
    void (*each)(void *context, const struct fora_principal_id *principal), void *context)
{
    struct fora_arena arena;
    struct fora_content content;
    size_t count = 0;
    uint32_t kind = object->header.kind;
    if (!object->has_content || (kind != FORA_KIND_THREAD && kind != FORA_KIND_POST)) {
        return;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    int rc = fora_content_decode(&arena, kind, object->content_bytes, &content);
    const struct fora_principal_id *list =
        rc == 0 ? fora_content_mentioned(&content, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        each(context, &list[i]);
    }
    if (rc == FORA_E_NOMEM) {
        kv_txn_fail(txn, rc);
    }
    fora_arena_fini(&arena);
}

struct entry {
    struct kv_txn *txn;
    store_seq seq;
    unsigned there, missing;
};

static void take_entry(void *context, const struct fora_principal_id *principal)
{
    const struct entry *entry = context;
    take_out(entry->txn, principal, entry->seq);
}

void mentions_removed(struct kv_txn *txn, store_seq seq, const struct fora_object *object)
{
    struct entry entry = {.txn = txn, .seq = seq};
    each_of(txn, object, take_entry, &entry);
}

/* ---- checking ---- */

static void look_at_entry(void *context, const struct fora_principal_id *principal)
{
    struct entry *entry = context;
    struct store_key key;
    key_mention(&key, principal, entry->seq);
    bool there = kv_get(entry->txn, T_MENTIONS, store_key_bytes(&key), NULL);
    entry->there += there;
    entry->missing += !there && entry->seq > count_get(entry->txn, principal->b).floor;
}

unsigned mentions_check(
    struct kv_txn *txn, store_seq seq, const struct fora_object *object, unsigned *missing)
{
    struct entry entry = {.txn = txn, .seq = seq};
    each_of(txn, object, look_at_entry, &entry);
    *missing = entry.missing;
    return entry.there;
}

bool mentions_sound(struct kv_txn *txn, uint64_t *entries)
{
    uint8_t of[FORA_ID_SIZE] = {0}, last[FORA_ID_SIZE] = {0};
    struct fora_bytes found, value;
    store_seq seq;
    uint64_t run = 0, counted = 0;
    bool sound = true;
    *entries = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_MENTIONS);
    while (kv_next(cursor, &found, &value)) {
        if (!key_mention_parse(found, of, &seq)) {
            counted += value.size == COUNT_SIZE ? key_be32(value.data) : 0;
            continue;
        }
        if (run > 0 && memcmp(of, last, ID_PREFIX_SIZE) != 0) {
            sound = sound && count_get(txn, last).count == run;
            run = 0;
        }
        memcpy(last, of, sizeof last);
        run++;
        ++*entries;
    }
    kv_cursor_close(cursor);
    return sound && (run == 0 || count_get(txn, last).count == run) && counted == *entries;
}
