/* Session keys: found by key, and by member so that they can be bounded and ended. */
#include "core/accounts.h"

#include <string.h>

enum {
    PREFIX_SESSION = 's',
    PREFIX_PRINCIPAL = 'p',
    LOGIN_SIZE = FORA_ID_SIZE + 8 + 8,
    MEMBER_KEY_SIZE = 1 + FORA_ID_SIZE + FORA_KEY_SIZE
};

struct login {
    struct fora_principal_id principal;
    uint64_t expires_at;
    uint64_t created_at;
};

static void key_session(struct store_key *key, const struct fora_key *session)
{
    key_name(key, PREFIX_SESSION, fora_bytes(session->b, sizeof session->b));
}

static void key_member(struct store_key *key, const struct fora_principal_id *principal,
    const struct fora_key *session)
{
    uint8_t name[FORA_ID_SIZE + FORA_KEY_SIZE];
    memcpy(name, principal->b, FORA_ID_SIZE);
    memcpy(name + FORA_ID_SIZE, session->b, FORA_KEY_SIZE);
    key_name(key, PREFIX_PRINCIPAL, fora_bytes(name, sizeof name));
}

static bool login_get(struct kv_txn *txn, const struct fora_key *session, struct login *out)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_reader reader;
    key_session(&key, session);
    if (!kv_get(txn, T_LOGINS, store_key_bytes(&key), &value)) {
        return false;
    }
    fora_reader_init(&reader, value);
    fora_reader_copy(&reader, out->principal.b, sizeof out->principal.b);
    out->expires_at = fora_reader_be64(&reader);
    out->created_at = fora_reader_be64(&reader);
    return fora_reader_end(&reader) == 0;
}

static void login_put(struct kv_txn *txn, const struct fora_key *session, const struct login *login)
{
    struct store_key key;
    uint8_t value[LOGIN_SIZE];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_append(&buf, login->principal.b, sizeof login->principal.b);
    fora_buf_be64(&buf, login->expires_at);
    fora_buf_be64(&buf, login->created_at);
    key_session(&key, session);
    kv_put(txn, T_LOGINS, store_key_bytes(&key), fora_bytes(value, sizeof value));
    key_member(&key, &login->principal, session);
    kv_put(txn, T_LOGINS, store_key_bytes(&key), fora_bytes(NULL, 0));
}

static void login_delete(
    struct kv_txn *txn, const struct fora_principal_id *principal, const struct fora_key *session)
{
    struct store_key key;
    key_session(&key, session);
    kv_delete(txn, T_LOGINS, store_key_bytes(&key));
    key_member(&key, principal, session);
    kv_delete(txn, T_LOGINS, store_key_bytes(&key));
}

/* The keys of a member: at most LOGINS_MAX, which logins_add sees to. */
static size_t member_keys(
    struct kv_txn *txn, const struct fora_principal_id *principal, struct fora_key out[LOGINS_MAX])
{
    const struct fora_key lowest = {{0}};
    struct store_key start;
    struct fora_bytes key;
    size_t count = 0;
    key_member(&start, principal, &lowest);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_LOGINS);
    bool more = kv_seek(cursor, store_key_bytes(&start), &key, NULL);
    while (more && count < LOGINS_MAX && key.size == MEMBER_KEY_SIZE &&
           memcmp(key.data, start.b, 1 + FORA_ID_SIZE) == 0) {
        memcpy(out[count++].b, key.data + 1 + FORA_ID_SIZE, FORA_KEY_SIZE);
        more = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return count;
}

/* Ends what is over; and, when there is no room for one more, what is oldest. */
static void make_room(struct kv_txn *txn, const struct fora_principal_id *principal, uint64_t now)
{
    struct fora_key keys[LOGINS_MAX];
    size_t count = member_keys(txn, principal, keys);
    size_t left = count;
    const struct fora_key *oldest = NULL;
    uint64_t oldest_at = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        struct login login;
        if (!login_get(txn, &keys[i], &login) || login.expires_at <= now) {
            login_delete(txn, principal, &keys[i]);
            left--;
        } else if (login.created_at < oldest_at) {
            oldest = &keys[i];
            oldest_at = login.created_at;
        }
    }
    if (left == LOGINS_MAX && oldest != NULL) {
        login_delete(txn, principal, oldest);
    }
}

int logins_add(struct kv_txn *txn, const struct fora_key *session,
    const struct fora_principal_id *principal, uint64_t now)
{
    struct login login;
    bool known = login_get(txn, session, &login);
    if (known && memcmp(login.principal.b, principal->b, sizeof principal->b) != 0) {
        return FORA_E_KEY;
    }
    if (known) {
        login_delete(txn, principal, session);
    }
    make_room(txn, principal, now);
    login = (struct login){*principal, now + LOGIN_LIFETIME_MS, now};
    login_put(txn, session, &login);
    return 0;
}

bool logins_valid(struct kv_txn *txn, const struct fora_key *session,
    const struct fora_principal_id *principal, uint64_t now)
{
    struct login login;
    return login_get(txn, session, &login) && login.expires_at > now &&
           memcmp(login.principal.b, principal->b, sizeof principal->b) == 0;
}

void logins_end(struct kv_txn *txn, const struct fora_principal_id *principal)
{
    struct fora_key keys[LOGINS_MAX];
    size_t count = member_keys(txn, principal, keys);
    for (size_t i = 0; i < count; i++) {
        login_delete(txn, principal, &keys[i]);
    }
}
