/* Issuing standings for members whose counters changed. */
#include "reputation/impl.h"

#include "core/make.h"
#include "fora/time.h"

#include <stdlib.h>
#include <string.h>

struct dirty {
    uint32_t set;
    struct fora_principal_id member;
};

struct issuing {
    struct commit_txn *txn;
    struct kv_txn *kv;
    const struct standing_self *self;
    struct standing_report *report;
    struct dirty *list; /* borrowed */
    size_t count;
};

/* What was stated last of her here. False: nothing. */
static bool last_stated(struct issuing *issuing, const struct set_info *set,
    const struct fora_principal_id *member, struct fora_arena *arena, struct fora_attestation *out)
{
    struct stored stored;
    struct fora_content content;
    store_seq seq = standing_of_line(issuing->kv, set->number, member, &issuing->self->node);
    if (seq == 0 || objects_read(issuing->kv, seq, &stored) != 0 ||
        fora_content_decode(arena, FORA_KIND_ATTESTATION, stored.object.content_bytes, &content) !=
            0) {
        return false;
    }
    *out = content.u.attestation;
    return true;
}

static bool says_the_same(const struct fora_attestation *a, const struct fora_attestation *b)
{
    if (a->facts_count != b->facts_count ||
        memcmp(a->evidence_root.b, b->evidence_root.b, sizeof a->evidence_root.b) != 0) {
        return false;
    }
    for (size_t i = 0; i < a->facts_count; i++) {
        if (a->facts[i].count != b->facts[i].count ||
            !fora_bytes_equal(a->facts[i].name, b->facts[i].name)) {
            return false;
        }
    }
    return true;
}

/*
 * STD-16: every statement stays in the set for good, so that one in which the standing itself is
 * what it was may wait for a day. Not when a fact has become less: what is stated would not hold.
 */
static bool may_wait(const struct fora_attestation *before, const struct fora_attestation *now,
    uint64_t at, uint64_t *due)
{
    *due = before->until < UINT64_MAX - FORA_DAY_MS ? before->until + FORA_DAY_MS : UINT64_MAX;
    if (at >= *due || fora_fact_get(before->facts, before->facts_count, "standing") !=
                          fora_fact_get(now->facts, now->facts_count, "standing")) {
        return false;
    }
    for (size_t i = 0; i < before->facts_count; i++) {
        uint64_t count = 0;
        for (size_t j = 0; j < now->facts_count; j++) {
            if (fora_bytes_equal(now->facts[j].name, before->facts[i].name)) {
                count = now->facts[j].count;
            }
        }
        if (before->facts[i].count > count) {
            return false;
        }
    }
    return true;
}

/* 'y' due set member */
static void wait_until(
    struct kv_txn *txn, uint64_t due, uint32_t set, const struct fora_principal_id *member)
{
    struct store_key key, rest;
    key_of_seq(&key, 'y', due);
    key_of_member(&rest, 'd', set, member);
    key_add_id(&key, rest.b + 1, rest.size - 1);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
}

int standing_sign(struct commit_txn *txn, const struct standing_self *self,
    struct fora_header *header, struct fora_content *content)
{
    struct fora_buf encoded;
    header->kind = content->kind;
    header->author = self->node;
    header->created_at = txn->now;
    fora_salt_random(fora_content_salt(content));
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int rc = object_make(&encoded, header, content, self->secret, NULL);
    struct commit_item item = {.source = COMMIT_LOCAL};
    rc = rc == 0 ? fora_object_decode(&item.object, fora_buf_bytes(&encoded)) : rc;
    if (rc == 0) {
        commit_add(txn, &item);
        rc = item.code;
    }
    objects_flush(&txn->ledger.objects);
    fora_buf_fini(&encoded);
    return rc;
}

static int sign(
    struct issuing *issuing, const struct set_info *set, const struct fora_attestation *attestation)
{
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION, .u.attestation = *attestation};
    struct fora_header header = {.space = set->space};
    return standing_sign(issuing->txn, issuing->self, &header, &content);
}

static int issue_one(struct issuing *issuing, const struct set_info *set, uint64_t latest,
    const struct fora_principal_id *id, struct fora_arena *arena)
{
    struct standing_member member;
    struct fora_attestation before;
    struct fora_fact facts[FORA_STANDING_FACTS];
    if (!member_get(issuing->kv, set->number, id, &member)) {
        return 0;
    }
    int rc = member_settle(issuing->kv, set->number, id, &member);
    struct fora_attestation now = {.type = FORA_ATTESTATION_STANDING,
        .subject = *id,
        .until = issuing->txn->now > latest ? issuing->txn->now : latest + 1,
        .rule = fora_bytes_str(FORA_STANDING_RULE),
        .facts = facts};
    now.facts_count = fora_standing_facts(&member.sums, facts);
    fora_evidence_root(&member.evidence, &now.evidence_root);
    bool stated = last_stated(issuing, set, id, arena, &before);
    if (rc != 0 || (stated && says_the_same(&before, &now)) || (!stated && now.facts_count == 0)) {
        return rc;
    }
    uint64_t due;
    if (stated && may_wait(&before, &now, issuing->txn->now, &due)) {
        wait_until(issuing->kv, due, set->number, id);
        return 0;
    }
    /* Two periods that end together would contradict each other (ATT-8). */
    if (stated && now.until <= before.until) {
        now.until = before.until + 1;
    }
    rc = sign(issuing, set, &now);
    issuing->report->issued += rc == 0;
    if (rc == 0 &&
        grant_may_earn(issuing->txn, issuing->self, set, fora_standing_score(&member.sums))) {
        grant_note(issuing->kv, set->number, id);
    }
    return rc;
}

/* Members whose day is over are looked at again; at most `max` of them. */
static int take_due(struct issuing *issuing, size_t max)
{
    enum { SIZE = 1 + SEQ_SIZE + 4 + FORA_ID_SIZE };
    uint8_t(*keys)[SIZE] = malloc(max * sizeof *keys);
    struct store_key from;
    struct fora_bytes key;
    size_t count = 0;
    if (keys == NULL) {
        return FORA_E_NOMEM;
    }
    struct kv_cursor *cursor = kv_cursor_open(issuing->kv, T_STANDING);
    key_letter(&from, 'y');
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && count < max && key.size == SIZE && key.data[0] == 'y' &&
           seq_get(key.data + 1) <= issuing->txn->now) {
        memcpy(keys[count++], key.data, SIZE);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    for (size_t i = 0; i < count; i++) {
        key_letter(&from, 'd');
        key_add_id(&from, keys[i] + 1 + SEQ_SIZE, 4 + FORA_ID_SIZE);
        kv_put(issuing->kv, T_STANDING, store_key_bytes(&from), fora_bytes(NULL, 0));
        kv_delete(issuing->kv, T_STANDING, fora_bytes(keys[i], SIZE));
    }
    free(keys);
    issuing->report->more = issuing->report->more || count == max;
    return kv_txn_error(issuing->kv);
}

static int list_dirty(struct issuing *issuing, size_t max)
{
    struct fora_bytes key;
    struct store_key from;
    struct kv_cursor *cursor = kv_cursor_open(issuing->kv, T_STANDING);
    key_letter(&from, 'd');
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (
        there && key.size == 1 + 4 + FORA_ID_SIZE && key.data[0] == 'd' && issuing->count < max) {
        struct dirty *dirty = &issuing->list[issuing->count++];
        dirty->set = key_be32(key.data + 1);
        memcpy(dirty->member.b, key.data + 5, sizeof dirty->member.b);
        there = kv_next(cursor, &key, NULL);
    }
    issuing->report->more = issuing->report->more || (there && key.size > 0 && key.data[0] == 'd');
    kv_cursor_close(cursor);
    return kv_txn_error(issuing->kv);
}

static int issue_dirty(struct issuing *issuing, const struct dirty *dirty)
{
    struct set_info set;
    struct standing_set state;
    struct fora_arena arena;
    struct store_key key;
    int rc = 0;
    fora_arena_init(&arena, 0);
    if (sets_get(issuing->kv, dirty->set, &set) &&
        standing_set_get(issuing->kv, dirty->set, &state)) {
        rc = issue_one(issuing, &set, state.latest, &dirty->member, &arena);
    }
    key_of_member(&key, 'd', dirty->set, &dirty->member);
    kv_delete(issuing->kv, T_STANDING, store_key_bytes(&key));
    fora_arena_fini(&arena);
    return rc;
}

int standing_issue(struct commit_txn *txn, const struct standing_self *self, size_t max,
    struct standing_report *report)
{
    struct issuing issuing = {.txn = txn, .kv = txn->ledger.txn, .self = self, .report = report};
    struct dirty *list = malloc(max * sizeof *list);
    int rc = list == NULL ? FORA_E_NOMEM : 0;
    issuing.list = list;
    rc = rc == 0 ? take_due(&issuing, max) : rc;
    rc = rc == 0 ? list_dirty(&issuing, max) : rc;
    for (size_t i = 0; i < issuing.count && rc == 0; i++) {
        rc = issue_dirty(&issuing, &list[i]);
    }
    free(list);
    return rc == 0 ? kv_txn_error(issuing.kv) : rc;
}

int standing_step(struct committer *committer, const struct standing_self *self, uint64_t now,
    size_t max, bool issue, struct commit_result *result, struct standing_report *report)
{
    struct commit_txn txn;
    memset(report, 0, sizeof *report);
    int rc = commit_begin(committer, &txn, now, result);
    if (rc != 0) {
        return rc;
    }
    struct counter counter = {
        .txn = txn.ledger.txn, .policies = commit_policies(&txn), .self = self, .report = report};
    rc = counter_step(&counter, max);
    if (rc == 0 && issue && !report->more) {
        rc = standing_issue(&txn, self, max, report);
        rc = rc == 0 && !report->more ? standing_grant(&txn, self, max, report) : rc;
    }
    if (rc != 0) {
        commit_cancel(&txn);
        memset(result, 0, sizeof *result);
        return rc;
    }
    return commit_end(&txn);
}
