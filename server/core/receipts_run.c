/* GetReceipts (RCP-8): receipts for whoever asks, of what she may be sent. */
#include "core/query.h"
#include "core/receipts_impl.h"

#include <string.h>

struct run {
    struct fora_arena *arena;
    struct fora_bytes *objects;
    size_t count;
};

static int keep(void *context, struct fora_bytes encoded)
{
    struct run *run = context;
    run->objects[run->count] = fora_arena_copy(run->arena, encoded);
    return run->objects[run->count++].data == NULL ? FORA_E_NOMEM : 0;
}

int receipts_run(struct job *job, struct kv_txn *txn, const struct fora_msg_get_receipts *request,
    struct fora_arena *arena)
{
    struct fora_message answer = {.type = FORA_MSG_OBJECTS};
    struct run run = {.arena = arena};
    size_t count = request->ids_count, wanted = 0;
    struct receipt_want *wants = fora_arena_zalloc(arena, count, sizeof *wants);
    struct fora_object_id *missing = fora_arena_zalloc(arena, count, sizeof *missing);
    run.objects = fora_arena_zalloc(arena, count, sizeof *run.objects);
    int rc = wants == NULL || missing == NULL || run.objects == NULL ? FORA_E_NOMEM : 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct stored stored;
        store_seq seq = objects_find(txn, request->ids[i].b);
        rc = seq != 0 ? objects_read(txn, seq, &stored) : FORA_E_NOTFOUND;
        if (rc == 0 && (!query_may_send(job, txn, &stored.object) ||
                           fora_kind_replaceable(stored.object.header.kind))) {
            rc = FORA_E_NOTFOUND;
        }
        rc = rc == 0 ? receipt_want(txn, seq, &stored.object, &wants[wanted]) : rc;
        wanted += rc == 0;
        if (rc == FORA_E_NOTFOUND) {
            missing[answer.u.objects.missing_count++] = request->ids[i];
            rc = 0;
        }
    }
    rc = rc == 0 ? receipts_make(job->env, txn, wants, wanted, keep, &run) : rc;
    answer.u.objects.objects = run.objects;
    answer.u.objects.objects_count = run.count;
    answer.u.objects.missing = missing;
    return rc == 0 ? job_answer(job, &answer) : rc;
}
