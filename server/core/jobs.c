/*
 * The node's jobs: where they wait, which one runs when, and what follows when one is done. turns.c
 * says whose goes first, settle.c what becomes of batches, upkeep.c when the node's own run.
 *
 * Invariant after every call: at most one writing job is out.
 */
#include "core/jobs_impl.h"

#include "core/resolve.h"

void node_enqueue(struct node *node, struct job *job)
{
    struct conn *conn = node_conn(node, job->asker.conn);
    if (conn != NULL) {
        conn->jobs++;
    }
    if (conn != NULL && (job->type == JOB_WRITE || job->type == JOB_PASSWORD)) {
        flow_count(conn, job);
        flow_account(node, conn);
    }
    if (job->type == JOB_WRITE) {
        job_queue_push(&node->write, job);
    } else if (job->type == JOB_QUERY && conn != NULL) {
        flow_query(node, conn, job);
    } else {
        turns_push(node, job);
    }
}

void node_query(struct node *node, struct job *job)
{
    if (job->lists && upkeep_rows_come(node)) {
        job_queue_push(&node->lists, job);
    } else {
        turns_push(node, job);
    }
}

static struct job *take_write(struct node *node)
{
    return job_queue_pop(&node->write);
}

/* Whatever waits for the writer has its turn: votes do not keep objects out, nor objects votes. */
static struct job *take_writing(struct node *node)
{
    static struct job *(*const takes[])(struct node * node) = {take_write, upkeep_take_rows,
        turns_take_commit, upkeep_take_sweep, upkeep_take_peers, upkeep_take_standing};
    const unsigned count = sizeof takes / sizeof takes[0];
    struct job *job = NULL;
    for (unsigned i = 0; i < count && job == NULL; i++) {
        unsigned turn = (node->write_turn + i) % count;
        job = takes[turn](node);
        if (job != NULL) {
            node->write_turn = turn + 1;
        }
    }
    return job;
}

struct job *node_take_job(struct node *node, uint64_t now)
{
    struct job *job = NULL;
    node_time(node, now);
    if (!node->writing) {
        job = take_writing(node);
        node->writing = job != NULL;
    }
    if (job == NULL) {
        job = turns_take_reading(node);
    }
    if (job == NULL) {
        job = resolve_take(node);
    }
    if (job != NULL) {
        job->now = now;
        job->logs_changed = node->log_changes.count;
        node->jobs_out++;
    }
    return job;
}

bool node_jobs_out(const struct node *node)
{
    return node->jobs_out > 0;
}

void jobs_note_commit(struct node *node, struct job *job)
{
    node->counters.commits++;
    node->counters.objects_stored += job->result.stored;
    node->counters.objects_duplicate += job->result.duplicates;
    node->counters.objects_refused += job->result.refused;
    node->sweep_due = node->sweep_due || job->result.swept;
    proof_logs_changed(node, job);
    if (job->result.stored > 0) {
        upkeep_rows_wait(node);
        node->rows_skipped += job->result.stored;
        peer_set_touched(node, &job->result);
    }
    if (job->code != 0 && job->type == JOB_COMMIT) {
        node->counters.commit_failures++;
        node_say(node, 3, "writer", NULL, 0, "a commit failed, nothing of it is stored: %s",
            fora_error_text(job->code));
    }
}

static void write_done(struct node *node, struct job *job)
{
    node->counters.writes++;
    jobs_note_commit(node, job);
    if (job->code == 0 && job->linked) {
        if (dial_load(node) != 0) {
            node_say(node, 3, "links", NULL, 0, "subscriptions could not be read");
        }
        lane_review(node); /* a subscription may name a node */
    }
    if (job->code == 0 && job->peered) {
        lane_decided(node, &job->peering);
    }
}

void node_job_done(struct node *node, struct job *job, uint64_t now)
{
    struct conn *conn = node_conn(node, job->asker.conn);
    node_time(node, now);
    node->jobs_out--;
    if (conn != NULL && conn->jobs > 0) {
        conn->jobs--;
        flow_came_on(node, conn);
    }
    if (job->code == FORA_E_CORRUPT) {
        node_say(node, 3, "store", NULL, 0,
            "the store is damaged, and what is damaged is not served; stop the node, and let "
            "\"forad fsck\" say what it is");
    }
    if (job_writes(job->type)) {
        node->writing = false;
    }
    switch (job->type) {
    case JOB_COMMIT:
        settle_committed(node, job);
        break;
    case JOB_ROWS:
        upkeep_rows_done(node, job);
        break;
    case JOB_SWEEP:
        upkeep_sweep_done(node, job);
        break;
    case JOB_STANDING:
        upkeep_standing_done(node, job);
        break;
    case JOB_PEERS:
        if (job->code != 0) {
            node_say(node, 3, "peer", NULL, 0, "what is known of peers could not be kept: %s",
                fora_error_text(job->code));
        }
        break;
    case JOB_VERIFY:
        turns_reading_done(node, job);
        settle_verified(node, job);
        break;
    case JOB_WRITE:
        write_done(node, job);
        break;
    case JOB_PASSWORD:
        turns_reading_done(node, job);
        node->counters.passwords++;
        entry_done(node, job);
        break;
    case JOB_QUERY:
        turns_reading_done(node, job);
        node->counters.queries++;
        notice_looked(node, job);
        break;
    case JOB_ASK:
        node->asks_out--;
        break;
    case JOB_TYPES:
        break;
    }
    if (conn != NULL && (job->type == JOB_ASK || job->type == JOB_QUERY || job->type == JOB_WRITE ||
                            job->type == JOB_PASSWORD)) {
        conn_job_done(node, conn, job);
    }
    if (job->notice != NULL) {
        notice_go(node, job);
    }
    if (conn != NULL) {
        flow_job_done(node, conn, job);
    }
    job_free(job);
    if (conn != NULL) {
        conn_pump(node, conn);
    }
}
