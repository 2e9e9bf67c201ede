/* How much who may bring (REP-17): of a peer, of a member, of all who are strangers; and that
 * nothing counts for less because it was asked for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "story.h"

static void rep17_a_put_beyond_the_quota_is_told_when_to_come_again(void **state)
{
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, true);
    story_guest(&story, &guest, 9);
    assert_int_equal(story_put(&story, &guest, 600, 200), 3);
    assert_int_equal(story_peer(story.a, &guest.id)->record.accepted, 600);
    assert_int_equal(story_put(&story, &guest, 1, 1), 0);
    assert_int_equal(guest.error, FORA_E_QUOTA);
    assert_in_range(guest.retry_after, 200, 250); /* a sixteenth of an hour's */
    for (uint32_t passed = 0; passed < guest.retry_after; passed += 30) { /* and it stays */
        story.net.now += 30 * 1000;
        node_tick(story.a->node, story.net.now);
        guest_settle(&guest);
    }
    assert_int_equal(story_put(&story, &guest, 1, 1), 1);
    assert_int_equal(guest.put_code, 0);
    assert_int_equal(story_peer(story.a, &guest.id)->record.accepted, 601);
    guest_fini(&guest);
    story_fini(&story);
}

static void rep17_what_was_refused_with_quota_is_offered_again_when_it_is_time(void **state)
{
    enum { MANY = 2000 };
    struct story story;
    unsigned hours = 0;
    (void)state;
    story_init(&story, true);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    net_cut(&story.net, story.b);
    /* As after A lost what it had brought: following would not send it back, putting does. */
    net_put_from(&story.net, story.b, story.a, story_comments(&story, MANY, 0), MANY);
    net_pass(&story.net, 60);
    uint64_t first = story_count(&story, story.a) - STORY_FIRST;
    assert_in_range(first, 256, 600 + 8 * 256); /* as many Puts as may be open overdraw at most */
    uint64_t refused = node_counters(story.a->node)->requests_refused;
    net_pass(&story.net, 60); /* who was told when to come does not come before */
    assert_true(node_counters(story.a->node)->requests_refused - refused <= 8);
    while (story_count(&story, story.a) < STORY_FIRST + MANY && hours < 24) {
        story_later(&story, FORA_HOUR_MS);
        hours++;
    }
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + MANY);
    story_fini(&story);
}

/* Brings objects as an answer to `request`, which need not have been asked. */
static void answer(struct guest *guest, uint32_t type, uint64_t request,
    const struct fora_object *const *objects, size_t count)
{
    struct fora_bytes encoded[700];
    struct fora_message message = {.request = request, .type = type};
    assert_in_range(count, 1, sizeof encoded / sizeof encoded[0]);
    for (size_t i = 0; i < count; i++) {
        encoded[i] = objects[i]->encoded;
    }
    if (type == FORA_MSG_OBJECTS) {
        message.u.objects.objects = encoded;
        message.u.objects.objects_count = count;
    } else {
        message.u.principal_objects.objects = encoded;
        message.u.principal_objects.objects_count = count;
    }
    guest_say(guest, &message);
    guest_settle(guest);
}

static void ses36_objects_that_nobody_asked_for_are_not_taken(void **state)
{
    struct story story;
    struct guest guest;
    (void)state;
    story_init(&story, true);
    story_guest(&story, &guest, 9);
    answer(&guest, FORA_MSG_OBJECTS, 4711 * 2, story_comments(&story, 10, 0), 10);
    answer(&guest, FORA_MSG_PRINCIPAL_OBJECTS, 4712 * 2, story_comments(&story, 10, 0), 10);
    assert_int_equal(story_count(&story, story.a), STORY_FIRST);
    assert_int_equal(story_put(&story, &guest, 10, 10), 1); /* and the session goes on */
    assert_int_equal(story_count(&story, story.a), STORY_FIRST + 10);
    guest_fini(&guest);
    story_fini(&story);
}

/* One object by somebody unknown, whose log comes with many others, and one by somebody else who is
 * unknown: so it could go on for ever. */
static void rep17_what_is_asked_for_because_of_an_object_counts_too(void **state)
{
    enum { EACH = 400, ROUNDS = 6 };
    struct story story;
    struct guest guest;
    const struct fora_object *objects[EACH];
    unsigned rounds = 0;
    (void)state;
    story_init(&story, true);
    story_guest(&story, &guest, 9);
    struct fx_who *who = fx_member(&story.fx, 1000, story.net.now - 1000);
    const struct fora_object *first =
        fx_comment(&story.fx, who, story.thread, "Hello.", story.net.now);
    assert_int_not_equal(guest_put(&guest, &first, 1), 0);
    guest_settle(&guest);
    while (rounds < ROUNDS && guest.heard[FORA_MSG_GET_PRINCIPAL] == rounds + 1) {
        const struct fora_object *const *comments = story_comments(&story, EACH - 2, 0);
        struct fx_who *next = fx_member(&story.fx, 1001 + rounds, story.net.now - 1000);
        memcpy(objects, comments, (EACH - 2) * sizeof *comments);
        objects[EACH - 2] = who->create;
        objects[EACH - 1] = fx_comment(&story.fx, next, story.thread, "Hello.", story.net.now);
        answer(&guest, FORA_MSG_PRINCIPAL_OBJECTS, guest.requests[FORA_MSG_GET_PRINCIPAL], objects,
            EACH);
        who = next;
        rounds++;
    }
    assert_int_equal(rounds, 2); /* the bucket of 600, overdrawn by an answer */
    assert_in_range(story_count(&story, story.a), STORY_FIRST + 600, STORY_FIRST + 600 + EACH);
    guest_fini(&guest);
    story_fini(&story);
}

static void rep17_a_member_has_one_quota_over_all_connections(void **state)
{
    struct story story;
    struct fora_principal_id member = {{1}};
    (void)state;
    story_init(&story, true);
    struct node *node = story.a->node;
    for (unsigned i = 0; i < 600; i++) {
        assert_int_equal(quota_member_take(node, &member, true, 1, 100), 0);
    }
    assert_in_range(quota_member_take(node, &member, true, 1, 100), 1, FORA_HOUR_MS);
    member.b[0] = 2;
    assert_int_equal(
        quota_member_take(node, &member, true, 1, UINT32_MAX), 0); /* may be overdrawn */
    assert_in_range(quota_member_take(node, &member, true, 1, 1), 1, FORA_DAY_MS);
    for (unsigned i = 1; i < 3 * QUOTA_MEMBERS_MAX; i++) { /* bounded, whoever comes */
        member.b[1] = (uint8_t)i;
        member.b[2] = (uint8_t)(i >> 8);
        assert_int_equal(quota_member_take(node, &member, true, 0, 0), 0);
    }
    assert_int_equal(node->quotas.count, QUOTA_MEMBERS_MAX);
    story_fini(&story);
}

/* A principal is made in no time: those who have no account here share what ten have. */
static void rep17_who_has_no_account_draws_on_what_all_such_share(void **state)
{
    struct story story;
    size_t taken = 0;
    (void)state;
    story_init(&story, true);
    struct node *node = story.a->node;
    const uint64_t one = node->env.limits.member_objects_hour;
    for (uint32_t i = 1; i <= 2 * QUOTA_GUESTS_TIMES; i++) {
        struct fora_principal_id guest = {.b = {(uint8_t)i, 1}};
        taken += quota_member_take(node, &guest, false, one, 1) == 0;
    }
    assert_int_equal(taken, QUOTA_GUESTS_TIMES);
    const struct fora_principal_id member = {.b = {1, 2}}, another = {.b = {1, 3}};
    assert_int_equal(quota_member_take(node, &member, true, 1, 1), 0);
    assert_in_range(quota_member_take(node, &another, false, 1, 1), 1, FORA_HOUR_MS);
    story_fini(&story);
}

static void rep17_a_bucket_fills_evenly_and_keeps_its_average(void **state)
{
    static const struct bucket_rate rates[] = {{600, FORA_HOUR_MS}, {1, FORA_HOUR_MS},
        {7, FORA_DAY_MS}, {UINT64_C(64) << 30, FORA_DAY_MS}};
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        const struct bucket_rate *rate = &rates[i];
        struct bucket bucket = {0};
        uint64_t now = 1700000000000, taken = 0, step = rate->amount / 3 + 1;
        assert_int_equal(bucket_wait(&bucket, rate, now), 0);
        for (uint64_t end = now + 10 * rate->period; now < end; now += rate->period / 97) {
            while (bucket_any(&bucket, rate, now)) {
                bucket_take(&bucket, rate, step, now);
                taken += step;
            }
        }
        assert_in_range(taken, 10 * rate->amount, 11 * rate->amount + 2 * step);
        while (bucket_any(&bucket, rate, now)) {
            bucket_take(&bucket, rate, step, now);
        }
        uint64_t wait = bucket_wait(&bucket, rate, now);
        assert_true(wait > 0 && !bucket_any(&bucket, rate, now - rate->period)); /* set back */
        assert_true(bucket_any(&bucket, rate, now + rate->period + wait));
        bucket_take(&bucket, rate, UINT64_MAX, now + rate->period + wait);
        assert_true(bucket_any(&bucket, rate, now + 4 * rate->period + wait));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep17_a_put_beyond_the_quota_is_told_when_to_come_again),
        cmocka_unit_test(rep17_what_was_refused_with_quota_is_offered_again_when_it_is_time),
        cmocka_unit_test(ses36_objects_that_nobody_asked_for_are_not_taken),
        cmocka_unit_test(rep17_what_is_asked_for_because_of_an_object_counts_too),
        cmocka_unit_test(rep17_a_member_has_one_quota_over_all_connections),
        cmocka_unit_test(rep17_who_has_no_account_draws_on_what_all_such_share),
        cmocka_unit_test(rep17_a_bucket_fills_evenly_and_keeps_its_average),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
