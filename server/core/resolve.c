#include "core/resolve.h"

#include "core/lane.h"
#include "core/node_impl.h"
#include "core/requests.h"

/* ---- on the loop ---- */

int resolve_wanted(
    struct node *node, struct conn *conn, const struct fora_message *message, uint64_t *wait)
{
    *wait = 0;
    if (node->env.resolver == NULL) {
        return FORA_E_UNSUPPORTED;
    }
    if (!conn->asker.is_member) {
        return FORA_E_AUTH;
    }
    /* Anybody can make a principal, and would have as many questions, and places in the queue, as
     * she likes. */
    if (!conn->asker.has_account) {
        return FORA_E_FORBIDDEN;
    }
    if (node->asks_waiting == ASKS_WAITING_MAX) {
        return FORA_E_OVERLOAD;
    }
    const struct bucket_rate rate = {ASKS_MEMBER, ASKS_PERIOD_MS};
    *wait = quota_member_ask(node, &conn->asker.member, &rate);
    if (*wait != 0) {
        return FORA_E_QUOTA;
    }
    struct job *job = job_new(JOB_ASK, &node->env, &conn->asker, node->now);
    if (job == NULL || fora_message_encode(&job->request, message) != 0) {
        job_free(job);
        return FORA_E_NOMEM;
    }
    job->asker.request = message->request;
    conn->jobs++;
    job_queue_push(&node->asks, job);
    node->asks_waiting++;
    return 0;
}

struct job *resolve_take(struct node *node)
{
    struct job *job = NULL;
    while (job == NULL && node->asks_out < ASKS_OUT_MAX && node->asks_waiting > 0) {
        job = job_queue_pop(&node->asks);
        node->asks_waiting--;
        if (node_conn(node, job->asker.conn) == NULL) {
            job_free(job);
            job = NULL;
        }
    }
    node->asks_out += job != NULL;
    return job;
}

/* ---- in a thread that may wait ---- */

/* An account may have been closed since she logged in. */
static int check_account(struct job *job)
{
    struct account account;
    struct kv_txn *txn;
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc == 0) {
        rc = asker_account(txn, &job->asker, &account);
        kv_abort(txn);
    }
    return rc;
}

int resolve_run(struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    const struct resolver *resolver = job->env->resolver;
    struct fora_message answer = {.type = FORA_MSG_RESOLVED};
    (void)arena;
    if (request->type != FORA_MSG_RESOLVE || resolver == NULL) {
        return FORA_E_UNSUPPORTED;
    }
    int rc = check_account(job);
    if (rc == 0) {
        rc =
            resolver->resolve(resolver->context, &request->u.resolve, job->now, &answer.u.resolved);
    }
    return rc == 0 ? job_answer(job, &answer) : rc;
}
