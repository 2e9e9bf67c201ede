/* Issuing standings for members whose counters changed. */
#include "reputation/impl.h"

#include "core/make.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_FULL = 1 };

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
    struct store_key key;
    struct fora_bytes value;
    struct stored stored;
    struct fora_content content;
    key_letter(&key, 'l');
    key_add_id(&key, member->b, sizeof member->b);
    const uint8_t number[4] = {(uint8_t)(set->number >> 24), (uint8_t)(set->number >> 16),
        (uint8_t)(set->number >> 8), (uint8_t)set->number};
    key_add_id(&key, number, sizeof number);
    key_add_id(&key, issuing->self->node.b, FORA_ID_SIZE);
    if (!kv_get(issuing->kv, T_STANDING, store_key_bytes(&key), &value) || value.size != SEQ_SIZE ||
        objects_read(issuing->kv, seq_get(value.data), &stored) != 0 ||
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
