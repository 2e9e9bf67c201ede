/*
 * Turns: whose work goes first. What known peers (REP-15) and members want done, and the node
 * itself, is never behind what strangers want: newcomers among the nodes, and clients that did not
 * log in; anybody can be as many of them as she likes.
 *
 *   nobody known is active, or no stranger   strangers have all of the machine
 *   both are (contended)                     one reading job of strangers at a time, commits of
 *                                            theirs as short as SLICE_MS; after eight of others
 *                                            one of theirs, so that nobody waits for ever
 *
 * What waits for the writer is gathered while more of the same is being verified, to half of both
 * or COMMIT_GATHER: each commit costs its waits for the disk and the pages that all of them change,
 * however few objects it has. A small batch that skips verification is not kept waiting by that.
 *
 * A commit cannot be interrupted, so what waits for the writer waits for the one that is under way.
 * Its length is kept short by cutting strangers' batches: the number of objects of one commit is
 * halved when it took too long, and grows slowly when it did not, whatever the machine and its disk
 * are like.
 */
#include "core/node_impl.h"

enum {
    COMMIT_OBJECTS_MAX = 4096, /* of one transaction: bounds its memory and the wait of the next */
    COMMIT_GATHER = 1024,
    PASSWORDS_MAX = 2,
    ACTIVE_MS = 1000, /* after its last frame a side counts as active */
    STRANGERS_OUT = 1,
    STRANGERS_TURN = 8,
    SLICE_MS = 3,
    SLICE_LEAST = 4,
    SLICE_FIRST = 32,
    SLICE_MOST = 1024
};

void job_queue_init(struct job_queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

void job_queue_push(struct job_queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
}

struct job *job_queue_pop(struct job_queue *queue)
{
    struct job *job = queue->first;
    if (job != NULL) {
        queue->first = job->next;
        if (queue->first == NULL) {
            queue->last = &queue->first;
        }
        job->next = NULL;
    }
    return job;
}

void job_queue_fini(struct job_queue *queue)
{
    struct job *job;
    while ((job = job_queue_pop(queue)) != NULL) {
        job_free(job);
    }
}

void turns_init(struct node *node)
{
    for (unsigned i = 0; i < TURNS; i++) {
        struct turn *turn = &node->turns[i];
        job_queue_init(&turn->query);
        job_queue_init(&turn->verify);
        job_queue_init(&turn->password);
        turn->commits_last = &turn->commits;
    }
    node->slice = SLICE_FIRST;
}

void turns_fini(struct node *node)
{
    for (unsigned i = 0; i < TURNS; i++) {
        struct turn *turn = &node->turns[i];
        if (turn->commits_last == NULL) {
            continue; /* never begun */
        }
        job_queue_fini(&turn->query);
        job_queue_fini(&turn->verify);
        job_queue_fini(&turn->password);
        while (turn->commits != NULL) {
            struct batch *batch = turn->commits;
            turn->commits = batch->next;
            batch_free(batch);
        }
    }
}

static enum turn_name turn_of(const struct asker *asker)
{
    return asker->known || asker->conn == 0 ? TURN_KNOWN : TURN_STRANGER;
}

/* ---- who is active ---- */

void turns_saw(struct node *node, const struct conn *conn)
{
    node->turns[turn_of(&conn->asker)].active_at = node->steady;
}

static bool is_active(const struct node *node, enum turn_name name)
{
    const struct turn *turn = &node->turns[name];
    return turn->active_at != 0 && node->steady < turn->active_at + ACTIVE_MS;
}

bool turns_contended(const struct node *node)
{
    return is_active(node, TURN_KNOWN) && is_active(node, TURN_STRANGER);
}

bool node_gives_way(const struct node *node, uint64_t number)
{
    const struct conn *conn = node_conn(node, number);
    bool known = conn != NULL && (conn->asker.known || conn->dial != 0);
    return !known && is_active(node, TURN_KNOWN);
}

/* ---- reading: queries, verification, passwords ---- */

void turns_push(struct node *node, struct job *job)
{
    struct turn *turn = &node->turns[turn_of(&job->asker)];
    job_queue_push(job->type == JOB_VERIFY     ? &turn->verify
                   : job->type == JOB_PASSWORD ? &turn->password
                                               : &turn->query,
        job);
}

/* Who asked for a password and went is not worked for. */
static struct job *pop_password(struct node *node, struct job_queue *queue)
{
    struct job *job = node->passwords_out < PASSWORDS_MAX ? job_queue_pop(queue) : NULL;
    while (job != NULL && job->asker.conn != 0 && node_conn(node, job->asker.conn) == NULL) {
        entry_return(node, &job->attempt);
        job_free(job);
        job = job_queue_pop(queue);
    }
    node->passwords_out += job != NULL;
    return job;
}

/* The same of questions: who asks and goes, again and again, leaves nothing behind. */
static struct job *pop_query(struct node *node, struct job_queue *queue)
{
    struct job *job = job_queue_pop(queue);
    while (job != NULL && job->asker.conn != 0 && node_broken(node, job->asker.conn)) {
        struct conn *conn = node_conn(node, job->asker.conn);
        if (conn != NULL) {
            conn->jobs -= conn->jobs > 0;
            flow_job_done(node, conn, job);
        }
        job_free(job);
        job = job_queue_pop(queue);
    }
    return job;
}

/* In turns: neither a flood of questions nor one of objects nor one of logins stops the others. */
static struct job *take_from(struct node *node, struct turn *turn)
{
    struct job *job = NULL;
    for (unsigned i = 0; i < 3 && job == NULL; i++) {
        switch (turn->next++ % 3) {
        case 0:
            job = pop_query(node, &turn->query);
            break;
        case 1:
            job = job_queue_pop(&turn->verify);
            break;
        default:
            job = pop_password(node, &turn->password);
            break;
        }
    }
    return job;
}

struct job *turns_take_reading(struct node *node)
{
    bool theirs = node->known_reads >= STRANGERS_TURN;
    struct job *job = theirs ? NULL : take_from(node, &node->turns[TURN_KNOWN]);
    node->known_reads += job != NULL;
    if (job == NULL && (node->strangers_out < STRANGERS_OUT || !is_active(node, TURN_KNOWN))) {
        job = take_from(node, &node->turns[TURN_STRANGER]);
        node->strangers_out += job != NULL;
        if (job != NULL) {
            job->stranger = true;
            job->gives_way = is_active(node, TURN_KNOWN);
            node->known_reads = 0;
        }
    }
    return job == NULL && theirs ? take_from(node, &node->turns[TURN_KNOWN]) : job;
}

void turns_reading_done(struct node *node, const struct job *job)
{
    node->strangers_out -= job->stranger;
    node->passwords_out -= job->type == JOB_PASSWORD;
}

/* ---- commits ---- */

void node_commit_later(struct node *node, struct batch *batch)
{
    struct turn *turn = &node->turns[turn_of(&batch->asker)];
    batch->next = NULL;
    *turn->commits_last = batch;
    turn->commits_last = &batch->next;
    turn->objects += batch->count - batch->begin;
    turn->straight += batch->verified ? 0 : batch->count;
}

void turns_commit_rest(struct node *node, struct batch *batch)
{
    struct turn *turn = &node->turns[turn_of(&batch->asker)];
    batch->begin = batch->end;
    batch->next = turn->commits;
    turn->commits = batch;
    if (batch->next == NULL) {
        turn->commits_last = &batch->next;
    }
    turn->objects += batch->count - batch->begin;
}

bool turns_commits(const struct node *node)
{
    return node->turns[TURN_KNOWN].commits != NULL || node->turns[TURN_STRANGER].commits != NULL;
}

bool turns_straight(const struct node *node, const struct batch *batch, size_t small)
{
    enum turn_name name = turn_of(&batch->asker);
    return node->turns[name].straight + batch->count <= small &&
           (name == TURN_KNOWN || (!turns_contended(node) && node->turns[TURN_KNOWN].objects == 0));
}

void turns_verify(struct node *node, const struct batch *batch)
{
    node->turns[turn_of(&batch->asker)].verifying += batch->count;
}

void turns_verified(struct node *node, const struct batch *batch)
{
    node->turns[turn_of(&batch->asker)].verifying -= batch->count;
}

/* Has what waits for the writer waited for enough of its kind? */
static bool is_ready(const struct node *node, enum turn_name name)
{
    const struct turn *turn = &node->turns[name];
    bool gathers = turn->straight == 0 && turn->objects < COMMIT_GATHER &&
                   turn->objects < turn->verifying &&
                   (name == TURN_KNOWN || !is_active(node, TURN_KNOWN));
    return turn->commits != NULL && !gathers;
}

/* Moves batches into the job, the last perhaps in part when `cut`. */
static void commit_fill(struct turn *turn, struct job *job, size_t most, bool cut)
{
    struct batch **last = &job->batches;
    size_t count = 0;
    while (turn->commits != NULL && count < most) {
        struct batch *batch = turn->commits;
        size_t left = batch->count - batch->begin;
        if (!cut && count > 0 && count + left > most) {
            break;
        }
        size_t taken = cut && left > most - count ? most - count : left;
        turn->commits = batch->next;
        batch->next = NULL;
        batch->end = batch->begin + taken;
        count += taken;
        turn->objects -= left;
        turn->straight -= batch->verified ? 0 : batch->count;
        *last = batch;
        last = &batch->next;
    }
    if (turn->commits == NULL) {
        turn->commits_last = &turn->commits;
    }
}

struct job *turns_take_commit(struct node *node)
{
    static const struct asker nobody = {.conn = 0};
    bool known = is_ready(node, TURN_KNOWN);
    bool strangers =
        is_ready(node, TURN_STRANGER) && (!known || node->known_commits >= STRANGERS_TURN);
    bool cut = strangers && is_active(node, TURN_KNOWN);
    struct job *job =
        known || strangers ? job_new(JOB_COMMIT, &node->env, &nobody, node->now) : NULL;
    if (job != NULL) {
        node->known_commits = strangers ? 0 : node->known_commits + 1;
        job->stranger = cut;
        commit_fill(&node->turns[strangers ? TURN_STRANGER : TURN_KNOWN], job,
            cut ? node->slice : COMMIT_OBJECTS_MAX, cut);
    }
    return job;
}

void turns_committed(struct node *node, const struct job *job)
{
    uint64_t took = node->now > job->now ? node->now - job->now : 0;
    if (job->stranger && took > SLICE_MS) {
        node->slice = node->slice / 2 > SLICE_LEAST ? node->slice / 2 : SLICE_LEAST;
    } else if (job->stranger && took < SLICE_MS) {
        node->slice += node->slice < SLICE_MOST ? 1 + node->slice / 8 : 0;
    }
}
