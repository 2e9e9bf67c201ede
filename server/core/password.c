/*
 * Passwords: the costly step (Argon2id, 80 ms and 64 MiB) away from the writer.
 *
 * What would be refused anyway is refused before it is paid for, from a read transaction that ends
 * before the hashing begins; the writer looks again. A login to a handle that does not exist costs
 * as much as one that does, so that time does not tell the two apart.
 */
#include "core/requests.h"

#include <stdlib.h>
#include <string.h>

static int check_new_handle(struct kv_txn *txn, struct fora_bytes handle)
{
    struct account account;
    if (!handle_valid(handle)) {
        return FORA_E_MALFORMED;
    }
    if (accounts_find(txn, handle, &account)) {
        return FORA_E_NAME_TAKEN;
    }
    return kv_txn_error(txn);
}

/* ---- sign up ---- */

/* Who brings her own identity has proven it on this connection, so that nobody takes a name for
 * somebody else. */
static int check_own_identity(const struct job *job, const struct fora_msg_sign_up *sign_up)
{
    struct fora_identity *identity;
    if (!job->asker.is_member) {
        return FORA_E_AUTH;
    }
    int rc = fora_identity_new(&identity);
    if (rc != 0) {
        return rc;
    }
    rc = identity_add_encoded(identity, sign_up->identity, sign_up->identity_count);
    if (rc == 0 && (fora_identity_type(identity) != FORA_PRINCIPAL_MEMBER ||
                       memcmp(fora_identity_principal(identity)->b, job->asker.member.b,
                           sizeof job->asker.member.b) != 0 ||
                       memcmp(fora_identity_home(identity)->b, job->env->self.b,
                           sizeof job->env->self.b) != 0)) {
        rc = FORA_E_IDENTITY;
    }
    fora_identity_free(identity);
    return rc;
}

static int sign_up_password(
    struct job *job, const struct fora_msg_sign_up *sign_up, struct job_write_state *state)
{
    bool custodial = sign_up->identity_count == 0;
    struct kv_txn *txn;
    if ((custodial || sign_up->password.size != 0) && !password_valid(sign_up->password)) {
        return FORA_E_MALFORMED;
    }
    if (!job->env->registration_open && job->asker.conn != 0) {
        return FORA_E_CLOSED_REGISTRATION;
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc == 0) {
        rc = check_new_handle(txn, sign_up->handle);
        kv_abort(txn);
    }
    if (rc == 0 && !custodial) {
        rc = check_own_identity(job, sign_up);
    }
    if (rc == 0 && sign_up->password.size != 0) {
        rc = fora_password_hash(state->hash, sign_up->password);
    }
    return rc;
}

/* ---- log in ---- */

static int login_password(
    struct job *job, const struct fora_msg_login *login, struct job_write_state *state)
{
    struct account account;
    struct kv_txn *txn;
    if (!password_valid(login->password)) {
        return FORA_E_AUTH;
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    bool known = accounts_find(txn, login->handle, &account) && !account.disabled &&
                 account.password[0] != '\0';
    rc = kv_txn_error(txn);
    kv_abort(txn);
    if (rc == 0 && known) {
        rc = fora_password_verify(account.password, login->password);
        memcpy(state->hash, account.password, sizeof state->hash);
    } else if (rc == 0) {
        rc = fora_password_hash(state->hash, login->password);
        rc = rc == 0 ? FORA_E_AUTH : rc;
    }
    fora_wipe(&account, sizeof account);
    return rc;
}

/* ---- claim ---- */

static int claim_password(
    struct job *job, const struct fora_msg_claim *claim, struct job_write_state *state)
{
    struct kv_txn *txn;
    if (!password_valid(claim->password)) {
        return FORA_E_MALFORMED;
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc == 0) {
        rc = asker_admin(txn, &job->asker);
        rc = rc == 0 ? check_new_handle(txn, claim->handle) : rc;
        kv_abort(txn);
    }
    return rc == 0 ? fora_password_hash(state->hash, claim->password) : rc;
}

/* ---- take out ---- */

/* Whoever holds a session key alone does not get the root: the password is asked for once more. */
static int take_out_password(
    struct job *job, const struct fora_msg_take_out *take_out, struct job_write_state *state)
{
    struct account account = {0};
    struct kv_txn *txn;
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = asker_account(txn, &job->asker, &account);
    rc = rc == 0 ? kv_txn_error(txn) : rc;
    kv_abort(txn);
    if (rc == 0 && (account.label_size == 0 || account.password[0] == '\0' ||
                       !password_valid(take_out->password))) {
        rc = FORA_E_AUTH;
    }
    if (rc == 0) {
        rc = fora_password_verify(account.password, take_out->password);
        memcpy(state->hash, account.password, sizeof state->hash);
    }
    fora_wipe(&account, sizeof account);
    return rc;
}

int password_run(struct job *job, const struct fora_message *request)
{
    int rc = FORA_E_UNSUPPORTED;
    struct job_write_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return FORA_E_NOMEM;
    }
    state->request = request->type;
    if (request->type == FORA_MSG_SIGN_UP) {
        rc = sign_up_password(job, &request->u.sign_up, state);
    } else if (request->type == FORA_MSG_LOGIN) {
        rc = login_password(job, &request->u.login, state);
    } else if (request->type == FORA_MSG_CLAIM) {
        rc = claim_password(job, &request->u.claim, state);
    } else if (request->type == FORA_MSG_TAKE_OUT) {
        rc = take_out_password(job, &request->u.take_out, state);
    }
    if (rc != 0) {
        fora_wipe(state, sizeof *state);
        free(state);
        return rc;
    }
    free(job->state);
    job->state = state;
    return 0;
}
