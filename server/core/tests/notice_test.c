/* Notices (REP-20 to REP-23): a mention reaches the home that does not hold the space. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/notice.h"
#include "guest.h"

#include "core/node_impl.h"

#include <stdio.h>
#include <string.h>

/* bob's home is a, which has the space; ann's is b, and later c. Neither of these has the space; a
 * and b are connected, and b and c, by another one. */
struct scene {
    struct net net;
    struct fx fx;
    struct net_node *a, *b, *c;
    struct fora_space_id beer, wine;
    struct fx_who *ann;
    struct guest bob;
    const struct fora_object *at_b, *at_c; /* entries of her log */
};

static void has_account(struct net_node *node, const char *handle, const struct fx_who *who)
{
    struct account account = {.principal = who->id};
    struct kv_txn *txn;
    (void)snprintf(account.handle, sizeof account.handle, "%s", handle);
    assert_int_equal(kv_begin_write(node->kv, &txn), 0);
    accounts_put(txn, &account);
    assert_int_equal(kv_commit(txn), 0);
}

static void sign_up(struct guest *guest, const char *handle)
{
    struct fora_message message = {.type = FORA_MSG_SIGN_UP};
    message.u.sign_up.handle = fora_bytes_str(handle);
    message.u.sign_up.password = fora_bytes_str("correct horse");
    assert_int_not_equal(guest_ask(guest, &message), 0);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
}

static int setup(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    net_init(&s.net);
    fx_init(&s.fx);
    s.a = net_add(&s.net, "a");
    s.b = net_add(&s.net, "b");
    s.c = net_add(&s.net, "c");
    s.beer = net_space(&s.net, s.a, "beer");
    s.wine = net_space(&s.net, s.b, "wine");
    s.ann = fx_member(&s.fx, 1, s.net.now - 5000);
    const struct fx_who b = {.id = s.b->id}, c = {.id = s.c->id};
    s.at_b = fx_move(&s.fx, s.ann, s.ann->create, 1, &b, s.ann->root, s.net.now - 4000);
    s.at_c = fx_move(&s.fx, s.ann, s.at_b, 2, &c, s.ann->root, s.net.now - 3000);
    has_account(s.b, "ann", s.ann);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    guest_fini(&s->bob);
    net_fini(&s->net);
    fx_fini(&s->fx);
    return 0;
}

/* How much of her log a node has; and everybody is connected. */
static void begin(struct scene *s, size_t at_a, size_t at_b, size_t at_c)
{
    const struct fora_object *log[] = {s->ann->create, s->at_b, s->at_c};
    net_put(&s->net, s->a, log, at_a);
    net_put(&s->net, s->b, log, at_b);
    if (at_c > 0) {
        has_account(s->c, "ann", s->ann);
        net_put(&s->net, s->c, log, at_c);
    }
    net_subscribe(&s->net, s->a, s->b, &s->wine);
    net_subscribe(&s->net, s->c, s->b, &s->wine);
    net_pass(&s->net, 3);
    guest_init(&s->bob, &s->net, s->a, 0);
    guest_open(&s->bob);
    sign_up(&s->bob, "bob");
}

/* bob begins a thread that mentions her. */
static void ask(struct scene *s, const char *title)
{
    struct fora_buf content = {0};
    struct fora_message message = {.type = FORA_MSG_COMPOSE};
    struct fora_content thread = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str(title),
            .mentions = &s->ann->id,
            .mentions_count = 1}};
    assert_int_equal(fora_content_encode_unsalted(&content, &thread), 0);
    message.u.compose.kind = FORA_KIND_THREAD;
    message.u.compose.space = s->beer;
    message.u.compose.content = fora_buf_bytes(&content);
    s->bob.put_code = -1;
    assert_int_not_equal(guest_ask(&s->bob, &message), 0);
    guest_settle(&s->bob);
    net_settle(&s->net);
    assert_int_equal(s->bob.put_code, 0);
    fora_buf_fini(&content);
}

/* What she is listed at a node. The answer is in the arena. */
static struct fora_msg_mentions listed(
    struct scene *s, struct net_node *node, struct fora_arena *arena)
{
    struct fora_message message = {.type = FORA_MSG_LIST_MENTIONS}, answer;
    const struct asker asker = {.conn = 1, .is_member = true, .member = s->ann->id};
    struct job *job = job_new(JOB_QUERY, &node->node->env, &asker, s->net.now);
    assert_non_null(job);
    message.u.list_mentions.limit = 100;
    assert_int_equal(fora_message_encode(&job->request, &message), 0);
    job_run(job);
    assert_int_equal(job->code, 0);
    struct fora_bytes copy = fora_arena_copy(arena, fora_buf_bytes(&job->answer));
    assert_int_equal(
        fora_message_decode(arena, fora_bytes(copy.data + 4, copy.size - 4), &answer), 0);
    assert_int_equal(answer.type, FORA_MSG_MENTIONS);
    job_free(job);
    return answer.u.mentions;
}

static size_t count_at(struct scene *s, struct net_node *node)
{
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    size_t count = listed(s, node, &arena).rows_count;
    fora_arena_fini(&arena);
    return count;
}

/* One, told by that node, with everything that is needed to believe it. */
static void told_by(struct scene *s, struct net_node *node, const struct net_node *by)
{
    struct fora_arena arena;
    struct fora_object object, entry;
    struct fora_identity *author;
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = listed(s, node, &arena);
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
    struct scene *s = *state;
    begin(s, 2, 2, 0);
    ask(s, "Why?");
    told_by(s, s->b, s->a);
    assert_int_equal(count_at(s, s->a), 1); /* where it is held */
    assert_int_equal(count_at(s, s->c), 0);
    /* When the space comes the object itself takes the place of what was told. */
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = listed(s, s->b, &arena);
    assert_int_equal(page.rows_count, 1);
    assert_true(fora_id_is_zero(page.rows[0].from.b));
    fora_arena_fini(&arena);
}

static void rep20_a_home_that_follows_the_space_is_not_told(void **state)
{
    struct scene *s = *state;
    struct kv_txn *txn;
    begin(s, 2, 2, 0);
    guest_fini(&s->bob);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    guest_init(&s->bob, &s->net, s->a, 0);
    guest_open(&s->bob);
    sign_up(&s->bob, "bo");
    ask(s, "Why?");
    net_pass(&s->net, 3);
    assert_int_equal(count_at(s, s->b), 1);
    assert_int_equal(kv_begin_read(s->b->kv, &txn), 0);
    assert_int_equal(kv_count(txn, T_NOTICES), 0);
    kv_abort(txn);
}

static void rep22_a_home_that_she_left_forwards_it_once(void **state)
{
    struct scene *s = *state;
    begin(s, 2, 3, 3); /* a has not heard that she moved */
    ask(s, "Why?");
    told_by(s, s->c, s->b);
    assert_int_equal(count_at(s, s->b), 0);
}

static void rep20_who_is_not_connected_is_told_through_a_home_before(void **state)
{
    struct scene *s = *state;
    begin(s, 3, 3, 3); /* a knows where she is, and has no connection there */
    ask(s, "Why?");
    told_by(s, s->c, s->b);
}

static void rep22_a_home_that_she_left_and_that_holds_the_space_tells_where_she_is(void **state)
{
    struct scene *s = *state;
    begin(s, 3, 3, 3);
    guest_fini(&s->bob);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    guest_init(&s->bob, &s->net, s->a, 0);
    guest_open(&s->bob);
    sign_up(&s->bob, "bo");
    ask(s, "Why?"); /* it goes to b by itself, and a knows no way to c */
    net_pass(&s->net, 3);
    told_by(s, s->c, s->b);
    assert_int_equal(count_at(s, s->b), 1);
}

/* ---- a peer that may mean no good ---- */

static const struct fora_object *mention(
    struct scene *s, struct fx_who *who, const struct fora_principal_id *whom, const char *title)
{
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str(title),
            .mentions = (struct fora_principal_id[]){*whom},
            .mentions_count = 1}};
    return fx_object(&s->fx, who, (struct fora_header){.space = s->beer}, content, s->net.now);
}

static void rep22_what_is_old_when_it_comes_is_not_told(void **state)
{
    struct scene *s = *state;
    begin(s, 3, 3, 3);
    net_subscribe(&s->net, s->b, s->a, &s->beer);
    net_pass(&s->net, 3);
    uint64_t now = s->net.now;
    struct fx_who *eve = fx_member(&s->fx, 3, now - 3 * (uint64_t)NOTICE_AGE_MAX_MS);
    s->net.now = now - 2 * (uint64_t)NOTICE_AGE_MAX_MS;
    const struct fora_object *old = mention(s, eve, &s->ann->id, "Long ago");
    s->net.now = now;
    const struct fora_object *fresh = mention(s, eve, &s->ann->id, "Just now");
    net_put(&s->net, s->a, (const struct fora_object *[]){eve->create, old, fresh}, 3);
    net_pass(&s->net, 3);
    assert_int_equal(count_at(s, s->b), 2);
    told_by(s, s->c, s->b);
}

/* The code that a Notice is answered with; 0: Ok. */
static int tell(struct guest *guest, struct fora_bytes object, const struct fora_bytes *log,
    size_t count, bool forwarded)
{
    struct fora_message message = {.type = FORA_MSG_NOTICE};
    struct fora_bytes entries[8];
    size_t before = guest->heard[FORA_MSG_OK];
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++) {
        entries[i] = log[i];
    }
    message.u.notice = (struct fora_msg_notice){
        .object = object, .log = entries, .log_count = count, .forwarded = forwarded};
    guest->error = 0;
    assert_int_not_equal(guest_ask(guest, &message), 0);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_OK] - before, guest->error == 0);
    return guest->error;
}

static void rep21_what_cannot_be_believed_is_refused(void **state)
{
    struct scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fx_who *who = fx_member(&s->fx, 8, s->net.now - 5000);
    begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes log = eve->create->encoded, other = who->create->encoded;
    uint8_t broken[4096];
    assert_true(post->encoded.size <= sizeof broken);
    memcpy(broken, post->encoded.data, post->encoded.size);
    broken[post->header_bytes.size + 20] ^= 1; /* in the signature */
    struct fora_bytes bad = fora_bytes(broken, post->encoded.size);
    assert_int_equal(tell(&peer, bad, &log, 1, false), FORA_E_SIGNATURE);
    assert_int_equal(tell(&peer, post->encoded, NULL, 0, false), FORA_E_UNKNOWN_AUTHOR);
    assert_int_not_equal(tell(&peer, post->encoded, &other, 1, false), 0);
    assert_int_equal(tell(&peer, fora_bytes_str("?"), &log, 1, false), FORA_E_MALFORMED);
    assert_int_equal(tell(&peer, s->ann->create->encoded, &log, 1, false), FORA_E_MISMATCH);
    /* Of nobody who is at home here nothing is kept. */
    const struct fora_object *stranger = mention(s, eve, &who->id, "Who?");
    assert_int_equal(tell(&peer, stranger->encoded, &log, 1, false), 0);
    assert_int_equal(count_at(s, s->b), 0);
    assert_int_equal(tell(&peer, post->encoded, &log, 1, false), 0);
    assert_int_equal(tell(&peer, post->encoded, &log, 1, false), 0); /* once is enough */
    assert_int_equal(count_at(s, s->b), 1);
    guest_fini(&peer);
}

static void rep21_a_notice_of_more_than_its_bytes_is_refused(void **state)
{
    struct scene *s = *state;
    struct guest peer;
    static uint8_t large[NOTICE_BYTES_MAX / 2];
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes logs[] = {fora_bytes(large, sizeof large), fora_bytes(large, sizeof large)};
    assert_int_equal(tell(&peer, post->encoded, logs, 2, false), FORA_E_TOO_LARGE);
    guest_fini(&peer);
}

static void rep22_what_was_forwarded_goes_no_further(void **state)
{
    struct scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    begin(s, 2, 3, 3);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes log = eve->create->encoded;
    assert_int_equal(tell(&peer, post->encoded, &log, 1, true), 0);
    net_settle(&s->net);
    assert_int_equal(count_at(s, s->c), 0);
    assert_int_equal(tell(&peer, post->encoded, &log, 1, false), 0);
    net_settle(&s->net);
    assert_int_equal(count_at(s, s->c), 1);
    guest_fini(&peer);
}

static void rep23_of_each_member_the_newest_are_kept(void **state)
{
    struct scene *s = *state;
    struct guest peer;
    struct fora_arena arena;
    struct fora_object first;
    const struct fora_object *last = NULL;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    struct fora_bytes log = eve->create->encoded;
    for (unsigned i = 0; i < NOTICES_MEMBER_MAX + 6; i++) {
        char title[32];
        (void)snprintf(title, sizeof title, "Why %u?", i);
        last = mention(s, eve, &s->ann->id, title);
        assert_int_equal(tell(&peer, last->encoded, &log, 1, false), 0);
    }
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = listed(s, s->b, &arena);
    assert_int_equal(page.rows_count, NOTICES_MEMBER_MAX);
    assert_int_equal(fora_object_decode(&first, page.rows[0].object), 0);
    assert_memory_equal(first.id.b, last->id.b, sizeof last->id.b);
    fora_arena_fini(&arena);
    guest_fini(&peer);
}

static void rep20_a_home_that_does_not_answer_is_told_no_more(void **state)
{
    struct scene *s = *state;
    struct guest home;
    struct fora_message ok = {.type = FORA_MSG_OK};
    char title[32];
    begin(s, 1, 2, 0);
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
        ask(s, title);
        guest_settle(&home);
    }
    assert_int_equal(home.heard[FORA_MSG_NOTICE], NOTICES_OPEN_MAX);
    ok.request = home.requests[FORA_MSG_NOTICE];
    guest_say(&home, &ok);
    guest_settle(&home);
    ask(s, "And now?");
    guest_settle(&home);
    assert_int_equal(home.heard[FORA_MSG_NOTICE], NOTICES_OPEN_MAX + 1);
    assert_false(home.cut);
    guest_fini(&home);
}

/* Bytes of all values that are kept for members at a node. */
static size_t kept_bytes(struct net_node *node)
{
    struct fora_bytes key, value;
    struct kv_txn *txn;
    size_t bytes = 0;
    assert_int_equal(kv_begin_read(node->kv, &txn), 0);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_NOTICES);
    while (kv_next(cursor, &key, &value)) {
        bytes += value.size;
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return bytes;
}

/* Fields that this version does not know are no error (ENC-6), and have no place in an inbox. */
static void rep23_what_nobody_counted_is_not_kept(void **state)
{
    enum { JUNK = 500000 };
    static const uint8_t junk[JUNK];
    static const uint8_t head[] = {0xa2, 0x3e, 0xa0, 0xc2, 0x1e}; /* field 1004, that many bytes */
    struct scene *s = *state;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fora_message message = {.type = FORA_MSG_NOTICE, .request = 1};
    begin(s, 2, 2, 0);
    const struct fora_object *post = mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes log = eve->create->encoded;
    const struct asker asker = {.conn = 77, .is_node = true, .known = true, .node = s->c->id};
    struct job *job = job_new(JOB_WRITE, &s->b->node->env, &asker, s->net.now);
    assert_non_null(job);
    message.u.notice =
        (struct fora_msg_notice){.object = post->encoded, .log = &log, .log_count = 1};
    assert_int_equal(fora_message_encode(&job->request, &message), 0);
    fora_buf_append(&job->request, head, sizeof head);
    fora_buf_append(&job->request, junk, JUNK);
    job_run(job);
    assert_int_equal(job->code, 0);
    job_free(job);
    assert_int_equal(count_at(s, s->b), 1);
    assert_in_range(kept_bytes(s->b), post->encoded.size, 4096);
}

/* Principals cost nothing: who has no account here spends nothing of what this node may tell. */
static void rep20_a_stranger_has_nobody_told(void **state)
{
    struct scene *s = *state;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    begin(s, 2, 2, 0);
    struct guest stranger;
    struct fora_bytes entry = eve->create->encoded;
    guest_init(&stranger, &s->net, s->a, 0);
    guest_open(&stranger);
    (void)guest_auth(&stranger, &eve->id, eve->device, &entry, 1);
    guest_settle(&stranger);
    assert_int_equal(stranger.heard[FORA_MSG_AUTH_OK], 1);
    const struct fora_object *objects[] = {
        eve->create, mention(s, eve, &s->ann->id, "Do you want to buy?")};
    stranger.put_code = -1;
    (void)guest_put(&stranger, objects, 2);
    guest_settle(&stranger);
    net_settle(&s->net);
    guest_fini(&stranger);
    assert_int_equal(count_at(s, s->a), 1); /* it was taken */
    assert_int_equal(count_at(s, s->b), 0);
    ask(s, "Why?");
    assert_int_equal(count_at(s, s->b), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(rep20_a_mention_reaches_the_home_that_lacks_the_space),
        T(rep20_a_home_that_follows_the_space_is_not_told),
        T(rep22_a_home_that_she_left_forwards_it_once),
        T(rep20_who_is_not_connected_is_told_through_a_home_before),
        T(rep22_a_home_that_she_left_and_that_holds_the_space_tells_where_she_is),
        T(rep22_what_is_old_when_it_comes_is_not_told),
        T(rep21_what_cannot_be_believed_is_refused),
        T(rep21_a_notice_of_more_than_its_bytes_is_refused),
        T(rep22_what_was_forwarded_goes_no_further),
        T(rep20_a_home_that_does_not_answer_is_told_no_more),
        T(rep20_a_stranger_has_nobody_told),
        T(rep23_what_nobody_counted_is_not_kept),
        T(rep23_of_each_member_the_newest_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
