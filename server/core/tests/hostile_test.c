/* Peers and clients that mean no good, or are only unlucky: what a node does with them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "story.h"

/* ---- before a node's Hello is checked ---- */

static void ses13_nothing_is_taken_while_a_hello_is_being_checked(void **state)
{
    struct story story;
    struct guest peer;
    struct fora_message fetch = {.type = FORA_MSG_FETCH};
    struct fora_object_id id;
    (void)state;
    story_init(&story, false);
    guest_init(&peer, &story.net, story.a, 9);
    while (guest_move(&peer)) {
    }
    /* OPEN for the guest; the node has a job out that nobody ran. */
    assert_int_equal(fora_session_state(peer.session), FORA_SESSION_OPEN);
    assert_false(node_wants_input(story.a->node, peer.conn));
    id = story.thread->id;
    fetch.u.fetch.ids = &id;
    fetch.u.fetch.ids_count = 1;
    assert_int_not_equal(guest_ask(&peer, &fetch), 0);
    assert_false(guest_move(&peer));
    guest_settle(&peer);
    assert_int_equal(peer.heard[FORA_MSG_OBJECTS], 1);
    guest_fini(&peer);
    story_fini(&story);
}

static void ses13_an_old_log_does_not_bring_back_a_stolen_key(void **state)
{
    struct story story;
    struct guest thief;
    struct fora_secret *root = fx_secret(9, "guest.root");
    struct fora_buf bytes = {0};
    struct fora_node_info info = {.name = fora_bytes_str("guest")};
    struct fora_identity_entry change = {.node = &info};
    struct fora_identity *log;
    (void)state;
    story_init(&story, false);
    guest_init(&thief, &story.net, story.a, 9);
    /* The owner told everybody that another key is the node's now. */
    const struct fora_object *create = fx_decode(&story.fx, fora_buf_bytes(&thief.identity));
    memset(info.noise_key.b, 5, sizeof info.noise_key.b);
    assert_int_equal(fora_identity_new(&log), 0);
    assert_int_equal(fora_identity_add(log, create), 0);
    assert_int_equal(fora_identity_build_next(&bytes, log, &change, story.net.now, root), 0);
    const struct fora_object *entries[] = {create, fx_decode(&story.fx, fora_buf_bytes(&bytes))};
    guest_fini(&thief);
    net_put(&story.net, story.a, entries, 2);
    guest_init(&thief, &story.net, story.a, 9);
    guest_settle(&thief);
    assert_true(thief.cut);
    fora_identity_free(log);
    fora_buf_fini(&bytes);
    fora_secret_free(root);
    guest_fini(&thief);
    story_fini(&story);
}

/* ---- what waits ---- */

static const struct fora_object *comment_by(struct story *story, const struct fora_secret *key,
    const struct fora_object *parent, const char *text)
{
    struct fora_buf content = {0};
    struct fora_content post = {.kind = FORA_KIND_POST};
    struct fora_header header = {.kind = FORA_KIND_POST,
        .author = story->ann->id,
        .space = story->space,
        .root = story->thread->id,
        .parent = parent->id,
        .created_at = story->net.now};
    post.u.post.type = FORA_POST_COMMENT;
    post.u.post.text = fora_bytes_str(text);
    memset(post.u.post.salt.b, 3, sizeof post.u.post.salt.b);
    assert_int_equal(fora_content_encode(&content, &post), 0);
    const struct fora_object *object = fx_raw(&story->fx, key, header, fora_buf_bytes(&content));
    fora_buf_fini(&content);
    return object;
}

static const struct fora_object *add_key(struct story *story, const struct fora_secret *key)
{
    struct fora_buf entry = {0};
    struct fora_device_key added = {.label = fora_bytes_str("phone")};
    struct fora_identity_entry operation = {.add_key = &added};
    fora_secret_public(key, &added.sign);
    assert_int_equal(fora_identity_build_next(&entry, story->ann->log, &operation,
                         story->net.now - 500, story->ann->root),
        0);
    const struct fora_object *object = fx_decode(&story->fx, fora_buf_bytes(&entry));
    fora_buf_fini(&entry);
    return object;
}

static bool holds(struct net_node *node, const struct fora_object *object)
{
    struct kv_txn *txn;
    assert_int_equal(kv_begin_read(node->kv, &txn), 0);
    bool held = objects_find(txn, object->id.b) != 0;
    kv_abort(txn);
    return held;
}

static void answer_principal(
    struct guest *peer, const struct fora_object *const *objects, size_t count)
{
    struct fora_bytes encoded[4];
    struct fora_message answer = {
        .request = peer->requests[FORA_MSG_GET_PRINCIPAL], .type = FORA_MSG_PRINCIPAL_OBJECTS};
    for (size_t i = 0; i < count; i++) {
        encoded[i] = objects[i]->encoded;
    }
    memcpy(answer.u.principal_objects.principal.b, objects[0]->id.b, sizeof objects[0]->id.b);
    answer.u.principal_objects.objects = encoded;
    answer.u.principal_objects.objects_count = count;
    guest_say(peer, &answer);
    guest_settle(peer);
}

static void rep9_an_object_whose_key_stays_unknown_is_asked_for_once(void **state)
{
    struct story story;
    struct guest peer;
    struct fora_secret *key = fx_secret(77, "stranger");
    (void)state;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    const struct fora_object *comment = comment_by(&story, key, story.thread, "Me, honestly.");
    guest_put(&peer, &comment, 1);
    guest_settle(&peer);
    assert_int_equal(peer.heard[FORA_MSG_PUT_RESULT], 1);
    assert_int_equal(peer.heard[FORA_MSG_GET_PRINCIPAL], 1);
    const struct fora_object *log[] = {story.ann->create};
    answer_principal(&peer, log, 1);
    assert_int_equal(peer.heard[FORA_MSG_GET_PRINCIPAL], 1);
    assert_false(holds(story.a, comment));
    fora_secret_free(key);
    guest_fini(&peer);
    story_fini(&story);
}

static void rep9_the_entry_that_adds_a_key_wakes_what_waits_for_it(void **state)
{
    struct story story;
    struct guest peer;
    struct fora_secret *key = fx_secret(77, "phone");
    (void)state;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    const struct fora_object *comment = comment_by(&story, key, story.thread, "From my phone.");
    guest_put(&peer, &comment, 1);
    guest_settle(&peer);
    const struct fora_object *log[] = {story.ann->create, add_key(&story, key)};
    answer_principal(&peer, log, 2);
    assert_true(holds(story.a, comment));
    fora_secret_free(key);
    guest_fini(&peer);
    story_fini(&story);
}

enum { ORPHANS = 100 };

static void rep9_what_many_wait_for_is_asked_for_at_once(void **state)
{
    struct story story;
    struct guest peer;
    const struct fora_object *orphans[ORPHANS];
    (void)state;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    for (size_t i = 0; i < ORPHANS; i++) {
        const struct fora_object *unknown =
            fx_comment(&story.fx, story.ann, story.thread, "unknown", story.net.now);
        orphans[i] = fx_comment(&story.fx, story.ann, unknown, "orphan", story.net.now);
    }
    guest_put(&peer, orphans, ORPHANS);
    guest_settle(&peer);
    assert_int_equal(peer.heard[FORA_MSG_FETCH], 1);
    guest_fini(&peer);
    story_fini(&story);
}

static void batch_queue(struct guest *peer, uint64_t request, const struct fora_object *object)
{
    uint8_t epoch[8] = {1};
    struct fora_message message = {.request = request, .type = FORA_MSG_FOLLOW_BATCH};
    struct fora_bytes encoded = object->encoded;
    message.u.follow_batch.objects = &encoded;
    message.u.follow_batch.objects_count = 1;
    message.u.follow_batch.epoch = fora_bytes(epoch, sizeof epoch);
    guest_say(peer, &message);
}

static void batch_say(struct guest *peer, uint64_t request, const struct fora_object *object)
{
    batch_queue(peer, request, object);
    guest_settle(peer);
}

static uint64_t follow_ask(struct story *story, struct guest *guest)
{
    uint64_t request = story_follow(guest, &story->space);
    guest_settle(guest);
    return request;
}

static void rep4_a_set_is_followed_once_on_a_connection(void **state)
{
    struct story story;
    struct guest greedy, client;
    struct fora_message cancel = {.type = FORA_MSG_CANCEL};
    (void)state;
    story_init(&story, false);
    guest_init(&greedy, &story.net, story.a, 9);
    guest_init(&client, &story.net, story.a, 0);
    guest_open(&greedy);
    guest_open(&client);
    cancel.request = follow_ask(&story, &client);
    assert_int_equal(client.heard[FORA_MSG_FOLLOW_BATCH], 1);
    for (size_t i = 1; i <= 10; i++) {
        (void)follow_ask(&story, &client);
        assert_int_equal(client.heard[FORA_MSG_ERROR], i);
        assert_int_equal(client.error, FORA_E_LIMIT);
    }
    assert_int_equal(client.heard[FORA_MSG_FOLLOW_BATCH], 1);
    (void)follow_ask(&story, &greedy); /* others do not count */
    assert_int_equal(greedy.heard[FORA_MSG_FOLLOW_BATCH], 1);
    guest_say(&client, &cancel);
    (void)follow_ask(&story, &client); /* nor does what is over */
    assert_int_equal(client.heard[FORA_MSG_FOLLOW_BATCH], 2);
    guest_fini(&client);
    guest_fini(&greedy);
    story_fini(&story);
}

static void rep4_a_batch_is_confirmed_once_also_when_it_waited(void **state)
{
    struct story story;
    struct guest peer;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    (void)follow_ask(&story, &peer);
    assert_int_equal(peer.heard[FORA_MSG_FOLLOW], 1); /* followed back */
    uint64_t back = peer.requests[FORA_MSG_FOLLOW];
    const struct fora_object *parent =
        fx_comment(&story.fx, story.ann, story.thread, "parent", story.net.now);
    const struct fora_object *child =
        fx_comment(&story.fx, story.ann, parent, "child", story.net.now);
    batch_say(&peer, back, child);
    batch_say(&peer, back, parent);
    assert_true(holds(story.a, child));
    assert_int_equal(peer.heard[FORA_MSG_FOLLOW_ACK], 2);
    guest_fini(&peer);
    story_fini(&story);
}

static bool follows_from(struct net_node *node, const struct fora_principal_id *peer)
{
    struct kv_txn *txn;
    struct fora_bytes key;
    uint8_t from[1 + FORA_ID_SIZE] = {'f'};
    memcpy(from + 1, peer->b, FORA_ID_SIZE);
    assert_int_equal(kv_begin_read(node->kv, &txn), 0);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    bool there = kv_seek(cursor, fora_bytes(from, sizeof from), &key, NULL) &&
                 key.size > sizeof from && memcmp(key.data, from, sizeof from) == 0;
    kv_cursor_close(cursor);
    kv_abort(txn);
    return there;
}

static struct job *job_of(struct story *story, enum job_type type)
{
    struct job *job = node_take_job(story->a->node, story->net.now);
    assert_non_null(job);
    assert_int_equal(job->type, type);
    return job;
}

static void job_finish(struct story *story, struct job *job)
{
    job_run(job);
    node_job_done(story->a->node, job, story->net.now);
}

/* The second batch is there, verified or not yet, when the commit of the first one fails: its
 * position, which is behind both, must not become durable. */
static void a_commit_fails(bool verified)
{
    struct story story;
    struct guest peer;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    (void)follow_ask(&story, &peer);
    uint64_t back = peer.requests[FORA_MSG_FOLLOW];
    const struct fora_object *first =
        fx_comment(&story.fx, story.ann, story.thread, "first", story.net.now);
    const struct fora_object *second =
        fx_comment(&story.fx, story.ann, story.thread, "second", story.net.now);
    batch_queue(&peer, back, first);
    while (guest_move(&peer)) {
    }
    struct job *commit = job_of(&story, JOB_COMMIT);
    batch_queue(&peer, back, second);
    while (guest_move(&peer)) {
    }
    struct job *verify = job_of(&story, JOB_VERIFY);
    if (verified) {
        job_finish(&story, verify);
    }
    kv_mem_fail_at(story.a->kv, 1, FORA_E_IO);
    job_finish(&story, commit);
    if (!verified) {
        job_finish(&story, verify);
    }
    job_finish(&story, job_of(&story, JOB_COMMIT));
    guest_settle(&peer);
    assert_false(holds(story.a, first));
    assert_true(holds(story.a, second));
    assert_false(follows_from(story.a, &peer.id));
    assert_true(peer.cut); /* the next connection goes on from the cursor that is stored */
    guest_fini(&peer);
    story_fini(&story);
}

static void rep6_no_cursor_passes_a_batch_that_was_lost(void **state)
{
    (void)state;
    a_commit_fails(true);
    a_commit_fails(false);
}

/* Nor one that is still being verified when the connection has ended: the node may be killed before
 * that is stored. */
static void a_connection_ends(bool waits)
{
    struct story story;
    struct guest peer;
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    (void)follow_ask(&story, &peer);
    uint64_t back = peer.requests[FORA_MSG_FOLLOW];
    const struct fora_object *posts[3];
    for (size_t i = 0; i < 3; i++) {
        posts[i] = fx_comment(&story.fx, story.ann, story.thread, "x", story.net.now - i);
    }
    (void)guest_put(&peer, posts, 1);
    while (guest_move(&peer)) {
    }
    struct job *commit = job_of(&story, JOB_COMMIT); /* the writer has something to do */
    batch_queue(&peer, back, posts[1]);
    batch_queue(&peer, back, posts[2]);
    while (guest_move(&peer)) {
    }
    struct job *first = job_of(&story, JOB_VERIFY), *second = job_of(&story, JOB_VERIFY);
    if (waits) { /* for the first */
        job_finish(&story, second);
    }
    node_closed(story.a->node, peer.conn, story.net.now);
    peer.cut = true;
    if (!waits) {
        job_finish(&story, second);
    }
    job_finish(&story, commit);
    job_finish(&story, job_of(&story, JOB_COMMIT));
    assert_false(holds(story.a, posts[1]));
    assert_true(holds(story.a, posts[2]));
    assert_false(follows_from(story.a, &peer.id));
    job_finish(&story, first);
    net_settle(&story.net);
    assert_true(holds(story.a, posts[1]));
    guest_fini(&peer);
    story_fini(&story);
}

static void rep6_no_cursor_passes_a_batch_that_is_verified_when_the_connection_ends(void **state)
{
    (void)state;
    a_connection_ends(true);
    a_connection_ends(false);
}

static void ses24_a_frame_of_the_largest_size_has_credit(void **state)
{
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, false);
    story_guest(&story, &guest, 0);
    const struct fora_msg_hello *hello = fora_session_peer_hello(guest.session);
    assert_non_null(hello);
    assert_in_range(hello->credit, (uint64_t)hello->frame_max + 4, UINT32_MAX);
    guest_fini(&guest);
    story_fini(&story);
}

/* ---- long answers ---- */

enum { LONG_THREAD = 4000, LONG_TEXT = 3000 };

static void ses33_a_thread_of_many_megabytes_can_be_read(void **state)
{
    static const struct fora_object *posts[LONG_THREAD];
    static char text[LONG_TEXT + 1];
    struct story story;
    struct guest reader;
    struct fora_message ask = {.type = FORA_MSG_GET_THREAD};
    struct fora_arena arena;
    struct fora_message last;
    (void)state;
    story_init(&story, false);
    memset(text, 'x', LONG_TEXT);
    for (size_t i = 0; i < LONG_THREAD; i++) {
        posts[i] = fx_comment(&story.fx, story.ann, story.thread, text, story.net.now + i % 1000);
    }
    net_put(&story.net, story.a, posts, LONG_THREAD);
    story_guest(&story, &reader, 0);
    ask.u.get_thread.root = story.thread->id;
    ask.u.get_thread.context = true;
    guest_ask(&reader, &ask);
    guest_settle(&reader);
    assert_false(reader.cut);
    assert_true(reader.heard[FORA_MSG_THREAD_OBJECTS] > LONG_THREAD * LONG_TEXT / (600 * 1024));
    assert_int_equal(reader.objects, LONG_THREAD + 1);
    assert_int_equal(reader.context, 1 + 1); /* the policy and ann's log, once each */
    fora_arena_init(&arena, 0);
    guest_last(&reader, &arena, &last);
    assert_false(last.u.thread_objects.more);
    fora_arena_fini(&arena);
    guest_fini(&reader);
    story_fini(&story);
}

/* ---- who may bring what ---- */

static int put_code(struct guest *peer, const struct fora_object *object)
{
    size_t before = peer->heard[FORA_MSG_PUT_RESULT];
    guest_put(peer, &object, 1);
    guest_settle(peer);
    return peer->heard[FORA_MSG_PUT_RESULT] == before ? peer->error : peer->put_code;
}

/* A statement of the node that owns the space: `node` hosts it. */
static const struct fora_object *host_statement(
    struct story *story, const struct fora_principal_id *node)
{
    struct fora_buf content = {0};
    struct fora_host host = {.node = *node};
    struct fora_content policy = {.kind = FORA_KIND_POLICY};
    struct fora_header header = {.kind = FORA_KIND_POLICY,
        .author = story->a->id,
        .space = story->space,
        .created_at = story->net.now};
    policy.u.policy.hosts = &host;
    policy.u.policy.hosts_count = 1;
    memset(policy.u.policy.salt.b, 4, sizeof policy.u.policy.salt.b);
    assert_int_equal(fora_content_encode(&content, &policy), 0);
    const struct fora_object *object =
        fx_raw(&story->fx, story->a->device, header, fora_buf_bytes(&content));
    fora_buf_fini(&content);
    return object;
}

static void guest_again(struct guest *peer, struct story *story)
{
    guest_fini(peer);
    guest_init(peer, &story->net, story->a, 9);
    guest_open(peer);
    (void)follow_ask(story, peer);
}

static void rep8_an_approving_node_takes_from_hosts_what_they_host(void **state)
{
    struct story story;
    struct guest peer;
    (void)state;
    story_init(&story, false);
    story.a->peering = PEERING_APPROVED;
    net_restart(&story.net, story.a);
    guest_init(&peer, &story.net, story.a, 9);
    guest_again(&peer, &story);
    const struct fora_object *comment =
        fx_comment(&story.fx, story.ann, story.thread, "Mine.", story.net.now);
    assert_int_equal(put_code(&peer, comment), FORA_E_FORBIDDEN);
    assert_int_equal(peer.heard[FORA_MSG_FOLLOW], 0); /* served, and not followed back */
    assert_true(peer.heard[FORA_MSG_FOLLOW_BATCH] > 0);
    struct fx_who *bob = fx_member(&story.fx, 2, story.net.now - 1000);
    assert_int_equal(put_code(&peer, bob->create), 0); /* who somebody is anybody may say */
    struct fora_principal_id host = peer.id;
    guest_fini(&peer);
    const struct fora_object *statement = host_statement(&story, &host);
    net_put(&story.net, story.a, &statement, 1);
    guest_init(&peer, &story.net, story.a, 9);
    guest_again(&peer, &story);
    assert_int_equal(peer.heard[FORA_MSG_FOLLOW], 1);
    assert_int_equal(put_code(&peer, comment), 0);
    guest_fini(&peer);
    story_fini(&story);
}

static void rep8_a_closed_node_takes_and_serves_no_strangers(void **state)
{
    struct story story;
    struct guest peer;
    (void)state;
    story_init(&story, false);
    story.a->peering = PEERING_CLOSED;
    net_restart(&story.net, story.a);
    guest_init(&peer, &story.net, story.a, 9);
    guest_again(&peer, &story);
    assert_int_equal(peer.error, FORA_E_FORBIDDEN);
    assert_int_equal(peer.heard[FORA_MSG_FOLLOW_BATCH], 0);
    assert_int_equal(put_code(&peer, story.thread), FORA_E_FORBIDDEN);
    guest_fini(&peer);
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses13_nothing_is_taken_while_a_hello_is_being_checked),
        cmocka_unit_test(ses13_an_old_log_does_not_bring_back_a_stolen_key),
        cmocka_unit_test(rep9_an_object_whose_key_stays_unknown_is_asked_for_once),
        cmocka_unit_test(rep9_the_entry_that_adds_a_key_wakes_what_waits_for_it),
        cmocka_unit_test(rep9_what_many_wait_for_is_asked_for_at_once),
        cmocka_unit_test(rep4_a_set_is_followed_once_on_a_connection),
        cmocka_unit_test(rep4_a_batch_is_confirmed_once_also_when_it_waited),
        cmocka_unit_test(rep6_no_cursor_passes_a_batch_that_was_lost),
        cmocka_unit_test(rep6_no_cursor_passes_a_batch_that_is_verified_when_the_connection_ends),
        cmocka_unit_test(ses24_a_frame_of_the_largest_size_has_credit),
        cmocka_unit_test(ses33_a_thread_of_many_megabytes_can_be_read),
        cmocka_unit_test(rep8_an_approving_node_takes_from_hosts_what_they_host),
        cmocka_unit_test(rep8_a_closed_node_takes_and_serves_no_strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
