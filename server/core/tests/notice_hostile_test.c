/* Notices of peers that may mean no good, and of strangers (REP-20 to REP-23). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "notice_rig.h"

#include "core/node_impl.h"

#include <stdio.h>
#include <string.h>

static void rep21_what_cannot_be_believed_is_refused(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fx_who *who = fx_member(&s->fx, 8, s->net.now - 5000);
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes log = eve->create->encoded, other = who->create->encoded;
    uint8_t broken[4096];
    assert_true(post->encoded.size <= sizeof broken);
    memcpy(broken, post->encoded.data, post->encoded.size);
    broken[post->header_bytes.size + 20] ^= 1; /* in the signature */
    struct fora_bytes bad = fora_bytes(broken, post->encoded.size);
    assert_int_equal(notice_tell(&peer, bad, &log, 1, false), FORA_E_SIGNATURE);
    assert_int_equal(notice_tell(&peer, post->encoded, NULL, 0, false), FORA_E_UNKNOWN_AUTHOR);
    assert_int_not_equal(notice_tell(&peer, post->encoded, &other, 1, false), 0);
    assert_int_equal(notice_tell(&peer, fora_bytes_str("?"), &log, 1, false), FORA_E_MALFORMED);
    assert_int_equal(notice_tell(&peer, s->ann->create->encoded, &log, 1, false), FORA_E_MISMATCH);
    /* Of nobody who is at home here nothing is kept. */
    const struct fora_object *stranger = notice_mention(s, eve, &who->id, "Who?");
    assert_int_equal(notice_tell(&peer, stranger->encoded, &log, 1, false), 0);
    assert_int_equal(notice_count(s, s->b), 0);
    assert_int_equal(notice_tell(&peer, post->encoded, &log, 1, false), 0);
    assert_int_equal(notice_tell(&peer, post->encoded, &log, 1, false), 0); /* once is enough */
    assert_int_equal(notice_count(s, s->b), 1);
    guest_fini(&peer);
}

static void rep21_a_notice_of_more_than_its_bytes_is_refused(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    static uint8_t large[NOTICE_BYTES_MAX / 2];
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes logs[] = {fora_bytes(large, sizeof large), fora_bytes(large, sizeof large)};
    assert_int_equal(notice_tell(&peer, post->encoded, logs, 2, false), FORA_E_TOO_LARGE);
    guest_fini(&peer);
}

static void rep22_what_was_forwarded_goes_no_further(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    notice_begin(s, 2, 3, 3);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes log = eve->create->encoded;
    assert_int_equal(notice_tell(&peer, post->encoded, &log, 1, true), 0);
    net_settle(&s->net);
    assert_int_equal(notice_count(s, s->c), 0);
    assert_int_equal(notice_tell(&peer, post->encoded, &log, 1, false), 0);
    net_settle(&s->net);
    assert_int_equal(notice_count(s, s->c), 1);
    guest_fini(&peer);
}

static void rep23_of_each_member_the_newest_are_kept(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fora_arena arena;
    struct fora_object first;
    const struct fora_object *last = NULL;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    struct fora_bytes log = eve->create->encoded;
    for (unsigned i = 0; i < NOTICES_MEMBER_MAX + 6; i++) {
        char title[32];
        (void)snprintf(title, sizeof title, "Why %u?", i);
        last = notice_mention(s, eve, &s->ann->id, title);
        assert_int_equal(notice_tell(&peer, last->encoded, &log, 1, false), 0);
    }
    fora_arena_init(&arena, 0);
    struct fora_msg_mentions page = notice_listed(s, s->b, &arena);
    assert_int_equal(page.rows_count, NOTICES_MEMBER_MAX);
    assert_int_equal(fora_object_decode(&first, page.rows[0].object), 0);
    assert_memory_equal(first.id.b, last->id.b, sizeof last->id.b);
    fora_arena_fini(&arena);
    guest_fini(&peer);
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
    struct notice_scene *s = *state;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fora_message message = {.type = FORA_MSG_NOTICE, .request = 1};
    notice_begin(s, 2, 2, 0);
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
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
    assert_int_equal(notice_count(s, s->b), 1);
    assert_in_range(kept_bytes(s->b), post->encoded.size, 4096);
}

/* Principals cost nothing: who has no account here spends nothing of what this node may tell. */
static void rep20_a_stranger_has_nobody_told(void **state)
{
    struct notice_scene *s = *state;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    notice_begin(s, 2, 2, 0);
    struct guest stranger;
    struct fora_bytes entry = eve->create->encoded;
    guest_init(&stranger, &s->net, s->a, 0);
    guest_open(&stranger);
    (void)guest_auth(&stranger, &eve->id, eve->device, &entry, 1);
    guest_settle(&stranger);
    assert_int_equal(stranger.heard[FORA_MSG_AUTH_OK], 1);
    const struct fora_object *objects[] = {
        eve->create, notice_mention(s, eve, &s->ann->id, "Do you want to buy?")};
    stranger.put_code = -1;
    (void)guest_put(&stranger, objects, 2);
    guest_settle(&stranger);
    net_settle(&s->net);
    guest_fini(&stranger);
    assert_int_equal(notice_count(s, s->a), 1); /* it was taken */
    assert_int_equal(notice_count(s, s->b), 0);
    notice_ask(s, "Why?");
    assert_int_equal(notice_count(s, s->b), 1);
}

static struct fora_content asks(struct fora_principal_id *whom)
{
    return (struct fora_content){.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str("Why?"),
            .mentions = whom,
            .mentions_count = 1}};
}

static void rep21_what_is_not_public_or_of_the_future_is_refused(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fora_header closed = {.space = s->beer, .audience = FORA_AUDIENCE_RESTRICTED};
    struct fora_header open = {.space = s->beer};
    const uint64_t limit = s->net.now + FORA_FUTURE_MAX_MS;
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    struct fora_bytes log = eve->create->encoded;
    const struct fora_object *secret =
        fx_object(&s->fx, eve, closed, asks(&s->ann->id), s->net.now);
    const struct fora_object *later =
        fx_object(&s->fx, eve, open, asks(&s->ann->id), limit + 3600000);
    assert_int_equal(notice_tell(&peer, secret->encoded, &log, 1, false), FORA_E_AUDIENCE);
    assert_int_equal(notice_tell(&peer, later->encoded, &log, 1, false), FORA_E_FUTURE);
    assert_int_equal(notice_count(s, s->b), 0);
    guest_fini(&peer);
}

static void rep21_the_log_is_the_authors_and_says_that_the_key_speaks(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fx_who *who = fx_member(&s->fx, 8, s->net.now - 5000);
    struct fx_who thief = *eve;
    thief.device = who->device;
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    struct fora_bytes good[] = {
        eve->create->encoded, fx_profile(&s->fx, eve, "Eve", s->net.now)->encoded};
    struct fora_bytes name[] = {
        eve->create->encoded, fx_profile(&s->fx, who, "Ann's bank", s->net.now)->encoded};
    struct fora_bytes more[] = {eve->create->encoded, post->encoded};
    assert_int_equal(
        notice_tell(&peer, notice_mention(s, &thief, &s->ann->id, "Why?")->encoded, good, 2, false),
        FORA_E_KEY);
    assert_int_equal(notice_tell(&peer, post->encoded, name, 2, false), FORA_E_MISMATCH);
    assert_int_equal(notice_tell(&peer, post->encoded, more, 2, false), FORA_E_MISMATCH);
    assert_int_equal(notice_count(s, s->b), 0);
    assert_int_equal(notice_tell(&peer, post->encoded, good, 2, false), 0);
    assert_int_equal(notice_count(s, s->b), 1);
    guest_fini(&peer);
}

static void rep21_a_notice_counts_with_its_log(void **state)
{
    enum { OBJECTS = 40 };
    struct notice_scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    unsigned taken = 0;
    int code = 0;
    s->b->lanes = true;
    notice_begin(s, 2, 2, 0);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    s->b->node->env.limits.newcomer_objects_hour = OBJECTS;
    struct fora_bytes log[] = {
        eve->create->encoded, fx_profile(&s->fx, eve, "Eve", s->net.now)->encoded};
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    for (; taken <= OBJECTS && code == 0; taken += code == 0) {
        code = notice_tell(&peer, post->encoded, log, 2, false);
    }
    assert_int_equal(code, FORA_E_QUOTA);
    assert_true(peer.retry_after > 0);
    assert_in_range(taken, 1, OBJECTS / 3 + 1);
    guest_fini(&peer);
}

/* Her log says that she is at home with who tells: it needs not be told. */
static void rep22_who_told_is_not_told_back(void **state)
{
    struct notice_scene *s = *state;
    struct guest home;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    notice_begin(s, 1, 1, 0);
    guest_init(&home, &s->net, s->b, 9);
    guest_open(&home);
    const struct fx_who node = {.id = home.id};
    const struct fora_object *moved =
        fx_move(&s->fx, s->ann, s->ann->create, 1, &node, s->ann->root, s->net.now - 4000);
    assert_int_not_equal(guest_put(&home, &moved, 1), 0);
    guest_settle(&home);
    struct fora_bytes log = eve->create->encoded;
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    assert_int_equal(notice_tell(&home, post->encoded, &log, 1, false), 0);
    guest_settle(&home);
    assert_int_equal(home.heard[FORA_MSG_NOTICE], 0);
    guest_fini(&home);
}

/* Sixteen at once, of the greatest size: what is kept stays within its bound, and the last is
 * there.
 */
static void rep23_all_that_is_kept_is_bounded(void **state)
{
    enum { ROUNDS = 20, LARGE = 120 * 1024 };
    static uint8_t large[LARGE];
    struct notice_scene *s = *state;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fora_principal_id whom[FORA_MENTIONS_MAX];
    notice_begin(s, 2, 2, 0);
    for (unsigned i = 0; i < FORA_MENTIONS_MAX; i++) {
        char handle[16];
        struct fx_who *who = fx_member(&s->fx, 20 + i, s->net.now - 5000);
        const struct fx_who b = {.id = s->b->id};
        const struct fora_object *log[] = {
            who->create, fx_move(&s->fx, who, who->create, 1, &b, who->root, s->net.now - 4000)};
        (void)snprintf(handle, sizeof handle, "m%u", i);
        notice_account(s->b, handle, who);
        net_put(&s->net, s->b, log, 2);
        whom[i] = i == 0 ? s->ann->id : who->id;
    }
    struct fora_bytes log[] = {
        fora_bytes(large, LARGE / 2), fora_bytes(large + LARGE / 2, LARGE / 2)};
    for (unsigned round = 0; round < ROUNDS; round++) {
        const struct asker asker = {.conn = 77, .is_node = true, .known = true, .node = s->c->id};
        struct fora_message message = {.type = FORA_MSG_NOTICE, .request = 1};
        struct fora_content content = asks(whom);
        content.u.thread.mentions_count = FORA_MENTIONS_MAX;
        const struct fora_object *post = fx_object(
            &s->fx, eve, (struct fora_header){.space = s->beer}, content, s->net.now - round);
        struct job *job = job_new(JOB_WRITE, &s->b->node->env, &asker, s->net.now);
        assert_non_null(job);
        message.u.notice =
            (struct fora_msg_notice){.object = post->encoded, .log = log, .log_count = 2};
        assert_int_equal(fora_message_encode(&job->request, &message), 0);
        job_run(job);
        assert_int_equal(job->code, 0);
        job_free(job);
    }
    assert_in_range(kept_bytes(s->b), NOTICES_BYTES_MAX - 2 * LARGE, NOTICES_BYTES_MAX + 65536);
    assert_in_range(
        notice_count(s, s->b), 1, ROUNDS / 2); /* a page is an answer that can be sent */
}

/* A node that nobody approved brings what is in spaces that it hosts, and nothing into an inbox. */
static void rep21_who_is_not_approved_tells_nothing(void **state)
{
    struct notice_scene *s = *state;
    struct guest peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    notice_begin(s, 2, 2, 0);
    s->b->peering = PEERING_APPROVED;
    net_restart(&s->net, s->b);
    guest_init(&peer, &s->net, s->b, 9);
    guest_open(&peer);
    struct fora_bytes log = eve->create->encoded;
    const struct fora_object *post = notice_mention(s, eve, &s->ann->id, "Why?");
    assert_int_equal(notice_tell(&peer, post->encoded, &log, 1, false), FORA_E_FORBIDDEN);
    assert_int_equal(notice_count(s, s->b), 0);
    guest_fini(&peer);
}

/* Two who are mentioned went to the same home. */
static void rep22_a_home_of_many_is_told_once(void **state)
{
    struct notice_scene *s = *state;
    struct guest home, peer;
    struct fx_who *eve = fx_member(&s->fx, 7, s->net.now - 5000);
    struct fx_who *both[] = {s->ann, fx_member(&s->fx, 8, s->net.now - 5000)};
    struct fora_principal_id whom[2];
    notice_begin(s, 1, 1, 0);
    notice_account(s->b, "eight", both[1]);
    guest_init(&home, &s->net, s->b, 9);
    guest_open(&home);
    for (size_t i = 0; i < 2; i++) {
        const struct fx_who node = {.id = home.id};
        const struct fora_object *log[] = {both[i]->create,
            fx_move(&s->fx, both[i], both[i]->create, 1, &node, both[i]->root, s->net.now - 4000)};
        assert_int_not_equal(guest_put(&home, log, 2), 0);
        guest_settle(&home);
        whom[i] = both[i]->id;
    }
    guest_init(&peer, &s->net, s->b, 10);
    guest_open(&peer);
    struct fora_content content = asks(whom);
    content.u.thread.mentions_count = 2;
    const struct fora_object *post =
        fx_object(&s->fx, eve, (struct fora_header){.space = s->beer}, content, s->net.now);
    struct fora_bytes log = eve->create->encoded;
    assert_int_equal(notice_tell(&peer, post->encoded, &log, 1, false), 0);
    guest_settle(&home);
    assert_int_equal(home.heard[FORA_MSG_NOTICE], 1);
    guest_fini(&peer);
    guest_fini(&home);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, notice_setup, notice_teardown)
    const struct CMUnitTest tests[] = {
        T(rep21_what_cannot_be_believed_is_refused),
        T(rep21_a_notice_of_more_than_its_bytes_is_refused),
        T(rep22_what_was_forwarded_goes_no_further),
        T(rep23_of_each_member_the_newest_are_kept),
        T(rep23_what_nobody_counted_is_not_kept),
        T(rep20_a_stranger_has_nobody_told),
        T(rep21_what_is_not_public_or_of_the_future_is_refused),
        T(rep21_the_log_is_the_authors_and_says_that_the_key_speaks),
        T(rep21_a_notice_counts_with_its_log),
        T(rep21_who_is_not_approved_tells_nothing),
        T(rep22_a_home_of_many_is_told_once),
        T(rep22_who_told_is_not_told_back),
        T(rep23_all_that_is_kept_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
