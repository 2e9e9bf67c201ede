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
static void who_does_not_read_takes_no_more_than_the_bound(void **state)
{
    struct story story;
    static struct guest guests[DEAF];
    size_t most = 0, ended = 0;
    (void)state;
    story_init(&story, false);
    net_put(&story.net, story.a, story_comments(&story, POSTS, LENGTH), POSTS);
    story.a->node->env.limits.buffers_max = BUFFERS;
    for (size_t i = 0; i < DEAF; i++) {
        guest_init(&guests[i], &story.net, story.a, 0);
        guest_open(&guests[i]);
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
    struct fora_bytes output = fora_session_output(guest->session);
    size_t taken = 0;
    assert_true(output.size >= size);
    node_receive(
        guest->node->node, guest->conn, fora_bytes(output.data, size), &taken, guest->net->now);
    assert_int_equal(taken, size);
    fora_session_output_done(guest->session, taken);
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

/* Peers that each are in the middle of a frame take more than the bound, and are no idlers. */
static void of_known_peers_none_ends_in_the_middle_of_its_work(void **state)
{
    enum { MANY = 60, HALF = 40000, LITTLE = 512 * 1024 };
    struct story story;
    static struct guest guests[DEAF];
    (void)state;
    story_init(&story, false);
    const struct fora_object *const *comments = story_comments(&story, MANY, LENGTH);
    for (size_t i = 0; i < DEAF; i++) {
        guest_init(&guests[i], &story.net, story.a, (unsigned)(20 + i));
        guest_open(&guests[i]);
        guest_settle(&guests[i]);
        assert_int_not_equal(guest_put(&guests[i], comments, MANY), 0);
    }
    story.a->node->env.limits.buffers_max = LITTLE;
    for (size_t i = 0; i < DEAF; i++) {
        feed(&guests[i], HALF);
    }
    assert_true(story.a->node->cost > LITTLE);
    assert_int_equal(ended_of(guests, DEAF), 0);
    /* Who stays there is one. */
    story.net.now += 10500;
    feed(&guests[0], 1000);
    assert_in_range(ended_of(guests, DEAF), 1, DEAF - 1);
    assert_in_range(story.a->node->cost, 1, LITTLE);
    for (size_t i = 0; i < DEAF; i++) {
        guest_fini(&guests[i]);
    }
    story_fini(&story);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_read_takes_no_more_than_the_bound),
        cmocka_unit_test(of_known_peers_none_ends_in_the_middle_of_its_work),
        cmocka_unit_test(what_the_transport_holds_is_within_the_bound),
        cmocka_unit_test(questions_that_wait_are_within_the_bound),
        cmocka_unit_test(who_reads_is_not_ended_for_buffers_that_are_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
