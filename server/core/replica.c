/*
 * What replication reads: batches of a set's log for followers, and the steps of reconciliation
 * (spec/09-replication.md). Pure reading; who follows whom, and when, is decided in peer.c.
 */
#include "core/query.h"

#include "core/bug.h"
#include "core/known.h"
#include "core/lacking.h"
#include "core/meta.h"
#include "fora/crypto.h"
#include "fora/negentropy.h"
#include "store/sums_source.h"

#include <stdlib.h>
#include <string.h>

enum {
    BATCH_OBJECTS_MAX = 512,
    BATCH_BYTES_MAX = 256 * 1024,
    RECONCILE_FRAME = FORA_NEG_FRAME_USUAL,
    RECONCILE_GIVES_WAY = 16 * 1024, /* what is behind it has its turn in the next round */
    SAMPLE = 256,                    /* ids that are compared where fingerprints agree */
    DIFFERENCES_MAX = 100000         /* of one side in one step: memory stays bounded */
};

/* ---- following ---- */

struct log_read {
    struct job *job;
    struct gather *gather;
    uint64_t next;
    uint64_t looked;
    size_t max_bytes;
    uint32_t set;
};

enum { READ_FULL = 1 };

static int read_entry(void *context, uint64_t position, store_seq seq)
{
    struct log_read *read = context;
    struct stored stored;
    if (read->gather->count == BATCH_OBJECTS_MAX || read->looked == 16 * BATCH_OBJECTS_MAX) {
        return READ_FULL;
    }
    read->looked++;
    int rc = objects_read(read->gather->txn, seq, &stored);
    if (rc != 0 && rc != FORA_E_NOTFOUND) {
        return rc;
    }
    /* A peer is not sent what it brought, nor what it may not have, nor what left the set; but the
     * entry because of which an author left it is what the peer has to know. */
    const struct fora_header *header = &stored.object.header;
    bool brought = read->job->asker.is_node && stored.origin == link_tag(&read->job->asker.node);
    bool has = rc == 0 && known_has(read->job->known, &stored.object.id);
    bool send = rc == 0 && !brought && !has && !(SIM_BUG(ECHO_BROAD) && stored.origin != 0) &&
                query_may_send(read->job, read->gather->txn, &stored.object) &&
                (!fora_header_principal_scoped(header) || header->kind == FORA_KIND_IDENTITY ||
                    sets_holds(read->gather->txn, read->set, &stored.object));
    if (send) {
        if (read->gather->count > 0 &&
            read->gather->bytes + stored.object.encoded.size > read->max_bytes) {
            return READ_FULL;
        }
        rc = gather_add(read->gather, stored.object.encoded);
        if (rc != 0) {
            return rc;
        }
    }
    read->next = position + 1;
    return 0;
}

static int set_state(struct kv_txn *txn, uint32_t set, uint64_t *count, uint8_t fingerprint[16])
{
    struct fora_neg_sum sum;
    sums_total(txn, set, &sum);
    *count = sum.count;
    fora_neg_fingerprint(fingerprint, &sum);
    return kv_txn_error(txn);
}

static int read_epoch(struct kv_txn *txn, uint8_t epoch[8])
{
    struct fora_bytes value;
    if (!meta_get(txn, "epoch", &value) || value.size != 8) {
        return FORA_E_CORRUPT;
    }
    memcpy(epoch, value.data, 8);
    return 0;
}

/* Is the asker named as a host? Asked for those only of whom it decides anything. */
static bool asker_hosts(struct job *job, struct kv_txn *txn, const struct set_info *set)
{
    struct policy_handle *policy = NULL;
    bool hosts = job->asker.limited && policies_get(job->env->policies, txn, set, &policy) == 0 &&
                 fora_policy_hosted_by(policy_of(policy), &job->asker.node);
    policies_release(job->env->policies, policy);
    return hosts;
}

/* Comparing is cheaper then than reading the log from its beginning (REP-4). */
static bool has_nearly_all(struct kv_txn *txn, const struct set_info *set, uint64_t held)
{
    struct fora_neg_sum sum;
    sums_total(txn, set->number, &sum);
    return held > 0 && held >= sum.count - sum.count / 8;
}

int replica_read(struct job *job, struct kv_txn *txn, const struct fora_msg_follow *request,
    struct fora_arena *arena)
{
    struct set_info set;
    struct gather gather;
    uint8_t epoch[8], fingerprint[16];
    struct fora_message answer = {.type = FORA_MSG_FOLLOW_BATCH};
    struct fora_msg_follow_batch *batch = &answer.u.follow_batch;
    if (request->audience != FORA_AUDIENCE_PUBLIC) {
        return FORA_E_AUDIENCE;
    }
    if (!sets_find(txn, &request->space, request->audience, &set)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    int rc = read_epoch(txn, epoch);
    /* Positions of another epoch mean nothing: the store was rebuilt or restored, so begin at the
     * beginning. */
    bool same = request->epoch.size == 0 || fora_bytes_equal(request->epoch, fora_bytes(epoch, 8));
    uint64_t from = same && request->position <= set.head ? request->position : 0;
    if (from == 0 && rc == 0 && has_nearly_all(txn, &set, request->held)) {
        from = set.head;
    }
    size_t most = job_answer_room(job, BATCH_BYTES_MAX);
    size_t max = job->max_bytes == 0 || job->max_bytes > most ? most : job->max_bytes;
    gather_init(&gather, txn, arena);
    struct log_read read = {
        .job = job, .gather = &gather, .next = from, .max_bytes = max, .set = set.number};
    if (rc == 0) {
        rc = setlog_each(txn, set.number, from, read_entry, &read);
        rc = rc == READ_FULL ? 0 : rc;
    }
    batch->epoch = fora_bytes(epoch, 8);
    batch->objects = gather.objects;
    batch->objects_count = gather.count;
    batch->next = read.next;
    batch->head = set.head;
    batch->caught_up = read.next >= set.head;
    if (rc == 0 && batch->caught_up) {
        rc = set_state(txn, set.number, &batch->count, fingerprint);
        batch->fingerprint = fora_bytes(fingerprint, 16);
    }
    job->position = read.next;
    job->head = set.head;
    job->set_number = set.number;
    job->hosts = asker_hosts(job, txn, &set);
    rc = rc == 0 ? job_answer(job, &answer) : rc;
    gather_fini(&gather);
    return rc;
}

/* ---- reconciling ---- */

static struct fora_neg_limits limits_of(const struct job *job)
{
    uint32_t most = job->gives_way ? RECONCILE_GIVES_WAY : RECONCILE_FRAME;
    uint32_t asked = job->asker.reconcile_max;
    return (struct fora_neg_limits){.lean = true,
        .frame_max = asked > 0 && asked < most ? asked : most,
        .key = job->keyed ? job->key : NULL};
}

static int answer_reconcile(
    struct job *job, const struct set_info *set, const struct fora_buf *message)
{
    struct fora_message answer = {.type = FORA_MSG_RECONCILE};
    answer.u.reconcile.space = set->space;
    answer.u.reconcile.audience = set->audience;
    answer.u.reconcile.message = fora_buf_bytes(message);
    return job_answer(job, &answer);
}

/* What is held without content though nothing erases it: to be fetched like what is not held. */
static int list_lacking(struct job *job, struct kv_txn *txn, uint32_t set)
{
    job->need = malloc(LACKING_MAX * sizeof *job->need);
    return job->need != NULL ? lacking_list(txn, set, job->now, job->need, &job->need_count)
                             : FORA_E_NOMEM;
}

/* Where a sample begins: anywhere, so that the last items come into one as often as others. */
static uint64_t sample_from(uint64_t count)
{
    uint64_t chance;
    fora_random(&chance, sizeof chance);
    return chance % count;
}

int replica_compare(
    struct job *job, struct kv_txn *txn, const struct fora_msg_follow_batch *request)
{
    struct set_info set;
    uint64_t count = 0;
    uint8_t fingerprint[16];
    struct fora_buf message = {0};
    if (!sets_get(txn, job->set_number, &set)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    if (job->lacking) {
        return list_lacking(job, txn, set.number);
    }
    int rc = set_state(txn, set.number, &count, fingerprint);
    bool equal = count == request->count &&
                 fora_bytes_equal(fora_bytes(fingerprint, 16), request->fingerprint);
    if (rc != 0 || (equal && count == 0)) {
        return rc;
    }
    struct sums_source context = {.txn = txn, .set = set.number};
    struct fora_neg_source source = sums_neg_source(&context);
    struct fora_neg_limits limits = limits_of(job);
    rc = equal ? fora_neg_sample(&source, &limits, sample_from(count), SAMPLE, &message)
               : fora_neg_start(&source, &limits, &message);
    sums_source_end(&context);
    rc = rc == 0 ? answer_reconcile(job, &set, &message) : rc;
    fora_buf_fini(&message);
    return rc;
}

int replica_answer(struct job *job, struct kv_txn *txn, const struct fora_msg_reconcile *request)
{
    struct set_info set;
    struct fora_buf message = {0};
    struct fora_message answer = {.type = FORA_MSG_RECONCILE_REPLY};
    if (request->message.size > RECONCILE_FRAME) {
        return FORA_E_TOO_LARGE; /* SES-19: what this side takes */
    }
    if (request->audience != FORA_AUDIENCE_PUBLIC) {
        return FORA_E_AUDIENCE;
    }
    if (!sets_find(txn, &request->space, request->audience, &set)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    struct sums_source context = {.txn = txn, .set = set.number};
    struct fora_neg_source source = sums_neg_source(&context);
    struct fora_neg_limits limits = limits_of(job);
    int rc = fora_neg_reply(&source, &limits, request->message, NULL, &message);
    sums_source_end(&context);
    if (rc == 0) {
        answer.u.reconcile_reply.message = fora_buf_bytes(&message);
        rc = job_answer(job, &answer);
    }
    fora_buf_fini(&message);
    return rc;
}

struct differences {
    struct job *job;
    struct kv_txn *txn;
};

static int add_id(struct fora_object_id **list, size_t *count, const uint8_t id[FORA_ID_SIZE])
{
    if (*count == DIFFERENCES_MAX) {
        return 0; /* the next reconciliation finds the rest */
    }
    if ((*count & (*count + 1)) == 0 || *list == NULL) {
        /* Grows at 0, 1, 3, 7, ... */
        struct fora_object_id *grown = realloc(*list, (2 * (*count + 1)) * sizeof **list);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        *list = grown;
    }
    memcpy((*list)[(*count)++].b, id, FORA_ID_SIZE);
    return 0;
}

static int report_have(void *context, const uint8_t id[FORA_ID_SIZE])
{
    struct differences *differences = context;
    return add_id(&differences->job->have, &differences->job->have_count, id);
}

static int report_need(void *context, const uint8_t id[FORA_ID_SIZE])
{
    struct differences *differences = context;
    struct store_key key;
    key_id(&key, id);
    if (SIM_BUG(NEED_IGNORED) || kv_get(differences->txn, T_REFUSED, store_key_bytes(&key), NULL)) {
        return 0; /* refused before: neither fetched again nor counted as missing (REP-10) */
    }
    return add_id(&differences->job->need, &differences->job->need_count, id);
}

int replica_step(
    struct job *job, struct kv_txn *txn, const struct fora_msg_reconcile_reply *request)
{
    struct set_info set;
    struct fora_buf message = {0};
    struct differences differences = {job, txn};
    struct fora_neg_report report = {&differences, report_have, report_need};
    if (!sets_get(txn, job->set_number, &set)) {
        return FORA_E_UNKNOWN_SPACE;
    }
    struct sums_source context = {.txn = txn, .set = set.number};
    struct fora_neg_source source = sums_neg_source(&context);
    struct fora_neg_limits limits = limits_of(job);
    int rc = fora_neg_reply(&source, &limits, request->message, &report, &message);
    sums_source_end(&context);
    if (rc == 0 && message.size > 0) {
        rc = answer_reconcile(job, &set, &message);
    }
    fora_buf_fini(&message);
    return rc;
}
