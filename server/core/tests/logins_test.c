/* Who is logged in, and for how long (SES-38). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "story.h"

/* ---- sessions that rest on a key ---- */

static struct fora_key public_key(const struct fora_secret *secret)
{
    struct fora_key key;
    fora_secret_public(secret, &key);
    return key;
}

static uint64_t auth_ask(
    struct guest *guest, const struct fora_principal_id *who, const struct fora_secret *secret)
{
    struct fora_message ask = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &ask.u.auth;
    auth->principal = *who;
    auth->key = public_key(secret);
    fora_sign(&auth->signature, secret, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(guest->session), 64));
    return guest_ask(guest, &ask);
}

static void auth_open(struct story *story, struct guest *guest, const struct fora_principal_id *who,
    const struct fora_secret *secret)
{
    guest_init(guest, &story->net, story->a, 0);
    guest_open(guest);
    (void)auth_ask(guest, who, secret);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
}

static const struct fora_object *entry_by(struct story *story, struct fx_who *who,
    struct fora_identity_entry entry, uint64_t at, const struct fora_secret *signer)
{
    struct fora_buf encoded = {0};
    assert_int_equal(fora_identity_build_next(&encoded, who->log, &entry, at, signer), 0);
    const struct fora_object *object = fx_decode(&story->fx, fora_buf_bytes(&encoded));
    assert_int_equal(fora_identity_add(who->log, object), 0);
    fora_buf_fini(&encoded);
    return object;
}

static const struct fora_object *adds(
    struct story *story, struct fx_who *who, const struct fora_secret *device)
{
    struct fora_device_key key = {.sign = public_key(device), .label = fora_bytes_str("phone")};
    struct fora_identity_entry entry = {.add_key = &key};
    return entry_by(story, who, entry, story->net.now, who->root);
}

static const struct fora_object *revokes(struct story *story, struct fx_who *who,
    const struct fora_secret *device, uint64_t at, const struct fora_secret *signer)
{
    struct fora_key_revocation revocation = {.sign = public_key(device)};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    return entry_by(story, who, entry, at, signer);
}

static void assert_ended(const struct guest *guest)
{
    assert_true(guest->cut);
    assert_int_equal(fora_session_error(guest->session), FORA_E_AUTH);
}

static void ses38_a_revoked_key_ends_the_sessions_that_rest_on_it(void **state)
{
    struct story story;
    struct guest thief, owner, late;
    struct fora_secret *phone = fx_secret(30, "phone");
    struct fora_message status = {.type = FORA_MSG_GET_STATUS};
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    auth_open(&story, &thief, &story.ann->id, phone);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    guest_put(&owner, &revoked, 1);
    guest_settle(&owner);
    assert_int_equal(owner.put_code, 0);
    assert_int_equal(owner.heard[FORA_MSG_PUT_RESULT], 1);
    /* What the thief sends from now on is not even looked at. */
    (void)guest_ask(&thief, &status);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_NODE_STATUS], 0);
    assert_ended(&thief);
    (void)guest_ask(&owner, &status);
    guest_settle(&owner);
    assert_int_equal(owner.heard[FORA_MSG_NODE_STATUS], 1);
    guest_init(&late, &story.net, story.a, 0);
    guest_open(&late);
    (void)auth_ask(&late, &story.ann->id, phone);
    guest_settle(&late);
    assert_int_equal(late.error, FORA_E_AUTH);
    guest_fini(&thief);
    guest_fini(&owner);
    guest_fini(&late);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_also_when_another_node_brings_it_and_dates_it_ahead(void **state)
{
    struct story story;
    struct guest thief, late;
    struct fora_secret *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    auth_open(&story, &thief, &story.ann->id, phone);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now + 300000, story.ann->root);
    net_put(&story.net, story.b, &revoked, 1);
    net_pass(&story.net, 3);
    guest_settle(&thief);
    assert_ended(&thief);
    guest_init(&late, &story.net, story.a, 0);
    guest_open(&late);
    (void)auth_ask(&late, &story.ann->id, phone);
    guest_settle(&late);
    assert_int_equal(late.error, FORA_E_AUTH);
    guest_fini(&late);
    guest_fini(&thief);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_who_revokes_her_own_key_hears_that_it_is_done(void **state)
{
    struct story story;
    struct guest phone;
    (void)state;
    story_init(&story, false);
    auth_open(&story, &phone, &story.ann->id, story.ann->device);
    const struct fora_object *revoked =
        revokes(&story, story.ann, story.ann->device, story.net.now, story.ann->device);
    guest_put(&phone, &revoked, 1);
    guest_settle(&phone);
    assert_int_equal(phone.heard[FORA_MSG_PUT_RESULT], 1);
    assert_int_equal(phone.put_code, 0);
    assert_ended(&phone);
    guest_fini(&phone);
    story_fini(&story);
}

static void job_finish(struct story *story, struct job *job)
{
    node_job_done(story->a->node, job, story->net.now);
}

static struct job *job_ran(struct story *story, enum job_type type)
{
    struct job *job = node_take_job(story->a->node, story->net.now);
    while (job != NULL && job->type != type) { /* rows and the like */
        job_run(job);
        job_finish(story, job);
        job = node_take_job(story->a->node, story->net.now);
    }
    assert_non_null(job);
    job_run(job);
    return job;
}

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
    (void)auth_ask(&thief, &story.ann->id, phone);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses38_a_revoked_key_ends_the_sessions_that_rest_on_it),
        cmocka_unit_test(ses38_also_when_another_node_brings_it_and_dates_it_ahead),
        cmocka_unit_test(ses38_who_revokes_her_own_key_hears_that_it_is_done),
        cmocka_unit_test(ses38_a_log_that_was_read_before_the_revocation_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
