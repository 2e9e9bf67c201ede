/* Identity logs (spec/03-identity.md). */
#include "fixture.h"
#include "alloc_fail.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    struct fx *fx = malloc(sizeof(*fx));

    if (fx == NULL)
        return -1;
    fx_init(fx);
    *state = fx;
    return 0;
}

static int teardown(void **state)
{
    fx_fini(*state);
    free(*state);
    return 0;
}

static int check(const struct fx_who *who, const struct fora_secret *secret, uint64_t at)
{
    struct fora_key key;

    fora_secret_public(secret, &key);
    return fora_identity_check_key(who->log, &key, at);
}

static void create_entry_gives_the_id_ID_2(void **state)
{
    struct fx_who *ann = fx_member(*state, 1, 1000), *node = fx_node(*state, 2, 1000);
    struct fora_key root;
    size_t count;

    assert_memory_equal(ann->id.b, ann->create->id.b, FORA_ID_SIZE);
    assert_memory_equal(fora_identity_principal(ann->log)->b, ann->id.b, FORA_ID_SIZE);
    assert_int_equal(fora_identity_type(ann->log), FORA_PRINCIPAL_MEMBER);
    assert_int_equal(fora_identity_type(node->log), FORA_PRINCIPAL_NODE);
    assert_int_equal(fora_identity_sequence(ann->log), 0);
    fora_secret_public(ann->root, &root);
    assert_memory_equal(fora_identity_root(ann->log)->b, root.b, FORA_KEY_SIZE);
    assert_string_equal(fora_identity_keys(ann->log, &count)->label, "laptop");
    assert_int_equal(count, 1);
    assert_null(fora_identity_node(ann->log));
    assert_int_equal(fora_identity_node(node->log)->addresses_count, 1);
    assert_false(fora_identity_forked(ann->log));
    assert_int_equal(fora_object_verify(ann->create), 0);
}

static const struct fora_object *create_as(
    struct fx *fx, const struct fora_secret *root, struct fora_identity_create create)
{
    struct fora_buf bytes = {0};
    const struct fora_salt salt = {{9}};
    const struct fora_object *object;

    assert_int_equal(fora_identity_build_create(&bytes, &create, &salt, 1000, root, NULL), 0);
    object = fx_decode(fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return object;
}

static void create_entries_without_shape_are_refused_ID_3(void **state)
{
    struct fx_who *ann = fx_member(*state, 1, 1000), *node = fx_node(*state, 2, 1000);
    struct fora_device_key keys[2] = {{.label = {NULL, 0}}, {.label = {NULL, 0}}};
    struct fora_node_info info = {.domain = fora_bytes_str("x")};
    struct fora_identity_create good = {
        .type = FORA_PRINCIPAL_MEMBER, .keys = keys, .keys_count = 1};
    struct fora_identity_create bad;

    fora_secret_public(ann->device, &keys[0].sign);
    keys[1].sign = keys[0].sign;
    info.noise_key = keys[0].sign;
    memset(good.next_root_commitment.b, 1, FORA_HASH_SIZE);
    assert_int_equal(fora_identity_check(NULL, create_as(*state, ann->root, good)), 0);
    bad = good;
    bad.keys_count = 2;
    assert_int_equal(fora_identity_check(NULL, create_as(*state, ann->root, bad)), FORA_E_IDENTITY);
    bad = good;
    bad.type = 3;
    assert_int_equal(fora_identity_check(NULL, create_as(*state, ann->root, bad)), FORA_E_IDENTITY);
    bad = good;
    bad.node = &info;
    assert_int_equal(fora_identity_check(NULL, create_as(*state, ann->root, bad)), FORA_E_IDENTITY);
    bad.type = FORA_PRINCIPAL_NODE;
    assert_int_equal(fora_identity_check(NULL, create_as(*state, ann->root, bad)), 0);
    bad.home = node->id;
    assert_int_equal(fora_identity_check(NULL, create_as(*state, ann->root, bad)), FORA_E_IDENTITY);
    /* Not an identity entry at all, an entry without its content, and a later entry first. */
    assert_int_equal(fora_identity_check(NULL, fx_profile(*state, ann, "Ann", 1)), FORA_E_IDENTITY);
    assert_int_equal(fora_identity_check(NULL, fx_strip(*state, ann->create)), FORA_E_NO_CONTENT);
    assert_int_equal(
        fora_identity_check(NULL, fx_move(*state, ann, ann->create, 1, node, ann->root, 2000)),
        FORA_E_UNKNOWN_PARENT);
}

static void an_entry_follows_its_parent_ID_4(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    const struct fora_object *second = fx_move(fx, ann, ann->create, 1, node, ann->root, 2000);
    const struct fora_object *orphan = fx_move(fx, ann, second, 2, node, ann->root, 3000);

    assert_int_equal(fora_identity_add(ann->log, orphan), FORA_E_UNKNOWN_PARENT);
    assert_int_equal(
        fora_identity_add(ann->log, fx_move(fx, ann, ann->create, 2, node, ann->root, 2000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_move(fx, ann, ann->create, 1, node, ann->root, 999)),
        FORA_E_IDENTITY);
    assert_int_equal(fora_identity_add(ann->log, node->create), FORA_E_IDENTITY);
    assert_int_equal(fora_identity_add(node->log, second), FORA_E_IDENTITY);
    assert_int_equal(fora_identity_add(ann->log, second), 0);
    assert_int_equal(fora_identity_add(ann->log, second), 0);
    assert_int_equal(fora_identity_add(ann->log, orphan), 0);
    assert_int_equal(fora_identity_sequence(ann->log), 2);
    assert_memory_equal(fora_identity_head(ann->log)->b, orphan->id.b, FORA_ID_SIZE);
    assert_memory_equal(fora_identity_home(ann->log)->b, node->id.b, FORA_ID_SIZE);
    assert_false(fora_identity_forked(ann->log));
}

static void only_the_root_writes_ID_5(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    struct fora_secret *phone = fx_secret(1, "phone");
    struct fora_node_info info = {.name = fora_bytes_str("n")};
    struct fora_identity_entry about_node = {.sequence = 1, .node = &info};
    const struct fora_object *added, *revoked;

    memset(info.noise_key.b, 5, FORA_KEY_SIZE);
    assert_int_equal(
        fora_identity_add(ann->log, fx_add_key(fx, ann, ann->create, 1, phone, ann->device, 2000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_move(fx, ann, ann->create, 1, node, ann->device, 2000)),
        FORA_E_IDENTITY);
    /* Members have no address, nodes no home. */
    assert_int_equal(
        fora_identity_add(ann->log, fx_entry(fx, ann, ann->create, about_node, ann->root, 2000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(node->log, fx_move(fx, node, node->create, 1, node, node->root, 2000)),
        FORA_E_IDENTITY);
    assert_int_equal(fora_identity_add(
                         node->log, fx_entry(fx, node, node->create, about_node, node->root, 2000)),
        0);
    assert_int_equal(fora_identity_node(node->log)->name.size, 1);

    added = fx_add_key(fx, ann, ann->create, 1, phone, ann->root, 2000);
    assert_int_equal(fora_identity_add(ann->log, added), 0);
    /* Twice; not there; by another device. */
    assert_int_equal(
        fora_identity_add(ann->log, fx_add_key(fx, ann, added, 2, phone, ann->root, 3000)),
        FORA_E_IDENTITY);
    assert_int_equal(fora_identity_add(ann->log,
                         fx_revoke_key(fx, ann, added, 2, ann->next_root, 0, ann->root, 3000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_revoke_key(fx, ann, added, 2, phone, 0, ann->device, 3000)),
        FORA_E_IDENTITY);
    revoked = fx_revoke_key(fx, ann, added, 2, phone, 0, phone, 3000);
    assert_int_equal(fora_identity_add(ann->log, revoked), 0);
    /* A revoked key neither revokes itself again nor comes back. */
    assert_int_equal(
        fora_identity_add(ann->log, fx_revoke_key(fx, ann, revoked, 3, phone, 0, phone, 4000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_add_key(fx, ann, revoked, 3, phone, ann->root, 4000)),
        FORA_E_IDENTITY);
    fora_secret_free(phone);
}

static void rotation_needs_the_promised_root_ID_7(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    struct fora_secret *third = fx_secret(1, "third root");
    const struct fora_object *rotated;
    struct fora_key root;

    assert_int_equal(
        fora_identity_add(ann->log, fx_rotate(fx, ann, ann->create, 1, third, ann->root, 2000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_rotate(fx, ann, ann->create, 1, third, third, 2000)),
        FORA_E_IDENTITY);
    rotated = fx_rotate(fx, ann, ann->create, 1, third, ann->next_root, 2000);
    assert_int_equal(fora_identity_add(ann->log, rotated), 0);
    fora_secret_public(ann->next_root, &root);
    assert_memory_equal(fora_identity_root(ann->log)->b, root.b, FORA_KEY_SIZE);
    /* The old root is out, the new one speaks, and the commitment was used up. */
    assert_int_equal(
        fora_identity_add(ann->log, fx_move(fx, ann, rotated, 2, node, ann->root, 3000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_rotate(fx, ann, rotated, 2, third, ann->next_root, 3000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_move(fx, ann, rotated, 2, node, ann->next_root, 3000)), 0);
    assert_int_equal(check(ann, ann->device, 4000), 0);
    fora_secret_free(third);
}

static void recovery_ranks_as_rotation_ID_7(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    struct fora_recovery none = {{{0}}}, next = {{{1}}};
    struct fora_identity_entry empty = {.sequence = 1, .recover = &none};
    struct fora_identity_entry entry = {.sequence = 1, .recover = &next};
    const struct fora_object *recovered =
        fx_entry(fx, ann, ann->create, entry, ann->next_root, 5000);

    assert_int_equal(
        fora_identity_add(ann->log, fx_entry(fx, ann, ann->create, empty, ann->next_root, 5000)),
        FORA_E_IDENTITY);
    assert_int_equal(
        fora_identity_add(ann->log, fx_move(fx, ann, ann->create, 1, node, ann->root, 2000)), 0);
    assert_int_equal(fora_identity_add(ann->log, recovered), 0);
    assert_memory_equal(fora_identity_head(ann->log)->b, recovered->id.b, FORA_ID_SIZE);
    assert_true(fora_identity_forked(ann->log));
    assert_true(fora_id_is_zero(fora_identity_home(ann->log)->b));
}

static void a_log_is_bounded_ID_8(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    const struct fora_object *last = ann->create;
    uint32_t i;

    for (i = 1; i < FORA_IDENTITY_ENTRIES_MAX; i++) {
        last = fx_move(fx, ann, last, i, node, ann->root, 1000 + i);
        assert_int_equal(fora_identity_add(ann->log, last), 0);
    }
    assert_int_equal(fora_identity_add(ann->log, last), 0);
    assert_int_equal(fora_identity_add(ann->log, fx_move(fx, ann, last, i, node, ann->root, 9000)),
        FORA_E_LIMIT);
    assert_int_equal(fora_identity_sequence(ann->log), FORA_IDENTITY_ENTRIES_MAX - 1);
}

static void a_rotation_beats_what_a_thief_wrote_ID_9(void **state)
{
    struct fx *fx = *state;

    /* Both ways: the thief's entries first, and the rotation first. */
    for (int first = 0; first < 2; first++) {
        struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
        struct fora_secret *thief = fx_secret(3, "thief");
        const struct fora_object *stolen[2], *rotated;

        stolen[0] = fx_add_key(fx, ann, ann->create, 1, thief, ann->root, 1500);
        stolen[1] = fx_move(fx, ann, stolen[0], 2, node, ann->root, 1600);
        rotated = fx_rotate(fx, ann, ann->create, 1, thief, ann->next_root, 9000);
        if (first == 0)
            assert_int_equal(fora_identity_add(ann->log, rotated), 0);
        assert_int_equal(fora_identity_add(ann->log, stolen[0]), 0);
        assert_int_equal(fora_identity_add(ann->log, stolen[1]), 0);
        if (first == 1) {
            assert_int_equal(check(ann, thief, 2000), 0);
            assert_int_equal(fora_identity_add(ann->log, rotated), 0);
        }
        assert_memory_equal(fora_identity_head(ann->log)->b, rotated->id.b, FORA_ID_SIZE);
        assert_int_equal(check(ann, thief, 2000), FORA_E_KEY);
        assert_true(fora_id_is_zero(fora_identity_home(ann->log)->b));
        assert_true(fora_identity_forked(ann->log));
        fora_secret_free(thief);
    }
}

/* A thief of the old root goes back to before the entries that led to the rotation. */
static void a_rotation_holds_what_leads_to_it_ID_9(void **state)
{
    struct fx *fx = *state;

    /* In all orders that bring parents first. */
    for (int order = 0; order < 3; order++) {
        struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
        struct fora_secret *phone = fx_secret(4, "phone"), *thief = fx_secret(3, "thief");
        const struct fora_object *hers[3], *stolen[2];

        hers[0] = fx_add_key(fx, ann, ann->create, 1, phone, ann->root, 5000);
        hers[1] = fx_move(fx, ann, hers[0], 2, node, ann->root, 6000);
        hers[2] = fx_rotate(fx, ann, hers[1], 3, thief, ann->next_root, 9000);
        stolen[0] = fx_add_key(fx, ann, ann->create, 1, thief, ann->root, 1001);
        stolen[1] = fx_add_key(fx, ann, hers[0], 2, thief, ann->root, 5001);
        assert_int_equal(fora_identity_add(ann->log, order == 0 ? stolen[0] : hers[0]), 0);
        if (order == 0) {
            assert_int_equal(check(ann, thief, 2000), 0);
            assert_int_equal(fora_identity_add(ann->log, hers[0]), 0);
        }
        if (order == 1)
            assert_int_equal(fora_identity_add(ann->log, stolen[0]), 0);
        assert_int_equal(fora_identity_add(ann->log, hers[1]), 0);
        if (order < 2)
            assert_int_equal(fora_identity_add(ann->log, stolen[1]), 0);
        assert_int_equal(fora_identity_add(ann->log, hers[2]), 0);
        if (order == 2) {
            assert_int_equal(fora_identity_add(ann->log, stolen[1]), 0);
            assert_int_equal(fora_identity_add(ann->log, stolen[0]), 0);
        }
        assert_memory_equal(fora_identity_head(ann->log)->b, hers[2]->id.b, FORA_ID_SIZE);
        assert_memory_equal(fora_identity_home(ann->log)->b, node->id.b, FORA_ID_SIZE);
        assert_int_equal(check(ann, phone, 6000), 0);
        assert_int_equal(check(ann, thief, 6000), FORA_E_KEY);
        assert_true(fora_identity_forked(ann->log));
        fora_secret_free(thief);
        fora_secret_free(phone);
    }
}

static void among_equals_the_earlier_wins_ID_9(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *a = fx_node(fx, 2, 1), *b = fx_node(fx, 3, 1);
    const struct fora_object *late = fx_move(fx, ann, ann->create, 1, a, ann->root, 3000);
    const struct fora_object *early = fx_move(fx, ann, ann->create, 1, b, ann->root, 2000);
    const struct fora_object *tie = fx_move(fx, ann, ann->create, 1, a, ann->root, 2000);
    bool tie_wins = memcmp(tie->id.b, early->id.b, FORA_ID_SIZE) < 0;

    assert_int_equal(fora_identity_add(ann->log, late), 0);
    assert_memory_equal(fora_identity_home(ann->log)->b, a->id.b, FORA_ID_SIZE);
    assert_int_equal(fora_identity_add(ann->log, early), 0);
    assert_memory_equal(fora_identity_home(ann->log)->b, b->id.b, FORA_ID_SIZE);
    assert_int_equal(fora_identity_add(ann->log, tie), 0);
    assert_memory_equal(
        fora_identity_home(ann->log)->b, tie_wins ? a->id.b : b->id.b, FORA_ID_SIZE);
}

static void revocation_dates_ID_10(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    struct fora_secret *phone = fx_secret(1, "phone");
    const struct fora_object *added = fx_add_key(fx, ann, ann->create, 1, phone, ann->root, 2000);
    const struct fora_object *own, *home, *by_root;

    assert_int_equal(fora_identity_add(ann->log, added), 0);
    /* The key's own word counts from its created_at, whatever compromised_at says ... */
    own = fx_revoke_key(fx, ann, added, 2, phone, 1, phone, 5000);
    assert_int_equal(fora_identity_add(ann->log, own), 0);
    assert_int_equal(check(ann, phone, 4999), 0);
    assert_int_equal(check(ann, phone, 5000), FORA_E_KEY);
    /* ... does not displace what the root writes, though it is earlier, and still counts. */
    home = fx_move(fx, ann, added, 2, node, ann->root, 6000);
    assert_int_equal(fora_identity_add(ann->log, home), 0);
    assert_memory_equal(fora_identity_home(ann->log)->b, node->id.b, FORA_ID_SIZE);
    assert_true(fora_identity_forked(ann->log));
    assert_int_equal(check(ann, phone, 5000), FORA_E_KEY);
    /* The root's word on the date is final, both ways. */
    by_root = fx_revoke_key(fx, ann, home, 3, phone, 5500, ann->root, 7000);
    assert_int_equal(fora_identity_add(ann->log, by_root), 0);
    assert_int_equal(check(ann, phone, 5499), 0);
    assert_int_equal(check(ann, phone, 5500), FORA_E_KEY);
    by_root = fx_revoke_key(fx, ann, by_root, 4, phone, 99999, ann->root, 8000);
    assert_int_equal(fora_identity_add(ann->log, by_root), 0);
    assert_int_equal(check(ann, phone, 7999), 0);
    assert_int_equal(check(ann, phone, 8000), FORA_E_KEY);
    assert_int_equal(check(ann, ann->device, 8000), 0);
    fora_secret_free(phone);
}

/* She says twice that it is not to be trusted, on two branches: from the earlier time on. */
static void the_earliest_of_a_keys_own_revocations_counts_ID_10(void **state)
{
    struct fx *fx = *state;
    struct fora_secret *phone = fx_secret(1, "phone");

    for (unsigned order = 0; order < 2; order++) {
        struct fx_who *ann = fx_member(fx, 1 + order, 1000), *node = fx_node(fx, 3 + order, 1000);
        const struct fora_object *added =
            fx_add_key(fx, ann, ann->create, 1, phone, ann->root, 2000);
        const struct fora_object *home = fx_move(fx, ann, added, 2, node, ann->root, 3000);
        const struct fora_object *own[] = {fx_revoke_key(fx, ann, added, 2, phone, 0, phone, 5000),
            fx_revoke_key(fx, ann, home, 3, phone, 0, phone, 4000)};

        assert_int_equal(fora_identity_add(ann->log, added), 0);
        assert_int_equal(fora_identity_add(ann->log, home), 0);
        assert_int_equal(fora_identity_add(ann->log, own[order]), 0);
        assert_int_equal(fora_identity_add(ann->log, own[1 - order]), 0);
        assert_int_equal(check(ann, phone, 3999), 0);
        assert_int_equal(check(ann, phone, 4000), FORA_E_KEY);
    }
    fora_secret_free(phone);
}

static void a_dispute_is_the_roots_last_word_ID_10(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000);
    const struct fora_object *last;
    size_t count;

    assert_false(fora_identity_keys(ann->log, &count)[0].disputed);
    last = fx_revoke_key(fx, ann, ann->create, 1, ann->device, 0, ann->device, 2000);
    assert_int_equal(fora_identity_add(ann->log, last), 0);
    assert_false(fora_identity_keys(ann->log, &count)[0].disputed);
    last = fx_revoke_key(fx, ann, last, 2, ann->device, 1500, ann->root, 3000);
    assert_int_equal(fora_identity_add(ann->log, last), 0);
    assert_true(fora_identity_keys(ann->log, &count)[0].disputed);
    last = fx_revoke_key(fx, ann, last, 3, ann->device, 0, ann->root, 4000);
    assert_int_equal(fora_identity_add(ann->log, last), 0);
    assert_false(fora_identity_keys(ann->log, &count)[0].disputed);
}

static void steps_show_the_branch_then_the_fork_ID_9(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *a = fx_node(fx, 2, 1), *b = fx_node(fx, 3, 1);
    const struct fora_object *late = fx_move(fx, ann, ann->create, 1, a, ann->root, 3000);
    const struct fora_object *last = fx_move(fx, ann, late, 2, b, ann->root, 3500);
    const struct fora_object *early = fx_move(fx, ann, ann->create, 1, b, ann->root, 2000);
    const struct fora_object *back = fx_move(fx, ann, early, 2, b, ann->root, 4000);
    const struct fora_object *order[] = {ann->create, early, back, late, last};
    const struct fora_principal_id nobody = {{0}};
    struct fora_identity_step step;

    assert_false(fora_identity_was_home(ann->log, &b->id));
    assert_false(fora_identity_was_home(ann->log, &nobody)); /* whom the create entry names */
    assert_int_equal(fora_identity_add(ann->log, late), 0);
    assert_int_equal(fora_identity_add(ann->log, last), 0);
    assert_true(fora_identity_was_home(ann->log, &a->id));
    assert_true(fora_identity_was_home(ann->log, &b->id));
    assert_int_equal(fora_identity_add(ann->log, early), 0);
    assert_int_equal(fora_identity_add(ann->log, back), 0);
    /* A home of a branch that lost is none. */
    assert_false(fora_identity_was_home(ann->log, &a->id));
    for (size_t i = 0; i < 5; i++) {
        assert_true(fora_identity_step_at(ann->log, i, &step));
        assert_memory_equal(step.id->b, order[i]->id.b, FORA_ID_SIZE);
        assert_memory_equal(step.parent->b, order[i]->header.parent.b, FORA_ID_SIZE);
        assert_int_equal(step.winning, i < 3);
        assert_int_equal(step.created_at, order[i]->header.created_at);
    }
    assert_false(fora_identity_step_at(ann->log, 5, &step));
}

/* As many forks as a log may have, of every other time: they are listed by time all the same. */
static void a_log_full_of_forks_is_listed_ID_9(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    struct fora_identity_step step;
    uint64_t last = 0;
    size_t at = 2;

    for (uint32_t i = 1; i < FORA_IDENTITY_ENTRIES_MAX; i++) {
        uint64_t when = 2000 + (uint64_t)i * 389 % 1031;

        assert_int_equal(
            fora_identity_add(ann->log, fx_move(fx, ann, ann->create, 1, node, ann->root, when)),
            0);
    }
    for (; fora_identity_step_at(ann->log, at, &step); at++) {
        assert_false(step.winning);
        assert_true(step.created_at >= last);
        last = step.created_at;
    }
    assert_int_equal(at, FORA_IDENTITY_ENTRIES_MAX);
}

static void when_a_key_speaks_ID_11(void **state)
{
    struct fx *fx = *state;
    const uint64_t at = 1700000000000;
    struct fx_who *ann = fx_member(fx, 1, at);
    struct fora_secret *phone = fx_secret(1, "phone");

    assert_int_equal(fora_identity_add(ann->log,
                         fx_add_key(fx, ann, ann->create, 1, phone, ann->root, at + 5000000)),
        0);
    assert_int_equal(check(ann, ann->device, 1), 0);
    assert_int_equal(check(ann, phone, at + 5000000), 0);
    assert_int_equal(check(ann, phone, at + 5000000 - FORA_FUTURE_MAX_MS), 0);
    assert_int_equal(check(ann, phone, at + 5000000 - FORA_FUTURE_MAX_MS - 1), FORA_E_KEY);
    assert_int_equal(check(ann, ann->root, at), FORA_E_KEY);
    assert_int_equal(check(ann, ann->next_root, at), FORA_E_KEY);
    fora_secret_free(phone);
}

static void builders_follow_the_head(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 5000), *node = fx_node(fx, 2, 1000);
    struct fora_home_change change = {.home = node->id};
    struct fora_identity_entry entry = {.home = &change};
    struct fora_identity *empty;
    struct fora_buf bytes = {0};
    const struct fora_object *object;

    assert_int_equal(fora_identity_new(&empty), 0);
    assert_int_equal(fora_identity_build_next(&bytes, empty, &entry, 1, ann->root), FORA_E_USAGE);
    assert_true(fora_id_is_zero(fora_identity_head(empty)->b));
    assert_true(fora_id_is_zero(fora_identity_principal(empty)->b));
    assert_int_equal(fora_identity_type(empty), 0);
    fora_identity_free(empty);
    /* A clock that runs behind. */
    assert_int_equal(fora_identity_build_next(&bytes, ann->log, &entry, 4000, ann->root), 0);
    object = fx_decode(fx, fora_buf_bytes(&bytes));
    assert_int_equal(object->header.created_at, 5000);
    assert_int_equal(fora_object_verify(object), 0);
    assert_int_equal(fora_identity_add(ann->log, object), 0);
    assert_int_equal(fora_identity_sequence(ann->log), 1);
    fora_buf_fini(&bytes);
}

static void memory_may_be_out_at_any_time(void **state)
{
    struct fx *fx = *state;
    struct fx_who *ann = fx_member(fx, 1, 1000), *node = fx_node(fx, 2, 1000);
    const struct fora_object *next = fx_move(fx, ann, ann->create, 1, node, ann->root, 2000);
    long n;

    for (n = 0;; n++) {
        struct fora_identity *log = NULL;
        int error;

        alloc_fail_at(n);
        error = fora_identity_new(&log);
        if (error == 0)
            error = fora_identity_add(log, ann->create);
        if (error == 0)
            error = fora_identity_add(log, next);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            fora_identity_free(log);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
        /* What failed left the log as it was: the same adds work now. */
        if (log != NULL) {
            assert_int_equal(fora_identity_add(log, ann->create), 0);
            assert_int_equal(fora_identity_add(log, next), 0);
            assert_int_equal(fora_identity_sequence(log), 1);
        }
        fora_identity_free(log);
    }
    assert_true(n > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(create_entry_gives_the_id_ID_2, setup, teardown),
        cmocka_unit_test_setup_teardown(
            create_entries_without_shape_are_refused_ID_3, setup, teardown),
        cmocka_unit_test_setup_teardown(an_entry_follows_its_parent_ID_4, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_root_writes_ID_5, setup, teardown),
        cmocka_unit_test_setup_teardown(rotation_needs_the_promised_root_ID_7, setup, teardown),
        cmocka_unit_test_setup_teardown(recovery_ranks_as_rotation_ID_7, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_is_bounded_ID_8, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rotation_beats_what_a_thief_wrote_ID_9, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rotation_holds_what_leads_to_it_ID_9, setup, teardown),
        cmocka_unit_test_setup_teardown(among_equals_the_earlier_wins_ID_9, setup, teardown),
        cmocka_unit_test_setup_teardown(revocation_dates_ID_10, setup, teardown),
        cmocka_unit_test_setup_teardown(
            the_earliest_of_a_keys_own_revocations_counts_ID_10, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dispute_is_the_roots_last_word_ID_10, setup, teardown),
        cmocka_unit_test_setup_teardown(steps_show_the_branch_then_the_fork_ID_9, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_full_of_forks_is_listed_ID_9, setup, teardown),
        cmocka_unit_test_setup_teardown(when_a_key_speaks_ID_11, setup, teardown),
        cmocka_unit_test_setup_teardown(builders_follow_the_head, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_may_be_out_at_any_time, setup, teardown),
    };

    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
