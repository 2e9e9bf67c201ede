/* Pushing and catching up: who waits for whom, what it costs, and what is told of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/peer_status.h"
#include "fora/negentropy.h"
#include "story.h"

static void ack(struct guest *guest, uint64_t request)
{
    struct fora_message message = {.request = request, .type = FORA_MSG_FOLLOW_ACK};
    guest_say(guest, &message);
    guest_settle(guest);
}

/* ---- windows ---- */

static void ses19_a_follower_says_how_many_batches_it_takes(void **state)
{
    enum { MANY = 3000, BATCHES = 6 /* of 512 */ };
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, MANY, 0), MANY);
    guest_init_windows(&guest, &story.net, story.a, 9, 2, 0);
    guest_open(&guest);
    uint64_t request = story_follow(&guest, &story.space);
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_FOLLOW_BATCH], 2);
    ack(&guest, request);
    assert_int_equal(guest.heard[FORA_MSG_FOLLOW_BATCH], 3);
    for (unsigned i = 0; i < BATCHES; i++) {
        ack(&guest, request);
    }
    assert_int_equal(guest.heard[FORA_MSG_FOLLOW_BATCH], BATCHES);
    guest_fini(&guest);
    story_fini(&story);
}

static void ses19_a_reconciliation_keeps_to_the_lesser_size(void **state)
{
    enum { MANY = 2000, LEAST = 4096 };
    struct story story;
    struct guest guest;
    struct fora_arena arena;
    struct fora_message answer;
    struct fora_message ask = {.type = FORA_MSG_RECONCILE};
    /* All ids of everything, please: one IdList of none up to infinity. */
    static const uint8_t all[] = {0x61, 0, 0, 2, 0};
    (void)state;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, MANY, 0), MANY);
    const uint32_t said[] = {LEAST, 0, FORA_NEG_FRAME_USUAL + 1};
    const uint32_t least[] = {LEAST / 2, LEAST + 1, FORA_RECONCILE_MAX_USUAL + 1};
    const uint32_t most[] = {LEAST, FORA_RECONCILE_MAX_USUAL, FORA_NEG_FRAME_USUAL};
    for (unsigned i = 0; i < 3; i++) {
        guest_init_windows(&guest, &story.net, story.a, 9, 0, said[i]);
        guest_open(&guest);
        ask.u.reconcile.space = story.space;
        ask.u.reconcile.audience = FORA_AUDIENCE_PUBLIC;
        ask.u.reconcile.message = fora_bytes(all, sizeof all);
        assert_int_not_equal(guest_ask(&guest, &ask), 0);
        guest_settle(&guest);
        fora_arena_init(&arena, 0);
        guest_last(&guest, &arena, &answer);
        assert_int_equal(answer.type, FORA_MSG_RECONCILE_REPLY);
        size_t size = answer.u.reconcile_reply.message.size;
        assert_in_range(size, least[i], most[i]);
        fora_arena_fini(&arena);
        guest_fini(&guest);
    }
    story_fini(&story);
}

/* ---- who waits for whom ---- */

static void rep4_a_space_that_is_not_confirmed_holds_up_no_other(void **state)
{
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, false);
    struct fora_space_id other = net_space(&story.net, story.a, "wine");
    guest_init_windows(&guest, &story.net, story.a, 9, 1, 0);
    guest_open(&guest);
    (void)story_follow(&guest, &story.space); /* and says nothing to it, ever */
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_FOLLOW_BATCH], 1);
    uint64_t request = story_follow(&guest, &other);
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_FOLLOW_BATCH], 2);
    assert_int_equal(guest.requests[FORA_MSG_FOLLOW_BATCH], request);
    ack(&guest, request);
    (void)story_put(&story, &guest, 5, 1); /* for the first space: its window is full */
    assert_int_equal(guest.heard[FORA_MSG_FOLLOW_BATCH], 2);
    const struct serve *serve = story_conn(&guest)->serves;
    assert_int_equal(serve->confirmed, serve->head); /* the second one */
    assert_int_equal(serve->next->unconfirmed_count, 1);
    guest_fini(&guest);
    story_fini(&story);
}

static void rep4_a_peer_that_does_not_read_costs_a_position_and_holds_up_no_other(void **state)
{
    enum { MANY = 6000, LENGTH = 1000, COST = 1536 * 1024 };
    struct story story;
    struct guest deaf;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &deaf, 9);
    (void)story_follow(&deaf, &story.space);
    while (guest_move(&deaf)) {
    }
    deaf.deaf = true;
    net_put(&story.net, story.a, story_comments(&story, MANY, LENGTH), MANY);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    for (unsigned turns = 0; turns < 5000 && net_turn(&story.net); turns++) {
        (void)guest_move(&deaf);
        assert_true(story.a->node->cost <= 2 * COST);
        assert_true(story_conn(&deaf)->cost <= COST);
    }
    net_pass(&story.net, 5);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + MANY);
    guest_fini(&deaf);
    story_fini(&story);
}

static void ses36_a_batch_of_a_follow_that_was_cancelled_is_dropped(void **state)
{
    struct story story;
    struct guest guest;
    struct fora_message batch = {.request = 4711 * 2, .type = FORA_MSG_FOLLOW_BATCH};
    struct fora_bytes object;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &guest, 9);
    object = story_comments(&story, 1, 0)[0]->encoded;
    batch.u.follow_batch.objects = &object;
    batch.u.follow_batch.objects_count = 1;
    guest_say(&guest, &batch);
    guest_settle(&guest);
    assert_false(guest.cut);
    assert_int_equal(story_count(&story, story.a), STORY_FIRST);
    assert_int_equal(story_put(&story, &guest, 1, 1), 1); /* and the session goes on */
    guest_fini(&guest);
    story_fini(&story);
}

/* ---- several paths ---- */

static uint64_t came_from(struct net_node *at, const struct net_node *from)
{
    const struct peer *peer = peers_find(&at->node->peers, &from->id);
    uint64_t came = peer != NULL ? peer->objects_in : 0;
    for (size_t i = 0; i < at->node->slots_count; i++) {
        const struct conn *conn = at->node->slots[i];
        came += conn != NULL && conn->peer == peer && peer != NULL ? conn->objects_in : 0;
    }
    return came;
}

static void rep12_over_a_link_an_object_goes_in_one_direction(void **state)
{
    enum { PUTS = 40, EACH = 10 };
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, false);
    struct net_node *c = net_add(&story.net, "c");
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_subscribe(&story.net, c, story.a, &story.space);
    net_pass(&story.net, 3);
    net_subscribe(&story.net, c, story.b, &story.space);
    net_pass(&story.net, 10);
    uint64_t before = came_from(story.b, c) + came_from(c, story.b);
    story_guest(&story, &guest, 9);
    assert_int_equal(story_put(&story, &guest, PUTS * EACH, EACH), PUTS);
    net_pass(&story.net, 3);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + PUTS * EACH);
    assert_int_equal(net_same(story.a, c, &story.space), STORY_FIRST + PUTS * EACH);
    uint64_t crossed = came_from(story.b, c) + came_from(c, story.b) - before;
    assert_in_range(crossed, 0, PUTS * EACH + EACH);
    guest_fini(&guest);
    story_fini(&story);
}

/* It would cost the other side a commit for each object that it sent itself. */
static void rep12_that_nothing_is_sent_back_is_told_a_little_later(void **state)
{
    enum { PUTS = 12 };
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, false);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 10);
    guest_init(&guest, &story.net, story.a, 9);
    guest_open(&guest);
    net_settle(&story.net);
    uint64_t told = node_counters(story.b->node)->follow_batches_out;
    uint64_t commits = node_counters(story.a->node)->commits;
    for (unsigned i = 0; i < PUTS; i++) {
        assert_int_equal(story_put(&story, &guest, 1, 1), 1);
        net_settle(&story.net);
    }
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + PUTS);
    assert_int_equal(node_counters(story.b->node)->follow_batches_out, told);
    assert_int_equal(node_counters(story.a->node)->commits, commits + PUTS);
    net_pass(&story.net, 3);
    assert_int_equal(node_counters(story.b->node)->follow_batches_out, told + 1);
    guest_fini(&guest);
    story_fini(&story);
}

static void rows_rest_until_somebody_asks_or_time_has_passed(void **state)
{
    enum { PUTS = 5 };
    struct story story;
    struct guest guest, reader;
    struct fora_message ask = {.type = FORA_MSG_LIST_THREADS};
    (void)state;
    story_init(&story, false);
    net_pass(&story.net, 3);
    guest_init(&guest, &story.net, story.a, 9);
    guest_open(&guest);
    guest_init(&reader, &story.net, story.a, 0);
    guest_open(&reader);
    uint64_t steps = node_counters(story.a->node)->rows_steps;
    assert_int_equal(story_put(&story, &guest, PUTS, 1), PUTS);
    assert_int_equal(node_counters(story.a->node)->rows_steps, steps);
    ask.u.list_threads.space = story.space;
    ask.u.list_threads.limit = 50;
    assert_int_not_equal(guest_ask(&reader, &ask), 0);
    guest_settle(&reader);
    assert_int_equal(reader.heard[FORA_MSG_THREADS], 1);
    assert_int_equal(node_counters(story.a->node)->rows_steps, steps + 1);
    assert_int_equal(story_put(&story, &guest, PUTS, 1), PUTS);
    struct fora_message spaces = {.type = FORA_MSG_LIST_SPACES};
    assert_int_not_equal(guest_ask(&reader, &spaces), 0);
    guest_settle(&reader);
    assert_int_equal(guest.heard[FORA_MSG_SPACES] + reader.heard[FORA_MSG_SPACES], 1);
    assert_int_equal(node_counters(story.a->node)->rows_steps, steps + 2);
    assert_int_equal(story_put(&story, &guest, PUTS, 1), PUTS);
    net_pass(&story.net, 3);
    assert_int_equal(node_counters(story.a->node)->rows_steps, steps + 3);
    guest_fini(&reader);
    guest_fini(&guest);
    story_fini(&story);
}

/* Who asks while they are being made: what is stored by then is in them when they are done. */
static void lists_wait_for_rows_that_are_being_made(void **state)
{
    struct story story;
    struct guest peer, guest;
    struct fora_message ask = {.type = FORA_MSG_LIST_THREADS};
    struct job *job;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    story_guest(&story, &guest, 0);
    net_pass(&story.net, 3);
    assert_int_equal(story_put(&story, &peer, 1, 1), 1);
    story.net.now += 3000;
    while ((job = node_take_job(story.a->node, story.net.now)) != NULL && job->type != JOB_ROWS) {
        job_run(job);
        node_job_done(story.a->node, job, story.net.now);
    }
    assert_non_null(job);
    ask.u.list_threads.space = story.space;
    (void)guest_ask(&guest, &ask);
    while (guest_move(&guest)) {
    }
    assert_null(node_take_job(story.a->node, story.net.now));
    job_run(job);
    node_job_done(story.a->node, job, story.net.now);
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_THREADS], 1);
    guest_fini(&peer);
    guest_fini(&guest);
    story_fini(&story);
}

static void rep12_who_joins_by_two_paths_does_not_get_it_twice(void **state)
{
    enum { MANY = 3000 };
    struct story story;
    (void)state;
    story_init(&story, false);
    struct net_node *c = net_add(&story.net, "c");
    net_put(&story.net, story.a, story_comments(&story, MANY, 0), MANY);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 10);
    net_subscribe(&story.net, c, story.a, &story.space);
    net_pass(&story.net, 10);
    net_subscribe(&story.net, c, story.b, &story.space);
    net_pass(&story.net, 10);
    assert_int_equal(net_same(story.a, c, &story.space), STORY_FIRST + MANY);
    /* c has all from a; b has all too: they compare, and say no more. */
    assert_int_equal(came_from(c, story.b), 0);
    assert_int_equal(came_from(story.b, c), 0);
    assert_true(node_counters(c->node)->reconcile_rounds <= 2);
    /* What only b had is found, all the same. */
    net_cut(&story.net, story.b);
    net_put(&story.net, story.b, story_comments(&story, 20, 0), 20);
    net_restart(&story.net, story.b);
    net_pass(&story.net, 10);
    assert_int_equal(net_same(story.b, c, &story.space), STORY_FIRST + MANY + 20);
    assert_int_equal(net_same(story.a, c, &story.space), STORY_FIRST + MANY + 20);
    story_fini(&story);
}

/* ---- catching up ---- */

static void rep6_cut_at_any_point_it_goes_on_where_it_was(void **state)
{
    enum { MANY = 4000, CUTS = 60 };
    struct story story;
    unsigned cuts = 0;
    uint64_t last = 0;
    (void)state;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, MANY, 200), MANY);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    for (unsigned turns = 1; turns <= CUTS; turns++) {
        for (unsigned i = 0; i < turns; i++) {
            (void)net_turn(&story.net);
        }
        uint64_t count = story_count(&story, story.b);
        assert_true(count >= last); /* what was stored stays */
        last = count;
        cuts += count < STORY_FIRST + MANY;
        net_cut(&story.net, story.b);
        story.net.now += 400 * 1000; /* the longest wait between two attempts */
        node_tick(story.b->node, story.net.now);
        node_tick(story.a->node, story.net.now);
    }
    assert_true(cuts > 5); /* it was interrupted on its way, not after it */
    net_pass(&story.net, 10);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + MANY);
    /* What a cut costs is what was on its way: not the whole again. */
    const struct peer *peer = peers_find(&story.b->node->peers, &story.a->id);
    uint64_t came = peer->objects_in;
    for (size_t i = 0; i < story.b->node->slots_count; i++) {
        const struct conn *conn = story.b->node->slots[i];
        came += conn != NULL ? conn->objects_in : 0;
    }
    assert_in_range(came, STORY_FIRST - 1 + MANY, 4 * (uint64_t)MANY);
    story_fini(&story);
}

/* ---- what waits ---- */

static struct commit_item waiting(const struct fora_object *object, unsigned missing)
{
    struct commit_item item = {.object = *object, .source = COMMIT_PEER};
    memcpy(item.missing.b, &missing, sizeof missing);
    return item;
}

static void rep9_who_fills_the_pending_area_displaces_only_its_own(void **state)
{
    enum { MANY = 3000, FEW = 20 };
    struct story story;
    struct pending pending;
    struct asker greedy = {.conn = 1, .is_node = true, .node = {{1}}};
    struct asker modest = {.conn = 2, .is_node = true, .node = {{2}}};
    (void)state;
    story_init(&story, false);
    pending_init(&pending, 1024 * 1024);
    const struct fora_object *const *list = story_comments(&story, FEW + MANY, 500);
    for (unsigned i = 0; i < FEW; i++) {
        struct commit_item item = waiting(list[i], i + 1);
        assert_true(pending_add(&pending, &modest, COMMIT_PEER, true, &item));
    }
    for (unsigned i = FEW; i < FEW + MANY; i++) {
        struct commit_item item = waiting(list[i], i + 1);
        assert_true(pending_add(&pending, &greedy, COMMIT_PEER, false, &item));
        assert_true(pending.bytes <= 1024 * 1024 / PENDING_SHARE + FEW * 2048);
    }
    assert_true(pending.evicted > MANY / 2);
    for (unsigned i = 0; i < FEW; i++) {
        struct fora_object_id missing = waiting(list[i], i + 1).missing;
        struct batch *batch = pending_take(&pending, &missing);
        assert_non_null(batch);
        assert_null(batch->next);
        batch_free(batch);
    }
    pending_fini(&pending);
    assert_int_equal(pending.count, 0);
    assert_int_equal(pending.bytes, 0);
    story_fini(&story);
}

static void rep9_when_all_is_full_it_is_the_largest_that_gives_way(void **state)
{
    enum { PEERS = 12, EACH = 400, BYTES = 256 * 1024 };
    struct story story;
    struct pending pending;
    (void)state;
    story_init(&story, false);
    pending_init(&pending, BYTES);
    const struct fora_object *const *list = story_comments(&story, PEERS * EACH, 0);
    for (unsigned i = 0; i < PEERS * EACH; i++) {
        struct asker asker = {.is_node = true, .node = {{(uint8_t)(1 + i % PEERS), 3}}};
        struct commit_item item = waiting(list[i], i + 1);
        assert_true(pending_add(&pending, &asker, COMMIT_PEER, false, &item));
        assert_true(pending.bytes <= BYTES && pending.count <= PENDING_COUNT_MAX);
    }
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < PENDING_SOURCES; i++) {
        const struct pending_source *source = &pending.sources[i];
        least = source->count > 0 && source->bytes < least ? source->bytes : least;
        most = source->bytes > most ? source->bytes : most;
    }
    assert_true(most - least < 4096); /* twelve equals share equally */
    assert_true(most > BYTES / PEERS / 2);
    pending_fini(&pending);
    story_fini(&story);
}

/* ---- what is told ---- */

struct told {
    struct fora_arena arena;
    struct fora_msg_node_status status;
};

static const struct fora_msg_peer_row *told_of(
    struct told *told, struct net_node *at, const struct fora_principal_id *node)
{
    struct kv_txn *txn;
    fora_arena_init(&told->arena, 0);
    memset(&told->status, 0, sizeof told->status);
    assert_int_equal(kv_begin_read(at->kv, &txn), 0);
    peer_status(at->node, txn, &told->arena, &told->status);
    kv_abort(txn);
    for (size_t i = 0; i < told->status.peers_count; i++) {
        if (memcmp(told->status.peers[i].node.b, node->b, sizeof node->b) == 0) {
            return &told->status.peers[i];
        }
    }
    fail_msg("no row of that node among %zu", told->status.peers_count);
    return NULL;
}

static void assert_told(
    struct net_node *at, const struct fora_principal_id *node, const char *health, const char *why)
{
    struct told told;
    char text[301] = "";
    const struct fora_msg_peer_row *row = told_of(&told, at, node);
    memcpy(text, row->why.data, row->why.size);
    if (strstr(text, why) == NULL || !fora_bytes_equal(row->health, fora_bytes_str(health))) {
        fail_msg("\"%s\" (%.*s) does not say \"%s\" (%s)", text, (int)row->health.size,
            (const char *)row->health.data, why, health);
    }
    fora_arena_fini(&told.arena);
}

static void rep15_how_a_peer_is_and_why_is_told_in_a_sentence(void **state)
{
    struct story story;
    struct guest slow;
    (void)state;
    story_init(&story, true);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    assert_told(story.a, &story.b->id, "good", "in step");
    assert_told(story.b, &story.a->id, "good", "in step");
    guest_init_windows(&slow, &story.net, story.a, 9, 1, 0);
    guest_open(&slow);
    uint64_t request = story_follow(&slow, &story.space);
    guest_settle(&slow);
    (void)story_put(&story, &slow, 20, 20);
    for (unsigned i = 0; i < 10; i++) {
        story.net.now += 1000;
        node_tick(story.a->node, story.net.now);
        guest_settle(&slow);
    }
    assert_told(story.a, &slow.id, "behind", "and has taken none for 10 s");
    for (unsigned i = 0; i < 3; i++) {
        ack(&slow, request);
    }
    assert_told(story.a, &slow.id, "good", "in step");
    net_decide(&story.net, story.a, &slow.id, FORA_PEERING_BLOCK);
    guest_settle(&slow);
    guest_fini(&slow);
    assert_told(story.a, &slow.id, "blocked", "refused: blocked by an admin; turned away 1 times");
    net_cut(&story.net, story.a);
    story.a->away = true;
    net_pass(&story.net, 5);
    assert_told(story.b, &story.a->id, "down", "cannot be reached: nobody there; next try in ");
    net_decide(&story.net, story.b, &story.a->id, FORA_PEERING_BLOCK);
    assert_told(story.b, &story.a->id, "blocked", "not called: blocked by an admin");
    story_fini(&story);
}

static void rep17_who_is_over_its_quota_is_told_so(void **state)
{
    enum { MANY = 2000 };
    struct story story;
    (void)state;
    story_init(&story, true);
    story_backlog(&story, MANY);
    net_pass(&story.net, 20);
    assert_told(story.a, &story.b->id, "limited", "over its quota as newcomer: fetched from again");
    story_fini(&story);
}

static void rep4_who_has_nearly_all_compares_and_who_lacks_much_reads(void **state)
{
    enum { MANY = 3000, DIFFERENT = 100 };
    struct story story;
    (void)state;
    story_init(&story, false);
    const struct fora_object *const *list = story_comments(&story, MANY, 0);
    net_put(&story.net, story.a, list, MANY);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 10);
    /* b is another node with the same set, but for some on both sides: no position is known. */
    struct net_node *c = net_add(&story.net, "c");
    net_subscribe(&story.net, c, story.b, &story.space);
    net_pass(&story.net, 10);
    net_cut(&story.net, c);
    net_put(&story.net, c, story_comments(&story, DIFFERENT, 0), DIFFERENT);
    net_put(&story.net, story.a, story_comments(&story, DIFFERENT, 0), DIFFERENT);
    story.b->away = true; /* so that a is the only way */
    net_subscribe(&story.net, c, story.a, &story.space);
    net_pass(&story.net, 10);
    assert_int_equal(net_same(story.a, c, &story.space), STORY_FIRST + MANY + 2 * DIFFERENT);
    assert_in_range(came_from(c, story.a), DIFFERENT, 2 * DIFFERENT);
    assert_in_range(came_from(story.a, c), DIFFERENT, 2 * DIFFERENT);
    /* An empty node reads the log: that is the bulk path. */
    struct net_node *d = net_add(&story.net, "d");
    net_subscribe(&story.net, d, story.a, &story.space);
    net_pass(&story.net, 10);
    assert_int_equal(net_same(story.a, d, &story.space), STORY_FIRST + MANY + 2 * DIFFERENT);
    assert_int_equal(node_counters(d->node)->reconcile_rounds, 1); /* a sample (REP-25) */
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses19_a_follower_says_how_many_batches_it_takes),
        cmocka_unit_test(ses19_a_reconciliation_keeps_to_the_lesser_size),
        cmocka_unit_test(rep4_a_space_that_is_not_confirmed_holds_up_no_other),
        cmocka_unit_test(rep4_a_peer_that_does_not_read_costs_a_position_and_holds_up_no_other),
        cmocka_unit_test(ses36_a_batch_of_a_follow_that_was_cancelled_is_dropped),
        cmocka_unit_test(rep12_over_a_link_an_object_goes_in_one_direction),
        cmocka_unit_test(rep12_that_nothing_is_sent_back_is_told_a_little_later),
        cmocka_unit_test(rows_rest_until_somebody_asks_or_time_has_passed),
        cmocka_unit_test(lists_wait_for_rows_that_are_being_made),
        cmocka_unit_test(rep12_who_joins_by_two_paths_does_not_get_it_twice),
        cmocka_unit_test(rep4_who_has_nearly_all_compares_and_who_lacks_much_reads),
        cmocka_unit_test(rep6_cut_at_any_point_it_goes_on_where_it_was),
        cmocka_unit_test(rep9_who_fills_the_pending_area_displaces_only_its_own),
        cmocka_unit_test(rep9_when_all_is_full_it_is_the_largest_that_gives_way),
        cmocka_unit_test(rep15_how_a_peer_is_and_why_is_told_in_a_sentence),
        cmocka_unit_test(rep17_who_is_over_its_quota_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
