/* Whom a Notice concerns, and whether it may be believed: the reading side (notice.h). */
#include "core/notice.h"

#include "core/accounts.h"
#include "core/caches.h"
#include "core/query.h"
#include "core/requests.h"
#include "store/sets.h"

#include <stdlib.h>
#include <string.h>

static bool same(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* The content of a thread or post, and whom it mentions; FORA_E_MISMATCH for other kinds. */
static int read_mentions(struct fora_arena *arena, const struct fora_object *object,
    struct fora_content *content, const struct fora_principal_id **list, size_t *count)
{
    uint32_t kind = object->header.kind;
    if (kind != FORA_KIND_THREAD && kind != FORA_KIND_POST) {
        return FORA_E_MISMATCH;
    }
    if (!object->has_content) {
        return FORA_E_NO_CONTENT;
    }
    int rc = fora_content_decode(arena, kind, object->content_bytes, content);
    if (rc == 0) {
        *list = fora_content_mentioned(content, count);
    }
    return rc;
}

static void add_target(
    struct notice_plan *plan, const struct fora_principal_id *node, uint8_t whom, size_t most)
{
    size_t mine = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->targets[i].whom == whom) {
            mine++;
            if (same(&plan->targets[i].node, node)) {
                return;
            }
        }
    }
    if (mine < most && !fora_id_is_zero(node->b)) {
        plan->targets[plan->count++] = (struct notice_target){*node, whom};
    }
}

/* ---- made here ---- */

/* Her home, and those that she had before, the last first; none of who is no member or not known.
 */
static int homes_of(struct kv_txn *txn, const struct fora_principal_id *member,
    struct fora_principal_id homes[NOTICE_HOMES_MAX + 1], size_t *count)
{
    struct fora_identity *identity = NULL;
    struct fora_identity_step step;
    size_t steps = 0;
    *count = 0;
    int rc = identity_load(txn, member, &identity);
    if (rc != 0 || fora_identity_type(identity) != FORA_PRINCIPAL_MEMBER) {
        fora_identity_free(identity);
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    homes[(*count)++] = *fora_identity_home(identity);
    while (fora_identity_step_at(identity, steps, &step)) {
        steps++;
    }
    for (size_t i = steps; i > 0 && *count <= NOTICE_HOMES_MAX; i--) {
        const struct fora_principal_id *home = NULL;
        if (fora_identity_step_at(identity, i - 1, &step) && step.entry != NULL) {
            home = step.entry->home != NULL     ? &step.entry->home->home
                   : step.entry->create != NULL ? &step.entry->create->home
                                                : NULL;
        }
        for (size_t j = 0; j < *count && home != NULL; j++) {
            home = same(home, &homes[j]) ? NULL : home;
        }
        if (home != NULL) {
            homes[(*count)++] = *home;
        }
    }
    fora_identity_free(identity);
    return 0;
}

/* Made here: to her home, and to those before, which forward it (REP-20, REP-22). */
static int add_homes(struct job *job, struct kv_txn *txn, const struct fora_principal_id *member,
    uint8_t whom, struct notice_plan *plan)
{
    struct fora_principal_id homes[NOTICE_HOMES_MAX + 1];
    size_t count;
    int rc = homes_of(txn, member, homes, &count);
    if (count > 0 && same(&homes[0], &job->env->self)) {
        return rc;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same(&homes[i], &job->env->self)) {
            add_target(plan, &homes[i], whom, NOTICE_HOMES_MAX);
        }
    }
    return rc;
}

/* Come by replication: a home that she left tells the one where she is now, and nobody else
 * (REP-22). */
static int add_where_she_went(struct job *job, struct kv_txn *txn,
    const struct fora_principal_id *member, uint8_t whom, struct notice_plan *plan)
{
    struct account account;
    struct fora_principal_id homes[NOTICE_HOMES_MAX + 1];
    size_t count = 0;
    int rc = accounts_of(txn, member, &account) ? homes_of(txn, member, homes, &count) : 0;
    for (size_t i = 1; i < count; i++) {
        if (same(&homes[i], &job->env->self)) {
            add_target(plan, &homes[0], whom, 1);
        }
    }
    return rc;
}

/* What its thread was called when it was begun. */
static struct fora_bytes thread_title(
    struct kv_txn *txn, struct fora_arena *arena, const struct fora_object *object)
{
    struct stored stored;
    struct fora_content content;
    store_seq root = objects_find(txn, object->header.root.b);
    if (object->header.kind == FORA_KIND_POST && root != 0 &&
        objects_read(txn, root, &stored) == 0 && stored.object.has_content &&
        stored.object.header.kind == FORA_KIND_THREAD &&
        fora_content_decode(arena, FORA_KIND_THREAD, stored.object.content_bytes, &content) == 0) {
        return content.u.thread.title;
    }
    return fora_bytes(NULL, 0);
}

static int make(
    struct job *job, struct kv_txn *txn, const struct fora_object *object, struct fora_arena *arena)
{
    struct gather log;
    struct fora_message notice = {.type = FORA_MSG_NOTICE};
    store_seq author = objects_find(txn, object->header.author.b);
    gather_init(&log, txn, arena);
    int rc = gather_kinds_of(&log, author, GATHER_LOG);
    if (rc == 0 &&
        (log.count > NOTICE_LOG_MAX || log.bytes + object->encoded.size > NOTICE_BYTES_MAX)) {
        job->notice->count = 0; /* more than a Notice may carry */
    } else if (rc == 0) {
        notice.u.notice = (struct fora_msg_notice){.object = object->encoded,
            .log = log.objects,
            .log_count = log.count,
            .title = thread_title(txn, arena, object)};
        rc = job_answer(job, &notice);
    }
    gather_fini(&log);
    return rc;
}

/* ---- a peer's ---- */

/* The author's log as it is stored, with what the Notice brings, says that the key speaks; and what
 * is beside it is her profile. */
static int check_author(
    struct kv_txn *txn, const struct fora_msg_notice *notice, const struct fora_object *object)
{
    struct fora_identity *identity = NULL;
    struct fora_object entry;
    int rc = identity_load(txn, &object->header.author, &identity);
    rc = rc == FORA_E_NOTFOUND ? fora_identity_new(&identity) : rc;
    for (size_t i = 0; i < notice->log_count && rc == 0; i++) {
        rc = fora_object_decode(&entry, notice->log[i]);
        if (rc == 0 && entry.header.kind == FORA_KIND_IDENTITY) {
            rc = identity_add_encoded(identity, &notice->log[i], 1);
        } else if (rc == 0 && entry.header.kind != FORA_KIND_PROFILE) {
            rc = FORA_E_MISMATCH;
        }
    }
    for (size_t i = 0; i < notice->log_count && rc == 0; i++) {
        if (fora_object_decode(&entry, notice->log[i]) == 0 &&
            entry.header.kind == FORA_KIND_PROFILE) {
            rc = !same(&entry.header.author, &object->header.author) ? FORA_E_MISMATCH
                                                                     : fora_object_verify(&entry);
        }
    }
    if (rc == 0 && !same(fora_identity_principal(identity), &object->header.author)) {
        rc = FORA_E_UNKNOWN_AUTHOR;
    }
    if (rc == 0) {
        rc = fora_identity_check_key(identity, &object->header.key, object->header.created_at);
    }
    fora_identity_free(identity);
    return rc;
}

/* Is she a member here whose log names this node, or where does it say she went? */
static int place_of(struct kv_txn *txn, const struct fora_principal_id *self,
    const struct fora_principal_id *member, bool *here, struct fora_principal_id *went)
{
    struct account account;
    struct fora_identity *identity = NULL;
    *here = false;
    memset(went, 0, sizeof *went);
    int rc = accounts_of(txn, member, &account) ? identity_load(txn, member, &identity)
                                                : FORA_E_NOTFOUND;
    if (rc == 0) {
        *went = *fora_identity_home(identity);
        *here = same(went, self);
    }
    fora_identity_free(identity);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

int notice_at_home(struct kv_txn *txn, const struct fora_principal_id *self,
    const struct fora_object *object,
    int (*each)(void *context, const struct fora_principal_id *member), void *context)
{
    struct fora_arena arena;
    struct fora_content content;
    const struct fora_principal_id *list = NULL;
    size_t count = 0;
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    int rc = read_mentions(&arena, object, &content, &list, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct fora_principal_id went;
        bool here;
        rc = place_of(txn, self, &list[i], &here, &went);
        rc = rc == 0 && here ? each(context, &list[i]) : rc;
    }
    fora_arena_fini(&arena);
    return rc;
}

static int plan_places(struct job *job, struct kv_txn *txn, const struct fora_msg_notice *notice,
    const struct fora_object *object, const struct fora_principal_id *list, size_t count)
{
    struct set_info set;
    struct notice_plan *plan = job->notice;
    bool held = sets_find(txn, &object->header.space, FORA_AUDIENCE_PUBLIC, &set);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct fora_principal_id went;
        bool here;
        rc = place_of(txn, &job->env->self, &list[i], &here, &went);
        /* Of a space that is held the object comes by itself. */
        plan->keep = plan->keep || (rc == 0 && here && !held);
        if (rc == 0 && !here && !notice->forwarded && !same(&went, &job->asker.node)) {
            add_target(plan, &went, (uint8_t)i, 1);
        }
    }
    return rc;
}

static int check(struct job *job, struct kv_txn *txn, const struct fora_msg_notice *notice,
    const struct fora_object *object, const struct fora_principal_id *list, size_t count)
{
    struct fora_message ok = {.type = FORA_MSG_OK};
    if (object->header.audience != FORA_AUDIENCE_PUBLIC) {
        return FORA_E_AUDIENCE;
    }
    if (object->header.created_at > job->now + FORA_FUTURE_MAX_MS) {
        return FORA_E_FUTURE;
    }
    /* Whom it concerns is asked before anything is verified. */
    int rc = plan_places(job, txn, notice, object, list, count);
    if (rc == 0 && (job->notice->keep || job->notice->count > 0)) {
        rc = fora_object_verify(object);
        rc = rc == 0 ? check_author(txn, notice, object) : rc;
    }
    return rc == 0 && !job->notice->keep ? job_answer(job, &ok) : rc;
}

int notice_run(struct job *job, struct kv_txn *txn, const struct fora_msg_notice *request,
    struct fora_arena *arena)
{
    struct fora_object object;
    struct fora_content content;
    const struct fora_principal_id *list = NULL;
    size_t count = 0;
    int rc = fora_object_decode(&object, request->object);
    rc = rc == 0 ? read_mentions(arena, &object, &content, &list, &count) : rc;
    job->notice = rc == 0 ? calloc(1, sizeof *job->notice) : NULL;
    if (rc != 0 || job->notice == NULL) {
        return rc != 0 ? rc : FORA_E_NOMEM;
    }
    job->notice->space = object.header.space;
    job->notice->forwarded = job->asker.conn != 0 || request->forwarded;
    if (job->asker.conn != 0) {
        rc = check(job, txn, request, &object, list, count);
    } else {
        for (size_t i = 0; i < count && rc == 0; i++) {
            rc = (request->forwarded ? add_where_she_went : add_homes)(
                job, txn, &list[i], (uint8_t)i, job->notice);
        }
        rc = rc == 0 && job->notice->count > 0 ? make(job, txn, &object, arena) : rc;
    }
    if (rc != 0) {
        job->notice->count = 0;
        job->notice->keep = false;
    }
    return rc;
}
