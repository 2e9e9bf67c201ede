/* Notices (REP-20 to REP-23): a mention reaches the home that does not hold the space. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "notice_rig.h"

#include "core/node_impl.h"

#include <stdio.h>
#include <string.h>

/* One, told by that node, with everything that is needed to believe it. */
static void told_by(struct notice_scene *s, struct net_node *node, const struct net_node *by)
{
    struct fora_arena arena;
    struct fora_object object, entry;
    struct fora_identity *author;
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = notice_listed(s, node, &arena);
    assert_int_equal(page.rows_count, 1);
    assert_memory_equal(page.rows[0].from.b, by->id.b, sizeof by->id.b);
    assert_int_equal(fora_object_decode(&object, page.rows[0].object), 0);
    assert_int_equal(fora_object_verify(&object), 0);
    assert_int_equal(fora_identity_new(&author), 0);
    for (size_t i = 0; i < page.rows[0].log_count; i++) {
        assert_int_equal(fora_object_decode(&entry, page.rows[0].log[i]), 0);
        if (entry.header.kind == FORA_KIND_IDENTITY) {
            assert_int_equal(fora_identity_add(author, &entry), 0);
        }
    }
    assert_int_equal(
        fora_identity_check_key(author, &object.header.key, object.header.created_at), 0);
    fora_identity_free(author);
    fora_arena_fini(&arena);
}

static void rep20_a_mention_reaches_the_home_that_lacks_the_space(void **state)
{
    struct notice_scene *s = *state;
    notice_begin(s, 2, 2, 0);
    notice_ask(s, "Why?");
    told_by(s, s->b, s->a);
    assert_int_equal(notice_count(s, s->a), 1); /* where it is held */
    assert_int_equal(notice_count(s, s->c), 0);
    /* When the space comes the object itself takes the place of what was told. */
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = notice_listed(s, s->b, &arena);
    assert_int_equal(page.rows_count, 1);
    assert_true(fora_id_is_zero(page.rows[0].from.b));
    fora_arena_fini(&arena);
}

static void rep20_a_home_that_follows_the_space_is_not_told(void **state)
{
    struct notice_scene *s = *state;
    struct kv_txn *txn;
    notice_begin(s, 2, 2, 0);
    guest_fini(&s->bob);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    guest_init(&s->bob, &s->net, s->a, 0);
    guest_open(&s->bob);
    notice_sign_up(&s->bob, "bo");
    notice_ask(s, "Why?");
    net_pass(&s->net, 3);
    assert_int_equal(notice_count(s, s->b), 1);
    assert_int_equal(kv_begin_read(s->b->kv, &txn), 0);
    assert_int_equal(kv_count(txn, T_NOTICES), 0);
    kv_abort(txn);
}

static void rep22_a_home_that_she_left_forwards_it_once(void **state)
{
    struct notice_scene *s = *state;
    notice_begin(s, 2, 3, 3); /* a has not heard that she moved */
    notice_ask(s, "Why?");
    told_by(s, s->c, s->b);
    assert_int_equal(notice_count(s, s->b), 0);
}

static void rep20_who_is_not_connected_is_told_through_a_home_before(void **state)
{
    struct notice_scene *s = *state;
    notice_begin(s, 3, 3, 3); /* a knows where she is, and has no connection there */
    notice_ask(s, "Why?");
    told_by(s, s->c, s->b);
}

static void rep22_a_home_that_she_left_and_that_holds_the_space_tells_where_she_is(void **state)
{
    struct notice_scene *s = *state;
    notice_begin(s, 3, 3, 3);
    guest_fini(&s->bob);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    guest_init(&s->bob, &s->net, s->a, 0);
    guest_open(&s->bob);
    notice_sign_up(&s->bob, "bo");
    notice_ask(s, "Why?"); /* it goes to b by itself, and a knows no way to c */
    net_pass(&s->net, 3);
    told_by(s, s->c, s->b);
    assert_int_equal(notice_count(s, s->b), 1);
}

static void rep22_what_is_old_when_it_comes_is_not_told(void **state)
{
    struct notice_scene *s = *state;
    notice_begin(s, 3, 3, 3);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    uint64_t now = s->net.now;
    struct fx_who *eve = fx_member(&s->fx, 3, now - 3 * (uint64_t)NOTICE_AGE_MAX_MS);
    s->net.now = now - 2 * (uint64_t)NOTICE_AGE_MAX_MS;
    const struct fora_object *old = notice_mention(s, eve, &s->ann->id, "Long ago");
    s->net.now = now;
    const struct fora_object *fresh = notice_mention(s, eve, &s->ann->id, "Just now");
    net_put(&s->net, s->a, (const struct fora_object *[]){eve->create, old, fresh}, 3);
    net_pass(&s->net, 3);
    assert_int_equal(notice_count(s, s->b), 2);
    told_by(s, s->c, s->b);
}

/* Three mentions are told to her home; of the objects one is retracted, and one hidden. The home
 * cannot know, until it holds the space. */
static void rep23_what_is_gone_is_left_out_where_the_object_is_held(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fora_arena arena;
    struct fora_object object;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    const struct fx_who owner = {.id = s->a->id, .device = s->a->device};
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    struct fora_bytes log = eve->create->encoded;
    const struct fora_object *said[] = {notice_mention(s, eve, &s->ann->id, "Retracted"),
        notice_mention(s, eve, &s->ann->id, "Hidden"),
        notice_mention(s, eve, &s->ann->id, "Stays")};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(notice_tell(&peer, said[i]->encoded, &log, 1, false), 0);
    }
    const struct fora_object *objects[] = {eve->create, said[0], said[1], said[2],
        fx_retract(&s->fx, eve, said[0], s->net.now + 1),
        fx_moderate(&s->fx, &owner, said[1], FORA_MODERATION_HIDE, s->net.now + 1)};
    net_put(&s->net, s->a, objects, 6);
    net_pass(&s->net, 3);
    assert_int_equal(notice_count(s, s->a), 1);
    assert_int_equal(notice_count(s, s->b), 3);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = notice_listed(s, s->b, &arena);
    assert_int_equal(page.rows_count, 1);
    assert_int_equal(fora_object_decode(&object, page.rows[0].object), 0);
    assert_memory_equal(object.id.b, said[2]->id.b, sizeof object.id.b);
    assert_true(fora_id_is_zero(page.rows[0].from.b));
    fora_arena_fini(&arena);
    guest_fini(&peer);
}

static void rep20_a_home_that_does_not_answer_is_told_no_more(void **state)
{
    struct notice_scene *s = *state;
    struct guest home;
    struct fora_message ok = {.type = FORA_MSG_OK};
    char title[32];
    notice_begin(s, 1, 2, 0);
    guest_init(&home, &s->net, s->a, 9);
    guest_open(&home);
    const struct fx_who node = {.id = home.id};
    const struct fora_object *moved[] = {
        fx_move(&s->fx, s->ann, s->ann->create, 1, &node, s->ann->root, s->net.now - 4000)};
    assert_int_not_equal(guest_put(&home, moved, 1), 0);
    guest_settle(&home);
    assert_int_equal(home.put_code, 0);
    for (unsigned i = 0; i < NOTICES_OPEN_MAX + 4; i++) {
        (void)snprintf(title, sizeof title, "Why %u?", i);
        notice_ask(s, title);
        guest_settle(&home);
    }
    assert_int_equal(home.heard[FORA_MSG_NOTICE], NOTICES_OPEN_MAX);
    ok.request = home.requests[FORA_MSG_NOTICE];
    guest_say(&home, &ok);
    guest_settle(&home);
    notice_ask(s, "And now?");
    guest_settle(&home);
    assert_int_equal(home.heard[FORA_MSG_NOTICE], NOTICES_OPEN_MAX + 1);
    assert_false(home.cut);
    guest_fini(&home);
}

/* Not each of them: the one where she is would hear of it twice. */
static void rep20_of_her_homes_the_first_that_is_connected_is_told_alone(void **state)
{
    struct notice_scene *s = *state;
    struct guest before, now;
    notice_begin(s, 1, 2, 0);
    guest_init(&before, &s->net, s->a, 9);
    guest_open(&before);
    guest_init(&now, &s->net, s->a, 10);
    guest_open(&now);
    const struct fx_who first = {.id = before.id}, second = {.id = now.id};
    const struct fora_object *moved[2];
    moved[0] = fx_move(&s->fx, s->ann, s->ann->create, 1, &first, s->ann->root, s->net.now - 4000);
    moved[1] = fx_move(&s->fx, s->ann, moved[0], 2, &second, s->ann->root, s->net.now - 3000);
    assert_int_not_equal(guest_put(&before, moved, 2), 0);
    guest_settle(&before);
    assert_int_equal(before.put_code, 0);
    notice_ask(s, "Why?");
    guest_settle(&before);
    guest_settle(&now);
    assert_int_equal(now.heard[FORA_MSG_NOTICE], 1);
    assert_int_equal(before.heard[FORA_MSG_NOTICE], 0);
    assert_int_equal(notice_count(s, s->b), 0);
    guest_fini(&before);
    guest_fini(&now);
}

/* In one order with what is held: that in which they came. */
static void ses33_what_was_told_is_listed_where_it_came(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fora_arena arena;
    const struct fora_object *said[3];
    notice_begin(s, 2, 2, 0);
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fora_bytes log = eve->create->encoded;
    const struct fora_space_id beer = s->beer;
    s->beer = s->wine; /* which is held at b */
    said[0] = notice_mention(s, eve, &s->ann->id, "First");
    said[2] = notice_mention(s, eve, &s->ann->id, "Last");
    s->beer = beer;
    said[1] = notice_mention(s, eve, &s->ann->id, "Told");
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    (void)guest_put(&peer, (const struct fora_object *[]){eve->create, said[0]}, 2);
    guest_settle(&peer);
    assert_int_equal(notice_tell(&peer, said[1]->encoded, &log, 1, false), 0);
    (void)guest_put(&peer, &said[2], 1);
    guest_settle(&peer);
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = notice_listed(s, s->b, &arena);
    assert_int_equal(page.rows_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(fora_bytes_equal(page.rows[i].object, said[2 - i]->encoded));
    }
    assert_memory_equal(page.rows[1].from.b, peer.id.b, sizeof peer.id.b);
    fora_arena_fini(&arena);
    guest_fini(&peer);
}

/* Of each large object somebody is perhaps to be told. However many come, few wait for that. */
static void rep20_what_waits_to_be_told_is_bounded(void **state)
{
    enum { PUTS = 12, EACH = 8, ALL = PUTS * EACH, LARGE = 60000, MOST = 1280 * 1024 };
    static char text[LARGE + 1];
    const struct fora_object *objects[ALL];
    struct notice_scene *s = *state;
    struct job *job, *looks[ALL];
    struct guest peer;
    size_t count = 0, bytes = 0;
    notice_begin(s, 2, 3, 3); /* she was at b, and is at c */
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    (void)guest_put(&peer, (const struct fora_object *[]){eve->create}, 1);
    guest_settle(&peer);
    memset(text, 'x', LARGE);
    for (size_t i = 0; i < ALL; i++) {
        struct fora_content content = {.kind = FORA_KIND_THREAD,
            .u.thread = {.type = FORA_THREAD_QUESTION,
                .title = fora_bytes_str("Long"),
                .text = fora_bytes((const uint8_t *)text, LARGE - i),
                .mentions = &s->ann->id,
                .mentions_count = 1}};
        objects[i] =
            fx_object(&s->fx, eve, (struct fora_header){.space = s->wine}, content, s->net.now);
    }
    for (size_t i = 0; i < PUTS; i++) {
        assert_int_not_equal(guest_put(&peer, objects + i * EACH, EACH), 0);
        while (guest_move(&peer)) {
        }
        while ((job = node_take_job(s->b->node, s->net.now)) != NULL) {
            if (job->type == JOB_QUERY && job->asker.conn == 0) {
                looks[count++] = job;
                bytes += job->request.size;
                continue;
            }
            job_run(job);
            node_job_done(s->b->node, job, s->net.now);
        }
    }
    assert_in_range(bytes, 1, MOST);
    for (size_t i = 0; i < count; i++) {
        job_run(looks[i]);
        node_job_done(s->b->node, looks[i], s->net.now);
    }
    guest_settle(&peer);
    assert_int_equal(peer.heard[FORA_MSG_PUT_RESULT], 1 + PUTS);
    assert_int_equal(s->b->node->notices_wait, 0);
    net_pass(&s->net, 1);
    assert_int_not_equal(notice_count(s, s->c), 0);
    guest_fini(&peer);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, notice_setup, notice_teardown)
    const struct CMUnitTest tests[] = {
        T(rep20_a_mention_reaches_the_home_that_lacks_the_space),
        T(rep20_a_home_that_follows_the_space_is_not_told),
        T(rep22_a_home_that_she_left_forwards_it_once),
        T(rep20_who_is_not_connected_is_told_through_a_home_before),
        T(rep22_a_home_that_she_left_and_that_holds_the_space_tells_where_she_is),
        T(rep22_what_is_old_when_it_comes_is_not_told),
        T(rep20_of_her_homes_the_first_that_is_connected_is_told_alone),
        T(ses33_what_was_told_is_listed_where_it_came),
        T(rep20_what_waits_to_be_told_is_bounded),
        T(rep20_a_home_that_does_not_answer_is_told_no_more),
        T(rep23_what_is_gone_is_left_out_where_the_object_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
