/* TakeOut: a custodial member's keys are handed to her (ID-13). Nothing is stored: which keys speak
 * for her is for her log to say. */
#include "core/caches.h"
#include "core/write.h"

#include <string.h>

static int seed_of(struct fora_seed *out,
    int (*derive)(struct fora_secret **out, const uint8_t custody[CUSTODY_SECRET_SIZE],
        struct fora_bytes label),
    const struct write *write, const struct account *account)
{
    struct fora_secret *secret = NULL;
    int rc = derive(&secret, write->env->custody, account_label(account));
    if (rc == 0) {
        fora_secret_seed(secret, out->b);
    }
    fora_secret_free(secret);
    return rc;
}

static bool is_root(const struct fora_identity *log, const struct fora_seed *seed)
{
    struct fora_secret *secret = NULL;
    struct fora_key key = {{0}};
    bool same = false;
    if (fora_secret_from_seed(&secret, seed->b) == 0) {
        fora_secret_public(secret, &key);
        same = memcmp(key.b, fora_identity_root(log)->b, sizeof key.b) == 0;
    }
    fora_secret_free(secret);
    return same;
}

/* What the first entry of the log commits to. */
static bool committed_to(const struct fora_identity *log, const struct fora_hash *commitment)
{
    struct fora_identity_step first;
    return fora_identity_step_at(log, 0, &first) && first.entry != NULL &&
           first.entry->create != NULL &&
           memcmp(first.entry->create->next_root_commitment.b, commitment->b,
               sizeof commitment->b) == 0;
}

/* When the log has gone past the roots that the node has they are of no use to their owner; to a
 * thief of the password they are, who could hang a rotation beside hers (3.4). */
static int fit(
    const struct write *write, const struct account *account, struct fora_msg_taken_out *out)
{
    struct fora_identity *log = NULL;
    struct fora_hash made;
    int rc = identity_load(write->kv, &write->job->asker.member, &log);
    rc = rc == 0 ? custody_next_commitment(&made, write->env->custody, account_label(account)) : rc;
    bool all = rc == 0 && committed_to(log, &made);
    if (rc == 0 && !is_root(log, &out->root) && !(all && is_root(log, &out->next_root))) {
        rc = FORA_E_KEY;
    }
    if (!all) { /* she made the next root herself: what would be derived here is nobody's */
        fora_wipe(&out->next_root, sizeof out->next_root);
    }
    fora_identity_free(log);
    return rc;
}

int write_take_out(struct write *write)
{
    const struct job_write_state *state = write->job->state;
    struct fora_msg_taken_out *out = &write->answer.u.taken_out;
    struct account account;
    int rc = asker_account(write->kv, &write->job->asker, &account);
    /* The password was right for the hash of a moment ago: it has to be that of now. */
    if (rc == 0 && (state == NULL || state->request != FORA_MSG_TAKE_OUT ||
                       account.label_size == 0 || strcmp(account.password, state->hash) != 0)) {
        rc = FORA_E_AUTH;
    }
    rc = rc == 0 ? seed_of(&out->root, custody_root, write, &account) : rc;
    rc = rc == 0 ? seed_of(&out->next_root, custody_next, write, &account) : rc;
    rc = rc == 0 ? seed_of(&out->device, custody_device, write, &account) : rc;
    rc = rc == 0 ? fit(write, &account, out) : rc;
    if (rc != 0) {
        fora_wipe(out, sizeof *out);
    }
    write->answer.type = FORA_MSG_TAKEN_OUT;
    return rc;
}
