/* A custodial member takes her keys out, and the node can act for her no more (ID-13). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include <string.h>

static struct rig rig;

static int setup(void **state)
{
    memset(&rig, 0, sizeof rig);
    rig_start(&rig, store_rig_mem());
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static int take_out(struct asker *asker, const char *password)
{
    struct fora_message ask = {.request = 7, .type = FORA_MSG_TAKE_OUT};
    ask.u.take_out.password = fora_bytes_str(password);
    return rig_ask(&rig, asker, &ask);
}

static struct fora_identity *log_of(const struct fora_principal_id *who)
{
    struct kv_txn *txn;
    struct fora_identity *log;
    assert_int_equal(kv_begin_read(rig.env.kv, &txn), 0);
    assert_int_equal(identity_load(txn, who, &log), 0);
    kv_abort(txn);
    return log;
}

static int extend(
    const struct fora_principal_id *who, struct fora_identity_entry entry, struct fora_secret *by)
{
    struct fora_identity *log = log_of(who);
    struct fora_buf bytes = {0};
    assert_int_equal(fora_identity_build_next(&bytes, log, &entry, rig.now, by), 0);
    int code = rig_store(&rig, fx_decode(&rig.fx, fora_buf_bytes(&bytes)));
    fora_buf_fini(&bytes);
    fora_identity_free(log);
    return code;
}

static int rotate(
    const struct fora_principal_id *who, struct fora_secret *by, const struct fora_secret *next)
{
    struct fora_root_rotation rotation;
    struct fora_key key;
    fora_secret_public(next, &key);
    fora_identity_commitment(&rotation.next_root_commitment, &key);
    return extend(who, (struct fora_identity_entry){.rotate = &rotation}, by);
}

static void only_with_the_password_ID_13(void **state)
{
    (void)state;
    struct asker guest = rig_guest(&rig), ann = rig_guest(&rig);
    assert_int_equal(rig_sign_up(&rig, &ann, "ann", "correct horse", NULL), 0);
    assert_int_equal(take_out(&guest, "correct horse"), FORA_E_AUTH);
    assert_int_equal(take_out(&ann, "wrong horse 1"), FORA_E_AUTH);
    assert_int_equal(take_out(&ann, "short"), FORA_E_AUTH);
    assert_int_equal(take_out(&ann, "correct horse"), 0);
    assert_int_equal(rig.answer.type, FORA_MSG_TAKEN_OUT);
}

static void afterwards_the_node_can_act_for_her_no_more_ID_13(void **state)
{
    (void)state;
    struct asker ann = rig_guest(&rig);
    struct fora_secret *root, *next, *device, *mine = fx_secret(7, "mine"),
                                              *later = fx_secret(7, "later");
    struct fora_key_revocation revocation = {0};
    assert_int_equal(rig_sign_up(&rig, &ann, "ann", "correct horse", NULL), 0);
    assert_int_equal(take_out(&ann, "correct horse"), 0);
    assert_int_equal(fora_secret_from_seed(&root, rig.answer.u.taken_out.root.b), 0);
    assert_int_equal(fora_secret_from_seed(&next, rig.answer.u.taken_out.next_root.b), 0);
    assert_int_equal(fora_secret_from_seed(&device, rig.answer.u.taken_out.device.b), 0);
    assert_int_equal(rotate(&ann.member, next, mine), 0);
    assert_int_equal(take_out(&ann, "correct horse"), 0); /* it may have ended in the middle */
    assert_int_equal(rotate(&ann.member, mine, later), 0);
    /* Nor does it give them to whoever has the password. */
    assert_int_equal(take_out(&ann, "correct horse"), FORA_E_KEY);
    fora_secret_public(device, &revocation.sign);
    /* The node's keys write nothing more: neither the first root nor the next. */
    struct fora_home_change change = {.home = {{1}}};
    struct fora_identity_entry away = {.home = &change};
    assert_int_equal(extend(&ann.member, away, root), FORA_E_IDENTITY);
    assert_int_equal(extend(&ann.member, away, next), FORA_E_IDENTITY);
    assert_int_equal(
        extend(&ann.member, (struct fora_identity_entry){.revoke_key = &revocation}, mine), 0);
    rig.now += 1000;
    /* What the node signs in her name from now on is refused, here as everywhere. */
    const struct fora_object *space = rig_space(&rig);
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    struct fora_header header = {.kind = FORA_KIND_THREAD,
        .author = ann.member,
        .space = fora_object_space(space),
        .created_at = rig.now};
    struct fora_buf bytes = {0}, encoded = {0};
    content.u.thread.type = FORA_THREAD_QUESTION;
    content.u.thread.title = fora_bytes_str("By the node");
    content.u.thread.salt.b[0] = 1;
    assert_int_equal(fora_content_encode(&bytes, &content), 0);
    assert_int_equal(fora_object_build(&encoded, &header, fora_buf_bytes(&bytes), device, NULL), 0);
    assert_int_equal(rig_store(&rig, fx_decode(&rig.fx, fora_buf_bytes(&encoded))), FORA_E_KEY);
    fora_buf_fini(&bytes);
    fora_buf_fini(&encoded);
    fora_secret_free(root);
    fora_secret_free(next);
    fora_secret_free(device);
    fora_secret_free(mine);
    fora_secret_free(later);
}

/* All that the node has is one root, and to rotate takes the next one. */
static void what_comes_next_is_hers_alone_ID_13(void **state)
{
    (void)state;
    struct asker ann = rig_guest(&rig);
    struct fora_secret *root, *hers = fx_secret(7, "hers"), *later = fx_secret(7, "later");
    struct fora_seed none = {{0}};
    struct fora_key key;
    struct fora_message message = {.request = 7, .type = FORA_MSG_SIGN_UP};
    message.u.sign_up.handle = fora_bytes_str("ann");
    message.u.sign_up.password = fora_bytes_str("correct horse");
    fora_secret_public(hers, &key);
    fora_identity_commitment(&message.u.sign_up.next_root_commitment, &key);
    assert_int_equal(rig_ask(&rig, &ann, &message), 0);
    assert_int_equal(take_out(&ann, "correct horse"), 0);
    assert_memory_equal(rig.answer.u.taken_out.next_root.b, none.b, sizeof none.b);
    assert_int_equal(fora_secret_from_seed(&root, rig.answer.u.taken_out.root.b), 0);
    assert_int_equal(rotate(&ann.member, root, later), FORA_E_IDENTITY);
    assert_int_equal(rotate(&ann.member, later, hers), FORA_E_IDENTITY);
    assert_int_equal(rotate(&ann.member, hers, later), 0);
    assert_int_equal(take_out(&ann, "correct horse"), FORA_E_KEY);
    fora_secret_free(root);
    fora_secret_free(hers);
    fora_secret_free(later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_with_the_password_ID_13, setup, teardown),
        cmocka_unit_test_setup_teardown(
            afterwards_the_node_can_act_for_her_no_more_ID_13, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_next_is_hers_alone_ID_13, setup, teardown),
    };
    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
