#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include "core/meta.h"

#include <stdlib.h>
#include <string.h>

static const char good[] = "correct horse";

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig_start(rig, store_rig_mem());
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_stop(*state);
    free(*state);
    return 0;
}

static struct fora_key public_key(const struct fora_secret *secret)
{
    struct fora_key key;
    fora_secret_public(secret, &key);
    return key;
}

static struct account account_of(struct rig *rig, const struct fora_principal_id *principal)
{
    struct account account;
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_true(accounts_of(txn, principal, &account));
    kv_abort(txn);
    return account;
}

static void account_store(struct rig *rig, const struct account *account)
{
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    accounts_put(txn, account);
    store_rig_commit(txn);
}

static uint64_t members(struct rig *rig)
{
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    uint64_t count = accounts_count(txn);
    kv_abort(txn);
    return count;
}

/* ---- sign up ---- */

static void sign_up_makes_identity_profile_and_account(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_guest(rig), again = rig_guest(rig);
    struct fora_secret *session = fx_secret(77, "session");
    struct fora_key key = public_key(session);
    struct fora_identity *identity;
    size_t count;
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, &key), 0);
    assert_int_equal(rig->answer.type, FORA_MSG_AUTH_OK);
    assert_true(rig->answer.u.auth_ok.custodial);
    assert_false(rig->answer.u.auth_ok.admin);
    assert_true(fora_bytes_equal(rig->answer.u.auth_ok.name, fora_bytes_str("ann")));
    assert_memory_equal(&rig->answer.u.auth_ok.principal, &ann.member, sizeof ann.member);
    assert_true(ann.is_member && ann.custodial && !ann.is_admin);
    assert_int_equal(rig->result.stored, 2);
    assert_int_equal(members(rig), 1);

    struct account account = account_of(rig, &ann.member);
    assert_string_equal(account.handle, "ann");
    assert_string_equal(account.name, "ann");
    assert_int_equal(account.created_at, rig->now);
    assert_int_equal(account.label_size, CUSTODY_LABEL_RANDOM);
    assert_null(strstr(account.password, good));
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_int_equal(identity_load(txn, &ann.member, &identity), 0);
    kv_abort(txn);
    assert_memory_equal(fora_identity_home(identity), &rig->env.self, sizeof rig->env.self);
    assert_true(fora_identity_keys(identity, &count)->custodial);
    fora_identity_free(identity);
    /* The session key may act for her from now on. */
    assert_int_equal(rig_auth(rig, &again, &ann.member, session, NULL, 0), 0);
    assert_true(again.is_member && again.custodial);
    fora_secret_free(session);
}

static void two_who_sign_up_are_two(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_member(rig, "ann"), bob = rig_member(rig, "bob");
    assert_memory_not_equal(&ann.member, &bob.member, sizeof ann.member);
    assert_int_equal(members(rig), 2);
}

static void names_have_a_shape_and_one_owner(void **state)
{
    struct rig *rig = *state;
    static const char *const bad[] = {
        "", "a", "Ann", "an n", ".ann", "-ann", "_ann", "ann/", "ann@x", "\xc3\xa4nn", "ann\n"};
    static const char *const fine[] = {"an", "0a", "a.b-c_d", "01234567890123456789012345678901"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(handle_valid(fora_bytes_str(bad[i])));
    }
    assert_false(handle_valid(fora_bytes_str("012345678901234567890123456789012")));
    assert_false(handle_valid(fora_bytes("an\0n", 4)));
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        assert_true(handle_valid(fora_bytes_str(fine[i])));
    }
    struct asker ann = rig_guest(rig);
    assert_int_equal(rig_sign_up(rig, &ann, "Ann", good, NULL), FORA_E_MALFORMED);
    assert_int_equal(rig_sign_up(rig, &ann, "ann", "too short", NULL), FORA_E_MALFORMED);
    assert_int_equal(rig_sign_up(rig, &ann, "ann", "", NULL), FORA_E_MALFORMED);
    assert_false(ann.is_member);
    (void)rig_member(rig, "ann");
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, NULL), FORA_E_NAME_TAKEN);
    /* Also when it was taken while the password was being hashed. */
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_SIGN_UP;
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, NULL), FORA_E_NAME_TAKEN);
    assert_int_equal(members(rig), 1);
}

static void closed_registration_is_closed_but_to_the_node_itself(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_guest(rig), self = {0};
    rig->env.registration_open = false;
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, NULL), FORA_E_CLOSED_REGISTRATION);
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_SIGN_UP;
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, NULL), FORA_E_CLOSED_REGISTRATION);
    assert_int_equal(members(rig), 0);
    assert_int_equal(rig_sign_up(rig, &self, "root", good, NULL), 0);
    assert_int_equal(members(rig), 1);
}

static int sign_up_own(struct rig *rig, struct asker *asker, const char *handle,
    const char *password, const struct fora_object *const *log, size_t count)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_SIGN_UP};
    struct fora_bytes entries[4];
    for (size_t i = 0; i < count; i++) {
        entries[i] = log[i]->encoded;
    }
    message.u.sign_up.handle = fora_bytes_str(handle);
    message.u.sign_up.password = fora_bytes_str(password);
    message.u.sign_up.name = fora_bytes_str("Someone");
    message.u.sign_up.identity = entries;
    message.u.sign_up.identity_count = count;
    return rig_ask(rig, asker, &message);
}

/* An entry by the root key that makes `home` the home. */
static const struct fora_object *moves_to(
    struct rig *rig, struct fx_who *who, const struct fora_principal_id *home, uint64_t at)
{
    struct fora_home_change change = {.home = *home};
    struct fora_identity_entry entry = {.home = &change};
    struct fora_buf encoded = {0};
    assert_int_equal(fora_identity_build_next(&encoded, who->log, &entry, at, who->root), 0);
    const struct fora_object *object = fx_decode(&rig->fx, fora_buf_bytes(&encoded));
    assert_int_equal(fora_identity_add(who->log, object), 0);
    fora_buf_fini(&encoded);
    return object;
}

static void who_brings_her_own_identity_proves_it_first(void **state)
{
    struct rig *rig = *state;
    struct fx_who *eve = fx_member(&rig->fx, 50, 1000), *mia = fx_member(&rig->fx, 51, 1000);
    const struct fora_bytes brings = eve->create->encoded;
    const struct fora_object *log[] = {eve->create, NULL};
    struct asker asker = rig_guest(rig), other = rig_guest(rig);
    /* Not proven; proven, but at home nowhere; somebody else's. */
    assert_int_equal(sign_up_own(rig, &asker, "eve", "", log, 1), FORA_E_AUTH);
    assert_int_equal(rig_auth(rig, &asker, &eve->id, eve->device, &brings, 1), 0);
    assert_false(rig->answer.u.auth_ok.custodial);
    assert_int_equal(sign_up_own(rig, &asker, "eve", "", log, 1), FORA_E_IDENTITY);
    log[1] = moves_to(rig, eve, &rig->env.self, 2000);
    const struct fora_bytes mias = mia->create->encoded;
    assert_int_equal(rig_auth(rig, &other, &mia->id, mia->device, &mias, 1), 0);
    assert_int_equal(sign_up_own(rig, &other, "eve", "", log, 2), FORA_E_IDENTITY);
    assert_int_equal(members(rig), 0);
    assert_false(rig_holds(rig, (const struct fora_object_id *)&eve->id));

    assert_int_equal(sign_up_own(rig, &asker, "eve", "", log, 2), 0);
    assert_false(rig->answer.u.auth_ok.custodial);
    assert_true(fora_bytes_equal(rig->answer.u.auth_ok.name, fora_bytes_str("Someone")));
    assert_true(rig_holds(rig, &log[1]->id));
    assert_int_equal(account_of(rig, &eve->id).label_size, 0);
    /* One account for one person; and without a password none opens it. */
    assert_int_equal(sign_up_own(rig, &asker, "eve2", "", log, 2), FORA_E_REFUSED);
    assert_int_equal(rig_login(rig, &other, "eve", good, NULL), FORA_E_AUTH);
    assert_int_equal(members(rig), 1);
}

static void an_old_log_does_not_bring_a_home_back(void **state)
{
    struct rig *rig = *state;
    struct fx_who *eve = fx_member(&rig->fx, 50, 1000);
    const struct fora_principal_id elsewhere = {{42}};
    const struct fora_object *log[] = {eve->create, moves_to(rig, eve, &rig->env.self, 2000)};
    const struct fora_object *later = moves_to(rig, eve, &elsewhere, 3000);
    struct asker asker = rig_guest(rig);
    assert_int_equal(rig_store(rig, log[0]), 0);
    assert_int_equal(rig_store(rig, log[1]), 0);
    assert_int_equal(rig_store(rig, later), 0);
    assert_int_equal(rig_auth(rig, &asker, &eve->id, eve->device, NULL, 0), 0);
    assert_int_equal(sign_up_own(rig, &asker, "eve", "", log, 2), FORA_E_IDENTITY);
    assert_int_equal(members(rig), 0);
}

/* ---- log in ---- */

static void the_right_password_and_no_other(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_guest(rig), other = rig_guest(rig), self = {0};
    assert_int_equal(rig_sign_up(rig, &self, "ann", good, NULL), 0);
    assert_int_equal(rig_login(rig, &other, "ann", "incorrect horse", NULL), FORA_E_AUTH);
    assert_int_equal(rig_login(rig, &other, "ann", "short", NULL), FORA_E_AUTH);
    assert_int_equal(rig_login(rig, &other, "anna", good, NULL), FORA_E_AUTH);
    assert_int_equal(rig_login(rig, &other, "A/", good, NULL), FORA_E_AUTH);
    assert_false(other.is_member);
    assert_int_equal(rig_login(rig, &ann, "ann", good, NULL), 0);
    assert_true(ann.is_member && ann.custodial);

    /* Another password since it was verified. */
    struct account account = account_of(rig, &ann.member);
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_LOGIN;
    memcpy(rig->state->hash, account.password, sizeof account.password);
    account.password[20] ^= 1;
    account_store(rig, &account);
    assert_int_equal(rig_login(rig, &other, "ann", good, NULL), FORA_E_AUTH);
    account.password[20] ^= 1;
    account.disabled = true;
    account_store(rig, &account);
    assert_int_equal(rig_login(rig, &other, "ann", good, NULL), FORA_E_AUTH);
    assert_false(other.is_member);
    account.disabled = false;
    account_store(rig, &account);
    assert_int_equal(rig_login(rig, &other, "ann", good, NULL), 0);
    assert_int_equal(members(rig), 1);
}

/* What one request was hashed for opens no other. */
static void a_state_of_another_request_is_none(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_member(rig, "ann"), other = rig_guest(rig);
    struct account account = account_of(rig, &ann.member);
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_SIGN_UP;
    memcpy(rig->state->hash, account.password, sizeof account.password);
    assert_int_equal(rig_login(rig, &other, "ann", good, NULL), FORA_E_AUTH);
}

/* Registers a session key without paying for Argon2id. */
static int session(struct rig *rig, const struct asker *asker, const struct fora_secret *secret)
{
    struct account account = account_of(rig, &asker->member);
    struct asker fresh = rig_guest(rig);
    struct fora_key key = public_key(secret);
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_LOGIN;
    memcpy(rig->state->hash, account.password, sizeof account.password);
    return rig_login(rig, &fresh, account.handle, good, &key);
}

static void a_session_key_speaks_for_thirty_days(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_member(rig, "ann"), bob = rig_member(rig, "bob"), again = rig_guest(rig);
    struct fora_secret *key = fx_secret(1, "session");
    assert_int_equal(session(rig, &ann, key), 0);
    rig->now += LOGIN_LIFETIME_MS - 1;
    assert_int_equal(rig_auth(rig, &again, &ann.member, key, NULL, 0), 0);
    assert_int_equal(rig_auth(rig, &again, &bob.member, key, NULL, 0), FORA_E_AUTH);
    assert_int_equal(session(rig, &bob, key), FORA_E_KEY);
    rig->now += 1;
    assert_int_equal(rig_auth(rig, &again, &ann.member, key, NULL, 0), FORA_E_AUTH);
    /* Logging in with it again starts anew. */
    assert_int_equal(session(rig, &ann, key), 0);
    assert_int_equal(rig_auth(rig, &again, &ann.member, key, NULL, 0), 0);
    fora_secret_free(key);
}

static void a_member_has_a_bounded_number_of_sessions(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_member(rig, "ann"), again = rig_guest(rig);
    struct fora_secret *keys[LOGINS_MAX + 1];
    for (unsigned i = 0; i <= LOGINS_MAX; i++) {
        keys[i] = fx_secret(i, "session");
        rig->now++;
        assert_int_equal(session(rig, &ann, keys[i]), 0);
    }
    assert_int_equal(rig_auth(rig, &again, &ann.member, keys[0], NULL, 0), FORA_E_AUTH);
    for (unsigned i = 1; i <= LOGINS_MAX; i++) {
        assert_int_equal(rig_auth(rig, &again, &ann.member, keys[i], NULL, 0), 0);
    }
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    assert_int_equal(kv_count(txn, T_LOGINS), 2 * LOGINS_MAX);
    logins_end(txn, &ann.member);
    assert_int_equal(kv_count(txn, T_LOGINS), 0);
    store_rig_commit(txn);
    for (unsigned i = 0; i <= LOGINS_MAX; i++) {
        assert_int_equal(rig_auth(rig, &again, &ann.member, keys[i], NULL, 0), FORA_E_AUTH);
        fora_secret_free(keys[i]);
    }
}

/* ---- auth ---- */

static void a_device_key_proves_its_member_on_this_connection_only(void **state)
{
    struct rig *rig = *state;
    struct fx_who *vera = rig->vera, *mia = fx_member(&rig->fx, 51, 1000);
    struct asker asker = rig_guest(rig), other = rig_guest(rig);
    struct fora_message message = {.request = 7, .type = FORA_MSG_AUTH};
    assert_int_equal(rig_auth(rig, &asker, &vera->id, vera->device, NULL, 0), 0);
    assert_true(asker.is_member && !asker.custodial && !asker.is_admin);
    /* The signature of another connection. */
    message.u.auth.principal = vera->id;
    message.u.auth.key = public_key(vera->device);
    fora_sign(&message.u.auth.signature, vera->device, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(asker.channel, sizeof asker.channel));
    assert_int_equal(rig_ask(rig, &other, &message), FORA_E_AUTH);
    /* The root is not for this, another's key neither, an unknown member not without her log. */
    assert_int_equal(rig_auth(rig, &other, &vera->id, vera->root, NULL, 0), FORA_E_AUTH);
    assert_int_equal(rig_auth(rig, &other, &vera->id, mia->device, NULL, 0), FORA_E_AUTH);
    assert_int_equal(rig_auth(rig, &other, &mia->id, mia->device, NULL, 0), FORA_E_AUTH);
    const struct fora_bytes veras = vera->create->encoded, mias = mia->create->encoded;
    assert_int_equal(rig_auth(rig, &other, &mia->id, mia->device, &veras, 1), FORA_E_AUTH);
    /* Nor does a key speak for another because her own log comes with it. */
    assert_int_equal(rig_auth(rig, &other, &vera->id, mia->device, &mias, 1), FORA_E_AUTH);
    /* A node is no member, and a peer does not become one. */
    assert_int_equal(
        rig_auth(rig, &other, &rig->node->id, rig->node->device, NULL, 0), FORA_E_AUTH);
    assert_false(other.is_member);
    assert_int_equal(rig_auth(rig, &other, &mia->id, mia->device, &mias, 1), 0);
    other.is_node = true;
    assert_int_equal(rig_auth(rig, &other, &mia->id, mia->device, &mias, 1), FORA_E_STATE);
    assert_false(rig_holds(rig, (const struct fora_object_id *)&mia->id));
}

static void a_revoked_key_and_a_disabled_account_do_not_open(void **state)
{
    struct rig *rig = *state;
    struct fx_who *vera = rig->vera;
    struct asker asker = rig_guest(rig), ann = rig_member(rig, "ann");
    struct fora_key_revocation revocation = {.sign = public_key(vera->device)};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    struct fora_buf encoded = {0};
    assert_int_equal(fora_identity_build_next(&encoded, vera->log, &entry, 5000, vera->root), 0);
    const struct fora_object *revoked = fx_decode(&rig->fx, fora_buf_bytes(&encoded));
    /* By what she brings, and by what is stored. */
    assert_int_equal(
        rig_auth(rig, &asker, &vera->id, vera->device, &revoked->encoded, 1), FORA_E_AUTH);
    assert_int_equal(rig_auth(rig, &asker, &vera->id, vera->device, NULL, 0), 0);
    assert_int_equal(rig_store(rig, revoked), 0);
    assert_int_equal(rig_auth(rig, &asker, &vera->id, vera->device, NULL, 0), FORA_E_AUTH);
    fora_buf_fini(&encoded);

    struct fora_secret *key = fx_secret(1, "session");
    assert_int_equal(session(rig, &ann, key), 0);
    assert_int_equal(rig_auth(rig, &asker, &ann.member, key, NULL, 0), 0);
    struct account account = account_of(rig, &ann.member);
    account.disabled = true;
    account_store(rig, &account);
    assert_int_equal(rig_auth(rig, &asker, &ann.member, key, NULL, 0), FORA_E_AUTH);
    fora_secret_free(key);
}

static void a_forged_entry_is_no_log(void **state)
{
    struct rig *rig = *state;
    struct fx_who *mia = fx_member(&rig->fx, 51, 1000);
    struct asker asker = rig_guest(rig);
    uint8_t bytes[1024];
    size_t size = mia->create->encoded.size, refused = 0;
    assert_true(size <= sizeof bytes);
    for (size_t i = 0; i < size; i += 7) {
        memcpy(bytes, mia->create->encoded.data, size);
        bytes[i] ^= 4;
        const struct fora_bytes entry = fora_bytes(bytes, size);
        assert_int_equal(rig_auth(rig, &asker, &mia->id, mia->device, &entry, 1), FORA_E_AUTH);
        refused++;
    }
    assert_true(refused > 10);
    assert_false(asker.is_member);
}

static int note_admin(void *context, const struct fora_principal_id *principal)
{
    struct fora_principal_id *seen = context;
    *seen = *principal;
    return 1;
}

static void admins_are_who_the_list_names_now(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann"), again = rig_guest(rig);
    struct fora_secret *key = fx_secret(1, "session");
    struct fora_principal_id seen = {{0}};
    assert_int_equal(session(rig, &ann, key), 0);
    assert_true(rig->answer.u.auth_ok.admin);
    assert_int_equal(rig_auth(rig, &again, &ann.member, key, NULL, 0), 0);
    assert_true(again.is_admin && rig->answer.u.auth_ok.admin);
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    assert_int_equal(asker_admin(txn, &ann), 0);
    assert_int_equal(meta_admins_each(txn, note_admin, &seen), 1);
    assert_memory_equal(&seen, &ann.member, sizeof seen);
    meta_admin_set(txn, &ann.member, false);
    assert_int_equal(asker_admin(txn, &ann), FORA_E_FORBIDDEN);
    assert_int_equal(meta_admins_each(txn, note_admin, &seen), 0);
    store_rig_commit(txn);
    assert_int_equal(rig_auth(rig, &again, &ann.member, key, NULL, 0), 0);
    assert_false(again.is_admin || rig->answer.u.auth_ok.admin);
    fora_secret_free(key);
}

/* ---- faults ---- */

static void the_nth_write_fails_and_nobody_has_half_an_account(void **state)
{
    struct rig *rig = *state;
    struct fora_secret *secret = fx_secret(1, "session");
    struct fora_key key = public_key(secret);
    uint64_t failures = 0;
    for (uint64_t n = 1; n < 200; n++) {
        struct asker ann = rig_guest(rig);
        struct fora_hash before = rig_digest(rig->env.kv), after;
        rig->state = calloc(1, sizeof *rig->state);
        assert_non_null(rig->state);
        rig->state->request = FORA_MSG_SIGN_UP;
        kv_mem_fail_at(rig->env.kv, n, FORA_E_FULL);
        int rc = rig_sign_up(rig, &ann, "ann", good, &key);
        kv_mem_fail_at(rig->env.kv, 0, 0);
        if (rc == 0) {
            break;
        }
        after = rig_digest(rig->env.kv);
        assert_int_equal(rc, FORA_E_FULL);
        assert_false(ann.is_member);
        assert_memory_equal(&before, &after, sizeof before);
        failures++;
    }
    assert_true(failures >= 10);
    assert_int_equal(members(rig), 1);
    fora_secret_free(secret);
}

/* A name cannot be lost by a read that failed: a stored account that is damaged is an error. */
static void a_damaged_account_is_reported(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_guest(rig);
    struct store_key key;
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    key_name(&key, 'h', fora_bytes_str("ann"));
    kv_put(txn, T_ACCOUNTS, store_key_bytes(&key), fora_bytes_str("nonsense"));
    store_rig_commit(txn);
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, NULL), FORA_E_CORRUPT);
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_SIGN_UP;
    assert_int_equal(rig_sign_up(rig, &ann, "ann", good, NULL), FORA_E_CORRUPT);
    assert_int_equal(rig_login(rig, &ann, "ann", good, NULL), FORA_E_CORRUPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sign_up_makes_identity_profile_and_account),
        TEST(two_who_sign_up_are_two),
        TEST(names_have_a_shape_and_one_owner),
        TEST(closed_registration_is_closed_but_to_the_node_itself),
        TEST(who_brings_her_own_identity_proves_it_first),
        TEST(an_old_log_does_not_bring_a_home_back),
        TEST(the_right_password_and_no_other),
        TEST(a_state_of_another_request_is_none),
        TEST(a_session_key_speaks_for_thirty_days),
        TEST(a_member_has_a_bounded_number_of_sessions),
        TEST(a_device_key_proves_its_member_on_this_connection_only),
        TEST(a_revoked_key_and_a_disabled_account_do_not_open),
        TEST(a_forged_entry_is_no_log),
        TEST(admins_are_who_the_list_names_now),
        TEST(the_nth_write_fails_and_nobody_has_half_an_account),
        TEST(a_damaged_account_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
