/*
 * The tables against protobuf-c's generated code for the same .proto files: the same fields, and
 * the same values in both directions, for every message of the protocol. A table and a .proto that
 * drift apart fail here (ENC-1, ENC-2).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/message.h"
#include "wire/tables.h"
#include "wire_random.h"

#include "fora/v1/content.pb-c.h"
#include "fora/v1/identity.pb-c.h"
#include "fora/v1/object.pb-c.h"
#include "fora/v1/policy.pb-c.h"
#include "fora/v1/session.pb-c.h"
#include "fora/v1/standing.pb-c.h"
#include "wire_lists.h"

#include <string.h>

enum { ROUNDS = 200 };

static const ProtobufCMessageDescriptor *const descriptors[] = {
#define DESCRIPTOR(name) &fora__v1__##name##__descriptor,
    PROTO_MESSAGES(DESCRIPTOR)
#undef DESCRIPTOR
};

static const struct wire_table *const tables[] = {
#define TABLE(name) &name,
    WIRE_TABLES(TABLE)
#undef TABLE
};

enum {
    DESCRIPTORS = sizeof(descriptors) / sizeof(descriptors[0]),
    TABLES = sizeof(tables) / sizeof(tables[0])
};

static const ProtobufCMessageDescriptor *descriptor_of(const struct wire_table *table)
{
    for (size_t i = 0; i < DESCRIPTORS; i++) {
        if (strcmp(descriptors[i]->short_name, table->name) == 0)
            return descriptors[i];
    }
    fail_msg("no message in the .proto files is called %s", table->name);
    return NULL;
}

/* Object and Frame are read by code of their own; everything else has a table. */
static void test_enc1_every_message_has_a_table(void **state)
{
    size_t checked = 0;

    (void)state;
    for (size_t i = 0; i < DESCRIPTORS; i++) {
        const char *name = descriptors[i]->short_name;
        size_t found = 0;

        if (strcmp(name, "Object") == 0 || strcmp(name, "Frame") == 0)
            continue;
        for (size_t j = 0; j < TABLES; j++)
            found += strcmp(tables[j]->name, name) == 0;
        if (found != 1)
            fail_msg("%s has %zu tables", name, found);
        checked++;
    }
    assert_int_equal(checked, TABLES);
    print_message("%zu messages\n", checked);
}

static bool same_type(const struct wire_field *ours, const ProtobufCFieldDescriptor *theirs)
{
    switch ((enum wire_type)ours->type) {
    case WIRE_TYPE_U32:
        return theirs->type == PROTOBUF_C_TYPE_UINT32;
    case WIRE_TYPE_ENUM:
        return theirs->type == PROTOBUF_C_TYPE_ENUM;
    case WIRE_TYPE_U64:
        return theirs->type == PROTOBUF_C_TYPE_UINT64;
    case WIRE_TYPE_S32:
        return theirs->type == PROTOBUF_C_TYPE_SINT32;
    case WIRE_TYPE_S64:
        return theirs->type == PROTOBUF_C_TYPE_SINT64;
    case WIRE_TYPE_BOOL:
        return theirs->type == PROTOBUF_C_TYPE_BOOL;
    case WIRE_TYPE_TEXT:
        return theirs->type == PROTOBUF_C_TYPE_STRING;
    case WIRE_TYPE_BYTES:
    case WIRE_TYPE_ID:
        return theirs->type == PROTOBUF_C_TYPE_BYTES;
    case WIRE_TYPE_MESSAGE:
        return theirs->type == PROTOBUF_C_TYPE_MESSAGE && theirs->descriptor != NULL &&
               strcmp(((const ProtobufCMessageDescriptor *)theirs->descriptor)->short_name,
                   ours->table->name) == 0;
    }
    return false;
}

static void test_enc1_fields_agree_in_number_type_and_label(void **state)
{
    size_t checked = 0;

    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        const struct wire_table *table = tables[i];
        const ProtobufCMessageDescriptor *descriptor = descriptor_of(table);

        assert_int_equal(table->count, descriptor->n_fields);
        for (size_t j = 0; j < table->count; j++, checked++) {
            const struct wire_field *ours = &table->fields[j];
            const ProtobufCFieldDescriptor *theirs =
                protobuf_c_message_descriptor_get_field(descriptor, ours->number);
            bool oneof = theirs != NULL && (theirs->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);

            if (theirs == NULL || !same_type(ours, theirs) ||
                (theirs->label == PROTOBUF_C_LABEL_REPEATED) != ((ours->flags & WIRE_MANY) != 0) ||
                oneof != ((ours->flags & WIRE_PRESENCE) != 0))
                fail_msg("%s, field %u", table->name, (unsigned)ours->number);
            if (j > 0)
                assert_true(ours->number > table->fields[j - 1].number);
        }
    }
    print_message("%zu fields\n", checked);
    assert_true(checked > 100);
}

static const uint8_t *member(const ProtobufCMessage *message, size_t offset)
{
    return (const uint8_t *)message + offset;
}

static void assert_same(
    const struct wire_table *table, const void *ours, const ProtobufCMessage *theirs);

static void assert_same_bytes(const struct fora_bytes *ours, const void *slot, bool text)
{
    if (text) {
        const char *theirs = *(char *const *)slot;

        assert_int_equal(ours->size, strlen(theirs));
        if (ours->size != 0)
            assert_memory_equal(ours->data, theirs, ours->size);
    } else {
        const ProtobufCBinaryData *theirs = slot;

        assert_int_equal(ours->size, theirs->len);
        if (ours->size != 0)
            assert_memory_equal(ours->data, theirs->data, ours->size);
    }
}

static void assert_same_value(const struct wire_field *field, const void *ours, const void *theirs)
{
    struct fora_bytes id;

    switch ((enum wire_type)field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_S32:
    case WIRE_TYPE_ENUM:
        assert_int_equal(*(const uint32_t *)ours, *(const uint32_t *)theirs);
        return;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_S64:
        assert_true(*(const uint64_t *)ours == *(const uint64_t *)theirs);
        return;
    case WIRE_TYPE_BOOL:
        assert_int_equal(*(const bool *)ours, *(const protobuf_c_boolean *)theirs);
        return;
    case WIRE_TYPE_TEXT:
    case WIRE_TYPE_BYTES:
        assert_same_bytes(ours, theirs, field->type == WIRE_TYPE_TEXT);
        return;
    case WIRE_TYPE_ID:
        id = fora_bytes(ours, field->size);
        if (((const ProtobufCBinaryData *)theirs)->len == 0) {
            for (size_t i = 0; i < id.size; i++)
                assert_int_equal(id.data[i], 0); /* absent */
            return;
        }
        assert_same_bytes(&id, theirs, false);
        return;
    case WIRE_TYPE_MESSAGE:
        if (!(field->flags & WIRE_MANY))
            ours = *(void *const *)ours;
        assert_int_equal(ours == NULL, *(void *const *)theirs == NULL);
        if (ours != NULL)
            assert_same(field->table, ours, *(ProtobufCMessage *const *)theirs);
        return;
    }
}

/* Bytes of one element of a repeated field in protobuf-c's arrays. */
static size_t element_size(const struct wire_field *field)
{
    return field->type == WIRE_TYPE_TEXT || field->type == WIRE_TYPE_MESSAGE
               ? sizeof(void *)
               : sizeof(ProtobufCBinaryData);
}

static void assert_same(
    const struct wire_table *table, const void *ours, const ProtobufCMessage *theirs)
{
    const uint8_t *base = ours;

    assert_string_equal(theirs->descriptor->short_name, table->name);
    assert_int_equal(theirs->n_unknown_fields, 0);
    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];
        const ProtobufCFieldDescriptor *other =
            protobuf_c_message_descriptor_get_field(theirs->descriptor, field->number);
        const void *slot = base + field->offset;

        assert_non_null(other);
        if (field->flags & WIRE_MANY) {
            size_t count = *(const size_t *)(const void *)(base + field->aux_offset);
            const uint8_t *list = *(void *const *)slot;
            const uint8_t *others = *(uint8_t *const *)(const void *)member(theirs, other->offset);

            assert_int_equal(
                count, *(const size_t *)(const void *)member(theirs, other->quantifier_offset));
            for (size_t j = 0; j < count; j++)
                assert_same_value(field, list + j * field->size, others + j * element_size(field));
            continue;
        }
        if (field->flags & WIRE_PRESENCE) {
            bool set = *(const uint32_t *)(const void *)member(theirs, other->quantifier_offset) ==
                       field->number;

            assert_int_equal(*(const bool *)(base + field->aux_offset), set);
            if (!set)
                continue;
        }
        assert_same_value(field, slot, member(theirs, other->offset));
    }
}

static void one_round(struct wire_random *random, const struct wire_table *table)
{
    const ProtobufCMessageDescriptor *descriptor = descriptor_of(table);
    struct fora_arena arena;
    struct fora_buf ours = {0};
    void *in = fora_arena_zalloc(random->arena, 1, table->size);
    void *out = fora_arena_zalloc(random->arena, 1, table->size);
    ProtobufCMessage *theirs;
    uint8_t *packed;
    size_t size;

    fora_arena_init(&arena, 0);
    wire_random_fill(random, table, in);
    assert_int_equal(wire_encode(&ours, table, in), 0);

    theirs = protobuf_c_message_unpack(descriptor, NULL, ours.size, ours.data);
    assert_non_null(theirs);
    assert_same(table, in, theirs);

    size = protobuf_c_message_get_packed_size(theirs);
    packed = fora_arena_alloc(random->arena, size + 1);
    assert_non_null(packed);
    assert_int_equal(protobuf_c_message_pack(theirs, packed), size);
    assert_int_equal(wire_decode(&arena, table, fora_bytes(packed, size), out), 0);
    assert_true(wire_equal(table, in, out));
    /* Both write fields by number and leave zeros out: the bytes are the same. */
    assert_int_equal(size, ours.size);
    if (size != 0)
        assert_memory_equal(packed, ours.data, size);

    protobuf_c_message_free_unpacked(theirs, NULL);
    fora_arena_fini(&arena);
    fora_buf_fini(&ours);
}

static void test_enc2_values_agree_both_ways(void **state)
{
    struct fora_arena arena;
    struct wire_random random = {.state = 20240229, .arena = &arena};

    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        for (size_t round = 0; round < ROUNDS; round++) {
            fora_arena_init(&arena, 0);
            one_round(&random, tables[i]);
            fora_arena_fini(&arena);
        }
    }
    print_message("%d structs\n", (int)TABLES * ROUNDS);
}

static const ProtobufCMessage *body_of(const Fora__V1__Frame *frame)
{
    /* Every body is a pointer in the same union. */
    return &frame->hello->base;
}

static void test_ses1_frames_agree_for_every_body(void **state)
{
    static const struct {
        uint32_t number;
        const struct wire_table *table;
    } bodies[] = {
#define BODY(member, name, number) {number, &fora_msg_##member##_table},
        FORA_MESSAGES(BODY)
#undef BODY
    };
    size_t count = sizeof(bodies) / sizeof(bodies[0]);
    struct fora_arena arena;
    struct wire_random random = {.state = 7, .arena = &arena};

    (void)state;
    assert_int_equal(fora__v1__frame__descriptor.n_fields, count + 1); /* and request */
    for (size_t i = 0; i < count; i++) {
        struct fora_message in = {.request = 12345 + i, .type = bodies[i].number};
        struct fora_buf out = {0};
        Fora__V1__Frame *frame;

        fora_arena_init(&arena, 0);
        wire_random_fill(&random, bodies[i].table, &in.u);
        assert_int_equal(fora_message_encode(&out, &in), 0);
        frame = fora__v1__frame__unpack(NULL, out.size - 4, out.data + 4);
        assert_non_null(frame);
        assert_int_equal(frame->request, in.request);
        assert_int_equal(frame->body_case, bodies[i].number);
        assert_same(bodies[i].table, &in.u, body_of(frame));
        fora__v1__frame__free_unpacked(frame, NULL);
        fora_buf_fini(&out);
        fora_arena_fini(&arena);
    }
}

static void test_obj1_envelope_agrees(void **state)
{
    struct fora_secret *secret;
    struct fora_header header = {.kind = 99, .author = {{1}}, .created_at = 5};
    struct fora_buf out = {0};
    struct fora_object object;
    Fora__V1__Object *theirs;
    const uint8_t seed[32] = {1};

    (void)state;
    assert_int_equal(fora_crypto_init(), 0);
    assert_int_equal(fora_secret_from_seed(&secret, seed), 0);
    assert_int_equal(fora_object_build(&out, &header, fora_bytes_str("content"), secret, NULL), 0);
    assert_int_equal(fora_object_decode(&object, fora_buf_bytes(&out)), 0);
    theirs = fora__v1__object__unpack(NULL, out.size, out.data);
    assert_non_null(theirs);
    assert_same_bytes(&object.header_bytes, &theirs->header, false);
    assert_same_bytes(&object.content_bytes, &theirs->content, false);
    assert_int_equal(theirs->signature.len, 64);
    assert_memory_equal(theirs->signature.data, object.signature.b, 64);
    fora__v1__object__free_unpacked(theirs, NULL);
    fora_buf_fini(&out);
    fora_secret_free(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc1_every_message_has_a_table),
        cmocka_unit_test(test_enc1_fields_agree_in_number_type_and_label),
        cmocka_unit_test(test_enc2_values_agree_both_ways),
        cmocka_unit_test(test_ses1_frames_agree_for_every_body),
        cmocka_unit_test(test_obj1_envelope_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
