/* Contents: each kind there and back, each rule of KIND-* broken alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "content_samples.h"
#include "fora/message.h"
#include "wire/tables.h"
#include "wire_random.h"

#include <string.h>

static const struct wire_table *const tables[] = {NULL, &fora_identity_entry_table,
    &fora_policy_statement_table, &fora_profile_table, &fora_thread_table, &fora_post_table,
    &fora_revision_table, &fora_tally_table, &fora_resolution_table, &fora_status_table,
    &fora_cite_table, &fora_duplicate_table, &fora_flag_table, &fora_moderation_table,
    &fora_appeal_table, &fora_retraction_table, &fora_attestation_table, &fora_revocation_table,
    &fora_membership_table, &fora_case_table, &fora_receipt_table, &fora_checkpoint_table,
    &fora_carried_table};

static struct fora_arena arena;
static struct fora_buf encoded;
static struct fora_content got;

/* Encodes; when that works decodes into `got`. Encoding and decoding must agree on what is right.
 */
static int there_and_back(const struct fora_content *in)
{
    int code;

    fora_buf_clear(&encoded);
    fora_arena_fini(&arena);
    code = fora_content_encode(&encoded, in);
    if (code == 0)
        assert_int_equal(fora_content_decode(&arena, in->kind, fora_buf_bytes(&encoded), &got), 0);
    return code;
}

/* What encoding refuses, written by the table alone: decoding must refuse it with the same code. */
static int refused(const struct fora_content *in)
{
    int encoding = there_and_back(in);
    int decoding;

    fora_buf_clear(&encoded);
    assert_int_equal(wire_encode(&encoded, tables[in->kind], &in->u), 0);
    decoding = fora_content_decode(&arena, in->kind, fora_buf_bytes(&encoded), &got);
    assert_int_equal(encoding, decoding);
    return encoding;
}

static void test_kind_every_kind_there_and_back(void **state)
{
    (void)state;
    for (uint32_t kind = 1; kind <= CONTENT_KINDS; kind++) {
        struct fora_content in;

        content_sample(&in, kind);
        assert_int_equal(there_and_back(&in), 0);
        assert_int_equal(got.kind, kind);
        if (!wire_equal(tables[kind], &in.u, &got.u))
            fail_msg("%s", fora_kind_name(kind));
        assert_true(arena.used <= FORA_CONTENT_ARENA);
    }
}

static void test_kind1_salt(void **state)
{
    (void)state;
    for (uint32_t kind = 1; kind <= CONTENT_KINDS; kind++) {
        struct fora_content in;
        struct fora_salt salt;
        struct fora_buf unsalted = {0}, salted = {0};

        content_sample(&in, kind);
        assert_ptr_equal(fora_content_salt(&in), &in.u);
        salt = *fora_content_salt(&in);
        assert_int_equal(there_and_back(&in), 0);

        /* Field 15, and the last: what Compose carries is the encoding without it. */
        memset(fora_content_salt(&in), 0, sizeof(salt));
        assert_int_equal(fora_content_encode_unsalted(&unsalted, &in), 0);
        assert_int_equal(unsalted.size + 18, encoded.size);
        assert_int_equal(
            fora_content_decode(&arena, kind, fora_buf_bytes(&unsalted), &got), FORA_E_MALFORMED);
        assert_int_equal(fora_content_add_salt(&salted, fora_buf_bytes(&unsalted), &salt), 0);
        assert_true(fora_bytes_equal(fora_buf_bytes(&salted), fora_buf_bytes(&encoded)));
        /* A zero salt is none. */
        assert_int_equal(there_and_back(&in), FORA_E_MALFORMED);

        /* One that has a salt already. */
        fora_buf_clear(&unsalted);
        assert_int_equal(fora_content_add_salt(&unsalted, fora_buf_bytes(&salted), &salt), 0);
        assert_int_equal(
            fora_content_decode(&arena, kind, fora_buf_bytes(&unsalted), &got), FORA_E_MALFORMED);
        fora_buf_fini(&unsalted);
        fora_buf_fini(&salted);
    }
}

static void test_kind1_random_salts_differ(void **state)
{
    struct fora_salt a, b;

    (void)state;
    fora_salt_random(&a);
    fora_salt_random(&b);
    assert_memory_not_equal(a.b, b.b, sizeof(a.b));
}

static void test_kind6_unknown_kinds_have_no_member(void **state)
{
    static const uint32_t unknown[] = {0, 23, 1000, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        struct fora_content in = {.kind = unknown[i]};

        assert_int_equal(
            fora_content_decode(&arena, unknown[i], fora_bytes_str("\xff\xff"), &got), 0);
        assert_int_equal(got.kind, unknown[i]);
        assert_null(fora_content_salt(&in));
        assert_int_equal(fora_content_encode(&encoded, &in), FORA_E_USAGE);
        assert_int_equal(fora_content_encode_unsalted(&encoded, &in), FORA_E_USAGE);
    }
}

static void test_kind_identity1_exactly_one_operation(void **state)
{
    struct fora_home_change home = {{{1}}};
    struct fora_recovery recovery = {{{2}}};
    struct fora_content in;

    (void)state;
    content_sample(&in, FORA_KIND_IDENTITY);
    in.u.identity.home = &home;
    assert_int_equal(refused(&in), FORA_E_MALFORMED); /* two */
    in.u.identity.create = NULL;
    assert_int_equal(refused(&in), FORA_E_MALFORMED); /* not create, and sequence 0 */
    in.u.identity.sequence = 1;
    assert_int_equal(there_and_back(&in), 0);
    in.u.identity.recover = &recovery;
    assert_int_equal(refused(&in), FORA_E_MALFORMED);
    in.u.identity.home = NULL;
    assert_int_equal(there_and_back(&in), 0);
    in.u.identity.recover = NULL;
    assert_int_equal(refused(&in), FORA_E_MALFORMED); /* none */
    content_sample(&in, FORA_KIND_IDENTITY);
    in.u.identity.sequence = 1;
    assert_int_equal(refused(&in), FORA_E_MALFORMED); /* create is the first */
}

static int with_tag(const char *tag)
{
    struct fora_bytes tags = fora_bytes_str(tag);
    struct fora_tag_list list = {&tags, 1};
    struct fora_content in, revision;

    content_sample(&in, FORA_KIND_THREAD);
    in.u.thread.tags = &tags;
    in.u.thread.tags_count = 1;
    content_sample(&revision, FORA_KIND_REVISION);
    revision.u.revision.tags = &list;
    assert_int_equal(refused(&in), refused(&revision));
    return there_and_back(&in);
}

static void test_kind3_tags(void **state)
{
    static const char *const good[] = {"a", "c++", "c#", "node.js", "x_y-z", "0", "\xc3\xa4",
        "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x8d\xba"};
    static const char *const bad[] = {"A", "a b", "a/b", "a,b", "<b>", "a\"", "a'", "\xc2\xa0",
        "a\xe2\x80\x8b", "\xe2\x81\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", "\xe1\x9a\x80", "a@b"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (with_tag(good[i]) != 0)
            fail_msg("%s", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (with_tag(bad[i]) != FORA_E_MALFORMED)
            fail_msg("%s", bad[i]);
    }
}

static int with_applies_to(const char *product, const char *from, const char *to)
{
    struct fora_applies_to one = {
        fora_bytes_str(product), fora_bytes_str(from), fora_bytes_str(to)};
    struct fora_content thread, post, resolution;

    content_sample(&thread, FORA_KIND_THREAD);
    thread.u.thread.applies_to = &one;
    thread.u.thread.applies_to_count = 1;
    content_sample(&post, FORA_KIND_POST);
    post.u.post.applies_to = &one;
    post.u.post.applies_to_count = 1;
    content_sample(&resolution, FORA_KIND_RESOLUTION);
    resolution.u.resolution.applies_to = &one;
    resolution.u.resolution.applies_to_count = 1;
    assert_int_equal(refused(&thread), refused(&post));
    assert_int_equal(refused(&thread), refused(&resolution));
    return there_and_back(&thread);
}

static void test_kind2_products_and_versions(void **state)
{
    (void)state;
    assert_int_equal(with_applies_to("Brewer Pro", "1.0", ""), 0);
    assert_int_equal(with_applies_to("Br\xc3\xa4u", "", "2024-01~rc1"), 0);
    assert_int_equal(with_applies_to(" Brewer", "", ""), FORA_E_MALFORMED);
    assert_int_equal(with_applies_to("Brewer ", "", ""), FORA_E_MALFORMED);
    assert_int_equal(with_applies_to("Brewer", "1 0", ""), FORA_E_MALFORMED);
    assert_int_equal(with_applies_to("Brewer", "", "1.\xc3\xa4"), FORA_E_MALFORMED);
}

static int with_mentions(size_t count, size_t doubled)
{
    struct fora_principal_id list[FORA_MENTIONS_MAX + 1];
    struct fora_content thread, post;

    for (size_t i = 0; i < count; i++)
        list[i] = (struct fora_principal_id){{(uint8_t)(i + 1), 7}};
    if (doubled != 0)
        list[doubled] = list[0];
    content_sample(&thread, FORA_KIND_THREAD);
    thread.u.thread.mentions = list;
    thread.u.thread.mentions_count = count;
    content_sample(&post, FORA_KIND_POST);
    post.u.post.mentions = list;
    post.u.post.mentions_count = count;
    if (count > FORA_MENTIONS_MAX) { /* not even the table writes it: decoding is in the vectors */
        assert_int_equal(there_and_back(&post), FORA_E_LIMIT);
        return there_and_back(&thread);
    }
    assert_int_equal(refused(&thread), refused(&post));
    return refused(&thread);
}

static void test_kind_mention1_sixteen_and_nobody_twice(void **state)
{
    (void)state;
    assert_int_equal(with_mentions(0, 0), 0);
    assert_int_equal(with_mentions(FORA_MENTIONS_MAX, 0), 0); /* `got` is a thread */
    assert_true(fora_content_mentions(&got, &got.u.thread.mentions[FORA_MENTIONS_MAX - 1]));
    assert_false(fora_content_mentions(&got, &(struct fora_principal_id){{1, 8}}));
    got.kind = FORA_KIND_PROFILE; /* which mentions nobody, whatever it holds */
    assert_false(fora_content_mentions(&got, &got.u.thread.mentions[0]));
    assert_int_equal(with_mentions(FORA_MENTIONS_MAX + 1, 0), FORA_E_LIMIT);
    assert_int_equal(with_mentions(2, 1), FORA_E_MALFORMED);
    assert_int_equal(with_mentions(FORA_MENTIONS_MAX, FORA_MENTIONS_MAX - 1), FORA_E_MALFORMED);
}

static int with_source_url(const char *url)
{
    struct fora_source source = {.url = fora_bytes_str(url)};
    struct fora_content in;

    content_sample(&in, FORA_KIND_POST);
    in.u.post.source = &source;
    return refused(&in);
}

static int with_link(const char *url)
{
    struct fora_bytes link = fora_bytes_str(url);
    struct fora_content in;

    content_sample(&in, FORA_KIND_PROFILE);
    in.u.profile.links = &link;
    return refused(&in);
}

static void test_kind4_urls(void **state)
{
    (void)state;
    assert_int_equal(with_source_url("https://example.org/a?b#c"), 0);
    assert_int_equal(with_source_url("http://example.org/"), 0);
    assert_int_equal(with_source_url(""), 0);
    assert_int_equal(with_source_url("https://"), FORA_E_MALFORMED);
    assert_int_equal(with_source_url("javascript:alert(1)"), FORA_E_MALFORMED);
    assert_int_equal(with_source_url("https://example.org/ a"), FORA_E_MALFORMED);
    assert_int_equal(with_link("https://example.org/"), 0);
    assert_int_equal(with_link("http://example.org/"), FORA_E_MALFORMED);
    assert_int_equal(with_link("https://ex\xc3\xa4mple.org/"), FORA_E_MALFORMED);
}

/* Each breaks one rule of a sample. */
static void break_slug(struct fora_content *c)
{
    c->u.policy.slug = fora_bytes_str("Beer");
}
static void break_empty_slug(struct fora_content *c)
{
    c->u.policy.slug.size = 0;
}
static void break_policy_name(struct fora_content *c)
{
    c->u.policy.name.size = 0;
}
static void break_revision_title(struct fora_content *c)
{
    c->u.revision.title.size = 0;
}
static void break_revision_nothing(struct fora_content *c)
{
    c->u.revision.has_title = c->u.revision.has_text = false;
    c->u.revision.tags = NULL;
}
static void break_tally_imported(struct fora_content *c)
{
    c->u.tally.imported = true;
}
static void break_superseded(struct fora_content *c)
{
    memset(c->u.resolution.superseded_by.b, 0, 32);
}
static void break_regressed(struct fora_content *c)
{
    c->u.resolution.type = FORA_RESOLUTION_REGRESSED_IN;
    c->u.resolution.applies_to_count = 0;
}
static void break_status_word(struct fora_content *c)
{
    c->u.status.status = fora_bytes_str("Fixed it");
}
static void break_status_version(struct fora_content *c)
{
    c->u.status.version = fora_bytes_str("5 2");
}
static void break_flag_reason(struct fora_content *c)
{
    c->u.flag.reason = fora_bytes_str("off topic");
}
static void break_move(struct fora_content *c)
{
    memset(c->u.moderation.to_space.b, 0, 32);
    memset(c->u.moderation.to_thread.b, 0, 32);
}
static void break_period(struct fora_content *c)
{
    c->u.attestation.from = c->u.attestation.until + 1;
}
static void break_attested_product(struct fora_content *c)
{
    static struct fora_bytes products[2];

    products[0] = fora_bytes_str("Lager");
    products[1] = fora_bytes_str(" Ale");
    c->u.attestation.products = products;
    c->u.attestation.products_count = 2;
}
static void break_proof(struct fora_content *c)
{
    static struct fora_receipt_proof proofs[] = {
        {.object = {{1}}, .index = 0}, {.object = {{2}}, .index = 2}};

    c->u.receipt.leaves = 2;
    c->u.receipt.proofs = proofs;
    c->u.receipt.proofs_count = 2;
}
static void break_fingerprint(struct fora_content *c)
{
    c->u.checkpoint.fingerprint.size = 15;
}

static void test_kind_rules_broken_alone(void **state)
{
    static const struct {
        const char *clause;
        uint32_t kind;
        void (*break_it)(struct fora_content *content);
    } cases[] = {
        {"KIND-POLICY-2", FORA_KIND_POLICY, break_slug},
        {"KIND-POLICY-2", FORA_KIND_POLICY, break_empty_slug},
        {"KIND-POLICY-1", FORA_KIND_POLICY, break_policy_name},
        {"KIND-REVISION-2", FORA_KIND_REVISION, break_revision_title},
        {"KIND-REVISION-1", FORA_KIND_REVISION, break_revision_nothing},
        {"KIND-TALLY-2", FORA_KIND_TALLY, break_tally_imported},
        {"KIND-RESOLUTION-2", FORA_KIND_RESOLUTION, break_superseded},
        {"KIND-RESOLUTION-3", FORA_KIND_RESOLUTION, break_regressed},
        {"KIND-STATUS-1", FORA_KIND_STATUS, break_status_word},
        {"KIND-STATUS-1", FORA_KIND_STATUS, break_status_version},
        {"KIND-FLAG-1", FORA_KIND_FLAG, break_flag_reason},
        {"KIND-MODERATION-2", FORA_KIND_MODERATION, break_move},
        {"KIND-ATTESTATION-1", FORA_KIND_ATTESTATION, break_period},
        {"KIND-ATTESTATION-2", FORA_KIND_ATTESTATION, break_attested_product},
        {"KIND-RECEIPT-1", FORA_KIND_RECEIPT, break_proof},
        {"KIND-CHECKPOINT-1", FORA_KIND_CHECKPOINT, break_fingerprint},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fora_content in;

        content_sample(&in, cases[i].kind);
        cases[i].break_it(&in);
        if (refused(&in) != FORA_E_MALFORMED)
            fail_msg("%s (%zu)", cases[i].clause, i);
    }
}

/* What a rule allows although it looks close. */
static void test_kind_rules_kept(void **state)
{
    struct fora_content in;

    (void)state;
    content_sample(&in, FORA_KIND_MODERATION);
    memset(in.u.moderation.to_space.b, 0, 32);
    assert_int_equal(there_and_back(&in), 0);
    break_move(&in);
    in.u.moderation.action = FORA_MODERATION_LOCK;
    assert_int_equal(there_and_back(&in), 0);
    content_sample(&in, FORA_KIND_TALLY);
    in.u.tally.imported = true;
    memset(in.u.tally.voters_root.b, 0, 32);
    assert_int_equal(there_and_back(&in), 0);
    content_sample(&in, FORA_KIND_ATTESTATION);
    in.u.attestation.until = 0;
    in.u.attestation.from = 5;
    assert_int_equal(there_and_back(&in), 0);
    break_attested_product(&in);
    in.u.attestation.products_count = 1;
    assert_int_equal(there_and_back(&in), 0);
    content_sample(&in, FORA_KIND_RECEIPT);
    break_proof(&in);
    in.u.receipt.leaves = 3;
    assert_int_equal(there_and_back(&in), 0);
    content_sample(&in, FORA_KIND_RESOLUTION);
    in.u.resolution.type = 77; /* enums are open */
    memset(in.u.resolution.superseded_by.b, 0, 32);
    assert_int_equal(there_and_back(&in), 0);
    assert_int_equal(got.u.resolution.type, 77);
    content_sample(&in, FORA_KIND_REVISION);
    break_revision_nothing(&in);
    in.u.revision.tags = &(struct fora_tag_list){0}; /* no tags any more */
    assert_int_equal(there_and_back(&in), 0);
    assert_non_null(got.u.revision.tags);
}

/* ---- Contents as a whole ---- */

static uint8_t long_text[FORA_CONTENT_MAX + 1];

static void test_lim2_content_as_a_whole(void **state)
{
    struct fora_content in;

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    assert_int_equal(
        fora_content_decode(&arena, FORA_KIND_POST, fora_bytes(long_text, sizeof(long_text)), &got),
        FORA_E_TOO_LARGE);
    /* Also of a kind that nobody knows. */
    assert_int_equal(
        fora_content_decode(&arena, 99, fora_bytes(long_text, sizeof(long_text)), &got),
        FORA_E_TOO_LARGE);
    content_sample(&in, FORA_KIND_POST);
    in.u.post.text = fora_bytes(long_text, 65536);
    assert_int_equal(there_and_back(&in), 0);
    assert_int_equal(got.u.post.text.size, 65536);
    in.u.post.text.size++;
    assert_int_equal(there_and_back(&in), FORA_E_TOO_LARGE);
}

static void test_enc5_texts_of_contents(void **state)
{
    static const char *const bad_lines[] = {"two\nlines", "tab\there", "\xe2\x80\xae.exe",
        "\xe2\x81\xa7", "bell\x07", "\xc2\x85", "cut \xe2\x82", "\xed\xa0\x80"};
    struct fora_content in;

    (void)state;
    for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
        content_sample(&in, FORA_KIND_THREAD);
        in.u.thread.title = fora_bytes_str(bad_lines[i]);
        if (there_and_back(&in) != FORA_E_UTF8)
            fail_msg("title %zu", i);
    }
    content_sample(&in, FORA_KIND_THREAD);
    in.u.thread.title = fora_bytes("a\0b", 3);
    assert_int_equal(there_and_back(&in), FORA_E_UTF8);
    in.u.thread.title = fora_bytes_str("t");
    in.u.thread.text = fora_bytes("a\0b", 3);
    assert_int_equal(there_and_back(&in), FORA_E_UTF8);
    in.u.thread.text = fora_bytes_str("a\r\nb");
    assert_int_equal(there_and_back(&in), FORA_E_UTF8);
    in.u.thread.text = fora_bytes_str("a\n\tb \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
    assert_int_equal(there_and_back(&in), 0);
}

static void test_enc6_unknown_fields_of_a_content_are_ignored(void **state)
{
    struct fora_content in;

    (void)state;
    content_sample(&in, FORA_KIND_POST);
    assert_int_equal(there_and_back(&in), 0);
    wire_put_bytes(&encoded, 50, fora_bytes_str("later"));
    assert_int_equal(fora_content_decode(&arena, in.kind, fora_buf_bytes(&encoded), &got), 0);
    assert_true(wire_equal(&fora_post_table, &in.u, &got.u));
}

static void test_content_nth_allocation_fails(void **state)
{
    long failures = 0;

    (void)state;
    for (uint32_t kind = 1; kind <= CONTENT_KINDS; kind++) {
        struct fora_content in;
        struct fora_buf bytes = {0};

        content_sample(&in, kind);
        for (long n = 0;; n++) {
            struct fora_arena fresh;
            int code;

            fora_arena_init(&fresh, FORA_CONTENT_ARENA);
            alloc_fail_at(n);
            code = fora_content_encode(&bytes, &in);
            if (code == 0)
                code = fora_content_decode(&fresh, kind, fora_buf_bytes(&bytes), &got);
            fora_arena_fini(&fresh);
            fora_buf_fini(&bytes);
            if (!alloc_fail_stop()) {
                assert_int_equal(code, 0);
                break;
            }
            assert_int_equal(code, FORA_E_NOMEM);
            failures++;
        }
    }
    assert_true(failures > CONTENT_KINDS);
}

static void test_kind5_words(void **state)
{
    (void)state;
    assert_string_equal(fora_kind_name(FORA_KIND_CHECKPOINT), "checkpoint");
    assert_string_equal(fora_kind_name(FORA_KIND_CARRIED), "carried");
    assert_string_equal(fora_kind_name(23), "unknown");
    assert_string_equal(fora_posting_name(FORA_POSTING_STAFF), "staff");
    assert_string_equal(fora_posting_name(3), "unknown");
    assert_string_equal(fora_post_type_name(FORA_POST_COMMENT), "comment");
    assert_string_equal(fora_post_type_name(3), "unknown");
#define ROUND_TRIP(name, last)                                                                     \
    for (uint32_t i = 1; i <= (last); i++)                                                         \
        assert_int_equal(fora_##name##_parse(fora_##name##_name(i)), i);                           \
    assert_string_equal(fora_##name##_name((last) + 1), "unknown");                                \
    assert_int_equal(fora_##name##_parse("unspecified"), 0);                                       \
    assert_int_equal(fora_##name##_parse("unknown"), 0);                                           \
    assert_int_equal(fora_##name##_parse(""), 0)
    ROUND_TRIP(thread_type, FORA_THREAD_ANNOUNCEMENT);
    ROUND_TRIP(resolution_type, FORA_RESOLUTION_REGRESSED_IN);
    ROUND_TRIP(moderation_action, FORA_MODERATION_UNPIN);
    ROUND_TRIP(role, FORA_ROLE_CURATOR);
    ROUND_TRIP(space_kind, FORA_SPACE_GROUP);
#undef ROUND_TRIP
}

static int tear_down(void **state)
{
    (void)state;
    fora_arena_fini(&arena);
    fora_buf_fini(&encoded);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind_every_kind_there_and_back),
        cmocka_unit_test(test_kind1_salt),
        cmocka_unit_test(test_kind1_random_salts_differ),
        cmocka_unit_test(test_kind2_products_and_versions),
        cmocka_unit_test(test_kind3_tags),
        cmocka_unit_test(test_kind4_urls),
        cmocka_unit_test(test_kind_mention1_sixteen_and_nobody_twice),
        cmocka_unit_test(test_kind5_words),
        cmocka_unit_test(test_kind6_unknown_kinds_have_no_member),
        cmocka_unit_test(test_kind_identity1_exactly_one_operation),
        cmocka_unit_test(test_kind_rules_broken_alone),
        cmocka_unit_test(test_kind_rules_kept),
        cmocka_unit_test(test_lim2_content_as_a_whole),
        cmocka_unit_test(test_enc5_texts_of_contents),
        cmocka_unit_test(test_enc6_unknown_fields_of_a_content_are_ignored),
        cmocka_unit_test(test_content_nth_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
