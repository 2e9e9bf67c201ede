/* Running a job: the one function that the pool calls, and what the kinds of job have in common. */
#include "core/job.h"

#include "core/bug.h"
#include "core/delivery.h"
#include "core/known.h"
#include "core/peers.h"
#include "core/receipts.h"
#include "core/resolve.h"
#include "core/rows.h"
#include "core/sweep.h"
#include "reputation/standing.h"

#include <stdlib.h>
#include <string.h>

enum { REQUEST_ARENA = 8 * 1024 * 1024 };

struct job *job_new(
    enum job_type type, const struct node_env *env, const struct asker *asker, uint64_t now)
{
    struct job *job = calloc(1, sizeof *job);
    if (job != NULL) {
        job->type = type;
        job->env = env;
        job->asker = *asker;
        job->now = now;
    }
    return job;
}

void job_free(struct job *job)
{
    if (job == NULL) {
        return;
    }
    while (job->batches != NULL) {
        struct batch *batch = job->batches;
        job->batches = batch->next;
        batch_free(batch);
    }
    batch_free(job->made);
    if (job->state != NULL && job->answer.data != NULL) {
        fora_wipe(job->answer.data, job->answer.size); /* what was given for a password */
    }
    if (job->request.data != NULL && (job->type == JOB_PASSWORD || job->type == JOB_WRITE)) {
        fora_wipe(job->request.data, job->request.room); /* a password may stand there */
    }
    fora_buf_fini(&job->request);
    fora_buf_fini(&job->answer);
    free(job->have);
    free(job->need);
    free(job->state);
    free(job->authors);
    free(job->peers);
    free(job->deliveries);
    free(job->notice);
    known_drop(job->known);
    changed_logs_fini(&job->changed);
    fora_buf_fini(&job->proof);
    free(job);
}

struct job *job_continue(struct job *job)
{
    struct job *next = job_new(job->type, job->env, &job->asker, job->now);
    if (next != NULL) {
        next->request = job->request;
        next->position = job->position;
        next->authors = job->authors;
        next->authors_count = job->authors_count;
        memset(&job->request, 0, sizeof job->request);
        job->authors = NULL;
    }
    return next;
}

int job_answer(struct job *job, struct fora_message *answer)
{
    answer->request = job->asker.request;
    return fora_message_encode(&job->answer, answer);
}

size_t job_answer_room(const struct job *job, size_t most)
{
    return job->gives_way && most > ANSWER_GIVES_WAY ? ANSWER_GIVES_WAY : most;
}

/* What a batch brings to the transaction. Items that did not verify keep their code. */
static struct commit_batch part_of(const struct job *job, struct batch *batch)
{
    struct commit_batch part = {
        .items = batch->items + batch->begin, .count = batch->end - batch->begin, .now = job->now};
    for (size_t i = 0; i < part.count; i++) {
        part.items[i].left_out = part.items[i].code != 0;
    }
    if (batch->has_cursor && batch->end == batch->count) {
        part.cursors = &batch->cursor;
        part.cursors_count = 1;
    }
    return part;
}

/* Joins the batches into one transaction. */
static void commit(struct job *job)
{
    struct commit_batch *first = NULL, **last = &first;
    for (struct batch *batch = job->batches; batch != NULL; batch = batch->next) {
        if (!batch->verified) {
            batch_verify(batch);
            batch->verified = true;
        }
        batch->part = part_of(job, batch);
        *last = &batch->part;
        last = &batch->part.next;
    }
    if (first == NULL) {
        return;
    }
    for (const struct commit_batch *part = first; part != NULL && SIM_BUG(CURSOR_AHEAD);
         part = part->next) {
        struct commit_batch only = {
            .cursors = part->cursors, .cursors_count = part->cursors_count, .now = job->now};
        int rc = commit_run(job->env->committer, &only, &job->result);
        (void)rc;
    }
    first->changed = &job->changed;
    job->code = commit_run(job->env->committer, first, &job->result);
}

static void answer_error(struct job *job)
{
    struct fora_message message = {.request = job->asker.request, .type = FORA_MSG_ERROR};
    message.u.error.code = fora_error_to_wire(job->code);
    message.u.error.text = fora_bytes_str(fora_error_text(job->code));
    fora_buf_clear(&job->answer);
    int rc = fora_message_encode(&job->answer, &message);
    (void)rc; /* without memory even for this the request times out at the asker */
}

static void request_run(struct job *job,
    int (*run)(struct job *job, const struct fora_message *request, struct fora_arena *arena))
{
    struct fora_arena arena;
    struct fora_message request;
    fora_arena_init(&arena, REQUEST_ARENA);
    job->code = job->request.size < 4
                    ? FORA_E_INTERNAL
                    : fora_message_decode(&arena,
                          fora_bytes(job->request.data + 4, job->request.size - 4), &request);
    if (job->code == 0) {
        job->code = run(job, &request, &arena);
    }
    if (job->code != 0 && job->asker.conn != 0) {
        answer_error(job);
    }
    fora_arena_fini(&arena);
}

static int run_password(
    struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    (void)arena;
    return password_run(job, request);
}

static int save_peers(struct job *job)
{
    struct kv_txn *txn;
    int rc = kv_begin_write(job->env->kv, &txn);
    if (rc == 0) {
        if (job->peers != NULL) {
            peers_write(txn, job->peers);
        }
        if (job->deliveries != NULL) {
            deliveries_write(txn, job->deliveries);
        }
        rc = kv_commit(txn);
    }
    return rc;
}

static int run_standing(struct job *job)
{
    const struct node_limits *limits = &job->env->limits;
    const struct standing_self self = {.node = job->env->self,
        .secret = job->env->secret,
        .privileges = {limits->standing_editor_at, limits->standing_expert_at}};
    struct standing_report report;
    int rc = standing_step(
        job->env->committer, &self, job->now, STANDING_STEP_SHORT, true, &job->result, &report);
    job->more = rc == 0 && report.more;
    return rc;
}

/* What stolen keys signed goes first; then receipts are given for what they signed before. */
static void run_sweep(struct job *job)
{
    job->code = sweep_step(job->env->committer, job->step, &job->result, &job->more);
    if (job->code != 0 || job->more) {
        return;
    }
    if (job->result.removed > 0) {
        job->more = true; /* one transaction for each job */
        return;
    }
    size_t max = job->step < RECEIPTS_STEP_MAX ? job->step : RECEIPTS_STEP_MAX;
    job->code = receipts_step(job->env, job->now, max, &job->result, &job->more);
}

bool job_writes(enum job_type type)
{
    switch (type) {
    case JOB_COMMIT:
    case JOB_ROWS:
    case JOB_SWEEP:
    case JOB_PEERS:
    case JOB_STANDING:
    case JOB_WRITE:
        return true;
    case JOB_VERIFY:
    case JOB_QUERY:
    case JOB_PASSWORD:
    case JOB_ASK:
    case JOB_TYPES:
        break;
    }
    return false;
}

void job_run(struct job *job)
{
    switch (job->type) {
    case JOB_VERIFY:
        batch_verify(job->batches);
        break;
    case JOB_COMMIT:
        commit(job);
        break;
    case JOB_ROWS:
        job->code = rows_step(job->env->kv, job->env->policies, job->step, &job->behind);
        break;
    case JOB_SWEEP:
        run_sweep(job);
        break;
    case JOB_PEERS:
        job->code = save_peers(job);
        break;
    case JOB_STANDING:
        job->code = run_standing(job);
        break;
    case JOB_WRITE:
        request_run(job, write_run);
        break;
    case JOB_QUERY:
        request_run(job, query_run);
        break;
    case JOB_PASSWORD:
        request_run(job, run_password);
        break;
    case JOB_ASK:
        request_run(job, resolve_run);
        break;
    case JOB_TYPES:
        job->code = FORA_E_INTERNAL;
        break;
    }
}
