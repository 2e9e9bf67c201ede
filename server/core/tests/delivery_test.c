/* Where an object is, and why it is not (REP-14): what a node says of others, and of its own
 * subscriptions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/delivery.h"
#include "story.h"

struct world {
    struct story story;
    struct guest reader;
    struct fora_arena arena;
};

static void world_init(struct world *world)
{
    story_init(&world->story, false);
    fora_arena_init(&world->arena, 0);
    guest_init(&world->reader, &world->story.net, world->story.a, 0);
    guest_open(&world->reader);
}

static void world_fini(struct world *world)
{
    guest_fini(&world->reader);
    fora_arena_fini(&world->arena);
    story_fini(&world->story);
}

static const struct fora_msg_delivery *delivery(struct world *world, const uint8_t id[FORA_ID_SIZE])
{
    struct fora_message ask = {.type = FORA_MSG_GET_DELIVERY};
    struct fora_message *answer = fora_arena_zalloc(&world->arena, 1, sizeof *answer);
    memcpy(ask.u.get_delivery.id.b, id, FORA_ID_SIZE);
    guest_ask(&world->reader, &ask);
    guest_settle(&world->reader);
    guest_last(&world->reader, &world->arena, answer);
    assert_int_equal(answer->type, FORA_MSG_DELIVERY);
    return &answer->u.delivery;
}

static const struct fora_msg_delivery_row *row_of(
    const struct fora_msg_delivery *delivery, const struct fora_principal_id *node)
{
    for (size_t i = 0; i < delivery->rows_count; i++) {
        if (memcmp(delivery->rows[i].node.b, node->b, sizeof node->b) == 0) {
            return &delivery->rows[i];
        }
    }
    return NULL;
}

static void assert_text(struct fora_bytes text, const char *expected)
{
    char copy[400];
    assert_in_range(text.size, 0, sizeof copy - 1);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    assert_string_equal(copy, expected);
}

static uint64_t follow(struct world *world, struct guest *peer)
{
    uint64_t request = story_follow(peer, &world->story.space);
    guest_settle(peer);
    return request;
}

static void confirm(
    struct guest *peer, uint64_t request, const struct fora_object *object, int code)
{
    struct fora_message message = {.request = request, .type = FORA_MSG_FOLLOW_ACK};
    struct fora_msg_result refused = {.code = fora_error_to_wire(code)};
    if (object != NULL) {
        refused.id = object->id;
        message.u.follow_ack.refused = &refused;
        message.u.follow_ack.refused_count = 1;
    }
    guest_say(peer, &message);
    guest_settle(peer);
}

static void rep14_stored_means_confirmed_and_nodes_have_names(void **state)
{
    struct world world;
    struct guest peer;
    (void)state;
    world_init(&world);
    guest_init(&peer, &world.story.net, world.story.a, 9);
    guest_open(&peer);
    uint64_t request = follow(&world, &peer);
    const struct fora_msg_delivery *before = delivery(&world, world.story.thread->id.b);
    assert_int_equal(before->rows_count, 2);
    assert_text(before->rows[0].state, "stored"); /* the node itself comes first */
    assert_memory_equal(before->rows[0].node.b, world.story.a->id.b, FORA_ID_SIZE);
    assert_text(row_of(before, &peer.id)->state, "queued");
    assert_text(row_of(before, &peer.id)->name, "guest");
    confirm(&peer, request, NULL, 0);
    const struct fora_msg_delivery *after = delivery(&world, world.story.thread->id.b);
    assert_text(row_of(after, &peer.id)->state, "stored");
    assert_int_equal(row_of(after, &peer.id)->code, 0);
    guest_fini(&peer);
    world_fini(&world);
}

static void rep14_a_refusal_is_known_after_a_restart(void **state)
{
    struct world world;
    struct guest peer;
    (void)state;
    world_init(&world);
    struct net *net = &world.story.net;
    uint64_t born = net->now;
    guest_init(&peer, net, world.story.a, 9);
    guest_open(&peer);
    confirm(&peer, follow(&world, &peer), world.story.thread, FORA_E_REFUSED);
    for (unsigned i = 0; i < 2; i++) { /* and after another one */
        guest_fini(&peer);
        guest_fini(&world.reader);
        net_pass(net, 11);
        net_restart(net, world.story.a);
        guest_init(&world.reader, net, world.story.a, 0);
        guest_open(&world.reader);
        uint64_t now = net->now;
        net->now = born; /* the same node: its log is dated by it */
        guest_init(&peer, net, world.story.a, 9);
        net->now = now;
        guest_open(&peer);
        uint64_t request = follow(&world, &peer);
        confirm(&peer, request, NULL, 0); /* it has come past it */
        const struct fora_msg_delivery *known = delivery(&world, world.story.thread->id.b);
        assert_text(row_of(known, &peer.id)->state, "refused");
        assert_int_equal(row_of(known, &peer.id)->code, fora_error_to_wire(FORA_E_REFUSED));
    }
    guest_fini(&peer);
    world_fini(&world);
}

static void rep14_what_a_follower_refused_is_shown_with_its_code(void **state)
{
    struct world world;
    struct guest peer;
    (void)state;
    world_init(&world);
    guest_init(&peer, &world.story.net, world.story.a, 9);
    guest_open(&peer);
    confirm(&peer, follow(&world, &peer), world.story.thread, FORA_E_REFUSED);
    const struct fora_msg_delivery_row *row =
        row_of(delivery(&world, world.story.thread->id.b), &peer.id);
    assert_text(row->state, "refused");
    assert_int_equal(fora_error_from_wire(row->code), FORA_E_REFUSED);
    /* It took what else was in the batch, so the space is not refused as a whole. */
    assert_text(row_of(delivery(&world, world.story.space.b), &peer.id)->state, "stored");
    guest_fini(&peer);
    world_fini(&world);
}

static void rep14_before_posting_one_sees_who_refuses(void **state)
{
    struct world world;
    struct guest peer;
    (void)state;
    world_init(&world);
    guest_init(&peer, &world.story.net, world.story.a, 9);
    guest_open(&peer);
    uint64_t request = follow(&world, &peer);
    confirm(&peer, request, NULL, 0);
    const struct fora_object *comment = fx_comment(
        &world.story.fx, world.story.ann, world.story.thread, "And warm.", world.story.net.now);
    struct guest writer;
    guest_init(&writer, &world.story.net, world.story.a, 8);
    guest_open(&writer);
    guest_put(&writer, &comment, 1);
    guest_settle(&writer);
    guest_settle(&peer);
    confirm(&peer, request, comment, FORA_E_FULL);
    const struct fora_msg_delivery_row *row =
        row_of(delivery(&world, world.story.space.b), &peer.id);
    assert_text(row->state, "refused");
    assert_int_equal(fora_error_from_wire(row->code), FORA_E_FULL);
    assert_text(row_of(delivery(&world, world.story.thread->id.b), &peer.id)->state, "stored");
    guest_fini(&writer);
    guest_fini(&peer);
    world_fini(&world);
}

/* A host of the policy is listed also when it is not there, by the name that its log gives it. */
static void rep14_a_host_that_is_away_is_absent(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    struct net_node *b = world.story.b;
    net_subscribe(&world.story.net, b, world.story.a, &world.story.space);
    net_pass(&world.story.net, 5);
    guest_fini(&world.reader);
    guest_init(&world.reader, &world.story.net, b, 0);
    guest_open(&world.reader);
    const struct fora_msg_delivery *near = delivery(&world, world.story.thread->id.b);
    assert_text(row_of(near, &world.story.a->id)->state, "stored");
    assert_text(row_of(near, &world.story.a->id)->name, world.story.a->name);
    net_cut(&world.story.net, world.story.a);
    const struct fora_msg_delivery *apart = delivery(&world, world.story.thread->id.b);
    assert_int_equal(apart->rows_count, 2);
    assert_text(row_of(apart, &world.story.a->id)->state, "absent");
    assert_text(row_of(apart, &world.story.a->id)->name, world.story.a->name);
    world_fini(&world);
}

/* ---- subscriptions that do not work ---- */

static const struct dial_target *only_target(const struct net_node *node)
{
    assert_int_equal(node->node->targets_count, 1);
    return &node->node->targets[0];
}

static void rep8_another_node_than_expected_is_told(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    struct net_node *b = world.story.b;
    struct net_node pinned = *world.story.a;
    pinned.id = world.reader.net->nodes[1].id; /* b's own: not who answers at a's address */
    net_subscribe(&world.story.net, b, &pinned, &world.story.space);
    net_pass(&world.story.net, 5);
    const struct dial_target *target = only_target(b);
    assert_non_null(strstr(target->error, "another node than expected answers there"));
    assert_int_equal(b->node->counters.follow_batches_in, 0);
    /* With the right one it goes on at once. */
    net_subscribe(&world.story.net, b, world.story.a, &world.story.space);
    net_pass(&world.story.net, 3);
    assert_string_equal(only_target(b)->error, "");
    assert_in_range(net_same(world.story.a, b, &world.story.space), 3, 100);
    world_fini(&world);
}

/* ---- notes ---- */

static void rep14_notes_are_bounded_and_the_oldest_go(void **state)
{
    struct deliveries deliveries = {0};
    struct fora_principal_id node = {{1}};
    struct fora_msg_result refused = {.code = fora_error_to_wire(FORA_E_REFUSED)};
    (void)state;
    for (unsigned i = 0; i < DELIVERY_NOTES + 1; i++) {
        refused.id.b[0] = (uint8_t)i;
        deliveries_answered(&deliveries, &node, &refused, 1, false);
    }
    assert_int_equal(deliveries_code(&deliveries, &node, &refused.id), refused.code);
    refused.id.b[0] = 0;
    assert_int_equal(deliveries_code(&deliveries, &node, &refused.id), 0);
    for (unsigned i = 0; i < DELIVERY_PEERS; i++) {
        struct fora_principal_id other = {{2, (uint8_t)i}};
        deliveries_answered(&deliveries, &other, &refused, 1, false);
        assert_int_equal(deliveries_last(&deliveries, &other), refused.code);
    }
    assert_int_equal(deliveries_last(&deliveries, &node), 0);
    deliveries_fini(&deliveries);
}

static void notes_save(struct deliveries *deliveries, struct kv *kv)
{
    struct deliveries_save *save;
    while ((save = deliveries_take_changed(deliveries)) != NULL) {
        struct kv_txn *txn;
        assert_int_equal(kv_begin_write(kv, &txn), 0);
        deliveries_write(txn, save);
        assert_int_equal(kv_commit(txn), 0);
        free(save);
    }
}

static void rep14_what_is_kept_of_notes_is_bounded_too(void **state)
{
    struct deliveries deliveries = {0}, loaded = {0};
    struct fora_msg_result refused = {.code = fora_error_to_wire(FORA_E_REFUSED)};
    struct kv_txn *txn;
    struct kv *kv;
    (void)state;
    assert_int_equal(kv_mem_open(&kv, STORE_TABLE_COUNT), 0);
    for (unsigned i = 0; i < 2 * DELIVERY_PEERS; i++) {
        struct fora_principal_id node = {{1 + (uint8_t)(i % 200), (uint8_t)(i / 200)}};
        for (unsigned j = 0; j < (i == 255 ? 2 * DELIVERY_NOTES : 1); j++) {
            refused.id.b[1] = (uint8_t)j;
            deliveries_answered(&deliveries, &node, &refused, 1, false);
            assert_int_equal(deliveries_code(&deliveries, &node, &refused.id), refused.code);
        }
        if (i % DELIVERY_SAVE == 0) {
            notes_save(&deliveries, kv);
        }
    }
    notes_save(&deliveries, kv);
    assert_int_equal(kv_begin_read(kv, &txn), 0);
    assert_int_equal(kv_count(txn, T_CURSORS), DELIVERY_PEERS);
    kv_abort(txn);
    assert_int_equal(deliveries_load(&loaded, kv), 0);
    for (unsigned i = 0; i < 2 * DELIVERY_PEERS; i++) {
        struct fora_principal_id node = {{1 + (uint8_t)(i % 200), (uint8_t)(i / 200)}};
        for (unsigned j = 0; j < 2 * DELIVERY_NOTES; j++) {
            refused.id.b[1] = (uint8_t)j;
            assert_int_equal(deliveries_code(&loaded, &node, &refused.id),
                deliveries_code(&deliveries, &node, &refused.id));
        }
        assert_int_equal(deliveries_last(&loaded, &node), i < DELIVERY_PEERS ? 0 : refused.code);
    }
    deliveries_fini(&deliveries);
    deliveries_fini(&loaded);
    kv_close(kv);
}

static void rep14_what_is_taken_later_is_not_refused_any_more(void **state)
{
    struct deliveries deliveries = {0};
    struct fora_principal_id node = {{1}};
    struct fora_msg_result result = {.code = fora_error_to_wire(FORA_E_QUOTA)};
    (void)state;
    deliveries_answered(&deliveries, &node, &result, 1, false);
    assert_int_equal(deliveries_last(&deliveries, &node), result.code);
    result.code = 0;
    deliveries_answered(&deliveries, &node, &result, 1, false);
    assert_int_equal(deliveries_code(&deliveries, &node, &result.id), 0);
    assert_int_equal(deliveries_last(&deliveries, &node), 0);
    deliveries_fini(&deliveries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep14_stored_means_confirmed_and_nodes_have_names),
        cmocka_unit_test(rep14_a_refusal_is_known_after_a_restart),
        cmocka_unit_test(rep14_what_a_follower_refused_is_shown_with_its_code),
        cmocka_unit_test(rep14_before_posting_one_sees_who_refuses),
        cmocka_unit_test(rep14_a_host_that_is_away_is_absent),
        cmocka_unit_test(rep8_another_node_than_expected_is_told),
        cmocka_unit_test(rep14_notes_are_bounded_and_the_oldest_go),
        cmocka_unit_test(rep14_what_is_kept_of_notes_is_bounded_too),
        cmocka_unit_test(rep14_what_is_taken_later_is_not_refused_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
