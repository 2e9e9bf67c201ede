/*
 * Accounts of the members of this node (table ACCOUNTS) and their logins (table LOGINS).
 *
 *   'h' handle         -> the account
 *   'p' principal      -> handle
 *   'i' hash of source -> principal of an imported identity, that Claim finds it
 *   's' session key    -> principal, expiry, created            (LOGINS)
 *   'p' principal session key -> nothing                        (LOGINS)
 *
 * A password hash never leaves the node, nor do these tables: they are no objects.
 */
#ifndef FORAD_CORE_ACCOUNTS_H
#define FORAD_CORE_ACCOUNTS_H

#include "core/custody.h"
#include "fora/time.h"
#include "store/kv.h"
#include "store/schema.h"

enum {
    HANDLE_MIN = 2,
    HANDLE_MAX = 32,
    ACCOUNT_NAME_MAX = 100,
    PASSWORD_MIN = 10, /* bytes */
    PASSWORD_MAX = 1024,
    PASSWORD_HASH_SIZE = 128,
    LOGINS_MAX = 32 /* session keys of one member; a further one ends the oldest */
};

/* How long a session key speaks for the member, ms. */
#define LOGIN_LIFETIME_MS (30 * FORA_DAY_MS)

struct account {
    char handle[HANDLE_MAX + 1];
    struct fora_principal_id principal;
    char password[PASSWORD_HASH_SIZE]; /* as fora_password_hash makes it; "": no password */
    uint8_t label[CUSTODY_LABEL_MAX];  /* of the custodial keys */
    size_t label_size;                 /* 0: the member holds her keys herself */
    char name[ACCOUNT_NAME_MAX + 1];   /* as given when it was made; the profile may say more */
    uint64_t created_at;               /* ms */
    bool disabled;                     /* may not log in, post or vote through this node */
};

/* [a-z0-9_.-], 2 to 32, the first a letter or digit. */
bool handle_valid(struct fora_bytes handle);
/* A password's length; everything else about it is its owner's business. */
bool password_valid(struct fora_bytes password);
struct fora_bytes account_label(const struct account *account); /* borrowed from it */

/* False when there is none, or when the transaction has an error. */
bool accounts_find(struct kv_txn *txn, struct fora_bytes handle, struct account *out);
bool accounts_of(
    struct kv_txn *txn, const struct fora_principal_id *principal, struct account *out);
/* Stores under both keys. The handle of a principal never changes. */
void accounts_put(struct kv_txn *txn, const struct account *account);
uint64_t accounts_count(struct kv_txn *txn);
/* By handle; `each` returns non-zero to stop, which is returned. */
int accounts_each(struct kv_txn *txn, int (*each)(void *context, const struct account *account),
    void *context) FORA_MUST_USE;

/* Which principal the importer made for a source id. */
bool accounts_source_find(
    struct kv_txn *txn, struct fora_bytes source, struct fora_principal_id *out);
void accounts_source_put(
    struct kv_txn *txn, struct fora_bytes source, const struct fora_principal_id *principal);

/*
 * Lets a session key speak for the member until now + LOGIN_LIFETIME_MS. Ends those of the member
 * that are over. FORA_E_KEY when the key is another member's.
 */
int logins_add(struct kv_txn *txn, const struct fora_key *key,
    const struct fora_principal_id *principal, uint64_t now) FORA_MUST_USE;
bool logins_valid(struct kv_txn *txn, const struct fora_key *key,
    const struct fora_principal_id *principal, uint64_t now);
/* Ends all of a member's. */
void logins_end(struct kv_txn *txn, const struct fora_principal_id *principal);

#endif
