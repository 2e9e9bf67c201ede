/* TakeOut: a custodial member's keys are handed to her (ID-13). Nothing is stored: which keys speak
 * for her is for her log to say. */
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
    write->answer.type = FORA_MSG_TAKEN_OUT;
    return rc;
}
