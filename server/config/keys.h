/*
 * The secret keys of a node: one text file, mode 0600.
 *
 *   forad keys 1
 *   node foran1...        who the keys speak for
 *   root HEX              signs the node's identity log
 *   next-root HEX         the root that it rotates to
 *   device HEX            signs what the node says
 *   noise HEX             proves the node on a connection
 *   custody HEX           master of the keys that the node keeps for members (core/custody.h)
 *
 * Each value is 32 bytes in hex, once, in any order; lines that begin with # are comments.
 */
#ifndef FORAD_CONFIG_KEYS_H
#define FORAD_CONFIG_KEYS_H

#include "state/state.h"

struct keys {
    struct fora_principal_id node;
    struct fora_secret *root;      /* owned */
    struct fora_secret *next_root; /* owned */
    struct fora_secret *device;    /* owned */
    uint8_t noise[32];
    uint8_t custody[32];
};

/* Random keys; who they speak for is known when the identity log was begun. */
int keys_new(struct keys *out) FORA_MUST_USE;
void keys_fini(struct keys *keys); /* wipes; of zeros: nothing */

/* The file `keys` of the data folder. FORA_E_NOTFOUND with a sentence; FORA_E_IO, also when others
 * than the owner may read it; FORA_E_CORRUPT with file, line and what is wrong. */
int keys_load(
    const struct state *data, struct keys *out, struct fora_client_why *why) FORA_MUST_USE;
int keys_save(
    const struct state *data, const struct keys *keys, struct fora_client_why *why) FORA_MUST_USE;
/* The same under another name in the folder: keys that are not yet in force. */
int keys_save_as(const struct state *data, const char *name, const struct keys *keys,
    struct fora_client_why *why) FORA_MUST_USE;

#endif
