/*
 * Removing an object that is not admitted any more: what it did to others is taken back, it leaves
 * sets, slot, lists and store, and what may stand on it is marked to be looked at: replies on their
 * parent, everything in a thread on the thread, statements on those that named their author,
 * everything in a space on its first statement.
 */
#include "core/sweep_impl.h"

#include "core/effects.h"
#include "core/receipts.h"
#include "core/rows.h"
#include "reputation/standing.h"

#include <stdlib.h>
#include <string.h>

/* Children of `owner` that were stored after `from` are to be looked at. */
static void mark_owner(struct kv_txn *txn, store_seq owner, store_seq from)
{
    struct store_key key;
    struct fora_bytes value;
    uint8_t name[SEQ_SIZE];
    if (owner == 0) {
        return;
    }
    seq_put(name, owner);
    key_name(&key, SWEEP_MARK_OWNER, fora_bytes(name, sizeof name));
    if (kv_get(txn, T_CURSORS, store_key_bytes(&key), &value) && value.size == SEQ_SIZE &&
        seq_get(value.data) <= from) {
        return;
    }
    seq_put(name, from);
    kv_put(txn, T_CURSORS, store_key_bytes(&key), fora_bytes(name, sizeof name));
}

static void slot_free(struct kv_txn *txn, const struct fora_object *object, store_seq seq)
{
    struct fora_hash slot;
    struct store_key key;
    struct fora_bytes value;
    fora_object_slot(&slot, &object->header);
    key_slot(&key, &slot);
    if (kv_get(txn, T_SLOTS, store_key_bytes(&key), &value) && value.size == SEQ_SIZE &&
        seq_get(value.data) == seq) {
        kv_delete(txn, T_SLOTS, store_key_bytes(&key));
    }
}

/* ---- statements ---- */

struct statements {
    struct commit_txn *txn;
    struct fora_policy *policy;
    struct statement {
        store_seq seq;
        struct fora_principal_id author;
        bool stands;
    } * list; /* owned */
    size_t count;
    size_t room;
};

static int list_statement(void *context, store_seq child)
{
    struct statements *all = context;
    struct stored stored;
    int rc = objects_writer_read(&all->txn->ledger.objects, child, &stored);
    if (rc != 0 || stored.object.header.kind != FORA_KIND_POLICY) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (all->count == all->room) {
        size_t room = all->room == 0 ? 16 : 2 * all->room;
        struct statement *grown = realloc(all->list, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        all->list = grown;
        all->room = room;
    }
    all->list[all->count++] =
        (struct statement){.seq = child, .author = stored.object.header.author};
    return 0;
}

static int statement_stands(struct statements *all, struct statement *statement)
{
    struct stored stored;
    int rc = objects_writer_read(&all->txn->ledger.objects, statement->seq, &stored);
    rc = rc == 0 ? fora_policy_add(all->policy, &stored.object) : rc;
    statement->stands = rc == 0;
    return rc;
}

/* Beginning with the first statement, those by whom the ones before name (ADM-11), as they would be
 * taken if they came now, in whatever order. */
static int statements_admit(struct statements *all, store_seq first)
{
    int rc = 0;
    for (size_t i = 0; i < all->count && rc == 0; i++) {
        if (all->list[i].seq == first) {
            rc = statement_stands(all, &all->list[i]);
        }
    }
    for (bool again = true; again && rc == 0;) {
        again = false;
        for (size_t i = 0; i < all->count && rc == 0; i++) {
            if (!all->list[i].stands && fora_policy_may_state(all->policy, &all->list[i].author)) {
                rc = statement_stands(all, &all->list[i]);
                again = true;
            }
        }
    }
    return rc;
}

static int statements_drop(struct statements *all, store_seq *last)
{
    int rc = 0;
    *last = 0;
    for (size_t i = 0; i < all->count && rc == 0; i++) {
        struct stored stored;
        if (all->list[i].stands) {
            *last = all->list[i].seq > *last ? all->list[i].seq : *last;
            continue;
        }
        rc = objects_writer_read(&all->txn->ledger.objects, all->list[i].seq, &stored);
        if (rc == 0) {
            struct fora_object_id id = stored.object.id;
            rc = effects_leave(&all->txn->ledger, &stored);
            commit_forget(all->txn, &id);
            all->txn->result->removed++;
        }
    }
    return rc;
}

/* A statement of the space is gone. */
static int policy_removed(struct commit_txn *txn, const struct fora_space_id *space, bool was_first)
{
    struct ledger *ledger = &txn->ledger;
    struct statements all = {.txn = txn};
    store_seq last = 0;
    struct ledger_set *set = ledger_set(ledger, space, FORA_AUDIENCE_PUBLIC);
    if (set == NULL) {
        return kv_txn_error(ledger->txn);
    }
    uint32_t number = set->info.number;
    store_seq first = set->info.space_seq;
    int rc = 0;
    if (was_first) {
        mark_owner(ledger->txn, first, 0);
        set->info.space_seq = 0;
        sweep_mark_whole(ledger->txn, number);
    } else {
        rc = fora_policy_new(&all.policy);
        rc = rc == 0 ? children_each(ledger->txn, first, list_statement, &all) : rc;
        rc = rc == 0 ? statements_admit(&all, first) : rc;
        rc = rc == 0 ? statements_drop(&all, &last) : rc;
    }
    fora_policy_free(all.policy);
    free(all.list);
    set = ledger_set_number(ledger, number);
    if (rc == 0 && set != NULL) {
        sets_policy_renewed(ledger->txn, number);
        set->info.policy_version = sets_policy_version(ledger->txn, number, last);
        objects_flush(&ledger->objects);
        rows_policy_changed(ledger->txn, number);
        sweep_mark_decided(ledger->txn, number);
    }
    return rc;
}

int sweep_policy_judged(struct commit_txn *txn, const struct fora_space_id *space)
{
    int rc = effects_policy_judged(&txn->ledger, space);
    struct ledger_set *set = ledger_set(&txn->ledger, space, FORA_AUDIENCE_PUBLIC);
    if (rc == 0 && set != NULL) {
        sweep_mark_decided(txn->ledger.txn, set->info.number);
        txn->result->swept = true;
    }
    return rc;
}

/* Can it say of a time that has passed that somebody was no moderator? */
static bool takes_back(const struct fora_policy_statement *statement)
{
    bool takes = statement->has_owner;
    for (size_t i = 0; i < statement->grants_count; i++) {
        const struct fora_grant *grant = &statement->grants[i];
        takes = takes || grant->revoke || grant->until != 0 || grant->role == FORA_ROLE_BANNED;
    }
    return takes;
}

void sweep_policy_stated(struct commit_txn *txn, const struct fora_space_id *space,
    const struct fora_policy_statement *statement)
{
    struct ledger_set *set =
        takes_back(statement) ? ledger_set(&txn->ledger, space, FORA_AUDIENCE_PUBLIC) : NULL;
    if (set != NULL) {
        sweep_mark_decided(txn->ledger.txn, set->info.number);
        txn->result->swept = true;
    }
}

/* ---- one object ---- */

static void thread_removed(struct commit_txn *txn, const struct fora_object *object, store_seq seq)
{
    struct ledger_set *set =
        ledger_set(&txn->ledger, &object->header.space, object->header.audience);
    if (set != NULL && rows_remove(txn->ledger.txn, set->info.number, seq)) {
        set->info.threads -= set->info.threads > 0;
    }
    mark_owner(txn->ledger.txn, seq, 0);
    standing_touch(txn->ledger.txn, seq);
}

static int take_first(void *context, store_seq seq)
{
    *(store_seq *)context = seq;
    return 1;
}

/* What takes an attestation back belongs where that does: to the space, or to who stated it. It may
 * have come before it, when that went once already and was here again. */
static void mark_revocations(struct commit_txn *txn, const struct fora_object *attestation)
{
    struct kv_txn *kv = txn->ledger.txn;
    const struct fora_header *header = &attestation->header;
    store_seq first = 0, owner;
    if (standing_revocations(kv, &attestation->id, take_first, &first) == 0) {
        return; /* there are none */
    }
    if (fora_header_principal_scoped(header)) {
        owner = objects_find(kv, header->author.b);
    } else {
        const struct ledger_set *set = ledger_set(&txn->ledger, &header->space, header->audience);
        owner = set != NULL ? set->info.space_seq : 0;
    }
    mark_owner(kv, owner, first - 1);
}

int sweep_remove(struct commit_txn *txn, const struct stored *stored)
{
    struct kv_txn *kv = txn->ledger.txn;
    struct stored old = *stored;
    const struct fora_header *header = &old.object.header;
    struct fora_space_id space = fora_object_space(&old.object);
    store_seq root = fora_id_is_zero(header->root.b) ? 0 : objects_find(kv, header->root.b);
    int rc = effects_undo(&txn->ledger, &old);
    if (rc == 0 && fora_kind_replaceable(header->kind)) {
        slot_free(kv, &old.object, old.seq);
    }
    rc = rc == 0 ? effects_leave(&txn->ledger, &old) : rc;
    if (rc != 0) {
        return rc;
    }
    commit_forget(txn, &old.object.id);
    txn->result->removed++;
    txn->result->swept = true;
    txn->result->lacks = txn->result->lacks || header->kind == FORA_KIND_MODERATION ||
                         header->kind == FORA_KIND_RETRACTION;
    const struct ledger_set *set = header->kind == FORA_KIND_MODERATION
                                       ? ledger_set(&txn->ledger, &space, header->audience)
                                       : NULL;
    if (set != NULL) {
        sweep_mark_answered(kv, set->info.number);
    }
    if (header->kind == FORA_KIND_THREAD || header->kind == FORA_KIND_POST) {
        rc = standing_gone(kv, &old.object.id);
    }
    if (header->kind == FORA_KIND_THREAD) {
        thread_removed(txn, &old.object, old.seq);
    } else if (header->kind == FORA_KIND_POLICY) {
        rc = policy_removed(txn, &space, fora_id_is_zero(header->space.b));
    } else if (receipts_judges(kv, header)) {
        rc = sweep_policy_judged(txn, &space);
    } else if (header->kind == FORA_KIND_ATTESTATION) {
        mark_revocations(txn, &old.object);
    } else if (root != 0) {
        mark_owner(kv, root, old.seq);
        rows_touch(kv, root);
        standing_touch(kv, root);
    }
    return rc;
}
