/* libfora-client against a node in this process, honest and otherwise. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/client.h"
#include "responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct responder responder;
    struct fora_client *client;
    struct fora_client_why why;
    char address[32];
};

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct rig));
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    fora_client_close(rig->client);
    responder_stop(&rig->responder);
    free(rig);
    return 0;
}

static int open_at(struct rig *rig, const char *address, const struct fora_principal_id *expected)
{
    const struct fora_client_options options = {.address = address,
        .expected = expected,
        .connect_timeout_ms = 5000,
        .call_timeout_ms = 500};
    return fora_client_open(&rig->client, &options, &rig->why);
}

static int start(struct rig *rig, enum responder_mode mode)
{
    responder_start(&rig->responder, mode);
    responder_address(&rig->responder, rig->address);
    return open_at(rig, rig->address, NULL);
}

static int list_spaces(struct rig *rig, const struct fora_message **answer)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    return fora_client_call(rig->client, &ask, FORA_MSG_SPACES, answer, &rig->why);
}

static void an_honest_node_is_met_and_asked(void **state)
{
    struct rig *rig = *state;
    const struct fora_message *answer;
    size_t log;
    assert_int_equal(start(rig, RESPONDER_HONEST), 0);
    assert_memory_equal(fora_client_node(rig->client)->b, rig->responder.node.b, FORA_ID_SIZE);
    assert_true(fora_bytes_equal(fora_identity_node(fora_client_node_identity(rig->client))->name,
        fora_bytes_str("Test node")));
    assert_true(
        fora_bytes_equal(fora_client_hello(rig->client)->agent, fora_bytes_str("responder/1")));
    assert_non_null(fora_client_node_log(rig->client, &log));
    assert_int_equal(log, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(list_spaces(rig, &answer), 0);
        assert_int_equal(answer->u.spaces.rows_count, 1);
        assert_memory_equal(answer->u.spaces.rows[0].space.b, rig->responder.space.b, FORA_ID_SIZE);
    }
}

static void who_is_expected_must_be_met(void **state)
{
    struct rig *rig = *state;
    struct fora_principal_id other;
    char pinned[160];
    char id[FORA_ID_TEXT_MAX];
    assert_int_equal(start(rig, RESPONDER_HONEST), 0);
    fora_client_close(rig->client);
    rig->client = NULL;
    memset(other.b, 9, sizeof other.b);
    assert_int_equal(open_at(rig, rig->address, &other), FORA_E_IDENTITY);
    assert_non_null(strstr(rig->why.text, "Another node"));
    fora_id_format(id, FORA_HRP_NODE, other.b);
    (void)snprintf(pinned, sizeof pinned, "%s@%s", id, rig->address);
    assert_int_equal(open_at(rig, pinned, NULL), FORA_E_IDENTITY);
    fora_id_format(id, FORA_HRP_NODE, rig->responder.node.b);
    (void)snprintf(pinned, sizeof pinned, "%s@%s", id, rig->address);
    assert_int_equal(open_at(rig, pinned, NULL), 0);
}

static void a_node_that_cannot_prove_itself_is_refused(void **state)
{
    static const enum responder_mode modes[] = {
        RESPONDER_FOREIGN_KEY, RESPONDER_NO_LOG, RESPONDER_BAD_LOG};
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(start(rig, modes[i]), FORA_E_IDENTITY);
        assert_null(rig->client);
        assert_true(strlen(rig->why.text) > 20);
        responder_stop(&rig->responder);
    }
}

static void nobody_there(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(start(rig, RESPONDER_HONEST), 0);
    fora_client_close(rig->client);
    rig->client = NULL;
    responder_stop(&rig->responder);
    assert_int_equal(open_at(rig, rig->address, NULL), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "Is a node running there?"));
    assert_int_equal(open_at(rig, "no-such-host.invalid", NULL), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "cannot be found"));
    assert_int_equal(open_at(rig, "a b", NULL), FORA_E_USAGE);
}

static void silence_is_a_timeout(void **state)
{
    struct rig *rig = *state;
    const struct fora_message *answer;
    assert_int_equal(start(rig, RESPONDER_SILENT), 0);
    assert_int_equal(list_spaces(rig, &answer), FORA_E_TIMEOUT);
    assert_non_null(strstr(rig->why.text, "did not answer"));
}

static void a_hangup_is_said(void **state)
{
    struct rig *rig = *state;
    const struct fora_message *answer;
    assert_int_equal(start(rig, RESPONDER_HANGUP), 0);
    assert_int_equal(list_spaces(rig, &answer), FORA_E_CLOSED);
    assert_true(strlen(rig->why.text) > 20);
    assert_int_equal(list_spaces(rig, &answer), FORA_E_CLOSED); /* and again, not a crash */
}

static void an_error_frame_is_a_code_and_a_text(void **state)
{
    struct rig *rig = *state;
    const struct fora_message *answer;
    assert_int_equal(start(rig, RESPONDER_REFUSES), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(list_spaces(rig, &answer), FORA_E_QUOTA);
        assert_true(rig->why.from_node);
        assert_int_equal(rig->why.retry_after, 7);
        assert_string_equal(rig->why.text, "too many");
    }
}

static void another_answer_than_asked_for_is_refused(void **state)
{
    struct rig *rig = *state;
    const struct fora_message *answer;
    assert_int_equal(start(rig, RESPONDER_WRONG_ANSWER), 0);
    assert_int_equal(list_spaces(rig, &answer), FORA_E_MALFORMED);
    assert_non_null(strstr(rig->why.text, "ListSpaces"));
}

static void a_member_proves_herself(void **state)
{
    struct rig *rig = *state;
    struct fora_message ask = {.type = FORA_MSG_SIGN_UP};
    const struct fora_message *answer;
    const struct fora_msg_auth_ok *ok;
    struct fora_secret *key, *wrong;
    struct fora_principal_id member;
    assert_int_equal(start(rig, RESPONDER_HONEST), 0);
    assert_int_equal(fora_secret_new(&key), 0);
    assert_int_equal(fora_secret_new(&wrong), 0);
    ask.u.sign_up.handle = fora_bytes_str("ann");
    ask.u.sign_up.password = fora_bytes_str("a long password");
    fora_secret_public(key, &ask.u.sign_up.session_key);
    assert_int_equal(fora_client_call(rig->client, &ask, FORA_MSG_AUTH_OK, &answer, &rig->why), 0);
    member = answer->u.auth_ok.principal;
    assert_int_equal(fora_client_call(rig->client, &ask, FORA_MSG_AUTH_OK, &answer, &rig->why),
        FORA_E_NAME_TAKEN);
    fora_client_close(rig->client);
    assert_int_equal(open_at(rig, rig->address, NULL), 0);
    assert_int_equal(
        fora_client_auth(rig->client, &member, wrong, NULL, 0, &ok, &rig->why), FORA_E_AUTH);
    assert_int_equal(fora_client_auth(rig->client, &member, key, NULL, 0, &ok, &rig->why), 0);
    assert_true(fora_bytes_equal(ok->name, fora_bytes_str("ann")));
    fora_secret_free(key);
    fora_secret_free(wrong);
}

static void two_requests_do_not_mix(void **state)
{
    struct rig *rig = *state;
    struct fora_message spaces = {.type = FORA_MSG_LIST_SPACES};
    struct fora_message threads = {.type = FORA_MSG_LIST_THREADS};
    const struct fora_message *answer;
    uint64_t first, second;
    assert_int_equal(start(rig, RESPONDER_HONEST), 0);
    threads.u.list_threads.space = rig->responder.space;
    assert_int_equal(fora_client_start(rig->client, &spaces, &first, &rig->why), 0);
    assert_int_equal(fora_client_start(rig->client, &threads, &second, &rig->why), 0);
    assert_int_not_equal(first, second);
    /* The answer to the first is dropped by asking for the second's. */
    assert_int_equal(fora_client_receive(rig->client, second, 0, &answer, &rig->why), 0);
    assert_int_equal(answer->type, FORA_MSG_THREADS);
    assert_int_equal(fora_client_cancel(rig->client, first, &rig->why), 0);
    assert_int_equal(list_spaces(rig, &answer), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_honest_node_is_met_and_asked),
        T(who_is_expected_must_be_met),
        T(a_node_that_cannot_prove_itself_is_refused),
        T(nobody_there),
        T(silence_is_a_timeout),
        T(a_hangup_is_said),
        T(an_error_frame_is_a_code_and_a_text),
        T(another_answer_than_asked_for_is_refused),
        T(a_member_proves_herself),
        T(two_requests_do_not_mix),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
