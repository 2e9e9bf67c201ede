/* Who is where, and what is asked and told there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "notice_rig.h"

#include "core/node_impl.h"

#include <stdio.h>
#include <string.h>

void notice_account(struct net_node *node, const char *handle, const struct fx_who *who)
{
    struct account account = {.principal = who->id};
    struct kv_txn *txn;
    (void)snprintf(account.handle, sizeof account.handle, "%s", handle);
    assert_int_equal(kv_begin_write(node->kv, &txn), 0);
    accounts_put(txn, &account);
    assert_int_equal(kv_commit(txn), 0);
}

void notice_sign_up(struct guest *guest, const char *handle)
{
    struct fora_message message = {.type = FORA_MSG_SIGN_UP};
    message.u.sign_up.handle = fora_bytes_str(handle);
    message.u.sign_up.password = fora_bytes_str("correct horse");
    assert_int_not_equal(guest_ask(guest, &message), 0);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
}

int notice_setup(void **state)
{
    static struct notice_scene s;
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
    notice_account(s.b, "ann", s.ann);
    *state = &s;
    return 0;
}

int notice_teardown(void **state)
{
    struct notice_scene *s = *state;
    guest_fini(&s->bob);
    net_fini(&s->net);
    fx_fini(&s->fx);
    return 0;
}

void notice_begin(struct notice_scene *s, size_t at_a, size_t at_b, size_t at_c)
{
    const struct fora_object *log[] = {s->ann->create, s->at_b, s->at_c};
    net_put(&s->net, s->a, log, at_a);
    net_put(&s->net, s->b, log, at_b);
    if (at_c > 0) {
        notice_account(s->c, "ann", s->ann);
        net_put(&s->net, s->c, log, at_c);
    }
    net_subscribe(&s->net, s->a, s->b, &s->wine);
    net_subscribe(&s->net, s->c, s->b, &s->wine);
    net_pass(&s->net, 3);
    guest_init(&s->bob, &s->net, s->a, 0);
    guest_open(&s->bob);
    notice_sign_up(&s->bob, "bob");
}

void notice_ask(struct notice_scene *s, const char *title)
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

struct fora_msg_mentions notice_listed(
    struct notice_scene *s, struct net_node *node, struct fora_arena *arena)
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

size_t notice_count(struct notice_scene *s, struct net_node *node)
{
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    size_t count = notice_listed(s, node, &arena).rows_count;
    fora_arena_fini(&arena);
    return count;
}

const struct fora_object *notice_mention(struct notice_scene *s, struct fx_who *who,
    const struct fora_principal_id *whom, const char *title)
{
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str(title),
            .mentions = (struct fora_principal_id[]){*whom},
            .mentions_count = 1}};
    return fx_object(&s->fx, who, (struct fora_header){.space = s->beer}, content, s->net.now);
}

int notice_tell(struct guest *guest, struct fora_bytes object, const struct fora_bytes *log,
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
