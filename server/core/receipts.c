/*
 * Disputes: what follows when a log says that a key was stolen. The principal is marked, so that
 * views of threads look at receipts; and a walk over the sets that she wrote in, a step at a time,
 * has the rows of her threads made anew and puts the receipts there that this node can give.
 */
#include "core/receipts.h"

#include "core/effects.h"
#include "core/receipts_impl.h"
#include "core/rows.h"

#include <stdlib.h>
#include <string.h>

enum { MARK_DISPUTED = 'q', MARK_WALK = 'd', PLACE_SIZE = 4 + 8 + FORA_ID_SIZE };

/* ---- marks ---- */

static void disputed_key(struct store_key *key, const struct fora_principal_id *principal)
{
    key_name(key, MARK_DISPUTED, fora_bytes(principal->b, sizeof principal->b));
}

static void walk_key(struct store_key *key, store_seq principal)
{
    uint8_t name[SEQ_SIZE];
    seq_put(name, principal);
    key_name(key, MARK_WALK, fora_bytes(name, sizeof name));
}

static bool any_mark(struct kv_txn *txn, char prefix, size_t size, struct store_key *out)
{
    struct fora_bytes key;
    const uint8_t from[1] = {(uint8_t)prefix};
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

static bool has_dispute(const struct fora_identity_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keys[i].disputed) {
            return true;
        }
    }
    return false;
}

/* Where a walk is: in the set, behind the item (seconds, id). Set 0: before the first. */
struct place {
    uint32_t set;
    uint64_t seconds;
    uint8_t id[FORA_ID_SIZE];
};

static void place_put(struct kv_txn *txn, const struct store_key *key, const struct place *place)
{
    uint8_t value[PLACE_SIZE];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be32(&buf, place->set);
    fora_buf_be64(&buf, place->seconds);
    fora_buf_append(&buf, place->id, sizeof place->id);
    kv_put(txn, T_CURSORS, store_key_bytes(key), fora_bytes(value, sizeof value));
}

static void place_get(struct kv_txn *txn, const struct store_key *key, struct place *out)
{
    struct fora_bytes value;
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    if (!kv_get(txn, T_CURSORS, store_key_bytes(key), &value)) {
        return;
    }
    fora_reader_init(&reader, value);
    out->set = fora_reader_be32(&reader);
    out->seconds = fora_reader_be64(&reader);
    fora_reader_copy(&reader, out->id, sizeof out->id);
    if (fora_reader_end(&reader) != 0) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
    }
}

bool receipts_log_changed(struct kv_txn *txn, store_seq seq, const struct fora_identity_key *before,
    size_t before_count, const struct fora_identity *after)
{
    struct store_key key;
    struct place start = {.set = 0};
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(after, &count);
    bool disputed = has_dispute(keys, count);
    if (!disputed && !has_dispute(before, before_count)) {
        return false;
    }
    disputed_key(&key, fora_identity_principal(after));
    if (disputed) {
        kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(NULL, 0));
    } else {
        kv_delete(txn, T_CURSORS, store_key_bytes(&key));
    }
    walk_key(&key, seq);
    place_put(txn, &key, &start);
    return true;
}

/* ---- the walk ---- */

struct walk {
    const struct node_env *env;
    struct commit_txn *txn;
    struct fora_identity *log; /* of the principal */
    struct receipt_want *wants;
    size_t wants_count;
};

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

/* This node's policy of the space: is it a witness there for what that key signed? */
static int is_witness(const struct walk *walk, const struct fora_space_id *space,
    const struct fora_identity_key *key, bool *out)
{
    struct kv_txn *txn = walk->txn->ledger.txn;
    struct policy_handle *policy = NULL;
    struct set_info set;
    *out = false;
    if (!sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &set)) {
        return 0;
    }
    int rc = policies_get(walk->env->policies, txn, &set, &policy);
    if (rc == 0) {
        *out = fora_receipt_may_witness(policy_of(policy), walk->log, key, &walk->env->self);
    }
    policies_release(walk->env->policies, policy);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int look_at(struct walk *walk, store_seq seq)
{
    struct kv_txn *txn = walk->txn->ledger.txn;
    struct stored stored;
    int rc = objects_read(txn, seq, &stored);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    const struct fora_header *header = &stored.object.header;
    if (memcmp(header->author.b, fora_identity_principal(walk->log)->b, FORA_ID_SIZE) != 0) {
        return 0;
    }
    bool witness = false;
    struct receipt_want want;
    struct fora_object object = stored.object;
    const struct fora_identity_key *key = fora_receipt_disputed(walk->log, header);
    if (key != NULL && header->kind != FORA_KIND_RECEIPT) {
        rc = is_witness(walk, &header->space, key, &witness);
    }
    if (rc == 0 && witness) {
        rc = receipt_want(txn, seq, &object, &want);
        if (rc == 0 && want.accepted_at < key->revoked_at) {
            walk->wants[walk->wants_count++] = want;
        }
        rc = rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (key != NULL && (object.header.kind == FORA_KIND_MODERATION ||
                           object.header.kind == FORA_KIND_RETRACTION)) {
        effects_unerase(txn, &object.header.parent, seq); /* as a new one would not erase */
    }
    /* Shown with it or without it, and so is what its receipts were about. */
    bool is_thread = object.header.kind == FORA_KIND_THREAD;
    rows_touch(txn, is_thread ? seq : objects_find(txn, object.header.root.b));
    return rc;
}

/* The next items of the set of the place, which moves behind them. True at the end of the set. */
static bool list_items(
    struct kv_txn *txn, struct place *place, store_seq *seqs, size_t max, size_t *count)
{
    struct store_key from;
    struct fora_bytes key;
    uint32_t set;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ITEMS);
    key_item(&from, place->set, place->seconds, place->id);
    from.b[from.size++] = 0;
    *count = 0;
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && *count < max && key_item_parse(key, &set, &place->seconds, place->id) &&
           set == place->set) {
        store_seq seq = objects_find(txn, place->id);
        if (seq != 0) {
            seqs[(*count)++] = seq;
        }
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return *count < max;
}

static int put_receipt(void *context, struct fora_bytes encoded)
{
    struct commit_txn *txn = context;
    struct commit_item item = {.source = COMMIT_LOCAL};
    struct fora_bytes copy = fora_arena_copy(&txn->arena, encoded);
    int rc = copy.data == NULL ? FORA_E_NOMEM : fora_object_decode(&item.object, copy);
    if (rc == 0) {
        commit_add(txn, &item); /* a refusal is no fault of the walk's */
    }
    return rc;
}

static int walk_on(struct walk *walk, const struct store_key *key, size_t max)
{
    struct kv_txn *txn = walk->txn->ledger.txn;
    static const uint8_t no_id[FORA_ID_SIZE] = {0};
    store_seq principal = seq_get(key->b + 1);
    store_seq *seqs = malloc(max * sizeof *seqs);
    struct place place;
    size_t count = 0;
    bool end = true;
    int rc = seqs == NULL ? FORA_E_NOMEM : 0;
    place_get(txn, key, &place);
    if (rc == 0 && place.set != 0) {
        end = list_items(txn, &place, seqs, max, &count);
    }
    if (rc == 0 && end) {
        struct next_set next = {.after = place.set};
        rc = authors_sets(txn, principal, next_set, &next);
        place = (struct place){.set = next.found};
        memcpy(place.id, no_id, sizeof no_id);
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = look_at(walk, seqs[i]);
    }
    free(seqs);
    if (end && place.set == 0) {
        kv_delete(txn, T_CURSORS, store_key_bytes(key));
    } else {
        place_put(txn, key, &place);
    }
    return rc;
}

static int step_in(const struct node_env *env, struct commit_txn *txn, size_t max, bool *more)
{
    struct store_key key;
    struct stored first;
    struct walk walk = {.env = env, .txn = txn};
    if (!any_mark(txn->ledger.txn, MARK_WALK, SEQ_SIZE, &key)) {
        return 0;
    }
    int rc = objects_read(txn->ledger.txn, seq_get(key.b + 1), &first);
    if (rc == FORA_E_NOTFOUND) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(&key));
        *more = any_mark(txn->ledger.txn, MARK_WALK, SEQ_SIZE, NULL);
        return 0;
    }
    if (rc == 0) {
        struct fora_principal_id id = fora_object_principal(&first.object);
        rc = identity_load(txn->ledger.txn, &id, &walk.log);
    }
    walk.wants = malloc(max * sizeof *walk.wants);
    rc = rc == 0 && walk.wants == NULL ? FORA_E_NOMEM : rc;
    rc = rc == 0 ? walk_on(&walk, &key, max) : rc;
    if (rc == 0) {
        rc = receipts_make(env, txn->ledger.txn, walk.wants, walk.wants_count, put_receipt, txn);
    }
    free(walk.wants);
    fora_identity_free(walk.log);
    *more = any_mark(txn->ledger.txn, MARK_WALK, SEQ_SIZE, NULL);
    return rc;
}

int receipts_step(
    const struct node_env *env, uint64_t now, size_t max, struct commit_result *result, bool *more)
{
    struct commit_txn txn;
    *more = false;
    int rc = commit_begin(env->committer, &txn, now, result);
    if (rc != 0) {
        return rc;
    }
    ledger_settle(&txn.ledger); /* items are walked */
    rc = step_in(env, &txn, max, more);
    rc = rc == 0 ? kv_txn_error(txn.ledger.txn) : rc;
    if (rc == 0) {
        return commit_end(&txn);
    }
    commit_cancel(&txn);
    memset(result, 0, sizeof *result);
    return rc;
}

bool receipts_pending(struct kv_txn *txn)
{
    return any_mark(txn, MARK_WALK, SEQ_SIZE, NULL);
}

/* ---- views ---- */

/* Logs that were loaded for one thread. */
struct known {
    struct kv_txn *txn;
    struct fora_identity **logs;
    size_t count;
};

static int known_log(
    void *context, const struct fora_principal_id *principal, const struct fora_identity **out)
{
    struct known *known = context;
    struct fora_identity *log;
    for (size_t i = 0; i < known->count; i++) {
        if (memcmp(fora_identity_principal(known->logs[i])->b, principal->b, FORA_ID_SIZE) == 0) {
            *out = known->logs[i];
            return 0;
        }
    }
    int rc = identity_load(known->txn, principal, &log);
    if (rc != 0) {
        *out = NULL;
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    struct fora_identity **grown = realloc(known->logs, (known->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        fora_identity_free(log);
        return FORA_E_NOMEM;
    }
    known->logs = grown;
    known->logs[known->count++] = log;
    *out = log;
    return 0;
}

static int disputed_log(
    void *context, const struct fora_principal_id *principal, const struct fora_identity **out)
{
    struct known *known = context;
    struct store_key key;
    *out = NULL;
    disputed_key(&key, principal);
    return kv_get(known->txn, T_CURSORS, store_key_bytes(&key), NULL)
               ? known_log(context, principal, out)
               : kv_txn_error(known->txn);
}

int receipts_apply(
    struct kv_txn *txn, const struct fora_policy *policy, struct fora_object *objects, size_t count)
{
    struct known known = {.txn = txn};
    const struct fora_receipt_source source = {&known, disputed_log, known_log};
    size_t fallen;
    if (!any_mark(txn, MARK_DISPUTED, FORA_ID_SIZE, NULL)) {
        return 0;
    }
    int rc = fora_receipts_apply(&source, policy, objects, count, &fallen);
    for (size_t i = 0; i < known.count; i++) {
        fora_identity_free(known.logs[i]);
    }
    free(known.logs);
    return rc;
}
