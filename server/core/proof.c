/* Finding the sessions takes one look at each connection, however many logs changed. */
#include "core/proof.h"

#include "core/node_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- the writer: what changed ---- */

void changed_logs_fini(struct changed_logs *logs)
{
    free(logs->items);
    memset(logs, 0, sizeof *logs);
}

int changed_logs_add(struct changed_logs *logs, const struct fora_principal_id *principal)
{
    if (logs->count > 0 &&
        memcmp(&logs->items[logs->count - 1], principal, sizeof *principal) == 0) {
        return 0; /* entries of one log come together */
    }
    if (logs->count == logs->room) {
        size_t room = logs->room == 0 ? 4 : logs->room * 2;
        struct fora_principal_id *grown = realloc(logs->items, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        logs->items = grown;
        logs->room = room;
    }
    logs->items[logs->count++] = *principal;
    return 0;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct fora_principal_id));
}

/* ---- the job: what is kept ---- */

/* The entries that are not stored here, in their order. */
static int unstored(
    struct kv_txn *txn, struct fora_arena *arena, struct fora_bytes **entries, size_t *count)
{
    struct fora_bytes *left = fora_arena_alloc(arena, (*count + 1) * sizeof *left);
    size_t left_count = 0;
    int rc = left == NULL ? FORA_E_NOMEM : 0;
    for (size_t i = 0; i < *count && rc == 0; i++) {
        struct fora_object object;
        rc = fora_object_decode(&object, (*entries)[i]);
        if (rc == 0 && objects_find(txn, object.id.b) == 0) {
            left[left_count++] = (*entries)[i];
        }
    }
    *entries = left;
    *count = left_count;
    return rc;
}

int proof_keep(struct job *job, struct kv_txn *txn, const struct fora_message *request,
    struct fora_arena *arena)
{
    struct fora_message kept = *request;
    int rc = kept.type == FORA_MSG_HELLO
                 ? unstored(txn, arena, &kept.u.hello.identity, &kept.u.hello.identity_count)
                 : unstored(txn, arena, &kept.u.auth.identity, &kept.u.auth.identity_count);
    return rc == 0 ? fora_message_encode(&job->proof, &kept) : rc;
}

/* ---- the loop ---- */

bool proof_is_stale(
    const struct node *node, const struct job *job, const struct fora_principal_id *principal)
{
    const struct log_changes *changes = &node->log_changes;
    if (changes->count - job->logs_changed > LOG_CHANGES_KEPT) {
        return true;
    }
    for (uint64_t i = job->logs_changed; i < changes->count; i++) {
        if (compare(&changes->last[i % LOG_CHANGES_KEPT], principal) == 0) {
            return true;
        }
    }
    return false;
}

void proof_drop(struct conn *conn)
{
    fora_buf_fini(&conn->proof);
}

void proof_take(struct node *node, struct conn *conn, struct job *job)
{
    proof_drop(conn);
    conn->proof = job->proof;
    memset(&job->proof, 0, sizeof job->proof);
    flow_account(node, conn);
}

/* Its own turn, and not behind what the connection asked for: that may wait for answers to go. */
static void ask_again(struct node *node, struct conn *conn)
{
    struct job *job = job_new(JOB_QUERY, &node->env, &conn->asker, node->now);
    if (job != NULL) {
        fora_buf_append_bytes(&job->request, fora_buf_bytes(&conn->proof));
    }
    if (job == NULL || job->request.error != 0) {
        job_free(job);
        conn_fail(node, conn, FORA_E_NOMEM);
        return;
    }
    job->again = true;
    conn->doubted = true;
    conn->jobs++;
    node_query(node, job);
}

static const struct fora_principal_id *rests_on(const struct conn *conn)
{
    return conn->asker.is_node ? &conn->asker.node : &conn->asker.member;
}

void proof_logs_changed(struct node *node, struct job *job)
{
    struct changed_logs *logs = &job->changed;
    if (job->code != 0 || logs->count == 0) {
        return;
    }
    qsort(logs->items, logs->count, sizeof *logs->items, compare);
    for (size_t i = 0; i < logs->count; i++) {
        struct log_changes *changes = &node->log_changes;
        changes->last[changes->count++ % LOG_CHANGES_KEPT] = logs->items[i];
    }
    for (struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn->closing || conn->doubted || conn->proof.size == 0) {
            continue; /* who is being asked is asked once more when that was too early */
        }
        if (bsearch(rests_on(conn), logs->items, logs->count, sizeof *logs->items, compare)) {
            ask_again(node, conn);
        }
    }
}

/* Somebody else may have come by an Auth that was on its way. */
static bool same_asker(const struct conn *conn, const struct job *job)
{
    return conn->asker.is_node ||
           (memcmp(&conn->asker.member, &job->asker.member, sizeof conn->asker.member) == 0 &&
               memcmp(&conn->asker.key, &job->asker.key, sizeof conn->asker.key) == 0);
}

void proof_asked(struct node *node, struct conn *conn, struct job *job)
{
    conn->doubted = false;
    if (conn->proof.size == 0) {
        return; /* it rests on a password by now */
    }
    if (!same_asker(conn, job) || proof_is_stale(node, job, rests_on(conn))) {
        ask_again(node, conn);
        return;
    }
    if (job->code == 0) {
        proof_take(node, conn, job);
        return;
    }
    node_say(node, conn->asker.is_node ? 4 : 6, "session", conn, 0,
        "ended: by its log its key does not speak any more");
    conn_fail(node, conn, job->code);
}
