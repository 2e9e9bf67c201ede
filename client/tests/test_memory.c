/* The client with the n-th allocation failing, alone and with all that follow: every file of its
 * folder, and every call to a node. FORA_E_NOMEM and a sentence, files as they were, and then it
 * works. What jansson and libconfig ask for themselves does not fail here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fora/client.h"
#include "responder.h"
#include "state_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS_MAX = 2000 };

/* ---- files ---- */

static void take(struct rig *rig, const char *name, struct fora_buf *out)
{
    struct fora_client_why why;
    int error = state_read(&rig->state, name, false, out, &why);
    assert_true(error == 0 || error == FORA_E_NOTFOUND);
}

/* Runs `step` until it succeeds; until then `name` holds what it held. */
static void check(struct rig *rig, const char *name, int (*step)(struct rig *rig))
{
    long failures = 0;
    bool failed = true;
    for (long n = 0; failed; n++) {
        struct fora_buf before = {0}, after = {0};
        assert_true(n < ATTEMPTS_MAX);
        take(rig, name, &before);
        memset(&rig->why, 0, sizeof rig->why);
        alloc_fail_at(n);
        int error = step(rig);
        failed = alloc_fail_stop();
        assert_int_equal(error, failed ? FORA_E_NOMEM : 0);
        if (failed) {
            take(rig, name, &after);
            assert_true(fora_bytes_equal(fora_buf_bytes(&before), fora_buf_bytes(&after)));
            assert_int_equal(rig->why.code, FORA_E_NOMEM);
            assert_non_null(strstr(rig->why.text, "memory"));
            failures++;
        }
        fora_buf_fini(&before);
        fora_buf_fini(&after);
    }
    assert_true(failures >= 2);
}

static struct state_account account_of(uint8_t number)
{
    struct state_account account = {.node = {{number}}, .member = {{8}}, .handle = "ann"};
    (void)snprintf(account.address, sizeof account.address, "node%u.example:7150", number);
    return account;
}

static int save_account(struct rig *rig)
{
    struct state_account account = account_of(2);
    return state_account_save(&rig->state, &account, &rig->why);
}

static int load_account(struct rig *rig)
{
    struct state_account account = account_of(2), found;
    char address[FORA_CLIENT_ADDRESS_MAX];
    int error = state_account_load(&rig->state, &account.node, &found, &rig->why);
    return error != 0 ? error : state_account_last(&rig->state, address, &rig->why);
}

static int remove_account(struct rig *rig)
{
    struct state_account account = account_of(2);
    return state_account_remove(&rig->state, &account.node, &rig->why);
}

static void memory_is_out_for_accounts(void **state)
{
    struct rig *rig = *state;
    struct state_account first = account_of(1), found;
    assert_int_equal(state_account_save(&rig->state, &first, &rig->why), 0);
    check(rig, "accounts", save_account);
    check(rig, "accounts", load_account);
    check(rig, "accounts", remove_account);
    assert_int_equal(state_account_load(&rig->state, &first.node, &found, &rig->why), 0);
}

static int load_config(struct rig *rig)
{
    struct state_config config;
    return state_config_load(&rig->state, &config, &rig->why);
}

static int pin(struct rig *rig)
{
    const struct fora_principal_id node = {{7}};
    bool fresh;
    return state_pin(&rig->state, "b.example:7150", &node, 1700000000000, &fresh, &rig->why);
}

static int pinned(struct rig *rig)
{
    struct fora_principal_id node;
    return state_pinned(&rig->state, "b.example:7150", &node, &rig->why);
}

static void memory_is_out_for_config_and_pins(void **state)
{
    struct rig *rig = *state;
    const struct fora_principal_id node = {{6}};
    bool fresh;
    put(rig, "config", "node = \"a.example:7150\";\nlimit = 25;\n");
    check(rig, "config", load_config);
    assert_int_equal(
        state_pin(&rig->state, "a.example:7150", &node, 1700000000000, &fresh, &rig->why), 0);
    check(rig, "known_nodes", pin);
    check(rig, "known_nodes", pinned);
}

static int save_recent(struct rig *rig)
{
    static const struct fora_object_id ids[40];
    return state_recent_save(&rig->state, ids, 40, &rig->why);
}

static int load_recent(struct rig *rig)
{
    struct state_recent recent;
    int error = state_recent_load(&rig->state, &recent, &rig->why);
    if (error == 0) {
        state_recent_fini(&recent);
    }
    return error;
}

static int follow(struct rig *rig)
{
    const struct state_follow item = {.is_space = true, .id = {2}, .name = "Beer"};
    return state_follow(&rig->state, &item, &rig->why);
}

static int unfollow(struct rig *rig)
{
    const uint8_t id[FORA_ID_SIZE] = {2};
    return state_unfollow(&rig->state, id, &rig->why);
}

static int see(struct rig *rig)
{
    const struct state_seen item = {.id = {{3}}, .active_at = 5, .posts = 6};
    struct state_seen_list list;
    int error = state_seen_load(&rig->state, &list, &rig->why);
    if (error == 0) {
        state_seen_note(&list, &item);
        error = state_seen_save(&rig->state, &list, &rig->why);
        state_seen_fini(&list);
    }
    return error;
}

static void memory_is_out_for_lists(void **state)
{
    struct rig *rig = *state;
    const struct state_follow item = {.id = {1}, .name = "Why?"};
    check(rig, "recent", save_recent);
    check(rig, "recent", load_recent);
    assert_int_equal(state_follow(&rig->state, &item, &rig->why), 0);
    check(rig, "follows", follow);
    check(rig, "follows", unfollow);
    check(rig, "inbox", see);
    check(rig, "inbox", see);
}

/* ---- keys ---- */

static const uint8_t seed[32] = {3};

static struct fora_hash commitment_of(const struct fora_secret *key)
{
    struct fora_key public;
    struct fora_hash commitment;
    fora_secret_public(key, &public);
    fora_identity_commitment(&commitment, &public);
    return commitment;
}

static int keep_root(struct rig *rig)
{
    struct fora_secret *key;
    int error = fora_secret_from_seed(&key, seed);
    if (error == 0) {
        error = state_next_root_keep(&rig->state, key, &rig->why);
        fora_secret_free(key);
    }
    return error;
}

static int find_root(struct rig *rig)
{
    struct fora_secret *key, *found = NULL;
    int error = fora_secret_from_seed(&key, seed);
    if (error == 0) {
        struct fora_hash commitment = commitment_of(key);
        error = state_next_root_find(&rig->state, &commitment, &found, &rig->why);
        fora_secret_free(key);
        fora_secret_free(found);
    }
    return error;
}

static void memory_is_out_for_next_roots(void **state)
{
    struct rig *rig = *state;
    struct fora_secret *other;
    assert_int_equal(fora_secret_new(&other), 0);
    assert_int_equal(state_next_root_keep(&rig->state, other, &rig->why), 0);
    fora_secret_free(other);
    check(rig, "next_roots", keep_root);
    check(rig, "next_roots", find_root);
}

static int load_identity(struct rig *rig)
{
    struct state_identity found;
    bool sealed;
    int error = state_identity_peek(&rig->state, &found, &sealed, &rig->why);
    if (error == 0) {
        state_identity_fini(&found);
        error = state_identity_load(&rig->state, fora_bytes(NULL, 0), &found, &rig->why);
    }
    if (error == 0) {
        state_identity_fini(&found);
    }
    return error;
}

/* Loads, appends an entry and saves. */
static int grow_identity(struct rig *rig)
{
    struct state_identity found;
    int error = state_identity_load(&rig->state, fora_bytes(NULL, 0), &found, &rig->why);
    if (error != 0) {
        return error;
    }
    error = state_identity_append(&found, fora_bytes("entry", 5));
    if (error != 0) {
        (void)fora_client_fail(&rig->why, error, "There is not enough memory.");
    } else {
        error = state_identity_save(&rig->state, fora_bytes(NULL, 0), &found, &rig->why);
    }
    state_identity_fini(&found);
    return error;
}

static void memory_is_out_for_the_identity(void **state)
{
    struct rig *rig = *state;
    struct state_identity made = {.member = {{3}}, .label = "laptop"};
    struct fora_buf text = {0};
    bool sealed;
    fora_arena_init(&made.arena, 0);
    assert_int_equal(fora_secret_from_seed(&made.device, seed), 0);
    assert_int_equal(state_identity_append(&made, fora_bytes("first", 5)), 0);
    assert_int_equal(state_identity_save(&rig->state, fora_bytes(NULL, 0), &made, &rig->why), 0);
    check(rig, "identity", load_identity);
    check(rig, "identity", grow_identity);
    assert_int_equal(state_identity_format(&text, fora_bytes(NULL, 0), &made), 0);
    state_identity_fini(&made);
    for (long n = 0;; n++) { /* as a copy that is imported */
        alloc_fail_at(n);
        int error =
            state_identity_parse(fora_buf_bytes(&text), fora_bytes(NULL, 0), &made, &sealed);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
    }
    state_identity_fini(&made);
    fora_buf_fini(&text);
}

/* ---- calls ---- */

struct meeting {
    struct responder responder;
    char address[32];
    struct fora_secret *key;
    struct fora_principal_id member;
};

static int start(void **state)
{
    struct meeting *meeting = calloc(1, sizeof *meeting);
    if (meeting == NULL || fora_crypto_init() != 0) {
        return -1;
    }
    meeting->member.b[0] = 9;
    responder_start(&meeting->responder, RESPONDER_HONEST);
    responder_address(&meeting->responder, meeting->address);
    *state = meeting;
    return fora_secret_from_seed(&meeting->key, seed);
}

static int stop(void **state)
{
    struct meeting *meeting = *state;
    responder_stop(&meeting->responder);
    fora_secret_free(meeting->key);
    free(meeting);
    return 0;
}

/* Opens, asks, asks in two halves, and gives up an answer. */
static int talk(struct meeting *meeting, struct fora_client_why *why)
{
    const struct fora_client_options options = {
        .address = meeting->address, .connect_timeout_ms = 20000, .call_timeout_ms = 20000};
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    struct fora_client *client = NULL;
    uint64_t request;
    int error = fora_client_open(&client, &options, why);
    if (error == 0) {
        error = fora_client_call(client, &ask, FORA_MSG_SPACES, &answer, why);
    }
    if (error == 0) {
        error = fora_client_start(client, &ask, &request, why);
    }
    if (error == 0) {
        error = fora_client_receive(client, request, 0, &answer, why);
    }
    if (error == 0) {
        error = fora_client_start(client, &ask, &request, why);
    }
    if (error == 0) {
        error = fora_client_cancel(client, request, why);
    }
    fora_client_close(client);
    return error;
}

/* Whom the node does not know it refuses: that, or that there was no memory to ask. */
static int prove(struct meeting *meeting, struct fora_client_why *why)
{
    const struct fora_client_options options = {
        .address = meeting->address, .connect_timeout_ms = 20000, .call_timeout_ms = 20000};
    const struct fora_msg_auth_ok *answer;
    struct fora_client *client = NULL;
    int error = fora_client_open(&client, &options, why);
    if (error == 0) {
        error = fora_client_auth(client, &meeting->member, meeting->key, NULL, 0, &answer, why);
        error = error != 0 && why->from_node ? 0 : error;
    }
    fora_client_close(client);
    return error;
}

static void check_calls(
    struct meeting *meeting, int (*step)(struct meeting *meeting, struct fora_client_why *why))
{
    long failures = 0;
    for (long n = 0;; n++) {
        struct fora_client_why why = {.code = 0};
        assert_true(n < ATTEMPTS_MAX);
        alloc_fail_at(n);
        int error = step(meeting, &why);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
        assert_int_equal(why.code, FORA_E_NOMEM);
        failures++;
    }
    assert_true(failures > 10);
}

static void memory_is_out_while_a_node_is_asked(void **state)
{
    check_calls(*state, talk);
}

static void memory_is_out_while_a_member_is_proved(void **state)
{
    check_calls(*state, prove);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_out_for_accounts, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_out_for_config_and_pins, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_out_for_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_out_for_next_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_out_for_the_identity, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_out_while_a_node_is_asked, start, stop),
        cmocka_unit_test_setup_teardown(memory_is_out_while_a_member_is_proved, start, stop),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
