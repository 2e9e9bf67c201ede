/*
 * Counting what is behind, thread by thread. Three things make a thread due:
 *
 *   new objects    from the cursor 'c' on: the thread of each; and, of a thread or post, whatever
 *                  cites it and waited for it
 *   a touch        'x' thread: something of it was removed
 *   a policy       rights may be others: every thread of the set, in steps along its log
 */
#include "reputation/impl.h"

#include "core/rows.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_FULL = 1, FOLD_ARENA = 256 * 1024 * 1024 };

/* ---- one thread ---- */

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    struct counter *counter = context;
    struct stored stored;
    struct fora_content content;
    struct fora_arena arena;
    store_seq seq = objects_find(counter->txn, principal->b);
    int rc = seq != 0 ? objects_read(counter->txn, seq, &stored) : FORA_E_NOTFOUND;
    memset(home, 0, sizeof *home);
    if (rc != 0) {
        return rc;
    }
    *at = stored.object.header.created_at;
    fora_arena_init(&arena, 0);
    rc = fora_content_decode(&arena, FORA_KIND_IDENTITY, stored.object.content_bytes, &content);
    if (rc == 0 && content.u.identity.create != NULL) {
        *home = content.u.identity.create->home;
    }
    fora_arena_fini(&arena);
    return rc;
}

static int cited(void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    struct counter *counter = context;
    struct stored stored;
    store_seq seq = objects_find(counter->txn, id->b);
    int rc = seq != 0 ? objects_read(counter->txn, seq, &stored) : FORA_E_NOTFOUND;
    if (rc == 0) {
        *out = (struct fora_credit_object){.author = stored.object.header.author,
            .space = stored.object.header.space,
            .kind = stored.object.header.kind};
    }
    return rc;
}

/* Those of one list that are not in the other. */
static int apply_missing(struct counter *counter, uint32_t set, const struct fora_credit *list,
    size_t count, const struct fora_credit *other, size_t other_count, int sign)
{
    const struct fora_credit **missing;
    size_t missing_count;
    int rc =
        credits_without(&counter->arena, list, count, other, other_count, &missing, &missing_count);
    for (size_t i = 0; rc == 0 && i < missing_count; i++) {
        rc = counter_apply(counter, set, missing[i], sign);
    }
    return rc;
}

/* The credits that the thread gives now, and what it cites. *set 0: it is not here, or not in a
 * space of ours. */
static int credits_now(struct counter *counter, store_seq thread, uint32_t *number,
    struct fora_credit **out, size_t *count, struct fora_view_thread *view)
{
    const struct fora_credit_source source = {counter, born, cited};
    struct stored stored;
    struct set_info set;
    struct policy_handle *policy = NULL;
    *number = 0;
    *count = 0;
    memset(view, 0, sizeof *view);
    int rc = objects_read(counter->txn, thread, &stored);
    if (rc != 0 || stored.object.header.kind != FORA_KIND_THREAD ||
        stored.object.header.audience != FORA_AUDIENCE_PUBLIC ||
        !sets_find(counter->txn, &stored.object.header.space, FORA_AUDIENCE_PUBLIC, &set)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    rc = policies_get(counter->policies, counter->txn, &set, &policy);
    if (rc == 0 && fora_policy_hosted_by(policy_of(policy), &counter->self->node)) {
        *number = set.number;
        rc = rows_fold(counter->txn, &counter->arena, policy_of(policy), thread, view);
        if (rc == 0) {
            rc =
                fora_credits_of_view(&counter->arena, policy_of(policy), &source, view, out, count);
        }
    }
    policies_release(counter->policies, policy);
    if (rc != 0) {
        memset(view, 0, sizeof *view);
    }
    return rc == FORA_E_NOTFOUND || rc == FORA_E_LIMIT ? 0 : rc;
}

static int count_thread(struct counter *counter, store_seq thread)
{
    struct fora_credit *before, *now = NULL;
    size_t before_count, now_count;
    uint32_t set_before, set;
    struct fora_view_thread view;
    counter->report->threads++;
    int rc = credits_now(counter, thread, &set, &now, &now_count, &view);
    rc = rc == 0 ? waits_put(counter->txn, thread, view.cites, view.cites_count) : rc;
    rc = rc == 0 ? credits_get(
                       counter->txn, &counter->arena, thread, &set_before, &before, &before_count)
                 : rc;
    if (rc == 0 && (now_count > 0 || before_count > 0)) {
        /* What goes, goes before what comes. */
        rc = apply_missing(counter, set_before, before, before_count, now, now_count, -1);
        rc = rc == 0 ? apply_missing(counter, set, now, now_count, before, before_count, 1) : rc;
        credits_put(counter->txn, thread, set, now, now_count);
    }
    fora_arena_reset(&counter->arena);
    return rc == 0 ? kv_txn_error(counter->txn) : rc;
}

/* ---- threads that are due ---- */

struct due {
    struct counter *counter;
    store_seq *seqs; /* owned */
    size_t count;
    size_t room;
    size_t looked, max;
    store_seq last;
    struct fora_object_id last_root; /* neighbours in the log often share a thread */
};

static int due_add(void *context, store_seq seq)
{
    struct due *due = context;
    if (seq == 0) {
        return 0;
    }
    if (due->count == due->room) {
        size_t room = due->room == 0 ? 256 : 2 * due->room;
        store_seq *grown = realloc(due->seqs, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        due->seqs = grown;
        due->room = room;
    }
    due->seqs[due->count++] = seq;
    return 0;
}

/* The date of the last object of a set: a standing that is issued speaks of all before it. */
struct seen {
    struct fora_space_id space;
    uint64_t at;
};

struct log_walk {
    struct due *due;
    struct seen *seen; /* owned: greatest date for each space of the step */
    size_t seen_count;
};

static int see(struct log_walk *walk, const struct fora_header *header)
{
    for (size_t i = walk->seen_count; i > 0; i--) {
        struct seen *seen = &walk->seen[i - 1];
        if (memcmp(seen->space.b, header->space.b, FORA_ID_SIZE) == 0) {
            seen->at = header->created_at > seen->at ? header->created_at : seen->at;
            return 0;
        }
    }
    struct seen *grown = realloc(walk->seen, (walk->seen_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return FORA_E_NOMEM;
    }
    walk->seen = grown;
    walk->seen[walk->seen_count++] = (struct seen){header->space, header->created_at};
    return 0;
}

static int collect_root(void *context, const struct stored *stored)
{
    struct log_walk *walk = context;
    struct due *due = walk->due;
    const struct fora_header *header = &stored->object.header;
    int rc = 0;
    if (due->looked == due->max) {
        return STEP_FULL;
    }
    due->looked++;
    due->last = stored->seq;
    if (header->audience != FORA_AUDIENCE_PUBLIC || fora_id_is_zero(header->space.b)) {
        return 0;
    }
    rc = see(walk, header);
    if (rc == 0 && (header->kind == FORA_KIND_THREAD || header->kind == FORA_KIND_POST)) {
        rc = waits_each(due->counter->txn, &stored->object.id, due_add, due);
    }
    if (rc == 0 && header->kind == FORA_KIND_THREAD) {
        rc = due_add(due, stored->seq);
    } else if (rc == 0 && !fora_id_is_zero(header->root.b) &&
               memcmp(due->last_root.b, header->root.b, FORA_ID_SIZE) != 0) {
        due->last_root = header->root;
        rc = due_add(due, objects_find(due->counter->txn, header->root.b));
    }
    return rc;
}

static void note_latest(struct counter *counter, const struct seen *seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct set_info set;
        struct standing_set state;
        if (!sets_find(counter->txn, &seen[i].space, FORA_AUDIENCE_PUBLIC, &set)) {
            continue;
        }
        bool known = standing_set_get(counter->txn, set.number, &state);
        if (!known) {
            state.policy_version = set.policy_version;
        }
        if (!known || seen[i].at > state.latest) {
            state.latest = seen[i].at > state.latest ? seen[i].at : state.latest;
            standing_set_put(counter->txn, set.number, &state);
        }
    }
}

static int collect_new(struct due *due, bool *full)
{
    struct store_key key;
    struct fora_bytes value;
    uint8_t after[SEQ_SIZE];
    struct log_walk walk = {.due = due};
    struct counter *counter = due->counter;
    key_letter(&key, 'c');
    due->last =
        kv_get(counter->txn, T_STANDING, store_key_bytes(&key), &value) && value.size == SEQ_SIZE
            ? seq_get(value.data)
            : 0;
    int rc = objects_each(counter->txn, due->last, collect_root, &walk);
    *full = rc == STEP_FULL;
    rc = *full ? 0 : rc;
    if (rc == 0 && due->looked > 0) {
        note_latest(counter, walk.seen, walk.seen_count);
        seq_put(after, due->last);
        kv_put(counter->txn, T_STANDING, store_key_bytes(&key), fora_bytes(after, sizeof after));
        counter->report->looked += due->looked;
    }
    free(walk.seen);
    return rc;
}

static int collect_touched(struct due *due, bool *full)
{
    struct fora_bytes key;
    struct store_key from;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(due->counter->txn, T_STANDING);
    key_letter(&from, 'x');
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && due->count < due->max && key.size == 1 + SEQ_SIZE &&
           key.data[0] == 'x') {
        rc = due_add(due, seq_get(key.data + 1));
        there = kv_next(cursor, &key, NULL);
    }
    *full = *full || (there && key.size > 0 && key.data[0] == 'x');
    kv_cursor_close(cursor);
    return rc;
}

/* ---- policies ---- */

struct recount {
    struct due *due;
    uint64_t after; /* position in the set's log */
    size_t looked;
    bool full;
};

static int collect_member(void *context, uint64_t position, store_seq seq)
{
    struct recount *recount = context;
    struct stored stored;
    if (recount->looked >= recount->due->max) {
        return STEP_FULL;
    }
    recount->looked++;
    recount->after = position + 1;
    int rc = objects_read(recount->due->counter->txn, seq, &stored);
    if (rc == 0 && stored.object.header.kind == FORA_KIND_THREAD) {
        rc = due_add(recount->due, seq);
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int collect_recount(void *context, const struct set_info *set)
{
    struct recount *recount = context;
    struct kv_txn *txn = recount->due->counter->txn;
    struct standing_set state;
    if (set->audience != FORA_AUDIENCE_PUBLIC || set->space_seq == 0 ||
        !standing_set_get(txn, set->number, &state)) {
        return 0; /* nothing of it was counted yet */
    }
    if (state.policy_version != set->policy_version) {
        state.policy_version = set->policy_version;
        state.recount = true;
        state.recounted = 0;
    } else if (!state.recount) {
        return 0;
    }
    recount->after = state.recounted;
    int rc = setlog_each(txn, set->number, state.recounted, collect_member, recount);
    state.recount = rc == STEP_FULL;
    state.recounted = recount->after;
    recount->full = recount->full || state.recount;
    standing_set_put(txn, set->number, &state);
    return rc == STEP_FULL ? 0 : rc;
}

struct set_list {
    struct set_info *infos; /* owned */
    size_t count;
    size_t room;
};

static int list_set(void *context, const struct set_info *info)
{
    struct set_list *list = context;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        struct set_info *grown = realloc(list->infos, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        list->infos = grown;
        list->room = room;
    }
    list->infos[list->count++] = *info;
    return 0;
}

static int collect_policies(struct due *due, bool *full)
{
    struct set_list list = {0};
    struct recount recount = {.due = due};
    int rc = sets_each(due->counter->txn, list_set, &list);
    for (size_t i = 0; i < list.count && rc == 0; i++) {
        rc = collect_recount(&recount, &list.infos[i]);
    }
    free(list.infos);
    *full = *full || recount.full;
    return rc;
}

/* ---- the step ---- */

static int by_seq(const void *left, const void *right)
{
    store_seq a = *(const store_seq *)left, b = *(const store_seq *)right;
    return (a > b) - (a < b);
}

static int count_due(struct counter *counter, const struct due *due)
{
    int rc = 0;
    if (due->count > 0) {
        qsort(due->seqs, due->count, sizeof *due->seqs, by_seq);
    }
    for (size_t i = 0; i < due->count && rc == 0; i++) {
        struct store_key key;
        if (i > 0 && due->seqs[i] == due->seqs[i - 1]) {
            continue;
        }
        key_of_seq(&key, 'x', due->seqs[i]);
        kv_delete(counter->txn, T_STANDING, store_key_bytes(&key));
        rc = count_thread(counter, due->seqs[i]);
    }
    return rc == 0 ? counter_settle(counter) : rc;
}

int counter_step(struct counter *counter, size_t max)
{
    struct due due = {.counter = counter, .max = max};
    bool full = false;
    fora_arena_init(&counter->arena, FOLD_ARENA);
    int rc = collect_new(&due, &full);
    rc = rc == 0 ? collect_touched(&due, &full) : rc;
    rc = rc == 0 ? collect_policies(&due, &full) : rc;
    rc = rc == 0 ? count_due(counter, &due) : rc;
    counter->report->more = full;
    free(due.seqs);
    free(counter->evidence);
    counter->evidence = NULL;
    counter->evidence_room = 0;
    fora_arena_fini(&counter->arena);
    return rc;
}
