#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/custody.h"
#include "fora/merkle.h"
#include "fora/noise.h"

#include <string.h>

static const uint8_t custody[CUSTODY_SECRET_SIZE] = {1, 2, 3};
static const struct fora_principal_id home = {{9}};
static const char source[] = "stackexchange:beer.stackexchange.com:user:17";

static void build(struct fora_buf *out, const uint8_t secret[CUSTODY_SECRET_SIZE],
    const char *label, const struct fora_principal_id *at, uint64_t created_at,
    struct fora_principal_id *principal)
{
    fora_buf_init(out, 0);
    assert_int_equal(
        custody_identity_build(out, secret, fora_bytes_str(label), at, NULL, created_at, principal),
        0);
}

static void imported_identities_are_a_function_of_dump_and_secret(void **state)
{
    static const uint8_t other_secret[CUSTODY_SECRET_SIZE] = {1, 2, 4};
    static const struct fora_principal_id other_home = {{8}};
    struct fora_principal_id id, again;
    struct fora_buf a, b;
    (void)state;
    build(&a, custody, source, &home, 1234, &id);
    build(&b, custody, source, &home, 1234, &again);
    assert_true(fora_bytes_equal(fora_buf_bytes(&a), fora_buf_bytes(&b)));
    assert_memory_equal(&id, &again, sizeof id);
    fora_buf_fini(&b);
    const struct {
        const uint8_t *secret;
        const char *label;
        const struct fora_principal_id *home;
        uint64_t created_at;
    } others[] = {
        {other_secret, source, &home, 1234},
        {custody, "stackexchange:beer.stackexchange.com:user:18", &home, 1234},
        {custody, source, &other_home, 1234},
        {custody, source, &home, 1235},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        build(&b, others[i].secret, others[i].label, others[i].home, others[i].created_at, &again);
        assert_memory_not_equal(&id, &again, sizeof id);
        fora_buf_fini(&b);
    }
    fora_buf_fini(&a);
}

static void the_log_folds_and_names_the_derived_keys(void **state)
{
    struct fora_principal_id id;
    struct fora_buf encoded;
    struct fora_object object;
    struct fora_identity *identity;
    struct fora_secret *secret;
    struct fora_key key;
    struct fora_hash commitment;
    uint8_t seal[32], seal_public[32];
    size_t count;
    struct fora_bytes label = fora_bytes_str(source);
    (void)state;
    build(&encoded, custody, source, &home, 1234, &id);
    assert_int_equal(fora_object_decode(&object, fora_buf_bytes(&encoded)), 0);
    assert_int_equal(fora_object_verify(&object), 0);
    assert_int_equal(fora_identity_new(&identity), 0);
    assert_int_equal(fora_identity_add(identity, &object), 0);
    assert_memory_equal(fora_identity_principal(identity), &id, sizeof id);
    assert_memory_equal(fora_identity_home(identity), &home, sizeof home);
    assert_int_equal(fora_identity_type(identity), FORA_PRINCIPAL_MEMBER);

    const struct fora_identity_key *keys = fora_identity_keys(identity, &count);
    assert_int_equal(count, 1);
    assert_true(keys[0].custodial);
    assert_int_equal(custody_device(&secret, custody, label), 0);
    fora_secret_public(secret, &key);
    assert_memory_equal(&keys[0].sign, &key, sizeof key);
    /* As imported history is: it may sign what is older than the log. */
    assert_int_equal(fora_identity_check_key(identity, &key, 1), 0);
    fora_secret_free(secret);
    custody_seal(seal, custody, label);
    fora_noise_public(seal_public, seal);
    assert_memory_equal(keys[0].seal.b, seal_public, sizeof seal_public);

    assert_int_equal(custody_root(&secret, custody, label), 0);
    fora_secret_public(secret, &key);
    assert_memory_equal(fora_identity_root(identity), &key, sizeof key);
    fora_secret_free(secret);

    /* The next root can take the identity over. */
    struct fora_content content;
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    assert_int_equal(
        fora_content_decode(&arena, FORA_KIND_IDENTITY, object.content_bytes, &content), 0);
    assert_int_equal(custody_next(&secret, custody, label), 0);
    fora_secret_public(secret, &key);
    fora_identity_commitment(&commitment, &key);
    assert_memory_equal(
        &content.u.identity.create->next_root_commitment, &commitment, sizeof commitment);
    fora_secret_free(secret);
    fora_arena_fini(&arena);
    fora_identity_free(identity);
    fora_buf_fini(&encoded);
}

static void what_cannot_be_built_is_an_error(void **state)
{
    struct fora_principal_id id;
    struct fora_buf out;
    (void)state;
    fora_buf_init(&out, 0);
    assert_int_equal(
        custody_identity_build(&out, custody, fora_bytes_str(source), &home, NULL, 0, &id),
        FORA_E_MALFORMED);
    assert_int_equal(out.size, 0);
    fora_buf_fini(&out);
    fora_buf_init(&out, 100);
    assert_int_equal(
        custody_identity_build(&out, custody, fora_bytes_str(source), &home, NULL, 1, &id),
        FORA_E_TOO_LARGE);
    fora_buf_fini(&out);
}

static void salts_differ_by_purpose_name_and_secret(void **state)
{
    static const uint8_t other[CUSTODY_SECRET_SIZE] = {5};
    struct fora_salt a, b;
    (void)state;
    custody_salt(&a, custody, "test.post", fora_bytes_str("1"));
    custody_salt(&b, custody, "test.post", fora_bytes_str("1"));
    assert_memory_equal(&a, &b, sizeof a);
    custody_salt(&b, custody, "test.post", fora_bytes_str("2"));
    assert_memory_not_equal(&a, &b, sizeof a);
    custody_salt(&b, custody, "test.user", fora_bytes_str("1"));
    assert_memory_not_equal(&a, &b, sizeof a);
    custody_salt(&b, other, "test.post", fora_bytes_str("1"));
    assert_memory_not_equal(&a, &b, sizeof a);
}

/* The oracle: top down, as the spec's second reading says it: the left part is the greatest power
 * of two that leaves something on the right. */
static struct fora_hash naive_root(const struct fora_hash *leaves, size_t count)
{
    struct fora_hash out;
    if (count == 1) {
        fora_hash1(&out, FORA_DOMAIN_MERKLE_LEAF, fora_bytes(leaves->b, sizeof leaves->b));
        return out;
    }
    size_t left = 1;
    while (left * 2 < count) {
        left *= 2;
    }
    const struct fora_hash halves[] = {
        naive_root(leaves, left), naive_root(leaves + left, count - left)};
    const struct fora_bytes parts[] = {fora_bytes(halves[0].b, 32), fora_bytes(halves[1].b, 32)};
    fora_hash(&out, FORA_DOMAIN_MERKLE_NODE, parts, 2);
    return out;
}

static void KIND_TALLY_3_the_tree_is_that_of_the_naive_one(void **state)
{
    enum { MOST = 70 };
    struct fora_hash sorted[MOST], shuffled[MOST], root;
    (void)state;
    for (size_t count = 1; count <= MOST; count++) {
        for (size_t i = 0; i < count; i++) {
            memset(&sorted[i], 0, sizeof sorted[i]);
            sorted[i].b[0] = (uint8_t)(i + 1);
            shuffled[(i * 71 + 3) % count] = sorted[i]; /* 71 is a prime above MOST */
        }
        const struct fora_hash naive = naive_root(sorted, count);
        fora_merkle_root(&root, shuffled, count);
        assert_memory_equal(&root, &naive, sizeof root);
    }
    fora_merkle_root(&root, NULL, 0);
    assert_true(fora_id_is_zero(root.b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imported_identities_are_a_function_of_dump_and_secret),
        cmocka_unit_test(the_log_folds_and_names_the_derived_keys),
        cmocka_unit_test(what_cannot_be_built_is_an_error),
        cmocka_unit_test(salts_differ_by_purpose_name_and_secret),
        cmocka_unit_test(KIND_TALLY_3_the_tree_is_that_of_the_naive_one),
    };
    return fora_crypto_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
