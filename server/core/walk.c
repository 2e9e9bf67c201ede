#include "core/walk.h"

#include "store/objects.h"
#include "store/sums_source.h"

#include <string.h>

enum { PLACE_SIZE = 4 + 8 + FORA_ID_SIZE };

/* ---- marks ---- */

void walk_place_put(
    struct kv_txn *txn, const struct store_key *mark, const struct walk_place *place)
{
    uint8_t value[PLACE_SIZE];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be32(&buf, place->set);
    fora_buf_be64(&buf, place->at);
    fora_buf_append(&buf, place->id, sizeof place->id);
    kv_put(txn, T_CURSORS, store_key_bytes(mark), fora_bytes(value, sizeof value));
}

bool walk_place_get(struct kv_txn *txn, const struct store_key *mark, struct walk_place *out)
{
    struct fora_bytes value;
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    if (!kv_get(txn, T_CURSORS, store_key_bytes(mark), &value)) {
        return false;
    }
    fora_reader_init(&reader, value);
    out->set = fora_reader_be32(&reader);
    out->at = fora_reader_be64(&reader);
    fora_reader_copy(&reader, out->id, sizeof out->id);
    if (fora_reader_end(&reader) != 0) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
    }
    return true;
}

bool walk_mark_first(struct kv_txn *txn, char letter, size_t size, struct store_key *out)
{
    struct fora_bytes key;
    const uint8_t from[1] = {(uint8_t)letter};
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek(cursor, fora_bytes(from, sizeof from), &key, NULL) &&
                 key.size == 1 + size && key.data[0] == from[0];
    if (there && out != NULL) {
        memcpy(out->b, key.data, key.size);
        out->size = key.size;
    }
    kv_cursor_close(cursor);
    return there;
}

/* ---- items ---- */

struct taking {
    struct kv_txn *txn;
    struct walk_place *place;
    struct walk_items *out;
};

static int take_item(void *context, const struct fora_neg_item *item)
{
    struct taking *taking = context;
    store_seq seq = objects_find(taking->txn, item->id);
    taking->place->at = item->time;
    memcpy(taking->place->id, item->id, sizeof taking->place->id);
    if (seq != 0) {
        taking->out->seqs[taking->out->count++] = seq;
    }
    return 0;
}

/* The position behind the place's item, which may have left the set since. */
static int position_behind(const struct fora_neg_source *source, const struct walk_place *place,
    uint64_t size, uint64_t *out)
{
    struct fora_neg_item bound = {.time = place->at}, found;
    memcpy(bound.id, place->id, sizeof bound.id);
    int rc = source->lower_bound(source->context, &bound, out);
    if (rc == 0 && *out < size) {
        rc = source->item(source->context, *out, &found);
        *out += rc == 0 && fora_neg_item_compare(&found, &bound) == 0;
    }
    return rc;
}

int walk_items(struct kv_txn *txn, struct walk_place *place, struct walk_items *out)
{
    struct sums_source context = {.txn = txn, .set = place->set};
    struct fora_neg_source source = sums_neg_source(&context);
    struct taking taking = {txn, place, out};
    uint64_t size, begin = 0;
    out->count = 0;
    out->end = true;
    int rc = source.size(source.context, &size);
    rc = rc == 0 ? position_behind(&source, place, size, &begin) : rc;
    if (rc == 0 && begin < size) {
        uint64_t end = size - begin > out->max ? begin + out->max : size;
        out->end = end == size;
        rc = source.scan(source.context, begin, end, take_item, &taking);
    }
    sums_source_end(&context);
    return rc;
}

/* ---- sets ---- */

struct next_set {
    uint32_t after;
    uint32_t found;
};

static int next_set(void *context, uint32_t set)
{
    struct next_set *next = context;
    if (set > next->after && (next->found == 0 || set < next->found)) {
        next->found = set;
    }
    return 0;
}

int walk_next_set(struct kv_txn *txn, store_seq principal, uint32_t after, uint32_t *out)
{
    struct next_set next = {.after = after};
    int rc = authors_sets(txn, principal, next_set, &next);
    *out = next.found;
    return rc;
}
