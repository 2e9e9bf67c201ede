/* What those who do not read take from the heap, all together (flow.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "story.h"

enum { DEAF = 24, POSTS = 800, LENGTH = 1000, BUFFERS = 6 * 1024 * 1024 };

static size_t taken_by(const struct conn *conn)
{
    return fora_session_allocated(conn->session) + conn->backlog.room + conn->held_bytes;
}

static size_t taken_by_all(const struct node *node)
{
    size_t taken = 0;
    for (size_t i = 0; i < node->slots_count; i++) {
        const struct conn *conn = node->slots[i];
        taken += conn != NULL && !conn->broken ? taken_by(conn) : 0;
    }
    return taken;
}

static void ask_for_thread(struct story *story, struct guest *guest)
{
    struct fora_message ask = {.type = FORA_MSG_GET_THREAD};
    ask.u.get_thread.root = story->thread->id;
    (void)guest_ask(guest, &ask);
}

/* By what buffers take and not by what is in them: a buffer grows by doubling. */
static void deaf_ones(bool peers)
{
    struct story story;
    static struct guest guests[DEAF];
    size_t most = 0, ended = 0;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, POSTS, LENGTH), POSTS);
    story.a->node->env.limits.buffers_max = BUFFERS;
    for (size_t i = 0; i < DEAF; i++) {
        story_guest(&story, &guests[i], peers ? (unsigned)(20 + i) : 0);
        guests[i].deaf = true;
        for (size_t j = 0; j < 4; j++) {
            ask_for_thread(&story, &guests[i]);
        }
        while (guest_move(&guests[i]) || net_turn(&story.net)) {
            size_t taken = taken_by_all(story.a->node);
            most = taken > most ? taken : most;
        }
    }
    for (size_t i = 0; i < DEAF; i++) {
        const struct conn *conn = story_conn(&guests[i]);
        ended += conn == NULL || conn->broken;
    }
    assert_in_range(most, BUFFERS / 2, BUFFERS);
    assert_in_range(ended, 1, DEAF - 1);
    for (size_t i = 0; i < DEAF; i++) {
        guest_fini(&guests[i]);
    }
    story_fini(&story);
}

static void who_does_not_read_takes_no_more_than_the_bound(void **state)
{
    (void)state;
    deaf_ones(false);
}

static void known_peers_that_do_not_read_take_no_more_than_the_bound(void **state)
{
    (void)state;
    deaf_ones(true);
}

/* Buffers that hold nothing are freed before anybody is ended for them. */
static void who_reads_is_not_ended_for_buffers_that_are_empty(void **state)
{
    struct story story;
    static struct guest guests[DEAF];
    (void)state;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, POSTS, LENGTH), POSTS);
    story.a->node->env.limits.buffers_max = BUFFERS;
    for (size_t i = 0; i < DEAF; i++) {
        guest_init(&guests[i], &story.net, story.a, 0);
        guest_open(&guests[i]);
    }
    for (size_t i = 0; i < DEAF; i++) {
        ask_for_thread(&story, &guests[i]);
        guest_settle(&guests[i]);
        assert_int_equal(guests[i].objects, POSTS + 1);
    }
    for (size_t i = 0; i < DEAF; i++) {
        const struct conn *conn = story_conn(&guests[i]);
        assert_true(conn != NULL && !conn->broken && !conn->closing);
        guest_fini(&guests[i]);
    }
    story_fini(&story);
}

/* So many bytes of what the guest has to say, and no more. */
static void feed(struct guest *guest, size_t size)
{
    while (size > 0) {
        struct fora_bytes output = fora_session_output(guest->session);
        size_t taken = 0;
        assert_int_not_equal(output.size, 0);
        output.size = output.size < size ? output.size : size;
        node_receive(guest->node->node, guest->conn, output, &taken, guest->net->now);
        assert_int_equal(taken, output.size);
        fora_session_output_done(guest->session, taken);
        size -= taken;
    }
}

static size_t ended_of(const struct guest *guests, size_t count)
{
    size_t ended = 0;
    for (size_t i = 0; i < count; i++) {
        const struct conn *conn = story_conn(&guests[i]);
        ended += conn == NULL || conn->broken;
    }
    return ended;
}

enum { MANY = 60, HALF = 40000, LITTLE = 768 * 1024, IDLE = 3000 };

/* Peers that are known, each with more to say than a frame, at a node that has little room. */
static void bringers_init(struct story *story, struct guest *guests)
{
    story_init(story, false);
    const struct fora_object *const *comments = story_comments(story, 2 * MANY, LENGTH);
    for (size_t i = 0; i < DEAF; i++) {
        guest_init(&guests[i], &story->net, story->a, (unsigned)(20 + i));
        guest_open(&guests[i]);
        guest_settle(&guests[i]);
        assert_int_not_equal(guest_put(&guests[i], comments, MANY), 0);
        assert_int_not_equal(guest_put(&guests[i], comments + MANY, MANY), 0);
    }
    story->a->node->env.limits.buffers_max = LITTLE;
}

static void guests_fini(struct story *story, struct guest *guests)
{
    for (size_t i = 0; i < DEAF; i++) {
        guest_fini(&guests[i]);
    }
    story_fini(story);
}

/* Peers that each are in the middle of a frame take more than the bound, and are no idlers. */
static void of_known_peers_none_ends_in_the_middle_of_its_work(void **state)
{
    struct story story;
    static struct guest guests[DEAF];
    (void)state;
    bringers_init(&story, guests);
    for (size_t i = 0; i < DEAF; i++) {
        feed(&guests[i], HALF);
    }
    assert_true(story.a->node->cost > LITTLE);
    assert_int_equal(ended_of(guests, DEAF), 0);
    /* Nor of those whose frames come slowly. */
    for (unsigned second = 0; second < 8; second++) {
        story.net.now += 1000;
        for (size_t i = 0; i < DEAF; i++) {
            feed(&guests[i], 1000);
        }
    }
    assert_int_equal(ended_of(guests, DEAF), 0);
    /* Who stays there is one. */
    story.net.now += IDLE + 1;
    feed(&guests[0], 1000);
    assert_in_range(ended_of(guests, DEAF), 1, DEAF - 1);
    assert_int_equal(ended_of(guests, 1), 0);
    assert_in_range(story.a->node->cost, 1, LITTLE);
    guests_fini(&story, guests);
}

/* Without what they make: nothing is committed yet. */
static void run_waiting(struct story *story)
{
    struct job *jobs[DEAF];
    size_t count = 0;
    while (count < DEAF && (jobs[count] = node_take_job(story->a->node, story->net.now)) != NULL) {
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        job_run(jobs[i]);
        node_job_done(story->a->node, jobs[i], story->net.now);
    }
}

/* While it takes nothing from them, or has not stored what they brought, they wait for the node. */
static void wait_for_node(bool full)
{
    struct story story;
    static struct guest guests[DEAF];
    bringers_init(&story, guests);
    for (size_t i = 0; i < DEAF; i++) {
        feed(&guests[i], HALF);
        while ((i == 0 || !full) && story_conn(&guests[i])->inflight == 0) {
            feed(&guests[i], 1000);
        }
        feed(&guests[i], HALF / 4);
    }
    story.a->node->env.limits.inflight_max = full ? 1 : SIZE_MAX;
    assert_int_equal(!full, node_wants_input(story.a->node, guests[1].conn));
    story.net.now += 2 * IDLE;
    feed(&guests[0], 1);
    assert_true(story.a->node->cost > LITTLE);
    assert_int_equal(ended_of(guests, DEAF), 0);
    /* It stores, and they have as long as ever to go on. */
    run_waiting(&story);
    assert_true(story.a->node->inflight > 0);
    story.net.now += 2 * IDLE;
    net_settle(&story.net);
    assert_int_equal(story.a->node->inflight, 0);
    story.net.now += IDLE - 1;
    feed(&guests[0], 1);
    assert_true(story.a->node->cost > LITTLE);
    assert_int_equal(ended_of(guests, DEAF), 0);
    story.net.now += 1;
    feed(&guests[0], 1);
    assert_in_range(ended_of(guests, DEAF), 1, DEAF - 1);
    guests_fini(&story, guests);
}

static void who_has_more_than_the_node_takes_is_not_idle(void **state)
{
    (void)state;
    wait_for_node(true);
}

static void whose_objects_are_not_stored_yet_is_not_idle(void **state)
{
    (void)state;
    wait_for_node(false);
}

/* It puts one object, and the transport had read that before the node was full. */
static void read_before(struct story *story, struct guest *guest)
{
    size_t taken;
    assert_int_not_equal(guest_put(guest, story_comments(story, 1, 0), 1), 0);
    assert_false(node_wants_input(story->a->node, guest->conn));
    struct fora_bytes output = fora_session_output(guest->session);
    node_receive(story->a->node, guest->conn, output, &taken, story->net.now);
    assert_int_equal(taken, output.size);
    fora_session_output_done(guest->session, taken);
}

/* Where the node is full, whoever brings one thing does not wait until others have nothing more. */
static void who_waits_for_room_has_it_in_turn(void **state)
{
    enum { PUTS = 12, EACH = 4 };
    struct story story;
    struct guest busy, gone, other;
    struct job *job;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &busy, 20);
    story_guest(&story, &gone, 21);
    story_guest(&story, &other, 22);
    story.a->node->env.limits.inflight_max = 1;
    for (size_t i = 0; i < PUTS; i++) {
        assert_int_not_equal(guest_put(&busy, story_comments(&story, EACH, LENGTH), EACH), 0);
    }
    while (guest_move(&busy)) {
    }
    read_before(&story, &gone);
    read_before(&story, &other);
    guest_fini(&gone);
    while (other.heard[FORA_MSG_PUT_RESULT] == 0 &&
           (job = node_take_job(story.a->node, story.net.now)) != NULL) {
        job_run(job);
        node_job_done(story.a->node, job, story.net.now);
        while (guest_move(&busy)) {
        }
        (void)guest_move(&other);
    }
    assert_int_equal(other.heard[FORA_MSG_PUT_RESULT], 1);
    assert_in_range(busy.heard[FORA_MSG_PUT_RESULT], 1, 2);
    /* And the busy one goes on. */
    guest_settle(&busy);
    assert_int_equal(busy.heard[FORA_MSG_PUT_RESULT], PUTS);
    assert_int_equal(story.a->node->inflight, 0);
    guest_fini(&busy);
    guest_fini(&other);
    story_fini(&story);
}

/* Also what known peers bring is bounded in all. */
static void of_known_peers_all_together_there_is_a_bound_too(void **state)
{
    struct story story;
    static struct guest guests[DEAF];
    (void)state;
    bringers_init(&story, guests);
    story.a->node->env.limits.buffers_max = LITTLE / 8;
    for (size_t i = 0; i < DEAF; i++) {
        feed(&guests[i], HALF);
        assert_true(story.a->node->cost <= LITTLE + HALF);
    }
    assert_true(story.a->node->cost > LITTLE / 2);
    assert_in_range(ended_of(guests, DEAF), 1, DEAF - 1);
    guests_fini(&story, guests);
}

/* The halves of frames of one node, or of one member. */
static void halves_of_one(struct story *story, struct guest *guests, size_t count)
{
    const struct fora_object *const *comments = story_comments(story, MANY, LENGTH);
    for (size_t i = 0; i < count; i++) {
        assert_true(story_conn(&guests[i])->asker.known);
        assert_int_not_equal(guest_put(&guests[i], comments, MANY), 0);
    }
    story->a->node->env.limits.buffers_max = 4 * HALF;
    for (size_t i = 0; i < count; i++) {
        feed(&guests[i], HALF);
        assert_true(story->a->node->cost <= 5 * HALF);
    }
    assert_in_range(ended_of(guests, count), 1, count - 1);
}

static void many_connections_of_one_known_peer_are_within_the_bound(void **state)
{
    struct story story;
    static struct guest guests[DEAF];
    (void)state;
    story_init(&story, false);
    for (size_t i = 0; i < DEAF; i++) {
        story_guest(&story, &guests[i], 20);
    }
    halves_of_one(&story, guests, DEAF);
    guests_fini(&story, guests);
}

/* A member with an account here, who may come by that key again. */
static struct fora_principal_id member_open(
    struct story *story, struct guest *guest, const struct fora_secret *session)
{
    struct fora_arena arena;
    struct fora_message message = {.type = FORA_MSG_SIGN_UP};
    story_guest(story, guest, 0);
    message.u.sign_up.handle = fora_bytes_str("bob");
    message.u.sign_up.password = fora_bytes_str("correct horse");
    fora_secret_public(session, &message.u.sign_up.session_key);
    (void)guest_ask(guest, &message);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
    fora_arena_init(&arena, 64 * 1024);
    guest_last(guest, &arena, &message);
    struct fora_principal_id member = message.u.auth_ok.principal;
    fora_arena_fini(&arena);
    return member;
}

static void many_connections_of_one_member_are_within_the_bound(void **state)
{
    struct story story;
    static struct guest guests[DEAF];
    struct fora_secret *session = fx_secret(77, "session");
    (void)state;
    story_init(&story, false);
    const struct fora_principal_id member = member_open(&story, &guests[0], session);
    for (size_t i = 1; i < DEAF; i++) {
        story_guest(&story, &guests[i], 0);
        (void)guest_auth(&guests[i], &member, session, NULL, 0);
        guest_settle(&guests[i]);
    }
    fora_secret_free(session);
    halves_of_one(&story, guests, DEAF);
    guests_fini(&story, guests);
}

/* What the transport holds for those who do not read counts as theirs: they go, and what it gives
 * back counts no more. */
static void what_the_transport_holds_is_within_the_bound(void **state)
{
    enum { HOLDS = 64 * 1024, ALL = 8 * HOLDS };
    struct story story;
    static struct guest guests[DEAF];
    (void)state;
    story_init(&story, false);
    story.a->node->env.limits.buffers_max = ALL;
    for (size_t i = 0; i < DEAF; i++) {
        guest_init(&guests[i], &story.net, story.a, 0);
        guest_open(&guests[i]);
        guest_settle(&guests[i]);
    }
    for (size_t round = 0; round < 3; round++) {
        node_holds(story.a->node, guests[0].conn, HOLDS);
        assert_true(story.a->node->cost >= HOLDS);
        node_holds(story.a->node, guests[0].conn, 0);
        assert_true(story.a->node->cost < HOLDS);
    }
    for (size_t i = 0; i < DEAF; i++) {
        node_holds(story.a->node, guests[i].conn, HOLDS);
        assert_true(story.a->node->cost <= ALL);
    }
    assert_in_range(ended_of(guests, DEAF), DEAF - ALL / HOLDS, DEAF - ALL / HOLDS + 1);
    for (size_t i = 0; i < DEAF; i++) {
        guest_fini(&guests[i]);
    }
    story_fini(&story);
}

/* Questions count until they are answered, also those that wait for their turn behind others; and
 * of who was ended for them none is worked for. */
static void questions_that_wait_are_within_the_bound(void **state)
{
    enum { ASKED = 3, SIZE = 50000, ALL = 1024 * 1024 };
    static uint8_t ranges[SIZE];
    struct story story;
    static struct guest guests[DEAF];
    struct job *job;
    size_t jobs = 0;
    (void)state;
    story_init(&story, false);
    story.a->node->env.limits.buffers_max = ALL;
    for (size_t i = 0; i < DEAF; i++) {
        guest_init(&guests[i], &story.net, story.a, 0);
        guest_open(&guests[i]);
        guest_settle(&guests[i]);
    }
    for (size_t i = 0; i < DEAF * ASKED; i++) {
        struct fora_message ask = {.type = FORA_MSG_RECONCILE};
        memcpy(ask.u.reconcile.space.b, story.space_stub.id.b, FORA_ID_SIZE);
        ask.u.reconcile.audience = FORA_AUDIENCE_PUBLIC;
        ask.u.reconcile.message = fora_bytes(ranges, sizeof ranges);
        if (story_conn(&guests[i % DEAF]) != NULL && ended_of(&guests[i % DEAF], 1) == 0) {
            (void)guest_ask(&guests[i % DEAF], &ask);
            while (guest_move(&guests[i % DEAF])) {
            }
        }
        assert_true(story.a->node->cost <= ALL);
    }
    size_t ended = ended_of(guests, DEAF);
    assert_in_range(ended, 1, DEAF - 1);
    while ((job = node_take_job(story.a->node, story.net.now)) != NULL) {
        jobs += job->type == JOB_QUERY;
        job_run(job);
        node_job_done(story.a->node, job, story.net.now);
    }
    assert_in_range(jobs, 1, (DEAF - ended) * ASKED);
    for (size_t i = 0; i < DEAF; i++) {
        const struct conn *conn = story_conn(&guests[i]);
        assert_true(conn == NULL || (conn->running == 0 && conn->running_bytes == 0));
        guest_fini(&guests[i]);
    }
    story_fini(&story);
}

/* Also lists that wait for rows. */
static void lists_that_wait_are_within_the_bound(void **state)
{
    enum { ASKED = 60, ALL = 1024 * 1024 };
    struct story story;
    static struct guest guests[DEAF];
    struct guest peer;
    struct fora_message ask = {.type = FORA_MSG_LIST_THREADS};
    (void)state;
    story_init(&story, false);
    story_guest(&story, &peer, 20);
    for (size_t i = 0; i < DEAF; i++) {
        story_guest(&story, &guests[i], 0);
    }
    net_pass(&story.net, 3);
    assert_int_equal(story_put(&story, &peer, 5, 5), 1); /* its row rests */
    story.a->node->env.limits.buffers_max = ALL;
    ask.u.list_threads.space = story.space;
    for (size_t i = 0; i < DEAF; i++) {
        for (size_t j = 0; j < ASKED; j++) {
            (void)guest_ask(&guests[i], &ask);
        }
        while (guest_move(&guests[i])) {
            size_t waits = 0;
            for (size_t k = 0; k <= i; k++) {
                const struct conn *conn = story_conn(&guests[k]);
                waits += conn != NULL && !conn->broken ? conn->jobs * sizeof(struct job) : 0;
            }
            assert_in_range(waits, 0, ALL);
        }
    }
    assert_in_range(ended_of(guests, DEAF), 1, DEAF - 1);
    for (size_t i = 0; i < DEAF; i++) {
        guest_settle(&guests[i]);
        assert_true(guests[i].cut || guests[i].heard[FORA_MSG_THREADS] == ASKED);
    }
    guest_fini(&peer);
    guests_fini(&story, guests);
}

/* And what waits for the writer. */
static void what_is_to_be_written_counts_until_it_is(void **state)
{
    enum { VOTES = 40 };
    struct story story;
    struct guest guest;
    struct fora_message vote = {.type = FORA_MSG_VOTE};
    struct fora_secret *session = fx_secret(77, "session");
    (void)state;
    story_init(&story, false);
    (void)member_open(&story, &guest, session);
    vote.u.vote.target = story.thread->id;
    vote.u.vote.value = 1;
    for (unsigned i = 0; i < VOTES; i++) {
        assert_int_not_equal(guest_ask(&guest, &vote), 0);
    }
    while (guest_move(&guest)) {
    }
    assert_int_equal(story_conn(&guest)->jobs, VOTES);
    assert_true(story_conn(&guest)->cost >= VOTES * sizeof(struct job));
    guest_settle(&guest);
    assert_int_equal(story_conn(&guest)->running_bytes, 0);
    assert_int_equal(story_conn(&guest)->running, 0);
    assert_true(story_conn(&guest)->cost < sizeof(struct job));
    fora_secret_free(session);
    guest_fini(&guest);
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_read_takes_no_more_than_the_bound),
        cmocka_unit_test(known_peers_that_do_not_read_take_no_more_than_the_bound),
        cmocka_unit_test(of_known_peers_none_ends_in_the_middle_of_its_work),
        cmocka_unit_test(who_has_more_than_the_node_takes_is_not_idle),
        cmocka_unit_test(whose_objects_are_not_stored_yet_is_not_idle),
        cmocka_unit_test(who_waits_for_room_has_it_in_turn),
        cmocka_unit_test(of_known_peers_all_together_there_is_a_bound_too),
        cmocka_unit_test(many_connections_of_one_known_peer_are_within_the_bound),
        cmocka_unit_test(many_connections_of_one_member_are_within_the_bound),
        cmocka_unit_test(what_the_transport_holds_is_within_the_bound),
        cmocka_unit_test(questions_that_wait_are_within_the_bound),
        cmocka_unit_test(lists_that_wait_are_within_the_bound),
        cmocka_unit_test(what_is_to_be_written_counts_until_it_is),
        cmocka_unit_test(who_reads_is_not_ended_for_buffers_that_are_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
