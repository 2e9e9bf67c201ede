/* Who is logged in, and for how long (SES-38), and how often it may be tried (SES-39). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/accounts.h"
#include "story.h"

/* ---- sessions that rest on a key ---- */

static struct fora_key public_key(const struct fora_secret *secret)
{
    struct fora_key key;
    fora_secret_public(secret, &key);
    return key;
}

static uint64_t auth_ask(
    struct guest *guest, const struct fora_principal_id *who, const struct fora_secret *secret)
{
    struct fora_message ask = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &ask.u.auth;
    auth->principal = *who;
    auth->key = public_key(secret);
    fora_sign(&auth->signature, secret, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(guest->session), 64));
    return guest_ask(guest, &ask);
}

static void auth_open(struct story *story, struct guest *guest, const struct fora_principal_id *who,
    const struct fora_secret *secret)
{
    guest_init(guest, &story->net, story->a, 0);
    guest_open(guest);
    (void)auth_ask(guest, who, secret);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
}

static const struct fora_object *entry_by(struct story *story, struct fx_who *who,
    struct fora_identity_entry entry, uint64_t at, const struct fora_secret *signer)
{
    struct fora_buf encoded = {0};
    assert_int_equal(fora_identity_build_next(&encoded, who->log, &entry, at, signer), 0);
    const struct fora_object *object = fx_decode(&story->fx, fora_buf_bytes(&encoded));
    assert_int_equal(fora_identity_add(who->log, object), 0);
    fora_buf_fini(&encoded);
    return object;
}

static const struct fora_object *adds(
    struct story *story, struct fx_who *who, const struct fora_secret *device)
{
    struct fora_device_key key = {.sign = public_key(device), .label = fora_bytes_str("phone")};
    struct fora_identity_entry entry = {.add_key = &key};
    return entry_by(story, who, entry, story->net.now, who->root);
}

static const struct fora_object *revokes(struct story *story, struct fx_who *who,
    const struct fora_secret *device, uint64_t at, const struct fora_secret *signer)
{
    struct fora_key_revocation revocation = {.sign = public_key(device)};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    return entry_by(story, who, entry, at, signer);
}

static void assert_ended(const struct guest *guest)
{
    assert_true(guest->cut);
    assert_int_equal(fora_session_error(guest->session), FORA_E_AUTH);
}

static void ses38_a_revoked_key_ends_the_sessions_that_rest_on_it(void **state)
{
    struct story story;
    struct guest thief, owner, late;
    struct fora_secret *phone = fx_secret(30, "phone");
    struct fora_message status = {.type = FORA_MSG_GET_STATUS};
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    auth_open(&story, &thief, &story.ann->id, phone);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    guest_put(&owner, &revoked, 1);
    guest_settle(&owner);
    assert_int_equal(owner.put_code, 0);
    assert_int_equal(owner.heard[FORA_MSG_PUT_RESULT], 1);
    /* What the thief sends from now on is not even looked at. */
    (void)guest_ask(&thief, &status);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_NODE_STATUS], 0);
    assert_ended(&thief);
    (void)guest_ask(&owner, &status);
    guest_settle(&owner);
    assert_int_equal(owner.heard[FORA_MSG_NODE_STATUS], 1);
    guest_init(&late, &story.net, story.a, 0);
    guest_open(&late);
    (void)auth_ask(&late, &story.ann->id, phone);
    guest_settle(&late);
    assert_int_equal(late.error, FORA_E_AUTH);
    guest_fini(&thief);
    guest_fini(&owner);
    guest_fini(&late);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_also_when_another_node_brings_it_and_dates_it_ahead(void **state)
{
    struct story story;
    struct guest thief, late;
    struct fora_secret *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    auth_open(&story, &thief, &story.ann->id, phone);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now + 300000, story.ann->root);
    net_put(&story.net, story.b, &revoked, 1);
    net_pass(&story.net, 3);
    guest_settle(&thief);
    assert_ended(&thief);
    guest_init(&late, &story.net, story.a, 0);
    guest_open(&late);
    (void)auth_ask(&late, &story.ann->id, phone);
    guest_settle(&late);
    assert_int_equal(late.error, FORA_E_AUTH);
    guest_fini(&late);
    guest_fini(&thief);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_who_revokes_her_own_key_hears_that_it_is_done(void **state)
{
    struct story story;
    struct guest phone;
    (void)state;
    story_init(&story, false);
    auth_open(&story, &phone, &story.ann->id, story.ann->device);
    const struct fora_object *revoked =
        revokes(&story, story.ann, story.ann->device, story.net.now, story.ann->device);
    guest_put(&phone, &revoked, 1);
    guest_settle(&phone);
    assert_int_equal(phone.heard[FORA_MSG_PUT_RESULT], 1);
    assert_int_equal(phone.put_code, 0);
    assert_ended(&phone);
    guest_fini(&phone);
    story_fini(&story);
}

static void job_finish(struct story *story, struct job *job)
{
    node_job_done(story->a->node, job, story->net.now);
}

static struct job *job_ran(struct story *story, enum job_type type)
{
    struct job *job = node_take_job(story->a->node, story->net.now);
    while (job != NULL && job->type != type) { /* rows and the like */
        job_run(job);
        job_finish(story, job);
        job = node_take_job(story->a->node, story->net.now);
    }
    assert_non_null(job);
    job_run(job);
    return job;
}

static void ses38_a_log_that_was_read_before_the_revocation_is_read_again(void **state)
{
    struct story story;
    struct guest thief, owner;
    struct fora_secret *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    guest_init(&thief, &story.net, story.a, 0);
    guest_open(&thief);
    (void)auth_ask(&thief, &story.ann->id, phone);
    while (guest_move(&thief)) {
    }
    struct job *login = job_ran(&story, JOB_QUERY); /* by the log as it was */
    assert_true(login->login.set);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    guest_put(&owner, &revoked, 1);
    while (guest_move(&owner)) {
    }
    job_finish(&story, job_ran(&story, JOB_COMMIT));
    job_finish(&story, login);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_AUTH_OK], 0);
    assert_int_equal(thief.error, FORA_E_AUTH);
    assert_false(thief.cut);
    guest_fini(&thief);
    guest_fini(&owner);
    fora_secret_free(phone);
    story_fini(&story);
}

/* ---- attempts ---- */

static const char good[] = "correct horse";

/* A fresh connection from an address asks once; the code, and in *after the retry_after. */
static int try_from(
    struct story *story, uint8_t address, struct fora_message *message, uint32_t *after)
{
    const uint8_t bytes[4] = {10, 0, 0, address};
    struct guest guest;
    guest_init(&guest, &story->net, story->a, 0);
    if (address != 0) {
        node_source(story->a->node, guest.conn, fora_bytes(bytes, sizeof bytes));
    }
    guest_open(&guest);
    (void)guest_ask(&guest, message);
    guest_settle(&guest);
    int code = guest.heard[FORA_MSG_AUTH_OK] == 1 ? 0 : guest.error;
    *after = guest.retry_after;
    guest_fini(&guest);
    return code;
}

static int sign_up(struct story *story, uint8_t address, const char *handle, uint32_t *after)
{
    struct fora_message message = {.type = FORA_MSG_SIGN_UP};
    message.u.sign_up.handle = fora_bytes_str(handle);
    message.u.sign_up.password = fora_bytes_str(good);
    return try_from(story, address, &message, after);
}

static int login(
    struct story *story, uint8_t address, const char *handle, const char *password, uint32_t *after)
{
    struct fora_message message = {.type = FORA_MSG_LOGIN};
    message.u.login.handle = fora_bytes_str(handle);
    message.u.login.password = fora_bytes_str(password);
    return try_from(story, address, &message, after);
}

/* Limits that a test reaches without minutes of Argon2id. */
static void attempts_init(struct story *story)
{
    story_init(story, false);
    struct node_limits *limits = &story->a->node->env.limits;
    limits->address_failures_hour = 3;
    limits->account_failures_hour = 5;
    limits->registrations_hour = 8;
}

static void ses39_wrong_passwords_are_counted_by_address_over_all_connections(void **state)
{
    struct story story;
    uint32_t after;
    char handle[8];
    (void)state;
    attempts_init(&story);
    assert_int_equal(sign_up(&story, 1, "ann", &after), 0);
    for (unsigned i = 0; i < 10; i++) { /* right ones do not count */
        assert_int_equal(login(&story, 1, "ann", good, &after), 0);
    }
    for (unsigned i = 0; i < 3; i++) { /* also for names that nobody has */
        snprintf(handle, sizeof handle, "who%u", i);
        assert_int_equal(login(&story, 1, handle, "incorrect horse", &after), FORA_E_AUTH);
    }
    assert_int_equal(login(&story, 1, "ann", good, &after), FORA_E_QUOTA);
    assert_in_range(after, 60, 3600);
    assert_int_equal(login(&story, 2, "ann", good, &after), 0);
    story_later(&story, (uint64_t)HOUR_MS / 2); /* it is forgotten evenly */
    assert_int_equal(login(&story, 1, "ann", good, &after), 0);
    assert_int_equal(login(&story, 1, "ann", "incorrect horse", &after), FORA_E_AUTH);
    assert_int_equal(login(&story, 1, "ann", "incorrect horse", &after), FORA_E_AUTH);
    assert_int_equal(login(&story, 1, "ann", "incorrect horse", &after), FORA_E_QUOTA);
    story_fini(&story);
}

static void ses39_who_tries_an_account_from_many_addresses_does_not_shut_its_owner_out(void **state)
{
    struct story story;
    struct guest phone;
    uint32_t after;
    struct fora_secret *session = fx_secret(77, "session");
    struct fora_message by_phone = {.type = FORA_MSG_LOGIN};
    (void)state;
    attempts_init(&story);
    assert_int_equal(sign_up(&story, 1, "ann", &after), 0);
    by_phone.u.login.handle = fora_bytes_str("ann");
    by_phone.u.login.password = fora_bytes_str(good);
    by_phone.u.login.session_key = public_key(session);
    assert_int_equal(try_from(&story, 1, &by_phone, &after), 0);
    for (uint8_t i = 0; i < 5; i++) {
        assert_int_equal(login(&story, 10 + i, "ann", "incorrect horse", &after), FORA_E_AUTH);
    }
    /* From everywhere, and a name that nobody has fares the same. */
    assert_int_equal(login(&story, 20, "ann", "incorrect horse", &after), FORA_E_QUOTA);
    assert_int_equal(login(&story, 0, "ann", good, &after), FORA_E_QUOTA);
    for (uint8_t i = 0; i < 5; i++) {
        assert_int_equal(login(&story, 30 + i, "bob", "incorrect horse", &after), FORA_E_AUTH);
    }
    assert_int_equal(login(&story, 40, "bob", "incorrect horse", &after), FORA_E_QUOTA);
    /* But from where she was, and with her phone. */
    assert_int_equal(login(&story, 1, "ann", good, &after), 0);
    struct kv_txn *txn;
    struct account account;
    assert_int_equal(kv_begin_read(story.a->kv, &txn), 0);
    assert_true(accounts_find(txn, fora_bytes_str("ann"), &account));
    kv_abort(txn);
    auth_open(&story, &phone, &account.principal, session);
    guest_fini(&phone);
    fora_secret_free(session);
    story_fini(&story);
}

static void ses39_what_was_never_tried_does_not_count(void **state)
{
    struct story story;
    uint32_t after;
    (void)state;
    attempts_init(&story);
    assert_int_equal(sign_up(&story, 1, "ann", &after), 0);
    struct fora_message message = {.type = FORA_MSG_LOGIN};
    message.u.login.handle = fora_bytes_str("ann");
    message.u.login.password = fora_bytes_str("incorrect horse");
    for (unsigned i = 0; i < 20; i++) { /* asked, and gone before its turn */
        struct guest guest;
        guest_init(&guest, &story.net, story.a, 0);
        node_source(story.a->node, guest.conn, fora_bytes("\x0a\0\0\x05", 4));
        guest_open(&guest);
        (void)guest_ask(&guest, &message);
        while (guest_move(&guest)) {
        }
        guest_fini(&guest);
        net_settle(&story.net);
    }
    assert_int_equal(login(&story, 5, "ann", good, &after), 0);
    story_fini(&story);
}

static void ses39_new_accounts_are_counted_over_all_connections(void **state)
{
    struct story story;
    uint32_t after;
    char handle[8];
    (void)state;
    attempts_init(&story);
    /* Of one address two of eight; what is refused does not count. */
    assert_int_equal(sign_up(&story, 1, "a1", &after), 0);
    assert_int_equal(sign_up(&story, 1, "a1", &after), FORA_E_NAME_TAKEN);
    assert_int_equal(sign_up(&story, 1, "a2", &after), 0);
    assert_int_equal(sign_up(&story, 1, "a3", &after), FORA_E_QUOTA);
    assert_in_range(after, 1, 3600);
    for (uint8_t i = 0; i < 6; i++) {
        snprintf(handle, sizeof handle, "b%u", i);
        assert_int_equal(sign_up(&story, 10 + i, handle, &after), 0);
    }
    assert_int_equal(sign_up(&story, 99, "c1", &after), FORA_E_QUOTA);
    assert_in_range(after, 60, 3600);
    assert_int_equal(login(&story, 99, "a1", good, &after), 0);
    story_later(&story, (uint64_t)HOUR_MS / 4);
    assert_int_equal(sign_up(&story, 99, "c1", &after), 0);
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses38_a_revoked_key_ends_the_sessions_that_rest_on_it),
        cmocka_unit_test(ses38_also_when_another_node_brings_it_and_dates_it_ahead),
        cmocka_unit_test(ses38_who_revokes_her_own_key_hears_that_it_is_done),
        cmocka_unit_test(ses38_a_log_that_was_read_before_the_revocation_is_read_again),
        cmocka_unit_test(ses39_wrong_passwords_are_counted_by_address_over_all_connections),
        cmocka_unit_test(
            ses39_who_tries_an_account_from_many_addresses_does_not_shut_its_owner_out),
        cmocka_unit_test(ses39_what_was_never_tried_does_not_count),
        cmocka_unit_test(ses39_new_accounts_are_counted_over_all_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
