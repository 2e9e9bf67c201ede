#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include "core/make.h"
#include "core/meta.h"

#include <stdlib.h>
#include <string.h>

static const char password_text[] = "correct horse";

/* How a node comes by an object in these stories: spaces are its own, the rest came from a peer. */
static enum commit_source source_of(const struct fora_object *object)
{
    bool founds =
        object->header.kind == FORA_KIND_POLICY && fora_id_is_zero(object->header.space.b);
    return founds ? COMMIT_LOCAL : COMMIT_PEER;
}

int rig_store(struct rig *rig, const struct fora_object *object)
{
    struct commit_item item = {.object = *object, .source = source_of(object)};
    struct commit_batch batch = {.items = &item, .count = 1, .now = rig->now};
    struct commit_result result;
    int rc = commit_run(rig->env.committer, &batch, &result);
    return rc != 0 ? rc : item.code;
}

void rig_start(struct rig *rig, struct kv *kv)
{
    memset(rig, 0, sizeof *rig);
    assert_int_equal(fora_crypto_init(), 0);
    rig->now = 1700000000000;
    fx_init(&rig->fx);
    fora_arena_init(&rig->arena, 0);
    rig->node = fx_node(&rig->fx, 1, 1000);
    rig->vera = fx_member(&rig->fx, 2, 1000);
    rig->env.kv = kv;
    rig->env.self = rig->node->id;
    rig->env.secret = rig->node->device;
    rig->env.registration_open = true;
    memset(rig->env.custody, 7, sizeof rig->env.custody);
    node_limits_default(&rig->env.limits);
    assert_int_equal(policies_new(&rig->env.policies), 0);
    assert_int_equal(committer_new(&rig->env.committer, kv, rig->env.policies), 0);
    assert_int_equal(rig_store(rig, rig->node->create), 0);
    assert_int_equal(rig_store(rig, rig->vera->create), 0);
}

void rig_stop(struct rig *rig)
{
    free(rig->state);
    committer_free(rig->env.committer);
    policies_free(rig->env.policies);
    kv_close(rig->env.kv);
    fora_buf_fini(&rig->answer_bytes);
    fora_arena_fini(&rig->arena);
    fx_fini(&rig->fx);
}

struct asker rig_guest(struct rig *rig)
{
    struct asker asker = {.conn = ++rig->conns, .request = 7};
    fora_random(asker.channel, sizeof asker.channel);
    return asker;
}

/* ---- running a request as the node does ---- */

static enum job_type type_of(uint32_t message)
{
    switch (message) {
    case FORA_MSG_SIGN_UP:
    case FORA_MSG_LOGIN:
    case FORA_MSG_CLAIM:
    case FORA_MSG_TAKE_OUT:
        return JOB_PASSWORD;
    case FORA_MSG_AUTH:
    case FORA_MSG_COMPOSE:
    case FORA_MSG_GET_RECEIPTS:
    case FORA_MSG_GET_PRINCIPAL:
    case FORA_MSG_LIST_MENTIONS:
        return JOB_QUERY;
    default:
        return JOB_WRITE;
    }
}

static struct job *job_make(struct rig *rig, enum job_type type, const struct asker *asker,
    const struct fora_message *message)
{
    struct job *job = job_new(type, &rig->env, asker, rig->now);
    assert_non_null(job);
    assert_int_equal(fora_message_encode(&job->request, message), 0);
    return job;
}

/* The password step; the job that comes after it. */
static struct job *password_step(struct rig *rig, struct job *job)
{
    if (rig->state == NULL) {
        job_run(job);
        if (job->code != 0) {
            return job;
        }
        assert_int_equal(job->answer.size, 0);
    }
    struct job *write = job_new(JOB_WRITE, &rig->env, &job->asker, rig->now);
    assert_non_null(write);
    write->request = job->request;
    write->state = rig->state != NULL ? rig->state : job->state;
    rig->state = NULL;
    memset(&job->request, 0, sizeof job->request);
    job->state = NULL;
    job_free(job);
    return write;
}

static int commit_made(struct rig *rig, struct job *job)
{
    struct job *commit = job_new(JOB_COMMIT, &rig->env, &job->asker, rig->now);
    assert_non_null(commit);
    assert_int_equal(job->made->count, 1);
    assert_int_equal(job->made->source, COMMIT_MEMBER);
    assert_true(job->made->wants_result);
    commit->batches = job->made;
    job->made = NULL;
    batch_verify(commit->batches);
    rig->made = commit->batches->items[0].object.id;
    job_run(commit);
    int rc = commit->code != 0 ? commit->code : commit->batches->items[0].code;
    job_free(commit);
    return rc;
}

static void read_answer(struct rig *rig, const struct job *job)
{
    fora_buf_clear(&rig->answer_bytes);
    fora_buf_append(&rig->answer_bytes, job->answer.data, job->answer.size);
    assert_true(rig->answer_bytes.size > 4);
    assert_int_equal(
        fora_message_decode(&rig->arena,
            fora_bytes(rig->answer_bytes.data + 4, rig->answer_bytes.size - 4), &rig->answer),
        0);
    assert_int_equal(rig->answer.request, job->asker.request);
}

int rig_ask(struct rig *rig, struct asker *asker, const struct fora_message *message)
{
    struct job *job = job_make(rig, type_of(message->type), asker, message);
    memset(&rig->answer, 0, sizeof rig->answer);
    if (job->type == JOB_PASSWORD) {
        job = password_step(rig, job);
    }
    if (job->type != JOB_PASSWORD) {
        job_run(job);
    }
    int rc = job->code;
    rig->result = job->result;
    if (job->answer.size != 0) {
        read_answer(rig, job);
    }
    assert_true((rc != 0) == (rig->answer.type == FORA_MSG_ERROR) || asker->conn == 0);
    assert_false(rc != 0 && (job->login.set || job->made != NULL));
    if (rc == 0 && job->login.set) {
        *asker = job->login.asker;
    }
    if (rc == 0 && job->made != NULL) {
        rc = commit_made(rig, job);
    }
    job_free(job);
    return rc;
}

/* ---- short ways ---- */

const struct fora_object *rig_space(struct rig *rig)
{
    const struct fora_object *space =
        fx_space(&rig->fx, rig->node, FORA_SPACE_QUESTIONS, "beer", rig->now - 1000);
    assert_int_equal(rig_store(rig, space), 0);
    return space;
}

const struct fora_object *rig_question(struct rig *rig, const struct fora_object *space)
{
    const struct fora_object *thread =
        fx_thread(&rig->fx, rig->vera, space, FORA_THREAD_QUESTION, "Why?", rig->now - 500);
    assert_int_equal(rig_store(rig, thread), 0);
    return thread;
}

int rig_sign_up(struct rig *rig, struct asker *asker, const char *handle, const char *password,
    const struct fora_key *session)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_SIGN_UP};
    message.u.sign_up.handle = fora_bytes_str(handle);
    message.u.sign_up.password = fora_bytes_str(password);
    if (session != NULL) {
        message.u.sign_up.session_key = *session;
    }
    return rig_ask(rig, asker, &message);
}

int rig_login(struct rig *rig, struct asker *asker, const char *handle, const char *password,
    const struct fora_key *session)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_LOGIN};
    message.u.login.handle = fora_bytes_str(handle);
    message.u.login.password = fora_bytes_str(password);
    if (session != NULL) {
        message.u.login.session_key = *session;
    }
    return rig_ask(rig, asker, &message);
}

struct asker rig_member(struct rig *rig, const char *handle)
{
    struct asker asker = rig_guest(rig);
    rig->state = calloc(1, sizeof *rig->state);
    assert_non_null(rig->state);
    rig->state->request = FORA_MSG_SIGN_UP;
    (void)memcpy(rig->state->hash, "no hash", 8);
    assert_int_equal(rig_sign_up(rig, &asker, handle, password_text, NULL), 0);
    assert_true(asker.is_member);
    return asker;
}

struct asker rig_admin(struct rig *rig, const char *handle)
{
    struct asker asker = rig_member(rig, handle);
    struct kv_txn *txn = store_rig_write(rig->env.kv);
    meta_admin_set(txn, &asker.member, true);
    store_rig_commit(txn);
    asker.is_admin = true;
    return asker;
}

int rig_auth(struct rig *rig, struct asker *asker, const struct fora_principal_id *principal,
    const struct fora_secret *secret, const struct fora_bytes *identity, size_t identity_count)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &message.u.auth;
    struct fora_bytes *entries =
        fora_arena_zalloc(&rig->arena, identity_count + 1, sizeof *entries);
    assert_non_null(entries);
    for (size_t i = 0; i < identity_count; i++) {
        entries[i] = identity[i];
    }
    auth->principal = *principal;
    fora_secret_public(secret, &auth->key);
    fora_sign(&auth->signature, secret, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(asker->channel, sizeof asker->channel));
    auth->identity = entries;
    auth->identity_count = identity_count;
    return rig_ask(rig, asker, &message);
}

int rig_vote(
    struct rig *rig, struct asker *asker, const struct fora_object_id *target, int32_t value)
{
    struct fora_message message = {.request = 7, .type = FORA_MSG_VOTE};
    message.u.vote.target = *target;
    message.u.vote.value = value;
    return rig_ask(rig, asker, &message);
}

/* ---- looking ---- */

struct fora_hash rig_digest(struct kv *kv)
{
    struct fora_hash hash = {{0}};
    struct kv_txn *txn = store_rig_read(kv);
    for (unsigned table = 0; table < STORE_TABLE_COUNT; table++) {
        struct fora_bytes parts[3];
        struct kv_cursor *cursor = kv_cursor_open(txn, table);
        for (bool more = kv_first(cursor, &parts[1], &parts[2]); more;
             more = kv_next(cursor, &parts[1], &parts[2])) {
            struct fora_hash before = hash;
            parts[0] = fora_bytes(before.b, sizeof before.b);
            fora_hash(&hash, "test.digest", parts, 3);
        }
        kv_cursor_close(cursor);
    }
    kv_abort(txn);
    return hash;
}

struct set_info rig_set(struct rig *rig, const struct fora_object *space)
{
    struct set_info info;
    struct fora_space_id id = fora_object_space(space);
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    assert_true(sets_find(txn, &id, FORA_AUDIENCE_PUBLIC, &info));
    kv_abort(txn);
    return info;
}

bool rig_tally(struct rig *rig, const struct fora_object *target, struct fora_tally *tally,
    struct fora_object_id *id, uint64_t *created_at)
{
    const struct fora_header header = {
        .kind = FORA_KIND_TALLY, .author = rig->env.self, .parent = target->id};
    struct stored stored;
    struct fora_content content;
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    bool found = slot_standing(txn, &header, &stored) == 0;
    if (found) {
        struct fora_bytes bytes = fora_arena_copy(&rig->arena, stored.object.content_bytes);
        assert_int_equal(fora_object_verify(&stored.object), 0);
        assert_int_equal(fora_content_decode(&rig->arena, FORA_KIND_TALLY, bytes, &content), 0);
        *tally = content.u.tally;
        *id = stored.object.id;
        *created_at = stored.object.header.created_at;
    }
    kv_abort(txn);
    return found;
}

bool rig_holds(struct rig *rig, const struct fora_object_id *id)
{
    struct kv_txn *txn = store_rig_read(rig->env.kv);
    bool found = objects_find(txn, id->b) != 0;
    kv_abort(txn);
    return found;
}
