/*
 * Disputes: what follows when a log says that a key was stolen. The principal is marked, so that
 * views of threads and policies look at receipts; and a walk over the sets that she wrote in, a
 * step at a time, has the rows of her threads and the policies that she spoke in made anew, and
 * puts the receipts there that this node can give.
 */
#include "core/receipts.h"

#include "core/effects.h"
#include "core/receipts_impl.h"
#include "core/rows.h"
#include "core/sweep_impl.h"
#include "core/walk.h"

#include <stdlib.h>
#include <string.h>

enum { MARK_DISPUTED = 'q', MARK_WALK = 'd' };

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

static bool has_dispute(const struct fora_identity_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keys[i].disputed) {
            return true;
        }
    }
    return false;
}

bool receipts_log_changed(struct kv_txn *txn, store_seq seq, const struct fora_identity_key *before,
    size_t before_count, const struct fora_identity *after)
{
    struct store_key key;
    struct walk_place start = {.set = 0};
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
    walk_place_put(txn, &key, &start);
    return true;
}

void receipts_suspect(struct kv_txn *txn, const struct fora_principal_id *principal)
{
    struct store_key key;
    disputed_key(&key, principal);
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(NULL, 0));
}

int receipts_settle(struct kv_txn *txn)
{
    struct fora_bytes key;
    const uint8_t prefix[1] = {MARK_DISPUTED};
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek(cursor, fora_bytes(prefix, sizeof prefix), &key, NULL);
    while (there && rc == 0 && key.size == 1 + FORA_ID_SIZE && key.data[0] == prefix[0]) {
        struct fora_principal_id id;
        struct fora_identity *log = NULL;
        size_t count = 0;
        memcpy(id.b, key.data + 1, sizeof id.b);
        rc = identity_load(txn, &id, &log);
        const struct fora_identity_key *keys = rc == 0 ? fora_identity_keys(log, &count) : NULL;
        if (rc == FORA_E_NOTFOUND || (rc == 0 && !has_dispute(keys, count))) {
            struct store_key mark;
            disputed_key(&mark, &id);
            kv_delete(txn, T_CURSORS, store_key_bytes(&mark));
            rc = 0;
        }
        fora_identity_free(log);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

/* ---- the walk ---- */

struct walk {
    const struct node_env *env;
    struct commit_txn *txn;
    struct fora_identity *log; /* of the principal */
    struct receipt_want *wants;
    size_t wants_count;
};

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

/* What a new one would not do: erase, or close a flag (RCP-5). */
static int take_back(struct commit_txn *txn, const struct fora_object *act, store_seq seq)
{
    const struct stored stored = {.seq = seq, .object = *act};
    struct set_info set;
    if (act->header.kind == FORA_KIND_MODERATION &&
        sets_find(txn->ledger.txn, &act->header.space, act->header.audience, &set)) {
        sweep_mark_answered(txn->ledger.txn, set.number);
        txn->result->swept = true;
    }
    txn->result->lacks = true;
    return effects_undo(&txn->ledger, &stored);
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
    if (header->kind == FORA_KIND_POLICY || receipts_of_policy(header)) {
        struct fora_space_id space = fora_object_space(&object);
        rc = sweep_policy_judged(walk->txn, &space); /* before the policy is asked for witnesses */
        header = &object.header;
    }
    if (rc == 0 && key != NULL && header->kind != FORA_KIND_RECEIPT) {
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
        rc = rc == 0 ? take_back(walk->txn, &object, seq) : rc;
    }
    /* Shown with it or without it, and so is what its receipts were about. */
    bool is_thread = object.header.kind == FORA_KIND_THREAD;
    rows_touch(txn, is_thread ? seq : objects_find(txn, object.header.root.b));
    return rc;
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
    struct walk_items items = {.seqs = malloc(max * sizeof *items.seqs), .max = max, .end = true};
    struct walk_place place;
    int rc = items.seqs == NULL ? FORA_E_NOMEM : 0;
    (void)walk_place_get(txn, key, &place);
    if (rc == 0 && place.set != 0) {
        rc = walk_items(txn, &place, &items);
    }
    if (rc == 0 && items.end) {
        uint32_t next;
        rc = walk_next_set(txn, seq_get(key->b + 1), place.set, &next);
        place = (struct walk_place){.set = next};
    }
    for (size_t i = 0; i < items.count && rc == 0; i++) {
        rc = look_at(walk, items.seqs[i]);
    }
    free(items.seqs);
    if (items.end && place.set == 0) {
        kv_delete(txn, T_CURSORS, store_key_bytes(key));
    } else {
        walk_place_put(txn, key, &place);
    }
    return rc;
}

static int step_in(const struct node_env *env, struct commit_txn *txn, size_t max, bool *more)
{
    struct store_key key;
    struct stored first;
    struct walk walk = {.env = env, .txn = txn};
    if (!walk_mark_first(txn->ledger.txn, MARK_WALK, SEQ_SIZE, &key)) {
        return 0;
    }
    int rc = objects_read(txn->ledger.txn, seq_get(key.b + 1), &first);
    if (rc == FORA_E_NOTFOUND) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(&key));
        *more = walk_mark_first(txn->ledger.txn, MARK_WALK, SEQ_SIZE, NULL);
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
    *more = walk_mark_first(txn->ledger.txn, MARK_WALK, SEQ_SIZE, NULL) || txn->result->swept;
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
    return walk_mark_first(txn, MARK_WALK, SEQ_SIZE, NULL);
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

static void known_fini(struct known *known)
{
    for (size_t i = 0; i < known->count; i++) {
        fora_identity_free(known->logs[i]);
    }
    free(known->logs);
}

int receipts_apply(
    struct kv_txn *txn, const struct fora_policy *policy, struct fora_object *objects, size_t count)
{
    struct known known = {.txn = txn};
    const struct fora_receipt_source source = {&known, disputed_log, known_log};
    size_t fallen;
    if (!walk_mark_first(txn, MARK_DISPUTED, FORA_ID_SIZE, NULL)) {
        return 0;
    }
    int rc = fora_receipts_apply(&source, policy, objects, count, &fallen);
    known_fini(&known);
    return rc;
}

/* ---- policies ---- */

bool receipts_of_policy(const struct fora_header *header)
{
    return header->kind == FORA_KIND_RECEIPT && fora_id_is_zero(header->root.b) &&
           !fora_id_is_zero(header->space.b);
}

bool receipts_judges(struct kv_txn *txn, const struct fora_header *header)
{
    return receipts_of_policy(header) && walk_mark_first(txn, MARK_DISPUTED, FORA_ID_SIZE, NULL);
}

/* Receipts of a space that belong to no thread. */
struct of_policy {
    struct kv_txn *txn;
    struct fora_arena arena;
    struct fora_object *objects; /* owned */
    size_t count;
    size_t room;
};

static int take_receipt(void *context, store_seq child)
{
    struct of_policy *list = context;
    struct stored stored;
    int rc = objects_read(list->txn, child, &stored);
    if (rc != 0 || !receipts_of_policy(&stored.object.header)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        struct fora_object *grown = realloc(list->objects, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        list->objects = grown;
        list->room = room;
    }
    struct fora_bytes own = fora_arena_copy(&list->arena, stored.object.encoded);
    rc = own.data == NULL ? FORA_E_NOMEM : fora_object_decode(&list->objects[list->count], own);
    list->count += rc == 0;
    return rc;
}

int receipts_apply_policy(struct kv_txn *txn, struct fora_policy *policy, store_seq space)
{
    struct known known = {.txn = txn};
    const struct fora_receipt_source source = {&known, disputed_log, known_log};
    struct of_policy list = {.txn = txn};
    size_t fallen;
    if (!walk_mark_first(txn, MARK_DISPUTED, FORA_ID_SIZE, NULL)) {
        return 0;
    }
    fora_arena_init(&list.arena, 0);
    int rc = children_each(txn, space, take_receipt, &list);
    rc = rc == 0 ? fora_receipts_apply_policy(&source, policy, list.objects, list.count, &fallen)
                 : rc;
    free(list.objects);
    fora_arena_fini(&list.arena);
    known_fini(&known);
    return rc;
}
