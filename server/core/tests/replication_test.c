/* Two and three nodes that hold a space in common, told as stories. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fixture.h"
#include "net.h"

struct world {
    struct net net;
    struct fx fx;
    struct net_node *a;
    struct net_node *b;
    struct fora_space_id space;
    const struct fora_object *space_object; /* only its id is used */
    struct fora_object space_stub;
    struct fx_who *ann;
    const struct fora_object *thread;
};

static void world_init(struct world *world)
{
    memset(world, 0, sizeof *world);
    net_init(&world->net);
    fx_init(&world->fx);
    world->a = net_add(&world->net, "a");
    world->b = net_add(&world->net, "b");
    world->space = net_space(&world->net, world->a, "beer");
    memcpy(world->space_stub.id.b, world->space.b, sizeof world->space.b);
    world->space_stub.header.kind = FORA_KIND_POLICY;
    world->space_object = &world->space_stub;
    world->ann = fx_member(&world->fx, 1, world->net.now - 1000);
}

static void world_fini(struct world *world)
{
    net_fini(&world->net);
    fx_fini(&world->fx);
}

static void put_thread(struct world *world, struct net_node *node)
{
    world->thread = fx_thread(&world->fx, world->ann, world->space_object, FORA_THREAD_QUESTION,
        "Why is it flat?", world->net.now);
    const struct fora_object *objects[] = {world->ann->create, world->thread};
    net_put(&world->net, node, objects, 2);
}

static void test_an_empty_node_catches_up(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    put_thread(&world, world.a);
    net_subscribe(&world.net, world.b, world.a, &world.space);
    net_pass(&world.net, 3);
    assert_int_equal(
        net_same(world.a, world.b, &world.space), 4); /* node, policy, member, thread */
    world_fini(&world);
}

static void test_an_answer_travels_back(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    put_thread(&world, world.a);
    net_subscribe(&world.net, world.b, world.a, &world.space);
    net_pass(&world.net, 3);
    struct fx_who *bob = fx_member(&world.fx, 2, world.net.now - 1000);
    const struct fora_object *objects[] = {
        bob->create, fx_answer(&world.fx, bob, world.thread, "Dirty glass.", world.net.now)};
    net_put(&world.net, world.b, objects, 2);
    net_pass(&world.net, 3);
    assert_int_equal(net_same(world.a, world.b, &world.space), 6);
    world_fini(&world);
}

static void test_what_was_written_while_apart_is_reconciled(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    put_thread(&world, world.a);
    net_subscribe(&world.net, world.b, world.a, &world.space);
    net_pass(&world.net, 3);
    struct fx_who *bob = fx_member(&world.fx, 2, world.net.now - 1000);
    for (uint64_t i = 0; i < 200; i++) {
        const struct fora_object *here[] = {
            bob->create, fx_answer(&world.fx, bob, world.thread, "there", world.net.now - 500 + i)};
        const struct fora_object *there[] = {
            fx_comment(&world.fx, world.ann, world.thread, "here", world.net.now - 500 + i)};
        net_put(&world.net, world.b, here, 2);
        net_put(&world.net, world.a, there, 1);
    }
    net_pass(&world.net, 30);
    assert_int_equal(net_same(world.a, world.b, &world.space), 4 + 1 + 400);
    world_fini(&world);
}

static void test_a_chain_of_three(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    struct net_node *c = net_add(&world.net, "c");
    net_subscribe(&world.net, world.b, world.a, &world.space);
    net_subscribe(&world.net, c, world.b, &world.space);
    net_pass(&world.net, 3);
    put_thread(&world, world.a);
    net_pass(&world.net, 30);
    struct fx_who *bob = fx_member(&world.fx, 2, world.net.now - 1000);
    const struct fora_object *objects[] = {
        bob->create, fx_answer(&world.fx, bob, world.thread, "Dirty glass.", world.net.now)};
    net_put(&world.net, c, objects, 2);
    net_pass(&world.net, 30);
    assert_int_equal(net_same(world.a, world.b, &world.space), 6);
    assert_int_equal(net_same(world.a, c, &world.space), 6);
    world_fini(&world);
}

enum { MANY = 6000, LONG = 1500 };

static void rep7_much_that_the_other_side_lacks_is_put_in_portions(void **state)
{
    (void)state;
    struct world world;
    static const struct fora_object *objects[MANY];
    static char text[LONG + 1];
    world_init(&world);
    put_thread(&world, world.a);
    net_subscribe(&world.net, world.b, world.a, &world.space);
    net_pass(&world.net, 3);
    memset(text, 'x', LONG);
    for (size_t i = 0; i < MANY; i++) {
        objects[i] = fx_comment(&world.fx, world.ann, world.thread, text, world.net.now + i);
    }
    /* As after A lost what it had brought: following would not send it back, reconciling does. */
    net_cut(&world.net, world.b);
    net_put_from(&world.net, world.b, world.a, objects, MANY);
    net_pass(&world.net, 30);
    assert_int_equal(net_same(world.a, world.b, &world.space), 4 + MANY);
    assert_int_equal(node_counters(world.b->node)->sessions_failed, 0);
    assert_true(node_counters(world.b->node)->reconciliations > 0);
    world_fini(&world);
}

static const struct fora_object *revoked(struct world *world, struct fx_who *who, uint64_t since)
{
    struct fora_buf bytes = {0};
    struct fora_key_revocation revocation = {.compromised_at = since};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    fora_secret_public(who->device, &revocation.sign);
    assert_int_equal(
        fora_identity_build_next(&bytes, who->log, &entry, world->net.now, who->root), 0);
    const struct fora_object *object = fx_decode(&world->fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return object;
}

static void adm7_a_theft_that_is_known_late_is_undone_everywhere(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);
    put_thread(&world, world.a);
    net_subscribe(&world.net, world.b, world.a, &world.space);
    net_pass(&world.net, 3);
    uint64_t before = net_same(world.a, world.b, &world.space);
    uint64_t theft = world.net.now;
    struct fx_who *bob = fx_member(&world.fx, 2, world.net.now - 1000);
    struct fx_who *eve = fx_member(&world.fx, 3, world.net.now - 1000);
    const struct fora_object *stolen =
        fx_answer(&world.fx, bob, world.thread, "Buy my beer.", theft + 10);
    const struct fora_object *reply = fx_comment(&world.fx, eve, stolen, "Yes, do.", theft + 20);
    const struct fora_object *objects[] = {bob->create, eve->create, stolen, reply};
    net_put(&world.net, world.b, objects, 4);
    net_pass(&world.net, 5);
    assert_int_equal(net_same(world.a, world.b, &world.space), before + 4);
    const struct fora_object *entry = revoked(&world, bob, theft);
    net_put(&world.net, world.b, &entry, 1);
    net_pass(&world.net, 30);
    /* What bob's thief wrote, what was said to it, and with their last words bob and eve. */
    assert_int_equal(net_same(world.a, world.b, &world.space), before);
    assert_int_equal(node_counters(world.a->node)->objects_removed, 2);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_node_catches_up),
        cmocka_unit_test(test_an_answer_travels_back),
        cmocka_unit_test(test_what_was_written_while_apart_is_reconciled),
        cmocka_unit_test(test_a_chain_of_three),
        cmocka_unit_test(rep7_much_that_the_other_side_lacks_is_put_in_portions),
        cmocka_unit_test(adm7_a_theft_that_is_known_late_is_undone_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
