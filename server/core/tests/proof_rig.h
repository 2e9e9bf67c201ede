/*
 * Sessions that rest on a log: whether they go on or have ended, what is written into logs, and the
 * node's jobs run one by one. What cannot happen in a sound test fails it.
 */
#ifndef FORAD_CORE_TESTS_PROOF_RIG_H
#define FORAD_CORE_TESTS_PROOF_RIG_H

#include "story.h"

struct fora_key public_key(const struct fora_secret *secret);
/* A client at a that has proven to be `who` by a key that is in her log there. */
void auth_open(struct story *story, struct guest *guest, const struct fora_principal_id *who,
    const struct fora_secret *secret);

/* The next entry of her log, taken into who->log. Owned by the story. */
const struct fora_object *entry_by(struct story *story, struct fx_who *who,
    struct fora_identity_entry entry, uint64_t at, const struct fora_secret *signer);
const struct fora_object *adds(
    struct story *story, struct fx_who *who, const struct fora_secret *device);
const struct fora_object *revokes(struct story *story, struct fx_who *who,
    const struct fora_secret *device, uint64_t at, const struct fora_secret *signer);
/* The entry after the first one of a node's log, with its information: it has this Noise key. */
const struct fora_object *names_key(struct story *story, const struct fora_buf *create,
    const struct fora_secret *root, const uint8_t noise[32], const char *name);

/* Told that its key does not speak. */
void assert_ended(const struct guest *guest);
/* It asks, and is answered; */
void assert_goes_on(struct guest *guest);
/* what it asks is not looked at, and it ends. */
void assert_takes_nothing(struct guest *guest);

/* The next job of the type at a, run and not given back; others before it are done. */
struct job *job_ran(struct story *story, enum job_type type);
void job_finish(struct story *story, struct job *job);

#endif
