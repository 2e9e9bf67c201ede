/*
 * Objects for tests in a few lines: principals from seeds, a space, threads, posts and what is said
 * of them. Everything is a function of the seeds, the times and the order of calls, so a failing
 * test replays and vectors do not change.
 *
 *     struct fx fx;
 *     fx_init(&fx);
 *     struct fx_who *ann = fx_member(&fx, 1, 1000), *node = fx_node(&fx, 2, 1000);
 *     const struct fora_object *space = fx_space(&fx, node, FORA_SPACE_QUESTIONS, "beer", 1000);
 *     const struct fora_object *thread = fx_thread(&fx, ann, space, FORA_THREAD_QUESTION, "Why?",
 *                                                  2000);
 *     fx_answer(&fx, node, thread, "Because.", 3000);
 *     fx_fini(&fx);
 *
 * All that is returned belongs to the fixture and lives until fx_fini(). What cannot be made ends
 * the process with a message: a fixture has no errors to hand on. Times are in ms.
 */
#ifndef FORA_TESTS_FIXTURE_H
#define FORA_TESTS_FIXTURE_H

#include "fora/identity.h"
#include "fora/policy.h"

struct fx_who {
    struct fora_secret *root;
    struct fora_secret *next_root; /* whose commitment the create entry makes */
    struct fora_secret *device;    /* signs objects */
    struct fora_principal_id id;
    const struct fora_object *create;
    struct fora_identity *log; /* the create entry, and what the test adds */
    struct fx_who *next;       /* made before */
};

struct fx {
    struct fora_arena arena;
    struct fx_who *people; /* the last one made */
    uint64_t counter;      /* of contents, for their salts */
};

void fx_init(struct fx *fx);
void fx_fini(struct fx *fx);

/* A principal whose three keys derive from `seed`; added at `at`. */
struct fx_who *fx_member(struct fx *fx, unsigned seed, uint64_t at);
struct fx_who *fx_node(struct fx *fx, unsigned seed, uint64_t at);
/* The principal with that id among those made; NULL: none. */
struct fx_who *fx_find(const struct fx *fx, const struct fora_principal_id *id);
struct fora_secret *fx_secret(unsigned seed, const char *name); /* the caller frees it */

/* The general case: fills the salt, encodes, fills author, kind and time, signs with the device
 * key. Of `header` space, root, parent, audience and lane are used. */
const struct fora_object *fx_object(struct fx *fx, const struct fx_who *who,
    struct fora_header header, struct fora_content content, uint64_t at);
/* The same with another key and no checks of the content: `bytes` are the content. */
const struct fora_object *fx_raw(struct fx *fx, const struct fora_secret *secret,
    struct fora_header header, struct fora_bytes bytes);
/* The object without its content. */
const struct fora_object *fx_strip(struct fx *fx, const struct fora_object *object);
/* Decodes bytes, which are copied. */
const struct fora_object *fx_decode(struct fx *fx, struct fora_bytes bytes);

/* The first policy statement of a space. */
const struct fora_object *fx_space(
    struct fx *fx, const struct fx_who *owner, uint32_t kind, const char *name, uint64_t at);
const struct fora_object *fx_policy(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, struct fora_policy_statement statement, uint64_t at);
/* A statement with one grant; since and until as in the content. */
const struct fora_object *fx_grant(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *to, uint32_t role, uint64_t since,
    uint64_t until, uint64_t at);
/* The same from `at` on, for a standing of 100 (POL-11). */
const struct fora_object *fx_earned(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *to, uint32_t role, uint64_t at);
const struct fora_object *fx_revoke(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *to, uint32_t role, uint64_t at);
const struct fora_object *fx_host(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *node, uint64_t at);

/* An entry after `parent`, which need not be the head, signed by any key; nothing but the salt is
 * filled in, and nothing is added to the log. */
const struct fora_object *fx_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, struct fora_identity_entry entry,
    const struct fora_secret *signer, uint64_t at);
/* The same by operation, with the sequence that is given. */
const struct fora_object *fx_add_key(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *key,
    const struct fora_secret *signer, uint64_t at);
const struct fora_object *fx_revoke_key(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *key,
    uint64_t compromised_at, const struct fora_secret *signer, uint64_t at);
const struct fora_object *fx_rotate(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *next,
    const struct fora_secret *signer, uint64_t at);
const struct fora_object *fx_move(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fx_who *home,
    const struct fora_secret *signer, uint64_t at);
/* The next entry of who's log, added to it. */
const struct fora_object *fx_next_entry(struct fx *fx, struct fx_who *who,
    struct fora_identity_entry entry, const struct fora_secret *signer, uint64_t at);

const struct fora_object *fx_profile(
    struct fx *fx, const struct fx_who *who, const char *name, uint64_t at);

/* The title is also the text. */
const struct fora_object *fx_thread(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, uint32_t type, const char *title, uint64_t at);
const struct fora_object *fx_answer(struct fx *fx, const struct fx_who *who,
    const struct fora_object *thread, const char *text, uint64_t at);
/* On the thread, an answer or a comment. */
const struct fora_object *fx_comment(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, const char *text, uint64_t at);
/* Any kind that is about `target`, a thread or something in a thread. */
const struct fora_object *fx_about(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, struct fora_content content, uint64_t at);
const struct fora_object *fx_revise(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, const char *text, uint64_t at);
const struct fora_object *fx_tally(struct fx *fx, const struct fx_who *node,
    const struct fora_object *target, uint64_t up, uint64_t down, uint64_t at);
const struct fora_object *fx_resolve(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, uint32_t type, uint64_t at);
const struct fora_object *fx_moderate(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, uint32_t action, uint64_t at);
const struct fora_object *fx_retract(
    struct fx *fx, const struct fx_who *who, const struct fora_object *target, uint64_t at);

/* A policy of these statements; the caller frees it. */
struct fora_policy *fx_policy_of(const struct fora_object *const *statements, size_t count);

/* A generator for random tests: the next number below `below`. */
uint32_t fx_random(uint64_t *state, uint32_t below);
/* Shuffles pointers to objects. */
void fx_shuffle(uint64_t *state, const struct fora_object **objects, size_t count);

#endif
