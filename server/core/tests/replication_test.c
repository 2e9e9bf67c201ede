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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_node_catches_up),
        cmocka_unit_test(test_an_answer_travels_back),
        cmocka_unit_test(test_what_was_written_while_apart_is_reconciled),
        cmocka_unit_test(test_a_chain_of_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
