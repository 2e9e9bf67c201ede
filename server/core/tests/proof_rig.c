/* Sessions by keys, and what is written into logs. */
#include "proof_rig.h"

#include "fora/noise.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct fora_key public_key(const struct fora_secret *secret)
{
    struct fora_key key;
    fora_secret_public(secret, &key);
    return key;
}

void auth_open(struct story *story, struct guest *guest, const struct fora_principal_id *who,
    const struct fora_secret *secret)
{
    guest_init(guest, &story->net, story->a, 0);
    guest_open(guest);
    (void)guest_auth(guest, who, secret, NULL, 0);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
}

const struct fora_object *entry_by(struct story *story, struct fx_who *who,
    struct fora_identity_entry entry, uint64_t at, const struct fora_secret *signer)
{
    struct fora_buf encoded = {0};
    assert_int_equal(fora_identity_build_next(&encoded, who->log, &entry, at, signer), 0);
    const struct fora_object *object = fx_decode(&story->fx, fora_buf_bytes(&encoded));
    assert_int_equal(fora_identity_add(who->log, object), 0);
    fora_buf_fini(&encoded);
    return object;
}

const struct fora_object *adds(
    struct story *story, struct fx_who *who, const struct fora_secret *device)
{
    struct fora_device_key key = {.sign = public_key(device), .label = fora_bytes_str("phone")};
    struct fora_identity_entry entry = {.add_key = &key};
    return entry_by(story, who, entry, story->net.now, who->root);
}

const struct fora_object *revokes(struct story *story, struct fx_who *who,
    const struct fora_secret *device, uint64_t at, const struct fora_secret *signer)
{
    struct fora_key_revocation revocation = {.sign = public_key(device)};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    return entry_by(story, who, entry, at, signer);
}

const struct fora_object *names_key(struct story *story, const struct fora_buf *create,
    const struct fora_secret *root, const uint8_t noise[32], const char *name)
{
    struct fora_identity *log;
    struct fora_buf encoded = {0};
    struct fora_node_info info = {.name = fora_bytes_str(name)};
    struct fora_identity_entry entry = {.node = &info};
    fora_noise_public(info.noise_key.b, noise);
    assert_int_equal(fora_identity_new(&log), 0);
    assert_int_equal(fora_identity_add(log, fx_decode(&story->fx, fora_buf_bytes(create))), 0);
    assert_int_equal(fora_identity_build_next(&encoded, log, &entry, story->net.now, root), 0);
    const struct fora_object *object = fx_decode(&story->fx, fora_buf_bytes(&encoded));
    fora_identity_free(log);
    fora_buf_fini(&encoded);
    return object;
}

void assert_ended(const struct guest *guest)
{
    assert_true(guest->cut);
    assert_int_equal(fora_session_error(guest->session), FORA_E_AUTH);
}

void assert_goes_on(struct guest *guest)
{
    struct fora_message status = {.type = FORA_MSG_GET_STATUS};
    size_t before = guest->heard[FORA_MSG_NODE_STATUS];
    assert_false(guest->cut);
    (void)guest_ask(guest, &status);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_NODE_STATUS], before + 1);
    assert_false(guest->cut);
}

/* What the session asks after the entry is stored is not looked at. */
void assert_takes_nothing(struct guest *guest)
{
    struct fora_message status = {.type = FORA_MSG_GET_STATUS};
    size_t before = guest->heard[FORA_MSG_NODE_STATUS];
    (void)guest_ask(guest, &status);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_NODE_STATUS], before);
    assert_ended(guest);
}

void job_finish(struct story *story, struct job *job)
{
    node_job_done(story->a->node, job, story->net.now);
}

struct job *job_ran(struct story *story, enum job_type type)
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
