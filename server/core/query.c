/*
 * Requests that only read: each is answered from one read transaction. Cost is in proportion to the
 * answer (invariant 8); every list has a limit.
 */
#include "core/query.h"

#include "core/mentions.h"
#include "core/notice.h"
#include "core/receipts.h"

#include "core/accounts.h"
#include "core/make.h"
#include "core/requests.h"
#include "core/rows.h"
#include "reputation/credential.h"
#include "reputation/page.h"

#include <stdlib.h>
#include <string.h>

enum {
    ANSWER_MAX = 512 * 1024 /* bytes of objects in one frame */
};

/* ---- gathering objects ---- */

void gather_init(struct gather *gather, struct kv_txn *txn, struct fora_arena *arena)
{
    memset(gather, 0, sizeof *gather);
    gather->txn = txn;
    gather->arena = arena;
}

void gather_fini(struct gather *gather)
{
    free(gather->objects);
}

int gather_add(struct gather *gather, struct fora_bytes encoded)
{
    if (gather->count == gather->room) {
        size_t room = gather->room == 0 ? 64 : gather->room * 2;
        struct fora_bytes *grown = realloc(gather->objects, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        gather->objects = grown;
        gather->room = room;
    }
    gather->objects[gather->count++] = encoded;
    gather->bytes += encoded.size;
    return 0;
}

/* What may not be sent to anybody is gathered for nobody (REP-11). */
static int read_child(const struct gather *gather, store_seq child, struct stored *out)
{
    int rc = objects_read(gather->txn, child, out);
    return rc == 0 && !query_may_send(NULL, gather->txn, &out->object) ? FORA_E_NOTFOUND : rc;
}

static int gather_child(void *context, store_seq child)
{
    struct gather *gather = context;
    struct stored stored;
    int rc = read_child(gather, child, &stored);
    return rc == 0 ? gather_add(gather, stored.object.encoded) : rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* Of which kinds, a bit for each, the children are wanted. */
struct gather_of {
    struct gather *gather;
    uint32_t kinds;
};

static int gather_child_of(void *context, store_seq child)
{
    const struct gather_of *of = context;
    struct stored stored;
    int rc = read_child(of->gather, child, &stored);
    uint32_t kind = rc == 0 ? stored.object.header.kind : 0;
    if (rc == 0 && kind < 32 && (of->kinds >> kind & 1) != 0) {
        rc = gather_add(of->gather, stored.object.encoded);
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* A space has children beside its policy, and a principal beside its log: checkpoints,
 * attestations, kinds that are not known here. Who asks for a policy takes nothing else for one. */
int gather_kinds_of(struct gather *gather, store_seq owner, uint32_t kinds)
{
    struct gather_of of = {gather, kinds};
    return children_each(gather->txn, owner, gather_child_of, &of);
}

/* ---- fetch ---- */

static int run_fetch(struct job *job, struct kv_txn *txn, const struct fora_msg_fetch *request,
    struct fora_arena *arena)
{
    struct gather gather;
    struct fora_message answer = {.type = FORA_MSG_OBJECTS};
    size_t room = job_answer_room(job, ANSWER_MAX);
    bool full = false; /* what is behind it is not even looked for */
    int rc = 0;
    gather_init(&gather, txn, arena);
    struct fora_object_id *missing = fora_arena_zalloc(arena, request->ids_count, sizeof *missing);
    rc = missing == NULL ? FORA_E_NOMEM : 0;
    for (size_t i = 0; i < request->ids_count && rc == 0; i++) {
        struct stored stored;
        store_seq seq = full ? 0 : objects_find(txn, request->ids[i].b);
        rc = seq != 0 ? objects_read(txn, seq, &stored) : FORA_E_NOTFOUND;
        bool may = rc == 0 && query_may_send(job, txn, &stored.object);
        bool fits = may && (gather.count == 0 || gather.bytes + stored.object.encoded.size <= room);
        full = full || (may && !fits);
        if (fits) {
            rc = gather_add(&gather, stored.object.encoded);
        } else if (rc == FORA_E_NOTFOUND || rc == 0) {
            /* What does not fit or may not be sent counts as missing: it can be asked for again. */
            missing[answer.u.objects.missing_count++] = request->ids[i];
            rc = 0;
        }
    }
    answer.u.objects.objects = gather.objects;
    answer.u.objects.objects_count = gather.count;
    answer.u.objects.missing = missing;
    rc = rc == 0 ? job_answer(job, &answer) : rc;
    gather_fini(&gather);
    return rc;
}

bool query_may_send(const struct job *job, struct kv_txn *txn, const struct fora_object *object)
{
    (void)txn;
    (void)job;
    /* Restricted and private objects leave only by the path that knows the policy's hosts (DESIGN,
     * invariant 3). */
    return object->header.audience == FORA_AUDIENCE_PUBLIC;
}

/* ---- spaces ---- */

struct list_spaces {
    struct kv_txn *txn;
    struct fora_arena *arena;
    struct fora_msg_space_row rows[256];
    size_t count;
};

static int list_space(void *context, const struct set_info *info)
{
    struct list_spaces *list = context;
    struct gather gather;
    struct fora_neg_sum sum;
    if (info->audience != FORA_AUDIENCE_PUBLIC || info->space_seq == 0 || list->count == 256) {
        return 0;
    }
    struct fora_msg_space_row *row = &list->rows[list->count];
    memset(row, 0, sizeof *row);
    gather_init(&gather, list->txn, list->arena);
    int rc = gather_kinds_of(&gather, info->space_seq, GATHER_POLICY);
    rc = rc == 0 ? gather_kinds_of(&gather, info->space_seq, GATHER_RECEIPTS) : rc;
    size_t keep = gather.count < 1024 ? gather.count : 1024;
    row->policy = fora_arena_zalloc(list->arena, keep + 1, sizeof *row->policy);
    uint8_t *fingerprint = fora_arena_alloc(list->arena, 16);
    if (rc == 0 && (row->policy == NULL || fingerprint == NULL)) {
        rc = FORA_E_NOMEM;
    }
    if (rc == 0) {
        memcpy(row->policy, gather.objects, keep * sizeof *row->policy);
        row->policy_count = keep;
        row->space = info->space;
        row->objects = info->count;
        row->threads = info->threads;
        row->hosted_here = true;
        sums_total(list->txn, info->number, &sum);
        fora_neg_fingerprint(fingerprint, &sum);
        row->fingerprint = fora_bytes(fingerprint, 16);
        list->count++;
    }
    gather_fini(&gather);
    return rc;
}

static int run_list_spaces(struct job *job, struct kv_txn *txn, struct fora_arena *arena)
{
    struct fora_message answer = {.type = FORA_MSG_SPACES};
    struct list_spaces *list = fora_arena_zalloc(arena, 1, sizeof *list);
    if (list == NULL) {
        return FORA_E_NOMEM;
    }
    list->txn = txn;
    list->arena = arena;
    int rc = sets_each(txn, list_space, list);
    answer.u.spaces.rows = list->rows;
    answer.u.spaces.rows_count = list->count;
    return rc == 0 ? job_answer(job, &answer) : rc;
}

/* ---- threads ---- */

bool profile_read(struct kv_txn *txn, struct fora_arena *arena,
    const struct fora_principal_id *principal, struct fora_profile *out)
{
    const struct fora_header slot = {.kind = FORA_KIND_PROFILE, .author = *principal};
    struct stored stored;
    struct fora_content content;
    if (slot_standing(txn, &slot, &stored) == 0 && stored.object.has_content &&
        fora_content_decode(arena, FORA_KIND_PROFILE, stored.object.content_bytes, &content) == 0) {
        *out = content.u.profile;
        return true;
    }
    return false;
}

static int run_list_threads(struct job *job, struct kv_txn *txn,
    const struct fora_msg_list_threads *request, struct fora_arena *arena)
{
    struct set_info set;
    struct fora_message answer = {.type = FORA_MSG_THREADS};
    if (!sets_find(txn, &request->space, FORA_AUDIENCE_PUBLIC, &set)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    int rc = rows_page(txn, arena, set.number, request, &answer.u.threads);
    for (size_t i = 0; i < answer.u.threads.rows_count && rc == 0; i++) {
        struct fora_msg_thread_row *row = &answer.u.threads.rows[i];
        struct fora_profile profile;
        if (profile_read(txn, arena, &row->author, &profile)) {
            row->author_name = profile.name;
        }
    }
    return rc == 0 ? job_answer(job, &answer) : rc;
}

/* ---- principals and flags ---- */

enum { PRINCIPAL_OBJECTS_MAX = 1024, PRINCIPAL_BYTES_MAX = 960 * 1024, PRINCIPAL_FULL = 1 };

struct gather_kinds {
    struct gather *gather;
    bool log;     /* identity entries, the profile, what she carries; else all else of hers */
    bool carried; /* is wanted: it is large, and only for who asks for it (ATT-15) */
};

static int gather_kind(void *context, store_seq child)
{
    struct gather_kinds *kinds = context;
    struct gather *gather = kinds->gather;
    struct stored stored;
    int rc = read_child(gather, child, &stored);
    uint32_t kind = rc == 0 ? stored.object.header.kind : 0;
    bool carried = kind == FORA_KIND_CARRIED;
    bool log = carried || kind == FORA_KIND_IDENTITY || kind == FORA_KIND_PROFILE;
    if (rc != 0 || log != kinds->log || (carried && !kinds->carried)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (gather->count == PRINCIPAL_OBJECTS_MAX ||
        gather->bytes + stored.object.encoded.size > PRINCIPAL_BYTES_MAX) {
        return PRINCIPAL_FULL;
    }
    return gather_add(gather, stored.object.encoded);
}

static int gather_principal(struct gather *gather, store_seq principal, bool log, bool carried)
{
    struct gather_kinds kinds = {.gather = gather, .log = log, .carried = carried};
    int rc = children_each(gather->txn, principal, gather_kind, &kinds);
    return rc == PRINCIPAL_FULL ? 0 : rc;
}

/* The log comes before all else, and what she says herself comes last: that is as much as she
 * likes, and what is said of her is to be seen (ATT-10). */
static int gather_all(struct job *job, struct gather *gather,
    const struct fora_msg_get_principal *request, const struct fora_principal_id *principal,
    store_seq seq)
{
    bool page = request->attested;
    int rc = gather_principal(gather, seq, true, request->carried && !page);
    if (rc == 0 && page) {
        rc = (request->carried ? page_gather_carried : page_gather)(
            gather, job->env->policies, principal, PRINCIPAL_BYTES_MAX);
    }
    return rc == 0 ? gather_principal(gather, seq, false, false) : rc;
}

static int run_get_principal(struct job *job, struct kv_txn *txn,
    const struct fora_msg_get_principal *request, struct fora_arena *arena)
{
    struct gather gather;
    struct fora_message answer = {.type = FORA_MSG_PRINCIPAL_OBJECTS};
    struct fora_principal_id principal = request->principal;
    int rc = 0;
    if (fora_id_is_zero(principal.b)) {
        struct account account;
        rc = accounts_find(txn, request->handle, &account) ? 0 : FORA_E_ABSENT;
        principal = account.principal;
    }
    store_seq seq = rc == 0 ? objects_find(txn, principal.b) : 0;
    if (seq == 0) {
        return FORA_E_ABSENT;
    }
    gather_init(&gather, txn, arena);
    rc = gather_all(job, &gather, request, &principal, seq);
    answer.u.principal_objects.principal = principal;
    answer.u.principal_objects.objects = gather.objects;
    answer.u.principal_objects.objects_count = gather.count;
    rc = rc == 0 ? job_answer(job, &answer) : rc;
    gather_fini(&gather);
    return rc;
}

static int gather_flags(struct gather *gather, uint32_t set)
{
    struct store_key from;
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(gather->txn, T_FLAGS);
    key_flag(&from, set, 0);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && rc == 0 && key.size == from.size && key_be32(key.data) == set &&
           gather->count < 1024 && gather->bytes < ANSWER_MAX) {
        rc = gather_child(gather, seq_get(key.data + 4));
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc;
}

static int run_list_flags(struct job *job, struct kv_txn *txn,
    const struct fora_msg_list_flags *request, struct fora_arena *arena)
{
    struct gather gather;
    struct set_info set;
    struct policy_handle *policy = NULL;
    struct fora_message answer = {.type = FORA_MSG_OBJECTS};
    if (!sets_find(txn, &request->space, FORA_AUDIENCE_PUBLIC, &set)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    int rc = policies_get(job->env->policies, txn, &set, &policy);
    if (rc == 0 &&
        !(job->asker.is_member && fora_policy_role_at(policy_of(policy), &job->asker.member,
                                      FORA_ROLE_MODERATOR, job->now))) {
        rc = FORA_E_FORBIDDEN;
    }
    policies_release(job->env->policies, policy);
    gather_init(&gather, txn, arena);
    rc = rc == 0 ? gather_flags(&gather, set.number) : rc;
    answer.u.objects.objects = gather.objects;
    answer.u.objects.objects_count = gather.count;
    rc = rc == 0 ? job_answer(job, &answer) : rc;
    gather_fini(&gather);
    return rc;
}

/* ---- dispatch ---- */

static int query_in(struct job *job, struct kv_txn *txn, const struct fora_message *request,
    struct fora_arena *arena)
{
    switch (request->type) {
    case FORA_MSG_FETCH:
        return run_fetch(job, txn, &request->u.fetch, arena);
    case FORA_MSG_LIST_SPACES:
        return run_list_spaces(job, txn, arena);
    case FORA_MSG_LIST_THREADS:
        return run_list_threads(job, txn, &request->u.list_threads, arena);
    case FORA_MSG_GET_THREAD:
        return thread_run(job, txn, &request->u.get_thread);
    case FORA_MSG_GET_PRINCIPAL:
        return run_get_principal(job, txn, &request->u.get_principal, arena);
    case FORA_MSG_LIST_FLAGS:
        return run_list_flags(job, txn, &request->u.list_flags, arena);
    case FORA_MSG_LIST_MENTIONS:
        return mentions_run(job, txn, &request->u.list_mentions, arena);
    case FORA_MSG_NOTICE:
        return notice_run(job, txn, &request->u.notice, arena);
    case FORA_MSG_FOLLOW:
        return replica_read(job, txn, &request->u.follow, arena);
    case FORA_MSG_FOLLOW_BATCH:
        return replica_compare(job, txn, &request->u.follow_batch);
    case FORA_MSG_RECONCILE:
        return replica_answer(job, txn, &request->u.reconcile);
    case FORA_MSG_GET_RECEIPTS:
        return receipts_run(job, txn, &request->u.get_receipts, arena);
    case FORA_MSG_GET_CREDENTIAL:
        return credential_run(job, txn, &request->u.get_credential, arena);
    case FORA_MSG_GET_DELIVERY:
        return replica_find(job, txn, &request->u.get_delivery, arena);
    case FORA_MSG_RECONCILE_REPLY:
        return replica_step(job, txn, &request->u.reconcile_reply);
    default:
        return FORA_E_UNSUPPORTED;
    }
}

int query_run(struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    struct kv_txn *txn;
    if (request->type == FORA_MSG_HELLO) {
        return hello_run(job, request, arena);
    }
    if (request->type == FORA_MSG_AUTH) {
        return auth_run(job, request, arena);
    }
    if (request->type == FORA_MSG_COMPOSE) {
        return compose_run(job, request, arena);
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc == 0) {
        rc = query_in(job, txn, request, arena);
        rc = rc == 0 ? kv_txn_error(txn) : rc;
        kv_abort(txn);
    }
    return rc;
}
