/* Subscription records. */
#include "core/links.h"

#include <string.h>

enum { LINK_FORMAT = 1, LINK_KEY_SIZE = 2 * FORA_ID_SIZE, PORT_DIGITS_MAX = 5 };

static bool port_valid(struct fora_bytes text)
{
    uint32_t port = 0;
    if (text.size == 0 || text.size > PORT_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        port = port * 10 + (uint32_t)(text.data[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

/* Names, IPv4, or what stands in brackets: letters, digits, dots, hyphens; there also colons and a
 * zone. Whether it resolves is found out by connecting. */
static bool host_valid(struct fora_bytes host)
{
    bool bracketed = host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']';
    if (bracketed) {
        host = fora_bytes(host.data + 1, host.size - 2);
    }
    for (size_t i = 0; i < host.size; i++) {
        uint8_t c = host.data[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || c == '_';
        if (!word && !(bracketed && (c == ':' || c == '%'))) {
            return false;
        }
    }
    return host.size != 0;
}

bool address_valid(struct fora_bytes address)
{
    size_t colon = address.size;
    if (address.size == 0 || address.size > ADDRESS_MAX) {
        return false;
    }
    while (colon > 0 && address.data[colon - 1] != ':') {
        colon--;
    }
    return colon > 0 && host_valid(fora_bytes(address.data, colon - 1)) &&
           port_valid(fora_bytes(address.data + colon, address.size - colon));
}

/* The space as it is, so that a prefix finds all of it; the address is longer than a key may be. */
static void key_link(
    struct store_key *key, const struct fora_space_id *space, struct fora_bytes address)
{
    struct fora_hash hash;
    fora_hash1(&hash, "forad.link.address", address);
    memcpy(key->b, space->b, FORA_ID_SIZE);
    memcpy(key->b + FORA_ID_SIZE, hash.b, FORA_ID_SIZE);
    key->size = LINK_KEY_SIZE;
}

static bool link_parse(struct fora_bytes key, struct fora_bytes value, struct subscription *out)
{
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    if (key.size != LINK_KEY_SIZE) {
        return false;
    }
    memcpy(out->space.b, key.data, FORA_ID_SIZE);
    fora_reader_init(&reader, value);
    uint8_t format = fora_reader_u8(&reader);
    out->created_at = fora_reader_be64(&reader);
    fora_reader_copy(&reader, out->node.b, sizeof out->node.b);
    size_t size = fora_reader_u8(&reader); /* at most ADDRESS_MAX */
    fora_reader_copy(&reader, out->address, size);
    return format == LINK_FORMAT && fora_reader_end(&reader) == 0;
}

void links_put(struct kv_txn *txn, const struct subscription *subscription)
{
    struct store_key key;
    uint8_t value[1 + 8 + FORA_ID_SIZE + 1 + ADDRESS_MAX];
    struct fora_buf buf = {.data = value, .room = sizeof value, .cap = sizeof value};
    struct fora_bytes address = fora_bytes_str(subscription->address);
    fora_buf_u8(&buf, LINK_FORMAT);
    fora_buf_be64(&buf, subscription->created_at);
    fora_buf_append(&buf, subscription->node.b, sizeof subscription->node.b);
    fora_buf_u8(&buf, (uint8_t)address.size);
    fora_buf_append_bytes(&buf, address);
    key_link(&key, &subscription->space, address);
    kv_put(txn, T_LINKS, store_key_bytes(&key), fora_bytes(value, buf.size));
}

bool links_find(struct kv_txn *txn, const struct fora_space_id *space, struct fora_bytes address,
    struct subscription *out)
{
    struct store_key key;
    struct fora_bytes value;
    key_link(&key, space, address);
    return kv_get(txn, T_LINKS, store_key_bytes(&key), &value) &&
           link_parse(store_key_bytes(&key), value, out);
}

static size_t remove_all(struct kv_txn *txn, const struct fora_space_id *space)
{
    struct fora_bytes key;
    size_t removed = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_LINKS);
    bool more = kv_seek(cursor, fora_bytes(space->b, sizeof space->b), &key, NULL);
    while (more && key.size == LINK_KEY_SIZE && memcmp(key.data, space->b, FORA_ID_SIZE) == 0) {
        struct store_key gone = {.size = LINK_KEY_SIZE};
        memcpy(gone.b, key.data, LINK_KEY_SIZE);
        kv_delete(txn, T_LINKS, store_key_bytes(&gone));
        removed++;
        more = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return removed;
}

size_t links_remove(
    struct kv_txn *txn, const struct fora_space_id *space, struct fora_bytes address)
{
    struct store_key key;
    if (address.size == 0) {
        return remove_all(txn, space);
    }
    key_link(&key, space, address);
    return kv_delete(txn, T_LINKS, store_key_bytes(&key)) ? 1 : 0;
}

int links_each(struct kv_txn *txn,
    int (*each)(void *context, const struct subscription *subscription), void *context)
{
    struct fora_bytes key;
    struct fora_bytes value;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_LINKS);
    bool more = kv_first(cursor, &key, &value);
    while (rc == 0 && more) {
        struct subscription subscription;
        rc = link_parse(key, value, &subscription) ? each(context, &subscription) : FORA_E_CORRUPT;
        more = kv_next(cursor, &key, &value);
    }
    kv_cursor_close(cursor);
    return rc != 0 ? rc : kv_txn_error(txn);
}
