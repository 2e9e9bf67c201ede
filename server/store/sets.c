/* Sets and the small indexes of sequences. A set's info is a protobuf-free fixed record, since only
 * this file reads it. */
#include "store/sets.h"

#include <string.h>

enum {
    TAIL_ENTRY_SIZE = 8 + 8 + FORA_ID_SIZE + 8,
    INFO_SIZE_MAX = FORA_ID_SIZE + 4 + 8 * 5 + 4 + SETS_TAIL_MAX * TAIL_ENTRY_SIZE
};

static void tail_parse(struct fora_reader *reader, struct set_tail *out)
{
    out->count = fora_reader_be32(reader);
    if (out->count > SETS_TAIL_MAX) {
        out->count = 0; /* and what is left over is an error */
    }
    for (uint32_t i = 0; i < out->count; i++) {
        out->seqs[i] = fora_reader_be64(reader);
        out->items[i].time = fora_reader_be64(reader);
        fora_reader_copy(reader, out->items[i].id, FORA_ID_SIZE);
        out->authors[i] = fora_reader_be64(reader);
    }
}

static void tail_append(struct fora_buf *buf, const struct set_tail *tail)
{
    fora_buf_be32(buf, tail->count);
    for (uint32_t i = 0; i < tail->count; i++) {
        fora_buf_be64(buf, tail->seqs[i]);
        fora_buf_be64(buf, tail->items[i].time);
        fora_buf_append(buf, tail->items[i].id, FORA_ID_SIZE);
        fora_buf_be64(buf, tail->authors[i]);
    }
}

static bool info_parse(struct fora_bytes value, uint32_t number, struct set_info *out)
{
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    fora_reader_init(&reader, value);
    out->number = number;
    fora_reader_copy(&reader, out->space.b, FORA_ID_SIZE);
    out->audience = fora_reader_be32(&reader);
    out->count = fora_reader_be64(&reader);
    out->head = fora_reader_be64(&reader);
    out->space_seq = fora_reader_be64(&reader);
    out->policy_version = fora_reader_be64(&reader);
    out->threads = fora_reader_be64(&reader);
    tail_parse(&reader, &out->tail);
    return fora_reader_end(&reader) == 0;
}

bool sets_get(struct kv_txn *txn, uint32_t number, struct set_info *out)
{
    struct store_key key;
    struct fora_bytes value;
    key_set_info(&key, number);
    return kv_get(txn, T_SETS, store_key_bytes(&key), &value) && info_parse(value, number, out);
}

bool sets_find(
    struct kv_txn *txn, const struct fora_space_id *space, uint32_t audience, struct set_info *out)
{
    struct store_key key;
    struct fora_bytes value;
    key_set_name(&key, space, audience);
    if (!kv_get(txn, T_SETS, store_key_bytes(&key), &value) || value.size != 4) {
        return false;
    }
    return sets_get(txn, key_be32(value.data), out);
}

/* ---- versions of policies ---- */

static uint64_t generation_get(struct kv_txn *txn, uint32_t set, struct store_key *key)
{
    struct fora_bytes value;
    struct fora_reader reader;
    const uint8_t name[4] = {
        (uint8_t)(set >> 24), (uint8_t)(set >> 16), (uint8_t)(set >> 8), (uint8_t)set};
    key_name(key, 'g', fora_bytes(name, sizeof name));
    if (!kv_get(txn, T_CURSORS, store_key_bytes(key), &value)) {
        return 0;
    }
    fora_reader_init(&reader, value);
    uint64_t generation = fora_reader_be64(&reader);
    if (fora_reader_end(&reader) != 0) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
    }
    return generation;
}

uint64_t sets_policy_version(struct kv_txn *txn, uint32_t set, store_seq seq)
{
    struct store_key key;
    return generation_get(txn, set, &key) << (8 * SEQ_SIZE) | seq;
}

store_seq sets_policy_seq(const struct set_info *info)
{
    return info->policy_version & (((uint64_t)1 << (8 * SEQ_SIZE)) - 1);
}

void sets_policy_renewed(struct kv_txn *txn, uint32_t set)
{
    struct store_key key;
    uint8_t value[8];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be64(&buf, generation_get(txn, set, &key) + 1);
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(value, sizeof value));
}

void sets_put(struct kv_txn *txn, const struct set_info *info)
{
    struct store_key key;
    uint8_t value[INFO_SIZE_MAX];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_append(&buf, info->space.b, FORA_ID_SIZE);
    fora_buf_be32(&buf, info->audience);
    fora_buf_be64(&buf, info->count);
    fora_buf_be64(&buf, info->head);
    fora_buf_be64(&buf, info->space_seq);
    fora_buf_be64(&buf, info->policy_version);
    fora_buf_be64(&buf, info->threads);
    tail_append(&buf, &info->tail);
    key_set_info(&key, info->number);
    kv_put(txn, T_SETS, store_key_bytes(&key), fora_buf_bytes(&buf));
}

/* The greatest number in use: 'n' + number is the last key of the table, since 'k' < 'n'. */
static uint32_t last_number(struct kv_txn *txn)
{
    struct fora_bytes key;
    uint32_t number = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_SETS);
    if (kv_last(cursor, &key, NULL) && key.size == 5 && key.data[0] == 'n') {
        number = key_be32(key.data + 1);
    }
    kv_cursor_close(cursor);
    return number;
}

void sets_create(
    struct kv_txn *txn, const struct fora_space_id *space, uint32_t audience, struct set_info *out)
{
    struct store_key key;
    memset(out, 0, sizeof *out);
    out->number = last_number(txn) + 1;
    out->space = *space;
    out->audience = audience;
    uint8_t value[4] = {(uint8_t)(out->number >> 24), (uint8_t)(out->number >> 16),
        (uint8_t)(out->number >> 8), (uint8_t)out->number};
    key_set_name(&key, space, audience);
    kv_put(txn, T_SETS, store_key_bytes(&key), fora_bytes(value, sizeof value));
    sets_put(txn, out);
}

int sets_each(
    struct kv_txn *txn, int (*each)(void *context, const struct set_info *info), void *context)
{
    int rc = 0;
    uint32_t last = last_number(txn);
    for (uint32_t number = 1; number <= last && rc == 0; number++) {
        struct set_info info;
        if (sets_get(txn, number, &info)) {
            rc = each(context, &info);
        }
    }
    return rc != 0 ? rc : kv_txn_error(txn);
}

bool sets_holds(struct kv_txn *txn, uint32_t set, const struct fora_object *object)
{
    struct store_key key;
    struct set_info info;
    key_item(&key, set, object->header.created_at / 1000, object->id.b);
    if (kv_get(txn, T_ITEMS, store_key_bytes(&key), NULL)) {
        return true;
    }
    if (!sets_get(txn, set, &info)) {
        return false;
    }
    for (uint32_t i = 0; i < info.tail.count; i++) {
        if (memcmp(info.tail.items[i].id, object->id.b, FORA_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* A run: each sequence as the zigzag varint of its difference to the one before (the first to 0).
 */
void setlog_append(
    struct kv_txn *txn, uint32_t set, uint64_t position, const store_seq *seqs, size_t count)
{
    struct store_key key;
    struct fora_buf run = {0};
    store_seq before = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t step = (int64_t)(seqs[i] - before);
        fora_buf_varint(&run, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
        before = seqs[i];
    }
    if (run.error != 0) {
        kv_txn_fail(txn, run.error);
    } else if (count > 0) {
        key_setlog(&key, set, position);
        kv_put(txn, T_SETLOG, store_key_bytes(&key), fora_buf_bytes(&run));
    }
    fora_buf_fini(&run);
}

static int run_each(struct fora_bytes run, uint64_t first, uint64_t from,
    int (*each)(void *context, uint64_t position, store_seq seq), void *context)
{
    struct fora_reader reader;
    store_seq seq = 0;
    int rc = 0;
    fora_reader_init(&reader, run);
    for (uint64_t position = first; reader.left > 0 && rc == 0; position++) {
        uint64_t step = fora_reader_varint(&reader);
        seq += step >> 1 ^ (~(step & 1) + 1);
        if (reader.error != 0) {
            return FORA_E_CORRUPT;
        }
        if (position >= from) {
            rc = each(context, position, seq);
        }
    }
    return rc;
}

static int tail_each(struct kv_txn *txn, uint32_t set, uint64_t from,
    int (*each)(void *context, uint64_t position, store_seq seq), void *context)
{
    struct set_info info;
    int rc = 0;
    if (!sets_get(txn, set, &info)) {
        return 0;
    }
    for (uint32_t i = 0; i < info.tail.count && rc == 0; i++) {
        uint64_t position = info.head - info.tail.count + i;
        if (position >= from) {
            rc = each(context, position, info.tail.seqs[i]);
        }
    }
    return rc;
}

int setlog_each(struct kv_txn *txn, uint32_t set, uint64_t position,
    int (*each)(void *context, uint64_t position, store_seq seq), void *context)
{
    struct store_key from;
    struct fora_bytes key, value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_SETLOG);
    key_setlog(&from, set, position + 1);
    bool there = kv_seek_before(cursor, store_key_bytes(&from), &key, &value) &&
                 key.size == 4 + SEQ_SIZE && key_be32(key.data) == set;
    if (!there) {
        there = kv_seek(cursor, store_key_bytes(&from), &key, &value);
    }
    while (there && rc == 0 && key.size == 4 + SEQ_SIZE && key_be32(key.data) == set) {
        rc = run_each(value, seq_get(key.data + 4), position, each, context);
        there = rc == 0 && kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    rc = rc == 0 ? tail_each(txn, set, position, each, context) : rc;
    return rc != 0 ? rc : kv_txn_error(txn);
}

void children_add(struct kv_txn *txn, store_seq owner, store_seq child)
{
    struct store_key key;
    key_child(&key, owner, child);
    kv_put(txn, T_CHILDREN, store_key_bytes(&key), fora_bytes(NULL, 0));
}

void children_remove(struct kv_txn *txn, store_seq owner, store_seq child)
{
    struct store_key key;
    key_child(&key, owner, child);
    kv_delete(txn, T_CHILDREN, store_key_bytes(&key));
}

/* Every key that begins with `prefix`, from `from` on (which does, too); the rest of it goes to
 * `each`. */
static int prefix_each_from(struct kv_txn *txn, unsigned table, struct fora_bytes prefix,
    struct fora_bytes from, int (*each)(void *context, struct fora_bytes rest), void *context)
{
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, table);
    bool there = kv_seek(cursor, from, &key, NULL);
    while (there && rc == 0 && key.size >= prefix.size &&
           memcmp(key.data, prefix.data, prefix.size) == 0) {
        rc = each(context, fora_bytes(key.data + prefix.size, key.size - prefix.size));
        there = rc == 0 && kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}

static int prefix_each(struct kv_txn *txn, unsigned table, struct fora_bytes prefix,
    int (*each)(void *context, struct fora_bytes rest), void *context)
{
    return prefix_each_from(txn, table, prefix, prefix, each, context);
}

struct seq_call {
    int (*each)(void *context, store_seq seq);
    void *context;
};

static int call_seq(void *context, struct fora_bytes rest)
{
    struct seq_call *call = context;
    return rest.size == SEQ_SIZE ? call->each(call->context, seq_get(rest.data)) : FORA_E_CORRUPT;
}

int children_each(
    struct kv_txn *txn, store_seq owner, int (*each)(void *context, store_seq child), void *context)
{
    return children_each_after(txn, owner, 0, each, context);
}

int children_each_after(struct kv_txn *txn, store_seq owner, store_seq after,
    int (*each)(void *context, store_seq child), void *context)
{
    uint8_t prefix[SEQ_SIZE];
    struct store_key from;
    struct seq_call call = {each, context};
    seq_put(prefix, owner);
    key_child(&from, owner, after + 1);
    return prefix_each_from(txn, T_CHILDREN, fora_bytes(prefix, sizeof prefix),
        store_key_bytes(&from), call_seq, &call);
}

bool authors_has(struct kv_txn *txn, uint32_t set, store_seq principal)
{
    struct store_key key;
    key_author(&key, set, principal);
    return kv_get(txn, T_AUTHORS, store_key_bytes(&key), NULL);
}

static uint64_t authors_count(struct kv_txn *txn, const struct store_key *key)
{
    struct fora_bytes value;
    struct fora_reader reader;
    if (!kv_get(txn, T_AUTHORS, store_key_bytes(key), &value)) {
        return 0;
    }
    fora_reader_init(&reader, value);
    uint64_t count = fora_reader_be64(&reader);
    if (fora_reader_end(&reader) != 0) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
    }
    return count;
}

static void authors_put(struct kv_txn *txn, const struct store_key *key, uint64_t count)
{
    uint8_t value[8];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be64(&buf, count);
    kv_put(txn, T_AUTHORS, store_key_bytes(key), fora_bytes(value, sizeof value));
}

bool authors_join(struct kv_txn *txn, uint32_t set, store_seq principal)
{
    struct store_key key, reverse;
    if (authors_has(txn, set, principal)) {
        return false;
    }
    key_author(&key, set, principal);
    key_author_sets(&reverse, principal, set);
    authors_put(txn, &key, 0);
    kv_put(txn, T_AUTHORS, store_key_bytes(&reverse), fora_bytes(NULL, 0));
    return true;
}

uint64_t authors_add(struct kv_txn *txn, uint32_t set, store_seq principal, uint64_t more)
{
    struct store_key key;
    key_author(&key, set, principal);
    uint64_t count = authors_count(txn, &key) + more;
    authors_put(txn, &key, count);
    return count;
}

uint64_t authors_remove(struct kv_txn *txn, uint32_t set, store_seq principal)
{
    struct store_key key, reverse;
    key_author(&key, set, principal);
    uint64_t count = authors_count(txn, &key);
    if (count > 1) {
        authors_put(txn, &key, count - 1);
        return count - 1;
    }
    key_author_sets(&reverse, principal, set);
    kv_delete(txn, T_AUTHORS, store_key_bytes(&key));
    kv_delete(txn, T_AUTHORS, store_key_bytes(&reverse));
    return 0;
}

struct set_call {
    int (*each)(void *context, uint32_t set);
    void *context;
};

static int call_set(void *context, struct fora_bytes rest)
{
    struct set_call *call = context;
    return rest.size == 4 ? call->each(call->context, key_be32(rest.data)) : FORA_E_CORRUPT;
}

int authors_sets(struct kv_txn *txn, store_seq principal, int (*each)(void *context, uint32_t set),
    void *context)
{
    struct store_key key;
    struct set_call call = {each, context};
    key_author_sets(&key, principal, 0);
    return prefix_each(txn, T_AUTHORS, fora_bytes(key.b, key.size - 4), call_set, &call);
}

int authors_each(struct kv_txn *txn, uint32_t set, int (*each)(void *context, store_seq principal),
    void *context)
{
    struct store_key key;
    struct seq_call call = {each, context};
    key_author(&key, set, 0);
    return prefix_each(txn, T_AUTHORS, fora_bytes(key.b, key.size - SEQ_SIZE), call_seq, &call);
}
