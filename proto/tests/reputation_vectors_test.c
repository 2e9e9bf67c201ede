/* The vectors of spec/vectors/reputation.json (written by make_reputation_vectors). */
#include "fora/reputation.h"
#include "vectors.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t number(const json_t *row, const char *member)
{
    const json_t *value = json_object_get(row, member);

    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

/* Objects in the order of the list, turned by `turn`: the order must not matter. */
static void fill(struct fora_claims *claims, const json_t *list, size_t turn)
{
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, (i + turn) % count));
        size_t size = strlen(text) / 2;
        uint8_t *bytes = malloc(size);
        struct fora_object object;

        assert_non_null(bytes);
        assert_int_equal(fora_unhex(bytes, size, text), 0);
        assert_int_equal(fora_object_decode(&object, fora_bytes(bytes, size)), 0);
        assert_int_equal(fora_object_verify(&object), 0);
        assert_int_equal(fora_claims_add(claims, &object), 0);
        free(bytes);
    }
}

static void check_case(const json_t *vector)
{
    const json_t *objects = json_object_get(vector, "objects"), *row;
    size_t i;

    for (size_t turn = 0; turn < json_array_size(objects); turn++) {
        struct fora_claims *claims;

        assert_int_equal(fora_claims_new(&claims), 0);
        fill(claims, objects, turn);
        json_array_foreach(json_object_get(vector, "checks"), i, row)
        {
            struct fora_object_id id;
            struct fora_claim claim;

            vectors_hex_exact(id.b, sizeof(id.b), row, "id");
            assert_int_equal(fora_claims_check(claims, &id, number(row, "at"), &claim), 0);
            assert_string_equal(fora_error_name(claim.code), vectors_text(row, "result"));
        }
        fora_claims_free(claims);
    }
}

static void ATT_4_verdicts(void **state)
{
    json_t *file = vectors_of_spec("reputation.json"), *vector;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "cases"), i, vector)
    {
        printf("%s: %s\n", vectors_text(vector, "clause"), vectors_text(vector, "name"));
        check_case(vector);
    }
    assert_true(i >= 15);
    json_decref(file);
}

/* An object of the vector, whose bytes are the caller's to free. */
static uint8_t *unhexed(const char *text, struct fora_object *out)
{
    size_t size = strlen(text) / 2;
    uint8_t *bytes = malloc(size);

    assert_non_null(bytes);
    assert_int_equal(fora_unhex(bytes, size, text), 0);
    assert_int_equal(fora_object_decode(out, fora_bytes(bytes, size)), 0);
    assert_int_equal(fora_object_verify(out), 0);
    return bytes;
}

/* What is looked at in a case, and how far one is. */
struct looking {
    const json_t *list;
    size_t at;
};

static void compare_refused(void *context, size_t index, int code)
{
    struct looking *looking = context;
    const json_t *row = json_array_get(looking->list, looking->at++);

    assert_int_equal(number(row, "index"), index);
    assert_string_equal(vectors_text(row, "result"), fora_error_name(code));
}

static int compare_claim(void *context, const struct fora_claim *claim)
{
    struct looking *looking = context;
    const json_t *row = json_array_get(looking->list, looking->at++);
    struct fora_object_id id;

    assert_int_equal(fora_unhex(id.b, sizeof(id.b), vectors_text(row, "id")), 0);
    assert_memory_equal(claim->id->b, id.b, sizeof(id.b));
    assert_string_equal(fora_error_name(claim->code), vectors_text(row, "result"));
    return 0;
}

static void check_carried(const json_t *vector, size_t turn)
{
    struct looking refused = {json_object_get(vector, "refused"), 0};
    struct looking claimed = {json_object_get(vector, "claims"), 0};
    struct fora_object object;
    struct fora_content content;
    struct fora_arena arena;
    struct fora_claims *claims;
    uint8_t *bytes = unhexed(vectors_text(vector, "carried"), &object);

    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    assert_int_equal(object.header.kind, FORA_KIND_CARRIED);
    assert_int_equal(
        fora_content_decode(&arena, FORA_KIND_CARRIED, object.content_bytes, &content), 0);
    struct fora_bundle bundle = fora_bundle_of_carried(&object.header, &content.u.carried);
    assert_int_equal(fora_claims_new(&claims), 0);
    fill(claims, json_object_get(vector, "held"), turn);
    assert_int_equal(fora_bundle_open(&bundle, claims, compare_refused, &refused), 0);
    assert_int_equal(fora_claims_each(claims, &object.header.author, number(vector, "at"),
                         compare_claim, &claimed),
        0);
    assert_int_equal(refused.at, json_array_size(refused.list));
    assert_int_equal(claimed.at, json_array_size(claimed.list));
    fora_claims_free(claims);
    fora_arena_fini(&arena);
    free(bytes);
}

static void ATT_16_carried(void **state)
{
    json_t *file = vectors_of_spec("reputation.json"), *vector;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "carried"), i, vector)
    {
        printf("%s: %s\n", vectors_text(vector, "clause"), vectors_text(vector, "name"));
        check_carried(vector, i);
    }
    assert_true(i >= 10);
    json_decref(file);
}

static void STD_6_pairs(void **state)
{
    json_t *file = vectors_of_spec("reputation.json"), *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "pairs"), i, row) assert_int_equal(
        fora_standing_pair(number(row, "given"), number(row, "returned")), number(row, "worth"));
    assert_true(i >= 100);
    json_decref(file);
}

static void STD_9_scores(void **state)
{
    json_t *file = vectors_of_spec("reputation.json"), *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "scores"), i, row)
    {
        const struct fora_standing sums = {.counts = {[FORA_CREDIT_ANSWER] = number(row, "answers"),
                                               [FORA_CREDIT_ARTICLE] = number(row, "articles"),
                                               [FORA_CREDIT_IDEA] = number(row, "ideas"),
                                               [FORA_CREDIT_CONFIRMED] = number(row, "confirmed")},
            .rating = (int64_t)number(row, "rating"),
            .from_rooted = number(row, "from_rooted"),
            .from_others = number(row, "from_others")};

        assert_int_equal(fora_standing_earned(&sums), number(row, "earned"));
        assert_int_equal(fora_standing_score(&sums), number(row, "standing"));
        assert_int_equal(fora_standing_level(fora_standing_score(&sums)), number(row, "level"));
    }
    assert_true(i >= 50);
    json_decref(file);
}

/* Root, and a path for each leaf that holds for it and for no other place. */
static void STD_5_evidence(void **state)
{
    json_t *file = vectors_of_spec("reputation.json"), *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "evidence"), i, row)
    {
        struct fora_evidence tree = {0};
        struct fora_object_id ids[16];
        struct fora_hash root, leaf, expected = {{0}}, path[FORA_MERKLE_PATH_MAX + 1];
        size_t count = json_array_size(json_object_get(row, "ids")), length;

        assert_true(count <= 16);
        for (size_t j = 0; j < count; j++) {
            const char *text = json_string_value(json_array_get(json_object_get(row, "ids"), j));

            assert_int_equal(fora_unhex(ids[j].b, sizeof(ids[j].b), text), 0);
            assert_int_equal(fora_evidence_add(&tree, &ids[j]), 0);
        }
        fora_evidence_root(&tree, &root);
        assert_int_equal(fora_unhex(expected.b, sizeof(expected.b), vectors_text(row, "root")), 0);
        assert_memory_equal(root.b, expected.b, sizeof(root.b));
        for (size_t j = 0; j < count; j++) {
            struct fora_hash leaves[16], other, again;
            uint32_t index = (uint32_t)j, leaves_count = (uint32_t)count;

            for (size_t k = 0; k < count; k++)
                memcpy(leaves[k].b, ids[k].b, sizeof(leaves[k].b));
            leaf = leaves[j];
            other = leaves[(j + 1) % count];
            length = fora_merkle_path(&again, leaves, count, j, path);
            assert_memory_equal(again.b, root.b, sizeof(root.b));
            assert_true(fora_merkle_check(&root, &leaf, leaves_count, index, path, length));
            assert_false(
                count > 1 && fora_merkle_check(&root, &other, leaves_count, index, path, length));
            assert_false(fora_merkle_check(&root, &leaf, leaves_count + 8, index, path, length));
            assert_false(fora_merkle_check(&root, &leaf, index, index, path, length));
            path[length] = leaf;
            assert_false(fora_merkle_check(&root, &leaf, leaves_count, index, path, length + 1));
            assert_false(length > 0 &&
                         fora_merkle_check(&root, &leaf, leaves_count, index, path, length - 1));
        }
    }
    assert_true(i >= 9);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ATT_4_verdicts),
        cmocka_unit_test(ATT_16_carried),
        cmocka_unit_test(STD_6_pairs),
        cmocka_unit_test(STD_9_scores),
        cmocka_unit_test(STD_5_evidence),
    };

    if (fora_crypto_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
