/* Sets as wholes: names and numbers, counts, the fingerprint tree, the log; and the marks that
 * stand for objects (flags, erasures). */
#include "maintain/fsck_impl.h"

#include "core/erasers.h"
#include "core/mentions.h"
#include "store/sums.h"

#include <stdlib.h>
#include <string.h>

/* ---- loading ---- */

static int load_one(void *context, const struct set_info *info)
{
    struct fsck_run *run = context;
    struct fsck_set *grown = realloc(run->sets, (run->sets_count + 1) * sizeof *grown);
    struct set_info named;
    if (grown == NULL) {
        return FORA_E_NOMEM;
    }
    run->sets = grown;
    run->sets[run->sets_count++] = (struct fsck_set){.info = *info};
    bool agrees =
        sets_find(run->txn, &info->space, info->audience, &named) && named.number == info->number;
    fsck_expect(run, agrees, T_SETS, "set %u is not the one that its name leads to", info->number);
    return 0;
}

int fsck_sets_load(struct fsck_run *run)
{
    int rc = sets_each(run->txn, load_one, run);
    run->result->sets = run->sets_count;
    if (rc == 0) {
        uint64_t keys = kv_count(run->txn, T_SETS);
        fsck_expect(run, keys == 2 * run->sets_count, T_SETS, "%llu keys for %zu sets",
            (unsigned long long)keys, run->sets_count);
    }
    return rc;
}

struct fsck_set *fsck_set_of(struct fsck_run *run, uint32_t number)
{
    size_t low = 0, high = run->sets_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->sets[middle].info.number == number) {
            return &run->sets[middle];
        }
        if (run->sets[middle].info.number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* ---- logs ---- */

struct log_check {
    struct fsck_run *run;
    const struct fsck_set *set;
    uint8_t *seen; /* a bit for each sequence */
    uint64_t position;
    uint64_t members;
};

static void log_member(struct log_check *check, store_seq seq, bool seen)
{
    struct stored stored;
    unsigned number = check->set->info.number;
    if (objects_read(check->run->txn, seq, &stored) != 0) {
        return; /* it left since */
    }
    bool holds = sets_holds(check->run->txn, number, &stored.object);
    bool may = fora_header_principal_scoped(&stored.object.header); /* leave, and come back */
    fsck_expect(check->run, holds || may, T_SETLOG,
        "the log of set %u has number %llu, which is not in the set", number,
        (unsigned long long)seq);
    fsck_expect(check->run, !seen || may, T_SETLOG, "the log of set %u has number %llu twice",
        number, (unsigned long long)seq);
    check->members += holds && !seen;
}

static int log_entry(void *context, uint64_t position, store_seq seq)
{
    struct log_check *check = context;
    check->run->result->log++;
    fsck_expect(check->run, position == check->position, T_SETLOG,
        "the log of set %u goes on at %llu after %llu", check->set->info.number,
        (unsigned long long)position, (unsigned long long)check->position);
    check->position = position + 1;
    if (seq == 0 || seq > check->run->last) {
        fsck_found(check->run, T_SETLOG, "the log of set %u has number %llu, which never was",
            check->set->info.number, (unsigned long long)seq);
        return 0;
    }
    uint8_t bit = (uint8_t)(1U << (seq % 8));
    bool seen = (check->seen[seq / 8] & bit) != 0;
    check->seen[seq / 8] |= bit;
    log_member(check, seq, seen);
    return 0;
}

static int check_log(struct fsck_run *run, const struct fsck_set *set)
{
    struct log_check check = {.run = run, .set = set};
    check.seen = calloc(1, (size_t)(run->last / 8) + 1);
    if (check.seen == NULL) {
        return FORA_E_NOMEM;
    }
    int rc = setlog_each(run->txn, set->info.number, 0, log_entry, &check);
    free(check.seen);
    fsck_expect(
        run, rc != FORA_E_CORRUPT, T_SETLOG, "the log of set %u cannot be read", set->info.number);
    fsck_expect(run, check.position == set->info.head, T_SETLOG,
        "the log of set %u ends at %llu and not at %llu", set->info.number,
        (unsigned long long)check.position, (unsigned long long)set->info.head);
    fsck_expect(run, check.members == set->members, T_SETLOG,
        "the log of set %u names %llu of its %llu members", set->info.number,
        (unsigned long long)check.members, (unsigned long long)set->members);
    return kv_txn_error(run->txn);
}

/* ---- sets ---- */

static int check_tree(struct fsck_run *run, const struct fsck_set *set)
{
    struct fora_neg_sum sum;
    unsigned number = set->info.number;
    int rc = sums_check(run->txn, number, &run->result->nodes);
    fsck_expect(run, rc != FORA_E_CORRUPT, T_SUMS,
        "the fingerprint tree of set %u is not the sum of its items", number);
    sums_total(run->txn, number, &sum);
    fsck_expect(run, sum.count == set->members, T_SUMS,
        "the fingerprint tree of set %u counts %llu items and not %llu", number,
        (unsigned long long)sum.count, (unsigned long long)set->members);
    return kv_txn_error(run->txn);
}

/* What is in the tail says what the object says, and is in the table of items not yet. */
static void check_tail(struct fsck_run *run, const struct fsck_set *set)
{
    const struct set_tail *tail = &set->info.tail;
    for (uint32_t i = 0; i < tail->count; i++) {
        const struct fora_neg_item *item = &tail->items[i];
        struct stored stored;
        struct store_key key;
        store_seq seq = objects_find(run->txn, item->id), author = 0;
        bool right = seq != 0 && objects_read(run->txn, seq, &stored) == 0;
        if (right && !fora_header_principal_scoped(&stored.object.header)) {
            author = objects_find(run->txn, stored.object.header.author.b);
        }
        key_item(&key, set->info.number, item->time, item->id);
        right = right && item->time == stored.object.header.created_at / 1000 &&
                tail->authors[i] == author && !fsck_has(run, T_ITEMS, &key);
        fsck_expect(run, right, T_SETS, "entry %u of the tail of set %u is not as its object says",
            i, set->info.number);
    }
}

static void check_info(struct fsck_run *run, const struct fsck_set *set)
{
    const struct set_info *info = &set->info;
    fsck_expect(run, info->count == set->members, T_SETS, "set %u counts %llu members and not %llu",
        info->number, (unsigned long long)info->count, (unsigned long long)set->members);
    fsck_expect(run, info->space_seq == set->space_seq, T_SETS,
        "set %u takes another object for its space's first statement", info->number);
    fsck_expect(run,
        info->policy_version == sets_policy_version(run->txn, info->number, set->policy_version),
        T_SETS, "set %u takes another object for its space's last statement", info->number);
    fsck_expect(run, run->rows_stale || info->threads == set->threads, T_SETS,
        "set %u counts %llu threads and not %llu", info->number, (unsigned long long)info->threads,
        (unsigned long long)set->threads);
}

int fsck_sets_check(struct fsck_run *run)
{
    int rc = 0;
    for (size_t i = 0; i < run->sets_count && rc == 0; i++) {
        check_info(run, &run->sets[i]);
        check_tail(run, &run->sets[i]);
        run->result->items += run->sets[i].members;
        rc = check_tree(run, &run->sets[i]);
        if (rc == 0) {
            rc = check_log(run, &run->sets[i]);
        }
        if (rc == 0) {
            rc = maintain_step(run->options->progress, run->last, run->last);
        }
    }
    return rc;
}

/* ---- marks ---- */

static bool erases(struct fsck_run *run, store_seq seq, const struct fora_object_id *target)
{
    struct stored by;
    return objects_read(run->txn, seq, &by) == 0 &&
           (by.object.header.kind == FORA_KIND_RETRACTION ||
               by.object.header.kind == FORA_KIND_MODERATION) &&
           memcmp(by.object.header.parent.b, target->b, FORA_ID_SIZE) == 0;
}

static void check_erased(struct fsck_run *run, struct fora_bytes key, struct fora_bytes value)
{
    struct stored target;
    store_seq acts[ERASERS_MAX];
    uint8_t id[FORA_ID_SIZE] = {0};
    size_t count = erasers_parse(value, acts);
    bool holds = key.size == ID_PREFIX_SIZE && count > 0;
    if (holds) {
        memcpy(id, key.data, ID_PREFIX_SIZE);
        store_seq seq = objects_find(run->txn, id);
        holds = seq != 0 && objects_read(run->txn, seq, &target) == 0;
    }
    struct fora_object_id whole = holds ? target.object.id : (struct fora_object_id){{0}};
    for (size_t i = 0; i < count && holds; i++) {
        holds = erases(run, acts[i], &whole);
    }
    run->result->erased++;
    fsck_expect(run, holds, T_ERASED, "a mark of erasure does not lead to who erased what");
}

static void check_flag_key(struct fsck_run *run, enum store_table table, struct fora_bytes key)
{
    struct stored stored;
    struct set_info info;
    uint32_t set;
    store_seq seq;
    bool holds =
        key_flag_parse(key, &set, &seq) && objects_read(run->txn, seq, &stored) == 0 &&
        stored.object.header.kind == FORA_KIND_FLAG &&
        sets_find(run->txn, &stored.object.header.space, stored.object.header.audience, &info) &&
        info.number == set;
    fsck_expect(run, holds, table, "what is named is no flag of that set");
}

static void check_mentions(struct fsck_run *run)
{
    uint64_t entries;
    bool sound = mentions_sound(run->txn, &entries);
    fsck_expect(run, sound, T_MENTIONS, "the counts of mentions are not those of the entries");
    fsck_expect(run, entries == run->result->mentions, T_MENTIONS,
        "%llu entries where the objects ask for %llu", (unsigned long long)entries,
        (unsigned long long)run->result->mentions);
}

int fsck_marks_check(struct fsck_run *run)
{
    struct fora_bytes key, value;
    struct kv_cursor *cursor = kv_cursor_open(run->txn, T_ERASED);
    while (kv_next(cursor, &key, &value)) {
        check_erased(run, key, value);
    }
    kv_cursor_close(cursor);
    static const enum store_table flags[] = {T_FLAGS, T_ANSWERED};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        cursor = kv_cursor_open(run->txn, flags[i]);
        while (kv_next(cursor, &key, NULL)) {
            check_flag_key(run, flags[i], key);
        }
        kv_cursor_close(cursor);
    }
    check_mentions(run);
    return kv_txn_error(run->txn);
}
