/*
 * Rows of a thread, and taking them apart.
 *
 * A unit holds the rows as they stand in the index: key, size(4), value. One thread at a time: that
 * is what a worker takes, since all that its objects refer to are each other.
 */
#include "import/import_thread.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static void append_row(struct import_unit *unit, struct fora_bytes key, struct fora_bytes value)
{
    unit->rows_count++;
    if (unit->rows.size + value.size > IMPORT_THREAD_MAX || unit->rows_count > IMPORT_THREAD_ROWS) {
        unit_skip(unit, IMPORT_SKIP_THREAD_TOO_LARGE, 1);
        return;
    }
    fora_buf_append_bytes(&unit->rows, key);
    fora_buf_be32(&unit->rows, (uint32_t)value.size);
    fora_buf_append_bytes(&unit->rows, value);
}

/* The rows of the first thread from `from` on. */
static int read_from(
    const struct import_env *env, uint64_t from, struct import_unit *unit, uint64_t *thread)
{
    struct kv_txn *txn;
    struct fora_bytes key, value;
    uint8_t begin[8];
    int rc = kv_begin_read(env->index->kv, &txn);
    *thread = 0;
    if (rc != 0) {
        return rc;
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, INDEX_ROWS);
    key_be64(begin, from);
    bool there = kv_seek(cursor, fora_bytes(begin, sizeof begin), &key, &value);
    *thread = there ? key_u64(key.data) : 0;
    while (there && key_u64(key.data) == *thread) {
        append_row(unit, key, value);
        there = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    rc = kv_txn_error(txn);
    kv_abort(txn);
    return rc != 0 ? rc : unit->rows.error;
}

int thread_read(
    const struct import_env *env, uint64_t after, struct import_unit *unit, uint64_t *next)
{
    return read_from(env, after + 1, unit, next);
}

int thread_read_one(const struct import_env *env, uint64_t thread, struct import_unit *unit)
{
    uint64_t found;
    int rc = read_from(env, thread, unit, &found);
    return rc != 0 ? rc : found == thread ? 0 : FORA_E_NOTFOUND;
}

/* ---- taking apart ---- */

struct parts {
    struct unit_row *rows; /* owned */
    size_t rows_count;
    struct thread_post *posts; /* owned */
    size_t posts_count;
    uint64_t thread;
};

static void parts_fini(struct parts *parts)
{
    free(parts->rows);
    free(parts->posts);
}

static int split_rows(struct parts *parts, const struct import_unit *unit)
{
    struct fora_reader reader;
    fora_reader_init(&reader, fora_buf_bytes(&unit->rows));
    parts->rows = calloc(unit->rows_count + 1, sizeof *parts->rows);
    if (parts->rows == NULL) {
        return FORA_E_NOMEM;
    }
    while (reader.left > 0 && parts->rows_count < unit->rows_count) {
        struct unit_row *row = &parts->rows[parts->rows_count++];
        struct fora_bytes key = fora_reader_take(&reader, INDEX_ROW_SIZE);
        row->value = fora_reader_take(&reader, fora_reader_be32(&reader));
        if (!row_key_parse(key, &row->key)) {
            return FORA_E_CORRUPT;
        }
    }
    parts->thread = parts->rows_count > 0 ? parts->rows[0].key.thread : 0;
    return fora_reader_end(&reader);
}

/* Rows whose post is not in the dump after all: the index knew it by its type only. */
static void skip_rows(struct import_unit *unit, const struct unit_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        switch (rows[i].key.class) {
        case ROW_POST:
            unit_skip(unit, IMPORT_SKIP_ANSWER_ORPHAN, 1);
            break;
        case ROW_VOTES:
            unit_skip(unit, IMPORT_SKIP_VOTE_ORPHAN, 1);
            break;
        case ROW_HISTORY:
            unit_skip(unit, IMPORT_SKIP_HISTORY_ORPHAN, 1);
            break;
        case ROW_COMMENT:
            unit_skip(unit, IMPORT_SKIP_COMMENT_ORPHAN, 1);
            break;
        }
    }
}

/* The rows of one post, which stand together, as a post. False: there is none. */
static bool take_post(struct thread_post *out, const struct unit_row *rows, size_t count)
{
    *out = (struct thread_post){.id = rows[0].key.post, .rows = rows, .rows_count = count};
    if (rows[0].key.class != ROW_POST || !post_row_parse(rows[0].value, &out->row)) {
        return false;
    }
    if (count > 1 && rows[1].key.class == ROW_VOTES) {
        return votes_row_parse(rows[1].value, &out->votes);
    }
    return true;
}

static int split_posts(struct parts *parts, struct import_unit *unit)
{
    parts->posts = calloc(parts->rows_count + 1, sizeof *parts->posts);
    if (parts->posts == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t at = 0, end; at < parts->rows_count; at = end) {
        for (end = at + 1;
             end < parts->rows_count && parts->rows[end].key.post == parts->rows[at].key.post;
             end++) {
        }
        if (take_post(&parts->posts[parts->posts_count], parts->rows + at, end - at)) {
            parts->posts_count++;
        } else {
            skip_rows(unit, parts->rows + at, end - at);
        }
    }
    return 0;
}

static int parts_init(struct parts *parts, struct import_unit *unit)
{
    memset(parts, 0, sizeof *parts);
    int rc = split_rows(parts, unit);
    return rc == 0 ? split_posts(parts, unit) : rc;
}

static struct thread_post *find_post(const struct parts *parts, uint64_t id, uint8_t type)
{
    for (size_t i = 0; i < parts->posts_count; i++) {
        if (parts->posts[i].id == id && parts->posts[i].row.type == type) {
            return &parts->posts[i];
        }
    }
    return NULL;
}

/* ---- making ---- */

enum { QUESTION = 1, ANSWER = 2 };

static void make_thread(struct maker *maker, const struct parts *parts, struct thread *thread)
{
    uint64_t accepted = thread->opening->row.accepted;
    post_make(maker, thread, thread->opening);
    for (size_t i = 0; i < parts->posts_count && maker->unit->error == 0; i++) {
        if (parts->posts[i].row.type == ANSWER) {
            post_make(maker, thread, &parts->posts[i]);
        }
    }
    if (accepted != 0) {
        const struct thread_post *answer = find_post(parts, accepted, ANSWER);
        if (answer != NULL) {
            thread_accept(maker, thread, answer);
        } else {
            unit_skip(maker->unit, IMPORT_SKIP_ACCEPTED_MISSING, 1);
        }
    }
}

void thread_make(struct maker *maker)
{
    struct parts parts;
    struct import_unit *unit = maker->unit;
    int rc = parts_init(&parts, unit);
    if (rc == 0) {
        struct thread thread = {.opening = find_post(&parts, parts.thread, QUESTION)};
        if (thread.opening != NULL) {
            make_thread(maker, &parts, &thread);
        } else {
            skip_rows(unit, parts.rows, parts.rows_count);
        }
    }
    parts_fini(&parts);
    unit->error = unit->error != 0 ? unit->error : rc;
}

int thread_make_opening(struct maker *maker, struct fora_object_id *id)
{
    struct parts parts;
    struct import_unit *unit = maker->unit;
    int rc = parts_init(&parts, unit);
    struct thread thread = {0};
    if (rc == 0) {
        thread.opening = find_post(&parts, parts.thread, QUESTION);
        rc = thread.opening != NULL ? 0 : FORA_E_NOTFOUND;
    }
    if (rc == 0) {
        struct history history;
        rc = history_fold(&history, thread.opening->rows, thread.opening->rows_count);
        if (rc == 0) {
            post_make_object(maker, &thread, thread.opening, &history);
            rc = unit->error;
            *id = thread.root;
        }
        history_fini(&history);
    }
    parts_fini(&parts);
    return rc;
}
