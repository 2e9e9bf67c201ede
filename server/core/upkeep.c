/*
 * The node's own work: when rows are brought up to date, what does not count any more is swept,
 * what is known of peers is kept, and standings are issued. Nobody asked for it, so whoever did ask
 * for something goes first; and it rests, so that it does not keep objects out.
 */
#include "core/jobs_impl.h"

#include "core/rows.h"
#include "core/sweep.h"

enum {
    ROWS_LATE_MAX = 16384, /* objects that rows may fall behind while commits are waiting */
    STEP_SHORT = 64, /* objects of a step of upkeep while strangers and others want the writer */
    UPKEEP_REST_MAX_MS = 5000,
    UPKEEP_SHORT_MS = 50,
    LIST_WAITS_MS = 250,      /* for rows that have to rest, since making them took long */
    ROWS_REST_MS = 50,        /* rows wait until no more came for so long, */
    ROWS_REST_MAX_MS = 1000,  /* or the tick after this, when nobody waits for them */
    PEERS_SAVE_MS = 10 * 1000 /* what is not yet kept of peers is lost when the node is killed */
};

static struct job *own_job(struct node *node, enum job_type type)
{
    static const struct asker nobody = {.conn = 0};
    return job_new(type, &node->env, &nobody, node->now);
}

/* The clock may have been set back. */
static bool upkeep_may(const struct node *node, uint64_t at)
{
    return node->now >= at || at - node->now > UPKEEP_REST_MAX_MS;
}

/* Lists wait for rows; so rows go first when somebody waits, and never fall far behind. Else they
 * rest a little: their commit would hold up that of the next node, which has the object by now, and
 * of a few objects that come one after the other they need one only. */
static bool rows_first(const struct node *node)
{
    bool wanted = node->lists.first != NULL || node->rows_skipped > ROWS_LATE_MAX;
    bool rested = !turns_commits(node) && upkeep_may(node, node->rows_rest_at);
    return node->rows_due && upkeep_may(node, node->rows_at) && (wanted || rested);
}

struct job *upkeep_take_rows(struct node *node)
{
    struct job *job = rows_first(node) ? own_job(node, JOB_ROWS) : NULL;
    if (job != NULL) {
        job->step = turns_contended(node) ? STEP_SHORT : ROWS_STEP_MAX;
        node->rows_due = false;
        node->rows_out = true;
        node->rows_skipped = 0;
    }
    return job;
}

struct job *upkeep_take_sweep(struct node *node)
{
    bool now = node->sweep_due && upkeep_may(node, node->sweep_at);
    struct job *job = now ? own_job(node, JOB_SWEEP) : NULL;
    if (job != NULL) {
        job->step = turns_contended(node) ? STEP_SHORT : SWEEP_STEP_MAX;
        node->sweep_due = false;
    }
    return job;
}

struct job *upkeep_take_peers(struct node *node)
{
    if ((!node->peers.dirty && !node->deliveries.dirty) || node->steady < node->peers.save_at) {
        return NULL;
    }
    struct job *job = own_job(node, JOB_PEERS);
    node->peers.save_at = node->steady + PEERS_SAVE_MS;
    if (job != NULL) {
        job->peers = peers_take_changed(&node->peers);
        job->deliveries = deliveries_take_changed(&node->deliveries);
    }
    if (job != NULL && job->peers == NULL && job->deliveries == NULL) {
        job_free(job);
        job = NULL;
    }
    return job;
}

/* Nobody waits for it: objects go first. */
struct job *upkeep_take_standing(struct node *node)
{
    bool now = node->env.limits.standing_interval_s != 0 && node->now >= node->standing_at &&
               !turns_commits(node) && node->write.first == NULL;
    struct job *job = now ? own_job(node, JOB_STANDING) : NULL;
    if (job != NULL) {
        node->standing_at = UINT64_MAX; /* until it comes back */
    }
    return job;
}

void upkeep_rows_wait(struct node *node)
{
    if (!node->rows_due) {
        node->rows_late_at = node->now + ROWS_REST_MAX_MS;
    }
    node->rows_due = true;
    node->rows_rest_at = node->now + ROWS_REST_MS;
}

/* Whoever posted just now finds the thread in the list, and counted with the others of its space.
 */
bool upkeep_rows_come(const struct node *node)
{
    return node->rows_out || (node->rows_due && (upkeep_may(node, node->rows_at) ||
                                                    node->rows_at - node->now <= LIST_WAITS_MS));
}

/* With the tick, and not behind a commit: just then the next node commits the same object. */
void node_rows_late(struct node *node)
{
    if (node->rows_due && upkeep_may(node, node->rows_late_at)) {
        node->rows_rest_at = node->now;
    }
}

/* When upkeep may go on that took from job->now until now. Long steps get at most a fifth of the
 * writer's time, so that a thread made long and touched again and again does not keep objects out;
 * short ones go on at once, so that lists and locks are as fresh as can be. */
static uint64_t upkeep_at(const struct node *node, const struct job *job)
{
    uint64_t took = node->now > job->now ? node->now - job->now : 0;
    uint64_t rest = took < UPKEEP_REST_MAX_MS / 4 ? 4 * took : UPKEEP_REST_MAX_MS;
    return took < UPKEEP_SHORT_MS ? node->now : node->now + rest;
}

void upkeep_rows_done(struct node *node, struct job *job)
{
    struct job *list;
    node->counters.rows_steps++;
    node->rows_out = false;
    if (job->code != 0) {
        node_say(node, 3, "rows", NULL, 0, "thread rows could not be brought up to date: %s",
            fora_error_text(job->code));
    }
    node->rows_due = node->rows_due || (job->code == 0 && job->behind > 0);
    node->rows_at = upkeep_at(node, job);
    while ((list = job_queue_pop(&node->lists)) != NULL) {
        turns_push(node, list);
    }
}

void upkeep_sweep_done(struct node *node, const struct job *job)
{
    node->counters.objects_removed += job->result.removed;
    node->sweep_at = upkeep_at(node, job);
    node->sweep_due = node->sweep_due || (job->code == 0 && job->more);
    node->rows_due = true; /* of threads that lost something, or gained a receipt */
    if (job->result.lacks) {
        peer_contents_lack(node);
    }
    if (job->result.stored > 0) {
        peer_set_touched(node, &job->result);
    }
    if (job->result.removed > 0) {
        node_say(node, 5, "sweep", NULL, 0,
            "%zu objects removed: the key that signed them, or something that they stand on, does "
            "not count any more",
            job->result.removed);
    }
    if (job->code != 0) {
        node_say(node, 3, "sweep", NULL, 0, "what revoked keys signed could not be removed: %s",
            fora_error_text(job->code));
    }
}

void upkeep_standing_done(struct node *node, struct job *job)
{
    uint64_t interval = UINT64_C(1000) * node->env.limits.standing_interval_s;
    jobs_note_commit(node, job);
    node->standing_at = job->code == 0 && job->more ? upkeep_at(node, job) : node->now + interval;
    if (job->code != 0) {
        node_say(node, 3, "standing", NULL, 0, "standings could not be issued: %s",
            fora_error_text(job->code));
    }
}
