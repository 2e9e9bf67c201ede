/* What a node tells of its peers, against what went over: every figure of a row. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/peer_status.h"
#include "fora/error.h"
#include "story.h"

/* A row outlives what it was told from; its texts do not, but for `why` and `health`. */
struct told {
    struct fora_msg_peer_row row;
    struct fora_msg_peer_refusal refusals[PEER_CODES];
    char why[301], health[16];
    bool there;
};

static void copy_text(char *out, size_t room, struct fora_bytes text)
{
    assert_true(text.size < room);
    memset(out, 0, room);
    memcpy(out, text.data, text.size);
}

static struct told told_of(struct net_node *at, const struct fora_principal_id *node)
{
    struct kv_txn *txn;
    struct fora_arena arena;
    struct told told = {.there = false};
    struct fora_msg_node_status status = {0};
    fora_arena_init(&arena, 0);
    assert_int_equal(kv_begin_read(at->kv, &txn), 0);
    peer_status(at->node, txn, &arena, &status);
    kv_abort(txn);
    for (size_t i = 0; i < status.peers_count; i++) {
        const struct fora_msg_peer_row *row = &status.peers[i];
        if (memcmp(row->node.b, node->b, sizeof node->b) != 0) {
            continue;
        }
        assert_false(told.there); /* one row a node */
        told.there = true;
        told.row = *row;
        assert_true(row->refusals_count <= PEER_CODES);
        memcpy(told.refusals, row->refusals, row->refusals_count * sizeof *row->refusals);
        copy_text(told.why, sizeof told.why, row->why);
        copy_text(told.health, sizeof told.health, row->health);
    }
    fora_arena_fini(&arena);
    return told;
}

static struct fora_msg_peer_row row_of(struct net_node *at, const struct fora_principal_id *node)
{
    struct told told = told_of(at, node);
    assert_true(told.there);
    return told.row;
}

/* Comments that somebody brings to the node, which tells them to others at once. */
static size_t bring(struct story *story, struct net_node *to, size_t count, size_t length)
{
    struct guest guest;
    size_t bytes = 0;
    const struct fora_object *const *list = story_comments(story, count, length);
    for (size_t i = 0; i < count; i++) {
        bytes += list[i]->encoded.size;
    }
    guest_init(&guest, &story->net, to, 11);
    guest_open(&guest);
    assert_int_not_equal(guest_put(&guest, list, count), 0);
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_PUT_RESULT], 1);
    assert_int_equal(guest.put_code, 0);
    guest_fini(&guest);
    net_pass(&story->net, 3);
    return bytes;
}

/* ---- what went over ---- */

static void rep15_bytes_are_those_that_crossed_the_wire(void **state)
{
    enum { MANY = 100, LENGTH = 1000 };
    struct story story;
    (void)state;
    story_init(&story, false);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    struct fora_msg_peer_row before = row_of(story.a, &story.b->id);
    size_t bytes = bring(&story, story.a, MANY, LENGTH);
    struct fora_msg_peer_row a = row_of(story.a, &story.b->id);
    struct fora_msg_peer_row b = row_of(story.b, &story.a->id);
    assert_int_equal(a.bytes_in + a.bytes_out, story.net.moved);
    assert_int_equal(a.bytes_in, b.bytes_out);
    assert_int_equal(a.bytes_out, b.bytes_in);
    /* The comments went from a to b, and next to nothing came back for them. */
    assert_in_range(a.bytes_out - before.bytes_out, bytes, bytes + bytes / 10);
    assert_in_range(a.bytes_in - before.bytes_in, 1, bytes / 10);
    story_fini(&story);
}

static void rep15_objects_are_those_that_were_sent_each_way(void **state)
{
    enum { DOWN = 30, UP = 7 };
    struct story story;
    (void)state;
    story_init(&story, false);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    struct fora_msg_peer_row a = row_of(story.a, &story.b->id);
    assert_int_equal(a.objects_in, 0);
    assert_int_equal(a.objects_out, STORY_FIRST);
    (void)bring(&story, story.a, DOWN, 0);
    (void)bring(&story, story.b, UP, 0);
    a = row_of(story.a, &story.b->id);
    struct fora_msg_peer_row b = row_of(story.b, &story.a->id);
    assert_int_equal(a.objects_out, STORY_FIRST + DOWN);
    assert_int_equal(a.objects_in, UP);
    assert_int_equal(a.accepted, UP);
    assert_int_equal(b.objects_in, STORY_FIRST + DOWN);
    assert_int_equal(b.objects_out, UP);
    assert_int_equal(b.spaces, 1);
    assert_int_equal(a.refused + b.refused + a.lag + b.lag + a.behind + b.behind, 0);
    story_fini(&story);
}

/* Of a node that is away: what its connections brought, in all, wherever it was called or came. */
static void rep15_figures_stay_when_the_connection_is_gone(void **state)
{
    enum { DOWN = 30, UP = 7 };
    struct story story;
    (void)state;
    story_init(&story, false);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    net_decide(&story.net, story.a, &story.b->id, FORA_PEERING_APPROVE);
    (void)bring(&story, story.a, DOWN, 0);
    (void)bring(&story, story.b, UP, 0);
    struct net_node *at[] = {story.a, story.b};
    struct fora_msg_peer_row before[2];
    for (size_t i = 0; i < 2; i++) {
        before[i] = row_of(at[i], &at[1 - i]->id);
        assert_true(before[i].bytes_in > 0 && before[i].bytes_out > before[i].objects_out);
        assert_true(before[i].objects_in > 0 && before[i].objects_out > 0);
    }
    net_cut(&story.net, story.a);
    story.a->away = true;
    net_pass(&story.net, 3);
    for (size_t i = 0; i < 2; i++) {
        struct fora_msg_peer_row after = row_of(at[i], &at[1 - i]->id);
        assert_int_equal(after.direction.size, 0); /* no connection */
        assert_int_equal(after.bytes_in, before[i].bytes_in);
        assert_int_equal(after.bytes_out, before[i].bytes_out);
        assert_int_equal(after.objects_in, before[i].objects_in);
        assert_int_equal(after.objects_out, before[i].objects_out);
        assert_int_equal(after.accepted, before[i].accepted);
    }
    story_fini(&story);
}

/* ---- what was refused ---- */

static void rep15_refused_is_what_was_refused_of_it_by_code(void **state)
{
    enum { GOOD = 5, FORGED = 8 };
    struct story story;
    struct guest guest;
    uint8_t bytes[FORGED][1024];
    struct fora_object bad[FORGED];
    const struct fora_object *forged[FORGED];
    (void)state;
    story_init(&story, false);
    story_guest(&story, &guest, 9);
    const struct fora_object *const *list = story_comments(&story, FORGED, 0);
    for (size_t i = 0; i < FORGED; i++) {
        size_t size = list[i]->encoded.size;
        assert_true(size <= sizeof bytes[i]);
        memcpy(bytes[i], list[i]->encoded.data, size);
        bad[i] = *list[i];
        bytes[i][size - 1] ^= 1;
        bad[i].encoded.data = bytes[i];
        forged[i] = &bad[i];
    }
    assert_int_not_equal(guest_put(&guest, forged, FORGED), 0);
    guest_settle(&guest);
    int code = guest.put_code;
    assert_int_equal(story_put(&story, &guest, GOOD, GOOD), 1);
    struct told told = told_of(story.a, &guest.id);
    assert_true(told.there);
    assert_int_equal(told.row.refused, FORGED);
    assert_int_equal(told.row.refusals_count, 1);
    assert_int_equal(told.refusals[0].count, FORGED);
    assert_int_equal(fora_error_from_wire(told.refusals[0].code), code);
    assert_int_equal(told.row.objects_in, FORGED + GOOD);
    assert_int_equal(told.row.accepted, GOOD);
    guest_fini(&guest);
    story_fini(&story);
}

/* That it refuses what comes from here is its business, and told of each object (delivery). */
static void rep15_what_it_refuses_itself_is_not_counted_as_refused_of_it(void **state)
{
    enum { MANY = 5 };
    struct story story;
    struct guest guest;
    struct fora_msg_result refused = {.code = fora_error_to_wire(FORA_E_FORBIDDEN)};
    (void)state;
    story_init(&story, false);
    story_guest(&story, &guest, 9);
    uint64_t request = story_follow(&guest, &story.space);
    guest_settle(&guest);
    struct fora_message message = {.request = request, .type = FORA_MSG_FOLLOW_ACK};
    refused.id = story.thread->id;
    message.u.follow_ack.refused = &refused;
    message.u.follow_ack.refused_count = 1;
    guest_say(&guest, &message);
    guest_settle(&guest);
    struct told told = told_of(story.a, &guest.id);
    assert_int_equal(told.row.objects_out, STORY_FIRST);
    assert_int_equal(told.row.refused, 0);
    assert_int_equal(told.row.refusals_count, 0);
    guest_fini(&guest);
    story_fini(&story);
}

/* ---- what is still to come ---- */

static void rep15_lag_is_what_it_has_not_confirmed_and_since_when(void **state)
{
    enum { MANY = 20, SECONDS = 10 };
    struct story story;
    struct guest slow;
    (void)state;
    story_init(&story, false);
    guest_init_windows(&slow, &story.net, story.a, 9, 1, 0);
    guest_open(&slow);
    uint64_t request = story_follow(&slow, &story.space);
    guest_settle(&slow);
    assert_int_equal(row_of(story.a, &slow.id).lag, STORY_FIRST);
    struct fora_message ack = {.request = request, .type = FORA_MSG_FOLLOW_ACK};
    guest_say(&slow, &ack);
    guest_settle(&slow);
    assert_int_equal(row_of(story.a, &slow.id).lag, 0);
    (void)bring(&story, story.a, MANY, 0);
    guest_settle(&slow);
    uint64_t since = row_of(story.a, &slow.id).lag_seconds;
    for (unsigned i = 0; i < SECONDS; i++) {
        story.net.now += 1000;
        node_tick(story.a->node, story.net.now);
        guest_settle(&slow);
    }
    struct told told = told_of(story.a, &slow.id);
    assert_int_equal(told.row.lag, MANY);
    assert_int_equal(told.row.lag_seconds, since + SECONDS);
    assert_string_equal(told.health, "behind");
    guest_say(&slow, &ack);
    guest_settle(&slow);
    told = told_of(story.a, &slow.id);
    assert_int_equal(told.row.lag + told.row.lag_seconds, 0);
    guest_fini(&slow);
    story_fini(&story);
}

/* So that a time that is told from it is right. */
static void rep15_a_steady_flow_is_measured_as_it_is(void **state)
{
    enum { EACH = 10, SECONDS = 20, LATER = 60 };
    struct story story;
    struct guest guest;
    uint64_t last = 60 * EACH;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &guest, 9);
    for (unsigned i = 0; i <= SECONDS + LATER; i++) {
        story.net.now += 1000;
        node_tick(story.a->node, story.net.now);
        uint64_t rate = story_conn(&guest)->meter_in.rate;
        if (i > 0 && i <= SECONDS) {
            assert_int_equal(rate, 60 * EACH);
        } else if (i > SECONDS) {
            assert_in_range(rate, 60 * EACH / 2, last); /* half as many come */
            last = rate;
        }
        size_t count = i < SECONDS ? EACH : EACH / 2;
        assert_int_equal(story_put(&story, &guest, count, count), 1);
    }
    assert_in_range(last, 60 * EACH / 2, 60 * EACH / 2 + 20);
    guest_fini(&guest);
    story_fini(&story);
}

static uint64_t measured(const struct net_node *at, const struct net_node *from)
{
    for (size_t i = 0; i < at->node->slots_count; i++) {
        const struct conn *conn = at->node->slots[i];
        if (conn != NULL && memcmp(conn->asker.node.b, from->id.b, sizeof from->id.b) == 0) {
            return conn->meter_in.rate;
        }
    }
    return 0;
}

/* The number in "1,204 objects to fetch at 40/s: about 31 s left", whatever comes before it. */
static uint64_t number_at(const char *text)
{
    uint64_t number = 0;
    for (; (*text >= '0' && *text <= '9') || *text == ','; text++) {
        number = *text == ',' ? number : number * 10 + (uint64_t)(*text - '0');
    }
    return number;
}

static void rep15_catching_up_is_told_in_objects_at_a_rate_and_a_time(void **state)
{
    enum { MANY = 6000, ALL = STORY_FIRST + MANY };
    struct story story;
    unsigned seen = 0, timed = 0;
    uint64_t last = UINT64_MAX;
    (void)state;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, MANY, 0), MANY);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    for (unsigned turn = 0; net_turn(&story.net); turn++) {
        struct told told = told_of(story.b, &story.a->id);
        uint64_t rate = measured(story.b, story.a);
        story.net.now += turn % 2 == 0 ? 1000 : 0;
        node_tick(story.b->node, story.net.now);
        if (!told.there || told.row.behind == 0) {
            continue;
        }
        seen++;
        /* Of all there is, no less than was not even sent yet, and no more than is not held. */
        uint64_t sent = row_of(story.a, &story.b->id).objects_out;
        uint64_t held = story_count(&story, story.b);
        assert_in_range(told.row.behind, ALL - sent, ALL - held);
        assert_true(told.row.behind <= last);
        last = told.row.behind;
        assert_string_equal(told.health, "behind");
        assert_non_null(strstr(told.why, " objects to fetch"));
        assert_int_equal(number_at(told.why), told.row.behind);
        const char *left = strstr(told.why, ": about ");
        if (left == NULL) {
            continue;
        }
        timed++;
        assert_true(told.row.rate >= 60);
        assert_int_equal(told.row.rate, rate);
        assert_int_equal(number_at(strstr(told.why, " at ") + 4), told.row.rate / 60);
        assert_int_equal(number_at(left + 8), told.row.behind * 60 / told.row.rate + 1);
    }
    net_pass(&story.net, 3);
    assert_true(seen > 5 && timed > 2);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + MANY);
    struct told told = told_of(story.b, &story.a->id);
    assert_int_equal(told.row.behind, 0);
    assert_string_equal(told.why, "in step");
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep15_bytes_are_those_that_crossed_the_wire),
        cmocka_unit_test(rep15_objects_are_those_that_were_sent_each_way),
        cmocka_unit_test(rep15_figures_stay_when_the_connection_is_gone),
        cmocka_unit_test(rep15_refused_is_what_was_refused_of_it_by_code),
        cmocka_unit_test(rep15_what_it_refuses_itself_is_not_counted_as_refused_of_it),
        cmocka_unit_test(rep15_lag_is_what_it_has_not_confirmed_and_since_when),
        cmocka_unit_test(rep15_a_steady_flow_is_measured_as_it_is),
        cmocka_unit_test(rep15_catching_up_is_told_in_objects_at_a_rate_and_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
