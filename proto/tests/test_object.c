/* Objects: every clause of OBJ, every byte flipped, every limit at itself and one beyond. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fora/object.h"
#include "wire/tables.h"

#include <string.h>

static struct fora_secret *secret;
static struct fora_buf built;
static struct fora_object_id built_id;

static void fill(uint8_t id[32], uint8_t with)
{
    memset(id, with, 32);
}

/* A header that obeys OBJ-7 for the kind, signed by nobody yet. */
static struct fora_header header_of(uint32_t kind)
{
    struct fora_header header = {.kind = kind, .created_at = 1700000000000};

    fill(header.author.b, 0xa1);
    if (kind == FORA_KIND_IDENTITY) {
        fill(header.parent.b, 0xa4);
    } else if (kind != FORA_KIND_PROFILE) {
        fill(header.space.b, 0xa2);
    }
    if (kind >= FORA_KIND_POST && kind <= FORA_KIND_RETRACTION) {
        fill(header.root.b, 0xa3);
        fill(header.parent.b, 0xa4);
    }
    return header;
}

static int build(struct fora_header header, struct fora_bytes content)
{
    fora_buf_clear(&built);
    return fora_object_build(&built, &header, content, secret, &built_id);
}

static struct fora_object build_and_decode(struct fora_header header)
{
    struct fora_object object;

    assert_int_equal(build(header, fora_bytes_str("some content")), 0);
    assert_int_equal(fora_object_decode(&object, fora_buf_bytes(&built)), 0);
    return object;
}

/* An envelope around a header that may break rules. */
static void put_envelope(struct fora_buf *out, struct fora_bytes header)
{
    const uint8_t signature[64] = {1};

    fora_buf_clear(out);
    wire_put_bytes(out, 1, header);
    wire_put_bytes(out, 2, fora_bytes(signature, sizeof(signature)));
    wire_put_bytes(out, 3, fora_bytes_str("some content"));
}

/* Encodes a header as it stands and decodes it. */
static int decode_header(struct fora_header header)
{
    struct fora_buf bytes = {0};
    struct fora_header out;
    int code;

    header.version = header.version != 0 ? header.version : 1;
    header.content_size = header.content_size != 0 ? header.content_size : 12;
    fill(header.key.b, 0xaa);
    fill(header.content_hash.b, 0xab);
    assert_int_equal(wire_encode(&bytes, &fora_header_table, &header), 0);
    code = fora_header_decode(&out, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return code;
}

static void test_obj2_build_then_decode_gives_every_field(void **state)
{
    struct fora_header in = header_of(FORA_KIND_POST);
    struct fora_object object;

    (void)state;
    in.audience = FORA_AUDIENCE_PRIVATE;
    in.lane = fora_bytes_str("staff");
    object = build_and_decode(in);
    assert_int_equal(object.header.version, 1);
    assert_int_equal(object.header.kind, FORA_KIND_POST);
    assert_memory_equal(object.header.author.b, in.author.b, 32);
    assert_memory_equal(object.header.space.b, in.space.b, 32);
    assert_memory_equal(object.header.root.b, in.root.b, 32);
    assert_memory_equal(object.header.parent.b, in.parent.b, 32);
    assert_true(object.header.created_at == in.created_at);
    assert_int_equal(object.header.audience, FORA_AUDIENCE_PRIVATE);
    assert_true(fora_bytes_equal(object.header.lane, fora_bytes_str("staff")));
    assert_int_equal(object.header.content_size, 12);
    assert_true(object.has_content);
    assert_true(fora_bytes_equal(object.content_bytes, fora_bytes_str("some content")));
    assert_true(fora_bytes_equal(object.encoded, fora_buf_bytes(&built)));
    assert_memory_equal(object.id.b, built_id.b, 32);
    assert_int_equal(fora_object_verify(&object), 0);
    /* Zero-copy: all slices lie in the input. */
    assert_true(object.header_bytes.data > built.data);
    assert_true(object.content_bytes.data + 12 == built.data + built.size);
}

static void test_obj3_id_is_the_hash_of_the_header_bytes(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_THREAD));
    struct fora_hash hash;

    (void)state;
    fora_hash1(&hash, FORA_DOMAIN_OBJECT, object.header_bytes);
    assert_memory_equal(hash.b, object.id.b, 32);
}

static void test_obj1_envelope_has_one_encoding(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_THREAD)), out;
    struct fora_bytes signature = fora_bytes(object.signature.b, 64);
    struct fora_buf other = {0};

    (void)state;
    wire_put_bytes(&other, 2, signature); /* another order */
    wire_put_bytes(&other, 1, object.header_bytes);
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&other)), FORA_E_MALFORMED);

    fora_buf_clear(&other);
    fora_buf_append_bytes(&other, object.encoded);
    wire_put_varint(&other, 4, 1); /* more than there is */
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&other)), FORA_E_MALFORMED);

    fora_buf_clear(&other);
    fora_buf_append_bytes(&other, object.encoded);
    wire_put_bytes(&other, 3, object.content_bytes); /* twice */
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&other)), FORA_E_MALFORMED);

    fora_buf_clear(&other);
    assert_int_equal(fora_object_strip(&other, &object), 0);
    fora_buf_append(&other, "\x1a\x00", 2); /* present and empty */
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&other)), FORA_E_MALFORMED);

    fora_buf_clear(&other);
    wire_put_bytes(&other, 1, object.header_bytes); /* no signature */
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&other)), FORA_E_MALFORMED);
    wire_put_bytes(&other, 2, fora_bytes(signature.data, 63)); /* a short one */
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&other)), FORA_E_MALFORMED);
    assert_int_equal(fora_object_decode(&out, fora_bytes(NULL, 0)), FORA_E_MALFORMED);
    fora_buf_fini(&other);
}

static void test_obj2_version(void **state)
{
    struct fora_header header = header_of(FORA_KIND_THREAD);

    (void)state;
    assert_int_equal(decode_header(header), 0);
    header.version = 2;
    assert_int_equal(decode_header(header), FORA_E_VERSION);
}

static void test_obj2_unknown_fields_of_the_header_survive(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_THREAD)), out;
    struct fora_buf header = {0}, envelope = {0};
    struct fora_signature signature;
    struct fora_object_id id;

    (void)state;
    fora_buf_append_bytes(&header, object.header_bytes);
    wire_put_bytes(&header, 99, fora_bytes_str("of a later version"));
    fora_object_id_of(&id, fora_buf_bytes(&header));
    fora_sign(&signature, secret, FORA_DOMAIN_SIGN_OBJECT, fora_bytes(id.b, 32));
    wire_put_bytes(&envelope, 1, fora_buf_bytes(&header));
    wire_put_bytes(&envelope, 2, fora_bytes(signature.b, 64));
    wire_put_bytes(&envelope, 3, object.content_bytes);
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&envelope)), 0);
    assert_int_equal(fora_object_verify(&out), 0);
    assert_true(fora_bytes_equal(out.header_bytes, fora_buf_bytes(&header)));
    assert_memory_not_equal(out.id.b, object.id.b, 32);
    fora_buf_fini(&header);
    fora_buf_fini(&envelope);
}

/* Appends a header without the field of that number. */
static void put_header_without(struct fora_buf *out, struct fora_bytes header, uint32_t number)
{
    struct fora_reader reader;
    struct wire_raw raw;

    fora_buf_clear(out);
    fora_reader_init(&reader, header);
    while (wire_next(&reader, &raw)) {
        if (raw.number == number)
            continue;
        if (raw.wire == 2)
            wire_put_bytes(out, raw.number, raw.bytes);
        else
            wire_put_varint(out, raw.number, raw.value);
    }
}

static void test_obj2_required_fields(void **state)
{
    static const uint32_t required[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 11};
    struct fora_object object = build_and_decode(header_of(FORA_KIND_POST)), out;
    struct fora_buf header = {0}, envelope = {0};

    (void)state;
    put_header_without(&header, object.header_bytes, 0);
    assert_true(fora_bytes_equal(fora_buf_bytes(&header), object.header_bytes));
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        put_header_without(&header, object.header_bytes, required[i]);
        assert_true(header.size < object.header_bytes.size);
        put_envelope(&envelope, fora_buf_bytes(&header));
        if (fora_object_decode(&out, fora_buf_bytes(&envelope)) != FORA_E_MALFORMED)
            fail_msg("without field %u", (unsigned)required[i]);
    }
    fora_buf_fini(&header);
    fora_buf_fini(&envelope);
}

/* Which of space, root, parent a kind must (1), must not (0), or may (2) have. */
static const struct {
    uint32_t kind;
    int space, root, parent;
} rules[] = {
    {FORA_KIND_IDENTITY, 0, 0, 1},
    {FORA_KIND_POLICY, 2, 0, 0},
    {FORA_KIND_PROFILE, 0, 0, 0},
    {FORA_KIND_THREAD, 1, 0, 0},
    {FORA_KIND_POST, 1, 1, 1},
    {FORA_KIND_REVISION, 1, 1, 1},
    {FORA_KIND_TALLY, 1, 1, 1},
    {FORA_KIND_RESOLUTION, 1, 1, 1},
    {FORA_KIND_STATUS, 1, 1, 1},
    {FORA_KIND_CITE, 1, 1, 1},
    {FORA_KIND_DUPLICATE, 1, 1, 1},
    {FORA_KIND_FLAG, 1, 1, 1},
    {FORA_KIND_MODERATION, 1, 1, 1},
    {FORA_KIND_APPEAL, 1, 1, 1},
    {FORA_KIND_RETRACTION, 1, 1, 1},
    {FORA_KIND_ATTESTATION, 2, 2, 2},
    {FORA_KIND_REVOCATION, 2, 2, 2},
    {FORA_KIND_MEMBERSHIP, 2, 2, 2},
    {FORA_KIND_CASE, 2, 2, 2},
    {FORA_KIND_RECEIPT, 2, 2, 2},
    {FORA_KIND_CHECKPOINT, 1, 0, 0},
    {FORA_KIND_CARRIED, 0, 0, 0},
    {23, 2, 2, 2},
    {UINT32_MAX, 2, 2, 2},
};

static bool allowed(int rule, bool has)
{
    return rule == 2 || (rule == 1) == has;
}

static void test_obj7_references_by_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        for (unsigned bits = 0; bits < 8; bits++) {
            struct fora_header header = {.kind = rules[i].kind, .created_at = 1};
            bool good = allowed(rules[i].space, bits & 1) && allowed(rules[i].root, bits & 2) &&
                        allowed(rules[i].parent, bits & 4);

            fill(header.author.b, 0xa1);
            fill(header.space.b, bits & 1 ? 0xa2 : 0);
            fill(header.root.b, bits & 2 ? 0xa3 : 0);
            fill(header.parent.b, bits & 4 ? 0xa4 : 0);
            if (decode_header(header) != (good ? 0 : FORA_E_MALFORMED))
                fail_msg("kind %u, references %u", (unsigned)rules[i].kind, bits);
            /* Building refuses what decoding refuses. */
            assert_int_equal(build(header, fora_bytes_str("content")), good ? 0 : FORA_E_MALFORMED);
        }
    }
}

static void test_obj7_only_the_first_identity_entry_has_no_author(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct fora_header header = header_of(rules[i].kind);

        fill(header.author.b, 0);
        assert_int_equal(decode_header(header), FORA_E_MALFORMED);
    }
    /* It has no parent either. */
    assert_int_equal(
        decode_header((struct fora_header){.kind = FORA_KIND_IDENTITY, .created_at = 1}), 0);
}

static void test_obj7_lane_of_private_objects_only(void **state)
{
    struct fora_header header = header_of(FORA_KIND_POST);

    (void)state;
    header.lane = fora_bytes_str("shared");
    assert_int_equal(decode_header(header), FORA_E_MALFORMED);
    header.audience = FORA_AUDIENCE_RESTRICTED;
    assert_int_equal(decode_header(header), FORA_E_MALFORMED);
    header.audience = FORA_AUDIENCE_PRIVATE;
    assert_int_equal(decode_header(header), 0);
    header.audience = 3;
    assert_int_equal(decode_header(header), 0);
    header.lane = fora_bytes("\xff\x00 any bytes", 12);
    assert_int_equal(decode_header(header), 0);
}

static void test_obj5_every_flipped_bit_is_noticed(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_POST));
    size_t checked = 0;

    (void)state;
    assert_int_equal(fora_object_verify(&object), 0);
    for (size_t i = 0; i < built.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++, checked++) {
            struct fora_object out;
            int code;

            built.data[i] ^= (uint8_t)(1u << bit);
            code = fora_object_decode(&out, fora_buf_bytes(&built));
            if (code == 0)
                code = fora_object_verify(&out);
            if (code == 0)
                fail_msg("byte %zu, bit %u", i, bit);
            built.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    print_message("%zu flips\n", checked);
    assert_true(checked > 2000);
}

static void test_obj5_codes_of_verification(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_POST)), other;
    struct fora_secret *stranger;
    const uint8_t seed[32] = {9};

    (void)state;
    other = object;
    other.signature.b[5] ^= 1;
    assert_int_equal(fora_object_verify(&other), FORA_E_SIGNATURE);
    other = object;
    other.content_bytes = fora_bytes_str("Some content");
    assert_int_equal(fora_object_verify(&other), FORA_E_CONTENT_HASH);
    other.content_bytes = fora_bytes_str("some content and more");
    assert_int_equal(fora_object_verify(&other), FORA_E_CONTENT_HASH);
    other = object;
    assert_int_equal(fora_secret_from_seed(&stranger, seed), 0);
    fora_secret_public(stranger, &other.header.key);
    assert_int_equal(fora_object_verify(&other), FORA_E_SIGNATURE);
    fora_secret_free(stranger);
}

static void test_obj6_content_hash_and_size(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_POST));
    struct fora_hash hash;

    (void)state;
    fora_hash1(&hash, FORA_DOMAIN_CONTENT, object.content_bytes);
    assert_memory_equal(hash.b, object.header.content_hash.b, 32);
    assert_int_equal(object.header.content_size, object.content_bytes.size);
    /* A content is never empty: it holds a salt. */
    assert_int_equal(build(header_of(FORA_KIND_POST), fora_bytes(NULL, 0)), FORA_E_MALFORMED);
}

static void test_obj10_stripped_object_verifies_and_keeps_its_id(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_POST)), out;
    struct fora_buf stripped = {0}, again = {0};

    (void)state;
    assert_int_equal(fora_object_strip(&stripped, &object), 0);
    assert_int_equal(stripped.size + 2 + object.content_bytes.size, object.encoded.size);
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&stripped)), 0);
    assert_false(out.has_content);
    assert_int_equal(out.content_bytes.size, 0);
    assert_memory_equal(out.id.b, object.id.b, 32);
    assert_int_equal(fora_object_verify(&out), 0);
    assert_int_equal(fora_object_strip(&again, &out), 0);
    assert_true(fora_bytes_equal(fora_buf_bytes(&again), fora_buf_bytes(&stripped)));
    fora_buf_fini(&stripped);
    fora_buf_fini(&again);
}

static void test_obj8_slots(void **state)
{
    struct fora_header tally = header_of(FORA_KIND_TALLY), other;
    struct fora_hash a, b;

    (void)state;
    assert_true(fora_kind_replaceable(FORA_KIND_PROFILE));
    assert_true(fora_kind_replaceable(FORA_KIND_TALLY));
    assert_true(fora_kind_replaceable(FORA_KIND_CHECKPOINT));
    assert_true(fora_kind_replaceable(FORA_KIND_CARRIED));
    for (uint32_t kind = 0, count = 0; kind < 30; kind++) {
        count += fora_kind_replaceable(kind);
        assert_true(count <= 4);
    }
    fora_object_slot(&a, &tally);
    other = tally; /* what may change without leaving the slot */
    other.created_at++;
    other.audience = 1;
    fill(other.root.b, 1);
    fill(other.space.b, 1);
    fora_object_slot(&b, &other);
    assert_memory_equal(a.b, b.b, 32);
    other = tally;
    fill(other.parent.b, 1);
    fora_object_slot(&b, &other);
    assert_memory_not_equal(a.b, b.b, 32);
    other = tally;
    fill(other.author.b, 1);
    fora_object_slot(&b, &other);
    assert_memory_not_equal(a.b, b.b, 32);
    other = tally;
    other.kind = FORA_KIND_PROFILE;
    fora_object_slot(&b, &other);
    assert_memory_not_equal(a.b, b.b, 32);
    /* Without a parent the space is the target. */
    tally = header_of(FORA_KIND_CHECKPOINT);
    other = tally;
    fill(other.space.b, 1);
    fora_object_slot(&a, &tally);
    fora_object_slot(&b, &other);
    assert_memory_not_equal(a.b, b.b, 32);
}

static void test_obj8_order(void **state)
{
    struct fora_object_id low = {{1}}, high = {{2}};

    (void)state;
    assert_true(fora_object_order(1, &high, 2, &low) < 0);
    assert_true(fora_object_order(2, &low, 1, &high) > 0);
    assert_true(fora_object_order(1, &low, 1, &high) < 0);
    assert_true(fora_object_order(1, &high, 1, &low) > 0);
    assert_int_equal(fora_object_order(1, &low, 1, &low), 0);
}

static void test_obj7_scope(void **state)
{
    struct fora_header header;

    (void)state;
    for (uint32_t kind = 1; kind < 24; kind++) {
        bool alone =
            kind == FORA_KIND_IDENTITY || kind == FORA_KIND_PROFILE || kind == FORA_KIND_CARRIED;
        bool either = kind == FORA_KIND_ATTESTATION || kind == FORA_KIND_REVOCATION;

        header = header_of(kind);
        assert_int_equal(fora_header_principal_scoped(&header), alone);
        fill(header.space.b, 0);
        assert_int_equal(fora_header_principal_scoped(&header), alone || either);
    }
}

static void test_obj3_first_entries_name_principal_and_space(void **state)
{
    struct fora_header header = {.kind = FORA_KIND_IDENTITY, .created_at = 1};
    struct fora_object object = build_and_decode(header);
    struct fora_principal_id principal = fora_object_principal(&object);
    struct fora_space_id space = fora_object_space(&object);

    (void)state;
    assert_memory_equal(principal.b, object.id.b, 32);
    assert_true(fora_id_is_zero(space.b));

    header = header_of(FORA_KIND_POLICY);
    object = build_and_decode(header);
    space = fora_object_space(&object);
    assert_memory_equal(space.b, header.space.b, 32);
    fill(header.space.b, 0);
    object = build_and_decode(header);
    space = fora_object_space(&object);
    assert_memory_equal(space.b, object.id.b, 32);
    principal = fora_object_principal(&object);
    assert_memory_equal(principal.b, header.author.b, 32);
}

/* Pads a header with an unknown field to exactly `size` bytes. */
static void pad_header(struct fora_buf *out, struct fora_bytes header, size_t size)
{
    static const uint8_t zeros[FORA_HEADER_MAX];
    size_t rest = size - header.size - 2 - 2; /* key of field 99: two bytes; length: two */

    fora_buf_clear(out);
    fora_buf_append_bytes(out, header);
    wire_put_bytes(out, 99, fora_bytes(zeros, rest));
    assert_int_equal(out->size, size);
}

static void test_lim1_header(void **state)
{
    struct fora_object object = build_and_decode(header_of(FORA_KIND_POST)), out;
    struct fora_buf header = {0}, envelope = {0};

    (void)state;
    pad_header(&header, object.header_bytes, FORA_HEADER_MAX);
    put_envelope(&envelope, fora_buf_bytes(&header));
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&envelope)), 0);
    pad_header(&header, object.header_bytes, FORA_HEADER_MAX + 1);
    put_envelope(&envelope, fora_buf_bytes(&header));
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&envelope)), FORA_E_TOO_LARGE);
    fora_buf_fini(&header);
    fora_buf_fini(&envelope);
}

static void test_lim2_content(void **state)
{
    static const uint8_t content[FORA_CONTENT_MAX + 1] = {1};
    struct fora_header header = header_of(FORA_KIND_POST);
    struct fora_object out;
    struct fora_object object;
    struct fora_buf envelope = {0};

    (void)state;
    assert_int_equal(build(header, fora_bytes(content, FORA_CONTENT_MAX)), 0);
    assert_int_equal(fora_object_decode(&object, fora_buf_bytes(&built)), 0);
    assert_int_equal(fora_object_verify(&object), 0);
    assert_int_equal(build(header, fora_bytes(content, FORA_CONTENT_MAX + 1)), FORA_E_TOO_LARGE);
    header.content_size = FORA_CONTENT_MAX + 1;
    assert_int_equal(decode_header(header), FORA_E_TOO_LARGE);

    object = build_and_decode(header_of(FORA_KIND_POST));
    wire_put_bytes(&envelope, 1, object.header_bytes);
    wire_put_bytes(&envelope, 2, fora_bytes(object.signature.b, 64));
    wire_put_bytes(&envelope, 3, fora_bytes(content, FORA_CONTENT_MAX + 1));
    assert_int_equal(fora_object_decode(&out, fora_buf_bytes(&envelope)), FORA_E_TOO_LARGE);
    fora_buf_fini(&envelope);
}

static void test_lim3_object(void **state)
{
    static const uint8_t zeros[FORA_OBJECT_MAX + 1];
    struct fora_object out;

    (void)state;
    assert_int_equal(
        fora_object_decode(&out, fora_bytes(zeros, FORA_OBJECT_MAX)), FORA_E_MALFORMED);
    assert_int_equal(
        fora_object_decode(&out, fora_bytes(zeros, FORA_OBJECT_MAX + 1)), FORA_E_TOO_LARGE);
    /* The largest parts fit together. */
    assert_true(FORA_HEADER_MAX + FORA_CONTENT_MAX + 64 + 16 <= FORA_OBJECT_MAX);
}

static void test_lim5_lane(void **state)
{
    struct fora_header header = header_of(FORA_KIND_POST), out;
    struct fora_buf bytes = {0};
    uint8_t lane[FORA_LANE_MAX + 1] = {1};

    (void)state;
    header.audience = FORA_AUDIENCE_PRIVATE;
    header.lane = fora_bytes(lane, FORA_LANE_MAX);
    assert_int_equal(decode_header(header), 0);
    header.lane = fora_bytes(NULL, 0);
    header.version = 1;
    header.content_size = 1;
    fill(header.key.b, 1);
    fill(header.content_hash.b, 1);
    assert_int_equal(wire_encode(&bytes, &fora_header_table, &header), 0);
    wire_put_bytes(&bytes, 12, fora_bytes(lane, sizeof(lane)));
    assert_int_equal(fora_header_decode(&out, fora_buf_bytes(&bytes)), FORA_E_TOO_LARGE);
    fora_buf_fini(&bytes);
}

static void test_object_build_leaves_the_buffer_alone_on_an_error(void **state)
{
    struct fora_header header = header_of(FORA_KIND_POST);
    struct fora_buf out;

    (void)state;
    for (size_t cap = 1; cap < 400; cap++) {
        int code;

        fora_buf_init(&out, cap);
        fora_buf_append(&out, "x", 1);
        code = fora_object_build(&out, &header, fora_bytes_str("content"), secret, NULL);
        if (code == 0)
            assert_true(cap > 250 && out.size <= cap);
        else
            assert_true(code == FORA_E_TOO_LARGE && out.size == 1);
        fora_buf_fini(&out);
    }
}

static void test_object_nth_allocation_fails(void **state)
{
    struct fora_header header = header_of(FORA_KIND_POST);
    long failures = 0;

    (void)state;
    for (long n = 0;; n++) {
        struct fora_buf out = {0};
        int code;

        alloc_fail_at(n);
        code = fora_object_build(&out, &header, fora_bytes_str("content"), secret, NULL);
        if (!alloc_fail_stop()) {
            assert_int_equal(code, 0);
            fora_buf_fini(&out);
            break;
        }
        assert_int_equal(code, FORA_E_NOMEM);
        assert_int_equal(out.size, 0);
        fora_buf_fini(&out);
        failures++;
    }
    assert_true(failures > 0);
}

static int set_up(void **state)
{
    const uint8_t seed[32] = {7};

    (void)state;
    return fora_crypto_init() != 0 || fora_secret_from_seed(&secret, seed) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    fora_secret_free(secret);
    fora_buf_fini(&built);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_obj1_envelope_has_one_encoding),
        cmocka_unit_test(test_obj2_build_then_decode_gives_every_field),
        cmocka_unit_test(test_obj2_version),
        cmocka_unit_test(test_obj2_unknown_fields_of_the_header_survive),
        cmocka_unit_test(test_obj2_required_fields),
        cmocka_unit_test(test_obj3_id_is_the_hash_of_the_header_bytes),
        cmocka_unit_test(test_obj3_first_entries_name_principal_and_space),
        cmocka_unit_test(test_obj5_every_flipped_bit_is_noticed),
        cmocka_unit_test(test_obj5_codes_of_verification),
        cmocka_unit_test(test_obj6_content_hash_and_size),
        cmocka_unit_test(test_obj7_references_by_kind),
        cmocka_unit_test(test_obj7_only_the_first_identity_entry_has_no_author),
        cmocka_unit_test(test_obj7_lane_of_private_objects_only),
        cmocka_unit_test(test_obj7_scope),
        cmocka_unit_test(test_obj8_slots),
        cmocka_unit_test(test_obj8_order),
        cmocka_unit_test(test_obj10_stripped_object_verifies_and_keeps_its_id),
        cmocka_unit_test(test_lim1_header),
        cmocka_unit_test(test_lim2_content),
        cmocka_unit_test(test_lim3_object),
        cmocka_unit_test(test_lim5_lane),
        cmocka_unit_test(test_object_build_leaves_the_buffer_alone_on_an_error),
        cmocka_unit_test(test_object_nth_allocation_fails),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
