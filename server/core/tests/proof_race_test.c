/* What is asked of a log while it changes (SES-13, SES-38): the jobs in orders that do not come
 * often. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "proof_rig.h"

static void ses38_a_log_that_was_read_before_the_revocation_is_read_again(void **state)
{
    struct story story;
    struct guest thief, owner;
    struct fora_secret *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    guest_init(&thief, &story.net, story.a, 0);
    guest_open(&thief);
    (void)guest_auth(&thief, &story.ann->id, phone, NULL, 0);
    while (guest_move(&thief)) {
    }
    struct job *login = job_ran(&story, JOB_QUERY); /* by the log as it was */
    assert_true(login->login.set);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    guest_put(&owner, &revoked, 1);
    while (guest_move(&owner)) {
    }
    job_finish(&story, job_ran(&story, JOB_COMMIT));
    job_finish(&story, login);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_AUTH_OK], 0);
    assert_int_equal(thief.error, FORA_E_AUTH);
    assert_false(thief.cut);
    guest_fini(&thief);
    guest_fini(&owner);
    fora_secret_free(phone);
    story_fini(&story);
}

/* The commit of what the guest has put is over, and what it makes others ask has not begun. */
static void put_and_commit(struct story *story, struct guest *guest,
    const struct fora_object *const *objects, size_t count)
{
    guest_put(guest, objects, count);
    while (guest_move(guest)) {
    }
    job_finish(story, job_ran(story, JOB_COMMIT));
}

/* Of more logs than the node remembers to have changed. */
static void ses38_a_log_that_many_others_changed_after_is_read_again(void **state)
{
    enum { OTHERS = LOG_CHANGES_KEPT + 1 };
    struct story story;
    struct guest thief, peer;
    const struct fora_object *objects[1 + OTHERS];
    struct fx_who *others[OTHERS];
    struct fora_secret *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    objects[OTHERS] = adds(&story, story.ann, phone);
    for (unsigned i = 0; i < OTHERS; i++) {
        others[i] = fx_member(&story.fx, 40 + i, story.net.now);
        objects[i] = others[i]->create;
    }
    net_put(&story.net, story.a, objects, 1 + OTHERS);
    story_guest(&story, &peer, 9);
    story_guest(&story, &thief, 0);
    (void)guest_auth(&thief, &story.ann->id, phone, NULL, 0);
    while (guest_move(&thief)) {
    }
    struct job *login = job_ran(&story, JOB_QUERY); /* by the log as it was */
    assert_true(login->login.set);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    put_and_commit(&story, &peer, &revoked, 1);
    for (unsigned i = 0; i < OTHERS; i++) {
        objects[i] = adds(&story, others[i], phone);
    }
    put_and_commit(&story, &peer, objects, OTHERS);
    job_finish(&story, login);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_AUTH_OK], 0);
    assert_int_equal(thief.error, FORA_E_AUTH);
    guest_fini(&thief);
    guest_fini(&peer);
    fora_secret_free(phone);
    story_fini(&story);
}

/* Ann by her phone and by her other device, and a node that brings things. */
static struct fora_secret *two_devices(
    struct story *story, struct guest *phone, struct guest *owner, struct guest *peer)
{
    struct fora_secret *secret = fx_secret(30, "phone");
    story_init(story, false);
    const struct fora_object *added = adds(story, story->ann, secret);
    net_put(&story->net, story->a, &added, 1);
    auth_open(story, phone, &story->ann->id, secret);
    auth_open(story, owner, &story->ann->id, story->ann->device);
    story_guest(story, peer, 9);
    return secret;
}

static void ses38_nothing_is_taken_before_it_is_clear_that_the_key_speaks(void **state)
{
    struct story story;
    struct guest thief, owner, peer;
    struct fora_message status = {.type = FORA_MSG_GET_STATUS};
    (void)state;
    struct fora_secret *phone = two_devices(&story, &thief, &owner, &peer);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    put_and_commit(&story, &peer, &revoked, 1);
    (void)guest_ask(&thief, &status);
    while (guest_move(&thief)) {
    }
    assert_int_equal(thief.heard[FORA_MSG_NODE_STATUS], 0);
    assert_false(thief.cut);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_NODE_STATUS], 0);
    assert_ended(&thief);
    guest_settle(&owner);
    assert_goes_on(&owner);
    guest_fini(&thief);
    guest_fini(&owner);
    guest_fini(&peer);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_a_log_that_changes_while_it_is_read_again_is_read_once_more(void **state)
{
    struct story story;
    struct guest thief, owner, peer;
    struct fora_secret *tablet = fx_secret(32, "tablet");
    (void)state;
    struct fora_secret *phone = two_devices(&story, &thief, &owner, &peer);
    const struct fora_object *added = adds(&story, story.ann, tablet);
    put_and_commit(&story, &peer, &added, 1);
    struct job *asked = job_ran(&story, JOB_QUERY); /* by the log as it was */
    assert_int_equal(asked->asker.conn, thief.conn);
    assert_int_equal(asked->code, 0);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    put_and_commit(&story, &peer, &revoked, 1);
    job_finish(&story, asked);
    guest_settle(&thief);
    assert_ended(&thief);
    guest_settle(&owner);
    assert_goes_on(&owner);
    guest_fini(&thief);
    guest_fini(&owner);
    guest_fini(&peer);
    fora_secret_free(phone);
    fora_secret_free(tablet);
    story_fini(&story);
}

/* The session became somebody else's before it was asked whether it is ann's still. */
static void ses38_what_is_said_of_who_it_was_does_not_end_who_it_is(void **state)
{
    struct story story;
    struct guest guest, owner, peer;
    (void)state;
    struct fora_secret *phone = two_devices(&story, &guest, &owner, &peer);
    struct fx_who *bob = fx_member(&story.fx, 2, story.net.now - 1000);
    put_and_commit(&story, &peer, &bob->create, 1);
    (void)guest_auth(&guest, &bob->id, bob->device, NULL, 0);
    while (guest_move(&guest)) {
    }
    struct job *login = job_ran(&story, JOB_QUERY);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    put_and_commit(&story, &peer, &revoked, 1);
    job_finish(&story, login);
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_AUTH_OK], 2);
    assert_goes_on(&guest);
    /* And it rests on bob's log from now on. */
    const struct fora_object *last = revokes(&story, bob, bob->device, story.net.now, bob->root);
    put_and_commit(&story, &peer, &last, 1);
    assert_takes_nothing(&guest);
    guest_settle(&owner);
    assert_goes_on(&owner);
    guest_fini(&guest);
    guest_fini(&owner);
    guest_fini(&peer);
    fora_secret_free(phone);
    story_fini(&story);
}

/* Nor what is said of the key by which she came, when she has given a password since. */
static void ses38_what_is_said_of_a_key_does_not_end_who_gave_a_password(void **state)
{
    struct story story;
    struct guest guest, owner, peer;
    struct fora_message sign_up = {.type = FORA_MSG_SIGN_UP};
    (void)state;
    struct fora_secret *phone = two_devices(&story, &guest, &owner, &peer);
    sign_up.u.sign_up.handle = fora_bytes_str("bob");
    sign_up.u.sign_up.password = fora_bytes_str("correct horse");
    (void)guest_ask(&guest, &sign_up);
    while (guest_move(&guest)) {
    }
    struct job *password = job_ran(&story, JOB_PASSWORD);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    put_and_commit(&story, &peer, &revoked, 1);
    story.net.now += 2000; /* the peer is not active any more, and strangers have more turns */
    struct job *asked = job_ran(&story, JOB_QUERY);
    assert_int_equal(asked->asker.conn, guest.conn);
    assert_int_not_equal(asked->code, 0);
    job_finish(&story, password);
    job_finish(&story, job_ran(&story, JOB_WRITE));
    job_finish(&story, asked);
    guest_settle(&guest);
    assert_int_equal(guest.heard[FORA_MSG_AUTH_OK], 2);
    assert_goes_on(&guest);
    guest_fini(&guest);
    guest_fini(&owner);
    guest_fini(&peer);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses13_a_log_that_was_read_before_the_key_changed_is_read_again(void **state)
{
    struct story story;
    struct guest peer, owner;
    struct fora_secret *root = fx_secret(9, "guest.root");
    uint8_t noise[32];
    (void)state;
    memset(noise, 5, sizeof noise);
    story_init(&story, false);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    guest_init(&peer, &story.net, story.a, 9);
    const struct fora_object *first = fx_decode(&story.fx, fora_buf_bytes(&peer.identity));
    put_and_commit(&story, &owner, &first, 1);
    while (guest_move(&peer)) {
    }
    struct job *hello = job_ran(&story, JOB_QUERY); /* by the log as it was */
    assert_true(hello->login.set);
    const struct fora_object *moved = names_key(&story, &peer.identity, root, noise, "moved");
    put_and_commit(&story, &owner, &moved, 1);
    job_finish(&story, hello);
    guest_settle(&peer);
    assert_true(peer.cut);
    assert_int_equal(fora_session_error(peer.session), FORA_E_KEY);
    guest_fini(&peer);
    guest_fini(&owner);
    fora_secret_free(root);
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses38_a_log_that_was_read_before_the_revocation_is_read_again),
        cmocka_unit_test(ses38_a_log_that_many_others_changed_after_is_read_again),
        cmocka_unit_test(ses38_nothing_is_taken_before_it_is_clear_that_the_key_speaks),
        cmocka_unit_test(ses38_a_log_that_changes_while_it_is_read_again_is_read_once_more),
        cmocka_unit_test(ses38_what_is_said_of_who_it_was_does_not_end_who_it_is),
        cmocka_unit_test(ses38_what_is_said_of_a_key_does_not_end_who_gave_a_password),
        cmocka_unit_test(ses13_a_log_that_was_read_before_the_key_changed_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
