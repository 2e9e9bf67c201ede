/* Named values and the list of admins. */
#include "core/meta.h"

#include <string.h>

enum { PREFIX_VALUE = 'm', PREFIX_ADMIN = 'a' };

bool meta_get(struct kv_txn *txn, const char *name, struct fora_bytes *value)
{
    struct store_key key;
    key_name(&key, PREFIX_VALUE, fora_bytes_str(name));
    return kv_get(txn, T_META, store_key_bytes(&key), value);
}

void meta_put(struct kv_txn *txn, const char *name, struct fora_bytes value)
{
    struct store_key key;
    key_name(&key, PREFIX_VALUE, fora_bytes_str(name));
    kv_put(txn, T_META, store_key_bytes(&key), value);
}

void meta_delete(struct kv_txn *txn, const char *name)
{
    struct store_key key;
    key_name(&key, PREFIX_VALUE, fora_bytes_str(name));
    kv_delete(txn, T_META, store_key_bytes(&key));
}

static void key_admin(struct store_key *key, const struct fora_principal_id *principal)
{
    key_name(key, PREFIX_ADMIN, fora_bytes(principal->b, sizeof principal->b));
}

bool meta_is_admin(struct kv_txn *txn, const struct fora_principal_id *principal)
{
    struct store_key key;
    key_admin(&key, principal);
    return kv_get(txn, T_META, store_key_bytes(&key), NULL);
}

void meta_admin_set(struct kv_txn *txn, const struct fora_principal_id *principal, bool admin)
{
    struct store_key key;
    key_admin(&key, principal);
    if (admin) {
        kv_put(txn, T_META, store_key_bytes(&key), fora_bytes(NULL, 0));
    } else {
        kv_delete(txn, T_META, store_key_bytes(&key));
    }
}

int meta_admins_each(struct kv_txn *txn,
    int (*each)(void *context, const struct fora_principal_id *principal), void *context)
{
    const uint8_t prefix[1] = {PREFIX_ADMIN};
    struct fora_bytes key;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_META);
    bool more = kv_seek(cursor, fora_bytes(prefix, sizeof prefix), &key, NULL);
    while (rc == 0 && more && key.size == 1 + FORA_ID_SIZE && key.data[0] == PREFIX_ADMIN) {
        struct fora_principal_id principal;
        memcpy(principal.b, key.data + 1, sizeof principal.b);
        rc = each(context, &principal);
        more = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}
