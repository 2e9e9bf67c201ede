/* Account records. */
#include "core/accounts.h"

#include "core/meta.h"

#include <string.h>

enum {
    PREFIX_HANDLE = 'h',
    PREFIX_PRINCIPAL = 'p',
    PREFIX_SOURCE = 'i',
    ACCOUNT_FORMAT = 1,
    ACCOUNT_SIZE_MAX = 512 /* fits one with every field at its longest */
};

static const char name_count[] = "accounts";

bool handle_valid(struct fora_bytes handle)
{
    if (handle.size < HANDLE_MIN || handle.size > HANDLE_MAX) {
        return false;
    }
    for (size_t i = 0; i < handle.size; i++) {
        uint8_t c = handle.data[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && (i == 0 || (c != '_' && c != '.' && c != '-'))) {
            return false;
        }
    }
    return true;
}

bool password_valid(struct fora_bytes password)
{
    return password.size >= PASSWORD_MIN && password.size <= PASSWORD_MAX;
}

struct fora_bytes account_label(const struct account *account)
{
    return fora_bytes(account->label, account->label_size);
}

/* u8 size and bytes, into a fixed field of the account. */
static size_t take_short(struct fora_reader *reader, void *out, size_t room)
{
    size_t size = fora_reader_u8(reader);
    struct fora_bytes bytes = fora_reader_take(reader, size);
    if (bytes.size > room) {
        reader->error = FORA_E_MALFORMED;
        return 0;
    }
    if (bytes.size != 0) {
        memcpy(out, bytes.data, bytes.size);
    }
    return bytes.size;
}

static void put_short(struct fora_buf *buf, const void *data, size_t size)
{
    fora_buf_u8(buf, (uint8_t)size);
    fora_buf_append(buf, data, size);
}

static bool account_parse(struct fora_bytes value, struct account *out)
{
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    fora_reader_init(&reader, value);
    uint8_t format = fora_reader_u8(&reader);
    out->disabled = fora_reader_u8(&reader) != 0;
    out->created_at = fora_reader_be64(&reader);
    fora_reader_copy(&reader, out->principal.b, sizeof out->principal.b);
    take_short(&reader, out->handle, HANDLE_MAX);
    take_short(&reader, out->password, PASSWORD_HASH_SIZE - 1);
    out->label_size = take_short(&reader, out->label, CUSTODY_LABEL_MAX);
    take_short(&reader, out->name, ACCOUNT_NAME_MAX);
    return format == ACCOUNT_FORMAT && fora_reader_end(&reader) == 0;
}

bool accounts_find(struct kv_txn *txn, struct fora_bytes handle, struct account *out)
{
    struct store_key key;
    struct fora_bytes value;
    memset(out, 0, sizeof *out);
    if (handle.size < HANDLE_MIN || handle.size > HANDLE_MAX) {
        return false;
    }
    key_name(&key, PREFIX_HANDLE, handle);
    if (!kv_get(txn, T_ACCOUNTS, store_key_bytes(&key), &value)) {
        return false;
    }
    if (!account_parse(value, out)) {
        kv_txn_fail(txn, FORA_E_CORRUPT);
        return false;
    }
    return true;
}

static void key_principal(
    struct store_key *key, char prefix, const struct fora_principal_id *principal)
{
    key_name(key, prefix, fora_bytes(principal->b, sizeof principal->b));
}

bool accounts_of(struct kv_txn *txn, const struct fora_principal_id *principal, struct account *out)
{
    struct store_key key;
    struct fora_bytes value;
    memset(out, 0, sizeof *out);
    key_principal(&key, PREFIX_PRINCIPAL, principal);
    return kv_get(txn, T_ACCOUNTS, store_key_bytes(&key), &value) && accounts_find(txn, value, out);
}

static void count_one_more(struct kv_txn *txn)
{
    uint8_t value[8];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    fora_buf_be64(&buf, accounts_count(txn) + 1);
    meta_put(txn, name_count, fora_bytes(value, sizeof value));
}

void accounts_put(struct kv_txn *txn, const struct account *account)
{
    struct store_key key;
    uint8_t value[ACCOUNT_SIZE_MAX];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    struct fora_bytes handle = fora_bytes_str(account->handle);
    fora_buf_u8(&buf, ACCOUNT_FORMAT);
    fora_buf_u8(&buf, account->disabled);
    fora_buf_be64(&buf, account->created_at);
    fora_buf_append(&buf, account->principal.b, sizeof account->principal.b);
    put_short(&buf, handle.data, handle.size);
    put_short(&buf, account->password, strlen(account->password));
    put_short(&buf, account->label, account->label_size);
    put_short(&buf, account->name, strlen(account->name));
    if (buf.error != 0) {
        kv_txn_fail(txn, buf.error);
        return;
    }
    key_name(&key, PREFIX_HANDLE, handle);
    if (!kv_get(txn, T_ACCOUNTS, store_key_bytes(&key), NULL)) {
        count_one_more(txn);
    }
    kv_put(txn, T_ACCOUNTS, store_key_bytes(&key), fora_bytes(value, buf.size));
    key_principal(&key, PREFIX_PRINCIPAL, &account->principal);
    kv_put(txn, T_ACCOUNTS, store_key_bytes(&key), handle);
    fora_wipe(value, sizeof value);
}

int accounts_each(
    struct kv_txn *txn, int (*each)(void *context, const struct account *account), void *context)
{
    const uint8_t prefix[1] = {PREFIX_HANDLE};
    struct fora_bytes key, value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_ACCOUNTS);
    bool more = kv_seek(cursor, fora_bytes(prefix, sizeof prefix), &key, &value);
    while (rc == 0 && more && key.size > 1 && key.data[0] == PREFIX_HANDLE) {
        struct account account;
        rc = account_parse(value, &account) ? each(context, &account) : FORA_E_CORRUPT;
        more = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}

uint64_t accounts_count(struct kv_txn *txn)
{
    struct fora_bytes value;
    struct fora_reader reader;
    if (!meta_get(txn, name_count, &value)) {
        return 0;
    }
    fora_reader_init(&reader, value);
    return fora_reader_be64(&reader);
}

/* Sources may be longer than a key. */
static void key_source(struct store_key *key, struct fora_bytes source)
{
    struct fora_hash hash;
    fora_hash1(&hash, "forad.account.source", source);
    key_name(key, PREFIX_SOURCE, fora_bytes(hash.b, sizeof hash.b));
}

bool accounts_source_find(
    struct kv_txn *txn, struct fora_bytes source, struct fora_principal_id *out)
{
    struct store_key key;
    struct fora_bytes value;
    key_source(&key, source);
    if (!kv_get(txn, T_ACCOUNTS, store_key_bytes(&key), &value) || value.size != sizeof out->b) {
        return false;
    }
    memcpy(out->b, value.data, sizeof out->b);
    return true;
}

void accounts_source_put(
    struct kv_txn *txn, struct fora_bytes source, const struct fora_principal_id *principal)
{
    struct store_key key;
    key_source(&key, source);
    kv_put(txn, T_ACCOUNTS, store_key_bytes(&key), fora_bytes(principal->b, sizeof principal->b));
}
