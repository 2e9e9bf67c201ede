/*
 * One credit more or less: to the sums of its subject, and, between two people, to what their words
 * for each other are worth. Each function leaves the records such that they are what counting from
 * the beginning would give (STD-6 to STD-8); the tests hold them against fora_standing_count().
 */
#include "reputation/impl.h"

#include <stdlib.h>
#include <string.h>

static bool same(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static void mark_dirty(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member)
{
    struct store_key key;
    key_of_member(&key, 'd', set, member);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
}

static uint64_t points_get(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *giver,
    const struct fora_principal_id *subject)
{
    struct store_key key;
    struct fora_bytes value;
    key_of_pair(&key, set, giver, subject);
    return kv_get(txn, T_STANDING, store_key_bytes(&key), &value) && value.size == SEQ_SIZE
               ? seq_get(value.data)
               : 0;
}

static void points_put(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *giver,
    const struct fora_principal_id *subject, uint64_t points)
{
    struct store_key key;
    uint8_t value[SEQ_SIZE];
    key_of_pair(&key, set, giver, subject);
    seq_put(value, points);
    if (points == 0) {
        kv_delete(txn, T_STANDING, store_key_bytes(&key));
    } else {
        kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(value, sizeof value));
    }
}

/* What the giver's word for the member is worth changes from one number to another. */
static void revalue(struct standing_member *member, bool rooted, uint64_t from, uint64_t to)
{
    uint64_t *sum = rooted ? &member->sums.from_rooted : &member->sums.from_others;
    *sum += to - from;
}

/* Points from giver to subject change: that changes what each is worth to the other. */
static void change_points(struct counter *counter, uint32_t set,
    const struct fora_principal_id *giver, const struct fora_principal_id *subject, int64_t change)
{
    struct standing_member of_subject, of_giver;
    struct kv_txn *txn = counter->txn;
    uint64_t before = points_get(txn, set, giver, subject);
    uint64_t after = before + (uint64_t)change;
    uint64_t returned = points_get(txn, set, subject, giver);
    (void)member_get(txn, set, subject, &of_subject);
    (void)member_get(txn, set, giver, &of_giver);
    bool rooted = of_giver.roots > 0;
    of_subject.sums.givers += (uint64_t)(after > 0) - (uint64_t)(before > 0);
    if (rooted) {
        of_subject.sums.rooted += (uint64_t)(after > 0) - (uint64_t)(before > 0);
    }
    revalue(&of_subject, rooted, fora_standing_pair(before, returned),
        fora_standing_pair(after, returned));
    points_put(txn, set, giver, subject, after);
    member_put(txn, set, subject, &of_subject);
    if (returned > 0) {
        revalue(&of_giver, of_subject.roots > 0, fora_standing_pair(returned, before),
            fora_standing_pair(returned, after));
        member_put(txn, set, giver, &of_giver);
        mark_dirty(txn, set, giver);
    }
}

/* Whoever the giver has a word for: it moves from one sum to the other. */
static int reroot(
    struct counter *counter, uint32_t set, const struct fora_principal_id *giver, bool rooted)
{
    struct store_key from;
    struct fora_bytes key, value;
    struct fora_buf subjects = {0};
    struct kv_cursor *cursor = kv_cursor_open(counter->txn, T_STANDING);
    key_of_member(&from, 'g', set, giver);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, &value);
    while (
        there && key.size == from.size + FORA_ID_SIZE && memcmp(key.data, from.b, from.size) == 0) {
        fora_buf_append(&subjects, key.data + from.size, FORA_ID_SIZE);
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    for (size_t at = 0; at < subjects.size && subjects.error == 0; at += FORA_ID_SIZE) {
        struct fora_principal_id subject;
        struct standing_member member;
        memcpy(subject.b, subjects.data + at, sizeof subject.b);
        uint64_t worth = fora_standing_pair(points_get(counter->txn, set, giver, &subject),
            points_get(counter->txn, set, &subject, giver));
        (void)member_get(counter->txn, set, &subject, &member);
        revalue(&member, !rooted, worth, 0);
        revalue(&member, rooted, 0, worth);
        member.sums.rooted += rooted ? 1 : UINT64_MAX;
        member_put(counter->txn, set, &subject, &member);
        mark_dirty(counter->txn, set, &subject);
    }
    int rc = subjects.error;
    fora_buf_fini(&subjects);
    return rc;
}

/* One more or one less by which the organisation knows her. */
static int change_roots(
    struct counter *counter, uint32_t set, const struct fora_principal_id *who, int sign)
{
    struct standing_member member;
    (void)member_get(counter->txn, set, who, &member);
    bool before = member.roots > 0;
    member.roots += sign > 0 ? 1 : UINT64_MAX;
    member_put(counter->txn, set, who, &member);
    bool after = member.roots > 0;
    return before == after ? 0 : reroot(counter, set, who, after);
}

/* ---- evidence ---- */

static int collect(struct counter *counter, uint32_t set, const struct fora_credit *credit)
{
    if (counter->evidence_count == counter->evidence_room) {
        size_t room = counter->evidence_room == 0 ? 256 : 2 * counter->evidence_room;
        struct new_evidence *grown = realloc(counter->evidence, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        counter->evidence = grown;
        counter->evidence_room = room;
    }
    counter->evidence[counter->evidence_count++] =
        (struct new_evidence){set, credit->subject, credit->at, credit->evidence};
    return 0;
}

static int change_evidence(
    struct counter *counter, uint32_t set, const struct fora_credit *credit, int sign)
{
    struct standing_member member;
    if (sign > 0) {
        evidence_put(counter->txn, set, &credit->subject, credit->at, &credit->evidence);
        return collect(counter, set, credit);
    }
    evidence_delete(counter->txn, set, &credit->subject, credit->at, &credit->evidence);
    (void)member_get(counter->txn, set, &credit->subject, &member);
    member.stale = true;
    member_put(counter->txn, set, &credit->subject, &member);
    return 0;
}

static int by_member(const void *left, const void *right)
{
    const struct new_evidence *a = left, *b = right;
    int order = (a->set > b->set) - (a->set < b->set);
    if (order == 0) {
        order = memcmp(a->member.b, b->member.b, sizeof a->member.b);
    }
    return order != 0 ? order : fora_object_order(a->at, &a->id, b->at, &b->id);
}

static int append(struct standing_member *member, const struct new_evidence *one)
{
    if (member->stale ||
        (member->evidence.count > 0 &&
            fora_object_order(one->at, &one->id, member->last_at, &member->last_id) <= 0)) {
        member->stale = true;
        return 0;
    }
    member->last_at = one->at;
    member->last_id = one->id;
    return fora_evidence_add(&member->evidence, &one->id);
}

int counter_settle(struct counter *counter)
{
    struct new_evidence *list = counter->evidence;
    int rc = 0;
    if (counter->evidence_count > 0) {
        qsort(list, counter->evidence_count, sizeof *list, by_member);
    }
    for (size_t i = 0, end; i < counter->evidence_count && rc == 0; i = end) {
        struct standing_member member;
        (void)member_get(counter->txn, list[i].set, &list[i].member, &member);
        for (end = i; end < counter->evidence_count && rc == 0 && list[end].set == list[i].set &&
                      same(&list[end].member, &list[i].member);
             end++) {
            rc = append(&member, &list[end]);
        }
        member_put(counter->txn, list[i].set, &list[i].member, &member);
    }
    for (size_t i = 0, end; i < counter->evidence_count && rc == 0; i = end) {
        for (end = i; end < counter->evidence_count && list[end].set == list[i].set; end++) {
        }
        rc = evidence_added(counter->txn, list[i].set, end - i);
    }
    counter->evidence_count = 0;
    return rc == 0 ? kv_txn_error(counter->txn) : rc;
}

int member_settle(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *id,
    struct standing_member *member)
{
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    if (!member->stale) {
        return 0;
    }
    rc = evidence_flush(txn, set);
    if (rc != 0) {
        return rc;
    }
    memset(&member->evidence, 0, sizeof member->evidence);
    member->last_at = 0;
    member->stale = false;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_of_member(&from, 'e', set, id);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size + SEQ_SIZE + FORA_ID_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        member->last_at = seq_get(key.data + from.size);
        memcpy(member->last_id.b, key.data + from.size + SEQ_SIZE, FORA_ID_SIZE);
        rc = fora_evidence_add(&member->evidence, &member->last_id);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    if (rc == 0) {
        member_put(txn, set, id, member);
    }
    return rc;
}

/* ---- one credit ---- */

static void change_sums(
    struct counter *counter, uint32_t set, const struct fora_credit *credit, int sign)
{
    struct standing_member member;
    (void)member_get(counter->txn, set, &credit->subject, &member);
    member.sums.counts[credit->class] += sign > 0 ? 1 : UINT64_MAX;
    if (credit->class == FORA_CREDIT_RATING) {
        member.sums.rating += sign * credit->value;
    }
    member_put(counter->txn, set, &credit->subject, &member);
    mark_dirty(counter->txn, set, &credit->subject);
}

int counter_apply(struct counter *counter, uint32_t set, const struct fora_credit *credit, int sign)
{
    uint32_t points = fora_credit_points(credit->class);
    int rc = 0;
    counter->report->changes++;
    change_sums(counter, set, credit, sign);
    if (credit->class != FORA_CREDIT_RATING) {
        rc = change_evidence(counter, set, credit, sign);
    }
    if (points != 0) {
        change_points(counter, set, &credit->giver, &credit->subject, sign * (int64_t)points);
    }
    if (rc == 0 && points != 0 && credit->badge) {
        rc = change_roots(counter, set, &credit->giver, sign);
    }
    if (rc == 0 && fora_credit_by_organisation(credit->class)) {
        rc = change_roots(counter, set, &credit->subject, sign);
    }
    return rc == 0 ? kv_txn_error(counter->txn) : rc;
}
