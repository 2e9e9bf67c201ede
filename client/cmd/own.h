/*
 * A member's own identity as the commands change it: the keys and the log of this machine, what the
 * node knows of the log beside that, an entry signed on top of both, written here first and told to
 * the node then.
 *
 * A node is not trusted with any of it: entries that do not verify are passed over, entries that it
 * withholds are still here, and entries that a thief wrote are shown as the fork that they make.
 */
#ifndef FORA_CMD_OWN_H
#define FORA_CMD_OWN_H

#include "cmd/account.h"

struct own {
    struct fora_buf passphrase;     /* of the file; empty: none */
    struct fora_identity *identity; /* owned; folded from app->own.log */
    bool told;                      /* the node that is connected has the whole log */
    bool was_forked;                /* before this run */
};

/* Opens the keys into app->own, asking for the passphrase, and folds the log. Returns exit codes,
 * as all of these do. */
int own_open(struct app *app, struct own *own);
void own_close(struct own *own);
/* Folds app->own.log; what does not follow is left out. A code. */
int own_fold(const struct state_identity *keys, struct fora_identity **out) FORA_MUST_USE;

/* Takes from the node that is connected what it knows of the log. A node that does not know her is
 * no error; says so when the log became forked. */
int own_refresh(struct app *app, struct own *own);
/* The same for the member of app->own.member, of whom nothing is known here: her log. */
int own_learn(struct app *app);

/* Is the root of this machine the one in force? Says what to do when it is not. */
int own_needs_root(struct app *app, const struct own *own);
/* Signs an entry on the winning head, and takes it into log and fold. Nothing is written yet. */
int own_add(struct app *app, struct own *own, struct fora_identity_entry *entry,
    const struct fora_secret *signer);
/* Rotates: `by` is the key that was committed to; `next` is committed to. `recover`: under that
 * name. */
int own_rotate(struct app *app, struct own *own, const struct fora_secret *by,
    const struct fora_secret *next, bool recover);
/* Adds a device key with its label. */
int own_add_device(struct app *app, struct own *own, const struct fora_key *key, const char *label);
/* Writes the file. */
int own_save(struct app *app, const struct own *own);
/* Tells the node that is connected, if one is: logs in with the device key of this machine and puts
 * the log there. */
int own_tell(struct app *app, struct own *own);
/* Connects (not with --offline), opens, refreshes. */
int own_begin(struct app *app, struct own *own);
/* Saves and tells, in this order, so that a crash between the two loses nothing. */
int own_end(struct app *app, struct own *own);

/* --- homes (identity_home.c) --- */

/* The account at a node, if this client has one of hers there. The caller wipes it. */
struct home_account {
    bool known;
    struct state_account account;
};
int home_known(struct app *app, const struct fora_principal_id *node, struct home_account *out);
/* The last home but `target` that the log names and where this client has an account. */
int home_before(struct app *app, const struct fora_principal_id *target, struct home_account *out);
/* May she have the handle at the node that is connected? Says so when it is somebody else's; what
 * else could be refused, signing up tells. */
int home_offers(struct app *app, const char *handle);
/* Becomes a member at the node that is connected, or, where she is one by that handle already,
 * tells it the log; and remembers the account. */
int home_enter(struct app *app, struct own *own, const char *handle, bool *was_there);

/* A random key of this machine's: exit code. */
int own_new_key(struct app *app, struct fora_secret **out);
/* The name for this device: --label, or the host's. */
void own_label(const struct app *app, char out[65]);
/* The key that `name` means: its text or the beginning of it, or its label. Says that there is
 * none, or several. */
int own_find_key(
    struct app *app, const struct own *own, const char *name, const struct fora_identity_key **out);
/* Says what was done: `done` in words, or {member, head, entries, told, forked}. */
int own_done(struct app *app, const struct own *own, const char *done);

#endif
