#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include "core/links.h"

#include <stdlib.h>
#include <string.h>

static const char good[] = "correct horse";

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig_start(rig, store_rig_mem());
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_stop(*state);
    free(*state);
    return 0;
}

/* ---- spaces ---- */

static int create_space(
    struct rig *rig, struct asker *asker, const struct fora_policy_statement *statement)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY, .u.policy = *statement};
    struct fora_message message = {.request = 7, .type = FORA_MSG_CREATE_SPACE};
    struct fora_buf encoded = {0};
    assert_int_equal(fora_content_encode_unsalted(&encoded, &content), 0);
    message.u.create_space.policy = fora_buf_bytes(&encoded);
    int rc = rig_ask(rig, asker, &message);
    fora_buf_fini(&encoded);
    return rc;
}

static struct fora_policy_statement beer(void)
{
    return (struct fora_policy_statement){
        .kind = FORA_SPACE_QUESTIONS, .has_name = true, .name = fora_bytes_str("Beer")};
}

static void an_admin_creates_a_space_of_the_node(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann");
    const struct fora_policy_statement statement = beer();
    struct policy_handle *policy;
    struct set_info info;
    assert_int_equal(create_space(rig, &ann, &statement), 0);
    assert_int_equal(rig->answer.type, FORA_MSG_SPACE_CREATED);
    const struct fora_space_id space = rig->answer.u.space_created.space;
    assert_int_equal(rig->result.touched_count, 1);
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_true(sets_find(txn, &space, FORA_AUDIENCE_PUBLIC, &info));
    assert_int_equal(policies_get(rig->env.policies, txn, &info, &policy), 0);
    const struct fora_policy *merged = policy_of(policy);
    struct fora_principal_id owner = fora_policy_owner(merged);
    assert_memory_equal(&owner, &rig->env.self, sizeof owner);
    assert_true(fora_bytes_equal(fora_policy_name(merged), statement.name));
    assert_true(fora_policy_role_at(merged, &ann.member, FORA_ROLE_ADMIN, rig->now));
    assert_true(fora_policy_hosted_by(merged, &rig->env.self));
    policies_release(rig->env.policies, policy);
    kv_abort(txn);
    /* Two statements and the node's log; each space is one of its own. */
    assert_int_equal(info.count, 3);
    assert_int_equal(create_space(rig, &ann, &statement), 0);
    assert_memory_not_equal(&space, &rig->answer.u.space_created.space, sizeof space);
    /* The node itself, when it is set up: nobody is granted anything. */
    struct asker self = {0};
    assert_int_equal(create_space(rig, &self, &statement), 0);
    assert_int_equal(rig->result.stored, 1);
}

static void a_space_needs_an_admin_a_kind_a_name_and_no_other_owner(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann"), bob = rig_member(rig, "bob"), nobody = rig_guest(rig);
    struct fora_policy_statement statement = beer();
    struct fora_hash before = rig_digest(rig->env.kv);
    assert_int_equal(create_space(rig, &nobody, &statement), FORA_E_AUTH);
    assert_int_equal(create_space(rig, &bob, &statement), FORA_E_FORBIDDEN);
    bob.is_admin = true; /* what the connection believed once does not count */
    assert_int_equal(create_space(rig, &bob, &statement), FORA_E_FORBIDDEN);
    statement.kind = 0;
    assert_int_equal(create_space(rig, &ann, &statement), FORA_E_MALFORMED);
    statement = beer();
    statement.has_name = false;
    assert_int_equal(create_space(rig, &ann, &statement), FORA_E_MALFORMED);
    statement = beer();
    statement.has_owner = true;
    statement.owner = ann.member;
    assert_int_equal(create_space(rig, &ann, &statement), FORA_E_FORBIDDEN);
    struct fora_message message = {.request = 7, .type = FORA_MSG_CREATE_SPACE};
    message.u.create_space.policy = fora_bytes_str("nonsense");
    assert_int_equal(rig_ask(rig, &ann, &message), FORA_E_MALFORMED);
    struct fora_hash after = rig_digest(rig->env.kv);
    assert_memory_equal(&before, &after, sizeof before);
}

static void the_nth_write_fails_and_there_is_no_space(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann");
    const struct fora_policy_statement statement = beer();
    uint64_t failures = 0;
    for (uint64_t n = 1; n < 200; n++) {
        struct fora_hash before = rig_digest(rig->env.kv), after;
        kv_mem_fail_at(rig->env.kv, n, FORA_E_IO);
        int rc = create_space(rig, &ann, &statement);
        kv_mem_fail_at(rig->env.kv, 0, 0);
        if (rc == 0) {
            break;
        }
        after = rig_digest(rig->env.kv);
        assert_int_equal(rc, FORA_E_IO);
        assert_memory_equal(&before, &after, sizeof before);
        failures++;
    }
    assert_true(failures >= 10);
}

/* ---- subscriptions ---- */

static int subscribe(struct rig *rig, struct asker *asker, const struct fora_space_id *space,
    const char *address, const struct fora_principal_id *node)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_SUBSCRIBE};
    message.u.subscribe.space = *space;
    message.u.subscribe.address = fora_bytes_str(address);
    if (node != NULL) {
        message.u.subscribe.node = *node;
    }
    return rig_ask(rig, asker, &message);
}

static int unsubscribe(
    struct rig *rig, struct asker *asker, const struct fora_space_id *space, const char *address)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_UNSUBSCRIBE};
    message.u.unsubscribe.space = *space;
    message.u.unsubscribe.address = fora_bytes_str(address);
    return rig_ask(rig, asker, &message);
}

static int count_link(void *context, const struct subscription *subscription)
{
    size_t *count = context;
    *count += subscription->address[0] != '\0';
    return 0;
}

static size_t links(struct rig *rig)
{
    size_t count = 0;
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_int_equal(links_each(txn, count_link, &count), 0);
    kv_abort(txn);
    return count;
}

static void a_subscription_is_kept_and_its_set_is_ready(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann"), bob = rig_member(rig, "bob");
    const struct fora_space_id space = {{5}}, other = {{6}};
    const struct fora_principal_id node = {{9}};
    struct subscription link;
    struct set_info info;
    assert_int_equal(
        subscribe(rig, &bob, &space, "forum.example.com:7700", NULL), FORA_E_FORBIDDEN);
    assert_int_equal(subscribe(rig, &ann, &space, "forum.example.com:7700", NULL), 0);
    assert_int_equal(rig->answer.type, FORA_MSG_OK);
    assert_int_equal(subscribe(rig, &ann, &space, "forum.example.com:7700", &node), 0);
    assert_int_equal(subscribe(rig, &ann, &space, "[::1]:7700", NULL), 0);
    assert_int_equal(subscribe(rig, &ann, &other, "forum.example.com:7700", NULL), 0);
    assert_int_equal(links(rig), 3);
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_true(links_find(txn, &space, fora_bytes_str("forum.example.com:7700"), &link));
    assert_memory_equal(&link.node, &node, sizeof node);
    assert_memory_equal(&link.space, &space, sizeof space);
    assert_string_equal(link.address, "forum.example.com:7700");
    assert_int_equal(link.created_at, rig->now);
    assert_true(sets_find(txn, &space, FORA_AUDIENCE_PUBLIC, &info));
    assert_int_equal(info.space_seq, 0);
    kv_abort(txn);
    assert_int_equal(unsubscribe(rig, &bob, &space, "[::1]:7700"), FORA_E_FORBIDDEN);
    assert_int_equal(unsubscribe(rig, &ann, &space, "[::1]:7701"), FORA_E_ABSENT);
    assert_int_equal(unsubscribe(rig, &ann, &space, "[::1]:7700"), 0);
    assert_int_equal(links(rig), 2);
    assert_int_equal(subscribe(rig, &ann, &space, "[::1]:7700", NULL), 0);
    assert_int_equal(unsubscribe(rig, &ann, &space, ""), 0);
    assert_int_equal(links(rig), 1);
    assert_int_equal(unsubscribe(rig, &ann, &space, ""), FORA_E_ABSENT);
}

static void addresses_have_a_shape(void **state)
{
    static const char *const fine[] = {
        "a:1", "forum.example.com:65535", "127.0.0.1:7700", "[::1]:7700", "[fe80::1%eth0]:7700"};
    static const char *const bad[] = {"", ":1", "a", "a:", "a:0", "a:65536", "a:99999999999",
        "a:1x", "a b:1", "a:-1", "a:+1", "::1:7700", "[]:1", "http://a:1", "a\n:1", "a:1 "};
    char longest[ADDRESS_MAX + 2];
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann");
    const struct fora_space_id space = {{5}};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        assert_true(address_valid(fora_bytes_str(fine[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(address_valid(fora_bytes_str(bad[i])));
    }
    memset(longest, 'a', sizeof longest);
    memcpy(longest + ADDRESS_MAX - 3, ":77", 4);
    assert_true(address_valid(fora_bytes_str(longest)));
    assert_int_equal(subscribe(rig, &ann, &space, longest, NULL), 0);
    assert_int_equal(unsubscribe(rig, &ann, &space, longest), 0);
    memcpy(longest + ADDRESS_MAX - 3, ":777", 5);
    assert_false(address_valid(fora_bytes_str(longest)));
    assert_int_equal(subscribe(rig, &ann, &space, "nowhere", NULL), FORA_E_MALFORMED);
    assert_int_equal(links(rig), 0);
}

/* ---- claim ---- */

static const char source[] = "stackexchange:beer.stackexchange.com:user:17";

/* As the importer leaves somebody behind. */
static struct fora_principal_id import_user(struct rig *rig, const char *id, const char *name)
{
    struct fora_principal_id principal;
    struct fora_buf encoded = {0};
    struct fora_object object;
    struct fora_secret *device;
    struct fora_bytes label = fora_bytes_str(id);
    assert_int_equal(custody_identity_build(
                         &encoded, rig->env.custody, label, &rig->env.self, NULL, 1000, &principal),
        0);
    assert_int_equal(fora_object_decode(&object, fora_buf_bytes(&encoded)), 0);
    assert_int_equal(rig_store(rig, &object), 0);
    fora_buf_fini(&encoded);
    assert_int_equal(custody_device(&device, rig->env.custody, label), 0);
    struct fx_who who = {.id = principal, .device = device};
    if (name != NULL) {
        assert_int_equal(rig_store(rig, fx_profile(&rig->fx, &who, name, 1000)), 0);
    }
    fora_secret_free(device);
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    accounts_source_put(txn, label, &principal);
    store_rig_commit(txn);
    return principal;
}

static int claim(struct rig *rig, struct asker *asker, const char *id, const char *handle)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_CLAIM};
    message.u.claim.source = fora_bytes_str(id);
    message.u.claim.handle = fora_bytes_str(handle);
    message.u.claim.password = fora_bytes_str(good);
    return rig_ask(rig, asker, &message);
}

static void an_imported_identity_is_claimed_by_its_owner(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann"), bob = rig_member(rig, "bob"), carl = rig_guest(rig);
    const struct fora_principal_id imported = import_user(rig, source, "Carl of old");
    rig->env.registration_open = false;
    assert_int_equal(claim(rig, &carl, source, "carl"), FORA_E_AUTH);
    assert_int_equal(claim(rig, &bob, source, "carl"), FORA_E_FORBIDDEN);
    assert_int_equal(claim(rig, &ann, source, "C"), FORA_E_MALFORMED);
    assert_int_equal(claim(rig, &ann, source, "bob"), FORA_E_NAME_TAKEN);
    assert_int_equal(claim(rig, &ann, "stackexchange:x:user:1", "carl"), FORA_E_ABSENT);
    assert_int_equal(claim(rig, &ann, source, "carl"), 0);
    assert_int_equal(rig->answer.type, FORA_MSG_OK);
    assert_true(memcmp(&ann.member, &imported, sizeof imported) != 0); /* nobody was logged in */
    assert_int_equal(rig_login(rig, &carl, "carl", good, NULL), 0);
    assert_memory_equal(&carl.member, &imported, sizeof imported);
    assert_true(carl.custodial);
    assert_true(fora_bytes_equal(rig->answer.u.auth_ok.name, fora_bytes_str("Carl of old")));
    assert_int_equal(claim(rig, &ann, source, "carl2"), FORA_E_REFUSED);

    /* The node signs for him from now on. */
    const struct fora_object *space = rig_space(rig);
    const struct fora_object *thread = rig_question(rig, space);
    assert_int_equal(rig_vote(rig, &carl, &thread->id, 1), 0);
}

static void a_claim_needs_the_secret_that_made_the_identity(void **state)
{
    struct rig *rig = *state;
    struct asker ann = rig_admin(rig, "ann");
    (void)import_user(rig, source, NULL);
    rig->env.custody[0] ^= 1;
    assert_int_equal(claim(rig, &ann, source, "carl"), FORA_E_KEY);
    rig->env.custody[0] ^= 1;
    assert_int_equal(claim(rig, &ann, source, "carl"), 0);
    struct account account;
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_true(accounts_find(txn, fora_bytes_str("carl"), &account));
    kv_abort(txn);
    assert_string_equal(account.name, "carl"); /* no profile: the handle */
}

/* ---- the same on disk ---- */

static void everything_survives_closing_the_store(void **state)
{
    struct rig rig;
    char folder[64];
    struct asker self = {0}, carl;
    struct fora_tally tally;
    struct fora_object_id id;
    uint64_t at;
    (void)state;
    rig_start(&rig, store_rig_disk(folder));
    carl = rig_guest(&rig);
    struct asker ann = rig_admin(&rig, "ann");
    const struct fora_object *space = rig_space(&rig), *thread = rig_question(&rig, space);
    (void)import_user(&rig, source, "Carl of old");
    assert_int_equal(claim(&rig, &self, source, "carl"), 0);
    assert_int_equal(rig_vote(&rig, &ann, &thread->id, 1), 0);
    const struct fora_space_id other = {{5}};
    assert_int_equal(subscribe(&rig, &self, &other, "localhost:7700", NULL), 0);
    struct fora_hash before = rig_digest(rig.env.kv);

    committer_free(rig.env.committer);
    policies_clear(rig.env.policies);
    kv_close(rig.env.kv);
    rig.env.kv = store_rig_reopen(folder);
    assert_int_equal(committer_new(&rig.env.committer, rig.env.kv, rig.env.policies), 0);
    struct fora_hash after = rig_digest(rig.env.kv);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(rig_login(&rig, &carl, "carl", good, NULL), 0);
    assert_int_equal(rig_vote(&rig, &carl, &thread->id, 1), 0);
    assert_true(rig_tally(&rig, thread, &tally, &id, &at));
    assert_int_equal(tally.up, 2);
    assert_int_equal(links(&rig), 1);
    rig_stop(&rig);
    store_rig_remove(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_admin_creates_a_space_of_the_node),
        TEST(a_space_needs_an_admin_a_kind_a_name_and_no_other_owner),
        TEST(the_nth_write_fails_and_there_is_no_space),
        TEST(a_subscription_is_kept_and_its_set_is_ready),
        TEST(addresses_have_a_shape),
        TEST(an_imported_identity_is_claimed_by_its_owner),
        TEST(a_claim_needs_the_secret_that_made_the_identity),
        cmocka_unit_test(everything_survives_closing_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
