#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include "core/make.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct rig rig;
    const struct fora_object *space;
    const struct fora_object *thread;
    struct asker ann;
};

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    rig_start(&scene->rig, store_rig_mem());
    scene->space = rig_space(&scene->rig);
    scene->thread = rig_question(&scene->rig, scene->space);
    scene->ann = rig_member(&scene->rig, "ann");
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    rig_stop(&scene->rig);
    free(scene);
    return 0;
}

/* `place` gives space, root, parent and audience. */
static int compose(struct scene *scene, struct asker *asker, const struct fora_header *place,
    const struct fora_content *content)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_COMPOSE};
    struct fora_msg_compose *compose = &message.u.compose;
    struct fora_buf encoded = {0};
    assert_int_equal(fora_content_encode_unsalted(&encoded, content), 0);
    compose->kind = content->kind;
    compose->space = place->space;
    compose->root = place->root;
    compose->parent = place->parent;
    compose->audience = place->audience;
    compose->content = fora_buf_bytes(&encoded);
    int rc = rig_ask(&scene->rig, asker, &message);
    fora_buf_fini(&encoded);
    return rc;
}

static struct fora_header in_space(const struct scene *scene)
{
    return (struct fora_header){.space = fora_object_space(scene->space)};
}

static struct fora_header about(const struct scene *scene, const struct fora_object_id *parent)
{
    return (struct fora_header){
        .space = fora_object_space(scene->space), .root = scene->thread->id, .parent = *parent};
}

static struct fora_content question(void)
{
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    content.u.thread.type = FORA_THREAD_QUESTION;
    content.u.thread.title = fora_bytes_str("Which glass?");
    return content;
}

static struct fora_content answer(void)
{
    struct fora_content content = {.kind = FORA_KIND_POST};
    content.u.post.type = FORA_POST_ANSWER;
    content.u.post.text = fora_bytes_str("Because.");
    return content;
}

static void made_is(struct scene *scene, uint32_t kind, struct stored *out, struct kv_txn **txn)
{
    struct rig *rig = &scene->rig;
    *txn = store_rig_read(rig->env.kv);
    assert_int_equal(objects_read(*txn, objects_find(*txn, rig->made.b), out), 0);
    assert_int_equal(out->object.header.kind, kind);
    assert_memory_equal(&out->object.header.author, &scene->ann.member, sizeof rig->env.self);
    assert_int_equal(fora_object_verify(&out->object), 0);
}

static void the_node_signs_what_its_member_writes(void **state)
{
    struct scene *scene = *state;
    struct fora_header place = in_space(scene);
    struct fora_content content = question(), decoded;
    struct stored stored;
    struct kv_txn *txn;
    struct fora_salt first;
    assert_int_equal(compose(scene, &scene->ann, &place, &content), 0);
    made_is(scene, FORA_KIND_THREAD, &stored, &txn);
    assert_int_equal(stored.object.header.created_at, scene->rig.now);
    assert_int_equal(fora_content_decode(&scene->rig.arena, FORA_KIND_THREAD,
                         stored.object.content_bytes, &decoded),
        0);
    assert_true(fora_bytes_equal(decoded.u.thread.title, content.u.thread.title));
    first = decoded.u.thread.salt;
    kv_abort(txn);
    /* The same again has another salt, and so is another object. */
    assert_int_equal(compose(scene, &scene->ann, &place, &content), 0);
    made_is(scene, FORA_KIND_THREAD, &stored, &txn);
    assert_int_equal(fora_content_decode(&scene->rig.arena, FORA_KIND_THREAD,
                         stored.object.content_bytes, &decoded),
        0);
    assert_memory_not_equal(&first, &decoded.u.thread.salt, sizeof first);
    kv_abort(txn);
}

static void answers_and_retractions_go_the_same_way(void **state)
{
    struct scene *scene = *state;
    struct fora_header place = about(scene, &scene->thread->id);
    struct fora_content content = answer(), retraction = {.kind = FORA_KIND_RETRACTION};
    struct stored stored;
    struct kv_txn *txn;
    assert_int_equal(compose(scene, &scene->ann, &place, &content), 0);
    const struct fora_object_id mine = scene->rig.made;
    place = about(scene, &mine);
    assert_int_equal(compose(scene, &scene->ann, &place, &retraction), 0);
    txn = store_rig_read(scene->rig.env.kv);
    assert_int_equal(objects_read(txn, objects_find(txn, mine.b), &stored), 0);
    assert_false(stored.object.has_content);
    kv_abort(txn);
    /* Not what is another's. */
    place = about(scene, &scene->thread->id);
    assert_int_equal(compose(scene, &scene->ann, &place, &retraction), FORA_E_MISMATCH);
}

static void OBJ_8_two_profiles_of_one_millisecond(void **state)
{
    struct scene *scene = *state;
    const struct fora_header place = {0},
                             slot = {.kind = FORA_KIND_PROFILE, .author = scene->ann.member};
    struct fora_content content = {.kind = FORA_KIND_PROFILE}, decoded;
    struct stored stored;
    static const char *const names[] = {"Ann", "Anna", "Annie", "Anne", "Anja"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        content.u.profile.name = fora_bytes_str(names[i]);
        assert_int_equal(compose(scene, &scene->ann, &place, &content), 0);
        struct kv_txn *txn = store_rig_read(scene->rig.env.kv);
        assert_int_equal(slot_standing(txn, &slot, &stored), 0);
        assert_int_equal(fora_content_decode(&scene->rig.arena, FORA_KIND_PROFILE,
                             stored.object.content_bytes, &decoded),
            0);
        assert_true(fora_bytes_equal(decoded.u.profile.name, content.u.profile.name));
        kv_abort(txn);
    }
}

/* Unsalted, as all that is composed; and what was carried before has left its place. */
static void ATT_15_a_member_whose_key_is_here_carries(void **state)
{
    struct scene *scene = *state;
    const struct fora_header place = {0},
                             slot = {.kind = FORA_KIND_CARRIED, .author = scene->ann.member};
    struct fora_bytes objects[] = {scene->space->encoded, scene->thread->encoded};
    struct fora_content content = {.kind = FORA_KIND_CARRIED}, decoded;
    struct stored stored;
    content.u.carried.objects = objects;
    for (size_t count = 0; count <= 2; count++) {
        content.u.carried.objects_count = 2 - count;
        assert_int_equal(compose(scene, &scene->ann, &place, &content), 0);
        struct kv_txn *txn = store_rig_read(scene->rig.env.kv);
        assert_int_equal(slot_standing(txn, &slot, &stored), 0);
        assert_int_equal(fora_content_decode(&scene->rig.arena, FORA_KIND_CARRIED,
                             stored.object.content_bytes, &decoded),
            0);
        assert_int_equal(decoded.u.carried.objects_count, 2 - count);
        kv_abort(txn);
    }
}

static void only_for_members_whose_key_is_here(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct asker nobody = rig_guest(rig), vera = rig_guest(rig);
    const struct fora_header place = in_space(scene);
    const struct fora_content content = question();
    assert_int_equal(rig_auth(rig, &vera, &rig->vera->id, rig->vera->device, NULL, 0), 0);
    assert_int_equal(compose(scene, &nobody, &place, &content), FORA_E_AUTH);
    assert_int_equal(compose(scene, &vera, &place, &content), FORA_E_AUTH);
    vera.custodial = true; /* what the connection believes does not count */
    assert_int_equal(compose(scene, &vera, &place, &content), FORA_E_AUTH);
    struct account account = {.handle = "vera", .principal = rig->vera->id};
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    accounts_put(txn, &account);
    assert_true(accounts_of(txn, &scene->ann.member, &account));
    account.disabled = true;
    accounts_put(txn, &account);
    store_rig_commit(txn);
    assert_int_equal(compose(scene, &vera, &place, &content), FORA_E_AUTH);
    assert_int_equal(compose(scene, &scene->ann, &place, &content), FORA_E_AUTH);
}

static void kinds_that_are_not_for_members(void **state)
{
    struct scene *scene = *state;
    static const uint32_t kinds[] = {0, FORA_KIND_IDENTITY, FORA_KIND_TALLY, FORA_KIND_FLAG,
        FORA_KIND_RECEIPT, FORA_KIND_CHECKPOINT, FORA_KIND_MEMBERSHIP, 23, 99999};
    struct fora_message message = {.request = 7, .type = FORA_MSG_COMPOSE};
    size_t refused = 0;
    message.u.compose.space = fora_object_space(scene->space);
    message.u.compose.content = fora_bytes_str("x");
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++) {
        message.u.compose.kind = kinds[i];
        assert_int_equal(rig_ask(&scene->rig, &scene->ann, &message), FORA_E_UNSUPPORTED);
        refused++;
    }
    assert_int_equal(refused, 8);
}

static void what_is_wrong_is_said_before_it_is_signed(void **state)
{
    struct scene *scene = *state;
    struct rig *rig = &scene->rig;
    struct fora_header place = in_space(scene), elsewhere = {.space = {{3}}}, nowhere = {0};
    struct fora_content content = question(), policy = {.kind = FORA_KIND_POLICY};
    struct fora_message message = {.request = 7, .type = FORA_MSG_COMPOSE};
    struct fora_buf salted = {0};
    struct fora_hash before = rig_digest(rig->env.kv);
    assert_int_equal(compose(scene, &scene->ann, &elsewhere, &content), FORA_E_UNKNOWN_SPACE);
    /* No member founds a space by composing its first statement. */
    policy.u.policy =
        (struct fora_policy_statement){.kind = 1, .has_name = true, .name = fora_bytes_str("x")};
    assert_int_equal(compose(scene, &scene->ann, &nowhere, &policy), FORA_E_UNKNOWN_SPACE);
    place.audience = FORA_AUDIENCE_RESTRICTED;
    assert_int_equal(compose(scene, &scene->ann, &place, &content), FORA_E_UNKNOWN_SPACE);
    /* A salt is the node's to choose. */
    fora_salt_random(&content.u.thread.salt);
    assert_int_equal(fora_content_encode(&salted, &content), 0);
    message.u.compose.kind = FORA_KIND_THREAD;
    message.u.compose.space = fora_object_space(scene->space);
    message.u.compose.content = fora_buf_bytes(&salted);
    assert_int_equal(rig_ask(rig, &scene->ann, &message), FORA_E_MALFORMED);
    message.u.compose.content = fora_bytes_str("nonsense");
    assert_int_equal(rig_ask(rig, &scene->ann, &message), FORA_E_MALFORMED);
    fora_buf_fini(&salted);
    /* A thread has no parent; an answer has one. */
    place = about(scene, &scene->thread->id);
    assert_int_equal(compose(scene, &scene->ann, &place, &content), FORA_E_MALFORMED);
    place = in_space(scene);
    content = answer();
    assert_int_equal(compose(scene, &scene->ann, &place, &content), FORA_E_MALFORMED);
    struct fora_hash after = rig_digest(rig->env.kv);
    assert_memory_equal(&before, &after, sizeof before);
}

static void ADM_3_rights_of_a_member_are_asked(void **state)
{
    struct scene *scene = *state;
    const struct fora_header place = in_space(scene);
    struct fora_content content = question();
    content.u.thread.type = FORA_THREAD_ANNOUNCEMENT;
    assert_int_equal(compose(scene, &scene->ann, &place, &content), FORA_E_FORBIDDEN);
    content = (struct fora_content){.kind = FORA_KIND_POLICY};
    content.u.policy.has_name = true;
    content.u.policy.name = fora_bytes_str("Mine");
    assert_int_equal(compose(scene, &scene->ann, &place, &content), FORA_E_FORBIDDEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_node_signs_what_its_member_writes),
        TEST(answers_and_retractions_go_the_same_way),
        TEST(OBJ_8_two_profiles_of_one_millisecond),
        TEST(ATT_15_a_member_whose_key_is_here_carries),
        TEST(only_for_members_whose_key_is_here),
        TEST(kinds_that_are_not_for_members),
        TEST(what_is_wrong_is_said_before_it_is_signed),
        TEST(ADM_3_rights_of_a_member_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
