/*
 * The requests that change a node's own state, and those by which somebody proves who she is
 * (spec/08-session.md).
 *
 *   SignUp, Login, Claim, TakeOut     password_run (JOB_PASSWORD), then write_run (JOB_WRITE) on
 * the same request and the same job->state Vote, Report, Subscribe, Unsubscribe, CreateSpace
 * write_run Auth, Compose            auth_run, compose_run, which query_run calls
 *
 * Each returns 0 with its answers appended to job->answer, or why not; then nothing was answered
 * and nothing stored.
 */
#ifndef FORAD_CORE_REQUESTS_H
#define FORAD_CORE_REQUESTS_H

#include "core/accounts.h"
#include "core/job.h"

/* What password_run hands on. On the heap, owned by the job, freed with free(). */
struct job_write_state {
    uint32_t request;              /* enum fora_message_type that it was made for */
    char hash[PASSWORD_HASH_SIZE]; /* SignUp, Claim: the new one; Login: the one that matched; "":
                                      none */
};

/* Is the asker one of the node's admins now? Connection 0, the node itself, is. 0, FORA_E_AUTH (not
 * logged in) or FORA_E_FORBIDDEN. */
int asker_admin(struct kv_txn *txn, const struct asker *asker) FORA_MUST_USE;
/* The account of who is logged in. 0, FORA_E_AUTH (not logged in, or disabled) or FORA_E_FORBIDDEN
 * (a guest: proven, but no member of this node). */
int asker_account(struct kv_txn *txn, const struct asker *asker, struct account *out) FORA_MUST_USE;

/*
 * Adds encoded identity entries to a log, each verified first; those that it has are passed over.
 * `identity` may be empty. What decoding, verification and fora_identity_add say.
 */
int identity_add_encoded(
    struct fora_identity *identity, const struct fora_bytes *entries, size_t count) FORA_MUST_USE;

/*
 * Auth: the member of the connection from now on is who the key speaks for: an active device key of
 * her log (stored, or given, or both), or a session key that Login registered. Anything wrong is
 * FORA_E_AUTH, whatever it was. A member of another node becomes a guest.
 */
int auth_run(
    struct job *job, const struct fora_message *request, struct fora_arena *arena) FORA_MUST_USE;

/*
 * Compose: builds and signs one object for a member whose key the node holds, and leaves it in
 * job->made, to be verified and committed as hers. It answers nothing itself. FORA_E_AUTH (also
 * when she holds her keys herself), FORA_E_UNSUPPORTED (a kind that is not for members),
 * FORA_E_UNKNOWN_SPACE, or what is wrong with the content.
 */
int compose_run(
    struct job *job, const struct fora_message *request, struct fora_arena *arena) FORA_MUST_USE;

#endif
