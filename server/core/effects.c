/* Joining and leaving sets, and what some kinds do to others. */
#include "core/effects.h"

#include "core/bug.h"
#include "core/erasers.h"
#include "core/lacking.h"
#include "core/mentions.h"
#include "core/receipts.h"
#include "core/rows.h"
#include "fora/admit.h"
#include "reputation/standing.h"

#include <stdlib.h>
#include <string.h>

/* ---- joining ---- */

struct join {
    struct ledger *ledger;
    struct ledger_set *set;
    int rc;
};

static int join_child(void *context, store_seq child)
{
    struct join *join = context;
    struct stored stored;
    int rc = objects_writer_read(&join->ledger->objects, child, &stored);
    if (rc == 0) {
        ledger_join(
            join->ledger, join->set, child, stored.object.header.created_at, &stored.object.id, 0);
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* An author's first object in a set: its identity log and profile join too, before the object. */
static void author_joins(struct ledger *ledger, struct ledger_set *set, store_seq author)
{
    if (author == 0 || !authors_join(ledger->txn, set->info.number, author) ||
        SIM_BUG(AUTHOR_ALONE)) {
        return;
    }
    struct join join = {.ledger = ledger, .set = set};
    int rc = children_each(ledger->txn, author, join_child, &join);
    if (rc != 0) {
        kv_txn_fail(ledger->txn, rc);
    }
}

static int leave_child(void *context, store_seq child)
{
    struct join *join = context;
    struct stored stored;
    int rc = objects_writer_read(&join->ledger->objects, child, &stored);
    if (rc == 0) {
        ledger_leave(join->ledger, join->set, stored.object.header.created_at, &stored.object.id);
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* With the last one they leave. */
static void author_leaves(struct ledger *ledger, struct ledger_set *set, store_seq author)
{
    if (author == 0 || ledger_author_leaves(ledger, set, author) > 0) {
        return;
    }
    struct join join = {.ledger = ledger, .set = set};
    int rc = children_each(ledger->txn, author, leave_child, &join);
    if (rc != 0) {
        kv_txn_fail(ledger->txn, rc);
    }
}

struct author_sets {
    uint32_t *numbers; /* owned */
    size_t count;
    size_t room;
};

static int collect_set(void *context, uint32_t set)
{
    struct author_sets *sets = context;
    if (sets->count == sets->room) {
        size_t room = sets->room == 0 ? 16 : sets->room * 2;
        uint32_t *grown = realloc(sets->numbers, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        sets->numbers = grown;
        sets->room = room;
    }
    sets->numbers[sets->count++] = set;
    return 0;
}

typedef void set_change_fn(
    struct ledger *ledger, struct ledger_set *set, store_seq seq, const struct fora_object *object);

static void change_join(
    struct ledger *ledger, struct ledger_set *set, store_seq seq, const struct fora_object *object)
{
    ledger_join(ledger, set, seq, object->header.created_at, &object->id, 0);
}

static void change_leave(
    struct ledger *ledger, struct ledger_set *set, store_seq seq, const struct fora_object *object)
{
    (void)seq;
    ledger_leave(ledger, set, object->header.created_at, &object->id);
}

/* A principal's own object is in every set that the principal has written in. */
static void in_author_sets(struct ledger *ledger, store_seq author, set_change_fn *change,
    store_seq seq, const struct fora_object *object)
{
    struct author_sets sets = {0};
    int rc = authors_sets(ledger->txn, author, collect_set, &sets);
    if (rc != 0) {
        kv_txn_fail(ledger->txn, rc);
    }
    for (size_t i = 0; i < sets.count && rc == 0; i++) {
        struct ledger_set *set = ledger_set_number(ledger, sets.numbers[i]);
        if (set != NULL) {
            change(ledger, set, seq, object);
        }
    }
    free(sets.numbers);
}

store_seq effects_owner(
    struct kv_txn *txn, const struct set_info *set, const struct fora_object *object, store_seq seq)
{
    if (object->header.kind == FORA_KIND_THREAD || fora_id_is_zero(object->header.space.b)) {
        return seq;
    }
    if (!fora_id_is_zero(object->header.root.b)) {
        return objects_find(txn, object->header.root.b);
    }
    return set->space_seq;
}

void effects_join(
    struct ledger *ledger, const struct fora_object *object, store_seq seq, store_seq author)
{
    if (fora_header_principal_scoped(&object->header)) {
        children_add(ledger->txn, author, seq);
        if (!SIM_BUG(NEWS_ALONE)) {
            in_author_sets(ledger, author, change_join, seq, object);
        }
        return;
    }
    struct fora_space_id space = fora_object_space(object);
    struct ledger_set *set = ledger_set(ledger, &space, object->header.audience);
    if (set == NULL) {
        set = ledger_set_create(ledger, &space, object->header.audience);
    }
    if (set == NULL) {
        return;
    }
    author_joins(ledger, set, author);
    store_seq owner = effects_owner(ledger->txn, &set->info, object, seq);
    if (owner != 0) {
        children_add(ledger->txn, owner, seq);
    }
    ledger_join(ledger, set, seq, object->header.created_at, &object->id, author);
}

int effects_leave(struct ledger *ledger, const struct stored *old)
{
    struct fora_object object = old->object;
    struct fora_space_id space = fora_object_space(&object);
    store_seq seq = old->seq;
    if (fora_header_principal_scoped(&object.header)) {
        struct fora_principal_id principal = fora_object_principal(&object);
        store_seq author = objects_find(ledger->txn, principal.b);
        in_author_sets(ledger, author, change_leave, seq, &object);
        children_remove(ledger->txn, author, seq);
    } else {
        struct ledger_set *set = ledger_set(ledger, &space, object.header.audience);
        if (set != NULL && !SIM_BUG(SUPERSEDED_STAYS)) {
            ledger_leave(ledger, set, object.header.created_at, &object.id);
            lacking_drop(ledger->txn, set->info.number, seq);
            children_remove(ledger->txn, effects_owner(ledger->txn, &set->info, &object, seq), seq);
            author_leaves(ledger, set, objects_find(ledger->txn, object.header.author.b));
        }
    }
    return objects_rewrite(&ledger->objects, seq, true);
}

/* ---- effects ---- */

static void rows_of_space(struct ledger *ledger, const struct fora_space_id *space)
{
    for (uint32_t audience = FORA_AUDIENCE_PUBLIC; audience <= FORA_AUDIENCE_PRIVATE; audience++) {
        struct ledger_set *set = ledger_set(ledger, space, audience);
        if (set != NULL) {
            rows_policy_changed(ledger->txn, set->info.number);
        }
    }
}

static int policy_changed(struct ledger *ledger, const struct fora_object *object, store_seq seq)
{
    struct fora_space_id space = fora_object_space(object);
    struct ledger_set *set = ledger_set(ledger, &space, FORA_AUDIENCE_PUBLIC);
    if (set == NULL) {
        return kv_txn_error(ledger->txn);
    }
    if (fora_id_is_zero(object->header.space.b)) {
        set->info.space_seq = seq;
    }
    uint64_t version = sets_policy_version(ledger->txn, set->info.number, seq);
    if (version > set->info.policy_version) { /* a reindex may come to an older one later */
        set->info.policy_version = version;
    }
    objects_flush(&ledger->objects);
    rows_of_space(ledger, &space);
    return 0;
}

int effects_policy_judged(struct ledger *ledger, const struct fora_space_id *space)
{
    struct ledger_set *set = ledger_set(ledger, space, FORA_AUDIENCE_PUBLIC);
    if (set == NULL) {
        return kv_txn_error(ledger->txn);
    }
    store_seq last = sets_policy_seq(&set->info);
    sets_policy_renewed(ledger->txn, set->info.number);
    set->info.policy_version = sets_policy_version(ledger->txn, set->info.number, last);
    objects_flush(&ledger->objects);
    rows_of_space(ledger, space);
    return 0;
}

/* Its content has come, or is not to come. */
static void lacks_no_more(struct ledger *ledger, const struct fora_header *header, store_seq seq)
{
    struct ledger_set *set = ledger_set(ledger, &header->space, header->audience);
    if (set != NULL) {
        lacking_drop(ledger->txn, set->info.number, seq);
    }
}

/* Erases the content of `target` on the word of the object `by`, and notes that it did, so that no
 * copy brings it back. Without `drop` a content that is there stays, and views do not show it; one
 * that is not there does not come. */
static int erase(
    struct ledger *ledger, const struct fora_object_id *target, store_seq by, bool drop)
{
    struct stored stored;
    struct fora_header header;
    store_seq seq = objects_find(ledger->txn, target->b);
    int rc = seq != 0 ? objects_writer_read(&ledger->objects, seq, &stored) : FORA_E_NOTFOUND;
    if (rc != 0 || !fora_admit_without_content(stored.object.header.kind)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (stored.object.has_content && !drop) {
        return 0;
    }
    header = stored.object.header;
    if (stored.object.has_content) {
        mentions_removed(ledger->txn, seq, &stored.object);
        rc = objects_rewrite(&ledger->objects, seq, false);
    }
    erasers_add(ledger->txn, target, by);
    lacks_no_more(ledger, &header, seq);
    return rc;
}

bool effects_erased(struct kv_txn *txn, const struct fora_object_id *id)
{
    struct store_key key;
    key_id(&key, id->b);
    return kv_get(txn, T_ERASED, store_key_bytes(&key), NULL);
}

bool effects_lacks_content(struct ledger *ledger, store_seq seq, const struct fora_object_id *id)
{
    struct stored stored;
    return objects_writer_read(&ledger->objects, seq, &stored) == 0 && !stored.object.has_content &&
           (SIM_BUG(ERASED_RETURNS) || !effects_erased(ledger->txn, id));
}

int effects_fill(struct ledger *ledger, store_seq seq, const struct fora_object *object,
    const struct fora_content *content)
{
    int rc = objects_replace(&ledger->objects, seq, object->encoded);
    mentions_stored(ledger->txn, seq, content);
    lacks_no_more(ledger, &object->header, seq);
    bool thread = object->header.kind == FORA_KIND_THREAD;
    rows_touch(ledger->txn, thread ? seq : objects_find(ledger->txn, object->header.root.b));
    return rc;
}

static void flag_gone(struct kv_txn *txn, uint32_t set, store_seq flag)
{
    struct store_key key;
    key_flag(&key, set, flag);
    kv_delete(txn, T_FLAGS, store_key_bytes(&key));
    kv_delete(txn, T_ANSWERED, store_key_bytes(&key));
}

/* A flag that its author takes back is no longer open. */
static int retracted(
    struct ledger *ledger, const struct fora_object *object, store_seq seq, uint64_t now)
{
    store_seq target = objects_find(ledger->txn, object->header.parent.b);
    struct ledger_set *set = ledger_set(ledger, &object->header.space, object->header.audience);
    if (set != NULL && target != 0) {
        flag_gone(ledger->txn, set->info.number, target);
    }
    /* Admission saw to it that the author retracts what is the author's own. */
    return erase(ledger, &object->header.parent, seq, now != 0);
}

static int flag_queued(struct ledger *ledger, const struct fora_object *object, store_seq seq)
{
    struct store_key key;
    struct ledger_set *set = ledger_set(ledger, &object->header.space, object->header.audience);
    if (set != NULL) {
        key_flag(&key, set->info.number, seq);
        kv_put(ledger->txn, T_FLAGS, store_key_bytes(&key), fora_bytes(NULL, 0));
    }
    return 0;
}

struct dismissal {
    struct ledger *ledger;
    uint32_t set;
    struct fora_object_id target;
    store_seq by; /* the decision: a flag that came after it asks for another */
};

static int dismiss_child(void *context, store_seq child)
{
    struct dismissal *dismissal = context;
    struct stored stored;
    struct store_key key;
    uint8_t by[SEQ_SIZE];
    if (child > dismissal->by) {
        return 0; /* when replayed, a decision may come after what has a greater number */
    }
    int rc = objects_writer_read(&dismissal->ledger->objects, child, &stored);
    if (rc == 0 && stored.object.header.kind == FORA_KIND_FLAG &&
        memcmp(stored.object.header.parent.b, dismissal->target.b, FORA_ID_SIZE) == 0) {
        key_flag(&key, dismissal->set, child);
        if (kv_delete(dismissal->ledger->txn, T_FLAGS, store_key_bytes(&key))) {
            seq_put(by, dismissal->by);
            kv_put(dismissal->ledger->txn, T_ANSWERED, store_key_bytes(&key),
                fora_bytes(by, sizeof by));
        }
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* Any decision of a moderator about an object answers the flags on it. */
static int flags_dismissed(struct ledger *ledger, const struct fora_object *object, store_seq seq)
{
    struct ledger_set *set = ledger_set(ledger, &object->header.space, object->header.audience);
    store_seq root = objects_find(ledger->txn, object->header.root.b);
    if (set == NULL || root == 0) {
        return 0;
    }
    struct dismissal dismissal = {ledger, set->info.number, object->header.parent, seq};
    return children_each(ledger->txn, root, dismiss_child, &dismissal);
}

int effects_may_moderate(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, uint64_t at, bool *may)
{
    const struct fora_header *header = &object->header;
    struct policy_handle *policy = NULL;
    struct ledger_set *set = ledger_set(ledger, &header->space, FORA_AUDIENCE_PUBLIC);
    *may = false;
    if (set == NULL) {
        return 0;
    }
    objects_flush(&ledger->objects);
    int rc = policies_get(policies, ledger->txn, &set->info, &policy);
    if (rc == 0) {
        const struct fora_policy *rules = policy_of(policy);
        *may = fora_policy_role_at(rules, &header->author, FORA_ROLE_MODERATOR, at) &&
               !fora_policy_role_at(rules, &header->author, FORA_ROLE_BANNED, at);
    }
    policies_release(policies, policy);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* The date is the moderator's word. Views believe it, and what they hide can be shown again; what
 * is dropped is gone, so for that the right is asked for now as well (OBJ-11). */
static int moderated(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, store_seq seq, const struct fora_content *content,
    uint64_t now)
{
    bool may, drop = false;
    int rc = effects_may_moderate(ledger, policies, object, object->header.created_at, &may);
    if (rc == 0 && may) {
        rc = flags_dismissed(ledger, object, seq);
    }
    if (rc != 0 || !may || content->u.moderation.action != FORA_MODERATION_ERASE) {
        return rc;
    }
    if (now != 0) {
        rc = effects_may_moderate(ledger, policies, object, now, &drop);
    }
    return rc == 0 ? erase(ledger, &object->header.parent, seq, drop) : rc;
}

/* ---- taking effects back ---- */

/* What it alone erased is no longer erased: a copy that has the content may bring it back. */
void effects_unerase(struct ledger *ledger, const struct fora_object *act, store_seq seq)
{
    const struct fora_object_id *target = &act->header.parent;
    if (!erasers_remove(ledger->txn, target, seq)) {
        return;
    }
    store_seq lacks = objects_find(ledger->txn, target->b);
    struct ledger_set *set = ledger_set(ledger, &act->header.space, act->header.audience);
    if (set != NULL && lacks != 0) {
        lacking_put(ledger->txn, set->info.number, lacks);
    }
}

void effects_flag_again(struct kv_txn *txn, uint32_t set, store_seq flag)
{
    struct store_key key;
    key_flag(&key, set, flag);
    if (kv_delete(txn, T_ANSWERED, store_key_bytes(&key))) {
        kv_put(txn, T_FLAGS, store_key_bytes(&key), fora_bytes(NULL, 0));
    }
}

static bool flag_answered(struct ledger *ledger, const struct fora_object *flag, store_seq seq)
{
    struct store_key key;
    struct ledger_set *set = ledger_set(ledger, &flag->header.space, flag->header.audience);
    if (set == NULL) {
        return false;
    }
    key_flag(&key, set->info.number, seq);
    return kv_get(ledger->txn, T_ANSWERED, store_key_bytes(&key), NULL);
}

static int flag_unretracted(struct ledger *ledger, const struct fora_object *object)
{
    struct stored stored;
    store_seq target = objects_find(ledger->txn, object->header.parent.b);
    int rc = target != 0 ? objects_writer_read(&ledger->objects, target, &stored) : FORA_E_NOTFOUND;
    if (rc == 0 && stored.object.header.kind == FORA_KIND_FLAG &&
        !flag_answered(ledger, &stored.object, target)) {
        rc = flag_queued(ledger, &stored.object, target);
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

int effects_undo(struct ledger *ledger, const struct stored *old)
{
    struct fora_object object = old->object;
    store_seq seq = old->seq;
    struct ledger_set *set;
    switch (object.header.kind) {
    case FORA_KIND_FLAG:
        set = ledger_set(ledger, &object.header.space, object.header.audience);
        if (set != NULL) {
            flag_gone(ledger->txn, set->info.number, seq);
        }
        return 0;
    case FORA_KIND_RETRACTION:
        effects_unerase(ledger, &object, seq);
        return flag_unretracted(ledger, &object);
    case FORA_KIND_MODERATION:
        /* The flags that it answered are looked at by the sweep. */
        effects_unerase(ledger, &object, seq);
        return 0;
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_REVOCATION:
        standing_removed(ledger->txn, &object, seq);
        return 0;
    case FORA_KIND_THREAD:
    case FORA_KIND_POST:
        mentions_removed(ledger->txn, seq, &object);
        return 0;
    default:
        return 0;
    }
}

/* ---- by kind ---- */

int effects_apply(struct ledger *ledger, struct policies *policies,
    const struct fora_object *object, store_seq seq, const struct fora_content *content,
    uint64_t now)
{
    switch (object->header.kind) {
    case FORA_KIND_POLICY:
        return policy_changed(ledger, object, seq);
    case FORA_KIND_RECEIPT:
        return receipts_judges(ledger->txn, &object->header)
                   ? effects_policy_judged(ledger, &object->header.space)
                   : 0;
    case FORA_KIND_THREAD:
    case FORA_KIND_POST:
        if (object->has_content) {
            mentions_stored(ledger->txn, seq, content);
        }
        return 0;
    case FORA_KIND_FLAG:
        return flag_queued(ledger, object, seq);
    case FORA_KIND_RETRACTION:
        return retracted(ledger, object, seq, now);
    case FORA_KIND_MODERATION:
        return object->has_content ? moderated(ledger, policies, object, seq, content, now) : 0;
    case FORA_KIND_ATTESTATION:
    case FORA_KIND_REVOCATION:
        /* Written objects only are found by sequence. */
        objects_flush(&ledger->objects);
        standing_stored(ledger->txn, object, seq, content);
        return 0;
    default:
        return 0;
    }
}
