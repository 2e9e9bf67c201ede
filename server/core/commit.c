/*
 * From a verified object to stored state:
 *
 *   known already? -> refused before? -> admit (libfora) -> own member: may it? -> slot -> append
 * -> join sets -> effects
 *
 * Everything that can be told from the object and the store is decided here, on the writer, so that
 * two objects of one batch see each other as two batches would.
 */
#include "core/commit.h"

#include "core/bug.h"
#include "core/commit_impl.h"
#include "core/effects.h"
#include "core/mentions.h"
#include "core/receipts.h"
#include "core/sweep.h"
#include "fora/admit.h"
#include "fora/receipt.h"

#include <stdlib.h>
#include <string.h>

enum { REFS_MAX = 4096 /* a power of two */, COMMIT_ARENA = 256 * 1024 };

/* Facts of stored objects that never change, so that a parent need not be read again for each of
 * its children. What may be replaced is not kept here: it may be gone the next time. */
struct ref_entry {
    struct fora_object_id id;
    struct fora_admit_ref ref;
    store_seq seq; /* 0: empty */
};

struct committer {
    struct kv *kv;
    struct policies *policies;
    struct identities *identities;
    uint64_t noted; /* the last time that was written down for receipts, 0: none */
    struct ref_entry refs[REFS_MAX];
};

int committer_new(struct committer **out, struct kv *kv, struct policies *policies)
{
    struct committer *committer = calloc(1, sizeof *committer);
    if (committer == NULL || identities_new(&committer->identities) != 0) {
        free(committer);
        return FORA_E_NOMEM;
    }
    committer->kv = kv;
    committer->policies = policies;
    *out = committer;
    return 0;
}

void committer_free(struct committer *committer)
{
    if (committer != NULL) {
        identities_free(committer->identities);
        free(committer);
    }
}

/* After an aborted transaction nothing that was read in it may be believed. */
static void committer_forget(struct committer *committer)
{
    identities_clear(committer->identities);
    policies_clear(committer->policies);
    committer->noted = 0;
    memset(committer->refs, 0, sizeof committer->refs);
}

uint32_t link_tag(const struct fora_principal_id *node)
{
    uint32_t tag = key_be32(node->b);
    return tag != 0 ? tag : 1;
}

/* ---- what admission asks ---- */

struct admission {
    struct commit_txn *txn;
    struct policy_handle *policy; /* of the last space asked for */
};

static int ask_identity(
    void *context, const struct fora_principal_id *principal, const struct fora_identity **out)
{
    struct admission *admission = context;
    struct fora_identity *identity;
    store_seq seq;
    int rc = identities_get(admission->txn->committer->identities, &admission->txn->ledger.objects,
        principal, &identity, &seq);
    *out = rc == 0 ? identity : NULL;
    return rc;
}

static int ask_policy(
    void *context, const struct fora_space_id *space, const struct fora_policy **out)
{
    struct admission *admission = context;
    struct commit_txn *txn = admission->txn;
    struct ledger_set *set = ledger_set(&txn->ledger, space, FORA_AUDIENCE_PUBLIC);
    if (set == NULL) {
        return FORA_E_NOTFOUND;
    }
    policies_release(txn->committer->policies, admission->policy);
    admission->policy = NULL;
    int rc =
        policies_get(txn->committer->policies, txn->ledger.txn, &set->info, &admission->policy);
    if (rc == 0) {
        *out = policy_of(admission->policy);
    }
    return rc;
}

static int ref_read(struct commit_txn *txn, const struct fora_object_id *id, struct ref_entry *out)
{
    struct stored stored;
    store_seq seq = objects_find(txn->ledger.txn, id->b);
    int rc = seq != 0 ? objects_writer_read(&txn->ledger.objects, seq, &stored) : FORA_E_NOTFOUND;
    if (rc == 0) {
        out->id = *id;
        out->seq = seq;
        out->ref.kind = stored.object.header.kind;
        out->ref.author = fora_object_principal(&stored.object);
        out->ref.space = stored.object.header.space;
        out->ref.root = stored.object.header.root;
        out->ref.audience = stored.object.header.audience;
    }
    return rc;
}

int commit_ref(struct commit_txn *txn, const struct fora_object_id *id, struct fora_admit_ref *out)
{
    struct ref_entry fresh;
    struct ref_entry *kept = &txn->committer->refs[key_be32(id->b) % REFS_MAX];
    if (kept->seq != 0 && memcmp(kept->id.b, id->b, sizeof id->b) == 0) {
        *out = kept->ref;
        return 0;
    }
    int rc = ref_read(txn, id, &fresh);
    if (rc == 0) {
        *out = fresh.ref;
        if (!fora_kind_replaceable(fresh.ref.kind)) {
            *kept = fresh;
        }
    }
    return rc;
}

static int ask_object(void *context, const struct fora_object_id *id, struct fora_admit_ref *out)
{
    struct admission *admission = context;
    return commit_ref(admission->txn, id, out);
}

/* ---- storing ---- */

/* 0, and in *beaten the one that is to leave (0: none); FORA_E_SUPERSEDED when the one that stands
 * is newer. */
static int slot_take(struct commit_txn *txn, const struct fora_object *object,
    struct store_key *key, store_seq *beaten)
{
    struct fora_hash slot;
    struct fora_bytes value;
    struct stored old;
    *beaten = 0;
    fora_object_slot(&slot, &object->header);
    key_slot(key, &slot);
    if (!kv_get(txn->ledger.txn, T_SLOTS, store_key_bytes(key), &value) || value.size != SEQ_SIZE) {
        return 0;
    }
    int rc = objects_writer_read(&txn->ledger.objects, seq_get(value.data), &old);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (fora_object_order(object->header.created_at, &object->id, old.object.header.created_at,
            &old.object.id) < 0 &&
        !SIM_BUG(SLOT_BY_ARRIVAL)) {
        return FORA_E_SUPERSEDED;
    }
    *beaten = old.seq;
    return 0;
}

static int slot_leave(struct commit_txn *txn, store_seq beaten)
{
    struct stored old;
    int rc = objects_writer_read(&txn->ledger.objects, beaten, &old);
    return rc == 0 ? effects_leave(&txn->ledger, &old) : rc;
}

static void slot_put(struct commit_txn *txn, const struct store_key *key, store_seq seq)
{
    uint8_t value[SEQ_SIZE];
    seq_put(value, seq);
    kv_put(txn->ledger.txn, T_SLOTS, store_key_bytes(key), fora_bytes(value, sizeof value));
}

/* The sequence of the principal that an object is by; its own for the first entry of a log. */
static store_seq principal_seq(
    struct commit_txn *txn, const struct fora_object *object, store_seq own)
{
    struct fora_identity *identity;
    store_seq seq = 0;
    struct fora_principal_id principal = fora_object_principal(object);
    if (fora_id_is_zero(object->header.author.b)) {
        return own;
    }
    int rc = identities_get(
        txn->committer->identities, &txn->ledger.objects, &principal, &identity, &seq);
    if (rc != 0) {
        kv_txn_fail(txn->ledger.txn, rc);
    }
    return seq;
}

/* An entry was stored: keys may speak less than before, and what they signed is looked at again
 * (ADM-7). The log in memory takes the entry in: to read all of it again for each would make a
 * thousand forks cost a million reads. */
static void log_changed(struct commit_txn *txn, const struct fora_object *object)
{
    struct fora_identity *identity;
    store_seq seq;
    size_t count = 0;
    const struct fora_principal_id *principal = &object->header.author;
    if (fora_id_is_zero(principal->b)) {
        return; /* the first entry */
    }
    int rc = identities_get(
        txn->committer->identities, &txn->ledger.objects, principal, &identity, &seq);
    const struct fora_identity_key *keys = rc == 0 ? fora_identity_keys(identity, &count) : NULL;
    struct fora_identity_key *before = calloc(count + 1, sizeof *before);
    if (before == NULL) {
        rc = FORA_E_NOMEM;
    }
    if (rc == 0) {
        memcpy(before, keys, count * sizeof *before);
        rc = identities_add(txn->committer->identities, principal, object);
    }
    if (rc == 0) {
        bool less = sweep_log_changed(txn->ledger.txn, seq, before, count, identity);
        bool disputed = receipts_log_changed(txn->ledger.txn, seq, before, count, identity);
        txn->result->swept = txn->result->swept || less || disputed;
    }
    if (rc == 0 && txn->changed != NULL) {
        rc = changed_logs_add(txn->changed, principal);
    }
    if (rc != 0) {
        kv_txn_fail(txn->ledger.txn, rc);
    }
    free(before);
}

bool commit_disputes(struct commit_txn *txn, const struct fora_object *object)
{
    const struct fora_identity *author;
    if (object->header.kind != FORA_KIND_RETRACTION &&
        object->header.kind != FORA_KIND_MODERATION) {
        return false;
    }
    return commit_identity(txn, &object->header.author, &author) == 0 &&
           fora_receipt_disputed(author, &object->header) != NULL;
}

static void store_object(
    struct commit_txn *txn, struct commit_item *item, const struct fora_content *content)
{
    const struct fora_object *object = &item->object;
    struct store_key slot;
    store_seq beaten = 0;
    bool replaceable = fora_kind_replaceable(object->header.kind);
    int rc = replaceable ? slot_take(txn, object, &slot, &beaten) : 0;
    if (rc != 0) {
        item->code = rc;
        if (rc != FORA_E_SUPERSEDED) {
            kv_txn_fail(txn->ledger.txn, rc);
        }
        return;
    }
    item->seq = objects_append(&txn->ledger.objects, object, item->origin);
    if (replaceable) {
        slot_put(txn, &slot, item->seq);
    }
    store_seq author = principal_seq(txn, object, item->seq);
    effects_join(&txn->ledger, object, item->seq, author);
    /* The new one joins before the old one leaves: else an author who has only this would leave the
     * set with it and come back. */
    rc = beaten != 0 ? slot_leave(txn, beaten) : 0;
    if (object->header.kind == FORA_KIND_IDENTITY) {
        log_changed(txn, object);
    }
    if (rc == 0 && !commit_disputes(txn, object)) {
        rc = effects_apply(
            &txn->ledger, txn->committer->policies, object, item->seq, content, txn->now);
    }
    if (rc == 0 && object->header.kind == FORA_KIND_POLICY && object->has_content) {
        struct fora_space_id space = fora_object_space(object);
        sweep_policy_stated(txn, &space, &content->u.policy);
    }
    if (rc != 0) {
        kv_txn_fail(txn->ledger.txn, rc);
    }
}

static int refused_before(struct kv_txn *txn, const struct fora_object_id *id)
{
    struct store_key key;
    struct fora_bytes value;
    key_id(&key, id->b);
    if (!kv_get(txn, T_REFUSED, store_key_bytes(&key), &value) || value.size < 4) {
        return 0;
    }
    int code = fora_error_from_wire(key_be32(value.data));
    return code != 0 ? code : FORA_E_REFUSED;
}

/* A refusal that neither time nor other objects can change is remembered (REP-10, ADM-2). What was
 * superseded is not: it stands again when the key of what took its place turns out to be stolen. */
static void remember_refusal(struct commit_txn *txn, const struct commit_item *item)
{
    struct store_key key;
    struct fora_buf value = {0};
    switch (item->code) {
    case FORA_E_MISMATCH:
    case FORA_E_MALFORMED:
    case FORA_E_UTF8:
    case FORA_E_TOO_LARGE:
    case FORA_E_AUDIENCE:
    case FORA_E_IDENTITY:
        break;
    default:
        if (!SIM_BUG(REFUSAL_WIDE)) {
            return;
        }
        break;
    }
    key_id(&key, item->object.id.b);
    fora_buf_be32(&value, fora_error_to_wire(item->code));
    fora_buf_be64(&value, txn->now);
    if (value.error == 0) {
        kv_put(txn->ledger.txn, T_REFUSED, store_key_bytes(&key), fora_buf_bytes(&value));
    }
    fora_buf_fini(&value);
}

static int admit(struct commit_txn *txn, struct commit_item *item, struct fora_content *content)
{
    struct admission admission = {.txn = txn};
    const struct fora_admit_source source = {&admission, ask_identity, ask_policy, ask_object};
    int rc = fora_admit(&source, &item->object, txn->now, &txn->arena, content, &item->missing);
    policies_release(txn->committer->policies, admission.policy);
    if (rc == FORA_E_NOMEM) {
        kv_txn_fail(txn->ledger.txn, rc); /* says nothing about the object */
    }
    return rc;
}

int commit_admits(struct commit_txn *txn, const struct fora_object *object)
{
    struct commit_item item = {.object = *object};
    struct fora_content content;
    int rc = admit(txn, &item, &content);
    fora_arena_reset(&txn->arena);
    return rc;
}

void commit_forget(struct commit_txn *txn, const struct fora_object_id *id)
{
    struct ref_entry *kept = &txn->committer->refs[key_be32(id->b) % REFS_MAX];
    if (memcmp(kept->id.b, id->b, sizeof id->b) == 0) {
        kept->seq = 0;
    }
}

int commit_identity(struct commit_txn *txn, const struct fora_principal_id *principal,
    const struct fora_identity **out)
{
    struct fora_identity *identity;
    store_seq seq;
    int rc = identities_get(
        txn->committer->identities, &txn->ledger.objects, principal, &identity, &seq);
    *out = rc == 0 ? identity : NULL;
    return rc;
}

struct policies *commit_policies(const struct commit_txn *txn)
{
    return txn->committer->policies;
}

/* Held already. When only without its content, though nothing here erased it, and this copy has it:
 * somebody withheld it from us, and the copy takes its place. */
static void take_duplicate(struct commit_txn *txn, struct commit_item *item)
{
    struct fora_content content;
    txn->result->duplicates++;
    if (!item->object.has_content ||
        !effects_lacks_content(&txn->ledger, item->seq, &item->object.id) ||
        admit(txn, item, &content) != 0) {
        return;
    }
    int rc = effects_fill(&txn->ledger, item->seq, &item->object, &content);
    if (rc != 0) {
        kv_txn_fail(txn->ledger.txn, rc);
    }
}

/* A node that nobody approved brings what is in the spaces that it hosts, by the policy held here.
 */
static int host_may(
    struct commit_txn *txn, const struct commit_item *item, const struct ledger_set *set)
{
    struct policy_handle *policy = NULL;
    if (item->host == NULL) {
        return 0;
    }
    objects_flush(&txn->ledger.objects);
    int rc = policies_get(txn->committer->policies, txn->ledger.txn, &set->info, &policy);
    if (rc == 0) {
        rc = fora_policy_hosted_by(policy_of(policy), item->host) ? 0 : FORA_E_FORBIDDEN;
    }
    policies_release(txn->committer->policies, policy);
    return rc == FORA_E_NOTFOUND ? FORA_E_FORBIDDEN : rc;
}

/*
 * What a node takes is its own choice: no stranger founds a space here, and objects of a narrower
 * audience come by the path that knows the policy's hosts, not by whoever offers them (invariant
 * 3).
 */
static int wanted_here(struct commit_txn *txn, struct commit_item *item)
{
    const struct fora_header *header = &item->object.header;
    struct fora_space_id space = fora_object_space(&item->object);
    if (item->source == COMMIT_LOCAL) {
        return 0;
    }
    /* Also what belongs to a principal: it would join the public sets that she writes in. */
    if (header->audience != FORA_AUDIENCE_PUBLIC) {
        return FORA_E_REFUSED;
    }
    if (fora_header_principal_scoped(header)) {
        return 0;
    }
    memcpy(item->missing.b, space.b, sizeof space.b);
    const struct ledger_set *set = ledger_set(&txn->ledger, &space, header->audience);
    return set != NULL ? host_may(txn, item, set) : FORA_E_UNKNOWN_SPACE;
}

static void take_new(struct commit_txn *txn, struct commit_item *item)
{
    struct fora_content content;
    item->code = refused_before(txn->ledger.txn, &item->object.id);
    if (item->code == 0) {
        item->code = wanted_here(txn, item);
    }
    if (item->code == 0) {
        item->code = admit(txn, item, &content);
    }
    if (item->code == 0 && item->source == COMMIT_MEMBER) {
        item->code = commit_member_may(txn, &item->object, &content);
    }
    if (item->code == 0) {
        store_object(txn, item, &content);
        item->mentions = item->code == 0 && mentions_any(&content);
    }
    if (item->code == 0) {
        txn->result->stored++;
        return;
    }
    txn->result->refused++;
    if (item->source == COMMIT_PEER) {
        remember_refusal(txn, item);
    }
}

void commit_add(struct commit_txn *txn, struct commit_item *item)
{
    item->code = 0;
    item->seq = objects_find(txn->ledger.txn, item->object.id.b);
    item->duplicate = item->seq != 0;
    if (item->duplicate) {
        take_duplicate(txn, item);
    } else {
        take_new(txn, item);
    }
    fora_arena_reset(&txn->arena);
}

int commit_begin(
    struct committer *committer, struct commit_txn *txn, uint64_t now, struct commit_result *result)
{
    memset(txn, 0, sizeof *txn);
    memset(result, 0, sizeof *result);
    txn->committer = committer;
    txn->now = now;
    txn->result = result;
    int rc = ledger_begin(&txn->ledger, committer->kv);
    if (rc == 0) {
        fora_arena_init(&txn->arena, COMMIT_ARENA);
        txn->first = txn->ledger.objects.next;
    }
    return rc;
}

static void note_touched(struct commit_txn *txn)
{
    struct commit_result *result = txn->result;
    for (size_t i = 0; i < txn->ledger.sets_count; i++) {
        if (!txn->ledger.sets[i].joined) {
            continue;
        }
        if (result->touched_count == COMMIT_TOUCHED_MAX) {
            result->touched_all = true;
            return;
        }
        result->touched[result->touched_count++] = txn->ledger.sets[i].info.number;
    }
}

int commit_end(struct commit_txn *txn)
{
    note_touched(txn);
    txn->result->last = txn->ledger.objects.next - 1;
    if (txn->ledger.objects.next > txn->first) {
        txn->committer->noted =
            receipts_note(txn->ledger.txn, txn->first, txn->committer->noted, txn->now);
    }
    fora_arena_fini(&txn->arena);
    int rc = ledger_commit(&txn->ledger);
    if (rc != 0) {
        committer_forget(txn->committer);
    }
    return rc;
}

void commit_cancel(struct commit_txn *txn)
{
    fora_arena_fini(&txn->arena);
    ledger_abort(&txn->ledger);
    if (txn->result->stored > 0 || txn->result->removed > 0) {
        committer_forget(txn->committer);
    }
}

static void part_add(struct commit_txn *txn, const struct commit_batch *part)
{
    for (size_t i = 0; i < part->count; i++) {
        if (!part->items[i].left_out) {
            commit_add(txn, &part->items[i]);
        }
    }
    for (size_t i = 0; i < part->cursors_count && !SIM_BUG(CURSOR_LOST); i++) {
        const struct commit_cursor *cursor = &part->cursors[i];
        kv_put(txn->ledger.txn, T_CURSORS, store_key_bytes(&cursor->key),
            fora_bytes(cursor->value, cursor->value_size));
    }
}

static void part_fail(const struct commit_batch *part, int rc)
{
    for (size_t i = 0; i < part->count; i++) {
        if (!part->items[i].left_out) {
            part->items[i].code = rc;
            part->items[i].seq = 0;
        }
    }
}

int commit_run(
    struct committer *committer, struct commit_batch *batch, struct commit_result *result)
{
    struct commit_txn txn;
    int rc = commit_begin(committer, &txn, batch->now, result);
    txn.changed = batch->changed;
    if (rc == 0) {
        for (const struct commit_batch *part = batch; part != NULL; part = part->next) {
            part_add(&txn, part);
        }
        rc = commit_end(&txn);
    }
    if (rc != 0) {
        memset(result, 0, sizeof *result);
        for (const struct commit_batch *part = batch; part != NULL; part = part->next) {
            part_fail(part, rc);
        }
    }
    return rc;
}
