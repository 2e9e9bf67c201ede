/* One object: every place where it should be known. What is found here is missing or points
 * elsewhere; what is too much shows in the totals (fsck.c, fsck_set.c). */
#include "maintain/fsck_impl.h"

#include "core/effects.h"
#include "core/mentions.h"
#include "core/receipts.h"
#include "core/rows.h"

#include <string.h>

struct check {
    struct fsck_run *run;
    const struct stored *stored;
    unsigned long long seq; /* for messages */
};

static const char *kind_of(const struct check *check)
{
    return fora_kind_name(check->stored->object.header.kind);
}

static void check_item(const struct check *check, struct fsck_set *set)
{
    set->members++;
    fsck_expect(check->run, sets_holds(check->run->txn, set->info.number, &check->stored->object),
        T_ITEMS, "set %u does not have the %s with number %llu", set->info.number, kind_of(check),
        check->seq);
}

static void check_child(const struct check *check, store_seq owner)
{
    struct store_key key;
    key_child(&key, owner, check->stored->seq);
    check->run->result->children++;
    fsck_expect(check->run, fsck_has(check->run, T_CHILDREN, &key), T_CHILDREN,
        "the %s with number %llu is not listed under its owner, number %llu", kind_of(check),
        check->seq, (unsigned long long)owner);
}

static void check_slot(const struct check *check)
{
    struct fora_hash slot;
    struct store_key key;
    struct fora_bytes value;
    fora_object_slot(&slot, &check->stored->object.header);
    key_slot(&key, &slot);
    check->run->result->slots++;
    bool there = kv_get(check->run->txn, T_SLOTS, store_key_bytes(&key), &value) &&
                 value.size == SEQ_SIZE && seq_get(value.data) == check->stored->seq;
    fsck_expect(check->run, there, T_SLOTS, "the slot of the %s with number %llu has another",
        kind_of(check), check->seq);
}

static int check_author(const struct check *check, struct fsck_set *set, store_seq author)
{
    struct store_key key, reverse;
    key_author(&key, set->info.number, author);
    key_author_sets(&reverse, author, set->info.number);
    fsck_expect(check->run,
        fsck_has(check->run, T_AUTHORS, &key) && fsck_has(check->run, T_AUTHORS, &reverse),
        T_AUTHORS, "set %u does not know the author, number %llu, of number %llu", set->info.number,
        (unsigned long long)author, check->seq);
    return fsck_pairs_add(&check->run->authors, set->info.number, author);
}

struct in_sets {
    const struct check *check;
};

static int check_author_set(void *context, uint32_t number)
{
    const struct in_sets *in = context;
    struct fsck_set *set = fsck_set_of(in->check->run, number);
    if (set != NULL) {
        check_item(in->check, set);
    }
    return 0;
}

static int check_principal_scoped(const struct check *check, store_seq author)
{
    struct in_sets in = {check};
    check_child(check, author);
    int rc = authors_sets(check->run->txn, author, check_author_set, &in);
    if (rc == FORA_E_CORRUPT) {
        fsck_found(check->run, T_AUTHORS, "the sets of author %llu cannot be read",
            (unsigned long long)author);
    }
    return kv_txn_error(check->run->txn);
}

/* Is the flag in the queue, as far as can be told? A moderation or retraction that came after it
 * may have taken it out; that one had the right to is not looked at again. */
struct flag_check {
    const struct check *check;
    bool answered;
};

static int answers_flag(void *context, store_seq child)
{
    struct flag_check *flag = context;
    struct stored stored;
    if (child > flag->check->stored->seq &&
        objects_read(flag->check->run->txn, child, &stored) == 0) {
        const struct fora_object *object = &flag->check->stored->object;
        const struct fora_header *header = &stored.object.header;
        flag->answered |= header->kind == FORA_KIND_MODERATION &&
                          memcmp(header->parent.b, object->header.parent.b, FORA_ID_SIZE) == 0;
        flag->answered |= header->kind == FORA_KIND_RETRACTION &&
                          memcmp(header->parent.b, object->id.b, FORA_ID_SIZE) == 0;
    }
    return 0;
}

static int check_flag(const struct check *check, const struct fsck_set *set, store_seq owner)
{
    struct store_key key;
    struct flag_check flag = {.check = check};
    key_flag(&key, set->info.number, check->stored->seq);
    if (fsck_has(check->run, T_FLAGS, &key)) {
        check->run->result->flags++;
        return 0;
    }
    if (kv_get(check->run->txn, T_ANSWERED, store_key_bytes(&key), NULL)) {
        check->run->result->answered++;
    }
    int rc = children_each(check->run->txn, owner, answers_flag, &flag);
    fsck_expect(check->run, rc != 0 || flag.answered, T_FLAGS,
        "the flag with number %llu is not queued, though nobody answered it", check->seq);
    return kv_txn_error(check->run->txn);
}

static void check_statement(const struct check *check)
{
    struct set_info info;
    struct fora_space_id space = fora_object_space(&check->stored->object);
    struct fsck_set *set = sets_find(check->run->txn, &space, FORA_AUDIENCE_PUBLIC, &info)
                               ? fsck_set_of(check->run, info.number)
                               : NULL;
    if (set != NULL) {
        set->policy_version = check->stored->seq; /* the last one stays */
        if (fora_id_is_zero(check->stored->object.header.space.b)) {
            set->space_seq = check->stored->seq;
        }
    }
}

static store_seq last_child(struct kv_txn *txn, store_seq owner)
{
    struct store_key key;
    struct fora_bytes found;
    store_seq of = 0, child = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CHILDREN);
    key_child(&key, owner + 1, 0);
    bool there = kv_seek_before(cursor, store_key_bytes(&key), &found, NULL) &&
                 key_child_parse(found, &of, &child) && of == owner;
    kv_cursor_close(cursor);
    return there ? child : 0;
}

/* Rows are made after the objects; one that is yet to be made anew says nothing. */
static int check_row(const struct check *check, struct fsck_set *set)
{
    struct fsck_run *run = check->run;
    struct rows_verdict verdict;
    if (last_child(run->txn, check->stored->seq) > run->rows_position ||
        rows_touched(run->txn, check->stored->seq) ||
        rows_policy_pending(run->txn, set->info.number) || receipts_pending(run->txn)) {
        run->rows_stale = true;
        return 0;
    }
    int rc = rows_check(run->txn, run->policies, check->stored->seq, &verdict);
    if (rc == FORA_E_NOMEM) {
        return rc;
    }
    if (rc != 0) {
        fsck_found(run, T_ROWS, "thread %llu cannot be shown: %s", check->seq, fora_error_text(rc));
        return kv_txn_error(run->txn);
    }
    set->threads++;
    run->result->rows++;
    run->result->orders += verdict.orders;
    fsck_expect(
        run, verdict.equal, T_ROWS, "the row of thread %llu is not what its view says", check->seq);
    fsck_expect(run, verdict.orders_missing == 0, T_ORDERS, "thread %llu lacks %u of %u places",
        check->seq, verdict.orders_missing, verdict.orders);
    return kv_txn_error(run->txn);
}

static int check_in_space(const struct check *check, store_seq author)
{
    const struct fora_object *object = &check->stored->object;
    struct fora_space_id space = fora_object_space(object);
    struct set_info info;
    struct fsck_set *set = sets_find(check->run->txn, &space, object->header.audience, &info)
                               ? fsck_set_of(check->run, info.number)
                               : NULL;
    if (set == NULL) {
        fsck_found(check->run, T_SETS, "there is no set for the %s with number %llu",
            kind_of(check), check->seq);
        return 0;
    }
    check_item(check, set);
    store_seq owner = effects_owner(check->run->txn, &set->info, object, check->stored->seq);
    if (owner != 0) {
        check_child(check, owner);
    }
    int rc = author != 0 ? check_author(check, set, author) : 0;
    if (rc == 0 && object->header.kind == FORA_KIND_FLAG) {
        rc = check_flag(check, set, owner);
    }
    if (rc == 0 && object->header.kind == FORA_KIND_THREAD) {
        rc = check_row(check, set);
    }
    if (object->header.kind == FORA_KIND_POLICY) {
        check_statement(check);
    }
    return rc;
}

static void check_content(const struct check *check)
{
    const struct fora_object *object = &check->stored->object;
    bool erased = effects_erased(check->run->txn, &object->id);
    fsck_expect(check->run, !erased || !object->has_content, T_ERASED,
        "the %s with number %llu is marked as erased and has its content", kind_of(check),
        check->seq);
    check->run->result->withheld += !erased && !object->has_content;
}

static void check_mentions(const struct check *check)
{
    unsigned missing;
    check->run->result->mentions +=
        mentions_check(check->run->txn, check->stored->seq, &check->stored->object, &missing);
    fsck_expect(check->run, missing == 0, T_MENTIONS,
        "of those whom the %s with number %llu mentions, %u would not find it", kind_of(check),
        check->seq, missing);
}

int fsck_object(struct fsck_run *run, const struct stored *stored)
{
    const struct fora_object *object = &stored->object;
    const struct check check = {run, stored, stored->seq};
    struct fora_principal_id principal = fora_object_principal(object);
    store_seq author = objects_find(run->txn, principal.b);
    run->result->objects++;
    fsck_expect(run, objects_find(run->txn, object->id.b) == stored->seq, T_IDS,
        "the id of the %s with number %llu leads elsewhere", kind_of(&check), check.seq);
    fsck_expect(run, author != 0, T_IDS, "the author of the %s with number %llu is not here",
        kind_of(&check), check.seq);
    check_content(&check);
    check_mentions(&check);
    if (fora_kind_replaceable(object->header.kind)) {
        check_slot(&check);
    }
    if (!fora_header_principal_scoped(&object->header)) {
        return check_in_space(&check, author);
    }
    return author != 0 ? check_principal_scoped(&check, author) : 0;
}
