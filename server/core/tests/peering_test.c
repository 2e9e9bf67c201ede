/* Who may bring what (REP-15 to REP-18): decisions, newcomers, introductions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "story.h"

static void assert_lane(
    struct net_node *at, const struct fora_principal_id *node, enum peer_lane lane)
{
    assert_string_equal(lane_name(lane_of(at->node, story_peer(at, node))), lane_name(lane));
}

/* ---- decisions ---- */

static void rep15_what_a_stranger_wrote_waits_and_is_taken_when_it_is_approved(void **state)
{
    struct story story;
    (void)state;
    story_init(&story, true);
    story.a->peering = PEERING_APPROVED;
    net_restart(&story.net, story.a);
    story_backlog(&story, 10);
    net_pass(&story.net, 10);
    assert_lane(story.a, &story.b->id, LANE_WAITING);
    assert_int_equal(story_count(&story, story.b), STORY_FIRST + 10);
    assert_int_equal(story_count(&story, story.a), STORY_FIRST);
    net_decide(&story.net, story.a, &story.b->id, FORA_PEERING_APPROVE);
    net_pass(&story.net, 3); /* on the connection that is there */
    assert_lane(story.a, &story.b->id, LANE_APPROVED);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + 10);
    net_restart(&story.net, story.a);
    net_pass(&story.net, 5);
    assert_lane(story.a, &story.b->id, LANE_APPROVED);
    story_fini(&story);
}

static void rep15_from_a_refused_node_nothing_is_taken_and_it_reads_on(void **state)
{
    struct story story;
    (void)state;
    story_init(&story, true);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    net_decide(&story.net, story.a, &story.b->id, FORA_PEERING_REFUSE);
    net_put(&story.net, story.b, story_comments(&story, 10, 0), 10);
    net_put(&story.net, story.a, story_comments(&story, 5, 0), 5);
    net_cut(&story.net, story.b);
    net_pass(&story.net, 10);
    assert_int_equal(story_count(&story, story.a), STORY_FIRST + 5);
    assert_int_equal(story_count(&story, story.b), STORY_FIRST + 15);
    net_decide(&story.net, story.a, &story.b->id, FORA_PEERING_FORGET);
    net_pass(&story.net, 5);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + 15);
    story_fini(&story);
}

/* A write job of the node that runs. */
static void write_now(struct story *story, struct net_node *at, const struct fora_message *message)
{
    static const struct asker nobody = {.conn = 0};
    uint64_t before = node_counters(at->node)->writes;
    struct job *job = job_new(JOB_WRITE, &at->node->env, &nobody, story->net.now);
    assert_non_null(job);
    assert_int_equal(fora_message_encode(&job->request, message), 0);
    node_enqueue(at->node, job);
    net_settle(&story->net);
    assert_int_equal(node_counters(at->node)->writes, before + 1);
}

/* One that has nothing to do with subscriptions: a decision about somebody else. */
static void write_something(struct story *story, struct net_node *at)
{
    struct fora_message message = {.type = FORA_MSG_PEERING};
    message.u.peering.node.b[0] = 77;
    message.u.peering.decision = FORA_PEERING_FORGET;
    write_now(story, at, &message);
}

static void rep8_a_subscription_begins_and_ends_at_once(void **state)
{
    struct story story;
    struct fora_message message = {.type = FORA_MSG_SUBSCRIBE};
    (void)state;
    story_init(&story, true);
    message.u.subscribe.space = story.space;
    message.u.subscribe.address = fora_bytes_str(story.a->name);
    write_now(&story, story.b, &message);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST);
    message.type = FORA_MSG_UNSUBSCRIBE;
    message.u.unsubscribe.space = story.space;
    message.u.unsubscribe.address = fora_bytes_str(story.a->name);
    write_now(&story, story.b, &message);
    net_put(&story.net, story.a, story_comments(&story, 10, 0), 10);
    net_pass(&story.net, 60);
    assert_int_equal(story_count(&story, story.b), STORY_FIRST);
    story_fini(&story);
}

static void rep15_a_refused_node_is_not_followed_where_it_is_dialled(void **state)
{
    struct story story;
    (void)state;
    story_init(&story, true);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    net_decide(&story.net, story.b, &story.a->id, FORA_PEERING_REFUSE);
    write_something(&story, story.b); /* neither this changes it, nor that it is dialled anew */
    net_put(&story.net, story.a, story_comments(&story, 10, 0), 10);
    net_pass(&story.net, 60);
    assert_int_equal(story_count(&story, story.b), STORY_FIRST);
    write_something(&story, story.b);
    net_pass(&story.net, 10);
    assert_int_equal(story_count(&story, story.b), STORY_FIRST);
    net_decide(&story.net, story.b, &story.a->id, FORA_PEERING_FORGET);
    net_pass(&story.net, 3); /* on the connection that is there */
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + 10);
    story_fini(&story);
}

static void rep15_a_blocked_node_is_turned_away_and_told_when_to_come_again(void **state)
{
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, true);
    story_guest(&story, &guest, 9);
    net_decide(&story.net, story.a, &guest.id, FORA_PEERING_BLOCK);
    guest_settle(&guest);
    assert_true(guest.cut);
    assert_int_equal(fora_session_error(guest.session), FORA_E_REFUSED);
    assert_int_equal(guest.retry_after, 3600);
    struct fora_principal_id id = guest.id;
    guest_fini(&guest);
    net_restart(&story.net, story.a);
    guest_init(&guest, &story.net, story.a, 9);
    guest_settle(&guest);
    assert_true(guest.cut);
    assert_int_equal(story_peer(story.a, &id)->blocked, 1);
    assert_int_equal(story_peer(story.a, &id)->conns, 0);
    guest_fini(&guest);
    story_fini(&story);
}

static void rep15_the_block_list_is_not_called_and_the_allow_list_has_no_quota(void **state)
{
    struct story story;
    (void)state;
    story_init(&story, true);
    story.b->listed = story.a->id;
    story.b->blocks = true;
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 20);
    assert_int_equal(node_counters(story.a->node)->connections_opened, 0);
    story.b->blocks = false;
    story.a->listed = story.b->id; /* and who is on it is turned away where it comes by itself */
    story.a->blocks = true;
    net_restart(&story.net, story.a);
    net_restart(&story.net, story.b);
    net_pass(&story.net, 20);
    assert_lane(story.a, &story.b->id, LANE_BLOCKED);
    assert_int_equal(story_peer(story.a, &story.b->id)->blocked, 1); /* told when to come again */
    assert_int_equal(story_count(&story, story.b), 0);
    story.a->blocks = false;
    story.a->allows = true;
    net_restart(&story.net, story.a);
    net_restart(&story.net, story.b);
    net_put(&story.net, story.a, story_comments(&story, 1, 0), 1);
    net_pass(&story.net, 5);
    assert_lane(story.a, &story.b->id, LANE_OWN);
    net_put(&story.net, story.b, story_comments(&story, 3000, 0), 3000);
    net_cut(&story.net, story.b);
    net_pass(&story.net, 10);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + 3001);
    story_fini(&story);
}

/* ---- newcomers ---- */

static void rep16_a_newcomer_brings_little_at_first_and_nothing_is_lost(void **state)
{
    enum { MANY = 3000, HOUR = 60 * 60 * 1000 };
    struct story story;
    unsigned hours = 0;
    (void)state;
    story_init(&story, true);
    story_backlog(&story, MANY);
    net_pass(&story.net, 30);
    uint64_t first = story_count(&story, story.a) - STORY_FIRST;
    assert_in_range(first, 512, 600 + 512); /* the bucket, overdrawn by a batch at most */
    while (story_count(&story, story.a) < STORY_FIRST + MANY && hours < 24) {
        uint64_t before = story_count(&story, story.a);
        story_later(&story, HOUR);
        hours++;
        assert_true(story_count(&story, story.a) - before <= 600 + 512);
    }
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + MANY);
    assert_in_range(hours, 2, 6);
    assert_lane(story.a, &story.b->id, LANE_NEWCOMER);
    story_later(&story, 25 * (uint64_t)HOUR); /* long enough, and with enough objects */
    assert_lane(story.a, &story.b->id, LANE_KNOWN);
    assert_int_equal(story_peer(story.a, &story.b->id)->record.accepted, MANY);
    story_fini(&story);
}

static void rep16_many_names_are_worth_no_more_than_ten(void **state)
{
    enum { NAMES = 16, EACH = 600, PORTION = 100 };
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, true);
    for (unsigned i = 0; i < NAMES; i++) {
        guest_init(&guest, &story.net, story.a, 100 + i);
        guest_open(&guest);
        (void)story_put(&story, &guest, EACH, PORTION);
        guest_fini(&guest);
    }
    /* The last Put that was taken may have overdrawn the bucket. */
    assert_in_range(story_count(&story, story.a) - STORY_FIRST, 6000, 6000 + PORTION);
    story_fini(&story);
}

static void rep16_who_sends_what_is_refused_stays_a_newcomer(void **state)
{
    struct story story;
    struct guest guest;
    struct fora_object bad;
    uint8_t bytes[4096];
    (void)state;
    story_init(&story, true);
    story_guest(&story, &guest, 9);
    assert_int_equal(story_put(&story, &guest, 300, 100), 3);
    for (size_t i = 0; i < 20; i++) { /* a signature that does not fit: the content was changed */
        const struct fora_object *comment = story_comments(&story, 1, 100)[0];
        memcpy(bytes, comment->encoded.data, comment->encoded.size);
        bytes[comment->encoded.size - 1] ^= 1;
        bad.encoded = fora_bytes(bytes, comment->encoded.size);
        const struct fora_object *one = &bad;
        assert_int_not_equal(guest_put(&guest, &one, 1), 0);
        guest_settle(&guest);
        assert_int_not_equal(guest.put_code, 0);
    }
    struct fora_principal_id id = guest.id;
    guest_fini(&guest);
    story_later(&story, 25 * FORA_HOUR_MS);
    assert_lane(story.a, &id, LANE_NEWCOMER);
    story_peer(story.a, &id)->record.refused = 15; /* one in twenty of 300 */
    assert_lane(story.a, &id, LANE_KNOWN);
    story_fini(&story);
}

static void rep16_newcomers_fill_a_quarter_of_what_is_on_its_way(void **state)
{
    struct story story;
    struct guest low, high;
    (void)state;
    story_init(&story, true);
    story_guest(&story, &low, 8);
    story_guest(&story, &high, 9);
    net_decide(&story.net, story.a, &high.id, FORA_PEERING_APPROVE);
    story.a->node->inflight_low = story.a->node->env.limits.inflight_max / 4;
    assert_false(node_wants_input(story.a->node, low.conn));
    assert_true(node_wants_input(story.a->node, high.conn));
    story.a->node->inflight_low = 0;
    assert_true(node_wants_input(story.a->node, low.conn));
    guest_fini(&low);
    guest_fini(&high);
    story_fini(&story);
}

/* ---- introductions ---- */

static int introduce(struct guest *guest, const struct fora_principal_id *node, uint64_t until)
{
    struct fora_message message = {.type = FORA_MSG_INTRODUCE};
    size_t before = guest->heard[FORA_MSG_OK];
    message.u.introduce.node = *node;
    message.u.introduce.until = until;
    assert_int_not_equal(guest_ask(guest, &message), 0);
    guest_settle(guest);
    return guest->heard[FORA_MSG_OK] > before ? 0 : guest->error;
}

static void rep18_an_introduction_gives_a_share_and_ends_after_one_step(void **state)
{
    struct story story;
    struct guest friend, first, second;
    struct fora_principal_id other = {{7}};
    (void)state;
    story_init(&story, true);
    guest_init(&friend, &story.net, story.a, 20);
    guest_init(&first, &story.net, story.a, 21);
    guest_init(&second, &story.net, story.a, 22);
    guest_open(&friend);
    guest_open(&first);
    guest_open(&second);
    uint64_t until = story.net.now + FORA_DAY_MS;
    assert_int_equal(introduce(&friend, &first.id, until), FORA_E_FORBIDDEN); /* who says so? */
    net_decide(&story.net, story.a, &friend.id, FORA_PEERING_APPROVE);
    assert_int_equal(introduce(&friend, &friend.id, until), FORA_E_MALFORMED);
    assert_int_equal(introduce(&friend, &story.a->id, until), FORA_E_MALFORMED);
    assert_int_equal(introduce(&friend, &first.id, until), 0);
    assert_int_equal(introduce(&friend, &second.id, until), 0);
    assert_lane(story.a, &first.id, LANE_INTRODUCED);
    assert_int_equal(introduce(&first, &other, until), FORA_E_FORBIDDEN); /* one step */
    assert_int_equal(story_put(&story, &first, 1800, 200), 9);
    assert_int_equal(story_put(&story, &second, 600, 200), 3);
    assert_int_equal(story_put(&story, &second, 1, 1), 0); /* four newcomers' worth are gone */
    assert_int_equal(second.error, FORA_E_QUOTA);
    assert_int_equal(introduce(&friend, &first.id, 0), 0);
    assert_lane(story.a, &first.id, LANE_NEWCOMER);
    net_decide(&story.net, story.a, &friend.id, FORA_PEERING_FORGET);
    assert_lane(story.a, &second.id, LANE_NEWCOMER); /* it stands as its introducer stands */
    guest_fini(&friend);
    guest_fini(&first);
    guest_fini(&second);
    story_fini(&story);
}

static void rep18_one_node_introduces_sixteen_and_the_first_word_stands(void **state)
{
    struct story story;
    struct guest friend, second;
    struct fora_principal_id other = {{7}};
    (void)state;
    story_init(&story, true);
    guest_init(&friend, &story.net, story.a, 20);
    guest_init(&second, &story.net, story.a, 21);
    guest_open(&friend);
    guest_open(&second);
    net_decide(&story.net, story.a, &friend.id, FORA_PEERING_APPROVE);
    net_decide(&story.net, story.a, &second.id, FORA_PEERING_APPROVE);
    for (unsigned i = 0; i < LANE_INTRODUCED_MAX; i++) {
        other.b[1] = (uint8_t)i;
        assert_int_equal(introduce(&friend, &other, UINT64_MAX), 0);
    }
    assert_int_equal(introduce(&friend, &other, UINT64_MAX), 0); /* again: no further one */
    assert_int_equal(introduce(&second, &other, UINT64_MAX), 0);
    assert_memory_equal(
        &story_peer(story.a, &other)->record.introducer, &friend.id, sizeof friend.id);
    assert_true(
        story_peer(story.a, &other)->record.introduced_until <= story.net.now + LANE_INTRODUCED_MS);
    other.b[1] = 200;
    assert_int_equal(introduce(&friend, &other, UINT64_MAX), FORA_E_LIMIT);
    assert_int_equal(introduce(&second, &other, UINT64_MAX), 0);
    guest_fini(&friend);
    guest_fini(&second);
    story_fini(&story);
}

static void rep18_what_an_operator_vouches_for_is_said_to_peers_that_connect(void **state)
{
    struct story story;
    struct guest newcomer;
    (void)state;
    story_init(&story, true);
    story_guest(&story, &newcomer, 21);
    net_decide(&story.net, story.a, &story.b->id, FORA_PEERING_APPROVE);
    net_decide(&story.net, story.b, &newcomer.id, FORA_PEERING_INTRODUCE);
    net_restart(&story.net, story.b);
    assert_lane(story.a, &newcomer.id, LANE_NEWCOMER);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    assert_lane(story.a, &newcomer.id, LANE_INTRODUCED);
    net_decide(&story.net, story.b, &newcomer.id, FORA_PEERING_WITHDRAW);
    assert_lane(story.a, &newcomer.id, LANE_NEWCOMER);
    guest_fini(&newcomer);
    story_fini(&story);
}

/* ---- what is remembered ---- */

static void rep15_names_without_number_are_bounded_and_cost_the_disk_nothing(void **state)
{
    enum { NAMES = PEERS_MAX + 1000 };
    struct peers *peers = calloc(1, sizeof *peers);
    struct fora_principal_id id = {{0}};
    struct kv *kv;
    struct kv_txn *txn;
    struct peer_record record;
    (void)state;
    assert_non_null(peers);
    id.b[31] = 1;
    struct peer *kept = peers_get(peers, &id, 1);
    assert_true(peer_decide(&kept->record, FORA_PEERING_BLOCK));
    peer_changed(peers, kept);
    for (unsigned i = 0; i < NAMES; i++) {
        memcpy(id.b, &i, sizeof i);
        struct peer *peer = peers_get(peers, &id, 10 + i);
        assert_non_null(peer);
        peer_changed(peers, peer);
    }
    assert_int_equal(peers->count, PEERS_MAX);
    memset(id.b, 0, 4);
    assert_ptr_equal(peers_find(peers, &id), kept);
    struct peers_save *save = peers_take_changed(peers);
    assert_non_null(save);
    assert_int_equal(save->count, 1);
    assert_null(peers_take_changed(peers));
    assert_int_equal(kv_mem_open(&kv, STORE_TABLE_COUNT), 0);
    assert_int_equal(kv_begin_write(kv, &txn), 0);
    peers_write(txn, save);
    assert_int_equal(kv_commit(txn), 0);
    assert_int_equal(kv_begin_read(kv, &txn), 0);
    assert_true(peer_record_get(txn, &id, &record));
    assert_memory_equal(&record, &kept->record, sizeof record);
    kv_abort(txn);
    kv_close(kv);
    free(save);
    peers_fini(peers);
    free(peers);
}

static void rep16_many_names_do_not_take_what_a_node_earned(void **state)
{
    enum { NAMES = PEERS_MAX + 500 };
    struct peers *peers = calloc(1, sizeof *peers);
    struct fora_principal_id id = {{0}};
    (void)state;
    assert_non_null(peers);
    id.b[31] = 1;
    struct peer *away = peers_get(peers, &id, 1);
    assert_non_null(away);
    away->record.accepted = 1000;
    away->record.taken_since = 1;
    for (unsigned i = 1; i <= NAMES; i++) {
        memcpy(id.b, &i, sizeof i);
        assert_non_null(peers_get(peers, &id, 10 + i));
    }
    assert_int_equal(peers->count, PEERS_MAX);
    memset(id.b, 0, 4);
    assert_ptr_equal(peers_find(peers, &id), away);
    assert_int_equal(peers->gone_count, 0);
    /* When all have earned something, who was seen longest ago goes, and the disk hears of it. */
    for (struct peer *peer = peers_next(peers, NULL); peer != NULL;
         peer = peers_next(peers, peer)) {
        peer->record.accepted = 1000;
    }
    id.b[30] = 1;
    assert_non_null(peers_get(peers, &id, 10 + NAMES));
    id.b[30] = 0;
    assert_null(peers_find(peers, &id));
    assert_int_equal(peers->gone_count, 1);
    assert_memory_equal(&peers->gone[0], &id, sizeof id);
    peers_fini(peers);
    free(peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep15_what_a_stranger_wrote_waits_and_is_taken_when_it_is_approved),
        cmocka_unit_test(rep15_from_a_refused_node_nothing_is_taken_and_it_reads_on),
        cmocka_unit_test(rep8_a_subscription_begins_and_ends_at_once),
        cmocka_unit_test(rep15_a_refused_node_is_not_followed_where_it_is_dialled),
        cmocka_unit_test(rep15_a_blocked_node_is_turned_away_and_told_when_to_come_again),
        cmocka_unit_test(rep15_the_block_list_is_not_called_and_the_allow_list_has_no_quota),
        cmocka_unit_test(rep15_names_without_number_are_bounded_and_cost_the_disk_nothing),
        cmocka_unit_test(rep16_many_names_do_not_take_what_a_node_earned),
        cmocka_unit_test(rep16_a_newcomer_brings_little_at_first_and_nothing_is_lost),
        cmocka_unit_test(rep16_many_names_are_worth_no_more_than_ten),
        cmocka_unit_test(rep16_who_sends_what_is_refused_stays_a_newcomer),
        cmocka_unit_test(rep16_newcomers_fill_a_quarter_of_what_is_on_its_way),
        cmocka_unit_test(rep18_an_introduction_gives_a_share_and_ends_after_one_step),
        cmocka_unit_test(rep18_one_node_introduces_sixteen_and_the_first_word_stands),
        cmocka_unit_test(rep18_what_an_operator_vouches_for_is_said_to_peers_that_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
