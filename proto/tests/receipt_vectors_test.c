/* The vectors of receipts in spec/vectors (written by make_receipt_vectors). */
#include "fora/receipt.h"
#include "vectors.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

enum { LOGS_MAX = 16, OBJECTS_MAX = 32 };

static void unhex(const json_t *value, void *out, size_t size)
{
    assert_true(json_is_string(value) && json_string_length(value) == 2 * size);
    assert_int_equal(fora_unhex(out, size, json_string_value(value)), 0);
}

static void read_object(struct fora_arena *arena, const json_t *value, struct fora_object *out)
{
    size_t size = json_string_length(value) / 2;
    uint8_t *data = fora_arena_alloc(arena, size);

    assert_non_null(data);
    unhex(value, data, size);
    assert_int_equal(fora_object_decode(out, fora_bytes(data, size)), 0);
    assert_int_equal(fora_object_verify(out), 0);
}

static void trees_RCP_2(void **state)
{
    json_t *file = vectors_of_spec("receipts.json"), *tree;
    size_t t, looked = 0;

    (void)state;
    json_array_foreach(json_object_get(file, "trees"), t, tree)
    {
        const json_t *ids = json_object_get(tree, "ids"), *row;
        struct fora_receipt_proof proof;
        struct fora_receipt receipt = {
            .leaves = (uint32_t)json_array_size(ids), .proofs = &proof, .proofs_count = 1};
        size_t i, j;

        unhex(json_object_get(tree, "root"), receipt.objects_root.b, FORA_HASH_SIZE);
        json_array_foreach(json_object_get(tree, "proofs"), i, row)
        {
            struct fora_hash path[FORA_MERKLE_PATH_MAX];
            const json_t *list = json_object_get(row, "path"), *step;

            proof = (struct fora_receipt_proof){
                .index = (uint32_t)json_integer_value(json_object_get(row, "index")),
                .path = path,
                .path_count = json_array_size(list)};
            unhex(json_array_get(ids, i), proof.object.b, FORA_ID_SIZE);
            json_array_foreach(list, j, step) unhex(step, path[j].b, FORA_HASH_SIZE);
            assert_true(fora_receipt_proves(&receipt, &proof.object));
            looked++;
        }
    }
    print_message("%zu proofs\n", looked);
    assert_int_equal(looked, 28);
    json_decref(file);
}

struct logs {
    struct fora_identity *list[LOGS_MAX];
    size_t count;
};

static int find(void *context, const struct fora_principal_id *id, const struct fora_identity **out)
{
    struct logs *logs = context;

    *out = NULL;
    for (size_t i = 0; i < logs->count; i++) {
        if (memcmp(fora_identity_principal(logs->list[i])->b, id->b, FORA_ID_SIZE) == 0)
            *out = logs->list[i];
    }
    return 0;
}

static void add_entry(struct logs *logs, const struct fora_object *entry)
{
    struct fora_principal_id who = fora_object_principal(entry);
    const struct fora_identity *known;

    assert_int_equal(find(logs, &who, &known), 0);
    if (known == NULL) {
        assert_true(logs->count < LOGS_MAX);
        assert_int_equal(fora_identity_new(&logs->list[logs->count]), 0);
        known = logs->list[logs->count++];
    }
    for (size_t i = 0; i < logs->count; i++) {
        if (logs->list[i] == known)
            assert_int_equal(fora_identity_add(logs->list[i], entry), 0);
    }
}

static void check_case(const json_t *vector)
{
    struct fora_object objects[OBJECTS_MAX], object;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct logs logs = {.count = 0};
    const struct fora_receipt_source source = {&logs, find, find};
    const json_t *list = json_object_get(vector, "objects"), *row;
    const json_t *fallen = json_object_get(vector, "fallen");
    size_t i, count = json_array_size(list), fell;

    assert_true(count > 0 && count <= OBJECTS_MAX);
    fora_arena_init(&arena, 0);
    assert_int_equal(fora_policy_new(&policy), 0);
    json_array_foreach(json_object_get(vector, "identities"), i, row)
    {
        read_object(&arena, row, &object);
        add_entry(&logs, &object);
    }
    json_array_foreach(json_object_get(vector, "policy"), i, row)
    {
        read_object(&arena, row, &object);
        assert_int_equal(fora_policy_add(policy, &object), 0);
    }
    json_array_foreach(list, i, row) read_object(&arena, row, &objects[i]);
    assert_int_equal(fora_receipts_apply(&source, policy, objects, count, &fell), 0);
    assert_int_equal(fell, json_array_size(fallen));
    json_array_foreach(fallen, i, row)
    {
        struct fora_object_id id;
        bool found = false;

        unhex(row, id.b, FORA_ID_SIZE);
        for (size_t j = 0; j < count; j++)
            found = found ||
                    (!objects[j].has_content && memcmp(objects[j].id.b, id.b, FORA_ID_SIZE) == 0);
        assert_true(found);
    }
    for (i = 0; i < logs.count; i++)
        fora_identity_free(logs.list[i]);
    fora_policy_free(policy);
    fora_arena_fini(&arena);
}

static void disputes_RCP_3(void **state)
{
    json_t *file = vectors_of_spec("receipts.json"), *vector;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "cases"), i, vector) check_case(vector);
    print_message("%zu cases\n", i);
    assert_true(i >= 6);
    json_decref(file);
}

static void check_policy(const json_t *vector)
{
    struct fora_object objects[OBJECTS_MAX], object;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct logs logs = {.count = 0};
    const struct fora_receipt_source source = {&logs, find, find};
    const json_t *list = json_object_get(vector, "objects"), *row;
    const json_t *staff = json_object_get(vector, "staff");
    uint64_t at = (uint64_t)json_integer_value(json_object_get(vector, "at"));
    size_t i, count = json_array_size(list), fell, held = 0;

    assert_true(count > 0 && count <= OBJECTS_MAX);
    fora_arena_init(&arena, 0);
    assert_int_equal(fora_policy_new(&policy), 0);
    json_array_foreach(json_object_get(vector, "identities"), i, row)
    {
        read_object(&arena, row, &object);
        add_entry(&logs, &object);
    }
    json_array_foreach(json_object_get(vector, "policy"), i, row)
    {
        read_object(&arena, row, &object);
        assert_int_equal(fora_policy_add(policy, &object), 0);
    }
    json_array_foreach(list, i, row) read_object(&arena, row, &objects[i]);
    assert_int_equal(fora_receipts_apply_policy(&source, policy, objects, count, &fell), 0);
    assert_int_equal(fell, json_integer_value(json_object_get(vector, "fallen")));
    for (i = 0; i < logs.count; i++)
        held +=
            fora_policy_role_at(policy, fora_identity_principal(logs.list[i]), FORA_ROLE_STAFF, at);
    assert_int_equal(held, json_array_size(staff));
    json_array_foreach(staff, i, row)
    {
        struct fora_principal_id id;

        unhex(row, id.b, FORA_ID_SIZE);
        assert_true(fora_policy_role_at(policy, &id, FORA_ROLE_STAFF, at));
    }
    for (i = 0; i < logs.count; i++)
        fora_identity_free(logs.list[i]);
    fora_policy_free(policy);
    fora_arena_fini(&arena);
}

static void disputed_statements_RCP_9(void **state)
{
    json_t *file = vectors_of_spec("receipts.json"), *vector;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "policies"), i, vector) check_policy(vector);
    print_message("%zu policies\n", i);
    assert_true(i >= 4);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_RCP_2),
        cmocka_unit_test(disputes_RCP_3),
        cmocka_unit_test(disputed_statements_RCP_9),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
