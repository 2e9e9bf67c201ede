/*
 * A node's store and keys without a loop, for tests of requests: what a connection would send is
 * encoded, run through the same jobs in the same order, and the answer decoded.
 *
 *     struct rig rig;
 *     rig_start(&rig, store_rig_mem());
 *     struct asker ann = rig_member(&rig, "ann");
 *     assert_int_equal(rig_vote(&rig, &ann, &thread->id, 1), 0);
 *     rig_stop(&rig);
 *
 * What cannot be made fails the running test.
 */
#ifndef FORAD_CORE_TESTS_REQUESTS_RIG_H
#define FORAD_CORE_TESTS_REQUESTS_RIG_H

#include "core/requests.h"
#include "fixture.h"
#include "store/tests/store_rig.h"

struct rig {
    struct node_env env;
    struct fx fx;
    struct fx_who *node;
    struct fx_who *vera; /* somebody who writes: her log is stored, she has no account */
    uint64_t now;        /* ms; moves only by the test's hand */
    uint64_t conns;      /* connections given out */
    struct fora_arena arena;
    struct fora_message answer; /* of the last request that got one */
    struct fora_buf answer_bytes;
    struct commit_result result;   /* of the last write */
    struct fora_object_id made;    /* by the last Compose */
    struct job_write_state *state; /* when set: instead of asking Argon2id again */
};

/* Owns `kv`. The node's identity and Vera's are stored. */
void rig_start(struct rig *rig, struct kv *kv);
void rig_stop(struct rig *rig);

/* A fresh connection, nobody logged in. */
struct asker rig_guest(struct rig *rig);
/* The code of the request; the answer is in rig->answer. A login changes *asker. For Compose the
 * code is that of the object that was made and committed. */
int rig_ask(struct rig *rig, struct asker *asker, const struct fora_message *message);

/* Stores an object as a peer would bring it. */
int rig_store(struct rig *rig, const struct fora_object *object);
/* A space of the node, with one question by Vera. */
const struct fora_object *rig_space(struct rig *rig);
const struct fora_object *rig_question(struct rig *rig, const struct fora_object *space);

int rig_sign_up(struct rig *rig, struct asker *asker, const char *handle, const char *password,
    const struct fora_key *session);
int rig_login(struct rig *rig, struct asker *asker, const char *handle, const char *password,
    const struct fora_key *session);
/* Signs up, with the password "correct horse", without paying for Argon2id each time. */
struct asker rig_member(struct rig *rig, const char *handle);
struct asker rig_admin(struct rig *rig, const char *handle);
int rig_auth(struct rig *rig, struct asker *asker, const struct fora_principal_id *principal,
    const struct fora_secret *secret, const struct fora_bytes *identity, size_t identity_count);
int rig_vote(
    struct rig *rig, struct asker *asker, const struct fora_object_id *target, int32_t value);

/* Everything that is stored, as one hash. */
struct fora_hash rig_digest(struct kv *kv);
struct set_info rig_set(struct rig *rig, const struct fora_object *space);
/* The tally of the node on a target: false when there is none. */
bool rig_tally(struct rig *rig, const struct fora_object *target, struct fora_tally *tally,
    struct fora_object_id *id, uint64_t *created_at);
bool rig_holds(struct rig *rig, const struct fora_object_id *id);

#endif
