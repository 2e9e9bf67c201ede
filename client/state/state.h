/*
 * What the client remembers: one folder, readable by its owner only.
 *
 *   config         libconfig, for people; written with comments when the folder is made
 *   known_nodes    address, node id, when first met: the pin of first use
 *   accounts       JSON: who is logged in where, with the keys of custodial sessions
 *   identity       JSON: a member's own keys, optionally sealed under a passphrase
 *   next_roots     root keys to come of members whose present keys a node keeps
 *   recent         the ids of the list last shown, so that a short prefix names one
 *   follows        spaces and threads that are followed
 *   inbox          what "fora inbox" has shown
 *   carried-ID     a bundle of what is attested about that member, oneself (carry.h)
 *
 * Files are replaced whole (written beside, synced, renamed), so that a crash leaves the old or the
 * new one. Errors are sentences in `why` that name the file; codes: FORA_E_IO, FORA_E_NOMEM,
 * FORA_E_CORRUPT (a file is damaged), FORA_E_CONFIG.
 */
#ifndef FORA_CLIENT_STATE_H
#define FORA_CLIENT_STATE_H

#include "fora/client.h"
#include "fora/crypto.h"

enum { STATE_PATH_MAX = 4096, STATE_FILE_MAX = 8 * 1024 * 1024 };

struct state {
    char home[STATE_PATH_MAX]; /* without a slash at the end; may not exist yet */
};

/* Where: `dir`, or else $FORA_HOME, $XDG_CONFIG_HOME/fora, ~/.config/fora. Nothing is made. */
int state_locate(struct state *out, const char *dir, struct fora_client_why *why) FORA_MUST_USE;
/* Makes the folder (0700) with a commented config, unless it is there. */
int state_make(const struct state *state, struct fora_client_why *why) FORA_MUST_USE;

/* Appends a file of the folder. FORA_E_NOTFOUND without a sentence when there is none; when
 * `private`, FORA_E_IO if others than the owner may read it. */
int state_read(const struct state *state, const char *name, bool private, struct fora_buf *out,
    struct fora_client_why *why) FORA_MUST_USE;
/* Replaces a file of the folder, mode 0600; makes the folder if need be. */
int state_write(const struct state *state, const char *name, struct fora_bytes content,
    struct fora_client_why *why) FORA_MUST_USE;
/* 0 also when it was not there. */
int state_remove(
    const struct state *state, const char *name, struct fora_client_why *why) FORA_MUST_USE;
/* Calls each line (without its end, never empty; a byte of zero ends one too) of a file that may
 * not exist; stops at a code.
 * `private`: as of state_read. */
int state_each_line(const struct state *state, const char *name, bool private,
    int (*each)(void *context, char *line), void *context,
    struct fora_client_why *why) FORA_MUST_USE;

/* config: all optional; empty strings and 0 are absent. */
struct state_config {
    char node[FORA_CLIENT_ADDRESS_MAX + FORA_ID_TEXT_MAX];
    char space[FORA_ID_TEXT_MAX];
    char color[8];
    char pager[256];
    char editor[256];
    int64_t limit;   /* rows of a list */
    int64_t timeout; /* seconds */
};
/* FORA_E_CONFIG with file, line and what is wrong; an unknown setting is an error too. */
int state_config_load(
    const struct state *state, struct state_config *out, struct fora_client_why *why) FORA_MUST_USE;
/* The commented text that state_make writes. */
extern const char *const state_config_default;

/* known_nodes. Pins `node` to `address` when it is new (*fresh), else compares: FORA_E_IDENTITY
 * with what to do when it is another. */
int state_pin(const struct state *state, const char *address, const struct fora_principal_id *node,
    uint64_t now, bool *fresh, struct fora_client_why *why) FORA_MUST_USE;
/* The pin of an address, or FORA_E_NOTFOUND. */
int state_pinned(const struct state *state, const char *address, struct fora_principal_id *out,
    struct fora_client_why *why) FORA_MUST_USE;

/* accounts: one per node. */
struct state_account {
    struct fora_principal_id node;
    struct fora_principal_id member;
    char address[FORA_CLIENT_ADDRESS_MAX];
    char handle[33];
    bool self_custody;        /* signs with the keys of `identity` */
    uint8_t session_seed[32]; /* custodial: the key that Login named */
};
/* FORA_E_NOTFOUND without a sentence. The caller wipes the seed. */
int state_account_load(const struct state *state, const struct fora_principal_id *node,
    struct state_account *out, struct fora_client_why *why) FORA_MUST_USE;
/* The address of the account saved last, or FORA_E_NOTFOUND. */
int state_account_last(const struct state *state, char address[FORA_CLIENT_ADDRESS_MAX],
    struct fora_client_why *why) FORA_MUST_USE;
int state_account_save(const struct state *state, const struct state_account *account,
    struct fora_client_why *why) FORA_MUST_USE;
int state_account_remove(const struct state *state, const struct fora_principal_id *node,
    struct fora_client_why *why) FORA_MUST_USE;

/*
 * next_roots: root keys to come of members whose present keys a node keeps (ID-13), each found by
 * the commitment to it. Lost, such a member can take out what the node has and rotate no more.
 */
int state_next_root_keep(const struct state *state, const struct fora_secret *key,
    struct fora_client_why *why) FORA_MUST_USE;
/* *out is the caller's. FORA_E_NOTFOUND without a sentence. */
int state_next_root_find(const struct state *state, const struct fora_hash *commitment,
    struct fora_secret **out, struct fora_client_why *why) FORA_MUST_USE;
/* 0 also when it was not there. */
int state_next_root_forget(const struct state *state, const struct fora_hash *commitment,
    struct fora_client_why *why) FORA_MUST_USE;

/* identity: a member's own keys, and her log as far as she wrote it. */
struct state_identity {
    struct fora_principal_id member;
    struct fora_secret *root;      /* owned; NULL on a device that was added */
    struct fora_secret *next_root; /* owned; committed to, not yet used; NULL likewise */
    struct fora_secret *device;    /* owned */
    char label[65];
    struct fora_bytes *log; /* encoded entries, in order; in the arena */
    size_t log_count;
    struct fora_arena arena;
};
void state_identity_fini(struct state_identity *identity);
/* Appends an entry (copied). */
int state_identity_append(struct state_identity *identity, struct fora_bytes entry) FORA_MUST_USE;
bool state_identity_exists(const struct state *state);
/* Is the file sealed under a passphrase? Also reads member and log, which are never sealed, when
 * `out` is not NULL (its secrets stay NULL). FORA_E_NOTFOUND. */
int state_identity_peek(const struct state *state, struct state_identity *out, bool *sealed,
    struct fora_client_why *why) FORA_MUST_USE;
/* FORA_E_AUTH for a wrong passphrase, FORA_E_NOTFOUND. `passphrase` of size 0: none. */
int state_identity_load(const struct state *state, struct fora_bytes passphrase,
    struct state_identity *out, struct fora_client_why *why) FORA_MUST_USE;
int state_identity_save(const struct state *state, struct fora_bytes passphrase,
    const struct state_identity *identity, struct fora_client_why *why) FORA_MUST_USE;

/* The text of the file, which holds keys: the caller wipes it. */
int state_identity_format(struct fora_buf *out, struct fora_bytes passphrase,
    const struct state_identity *identity) FORA_MUST_USE;
/* From such a text, of whatever file. FORA_E_AUTH (wrong passphrase, or none where *sealed),
 * FORA_E_CORRUPT, FORA_E_NOMEM. */
int state_identity_parse(struct fora_bytes text, struct fora_bytes passphrase,
    struct state_identity *out, bool *sealed) FORA_MUST_USE;

/* recent: ids of what was shown, newest list only; at most 4096. */
struct state_recent {
    struct fora_object_id *ids; /* owned */
    size_t count;
};
int state_recent_save(const struct state *state, const struct fora_object_id *ids, size_t count,
    struct fora_client_why *why) FORA_MUST_USE;
int state_recent_load(
    const struct state *state, struct state_recent *out, struct fora_client_why *why) FORA_MUST_USE;
void state_recent_fini(struct state_recent *recent);
/* The one id whose text begins with `prefix` ("fora1" may be left out; at least 6 characters after
 * it). FORA_E_NOTFOUND or FORA_E_EXISTS (more than one). */
int state_recent_find(const struct state_recent *recent, const char *prefix,
    struct fora_object_id *out) FORA_MUST_USE;
/* Does the text of `id` under `hrp` begin with `prefix`, by the rule above? */
bool state_prefix_matches(const char *hrp, const uint8_t id[FORA_ID_SIZE], const char *prefix);

/* follows: one line each, "space foras1... NAME" or "thread fora1... NAME"; the name is clean. */
struct state_follow {
    bool is_space;
    uint8_t id[FORA_ID_SIZE];
    char name[200];
};
struct state_follows {
    struct state_follow *items; /* owned */
    size_t count;
};
int state_follows_load(const struct state *state, struct state_follows *out,
    struct fora_client_why *why) FORA_MUST_USE;
void state_follows_fini(struct state_follows *follows);
/* Adds, or renames what is there. */
int state_follow(const struct state *state, const struct state_follow *follow,
    struct fora_client_why *why) FORA_MUST_USE;
/* FORA_E_NOTFOUND when it was not followed. */
int state_unfollow(const struct state *state, const uint8_t id[FORA_ID_SIZE],
    struct fora_client_why *why) FORA_MUST_USE;

/* inbox: what was shown there, the newest first; of a thread how it was then. */
struct state_seen {
    bool is_mention; /* else a thread */
    struct fora_object_id id;
    uint64_t active_at; /* ms; 0 for a mention */
    uint64_t posts;
};
struct state_seen_list {
    struct state_seen *items; /* owned */
    size_t count;
};
int state_seen_load(const struct state *state, struct state_seen_list *out,
    struct fora_client_why *why) FORA_MUST_USE;
void state_seen_fini(struct state_seen_list *list);
/* How it was when it was noted last; false when it is not there. */
bool state_seen_find(
    const struct state_seen_list *list, const struct state_seen *item, struct state_seen *was);
/* Puts it first; the oldest goes when there are 4,096. */
void state_seen_note(struct state_seen_list *list, const struct state_seen *item);
int state_seen_save(const struct state *state, const struct state_seen_list *list,
    struct fora_client_why *why) FORA_MUST_USE;

#endif
