/* spec/vectors: what stands there is what the library says, bytes, ids, signatures and refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/object.h"
#include "vectors.h"

#include <string.h>

/* A member that is hex of 32 bytes, or all zeros when it is not there. */
static void id_of(uint8_t out[32], const json_t *object, const char *member)
{
    memset(out, 0, 32);
    if (json_object_get(object, member) != NULL)
        vectors_hex_exact(out, 32, object, member);
}

static void assert_id(const uint8_t id[32], const json_t *object, const char *member)
{
    uint8_t expected[32];

    id_of(expected, object, member);
    assert_memory_equal(id, expected, 32);
}

static uint64_t number(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);

    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

static void test_enc7_hashes(void **state)
{
    json_t *file = vectors_of_spec("ids.json"), *one;
    struct fora_buf buf = {0};
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "hashes"), i, one)
    {
        struct fora_hash hash;

        fora_buf_clear(&buf);
        fora_hash1(&hash, vectors_text(one, "domain"), vectors_hex(&buf, one, "message"));
        assert_id(hash.b, one, "hash");
    }
    assert_true(i >= 14);
    fora_buf_fini(&buf);
    json_decref(file);
}

static void test_obj9_texts(void **state)
{
    json_t *file = vectors_of_spec("ids.json"), *one;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "texts"), i, one)
    {
        char text[FORA_ID_TEXT_MAX];
        uint8_t id[32], parsed[32];

        id_of(id, one, "id");
        fora_id_format(text, vectors_text(one, "prefix"), id);
        assert_string_equal(text, vectors_text(one, "text"));
        assert_int_equal(fora_id_parse(parsed, vectors_text(one, "prefix"), text), 0);
        assert_memory_equal(parsed, id, 32);
    }
    assert_true(i >= 10);
    json_array_foreach(json_object_get(file, "refused_texts"), i, one)
    {
        uint8_t id[32];

        assert_int_equal(fora_id_parse(id, vectors_text(one, "prefix"), vectors_text(one, "text")),
            FORA_E_MALFORMED);
    }
    assert_true(i >= 6);
    json_decref(file);
}

static void test_obj8_slots(void **state)
{
    json_t *file = vectors_of_spec("ids.json"), *one;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "slots"), i, one)
    {
        struct fora_header header = {.kind = (uint32_t)number(one, "kind")};
        struct fora_hash slot;

        assert_true(fora_kind_replaceable(header.kind));
        id_of(header.author.b, one, "author");
        id_of(header.space.b, one, "space");
        id_of(header.parent.b, one, "parent");
        fora_object_slot(&slot, &header);
        assert_id(slot.b, one, "slot");
    }
    assert_int_equal(i, 4);
    json_decref(file);
}

static void check_object(const json_t *one, struct fora_buf *buf)
{
    struct fora_object object;
    struct fora_arena arena;
    struct fora_content content;

    fora_buf_clear(buf);
    assert_int_equal(fora_object_decode(&object, vectors_hex(buf, one, "object")), 0);
    assert_int_equal(fora_object_verify(&object), 0);
    assert_id(object.id.b, one, "id");
    assert_int_equal(object.header.kind, number(one, "kind"));
    assert_true(object.header.created_at == number(one, "created_at"));
    assert_int_equal(object.header.audience, number(one, "audience"));
    assert_int_equal(object.header.content_size, number(one, "content_size"));
    assert_id(object.header.author.b, one, "author");
    assert_id(object.header.key.b, one, "key");
    assert_id(object.header.space.b, one, "space");
    assert_id(object.header.root.b, one, "root");
    assert_id(object.header.parent.b, one, "parent");
    assert_id(object.header.content_hash.b, one, "content_hash");
    assert_int_equal(object.has_content, json_object_get(one, "content") != NULL);
    if (object.has_content) {
        fora_arena_init(&arena, FORA_CONTENT_ARENA);
        assert_int_equal(
            fora_content_decode(&arena, object.header.kind, object.content_bytes, &content), 0);
        fora_arena_fini(&arena);
    }
}

static void test_obj_objects_of_every_kind(void **state)
{
    json_t *file = vectors_of_spec("objects.json"), *one;
    struct fora_buf buf = {0};
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "objects"), i, one) check_object(one, &buf);
    assert_true(i >= FORA_KIND_CARRIED + 2);
    fora_buf_fini(&buf);
    json_decref(file);
}

static void test_obj_refused_objects(void **state)
{
    json_t *file = vectors_of_spec("objects.json"), *one;
    struct fora_buf buf = {0};
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "refused"), i, one)
    {
        struct fora_object object;
        int code;

        fora_buf_clear(&buf);
        code = fora_object_decode(&object, vectors_hex(&buf, one, "object"));
        if (code == 0)
            code = fora_object_verify(&object);
        if (strcmp(fora_error_name(code), vectors_text(one, "code")) != 0)
            fail_msg("%s: %s", vectors_text(one, "name"), fora_error_name(code));
    }
    assert_true(i >= 14);
    fora_buf_fini(&buf);
    json_decref(file);
}

static void test_kind_mention1_contents(void **state)
{
    json_t *file = vectors_of_spec("objects.json"), *one;
    struct fora_buf buf = {0};
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(file, "contents"), i, one)
    {
        struct fora_arena arena;
        struct fora_content content;

        fora_arena_init(&arena, FORA_CONTENT_ARENA);
        fora_buf_clear(&buf);
        int code = fora_content_decode(
            &arena, (uint32_t)number(one, "kind"), vectors_hex(&buf, one, "content"), &content);
        if (strcmp(fora_error_name(code), vectors_text(one, "code")) != 0)
            fail_msg("%s: %s", vectors_text(one, "name"), fora_error_name(code));
        fora_arena_fini(&arena);
    }
    assert_true(i >= 7);
    fora_buf_fini(&buf);
    json_decref(file);
}

static void test_enc8_enc9_signatures(void **state)
{
    json_t *file = vectors_of_spec("signatures.json"), *one;
    struct fora_buf buf = {0};
    struct fora_secret *secret;
    uint8_t seed[32];
    size_t i;

    (void)state;
    vectors_hex_exact(seed, 32, file, "seed");
    assert_int_equal(fora_secret_from_seed(&secret, seed), 0);
    json_array_foreach(json_object_get(file, "signatures"), i, one)
    {
        bool valid = json_is_true(json_object_get(one, "valid"));
        struct fora_signature signature, again;
        struct fora_key key;
        struct fora_bytes message;

        fora_buf_clear(&buf);
        message = vectors_hex(&buf, one, "message");
        vectors_hex_exact(key.b, 32, one, "key");
        vectors_hex_exact(signature.b, 64, one, "signature");
        assert_int_equal(fora_verify(&signature, &key, vectors_text(one, "domain"), message),
            valid ? 0 : FORA_E_SIGNATURE);
        fora_sign(&again, secret, vectors_text(one, "domain"), message);
        assert_int_equal(memcmp(again.b, signature.b, 64) == 0, valid);
    }
    assert_true(i >= 7);
    fora_secret_free(secret);
    fora_buf_fini(&buf);
    json_decref(file);
}

static int set_up(void **state)
{
    (void)state;
    return fora_crypto_init();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc7_hashes),
        cmocka_unit_test(test_enc8_enc9_signatures),
        cmocka_unit_test(test_obj8_slots),
        cmocka_unit_test(test_obj9_texts),
        cmocka_unit_test(test_obj_objects_of_every_kind),
        cmocka_unit_test(test_obj_refused_objects),
        cmocka_unit_test(test_kind_mention1_contents),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
