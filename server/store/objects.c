/* Objects in chunks. The layout stands in objects.h; what is read from disk is checked as if it
 * came from outside, since a damaged file must be an error and not a crash. */
#include "store/objects.h"

#include "store/record.h"

#include <string.h>

enum { CHUNK_HEADER = 2 };

struct chunk {
    struct fora_bytes value;
    store_seq first;
    size_t count;
};

static uint32_t chunk_end(const struct chunk *chunk, size_t index)
{
    return key_be32(chunk->value.data + CHUNK_HEADER + 4 * index);
}

static int chunk_parse(struct chunk *out, store_seq first, struct fora_bytes value)
{
    if (value.size < CHUNK_HEADER) {
        return FORA_E_CORRUPT;
    }
    out->value = value;
    out->first = first;
    out->count = (size_t)value.data[0] << 8 | value.data[1];
    bool fits = out->count > 0 && value.size >= CHUNK_HEADER + 4 * out->count;
    return fits ? 0 : FORA_E_CORRUPT;
}

/* The bytes of a record; empty when it was removed. */
static int chunk_record(const struct chunk *chunk, size_t index, struct fora_bytes *out)
{
    if (index >= chunk->count) {
        return FORA_E_NOTFOUND;
    }
    size_t base = CHUNK_HEADER + 4 * chunk->count;
    size_t begin = index == 0 ? 0 : chunk_end(chunk, index - 1);
    size_t end = chunk_end(chunk, index);
    if (begin > end || end > chunk->value.size - base) {
        return FORA_E_CORRUPT;
    }
    *out = (struct fora_bytes){chunk->value.data + base + begin, end - begin};
    return 0;
}

/* The chunk that would hold a sequence. */
static int chunk_find(struct kv_txn *txn, store_seq seq, struct chunk *out)
{
    struct store_key key;
    struct fora_bytes found, value;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    key_object(&key, seq + 1);
    bool there = kv_seek_before(cursor, store_key_bytes(&key), &found, &value);
    int rc = there && found.size == SEQ_SIZE ? chunk_parse(out, seq_get(found.data), value)
                                             : FORA_E_NOTFOUND;
    kv_cursor_close(cursor);
    return rc;
}

store_seq objects_find(struct kv_txn *txn, const uint8_t id[FORA_ID_SIZE])
{
    return ids_find(txn, id);
}

int objects_read_near(
    struct kv_txn *txn, struct objects_near *near, store_seq seq, struct stored *out)
{
    struct chunk chunk;
    struct fora_bytes record;
    int rc = near->chunk.size > 0 ? chunk_parse(&chunk, near->first, near->chunk) : FORA_E_NOTFOUND;
    if (rc != 0 || seq < chunk.first || seq - chunk.first >= chunk.count) {
        rc = chunk_find(txn, seq, &chunk);
    }
    if (rc == 0) {
        *near = (struct objects_near){chunk.value, chunk.first};
        rc = chunk_record(&chunk, seq - chunk.first, &record);
    }
    return rc == 0 ? record_decode(record, seq, out) : rc;
}

int objects_read(struct kv_txn *txn, store_seq seq, struct stored *out)
{
    struct objects_near near = {.first = 0};
    return objects_read_near(txn, &near, seq, out);
}

/* FORA_E_CORRUPT when the last chunk cannot be read; then *out is where it begins. */
static int last_seq(struct kv_txn *txn, store_seq *out)
{
    struct fora_bytes key, value;
    struct chunk chunk;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    *out = 0;
    if (kv_last(cursor, &key, &value)) {
        rc = key_object_parse(key, out) ? chunk_parse(&chunk, *out, value) : FORA_E_CORRUPT;
        *out += rc == 0 ? chunk.count - 1 : 0;
    }
    kv_cursor_close(cursor);
    return rc;
}

store_seq objects_last(struct kv_txn *txn)
{
    store_seq last;
    int rc = last_seq(txn, &last);
    (void)rc; /* a damaged chunk counts as far as it is certain */
    return last;
}

/* Every chunk with something behind `after`, in order, until `each` returns something else than 0.
 * One that cannot be read has rc FORA_E_CORRUPT and only its `first`. */
static int chunks_each(struct kv_txn *txn, store_seq after,
    int (*each)(void *context, int rc, const struct chunk *chunk), void *context)
{
    struct store_key from;
    struct fora_bytes key, value;
    int stop = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    key_object(&from, after + 1);
    from.b[from.size++] = 0;
    /* The chunk that holds after + 1 may begin before it. */
    bool there = kv_seek_before(cursor, store_key_bytes(&from), &key, &value) ||
                 kv_first(cursor, &key, &value);
    while (there && stop == 0) {
        struct chunk chunk = {.first = 0};
        int rc = key_object_parse(key, &chunk.first) ? chunk_parse(&chunk, chunk.first, value)
                                                     : FORA_E_CORRUPT;
        stop = each(context, rc, &chunk);
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return stop != 0 ? stop : kv_txn_error(txn);
}

/* The first record of a chunk that is behind `after`. */
static size_t chunk_skip(const struct chunk *chunk, store_seq after)
{
    return after < chunk->first ? 0 : after - chunk->first + 1;
}

struct scan {
    store_seq after;
    objects_scan_fn *each;
    void *context;
};

static int chunk_scan(void *context, int rc, const struct chunk *chunk)
{
    const struct scan *scan = context;
    int stop = 0;
    if (rc != 0) {
        return scan->each(scan->context, chunk->first, rc, NULL);
    }
    for (size_t i = chunk_skip(chunk, scan->after); i < chunk->count && stop == 0; i++) {
        struct fora_bytes record;
        struct stored stored;
        rc = chunk_record(chunk, i, &record);
        rc = rc == 0 ? record_decode(record, chunk->first + i, &stored) : rc;
        if (rc != FORA_E_NOTFOUND) {
            stop = scan->each(scan->context, chunk->first + i, rc, rc == 0 ? &stored : NULL);
        }
    }
    return stop;
}

int objects_scan(struct kv_txn *txn, store_seq after, objects_scan_fn *each, void *context)
{
    struct scan scan = {after, each, context};
    return chunks_each(txn, after, chunk_scan, &scan);
}

struct strict {
    int (*each)(void *context, const struct stored *stored);
    void *context;
};

static int each_strictly(void *context, store_seq seq, int rc, const struct stored *stored)
{
    const struct strict *strict = context;
    (void)seq;
    return rc == 0 ? strict->each(strict->context, stored) : rc;
}

int objects_each(struct kv_txn *txn, store_seq after,
    int (*each)(void *context, const struct stored *stored), void *context)
{
    struct strict strict = {each, context};
    return objects_scan(txn, after, each_strictly, &strict);
}

struct headers {
    store_seq after;
    int (*each)(void *context, store_seq seq, const struct fora_header *header);
    void *context;
};

static int chunk_headers(void *context, int rc, const struct chunk *chunk)
{
    const struct headers *headers = context;
    for (size_t i = chunk_skip(chunk, headers->after); rc == 0 && i < chunk->count; i++) {
        struct fora_bytes record;
        struct fora_header header;
        rc = chunk_record(chunk, i, &record);
        rc = rc == 0 ? record_decode_header(record, chunk->first + i, &header) : rc;
        rc = rc == 0                 ? headers->each(headers->context, chunk->first + i, &header)
             : rc == FORA_E_NOTFOUND ? 0
                                     : rc;
    }
    return rc;
}

int objects_each_header(struct kv_txn *txn, store_seq after,
    int (*each)(void *context, store_seq seq, const struct fora_header *header), void *context)
{
    struct headers headers = {after, each, context};
    return chunks_each(txn, after, chunk_headers, &headers);
}

void objects_writer_init(struct objects_writer *writer, struct kv_txn *txn)
{
    memset(writer, 0, sizeof *writer);
    writer->txn = txn;
    int rc = last_seq(txn, &writer->next);
    if (rc != 0) {
        /* Where the next object goes is not known: writing would put it over others. */
        kv_txn_fail(txn, rc);
    }
    writer->next++;
    writer->first = writer->next;
    fora_buf_init(&writer->records, 0);
    ids_batch_init(&writer->ids, txn);
}

void objects_writer_fini(struct objects_writer *writer)
{
    ids_batch_fini(&writer->ids);
    fora_buf_fini(&writer->records);
}

void objects_flush(struct objects_writer *writer)
{
    if (writer->count == 0) {
        return;
    }
    struct store_key key;
    uint8_t *out = NULL;
    size_t table = CHUNK_HEADER + 4 * writer->count;
    if (writer->records.error != 0) {
        kv_txn_fail(writer->txn, writer->records.error);
        return;
    }
    key_object(&key, writer->first);
    kv_reserve(writer->txn, T_OBJECTS, store_key_bytes(&key), table + writer->records.size, &out);
    if (out != NULL) {
        out[0] = (uint8_t)(writer->count >> 8);
        out[1] = (uint8_t)writer->count;
        for (size_t i = 0; i < writer->count; i++) {
            uint32_t end = writer->ends[i];
            uint8_t *at = out + CHUNK_HEADER + 4 * i;
            at[0] = (uint8_t)(end >> 24);
            at[1] = (uint8_t)(end >> 16);
            at[2] = (uint8_t)(end >> 8);
            at[3] = (uint8_t)end;
        }
        memcpy(out + table, writer->records.data, writer->records.size);
    }
    writer->count = 0;
    writer->first = writer->next;
    fora_buf_clear(&writer->records);
}

void objects_finish(struct objects_writer *writer)
{
    objects_flush(writer);
    ids_store(&writer->ids);
}

store_seq objects_append(
    struct objects_writer *writer, const struct fora_object *object, uint32_t origin)
{
    size_t size = RECORD_HEADER + object->encoded.size;
    size_t total = CHUNK_HEADER + 4 * (writer->count + 1) + writer->records.size + size;
    if (writer->count == CHUNK_RECORDS_MAX || (writer->count > 0 && total > CHUNK_SIZE)) {
        objects_flush(writer);
    }
    record_header(&writer->records, writer->next, origin, object->encoded);
    fora_buf_append_bytes(&writer->records, object->encoded);
    if (writer->records.error != 0) {
        kv_txn_fail(writer->txn, writer->records.error);
        return 0;
    }
    writer->ends[writer->count++] = (uint32_t)writer->records.size;

    store_seq seq = writer->next++;
    ids_put(&writer->ids, object->id.b, seq);
    return seq;
}

int objects_writer_read(struct objects_writer *writer, store_seq seq, struct stored *out)
{
    if (seq < writer->first) {
        return objects_read(writer->txn, seq, out);
    }
    if (seq - writer->first >= writer->count) {
        return FORA_E_NOTFOUND;
    }
    size_t index = seq - writer->first;
    size_t begin = index == 0 ? 0 : writer->ends[index - 1];
    struct fora_bytes record = {writer->records.data + begin, writer->ends[index] - begin};
    return record_decode(record, seq, out);
}

/* The chunk again, with one record exchanged. */
static void chunk_rebuild(
    struct fora_buf *out, const struct chunk *chunk, size_t index, struct fora_bytes replacement)
{
    size_t end = 0;
    struct fora_bytes record;
    fora_buf_be16(out, (uint16_t)chunk->count);
    for (size_t i = 0; i < chunk->count; i++) {
        if (chunk_record(chunk, i, &record) != 0) {
            out->error = FORA_E_CORRUPT;
            return;
        }
        end += i == index ? replacement.size : record.size;
        fora_buf_be32(out, (uint32_t)end);
    }
    for (size_t i = 0; i < chunk->count; i++) {
        if (chunk_record(chunk, i, &record) == 0) {
            fora_buf_append_bytes(out, i == index ? replacement : record);
        }
    }
}

static int chunk_exchange(struct objects_writer *writer, const struct chunk *chunk, store_seq seq,
    struct fora_bytes replacement)
{
    struct store_key key;
    struct fora_buf fresh = {0};
    chunk_rebuild(&fresh, chunk, seq - chunk->first, replacement);
    int rc = fresh.error;
    if (rc == 0) {
        key_object(&key, chunk->first);
        kv_put(writer->txn, T_OBJECTS, store_key_bytes(&key), fora_buf_bytes(&fresh));
        rc = kv_txn_error(writer->txn);
    }
    fora_buf_fini(&fresh);
    return rc;
}

static int record_exchange(
    struct objects_writer *writer, store_seq seq, struct fora_bytes replacement)
{
    struct chunk chunk;
    int rc = chunk_find(writer->txn, seq, &chunk);
    return rc == 0 ? chunk_exchange(writer, &chunk, seq, replacement) : rc;
}

int objects_replace(struct objects_writer *writer, store_seq seq, struct fora_bytes encoded)
{
    struct stored stored;
    struct fora_buf record = {0};
    objects_flush(writer);
    int rc = objects_read(writer->txn, seq, &stored);
    if (rc == 0) {
        record_header(&record, seq, stored.origin, encoded);
        fora_buf_append_bytes(&record, encoded);
        rc = record.error;
    }
    if (rc == 0) {
        rc = record_exchange(writer, seq, fora_buf_bytes(&record));
    }
    fora_buf_fini(&record);
    return rc;
}

int objects_rewrite(struct objects_writer *writer, store_seq seq, bool remove)
{
    struct stored stored;
    struct fora_buf record = {0}, stripped = {0};
    objects_flush(writer);
    int rc = objects_read(writer->txn, seq, &stored);
    if (rc == 0 && remove) {
        ids_remove(&writer->ids, stored.object.id.b);
    } else if (rc == 0) {
        rc = fora_object_strip(&stripped, &stored.object);
        rc = rc != 0 ? rc : stripped.error;
        record_header(&record, seq, stored.origin, fora_buf_bytes(&stripped));
        fora_buf_append_bytes(&record, fora_buf_bytes(&stripped));
        rc = rc != 0 ? rc : record.error;
    }
    if (rc == 0) {
        rc = record_exchange(writer, seq, fora_buf_bytes(&record));
    }
    fora_buf_fini(&stripped);
    fora_buf_fini(&record);
    return rc;
}

/* How many records a chunk of unknown length had: sequences have no gaps between chunks. */
static size_t chunk_span(struct kv_txn *txn, store_seq first)
{
    struct store_key from;
    struct fora_bytes key;
    store_seq next = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    key_object(&from, first + 1);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    kv_cursor_close(cursor);
    there = there && key_object_parse(key, &next);
    return there && next - first < CHUNK_RECORDS_MAX ? next - first : CHUNK_RECORDS_MAX;
}

/* The readable records of a chunk; `chunk` NULL: `count` removed ones. */
static void chunk_salvage(
    struct fora_buf *table, struct fora_buf *records, const struct chunk *chunk, size_t count)
{
    fora_buf_be16(table, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        struct fora_bytes record;
        struct stored stored;
        if (chunk != NULL && chunk_record(chunk, i, &record) == 0 &&
            record_decode(record, chunk->first + i, &stored) == 0) {
            fora_buf_append_bytes(records, record);
        }
        fora_buf_be32(table, (uint32_t)records->size);
    }
}

int objects_repair(struct kv_txn *txn, store_seq seq)
{
    struct store_key from, at;
    struct fora_bytes key, value;
    struct chunk chunk;
    struct fora_buf table = {0}, records = {0};
    store_seq first = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    key_object(&from, seq + 1);
    bool there = kv_seek_before(cursor, store_key_bytes(&from), &key, &value);
    int rc = there ? 0 : FORA_E_NOTFOUND;
    if (there && key_object_parse(key, &first)) {
        bool whole = chunk_parse(&chunk, first, value) == 0;
        chunk_salvage(
            &table, &records, whole ? &chunk : NULL, whole ? chunk.count : chunk_span(txn, first));
        fora_buf_append_bytes(&table, fora_buf_bytes(&records));
        rc = table.error != 0 ? table.error : records.error;
    }
    kv_cursor_close(cursor);
    if (rc == 0) {
        key_object(&at, first);
        kv_put(txn, T_OBJECTS, store_key_bytes(&at), fora_buf_bytes(&table));
        rc = kv_txn_error(txn);
    }
    fora_buf_fini(&table);
    fora_buf_fini(&records);
    return rc;
}
