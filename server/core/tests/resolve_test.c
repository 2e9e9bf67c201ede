/* Handles through the node (DOM-8), as far as the core goes: who may ask, how often, and who waits
 * for whom. What is asked and remembered is seen by forad_domain_test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/node_impl.h"
#include "core/resolve.h"
#include "guest.h"

#include <string.h>

struct scene {
    struct net net;
    struct net_node *a;
    struct guest ann;
    struct resolver resolver;
    unsigned asked;
    int code; /* that the resolver gives */
};

static int resolve(
    void *context, const struct fora_msg_resolve *ask, uint64_t now, struct fora_msg_resolved *out)
{
    struct scene *s = context;
    s->asked++;
    assert_true(fora_bytes_equal(ask->domain, fora_bytes_str("forum.example")));
    *out = (struct fora_msg_resolved){.principal = {{5}}, .found_at = now, .confirmed = true};
    return s->code;
}

static void no_stop(void *context)
{
    (void)context;
}

static void sign_up(struct guest *guest, const char *handle)
{
    struct fora_message message = {.type = FORA_MSG_SIGN_UP};
    message.u.sign_up.handle = fora_bytes_str(handle);
    message.u.sign_up.password = fora_bytes_str("correct horse");
    size_t before = guest->heard[FORA_MSG_AUTH_OK];
    assert_int_not_equal(guest_ask(guest, &message), 0);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], before + 1);
}

static uint64_t ask(struct guest *guest)
{
    struct fora_message message = {.type = FORA_MSG_RESOLVE};
    message.u.resolve.name = fora_bytes_str("bob");
    message.u.resolve.domain = fora_bytes_str("forum.example");
    return guest_ask(guest, &message);
}

static int setup(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    s.resolver = (struct resolver){.context = &s, .resolve = resolve, .stop = no_stop};
    net_init(&s.net);
    s.a = net_add(&s.net, "a");
    s.a->resolver = &s.resolver;
    net_restart(&s.net, s.a);
    guest_init(&s.ann, &s.net, s.a, 0);
    guest_open(&s.ann);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    guest_fini(&s->ann);
    net_fini(&s->net);
    return 0;
}

static void members_ask_and_are_answered_DOM_8(void **state)
{
    struct scene *s = *state;
    struct fora_arena arena;
    struct fora_message answer;
    (void)ask(&s->ann);
    guest_settle(&s->ann);
    assert_int_equal(s->ann.error, FORA_E_AUTH); /* not logged in */
    assert_int_equal(s->asked, 0);
    sign_up(&s->ann, "ann");
    uint64_t request = ask(&s->ann);
    guest_settle(&s->ann);
    assert_int_equal(s->asked, 1);
    fora_arena_init(&arena, 0);
    guest_last(&s->ann, &arena, &answer);
    assert_int_equal(answer.type, FORA_MSG_RESOLVED);
    assert_int_equal(answer.request, request);
    assert_int_equal(answer.u.resolved.principal.b[0], 5);
    assert_true(answer.u.resolved.confirmed);
    fora_arena_fini(&arena);
    s->code = FORA_E_ABSENT;
    (void)ask(&s->ann);
    guest_settle(&s->ann);
    assert_int_equal(s->ann.error, FORA_E_ABSENT);
}

static void without_a_resolver_nothing_is_asked_DOM_8(void **state)
{
    struct scene *s = *state;
    guest_fini(&s->ann);
    s->a->resolver = NULL;
    net_restart(&s->net, s->a);
    guest_init(&s->ann, &s->net, s->a, 0);
    guest_open(&s->ann);
    sign_up(&s->ann, "ann");
    (void)ask(&s->ann);
    guest_settle(&s->ann);
    assert_int_equal(s->ann.error, FORA_E_UNSUPPORTED);
}

static void a_member_is_no_scanner_DOM_8(void **state)
{
    struct scene *s = *state;
    sign_up(&s->ann, "ann");
    for (unsigned i = 0; i < ASKS_MEMBER; i++) {
        (void)ask(&s->ann);
        guest_settle(&s->ann);
    }
    assert_int_equal(s->asked, ASKS_MEMBER);
    assert_int_equal(s->ann.error, 0);
    (void)ask(&s->ann);
    guest_settle(&s->ann);
    assert_int_equal(s->ann.error, FORA_E_QUOTA);
    assert_in_range(s->ann.retry_after, 1, ASKS_PERIOD_MS / 1000);
    assert_int_equal(s->asked, ASKS_MEMBER);
    /* Another connection is the same member; with time there is some again. */
    s->net.now += ASKS_PERIOD_MS;
    (void)ask(&s->ann);
    guest_settle(&s->ann);
    assert_int_equal(s->asked, ASKS_MEMBER + 1);
}

static void moved(struct scene *s)
{
    while (guest_move(&s->ann)) {
    }
}

/* Who has a key of her own and no account costs nothing to make: she is a stranger, and takes no
 * place in the queue. */
static void without_an_account_nobody_waits_in_the_queue_DOM_8(void **state)
{
    struct scene *s = *state;
    struct fx fx;
    struct fora_message message = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &message.u.auth;
    fx_init(&fx);
    struct fx_who *eve = fx_member(&fx, 9, 1000);
    auth->principal = eve->id;
    fora_secret_public(eve->device, &auth->key);
    struct fora_bytes entry = eve->create->encoded;
    auth->identity = &entry;
    auth->identity_count = 1;
    fora_sign(&auth->signature, eve->device, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(s->ann.session), 64));
    (void)guest_ask(&s->ann, &message);
    guest_settle(&s->ann);
    assert_int_equal(s->ann.heard[FORA_MSG_AUTH_OK], 1);
    assert_false(node_conn(s->a->node, s->ann.conn)->asker.known);
    (void)ask(&s->ann);
    moved(s);
    assert_int_equal(s->ann.error, FORA_E_FORBIDDEN);
    assert_int_equal(s->a->node->asks_waiting, 0);
    sign_up(&s->ann, "ann");
    assert_true(node_conn(s->a->node, s->ann.conn)->asker.known);
    fx_fini(&fx);
}

static void done(struct scene *s, struct job *job)
{
    job_run(job);
    node_job_done(s->a->node, job, s->net.now);
    moved(s);
}

/* Two slow servers are waited for; nothing else waits with them. */
static void slow_servers_hold_up_nobody_DOM_8(void **state)
{
    struct scene *s = *state;
    struct job *out[ASKS_OUT_MAX];
    struct fora_message list = {.type = FORA_MSG_LIST_SPACES};
    sign_up(&s->ann, "ann");
    net_pass(&s->net, 3); /* rows are made: a list would wait for them */
    for (unsigned i = 0; i < 4; i++) {
        (void)ask(&s->ann);
    }
    moved(s);
    for (unsigned i = 0; i < ASKS_OUT_MAX; i++) {
        out[i] = node_take_job(s->a->node, s->net.now);
        assert_non_null(out[i]);
        assert_int_equal(out[i]->type, JOB_ASK);
    }
    assert_null(node_take_job(s->a->node, s->net.now));
    (void)guest_ask(&s->ann, &list);
    moved(s);
    struct job *query = node_take_job(s->a->node, s->net.now);
    assert_non_null(query);
    assert_int_equal(query->type, JOB_QUERY);
    done(s, query);
    assert_int_equal(s->ann.heard[FORA_MSG_SPACES], 1);
    assert_int_equal(s->ann.heard[FORA_MSG_RESOLVED], 0);
    done(s, out[0]);
    assert_int_equal(s->ann.heard[FORA_MSG_RESOLVED], 1);
    /* The third is worked for, the fourth is not when she has gone. */
    out[0] = node_take_job(s->a->node, s->net.now);
    assert_non_null(out[0]);
    node_closed(s->a->node, s->ann.conn, s->net.now);
    s->ann.cut = true;
    job_run(out[0]);
    node_job_done(s->a->node, out[0], s->net.now);
    job_run(out[1]);
    node_job_done(s->a->node, out[1], s->net.now);
    unsigned asked = s->asked;
    net_settle(&s->net);
    assert_int_equal(s->asked, asked);
    assert_false(node_jobs_out(s->a->node));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_ask_and_are_answered_DOM_8, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_resolver_nothing_is_asked_DOM_8, setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_is_no_scanner_DOM_8, setup, teardown),
        cmocka_unit_test_setup_teardown(
            without_an_account_nobody_waits_in_the_queue_DOM_8, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_servers_hold_up_nobody_DOM_8, setup, teardown),
    };
    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
