/* SignUp, Login, Claim: accounts come into being and are entered. */
#include "core/write.h"

#include "core/make.h"
#include "core/meta.h"

#include <string.h>

/* What password_run left for this request, or NULL. */
static const struct job_write_state *state_of(const struct write *write)
{
    const struct job_write_state *state = write->job->state;
    return state != NULL && state->request == write->request->type ? state : NULL;
}

static void answer_login(struct write *write, const struct account *account)
{
    struct job_login *login = &write->login;
    struct fora_msg_auth_ok *ok = &write->answer.u.auth_ok;
    login->set = true;
    login->asker = write->job->asker;
    login->asker.is_member = true;
    /* Who brings her own identity goes on by the proof that she gave before. */
    login->asker.by_key = login->asker.by_key && write->request->type == FORA_MSG_SIGN_UP &&
                          write->request->u.sign_up.identity_count != 0;
    login->asker.member = account->principal;
    login->asker.has_account = true;
    login->asker.custodial = account->label_size != 0;
    login->asker.is_admin = meta_is_admin(write->kv, &account->principal);
    write->answer.type = FORA_MSG_AUTH_OK;
    ok->principal = account->principal;
    ok->name = fora_arena_copy(write->arena, fora_bytes_str(account->name));
    ok->admin = login->asker.is_admin;
    ok->custodial = login->asker.custodial;
}

static int register_session(
    struct write *write, const struct fora_key *session, const struct account *account)
{
    if (fora_id_is_zero(session->b)) {
        return 0;
    }
    return logins_add(write->kv, session, &account->principal, write->job->now);
}

static int take_handle(struct write *write, struct fora_bytes handle, struct account *account)
{
    struct account other;
    if (!handle_valid(handle)) {
        return FORA_E_MALFORMED;
    }
    if (accounts_find(write->kv, handle, &other)) {
        return FORA_E_NAME_TAKEN;
    }
    memcpy(account->handle, handle.data, handle.size);
    account->created_at = write->job->now;
    return 0;
}

/* ---- sign up ---- */

static int make_profile(struct write *write, const struct account *account)
{
    struct commit_item item;
    struct fora_secret *device = NULL;
    struct fora_header header = {
        .kind = FORA_KIND_PROFILE, .author = account->principal, .created_at = write->job->now};
    struct fora_content content = {.kind = FORA_KIND_PROFILE};
    content.u.profile.name = fora_bytes_str(account->name);
    int rc = custody_device(&device, write->env->custody, account_label(account));
    if (rc == 0) {
        rc = write_make(write, &header, &content, device, &item);
    }
    fora_secret_free(device);
    return rc;
}

static int make_custodial(
    struct write *write, const struct fora_msg_sign_up *sign_up, struct account *account)
{
    const struct fora_hash *next_root = &sign_up->next_root_commitment;
    struct commit_item item;
    struct fora_buf encoded;
    fora_random(account->label, CUSTODY_LABEL_RANDOM);
    account->label_size = CUSTODY_LABEL_RANDOM;
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int rc = custody_identity_build(&encoded, write->env->custody, account_label(account),
        &write->env->self, fora_id_is_zero(next_root->b) ? NULL : next_root, write->job->now,
        &account->principal);
    if (rc == 0) {
        rc = write_add(write, fora_buf_bytes(&encoded), &item);
    }
    fora_buf_fini(&encoded);
    return rc == 0 ? make_profile(write, account) : rc;
}

/* The log was verified and folded by password_run; here it meets what is stored, where a later
 * entry may say that home is elsewhere by now. */
static int take_identity(
    struct write *write, const struct fora_msg_sign_up *sign_up, struct account *account)
{
    struct fora_identity *identity = NULL;
    struct account other;
    int rc = 0;
    account->principal = write->job->asker.member;
    if (accounts_of(write->kv, &account->principal, &other)) {
        return FORA_E_REFUSED;
    }
    for (size_t i = 0; i < sign_up->identity_count && rc == 0; i++) {
        struct commit_item item;
        rc = write_add(write, sign_up->identity[i], &item);
    }
    objects_flush(&write->txn.ledger.objects);
    if (rc == 0) {
        rc = identity_load(write->kv, &account->principal, &identity);
    }
    if (rc == 0 && memcmp(fora_identity_home(identity)->b, write->env->self.b,
                       sizeof write->env->self.b) != 0) {
        rc = FORA_E_IDENTITY;
    }
    fora_identity_free(identity);
    return rc;
}

int write_sign_up(struct write *write)
{
    const struct fora_msg_sign_up *sign_up = &write->request->u.sign_up;
    const struct job_write_state *state = state_of(write);
    struct account account = {0};
    bool custodial = sign_up->identity_count == 0;
    struct fora_bytes name = sign_up->name.size != 0 ? sign_up->name : sign_up->handle;
    if (state == NULL || name.size > ACCOUNT_NAME_MAX) {
        return FORA_E_MALFORMED;
    }
    if (!write->env->registration_open && write->job->asker.conn != 0) {
        return FORA_E_CLOSED_REGISTRATION;
    }
    int rc = take_handle(write, sign_up->handle, &account);
    if (rc != 0) {
        return rc;
    }
    memcpy(account.password, state->hash, sizeof account.password);
    memcpy(account.name, name.data, name.size);
    rc = custodial ? make_custodial(write, sign_up, &account)
                   : take_identity(write, sign_up, &account);
    if (rc == 0) {
        accounts_put(write->kv, &account);
        rc = register_session(write, &sign_up->session_key, &account);
    }
    if (rc == 0) {
        answer_login(write, &account);
    }
    return rc;
}

/* ---- log in ---- */

int write_login(struct write *write)
{
    const struct fora_msg_login *login = &write->request->u.login;
    const struct job_write_state *state = state_of(write);
    struct account account;
    /* The password was right for the hash of a moment ago: it has to be that of now. */
    if (state == NULL || state->hash[0] == '\0' ||
        !accounts_find(write->kv, login->handle, &account) || account.disabled ||
        strcmp(account.password, state->hash) != 0) {
        return FORA_E_AUTH;
    }
    int rc = register_session(write, &login->session_key, &account);
    if (rc == 0) {
        answer_login(write, &account);
    }
    return rc;
}

/* ---- claim ---- */

/* The log has to name the key that the node derives from the source: else it could not sign. */
static int check_custody(struct write *write, const struct account *account)
{
    struct fora_identity *identity = NULL;
    struct fora_secret *device = NULL;
    struct fora_key key;
    int rc = identity_load(write->kv, &account->principal, &identity);
    if (rc == FORA_E_NOTFOUND) {
        rc = FORA_E_ABSENT;
    }
    if (rc == 0) {
        rc = custody_device(&device, write->env->custody, account_label(account));
    }
    if (rc == 0) {
        fora_secret_public(device, &key);
        rc = fora_identity_check_key(identity, &key, write->job->now);
    }
    fora_secret_free(device);
    fora_identity_free(identity);
    return rc;
}

/* The name that the profile gives; the handle when there is none. */
static int name_from_profile(struct write *write, struct account *account)
{
    struct fora_header header = {.kind = FORA_KIND_PROFILE, .author = account->principal};
    struct fora_bytes name = fora_bytes_str(account->handle);
    struct fora_content content;
    struct stored stored;
    int rc = slot_standing(write->kv, &header, &stored);
    if (rc == 0 && stored.object.has_content) {
        rc = fora_content_decode(
            write->arena, FORA_KIND_PROFILE, stored.object.content_bytes, &content);
        name = rc == 0 ? content.u.profile.name : name;
    }
    memcpy(account->name, name.data, name.size <= ACCOUNT_NAME_MAX ? name.size : 0);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

int write_claim(struct write *write)
{
    const struct fora_msg_claim *claim = &write->request->u.claim;
    const struct job_write_state *state = state_of(write);
    struct account account = {0};
    struct account other;
    int rc = asker_admin(write->kv, &write->job->asker);
    if (rc == 0) {
        rc = state == NULL ? FORA_E_MALFORMED : take_handle(write, claim->handle, &account);
    }
    if (rc != 0) {
        return rc;
    }
    if (claim->source.size > CUSTODY_LABEL_MAX) {
        return FORA_E_ABSENT;
    }
    /* The importer's identities need no index: they are a function of the source id. */
    if (!accounts_source_find(write->kv, claim->source, &account.principal)) {
        rc = custody_imported(
            &account.principal, write->env->custody, claim->source, &write->env->self);
        if (rc != 0) {
            return rc;
        }
    }
    if (accounts_of(write->kv, &account.principal, &other)) {
        return FORA_E_REFUSED; /* claimed before */
    }
    memcpy(account.password, state->hash, sizeof account.password);
    memcpy(account.label, claim->source.data, claim->source.size);
    account.label_size = claim->source.size;
    rc = check_custody(write, &account);
    if (rc == 0) {
        rc = name_from_profile(write, &account);
    }
    if (rc == 0) {
        accounts_put(write->kv, &account);
        write->answer.type = FORA_MSG_OK;
    }
    return rc;
}
