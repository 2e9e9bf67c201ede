/*
 * Messages replayed byte for byte: the reference implementation's (REP-5), sessions, fingerprints
 * and single messages to a responder; and the specification's own, in both forms (REP-24).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/crypto.h"
#include "fora/negentropy.h"
#include "negentropy_sides.h"
#include "vectors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char vectors_file[] = "negentropy/negentropy-v1-vectors.json";

static void side_from_json(struct neg_side *side, const json_t *items, size_t frame_max)
{
    size_t count = json_array_size(items);
    struct fora_neg_item *list = calloc(count + 1, sizeof(*list));

    assert_non_null(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(items, i);
        const char *id = json_string_value(json_array_get(item, 1));

        list[i].time = (uint64_t)json_integer_value(json_array_get(item, 0));
        assert_non_null(id);
        assert_int_equal(fora_unhex(list[i].id, 32, id), 0);
    }
    neg_side_init(side, list, count, frame_max);
    free(list);
}

static void ids_from_json(struct neg_ids *ids, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        uint8_t id[32];

        assert_non_null(text);
        assert_int_equal(fora_unhex(id, 32, text), 0);
        neg_ids_add(ids, id);
    }
}

static void assert_message(
    const struct fora_buf *got, const json_t *round, const char *member, const char *session)
{
    struct fora_buf buf = {0};
    struct fora_bytes expected = vectors_hex(&buf, round, member);

    if (!fora_bytes_equal(fora_buf_bytes(got), expected))
        fail_msg("%s: the %s's message differs (%zu bytes, expected %zu)", session, member,
            got->size, expected.size);
    fora_buf_fini(&buf);
}

static void assert_ids(struct neg_ids *got, const json_t *object, const char *member)
{
    const json_t *array = json_object_get(object, member);
    struct neg_ids expected = {0};

    /* Messages with equal bytes must also report equally often. */
    if (json_object_get(object, "client") != NULL)
        assert_int_equal(neg_ids_count(got), json_array_size(array));
    ids_from_json(&expected, array);
    neg_ids_assert_equal(got, &expected, member);
    neg_ids_fini(&expected);
}

static void take_all(struct neg_ids *all, const struct neg_ids *some)
{
    for (size_t i = 0; i < neg_ids_count(some); i++)
        neg_ids_add(all, some->bytes.data + 32 * i);
}

/* One round: the client's message is in `query` and is replaced by the next one. */
static void replay_round(const struct neg_side *client, const struct neg_side *server,
    const json_t *round, const char *name, struct fora_buf *query, struct neg_outcome *all)
{
    struct neg_outcome outcome = {0};
    struct fora_neg_report report = neg_outcome_report(&outcome);
    struct fora_buf answer = {0};

    assert_message(query, round, "client", name);
    assert_int_equal(
        fora_neg_reply(&server->source, &server->limits, fora_buf_bytes(query), NULL, &answer), 0);
    assert_message(&answer, round, "server", name);
    fora_buf_clear(query);
    assert_int_equal(
        fora_neg_reply(&client->source, &client->limits, fora_buf_bytes(&answer), &report, query),
        0);
    take_all(&all->have, &outcome.have);
    take_all(&all->need, &outcome.need);
    assert_ids(&outcome.have, round, "have");
    assert_ids(&outcome.need, round, "need");
    neg_outcome_fini(&outcome);
    fora_buf_fini(&answer);
}

static size_t frame_limit(const json_t *side)
{
    return (size_t)json_integer_value(json_object_get(side, "frameSizeLimit"));
}

/* The rounds of a session between the two sides, which it ends. */
static void replay_rounds(
    const json_t *session, struct neg_side *client, struct neg_side *server, const uint8_t *key)
{
    const char *name = vectors_text(session, "name");
    const json_t *rounds = json_object_get(session, "rounds");
    const json_t *final = json_object_get(session, "final");
    struct neg_outcome all = {0};
    struct fora_buf query = {0};

    client->limits.key = key;
    assert_int_equal(fora_neg_start(&client->source, &client->limits, &query), 0);
    assert_true(json_array_size(rounds) > 0);
    for (size_t i = 0; i < json_array_size(rounds); i++)
        replay_round(client, server, json_array_get(rounds, i), name, &query, &all);
    /* Nothing is left to ask. */
    assert_int_equal(query.size, 0);
    assert_ids(&all.have, final, "have");
    assert_ids(&all.need, final, "need");
    neg_side_fini(client);
    neg_side_fini(server);
    neg_outcome_fini(&all);
    fora_buf_fini(&query);
}

static void replay_session(const json_t *session)
{
    const json_t *client_json = json_object_get(session, "client");
    const json_t *server_json = json_object_get(session, "server");
    struct neg_side client;
    struct neg_side server;

    side_from_json(&client, json_object_get(client_json, "items"), frame_limit(client_json));
    side_from_json(&server, json_object_get(server_json, "items"), frame_limit(server_json));
    replay_rounds(session, &client, &server, NULL);
}

static void test_sessions(void **state)
{
    json_t *file = vectors_load(vectors_file);
    const json_t *sessions = json_object_get(file, "sessions");

    (void)state;
    assert_true(json_array_size(sessions) >= 17);
    for (size_t i = 0; i < json_array_size(sessions); i++)
        replay_session(json_array_get(sessions, i));
    print_message("%zu sessions\n", json_array_size(sessions));
    json_decref(file);
}

/* The long list is given by its rule: SHA-256 of "f" and the decimal number. */
static void ids_from_rule(struct neg_ids *ids, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        char text[32];
        uint8_t id[32];

        snprintf(text, sizeof(text), "f%" PRIu64, i);
        fora_sha256(id, fora_bytes_str(text));
        neg_ids_add(ids, id);
    }
}

static struct fora_neg_sum sum_of(const struct neg_ids *ids)
{
    struct fora_neg_sum sum;

    fora_neg_sum_zero(&sum);
    for (size_t i = 0; i < neg_ids_count(ids); i++)
        fora_neg_sum_add_id(&sum, ids->bytes.data + 32 * i);
    return sum;
}

static void check_fingerprint(const json_t *one)
{
    uint64_t count = (uint64_t)json_integer_value(json_object_get(one, "count"));
    struct neg_ids ids = {0};
    struct fora_neg_sum sum;
    uint8_t expected[16];
    uint8_t got[16];

    if (json_object_get(one, "ids") != NULL)
        ids_from_json(&ids, json_object_get(one, "ids"));
    else
        ids_from_rule(&ids, count);
    assert_int_equal(neg_ids_count(&ids), count);
    sum = sum_of(&ids);
    fora_neg_fingerprint(got, &sum);
    vectors_hex_exact(expected, 16, one, "fingerprint");
    assert_memory_equal(got, expected, 16);
    neg_ids_fini(&ids);
}

static void test_fingerprints(void **state)
{
    json_t *file = vectors_load(vectors_file);
    const json_t *list = json_object_get(file, "fingerprints");

    (void)state;
    assert_true(json_array_size(list) >= 9);
    for (size_t i = 0; i < json_array_size(list); i++)
        check_fingerprint(json_array_get(list, i));
    print_message("%zu fingerprints\n", json_array_size(list));
    json_decref(file);
}

static void single_message(const json_t *one)
{
    const char *name = vectors_text(one, "name");
    struct fora_buf input_buf = {0};
    struct fora_buf out = {0};
    struct fora_bytes input = vectors_hex(&input_buf, one, "input");
    struct neg_side server;
    int rc;

    side_from_json(&server, json_object_get(one, "server_items"), 0);
    rc = fora_neg_reply(&server.source, NULL, input, NULL, &out);
    if (json_object_get(one, "js_error") != NULL) {
        if (rc != FORA_E_MALFORMED || out.size != 0)
            fail_msg("%s: %d, %zu bytes", name, rc, out.size);
    } else {
        int expected = strcmp(name, "newer-version") == 0 ? FORA_E_VERSION : 0;

        if (rc != expected)
            fail_msg("%s: %d, expected %d", name, rc, expected);
        assert_message(&out, one, "js_output", name);
    }
    neg_side_fini(&server);
    fora_buf_fini(&input_buf);
    fora_buf_fini(&out);
}

static void test_single_messages(void **state)
{
    json_t *file = vectors_load(vectors_file);
    const json_t *list = json_object_get(file, "server_single_message");

    (void)state;
    assert_true(json_array_size(list) >= 16);
    for (size_t i = 0; i < json_array_size(list); i++)
        single_message(json_array_get(list, i));
    print_message("%zu single messages\n", json_array_size(list));
    json_decref(file);
}

/* Items numbered below `items` but those that the side lacks, made as the file says. */
static void side_from_rule(struct neg_side *side, const json_t *session, const char *lacks)
{
    const json_t *missing = json_object_get(session, lacks);
    size_t count = (size_t)json_integer_value(json_object_get(session, "items"));
    struct fora_neg_item *list = calloc(count + 1, sizeof(*list));
    size_t kept = 0, passed = 0;

    assert_non_null(list);
    for (size_t i = 0; i < count; i++) {
        char text[32];

        if ((size_t)json_integer_value(json_array_get(missing, passed)) == i &&
            passed < json_array_size(missing)) {
            passed++;
            continue;
        }
        snprintf(text, sizeof(text), "r%zu", i);
        list[kept].time = 1700000000 + 40 * (uint64_t)(i / 3);
        fora_sha256(list[kept++].id, fora_bytes_str(text));
    }
    assert_int_equal(passed, json_array_size(missing));
    neg_side_init(side, list, kept, 0);
    free(list);
}

static void replay_by_rule(const json_t *session)
{
    const bool keyed = json_object_get(session, "key") != NULL;
    uint8_t key[FORA_NEG_KEY_SIZE];
    struct neg_side client;
    struct neg_side server;

    if (keyed)
        vectors_hex_exact(key, sizeof(key), session, "key");
    side_from_rule(&client, session, "client_lacks");
    side_from_rule(&server, session, "server_lacks");
    replay_rounds(session, &client, &server, keyed ? key : NULL);
}

static void test_rep_5_and_24_sessions_of_the_specification(void **state)
{
    json_t *file = vectors_of_spec("reconcile.json");
    const json_t *sessions = json_object_get(file, "sessions");

    (void)state;
    assert_true(json_array_size(sessions) >= 8);
    for (size_t i = 0; i < json_array_size(sessions); i++)
        replay_by_rule(json_array_get(sessions, i));
    json_decref(file);
}

static void test_rep_24_short_fingerprints_of_the_specification(void **state)
{
    json_t *file = vectors_of_spec("reconcile.json");
    const json_t *list = json_object_get(file, "fingerprints");

    (void)state;
    assert_true(json_array_size(list) >= 6);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        uint8_t key[FORA_NEG_KEY_SIZE], expected[8], got[8];
        struct neg_ids ids = {0};
        struct fora_neg_sum sum;

        ids_from_json(&ids, json_object_get(one, "ids"));
        sum = sum_of(&ids);
        neg_ids_fini(&ids);
        vectors_hex_exact(key, sizeof(key), one, "key");
        vectors_hex_exact(expected, sizeof(expected), one, "short");
        fora_neg_short_fingerprint(got, key, &sum);
        assert_memory_equal(got, expected, sizeof(got));
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_fingerprints),
        cmocka_unit_test(test_single_messages),
        cmocka_unit_test(test_rep_5_and_24_sessions_of_the_specification),
        cmocka_unit_test(test_rep_24_short_fingerprints_of_the_specification),
    };

    return cmocka_run_group_tests_name("negentropy vectors", tests, NULL, NULL);
}
