/* Who asks: proofs of keys, accounts, admins. */
#include "core/requests.h"

#include "core/meta.h"

#include <string.h>

int asker_account(struct kv_txn *txn, const struct asker *asker, struct account *out)
{
    memset(out, 0, sizeof *out);
    if (!asker->is_member) {
        return FORA_E_AUTH;
    }
    if (!accounts_of(txn, &asker->member, out)) {
        return kv_txn_error(txn) != 0 ? kv_txn_error(txn) : FORA_E_FORBIDDEN;
    }
    return out->disabled ? FORA_E_AUTH : 0;
}

int asker_admin(struct kv_txn *txn, const struct asker *asker)
{
    struct account account;
    if (asker->conn == 0) {
        return 0;
    }
    int rc = asker_account(txn, asker, &account);
    if (rc != 0 && rc != FORA_E_FORBIDDEN) {
        return rc;
    }
    /* An admin who holds her keys herself needs no account. */
    return meta_is_admin(txn, &asker->member) ? 0 : FORA_E_FORBIDDEN;
}

static bool has_entries(const struct fora_identity *identity)
{
    return fora_identity_type(identity) != FORA_PRINCIPAL_UNSPECIFIED;
}

int identity_add_encoded(
    struct fora_identity *identity, const struct fora_bytes *entries, size_t count)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct fora_object object;
        rc = fora_object_decode(&object, entries[i]);
        if (rc == 0) {
            /* Shape before signature. An empty log takes a create entry only. */
            rc = fora_identity_check(has_entries(identity) ? identity : NULL, &object);
        }
        if (rc == 0) {
            rc = fora_object_verify(&object);
        }
        if (rc == 0) {
            rc = fora_identity_add(identity, &object);
        }
    }
    return rc;
}

/* The log as it is stored, with what the member brings. */
static int log_of(struct kv_txn *txn, const struct fora_msg_auth *auth, struct fora_identity **out)
{
    int rc = identity_load(txn, &auth->principal, out);
    if (rc == FORA_E_NOTFOUND) {
        rc = fora_identity_new(out);
    }
    if (rc == 0) {
        rc = identity_add_encoded(*out, auth->identity, auth->identity_count);
    }
    return rc;
}

static int check_device(struct kv_txn *txn, const struct fora_msg_auth *auth, uint64_t now)
{
    struct fora_identity *identity = NULL;
    int rc = log_of(txn, auth, &identity);
    if (rc == 0 && (fora_identity_type(identity) != FORA_PRINCIPAL_MEMBER ||
                       memcmp(fora_identity_principal(identity)->b, auth->principal.b,
                           sizeof auth->principal.b) != 0)) {
        rc = FORA_E_AUTH;
    }
    if (rc == 0) {
        rc = fora_identity_check_key(identity, &auth->key, now);
    }
    if (rc == 0) { /* a revocation may be dated some minutes ahead (LIM-4) */
        rc = fora_identity_check_key(identity, &auth->key, UINT64_MAX);
    }
    fora_identity_free(identity);
    return rc;
}

/* *device: it is a key of her log, and not one of a login. */
static int check_key(struct kv_txn *txn, const struct fora_msg_auth *auth, uint64_t now,
    const struct account *account, bool *device)
{
    bool has_account = account->handle[0] != '\0';
    *device = false;
    if (has_account && account->disabled) {
        return FORA_E_AUTH;
    }
    if (has_account && logins_valid(txn, &auth->key, &auth->principal, now)) {
        return 0;
    }
    *device = true;
    int rc = check_device(txn, auth, now);
    return rc == 0 || rc == FORA_E_NOMEM ? rc : FORA_E_AUTH;
}

static int auth_in(struct job *job, struct kv_txn *txn, const struct fora_message *request,
    struct fora_arena *arena)
{
    const struct fora_msg_auth *auth = &request->u.auth;
    struct account account;
    bool device;
    (void)accounts_of(txn, &auth->principal, &account); /* none: zeros */
    int rc = check_key(txn, auth, job->now, &account, &device);
    if (kv_txn_error(txn) != 0) {
        rc = kv_txn_error(txn);
    }
    if (rc == 0 && device) {
        rc = proof_keep(job, txn, request, arena);
    }
    if (rc != 0) {
        return rc;
    }
    struct job_login login = {.set = true, .asker = job->asker};
    login.asker.is_member = true;
    login.asker.member = auth->principal;
    login.asker.by_key = device;
    login.asker.key = auth->key;
    login.asker.has_account = account.handle[0] != '\0';
    login.asker.custodial = account.label_size != 0;
    login.asker.is_admin = meta_is_admin(txn, &auth->principal);
    struct fora_message answer = {.type = FORA_MSG_AUTH_OK};
    answer.u.auth_ok.principal = auth->principal;
    answer.u.auth_ok.name = fora_bytes_str(account.name);
    answer.u.auth_ok.admin = login.asker.is_admin;
    answer.u.auth_ok.custodial = login.asker.custodial;
    if (rc == 0 && !job->again) {
        rc = job_answer(job, &answer);
    }
    if (rc == 0) {
        job->login = login;
    }
    return rc;
}

int auth_run(struct job *job, const struct fora_message *request, struct fora_arena *arena)
{
    const struct fora_msg_auth *auth = &request->u.auth;
    struct kv_txn *txn;
    if (job->asker.is_node) {
        return FORA_E_STATE;
    }
    /* Before the store is asked: without the key nobody learns who is known here. */
    if (fora_verify(&auth->signature, &auth->key, FORA_DOMAIN_SIGN_AUTH,
            fora_bytes(job->asker.channel, sizeof job->asker.channel)) != 0) {
        return FORA_E_AUTH;
    }
    int rc = kv_begin_read(job->env->kv, &txn);
    if (rc == 0) {
        rc = auth_in(job, txn, request, arena);
        kv_abort(txn);
    }
    return rc;
}
