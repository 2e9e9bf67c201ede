/*
 * The steps of a sweep. What a step looks at is listed first, since removing moves what a cursor
 * stands on; then each is checked and removed by itself, so that the children of what was just
 * removed are found to have lost their parent. A parent is always stored before its children: one
 * walk in order of arrival reaches them all.
 */
#include "core/sweep.h"

#include "core/effects.h"
#include "core/erasers.h"
#include "core/rows.h"
#include "core/sweep_impl.h"
#include "core/walk.h"

#include <stdlib.h>
#include <string.h>

enum {
    MARK_LOG = 'v',
    MARK_WHOLE = 'w',
    MARK_ERASED = 'e',
    MARK_ANSWERED = 'u',
    LOG_NAME_SIZE = TIME_SIZE + SEQ_SIZE
};

static const uint64_t seconds_max = ((uint64_t)1 << (8 * TIME_SIZE)) - 1;

/* ---- marks ---- */

/* Set 0 in a place: the objects that belong to the principal, behind the child `at`. */

/* Later times first: they have the fewest objects behind them, and nobody waits for who asks for a
 * walk over all of a large set. */
static void log_key(struct store_key *key, uint64_t seconds, store_seq principal)
{
    uint8_t name[LOG_NAME_SIZE];
    uint64_t rest = seconds_max - (seconds < seconds_max ? seconds : seconds_max);
    for (size_t i = 0; i < TIME_SIZE; i++) {
        name[i] = (uint8_t)(rest >> (8 * (TIME_SIZE - 1 - i)));
    }
    seq_put(name + TIME_SIZE, principal);
    key_name(key, MARK_LOG, fora_bytes(name, sizeof name));
}

static void log_key_parse(const struct store_key *key, uint64_t *seconds, store_seq *principal)
{
    uint64_t rest = 0;
    for (size_t i = 0; i < TIME_SIZE; i++) {
        rest = rest << 8 | key->b[1 + i];
    }
    *seconds = seconds_max - rest;
    *principal = seq_get(key->b + 1 + TIME_SIZE);
}

static void mark_set(struct kv_txn *txn, char prefix, uint32_t set)
{
    struct store_key key;
    struct walk_place place = {.set = set};
    const uint8_t name[4] = {
        (uint8_t)(set >> 24), (uint8_t)(set >> 16), (uint8_t)(set >> 8), (uint8_t)set};
    key_name(&key, prefix, fora_bytes(name, sizeof name));
    walk_place_put(txn, &key, &place);
}

void sweep_mark_whole(struct kv_txn *txn, uint32_t set)
{
    mark_set(txn, MARK_WHOLE, set);
}

void sweep_mark_answered(struct kv_txn *txn, uint32_t set)
{
    mark_set(txn, MARK_ANSWERED, set);
}

void sweep_mark_decided(struct kv_txn *txn, uint32_t set)
{
    mark_set(txn, MARK_ERASED, set);
    sweep_mark_answered(txn, set);
}

static int mark_answers(void *context, const struct set_info *set)
{
    sweep_mark_answered(context, set->number);
    return 0;
}

int sweep_mark_all(struct kv_txn *txn)
{
    mark_set(txn, MARK_ERASED, 0);
    return sets_each(txn, mark_answers, txn);
}

void sweep_mark_author(struct kv_txn *txn, store_seq principal)
{
    struct store_key key;
    struct walk_place start = {.set = 0};
    log_key(&key, 0, principal);
    walk_place_put(txn, &key, &start);
}

/* ---- what a change of the log calls into question ---- */

/* The key in the log as it is now; most often it stands where it stood. */
static const struct fora_identity_key *key_in(
    const struct fora_identity *identity, const struct fora_key *sign, size_t place)
{
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(identity, &count);
    if (place < count && memcmp(keys[place].sign.b, sign->b, sizeof sign->b) == 0) {
        return &keys[place];
    }
    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i].sign.b, sign->b, sizeof sign->b) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

/* From when on the key speaks less than it did; UINT64_MAX: it does not. */
static uint64_t speaks_less(
    const struct fora_identity_key *before, const struct fora_identity_key *after)
{
    uint64_t begin =
        before->added_at > FORA_FUTURE_MAX_MS ? before->added_at - FORA_FUTURE_MAX_MS : 0;
    if (after == NULL || after->added_at > before->added_at) {
        return begin; /* ID-11 */
    }
    bool sooner = after->revoked_at != 0 &&
                  (before->revoked_at == 0 || after->revoked_at < before->revoked_at);
    return sooner ? after->revoked_at : UINT64_MAX;
}

bool sweep_log_changed(struct kv_txn *txn, store_seq principal,
    const struct fora_identity_key *before, size_t count, const struct fora_identity *after)
{
    uint64_t since = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        uint64_t from = speaks_less(&before[i], key_in(after, &before[i].sign, i));
        since = from < since ? from : since;
    }
    if (since == UINT64_MAX) {
        return false;
    }
    struct store_key key;
    struct walk_place start = {.set = 0};
    log_key(&key, since / 1000, principal);
    walk_place_put(txn, &key, &start);
    return true;
}

/* ---- walking ---- */

static void list_children(
    struct kv_txn *txn, store_seq owner, uint64_t *after, struct walk_items *list)
{
    struct store_key from;
    struct fora_bytes key;
    store_seq of, child;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CHILDREN);
    key_child(&from, owner, *after + 1);
    list->end = true;
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && key_child_parse(key, &of, &child) && of == owner) {
        list->seqs[list->count++] = child;
        *after = child;
        if (list->count == list->max) {
            list->end = false;
            break;
        }
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
}

/* ---- a log that changed ---- */

/* Only the author's key is asked about here: what else an object stands on is looked at when that
 * goes. */
static int check_key(
    struct commit_txn *txn, const struct fora_principal_id *principal, store_seq seq)
{
    struct stored stored;
    const struct fora_identity *log;
    int rc = objects_writer_read(&txn->ledger.objects, seq, &stored);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    const struct fora_header *header = &stored.object.header;
    if (header->kind == FORA_KIND_IDENTITY ||
        memcmp(header->author.b, principal->b, sizeof principal->b) != 0) {
        return 0;
    }
    rc = commit_identity(txn, principal, &log);
    if (rc == 0 && fora_identity_check_key(log, &header->key, header->created_at) != 0) {
        rc = sweep_remove(txn, &stored);
    }
    return rc;
}

static int step_log(struct commit_txn *txn, const struct store_key *key, struct walk_items *list)
{
    struct walk_place place;
    struct stored first;
    uint64_t seconds;
    store_seq principal;
    static const uint8_t no_id[FORA_ID_SIZE] = {0};
    log_key_parse(key, &seconds, &principal);
    bool there = walk_place_get(txn->ledger.txn, key, &place);
    int rc = there ? objects_writer_read(&txn->ledger.objects, principal, &first) : FORA_E_NOTFOUND;
    if (rc != 0) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    struct fora_principal_id id = fora_object_principal(&first.object);
    if (place.set == 0) {
        list_children(txn->ledger.txn, principal, &place.at, list);
    } else {
        rc = walk_items(txn->ledger.txn, &place, list);
    }
    if (list->end) {
        rc = rc == 0 ? walk_next_set(txn->ledger.txn, principal, place.set, &place.set) : rc;
        place.at = seconds;
        memcpy(place.id, no_id, sizeof place.id);
    }
    if (list->end && place.set == 0) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
    } else {
        walk_place_put(txn->ledger.txn, key, &place);
    }
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = check_key(txn, &id, list->seqs[i]);
    }
    return rc;
}

/* ---- a space that is none ---- */

static int remove_of_space(struct commit_txn *txn, const struct fora_space_id *space, store_seq seq)
{
    struct stored stored;
    int rc = objects_writer_read(&txn->ledger.objects, seq, &stored);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    struct fora_space_id of = fora_object_space(&stored.object);
    bool in = !fora_header_principal_scoped(&stored.object.header) &&
              memcmp(of.b, space->b, sizeof space->b) == 0;
    return in ? sweep_remove(txn, &stored) : 0;
}

static int step_whole(struct commit_txn *txn, const struct store_key *key, struct walk_items *list)
{
    struct walk_place place;
    struct set_info info;
    int rc = 0;
    if (!walk_place_get(txn->ledger.txn, key, &place) ||
        !sets_get(txn->ledger.txn, place.set, &info) || info.space_seq != 0) {
        /* The first statement is back: what is left of the space is admitted under it. */
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
        return 0;
    }
    rc = walk_items(txn->ledger.txn, &place, list);
    if (list->end) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
    } else {
        walk_place_put(txn->ledger.txn, key, &place);
    }
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = remove_of_space(txn, &info.space, list->seqs[i]);
    }
    return rc;
}

/* ---- rights to erase that are none ---- */

/* The next marks of erasure: who made them, all of a mark. The place is the id of the last. */
static void list_erased(struct kv_txn *txn, struct walk_place *place, struct walk_items *list)
{
    struct store_key from;
    struct fora_bytes key, value;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ERASED);
    key_id(&from, place->id);
    from.size += place->at; /* 0 at the beginning, then 1: behind it */
    from.b[ID_PREFIX_SIZE] = 0;
    list->end = true;
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, &value);
    while (there && key.size == ID_PREFIX_SIZE) {
        list->count += erasers_parse(value, list->seqs + list->count);
        memcpy(place->id, key.data, key.size);
        place->at = 1;
        if (list->count >= list->max) {
            list->end = false;
            break;
        }
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
}

/* Does the store keep to that act? Not when its author had no right to it, or may not have made it
 * then (RCP-5). */
static int act_counts(struct commit_txn *txn, const struct fora_object *act, bool *counts)
{
    *counts = !commit_disputes(txn, act);
    return *counts && act->header.kind == FORA_KIND_MODERATION
               ? effects_may_moderate(
                     &txn->ledger, commit_policies(txn), act, act->header.created_at, counts)
               : 0;
}

static int check_eraser(struct commit_txn *txn, const struct fora_space_id *space, store_seq seq)
{
    struct stored stored;
    bool may = true;
    int rc = objects_writer_read(&txn->ledger.objects, seq, &stored);
    if (rc == 0 &&
        (space == NULL || memcmp(stored.object.header.space.b, space->b, sizeof space->b) == 0)) {
        struct fora_object object = stored.object;
        rc = act_counts(txn, &object, &may);
        if (rc == 0 && !may) {
            effects_unerase(&txn->ledger, &object, seq);
            txn->result->lacks = true;
            rows_touch(txn->ledger.txn, objects_find(txn->ledger.txn, object.header.root.b));
            txn->result->swept = true;
        }
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int step_erased(struct commit_txn *txn, const struct store_key *key, struct walk_items *list)
{
    struct walk_place place;
    struct set_info info;
    int rc = 0;
    if (!walk_place_get(txn->ledger.txn, key, &place) ||
        (place.set != 0 && !sets_get(txn->ledger.txn, place.set, &info))) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
        return 0;
    }
    list_erased(txn->ledger.txn, &place, list);
    if (list->end) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
    } else {
        walk_place_put(txn->ledger.txn, key, &place);
    }
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = check_eraser(txn, place.set != 0 ? &info.space : NULL, list->seqs[i]);
    }
    return rc;
}

/* ---- flags that nobody answered after all ---- */

/* The next answered flags of the set; the place's `at` is the last of them. */
static void list_answered(struct kv_txn *txn, struct walk_place *place, struct walk_items *list)
{
    struct store_key from;
    struct fora_bytes key;
    uint32_t set;
    store_seq flag;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ANSWERED);
    key_flag(&from, place->set, place->at + 1);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (
        there && list->count < list->max && key_flag_parse(key, &set, &flag) && set == place->set) {
        list->seqs[list->count++] = flag;
        place->at = flag;
        there = kv_next(cursor, &key, NULL);
    }
    list->end = list->count < list->max;
    kv_cursor_close(cursor);
}

/* Is the decision held, by somebody who may make it? */
static int check_answer(struct commit_txn *txn, uint32_t set, store_seq flag)
{
    struct store_key key;
    struct fora_bytes value;
    struct stored stored;
    bool may = false;
    key_flag(&key, set, flag);
    if (!kv_get(txn->ledger.txn, T_ANSWERED, store_key_bytes(&key), &value) ||
        value.size != SEQ_SIZE) {
        return 0;
    }
    int rc = objects_writer_read(&txn->ledger.objects, seq_get(value.data), &stored);
    if (rc == 0) {
        struct fora_object object = stored.object;
        rc = act_counts(txn, &object, &may);
    }
    rc = rc == FORA_E_NOTFOUND ? 0 : rc;
    if (rc == 0 && !may) {
        effects_flag_again(txn->ledger.txn, set, flag);
    }
    return rc;
}

static int step_answered(
    struct commit_txn *txn, const struct store_key *key, struct walk_items *list)
{
    struct walk_place place;
    int rc = 0;
    if (!walk_place_get(txn->ledger.txn, key, &place)) {
        return 0;
    }
    list_answered(txn->ledger.txn, &place, list);
    if (list->end) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
    } else {
        walk_place_put(txn->ledger.txn, key, &place);
    }
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = check_answer(txn, place.set, list->seqs[i]);
    }
    return rc;
}

/* ---- children of what is gone ---- */

/* Refusals by admission that a removal can cause; anything else is no verdict. */
static bool refused(int code)
{
    return code == FORA_E_UNKNOWN_PARENT || code == FORA_E_UNKNOWN_AUTHOR ||
           code == FORA_E_UNKNOWN_SPACE || code == FORA_E_KEY || code == FORA_E_MISMATCH ||
           code == FORA_E_AUDIENCE;
}

/* 0, *stands: it is in its place. */
static int child_stands(
    struct commit_txn *txn, const struct stored *stored, bool owned, bool *stands)
{
    struct fora_object object = stored->object;
    *stands = true;
    if (object.header.kind == FORA_KIND_IDENTITY) {
        return 0;
    }
    if (!owned) {
        *stands = false;
        return 0;
    }
    if (object.header.kind == FORA_KIND_POLICY) {
        return 0; /* among each other (sweep_remove.c) */
    }
    int rc = commit_admits(txn, &object);
    *stands = !refused(rc);
    return *stands ? rc : 0;
}

static int check_child(struct commit_txn *txn, store_seq owner, bool owned, store_seq child)
{
    struct stored stored;
    bool stands = false;
    int rc = objects_writer_read(&txn->ledger.objects, child, &stored);
    if (rc == FORA_E_NOTFOUND) {
        children_remove(txn->ledger.txn, owner, child);
        return 0;
    }
    rc = rc == 0 ? child_stands(txn, &stored, owned, &stands) : rc;
    if (rc != 0 || stands) {
        return rc;
    }
    rc = objects_writer_read(&txn->ledger.objects, child, &stored); /* admission may have flushed */
    rc = rc == 0 ? sweep_remove(txn, &stored) : rc;
    if (rc == 0) {
        children_remove(txn->ledger.txn, owner, child);
    }
    return rc;
}

static int step_orphans(
    struct commit_txn *txn, const struct store_key *key, struct walk_items *list)
{
    struct stored stored;
    struct fora_bytes value;
    store_seq owner = seq_get(key->b + 1);
    uint64_t after =
        kv_get(txn->ledger.txn, T_CURSORS, store_key_bytes(key), &value) && value.size == SEQ_SIZE
            ? seq_get(value.data)
            : 0;
    int rc = objects_writer_read(&txn->ledger.objects, owner, &stored);
    bool owned = rc == 0;
    rc = rc == FORA_E_NOTFOUND ? 0 : rc;
    list_children(txn->ledger.txn, owner, &after, list);
    if (list->end) {
        kv_delete(txn->ledger.txn, T_CURSORS, store_key_bytes(key));
    } else {
        uint8_t place[SEQ_SIZE];
        seq_put(place, after);
        kv_put(txn->ledger.txn, T_CURSORS, store_key_bytes(key), fora_bytes(place, sizeof place));
    }
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = check_child(txn, owner, owned, list->seqs[i]);
    }
    return rc;
}

/* ---- a step ---- */

static int step(struct commit_txn *txn, struct walk_items *list)
{
    struct store_key key;
    if (walk_mark_first(txn->ledger.txn, SWEEP_MARK_OWNER, SEQ_SIZE, &key)) {
        return step_orphans(txn, &key, list);
    }
    if (walk_mark_first(txn->ledger.txn, MARK_WHOLE, 4, &key)) {
        return step_whole(txn, &key, list);
    }
    if (walk_mark_first(txn->ledger.txn, MARK_ERASED, 4, &key)) {
        return step_erased(txn, &key, list);
    }
    if (walk_mark_first(txn->ledger.txn, MARK_LOG, LOG_NAME_SIZE, &key)) {
        return step_log(txn, &key, list);
    }
    if (walk_mark_first(txn->ledger.txn, MARK_ANSWERED, 4, &key)) {
        return step_answered(txn, &key, list);
    }
    return 0;
}

static bool marks_left(struct kv_txn *txn)
{
    struct store_key key;
    return walk_mark_first(txn, SWEEP_MARK_OWNER, SEQ_SIZE, &key) ||
           walk_mark_first(txn, MARK_WHOLE, 4, &key) ||
           walk_mark_first(txn, MARK_ERASED, 4, &key) ||
           walk_mark_first(txn, MARK_ANSWERED, 4, &key) ||
           walk_mark_first(txn, MARK_LOG, LOG_NAME_SIZE, &key);
}

int sweep_step(struct committer *committer, size_t max, struct commit_result *result, bool *more)
{
    struct commit_txn txn;
    struct walk_items list = {.max = max > 0 ? max : 1};
    *more = false;
    memset(result, 0, sizeof *result);
    list.seqs = malloc((list.max + ERASERS_MAX) * sizeof *list.seqs);
    /* A clock that was set back does not make what is held an object of the future. */
    int rc = list.seqs == NULL ? FORA_E_NOMEM : commit_begin(committer, &txn, UINT64_MAX, result);
    if (rc == 0) {
        rc = step(&txn, &list);
        *more = marks_left(txn.ledger.txn);
        if (kv_txn_error(txn.ledger.txn) != 0) {
            rc = kv_txn_error(txn.ledger.txn); /* a miss was perhaps none */
        }
        if (rc == 0) {
            rc = commit_end(&txn);
        } else {
            commit_cancel(&txn);
        }
    }
    if (rc != 0) {
        memset(result, 0, sizeof *result);
    }
    free(list.seqs);
    return rc;
}
