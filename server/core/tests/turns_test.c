/* Whose work goes first (core/turns.c): known peers, then strangers, and nobody never. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "story.h"

enum { MANY = 128, BATCHES = 4 };

struct world {
    struct story story;
    struct guest known, stranger;
    const struct fora_object *objects[BATCHES * MANY + 1];
};

static void world_init(struct world *world)
{
    struct story *story = &world->story;
    story_init(story, true);
    for (size_t i = 0; i < BATCHES * MANY + 1; i++) {
        world->objects[i] = fx_thread(&story->fx, story->ann, &story->space_stub,
            FORA_THREAD_QUESTION, "Why?", story->net.now + i % 1000);
    }
    guest_init(&world->known, &story->net, story->a, 9);
    guest_open(&world->known);
    guest_settle(&world->known);
    net_decide(&story->net, story->a, &world->known.id, FORA_PEERING_APPROVE);
    guest_init(&world->stranger, &story->net, story->a, 10);
    guest_open(&world->stranger);
    guest_settle(&world->stranger);
}

static void world_fini(struct world *world)
{
    guest_fini(&world->known);
    guest_fini(&world->stranger);
    story_fini(&world->story);
}

static void moved(struct world *world)
{
    bool any = true;
    while (any) {
        any = guest_move(&world->known);
        any = guest_move(&world->stranger) || any;
    }
}

/* Known peers are active, and strangers bring a lot. */
static void siege(struct world *world)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    guest_ask(&world->known, &ask);
    guest_settle(&world->known);
    for (size_t i = 0; i < BATCHES; i++) {
        guest_put(&world->stranger, world->objects + i * MANY, MANY);
    }
    moved(world);
}

static size_t objects_of(const struct job *job)
{
    size_t count = 0;
    for (const struct batch *batch = job->batches; batch != NULL; batch = batch->next) {
        count += batch->end - batch->begin;
    }
    return count;
}

/* Runs the next job; its type, and how many objects it was about. */
static enum job_type step(struct world *world, size_t *objects)
{
    struct job *job = node_take_job(world->story.a->node, world->story.net.now);
    if (job == NULL) {
        return JOB_TYPES;
    }
    enum job_type type = job->type;
    job_run(job);
    *objects = type == JOB_COMMIT ? objects_of(job) : 0;
    node_job_done(world->story.a->node, job, world->story.net.now);
    moved(world);
    return type;
}

static void a_known_peer_does_not_wait_behind_strangers(void **state)
{
    struct world world;
    size_t objects = 0;
    (void)state;
    world_init(&world);
    uint64_t before = node_counters(world.story.a->node)->objects_stored;
    siege(&world);
    guest_put(&world.known, world.objects + BATCHES * MANY, 1);
    moved(&world);
    while (world.known.heard[FORA_MSG_PUT_RESULT] == 0) {
        assert_int_not_equal(step(&world, &objects), JOB_TYPES);
    }
    assert_int_equal(world.known.put_code, 0);
    uint64_t stored = node_counters(world.story.a->node)->objects_stored - before;
    assert_in_range(stored, 1, 1 + MANY);
    /* The strangers' objects are stored after all. */
    while (step(&world, &objects) != JOB_TYPES) {
    }
    assert_int_equal(world.stranger.heard[FORA_MSG_PUT_RESULT], BATCHES);
    assert_int_equal(
        node_counters(world.story.a->node)->objects_stored - before, BATCHES * MANY + 1);
    world_fini(&world);
}

static void commits_of_strangers_are_cut_while_others_are_active(void **state)
{
    struct world world;
    size_t objects = 0, first = 0, commits = 0, all = 0;
    enum job_type type;
    (void)state;
    world_init(&world);
    siege(&world);
    while ((type = step(&world, &objects)) != JOB_TYPES) {
        if (type == JOB_COMMIT && objects > 0) {
            first = first == 0 ? objects : first;
            commits++;
            all += objects;
        }
    }
    assert_int_equal(all, BATCHES * MANY);
    assert_in_range(first, 1, MANY / 2);
    assert_in_range(commits, BATCHES, BATCHES * MANY);
    assert_int_equal(world.stranger.heard[FORA_MSG_PUT_RESULT], BATCHES);
    world_fini(&world);
}

static void strangers_alone_have_whole_commits(void **state)
{
    struct world world;
    size_t objects = 0, most = 0;
    enum job_type type;
    (void)state;
    world_init(&world);
    world.story.net.now += 10000; /* the known peer has been silent for long */
    node_tick(world.story.a->node, world.story.net.now);
    for (size_t i = 0; i < BATCHES; i++) {
        guest_put(&world.stranger, world.objects + i * MANY, MANY);
    }
    moved(&world);
    while ((type = step(&world, &objects)) != JOB_TYPES) {
        most = type == JOB_COMMIT && objects > most ? objects : most;
    }
    assert_in_range(most, MANY, BATCHES * MANY);
    world_fini(&world);
}

/* Runs jobs until a commit was one of them: how many objects it had. */
static size_t next_commit(struct world *world)
{
    size_t objects = 0;
    enum job_type type;
    do {
        type = step(world, &objects);
        assert_int_not_equal(type, JOB_TYPES);
    } while (type != JOB_COMMIT);
    return objects;
}

static void what_waits_for_the_writer_is_gathered_while_as_much_is_verified(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    for (size_t i = 0; i < BATCHES; i++) {
        guest_put(&world.known, world.objects + i * MANY, MANY);
    }
    moved(&world);
    assert_int_equal(next_commit(&world), 2 * MANY); /* and as many are being verified */
    assert_int_equal(next_commit(&world), MANY);
    assert_int_equal(next_commit(&world), MANY); /* the last waits for nothing */
    assert_int_equal(world.known.heard[FORA_MSG_PUT_RESULT], BATCHES);
    world_fini(&world);
}

static void a_few_objects_are_not_kept_waiting_by_what_is_gathered(void **state)
{
    struct world world;
    size_t objects = 0;
    (void)state;
    world_init(&world);
    struct net *net = &world.story.net;
    net_decide(net, world.story.a, &world.stranger.id, FORA_PEERING_APPROVE);
    for (size_t i = 0; i < BATCHES; i++) {
        guest_put(&world.known, world.objects + i * MANY, MANY);
    }
    moved(&world);
    while (step(&world, &objects) != JOB_VERIFY) {
    }
    guest_put(&world.stranger, world.objects + BATCHES * MANY, 1); /* a peer as the other by now */
    moved(&world);
    assert_int_equal(next_commit(&world), MANY + 1);
    assert_int_equal(world.stranger.heard[FORA_MSG_PUT_RESULT], 1);
    while (step(&world, &objects) != JOB_TYPES) {
    }
    assert_int_equal(world.known.heard[FORA_MSG_PUT_RESULT], BATCHES);
    world_fini(&world);
}

static void one_reading_job_of_strangers_at_a_time(void **state)
{
    struct world world;
    struct job *first, *second;
    (void)state;
    world_init(&world);
    siege(&world);
    first = node_take_job(world.story.a->node, world.story.net.now);
    assert_non_null(first);
    assert_int_equal(first->type, JOB_VERIFY);
    assert_true(first->gives_way); /* somebody known is active */
    second = node_take_job(world.story.a->node, world.story.net.now);
    assert_true(second == NULL || second->type != JOB_VERIFY);
    /* A known peer's is taken at once. */
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    guest_ask(&world.known, &ask);
    moved(&world);
    struct job *query = node_take_job(world.story.a->node, world.story.net.now);
    assert_non_null(query);
    assert_int_equal(query->type, JOB_QUERY);
    assert_false(query->gives_way);
    struct job *const jobs[] = {first, second, query};
    for (size_t i = 0; i < 3; i++) {
        if (jobs[i] != NULL) {
            job_run(jobs[i]);
            node_job_done(world.story.a->node, jobs[i], world.story.net.now);
        }
    }
    world_fini(&world);
}

/* ---- how many at once ---- */

enum { OUT_MAX = 32, ASKERS = 5 };

/* Reading jobs that are out, of one type and of strangers. */
struct out {
    struct job *jobs[OUT_MAX];
    size_t count, strangers, passwords;
};

/* Takes all that may run now. */
static void take_all(struct net *net, struct net_node *node, struct out *out)
{
    struct job *job;
    while ((job = node_take_job(node->node, net->now)) != NULL) {
        bool reads = job->type == JOB_QUERY || job->type == JOB_VERIFY || job->type == JOB_PASSWORD;
        assert_true(out->count < OUT_MAX);
        out->jobs[out->count++] = job;
        out->strangers += reads && !job->asker.known && job->asker.conn != 0;
        out->passwords += job->type == JOB_PASSWORD;
    }
}

/* The job that was taken first is done. */
static enum job_type done_first(struct net *net, struct net_node *node, struct out *out)
{
    struct job *job = out->jobs[0];
    enum job_type type = job->type;
    bool reads = type == JOB_QUERY || type == JOB_VERIFY || type == JOB_PASSWORD;
    out->strangers -= reads && !job->asker.known && job->asker.conn != 0;
    out->passwords -= type == JOB_PASSWORD;
    memmove(out->jobs, out->jobs + 1, --out->count * sizeof *out->jobs);
    job_run(job);
    node_job_done(node->node, job, net->now);
    return type;
}

static void log_in_wrongly(struct guest *guest)
{
    struct fora_message login = {.type = FORA_MSG_LOGIN};
    login.u.login.handle = fora_bytes_str("nobody");
    login.u.login.password = fora_bytes_str("correct horse");
    assert_int_not_equal(guest_ask(guest, &login), 0);
}

/* Of questions, of objects to verify and of passwords together. */
static void SEC_54_one_question_of_strangers_at_a_time(void **state)
{
    struct world world;
    struct guest others[ASKERS];
    struct out out = {.count = 0};
    size_t done[JOB_TYPES] = {0};
    struct fora_message fetch = {.type = FORA_MSG_FETCH};
    (void)state;
    world_init(&world);
    struct net *net = &world.story.net;
    struct fora_object_id id = world.story.thread->id;
    fetch.u.fetch.ids = &id;
    fetch.u.fetch.ids_count = 1;
    for (size_t i = 0; i < ASKERS; i++) { /* the last two are clients */
        story_guest(&world.story, &others[i], i < 3 ? (unsigned)(20 + i) : 0);
    }
    siege(&world);
    for (size_t i = 0; i < ASKERS; i++) {
        assert_int_not_equal(guest_ask(&others[i], &fetch), 0);
        assert_int_not_equal(guest_ask(&others[i], &fetch), 0);
        if (i >= 3) {
            log_in_wrongly(&others[i]);
        }
        while (guest_move(&others[i])) {
        }
    }
    take_all(net, world.story.a, &out);
    while (out.count > 0) {
        assert_in_range(out.strangers, 0, 1);
        done[done_first(net, world.story.a, &out)]++;
        moved(&world);
        take_all(net, world.story.a, &out);
    }
    assert_int_equal(done[JOB_QUERY], 2 * ASKERS);
    assert_int_equal(done[JOB_PASSWORD], 2);
    assert_true(done[JOB_VERIFY] > 0);
    for (size_t i = 0; i < ASKERS; i++) {
        guest_settle(&others[i]);
        assert_int_equal(others[i].heard[FORA_MSG_OBJECTS], 2);
        guest_fini(&others[i]);
    }
    world_fini(&world);
}

/* Each takes the memory of an Argon2id: not even who is alone gets more. */
static void SEC_24_two_passwords_are_hashed_at_once(void **state)
{
    struct story story;
    struct guest guests[ASKERS];
    struct out out = {.count = 0};
    size_t done = 0;
    (void)state;
    story_init(&story, false);
    for (size_t i = 0; i < ASKERS; i++) {
        story_guest(&story, &guests[i], 0);
    }
    for (size_t i = 0; i < ASKERS; i++) {
        log_in_wrongly(&guests[i]);
        while (guest_move(&guests[i])) {
        }
    }
    take_all(&story.net, story.a, &out);
    assert_int_equal(out.passwords, 2);
    while (out.count > 0) {
        done += done_first(&story.net, story.a, &out) == JOB_PASSWORD;
        take_all(&story.net, story.a, &out);
        assert_int_equal(out.passwords, ASKERS - done < 2 ? ASKERS - done : 2);
    }
    assert_int_equal(done, ASKERS);
    for (size_t i = 0; i < ASKERS; i++) {
        guest_settle(&guests[i]);
        assert_int_equal(guests[i].error, FORA_E_AUTH);
        guest_fini(&guests[i]);
    }
    story_fini(&story);
}

/* A flood of a known peer leaves strangers something. */
static void strangers_do_not_wait_for_ever(void **state)
{
    struct world world;
    size_t asked = 0, objects = 0;
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    (void)state;
    world_init(&world);
    guest_ask(&world.stranger, &ask);
    while (world.stranger.heard[FORA_MSG_SPACES] == 0 && asked < 100) {
        guest_ask(&world.known, &ask);
        guest_ask(&world.known, &ask);
        asked += 2;
        moved(&world);
        (void)step(&world, &objects);
    }
    assert_int_equal(world.stranger.heard[FORA_MSG_SPACES], 1);
    assert_in_range(asked, 2, 40);
    world_fini(&world);
}

/* Asks for what is left of the ids; what came goes out of them. How many came, and their bytes. */
static size_t fetch(struct world *world, struct fora_object_id *ids, size_t *left, size_t *bytes)
{
    struct fora_message ask = {.type = FORA_MSG_FETCH, .u.fetch = {ids, *left}}, answer;
    struct fora_arena arena;
    struct job *job;
    guest_ask(&world->stranger, &ask);
    moved(world);
    job = node_take_job(world->story.a->node, world->story.net.now);
    assert_non_null(job);
    assert_int_equal(job->type, JOB_QUERY);
    job_run(job);
    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    assert_true(job->answer.size > 4);
    assert_int_equal(fora_message_decode(
                         &arena, fora_bytes(job->answer.data + 4, job->answer.size - 4), &answer),
        0);
    assert_int_equal(answer.type, FORA_MSG_OBJECTS);
    const struct fora_msg_objects *got = &answer.u.objects;
    size_t count = got->objects_count;
    assert_int_equal(count + got->missing_count, *left);
    *bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct fora_object object;
        assert_int_equal(fora_object_decode(&object, got->objects[i]), 0);
        assert_memory_equal(object.id.b, ids[i].b, FORA_ID_SIZE);
        *bytes += got->objects[i].size;
    }
    *left = got->missing_count;
    if (*left > 0) {
        memcpy(ids, got->missing, *left * sizeof *ids);
    }
    fora_arena_fini(&arena);
    node_job_done(world->story.a->node, job, world->story.net.now);
    moved(world);
    return count;
}

/* What a stranger asks for comes in small pieces while others wait, each of which brings some, and
 * at once when nobody does. */
static void SES_33_strangers_fetch_in_small_pieces_while_others_are_active(void **state)
{
    struct world world;
    static char text[65500];
    static struct fora_object_id ids[BATCHES * MANY];
    size_t objects = 0, bytes, rounds = 0;
    (void)state;
    world_init(&world);
    /* One is larger than a piece. */
    memset(text, 'x', sizeof text);
    const struct fora_content large = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT, .text = fora_bytes((uint8_t *)text, sizeof text)}};
    world.objects[1] =
        fx_about(&world.story.fx, world.story.ann, world.story.thread, large, world.story.net.now);
    assert_true(world.objects[1]->encoded.size > ANSWER_GIVES_WAY);
    siege(&world);
    while (step(&world, &objects) != JOB_TYPES) {
    }
    for (unsigned turn = 0; turn < 2; turn++) {
        size_t left = BATCHES * MANY;
        for (size_t i = 0; i < left; i++) {
            ids[i] = world.objects[i]->id;
        }
        for (rounds = 0; left > 0; rounds++) {
            size_t came = fetch(&world, ids, &left, &bytes);
            assert_true(came > 0);
            assert_true(turn == 1 || came == 1 || bytes <= ANSWER_GIVES_WAY);
        }
        assert_true(turn == 0 ? rounds > 1 : rounds == 1);
        world.story.net.now += 10000; /* the known peer falls silent */
        node_tick(world.story.a->node, world.story.net.now);
        while (step(&world, &objects) != JOB_TYPES) {
        }
    }
    world_fini(&world);
}

/* ---- forgeries ---- */

static void rep19_who_brings_forgeries_is_thrown_out(void **state)
{
    struct world world;
    static uint8_t bytes[MANY][1024];
    struct fora_object forged[MANY];
    const struct fora_object *list[MANY];
    (void)state;
    world_init(&world);
    for (size_t i = 0; i < MANY; i++) {
        const struct fora_object *object = world.objects[i];
        assert_true(object->encoded.size < sizeof bytes[i]);
        memcpy(bytes[i], object->encoded.data, object->encoded.size);
        forged[i] = *object;
        forged[i].encoded = fora_bytes(bytes[i], object->encoded.size);
        size_t header = (size_t)(object->header_bytes.data - object->encoded.data);
        bytes[i][header + object->header_bytes.size + 2 + 40] ^= 1;
        list[i] = &forged[i];
    }
    guest_put(&world.stranger, list, 8); /* a few may happen */
    guest_settle(&world.stranger);
    assert_int_equal(world.stranger.put_code, FORA_E_SIGNATURE);
    assert_false(world.stranger.cut);
    guest_put(&world.stranger, list, MANY);
    guest_settle(&world.stranger);
    assert_int_equal(world.stranger.heard[FORA_MSG_PUT_RESULT], 2);
    assert_int_equal(world.stranger.error, FORA_E_SIGNATURE);
    assert_true(world.stranger.cut);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_peer_does_not_wait_behind_strangers),
        cmocka_unit_test(commits_of_strangers_are_cut_while_others_are_active),
        cmocka_unit_test(strangers_alone_have_whole_commits),
        cmocka_unit_test(what_waits_for_the_writer_is_gathered_while_as_much_is_verified),
        cmocka_unit_test(a_few_objects_are_not_kept_waiting_by_what_is_gathered),
        cmocka_unit_test(one_reading_job_of_strangers_at_a_time),
        cmocka_unit_test(SEC_54_one_question_of_strangers_at_a_time),
        cmocka_unit_test(SEC_24_two_passwords_are_hashed_at_once),
        cmocka_unit_test(strangers_do_not_wait_for_ever),
        cmocka_unit_test(SES_33_strangers_fetch_in_small_pieces_while_others_are_active),
        cmocka_unit_test(rep19_who_brings_forgeries_is_thrown_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
