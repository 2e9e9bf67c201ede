/* The vectors of identity, policies and views in spec/vectors (written by make_rule_vectors). */
#include "fora/identity.h"
#include "fora/policy.h"
#include "fora/view.h"
#include "vectors.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* Bytes from hex, in the arena. */
static struct fora_bytes unhex(struct fora_arena *arena, const char *text)
{
    size_t size = strlen(text) / 2;
    uint8_t *data = fora_arena_alloc(arena, size);

    assert_non_null(data);
    assert_int_equal(fora_unhex(data, size, text), 0);
    return fora_bytes(data, size);
}

static void read_object(struct fora_arena *arena, const char *text, struct fora_object *out)
{
    assert_int_equal(fora_object_decode(out, unhex(arena, text)), 0);
    assert_int_equal(fora_object_verify(out), 0);
}

static void assert_result(int error, const json_t *row)
{
    assert_string_equal(fora_error_name(error), vectors_text(row, "result"));
}

static void assert_hex(const json_t *row, const char *member, const void *data, size_t size)
{
    char text[2 * 64 + 1];

    assert_true(size <= 64);
    fora_hex(text, data, size);
    assert_string_equal(text, vectors_text(row, member));
}

static uint64_t number(const json_t *row, const char *member)
{
    const json_t *value = json_object_get(row, member);

    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

static bool truth(const json_t *row, const char *member)
{
    assert_true(json_is_boolean(json_object_get(row, member)));
    return json_is_true(json_object_get(row, member));
}

static void check_identity(const json_t *vector)
{
    const json_t *state = json_object_get(vector, "state"), *row;
    const struct fora_identity_key *keys;
    struct fora_identity *log;
    struct fora_arena arena;
    size_t i, count;

    fora_arena_init(&arena, 0);
    assert_int_equal(fora_identity_new(&log), 0);
    json_array_foreach(json_object_get(vector, "entries"), i, row)
    {
        struct fora_object object;

        read_object(&arena, vectors_text(row, "object"), &object);
        if (i != 0)
            assert_result(fora_identity_check(log, &object), row);
        assert_result(fora_identity_add(log, &object), row);
    }
    assert_hex(state, "principal", fora_identity_principal(log)->b, FORA_ID_SIZE);
    assert_hex(state, "head", fora_identity_head(log)->b, FORA_ID_SIZE);
    assert_hex(state, "root", fora_identity_root(log)->b, FORA_KEY_SIZE);
    assert_hex(state, "home", fora_identity_home(log)->b, FORA_ID_SIZE);
    assert_int_equal(fora_identity_sequence(log), number(state, "sequence"));
    assert_int_equal(fora_identity_type(log), number(state, "type"));
    assert_int_equal(fora_identity_forked(log), truth(state, "forked"));
    keys = fora_identity_keys(log, &count);
    assert_int_equal(count, json_array_size(json_object_get(state, "keys")));
    json_array_foreach(json_object_get(state, "keys"), i, row)
    {
        assert_hex(row, "sign", keys[i].sign.b, FORA_KEY_SIZE);
        assert_int_equal(keys[i].added_at, number(row, "added_at"));
        assert_int_equal(keys[i].revoked_at, number(row, "revoked_at"));
        assert_int_equal(keys[i].disputed, truth(row, "disputed"));
    }
    json_array_foreach(json_object_get(vector, "checks"), i, row)
    {
        struct fora_key key;

        vectors_hex_exact(key.b, sizeof(key.b), row, "key");
        assert_result(fora_identity_check_key(log, &key, number(row, "created_at")), row);
    }
    fora_identity_free(log);
    fora_arena_fini(&arena);
}

/* Of vectors that list them (POL-11). */
static void check_privileges(const struct fora_policy *policy, const json_t *list)
{
    size_t i, count;
    const json_t *row;
    const struct fora_privilege *found = fora_policy_privileges(policy, &count);

    assert_int_equal(count, json_array_size(list));
    json_array_foreach(list, i, row)
    {
        assert_int_equal(found[i].role, number(row, "role"));
        assert_int_equal(found[i].standing, number(row, "standing"));
    }
}

static void check_policy(const json_t *vector)
{
    const json_t *state = json_object_get(vector, "state"), *row;
    struct fora_policy *policy;
    struct fora_principal_id who;
    struct fora_space_id space;
    struct fora_arena arena;
    struct fora_bytes name;
    size_t i, count;

    fora_arena_init(&arena, 0);
    assert_int_equal(fora_policy_new(&policy), 0);
    json_array_foreach(json_object_get(vector, "statements"), i, row)
    {
        struct fora_object object;

        read_object(&arena, vectors_text(row, "object"), &object);
        assert_result(fora_policy_add(policy, &object), row);
    }
    who = fora_policy_owner(policy);
    space = fora_policy_space(policy);
    name = fora_policy_name(policy);
    assert_hex(state, "owner", who.b, FORA_ID_SIZE);
    assert_hex(state, "space", space.b, FORA_ID_SIZE);
    assert_int_equal(fora_policy_kind(policy), number(state, "kind"));
    assert_int_equal(fora_policy_posting(policy), number(state, "posting"));
    assert_true(fora_bytes_equal(name, fora_bytes_str(vectors_text(state, "name"))));
    fora_policy_hosts(policy, &count);
    assert_int_equal(count, json_array_size(json_object_get(state, "hosts")));
    json_array_foreach(json_object_get(vector, "roles"), i, row)
    {
        vectors_hex_exact(who.b, sizeof(who.b), row, "principal");
        assert_int_equal(
            fora_policy_role_at(policy, &who, (uint32_t)number(row, "role"), number(row, "at")),
            truth(row, "held"));
    }
    json_array_foreach(json_object_get(vector, "may_post"), i, row)
    {
        vectors_hex_exact(who.b, sizeof(who.b), row, "author");
        assert_result(fora_policy_may_post(policy, &who, (uint32_t)number(row, "kind"),
                          (uint32_t)number(row, "thread_type"), number(row, "at")),
            row);
    }
    check_privileges(policy, json_object_get(vector, "privileges"));
    fora_policy_free(policy);
    fora_arena_fini(&arena);
}

static size_t read_list(
    struct fora_arena *arena, const json_t *list, struct fora_object *out, size_t room)
{
    const json_t *row;
    size_t i;

    assert_true(json_array_size(list) <= room);
    json_array_foreach(list, i, row) read_object(arena, json_string_value(row), &out[i]);
    return json_array_size(list);
}

static void check_view(const json_t *vector)
{
    static struct fora_object objects[64];
    struct fora_object statements[16];
    struct fora_arena arena;
    struct fora_policy *policy;
    struct fora_view_thread view;
    size_t count, stated;

    fora_arena_init(&arena, 0);
    assert_int_equal(fora_policy_new(&policy), 0);
    stated = read_list(&arena, json_object_get(vector, "policy"), statements, 16);
    /* The last first: the order must not matter. */
    for (size_t i = stated; i > 0; i--)
        assert_int_equal(fora_policy_add(policy, &statements[i - 1]), 0);
    count = read_list(&arena, json_object_get(vector, "objects"), objects, 64);
    for (size_t turn = 0; turn < count; turn++) {
        struct fora_object held = objects[0];
        int error;

        memmove(&objects[0], &objects[1], (count - 1) * sizeof(objects[0]));
        objects[count - 1] = held;
        error = fora_view_thread_fold(&arena, policy, objects, count, &view);
        assert_result(error, vector);
        if (error == 0) {
            struct fora_buf encoding = {0};
            struct fora_hash digest;
            struct fora_bytes expected = unhex(&arena, vectors_text(vector, "encoding"));

            assert_int_equal(fora_view_thread_encode(&encoding, &view), 0);
            assert_int_equal(encoding.size, expected.size);
            assert_memory_equal(encoding.data, expected.data, expected.size);
            fora_view_digest(&digest, fora_buf_bytes(&encoding));
            assert_hex(vector, "digest", digest.b, sizeof(digest.b));
            assert_int_equal(view.marks, number(vector, "marks"));
            fora_buf_fini(&encoding);
        }
    }
    fora_policy_free(policy);
    fora_arena_fini(&arena);
}

static void each_case(const char *name, void (*check)(const json_t *vector), size_t least)
{
    json_t *file = vectors_of_spec(name), *vector;
    size_t i;

    json_array_foreach(json_object_get(file, "cases"), i, vector)
    {
        printf("%s: %s: %s\n", name, vectors_text(vector, "clause"), vectors_text(vector, "name"));
        check(vector);
    }
    assert_true(i >= least);
    json_decref(file);
}

static void identity_vectors(void **state)
{
    (void)state;
    each_case("identity.json", check_identity, 6);
}

static void policy_vectors(void **state)
{
    (void)state;
    each_case("policies.json", check_policy, 5);
}

static void view_vectors(void **state)
{
    (void)state;
    each_case("views.json", check_view, 6);
}

static void erased_and_not_erased_look_the_same_VIEW_5(void **state)
{
    json_t *file = vectors_of_spec("views.json"), *vector;
    const char *found[2] = {NULL, NULL};
    size_t i, count = 0;

    (void)state;
    json_array_foreach(json_object_get(file, "cases"), i, vector)
    {
        if (strcmp(vectors_text(vector, "clause"), "VIEW-5") == 0 && count < 2)
            found[count++] = vectors_text(vector, "digest");
    }
    assert_int_equal(count, 2);
    assert_string_equal(found[0], found[1]);
    json_decref(file);
}

static void version_vectors(void **state)
{
    json_t *file = vectors_of_spec("views.json"), *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "versions"), i, row)
    {
        struct fora_bytes a = fora_bytes_str(vectors_text(row, "a"));
        struct fora_bytes b = fora_bytes_str(vectors_text(row, "b"));

        assert_int_equal(
            fora_version_compare(a, b), json_integer_value(json_object_get(row, "order")));
    }
    assert_true(i >= 10);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_vectors),
        cmocka_unit_test(policy_vectors),
        cmocka_unit_test(view_vectors),
        cmocka_unit_test(erased_and_not_erased_look_the_same_VIEW_5),
        cmocka_unit_test(version_vectors),
    };

    if (fora_crypto_init() != 0)
        return 1;
    return cmocka_run_group_tests_name("rule vectors", tests, NULL, NULL);
}
