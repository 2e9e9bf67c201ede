/* Peers and clients that mean no good, or are only unlucky: what a node does with them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "guest.h"

struct world {
    struct net net;
    struct fx fx;
    struct net_node *a;
    struct fora_space_id space;
    struct fora_object space_stub; /* only its id is used */
    struct fx_who *ann;
    const struct fora_object *thread;
};

static void world_init(struct world *world)
{
    memset(world, 0, sizeof *world);
    net_init(&world->net);
    fx_init(&world->fx);
    world->a = net_add(&world->net, "a");
    world->space = net_space(&world->net, world->a, "beer");
    memcpy(world->space_stub.id.b, world->space.b, sizeof world->space.b);
    world->space_stub.header.kind = FORA_KIND_POLICY;
    world->ann = fx_member(&world->fx, 1, world->net.now - 1000);
    world->thread = fx_thread(&world->fx, world->ann, &world->space_stub, FORA_THREAD_QUESTION,
        "Why is it flat?", world->net.now);
    const struct fora_object *objects[] = {world->ann->create, world->thread};
    net_put(&world->net, world->a, objects, 2);
}

static void world_fini(struct world *world)
{
    net_fini(&world->net);
    fx_fini(&world->fx);
}

/* ---- before a node's Hello is checked ---- */

static void ses13_nothing_is_taken_while_a_hello_is_being_checked(void **state)
{
    struct world world;
    struct guest peer;
    struct fora_message fetch = {.type = FORA_MSG_FETCH};
    struct fora_object_id id;
    (void)state;
    world_init(&world);
    guest_init(&peer, &world.net, world.a, 9);
    while (guest_move(&peer)) {
    }
    /* OPEN for the guest; the node has a job out that nobody ran. */
    assert_int_equal(fora_session_state(peer.session), FORA_SESSION_OPEN);
    assert_false(node_wants_input(world.a->node, peer.conn));
    id = world.thread->id;
    fetch.u.fetch.ids = &id;
    fetch.u.fetch.ids_count = 1;
    assert_int_not_equal(guest_ask(&peer, &fetch), 0);
    assert_false(guest_move(&peer));
    guest_settle(&peer);
    assert_int_equal(peer.heard[FORA_MSG_OBJECTS], 1);
    guest_fini(&peer);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses13_nothing_is_taken_while_a_hello_is_being_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
