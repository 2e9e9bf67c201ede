/* A peer that the node dials and that answers with what is not so (REP-7, SEC-53). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fora/crypto.h"
#include "story.h"

enum {
    ROUNDS = 64,                /* of a reconciliation (REP-7) */
    REMEMBERED = 100000,        /* ids that are remembered of what a peer says it has */
    PORTION = 256,              /* ids that are asked for at once */
    ASKED_ENOUGH = 1000 * 1000, /* it answers no more then, and the test has failed */
    BARREN = 4,                 /* portions of which nothing came, in a row */
    CLAIMS = 32000,             /* ids that fit into one frame */
    BATCHES = 100,              /* before it says that it has caught up */
    ORPHANS = 64,               /* whose parents never come */
    BOUND = 8 * 1024 * 1024,    /* of what is held for the peer */
    INTERVAL_MS = 600 * 1000,   /* from one reconciliation to the next */
    STEP_MS = 20 * 1000,        /* sessions are told of the time */
    COUNT_CLAIMED = 1000 * 1000 /* objects that it says it has */
};

struct liar {
    struct story story;
    struct guest guest;
    bool claims;  /* ids, and not just fingerprints */
    bool silent;  /* answers no Fetch */
    bool feeds;   /* an object with each answer, and says that it lacks the others */
    size_t ids;   /* claimed */
    size_t asked; /* that the node asked for */
    size_t most;  /* bytes that were held for it */
    const struct fora_object *orphans[ORPHANS];
};

/* ---- what it says ---- */

static void say_batches(struct liar *liar, uint64_t request)
{
    static const uint8_t epoch[8] = {7};
    uint8_t fingerprint[16];
    struct fora_bytes orphans[ORPHANS];
    for (size_t i = 0; i < ORPHANS; i++) {
        orphans[i] = liar->orphans[i]->encoded;
    }
    for (uint64_t i = 1; i <= BATCHES; i++) {
        struct fora_message message = {.request = request, .type = FORA_MSG_FOLLOW_BATCH};
        struct fora_msg_follow_batch *batch = &message.u.follow_batch;
        batch->epoch = fora_bytes(epoch, sizeof epoch);
        batch->next = i;
        batch->head = BATCHES;
        if (i == 1 && liar->claims) {
            batch->objects = orphans;
            batch->objects_count = ORPHANS;
        }
        if (i == BATCHES) {
            fora_random(fingerprint, sizeof fingerprint);
            batch->caught_up = true;
            batch->count = COUNT_CLAIMED;
            batch->fingerprint = fora_bytes(fingerprint, sizeof fingerprint);
        }
        guest_say(&liar->guest, &message);
    }
}

static void put_varint(struct fora_buf *out, uint64_t value)
{
    for (unsigned shift = 49; shift > 0; shift -= 7) {
        if (value >> shift != 0) {
            fora_buf_u8(out, (uint8_t)(0x80 | (value >> shift & 0x7f)));
        }
    }
    fora_buf_u8(out, value & 0x7f);
}

/* REP-5: ids up to a year in which there is nothing, none of which anybody has; and behind it a
 * fingerprint of what is not there either, so that there is something to ask. */
static void say_ranges(struct liar *liar, uint64_t request)
{
    static uint8_t ids[CLAIMS * FORA_ID_SIZE];
    uint8_t fingerprint[16];
    struct fora_buf bytes = {0};
    struct fora_message message = {.request = request, .type = FORA_MSG_RECONCILE_REPLY};
    fora_random(fingerprint, sizeof fingerprint);
    fora_buf_u8(&bytes, 0x61);
    if (liar->claims) {
        fora_random(ids, sizeof ids);
        put_varint(&bytes, UINT64_C(1) << 40);
        put_varint(&bytes, 0); /* of the bound's id nothing */
        put_varint(&bytes, 2); /* ids */
        put_varint(&bytes, CLAIMS);
        fora_buf_append(&bytes, ids, sizeof ids);
        liar->ids += CLAIMS;
    }
    put_varint(&bytes, 0);
    put_varint(&bytes, 0); /* infinity */
    put_varint(&bytes, 1); /* a fingerprint */
    fora_buf_append(&bytes, fingerprint, sizeof fingerprint);
    assert_int_equal(bytes.error, 0);
    message.u.reconcile_reply.message = fora_buf_bytes(&bytes);
    guest_say(&liar->guest, &message);
    fora_buf_fini(&bytes);
}

static void hears(void *listener, const struct fora_message *message)
{
    struct liar *liar = listener;
    struct fora_message answer = {.request = message->request, .type = FORA_MSG_OBJECTS};
    struct fora_bytes crumb = liar->story.thread->encoded;
    switch (message->type) {
    case FORA_MSG_FOLLOW:
        say_batches(liar, message->request);
        break;
    case FORA_MSG_RECONCILE:
        if (liar->guest.heard[FORA_MSG_RECONCILE] < 10 * ROUNDS) {
            say_ranges(liar, message->request);
        }
        break;
    case FORA_MSG_FETCH:
        liar->asked += message->u.fetch.ids_count;
        answer.u.objects.missing = message->u.fetch.ids;
        answer.u.objects.missing_count = message->u.fetch.ids_count;
        if (liar->feeds) { /* something else comes instead */
            answer.u.objects.missing_count--;
            answer.u.objects.objects = &crumb;
            answer.u.objects.objects_count = 1;
        }
        if (!liar->silent && liar->asked < ASKED_ENOUGH) {
            guest_say(&liar->guest, &answer);
        }
        break;
    default:
        break;
    }
}

/* ---- what is held for it ---- */

static size_t held(struct liar *liar)
{
    const struct conn *conn = story_conn(&liar->guest);
    const struct node *node = liar->story.a->node;
    assert_non_null(conn);
    size_t bytes = fora_session_allocated(conn->session) + conn->backlog.room + conn->held_bytes +
                   conn->inflight + node->pending.bytes;
    for (const struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        bytes += sizeof *follow;
        bytes += (follow->need_count + follow->have_count) * sizeof *follow->need;
        assert_in_range(follow->need_count, 0, REMEMBERED);
        assert_in_range(follow->have_count, 0, REMEMBERED);
    }
    return bytes;
}

static void look(struct liar *liar)
{
    size_t bytes = held(liar);
    liar->most = bytes > liar->most ? bytes : liar->most;
}

/* As guest_settle, and looks at each turn. */
static void settle(struct liar *liar)
{
    bool any = true;
    while (any) {
        any = guest_move(&liar->guest);
        any = net_turn(&liar->story.net) || any;
        assert_false(liar->guest.cut);
        look(liar);
    }
}

static void pass(struct liar *liar, uint64_t ms)
{
    struct net *net = &liar->story.net;
    settle(liar);
    for (uint64_t passed = 0; passed < ms; passed += STEP_MS) {
        net->now += STEP_MS;
        for (size_t i = 0; i < net->nodes_count; i++) {
            node_tick(net->nodes[i].node, net->now);
        }
        settle(liar);
    }
}

static void setup(struct liar *liar, bool claims)
{
    struct story *story = &liar->story;
    memset(liar, 0, sizeof *liar);
    story_init(story, true);
    liar->claims = claims;
    for (size_t i = 0; i < ORPHANS; i++) {
        const struct fora_object *lost =
            fx_comment(&story->fx, story->ann, story->thread, "lost", story->net.now);
        liar->orphans[i] = fx_comment(&story->fx, story->ann, lost, "orphan", story->net.now);
    }
    net_subscribe(&story->net, story->b, story->a, &story->space);
    guest_init_dialled(&liar->guest, &story->net, story->a, 9, &story->space);
    liar->guest.hears = hears;
    liar->guest.listener = liar;
}

static void teardown(struct liar *liar)
{
    guest_fini(&liar->guest);
    story_fini(&liar->story);
}

static void rep7_who_answers_every_round_with_another_fingerprint_is_left(void **state)
{
    static struct liar liar;
    (void)state;
    setup(&liar, false);
    for (size_t times = 1; times <= 3; times++) {
        settle(&liar);
        assert_int_equal(liar.guest.heard[FORA_MSG_RECONCILE], times * ROUNDS);
        pass(&liar, INTERVAL_MS);
    }
    teardown(&liar);
}

/* Who has nothing of what it claims is asked for little, however much that is; also when it sends
 * something else instead. */
static void sec53_claims_of_who_has_nothing_are_not_asked_for_on_and_on(void **state)
{
    static struct liar liar;
    const size_t most = ORPHANS + (BARREN + 1) * PORTION;
    (void)state;
    for (unsigned feeds = 0; feeds < 2; feeds++) {
        setup(&liar, true);
        liar.feeds = feeds == 1;
        for (size_t times = 1; times <= 3; times++) {
            settle(&liar);
            assert_in_range(liar.ids, times * CLAIMS, times * ROUNDS * (size_t)CLAIMS);
            assert_in_range(liar.asked, times * BARREN * PORTION, times * most);
            assert_in_range(liar.most, CLAIMS * sizeof(struct fora_object_id), BOUND);
            pass(&liar, INTERVAL_MS);
        }
        teardown(&liar);
    }
}

/* Nothing is answered, and so all that is claimed stays: never more than so many ids. Others are
 * served meanwhile. */
static void sec53_claims_of_who_was_dialled_cost_a_bounded_memory(void **state)
{
    static struct liar liar;
    struct story *story = &liar.story;
    (void)state;
    setup(&liar, true);
    liar.silent = true;
    pass(&liar, 2 * INTERVAL_MS);
    assert_int_equal(liar.guest.heard[FORA_MSG_RECONCILE], ROUNDS);
    assert_int_equal(liar.ids, ROUNDS * (size_t)CLAIMS);
    assert_in_range(liar.most, REMEMBERED * sizeof(struct fora_object_id), BOUND);
    const struct fora_object *here = story_comments(story, 1, 0)[0];
    net_put(&story->net, story->b, &here, 1);
    pass(&liar, INTERVAL_MS);
    assert_int_equal(net_same(story->a, story->b, &story->space), STORY_FIRST + 1);
    teardown(&liar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep7_who_answers_every_round_with_another_fingerprint_is_left),
        cmocka_unit_test(sec53_claims_of_who_has_nothing_are_not_asked_for_on_and_on),
        cmocka_unit_test(sec53_claims_of_who_was_dialled_cost_a_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
