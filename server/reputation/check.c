/*
 * For fsck: what is kept of members and pairs against what the credits of all threads add up to,
 * which is done once more, in memory.
 */
#include "reputation/impl.h"

#include <stdlib.h>
#include <string.h>

struct checking {
    struct kv_txn *stored;
    struct kv_txn *again; /* in memory */
    struct counter counter;
    struct standing_report report;
    uint64_t differences;
};

/* Calls each key of a letter in order; `each` returns what ends it. */
static int each_key(struct kv_txn *txn, char letter,
    int (*each)(struct checking *checking, struct fora_bytes key, struct fora_bytes value),
    struct checking *checking)
{
    struct store_key from;
    struct fora_bytes key, value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    key_letter(&from, letter);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, &value);
    while (there && rc == 0 && key.size > 0 && key.data[0] == (uint8_t)letter) {
        rc = each(checking, key, value);
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return rc == 0 ? kv_txn_error(txn) : rc;
}

static int add_thread(struct checking *checking, struct fora_bytes key, struct fora_bytes value)
{
    struct fora_credit *credits;
    uint32_t set;
    size_t count;
    (void)value;
    if (key.size != 1 + SEQ_SIZE) {
        return FORA_E_CORRUPT;
    }
    int rc = credits_get(
        checking->stored, &checking->counter.arena, seq_get(key.data + 1), &set, &credits, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = credits[i].class > 0 && credits[i].class < FORA_CREDIT_CLASSES
                 ? counter_apply(&checking->counter, set, &credits[i], 1)
                 : FORA_E_CORRUPT;
    }
    fora_arena_reset(&checking->counter.arena);
    return rc;
}

static bool has(struct kv_txn *txn, struct fora_bytes key, struct fora_bytes value)
{
    struct fora_bytes other;
    return kv_get(txn, T_STANDING, key, &other) && fora_bytes_equal(other, value);
}

static int is_again(struct checking *checking, struct fora_bytes key, struct fora_bytes value)
{
    checking->differences += !has(checking->again, key, value);
    return 0;
}

/* What is new is kept under other keys; what is made again is flushed (evidence.c). */
static int is_new_again(struct checking *checking, struct fora_bytes key, struct fora_bytes value)
{
    struct store_key kept;
    checking->differences +=
        !key_of_kept_evidence(&kept, key) || !has(checking->again, store_key_bytes(&kept), value);
    return 0;
}

static int evidence_is_stored(
    struct checking *checking, struct fora_bytes key, struct fora_bytes value)
{
    struct store_key fresh;
    struct fora_principal_id member;
    struct fora_object_id id;
    if (key.size != 1 + 4 + FORA_ID_SIZE + SEQ_SIZE + FORA_ID_SIZE) {
        return FORA_E_CORRUPT;
    }
    memcpy(member.b, key.data + 5, sizeof member.b);
    memcpy(id.b, key.data + 5 + FORA_ID_SIZE + SEQ_SIZE, sizeof id.b);
    key_of_new_evidence(
        &fresh, key_be32(key.data + 1), &member, seq_get(key.data + 5 + FORA_ID_SIZE), &id);
    checking->differences += !has(checking->stored, key, value) &&
                             !has(checking->stored, store_key_bytes(&fresh), value);
    return 0;
}

static int is_stored(struct checking *checking, struct fora_bytes key, struct fora_bytes value)
{
    checking->differences += !has(checking->stored, key, value);
    return 0;
}

/* A member whose credits all went may be kept with zeros, or not at all. */
static int member_equal(struct checking *checking, struct fora_bytes key, struct fora_bytes value)
{
    struct fora_principal_id id;
    struct standing_member kept, made;
    (void)value;
    if (key.size != 1 + 4 + FORA_ID_SIZE) {
        return FORA_E_CORRUPT;
    }
    uint32_t set = key_be32(key.data + 1);
    memcpy(id.b, key.data + 5, sizeof id.b);
    (void)member_get(checking->stored, set, &id, &kept);
    (void)member_get(checking->again, set, &id, &made);
    int rc = member_settle(checking->again, set, &id, &made);
    bool equal = memcmp(&kept.sums, &made.sums, sizeof kept.sums) == 0 && kept.roots == made.roots;
    if (equal && !kept.stale) {
        struct fora_hash a, b;
        fora_evidence_root(&kept.evidence, &a);
        fora_evidence_root(&made.evidence, &b);
        equal = memcmp(a.b, b.b, sizeof a.b) == 0;
    }
    checking->differences += !equal;
    return rc == 0 ? kv_txn_error(checking->stored) : rc;
}

/* The sets of what is made again: flushing changes the table, so that no cursor may be open. */
static int flush_again(struct checking *checking)
{
    for (uint32_t set = 0; set != UINT32_MAX;) {
        struct store_key from;
        struct fora_bytes key;
        struct kv_cursor *cursor = kv_cursor_open(checking->again, T_STANDING);
        key_of_set(&from, 'z', set);
        bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL) && key.size == 1 + 4 &&
                     key.data[0] == 'z';
        set = there ? key_be32(key.data + 1) : UINT32_MAX;
        kv_cursor_close(cursor);
        int rc = there ? evidence_flush(checking->again, set) : 0;
        if (rc != 0) {
            return rc;
        }
        set += set != UINT32_MAX;
    }
    return kv_txn_error(checking->again);
}

static int compare(struct checking *checking)
{
    int rc = each_key(checking->stored, 't', add_thread, checking);
    rc = rc == 0 ? counter_settle(&checking->counter) : rc;
    rc = rc == 0 ? flush_again(checking) : rc;
    rc = rc == 0 ? each_key(checking->stored, 'g', is_again, checking) : rc;
    rc = rc == 0 ? each_key(checking->again, 'g', is_stored, checking) : rc;
    rc = rc == 0 ? each_key(checking->stored, 'e', is_again, checking) : rc;
    rc = rc == 0 ? each_key(checking->stored, 'n', is_new_again, checking) : rc;
    rc = rc == 0 ? each_key(checking->again, 'e', evidence_is_stored, checking) : rc;
    return rc == 0 ? each_key(checking->stored, 'm', member_equal, checking) : rc;
}

int standing_check(struct kv_txn *txn, uint64_t *credits, uint64_t *differences)
{
    struct kv *memory;
    struct checking checking = {.stored = txn};
    int rc = kv_mem_open(&memory, STORE_TABLE_COUNT);
    if (rc != 0) {
        return rc;
    }
    rc = kv_begin_write(memory, &checking.again);
    if (rc == 0) {
        checking.counter.txn = checking.again;
        checking.counter.report = &checking.report;
        fora_arena_init(&checking.counter.arena, 0);
        rc = compare(&checking);
        fora_arena_fini(&checking.counter.arena);
        free(checking.counter.evidence);
        kv_abort(checking.again);
    }
    kv_close(memory);
    *credits = checking.report.changes;
    *differences = checking.differences;
    return rc;
}
