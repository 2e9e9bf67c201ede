/* What later objects judged of earlier ones: the replay follows the order in which they came, and
 * knows less of logs and policies than is known now. */
#include "maintain/reindex_impl.h"

#include "core/effects.h"
#include "core/receipts.h"
#include "core/sweep.h"

enum { RETRACTIONS_STEP = 1000 };

struct judging {
    struct kv *kv;
    struct committer *committer;
    const struct seq_list *retractions;
    const struct maintain_progress *progress;
    uint64_t last;
};

/* Moderations are looked at by the sweep, by what they erased and answered; a flag that was
 * retracted leaves nothing to find it by. */
static int judge_retraction(struct commit_txn *txn, store_seq seq)
{
    struct stored stored;
    int rc = objects_writer_read(&txn->ledger.objects, seq, &stored);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    stored = (struct stored){.seq = seq, .object = stored.object};
    return commit_disputes(txn, &stored.object) ? effects_undo(&txn->ledger, &stored) : 0;
}

/* `at` is moved behind what was looked at. */
static int judge_retractions(struct judging *judging, size_t *at)
{
    struct commit_txn txn;
    struct commit_result result;
    int rc = commit_begin(judging->committer, &txn, UINT64_MAX, &result);
    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; i < RETRACTIONS_STEP && *at < judging->retractions->count && rc == 0; i++) {
        rc = judge_retraction(&txn, judging->retractions->seqs[(*at)++]);
    }
    rc = rc == 0 ? kv_txn_error(txn.ledger.txn) : rc;
    if (rc == 0) {
        return commit_end(&txn);
    }
    commit_cancel(&txn);
    return rc;
}

static int mark(struct kv *kv)
{
    struct kv_txn *txn;
    int rc = kv_begin_write(kv, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = receipts_settle(txn);
    rc = rc == 0 ? sweep_mark_all(txn) : rc;
    if (rc != 0) {
        kv_abort(txn);
        return rc;
    }
    return kv_commit(txn);
}

static int judge(struct judging *judging)
{
    struct commit_result result;
    bool more = true;
    size_t at = 0;
    int rc = 0;
    while (rc == 0 && at < judging->retractions->count) {
        rc = judge_retractions(judging, &at);
    }
    while (rc == 0 && more) {
        rc = sweep_step(judging->committer, SWEEP_STEP_MAX, &result, &more);
        rc = rc == 0 ? maintain_step(judging->progress, judging->last, judging->last) : rc;
    }
    return rc;
}

int reindex_judge(struct kv *kv, struct policies *policies, const struct seq_list *retractions,
    const struct maintain_progress *progress, uint64_t last)
{
    struct judging judging = {
        .kv = kv, .retractions = retractions, .progress = progress, .last = last};
    policies_clear(policies); /* of the way, when keys were not known to be stolen yet */
    int rc = mark(kv);
    rc = rc == 0 ? committer_new(&judging.committer, kv, policies) : rc;
    rc = rc == 0 ? judge(&judging) : rc;
    committer_free(judging.committer);
    policies_clear(policies);
    return rc;
}
