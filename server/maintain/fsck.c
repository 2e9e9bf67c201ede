/*
 * The course of a check: sets are listed, every object is asked whether it is known everywhere
 * where it should be, then the totals say whether anything is too much, then hashes and signatures.
 */
#include "maintain/fsck_impl.h"
#include "reputation/standing.h"

#include "core/rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 1024, TEXT_MAX = 256 };

static void say(struct fsck_run *run, unsigned table, const char *format, va_list args)
    FORA_PRINTF(3, 0);

static void say(struct fsck_run *run, unsigned table, const char *format, va_list args)
{
    char text[TEXT_MAX];
    (void)vsnprintf(text, sizeof text, format, args);
    (void)pthread_mutex_lock(&run->mutex);
    run->result->findings++;
    if (run->options->found != NULL) {
        run->options->found(run->options->context, store_table_names[table], text);
    }
    (void)pthread_mutex_unlock(&run->mutex);
}

void fsck_found(struct fsck_run *run, unsigned table, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(run, table, format, args);
    va_end(args);
}

void fsck_expect(struct fsck_run *run, bool holds, unsigned table, const char *format, ...)
{
    if (!holds) {
        va_list args;
        va_start(args, format);
        say(run, table, format, args);
        va_end(args);
    }
}

bool fsck_has(struct fsck_run *run, unsigned table, const struct store_key *key)
{
    return kv_get(run->txn, table, store_key_bytes(key), NULL);
}

static int check_one(void *context, store_seq seq, int rc, const struct stored *stored)
{
    struct fsck_run *run = context;
    if (rc != 0) {
        fsck_found(
            run, T_OBJECTS, "what stands at number %llu cannot be read", (unsigned long long)seq);
        return 0;
    }
    rc = fsck_object(run, stored);
    if (rc == 0 && seq % STEP == 0) {
        rc = maintain_step(run->options->progress, seq, run->last);
    }
    return rc;
}

/* Members that are not in the tables yet. */
static uint64_t in_tails(const struct fsck_run *run)
{
    uint64_t count = 0;
    for (size_t i = 0; i < run->sets_count; i++) {
        count += run->sets[i].info.tail.count;
    }
    return count;
}

/* Each entry of these tables belongs to an object that was asked for it: more are too many. */
static void check_totals(struct fsck_run *run)
{
    const struct fsck_result *result = run->result;
    const struct {
        unsigned table;
        uint64_t expected;
        bool counts;
    } totals[] = {
        {T_SLOTS, result->slots, true},
        {T_CHILDREN, result->children, true},
        {T_AUTHORS, 2 * result->authors, true},
        {T_ITEMS, result->items - in_tails(run), true},
        {T_FLAGS, result->flags, true},
        {T_ANSWERED, result->answered, true},
        {T_ROWS, result->rows, !run->rows_stale},
        {T_ORDERS, result->orders, !run->rows_stale},
    };
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        uint64_t count = kv_count(run->txn, totals[i].table);
        fsck_expect(run, !totals[i].counts || count == totals[i].expected, totals[i].table,
            "%llu entries where the objects ask for %llu", (unsigned long long)count,
            (unsigned long long)totals[i].expected);
    }
}

/* Each object finds its own id (fsck_object), so what is left is that there are no more of them. */
static void check_ids(struct fsck_run *run)
{
    uint64_t count = ids_count(run->txn);
    fsck_expect(run, count == run->result->objects, T_IDS,
        "%llu entries where the objects ask for %llu", (unsigned long long)count,
        (unsigned long long)run->result->objects);
    fsck_expect(run, ids_recent_sound(run->txn), T_RECENT,
        "the ids that came last are not as many as are counted");
}

static void look_at_rows(struct fsck_run *run)
{
    run->last = objects_last(run->txn);
    run->rows_position = rows_position(run->txn);
    fsck_expect(run, run->rows_position <= run->last, T_CURSORS,
        "the rows claim to know objects up to %llu, and there are %llu",
        (unsigned long long)run->rows_position, (unsigned long long)run->last);
    if (run->rows_position < run->last) {
        run->result->rows_behind = run->last - run->rows_position;
    }
}

/* Counters of members against the credits of threads. */
static int check_standing(struct fsck_run *run)
{
    uint64_t credits, differences;
    int rc = standing_check(run->txn, &credits, &differences);
    if (rc == FORA_E_CORRUPT) {
        fsck_found(run, T_STANDING, "a record cannot be read");
        return 0;
    }
    fsck_expect(run, rc != 0 || differences == 0, T_STANDING,
        "%llu counters of members are not what the %llu credits of threads add up to",
        (unsigned long long)differences, (unsigned long long)credits);
    return rc;
}

static int check_all(struct fsck_run *run)
{
    look_at_rows(run);
    int rc = fsck_sets_load(run);
    if (rc == 0) {
        rc = objects_scan(run->txn, 0, check_one, run);
    }
    run->result->authors = fsck_pairs_count(&run->authors);
    if (rc == 0) {
        rc = fsck_sets_check(run);
    }
    if (rc == 0) {
        rc = fsck_marks_check(run);
    }
    if (rc == 0) {
        check_totals(run);
        check_ids(run);
        rc = kv_txn_error(run->txn);
    }
    if (rc == 0) {
        rc = check_standing(run);
    }
    if (rc == 0 && run->options->verify) {
        rc = fsck_verify(run);
    }
    return rc;
}

int fsck_run(struct kv *kv, const struct fsck *fsck, struct fsck_result *out)
{
    struct fsck_run run = {.kv = kv, .options = fsck, .result = out};
    memset(out, 0, sizeof *out);
    if (pthread_mutex_init(&run.mutex, NULL) != 0) {
        return FORA_E_NOMEM;
    }
    int rc = policies_new(&run.policies);
    if (rc == 0) {
        rc = kv_begin_read(kv, &run.txn);
    }
    if (rc == 0) {
        rc = check_all(&run);
        kv_abort(run.txn);
    }
    policies_free(run.policies);
    fsck_pairs_fini(&run.authors);
    free(run.sets);
    (void)pthread_mutex_destroy(&run.mutex);
    return rc;
}
