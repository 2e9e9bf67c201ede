/* How often it may be tried who somebody is (SES-39). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/accounts.h"
#include "story.h"

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
    assert_int_equal(login(&story, 1, "bob", good, &after), FORA_E_QUOTA);
    assert_in_range(after, 60, 3600);
    assert_int_equal(login(&story, 2, "ann", good, &after), 0);
    story_later(&story, FORA_HOUR_MS / 2); /* it is forgotten evenly */
    assert_int_equal(login(&story, 1, "ann", good, &after), 0);
    assert_int_equal(login(&story, 1, "bob", "incorrect horse", &after), FORA_E_AUTH);
    assert_int_equal(login(&story, 1, "bob", "incorrect horse", &after), FORA_E_AUTH);
    assert_int_equal(login(&story, 1, "bob", "incorrect horse", &after), FORA_E_QUOTA);
    story_fini(&story);
}

/* An office behind one address: ann was here before, bob comes for the first time. */
static void ses39_who_shares_an_address_with_a_guesser_gets_in(void **state)
{
    struct story story;
    uint32_t after;
    (void)state;
    attempts_init(&story);
    assert_int_equal(sign_up(&story, 1, "ann", &after), 0);
    assert_int_equal(login(&story, 1, "ann", good, &after), 0);
    assert_int_equal(sign_up(&story, 2, "bob", &after), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(login(&story, 1, "eve", "incorrect horse", &after), FORA_E_AUTH);
    }
    assert_int_equal(login(&story, 1, "eve", "incorrect horse", &after), FORA_E_QUOTA);
    assert_int_equal(login(&story, 1, "bob", good, &after), FORA_E_QUOTA);
    for (unsigned i = 0; i < 5; i++) { /* what is right does not count here either */
        assert_int_equal(login(&story, 1, "ann", good, &after), 0);
    }
    /* Guesses at her account from there are few all the same. */
    assert_int_equal(login(&story, 1, "ann", "incorrect horse", &after), FORA_E_AUTH);
    assert_int_equal(login(&story, 1, "ann", "incorrect horse", &after), FORA_E_QUOTA);
    assert_in_range(after, 60, 3600);
    assert_int_equal(login(&story, 2, "ann", good, &after), 0); /* at home */
    story_later(&story, FORA_HOUR_MS / 2);
    assert_int_equal(login(&story, 1, "bob", good, &after), 0);
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
    fora_secret_public(session, &by_phone.u.login.session_key);
    attempts_init(&story);
    assert_int_equal(sign_up(&story, 1, "ann", &after), 0);
    by_phone.u.login.handle = fora_bytes_str("ann");
    by_phone.u.login.password = fora_bytes_str(good);
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
    story_guest(&story, &phone, 0);
    (void)guest_auth(&phone, &account.principal, session, NULL, 0);
    guest_settle(&phone);
    assert_int_equal(phone.heard[FORA_MSG_AUTH_OK], 1);
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
    story_later(&story, FORA_HOUR_MS / 4);
    assert_int_equal(sign_up(&story, 99, "c1", &after), 0);
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses39_wrong_passwords_are_counted_by_address_over_all_connections),
        cmocka_unit_test(
            ses39_who_tries_an_account_from_many_addresses_does_not_shut_its_owner_out),
        cmocka_unit_test(ses39_who_shares_an_address_with_a_guesser_gets_in),
        cmocka_unit_test(ses39_what_was_never_tried_does_not_count),
        cmocka_unit_test(ses39_new_accounts_are_counted_over_all_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
